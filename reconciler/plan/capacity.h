/* What is there, what is used, what is left when a node is lost. */
#ifndef PLAN_CAPACITY_H
#define PLAN_CAPACITY_H

#include "plan/plan.h"

/* Partitions of a GPU, now or after the plan. */
uint64_t partitions_of_gpu(const struct inputs *in, uint32_t gpu, bool after);
/* What does not change, whatever was wished: assignments by have.vms, counts by have.gpus. */
struct stays {
    bool *vms, *gpus;
};
void capacity_fill(struct arena *a, const struct inputs *in, const struct stays *stays,
                   struct capacity *out);

#endif
