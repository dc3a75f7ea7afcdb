/* A run while it goes on: titles, lines that stay, and the block at every size of a terminal. */
#include "base/str.h"
#include "report/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOON = 1763557200, OPEN = 4 }; /* 2025-11-19T13:00:00Z, in seconds */

struct live_hand {
    struct arena arena;
    struct member members[OPEN][2];
    struct step steps[2];
    struct plan_group plan;
    struct group_view open[OPEN];
    struct run_view view;
};

static const int64_t now_ms = (int64_t)NOON * 1000 + 70000;

static struct member member_of(enum subject_kind kind, const char *name, uint32_t fields)
{
    struct member m = {.kind = kind, .node = "hv-1", .id = name, .name = name};

    m.before.fields = m.target.fields = fields;
    return m;
}

/* A count change that has its VM down, a VM that gets a partition, one put back, one lost. */
static int setup(void **state)
{
    static struct live_hand hand;
    struct live_hand *h = &hand;

    *h = (struct live_hand){0};
    arena_init(&h->arena, 0);
    h->steps[0] = (struct step){.action = {.verb = VERB_VM_STOP}, .name = "cam-1"};
    h->steps[1] = (struct step){.action = {.verb = VERB_GPU_COUNT}, .name = "hv-1/gpu0"};
    h->plan = (struct plan_group){
        .steps = h->steps, .step_count = 2, .off_at_most_ms = 21 * 60000, .interrupt_count = 1};
    h->members[0][0] = member_of(SUBJECT_VM, "cam-1", IMAGE_ADAPTERS | IMAGE_RESIZED);
    h->members[0][1] = member_of(SUBJECT_GPU, "hv-1/gpu0", IMAGE_COUNT);
    h->members[0][1].before.count = 16;
    h->members[0][1].target.count = 4;
    h->members[1][0] = member_of(SUBJECT_VM, "cam-2", IMAGE_ADAPTERS | IMAGE_MMIO);
    h->members[1][0].target.adapter_count = 1;
    h->members[2][0] = member_of(SUBJECT_VM, "cam-3", IMAGE_NODE);
    h->members[2][0].target.node = "hv-2";
    h->members[3][0] = member_of(SUBJECT_VM, "cam-4", IMAGE_MMIO);
    for (size_t i = 0; i < OPEN; i++)
        h->open[i] = (struct group_view){.id = i + 1,
                                         .members = h->members[i],
                                         .member_count = i ? 1 : 2,
                                         .opened_ms = (int64_t)NOON * 1000,
                                         .steps_left = 2,
                                         .work = {.verb = VERB_NONE}};
    h->open[0].plan = &h->plan;
    h->open[0].interrupts = 1;
    h->open[0].steps_done = 4;
    h->open[0].off = 1;
    h->open[0].off_since_ms = now_ms - 32000;
    h->open[0].work = (struct view_work){
        .verb = VERB_ADAPTER_ADD, .name = "cam-1", .running = 1, .done = 2, .all = 8};
    h->open[1].work =
        (struct view_work){.verb = VERB_VM_STOP, .name = "cam-2", .running = 3, .all = 3};
    h->open[2].back = true;
    h->open[2].reason = "cam-3 did not start";
    h->open[2].work = (struct view_work){
        .verb = VERB_VM_STOP, .name = "cam-3", .hard = true, .running = 1, .all = 1};
    h->open[3].lost = true;
    h->view = (struct run_view){.open = h->open,
                                .open_count = OPEN,
                                .ended = 2,
                                .all = 14,
                                .waits_budget = 3,
                                .waits_turn = 5,
                                .waits_window = 1,
                                .off = 1};
    *state = h;
    return 0;
}

static int teardown(void **state)
{
    arena_release(&((struct live_hand *)*state)->arena);
    return 0;
}

static const char *block(struct live_hand *h, size_t columns, size_t rows)
{
    return report_live(&h->arena, &h->view, now_ms, columns, rows, &(struct style){0});
}

