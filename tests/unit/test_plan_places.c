/* What keeps a VM off: ghosts (V8), GPUs that leave (V9), and what is owed beside them. */
#include "build.h"
#include "plan/plan.h"
#include "report/report.h"

struct places {
    struct lab lab;
    struct plan plan;
    struct permission word;
};

static void open_places(struct places *p)
{
    *p = (struct places){.word = {UINT32_MAX, UINT32_MAX}};
    lab_open(&p->lab);
    lab_node(&p->lab, "n1");
    lab_node(&p->lab, "n2");
}

static void make_plan(struct places *p)
{
    struct lab *l = &p->lab;
    struct inputs in;

    lab_run(l);
    in = (struct inputs){.cluster = "lab",
                         .policy = &l->spec.policy,
                         .want = &l->want,
                         .have = &l->have,
                         .owed = &l->owed,
                         .diff = &l->diff};
    plan_build(&l->arena, &in, &p->plan);
    plan_gate(&l->arena, &in, &p->word, &p->plan);
}

static size_t running_steps(const struct places *p, enum verb verb, const char *vm)
{
    size_t n = 0;

    for (size_t g = 0; g < p->plan.group_count; g++)
        for (size_t i = 0; i < p->plan.groups[g].step_count; i++) {
            const struct step *s = &p->plan.groups[g].steps[i];

            n += p->plan.groups[g].gate == GATE_RUNS && s->action.verb == verb &&
                 str_eq(s->name, vm);
        }
    return n;
}

/* V8: no start, no attempt to remove, nothing added; another VM that is owed is started. */
static void test_owed_ghost_is_not_started(void **state)
{
    static const bool declared[] = {true, false};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct places p;
        struct vm *ghost, *other;

        open_places(&p);
        lab_gpu(&p.lab, "n1", 4);
        lab_count(&p.lab, "a2", 4);
        ghost = lab_vm(&p.lab, "ghost", "n1");
        lab_adapter(&p.lab, ghost, NULL)->pin = "PCI\\GONE\\1";
        other = lab_vm(&p.lab, "other", "n1");
        lab_adapter(&p.lab, other, NULL);
        if (declared[i])
            lab_wish(&p.lab, "ghost", VM_PARTITION);
        lab_wish(&p.lab, "other", VM_PARTITION);
        lab_debt(&p.lab, ghost->id, DEBT_STOPPED);
        lab_debt(&p.lab, other->id, DEBT_STOPPED);
        make_plan(&p);
        assert_int_equal(running_steps(&p, VERB_VM_START, "ghost"), 0);
        assert_int_equal(running_steps(&p, VERB_ADAPTER_REMOVE, "ghost"), 0);
        assert_int_equal(running_steps(&p, VERB_ADAPTER_ADD, "ghost"), 0);
        assert_int_equal(running_steps(&p, VERB_VM_START, "other"), 1);
        assert_int_equal(plan_debts_due(&p.plan), 1);
        assert_int_equal(lab_says(&p.lab, REASON_BY_HAND_GHOST, NULL), declared[i]);
        lab_close(&p.lab);
    }
}

/* V8: an adapter with no pin only floats; its VM is started. */
static void test_floating_is_started(void **state)
{
    struct places p;
    struct vm *vm;

    (void)state;
    open_places(&p);
    lab_gpu(&p.lab, "n1", 4);
    lab_count(&p.lab, "a2", 4);
    vm = lab_vm(&p.lab, "app", "n1");
    lab_adapter(&p.lab, vm, NULL)->seen = "PCI\\GONE\\1";
    lab_wish(&p.lab, "app", VM_PARTITION)->wish->power = POWER_WISH_RUNNING;
    make_plan(&p);
    assert_int_equal(running_steps(&p, VERB_VM_START, "app"), 1);
    assert_int_equal(lab_says(&p.lab, REASON_NOTE_FLOATING, NULL), 1);
    lab_close(&p.lab);
}

/* ---- V9 ---- */

#define BY_MS ((int64_t)1795564800000) /* 2026-11-24T16:00:00Z */
#define DAY   ((int64_t)24 * 60 * 60 * 1000)

/* n1 with two cards, the first of them leaving; n2 with one. */
static struct spec_gpu *open_swap(struct places *p)
{
    struct spec_gpu *row;

    open_places(p);
    lab_gpu(&p->lab, "n1", 4);
    lab_gpu(&p->lab, "n1", 4);
    lab_gpu(&p->lab, "n2", 4);
    p->lab.have.observed_ms = BY_MS - 30 * DAY;
    row = lab_row(&p->lab, "swap", USE_LEAVING);
    row->match = (struct spec_match){.location = p->lab.have.gpus[0].locations[0]};
    row->leaving_by_ms = BY_MS;
    row->leaving_reason = "CHG1";
    lab_nodes_of(&p->lab, row, "n1");
    return row;
}

