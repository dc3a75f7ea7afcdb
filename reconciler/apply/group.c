/*
 * One decision about one open group.  It is a function of what is seen, the
 * ledger and the tries; specs/protocol.md is its specification, and the laws
 * hold it to the model move for move.
 */
#include "apply/machine.h"

#include "base/str.h"

#include <string.h>

/* ---- turning back ---- */

/*
 * Before the first start that was seen running a failure puts back; after it
 * the group only goes forward.  FLIP waits until nothing is under way.
 */
static bool may_turn(const struct group *g)
{
    return g->direction == FORWARD && !g->committed;
}

static bool turn(struct run *r, struct live *live, const struct group *g, const char *why,
                 struct commit *c)
{
    struct group head = *g;

    if (group_has_calls(r, g->id)) {
        live->turn = why;
        return c->change_count > 0;
    }
    head.direction = BACK;
    head.reason = why;
    change_add(r, c, COMMIT_FLIP, LEDGER_GROUP)->group = head;
    forget_tries(r, g->id, VERB_VM_STOP);
    live->turn = NULL;
    return true;
}

/* ---- whose power is it? ---- */

/* Stamps prove something on one owner node and boot only (protocol.md 5). */
static bool comparable(const struct run *r, const struct vm *vm, const struct debt *d)
{
    const struct node *n = vm->node < r->have->node_count ? &r->have->nodes[vm->node] : NULL;

    return n && str_same(n->name, d->node) && n->boot_ms == d->boot_ms &&
           d->stamp_ms != WHEN_NONE && vm->stamp_ms != WHEN_NONE;
}

static bool contradicts(const struct vm *vm, const struct debt *d)
{
    bool on = vm->power == POWER_RUNNING;

    switch (d->phase) {
    case DEBT_FOUND:
        return on != (d->found_running && !d->declared);
    case DEBT_PAID:
        return !on;
    case DEBT_STOPPED:
    case DEBT_STUCK:
        return on;
    default:
        return false;
    }
}

static bool in_transit(const struct vm *vm)
{
    return vm->power == POWER_STARTING || vm->power == POWER_STOPPING ||
           vm->power == POWER_UNKNOWN || vm->role.busy || vm->role.vm == RES_PENDING;
}

/*
 * A start when the store was dead is ours and nowhere written (apply/rescue.c):
 * it cannot be told from a person's, and is not called theirs.
 */
static const char *switched(struct run *r, const struct member *m, const struct debt *owed,
                            const struct vm *vm)
{
    if (owed->phase == DEBT_STOPPED && vm->power == POWER_RUNNING)
        return arena_printf(r->arena,
                            "%s was started meanwhile, by somebody or by us when the store failed",
                            m->name);
    return arena_printf(r->arena, "somebody switched %s", m->name);
}

/* Somebody switched a member: theirs from now on.  True when `c` has it. */
static bool read_power(struct run *r, struct live *live, const struct group *g, struct commit *c)
{
    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        const struct debt *owed = m->kind == SUBJECT_VM ? ledger_debt(&r->ledger, m->id) : NULL;
        uint32_t at = owed ? member_vm(r->have, m) : NO_INDEX;
        const struct vm *vm = at == NO_INDEX ? NULL : &r->have->vms[at];
        const char *why;
        struct debt d;

        if (!vm || call_of(r, m->id, m->node) || in_transit(vm))
            continue;
        if (owed->phase == DEBT_STOPPING || owed->phase == DEBT_STARTING)
            continue;
        if (comparable(r, vm, owed) ? vm->stamp_ms == owed->stamp_ms : !contradicts(vm, owed))
            continue;
        why = switched(r, m, owed, vm);
        d = *owed;
        d.found_running = vm->power == POWER_RUNNING;
        d.declared = false;
        d.phase = DEBT_FOUND;
        stamp_debt(r, vm, &d);
        put_debt(r, c, COMMIT_SETTLE, &d);
        if (may_turn(g))
            return turn(r, live, g, why, c);
        return true;
    }
    return false;
}

/* ---- what a person put in the way ---- */

static bool adds_here(const struct run *r, const struct member *m)
{
    const struct call *call = call_of(r, m->id, m->node);

    return call && call->intent.action.verb == VERB_ADAPTER_ADD;
}

