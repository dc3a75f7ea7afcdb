/* Drift: which side moved, told from today's declaration against the world as it was. */
#include "plan_hand.h"
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct two {
    struct plan_hand now, then;
    struct plan_aside asides[2];
    struct target want, today; /* of the base; of today */
    struct target_gpu want_gpus[2];
    struct target_vm today_vms[4];
    struct vm_wish wish;
    uint32_t of_gpu[2], of_vm[4];
    bool targets; /* give them to drift_compute() */
};

static int setup(void **state)
{
    static struct two two;

    two = (struct two){0};
    plan_hand_init(&two.now);
    plan_hand_init(&two.then);
    two.now.plan.problem_count = two.then.plan.problem_count = 0;
    two.now.plan.group_count = two.then.plan.group_count = 0;
    two.then.plan.change_count = 0; /* after a good apply nothing differs */
    *state = &two;
    return 0;
}

static int teardown(void **state)
{
    struct two *t = *state;

    arena_release(&t->now.arena);
    arena_release(&t->then.arena);
    return 0;
}

static struct drift drift_of(struct two *t, const char *spec_digest)
{
    struct drift_base base = {.have = &t->then.have,
                              .want = t->targets ? &t->want : NULL,
                              .today = t->targets ? &t->today : NULL,
                              .plan = &t->then.plan,
                              .run = "r-00000007",
                              .spec_digest = spec_digest,
                              .ended_ms = 1763470800000};
    struct drift d;

    drift_compute(&t->now.arena, &t->now.plan, &t->now.have, &base, &d);
    return d;
}

static void one_change(struct two *t, enum field field, const char *have, const char *want)
{
    t->now.changes[0] =
        plan_hand_change(SUBJECT_VM, 0, "vdi-1", field, have, want, NO_INDEX, GATE_RUNS);
    t->now.plan.change_count = 1;
}

static void then_change(struct two *t, enum field field, const char *have, const char *want)
{
    t->then.changes[0] =
        plan_hand_change(SUBJECT_VM, 0, "vdi-1", field, have, want, NO_INDEX, GATE_RUNS);
    t->then.plan.change_count = 1;
}

static void assert_one(const struct drift *d, enum drift_class class, int exit)
{
    assert_int_equal(d->count, 1);
    assert_string_equal(drift_rows[d->items[0].class].word, drift_rows[class].word);
    assert_int_equal(exit_of_drift(d), exit);
}

/* V9: who was on the card all along is what the spec changed; who came onto it is drift. */
static void onto_a_leaving_gpu(void **state)
{
    struct two *t = *state;
    struct debt waits = {.vm = "v", .name = "vdi-1", .waits = "swap"};
    struct drift d;

    one_change(t, FIELD_VM_GPU, "on the GPU of row swap", "none");
    t->now.changes[0].change.rule = "V9";
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_ON_LEAVING, EXIT_DRIFT);
    then_change(t, FIELD_VM_GPU, "on the GPU of row swap", "none");
    t->then.changes[0].change.rule = "V9";
    d = drift_of(t, "d2");
    assert_one(&d, DRIFT_SPEC_CHANGED, EXIT_IN_SYNC);
    t->now.plan.debts = &waits;
    t->now.plan.debt_count = 1;
    d = drift_of(t, "d2");
    assert_one(&d, DRIFT_ON_LEAVING, EXIT_DRIFT);
    /* it stays off, as it shall until that is over: a condition, not drift */
    one_change(t, FIELD_VM_GPU, "none", "1 partition");
    t->now.changes[0].gate = GATE_HELD;
    t->now.changes[0].reason = REASON_LEAVING;
    d = drift_of(t, "d2");
    assert_int_equal(d.count, 0);
}

static void the_world_moved(void **state)
{
    struct two *t = *state;
    struct drift d;

    one_change(t, FIELD_VM_OFFLINE_ACTION, "1", "3");
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_HOST_CHANGED, EXIT_DRIFT);
    assert_int_equal(exit_of_plan_since(&t->now.plan, &d), EXIT_DRIFT);
}

static void the_spec_moved(void **state)
{
    struct two *t = *state;
    struct drift d;

    one_change(t, FIELD_VM_GPU, "none", "1 partition");
    then_change(t, FIELD_VM_GPU, "none", "1 partition");
    d = drift_of(t, "d0");
    assert_one(&d, DRIFT_SPEC_CHANGED, EXIT_IN_SYNC);
    assert_int_equal(exit_of_plan_since(&t->now.plan, &d), EXIT_PENDING);
}