static struct vm *add_vm(struct places *p, const char *name, bool runs, int seen)
{
    struct vm *vm = lab_vm(&p->lab, name, "n1");

    vm->power = runs ? POWER_RUNNING : POWER_OFF;
    vm->role.vm = runs ? RES_ONLINE : RES_OFFLINE;
    if (seen > -2)
        lab_adapter(&p->lab, vm, seen < 0 ? NULL : &p->lab.have.gpus[seen]);
    return vm;
}

static void run_wish(struct places *p, const char *name)
{
    lab_wish(&p->lab, name, VM_PARTITION)->wish->power = POWER_WISH_RUNNING;
}

static void waiting_debt(struct places *p, const struct vm *vm)
{
    struct ledger_change c = {.op = LEDGER_DEBT,
                              .debt = {.vm = vm->id,
                                       .name = vm->name,
                                       .found_running = true,
                                       .phase = DEBT_STOPPED,
                                       .stamp_ms = WHEN_NONE,
                                       .node = p->lab.have.nodes[vm->node].name,
                                       .waits = "swap"}};
    struct commit commit = {.changes = &c, .change_count = 1};

    ledger_apply(&p->lab.arena, &p->lab.owed, &commit);
}

static const struct plan_change *change_of(const struct places *p, enum field field, const char *vm)
{
    for (size_t i = 0; i < p->plan.change_count; i++)
        if (p->plan.changes[i].change.field == field && str_eq(p->plan.changes[i].name, vm))
            return &p->plan.changes[i];
    return NULL;
}

/* It lets go and stays off; who is on the other card stays; who could land there waits. */
static void test_leaving_lets_go_and_holds(void **state)
{
    struct places p;

    (void)state;
    open_swap(&p);
    add_vm(&p, "on", true, 0);
    add_vm(&p, "beside", true, 1);
    add_vm(&p, "new", false, -2);
    add_vm(&p, "floating", false, -1);
    add_vm(&p, "pinned", false, -1)->adapters[0].pin = p.lab.have.gpus[0].path;
    run_wish(&p, "on");
    run_wish(&p, "beside");
    lab_wish(&p.lab, "new", VM_PARTITION);
    run_wish(&p, "floating");
    lab_wish(&p.lab, "pinned", VM_PARTITION);
    make_plan(&p);
    assert_int_equal(running_steps(&p, VERB_VM_STOP, "on"), 1);
    assert_int_equal(running_steps(&p, VERB_ADAPTER_REMOVE, "on"), 1);
    assert_int_equal(running_steps(&p, VERB_VM_START, "on"), 0);
    assert_int_equal(running_steps(&p, VERB_VM_STOP, "beside"), 0);
    assert_int_equal(running_steps(&p, VERB_ADAPTER_REMOVE, "pinned"), 1);
    assert_int_equal(change_of(&p, FIELD_VM_GPU, "new")->reason, REASON_LEAVING);
    assert_int_equal(change_of(&p, FIELD_VM_POWER, "floating")->reason, REASON_LEAVING);
    assert_int_equal(p.plan.leaving_count, 1);
    assert_int_equal(p.plan.leaving[0].on_count, 2);
    assert_int_equal(p.plan.leaving[0].near_count, 2);
    lab_close(&p.lab);
}

/* A VM beside it is not restarted for anything: it could come up on the card. */
static void test_leaving_holds_restarts(void **state)
{
    struct places p;
    struct vm *vm;

    (void)state;
    open_swap(&p);
    vm = add_vm(&p, "beside", true, 1);
    vm->settings.dynamic_memory = TRI_YES;
    lab_wish(&p.lab, "beside", VM_PARTITION);
    make_plan(&p);
    assert_int_equal(change_of(&p, FIELD_VM_MEMORY, "beside")->reason, REASON_LEAVING);
    assert_int_equal(running_steps(&p, VERB_VM_STOP, "beside"), 0);
    lab_close(&p.lab);
}

