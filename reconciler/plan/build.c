/*
 * From changes to groups: what must be done as one, what comes first, and
 * what cannot be done at all.  Nothing here asks for permission; gate.c does.
 */
#include "plan/capacity.h"
#include "plan/units.h"

#include "base/str.h"
#include "base/zone.h"

#include <stdlib.h>
#include <string.h>

void list_add(struct arena *a, struct index_list *l, uint32_t value)
{
    *arena_push(a, l->rows, l->count, l->room) = value;
}

bool list_has(const struct index_list *l, uint32_t value)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->rows[i] == value)
            return true;
    return false;
}

void unit_stop(struct unit *u, enum gate gate, enum reason reason, const char *why,
               const char *release)
{
    if (u->gate > gate || (u->gate == gate && u->reason <= reason && gate != GATE_RUNS))
        return;
    u->gate = gate;
    u->reason = reason;
    u->why = why;
    u->release = release;
}

static uint32_t unit_new(struct draft *d, uint32_t node)
{
    struct unit *u = arena_push(d->arena, d->units, d->unit_count, d->unit_room);

    u->node = node;
    u->reason = REASON_NONE;
    return (uint32_t)(d->unit_count - 1);
}

static uint32_t *indexes(struct draft *d, size_t count)
{
    uint32_t *rows = arena_array(d->arena, uint32_t, count + 1);

    memset(rows, 0xff, (count + 1) * sizeof *rows);
    return rows;
}

/* ---- units of GPUs and pools ---- */

/* C10: all count changes of a node are one unit.  Pools are per GPU (D8). */
static void device_units(struct draft *d)
{
    const struct diff *diff = d->in->diff;

    for (size_t i = 0; i < diff->change_count; i++) {
        const struct change *c = &diff->changes[i];
        uint32_t node, *unit;

        if (c->kind == SUBJECT_POOL) {
            node = d->in->want->pools[c->pool].node;
            unit = &d->unit_of_pool[c->pool];
        } else if (c->kind == SUBJECT_GPU) {
            node = d->in->have->gpus[c->gpu].node;
            unit = c->field == FIELD_GPU_COUNT ? &d->count_unit[node] : &d->unit_of_gpu[c->gpu];
        } else {
            continue;
        }
        if (*unit == NO_INDEX)
            *unit = unit_new(d, node);
        if (c->kind == SUBJECT_POOL)
            list_add(d->arena, &d->units[*unit].pools, c->pool);
        else if (!list_has(&d->units[*unit].gpus, c->gpu))
            list_add(d->arena, &d->units[*unit].gpus, c->gpu);
        d->units[*unit].counts |= c->field == FIELD_GPU_COUNT;
        if (c->kind == SUBJECT_GPU)
            d->unit_of_gpu[c->gpu] = *unit;
    }
}

/* ---- who must be off for a count (C4) ---- */

static bool is_off_for_landing(const struct vm *vm)
{
    return vm->hidden || vm->power == POWER_OFF || vm->power == POWER_SAVED;
}

static bool reaches(const struct draft *d, const struct vm *vm, const struct unit *u, bool off)
{
    for (size_t k = 0; k < vm->adapter_count; k++)
        for (size_t i = 0; i < u->gpus.count; i++)
            if (adapter_reaches(d->in->have, vm, &vm->adapters[k], off, u->gpus.rows[i]))
                return true;
    return false;
}

/* The first problem that says why nothing may be done to each VM; NULL: none. */
static void index_problems(struct draft *d)
{
    const struct problems *lists[] = {&d->in->want->problems, &d->in->diff->problems};

    d->vm_problem = arena_array(d->arena, const struct problem *, d->in->have->vm_count + 1);
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < lists[l]->count; i++) {
            const struct problem *p = &lists[l]->rows[i];

            if (p->vm != NO_INDEX && reason_rows[p->reason].class == CLASS_BLOCKED &&
                (!d->vm_problem[p->vm] || p->reason < d->vm_problem[p->vm]->reason))
                d->vm_problem[p->vm] = p;
        }
}

