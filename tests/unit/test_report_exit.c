/* Exit codes: one order, derived from what is printed. */
#include "plan_hand.h"
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static int setup(void **state)
{
    static struct plan_hand hand;

    plan_hand_init(&hand);
    *state = &hand;
    return 0;
}

static int teardown(void **state)
{
    arena_release(&((struct plan_hand *)*state)->arena);
    return 0;
}

static void the_order_of_severity(void **state)
{
    static const enum exit_code order[] = {8, 7, 1, 64, 65, 69, 10, 6, 9, 11, 4, 3, 2, 5, 0};
    enum { COUNT = sizeof order / sizeof *order };

    (void)state;
    assert_int_equal(exit_row_count, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = i; k < COUNT; k++) {
            assert_int_equal(exit_worst(order[i], order[k]), order[i]);
            assert_int_equal(exit_worst(order[k], order[i]), order[i]);
        }
}

static void a_plan_ends_with_its_worst_entry(void **state)
{
    struct plan_hand *h = *state;

    assert_int_equal(exit_of_plan(&h->plan), EXIT_BLOCKED);
    h->plan.problem_count = 0;
    h->plan.group_count = 2; /* runs, held */
    h->plan.change_count = 3;
    assert_int_equal(exit_of_plan(&h->plan), EXIT_PENDING);
    h->plan.groups = h->groups + 1;
    h->plan.group_count = 1;
    h->plan.changes = h->changes + 1;
    h->plan.change_count = 2;
    assert_int_equal(exit_of_plan(&h->plan), EXIT_HELD);
    h->plan.changes = h->changes + 4; /* at its next stop: no change now */
    h->plan.change_count = 1;
    h->plan.group_count = 0;
    assert_int_equal(exit_of_plan(&h->plan), EXIT_IN_SYNC);
    h->plan.debts = &(struct debt){.vm = "v", .name = "v"};
    h->plan.debt_count = 1;
    assert_int_equal(exit_of_plan(&h->plan), EXIT_PENDING);
    h->plan.debt_count = 0;
    h->plan.head.nodes_seen = 0;
    assert_int_equal(exit_of_plan(&h->plan), EXIT_UNSEEN);
}

static void an_outcome_ends_with_what_is_left(void **state)
{
    struct plan_hand *h = *state;
    struct outcome o = {.done = 1, .steps_ok = 4};

    h->plan.group_count = h->plan.change_count = h->plan.problem_count = 0;
    assert_int_equal(exit_of_outcome(&o, &h->plan), EXIT_IN_SYNC);
    o.interrupted = true;
    assert_int_equal(exit_of_outcome(&o, &h->plan), EXIT_INTERRUPTED);
    o.put_back = 1;
    assert_int_equal(exit_of_outcome(&o, &h->plan), EXIT_PUT_BACK);
    o.stuck = 1;
    assert_int_equal(exit_of_outcome(&o, &h->plan), EXIT_LEFT_OFF);
    o = (struct outcome){.store_lost = true};
    assert_int_equal(exit_of_outcome(&o, NULL), EXIT_LEFT_OFF);
}

static void an_error_has_its_code(void **state)
{
    static const struct {
        enum err_kind kind;
        int code;
    } rows[] = {{ERR_USAGE, 64}, {ERR_INVALID, 65}, {ERR_UNSEEN, 69}, {ERR_UNSUPPORTED, 69},
                {ERR_STALE, 6},  {ERR_LOCKED, 10},  {ERR_IO, 1},      {ERR_BUG, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(exit_of_err(&(struct err){.kind = rows[i].kind}), rows[i].code);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_order_of_severity),
        TEST(a_plan_ends_with_its_worst_entry),
        TEST(an_outcome_ends_with_what_is_left),
        TEST(an_error_has_its_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
