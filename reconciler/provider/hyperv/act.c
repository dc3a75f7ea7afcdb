/*
 * Acting: one effect, submitted and never waited for.  The owner record is
 * looked at, what holds already is left alone, and what the platform does with
 * the rest is seen by looking (specs/wmi.md).
 */
#include "provider/hyperv/act.h"

static const struct {
    hv_verb *verb;
    bool device; /* what was read once of its node is not true any more */
    bool lags;   /* a good answer may come before the host shows it */
} verbs[VERB_NONE] = {
    [VERB_VM_OFFLINE_ACTION] = {hv_offline_action, false, false},
    [VERB_VM_CHECKPOINTS] = {hv_checkpoints_type, false, false},
    [VERB_GPU_DISABLE] = {hv_disable, true, true},
    [VERB_GPU_DISMOUNT] = {hv_dismount, true, true},
    [VERB_POOL_CREATE] = {hv_pool_create, false, true},
    [VERB_POOL_JOIN] = {hv_pool_join, false, true},
    [VERB_VM_STOP] = {hv_stop, false, false},
    [VERB_REQUEST_REMOVE] = {hv_request_remove, false, false},
    [VERB_ADAPTER_REMOVE] = {hv_adapter_remove, false, false},
    [VERB_VM_MEMORY] = {hv_memory, false, false},
    [VERB_VM_STOP_ACTION] = {hv_stop_type, false, false},
    [VERB_VM_MMIO] = {hv_mmio, false, false},
    [VERB_VM_CACHE_TYPES] = {hv_cache_types, false, false},
    [VERB_GPU_COUNT] = {hv_count, false, true},
    [VERB_VM_MOVE] = {hv_move, false, false},
    [VERB_ADAPTER_ADD] = {hv_adapter_add, false, false},
    [VERB_ADAPTER_LIMITS] = {hv_adapter_limits, false, false},
    [VERB_REQUEST_ADD] = {hv_request_add, false, false},
    [VERB_VM_START] = {hv_start, false, false},
    [VERB_VM_CANCEL_START] = {hv_cancel_start, false, false},
    [VERB_POOL_LEAVE] = {hv_pool_leave, false, true},
    [VERB_GPU_MOUNT] = {hv_mount, true, true},
    [VERB_GPU_ENABLE] = {hv_enable, true, true},
    [VERB_POOL_DELETE] = {hv_pool_delete, false, true},
};

static const char *upper(struct arena *a, const char *s)
{
    char *out = arena_strdup(a, s);

    for (char *c = out; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return out;
}

static bool act(struct hv_act *t)
{
    const struct action *a = t->action;
    bool ok;

    if ((unsigned)a->verb >= VERB_NONE || !a->node || !a->subject)
        return err_set(&t->err, ERR_BUG, 0, "an effect with no verb, node or subject");
    if (verb_rows[a->verb].subject == SUBJECT_VM) {
        t->role.vm_id = hv_guid(t->arena, a->subject);
        t->guid = upper(t->arena, t->role.vm_id);
    }
    if (!hv_check_owner(t))
        return false;
    hv_wait_forget(t->h, hv_host(t, a->node), a);
    ok = verbs[a->verb].verb(t);
    t->accepted |= t->sent && verbs[a->verb].lags;
    if (verbs[a->verb].device) /* also when nobody knows what came of it */
        hv_unsettle(t->h, hv_host(t, a->node));
    return ok;
}

/* The connection was gone, and nobody heard of the effect: the host was started anew, say. */
static bool may_connect_again(const struct hv_act *t)
{
    static const int64_t broken[] = {0x800706BE, 0x800706BF, 0x80010108};

    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        if (!t->sent && (t->err.native & 0xFFFFFFFFLL) == broken[i])
            return true;
    return false;
}

static bool try_it(struct hv_act *t)
{
    bool ok;

    t->err = (struct err){.kind = ERR_NONE};
    ok = act(t);
    hv_give_all(t);
    if (!ok && !t->sent && t->err.kind == ERR_TIMEOUT) {
        t->err.kind = ERR_UNSEEN;
        err_wrap(&t->err, "nothing was sent");
    }
    return ok;
}

bool hv_perform(struct hand *hand, const struct action *action, struct receipt *out, struct err *e)
{
    struct hv_claim *claim = (struct hv_claim *)hand;
    struct hyperv *h = claim->h;
    struct arena a;
    struct hv_act t = {.h = h, .claim = claim, .arena = &a, .action = action};
    bool ok;

    if (!hv_enter(h))
        return err_set(e, ERR_TIMEOUT, 0, "the world was closed");
    arena_init(&a, 0);
    ok = try_it(&t) || (may_connect_again(&t) && try_it(&t));
    arena_release(&a);
    hv_leave(h);
    if (ok)
        out->accepted = t.accepted;
    if (!ok)
        *e = t.err;
    else if (t.note.native)
        *e = t.note;
    return ok;
}
