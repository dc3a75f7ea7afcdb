/* vms rows against VMs: I2, E6, S8, M4, A1, V2, V6 to V8, P2, E2, E3, M7. */
#include "build.h"

static struct vm *base(struct lab *l)
{
    struct vm *v;

    lab_node(l, "hv1");
    lab_node(l, "hv2");
    lab_gpu(l, "hv1", 4);
    lab_gpu(l, "hv2", 4);
    lab_count(l, "a2", 4);
    v = lab_vm(l, "vdi-1", "hv1");
    lab_wish(l, "VDI-1", VM_PARTITION);
    return v;
}

static struct vm *holding(struct lab *l)
{
    struct vm *v = base(l);

    lab_adapter(l, v, &l->have.gpus[0]);
    return v;
}

static void gains(struct lab *l)
{
    base(l);
}

static void in_sync(struct lab *l)
{
    holding(l)->power = POWER_RUNNING;
}

static void missing(struct lab *l)
{
    base(l)->name = "vdi-1-old";
}

static void missing_unseen(struct lab *l)
{
    missing(l);
    l->have.nodes[1].answered = false;
}

static void by_id(struct lab *l)
{
    base(l);
    lab_vm(l, "vdi-1", "hv2");
    l->spec.vms[0].id = arena_strdup(&l->arena, l->have.vms[1].id);
}

static void id_missing(struct lab *l)
{
    base(l);
    l->spec.vms[0].id = "11111111-0000-0000-0000-000000000000";
}

static void repeated(struct lab *l)
{
    base(l);
    lab_vm(l, "Vdi-1", "hv2");
}

static void two_rows(struct lab *l)
{
    base(l);
    lab_wish(l, "other", VM_PARTITION)->id = arena_strdup(&l->arena, l->have.vms[0].id);
}

static void hidden(struct lab *l)
{
    struct vm *v = base(l);

    v->hidden = true;
    v->node = NO_INDEX;
}

static void unseen(struct lab *l)
{
    base(l);
    l->have.nodes[0].answered = false;
}

static void wrong_node(struct lab *l)
{
    base(l);
    l->spec.vms[0].node = "hv2";
    l->spec.vms[0].node_at = lab_at(l);
}

static void right_node(struct lab *l)
{
    base(l);
    l->spec.vms[0].node = "HV1.example.net";
    l->spec.vms[0].node_at = lab_at(l);
}

static void of_arc(struct lab *l)
{
    base(l)->owner = OWNER_ARC;
}

static void of_aks(struct lab *l)
{
    base(l)->owner = OWNER_AKS;
}

static void of_whom(struct lab *l)
{
    base(l)->owner = OWNER_UNKNOWN;
}

static void role_twice(struct lab *l)
{
    base(l)->role.matches = 2;
}

static void role_unread(struct lab *l)
{
    struct vm *v = base(l);

    v->role = (struct role){.vmid_unread = true};
}

static void not_clustered(struct lab *l)
{
    base(l)->role = (struct role){0};
}

static void not_clustered_host(struct lab *l)
{
    lab_host(l);
    lab_node(l, "ws");
    lab_gpu(l, "ws", 4);
    lab_count(l, "a2", 4);
    lab_vm(l, "render", "ws");
    lab_wish(l, "render", VM_PARTITION);
}

static void generation_1(struct lab *l)
{
    base(l)->generation = NUM(1);
}

static void generation_unknown(struct lab *l)
{
    base(l)->generation = NUM_UNKNOWN;
}

static void mixed_device(struct lab *l)
{
    lab_request(l, base(l), "ml", NULL);
}

static void mixed_nvme(struct lab *l)
{
    struct gpu *g;
    struct vm *v = base(l);

    g = lab_device(l, "hv1", NULL);
    g->is_gpu = false;
    lab_request(l, v, NULL, g->locations[0]);
}

static void mixed_partition(struct lab *l)
{
    holding(l);
    lab_device(l, "hv1", "ml")->model = "NVIDIA L40S";
    lab_pool(l, "hv1", "ml");
    lab_pool_row(l, "l40s", "ml")->match = (struct spec_match){.model = "NVIDIA L40S"};
    l->spec.vms[0].wish->use = VM_POOL;
    l->spec.vms[0].wish->pool = "ml";
    l->spec.vms[0].wish->count = 1;
}

static void pinned_gone(struct lab *l)
{
    lab_adapter(l, base(l), NULL)->pin = "PCI\\VEN_10DE&DEV_25B6\\GONE";
}

