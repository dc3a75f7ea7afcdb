/*
 * Names out of a recording: hosts, VMs, groups and the cluster become host-1,
 * vm-1 and so on, the same name the same word wherever it stands.
 */
#ifndef CIM_MASK_H
#define CIM_MASK_H

#include "cim/value.h"

struct mask;

struct mask *mask_new(struct arena *a);
void mask_host(struct mask *m, const char *name); /* NULL: nothing */
/* The machine that asks: host-here, so that the numbers of the others depend on no machine. */
void mask_here(struct mask *m, const char *name);
/* Names that this object tells. */
void mask_object(struct mask *m, const struct cim_object *o);
/* `text` with every such name replaced, without case, longer names first. */
const char *mask_text(struct mask *m, struct arena *a, const char *text);

#endif
