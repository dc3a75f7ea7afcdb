/*
 * Who must go to another node, what it needs there, and what a node offers
 * (V2, V9, M1, M8).  Where each of them goes is found in diff_targets.c.
 */
#include "diff/mover.h"

#include "base/str.h"

/* ---- what a VM needs ---- */

static const struct image *image_of(const struct moving *m, uint32_t vm)
{
    uint32_t row = m->x.want->of_vm[vm];

    return row == NO_INDEX || m->x.want->vms[row].refused ? NULL : &m->x.diff->vm_images[row];
}

/* One that leaves keeps its count until it is out (V9). */
static bool count_changes(const struct moving *m, uint32_t gpu)
{
    uint32_t row = m->x.want->of_gpu[gpu];

    return (row == NO_INDEX || m->x.want->gpus[row].use != USE_LEAVING) &&
           !num_is(m->x.have->gpus[gpu].count, after_count(&m->x, gpu, true));
}

/* The size of a GPU's partitions afterwards; 0: not known before its count was changed (C5). */
static uint64_t size_after(const struct moving *m, uint32_t gpu)
{
    const struct gpu *g = &m->x.have->gpus[gpu];
    uint32_t row = m->x.want->of_gpu[gpu];

    if (row != NO_INDEX && count_changes(m, gpu))
        return m->x.want->gpus[row].size_bytes;
    return g->optimal[QUOTA_VRAM].known ? g->optimal[QUOTA_VRAM].value : 0;
}

/* The GPU that a partition of it runs on; NO_INDEX: none, or not known. */
static uint32_t gpu_under(const struct moving *m, const struct vm *vm)
{
    for (size_t i = 0; vm->node != NO_INDEX && i < vm->adapter_count; i++)
        if (!vm->adapters[i].of_checkpoint && vm->adapters[i].seen)
            return state_gpu(m->x.have, vm->node, vm->adapters[i].seen);
    return NO_INDEX;
}

/* The pool that a VM's devices come from afterwards; NULL: none. */
static const char *pool_of(const struct moving *m, uint32_t vm, bool *several)
{
    const struct vm *row = &m->x.have->vms[vm];
    const struct image *im = image_of(m, vm);
    bool asked = im && (im->fields & IMAGE_REQUESTS);
    size_t count = asked ? im->request_count : row->request_count;
    const char *pool = NULL;

    for (size_t i = 0; i < count; i++) {
        const char *name = asked ? im->requests[i].pool : row->requests[i].pool;

        if (!asked && row->requests[i].of_checkpoint)
            continue;
        if (several && (!name || (pool && !str_eq(pool, name))))
            *several = true;
        pool = name ? name : pool;
    }
    return pool;
}

/* A partition keeps its size on the way: declared, or as large as the one that it has. */
static uint64_t size_of(const struct moving *m, uint32_t vm)
{
    uint32_t row = m->x.want->of_vm[vm], gpu;

    if (row != NO_INDEX && m->x.want->vms[row].wish->size_bytes)
        return m->x.want->vms[row].wish->size_bytes;
    gpu = gpu_under(m, &m->x.have->vms[vm]);
    return gpu == NO_INDEX ? 0 : size_after(m, gpu);
}

/* One stop for all that is done to it, and what only waits for a stop causes none (S0). */
static void find_stops(struct moving *m)
{
    const struct diff *diff = m->x.diff;

    for (uint32_t v = 0; v < m->x.have->vm_count; v++)
        m->stops[v] = m->x.have->vms[v].power == POWER_OFF;
    for (size_t i = 0; i < diff->change_count; i++) {
        const struct change *c = &diff->changes[i];

        if (c->kind == SUBJECT_VM && c->grade != GRADE_ADVISED && !c->waits &&
            (c->needs_off || (c->field == FIELD_VM_POWER && str_eq(c->want, "stopped"))))
            m->stops[c->vm] = true;
    }
}

