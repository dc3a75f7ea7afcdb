/*
 * What the files that act share: one perform under way, the sessions that it
 * leases, and the calls that it makes.  A call that fails leaves why in `err`;
 * one that takes a session that could not be had (NULL) fails with it.
 */
#ifndef PROVIDER_HYPERV_ACT_H
#define PROVIDER_HYPERV_ACT_H

#include "provider/hyperv/see.h"

/* A VM's role on the cluster, as the resources say (I2). */
struct hv_role {
    bool clustered;
    bool unread;          /* a resource whose VmID could not be read may be it */
    uint32_t matches;     /* Virtual Machine resources with its VmID */
    const char *vm_id;    /* hv_guid() */
    const char *resource; /* object path of the Virtual Machine resource */
    const char *group;    /* name of the group that it is in */
    const char *config;   /* of the Virtual Machine Configuration resource; NULL: none seen */
    const char *moving;   /* node that we sent it to live; NULL */
};

/* Object paths that stay as they are while the host is the same machine. */
enum hv_kept {
    HV_KEPT_MANAGEMENT,
    HV_KEPT_ASSIGNABLE,
    HV_KEPT_POOLS,
    HV_KEPT_PARTITION, /* the default templates */
    HV_KEPT_DEVICE,
    HV_KEPTS
};

/* A member that was sent into a pool or out of it, and was not seen there yet (decision 060). */
struct hv_member {
    const char *node, *pool;
    const char *device; /* path of its Msvm_PciExpress */
    bool joins, over;
    int64_t until_ms;
};

enum { HV_LEASES = 8 };

struct hv_act {
    struct hyperv *h;
    struct hv_claim *claim;
    struct arena *arena;
    const struct action *action;
    bool accepted;   /* some call of it goes on as a job */
    bool sent;       /* something was: without an answer, what came of it is unknown */
    struct err err;  /* why it failed */
    struct err note; /* of one that went well; native 0: none */
    struct hv_lease {
        const char *host;
        struct hv_session *session;
        struct err broke; /* what its last call said, when that ended the connection */
    } leases[HV_LEASES];
    size_t lease_count;
    /* Of an action on a VM. */
    const char *guid; /* upper case, as Hyper-V writes it */
    struct hv_role role;
    const struct cim_object *resource; /* its Virtual Machine resource, read just now */
    const struct cim_object *group;    /* the resource's group, read just now; NULL: not read */
    const struct cim_object *vm;       /* its Msvm_ComputerSystem, read just now */
    enum vm_power power;
};

/* ---- act_call.c ---- */

const char *hv_host(const struct hv_act *t, const char *node); /* as hv_take() takes it */
/* The session with a node of the cluster or with the host; leased until the act is over. */
struct hv_session *hv_at(struct hv_act *t, const char *node, enum cim_space space);
struct hv_session *hv_here(struct hv_act *t, enum cim_space space); /* at action->node */
void hv_give_all(struct hv_act *t);

/* `text` NULL: all rows of the class. */
bool hv_rows(struct hv_act *t, struct hv_session *s, enum cim_class class, const char *property,
             const char *text, struct cim_rows *out) MUST_CHECK;
bool hv_rows_of(struct hv_act *t, struct hv_session *s, enum cim_class class, const char *begins,
                struct cim_rows *out) MUST_CHECK; /* by what their InstanceID begins with */
bool hv_fetch(struct hv_act *t, struct hv_session *s, const char *path,
              struct cim_object **out) MUST_CHECK;
/* Submits, and never waits: a job that goes on makes the act an accepted one. */
bool hv_call(struct hv_act *t, struct hv_session *s, const struct cim_call *call,
             struct cim_object **out) MUST_CHECK;
bool hv_write(struct hv_act *t, struct hv_session *s, const struct cim_object *o) MUST_CHECK;
/* Always false: nothing was sent, or the platform said no and did nothing. */
bool hv_no(struct hv_act *t, int64_t code, const char *what);
/* It was refused in a way that proves that nothing was done: another form may be tried. */
bool hv_refused(const struct hv_act *t);
int64_t hv_win32(int64_t native); /* the Win32 code in an HRESULT */

/* NULL: t->err. */
const char *hv_kept(struct hv_act *t, enum hv_kept what);
struct cim_object *hv_in(struct hv_act *t); /* parameters of a call, to be filled */
const char *hv_instance(struct hv_act *t);  /* "Microsoft:<VM>\", what is the VM's own */

/* ---- property_list.c: the cluster's binary form (failover-cluster 7) ---- */
struct hv_list {
    struct arena *arena;
    uint64_t *bytes; /* one each, as the seam has them */
    size_t count, room;
    uint32_t properties;
};
void hv_list_init(struct hv_list *l, struct arena *a);
void hv_list_number(struct hv_list *l, const char *name, uint32_t value);
void hv_list_text(struct hv_list *l, const char *name, const char *value);

