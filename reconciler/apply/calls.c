/* Effects under way: sent, answered, seen, settled. */
#include "apply/machine.h"

#include "base/str.h"

#include <string.h>

const struct call *call_of(const struct run *r, const char *subject, const char *node)
{
    for (size_t i = 0; i < r->call_count; i++) {
        const struct action *a = &r->calls[i].intent.action;

        if (str_same(a->subject, subject) &&
            (verb_rows[a->verb].subject == SUBJECT_VM || str_same(a->node, node)))
            return &r->calls[i];
    }
    return NULL;
}

struct call *call_by_ticket(struct run *r, uint64_t ticket)
{
    for (size_t i = 0; i < r->call_count; i++)
        if (r->calls[i].ticket == ticket)
            return &r->calls[i];
    return NULL;
}

uint32_t call_node(const struct run *r, const struct call *call)
{
    const struct action *a = &call->intent.action;
    uint32_t vm;

    if (a->verb == VERB_VM_MOVE)
        return state_node(r->have, a->object);
    vm = verb_rows[a->verb].subject == SUBJECT_VM ? state_vm(r->have, a->subject) : NO_INDEX;

    return vm != NO_INDEX ? r->have->vms[vm].node : state_node(r->have, a->node);
}

unsigned call_sights(const struct run *r, const struct call *call, uint32_t node)
{
    const struct action *a = &call->intent.action;

    return (call_node(r, call) == node ? SIGHT_EFFECT : 0u) |
           (a->verb == VERB_VM_MOVE && state_node(r->have, a->node) == node ? SIGHT_ORIGIN : 0u);
}

bool call_looked(const struct call *call)
{
    unsigned needed =
        call->intent.action.verb == VERB_VM_MOVE ? SIGHT_EFFECT | SIGHT_ORIGIN : SIGHT_EFFECT;

    return (call->looked & needed) == needed;
}

bool group_has_calls(const struct run *r, uint64_t group)
{
    for (size_t i = 0; i < r->call_count; i++)
        if (r->calls[i].group == group)
            return true;
    return false;
}

/* ---- tries ---- */

uint32_t *tries(struct run *r, uint64_t group, const struct action *a)
{
    uint64_t value = a->verb == VERB_GPU_COUNT ? a->value[0] : 0;
    bool is_vm =
        verb_rows[a->verb].subject == SUBJECT_VM; /* the cluster may move it between tries */
    struct tried *row;

    for (size_t i = 0; i < r->tried_count; i++) {
        row = &r->tried[i];
        if (row->group == group && row->verb == a->verb && row->value == value &&
            str_same(row->subject, a->subject) && str_same(row->pin, a->pin) &&
            (is_vm || str_same(row->node, a->node)))
            return &row->times;
    }
    row = arena_push(r->arena, r->tried, r->tried_count, r->tried_room);
    *row = (struct tried){group, a->verb, a->node, a->subject, a->pin, value, 0};
    return &row->times;
}

bool gave_up(struct run *r, uint64_t group, const struct action *a)
{
    return *tries(r, group, a) >= r->options.tries;
}

void forget_tries(struct run *r, uint64_t group, enum verb verb)
{
    for (size_t i = 0; i < r->tried_count; i++)
        if (r->tried[i].group == group && r->tried[i].verb == verb)
            r->tried[i].times = 0;
}

/* ---- intent ---- */

static bool is_power(enum verb v)
{
    return v == VERB_VM_STOP || v == VERB_VM_START || v == VERB_VM_CANCEL_START;
}

static bool is_live_move(const struct action *a)
{
    return a->verb == VERB_VM_MOVE && a->value[0] == MOVE_LIVE;
}

static const struct vm *vm_of(const struct run *r, const char *id)
{
    uint32_t i = state_vm(r->have, id);

    return i == NO_INDEX ? NULL : &r->have->vms[i];
}

