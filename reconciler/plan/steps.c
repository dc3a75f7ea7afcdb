/*
 * What is left to do to bring the members of a group from what is seen to the
 * image of their direction.  There is no second recipe for putting back: the
 * before-image is a target like any other (specs/protocol.md).
 */
#include "plan/steps.h"

#include "base/str.h"

#include <string.h>

/* One VM member, and what must happen to each adapter and request that counts. */
struct vm_work {
    uint32_t member;
    const struct member *m;
    const struct vm *vm;
    const struct image *image;
    bool bare, stuck;
    bool memory;         /* its memory changes: everything assigned leaves and comes back (S3) */
    bool stops;          /* it is not off, and must be */
    const char *goes_to; /* the node that it is moved to (M8); NULL: it stays */
    enum move_how how;
};

struct builder {
    struct arena *arena;
    const struct group *group;
    const struct state *have;
    const struct ledger *owed;
    struct steps *out;
};

bool member_touches(const struct member *m, const char *node)
{
    return str_same(m->node, node) ||
           ((m->target.fields & IMAGE_NODE) && str_same(m->target.node, node));
}

const struct image *member_image(const struct group *g, const struct member *m)
{
    return g->direction == FORWARD ? &m->target : &m->before;
}

uint32_t member_vm(const struct state *have, const struct member *m)
{
    size_t lo = 0, hi = have->vm_count;

    while (m->name && lo < hi) {
        size_t mid = (lo + hi) / 2;
        int c = str_cmp_natural(have->vms[mid].name, m->name);

        if (c == 0)
            c = str_cmp(have->vms[mid].id, m->id);
        if (c == 0)
            return (uint32_t)mid;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return state_vm(have, m->id);
}

uint32_t member_gpu(const struct state *have, const struct member *m)
{
    uint32_t node = state_node(have, m->node);

    return node == NO_INDEX ? NO_INDEX : state_gpu(have, node, m->id);
}

bool adapter_of_before(const struct member *m, const char *id)
{
    for (size_t i = 0; i < m->before.adapter_count; i++)
        if (str_same(m->before.adapters[i].id, id))
            return true;
    return false;
}

bool request_of_before(const struct member *m, const char *id)
{
    for (size_t i = 0; i < m->before.request_count; i++)
        if (str_same(m->before.requests[i].id, id))
            return true;
    return false;
}

/* Somebody else's: not there when the group was opened, and not made by us. */
static bool is_foreign(const struct builder *b, const struct member *m, const char *id,
                       bool of_before)
{
    return !of_before && !ledger_claim(b->owed, m->id, id);
}

/* ---- counts that are still to change ---- */

/* A count that was there before and is in no list cannot be put back (C6): what is there stays. */
static bool count_reachable(const struct group *g, const struct gpu *seen, uint64_t count)
{
    if (g->direction == FORWARD || !seen->valid_complete)
        return true;
    for (size_t i = 0; i < seen->valid_count; i++)
        if (seen->valid[i] == count)
            return true;
    return false;
}

bool gpu_count_pending(const struct group *g, const struct state *have, uint32_t gpu)
{
    const struct gpu *seen = &have->gpus[gpu];

    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        const struct image *image = member_image(g, m);

        if (m->kind != SUBJECT_GPU || (m->marks & MARK_STUCK) || !(image->fields & IMAGE_COUNT))
            continue;
        if (str_same(m->id, seen->path) && str_same(m->node, have->nodes[seen->node].name))
            return !num_is(seen->count, image->count) && count_reachable(g, seen, image->count);
    }
    return false;
}

/*
 * C4: does this adapter sit on the GPU, or could it land on it?  `off`: the VM
 * is off, or will be before the count changes.
 */
bool adapter_reaches(const struct state *have, const struct vm *vm, const struct adapter *ad,
                     bool off, uint32_t gpu)
{
    const struct gpu *g = &have->gpus[gpu];

    if (ad->of_checkpoint || g->node != vm->node || g->state != GPU_PARTITIONED)
        return false;
    if (!off)
        return !ad->seen || str_same(ad->seen, g->path);
    if (!ad->pin || ad->pin_unknown)
        return true;
    return str_same(ad->pin, g->path) || state_gpu(have, vm->node, ad->pin) == NO_INDEX;
}

