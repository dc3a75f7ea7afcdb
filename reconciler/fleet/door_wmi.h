/* The doors that are behind WMI: real hosts, a simulated world shown as they are, a recording. */
#ifndef FLEET_DOOR_WMI_H
#define FLEET_DOOR_WMI_H

#include "base/finding.h"
#include "fleet/fleet.h"

#include <stddef.h>

/*
 * Each sets pass.eye of the item to that of the Hyper-V provider, with a
 * recorder around what it talks to where the options ask for one.
 */

/* As sim_open() of provider/sim.h. */
bool door_wmi_sim(struct fleet_item *item, const char *path, const char *text, size_t size,
                  bool lasting, struct findings *found, struct err *e) MUST_CHECK;
/* What was recorded, in the place of the hosts; it must outlive nothing. */
bool door_wmi_replay(struct fleet_item *item, const char *path, const char *text, size_t size,
                     struct findings *found, struct err *e) MUST_CHECK;
/* Real hosts; `source` is the spec's file, from which a file of credentials is seen. */
bool door_wmi_open(struct fleet_item *item, const char *source, const struct plan_origin *to,
                   struct err *e) MUST_CHECK;
/* Is there Hyper-V on this machine, that can be asked?  Waits no longer than call_ms (0: 30 s). */
bool door_wmi_here(int64_t call_ms);
/* Writes what was recorded, if anything was to be. */
void door_wmi_finish(struct fleet_item *item);

#endif
