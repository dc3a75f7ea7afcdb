/* Partition counts: C1, C2, C3, C5, C6, I3, E7, and the sizes and limits of VMs. */
#include "build.h"

static void cluster(struct lab *l, uint64_t have1, uint64_t have2, uint64_t want)
{
    lab_node(l, "hv1");
    lab_node(l, "hv2");
    lab_gpu(l, "hv1", have1);
    lab_gpu(l, "hv2", have2);
    lab_count(l, "a2", want);
}

static void both_drift(struct lab *l)
{
    cluster(l, 16, 16, 4);
}

static void not_valid(struct lab *l)
{
    cluster(l, 16, 16, 3);
}

static void list_cut_off(struct lab *l)
{
    cluster(l, 16, 16, 1);
    for (size_t i = 0; i < 2; i++) {
        l->have.gpus[i].valid_count = 4;
        l->have.gpus[i].valid_complete = false;
    }
}

static void list_cut_off_shown(struct lab *l)
{
    list_cut_off(l);
    l->spec.gpus[0].count = 2;
}

static void list_cut_off_there(struct lab *l)
{
    list_cut_off(l);
    l->have.gpus[0].count = l->have.gpus[1].count = NUM(1);
}

static void one_list_cut_off(struct lab *l)
{
    list_cut_off(l);
    l->have.gpus[0].valid_count = 5;
    l->have.gpus[0].valid_complete = true;
}

static void one_fell(struct lab *l)
{
    cluster(l, 2, 4, 4);
}

static void one_rose(struct lab *l)
{
    cluster(l, 16, 4, 4);
}

static void count_unknown(struct lab *l)
{
    both_drift(l);
    l->have.gpus[0].count = NUM_UNKNOWN;
}

static void count_huge(struct lab *l)
{
    both_drift(l);
    l->have.gpus[0].count = NUM(UINT64_MAX);
}

static void current_illegal(struct lab *l)
{
    cluster(l, 3, 4, 4);
}

static void current_illegal_gains(struct lab *l)
{
    current_illegal(l);
    lab_vm(l, "vdi", "hv1");
    lab_wish(l, "vdi", VM_PARTITION);
}

static void current_illegal_undeclared(struct lab *l)
{
    cluster(l, 3, 3, 4);
    l->spec.gpus[0].use = USE_ANY;
    lab_vm(l, "vdi", "hv1");
    lab_wish(l, "vdi", VM_PARTITION);
}

/* An A16 beside the A2: the same PCI device id, other counts (I3). */
static void second_product(struct lab *l)
{
    static uint16_t a16[] = {16, 8, 4, 2};

    both_drift(l);
    l->have.gpus[1].valid = a16;
    l->have.gpus[1].valid_count = 4;
}

static void second_product_warn(struct lab *l)
{
    second_product(l);
    l->spec.policy.homogeneous = HOMOGENEOUS_WARN;
}

static void second_product_host(struct lab *l)
{
    lab_host(l);
    lab_node(l, "ws");
    lab_gpu(l, "ws", 16);
    lab_gpu(l, "ws", 16)->pci = "10de:26b9";
    lab_count(l, "all", 4);
}

static void two_counts(struct lab *l)
{
    both_drift(l);
    lab_nodes_of(l, &l->spec.gpus[0], "hv1");
    lab_nodes_of(l, lab_count(l, "other", 8), "hv2");
}

static void two_counts_warn(struct lab *l)
{
    two_counts(l);
    l->spec.policy.homogeneous = HOMOGENEOUS_WARN;
}

static void second_product_in_sync(struct lab *l)
{
    second_product(l);
    l->have.gpus[0].count = l->have.gpus[1].count = NUM(4);
}

static void two_counts_in_sync(struct lab *l)
{
    two_counts(l);
    l->have.gpus[0].count = NUM(4);
    l->have.gpus[1].count = NUM(8);
}

