/* gpus rows against devices: I1, E1 to E7, C7, D1, D2, nodes. */
#include "build.h"

/* Two nodes with one A2 each at 4, declared at 4. */
static void two_nodes(struct lab *l)
{
    lab_node(l, "hv1");
    lab_node(l, "hv2");
    lab_gpu(l, "hv1", 4);
    lab_gpu(l, "hv2", 4);
    lab_count(l, "a2", 4);
}

static void drift(struct lab *l)
{
    two_nodes(l);
    l->have.gpus[0].count = NUM(16);
}

static void nodes_exact(struct lab *l)
{
    drift(l);
    lab_declare_node(l, "HV1.example.net");
    lab_declare_node(l, "hv2");
}

static void node_missing(struct lab *l)
{
    drift(l);
    lab_declare_node(l, "hv1");
    lab_declare_node(l, "hv2");
    lab_declare_node(l, "hv3");
}

static void node_extra(struct lab *l)
{
    drift(l);
    lab_declare_node(l, "hv1");
}

static void node_silent(struct lab *l)
{
    drift(l);
    l->have.nodes[1].answered = false;
    l->have.nodes[1].state = NODE_SILENT;
}

static void no_match(struct lab *l)
{
    two_nodes(l);
    lab_row(l, "a40", USE_ANY)->match = (struct spec_match){.model = "NVIDIA A40"};
}

static void match_node_unknown(struct lab *l)
{
    two_nodes(l);
    lab_nodes_of(l, lab_row(l, "x", USE_ANY), "hv9");
    l->spec.gpus[1].match.model = "NVIDIA A40";
}

static void nothing_at_all(struct lab *l)
{
    lab_node(l, "hv1");
}

static void per_node_few(struct lab *l)
{
    drift(l);
    l->spec.gpus[0].per_node = (struct spec_num){2, lab_at(l)};
}

static void per_node_right(struct lab *l)
{
    drift(l);
    l->spec.gpus[0].per_node = (struct spec_num){1, lab_at(l)};
}

static void by_ids(struct lab *l)
{
    drift(l);
    l->spec.gpus[0].match = (struct spec_match){.pci = "10DE:25B6", .subsystem = "10de:157E"};
}

static void other_subsystem(struct lab *l)
{
    drift(l);
    l->spec.gpus[0].match = (struct spec_match){.pci = "10de:25b6", .subsystem = "10de:14a9"};
}

/* The same location on both nodes, as cloned hosts have. */
static void location_twice(struct lab *l)
{
    drift(l);
    l->have.gpus[1].locations[0] = l->have.gpus[0].locations[0];
    l->spec.gpus[0].match =
        (struct spec_match){.location = arena_strdup(&l->arena, l->have.gpus[0].locations[0])};
}

static void location_with_node(struct lab *l)
{
    location_twice(l);
    lab_nodes_of(l, &l->spec.gpus[0], "HV1");
    l->spec.policy.homogeneous = HOMOGENEOUS_WARN;
}

static void instance_bare(struct lab *l)
{
    drift(l);
    l->spec.gpus[0].match = (struct spec_match){.instance = "4&0000"};
}

static void instance_path(struct lab *l)
{
    drift(l);
    l->spec.gpus[0].match = (struct spec_match){.instance = "pci\\ven_10de&dev_25b6\\4&0000"};
}

static void overlap(struct lab *l)
{
    drift(l);
    lab_nodes_of(l, lab_count(l, "again", 4), "hv1");
}

static void iov_off(struct lab *l)
{
    static const char *why[] = {"the chipset does not do it"};

    drift(l);
    l->have.nodes[0].iov = TRI_NO;
    l->have.nodes[0].iov_reasons = why;
    l->have.nodes[0].iov_reason_count = 1;
}

static void iov_off_in_sync(struct lab *l)
{
    two_nodes(l);
    l->have.nodes[0].iov = TRI_NO;
}

static void iov_off_runs(struct lab *l)
{
    iov_off_in_sync(l);
    struct vm *v = lab_vm(l, "vdi", "hv1");

    v->power = POWER_RUNNING;
    lab_adapter(l, v, &l->have.gpus[0]);
    lab_wish(l, "vdi", VM_PARTITION);
}

static void build_2022(struct lab *l)
{
    drift(l);
    l->have.nodes[1].build = NUM(20348);
}

static void build_2016(struct lab *l)
{
    drift(l);
    l->have.nodes[1].build = NUM(14393);
    lab_vm(l, "vdi", "hv1");
    lab_wish(l, "vdi", VM_PARTITION);
}

