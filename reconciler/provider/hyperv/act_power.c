/*
 * Stopping, starting, and calling a start off (S8 to S10, V10).  On a cluster
 * only the Virtual Machine resource is touched, never the group's others, and
 * the stored OfflineAction is not relied on: the one-shot action comes first.
 */
#include "provider/hyperv/act.h"

enum { STATE = 32775, ASK_NOT_READY = 32780, ASK_IN_PROGRESS = 32782 };
enum { SWITCH_ON = 2, SWITCH_OFF = 3 }; /* RequestedState */

/* ---- what both kinds of VM need ---- */

static const char *node_of(struct hv_act *t)
{
    const char *owner = t->resource ? cim_text(t->resource, "OwnerNode") : NULL;

    return owner ? owner : t->action->node;
}

/* The VM as it is now, where it is now; of a role that is free, unless `busy` may be. */
static bool look(struct hv_act *t, bool busy)
{
    if (!hv_find_role(t))
        return false;
    if ((t->role.clustered || t->role.unread) && !hv_read_role(t))
        return false;
    if (!hv_read_vm(t, node_of(t)))
        return false;
    return !t->role.clustered || busy || hv_role_is_free(t);
}

static bool wrong_state(struct hv_act *t)
{
    return hv_no(t, STATE, "not valid in the state that the VM is in (S10)");
}

static bool switch_to(struct hv_act *t, uint64_t state)
{
    struct cim_object *in = hv_in(t);

    cim_set_number(t->arena, in, "RequestedState", CIM_TYPE_U16, state);
    return hv_call(t, hv_at(t, node_of(t), CIM_SPACE_VIRT),
                   &(struct cim_call){CIM_Msvm_ComputerSystem_RequestStateChange, t->vm->path, in},
                   NULL);
}

/* The component that asks the guest is there only while the guest can be asked (S9). */
static bool find_component(struct hv_act *t, const char **path)
{
    struct cim_rows rows;

    if (!hv_rows(t, hv_at(t, node_of(t), CIM_SPACE_VIRT), CIM_Msvm_ShutdownComponent, "SystemName",
                 t->guid, &rows))
        return false;
    if (!rows.count || !rows.rows[0].path)
        return hv_no(t, ASK_NOT_READY, "the guest has no shutdown component (S9)");
    *path = rows.rows[0].path;
    return true;
}

/* ---- a standalone VM ---- */

static bool ask_guest(struct hv_act *t, bool force)
{
    struct cim_object *in = hv_in(t);
    const char *path;

    if (!find_component(t, &path))
        return false;
    cim_set_number(t->arena, in, "Force", CIM_TYPE_BOOLEAN, force);
    cim_set_text(t->arena, in, "Reason", CIM_TYPE_TEXT, "hvgpu");
    if (hv_call(t, hv_at(t, node_of(t), CIM_SPACE_VIRT),
                &(struct cim_call){CIM_Msvm_ShutdownComponent_InitiateShutdown, path, in}, NULL)) {
        t->accepted = true; /* there is no job: the guest takes its time */
        return true;
    }
    if (t->err.native != ASK_IN_PROGRESS)
        return false;
    t->err = (struct err){.kind = ERR_NONE};
    t->accepted = true;
    return true;
}

/* ---- a clustered one ---- */

static bool next_offline(struct hv_act *t, uint64_t action)
{
    const uint64_t bytes[4] = {action};

    return hv_control(t, t->resource, HV_RESOURCE_VM, HV_NEXT_OFFLINE, bytes, 4);
}

static bool take_offline(struct hv_act *t)
{
    struct cim_object *in = hv_in(t);

    cim_set_number(t->arena, in, "TimeOut", CIM_TYPE_U32, 0); /* do not wait */
    cim_set_number(t->arena, in, "Flags", CIM_TYPE_U32, 0);
    if (!hv_call(
            t, hv_here(t, CIM_SPACE_CLUSTER),
            &(struct cim_call){CIM_MSCluster_Resource_TakeOfflineParams, t->resource->path, in},
            NULL))
        return false;
    t->accepted = true;
    return true;
}

/*
 * A one-shot action whose offline was refused would lie in wait for the next
 * one, a drain say: it is set to what that one would do anyway (decision 060).
 */
static void disarm(struct hv_act *t)
{
    struct num stored = hv_offline_stored(t->resource);
    const struct err why = t->err;

    if (!next_offline(t, stored.known ? stored.value : OFFLINE_SAVE))
        t->note = t->err;
    t->err = why;
}

static bool offline_with(struct hv_act *t, uint64_t action)
{
    if (!next_offline(t, action))
        return false;
    if (take_offline(t))
        return true;
    if (t->err.kind != ERR_TIMEOUT && t->err.kind != ERR_UNSEEN)
        disarm(t);
    return false;
}

