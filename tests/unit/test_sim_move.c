/* VMs from node to node: what the platform refuses, how long it takes, and what lands (M1, M8). */
#include "sim_world.h"

static const char estate[] = CLUSTER(
    "  nodes:\n"
    "    - {name: n1, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&1, partitions: 4, "
    "incomingLiveMigration: true}]}\n"
    "    - {name: n2, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&2, partitions: 4, "
    "incomingLiveMigration: true}]}\n"
    "    - {name: old, build: 25398, gpus: [{card: NVIDIA A2, instance: 4&3, partitions: 4, "
    "incomingLiveMigration: true}]}\n"
    "    - {name: deaf, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&4, partitions: "
    "4}]}\n"
    "    - {name: other, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&5, partitions: 8, "
    "incomingLiveMigration: true}]}\n"
    "    - {name: full, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&6, partitions: 1, "
    "incomingLiveMigration: true}]}\n"
    "    - {name: blind, build: 26100, iovSupport: false, gpus: [{card: NVIDIA A2, instance: "
    "4&7, partitions: 4, incomingLiveMigration: true}]}\n"
    "    - {name: paused, build: 26100, state: paused}\n"
    "    - {name: drains, build: 26100, state: draining}\n"
    "    - {name: down, build: 26100, state: down}\n"
    "    - {name: mute, build: 26100, state: silent}\n"
    "    - {name: empty, build: 26100}\n"
    "    - {name: two, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&8, partitions: 4, "
    "incomingLiveMigration: true}, {card: NVIDIA A2, instance: 4&9, partitions: 16, "
    "incomingLiveMigration: true}]}\n"
    "    - {name: hosts, gpus: [{card: NVIDIA L40S, state: dismounted, mitigationDriver: true, "
    "pool: ml}, {card: NVIDIA L40S, state: dismounted, locationPath: "
    "PCIROOT(2)#PCI(0100)#PCI(0000)}]}\n"
    "  defaults: {vm: {node: n1, power: running, settings: {automaticStopAction: TurnOff, "
    "mmio: {low: 3 GiB, high: 132 GiB}}, timing: {shutdown: 40s, start: 25s}}}\n"
    "  vms:\n"
    "    - {name: v, adapters: [{id: v1}]}\n"
    "    - {name: plain, node: old}\n"
    "    - {name: template, node: old, adapters: [{id: t1, checkpoint: true}]}\n"
    "    - {name: stays, adapters: [{id: s1, outgoingLiveMigration: false}]}\n"
    "    - {name: quiet, adapters: [{id: q1, outgoingLiveMigration: unknown}]}\n"
    "    - {name: pinned, node: n2, adapters: [{id: p1, pin: 4&2}]}\n"
    "    - {name: unread, node: n2, adapters: [{id: u1, pinUnknown: true}]}\n"
    "    - {name: on-old, node: old, adapters: [{id: o1, outgoingLiveMigration: true}]}\n"
    "    - {name: late-1, node: n2, power: stopped, adapters: [{id: l1}]}\n"
    "    - {name: late-2, node: n2, power: stopped, adapters: [{id: l2}]}\n"
    "    - {name: holder, node: full, adapters: [{id: h1}]}\n"
    "    - {name: trainer, node: hosts, requests: [{id: r1, pool: ml}]}\n"
    "    - {name: fixed, node: hosts, power: stopped, devices: "
    "[PCIROOT(2)#PCI(0100)#PCI(0000)]}\n"
    "    - {name: 'off', power: stopped, adapters: [{id: f1, seen: 4&1}]}\n"
    "    - {name: saved, power: saved}\n"
    "    - {name: held, power: paused}\n"
    "    - {name: hidden, role: {config: offline}}\n"
    "    - {name: alone, role: {clustered: false}}\n"
    "    - {name: twice, role: {matches: 2}}\n"
    "    - {name: busy, role: {busy: true}}\n"
    "    - {name: waits, power: stopped, role: {vm: pending}}\n");

