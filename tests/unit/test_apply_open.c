/* Which groups of a plan are begun first, and which find no room in the budget (P4, V9). */
#include "apply/machine.h"
#include "build.h"
#include "plan/plan.h"

#include <stdio.h>

/* n1 with two cards, n2 and n3 with one, and a VM on each card; n4 does not answer. */
struct first {
    struct lab lab;
    struct plan plan;
    struct run_options options;
    char opened[128];   /* VMs of the groups that are open at first, each with a blank behind it */
    const char *moving; /* a VM of n2 in an open group of its own, which interrupts nobody */
    struct image moves; /* to where, and how */
    enum debt_phase phase;
};

static void add_vm(struct first *f, const char *name, const char *node, size_t gpu)
{
    struct vm *vm = lab_vm(&f->lab, name, node);

    vm->power = POWER_RUNNING;
    vm->role.vm = RES_ONLINE;
    lab_adapter(&f->lab, vm, &f->lab.have.gpus[gpu]);
}

static void open_first(struct first *f)
{
    static const char *const nodes[] = {"n1", "n1", "n2", "n3"};

    *f = (struct first){.options = {.run_id = "r-1", .margin_ms = 5000}};
    lab_open(&f->lab);
    for (size_t i = 1; i < 4; i++)
        lab_node(&f->lab, nodes[i]);
    for (size_t i = 0; i < 4; i++)
        lab_gpu(&f->lab, nodes[i], 4);
    lab_node(&f->lab, "n4")->answered = false; /* what is owed may be there */
    add_vm(f, "leaves", "n1", 0);
    add_vm(f, "beside", "n1", 1);
    add_vm(f, "two", "n2", 2);
    add_vm(f, "three", "n3", 3);
}

static void leave(struct first *f)
{
    struct spec_gpu *row = lab_row(&f->lab, "swap", USE_LEAVING);

    row->match = (struct spec_match){.location = f->lab.have.gpus[0].locations[0]};
    row->leaving_by_ms = (int64_t)1 << 41;
    row->leaving_reason = "CHG1";
    lab_nodes_of(&f->lab, row, "n1");
    lab_wish(&f->lab, "leaves", VM_PARTITION);
}

/* A VM off because of us, of no group that is open. */
static void owe(struct first *f, const char *vm, const char *node, const char *waits)
{
    struct ledger_change c = {.op = LEDGER_DEBT,
                              .debt = {.vm = vm,
                                       .name = vm,
                                       .found_running = true,
                                       .phase = waits ? DEBT_STOPPED : DEBT_STUCK,
                                       .stamp_ms = WHEN_NONE,
                                       .node = node,
                                       .waits = waits}};
    struct commit commit = {.changes = &c, .change_count = 1};

    ledger_apply(&f->lab.arena, &f->lab.owed, &commit);
}

/* As if this run had opened it: a run that takes over an open group opens no other. */
static void open_moving(struct first *f, struct run *run)
{
    struct member m = {
        .kind = SUBJECT_VM, .node = "n2", .id = f->moving, .name = f->moving, .target = f->moves};
    struct ledger_change c[] = {
        {.op = LEDGER_GROUP, .group = {.id = 99, .input = "i", .members = &m, .member_count = 1}},
        {.op = LEDGER_DEBT,
         .debt = {.vm = f->moving,
                  .name = f->moving,
                  .found_running = true,
                  .phase = f->phase,
                  .stamp_ms = WHEN_NONE,
                  .node = "n2",
                  .group = 99}}};
    const struct commit commit = {.changes = c, .change_count = 2};

    ledger_apply(&f->lab.arena, &run->ledger, &commit);
    for (size_t i = 0; i < f->plan.group_count; i++)
        if (str_eq(f->plan.groups[i].members[0].id, f->moving))
            run->queue[i].id = 99;
}

