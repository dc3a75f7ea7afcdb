/* Power, time and the cluster: what happens by itself, and how the naive way is punished. */
#include "sim_world.h"

#define NODES                                                                                      \
    "  nodes:\n"                                                                                   \
    "    - name: n1\n"                                                                             \
    "      gpus: [{card: NVIDIA A2, instance: 4&1, locationPath: PCIROOT(1)#PCI(0100)#PCI(0000), " \
    "partitions: 2}, {card: NVIDIA A2, instance: 4&2, locationPath: "                              \
    "PCIROOT(2)#PCI(0100)#PCI(0000), partitions: 4}]\n"                                            \
    "    - name: n2\n"                                                                             \
    "      gpus: [{card: NVIDIA A2, instance: 4&1, locationPath: PCIROOT(1)#PCI(0100)#PCI(0000), " \
    "partitions: 1}]\n"                                                                            \
    "  defaults: {vm: {node: n1, settings: {automaticStopAction: TurnOff}, timing: {shutdown: "    \
    "40s, start: 25s}}}\n"

struct lab {
    struct arena arena;
    struct world w;
    struct err e;
};

static void lab_open(struct lab *l, const char *text)
{
    memset(l, 0, sizeof *l);
    arena_init(&l->arena, 0);
    must_read(&l->arena, text, &l->w);
}

static enum sim_answer order(struct lab *l, enum verb verb, const char *vm, uint64_t value)
{
    struct action a = act(&l->w, verb, l->w.now.nodes[the_vm(&l->w, vm)->node].name, vm);

    a.value[0] = value;
    return world_perform(&l->w, &a, &l->e);
}

static void after(struct lab *l, int64_t ms)
{
    world_advance(&l->w, l->w.now.observed_ms + ms);
}

static enum vm_power power_of(struct lab *l, const char *vm)
{
    return the_vm(&l->w, vm)->power;
}

/* ---- stopping ---- */

static void stop_takes_time(void **state)
{
    struct lab l;
    int64_t stamp;

    (void)state;
    lab_open(&l, CLUSTER(NODES "  vms: [{name: v, power: running, role: {offlineAction: 1}}]\n"));
    stamp = the_vm(&l.w, "v")->stamp_ms;
    assert_int_equal(order(&l, VERB_VM_STOP, "v", STOP_GUEST), SIM_ACCEPTED);
    assert_int_equal(power_of(&l, "v"), POWER_STOPPING);
    assert_int_equal(the_vm(&l.w, "v")->role.vm, RES_PENDING);
    assert_true(the_vm(&l.w, "v")->stamp_ms > stamp);
    assert_int_equal(world_next_ms(&l.w), l.w.now.observed_ms + 40000);
    after(&l, 39999);
    assert_int_equal(power_of(&l, "v"), POWER_STOPPING);
    stamp = the_vm(&l.w, "v")->stamp_ms;
    after(&l, 1);
    assert_int_equal(power_of(&l, "v"),
                     POWER_OFF); /* not saved, although OfflineAction is 1 (S8) */
    assert_true(the_vm(&l.w, "v")->stamp_ms > stamp);
    assert_int_equal(the_vm(&l.w, "v")->role.vm, RES_OFFLINE);
    assert_int_equal(world_next_ms(&l.w), INT64_MAX);
    arena_release(&l.arena);
}

/* The naive way: the resource offline, as Stop-ClusterResource does. */
static void naive_offline_saves(void **state)
{
    static const struct {
        const char *role;
        enum vm_power end;
    } rows[] = {{"1", POWER_SAVED}, {"0", POWER_OFF}, {"2", POWER_OFF}, {"3", POWER_OFF}};
    struct lab l;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char text[2000];

        snprintf(text, sizeof text,
                 CLUSTER(NODES "  vms: [{name: v, power: running, role: {offlineAction: %s}}]\n"),
                 rows[i].role);
        lab_open(&l, text);
        assert_int_not_equal(world_offline(&l.w, 0, &l.e), SIM_REFUSED);
        after(&l, 60000);
        assert_int_equal(power_of(&l, "v"), rows[i].end);
        arena_release(&l.arena);
    }
}

static void one_shot_overrides_once(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, CLUSTER(NODES "  vms: [{name: v, power: running, role: {offlineAction: 1}}]\n"));
    world_next_offline(&l.w, 0, 0);
    world_offline(&l.w, 0, &l.e);
    assert_int_equal(power_of(&l, "v"), POWER_OFF);
    world_online(&l.w, 0, &l.e);
    after(&l, 25000);
    assert_int_equal(power_of(&l, "v"), POWER_RUNNING);
    world_offline(&l.w, 0, &l.e);
    after(&l, 60000);
    assert_int_equal(power_of(&l, "v"), POWER_SAVED);
    arena_release(&l.arena);
}

