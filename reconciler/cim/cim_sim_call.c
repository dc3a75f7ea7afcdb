/* Calls: from a method's name to an effect on the world, and its answer. */
#include "cim/cim_sim_act.h"

#include <stdlib.h>

/* ---- answers ---- */

enum { FACILITY_WIN32 = 0x80070000LL, MOST_WIN32 = 0xFFFF };

/* The cluster's codes come as HRESULTs; those of Hyper-V as ReturnValue, or as they are. */
static bool refused(struct sim_act *t, int64_t code, const char *text)
{
    enum err_kind kind;

    if (t->cluster && code > 0 && code <= MOST_WIN32)
        code |= FACILITY_WIN32;
    kind = cim_code_kind(code);
    return err_set(t->e, kind == ERR_NONE ? ERR_REFUSED : kind, code, "%s", text);
}

bool sim_no(struct sim_act *t, int64_t code, const char *what)
{
    return refused(t, code, what);
}

bool sim_effect(struct sim_act *t, const struct action *a, bool plain)
{
    struct err said = {.kind = ERR_NONE};

    t->answer = plain ? world_call(t->world, a, &said) : world_perform(t->world, a, &said);
    switch (t->answer) {
    case SIM_DONE:
    case SIM_ACCEPTED:
    case SIM_DIES:
        /* 5024 is no failure, and still an HRESULT that says so (failover-cluster 5.3) */
        return !said.native ||
               err_set(t->e, ERR_NONE, FACILITY_WIN32 | said.native, "%s", said.text);
    case SIM_LOST:
        *t->e = said;
        return false;
    case SIM_REFUSED:
        return refused(t, said.native, said.text);
    case SIM_HANGS:
        break;
    }
    return false;
}

static void returns(struct sim_act *t, uint64_t value)
{
    if (!t->cluster)
        cim_set_number(t->arena, t->out, "ReturnValue", CIM_TYPE_U32, value);
}

bool sim_nothing_to_do(struct sim_act *t)
{
    returns(t, 0);
    return true;
}

bool sim_effect_as_job(struct sim_act *t, const struct action *a, bool plain)
{
    enum { STARTED = 4096 };
    const char *job;

    if (!sim_effect(t, a, plain))
        return false;
    job = t->answer == SIM_DONE ? NULL : sim_make_job(t, a);
    if (job)
        cim_set_text(t->arena, t->out, "Job", CIM_TYPE_REF, job);
    returns(t, job ? STARTED : 0);
    return true;
}

/* ---- what a call names ---- */

const struct cim_object *sim_target(struct sim_act *t, const char *path, enum cim_class class)
{
    const struct cim_object *found = path ? sim_object(&t->shown, path) : NULL;

    if (found && cim_class_named(found->class_name) == class)
        return found;
    sim_not_found(t->e, path ? path : "(null)");
    return NULL;
}

const struct cim_object *sim_instance(struct sim_act *t, const char *name)
{
    const struct cim_value *v = t->call->in ? cim_value_of(t->call->in, name) : NULL;

    return v && !v->null && v->count == 1 ? cim_part(t->call->in, name, 0) : NULL;
}

static const char maker[] = "Microsoft:";

uint32_t sim_vm_of_id(struct sim_act *t, const char *id, bool *copy)
{
    const struct state *s = &t->world->now;
    const char *guid;

    *copy = false;
    if (!id || !str_starts_fold(id, maker))
        return NO_INDEX;
    guid = arena_strndup(t->arena, id + sizeof maker - 1, strcspn(id + sizeof maker - 1, "\\"));
    for (uint32_t i = 0; i < s->vm_count; i++) {
        if (!shows_vm(&t->shown, &s->vms[i]))
            continue;
        if (str_same(s->vms[i].id, guid))
            return i;
        for (uint64_t n = 0; n < sim_checkpoints_of(&s->vms[i]); n++)
            if (str_same(sim_checkpoint(t->arena, &s->vms[i], n), guid)) {
                *copy = true;
                return i;
            }
    }
    return NO_INDEX;
}

