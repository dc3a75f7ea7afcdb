/*
 * The store failed in the middle.  Nothing more is stopped, detached or cut;
 * what is owed is started as it stands: a start needs no record
 * (protocol.md 7).
 */
#include "apply/machine.h"

#include "base/str.h"

struct rescue {
    const char *vm, *name;
    uint64_t ticket; /* 0: not asked yet */
    bool refused, sent, late;
    int64_t due_ms;
};

/*
 * Not what was found off and shall run by declaration: half made, it may not
 * start at all.  Nor what stays off for a GPU that leaves (V9).
 */
static bool is_owed(const struct debt *d)
{
    return !d->waits && d->found_running && !d->declared && d->phase != DEBT_PAID;
}

/* What the ledger says, and what the commit that was lost would have said. */
static void list_owed(struct run *r)
{
    size_t room = r->ledger.debt_count + 1;

    r->rescues = arena_array(r->arena, struct rescue, room);
    for (size_t i = 0; i < r->ledger.debt_count; i++)
        if (is_owed(&r->ledger.debts[i]))
            r->rescues[r->rescue_count++] =
                (struct rescue){.vm = r->ledger.debts[i].vm, .name = r->ledger.debts[i].name};
}

static bool look_again(struct run *r, uint32_t node, struct order *out)
{
    struct node_looks *looks = &r->looks[node];

    if (looks->lost || looks->ordered)
        return false;
    if (looks->last_ms + POLL_MS > r->now_ms) {
        wake_at(r, looks->last_ms + POLL_MS);
        return false;
    }
    looks->ordered = true;
    out->kind = ORDER_LOOK;
    out->node = node;
    return true;
}

/* An effect of ours on this VM that may still land, a stop above all. */
static bool may_land(const struct run *r, const char *vm)
{
    for (size_t i = 0; i < r->call_count; i++) {
        const struct call *call = &r->calls[i];

        if (!str_same(call->intent.action.subject, vm) || call->state == CALL_READY)
            continue;
        if (call->state == CALL_ANSWERED && (call->failed || call->done))
            continue;
        return !intent_holds(&call->intent, r->have) &&
               r->now_ms < call->intent.due_ms + r->options.margin_ms;
    }
    return false;
}

/* True: an order is given.  `left` is cleared when this VM needs nothing more. */
static bool rescue_one(struct run *r, struct rescue *s, struct order *out, bool *left)
{
    uint32_t at = state_vm(r->have, s->vm);
    const struct vm *vm = at == NO_INDEX ? NULL : &r->have->vms[at];

    *left = false;
    if (!vm || vm->node >= r->node_count || r->looks[vm->node].lost)
        return false;
    if (vm->power == POWER_RUNNING && !may_land(r, s->vm))
        return false;
    if (s->sent && (s->refused || r->now_ms >= s->due_ms))
        return false;
    *left = true;
    if (!s->sent && !may_land(r, s->vm) && (vm->power == POWER_OFF || vm->power == POWER_SAVED)) {
        struct action a = {
            .verb = VERB_VM_START, .node = r->have->nodes[vm->node].name, .subject = s->vm};

        s->sent = true;
        s->ticket = ++r->next_ticket;
        s->due_ms = r->now_ms + action_deadline_ms(&a);
        out->kind = ORDER_PERFORM;
        out->action = a;
        out->ticket = s->ticket;
        out->node = vm->node;
        return true;
    }
    return look_again(r, vm->node, out);
}

void rescue_next(struct run *r, struct order *out)
{
    bool any = false;

    if (!r->rescues)
        list_owed(r);
    r->wake_ms = INT64_MAX;
    for (size_t i = 0; i < r->rescue_count; i++) {
        bool left;

        if (rescue_one(r, &r->rescues[i], out, &left))
            return;
        any |= left;
    }
    if (any) {
        out->until_ms = r->wake_ms;
        return;
    }
    r->outcome.stuck = 0;
    for (size_t i = 0; i < r->rescue_count; i++) {
        uint32_t at = state_vm(r->have, r->rescues[i].vm);

        r->outcome.stuck += at == NO_INDEX || r->have->vms[at].power != POWER_RUNNING;
    }
    out->kind = ORDER_DONE;
}

void rescue_answered(struct run *r, const struct event *e)
{
    for (size_t i = 0; i < r->rescue_count; i++)
        if (r->rescues[i].ticket == e->ticket && e->ticket)
            r->rescues[i].refused = e->err != NULL && e->err->kind != ERR_TIMEOUT;
}
