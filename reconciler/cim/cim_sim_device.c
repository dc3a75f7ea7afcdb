/* Host GPUs, adapters, whole devices and pools. */
#include "cim/cim_sim_inner.h"

static const char *const kinds[QUOTA_KINDS] = {
    [QUOTA_VRAM] = "VRAM",
    [QUOTA_ENCODE] = "Encode",
    [QUOTA_DECODE] = "Decode",
    [QUOTA_COMPUTE] = "Compute",
};

/* One property of each kind: TotalVRAM, TotalEncode ... */
static void show_quota(struct shown *s, struct cim_object *o, const char *prefix,
                       const struct num quota[QUOTA_KINDS])
{
    for (int k = 0; k < QUOTA_KINDS; k++)
        show_num(s, o, arena_printf(s->arena, "%s%s", prefix, kinds[k]), quota[k]);
}

static bool partitionable(const struct gpu *gpu)
{
    return gpu->state == GPU_PARTITIONED || gpu->state == GPU_PARAVIRTUAL;
}

void sim_show_gpus(struct shown *s)
{
    for (size_t i = 0; i < s->now->gpu_count; i++) {
        const struct gpu *gpu = &s->now->gpus[i];
        const char *name;
        struct cim_object *o;
        uint64_t *valid;

        if (gpu->node != s->at || !partitionable(gpu))
            continue;
        name = sim_gpu_name(s->arena, gpu, NULL);
        o = show_row(s, sim_gpu_path(s->arena, s->host, name));
        valid = arena_array(s->arena, uint64_t, gpu->valid_count + 1);
        for (size_t n = 0; n < gpu->valid_count; n++)
            valid[n] = gpu->valid[n];
        show_text(s, o, "Name", name);
        show_num(s, o, "PartitionCount", gpu->count);
        show_numbers(s, o, "ValidPartitionCounts", valid, gpu->valid_count);
        show_quota(s, o, "Total", gpu->total);
        show_quota(s, o, "Available", gpu->available);
        show_quota(s, o, "MinPartition", gpu->min);
        show_quota(s, o, "MaxPartition", gpu->max);
        show_quota(s, o, "OptimalPartition", gpu->optimal);
        show_tri(s, o, "SupportsIncomingLiveMigration", gpu->incoming_migration);
    }
}

/* ---- partitions of VMs that run ---- */

static bool holds(const struct vm *vm)
{
    return vm->power != POWER_OFF && vm->power != POWER_SAVED && vm->power != POWER_UNKNOWN;
}

static const char *name_of_path(struct shown *s, const char *path)
{
    uint32_t gpu = state_gpu(s->now, s->at, path);

    return sim_gpu_name(s->arena, gpu == NO_INDEX ? NULL : &s->now->gpus[gpu], path);
}

static void show_partition(struct shown *s, const struct vm *vm, const struct adapter *ad)
{
    const char *system = sim_upper(s->arena, vm->id), *id = sim_id(s->arena, ad->id, NULL);
    struct cim_object *o =
        show_row(s, sim_device_path(s->arena, s->host, CIM_Msvm_GpuPartition, id, system));

    show_text(s, o, "SystemName", system);
    show_text(s, o, "DeviceID", id);
    show_text(s, o, "DeviceInstancePath", name_of_path(s, ad->seen));
    show_num(s, o, "PartitionId", ad->partition);
    show_quota(s, o, "Current", ad->current);
    show_tri(s, o, "SupportsOutgoingLiveMigration", ad->outgoing_migration);
}

void sim_show_partitions(struct shown *s)
{
    for (size_t i = 0; i < s->now->vm_count; i++) {
        const struct vm *vm = &s->now->vms[i];

        for (size_t n = 0; shows_vm(s, vm) && holds(vm) && n < vm->adapter_count; n++) {
            const struct adapter *ad = &vm->adapters[n];

            /* One that starts has what it had the last time in `seen`, until it is given. */
            if (!ad->of_checkpoint && ad->seen && *ad->seen &&
                (vm->power != POWER_STARTING || ad->partition.known))
                show_partition(s, vm, ad);
        }
    }
}

