/*
 * Worlds and snapshots as documents: read, written, read again; and what is
 * wrong with one is said.
 *
 * WORLD_REWRITE=1 writes specs/schema/world.schema.json anew.
 */
#include "codec/world_table.h"
#include "schema_tree.h"
#include "sim_world.h"

#include <stdio.h>
#include <stdlib.h>

static const char *slurp(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = arena_alloc(a, 1 << 20, 1);

    if (!f)
        fail_msg("%s cannot be opened; run from the top of the tree", path);
    text[fread(text, 1, (1 << 20) - 1, f)] = 0;
    fclose(f);
    return text;
}

/* write(read(write(w))) is write(w), byte for byte, and so for what is seen of it. */
static void comes_back(struct arena *a, const struct world *w, const char *what)
{
    const char *once = world_write(a, w), *snapshot;
    struct world again;
    struct state seen;
    struct err e;

    must_read(a, once, &again);
    if (strcmp(once, world_write(a, &again)) != 0)
        fail_msg("%s: the world does not come back", what);
    assert_true(world_observe(w, a, NO_INDEX, &seen, &e));
    snapshot = snapshot_write(a, &seen);
    must_read(a, snapshot, &again);
    if (strcmp(snapshot, snapshot_write(a, &again.now)) != 0)
        fail_msg("%s: the snapshot does not come back", what);
}

/* ---- the two worlds of the design, as printed ---- */

static void edge_site(void **state)
{
    struct arena a;
    struct world w;
    const struct vm *vm;

    (void)state;
    arena_init(&a, 0);
    must_read(&a, slurp(&a, "tests/worlds/edge-a2.yaml"), &w);
    assert_string_equal(w.now.name, "de-ber-014-cl");
    assert_string_equal(w.now.identity, "cluster/de-ber-014-cl");
    assert_false(w.now.standalone);
    assert_false(w.now.synthetic); /* both counts are the public ones */
    assert_int_equal(w.now.node_count, 2);
    assert_int_equal(w.now.gpu_count, 2);
    assert_true(num_is(w.now.gpus[0].count, 16));
    assert_true(num_is(w.now.gpus[1].count, 4));
    assert_string_equal(w.now.gpus[0].path,
                        "PCI\\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\\4&18416DC3&0&0000");
    assert_string_equal(w.now.gpus[0].reported,
                        "\\\\?\\PCI#VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1#4&18416dc3&0&0000#"
                        "{064092b3-625e-43bf-9eb5-dc845897dd59}");
    assert_int_equal(w.now.gpus[0].valid_count, 5);
    vm = the_vm(&w, "de-ber-014-vision-1");
    assert_int_equal(vm->power, POWER_RUNNING);
    assert_string_equal(vm->adapters[0].seen, w.now.gpus[0].path);
    assert_true(num_is(vm->adapters[0].partition, 0));
    assert_true(num_is(vm->adapters[0].current[QUOTA_VRAM], 939524096));
    assert_true(num_is(vm->settings.mmio_high_mib, 32768));
    assert_true(vm->role.clustered);
    assert_true(num_is(vm->role.offline_action, 1));
    assert_int_equal(w.sim[vm_named(&w, "de-ber-014-vision-1")].shutdown_ms, 40000);
    assert_int_equal(w.sim[vm_named(&w, "de-ber-014-voice-1")].start_ms, 20000);
    assert_int_equal(the_vm(&w, "de-ber-014-voice-1")->settings.stop_action, STOP_ACTION_SAVE);
    assert_int_equal(w.fault_count, 1);
    assert_int_equal(w.faults[0].verb, VERB_GPU_COUNT);
    assert_int_equal(w.faults[0].answer, 32768);
    comes_back(&a, &w, "edge-a2");
    arena_release(&a);
}

