/* The plan as people read it: sections, signs, folding, width, totals. */
#include "plan_hand.h"
#include "report/plan_items.h"
#include "report/report.h"

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

static const char *text_of(struct plan_hand *h, const struct style *style)
{
    return report_plan_text(&h->arena, &h->plan, &h->have, NULL, style);
}

static void assert_says(const char *text, const char *what)
{
    if (!strstr(text, what))
        fail_msg("not said: \"%s\" in\n%s", what, text);
}

static void assert_order(const char *text, const char *const *parts, size_t count)
{
    const char *at = text;

    for (size_t i = 0; i < count; i++) {
        const char *next = strstr(at, parts[i]);

        if (!next)
            fail_msg("\"%s\" is missing or too early in\n%s", parts[i], text);
        at = next;
    }
}

static void sections_stand_in_order(void **state)
{
    static const char *const parts[] = {
        "Plan for vdi",
        "  spec      specs/vdi.yaml",
        "  observed  2025-11-19 13:00 UTC, 2 of 2 nodes, 2 GPUs, 4 VMs",
        "RUNS NOW, interrupting 1 running VM",
        "  ! vm   vdi-1",
        "off once, at most 9 min",
        "  ~ gpu  hv-1/gpu0",
        "partitions  16 -> 4",
        "C2 vdi.yaml:12",
        "896 MiB -> 3648 MiB expected",
        "HELD",
        "  + vm   vdi-2",
        "with it: offlineAction 1 -> 3",
        "node-paused (M2): hv-1 is paused",
        "released by: resuming the node",
        "BLOCKED",
        "  x vm   cad",
        "protected (P2): cad is protected and runs",
        "released by: taking it out of policy.protect",
        "  x vm   vdi-9",
        "vm-missing",
        "CAPACITY",
        "NOTES",
        "mmio-unmeasured",
        "at-next-stop",
        "vdi-3",
        "Now: 1 GPU; 2 steps, 1 VM interrupted.   Held: 1 VM.",
        "Blocked: 2 VMs.",
        "exit 11",
        "Apply with:  hvgpu apply specs/vdi.yaml",
    };
    struct plan_hand *h = *state;

    assert_order(text_of(h, &(struct style){0}), parts, sizeof parts / sizeof *parts);
}

static void all_unfolds_and_lists_steps(void **state)
{
    struct plan_hand *h = *state;
    const char *text = text_of(h, &(struct style){.all = true});

    assert_says(text, "  ~ vm   vdi-2                            offlineAction  1 -> 3");
    assert_null(strstr(text, "with it:"));
    assert_says(text, "group 1, runs now");
    assert_says(text, "set partition count of hv-1/gpu0  16 -> 4");
    assert_says(text, "after 1");
}

static void equal_changes_are_one_line(void **state)
{
    struct plan_hand *h = *state;
    struct plan_items items;

    h->plan.problem_count = 0;
    h->plan.group_count = 0;
    for (uint32_t i = 0; i < 3; i++) {
        static const char *const names[] = {"vdi-1", "vdi-2", "vdi-3"};

        h->changes[i] = plan_hand_change(SUBJECT_VM, i, names[i], FIELD_VM_OFFLINE_ACTION, "1", "3",
                                         NO_INDEX, GATE_RUNS);
    }
    h->plan.change_count = 3;
    plan_items(&h->arena, &h->plan, &h->have, false, &items);
    assert_int_equal(items.sections[SECTION_QUIET].count, 1);
    assert_string_equal(item_names(&h->arena, &items.sections[SECTION_QUIET].rows[0]), "vdi-1..3");
    plan_items(&h->arena, &h->plan, &h->have, true, &items);
    assert_int_equal(items.sections[SECTION_QUIET].count, 3);
}

