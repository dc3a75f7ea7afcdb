/*
 * What --only and --exclude choose of what was found (P9): the whole is judged,
 * and the findings of the chosen are told of and counted.
 */
#ifndef FLEET_CHOSEN_H
#define FLEET_CHOSEN_H

#include "fleet/fleet.h"

/* Takes out of `d` what is not chosen; it says how many there were. */
void chosen_drift(struct fleet_item *item, const struct choice *choice, struct drift *d);
/* A plan of the same world with the differences of what is chosen, to be told and not run. */
void chosen_plan(struct fleet_item *item, const struct choice *choice, struct plan *plan);

#endif