/* A VM that must be off, and in what way it cannot be made so. */
static void judge_power(struct draft *d, struct unit *u, const struct vm *vm, bool sake_of_count)
{
    const char *name = vm->name;

    if (vm->hidden)
        unit_stop(u, GATE_BLOCKED, REASON_VM_HIDDEN, name, NULL);
    else if (vm->power == POWER_PAUSED)
        unit_stop(u, GATE_BLOCKED, REASON_VM_PAUSED, name, NULL);
    else if (vm->power == POWER_SAVED)
        unit_stop(u, GATE_BLOCKED, REASON_VM_SAVED, name, NULL);
    else if (vm->power == POWER_CRITICAL)
        unit_stop(u, GATE_BLOCKED, sake_of_count ? REASON_HOLDER_BLOCKED : REASON_VM_PAUSED,
                  arena_printf(d->arena, "%s is in a critical state", name), NULL);
    else if (vm->power != POWER_OFF && vm->power != POWER_RUNNING)
        unit_stop(u, GATE_HELD, REASON_SETTLING, name, NULL);
    else if (vm->role.busy || vm->role.vm == RES_PENDING)
        unit_stop(u, GATE_HELD, REASON_SETTLING, name, NULL);
}

/* P7: may this plan take its adapter away for a moment, and stop it where it runs? */
static bool is_watched(const struct target_vm *t, const struct vm *vm)
{
    const struct manage_parts *m = &t->wish->manage;

    return m->of[PART_VMS] != MANAGE_ENFORCE ||
           (vm->power != POWER_OFF && manage_power(m) != MANAGE_ENFORCE);
}

static void judge_holder(struct draft *d, struct unit *u, uint32_t index)
{
    const struct vm *vm = &d->in->have->vms[index];
    uint32_t row = d->in->want->of_vm[index];
    const struct problem *p;

    if (row == NO_INDEX) {
        const char *where = d->in->have->nodes[vm->node].name;

        unit_stop(u, GATE_BLOCKED, REASON_HOLDER,
                  arena_printf(d->arena, "%s on %s has no row", vm->name, where),
                  arena_printf(d->arena,
                               "the row  - {name: %s, gpu: asFound}  or removing its "
                               "adapter by hand",
                               vm->name));
        return;
    }
    if (is_watched(&d->in->want->vms[row], vm))
        unit_stop(u, GATE_BLOCKED, REASON_NOT_ENFORCED,
                  arena_printf(d->arena, "%s on %s holds a partition, and is only watched",
                               vm->name, d->in->have->nodes[vm->node].name),
                  arena_printf(d->arena, "manage: enforce for %s, or removing its adapter by hand",
                               vm->name));
    judge_power(d, u, vm, true);
    if (!d->in->want->vms[row].refused)
        return;
    p = d->vm_problem[index];
    if (!p && d->in->want->vms[row].uncounted) { /* its row has the problem, not the VM */
        unit_stop(u, GATE_BLOCKED, REASON_EXPECT,
                  arena_printf(d->arena,
                               "%s must be off for this, and %s takes another number of "
                               "VMs than it may",
                               vm->name, d->in->want->vms[row].match),
                  "what releases that row");
        return;
    }
    unit_stop(u, GATE_BLOCKED, p ? p->reason : REASON_HOLDER_BLOCKED,
              arena_printf(d->arena, "%s must be off for this%s%s", vm->name, p ? ": " : "",
                           p ? p->text : ""),
              p ? p->release : NULL);
}

static void holders(struct draft *d)
{
    for (uint32_t i = 0; i < d->in->have->vm_count; i++) {
        const struct vm *vm = &d->in->have->vms[i];
        uint32_t unit = vm->node == NO_INDEX ? NO_INDEX : d->count_unit[vm->node], row;

        if (unit == NO_INDEX || !vm->adapter_count || vm_goes_live(d->in, i) ||
            !reaches(d, vm, &d->units[unit], is_off_for_landing(vm)))
            continue;
        judge_holder(d, &d->units[unit], i);
        row = d->in->want->of_vm[i];
        if (row == NO_INDEX || d->in->want->vms[row].refused ||
            is_watched(&d->in->want->vms[row], vm))
            continue; /* it blocks, and no step names it (M7, P7) */
        d->holder[i] = true;
        d->unit_of_vm[i] = unit;
        list_add(d->arena, &d->units[unit].vms, i);
    }
}

