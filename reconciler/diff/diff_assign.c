/*
 * Which adapters and requests a VM shall hold: those that fit are kept by
 * their id, the rest leaves by its id (V1, V4, D5).
 */
#include "diff/differ.h"

#include <string.h>

/* ---- partitions ---- */

/* V4: on a cluster a pin is drift; a pin that an old build does not show is not. */
static bool pin_is_drift(const struct differ *d, const struct vm *vm, const struct adapter *a)
{
    return d->clustered && vm->role.clustered && a->pin && !a->pin_unknown;
}

/* The next to keep: not pinned where that is drift, then resolved (V1), then by id. */
static size_t adapter_to_keep(const struct differ *d, const struct vm *vm, const bool *kept)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < vm->adapter_count; i++) {
        const struct adapter *a = &vm->adapters[i];

        if (a->of_checkpoint || kept[i] || pin_is_drift(d, vm, a))
            continue;
        if (best == SIZE_MAX || (!vm->adapters[best].seen && a->seen))
            best = i;
    }
    return best;
}

static const char *partitions_text(struct differ *d, size_t count)
{
    return count == 0   ? "none"
           : count == 1 ? "1 partition"
                        : arena_printf(d->arena, "%zu partitions", count);
}

static bool limit_differs(struct num want, struct num have)
{
    return want.known && !num_eq(want, have);
}

/* V5: only what is declared is compared. */
static bool limits_differ(const struct limits *want, const struct limits *have)
{
    for (int q = 0; q < QUOTA_KINDS; q++)
        if (limit_differs(want->min[q], have->min[q]) ||
            limit_differs(want->max[q], have->max[q]) ||
            limit_differs(want->optimal[q], have->optimal[q]))
            return true;
    return false;
}

/* One limit as people read it: bytes of VRAM in MiB, the rest as it is. */
static void limit_text(struct text *t, const char *kind, const char *which, struct num n, int q)
{
    if (!n.known)
        return;
    if (t->size)
        text_add(t, ", ");
    if (q == QUOTA_VRAM && n.value && n.value % MIB == 0)
        text_printf(t, "%s %s %llu MiB", kind, which, (unsigned long long)(n.value / MIB));
    else
        text_printf(t, "%s %s %llu", kind, which, (unsigned long long)n.value);
}

/* Those of `l` that `want` speaks about. */
static const char *limits_text(struct differ *d, const struct limits *want, const struct limits *l)
{
    struct text t;

    text_init(&t, d->arena);
    for (int q = 0; q < QUOTA_KINDS; q++) {
        if (want->min[q].known)
            limit_text(&t, quota_words[q], "min", l->min[q], q);
        if (want->max[q].known)
            limit_text(&t, quota_words[q], "max", l->max[q], q);
        if (want->optimal[q].known)
            limit_text(&t, quota_words[q], "optimal", l->optimal[q], q);
    }
    return t.size ? text_done(&t) : "none";
}

/* Said once, of the first adapter that is to be written. */
static void assign_limits(struct differ *d, const struct vm_case *c, const struct adapter **keep,
                          size_t wanted)
{
    const struct vm_wish *w = c->target->wish;
    static const struct limits blank;

    for (size_t i = 0; w->limits_at.file && i < wanted; i++) {
        const struct limits *have = keep[i] ? &keep[i]->limits : &blank;

        if (!limits_differ(&w->limits, have))
            continue;
        diff_vm_change(d, c, FIELD_VM_LIMITS, GRADE_DECLARED, limits_text(d, &w->limits, have),
                       limits_text(d, &w->limits, &w->limits), "V5", &w->limits_at);
        return;
    }
}

static const char *had_text(struct differ *d, size_t count, size_t wanted)
{
    return count == wanted ? arena_printf(d->arena, "%s, pinned", partitions_text(d, count))
                           : partitions_text(d, count);
}

/* Which adapters stay, resolved ones first; the image has those, and new ones for the rest. */
static size_t keep_adapters(struct differ *d, struct vm_case *c, const struct adapter **keep,
                            size_t wanted)
{
    bool *kept = arena_array(d->arena, bool, c->vm->adapter_count + 1);
    struct image_adapter *slots = &d->adapters[d->adapter_count];
    size_t n = 0;

    d->adapter_count += wanted;
    for (size_t i = 0; i < wanted; i++) {
        size_t at = adapter_to_keep(d, c->vm, kept);

        slots[i] = (struct image_adapter){.limits = c->target->wish->limits};
        if (at == SIZE_MAX)
            continue;
        kept[at] = true;
        keep[i] = &c->vm->adapters[at];
        slots[i].id = keep[i]->id;
        slots[i].pin = keep[i]->pin_unknown ? NULL : keep[i]->pin;
        n++;
    }
    c->image->fields |= IMAGE_ADAPTERS;
    c->image->adapters = slots;
    c->image->adapter_count = wanted;
    return n;
}