/* Plans without a budget, then begins with the one in `options`. */
static const char *begin(struct first *f)
{
    static const struct permission word = {UINT32_MAX, UINT32_MAX};
    struct lab *l = &f->lab;
    struct inputs in;
    struct run *run;
    struct order o;

    lab_run(l);
    in = (struct inputs){.cluster = "lab",
                         .policy = &l->spec.policy,
                         .want = &l->want,
                         .have = &l->have,
                         .owed = &l->owed,
                         .diff = &l->diff};
    plan_build(&l->arena, &in, &f->plan);
    plan_gate(&l->arena, &in, &word, &f->plan);
    *f->opened = '\0';
    run = run_open(&l->arena, &f->plan, &l->owed, &l->have, &f->options);
    if (f->moving)
        open_moving(f, run);
    run_next(run, l->have.observed_ms, &o);
    for (size_t i = 0; o.kind == ORDER_RECORD && i < o.commit.change_count; i++) {
        const struct ledger_change *c = &o.commit.changes[i];

        if (c->op == LEDGER_DEBT) {
            size_t used = strlen(f->opened);

            snprintf(f->opened + used, sizeof f->opened - used, "%s ", c->debt.name);
        }
    }
    run_close(run);
    return f->opened;
}

/* V9, P4: where a VM is off because of us, its node is counted in a budget that somebody wrote. */
static void test_a_waiting_node_is_counted(void **state)
{
    static const char *const why[] = {"swap", NULL};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (uint32_t most = 0; most <= 3; most++) {
            struct first f;

            open_first(&f);
            owe(&f, "elsewhere", "n1", why[i]);
            lab_wish(&f.lab, "two", VM_NONE);
            lab_wish(&f.lab, "three", VM_NONE);
            f.options.max_nodes = most;
            f.options.max_vms = 9;
            begin(&f);
            /* no budget of nodes: one node at a time, and nobody is at work */
            assert_string_equal(f.opened, most == 1 ? "" : most == 3 ? "three two " : "three ");
            lab_close(&f.lab);
        }
}

/* P5: a Policy bounds the one group of a spec without budgets, and lets no second one beside it. */
static void test_a_ceiling_is_no_budget(void **state)
{
    (void)state;
    for (uint32_t most = 0; most <= 2; most++) {
        struct first f;

        open_first(&f);
        lab_wish(&f.lab, "two", VM_NONE);
        lab_wish(&f.lab, "three", VM_NONE);
        f.options.one_group = true;
        f.options.max_vms = most ? 9 : 0;
        f.options.max_nodes = most;
        assert_string_equal(begin(&f), "three ");
        lab_close(&f.lab);
    }
}

/* P4: more work where a VM is off already disturbs no further node. */
static void test_the_waiting_node_goes_on(void **state)
{
    struct first f;

    (void)state;
    open_first(&f);
    owe(&f, "elsewhere", "n1", "swap");
    owe(&f, "and-there", "N2", "swap");
    lab_wish(&f.lab, "beside", VM_NONE);
    lab_wish(&f.lab, "three", VM_NONE);
    f.options.max_nodes = 1; /* it was 2 when they were stopped */
    assert_string_equal(begin(&f), "beside ");
    lab_close(&f.lab);
}

/* P4: a budget of as many nodes as a cluster can have is counted to its end. */
static void test_many_nodes_are_counted(void **state)
{
    enum { NODES = 100 };

    (void)state;
    for (uint32_t most = NODES; most <= NODES + 1; most++) {
        struct first f;

        open_first(&f);
        for (int i = 0; i < NODES; i++)
            owe(&f, arena_printf(&f.lab.arena, "vm-%d", i), arena_printf(&f.lab.arena, "far-%d", i),
                "swap");
        lab_wish(&f.lab, "two", VM_NONE);
        f.options.max_nodes = most;
        assert_string_equal(begin(&f), most == NODES ? "" : "two ");
        lab_close(&f.lab);
    }
}

/* V9: what stays off is stopped after what comes back, or that would find no room any more. */
static void test_what_stays_off_comes_last(void **state)
{
    (void)state;
    for (uint32_t most = 0; most <= 4; most += 4) {
        struct first f;

        open_first(&f);
        leave(&f);
        lab_wish(&f.lab, "two", VM_NONE);
        f.options.max_vms = most;
        f.options.max_nodes = most;
        begin(&f);
        assert_string_equal(f.opened, "two ");
        lab_close(&f.lab);
    }
}