/* ---- units of VMs ---- */

static bool same_vm(const struct change *c, uint32_t vm)
{
    return c->kind == SUBJECT_VM && c->vm == vm;
}

/* One stop per VM for all its changes; what is only advised does not cause one (S0). */
static bool causes_stop(const struct diff *diff, size_t i, uint32_t vm)
{
    for (; i < diff->change_count && same_vm(&diff->changes[i], vm); i++) {
        const struct change *c = &diff->changes[i];

        if (c->grade != GRADE_ADVISED && !c->waits &&
            (c->needs_off || (c->field == FIELD_VM_POWER && str_eq(c->want, "stopped"))))
            return true;
    }
    return false;
}

static bool anything_now(const struct draft *d, size_t i, uint32_t vm)
{
    const struct diff *diff = d->in->diff;

    for (; i < diff->change_count && same_vm(&diff->changes[i], vm); i++)
        if (!diff->changes[i].waits && (d->stops[vm] || !diff->changes[i].needs_off))
            return true;
    return false;
}

/* V8: nothing is done to it, not even a start that is owed. */
static void judge_ghost(struct draft *d, struct unit *u, uint32_t vm)
{
    const struct problem *p = d->vm_problem[vm];

    if (vm_pinned_to_gone(d->in->have, &d->in->have->vms[vm]))
        unit_stop(u, GATE_BLOCKED, REASON_STALE_ADAPTER,
                  p && p->reason == REASON_STALE_ADAPTER ? p->text : NULL, NULL);
}

static void vm_units(struct draft *d)
{
    const struct diff *diff = d->in->diff;

    for (size_t i = 0; i < diff->change_count; i++) {
        uint32_t vm = diff->changes[i].vm;
        struct unit *u;

        if (diff->changes[i].kind != SUBJECT_VM || (i && same_vm(&diff->changes[i - 1], vm)))
            continue;
        d->first_change[vm] = (uint32_t)i;
        d->stops[vm] =
            d->holder[vm] || d->in->have->vms[vm].power == POWER_OFF || causes_stop(diff, i, vm);
        if (d->holder[vm] || !anything_now(d, i, vm))
            continue;
        d->unit_of_vm[vm] = unit_new(d, d->in->have->vms[vm].node);
        u = &d->units[d->unit_of_vm[vm]];
        list_add(d->arena, &u->vms, vm);
        judge_power(d, u, &d->in->have->vms[vm], false);
        judge_ghost(d, u, vm);
    }
}

/* M2: nothing is done to a VM on a node that is paused or draining. */
static void judge_nodes(struct draft *d)
{
    for (size_t i = 0; i < d->unit_count; i++) {
        struct unit *u = &d->units[i];
        const struct node *n = u->node == NO_INDEX ? NULL : &d->in->have->nodes[u->node];

        if (!n || !u->vms.count)
            continue;
        if (n->state == NODE_PAUSED || n->state == NODE_DRAINING)
            unit_stop(u, GATE_HELD, REASON_NODE_PAUSED,
                      arena_printf(d->arena, "%s is %s", n->name, node_state_words[n->state]),
                      NULL);
    }
}

/* ---- what comes first ---- */

void unit_need(struct draft *d, uint32_t unit, uint32_t first)
{
    if (unit != NO_INDEX && first != NO_INDEX && unit != first &&
        !list_has(&d->units[unit].needs, first))
        list_add(d->arena, &d->units[unit].needs, first);
}

/* It gets a partition, or is started with one that it only has on paper so far (V3). */
static bool needs_room(const struct draft *d, uint32_t vm)
{
    const struct vm *row = &d->in->have->vms[vm];
    uint32_t t = d->in->want->of_vm[vm];

    return vm_goes(d->in, vm) || partitions_after(d->in, vm) > vm_adapters(row) ||
           (row->power == POWER_OFF && t != NO_INDEX &&
            d->in->want->vms[t].wish->power == POWER_WISH_RUNNING);
}