/* The ids that are there before an *_ADD: a new one is what it made. */
static void remember_ids(struct run *r, struct intent *t)
{
    const struct vm *vm = vm_of(r, t->action.subject);
    size_t n = vm ? vm->adapter_count + vm->request_count : 0;

    t->seen_ids = arena_array(r->arena, const char *, n + 1);
    for (size_t i = 0; vm && i < vm->adapter_count; i++)
        t->seen_ids[t->seen_id_count++] = vm->adapters[i].id;
    for (size_t i = 0; vm && i < vm->request_count; i++)
        t->seen_ids[t->seen_id_count++] = vm->requests[i].id;
}

/* S1: what we overwrite is recorded before it is overwritten. */
static void claim_offline_action(struct run *r, const struct action *a, struct commit *c)
{
    const struct vm *vm = vm_of(r, a->subject);

    if (!vm || a->value[0] != OFFLINE_FORCED ||
        ledger_claim(&r->ledger, a->subject, "offlineAction"))
        return;
    change_add(r, c, COMMIT_INTENT, LEDGER_CLAIM)->claim =
        (struct claim){a->subject, "offlineAction", vm->role.offline_action};
}

void intend(struct run *r, const struct group *g, const struct action *a, struct commit *c)
{
    struct call *call = arena_push(r->arena, r->calls, r->call_count, r->call_room);
    const struct debt *owed = ledger_debt(&r->ledger, a->subject);
    const struct vm *vm = vm_of(r, a->subject);

    *call = (struct call){.ticket = ++r->next_ticket, .group = g->id, .state = CALL_READY};
    call->intent = (struct intent){.group = g->id,
                                   .action = *a,
                                   .sent_ms = r->now_ms,
                                   .due_ms = r->now_ms + action_deadline_ms(a)};
    if (a->verb == VERB_ADAPTER_ADD || a->verb == VERB_REQUEST_ADD)
        remember_ids(r, &call->intent);
    change_add(r, c, COMMIT_INTENT, LEDGER_INTENT)->intent = call->intent;
    if (a->verb == VERB_VM_OFFLINE_ACTION)
        claim_offline_action(r, a, c);
    /* a live move that breaks leaves the VM off: that would be us */
    if ((a->verb == VERB_VM_STOP || a->verb == VERB_VM_START || is_live_move(a)) && owed && vm) {
        struct debt d = *owed;

        d.phase = a->verb == VERB_VM_START ? DEBT_STARTING : DEBT_STOPPING;
        stamp_debt(r, vm, &d);
        put_debt(r, c, COMMIT_INTENT, &d);
    }
}

/* ---- settling ---- */

/* After a move, or a try of one: its stamp is of the node that it is on now. */
static void settle_place(struct run *r, const struct debt *owed, const struct vm *vm,
                         struct commit *c)
{
    struct debt d = *owed;

    if (d.phase == DEBT_STOPPING)
        d.phase = vm->power == POWER_OFF ? DEBT_STOPPED : DEBT_FOUND;
    stamp_debt(r, vm, &d);
    put_debt(r, c, COMMIT_SETTLE, &d);
}

static void settle_done(struct run *r, const struct group *g, const struct call *call,
                        struct commit *c)
{
    const struct action *a = &call->intent.action;
    const struct debt *owed = ledger_debt(&r->ledger, a->subject);
    const struct vm *vm = vm_of(r, a->subject);
    const char *made = intent_made(&call->intent, r->have);

    if (made)
        change_add(r, c, COMMIT_SETTLE, LEDGER_CLAIM)->claim =
            (struct claim){a->subject, made, NUM_UNKNOWN};
    if ((a->verb == VERB_ADAPTER_REMOVE || a->verb == VERB_REQUEST_REMOVE) &&
        ledger_claim(&r->ledger, a->subject, a->object))
        change_add(r, c, COMMIT_SETTLE, LEDGER_CLAIM_GONE)->claim =
            (struct claim){a->subject, a->object, NUM_UNKNOWN};
    if (a->verb == VERB_VM_OFFLINE_ACTION && a->value[0] != OFFLINE_FORCED)
        change_add(r, c, COMMIT_SETTLE, LEDGER_CLAIM_GONE)->claim =
            (struct claim){a->subject, "offlineAction", NUM_UNKNOWN};
    if (is_power(a->verb) && owed && vm) {
        struct debt d = *owed;

        d.phase = a->verb == VERB_VM_START ? DEBT_PAID : DEBT_STOPPED;
        stamp_debt(r, vm, &d);
        put_debt(r, c, COMMIT_SETTLE, &d);
    }
    if (a->verb == VERB_VM_MOVE && owed && vm)
        settle_place(r, owed, vm, c);
    if (a->verb == VERB_VM_START && g->direction == FORWARD && !g->committed) {
        struct group head = *g;

        head.committed = true;
        change_add(r, c, COMMIT_SETTLE, LEDGER_GROUP)->group = head;
    }
}

