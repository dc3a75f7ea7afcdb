/*
 * Wanted minus actual: one change for each field that is not as declared or
 * implied.  Says nothing about order, permission or what to do first.
 */
#ifndef DIFF_DIFF_H
#define DIFF_DIFF_H

#include "model/field.h"
#include "model/target.h"

enum grade { GRADE_DECLARED, GRADE_REQUIRED, GRADE_ADVISED }; /* S0 */

struct change {
    enum subject_kind kind;
    uint32_t gpu, vm, pool; /* index into have (pool: into want.pools), or NO_INDEX */
    enum field field;
    enum grade grade;
    bool needs_off;          /* the VM must be off for it */
    bool gains, loses;       /* a GPU assignment */
    const char *have, *want; /* for people: "16", "none", "1 of ml-gpus" */
    const char *rule;
    struct span at; /* the wish that causes it */
};

struct diff {
    struct change *changes; /* by subject (gpus, pools, vms), then field */
    size_t change_count;
    /* What each VM and GPU of the target shall be: parallel to want.vms, want.gpus, want.pools. */
    struct image *vm_images, *gpu_images, *pool_images;
    bool *vm_new;             /* parallel to want.vms: a pattern takes it for the first time (I2) */
    struct problems problems; /* S, V and D rules that refuse a wish; warnings and notes */
};

/* Total: every input has an answer.  Same input, same bytes. */
void diff_compute(struct arena *a, const struct target *want, const struct state *have,
                  const struct ledger *owed, struct diff *out);

/* What is, as an image with the given fields: the *before* of a group. */
void image_of_vm(struct arena *a, const struct vm *vm, uint32_t fields, struct image *out);
void image_of_gpu(struct arena *a, const struct gpu *gpu, uint32_t fields, struct image *out);

#endif
