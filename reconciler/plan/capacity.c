/*
 * Who fits.  An adapter is bound when its VM starts, so adding one proves
 * nothing (V3): capacity is the sum of the counts minus all adapters of the
 * node, of running VMs and of others.
 */
#include "plan/capacity.h"
#include "plan/units.h"

#include "base/str.h"

#include <string.h>

static struct after after_of(const struct inputs *in)
{
    return (struct after){in->want, in->have, in->diff};
}

uint64_t partitions_after(const struct inputs *in, uint32_t vm)
{
    struct after x = after_of(in);

    return after_adapters(&x, vm);
}

uint64_t requests_after(const struct inputs *in, uint32_t vm, const char *pool)
{
    struct after x = after_of(in);

    return after_requests(&x, vm, pool);
}

bool vm_gains(const struct inputs *in, uint32_t vm)
{
    const struct vm *row = &in->have->vms[vm];
    uint32_t t = in->want->of_vm[vm];
    const char *pool = t == NO_INDEX ? NULL : in->want->vms[t].wish->pool;

    return partitions_after(in, vm) > vm_adapters(row) ||
           (pool && requests_after(in, vm, pool) > requests_now(row, pool));
}

uint64_t partitions_of_gpu(const struct inputs *in, uint32_t gpu, bool after)
{
    struct after x = after_of(in);

    return after_count(&x, gpu, after);
}

const char *pool_after(const struct inputs *in, uint32_t gpu)
{
    struct after x = after_of(in);

    return after_pool(&x, gpu);
}

/* ---- partitions of one node ---- */

struct ledge {
    uint64_t room, used; /* after; used without those that gain */
};

/* What it needs where it will be that it does not have there yet. */
static uint64_t more_partitions(const struct draft *d, uint32_t vm)
{
    uint64_t now = vm_goes(d->in, vm) ? 0 : vm_adapters(&d->in->have->vms[vm]);
    uint64_t after = partitions_after(d->in, vm);

    return after > now ? after - now : 0;
}

static bool unit_blocked(const struct draft *d, uint32_t unit)
{
    return unit != NO_INDEX && d->units[unit].gate == GATE_BLOCKED;
}

/* Nothing of it happens now: refused, or waiting for a card to leave, and room with it (V9). */
static bool unit_rests(const struct draft *d, uint32_t unit)
{
    return unit_blocked(d, unit) || (unit != NO_INDEX && d->units[unit].gate == GATE_HELD &&
                                     d->units[unit].reason == REASON_LEAVING);
}

/* M8: the node that it is on in the end, as far as it is known so far. */
static uint32_t end_node(const struct draft *d, uint32_t vm)
{
    return unit_rests(d, d->unit_of_vm[vm]) ? d->in->have->vms[vm].node : d->in->diff->vm_node[vm];
}

/* Counts of a unit that is blocked stay as they are. */
static struct ledge *ledges(struct draft *d)
{
    const struct state *have = d->in->have;
    struct ledge *of = arena_array(d->arena, struct ledge, have->node_count + 1);

    for (uint32_t i = 0; i < have->gpu_count; i++)
        of[have->gpus[i].node].room +=
            partitions_of_gpu(d->in, i, !unit_blocked(d, d->unit_of_gpu[i]));
    for (uint32_t i = 0; i < have->vm_count; i++) {
        const struct vm *vm = &have->vms[i];
        uint64_t now = vm_adapters(vm), after = partitions_after(d->in, i);

        if (vm->node == NO_INDEX || (vm_goes(d->in, i) && !unit_rests(d, d->unit_of_vm[i])))
            continue; /* M8: who goes is counted where it is admitted */
        of[vm->node].used += after < now && !unit_blocked(d, d->unit_of_vm[i]) ? after : now;
    }
    return of;
}

/* Takes its room where it will be, or is refused. */
static void admit(struct draft *d, uint32_t vm, struct ledge *of)
{
    uint32_t node = d->in->diff->vm_node[vm], unit = d->unit_of_vm[vm];
    uint64_t more = more_partitions(d, vm);

    if (!more || node == NO_INDEX || unit == NO_INDEX || unit_rests(d, unit))
        return;
    if (of[node].used + more <= of[node].room) {
        of[node].used += more;
        return;
    }
    unit_stop(&d->units[unit], GATE_BLOCKED, REASON_CAPACITY,
              arena_printf(d->arena, "%s has %llu partitions, %llu are taken",
                           d->in->have->nodes[node].name, (unsigned long long)of[node].room,
                           (unsigned long long)of[node].used),
              NULL);
}

