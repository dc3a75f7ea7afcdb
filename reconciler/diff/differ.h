/* What the parts of diff_compute() share.  Nobody else includes this. */
#ifndef DIFF_DIFFER_H
#define DIFF_DIFFER_H

#include "base/str.h"
#include "diff/diff.h"

/* A need or a fallback number of MMIO space, MiB (S5). */
struct mmio_need {
    uint64_t low, high;
    bool measured; /* every device's need is declared or read */
};

/* Names that one note is about. */
struct name_list {
    const char **names;
    size_t count, room;
};

struct differ {
    struct arena *arena;
    const struct target *want;
    const struct state *have;
    const struct ledger *owed;
    struct diff *out;
    size_t change_room;
    bool clustered;
    struct map pool_needs; /* pool name to pool_need_rows */
    struct mmio_need *pool_need_rows;
    size_t pool_need_count, pool_need_room;
    struct name_list unmeasured, not_lowered; /* for one note each */
    struct image_adapter *adapters;           /* one for each partition wished, in order */
    size_t adapter_count;
    uint64_t *pinned; /* by have.gpus: adapters that get a pin to it (V9) */
};

/* The VM that is looked at now. */
struct vm_case {
    const struct target_vm *target;
    const struct vm *vm;
    uint32_t index; /* into want.vms */
    struct image *image;
    bool partition, device; /* the wish asks for one */
    bool gains;             /* and the VM does not have it yet, or not all of it */
    bool leaves;            /* a partition of it is on a GPU that leaves (V9) */
    bool mmio_too_high;     /* advised space that the host cannot address: left as it is */
};

struct change *diff_change(struct differ *d, enum subject_kind kind, enum field field,
                           enum grade grade, const char *have, const char *want, const char *rule,
                           const struct span *at);
struct change *diff_vm_change(struct differ *d, const struct vm_case *c, enum field field,
                              enum grade grade, const char *have, const char *want,
                              const char *rule, const struct span *at);
struct problem *diff_vm_problem(struct differ *d, const struct vm_case *c, enum reason reason,
                                const struct span *at, const char *text);

/* diff_assign.c: adapters, requests, limits. */
bool diff_gains(const struct vm_case *c);
void diff_assign(struct differ *d, struct vm_case *c);
/* diff_leaving.c: a VM that must let go of a GPU that leaves (V9). */
bool diff_leaves(const struct differ *d, const struct vm_case *c);
void diff_let_go(struct differ *d, struct vm_case *c);
/* diff_movers.c, diff_targets.c: who goes to another node (M8); last, when all images are known. */
void diff_moves(struct differ *d);
/* diff_setting.c: S1 to S6. */
void diff_settings(struct differ *d, struct vm_case *c);
/* diff_mmio.c: what the devices need (S5); false: refused for its address width. */
void diff_pool_needs(struct differ *d);
bool diff_mmio_fits(struct differ *d, struct vm_case *c);
void diff_mmio(struct differ *d, struct vm_case *c, enum grade grade);

#endif
