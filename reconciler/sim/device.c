/* Counts of GPUs, devices on their way to VMs and back, and pools. */
#include "sim/sim.h"

#include <string.h>

static struct gpu *gpu_of(struct world *w, const struct action *a, uint32_t at)
{
    uint32_t i = state_gpu(&w->now, at, a->subject);

    if (i == NO_INDEX && a->location)
        i = state_gpu_at(&w->now, at, a->location);
    return i == NO_INDEX ? NULL : &w->now.gpus[i];
}

/* ---- the count ---- */

/*
 * Who keeps the count from changing (C4): an adapter that sits on the GPU (its
 * VM is not off, and it is seen there or nobody knows where), or one of a VM
 * that is off, saved or hidden and could land there.
 */
static enum refusal holds_count(const struct world *w, const struct gpu *gpu, const struct vm *vm)
{
    for (size_t i = 0; i < vm->adapter_count; i++) {
        const struct adapter *ad = &vm->adapters[i];
        bool runs = vm->power != POWER_OFF && vm->power != POWER_SAVED && !vm->hidden;
        bool elsewhere = ad->pin && !str_same(ad->pin, gpu->path) &&
                         state_gpu(&w->now, gpu->node, ad->pin) != NO_INDEX;

        if (ad->of_checkpoint)
            continue;
        if (runs && (!ad->seen || str_same(ad->seen, gpu->path)))
            return REFUSE_COUNT_HELD;
        if (!runs && !elsewhere)
            return REFUSE_COUNT_FLOATING;
    }
    return REFUSE_NONE;
}

enum sim_answer sim_count(struct world *w, const struct action *a, uint32_t at, bool commit,
                          struct err *e)
{
    struct gpu *gpu = gpu_of(w, a, at);
    bool valid = false;

    if (!gpu)
        return sim_refuse(e, REFUSE_NO_GPU, a->subject);
    if (gpu->state != GPU_PARTITIONED)
        return sim_refuse(e, REFUSE_COUNT_STATE, a->subject);
    if (num_is(gpu->count, a->value[0]))
        return SIM_DONE;
    for (size_t i = 0; i < gpu->valid_count; i++)
        valid |= gpu->valid[i] == a->value[0];
    if (!valid) /* C1 */
        return sim_refuse(e, REFUSE_COUNT_INVALID, a->subject);
    for (size_t i = 0; i < w->now.vm_count; i++) {
        const struct vm *vm = &w->now.vms[i];
        enum refusal why =
            vm->node == at && vm->adapter_count ? holds_count(w, gpu, vm) : REFUSE_NONE;

        if (why != REFUSE_NONE)
            return sim_refuse(e, why, vm->name);
    }
    if (!commit)
        return SIM_ACCEPTED;
    world_set_count(w, gpu, (uint16_t)a->value[0]);
    memcpy(gpu->available, gpu->total, sizeof gpu->available);
    return SIM_DONE;
}

/* ---- from the host to a VM, and back (D2) ---- */

/* A VM that is not off got the device, or names it. */
static bool held(const struct world *w, const struct gpu *gpu, bool named)
{
    for (size_t i = 0; i < w->now.vm_count; i++) {
        const struct vm *vm = &w->now.vms[i];

        for (size_t n = 0; vm->node == gpu->node && n < vm->request_count; n++)
            for (size_t k = 0; k < gpu->location_count; k++)
                if (!vm->requests[n].of_checkpoint &&
                    ((vm->power != POWER_OFF &&
                      str_same(vm->requests[n].given, gpu->locations[k])) ||
                     (named && str_same(vm->requests[n].location, gpu->locations[k]))))
                    return true;
    }
    return false;
}

enum sim_answer sim_disable(struct world *w, const struct action *a, uint32_t at, bool commit,
                            struct err *e)
{
    struct gpu *gpu = gpu_of(w, a, at);

