/* Calls that change a VM: what it has, and how it is set. */
#include "cim/cim_sim_act.h"

/* ---- what the calls have in common ---- */

static struct action on_vm(struct sim_act *t, enum verb verb, uint32_t vm)
{
    return (struct action){.verb = verb, .node = t->node, .subject = t->world->now.vms[vm].id};
}

static bool no_vm(struct sim_act *t)
{
    return sim_no(t, 0x80041002, "no such VM on this node");
}

/* An instance starts from an object that is there; one that does not lacks its type and pool. */
static const struct cim_object *base_of(struct sim_act *t, const struct cim_object *o)
{
    const struct cim_object *base;

    if (!o || !o->path) {
        sim_no(t, SIM_INVALID, "an instance without resource type, sub type and pool");
        return NULL;
    }
    base = sim_object(&t->shown, o->path);
    if (base && str_same(base->class_name, o->class_name))
        return base;
    sim_no(t, SIM_INVALID, "an instance that starts from nothing that is here");
    return NULL;
}

/* ---- adding ---- */

static const char *const kinds[QUOTA_KINDS] = {"VRAM", "Encode", "Decode", "Compute"};

static struct num limit_of(struct sim_act *t, const struct cim_object *o, const char *edge,
                           int kind)
{
    return cim_number(o, arena_printf(t->arena, "%sPartition%s", edge, kinds[kind]));
}

static void limits_of(struct sim_act *t, const struct cim_object *o, struct limits *out)
{
    for (int k = 0; k < QUOTA_KINDS; k++) {
        out->min[k] = limit_of(t, o, "Min", k);
        out->max[k] = limit_of(t, o, "Max", k);
        out->optimal[k] = limit_of(t, o, "Optimal", k);
    }
}

/* HostResource is the path of an object; the name of a GPU alone is none (hyperv-wmi 2.3). */
static bool pin_of(struct sim_act *t, const struct cim_object *o, struct action *a)
{
    const char *path = cim_first(o, "HostResource");
    const struct cim_object *gpu = path && *path ? sim_object(&t->shown, path) : NULL;

    if (!path || !*path)
        return true;
    if (!gpu || cim_class_named(gpu->class_name) != CIM_Msvm_PartitionableGpu)
        return sim_no(t, SIM_INVALID, "HostResource names no GPU of this host");
    a->pin = t->world->now.gpus[sim_gpu_of_path(t, path)].path;
    return true;
}

static bool add_adapter(struct sim_act *t, uint32_t vm, const struct cim_object *o)
{
    struct action a = on_vm(t, VERB_ADAPTER_ADD, vm);
    struct limits limits;

    limits_of(t, o, &limits);
    if (!limits_blank(&limits)) /* they are written by a second call */
        return sim_no(t, SIM_INVALID, "limits are refused in the call that adds");
    return pin_of(t, o, &a) && sim_effect_as_job(t, &a, true);
}

static bool add_request(struct sim_act *t, uint32_t vm, const struct cim_object *o)
{
    struct action a = on_vm(t, VERB_REQUEST_ADD, vm);
    const char *pool = cim_text(o, "PoolID"), *path = cim_first(o, "HostResource");
    const struct cim_object *device = path && *path ? sim_object(&t->shown, path) : NULL;

    if (pool && *pool && (!path || !*path)) {
        a.object = pool;
        return sim_effect_as_job(t, &a, true);
    }
    if (pool && *pool)
        return sim_no(t, SIM_INVALID, "either a pool or a device");
    if (!device || cim_class_named(device->class_name) != CIM_Msvm_PciExpress ||
        !str_same(cim_text(device, "SystemName"), t->node) || !cim_text(device, "LocationPath"))
        return sim_no(t, SIM_INVALID, "HostResource names no dismounted device of this host");
    a.location = arena_strdup(t->arena, cim_text(device, "LocationPath"));
    return sim_effect_as_job(t, &a, true);
}

bool sim_add_resource(struct sim_act *t)
{
    const struct cim_object *o = sim_instance(t, "ResourceSettings");
    const char *path = t->call->in ? cim_text(t->call->in, "AffectedConfiguration") : NULL;
    bool copy;
    uint32_t vm = sim_vm_of_id(t, path ? cim_path_key(t->arena, path, "InstanceID") : NULL, &copy);

    if (vm == NO_INDEX || copy)
        return no_vm(t);
    if (!base_of(t, o))
        return false;
    switch (cim_class_named(o->class_name)) {
    case CIM_Msvm_GpuPartitionSettingData:
        return add_adapter(t, vm, o);
    case CIM_Msvm_PciExpressSettingData:
        return add_request(t, vm, o);
    default:
        return sim_no(t, SIM_NOT_SUPPORTED, "no resource of this class is added here");
    }
}

/* ---- changing and removing ---- */

/* What is not said stays as it is. */
static uint64_t said_or(const struct cim_object *o, const struct cim_object *base, const char *name)
{
    struct num said = cim_number(o, name);

    return said.known ? said.value : cim_number(base, name).value;
}