static void pinned_gone_none(struct lab *l)
{
    pinned_gone(l);
    l->spec.vms[0].wish->use = VM_NONE;
}

static void pinned_on_other_node(struct lab *l)
{
    struct vm *v = base(l);

    lab_adapter(l, v, NULL)->pin = l->have.gpus[1].path;
}

static void ghost(struct lab *l)
{
    base(l)->gpu_error = true;
}

static void error_with_adapter(struct lab *l)
{
    holding(l)->gpu_error = true;
}

static void floating(struct lab *l)
{
    lab_adapter(l, base(l), NULL)->seen = "PCI\\VEN_10DE&DEV_25B6\\GONE";
}

static void never_ran(struct lab *l)
{
    lab_adapter(l, base(l), NULL);
}

static void checkpoint_adapter(struct lab *l)
{
    struct adapter *a = lab_adapter(l, base(l), NULL);

    a->pin = "PCI\\VEN_10DE&DEV_25B6\\GONE";
    a->of_checkpoint = true;
}

static void pinned_as_found(struct lab *l)
{
    struct vm *v = base(l);

    lab_adapter(l, v, NULL)->pin = l->have.gpus[0].path;
    l->spec.vms[0].wish->use = VM_AS_FOUND;
}

static void iov_off(struct lab *l)
{
    base(l);
    l->have.nodes[0].iov = TRI_NO;
}

static void iov_off_start(struct lab *l)
{
    holding(l);
    l->have.nodes[0].iov = TRI_NO;
    l->spec.vms[0].wish->power = POWER_WISH_RUNNING;
}

static void paravirtual_node(struct lab *l)
{
    base(l);
    l->have.gpus[0].state = GPU_PARAVIRTUAL;
    l->spec.gpu_count = 0;
}

static void driverless_node(struct lab *l)
{
    base(l);
    l->have.gpus[0].state = GPU_NO_DRIVER;
    l->spec.gpu_count = 0;
}

static void no_gpu_node(struct lab *l)
{
    base(l);
    l->have.gpus[0].node = 1;
    l->spec.gpu_count = 0;
}

static void checkpoints(struct lab *l)
{
    base(l)->checkpoint_count = NUM(2);
}

static void pool_unknown(struct lab *l)
{
    base(l);
    *l->spec.vms[0].wish = (struct vm_wish){.use = VM_POOL, .pool = "mll", .count = 1};
    lab_pool_row(l, "l40s", "ml")->match = (struct spec_match){.model = "NVIDIA L40S"};
}

static void unmanaged(struct lab *l)
{
    holding(l);
    lab_adapter(l, lab_vm(l, "test-bob", "hv2"), NULL);
}

static void near_range(struct lab *l)
{
    struct spec_vm *a, *b;

    base(l);
    lab_vm(l, "vdi-2", "hv1");
    lab_vm(l, "vdi-3", "hv1");
    lab_vm(l, "vdi-gold-2026-10", "hv1");
    lab_vm(l, "sql-1", "hv1");
    a = &l->spec.vms[0];
    b = lab_wish(l, "vdi-2", VM_PARTITION);
    a->name = "vdi-1";
    b->at = a->at;
}

static void near_rows(struct lab *l)
{
    near_range(l);
    l->spec.vms[1].at = lab_at(l);
}

static void near_short(struct lab *l)
{
    near_range(l);
    l->have.vms[0].name = l->spec.vms[0].name = "v1";
    l->have.vms[1].name = l->spec.vms[1].name = "v2";
}

static void pinned_host(struct lab *l)
{
    pinned_as_found(l);
    lab_host(l);
    l->have.vms[0].role.clustered = false;
}

static void pinned_partition(struct lab *l)
{
    pinned_as_found(l);
    l->spec.vms[0].wish->use = VM_PARTITION;
}

static void found_unpinned(struct lab *l)
{
    holding(l);
    l->spec.vms[0].wish->use = VM_AS_FOUND;
}

static void host_state_node(struct lab *l)
{
    driverless_node(l);
    l->have.gpus[0].state = GPU_HOST;
}

static void host_state_dda_node(struct lab *l)
{
    host_state_node(l);
    l->have.gpus[0].mitigation_driver = TRI_YES;
}

static void dismounted_node(struct lab *l)
{
    driverless_node(l);
    l->have.gpus[0].state = GPU_DISMOUNTED;
}

