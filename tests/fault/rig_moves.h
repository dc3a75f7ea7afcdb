/* The laws of moves (M1, M8, law 5).  Each returns what does not hold, in words, or NULL. */
#ifndef TESTS_FAULT_RIG_MOVES_H
#define TESTS_FAULT_RIG_MOVES_H

#include "rig.h"

/* Once, when a universe begins: where everybody is, and what is on its way. */
void moves_open(struct rig *r);
/* Before the first pass: whom its plan holds, and who goes for a reason of its own. */
void moves_plan(struct rig *r, const struct plan *plan);
/* Before this effect is sent. */
const char *moves_ordered(struct rig *r, const struct action *a);
/* At every instant. */
const char *moves_instant(struct rig *r);
/* At a quiet end; `want` is of `have`. */
const char *moves_end(struct rig *r, const struct target *want, const struct state *have);

#endif
