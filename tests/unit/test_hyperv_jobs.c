/* What becomes of the jobs of effects: how many queries it costs, and what is said (decision 062).
 */
#include "provider/hyperv/act.h"

#include "cim_world.h"
#include "tests/unit/hyperv_scene.h"

#include <stdlib.h>

#define JOB "\\\\HV-1\\root\\virtualization\\v2:Msvm_ConcreteJob.InstanceID=\"J-1\""

static const struct action attach = {VERB_ADAPTER_ADD, "hv-1", VM_ID, .value = {2}};

/* ---- one job, and what the host says of it ---- */

struct told {
    struct scene s;
    struct hv_look look;
    struct state out;
    struct hv_node_rows rows;
};

static struct hyperv *provider(struct told *t)
{
    return (struct hyperv *)t->s.eye;
}

static void tell_open(struct told *t)
{
    *t = (struct told){.out = {0}};
    scene_open(&t->s, false);
    t->look = (struct hv_look){.a = &t->s.fake.arena, .aside = &t->s.fake.arena, .out = &t->out};
    hv_wait_for(provider(t), "hv-1", &attach, JOB);
    t->rows.jobs_asked = hv_waits(provider(t), "HV-1");
    assert_int_equal(t->rows.jobs_asked, 1);
}

static void add_job(struct told *t, const char *id, struct num state, struct num code,
                    const char *description)
{
    struct cim_object *o = cim_object_new(t->look.a, "Msvm_ConcreteJob", id);

    cim_set_text(t->look.a, o, "InstanceID", CIM_TYPE_TEXT, id);
    if (state.known)
        cim_set_number(t->look.a, o, "JobState", CIM_TYPE_U16, state.value);
    if (code.known)
        cim_set_number(t->look.a, o, "ErrorCode", CIM_TYPE_U16, code.value);
    cim_set_text(t->look.a, o, "ErrorDescription", CIM_TYPE_TEXT, description);
    *arena_push(t->look.a, t->rows.jobs.rows, t->rows.jobs.count, t->rows.jobs.room) = *o;
}

static const char *said(struct told *t)
{
    t->out = (struct state){0};
    t->look.complaint_room = 0;
    hv_see_jobs(provider(t), &t->look, 0, "HV-1", &t->rows);
    return t->out.complaint_count ? t->out.complaints[0].text : NULL;
}