static const struct adapter *foreign_adapter(const struct run *r, const struct member *m,
                                             const struct vm *vm)
{
    if (!(m->before.fields & IMAGE_ADAPTERS))
        return NULL; /* not about adapters: whatever it holds is none of the group's business */
    for (size_t k = 0; k < vm->adapter_count; k++) {
        const struct adapter *ad = &vm->adapters[k];

        if (!ad->of_checkpoint && !adapter_of_before(m, ad->id) &&
            !ledger_claim(&r->ledger, m->id, ad->id) && !adds_here(r, m))
            return ad;
    }
    return NULL;
}

/*
 * The group as it can be worked on now: members with an adapter that is not
 * ours, and the GPUs that it reaches, are left as they are (protocol.md 5).
 * Returns the name of the first such VM, or NULL.
 */
static const char *set_aside(struct run *r, const struct group *g, struct group *out)
{
    const char *first = NULL;

    *out = *g;
    out->members =
        arena_grow(r->arena, g->members, g->member_count, g->member_count + 1, sizeof *g->members);
    for (size_t i = 0; i < g->member_count; i++) {
        struct member *m = &out->members[i];
        uint32_t at = m->kind == SUBJECT_VM ? member_vm(r->have, m) : NO_INDEX;
        const struct vm *vm = at == NO_INDEX ? NULL : &r->have->vms[at];
        const struct adapter *ad = vm ? foreign_adapter(r, m, vm) : NULL;

        if (!ad)
            continue;
        first = first ? first : m->name;
        m->marks |= MARK_STUCK;
        for (size_t k = 0; k < g->member_count; k++) {
            uint32_t gpu = out->members[k].kind == SUBJECT_GPU ? member_gpu(r->have, &g->members[k])
                                                               : NO_INDEX;

            if (gpu != NO_INDEX &&
                adapter_reaches(r->have, vm, ad, vm->power != POWER_RUNNING, gpu))
                out->members[k].marks |= MARK_STUCK;
        }
    }
    return first;
}

/* ---- room ---- */

static const struct member *vm_member(const struct group *g, const char *id)
{
    for (size_t i = 0; i < g->member_count; i++)
        if (g->members[i].kind == SUBJECT_VM && str_same(g->members[i].id, id))
            return &g->members[i];
    return NULL;
}

static uint64_t count_after(const struct group *g, const struct state *have, uint32_t gpu)
{
    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        const struct image *im = member_image(g, m);

        if (m->kind == SUBJECT_GPU && !(m->marks & MARK_STUCK) && (im->fields & IMAGE_COUNT) &&
            str_same(m->id, have->gpus[gpu].path) &&
            str_same(m->node, have->nodes[have->gpus[gpu].node].name))
            return im->count;
    }
    return have->gpus[gpu].count.known ? have->gpus[gpu].count.value : 0;
}

/* Adapters of a VM afterwards that are pinned to `pin`; NULL: all of them. */
static uint64_t adapters_after(const struct group *g, const struct vm *vm, const char *pin)
{
    const struct member *m = vm_member(g, vm->id);
    const struct image *im = m ? member_image(g, m) : NULL;
    uint64_t n = 0;

    if (im && (im->fields & IMAGE_ADAPTERS) && !(m->marks & MARK_STUCK)) {
        for (size_t i = 0; i < im->adapter_count && !(m->marks & MARK_BARE); i++)
            n += !pin || str_same(im->adapters[i].pin, pin);
        return n;
    }
    for (size_t i = 0; i < vm->adapter_count; i++)
        n += !vm->adapters[i].of_checkpoint && (!pin || str_same(vm->adapters[i].pin, pin));
    return n;
}

/* Where a VM is afterwards (M8). */
static uint32_t node_after(const struct group *g, const struct state *have, const struct vm *vm)
{
    const struct member *m = vm_member(g, vm->id);
    const struct image *im = m ? member_image(g, m) : NULL;

    return im && (im->fields & IMAGE_NODE) && !(m->marks & MARK_STUCK) ? state_node(have, im->node)
                                                                       : vm->node;
}

static bool overfull(const struct group *g, const struct state *have, uint32_t node,
                     const char *pin, uint64_t room)
{
    uint64_t n = 0;

    for (size_t i = 0; i < have->vm_count; i++)
        if (node_after(g, have, &have->vms[i]) == node)
            n += adapters_after(g, &have->vms[i], pin);
    return n > room;
}