static void what_is_blocked_or_leaves_is_never_folded(void **state)
{
    struct plan_hand *h = *state;
    struct plan_items items;

    h->plan.problem_count = 0;
    h->plan.group_count = 0;
    for (uint32_t i = 0; i < 4; i++) {
        static const char *const names[] = {"vdi-1", "vdi-2", "vdi-3", "cad"};

        h->changes[i] = plan_hand_change(SUBJECT_VM, i, names[i], FIELD_VM_GPU, "1 partition",
                                         "none", NO_INDEX, i < 2 ? GATE_RUNS : GATE_BLOCKED);
        h->changes[i].change.loses = true;
        h->changes[i].reason = i < 2 ? REASON_NONE : REASON_REMOVALS;
    }
    h->plan.change_count = 4;
    plan_items(&h->arena, &h->plan, &h->have, false, &items);
    assert_int_equal(items.sections[SECTION_QUIET].count, 2);
    assert_int_equal(items.sections[SECTION_BLOCKED].count, 2);
}

static void no_line_is_wider_than_the_page(void **state)
{
    struct plan_hand *h = *state;
    char *wide = arena_alloc(&h->arena, 301, 1);
    const int widths[] = {0, 100, 72, 1000};

    memset(wide, 'w', 300);
    h->plan.head.source = wide;
    h->changes[0].name = h->changes[1].name = wide;
    h->groups[1].why = wide;
    h->problems[0].text = wide;
    h->steps[0].text = wide;
    h->changes[0].change.at.file = wide;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        size_t limit = widths[i] == 72 ? 72 : 100;
        const char *text = text_of(h, &(struct style){.all = true, .width = widths[i]});

        for (const char *line = text, *end; *line; line = end + 1) {
            end = strchr(line, '\n');
            assert_non_null(end);
            if ((size_t)(end - line) > limit)
                fail_msg("%zu columns: %.*s", (size_t)(end - line), (int)(end - line), line);
        }
    }
}

static void control_characters_never_reach_a_terminal(void **state)
{
    struct plan_hand *h = *state;
    const char *text;

    h->vms[0].name = "evil\033[2Jname\x9b\xe2\x80\xae";
    text = text_of(h, &(struct style){0});
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\x9b'));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_says(text, "evil?[2Jname?");
}

static void colour_repeats_and_never_adds(void **state)
{
    struct plan_hand *h = *state;
    const char *plain = text_of(h, &(struct style){0});
    const char *color = text_of(h, &(struct style){.color = true});
    char *stripped = arena_strdup(&h->arena, color), *to = stripped;

    assert_non_null(strchr(color, '\033'));
    for (const char *s = stripped; *s; s++) {
        if (*s == '\033')
            s = strchr(s, 'm');
        else
            *to++ = *s;
    }
    *to = '\0';
    assert_string_equal(stripped, plain);
}

static void nothing_to_do_says_so(void **state)
{
    struct plan_hand *h = *state;
    const char *text;

    h->plan.group_count = h->plan.change_count = h->plan.problem_count = 0;
    text = text_of(h, &(struct style){0});
    assert_says(text, "Nothing to do: everything is as declared.");
    assert_says(text, "exit 0");
    assert_null(strstr(text, "Apply with"));
    assert_string_equal(report_plan_brief(&h->arena, &h->plan, &h->have, 10, &(struct style){0}),
                        "");
}

static void what_an_apply_owes_is_told_once(void **state)
{
    struct plan_hand *h = *state;
    struct outcome o = {.done = 1, .steps_ok = 4};
    struct debt owed = {
        .vm = "id-1", .name = "vdi-2", .found_running = true, .phase = DEBT_STOPPED, .run = "r-1"};
    const char *text, *at;

    h->plan.debts = &owed;
    h->plan.debt_count = 1;
    text = report_outcome_text(&h->arena, &o, NULL, 0, &h->plan, &h->have, EXIT_HELD,
                               &(struct style){0});
    assert_says(text, "  owed  vdi-2: was stopped");
    assert_says(text, "Still differs:");
    assert_says(text, "hv-1/gpu0");
    at = strstr(text, "was stopped");
    assert_null(strstr(at + 1, "was stopped"));
}

