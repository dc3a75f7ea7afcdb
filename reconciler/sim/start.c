/*
 * What a start takes: a partition or devices of the node, chosen by the host
 * (V3), and everything that makes it fail.
 */
#include "sim/sim.h"

#include <string.h>

/* ---- who holds what ---- */

static bool adapter_holds(const struct vm *vm, const struct adapter *ad)
{
    return !ad->of_checkpoint && ad->seen && *ad->seen && vm->power != POWER_OFF &&
           (vm->power != POWER_STARTING || ad->partition.known);
}

/* Partitions of a GPU in use, and the lowest id that is free. */
static uint64_t used_partitions(const struct world *w, const struct gpu *gpu, uint64_t *free_id)
{
    uint64_t used = 0;
    bool again = true;

    *free_id = 0;
    for (size_t i = 0; i < w->now.vm_count; i++) {
        const struct vm *vm = &w->now.vms[i];

        for (size_t n = 0; vm->node == gpu->node && n < vm->adapter_count; n++)
            used +=
                adapter_holds(vm, &vm->adapters[n]) && str_same(vm->adapters[n].seen, gpu->path);
    }
    while (again) { /* each round raises the id, and there are `used` of them at most */
        again = false;
        for (size_t i = 0; used && i < w->now.vm_count; i++) {
            const struct vm *vm = &w->now.vms[i];

            for (size_t n = 0; vm->node == gpu->node && n < vm->adapter_count; n++)
                if (adapter_holds(vm, &vm->adapters[n]) &&
                    str_same(vm->adapters[n].seen, gpu->path) &&
                    num_is(vm->adapters[n].partition, *free_id)) {
                    ++*free_id;
                    again = true;
                }
        }
    }
    return used;
}

static bool device_given(const struct world *w, const struct gpu *gpu)
{
    for (size_t i = 0; i < w->now.vm_count; i++) {
        const struct vm *vm = &w->now.vms[i];

        for (size_t n = 0; vm->node == gpu->node && n < vm->request_count; n++)
            for (size_t k = 0; k < gpu->location_count; k++)
                if (vm->power != POWER_OFF && str_same(vm->requests[n].given, gpu->locations[k]))
                    return true;
    }
    return false;
}

/* ---- partitions ---- */

static bool in_range(struct num value, const struct gpu *gpu, int kind)
{
    return !value.known || ((!gpu->min[kind].known || value.value >= gpu->min[kind].value) &&
                            (!gpu->max[kind].known || value.value <= gpu->max[kind].value));
}

/* Limits outside the GPU's own range are seen here, not when they are written (V5). */
static bool serves(const struct gpu *gpu, const struct limits *limits)
{
    for (int k = 0; gpu->state == GPU_PARTITIONED && k < QUOTA_KINDS; k++)
        if (!in_range(limits->min[k], gpu, k) || !in_range(limits->max[k], gpu, k) ||
            !in_range(limits->optimal[k], gpu, k))
            return false;
    return true;
}

/* The policy keys keep paravirtual GPUs from being handed out (E7, field-behaviour 1.16). */
static bool policy_allows(const struct node *node, const struct gpu *gpu)
{
    if (node->require_secure != TRI_YES && node->require_supported != TRI_YES)
        return true;
    return gpu->state == GPU_PARTITIONED ||
           (gpu->state == GPU_DISMOUNTED && gpu->mitigation_driver == TRI_YES);
}

/* `live`: for a VM that arrives running; a paravirtual GPU takes in none. */
static struct gpu *choose_gpu(struct world *w, uint32_t node, const struct adapter *ad, bool live,
                              uint64_t *id)
{
    struct gpu *best = NULL;
    uint64_t best_room = 0;

    for (size_t i = 0; i < w->now.gpu_count; i++) {
        struct gpu *gpu = &w->now.gpus[i];
        uint64_t free_id, used;

        if (gpu->node != node || !gpu->count.known ||
            (gpu->state != GPU_PARTITIONED && (live || gpu->state != GPU_PARAVIRTUAL)) ||
            (ad->pin && !str_same(ad->pin, gpu->path)) || !policy_allows(&w->now.nodes[node], gpu))
            continue;
        used = used_partitions(w, gpu, &free_id);
        if (used < gpu->count.value && gpu->count.value - used > best_room &&
            serves(gpu, &ad->limits)) {
            best = gpu;
            best_room = gpu->count.value - used;
            *id = free_id;
        }
    }
    return best;
}

static void spend(struct gpu *gpu, const struct adapter *ad, bool back)
{
    for (int k = 0; gpu->state == GPU_PARTITIONED && k < QUOTA_KINDS; k++) {
        struct num *left = &gpu->available[k];
        uint64_t n = ad->current[k].value;

        if (!left->known || !ad->current[k].known || !gpu->total[k].known)
            continue;
        if (!back)
            left->value -= n < left->value ? n : left->value;
        else
            left->value =
                gpu->total[k].value - left->value > n ? left->value + n : gpu->total[k].value;
    }
}