/* What has a row is no candidate: nobody meant it. */
static void missing_beside(struct lab *l)
{
    base(l);
    lab_wish(l, "vdi-11", VM_PARTITION);
}

static void iov_off_two(struct lab *l)
{
    struct vm *v = holding(l);

    v->power = POWER_RUNNING;
    v = lab_vm(l, "vdi-2", "hv1");
    v->power = POWER_RUNNING;
    lab_adapter(l, v, &l->have.gpus[0]);
    lab_wish(l, "vdi-2", VM_PARTITION);
    l->have.nodes[0].iov = TRI_NO;
}

static const struct lab_rule rows[] = {
    {"V3", "a partition is added", gains, REASON_NONE, 0, 1},
    {"V1", "one partition is there", in_sync, REASON_NONE, 0, 0},
    {"E6", "a declared VM that is nowhere", missing, REASON_VM_MISSING, 1, 0},
    {"M4", "or where nobody answered", missing_unseen, REASON_NODE_UNSEEN, 2, 0},
    {"I2", "an id beats repeated names", by_id, REASON_NONE, 0, 1},
    {"I2", "an id that is nowhere", id_missing, REASON_VM_MISSING, 1, 0},
    {"I2", "a repeated name", repeated, REASON_AMBIGUOUS_VM, 1, 0},
    {"I2", "two rows for one VM", two_rows, REASON_AMBIGUOUS_VM, 1, 0},
    {"S8", "hidden is not missing", hidden, REASON_VM_HIDDEN, 1, 0},
    {"M4", "on a node that did not answer", unseen, REASON_NODE_UNSEEN, 2, 0},
    {"V2", "on another node than its row says", wrong_node, REASON_WRONG_NODE, 1, 0},
    {"I2", "node names without case and suffix", right_node, REASON_NONE, 0, 1},
    {"A1", "a VM of Azure Arc", of_arc, REASON_OWNED_ELSEWHERE, 1, 0},
    {"A1", "a VM of AKS", of_aks, REASON_OWNED_ELSEWHERE, 1, 0},
    {"A1", "a VM whose marks could not be read", of_whom, REASON_OWNED_ELSEWHERE, 1, 0},
    {"I2", "two resources with its VmID", role_twice, REASON_AMBIGUOUS_ROLE, 1, 0},
    {"I2", "a VmID that was not read", role_unread, REASON_AMBIGUOUS_ROLE, 1, 0},
    {"I2", "not clustered: a warning", not_clustered, REASON_WARN_NOT_CLUSTERED, 1, 1},
    {"I2", "on a host nothing is clustered", not_clustered_host, REASON_WARN_NOT_CLUSTERED, 0, 1},
    {"V6", "generation 1", generation_1, REASON_GENERATION, 1, 0},
    {"V6", "a generation that is not known", generation_unknown, REASON_NONE, 0, 1},
    {"V7", "a device where a partition is declared", mixed_device, REASON_MIXED_KINDS, 1, 0},
    {"V7", "a device that is no GPU", mixed_nvme, REASON_NONE, 0, 1},
    {"V7", "a partition where a device is declared", mixed_partition, REASON_MIXED_KINDS, 1, 0},
    {"V8", "pinned to a GPU that is gone", pinned_gone, REASON_STALE_ADAPTER, 1, 0},
    {"V8", "no attempt to remove it", pinned_gone_none, REASON_STALE_ADAPTER, 1, 0},
    {"V8", "the same path on another node is another GPU", pinned_on_other_node,
     REASON_STALE_ADAPTER, 1, 0},
    {"V8", "a ghost", ghost, REASON_STALE_ADAPTER, 1, 0},
    {"V8", "an error beside an adapter is none", error_with_adapter, REASON_NONE, 0, 0},
    {"V8", "floating is only a note", floating, REASON_NOTE_FLOATING, 1, 0},
    {"V8", "and one whose GPU is there is none", in_sync, REASON_NOTE_FLOATING, 0, 0},
    {"V8", "nor one that never ran", never_ran, REASON_NOTE_FLOATING, 0, 0},
    {"V0", "adapters of checkpoints do not count", checkpoint_adapter, REASON_NONE, 0, 1},
    {"V4", "pinned and asFound: a warning", pinned_as_found, REASON_WARN_PINNED, 1, 0},
    {"V4", "on one host a pin is fine", pinned_host, REASON_WARN_PINNED, 0, 0},
    {"V4", "replaced, not warned of", pinned_partition, REASON_WARN_PINNED, 0, 1},
    {"V4", "not pinned", found_unpinned, REASON_WARN_PINNED, 0, 0},
    {"E2", "nothing is assigned without IovSupport", iov_off, REASON_NODE_NOT_CAPABLE, 1, 0},
    {"E2", "what runs there is said once", iov_off_two, REASON_WARN_IOV, 1, 0},
    {"E2", "nothing is started either", iov_off_start, REASON_NODE_NOT_CAPABLE, 1, 0},
    {"C7", "no partition of a paravirtual GPU", paravirtual_node, REASON_PARAVIRTUAL, 1, 0},
    {"E3", "no partition without the driver", driverless_node, REASON_DRIVER, 1, 0},
    {"E3", "with its host, and not partitionable", host_state_node, REASON_DRIVER, 1, 0},
    {"E3", "with its host, for devices", host_state_dda_node, REASON_NONE, 0, 1},
    {"E3", "set aside", dismounted_node, REASON_NONE, 0, 1},
    {"S4", "no checkpoints, nothing to say", in_sync, REASON_WARN_CHECKPOINT, 0, 0},
    {"V3", "a node with no GPU is a matter of room", no_gpu_node, REASON_NONE, 0, 1},
    {"S4", "checkpoints are never deleted", checkpoints, REASON_WARN_CHECKPOINT, 1, 1},
    {"D3", "a pool that no row fills", pool_unknown, REASON_POOL_UNKNOWN, 1, 0},
    {"M7", "a holder with no row", unmanaged, REASON_NOTE_UNMANAGED, 1, 0},
    {"M7", "names near a range", near_range, REASON_NOTE_NEAR, 1, 2},
    {"M7", "two rows are no range", near_rows, REASON_NOTE_NEAR, 0, 2},
    {"M7", "one short stem is none", near_short, REASON_NOTE_NEAR, 0, 2},
    {"M7", "nothing is near that has a row", in_sync, REASON_NOTE_NEAR, 0, 0},
};

