/* A node that shall be empty is emptied whole or not at all (M8), also by what the gate refuses. */
#include "build.h"
#include "plan/plan.h"

#include <stdio.h>

/*
 * Four cards each shall have 4 partitions.  n1 shall be empty: `holds` has a partition there and
 * `gets` gets one; its card and that of n3, with `third` and `other`, have 2.  On n2 there is room.
 */
struct drain {
    struct lab lab;
    struct plan plan;
    struct permission word;
};

static struct vm *add_vm(struct drain *d, const char *name, const char *node, int gpu)
{
    struct vm *vm = lab_vm(&d->lab, name, node);

    vm->power = POWER_RUNNING;
    vm->role.vm = RES_ONLINE;
    if (gpu >= 0)
        lab_adapter(&d->lab, vm, &d->lab.have.gpus[gpu]);
    return vm;
}

static struct spec_vm *wish(struct drain *d, const char *name, enum vm_use use)
{
    struct spec_vm *row = lab_wish(&d->lab, name, use);

    row->wish->move = true;
    return row;
}

static void open_drain(struct drain *d)
{
    static const char *const nodes[] = {"n1", "n2", "n2", "n3"};

    *d = (struct drain){.word = {UINT32_MAX, UINT32_MAX}};
    lab_open(&d->lab);
    lab_node(&d->lab, "n1");
    lab_node(&d->lab, "n2");
    lab_node(&d->lab, "n3");
    for (int i = 0; i < 4; i++)
        lab_gpu(&d->lab, nodes[i], i == 0 || i == 3 ? 2 : 4);
    lab_count(&d->lab, "a2", 4);
    lab_declare_node(&d->lab, "n1");
    lab_declare_node(&d->lab, "n2");
    lab_declare_node(&d->lab, "n3");
    d->lab.spec.drained_at = arena_array(&d->lab.arena, struct span, 3);
    d->lab.spec.drained_at[0] = lab_at(&d->lab);
    add_vm(d, "holds", "n1", 0);
    add_vm(d, "gets", "n1", -1);
    add_vm(d, "third", "n3", 3);
    add_vm(d, "other", "n3", 3);
    wish(d, "gets", VM_PARTITION);
    wish(d, "third", VM_PARTITION);
}

static const struct plan_group *group_of(const struct drain *d, const char *name)
{
    for (size_t g = 0; g < d->plan.group_count; g++)
        for (size_t i = 0; i < d->plan.groups[g].member_count; i++)
            if (str_eq(d->plan.groups[g].members[i].name, name))
                return &d->plan.groups[g];
    return NULL;
}

/* Who moves, each with a blank behind it; and "counts" when n3 gets its own. */
static const char *moves(struct drain *d)
{
    struct lab *l = &d->lab;
    struct inputs in;
    struct text t;

    lab_run(l);
    in = (struct inputs){.cluster = "lab",
                         .policy = &l->spec.policy,
                         .want = &l->want,
                         .have = &l->have,
                         .owed = &l->owed,
                         .diff = &l->diff};
    plan_build(&l->arena, &in, &d->plan);
    plan_gate(&l->arena, &in, &d->word, &d->plan);
    text_init(&t, &l->arena);
    for (size_t v = 0; v < l->have.vm_count; v++) {
        const struct plan_group *g = group_of(d, l->have.vms[v].name);

        if (g && g->gate == GATE_RUNS && l->diff.vm_node[v] != l->have.vms[v].node)
            text_printf(&t, "%s ", l->have.vms[v].name);
    }
    for (size_t g = 0; g < d->plan.group_count; g++)
        for (size_t i = 0; i < d->plan.groups[g].member_count; i++)
            if (d->plan.groups[g].gate == GATE_RUNS &&
                d->plan.groups[g].members[i].kind == SUBJECT_GPU &&
                str_same(d->plan.groups[g].members[i].node, "n3"))
                text_add(&t, "counts");
    return text_done(&t);
}

