/*
 * Subjects as people name them on a command line (vm/vdi-0001..0012,
 * gpu/hv-01/gpu0, pool/ml, node/hv-*, cluster/NAME), and what --only and
 * --exclude choose of a cluster (P9).
 */
#ifndef MODEL_CHOICE_H
#define MODEL_CHOICE_H

#include "base/str.h"
#include "model/action.h"

/* Names that were written out, ranges included, and patterns. */
struct name_set {
    struct map names; /* without case */
    const char **patterns;
    size_t pattern_count;
};
bool name_set_has(const struct name_set *set, const char *name);

/* One argument: all that fit it are meant. */
struct subject_set {
    const char *text; /* as it was written */
    enum subject_kind kind;
    struct name_set names; /* of a GPU: gpuN */
    struct name_set nodes; /* of a GPU: its node */
};

/* One thing of a cluster.  What is not known of it is NULL. */
struct subject {
    enum subject_kind kind;
    const char *cluster;
    const char *node;
    const char *node_after;        /* of a VM that is moved: where it shall be (M8) */
    const char *name;              /* of a GPU: NODE/gpuN */
    const char *pool, *pool_after; /* of a GPU: where it is a member, and shall be */
};

/* Is it named, or on a node, in a pool or in a cluster that is? */
bool subject_fits(const struct subject_set *set, const struct subject *s);

struct choice {
    const struct subject_set *only, *exclude;
    size_t only_count, exclude_count;
};
bool choice_excludes(const struct choice *c, const struct subject *s);
bool choice_takes(const struct choice *c, const struct subject *s);

/* "vm", "gpu", "pool", "node", "cluster" */
extern const char *const subject_words[];

#endif