static bool reaches_pending(const struct builder *b, const struct vm_work *w,
                            const struct adapter *ad)
{
    bool off = w->stops || w->vm->power == POWER_OFF || w->vm->power == POWER_SAVED;

    for (size_t i = 0; i < b->group->member_count; i++) {
        const struct member *m = &b->group->members[i];
        uint32_t gpu;

        if (m->kind != SUBJECT_GPU || !str_same(m->node, b->have->nodes[w->vm->node].name))
            continue;
        gpu = member_gpu(b->have, m);
        if (gpu != NO_INDEX && adapter_reaches(b->have, w->vm, ad, off, gpu) &&
            gpu_count_pending(b->group, b->have, gpu))
            return true;
    }
    return false;
}

/* ---- steps ---- */

static struct step *add_step(struct builder *b, uint32_t member, enum verb verb, const char *node)
{
    const struct member *m = &b->group->members[member];
    struct step *s = arena_push(b->arena, b->out->rows, b->out->count, b->out->room);

    s->member = member;
    s->name = m->name;
    s->rule = verb_rows[verb].rule;
    s->action = (struct action){.verb = verb, .node = node, .subject = m->id};
    return s;
}

/* What is done before it goes is done where it is; what comes behind, where it went. */
static const char *place_of(const struct builder *b, const struct vm_work *w, enum verb verb)
{
    bool behind = w->how == MOVE_LIVE || verb_rows[verb].stage > verb_rows[VERB_VM_MOVE].stage;

    return w->goes_to && verb != VERB_VM_MOVE && behind ? w->goes_to
                                                        : b->have->nodes[w->vm->node].name;
}

static struct step *vm_step(struct builder *b, const struct vm_work *w, enum verb verb)
{
    return add_step(b, w->member, verb, place_of(b, w, verb));
}

/* ---- adapters ---- */

static bool same_num(struct num want, struct num have)
{
    return !want.known || num_eq(want, have);
}

static bool limits_hold(const struct limits *want, const struct limits *have)
{
    for (int i = 0; i < QUOTA_KINDS; i++)
        if (!same_num(want->min[i], have->min[i]) || !same_num(want->max[i], have->max[i]) ||
            !same_num(want->optimal[i], have->optimal[i]))
            return false;
    return true;
}

/*
 * Which adapter of the image each seen one is: by its id; else one of ours
 * with the same pin stands for one that had to leave.  SIZE_MAX: for none.
 */
static size_t *match_adapters(const struct builder *b, const struct vm_work *w, bool *taken)
{
    const struct vm *vm = w->vm;
    size_t *match = arena_array(b->arena, size_t, vm->adapter_count + 1);
    size_t wanted = w->bare ? 0 : w->image->adapter_count;

    for (size_t k = 0; k < vm->adapter_count; k++) {
        match[k] = SIZE_MAX;
        for (size_t i = 0; i < wanted && !vm->adapters[k].of_checkpoint; i++)
            if (!taken[i] && w->image->adapters[i].id &&
                str_same(w->image->adapters[i].id, vm->adapters[k].id)) {
                match[k] = i;
                taken[i] = true;
                break;
            }
    }
    for (size_t k = 0; k < vm->adapter_count; k++) {
        const struct adapter *ad = &vm->adapters[k];

        if (match[k] != SIZE_MAX || ad->of_checkpoint ||
            is_foreign(b, w->m, ad->id, adapter_of_before(w->m, ad->id)))
            continue;
        for (size_t i = 0; i < wanted; i++)
            if (!taken[i] && str_same(w->image->adapters[i].pin, ad->pin)) {
                match[k] = i;
                taken[i] = true;
                break;
            }
    }
    return match;
}

/* V1: of several surplus ones the unresolved one goes first. */
static void remove_adapters(struct builder *b, const struct vm_work *w, const bool *leaves)
{
    for (int resolved = 0; resolved < 2; resolved++)
        for (size_t k = 0; k < w->vm->adapter_count; k++)
            if (leaves[k] && (w->vm->adapters[k].seen != NULL) == resolved)
                vm_step(b, w, VERB_ADAPTER_REMOVE)->action.object = w->vm->adapters[k].id;
}

static void add_limits(struct builder *b, const struct vm_work *w, const char *id,
                       const struct limits *limits)
{
    struct step *s = vm_step(b, w, VERB_ADAPTER_LIMITS);

    s->action.object = id;
    s->action.limits = limits;
}

