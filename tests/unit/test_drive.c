/*
 * The driver does what a machine orders, and tells it what came of it.  The
 * machine here is a script behind the names of run.h: an order is given once
 * its number of events has come.
 */
#include "apply/drive.h"

#include "store/inner.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 256 };

/* ---- the machine: a script ---- */

struct line {
    size_t after; /* events that must have come */
    struct order order;
};

struct heard {
    enum event_kind kind;
    uint64_t ticket;
    uint32_t node;
    enum err_kind err;
    bool done;
    int64_t now_ms;
    size_t intents; /* of the store, when it was heard */
};

struct run {
    size_t next;
};

static struct {
    struct line lines[MOST];
    size_t count;
    struct heard heard[MOST];
    size_t heard_count;
    struct run run;
    struct outcome outcome;
    struct step_result results[8];
    size_t result_count;
    const struct state *seen, *seen_before;
    const char *kept[MOST]; /* texts of looks, which stay readable */
    char ids[MOST][16];     /* the same, copied */
    size_t kept_count;
    struct store *store;
    struct arena *arena;
    enum vm_power power[2]; /* as last seen */
    bool devour;            /* the machine needs more memory than there is */
} script;

static struct order *say(size_t after, enum order_kind kind)
{
    struct line *l = &script.lines[script.count++];

    *l = (struct line){.after = after, .order = {.kind = kind, .node = NO_INDEX}};
    return &l->order;
}

struct run *run_open(struct arena *a, const struct plan *plan, const struct ledger *owed,
                     const struct state *have, const struct run_options *options)
{
    (void)plan;
    (void)owed;
    assert_string_equal(options->run_id, "r-1");
    script.run.next = 0;
    script.seen = have;
    script.arena = a;
    return &script.run;
}

void run_close(struct run *r)
{
    (void)r;
}

void run_next(struct run *r, int64_t now_ms, struct order *out)
{
    (void)now_ms;
    if (script.devour)
        arena_alloc(script.arena, 1, (size_t)1 << 30);
    *out = (struct order){.kind = ORDER_WAIT, .node = NO_INDEX, .until_ms = INT64_MAX};
    if (r->next == script.count)
        out->kind = ORDER_DONE;
    else if (script.heard_count >= script.lines[r->next].after)
        *out = script.lines[r->next++].order;
}

void run_event(struct run *r, int64_t now_ms, const struct event *e)
{
    struct heard *h = &script.heard[script.heard_count++];
    struct ledger l = {0};
    struct arena a;
    struct err ignored;

    (void)r;
    arena_init(&a, 0);
    *h = (struct heard){.kind = e->kind,
                        .ticket = e->ticket,
                        .node = e->node,
                        .err = e->err ? e->err->kind : ERR_NONE,
                        .done = e->done,
                        .now_ms = now_ms};
    if (store_ledger(script.store, &a, &l, &ignored))
        h->intents = l.intent_count;
    arena_release(&a);
    if (e->kind != EVENT_SEEN)
        return;
    script.seen_before = script.seen;
    script.seen = e->seen;
    /* Both can be read now, whole; and the texts of all looks before, for ever. */
    for (size_t i = 0; i < script.seen_before->vm_count; i++)
        assert_true(strlen(script.seen_before->vms[i].adapters[0].id) > 0);
    for (size_t i = 0; i < script.kept_count; i++)
        assert_memory_equal(script.kept[i], "id-", 3);
    for (size_t i = 0; i < e->seen->vm_count && i < 2; i++)
        script.power[i] = e->seen->vms[i].power;
    for (size_t i = 0; i < e->seen->vm_count && script.kept_count < MOST; i++) {
        snprintf(script.ids[script.kept_count], sizeof script.ids[0], "%s", e->seen->vms[i].id);
        script.kept[script.kept_count++] = e->seen->vms[i].id;
    }
}

const struct outcome *run_outcome(const struct run *r)
{
    (void)r;
    return &script.outcome;
}

const struct step_result *run_results(const struct run *r, size_t *count)
{
    (void)r;
    *count = script.result_count;
    return script.results;
}

/* ---- the world: two nodes with a VM each ---- */

