/* What the platform refuses, and what it does: situation, verb, outcome. */
#include "sim_world.h"

#define A2(instance, location, rest)                                                               \
    "        - {card: NVIDIA A2, instance: " instance ", locationPath: " location rest "}\n"

static const char cluster[] = CLUSTER(
    "  nodes:\n"
    "    - name: n1\n"
    "      build: 25398\n"
    "      pools: [ml, spare]\n"
    "      gpus:\n" /* gpu0 16 partitions, gpu1 4, then devices */
    A2("4&1", "PCIROOT(1)#PCI(0100)#PCI(0000)", ", partitions: 16") A2(
        "4&2", "PCIROOT(2)#PCI(0100)#PCI(0000)",
        ", partitions: 4") "        - {card: NVIDIA L40S, locationPath: "
                           "PCIROOT(3)#PCI(0100)#PCI(0000), state: dismounted, pool: ml}\n"
                           "        - {card: NVIDIA L40S, locationPath: "
                           "PCIROOT(4)#PCI(0100)#PCI(0000), state: dismounted}\n"
                           "        - {card: NVIDIA L40S, locationPath: "
                           "PCIROOT(5)#PCI(0100)#PCI(0000), state: disabled}\n"
                           "        - {card: NVIDIA L40S, locationPath: "
                           "PCIROOT(6)#PCI(0100)#PCI(0000), state: host, mitigationDriver: true}\n"
                           "        - {card: NVIDIA L40S, locationPath: "
                           "PCIROOT(7)#PCI(0100)#PCI(0000), state: not-assignable}\n"
                           "        - {card: NVIDIA GeForce RTX 3060, locationPath: "
                           "PCIROOT(8)#PCI(0100)#PCI(0000)}\n"
                           "    - {name: n2, build: 25398}\n"
                           "    - {name: down, state: down}\n"
                           "    - {name: mute, state: silent}\n"
                           "  defaults: {vm: {node: n1, settings: {automaticStopAction: TurnOff}, "
                           "timing: {shutdown: 40s, start: 25s}}}\n"
                           "  vms:\n"
                           "    - {name: plain}\n"
                           "    - {name: runs, power: running}\n"
                           "    - {name: saved, power: saved}\n"
                           "    - {name: paused, power: paused}\n"
                           "    - {name: holder, power: running, adapters: [{id: h1, seen: 4&2}]}\n"
                           "    - {name: pinned, adapters: [{id: p1, pin: 4&2}]}\n"
                           "    - {name: gone, node: n2, adapters: [{id: g1, pin: 4&77}]}\n"
                           "    - {name: hidden, node: n2, role: {config: offline}}\n"
                           "    - {name: alone, role: {clustered: false}}\n"
                           "    - {name: twice, role: {matches: 2}}\n"
                           "    - {name: locked, power: running, guest: locked}\n"
                           "    - {name: moving, role: {busy: true}}\n"
                           "    - {name: mute-guest, power: running, canShutDown: false}\n"
                           "    - {name: template, adapters: [{id: t1, checkpoint: true}]}\n"
                           "    - {name: trainer, power: running, settings: {mmio: {low: 1 GiB, "
                           "high: 132 GiB}}, requests: [{id: r1, pool: ml}]}\n"
                           "    - {name: fixed, devices: [PCIROOT(4)#PCI(0100)#PCI(0000)]}\n");

enum { OK = 0, BEGUN = -1 };