static void give(struct gpu *gpu, uint64_t id, struct adapter *ad)
{
    ad->seen = gpu->path;
    ad->partition = NUM(id);
    memcpy(ad->current, gpu->optimal, sizeof ad->current);
    spend(gpu, ad, false);
}

static bool bind_adapter(struct world *w, struct vm *vm, struct adapter *ad)
{
    uint64_t id = 0;
    struct gpu *gpu = choose_gpu(w, vm->node, ad, false, &id);

    if (gpu)
        give(gpu, id, ad);
    return gpu != NULL;
}

enum tri world_outgoing(const struct state *s, const struct vm *vm, const struct adapter *ad)
{
    uint32_t gpu = adapter_holds(vm, ad) && vm->node < s->node_count
                       ? state_gpu(s, vm->node, ad->seen)
                       : NO_INDEX;

    if (gpu == NO_INDEX || !s->nodes[vm->node].build.known ||
        s->nodes[vm->node].build.value < SIM_LIVE_BUILD)
        return TRI_UNKNOWN; /* the schema of an older build has no such property */
    return s->gpus[gpu].incoming_migration;
}

static void unbind_adapter(struct world *w, struct vm *vm, struct adapter *ad)
{
    uint32_t g = state_gpu(&w->now, vm->node, ad->seen);

    if (g != NO_INDEX && ad->partition.known)
        spend(&w->now.gpus[g], ad, true);
    ad->partition = NUM_UNKNOWN;
    ad->outgoing_migration = TRI_UNKNOWN;
    memset(ad->current, 0, sizeof ad->current);
}

/* ---- devices ---- */

static bool bind_request(struct world *w, struct vm *vm, struct request *rq)
{
    for (size_t i = 0; i < w->now.gpu_count; i++) {
        struct gpu *gpu = &w->now.gpus[i];
        bool fits = gpu->node == vm->node && gpu->state == GPU_DISMOUNTED && gpu->location_count;

        if (fits && rq->pool)
            fits = str_eq(gpu->pool, rq->pool);
        else if (fits)
            fits = state_gpu_at(&w->now, vm->node, rq->location) == i;
        if (!fits || !policy_allows(&w->now.nodes[vm->node], gpu) || device_given(w, gpu))
            continue;
        rq->given = gpu->locations[0];
        return true;
    }
    return false;
}

/* The space of all devices together, with the VM's own share (S5). */
static bool mmio_suffices(const struct world *w, const struct vm *vm)
{
    const struct vm_settings *s = &vm->settings;
    uint64_t low = 0, high = 512;

    for (size_t i = 0; i < vm->request_count; i++) {
        uint32_t g = state_gpu_at(&w->now, vm->node, vm->requests[i].given);

        if (g == NO_INDEX || vm->requests[i].of_checkpoint)
            continue;
        low += w->now.gpus[g].mmio_low_mib.value;
        high += w->now.gpus[g].mmio_high_mib.value;
    }
    return (!s->mmio_low_mib.known || low <= s->mmio_low_mib.value) &&
           (!s->mmio_high_mib.known || high <= s->mmio_high_mib.value);
}

/* The top of the space must be addressable by the host's processor (field-behaviour 1.40). */
static bool addressable(const struct node *node, const struct vm_settings *s)
{
    if (!node->address_bits.known || !s->mmio_base_mib.known || !s->mmio_high_mib.known ||
        node->address_bits.value < 20 || node->address_bits.value > 63)
        return true;
    return s->mmio_base_mib.value + s->mmio_high_mib.value <=
           (uint64_t)1 << (node->address_bits.value - 20);
}

/* ---- all of it ---- */

static bool config_allows(const struct world *w, uint32_t vm)
{
    const struct vm *row = &w->now.vms[vm];
    const struct vm_settings *s = &row->settings;
    const struct node *node = &w->now.nodes[row->node];
    size_t adapters = vm_adapters(row), requests = vm_requests(row);
    bool pinned = false;

    if (!adapters && !requests)
        return true;
    for (size_t i = 0; i < row->adapter_count; i++)
        pinned |= row->adapters[i].pin && !row->adapters[i].of_checkpoint;
    if (node->iov == TRI_NO || !addressable(node, s))
        return false;
    if (adapters && (num_is(row->generation, 1) || requests)) /* V6, V7 */
        return false;
    if (requests && (s->dynamic_memory == TRI_YES || s->stop_action == STOP_ACTION_SAVE))
        return false; /* S2, S3 */
    if (adapters && s->dynamic_memory == TRI_YES &&
        !num_eq(s->memory_startup_mib, s->memory_min_mib))
        return false; /* S3 */
    if (pinned && row->role.clustered && w->sim && w->sim[vm].home != row->node)
        return false; /* V4: 0x32 after a fail-over */
    return true;
}

