/*
 * Each call of each verb, answered in every way that a host may answer
 * (specs/conformance.md).  What a code means is written down here once more, on
 * purpose: the provider has it from cim/codes.def.
 */
#include "tests/unit/hyperv_verbs.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- what may be answered ---- */

static const struct answer {
    int64_t code;
    enum err_kind kind;
} hresults[] = {
    {0x80041001, ERR_REFUSED},     {0x80041002, ERR_REFUSED},
    {0x80041003, ERR_DENIED},      {0x80041008, ERR_REFUSED},
    {0x80041010, ERR_UNSUPPORTED}, {0x80041015, ERR_UNSEEN},
    {0x80041069, ERR_TIMEOUT},     {0x80070005, ERR_DENIED},
    {0x800706BA, ERR_UNSEEN},      {0x800706BE, ERR_TIMEOUT},
    {0x800706BF, ERR_TIMEOUT},     {0x80010108, ERR_TIMEOUT},
    {0x800706D9, ERR_UNSEEN},      {0x80004005, ERR_REFUSED},
    {-2147217407, ERR_REFUSED}, /* 0x80041001, as a number with a sign */
};

/* Of methods that have a return value (hyperv-wmi 0.1, 4.2, 5.2), and one that no page has. */
static const struct answer returned[] = {
    {0, ERR_NONE},        {4096, ERR_NONE},     {32768, ERR_REFUSED}, {32769, ERR_DENIED},
    {32770, ERR_REFUSED}, {32771, ERR_REFUSED}, {32772, ERR_TIMEOUT}, {32773, ERR_REFUSED},
    {32774, ERR_REFUSED}, {32775, ERR_BUSY},    {32776, ERR_REFUSED}, {32777, ERR_REFUSED},
    {32778, ERR_REFUSED}, {32779, ERR_REFUSED}, {32780, ERR_REFUSED}, {32781, ERR_REFUSED},
    {32782, ERR_REFUSED}, {32788, ERR_REFUSED}, {12345, ERR_REFUSED},
};