/* Rows of the spec that ask for the same: both places of two, else from the first to the last. */
static void places_are_folded(void **state)
{
    static const char *const names[] = {"vdi-1", "vdi-2", "vdi-3"};
    static const uint32_t lines[] = {30, 10, 20};
    static const char *const want[] = {"S1 s.yaml:30", "S1 s.yaml:10, 30", "S1 s.yaml:10..30"};
    struct plan_hand *h = *state;
    struct plan_items items;

    h->plan.problem_count = h->plan.group_count = 0;
    for (uint32_t i = 0; i < 3; i++) {
        h->changes[i] = plan_hand_change(SUBJECT_VM, i, names[i], FIELD_VM_OFFLINE_ACTION, "1", "3",
                                         NO_INDEX, GATE_RUNS);
        h->changes[i].change.rule = "S1";
        h->changes[i].change.at = (struct span){"specs/s.yaml", lines[i], 3};
    }
    for (size_t n = 1; n <= 3; n++) {
        h->plan.change_count = n;
        plan_items(&h->arena, &h->plan, &h->have, false, &items);
        assert_int_equal(items.sections[SECTION_QUIET].count, 1);
        assert_string_equal(item_right(&h->arena, &items.sections[SECTION_QUIET].rows[0]),
                            want[n - 1]);
    }
    h->changes[2].change.at.file = "specs/other.yaml"; /* another file is another line */
    plan_items(&h->arena, &h->plan, &h->have, false, &items);
    assert_int_equal(items.sections[SECTION_QUIET].count, 2);
}

static void gpus_are_ranges_of_nodes(void **state)
{
    static const struct {
        const char *names[8], *want;
    } rows[] = {
        {{"hv-2/gpu0", "hv-1/gpu1", "hv-3/gpu0", "hv-1/gpu0", "hv-2/gpu1", "hv-3/gpu1"},
         "hv-1..3/gpu0 hv-1..3/gpu1"},
        {{"hv-1/gpu0", "hv-1/gpu1", "hv-1/gpu2", "hv-2/gpu0", "hv-2/gpu1", "hv-2/gpu2"},
         "hv-1/gpu0..2 hv-2/gpu0..2"},
        {{"hv-1/gpu0", "hv-2/gpu0", "hv-3/gpu0", "hv-9/gpu4"}, "hv-1..3/gpu0 hv-9/gpu4"},
        {{"hv-1/gpu0", "second"}, "hv-1/gpu0 second"},
    };
    struct plan_hand *h = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *names[8];
        struct item item = {.kind = "gpu", .names = names};

        for (; rows[i].names[item.name_count]; item.name_count++)
            names[item.name_count] = rows[i].names[item.name_count];
        assert_string_equal(item_names(&h->arena, &item), rows[i].want);
    }
}

/* Another cluster's names and file are the same plan; another value, place or exit code is not. */
static void the_same_plan(void **state)
{
    static const struct style all = {.all = true};
    struct plan_hand *h = *state;
    const char *one, *other;

    assert_null(report_plan_sameness(&h->arena, &h->plan, &h->have, 11, &(struct style){0}));
    h->plan.problem_count = 0;
    h->plan.group_count = 1; /* what is left runs: nothing is blocked */
    h->plan.change_count = 1;
    one = report_plan_sameness(&h->arena, &h->plan, &h->have, 2, &(struct style){0});
    assert_non_null(one);
    assert_null(report_plan_sameness(&h->arena, &h->plan, &h->have, 2, &all));
    assert_string_not_equal(
        one, report_plan_sameness(&h->arena, &h->plan, &h->have, 3, &(struct style){0}));
    h->plan.head.cluster = "another-name";
    h->vms[0].name = "another-name-1";
    h->plan.head.source = "elsewhere/another.yaml";
    h->changes[0].change.at.file = "elsewhere/another.yaml";
    h->have.nodes[0].name = "a-node-with-a-long-name-that-breaks-lines";
    h->changes[0].name = "a-node-with-a-long-name-that-breaks-lines/gpu0";
    other = report_plan_sameness(&h->arena, &h->plan, &h->have, 2, &(struct style){0});
    assert_string_equal(one, other);
    h->changes[0].change.want = "8";
    other = report_plan_sameness(&h->arena, &h->plan, &h->have, 2, &(struct style){0});
    assert_string_not_equal(one, other);
    h->changes[0].change.loses = true; /* what is removed is read cluster by cluster */
    assert_null(report_plan_sameness(&h->arena, &h->plan, &h->have, 2, &(struct style){0}));
}