static void both_moved(void **state)
{
    struct two *t = *state;
    struct drift d;

    one_change(t, FIELD_VM_GPU, "2 partitions", "none");
    then_change(t, FIELD_VM_GPU, "1 partition", "none");
    d = drift_of(t, "d0");
    assert_one(&d, DRIFT_BOTH, EXIT_DRIFT);
    assert_int_equal(exit_of_plan_since(&t->now.plan, &d), EXIT_BOTH);
}

static void power_is_its_own_class(void **state)
{
    struct two *t = *state;
    struct drift d;

    one_change(t, FIELD_VM_POWER, "stopped", "running");
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_POWER, EXIT_DRIFT);
}

static void advice_that_waits_is_told_and_does_not_count(void **state)
{
    struct two *t = *state;
    struct drift d;

    one_change(t, FIELD_VM_CHECKPOINTS, "production", "disabled");
    t->now.changes[0].at_next_stop = true;
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_HOST_CHANGED, EXIT_IN_SYNC);
    then_change(t, FIELD_VM_CHECKPOINTS, "production", "disabled");
    d = drift_of(t, "d1");
    assert_int_equal(d.count, 0); /* it was so before: nothing moved */
}

static void what_was_wrong_before_is_no_drift(void **state)
{
    struct two *t = *state;
    struct drift d;

    t->now.plan.change_count = 0;
    t->now.plan.problem_count = 1; /* vm-missing */
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_MISSING, EXIT_DRIFT);
    t->then.plan.problem_count = 1;
    d = drift_of(t, "d1");
    assert_int_equal(d.count, 0);
}

static void a_row_for_a_vm_to_come_is_the_spec(void **state)
{
    struct two *t = *state;
    struct drift d;

    t->now.plan.change_count = 0;
    t->now.plan.problem_count = 1;
    d = drift_of(t, "d0"); /* the spec is another one, and vdi-9 was never there */
    assert_one(&d, DRIFT_SPEC_CHANGED, EXIT_IN_SYNC);
}

static void equal_findings_are_one_line(void **state)
{
    static const char *const names[] = {"vdi-1", "vdi-2", "vdi-3"};
    struct two *t = *state;
    const char *text;
    struct drift d;

    for (uint32_t i = 0; i < 3; i++)
        t->now.changes[i] = plan_hand_change(SUBJECT_VM, i, names[i], FIELD_VM_OFFLINE_ACTION, "1",
                                             "3", NO_INDEX, GATE_RUNS);
    t->now.plan.change_count = 3;
    d = drift_of(t, "d1");
    text = report_drift_text(&t->now.arena, &d, &(struct style){0});
    assert_non_null(strstr(text, "vm/vdi-1..3 "));
    assert_non_null(strstr(text, "3 findings: 0 errors, 3 warnings, 0 infos"));
    assert_non_null(strstr(text, "run r-00000007"));
    assert_non_null(strstr(text, "exit 3"));
}

/* ---- what is set aside (P7, P8) ---- */

static void set_aside(struct two *t, struct plan *plan, enum aside_why why)
{
    t->asides[0] = (struct plan_aside){.change = t->now.changes[0].change,
                                       .subject = "vm/vdi-1",
                                       .name = "vdi-1",
                                       .why = why,
                                       .reason = REASON_NONE,
                                       .because = "CHG-1",
                                       .until = "2026-12-01",
                                       .until_ms = 1};
    plan->asides = t->asides;
    plan->aside_count = 1;
}

static void expected_until_its_date(void **state)
{
    struct two *t = *state;
    struct drift d;

    one_change(t, FIELD_VM_POWER, "stopped", "running");
    t->now.plan.change_count = 0;
    set_aside(t, &t->now.plan, ASIDE_EXPECTED);
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_EXPECTED, EXIT_IN_SYNC);
    assert_string_equal(d.items[0].repair, "none until 2026-12-01 (CHG-1)");
    assert_int_equal(exit_of_assert(&t->now.plan, &d), EXIT_IN_SYNC);
}

/* It was there after the last apply, and expected; the date has come, and the world is to blame. */
static void expected_no_more(void **state)
{
    struct two *t = *state;
    struct drift d;

    one_change(t, FIELD_VM_POWER, "stopped", "running");
    set_aside(t, &t->then.plan, ASIDE_EXPECTED);
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_POWER, EXIT_DRIFT);
    d = drift_of(t, "d0"); /* the entry was taken out of the spec: that is the spec's doing */
    assert_one(&d, DRIFT_SPEC_CHANGED, EXIT_IN_SYNC);
}

