/* What doctor finds on hosts whose classes are not as the contract has them. */
#include "cim_world.h"
#include "provider/hyperv/inner.h"

#include "base/when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- the simulated world, bent on its way ---- */

enum bend {
    STRAIGHT,
    LACKS_CLASS,
    DENIES_CLASS,
    BREAKS,
    OTHER_TYPE,
    LACKS_PROPERTY,
    LACKS_METHOD,
    CLOCK_WRONG,
    CLOCK_UNKNOWN,
    STATES_OTHER,
    STATES_UNKNOWN, /* which are none */
    FEW_RIGHTS,     /* to look, and nothing else */
    RIGHTS_REFUSED, /* the question is */
    RIGHTS_NULL,    /* ... or its answer is empty */
    RIGHTS_FAILED,  /* ... or says that it failed */
    BLIND,          /* Hyper-V shows nothing, and no error */
    HANGS,          /* n1 does, until the test is over */
    MEETS           /* each of two hosts waits until the other one is asked, too */
};

static enum bend bend;
static struct cim_net *straight;
static struct host_mutex *gate;  /* held by the test while a host shall hang */
static struct host_mutex *mutex; /* of what follows */
static unsigned changes;         /* hands that were asked for */
static unsigned met;             /* hosts that were asked */
static bool closed;

struct bent_eye {
    struct cim_eye eye;
    struct cim_eye *inner;
    bool first; /* of n1 */
};

static unsigned count_met(unsigned more)
{
    unsigned now;

    host_mutex_lock(mutex);
    now = met += more;
    host_mutex_unlock(mutex);
    return now;
}

/* What the hosts that wait do meanwhile. */
static void wait_as(const struct bent_eye *eye)
{
    if (bend == HANGS && eye->first) {
        host_mutex_lock(gate);
        host_mutex_unlock(gate);
    }
    if (bend == MEETS)
        for (unsigned n = count_met(1); n < 2;)
            n = count_met(0);
}

static bool bent_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                       struct cim_rows *out, struct err *e)
{
    struct cim_eye *inner = ((struct bent_eye *)eye)->inner;

    if (!inner->ops->query(inner, a, query, out, e))
        return false;
    if (query->class == CIM_Msvm_ComputerSystem && bend == BLIND)
        out->count = 0;
    for (size_t i = 0; i < out->count; i++) {
        if (query->class == CIM_Win32_OperatingSystem && bend == CLOCK_WRONG)
            cim_set_text(a, &out->rows[i], "LocalDateTime", CIM_TYPE_DATETIME,
                         "20261119160000.000000+060"); /* 15:00 UTC */
        if (query->class == CIM_Win32_OperatingSystem && bend == CLOCK_UNKNOWN)
            cim_set_null(a, &out->rows[i], "LocalDateTime", CIM_TYPE_DATETIME);
        if (query->class == CIM_Msvm_AllocationCapabilities && bend == STATES_OTHER)
            cim_set_numbers(a, &out->rows[i], "SupportedAddStates", CIM_TYPE_U16,
                            (uint64_t[]){2, 11}, 2);
        if (query->class == CIM_Msvm_AllocationCapabilities && bend == STATES_UNKNOWN)
            cim_set_null(a, &out->rows[i], "SupportedRemoveStates", CIM_TYPE_U16);
    }
    return true;
}

static bool bent_get(struct cim_eye *eye, struct arena *a, const char *path,
                     struct cim_object **out, struct err *e)
{
    struct cim_eye *inner = ((struct bent_eye *)eye)->inner;

    return inner->ops->get(inner, a, path, out, e);
}

static bool bent_ask(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                     struct cim_object **out, struct err *e)
{
    struct cim_eye *inner = ((struct bent_eye *)eye)->inner;

    if (call->method == CIM___SystemSecurity_GetCallerAccessRights && bend == RIGHTS_REFUSED)
        return err_set(e, ERR_UNSUPPORTED, 0x8004102E, "no such method");
    if (!inner->ops->ask(inner, a, call, out, e))
        return false;
    if (call->method == CIM___SystemSecurity_GetCallerAccessRights && bend == FEW_RIGHTS)
        cim_set_number(a, *out, "rights", CIM_TYPE_S32, 1);
    if (call->method == CIM___SystemSecurity_GetCallerAccessRights && bend == RIGHTS_NULL)
        cim_set_null(a, *out, "rights", CIM_TYPE_S32);
    if (call->method == CIM___SystemSecurity_GetCallerAccessRights && bend == RIGHTS_FAILED)
        cim_set_number(a, *out, "ReturnValue", CIM_TYPE_U32, 0x80041001);
    return true;
}

static bool bent_schema(struct cim_eye *eye, struct arena *a, enum cim_class class,
                        struct cim_schema *out, struct err *e)
{
    struct cim_eye *inner = ((struct bent_eye *)eye)->inner;