static const struct member *member_of(const struct group *g, const char *id)
{
    for (size_t i = 0; i < g->member_count; i++)
        if (g->members[i].kind == SUBJECT_VM && str_same(g->members[i].id, id))
            return &g->members[i];
    return NULL;
}

/* S9: a guest that cannot be asked counts as a deadline that passed. */
static bool guest_not_asked(const struct call *call)
{
    return call->failed && (call->err.native == 32780 || call->err.native == 32781);
}

/* Did the platform try to start it?  It is on its way, or went on and off since our intent. */
static bool was_tried(const struct run *r, const char *id)
{
    const struct vm *vm = vm_of(r, id);
    const struct debt *d = ledger_debt(&r->ledger, id);

    return vm && d &&
           (vm->power == POWER_STARTING || vm->role.vm == RES_PENDING ||
            vm->stamp_ms != d->stamp_ms);
}

/*
 * A try that failed counts, but not when we died over it.  A guest that let
 * its deadline pass is not asked again: force where the spec says so, or give
 * up (S8).
 */
static void count_try(struct run *r, const struct group *g, const struct call *call)
{
    const struct action *a = &call->intent.action;
    const struct member *m = member_of(g, a->subject);
    uint32_t *times = tries(r, g->id, a);

    if (call->boot)
        return;
    ++*times;
    if (a->verb == VERB_VM_START && call->overdue && was_tried(r, a->subject))
        *times = r->options.tries; /* no loop (V10) */
    if (a->verb == VERB_VM_STOP && (call->overdue || guest_not_asked(call)) &&
        (!m || m->stop_then == STOP_GUEST || a->value[0] != STOP_GUEST))
        *times = r->options.tries;
}

static void settle_failed(struct run *r, const struct group *g, const struct call *call,
                          struct commit *c)
{
    const struct action *a = &call->intent.action;
    const struct debt *owed = ledger_debt(&r->ledger, a->subject);
    const struct vm *vm = vm_of(r, a->subject);

    count_try(r, g, call);
    if (a->verb == VERB_VM_MOVE && owed && vm)
        settle_place(r, owed, vm, c);
    if (!is_power(a->verb) || !owed)
        return;
    struct debt d = *owed;

    d.phase = a->verb == VERB_VM_STOP ? DEBT_FOUND : DEBT_STOPPED;
    if (a->verb == VERB_VM_STOP && vm && vm->power == POWER_SAVED) {
        d.phase = DEBT_STOPPED; /* saved instead of off: it is brought online again (S8) */
        *tries(r, g->id, a) = r->options.tries;
    }
    /* What was accepted may have switched the VM and failed all the same: that change was ours. */
    if (call->overdue && vm)
        stamp_debt(r, vm, &d);
    put_debt(r, c, COMMIT_SETTLE, &d);
}

/* What was seen instead of the effect. */
static const char *seen_instead(const struct run *r, const struct call *call, const struct vm *vm)
{
    if (!call->overdue)
        return "the effect was not seen";
    if (is_live_move(&call->intent.action) && vm)
        return vm->power == POWER_OFF ? "it broke, and left the VM off"
                                      : "the VM stays where it was";
    return r->now_ms < call->intent.due_ms ? "it went on, and off again" : "the deadline passed";
}

