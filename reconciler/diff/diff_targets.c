/*
 * Where VMs go that must leave their node (M8): all targets are found here,
 * before anything is planned.  A drained node is emptied whole or not at all.
 */
#include "diff/mover.h"

#include "base/str.h"
#include "diff/place.h"

#include <stdlib.h>
#include <string.h>

static bool is_active(const struct moving *m, const struct mover *row)
{
    return !row->stuck &&
           !(row->cause == MOVE_DRAIN && m->blocked[m->x.have->vms[row->vm].node].is);
}

/* ---- one round ---- */

static int by_need(const void *x, const void *y)
{
    const struct need *a = x, *b = y;
    int c = (a->units < b->units) - (a->units > b->units); /* the large ones first */

    if (!c)
        c = (a->size == 0) - (b->size == 0); /* then those that ask for a size */
    if (!c)
        c = (a->size > b->size) - (a->size < b->size);
    return c ? c : str_cmp(a->pool ? a->pool : "", b->pool ? b->pool : "");
}

static bool same_need(const struct need *a, const struct need *b)
{
    return a->units == b->units && a->size == b->size && str_eq(a->pool, b->pool);
}

/* The different needs of the active movers from `from` on, in the order in which they are met. */
static size_t list_needs(const struct moving *m, size_t from, struct need *out)
{
    size_t n = 0;

    for (size_t i = from; i < m->count; i++) {
        const struct need *need = &m->needs[m->rows[i].vm];
        size_t k = 0;

        while (k < n && !same_need(&out[k], need))
            k++;
        if (k == n && is_active(m, &m->rows[i]))
            out[n++] = *need;
    }
    qsort(out, n, sizeof *out, by_need);
    return n;
}

/* Movers with the same need, by what each node would cost them. */
struct classes {
    struct place_class *rows;
    size_t count, room;
    uint32_t *of; /* by mover: its class; NO_INDEX: not of this need */
};

static void fill_costs(const struct moving *m, const struct mover *row, uint8_t *cost)
{
    const struct vm *vm = &m->x.have->vms[row->vm];
    bool stays_on = row->cause == MOVE_COUNT || never_stopped(m, row->vm);

    for (uint32_t n = 0; n < m->x.have->node_count; n++) {
        if (n == vm->node || m->closed[n] || (row->wanted != NO_INDEX && row->wanted != n))
            cost[n] = PLACE_NEVER;
        else if (mover_live(m, row, n))
            cost[n] = PLACE_FREE;
        else if (stays_on)
            cost[n] = PLACE_NEVER;
        else
            cost[n] = m->stops[row->vm] ? PLACE_FREE : PLACE_COSTS;
    }
}

static void add_class(struct moving *m, struct classes *all, size_t mover)
{
    size_t nodes = m->x.have->node_count, k = 0;
    uint8_t *cost = arena_array(m->d->arena, uint8_t, nodes + 1);

    fill_costs(m, &m->rows[mover], cost);
    while (k < all->count && memcmp(all->rows[k].cost, cost, nodes) != 0)
        k++;
    if (k == all->count)
        *arena_push(m->d->arena, all->rows, all->count, all->room) =
            (struct place_class){.cost = cost};
    all->rows[k].count++;
    all->of[mover] = (uint32_t)k;
}

/* In their order, each to the node to which most of its kind go. */
static void hand_out(struct moving *m, struct classes *all, size_t from)
{
    for (size_t i = from; i < m->count; i++) {
        uint32_t *on, best = 0;

        if (all->of[i] == NO_INDEX)
            continue;
        on = all->rows[all->of[i]].on;
        for (uint32_t n = 1; n < m->x.have->node_count; n++)
            best = on[n] > on[best] ? n : best;
        if (!on[best])
            continue;
        on[best]--;
        m->rows[i].to = best;
        m->d->out->vm_node[m->rows[i].vm] = best;
    }
}

static void place_need(struct moving *m, size_t from, const struct need *need)
{
    size_t nodes = m->x.have->node_count;
    uint64_t *room = arena_array(m->d->arena, uint64_t, nodes + 1);
    struct classes all = {.of = arena_array(m->d->arena, uint32_t, m->count + 1)};

    memset(all.of, 0xff, (m->count + 1) * sizeof *all.of);
    for (size_t i = from; i < m->count; i++)
        if (is_active(m, &m->rows[i]) && same_need(&m->needs[m->rows[i].vm], need))
            add_class(m, &all, i);
    for (uint32_t n = 0; n < nodes; n++)
        room[n] = need->units ? node_room(m, n, need) / need->units : m->count;
    place_all(m->d->arena, all.rows, all.count, room, nodes);
    hand_out(m, &all, from);
}