/*
 * C10: on one node all counts come before an adapter is added or a VM with an
 * unpinned adapter is started.  V3: where the room is made by others, they go
 * first.
 */
static void partition_needs(struct draft *d)
{
    const struct state *have = d->in->have;
    int64_t *room = arena_array(d->arena, int64_t, have->node_count + 1);
    struct index_list *losers = arena_array(d->arena, struct index_list, have->node_count + 1);

    for (uint32_t i = 0; i < have->gpu_count; i++)
        room[have->gpus[i].node] += (int64_t)partitions_of_gpu(d->in, i, true);
    for (uint32_t i = 0; i < have->vm_count; i++) {
        const struct vm *vm = &have->vms[i];
        int64_t now = (int64_t)vm_adapters(vm), after = (int64_t)partitions_after(d->in, i);
        bool goes = vm_goes(d->in, i);

        if (vm->node == NO_INDEX)
            continue;
        room[vm->node] -= after > now && !goes ? after : now;
        if (goes)
            room[d->in->diff->vm_node[i]] -= after;
        if ((after < now || (goes && now)) && d->unit_of_vm[i] != NO_INDEX)
            list_add(d->arena, &losers[vm->node], d->unit_of_vm[i]);
    }
    /* Whom a count takes down needs its place again behind it. */
    for (uint32_t n = 0; n < have->node_count; n++)
        for (size_t k = 0; room[n] < 0 && k < losers[n].count; k++)
            unit_need(d, d->count_unit[n], losers[n].rows[k]);
    for (uint32_t i = 0; i < have->vm_count; i++) {
        uint32_t node = d->in->diff->vm_node[i], unit = d->unit_of_vm[i];

        if (unit == NO_INDEX || node == NO_INDEX || !partitions_after(d->in, i) ||
            d->units[unit].reason == REASON_LEAVING)
            continue; /* V9: it waits for more than room */
        if (!d->stops[i] && !vm_goes(d->in, i) &&
            partitions_after(d->in, i) <= vm_adapters(&have->vms[i]))
            continue; /* it stays as it is: what it needs can be done at any time */
        if (!vm_goes_live(d->in, i))
            unit_need(d, unit, d->count_unit[node]);
        for (size_t k = 0; room[node] < 0 && k < losers[node].count && needs_room(d, i); k++)
            unit_need(d, unit, losers[node].rows[k]);
    }
}

static bool names_device(const struct target_vm *t, const struct gpu *g)
{
    for (size_t i = 0; t->wish->use == VM_DEVICES && i < t->wish->device_count; i++)
        for (size_t k = 0; k < g->location_count; k++)
            if (str_same(t->wish->devices[i], g->locations[k]))
                return true;
    return false;
}

static bool holds_device(const struct vm *vm, const struct gpu *g)
{
    for (size_t i = 0; i < vm->request_count; i++)
        for (size_t k = 0; k < g->location_count; k++)
            if (vm->requests[i].location && str_same(vm->requests[i].location, g->locations[k]))
                return true;
    return false;
}

/* Requests of a pool that a VM has on a node; M8: it may be on another one afterwards. */
static uint64_t asked_now(const struct draft *d, uint32_t vm, uint32_t node, const char *pool)
{
    const struct vm *row = &d->in->have->vms[vm];

    return row->node == node ? requests_now(row, pool) : 0;
}

static uint64_t asked_after(const struct draft *d, uint32_t vm, uint32_t node, const char *pool)
{
    return d->in->diff->vm_node[vm] == node ? requests_after(d->in, vm, pool) : 0;
}