static void adapter_steps(struct builder *b, const struct vm_work *w)
{
    const struct vm *vm = w->vm;
    uint64_t there = 0; /* adapters that stay, then those that were added */
    bool *taken, *leaves;
    size_t *match;

    if (!(w->image->fields & IMAGE_ADAPTERS) || w->stuck)
        return;
    taken = arena_array(b->arena, bool, w->image->adapter_count + 1);
    leaves = arena_array(b->arena, bool, vm->adapter_count + 1);
    match = match_adapters(b, w, taken);
    for (size_t k = 0; k < vm->adapter_count; k++) {
        const struct adapter *ad = &vm->adapters[k];

        if (ad->of_checkpoint)
            continue;
        if (match[k] == SIZE_MAX)
            leaves[k] = !is_foreign(b, w->m, ad->id, adapter_of_before(w->m, ad->id));
        else
            leaves[k] = w->memory || reaches_pending(b, w, ad);
        if (leaves[k] && match[k] != SIZE_MAX)
            taken[match[k]] = false;
        if (!leaves[k] && match[k] != SIZE_MAX &&
            !limits_hold(&w->image->adapters[match[k]].limits, &ad->limits))
            add_limits(b, w, ad->id, &w->image->adapters[match[k]].limits);
    }
    remove_adapters(b, w, leaves);
    for (size_t i = 0; i < w->image->adapter_count; i++)
        there += taken[i];
    for (size_t i = 0; !w->bare && i < w->image->adapter_count; i++) {
        const struct image_adapter *want = &w->image->adapters[i];
        struct step *s;

        if (taken[i])
            continue;
        s = vm_step(b, w, VERB_ADAPTER_ADD);
        s->action.pin = want->pin;
        s->action.value[0] = ++there;
        if (!limits_blank(&want->limits))
            add_limits(b, w, NULL, &want->limits);
    }
}

/* ---- device requests ---- */

static bool same_request(const struct image_request *want, const struct request *have)
{
    return want->pool ? str_eq(want->pool, have->pool)
                      : !have->pool && str_same(want->location, have->location);
}

/* How many of this pool there shall be when this one was added: what is there, and those before. */
static uint64_t of_pool(const struct vm_work *w, const bool *there, size_t count, size_t at)
{
    const char *pool = w->image->requests[at].pool;
    uint64_t n = 0;

    for (size_t i = 0; pool && i < count; i++)
        n += str_eq(w->image->requests[i].pool, pool) && (there[i] || i <= at);
    return n;
}

static void add_requests(struct builder *b, const struct vm_work *w, const bool *there,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!there[i]) {
            struct step *s = vm_step(b, w, VERB_REQUEST_ADD);

            s->action.object = w->image->requests[i].pool;
            s->action.location = w->image->requests[i].location;
            s->action.value[0] = of_pool(w, there, count, i);
        }
}

static void request_steps(struct builder *b, const struct vm_work *w)
{
    const struct vm *vm = w->vm;
    size_t wanted = w->bare ? 0 : w->image->request_count;
    bool *taken;

    if (!(w->image->fields & IMAGE_REQUESTS) || w->stuck)
        return;
    taken = arena_array(b->arena, bool, w->image->request_count + 1);
    for (size_t k = 0; k < vm->request_count; k++) {
        const struct request *r = &vm->requests[k];
        size_t fits = SIZE_MAX;

        if (r->of_checkpoint)
            continue;
        for (size_t i = 0; i < wanted; i++)
            if (!taken[i] && same_request(&w->image->requests[i], r) &&
                (!w->image->requests[i].id || str_same(w->image->requests[i].id, r->id) ||
                 !request_of_before(w->m, r->id))) {
                fits = i;
                break;
            }
        if (fits != SIZE_MAX && !w->memory) {
            taken[fits] = true;
            continue;
        }
        if (!is_foreign(b, w->m, r->id, request_of_before(w->m, r->id))) {
            struct step *s = vm_step(b, w, VERB_REQUEST_REMOVE);

            s->action.object = r->id;
            s->action.location = r->location;
        }
    }
    add_requests(b, w, taken, wanted);
}

/* ---- settings ---- */

static bool memory_differs(const struct vm_work *w)
{
    const struct vm_settings *want = &w->image->settings, *have = &w->vm->settings;

    if (!(w->image->fields & IMAGE_MEMORY) || w->stuck)
        return false;
    return (want->dynamic_memory != TRI_UNKNOWN && want->dynamic_memory != have->dynamic_memory) ||
           !same_num(want->memory_startup_mib, have->memory_startup_mib) ||
           !same_num(want->memory_min_mib, have->memory_min_mib);
}