const char *sim_device_of_id(struct sim_act *t, const char *id)
{
    const char *at = strchr(id, '\\');
    char *device = at ? arena_strdup(t->arena, at + 1) : NULL;

    for (char *c = device; c && *c; c++)
        *c = str_lower(*c);
    return device;
}

uint32_t sim_gpu_of_path(struct sim_act *t, const char *path)
{
    const char *name = cim_path_key(t->arena, path, "Name");

    if (!name)
        name = cim_path_key(t->arena, path, "DeviceID");
    if (name && str_starts_fold(name, maker)) /* Microsoft:GUID\PCIP\VEN_... */
        name = strchr(name, '\\') ? strchr(name, '\\') + 1 : NULL;
    return name ? state_gpu(&t->world->now, t->at, path_normal(t->arena, name)) : NO_INDEX;
}

/* ---- the table ---- */

static sim_method *const methods[CIM_METHOD_NONE] = {
    [CIM_Msvm_VirtualSystemManagementService_AddResourceSettings] = sim_add_resource,
    [CIM_Msvm_VirtualSystemManagementService_ModifyResourceSettings] = sim_modify_resource,
    [CIM_Msvm_VirtualSystemManagementService_RemoveResourceSettings] = sim_remove_resource,
    [CIM_Msvm_VirtualSystemManagementService_ModifySystemSettings] = sim_modify_system,
    [CIM_Msvm_ComputerSystem_RequestStateChange] = sim_request_state,
    [CIM_Msvm_ShutdownComponent_InitiateShutdown] = sim_initiate_shutdown,
    [CIM_Msvm_AssignableDeviceService_DismountAssignableDevice] = sim_dismount_device,
    [CIM_Msvm_AssignableDeviceService_MountAssignableDevice] = sim_mount_device,
    [CIM_Msvm_ResourcePoolConfigurationService_CreatePool] = sim_create_pool,
    [CIM_Msvm_ResourcePoolConfigurationService_ModifyPoolResources] = sim_modify_pool,
    [CIM_Msvm_ResourcePoolConfigurationService_DeletePool] = sim_drop_pool,
    [CIM_Win32_PnPEntity_Disable] = sim_pnp_disable,
    [CIM_Win32_PnPEntity_Enable] = sim_pnp_enable,
    [CIM_MSCluster_Resource_ExecuteResourceControl] = sim_resource_control,
    [CIM_MSCluster_Resource_UpdateVirtualMachine] = sim_update_vm,
    [CIM_MSCluster_Resource_TakeOfflineParams] = sim_resource_offline,
    [CIM_MSCluster_Resource_BringOnline] = sim_resource_online,
    [CIM_MSCluster_ResourceGroup_BringOnline] = sim_group_online,
    [CIM_MSCluster_ResourceGroup_MoveToNewNodeParams] = sim_group_move,
    [CIM_MSCluster_ResourceGroup_CancelOperation] = sim_group_cancel,
    [CIM_MSCluster_Cluster_ExecuteClusterControl] = sim_cluster_control,
    [CIM_StdRegProv_CreateKey] = sim_create_key,
    [CIM_StdRegProv_SetStringValue] = sim_set_value,
    [CIM_StdRegProv_DeleteValue] = sim_delete_value,
};

/* The object that has the method is there, and of its class; a class stands for its statics. */
static bool has_method(struct sim_act *t)
{
    enum cim_class class = cim_method_row(t->call->method)->class;

    if (class == CIM_StdRegProv)
        return str_same(t->call->path, cim_class_row(class)->name) ||
               sim_not_found(t->e, t->call->path);
    if (class == CIM_Msvm_ShutdownComponent) /* whether it is there is what the call answers */
        return true;
    return sim_target(t, t->call->path, class) != NULL;
}