enum other { NO_ROW, DECLARED };

/* C3: who is in a count that cannot change keeps the others, whatever refuses the count elsewhere.
 */
static void test_counts_hold_a_drain(void **state)
{
    static const struct {
        enum other other;
        uint32_t most; /* VMs off at once; two for n3 */
        enum vm_use use;
        bool apart; /* counts of their own: partial, and warned about */
        const char *moves;
    } rows[] = {
        {DECLARED, 0, VM_PARTITION, false, "gets holds counts"},
        {NO_ROW, 0, VM_PARTITION, false, ""},
        {DECLARED, 1, VM_PARTITION, false, ""},
        {DECLARED, 2, VM_PARTITION, false, "gets holds counts"},
        {NO_ROW, 0, VM_PARTITION, true, "gets holds "},
        {NO_ROW, 0, VM_NONE, false, ""}, /* it would only let go */
        {NO_ROW, 0, VM_NONE, true, "gets "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct drain d;

        open_drain(&d);
        wish(&d, "holds", rows[i].use);
        if (rows[i].other == DECLARED)
            wish(&d, "other", VM_PARTITION);
        d.lab.spec.policy.max_vms = rows[i].most;
        d.lab.spec.policy.partial = rows[i].apart;
        d.lab.spec.policy.homogeneous = rows[i].apart ? HOMOGENEOUS_WARN : HOMOGENEOUS_DEFAULT;
        assert_string_equal(moves(&d), rows[i].moves);
        if (!*rows[i].moves)
            assert_int_equal(group_of(&d, "gets")->reason, REASON_DRAIN_BLOCKED);
        lab_close(&d.lab);
    }
}

/* P4, W6: what its own group waits for, or was put back, keeps nobody else. */
static void test_what_waits_keeps_nobody(void **state)
{
    (void)state;
    for (int parked = 0; parked < 2; parked++) {
        struct drain d;
        struct ledger_change c = {.op = LEDGER_PARKED};
        const struct commit commit = {.changes = &c, .change_count = 1};

        open_drain(&d);
        wish(&d, "holds", VM_PARTITION);
        wish(&d, "other", VM_PARTITION);
        if (!parked) { /* two of n1 must be off together, one may be */
            add_vm(&d, "more", "n1", 0);
            wish(&d, "more", VM_PARTITION);
            d.lab.spec.policy.max_vms = 1;
        } else {
            assert_string_equal(moves(&d), "gets holds counts");
            c.parked = (struct parked){group_of(&d, "holds")->input, "it failed", 1};
            ledger_apply(&d.lab.arena, &d.lab.owed, &commit);
        }
        assert_string_equal(moves(&d), "gets ");
        lab_close(&d.lab);
    }
}

/*
 * All partitions of n2 are taken; two of its VMs let go, and one who should is paused.  Whoever
 * gains one there waits for all three (V3): `gets` by its move, and so nobody leaves n1.
 */
static void test_what_comes_before_holds_a_drain(void **state)
{
    (void)state;
    for (int paused = 0; paused < 2; paused++) {
        struct drain d;

        open_drain(&d);
        wish(&d, "holds", VM_PARTITION);
        wish(&d, "other", VM_PARTITION);
        for (int i = 0; i < 8; i++) {
            const char *name = arena_printf(&d.lab.arena, "full-%d", i);
            struct vm *vm = add_vm(&d, name, "n2", 1 + i / 4);

            if (i == 0 && paused)
                vm->power = POWER_PAUSED;
            wish(&d, name, i < 3 ? VM_NONE : VM_PARTITION);
        }
        assert_string_equal(moves(&d), paused ? "" : "gets holds counts");
        lab_close(&d.lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_hold_a_drain),
        cmocka_unit_test(test_what_waits_keeps_nobody),
        cmocka_unit_test(test_what_comes_before_holds_a_drain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