static struct {
    struct eye eye;
    struct hand hand;
    pthread_mutex_t mutex;
    pthread_cond_t idle; /* no call is under way */
    int64_t now_ms;
    int64_t jumps;
    int under_way; /* calls */
    int jumped_under_way;
    int power[2]; /* of vm-0, vm-1: what hands did */
    int looks;
    bool one_node;   /* the cluster lost a node */
    int hang_node;   /* calls to it never return; -1: none */
    int slow_node;   /* its calls return when another node's call has come: -1 none */
    int refuse_node; /* its hand says no */
    bool taken;      /* because the world is somebody else's now */
    sem_t never, passed;
} world;

static int node_of(const char *name)
{
    return name[3] - '0'; /* "hv-0" */
}

static void enter(int node)
{
    pthread_mutex_lock(&world.mutex);
    world.under_way++;
    pthread_mutex_unlock(&world.mutex);
    if (node == world.hang_node)
        sem_wait(&world.never);
    if (node == world.slow_node)
        sem_wait(&world.passed);
    else if (world.slow_node >= 0)
        sem_post(&world.passed);
}

static void leave(void)
{
    pthread_mutex_lock(&world.mutex);
    if (--world.under_way == 0)
        pthread_cond_signal(&world.idle);
    pthread_mutex_unlock(&world.mutex);
}

static void draw(struct arena *a, uint32_t node, struct state *out)
{
    size_t nodes = world.one_node ? 1 : 2;

    *out = (struct state){.name = arena_strdup(a, "c1"), .identity = "c1", .node_count = nodes};
    out->nodes = arena_array(a, struct node, nodes);
    out->vms = arena_array(a, struct vm, nodes);
    for (uint32_t i = 0; i < nodes; i++)
        out->nodes[i] = (struct node){.name = arena_printf(a, "hv-%u", i), .answered = true};
    for (uint32_t i = 0; i < nodes; i++) {
        struct vm *vm = &out->vms[out->vm_count];

        if (node != NO_INDEX && node != i)
            continue;
        *vm = (struct vm){.id = arena_printf(a, "id-%u-%d", i, world.looks),
                          .name = arena_printf(a, "vm-%u", i),
                          .node = i,
                          .power = world.power[i] ? POWER_RUNNING : POWER_OFF,
                          .adapter_count = 1};
        vm->adapters = arena_array(a, struct adapter, 1);
        vm->adapters[0].id = arena_printf(a, "adapter-%d", world.looks);
        out->vm_count++;
    }
    state_sort(out, a);
}

static bool world_observe_call(struct eye *eye, struct arena *a, const struct scope *scope,
                               struct state *out, struct err *e)
{
    (void)eye;
    enter(scope->node == NO_INDEX ? -2 : (int)scope->node);
    pthread_mutex_lock(&world.mutex);
    world.looks++;
    draw(a, scope->node, out);
    pthread_mutex_unlock(&world.mutex);
    leave();
    (void)e;
    return true;
}

static bool world_perform_call(struct hand *hand, const struct action *action, struct receipt *out,
                               struct err *e)
{
    int node = node_of(action->node);
    bool ok = node != world.refuse_node;

    (void)hand;
    enter(node);
    pthread_mutex_lock(&world.mutex);
    if (ok)
        world.power[node] = action->verb == VERB_VM_START;
    pthread_mutex_unlock(&world.mutex);
    out->accepted = action->verb == VERB_VM_STOP;
    leave();
    return ok || err_set(e, world.taken ? ERR_LOCKED : ERR_REFUSED, 32768, "no");
}

static int64_t world_now(struct eye *eye)
{
    int64_t now;

    (void)eye;
    pthread_mutex_lock(&world.mutex);
    now = world.now_ms;
    pthread_mutex_unlock(&world.mutex);
    return now;
}

static int64_t world_wait(struct eye *eye, int64_t until_ms)
{
    (void)eye;
    pthread_mutex_lock(&world.mutex);
    world.jumped_under_way += world.under_way > 0;
    world.now_ms = until_ms;
    world.jumps++;
    pthread_mutex_unlock(&world.mutex);
    return 0;
}

static const struct eye_ops EYE = {
    .name = "script", .observe = world_observe_call, .now_ms = world_now, .wait_ms = world_wait};
static const struct hand_ops HAND = {.perform = world_perform_call};

/* ---- a store that fails at its n-th commit ---- */

static struct {
    struct store base;
    struct store *real;
    int commits, fail_at;
    bool no_room;
} failing;

