/*
 * What a cluster is, as seen at one moment ("have").  Pure data in an arena;
 * a standalone host is a cluster of one node.
 *
 * Order: nodes by name (without case); gpus by node, then by first location
 * path, then by path; vms by name (natural, without case), then by id; all
 * lists inside a row as stated there.  state_sort() makes it so, every reader
 * of a world calls it, and everything downstream relies on it.
 *
 * The numbers and words behind each field are those of root\virtualization\v2
 * and root\MSCluster; specs/world.md names the property of each.
 */
#ifndef MODEL_STATE_H
#define MODEL_STATE_H

#include "base/arena.h"
#include "base/num.h"
#include "base/when.h"

#include <stddef.h>

/* ---- nodes ---- */

enum node_state {
    NODE_UNKNOWN,
    NODE_UP,
    NODE_DOWN,
    NODE_PAUSED,
    NODE_DRAINING,
    NODE_SILENT /* does not answer: unknown, never empty (M4) */
};

struct node {
    const char *name; /* without DNS suffix */
    enum node_state state;
    struct num build; /* 20348, 20349, 25398, 26100 ... */
    int64_t boot_ms;  /* WHEN_NONE: unknown */
    enum tri iov;     /* Get-VMHost IovSupport (E2) */
    const char **iov_reasons;
    size_t iov_reason_count;
    struct num address_bits; /* physical address width of the host's processor (S5) */
    enum tri require_secure, require_supported; /* the two policy keys (E7) */
    bool answered; /* false: no device or VM row of this node is to be believed */
};

/* ---- devices ---- */

enum quota { QUOTA_VRAM, QUOTA_ENCODE, QUOTA_DECODE, QUOTA_COMPUTE, QUOTA_KINDS };

enum gpu_state {
    GPU_UNKNOWN,
    GPU_PARTITIONED,    /* takes counts and partitions */
    GPU_PARAVIRTUAL,    /* name ends in \GPUPARAV: counts are placeholders (C7) */
    GPU_HOST,           /* with the host, not partitionable; "Ready for DDA" */
    GPU_DISABLED,       /* with the host, disabled: on its way to dismounted (D2) */
    GPU_DISMOUNTED,     /* assignable */
    GPU_NOT_ASSIGNABLE, /* old-style PCI device or switch port (E3) */
    GPU_NO_DRIVER       /* "3D Video Controller": present, not capable (E3) */
};

struct gpu {
    uint32_t node;          /* index into state.nodes */
    uint32_t ordinal;       /* the N of gpuN on that node; assigned by state_sort() */
    const char *path;       /* identity: normalised device path, PCI\VEN_..\INSTANCE (I1) */
    const char *reported;   /* the path as the host spells it */
    const char **locations; /* location paths, the first is the one shown */
    size_t location_count;
    const char *model;     /* as reported; NULL without the vendor's driver */
    const char *pci;       /* "10de:25b6", lower case */
    const char *subsystem; /* "10de:157e", or NULL */
    bool is_gpu;           /* false: another assignable device, an NVMe say */
    enum gpu_state state;
    struct num count; /* PartitionCount */
    uint16_t *valid;  /* ValidPartitionCounts, falling */
    size_t valid_count;
    bool valid_complete; /* false: the list was cut off ("...") (C1) */
    struct num total[QUOTA_KINDS], available[QUOTA_KINDS];
    struct num min[QUOTA_KINDS], max[QUOTA_KINDS], optimal[QUOTA_KINDS]; /* at the current count */
    enum tri incoming_migration;            /* SupportsIncomingLiveMigration; missing is unknown */
    const char *pool;                       /* name of the pool that it is a member of, or NULL */
    enum tri mitigation_driver;             /* the vendor's security driver for DDA (D2) */
    const char *driver;                     /* version of the host driver; NULL: unknown (E8) */
    struct num series;                      /* GridGpupProfileType (E7) */
    struct num mmio_low_mib, mmio_high_mib; /* need of the device as DDA, where read (S5) */
};

struct pool {
    uint32_t node;
    const char *name; /* compared with case */
};

/* ---- VMs ---- */

/* Blank (unknown) is normal: the driver decides at start (V5). */
struct limits {
    struct num min[QUOTA_KINDS], max[QUOTA_KINDS], optimal[QUOTA_KINDS];
};
bool limits_blank(const struct limits *l);

