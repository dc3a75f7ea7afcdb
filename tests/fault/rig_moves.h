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
/* This commit was recorded. */
void moves_recorded(struct rig *r, const struct commit *c);
/* At every instant: first what a live move took off when it broke, then the laws. */
void moves_broken(struct rig *r);
bool moves_broke(const struct rig *r, const char *vm);
const char *moves_instant(struct rig *r);
/* Is a VM off by a group that was opened when we knew already that a live move had broken? */
bool moves_begun_beside(const struct rig *r);
/* At a quiet end; `want` is of `have`. */
const char *moves_end(struct rig *r, const struct target *want, const struct state *have);

#endif