static void ml_pool(void **state)
{
    struct arena a;
    struct world w;
    size_t members[4] = {0}, others = 0;

    (void)state;
    arena_init(&a, 0);
    must_read(&a, slurp(&a, "tests/worlds/ml-pool.yaml"), &w);
    for (size_t i = 0; i < w.now.gpu_count; i++) {
        members[w.now.gpus[i].node] += w.now.gpus[i].pool != NULL;
        others += !w.now.gpus[i].is_gpu;
        if (w.now.gpus[i].state == GPU_HOST) {
            assert_int_equal(w.now.gpus[i].node, 2);
            assert_int_equal(w.now.gpus[i].mitigation_driver, TRI_NO);
        } else if (w.now.gpus[i].is_gpu) {
            assert_int_equal(w.now.gpus[i].mitigation_driver, TRI_YES);
            assert_true(num_is(w.now.gpus[i].mmio_high_mib, 65568));
        }
    }
    assert_int_equal(members[0], 4);
    assert_int_equal(members[2], 3);
    assert_int_equal(members[3], 5); /* with the NVMe */
    assert_int_equal(others, 1);
    assert_int_equal(w.now.pool_count, 4);
    assert_int_equal(the_vm(&w, "ml-02")->power, POWER_OFF);
    assert_int_equal(the_vm(&w, "ml-05")->settings.checkpoints, CHECKPOINTS_DISABLED);
    assert_true(num_is(the_vm(&w, "ml-05")->role.offline_action, 1));
    assert_true(num_is(the_vm(&w, "ml-04")->role.offline_action, 3)); /* of the defaults */
    assert_non_null(the_vm(&w, "ml-01")->requests[1].given);
    assert_null(the_vm(&w, "ml-02")->requests[1].given);
    comes_back(&a, &w, "ml-pool");
    arena_release(&a);
}

/* ---- defaults, orders, unknowns ---- */

static void order_of_keys_is_nothing(void **state)
{
    static const char *const texts[] = {
        CLUSTER(
            "  nodes: [{name: n, gpus: [{card: NVIDIA A2}]}]\n"
            "  defaults: {vm: {power: running, node: n}}\n  vms: [{name: v, adapters: [{}]}]\n"),
        CLUSTER("  vms: [{adapters: [{}], name: v}]\n  defaults: {vm: {node: n, power: running}}\n"
                "  nodes: [{gpus: [{card: NVIDIA A2}], name: n}]\n"),
        CLUSTER(
            "  nodes: [{name: n, gpus: [{card: NVIDIA A2}]}]\n  vms: [{name: v, adapters: [{}]}]\n"
            "  defaults: {vm: {power: running, node: n}}\n"),
        "spec: {vms: [{adapters: [{}], name: v}], nodes: [{gpus: [{card: NVIDIA A2}], name: n}], "
        "timing: {device: 0s, count: 0s, change: 0s}, defaults: {vm: {node: n, power: running}}, "
        "cluster: {name: c}, now: 2026-11-19T13:00:00Z}\nkind: World\nmetadata: {name: t}\n"
        "apiVersion: hvgpu/v1\n",
    };
    struct arena a;
    struct world w;
    const char *first = NULL;

    (void)state;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        must_read(&a, texts[i], &w);
        if (!first)
            first = world_write(&a, &w);
        if (strcmp(first, world_write(&a, &w)) != 0)
            fail_msg("text %zu is another world:\n%s", i, world_write(&a, &w));
    }
    arena_release(&a);
}

static void rows_are_sorted_with_what_belongs_to_them(void **state)
{
    struct arena a;
    struct world w;

    (void)state;
    arena_init(&a, 0);
    must_read(&a,
              CLUSTER("  nodes: [{name: z, state: hangs, rights: {write: false}}, {name: b}, "
                      "{name: A}]\n"
                      "  vms:\n    - {name: v-10, node: z, timing: {start: 10s}}\n"
                      "    - {name: v-2, node: a, timing: {start: 2s}, platform: {home: Z}}\n"
                      "    - {name: v-1, node: B, timing: {start: 1s}}\n"),
              &w);
    assert_string_equal(w.now.nodes[0].name, "A");
    assert_true(w.hangs[2]);
    assert_false(w.hangs[0]);
    assert_false(world_rights(&w, 2).write);
    assert_true(world_rights(&w, 2).execute && world_rights(&w, 0).write);
    assert_string_equal(w.now.vms[0].name, "v-1");
    assert_int_equal(w.now.vms[0].node, 1);
    assert_int_equal(w.sim[0].start_ms, 1000);
    assert_string_equal(w.now.vms[1].name, "v-2");
    assert_int_equal(w.sim[1].start_ms, 2000);
    assert_int_equal(w.sim[1].home, 2);
    assert_int_equal(w.sim[2].start_ms, 10000);
    w.now.vms[0].role.config = RES_OFFLINE; /* registered on no node (S8) */
    w.now.vms[0].hidden = true;
    w.now.vms[0].node = NO_INDEX;
    w.now.vms[0].adapters = arena_new(&a, struct adapter);
    w.now.vms[0].adapters[0] = (struct adapter){.id = "x", .seen = "PCI\\VEN_10DE\\1"};
    w.now.vms[0].adapter_count = 1;
    comes_back(&a, &w, "sorted");
    assert_non_null(strstr(world_write(&a, &w), "\"write\": false"));
    arena_release(&a);
}

