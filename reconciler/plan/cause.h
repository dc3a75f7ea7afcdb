/*
 * What of a plan a change to the specs brings, and what would be there without
 * it: the plan held against the one that the specs of before it make of the
 * same world.
 */
#ifndef PLAN_CAUSE_H
#define PLAN_CAUSE_H

#include "plan/plan.h"

/*
 * Marks every change, problem and aside of `plan`, and lists what only `before`
 * has.  `before` was made of the same state; NULL: there was no such cluster,
 * and all of it is the change's.  Linear in both.
 */
void plan_cause(struct arena *a, struct plan *plan, const struct plan *before);
#endif