/* The node on which a step takes room for partitions; NO_INDEX: it takes none. */
static uint32_t takes_room(const struct run *r, const struct group *g, const struct action *a)
{
    uint32_t vm = a->verb == VERB_VM_MOVE ? state_vm(r->have, a->subject) : NO_INDEX;

    if (vm != NO_INDEX && adapters_after(g, &r->have->vms[vm], NULL))
        return state_node(r->have, a->object);
    return a->verb == VERB_ADAPTER_ADD ? state_node(r->have, a->node) : NO_INDEX;
}

/* A step for which a person has taken the room (V3: the platform would not refuse it). */
static const struct step *without_room(const struct run *r, const struct group *g,
                                       const struct steps *steps)
{
    uint32_t judged = NO_INDEX;

    for (size_t i = 0; i < steps->count; i++) {
        const struct action *a = &steps->rows[i].action;
        uint32_t node = takes_room(r, g, a);
        uint64_t all = 0;

        if (node == NO_INDEX)
            continue;
        for (uint32_t k = 0; k < r->have->gpu_count; k++) {
            const struct gpu *gpu = &r->have->gpus[k];

            if (gpu->node != node || gpu->state != GPU_PARTITIONED)
                continue;
            all += count_after(g, r->have, k);
            if (a->pin && str_same(a->pin, gpu->path) &&
                overfull(g, r->have, node, a->pin, count_after(g, r->have, k)))
                return &steps->rows[i];
        }
        if (!a->pin && node != judged && overfull(g, r->have, node, NULL, all))
            return &steps->rows[i];
        if (!a->pin)
            judged = node;
    }
    return NULL;
}

/* C5: a partition that did not turn out to be what was declared. */
static const struct member *wrong_size(const struct run *r, const struct group *g)
{
    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        uint32_t gpu = m->kind == SUBJECT_GPU && m->size_bytes ? member_gpu(r->have, m) : NO_INDEX;
        const struct gpu *seen = gpu == NO_INDEX ? NULL : &r->have->gpus[gpu];

        if (seen && (m->target.fields & IMAGE_COUNT) && num_is(seen->count, m->target.count) &&
            seen->optimal[QUOTA_VRAM].known && seen->optimal[QUOTA_VRAM].value != m->size_bytes)
            return m;
    }
    return NULL;
}

static bool outside(struct num limit, const struct gpu *gpu, int quota)
{
    return limit.known && ((gpu->min[quota].known && limit.value < gpu->min[quota].value) ||
                           (gpu->max[quota].known && limit.value > gpu->max[quota].value));
}

/* Is this GPU as the group shall leave it? */
static bool is_cut(const struct run *r, const struct group *g, uint32_t gpu)
{
    return num_is(r->have->gpus[gpu].count, count_after(g, r->have, gpu));
}

/* V5: a limit outside the range that a GPU of the node shows at its new count. */
static bool exceeds(const struct run *r, const struct group *g, uint32_t node,
                    const struct image_adapter *ad)
{
    for (uint32_t i = 0; i < r->have->gpu_count; i++) {
        const struct gpu *gpu = &r->have->gpus[i];

        if (gpu->node != node || gpu->state != GPU_PARTITIONED || !is_cut(r, g, i) ||
            (ad->pin && !str_same(ad->pin, gpu->path)))
            continue;
        for (int q = 0; q < QUOTA_KINDS; q++)
            if (outside(ad->limits.min[q], gpu, q) || outside(ad->limits.max[q], gpu, q) ||
                outside(ad->limits.optimal[q], gpu, q))
                return true;
    }
    return false;
}

static const struct member *wrong_limits(const struct run *r, const struct group *g)
{
    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        uint32_t vm = m->kind == SUBJECT_VM && (m->target.fields & IMAGE_ADAPTERS)
                          ? member_vm(r->have, m)
                          : NO_INDEX;

        for (size_t k = 0; vm != NO_INDEX && k < m->target.adapter_count; k++)
            if (!limits_blank(&m->target.adapters[k].limits) &&
                exceeds(r, g, r->have->vms[vm].node, &m->target.adapters[k]))
                return m;
    }
    return NULL;
}

/* What the GPUs show after their change is not what the spec counts on; NULL: it is, so far. */
static const char *disappointed(const struct run *r, const struct group *g)
{
    const struct member *m = wrong_size(r, g);

    if (m)
        return arena_printf(r->arena, "a partition of %s has another size than declared", m->name);
    m = wrong_limits(r, g);
    return m ? arena_printf(r->arena,
                            "the limits of %s are outside the range of a GPU at its count", m->name)
             : NULL;
}

/* ---- steps ---- */