static bool failing_ledger(struct store *s, struct arena *a, struct ledger *out, struct err *e)
{
    (void)s;
    return store_ledger(failing.real, a, out, e);
}

static bool failing_commit(struct store *s, const struct commit *c, struct err *e)
{
    (void)s;
    if (++failing.commits == failing.fail_at)
        return err_set(e, ERR_IO, 13, "the disk is full");
    return store_commit(failing.real, c, e);
}

static bool failing_reserve(struct store *s, size_t bytes, struct err *e)
{
    (void)s;
    assert_true(bytes > 0);
    return !failing.no_room || err_set(e, ERR_IO, 13, "the disk is full");
}

static const struct store_ops FAILING = {
    .ledger = failing_ledger, .commit = failing_commit, .reserve = failing_reserve};

/* ---- one run ---- */

static struct {
    struct arena arena;
    struct state have;
    struct outcome outcome;
    struct err err;
    char begun[256];
    size_t steps;
    int lost;
    bool signal_on_begin;
    unsigned signals;
    int64_t call_ms, tick_ms;
    int waits, changes, overs;
    size_t answer_at; /* of `waits`: then the call that hangs returns; 0: it does not */
    struct ledger owed;
} test;

static void on_begin(void *context, const struct action *action, const char *name, int64_t now_ms)
{
    size_t n = strlen(test.begun);

    (void)now_ms;
    assert_ptr_equal(context, &test);
    snprintf(test.begun + n, sizeof test.begun - n, "%s %s;", verb_rows[action->verb].word, name);
    if (test.signal_on_begin)
        raise(SIGINT);
}

static void on_signal(void *context, unsigned times)
{
    assert_ptr_equal(context, &test);
    test.signals = times;
}

static void on_step(void *context, const struct step_result *step)
{
    assert_ptr_equal(context, &test);
    assert_int_equal(step->group, 7);
    test.steps++;
}

static void on_wait(void *context, const struct run *run)
{
    assert_ptr_equal(context, &test);
    assert_ptr_equal(run, &script.run);
    if ((size_t)++test.waits == test.answer_at)
        sem_post(&world.never);
}

static void on_change(void *context, const struct run *run, bool over)
{
    assert_ptr_equal(context, &test);
    assert_ptr_equal(run, &script.run);
    test.changes += !over;
    test.overs += over;
    assert_int_equal(test.changes, script.heard_count);
}

static void on_store_lost(void *context, const struct err *why)
{
    assert_ptr_equal(context, &test);
    assert_string_equal(why->text, "the disk is full");
    test.lost++;
}

static int setup(void **state)
{
    static bool made;

    (void)state;
    if (!made) {
        pthread_mutex_init(&world.mutex, NULL);
        pthread_cond_init(&world.idle, NULL);
        made = true;
    }
    memset(&script, 0, sizeof script);
    memset(&test, 0, sizeof test);
    memset(&failing, 0, sizeof failing);
    world.eye.ops = &EYE;
    world.hand.ops = &HAND;
    sem_init(&world.never, 0, 0);
    sem_init(&world.passed, 0, 0);
    world.now_ms = 1000;
    world.jumps = world.under_way = world.jumped_under_way = world.looks = 0;
    world.power[0] = world.power[1] = 1;
    world.one_node = world.taken = false;
    world.hang_node = world.slow_node = world.refuse_node = -1;
    arena_init(&test.arena, 0);
    draw(&test.arena, NO_INDEX, &test.have);
    failing.base.ops = &FAILING;
    store_open_memory(NULL, &failing.real);
    script.store = &failing.base;
    test.call_ms = 60000;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(failing.real);
    arena_release(&test.arena);
    return 0;
}

static bool drive(void)
{
    const struct drive_options options = {.run_id = "r-1",
                                          .call_ms = test.call_ms,
                                          .signals = true,
                                          .tick_ms = test.tick_ms,
                                          .on_change = on_change,
                                          .on_wait = on_wait,
                                          .on_begin = on_begin,
                                          .on_step = on_step,
                                          .on_signal = on_signal,
                                          .on_store_lost = on_store_lost,
                                          .context = &test};
    static const struct plan NOTHING;

    return drive_run(&test.arena, &NOTHING, &test.owed, &test.have, &world.eye, &world.hand,
                     &failing.base, &options, &test.outcome, &test.err);
}

