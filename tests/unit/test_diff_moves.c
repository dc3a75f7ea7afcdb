/* Who goes to another node, and to which (M8), live or not (M1); room elsewhere (V2, V9). */
#include "build.h"

#include <stdio.h>

static const struct span drain_at = {"spec.yaml", 900, 1};

static struct gpu *live_gpu(struct lab *l, const char *node, uint64_t count)
{
    struct gpu *g = lab_gpu(l, node, count);

    g->incoming_migration = TRI_YES;
    return g;
}

/* A VM that runs with a partition of this GPU, declared, and may be moved. */
static struct vm *on_gpu(struct lab *l, const char *name, const char *node, const struct gpu *g)
{
    struct vm *v = lab_vm(l, name, node);

    v->power = POWER_RUNNING;
    v->role.vm = RES_ONLINE;
    lab_adapter(l, v, g)->outgoing_migration = TRI_YES;
    lab_wish(l, name, VM_PARTITION)->wish->move = true;
    return v;
}

/* Resolved, then with these nodes to be empty, compared again. */
static void run(struct lab *l, const char *const *drained)
{
    lab_run(l);
    for (size_t i = 0; drained && drained[i]; i++)
        l->want.drained[lab_index(l, drained[i])] = &drain_at;
    diff_compute(&l->arena, &l->want, &l->have, &l->owed, &l->diff);
}

/* "v1 n1>n2 live, v2 n1>n3" */
static const char *told(struct lab *l)
{
    struct text t;

    text_init(&t, &l->arena);
    for (size_t i = 0; i < l->diff.change_count; i++) {
        const struct change *c = &l->diff.changes[i];

        if (c->field == FIELD_VM_NODE)
            text_printf(&t, "%s%s %s>%s%s", t.size ? ", " : "", l->have.vms[c->vm].name, c->have,
                        c->want, c->needs_off ? "" : " live");
    }
    return text_done(&t);
}

#define EMPTY(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Three nodes with live GPUs of four; three VMs on the first, one on the second. */
static struct gpu *three_nodes(struct lab *l)
{
    struct gpu *first;

    lab_open(l);
    lab_node(l, "n1");
    lab_node(l, "n2");
    lab_node(l, "n3");
    first = live_gpu(l, "n1", 4);
    on_gpu(l, "b1", "n2", live_gpu(l, "n2", 4));
    live_gpu(l, "n3", 4);
    on_gpu(l, "a1", "n1", first);
    on_gpu(l, "a2", "n1", first);
    on_gpu(l, "a3", "n1", first);
    return first;
}

static void a_drained_node_is_emptied_live(void **state)
{
    struct lab l;

    (void)state;
    three_nodes(&l);
    run(&l, EMPTY("n1"));
    assert_string_equal(told(&l), "a1 n1>n3 live, a2 n1>n2 live, a3 n1>n3 live");
    assert_int_equal(lab_blocked(&l), 0);
    assert_int_equal(l.diff.vm_node[1], 1);
    assert_true(lab_image(&l, "a1")->live);
    assert_string_equal(lab_change(&l, FIELD_VM_NODE, "a1")->rule, "M1");
    lab_close(&l);
}

/* M1, condition by condition: each alone makes it stop, move, start. */
static void live_needs_all_of_it(void **state)
{
    (void)state;
    for (int broken = 0; broken < 9; broken++) {
        struct lab l;

        lab_open(&l);
        lab_node(&l, "n1")->build = NUM(broken == 1 ? 25398 : 26100);
        lab_node(&l, "n2")->build = broken == 2 ? NUM_UNKNOWN : NUM(26100);
        on_gpu(&l, "a1", "n1", live_gpu(&l, "n1", 4));
        live_gpu(&l, "n2", broken == 3 ? 2 : 4);
        if (broken == 4)
            l.have.gpus[1].incoming_migration = TRI_UNKNOWN;
        if (broken == 5)
            l.have.vms[0].adapters[0].outgoing_migration = TRI_UNKNOWN;
        if (broken == 6)
            l.have.gpus[1].max[QUOTA_ENCODE] = NUM(3);
        if (broken == 7)
            lab_gpu(&l, "n2", 4); /* it could land there as well */
        if (broken == 8)
            l.have.vms[0].adapters[0].seen = NULL;
        run(&l, EMPTY("n1"));
        if (broken == 3) /* a partition of another size: not even off (C5) */
            assert_string_equal(told(&l), "");
        else
            assert_string_equal(told(&l), broken ? "a1 n1>n2" : "a1 n1>n2 live");
        lab_close(&l);
    }
}