static void stored_for_the_next_offline(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, CLUSTER(NODES "  vms: [{name: v, power: running, role: {offlineAction: 1}}]\n"));
    assert_int_equal(order(&l, VERB_VM_OFFLINE_ACTION, "v", 3), SIM_DONE);
    assert_int_equal(l.e.kind, ERR_NONE);
    assert_int_equal(l.e.native, 5024);
    assert_true(num_is(the_vm(&l.w, "v")->role.offline_action, 3)); /* reads back as new */
    world_offline(&l.w, 0, &l.e);
    after(&l, 60000);
    assert_int_equal(power_of(&l, "v"), POWER_SAVED); /* and the old one was in force (S1) */
    world_online(&l.w, 0, &l.e);
    after(&l, 25000);
    world_offline(&l.w, 0, &l.e);
    after(&l, 60000);
    assert_int_equal(power_of(&l, "v"), POWER_OFF); /* now it is the new one */
    arena_release(&l.arena);
}

static void hanging_guest_hangs(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, CLUSTER(NODES "  vms: [{name: v, power: running, guest: hangs}]\n"));
    assert_int_equal(order(&l, VERB_VM_STOP, "v", STOP_GUEST), SIM_ACCEPTED);
    assert_int_equal(world_next_ms(&l.w), INT64_MAX);
    after(&l, 86400000);
    assert_int_equal(power_of(&l, "v"), POWER_RUNNING);
    assert_int_equal(the_vm(&l.w, "v")->role.vm, RES_PENDING); /* the request is still there (S9) */
    assert_int_equal(order(&l, VERB_VM_STOP, "v", STOP_FORCED), SIM_ACCEPTED);
    after(&l, 40000);
    assert_int_equal(power_of(&l, "v"), POWER_OFF);
    arena_release(&l.arena);
}

static void config_offline_hides(void **state)
{
    struct lab l;
    struct action a;

    (void)state;
    lab_open(&l, CLUSTER(NODES "  vms: [{name: v}]\n"));
    assert_int_equal(world_config_offline(&l.w, 0, &l.e), SIM_DONE);
    assert_true(the_vm(&l.w, "v")->hidden);
    a = act(&l.w, VERB_VM_START, "n1", "v");
    assert_int_equal(world_perform(&l.w, &a, &l.e), SIM_REFUSED);
    assert_int_equal(world_config_online(&l.w, 0, &l.e), SIM_DONE);
    assert_int_equal(order(&l, VERB_VM_START, "v", 0), SIM_ACCEPTED);
    arena_release(&l.arena);
}

/* ---- starting ---- */

static void host_chooses_at_start(void **state)
{
    static const char *const vms[] = {"a", "b", "c", "d"};
    static const char *const places[] = {"4&2", "4&2", "4&1", "4&2"}; /* most room, then first */
    static const uint64_t ids[] = {0, 1, 0, 2};
    struct lab l;

    (void)state;
    lab_open(&l, CLUSTER(NODES "  vms: [{name: a}, {name: b}, {name: c}, {name: d}]\n"));
    for (size_t i = 0; i < 4; i++) {
        const struct adapter *ad;

        assert_int_equal(order(&l, VERB_ADAPTER_ADD, vms[i], 0), SIM_DONE);
        assert_null(the_vm(&l.w, vms[i])->adapters[0].seen); /* not before the start (V3) */
        assert_int_equal(order(&l, VERB_VM_START, vms[i], 0), SIM_ACCEPTED);
        assert_int_equal(power_of(&l, vms[i]), POWER_STARTING);
        after(&l, 25000);
        assert_int_equal(power_of(&l, vms[i]), POWER_RUNNING);
        ad = &the_vm(&l.w, vms[i])->adapters[0];
        assert_string_equal(strrchr(ad->seen, '\\') + 1, places[i]);
        assert_true(num_is(ad->partition, ids[i]));
        assert_true(num_eq(ad->current[QUOTA_VRAM],
                           l.w.now.gpus[str_eq(places[i], "4&1") ? 0 : 1].optimal[QUOTA_VRAM]));
    }
    assert_true(num_is(l.w.now.gpus[1].available[QUOTA_VRAM], 15918030848 - 3 * 3825205248));
    order(&l, VERB_VM_STOP, "d", STOP_TURN_OFF);
    assert_true(num_is(l.w.now.gpus[1].available[QUOTA_VRAM], 15918030848 - 2 * 3825205248));
    assert_false(the_vm(&l.w, "d")->adapters[0].partition.known);
    arena_release(&l.arena);
}