static bool call_method(struct sim_act *t)
{
    sim_method *method = methods[t->call->method];

    if (!method)
        return err_set(t->e, ERR_UNSUPPORTED, 0x80041010, "%s: no such method that acts",
                       cim_method_row(t->call->method)->name);
    return has_method(t) && method(t);
}

static bool write_properties(struct sim_act *t, const struct cim_object *o)
{
    switch (cim_class_named(o->class_name)) {
    case CIM_Msvm_PartitionableGpu:
        return sim_put_count(t, o);
    case CIM_MSCluster_Resource:
        return sim_put_private(t, o);
    default: /* changed by a method */
        return err_set(t->e, ERR_REFUSED, 0x80041024, "%s: the provider cannot write it",
                       o->class_name);
    }
}

/* ---- a hand ---- */

/* What was done is written before anybody hears of it. */
static bool written(struct sim_act *t, struct lasting *l, bool ok)
{
    struct err e;

    if (!lasting_put_out(l, &e)) {
        *t->e = e;
        return err_wrap(t->e, "nothing was done");
    }
    if (t->answer == SIM_DIES)
        lasting_die();
    return ok;
}

static bool may(const struct sim_act *t)
{
    const struct sim_rights has = world_rights(t->world, t->at);

    return (t->call ? has.execute : has.write) || sim_denied(t->e);
}

static bool act(struct sim_session *s, struct arena *a, const struct cim_call *call,
                const struct cim_object *object, struct cim_object **out, struct err *e)
{
    struct lasting *l = s->owner->world;
    struct host_turn *turn;
    struct arena scratch;
    struct sim_act t = {.net = s->owner, .world = &l->world, .call = call, .e = e};
    bool ok = true, through;

    if (!sim_begin(s, &t.at, &turn, e))
        return false;
    arena_init(&scratch, 0);
    t.arena = &scratch;
    t.shown = sim_question(s, &scratch, t.at);
    t.node = s->node;
    t.cluster = s->eye.space == CIM_SPACE_CLUSTER;
    t.out = cim_object_new(&scratch, "__PARAMETERS", NULL);
    ok = may(&t) && (call ? call_method(&t) : write_properties(&t, object));
    if (t.answer != SIM_HANGS)
        ok = written(&t, l, ok);
    through = !ok || !out || sim_tell(a, t.out, out);
    arena_release(&scratch);
    host_turn_end(turn);
    if (t.answer == SIM_HANGS)
        return lasting_hang(l, e);
    lasting_leave(l);
    if (!through)
        arena_leave(a);
    return ok;
}

static bool sim_put(struct cim_hand *hand, struct arena *a, const struct cim_object *object,
                    struct err *e)
{
    return act((struct sim_session *)hand->eye, a, NULL, object, NULL, e);
}

static bool sim_invoke(struct cim_hand *hand, struct arena *a, const struct cim_call *call,
                       struct cim_object **out, struct err *e)
{
    return act((struct sim_session *)hand->eye, a, call, NULL, out, e);
}

static const struct cim_hand_ops hand_ops = {sim_put, sim_invoke};

bool sim_hand(struct cim_eye *eye, struct cim_hand **out, struct err *e)
{
    struct sim_session *s = (struct sim_session *)eye;
    struct lasting *l = s->owner->world;

    (void)e;
    lasting_enter(l);
    if (!s->acts)
        s->owner->hands++;
    s->acts = true;
    l->writes = true;
    lasting_leave(l);
    s->hand = (struct cim_hand){.ops = &hand_ops, .eye = eye};
    *out = &s->hand;
    return true;
}

void sim_close_eye(struct cim_eye *eye)
{
    struct sim_session *s = (struct sim_session *)eye;
    struct sim_net *n = s->owner;

    host_mutex_lock(n->mutex);
    if (!n->ended) {
        lasting_enter(n->world);
        if (s->acts && !--n->hands)
            n->world->writes = false;
        lasting_leave(n->world);
    }
    host_mutex_unlock(n->mutex);
    free(s);
    sim_net_leave(n);
}
