/* Which Policy stands behind what does not run (P5). */
#ifndef PLAN_CEILINGS_H
#define PLAN_CEILINGS_H

#include "plan/plan.h"

/* Where a Policy made stricter what holds a group or a subject up, its release names the place. */
void ceilings_tell(struct arena *a, struct plan *plan);

#endif
