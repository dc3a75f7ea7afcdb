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
 * (M1).  One that moves while it is off waits for the room that a count makes
 * over there like everybody who needs some (partition_needs).
 */
void moves_need(struct draft *d)
{
    for (uint32_t i = 0; i < d->in->have->vm_count; i++) {
        uint32_t from = d->in->have->vms[i].node, unit = d->unit_of_vm[i];

        if (unit != NO_INDEX && vm_goes_live(d->in, i))
            unit_need(d, d->count_unit[from], unit);
    }
}

void moves_judge(struct draft *d)
{
    for (uint32_t i = 0; i < d->in->have->vm_count; i++) {
        uint32_t node = d->in->diff->vm_node[i];

        if (node == NO_INDEX || !d->in->want->drained[node] || d->unit_of_vm[i] == NO_INDEX ||
            d->units[d->unit_of_vm[i]].reason == REASON_LEAVING || !vm_gains(d->in, i))
            continue; /* what waits for a card to leave (V9) gets nothing here before that */
        unit_stop(&d->units[d->unit_of_vm[i]], GATE_BLOCKED, REASON_DRAIN_BLOCKED,
                  arena_printf(d->arena, "%s is to be empty, and cannot be emptied",
                               d->in->have->nodes[node].name),
                  "what releases the VM that keeps it so, or leaving the node as it is");
    }
}

/* It goes because its node shall be empty, and not to where its row says. */
static bool is_drained(const struct draft *d, uint32_t vm, uint32_t node)
{
    uint32_t row = d->in->want->of_vm[vm];

    return d->in->have->vms[vm].node == node && vm_goes(d->in, vm) &&
           d->unit_of_vm[vm] != NO_INDEX && row != NO_INDEX &&
           d->in->want->vms[row].goes_to == NO_INDEX;
}

/* What keeps it from going: its own unit, or the count over there that it waits for. */
static const struct unit *held_up_by(const struct draft *d, uint32_t vm)
{
    uint32_t count = d->count_unit[d->in->diff->vm_node[vm]];
    const struct unit *own = &d->units[d->unit_of_vm[vm]];

    if (own->gate == GATE_BLOCKED)
        return own;
    return !vm_goes_live(d->in, vm) && partitions_after(d->in, vm) && count != NO_INDEX &&
                   d->units[count].gate == GATE_BLOCKED
               ? &d->units[count]
               : NULL;
}

static bool drain_judge(struct draft *d, uint32_t node)
{
    const struct unit *why = NULL;
    const char *name = NULL;
    bool any = false;

    for (uint32_t i = 0; !why && i < d->in->have->vm_count; i++) {
        why = is_drained(d, i, node) ? held_up_by(d, i) : NULL;
        name = d->in->have->vms[i].name;
    }
    for (uint32_t i = 0; why && i < d->in->have->vm_count; i++)
        if (is_drained(d, i, node) && d->units[d->unit_of_vm[i]].gate != GATE_BLOCKED) {
            unit_stop(&d->units[d->unit_of_vm[i]], GATE_BLOCKED, REASON_DRAIN_BLOCKED,
                      arena_printf(d->arena, "%s cannot leave %s: %s", name,
                                   d->in->have->nodes[node].name, why->why),
                      arena_printf(d->arena, "for %s: %s", name,
                                   why->release ? why->release : reason_rows[why->reason].release));
            any = true;
        }
    return any;
}

bool drains_judge(struct draft *d)
{
    bool any = false;

    for (uint32_t n = 0; n < d->in->have->node_count; n++)
        any |= d->in->want->drained[n] && drain_judge(d, n);
    return any;
}
