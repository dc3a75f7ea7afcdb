/* What the files of provider/hyperv share. */
#ifndef PROVIDER_HYPERV_INNER_H
#define PROVIDER_HYPERV_INNER_H

#include "base/str.h"
#include "host/host.h"
#include "provider/hyperv/hyperv.h"

/* ResourceType of adapters and devices, GroupType of a VM's role, control codes. */
enum {
    HV_TYPE_PCIE = 32769,
    HV_TYPE_GPU_PARTITION = 32770,
    HV_GROUP_VM = 111,
    HV_SET_PRIVATE = 0x01400086,         /* on a resource: its private properties */
    HV_SET_CLUSTER_PRIVATE = 0x07400086, /* on the cluster */
    HV_NEXT_OFFLINE = 0x01600014,        /* on a Virtual Machine resource */
    HV_MOVE_OR_REFRESH = 0x01600004      /* migrates a Virtual Machine; refreshes a Configuration */
};
#define HV_SUBTYPE_GPU     "Microsoft:Hyper-V:GPU Partition"
#define HV_SUBTYPE_PCIE    "Microsoft:Hyper-V:Virtual Pci Express Port"
#define HV_RESOURCE_VM     "Virtual Machine"
#define HV_RESOURCE_CONFIG "Virtual Machine Configuration"
#define HV_OWNER_PROPERTY  "HvgpuOwner"      /* private property of the cluster */
#define HV_OWNER_KEY       "SOFTWARE\\hvgpu" /* HKLM of a standalone host */
#define HV_OWNER_VALUE     "Owner"
#define HV_HKLM            0x80000002u

/*
 * A session with one host and namespace, leased: nobody else uses it until it
 * is given back.  A call that hangs keeps its lease, so others open their own.
 */
struct hv_session {
    struct cim_eye *eye;
    struct cim_hand *hand; /* NULL until hv_hand() */
    char *host;            /* NULL: this machine */
    enum cim_space space;
    bool leased;
    struct hv_session *next;
};

struct hv_static; /* what changes only with a boot or a driver (statics.c) */

/*
 * Where the world is, as a whole look found it; names in the order of its
 * nodes.  Never changed, and kept until the provider ends: who reads one needs
 * no lock.  A look that finds what another one found has the same.
 */
struct hv_place {
    bool standalone;
    char *host; /* answers for the whole: any node, or the standalone host; NULL: this machine */
    char **nodes;
    bool *answered;
    size_t node_count;
    struct hv_place *older;
};

struct hyperv {
    struct eye eye;
    struct cim_net *net;
    struct hyperv_target target;
    struct host_mutex *mutex; /* of everything below */
    struct hv_session *sessions;
    struct hv_static *statics;       /* a list, one per node */
    uint64_t forgets;                /* how often something of it was forgotten */
    int64_t settled_ms;              /* until then our own verbs may still change it */
    struct hv_place *places, *place; /* all there were; the last one found, or NULL */
    uint64_t skipped;                /* rows without what tells them apart, so far */
    bool closed;
    unsigned busy; /* threads inside; the last one that leaves a closed one frees it */
    struct hv_claim *claim;
    struct hv_wait *waits; /* jobs that effects became (jobs.c), the oldest first */
    uint64_t waits_made;
};

/* A copy to be freed; NULL stays NULL. */
char *hv_own(const char *s);

/* The provider is entered and left by each public call; false: it is closed. */
bool hv_enter(struct hyperv *h);
void hv_leave(struct hyperv *h);

/* host NULL: this machine.  `e` as of the net's connect: of which host and namespace the caller
 * says. */
bool hv_take(struct hyperv *h, const char *host, enum cim_space space, struct hv_session **out,
             struct err *e) MUST_CHECK;
/* `e` is what the last call said (NULL: good): after a broken connection the session is closed. */
void hv_give(struct hyperv *h, struct hv_session *session, const struct err *e);
/* The hand of a leased session; only provider/hyperv/act*.c and claim.c call it. */
bool hv_hand(struct hv_session *session, struct err *e) MUST_CHECK;

/* Forgets what was read once of this node or host. */
void hv_forget(struct hyperv *h, const char *node);
/* Our own verb changes it, and shows a moment later: for a while nothing is kept. */
void hv_unsettle(struct hyperv *h, const char *node);
/* An effect begins: what was said of the last one like it is over. */
void hv_wait_forget(struct hyperv *h, const char *host, const struct action *a);
/* It became a job of this host. */
void hv_wait_for(struct hyperv *h, const char *host, const struct action *a, const char *job);
/* How many jobs there ever were, if one of this host's is not known to be over; else 0. */
uint64_t hv_waits(struct hyperv *h, const char *host);
void hv_waits_free(struct hv_wait *waits);

/* What to connect to for a node, as the state names it; NULL: this machine. */
const char *hv_host_of(struct hyperv *h, struct arena *a, const char *node);
/* NULL: no whole look found the world yet. */
const struct hv_place *hv_place_now(struct hyperv *h);
void hv_places_free(struct hv_place *places);
void hv_statics_free(struct hv_static *statics);
void hv_close(struct eye *eye);

/* A GUID as both sides compare it: lower case, no braces. */
const char *hv_guid(struct arena *a, const char *s);
/* "Microsoft:<owner>\<device>[\...]": its parts as hv_guid(); NULL: not of that form. */
const char *hv_owner_part(struct arena *a, const char *instance_id);
const char *hv_device_part(struct arena *a, const char *instance_id);
/* A device path out of an object path, or as it is: normalised (path_normal). */
const char *hv_device_path(struct arena *a, const char *path);
/* Host names are one when their first labels are: hv-1 and HV-1.corp.example. */
bool hv_same_host(const char *a, const char *b);
/* yyyymmddHHMMSS.mmmmmmsUUU; WHEN_NONE: NULL, or not of that form. */
int64_t hv_time(const char *datetime);

/* ---- codes.c: numbers of Hyper-V as words of ours; what is none of them is unknown ---- */
enum vm_power hv_power(struct num enabled_state);
enum stop_action hv_stop_action(struct num shutdown_action);
enum checkpoints hv_checkpoints(struct num snapshot_type);
struct num hv_stop_action_code(uint64_t word);
struct num hv_checkpoints_code(uint64_t word);

/* ---- resource.c: what a resource of the cluster says ---- */
const struct cim_object *
hv_private(const struct cim_object *resource); /* NULL: it cannot be read */
const char *hv_resource_vm(struct arena *a, const struct cim_object *resource); /* hv_guid() */
enum resource_state hv_resource_state(const struct cim_object *resource);
struct num hv_offline_stored(const struct cim_object *resource); /* OfflineAction */
/* Locked, preempted, queued or migrating; or what cannot be read, which is left alone (M2). */
bool hv_role_busy(const struct cim_object *resource, const struct cim_object *group,
                  bool config_pending);

/* ---- see.c: the whole world or one node ---- */
bool hv_observe(struct eye *eye, struct arena *a, const struct scope *scope, struct state *out,
                struct err *e);

/* ---- examine.c ---- */
bool hv_examine(struct eye *eye, struct arena *a, const struct state *have, struct health *out,
                struct err *e);

/* ---- claim.c and act.c ---- */
bool hv_claim(struct eye *eye, const struct owner *owner, bool take_over, struct hand **out,
              struct err *e);
void hv_claim_free(struct hv_claim *claim); /* with those before it */

#endif