static const struct row {
    const char *why;
    enum verb verb;
    const char *node, *on;
    uint64_t value[3];
    const char *object, *location, *pin;
    int64_t answer; /* a code, OK (done) or BEGUN */
} rows[] = {
    {"C1: a count that is not in the list",
     VERB_GPU_COUNT,
     0,
     "n1/gpu0",
     {5},
     .answer = 0x80041008},
    {"C4: gpu1 has a running holder, and a pinned one",
     VERB_GPU_COUNT,
     0,
     "n1/gpu1",
     {8},
     .answer = 0x80041001},
    {"C4: gpu0 is empty, and `pinned` is pinned elsewhere",
     VERB_GPU_COUNT,
     0,
     "n1/gpu0",
     {8},
     .answer = OK},
    {"the same count is done, under adapters too", VERB_GPU_COUNT, 0, "n1/gpu1", {4}, .answer = OK},
    {"C7: paravirtual", VERB_GPU_COUNT, 0, "n1/gpu7", {16}, .answer = 32770},
    {"a device takes no count", VERB_GPU_COUNT, 0, "n1/gpu2", {2}, .answer = 32770},
    {"V6: adapter of a VM that runs", VERB_ADAPTER_REMOVE, "n1", "holder", .object = "h1",
     .answer = 32775},
    {"absent is done", VERB_ADAPTER_REMOVE, "n1", "holder", .object = "none", .answer = OK},
    {"V8: pinned to a GPU that is gone", VERB_ADAPTER_REMOVE, "n2", "gone", .object = "g1",
     .answer = 32768},
    {"V0: of a template", VERB_ADAPTER_REMOVE, "n1", "template", .object = "t1", .answer = 32775},
    {"V6: running", VERB_ADAPTER_ADD, "n1", "runs", .answer = 32775},
    {"V6: saved is not off", VERB_ADAPTER_ADD, "n1", "saved", .answer = 32775},
    {"S8: hidden", VERB_ADAPTER_ADD, "n2", "hidden", .answer = 0x80041002},
    {"10.3: on another node", VERB_ADAPTER_ADD, "n2", "plain", .answer = 0x80041002},
    {"pin to nothing", VERB_ADAPTER_ADD, "n1", "plain", .pin = "4&99", .answer = 32773},
    {"V0: one of a template is none", VERB_ADAPTER_ADD, "n1", "template", {1}, .answer = OK},
    {"S3: beside an adapter", VERB_VM_MEMORY, "n1", "pinned", {0, 2048}, .answer = 32773},
    {"S3: beside a device", VERB_VM_MEMORY, "n1", "fixed", {0, 2048}, .answer = 32773},
    {"memory as it is", VERB_VM_MEMORY, "n1", "pinned", {0, 1024, 512}, .answer = OK},
    {"memory needs off", VERB_VM_MEMORY, "n1", "runs", {1, 2048}, .answer = 32775},
    {"stop action needs off",
     VERB_VM_STOP_ACTION,
     "n1",
     "runs",
     {STOP_ACTION_SAVE},
     .answer = 32775},
    {"the one it has needs nothing",
     VERB_VM_STOP_ACTION,
     "n1",
     "runs",
     {STOP_ACTION_TURN_OFF},
     .answer = OK},
    {"MMIO needs off", VERB_VM_MMIO, "n1", "runs", {1024, 32768}, .answer = 32775},
    {"S5: low under 4 GiB", VERB_VM_MMIO, "n1", "plain", {4096, 32768}, .answer = 32773},
    {"cache types need off", VERB_VM_CACHE_TYPES, "n1", "saved", {1}, .answer = 32775},
    {"S: checkpoints do not",
     VERB_VM_CHECKPOINTS,
     "n1",
     "runs",
     {CHECKPOINTS_DISABLED},
     .answer = OK},
    {"I2: no such resource", VERB_VM_OFFLINE_ACTION, "n1", "alone", {3}, .answer = 5007},
    {"I2: two resources", VERB_VM_OFFLINE_ACTION, "n1", "twice", {3}, .answer = 5007},
    {"M2: migrating", VERB_VM_START, "n1", "moving", .answer = 5960},
    {"M2: migrating", VERB_VM_OFFLINE_ACTION, "n1", "moving", {3}, .answer = 5960},
    {"0 to 3", VERB_VM_OFFLINE_ACTION, "n1", "plain", {4}, .answer = 87},
    {"through any node", VERB_VM_OFFLINE_ACTION, "n2", "plain", {3}, .answer = OK},
    {"S9: locked", VERB_VM_STOP, "n1", "locked", {STOP_GUEST}, .answer = 32781},
    {"locked, by force", VERB_VM_STOP, "n1", "locked", {STOP_FORCED}, .answer = BEGUN},
    {"S9: cannot be asked", VERB_VM_STOP, "n1", "mute-guest", {STOP_GUEST}, .answer = 32780},
    {"cannot be asked by force either",
     VERB_VM_STOP,
     "n1",
     "mute-guest",
     {STOP_FORCED},
     .answer = 32780},
    {"the plug always works", VERB_VM_STOP, "n1", "mute-guest", {STOP_TURN_OFF}, .answer = OK},
    {"S10: saved", VERB_VM_STOP, "n1", "saved", {STOP_TURN_OFF}, .answer = 32775},
    {"S10: paused", VERB_VM_STOP, "n1", "paused", {STOP_GUEST}, .answer = 32775},
    {"off is done", VERB_VM_STOP, "n1", "plain", .answer = OK},
    {"hidden cannot be stopped", VERB_VM_STOP, "n2", "hidden", .answer = 0x80041002},
    {"two resources: not stopped", VERB_VM_STOP, "n1", "twice", .answer = 5007},
    {"running is started", VERB_VM_START, "n1", "runs", .answer = OK},
    {"paused is not started", VERB_VM_START, "n1", "paused", .answer = 32775},
    {"hidden is not started", VERB_VM_START, "n2", "hidden", .answer = 0x80041002},
    {"nothing to cancel", VERB_VM_CANCEL_START, "n1", "runs", .answer = OK},
    {"D1: partitioned", VERB_GPU_DISABLE, 0, "n1/gpu0", .answer = 32770},
    {"E3: not assignable", VERB_GPU_DISABLE, 0, "n1/gpu6", .answer = 32768},
    {"disabled is done", VERB_GPU_DISABLE, 0, "n1/gpu4", .answer = OK},
    {"D2: disable first", VERB_GPU_DISMOUNT, 0, "n1/gpu5", .answer = 32775},
    {"D2: no mitigation driver", VERB_GPU_DISMOUNT, 0, "n1/gpu4", .answer = 32768},
    {"D2: by force", VERB_GPU_DISMOUNT, 0, "n1/gpu4", {1}, .answer = OK},
    {"dismounted is done", VERB_GPU_DISMOUNT, 0, "n1/gpu3", .answer = OK},
    {"in a pool", VERB_GPU_MOUNT, 0, "n1/gpu2", .answer = 32774},
    {"a VM names it", VERB_GPU_MOUNT, 0, "n1/gpu3", .answer = 32774},
    {"mounted is done", VERB_GPU_MOUNT, 0, "n1/gpu5", .answer = OK},
    {"mount before enable", VERB_GPU_ENABLE, 0, "n1/gpu3", .answer = 32775},
    {"enable", VERB_GPU_ENABLE, 0, "n1/gpu4", .answer = OK},
    {"only what is dismounted", VERB_POOL_JOIN, 0, "n1/gpu5", .object = "ml", .answer = 32775},
    {"D3: with case", VERB_POOL_JOIN, 0, "n1/gpu3", .object = "ML", .answer = 32773},
    {"in another pool", VERB_POOL_JOIN, 0, "n1/gpu2", .object = "spare", .answer = 32774},
    {"a member is done", VERB_POOL_JOIN, 0, "n1/gpu2", .object = "ml", .answer = OK},
    {"a VM names it already", VERB_POOL_JOIN, 0, "n1/gpu3", .object = "ml", .answer = 32774},
    {"a VM uses it", VERB_POOL_LEAVE, 0, "n1/gpu2", .object = "ml", .answer = 32774},
    {"no member is done", VERB_POOL_LEAVE, 0, "n1/gpu3", .object = "ml", .answer = OK},
    {"D3: by case only", VERB_POOL_CREATE, "n1", "ML", .answer = 32788},
    {"exists", VERB_POOL_CREATE, "n1", "ml", .answer = OK},
    {"create", VERB_POOL_CREATE, "n1", "new", .answer = OK},
    {"with members", VERB_POOL_DELETE, "n1", "ml", .answer = 32774},
    {"without", VERB_POOL_DELETE, "n1", "spare", .answer = OK},
    {"absent is done", VERB_POOL_DELETE, "n1", "new", .answer = OK},
    {"no such pool", VERB_REQUEST_ADD, "n1", "plain", .object = "ML", .answer = 32773},
    {"needs off", VERB_REQUEST_ADD, "n1", "runs", .object = "ml", .answer = 32775},
    {"not dismounted", VERB_REQUEST_ADD, "n1", "plain",
     .location = "PCIROOT(5)#PCI(0100)#PCI(0000)", .answer = 32773},
    {"taken", VERB_REQUEST_ADD, "n1", "plain", .location = "PCIROOT(4)#PCI(0100)#PCI(0000)",
     .answer = 32774},
    {"it has it", VERB_REQUEST_ADD, "n1", "fixed", .location = "pciroot(4)#pci(0100)#pci(0000)",
     .answer = OK},
    {"it has one of the pool",
     VERB_REQUEST_ADD,
     "n1",
     "trainer",
     {1},
     .object = "ml",
     .answer = OK},
    {"running keeps its device", VERB_REQUEST_REMOVE, "n1", "trainer", .object = "r1",
     .answer = 32775},
    {"absent is done", VERB_REQUEST_REMOVE, "n1", "trainer", .object = "r9", .answer = OK},
    {"no such device", VERB_GPU_MOUNT, "n2", "nothing", .answer = 0x80041002},
    {"M4: down", VERB_POOL_CREATE, "down", "p", .answer = 0x800706BA},
    {"M4: silent", VERB_POOL_CREATE, "mute", "p", .answer = 0x800706BA},
    {"nowhere", VERB_POOL_CREATE, "n9", "p", .answer = 0x800706BA},
};