    if (!gpu)
        return sim_refuse(e, REFUSE_NO_GPU, a->subject);
    if (gpu->state == GPU_DISABLED || gpu->state == GPU_DISMOUNTED)
        return SIM_DONE;
    if (gpu->state == GPU_PARTITIONED || gpu->state == GPU_PARAVIRTUAL) /* D1 */
        return sim_refuse(e, REFUSE_DISABLE_MODE, a->subject);
    if (gpu->state == GPU_UNKNOWN)
        return sim_refuse(e, REFUSE_DISABLE_STATE, a->subject);
    if (gpu->state == GPU_NOT_ASSIGNABLE)
        return sim_refuse(e, REFUSE_DISMOUNT_KIND, a->subject);
    if (!commit)
        return SIM_ACCEPTED;
    gpu->state = GPU_DISABLED;
    return SIM_DONE;
}

/* \\?\PCI#, PCI\ and PCIP\ are the same device in another state (hyperv-wmi 3.4). */
static void report_as(struct world *w, struct gpu *gpu, const char *bus)
{
    if (gpu->path && strchr(gpu->path, '\\'))
        gpu->reported = arena_printf(w->arena, "%s%s", bus, strchr(gpu->path, '\\'));
}

enum sim_answer sim_dismount(struct world *w, const struct action *a, uint32_t at, bool commit,
                             struct err *e)
{
    struct gpu *gpu = gpu_of(w, a, at);

    if (!gpu)
        return sim_refuse(e, REFUSE_NO_GPU, a->subject);
    if (gpu->state == GPU_DISMOUNTED)
        return SIM_DONE;
    if (gpu->state == GPU_NOT_ASSIGNABLE)
        return sim_refuse(e, REFUSE_DISMOUNT_KIND, a->subject);
    if (gpu->state != GPU_DISABLED)
        return sim_refuse(e, REFUSE_DISMOUNT_STATE, a->subject);
    if (gpu->mitigation_driver != TRI_YES && a->value[0] != 1) /* D2 */
        return sim_refuse(e, REFUSE_DISMOUNT_UNSAFE, a->subject);
    if (!commit)
        return SIM_ACCEPTED;
    gpu->state = GPU_DISMOUNTED;
    report_as(w, gpu, "PCIP");
    return SIM_DONE;
}

enum sim_answer sim_mount(struct world *w, const struct action *a, uint32_t at, bool commit,
                          struct err *e)
{
    struct gpu *gpu = gpu_of(w, a, at);

    if (!gpu)
        return sim_refuse(e, REFUSE_NO_GPU, a->subject);
    if (gpu->state != GPU_DISMOUNTED)
        return SIM_DONE;
    if (gpu->pool)
        return sim_refuse(e, REFUSE_MOUNT_POOLED, a->subject);
    if (held(w, gpu, true))
        return sim_refuse(e, REFUSE_MOUNT_HELD, a->subject);
    if (!commit)
        return SIM_ACCEPTED;
    gpu->state = GPU_DISABLED;
    report_as(w, gpu, "PCI");
    return SIM_DONE;
}

enum sim_answer sim_enable(struct world *w, const struct action *a, uint32_t at, bool commit,
                           struct err *e)
{
    struct gpu *gpu = gpu_of(w, a, at);

    if (!gpu)
        return sim_refuse(e, REFUSE_NO_GPU, a->subject);
    if (gpu->state == GPU_DISMOUNTED)
        return sim_refuse(e, REFUSE_ENABLE_STATE, a->subject);
    if (gpu->state != GPU_DISABLED)
        return SIM_DONE;
    if (!commit)
        return SIM_ACCEPTED;
    gpu->state = gpu->model ? GPU_HOST : GPU_NO_DRIVER;
    return SIM_DONE;
}

/* ---- pools ---- */

enum sim_answer sim_pool_create(struct world *w, const struct action *a, uint32_t at, bool commit,
                                struct err *e)
{
    struct state *s = &w->now;
    size_t i;