    if (class == CIM_Msvm_ResourcePoolConfigurationService) {
        wait_as((struct bent_eye *)eye);
        if (bend == LACKS_CLASS)
            return err_set(e, ERR_UNSUPPORTED, 0x80041010, "no such class");
        if (bend == DENIES_CLASS)
            return err_set(e, ERR_DENIED, 0x80041003, "access denied");
        if (bend == BREAKS)
            return err_set(e, ERR_TIMEOUT, 0x800706BE, "the call broke off");
    }
    if (!inner->ops->schema(inner, a, class, out, e))
        return false;
    if (class == CIM_Msvm_PartitionableGpu && bend == OTHER_TYPE)
        out->properties[1].type = CIM_TYPE_S32; /* PartitionCount */
    if (class == CIM_Msvm_PartitionableGpu && bend == LACKS_PROPERTY)
        out->properties[1].name = "Other";
    if (class == CIM_Msvm_ResourcePoolConfigurationService && bend == LACKS_METHOD)
        out->method_count--;
    return true;
}

static bool bent_hand(struct cim_eye *eye, struct cim_hand **out, struct err *e)
{
    (void)eye, (void)out;
    host_mutex_lock(mutex);
    changes++;
    host_mutex_unlock(mutex);
    return err_set(e, ERR_DENIED, 0, "a doctor has no hand");
}

static void bent_close_eye(struct cim_eye *eye)
{
    struct cim_eye *inner = ((struct bent_eye *)eye)->inner;

    inner->ops->close(inner);
    free(eye);
}

static const struct cim_eye_ops eye_ops = {bent_query,  bent_get,  bent_ask,
                                           bent_schema, bent_hand, bent_close_eye};

static bool bent_connect(struct cim_net *net, const char *host, enum cim_space space,
                         struct cim_eye **out, struct err *e)
{
    struct bent_eye *b = calloc(1, sizeof *b);

    assert_non_null(b);
    if (!straight->ops->connect(straight, host, space, &b->inner, e)) {
        free(b);
        return false;
    }
    b->eye = (struct cim_eye){.ops = &eye_ops, .net = net, .space = space};
    b->first = str_eq(host, "n1");
    *out = &b->eye;
    return true;
}

static int64_t bent_now(struct cim_net *net)
{
    (void)net;
    return straight->ops->now_ms(straight);
}

static int64_t bent_wait(struct cim_net *net, int64_t until_ms)
{
    (void)net;
    return straight->ops->wait_ms(straight, until_ms);
}

static void bent_close(struct cim_net *net)
{
    (void)net;
    straight->ops->close(straight);
    host_mutex_lock(mutex);
    closed = true;
    host_mutex_unlock(mutex);
}

/* The provider is gone, and with it who was left behind hanging. */
static void await_close(void)
{
    for (bool over = false; !over;) {
        host_mutex_lock(mutex);
        over = closed;
        host_mutex_unlock(mutex);
    }
}

static const struct cim_net_ops net_ops = {"bent", bent_connect, bent_now, bent_wait, bent_close};
static struct cim_net bent = {&net_ops};

/* ---- cases ---- */

static const char world[] = "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: w}\nspec:\n"
                            "  now: 2026-11-19T13:00:00Z\n  cluster: {name: c1}\n"
                            "  nodes:\n    - {name: n1, build: 26100, gpus: [{card: NVIDIA A2}]}\n"
                            "    - {name: n2, build: 25398, gpus: [{card: NVIDIA A2}]}\n";

static struct arena arena;
static struct state have;

static void examine(enum bend how, struct health *out)
{
    static const char *const hosts[] = {"n1", "n2"};
    const struct hyperv_target target = {.hosts = hosts,
                                         .host_count = 2,
                                         .node_ms = how == HANGS   ? 2000
                                                    : how == MEETS ? 10000
                                                                   : 60000};
    static const struct scope everything = {.node = NO_INDEX};
    struct findings found;
    struct eye *eye;
    struct err e = {0};

    bend = STRAIGHT;
    changes = met = 0;
    closed = false;
    arena_init(&arena, 0);
    findings_init(&found, &arena);
    if (!cim_sim_open(known_facts(), "w.yaml", world, sizeof world - 1, false, &straight, &found,
                      &e))
        fail_msg("%s", e.text);
    hyperv_open(&bent, &target, &eye);
    if (!eye_observe(eye, &arena, &everything, &have, &e))
        fail_msg("%s", e.text);
    bend = how;
    if (how == HANGS)
        host_mutex_lock(gate);
    *out = (struct health){0};
    assert_true(eye->ops->examine(eye, &arena, &have, out, &e));
    health_sort(&arena, out);
    assert_true(out->examined);
    assert_int_equal(changes, 0);
    eye->ops->close(eye);
    if (how == HANGS)
        host_mutex_unlock(gate);
    await_close();
}