enum { OK = 0, BEGUN = -1 };

static const struct row {
    const char *why, *on, *to;
    enum move_how how;
    int64_t answer; /* a code, OK (done) or BEGUN */
    const char *says;
} rows[] = {
    {"M1: all is so", "v", "n2", MOVE_LIVE, BEGUN, ""},
    {"M1: there already", "v", "n1", MOVE_LIVE, OK, ""},
    {"without a GPU any build will do", "plain", "n1", MOVE_LIVE, BEGUN, ""},
    {"V0: one of a template is none", "template", "n1", MOVE_LIVE, BEGUN, ""},
    {"M1: an old build", "v", "old", MOVE_LIVE, 32768, "build 26100"},
    {"M1: from an old build", "on-old", "n1", MOVE_LIVE, 32768, "build 26100"},
    {"M1: it cannot leave", "stays", "n2", MOVE_LIVE, 32768, "can leave live"},
    {"M1: nobody knows whether it can", "quiet", "n2", MOVE_LIVE, 32768, "can leave live"},
    {"M1: nobody comes in", "v", "deaf", MOVE_LIVE, 32768, "takes in live moves"},
    {"M1: another count", "v", "other", MOVE_LIVE, 32768, "another count"},
    {"M1: the host picks the one with most room", "v", "two", MOVE_LIVE, 32768, "another count"},
    {"M1: nothing is free", "v", "full", MOVE_LIVE, 32768, "no partition is free"},
    {"M1: no GPU", "v", "empty", MOVE_LIVE, 32768, "no partition is free"},
    {"E2: no partitions over there", "v", "blind", MOVE_LIVE, 32768, "could not start it"},
    {"V4: pinned", "pinned", "n1", MOVE_LIVE, 32768, "pinned"},
    {"V4: nobody knows the pin", "unread", "n1", MOVE_LIVE, 32768, "pinned"},
    {"D7: a whole device", "trainer", "n1", MOVE_LIVE, 32768, "whole device"},
    {"off does not go live", "off", "n2", MOVE_LIVE, 5023, "only a VM that runs"},
    {"saved does not go live", "saved", "n2", MOVE_LIVE, 5023, "only a VM that runs"},
    {"no such node", "v", "n9", MOVE_LIVE, 5042, "no such node"},
    {"no node at all", "v", NULL, MOVE_LIVE, 5042, "no such node"},
    {"paused", "v", "paused", MOVE_LIVE, 5070, "paused"},
    {"draining", "off", "drains", MOVE_OFF, 5070, "drains"},
    {"down", "off", "down", MOVE_OFF, 5050, "not up"},
    {"M4: silent", "v", "mute", MOVE_LIVE, 5050, "not up"},
    {"S8: hidden", "hidden", "n2", MOVE_OFF, 0x80041002, "registered on no node"},
    {"not clustered", "alone", "n2", MOVE_LIVE, 5007, "not clustered"},
    {"I2: two resources", "twice", "n2", MOVE_LIVE, 5007, "cannot be told"},
    {"M2: migrating already", "busy", "n2", MOVE_LIVE, 5960, "migrating"},
    {"M2: pending", "waits", "n2", MOVE_OFF, 5960, "migrating"},
    {"M8: off goes by its role", "off", "n2", MOVE_OFF, OK, ""},
    {"M8: on any build", "off", "old", MOVE_OFF, OK, ""},
    {"M8: there already", "off", "n1", MOVE_OFF, OK, ""},
    {"M8: there already, whatever its power", "v", "n1", MOVE_OFF, OK, ""},
    {"M8: a running VM would be taken offline", "v", "n2", MOVE_OFF, 32775, "not off"},
    {"S10: saved is not off", "saved", "n2", MOVE_OFF, 32775, "saved is not off"},
    {"S10: paused is not off", "held", "n2", MOVE_OFF, 32775, "not off"},
};

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

