/*
 * Partitions and devices of a VM.  AddResourceSettings adds as often as it is
 * called, so they are counted first; those of checkpoints have other owners in
 * their InstanceID and are not met (V0).
 */
#include "provider/hyperv/act.h"

enum { INVALID_PARAMETER = 32773 };

/* ---- what is there ---- */

static bool own_rows(struct hv_act *t, enum cim_class class, struct cim_rows *out)
{
    return hv_rows_of(t, hv_here(t, CIM_SPACE_VIRT), class, hv_instance(t), out);
}

static const struct cim_object *row_of(struct hv_act *t, const struct cim_rows *rows,
                                       const char *id)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].path &&
            str_same(hv_device_part(t->arena, cim_text(&rows->rows[i], "InstanceID")), id))
            return &rows->rows[i];
    return NULL;
}

/* ---- what is sent ---- */

static bool add(struct hv_act *t, const struct cim_object *setting)
{
    const char *id = arena_printf(t->arena, "Microsoft:%s", t->guid);
    struct hv_session *s = hv_here(t, CIM_SPACE_VIRT);
    struct cim_object *in = hv_in(t);
    const char *service = hv_kept(t, HV_KEPT_MANAGEMENT);
    struct cim_rows rows;

    if (!service || !hv_rows(t, s, CIM_Msvm_VirtualSystemSettingData, "InstanceID", id, &rows))
        return false;
    if (!rows.count)
        return hv_no(t, 0x80041002LL, "no such VM on this node");
    cim_set_text(t->arena, in, "AffectedConfiguration", CIM_TYPE_REF, rows.rows[0].path);
    cim_set_objects(t->arena, in, "ResourceSettings", CIM_TYPE_INSTANCE, &setting, 1);
    return hv_changed(
        t, hv_call(t, s,
                   &(struct cim_call){CIM_Msvm_VirtualSystemManagementService_AddResourceSettings,
                                      service, in},
                   NULL));
}

static bool take_away(struct hv_act *t, enum cim_class class)
{
    struct cim_object *in = hv_in(t);
    const struct cim_object *row;
    const char *service;
    struct cim_rows rows;

    if (!own_rows(t, class, &rows))
        return false;
    row = row_of(t, &rows, t->action->object);
    if (!row)
        return hv_holds(t);
    if (!hv_may_change(t, true) || !(service = hv_kept(t, HV_KEPT_MANAGEMENT)))
        return false;
    cim_set_texts(t->arena, in, "ResourceSettings", CIM_TYPE_REF, &row->path, 1);
    return hv_changed(
        t, hv_call(t, hv_here(t, CIM_SPACE_VIRT),
                   &(struct cim_call){
                       CIM_Msvm_VirtualSystemManagementService_RemoveResourceSettings, service, in},
                   NULL));
}

/* ---- partitions ---- */

bool hv_adapter_remove(struct hv_act *t)
{
    return take_away(t, CIM_Msvm_GpuPartitionSettingData);
}

/* From the default, whose limits are blank; a pin only where one is put back (V4). */
bool hv_adapter_add(struct hv_act *t)
{
    const struct action *a = t->action;
    const struct cim_object *gpu = NULL;
    struct cim_object *setting;
    struct cim_rows rows;
    const char *template;

    if (!own_rows(t, CIM_Msvm_GpuPartitionSettingData, &rows))
        return false;
    if (a->value[0] && rows.count >= a->value[0])
        return hv_holds(t);
    if (!hv_may_change(t, true))
        return false;
    if (a->pin && !hv_partitionable(t, a->pin, &gpu))
        return false;
    if (a->pin && !gpu)
        return hv_no(t, INVALID_PARAMETER, "the GPU to pin to is not on this node");
    if (!(template = hv_kept(t, HV_KEPT_PARTITION)))
        return false;
    setting =
        cim_object_new(t->arena, cim_class_row(CIM_Msvm_GpuPartitionSettingData)->name, template);
    if (gpu)
        cim_set_texts(t->arena, setting, "HostResource", CIM_TYPE_TEXT, &gpu->path, 1);
    return add(t, setting);
}