/* A GPU partition adapter.  `pin` was asked for, `seen` is where it ran (V0). */
struct adapter {
    const char *id;       /* the GUID behind the VM's in Microsoft:<vm>\<adapter> */
    const char *pin;      /* normalised path; NULL: none */
    bool pin_unknown;     /* an old build does not show it */
    const char *seen;     /* normalised path; NULL: not resolved, or not known */
    struct num partition; /* PartitionId; shown, never compared (V3) */
    struct num current[QUOTA_KINDS];
    struct limits limits;
    enum tri outgoing_migration; /* SupportsOutgoingLiveMigration of its partition (M1) */
    bool of_checkpoint;          /* of a checkpoint or a template: not counted, not touched (V0) */
};

/* A request for a whole device: from a pool, or one fixed device. */
struct request {
    const char *id;
    const char *pool;     /* or NULL */
    const char *location; /* location path of the fixed device, or NULL */
    const char *given;    /* location path of the device that a running VM got, or NULL */
    bool of_checkpoint;
};

enum vm_power {
    POWER_UNKNOWN,
    POWER_OFF,
    POWER_RUNNING,
    POWER_SAVED,
    POWER_PAUSED,
    POWER_STARTING,
    POWER_STOPPING,
    POWER_CRITICAL
};

enum vm_owner {
    OWNER_HYPERV,
    OWNER_ARC,
    OWNER_AKS,
    OWNER_UNKNOWN /* where its marks could not be read: not ours to change (A1) */
};

enum stop_action {
    STOP_ACTION_UNKNOWN,
    STOP_ACTION_TURN_OFF,
    STOP_ACTION_SAVE,
    STOP_ACTION_SHUT_DOWN
};

enum checkpoints {
    CHECKPOINTS_UNKNOWN,
    CHECKPOINTS_DISABLED,
    CHECKPOINTS_PRODUCTION,
    CHECKPOINTS_PRODUCTION_ONLY,
    CHECKPOINTS_STANDARD
};

struct vm_settings {
    enum stop_action stop_action; /* AutomaticStopAction */
    enum tri dynamic_memory;
    struct num memory_startup_mib, memory_min_mib, memory_max_mib;
    struct num mmio_low_mib, mmio_high_mib, mmio_base_mib;
    enum tri cache_types;         /* GuestControlledCacheTypes */
    enum checkpoints checkpoints; /* CheckpointType */
    enum tri auto_checkpoints;
};

enum resource_state { RES_UNKNOWN, RES_ONLINE, RES_OFFLINE, RES_FAILED, RES_PENDING };

/* OfflineAction of the Virtual Machine resource (S1). */
enum { OFFLINE_TURN_OFF = 0, OFFLINE_SAVE = 1, OFFLINE_SHUT_DOWN = 2, OFFLINE_FORCED = 3 };

/* The clustered role of a VM (I2, M2, S8). */
struct role {
    bool clustered;
    uint32_t matches;           /* Virtual Machine resources with this VmID: 1, or a refusal */
    bool vmid_unread;           /* a resource whose VmID could not be read may be it */
    enum resource_state vm;     /* the Virtual Machine resource */
    enum resource_state config; /* the Virtual Machine Configuration resource; offline: hidden */
    struct num offline_action;
    bool busy; /* locked, queued or migrating: not now (M2) */
};

struct vm {
    const char *id;   /* GUID, lower case (I2) */
    const char *name; /* a label; can repeat */
    uint32_t node;    /* owner node: index into state.nodes */
    struct num generation;
    enum vm_power power;
    int64_t stamp_ms; /* TimeOfLastStateChange; comparable on one node and boot only; WHEN_NONE */
    enum vm_owner owner;
    bool hidden;            /* its configuration resource is offline: registered on no node (S8) */
    enum tri can_shut_down; /* the guest can be asked (S9) */
    enum tri windows;       /* the guest system, where known */
    const char *guest_system, *guest_driver; /* as the guest reports them; NULL: unknown (E4, E8) */
    struct adapter *adapters;                /* by id */
    size_t adapter_count;
    struct request *requests; /* by id */
    size_t request_count;
    struct vm_settings settings;
    struct role role;
    struct num checkpoint_count; /* existing checkpoints (S4) */
    bool gpu_error; /* the last start failed for its GPU: with no adapter seen, a ghost (V8) */
};

