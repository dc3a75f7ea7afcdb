/*
 * M3: every assignment must still fit when any single node is gone.  Judged
 * for each product and size, and for each pool, node by node: a VM's devices
 * come from one node.
 */
#include "plan/capacity.h"
#include "plan/units.h"

#include "base/str.h"

#include <string.h>

/* What is interchangeable: partitions of one product at one count, or members of one pool. */
struct shape {
    const char *pci, *subsystem;
    uint64_t count;
    const char *pool; /* NULL: partitions */
};

struct shapes {
    struct shape *rows;
    size_t count, room;
};

/* Which counts and which gains are taken as done. */
struct view {
    bool counts;
    const bool *gains; /* by have.vms; NULL: none */
};

static bool blocked(const struct draft *d, uint32_t unit)
{
    return unit != NO_INDEX && d->units[unit].gate == GATE_BLOCKED;
}

static bool same_shape(const struct shape *a, const struct shape *b)
{
    if (a->pool || b->pool)
        return str_eq(a->pool, b->pool);
    return a->count == b->count && str_eq(a->pci, b->pci) && str_eq(a->subsystem, b->subsystem);
}

static bool shape_of_gpu(const struct draft *d, uint32_t gpu, bool counts, struct shape *out)
{
    const struct gpu *g = &d->in->have->gpus[gpu];

    *out = (struct shape){g->pci, g->subsystem, 0, NULL};
    out->count = partitions_of_gpu(d->in, gpu, counts && !blocked(d, d->unit_of_gpu[gpu]));
    return g->state == GPU_PARTITIONED && out->count;
}

static void add_shape(struct draft *d, struct shapes *all, const struct shape *s)
{
    for (size_t i = 0; i < all->count; i++)
        if (same_shape(&all->rows[i], s))
            return;
    *arena_push(d->arena, all->rows, all->count, all->room) = *s;
}

static void list_shapes(struct draft *d, bool counts, struct shapes *all)
{
    struct shape s;

    for (uint32_t i = 0; i < d->in->have->gpu_count; i++)
        if (shape_of_gpu(d, i, counts, &s))
            add_shape(d, all, &s);
    for (size_t i = 0; i < d->in->want->pool_count; i++) {
        s = (struct shape){.pool = d->in->want->pools[i].name};
        add_shape(d, all, &s);
    }
}

/* The device that a VM's partition is of: where it runs, else the first of its node. */
static bool shape_of_vm(const struct draft *d, uint32_t vm, bool counts, struct shape *out)
{
    const struct state *have = d->in->have;
    const struct vm *row = &have->vms[vm];

    for (size_t k = 0; k < row->adapter_count; k++) {
        const char *seen = row->adapters[k].seen;
        uint32_t gpu =
            seen && !row->adapters[k].of_checkpoint ? state_gpu(have, row->node, seen) : NO_INDEX;

        if (gpu != NO_INDEX)
            return shape_of_gpu(d, gpu, counts, out);
    }
    for (uint32_t i = 0; i < have->gpu_count; i++)
        if (have->gpus[i].node == row->node && shape_of_gpu(d, i, counts, out))
            return true;
    return false;
}

static uint64_t units_now(const struct draft *d, uint32_t vm, const struct shape *s)
{
    const struct vm *row = &d->in->have->vms[vm];

    return s->pool ? requests_now(row, s->pool) : vm_adapters(row);
}

static uint64_t units_after(const struct draft *d, uint32_t vm, const struct shape *s)
{
    return s->pool ? requests_after(d->in, vm, s->pool) : partitions_after(d->in, vm);
}

/* M8: everybody is where the view puts them. */
static uint32_t node_in(const struct draft *d, uint32_t vm, const struct view *view)
{
    return view->gains && !blocked(d, d->unit_of_vm[vm]) ? d->in->diff->vm_node[vm]
                                                         : d->in->have->vms[vm].node;
}

/* What a VM takes of a shape: losses count as done, gains as the view says. */
static uint64_t units_of(const struct draft *d, uint32_t vm, const struct shape *s,
                         const struct view *view)
{
    uint64_t now = units_now(d, vm, s), after = units_after(d, vm, s);
    struct shape own;

    if (!now && !after)
        return 0;
    if (!s->pool && (!shape_of_vm(d, vm, view->counts, &own) || !same_shape(&own, s)))
        return 0;
    return after < now || (view->gains && view->gains[vm]) ? after : now;
}

/* M2: a paused node is no reserve; nor is one that is to be empty (M8). */
static uint64_t room_of(const struct draft *d, uint32_t node, const struct shape *s,
                        const struct view *view)
{
    const struct state *have = d->in->have;
    struct shape own;
    uint64_t n = 0;

    if (have->nodes[node].state != NODE_UP || d->in->want->drained[node])
        return 0;
    for (uint32_t i = 0; i < have->gpu_count; i++) {
        if (have->gpus[i].node != node)
            continue;
        if (s->pool)
            n += str_eq(pool_after(d->in, i), s->pool);
        else if (shape_of_gpu(d, i, view->counts, &own) && same_shape(&own, s))
            n += own.count;
    }
    return n;
}