static void two_counts_differ_now(struct lab *l)
{
    two_counts(l);
    l->have.gpus[0].count = NUM(4);
}

static void other_vram(struct lab *l)
{
    both_drift(l);
    l->have.gpus[1].total[QUOTA_VRAM] = NUM(14000000000u);
}

static void other_vram_require(struct lab *l)
{
    other_vram(l);
    l->spec.policy.homogeneous = HOMOGENEOUS_REQUIRE;
}

static void undeclared_gpu(struct lab *l)
{
    both_drift(l);
    lab_nodes_of(l, &l->spec.gpus[0], "hv1");
}

static void undeclared_gpu_require(struct lab *l)
{
    undeclared_gpu(l);
    l->spec.policy.homogeneous = HOMOGENEOUS_REQUIRE;
    lab_vm(l, "vdi", "hv1");
    lab_wish(l, "vdi", VM_PARTITION);
}

static void pool_gpu_beside(struct lab *l)
{
    both_drift(l);
    lab_device(l, "hv1", "ml")->model = "NVIDIA L40S";
    lab_pool(l, "hv1", "ml");
    lab_pool_row(l, "l40s", "ml")->match = (struct spec_match){.model = "NVIDIA L40S"};
}

static void any_gpu_differs(struct lab *l)
{
    both_drift(l);
    l->have.gpus[1].model = "NVIDIA A2 (spare)";
    lab_row(l, "spare", USE_ANY)->match = (struct spec_match){.model = "NVIDIA A2 (spare)"};
}

static void node_without(struct lab *l)
{
    both_drift(l);
    lab_node(l, "hv3");
}

static void observed_require(struct lab *l)
{
    cluster(l, 4, 8, 4);
    l->spec.gpu_count = 0;
    l->spec.policy.homogeneous = HOMOGENEOUS_REQUIRE;
    lab_vm(l, "vdi", "hv1");
    lab_wish(l, "vdi", VM_PARTITION);
}

static void series_differ(struct lab *l)
{
    both_drift(l);
    l->have.gpus[0].series = NUM(1);
    l->have.gpus[1].series = NUM(2);
}

static void series_differ_require(struct lab *l)
{
    series_differ(l);
    l->spec.policy.homogeneous = HOMOGENEOUS_REQUIRE;
}

static void one_cannot(struct lab *l)
{
    both_drift(l);
    l->have.gpus[1].state = GPU_NO_DRIVER;
}

static void one_cannot_partial(struct lab *l)
{
    one_cannot(l);
    l->spec.policy.partial = true;
}

/* hv2 is in two rows, so its count stays; both are at 16 now. */
static void one_stays_partial(struct lab *l)
{
    both_drift(l);
    lab_nodes_of(l, lab_count(l, "again", 4), "hv2");
    l->spec.policy.partial = true;
}

static void one_stays_partial_warn(struct lab *l)
{
    one_stays_partial(l);
    l->spec.policy.homogeneous = HOMOGENEOUS_WARN;
}

static void one_stays_partial_differ(struct lab *l)
{
    one_stays_partial(l);
    l->have.gpus[1].count = NUM(8);
}

static void one_stays_partial_differ_require(struct lab *l)
{
    one_stays_partial_differ(l);
    l->spec.policy.homogeneous = HOMOGENEOUS_REQUIRE;
}

/* hv2 stays different, and nothing would change: nothing to refuse. */
static void one_stays_in_sync(struct lab *l)
{
    one_stays_partial(l);
    l->have.gpus[0].count = NUM(4);
    l->spec.policy.homogeneous = HOMOGENEOUS_REQUIRE;
}

static void silent_partial_warn(struct lab *l)
{
    both_drift(l);
    l->have.nodes[1].answered = false;
    l->spec.policy.partial = true;
    l->spec.policy.homogeneous = HOMOGENEOUS_WARN;
}

static void one_cannot_partial_require(struct lab *l)
{
    one_cannot_partial(l);
    l->spec.policy.homogeneous = HOMOGENEOUS_REQUIRE;
}