static void watched_counts_for_drift_and_assert(void **state)
{
    struct two *t = *state;
    struct drift d;

    one_change(t, FIELD_VM_OFFLINE_ACTION, "1", "3");
    t->now.plan.change_count = t->now.plan.debt_count = 0;
    set_aside(t, &t->now.plan, ASIDE_DETECT);
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_HOST_CHANGED, EXIT_DRIFT);
    assert_string_equal(d.items[0].repair, "none (manage: detect)");
    assert_int_equal(exit_of_assert(&t->now.plan, &d), EXIT_DRIFT);
    assert_int_equal(exit_of_plan_since(&t->now.plan, &d), EXIT_IN_SYNC);
    t->asides[0].at_next_stop = true; /* advice that waits for a stop counts nowhere */
    d = drift_of(t, "d1");
    assert_int_equal(exit_of_drift(&d), EXIT_IN_SYNC);
    assert_int_equal(exit_of_assert(&t->now.plan, &d), EXIT_IN_SYNC);
}

/* A node that is silent is not drift, watched or not. */
static void a_problem_that_is_watched(void **state)
{
    struct two *t = *state;
    struct drift d;

    t->now.plan.change_count = 0;
    set_aside(t, &t->now.plan, ASIDE_DETECT);
    t->asides[0].reason = REASON_NODE_UNSEEN;
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_UNKNOWN, EXIT_IN_SYNC);
    t->asides[0].reason = REASON_VM_MISSING;
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_MISSING, EXIT_DRIFT);
    assert_true(d.items[0].watched);
}

/* What the world did under detect does not make a plan of the spec's change a plan of both. */
static void watched_does_not_mix_into_a_plan(void **state)
{
    struct two *t = *state;
    struct drift d;

    one_change(t, FIELD_VM_OFFLINE_ACTION, "1", "3");
    set_aside(t, &t->now.plan, ASIDE_DETECT);
    one_change(t, FIELD_VM_GPU, "none", "1 partition");
    then_change(t, FIELD_VM_GPU, "none", "1 partition");
    d = drift_of(t, "d0");
    assert_int_equal(d.count, 2);
    assert_int_equal(exit_of_plan_since(&t->now.plan, &d), EXIT_PENDING);
    assert_int_equal(exit_of_assert(&t->now.plan, &d), EXIT_BOTH);
}

/* ---- since when, and how often ---- */

static void three_times_in_a_day_flaps(void **state)
{
    struct two *t = *state;
    struct drift d;
    const char *text;

    one_change(t, FIELD_VM_OFFLINE_ACTION, "1", "3");
    d = drift_of(t, "d1");
    d.items[0].departures = DRIFT_FLAPS - 1;
    drift_judge(&d);
    assert_int_equal(d.items[0].class, DRIFT_HOST_CHANGED);
    d.items[0].departures = DRIFT_FLAPS;
    d.items[0].first_ms = 1763470800000;
    d.items[0].times = 9;
    drift_judge(&d);
    assert_one(&d, DRIFT_FLAPPING, EXIT_DRIFT);
    text = report_drift_text(&t->now.arena, &d, &(struct style){0});
    assert_non_null(strstr(text, "flapping (host-changed)"));
    assert_non_null(strstr(text, "first seen 2025-11-18 13:00 UTC, 9 times; repair: "));
}

/* What the spec asks for anew is no coming and going of the world. */
static void the_spec_does_not_flap(void **state)
{
    struct two *t = *state;
    struct drift d;

    one_change(t, FIELD_VM_GPU, "none", "1 partition");
    then_change(t, FIELD_VM_GPU, "none", "1 partition");
    d = drift_of(t, "d0");
    d.items[0].departures = 100;
    drift_judge(&d);
    assert_one(&d, DRIFT_SPEC_CHANGED, EXIT_IN_SYNC);
}

/* The key of a finding is the GPU's path: gpuN moves when a card before it goes. */
static void a_gpu_is_known_by_its_path(void **state)
{
    struct two *t = *state;
    struct drift d;

    t->now.plan.change_count = 1;
    d = drift_of(t, "d1");
    assert_int_equal(d.count, 1);
    assert_string_equal(d.items[0].subject, "gpu/hv-1/gpu0");
    assert_string_equal(d.items[0].key,
                        arena_printf(&t->now.arena, "gpu/hv-1/%s|partitions", hand_path));
    t->then.changes[0] = plan_hand_change(SUBJECT_GPU, 0, "hv-1/gpu0", FIELD_GPU_COUNT, "16", "4",
                                          NO_INDEX, GATE_RUNS);
    t->then.changes[0].subject = "gpu/hv-1/gpu1";
    t->then.plan.change_count = 1;
    d = drift_of(t, "d0");
    assert_one(&d, DRIFT_SPEC_CHANGED, EXIT_IN_SYNC);
}

