#include "report/holders.h"

static uint32_t gpu_of(const struct state *have, const struct vm *vm, const struct adapter *ad)
{
    if (ad->of_checkpoint || !ad->seen || vm->node >= have->node_count)
        return NO_INDEX;
    return state_gpu(have, vm->node, ad->seen);
}

void holders_of(struct arena *a, const struct state *have, struct holders *out)
{
    uint32_t *fill;

    *out = (struct holders){.have = have};
    out->first = arena_array(a, uint32_t, have->gpu_count + 2);
    out->given_to = arena_array(a, uint32_t, have->gpu_count + 1);
    for (size_t g = 0; g < have->gpu_count; g++)
        out->given_to[g] = NO_INDEX;
    for (size_t v = 0; v < have->vm_count; v++) {
        const struct vm *vm = &have->vms[v];

        for (size_t i = 0; i < vm->adapter_count; i++) {
            uint32_t g = gpu_of(have, vm, &vm->adapters[i]);

            if (g != NO_INDEX)
                out->first[g + 1]++;
        }
        for (size_t i = 0; i < vm->request_count; i++) {
            const struct request *r = &vm->requests[i];
            const char *at = r->given ? r->given : r->location;
            uint32_t g = at && !r->of_checkpoint ? state_gpu_at(have, vm->node, at) : NO_INDEX;

            if (g != NO_INDEX)
                out->given_to[g] = (uint32_t)v;
        }
    }
    for (size_t g = 0; g < have->gpu_count; g++)
        out->first[g + 1] += out->first[g];
    out->rows = arena_array(a, struct holding, out->first[have->gpu_count] + 1);
    fill = arena_grow(a, out->first, have->gpu_count + 1, have->gpu_count + 1, sizeof *fill);
    for (size_t v = 0; v < have->vm_count; v++)
        for (size_t i = 0; i < have->vms[v].adapter_count; i++) {
            uint32_t g = gpu_of(have, &have->vms[v], &have->vms[v].adapters[i]);

            if (g != NO_INDEX)
                out->rows[fill[g]++] = (struct holding){(uint32_t)v, (uint32_t)i};
        }
}

const char *gpu_word(struct arena *a, const struct gpu *gpu)
{
    static const char *const words[] = {
        [GPU_UNKNOWN] = "unknown",
        [GPU_PARTITIONED] = "Partitioned",
        [GPU_PARAVIRTUAL] = "Paravirtualization",
        [GPU_HOST] = "Ready for DDA assignment",
        [GPU_DISABLED] = "Disabled",
        [GPU_DISMOUNTED] = "Available",
        [GPU_NOT_ASSIGNABLE] = "Not assignable",
        [GPU_NO_DRIVER] = "No driver",
    };

    return gpu->pool ? arena_printf(a, "In pool %s", gpu->pool) : words[gpu->state];
}

const char *gpu_status(struct arena *a, const struct holders *h, uint32_t gpu)
{
    const struct gpu *g = &h->have->gpus[gpu];

    if (h->given_to[gpu] != NO_INDEX)
        return arena_printf(a, "Assigned to %s%s%s", h->have->vms[h->given_to[gpu]].name,
                            g->pool ? ", pool " : "", g->pool ? g->pool : "");
    return gpu_word(a, g);
}

const char *gpu_counts(struct arena *a, const struct gpu *gpu)
{
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < gpu->valid_count; i++)
        text_printf(&t, "%s%u", i ? " " : "", gpu->valid[i]);
    if (gpu->valid_count && !gpu->valid_complete)
        text_add(&t, " ...");
    return t.size ? text_done(&t) : "-";
}

struct num gpu_size_at(const struct state *have, uint32_t gpu, uint64_t count)
{
    const struct gpu *g = &have->gpus[gpu];

    for (size_t i = 0; i < have->gpu_count; i++) {
        const struct gpu *other = &have->gpus[i];

        if (num_is(other->count, count) && str_eq(other->pci, g->pci) &&
            str_eq(other->subsystem, g->subsystem) && other->state == GPU_PARTITIONED &&
            other->optimal[QUOTA_VRAM].known)
            return other->optimal[QUOTA_VRAM];
    }
    return NUM_UNKNOWN;
}

const char *vm_holds(struct arena *a, const struct vm *vm)
{
    size_t adapters = vm_adapters(vm);
    struct text t;

    text_init(&t, a);
    if (adapters)
        text_printf(&t, "%zu partition%s", adapters, adapters == 1 ? "" : "s");
    for (size_t i = 0; i < vm->request_count; i++) {
        const struct request *r = &vm->requests[i];
        size_t same = 0;
        bool told = false;

        if (r->of_checkpoint)
            continue;
        for (size_t k = 0; r->pool && k < vm->request_count; k++)
            if (!vm->requests[k].of_checkpoint && str_eq(vm->requests[k].pool, r->pool)) {
                same++;
                told = told || k < i;
            }
        if (told)
            continue;
        if (t.size)
            text_add(&t, ", ");
        if (r->pool)
            text_printf(&t, "%zu of pool %s", same, r->pool);
        else
            text_printf(&t, "device %s", r->location ? r->location : "unknown");
    }
    return t.size ? text_done(&t) : "none";
}