static void one_cannot_host(struct lab *l)
{
    lab_host(l);
    lab_node(l, "ws");
    lab_gpu(l, "ws", 16);
    lab_gpu(l, "ws", 16)->state = GPU_NO_DRIVER;
    lab_count(l, "a2", 4);
}

/* hv1 is in two rows and has its count: nothing keeps hv2 from getting its own. */
static void one_refused_in_sync(struct lab *l)
{
    cluster(l, 4, 16, 4);
    lab_nodes_of(l, lab_count(l, "again", 4), "hv1");
}

static void silent_partial(struct lab *l)
{
    both_drift(l);
    l->have.nodes[1].answered = false;
    l->spec.policy.partial = true;
}

static void row_size(struct lab *l, uint64_t size)
{
    l->spec.gpus[0].size = (struct spec_num){size, lab_at(l)};
}

static void size_right(struct lab *l)
{
    cluster(l, 16, 4, 4);
    row_size(l, 3825205248u);
}

static void size_wrong(struct lab *l)
{
    cluster(l, 16, 4, 4);
    row_size(l, 3221225472u);
}

static void size_later(struct lab *l)
{
    cluster(l, 16, 16, 4);
    row_size(l, 3825205248u);
}

static void vm_size(struct lab *l, uint64_t size)
{
    lab_vm(l, "vdi", "hv1");
    struct spec_vm *v = lab_wish(l, "vdi", VM_PARTITION);

    v->wish->size_bytes = size;
    v->wish->size_at = lab_at(l);
}

static void vm_size_right(struct lab *l)
{
    cluster(l, 4, 4, 4);
    vm_size(l, 3825205248u);
}

static void vm_size_wrong(struct lab *l)
{
    cluster(l, 4, 4, 4);
    vm_size(l, 7 * GIB);
}

static void vm_size_known_elsewhere(struct lab *l)
{
    cluster(l, 16, 4, 4);
    vm_size(l, 939524096u); /* what hv1 has now, and not what it gets */
}

static void vm_size_later(struct lab *l)
{
    cluster(l, 16, 16, 4);
    vm_size(l, 3825205248u);
}

static void vm_size_against_row(struct lab *l)
{
    size_later(l);
    vm_size(l, 7 * GIB);
}

static struct spec_vm *limited(struct lab *l, uint64_t have, uint64_t want)
{
    struct spec_vm *v;

    cluster(l, have, have, want);
    lab_vm(l, "vdi", "hv1");
    v = lab_wish(l, "vdi", VM_PARTITION);
    v->wish->limits_at = lab_at(l);
    return v;
}

static void limits_right(struct lab *l)
{
    struct spec_vm *v = limited(l, 4, 4);

    v->wish->limits.min[QUOTA_VRAM] = v->wish->limits.max[QUOTA_VRAM] = NUM(3825205248u);
}

static void limits_beyond(struct lab *l)
{
    limited(l, 4, 4)->wish->limits.max[QUOTA_VRAM] = NUM(4 * GIB);
}

static void limits_below(struct lab *l)
{
    limited(l, 4, 4)->wish->limits.optimal[QUOTA_ENCODE] = NUM(1);
}

static void limits_crossed(struct lab *l)
{
    struct spec_vm *v = limited(l, 16, 4);

    v->wish->limits.min[QUOTA_DECODE] = NUM(4);
    v->wish->limits.optimal[QUOTA_DECODE] = NUM(3);
}

static void limits_later(struct lab *l)
{
    limited(l, 16, 4)->wish->limits.max[QUOTA_VRAM] = NUM(4 * GIB);
}