/* Standalone: each of these starts fails for its GPU, and the VM is off with that mark. */
static void starts_that_fail(void **state)
{
    static const struct {
        const char *why, *vm;
    } rows[] = {
        {"V3: no partition is free", "adapters: [{id: x}], node: h"},
        {"V4/V8: pinned to a GPU that is gone", "adapters: [{id: x, pin: 4&9}]"},
        {"V6: generation 1", "generation: 1, adapters: [{id: x, pin: 4&2}]"},
        {"V7: both kinds",
         "adapters: [{id: x, pin: 4&2}], devices: [PCIROOT(3)#PCI(0100)#PCI(0000)]"},
        {"V5: limits out of range", "adapters: [{id: x, pin: 4&2, limits: {vram: {min: 8 GiB}}}]"},
        {"S3: startup is not minimum",
         "settings: {dynamicMemory: true}, adapters: [{id: x, pin: 4&2}]"},
        {"S5: not addressable", "settings: {mmio: {high: 64 TiB}}, adapters: [{id: x, pin: 4&2}]"},
        {"S2: stop action Save",
         "settings: {automaticStopAction: Save}, devices: [PCIROOT(3)#PCI(0100)#PCI(0000)]"},
        {"S3: dynamic memory beside a device",
         "settings: {dynamicMemory: true}, devices: [PCIROOT(3)#PCI(0100)#PCI(0000)]"},
        {"S5: too little MMIO",
         "settings: {mmio: {high: 64 GiB}}, devices: [PCIROOT(3)#PCI(0100)#PCI(0000)]"},
        {"D5: a dead location", "devices: [PCIROOT(9)#PCI(0100)#PCI(0000)]"},
        {"E7: the policy keys", "adapters: [{id: x, pin: 4&8}]"},
    };
    struct lab l;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[3000];

        snprintf(
            text, sizeof text,
            HOST("  nodes:\n    - name: h\n      requireSecureDeviceAssignment: true\n      gpus:\n"
                 "        - {card: NVIDIA A2, instance: 4&1, locationPath: "
                 "PCIROOT(1)#PCI(0100)#PCI(0000), partitions: 1}\n"
                 "        - {card: NVIDIA A2, instance: 4&2, locationPath: "
                 "PCIROOT(2)#PCI(0100)#PCI(0000), partitions: 1}\n"
                 "        - {card: NVIDIA L40S, locationPath: PCIROOT(3)#PCI(0100)#PCI(0000), "
                 "state: dismounted, mitigationDriver: true}\n"
                 "        - {card: NVIDIA GeForce RTX 3060, instance: 4&8, locationPath: "
                 "PCIROOT(8)#PCI(0100)#PCI(0000)}\n"
                 "  defaults: {vm: {settings: {automaticStopAction: TurnOff, mmio: {high: 132 "
                 "GiB}}, timing: {start: 25s}}}\n"
                 "  vms:\n    - {name: one, power: running, adapters: [{id: a, seen: 4&1}]}\n"
                 "    - {name: two, power: %s, adapters: [{id: a, seen: 4&2}]}\n    - {name: v, "
                 "%s}\n"),
            i ? "stopped" : "running", rows[i].vm);
        lab_open(&l, text);
        assert_int_equal(order(&l, VERB_VM_START, "v", 0), SIM_ACCEPTED);
        after(&l, 25000);
        if (power_of(&l, "v") != POWER_OFF || !the_vm(&l.w, "v")->gpu_error)
            fail_msg("%s: it started", rows[i].why);
        assert_int_equal(world_next_ms(&l.w), INT64_MAX); /* standalone: nobody tries again */
        arena_release(&l.arena);
    }
}

static void iov_false_fails(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, HOST("  nodes: [{name: h, iovSupport: false, gpus: [{card: NVIDIA A2}]}]\n"
                      "  vms: [{name: v, adapters: [{id: x}]}, {name: u}]\n"));
    order(&l, VERB_VM_START, "v", 0);
    order(&l, VERB_VM_START, "u", 0);
    after(&l, 25000);
    assert_int_equal(power_of(&l, "v"), POWER_OFF);
    assert_int_equal(power_of(&l, "u"), POWER_RUNNING);
    arena_release(&l.arena);
}