/* P4: who is off because of us already needs no second place, and does need the one it has. */
static void test_who_is_owed_is_counted_once(void **state)
{
    (void)state;
    for (uint32_t most = 1; most <= 2; most++) {
        struct first f;
        struct vm *vm;

        open_first(&f);
        f.lab.have.nodes[3].answered = true;
        vm = lab_vm(&f.lab, "owed", "n1");
        lab_adapter(&f.lab, vm, NULL); /* could land on the GPU whose count changes (C4) */
        lab_debt(&f.lab, vm->id, DEBT_STUCK);
        lab_count(&f.lab, "a2", 2)->match.location = f.lab.have.gpus[0].locations[0];
        lab_nodes_of(&f.lab, &f.lab.spec.gpus[0], "n1");
        lab_wish(&f.lab, "leaves", VM_PARTITION);
        lab_wish(&f.lab, "owed", VM_PARTITION);
        f.lab.spec.policy.max_vms = f.options.max_vms = most;
        begin(&f);
        /* with room for one it is started by itself, and the count is refused with its number */
        assert_string_equal(f.opened, most == 1 ? "owed " : "leaves owed ");
        assert_int_equal(f.plan.groups[0].gate, most == 1 ? GATE_BLOCKED : GATE_RUNS);
        assert_int_equal(f.plan.groups[0].reason, most == 1 ? REASON_BUDGET : REASON_NONE);
        lab_close(&f.lab);
    }
}

/*
 * P4: a start that is owed needs no budget.  A group with such a VM that may
 * find no room, because another one is owed too, waits; each is started by itself.
 */
static void test_who_is_owed_is_not_left_to_the_budget(void **state)
{
    (void)state;
    for (uint32_t most = 2; most <= 3; most++) {
        struct first f;

        open_first(&f);
        f.lab.have.nodes[3].answered = true;
        for (int i = 0; i < 2; i++) {
            struct vm *vm = lab_vm(&f.lab, i ? "other" : "owed", i ? "n2" : "n1");

            lab_adapter(&f.lab, vm, NULL);
            lab_debt(&f.lab, vm->id, DEBT_STUCK);
        }
        lab_count(&f.lab, "a2", 2)->match.location = f.lab.have.gpus[0].locations[0];
        lab_nodes_of(&f.lab, &f.lab.spec.gpus[0], "n1");
        lab_wish(&f.lab, "leaves", VM_PARTITION);
        lab_wish(&f.lab, "owed", VM_PARTITION);
        f.lab.spec.policy.max_vms = f.options.max_vms = most;
        begin(&f);
        assert_string_equal(f.opened, most == 2 ? "other owed " : "leaves owed other ");
        assert_int_equal(f.plan.groups[0].gate, most == 2 ? GATE_HELD : GATE_RUNS);
        assert_int_equal(f.plan.groups[0].reason, most == 2 ? REASON_OWED_FIRST : REASON_NONE);
        lab_close(&f.lab);
    }
}

/* The same of a budget of nodes: the group is on another node than the debts are known from. */
static void test_who_is_owed_is_not_left_to_the_nodes(void **state)
{
    (void)state;
    for (uint32_t most = 2; most <= 3; most++) {
        struct first f;

        open_first(&f);
        f.lab.have.nodes[3].answered = true;
        for (int i = 0; i < 2; i++) {
            struct vm *vm = lab_vm(&f.lab, i ? "other" : "owed", i ? "n2" : "n1");

            lab_adapter(&f.lab, vm, NULL);
            owe(&f, vm->id, i ? "n2" : "n3", NULL); /* somebody moved the first one since */
        }
        lab_count(&f.lab, "a2", 2)->match.location = f.lab.have.gpus[0].locations[0];
        lab_nodes_of(&f.lab, &f.lab.spec.gpus[0], "n1");
        lab_wish(&f.lab, "leaves", VM_PARTITION);
        lab_wish(&f.lab, "owed", VM_PARTITION);
        f.lab.spec.policy.max_nodes = f.options.max_nodes = most;
        begin(&f);
        assert_int_equal(f.plan.groups[0].gate, most == 2 ? GATE_HELD : GATE_RUNS);
        assert_int_equal(f.plan.groups[0].reason, most == 2 ? REASON_OWED_FIRST : REASON_NONE);
        lab_close(&f.lab);
    }
}

