/* OfflineAction, and moves: what is asked of a role and not of its VM (S1, M1, M8). */
#include "provider/hyperv/act.h"

/* ---- OfflineAction (decision 058 has the order) ---- */

static bool write_by_control(struct hv_act *t)
{
    struct hv_list list;

    hv_list_init(&list, t->arena);
    hv_list_number(&list, "OfflineAction", (uint32_t)t->action->value[0]);
    return hv_control(t, t->resource, HV_RESOURCE_VM, HV_SET_PRIVATE, list.bytes, list.count);
}

static bool write_by_property(struct hv_act *t)
{
    const struct cim_object *own = hv_private(t->resource);
    struct cim_object *o, *part;

    if (!own)
        return false;
    o = cim_object_new(t->arena, cim_class_row(CIM_MSCluster_Resource)->name, t->resource->path);
    part = cim_object_copy(t->arena, own);
    cim_set_number(t->arena, part, "OfflineAction", CIM_TYPE_U32, t->action->value[0]);
    cim_set_object(t->arena, o, "PrivateProperties", CIM_TYPE_OBJECT, part);
    return hv_write(t, hv_here(t, CIM_SPACE_CLUSTER), o);
}

bool hv_offline_action(struct hv_act *t)
{
    enum { NO_VALUE = 87 };
    struct cim_object *now;

    if (!hv_find_role(t) || !hv_read_role(t) || !hv_role_is_free(t))
        return false;
    if (t->action->value[0] > OFFLINE_FORCED)
        return hv_no(t, NO_VALUE, "OfflineAction is 0 to 3");
    if (num_is(hv_offline_stored(t->resource), t->action->value[0]))
        return true;
    if (!write_by_control(t)) {
        const struct err first = t->err;

        if (!hv_refused(t))
            return false;
        if (!write_by_property(t)) {
            if (hv_refused(t))
                t->err = first;
            return false;
        }
    }
    if (!hv_fetch(t, hv_here(t, CIM_SPACE_CLUSTER), t->resource->path, &now) ||
        !num_is(hv_offline_stored(now), t->action->value[0]))
        t->accepted = true; /* said to be there, and not seen: the next looks decide */
    t->err = (struct err){.kind = ERR_NONE};
    return true;
}

/* ---- moves ---- */

/* What a role does on its way (failover-cluster 8). */
enum { BY_SHUT_DOWN = 2, BY_LIVE = 4 };
enum { RETURN_ON_ERROR = 2 }; /* not queued: what waits there would land after our deadline */

static void remember_move(struct hv_act *t)
{
    struct hv_claim *c = t->claim;

    host_mutex_lock(t->h->mutex);
    for (size_t i = 0; i < c->role_count; i++)
        if (str_eq(c->roles[i].vm_id, t->role.vm_id))
            c->roles[i].moving = arena_strdup(&c->role_arena, t->action->object);
    host_mutex_unlock(t->h->mutex);
}

static bool send_move(struct hv_act *t, uint32_t kind)
{
    struct cim_object *in = hv_in(t);
    struct hv_list list;

    hv_list_init(&list, t->arena);
    hv_list_number(&list, HV_RESOURCE_VM, kind);
    hv_list_number(&list, HV_RESOURCE_CONFIG, kind);
    cim_set_text(t->arena, in, "NodeName", CIM_TYPE_TEXT, t->action->object);
    cim_set_numbers(t->arena, in, "Parameters", CIM_TYPE_U8, list.bytes, list.count);
    cim_set_number(t->arena, in, "Flags", CIM_TYPE_U32, RETURN_ON_ERROR);
    return hv_call(
        t, hv_here(t, CIM_SPACE_CLUSTER),
        &(struct cim_call){CIM_MSCluster_ResourceGroup_MoveToNewNodeParams, t->group->path, in},
        NULL);
}

static bool go_live(struct hv_act *t)
{
    enum { NOT_ONLINE = 5023 };

    if (t->power != POWER_RUNNING)
        return hv_no(t, NOT_ONLINE, "only a VM that runs goes live (M1)");
    if (!send_move(t, BY_LIVE))
        return false;
    remember_move(t);
    t->accepted = true;
    return true;
}

/* With the configuration as it is, not as the cluster had it (M6). */
static bool go_off(struct hv_act *t)
{
    enum { NOT_OFF = 32775 };

    if (t->power != POWER_OFF)
        return hv_no(t, NOT_OFF, "the VM is not off, and saved is not off (M8)");
    if (!hv_refresh(t) || !send_move(t, BY_SHUT_DOWN))
        return false;
    t->accepted = true;
    return true;
}

bool hv_move(struct hv_act *t)
{
    enum { ROLE_BUSY = 5960 };
    const bool live = t->action->value[0] == MOVE_LIVE;
    const char *node;

    if (!hv_find_role(t) || !hv_read_role(t))
        return false;
    node = cim_text(t->resource, "OwnerNode");
    if (!hv_read_vm(t, node ? node : t->action->node))
        return false;
    if (!hv_role_is_free(t)) {
        if (live && t->err.native == ROLE_BUSY && str_same(t->role.moving, t->action->object)) {
            t->err = (struct err){.kind = ERR_NONE};
            t->accepted = true; /* it is on its way */
            return true;
        }
        return false;
    }
    if (hv_resource_state(t->resource) == RES_PENDING)
        return hv_no(t, ROLE_BUSY, "the role is locked, queued or migrating (M2)");
    if (str_same(node, t->action->object) && (!live || t->power == POWER_RUNNING))
        return true;
    return live ? go_live(t) : go_off(t);
}
