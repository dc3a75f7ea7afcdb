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

/* Its node shall be empty, and its row does not name another. */
static bool must_leave(const struct inputs *in, uint32_t vm, uint32_t node)
{
    uint32_t row = in->want->of_vm[vm];

    return in->have->vms[vm].node == node && row != NO_INDEX &&
           in->want->vms[row].goes_to == NO_INDEX;
}

static bool is_drained(const struct draft *d, uint32_t vm, uint32_t node)
{
    return must_leave(d->in, vm, node) && vm_goes(d->in, vm) && d->unit_of_vm[vm] != NO_INDEX;
}

static const char *cannot_leave(struct arena *a, const char *vm, const char *node, const char *why)
{
    return arena_printf(a, "%s cannot leave %s: %s", vm, node, why);
}

static const char *for_whom(struct arena *a, const char *vm, const char *release,
                            enum reason reason)
{
    return arena_printf(a, "for %s: %s", vm, release ? release : reason_rows[reason].release);
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
                      cannot_leave(d->arena, name, d->in->have->nodes[node].name, why->why),
                      for_whom(d->arena, name, why->release, why->reason));
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

/* ---- what only the gate knows ---- */

struct drains {
    struct arena *arena;
    const struct inputs *in;
    struct plan_group **group_of; /* by have.vms; NULL: nothing is done to it */
};

/* What its own group waits for keeps nobody, nor does one that was put back (M8, W6). */
static bool is_refused(const struct plan_group *g)
{
    return g && g->gate == GATE_BLOCKED && g->reason != REASON_DISRUPTION &&
           g->reason != REASON_NEVER_OPEN && g->reason != REASON_BUDGET &&
           g->reason != REASON_REMOVALS && g->reason != REASON_PARKED;
}

/* As long as its group does not run, it has a GPU on its node, or shall have one. */
static bool keeps_gpu(const struct inputs *in, uint32_t vm)
{
    const struct vm *row = &in->have->vms[vm];

    return vm_goes(in, vm) || vm_adapters(row) || vm_requests(row);
}

static bool drain_gate(const struct drains *x, uint32_t node)
{
    const struct state *have = x->in->have;
    const struct plan_group *first = NULL;
    const char *name = NULL;
    bool any = false;

    for (uint32_t i = 0; !first && i < have->vm_count; i++)
        if (must_leave(x->in, i, node) && keeps_gpu(x->in, i) && is_refused(x->group_of[i])) {
            first = x->group_of[i];
            name = have->vms[i].name;
        }
    for (uint32_t i = 0; first && i < have->vm_count; i++) {
        struct plan_group *g = x->group_of[i];

        if (!g || g->gate == GATE_BLOCKED || !vm_goes(x->in, i) || !must_leave(x->in, i, node))
            continue;
        group_stop(g, GATE_BLOCKED, REASON_DRAIN_BLOCKED,
                   cannot_leave(x->arena, name, have->nodes[node].name,
                                first->why ? first->why : reason_rows[first->reason].code),
                   for_whom(x->arena, name, first->release, first->reason));
        any = true;
    }
    return any;
}

bool drains_gate(struct arena *a, const struct inputs *in, struct plan *plan)
{
    struct drains x = {.arena = a,
                       .in = in,
                       .group_of = arena_array(a, struct plan_group *, in->have->vm_count + 1)};
    bool any = false;

    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t i = 0; i < plan->groups[g].member_count; i++) {
            const struct member *m = &plan->groups[g].members[i];
            uint32_t vm = m->kind == SUBJECT_VM ? member_vm(in->have, m) : NO_INDEX;

            if (vm != NO_INDEX)
                x.group_of[vm] = &plan->groups[g];
        }
    for (uint32_t n = 0; n < in->have->node_count; n++)
        any |= in->want->drained[n] && drain_gate(&x, n);
    return any;
}
