/*
 * Who sits where, now and afterwards: from what was seen, and from the targets
 * of the groups that run or are held.  Nothing is guessed (C10).
 */
#include "report/scene_inner.h"

/* What the groups come to for one VM. */
struct aim {
    const struct image *adapters, *requests; /* NULL: as they are */
    const char *node;                        /* NULL: where it is */
    bool starts, ends_off;
    bool resized; /* its adapter leaves and comes back around a count change */
};

struct aims {
    struct map index; /* ids of VMs */
    struct aim *rows;
    size_t count, room;
};

static void gpu_after(struct look *l, const struct member *m)
{
    uint32_t gpu = state_gpu(l->have, state_node(l->have, m->node), m->id);
    struct gpu *g;

    if (gpu == NO_INDEX)
        return;
    g = &l->after[gpu];
    if (m->target.fields & IMAGE_COUNT) {
        g->count = NUM(m->target.count);
        g->optimal[QUOTA_VRAM] = gpu_size_at(l->have, gpu, m->target.count);
    }
    if (m->target.fields & IMAGE_PLACE)
        g->state = m->target.place;
    if (m->target.fields & IMAGE_POOL)
        g->pool = m->target.pool;
}

static struct aim *aim_of(struct look *l, struct aims *aims, const char *id)
{
    uint32_t at = map_put(&aims->index, id, (uint32_t)aims->count);

    return at < aims->count ? &aims->rows[at]
                            : arena_push(l->arena, aims->rows, aims->count, aims->room);
}

static void vm_after(struct aim *aim, const struct member *m)
{
    uint32_t fields = m->target.fields;

    if (fields & IMAGE_ADAPTERS)
        aim->adapters = &m->target;
    if (fields & IMAGE_REQUESTS)
        aim->requests = &m->target;
    if (fields & IMAGE_NODE)
        aim->node = m->target.node;
    aim->resized = aim->resized || (fields & IMAGE_RESIZED);
    aim->starts = aim->starts || m->run_after;
    aim->ends_off = aim->ends_off || m->off_after || m->waits; /* V9: until an event is over */
}

static void take_groups(struct look *l, struct aims *aims)
{
    for (size_t g = 0; g < l->plan->group_count; g++) {
        const struct plan_group *group = &l->plan->groups[g];

        for (size_t i = 0; group->gate != GATE_BLOCKED && i < group->member_count; i++) {
            const struct member *m = &group->members[i];

            if (m->kind == SUBJECT_GPU)
                gpu_after(l, m);
            else if (m->kind == SUBJECT_VM)
                vm_after(aim_of(l, aims, m->id), m);
        }
    }
    for (size_t i = 0; i < l->plan->debt_count; i++) { /* V10: what we stopped starts first */
        const struct debt *d = &l->plan->debts[i];

        if (!plan_debt_waits(l->plan, d) && (d->found_running || d->declared))
            aim_of(l, aims, d->vm)->starts = true;
    }
}

/* By node: the only GPU that a new partition can land on; NO_INDEX: several, or none (C10). */
static void find_only(struct look *l)
{
    bool *some = arena_array(l->arena, bool, l->have->node_count + 1);

    l->only = arena_array(l->arena, uint32_t, l->have->node_count + 1);
    for (size_t i = 0; i < l->have->node_count; i++)
        l->only[i] = NO_INDEX;
    for (uint32_t i = 0; i < l->have->gpu_count; i++) {
        uint32_t node = l->have->gpus[i].node;

        if (l->after[i].state != GPU_PARTITIONED)
            continue;
        l->only[node] = some[node] ? NO_INDEX : i;
        some[node] = true;
    }
}

/* ---- one VM ---- */

struct sitter {
    uint32_t vm, node; /* node: where it is afterwards */
    const struct aim *aim;
    bool off;      /* afterwards */
    bool restarts; /* until then it is started anew: the host chooses once more */
};

static void sit(struct look *l, struct place place)
{
    *arena_push(l->arena, l->places, l->place_count, l->place_room) = place;
}

static bool keeps_adapter(const struct image *target, const char *id)
{
    for (size_t i = 0; i < target->adapter_count; i++)
        if (target->adapters[i].id && str_same(target->adapters[i].id, id))
            return true;
    return false;
}

static bool keeps_request(const struct image *target, const char *id)
{
    for (size_t i = 0; i < target->request_count; i++)
        if (target->requests[i].id && str_same(target->requests[i].id, id))
            return true;
    return false;
}

/* "1 of pool ml", "device PCIROOT(..)" */
static const char *asks_for(struct arena *a, const char *pool, const char *location)
{
    return pool ? arena_printf(a, "1 of pool %s", pool)
                : arena_printf(a, "device %s", location ? location : "unknown");
}

static void sits_now(struct look *l, const struct sitter *s)
{
    const struct vm *vm = &l->have->vms[s->vm];
    const struct image *adapters = s->aim && !s->aim->resized ? s->aim->adapters : NULL;
    const struct image *requests = s->aim ? s->aim->requests : NULL;

    for (size_t i = 0; i < vm->adapter_count; i++) {
        const struct adapter *ad = &vm->adapters[i];

        if (!ad->of_checkpoint)
            sit(l, (struct place){.vm = s->vm,
                                  .node = vm->node,
                                  .gpu = state_gpu(l->have, vm->node, adapter_on(vm, ad)),
                                  .what = "1 partition",
                                  .off = vm_is_off(vm),
                                  .leaves = adapters && !keeps_adapter(adapters, ad->id)});
    }
    for (size_t i = 0; i < vm->request_count; i++) {
        const struct request *r = &vm->requests[i];
        const char *at = r->given ? r->given : r->location;

        if (!r->of_checkpoint)
            sit(l, (struct place){.vm = s->vm,
                                  .node = vm->node,
                                  .gpu = at ? state_gpu_at(l->have, vm->node, at) : NO_INDEX,
                                  .what = asks_for(l->arena, r->pool, r->location),
                                  .off = vm_is_off(vm),
                                  .leaves = requests && !keeps_request(requests, r->id)});
    }
}

