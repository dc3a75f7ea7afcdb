/* The doors to a simulated world: eye, hand, the file, and a snapshot. */
#include "codec/world.h"
#include "host/host.h"
#include "provider/sim.h"
#include "provider/snapshot.h"
#include "sim_world.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char text[] = CLUSTER(
    "  nodes: [{name: n1, gpus: [{card: NVIDIA A2, partitions: 16}]}, {name: n2, state: hangs}]\n"
    "  vms: [{name: v, node: n1, power: running, timing: {shutdown: 40s}}, {name: u, node: n1}]\n");

struct lab {
    struct arena arena;
    struct findings found;
    struct err e;
    struct eye *eye;
    struct hand *hand;
    char path[300];
};

static const struct owner us = {"store-1", "host-a", 1795000000000, 7};
static const struct owner them = {"store-2", "host-b", 1795000000000, 3};

static void lab_start(struct lab *l)
{
    memset(l, 0, sizeof *l);
    arena_init(&l->arena, 0);
    findings_init(&l->found, &l->arena);
    snprintf(l->path, sizeof l->path, "%s/hvgpu-sim-%lld.json",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (long long)host_pid());
}

static struct eye *open_file(struct lab *l)
{
    struct eye *eye;
    char *data;
    size_t size;

    assert_true(host_read_file(&l->arena, l->path, 1 << 20, &data, &size, &l->e));
    if (!sim_open(known_facts(), l->path, data, size, true, &eye, &l->found, &l->e))
        fail_msg("%s: %s", l->e.text, l->found.count ? l->found.rows[0].text : "");
    return eye;
}

static void lab_open(struct lab *l, bool lasting)
{
    lab_start(l);
    assert_true(host_write_file(l->path, text, strlen(text), &l->e));
    if (lasting)
        l->eye = open_file(l);
    else
        assert_true(
            sim_open(known_facts(), "w", text, strlen(text), false, &l->eye, &l->found, &l->e));
    assert_true(world_claim(l->eye, &us, false, &l->hand, &l->e));
}

static void lab_close(struct lab *l)
{
    if (l->hand)
        l->hand->ops->release(l->hand);
    l->eye->ops->close(l->eye);
    remove(l->path);
    arena_release(&l->arena);
}

static bool order(struct lab *l, enum verb verb, const char *vm, uint64_t value)
{
    struct action a = act(sim_world(l->eye), verb, "n1", vm);
    struct receipt receipt;

    a.value[0] = value;
    l->e = (struct err){.kind = ERR_NONE};
    return hand_perform(l->hand, &a, &receipt, &l->e);
}

static void seen(struct lab *l, struct eye *eye, uint32_t node, struct state *out)
{
    struct scope scope = {node};

    if (!eye_observe(eye, &l->arena, &scope, out, &l->e))
        fail_msg("%s", l->e.text);
}

/* ---- */

static void another_process_agrees(void **state)
{
    struct lab l;
    struct eye *other;
    struct state have;
    char *before, *after;
    size_t size;

    (void)state;
    lab_open(&l, true);
    assert_true(order(&l, VERB_VM_STOP, "v", STOP_GUEST));
    other = open_file(&l); /* the effect is under way there, too */
    seen(&l, other, NO_INDEX, &have);
    assert_int_equal(have.vms[1].power, POWER_STOPPING);
    assert_string_equal(have.arbiter, "store-1@host-a");
    other->ops->close(other);
    assert_int_equal(l.eye->ops->wait_ms(l.eye, l.eye->ops->now_ms(l.eye) + 40000), 0);
    other = open_file(&l); /* it landed by itself, and is written */
    seen(&l, other, NO_INDEX, &have);
    assert_int_equal(have.vms[1].power, POWER_OFF);
    /* looking and waiting without a hand write nothing */
    assert_true(host_read_file(&l.arena, l.path, 1 << 20, &before, &size, &l.e));
    other->ops->wait_ms(other, other->ops->now_ms(other) + 3600000);
    seen(&l, other, 0, &have);
    other->ops->close(other);
    assert_true(host_read_file(&l.arena, l.path, 1 << 20, &after, &size, &l.e));
    assert_memory_equal(before, after, size);
    l.hand->ops->release(l.hand);
    l.hand = NULL;
    other = open_file(&l);
    seen(&l, other, NO_INDEX, &have);
    assert_null(have.arbiter); /* given back */
    other->ops->close(other);
    lab_close(&l);
}

static void memory_leaves_the_file_alone(void **state)
{
    struct lab l;
    char *data;
    size_t size;

    (void)state;
    lab_open(&l, false);
    assert_true(order(&l, VERB_VM_STOP, "v", STOP_TURN_OFF));
    assert_true(host_read_file(&l.arena, l.path, 1 << 20, &data, &size, &l.e));
    assert_int_equal(size, strlen(text));
    assert_memory_equal(data, text, size);
    lab_close(&l);
}