static struct action action_of(struct world *w, const struct row *row)
{
    struct action a = act(w, row->verb, row->node, row->on);

    if (row->node)
        a.node = row->node;
    memcpy(a.value, row->value, sizeof a.value);
    a.object = row->object;
    a.location = row->location;
    a.pin = row->pin;
    return a;
}

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *before, *after;
        struct arena arena;
        struct world w;
        struct action a;
        struct err e = {.kind = ERR_NONE};
        enum sim_answer answer;

        arena_init(&arena, 0);
        must_read(&arena, cluster, &w);
        a = action_of(&w, &rows[i]);
        before = world_write(&arena, &w);
        answer = world_perform(&w, &a, &e);
        after = world_write(&arena, &w);
        if (rows[i].answer > 0) {
            if (answer != SIM_REFUSED || e.native != rows[i].answer)
                fail_msg("%s: answer %d, code %lld", rows[i].why, answer, (long long)e.native);
            if (!strrchr(e.text, ';')) /* "...; hyperv-wmi 1.2)" */
                fail_msg("%s: no source in \"%s\"", rows[i].why, e.text);
            if (strcmp(before, after) != 0)
                fail_msg("%s: refused, and done all the same", rows[i].why);
        } else if (answer != (rows[i].answer == OK ? SIM_DONE : SIM_ACCEPTED)) {
            fail_msg("%s: answer %d %s", rows[i].why, answer, e.text);
        }
        arena_release(&arena);
    }
}