/* A GPU whose count cannot follow while this VM keeps its adapter. */
static void mark_gpus_of(struct run *r, const struct group *g, const struct vm *vm,
                         struct commit *c)
{
    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        uint32_t gpu = m->kind == SUBJECT_GPU ? member_gpu(r->have, m) : NO_INDEX;

        for (size_t k = 0; gpu != NO_INDEX && k < vm->adapter_count; k++)
            if (adapter_reaches(r->have, vm, &vm->adapters[k], vm->power != POWER_RUNNING, gpu)) {
                put_marks(r, c, g, m, MARK_STUCK);
                break;
            }
    }
}

/* ": " and what was said of the last step of this subject that failed; "" when nothing was. */
static const char *last_words(struct run *r, const struct group *g, const char *subject)
{
    for (size_t i = r->result_count; i-- > 0;) {
        const struct step_result *row = &r->results[i];

        if (!row->ok && row->group == g->id && str_same(row->action.subject, subject))
            return arena_printf(r->arena, ": %s", row->err.text);
    }
    return "";
}

static bool give_up(struct run *r, struct live *live, const struct group *g, const struct step *s,
                    struct commit *c)
{
    const struct member *m = &g->members[s->member];
    uint32_t at = m->kind == SUBJECT_VM ? member_vm(r->have, m) : NO_INDEX;

    if (may_turn(g))
        return turn(r, live, g,
                    arena_printf(r->arena, "%s %s failed%s", verb_rows[s->action.verb].text,
                                 m->name, last_words(r, g, s->action.subject)),
                    c);
    put_marks(r, c, g, m, MARK_STUCK);
    if (at != NO_INDEX && (s->action.verb == VERB_VM_STOP || s->action.verb == VERB_ADAPTER_REMOVE))
        mark_gpus_of(r, g, &r->have->vms[at], c);
    return true;
}

/* No group stops a VM twice: what was started again stays (law 13). */
static bool stops_twice(const struct run *r, const struct group *g, const struct step *s)
{
    const struct debt *d = ledger_debt(&r->ledger, s->action.subject);

    return s->action.verb == VERB_VM_STOP && d &&
           (d->phase == DEBT_PAID ||
            (g->direction == BACK && d->phase == DEBT_FOUND && g->committed));
}

/* Somebody's adapter still sits on the GPU, and no step of ours will take it away. */
static bool occupied(const struct run *r, const struct step *s)
{
    uint32_t node = state_node(r->have, s->action.node), gpu;

    if (s->action.verb != VERB_GPU_COUNT || node == NO_INDEX)
        return false;
    gpu = state_gpu(r->have, node, s->action.subject);
    for (size_t i = 0; gpu != NO_INDEX && i < r->have->vm_count; i++) {
        const struct vm *vm = &r->have->vms[i];
        bool off = vm->hidden || vm->power == POWER_OFF || vm->power == POWER_SAVED;

        for (size_t k = 0; vm->node == node && k < vm->adapter_count; k++)
            if (adapter_reaches(r->have, vm, &vm->adapters[k], off, gpu))
                return true;
    }
    return false;
}

/* A group that only starts what is owed has nothing to put back. */
static bool writes_anything(const struct group *g)
{
    for (size_t i = 0; i < g->member_count; i++)
        if (g->members[i].target.fields)
            return true;
    return false;
}

/* A start that failed to the end: without its GPU rather than not at all; else owed for a person.
 */
static bool start_failed(struct run *r, struct live *live, const struct group *g,
                         const struct step *s, struct commit *c)
{
    const struct member *m = &g->members[s->member];
    const struct debt *owed = ledger_debt(&r->ledger, m->id);
    uint32_t at = member_vm(r->have, m);
    const struct vm *vm = at == NO_INDEX ? NULL : &r->have->vms[at];
    bool holds = vm && (vm_adapters(vm) > 0 || vm_requests(vm) > 0) && !foreign_adapter(r, m, vm) &&
                 (member_image(g, m)->fields & (IMAGE_ADAPTERS | IMAGE_REQUESTS));

    if (may_turn(g) && writes_anything(g)) {
        forget_tries(r, g->id, VERB_VM_START);
        return turn(r, live, g,
                    arena_printf(r->arena, "%s did not start%s", m->name, last_words(r, g, m->id)),
                    c);
    }
    if (holds && !(m->marks & MARK_BARE)) {
        struct member bare = *m;

        *tries(r, g->id, &s->action) = 0;
        bare.marks &= ~(uint32_t)MARK_STUCK;
        put_marks(r, c, g, &bare, MARK_BARE);
        return true;
    }
    if (owed) {
        struct debt d = *owed;

        d.phase = DEBT_STUCK;
        put_debt(r, c, COMMIT_SETTLE, &d);
    }
    return true;
}