/* ---- act_role.c ---- */

/* Which resource is whose; a VM that is none of the cluster's has no role. */
bool hv_find_role(struct hv_act *t) MUST_CHECK;
/* t->resource, fresh; refused where it cannot be told which one it is. */
bool hv_read_role(struct hv_act *t) MUST_CHECK;
bool hv_read_group(struct hv_act *t) MUST_CHECK; /* t->group; after hv_read_role() */
/* Refused while the role is locked, queued or migrating (M2); after hv_read_role(). */
bool hv_role_is_free(struct hv_act *t) MUST_CHECK;
/* t->vm and t->power, on this node; refused where it is not registered there. */
bool hv_read_vm(struct hv_act *t, const char *node) MUST_CHECK;
/* What comes before every change of a VM. */
bool hv_may_change(struct hv_act *t, bool needs_off) MUST_CHECK;
/* What comes behind it: `ok` is what the call said; the refresh that belongs to it (M6). */
bool hv_changed(struct hv_act *t, bool ok) MUST_CHECK;
bool hv_holds(struct hv_act *t) MUST_CHECK; /* nothing to change; a refresh may be owed */
/* The cluster reads the configuration again.  False: t->err. */
bool hv_refresh(struct hv_act *t) MUST_CHECK;
/* The same, owed and said as a note when it was refused; false: nobody knows. */
bool hv_refreshed(struct hv_act *t, const char *but);
/*
 * Sends a control code to a resource of this type, and to no other: what it
 * means depends on the type.  `fresh` was read just now.
 */
bool hv_control(struct hv_act *t, const struct cim_object *fresh, const char *type, uint32_t code,
                const uint64_t *bytes, size_t count) MUST_CHECK;

/* ---- act_setting.c ---- */

/* One resource of the VM, with what is listed of it; the refresh belongs to it. */
bool hv_modify_resource(struct hv_act *t, const struct cim_object *o) MUST_CHECK;

/* ---- claim.c ---- */

struct hv_owed {
    const char *vm_id, *node;
    bool owed;
};

struct hv_claim {
    struct hand hand;
    struct hyperv *h;
    struct hv_claim *older;
    bool cluster, released;
    const char *host; /* who answered for the whole; NULL: this machine */
    const char *name; /* of the cluster or host, for messages */
    const char *store;
    uint64_t epoch;
    /* All below only under the provider's mutex. */
    struct arena arena;
    struct arena role_arena; /* of `roles`, which are read anew */
    struct hv_role *roles;
    size_t role_count;
    struct hv_owed *owed; /* VMs whose configuration the cluster has not read again yet */
    size_t owed_count, owed_room;
    unsigned pool_jobs; /* how often a pool was to be made by a job (decision 058) */
    struct hv_path {
        const char *host, *path;
        enum hv_kept what;
    } * paths;
    size_t path_count, path_room;
    struct hv_turn { /* one change of the members of pools at a time on each node */
        const char *node;
        struct host_mutex *mutex;
    } * turns;
    size_t turn_count, turn_room;
    struct hv_member *members; /* sent, and not seen yet */
    size_t member_count, member_room;
};

/* Is the world still ours?  One call. */
bool hv_check_owner(struct hv_act *t) MUST_CHECK;
bool hv_perform(struct hand *hand, const struct action *action, struct receipt *out, struct err *e);
/* Refreshes that are still owed when the hand is given back. */
void hv_pay(struct hv_claim *claim);

/* ---- the verbs ---- */
typedef bool hv_verb(struct hv_act *t);
hv_verb hv_offline_action, hv_checkpoints_type, hv_stop_type, hv_memory, hv_mmio, hv_cache_types,
    hv_adapter_remove, hv_adapter_add, hv_adapter_limits, hv_request_remove, hv_request_add,
    hv_stop, hv_start, hv_cancel_start, hv_move, hv_count, hv_disable, hv_dismount, hv_mount,
    hv_enable, hv_pool_create, hv_pool_delete, hv_pool_join, hv_pool_leave;

/* ---- act_gpu.c ---- */

/* The host's own row of a dismounted device, by path or else by location; NULL: none such. */
const struct cim_object *hv_dismounted(struct hv_act *t, const struct cim_rows *rows,
                                       const char *path, const char *location);
bool hv_device_rows(struct hv_act *t, struct cim_rows *out) MUST_CHECK; /* Msvm_PciExpress */
/* The GPU that can be cut, by normalised path; *out NULL: there is none such. */
bool hv_partitionable(struct hv_act *t, const char *path, const struct cim_object **out) MUST_CHECK;
/* Pools of devices of the node. */
bool hv_pool_rows(struct hv_act *t, struct cim_rows *out) MUST_CHECK;
const struct cim_object *hv_pool_named(const struct cim_rows *rows, const char *name);

#endif
