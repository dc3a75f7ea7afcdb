/* Devices and pools: D1 to D9, E1. */
#include "build.h"

/* One node with two members of pool ml, and a VM that asks for one of it. */
static struct vm *pooled(struct lab *l)
{
    struct vm *v;

    lab_node(l, "hv1");
    lab_pool(l, "hv1", "ml");
    lab_device(l, "hv1", "ml");
    lab_device(l, "hv1", "ml");
    lab_pool_row(l, "a2", "ml");
    v = lab_vm(l, "ml-1", "hv1");
    v->settings.mmio_low_mib = NUM(3072);
    v->settings.mmio_high_mib = NUM(33280);
    lab_request(l, v, "ml", NULL);
    lab_wish(l, "ml-1", VM_POOL);
    return v;
}

static void in_sync(struct lab *l)
{
    pooled(l);
}

static struct gpu *on_host(struct lab *l, bool prepare)
{
    struct gpu *g;

    pooled(l);
    g = lab_device(l, "hv1", NULL);
    g->state = GPU_HOST;
    l->spec.gpus[0].prepare = prepare;
    return g;
}

static void prepare_not_said(struct lab *l)
{
    on_host(l, false);
}

static void prepare_said(struct lab *l)
{
    on_host(l, true);
}

static void disabled_half_way(struct lab *l)
{
    on_host(l, true)->state = GPU_DISABLED;
}

static void no_mitigation(struct lab *l)
{
    on_host(l, true)->mitigation_driver = TRI_NO;
}

static void no_mitigation_force(struct lab *l)
{
    no_mitigation(l);
    l->spec.gpus[0].force = true;
}

static void mitigation_unknown(struct lab *l)
{
    on_host(l, true)->mitigation_driver = TRI_UNKNOWN;
}

static void no_driver(struct lab *l)
{
    struct gpu *g = on_host(l, true);

    g->state = GPU_NO_DRIVER;
    g->mitigation_driver = TRI_UNKNOWN;
}

static void no_driver_force(struct lab *l)
{
    no_driver(l);
    l->spec.gpus[0].force = true;
}

static void state_unknown(struct lab *l)
{
    on_host(l, true)->state = GPU_UNKNOWN;
}

static void not_assignable(struct lab *l)
{
    struct gpu *g = on_host(l, true);

    g->state = GPU_NOT_ASSIGNABLE;
    l->spec.gpus[0].match = (struct spec_match){.location = g->locations[0]};
}

static void iov_off(struct lab *l)
{
    on_host(l, true);
    l->have.nodes[0].iov = TRI_NO;
}

static void partitioned(struct lab *l)
{
    pooled(l);
    lab_gpu(l, "hv1", 4);
}

static void partitioned_held(struct lab *l)
{
    partitioned(l);
    lab_adapter(l, lab_vm(l, "vdi-1", "hv1"), &l->have.gpus[2]);
}

static void partitioned_held_somewhere(struct lab *l)
{
    partitioned(l);
    lab_adapter(l, lab_vm(l, "vdi-1", "hv1"), NULL);
}

static void partitioned_of_checkpoint(struct lab *l)
{
    partitioned_held(l);
    l->have.vms[1].adapters[0].of_checkpoint = true;
}

static void partitioned_pinned_elsewhere(struct lab *l)
{
    partitioned_held(l);
    l->have.vms[1].adapters[0].pin = l->have.gpus[0].path;
}

static void paravirtual_held(struct lab *l)
{
    partitioned_held(l);
    l->have.gpus[2].state = GPU_PARAVIRTUAL;
    l->spec.gpus[0].prepare = l->spec.gpus[0].force = true;
}

static void pool_missing(struct lab *l)
{
    pooled(l);
    l->have.pool_count = 0;
    for (size_t i = 0; i < 2; i++)
        l->have.gpus[i].pool = NULL;
}

static void pool_case(struct lab *l)
{
    pool_missing(l);
    lab_pool(l, "hv1", "ML");
}

static void pool_case_beside(struct lab *l)
{
    pooled(l);
    lab_pool(l, "hv1", "ML");
}

static void foreign_device(struct lab *l)
{
    pooled(l);
    lab_device(l, "hv1", "ml")->is_gpu = false;
}

static void foreign_device_exact(struct lab *l)
{
    foreign_device(l);
    lab_spec_pool(l, "ml")->exact = true;
}

static void foreign_device_exact_used(struct lab *l)
{
    struct vm *v;

    foreign_device_exact(l);
    v = lab_vm(l, "other", "hv1");
    v->power = POWER_RUNNING;
    lab_request(l, v, "ml", NULL)->given = l->have.gpus[2].locations[0];
}

