/* One cluster (or one host) with one VM, as the classes show it; and a hand that acts on it. */
#ifndef TESTS_HYPERV_SCENE_H
#define TESTS_HYPERV_SCENE_H

#include "tests/unit/fake_cim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define VM_ID   "0b9f7a52-aaaa-4000-8000-000000000001"
#define VM_NAME "0B9F7A52-AAAA-4000-8000-000000000001"
#define GPU     "PCI\\VEN_10DE\\4&1"
#define SLOT    "PCIROOT(20)#PCI(0300)#PCI(0000)"

struct scene {
    struct fake fake;
    struct eye *eye;
    struct hand *hand;
    struct cim_object *vm, *settings, *memory, *adapter, *resource, *config, *group, *gpu, *pnp;
    struct err e;
    struct receipt receipt;
};

static inline struct cim_object *named_row(struct scene *s, enum cim_class class, const char *key,
                                           const char *value)
{
    struct cim_object *o = fake_row(&s->fake, class, key, value);

    fake_text(&s->fake, o, key, value);
    return o;
}

/* What belongs to the cluster: the resource, its configuration, their group. */
static inline struct cim_object *resource_row(struct scene *s, const char *type, const char *name,
                                              const char *vm_id)
{
    struct cim_object *own = cim_object_new(&s->fake.arena, "MSCluster_Property", NULL);
    struct cim_object *o = named_row(s, CIM_MSCluster_Resource, "Name", name);

    fake_text(&s->fake, o, "Type", type);
    fake_number(&s->fake, o, "State", 3);
    fake_text(&s->fake, o, "OwnerGroup", "a");
    fake_text(&s->fake, o, "OwnerNode", "hv-1");
    cim_set_text(&s->fake.arena, own, "VmID", CIM_TYPE_TEXT, vm_id);
    cim_set_number(&s->fake.arena, own, "OfflineAction", CIM_TYPE_U32, 1);
    cim_set_object(&s->fake.arena, o, "PrivateProperties", CIM_TYPE_OBJECT, vm_id ? own : NULL);
    return o;
}

static inline void cluster_rows(struct scene *s)
{
    s->resource = resource_row(s, HV_RESOURCE_VM, "R", "{" VM_NAME "}");
    s->config = resource_row(s, HV_RESOURCE_CONFIG, "C", VM_NAME);
    s->group = named_row(s, CIM_MSCluster_ResourceGroup, "Name", "a");
    fake_number(&s->fake, s->group, "StatusInformation", 0);
}

static inline void vm_rows(struct scene *s)
{
    struct fake *f = &s->fake;

    s->vm = named_row(s, CIM_Msvm_ComputerSystem, "Name", VM_NAME);
    fake_number(f, s->vm, "EnabledState", 3);
    s->settings =
        named_row(s, CIM_Msvm_VirtualSystemSettingData, "InstanceID", "Microsoft:" VM_NAME);
    fake_number(f, s->settings, "LowMmioGapSize", 128);
    fake_number(f, s->settings, "HighMmioGapSize", 512);
    fake_number(f, s->settings, "AutomaticShutdownAction", 3);
    fake_number(f, s->settings, "UserSnapshotType", 3);
    fake_number(f, s->settings, "AutomaticSnapshotsEnabled", 1);
    fake_number(f, s->settings, "GuestControlledCacheTypes", 1);
    s->memory =
        named_row(s, CIM_Msvm_MemorySettingData, "InstanceID", "Microsoft:" VM_NAME "\\MEMORY");
    fake_number(f, s->memory, "DynamicMemoryEnabled", 1);
    fake_number(f, s->memory, "VirtualQuantity", 4096);
    fake_number(f, s->memory, "Reservation", 1024);
    s->adapter = named_row(s, CIM_Msvm_GpuPartitionSettingData, "InstanceID",
                           "Microsoft:" VM_NAME "\\ADAPTER");
    fake_number(f, s->adapter, "MinPartitionVRAM", 7);
    named_row(s, CIM_Msvm_ShutdownComponent, "SystemName", VM_NAME);
}

