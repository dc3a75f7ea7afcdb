/*
 * What the declaration asks of this world ("want"): selectors resolved, one
 * row for each declared GPU and VM, pointing at what was observed.  A subject
 * with no row is not ours, and no action may name it.
 */
#ifndef MODEL_TARGET_H
#define MODEL_TARGET_H

#include "base/err.h"
#include "base/span.h"
#include "model/action.h"
#include "model/cause.h"
#include "model/policy.h"
#include "model/reason.h"

enum gpu_use {
    USE_ANY,        /* declared, with no wish */
    USE_PARTITIONS, /* partitions: N */
    USE_POOL,       /* pool: NAME */
    USE_DEVICE,     /* device: true: dismounted, for a VM that names it */
    USE_HOST,       /* host: true: stays with the host */
    USE_LEAVING     /* leaving: it goes, and nothing may start on it (V9) */
};

enum vm_use { VM_AS_FOUND, VM_NONE, VM_PARTITION, VM_POOL, VM_DEVICES };
enum vm_power_wish { POWER_AS_FOUND, POWER_WISH_RUNNING, POWER_WISH_STOPPED };
enum advised { ADVISED_AT_NEXT_STOP, ADVISED_STRICT, ADVISED_AS_FOUND };

/* What one VM shall be; the same struct in spec and target.  A `_at` with file NULL: not said. */
struct vm_wish {
    enum vm_use use;
    struct span use_at;
    uint64_t size_bytes; /* VM_PARTITION: checked, never written (C5); 0: any */
    struct span size_at;
    struct limits limits; /* VM_PARTITION: written after the add (V5) */
    struct span limits_at;
    const char *pool;     /* VM_POOL */
    uint32_t count;       /* VM_POOL: devices; VM_PARTITION: partitions, 0 is one (V1) */
    const char **devices; /* VM_DEVICES: location paths */
    size_t device_count;
    enum vm_power_wish power;
    struct span power_at;
    /* Declared settings (a declared one may cause a stop, S0); unknown = not declared. */
    struct vm_settings settings;
    struct num offline_action; /* settings.offlineAction */
    struct span settings_at;
    uint64_t mmio_need_low,
        mmio_need_high; /* settings.mmioNeed, MiB per device; 0: not said (S5) */
    enum advised advised;
    int64_t stop_deadline_ms;
    enum stop_how stop_then; /* STOP_GUEST = hold */
    struct span stop_at;
    bool move; /* it may be moved to another node (M8) */
    struct span move_at;
    struct manage_parts manage; /* effective for this VM (P7) */
    enum disruption disruption; /* effective for this VM */
    struct span disruption_at;  /* file NULL: the default, which yields to the operator */
    enum disruption most;       /* P5: what a Policy leaves of it, and of the operator's word */
    struct span most_at;        /* file NULL: no Policy says */
    bool lifted;                /* P6: the spec wrote `never`, and an override lifts it */
};

/* P1, P5: somebody wrote `never`, in the spec or in a Policy: no operator's number helps. */
bool wish_forbids_stop(const struct vm_wish *w);
/* P3, P5: is it stopped in a maintenance window only? */
bool wish_waits_for_window(const struct vm_wish *w);
/* How many partitions a VM_PARTITION is; 0 for the rest. */
size_t wish_partitions(const struct vm_wish *w);

/* What cannot be done, or must be said, about a subject: the plan shows it. */
struct problem {
    enum reason reason;
    enum subject_kind kind;
    uint32_t gpu, vm;    /* index into have, or NO_INDEX */
    uint32_t row;        /* index into target gpus, vms or pools it stands for, or NO_INDEX */
    const char *subject; /* "vm/NAME", "gpu/NODE/gpuN", "pool/NAME", "node/NAME", "cluster/NAME" */
    struct span at;
    enum manage manage;  /* of the subject: what is only watched holds nobody up (P7) */
    const char *text;    /* the particulars: names, numbers */
    const char *release; /* what would release it; NULL: the reason's own text */
    enum cause cause;
};

struct problems {
    struct arena *arena;
    struct problem *rows;
    size_t count, room;
};

struct problem *problem_add(struct problems *p, enum reason reason, enum subject_kind kind,
                            const char *subject, const struct span *at, const char *fmt, ...)
    PRINTF_LIKE(6, 7);

