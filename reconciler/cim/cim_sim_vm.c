/* VMs as their host registers them, and what serves them there. */
#include "cim/cim_sim_inner.h"

#define MEMORY_DEVICE "4764334D-E001-4176-82EE-5594EC9B530E"

/* ---- power ---- */

static struct num enabled_state(enum vm_power power)
{
    static const uint16_t states[] = {
        [POWER_OFF] = 3,       [POWER_RUNNING] = 2,  [POWER_SAVED] = 6,        [POWER_PAUSED] = 9,
        [POWER_STARTING] = 10, [POWER_STOPPING] = 4, [POWER_CRITICAL] = 32781,
    };

    return power == POWER_UNKNOWN ? NUM_UNKNOWN : NUM(states[power]);
}

static void show_computer(struct shown *s, const char *name, const char *label, struct num state,
                          int64_t stamp_ms)
{
    struct cim_object *o =
        show_row(s, sim_system_path(s->arena, s->host, CIM_Msvm_ComputerSystem, name));

    show_text(s, o, "Name", name);
    show_text(s, o, "ElementName", label);
    show_num(s, o, "EnabledState", state);
    show_text(s, o, "TimeOfLastStateChange", sim_datetime(s->arena, stamp_ms));
}

/* The host itself is the first. */
void sim_show_systems(struct shown *s)
{
    show_computer(s, s->host, s->host, NUM(2), s->now->nodes[s->at].boot_ms);
    for (size_t i = 0; i < s->now->vm_count; i++) {
        const struct vm *vm = &s->now->vms[i];

        if (shows_vm(s, vm))
            show_computer(s, sim_upper(s->arena, vm->id), vm->name, enabled_state(vm->power),
                          vm->stamp_ms);
    }
}

void sim_show_shutdown(struct shown *s)
{
    for (size_t i = 0; i < s->now->vm_count; i++) {
        const struct vm *vm = &s->now->vms[i];
        const char *system, *id;
        struct cim_object *o;

        if (!shows_vm(s, vm) || vm->can_shut_down == TRI_NO ||
            (vm->power != POWER_RUNNING && vm->power != POWER_STOPPING))
            continue;
        system = sim_upper(s->arena, vm->id);
        id = sim_id(s->arena, sim_guid(s->arena, "shutdown", vm->id, 0), NULL);
        o = show_row(s, sim_device_path(s->arena, s->host, s->class, id, system));
        show_text(s, o, "SystemName", system);
        show_text(s, o, "DeviceID", id);
    }
}

/* ---- settings ---- */

static struct num shutdown_action(enum stop_action action)
{
    return action == STOP_ACTION_UNKNOWN ? NUM_UNKNOWN : NUM((uint64_t)action + 1); /* 2, 3, 4 */
}

static struct num snapshot_type(enum checkpoints type)
{
    return type == CHECKPOINTS_UNKNOWN ? NUM_UNKNOWN : NUM((uint64_t)type + 1); /* 2 to 5 */
}

/* The first of the marks that say so (decision 055). */
static const char *owner_note(enum vm_owner owner)
{
    for (const struct cim_mark *m = cim_marks; m->text; m++)
        if (owner == (m->aks ? OWNER_AKS : OWNER_ARC))
            return m->text;
    return NULL;
}

static void show_setting(struct shown *s, const struct vm *vm, const char *guid)
{
    const char *id = sim_id(s->arena, guid, NULL), *note = owner_note(vm->owner);
    const struct vm_settings *v = &vm->settings;
    struct cim_object *o = show_row(s, sim_path(s->arena, s->host, s->class, "InstanceID", id));

    show_text(s, o, "InstanceID", id);
    show_text(s, o, "VirtualSystemIdentifier", sim_upper(s->arena, vm->id));
    show_text(s, o, "VirtualSystemType",
              guid == vm->id ? "Microsoft:Hyper-V:System:Realized"
                             : "Microsoft:Hyper-V:Snapshot:Realized");
    show_text(s, o, "VirtualSystemSubType",
              vm->generation.known ? arena_printf(s->arena, "Microsoft:Hyper-V:SubType:%llu",
                                                  (unsigned long long)vm->generation.value)
                                   : NULL);
    show_text(s, o, "ElementName", vm->name);
    if (vm->owner != OWNER_UNKNOWN) /* whose it is cannot be read */
        show_texts(s, o, "Notes", &note, note ? 1 : 0);
    show_num(s, o, "LowMmioGapSize", v->mmio_low_mib);
    show_num(s, o, "HighMmioGapSize", v->mmio_high_mib);
    show_num(s, o, "HighMmioGapBase", v->mmio_base_mib);
    show_tri(s, o, "GuestControlledCacheTypes", v->cache_types);
    show_num(s, o, "AutomaticShutdownAction", shutdown_action(v->stop_action));
    show_num(s, o, "UserSnapshotType", snapshot_type(v->checkpoints));
    show_tri(s, o, "AutomaticSnapshotsEnabled", v->auto_checkpoints);
}