static void pool_on(struct lab *l, uint64_t build)
{
    lab_node(l, "hv1")->build = NUM(build);
    lab_device(l, "hv1", NULL);
    lab_pool_row(l, "a2", "ml");
}

static void pool_2022(struct lab *l)
{
    pool_on(l, 20348);
}

static void pool_22h2(struct lab *l)
{
    pool_on(l, 20349);
}

static void pool_23h2(struct lab *l)
{
    pool_on(l, 25398);
}

static void pool_host_2022(struct lab *l)
{
    pool_on(l, 20348);
    lab_host(l);
}

static void device_2012(struct lab *l)
{
    pool_on(l, 9600);
    lab_host(l);
}

static void state_of(struct lab *l, enum gpu_state state)
{
    drift(l);
    l->have.gpus[0].state = state;
}

static void driverless(struct lab *l)
{
    state_of(l, GPU_NO_DRIVER);
}

static void with_host(struct lab *l)
{
    state_of(l, GPU_HOST);
}

static void with_host_for_dda(struct lab *l)
{
    state_of(l, GPU_HOST);
    l->have.gpus[0].mitigation_driver = TRI_YES;
}

static void paravirtual(struct lab *l)
{
    state_of(l, GPU_PARAVIRTUAL);
}

static void dismounted(struct lab *l)
{
    state_of(l, GPU_DISMOUNTED);
}

static void state_unknown(struct lab *l)
{
    state_of(l, GPU_UNKNOWN);
}

static void not_assignable_in_set(struct lab *l)
{
    state_of(l, GPU_NOT_ASSIGNABLE);
    l->spec.policy.homogeneous = HOMOGENEOUS_WARN;
}

static void not_assignable_named(struct lab *l)
{
    state_of(l, GPU_NOT_ASSIGNABLE);
    l->spec.gpus[0].match = (struct spec_match){.instance = "4&0000"};
}

static void nvme_named(struct lab *l)
{
    two_nodes(l);
    lab_device(l, "hv1", NULL)->is_gpu = false;
    lab_row(l, "nvme", USE_DEVICE)->match = (struct spec_match){.instance = "4&0002"};
}

static void driverless_all(struct lab *l)
{
    driverless(l);
    l->have.gpus[1].state = GPU_NO_DRIVER;
}

static void policy_key(struct lab *l)
{
    two_nodes(l);
    l->have.nodes[0].require_secure = TRI_YES;
    l->have.nodes[1].require_supported = TRI_YES;
}

static void policy_secure(struct lab *l)
{
    policy_key(l);
    l->have.nodes[1].require_supported = TRI_NO;
}

static void policy_supported(struct lab *l)
{
    policy_key(l);
    l->have.nodes[0].require_secure = TRI_NO;
}

static void no_partitionable(struct lab *l)
{
    lab_node(l, "hv1");
    lab_vm(l, "vdi", "hv1");
    lab_wish(l, "vdi", VM_PARTITION);
}

static void one_silent(struct lab *l)
{
    lab_node(l, "hv1");
    lab_node(l, "hv2")->answered = false;
    lab_gpu(l, "hv2", 4);
    lab_count(l, "a2", 4);
}

/* hv1 is meant, and has one; hv2 has none, and is not asked. */
static void per_node_of_match(struct lab *l)
{
    drift(l);
    l->have.gpus[1].model = "NVIDIA A40";
    l->spec.gpus[0].per_node = (struct spec_num){1, lab_at(l)};
    lab_nodes_of(l, &l->spec.gpus[0], "hv1");
    lab_row(l, "a40", USE_ANY)->match.model = "NVIDIA A40";
}

static void no_match_nobody_seen(struct lab *l)
{
    lab_node(l, "hv1")->answered = false;
    lab_count(l, "a2", 4);
}

static void no_match_of_silent(struct lab *l)
{
    node_silent(l);
    lab_nodes_of(l, lab_row(l, "x", USE_ANY), "hv2");
    l->spec.gpus[1].match.model = "NVIDIA A40";
}

static void no_match_some_silent(struct lab *l)
{
    node_silent(l);
    lab_row(l, "x", USE_ANY)->match.model = "NVIDIA A40";
}

static void no_match_no_nodes(struct lab *l)
{
    lab_count(l, "a2", 4);
}

static void match_node_missing(struct lab *l)
{
    static const char *nodes[] = {"hv1", "hv2", "hv9"};

    drift(l);
    l->spec.gpus[0].match.nodes = nodes;
    l->spec.gpus[0].match.node_count = 3;
}

