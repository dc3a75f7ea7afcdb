/*
 * VMs that go to another node (M8): their targets are found before (diff/);
 * here is what they come before and behind.
 */
#include "plan/units.h"

#include "base/str.h"

bool vm_goes(const struct inputs *in, uint32_t vm)
{
    return in->diff->vm_node[vm] != in->have->vms[vm].node;
}

bool vm_goes_live(const struct inputs *in, uint32_t vm)
{
    uint32_t row = in->want->of_vm[vm];

    return vm_goes(in, vm) && row != NO_INDEX && in->diff->vm_images[row].live;
}

/*
 * A live move asks for the shape that a count change ends, so it comes first
 * (M1).  A VM that is off needs the room that the change makes over there, and
 * must not stand on a GPU while its count changes (C4).
 */
void moves_need(struct draft *d)
{
    for (uint32_t i = 0; i < d->in->have->vm_count; i++) {
        uint32_t from = d->in->have->vms[i].node, unit = d->unit_of_vm[i];

        if (unit == NO_INDEX || !vm_goes(d->in, i))
            continue;
        if (vm_goes_live(d->in, i))
            unit_need(d, d->count_unit[from], unit);
        else
            unit_need(d, unit, d->count_unit[d->in->diff->vm_node[i]]);
    }
}

static bool gains(const struct draft *d, uint32_t vm)
{
    const struct vm *row = &d->in->have->vms[vm];
    uint32_t t = d->in->want->of_vm[vm];
    const char *pool = t == NO_INDEX ? NULL : d->in->want->vms[t].wish->pool;

    return partitions_after(d->in, vm) > vm_adapters(row) ||
           (pool && requests_after(d->in, vm, pool) > requests_now(row, pool));
}

void moves_judge(struct draft *d)
{
    for (uint32_t i = 0; i < d->in->have->vm_count; i++) {
        uint32_t node = d->in->diff->vm_node[i];

        if (node == NO_INDEX || !d->in->want->drained[node] || d->unit_of_vm[i] == NO_INDEX ||
            d->units[d->unit_of_vm[i]].reason == REASON_LEAVING || !gains(d, i))
            continue; /* what waits for a card to leave (V9) gets nothing here before that */
        unit_stop(&d->units[d->unit_of_vm[i]], GATE_BLOCKED, REASON_DRAIN_BLOCKED,
                  arena_printf(d->arena, "%s is to be empty, and cannot be emptied",
                               d->in->have->nodes[node].name),
                  "what releases the VM that keeps it so, or leaving the node as it is");
    }
}