static void what_is_left_out(void **state)
{
    struct arena a;
    struct world w;

    (void)state;
    arena_init(&a, 0);
    must_read(&a,
              HOST("  nodes: [{name: H, build: 26100, gpus: [{card: NVIDIA A2}, "
                   "{card: NVIDIA GeForce RTX 3060}, {card: NVIDIA A40, state: no-driver}]}]\n"
                   "  vms: [{name: v, power: running, adapters: [{}]}, {name: w}]\n"),
              &w);
    assert_true(w.now.standalone);
    assert_string_equal(w.now.name, "H");
    assert_string_equal(w.now.identity, "host/h");
    assert_true(num_is(w.now.gpus[0].count, 16)); /* the largest */
    assert_int_equal(w.now.gpus[0].state, GPU_PARTITIONED);
    assert_int_equal(w.now.gpus[0].incoming_migration, TRI_NO);
    assert_int_equal(w.now.gpus[1].state, GPU_PARAVIRTUAL);
    assert_true(path_is_paravirtual(w.now.gpus[1].reported));
    assert_true(num_is(w.now.gpus[1].total[QUOTA_ENCODE], UINT64_MAX)); /* C9 */
    assert_null(w.now.gpus[2].model);
    assert_string_equal(w.now.gpus[2].pci, "10de:2235");
    assert_false(w.now.gpus[2].count.known);
    assert_false(the_vm(&w, "v")->role.clustered);
    assert_int_equal(the_vm(&w, "v")->role.matches, 0);
    assert_true(num_is(the_vm(&w, "v")->settings.mmio_low_mib, 128));
    assert_true(num_is(the_vm(&w, "v")->settings.mmio_base_mib, 65024));
    assert_string_equal(the_vm(&w, "v")->adapters[0].seen, w.now.gpus[1].path); /* most room */
    assert_int_equal(the_vm(&w, "w")->power, POWER_OFF);
    assert_string_not_equal(the_vm(&w, "v")->id, the_vm(&w, "w")->id);
    comes_back(&a, &w, "left out");
    arena_release(&a);
}

/* M1: a partition says of leaving what its GPU says of coming, unless the world says otherwise. */
static void what_a_partition_says_of_leaving(void **state)
{
    static const char *const vms[] = {"yes", "no", "said", "quiet", "off", "saved", "old", "none"};
    static const enum tri says[] = {TRI_YES,     TRI_NO,  TRI_NO,      TRI_UNKNOWN,
                                    TRI_UNKNOWN, TRI_YES, TRI_UNKNOWN, TRI_UNKNOWN};
    const char *once;
    struct arena a;
    struct world w;

    (void)state;
    arena_init(&a, 0);
    must_read(&a,
              CLUSTER("  nodes:\n"
                      "    - {name: n1, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&1, "
                      "incomingLiveMigration: true}]}\n"
                      "    - {name: n2, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&2}]}\n"
                      "    - {name: n3, build: 25398, gpus: [{card: NVIDIA A2, instance: 4&3, "
                      "incomingLiveMigration: true}]}\n"
                      "  defaults: {vm: {node: n1, power: running}}\n"
                      "  vms:\n"
                      "    - {name: 'yes', adapters: [{}]}\n"
                      "    - {name: 'no', node: n2, adapters: [{}]}\n"
                      "    - {name: said, adapters: [{outgoingLiveMigration: false}]}\n"
                      "    - {name: quiet, adapters: [{outgoingLiveMigration: unknown}]}\n"
                      "    - {name: 'off', power: stopped, adapters: [{seen: 4&1}]}\n"
                      "    - {name: saved, power: saved, adapters: [{seen: 4&1}]}\n"
                      "    - {name: old, node: n3, adapters: [{}]}\n"
                      "    - {name: none, adapters: [{checkpoint: true, seen: 4&1}]}\n"),
              &w);
    once = world_write(&a, &w);
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < sizeof vms / sizeof *vms; i++)
            if (the_vm(&w, vms[i])->adapters[0].outgoing_migration != says[i])
                fail_msg("%s says %d", vms[i], the_vm(&w, vms[i])->adapters[0].outgoing_migration);
        must_read(&a, once, &w);
    }
    comes_back(&a, &w, "leaving");
    arena_release(&a);
}