static const struct lab_rule rows[] = {
    {"C2", "a count that differs is one change", drift, REASON_NONE, 0, 1},
    {"C2", "in sync", two_nodes, REASON_NONE, 0, 0},
    {"E5", "nodes listed, whatever case and suffix", nodes_exact, REASON_NONE, 0, 1},
    {"E5", "a declared node is missing", node_missing, REASON_NODE_MISSING, 1, 0},
    {"C3", "and holds the counts back", node_missing, REASON_PARTIAL, 1, 0},
    {"E5", "a node that nodes does not list", node_extra, REASON_NODE_EXTRA, 1, 1},
    {"M4", "a silent node is unknown", node_silent, REASON_NODE_UNSEEN, 1, 0},
    {"C3", "and holds the counts back", node_silent, REASON_PARTIAL, 1, 0},
    {"E5", "a selector without a match", no_match, REASON_NO_MATCH, 1, 0},
    {"E5", "match names an unknown node", match_node_unknown, REASON_NODE_MISSING, 1, 0},
    {"E5", "and the whole row waits for it", match_node_missing, REASON_NODE_MISSING, 1, 0},
    {"E5", "nothing declared, nothing there", nothing_at_all, REASON_NONE, 0, 0},
    {"E5", "fewer than perNode refuse the set", per_node_few, REASON_PER_NODE, 1, 0},
    {"E5", "exactly perNode", per_node_right, REASON_NONE, 0, 1},
    {"E5", "perNode of the nodes that match names", per_node_of_match, REASON_PER_NODE, 0, 1},
    {"M4", "nobody was seen, nothing is missing", no_match_nobody_seen, REASON_NO_MATCH, 0, 0},
    {"M4", "nor where the only node is silent", no_match_of_silent, REASON_NO_MATCH, 0, 0},
    {"E5", "no match on those that were seen", no_match_some_silent, REASON_NO_MATCH, 1, 0},
    {"E5", "no nodes at all", no_match_no_nodes, REASON_NO_MATCH, 1, 0},
    {"I1", "ids without case", by_ids, REASON_NONE, 0, 1},
    {"I3", "another subsystem is another card", other_subsystem, REASON_NO_MATCH, 1, 0},
    {"I1", "one location on two nodes", location_twice, REASON_AMBIGUOUS_GPU, 1, 0},
    {"I1", "and with its node", location_with_node, REASON_NONE, 0, 1},
    {"I1", "a bare instance, once there", instance_bare, REASON_NONE, 0, 1},
    {"I1", "a path without case", instance_path, REASON_NONE, 0, 1},
    {"E5", "a GPU of two rows", overlap, REASON_AMBIGUOUS_GPU, 1, 0},
    {"E2", "no count where IovSupport is false", iov_off, REASON_NODE_NOT_CAPABLE, 1, 0},
    {"E2", "nothing to refuse where it is as declared", iov_off_in_sync, REASON_NONE, 0, 0},
    {"E2", "what runs there is a warning", iov_off_runs, REASON_WARN_IOV, 1, 0},
    {"E1", "an undocumented build", build_2022, REASON_WARN_BUILD, 1, 1},
    {"E1", "and is not refused", build_2022, REASON_NONE, 0, 1},
    {"E1", "no partitions on that build: GPU and VM", build_2016, REASON_BUILD, 2, 0},
    {"E1", "a pool on a cluster of 20348", pool_2022, REASON_BUILD, 1, 0},
    {"E1", "on one of 20349", pool_22h2, REASON_NONE, 0, 2},
    {"E1", "on one of 25398", pool_23h2, REASON_NONE, 0, 2},
    {"E1", "on one host of 20348", pool_host_2022, REASON_NONE, 0, 2},
    {"E1", "where no partition is wanted", pool_host_2022, REASON_WARN_BUILD, 0, 2},
    {"E1", "a device before 14393", device_2012, REASON_BUILD, 1, 0},
    {"E3", "present without its driver", driverless, REASON_DRIVER, 1, 0},
    {"C2", "declared, so no node is without", driverless_all, REASON_WARN_HOMOGENEOUS, 0, 0},
    {"E6", "and what to do by hand", driverless, REASON_BY_HAND_DRIVER, 1, 0},
    {"E3", "with its host, not partitionable", with_host, REASON_DRIVER, 1, 0},
    {"D1", "with the driver for devices", with_host_for_dda, REASON_MODE, 1, 0},
    {"C7", "paravirtual", paravirtual, REASON_PARAVIRTUAL, 1, 0},
    {"D1", "set aside as a device", dismounted, REASON_MODE, 1, 0},
    {"M4", "a state that was not read", state_unknown, REASON_NODE_UNSEEN, 1, 0},
    {"E3", "not assignable is left out of a set", not_assignable_in_set, REASON_NONE, 0, 0},
    {"E3", "which is said", not_assignable_in_set, REASON_NOTE_NOT_ASSIGNABLE, 1, 0},
    {"E3", "not assignable and named", not_assignable_named, REASON_NOT_ASSIGNABLE, 1, 0},
    {"E5", "a device that is no GPU", nvme_named, REASON_NO_MATCH, 1, 0},
    {"E7", "policy keys, one warning", policy_key, REASON_WARN_POLICY, 1, 0},
    {"E7", "the secure one alone", policy_secure, REASON_WARN_POLICY, 1, 0},
    {"E7", "the supported one alone", policy_supported, REASON_WARN_POLICY, 1, 0},
    {"E5", "no partitionable GPU", no_partitionable, REASON_NOTE_NO_GPU, 1, 1},
    {"E5", "and one that is", two_nodes, REASON_NOTE_NO_GPU, 0, 0},
    {"E5", "and one on a silent node only", one_silent, REASON_NOTE_NO_GPU, 1, 0},
};

