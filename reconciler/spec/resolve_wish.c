/*
 * What a VM wishes against what its node has: kinds (V6, V7), capability (E1
 * to E3, C6, C7), sizes and limits (C5, V5), fixed devices (D4 to D6, D9).
 */
#include "spec/resolve.h"

#include <string.h>

static const struct vm *vm_of(const struct resolve *r, uint32_t t)
{
    return &r->have->vms[r->out->vms[t].vm];
}

/* The node on which it will be (M8): it is judged by the GPUs there. */
static uint32_t place_of(const struct resolve *r, uint32_t t)
{
    uint32_t node = r->out->vms[t].goes_to;

    return node == NO_INDEX ? vm_of(r, t)->node : node;
}

bool resolve_request_is_gpu(const struct resolve *r, const struct vm *vm, const struct request *q)
{
    uint32_t gpu;

    if (q->of_checkpoint)
        return false;
    if (q->pool || !q->location)
        return true;
    gpu = resolve_device(r, vm->node, q->location);
    return gpu == NO_INDEX || r->have->gpus[gpu].is_gpu;
}

static size_t gpu_requests(const struct resolve *r, const struct vm *vm, const char *pool)
{
    size_t n = 0;

    for (size_t i = 0; i < vm->request_count; i++)
        n += resolve_request_is_gpu(r, vm, &vm->requests[i]) &&
             (!pool || str_eq(pool, vm->requests[i].pool));
    return n;
}

static bool has_location(const struct vm *vm, const char *location)
{
    for (size_t i = 0; i < vm->request_count; i++)
        if (!vm->requests[i].of_checkpoint && str_same(vm->requests[i].location, location))
            return true;
    return false;
}

/* Does the wish ask for something that the VM does not have yet? */
static bool wish_gains(const struct resolve *r, const struct vm *vm, const struct vm_wish *w)
{
    switch (w->use) {
    case VM_PARTITION:
        return vm_adapters(vm) < wish_partitions(w);
    case VM_POOL:
        return gpu_requests(r, vm, w->pool ? w->pool : "") < w->count;
    case VM_DEVICES:
        for (size_t i = 0; i < w->device_count; i++)
            if (!has_location(vm, w->devices[i]))
                return true;
        return false;
    case VM_AS_FOUND:
    case VM_NONE:
    default:
        return false;
    }
}

/* E2: nothing is assigned, or started with a GPU, where IovSupport is false. */
static void judge_node(struct resolve *r, uint32_t t, bool gains)
{
    const struct target_vm *want = &r->out->vms[t];
    const struct vm *vm = vm_of(r, t);
    bool starts = want->wish->power == POWER_WISH_RUNNING && vm->power == POWER_OFF &&
                  want->wish->use != VM_NONE &&
                  (want->wish->use >= VM_PARTITION || vm_adapters(vm) || vm_requests(vm));

    if ((gains || starts) && r->have->nodes[place_of(r, t)].iov == TRI_NO)
        resolve_vm_problem(r, REASON_NODE_NOT_CAPABLE, t, true, &want->wish->use_at,
                           resolve_iov_text(r, place_of(r, t)));
}

/* E1, by the oldest node. */
static void judge_build(struct resolve *r, uint32_t t, enum build_need need)
{
    const char *why = resolve_build_text(r, need);

    if (why)
        resolve_vm_problem(r, REASON_BUILD, t, true, &r->out->vms[t].wish->use_at, why);
}

/* ---- partitions ---- */

static void judge_capability(struct resolve *r, uint32_t t)
{
    const struct node_size *s = resolve_node_size(r, place_of(r, t));
    const char *node = r->have->nodes[place_of(r, t)].name;
    const struct span *at = &r->out->vms[t].wish->use_at;

    if (!s->partitioned && s->paravirtual)
        resolve_vm_problem(r, REASON_PARAVIRTUAL, t, true, at,
                           arena_printf(r->a, "the GPUs of %s are paravirtual", node));
    else if (!s->partitioned && s->driverless)
        resolve_vm_problem(
            r, REASON_DRIVER, t, true, at,
            arena_printf(r->a,
                         "no GPU of %s is partitionable, and one is there without the "
                         "vendor's GPU-P host driver",
                         node));
    if (s->bad_count != NO_INDEX)
        resolve_vm_problem(r, REASON_CURRENT_COUNT, t, true, at,
                           arena_printf(r->a, "%s has a count that is not in its list",
                                        gpu_label(r->a, r->have, s->bad_count)));
    if (r->gains_refused)
        resolve_vm_problem(r, REASON_NOT_HOMOGENEOUS, t, true, at,
                           "homogeneous: require, and the cluster is not");
}

static const char *size_text(struct resolve *r, uint64_t bytes)
{
    return bytes % MIB ? arena_printf(r->a, "%llu bytes", (unsigned long long)bytes)
                       : arena_printf(r->a, "%llu MiB", (unsigned long long)(bytes / MIB));
}