/* Two cards in one host: the host chooses, so a limit must suit both (C10). */
static void limits_of_two(struct lab *l, uint64_t limit)
{
    struct spec_vm *v;

    lab_host(l);
    lab_node(l, "ws");
    lab_gpu(l, "ws", 4);
    lab_gpu(l, "ws", 4);
    for (size_t i = 0; i < 2; i++) {
        l->have.gpus[i].min[QUOTA_VRAM] = NUM((1 + i) * GIB);
        l->have.gpus[i].max[QUOTA_VRAM] = NUM((4 + i) * GIB);
    }
    lab_count(l, "a2", 4);
    lab_vm(l, "vdi", "ws");
    v = lab_wish(l, "vdi", VM_PARTITION);
    v->wish->limits_at = lab_at(l);
    v->wish->limits.max[QUOTA_VRAM] = NUM(limit);
}

static void limits_of_two_turned(struct lab *l)
{
    struct gpu *g = l->have.gpus;

    limits_of_two(l, 4608 * MIB);
    g[0].min[QUOTA_VRAM] = NUM(2 * GIB);
    g[0].max[QUOTA_VRAM] = NUM(4 * GIB);
    g[1].min[QUOTA_VRAM] = NUM(GIB);
    g[1].max[QUOTA_VRAM] = NUM(5 * GIB);
}

static void limits_below_first(struct lab *l)
{
    limits_of_two_turned(l);
    l->spec.vms[0].wish->limits.max[QUOTA_VRAM] = NUM(1536 * MIB);
}

static void limits_suit_one(struct lab *l)
{
    limits_of_two(l, 1536 * MIB);
}

static void limits_suit_other(struct lab *l)
{
    limits_of_two(l, 4608 * MIB);
}

static void limits_suit_both(struct lab *l)
{
    limits_of_two(l, 3 * GIB);
}