void needs_find(struct moving *m)
{
    for (uint32_t v = 0; v < m->x.have->vm_count; v++) {
        struct need *out = &m->needs[v];

        out->pool = pool_of(m, v, NULL);
        out->units = out->pool ? after_requests(&m->x, v, out->pool) : after_adapters(&m->x, v);
        out->size = out->pool || !out->units ? 0 : size_of(m, v);
    }
    find_stops(m);
}

/* ---- what a node offers ---- */

static const char *why_closed(const struct moving *m, uint32_t node)
{
    const struct node *n = &m->x.have->nodes[node];
    uint32_t row = m->x.want->leaving_of[node];

    if (!n->answered || n->state != NODE_UP)
        return arena_printf(m->d->arena, "%s is %s", n->name,
                            n->answered ? node_state_words[n->state] : "silent");
    if (m->x.want->drained[node])
        return arena_printf(m->d->arena, "%s is to be empty", n->name);
    if (row != NO_INDEX)
        return arena_printf(m->d->arena, "a GPU of %s leaves (row %s)", n->name,
                            m->x.want->leaving[row].id);
    if (n->iov == TRI_NO)
        return arena_printf(m->d->arena, "IovSupport of %s is false", n->name);
    return NULL;
}

void nodes_close(struct moving *m)
{
    for (uint32_t n = 0; n < m->x.have->node_count; n++)
        m->closed[n] = why_closed(m, n);
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

uint64_t node_room(const struct moving *m, uint32_t node, const struct need *need)
{
    const struct state *have = m->x.have;
    uint64_t all = 0, fits = 0, used = 0, used_fits = 0;

    for (uint32_t i = 0; i < have->gpu_count; i++) {
        uint64_t n = have->gpus[i].node != node ? 0
                     : need->pool               ? str_eq(after_pool(&m->x, i), need->pool)
                                                : after_count(&m->x, i, true);
        uint64_t size = n && need->size ? size_after(m, i) : 0;

        all += n;
        fits += !size || size == need->size ? n : 0;
    }
    for (uint32_t v = 0; all && v < have->vm_count; v++) {
        const struct need *other = &m->needs[v];

        if (m->x.diff->vm_node[v] != node ||
            (need->pool ? !str_eq(other->pool, need->pool) : other->pool != NULL))
            continue;
        used += other->units;
        used_fits += other->size == need->size ? other->units : 0;
    }
    if (need->size && less(fits, used_fits) < less(all, used))
        return less(fits, used_fits);
    return less(all, used);
}

/* ---- live moves (M1) ---- */

static bool same_nums(const struct num *a, const struct num *b)
{
    for (int i = 0; i < QUOTA_KINDS; i++)
        if (!a[i].known || !num_eq(a[i], b[i]))
            return false;
    return true;
}

static bool same_shape(const struct gpu *a, const struct gpu *b)
{
    return str_same(a->pci, b->pci) && a->count.known && num_eq(a->count, b->count) &&
           same_nums(a->min, b->min) && same_nums(a->max, b->max) &&
           same_nums(a->optimal, b->optimal);
}

static bool is_new_enough(const struct node *n)
{
    enum { LIVE_BUILD = 26100 };

    return n->build.known && n->build.value >= LIVE_BUILD;
}

/* Every GPU that it could land on takes it as it is. */
static bool node_takes(const struct moving *m, const struct gpu *from, uint32_t node)
{
    bool any = false;

    for (uint32_t i = 0; i < m->x.have->gpu_count; i++) {
        const struct gpu *g = &m->x.have->gpus[i];

        if (g->node != node || g->state != GPU_PARTITIONED)
            continue;
        any = true;
        if (g->incoming_migration != TRI_YES || count_changes(m, i) || !same_shape(from, g))
            return false;
    }
    return any;
}

bool mover_live(const struct moving *m, const struct mover *row, uint32_t node)
{
    const struct vm *vm = &m->x.have->vms[row->vm];
    const struct node *nodes = m->x.have->nodes;
    uint32_t gpu;

    if (m->stops[row->vm] || vm->power != POWER_RUNNING || m->needs[row->vm].pool ||
        vm->request_count)
        return false; /* D7 */
    if (!vm->adapter_count)
        return true;
    gpu = gpu_under(m, vm);
    if (gpu == NO_INDEX || !is_new_enough(&nodes[vm->node]) || !is_new_enough(&nodes[node]))
        return false;
    for (size_t i = 0; i < vm->adapter_count; i++)
        if (vm->adapters[i].outgoing_migration != TRI_YES || vm->adapters[i].pin)
            return false;
    return node_takes(m, &m->x.have->gpus[gpu], node) && !m->busy[node];
}

/* ---- who must go ---- */

enum hinders {
    NO_ROW,
    REFUSED,
    NOT_MOVED,
    WATCHED,
    PROTECTED,
    NO_ROLE,
    SEVERAL_POOLS,
    PINNED,
    SAVED,
    PAUSED,
    CRITICAL,
    POWER_WATCHED,
    NEVER_STOPPED
};
static const struct hindrance hinders[] = {
    [NO_ROW] = {"it has no row", NULL}, /* diff_targets.c names the row to paste */
    [REFUSED] = {"nothing may be done to it", "what releases it, or moving it by hand"},
    [NOT_MOVED] = {"its row says move: never", "move: allowed in its row, or moving it by hand"},
    [WATCHED] = {"it is only watched, or expected where it is",
                 "manage: enforce, and no entry of policy.expected, or moving it by hand"},
    [PROTECTED] = {"it is protected", "taking it out of policy.protect, or moving it by hand"},
    [NO_ROLE] = {"it is no role of the cluster", "making it one, or moving it by hand"},
    [SEVERAL_POOLS] = {"it has a fixed device, or devices of several pools",
                       "devices of one pool, or moving it by hand"},
    [PINNED] = {"an adapter of it is pinned", "an adapter without a pin, or moving it by hand"},
    [SAVED] = {"it is saved", "starting it, or turning it off"},
    [PAUSED] = {"it is paused", "letting it run, or turning it off"},
    [CRITICAL] = {"it is critical", "repairing it, or turning it off"},
    [POWER_WATCHED] = {"its power is only watched, and no node takes it running",
                       "manage: enforce for its power, or moving it by hand"},
    [NEVER_STOPPED] = {"somebody wrote disruption: never, and no node takes it running",
                       "disruption: allowed, or moving it by hand"},
};

const struct hindrance *never_stopped(const struct moving *m, uint32_t vm)
{
    uint32_t row = m->x.want->of_vm[vm];
    const struct target_vm *t = row == NO_INDEX ? NULL : &m->x.want->vms[row];

    if (!t || m->x.have->vms[vm].power != POWER_RUNNING)
        return NULL;
    if (t->is_protected)
        return &hinders[PROTECTED];
    if (manage_power(&t->wish->manage) != MANAGE_ENFORCE)
        return &hinders[POWER_WATCHED];
    return wish_forbids_stop(t->wish) ? &hinders[NEVER_STOPPED] : NULL;
}

static bool any_pinned(const struct moving *m, uint32_t vm)
{
    const struct vm *row = &m->x.have->vms[vm];
    const struct image *im = image_of(m, vm);
    bool asked = im && (im->fields & IMAGE_ADAPTERS);

    for (size_t i = 0; i < (asked ? im->adapter_count : row->adapter_count); i++)
        if (asked ? im->adapters[i].pin != NULL
                  : row->adapters[i].pin || row->adapters[i].pin_unknown)
            return true;
    return false;
}

/* NULL: nothing keeps it. */
static const struct hindrance *why_stuck(const struct moving *m, uint32_t vm)
{
    const struct vm *row = &m->x.have->vms[vm];
    uint32_t t = m->x.want->of_vm[vm];
    const struct target_vm *target = t == NO_INDEX ? NULL : &m->x.want->vms[t];
    bool several = false;

    if (!target)
        return &hinders[NO_ROW];
    if (target->refused)
        return &hinders[REFUSED];
    if (!target->wish->move)
        return &hinders[NOT_MOVED];
    if (target->wish->manage.of[PART_VMS] != MANAGE_ENFORCE || (target->left >> FIELD_VM_NODE & 1))
        return &hinders[WATCHED];
    if (target->is_protected)
        return &hinders[PROTECTED];
    if (!row->role.clustered)
        return &hinders[NO_ROLE];
    (void)pool_of(m, vm, &several);
    if (several)
        return &hinders[SEVERAL_POOLS];
    if (any_pinned(m, vm))
        return &hinders[PINNED];
    return row->power == POWER_SAVED      ? &hinders[SAVED]
           : row->power == POWER_PAUSED   ? &hinders[PAUSED]
           : row->power == POWER_CRITICAL ? &hinders[CRITICAL]
                                          : NULL;
}

static struct mover *add_mover(struct moving *m, uint32_t vm, enum move_cause cause,
                               const struct span *at)
{
    struct mover *row = arena_push(m->d->arena, m->rows, m->count, m->room);

    *row = (struct mover){.vm = vm,
                          .row = m->x.want->of_vm[vm],
                          .cause = cause,
                          .at = at,
                          .wanted = NO_INDEX,
                          .to = NO_INDEX,
                          .stuck = why_stuck(m, vm)};
    m->goes[vm] = true;
    return row;
}

/* One that nobody may stop keeps what its row takes away. */
static bool has_gpu_after(const struct moving *m, uint32_t vm)
{
    const struct vm *row = &m->x.have->vms[vm];
    const struct image *im = image_of(m, vm);

    if (vm_adapters(row) + vm_requests(row) && never_stopped(m, vm))
        return true;
    return after_adapters(&m->x, vm) > 0 ||
           (im && (im->fields & IMAGE_REQUESTS) ? im->request_count : vm_requests(row)) > 0;
}

/* V9: it sits on the card, or is to start or to get a partition that could land on it. */
static bool must_leave_card(const struct moving *m, uint32_t vm, const struct target_leaving *row)
{
    const struct vm *v = &m->x.have->vms[vm];
    uint32_t t = m->x.want->of_vm[vm];
    const struct debt *owed = ledger_debt(m->d->owed, v->id);

    if (!after_adapters(&m->x, vm))
        return false; /* it lets go of it where it is */
    if (target_leaving_under(m->x.want, m->x.have, v) == row)
        return true;
    if (t == NO_INDEX || m->x.want->vms[t].refused ||
        !target_may_land(m->x.want, m->x.have, v->node, NULL))
        return false;
    return after_adapters(&m->x, vm) > vm_adapters(v) ||
           (v->power == POWER_OFF && (m->x.want->vms[t].wish->power == POWER_WISH_RUNNING || owed));
}

/* V9: it let go of a card that leaves, and gets nothing on its node before that is over. */
static bool waits_here(const struct moving *m, uint32_t vm)
{
    const struct vm *row = &m->x.have->vms[vm];
    uint32_t t = m->x.want->of_vm[vm];

    return row->power == POWER_OFF && !vm_adapters(row) && !vm_requests(row) &&
           target_leaving_on(m->x.want, row->node) && t != NO_INDEX &&
           !m->x.want->vms[t].wish->move;
}

static void find_cause(struct moving *m, uint32_t vm)
{
    const struct target *want = m->x.want;
    uint32_t node = m->x.have->vms[vm].node, t = want->of_vm[vm];
    uint32_t leaving = node == NO_INDEX ? NO_INDEX : want->leaving_of[node];

    if (node == NO_INDEX || m->x.have->vms[vm].hidden)
        return;
    if (t != NO_INDEX && want->vms[t].goes_to != NO_INDEX && !want->vms[t].refused)
        add_mover(m, vm, MOVE_WANTED, &want->vms[t].at)->wanted = want->vms[t].goes_to;
    else if (want->drained[node] && has_gpu_after(m, vm) && !waits_here(m, vm))
        add_mover(m, vm, MOVE_DRAIN, want->drained[node]);
    else if (t != NO_INDEX && leaving != NO_INDEX && want->leaving[leaving].moves &&
             !want->leaving[leaving].watched && must_leave_card(m, vm, &want->leaving[leaving]))
        add_mover(m, vm, MOVE_LEAVING, &want->leaving[leaving].at);
}

void movers_find(struct moving *m)
{
    for (uint32_t v = 0; v < m->x.have->vm_count; v++) {
        const struct vm *vm = &m->x.have->vms[v];

        find_cause(m, v);
        if (vm->node != NO_INDEX && (m->goes[v] || vm_adapters(vm) > after_adapters(&m->x, v)))
            m->busy[vm->node] = true;
    }
}

/* ---- who has no room at home (V2) ---- */

static uint64_t held_now(const struct moving *m, uint32_t vm, const char *pool)
{
    const struct vm *row = &m->x.have->vms[vm];

    return pool ? requests_now(row, pool) : vm_adapters(row);
}

/* What a VM takes of a pool, or of the partitions. */
static uint64_t taken(const struct moving *m, uint32_t vm, const char *pool)
{
    const struct need *need = &m->needs[vm];

    return (pool ? str_eq(need->pool, pool) : !need->pool) ? need->units : 0;
}

static bool may_look_elsewhere(const struct moving *m, uint32_t vm)
{
    uint32_t t = m->x.want->of_vm[vm];

    return t != NO_INDEX && !m->x.want->vms[t].refused && m->x.want->vms[t].wish->move &&
           !why_stuck(m, vm);
}

/* In the order of the VMs, as the planner admits them: whoever does not fit looks elsewhere. */
static void overflow(struct moving *m, const char *pool)
{
    const struct state *have = m->x.have;
    uint64_t *room = arena_array(m->d->arena, uint64_t, have->node_count + 1);

    for (uint32_t i = 0; i < have->gpu_count; i++)
        room[have->gpus[i].node] +=
            pool ? str_eq(after_pool(&m->x, i), pool) : after_count(&m->x, i, true);
    for (uint32_t v = 0; v < have->vm_count; v++) { /* what is there, and who was placed there */
        uint64_t now = held_now(m, v, pool), units = taken(m, v, pool);

        if (m->x.diff->vm_node[v] != NO_INDEX)
            room[m->x.diff->vm_node[v]] =
                less(room[m->x.diff->vm_node[v]], m->goes[v] || units < now ? units : now);
    }
    for (uint32_t v = 0; v < have->vm_count; v++) {
        uint32_t node = m->x.diff->vm_node[v];
        uint64_t now = held_now(m, v, pool), units = taken(m, v, pool);

        if (node == NO_INDEX || m->goes[v] || units <= now)
            continue;
        if (units - now <= room[node])
            room[node] -= units - now;
        else if (may_look_elsewhere(m, v))
            add_mover(m, v, MOVE_ROOM, &m->x.want->vms[m->x.want->of_vm[v]].at);
    }
}

static bool is_first(const struct target *want, size_t pool)
{
    for (size_t i = 0; i < pool; i++)
        if (str_eq(want->pools[i].name, want->pools[pool].name))
            return false;
    return true;
}

void movers_without_room(struct moving *m)
{
    overflow(m, NULL);
    for (size_t i = 0; i < m->x.want->pool_count; i++)
        if (is_first(m->x.want, i))
            overflow(m, m->x.want->pools[i].name);
}

/* ---- who would be stopped for a count (P4) ---- */

void movers_off_counts(struct moving *m)
{
    for (uint32_t v = 0; v < m->x.have->vm_count; v++) {
        const struct vm *vm = &m->x.have->vms[v];
        uint32_t gpu = vm->power == POWER_RUNNING && !m->goes[v] ? gpu_under(m, vm) : NO_INDEX;

        if (gpu != NO_INDEX && count_changes(m, gpu) && !m->stops[v] && may_look_elsewhere(m, v))
            add_mover(m, v, MOVE_COUNT, &m->x.want->gpus[m->x.want->of_gpu[gpu]].at);
    }
}
