#include "apply/drive.h"

#include "apply/drive_call.h"
#include "apply/drive_sight.h"
#include "loop/loop.h"

#include <stdlib.h>

enum {
    CALL_MS = 30 * 1000,   /* deadline of one call when the options do not say */
    MARGIN_MS = 30 * 1000, /* quarantine behind an effect's own deadline (protocol.md 4) */
    CHANGE_BYTES = 1024,   /* of the ledger that one row may take, and one member of a group */
    MEMBER_BYTES = 8 * 1024,
    WORLD_LANE = 0 /* looks at everything; node i has lane i + 1 */
};

/* A call that was ordered.  The call itself is its lane's until it comes back. */
struct asked {
    struct asked *next;
    struct driver *driver;
    enum call_kind kind;
    uint64_t ticket;
    uint32_t node;
    struct host_call *call; /* NULL: it did not come back */
    bool made;
};

struct driver {
    struct arena scratch; /* names for progress */
    struct eye *eye;
    struct hand *hand;
    struct store *store;
    const struct drive_options *options;
    struct loop *loop;
    struct run *run;
    struct sight sight;
    unsigned signals;                     /* told of */
    size_t results;                       /* told of */
    size_t calls;                         /* under way */
    struct asked *answers, **answers_end; /* in the order in which they came */
    bool begun;                           /* something was recorded, or was open already */
    struct err taken; /* the world is another store's now; kind ERR_NONE: ours */
};

static int64_t now_of(const struct driver *d)
{
    return d->eye->ops->now_ms(d->eye);
}

static void tell(struct driver *d, const struct event *event)
{
    const struct step_result *rows;
    size_t count;

    run_event(d->run, now_of(d), event);
    rows = run_results(d->run, &count);
    for (; d->results < count; d->results++)
        if (d->options->on_step)
            d->options->on_step(d->options->context, &rows[d->results]);
    if (d->options->on_change)
        d->options->on_change(d->options->context, d->run, false);
}

/* ---- calls ---- */

static void tell_performed(struct driver *d, const struct asked *asked)
{
    const struct host_call *c = asked->call;
    const bool ok = c->err.kind == ERR_NONE;

    tell(d, &(struct event){.kind = EVENT_ANSWERED,
                            .ticket = asked->ticket,
                            .node = asked->node,
                            .err = ok ? NULL : &c->err,
                            .done = ok && !c->receipt.accepted});
}

static void tell_seen(struct driver *d, const struct asked *asked)
{
    struct host_call *c = asked->call;

    if (c->err.kind == ERR_NONE && !sight_take(&d->sight, &c->seen, asked->node))
        err_set(&c->err, ERR_STALE, 0, "the cluster has other nodes than when the run began");
    if (c->err.kind == ERR_NONE)
        tell(d, &(struct event){.kind = EVENT_SEEN, .node = asked->node, .seen = d->sight.have});
    else
        tell(d, &(struct event){.kind = EVENT_UNSEEN, .node = asked->node, .err = &c->err});
}

static void tell_late(struct driver *d, const struct asked *asked)
{
    struct err e = {0};

    err_set(&e, ERR_TIMEOUT, 0, "no answer within the deadline of a call");
    tell(d, &(struct event){.kind = asked->kind == CALL_LOOK ? EVENT_UNSEEN : EVENT_LATE,
                            .ticket = asked->ticket,
                            .node = asked->node,
                            .err = &e});
}

static void asked_free(struct asked *asked)
{
    if (asked->call)
        call_free(asked->call);
    free(asked);
}

/* From inside of the loop: only put down, since the machine may leave through its arena. */
static void on_call(void *job, enum lane_end end)
{
    struct host_call *c = job;
    struct asked *asked = c->owner;
    struct driver *d = asked->driver;

    asked->call = end == LANE_LATE ? NULL : c;
    asked->made = end == LANE_DONE;
    *d->answers_end = asked;
    d->answers_end = &asked->next;
    d->calls--;
}

static struct asked *next_answer(struct driver *d)
{
    struct asked *asked = d->answers;

    if (asked)
        d->answers = asked->next;
    if (!d->answers)
        d->answers_end = &d->answers;
    return asked;
}