static struct action moves(struct lab *l, const char *vm, const char *to, enum move_how how)
{
    struct action a = act(&l->w, VERB_VM_MOVE, NULL, vm);

    a.node = l->w.now.nodes[the_vm(&l->w, vm)->node].name;
    a.object = to;
    a.value[0] = how;
    return a;
}

static enum sim_answer order(struct lab *l, const char *vm, const char *to, enum move_how how)
{
    struct action a = moves(l, vm, to, how);

    l->e = (struct err){.kind = ERR_NONE};
    return world_perform(&l->w, &a, &l->e);
}

static enum sim_answer other(struct lab *l, enum verb verb, const char *vm, uint64_t value)
{
    struct action a = act(&l->w, verb, NULL, vm);

    a.node = l->w.now.nodes[the_vm(&l->w, vm)->node].name;
    a.value[0] = value;
    l->e = (struct err){.kind = ERR_NONE};
    return world_perform(&l->w, &a, &l->e);
}

static void after(struct lab *l, int64_t seconds)
{
    world_advance(&l->w, l->w.now.observed_ms + seconds * 1000);
}

static const char *node_of(struct lab *l, const char *vm)
{
    return l->w.now.nodes[the_vm(&l->w, vm)->node].name;
}

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *before, *now;
        enum sim_answer answer;
        struct lab l;

        lab_open(&l, estate);
        before = world_write(&l.arena, &l.w);
        answer = order(&l, rows[i].on, rows[i].to, rows[i].how);
        now = world_write(&l.arena, &l.w);
        if (rows[i].answer > 0) {
            if (answer != SIM_REFUSED || l.e.native != rows[i].answer)
                fail_msg("%s: answer %d, %s", rows[i].why, answer, l.e.text);
            if (!strstr(l.e.text, rows[i].says) || !strrchr(l.e.text, ';'))
                fail_msg("%s: \"%s\"", rows[i].why, l.e.text);
            if (strcmp(before, now) != 0)
                fail_msg("%s: refused, and done all the same", rows[i].why);
        } else if (answer != (rows[i].answer == OK ? SIM_DONE : SIM_ACCEPTED)) {
            fail_msg("%s: answer %d %s", rows[i].why, answer, l.e.text);
        }
        arena_release(&l.arena);
    }
}

/* Whatever is accepted once is accepted again, on its way and when it is over. */
static void twice_is_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *once;
        struct lab l;

        if (rows[i].answer > 0)
            continue;
        lab_open(&l, estate);
        order(&l, rows[i].on, rows[i].to, rows[i].how);
        once = world_write(&l.arena, &l.w);
        assert_int_not_equal(order(&l, rows[i].on, rows[i].to, rows[i].how), SIM_REFUSED);
        assert_string_equal(once, world_write(&l.arena, &l.w));
        after(&l, 3600);
        once = world_write(&l.arena, &l.w);
        assert_int_equal(order(&l, rows[i].on, rows[i].to, rows[i].how), SIM_DONE);
        assert_string_equal(once, world_write(&l.arena, &l.w));
        assert_string_equal(node_of(&l, rows[i].on), rows[i].to);
        arena_release(&l.arena);
    }
}

/* ---- live ---- */

static uint64_t free_memory(struct lab *l, const char *node)
{
    for (size_t i = 0; i < l->w.now.gpu_count; i++)
        if (str_same(l->w.now.nodes[l->w.now.gpus[i].node].name, node))
            return l->w.now.gpus[i].available[QUOTA_VRAM].value;
    return 0;
}