static const struct lab_rule rows[] = {
    {"C1", "valid counts", both_drift, REASON_NONE, 0, 2},
    {"C1", "not one of the GPU's own", not_valid, REASON_INVALID_COUNT, 2, 0},
    {"C1", "not in the part that is known", list_cut_off, REASON_COUNTS_UNKNOWN, 2, 0},
    {"C1", "in the part that is known", list_cut_off_shown, REASON_NONE, 0, 2},
    {"C1", "not in the part, and there already", list_cut_off_there, REASON_NONE, 0, 0},
    {"I3", "a list that is cut off does not differ", one_list_cut_off, REASON_NOT_HOMOGENEOUS, 0,
     0},
    {"C3", "one list cut off holds the other back", one_list_cut_off, REASON_PARTIAL, 1, 0},
    {"C8", "a count that fell is put right", one_fell, REASON_NONE, 0, 1},
    {"C8", "and so is one that rose", one_rose, REASON_NONE, 0, 1},
    {"C8", "a count that was not read", count_unknown, REASON_NODE_UNSEEN, 1, 0},
    {"C9", "2^64-1", count_huge, REASON_WARN_COUNT, 1, 2},
    {"C6", "a current count outside the list is drift", current_illegal, REASON_NONE, 0, 1},
    {"C6", "with a warning", current_illegal, REASON_WARN_COUNT, 1, 1},
    {"C6", "and no reason to assign nothing", current_illegal_gains, REASON_NONE, 0, 2},
    {"C6", "nobody declares one: a finding, no assignment", current_illegal_undeclared,
     REASON_CURRENT_COUNT, 3, 0},
    {"I3", "same PCI id, other counts: another product", second_product, REASON_NOT_HOMOGENEOUS, 1,
     0},
    {"C2", "two products, homogeneous: warn", second_product_warn, REASON_NONE, 0, 2},
    {"C2", "which is said", second_product_warn, REASON_WARN_HOMOGENEOUS, 1, 2},
    {"C2", "two products on one host", second_product_host, REASON_NONE, 0, 2},
    {"C2", "with a warning", second_product_host, REASON_WARN_HOMOGENEOUS, 1, 2},
    {"C2", "two counts", two_counts, REASON_NOT_HOMOGENEOUS, 1, 0},
    {"C2", "two products as declared: nothing to refuse", second_product_in_sync,
     REASON_WARN_HOMOGENEOUS, 1, 0},
    {"C2", "two counts as declared: a warning", two_counts_in_sync, REASON_WARN_HOMOGENEOUS, 1, 0},
    {"C2", "which differ already", two_counts_differ_now, REASON_NONE, 0, 1},
    {"C2", "two counts, homogeneous: warn", two_counts_warn, REASON_NONE, 0, 2},
    {"I3", "other VRAM: the same product, a warning", other_vram, REASON_WARN_HOMOGENEOUS, 1, 2},
    {"C2", "other VRAM with require", other_vram_require, REASON_NOT_HOMOGENEOUS, 1, 0},
    {"C2", "a partitionable GPU in no row", undeclared_gpu, REASON_WARN_HOMOGENEOUS, 1, 1},
    {"C2", "with require: counts and new assignments", undeclared_gpu_require,
     REASON_NOT_HOMOGENEOUS, 2, 0},
    {"C2", "a GPU for a pool is not left out", pool_gpu_beside, REASON_WARN_HOMOGENEOUS, 0, 2},
    {"C2", "declared with no count, and stays different", any_gpu_differs, REASON_WARN_HOMOGENEOUS,
     1, 1},
    {"C2", "a node without any", node_without, REASON_WARN_HOMOGENEOUS, 1, 2},
    {"C2", "require, and no count declared", observed_require, REASON_NOT_HOMOGENEOUS, 2, 0},
    {"E7", "the vGPU series differs", series_differ, REASON_WARN_SERIES, 1, 2},
    {"E7", "which is said once", series_differ, REASON_WARN_HOMOGENEOUS, 0, 2},
    {"E7", "and with require refuses", series_differ_require, REASON_NOT_HOMOGENEOUS, 1, 0},
    {"C3", "one GPU cannot: none changes", one_cannot, REASON_PARTIAL, 1, 0},
    {"C3", "a refused one with its count is no hindrance", one_refused_in_sync, REASON_PARTIAL, 0,
     1},
    {"C3", "partial: allow", one_cannot_partial, REASON_PARTIAL, 0, 1},
    {"C2", "a GPU that cannot be counted has no other count", one_cannot_partial,
     REASON_WARN_HOMOGENEOUS, 0, 1},
    {"C2", "nor with require", one_cannot_partial_require, REASON_NOT_HOMOGENEOUS, 0, 1},
    {"C2", "partial: allow would itself make counts differ", one_stays_partial,
     REASON_NOT_HOMOGENEOUS, 1, 0},
    {"C2", "homogeneous: warn lets it", one_stays_partial_warn, REASON_WARN_HOMOGENEOUS, 1, 1},
    {"C2", "nothing that would change", one_stays_in_sync, REASON_NOT_HOMOGENEOUS, 0, 0},
    {"C2", "they differ already", one_stays_partial_differ, REASON_WARN_HOMOGENEOUS, 1, 1},
    {"C2", "require beats partial: allow", one_stays_partial_differ_require, REASON_NOT_HOMOGENEOUS,
     1, 0},
    {"C3", "a standalone host is no cluster", one_cannot_host, REASON_PARTIAL, 0, 1},
    {"C2", "a silent node's count is not known", silent_partial, REASON_NOT_HOMOGENEOUS, 1, 0},
    {"C3", "a silent node, partial: allow and warn", silent_partial_warn, REASON_PARTIAL, 0, 1},
    {"C5", "known from a GPU of the product", size_right, REASON_NONE, 0, 1},
    {"C5", "and not what the row says", size_wrong, REASON_SIZE, 2, 0},
    {"C5", "known only after the change", size_later, REASON_NOTE_SIZE_EXPECTED, 1, 2},
    {"C5", "a VM's size that is offered", vm_size_right, REASON_NONE, 0, 1},
    {"C5", "a VM's size that is not", vm_size_wrong, REASON_SIZE, 1, 0},
    {"C5", "the size now is not the size then", vm_size_known_elsewhere, REASON_SIZE, 1, 1},
    {"C5", "a VM's size, known later", vm_size_later, REASON_NOTE_SIZE_EXPECTED, 1, 3},
    {"C5", "a VM's size against the row's", vm_size_against_row, REASON_SIZE, 1, 2},
    {"V5", "within the GPU's range", limits_right, REASON_NONE, 0, 2},
    {"V5", "above it", limits_beyond, REASON_LIMITS, 1, 0},
    {"V5", "below it", limits_below, REASON_LIMITS, 1, 0},
    {"V5", "below one of two cards", limits_suit_one, REASON_LIMITS, 1, 0},
    {"V5", "above one of two cards", limits_suit_other, REASON_LIMITS, 1, 0},
    {"V5", "above the first of two", limits_of_two_turned, REASON_LIMITS, 1, 0},
    {"V5", "below the first of two", limits_below_first, REASON_LIMITS, 1, 0},
    {"V5", "within both cards", limits_suit_both, REASON_LIMITS, 0, 2},
    {"V5", "min above optimal", limits_crossed, REASON_LIMITS, 1, 2},
    {"V5", "checked after the change", limits_later, REASON_NOTE_LIMITS_EXPECTED, 1, 4},
};