/* Where an adapter is afterwards: asked for, kept as it is, or for the host to say. */
static uint32_t lands_on(const struct look *l, const struct sitter *s,
                         const struct image_adapter *want)
{
    const struct vm *vm = &l->have->vms[s->vm];

    if (want->pin && !s->off)
        return state_gpu(l->have, s->node, want->pin);
    if (s->node == vm->node && !s->restarts)
        for (size_t i = 0; want->id && i < vm->adapter_count; i++)
            if (str_same(vm->adapters[i].id, want->id))
                return state_gpu(l->have, s->node, adapter_on(vm, &vm->adapters[i]));
    return !s->off && s->node < l->have->node_count ? l->only[s->node] : NO_INDEX;
}

static void sits_after(struct look *l, const struct sitter *s, uint32_t gpu, const char *what,
                       bool comes)
{
    sit(l, (struct place){.vm = s->vm,
                          .node = s->node,
                          .gpu = gpu,
                          .what = what,
                          .off = s->off,
                          .after = true,
                          .lands = gpu == NO_INDEX && !s->off &&
                                   (comes || s->restarts || s->node != l->have->vms[s->vm].node),
                          .comes = comes});
}

static void adapters_after(struct look *l, const struct sitter *s)
{
    const struct vm *vm = &l->have->vms[s->vm];
    const struct image *target = s->aim ? s->aim->adapters : NULL;

    for (size_t i = 0; target && i < target->adapter_count; i++)
        sits_after(l, s, lands_on(l, s, &target->adapters[i]), "1 partition",
                   !target->adapters[i].id && !s->aim->resized);
    for (size_t i = 0; !target && i < vm->adapter_count; i++) {
        const struct adapter *ad = &vm->adapters[i];
        struct image_adapter same = {.id = ad->id, .pin = s->restarts ? ad->pin : NULL};

        if (!ad->of_checkpoint)
            sits_after(l, s, lands_on(l, s, &same), "1 partition", false);
    }
}

static void request_after(struct look *l, const struct sitter *s, const char *pool,
                          const char *location, const char *given, bool comes)
{
    const char *at = location ? location : given;

    sits_after(l, s, at ? state_gpu_at(l->have, s->node, at) : NO_INDEX,
               asks_for(l->arena, pool, location), comes);
}

static void requests_after(struct look *l, const struct sitter *s)
{
    const struct vm *vm = &l->have->vms[s->vm];
    const struct image *target = s->aim ? s->aim->requests : NULL;
    bool stays = s->node == vm->node && !s->restarts;

    for (size_t i = 0; target && i < target->request_count; i++)
        request_after(l, s, target->requests[i].pool, target->requests[i].location, NULL,
                      !target->requests[i].id);
    for (size_t i = 0; !target && i < vm->request_count; i++)
        if (!vm->requests[i].of_checkpoint)
            request_after(l, s, vm->requests[i].pool, vm->requests[i].location,
                          stays ? vm->requests[i].given : NULL, false);
}

/* What is blocked and holds nothing is seen where it would have to be. */
static void holds_none(struct look *l, uint32_t index)
{
    const struct vm *vm = &l->have->vms[index];

    for (int after = 0; after < 2; after++)
        sit(l, (struct place){.vm = index,
                              .node = vm->node,
                              .gpu = NO_INDEX,
                              .what = "holds none",
                              .off = vm_is_off(vm),
                              .after = after});
}

static void vm_places(struct look *l, const struct aims *aims, uint32_t index)
{
    const struct vm *vm = &l->have->vms[index];
    uint32_t at = map_get(&aims->index, vm->id);
    const struct note *note = look_note(l, "vm", vm->name);
    struct sitter s = {.vm = index, .node = vm->node, .off = vm_is_off(vm)};
    size_t before = l->place_count;

    if (at != MAP_NONE) {
        s.aim = &aims->rows[at];
        s.off = s.aim->ends_off || (s.off && !s.aim->starts);
        s.restarts = !s.off && (s.aim->resized || vm_is_off(vm) || (note && note->stops));
        if (s.aim->node)
            s.node = state_node(l->have, s.aim->node);
    }
    sits_now(l, &s);
    adapters_after(l, &s);
    requests_after(l, &s);
    if (l->place_count == before && note && note->sign == 'x')
        holds_none(l, index);
}

void scene_places(struct look *l)
{
    struct aims aims = {.rows = NULL};

    map_init(&aims.index, l->arena, 64, true);
    l->after = arena_array(l->arena, struct gpu, l->have->gpu_count + 1);
    for (size_t i = 0; i < l->have->gpu_count; i++)
        l->after[i] = l->have->gpus[i];
    if (l->plan)
        take_groups(l, &aims);
    find_only(l);
    for (size_t i = 0; i < l->have->vm_count; i++)
        vm_places(l, &aims, (uint32_t)i);
}