/* Whatever is accepted once is accepted again, and the world is the same. */
static void twice_is_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *once, *again;
        struct arena arena;
        struct world w;
        struct action a;
        struct err e;

        if (rows[i].answer > 0)
            continue;
        arena_init(&arena, 0);
        must_read(&arena, cluster, &w);
        a = action_of(&w, &rows[i]);
        world_perform(&w, &a, &e);
        once = world_write(&arena, &w);
        if (world_perform(&w, &a, &e) == SIM_REFUSED)
            fail_msg("%s: refused the second time: %s", rows[i].why, e.text);
        again = world_write(&arena, &w);
        if (strcmp(once, again) != 0)
            fail_msg("%s: done twice", rows[i].why);
        arena_release(&arena);
    }
}

/* Every verb, from a situation in which it does something. */
static void every_verb_twice(void **state)
{
    static const struct row effects[] = {
        {"", VERB_VM_OFFLINE_ACTION, "n1", "plain", {3}},
        {"", VERB_VM_CHECKPOINTS, "n1", "plain", {CHECKPOINTS_DISABLED}},
        {"", VERB_GPU_DISABLE, 0, "n1/gpu5"},
        {"", VERB_GPU_DISMOUNT, 0, "n1/gpu4", {1}},
        {"", VERB_POOL_CREATE, "n2", "ml"},
        {"", VERB_POOL_DELETE, "n1", "spare"},
        {"", VERB_VM_STOP, "n1", "runs"},
        {"", VERB_VM_STOP, "n1", "runs", {STOP_TURN_OFF}},
        {"", VERB_REQUEST_REMOVE, "n1", "fixed", .object = "de"},
        {"", VERB_ADAPTER_REMOVE, "n1", "pinned", .object = "p1"},
        {"", VERB_VM_MEMORY, "n1", "plain", {1, 2048, 1024}},
        {"", VERB_VM_STOP_ACTION, "n1", "plain", {STOP_ACTION_SHUT_DOWN}},
        {"", VERB_VM_MMIO, "n1", "plain", {1024, 32768}},
        {"", VERB_VM_CACHE_TYPES, "n1", "plain", {1}},
        {"", VERB_GPU_COUNT, 0, "n1/gpu0", {2}},
        {"", VERB_ADAPTER_ADD, "n1", "plain", {1}},
        {"", VERB_ADAPTER_LIMITS, "n1", "pinned", .object = "p1"},
        {"", VERB_REQUEST_ADD, "n1", "plain", {1}, .object = "ml"},
        {"", VERB_VM_START, "n1", "plain"},
        {"", VERB_VM_START, "n1", "saved"},
        {"", VERB_GPU_ENABLE, 0, "n1/gpu4"},
    };
    static const struct limits limits = {.min = {{939524096, true}}};

    (void)state;
    for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++) {
        const char *none, *once, *again;
        struct arena arena;
        struct world w;
        struct action a;
        struct err e;

        arena_init(&arena, 0);
        must_read(&arena, cluster, &w);
        a = action_of(&w, &effects[i]);
        a.limits = a.verb == VERB_ADAPTER_LIMITS ? &limits : NULL;
        if (a.verb == VERB_REQUEST_REMOVE)
            a.object = the_vm(&w, "fixed")->requests[0].id;
        none = world_write(&arena, &w);
        if (world_perform(&w, &a, &e) == SIM_REFUSED)
            fail_msg("%s: %s", verb_rows[a.verb].word, e.text);
        once = world_write(&arena, &w);
        assert_string_not_equal(none, once);
        assert_int_not_equal(world_perform(&w, &a, &e), SIM_REFUSED);
        again = world_write(&arena, &w);
        if (strcmp(once, again) != 0)
            fail_msg("%s: done twice", verb_rows[a.verb].word);
        world_advance(&w, w.now.observed_ms + 3600000);
        if (!action_holds(&a, &w.now))
            fail_msg("%s: its effect is not there", verb_rows[a.verb].word);
        arena_release(&arena);
    }
}