void sim_show_settings(struct shown *s)
{
    for (size_t i = 0; i < s->now->vm_count; i++) {
        const struct vm *vm = &s->now->vms[i];

        if (!shows_vm(s, vm))
            continue;
        show_setting(s, vm, vm->id);
        for (uint64_t n = 0; n < sim_checkpoints_of(vm); n++)
            show_setting(s, vm, sim_checkpoint(s->arena, vm, n));
    }
}

static void show_memory(struct shown *s, const char *id, const struct vm_settings *v)
{
    struct cim_object *o = show_row(s, sim_path(s->arena, s->host, s->class, "InstanceID", id));

    show_text(s, o, "InstanceID", id);
    show_tri(s, o, "DynamicMemoryEnabled", v->dynamic_memory);
    show_num(s, o, "VirtualQuantity", v->memory_startup_mib);
    show_num(s, o, "Reservation", v->memory_min_mib);
    show_num(s, o, "Limit", v->memory_max_mib);
}

void sim_show_memory(struct shown *s)
{
    static const struct vm_settings blank = {
        .dynamic_memory = TRI_NO,
        .memory_startup_mib = {1024, true},
        .memory_min_mib = {512, true},
        .memory_max_mib = {1048576, true},
    };

    show_memory(s, "Microsoft:Definition\\" MEMORY_DEVICE "\\Default", &blank);
    for (size_t i = 0; i < s->now->vm_count; i++) {
        const struct vm *vm = &s->now->vms[i];

        if (!shows_vm(s, vm))
            continue;
        show_memory(s, sim_id(s->arena, vm->id, MEMORY_DEVICE), &vm->settings);
        for (uint64_t n = 0; n < sim_checkpoints_of(vm); n++)
            show_memory(s, sim_id(s->arena, sim_checkpoint(s->arena, vm, n), MEMORY_DEVICE),
                        &vm->settings);
    }
}

/* ---- the host's own objects ---- */

/* Each is there once, and has the same name everywhere. */
void sim_show_services(struct shown *s)
{
    const char *name = s->class == CIM_Msvm_VirtualSystemManagementService ? "vmms"
                       : s->class == CIM_Msvm_AssignableDeviceService      ? "Ads"
                                                                           : "Rpcs";

    show_text(s, show_row(s, sim_service_path(s->arena, s->host, s->class, name)), "Name", name);
}

/* What is added to a VM that is off, and to no other (hyperv-wmi 2.5). */
void sim_show_capabilities(struct shown *s)
{
    static const char *const kinds[] = {SIM_SUBTYPE_GPU, SIM_SUBTYPE_PCIE};
    static const uint64_t off = 3;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *id = sim_id(s->arena, sim_guid(s->arena, kinds[i], s->host, 0), NULL);
        struct cim_object *o = show_row(s, sim_path(s->arena, s->host, s->class, "InstanceID", id));

        show_text(s, o, "InstanceID", id);
        show_text(s, o, "ResourceSubType", kinds[i]);
        show_numbers(s, o, "SupportedAddStates", &off, 1);
        show_numbers(s, o, "SupportedRemoveStates", &off, 1);
    }
}

void sim_show_switch(struct shown *s)
{
    const struct node *node = &s->now->nodes[s->at];
    const char *id = sim_id(s->arena, sim_guid(s->arena, "switches", s->host, 0), NULL);
    struct cim_object *o = show_row(s, sim_path(s->arena, s->host, s->class, "InstanceID", id));

    show_text(s, o, "InstanceID", id);
    show_tri(s, o, "IOVSupport", node->iov);
    show_texts(s, o, "IOVSupportReasons", node->iov_reasons, node->iov_reason_count);
}