/* D2, up: members before requests; down: requests before members leave. */
static void device_needs_of(struct draft *d, uint32_t gpu, uint32_t unit)
{
    const struct state *have = d->in->have;
    const struct gpu *g = &have->gpus[gpu];
    uint32_t row = d->in->want->of_gpu[gpu];
    const char *joins = row == NO_INDEX ? NULL : d->in->diff->gpu_images[row].pool;

    for (uint32_t v = 0; v < have->vm_count; v++) {
        uint32_t t = d->in->want->of_vm[v];
        const struct vm *vm = &have->vms[v];

        if (d->unit_of_vm[v] == NO_INDEX || t == NO_INDEX)
            continue;
        if (joins && !str_eq(joins, g->pool) &&
            asked_after(d, v, g->node, joins) > asked_now(d, v, g->node, joins))
            unit_need(d, d->unit_of_vm[v], unit);
        if (g->pool && !str_eq(joins, g->pool) &&
            asked_after(d, v, g->node, g->pool) < asked_now(d, v, g->node, g->pool))
            unit_need(d, unit, d->unit_of_vm[v]);
        if (vm->node == g->node && names_device(&d->in->want->vms[t], g) && !holds_device(vm, g))
            unit_need(d, d->unit_of_vm[v], unit);
        if (vm->node == g->node && holds_device(vm, g) && !names_device(&d->in->want->vms[t], g))
            unit_need(d, unit, d->unit_of_vm[v]);
    }
    for (uint32_t p = 0; p < d->in->want->pool_count; p++) {
        const struct target_pool *pool = &d->in->want->pools[p];

        if (d->unit_of_pool[p] == NO_INDEX || pool->node != g->node)
            continue;
        if (!pool->absent && joins && str_eq(joins, pool->name))
            unit_need(d, unit, d->unit_of_pool[p]);
        if (pool->absent && g->pool && str_eq(g->pool, pool->name))
            unit_need(d, d->unit_of_pool[p], unit);
    }
}

static void device_needs(struct draft *d)
{
    for (uint32_t i = 0; i < d->in->have->gpu_count; i++) {
        uint32_t unit = d->unit_of_gpu[i];

        if (unit != NO_INDEX && !d->units[unit].counts)
            device_needs_of(d, i, unit);
    }
}

/* Who shall have a fixed device that another VM has now waits for that VM; so do two that swap. */
static void fixed_handover(struct draft *d, const struct gpu *g, struct index_list *takers)
{
    const struct state *have = d->in->have;

    takers->count = 0;
    for (uint32_t v = 0; v < have->vm_count; v++) {
        uint32_t t = d->in->want->of_vm[v];

        if (t != NO_INDEX && d->unit_of_vm[v] != NO_INDEX && have->vms[v].node == g->node &&
            names_device(&d->in->want->vms[t], g) && !holds_device(&have->vms[v], g))
            list_add(d->arena, takers, d->unit_of_vm[v]);
    }
    for (uint32_t v = 0; takers->count && v < have->vm_count; v++) {
        uint32_t t = d->in->want->of_vm[v];

        if (t != NO_INDEX && have->vms[v].node == g->node && holds_device(&have->vms[v], g) &&
            !names_device(&d->in->want->vms[t], g))
            for (size_t i = 0; i < takers->count; i++)
                unit_need(d, takers->rows[i], d->unit_of_vm[v]);
    }
}

/* D8: where a pool has no room for both, who asks for less goes before who asks for more. */
static void pool_handover(struct draft *d, uint32_t node, const char *pool)
{
    const struct state *have = d->in->have;
    struct index_list gain = {0}, lose = {0};
    uint64_t room = 0, asked = 0;

    for (uint32_t i = 0; i < have->gpu_count; i++)
        room += have->gpus[i].node == node &&
                (str_eq(have->gpus[i].pool, pool) || str_eq(pool_after(d->in, i), pool));
    for (uint32_t v = 0; v < have->vm_count; v++) {
        uint64_t now = asked_now(d, v, node, pool), after = asked_after(d, v, node, pool);

        asked += after > now ? after : now;
        if (after != now && d->unit_of_vm[v] != NO_INDEX)
            list_add(d->arena, after > now ? &gain : &lose, d->unit_of_vm[v]);
    }
    for (size_t i = 0; asked > room && i < gain.count; i++)
        for (size_t k = 0; k < lose.count; k++)
            unit_need(d, gain.rows[i], lose.rows[k]);
}