/* ---- the cluster by itself ---- */

static void cluster_restarts_and_fails_over(void **state)
{
    struct lab l;

    (void)state;
    /* n1 has room for none (6 run there), n2 for one */
    lab_open(&l,
             CLUSTER("  nodes:\n"
                     "    - {name: n1, gpus: [{card: NVIDIA A2, instance: 4&1, partitions: 1}]}\n"
                     "    - {name: n2, gpus: [{card: NVIDIA A2, instance: 4&2, partitions: 1}]}\n"
                     "  vms:\n"
                     "    - {name: a, node: n1, power: running, adapters: [{id: a}]}\n"
                     "    - {name: b, node: n1, adapters: [{id: b}], timing: {start: 5s}}\n"
                     "    - {name: c, node: n1, adapters: [{id: c}], timing: {start: 5s}}\n"));
    order(&l, VERB_VM_START, "b", 0);
    after(&l, 5000);
    assert_int_equal(power_of(&l, "b"), POWER_OFF); /* failed, and the role is pending */
    assert_int_equal(the_vm(&l.w, "b")->role.vm, RES_PENDING);
    assert_true(the_vm(&l.w, "b")->gpu_error);
    after(&l, 1000);
    assert_int_equal(power_of(&l, "b"), POWER_STARTING); /* once more at home */
    after(&l, 60000);
    assert_int_equal(power_of(&l, "b"), POWER_RUNNING); /* over there */
    assert_int_equal(the_vm(&l.w, "b")->node, 1);
    assert_false(the_vm(&l.w, "b")->gpu_error);
    order(&l, VERB_VM_START, "c", 0);
    after(&l, 600000);
    assert_int_equal(power_of(&l, "c"), POWER_OFF); /* nowhere: pending for ever (V10) */
    assert_int_equal(the_vm(&l.w, "c")->role.vm, RES_PENDING);
    assert_int_equal(world_next_ms(&l.w), INT64_MAX);
    assert_int_equal(order(&l, VERB_VM_CANCEL_START, "c", 0), SIM_DONE);
    assert_int_equal(the_vm(&l.w, "c")->role.vm, RES_OFFLINE);
    arena_release(&l.arena);
}

/* M6: without a refresh the cluster fails over what it knew before. */
static void stale_configuration(void **state)
{
    static const char text[] = CLUSTER(NODES "  vms: [{name: v, adapters: [{id: old}]}]\n");
    struct lab l;
    struct action a;

    (void)state;
    lab_open(&l, text);
    a = act(&l.w, VERB_ADAPTER_REMOVE, "n1", "v");
    a.object = "old";
    assert_int_equal(world_change(&l.w, &a, &l.e), SIM_DONE); /* Remove-VMGpuPartitionAdapter */
    world_fail_over(&l.w, 0, 1);
    assert_int_equal(the_vm(&l.w, "v")->adapter_count, 1); /* it is back */
    arena_release(&l.arena);

    lab_open(&l, text);
    a = act(&l.w, VERB_ADAPTER_REMOVE, "n1", "v");
    a.object = "old";
    assert_int_equal(world_perform(&l.w, &a, &l.e), SIM_DONE); /* ours: with the refresh */
    world_fail_over(&l.w, 0, 1);
    assert_int_equal(the_vm(&l.w, "v")->adapter_count, 0);
    arena_release(&l.arena);

    lab_open(&l, text);
    a = act(&l.w, VERB_ADAPTER_REMOVE, "n1", "v");
    a.object = "old";
    world_change(&l.w, &a, &l.e);
    order(&l, VERB_VM_START, "v", 0); /* ours refreshes before the online */
    after(&l, 25000);
    world_fail_over(&l.w, 0, 1);
    assert_int_equal(the_vm(&l.w, "v")->adapter_count, 0);
    arena_release(&l.arena);
}

static void pinned_breaks_fail_over(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l,
             CLUSTER(NODES "  vms: [{name: v, power: running, adapters: [{id: x, pin: 4&1}]}]\n"));
    l.w.now.nodes[0].state = NODE_DOWN;
    world_fail_over(&l.w, 0, 1); /* n2 has a GPU with the same path, and room */
    after(&l, 600000);
    assert_int_equal(the_vm(&l.w, "v")->power, POWER_OFF);
    arena_release(&l.arena);
}