/* What is wanted, else what is there, else blank; false: it differs from what is there. */
static bool merge(struct hv_act *t, struct cim_object *o, const struct cim_object *have,
                  const char *edge, int kind, struct num want)
{
    const char *name = arena_printf(t->arena, "%sPartition%s", edge, hv_quotas[kind]);
    struct num now = cim_number(have, name);

    cim_set_num(t->arena, o, name, CIM_TYPE_U64, want.known ? want : now);
    return !want.known || num_eq(want, now);
}

bool hv_adapter_limits(struct hv_act *t)
{
    const struct limits *want = t->action->limits;
    const struct cim_object *row;
    struct cim_object *o;
    struct cim_rows rows;
    bool holds = true;

    if (!own_rows(t, CIM_Msvm_GpuPartitionSettingData, &rows))
        return false;
    row = row_of(t, &rows, t->action->object);
    if (!row || !want)
        return hv_no(t, INVALID_PARAMETER, "the VM has no such adapter");
    o = cim_object_new(t->arena, row->class_name, row->path);
    for (int k = 0; k < QUOTA_KINDS; k++) {
        holds &= merge(t, o, row, "Min", k, want->min[k]);
        holds &= merge(t, o, row, "Max", k, want->max[k]);
        holds &= merge(t, o, row, "Optimal", k, want->optimal[k]);
    }
    if (holds)
        return hv_holds(t);
    return hv_may_change(t, true) && hv_modify_resource(t, o);
}

/* ---- whole devices ---- */

bool hv_request_remove(struct hv_act *t)
{
    return take_away(t, CIM_Msvm_PciExpressSettingData);
}

static bool add_device(struct hv_act *t, const char *pool, const char *device)
{
    const char *template = hv_kept(t, HV_KEPT_DEVICE);
    struct cim_object *setting;

    if (!template)
        return false;
    setting =
        cim_object_new(t->arena, cim_class_row(CIM_Msvm_PciExpressSettingData)->name, template);
    if (pool)
        cim_set_text(t->arena, setting, "PoolID", CIM_TYPE_TEXT, pool);
    else
        cim_set_texts(t->arena, setting, "HostResource", CIM_TYPE_TEXT, &device, 1);
    return add(t, setting);
}

static bool from_pool(struct hv_act *t)
{
    const struct action *a = t->action;
    struct cim_rows rows, pools;
    size_t have = 0;

    if (!own_rows(t, CIM_Msvm_PciExpressSettingData, &rows))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        have += str_eq(cim_text(&rows.rows[i], "PoolID"), a->object);
    if (a->value[0] && have >= a->value[0])
        return hv_holds(t);
    if (!hv_may_change(t, true) || !hv_pool_rows(t, &pools))
        return false;
    if (!hv_pool_named(&pools, a->object)) /* D3: with case */
        return hv_no(t, INVALID_PARAMETER, "there is no such pool on this node");
    return add_device(t, a->object, NULL);
}

/* The VM asks for this very device already. */
static bool asks_for(struct hv_act *t, const struct cim_rows *settings, const char *device)
{
    const char *wanted = hv_device_id(t->arena, device);

    for (size_t i = 0; i < settings->count; i++) {
        const char *at = cim_first(&settings->rows[i], "HostResource");

        if (at && wanted && str_same(hv_device_id(t->arena, at), wanted))
            return true;
    }
    return false;
}

static bool fixed(struct hv_act *t)
{
    const struct cim_object *device;
    struct cim_rows devices, settings;

    if (!hv_device_rows(t, &devices) || !own_rows(t, CIM_Msvm_PciExpressSettingData, &settings))
        return false;
    device = hv_dismounted(t, &devices, NULL, t->action->location);
    if (device && asks_for(t, &settings, device->path))
        return hv_holds(t);
    if (!hv_may_change(t, true))
        return false;
    if (!device)
        return hv_no(t, INVALID_PARAMETER, "no dismounted device at this location");
    return add_device(t, NULL, device->path);
}

bool hv_request_add(struct hv_act *t)
{
    return t->action->object ? from_pool(t) : fixed(t);
}
