/*
 * Wanted minus actual: one change for each field that is not as declared or
 * implied.  Says nothing about order, permission or what to do first.
 */
#ifndef DIFF_DIFF_H
#define DIFF_DIFF_H

#include "model/facts.h"
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
    bool waits;     /* for a person: it needs a VM off, or bare, that is only watched (P7) */
};

struct diff {
    struct change *changes; /* by subject (gpus, pools, vms), then field */
    size_t change_count;
    /* What each VM and GPU of the target shall be: parallel to want.vms, want.gpus, want.pools. */
    struct image *vm_images, *gpu_images, *pool_images;
    bool *vm_new; /* parallel to want.vms: a pattern takes it for the first time (I2) */
    /* Parallel to want.vms: the row whose GPU it leaves, to stay off until that is over (V9). */
    const struct target_leaving **vm_leaves;
    uint32_t *vm_node;        /* by have.vms: the node that it is on afterwards (M8) */
    struct problems problems; /* S, V and D rules that refuse a wish; warnings and notes */
};

/* Total: every input has an answer.  Same input, same bytes. */
void diff_compute(struct arena *a, const struct target *want, const struct state *have,
                  const struct ledger *owed, struct diff *out);

/* "vm/NAME", "gpu/NODE/gpuN", "pool/NAME", and the name for people: a pool's has its node. */
const char *change_subject(struct arena *a, const struct target *want, const struct state *have,
                           const struct change *c, const char **name);

/* ---- what is seen and not brought about ---- */

enum aside_why {
    ASIDE_EXPECTED, /* P8: known and accepted until a date */
    ASIDE_DETECT,   /* P7: listed, and counted for drift and assert */
    ASIDE_IGNORE    /* P7: only counted */
};

/* A difference, or a problem that blocks or holds a subject, which is set aside. */
struct aside {
    enum aside_why why;
    const char *subject, *name; /* as change_subject() gives them */
    bool is_change;
    struct change change; /* its `pool` is an index into the target that it was found with */
    struct problem problem;
    const struct expectation *expected; /* ASIDE_EXPECTED */
};

struct asides {
    struct aside *rows; /* as in the diff, then as the problems */
    size_t count, room, ignored;
    struct problems notes; /* P8: expired, and found nowhere */
    struct leave leave;    /* for spec_resolve_rest() */
    bool any;              /* something is to be left as it is: resolve and compare again */
};

/*
 * Which differences of a whole diff are not brought about.  `expected` is held
 * against the time of the observation, never against a clock (P8).
 */
void diff_set_aside(struct arena *a, const struct policy *policy, const struct target *want,
                    const struct state *have, const struct diff *diff, struct asides *out);
/* Problems of what is only watched block and hold nothing: they are among the asides. */
void diff_drop_watched(struct problems *p);
/*
 * What the dated lists say of declared GPUs and VMs (E4, E8): warnings, beside
 * those of diff_compute().  NULL: no lists, nothing said.
 */
void diff_listed(struct arena *a, const struct facts *facts, const struct target *want,
                 const struct state *have, struct diff *out);

/*
 * A note for each card that has another path than in an earlier look (I4);
 * NULL: there was none.  Nothing is ever done about it.
 */
void diff_moved(struct arena *a, const struct state *then, const struct state *have,
                struct diff *out);
/* "NVIDIA A2 in PCIROOT(..)#.. is now PCI\.., and was PCI\..". */
const char *diff_moved_text(struct arena *a, const struct state *then, uint32_t gpu,
                            const struct state *have, uint32_t now);

/* What is, as an image with the given fields: the *before* of a group. */
void image_of_vm(struct arena *a, const struct vm *vm, uint32_t fields, struct image *out);
void image_of_gpu(struct arena *a, const struct gpu *gpu, uint32_t fields, struct image *out);

#endif
