/*
 * The rig's second door: effects through provider/hyperv on the simulated WMI
 * of the same world.  Open from the first effect of a process to its end.
 */
#ifndef TESTS_FAULT_RIG_WMI_H
#define TESTS_FAULT_RIG_WMI_H

#include "base/err.h"
#include "sim/world.h"

struct cim_net;
struct rig_wmi;

/* Effects go through provider/hyperv, on the world shown as WMI. */
extern bool rig_through_wmi;
/* What the provider reaches the simulated WMI over: a net that takes `sim` over; NULL: directly. */
extern bool (*rig_wmi_over)(struct cim_net *sim, struct cim_net **out, struct err *e);

/* The next call that acts has no answer: nothing was done, or it was. */
enum rig_break { BREAKS_NOT, BREAKS_UNSENT, BREAKS_DONE };

/*
 * As world_perform(); the door is opened where it is not.  *breaks becomes
 * BREAKS_NOT when a call broke off: what the provider says of it is returned.
 */
enum sim_answer rig_wmi_perform(struct arena *a, struct rig_wmi **door, struct world *w,
                                const struct action *action, enum rig_break *breaks, struct err *e);
/* The process ends: the world is given back, or, dead, left as it is. */
void rig_wmi_end(struct rig_wmi **door, struct world *w, bool dead);

#endif