/* Absence alone proves nothing; the end of the event does, and so does the row's deletion. */
static void test_leaving_ends_when_said(void **state)
{
    enum { GONE, OVER, OVER_BEFORE, DELETED, CASES };

    (void)state;
    for (int i = 0; i < CASES; i++) {
        struct places p;
        struct ledger_change c = {.op = LEDGER_EVENT,
                                  .event = {"swap", i == OVER ? BY_MS : BY_MS - DAY, 1, 2}};
        struct commit commit = {.changes = &c, .change_count = 1};
        struct vm *vm;

        open_swap(&p);
        vm = add_vm(&p, "on", false, -2);
        run_wish(&p, "on");
        waiting_debt(&p, vm);
        if (i == GONE)
            memmove(&p.lab.have.gpus[0], &p.lab.have.gpus[1],
                    --p.lab.have.gpu_count * sizeof *p.lab.have.gpus);
        if (i == OVER || i == OVER_BEFORE)
            ledger_apply(&p.lab.arena, &p.lab.owed, &commit);
        if (i == DELETED)
            p.lab.spec.gpu_count = 0;
        make_plan(&p);
        assert_int_equal(running_steps(&p, VERB_VM_START, "on"), i == OVER || i == DELETED);
        assert_int_equal(running_steps(&p, VERB_ADAPTER_ADD, "on"), i == OVER || i == DELETED);
        assert_int_equal(plan_debts_due(&p.plan), i == OVER || i == DELETED);
        assert_int_equal(lab_says(&p.lab, REASON_NO_MATCH, NULL), 0);
        assert_int_equal(lab_says(&p.lab, REASON_NOTE_EVENT_OVER, NULL), i == OVER);
        lab_close(&p.lab);
    }
}

/* P7: a row that is only watched stops nobody, and a VM that is only watched is not stopped. */
static void test_leaving_watched_stops_nobody(void **state)
{
    (void)state;
    for (int row = 0; row < 2; row++) {
        struct places p;
        struct spec_gpu *swap = open_swap(&p);
        struct spec_vm *wish;

        add_vm(&p, "on", true, 0);
        wish = lab_wish(&p.lab, "on", VM_PARTITION);
        if (row) {
            swap->manage = MANAGE_DETECT;
        } else {
            wish->wish->manage.of[PART_VMS] = MANAGE_DETECT;
            wish->wish->use = VM_AS_FOUND; /* what is left of it (decision 023) */
        }
        make_plan(&p);
        assert_int_equal(running_steps(&p, VERB_VM_STOP, "on"), 0);
        assert_int_equal(p.plan.leaving[0].on_count, 1);
        assert_int_equal(lab_says(&p.lab, REASON_HOLDER_BLOCKED, NULL), !row);
        lab_close(&p.lab);
    }
}

/* E5: the wider row's perNode does not miss the card that is announced to go, and only that. */
static void test_leaving_is_not_missed(void **state)
{
    (void)state;
    for (int gone = 0; gone < 2; gone++) {
        struct places p;
        struct spec_gpu *narrow = open_swap(&p), *wide;
        struct state *have = &p.lab.have;

        wide = lab_count(&p.lab, "a2", 4);
        lab_nodes_of(&p.lab, wide, "n1");
        wide->per_node = (struct spec_num){2, lab_at(&p.lab)};
        wide->stood_in_for = true;
        narrow->instead_of = wide;
        memmove(&have->gpus[gone], &have->gpus[gone + 1],
                (--have->gpu_count - (size_t)gone) * sizeof *have->gpus);
        make_plan(&p);
        assert_int_equal(lab_says(&p.lab, REASON_PER_NODE, NULL), 0);
        narrow->use = USE_HOST;
        make_plan(&p);
        assert_int_equal(lab_says(&p.lab, REASON_PER_NODE, NULL), 1);
        lab_close(&p.lab);
    }
}

/* No start is paid, of whomever, that could end on the card. */
static void test_leaving_keeps_debts(void **state)
{
    static const enum vm_use wishes[] = {VM_AS_FOUND, VM_PARTITION};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct places p;
        struct vm *vm;

        open_swap(&p);
        vm = add_vm(&p, "owed", false, -1);
        if (i < 2)
            lab_wish(&p.lab, "owed", wishes[i]);
        lab_debt(&p.lab, vm->id, DEBT_STOPPED);
        make_plan(&p);
        assert_int_equal(running_steps(&p, VERB_VM_START, "owed"), 0);
        assert_int_equal(change_of(&p, FIELD_VM_OWED, "owed")->reason, REASON_LEAVING);
        assert_int_equal(exit_of_plan(&p.plan), EXIT_HELD);
        lab_close(&p.lab);
    }
}

