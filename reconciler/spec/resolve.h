/*
 * What the parts of spec_resolve() share.  Nobody else includes this.
 *
 * The stages, in order: nodes and names (resolve.c), VM rows to VMs
 * (resolve_vm.c, resolve_match.c), GPUs that leave (resolve_leaving.c), gpus rows to GPUs
 * (resolve_gpu.c), counts (resolve_count.c), what each VM wishes (resolve_vm.c,
 * resolve_wish.c), devices and pools
 * (resolve_pool.c), notes for the whole cluster (resolve_note.c).
 */
#ifndef SPEC_RESOLVE_H
#define SPEC_RESOLVE_H

#include "base/str.h"
#include "model/knowing.h"
#include "spec/spec.h"

/* What a partition of a product is at a count that some GPU has now (C5). */
struct product_at {
    uint64_t count;
    uint32_t gpu;
};

/* GPUs that are one product (I3). */
struct product {
    uint32_t gpu;  /* the first one */
    uint32_t next; /* another product with the same ids, or NO_INDEX */
    struct product_at *at;
    size_t at_count, at_room;
};

/* What the partitions of a node will be; filled when first asked for. */
struct node_size {
    bool filled, unknown;
    bool partitioned, paravirtual, driverless; /* a GPU of this kind is there (E3, C7) */
    uint32_t bad_count; /* a GPU with an illegal count that no row declares (C6), or NO_INDEX */
    uint64_t sizes[8];
    size_t size_count;
    struct num low[QUOTA_KINDS], high[QUOTA_KINDS]; /* a limit must lie within (V5) */
};

enum { ROW_NONE = NO_INDEX };

struct resolve {
    struct arena *a;
    const struct spec *spec;
    const struct state *have;
    const struct ledger *owed; /* NULL: nothing is known of it */
    const struct leave *leave; /* never NULL */
    struct target *out;
    bool clustered; /* a cluster, not a standalone host */

    struct map node_names;
    bool *in_scope;     /* per node: in `nodes`, or there is no such list */
    uint32_t *node_gpu; /* per node: its first device; chained by next_gpu */
    uint32_t *next_gpu;
    uint32_t *node_gpus; /* per node: how many devices */
    struct map paths;    /* path and location to the head of a chain of links */
    struct link {
        uint32_t gpu, next;
    } * links;
    size_t link_count;
    size_t unseen; /* nodes in scope that did not answer */
    const char *unseen_names;
    size_t missing;    /* declared nodes that are not there */
    struct num oldest; /* the lowest build that is known (E1) */
    const char *oldest_node;

    const struct spec_vm **vm_row; /* per have.vms: the row that it is as; NULL: none */
    bool *pattern_blocked;         /* per pattern: outside `expect`, or not to be counted */
    bool *vm_refused;              /* per have.vms: the row cannot be told, or is blocked */

    uint32_t *gpu_row;               /* per have.gpus: the spec row, or ROW_NONE */
    uint32_t *gpu_other;             /* a second row that takes it, or ROW_NONE */
    uint32_t *gpu_exact;             /* the spec pool that it must leave (exact), or ROW_NONE */
    bool *row_ambiguous, *row_short; /* per gpus row: I1; no-match or perNode (E5) */
    bool *row_over;                  /* per gpus row: its event is over (V9) */
    bool *row_noted;                 /* per gpus row: the size note was given */
    bool mode_switch;                /* a partitioned GPU is wanted as a device (D1) */
    size_t not_assignable;           /* left out of sets, and their names */
    struct text not_assignable_names;

    uint32_t *product_of; /* per have.gpus, or NO_INDEX */
    struct product *products;
    size_t product_count, product_room;
    struct map product_ids;
    bool counts_refused; /* C2: no count changes */
    bool gains_refused;  /* C2 with require: no new assignment */
    struct node_size *node_sizes;
    struct map pool_rows; /* pools that a gpus row puts devices into */
    const char **pool_names;
    size_t pool_name_count;
    bool device_uses;    /* a row or a VM speaks about devices */
    uint32_t *device_vm; /* per have.gpus: a VM that keeps it as a fixed device, or NO_INDEX */
};

/* resolve.c */
bool resolve_seen(const struct resolve *r, uint32_t node);
uint32_t resolve_node(const struct resolve *r, const char *name);
/* A device of a node by path or location path, without case; or NO_INDEX. */
uint32_t resolve_device(const struct resolve *r, uint32_t node, const char *path);
/* A problem of a GPU of the target; `refuse` also takes it out of the plan. */
struct problem *resolve_gpu_problem(struct resolve *r, enum reason reason, uint32_t t, bool refuse,
                                    const char *text);
struct problem *resolve_vm_problem(struct resolve *r, enum reason reason, uint32_t t, bool refuse,
                                   const struct span *at, const char *text);
struct problem *resolve_cluster_problem(struct resolve *r, enum reason reason,
                                        const struct span *at, const char *text);
/* "IovSupport of hv1 is false: ..." */
const char *resolve_iov_text(struct resolve *r, uint32_t node);
bool resolve_build_ok(struct num build); /* documented for GPU-P and for pools (E1) */
/* Why the oldest node's build cannot have this; NULL: it can, or it is not known (E1). */
enum build_need { BUILD_PARTITION, BUILD_PARTITIONS, BUILD_DEVICE, BUILD_POOL };
const char *resolve_build_text(struct resolve *r, enum build_need need);

/* resolve_leaving.c: before the GPUs are selected */
void resolve_leaving(struct resolve *r);
/* Which nodes they hold; after the selection. */
void resolve_leaving_nodes(struct resolve *r);
/* What is said of the VMs of a leaving card; after the VMs are judged. */
void resolve_leaving_vms(struct resolve *r);

/* resolve_gpu.c */
void resolve_select(struct resolve *r);
void resolve_gpus(struct resolve *r);
bool resolve_count_pending(const struct resolve *r, const struct target_gpu *t);

/* resolve_count.c */
void resolve_products(struct resolve *r);
void resolve_counts(struct resolve *r);
const struct node_size *resolve_node_size(struct resolve *r, uint32_t node);

/* resolve_pool.c */
void resolve_pools(struct resolve *r);

/* A request counts as one for a GPU unless its device is known to be something else. */
bool resolve_request_is_gpu(const struct resolve *r, const struct vm *vm, const struct request *q);

/* resolve_vm.c, resolve_match.c, resolve_prune.c, resolve_wish.c */
void resolve_patterns(struct resolve *r); /* behind the rows with names */
bool resolve_pattern_blocked(const struct resolve *r, const struct spec_vm *row);
void resolve_pruned(struct resolve *r); /* behind all rows */
void resolve_vm_rows(struct resolve *r);
void resolve_vms(struct resolve *r);
void resolve_wish(struct resolve *r, uint32_t t);
void resolve_devices(struct resolve *r);

/* resolve_note.c */
const char *resolve_names(struct resolve *r, const char **names, size_t count); /* or the first */
void resolve_notes(struct resolve *r);

#endif
