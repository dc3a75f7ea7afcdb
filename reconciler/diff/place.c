/*
 * Successive cheapest paths: one mover more takes the cheapest way of all to a
 * node with room, where others may be sent on to make it.  Such paths keep the
 * whole assignment as cheap as any of its size.
 */
#include "diff/place.h"

#include <string.h>

enum { FAR = 1 << 20 };

/* Vertices: the classes, then the nodes. */
struct search {
    struct place_class *classes;
    size_t class_count, node_count;
    uint64_t *room;
    int *far;        /* cost of the cheapest way to a vertex; FAR: none */
    size_t *through; /* the vertex before it */
};

static bool shorten(struct search *s, size_t from, size_t to, int cost)
{
    if (s->far[from] >= FAR || s->far[from] + cost >= s->far[to])
        return false;
    s->far[to] = s->far[from] + cost;
    s->through[to] = from;
    return true;
}

/* A class may go to a node; who is there already may be sent on to another. */
static bool relax(struct search *s)
{
    bool any = false;

    for (size_t c = 0; c < s->class_count; c++)
        for (size_t n = 0; n < s->node_count; n++) {
            const struct place_class *row = &s->classes[c];

            if (row->cost[n] == PLACE_NEVER)
                continue;
            any |= shorten(s, c, s->class_count + n, row->cost[n]);
            if (row->on[n])
                any |= shorten(s, s->class_count + n, c, -(int)row->cost[n]);
        }
    return any;
}

/* The cheapest node with room, of those the one with most; node_count: none can be reached. */
static size_t cheapest(const struct search *s)
{
    size_t best = s->node_count;

    for (size_t n = 0; n < s->node_count; n++) {
        int far = s->far[s->class_count + n];

        if (!s->room[n] || far >= FAR)
            continue;
        if (best == s->node_count || far < s->far[s->class_count + best] ||
            (far == s->far[s->class_count + best] && s->room[n] > s->room[best]))
            best = n;
    }
    return best;
}

/* One mover more, of whatever class it costs least for; false: nobody can be placed any more. */
static bool place_one(struct search *s)
{
    size_t vertices = s->class_count + s->node_count, at, best;

    for (size_t i = 0; i < vertices; i++) {
        s->far[i] = i < s->class_count && s->classes[i].left ? 0 : FAR;
        s->through[i] = SIZE_MAX;
    }
    while (relax(s))
        ;
    best = cheapest(s);
    if (best == s->node_count)
        return false;
    s->room[best]--;
    for (at = s->class_count + best; s->through[at] != SIZE_MAX; at = s->through[at]) {
        size_t from = s->through[at];

        if (at >= s->class_count)
            s->classes[from].on[at - s->class_count]++;
        else
            s->classes[at].on[from - s->class_count]--;
    }
    s->classes[at].left--;
    return true;
}

void place_all(struct arena *a, struct place_class *classes, size_t class_count, uint64_t *room,
               size_t node_count)
{
    struct search s = {classes, class_count, node_count, room, NULL, NULL};

    s.far = arena_array(a, int, class_count + node_count + 1);
    s.through = arena_array(a, size_t, class_count + node_count + 1);
    for (size_t c = 0; c < class_count; c++) {
        classes[c].on = arena_array(a, uint32_t, node_count + 1);
        classes[c].left = classes[c].count;
    }
    while (place_one(&s))
        ;
}
