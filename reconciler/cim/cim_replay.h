/*
 * A recorded conversation as a net: what was asked then is answered as then.
 * The same request asked again gets the next answer that it got, and the last
 * one from then on; what was never asked is ERR_UNSUPPORTED.  Time stands still
 * at the recording's begin but for waiting, which is a jump.  The recording lives
 * in the arena of `found`, which must outlive the net.
 */
#ifndef CIM_CIM_REPLAY_H
#define CIM_CIM_REPLAY_H

#include "base/finding.h"
#include "cim/cim.h"

/* The host that was talked to first, as it was spelt; NULL: nobody was. */
const char *cim_replay_host(const struct cim_net *net);
bool cim_replay_open(const char *path, const char *text, size_t size, struct cim_net **out,
                     struct findings *found, struct err *e) MUST_CHECK;

#endif
