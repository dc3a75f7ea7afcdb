/* Counts node by node (P10): who has a turn when, and what holds all of it. */
#include "build.h"
#include "plan/plan.h"

#include <stdio.h>

#define HOUR ((int64_t)60 * 60 * 1000)
#define DAY  (24 * HOUR)
/* Friday 2026-11-20 12:00 UTC; the window opens each night at 22:00, for 4 h. */
#define NOON ((int64_t)1795176000000)

/* n1 to n4 with a card of 16 each, that shall have 4, and a VM that runs on it. */
struct night {
    struct lab lab;
    struct plan plan;
    struct permission word;
    struct rollout *rollout;
    struct window window;
    struct gpu *gpus[4];
    struct vm *vms[4];
};

static const char *const names[] = {"n1", "n2", "n3", "n4"};

static void open_night(struct night *x)
{
    static const char *order[] = {"n3", "n1", "n2", "n4"};
    struct policy *p = &x->lab.spec.policy;

    *x = (struct night){
        .word = {UINT32_MAX, UINT32_MAX},
        .window = {.weekdays = 0x7f, .start_ms = 22 * HOUR, .duration_ms = 4 * HOUR}};
    lab_open(&x->lab);
    x->lab.have.observed_ms = NOON;
    for (int i = 0; i < 4; i++) {
        const char *vm = arena_printf(&x->lab.arena, "vm-%s", names[i]);

        lab_node(&x->lab, names[i]);
        x->gpus[i] = lab_gpu(&x->lab, names[i], 16);
        x->vms[i] = lab_vm(&x->lab, vm, names[i]);
        x->vms[i]->power = POWER_RUNNING;
        x->vms[i]->role.vm = RES_ONLINE;
        lab_adapter(&x->lab, x->vms[i], x->gpus[i]);
        lab_wish(&x->lab, vm, VM_PARTITION)->wish->disruption = DISRUPTION_WINDOW;
    }
    lab_count(&x->lab, "a2", 4);
    p->calendar.allow = &x->window;
    p->calendar.allow_count = 1;
    x->rollout = &p->rollout;
    *x->rollout = (struct rollout){.reason = "CHG1",
                                   .order = order,
                                   .order_count = 4,
                                   .per_window = 2,
                                   .mixed_until_ms = NOON + 30 * DAY,
                                   .mixed_until = "2026-12-20"};
}

/* A node that has its count, set by us `at_ms`; WHEN_NONE: by somebody else. */
static void set_done(struct night *x, int node, int64_t at_ms)
{
    struct ledger_change c = {.op = LEDGER_RECOUNT, .recount = {names[node], at_ms}};
    const struct commit commit = {.changes = &c, .change_count = 1};

    x->gpus[node]->count = NUM(4);
    if (at_ms != WHEN_NONE)
        ledger_apply(&x->lab.arena, &x->lab.owed, &commit);
}

static const struct plan_group *group_of(const struct night *x, const char *node)
{
    for (size_t g = 0; g < x->plan.group_count; g++)
        if (x->plan.groups[g].members[0].kind == SUBJECT_GPU &&
            str_same(x->plan.groups[g].members[0].node, node))
            return &x->plan.groups[g];
    return NULL;
}

static void make(struct night *x)
{
    struct lab *l = &x->lab;
    struct inputs in;

    lab_run(l);
    in = (struct inputs){.cluster = "lab",
                         .policy = &l->spec.policy,
                         .want = &l->want,
                         .have = &l->have,
                         .owed = &l->owed,
                         .diff = &l->diff};
    plan_build(&l->arena, &in, &x->plan);
    plan_gate(&l->arena, &in, &x->word, &x->plan);
}