/* Words only: what it was waited for, and whether in vain, is decided by looking (decision 062). */
static const char *complaint_of(const struct state *have, const struct action *a)
{
    const char *text = NULL;

    for (size_t i = 0; i < have->complaint_count; i++)
        if (have->complaints[i].verb == (unsigned)a->verb &&
            str_same(have->complaints[i].subject, a->subject) &&
            have->complaints[i].node == state_node(have, a->node))
            text = have->complaints[i].text;
    return text;
}

/* What the platform said, or what was not seen; of a start also why, where a look can tell. */
static void explain_failure(const struct run *r, const struct call *call, struct err *e)
{
    const struct vm *vm = vm_of(r, call->intent.action.subject);
    const char *why = NULL, *said = complaint_of(r->have, &call->intent.action);

    if (call->failed)
        *e = call->err;
    else
        err_set(e, ERR_TIMEOUT, 0, "%s%s%s", seen_instead(r, call, vm),
                said ? "; the host says: " : "", said ? said : "");
    if (call->intent.action.verb == VERB_VM_START && vm)
        why = why_start_failed(r->have, vm);
    if (why)
        err_wrap(e, "%s", why);
}

/* A result outlives what was seen when its call was made, and the ledger of then. */
static void keep_text(struct run *r, const char **s)
{
    *s = *s ? arena_strdup(r->arena, *s) : NULL;
}

static void note_result(struct run *r, const struct group *g, const struct call *call, bool ok)
{
    struct step_result *row = arena_push(r->arena, r->results, r->result_count, r->result_room);

    *row = (struct step_result){.group = g->id,
                                .action = call->intent.action,
                                .name = call->intent.action.subject,
                                .began_ms = call->began_ms,
                                .ended_ms = r->now_ms,
                                .ok = ok};
    for (size_t i = 0; i < g->member_count; i++)
        if (str_same(g->members[i].id, call->intent.action.subject))
            row->name = g->members[i].name;
    keep_text(r, &row->name);
    keep_text(r, &row->action.node);
    keep_text(r, &row->action.subject);
    keep_text(r, &row->action.object);
    keep_text(r, &row->action.location);
    keep_text(r, &row->action.pin);
    if (!ok)
        explain_failure(r, call, &row->err);
    r->outcome.steps_ok += ok;
    r->outcome.steps_failed += !ok;
}

/* Running is not yet success: a partition must be resolved as well, while there is time (V10). */
static bool is_there(const struct run *r, const struct call *call)
{
    const struct vm *vm;

    if (!intent_holds(&call->intent, r->have))
        return false;
    if (call->intent.action.verb != VERB_VM_START || r->now_ms >= call->intent.due_ms)
        return true;
    vm = vm_of(r, call->intent.action.subject);
    for (size_t i = 0; vm && i < vm->adapter_count; i++)
        if (!vm->adapters[i].of_checkpoint && !vm->adapters[i].seen)
            return false;
    return true;
}

enum progress { STILL, THERE, NOT_THERE };

/* Was there a look at or after `ms`?  If not, one is ordered: no verdict on old sight. */
static bool seen_since(struct run *r, const struct call *call, int64_t ms)
{
    bool seen = r->now_ms >= ms && call_node(r, call) != NO_INDEX;

    for (uint32_t node = 0; r->now_ms >= ms && node < r->node_count; node++)
        if (call_sights(r, call, node) && r->looks[node].last_ms < ms) {
            r->looks[node].wanted = true;
            seen = false;
        }
    return seen;
}

/*
 * A start that was accepted and has come to its end already: the VM went on
 * and off again, and nothing is pending any more (V10).
 */
static bool start_is_over(const struct run *r, const struct call *call)
{
    const struct vm *vm = vm_of(r, call->intent.action.subject);
    const struct debt *d = ledger_debt(&r->ledger, call->intent.action.subject);

    return call->intent.action.verb == VERB_VM_START && vm && d && vm->power == POWER_OFF &&
           !vm->role.busy && vm->role.vm != RES_PENDING && vm->stamp_ms != WHEN_NONE &&
           d->stamp_ms != WHEN_NONE && vm->stamp_ms != d->stamp_ms;
}