static void assign_partition(struct differ *d, struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;
    size_t count = vm_adapters(c->vm), wanted = wish_partitions(w), kept;
    const struct adapter **keep = arena_array(d->arena, const struct adapter *, wanted + 1);
    struct change *row;

    kept = keep_adapters(d, c, keep, wanted);
    if (kept < wanted || count != wanted) {
        row = diff_vm_change(d, c, FIELD_VM_GPU, GRADE_DECLARED, had_text(d, count, wanted),
                             partitions_text(d, wanted),
                             count < wanted    ? "V3"
                             : count == wanted ? "V4"
                                               : "V1",
                             &w->use_at);
        row->gains = count < wanted;
        row->loses = count > wanted;
    }
    assign_limits(d, c, keep, wanted);
}

/* ---- requests ---- */

static uint32_t device_at(const struct differ *d, const struct vm *vm, const char *location)
{
    return location ? state_gpu_at(d->have, vm->node, location) : NO_INDEX;
}

/* A device that is no GPU is nobody's wish: not compared, not touched. */
static bool is_ours(const struct differ *d, const struct vm *vm, const struct request *q)
{
    uint32_t gpu = q->pool ? NO_INDEX : device_at(d, vm, q->location);

    return !q->of_checkpoint && (gpu == NO_INDEX || d->have->gpus[gpu].is_gpu);
}

/* D5: its device is gone from the node, or no longer assignable. */
static bool is_dead(const struct differ *d, const struct vm *vm, const struct request *q)
{
    const char *location = q->pool ? q->given : q->location;
    uint32_t gpu = device_at(d, vm, location);

    if (!location)
        return false;
    return gpu == NO_INDEX ||
           (d->have->gpus[gpu].state != GPU_DISMOUNTED && d->have->gpus[gpu].state != GPU_UNKNOWN);
}

/* What the VM holds, for people: "2 of ml", "1 device", "2 partitions". */
static const char *held_text(struct differ *d, const struct vm *vm)
{
    const char *pool = NULL;
    size_t of_pool = 0, fixed = 0, other = 0, adapters = vm_adapters(vm);
    struct text t;

    for (size_t i = 0; i < vm->request_count; i++) {
        const struct request *q = &vm->requests[i];

        if (!is_ours(d, vm, q))
            continue;
        if (!q->pool)
            fixed++;
        else if (!pool || str_eq(pool, q->pool)) {
            pool = q->pool;
            of_pool++;
        } else {
            other++;
        }
    }
    text_init(&t, d->arena);
    if (adapters)
        text_add(&t, partitions_text(d, adapters));
    if (of_pool)
        text_printf(&t, "%s%zu of %s", t.size ? ", " : "", of_pool, pool);
    if (other)
        text_printf(&t, "%s%zu of other pools", t.size ? ", " : "", other);
    if (fixed)
        text_printf(&t, "%s%zu device%s", t.size ? ", " : "", fixed, fixed == 1 ? "" : "s");
    return t.size ? text_done(&t) : "none";
}

/* Collects what is kept; counts what leaves. */
struct keeping {
    struct image_request *rows;
    size_t count, leaves, dead;
};

static void keep_row(struct keeping *k, const struct request *q)
{
    k->rows[k->count++] = (struct image_request){q->id, q->pool, q->location};
}

static bool fits_pool(const struct vm_wish *w, const struct request *q)
{
    return q->pool && str_eq(q->pool, w->pool);
}

/* Live ones first: of two where one is declared the dead one goes (D5). */
static void keep_pool(struct differ *d, const struct vm_case *c, struct keeping *k)
{
    const struct vm *vm = c->vm;
    const struct vm_wish *w = c->target->wish;
    size_t kept = 0;

    for (int dead = 0; dead < 2; dead++)
        for (size_t i = 0; i < vm->request_count; i++) {
            const struct request *q = &vm->requests[i];

            if (!is_ours(d, vm, q) || is_dead(d, vm, q) != dead)
                continue;
            if (fits_pool(w, q) && kept < w->count && !dead) {
                keep_row(k, q);
                kept++;
            } else {
                k->leaves++;
                k->dead += dead;
            }
        }
    for (; kept < w->count; kept++)
        k->rows[k->count++] = (struct image_request){.pool = w->pool};
}