/* V10: a start that is still pending behind its deadline is cancelled, not waited for. */
static bool cancel_start(struct run *r, struct live *live, const struct group *g, struct commit *c)
{
    /* after a death nobody remembers the start: what stays pending is cancelled all the same */
    bool patience_over = live->stalled_ms != WHEN_NONE && r->now_ms - live->stalled_ms >= STALL_MS;

    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        const struct debt *d = m->kind == SUBJECT_VM ? ledger_debt(&r->ledger, m->id) : NULL;
        uint32_t at = d ? member_vm(r->have, m) : NO_INDEX;
        struct action a = {.verb = VERB_VM_CANCEL_START, .subject = m->id};
        const struct vm *vm = at == NO_INDEX ? NULL : &r->have->vms[at];
        struct action start = {.verb = VERB_VM_START, .subject = m->id};

        if (!vm || vm->node >= r->node_count || d->phase != DEBT_STOPPED ||
            call_of(r, m->id, m->node))
            continue;
        a.node = start.node = r->have->nodes[vm->node].name;
        if ((vm->power != POWER_STARTING && vm->role.vm != RES_PENDING) ||
            (!*tries(r, g->id, &start) && !patience_over) || gave_up(r, g->id, &a))
            continue;
        intend(r, g, &a, c);
        live->stalled_ms = WHEN_NONE; /* what waited for it has its full time again */
        return true;
    }
    return false;
}

/* Not one of ours, and on its way somewhere: only Running and Off are acted on (S10, M2). */
static bool must_wait(struct run *r, const struct group *g, const struct step *s)
{
    const struct member *m = &g->members[s->member];
    uint32_t at = m->kind == SUBJECT_VM ? member_vm(r->have, m) : NO_INDEX;

    if (m->kind != SUBJECT_VM || at == NO_INDEX)
        return false;
    /* Pending since our own stop, whose deadline passed: the harsher one may follow (S8). */
    if (s->action.verb == VERB_VM_STOP && *tries(r, g->id, &s->action))
        return r->have->vms[at].power != POWER_RUNNING;
    return in_transit(&r->have->vms[at]) || r->have->vms[at].power == POWER_CRITICAL ||
           r->have->vms[at].power == POWER_PAUSED;
}

/* An effect that is the next for its subject.  True when the tick's decision is made. */
static bool take_step(struct run *r, struct live *live, const struct group *g, const struct step *s,
                      struct commit *c)
{
    struct action a = s->action;

    if (stops_twice(r, g, s)) {
        const struct vm *vm = &r->have->vms[member_vm(r->have, &g->members[s->member])];

        put_marks(r, c, g, &g->members[s->member], MARK_STUCK);
        mark_gpus_of(r, g, vm, c);
        return true;
    }
    if (occupied(r, s) || gave_up(r, g->id, &a)) {
        if (a.verb == VERB_VM_START)
            return start_failed(r, live, g, s, c);
        return give_up(r, live, g, s, c);
    }
    if (a.verb == VERB_VM_STOP && *tries(r, g->id, &a))
        a.value[0] = g->members[s->member].stop_then;
    intend(r, g, &a, c);
    return r->options.width == 1;
}

static uint32_t under_way(const struct run *r, const char *node)
{
    uint32_t n = 0;

    for (size_t i = 0; i < r->call_count; i++)
        n += str_same(r->calls[i].intent.action.node, node);
    return n;
}

/*
 * M1: one live move at a time from or to a node: they go over the network
 * without its fast paths, and slow each other down.
 */
static bool move_waits(const struct run *r, const struct action *a)
{
    if (a->verb != VERB_VM_MOVE || a->value[0] != MOVE_LIVE)
        return false;
    for (size_t i = 0; i < r->call_count; i++) {
        const struct action *b = &r->calls[i].intent.action;

        if (b->verb == VERB_VM_MOVE && b->value[0] == MOVE_LIVE &&
            (str_same(a->node, b->node) || str_same(a->node, b->object) ||
             str_same(a->object, b->node) || str_same(a->object, b->object)))
            return true;
    }
    return false;
}