static void one_owner(void **state)
{
    struct lab l;
    struct eye *other;
    struct hand *hand;
    struct state have;

    (void)state;
    lab_open(&l, true);
    other = open_file(&l);
    assert_false(world_claim(other, &them, false, &hand, &l.e));
    assert_int_equal(l.e.kind, ERR_LOCKED);
    assert_non_null(strstr(l.e.text, "store-1")); /* who, where, since when */
    assert_non_null(strstr(l.e.text, "host-a"));
    assert_non_null(strstr(l.e.text, "2026"));
    assert_true(world_claim(other, &them, true, &hand, &l.e));
    assert_false(order(&l, VERB_VM_STOP, "v", STOP_TURN_OFF)); /* our epoch is no longer it */
    assert_int_equal(l.e.kind, ERR_LOCKED);
    seen(&l, l.eye, NO_INDEX, &have);
    assert_int_equal(have.vms[1].power, POWER_RUNNING);
    l.hand->ops->release(l.hand); /* not ours to give back */
    l.hand = NULL;
    other->ops->close(other);
    other = open_file(&l);
    seen(&l, other, NO_INDEX, &have);
    assert_string_equal(have.arbiter, "store-2@host-b");
    other->ops->close(other);
    lab_close(&l);
}

/* ---- two processes ---- */

enum { GAVE_UP = 8, WENT_ON = 1 };

/* What was ordered lands when the world is another's. */
static bool waits_for_what_lands(struct lab *l, int told)
{
    char c;

    if (read(told, &c, 1) != 1)
        return false;
    l->eye->ops->wait_ms(l->eye, l->eye->ops->now_ms(l->eye) + 40000);
    return !order(l, VERB_VM_CHECKPOINTS, "u", CHECKPOINTS_DISABLED);
}

/* Goes on and on; false when it still can though the other one has acted and said so. */
static bool orders_until_refused(struct lab *l, int told)
{
    struct pollfd acted = {.fd = told, .events = POLLIN};
    uint64_t ways[] = {CHECKPOINTS_DISABLED, CHECKPOINTS_PRODUCTION};

    for (size_t i = 0;; i++) {
        bool last = poll(&acted, 1, 0) != 0;

        if (!order(l, VERB_VM_CHECKPOINTS, "u", ways[i % 2]))
            return true;
        if (last)
            return false;
    }
}

/* In the child: the owner of before. */
static int old_writer(struct lab *l, int told, int tells, bool waits)
{
    if (!order(l, VERB_VM_STOP, "v", STOP_GUEST) || write(tells, "x", 1) != 1)
        return WENT_ON;
    if (!(waits ? waits_for_what_lands(l, told) : orders_until_refused(l, told)))
        return WENT_ON;
    if (l->e.kind != ERR_LOCKED)
        return WENT_ON;
    l->hand->ops->release(l->hand);
    return GAVE_UP;
}

static void take_over_from_another_process(bool waits)
{
    struct lab l;
    struct eye *other;
    struct hand *hand;
    struct action a;
    struct receipt receipt;
    struct state have;
    int up[2], down[2], status;
    pid_t pid;
    char c;

    lab_open(&l, true);
    assert_true(pipe(up) == 0 && pipe(down) == 0);
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(up[0]);
        close(down[1]);
        _exit(old_writer(&l, down[0], up[1], waits));
    }
    close(up[1]);
    close(down[0]);
    assert_int_equal(read(up[0], &c, 1), 1);
    other = open_file(&l);
    assert_true(world_claim(other, &them, true, &hand, &l.e));
    a = act(sim_world(other), VERB_VM_OFFLINE_ACTION, "n1", "v");
    a.value[0] = 1;
    assert_true(hand_perform(hand, &a, &receipt, &l.e));
    if (waits) /* the other kind may be gone already, and sees the end */
        assert_int_equal(write(down[1], "x", 1), 1);
    close(down[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), GAVE_UP);
    close(up[0]);
    other->ops->close(other);
    other = open_file(&l); /* as the new owner left it */
    seen(&l, other, NO_INDEX, &have);
    assert_string_equal(have.arbiter, "store-2@host-b");
    assert_int_equal(have.vms[1].role.offline_action.value, 1);
    assert_int_equal(have.vms[1].power, POWER_STOPPING);
    other->ops->close(other);
    lab_close(&l);
}

static void what_lands_after_a_take_over_is_not_written(void **state)
{
    (void)state;
    take_over_from_another_process(true);
}

/* At whatever instant of a write it comes. */
static void a_take_over_is_never_written_over(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++)
        take_over_from_another_process(false);
}