static void keep_devices(struct differ *d, const struct vm_case *c, struct keeping *k)
{
    const struct vm *vm = c->vm;
    const struct vm_wish *w = c->target->wish;
    bool *used = arena_array(d->arena, bool, vm->request_count + 1);

    for (size_t n = 0; n < w->device_count; n++) {
        size_t i = 0;

        while (i < vm->request_count &&
               (used[i] || !is_ours(d, vm, &vm->requests[i]) || vm->requests[i].pool ||
                !str_same(vm->requests[i].location, w->devices[n]) ||
                is_dead(d, vm, &vm->requests[i])))
            i++;
        if (i < vm->request_count) {
            used[i] = true;
            keep_row(k, &vm->requests[i]);
        } else {
            k->rows[k->count++] = (struct image_request){.location = w->devices[n]};
        }
    }
    for (size_t i = 0; i < vm->request_count; i++)
        if (!used[i] && is_ours(d, vm, &vm->requests[i])) {
            k->leaves++;
            k->dead += is_dead(d, vm, &vm->requests[i]);
        }
}

static const char *wished_text(struct differ *d, const struct vm_wish *w)
{
    if (w->use == VM_POOL)
        return arena_printf(d->arena, "%u of %s", (unsigned)w->count, w->pool);
    return arena_printf(d->arena, "%zu device%s", w->device_count, w->device_count == 1 ? "" : "s");
}

static void assign_requests(struct differ *d, struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;
    size_t most = c->vm->request_count + w->device_count + w->count, fresh = 0, had;
    struct keeping k = {.rows = arena_array(d->arena, struct image_request, most + 1)};
    struct change *row;

    for (size_t i = 0; i < c->vm->request_count; i++)
        if (!c->vm->requests[i].of_checkpoint && !is_ours(d, c->vm, &c->vm->requests[i]))
            keep_row(&k, &c->vm->requests[i]);
    had = k.count;
    if (w->use == VM_POOL)
        keep_pool(d, c, &k);
    else
        keep_devices(d, c, &k);
    for (size_t i = had; i < k.count; i++)
        fresh += k.rows[i].id == NULL;
    c->image->fields |= IMAGE_REQUESTS;
    c->image->requests = k.rows;
    c->image->request_count = k.count;
    c->gains |= fresh > 0;
    if (!fresh && !k.leaves)
        return;
    row = diff_vm_change(d, c, FIELD_VM_GPU, GRADE_DECLARED, held_text(d, c->vm), wished_text(d, w),
                         k.leaves ? "D5" : "D2", &w->use_at);
    row->gains = fresh > k.leaves;
    row->loses = k.leaves > fresh;
    if (k.dead)
        row->have = arena_printf(d->arena, "%s (%zu dead)", row->have, k.dead);
}

/* ---- none ---- */

static void assign_none(struct differ *d, struct vm_case *c)
{
    const struct vm *vm = c->vm;
    struct keeping k = {.rows = arena_array(d->arena, struct image_request, vm->request_count + 1)};

    for (size_t i = 0; i < vm->request_count; i++)
        if (is_ours(d, vm, &vm->requests[i]))
            k.leaves++;
        else if (!vm->requests[i].of_checkpoint)
            keep_row(&k, &vm->requests[i]);
    c->image->fields |= IMAGE_ADAPTERS | IMAGE_REQUESTS;
    c->image->requests = k.rows;
    c->image->request_count = k.count;
    if (!k.leaves && !vm_adapters(vm))
        return;
    diff_vm_change(d, c, FIELD_VM_GPU, GRADE_DECLARED, held_text(d, vm), "none", "M7",
                   &c->target->wish->use_at)
        ->loses = true;
}

/* Does the wish ask for more than the VM has? */
bool diff_gains(const struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;

    if (c->partition)
        return vm_adapters(c->vm) < wish_partitions(w);
    return c->device &&
           vm_requests(c->vm) < (w->use == VM_POOL ? (size_t)w->count : w->device_count);
}

void diff_assign(struct differ *d, struct vm_case *c)
{
    switch (c->target->wish->use) {
    case VM_PARTITION:
        if (c->leaves)
            diff_let_go(d, c);
        else
            assign_partition(d, c);
        break;
    case VM_POOL:
    case VM_DEVICES:
        assign_requests(d, c);
        break;
    case VM_NONE:
        assign_none(d, c);
        break;
    case VM_AS_FOUND:
    default:
        break;
    }
}