/* ---- who is who ---- */

/* Two declared GPUs and four declared VMs, then and now. */
static void with_targets(struct two *t)
{
    t->targets = true;
    t->now.plan.change_count = 0;
    for (uint32_t i = 0; i < 2; i++) {
        t->of_gpu[i] = i;
        t->want_gpus[i] = (struct target_gpu){.gpu = i};
    }
    for (uint32_t i = 0; i < 4; i++) {
        t->of_vm[i] = i;
        t->today_vms[i] = (struct target_vm){.vm = i, .wish = &t->wish};
    }
    t->want = (struct target){.gpus = t->want_gpus, .gpu_count = 2, .of_gpu = t->of_gpu};
    t->today = (struct target){.vms = t->today_vms, .vm_count = 4, .of_vm = t->of_vm};
}

static void a_card_that_is_gone(void **state)
{
    struct two *t = *state;
    struct drift d;

    with_targets(t);
    t->now.gpus[0].path = "PCI\\OTHER\\1";
    t->now.gpus[0].pci = "10de:26b9"; /* another product */
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_MISSING, EXIT_DRIFT);
}

/* I4: the same product on the same node, where it was not before. */
static void a_card_with_a_new_path(void **state)
{
    struct two *t = *state;
    struct drift d;

    with_targets(t);
    t->now.gpus[0].path = "PCI\\OTHER\\1";
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_IDENTITY_MOVED, EXIT_DRIFT);
    assert_non_null(strstr(d.items[0].now, "is at PCI\\OTHER\\1"));
}

/* I2: a VM is its id. */
static void a_vm_that_was_made_anew(void **state)
{
    struct two *t = *state;
    struct drift d;

    with_targets(t);
    t->now.vms[2].id = "id-new";
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_IDENTITY_MOVED, EXIT_DRIFT);
    assert_string_equal(d.items[0].subject, "vm/vdi-3");
    t->now.nodes[0].answered = false; /* the other one may be there still (M4) */
    d = drift_of(t, "d1");
    assert_int_equal(d.count, 0);
}

/* M7: what holds a GPU, stands in no row, and did not hold one before. */
static void a_holder_that_nobody_declared(void **state)
{
    struct two *t = *state;
    struct drift d;

    with_targets(t);
    t->of_vm[0] = NO_INDEX;
    t->today.vm_count = 0;
    d = drift_of(t, "d1");
    assert_int_equal(d.count, 0); /* it held one then as well */
    t->then.vms[0].adapter_count = 0;
    d = drift_of(t, "d1");
    assert_one(&d, DRIFT_UNMANAGED, EXIT_IN_SYNC);
    assert_string_equal(d.items[0].now, "in no row, holds 1 partition");
}

static void what_waits_has_its_release(void **state)
{
    struct two *t = *state;
    struct drift d;
    const char *text;

    t->now.changes[0] = plan_hand_change(SUBJECT_VM, 3, "cad", FIELD_VM_GPU, "1 partition", "none",
                                         2, GATE_BLOCKED);
    t->now.plan.change_count = 1;
    t->now.plan.group_count = 3;
    d = drift_of(t, "d1");
    assert_string_equal(d.items[0].repair, "BLOCKED: protected");
    assert_string_equal(d.items[0].release, reason_rows[REASON_PROTECTED].release);
    text = report_drift_text(&t->now.arena, &d, &(struct style){0});
    assert_non_null(strstr(text, "released by: taking it out of policy.protect"));
    assert_non_null(strstr(text, "; 1 blocked"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(onto_a_leaving_gpu),
        TEST(the_world_moved),
        TEST(the_spec_moved),
        TEST(both_moved),
        TEST(power_is_its_own_class),
        TEST(advice_that_waits_is_told_and_does_not_count),
        TEST(what_was_wrong_before_is_no_drift),
        TEST(a_row_for_a_vm_to_come_is_the_spec),
        TEST(equal_findings_are_one_line),
        TEST(expected_until_its_date),
        TEST(expected_no_more),
        TEST(watched_counts_for_drift_and_assert),
        TEST(a_problem_that_is_watched),
        TEST(watched_does_not_mix_into_a_plan),
        TEST(three_times_in_a_day_flaps),
        TEST(the_spec_does_not_flap),
        TEST(a_gpu_is_known_by_its_path),
        TEST(a_card_that_is_gone),
        TEST(a_card_with_a_new_path),
        TEST(a_vm_that_was_made_anew),
        TEST(a_holder_that_nobody_declared),
        TEST(what_waits_has_its_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
