/* The host itself: its system, its devices as the system sees them, its registry. */
#include "cim/cim_sim_inner.h"

#define SURVEY_KEYS "{3AB22E31-8264-4b4e-9AF5-A8D2D8E33E62} "
#define CLASS_KEY   "{4d36e968-e325-11ce-bfc1-08002be10318}"
#define CLASS_ROOT  "SYSTEM\\ControlSet001\\Control\\Class\\"
#define CLASS_NOW   "SYSTEM\\CurrentControlSet\\Control\\Class\\" /* the same */
#define POLICY_KEY  "SOFTWARE\\Policies\\Microsoft\\Windows\\HyperV"

void sim_show_system(struct shown *s)
{
    const struct node *node = &s->now->nodes[s->at];
    const struct cim_class_row *row = cim_class_row(s->class);
    struct cim_object *o = show_row(s, arena_printf(s->arena, "\\\\%s\\%s:%s=@", s->host,
                                                    cim_space_paths[row->space], row->name));

    show_text(s, o, "BuildNumber",
              node->build.known
                  ? arena_printf(s->arena, "%llu", (unsigned long long)node->build.value)
                  : NULL);
    show_text(s, o, "LastBootUpTime", sim_datetime(s->arena, node->boot_ms));
    show_text(s, o, "LocalDateTime", sim_datetime(s->arena, s->now->observed_ms));
    show_text(s, o, "CSName", s->host);
}

/* ---- PnP ---- */

static const char *pnp_id(struct arena *a, const struct gpu *gpu)
{
    return gpu->state == GPU_DISMOUNTED ? sim_pcip(a, gpu) : gpu->path;
}

/* From the special to the general; the last ones say what class of device it is. */
static size_t compatible_ids(struct arena *a, const struct gpu *gpu, const char *out[3])
{
    const char *kind = gpu->is_gpu ? "CC_0302" : "CC_0108";
    size_t n = 0;

    if (gpu->pci && strlen(gpu->pci) == 9) {
        const char *vendor = sim_upper(a, arena_strndup(a, gpu->pci, 4));
        const char *device = sim_upper(a, gpu->pci + 5);

        out[n++] = arena_printf(a, "PCI\\VEN_%s&DEV_%s", vendor, device);
        out[n++] = arena_printf(a, "PCI\\VEN_%s&%s", vendor, kind);
    }
    out[n++] = arena_printf(a, "PCI\\%s", kind);
    return n;
}

static struct num problem(enum gpu_state state)
{
    enum { WORKS = 0, DISABLED = 22, NO_DRIVER = 28 };

    return state == GPU_UNKNOWN     ? NUM_UNKNOWN
           : state == GPU_DISABLED  ? NUM(DISABLED)
           : state == GPU_NO_DRIVER ? NUM(NO_DRIVER)
                                    : NUM(WORKS);
}

static const char *pnp_name(const struct gpu *gpu)
{
    if (gpu->state == GPU_DISMOUNTED)
        return "PCI Express Device - Dismounted";
    if (gpu->model)
        return gpu->model;
    return gpu->is_gpu ? "3D Video Controller" : "PCI Device";
}

static const char *pnp_class(const struct gpu *gpu)
{
    if (gpu->state == GPU_DISMOUNTED)
        return "System";
    if (!gpu->is_gpu)
        return "SCSIAdapter";
    return gpu->model ? "Display" : NULL; /* without a driver it has no class */
}

void sim_show_pnp(struct shown *s)
{
    for (size_t i = 0; i < s->now->gpu_count; i++) {
        const struct gpu *gpu = &s->now->gpus[i];
        const char *ids[3], *id = pnp_id(s->arena, gpu);
        struct cim_object *o;

        if (gpu->node != s->at)
            continue;
        o = show_row(s, sim_path(s->arena, s->host, s->class, "DeviceID", id));
        show_text(s, o, "DeviceID", id);
        show_text(s, o, "Name", pnp_name(gpu));
        show_text(s, o, "PNPClass", pnp_class(gpu));
        show_texts(s, o, "CompatibleID", ids, compatible_ids(s->arena, gpu, ids));
        show_num(s, o, "ConfigManagerErrorCode", problem(gpu->state));
    }
}

/* 580.95 is 32.0.15.8095 on Windows: its last five digits. */
static const char *windows_version(struct arena *a, const char *driver)
{
    const char *dot = driver ? strchr(driver, '.') : NULL;

    if (!dot || dot - driver != 3 || strlen(dot) != 3 || strspn(driver, "0123456789") != 3 ||
        strspn(dot + 1, "0123456789") != 2)
        return driver; /* another vendor's */
    return arena_printf(a, "32.0.1%c.%c%c%s", driver[0], driver[1], driver[2], dot + 1);
}