static void pool_start_picks_a_node(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l,
             CLUSTER("  nodes:\n"
                     "    - {name: n1, gpus: [{card: NVIDIA L40S, state: dismounted, pool: ml}]}\n"
                     "    - {name: n2, gpus: [{card: NVIDIA L40S, state: dismounted, pool: ml}, "
                     "{card: NVIDIA L40S, state: dismounted, pool: ml}]}\n"
                     "  defaults: {vm: {node: n1, settings: {automaticStopAction: TurnOff, mmio: "
                     "{low: 3 GiB, high: 132 GiB}}, timing: {start: 5s}}}\n"
                     "  vms:\n"
                     "    - {name: one, requests: [{pool: ml}]}\n"
                     "    - {name: two, requests: [{pool: ml}, {pool: ml}]}\n"
                     "    - {name: too-many, requests: [{pool: ml}]}\n"));
    order(&l, VERB_VM_START, "one", 0);
    order(&l, VERB_VM_START, "two", 0);
    after(&l, 5000);
    assert_int_equal(power_of(&l, "one"), POWER_RUNNING);
    assert_int_equal(the_vm(&l.w, "one")->node, 0);
    assert_int_equal(power_of(&l, "two"), POWER_RUNNING);
    assert_int_equal(the_vm(&l.w, "two")->node, 1); /* not where it was asked for */
    assert_string_not_equal(the_vm(&l.w, "two")->requests[0].given,
                            the_vm(&l.w, "two")->requests[1].given);
    order(&l, VERB_VM_START, "too-many", 0);
    after(&l, 600000);
    assert_int_equal(the_vm(&l.w, "too-many")->role.vm, RES_PENDING);
    arena_release(&l.arena);
}

/* ---- people, reboots ---- */

static void people_and_stamps(void **state)
{
    struct lab l;
    int64_t stamp;

    (void)state;
    lab_open(&l, CLUSTER(NODES "  vms: [{name: v, power: running, adapters: [{id: x}]}]\n"));
    stamp = the_vm(&l.w, "v")->stamp_ms;
    for (int i = 0; i < 4; i++) { /* in one instant: every change has a stamp of its own */
        world_person_power(&l.w, 0, i & 1);
        assert_true(the_vm(&l.w, "v")->stamp_ms > stamp);
        stamp = the_vm(&l.w, "v")->stamp_ms;
    }
    assert_int_equal(power_of(&l, "v"), POWER_RUNNING);
    assert_false(world_person_adapter(&l.w, 0, false)); /* V6 */
    order(&l, VERB_VM_STOP, "v", STOP_GUEST);
    world_person_power(&l.w, 0, false);
    assert_int_equal(world_next_ms(&l.w), INT64_MAX); /* our request is over, too */
    assert_true(world_person_adapter(&l.w, 0, false));
    assert_true(world_person_adapter(&l.w, 0, true));
    assert_int_equal(the_vm(&l.w, "v")->adapter_count, 1);
    arena_release(&l.arena);
}

static void reboot_starts_again(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, CLUSTER(NODES "  vms:\n"
                               "    - {name: ha, power: running, adapters: [{id: x}]}\n"
                               "    - {name: local, power: running, role: {clustered: false}}\n"
                               "    - {name: off}\n"));
    after(&l, 1000);
    world_reboot(&l.w, 0);
    assert_int_equal(l.w.now.nodes[0].boot_ms, l.w.now.observed_ms);
    after(&l, 60000);
    assert_int_equal(the_vm(&l.w, "ha")->node, 1);
    assert_int_equal(power_of(&l, "ha"), POWER_RUNNING);
    assert_int_equal(the_vm(&l.w, "local")->node, 0);
    assert_int_equal(power_of(&l, "local"), POWER_RUNNING);
    assert_int_equal(power_of(&l, "off"), POWER_OFF);
    arena_release(&l.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop_takes_time),
        cmocka_unit_test(naive_offline_saves),
        cmocka_unit_test(one_shot_overrides_once),
        cmocka_unit_test(stored_for_the_next_offline),
        cmocka_unit_test(hanging_guest_hangs),
        cmocka_unit_test(config_offline_hides),
        cmocka_unit_test(host_chooses_at_start),
        cmocka_unit_test(starts_that_fail),
        cmocka_unit_test(iov_false_fails),
        cmocka_unit_test(cluster_restarts_and_fails_over),
        cmocka_unit_test(stale_configuration),
        cmocka_unit_test(pinned_breaks_fail_over),
        cmocka_unit_test(pool_start_picks_a_node),
        cmocka_unit_test(people_and_stamps),
        cmocka_unit_test(reboot_starts_again),
    };

    return cmocka_run_group_tests_name("sim power", tests, NULL, NULL);
}