/* Room to calculate in, taken once: by node, units by VM. */
struct tally {
    uint64_t *room, *used, *spare, *missing, *units;
};

static void tally_open(struct draft *d, struct tally *t)
{
    size_t nodes = d->in->have->node_count + 1;

    t->room = arena_array(d->arena, uint64_t, nodes);
    t->used = arena_array(d->arena, uint64_t, nodes);
    t->spare = arena_array(d->arena, uint64_t, nodes);
    t->missing = arena_array(d->arena, uint64_t, nodes);
    t->units = arena_array(d->arena, uint64_t, d->in->have->vm_count + 1);
}

/* Places one VM on the node with most room left; false: on none. */
static bool place(uint64_t *spare, size_t nodes, size_t lost, uint64_t units)
{
    size_t best = nodes;

    for (size_t i = 0; i < nodes; i++)
        if (i != lost && spare[i] >= units && (best == nodes || spare[i] > spare[best]))
            best = i;
    if (best == nodes)
        return false;
    spare[best] -= units;
    return true;
}

/* Adds the VMs that would find no place to t->missing: one number for each node that is lost. */
static bool shortage(struct draft *d, const struct shape *s, const struct view *view,
                     struct tally *t)
{
    const struct state *have = d->in->have;
    size_t nodes = have->node_count;
    uint64_t *room = t->room, *used = t->used, *spare = t->spare, *units = t->units, most = 0;
    bool any = false;

    memset(used, 0, nodes * sizeof *used);

    for (uint32_t i = 0; i < nodes; i++)
        room[i] = room_of(d, i, s, view);
    for (uint32_t v = 0; v < have->vm_count; v++) {
        units[v] = have->vms[v].node == NO_INDEX ? 0 : units_of(d, v, s, view);
        if (units[v])
            used[node_in(d, v, view)] += units[v];
        most = units[v] > most ? units[v] : most;
    }
    for (uint32_t lost = 0; lost < nodes; lost++) {
        for (size_t i = 0; i < nodes; i++)
            spare[i] = room[i] > used[i] ? room[i] - used[i] : 0;
        for (uint64_t size = most; size; size--) /* the large ones first */
            for (uint32_t v = 0; v < have->vm_count; v++)
                if (units[v] == size && node_in(d, v, view) == lost &&
                    !place(spare, nodes, lost, size)) {
                    t->missing[lost]++;
                    any = true;
                }
    }
    return any;
}

/* What is short: compared by the sum over all nodes, told for the worst one. */
struct lack {
    uint64_t sum, worst;
    const char *pool; /* NULL: partitions */
    bool both;        /* of several kinds */
};

static struct lack all_shortages(struct draft *d, const struct shapes *all, const struct view *view,
                                 struct tally *t)
{
    size_t nodes = d->in->have->node_count;
    struct lack out = {0};
    bool any = false;

    memset(t->missing, 0, nodes * sizeof *t->missing);
    for (size_t i = 0; i < all->count; i++)
        if (shortage(d, &all->rows[i], view, t)) {
            out.both |= any && !str_eq(out.pool, all->rows[i].pool);
            out.pool = all->rows[i].pool;
            any = true;
        }
    for (size_t i = 0; i < nodes; i++) {
        out.sum += t->missing[i];
        out.worst = t->missing[i] > out.worst ? t->missing[i] : out.worst;
    }
    return out;
}

/* ---- refusing what creates or deepens a shortage ---- */

static const char RELEASE[] = "more partitions or devices, fewer VMs, or no reserve";

static const char *lost_text(struct draft *d, const struct lack *l)
{
    return arena_printf(d->arena, "with one node lost %llu VM%s would find no %s%s",
                        (unsigned long long)l->worst, l->worst == 1 ? "" : "s",
                        l->both   ? "partition of its size, or no device"
                        : l->pool ? "device of pool "
                                  : "partition of its size",
                        l->pool && !l->both ? l->pool : "");
}

static bool may_gain(const struct draft *d, uint32_t vm)
{
    return d->unit_of_vm[vm] != NO_INDEX && !blocked(d, d->unit_of_vm[vm]) && vm_gains(d->in, vm);
}

static bool counts_change(const struct draft *d)
{
    for (size_t i = 0; i < d->unit_count; i++)
        if (d->units[i].counts && d->units[i].gate != GATE_BLOCKED)
            return true;
    return false;
}

static void refuse_counts(struct draft *d, const char *why)
{
    for (size_t i = 0; i < d->unit_count; i++)
        if (d->units[i].counts)
            unit_stop(&d->units[i], GATE_BLOCKED, REASON_RESERVE, why, RELEASE);
}