/* What stands in the way, and what is said days before. */
static void test_leaving_says_what_is_in_the_way(void **state)
{
    struct places p;

    (void)state;
    open_swap(&p);
    p.lab.have.observed_ms = BY_MS - 4 * DAY;
    add_vm(&p, "found", true, 0);
    add_vm(&p, "strange", true, 0);
    lab_wish(&p.lab, "found", VM_AS_FOUND);
    make_plan(&p);
    assert_int_equal(lab_says(&p.lab, REASON_LEAVING_AS_FOUND, NULL), 1);
    assert_int_equal(lab_says(&p.lab, REASON_HOLDER, NULL), 1);
    assert_int_equal(lab_says(&p.lab, REASON_WARN_LATE, NULL), 1);
    assert_int_equal(lab_says(&p.lab, REASON_BY_HAND_SWAP, NULL), 1);
    assert_int_equal(p.plan.totals.run_steps, 0);
    lab_close(&p.lab);
    open_swap(&p);
    p.lab.have.observed_ms = BY_MS - 4 * DAY - 1;
    add_vm(&p, "found", true, 0);
    lab_wish(&p.lab, "found", VM_AS_FOUND);
    make_plan(&p);
    assert_int_equal(lab_says(&p.lab, REASON_WARN_LATE, NULL), 0);
    lab_close(&p.lab);
}

/* P4: they are all off in the end, those of another run included. */
static void test_leaving_needs_its_budget(void **state)
{
    (void)state;
    for (uint32_t most = 1; most <= 4; most++) {
        struct places p;

        open_swap(&p);
        p.lab.spec.policy.max_vms = most;
        waiting_debt(&p, add_vm(&p, "off", false, -2));
        add_vm(&p, "one", true, 0);
        add_vm(&p, "two", true, 0);
        lab_wish(&p.lab, "off", VM_PARTITION);
        lab_wish(&p.lab, "one", VM_PARTITION);
        lab_wish(&p.lab, "two", VM_PARTITION);
        make_plan(&p);
        assert_int_equal(running_steps(&p, VERB_VM_STOP, "one"), most >= 3);
        assert_int_equal(change_of(&p, FIELD_VM_GPU, "two")->reason,
                         most >= 3 ? REASON_NONE : REASON_BUDGET);
        lab_close(&p.lab);
    }
}

/* P4: what stays off uses the budget: the rest is held, not tried for ever. */
static void test_leaving_uses_the_budget(void **state)
{
    struct places p;
    struct vm *other;

    (void)state;
    open_swap(&p);
    p.lab.spec.policy.max_vms = 1;
    waiting_debt(&p, add_vm(&p, "off", false, -2));
    other = lab_vm(&p.lab, "other", "n2");
    other->power = POWER_RUNNING;
    lab_adapter(&p.lab, other, &p.lab.have.gpus[2]);
    lab_wish(&p.lab, "off", VM_PARTITION);
    lab_wish(&p.lab, "other", VM_NONE);
    make_plan(&p);
    assert_int_equal(change_of(&p, FIELD_VM_GPU, "other")->reason, REASON_LEAVING);
    lab_close(&p.lab);
}

/* P4: in the end VMs are off on all of these nodes, those of another run included. */
static void test_leaving_needs_its_nodes(void **state)
{
    (void)state;
    for (uint32_t most = 0; most <= 2; most++) {
        struct places p;
        struct spec_gpu *row;
        struct vm *two;

        open_swap(&p);
        p.lab.spec.policy.max_nodes = most;
        row = lab_row(&p.lab, "swap-2", USE_LEAVING);
        row->match = (struct spec_match){.location = p.lab.have.gpus[2].locations[0]};
        row->leaving_by_ms = BY_MS;
        row->leaving_reason = "CHG2";
        lab_nodes_of(&p.lab, row, "n2");
        waiting_debt(&p, add_vm(&p, "off", false, -2));
        add_vm(&p, "one", true, 0);
        two = lab_vm(&p.lab, "two", "n2");
        two->power = POWER_RUNNING;
        lab_adapter(&p.lab, two, &p.lab.have.gpus[2]);
        lab_wish(&p.lab, "off", VM_PARTITION);
        lab_wish(&p.lab, "one", VM_PARTITION);
        lab_wish(&p.lab, "two", VM_PARTITION);
        make_plan(&p);
        assert_int_equal(running_steps(&p, VERB_VM_STOP, "one"), 1);
        assert_int_equal(running_steps(&p, VERB_VM_STOP, "two"), most != 1);
        assert_int_equal(change_of(&p, FIELD_VM_GPU, "two")->reason,
                         most == 1 ? REASON_BUDGET : REASON_NONE);
        lab_close(&p.lab);
    }
}

