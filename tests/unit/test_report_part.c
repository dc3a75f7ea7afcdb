/* A cluster's part of a document: what it takes from a plan, and that nothing of it is borrowed. */
#include "plan_hand.h"
#include "report/part.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

static const struct part_row *row_of(const struct cluster_part *p, enum section_kind section,
                                     const char *who)
{
    for (size_t i = 0; i < p->row_count; i++)
        if (p->rows[i].section == section && str_eq(p->rows[i].who, who))
            return &p->rows[i];
    fail_msg("no line about %s in section %d", who, (int)section);
    return NULL;
}

static void it_holds_what_the_plan_says(void **state)
{
    struct plan_hand *h = *state;
    struct cluster_part p;
    const struct part_row *row;

    part_of_plan(&h->arena, &h->plan, &h->have, NULL, NULL, &(struct part_want){.steps = true}, &p);
    assert_string_equal(p.cluster, "vdi");
    assert_int_equal(p.exit, EXIT_BLOCKED);
    row = row_of(&p, SECTION_INTERRUPT, "vdi-1");
    assert_int_equal(row->sign, '!');
    assert_int_equal(row->off_at_most_ms, 540000);
    assert_null(row->code);
    row = row_of(&p, SECTION_HELD, "vdi-2");
    assert_string_equal(row->code, "node-paused");
    assert_string_equal(row->why, "hv-1 is paused");
    assert_string_equal(row->release, "resuming the node");
    row = row_of(&p, SECTION_BLOCKED, "cad");
    assert_string_equal(row->code, "protected");
    assert_int_equal(row->severity, SEVERITY_ERROR);
    assert_int_equal(p.sums[SECTION_INTERRUPT].interrupts, 1);
    assert_int_equal(p.sums[SECTION_BLOCKED].vms, 2);
    assert_int_equal(p.group_count, 3);
    assert_int_equal(p.groups[0].steps[1].needs[0], 0);
    assert_string_equal(p.groups[0].steps[1].text, "set partition count of hv-1/gpu0  16 -> 4");
    assert_string_equal(p.groups[0].node, "hv-1");
}

static void unfolded_has_a_line_for_each(void **state)
{
    struct plan_hand *h = *state;
    struct cluster_part folded, open;

    h->plan.problem_count = h->plan.group_count = 0;
    for (uint32_t i = 0; i < 3; i++) {
        static const char *const names[] = {"vdi-1", "vdi-2", "vdi-3"};

        h->changes[i] = plan_hand_change(SUBJECT_VM, i, names[i], FIELD_VM_OFFLINE_ACTION, "1", "3",
                                         NO_INDEX, GATE_RUNS);
    }
    h->plan.change_count = 3;
    part_of_plan(&h->arena, &h->plan, &h->have, NULL, NULL, &(struct part_want){0}, &folded);
    part_of_plan(&h->arena, &h->plan, &h->have, NULL, NULL, &(struct part_want){.unfolded = true},
                 &open);
    assert_int_equal(folded.row_count, 1);
    assert_string_equal(folded.rows[0].who, "vdi-1..3");
    assert_int_equal(open.row_count, 3);
}

/* Everything is read out of the copy after the memory of the first is gone. */
static void a_copy_borrows_nothing(void **state)
{
    struct plan_hand *h = *state;
    struct cluster_part copy, *p;
    struct arena first, second;

    arena_init(&first, 0);
    arena_init(&second, 0);
    p = arena_new(&first, struct cluster_part);
    part_of_plan(&first, &h->plan, &h->have, NULL, NULL, &(struct part_want){.steps = true}, p);
    p->body = arena_strdup(&first, "drawn");
    p->failure = arena_strdup(&first, "why");
    part_copy(&second, p, &copy);
    for (size_t i = 0; i < p->row_count; i++) {
        assert_ptr_not_equal(copy.rows[i].who, p->rows[i].who);
        for (size_t k = 0; k < p->rows[i].name_count; k++)
            assert_ptr_not_equal(copy.rows[i].names[k], p->rows[i].names[k]);
    }
    arena_release(&first);
    assert_string_equal(copy.body, "drawn");
    assert_string_equal(copy.failure, "why");
    assert_string_equal(row_of(&copy, SECTION_HELD, "vdi-2")->why, "hv-1 is paused");
    assert_string_equal(copy.groups[0].steps[1].text, "set partition count of hv-1/gpu0  16 -> 4");
    assert_int_equal(copy.groups[0].steps[1].needs[0], 0);
    arena_release(&second);
}

static void findings_are_lines(void **state)
{
    struct plan_hand *h = *state;
    struct span at = {.file = "a.yaml", .line = 3, .column = 9};
    struct findings found;
    struct cluster_part p;

    findings_init(&found, &h->arena);
    findings_add(&found, SEVERITY_ERROR, "unknown-key", &at, "unknown key `x`")->next = "y?";
    part_of_findings(&h->arena, "a.yaml", &found, &p);
    assert_int_equal(p.exit, EXIT_INVALID);
    assert_null(p.cluster);
    assert_int_equal(p.row_count, 1);
    assert_string_equal(p.rows[0].code, "unknown-key");
    assert_string_equal(p.rows[0].what, "unknown key `x`");
    assert_int_equal(p.rows[0].at.column, 9);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_holds_what_the_plan_says, setup, teardown),
        cmocka_unit_test_setup_teardown(unfolded_has_a_line_for_each, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_borrows_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(findings_are_lines, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