/* Everybody from `from` on, anew: who goes is nowhere until it is placed. */
static void place_round(struct moving *m, size_t from)
{
    struct need *needs = arena_array(m->d->arena, struct need, m->count + 1);
    size_t count;

    for (size_t i = from; i < m->count; i++) {
        struct mover *row = &m->rows[i];

        row->to = NO_INDEX;
        m->d->out->vm_node[row->vm] = is_active(m, row) ? NO_INDEX : m->x.have->vms[row->vm].node;
    }
    count = list_needs(m, from, needs);
    for (size_t i = 0; i < count; i++)
        place_need(m, from, &needs[i]);
    for (size_t i = from; i < m->count; i++)
        if (m->rows[i].to == NO_INDEX)
            m->d->out->vm_node[m->rows[i].vm] = m->x.have->vms[m->rows[i].vm].node;
}

/* ---- drains: all or nobody ---- */

/* The first who must leave a drained node and cannot; NULL: none, but where that is known. */
static const struct mover *stuck_drain(const struct moving *m)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct mover *row = &m->rows[i];

        if (row->cause == MOVE_DRAIN && row->to == NO_INDEX &&
            !m->blocked[m->x.have->vms[row->vm].node].is)
            return row;
    }
    return NULL;
}

/* Of those who cannot go, one whom something keeps is named before one who finds no room. */
static void block_drain(struct moving *m, const struct mover *first)
{
    uint32_t node = m->x.have->vms[first->vm].node;
    struct blocked *out = &m->blocked[node];

    *out = (struct blocked){.is = true, .by = (uint32_t)(first - m->rows)};
    for (uint32_t i = 0; i < m->count; i++) {
        const struct mover *row = &m->rows[i];

        if (row->cause != MOVE_DRAIN || m->x.have->vms[row->vm].node != node)
            continue;
        out->could += row->to != NO_INDEX;
        if (row->stuck && !m->rows[out->by].stuck)
            out->by = i;
    }
}

static void place_movers(struct moving *m)
{
    size_t first;
    const struct mover *stuck;

    do {
        place_round(m, 0);
        stuck = stuck_drain(m);
        if (stuck)
            block_drain(m, stuck);
    } while (stuck);
    first = m->count;
    movers_without_room(m);
    if (m->count > first)
        place_round(m, first);
    first = m->count;
    movers_off_counts(m);
    if (m->count > first)
        place_round(m, first);
}

/* ---- what comes of it ---- */

static const char *need_text(struct moving *m, const struct need *need)
{
    struct arena *a = m->d->arena;

    if (need->pool)
        return arena_printf(a, "%llu device%s of pool %s", (unsigned long long)need->units,
                            need->units == 1 ? "" : "s", need->pool);
    return arena_printf(
        a, "%llu partition%s%s", (unsigned long long)need->units, need->units == 1 ? "" : "s",
        need->size ? arena_printf(a, " of %llu MiB", (unsigned long long)(need->size / MIB)) : "");
}

/* " beside 2 other VMs of hv-1": those who could go, if it could. */
static const char *beside_text(struct moving *m, const struct mover *row)
{
    uint32_t node = m->x.have->vms[row->vm].node;
    size_t could = row->cause == MOVE_DRAIN ? m->blocked[node].could : 0;

    return could ? arena_printf(m->d->arena, " beside %zu other VM%s of %s", could,
                                could == 1 ? "" : "s", m->x.have->nodes[node].name)
                 : "";
}

static const char *release_of(struct moving *m, const struct mover *row)
{
    const struct hindrance *stays_on = never_stopped(m, row->vm);

    if (row->row == NO_INDEX)
        return arena_printf(m->d->arena,
                            "the row  - {name: %s, gpu: asFound}  or moving it by hand",
                            m->x.have->vms[row->vm].name);
    if (row->stuck)
        return row->stuck->release;
    return stays_on ? stays_on->release : reason_rows[REASON_NO_TARGET].release;
}

static const char *why_unplaced(struct moving *m, const struct mover *row)
{
    const char *closed = row->wanted == NO_INDEX ? NULL : m->closed[row->wanted];
    const struct hindrance *stays_on = never_stopped(m, row->vm);

    if (row->stuck)
        return row->stuck->why;
    if (closed)
        return closed;
    if (stays_on)
        return stays_on->why;
    if (row->wanted == NO_INDEX)
        return arena_printf(m->d->arena, "no other node has room for %s%s",
                            need_text(m, &m->needs[row->vm]), beside_text(m, row));
    return arena_printf(m->d->arena, "%s has no room for %s", m->x.have->nodes[row->wanted].name,
                        need_text(m, &m->needs[row->vm]));
}

static void say_unplaced(struct moving *m, const struct mover *row, enum reason reason,
                         const char *text, const char *release)
{
    const struct vm *vm = &m->x.have->vms[row->vm];
    struct problem *p =
        problem_add(&m->d->out->problems, reason, SUBJECT_VM,
                    arena_printf(m->d->arena, "vm/%s", vm->name), row->at, "%s", text);

    p->vm = row->vm;
    p->row = row->row;
    p->release = release;
    if (row->row != NO_INDEX)
        p->manage = m->x.want->vms[row->row].wish->manage.of[PART_VMS];
}