/* Calls off what the cluster has under way; that there is nothing is no failure. */
static bool call_off(struct hv_act *t)
{
    struct cim_object *in = hv_in(t);

    if (!t->group && !hv_read_group(t))
        return false;
    cim_set_number(t->arena, in, "Flags", CIM_TYPE_U32, 0);
    return hv_call(
               t, hv_here(t, CIM_SPACE_CLUSTER),
               &(struct cim_call){CIM_MSCluster_ResourceGroup_CancelOperation, t->group->path, in},
               NULL) ||
           hv_refused(t);
}

/* What the cluster wants to start again is called off, and taken offline. */
static bool leave_offline(struct hv_act *t)
{
    if (!t->role.clustered || hv_resource_state(t->resource) != RES_PENDING)
        return true;
    return call_off(t) && take_offline(t);
}

/* ---- stop ---- */

static bool stop_running(struct hv_act *t, uint64_t how)
{
    static const uint64_t actions[] = {
        [STOP_GUEST] = OFFLINE_SHUT_DOWN,
        [STOP_FORCED] = OFFLINE_FORCED,
        [STOP_TURN_OFF] = OFFLINE_TURN_OFF,
    };
    const char *path;

    if (!t->role.clustered)
        return how == STOP_TURN_OFF ? switch_to(t, SWITCH_OFF) : ask_guest(t, how == STOP_FORCED);
    if (how != STOP_TURN_OFF && !find_component(t, &path))
        return false;
    return offline_with(t, actions[how]);
}

/* Asked already; the same or less again changes nothing. */
static bool asked(const struct hv_act *t)
{
    return t->power == POWER_STOPPING || (t->role.clustered && t->power == POWER_RUNNING &&
                                          num_is(cim_number(t->resource, "State"), 130));
}

bool hv_stop(struct hv_act *t)
{
    uint64_t how = t->action->value[0] <= STOP_TURN_OFF ? t->action->value[0] : STOP_GUEST;

    if (!look(t, false))
        return false;
    if (how == STOP_GUEST && asked(t)) {
        t->accepted = true;
        return true;
    }
    switch (t->power) {
    case POWER_OFF:
        return leave_offline(t);
    case POWER_RUNNING:
    case POWER_STOPPING:
        return stop_running(t, how);
    case POWER_STARTING:
    case POWER_PAUSED:
    case POWER_CRITICAL:
        return how == STOP_TURN_OFF ? stop_running(t, how) : wrong_state(t);
    default: /* saved state is never discarded */
        return wrong_state(t);
    }
}

/* ---- start ---- */

static bool bring_online(struct hv_act *t)
{
    struct cim_object *in = hv_in(t);

    /* A refresh that is refused is no reason to leave a VM off: it is said (decision 059). */
    if (!hv_refreshed(t, "started, but the cluster did not read its configuration again"))
        return false;
    cim_set_number(t->arena, in, "TimeOut", CIM_TYPE_U32, 0); /* do not wait */
    if (!hv_call(t, hv_here(t, CIM_SPACE_CLUSTER),
                 &(struct cim_call){CIM_MSCluster_Resource_BringOnline, t->resource->path, in},
                 NULL))
        return false;
    t->accepted = true;
    return true;
}

bool hv_start(struct hv_act *t)
{
    if (!look(t, false))
        return false;
    switch (t->power) {
    case POWER_RUNNING:
        return true;
    case POWER_STARTING:
        t->accepted = true;
        return true;
    case POWER_OFF:
    case POWER_SAVED:
        return t->role.clustered ? bring_online(t) : switch_to(t, SWITCH_ON);
    default:
        return wrong_state(t);
    }
}

/* Called off, then off for good: with the resource still pending the plug is pulled. */
static bool cancel_role(struct hv_act *t)
{
    struct cim_object *again;

    if (!call_off(t) || !hv_fetch(t, hv_here(t, CIM_SPACE_CLUSTER), t->resource->path, &again))
        return false;
    t->resource = again;
    return hv_resource_state(again) != RES_PENDING || offline_with(t, OFFLINE_TURN_OFF);
}

bool hv_cancel_start(struct hv_act *t)
{
    if (!look(t, true)) /* a start that goes on is what makes the role busy */
        return false;
    switch (t->power) {
    case POWER_RUNNING:
        return true; /* nothing to cancel any more */
    case POWER_OFF:
        return leave_offline(t);
    case POWER_STARTING:
        return t->role.clustered ? cancel_role(t) : switch_to(t, SWITCH_OFF);
    default:
        return wrong_state(t);
    }
}
