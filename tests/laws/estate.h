/*
 * Random estates, from a seed: a world and a spec as rows of text, so that
 * they can be put in another order.
 */
#ifndef TESTS_LAWS_ESTATE_H
#define TESTS_LAWS_ESTATE_H

#include "tests/fault/rig.h"

struct dice {
    uint64_t s;
};
uint32_t dice_roll(struct dice *d, uint32_t sides);
bool dice_chance(struct dice *d, uint32_t percent);

enum { MOST_ROWS = 96 };

struct estate {
    struct arena *arena;
    const char *nodes[MOST_ROWS], *vms[MOST_ROWS], *rows[MOST_ROWS];
    size_t node_count, vm_count, row_count;
    const char *policy;
    bool standalone;
    bool moves, live; /* VMs may be moved (M8); most nodes take them in running (M1) */
    uint32_t want_count;
    uint32_t drained;    /* this node shall be empty; 0: none */
    uint32_t most_nodes; /* as many as there will be */
};

void estate_make(struct arena *a, uint64_t seed, struct estate *out);
/* `other_way`: every list back to front, the keys in another order. */
const char *estate_world(const struct estate *e, bool other_way);
const char *estate_spec(const struct estate *e, bool other_way);
/* Both texts read; false with the findings on stdout. */
bool texts_read(struct arena *a, const char *spec, const char *world, struct case_files *out);
bool estate_read(struct arena *a, const struct estate *e, bool other_way, struct case_files *out);

#endif