/* "+10h n3 n1, +34h n2 n4": hours from now; those that run have no time. */
static const char *turns(struct night *x)
{
    const struct plan_rollout *r = &x->plan.rollout;
    struct text t;

    make(x);
    text_init(&t, &x->lab.arena);
    for (size_t i = 0; i < r->wave_count; i++) {
        const struct plan_wave *w = &r->waves[i];
        const struct plan_group *first = &x->plan.groups[w->groups[0]];
        const long long hours = (w->from_ms - x->lab.have.observed_ms) / HOUR;

        text_printf(&t, "%s", i ? ", " : "");
        if (first->gate != GATE_RUNS)
            text_printf(&t, "+%lldh ", hours);
        for (size_t k = 0; k < w->node_count; k++) {
            const struct plan_group *g = &x->plan.groups[w->groups[k]];

            assert_true(group_of(x, w->nodes[k]) == g);
            assert_int_equal(g->gate, first->gate);
            if (g->gate != GATE_RUNS)
                assert_int_equal(g->reason, REASON_WAITS_ROLLOUT);
            text_printf(&t, "%s%s", k ? " " : "", w->nodes[k]);
        }
    }
    return text_done(&t);
}

static void expect(struct night *x, const char *want)
{
    const char *got = turns(x);

    if (!str_eq(got, want))
        fail_msg("expected \"%s\", found \"%s\"", want, got);
    lab_close(&x->lab);
}

/* Nothing of it begins, and each node says why. */
static void expect_none(struct night *x, enum reason reason, enum reason others)
{
    size_t found = 0;

    assert_string_equal(turns(x), "");
    for (int i = 0; i < 4; i++) {
        const struct plan_group *g = group_of(x, names[i]);

        if (!g)
            continue;
        assert_int_equal(g->gate, GATE_BLOCKED);
        if (g->reason != reason && g->reason != others)
            fail_msg("%s: %s", names[i], reason_rows[g->reason].code);
        found += g->reason == reason;
    }
    assert_true(found > 0);
    lab_close(&x->lab);
}

