/*
 * The specs that a saved plan was made of: do they still say what was planned?
 * What was named on the command line is read again, with every profile and
 * Assignment that is there by now.
 */
#ifndef FLEET_DECLARED_H
#define FLEET_DECLARED_H

#include "fleet/fleet.h"

struct declared {
    bool there; /* something of what was named can be found; else the plan stands alone */
    bool found; /* it declares the cluster of the plan, and is valid */
    char digest[65];
};

/* What was named, in order and each once, for the head of a plan; nothing where one is no file. */
const char **declared_paths(struct arena *a, const struct fleet_options *options, size_t *count);
/* Reads them again.  On the calling thread: it is a run of its own. */
void declared_look(const struct fleet_options *options, const struct plan *plan,
                   struct declared *out);
/* ERR_STALE names the spec, planned and now. */
bool declared_as_planned(const struct declared *now, const struct plan *plan,
                         struct err *e) MUST_CHECK;

#endif
