/* One document's way from its spec to a verb's output. */
#ifndef FLEET_UNIT_H
#define FLEET_UNIT_H

#include "fleet/fleet.h"

/* World, look, plan and past, as far as the options want; then `work`.  Never fails: it says. */
void unit_run(struct fleet_item *item, fleet_work *work, void *context);

#endif