/*
 * A live move that has come to its end without its effect: the VM is off, or it
 * runs where it was and nothing is under way with it any more.
 */
static bool move_is_over(const struct run *r, const struct call *call)
{
    enum { GRACE_MS = 30 * 1000 }; /* until the cluster shows that it has begun */
    const struct vm *vm = vm_of(r, call->intent.action.subject);

    if (!is_live_move(&call->intent.action) || !vm || vm->role.busy || vm->role.vm == RES_PENDING)
        return false;
    return vm->power == POWER_OFF ||
           (vm->power == POWER_RUNNING && r->now_ms >= call->began_ms + GRACE_MS);
}

/* Refused, it says, and the VM is on its way all the same: then it is ours (believe the world). */
static bool goes_all_the_same(const struct run *r, const struct call *call)
{
    const struct vm *vm = vm_of(r, call->intent.action.subject);

    return call->failed && vm && call->state == CALL_ANSWERED &&
           ((call->intent.action.verb == VERB_VM_STOP && vm->power == POWER_STOPPING) ||
            (call->intent.action.verb == VERB_VM_START && vm->power == POWER_STARTING) ||
            (is_live_move(&call->intent.action) && vm->role.busy));
}

/*
 * Another change of it is under way, the platform says: ours, that failed with
 * an answer and went on, or one of a process before us, or somebody else's.
 * All of them end by themselves; tries that follow at once would all be lost
 * (decision 067).
 */
static int64_t busy_until(const struct call *call)
{
    enum { PATIENCE_MS = 30 * 1000 };
    int64_t until = call->began_ms + PATIENCE_MS;

    if (!call->failed || call->err.kind != ERR_BUSY)
        return WHEN_NONE;
    return until < call->intent.due_ms ? until : call->intent.due_ms;
}

static enum progress progress_of(struct run *r, struct call *call)
{
    int64_t due = call->intent.due_ms;

    if (call->state == CALL_READY || call->state == CALL_SENT || !call_looked(call))
        return STILL;
    if (is_there(r, call))
        return THERE;
    if (goes_all_the_same(r, call))
        call->failed = call->done = false;
    if (call->state == CALL_ANSWERED && r->now_ms < busy_until(call)) {
        wake_at(r, r->now_ms + POLL_MS);
        return STILL;
    }
    if (call->state == CALL_ANSWERED && (call->failed || call->done))
        return NOT_THERE;
    if (call->state == CALL_ANSWERED && (start_is_over(r, call) || move_is_over(r, call))) {
        call->overdue = true;
        return NOT_THERE;
    }
    if (call->state == CALL_ANSWERED && seen_since(r, call, due)) {
        call->state = CALL_UNKNOWN;
        call->overdue = true;
    }
    if (call->state == CALL_UNKNOWN)
        due += r->options.margin_ms;
    if (call->state == CALL_UNKNOWN && seen_since(r, call, due))
        return NOT_THERE;
    if (r->now_ms < due)
        wake_at(r, r->now_ms + POLL_MS < due ? r->now_ms + POLL_MS : due);
    return STILL;
}

bool settle_calls(struct run *r, const struct group *g, struct commit *c)
{
    bool any = false;

    for (size_t i = 0; i < r->call_count;) {
        struct call call = r->calls[i];
        enum progress p = call.group == g->id ? progress_of(r, &r->calls[i]) : STILL;

        if (p == STILL) {
            i++;
            continue;
        }
        call = r->calls[i];
        if (p == THERE)
            settle_done(r, g, &call, c);
        else
            settle_failed(r, g, &call, c);
        change_add(r, c, COMMIT_SETTLE, LEDGER_INTENT_GONE)->intent = call.intent;
        note_result(r, g, &call, p == THERE);
        r->call_count--;
        memmove(&r->calls[i], &r->calls[i + 1], (r->call_count - i) * sizeof *r->calls);
        any = true;
    }
    return any;
}
