/*
 * The world as a diff would leave it: who is on which node, with how many
 * partitions and devices.  For whoever judges room, before a plan and in it.
 */
#ifndef DIFF_AFTER_H
#define DIFF_AFTER_H

#include "diff/diff.h"

struct after {
    const struct target *want;
    const struct state *have;
    const struct diff *diff;
};

/* Partitions of a GPU, as it is or as it will be; none of one that leaves (V9). */
uint64_t after_count(const struct after *x, uint32_t gpu, bool after);
/* Adapters and requests of a pool that a VM will have, by its wish. */
uint64_t after_adapters(const struct after *x, uint32_t vm);
uint64_t after_requests(const struct after *x, uint32_t vm, const char *pool);
/* The pool that a GPU will be a member of; NULL: none. */
const char *after_pool(const struct after *x, uint32_t gpu);
/* Requests of a pool that a VM has now. */
uint64_t requests_now(const struct vm *vm, const char *pool);

#endif