static bool was_taken(const struct asked *asked)
{
    return asked->made && asked->kind == CALL_PERFORM && asked->call->err.kind == ERR_LOCKED;
}

static void tell_answers(struct driver *d)
{
    struct asked *asked;

    while ((asked = next_answer(d))) {
        if (was_taken(asked))
            d->taken = asked->call->err;
        else if (!asked->made)
            tell_late(d, asked);
        else if (asked->kind == CALL_PERFORM)
            tell_performed(d, asked);
        else
            tell_seen(d, asked);
        asked_free(asked);
    }
}

static void submit(struct driver *d, const struct order *order, struct host_call *c)
{
    const int64_t ms = d->options->call_ms > 0 ? d->options->call_ms : CALL_MS;
    const uint32_t lane = order->node == NO_INDEX ? WORLD_LANE : order->node + 1;
    struct asked *asked = calloc(1, sizeof *asked);

    if (!asked)
        abort(); /* the machine's own out of memory ends the process */
    *asked =
        (struct asked){.driver = d, .kind = c->kind, .ticket = order->ticket, .node = order->node};
    c->owner = asked;
    d->calls++;
    loop_submit(d->loop, lane, c, call_make, on_call, call_free, ms);
}

static const char *name_of(struct driver *d, const struct action *action)
{
    const struct state *have = d->sight.have;
    uint32_t node = state_node(have, action->node), at;

    switch (verb_rows[action->verb].subject) {
    case SUBJECT_VM:
        at = state_vm(have, action->subject);
        return at == NO_INDEX ? action->subject : have->vms[at].name;
    case SUBJECT_GPU:
        at = node == NO_INDEX ? NO_INDEX : state_gpu(have, node, action->subject);
        return at == NO_INDEX ? action->subject : gpu_label(&d->scratch, have, at);
    default:
        return action->subject;
    }
}

static void perform(struct driver *d, const struct order *order)
{
    if (d->options->on_begin) {
        d->options->on_begin(d->options->context, &order->action, name_of(d, &order->action),
                             now_of(d));
        arena_reset(&d->scratch);
    }
    submit(d, order, call_perform(d->hand, &order->action));
}

/* ---- records ---- */

/* What later commits of the groups that this one opens may add to the ledger. */
static size_t bytes_of(const struct commit *c)
{
    size_t bytes = 0;

    for (size_t i = 0; i < c->change_count; i++) {
        bytes += CHANGE_BYTES;
        if (c->changes[i].op == LEDGER_GROUP)
            bytes += c->changes[i].group.member_count * MEMBER_BYTES;
    }
    return bytes;
}

/* False when nothing was touched and nothing is owed: then a failing store is a plain refusal. */
static bool record(struct driver *d, const struct commit *c, struct err *e)
{
    struct err why = {0};

    if ((c->kind != COMMIT_OPEN || store_reserve(d->store, bytes_of(c), &why)) &&
        store_commit(d->store, c, &why)) {
        d->begun = true;
        tell(d, &(struct event){.kind = EVENT_RECORDED});
        return true;
    }
    if (!d->begun) {
        *e = why;
        return false;
    }
    if (d->options->on_store_lost)
        d->options->on_store_lost(d->options->context, &why);
    tell(d, &(struct event){.kind = EVENT_STORE_LOST, .err = &why});
    return true;
}

/* ---- time and signals ---- */

static void tell_signals(struct driver *d)
{
    while (d->options->signals && d->signals < loop_signal_count(d->loop)) {
        d->signals++;
        if (d->options->on_signal)
            d->options->on_signal(d->options->context, d->signals);
        tell(d, &(struct event){.kind = EVENT_SIGNAL});
    }
}

/* `ms` < 0: until something happens; who watches is told of the time meanwhile. */
static void step(struct driver *d, int64_t ms)
{
    const int64_t tick_ms = d->options->tick_ms;

    loop_step(d->loop, tick_ms && (ms < 0 || ms > tick_ms) ? tick_ms : ms);
}