/* ---- adapters ---- */

static const char *setting_path(struct shown *s, const char *id)
{
    return sim_path(s->arena, s->host, s->class, "InstanceID", id);
}

/* Whose setting it is: the VM's own, or that of its first checkpoint. */
static const char *setting_id(struct shown *s, const struct vm *vm, const char *device, bool copy)
{
    return sim_id(s->arena, copy ? sim_checkpoint(s->arena, vm, 0) : vm->id, device);
}

static const char *template_id(struct shown *s)
{
    return arena_printf(s->arena, "Microsoft:Definition\\%s\\Default",
                        sim_guid(s->arena, "template", cim_class_row(s->class)->name, 0));
}

static void show_adapter(struct shown *s, const char *id, const struct adapter *ad)
{
    struct cim_object *o = show_row(s, setting_path(s, id));
    const char *pin = ad->pin ? sim_gpu_path(s->arena, s->host, name_of_path(s, ad->pin)) : NULL;

    show_text(s, o, "InstanceID", id);
    if (!ad->pin_unknown) /* an old build does not show it */
        show_texts(s, o, "HostResource", &pin, pin ? 1 : 0);
    show_text(s, o, "PoolID", "");
    show_quota(s, o, "MinPartition", ad->limits.min);
    show_quota(s, o, "MaxPartition", ad->limits.max);
    show_quota(s, o, "OptimalPartition", ad->limits.optimal);
}

void sim_show_adapters(struct shown *s)
{
    static const struct adapter blank;

    show_adapter(s, template_id(s), &blank);
    for (size_t i = 0; i < s->now->vm_count; i++) {
        const struct vm *vm = &s->now->vms[i];

        for (size_t n = 0; shows_vm(s, vm) && n < vm->adapter_count; n++)
            show_adapter(s, setting_id(s, vm, vm->adapters[n].id, vm->adapters[n].of_checkpoint),
                         &vm->adapters[n]);
    }
}

/* ---- whole devices ---- */

static void show_device(struct shown *s, const struct gpu *gpu, const char *id, const char *system)
{
    struct cim_object *o =
        show_row(s, sim_device_path(s->arena, s->host, CIM_Msvm_PciExpress, id, system));

    show_text(s, o, "DeviceID", id);
    show_text(s, o, "SystemName", system);
    show_text(s, o, "DeviceInstancePath", sim_pcip(s->arena, gpu));
    show_text(s, o, "LocationPath", gpu->location_count ? gpu->locations[0] : NULL);
}

/* A device that a VM has shows a second time, as the VM's. */
static void show_given(struct shown *s, const struct vm *vm)
{
    for (size_t n = 0; n < vm->request_count; n++) {
        const struct request *rq = &vm->requests[n];
        uint32_t gpu = rq->given && *rq->given && !rq->of_checkpoint
                           ? state_gpu_at(s->now, s->at, rq->given)
                           : NO_INDEX;

        if (gpu != NO_INDEX && s->now->gpus[gpu].state == GPU_DISMOUNTED)
            show_device(s, &s->now->gpus[gpu],
                        arena_printf(s->arena, "Microsoft:%s\\%s", sim_upper(s->arena, rq->id),
                                     sim_pcip(s->arena, &s->now->gpus[gpu])),
                        sim_upper(s->arena, vm->id));
    }
}

void sim_show_devices(struct shown *s)
{
    for (size_t i = 0; i < s->now->gpu_count; i++) {
        const struct gpu *gpu = &s->now->gpus[i];

        if (gpu->node == s->at && gpu->state == GPU_DISMOUNTED)
            show_device(s, gpu,
                        arena_printf(s->arena, "Microsoft:%s\\%s",
                                     sim_guid(s->arena, "device", gpu->path, 0),
                                     sim_pcip(s->arena, gpu)),
                        s->host);
    }
    for (size_t i = 0; i < s->now->vm_count; i++)
        if (shows_vm(s, &s->now->vms[i]) && holds(&s->now->vms[i]))
            show_given(s, &s->now->vms[i]);
}

