/* The planner of steps, shared by the plan that people read and the executor. */
#ifndef PLAN_STEPS_H
#define PLAN_STEPS_H

#include "plan/plan.h"

/* Is this its node, or the one that it goes to or comes from (M8)? */
bool member_touches(const struct member *m, const char *node);
const struct image *member_image(const struct group *g, const struct member *m);
uint32_t member_vm(const struct state *have, const struct member *m);  /* or NO_INDEX */
uint32_t member_gpu(const struct state *have, const struct member *m); /* or NO_INDEX */
bool adapter_of_before(const struct member *m, const char *id);
bool request_of_before(const struct member *m, const char *id);

/* Is a count of this GPU (index into have) still to change, in the group's direction? */
bool gpu_count_pending(const struct group *g, const struct state *have, uint32_t gpu);
/* C4: sits on it, or could land on it.  `off`: the VM is off or will be. */
bool adapter_reaches(const struct state *have, const struct vm *vm, const struct adapter *ad,
                     bool off, uint32_t gpu);

/* Sorts steps into a legal order and fills their needs, from the table of order.c. */
void steps_order(struct arena *a, struct steps *steps);
/* A sentence for each step: "set partition count of ber014-hv1/gpu0  16 -> 4". */
void steps_describe(struct arena *a, const struct state *have, struct step *steps, size_t count);

#endif