/* Somebody edits the file in the middle: what stands there is the world. */
static void an_edit_is_taken_in(void **state)
{
    struct lab l;
    struct eye *other;
    struct hand *hand;
    struct state have;
    struct world w;
    const char *edited;
    char *data;
    size_t size;

    (void)state;
    lab_open(&l, true);
    assert_true(host_read_file(&l.arena, l.path, 1 << 20, &data, &size, &l.e));
    assert_true(world_read(&l.arena, known_facts(), "w", data, size, &w, &l.found));
    the_vm(&w, "u")->power = POWER_RUNNING;
    edited = world_write(&l.arena, &w);
    assert_true(host_write_file(l.path, edited, strlen(edited), &l.e));
    assert_true(order(&l, VERB_VM_CHECKPOINTS, "v", CHECKPOINTS_DISABLED));
    other = open_file(&l);
    seen(&l, other, NO_INDEX, &have);
    assert_int_equal(have.vms[0].power, POWER_RUNNING);
    other->ops->close(other);
    assert_true(host_write_file(l.path, "nonsense", 8, &l.e));
    assert_false(order(&l, VERB_VM_STOP, "v", STOP_TURN_OFF));
    assert_int_equal(l.e.kind, ERR_IO);
    assert_false(world_claim(l.eye, &us, true, &hand, &l.e));
    assert_true(host_read_file(&l.arena, l.path, 1 << 20, &data, &size, &l.e));
    assert_int_equal(size, 8); /* and nothing was written over it */
    lab_close(&l);
}

static void refusals_and_notes(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, false);
    assert_false(order(&l, VERB_ADAPTER_ADD, "v", 0));
    assert_int_equal(l.e.kind, ERR_REFUSED);
    assert_int_equal(l.e.native, 32775);
    assert_true(order(&l, VERB_VM_OFFLINE_ACTION, "v", 3));
    assert_int_equal(l.e.native, 5024); /* done, with a note */
    lab_close(&l);
}

/* ---- calls that hang ---- */

static struct eye *hanging;
static void *closer(void *unused)
{
    (void)unused;
    host_sleep_ms(30);
    hanging->ops->close(hanging);
    return NULL;
}

#include <pthread.h>

/* Closing lets them return, and nothing is freed under them. */
static void hanging_calls_end_with_the_eye(void **state)
{
    struct lab l;
    struct scope scope = {1};
    struct state have;
    struct action a;
    struct receipt receipt;
    pthread_t thread;

    (void)state;
    for (int act_or_look = 0; act_or_look < 2; act_or_look++) {
        lab_open(&l, false);
        seen(&l, l.eye, NO_INDEX, &have); /* a whole look goes on without it */
        assert_false(have.nodes[1].answered);
        hanging = l.eye;
        assert_int_equal(pthread_create(&thread, NULL, closer, NULL), 0);
        a = (struct action){.verb = VERB_POOL_CREATE, .node = "n2", .subject = "p"};
        if (act_or_look)
            assert_false(hand_perform(l.hand, &a, &receipt, &l.e));
        else
            assert_false(eye_observe(l.eye, &l.arena, &scope, &have, &l.e));
        assert_int_equal(l.e.kind, ERR_TIMEOUT);
        pthread_join(thread, NULL);
        remove(l.path);
        arena_release(&l.arena);
    }
}

static int deaths;
static void died(void)
{
    deaths++;
}

static void dies_after_the_effect(void **state)
{
    struct lab l;
    struct fault fault = {.verb = VERB_VM_STOP, .times = 1, .kind = FAULT_DIE};
    struct eye *other;
    struct state have;

    (void)state;
    lab_open(&l, true);
    sim_world(l.eye)->faults = &fault;
    sim_world(l.eye)->fault_count = 1;
    sim_on_die(died);
    order(&l, VERB_VM_STOP, "v", STOP_TURN_OFF);
    sim_on_die(NULL);
    assert_int_equal(deaths, 1);
    other = open_file(&l);
    seen(&l, other, NO_INDEX, &have);
    assert_int_equal(have.vms[1].power, POWER_OFF);
    assert_int_equal(sim_world(other)->faults[0].seen, 1); /* it does not kill the next one */
    other->ops->close(other);
    lab_close(&l);
}

static void speed_scales_time(void **state)
{
    struct lab l;
    int64_t now;

    (void)state;
    lab_open(&l, false);
    sim_world(l.eye)->speed = 1000;
    now = l.eye->ops->now_ms(l.eye);
    assert_true(l.eye->ops->wait_ms(l.eye, now + 3600000) > 3000); /* real milliseconds */
    assert_true(l.eye->ops->wait_ms(l.eye, now + 3600000) <= 3600);
    assert_int_equal(l.eye->ops->wait_ms(l.eye, now), 0);
    sim_world(l.eye)->speed = 0;
    assert_int_equal(l.eye->ops->wait_ms(l.eye, now + 3600000), 0);
    assert_true(l.eye->ops->now_ms(l.eye) >= now + 3600000);
    lab_close(&l);
}