/* Every value that can be unknown, unknown: it stays so, and no default takes its place. */
static void unknown_is_a_value(void **state)
{
    struct arena a;
    struct world w;
    const struct gpu *g;
    const struct vm *v;

    (void)state;
    arena_init(&a, 0);
    must_read(
        &a,
        CLUSTER(
            "  nodes: [{name: n, state: unknown, build: unknown, boot: unknown, iovSupport: "
            "unknown, addressBits: unknown, requireSecureDeviceAssignment: unknown, gpus: [{card: "
            "NVIDIA A2, state: unknown, partitions: unknown, model: unknown, "
            "incomingLiveMigration: unknown, mitigationDriver: unknown, series: unknown, mmio: "
            "{low: unknown, high: unknown}, total: {vram: unknown, encode: unknown, decode: "
            "unknown, compute: unknown}}]}]\n"
            "  vms: [{name: v, node: n, generation: unknown, power: unknown, stamp: unknown, "
            "canShutDown: unknown, windows: unknown, checkpoints: unknown, settings: "
            "{automaticStopAction: unknown, dynamicMemory: unknown, checkpoints: unknown, "
            "automaticCheckpoints: unknown, guestControlledCacheTypes: unknown, memory: {startup: "
            "unknown, minimum: unknown, maximum: unknown}, mmio: {low: unknown, high: unknown, "
            "base: unknown}}, role: {offlineAction: unknown, vm: unknown, config: unknown}, "
            "adapters: [{id: x, seen: unknown, partition: unknown, pinUnknown: true}]}]\n"),
        &w);
    g = &w.now.gpus[0];
    v = &w.now.vms[0];
    assert_int_equal(w.now.nodes[0].boot_ms, WHEN_NONE);
    assert_false(w.now.nodes[0].build.known || w.now.nodes[0].address_bits.known);
    assert_int_equal(w.now.nodes[0].iov, TRI_UNKNOWN);
    assert_null(g->model);
    assert_false(g->count.known || g->series.known || g->mmio_low_mib.known || g->total[0].known);
    assert_int_equal(v->stamp_ms, WHEN_NONE);
    assert_false(v->generation.known || v->checkpoint_count.known || v->role.offline_action.known ||
                 v->settings.mmio_base_mib.known || v->settings.memory_startup_mib.known);
    assert_int_equal(v->settings.checkpoints, CHECKPOINTS_UNKNOWN);
    assert_int_equal(v->role.config, RES_UNKNOWN);
    assert_null(v->adapters[0].seen);
    assert_true(v->adapters[0].pin_unknown);
    w.now.nodes[0].state = NODE_UP; /* so that it is seen */
    comes_back(&a, &w, "unknown");
    arena_release(&a);
}