static void each_state_of_a_job(void **state)
{
    static const struct {
        struct num state, code; /* hyperv-wmi 5.3 */
        const char *description, *said;
        bool waits; /* it is asked for again */
    } rows[] = {
        {NUM(2), NUM(0), "", NULL, true},
        {NUM(3), NUM(0), "", NULL, true},
        {NUM(4), NUM(0), "", NULL, true},
        {NUM(5), NUM(0), "", NULL, true},
        {NUM(6), NUM(0), "", NULL, true},
        {NUM(12), NUM(0), "", NULL, true},
        {NUM(64001), NUM(32768), "x", NULL, true},
        {NUM_UNKNOWN, NUM(32768), "x", NULL, true},
        {NUM(7), NUM(0), "", NULL, false},
        {NUM(7), NUM(32768), "x", NULL, false},
        {NUM(8), NUM(0), "", "its job was ended", false},
        {NUM(9), NUM_UNKNOWN, NULL, "its job was killed", false},
        {NUM(10), NUM(32768), "", "its job failed: failed (32768)", false},
        {NUM(10), NUM(32778), "No memory.", "its job failed: No memory. (32778)", false},
        {NUM(10), NUM(64001), NULL, "its job failed (64001)", false},
        {NUM(11), NUM(0), "why", "its job failed: why", false},
        {NUM(32768), NUM(0), "ACS", "its job completed with warnings: ACS", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct told t;
        const char *text;

        tell_open(&t);
        add_job(&t, "J-9", NUM(10), NUM(5), "another's");
        add_job(&t, "j-1", rows[i].state, rows[i].code, rows[i].description);
        text = said(&t);
        if (!str_eq(text, rows[i].said))
            fail_msg("row %zu: %s", i, text ? text : "nothing");
        assert_int_equal(hv_waits(provider(&t), "hv-1") != 0, rows[i].waits);
        if (rows[i].said) { /* told again at each look */
            t.rows = (struct hv_node_rows){0};
            assert_string_equal(said(&t), rows[i].said);
            assert_string_equal(t.out.complaints[0].subject, VM_ID);
            assert_int_equal(t.out.complaints[0].verb, VERB_ADAPTER_ADD);
        }
        scene_close(&t.s);
    }
}

/* A host keeps what is over for some minutes only; what was sent behind the question is not gone.
 */
static void a_job_that_vanished(void **state)
{
    struct told t;

    (void)state;
    tell_open(&t);
    hv_wait_for(provider(&t), "hv-1", &(struct action){VERB_VM_START, "hv-1", VM_ID}, JOB);
    assert_string_equal(said(&t), "its job is not there any more, and how it ended is not told");
    assert_int_equal(t.out.complaint_count, 1);
    assert_int_equal(hv_waits(provider(&t), "hv-1"), 2); /* the start's */
    scene_close(&t.s);
}

static void a_long_text_is_cut(void **state)
{
    struct told t;
    char description[402];
    const char *text;

    (void)state;
    for (size_t i = 0; i < 400; i += 2)
        memcpy(description + 1 + i, "\xc3\xa9", 2);
    description[0] = 'x';
    description[401] = 0;
    tell_open(&t);
    add_job(&t, "J-1", NUM(10), NUM(0), description);
    text = said(&t);
    assert_int_equal(strlen(text), strlen("its job failed: ") + 199); /* no half of a character */
    scene_close(&t.s);
}

/* The next effect of its kind ends what was said; another host's, or another kind of effect, not.
 */
static void until_the_next_effect(void **state)
{
    struct action other = attach;
    struct told t;

    (void)state;
    tell_open(&t);
    (void)said(&t);
    other.verb = VERB_ADAPTER_REMOVE;
    hv_wait_forget(provider(&t), "hv-1", &other);
    assert_non_null(said(&t));
    hv_wait_forget(provider(&t), "hv-1", &attach);
    assert_null(said(&t));
    hv_wait_for(provider(&t), "hv-1", &(struct action){VERB_GPU_DISABLE, "hv-1", GPU}, JOB);
    hv_wait_forget(provider(&t), "hv-2", &(struct action){VERB_GPU_DISABLE, "hv-2", GPU});
    assert_int_equal(hv_waits(provider(&t), "hv-2"), 0);
    assert_true(hv_waits(provider(&t), "hv-1") != 0);
    scene_close(&t.s);
}

/* However many, a ceiling; and a job without a path is not asked for. */
static void no_more_than_a_ceiling(void **state)
{
    struct told t;
    size_t count = 0;

    (void)state;
    tell_open(&t);
    for (unsigned i = 0; i < LIMIT_WAITS + 10; i++)
        hv_wait_for(provider(&t), "hv-1", &attach, JOB);
    hv_wait_for(provider(&t), "hv-1", &attach, NULL);
    hv_wait_for(provider(&t), "hv-1", &attach, "rubbish");
    t.rows.jobs_asked = hv_waits(provider(&t), "hv-1");
    (void)said(&t);
    count = t.out.complaint_count;
    assert_int_equal(count, LIMIT_WAITS);
    scene_close(&t.s);
}

/* A look at one node says nothing of what another one said. */
static void a_look_at_one_node(void **state)
{
    struct complaint before[] = {{0, "a", VERB_VM_START, "old"}, {1, "b", VERB_VM_START, "kept"}};
    struct complaint now[] = {{0, "a", VERB_VM_START, "new"}, {1, "b", VERB_VM_START, "unseen"}};
    const struct state base = {.complaints = before, .complaint_count = 2};
    const struct state part = {.complaints = now, .complaint_count = 2};
    struct arena a;
    struct state out;

    (void)state;
    arena_init(&a, 0);
    state_splice(&a, &base, &part, 0, &out);
    assert_int_equal(out.complaint_count, 2);
    assert_string_equal(out.complaints[0].text, "kept");
    assert_string_equal(out.complaints[1].text, "new");
    arena_release(&a);
}

/* ---- through the simulated world ---- */

static const char slowly[] =
    "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: t}\nspec:\n"
    "  now: 2026-11-19T13:00:00Z\n  cluster: {name: c}\n  timing: {change: 5s}\n"
    "  nodes:\n    - name: n1\n      gpus:\n"
    "        - {card: NVIDIA A2, instance: 4&9&0&0, partitions: 4}\n"
    "  vms:\n    - {name: v1, node: n1, id: aaaaaaaa-0000-4000-8000-000000000001}\n";

struct live {
    struct arena a;
    struct cim_net *net;
    struct eye *eye;
    struct hand *hand;
    struct state s;
    struct err e;
};

static unsigned asked(const struct live *l)
{
    unsigned n = 0;

    for (const struct hv_session *s = ((struct hyperv *)l->eye)->sessions; s; s = s->next)
        if (s->space == CIM_SPACE_VIRT)
            n += (unsigned)(s->eye->queries + s->eye->asks);
    return n;
}

/* Looks at the one node; how many questions it took. */
static unsigned look(struct live *l)
{
    unsigned before = asked(l);

    if (!eye_observe(l->eye, &l->a, &(struct scope){0}, &l->s, &l->e))
        fail_msg("%s", l->e.text);
    return asked(l) - before;
}

static void live_open(struct live *l)
{
    static const struct owner owner = {"jobs", "me", WHEN_NONE, 1};
    struct findings found;

    *l = (struct live){.e = {.kind = ERR_NONE}};
    arena_init(&l->a, 0);
    findings_init(&found, &l->a);
    assert_true(
        cim_sim_open(known_facts(), "w", slowly, strlen(slowly), false, &l->net, &found, &l->e));
    hyperv_open(l->net, &(struct hyperv_target){.node_ms = 60000}, &l->eye);
    assert_true(l->eye->ops->claim(l->eye, &owner, false, &l->hand, &l->e));
    if (!eye_observe(l->eye, &l->a, &(struct scope){NO_INDEX}, &l->s, &l->e))
        fail_msg("%s", l->e.text);
}

static void live_close(struct live *l)
{
    l->hand->ops->release(l->hand);
    l->eye->ops->close(l->eye);
    arena_release(&l->a);
}

static void send(struct live *l, uint64_t adapters)
{
    const struct action a = {VERB_ADAPTER_ADD, "n1", "aaaaaaaa-0000-4000-8000-000000000001",
                             .value = {adapters}};
    struct receipt receipt;

    if (!hand_perform(l->hand, &a, &receipt, &l->e))
        fail_msg("%s", l->e.text);
    assert_true(receipt.accepted);
}

/* One more question while something waits, and only then. */
static void one_more_question(void **state)
{
    struct live l;

    (void)state;
    live_open(&l);
    assert_int_equal(look(&l), 12);
    send(&l, 1);
    assert_int_equal(look(&l), 13);
    assert_int_equal(look(&l), 13);
    l.eye->ops->wait_ms(l.eye, l.s.observed_ms + 10000);
    assert_int_equal(look(&l), 13); /* it is over */
    assert_int_equal(l.s.complaint_count, 0);
    assert_int_equal(l.s.vms[0].adapter_count, 1);
    assert_int_equal(look(&l), 12);
    live_close(&l);
}

static void why_it_failed(void **state)
{
    struct live l;

    (void)state;
    live_open(&l);
    send(&l, 1);
    world_person_power(cim_sim_world(l.net), 0, true); /* what runs is not changed */
    l.eye->ops->wait_ms(l.eye, l.s.observed_ms + 10000);
    assert_int_equal(look(&l), 13);
    assert_int_equal(l.s.complaint_count, 1);
    assert_string_equal(l.s.complaints[0].text, "its job failed: failed (32768)");
    assert_int_equal(look(&l), 12);
    assert_int_equal(l.s.complaint_count, 1);
    live_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_of_a_job),    cmocka_unit_test(a_job_that_vanished),
        cmocka_unit_test(a_long_text_is_cut),     cmocka_unit_test(until_the_next_effect),
        cmocka_unit_test(no_more_than_a_ceiling), cmocka_unit_test(a_look_at_one_node),
        cmocka_unit_test(one_more_question),      cmocka_unit_test(why_it_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
