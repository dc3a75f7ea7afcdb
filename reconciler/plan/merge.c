/*
 * Units that need each other become one group; the groups then form a DAG,
 * and stand in an order in which needs come first.
 */
#include "plan/units.h"

#include <string.h>

/* Tarjan's strongly connected components, with a stack of its own: a plan can be deep. */
struct walk {
    struct draft *d;
    uint32_t *index, *low, *stack, *path, *next;
    bool *on_stack;
    uint32_t counter, groups;
    size_t stack_size, path_size;
};

static void enter(struct walk *w, uint32_t unit)
{
    w->index[unit] = w->low[unit] = ++w->counter;
    w->stack[w->stack_size++] = unit;
    w->on_stack[unit] = true;
    w->path[w->path_size++] = unit;
}

static void leave(struct walk *w, uint32_t unit)
{
    w->path_size--;
    if (w->path_size && w->low[unit] < w->low[w->path[w->path_size - 1]])
        w->low[w->path[w->path_size - 1]] = w->low[unit];
    if (w->low[unit] != w->index[unit])
        return;
    for (uint32_t top = NO_INDEX; top != unit;) {
        top = w->stack[--w->stack_size];
        w->on_stack[top] = false;
        w->d->units[top].group = w->groups;
    }
    w->groups++;
}

static void walk_from(struct walk *w, uint32_t start)
{
    enter(w, start);
    while (w->path_size) {
        uint32_t unit = w->path[w->path_size - 1];
        const struct index_list *needs = &w->d->units[unit].needs;

        if (w->next[unit] == needs->count) {
            leave(w, unit);
            continue;
        }
        uint32_t first = needs->rows[w->next[unit]++];

        if (!w->index[first])
            enter(w, first);
        else if (w->on_stack[first] && w->index[first] < w->low[unit])
            w->low[unit] = w->index[first];
    }
}

static void gather_needs(struct draft *d, struct plan_group *group, uint32_t self)
{
    struct index_list needs = {0};

    for (size_t i = 0; i < d->unit_count; i++)
        if (d->units[i].group == self)
            for (size_t k = 0; k < d->units[i].needs.count; k++) {
                uint32_t first = d->units[d->units[i].needs.rows[k]].group;

                if (first != self && !list_has(&needs, first))
                    list_add(d->arena, &needs, first);
            }
    group->needs = needs.rows;
    group->need_count = needs.count;
}

/*
 * Components come out of the walk in an order in which what is needed is
 * complete first, so their numbers are that order already.
 */
void units_merge(struct draft *d)
{
    size_t n = d->unit_count;
    struct walk w = {.d = d};
    bool lonely = true;

    w.index = arena_array(d->arena, uint32_t, n + 1);
    w.low = arena_array(d->arena, uint32_t, n + 1);
    w.stack = arena_array(d->arena, uint32_t, n + 1);
    w.path = arena_array(d->arena, uint32_t, n + 1);
    w.next = arena_array(d->arena, uint32_t, n + 1);
    w.on_stack = arena_array(d->arena, bool, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        lonely &= d->units[i].needs.count == 0;
        if (!w.index[i])
            walk_from(&w, i);
    }
    d->plan->groups = arena_array(d->arena, struct plan_group, w.groups + 1);
    d->plan->group_count = w.groups;
    for (uint32_t i = 0; i < w.groups; i++) {
        d->plan->groups[i].node = NO_INDEX;
        d->plan->groups[i].reason = REASON_NONE;
        if (!lonely)
            gather_needs(d, &d->plan->groups[i], i);
    }
}