static void it_takes_its_time(void **state)
{
    struct lab l;
    const struct adapter *ad;
    uint64_t here, there, size;
    int64_t stamp;
    const char *busy;

    (void)state;
    lab_open(&l, estate);
    here = free_memory(&l, "n1");
    there = free_memory(&l, "n2");
    size = the_vm(&l.w, "v")->adapters[0].current[QUOTA_VRAM].value;
    stamp = the_vm(&l.w, "v")->stamp_ms;
    assert_int_equal(order(&l, "v", "n2", MOVE_LIVE), SIM_ACCEPTED);
    after(&l, 59);
    assert_string_equal(node_of(&l, "v"), "n1");
    assert_true(the_vm(&l.w, "v")->role.busy);
    assert_true(the_vm(&l.w, "v")->adapters[0].partition.known); /* at home until it has landed */
    busy = world_write(&l.arena, &l.w);
    assert_int_equal(other(&l, VERB_VM_STOP, "v", STOP_TURN_OFF), SIM_REFUSED); /* M2 */
    assert_int_equal(l.e.native, 5960);
    assert_int_equal(other(&l, VERB_VM_OFFLINE_ACTION, "v", 3), SIM_REFUSED);
    assert_int_equal(l.e.native, 5960);
    assert_int_equal(other(&l, VERB_VM_CHECKPOINTS, "v", CHECKPOINTS_DISABLED), SIM_REFUSED);
    assert_int_equal(l.e.native, 5960);
    assert_int_equal(order(&l, "v", "deaf", MOVE_LIVE), SIM_REFUSED);
    assert_int_equal(l.e.native, 5960);
    assert_int_equal(world_offline(&l.w, vm_named(&l.w, "v"), &l.e), SIM_REFUSED);
    assert_int_equal(l.e.native, 5960);
    assert_int_equal(world_move_group(&l.w, vm_named(&l.w, "v"), 1, &l.e), SIM_REFUSED);
    assert_int_equal(l.e.native, 5960);
    assert_string_equal(busy, world_write(&l.arena, &l.w));
    after(&l, 1);
    assert_string_equal(node_of(&l, "v"), "n2");
    assert_false(the_vm(&l.w, "v")->role.busy);
    assert_int_equal(the_vm(&l.w, "v")->power, POWER_RUNNING);
    assert_int_equal(the_vm(&l.w, "v")->role.vm, RES_ONLINE);
    assert_true(the_vm(&l.w, "v")->stamp_ms > stamp);
    assert_int_equal(the_vm(&l.w, "v")->stamp_ms, l.w.now.observed_ms);
    ad = &the_vm(&l.w, "v")->adapters[0];
    assert_string_equal(strrchr(ad->seen, '\\') + 1, "4&2");
    assert_true(num_is(ad->partition, 2)); /* behind `pinned` and `unread` */
    assert_true(num_is(ad->current[QUOTA_VRAM], size));
    assert_int_equal(ad->outgoing_migration, TRI_YES); /* and it can go back */
    assert_int_equal(free_memory(&l, "n1"), here + size);
    assert_int_equal(free_memory(&l, "n2"), there - size);
    assert_int_equal(order(&l, "v", "n1", MOVE_LIVE), SIM_ACCEPTED);
    arena_release(&l.arena);
}

static struct gpu *gpu_on(struct lab *l, const char *node)
{
    uint32_t at = state_node(&l->w.now, node);

    return &l->w.now.gpus[state_gpu_at(&l->w.now, at, "PCIROOT(0)#PCI(0100)#PCI(0000)")];
}

/* M1: any size that differs, and the count by itself. */
static void every_part_of_the_shape(void **state)
{
    struct lab l;

    (void)state;
    for (int part = 0; part <= 3 * QUOTA_KINDS + 1; part++) {
        struct gpu *gpu;

        lab_open(&l, estate);
        gpu = gpu_on(&l, "n2");
        if (part < 3 * QUOTA_KINDS)
            (part % 3 == 0 ? gpu->min : part % 3 == 1 ? gpu->max : gpu->optimal)[part / 3].value++;
        else if (part == 3 * QUOTA_KINDS)
            gpu->count = NUM(5);
        if (order(&l, "v", "n2", MOVE_LIVE) !=
            (part <= 3 * QUOTA_KINDS ? SIM_REFUSED : SIM_ACCEPTED))
            fail_msg("part %d: %s", part, l.e.text);
        arena_release(&l.arena);
    }
}

