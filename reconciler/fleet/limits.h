/*
 * What bounds a pass beside its spec: Policies (P5), how old a snapshot may be,
 * and an operator's override with its end (P6).
 */
#ifndef FLEET_LIMITS_H
#define FLEET_LIMITS_H

#include "fleet/fleet.h"

/* Makes the item's spec as strict as the Policies that bind it; before anything is looked at. */
void limits_policies(struct fleet_item *item);
/* P12: do they want to know who wrote the spec? */
bool limits_want_author(const struct fleet_item *item);
/*
 * Behind a look: is a snapshot young enough (ERR_UNSEEN), and does an override
 * have an end that may be (ERR_USAGE)?  Then what it lifts is lifted.
 */
bool limits_judge(struct fleet_item *item, struct err *e) MUST_CHECK;
/*
 * May a saved plan still be carried out, under the Policies of now, and now?  ERR_STALE.  What they
 * want approved (P12) becomes the plan's.
 */
bool limits_of_file(struct fleet_item *item, struct plan *plan, struct err *e) MUST_CHECK;

#endif