static void assert_table(struct arena *a, int width, const char *const *cells, const char *want)
{
    static const char *const head[] = {"NAME", "CAN BE", "VMS"};
    struct page page;

    page_init(&page, a, &(struct style){.width = width});
    page_table(&page, head, 3, cells, 1);
    assert_string_equal(page_done(&page), want);
}

/* What is too wide goes on below in its column; where words would break, the last stands below. */
static void wide_tables(void **state)
{
    static const char *const cells[] = {"hv-with-a-name/gpu0", "32 24 16 12 8 6 4 3 2 1",
                                        "vdi-0001 vdi-0002 vdi-0003"};
    static const char *const words[] = {"a-name-of-one-word-that-is-forty-columns", "32 24 16 12 8",
                                        "another-name-of-one-word"};
    struct arena *a = &((struct plan_hand *)*state)->arena;

    assert_table(a, 100, cells,
                 "NAME                 CAN BE                   VMS\n"
                 "hv-with-a-name/gpu0  32 24 16 12 8 6 4 3 2 1  vdi-0001 vdi-0002 vdi-0003\n");
    assert_table(a, 68, cells,
                 "NAME                 CAN BE                   VMS\n"
                 "hv-with-a-name/gpu0  32 24 16 12 8 6 4 3 2 1  vdi-0001 vdi-0002\n"
                 "                                              vdi-0003\n");
    assert_table(a, 60, cells,
                 "NAME                 CAN BE              VMS\n"
                 "hv-with-a-name/gpu0  32 24 16 12 8 6 4   vdi-0001 vdi-0002\n"
                 "                     3 2 1               vdi-0003\n");
    assert_table(a, 60, words,
                 "NAME                                      CAN BE\n"
                 "      VMS\n"
                 "a-name-of-one-word-that-is-forty-columns  32 24 16 12 8\n"
                 "      another-name-of-one-word\n");
}

static void errors_break_at_semicolons(void **state)
{
    static const char longer[] =
        "/a/path/that/is/so/long/that/the/line/is/full/and/more; give another";
    struct arena *a = &((struct plan_hand *)*state)->arena;

    assert_string_equal(report_error(a, "hvgpu", "not there; give another"),
                        "hvgpu: not there; give another\n");
    assert_string_equal(report_error(a, "a-cluster-with-a-long-name-indeed", longer),
                        "a-cluster-with-a-long-name-indeed: "
                        "/a/path/that/is/so/long/that/the/line/is/full/and/more\n"
                        "        give another\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(sections_stand_in_order),
        TEST(all_unfolds_and_lists_steps),
        TEST(equal_changes_are_one_line),
        TEST(what_is_blocked_or_leaves_is_never_folded),
        TEST(no_line_is_wider_than_the_page),
        TEST(control_characters_never_reach_a_terminal),
        TEST(colour_repeats_and_never_adds),
        TEST(nothing_to_do_says_so),
        TEST(what_an_apply_owes_is_told_once),
        TEST(places_are_folded),
        TEST(gpus_are_ranges_of_nodes),
        TEST(the_same_plan),
        TEST(wide_tables),
        TEST(errors_break_at_semicolons),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