/* Of the cluster, which has no return values: as HRESULTs (failover-cluster 5.3, 8, 8.1, 12). */
static const struct answer clustered[] = {
    {13, ERR_REFUSED},   {50, ERR_REFUSED},   {87, ERR_REFUSED},   {997, ERR_NONE},
    {5007, ERR_REFUSED}, {5013, ERR_REFUSED}, {5023, ERR_REFUSED}, {5024, ERR_NONE},
    {5042, ERR_REFUSED}, {5050, ERR_REFUSED}, {5070, ERR_REFUSED}, {5908, ERR_REFUSED},
    {5960, ERR_BUSY},    {5999, ERR_REFUSED},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---- what may follow a call that failed (decisions 058, 059, 060) ---- */

enum end { ENDS_WELL, ENDS_SO, ENDS_NOTED };
#define KIND(x)   (1u << ERR_##x)
#define SAID_NO   (KIND(REFUSED) | KIND(UNSUPPORTED))
#define ANSWERED  (SAID_NO | KIND(DENIED) | KIND(BUSY))
#define WHATEVER  (ANSWERED | KIND(TIMEOUT) | KIND(UNSEEN))
#define ANY_VERB  VERB_NONE
#define ONLY_THAT CIM_METHOD_NONE

static const struct way {
    enum cim_method method;
    enum verb verb; /* ANY_VERB: of every other one */
    unsigned kinds;
    int64_t code; /* 0: any */
    enum end end;
    bool follows; /* something is sent behind it, and this first */
    enum cim_method next;
} ways[] = {
    {CIM_MSCluster_Resource_ExecuteResourceControl, VERB_VM_OFFLINE_ACTION, SAID_NO, 0, ENDS_WELL,
     true, CIM_METHOD_NONE /* a put */},
    {CIM_MSCluster_Resource_UpdateVirtualMachine, ANY_VERB, SAID_NO, 0, ENDS_WELL, true,
     CIM_MSCluster_Resource_ExecuteResourceControl},
    {CIM_MSCluster_Resource_UpdateVirtualMachine, VERB_VM_START, WHATEVER, 0, ENDS_SO, false,
     ONLY_THAT},
    {CIM_MSCluster_Resource_UpdateVirtualMachine, VERB_VM_MOVE, WHATEVER, 0, ENDS_SO, false,
     ONLY_THAT},
    {CIM_MSCluster_Resource_UpdateVirtualMachine, ANY_VERB, WHATEVER, 0, ENDS_NOTED, false,
     ONLY_THAT},
    {CIM_MSCluster_Resource_TakeOfflineParams, ANY_VERB, ANSWERED, 0, ENDS_SO, true,
     CIM_MSCluster_Resource_ExecuteResourceControl},
    {CIM_MSCluster_ResourceGroup_CancelOperation, ANY_VERB, SAID_NO, 0, ENDS_WELL, true,
     CIM_MSCluster_Resource_ExecuteResourceControl},
    {CIM_Msvm_ResourcePoolConfigurationService_CreatePool, ANY_VERB, WHATEVER, 32773, ENDS_WELL,
     true, CIM_Msvm_ResourcePoolConfigurationService_CreatePool},
    {CIM_Msvm_ShutdownComponent_InitiateShutdown, ANY_VERB, WHATEVER, 32782, ENDS_WELL, false,
     ONLY_THAT},
};

static const struct way *way_of(enum cim_method method, enum verb verb, const struct answer *a)
{
    for (size_t i = 0; i < COUNT(ways); i++)
        if (ways[i].method == method && (ways[i].verb == ANY_VERB || ways[i].verb == verb) &&
            ways[i].kinds & 1u << a->kind && (!ways[i].code || ways[i].code == a->code))
            return &ways[i];
    return NULL;
}

/* ---- one effect, with one call bent ---- */

struct trial {
    const struct effect *effect;
    bool standalone, ok;
    unsigned at;
    const struct answer *answer;
    struct scene s;
};

static unsigned trials;

static void wrong(const struct trial *t, const char *what)
{
    const struct fake_bent *b = &t->s.fake.bent;
    const struct cim_method_row *row = cim_method_row(b->method);

    fail_msg("%s%s, call %u (%s), code %llx: %s; %s, kind %d, native %llx, %zu sent behind it: %s",
             t->effect->what, t->standalone ? " on a host" : "", t->at,
             row       ? row->name
             : b->acts ? "put"
                       : "read",
             t->answer ? (unsigned long long)t->answer->code : 0, what, t->ok ? "good" : "failed",
             (int)t->s.e.kind, (unsigned long long)t->s.e.native, b->behind_count, t->s.e.text);
}

/* What was leased is given back, and nobody is inside. */
static void nothing_is_kept(struct trial *t)
{
    struct hyperv *h = (struct hyperv *)t->s.eye;

    for (const struct hv_session *x = h->sessions; x; x = x->next)
        if (x->leased)
            wrong(t, "a session is still leased");
    if (h->busy)
        wrong(t, "somebody is still inside");
}

static bool try_it(struct trial *t, enum fake_bend how)
{
    struct fake *f = &t->s.fake;

    set_the_scene(&t->s, t->effect, t->standalone);
    f->bent.how = how;
    f->bent.at = t->at;
    f->bent.code = t->answer ? t->answer->code : 0;
    done(&t->s, &t->effect->action, &t->ok);
    f->bent.how = FAKE_STRAIGHT;
    trials++;
    nothing_is_kept(t);
    return f->bent.hit;
}

static bool is_broken(int64_t code)
{
    return code == 0x800706BE || code == 0x800706BF || code == 0x80010108;
}

/* Of a read: nothing is sent behind it, and before anything was, nothing happened. */
static void judge_read(struct trial *t)
{
    const struct fake_bent *b = &t->s.fake.bent;
    const struct answer *a = t->answer;
    enum err_kind kind = a->kind == ERR_TIMEOUT && !b->sent ? ERR_UNSEEN : a->kind;

    if (t->ok && !b->sent && is_broken(a->code))
        return; /* connected again: nobody had heard of it */
    if (t->ok && !b->sent && b->fetched && 1u << a->kind & SAID_NO)
        return; /* a resource that was made anew is looked for once */
    if (b->sent && t->effect->action.verb == VERB_VM_OFFLINE_ACTION) {
        if (!t->ok || !t->s.receipt.accepted)
            wrong(t, "what was written may be there: the next looks decide");
        return;
    }
    if (t->ok || b->behind_count)
        wrong(t, "it went on");
    if (t->s.e.kind != kind || (uint32_t)t->s.e.native != (uint32_t)a->code || !*t->s.e.text)
        wrong(t, "it says another thing");
}

static void judge_call(struct trial *t)
{
    const struct fake_bent *b = &t->s.fake.bent;
    const struct way *way = way_of(b->method, t->effect->action.verb, t->answer);
    const int64_t code = t->answer->code, plain = code & 0xFFFF; /* the Win32 code in it */

    if (t->answer->kind == ERR_NONE) {
        if (!t->ok)
            wrong(t, "it failed");
        return;
    }
    if (t->ok != (way && way->end != ENDS_SO))
        wrong(t, "it ended otherwise");
    if (b->behind_count != 0 && !(way && way->follows))
        wrong(t, "something was sent behind it");
    if (way && way->follows && (!b->behind_count || b->behind[0] != way->next))
        wrong(t, "what belongs behind it was not sent");
    if (way && way->end == ENDS_WELL)
        return;
    if (((uint32_t)t->s.e.native != (uint32_t)code && t->s.e.native != plain) || !*t->s.e.text)
        wrong(t, "the code is lost");
    if (t->s.e.kind != (t->ok ? ERR_NONE : t->answer->kind))
        wrong(t, "it is of another kind");
}

/* false: there is no such call. */
static bool fails_with(struct trial *t, const struct answer *answer, bool win32)
{
    const struct answer as = {win32 ? 0x80070000LL | answer->code : answer->code, answer->kind};
    bool hit;

    t->answer = &as;
    hit = try_it(t, FAKE_FAILS);
    if (hit && t->s.fake.bent.acts)
        judge_call(t);
    else if (hit && !win32)
        judge_read(t);
    scene_close(&t->s);
    return hit;
}

static void each_failure(struct trial *t, bool *more)
{
    for (size_t i = 0; i < COUNT(hresults) && *more; i++)
        *more = fails_with(t, &hresults[i], false);
    for (size_t i = 0; i < COUNT(clustered) && *more && !t->standalone; i++)
        fails_with(t, &clustered[i], true);
}

static bool is_of_a_role(enum verb verb)
{
    return verb == VERB_VM_OFFLINE_ACTION || verb == VERB_VM_MOVE;
}

static void of_each_call(void (*judge)(struct trial *t, bool *more))
{
    for (int standalone = 0; standalone < 2; standalone++)
        for (size_t i = 0; i < EFFECTS; i++) {
            struct trial t = {.effect = &effects[i], .standalone = standalone};
            bool more = !standalone || !is_of_a_role(effects[i].action.verb);

            for (t.at = 1; more; t.at++)
                judge(&t, &more);
            if (t.at == 2)
                fail_msg("%s makes no call", effects[i].what);
        }
}

/* Every call of every verb fails in every way; what is sent behind it is what is written down. */
static void every_call_fails_once(void **state)
{
    (void)state;
    trials = 0;
    of_each_call(each_failure);
    print_message("# figure: %u effects with a call that failed\n", trials);
}

/* ---- return values ---- */

static bool has_return_value(const struct fake_bent *b)
{
    const struct cim_method_row *row = cim_method_row(b->method);

    return b->acts && row && cim_class_row(row->class)->space != CIM_SPACE_CLUSTER;
}

static void each_return(struct trial *t, bool *more)
{
    for (size_t i = 0; i < COUNT(returned) && *more; i++) {
        t->answer = &returned[i];
        *more = try_it(t, FAKE_RETURNS);
        if (*more && has_return_value(&t->s.fake.bent))
            judge_call(t);
        if (*more && has_return_value(&t->s.fake.bent) && returned[i].code == 4096 &&
            !t->s.receipt.accepted)
            wrong(t, "a job goes on, and it counts as done");
        scene_close(&t->s);
    }
}

static void every_method_returns_each_value(void **state)
{
    (void)state;
    trials = 0;
    of_each_call(each_return);
    print_message("# figure: %u effects with a return value\n", trials);
}

/* Nobody said how it went: it counts as sent, and the next look decides. */
static void says_nothing(struct trial *t, bool *more)
{
    t->answer = NULL;
    *more = try_it(t, FAKE_RETURNS_NONE);
    if (*more && has_return_value(&t->s.fake.bent) && (!t->ok || !t->s.receipt.accepted))
        wrong(t, "no return value, and it counts as done or failed");
    scene_close(&t->s);
}

static void no_return_value_is_not_done(void **state)
{
    (void)state;
    of_each_call(says_nothing);
}

/* The record of a standalone host: any answer but "there" and "not there" ends the hand. */
static void the_record_that_cannot_be_read(void **state)
{
    struct trial t = {.standalone = true, .at = 1};

    (void)state;
    for (size_t i = 0; i < EFFECTS; i++)
        for (size_t k = 1; k < COUNT(returned); k++) {
            t.effect = &effects[i];
            t.answer = &returned[k];
            assert_true(try_it(&t, FAKE_RETURNS));
            if (t.ok || t.s.fake.bent.behind_count || t.s.e.native != returned[k].code ||
                t.s.e.kind != ERR_UNSUPPORTED)
                wrong(&t, "somebody writes a host whose owner cannot be read");
            scene_close(&t.s);
        }
}

/* ---- properties that are read before something is sent ---- */

enum lack { LACK_NULL, LACK_MISSING, LACK_TYPE, LACK_NUMBER, LACKS };

static struct {
    size_t property;
    enum lack how;
    char name[64]; /* what was bent; "": there is no such property */
} lack;

static void bend_it(struct arena *a, struct cim_object *o)
{
    struct cim_property *p = &o->properties[lack.property];
    const char *name;

    if (lack.property >= o->count)
        return;
    name = p->name;
    snprintf(lack.name, sizeof lack.name, "%s", name);
    if (lack.how == LACK_NULL)
        p->value = (struct cim_value){.type = p->value.type, .null = true};
    else if (lack.how == LACK_MISSING)
        *p = o->properties[--o->count];
    else if (lack.how == LACK_TYPE && cim_type_is_number(p->value.type))
        cim_set_text(a, o, name, CIM_TYPE_TEXT, "seven");
    else if (lack.how == LACK_TYPE)
        cim_set_number(a, o, name, CIM_TYPE_U64, 7);
    else if (cim_type_is_number(p->value.type) && p->value.type != CIM_TYPE_BOOLEAN)
        cim_set_number(a, o, name, p->value.type, 64001);
}

/* Whether the VM is off and the role free: unknown is no. */
static bool guards(const struct trial *t)
{
    const bool of_vm = verb_rows[t->effect->action.verb].subject == SUBJECT_VM;

    return (of_vm && str_eq(lack.name, "EnabledState") && t->effect->state == 3 &&
            t->effect->action.verb != VERB_VM_CHECKPOINTS) ||
           (str_eq(lack.name, "StatusInformation") &&
            t->effect->action.verb != VERB_VM_CANCEL_START); /* which is what makes it busy */
}

static void each_property(struct trial *t, bool *more)
{
    bool there = true;

    t->answer = NULL;
    for (lack.property = 0; there && *more; lack.property++)
        for (lack.how = 0; lack.how < LACKS && *more; lack.how++) {
            lack.name[0] = 0;
            t->s = (struct scene){0};
            set_the_scene(&t->s, t->effect, t->standalone);
            t->s.fake.bent = (struct fake_bent){.how = FAKE_ROW, .at = t->at, .row = bend_it};
            done(&t->s, &t->effect->action, &t->ok);
            t->s.fake.bent.how = FAKE_STRAIGHT;
            *more = t->s.fake.bent.hit;
            there = lack.name[0] != 0;
            trials += there;
            nothing_is_kept(t);
            if (!t->ok && !*t->s.e.text)
                wrong(t, "it does not say why");
            if (there && guards(t) && t->ok && t->s.fake.bent.behind_count)
                wrong(t, lack.name);
            scene_close(&t->s);
        }
}

static void every_property_lacks_once(void **state)
{
    (void)state;
    trials = 0;
    of_each_call(each_property);
    print_message("# figure: %u effects with a property that lacks\n", trials);
}

/* ---- the numbers of the platform, copied from specs/platform.md and not from the provider ---- */

static void numbers_of_the_platform(void **state)
{
    static const struct {
        uint64_t number; /* EnabledState (hyperv-wmi 5.1) */
        enum vm_power power;
    } powers[] = {{2, POWER_RUNNING}, {3, POWER_OFF},     {4, POWER_STOPPING},
                  {6, POWER_SAVED},   {9, POWER_PAUSED},  {10, POWER_STARTING},
                  {0, POWER_UNKNOWN}, {5, POWER_UNKNOWN}, {11, POWER_UNKNOWN}};
    static const struct {
        enum stop_action action;
        uint64_t number; /* AutomaticShutdownAction (hyperv-wmi 3.6) */
    } actions[] = {{STOP_ACTION_TURN_OFF, 2}, {STOP_ACTION_SAVE, 3}, {STOP_ACTION_SHUT_DOWN, 4}};
    static const struct {
        enum checkpoints type;
        uint64_t number; /* UserSnapshotType (hyperv-wmi 3.6) */
    } types[] = {{CHECKPOINTS_DISABLED, 2},
                 {CHECKPOINTS_PRODUCTION, 3},
                 {CHECKPOINTS_PRODUCTION_ONLY, 4},
                 {CHECKPOINTS_STANDARD, 5}};
    static const struct {
        uint64_t number; /* State of a resource (failover-cluster 5) */
        enum resource_state state;
    } resources[] = {
        {2, RES_ONLINE}, {3, RES_OFFLINE}, {4, RES_FAILED}, {129, RES_PENDING}, {130, RES_PENDING}};

    (void)state;
    for (size_t i = 0; i < COUNT(powers); i++)
        assert_int_equal(hv_power(NUM(powers[i].number)), powers[i].power);
    for (size_t i = 0; i < COUNT(actions); i++) {
        assert_int_equal(hv_stop_action(NUM(actions[i].number)), actions[i].action);
        assert_int_equal(hv_stop_action_code(actions[i].action).value, actions[i].number);
    }
    for (size_t i = 0; i < COUNT(types); i++) {
        assert_int_equal(hv_checkpoints(NUM(types[i].number)), types[i].type);
        assert_int_equal(hv_checkpoints_code(types[i].type).value, types[i].number);
    }
    for (size_t i = 0; i < COUNT(resources); i++) {
        struct arena a;
        struct cim_object *o;

        arena_init(&a, 0);
        o = cim_object_new(&a, "MSCluster_Resource", "x");
        cim_set_number(&a, o, "State", CIM_TYPE_U32, resources[i].number);
        assert_int_equal(hv_resource_state(o), resources[i].state);
        arena_release(&a);
    }
    assert_int_equal(HV_TYPE_PCIE, 32769);                /* hyperv-wmi 4.1 */
    assert_int_equal(HV_GROUP_VM, 111);                   /* failover-cluster 4 */
    assert_int_equal(HV_SET_CLUSTER_PRIVATE, 0x07400086); /* failover-cluster 2 */
    assert_int_equal(HV_NEXT_OFFLINE, 0x01600014);        /* failover-cluster 5.3 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_fails_once),
        cmocka_unit_test(every_method_returns_each_value),
        cmocka_unit_test(no_return_value_is_not_done),
        cmocka_unit_test(the_record_that_cannot_be_read),
        cmocka_unit_test(every_property_lacks_once),
        cmocka_unit_test(numbers_of_the_platform),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
