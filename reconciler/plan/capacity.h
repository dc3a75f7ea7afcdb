/* What is there, what is used, what is left when a node is lost. */
#ifndef PLAN_CAPACITY_H
#define PLAN_CAPACITY_H

#include "plan/plan.h"

/* Partitions of a GPU, now or after the plan. */
uint64_t partitions_of_gpu(const struct inputs *in, uint32_t gpu, bool after);
/* `vm_stays` (by have.vms): its assignment does not change, whatever was wished. */
void capacity_fill(struct arena *a, const struct inputs *in, const bool *vm_stays,
                   struct capacity *out);

#endif