static void foreign_device_exact_fixed(struct lab *l)
{
    foreign_device_exact(l);
    lab_request(l, lab_vm(l, "other", "hv1"), NULL, l->have.gpus[2].locations[0]);
}

static void other_product(struct lab *l)
{
    pooled(l);
    l->have.gpus[1].pci = "10de:26b9";
}

/* A third device is in pool `old`, and shall be in ml. */
static void from_other_pool(struct lab *l)
{
    pooled(l);
    lab_pool(l, "hv1", "old");
    lab_device(l, "hv1", "old");
}

static void from_other_pool_used(struct lab *l)
{
    from_other_pool(l);
    lab_request(l, lab_vm(l, "other", "hv1"), "old", NULL);
}

static void from_other_pool_released(struct lab *l)
{
    from_other_pool_used(l);
    lab_wish(l, "other", VM_NONE);
}

/* All devices go back to the host. */
static void to_host(struct lab *l)
{
    pooled(l);
    l->spec.gpus[0].use = USE_HOST;
    *l->spec.vms[0].wish = (struct vm_wish){.use = VM_NONE};
}

static void to_host_used(struct lab *l)
{
    to_host(l);
    lab_request(l, lab_vm(l, "other", "hv1"), "ml", NULL);
    lab_request(l, &l->have.vms[1], "ml", NULL);
}

static void to_host_enough_left(struct lab *l)
{
    to_host(l);
    lab_request(l, lab_vm(l, "other", "hv1"), "ml", NULL);
}

static void to_host_given_unknown(struct lab *l)
{
    to_host_enough_left(l);
    l->have.vms[1].power = POWER_RUNNING;
}

static void to_host_released(struct lab *l)
{
    to_host(l);
    l->have.vms[0].power = POWER_RUNNING;
    l->have.vms[0].requests[0].given = l->have.gpus[0].locations[0];
}

static void to_host_fixed(struct lab *l)
{
    to_host(l);
    l->have.gpus[0].pool = NULL;
    lab_request(l, lab_vm(l, "other", "hv1"), NULL, l->have.gpus[0].locations[0]);
}

static void host_stays(struct lab *l)
{
    lab_node(l, "hv1");
    lab_gpu(l, "hv1", 4);
    lab_device(l, "hv1", NULL)->state = GPU_HOST;
    lab_row(l, "a2", USE_HOST);
}

static void to_pool_fixed_elsewhere(struct lab *l)
{
    pooled(l);
    lab_device(l, "hv1", NULL);
    lab_request(l, lab_vm(l, "other", "hv1"), NULL, l->have.gpus[2].locations[0]);
}

static void absent(struct lab *l)
{
    to_host(l);
    lab_spec_pool(l, "ml")->absent = true;
}

static void absent_with_row(struct lab *l)
{
    pooled(l);
    lab_spec_pool(l, "ml")->absent = true;
}

/* Nobody asks for it, and its members stay where they are. */
static void absent_unused(struct lab *l, enum gpu_use use)
{
    absent_with_row(l);
    l->spec.gpus[0].use = use;
    l->have.vms[0].request_count = l->spec.vm_count = 0;
}

static void absent_filled(struct lab *l)
{
    absent_unused(l, USE_POOL);
}

static void absent_as_found(struct lab *l)
{
    absent_unused(l, USE_ANY);
}

static void absent_stuck(struct lab *l)
{
    absent_unused(l, USE_DEVICE);
    l->have.nodes[0].iov = TRI_NO;
}

static void absent_with_member(struct lab *l)
{
    absent(l);
    l->have.gpus[1].model = "NVIDIA L40S";
}

static void absent_asked(struct lab *l)
{
    lab_node(l, "hv1");
    lab_pool(l, "hv1", "ml");
    lab_spec_pool(l, "ml")->absent = true;
    lab_request(l, lab_vm(l, "other", "hv1"), "ml", NULL);
}

static void absent_already(struct lab *l)
{
    lab_node(l, "hv1");
    lab_spec_pool(l, "ml")->absent = true;
}

/* One fixed device, declared and assigned. */
static struct gpu *fixed(struct lab *l)
{
    struct gpu *g;
    struct vm *v;

