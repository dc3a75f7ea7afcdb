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
    lab_wish(l, "a1", VM_PARTITION)->wish->move = true;
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

/* What is ordered; a look shows what `then` makes of the VM behind each order. */
static const char *orders(struct going *g, void (*then)(struct vm *vm, enum verb verb),
                          size_t *degraded)
{
    const struct run_options options = {.run_id = "r-1", .margin_ms = 5000};
    struct run *run = run_open(&g->lab.arena, &g->plan, &g->lab.owed, &g->lab.have, &options);
    struct state now = g->lab.have;

    now.vms = arena_array(&g->lab.arena, struct vm, now.vm_count);
    for (size_t i = 0; i < now.vm_count; i++)
        now.vms[i] = g->lab.have.vms[i];
    g->now_ms = now.observed_ms;
    for (int n = 0; n < 500; n++) {
        struct event e = {.kind = EVENT_RECORDED};
        struct order o;

        run_next(run, g->now_ms, &o);
        if (o.kind == ORDER_DONE)
            break;
        if (o.kind == ORDER_WAIT) {
            g->now_ms = o.until_ms;
            continue;
        }
        if (o.kind == ORDER_LOOK) {
            struct state *seen = arena_new(&g->lab.arena, struct state);

            *seen = now;
            seen->vms = arena_array(&g->lab.arena, struct vm, now.vm_count);
            for (size_t i = 0; i < now.vm_count; i++)
                seen->vms[i] = now.vms[i];
            e = (struct event){.kind = EVENT_SEEN, .node = o.node, .seen = seen};
        }
        if (o.kind == ORDER_PERFORM) {
            text_printf(&g->said, "%s%s", g->said.size ? ", " : "", verb_rows[o.action.verb].word);
            e = (struct event){.kind = EVENT_ANSWERED, .ticket = o.ticket, .node = o.node};
            now.vms[0].stamp_ms += 1000;
            then(&now.vms[0], o.action.verb);
        }
        run_event(run, g->now_ms, &e);
    }
    *degraded = run_outcome(run)->degraded;
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

/* D8: devices are counted where it will be; on the node that it leaves there is none. */
static void a_device_over_there(void **state)
{
    struct going g;
    struct vm *v;

    (void)state;
    g = (struct going){0};
    lab_open(&g.lab);
    lab_node(&g.lab, "n1");
    lab_node(&g.lab, "n2");
    lab_device(&g.lab, "n2", "ml");
    lab_pool(&g.lab, "n2", "ml");
    lab_pool_row(&g.lab, "l4", "ml");
    v = lab_vm(&g.lab, "a1", "n1");
    lab_request(&g.lab, v, "ml", NULL);
    lab_wish(&g.lab, "a1", VM_POOL)->wish->pool = "ml";
    g.lab.spec.vms[0].wish->count = 1;
    g.lab.spec.vms[0].wish->move = true;
    make_plan(&g);
    assert_int_equal(g.plan.groups[0].gate, GATE_RUNS);
    lab_close(&g.lab);
}

/* It runs, on the only card of n1; `live`: it may go so. */
static void open_running(struct going *g, bool live)
{
    struct lab *l = &g->lab;
    struct vm *v;

    open_going(g);
    for (size_t i = 0; live && i < l->have.gpu_count; i++)
        l->have.gpus[i].incoming_migration = TRI_YES;
    v = &l->have.vms[0];
    v->power = POWER_RUNNING;
    v->role.vm = RES_ONLINE;
    v->stamp_ms = 1000;
    v->adapters[0].seen = l->have.gpus[0].path;
    v->adapters[0].outgoing_migration = TRI_YES;
    v->settings.checkpoints = live ? CHECKPOINTS_PRODUCTION : CHECKPOINTS_DISABLED;
    l->spec.policy.disruption = DISRUPTION_ALLOWED;
}

/* V3: it is started where it goes; at home another one runs on the only partition. */
static void started_over_there(void **state)
{
    struct going g;

    (void)state;
    open_going(&g);
    lab_wish(&g.lab, "b1", VM_AS_FOUND);
    g.lab.spec.vms[0].wish->power = POWER_WISH_RUNNING;
    g.lab.have.vms[1].node = 0;
    g.lab.have.vms[1].power = POWER_RUNNING;
    g.lab.have.vms[1].role.vm = RES_ONLINE;
    lab_adapter(&g.lab, &g.lab.have.vms[1], &g.lab.have.gpus[0]);
    make_plan(&g);
    assert_int_equal(g.plan.groups[0].gate, GATE_RUNS);
    lab_close(&g.lab);
}

static void switch_off_behind(struct vm *vm, enum verb verb)
{
    if (verb == VERB_VM_MOVE)
        vm->node = 1;
    if (verb == VERB_VM_CHECKPOINTS) {
        vm->settings.checkpoints = CHECKPOINTS_DISABLED;
        vm->power = POWER_OFF;
    }
}

/* A live move that is done, then somebody switches the VM off: theirs, and not started again. */
static void switched_off_behind_its_move(void **state)
{
    struct going g;
    const char *said;
    size_t degraded;

    (void)state;
    open_running(&g, true);
    make_plan(&g);
    said = orders(&g, switch_off_behind, &degraded);
    assert_memory_equal(said, "move, set-checkpoints", 21);
    assert_null(strstr(said, "start"));
    lab_close(&g.lab);
}

static void start_at_home(struct vm *vm, enum verb verb)
{
    if (verb == VERB_VM_MOVE)
        vm->node = 1;
    if (verb == VERB_VM_STOP)
        vm->power = POWER_OFF;
    if (verb == VERB_VM_START) { /* M2: a start through the cluster may come up elsewhere */
        vm->power = POWER_RUNNING;
        vm->node = 0;
    }
}

/* No group interrupts a VM twice: what was started again stays where it came up. */
static void it_stays_where_it_came_up(void **state)
{
    struct going g;
    size_t degraded;

    (void)state;
    open_running(&g, false);
    make_plan(&g);
    assert_string_equal(orders(&g, start_at_home, &degraded), "stop, move, start");
    assert_int_equal(degraded, 0);
    lab_close(&g.lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_nodes_are_looked_at),
        cmocka_unit_test(nobody_goes_to_a_node_that_is_lost),
        cmocka_unit_test(somebody_took_the_room),
        cmocka_unit_test(a_device_over_there),
        cmocka_unit_test(started_over_there),
        cmocka_unit_test(switched_off_behind_its_move),
        cmocka_unit_test(it_stays_where_it_came_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