/* Where the size is known only after the count change, the GPU's row carries the check (C5). */
static bool expect_size(struct resolve *r, uint32_t node, uint64_t bytes)
{
    bool fits = false;

    for (uint32_t i = r->node_gpu[node]; i != NO_INDEX; i = r->next_gpu[i]) {
        struct target_gpu *g;

        if (r->out->of_gpu[i] == NO_INDEX)
            continue;
        g = &r->out->gpus[r->out->of_gpu[i]];
        if (g->use != USE_PARTITIONS || g->refused)
            continue;
        if (!g->size_bytes && resolve_count_pending(r, g))
            g->size_bytes = bytes;
        fits |= !g->size_bytes || g->size_bytes == bytes;
    }
    return fits;
}

static void judge_vm_size(struct resolve *r, uint32_t t)
{
    const struct vm_wish *w = r->out->vms[t].wish;
    uint32_t node = place_of(r, t);
    const struct node_size *s = resolve_node_size(r, node);
    struct text sizes;

    if (!w->size_bytes || !s->partitioned)
        return;
    for (size_t i = 0; i < s->size_count; i++)
        if (s->sizes[i] == w->size_bytes)
            return;
    if (s->unknown && expect_size(r, node, w->size_bytes)) {
        resolve_vm_problem(
            r, REASON_NOTE_SIZE_EXPECTED, t, false, &w->size_at,
            arena_printf(r->a, "%s is expected, and read back", size_text(r, w->size_bytes)));
        return;
    }
    text_init(&sizes, r->a);
    for (size_t i = 0; i < s->size_count; i++)
        text_printf(&sizes, "%s%s", i ? ", " : "", size_text(r, s->sizes[i]));
    resolve_vm_problem(r, REASON_SIZE, t, true, &w->size_at,
                       arena_printf(r->a, "it asks for %s; the GPUs of its node report %s",
                                    size_text(r, w->size_bytes),
                                    s->size_count ? text_done(&sizes) : "another declared size"));
}

static bool is_more(struct num a, struct num b)
{
    return a.known && b.known && a.value > b.value;
}

static const char *amount_text(struct resolve *r, struct num n, int quota)
{
    if (!n.known)
        return "any";
    return quota == QUOTA_VRAM ? size_text(r, n.value)
                               : arena_printf(r->a, "%llu", (unsigned long long)n.value);
}

/* What the GPUs of the node allow at the count that they will have. */
static const char *range_text(struct resolve *r, const struct node_size *s, int quota)
{
    if (num_eq(s->low[quota], s->high[quota]))
        return arena_printf(r->a, "%s can only be %s", quota_words[quota],
                            amount_text(r, s->low[quota], quota));
    return arena_printf(r->a, "%s must lie between %s and %s", quota_words[quota],
                        amount_text(r, s->low[quota], quota),
                        amount_text(r, s->high[quota], quota));
}

/* V5: min <= optimal <= max, each within the GPU's own range at the target count.  Where no GPU
 * shows that range yet, the machine judges it after the change (apply/group.c). */
static void judge_limits(struct resolve *r, uint32_t t)
{
    const struct vm_wish *w = r->out->vms[t].wish;
    const struct node_size *s;

    if (!w->limits_at.file)
        return;
    s = resolve_node_size(r, place_of(r, t));
    if (s->unknown)
        resolve_vm_problem(r, REASON_NOTE_LIMITS_EXPECTED, t, false, &w->limits_at,
                           "the range at the new count is not known yet: read after the change");
    for (int q = 0; q < QUOTA_KINDS; q++) {
        struct num min = w->limits.min[q], max = w->limits.max[q], best = w->limits.optimal[q];

        if (is_more(min, max) || is_more(min, best) || is_more(best, max)) {
            resolve_vm_problem(r, REASON_LIMITS, t, true, &w->limits_at,
                               arena_printf(r->a, "%s: not min <= optimal <= max", quota_words[q]));
            continue;
        }
        if (is_more(s->low[q], min) || is_more(s->low[q], max) || is_more(s->low[q], best) ||
            is_more(min, s->high[q]) || is_more(max, s->high[q]) || is_more(best, s->high[q]))
            resolve_vm_problem(r, REASON_LIMITS, t, true, &w->limits_at, range_text(r, s, q));
    }
}

static void judge_partition(struct resolve *r, uint32_t t, bool gains)
{
    const struct vm *vm = vm_of(r, t);
    const struct vm_wish *w = r->out->vms[t].wish;

    if (vm->request_count && gpu_requests(r, vm, NULL))
        resolve_vm_problem(r, REASON_MIXED_KINDS, t, true, &w->use_at,
                           "it holds a whole device, and its row says partition");
    if (vm->generation.known && vm->generation.value < 2)
        resolve_vm_problem(r, REASON_GENERATION, t, true, &w->use_at,
                           arena_printf(r->a, "it is a generation %llu VM",
                                        (unsigned long long)vm->generation.value));
    if (gains) {
        judge_build(r, t, wish_partitions(w) > 1 ? BUILD_PARTITIONS : BUILD_PARTITION);
        judge_capability(r, t);
    }
    judge_vm_size(r, t);
    judge_limits(r, t);
}

/* ---- pools and devices ---- */