/* A world in the middle of everything: effects under way, stale copies, an owner, counters. */
static void everything_comes_back(void **state)
{
    struct arena a;
    struct world w;
    struct action act_;
    struct err e;
    struct limits limits = {.max = {NUM(UINT64_MAX), NUM(1)}};

    (void)state;
    arena_init(&a, 0);
    must_read(
        &a,
        CLUSTER(
            "  speed: 60\n  checkpointsNeedOff: true\n  owner: {store: s, host: h, "
            "since: 2026-11-19T12:00:00.250Z, epoch: 18446744073709551615}\n"
            "  cards: [{name: X1, pci: \"1234:5678\", total: {vram: 1 GiB}, counts: "
            "[{count: 2}, {count: 8, vram: 100 MiB, encode: 1}]}]\n"
            "  nodes: [{name: n, pools: [p], gpus: [{card: X1, partitions: 2}, {card: "
            "NVIDIA A2}], devices: [{pci: \"144d:a820\", state: dismounted, pool: p, "
            "class: storage, model: NVMe}]}, {name: m, state: paused}]\n"
            "  vms: [{name: v, node: n, adapters: [{id: x}, {id: y, checkpoint: true}]}, "
            "{name: u, node: n, power: running, guest: hangs, timing: {shutdown: "
            "1500ms}}, {name: s, node: n, power: saved, adapters: [{id: z}]}, {name: k, "
            "node: n, role: {config: offline}, owner: arc}]\n"
            "  faults: [{on: any, late: 90s, after: 50}, {on: observe, node: m, times: "
            "0, answer: 1}, {on: vm-start, deny: 32775}, {on: vm-stop, after: 9, die: true}, {on: "
            "vm-stop, after: 9, hang: true}, {on: vm-stop, after: 9, lie: true}]\n"),
        &w);
    act_ = act(&w, VERB_ADAPTER_REMOVE, "n", "v");
    act_.object = "x";
    assert_int_equal(world_change(&w, &act_, &e), SIM_DONE);
    act_ = act(&w, VERB_VM_STOP, "n", "u");
    assert_int_equal(world_perform(&w, &act_, &e), SIM_ACCEPTED);
    w.timing.change_ms = 1234;
    act_ = act(&w, VERB_ADAPTER_LIMITS, "n", "v");
    act_.object = "y";
    act_.limits = &limits;
    act_.value[2] = UINT64_MAX;
    the_vm(&w, "v")->adapters[0].of_checkpoint = false;
    assert_int_equal(world_perform(&w, &act_, &e), SIM_ACCEPTED);
    assert_int_equal(w.job_count, 1);
    assert_true(w.now.synthetic);
    comes_back(&a, &w, "everything");
    must_read(&a, world_write(&a, &w), &w);
    assert_int_equal(w.owner.epoch, UINT64_MAX);
    assert_int_equal(w.sim[vm_named(&w, "u")].shutdown_ms, 1500);
    assert_true(w.sim[vm_named(&w, "u")].asked);
    assert_true(w.sim[vm_named(&w, "v")].stale);
    assert_int_equal(w.sim[vm_named(&w, "v")].copy->adapter_count, 2);
    assert_true(num_is(w.jobs[0].action.limits->max[0], UINT64_MAX));
    assert_int_equal(w.now.gpus[0].valid[0], 8); /* falling */
    arena_release(&a);
}

/* ---- what is wrong with a document ---- */

#define JOB(rest) CLUSTER("  jobs: [{lands: 2026-11-19T13:00:00Z, subject: x, " rest "}]\n")