    lab_host(l);
    lab_node(l, "ws");
    g = lab_device(l, "ws", NULL);
    lab_row(l, "a2", USE_DEVICE);
    v = lab_vm(l, "cad", "ws");
    v->settings.mmio_low_mib = NUM(3072);
    v->settings.mmio_high_mib = NUM(33280);
    lab_request(l, v, NULL, g->locations[0]);
    lab_device_of(l, lab_wish(l, "cad", VM_DEVICES), g->locations[0]);
    return g;
}

static void device_in_sync(struct lab *l)
{
    fixed(l);
}

static void device_gains(struct lab *l)
{
    fixed(l);
    l->have.vms[0].request_count = 0;
}

static void device_missing(struct lab *l)
{
    fixed(l);
    l->spec.vms[0].wish->device_count = 0;
    lab_device_of(l, &l->spec.vms[0], "PCIROOT(99)#PCI(0000)");
}

static void device_undeclared(struct lab *l)
{
    fixed(l);
    l->spec.gpus[0].use = USE_HOST;
    l->have.gpus[0].state = GPU_HOST;
}

static void device_in_no_row(struct lab *l)
{
    fixed(l);
    l->spec.gpu_count = 0;
}

static void device_not_prepared(struct lab *l)
{
    fixed(l)->state = GPU_HOST;
}

static void device_prepared(struct lab *l)
{
    fixed(l)->state = GPU_HOST;
    l->spec.gpus[0].prepare = true;
}

static void device_twice(struct lab *l)
{
    struct gpu *g = fixed(l);

    lab_vm(l, "cad-2", "ws");
    lab_device_of(l, lab_wish(l, "cad-2", VM_DEVICES), g->locations[0]);
}

static void device_of_other(struct lab *l)
{
    struct gpu *g = fixed(l);

    l->have.vms[0].request_count = 0;
    lab_request(l, lab_vm(l, "other", "ws"), NULL, g->locations[0]);
}

static void device_clustered(struct lab *l)
{
    fixed(l);
    l->have.standalone = false;
    l->have.vms[0].role.clustered = true;
}

static void device_of_no_role(struct lab *l)
{
    device_clustered(l);
    l->have.vms[0].role.clustered = false;
}

static void device_elsewhere(struct lab *l)
{
    device_clustered(l);
    lab_node(l, "ws-2");
    l->spec.vms[0].node = "ws-2";
    l->spec.vms[0].node_at = lab_at(l);
}

static void leaves_pool_for_device(struct lab *l)
{
    lab_pool(l, (fixed(l), "ws"), "ml");
    l->have.gpus[0].pool = "ml";
    l->have.vms[0].request_count = 0;
}

/* No wish: what is in a pool may stay there, whoever uses it. */
static void any_in_pool(struct lab *l)
{
    pooled(l);
    l->spec.gpus[0].use = USE_ANY;
    l->spec.vm_count = 0;
}

static void refused_in_other_pool(struct lab *l)
{
    from_other_pool_used(l);
    lab_pool_row(l, "again", "ml");
}

static void foreign_in_listed_pool(struct lab *l)
{
    lab_node(l, "hv1");
    lab_pool(l, "hv1", "ml");
    lab_device(l, "hv1", "ml");
    lab_spec_pool(l, "ml");
}

static void device_gains_iov_off(struct lab *l)
{
    device_gains(l);
    l->have.nodes[0].iov = TRI_NO;
}

static void device_gains_2012(struct lab *l)
{
    device_gains(l);
    l->have.nodes[0].build = NUM(9600);
}

static void pool_gains_2022(struct lab *l)
{
    pooled(l)->request_count = 0;
    l->have.nodes[0].build = NUM(20348);
}

static void pool_gains_iov_off(struct lab *l)
{
    pooled(l)->request_count = 0;
    l->have.nodes[0].iov = TRI_NO;
}

static void device_other_case(struct lab *l)
{
    fixed(l);
    l->spec.vms[0].wish->device_count = 0;
    lab_device_of(l, &l->spec.vms[0], "pciroot(0)#pci(0200)#pci(0000)");
}