static void judge_partitions(struct draft *d)
{
    const struct state *have = d->in->have;
    struct ledge *of = ledges(d);

    for (uint32_t n = 0; n < have->node_count; n++) {
        uint32_t unit = d->count_unit[n];

        if (unit != NO_INDEX && of[n].used > of[n].room)
            unit_stop(&d->units[unit], GATE_BLOCKED, REASON_CAPACITY,
                      arena_printf(d->arena,
                                   "%s would have %llu partitions, and %llu adapters need one",
                                   have->nodes[n].name, (unsigned long long)of[n].room,
                                   (unsigned long long)of[n].used),
                      NULL);
    }
    of = ledges(d); /* a count that was just refused stays */
    for (uint32_t i = 0; i < have->vm_count; i++)
        if (vm_goes(d->in, i))
            admit(d, i, of);
    of = ledges(d); /* and so does whoever cannot go for it */
    for (int goes = 1; goes >= 0; goes--)
        for (uint32_t i = 0; i < have->vm_count; i++)
            if (vm_goes(d->in, i) == goes)
                admit(d, i, of);
}

/* What runs after the plan, because it runs now, holds its partitions. */
static uint64_t held_by_running(const struct draft *d, uint32_t vm)
{
    const struct vm *row = &d->in->have->vms[vm];
    uint32_t t = d->in->want->of_vm[vm];

    if (row->power != POWER_RUNNING ||
        (t != NO_INDEX && d->in->want->vms[t].wish->power == POWER_WISH_STOPPED))
        return 0;
    return unit_blocked(d, d->unit_of_vm[vm]) ? vm_adapters(row) : partitions_after(d->in, vm);
}

/* V3, V10: an adapter on paper is no partition; a start that cannot find one is not tried. */
static void judge_starts(struct draft *d)
{
    const struct state *have = d->in->have;
    struct ledge *of = ledges(d);

    for (uint32_t n = 0; n < have->node_count; n++)
        of[n].used = 0;
    for (uint32_t i = 0; i < have->vm_count; i++)
        if (have->vms[i].node != NO_INDEX)
            of[end_node(d, i)].used += held_by_running(d, i);
    for (uint32_t i = 0; i < have->vm_count; i++) {
        const struct vm *vm = &have->vms[i];
        uint32_t t = d->in->want->of_vm[i], unit = d->unit_of_vm[i], node = end_node(d, i);
        uint64_t more = partitions_after(d->in, i);

        if (!more || vm->power != POWER_OFF || vm->node == NO_INDEX || t == NO_INDEX ||
            unit == NO_INDEX || unit_rests(d, unit) ||
            d->in->want->vms[t].wish->power != POWER_WISH_RUNNING)
            continue;
        if (of[node].used + more <= of[node].room) {
            of[node].used += more;
            continue;
        }
        unit_stop(&d->units[unit], GATE_BLOCKED, REASON_CAPACITY,
                  arena_printf(d->arena, "%s has %llu partitions, running VMs hold %llu",
                               have->nodes[node].name, (unsigned long long)of[node].room,
                               (unsigned long long)of[node].used),
                  NULL);
    }
}

/* ---- pools (D8) ---- */

static uint64_t members_after(const struct draft *d, uint32_t node, const char *pool)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < d->in->have->gpu_count; i++) {
        const struct gpu *g = &d->in->have->gpus[i];
        const char *in_pool = unit_blocked(d, d->unit_of_gpu[i]) ? g->pool : pool_after(d->in, i);

        n += g->node == node && str_eq(in_pool, pool);
    }
    return n;
}

static const char *wished_pool(const struct draft *d, uint32_t vm)
{
    uint32_t row = d->in->want->of_vm[vm];

    return row != NO_INDEX && d->in->want->vms[row].wish->use == VM_POOL
               ? d->in->want->vms[row].wish->pool
               : NULL;
}

/* Whoever goes to another node is admitted first, then in the order of the VMs. */
static bool admitted_before(const struct draft *d, uint32_t other, uint32_t vm)
{
    bool goes = vm_goes(d->in, vm), other_goes = vm_goes(d->in, other);

    return other_goes == goes ? other < vm : other_goes;
}

/* Requests of others on the node that it will be on, those that were admitted before included. */
static uint64_t taken(const struct draft *d, uint32_t vm, const char *pool)
{
    const struct state *have = d->in->have;
    uint32_t node = d->in->diff->vm_node[vm];
    uint64_t n = 0;

    for (uint32_t i = 0; i < have->vm_count; i++) {
        uint64_t now = have->vms[i].node == node ? requests_now(&have->vms[i], pool) : 0;
        uint64_t after = d->in->diff->vm_node[i] == node ? requests_after(d->in, i, pool) : 0;

        if (unit_blocked(d, d->unit_of_vm[i]))
            after = now;
        if (i != vm)
            n += admitted_before(d, i, vm) || after < now ? after : now;
    }
    return n;
}