/* P10: in its order, so many in each window; and the windows are one after the other. */
static void test_turns(void **state)
{
    static const struct {
        uint32_t per_window;
        int64_t soak;
        const char *turns;
    } rows[] = {
        {1, 0, "+10h n3, +34h n1, +58h n2, +82h n4"},
        {2, 0, "+10h n3 n1, +34h n2 n4"},
        {3, 0, "+10h n3 n1 n2, +34h n4"},
        {9, 0, "+10h n3 n1 n2 n4"},
        {2, 23 * HOUR, "+10h n3 n1, +34h n2 n4"},
        {2, 25 * HOUR, "+10h n3 n1, +35h n2 n4"}, /* in the middle of the window */
        {2, 30 * HOUR, "+10h n3 n1, +58h n2 n4"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct night x;

        open_night(&x);
        x.rollout->per_window = rows[i].per_window;
        x.rollout->soak_ms = rows[i].soak;
        expect(&x, rows[i].turns);
    }
}

/* Each waits for the one before it, also in one window. */
static void test_one_after_the_other(void **state)
{
    struct night x;

    (void)state;
    open_night(&x);
    x.lab.have.observed_ms = NOON + 11 * HOUR;
    x.rollout->per_window = 4;
    assert_string_equal(turns(&x), "n3 n1 n2 n4");
    for (size_t i = 1; i < 4; i++) {
        const struct plan_group *g = group_of(&x, x.rollout->order[i]);

        assert_int_equal(g->need_count, 1);
        assert_ptr_equal(&x.plan.groups[g->needs[0]], group_of(&x, x.rollout->order[i - 1]));
        assert_true(g->open_until_ms == NOON + 14 * HOUR);
    }
    lab_close(&x.lab);
}

/* What was done is read from the world; when we did it, from the ledger. */
static void test_done(void **state)
{
    static const struct {
        int64_t now, done[4]; /* hours from noon; -1: not done; -2: done by somebody else */
        int64_t soak;
        const char *turns;
    } rows[] = {
        {0, {-2, -1, -1, -1}, 0, "+10h n3 n2, +34h n4"},
        {11, {-2, -1, -2, -1}, 0, "n2 n4"},
        {11, {-1, -1, 10, -1}, 0, "n1, +23h n2 n4"}, /* one of this window's two is done */
        {11, {10, -1, 10, -1}, 0, "+23h n2 n4"},
        {11, {-1, -1, 10, -1}, 5 * HOUR, "n1, +23h n2 n4"}, /* within a window nothing soaks */
        {34, {10, -1, 10, -1}, 25 * HOUR, "+1h n2 n4"},
        {35, {10, -1, 10, -1}, 25 * HOUR, "n2 n4"},
        {34, {-2, -1, -2, -1}, 25 * HOUR, "n2 n4"}, /* nobody knows when */
        {34, {10, -1, 10, -1}, 48 * HOUR, "+24h n2 n4"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct night x;

        open_night(&x);
        x.lab.have.observed_ms = NOON + rows[i].now * HOUR;
        x.rollout->soak_ms = rows[i].soak;
        for (int n = 0; n < 4; n++)
            if (rows[i].done[n] != -1)
                set_done(&x, n, rows[i].done[n] == -2 ? WHEN_NONE : NOON + rows[i].done[n] * HOUR);
        expect(&x, rows[i].turns);
    }
}

/* Also a node where nobody runs waits for its window: it is its turn that is held. */
static void test_nobody_runs(void **state)
{
    struct night x;

    (void)state;
    open_night(&x);
    for (int i = 0; i < 4; i++) {
        x.vms[i]->power = POWER_OFF;
        x.vms[i]->role.vm = RES_OFFLINE;
    }
    expect(&x, "+10h n3 n1, +34h n2 n4");
}

/* Without windows only the soak lies between two nodes. */
static void test_without_windows(void **state)
{
    struct night x;

    (void)state;
    for (int soak = 0; soak < 2; soak++) {
        open_night(&x);
        x.lab.spec.policy.calendar.allow_count = 0;
        for (size_t i = 0; i < x.lab.spec.vm_count; i++)
            x.lab.spec.vms[i].wish->disruption = DISRUPTION_ALLOWED;
        x.rollout->soak_ms = soak * 12 * HOUR;
        expect(&x, soak ? "n3, +12h n1, +24h n2, +37h n4" : "n3 n1 n2 n4");
    }
    open_night(&x);
    x.lab.spec.policy.calendar.allow_count = 0;
    for (size_t i = 0; i < x.lab.spec.vm_count; i++)
        x.lab.spec.vms[i].wish->disruption = DISRUPTION_ALLOWED;
    x.rollout->soak_ms = 12 * HOUR;
    set_done(&x, 2, NOON - 2 * HOUR);
    expect(&x, "+10h n1, +22h n2, +34h n4");
}

/* Judged as a whole: one that can never go holds all of them, the first of the order too (C3). */
static void test_as_a_whole(void **state)
{
    struct night x;

    (void)state;
    open_night(&x);
    lab_protect(&x.lab, "vm-n4");
    expect_none(&x, REASON_PROTECTED, REASON_PARTIAL);
    open_night(&x);
    set_done(&x, 2, WHEN_NONE); /* and again before each */
    lab_protect(&x.lab, "vm-n4");
    expect_none(&x, REASON_PROTECTED, REASON_PARTIAL);
}

static void test_order(void **state)
{
    static const char *four[] = {"n3", "n1", "n2", "n9"}, *five[] = {"n3", "n1", "n2", "n4", "n9"};
    struct night x;

    (void)state;
    open_night(&x);
    x.rollout->order_count = 3; /* n4 changes as well */
    expect_none(&x, REASON_ROLLOUT_ORDER, REASON_PARTIAL);
    open_night(&x);
    x.rollout->order = four;
    expect_none(&x, REASON_ROLLOUT_ORDER, REASON_PARTIAL);
    open_night(&x);
    x.rollout->order = five;
    x.rollout->order_count = 5;
    expect_none(&x, REASON_ROLLOUT_ORDER, REASON_ROLLOUT_ORDER);
}

/* W6, V10: what failed stops it. */
static void test_stopped(void **state)
{
    struct night x;
    struct ledger_change c = {.op = LEDGER_PARKED};
    const struct commit commit = {.changes = &c, .change_count = 1};

    (void)state;
    open_night(&x);
    make(&x);
    c.parked = (struct parked){group_of(&x, "n1")->input, "it failed", NOON - HOUR};
    ledger_apply(&x.lab.arena, &x.lab.owed, &commit);
    expect_none(&x, REASON_ROLLOUT_STOPPED, REASON_PARKED);

    for (int runs = 0; runs < 2; runs++) {
        open_night(&x);
        set_done(&x, 2, NOON - DAY);
        lab_debt(&x.lab, x.vms[2]->id, DEBT_STUCK);
        if (runs) {
            expect(&x, "+10h n1 n2, +34h n4");
            continue;
        }
        x.vms[2]->power = POWER_OFF;
        x.vms[2]->role.vm = RES_OFFLINE;
        expect_none(&x, REASON_ROLLOUT_STOPPED, REASON_ROLLOUT_STOPPED);
    }
}

/* One that cannot be done by its date does not begin; one that has begun goes on, and says so. */
static void test_too_late(void **state)
{
    struct night x;

    (void)state;
    for (int begun = 0; begun < 2; begun++) {
        bool warned = false;

        open_night(&x);
        x.rollout->mixed_until_ms = NOON + 20 * HOUR;
        if (!begun) {
            expect_none(&x, REASON_ROLLOUT_LATE, REASON_ROLLOUT_LATE);
            continue;
        }
        set_done(&x, 2, WHEN_NONE);
        assert_string_equal(turns(&x), "+10h n1 n2, +34h n4");
        for (size_t i = 0; i < x.plan.problem_count; i++)
            warned |= x.plan.problems[i].reason == REASON_WARN_ROLLOUT_LATE;
        assert_true(warned);
        lab_close(&x.lab);
    }
    open_night(&x); /* windows that end before it is done */
    x.window = (struct window){.dates = (const int64_t[]){NOON / DAY},
                               .date_count = 1,
                               .start_ms = 22 * HOUR,
                               .duration_ms = 4 * HOUR};
    expect_none(&x, REASON_ROLLOUT_LATE, REASON_ROLLOUT_LATE);
    open_night(&x);
    x.window = (struct window){.dates = (const int64_t[]){NOON / DAY},
                               .date_count = 1,
                               .start_ms = 22 * HOUR,
                               .duration_ms = 4 * HOUR};
    set_done(&x, 2, WHEN_NONE);
    assert_string_equal(turns(&x), "+10h n1 n2");
    assert_int_equal(group_of(&x, "n4")->reason, REASON_NEVER_OPEN);
    lab_close(&x.lab);
}

/* What is there behind each window, and when it is over there is no rollout any more. */
static void test_room(void **state)
{
    struct night x;

    (void)state;
    open_night(&x);
    make(&x);
    assert_int_equal(x.plan.rollout.to_go, 4);
    assert_int_equal(x.plan.rollout.done, 0);
    assert_true(x.plan.rollout.partitions == 64 && x.plan.rollout.left_after_loss == 48);
    assert_true(x.plan.rollout.waves[0].partitions == 40);
    assert_true(x.plan.rollout.waves[0].left_after_loss == 24);
    assert_true(x.plan.rollout.waves[1].partitions == 16);
    assert_int_equal(x.plan.rollout.waves[1].interrupts, 2);
    lab_close(&x.lab);

    open_night(&x);
    for (int i = 0; i < 4; i++)
        set_done(&x, i, NOON);
    make(&x);
    assert_null(x.plan.rollout.reason);
    assert_int_equal(x.plan.group_count, 0);
    lab_close(&x.lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turns),      cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_done),       cmocka_unit_test(test_nobody_runs),
        cmocka_unit_test(test_as_a_whole), cmocka_unit_test(test_without_windows),
        cmocka_unit_test(test_order),      cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_too_late),   cmocka_unit_test(test_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