static void memory_step(struct builder *b, const struct vm_work *w)
{
    const struct vm_settings *want = &w->image->settings;
    enum tri dynamic =
        want->dynamic_memory != TRI_UNKNOWN ? want->dynamic_memory : w->vm->settings.dynamic_memory;
    struct step *s;

    if (!w->memory)
        return;
    s = vm_step(b, w, VERB_VM_MEMORY);
    s->action.value[0] = dynamic == TRI_YES;
    s->action.value[1] = want->memory_startup_mib.known ? want->memory_startup_mib.value : 0;
    s->action.value[2] = want->memory_min_mib.known ? want->memory_min_mib.value : 0;
}

static void setting_steps(struct builder *b, const struct vm_work *w)
{
    const struct image *im = w->image;
    const struct vm_settings *want = &im->settings, *have = &w->vm->settings;
    struct step *s;

    if (w->stuck)
        return;
    if ((im->fields & IMAGE_OFFLINE_ACTION) && w->vm->role.clustered &&
        !num_is(w->vm->role.offline_action, im->offline_action))
        vm_step(b, w, VERB_VM_OFFLINE_ACTION)->action.value[0] = im->offline_action;
    if ((im->fields & IMAGE_CHECKPOINTS) && want->checkpoints != CHECKPOINTS_UNKNOWN &&
        want->checkpoints != have->checkpoints)
        vm_step(b, w, VERB_VM_CHECKPOINTS)->action.value[0] = want->checkpoints;
    if ((im->fields & IMAGE_STOP_ACTION) && want->stop_action != STOP_ACTION_UNKNOWN &&
        want->stop_action != have->stop_action)
        vm_step(b, w, VERB_VM_STOP_ACTION)->action.value[0] = want->stop_action;
    if ((im->fields & IMAGE_MMIO) && (!same_num(want->mmio_low_mib, have->mmio_low_mib) ||
                                      !same_num(want->mmio_high_mib, have->mmio_high_mib))) {
        s = vm_step(b, w, VERB_VM_MMIO);
        s->action.value[0] =
            want->mmio_low_mib.known ? want->mmio_low_mib.value : have->mmio_low_mib.value;
        s->action.value[1] =
            want->mmio_high_mib.known ? want->mmio_high_mib.value : have->mmio_high_mib.value;
    }
    if ((im->fields & IMAGE_CACHE_TYPES) && want->cache_types != TRI_UNKNOWN &&
        want->cache_types != have->cache_types)
        vm_step(b, w, VERB_VM_CACHE_TYPES)->action.value[0] = want->cache_types == TRI_YES;
}

/* ---- power ---- */

static bool any_needs_off(const struct steps *steps, size_t from)
{
    for (size_t i = from; i < steps->count; i++)
        if (action_needs_off(&steps->rows[i].action))
            return true;
    return false;
}

/* Power as found: what we stop, or have stopped, is started again, unless it shall be off. */
static bool starts(const struct builder *b, const struct vm_work *w)
{
    const struct debt *d = ledger_debt(b->owed, w->m->id);

    if (!d || !d->found_running ||
        ((w->m->off_after || w->m->waits) && b->group->direction == FORWARD))
        return false;
    if (d->declared && b->group->direction == BACK)
        return false; /* found off, and put back is as found */
    if (d->phase == DEBT_STOPPED || d->phase == DEBT_STARTING || d->phase == DEBT_STOPPING)
        return true;
    return d->phase == DEBT_FOUND && w->stops;
}

/*
 * M8: running where that is allowed (M1), else while it is off.  What we
 * started again stays where it came up: no group interrupts a VM twice.
 */
static void find_move(const struct builder *b, struct vm_work *w)
{
    const struct debt *d = ledger_debt(b->owed, w->m->id);
    uint32_t to = w->image->fields & IMAGE_NODE ? state_node(b->have, w->image->node) : NO_INDEX;

    if (to == NO_INDEX || to == w->vm->node || w->stuck || (d && d->phase == DEBT_PAID))
        return;
    w->goes_to = b->have->nodes[to].name;
    w->how = w->image->live && w->vm->power == POWER_RUNNING ? MOVE_LIVE : MOVE_OFF;
}

static void move_step(struct builder *b, const struct vm_work *w)
{
    struct step *s;

    if (!w->goes_to)
        return;
    s = vm_step(b, w, VERB_VM_MOVE);
    s->action.object = w->goes_to;
    s->action.value[0] = w->how;
}