static bool modify_memory(struct sim_act *t, uint32_t vm, const struct cim_object *o,
                          const struct cim_object *base)
{
    struct action a = on_vm(t, VERB_VM_MEMORY, vm);
    struct num limit = cim_number(o, "Limit");

    if (limit.known && !num_eq(limit, cim_number(base, "Limit")))
        return sim_no(t, SIM_NOT_SUPPORTED, "the upper limit of memory is not changed here");
    a.value[0] = said_or(o, base, "DynamicMemoryEnabled");
    a.value[1] = said_or(o, base, "VirtualQuantity");
    a.value[2] = said_or(o, base, "Reservation");
    return sim_effect_as_job(t, &a, true);
}

static bool modify_adapter(struct sim_act *t, uint32_t vm, const struct cim_object *o,
                           const char *device)
{
    struct action a = on_vm(t, VERB_ADAPTER_LIMITS, vm);
    struct limits limits;

    if (cim_first(o, "HostResource"))
        return sim_no(t, SIM_NOT_SUPPORTED, "a pin is given when an adapter is added");
    limits_of(t, o, &limits);
    a.object = device;
    a.limits = &limits;
    return sim_effect_as_job(t, &a, true);
}

bool sim_modify_resource(struct sim_act *t)
{
    const struct cim_object *o = sim_instance(t, "ResourceSettings");
    const struct cim_object *base = base_of(t, o);
    const char *id, *device;
    uint32_t vm;
    bool copy;

    if (!base)
        return false;
    base = cim_object_copy(t->arena, base);
    id = cim_text(base, "InstanceID");
    vm = sim_vm_of_id(t, id, &copy);
    device = sim_device_of_id(t, id);
    if (vm == NO_INDEX || !device)
        return sim_no(t, SIM_INVALID, "a template is not changed");
    if (copy)
        return sim_no(t, 32775, "it belongs to a checkpoint");
    switch (cim_class_named(o->class_name)) {
    case CIM_Msvm_MemorySettingData:
        return modify_memory(t, vm, o, base);
    case CIM_Msvm_GpuPartitionSettingData:
        return modify_adapter(t, vm, o, device);
    default:
        return sim_no(t, SIM_NOT_SUPPORTED, "no resource of this class is changed here");
    }
}

bool sim_remove_resource(struct sim_act *t)
{
    const char *const *paths = NULL;
    size_t n = t->call->in ? cim_texts(t->call->in, "ResourceSettings", &paths) : 0;
    const struct cim_object *row = n == 1 ? sim_object(&t->shown, paths[0]) : NULL;
    enum cim_class class = row ? cim_class_named(row->class_name) : CIM_CLASS_NONE;
    struct action a;
    const char *id;
    uint32_t vm;
    bool copy;

    if (class != CIM_Msvm_GpuPartitionSettingData && class != CIM_Msvm_PciExpressSettingData)
        return sim_no(t, SIM_INVALID, "it names no adapter and no device of a VM here");
    id = arena_strdup(t->arena, cim_text(row, "InstanceID"));
    vm = sim_vm_of_id(t, id, &copy);
    if (vm == NO_INDEX)
        return sim_no(t, SIM_INVALID, "a template is not removed");
    a = on_vm(
        t, class == CIM_Msvm_PciExpressSettingData ? VERB_REQUEST_REMOVE : VERB_ADAPTER_REMOVE, vm);
    a.object = sim_device_of_id(t, id);
    return sim_effect_as_job(t, &a, true);
}

/* ---- settings of the VM ---- */

/* A property that is given, and not as it is. */
static bool differs(const struct cim_object *o, const struct cim_object *base, const char *name)
{
    struct num said = cim_number(o, name);

    return said.known && !num_eq(said, cim_number(base, name));
}

/* The one kind of setting that this instance changes; VERB_NONE: none; false: more than one. */
static bool kind_of(const struct cim_object *o, const struct cim_object *base, enum verb *out)
{
    static const struct {
        const char *name;
        enum verb verb;
    } properties[] = {
        {"LowMmioGapSize", VERB_VM_MMIO},
        {"HighMmioGapSize", VERB_VM_MMIO},
        {"GuestControlledCacheTypes", VERB_VM_CACHE_TYPES},
        {"AutomaticShutdownAction", VERB_VM_STOP_ACTION},
        {"UserSnapshotType", VERB_VM_CHECKPOINTS},
        {"AutomaticSnapshotsEnabled", VERB_VM_CHECKPOINTS},
    };

    *out = VERB_NONE;
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        if (!differs(o, base, properties[i].name))
            continue;
        if (*out != VERB_NONE && *out != properties[i].verb)
            return false;
        *out = properties[i].verb;
    }
    return true;
}

/* 2 and so on of the platform is 1 and so on here. */
static bool word_of(struct sim_act *t, uint64_t number, uint64_t most, uint64_t *out)
{
    if (number < 2 || number > most)
        return sim_no(t, SIM_INVALID, "no such value");
    *out = number - 1;
    return true;
}