static void test_rules(void **state)
{
    (void)state;
    lab_check(rows, sizeof rows / sizeof *rows);
}

/* A refusal shows all legal values, and says what is in the way. */
static void test_texts(void **state)
{
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    lab_open(&l);
    not_valid(&l);
    lab_run(&l);
    lab_says(&l, REASON_INVALID_COUNT, &p);
    assert_string_equal(p->text, "hv2/gpu0 can be 16 8 4 2 1, not 3");
    assert_string_equal(p->release, "one of 16 8 4 2 1");
    lab_close(&l);

    lab_open(&l);
    list_cut_off(&l);
    lab_run(&l);
    lab_says(&l, REASON_COUNTS_UNKNOWN, &p);
    assert_string_equal(p->text, "hv2/gpu0 can be 16 8 4 2 ...: the list is cut off, and 1 is not "
                                 "in the part that is known");
    lab_close(&l);

    lab_open(&l);
    one_cannot(&l);
    lab_run(&l);
    lab_says(&l, REASON_PARTIAL, &p);
    assert_string_equal(p->text, "16 -> 4 waits: hv2/gpu0 cannot get its count");
    assert_string_equal(p->subject, "gpu/hv1/gpu0");
    lab_close(&l);

    lab_open(&l);
    vm_size_wrong(&l);
    lab_run(&l);
    lab_says(&l, REASON_SIZE, &p);
    assert_string_equal(p->text, "it asks for 7168 MiB; the GPUs of its node report 3648 MiB");
    lab_close(&l);
}

/* The one declared count of a cluster. */
static void test_cluster_count(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    two_counts(&l);
    lab_run(&l);
    assert_int_equal(l.want.cluster_count, 0);
    l.spec.gpus[1].count = 4;
    lab_run(&l);
    assert_int_equal(l.want.cluster_count, 4);
    l.spec.gpu_count = 0;
    lab_run(&l);
    assert_int_equal(l.want.cluster_count, 0);
    lab_close(&l);
}

/* The check that comes after a count change is carried by the GPU's row (C5). */
static void test_size_bytes(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    vm_size_later(&l);
    lab_run(&l);
    assert_int_equal(l.want.gpus[0].size_bytes, 3825205248u);
    assert_int_equal(l.want.gpus[1].size_bytes, 0);
    lab_close(&l);

    lab_open(&l);
    size_later(&l);
    lab_run(&l);
    assert_int_equal(l.want.gpus[0].size_bytes, 3825205248u);
    assert_int_equal(l.want.gpus[1].size_bytes, 3825205248u);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_size_bytes),
        cmocka_unit_test(test_cluster_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
