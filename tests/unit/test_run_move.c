/* The executor and a VM that goes to another node (M1, M8): on the simulated world, plan by hand.
 */
#include "apply/run.h"
#include "sim_world.h"

#define ESTATE(more)                                                                               \
    CLUSTER("  nodes:\n"                                                                           \
            "    - {name: n1, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&1, "              \
            "partitions: 2, incomingLiveMigration: true}]}\n"                                      \
            "    - {name: n2, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&2, "              \
            "partitions: 2, incomingLiveMigration: true}]}\n"                                      \
            "  vms:\n"                                                                             \
            "    - {name: v, node: n1, power: running, adapters: [{id: a}]" more "}\n"             \
            "    - {name: u, node: n2, adapters: [{id: b}]}\n"                                     \
            "    - {name: w, node: n2}\n")

struct lab {
    struct arena arena;
    struct world w;
    struct state have;
    struct member member;
    struct plan_group group;
    struct plan plan;
    struct ledger disk;
    struct outcome outcome;
    int64_t began_ms;
    uint64_t deadly;    /* the process ends after so many performs; 0: never */
    int64_t happens_ms; /* from the beginning; 0: nothing does */
    void (*happens)(struct lab *);
};

static void look(struct lab *l, uint32_t node)
{
    struct state *part = arena_new(&l->arena, struct state), whole;
    struct err e;

    assert_true(world_observe(&l->w, &l->arena, node, part, &e));
    state_sort(part, &l->arena);
    whole = *part;
    if (node != NO_INDEX)
        state_splice(&l->arena, &l->have, part, node, &whole);
    l->have = whole;
}

/* One group, for one VM: it shall be on n2. */
static void lab_open(struct lab *l, const char *text, bool live)
{
    struct group open;
    struct steps steps;

    memset(l, 0, sizeof *l);
    arena_init(&l->arena, 0);
    must_read(&l->arena, text, &l->w);
    l->disk.next_group = 1;
    l->began_ms = l->w.now.observed_ms;
    look(l, NO_INDEX);
    l->member = (struct member){.kind = SUBJECT_VM,
                                .node = "n1",
                                .id = the_vm(&l->w, "v")->id,
                                .name = "v",
                                .stop_deadline_ms = 600000,
                                .before = {.fields = IMAGE_NODE, .node = "n1", .live = live},
                                .target = {.fields = IMAGE_NODE, .node = "n2", .live = live}};
    open = (struct group){.id = 1, .members = &l->member, .member_count = 1};
    steps_build(&l->arena, &open, &l->have, &l->disk, &steps);
    l->group = (struct plan_group){.gate = GATE_RUNS,
                                   .members = &l->member,
                                   .member_count = 1,
                                   .steps = steps.rows,
                                   .step_count = steps.count};
    l->plan = (struct plan){.groups = &l->group, .group_count = 1};
}

static void advance(struct lab *l, int64_t until_ms)
{
    int64_t at = l->began_ms + l->happens_ms;

    if (l->happens && at <= until_ms) {
        world_advance(&l->w, at);
        l->happens(l);
        l->happens = NULL;
    }
    world_advance(&l->w, until_ms);
}

/* One answer to one order; false: there is no more. */
static bool answer(struct lab *l, const struct order *o, struct event *out)
{
    struct err *e = arena_new(&l->arena, struct err);
    enum sim_answer said;

    switch (o->kind) {
    case ORDER_RECORD:
        ledger_apply(&l->arena, &l->disk, &o->commit);
        *out = (struct event){.kind = EVENT_RECORDED};
        return true;
    case ORDER_PERFORM:
        said = world_perform(&l->w, &o->action, e);
        *out = (struct event){.kind = EVENT_ANSWERED,
                              .ticket = o->ticket,
                              .node = o->node,
                              .err = said == SIM_REFUSED ? e : NULL,
                              .done = said == SIM_DONE};
        return l->w.performs != l->deadly;
    case ORDER_LOOK:
        look(l, o->node);
        *out = (struct event){.kind = EVENT_SEEN, .node = o->node, .seen = &l->have};
        return true;
    default:
        return false;
    }
}

