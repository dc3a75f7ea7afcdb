/* Which world a spec means, and the door to it. */
#ifndef FLEET_DOOR_H
#define FLEET_DOOR_H

#include "fleet/fleet.h"

/*
 * Opens the world of `item` (--from, --sim, or its spec's connect) and says in
 * `origin` and `lasting` what it is.  ERR_UNSUPPORTED: this machine cannot be
 * managed on this system yet.
 */
bool door_open(struct fleet_item *item, struct err *e) MUST_CHECK;
/* The same for the world of a saved plan. */
bool door_open_plan(struct fleet_item *item, const struct plan_file *file,
                    struct err *e) MUST_CHECK;
void door_close(struct fleet_item *item);

/* The store of a world that was seen: the ledger on disk, or a twin for what is in memory. */
bool door_store(struct fleet_item *item, bool write, struct err *e) MUST_CHECK;

#endif