static const struct lab_rule rows[] = {
    {"D2", "in the pool, requested", in_sync, REASON_NONE, 0, 0},
    {"D2", "with its host, and prepare is not said", prepare_not_said, REASON_PREPARE, 1, 0},
    {"D2", "then by hand", prepare_not_said, REASON_BY_HAND_PREPARE, 1, 0},
    {"D2", "prepare: dismount and join", prepare_said, REASON_NONE, 0, 2},
    {"D2", "half way", disabled_half_way, REASON_NONE, 0, 2},
    {"D2", "no mitigation driver", no_mitigation, REASON_MITIGATION_DRIVER, 1, 0},
    {"D2", "with force", no_mitigation_force, REASON_NONE, 0, 2},
    {"D2", "not known: the host decides", mitigation_unknown, REASON_NONE, 0, 2},
    {"E3", "no driver at all", no_driver, REASON_DRIVER, 1, 0},
    {"E3", "no driver at all, with force", no_driver_force, REASON_NONE, 0, 2},
    {"M4", "a state that was not read", state_unknown, REASON_NODE_UNSEEN, 1, 0},
    {"E3", "named and not assignable", not_assignable, REASON_NOT_ASSIGNABLE, 1, 0},
    {"E2", "IovSupport is false", iov_off, REASON_NODE_NOT_CAPABLE, 1, 0},
    {"D1", "partitioned: another driver", partitioned, REASON_MODE, 1, 0},
    {"D1", "the steps are named", partitioned, REASON_BY_HAND_DRIVER, 1, 0},
    {"D1", "not while a partition is held", partitioned_held, REASON_DETACH_HELD, 1, 0},
    {"D1", "nor while one may land on it", partitioned_held_somewhere, REASON_DETACH_HELD, 1, 0},
    {"D1", "a checkpoint holds nothing", partitioned_of_checkpoint, REASON_DETACH_HELD, 0, 0},
    {"D1", "nor what is pinned elsewhere", partitioned_pinned_elsewhere, REASON_DETACH_HELD, 0, 0},
    {"C7", "a paravirtual one neither", paravirtual_held, REASON_DETACH_HELD, 1, 0},
    {"D3", "a missing pool is created", pool_missing, REASON_NONE, 0, 3},
    {"D3", "no second one by another case", pool_case, REASON_POOL_OTHER, 2, 0},
    {"D3", "which is said once", pool_case, REASON_WARN_POOL_CASE, 1, 0},
    {"D3", "one beside the right one", pool_case_beside, REASON_NONE, 0, 0},
    {"D3", "is said as well", pool_case_beside, REASON_WARN_POOL_CASE, 1, 0},
    {"D4", "a foreign device stays", foreign_device, REASON_WARN_POOL_FOREIGN, 1, 0},
    {"D4", "exact: it leaves", foreign_device_exact, REASON_WARN_POOL_FOREIGN, 0, 1},
    {"D4", "exact: not while a VM has it", foreign_device_exact_used, REASON_POOL_FOREIGN, 1, 0},
    {"D8", "members of two products", other_product, REASON_WARN_POOL_PRODUCTS, 1, 0},
    {"D8", "from another pool that nobody asks for", from_other_pool, REASON_NONE, 0, 1},
    {"D8", "from another pool that somebody asks for", from_other_pool_used, REASON_POOL_OTHER, 1,
     0},
    {"D8", "that somebody lets go of", from_other_pool_released, REASON_NONE, 0, 2},
    {"D2", "back to the host", to_host, REASON_NONE, 0, 5},
    {"D2", "from a VM that lets go of it now", to_host_released, REASON_NONE, 0, 5},
    {"D6", "not while others need all of them", to_host_used, REASON_POOL_FOREIGN, 2, 1},
    {"D6", "one may go when one is enough", to_host_enough_left, REASON_POOL_FOREIGN, 1, 3},
    {"D6", "unless which one is used is not known", to_host_given_unknown, REASON_POOL_FOREIGN, 2,
     1},
    {"D6", "not while it is somebody's fixed device", to_host_fixed, REASON_POOL_FOREIGN, 1, 3},
    {"D8", "no wish: it stays", any_in_pool, REASON_NONE, 0, 0},
    {"I1", "two rows: refused once for each", refused_in_other_pool, REASON_POOL_OTHER, 0, 0},
    {"D4", "exact: nor while it is fixed", foreign_device_exact_fixed, REASON_POOL_FOREIGN, 1, 0},
    {"D4", "a pool that is only listed", foreign_in_listed_pool, REASON_WARN_POOL_FOREIGN, 1, 0},
    {"E2", "no device where IovSupport is false", device_gains_iov_off, REASON_NODE_NOT_CAPABLE, 1,
     0},
    {"E2", "and none of a pool", pool_gains_iov_off, REASON_NODE_NOT_CAPABLE, 1, 0},
    {"D2", "with the host already", host_stays, REASON_NONE, 0, 0},
    {"D6", "never taken from a VM with no row", to_pool_fixed_elsewhere, REASON_POOL_FOREIGN, 1, 0},
    {"M7", "a pool that shall go", absent, REASON_NONE, 0, 6},
    {"M7", "and one that a row fills", absent_with_row, REASON_POOL_FOREIGN, 1, 0},
    {"D4", "and one with a device of no row", absent_with_member, REASON_POOL_FOREIGN, 1, 3},
    {"D6", "one that a row fills", absent_filled, REASON_POOL_FOREIGN, 1, 0},
    {"D6", "one whose members stay as found", absent_as_found, REASON_POOL_FOREIGN, 1, 0},
    {"D6", "one whose members cannot leave", absent_stuck, REASON_POOL_FOREIGN, 1, 0},
    {"D6", "and one that a VM asks for", absent_asked, REASON_POOL_FOREIGN, 1, 0},
    {"M7", "and one that is gone", absent_already, REASON_NONE, 0, 0},
    {"D5", "a fixed device", device_in_sync, REASON_NONE, 0, 0},
    {"I1", "a location without case", device_other_case, REASON_NONE, 0, 0},
    {"D2", "is assigned", device_gains, REASON_NONE, 0, 1},
    {"D5", "is not on the node", device_missing, REASON_DEVICE_MISSING, 1, 0},
    {"D4", "is in no row that sets it aside", device_undeclared, REASON_DEVICE_NOT_DECLARED, 1, 0},
    {"D4", "nor in any row at all", device_in_no_row, REASON_DEVICE_NOT_DECLARED, 1, 0},
    {"E1", "a device for a VM before 14393", device_gains_2012, REASON_BUILD, 1, 0},
    {"E1", "one of a pool on 20348", pool_gains_2022, REASON_BUILD, 1, 0},
    {"D2", "cannot be had: GPU and VM", device_not_prepared, REASON_PREPARE, 2, 0},
    {"D5", "no longer assignable: dismounted, and added again", device_prepared, REASON_NONE, 0, 2},
    {"V3", "two VMs for one device", device_twice, REASON_CAPACITY, 1, 0},
    {"D6", "the device of a VM with no row", device_of_other, REASON_POOL_FOREIGN, 1, 0},
    {"D9", "fixed on a clustered VM", device_clustered, REASON_WARN_FIXED_DEVICE, 1, 0},
    {"D9", "a VM that is no role: not that", device_of_no_role, REASON_WARN_FIXED_DEVICE, 0, 0},
    {"D7", "and never moved to its device", device_elsewhere, REASON_WRONG_NODE, 1, 0},
    {"D2", "out of a pool, to be a fixed device", leaves_pool_for_device, REASON_NONE, 0, 2},
};