/* One process, until it rests or dies. */
static void go(struct lab *l)
{
    static const struct run_options options = {
        .run_id = "r", .margin_ms = 5000, .tries = 3, .max_vms = 1, .max_nodes = 2};
    struct run *run = run_open(&l->arena, &l->plan, &l->disk, &l->have, &options);

    for (int i = 0; i < 20000; i++) {
        struct order o;
        struct event e;

        run_next(run, l->w.now.observed_ms, &o);
        if (o.kind == ORDER_WAIT) {
            advance(l, o.until_ms);
            continue;
        }
        if (!answer(l, &o, &e))
            break;
        run_event(run, l->w.now.observed_ms, &e);
    }
    l->outcome = *run_outcome(run);
    run_close(run);
}

static int64_t seconds(const struct lab *l)
{
    return (l->w.now.observed_ms - l->began_ms) / 1000;
}

static void check_end(struct lab *l, const char *node, size_t done)
{
    const struct vm *v = the_vm(&l->w, "v");

    assert_string_equal(l->w.now.nodes[v->node].name, node);
    assert_int_equal(v->power, POWER_RUNNING);
    assert_int_equal(l->outcome.done, done);
    assert_int_equal(l->outcome.put_back, 1 - done);
    assert_int_equal(l->disk.debt_count, 0);
    assert_int_equal(l->disk.intent_count, 0);
    assert_int_equal(l->disk.group_count, 0);
}

static void it_goes_live(void **state)
{
    struct lab l;
    int64_t stamp;

    (void)state;
    lab_open(&l, ESTATE(""), true);
    stamp = the_vm(&l.w, "v")->stamp_ms;
    go(&l);
    check_end(&l, "n2", 1);
    assert_int_equal(l.outcome.steps_ok, 1); /* and nothing else was done to it */
    assert_true(seconds(&l) >= 60 && seconds(&l) <= 70);
    assert_true(the_vm(&l.w, "v")->stamp_ms > stamp);
    arena_release(&l.arena);
}

static void it_goes_while_it_is_off(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, ESTATE(""), false);
    go(&l);
    check_end(&l, "n2", 1);
    assert_int_equal(l.outcome.steps_ok, 3); /* stop, move, start */
    arena_release(&l.arena);
}

/* A move that breaks is over when it is over: the VM is not off until the deadline of the move. */
static void a_move_that_breaks(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, ESTATE(", breaksOnMove: true"), true);
    go(&l);
    check_end(&l, "n2", 1); /* then while it is off, as it is now */
    assert_int_equal(l.outcome.steps_failed, 1);
    assert_true(seconds(&l) < 120);
    arena_release(&l.arena);
}

static void take_the_room(struct lab *l)
{
    world_person_power(&l->w, vm_named(&l->w, "u"), true);
    assert_true(world_person_adapter(&l->w, vm_named(&l->w, "w"), true));
    world_person_power(&l->w, vm_named(&l->w, "w"), true);
}

/* What it asked for is gone when it lands: it is not waited for, and it runs on. */
static void a_move_that_comes_to_nothing(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, ESTATE(""), true);
    l.happens = take_the_room;
    l.happens_ms = 30000;
    go(&l);
    check_end(&l, "n1", 0);
    assert_true(seconds(&l) < 120);
    assert_int_equal(the_vm(&l.w, "v")->stamp_ms, l.w.now.nodes[0].boot_ms); /* never off */
    arena_release(&l.arena);
}

/* The process dies while the VM goes: the next one waits for it, and does nothing again. */
static void a_death_on_the_way(void **state)
{
    struct lab l;

    (void)state;
    for (int breaks = 0; breaks < 2; breaks++) {
        lab_open(&l, breaks ? ESTATE(", breaksOnMove: true") : ESTATE(""), true);
        l.deadly = 1;
        go(&l);
        assert_int_equal(l.disk.intent_count, 1);
        assert_true(the_vm(&l.w, "v")->role.busy);
        l.deadly = 0;
        look(&l, NO_INDEX);
        go(&l);
        assert_int_equal(the_vm(&l.w, "v")->power, POWER_RUNNING);
        assert_int_equal(l.disk.debt_count, 0);
        assert_int_equal(l.disk.group_count, 0);
        if (!breaks)
            assert_int_equal(l.w.performs, 1);
        arena_release(&l.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_live),       cmocka_unit_test(it_goes_while_it_is_off),
        cmocka_unit_test(a_move_that_breaks), cmocka_unit_test(a_move_that_comes_to_nothing),
        cmocka_unit_test(a_death_on_the_way),
    };

    return cmocka_run_group_tests_name("run move", tests, NULL, NULL);
}
