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
};

static int setup(void **state)
{
    static struct two two;

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
    struct target want = {0};
    struct drift_base base = {.have = &t->then.have,
                              .plan = &t->then.plan,
                              .run = "r-00000007",
                              .spec_digest = spec_digest,
                              .ended_ms = 1763470800000};
    struct drift d;

    (void)want;
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_world_moved),
        TEST(the_spec_moved),
        TEST(both_moved),
        TEST(power_is_its_own_class),
        TEST(advice_that_waits_is_told_and_does_not_count),
        TEST(what_was_wrong_before_is_no_drift),
        TEST(a_row_for_a_vm_to_come_is_the_spec),
        TEST(equal_findings_are_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
