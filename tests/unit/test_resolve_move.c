/* What moves are asked of this world (M8, V2, V9), before anybody looks for targets. */
#include "build.h"

#define GO_TO "hv2"

/* vdi-1 on hv1, and a row that names hv2. */
static struct spec_vm *away(struct lab *l, bool move)
{
    struct spec_vm *row;

    lab_open(l);
    lab_node(l, "hv1");
    lab_node(l, GO_TO);
    lab_gpu(l, "hv1", 4);
    lab_gpu(l, GO_TO, 4);
    lab_count(l, "a2", 4);
    lab_vm(l, "vdi-1", "hv1");
    row = lab_wish(l, "vdi-1", VM_PARTITION);
    row->node = "HV2.example.net";
    row->node_at = lab_at(l);
    row->wish->move = move;
    return row;
}

static void resolved(struct lab *l, const struct leave *leave)
{
    static const struct leave nothing;

    state_sort(&l->have, &l->arena);
    spec_resolve_rest(&l->arena, &l->spec, &l->have, &l->owed, leave ? leave : &nothing, &l->want);
}

static size_t says(const struct lab *l, enum reason reason, const struct problem **out)
{
    size_t n = 0;

    for (size_t i = 0; i < l->want.problems.count; i++)
        if (l->want.problems.rows[i].reason == reason) {
            n++;
            *out = &l->want.problems.rows[i];
        }
    return n;
}

static bool is_blocked(const struct lab *l)
{
    for (size_t i = 0; i < l->want.problems.count; i++)
        if (reason_rows[l->want.problems.rows[i].reason].class == CLASS_BLOCKED)
            return true;
    return l->want.vms[0].refused;
}

/* V2, M8: without `move` it is refused as ever, with it, it goes there. */
static void goes_where_its_row_says(void **state)
{
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    away(&l, false);
    resolved(&l, NULL);
    assert_int_equal(says(&l, REASON_WRONG_NODE, &p), 1);
    assert_string_equal(p->text, "its row says HV2.example.net, and it is on hv1");
    assert_null(p->release); /* the reason's own: move: allowed .. */
    assert_non_null(strstr(reason_rows[REASON_WRONG_NODE].release, "move: allowed"));
    assert_true(l.want.vms[0].refused);
    assert_int_equal(l.want.vms[0].goes_to, NO_INDEX);
    lab_close(&l);

    away(&l, true);
    resolved(&l, NULL);
    assert_false(is_blocked(&l));
    assert_int_equal(l.want.vms[0].goes_to, 1);
    lab_close(&l);

    away(&l, true)->node = "hv1"; /* it is there */
    resolved(&l, NULL);
    assert_false(is_blocked(&l));
    assert_int_equal(l.want.vms[0].goes_to, NO_INDEX);
    lab_close(&l);
}

/* A node that is missing, or not seen, is no place to go to. */
static void nowhere_to_go(void **state)
{
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    for (int move = 0; move < 2; move++) {
        away(&l, move)->node = "hv9";
        resolved(&l, NULL);
        assert_int_equal(says(&l, REASON_WRONG_NODE, &p), 1);
        assert_string_equal(p->text, "its row says hv9, which is no node of lab");
        assert_string_equal(p->release, "another node in its row");
        assert_true(l.want.vms[0].refused);
        assert_int_equal(l.want.vms[0].goes_to, NO_INDEX);
        lab_close(&l);
    }
    away(&l, true);
    l.have.nodes[1].answered = false;
    resolved(&l, NULL);
    assert_int_equal(says(&l, REASON_NODE_UNSEEN, &p), 2); /* the node itself, and the VM */
    assert_string_equal(p->text, "its row says hv2, which did not answer");
    assert_true(l.want.vms[0].refused);
    assert_int_equal(l.want.vms[0].goes_to, NO_INDEX);
    lab_close(&l);
}

/* D9: a fixed device ties it to its node, whatever `move` says. */
static void tied_by_a_device(void **state)
{
    const struct problem *p = NULL;
    struct spec_vm *row;
    struct lab l;

    (void)state;
    row = away(&l, true);
    row->wish->use = VM_DEVICES;
    lab_device_of(&l, row, "PCIROOT(1)#PCI(0200)#PCI(0000)");
    resolved(&l, NULL);
    assert_int_equal(says(&l, REASON_WRONG_NODE, &p), 1);
    assert_string_equal(p->release, "moving the VM, or changing its row");
    assert_int_equal(l.want.vms[0].goes_to, NO_INDEX);
    lab_close(&l);
}

/* P7, P8: where its place is left as it is, it stays, and the rest goes on. */
static void left_where_it_is(void **state)
{
    uint32_t bits[] = {1u << FIELD_VM_NODE};
    struct leave leave = {.vms = bits};
    struct lab l;

    (void)state;
    away(&l, true);
    resolved(&l, &leave);
    assert_false(is_blocked(&l));
    assert_int_equal(l.want.vms[0].goes_to, NO_INDEX);
    lab_close(&l);

    away(&l, true);
    l.have.nodes[1].answered = false;
    resolved(&l, &leave);
    assert_false(l.want.vms[0].refused);
    lab_close(&l);

    bits[0] = 1u << FIELD_VM_POWER; /* another field */
    away(&l, true);
    resolved(&l, &leave);
    assert_int_equal(l.want.vms[0].goes_to, 1);
    lab_close(&l);
}