struct target_gpu {
    uint32_t gpu; /* index into have.gpus */
    uint32_t row; /* index of the spec row: GPUs of one row share it */
    const char *row_name;
    enum gpu_use use;
    uint64_t count;
    uint64_t size_bytes; /* 0: not said */
    const char *pool;
    bool prepare, force;
    struct span at; /* of the wish */
    enum manage manage;
    bool left;    /* watched or expected: it stays as it is (P7, P8); refused as well */
    bool refused; /* an E or I rule refuses it: no step names it */
};

/*
 * A row that says `leaving`, and is not over (V9).  It holds its nodes, also
 * while the card is out of them.
 */
struct target_leaving {
    const char *id; /* the row's name */
    uint32_t row;   /* index of the spec row */
    int64_t by_ms;
    const char *reason;
    uint32_t *nodes; /* index into have.nodes */
    size_t node_count;
    bool watched; /* manage: not enforce (P7): it holds, and nobody is made to let go */
    bool moves;   /* vms: move: who sits on it goes to another node, and is not stopped for good */
    struct span at;
};

struct target_pool {
    uint32_t node;
    const char *name;
    bool exact, absent;
    enum manage manage;
    struct span at;
};

struct target_vm {
    uint32_t vm;                /* index into have.vms */
    const struct vm_wish *wish; /* the spec's own, or what is left of it: it must outlive us */
    struct span at;
    const char *match;   /* the pattern that takes it; NULL: it is named */
    bool uncounted;      /* that takes another number of VMs than it may, or nobody can tell (I2) */
    bool pruned;         /* no row names it any more, and what it holds is ours (M7) */
    uint32_t left;       /* bits (1 << enum field): watched or expected, it stays (P7, P8) */
    enum vm_use keeps;   /* where `gpu` is left: what it keeps, and what settings follow from */
    uint32_t goes_to;    /* node that its row names, another one than it is on (M8); NO_INDEX */
    uint32_t belongs_to; /* the same of one that may not be moved: refused (V2); NO_INDEX */
    bool is_protected;   /* P2 */
    struct span protected_at; /* where that is said */
    bool refused;
};

/*
 * What the declaration says and is not brought about in this pass, by manage
 * (P7) or because it is expected (P8).  NULL: nothing of that kind.
 */
struct leave {
    const uint32_t *vms; /* by have.vms: bits (1 << enum field) */
    const bool *gpus;    /* by have.gpus */
    const char **pools;  /* names, on every node */
    size_t pool_count;
};

struct target {
    const char *name;        /* metadata.name of the spec */
    struct target_gpu *gpus; /* by gpu */
    size_t gpu_count;
    struct target_leaving *leaving; /* as the spec has them */
    size_t leaving_count;
    uint32_t *leaving_of;        /* by node: the first row that holds it, or NO_INDEX */
    const struct span **drained; /* by node: where it says that no VM with a GPU stays (M8); NULL */
    struct target_pool *pools;   /* by node, then name */
    size_t pool_count;
    struct target_vm *vms; /* by vm */
    size_t vm_count;
    /* For each row of have: its target row, or NO_INDEX (undeclared). */
    uint32_t *of_gpu, *of_vm;
    struct problems problems;
    size_t declared_vms;    /* names declared, the missing ones included */
    bool watched;           /* something is declared and not enforced (P7) */
    uint64_t cluster_count; /* the one declared count of the cluster; 0: none or several */
};

/* ---- GPUs that leave (V9); `node` is an index into have.nodes ---- */

/* The row that holds this node, or NULL. */
const struct target_leaving *target_leaving_on(const struct target *want, uint32_t node);
/* Is this device of the node declared as leaving, and seen? */
bool target_is_leaving(const struct target *want, const struct state *have, uint32_t node,
                       const char *path);
/* It sits on such a GPU, or is pinned to it. */
bool target_sits_on_leaving(const struct target *want, const struct state *have,
                            const struct vm *vm, const struct adapter *ad);
/* The row of the first such GPU that this VM is on; NULL: on none. */
const struct target_leaving *target_leaving_under(const struct target *want,
                                                  const struct state *have, const struct vm *vm);
/* Is this VM, which sits on one, moved away and not stopped?  Also where its node shall be empty.
 */
bool target_leaving_moves(const struct target *want, const struct target_leaving *row,
                          const struct state *have, const struct target_vm *vm);
/* Could an adapter with this pin (NULL: none) land on one when its VM starts on `node`? */
bool target_may_land(const struct target *want, const struct state *have, uint32_t node,
                     const char *pin);

#endif