static void handover_needs(struct draft *d)
{
    const struct state *have = d->in->have;
    struct index_list takers = {0};

    for (uint32_t i = 0; i < have->gpu_count; i++)
        if (have->gpus[i].state == GPU_DISMOUNTED)
            fixed_handover(d, &have->gpus[i], &takers);
    for (uint32_t i = 0; i < have->pool_count; i++)
        pool_handover(d, have->pools[i].node, have->pools[i].name);
}

/* ---- changes as the plan shows them ---- */

static void show_changes(struct draft *d)
{
    const struct diff *diff = d->in->diff;
    struct plan *plan = d->plan;

    plan->changes = arena_array(d->arena, struct plan_change, diff->change_count + 1);
    plan->change_count = diff->change_count;
    for (size_t i = 0; i < diff->change_count; i++) {
        struct plan_change *row = &plan->changes[i];
        const struct change *c = &diff->changes[i];
        uint32_t unit = c->kind == SUBJECT_VM    ? d->unit_of_vm[c->vm]
                        : c->kind == SUBJECT_GPU ? d->unit_of_gpu[c->gpu]
                                                 : d->unit_of_pool[c->pool];

        row->change = *c;
        row->subject = change_subject(d->arena, d->in->want, d->in->have, c, &row->name);
        row->reason = REASON_NONE;
        row->at_next_stop =
            c->kind == SUBJECT_VM && c->grade == GRADE_ADVISED && c->needs_off && !d->stops[c->vm];
        row->group =
            unit == NO_INDEX || row->at_next_stop || c->waits ? NO_INDEX : d->units[unit].group;
        if (!c->waits)
            continue;
        row->gate = GATE_BLOCKED;
        row->reason = REASON_NOT_ENFORCED;
    }
}

/* ---- what is set aside ---- */

static void show_aside(struct draft *d, const struct aside *from, struct plan_aside *to)
{
    const struct change *c = &from->change;

    *to = (struct plan_aside){.subject = from->subject,
                              .name = from->name,
                              .why = from->why,
                              .reason = REASON_NONE,
                              .until_ms = WHEN_NONE};
    if (from->is_change) {
        to->change = *c;
        to->at_next_stop = c->kind == SUBJECT_VM && c->grade == GRADE_ADVISED && c->needs_off &&
                           d->in->have->vms[c->vm].power != POWER_OFF;
    } else {
        to->change = (struct change){.kind = from->problem.kind,
                                     .gpu = from->problem.gpu,
                                     .vm = from->problem.vm,
                                     .pool = NO_INDEX,
                                     .rule = reason_rows[from->problem.reason].rule,
                                     .at = from->problem.at};
        to->reason = from->problem.reason;
        to->text = from->problem.text;
    }
    if (!from->expected)
        return;
    to->because = from->expected->reason;
    to->until = from->expected->until;
    to->until_ms = from->expected->until_ms;
    to->entry_at = from->expected->at;
}

static void show_asides(struct draft *d)
{
    const struct asides *asides = d->in->asides;
    struct plan *plan = d->plan;

    if (!asides)
        return;
    plan->head.ignored = asides->ignored;
    plan->asides = arena_array(d->arena, struct plan_aside, asides->count + 1);
    for (size_t i = 0; i < asides->count; i++)
        if (asides->rows[i].why != ASIDE_IGNORE)
            show_aside(d, &asides->rows[i], &plan->asides[plan->aside_count++]);
}

/* ---- problems ---- */

static int by_subject(const void *x, const void *y)
{
    const struct problem *a = x, *b = y;
    int c = (a->reason > b->reason) - (a->reason < b->reason);

    if (!c)
        c = str_cmp_natural(a->subject, b->subject);
    return c ? c : str_cmp(a->text, b->text);
}

static const struct member *member_of(const struct plan_group *g, const struct vm *vm)
{
    for (size_t i = 0; i < g->member_count; i++)
        if (g->members[i].kind == SUBJECT_VM && str_eq(g->members[i].id, vm->id))
            return &g->members[i];
    return NULL;
}