static void test_rules(void **state)
{
    (void)state;
    lab_check(rows, sizeof rows / sizeof *rows);
}

static void test_texts(void **state)
{
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    lab_open(&l);
    missing(&l);
    l.have.vms[0].name = "vdi-11";
    lab_run(&l);
    lab_says(&l, REASON_VM_MISSING, &p);
    assert_string_equal(p->text, "on no node, and not hidden; closest name: vdi-11");
    assert_string_equal(p->subject, "vm/VDI-1");
    lab_close(&l);

    lab_open(&l);
    missing_beside(&l);
    lab_run(&l);
    lab_says(&l, REASON_VM_MISSING, &p);
    assert_string_equal(p->text, "on no node, and not hidden");
    lab_close(&l);

    lab_open(&l);
    pool_unknown(&l);
    lab_run(&l);
    lab_says(&l, REASON_POOL_UNKNOWN, &p);
    assert_string_equal(p->text, "no gpus row says pool: mll; closest: ml");
    lab_close(&l);

    lab_open(&l);
    near_range(&l);
    lab_run(&l);
    lab_says(&l, REASON_NOTE_NEAR, &p);
    assert_string_equal(p->text, "vdi-3 vdi-gold-2026-10");
    lab_close(&l);
}

/* P2: names and patterns, without case. */
static void test_protect(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool is;
    } cases[] = {
        {"cad-01", "CAD-01", true},
        {"cad-01", "cad-011", false},
        {"*-pay", "se-got-pay", true},
        {"*-pay", "se-pay-1", false},
        {"*", "x", true},
        {"a*b*c", "a1b2b3c", true},
        {"a*b*c", "a1b2b3", false},
        {"vdi-*", "vdi-", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lab l;

        lab_open(&l);
        base(&l)->name = cases[i].name;
        l.spec.vms[0].name = cases[i].name;
        lab_protect(&l, "nobody");
        lab_protect(&l, cases[i].pattern);
        lab_run(&l);
        if (l.want.vms[0].is_protected != cases[i].is)
            fail_msg("%s against %s", cases[i].pattern, cases[i].name);
        lab_close(&l);
    }
}

/* Both VMs of a repeated name are refused, and neither is undeclared. */
static void test_repeated(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    repeated(&l);
    lab_run(&l);
    assert_int_equal(l.want.vm_count, 2);
    assert_true(l.want.vms[0].refused && l.want.vms[1].refused);
    assert_int_equal(l.want.declared_vms, 1);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_protect),
        cmocka_unit_test(test_repeated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