void sim_show_video(struct shown *s)
{
    for (size_t i = 0; i < s->now->gpu_count; i++) {
        const struct gpu *gpu = &s->now->gpus[i];
        const char *id = arena_printf(s->arena, "VideoController%u", (unsigned)i + 1);
        struct cim_object *o;

        if (gpu->node != s->at || !gpu->is_gpu || !gpu->model || gpu->state == GPU_DISMOUNTED)
            continue;
        o = show_row(s, sim_path(s->arena, s->host, s->class, "DeviceID", id));
        show_text(s, o, "PNPDeviceID", gpu->path);
        show_text(s, o, "Name", gpu->model);
        show_text(s, o, "DriverVersion", windows_version(s->arena, gpu->driver));
    }
}

/* ---- properties of a device ---- */

static const struct gpu *gpu_of_pnp(const struct shown *s, const char *path)
{
    const char *id = cim_path_key(s->arena, path, "DeviceID");

    for (size_t i = 0; id && i < s->now->gpu_count; i++)
        if (s->now->gpus[i].node == s->at && str_same(pnp_id(s->arena, &s->now->gpus[i]), id))
            return &s->now->gpus[i];
    return NULL;
}

/* The NNNN of its driver's key below the class. */
static const char *driver_key(struct arena *a, const struct gpu *gpu)
{
    return arena_printf(a, CLASS_KEY "\\%04u", (unsigned)gpu->ordinal);
}

/* A number of the survey of assignable devices (hyperv-wmi 3.7); unknown: it has none. */
static struct num surveyed(const struct gpu *gpu, const char *number)
{
    enum { CONVENTIONAL = 0, ENDPOINT = 2, ACS_NONE = 0, ACS_YES = 3 };
    bool no = gpu->state == GPU_NOT_ASSIGNABLE;

    if (str_eq(number, "1"))
        return NUM(no ? CONVENTIONAL : ENDPOINT);
    if (str_eq(number, "31"))
        return NUM(no ? ACS_NONE : ACS_YES);
    return NUM_UNKNOWN;
}

static struct cim_object *device_property(struct shown *s, const struct gpu *gpu, const char *key)
{
    struct arena *a = s->arena;
    struct cim_object *o;
    struct num number = str_starts_fold(key, SURVEY_KEYS)
                            ? surveyed(gpu, key + sizeof SURVEY_KEYS - 1)
                            : NUM_UNKNOWN;

    if (str_same(key, "DEVPKEY_Device_LocationPaths") && gpu->location_count) {
        o = cim_object_new(a, "Win32_PnPDevicePropertyStringArray", NULL);
        cim_set_texts(a, o, "Data", CIM_TYPE_TEXT, gpu->locations, gpu->location_count);
    } else if (str_same(key, "DEVPKEY_Device_Driver") && gpu->model) {
        o = cim_object_new(a, "Win32_PnPDevicePropertyString", NULL);
        cim_set_text(a, o, "Data", CIM_TYPE_TEXT, driver_key(a, gpu));
    } else if (str_same(key, SURVEY_KEYS "34")) {
        o = cim_object_new(a, "Win32_PnPDevicePropertyBoolean", NULL);
        cim_set_number(a, o, "Data", CIM_TYPE_BOOLEAN, 0);
    } else if (number.known) {
        o = cim_object_new(a, "Win32_PnPDevicePropertyUint32", NULL);
        cim_set_num(a, o, "Data", CIM_TYPE_U32, number);
    } else {
        o = cim_object_new(a, "Win32_PnPDeviceProperty", NULL); /* it does not have it: no Data */
    }
    cim_set_text(a, o, "DeviceID", CIM_TYPE_TEXT, pnp_id(a, gpu));
    cim_set_text(a, o, "KeyName", CIM_TYPE_TEXT, key);
    return o;
}

static bool device_properties(struct shown *s, const struct cim_call *call, struct cim_object *out,
                              struct err *e)
{
    const struct gpu *gpu = gpu_of_pnp(s, call->path);
    const struct cim_object **found;
    const char *const *keys;
    size_t n = call->in ? cim_texts(call->in, "devicePropertyKeys", &keys) : 0;

    if (!gpu)
        return sim_not_found(e, call->path);
    found = arena_array(s->arena, const struct cim_object *, n + 1);
    for (size_t i = 0; i < n; i++)
        found[i] = device_property(s, gpu, keys[i]);
    cim_set_objects(s->arena, out, "deviceProperties", CIM_TYPE_OBJECT, found, n);
    return true;
}

/* ---- the registry ---- */

static struct num policy(const struct node *node, const char *value)
{
    enum tri tri = str_same(value, "RequireSecureDeviceAssignment")      ? node->require_secure
                   : str_same(value, "RequireSupportedDeviceAssignment") ? node->require_supported
                                                                         : TRI_UNKNOWN;

    return tri == TRI_UNKNOWN ? NUM_UNKNOWN : NUM(tri == TRI_YES);
}

/* The NNNN of a driver, with its class; NULL: another key. */
static const char *behind_class(const char *key)
{
    return str_starts_fold(key, CLASS_ROOT)  ? key + sizeof CLASS_ROOT - 1
           : str_starts_fold(key, CLASS_NOW) ? key + sizeof CLASS_NOW - 1
                                             : NULL;
}