static void errors(void **state)
{
    static const struct {
        const char *text, *code;
        uint32_t line; /* 0: any */
    } rows[] = {
        {"", "empty", 0},
        {"apiVersion: hvgpu/v1\nkind: World\n", "missing-key", 0},
        {"apiVersion: hvgpu/v2\nkind: World\nmetadata: {name: t}\nspec: {}\n", "api-version", 1},
        {"apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: t}\nspec: {}\n", "kind", 2},
        {CLUSTER("  nodez: []\n"), "unknown-key", 8},
        {CLUSTER("  nodes: [{name: n, buildd: 1}]\n"), "unknown-key", 8},
        {CLUSTER("  nodes: [{build: 1}]\n"), "missing-key", 8},
        {CLUSTER("  nodes: [{name: n}, {name: N}]\n"), "duplicate", 8},
        {CLUSTER("  nodes: {name: n}\n"), "wrong-type", 8},
        {CLUSTER("  nodes: [{name: n, gpus: [{card: NVIDIA B9}]}]\n"), "unknown-card", 8},
        {CLUSTER("  nodes: [{name: n, gpus: [{}]}]\n"), "missing-key", 8},
        {CLUSTER("  nodes: [{name: n, gpus: [{card: NVIDIA A2, instance: a}, {card: NVIDIA A2, "
                 "instance: A}]}]\n"),
         "duplicate", 8},
        {CLUSTER("  nodes: [{name: n, gpus: [{card: NVIDIA A2, partitions: -4}]}]\n"),
         "not-a-number", 8},
        {CLUSTER("  nodes: [{name: n, boot: yesterday}]\n"), "not-a-time", 8},
        {CLUSTER("  nodes: [{name: n}]\n  vms: [{name: v, node: m}]\n"), "unknown-node", 9},
        {CLUSTER("  nodes: [{name: n}, {name: m}]\n  vms: [{name: v}]\n"), "missing-key", 9},
        {CLUSTER("  nodes: [{name: n}]\n  vms: [{node: n}]\n"), "missing-key", 9},
        {CLUSTER("  nodes: [{name: n}]\n  vms: [{name: v, id: a}, {name: w, id: A}]\n"),
         "duplicate", 9},
        {CLUSTER("  nodes: [{name: n}]\n  vms: [{name: v, adapters: [{id: x}, {id: x}]}]\n"),
         "duplicate", 9},
        {CLUSTER("  nodes: [{name: n}]\n  vms: [{name: v, requests: [{}]}]\n"), "missing-key", 9},
        {CLUSTER("  nodes: [{name: n}]\n  vms: [{name: v, settings: {mmio: {low: 1500 KiB}}}]\n"),
         "unit", 9},
        {CLUSTER("  nodes: [{name: n}]\n  vms: [{name: v, timing: {start: soon}}]\n"),
         "not-a-duration", 9},
        {CLUSTER("  nodes: [{name: n}]\n  vms: [{name: v, power: off}]\n"), "not-one-of", 9},
        {CLUSTER("  cards: [{name: X}]\n"), "missing-key", 8},
        {CLUSTER("  cards: [{name: NVIDIA A2, counts: [{count: 4}, {count: 4}]}]\n"), "duplicate",
         8},
        {CLUSTER("  faults: [{on: vm-stop}]\n"), "fault-kind", 8},
        {CLUSTER("  faults: [{on: vm-stop, hang: true, lie: true}]\n"), "fault-kind", 8},
        {CLUSTER("  faults: [{on: observe, lie: true}]\n"), "fault-kind", 8},
        {CLUSTER("  faults: [{on: vm-explode, lie: true}]\n"), "unknown-verb", 8},
        {CLUSTER("  arm: {}\n"), "not-supported-yet", 8},
        {HOST("  nodes: [{name: n}, {name: m}]\n"), "standalone", 7},
        {HOST("  nodes: [{name: n}]\n  vms: [{name: v, role: {clustered: true}}]\n"), "role", 8},
        {JOB("phase: effect"), "missing-key", 8},
        {JOB("phase: move"), "missing-key", 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena a;
        struct world w;
        struct findings found;
        bool said = false;

        arena_init(&a, 0);
        findings_init(&found, &a);
        if (world_read(&a, known_facts(), "w.yaml", rows[i].text, strlen(rows[i].text), &w, &found))
            fail_msg("row %zu (%s) is taken", i, rows[i].code);
        for (size_t k = 0; k < found.count; k++)
            said |= str_eq(found.rows[k].code, rows[i].code) &&
                    (!rows[i].line || found.rows[k].at.line == rows[i].line);
        if (!said)
            fail_msg("row %zu: not %s, but %s at %u: %s", i, rows[i].code, found.rows[0].code,
                     found.rows[0].at.line, found.rows[0].text);
        arena_release(&a);
    }
}

/* Cut off at any byte, a snapshot is refused or is the same state; never a crash. */
static void cut_off(void **state)
{
    struct arena a;
    struct world w;
    const char *whole;
    size_t size;

    (void)state;
    arena_init(&a, 0);
    must_read(&a, slurp(&a, "tests/worlds/edge-a2.yaml"), &w);
    whole = world_write(&a, &w);
    size = strlen(whole);
    for (size_t n = 0; n < size - 2; n += n % 97 + 7) {
        struct arena b;
        struct findings found;

        arena_init(&b, 0);
        findings_init(&found, &b);
        assert_false(world_read(&b, known_facts(), "w", whole, n, &w, &found));
        arena_release(&b);
    }
    arena_release(&a);
}

/* ---- schema and reference ---- */

static void schema_takes_worlds(void **state)
{
    static const char *const takes[] = {"tests/worlds/edge-a2.yaml", "tests/worlds/ml-pool.yaml"};
    static const char *const refuses[] = {
        CLUSTER("  nodez: []\n"),
        CLUSTER("  nodes: [{build: 1}]\n"),
        CLUSTER("  vms: [{name: v, power: off}]\n"),
        CLUSTER("  vms: [{name: v, timing: {start: soon}}]\n"),
        CLUSTER("  faults: [{on: vm-explode, lie: true}]\n"),
        CLUSTER("  arm: {}\n"),
        CLUSTER("  nodes: [{name: n, iovSupport: maybe}]\n"),
        CLUSTER("  cards: [{name: n, pci: 10}]\n"),
    };
    struct arena a;
    struct tree schema, doc;
    struct judge judge = {&schema};
    struct world w;

    (void)state;
    arena_init(&a, 0);
    assert_true(tree_parse(&a, world_schema(&a), &schema));
    for (size_t i = 0; i < sizeof takes / sizeof takes[0]; i++) {
        assert_true(tree_parse(&a, slurp(&a, takes[i]), &doc));
        if (!tree_fits(&judge, &schema, &doc))
            fail_msg("%s does not fit", takes[i]);
        must_read(&a, slurp(&a, takes[i]), &w);
        assert_true(tree_parse(&a, world_write(&a, &w), &doc));
        if (!tree_fits(&judge, &schema, &doc))
            fail_msg("%s does not fit as written", takes[i]);
    }
    for (size_t i = 0; i < sizeof refuses / sizeof refuses[0]; i++) {
        assert_true(tree_parse(&a, refuses[i], &doc));
        if (tree_fits(&judge, &schema, &doc))
            fail_msg("text %zu fits", i);
    }
    arena_release(&a);
}

static void published(void **state)
{
    static const char path[] = "specs/schema/world.schema.json";
    struct arena a;
    const char *want;
    FILE *f;

    (void)state;
    arena_init(&a, 0);
    want = world_schema(&a);
    if (getenv("WORLD_REWRITE")) {
        f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(want, 1, strlen(want), f), strlen(want));
        assert_int_equal(fclose(f), 0);
    }
    if (strcmp(slurp(&a, path), want) != 0)
        fail_msg("%s is not current: WORLD_REWRITE=1 writes it anew", path);
    arena_release(&a);
}

