/* Counts of GPUs, and devices on their way from the host and back (C4, D2). */
#include "provider/hyperv/act.h"

enum { NOT_FOUND = 0x80041002LL, NOT_SUPPORTED = 32770, WRONG_STATE = 32775, NEEDS_REBOOT = 3010 };
enum { DISABLED = 22 }; /* ConfigManagerErrorCode */

static bool no_device(struct hv_act *t)
{
    return hv_no(t, NOT_FOUND, "no such device on this node");
}

/* ---- GPUs that are cut ---- */

bool hv_partitionable(struct hv_act *t, const char *path, const struct cim_object **out)
{
    struct cim_rows rows;

    *out = NULL;
    if (!hv_rows(t, hv_here(t, CIM_SPACE_VIRT), CIM_Msvm_PartitionableGpu, NULL, NULL, &rows))
        return false;
    for (size_t i = 0; i < rows.count && !*out; i++) {
        const char *name = cim_text(&rows.rows[i], "Name");

        if (name && rows.rows[i].path && str_same(hv_device_path(t->arena, name), path))
            *out = &rows.rows[i];
    }
    return true;
}

/* ---- devices of the host ---- */

bool hv_device_rows(struct hv_act *t, struct cim_rows *out)
{
    return hv_rows(t, hv_here(t, CIM_SPACE_VIRT), CIM_Msvm_PciExpress, NULL, NULL, out);
}

/* A device in a VM has a row of its own, with the VM's GUID in the host's place. */
static bool is_guid(const char *s)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (!s || strlen(s) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++)
        if ((form[i] == '-') != (s[i] == '-'))
            return false;
    return true;
}

const struct cim_object *hv_dismounted(struct hv_act *t, const struct cim_rows *rows,
                                       const char *path, const char *location)
{
    const struct cim_object *found = NULL;

    for (size_t i = 0; i < rows->count; i++) {
        const struct cim_object *o = &rows->rows[i];
        const char *device = cim_text(o, "DeviceInstancePath");

        if (!o->path || is_guid(cim_text(o, "SystemName")))
            continue;
        if (path && device && str_same(hv_device_path(t->arena, device), path))
            return o;
        if (!found && location && str_same(cim_text(o, "LocationPath"), location))
            found = o;
    }
    return found;
}

/* The device as plug and play has it; *out NULL: there is none such. */
static bool plugged(struct hv_act *t, const struct cim_object **out)
{
    struct cim_rows rows;

    *out = NULL;
    if (!hv_rows(t, hv_here(t, CIM_SPACE_CIMV2), CIM_Win32_PnPEntity, "DeviceID",
                 t->action->subject, &rows))
        return false;
    for (size_t i = 0; i < rows.count && !*out; i++)
        if (rows.rows[i].path)
            *out = &rows.rows[i];
    return true;
}

static bool find_dismounted(struct hv_act *t, const struct cim_object **out)
{
    struct cim_rows rows;

    if (!hv_device_rows(t, &rows))
        return false;
    *out = hv_dismounted(t, &rows, t->action->subject, t->action->location);
    return true;
}

static bool is_disabled(const struct cim_object *device)
{
    return num_is(cim_number(device, "ConfigManagerErrorCode"), DISABLED);
}

/* ---- counts ---- */

/* Something else than a GPU that is cut, or nothing at all. */
static bool not_cut(struct hv_act *t)
{
    const struct cim_object *device, *gone = NULL;

    if (!plugged(t, &device) || (!device && !find_dismounted(t, &gone)))
        return false;
    return device || gone ? hv_no(t, NOT_SUPPORTED, "the GPU is not partitioned") : no_device(t);
}

/* PartitionCount and nothing else; what it becomes is read by the next look. */
bool hv_count(struct hv_act *t)
{
    const struct cim_object *gpu;
    struct cim_object *o;

    if (!hv_partitionable(t, t->action->subject, &gpu))
        return false;
    if (!gpu)
        return not_cut(t);
    if (path_is_paravirtual(cim_text(gpu, "Name"))) /* C7: what it counts is a placeholder */
        return hv_no(t, NOT_SUPPORTED, "the GPU is not partitioned");
    if (num_is(cim_number(gpu, "PartitionCount"), t->action->value[0]))
        return true;
    o = cim_object_new(t->arena, gpu->class_name, gpu->path);
    cim_set_number(t->arena, o, "PartitionCount", CIM_TYPE_U16, t->action->value[0]);
    return hv_write(t, hv_here(t, CIM_SPACE_VIRT), o);
}