    if (state_pool(s, at, a->subject))
        return SIM_DONE;
    for (i = 0; i < s->pool_count; i++)
        if (s->pools[i].node == at && str_same(s->pools[i].name, a->subject)) /* D3 */
            return sim_refuse(e, REFUSE_POOL_EXISTS, a->subject);
    if (!commit)
        return SIM_ACCEPTED;
    s->pools = arena_grow(w->arena, s->pools, s->pool_count, s->pool_count + 1, sizeof *s->pools);
    i = s->pool_count++;
    while (i && (s->pools[i - 1].node > at ||
                 (s->pools[i - 1].node == at && str_cmp(s->pools[i - 1].name, a->subject) > 0))) {
        s->pools[i] = s->pools[i - 1];
        i--;
    }
    s->pools[i] = (struct pool){at, arena_strdup(w->arena, a->subject)};
    return SIM_DONE;
}

enum sim_answer sim_pool_delete(struct world *w, const struct action *a, uint32_t at, bool commit,
                                struct err *e)
{
    struct state *s = &w->now;

    if (!state_pool(s, at, a->subject))
        return SIM_DONE;
    for (size_t i = 0; i < s->gpu_count; i++)
        if (s->gpus[i].node == at && str_eq(s->gpus[i].pool, a->subject))
            return sim_refuse(e, REFUSE_POOL_MEMBERS, a->subject);
    for (size_t i = 0; i < s->vm_count; i++)
        for (size_t n = 0; s->vms[i].node == at && n < s->vms[i].request_count; n++)
            if (str_eq(s->vms[i].requests[n].pool, a->subject))
                return sim_refuse(e, REFUSE_POOL_USED, a->subject);
    if (!commit)
        return SIM_ACCEPTED;
    for (size_t i = 0; i < s->pool_count; i++)
        if (s->pools[i].node == at && str_eq(s->pools[i].name, a->subject)) {
            memmove(&s->pools[i], &s->pools[i + 1], (s->pool_count - i - 1) * sizeof *s->pools);
            s->pool_count--;
            break;
        }
    return SIM_DONE;
}

enum sim_answer sim_pool_join(struct world *w, const struct action *a, uint32_t at, bool commit,
                              struct err *e)
{
    struct gpu *gpu = gpu_of(w, a, at);

    if (!gpu)
        return sim_refuse(e, REFUSE_NO_GPU, a->subject);
    if (gpu->pool && str_eq(gpu->pool, a->object))
        return SIM_DONE;
    if (!a->object || !state_pool(&w->now, at, a->object))
        return sim_refuse(e, REFUSE_NO_POOL, a->object ? a->object : a->subject);
    if (gpu->pool)
        return sim_refuse(e, REFUSE_JOIN_OTHER, a->subject);
    if (gpu->state != GPU_DISMOUNTED)
        return sim_refuse(e, REFUSE_JOIN_STATE, a->subject);
    if (held(w, gpu, true))
        return sim_refuse(e, REFUSE_JOIN_HELD, a->subject);
    if (!commit)
        return SIM_ACCEPTED;
    gpu->pool = arena_strdup(w->arena, a->object);
    return SIM_DONE;
}

enum sim_answer sim_pool_leave(struct world *w, const struct action *a, uint32_t at, bool commit,
                               struct err *e)
{
    struct gpu *gpu = gpu_of(w, a, at);

    if (!gpu)
        return sim_refuse(e, REFUSE_NO_GPU, a->subject);
    if (!gpu->pool || (a->object && !str_eq(gpu->pool, a->object)))
        return SIM_DONE;
    if (held(w, gpu, false))
        return sim_refuse(e, REFUSE_LEAVE_HELD, a->subject);
    if (!commit)
        return SIM_ACCEPTED;
    gpu->pool = NULL;
    return SIM_DONE;
}