static inline void host_rows(struct scene *s)
{
    struct fake *f = &s->fake;
    struct cim_object *o;

    fake_row(f, CIM_Msvm_VirtualSystemManagementService, "Name", "vmms");
    fake_row(f, CIM_Msvm_AssignableDeviceService, "Name", "assign");
    fake_row(f, CIM_Msvm_ResourcePoolConfigurationService, "Name", "pools");
    named_row(s, CIM_Msvm_GpuPartitionSettingData, "InstanceID", "Microsoft:Definition\\P\\Max");
    named_row(s, CIM_Msvm_GpuPartitionSettingData, "InstanceID",
              "Microsoft:Definition\\P\\Default");
    named_row(s, CIM_Msvm_PciExpressSettingData, "InstanceID", "Microsoft:Definition\\D\\Default");
    s->gpu = named_row(s, CIM_Msvm_PartitionableGpu, "Name", "\\\\?\\PCI#VEN_10DE#4&2#{064092b3}");
    fake_number(f, s->gpu, "PartitionCount", 16);
    s->pnp = named_row(s, CIM_Win32_PnPEntity, "DeviceID", GPU);
    fake_number(f, s->pnp, "ConfigManagerErrorCode", 0);
    o = named_row(s, CIM_Msvm_ResourcePool, "InstanceID", "Microsoft:P0");
    fake_number(f, o, "ResourceType", 32769);
    fake_number(f, o, "Primordial", 1);
    fake_text(f, o, "PoolID", "");
}

static inline struct cim_object *pool_row(struct scene *s, const char *name)
{
    struct cim_object *o = named_row(s, CIM_Msvm_ResourcePool, "InstanceID",
                                     arena_printf(&s->fake.arena, "Microsoft:%s", name));

    fake_number(&s->fake, o, "ResourceType", 32769);
    fake_number(&s->fake, o, "Primordial", 0);
    fake_text(&s->fake, o, "PoolID", name);
    return o;
}

/* A dismounted device; with a pool it is a member of. */
static inline struct cim_object *device_row(struct scene *s, const char *key, const char *instance,
                                            const char *slot, const char *pool)
{
    struct cim_object *o = named_row(s, CIM_Msvm_PciExpress, "DeviceID", key), *link;

    fake_text(&s->fake, o, "SystemName", "HV-1");
    fake_text(&s->fake, o, "DeviceInstancePath", instance);
    fake_text(&s->fake, o, "LocationPath", slot);
    if (!pool)
        return o;
    link = fake_row(&s->fake, CIM_Msvm_ElementAllocatedFromPool, "x", key);
    fake_text(&s->fake, link, "Antecedent",
              arena_printf(&s->fake.arena, "Msvm_ResourcePool.InstanceID=\"Microsoft:%s\"", pool));
    fake_text(&s->fake, link, "Dependent", o->path);
    return o;
}

/* A dismounted device that nobody has, one in the pool p, and a request of the VM. */
static inline void device_rows(struct scene *s)
{
    pool_row(s, "p");
    device_row(s, "D1", "PCIP\\VEN_10DE\\4&1", SLOT, NULL);
    device_row(s, "D9", "PCIP\\VEN_10DE\\4&9", "PCIROOT(90)#PCI(0000)", "p");
    named_row(s, CIM_Msvm_PciExpressSettingData, "InstanceID", "Microsoft:" VM_NAME "\\REQUEST");
}

static inline void scene_open(struct scene *s, bool standalone)
{
    const struct owner owner = {"store", "me", WHEN_NONE, 3};

    *s = (struct scene){.fake.standalone = standalone};
    fake_open(&s->fake, &s->eye);
    if (!standalone)
        cluster_rows(s);
    vm_rows(s);
    host_rows(s);
    if (!hv_claim(s->eye, &owner, false, &s->hand, &s->e))
        fail_msg("%s", s->e.text);
    fake_said(&s->fake);
}

static inline void scene_close(struct scene *s)
{
    if (s->hand)
        s->hand->ops->release(s->hand);
    hv_close(s->eye);
    assert_int_equal(s->fake.opened, s->fake.closed);
    assert_int_equal(s->fake.misdirected, 0);
    arena_release(&s->fake.arena);
}

/* The same text with V for the VM's name. */
static inline const char *shortened(struct arena *a, const char *s)
{
    const size_t n = strlen(VM_NAME);
    const char *at;
    struct text t;

    text_init(&t, a);
    for (; (at = strstr(s, VM_NAME)) != NULL; s = at + n) {
        text_add_n(&t, s, (size_t)(at - s));
        text_add(&t, "V");
    }
    text_add(&t, s);
    return text_done(&t);
}

/* The call lines of one effect. */
static inline const char *done(struct scene *s, const struct action *a, bool *ok)
{
    struct action x = *a;

    x.node = "hv-1";
    if (!x.subject)
        x.subject = verb_rows[a->verb].subject == SUBJECT_VM ? VM_ID : GPU;
    s->e = (struct err){.kind = ERR_NONE};
    s->fake.calls = 0;
    s->fake.bent.hit = false;
    s->fake.bent.sent = 0;
    s->fake.bent.behind_count = 0;
    s->receipt.accepted = false;
    *ok = s->hand->ops->perform(s->hand, &x, &s->receipt, &s->e);
    return shortened(&s->fake.arena, fake_said(&s->fake));
}

#endif
