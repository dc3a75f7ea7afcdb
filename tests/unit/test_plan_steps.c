/* Steps from images: what a group writes, and what is not its own (law 5; rules C6, V7, D2, M1,
 * M8). */
#include "build.h"
#include "plan/plan.h"

static size_t removals(const struct steps *steps, const char *object)
{
    size_t n = 0;

    for (size_t i = 0; i < steps->count; i++) {
        const struct action *a = &steps->rows[i].action;

        n += (a->verb == VERB_ADAPTER_REMOVE || a->verb == VERB_REQUEST_REMOVE) &&
             str_eq(a->object, object);
    }
    return n;
}

/* A VM with three of each kind: one that was before, one that we made, one of somebody. */
struct scene {
    struct lab lab;
    struct vm *vm;
    struct image_adapter adapter;
    struct image_request request;
    struct member member;
    struct steps steps;
};

static void stage(struct scene *s)
{
    struct lab *l = &s->lab;

    *s = (struct scene){0};
    lab_open(l);
    lab_node(l, "n1");
    s->vm = lab_vm(l, "v1", "n1");
    lab_adapter(l, s->vm, lab_gpu(l, "n1", 4))->id = "a-before";
    lab_adapter(l, s->vm, NULL)->id = "a-ours";
    lab_adapter(l, s->vm, NULL)->id = "a-theirs";
    lab_request(l, s->vm, "p1", NULL)->id = "r-before";
    lab_request(l, s->vm, "p2", NULL)->id = "r-ours";
    lab_request(l, s->vm, "p3", NULL)->id = "r-theirs";
    lab_claim(l, s->vm->id, "a-ours", NUM_UNKNOWN);
    lab_claim(l, s->vm->id, "r-ours", NUM_UNKNOWN);
    s->adapter = (struct image_adapter){.id = "a-before"};
    s->request = (struct image_request){.id = "r-before", .pool = "p1"};
    s->member = (struct member){.kind = SUBJECT_VM,
                                .node = "n1",
                                .id = s->vm->id,
                                .name = s->vm->name,
                                .before = {.fields = IMAGE_ADAPTERS | IMAGE_REQUESTS,
                                           .adapters = &s->adapter,
                                           .adapter_count = 1,
                                           .requests = &s->request,
                                           .request_count = 1},
                                .target = {.fields = IMAGE_ADAPTERS | IMAGE_REQUESTS}};
}

static void build(struct scene *s, enum direction direction)
{
    struct group g = {.id = 1, .direction = direction, .members = &s->member, .member_count = 1};

    steps_build(&s->lab.arena, &g, &s->lab.have, &s->lab.owed, &s->steps);
}

static void put_back_takes_only_what_is_ours(void **state)
{
    struct scene s;

    (void)state;
    stage(&s);
    build(&s, BACK);
    assert_int_equal(removals(&s.steps, "a-before") + removals(&s.steps, "r-before"), 0);
    assert_int_equal(removals(&s.steps, "a-ours"), 1);
    assert_int_equal(removals(&s.steps, "r-ours"), 1);
    assert_int_equal(removals(&s.steps, "a-theirs"), 0);
    assert_int_equal(removals(&s.steps, "r-theirs"), 0);
    lab_close(&s.lab);
}

static void forward_takes_what_was_before_as_well(void **state)
{
    struct scene s;

    (void)state;
    stage(&s);
    build(&s, FORWARD);
    assert_int_equal(removals(&s.steps, "a-before"), 1);
    assert_int_equal(removals(&s.steps, "r-before"), 1);
    assert_int_equal(removals(&s.steps, "a-ours"), 1);
    assert_int_equal(removals(&s.steps, "r-ours"), 1);
    assert_int_equal(removals(&s.steps, "a-theirs"), 0);
    assert_int_equal(removals(&s.steps, "r-theirs"), 0);
    lab_close(&s.lab);
}

/* ---- a VM that goes to another node (M8) ---- */

/* "move n2 live" and the like for each step, in order. */
static const char *told(struct scene *s)
{
    struct text t;

    text_init(&t, &s->lab.arena);
    for (size_t i = 0; i < s->steps.count; i++) {
        const struct action *a = &s->steps.rows[i].action;

        text_printf(&t, "%s%s@%s", i ? ", " : "", verb_rows[a->verb].word, a->node);
        if (a->verb == VERB_VM_MOVE)
            text_printf(&t, " to %s %s", a->object, a->value[0] == MOVE_LIVE ? "live" : "off");
    }
    return text_done(&t);
}