static void titles_say_what_a_group_is_about(void **state)
{
    static const char *const titles[OPEN] = {"hv-1/gpu0 count 16 -> 4", "cam-2 partitions 0 -> 1",
                                             "cam-3 to hv-2", "cam-4 settings"};
    struct live_hand *h = *state;
    struct member *m = h->members[3];

    for (size_t i = 0; i < OPEN; i++)
        assert_string_equal(report_group_title(&h->arena, &h->open[i]), titles[i]);
    m->target.fields = 0;
    assert_string_equal(report_group_title(&h->arena, &h->open[3]), "cam-4 start");
    m->off_after = true;
    assert_string_equal(report_group_title(&h->arena, &h->open[3]), "cam-4 stop");
    *m = member_of(SUBJECT_GPU, "hv-1/dev0", IMAGE_POOL);
    m->target.pool = "ml";
    assert_string_equal(report_group_title(&h->arena, &h->open[3]), "hv-1/dev0 to pool ml");
    h->open[3].member_count = 0;
    assert_string_equal(report_group_title(&h->arena, &h->open[3]), "a group without members");
}

static void many_names_are_not_all_said(void **state)
{
    enum { MANY = 100 };
    struct live_hand *h = *state;
    struct member *many = arena_array(&h->arena, struct member, MANY);
    struct step *steps = arena_array(&h->arena, struct step, MANY);
    const char *line;

    for (int i = 0; i < MANY; i++) {
        many[i] = h->members[1][0];
        many[i].name = arena_printf(&h->arena, "vm-%d", i * 2);
        steps[i] = (struct step){.action = {.verb = VERB_VM_STOP}, .name = many[i].name};
    }
    h->plan.steps = steps;
    h->plan.step_count = h->open[0].interrupts = MANY;
    h->open[0].members = many;
    h->open[0].member_count = MANY;
    line = report_group_line(&h->arena, &h->open[0], now_ms, "fra-1", &(struct style){0});
    assert_true(strlen(line) < 600);
    assert_non_null(strstr(line, "vm-10 vm-12 .. (100 "));
    assert_non_null(strstr(line, "vm-78 vm-80 .. (100 "));
    /* A clock that was set back. */
    h->open[0].end = END_DONE;
    line = report_group_line(&h->arena, &h->open[0], now_ms - 3600000, NULL, &(struct style){0});
    assert_non_null(strstr(line, "done after 0 s"));
}

static void lines_stay_for_a_log_and_for_a_terminal(void **state)
{
    struct live_hand *h = *state;
    struct group_view *v = &h->open[0];
    const struct style style = {0};

    assert_string_equal(report_group_line(&h->arena, v, now_ms, "fra-1", &style),
                        "2025-11-19T13:01:10Z fra-1: hv-1/gpu0 count 16 -> 4: begins, stops cam-1, "
                        "off at most 21 min\n");
    v->end = END_DONE;
    assert_string_equal(report_group_line(&h->arena, v, now_ms, NULL, &style),
                        "  13:01:10  hv-1/gpu0 count 16 -> 4: done after 70 s, 4 steps\n");
    v->end = END_PUT_BACK;
    assert_string_equal(report_group_line(&h->arena, v, now_ms, NULL, &style),
                        "  13:01:10  hv-1/gpu0 count 16 -> 4: put back after 70 s\n");
    assert_string_equal(report_group_line(&h->arena, &h->open[2], now_ms, NULL, &style),
                        "  13:01:10  cam-3 to hv-2: is put back: cam-3 did not start\n");
    assert_string_equal(report_group_line(&h->arena, &h->open[3], now_ms, NULL, &style),
                        "  13:01:10  cam-4 settings: goes on where an earlier run was\n");
}

static void the_block_has_a_line_for_each_group(void **state)
{
    assert_string_equal(
        block(*state, 99, 30),
        "  hv-1/gpu0 count 16 -> 4  attaching to cam-1, 3 of 8         4/6  1 off for 32 s, at "
        "most 21 min\n"
        "  cam-2 partitions 0 -> 1  waiting for shutdown of 3 VMs      0/2\n"
        "  cam-3 to hv-2            putting back, turning off ca..  2 left\n"
        "  cam-4 settings           a node of it does not answer       0/2\n"
        "  13:01:10  2 of 14 groups done, 4 under way, 1 VM off; waiting: 5 (turn), 3 (budget), "
        "1 (window)\n");
}