/* VM by VM, in their order: what still fits is admitted. */
static void refuse_gains(struct draft *d, const struct shapes *all, struct tally *t, bool *gains,
                         bool counts, uint64_t bearable)
{
    struct view view = {counts, gains};

    for (uint32_t i = 0; i < d->in->have->vm_count; i++) {
        struct lack lack;

        if (!may_gain(d, i))
            continue;
        gains[i] = true;
        lack = all_shortages(d, all, &view, t);
        if (lack.sum <= bearable)
            continue;
        gains[i] = false;
        unit_stop(&d->units[d->unit_of_vm[i]], GATE_BLOCKED, REASON_RESERVE, lost_text(d, &lack),
                  RELEASE);
    }
}

/* V9: what the loss of a node would mean while a card is out; nobody is refused for it. */
static void warn_leaving(struct draft *d, const struct shapes *then, const struct lack *before,
                         struct tally *t)
{
    struct lack out;

    if (!d->in->want->leaving_count || !d->in->policy->reserve_nodes)
        return;
    out = all_shortages(d, then, &(struct view){true, NULL}, t);
    if (out.sum > before->sum)
        problem_add(&d->problems, REASON_WARN_RESERVE, SUBJECT_CLUSTER,
                    arena_printf(d->arena, "cluster/%s", d->in->cluster),
                    &d->in->policy->reserve_at, "without the GPUs that leave, %s",
                    lost_text(d, &out));
}

static bool any_goes(const struct draft *d)
{
    for (uint32_t i = 0; i < d->in->have->vm_count; i++)
        if (d->unit_of_vm[i] != NO_INDEX && !blocked(d, d->unit_of_vm[i]) && vm_goes(d->in, i))
            return true;
    return false;
}

/* M8: a node is emptied into what the reserve kept; nobody is refused for it, and it is said. */
static void warn_moves(struct draft *d, const struct shapes *shapes, bool counts,
                       const struct lack *before, struct tally *t)
{
    bool *none = arena_array(d->arena, bool, d->in->have->vm_count + 1);
    struct lack out;

    if (!d->in->policy->reserve_nodes || !any_goes(d))
        return;
    out = all_shortages(d, shapes, &(struct view){counts, none}, t);
    if (out.sum > before->sum)
        problem_add(&d->problems, REASON_WARN_RESERVE, SUBJECT_CLUSTER,
                    arena_printf(d->arena, "cluster/%s", d->in->cluster),
                    &d->in->policy->reserve_at, "after the moves of this plan, %s",
                    lost_text(d, &out));
}

/* A shortage that exists already is a finding; what creates or deepens one is refused, or warned
 * of. */
void reserve_judge(struct draft *d)
{
    const struct state *have = d->in->have;
    const char *subject = arena_printf(d->arena, "cluster/%s", d->in->cluster);
    bool reserve = d->in->policy->reserve_nodes > 0, counts = counts_change(d), grows = counts;
    bool *gains = arena_array(d->arena, bool, have->vm_count + 1);
    struct lack before, cut, after;
    struct shapes now = {0}, then = {0};
    struct tally t;
    uint64_t bearable;

    for (uint32_t i = 0; i < have->vm_count; i++)
        grows |= gains[i] = may_gain(d, i);
    if (have->standalone || have->node_count < 2 || (!reserve && !grows))
        return;
    tally_open(d, &t);
    list_shapes(d, false, &now);
    list_shapes(d, true, &then);
    before = all_shortages(d, &now, &(struct view){false, NULL}, &t);
    if (before.sum && reserve)
        problem_add(&d->problems, REASON_WARN_RESERVE, SUBJECT_CLUSTER, subject,
                    &d->in->policy->reserve_at, "today, %s", lost_text(d, &before));
    if (!counts)
        warn_leaving(d, &then, &before, &t);
    cut = counts ? all_shortages(d, &then, &(struct view){true, NULL}, &t) : before;
    warn_moves(d, counts ? &then : &now, counts, &cut, &t);
    if (!grows)
        return;
    after = all_shortages(d, &then, &(struct view){true, gains}, &t);
    if (!reserve && after.sum > before.sum)
        problem_add(&d->problems, REASON_WARN_RESERVE, SUBJECT_CLUSTER, subject,
                    &d->in->policy->reserve_at, "after this plan, %s", lost_text(d, &after));
    if (!reserve)
        return;
    counts = cut.sum <= before.sum;
    if (!counts)
        refuse_counts(d, lost_text(d, &cut));
    /* What a count change mends is not there to be used up again: the same in one run or in two. */
    bearable = counts ? cut.sum : before.sum;
    if (after.sum <= bearable)
        return;
    memset(gains, 0, (have->vm_count + 1) * sizeof *gains);
    refuse_gains(d, counts ? &then : &now, &t, gains, counts, bearable);
}