static struct num registry_number(const struct shown *s, const char *key, const char *value)
{
    if (str_same(key, POLICY_KEY))
        return policy(&s->now->nodes[s->at], value);
    for (size_t i = 0; i < s->now->gpu_count && str_same(value, "GridGpupProfileType"); i++) {
        const struct gpu *gpu = &s->now->gpus[i];

        if (gpu->node == s->at && gpu->model &&
            str_same(behind_class(key), driver_key(s->arena, gpu)))
            return gpu->series;
    }
    return NUM_UNKNOWN;
}

/* 2: there is no such value. */
static bool registry(struct shown *s, const struct cim_call *call, struct cim_object *out)
{
    enum { NOT_THERE = 2 };
    const char *key = call->in ? cim_text(call->in, "sSubKeyName") : NULL;
    const char *value = call->in ? cim_text(call->in, "sValueName") : NULL;
    bool local = call->in && num_is(cim_number(call->in, "hDefKey"), SIM_HKLM) && key && value;
    bool text = call->method == CIM_StdRegProv_GetStringValue;
    struct num number = local && !text ? registry_number(s, key, value) : NUM_UNKNOWN;
    const char *owner = local && text && s->now->standalone && str_same(key, SIM_OWNER_KEY) &&
                                str_same(value, SIM_OWNER_VALUE)
                            ? sim_owner_text(s->arena, s->world)
                            : NULL;

    if (text)
        cim_set_text(s->arena, out, "sValue", CIM_TYPE_TEXT, owner);
    else
        cim_set_num(s->arena, out, "uValue", CIM_TYPE_U32, number);
    cim_set_number(s->arena, out, "ReturnValue", CIM_TYPE_U32,
                   owner || number.known ? 0 : NOT_THERE);
    return true;
}

/* ---- what the account may do (WBEM_SECURITY_FLAGS) ---- */

static bool caller_rights(const struct shown *s, const struct cim_call *call,
                          struct cim_object *out, struct err *e)
{
    enum { ENABLE = 1, EXECUTE = 2, WRITE_PROVIDER = 0x10, REMOTE = 0x20 };
    enum { OTHERS = 0x6000C }; /* the repository, and the security of the namespace itself */
    const struct sim_rights has = world_rights(s->world, s->at);
    const unsigned rights = ENABLE | OTHERS | (has.execute ? EXECUTE : 0) |
                            (has.write ? WRITE_PROVIDER : 0) | (has.remote ? REMOTE : 0);

    if (!str_same(call->path, "__SystemSecurity=@"))
        return sim_not_found(e, call->path);
    cim_set_number(s->arena, out, "rights", CIM_TYPE_S32, rights);
    cim_set_number(s->arena, out, "ReturnValue", CIM_TYPE_U32, 0);
    return true;
}

/* ---- what the VMs' hosts know of the guests ---- */

static bool summaries(struct shown *s, const struct cim_call *call, struct cim_object *out)
{
    const struct cim_object **found =
        arena_array(s->arena, const struct cim_object *, s->now->vm_count + 1);
    const char *const *of = NULL;
    size_t n = 0, asked = call->in ? cim_texts(call->in, "SettingData", &of) : 0;

    for (size_t i = 0; i < s->now->vm_count; i++) {
        const struct vm *vm = &s->now->vms[i];
        const char *id = sim_id(s->arena, vm->id, NULL);
        struct cim_object *o;
        bool wanted = !asked;

        for (size_t k = 0; k < asked && !wanted; k++)
            wanted = str_same(cim_path_key(s->arena, of[k], "InstanceID"), id);
        if (!shows_vm(s, vm) || !wanted)
            continue;
        o = cim_object_new(s->arena, cim_class_row(CIM_Msvm_SummaryInformation)->name, NULL);
        show_text(s, o, "Name", sim_upper(s->arena, vm->id));
        show_text(s, o, "GuestOperatingSystem",
                  vm->power == POWER_RUNNING ? vm->guest_system : NULL);
        found[n++] = o;
    }
    cim_set_objects(s->arena, out, "SummaryInformation", CIM_TYPE_OBJECT, found, n);
    cim_set_number(s->arena, out, "ReturnValue", CIM_TYPE_U32, 0);
    return true;
}

bool sim_ask(struct shown *s, const struct cim_call *call, struct cim_object *out, struct err *e)
{
    if (call->method == CIM___SystemSecurity_GetCallerAccessRights)
        return caller_rights(s, call, out, e); /* who may look may ask that */
    if (!world_rights(s->world, s->at).execute)
        return sim_denied(e);
    switch (call->method) {
    case CIM_Win32_PnPEntity_GetDeviceProperties:
        return device_properties(s, call, out, e);
    case CIM_Msvm_VirtualSystemManagementService_GetSummaryInformation:
        return summaries(s, call, out);
    case CIM_StdRegProv_GetDWORDValue:
    case CIM_StdRegProv_GetStringValue:
        return registry(s, call, out);
    default:
        return err_set(e, ERR_UNSUPPORTED, 0x80041010, "%s: no such method that reads",
                       cim_method_row(call->method)->name);
    }
}