/* specs/world.md has a row for every field of the table, and every card and refusal. */
static void documented_table(const char *page, const struct table *t, size_t *fields)
{
    char want[80];

    for (size_t i = 0; i < t->count; i++) {
        snprintf(want, sizeof want, "`%s`", t->fields[i].name);
        if (!strstr(page, want))
            fail_msg("specs/world.md does not say what %s of a %s is", want, t->what);
        ++*fields;
        if (t->fields[i].sub && t->fields[i].sub != t)
            documented_table(page, t->fields[i].sub, fields);
    }
}

static void documented(void **state)
{
    struct arena a;
    const char *page, *example, *simulation;
    struct world w;
    size_t fields = 0;

    (void)state;
    arena_init(&a, 0);
    page = slurp(&a, "specs/world.md");
    simulation = slurp(&a, "specs/simulation.md");
    example = strstr(page, "```yaml\n") + 8;
    must_read(&a, arena_strndup(&a, example, (size_t)(strstr(example, "```") - example)), &w);
    assert_string_equal(the_vm(&w, "till-1")->adapters[0].seen, w.now.gpus[0].path);
    documented_table(page, &spec_table, &fields);
    assert_true(fields > 150);
    for (size_t i = 0; i < known_facts()->card_count; i++)
        if (!strstr(page, known_facts()->cards[i].name))
            fail_msg("specs/world.md does not list the card %s", known_facts()->cards[i].name);
    for (int v = 0; v < VERB_NONE; v++)
        if (!strstr(page, world_verb_word(&a, v)))
            fail_msg("specs/world.md does not list the verb %s", world_verb_word(&a, v));
#define REFUSAL(name, code, text, source)                                                          \
    if (!strstr(page, text) || !strstr(simulation, text))                                          \
        fail_msg("specs/world.md or simulation.md does not list the refusal \"%s\"", text);
#include "sim/refusals.def"
#undef REFUSAL
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edge_site),
        cmocka_unit_test(ml_pool),
        cmocka_unit_test(order_of_keys_is_nothing),
        cmocka_unit_test(rows_are_sorted_with_what_belongs_to_them),
        cmocka_unit_test(what_is_left_out),
        cmocka_unit_test(what_a_partition_says_of_leaving),
        cmocka_unit_test(unknown_is_a_value),
        cmocka_unit_test(everything_comes_back),
        cmocka_unit_test(errors),
        cmocka_unit_test(cut_off),
        cmocka_unit_test(schema_takes_worlds),
        cmocka_unit_test(published),
        cmocka_unit_test(documented),
    };

    return cmocka_run_group_tests_name("world codec", tests, NULL, NULL);
}