static void warn_stop(struct draft *d, const struct member *m, uint32_t vm, const struct span *at)
{
    const char *subject = arena_printf(d->arena, "vm/%s", m->name);

    if (m->stop_then != STOP_GUEST)
        problem_add(&d->problems, REASON_WARN_FORCED, SUBJECT_VM, subject, at,
                    "after %s its guest is %s: unsaved work is lost",
                    duration_human(d->arena, m->stop_deadline_ms),
                    m->stop_then == STOP_FORCED ? "forced to shut down" : "turned off")
            ->vm = vm;
    if (d->in->have->vms[vm].can_shut_down == TRI_NO)
        problem_add(&d->problems, REASON_MISADVISED, SUBJECT_VM, subject, at,
                    "its guest has no shutdown component, so it %s",
                    m->stop_then == STOP_TURN_OFF ? "is turned off" : "cannot be shut down")
            ->vm = vm;
}

/* What a stop may cost, said of each VM before anything happens (S8, S9). */
static void warn_stops(struct draft *d)
{
    for (size_t g = 0; g < d->plan->group_count; g++) {
        const struct plan_group *group = &d->plan->groups[g];

        for (size_t i = 0; i < group->interrupt_count; i++) {
            uint32_t vm = group->interrupts[i], row = d->in->want->of_vm[vm];
            const struct member *m = member_of(group, &d->in->have->vms[vm]);

            if (m && row != NO_INDEX)
                warn_stop(d, m, vm, &d->in->want->vms[row].at);
        }
    }
}