static void vm_steps(struct builder *b, uint32_t member)
{
    const struct member *m = &b->group->members[member];
    struct vm_work w = {.member = member, .m = m, .image = member_image(b->group, m)};
    uint32_t i = member_vm(b->have, m);
    size_t from = b->out->count;

    if (i == NO_INDEX || b->have->vms[i].hidden || b->have->vms[i].node >= b->have->node_count)
        return;
    w.vm = &b->have->vms[i];
    w.stuck = m->marks & MARK_STUCK;
    w.bare = m->marks & MARK_BARE;
    w.memory = memory_differs(&w);
    find_move(b, &w);
    for (int pass = 0; pass < 2; pass++) {
        /* What is stopped for one thing can land anywhere: look again with that in mind (C4). */
        b->out->count = from;
        request_steps(b, &w);
        adapter_steps(b, &w);
        memory_step(b, &w);
        setting_steps(b, &w);
        move_step(b, &w);
        if (w.vm->power == POWER_OFF || w.stops)
            break;
        w.stops = any_needs_off(b->out, from) ||
                  (m->off_after && b->group->direction == FORWARD && !w.stuck);
        if (!w.stops)
            break;
    }
    if (w.stops) {
        struct step *s = vm_step(b, &w, VERB_VM_STOP);

        s->action.value[0] = STOP_GUEST;
        s->action.deadline_ms = m->stop_deadline_ms;
    }
    if ((w.stops || w.vm->power == POWER_OFF) && starts(b, &w))
        vm_step(b, &w, VERB_VM_START);
}

/* ---- GPUs and pools ---- */

static void gpu_steps(struct builder *b, uint32_t member)
{
    const struct member *m = &b->group->members[member];
    const struct image *im = member_image(b->group, m);
    uint32_t i = member_gpu(b->have, m);
    const struct gpu *g = i == NO_INDEX ? NULL : &b->have->gpus[i];
    const char *at;

    if (!g || (m->marks & MARK_STUCK))
        return;
    at = g->location_count ? g->locations[0] : NULL;
    if (im->fields & IMAGE_COUNT && gpu_count_pending(b->group, b->have, i))
        add_step(b, member, VERB_GPU_COUNT, m->node)->action.value[0] = im->count;
    if (im->fields & IMAGE_PLACE && im->place == GPU_DISMOUNTED && g->state != GPU_DISMOUNTED) {
        struct step *s;

        if (g->state != GPU_DISABLED)
            add_step(b, member, VERB_GPU_DISABLE, m->node)->action.location = at;
        s = add_step(b, member, VERB_GPU_DISMOUNT, m->node);
        s->action.location = at;
        s->action.value[0] = im->force;
    }
    if (im->fields & IMAGE_POOL && !str_eq(im->pool, g->pool)) {
        if (g->pool)
            add_step(b, member, VERB_POOL_LEAVE, m->node)->action.object = g->pool;
        if (im->pool)
            add_step(b, member, VERB_POOL_JOIN, m->node)->action.object = im->pool;
    }
    if (im->fields & IMAGE_PLACE && im->place != GPU_DISMOUNTED) {
        if (g->state == GPU_DISMOUNTED)
            add_step(b, member, VERB_GPU_MOUNT, m->node)->action.location = at;
        if (g->state == GPU_DISMOUNTED || (g->state == GPU_DISABLED && im->place != GPU_DISABLED))
            add_step(b, member, VERB_GPU_ENABLE, m->node)->action.location = at;
    }
}

static void pool_steps(struct builder *b, uint32_t member)
{
    const struct member *m = &b->group->members[member];
    const struct image *im = member_image(b->group, m);
    uint32_t node = state_node(b->have, m->node);

    if (node == NO_INDEX || (m->marks & MARK_STUCK) || !(im->fields & IMAGE_POOL))
        return;
    if (im->present != state_pool(b->have, node, m->id))
        add_step(b, member, im->present ? VERB_POOL_CREATE : VERB_POOL_DELETE, m->node);
}

void steps_build(struct arena *a, const struct group *group, const struct state *have,
                 const struct ledger *owed, struct steps *out)
{
    struct builder b = {.arena = a, .group = group, .have = have, .owed = owed, .out = out};

    *out = (struct steps){0};
    for (uint32_t i = 0; i < group->member_count; i++) {
        if (group->members[i].kind == SUBJECT_VM)
            vm_steps(&b, i);
        else if (group->members[i].kind == SUBJECT_GPU)
            gpu_steps(&b, i);
        else if (group->members[i].kind == SUBJECT_POOL)
            pool_steps(&b, i);
    }
    steps_order(a, out);
}
