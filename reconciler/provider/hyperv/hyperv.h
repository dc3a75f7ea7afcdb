/*
 * Hyper-V hosts and failover clusters as a provider: an eye, and a hand once
 * the world is claimed, over whatever stands behind the seam of cim/.
 *
 * Portable: it knows the classes (cim/contract.def), and nothing of COM.  What
 * it asks, how often, and in which order it acts is in specs/wmi.md.
 */
#ifndef PROVIDER_HYPERV_HYPERV_H
#define PROVIDER_HYPERV_HYPERV_H

#include "cim/cim.h"
#include "provider/provider.h"

struct facts;

/* Where the hosts are.  Neither cluster nor hosts: this machine, and its cluster if it has one. */
struct hyperv_target {
    const char *cluster;      /* a name under which some node answers; or NULL */
    const char *const *hosts; /* a list of hosts, of one cluster or standalone; or NULL */
    size_t host_count;
    const struct facts *facts; /* names of cards that the host does not name; NULL: none */
    int64_t node_ms;           /* how long a whole look waits for one node; 0: 20 s */
};

/*
 * Takes the net over: close() ends it.  Connects to nobody yet; the first look
 * finds the nodes.  What `target` points to must outlive the eye.
 */
void hyperv_open(struct cim_net *net, const struct hyperv_target *target, struct eye **out);

#endif