static void nothing(struct lab *l)
{
    (void)l;
}

static void taken(struct lab *l)
{
    world_person_power(&l->w, vm_named(&l->w, "late-1"), true);
    world_person_power(&l->w, vm_named(&l->w, "late-2"), true);
}

static void recut(struct lab *l)
{
    world_set_count(&l->w, gpu_on(l, "n2"), 8);
}

static void paused(struct lab *l)
{
    l->w.now.nodes[state_node(&l->w.now, "n2")].state = NODE_PAUSED;
}

static void rebooted(struct lab *l)
{
    world_reboot(&l->w, state_node(&l->w.now, "n2"));
}

static void home_is_lost(struct lab *l)
{
    l->w.now.nodes[state_node(&l->w.now, "n1")].state = NODE_SILENT;
}

/* Whatever is gone when it lands: it runs on where it is, with what it has. */
static void judged_again_when_it_lands(void **state)
{
    static void (*const happens[])(struct lab *) = {nothing, taken,    recut,
                                                    paused,  rebooted, home_is_lost};
    struct lab l;

    (void)state;
    for (size_t i = 0; i < sizeof happens / sizeof happens[0]; i++) {
        const struct adapter *ad;

        lab_open(&l, estate);
        assert_int_equal(order(&l, "v", "n2", MOVE_LIVE), SIM_ACCEPTED);
        after(&l, 30);
        happens[i](&l);
        after(&l, 300);
        ad = &the_vm(&l.w, "v")->adapters[0];
        if (!str_eq(node_of(&l, "v"), i ? "n1" : "n2"))
            fail_msg("case %zu: it is on %s", i, node_of(&l, "v"));
        assert_string_equal(strrchr(ad->seen, '\\') + 1, i ? "4&1" : "4&2");
        assert_true(ad->partition.known);
        assert_int_equal(ad->outgoing_migration, TRI_YES);
        assert_int_equal(the_vm(&l.w, "v")->power, POWER_RUNNING);
        assert_false(the_vm(&l.w, "v")->role.busy);
        assert_int_equal(world_next_ms(&l.w), INT64_MAX);
        arena_release(&l.arena);
    }
}

/* What ends the VM's power ends its move: it does not land behind that. */
static void ended_by_others(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, estate);
    order(&l, "v", "n2", MOVE_LIVE);
    after(&l, 10);
    world_person_power(&l.w, vm_named(&l.w, "v"), false);
    assert_false(the_vm(&l.w, "v")->role.busy);
    after(&l, 300);
    assert_string_equal(node_of(&l, "v"), "n1");
    assert_int_equal(the_vm(&l.w, "v")->power, POWER_OFF);
    arena_release(&l.arena);

    lab_open(&l, estate);
    order(&l, "v", "n2", MOVE_LIVE);
    world_fail_over(&l.w, vm_named(&l.w, "v"), state_node(&l.w.now, "old"));
    after(&l, 300);
    assert_string_equal(node_of(&l, "v"), "old");
    assert_int_equal(the_vm(&l.w, "v")->power, POWER_RUNNING);
    assert_false(the_vm(&l.w, "v")->role.busy);
    arena_release(&l.arena);
}

static void one_that_breaks(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, estate);
    l.w.sim[vm_named(&l.w, "v")].breaks_on_move = true;
    l.w.sim[vm_named(&l.w, "v")].move_ms = 5000;
    assert_int_equal(order(&l, "v", "n2", MOVE_LIVE), SIM_ACCEPTED);
    after(&l, 5);
    assert_string_equal(node_of(&l, "v"), "n1");
    assert_int_equal(the_vm(&l.w, "v")->power, POWER_OFF);
    assert_int_equal(the_vm(&l.w, "v")->role.vm, RES_OFFLINE);
    assert_false(the_vm(&l.w, "v")->role.busy);
    assert_int_equal(other(&l, VERB_VM_START, "v", 0), SIM_ACCEPTED); /* and it starts there */
    after(&l, 25);
    assert_int_equal(the_vm(&l.w, "v")->power, POWER_RUNNING);
    arena_release(&l.arena);
}