static void say_perform(size_t after, enum verb verb, uint32_t node, uint64_t ticket)
{
    static const char *const IDS[] = {"id-0-0", "id-1-0"}, *const NODES[] = {"hv-0", "hv-1"};
    struct order *o = say(after, ORDER_PERFORM);

    o->action = (struct action){.verb = verb, .node = NODES[node], .subject = IDS[node]};
    o->ticket = ticket;
    o->node = node;
}

static void say_look(size_t after, uint32_t node)
{
    say(after, ORDER_LOOK)->node = node;
}

static void say_record(size_t after, enum commit_kind kind, enum ledger_op op)
{
    struct order *o = say(after, ORDER_RECORD);
    struct ledger_change *c = arena_new(&test.arena, struct ledger_change);

    *c = (struct ledger_change){.op = op};
    if (op == LEDGER_INTENT)
        c->intent.action = (struct action){.node = "hv-0", .subject = "id-0-0"};
    else
        c->group.id = 7;
    o->commit = (struct commit){.kind = kind, .sync = true, .changes = c, .change_count = 1};
}

static void hears(size_t i, enum event_kind kind, uint64_t ticket, uint32_t node, enum err_kind err)
{
    assert_true(i < script.heard_count);
    assert_int_equal(script.heard[i].kind, kind);
    assert_int_equal(script.heard[i].ticket, ticket);
    if (kind != EVENT_RECORDED && kind != EVENT_SIGNAL && kind != EVENT_STORE_LOST)
        assert_int_equal(script.heard[i].node, node);
    assert_int_equal(script.heard[i].err, err);
}

/* ---- the tests ---- */

static void records_performs_and_looks(void **state)
{
    (void)state;
    say_record(0, COMMIT_OPEN, LEDGER_GROUP);
    say_record(1, COMMIT_INTENT, LEDGER_INTENT);
    say_perform(2, VERB_VM_STOP, 0, 11);
    say_look(3, 0);
    script.results[0].group = 7;
    script.result_count = 1;
    script.outcome.done = 3;
    say(4, ORDER_DONE);
    assert_true(drive());
    assert_int_equal(script.heard_count, 4);
    hears(0, EVENT_RECORDED, 0, 0, ERR_NONE);
    assert_int_equal(script.heard[0].intents, 0);
    hears(1, EVENT_RECORDED, 0, 0, ERR_NONE);
    assert_int_equal(script.heard[1].intents, 1); /* it is recorded when the machine hears so */
    hears(2, EVENT_ANSWERED, 11, 0, ERR_NONE);
    assert_false(script.heard[2].done); /* accepted only */
    hears(3, EVENT_SEEN, 0, 0, ERR_NONE);
    assert_int_equal(script.power[0], POWER_OFF);
    assert_int_equal(script.power[1], POWER_RUNNING);
    assert_int_equal(world.power[0], 0);
    assert_int_equal(world.power[1], 1);
    assert_string_equal(test.begun, "stop vm-0;");
    assert_int_equal(test.steps, 1); /* each result is told of once */
    assert_int_equal(test.outcome.done, 3);
}

static void answers_say_done_or_why_not(void **state)
{
    (void)state;
    world.refuse_node = 1;
    say_perform(0, VERB_VM_START, 0, 1);
    say_perform(1, VERB_VM_START, 1, 2);
    say_look(2, 0);
    say(3, ORDER_DONE);
    assert_true(drive());
    hears(0, EVENT_ANSWERED, 1, 0, ERR_NONE);
    assert_true(script.heard[0].done);
    hears(1, EVENT_ANSWERED, 2, 1, ERR_REFUSED);
}

/* A look at one node leaves what is known of the others; a whole look replaces all. */
static void a_scoped_look_is_merged(void **state)
{
    static const char *const KEPT[] = {"id-0-0", "id-1-1", "id-0-2", "id-1-2"};

    (void)state;
    say_look(0, 1);
    say(1, ORDER_LOOK);
    say(2, ORDER_DONE);
    assert_true(drive());
    assert_int_equal(script.heard_count, 2);
    hears(0, EVENT_SEEN, 0, 1, ERR_NONE);
    hears(1, EVENT_SEEN, 0, NO_INDEX, ERR_NONE);
    assert_int_equal(script.kept_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(script.ids[i], KEPT[i]);
}

static void what_was_seen_stays_readable(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 60; i++)
        say_look(i, i % 2);
    say(60, ORDER_DONE);
    assert_true(drive());
    assert_int_equal(script.heard_count, 60);
    for (size_t i = 0; i < 60; i++)
        assert_int_equal(script.heard[i].kind, EVENT_SEEN);
    assert_int_equal(script.kept_count, 120); /* run_event() has read them all each time */
}