static const struct health_row *row_of(const struct health *h, const char *node, const char *what)
{
    for (size_t i = 0; i < h->count; i++)
        if (str_eq(h->rows[i].node, node) && str_eq(h->rows[i].what, what))
            return &h->rows[i];
    return NULL;
}

/* A host as the contract has it: an old build lacks two properties, and is excused. */
static void all_is_well(void **state)
{
    struct health h;

    (void)state;
    examine(STRAIGHT, &h);
    assert_int_equal(health_count(&h, HEALTH_BROKEN), 0);
    assert_int_equal(health_count(&h, HEALTH_WARNING), 0);
    assert_int_equal(health_count(&h, HEALTH_NOTE), 2);
    assert_non_null(row_of(&h, "n2", "Msvm_GpuPartition.SupportsOutgoingLiveMigration"));
    assert_int_equal(h.unexamined, 0);
    assert_true(h.checks > 500);
    arena_release(&arena);
}

static void each_bend(void **state)
{
    static const char pools[] = "Msvm_ResourcePoolConfigurationService";
    static const struct {
        enum bend bend;
        enum health_class class;
        const char *what, *found;
    } rows[] = {
        {LACKS_CLASS, HEALTH_BROKEN, pools, "is missing"},
        {DENIES_CLASS, HEALTH_BROKEN, pools, "access denied"},
        {OTHER_TYPE, HEALTH_BROKEN, "Msvm_PartitionableGpu.PartitionCount",
         "is sint32 and not uint16"},
        {LACKS_PROPERTY, HEALTH_BROKEN, "Msvm_PartitionableGpu.PartitionCount", "is missing"},
        {LACKS_METHOD, HEALTH_BROKEN, "Msvm_ResourcePoolConfigurationService::DeletePool",
         "is missing"},
        {CLOCK_WRONG, HEALTH_WARNING, "clock", "2026-11-19 15:00 UTC"},
        {CLOCK_UNKNOWN, HEALTH_WARNING, "clock", "does not tell"},
        {STATES_OTHER, HEALTH_WARNING, "Microsoft:Hyper-V:GPU Partition", "running, 11"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct health_row *row;
        struct health h;

        examine(rows[i].bend, &h);
        row = row_of(&h, "n1", rows[i].what);
        if (!row)
            fail_msg("bend %zu: nothing is said of %s", i, rows[i].what);
        assert_int_equal(row->class, rows[i].class);
        assert_non_null(strstr(row->found, rows[i].found));
        assert_true(row->class != HEALTH_BROKEN || (row->prevents && *row->prevents));
        assert_non_null(row_of(&h, "n2", rows[i].what)); /* and the other node as well */
        assert_int_equal(h.unexamined, 0);
        arena_release(&arena);
    }
}

/* A connection that breaks: what is behind it is not examined, the rest is. */
static void a_connection_breaks(void **state)
{
    struct health h;

    (void)state;
    examine(BREAKS, &h);
    assert_int_equal(h.unexamined, 2);
    assert_non_null(row_of(&h, "n1", "Msvm_ResourcePoolConfigurationService"));
    assert_null(row_of(&h, "n1", "clock"));
    arena_release(&arena);
}

static size_t rows_with(const struct health *h, const char *node, const char *what,
                        const char *found)
{
    size_t n = 0;

    for (size_t i = 0; i < h->count; i++)
        n += str_eq(h->rows[i].node, node) && str_eq(h->rows[i].what, what) &&
             strstr(h->rows[i].found, found) != NULL;
    return n;
}

/* Each right that is needed, in each namespace where it is, and what it prevents. */
static void rights_that_lack(void **state)
{
    struct health h;

    (void)state;
    examine(FEW_RIGHTS, &h);
    for (unsigned space = 0; space < CIM_SPACES; space++) {
        assert_int_equal(rows_with(&h, "n1", cim_space_paths[space], "right Execute Methods"), 1);
        assert_int_equal(rows_with(&h, "n2", cim_space_paths[space], "right Remote Enable"), 1);
        assert_int_equal(rows_with(&h, "n1", cim_space_paths[space], "right Provider Write"),
                         space != CIM_SPACE_CIMV2);
    }
    /* Of each node: calling methods in three namespaces, putting a count. */
    assert_int_equal(health_count(&h, HEALTH_BROKEN), 8);
    assert_int_equal(health_count(&h, HEALTH_WARNING), 2);
    for (size_t i = 0; i < h.count; i++)
        if (h.rows[i].class != HEALTH_NOTE)
            assert_true(h.rows[i].prevents && h.rows[i].release);
    arena_release(&arena);
}

/* What is not told speaks against nobody. */
static void what_is_not_told(void **state)
{
    static const enum bend bends[] = {RIGHTS_REFUSED, RIGHTS_NULL, RIGHTS_FAILED};
    struct health none;

    (void)state;
    examine(STATES_UNKNOWN, &none);
    assert_int_equal(none.count, 2);
    arena_release(&arena);
    for (size_t i = 0; i < sizeof bends / sizeof *bends; i++) {
        struct health h;

        examine(bends[i], &h);
        assert_int_equal(h.count, 2 + 6); /* three namespaces of two nodes */
        assert_int_equal(health_count(&h, HEALTH_NOTE), h.count);
        assert_int_equal(rows_with(&h, "n1", cim_space_paths[0], "is not told"), 1);
        assert_int_equal(h.unexamined, 0);
        arena_release(&arena);
    }
}

static void a_host_that_shows_nothing(void **state)
{
    static const char nothing[] = "shows this account nothing, not even the host itself";
    struct health h;

    (void)state;
    examine(BLIND, &h);
    assert_int_equal(rows_with(&h, "n1", cim_space_paths[CIM_SPACE_VIRT], nothing), 1);
    assert_int_equal(health_count(&h, HEALTH_BROKEN), 2);
    arena_release(&arena);
}

/* It costs its deadline: what is known of it is that, and the other one is examined. */
static void a_host_hangs(void **state)
{
    struct health h, well;
    const struct health_row *row;

    (void)state;
    examine(STRAIGHT, &well);
    arena_release(&arena);
    examine(HANGS, &h);
    row = row_of(&h, "n1", "connection");
    assert_non_null(row);
    assert_int_equal(row->class, HEALTH_BROKEN);
    assert_string_equal(row->found, "it did not answer in time");
    assert_int_equal(h.unexamined, 1);
    assert_int_equal(health_count(&h, HEALTH_BROKEN), 1);
    assert_non_null(row_of(&h, "n2", "Msvm_GpuPartition.SupportsOutgoingLiveMigration"));
    assert_true(h.checks > well.checks / 2);
    arena_release(&arena);
}

static void side_by_side(void **state)
{
    struct health h;

    (void)state;
    examine(MEETS, &h);
    assert_int_equal(met, 2);
    assert_int_equal(h.unexamined, 0);
    assert_int_equal(health_count(&h, HEALTH_BROKEN), 0);
    arena_release(&arena);
}

/* The memory of the pass ends anywhere: nothing stays behind, and the next one is whole. */
struct narrow {
    struct arena pass;
    struct eye *eye;
    struct health health;
    size_t notes;
    struct err e;
};

static void examine_narrow(void *context)
{
    struct narrow *n = context;

    n->health = (struct health){0};
    assert_true(n->eye->ops->examine(n->eye, &n->pass, &have, &n->health, &n->e));
    n->notes = health_count(&n->health, HEALTH_NOTE);
}

static bool examine_with(struct narrow *n, size_t left)
{
    enum { CEILING = 512 << 10 };
    bool through;

    arena_init(&n->pass, CEILING);
    arena_raw(&n->pass, CEILING, 1);
    arena_reset(&n->pass); /* one block of all there may be */
    arena_raw(&n->pass, CEILING - left, 1);
    through = arena_guard(&n->pass, examine_narrow, n);
    arena_release(&n->pass);
    assert_int_equal(((struct hyperv *)n->eye)->busy, 0);
    return through;
}

static void a_narrow_pass(void **state)
{
    static const struct scope everything = {.node = NO_INDEX};
    struct findings found;
    struct narrow n;
    size_t left = 0;

    (void)state;
    bend = STRAIGHT;
    closed = false;
    arena_init(&arena, 0);
    findings_init(&found, &arena);
    assert_true(cim_sim_open(known_facts(), "w.yaml", world, sizeof world - 1, false, &straight,
                             &found, &n.e));
    hyperv_open(&bent, &(struct hyperv_target){.node_ms = 60000}, &n.eye);
    assert_true(eye_observe(n.eye, &arena, &everything, &have, &n.e));
    while (!examine_with(&n, left))
        left += 64;
    assert_true(left > 640); /* it was met at many places */
    assert_int_equal(n.notes, 2);
    n.eye->ops->close(n.eye);
    await_close();
    arena_release(&arena);
}

static int set_up(void **state)
{
    (void)state;
    gate = host_mutex_new();
    mutex = host_mutex_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_mutex_free(gate);
    host_mutex_free(mutex);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well),         cmocka_unit_test(each_bend),
        cmocka_unit_test(a_connection_breaks), cmocka_unit_test(rights_that_lack),
        cmocka_unit_test(what_is_not_told),    cmocka_unit_test(a_host_that_shows_nothing),
        cmocka_unit_test(a_host_hangs),        cmocka_unit_test(side_by_side),
        cmocka_unit_test(a_narrow_pass),
    };

    return cmocka_run_group_tests_name("hyperv_examine", tests, set_up, tear_down);
}
