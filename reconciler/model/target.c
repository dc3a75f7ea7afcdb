#include "model/target.h"

struct problem *problem_add(struct problems *p, enum reason reason, enum subject_kind kind,
                            const char *subject, const struct span *at, const char *fmt, ...)
{
    struct problem *row = arena_push(p->arena, p->rows, p->count, p->room);
    va_list ap;

    *row = (struct problem){.reason = reason,
                            .kind = kind,
                            .gpu = NO_INDEX,
                            .vm = NO_INDEX,
                            .row = NO_INDEX,
                            .subject = subject};
    if (at)
        row->at = *at;
    va_start(ap, fmt);
    row->text = arena_vprintf(p->arena, fmt, ap);
    va_end(ap);
    return row;
}

const struct target_leaving *target_leaving_on(const struct target *want, uint32_t node)
{
    uint32_t row = want->leaving_count && node != NO_INDEX ? want->leaving_of[node] : NO_INDEX;

    return row == NO_INDEX ? NULL : &want->leaving[row];
}

bool target_is_leaving(const struct target *want, const struct state *have, uint32_t node,
                       const char *path)
{
    uint32_t gpu = path ? state_gpu(have, node, path) : NO_INDEX;
    uint32_t row = gpu == NO_INDEX ? NO_INDEX : want->of_gpu[gpu];

    return row != NO_INDEX && want->gpus[row].use == USE_LEAVING;
}

static bool any_leaves(const struct target *want, const struct state *have, uint32_t node)
{
    for (size_t i = 0; i < want->gpu_count; i++)
        if (want->gpus[i].use == USE_LEAVING && have->gpus[want->gpus[i].gpu].node == node)
            return true;
    return false;
}

/* A saved VM sits nowhere: it takes its place again when it comes back. */
bool target_sits_on_leaving(const struct target *want, const struct state *have,
                            const struct vm *vm, const struct adapter *ad)
{
    bool off = vm->power == POWER_OFF || vm->power == POWER_SAVED || vm->hidden;

    if (ad->of_checkpoint || !target_leaving_on(want, vm->node))
        return false;
    if (ad->pin && target_is_leaving(want, have, vm->node, ad->pin))
        return true;
    if (off)
        return false;
    /* where it sits is not known: it may be there (C4) */
    return ad->seen ? target_is_leaving(want, have, vm->node, ad->seen)
                    : !ad->pin && any_leaves(want, have, vm->node);
}

static const struct target_leaving *
row_of_device(const struct target *want, const struct state *have, uint32_t node, const char *path)
{
    if (!path || !target_is_leaving(want, have, node, path))
        return NULL;
    for (size_t i = 0; i < want->leaving_count; i++)
        if (want->leaving[i].row == want->gpus[want->of_gpu[state_gpu(have, node, path)]].row)
            return &want->leaving[i];
    return NULL;
}

const struct target_leaving *target_leaving_under(const struct target *want,
                                                  const struct state *have, const struct vm *vm)
{
    for (size_t k = 0; want->leaving_count && k < vm->adapter_count; k++) {
        const struct adapter *ad = &vm->adapters[k];
        const struct target_leaving *row;

        if (!target_sits_on_leaving(want, have, vm, ad))
            continue;
        row = row_of_device(want, have, vm->node, ad->pin);
        row = row ? row : row_of_device(want, have, vm->node, ad->seen);
        return row ? row : target_leaving_on(want, vm->node);
    }
    return NULL;
}

bool target_leaving_moves(const struct target *want, const struct target_leaving *row,
                          const struct state *have, const struct target_vm *vm)
{
    return row->moves || (want->drained[have->vms[vm->vm].node] && vm->wish->move);
}

/* A pin to a device that is not there may be the very card that comes back. */
bool target_may_land(const struct target *want, const struct state *have, uint32_t node,
                     const char *pin)
{
    if (!target_leaving_on(want, node))
        return false;
    return !pin || state_gpu(have, node, pin) == NO_INDEX ||
           target_is_leaving(want, have, node, pin);
}

bool wish_forbids_stop(const struct vm_wish *w)
{
    return (w->most_at.file && w->most == DISRUPTION_NEVER) ||
           (w->disruption == DISRUPTION_NEVER && w->disruption_at.file);
}

bool wish_waits_for_window(const struct vm_wish *w)
{
    return w->disruption == DISRUPTION_WINDOW || (w->most_at.file && w->most == DISRUPTION_WINDOW);
}

size_t wish_partitions(const struct vm_wish *w)
{
    return w->use != VM_PARTITION ? 0 : w->count ? w->count : 1;
}
