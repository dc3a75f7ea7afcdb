/*
 * The executor: what to do next, what happened.  See run.h for the contract
 * and specs/protocol.md for the order of things; machine.h has the parts.
 */
#include "apply/machine.h"

#include "base/str.h"

#include <string.h>

void wake_at(struct run *r, int64_t ms)
{
    if (ms < r->wake_ms)
        r->wake_ms = ms;
}

/* Intents that a dead run left open: their outcome is unknown (protocol.md 4, quarantine). */
static void take_over(struct run *r)
{
    for (size_t i = 0; i < r->ledger.intent_count; i++) {
        struct call *call = arena_push(r->arena, r->calls, r->call_count, r->call_room);

        *call = (struct call){.ticket = ++r->next_ticket,
                              .group = r->ledger.intents[i].group,
                              .intent = r->ledger.intents[i],
                              .state = CALL_UNKNOWN,
                              .boot = true,
                              .began_ms = r->ledger.intents[i].sent_ms};
    }
    for (size_t i = 0; i < r->ledger.group_count; i++) {
        struct live *live = arena_push(r->arena, r->lives, r->live_count, r->live_room);

        *live = (struct live){
            .id = r->ledger.groups[i].id, .plan_group = NO_INDEX, .stalled_ms = WHEN_NONE};
    }
}

struct run *run_open(struct arena *a, const struct plan *plan, const struct ledger *owed,
                     const struct state *have, const struct run_options *options)
{
    struct run *r = arena_new(a, struct run);

    r->arena = a;
    arena_init(&r->scratch, a->limit);
    r->scratch.escape = a->escape;
    r->plan = plan;
    r->options = *options;
    if (!r->options.tries)
        r->options.tries = 3; /* two things may go wrong by chance */
    r->have = have;
    r->node_count = have->node_count;
    r->looks = arena_array(a, struct node_looks, have->node_count + 1);
    for (size_t i = 0; i <= have->node_count; i++)
        r->looks[i].last_ms = have->observed_ms;
    r->queue = arena_array(a, struct queued, plan->group_count + 1);
    ledger_copy(a, owed, &r->ledger);
    take_over(r);
    r->outcome.resumed = r->ledger.group_count;
    return r;
}

void run_close(struct run *r)
{
    arena_release(&r->scratch);
}

/* ---- orders ---- */

static bool order_call(struct run *r, struct order *out)
{
    for (size_t i = 0; i < r->call_count; i++) {
        struct call *call = &r->calls[i];

        if (call->state != CALL_READY)
            continue;
        call->state = CALL_SENT;
        call->began_ms = r->now_ms;
        out->kind = ORDER_PERFORM;
        out->action = call->intent.action;
        out->ticket = call->ticket;
        out->node = state_node(r->have, call->intent.action.node);
        return true;
    }
    return false;
}

/* There may be something to be seen of it. */
static bool is_answered(const struct call *call)
{
    return call->state == CALL_ANSWERED || call->state == CALL_UNKNOWN;
}

/* Is something of this node waiting to be seen? */
static bool needs_look(const struct run *r, uint32_t node)
{
    const struct node_looks *looks = &r->looks[node];

    for (size_t i = 0; i < r->call_count; i++) {
        const struct call *call = &r->calls[i];
        unsigned sights = is_answered(call) ? call_sights(r, call, node) : 0;

        if (sights && ((call->looked & sights) != sights || looks->last_ms + POLL_MS <= r->now_ms))
            return true;
    }
    return looks->wanted || (looks->stalled && looks->last_ms + POLL_MS <= r->now_ms);
}

/*
 * A VM that is on no node that was looked at: it came up elsewhere, or is gone.
 * Then the whole world is looked at, now and then.
 */
static bool vanished(const struct run *r)
{
    for (size_t i = 0; i < r->ledger.debt_count; i++)
        if (r->ledger.debts[i].group && state_vm(r->have, r->ledger.debts[i].vm) == NO_INDEX)
            return true;
    return false;
}