static void narrow_ones_lose_the_bound_first(void **state)
{
    struct live_hand *h = *state;

    h->view.open_count = 1;
    assert_string_equal(block(h, 70, 30),
                        "  hv-1/gpu0 count 16 -> 4  attaching to cam-1..  4/6  1 off for 32 s\n"
                        "  13:01:10  2 of 14 groups done, 1 under way, 1 VM off; waiting: 5 (..\n");
    assert_string_equal(block(h, 40, 30), "  hv-1/gpu0 coun..  attaching to ..  4/6\n"
                                          "  13:01:10  2 of 14 groups done, 1 und..\n");
}

static size_t lines_within(const char *text, size_t columns)
{
    size_t lines = 0;

    for (const char *end; (end = strchr(text, '\n')); text = end + 1, lines++)
        if ((size_t)(end - text) > columns)
            fail_msg("wider than %zu: %.*s", columns, (int)(end - text), text);
    assert_string_equal(text, ""); /* whole lines only */
    return lines;
}

static void no_size_is_exceeded(void **state)
{
    struct live_hand *h = *state;

    for (size_t columns = 1; columns < 140; columns++)
        for (size_t rows = 0; rows < 9; rows++) {
            size_t lines = lines_within(block(h, columns, rows), columns < 100 ? columns : 100);
            size_t most = rows < 2 ? 0 : rows - 1 < OPEN + 1 ? rows - 1 : OPEN + 1;

            assert_int_equal(lines, most);
        }
    assert_string_equal(block(h, 0, 30), "");
}

static void what_has_no_line_is_counted(void **state)
{
    const char *text = block(*state, 99, 4);

    assert_non_null(strstr(text, "4 under way (2 not shown)"));
    assert_null(strstr(text, "cam-3"));
}

static void names_from_outside_move_nothing(void **state)
{
    static const char *const names[] = {"a\nb",
                                        "a\033[2Jb",
                                        "a\tb\r",
                                        "a\001b",
                                        "a\xc2\x9b"
                                        "2J",
                                        "\xe2\x80\xae"
                                        "abc",
                                        "\xff\xfe\x80\x80",
                                        "\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac"};
    struct live_hand *h = *state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        h->members[1][0].name = h->open[1].work.name = names[i];
        h->open[1].work.running = 1;
        for (size_t columns = 1; columns < 110; columns++) {
            const char *text = block(h, columns, 30);

            assert_int_equal(lines_within(text, columns < 100 ? columns : 100), OPEN + 1);
            for (const char *c = text; *c; c++)
                assert_true((unsigned char)*c >= 0x20 || *c == '\n');
            assert_null(strstr(text, "\xc2\x9b"));
            assert_null(strstr(text, "\xe2\x80\xae"));
        }
    }
}

static void what_was_not_begun_is_told_once(void **state)
{
    struct live_hand *h = *state;
    struct group_view views[9];

    for (size_t i = 0; i < 9; i++) {
        views[i] = h->open[3];
        views[i].end = i < 2 ? END_STALE : END_SKIPPED;
    }
    assert_string_equal(
        report_unbegun(&h->arena, views, 9, "fra-1", &(struct style){0}),
        "fra-1: not begun, the world is not as planned any more: cam-4 settings, cam-4 settings\n"
        "fra-1: not begun, no turn came for it in this run: cam-4 settings, cam-4 settings, cam-4 "
        "settings,\n"
        "cam-4 settings, cam-4 settings and 2 more\n");
    assert_string_equal(report_unbegun(&h->arena, views, 0, NULL, &(struct style){0}), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(titles_say_what_a_group_is_about, setup, teardown),
        cmocka_unit_test_setup_teardown(many_names_are_not_all_said, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_stay_for_a_log_and_for_a_terminal, setup, teardown),
        cmocka_unit_test_setup_teardown(the_block_has_a_line_for_each_group, setup, teardown),
        cmocka_unit_test_setup_teardown(narrow_ones_lose_the_bound_first, setup, teardown),
        cmocka_unit_test_setup_teardown(no_size_is_exceeded, setup, teardown),
        cmocka_unit_test_setup_teardown(what_has_no_line_is_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(names_from_outside_move_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_not_begun_is_told_once, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