static void a_hung_call_is_late_and_its_node_lost(void **state)
{
    (void)state;
    test.call_ms = 500; /* the other call must come back before, also on a busy machine */
    world.hang_node = 0;
    say_perform(0, VERB_VM_STOP, 0, 21);
    say_perform(0, VERB_VM_STOP, 1, 22);
    say_look(2, 0); /* the lane is gone: told so at once */
    say_look(3, 1);
    say(4, ORDER_DONE);
    assert_true(drive());
    assert_int_equal(script.heard_count, 4);
    hears(0, EVENT_ANSWERED, 22, 1, ERR_NONE); /* nobody waited for the hung one */
    hears(1, EVENT_LATE, 21, 0, ERR_TIMEOUT);
    hears(2, EVENT_UNSEEN, 0, 0, ERR_TIMEOUT);
    hears(3, EVENT_SEEN, 0, 1, ERR_NONE);
    assert_int_equal(world.power[1], 0);
    /* It comes back after all: to nobody. */
    sem_post(&world.never);
    pthread_mutex_lock(&world.mutex);
    while (world.under_way > 0)
        pthread_cond_wait(&world.idle, &world.mutex);
    pthread_mutex_unlock(&world.mutex);
}

static void nodes_do_not_wait_for_each_other(void **state)
{
    (void)state;
    world.slow_node = 0; /* returns only after node 1 was called */
    say_perform(0, VERB_VM_STOP, 0, 1);
    say_perform(0, VERB_VM_STOP, 1, 2);
    say_look(2, 1);
    say(3, ORDER_DONE);
    assert_true(drive());
    assert_int_equal(script.heard_count, 3);
    assert_int_equal(world.power[0] + world.power[1], 0);
}

static void simulated_time_jumps_only_when_nothing_is_under_way(void **state)
{
    (void)state;
    say(0, ORDER_WAIT)->until_ms = 5000;
    say_perform(0, VERB_VM_STOP, 0, 1);
    say(0, ORDER_WAIT)->until_ms = 5020; /* the call is under way */
    say_look(1, 0);
    say(2, ORDER_WAIT)->until_ms = 9000;
    assert_true(drive());
    assert_int_equal(script.heard[0].now_ms, 5000);
    assert_int_equal(script.heard[1].now_ms, 5000);
    assert_int_equal(world.now_ms, 9000);
    assert_int_equal(world.jumps, 2);
    assert_int_equal(world.jumped_under_way, 0);
}

static void a_store_that_fails_first_begins_nothing(void **state)
{
    (void)state;
    failing.fail_at = 1;
    say_record(0, COMMIT_OPEN, LEDGER_GROUP);
    say_perform(1, VERB_VM_STOP, 0, 1);
    assert_false(drive());
    assert_int_equal(test.err.kind, ERR_IO);
    assert_string_equal(test.err.text, "the disk is full");
    assert_int_equal(test.lost, 0);
    assert_int_equal(world.power[0], 1);
}

static void no_room_for_a_group_begins_nothing(void **state)
{
    (void)state;
    failing.no_room = true;
    say_record(0, COMMIT_OPEN, LEDGER_GROUP);
    assert_false(drive());
    assert_int_equal(failing.commits, 0);
}

static void a_store_that_fails_later_is_lost(void **state)
{
    (void)state;
    failing.fail_at = 2;
    say_record(0, COMMIT_OPEN, LEDGER_GROUP);
    say_record(1, COMMIT_INTENT, LEDGER_INTENT);
    say_perform(2, VERB_VM_START, 0, 1);
    say(3, ORDER_DONE);
    assert_true(drive());
    hears(1, EVENT_STORE_LOST, 0, 0, ERR_IO);
    assert_int_equal(script.heard[1].intents, 0);
    hears(2, EVENT_ANSWERED, 1, 0, ERR_NONE); /* what the machine orders then is still done */
    assert_int_equal(test.lost, 1);
}

