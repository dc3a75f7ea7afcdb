/*
 * GPUs that leave (V9): which groups wait until that is over, because a VM of
 * theirs could land on the card; and what the plan says about each card.
 */
#include "plan/units.h"

#include "base/str.h"

/* M8: whoever goes away cannot land on it. */
static const struct target_leaving *row_of(const struct draft *d, uint32_t vm)
{
    return target_leaving_on(d->in->want, d->in->diff->vm_node[vm]);
}

/* Afterwards it has an adapter that its start could put on the card. */
static bool may_land_after(const struct draft *d, uint32_t vm)
{
    const struct vm *row = &d->in->have->vms[vm];
    uint32_t t = d->in->want->of_vm[vm];
    const struct image *im = t == NO_INDEX ? NULL : &d->in->diff->vm_images[t];

    if (im && (im->fields & IMAGE_ADAPTERS)) {
        for (size_t i = 0; i < im->adapter_count; i++)
            if (target_may_land(d->in->want, d->in->have, row->node, im->adapters[i].pin))
                return true;
        return false;
    }
    return vm_may_land(d->in, vm);
}

/* A new one, also in the place of one that leaves (V4). */
static bool gets_adapter(const struct draft *d, uint32_t vm)
{
    uint32_t t = d->in->want->of_vm[vm];
    const struct image *im = t == NO_INDEX ? NULL : &d->in->diff->vm_images[t];

    for (size_t i = 0; im && (im->fields & IMAGE_ADAPTERS) && i < im->adapter_count; i++)
        if (!im->adapters[i].id)
            return true;
    return false;
}

/* It is started, or gets an adapter: what V9 forbids while it could land there. */
static bool comes_up(const struct draft *d, uint32_t vm)
{
    const struct vm *row = &d->in->have->vms[vm];
    uint32_t t = d->in->want->of_vm[vm];
    const struct vm_wish *w = t == NO_INDEX ? NULL : d->in->want->vms[t].wish;

    if (gets_adapter(d, vm))
        return true;
    if (w && w->power == POWER_WISH_STOPPED)
        return false;
    if (row->power != POWER_OFF)
        return d->stops[vm];
    return (w && w->power == POWER_WISH_RUNNING) || ledger_debt(d->in->owed, row->id);
}

static bool leaves(const struct draft *d, uint32_t vm)
{
    uint32_t t = d->in->want->of_vm[vm];

    return t != NO_INDEX && d->in->diff->vm_leaves[t];
}

void leaving_judge(struct draft *d)
{
    for (size_t i = 0; d->in->want->leaving_count && i < d->unit_count; i++) {
        struct unit *u = &d->units[i];

        for (size_t k = 0; k < u->vms.count; k++) {
            uint32_t vm = u->vms.rows[k];
            const struct target_leaving *row = row_of(d, vm);

            if (!row || leaves(d, vm) || !comes_up(d, vm) || !may_land_after(d, vm))
                continue;
            unit_stop(u, GATE_HELD, REASON_LEAVING,
                      arena_printf(d->arena, "%s could land on the GPU of row %s (%s)",
                                   d->in->have->vms[vm].name, row->id, row->reason),
                      leaving_release(d->arena, row));
        }
    }
}

bool vm_may_land(const struct inputs *in, uint32_t vm)
{
    const struct vm *row = &in->have->vms[vm];

    for (size_t i = 0; i < row->adapter_count; i++)
        if (!row->adapters[i].of_checkpoint &&
            target_may_land(in->want, in->have, row->node, row->adapters[i].pin))
            return true;
    return false;
}

const char *leaving_release(struct arena *a, const struct target_leaving *row)
{
    return arena_printf(a, "deleting row %s, or: hvgpu event over %s", row->id, row->id);
}

/* ---- what the plan says about a card ---- */

static void list_vms(struct draft *d, const struct target_leaving *row, struct plan_leaving *out)
{
    const struct state *have = d->in->have;

    out->on = arena_array(d->arena, const char *, have->vm_count + 1);
    out->near = arena_array(d->arena, const char *, have->vm_count + 1);
    for (uint32_t v = 0; v < have->vm_count; v++) {
        const struct vm *vm = &have->vms[v];
        const struct target_leaving *under;

        under = target_leaving_under(d->in->want, have, vm);
        if (under == row)
            out->on[out->on_count++] = vm->name;
        else if (!under && target_leaving_on(d->in->want, vm->node) == row &&
                 vm->power != POWER_RUNNING && (vm_may_land(d->in, v) || may_land_after(d, v)))
            out->near[out->near_count++] = vm->name;
    }
}

static void list_gpus(struct draft *d, const struct target_leaving *row, struct plan_leaving *out)
{
    const struct target *want = d->in->want;

    out->gpus = arena_array(d->arena, const char *, want->gpu_count + 1);
    for (size_t i = 0; i < want->gpu_count; i++) {
        const struct gpu *g = &d->in->have->gpus[want->gpus[i].gpu];

        if (want->gpus[i].use != USE_LEAVING || want->gpus[i].row != row->row)
            continue;
        out->gpus[out->gpu_count++] = arena_printf(
            d->arena, "%s  %s  %s", gpu_label(d->arena, d->in->have, want->gpus[i].gpu),
            g->model ? g->model : "a GPU", g->location_count ? g->locations[0] : g->path);
    }
}

void leaving_tell(struct draft *d)
{
    const struct target *want = d->in->want;

    d->plan->leaving = arena_array(d->arena, struct plan_leaving, want->leaving_count + 1);
    for (size_t i = 0; i < want->leaving_count; i++) {
        const struct target_leaving *row = &want->leaving[i];
        struct plan_leaving *out = &d->plan->leaving[d->plan->leaving_count++];

        *out = (struct plan_leaving){
            .id = row->id, .reason = row->reason, .by_ms = row->by_ms, .at = row->at};
        out->nodes = arena_array(d->arena, const char *, row->node_count + 1);
        for (size_t k = 0; k < row->node_count; k++)
            out->nodes[out->node_count++] = d->in->have->nodes[row->nodes[k]].name;
        list_gpus(d, row, out);
        list_vms(d, row, out);
    }
}