static void gather_problems(struct draft *d)
{
    static const struct problems none;
    const struct problems *lists[] = {&d->in->want->problems, &d->in->diff->problems, &d->problems,
                                      d->in->asides ? &d->in->asides->notes : &none};
    size_t n = 0;

    for (size_t l = 0; l < 4; l++)
        n += lists[l]->count;
    d->plan->problems = arena_array(d->arena, struct problem, n + 1);
    for (size_t l = 0; l < 4; l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            d->plan->problems[d->plan->problem_count++] = lists[l]->rows[i];
    if (n)
        qsort(d->plan->problems, n, sizeof *d->plan->problems, by_subject);
}

/* ---- head ---- */

static void fill_head(struct draft *d)
{
    const struct state *have = d->in->have;
    const struct target *want = d->in->want;
    struct plan_head *h = &d->plan->head;

    *h = (struct plan_head){
        .cluster = d->in->cluster,
        .world = have->name,
        .standalone = have->standalone,
        .source = d->in->source,
        .specs = d->in->specs,
        .spec_count = d->in->spec_count,
        .spec_digest = d->in->spec_digest,
        .revision = d->in->revision,
        .identity = have->identity,
        .observed_ms = have->observed_ms,
        .as_if_ms = have->as_if_ms ? have->as_if_ms : WHEN_NONE,
        .time_zone = d->in->policy->calendar.zone ? zone_name(d->in->policy->calendar.zone) : NULL,
        .nodes = have->node_count,
        .vms = have->vm_count,
        .declared_vms = want->declared_vms,
        .labels = d->in->labels,
        .label_count = d->in->label_count};
    for (size_t i = 0; i < have->node_count; i++)
        h->nodes_seen += have->nodes[i].answered;
    for (size_t i = 0; i < have->gpu_count; i++)
        h->gpus += have->gpus[i].is_gpu;
    for (size_t i = 0; i < want->gpu_count; i++) /* an exact pool's rows are of other devices too */
        h->declared_gpus += have->gpus[want->gpus[i].gpu].is_gpu;
    for (size_t i = 0; i < have->vm_count; i++) {
        const struct vm *vm = &have->vms[i];

        if (want->of_vm[i] != NO_INDEX && !want->vms[want->of_vm[i]].pruned)
            continue;
        h->undeclared_vms++;
        h->undeclared_holders += vm_adapters(vm) > 0 || vm_requests(vm) > 0;
    }
}

/* What is set aside differs all the same. */
static void count_aside(struct draft *d, bool *differs)
{
    const struct asides *asides = d->in->asides;

    for (size_t i = 0; asides && i < asides->count; i++) {
        const struct aside *row = &asides->rows[i];
        uint32_t vm = row->is_change ? row->change.vm : row->problem.vm;

        if (vm != NO_INDEX)
            differs[vm] = true;
        else
            d->plan->head.differ_vms += !row->is_change && row->problem.reason == REASON_VM_MISSING;
    }
}

/* Declared VMs that are not as declared: a change that does not only wait for a stop, or a problem.
 */
static void count_differing(struct draft *d)
{
    struct plan *p = d->plan;
    bool *differs = arena_array(d->arena, bool, d->in->have->vm_count + 1);

    for (size_t i = 0; i < p->change_count; i++)
        if (p->changes[i].change.kind == SUBJECT_VM && !p->changes[i].at_next_stop)
            differs[p->changes[i].change.vm] = true;
    for (size_t i = 0; i < p->problem_count; i++) {
        const struct problem *row = &p->problems[i];

        if (row->kind != SUBJECT_VM || reason_rows[row->reason].class != CLASS_BLOCKED)
            continue;
        if (row->vm != NO_INDEX)
            differs[row->vm] = true;
        else
            p->head.differ_vms += row->reason == REASON_VM_MISSING;
    }
    count_aside(d, differs);
    for (size_t i = 0; i < d->in->have->vm_count; i++)
        differs[i] = differs[i] && d->in->want->of_vm[i] != NO_INDEX;
    for (size_t i = 0; i < d->in->want->vm_count; i++)
        differs[d->in->want->vms[i].vm] =
            (differs[d->in->want->vms[i].vm] || d->in->want->vms[i].uncounted) &&
            !d->in->want->vms[i].pruned;
    for (size_t i = 0; i < d->in->have->vm_count; i++)
        p->head.differ_vms += differs[i];
}

/* V10: said as long as it is so. */
static void tell_stuck(struct draft *d)
{
    const struct ledger *owed = d->in->owed;

    for (size_t i = 0; i < owed->debt_count; i++) {
        uint32_t vm = owed->debts[i].phase == DEBT_STUCK && owed->debts[i].found_running
                          ? state_vm(d->in->have, owed->debts[i].vm)
                          : NO_INDEX;

        if (vm != NO_INDEX && d->in->have->vms[vm].power == POWER_OFF)
            problem_add(&d->problems, REASON_STUCK, SUBJECT_VM,
                        arena_printf(d->arena, "vm/%s", d->in->have->vms[vm].name), NULL,
                        "stopped by us, not running since %s",
                        zone_human(d->arena, d->in->policy->calendar.zone, owed->debts[i].since_ms))
                ->vm = vm;
    }
}

void plan_build(struct arena *a, const struct inputs *in, struct plan *out)
{
    struct draft d = {.arena = a, .in = in, .plan = out, .problems = {.arena = a}};
    const struct state *have = in->have;

    *out = (struct plan){
        .debts = in->owed->debts, .debt_count = in->owed->debt_count, .policy = *in->policy};
    d.unit_of_vm = indexes(&d, have->vm_count);
    d.unit_of_gpu = indexes(&d, have->gpu_count);
    d.unit_of_pool = indexes(&d, in->want->pool_count);
    d.count_unit = indexes(&d, have->node_count);
    d.first_change = indexes(&d, have->vm_count);
    d.holder = arena_array(a, bool, have->vm_count + 1);
    d.stops = arena_array(a, bool, have->vm_count + 1);
    fill_head(&d);
    device_units(&d);
    index_problems(&d);
    holders(&d);
    vm_units(&d);
    judge_nodes(&d);
    leaving_judge(&d);
    moves_judge(&d);
    moves_need(&d);
    partition_needs(&d);
    device_needs(&d);
    handover_needs(&d);
    rollout_chain(&d);
    capacity_judge(&d);
    tell_stuck(&d);
    units_merge(&d);
    groups_fill(&d);
    show_changes(&d);
    show_asides(&d);
    warn_stops(&d);
    leaving_tell(&d);
    gather_problems(&d);
    count_differing(&d);
}
