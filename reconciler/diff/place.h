/*
 * Who goes where: movers onto nodes, with the fewest interruptions.  A flow
 * problem on small numbers, and nothing else; diff_targets.c knows what it is
 * about (M8, specs/decisions/025).
 */
#ifndef DIFF_PLACE_H
#define DIFF_PLACE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLACE_FREE, PLACE_COSTS, PLACE_NEVER }; /* a live move, an interruption, no way */

/* Movers that are alike: for each of them a node costs the same. */
struct place_class {
    const uint8_t *cost; /* by node: one of PLACE_* */
    size_t count;        /* movers */
    uint32_t *on;        /* by node: how many go there; filled by place_all() */
    size_t left;         /* movers that no node can take; filled by place_all() */
};

/*
 * Movers of one size, one place each.  As many as can be are placed, and of
 * all ways to place so many one with the least cost is taken; among nodes that
 * cost the same the one with most room, then the first.  `room`: by node, in
 * movers; what is taken is taken off.
 */
void place_all(struct arena *a, struct place_class *classes, size_t class_count, uint64_t *room,
               size_t node_count);

#endif