static bool order_whole_look(struct run *r, struct order *out)
{
    struct node_looks *whole = &r->looks[r->node_count];

    if (whole->ordered || whole->lost || !vanished(r))
        return false;
    if (whole->last_ms + POLL_MS > r->now_ms) {
        wake_at(r, whole->last_ms + POLL_MS);
        return false;
    }
    whole->ordered = true;
    for (size_t i = 0; i < r->call_count; i++)
        r->calls[i].covered = is_answered(&r->calls[i]) ? SIGHT_EFFECT | SIGHT_ORIGIN : 0u;
    out->kind = ORDER_LOOK;
    return true;
}

static bool order_look(struct run *r, struct order *out)
{
    for (uint32_t node = 0; node < r->node_count; node++) {
        struct node_looks *looks = &r->looks[node];

        if (looks->ordered || looks->lost || !needs_look(r, node))
            continue;
        looks->ordered = true;
        looks->wanted = false;
        for (size_t i = 0; i < r->call_count; i++) {
            struct call *call = &r->calls[i];

            call->covered &= ~call_sights(r, call, node);
            if (is_answered(call))
                call->covered |= call_sights(r, call, node);
        }
        out->kind = ORDER_LOOK;
        out->node = node;
        return true;
    }
    return false;
}

/* Members that are between two states are looked at now and then. */
static void watch_stalled(struct run *r)
{
    for (uint32_t i = 0; i < r->node_count; i++)
        r->looks[i].stalled = false;
    for (size_t i = 0; i < r->live_count; i++) {
        const struct group *g = ledger_group(&r->ledger, r->lives[i].id);

        for (size_t k = 0; g && r->lives[i].stalled_ms != WHEN_NONE && k < g->member_count; k++)
            for (uint32_t node = 0; node < r->node_count; node++)
                r->looks[node].stalled |= member_touches(&g->members[k], r->have->nodes[node].name);
    }
}

static bool group_lost(const struct run *r, const struct group *g)
{
    return members_lost(r, g->members, g->member_count);
}

/* All that can be decided in this tick goes into one commit (one fsync). */
static bool order_record(struct run *r, struct order *out)
{
    struct commit c = {0};

    for (size_t i = 0; i < r->live_count; i++) {
        const struct group *g = ledger_group(&r->ledger, r->lives[i].id);

        if (g && !group_lost(r, g) && group_decide(r, &r->lives[i], g, &c) && r->options.width == 1)
            break;
    }
    if (!c.change_count && !r->old_debts_read)
        read_old_debts(r, &c);
    if (!c.change_count)
        open_groups(r, &c);
    if (!c.change_count)
        return false;
    r->pending = c;
    r->recording = true;
    out->kind = ORDER_RECORD;
    out->commit = c;
    return true;
}

static bool looks_come(const struct run *r)
{
    for (size_t i = 0; i <= r->node_count; i++)
        if ((r->looks[i].ordered || r->looks[i].wanted) && !r->looks[i].lost)
            return true;
    return false;
}

/* Nothing can be recorded, nothing is under way on a node that answers. */
static bool at_rest(struct run *r)
{
    r->outcome.left_open = 0;
    for (size_t i = 0; i < r->ledger.group_count; i++) {
        if (!group_lost(r, &r->ledger.groups[i]))
            return false;
        r->outcome.left_open++;
    }
    if (looks_come(r))
        return false;
    skip_the_rest(r);
    return true;
}

/* Ctrl-C: did it keep anything from being done?  Else the run ended as any other. */
static bool left_undone(const struct run *r)
{
    if (r->signals > 1 || r->outcome.resumed)
        return true;
    for (size_t i = 0; i < r->plan->group_count; i++)
        if (r->plan->groups[i].gate == GATE_RUNS && !r->queue[i].end)
            return true;
    return false;
}