/* What is open of a live move that broke, or did not, and of one that was never to be live. */
static void moving(struct first *f, const char *vm, bool live, enum debt_phase phase)
{
    f->moving = vm;
    f->moves = (struct image){.fields = IMAGE_NODE, .node = "n3", .live = live};
    f->phase = phase;
}

/* P4: a live move needs no budget, and where one broke, its VM uses the budget while it is off. */
static void test_a_live_move_that_broke_is_counted(void **state)
{
    static const struct {
        enum debt_phase phase;
        bool live, off;
    } rows[] = {{DEBT_STOPPING, true, false}, {DEBT_STOPPED, true, true},
                {DEBT_STARTING, true, true},  {DEBT_STUCK, true, true},
                {DEBT_PAID, true, false},     {DEBT_STOPPED, false, false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t most = 1; most <= 2; most++) {
            struct first f;

            open_first(&f);
            lab_wish(&f.lab, "three", VM_NONE);
            moving(&f, "elsewhere", rows[i].live, rows[i].phase);
            f.options.max_vms = most;
            f.options.max_nodes = 9;
            begin(&f);
            assert_string_equal(f.opened, rows[i].off && most == 1 ? "" : "three ");
            lab_close(&f.lab);
        }
}

/* P4: so does its node; beyond the budget nothing is begun, not even there. */
static void test_a_live_move_that_broke_disturbs_its_node(void **state)
{
    (void)state;
    for (uint32_t most = 1; most <= 2; most++)
        for (int beside = 0; beside < 2; beside++) {
            struct first f;

            open_first(&f);
            lab_wish(&f.lab, "two", VM_NONE); /* on the node of the one that broke */
            moving(&f, "elsewhere", true, DEBT_STOPPED);
            if (beside)
                owe(&f, "and-there", "n1", "swap");
            f.options.max_nodes = most;
            f.options.max_vms = 9;
            begin(&f);
            assert_string_equal(f.opened, beside && most == 1 ? "" : "two ");
            lab_close(&f.lab);
        }
}

/* V9: it gives back what it uses: a VM that stays off is not stopped before that. */
static void test_what_stays_off_waits_for_what_broke(void **state)
{
    static const enum debt_phase phases[] = {DEBT_STOPPING, DEBT_STOPPED};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct first f;
        struct vm *vm;

        open_first(&f);
        leave(&f);
        vm = lab_vm(&f.lab, "goes", "n2");
        vm->power = POWER_RUNNING;
        vm->role.vm = RES_ONLINE;
        vm->role.offline_action = NUM(OFFLINE_SAVE); /* raised without a stop (S1) */
        lab_adapter(&f.lab, vm, &f.lab.have.gpus[2]);
        lab_wish(&f.lab, "goes", VM_PARTITION);
        moving(&f, vm->id, true, phases[i]);
        f.options.max_vms = f.options.max_nodes = 9;
        begin(&f);
        assert_string_equal(f.opened, i ? "" : "leaves ");
        lab_close(&f.lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_waiting_node_is_counted),
        cmocka_unit_test(test_a_ceiling_is_no_budget),
        cmocka_unit_test(test_the_waiting_node_goes_on),
        cmocka_unit_test(test_many_nodes_are_counted),
        cmocka_unit_test(test_what_stays_off_comes_last),
        cmocka_unit_test(test_who_is_owed_is_counted_once),
        cmocka_unit_test(test_who_is_owed_is_not_left_to_the_budget),
        cmocka_unit_test(test_who_is_owed_is_not_left_to_the_nodes),
        cmocka_unit_test(test_a_live_move_that_broke_is_counted),
        cmocka_unit_test(test_a_live_move_that_broke_disturbs_its_node),
        cmocka_unit_test(test_what_stays_off_waits_for_what_broke),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