/* M1: a count that changes over there ends the shape that a live move needs. */
static void a_count_change_is_no_place_for_a_live_move(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    lab_node(&l, "n1");
    lab_node(&l, "n2");
    on_gpu(&l, "a1", "n1", live_gpu(&l, "n1", 4));
    live_gpu(&l, "n2", 4);
    lab_count(&l, "a2", 2);
    run(&l, EMPTY("n1"));
    assert_string_equal(told(&l), "a1 n1>n2");
    lab_close(&l);
}

/* P4: away live instead of off for a count; never for the price of a stop. */
static void away_from_a_count_change(void **state)
{
    (void)state;
    for (int live = 0; live < 2; live++) {
        struct lab l;

        lab_open(&l);
        lab_node(&l, "n1");
        lab_node(&l, "n2");
        on_gpu(&l, "a1", "n1", live_gpu(&l, "n1", 4));
        lab_gpu(&l, "n2", 4)->incoming_migration = live ? TRI_YES : TRI_NO;
        lab_nodes_of(&l, lab_count(&l, "one", 2), "n1");
        lab_nodes_of(&l, lab_count(&l, "two", 4), "n2");
        l.spec.policy.homogeneous = HOMOGENEOUS_WARN;
        run(&l, NULL);
        assert_string_equal(told(&l), live ? "a1 n1>n2 live" : "");
        assert_int_equal(lab_changes(&l, FIELD_GPU_COUNT), 1);
        assert_int_equal(lab_blocked(&l), 0);
        lab_close(&l);
    }
}

static void off_it_moves_while_it_is_off(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    lab_node(&l, "n1")->build = NUM(25398);
    lab_node(&l, "n2");
    on_gpu(&l, "a1", "n1", lab_gpu(&l, "n1", 4))->power = POWER_OFF;
    lab_gpu(&l, "n2", 4);
    run(&l, EMPTY("n1"));
    assert_string_equal(told(&l), "a1 n1>n2");
    lab_close(&l);
}

/* All or nobody: whatever keeps one where it is keeps the others, and is said of it. */
static void one_that_cannot_go_blocks_the_drain(void **state)
{
    static const char *const texts[] = {
        "move: never", "protected",  "no role",     "watched", "saved",
        "pinned",      "has no row", "nothing may", "fixed",   "has room",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct problem *p = NULL;
        struct lab l;
        struct vm *v;

        three_nodes(&l);
        v = &l.have.vms[2]; /* a2 */
        if (i == 0)
            l.spec.vms[2].wish->move = false;
        if (i == 1)
            lab_protect(&l, "a2");
        if (i == 2)
            v->role.clustered = false;
        if (i == 3)
            l.spec.vms[2].wish->manage.of[PART_VMS] = MANAGE_DETECT;
        if (i == 4)
            v->power = POWER_SAVED;
        if (i == 5) {
            v->adapters[0].pin = l.have.gpus[0].path;
            l.spec.vms[2].wish->use = VM_AS_FOUND;
        }
        if (i == 6)
            l.spec.vms[2] = l.spec.vms[--l.spec.vm_count];
        if (i == 7)
            v->owner = OWNER_ARC;
        if (i == 8) {
            v->adapter_count = 0;
            lab_request(&l, v, NULL, "PCIROOT(9)#PCI(0200)#PCI(0000)");
            l.spec.vms[2].wish->use = VM_AS_FOUND;
        }
        if (i == 9)
            l.have.nodes[1].state = l.have.nodes[2].state = NODE_PAUSED;
        run(&l, EMPTY("n1"));
        assert_string_equal(told(&l), "");
        assert_int_equal(lab_says(&l, REASON_DRAIN_BLOCKED, NULL), 2);
        assert_int_equal(lab_says(&l, REASON_NO_TARGET, &p), 1);
        if (!strstr(p->text, texts[i]))
            fail_msg("%zu: %s", i, p->text);
        assert_string_equal(p->subject, i == 9 ? "vm/a1" : "vm/a2");
        lab_close(&l);
    }
}