/* M8: what it may have is judged by the GPUs of the node where it will be. */
static void judged_where_it_goes(void **state)
{
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    for (size_t bad = 0; bad < 2; bad++) { /* bad: where nothing is partitionable */
        away(&l, true);
        l.have.gpus[bad].state = GPU_PARAVIRTUAL;
        l.have.nodes[bad].iov = TRI_NO;
        l.spec.gpu_count = 0;
        resolved(&l, NULL);
        assert_int_equal(says(&l, REASON_PARAVIRTUAL, &p), bad);
        assert_int_equal(says(&l, REASON_NODE_NOT_CAPABLE, &p), bad);
        assert_int_equal(l.want.vms[0].refused, bad);
        lab_close(&l);

        away(&l, true)->wish->size_bytes = 3825205248u; /* that of 4 */
        l.have.gpus[bad].min[QUOTA_VRAM] = NUM(1);
        l.spec.gpu_count = 0;
        resolved(&l, NULL);
        assert_int_equal(says(&l, REASON_SIZE, &p), bad);
        lab_close(&l);
    }
}

/* ---- nodes that are drained ---- */

static void drain(struct lab *l, const char *name)
{
    lab_declare_node(l, "hv1");
    lab_declare_node(l, "HV2.example.net");
    l->spec.drained_at = arena_array(&l->arena, struct span, 2);
    for (size_t i = 0; i < 2; i++)
        if (str_starts_fold(l->spec.nodes[i], name))
            l->spec.drained_at[i] = lab_at(l);
}

static void drained_nodes(void **state)
{
    struct lab l;

    (void)state;
    away(&l, false)->node = NULL;
    drain(&l, "hv2");
    resolved(&l, NULL);
    assert_null(l.want.drained[0]);
    assert_ptr_equal(l.want.drained[1], &l.spec.drained_at[1]);
    lab_close(&l);

    away(&l, false)->node = NULL;
    resolved(&l, NULL);
    assert_null(l.want.drained[0]);
    assert_null(l.want.drained[1]);
    lab_close(&l);
}

/* ---- GPUs that leave (V9) ---- */

/* hv1's first card leaves; `on` sits on it, `beside` runs on the other one. */
static void swap(struct lab *l, bool moves, bool move)
{
    struct spec_gpu *row;

    lab_open(l);
    lab_node(l, "hv1");
    lab_node(l, "hv2");
    lab_gpu(l, "hv1", 4);
    lab_gpu(l, "hv1", 4);
    lab_gpu(l, "hv2", 4);
    row = lab_row(l, "swap", USE_LEAVING);
    row->match = (struct spec_match){.location = l->have.gpus[0].locations[0]};
    row->leaving_by_ms = INT64_MAX / 2;
    row->leaving_reason = "CHG1";
    row->leaving_moves = moves;
    lab_nodes_of(l, row, "hv1");
    for (int i = 0; i < 2; i++) {
        struct vm *vm = lab_vm(l, i ? "on" : "beside", "hv1");

        vm->power = POWER_RUNNING;
        lab_adapter(l, vm, &l->have.gpus[i ? 0 : 1]);
        lab_wish(l, vm->name, VM_AS_FOUND)->wish->move = move;
    }
}

/* What goes with a VM that is moved is given back by nobody. */
static void as_found_may_be_moved(void **state)
{
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    for (int i = 0; i < 4; i++) {
        bool moves = i & 1, move = i & 2;

        swap(&l, moves, move);
        resolved(&l, NULL);
        assert_int_equal(l.want.leaving_count, 1);
        assert_int_equal(l.want.leaving[0].moves, moves);
        assert_int_equal(says(&l, REASON_LEAVING_AS_FOUND, &p), !(moves && move));
        if (moves && !move)
            assert_string_equal(p->release, "gpu: partition, or move: allowed, in its row");
        assert_int_equal(l.want.vms[l.want.of_vm[1]].refused, !(moves && move));
        lab_close(&l);
    }
}

static const char *neighbours(struct lab *l)
{
    const struct problem *p = NULL;

    resolved(l, NULL);
    return says(l, REASON_WARN_NEIGHBOURS, &p) ? p->text : NULL;
}

#define BESIDE "on the same server, and to be stopped or moved before its card is pulled: beside"

/* Who stays beside the card is told the way, as far as there is one. */
static void the_way_is_named(void **state)
{
    struct lab l;

    (void)state;
    swap(&l, true, false);
    assert_string_equal(neighbours(&l), BESIDE);
    lab_close(&l);

    swap(&l, true, true);
    assert_string_equal(neighbours(&l), BESIDE "; with nodes: [{names: [hv1, hv2]}, {name: hv1, "
                                               "state: drained}] they are moved");
    lab_close(&l);

    swap(&l, true, true);
    drain(&l, "nobody");
    assert_string_equal(neighbours(&l),
                        BESIDE "; with {name: hv1, state: drained} in `nodes` they are moved");
    lab_close(&l);

    swap(&l, true, true);
    lab_protect(&l, "beside");
    assert_string_equal(neighbours(&l), BESIDE);
    lab_close(&l);

    swap(&l, true, true);
    l.spec.vms[0].wish->manage.of[PART_VMS] = MANAGE_DETECT;
    assert_string_equal(neighbours(&l), BESIDE);
    lab_close(&l);

    swap(&l, true, true);
    drain(&l, "hv1");
    assert_null(neighbours(&l));
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_where_its_row_says), cmocka_unit_test(nowhere_to_go),
        cmocka_unit_test(tied_by_a_device),        cmocka_unit_test(left_where_it_is),
        cmocka_unit_test(judged_where_it_goes),    cmocka_unit_test(drained_nodes),
        cmocka_unit_test(as_found_may_be_moved),   cmocka_unit_test(the_way_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
