/*
 * A recorder: a net around another one, which keeps every call and its answer.
 * Credentials never go over the seam, so they are in no recording; names are,
 * and `mask` replaces those of hosts, VMs and the cluster in what is written.
 * This machine stands there with its name.
 */
#ifndef CIM_CIM_RECORD_H
#define CIM_CIM_RECORD_H

#include "cim/cim.h"

/* Takes `inner` over.  What is beyond LIMIT_DOC_BYTES is not kept, and finish() says so. */
void cim_record_open(struct cim_net *inner, const char *name, bool mask, struct cim_net **out);
/* Writes what was kept so far, whole or not at all.  Before close(). */
bool cim_record_finish(struct cim_net *net, const char *path, struct err *e) MUST_CHECK;

#endif