/* Simulated time may jump, but not past a call that is under way. */
static bool wait(struct driver *d, int64_t until_ms)
{
    int64_t ms;

    if (d->options->on_wait)
        d->options->on_wait(d->options->context, d->run);
    if (d->calls > 0) {
        ms = until_ms == INT64_MAX ? -1 : until_ms - now_of(d);
        step(d, until_ms == INT64_MAX || ms > 0 ? ms : 0);
        return true;
    }
    if (until_ms == INT64_MAX)
        return false;
    ms = d->eye->ops->wait_ms(d->eye, until_ms);
    step(d, ms > 0 ? ms : 0);
    return true;
}

static bool work(struct driver *d, struct err *e)
{
    for (;;) {
        struct order order;

        tell_answers(d);
        if (d->taken.kind != ERR_NONE) {
            *e = d->taken; /* as after a death: the ledger keeps what is open and owed */
            return false;
        }
        tell_signals(d);
        run_next(d->run, now_of(d), &order);
        switch (order.kind) {
        case ORDER_RECORD:
            if (!record(d, &order.commit, e))
                return false;
            break;
        case ORDER_PERFORM:
            perform(d, &order);
            break;
        case ORDER_LOOK:
            submit(d, &order, call_look(d->eye, order.node));
            break;
        case ORDER_WAIT:
            if (!wait(d, order.until_ms))
                return err_set(e, ERR_BUG, 0, "the executor waits for something that cannot come");
            break;
        case ORDER_DONE:
            if (d->options->on_change)
                d->options->on_change(d->options->context, d->run, true);
            return true;
        }
    }
}

/* ---- one run ---- */

static bool driver_open(struct driver *d, const struct state *have, struct arena *a, struct err *e)
{
    if (!loop_open(&d->loop, e))
        return false;
    if (d->options->signals)
        loop_signals(d->loop);
    arena_init(&d->scratch, 0);
    d->scratch.escape = a->escape;
    sight_init(&d->sight, have, a->escape);
    return true;
}

/* Calls that hang are left behind; nobody is told of anything any more. */
static void driver_close(struct driver *d)
{
    struct asked *asked;

    loop_close(d->loop);
    while ((asked = next_answer(d)))
        asked_free(asked);
    sight_release(&d->sight);
    arena_release(&d->scratch);
}

static bool run_through(struct arena *a, const struct plan *plan, const struct ledger *owed,
                        const struct state *have, struct driver *d, struct outcome *out,
                        struct err *e)
{
    const struct run_options options = {.run_id = d->options->run_id,
                                        .width = d->options->width,
                                        .margin_ms = MARGIN_MS,
                                        .max_vms = policy_vms(&plan->policy),
                                        .max_nodes = policy_nodes(&plan->policy),
                                        .one_group = policy_one_group(&plan->policy)};
    bool ok;

    /* What an earlier run left is begun already: then a lost store is a lost store. */
    d->begun = owed->group_count + owed->debt_count + owed->intent_count > 0;
    d->run = run_open(a, plan, owed, have, &options);
    ok = work(d, e);
    *out = *run_outcome(d->run);
    run_close(d->run);
    d->run = NULL;
    return ok;
}

/*
 * The machine works in the caller's arena, which may leave through its escape:
 * then the lanes are closed on the way out.
 */
bool drive_run(struct arena *a, const struct plan *plan, const struct ledger *owed,
               const struct state *have, struct eye *eye, struct hand *hand, struct store *store,
               const struct drive_options *options, struct outcome *out, struct err *e)
{
    struct driver *const d = arena_new(a, struct driver);
    jmp_buf *const outer = a->escape;
    jmp_buf inner;
    bool ok;

    *d = (struct driver){.eye = eye, .hand = hand, .store = store, .options = options};
    d->answers_end = &d->answers;
    *out = (struct outcome){0};
    if (outer)
        a->escape = &inner;
    if (outer && setjmp(inner) != 0) {
        a->escape = outer;
        if (d->run)
            run_close(d->run);
        driver_close(d);
        longjmp(*outer, 1);
    }
    ok = driver_open(d, have, a, e);
    if (ok) {
        ok = run_through(a, plan, owed, have, d, out, e);
        driver_close(d);
    }
    a->escape = outer;
    return ok;
}