void sim_let_go(struct world *w, uint32_t vm)
{
    struct vm *row = &w->now.vms[vm];

    for (size_t i = 0; i < row->adapter_count; i++)
        if (!row->adapters[i].of_checkpoint)
            unbind_adapter(w, row, &row->adapters[i]);
    for (size_t i = 0; i < row->request_count; i++)
        row->requests[i].given = NULL;
}

/* What has no place yet gets one. */
static bool bind_all(struct world *w, struct vm *row)
{
    for (size_t i = 0; i < row->adapter_count; i++) {
        struct adapter *ad = &row->adapters[i];

        if (ad->of_checkpoint || ad->partition.known)
            continue;
        if (!bind_adapter(w, row, ad))
            return false;
        ad->outgoing_migration = world_outgoing(&w->now, row, ad);
    }
    for (size_t i = 0; i < row->request_count; i++) {
        struct request *rq = &row->requests[i];

        if (!rq->of_checkpoint && !rq->given && !bind_request(w, row, rq))
            return false;
    }
    return mmio_suffices(w, row);
}

bool sim_take(struct world *w, uint32_t vm)
{
    struct vm *row = &w->now.vms[vm];
    enum vm_power power = row->power;
    bool taken;

    sim_of(w, vm);
    if (!config_allows(w, vm)) {
        row->gpu_error = true;
        return false;
    }
    row->power = POWER_STARTING; /* what it binds counts as held while it goes on binding */
    taken = bind_all(w, row);
    row->power = power;
    if (!taken)
        sim_let_go(w, vm);
    row->gpu_error = !taken;
    return taken;
}

/* ---- a VM that arrives running (M1) ---- */

static bool same_shape(const struct gpu *a, const struct gpu *b)
{
    for (int k = 0; k < QUOTA_KINDS; k++)
        if (!num_eq(a->min[k], b->min[k]) || !num_eq(a->max[k], b->max[k]) ||
            !num_eq(a->optimal[k], b->optimal[k]))
            return false;
    return a->count.known && num_eq(a->count, b->count);
}

/* The host picks as at a start, and what it picked must fit: the stricter reading (I). */
static enum refusal hand_over_one(struct world *w, const struct vm *row, uint32_t from,
                                  struct adapter *ad, bool take)
{
    uint64_t id = 0;
    struct gpu *gpu = choose_gpu(w, row->node, ad, true, &id);

    if (!gpu)
        return REFUSE_MOVE_ROOM;
    if (gpu->incoming_migration != TRI_YES)
        return REFUSE_MOVE_INCOMING;
    if (from == NO_INDEX || !same_shape(&w->now.gpus[from], gpu))
        return REFUSE_MOVE_SHAPE;
    ad->seen = gpu->path; /* taken, for those that come behind it */
    ad->partition = NUM(id);
    if (!take)
        return REFUSE_NONE;
    give(gpu, id, ad);
    ad->outgoing_migration = world_outgoing(&w->now, row, ad);
    return REFUSE_NONE;
}

enum refusal sim_hand_over(struct world *w, uint32_t vm, uint32_t node, bool take)
{
    struct vm *row = &w->now.vms[vm];
    uint32_t home = row->node;
    enum refusal why;
    struct adapter *kept;
    struct arena a;

    arena_init(&a, 0);
    kept = arena_array(&a, struct adapter, row->adapter_count + 1);
    for (size_t i = 0; i < row->adapter_count; i++)
        kept[i] = row->adapters[i];
    if (take)
        sim_let_go(w, vm);
    for (size_t i = 0; i < row->adapter_count; i++)
        if (!row->adapters[i].of_checkpoint) {
            row->adapters[i].seen = NULL; /* of the other node */
            row->adapters[i].partition = NUM_UNKNOWN;
        }
    row->node = node;
    why = config_allows(w, vm) ? REFUSE_NONE : REFUSE_MOVE_HOST;
    for (size_t i = 0; why == REFUSE_NONE && i < row->adapter_count; i++)
        if (!row->adapters[i].of_checkpoint)
            why = hand_over_one(w, row, state_gpu(&w->now, home, kept[i].seen), &row->adapters[i],
                                take);
    if (!take) { /* as it was */
        row->node = home;
        for (size_t i = 0; i < row->adapter_count; i++)
            row->adapters[i] = kept[i];
    }
    arena_release(&a);
    return why;
}

bool world_bind(struct world *w, uint32_t vm)
{
    struct vm *row = &w->now.vms[vm];
    bool all = true;

    for (size_t i = 0; i < row->adapter_count; i++) {
        struct adapter *ad = &row->adapters[i];

        if (!ad->seen || *ad->seen)
            continue;
        ad->seen = NULL;
        if (!ad->of_checkpoint && !bind_adapter(w, row, ad))
            all = false;
    }
    for (size_t i = 0; i < row->request_count; i++) {
        struct request *rq = &row->requests[i];

        if (!rq->given || *rq->given)
            continue;
        rq->given = NULL;
        if (!rq->of_checkpoint && !bind_request(w, row, rq))
            all = false;
    }
    return all;
}
