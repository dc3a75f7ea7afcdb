/* Settings of a VM: read first, and only what differs is written (S2 to S6). */
#include "provider/hyperv/act.h"

/* ---- what is there ---- */

/* The VM's own settings, not those of a checkpoint. */
static const struct cim_object *read_settings(struct hv_act *t)
{
    const char *id = arena_printf(t->arena, "Microsoft:%s", t->guid);
    struct cim_rows rows;

    if (!hv_rows(t, hv_here(t, CIM_SPACE_VIRT), CIM_Msvm_VirtualSystemSettingData, "InstanceID", id,
                 &rows))
        return NULL;
    if (rows.count && rows.rows[0].path)
        return &rows.rows[0];
    hv_no(t, 0x80041002LL, "no such VM on this node");
    return NULL;
}

static const struct cim_object *read_memory(struct hv_act *t)
{
    struct cim_rows rows;

    if (!hv_rows_of(t, hv_here(t, CIM_SPACE_VIRT), CIM_Msvm_MemorySettingData, hv_instance(t),
                    &rows))
        return NULL;
    if (rows.count && rows.rows[0].path)
        return &rows.rows[0];
    hv_no(t, 0x80041002LL, "no such VM on this node");
    return NULL;
}

/* ---- what is written ---- */

static void differ(struct hv_act *t, struct cim_object *o, const struct cim_object *have,
                   const char *name, enum cim_type type, uint64_t want)
{
    if (!num_is(cim_number(have, name), want))
        cim_set_number(t->arena, o, name, type, want);
}

static struct cim_object *change_of(struct hv_act *t, const struct cim_object *have)
{
    return cim_object_new(t->arena, have->class_name, have->path);
}

static bool write_settings(struct hv_act *t, const struct cim_object *o, bool needs_off)
{
    struct cim_object *in = hv_in(t);
    const char *service;

    if (!o->count)
        return hv_holds(t);
    if (!hv_may_change(t, needs_off) || !(service = hv_kept(t, HV_KEPT_MANAGEMENT)))
        return false;
    cim_set_object(t->arena, in, "SystemSettings", CIM_TYPE_INSTANCE, o);
    return hv_changed(
        t, hv_call(t, hv_here(t, CIM_SPACE_VIRT),
                   &(struct cim_call){CIM_Msvm_VirtualSystemManagementService_ModifySystemSettings,
                                      service, in},
                   NULL));
}

bool hv_modify_resource(struct hv_act *t, const struct cim_object *o)
{
    struct cim_object *in = hv_in(t);
    const char *service = hv_kept(t, HV_KEPT_MANAGEMENT);

    if (!service)
        return false;
    cim_set_objects(t->arena, in, "ResourceSettings", CIM_TYPE_INSTANCE, &o, 1);
    return hv_changed(
        t, hv_call(t, hv_here(t, CIM_SPACE_VIRT),
                   &(struct cim_call){
                       CIM_Msvm_VirtualSystemManagementService_ModifyResourceSettings, service, in},
                   NULL));
}

/* ---- the verbs ---- */

bool hv_stop_type(struct hv_act *t)
{
    const struct cim_object *have = read_settings(t);
    struct num code = hv_stop_action_code(t->action->value[0]);
    struct cim_object *o;

    if (!have)
        return false;
    o = change_of(t, have);
    differ(t, o, have, "AutomaticShutdownAction", CIM_TYPE_U16, code.value);
    return write_settings(t, o, true);
}

bool hv_checkpoints_type(struct hv_act *t)
{
    const struct cim_object *have = read_settings(t);
    struct num code = hv_checkpoints_code(t->action->value[0]);
    struct cim_object *o;

    if (!have)
        return false;
    o = change_of(t, have);
    differ(t, o, have, "UserSnapshotType", CIM_TYPE_U16, code.value);
    if (t->action->value[0] == CHECKPOINTS_DISABLED &&
        cim_tri(have, "AutomaticSnapshotsEnabled") == TRI_YES) /* S4: the automatic ones too */
        cim_set_number(t->arena, o, "AutomaticSnapshotsEnabled", CIM_TYPE_BOOLEAN, 0);
    return write_settings(t, o, false);
}

bool hv_mmio(struct hv_act *t)
{
    const struct cim_object *have = read_settings(t);
    struct cim_object *o;

    if (!have)
        return false;
    o = change_of(t, have);
    differ(t, o, have, "LowMmioGapSize", CIM_TYPE_U64, t->action->value[0]); /* MB, as ours */
    differ(t, o, have, "HighMmioGapSize", CIM_TYPE_U64, t->action->value[1]);
    return write_settings(t, o, true);
}

bool hv_cache_types(struct hv_act *t)
{
    const struct cim_object *have = read_settings(t);
    struct cim_object *o;

    if (!have)
        return false;
    o = change_of(t, have);
    differ(t, o, have, "GuestControlledCacheTypes", CIM_TYPE_BOOLEAN, t->action->value[0] != 0);
    return write_settings(t, o, true);
}

bool hv_memory(struct hv_act *t)
{
    const struct cim_object *have = read_memory(t);
    const struct action *a = t->action;
    struct cim_object *o;

    if (!have)
        return false;
    o = change_of(t, have);
    differ(t, o, have, "DynamicMemoryEnabled", CIM_TYPE_BOOLEAN, a->value[0] != 0);
    if (a->value[1])
        differ(t, o, have, "VirtualQuantity", CIM_TYPE_U64, a->value[1]); /* MB, as ours */
    if (a->value[2])
        differ(t, o, have, "Reservation", CIM_TYPE_U64, a->value[2]);
    if (!o->count)
        return hv_holds(t);
    return hv_may_change(t, true) && hv_modify_resource(t, o);
}