/* What runs over there leaves room for one. */
#define TWICE(power)                                                                               \
    CLUSTER("  nodes:\n"                                                                           \
            "    - {name: n1, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&1, "              \
            "partitions: 2, incomingLiveMigration: true}]}\n"                                      \
            "    - {name: n2, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&1, "              \
            "partitions: 2, incomingLiveMigration: true}]}\n"                                      \
            "  vms:\n"                                                                             \
            "    - {name: v, node: n1, power: running, adapters: [{id: a}, {id: b}]}\n"            \
            "    - {name: w, node: n2, power: " power ", adapters: [{id: c}]}\n")

/* Two partitions need two places, and the second sees that the first is taken. */
static void several_partitions(void **state)
{
    struct lab l;
    const struct vm *vm;
    const char *before;

    (void)state;
    for (int two = 0; two < 2; two++) {
        lab_open(&l, two ? TWICE("stopped") : TWICE("running"));
        vm = the_vm(&l.w, "v");
        before = world_write(&l.arena, &l.w);
        assert_int_equal(order(&l, "v", "n2", MOVE_LIVE), two ? SIM_ACCEPTED : SIM_REFUSED);
        if (!two)
            assert_string_equal(before, world_write(&l.arena, &l.w));
        after(&l, 60);
        assert_int_equal(vm->node, two);
        assert_true(num_is(vm->adapters[0].partition, 0));
        assert_true(num_is(vm->adapters[1].partition, 1));
        arena_release(&l.arena);
    }
}

/* A running VM takes its own configuration along, not the cluster's copy. */
static void live_is_never_stale(void **state)
{
    struct lab l;
    struct action a;

    (void)state;
    lab_open(&l, estate);
    a = act(&l.w, VERB_VM_CHECKPOINTS, "n1", "v");
    a.value[0] = CHECKPOINTS_DISABLED;
    assert_int_equal(world_change(&l.w, &a, &l.e), SIM_DONE);
    assert_true(l.w.sim[vm_named(&l.w, "v")].stale);
    order(&l, "v", "n2", MOVE_LIVE);
    after(&l, 60);
    assert_int_equal(the_vm(&l.w, "v")->settings.checkpoints, CHECKPOINTS_DISABLED);
    assert_false(l.w.sim[vm_named(&l.w, "v")].stale);
    arena_release(&l.arena);
}

/* ---- while it is off, and the naive way ---- */

static void by_its_role(void **state)
{
    struct lab l;
    struct action a;

    (void)state;
    for (int naive = 0; naive < 2; naive++) {
        lab_open(&l, estate);
        a = act(&l.w, VERB_ADAPTER_REMOVE, "n1", "off");
        a.object = "f1";
        assert_int_equal(world_change(&l.w, &a, &l.e), SIM_DONE); /* without the refresh */
        if (naive)
            assert_int_equal(
                world_move_group(&l.w, vm_named(&l.w, "off"), state_node(&l.w.now, "n2"), &l.e),
                SIM_DONE);
        else
            assert_int_equal(order(&l, "off", "n2", MOVE_OFF), SIM_DONE);
        assert_string_equal(node_of(&l, "off"), "n2");
        assert_int_equal(the_vm(&l.w, "off")->adapter_count, naive); /* M6: it is back */
        assert_int_equal(the_vm(&l.w, "off")->power, POWER_OFF);
        assert_int_equal(other(&l, VERB_VM_START, "off", 0), SIM_ACCEPTED);
        after(&l, 25);
        assert_int_equal(the_vm(&l.w, "off")->power, POWER_RUNNING);
        arena_release(&l.arena);
    }
    lab_open(&l, estate); /* it takes as long as the host takes for a change */
    l.w.timing.change_ms = 1000;
    assert_int_equal(order(&l, "off", "n2", MOVE_OFF), SIM_ACCEPTED);
    assert_int_equal(order(&l, "off", "n2", MOVE_OFF), SIM_ACCEPTED);
    assert_int_equal(other(&l, VERB_VM_START, "off", 0), SIM_REFUSED);
    assert_int_equal(l.e.kind, ERR_BUSY);
    assert_string_equal(node_of(&l, "off"), "n1");
    after(&l, 1);
    assert_string_equal(node_of(&l, "off"), "n2");
    assert_null(the_vm(&l.w, "off")->adapters[0].seen);
    arena_release(&l.arena);
}