static void judge_pool(struct draft *d, uint32_t vm)
{
    uint32_t node = d->in->diff->vm_node[vm];
    const char *pool = wished_pool(d, vm);
    uint64_t wants, members, others;

    if (!pool || d->unit_of_vm[vm] == NO_INDEX || node == NO_INDEX)
        return;
    wants = requests_after(d->in, vm, pool);
    if (!vm_goes(d->in, vm) && wants <= requests_now(&d->in->have->vms[vm], pool))
        return;
    members = members_after(d, node, pool);
    others = taken(d, vm, pool);
    if (wants + others > members)
        unit_stop(&d->units[d->unit_of_vm[vm]], GATE_BLOCKED, REASON_CAPACITY,
                  arena_printf(d->arena,
                               "pool %s has %llu devices on %s, %llu are asked for by others", pool,
                               (unsigned long long)members, d->in->have->nodes[node].name,
                               (unsigned long long)others),
                  NULL);
}

static void judge_pools(struct draft *d)
{
    for (int goes = 1; goes >= 0; goes--)
        for (uint32_t i = 0; i < d->in->have->vm_count; i++)
            if (vm_goes(d->in, i) == goes)
                judge_pool(d, i);
}

/* M8: whoever cannot go keeps what it has at home, and so do all who stay with it. */
static void judge_room(struct draft *d)
{
    do {
        judge_partitions(d);
        judge_starts(d);
        judge_pools(d);
    } while (drains_judge(d));
}

void capacity_judge(struct draft *d)
{
    judge_room(d);
    reserve_judge(d);
    if (drains_judge(d))
        judge_room(d);
}

/* ---- the summary that the plan shows ---- */

static void fill_pools(struct arena *a, const struct inputs *in, struct capacity *out)
{
    struct index_list names = {0};
    const struct target *want = in->want;

    out->pools = arena_array(a, struct pool_capacity, want->pool_count + 1);
    for (uint32_t i = 0; i < want->pool_count; i++) {
        struct pool_capacity *row = NULL;
        uint64_t here = 0;

        for (size_t k = 0; k < out->pool_count && !row; k++)
            if (str_eq(out->pools[k].name, want->pools[i].name))
                row = &out->pools[k];
        if (!row) {
            row = &out->pools[out->pool_count++];
            *row = (struct pool_capacity){.name = want->pools[i].name};
            for (uint32_t v = 0; v < in->have->vm_count; v++)
                row->requests += requests_after(in, v, row->name);
            list_add(a, &names, 0);
        }
        for (uint32_t g = 0; g < in->have->gpu_count; g++)
            here += in->have->gpus[g].node == want->pools[i].node &&
                    str_eq(pool_after(in, g), row->name);
        row->devices += here;
        if (here > names.rows[row - out->pools])
            names.rows[row - out->pools] = (uint32_t)here; /* the fullest node: the worst loss */
    }
    for (size_t k = 0; k < out->pool_count; k++)
        out->pools[k].left_after_loss = out->pools[k].devices - names.rows[k];
}

void capacity_fill(struct arena *a, const struct inputs *in, const struct stays *stays,
                   struct capacity *out)
{
    const struct state *have = in->have;
    struct ledge *loads = arena_array(a, struct ledge, have->node_count + 1);
    uint64_t ratio = 0, most = 0;

    *out = (struct capacity){0};
    for (uint32_t i = 0; i < have->gpu_count;
         i++) /* M2: a paused node is no reserve, nor one that is emptied */
        if (have->nodes[have->gpus[i].node].state == NODE_UP &&
            !in->want->drained[have->gpus[i].node])
            loads[have->gpus[i].node].room += partitions_of_gpu(in, i, !stays->gpus[i]);
    for (uint32_t i = 0; i < have->vm_count; i++) {
        const struct vm *vm = &have->vms[i];
        uint32_t row = in->want->of_vm[i];
        uint64_t now = vm_adapters(vm), after = partitions_after(in, i);
        bool refused = row != NO_INDEX && in->want->vms[row].refused &&
                       in->want->vms[row].wish->use == VM_PARTITION;

        out->used_now += now;
        out->used_after += stays->vms[i] ? now : after;
        out->used_blocked += refused && !now ? wish_partitions(in->want->vms[row].wish) : after;
        /* V9: who stays on a card that leaves takes no place of the others */
        if (vm->node != NO_INDEX && !(stays->vms[i] && target_leaving_under(in->want, have, vm)))
            loads[stays->vms[i] ? vm->node : in->diff->vm_node[i]].used +=
                stays->vms[i] ? now : after;
    }
    for (uint32_t i = 0; i < have->node_count; i++) {
        uint64_t full = loads[i].room ? loads[i].used * 1000 / loads[i].room : 0;

        out->partitions += loads[i].room;
        most = loads[i].room > most ? loads[i].room : most;
        if (!loads[i].room || (out->fullest && full <= ratio))
            continue;
        ratio = full;
        out->fullest = have->nodes[i].name;
        out->fullest_used = loads[i].used;
        out->fullest_of = loads[i].room;
    }
    out->left_after_loss = have->node_count > 1 ? out->partitions - most : 0;
    fill_pools(a, in, out);
}
