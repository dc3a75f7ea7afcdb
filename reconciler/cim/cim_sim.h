/*
 * The simulated world shown as WMI: a net over one world, with the classes of
 * contract.def, and calls that do what the platform does of itself, without
 * what our provider adds (specs/world-as-wmi.md).
 *
 * A call that the platform refuses fails: `native` is the HRESULT or, of a
 * Hyper-V method, its ReturnValue (32773 ...), and `text` is the refusal's.
 */
#ifndef CIM_CIM_SIM_H
#define CIM_CIM_SIM_H

#include "base/finding.h"
#include "cim/cim.h"

#include <stddef.h>

struct facts;
struct world;

/*
 * As sim_open() of provider/sim.h.  close() ends it, and calls that hang then
 * return; their eyes may be closed after it, all others before.
 */
bool cim_sim_open(const struct facts *facts, const char *path, const char *text, size_t size,
                  bool lasting, struct cim_net **out, struct findings *found,
                  struct err *e) MUST_CHECK;
/* The world behind it, for tests. */
struct world *cim_sim_world(struct cim_net *net);

#endif