/* D9: it may go, and does not start where nothing is at that place. */
static void fixed_devices(void **state)
{
    static const char *const nodes[] = {"hosts", "n2"};
    struct lab l;

    (void)state;
    for (int away = 0; away < 2; away++) {
        lab_open(&l, estate);
        assert_int_equal(order(&l, "fixed", nodes[away], MOVE_OFF), SIM_DONE);
        assert_int_equal(other(&l, VERB_VM_START, "fixed", 0), SIM_ACCEPTED);
        after(&l, 25);
        assert_int_equal(the_vm(&l.w, "fixed")->power, away ? POWER_OFF : POWER_RUNNING);
        assert_int_equal(the_vm(&l.w, "fixed")->gpu_error, away);
        arena_release(&l.arena);
    }
}

/* Moving the role of a VM that runs: OfflineAction runs on the way (S1). */
static void the_naive_way(void **state)
{
    static const struct {
        const char *vm;
        uint64_t action;
        enum vm_power power;
    } cases[] = {
        {"v", OFFLINE_SAVE, POWER_SAVED}, /* with a GPU it stays saved over there */
        {"v", OFFLINE_FORCED, POWER_RUNNING},
        {"plain", OFFLINE_SAVE, POWER_RUNNING},
    };
    struct lab l;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t vm;
        int64_t stamp;

        lab_open(&l, estate);
        vm = vm_named(&l.w, cases[i].vm);
        stamp = l.w.now.vms[vm].stamp_ms;
        world_next_offline(&l.w, vm, cases[i].action);
        world_move_group(&l.w, vm, state_node(&l.w.now, "n2"), &l.e);
        assert_string_equal(node_of(&l, cases[i].vm), "n2");
        assert_int_not_equal(l.w.now.vms[vm].power, POWER_RUNNING); /* an outage in any case */
        after(&l, 60);
        assert_int_equal(l.w.now.vms[vm].power, cases[i].power);
        assert_true(l.w.now.vms[vm].stamp_ms > stamp);
        if (cases[i].power == POWER_SAVED) {
            assert_int_equal(order(&l, cases[i].vm, "n1", MOVE_OFF), SIM_REFUSED);
            assert_int_equal(other(&l, VERB_VM_STOP, cases[i].vm, STOP_TURN_OFF), SIM_REFUSED);
        }
        arena_release(&l.arena);
    }
}

/* ---- faults, people, other processes ---- */

static void each_fault(void **state)
{
    static const struct {
        const char *fault;
        enum sim_answer answer;
        int64_t code;
        int arrives; /* 0: never, 1: after its time, 2: later */
    } cases[] = {
        {"{on: vm-move, answer: 32768}", SIM_REFUSED, 32768, 0},
        {"{on: move, deny: 32777}", SIM_REFUSED, 32777, 1},
        {"{on: vm-move, lie: true}", SIM_ACCEPTED, 0, 0},
        {"{on: vm-move, hang: true}", SIM_HANGS, 0, 0},
        {"{on: any, late: 30s}", SIM_LOST, 0x80010108, 2},
        {"{on: vm-move, node: n1, die: true}", SIM_DIES, 0, 1},
        {"{on: vm-move, node: n2, die: true}", SIM_ACCEPTED, 0, 1},
    };
    struct lab l;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lab_open(&l, estate);
        must_read(&l.arena, arena_printf(&l.arena, "%s  faults: [%s]\n", estate, cases[i].fault),
                  &l.w);
        assert_int_equal(order(&l, "v", "n2", MOVE_LIVE), cases[i].answer);
        if (cases[i].code)
            assert_int_equal(l.e.native, cases[i].code);
        after(&l, 60);
        assert_string_equal(node_of(&l, "v"), cases[i].arrives == 1 ? "n2" : "n1");
        after(&l, 30);
        assert_string_equal(node_of(&l, "v"), cases[i].arrives ? "n2" : "n1");
        arena_release(&l.arena);
    }
}

