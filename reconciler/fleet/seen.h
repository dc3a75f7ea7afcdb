/* Since when, and how often: what drift finds goes into the history, where there is one. */
#ifndef FLEET_SEEN_H
#define FLEET_SEEN_H

#include "fleet/fleet.h"

/*
 * Remembers this look and fills the findings with what is known of them.  A
 * history that cannot be written is a warning, and is read all the same.
 */
void seen_note(struct fleet_item *item, struct drift *drift);

#endif