/* P4: the node where somebody stays off is one of those: elsewhere it is held, there it goes on. */
static void test_leaving_uses_its_node(void **state)
{
    (void)state;
    for (int over = 0; over < 2; over++)
        for (uint32_t most = 0; most <= 2; most++) {
            struct places p;
            struct vm *other;
            bool held = most == 1 && !over;

            open_swap(&p);
            p.lab.spec.policy.max_nodes = most;
            waiting_debt(&p, add_vm(&p, "off", false, -2));
            add_vm(&p, "beside", true, 1);
            other = lab_vm(&p.lab, "other", "n2");
            other->power = POWER_RUNNING;
            lab_adapter(&p.lab, other, &p.lab.have.gpus[2]);
            lab_wish(&p.lab, "off", VM_PARTITION);
            lab_wish(&p.lab, "beside", VM_NONE);
            lab_wish(&p.lab, "other", VM_NONE);
            if (over)
                p.lab.spec.gpu_count = 0; /* its row was deleted: the debt is paid in this plan */
            make_plan(&p);
            assert_int_equal(running_steps(&p, VERB_VM_START, "off"), over);
            assert_int_equal(running_steps(&p, VERB_VM_STOP, "beside"), 1);
            assert_int_equal(running_steps(&p, VERB_VM_STOP, "other"), !held);
            assert_int_equal(change_of(&p, FIELD_VM_GPU, "other")->reason,
                             held ? REASON_LEAVING : REASON_NONE);
            lab_close(&p.lab);
        }
}

/* On a host of its own it is pinned to another card, as long as one has room and the size. */
static void test_leaving_host_is_pinned(void **state)
{
    (void)state;
    for (int full = 0; full < 2; full++) {
        struct places p;
        size_t pinned = 0;

        open_swap(&p);
        lab_host(&p.lab);
        p.lab.have.node_count = 1;
        p.lab.have.gpu_count = 2;
        p.lab.have.gpus[1].count = NUM(full ? 1 : 2);
        add_vm(&p, "one", true, 0);
        add_vm(&p, "two", true, 0);
        lab_wish(&p.lab, "one", VM_PARTITION);
        lab_wish(&p.lab, "two", VM_PARTITION);
        make_plan(&p);
        for (size_t g = 0; g < p.plan.group_count; g++)
            for (size_t i = 0; i < p.plan.groups[g].step_count; i++)
                pinned += str_same(p.plan.groups[g].steps[i].action.pin, p.lab.have.gpus[1].path);
        assert_int_equal(pinned, full ? 1 : 2);
        assert_int_equal(running_steps(&p, VERB_VM_START, "one"), 1);
        assert_int_equal(running_steps(&p, VERB_VM_START, "two"), !full);
        assert_int_equal(running_steps(&p, VERB_VM_STOP, "two"), 1);
        lab_close(&p.lab);
    }
}

/* C3: an operator's number that is enough for one node only changes no count at all. */
static void test_stops_for_counts_are_all_or_nothing(void **state)
{
    (void)state;
    for (uint32_t allowed = 0; allowed < 4; allowed++) {
        bool partial = allowed == 3;
        struct places p;

        open_places(&p);
        p.word.allow_stops = partial ? 1 : allowed;
        p.lab.spec.policy.partial = partial;
        for (int i = 0; i < 2; i++) {
            const char *node = i ? "n2" : "n1", *name = i ? "b" : "a";
            struct vm *v = lab_vm(&p.lab, name, node);

            v->power = POWER_RUNNING;
            v->role.vm = RES_ONLINE;
            lab_adapter(&p.lab, v, lab_gpu(&p.lab, node, 16));
            lab_wish(&p.lab, name, VM_PARTITION);
        }
        lab_count(&p.lab, "a2", 4);
        make_plan(&p);
        assert_int_equal(p.plan.totals.run_groups, partial ? 1 : allowed == 2 ? 2 : 0);
        assert_int_equal(p.plan.totals.stops_needed, 2);
        lab_close(&p.lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stops_for_counts_are_all_or_nothing),
        cmocka_unit_test(test_owed_ghost_is_not_started),
        cmocka_unit_test(test_floating_is_started),
        cmocka_unit_test(test_leaving_lets_go_and_holds),
        cmocka_unit_test(test_leaving_holds_restarts),
        cmocka_unit_test(test_leaving_ends_when_said),
        cmocka_unit_test(test_leaving_is_not_missed),
        cmocka_unit_test(test_leaving_watched_stops_nobody),
        cmocka_unit_test(test_leaving_keeps_debts),
        cmocka_unit_test(test_leaving_says_what_is_in_the_way),
        cmocka_unit_test(test_leaving_needs_its_budget),
        cmocka_unit_test(test_leaving_uses_the_budget),
        cmocka_unit_test(test_leaving_needs_its_nodes),
        cmocka_unit_test(test_leaving_uses_its_node),
        cmocka_unit_test(test_leaving_host_is_pinned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