static void people_move_too(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, estate);
    assert_true(world_person_move(&l.w, vm_named(&l.w, "v"), state_node(&l.w.now, "n2")));
    assert_true(the_vm(&l.w, "v")->role.busy);
    assert_int_equal(order(&l, "v", "deaf", MOVE_LIVE), SIM_REFUSED);
    assert_int_equal(l.e.native, 5960);
    assert_true(world_person_move(&l.w, vm_named(&l.w, "off"), state_node(&l.w.now, "n2")));
    assert_string_equal(node_of(&l, "off"), "n2");
    assert_false(world_person_move(&l.w, vm_named(&l.w, "stays"), state_node(&l.w.now, "n2")));
    assert_false(world_person_move(&l.w, vm_named(&l.w, "v"), NO_INDEX));
    after(&l, 60);
    assert_string_equal(node_of(&l, "v"), "n2");
    arena_release(&l.arena);
}

/* Written in the middle of it and read by somebody else: the same is seen, and the same lands. */
static void another_process_sees_it(void **state)
{
    struct lab l;
    struct world again;
    struct state mine, theirs;
    const char *texts[2];

    (void)state;
    lab_open(&l, estate);
    l.w.sim[vm_named(&l.w, "v")].move_ms = 90500;
    l.w.sim[vm_named(&l.w, "plain")].breaks_on_move = true;
    order(&l, "v", "n2", MOVE_LIVE);
    order(&l, "plain", "n1", MOVE_LIVE);
    after(&l, 10);
    must_read(&l.arena, world_write(&l.arena, &l.w), &again);
    assert_int_equal(again.job_count, 2);
    for (int landed = 0; landed < 2; landed++) {
        assert_true(world_observe(&l.w, &l.arena, NO_INDEX, &mine, &l.e));
        assert_true(world_observe(&again, &l.arena, NO_INDEX, &theirs, &l.e));
        assert_string_equal(snapshot_write(&l.arena, &mine), snapshot_write(&l.arena, &theirs));
        texts[0] = world_write(&l.arena, &l.w);
        texts[1] = world_write(&l.arena, &again);
        assert_string_equal(texts[0], texts[1]);
        assert_int_equal(the_vm(&again, "v")->role.busy, !landed);
        after(&l, 300);
        world_advance(&again, l.w.now.observed_ms);
    }
    assert_int_equal(the_vm(&again, "plain")->power, POWER_OFF);
    arena_release(&l.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(twice_is_once),
        cmocka_unit_test(every_part_of_the_shape),
        cmocka_unit_test(it_takes_its_time),
        cmocka_unit_test(judged_again_when_it_lands),
        cmocka_unit_test(ended_by_others),
        cmocka_unit_test(one_that_breaks),
        cmocka_unit_test(several_partitions),
        cmocka_unit_test(live_is_never_stale),
        cmocka_unit_test(by_its_role),
        cmocka_unit_test(fixed_devices),
        cmocka_unit_test(the_naive_way),
        cmocka_unit_test(each_fault),
        cmocka_unit_test(people_move_too),
        cmocka_unit_test(another_process_sees_it),
    };

    return cmocka_run_group_tests_name("sim move", tests, NULL, NULL);
}