static bool checkpoints_of(struct sim_act *t, const struct cim_object *o,
                           const struct cim_object *base, struct action *a)
{
    enum { MOST = 5 };
    bool automatic = differs(o, base, "AutomaticSnapshotsEnabled");

    if (!word_of(t, said_or(o, base, "UserSnapshotType"), MOST, &a->value[0]))
        return false;
    if (automatic &&
        (said_or(o, base, "AutomaticSnapshotsEnabled") != 0 || a->value[0] != CHECKPOINTS_DISABLED))
        return sim_no(t, SIM_NOT_SUPPORTED,
                      "automatic checkpoints are switched off with all others only, here");
    return true;
}

static bool values_of(struct sim_act *t, const struct cim_object *o, const struct cim_object *base,
                      struct action *a)
{
    enum { MOST_SHUTDOWN = 4 };

    switch (a->verb) {
    case VERB_VM_MMIO:
        a->value[0] = said_or(o, base, "LowMmioGapSize");
        a->value[1] = said_or(o, base, "HighMmioGapSize");
        return true;
    case VERB_VM_CACHE_TYPES:
        a->value[0] = said_or(o, base, "GuestControlledCacheTypes");
        return true;
    case VERB_VM_STOP_ACTION:
        return word_of(t, said_or(o, base, "AutomaticShutdownAction"), MOST_SHUTDOWN, &a->value[0]);
    default:
        return checkpoints_of(t, o, base, a);
    }
}

bool sim_modify_system(struct sim_act *t)
{
    const struct cim_object *o = sim_instance(t, "SystemSettings");
    const struct cim_object *base = base_of(t, o);
    struct action a;
    enum verb verb;
    uint32_t vm;
    bool copy;

    if (!base)
        return false;
    base = cim_object_copy(t->arena, base);
    vm = sim_vm_of_id(t, cim_text(base, "InstanceID"), &copy);
    if (cim_class_named(o->class_name) != CIM_Msvm_VirtualSystemSettingData || vm == NO_INDEX)
        return sim_no(t, SIM_INVALID, "it is no settings of a VM");
    if (copy)
        return sim_no(t, 32775, "it belongs to a checkpoint");
    if (!kind_of(o, base, &verb))
        return sim_no(t, SIM_NOT_SUPPORTED, "one kind of setting in one call, here");
    if (verb == VERB_NONE)
        return sim_nothing_to_do(t);
    a = on_vm(t, verb, vm);
    return values_of(t, o, base, &a) && sim_effect_as_job(t, &a, true);
}

/* ---- power ---- */

bool sim_request_state(struct sim_act *t)
{
    enum { START = 2, OFF = 3 };
    struct num state = t->call->in ? cim_number(t->call->in, "RequestedState") : NUM_UNKNOWN;
    const char *name = cim_path_key(t->arena, t->call->path, "Name");
    uint32_t vm = state_vm(&t->world->now, name);
    bool starts;
    struct action a;

    if (vm == NO_INDEX) /* the host is such an object as well */
        return sim_no(t, SIM_NOT_SUPPORTED, "not of a host");
    starts = t->world->now.vms[vm].power == POWER_STARTING;
    if (num_is(state, START)) {
        a = on_vm(t, VERB_VM_START, vm);
        return sim_effect_as_job(t, &a, true);
    }
    if (!num_is(state, OFF))
        return sim_no(t, SIM_NOT_SUPPORTED, "only on and off are asked for here");
    a = on_vm(t, starts ? VERB_VM_CANCEL_START : VERB_VM_STOP, vm);
    a.value[0] = starts ? 0 : STOP_TURN_OFF;
    return sim_effect_as_job(t, &a, false);
}

/* There is no job: whoever asked reads the state until it is off. */
bool sim_initiate_shutdown(struct sim_act *t)
{
    const char *name = cim_path_key(t->arena, t->call->path, "SystemName");
    bool force = t->call->in && cim_tri(t->call->in, "Force") == TRI_YES;
    uint32_t vm = state_vm(&t->world->now, name);
    enum vm_power power;
    struct action a;

    if (vm == NO_INDEX || !shows_vm(&t->shown, &t->world->now.vms[vm]))
        return no_vm(t);
    power = t->world->now.vms[vm].power;
    if (power != POWER_RUNNING && power != POWER_STOPPING)
        return sim_no(t, SIM_ASK_NOT_READY, "the guest has no shutdown component");
    if (!force && (power == POWER_STOPPING || (t->world->sim && t->world->sim[vm].asked)))
        return sim_no(t, SIM_ASK_IN_PROGRESS, "a shutdown is in progress");
    a = on_vm(t, VERB_VM_STOP, vm);
    a.value[0] = force ? STOP_FORCED : STOP_GUEST;
    return sim_effect(t, &a, false) && sim_nothing_to_do(t);
}