void run_next(struct run *r, int64_t now_ms, struct order *out)
{
    *out = (struct order){.kind = ORDER_WAIT, .node = NO_INDEX, .until_ms = INT64_MAX};
    if (now_ms > r->now_ms)
        r->now_ms = now_ms;
    if (r->recording)
        return;
    if (r->store_lost) {
        rescue_next(r, out);
        return;
    }
    r->wake_ms = INT64_MAX;
    arena_reset(&r->scratch);
    if (order_call(r, out) || order_record(r, out))
        return;
    watch_stalled(r);
    if (order_whole_look(r, out) || order_look(r, out))
        return;
    if (at_rest(r)) {
        r->outcome.interrupted = r->signals > 0 && left_undone(r);
        out->kind = ORDER_DONE;
        return;
    }
    out->until_ms = r->wake_ms;
}

/* ---- events ---- */

static void recorded(struct run *r)
{
    ledger_apply(r->arena, &r->ledger, &r->pending);
    r->pending = (struct commit){0};
    r->recording = false;
}

static void answered(struct run *r, const struct event *e)
{
    struct call *call = call_by_ticket(r, e->ticket);

    if (!call || call->state != CALL_SENT)
        return;
    call->looked = call->covered = 0;
    if (e->kind == EVENT_LATE || (e->err && e->err->kind == ERR_TIMEOUT)) {
        call->state = CALL_UNKNOWN;
        return;
    }
    call->state = CALL_ANSWERED;
    call->done = e->done;
    call->failed = e->err != NULL;
    if (e->err)
        call->err = *e->err;
}

static void seen(struct run *r, const struct event *e)
{
    r->have = e->seen;
    if (e->node == NO_INDEX) {
        r->looks[r->node_count].ordered = false;
        r->looks[r->node_count].last_ms = r->now_ms;
    }
    for (uint32_t node = 0; node < r->node_count; node++) {
        if (e->node != NO_INDEX && e->node != node)
            continue;
        r->looks[node].ordered = false;
        r->looks[node].last_ms = r->now_ms;
        for (size_t i = 0; i < r->call_count; i++)
            r->calls[i].looked |= r->calls[i].covered & call_sights(r, &r->calls[i], node);
    }
}

/* A look that failed is ordered again; a node that does not answer at all is left for this pass. */
static void unseen(struct run *r, const struct event *e)
{
    size_t at = e->node < r->node_count ? e->node : r->node_count;
    struct node_looks *looks = &r->looks[at];

    looks->ordered = false;
    looks->last_ms = r->now_ms;
    if (++looks->misses >= MOST_MISSES || (e->err && e->err->kind == ERR_TIMEOUT))
        looks->lost = true;
}

void run_event(struct run *r, int64_t now_ms, const struct event *e)
{
    if (now_ms > r->now_ms)
        r->now_ms = now_ms;
    switch (e->kind) {
    case EVENT_RECORDED:
        if (r->recording)
            recorded(r);
        break;
    case EVENT_ANSWERED:
    case EVENT_LATE:
        if (r->store_lost)
            rescue_answered(r, e);
        answered(r, e);
        break;
    case EVENT_SEEN:
        seen(r, e);
        break;
    case EVENT_UNSEEN:
        unseen(r, e);
        break;
    case EVENT_SIGNAL:
        r->signals++;
        break;
    case EVENT_STORE_LOST:
        r->store_lost = true;
        r->outcome.store_lost = true;
        r->recording = false;
        break;
    }
}

const struct ledger *run_ledger(const struct run *r)
{
    return &r->ledger;
}

const struct state *run_seen(const struct run *r)
{
    return r->have;
}

const struct outcome *run_outcome(const struct run *r)
{
    return &r->outcome;
}

const struct step_result *run_results(const struct run *r, size_t *count)
{
    *count = r->result_count;
    return r->results;
}

uint32_t run_off_now(const struct run *r)
{
    uint32_t n = 0;

    for (size_t i = 0; i < r->ledger.debt_count; i++) {
        const struct debt *d = &r->ledger.debts[i];
        uint32_t at = state_vm(r->have, d->vm);

        n += d->found_running && !d->declared && at != NO_INDEX &&
             r->have->vms[at].power != POWER_RUNNING;
    }
    return n;
}