static void test_rules(void **state)
{
    (void)state;
    lab_check(rows, sizeof rows / sizeof *rows);
}

/* E3: which of the two drivers is needed, and that a person installs it (E6). */
static void test_driver(void **state)
{
    static const struct {
        enum reason reason;
        const char *text;
    } says[] = {
        {REASON_DRIVER, "hv1/gpu2 is there, but without the vendor's DDA mitigation driver"},
        {REASON_BY_HAND_DRIVER, "install the vendor's DDA mitigation driver for hv1/gpu2"}};
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    lab_open(&l);
    no_driver(&l);
    lab_run(&l);
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        assert_int_equal(lab_says(&l, says[i].reason, &p), 1);
        assert_string_equal(p->text, says[i].text);
    }
    lab_close(&l);
}

/* Pools by node, then name; one for each node that has a GPU of it. */
static void test_pools(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    lab_node(&l, "hv2");
    lab_node(&l, "hv1");
    lab_device(&l, "hv2", "b");
    lab_device(&l, "hv2", "b");
    lab_device(&l, "hv1", "b");
    lab_device(&l, "hv1", NULL)->model = "NVIDIA L40S";
    lab_pool_row(&l, "a2", "b");
    lab_pool_row(&l, "l40s", "a")->match = (struct spec_match){.model = "NVIDIA L40S"};
    lab_spec_pool(&l, "b")->exact = true;
    lab_run(&l);
    assert_int_equal(l.want.pool_count, 3);
    assert_string_equal(l.want.pools[0].name, "a");
    assert_string_equal(l.want.pools[1].name, "b");
    assert_string_equal(l.want.pools[2].name, "b");
    assert_int_equal(l.want.pools[1].node, 0);
    assert_int_equal(l.want.pools[2].node, 1);
    assert_true(l.want.pools[1].exact);
    assert_int_equal(lab_changes(&l, FIELD_POOL), 3);
    assert_true(l.diff.pool_images[0].present);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_driver),
        cmocka_unit_test(test_pools),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