/* ---- a snapshot, and worlds that cannot be ---- */

static void snapshot_has_no_hands(void **state)
{
    struct lab l;
    struct state have, again;
    struct hand *hand;
    struct eye *eye;
    const char *snapshot;

    (void)state;
    lab_open(&l, false);
    seen(&l, l.eye, NO_INDEX, &have);
    snapshot = snapshot_write(&l.arena, &have);
    assert_true(provider_snapshot_open(&l.arena, known_facts(), "s", snapshot, strlen(snapshot),
                                       &eye, &l.found, &l.e));
    seen(&l, eye, NO_INDEX, &again);
    assert_string_equal(snapshot, snapshot_write(&l.arena, &again));
    assert_int_equal(eye->ops->now_ms(eye), have.observed_ms);
    assert_false(world_claim(eye, &us, true, &hand, &l.e));
    assert_int_equal(l.e.kind, ERR_UNSUPPORTED);
    eye->ops->close(eye);
    lab_close(&l);
}

static struct state impossible_state;
static bool show_it(struct eye *eye, struct arena *a, const struct scope *scope, struct state *out,
                    struct err *e)
{
    (void)eye;
    (void)a;
    (void)scope;
    (void)e;
    *out = impossible_state;
    return true;
}

static void impossible_worlds(void **state)
{
    static const struct eye_ops ops = {.name = "test", .observe = show_it};
    struct eye eye = {&ops};
    struct scope scope = {NO_INDEX};
    struct world w;
    struct state out;
    struct lab l;

    (void)state;
    for (int i = 0; i < 12; i++) {
        struct state *s = &impossible_state;
        bool ok;

        lab_start(&l);
        must_read(
            &l.arena,
            CLUSTER(
                "  nodes: [{name: a, pools: [p], gpus: [{card: NVIDIA A2}, {card: NVIDIA A2}]}, "
                "{name: b}]\n"
                "  vms: [{name: v, node: a, adapters: [{id: x}, {id: y}]}, {name: w, node: b}]\n"),
            &w);
        *s = w.now;
        if (i == 1)
            s->nodes[1].name = "A";
        if (i == 2)
            s->gpus[1].path = s->gpus[0].path;
        if (i == 3)
            s->gpus[1].node = 9;
        if (i == 4)
            s->vms[1].id = s->vms[0].id;
        if (i == 5)
            s->vms[1].node = 9;
        if (i == 6)
            s->vms[0].adapters[1].id = "X", s->vms[0].adapters[0].id = "x";
        if (i == 7)
            s->vms[1].id = NULL;
        if (i == 8)
            s->standalone = true;
        if (i == 9)
            s->identity = NULL;
        if (i == 10)
            s->gpus[0].count = NUM(70000);
        if (i == 11)
            s->pools[0].node = 7;
        ok = eye_observe(&eye, &l.arena, &scope, &out, &l.e);
        if (ok != (i == 0))
            fail_msg("row %d: %s", i, ok ? "taken" : l.e.text);
        arena_release(&l.arena);
    }
}

static void what_was_found_outlives_the_world(void **state)
{
    static const char wrong[] = "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: w}\n"
                                "spec: {vms: [{name: a}], vms: [{name: b}], colour: red}\n";
    struct lab l;

    (void)state;
    lab_start(&l);
    assert_false(sim_open(known_facts(), "w", wrong, strlen(wrong), false, &l.eye, &l.found, &l.e));
    assert_true(l.found.count > 0);
    for (size_t i = 0; i < l.found.count; i++) {
        const struct finding *f = &l.found.rows[i];

        assert_true(strlen(f->text) > 0 && strlen(f->code) > 0);
        assert_true(!f->next || strlen(f->next) > 0);
        assert_true(!f->at.file || strlen(f->at.file) > 0);
    }
    arena_release(&l.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_found_outlives_the_world),
        cmocka_unit_test(another_process_agrees),
        cmocka_unit_test(memory_leaves_the_file_alone),
        cmocka_unit_test(one_owner),
        cmocka_unit_test(what_lands_after_a_take_over_is_not_written),
        cmocka_unit_test(a_take_over_is_never_written_over),
        cmocka_unit_test(an_edit_is_taken_in),
        cmocka_unit_test(refusals_and_notes),
        cmocka_unit_test(hanging_calls_end_with_the_eye),
        cmocka_unit_test(dies_after_the_effect),
        cmocka_unit_test(speed_scales_time),
        cmocka_unit_test(snapshot_has_no_hands),
        cmocka_unit_test(impossible_worlds),
    };

    return cmocka_run_group_tests_name("provider sim", tests, NULL, NULL);
}
