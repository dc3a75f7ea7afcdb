/*
 * A look with a deadline: a world that does not answer costs the time that a
 * call may take, and never the process.
 */
#ifndef FLEET_SIGHT_H
#define FLEET_SIGHT_H

#include "fleet/fleet.h"

/* Looks at the item's world; fills pass.have and sets pass.seen.  ERR_UNSEEN: it took too long. */
bool sight_see(struct fleet_item *item, struct err *e) MUST_CHECK;
/* Gives back what the looks of this item hold; pass.have is gone then. */
void sight_close(struct fleet_item *item);

#endif
