/* A class as a host describes it, held against the contract. */
#ifndef CIM_CHECK_H
#define CIM_CHECK_H

#include "cim/contract.h"

struct cim_lack {
    const char *name;    /* Class, Class.Property, Class::Method or Class::Method(Parameter) */
    const char *found;   /* "is missing", "is sint32 and not uint16" */
    const char *without; /* what cannot be done; "" when nothing is lost */
    const char *source;
    bool excused; /* this build may not have it */
};

/* `seen` NULL: the host has no such class.  `build` of the host; unknown excuses nothing. */
size_t cim_check(struct arena *a, enum cim_class class, const struct cim_schema *seen,
                 struct num build, struct cim_lack **out, size_t *checks);

#endif
