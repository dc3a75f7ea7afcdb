/*
 * What a world tells about itself, whatever is declared: the conditions that
 * resolving a spec warns of or refuses, and that somebody who only looks wants
 * to know.  One home for both.
 */
#ifndef MODEL_KNOWING_H
#define MODEL_KNOWING_H

#include "model/action.h"
#include "model/reason.h"

/* I3: vendor, device, subsystem and the valid counts; what is unknown does not differ. */
bool gpu_same_product(const struct gpu *a, const struct gpu *b);
/* C6: it has a count that is not in its own list. */
bool gpu_count_illegal(const struct gpu *g);
/* E2: what the platform says why a node has no IO virtualization. */
const char *node_iov_text(struct arena *a, const struct node *n);
/*
 * V8, V4: what is the matter with an adapter: REASON_STALE_ADAPTER (pinned to
 * a device that is gone), REASON_WARN_PINNED (on a cluster), REASON_NOTE_FLOATING,
 * or REASON_NONE.  `pin_there` and `seen_there`: the node has that device.
 */
enum reason adapter_stand(const struct adapter *ad, bool clustered, bool pin_there,
                          bool seen_there);
const char *adapter_text(struct arena *a, const struct state *have, const struct vm *vm,
                         const struct adapter *ad, enum reason stand);
/* V8: the last start failed for its GPU, and nothing that could be removed is to be seen. */
bool vm_is_ghost(const struct vm *vm);
extern const char ghost_text[];
/*
 * drivers.c, E8: a text for each product whose GPUs have different drivers on
 * their hosts.  `meant` (per GPU; NULL: all of them) says which ones count; a
 * driver that is not known does not.
 */
size_t host_drivers_differ(struct arena *a, const struct state *have, const bool *meant,
                           const char ***out);
/* S1: taken offline, it would be saved, which a VM with a GPU cannot be. */
bool vm_would_be_saved(const struct vm *vm);

struct known {
    enum reason reason;
    enum subject_kind kind;
    const char *subject; /* "vm/NAME"; of several the first */
    const char *text;
};
/* All of it, in the order of rules and subjects. */
void knowing_find(struct arena *a, const struct state *have, struct known **out, size_t *count);

#endif