/* With something owed from before, a lost store must not keep it owed. */
static void a_store_that_fails_with_debts_is_lost(void **state)
{
    struct debt owed = {.vm = "id-0-0"};

    (void)state;
    test.owed = (struct ledger){.debts = &owed, .debt_count = 1};
    failing.fail_at = 1;
    say_record(0, COMMIT_INTENT, LEDGER_INTENT);
    assert_true(drive());
    hears(0, EVENT_STORE_LOST, 0, 0, ERR_IO);
    assert_int_equal(test.lost, 1);
}

static void signals_are_told(void **state)
{
    bool heard = false;

    (void)state;
    test.signal_on_begin = true;
    say_perform(0, VERB_VM_STOP, 0, 1);
    say(2, ORDER_WAIT)->until_ms = 2000; /* the answer and the signal, in either order */
    assert_true(drive());
    for (size_t i = 0; i < script.heard_count; i++)
        heard |= script.heard[i].kind == EVENT_SIGNAL;
    assert_true(heard);
    assert_int_equal(script.heard_count, 2);
    assert_int_equal(test.signals, 1);
}

/* Who watches sees the time pass while nothing happens: only that lets this call return. */
static void who_watches_is_told_while_it_waits(void **state)
{
    (void)state;
    world.hang_node = 0;
    test.call_ms = 5000; /* long, beside a tick */
    test.tick_ms = 1;
    test.answer_at = 4;
    say_perform(0, VERB_VM_STOP, 0, 1);
    say(1, ORDER_DONE);
    assert_true(drive());
    hears(0, EVENT_ANSWERED, 1, 0, ERR_NONE);
    assert_true(test.waits >= 4);
    assert_int_equal(test.changes, 1);
    assert_int_equal(test.overs, 1);
}

static void other_nodes_than_before_are_not_believed(void **state)
{
    (void)state;
    world.one_node = true;
    say_look(0, 0);
    say(1, ORDER_WAIT)->until_ms = 2000;
    assert_true(drive());
    hears(0, EVENT_UNSEEN, 0, 0, ERR_STALE);
}

static void a_wait_that_cannot_end_is_an_error(void **state)
{
    (void)state;
    say(1, ORDER_DONE);
    assert_false(drive());
    assert_int_equal(test.err.kind, ERR_BUG);
}

/* Somebody took the world over: not a word more, and the ledger stays as it is. */
static void a_world_that_is_taken_over_ends_the_run(void **state)
{
    (void)state;
    world.refuse_node = 0;
    world.taken = true;
    say_record(0, COMMIT_OPEN, LEDGER_GROUP);
    say_record(1, COMMIT_INTENT, LEDGER_INTENT);
    say_perform(2, VERB_VM_START, 0, 1);
    say_record(3, COMMIT_CLOSE, LEDGER_GROUP);
    assert_false(drive());
    assert_int_equal(test.err.kind, ERR_LOCKED);
    assert_int_equal(script.heard_count, 2);
    assert_int_equal(failing.commits, 2);
}

static void memory_that_ends_ends_the_pass(void **state)
{
    jmp_buf out;
    struct arena *volatile a = &test.arena;

    (void)state;
    say_perform(0, VERB_VM_STOP, 0, 1);
    script.devour = true;
    a->limit = (size_t)64 << 20;
    a->escape = &out;
    if (setjmp(out) == 0) {
        (void)drive();
        fail_msg("the pass went on");
    }
    assert_ptr_equal(a->escape, &out);
    a->escape = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_performs_and_looks, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_say_done_or_why_not, setup, teardown),
        cmocka_unit_test_setup_teardown(a_world_that_is_taken_over_ends_the_run, setup, teardown),
        cmocka_unit_test_setup_teardown(a_scoped_look_is_merged, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_seen_stays_readable, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hung_call_is_late_and_its_node_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(nodes_do_not_wait_for_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(simulated_time_jumps_only_when_nothing_is_under_way, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_store_that_fails_first_begins_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(no_room_for_a_group_begins_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_that_fails_later_is_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_that_fails_with_debts_is_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(signals_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(who_watches_is_told_while_it_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(other_nodes_than_before_are_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wait_that_cannot_end_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_that_ends_ends_the_pass, setup, teardown),
    };

    return cmocka_run_group_tests_name("drive", tests, NULL, NULL);
}