static void judge_pool(struct resolve *r, uint32_t t)
{
    const struct vm_wish *w = r->out->vms[t].wish;
    const char *near, *pool = w->pool ? w->pool : "";

    if (map_get(&r->pool_rows, pool) != MAP_NONE)
        return;
    near = r->pool_name_count <= 64 ? str_nearest(pool, r->pool_names, r->pool_name_count) : NULL;
    resolve_vm_problem(
        r, REASON_POOL_UNKNOWN, t, true, &w->use_at,
        near ? arena_printf(r->a, "no gpus row says pool: %s; closest: %s", pool, near)
             : arena_printf(r->a, "no gpus row says pool: %s", pool));
}

void resolve_wish(struct resolve *r, uint32_t t)
{
    const struct vm *vm = vm_of(r, t);
    const struct vm_wish *w = r->out->vms[t].wish;
    bool gains = wish_gains(r, vm, w);

    judge_node(r, t, gains);
    if (w->use == VM_PARTITION) {
        judge_partition(r, t, gains);
        return;
    }
    if (w->use != VM_POOL && w->use != VM_DEVICES)
        return;
    if (vm_adapters(vm)) /* V7 */
        resolve_vm_problem(r, REASON_MIXED_KINDS, t, true, &w->use_at,
                           "it holds a partition, and its row says device");
    r->device_uses = true;
    if (gains)
        judge_build(r, t, w->use == VM_POOL ? BUILD_POOL : BUILD_DEVICE);
    if (w->use == VM_POOL)
        judge_pool(r, t);
    else if (r->clustered && vm->role.clustered) /* D9; it never migrates (D7) */
        resolve_vm_problem(
            r, REASON_WARN_FIXED_DEVICE, t, false, &w->use_at,
            arena_printf(r->a, "its device is fixed to %s", r->have->nodes[vm->node].name));
}

/* Why a GPU of the target was refused: the first blocked reason, per target row. */
static enum reason *gpu_reasons(struct resolve *r)
{
    enum reason *reasons = arena_array(r->a, enum reason, r->out->gpu_count + 1);

    for (size_t i = 0; i < r->out->gpu_count; i++)
        reasons[i] = REASON_NONE;
    for (size_t i = 0; i < r->out->problems.count; i++) {
        const struct problem *p = &r->out->problems.rows[i];

        if (p->kind == SUBJECT_GPU && p->row < r->out->gpu_count &&
            reason_rows[p->reason].class == CLASS_BLOCKED && p->reason < reasons[p->row])
            reasons[p->row] = p->reason;
    }
    return reasons;
}

static void judge_fixed(struct resolve *r, uint32_t t, const char *location,
                        const enum reason *reasons)
{
    uint32_t self = r->out->vms[t].vm, gpu, g, user;
    const struct vm *vm = &r->have->vms[self];
    const struct vm_wish *w = r->out->vms[t].wish;

    gpu = resolve_device(r, vm->node, location);
    if (gpu == NO_INDEX || !r->have->gpus[gpu].is_gpu) {
        resolve_vm_problem(
            r, REASON_DEVICE_MISSING, t, true, &w->use_at,
            arena_printf(r->a, "%s is not a GPU of %s", location, r->have->nodes[vm->node].name));
        return;
    }
    g = r->out->of_gpu[gpu];
    if (g == NO_INDEX || r->out->gpus[g].use != USE_DEVICE) {
        resolve_vm_problem(r, REASON_DEVICE_NOT_DECLARED, t, true, &w->use_at,
                           arena_printf(r->a, "%s (%s) is in no row that says device: true",
                                        gpu_label(r->a, r->have, gpu), location));
        return;
    }
    if (r->out->gpus[g].refused && r->have->gpus[gpu].state != GPU_DISMOUNTED)
        resolve_vm_problem(
            r, reasons[g] == REASON_NONE ? REASON_DEVICE_MISSING : reasons[g], t, true, &w->use_at,
            arena_printf(r->a, "its device %s cannot be had", gpu_label(r->a, r->have, gpu)));
    user = r->device_vm[gpu];
    if (user == NO_INDEX)
        r->device_vm[gpu] = self;
    else if (user != self)
        resolve_vm_problem(r,
                           r->out->of_vm[user] == NO_INDEX ? REASON_POOL_FOREIGN : REASON_CAPACITY,
                           t, true, &w->use_at,
                           arena_printf(r->a, "%s is %s's device", gpu_label(r->a, r->have, gpu),
                                        r->have->vms[user].name));
}

/* After the GPUs are judged: the fixed devices that VMs name (D4, D5, D6). */
void resolve_devices(struct resolve *r)
{
    const enum reason *reasons = NULL;

    for (uint32_t t = 0; t < r->out->vm_count; t++) {
        const struct vm_wish *w = r->out->vms[t].wish;
        const struct vm *vm = vm_of(r, t);

        if (w->use != VM_DEVICES || vm->hidden || !resolve_seen(r, vm->node))
            continue;
        if (!reasons)
            reasons = gpu_reasons(r);
        for (size_t i = 0; i < w->device_count; i++)
            judge_fixed(r, t, w->devices[i], reasons);
    }
}