static void tell_unplaced(struct moving *m, const struct mover *row)
{
    uint32_t node = m->x.have->vms[row->vm].node;
    const struct mover *who = row->cause == MOVE_DRAIN ? &m->rows[m->blocked[node].by] : row;
    const char *name = m->x.have->vms[who->vm].name;

    if (row->cause == MOVE_ROOM || row->cause == MOVE_COUNT)
        return; /* it stays: the planner says that there is no room (V3), or stops it (C4) */
    if (who == row || row->stuck)
        say_unplaced(m, row, REASON_NO_TARGET, why_unplaced(m, row), release_of(m, row));
    else
        say_unplaced(m, row, REASON_DRAIN_BLOCKED,
                     arena_printf(m->d->arena, "%s cannot leave %s: %s", name,
                                  m->x.have->nodes[node].name, why_unplaced(m, who)),
                     arena_printf(m->d->arena, "for %s: %s", name, release_of(m, who)));
}

static const char *rule_of(const struct mover *row, bool live)
{
    static const char *const rules[] = {[MOVE_WANTED] = "M8",
                                        [MOVE_DRAIN] = "M8",
                                        [MOVE_LEAVING] = "V9",
                                        [MOVE_ROOM] = "V2",
                                        [MOVE_COUNT] = "P4"};

    return live ? "M1" : rules[row->cause];
}

/* The change that each mover is, and what it writes. */
static struct change change_of(struct moving *m, const struct mover *row)
{
    const struct vm *vm = &m->x.have->vms[row->vm];
    struct image *im = &m->d->out->vm_images[row->row];

    im->fields |= IMAGE_NODE;
    im->node = m->x.have->nodes[row->to].name;
    im->live = mover_live(m, row, row->to);
    return (struct change){.kind = SUBJECT_VM,
                           .gpu = NO_INDEX,
                           .vm = row->vm,
                           .pool = NO_INDEX,
                           .field = FIELD_VM_NODE,
                           .grade = GRADE_DECLARED,
                           .needs_off = !im->live,
                           .have = m->x.have->nodes[vm->node].name,
                           .want = im->node,
                           .rule = rule_of(row, im->live),
                           .at = *row->at};
}

static int by_vm(const void *x, const void *y)
{
    const struct change *a = x, *b = y;

    return (a->vm > b->vm) - (a->vm < b->vm);
}

/* Moves stand before the other changes of their VM. */
static void add_changes(struct differ *d, struct change *moves, size_t count)
{
    struct change *out = arena_array(d->arena, struct change, d->out->change_count + count + 1);
    size_t n = 0, k = 0;

    qsort(moves, count, sizeof *moves, by_vm);
    for (size_t i = 0; i < d->out->change_count; i++) {
        const struct change *c = &d->out->changes[i];

        while (c->kind == SUBJECT_VM && k < count && moves[k].vm <= c->vm)
            out[n++] = moves[k++];
        out[n++] = *c;
    }
    while (k < count)
        out[n++] = moves[k++];
    d->out->changes = out;
    d->out->change_count = n;
    d->change_room = n;
}

static void tell(struct moving *m)
{
    struct change *moves = arena_array(m->d->arena, struct change, m->count + 1);
    size_t count = 0;

    for (size_t i = 0; i < m->count; i++)
        if (m->rows[i].to == NO_INDEX)
            tell_unplaced(m, &m->rows[i]);
        else
            moves[count++] = change_of(m, &m->rows[i]);
    if (count)
        add_changes(m->d, moves, count);
}

/* Does anything in the declaration ask for a move? */
static bool any_asked(const struct differ *d)
{
    for (size_t i = 0; i < d->have->node_count; i++)
        if (d->want->drained[i])
            return true;
    for (size_t i = 0; i < d->want->vm_count; i++)
        if (d->want->vms[i].goes_to != NO_INDEX || d->want->vms[i].wish->move)
            return true;
    return false;
}

void diff_moves(struct differ *d)
{
    size_t vms = d->have->vm_count, nodes = d->have->node_count;
    struct moving m = {.d = d, .x = {d->want, d->have, d->out}};

    d->out->vm_node = arena_array(d->arena, uint32_t, vms + 1);
    for (size_t i = 0; i < vms; i++)
        d->out->vm_node[i] = d->have->vms[i].node;
    if (!any_asked(d))
        return;
    m.needs = arena_array(d->arena, struct need, vms + 1);
    m.stops = arena_array(d->arena, bool, vms + 1);
    m.goes = arena_array(d->arena, bool, vms + 1);
    m.busy = arena_array(d->arena, bool, nodes + 1);
    m.blocked = arena_array(d->arena, struct blocked, nodes + 1);
    m.closed = arena_array(d->arena, const char *, nodes + 1);
    nodes_close(&m);
    needs_find(&m);
    movers_find(&m);
    place_movers(&m);
    tell(&m);
}