/*
 * What the platform said of a change that it accepted and did not bring to a
 * good end (decision 062).  Words for a person: nothing is decided by them.
 */
struct complaint {
    uint32_t node;
    const char *subject; /* as the action named it */
    unsigned verb;       /* enum verb */
    const char *text;
};

struct state {
    const char *name; /* of the cluster, or of the host */
    bool standalone;
    const char *identity; /* stable key of this world for store and lock */
    const char *arbiter;  /* who holds the owner record: "store@host", or NULL */
    int64_t observed_ms;
    int64_t as_if_ms; /* what counts as now, where somebody asks what if (plan --at); 0: observed */
    bool synthetic;   /* sizes that are not public are made up, and said to be */
    struct node *nodes;
    size_t node_count;
    struct gpu *gpus;
    size_t gpu_count;
    struct pool *pools; /* by node, then name */
    size_t pool_count;
    struct vm *vms;
    size_t vm_count;
    struct complaint *complaints; /* in the order of what they are about: the newest is last */
    size_t complaint_count;
};

#define NO_INDEX UINT32_MAX

void state_sort(struct state *s, struct arena *a);
int64_t state_now_ms(const struct state *s); /* what depends on the time depends on this */

/* cluster/NAME or host/NAME, lower case: what a world is called where nobody says otherwise. */
const char *state_identity(struct arena *a, bool standalone, const char *name);

uint32_t state_node(const struct state *s, const char *name);               /* or NO_INDEX */
uint32_t state_gpu(const struct state *s, uint32_t node, const char *path); /* or NO_INDEX */
uint32_t state_gpu_at(const struct state *s, uint32_t node, const char *location);
/*
 * I4: for each GPU of an earlier look, where it is in `now` when its path is
 * gone: at a path that was not there then, on the same node, of the same
 * vendor, device and board; in the same slot, or else in one that no other took.
 * NO_INDEX: its path is still there, the node did not answer, or it is gone.
 */
const uint32_t *state_moved(struct arena *a, const struct state *then, const struct state *now);
uint32_t state_vm(const struct state *s, const char *id); /* linear; or NO_INDEX */
bool state_pool(const struct state *s, uint32_t node, const char *name);
/* Adapters and requests that count: those of the VM itself, not of its checkpoints (V0). */
size_t vm_adapters(const struct vm *vm);
size_t vm_requests(const struct vm *vm);
bool vm_is_off(const struct vm *vm); /* Off, and not saved, hidden or on its way */

/*
 * What a picture shows, of any world alike: WMI says nothing of the partition
 * of a VM that is off or saved, nothing of a hidden VM's power (S8), and which
 * node does not answer only when it is asked (M4).
 */
const char *adapter_on(const struct vm *vm, const struct adapter *ad); /* path; NULL: no GPU */
enum vm_power vm_power_shown(const struct vm *vm);
enum node_state node_state_shown(const struct node *node);
/* V8: an adapter of it is pinned to a GPU that its node does not have. */
bool vm_pinned_to_gone(const struct state *s, const struct vm *vm);

/*
 * `base` with everything that is said of one node, and of the VMs named in
 * `part`, replaced by `part` (a scoped look).  Both have the same nodes.
 */
void state_splice(struct arena *a, const struct state *base, const struct state *part,
                  uint32_t node, struct state *out);

/* Three spellings of a device path to one text: PCI\VEN_..\INSTANCE, upper case (I1). */
const char *path_normal(struct arena *a, const char *path);
bool path_is_paravirtual(const char *path); /* ends in \GPUPARAV (C7) */
/* NAME(..)#NAME(..), beginning at a root of PCI or ACPI: what a spec takes. */
bool path_is_location(const char *s);
/* PCI\..\4&18416dc3&0&0000, its spelling with # and a GUID behind it, or its last part alone. */
bool path_is_instance(const char *s);
const char *gpu_label(struct arena *a, const struct state *s, uint32_t gpu); /* NODE/gpuN */

/* The words of these enums in documents and JSON; NULL-terminated, index = value. */
extern const char *const node_state_words[];
extern const char *const gpu_state_words[];
extern const char *const vm_power_words[];
extern const char *const vm_owner_words[];
extern const char *const stop_action_words[];
extern const char *const checkpoints_words[];
extern const char *const resource_state_words[];
extern const char *const tri_words[];   /* unknown, false, true */
extern const char *const quota_words[]; /* vram, encode, decode, compute */

#endif
