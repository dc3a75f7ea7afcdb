/* What the files of calls share: one call under way, alone with the world and its file. */
#ifndef CIM_CIM_SIM_ACT_H
#define CIM_CIM_SIM_ACT_H

#include "cim/cim_sim_net.h"

/* What calls are refused with beside sim/refusals.def. */
enum {
    SIM_INVALID = 32773,
    SIM_NOT_SUPPORTED = 32770,
    SIM_ASK_NOT_READY = 32780,
    SIM_ASK_IN_PROGRESS = 32782,
    SIM_BAD_DATA = 13,
    SIM_BAD_VALUE = 87,
    SIM_NO_FUNCTION = 1,
    SIM_NO_NODE = 5042
};

struct sim_act {
    struct sim_net *net;
    struct world *world;
    struct shown shown; /* how the node shows things, for paths */
    struct arena *arena;
    uint32_t at;
    const char *node;
    bool cluster; /* a method of the cluster: no ReturnValue, Win32 codes as HRESULT */
    const struct cim_call *call;
    struct cim_object *out; /* answer of a method */
    enum sim_answer answer; /* of the effect that it had; DONE: of none */
    struct err *e;
};

/* ---- cim_sim_call.c ---- */

/* Refused by the seam's own check of what was given. */
bool sim_no(struct sim_act *t, int64_t code, const char *what);
/* Carries out one effect: the whole verb, or (`plain`) only the platform's call. */
bool sim_effect(struct sim_act *t, const struct action *a, bool plain);
/* An effect of a method with a job: 0, or 4096 and where its job is. */
bool sim_effect_as_job(struct sim_act *t, const struct action *a, bool plain);
/* What was done already: 0. */
bool sim_nothing_to_do(struct sim_act *t);
/* The object that a path names; NULL: e says that there is none, or it is of another class. */
const struct cim_object *sim_target(struct sim_act *t, const char *path, enum cim_class class);
/* The first instance of a parameter; NULL: none, or more than one. */
const struct cim_object *sim_instance(struct sim_act *t, const char *name);
/* The VM whose settings have this InstanceID, or NO_INDEX; *copy: of a checkpoint. */
uint32_t sim_vm_of_id(struct sim_act *t, const char *id, bool *copy);
const char *sim_device_of_id(struct sim_act *t, const char *id);
/* A GPU by what is behind its name or device id in an object path; NO_INDEX. */
uint32_t sim_gpu_of_path(struct sim_act *t, const char *path);

/* ---- the methods ---- */
typedef bool sim_method(struct sim_act *t);
sim_method sim_add_resource, sim_modify_resource, sim_remove_resource, sim_modify_system,
    sim_request_state, sim_initiate_shutdown, sim_dismount_device, sim_mount_device,
    sim_create_pool, sim_modify_pool, sim_drop_pool, sim_pnp_disable, sim_pnp_enable,
    sim_resource_control, sim_update_vm, sim_resource_offline, sim_resource_online,
    sim_group_online, sim_group_move, sim_group_cancel, sim_cluster_control, sim_create_key,
    sim_set_value, sim_delete_value;
/* Properties that are written without a method. */
bool sim_put_count(struct sim_act *t, const struct cim_object *o);
bool sim_put_private(struct sim_act *t, const struct cim_object *o);

/* NULL: nobody writes this world any more. */
void sim_set_owner(struct world *w, const struct owner *owner);

/* ---- cim_sim_job.c ---- */

/* A job for an effect that was accepted; NULL: it is under way without one. */
const char *sim_make_job(struct sim_act *t, const struct action *a);

#endif
