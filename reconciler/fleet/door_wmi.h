/* The doors that are behind WMI: real hosts, and a simulated world shown as they are. */
#ifndef FLEET_DOOR_WMI_H
#define FLEET_DOOR_WMI_H

#include "base/finding.h"
#include "provider/provider.h"

#include <stddef.h>

struct facts;

/* As sim_open() of provider/sim.h; its eye is the one of the Hyper-V provider. */
bool door_wmi_sim(const struct facts *facts, const char *path, const char *text, size_t size,
                  bool lasting, int64_t call_ms, struct eye **out, struct findings *found,
                  struct err *e) MUST_CHECK;
/*
 * `kind` "cluster" with its name, "hosts" with theirs ("a b"), or "local".
 * `a` and `facts` must outlive the eye.  call_ms 0: as is usual.
 */
bool door_wmi_open(struct arena *a, const struct facts *facts, const char *kind, const char *to,
                   int64_t call_ms, struct eye **out, struct err *e) MUST_CHECK;

#endif
