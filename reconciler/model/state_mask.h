/* A look without names: what can be shown to others, and is planned for as well as the look itself.
 */
#ifndef MODEL_STATE_MASK_H
#define MODEL_STATE_MASK_H

#include "model/state.h"

/*
 * Hosts, VMs, pools and the cluster become host-1, vm-1, pool-1 and cluster-1,
 * in the order of their names; the same name is the same word. What the platform
 * said in its own words is left out. Ids, paths and versions stay: they name
 * hardware and objects, and nobody.
 */
void state_mask(struct arena *a, struct state *s);

#endif