static void test_rules(void **state)
{
    (void)state;
    lab_check(rows, sizeof rows / sizeof *rows);
}

/* A node that is down is told apart from one that is silent; what was no GPU is said. */
static void test_more_texts(void **state)
{
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    lab_open(&l);
    node_silent(&l);
    lab_run(&l);
    lab_says(&l, REASON_NODE_UNSEEN, &p);
    assert_string_equal(p->text, "hv2 is silent: its GPUs and VMs are unknown");
    l.have.nodes[1].state = NODE_DOWN;
    lab_run(&l);
    lab_says(&l, REASON_NODE_UNSEEN, &p);
    assert_string_equal(p->text, "hv2 is down: its GPUs and VMs are unknown");
    lab_close(&l);

    lab_open(&l);
    pool_2022(&l);
    lab_run(&l);
    lab_says(&l, REASON_BUILD, &p);
    assert_string_equal(p->text, "hv1 is build 20348: pools on a cluster need 20349, 25398 or "
                                 "26100");
    lab_close(&l);

    lab_open(&l);
    nvme_named(&l);
    lab_run(&l);
    lab_says(&l, REASON_NO_MATCH, &p);
    assert_string_equal(p->text, "instancePath 4&0002 matches no GPU of any node that was seen; "
                                 "what it matches is not a GPU");
    lab_close(&l);
}

/* The reasons of the platform are quoted, the place is the row's. */
static void test_texts(void **state)
{
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    lab_open(&l);
    iov_off(&l);
    lab_run(&l);
    assert_int_equal(lab_says(&l, REASON_NODE_NOT_CAPABLE, &p), 1);
    assert_string_equal(p->text, "IovSupport of hv1 is false: the chipset does not do it");
    assert_string_equal(p->subject, "gpu/hv1/gpu0");
    assert_string_equal(p->at.file, "spec.yaml");
    assert_int_equal(p->at.line, l.spec.gpus[0].at.line);
    lab_close(&l);

    lab_open(&l);
    per_node_few(&l);
    lab_run(&l);
    assert_int_equal(lab_says(&l, REASON_PER_NODE, &p), 1);
    assert_string_equal(p->text, "perNode is 2 for model NVIDIA A2: hv1 has 1, hv2 has 1");
    lab_close(&l);

    lab_open(&l);
    location_twice(&l);
    lab_run(&l);
    assert_int_equal(lab_says(&l, REASON_AMBIGUOUS_GPU, &p), 1);
    assert_string_equal(
        p->text,
        "locationPath PCIROOT(0)#PCI(0200)#PCI(0000) matches 2 devices: hv1/gpu0 hv2/gpu0");
    lab_close(&l);
}

/* Target rows point into have, in its order; what no row takes has none. */
static void test_target(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    lab_node(&l, "hv2");
    lab_node(&l, "hv1");
    lab_gpu(&l, "hv2", 4);
    lab_gpu(&l, "hv1", 4)->model = "NVIDIA A40";
    lab_gpu(&l, "hv1", 4);
    lab_count(&l, "a2", 4);
    lab_run(&l);
    assert_int_equal(l.want.gpu_count, 2);
    assert_int_equal(l.want.of_gpu[0], NO_INDEX); /* the A40 of hv1 */
    assert_int_equal(l.want.of_gpu[1], 0);
    assert_int_equal(l.want.of_gpu[2], 1);
    assert_int_equal(l.want.gpus[1].gpu, 2);
    assert_string_equal(l.want.gpus[1].row_name, "a2");
    assert_int_equal(l.want.cluster_count, 4);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_more_texts),
        cmocka_unit_test(test_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
