/* Rows: which classes a world has, and how a property is shown. */
#include "cim/cim_sim_inner.h"

/* Classes that are not here have no rows: they are parts of others, or only have methods. */
static sim_shower *const showers[CIM_CLASS_NONE] = {
    [CIM_Msvm_PartitionableGpu] = sim_show_gpus,
    [CIM_Msvm_GpuPartition] = sim_show_partitions,
    [CIM_Msvm_GpuPartitionSettingData] = sim_show_adapters,
    [CIM_Msvm_PciExpress] = sim_show_devices,
    [CIM_Msvm_PciExpressSettingData] = sim_show_requests,
    [CIM_Msvm_AssignableDeviceService] = sim_show_services,
    [CIM_Msvm_ResourcePool] = sim_show_pools,
    [CIM_Msvm_ElementAllocatedFromPool] = sim_show_members,
    [CIM_Msvm_ResourcePoolConfigurationService] = sim_show_services,
    [CIM_Msvm_ComputerSystem] = sim_show_systems,
    [CIM_Msvm_ShutdownComponent] = sim_show_shutdown,
    [CIM_Msvm_VirtualSystemSettingData] = sim_show_settings,
    [CIM_Msvm_MemorySettingData] = sim_show_memory,
    [CIM_Msvm_VirtualSystemManagementService] = sim_show_services,
    [CIM_Msvm_ConcreteJob] = sim_show_jobs,
    [CIM_Msvm_AllocationCapabilities] = sim_show_capabilities,
    [CIM_Msvm_VirtualEthernetSwitchManagementCapabilities] = sim_show_switch,
    [CIM_MSCluster_Cluster] = sim_show_cluster,
    [CIM_MSCluster_Node] = sim_show_nodes,
    [CIM_MSCluster_ResourceGroup] = sim_show_groups,
    [CIM_MSCluster_Resource] = sim_show_resources,
    [CIM_Win32_OperatingSystem] = sim_show_system,
    [CIM_Win32_PnPEntity] = sim_show_pnp,
    [CIM_Win32_VideoController] = sim_show_video,
};

void sim_show(struct shown *s, enum cim_class class)
{
    s->class = class;
    s->rows = (struct cim_rows){0};
    if (cim_class_in(class, CIM_SPACE_VIRT) && !world_rights(s->world, s->at).hyperv)
        return; /* it shows this account nothing, and no error either (decision 066) */
    if (showers[class])
        showers[class](s);
}

struct cim_object *show_row(struct shown *s, const char *path)
{
    struct cim_object *o = arena_push(s->arena, s->rows.rows, s->rows.count, s->rows.room);

    *o = *cim_object_new(s->arena, cim_class_row(s->class)->name, path);
    return o;
}

bool sim_has_property(struct num build, const struct cim_property_row *row)
{
    return !build.known || row->build <= build.value;
}

/* The contract's row; NULL: this build does not have it. */
static const struct cim_property_row *property(const struct shown *s, const struct cim_object *o,
                                               const char *name)
{
    const struct cim_property_row *row = cim_property_row(cim_class_named(o->class_name), name);

    return sim_has_property(s->now->nodes[s->at].build, row) ? row : NULL;
}

void show_text(struct shown *s, struct cim_object *o, const char *name, const char *text)
{
    const struct cim_property_row *row = property(s, o, name);

    if (row)
        cim_set_text(s->arena, o, name, row->type, text);
}

void show_texts(struct shown *s, struct cim_object *o, const char *name, const char *const *texts,
                size_t count)
{
    const struct cim_property_row *row = property(s, o, name);

    if (row && count)
        cim_set_texts(s->arena, o, name, row->type, texts, count);
    else if (row)
        cim_set_null(s->arena, o, name, row->type);
}

void show_num(struct shown *s, struct cim_object *o, const char *name, struct num n)
{
    const struct cim_property_row *row = property(s, o, name);

    if (row)
        cim_set_num(s->arena, o, name, row->type, n);
}

void show_tri(struct shown *s, struct cim_object *o, const char *name, enum tri tri)
{
    show_num(s, o, name, tri == TRI_UNKNOWN ? NUM_UNKNOWN : NUM(tri == TRI_YES));
}

void show_numbers(struct shown *s, struct cim_object *o, const char *name, const uint64_t *numbers,
                  size_t count)
{
    const struct cim_property_row *row = property(s, o, name);

    if (row && count)
        cim_set_numbers(s->arena, o, name, row->type, numbers, count);
    else if (row)
        cim_set_null(s->arena, o, name, row->type);
}

bool shows_vm(const struct shown *s, const struct vm *vm)
{
    return vm->node == s->at && !vm->hidden;
}

bool sim_not_found(struct err *e, const char *path)
{
    return err_set(e, ERR_REFUSED, 0x80041002, "%s: not found", path);
}

bool sim_denied(struct err *e)
{
    return err_set(e, ERR_DENIED, 0x80041003, "access denied");
}