/* ---- disable and enable ---- */

static bool plug(struct hv_act *t, const struct cim_object *device, enum cim_method method)
{
    struct cim_object *answer;

    if (!hv_call(t, hv_here(t, CIM_SPACE_CIMV2), &(struct cim_call){method, device->path, NULL},
                 &answer))
        return false;
    if (cim_tri(answer, "rebootNeeded") == TRI_YES)
        return hv_no(t, NEEDS_REBOOT, "a reboot of the host is needed first (D2)");
    return true;
}

bool hv_disable(struct hv_act *t)
{
    const struct cim_object *device, *gone, *gpu;

    if (!plugged(t, &device))
        return false;
    if (!device)
        return find_dismounted(t, &gone) && (gone || no_device(t));
    if (is_disabled(device))
        return true;
    if (!hv_partitionable(t, t->action->subject, &gpu))
        return false;
    if (gpu) /* D1 */
        return hv_no(t, NOT_SUPPORTED, "a partitioned GPU is not set aside");
    return plug(t, device, CIM_Win32_PnPEntity_Disable);
}

bool hv_enable(struct hv_act *t)
{
    const struct cim_object *device, *gone;

    if (!plugged(t, &device))
        return false;
    if (device)
        return !is_disabled(device) || plug(t, device, CIM_Win32_PnPEntity_Enable);
    if (!find_dismounted(t, &gone))
        return false;
    return gone ? hv_no(t, WRONG_STATE, "the device is dismounted") : no_device(t);
}

/* ---- dismount and mount ---- */

/* Both demands are written either way: what is not said would be the host's own choice. */
bool hv_dismount(struct hv_act *t)
{
    const struct action *a = t->action;
    const struct cim_object *gone;
    struct cim_object *in = hv_in(t), *setting;
    const char *service;
    bool strict = a->value[0] != 1;

    if (!find_dismounted(t, &gone))
        return false;
    if (gone)
        return true;
    if (!(service = hv_kept(t, HV_KEPT_ASSIGNABLE)))
        return false;
    setting = cim_object_new(
        t->arena, cim_class_row(CIM_Msvm_AssignableDeviceDismountSettingData)->name, NULL);
    if (a->location)
        cim_set_text(t->arena, setting, "DeviceLocationPath", CIM_TYPE_TEXT, a->location);
    else
        cim_set_text(t->arena, setting, "DeviceInstancePath", CIM_TYPE_TEXT, a->subject);
    cim_set_number(t->arena, setting, "RequireAcsSupport", CIM_TYPE_BOOLEAN, strict);
    cim_set_number(t->arena, setting, "RequireDeviceMitigations", CIM_TYPE_BOOLEAN, strict);
    cim_set_object(t->arena, in, "DismountSettingData", CIM_TYPE_INSTANCE, setting);
    return hv_call(
        t, hv_here(t, CIM_SPACE_VIRT),
        &(struct cim_call){CIM_Msvm_AssignableDeviceService_DismountAssignableDevice, service, in},
        NULL);
}

bool hv_mount(struct hv_act *t)
{
    const struct cim_object *gone, *device;
    struct cim_object *in = hv_in(t);
    const char *service;

    if (!find_dismounted(t, &gone))
        return false;
    if (!gone)
        return plugged(t, &device) && (device || no_device(t));
    if (!(service = hv_kept(t, HV_KEPT_ASSIGNABLE)))
        return false;
    cim_set_text(t->arena, in, "DeviceInstancePath", CIM_TYPE_TEXT,
                 cim_text(gone, "DeviceInstancePath"));
    cim_set_text(t->arena, in, "DeviceLocationPath", CIM_TYPE_TEXT, cim_text(gone, "LocationPath"));
    return hv_call(
        t, hv_here(t, CIM_SPACE_VIRT),
        &(struct cim_call){CIM_Msvm_AssignableDeviceService_MountAssignableDevice, service, in},
        NULL);
}