static void limits_are_ordered(void **state)
{
    struct limits limits = {.min = {NUM(5)}, .max = {NUM(4)}};
    struct arena arena;
    struct world w;
    struct action a;
    struct err e;

    (void)state;
    arena_init(&arena, 0);
    must_read(&arena, cluster, &w);
    a = act(&w, VERB_ADAPTER_LIMITS, "n1", "pinned");
    a.object = "p1";
    a.limits = &limits;
    assert_int_equal(world_perform(&w, &a, &e), SIM_REFUSED);
    assert_int_equal(e.native, 32773);
    arena_release(&arena);
}

static void checkpoints_may_need_off(void **state)
{
    struct arena arena;
    struct world w;
    struct action a;
    struct err e;

    (void)state;
    arena_init(&arena, 0);
    must_read(&arena, cluster, &w);
    w.checkpoints_need_off = true;
    a = act(&w, VERB_VM_CHECKPOINTS, "n1", "runs");
    a.value[0] = CHECKPOINTS_DISABLED;
    assert_int_equal(world_perform(&w, &a, &e), SIM_REFUSED);
    assert_int_equal(e.native, 32775);
    arena_release(&arena);
}

/* S4: the automatic ones as well. */
static void checkpoints_are_off_altogether(void **state)
{
    struct arena arena;
    struct world w;
    struct action a;
    struct err e;

    (void)state;
    arena_init(&arena, 0);
    must_read(&arena, cluster, &w);
    a = act(&w, VERB_VM_CHECKPOINTS, "n1", "plain");
    a.value[0] = CHECKPOINTS_DISABLED;
    the_vm(&w, "plain")->settings.auto_checkpoints = TRI_YES;
    assert_int_equal(world_perform(&w, &a, &e), SIM_DONE);
    assert_int_equal(the_vm(&w, "plain")->settings.auto_checkpoints, TRI_NO);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(twice_is_once),
        cmocka_unit_test(every_verb_twice),
        cmocka_unit_test(limits_are_ordered),
        cmocka_unit_test(checkpoints_may_need_off),
        cmocka_unit_test(checkpoints_are_off_altogether),
    };

    return cmocka_run_group_tests_name("sim refusals", tests, NULL, NULL);
}