static bool take_steps(struct run *r, struct live *live, const struct group *g,
                       const struct steps *steps, struct commit *c)
{
    bool waits = false;

    for (size_t i = 0; i < steps->count; i++) {
        const struct step *s = &steps->rows[i];
        uint32_t node = state_node(r->have, s->action.node);

        if (s->need_count || call_of(r, s->action.subject, s->action.node))
            continue;
        if (node == NO_INDEX || r->looks[node].lost)
            continue;
        if ((r->options.width && under_way(r, s->action.node) >= r->options.width) ||
            move_waits(r, &s->action))
            continue;
        if (must_wait(r, g, s)) {
            waits = true;
            continue;
        }
        if (take_step(r, live, g, s, c))
            return true;
    }
    if (!waits && steps->count) /* without a step it may be a member that is missed */
        live->stalled_ms = WHEN_NONE;
    if (c->change_count)
        return true;
    if (waits && !group_has_calls(r, g->id)) {
        if (live->stalled_ms == WHEN_NONE)
            live->stalled_ms = r->now_ms;
        wake_at(r, r->now_ms + POLL_MS);
    }
    return false;
}

/* Members that never come to rest: what waits for them is given up. */
static bool stalled(struct run *r, struct live *live, const struct group *g,
                    const struct steps *steps, struct commit *c)
{
    if (live->stalled_ms == WHEN_NONE || r->now_ms - live->stalled_ms < STALL_MS)
        return false;
    for (size_t i = 0; i < steps->count; i++)
        if (!steps->rows[i].need_count && must_wait(r, g, &steps->rows[i])) {
            live->stalled_ms = WHEN_NONE;
            if (steps->rows[i].action.verb == VERB_VM_START)
                return start_failed(r, live, g, &steps->rows[i], c);
            return give_up(r, live, g, &steps->rows[i], c);
        }
    return false;
}

/*
 * A member that we stopped and that is on no node, or hidden: the group stays
 * open while it may come back, then it is owed for a person.
 */
static bool missing_member(struct run *r, struct live *live, const struct group *g,
                           struct commit *c)
{
    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        const struct debt *owed = m->kind == SUBJECT_VM ? ledger_debt(&r->ledger, m->id) : NULL;
        uint32_t at = owed ? member_vm(r->have, m) : NO_INDEX;
        struct debt d;

        if (!owed || !owed->found_running || owed->phase == DEBT_FOUND ||
            owed->phase == DEBT_PAID || owed->phase == DEBT_STUCK ||
            (at != NO_INDEX && !r->have->vms[at].hidden))
            continue;
        if (live->stalled_ms == WHEN_NONE)
            live->stalled_ms = r->now_ms;
        if (r->now_ms - live->stalled_ms < STALL_MS) {
            wake_at(r, r->now_ms + POLL_MS);
            return true;
        }
        d = *owed;
        d.phase = DEBT_STUCK;
        put_debt(r, c, COMMIT_SETTLE, &d);
        return true;
    }
    return false;
}

bool group_decide(struct run *r, struct live *live, const struct group *g, struct commit *c)
{
    const char *foreign, *why;
    const struct step *full;
    struct group work;
    struct steps steps;

    if (settle_calls(r, g, c))
        return true;
    if (live->turn)
        return turn(r, live, g, live->turn, c);
    if (read_power(r, live, g, c) || cancel_start(r, live, g, c))
        return true;
    if (r->signals > 1 && may_turn(g)) {
        /* a start that is under way may commit the group: then it is finished, not put back */
        if (group_has_calls(r, g->id))
            return c->change_count > 0;
        return turn(r, live, g, "interrupted", c);
    }
    foreign = set_aside(r, g, &work);
    if (foreign && may_turn(g))
        return turn(r, live, g,
                    arena_printf(r->arena, "somebody attached a partition to %s", foreign), c);
    why = may_turn(g) ? disappointed(r, g) : NULL;
    if (why)
        return turn(r, live, g, why, c);
    steps_build(&r->scratch, &work, r->have, &r->ledger, &steps);
    full = without_room(r, &work, &steps);
    if (full && may_turn(g))
        return turn(r, live, g, arena_printf(r->arena, "no room for %s", full->name), c);
    if (full) {
        put_marks(r, c, g, &g->members[full->member], MARK_STUCK);
        return true;
    }
    if (stalled(r, live, g, &steps, c) || take_steps(r, live, g, &steps, c))
        return true;
    if (steps.count == 0 && !group_has_calls(r, g->id)) {
        if (missing_member(r, live, g, c))
            return c->change_count > 0;
        close_group(r, live, g, c);
        return true;
    }
    return false;
}
