/* What is asked before a VM goes: a look at both nodes (M8), and room over there (V3). */
#include "apply/run.h"
#include "build.h"
#include "diff/diff.h"
#include "plan/plan.h"

/* A VM that is off, with a partition of n1, and whose row says n2; n2 has one partition. */
struct going {
    struct lab lab;
    struct plan plan;
    struct text said; /* "look n2, open, intent move, flip" */
    int64_t now_ms;
};

static void open_going(struct going *g)
{
    struct lab *l = &g->lab;

    *g = (struct going){0};
    lab_open(l);
    lab_node(l, "n1");
    lab_node(l, "n2");
    lab_gpu(l, "n1", 1);
    lab_gpu(l, "n2", 1);
    lab_adapter(l, lab_vm(l, "a1", "n1"), NULL);
    lab_vm(l, "b1", "n2"); /* in no row: somebody's */
    lab_wish(l, "a1", VM_AS_FOUND)->wish->move = true;
    text_init(&g->said, &l->arena);
}

static void make_plan(struct going *g)
{
    static const struct permission word = {UINT32_MAX, UINT32_MAX};
    struct lab *l = &g->lab;
    struct inputs in;

    lab_run(l);
    l->want.vms[lab_target(l, "a1")].goes_to = lab_index(l, "n2");
    diff_compute(&l->arena, &l->want, &l->have, &l->owed, &l->diff);
    in = (struct inputs){.cluster = "lab",
                         .policy = &l->spec.policy,
                         .want = &l->want,
                         .have = &l->have,
                         .owed = &l->owed,
                         .diff = &l->diff};
    plan_build(&l->arena, &in, &g->plan);
    plan_gate(&l->arena, &in, &word, &g->plan);
    assert_int_equal(g->plan.totals.run_groups, 1);
}

static void say_commit(struct going *g, const struct commit *c)
{
    static const char *const kinds[] = {"open", "intent", "settle", "flip", "close", "note"};

    text_printf(&g->said, "%s%s", g->said.size ? ", " : "", kinds[c->kind]);
}

/* Ten seconds after the plan; `silent`: n2 does not answer; else `then` is what a look shows. */
static const char *go(struct going *g, bool silent, const struct state *then)
{
    const struct run_options options = {.run_id = "r-1", .margin_ms = 5000};
    struct run *run = run_open(&g->lab.arena, &g->plan, &g->lab.owed, &g->lab.have, &options);
    struct err lost = {0};

    err_set(&lost, ERR_TIMEOUT, 0, "does not answer");
    g->now_ms = g->lab.have.observed_ms + 10000;
    for (int n = 0; n < 200; n++) {
        struct event e = {0};
        struct order o;

        run_next(run, g->now_ms, &o);
        if (o.kind == ORDER_DONE || o.kind == ORDER_PERFORM)
            break;
        if (o.kind == ORDER_WAIT) {
            g->now_ms = o.until_ms;
            continue;
        }
        e = (struct event){.kind = EVENT_RECORDED};
        if (o.kind == ORDER_RECORD)
            say_commit(g, &o.commit);
        if (o.kind == ORDER_LOOK && o.node == 1 && n < 2)
            text_printf(&g->said, "%slook n2", g->said.size ? ", " : "");
        if (o.kind == ORDER_LOOK)
            e = silent && o.node == 1
                    ? (struct event){.kind = EVENT_UNSEEN, .node = o.node, .err = &lost}
                    : (struct event){.kind = EVENT_SEEN, .node = o.node, .seen = then};
        run_event(run, g->now_ms, &e);
    }
    run_close(run);
    return text_done(&g->said);
}

static void both_nodes_are_looked_at(void **state)
{
    struct going g;

    (void)state;
    open_going(&g);
    make_plan(&g);
    assert_string_equal(go(&g, false, &g.lab.have), "look n2, open, intent");
    lab_close(&g.lab);
}

static void nobody_goes_to_a_node_that_is_lost(void **state)
{
    struct going g;

    (void)state;
    open_going(&g);
    make_plan(&g);
    assert_string_equal(go(&g, true, &g.lab.have), "look n2");
    lab_close(&g.lab);
}

/* V3: the platform would not refuse it, and then it could not start. */
static void somebody_took_the_room(void **state)
{
    struct state then;
    struct going g;
    struct vm *vms;

    (void)state;
    open_going(&g);
    make_plan(&g);
    then = g.lab.have;
    vms = arena_array(&g.lab.arena, struct vm, then.vm_count);
    for (size_t i = 0; i < then.vm_count; i++)
        vms[i] = then.vms[i];
    vms[1].adapters = arena_array(&g.lab.arena, struct adapter, 1);
    vms[1].adapters[0] = (struct adapter){.id = "theirs"};
    vms[1].adapter_count = 1;
    then.vms = vms;
    assert_string_equal(go(&g, false, &then), "look n2, open, flip, close");
    lab_close(&g.lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_nodes_are_looked_at),
        cmocka_unit_test(nobody_goes_to_a_node_that_is_lost),
        cmocka_unit_test(somebody_took_the_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