/*
 * Nobody may stop it: it goes live or blocks the drain, with the GPU that its row takes away as
 * well.  A `never` that nobody wrote yields to the operator.
 */
static void one_that_is_not_stopped_blocks_the_drain(void **state)
{
    static const struct {
        const char *moves, *says;
        bool live, none, watched, written;
    } cases[] = {
        {"", "disruption: never", false, false, false, true},
        {"", "disruption: never", false, true, false, true},
        {"", "power is only watched", false, true, true, false},
        {"a2 n1>n2 live", NULL, true, false, false, true},
        {"a2 n1>n2 live", NULL, true, false, true, false},
        {"a2 n1>n2", NULL, false, false, false, false},
        {"", NULL, false, true, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct problem *p = NULL;
        struct vm_wish *wish;
        struct lab l;

        lab_open(&l);
        lab_node(&l, "n1");
        lab_node(&l, "n2");
        on_gpu(&l, "a2", "n1", live_gpu(&l, "n1", 4));
        lab_gpu(&l, "n2", 4)->incoming_migration = cases[i].live ? TRI_YES : TRI_NO;
        wish = l.spec.vms[0].wish;
        wish->use = cases[i].none ? VM_NONE : VM_PARTITION;
        wish->disruption = DISRUPTION_NEVER;
        wish->disruption_at = cases[i].written ? drain_at : (struct span){0};
        if (cases[i].watched)
            wish->manage.of[PART_POWER] = MANAGE_DETECT;
        run(&l, EMPTY("n1"));
        assert_string_equal(told(&l), cases[i].moves);
        assert_int_equal(lab_says(&l, REASON_NO_TARGET, &p), cases[i].says != NULL);
        if (cases[i].says && !strstr(p->text, cases[i].says))
            fail_msg("%zu: %s", i, p->text);
        lab_close(&l);
    }
}

/* Two drains, room for one of them: one is done whole, the other not at all. */
static void drains_are_judged_one_by_one(void **state)
{
    struct lab l;
    struct gpu *g;

    (void)state;
    lab_open(&l);
    lab_node(&l, "n1");
    lab_node(&l, "n2");
    lab_node(&l, "n3");
    g = live_gpu(&l, "n1", 4);
    on_gpu(&l, "a1", "n1", g);
    on_gpu(&l, "a2", "n1", g);
    g = live_gpu(&l, "n2", 4);
    on_gpu(&l, "b1", "n2", g);
    on_gpu(&l, "b2", "n2", g);
    g = live_gpu(&l, "n3", 4);
    on_gpu(&l, "c1", "n3", g);
    run(&l, EMPTY("n1", "n2"));
    assert_int_equal(lab_changes(&l, FIELD_VM_NODE), 2);
    assert_int_equal(
        lab_says(&l, REASON_NO_TARGET, NULL) + lab_says(&l, REASON_DRAIN_BLOCKED, NULL), 2);
    lab_close(&l);
}

/* M8: the only other node is silent, paused, holds a row that leaves, or gives no partitions. */
static void nobody_goes_to_a_closed_node(void **state)
{
    static const char *const texts[] = {"n2 is silent", "n2 is paused",
                                        "a GPU of n2 leaves (row swap)",
                                        "IovSupport of n2 is false"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        const struct problem *p = NULL;
        struct lab l;

        lab_open(&l);
        lab_node(&l, "n1");
        lab_node(&l, "n2");
        on_gpu(&l, "a1", "n1", live_gpu(&l, "n1", 4));
        live_gpu(&l, "n2", 4);
        l.have.nodes[1].answered = i != 0;
        l.have.nodes[1].state = i == 1 ? NODE_PAUSED : NODE_UP;
        l.have.nodes[1].iov = i == 3 ? TRI_NO : TRI_YES;
        if (i == 2) {
            struct spec_gpu *row = lab_row(&l, "swap", USE_LEAVING);

            row->match.location = "PCIROOT(9)#PCI(0200)#PCI(0000)"; /* it is out already */
            lab_nodes_of(&l, row, "n2");
            row->leaving_by_ms = 1000;
            row->leaving_reason = "swap";
        }
        lab_run(&l);
        l.want.vms[0].goes_to = lab_index(&l, "n2");
        diff_compute(&l.arena, &l.want, &l.have, &l.owed, &l.diff);
        assert_string_equal(told(&l), "");
        assert_int_equal(lab_says(&l, REASON_NO_TARGET, &p), 1);
        assert_string_equal(p->text, texts[i]);
        lab_close(&l);
    }
}

/* P8: it is expected where it is. */
static void one_that_is_expected_there_stays(void **state)
{
    (void)state;
    for (int expected = 0; expected < 2; expected++) {
        struct lab l;

        lab_open(&l);
        lab_node(&l, "n1");
        lab_node(&l, "n2");
        on_gpu(&l, "a1", "n1", live_gpu(&l, "n1", 4));
        live_gpu(&l, "n2", 4);
        lab_run(&l);
        l.want.drained[0] = &drain_at;
        l.want.vms[0].left = expected ? 1u << FIELD_VM_NODE : 0;
        diff_compute(&l.arena, &l.want, &l.have, &l.owed, &l.diff);
        assert_string_equal(told(&l), expected ? "" : "a1 n1>n2 live");
        lab_close(&l);
    }
}

/* M1: on its way up it does not go live; nor where a partition is still to be given back. */
static void not_live_before_all_is_there(void **state)
{
    (void)state;
    for (int full = 0; full < 2; full++) {
        struct lab l;
        struct vm *v;

        lab_open(&l);
        lab_node(&l, "n1");
        lab_node(&l, "n2");
        v = on_gpu(&l, "a1", "n1", live_gpu(&l, "n1", 1));
        on_gpu(&l, "b1", "n2", live_gpu(&l, "n2", 1));
        l.spec.vms[1].wish->use = VM_NONE;
        if (!full) {
            l.have.vm_count = 1;
            l.spec.vm_count = 1;
            v->power = POWER_STARTING;
        }
        run(&l, EMPTY("n1"));
        assert_string_equal(told(&l), "a1 n1>n2");
        lab_close(&l);
    }
}

/* Partitions of its size that are taken over there are not free, whatever else is. */
static void taken_ones_of_its_size(void **state)
{
    (void)state;
    for (int taken = 1; taken < 3; taken++) {
        struct lab l;
        struct gpu *g;

        lab_open(&l);
        lab_node(&l, "n1");
        lab_node(&l, "n2");
        on_gpu(&l, "a1", "n1", lab_gpu(&l, "n1", 2));
        g = lab_gpu(&l, "n2", 2);
        for (int i = 0; i < taken; i++)
            on_gpu(&l, i ? "b2" : "b1", "n2", g);
        lab_gpu(&l, "n2", 4);
        run(&l, EMPTY("n1"));
        assert_string_equal(told(&l), taken == 1 ? "a1 n1>n2" : "");
        lab_close(&l);
    }
}

/* V2: what they leave behind who go is room for who stays. */
static void room_of_those_who_go(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    lab_node(&l, "n1");
    lab_node(&l, "n2");
    on_gpu(&l, "a1", "n1", live_gpu(&l, "n1", 1));
    live_gpu(&l, "n2", 1);
    lab_gpu(&l, "n2", 4);
    lab_vm(&l, "x1", "n1");
    lab_wish(&l, "x1", VM_PARTITION)->wish->move = true;
    lab_run(&l);
    l.want.vms[lab_target(&l, "a1")].goes_to = lab_index(&l, "n2");
    diff_compute(&l.arena, &l.want, &l.have, &l.owed, &l.diff);
    assert_string_equal(told(&l), "a1 n1>n2");
    lab_close(&l);
}

/* The row names the node: there or nowhere. */
static void a_row_that_names_a_node(void **state)
{
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    for (int full = 0; full < 2; full++) {
        three_nodes(&l);
        if (full)
            l.have.nodes[1].state = NODE_DRAINING;
        lab_run(&l);
        l.want.vms[lab_target(&l, "a3")].goes_to = lab_index(&l, "n2");
        diff_compute(&l.arena, &l.want, &l.have, &l.owed, &l.diff);
        assert_string_equal(told(&l), full ? "" : "a3 n1>n2 live");
        assert_int_equal(lab_says(&l, REASON_NO_TARGET, &p), full);
        lab_close(&l);
    }
}

/* V2: free partitions elsewhere count with `move: allowed`, and only for who has none at home. */
static void room_elsewhere(void **state)
{
    (void)state;
    for (int may = 0; may < 2; may++) {
        struct lab l;
        struct gpu *g;

        lab_open(&l);
        lab_node(&l, "n1");
        lab_node(&l, "n2");
        g = lab_gpu(&l, "n1", 2);
        on_gpu(&l, "a1", "n1", g);
        lab_gpu(&l, "n2", 2);
        for (int i = 0; i < 2; i++) {
            lab_vm(&l, i ? "x2" : "x1", "n1")->power = i ? POWER_RUNNING : POWER_OFF;
            lab_wish(&l, i ? "x2" : "x1", VM_PARTITION)->wish->move = may;
        }
        run(&l, NULL);
        assert_string_equal(told(&l), may ? "x2 n1>n2" : ""); /* one stop for both */
        lab_close(&l);
    }
}

/* V9: from the card, and whoever would get a partition beside it. */
static void away_from_a_card_that_leaves(void **state)
{
    struct lab l;
    struct gpu *g;
    struct spec_gpu *row;

    (void)state;
    lab_open(&l);
    lab_node(&l, "n1");
    lab_node(&l, "n2");
    g = live_gpu(&l, "n1", 4);
    on_gpu(&l, "a1", "n1", g);
    on_gpu(&l, "a2", "n1", live_gpu(&l, "n1", 4)); /* on the card that stays */
    live_gpu(&l, "n2", 4);
    lab_vm(&l, "x1", "n1");
    lab_wish(&l, "x1", VM_PARTITION)->wish->move = true;
    row = lab_row(&l, "swap", USE_LEAVING);
    row->match.location = g->locations[0];
    lab_nodes_of(&l, row, "n1");
    row->leaving_by_ms = 1000;
    row->leaving_reason = "swap";
    lab_run(&l);
    l.want.leaving[0].moves = true;
    diff_compute(&l.arena, &l.want, &l.have, &l.owed, &l.diff);
    assert_string_equal(told(&l), "a1 n1>n2 live, x1 n1>n2");
    assert_null(l.diff.vm_leaves[lab_target(&l, "a1")]);
    lab_close(&l);
}

/* V9, M8: a node that shall be empty as well: who may be moved goes, and is not stopped for days.
 */
static void a_card_that_leaves_a_drained_node(void **state)
{
    (void)state;
    for (int may = 0; may < 2; may++) {
        struct lab l;
        struct spec_gpu *row;
        const struct target_leaving *off;

        three_nodes(&l);
        row = lab_row(&l, "swap", USE_LEAVING);
        row->match.location = l.have.gpus[0].locations[0];
        lab_nodes_of(&l, row, "n1");
        row->leaving_by_ms = 1000;
        row->leaving_reason = "swap";
        l.spec.vms[1].wish->move = may; /* of a1 */
        run(&l, EMPTY("n1"));
        off = l.diff.vm_leaves[lab_target(&l, "a1")];
        assert_string_equal(told(&l), may ? "a1 n1>n3 live, a2 n1>n2 live, a3 n1>n3 live"
                                          : "a2 n1>n2 live, a3 n1>n3 live");
        assert_int_equal(off == NULL, may);
        lab_close(&l);
    }
}

/* D8: devices of a pool of the same name; a VM with one never goes live (D7). */
static void a_pool_of_the_same_name(void **state)
{
    struct lab l;
    struct vm *v;

    (void)state;
    lab_open(&l);
    for (int i = 0; i < 3; i++)
        lab_node(&l, i == 0 ? "n1" : i == 1 ? "n2" : "n3");
    lab_device(&l, "n1", "ml");
    lab_device(&l, "n2", "other");
    lab_device(&l, "n3", "ml");
    v = lab_vm(&l, "d1", "n1");
    v->power = POWER_RUNNING;
    lab_request(&l, v, "ml", NULL);
    lab_wish(&l, "d1", VM_AS_FOUND)->wish->move = true;
    run(&l, EMPTY("n1"));
    assert_string_equal(told(&l), "d1 n1>n3");
    lab_close(&l);
}

/* No other choice interrupts fewer: who can go live only there has precedence there. */
static void the_fewest_interruptions(void **state)
{
    struct lab l;
    struct gpu *g, *other;

    (void)state;
    lab_open(&l);
    for (int i = 0; i < 3; i++)
        lab_node(&l, i == 0 ? "n1" : i == 1 ? "n2" : "n3");
    g = live_gpu(&l, "n1", 4);
    other = lab_gpu(&l, "n1", 4); /* as the ones of n3: another product, no live moves */
    other->pci = "10de:9999";
    on_gpu(&l, "a1", "n1", other)->adapters[0].outgoing_migration = TRI_NO;
    on_gpu(&l, "a2", "n1", g);
    live_gpu(&l, "n2", 1);
    l.have.gpus[2].min[0] = l.have.gpus[2].max[0] = l.have.gpus[2].optimal[0] = g->optimal[0];
    lab_gpu(&l, "n3", 4);
    for (int q = 0; q < QUOTA_KINDS; q++) {
        l.have.gpus[2].min[q] = g->min[q];
        l.have.gpus[2].max[q] = g->max[q];
        l.have.gpus[2].optimal[q] = g->optimal[q];
    }
    g->count = NUM(1); /* alike with n2's, which has one place */
    l.have.gpus[2].count = NUM(1);
    run(&l, EMPTY("n1"));
    assert_string_equal(told(&l), "a1 n1>n3, a2 n1>n2 live");
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drained_node_is_emptied_live),
        cmocka_unit_test(live_needs_all_of_it),
        cmocka_unit_test(a_count_change_is_no_place_for_a_live_move),
        cmocka_unit_test(away_from_a_count_change),
        cmocka_unit_test(off_it_moves_while_it_is_off),
        cmocka_unit_test(one_that_cannot_go_blocks_the_drain),
        cmocka_unit_test(one_that_is_not_stopped_blocks_the_drain),
        cmocka_unit_test(drains_are_judged_one_by_one),
        cmocka_unit_test(a_row_that_names_a_node),
        cmocka_unit_test(nobody_goes_to_a_closed_node),
        cmocka_unit_test(one_that_is_expected_there_stays),
        cmocka_unit_test(not_live_before_all_is_there),
        cmocka_unit_test(taken_ones_of_its_size),
        cmocka_unit_test(room_of_those_who_go),
        cmocka_unit_test(room_elsewhere),
        cmocka_unit_test(away_from_a_card_that_leaves),
        cmocka_unit_test(a_card_that_leaves_a_drained_node),
        cmocka_unit_test(a_pool_of_the_same_name),
        cmocka_unit_test(the_fewest_interruptions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