/* A fixed device that is not there is named all the same, by its place. */
static const char *fixed_device(struct shown *s, const char *location)
{
    uint32_t gpu = state_gpu_at(s->now, s->at, location);
    const char *id;

    if (gpu != NO_INDEX)
        return sim_pcie_path(s->arena, s->host, &s->now->gpus[gpu]);
    id = arena_printf(s->arena, "Microsoft:%s\\PCIP", sim_guid(s->arena, "device at", location, 0));
    return sim_device_path(s->arena, s->host, CIM_Msvm_PciExpress, id, s->host);
}

static void show_request(struct shown *s, const char *id, const struct request *rq)
{
    struct cim_object *o = show_row(s, setting_path(s, id));
    const char *device = rq->location ? fixed_device(s, rq->location) : NULL;

    show_text(s, o, "InstanceID", id);
    show_text(s, o, "PoolID", rq->pool ? rq->pool : "");
    show_texts(s, o, "HostResource", &device, device ? 1 : 0);
    show_num(s, o, "ResourceType", NUM(SIM_TYPE_PCIE));
    show_text(s, o, "ResourceSubType", SIM_SUBTYPE_PCIE);
}

void sim_show_requests(struct shown *s)
{
    static const struct request blank;

    show_request(s, template_id(s), &blank);
    for (size_t i = 0; i < s->now->vm_count; i++) {
        const struct vm *vm = &s->now->vms[i];

        for (size_t n = 0; shows_vm(s, vm) && n < vm->request_count; n++)
            show_request(s, setting_id(s, vm, vm->requests[n].id, vm->requests[n].of_checkpoint),
                         &vm->requests[n]);
    }
}

/* ---- pools ---- */

static void show_pool(struct shown *s, const char *name, bool primordial, uint16_t type,
                      const char *subtype)
{
    struct cim_object *o = show_row(s, sim_pool_path(s->arena, s->host, name, type));

    show_text(s, o, "InstanceID", sim_id(s->arena, sim_guid(s->arena, "pool", name, type), NULL));
    show_text(s, o, "PoolID", name);
    show_num(s, o, "Primordial", NUM(primordial));
    show_num(s, o, "ResourceType", NUM(type));
    show_text(s, o, "ResourceSubType", subtype);
}

void sim_show_pools(struct shown *s)
{
    enum { MEMORY = 4 };

    show_pool(s, "", true, MEMORY, "Microsoft:Hyper-V:Memory");
    show_pool(s, "", true, SIM_TYPE_PCIE, SIM_SUBTYPE_PCIE);
    show_pool(s, "", true, SIM_TYPE_GPU_PARTITION, "Microsoft:Hyper-V:GPU Partition");
    for (size_t i = 0; i < s->now->pool_count; i++)
        if (s->now->pools[i].node == s->at)
            show_pool(s, s->now->pools[i].name, false, SIM_TYPE_PCIE, SIM_SUBTYPE_PCIE);
}

static void show_member(struct shown *s, const char *pool, const char *of)
{
    struct cim_object *o = show_row(s, sim_link_path(s->arena, s->host, s->class, pool, of));

    show_text(s, o, "Antecedent", pool);
    show_text(s, o, "Dependent", of);
}

/* A pool is taken from the primordial one, and a member from its pool. */
void sim_show_members(struct shown *s)
{
    const char *all = sim_pool_path(s->arena, s->host, "", SIM_TYPE_PCIE);

    for (size_t i = 0; i < s->now->pool_count; i++)
        if (s->now->pools[i].node == s->at)
            show_member(s, all,
                        sim_pool_path(s->arena, s->host, s->now->pools[i].name, SIM_TYPE_PCIE));
    for (size_t i = 0; i < s->now->gpu_count; i++) {
        const struct gpu *gpu = &s->now->gpus[i];

        if (gpu->node == s->at && gpu->pool && gpu->state == GPU_DISMOUNTED)
            show_member(s, sim_pool_path(s->arena, s->host, gpu->pool, SIM_TYPE_PCIE),
                        sim_pcie_path(s->arena, s->host, gpu));
    }
}