static void stage_move(struct scene *s, enum vm_power power, bool live)
{
    struct lab *l = &s->lab;

    *s = (struct scene){0};
    lab_open(l);
    lab_node(l, "n1");
    lab_node(l, "n2");
    s->vm = lab_vm(l, "v1", "n1");
    s->vm->power = power;
    lab_debt(l, s->vm->id, power == POWER_RUNNING ? DEBT_FOUND : DEBT_STOPPED);
    s->member = (struct member){.kind = SUBJECT_VM,
                                .node = "n1",
                                .id = s->vm->id,
                                .name = s->vm->name,
                                .before = {.fields = IMAGE_NODE, .node = "n1", .live = live},
                                .target = {.fields = IMAGE_NODE, .node = "n2", .live = live}};
}

static void check_move(enum vm_power power, bool live, enum direction direction, const char *text)
{
    struct scene s;

    stage_move(&s, power, live);
    build(&s, direction);
    assert_string_equal(told(&s), text);
    lab_close(&s.lab);
}

/* M1, M8: running where it may; else while it is off, stopped for it where it runs. */
static void a_move_follows_from_the_vm(void **state)
{
    (void)state;
    check_move(POWER_RUNNING, true, FORWARD, "move@n1 to n2 live");
    check_move(POWER_RUNNING, false, FORWARD, "stop@n1, move@n1 to n2 off, start@n2");
    check_move(POWER_OFF, true, FORWARD, "move@n1 to n2 off, start@n2");
    check_move(POWER_RUNNING, true, BACK, ""); /* it has not gone yet */
}

/* One stop for all: before the move what is done there, behind it what is done here. */
static void one_stop_for_a_move_and_a_gpu(void **state)
{
    struct scene s;

    (void)state;
    for (int live = 0; live < 2; live++) {
        stage_move(&s, POWER_RUNNING, live);
        s.member.target.fields |= IMAGE_ADAPTERS;
        s.member.target.adapters = &s.adapter;
        s.member.target.adapter_count = 1;
        build(&s, FORWARD);
        assert_string_equal(told(&s), live ? "move@n1 to n2 live, stop@n2, attach@n2, start@n2"
                                           : "stop@n1, move@n1 to n2 off, attach@n2, start@n2");
        lab_close(&s.lab);
    }
}

/* C6: what is in no list cannot be put back, where the whole list is known. */
static void a_count_in_no_list_stays(void **state)
{
    static const struct {
        enum direction direction;
        uint64_t count;
        bool complete;
        size_t steps;
    } rows[] = {
        {BACK, 16, true, 1}, {BACK, 3, true, 0}, {BACK, 3, false, 1}, {FORWARD, 3, true, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene s = {0};
        struct gpu *g;

        lab_open(&s.lab);
        lab_node(&s.lab, "n1");
        g = lab_gpu(&s.lab, "n1", 4);
        g->valid_complete = rows[i].complete;
        s.member = (struct member){.kind = SUBJECT_GPU,
                                   .node = "n1",
                                   .id = g->path,
                                   .before = {.fields = IMAGE_COUNT, .count = rows[i].count},
                                   .target = {.fields = IMAGE_COUNT, .count = rows[i].count}};
        build(&s, rows[i].direction);
        if (s.steps.count != rows[i].steps)
            fail_msg("row %zu: %zu steps", i, s.steps.count);
        lab_close(&s.lab);
    }
}

/* What we started again stays where it came up: nobody is interrupted twice. */
static void started_again_it_stays(void **state)
{
    struct scene s;

    (void)state;
    stage_move(&s, POWER_RUNNING, true);
    s.lab.owed.debts[0].phase = DEBT_PAID;
    build(&s, FORWARD);
    assert_int_equal(s.steps.count, 0);
    lab_close(&s.lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_back_takes_only_what_is_ours),
        cmocka_unit_test(forward_takes_what_was_before_as_well),
        cmocka_unit_test(a_move_follows_from_the_vm),
        cmocka_unit_test(one_stop_for_a_move_and_a_gpu),
        cmocka_unit_test(a_count_in_no_list_stays),
        cmocka_unit_test(started_again_it_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
