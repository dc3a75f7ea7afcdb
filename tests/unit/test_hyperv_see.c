/* The Hyper-V provider looks: rows that a test wrote down, and what they come to. */
#include "provider/hyperv/see.h"

#include "tests/unit/fake_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define VM_1   "11111111-AAAA-4000-8000-000000000001"
#define VM_2   "22222222-BBBB-4000-8000-000000000002"
#define COPY_1 "99999999-CCCC-4000-8000-000000000009"
#define IF     "#{064092b3-625e-43bf-9eb5-dc845897dd59}"
#define A2     "PCI\\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\\4&18416DC3&0&0000"
#define A2_IF  "\\\\?\\PCI#VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1#4&18416dc3&0&0000" IF
#define T4     "PCI\\VEN_10DE&DEV_1EB8&SUBSYS_12A210DE&REV_A1\\4&AAAA&0&0000"
#define T4_OFF "PCIP\\VEN_10DE&DEV_1EB8&SUBSYS_12A210DE&REV_A1\\4&AAAA&0&0000"
#define T4_ID  "Microsoft:DDDDDDDD-0000-4000-8000-00000000000D\\" T4_OFF
#define ADA    "DEADBEEF-0000-4000-8000-0000000000A1"
#define REQ    "DEADBEEF-0000-4000-8000-0000000000B1"
#define AT_T4  "PCIROOT(17)#PCI(0000)#PCI(0000)"

struct lab {
    struct fake_net f;
    struct arena a;
    struct eye *eye;
    struct state s;
    struct err e;
};

static void add_host(struct fake_net *f, const char *host)
{
    fake_row(f, host, CIM_Win32_OperatingSystem, "os", arena_printf(&f->arena, "CSName=%s", host),
             "BuildNumber=25398", "LastBootUpTime=20261112130000.000000+000", NULL);
    fake_row(f, host, CIM_Msvm_VirtualSystemManagementService, "vmms", "Name=vmms", NULL);
    fake_row(f, host, CIM_Msvm_VirtualEthernetSwitchManagementCapabilities, "iov", "InstanceID=x",
             "IOVSupport=false", "IOVSupportReasons=[no ACS|no ARI]", NULL);
    fake_row(f, host, CIM_Msvm_ComputerSystem, host, arena_printf(&f->arena, "Name=%s", host),
             "EnabledState=2", NULL);
    fake_row(f, host, CIM_Msvm_GpuPartitionSettingData, "t",
             "InstanceID=Microsoft:Definition\\" ADA "\\Default", NULL);
}

static void add_gpus(struct fake_net *f)
{
    fake_row(f, "HV-1", CIM_Win32_PnPEntity, "pnp", "DeviceID=" A2, "Name=NVIDIA A2",
             "PNPClass=Display", "CompatibleID=[PCI\\CC_0302]", "ConfigManagerErrorCode=0", NULL);
    fake_row(f, "HV-1", CIM_Win32_VideoController, "video", "PNPDeviceID=" A2, "Name=NVIDIA A2",
             "DriverVersion=32.0.15.8095", NULL);
    fake_row(f, "HV-1", CIM_Msvm_PartitionableGpu, "gpu", "Name=" A2_IF, "PartitionCount=4",
             "ValidPartitionCounts=[2|16|8|4]", "TotalVRAM=16000000000",
             "TotalEncode=18446744073709551615", "OptimalPartitionVRAM=4000000000",
             "SupportsIncomingLiveMigration=true", NULL);
    fake_row(f, "HV-1", CIM_Msvm_PciExpress, "dda", "DeviceID=" T4_ID, "SystemName=HV-1",
             "DeviceInstancePath=" T4_OFF, "LocationPath=" AT_T4, NULL);
    fake_row(f, "HV-1", CIM_Msvm_PciExpress, "dda2", "DeviceID=Microsoft:" REQ "\\" T4_OFF,
             "SystemName=" VM_2, "DeviceInstancePath=" T4_OFF, "LocationPath=" AT_T4, NULL);
    fake_row(f, "HV-1", CIM_Msvm_ResourcePool, "pool", "InstanceID=Microsoft:P", "PoolID=Shelf",
             "Primordial=false", "ResourceType=32769", NULL);
    fake_row(f, "HV-1", CIM_Msvm_ResourcePool, "all", "InstanceID=Microsoft:Q",
             "PoolID=", "Primordial=true", "ResourceType=32769", NULL);
    fake_row(f, "HV-1", CIM_Msvm_ElementAllocatedFromPool, "link",
             "Antecedent=\\\\HV-1\\x:Msvm_ResourcePool.InstanceID=\"Microsoft:P\"",
             "Dependent=\\\\HV-1\\x:Msvm_PciExpress.DeviceID=\"Microsoft:DDDDDDDD-0000-4000-8000-"
             "00000000000D\\\\PCIP\\\\VEN_10DE&DEV_1EB8&SUBSYS_12A210DE&REV_A1\\\\4&AAAA&0&0000\"",
             NULL);
}

static void add_settings(struct fake_net *f, const char *vm, const char *of, const char *type)
{
    struct arena *a = &f->arena;

    fake_row(f, "HV-1", CIM_Msvm_VirtualSystemSettingData, "settings",
             arena_printf(a, "InstanceID=Microsoft:%s", vm),
             arena_printf(a, "VirtualSystemIdentifier=%s", of),
             arena_printf(a, "VirtualSystemType=Microsoft:Hyper-V:%s", type),
             "VirtualSystemSubType=Microsoft:Hyper-V:SubType:2", "Notes!", "LowMmioGapSize=1024",
             "HighMmioGapSize=32768", "HighMmioGapBase=65024", "GuestControlledCacheTypes=true",
             "AutomaticShutdownAction=4", "UserSnapshotType=2", "AutomaticSnapshotsEnabled=false",
             NULL);
    fake_row(f, "HV-1", CIM_Msvm_MemorySettingData, "memory",
             arena_printf(a, "InstanceID=Microsoft:%s\\MEM", vm), "DynamicMemoryEnabled=false",
             "VirtualQuantity=8192", "Reservation=512", "Limit=1048576", NULL);
}

static void add_vms(struct fake_net *f)
{
    fake_row(f, "HV-1", CIM_Msvm_ComputerSystem, "vm", "Name=" VM_1, "ElementName=till-1",
             "EnabledState=2", "TimeOfLastStateChange=20261119120000.500000+060", NULL);
    fake_row(f, "HV-1", CIM_Msvm_ComputerSystem, "vm", "Name=" VM_2, "ElementName=till-2",
             "EnabledState=32769", NULL);
    add_settings(f, VM_1, VM_1, "System:Realized");
    add_settings(f, COPY_1, VM_1, "Snapshot:Realized");
    add_settings(f, VM_2, VM_2, "System:Realized");
    fake_row(f, "HV-1", CIM_Msvm_GpuPartitionSettingData, "ad",
             "InstanceID=Microsoft:" VM_1 "\\" ADA,
             "HostResource=[\\\\HV-1\\x:Msvm_PartitionableGpu.CreationClassName=\"y\",Name=\"\\\\\\"
             "\\?\\\\PCI#VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1#4&18416dc3&0&0000" IF "\"]",
             "MinPartitionVRAM=0", "MaxPartitionVRAM=18446744073709551615", "OptimalPartitionVRAM!",
             NULL);
    fake_row(f, "HV-1", CIM_Msvm_GpuPartitionSettingData, "copy",
             "InstanceID=Microsoft:" COPY_1 "\\" ADA, "HostResource!", NULL);
    fake_row(f, "HV-1", CIM_Msvm_GpuPartition, "part", "SystemName=" VM_1,
             "DeviceID=Microsoft:" VM_1 "\\" ADA, "DeviceInstancePath=" A2_IF, "PartitionId=3",
             "CurrentVRAM=4000000000", "SupportsOutgoingLiveMigration=true", NULL);
    fake_row(f, "HV-1", CIM_Msvm_PciExpressSettingData, "rq", "InstanceID=Microsoft:" VM_2 "\\" REQ,
             "PoolID=Shelf", "HostResource!", NULL);
    fake_row(f, "HV-1", CIM_Msvm_ShutdownComponent, "ic", "SystemName=" VM_1, "DeviceID=s", NULL);
}

static void add_role(struct fake_net *f, const char *group, const char *vmid, unsigned state,
                     unsigned config, unsigned status)
{
    struct arena *a = &f->arena;
    const char *in = arena_printf(a, "OwnerGroup=%s", group);

    fake_row(f, NULL, CIM_MSCluster_ResourceGroup, "g", arena_printf(a, "Name=%s", group),
             "GroupType=111", "State=0", "OwnerNode=HV-1",
             arena_printf(a, "StatusInformation=%u", status), NULL);
    fake_row(f, NULL, CIM_MSCluster_Resource, "r",
             arena_printf(a, "Name=Virtual Machine %s", group), "Type=Virtual Machine",
             arena_printf(a, "State=%u", state), in, "OwnerNode=HV-1",
             vmid ? arena_printf(a, "PrivateProperties={VmID=%s|OfflineAction=3}", vmid)
                  : "PrivateProperties!",
             NULL);
    fake_row(f, NULL, CIM_MSCluster_Resource, "c", arena_printf(a, "Name=Config %s", group),
             "Type=Virtual Machine Configuration", arena_printf(a, "State=%u", config), in,
             "OwnerNode=HV-1",
             vmid ? arena_printf(a, "PrivateProperties={VmID=%s}", vmid) : "PrivateProperties!",
             NULL);
}

static void add_cluster(struct fake_net *f)
{
    fake_row(f, NULL, CIM_MSCluster_Cluster, "c", "Name=Shop",
             "PrivateProperties={HvgpuOwner=hvgpu1 store-7 desk-1 2026-11-19T12:00:00Z 4}", NULL);
    fake_row(f, NULL, CIM_MSCluster_Node, "n", "Name=HV-2", "State=0", "NodeDrainStatus=1",
             "BuildNumber=26100", NULL);
    fake_row(f, NULL, CIM_MSCluster_Node, "n", "Name=HV-1", "State=0", "NodeDrainStatus=0",
             "BuildNumber=25398", NULL);
    fake_row(f, NULL, CIM_MSCluster_Node, "n", "Name=HV-3", "State=1", NULL);
    add_role(f, "till-1", VM_1, 2, 2, 0);
    add_role(f, "till-2", "{" VM_2 "}", 3, 2, 1);
}

static void add_all(struct fake_net *f)
{
    add_host(f, "HV-1");
    add_host(f, "HV-2");
    add_gpus(f);
    add_vms(f);
    add_cluster(f);
}

static int set_up(void **state)
{
    static struct lab l;

    memset(&l, 0, sizeof l);
    fake_open(&l.f);
    arena_init(&l.a, 0);
    *state = &l;
    return 0;
}

static int tear_down(void **state)
{
    struct lab *l = *state;

    if (l->eye)
        l->eye->ops->close(l->eye);
    fake_free(&l->f);
    arena_release(&l->a);
    return 0;
}

static void open_at(struct lab *l, const struct hyperv_target *target)
{
    hyperv_open(&l->f.net, target, &l->eye);
}

static void open_here(struct lab *l)
{
    const struct hyperv_target here = {.node_ms = 60000};

    open_at(l, &here);
}

static void look(struct lab *l, uint32_t node)
{
    const struct scope scope = {node};

    if (!eye_observe(l->eye, &l->a, &scope, &l->s, &l->e))
        fail_msg("%s", l->e.text);
}

static const struct gpu *gpu_at(const struct lab *l, const char *path)
{
    uint32_t at = state_gpu(&l->s, 0, path);

    assert_int_not_equal(at, NO_INDEX);
    return &l->s.gpus[at];
}

static struct vm *vm_of(struct lab *l, const char *id)
{
    uint32_t at = state_vm(&l->s, hv_guid(&l->a, id));

    assert_int_not_equal(at, NO_INDEX);
    return &l->s.vms[at];
}

/* ---- what is seen ---- */

static void cluster_and_nodes(void **state)
{
    struct lab *l = *state;

    add_all(&l->f);
    open_here(l);
    look(l, NO_INDEX);
    assert_string_equal(l->s.name, "Shop");
    assert_string_equal(l->s.identity, "cluster/shop");
    assert_string_equal(l->s.arbiter, "store-7@desk-1");
    assert_false(l->s.standalone);
    assert_int_equal(l->s.observed_ms, 1000);
    assert_int_equal(l->s.node_count, 3);
    assert_int_equal(l->s.nodes[0].state, NODE_UP);
    assert_true(l->s.nodes[0].answered);
    assert_int_equal(l->s.nodes[0].build.value, 25398);
    assert_int_equal(l->s.nodes[0].iov, TRI_NO);
    assert_int_equal(l->s.nodes[0].iov_reason_count, 2);
    assert_int_equal(l->s.nodes[0].require_secure, TRI_YES);
    assert_int_equal(l->s.nodes[1].state, NODE_DRAINING);
    assert_int_equal(l->s.nodes[2].state, NODE_DOWN);
    assert_false(l->s.nodes[2].answered);
}

static void gpus_and_pools(void **state)
{
    static const uint16_t counts[] = {16, 8, 4, 2};
    struct lab *l = *state;
    const struct gpu *g;

    add_all(&l->f);
    open_here(l);
    look(l, NO_INDEX);
    assert_int_equal(l->s.gpu_count, 2);
    g = gpu_at(l, A2);
    assert_int_equal(g->state, GPU_PARTITIONED);
    assert_string_equal(g->reported, A2_IF);
    assert_string_equal(g->model, "NVIDIA A2");
    assert_string_equal(g->driver, "580.95");
    assert_string_equal(g->pci, "10de:25b6");
    assert_string_equal(g->subsystem, "10de:157e");
    assert_string_equal(g->locations[0], "PCIROOT(16)#PCI(0200)#PCI(0000)");
    assert_int_equal(g->valid_count, 4);
    assert_memory_equal(g->valid, counts, sizeof counts);
    assert_true(num_is(g->total[QUOTA_ENCODE], UINT64_MAX)); /* C9 */
    assert_false(g->available[QUOTA_VRAM].known);
    assert_int_equal(g->incoming_migration, TRI_YES);
    g = gpu_at(l, T4);
    assert_int_equal(g->state, GPU_DISMOUNTED);
    assert_true(g->is_gpu);
    assert_string_equal(g->pool, "Shelf");
    assert_string_equal(g->locations[0], AT_T4);
    assert_int_equal(l->s.pool_count, 1);
}

static void vms_and_roles(void **state)
{
    struct lab *l = *state;
    const struct vm *vm;
    const struct adapter *ad;

    add_all(&l->f);
    open_here(l);
    look(l, NO_INDEX);
    assert_int_equal(l->s.vm_count, 2);
    vm = vm_of(l, VM_1);
    assert_string_equal(vm->name, "till-1");
    assert_int_equal(vm->power, POWER_RUNNING);
    assert_int_equal(vm->stamp_ms % 86400000, 11 * 3600000 + 500);
    assert_int_equal(vm->owner, OWNER_HYPERV);
    assert_int_equal(vm->generation.value, 2);
    assert_int_equal(vm->can_shut_down, TRI_YES);
    assert_int_equal(vm->checkpoint_count.value, 1);
    assert_int_equal(vm->settings.stop_action, STOP_ACTION_SHUT_DOWN);
    assert_int_equal(vm->settings.checkpoints, CHECKPOINTS_DISABLED);
    assert_int_equal(vm->settings.memory_startup_mib.value, 8192);
    assert_int_equal(vm->role.matches, 1);
    assert_int_equal(vm->role.offline_action.value, 3);
    assert_false(vm->role.busy);
    assert_int_equal(vm->adapter_count, 2);
    assert_int_equal(vm_adapters(vm), 1); /* V0: the other one is its checkpoint's */
    ad = vm->adapters[0].of_checkpoint ? &vm->adapters[1] : &vm->adapters[0];
    assert_string_equal(ad->pin, A2);
    assert_string_equal(ad->seen, A2);
    assert_int_equal(ad->partition.value, 3);
    assert_int_equal(ad->outgoing_migration, TRI_YES);
    assert_true(num_is(ad->limits.min[QUOTA_VRAM], 0));
    assert_true(num_is(ad->limits.max[QUOTA_VRAM], UINT64_MAX));
    assert_false(ad->limits.optimal[QUOTA_VRAM].known); /* V5 */
    vm = vm_of(l, VM_2);
    assert_int_equal(vm->power, POWER_SAVED);
    assert_int_equal(vm->can_shut_down, TRI_UNKNOWN);
    assert_true(vm->role.busy); /* M2: locked */
    assert_int_equal(vm->request_count, 1);
    assert_string_equal(vm->requests[0].pool, "Shelf");
    assert_string_equal(vm->requests[0].given, AT_T4);
}

static void standalone_host(void **state)
{
    struct lab *l = *state;

    l->f.standalone = true;
    l->f.registry = "hvgpu1 store-9 ? ? 1";
    add_host(&l->f, "HV-1");
    add_gpus(&l->f);
    add_vms(&l->f);
    open_here(l);
    look(l, NO_INDEX);
    assert_string_equal(l->s.identity, "host/hv-1");
    assert_string_equal(l->s.arbiter, "store-9@?");
    assert_true(l->s.standalone);
    assert_int_equal(l->s.nodes[0].build.value, 25398);
    assert_false(vm_of(l, VM_1)->role.clustered);
}

/* S8, I2: what the cluster knows and no node shows; a resource that cannot be read; doubles. */
static void roles_that_are_hard(void **state)
{
    static const char gone[] = "33333333-DDDD-4000-8000-000000000003";
    struct lab *l = *state;
    struct vm *vm;

    add_all(&l->f);
    add_role(&l->f, "hidden-1", gone, 3, 3, 0);
    add_role(&l->f, "till-1", VM_1, 2, 2, 0);
    add_role(&l->f, "who", NULL, 2, 2, 0);
    fake_row(&l->f, "HV-1", CIM_Msvm_ComputerSystem, "vm",
             "Name=44444444-EEEE-4000-8000-000000000004", "ElementName=loner", "EnabledState=3",
             NULL);
    fake_row(&l->f, "HV-2", CIM_Msvm_ComputerSystem, "vm", "Name=" VM_1, "ElementName=till-1",
             "EnabledState=10", NULL); /* it moves: its role is on HV-1 still */
    open_here(l);
    look(l, NO_INDEX);
    vm = vm_of(l, gone);
    assert_true(vm->hidden);
    assert_string_equal(vm->name, "hidden-1");
    assert_int_equal(vm->role.config, RES_OFFLINE);
    assert_int_equal(vm->owner, OWNER_UNKNOWN); /* A1: its Notes cannot be read */
    assert_int_equal(vm_of(l, VM_1)->role.matches, 2);
    assert_int_equal(vm_of(l, VM_1)->power, POWER_RUNNING);
    assert_false(vm_of(l, VM_2)->role.vmid_unread);
    vm = vm_of(l, "44444444-EEEE-4000-8000-000000000004");
    assert_true(vm->role.vmid_unread);
    assert_false(vm->role.clustered);
    assert_int_equal(vm->owner, OWNER_UNKNOWN);
}

static void states_of_devices(void **state)
{
    static const struct {
        const char *id, *class, *ids, *error;
        enum gpu_state state;
        bool is_gpu;
    } rows[] = {
        {"PCI\\VEN_10DE&DEV_0001\\A", "Display", "PCI\\CC_0302", "0", GPU_HOST, true},
        {"PCI\\VEN_10DE&DEV_0001\\B", "Display", "PCI\\CC_0302", "22", GPU_DISABLED, true},
        {"PCI\\VEN_10DE&DEV_0001\\C", "", "PCI\\CC_0302", "28", GPU_NO_DRIVER, true},
        {"PCI\\VEN_144D&DEV_0001\\D", "SCSIAdapter", "PCI\\CC_010802", "0", GPU_HOST, false},
        {"PCIP\\VEN_10DE&DEV_0001\\E", "System", "PCI\\CC_0302", "0", GPU_UNKNOWN, true},
    };
    struct lab *l = *state;

    add_all(&l->f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fake_row(&l->f, "HV-1", CIM_Win32_PnPEntity, "pnp",
                 arena_printf(&l->a, "DeviceID=%s", rows[i].id),
                 arena_printf(&l->a, "PNPClass=%s", rows[i].class),
                 arena_printf(&l->a, "CompatibleID=[%s]", rows[i].ids),
                 arena_printf(&l->a, "ConfigManagerErrorCode=%s", rows[i].error), "Name=3D", NULL);
    fake_row(&l->f, "HV-1", CIM_Win32_PnPEntity, "pnp", "DeviceID=PCI\\VEN_8086&DEV_1\\NIC",
             "PNPClass=Net", "CompatibleID=[PCI\\CC_0200]", NULL);
    open_here(l);
    look(l, NO_INDEX);
    assert_int_equal(l->s.gpu_count, 2 + sizeof rows / sizeof *rows);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct gpu *g = gpu_at(l, path_normal(&l->a, rows[i].id));

        assert_int_equal(g->state, rows[i].state);
        assert_int_equal(g->is_gpu, rows[i].is_gpu);
        assert_int_equal(g->model == NULL, g->state == GPU_NO_DRIVER || g->state == GPU_UNKNOWN);
    }
}

/* A1: a mark in the Notes, in any case; AKS before Arc. */
static void whose_a_vm_is(void **state)
{
    static const struct {
        const char *notes;
        enum vm_owner owner;
    } rows[] = {
        {"Notes!", OWNER_HYPERV},
        {"Notes=[a till|in the shop]", OWNER_HYPERV},
        {"Notes=[x|id: /MICROSOFT.azurestackhci/virtualMachineInstances/default]", OWNER_ARC},
        {"Notes=[Microsoft.HybridContainerService|Microsoft.AzureStackHCI/"
         "virtualMachineInstances]",
         OWNER_AKS}};
    struct lab *l = *state;
    struct cim_object *o = cim_object_new(&l->a, "Msvm_VirtualSystemSettingData", NULL);

    assert_int_equal(hv_owner(o), OWNER_UNKNOWN);
    assert_int_equal(hv_owner(NULL), OWNER_UNKNOWN);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_set(&l->a, o, CIM_Msvm_VirtualSystemSettingData, rows[i].notes);
        assert_int_equal(hv_owner(o), rows[i].owner);
    }
}

static void small_readers(void **state)
{
    static const struct {
        const char *pci, *version, *want;
    } drivers[] = {{"10de:25b6", "32.0.15.8095", "580.95"},
                   {"10de:25b6", "31.0.15.2741", "527.41"},
                   {"1002:6860", "31.0.21.1", "31.0.21.1"},
                   {"10de:25b6", "580.95", "580.95"},
                   {"10de:25b6", "weird", "weird"},
                   {"10de:25b6", "1.2..4567", "1.2..4567"},
                   {"10de:25b6", "", NULL}};
    static const struct {
        const char *text;
        int64_t ms;
    } times[] = {{"19700101000001.500000+000", 1500},      {"19700101010000.000000+060", 0},
                 {"19691231230000.000000-060", 0},         {"19700101000001.500000", WHEN_NONE},
                 {"19701301000001.500000+000", WHEN_NONE}, {"", WHEN_NONE},
                 {"********000001.500000+000", WHEN_NONE}, {NULL, WHEN_NONE}};
    struct lab *l = *state;

    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        const char *got = hv_driver(&l->a, drivers[i].pci, drivers[i].version);

        if (!str_eq(got, drivers[i].want))
            fail_msg("%s is %s", drivers[i].version, got);
    }
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (hv_time(times[i].text) != times[i].ms)
            fail_msg("%s is %lld", times[i].text, (long long)hv_time(times[i].text));
    assert_true(hv_same_host("HV-1.corp.example", "hv-1"));
    assert_false(hv_same_host("hv-10", "hv-1"));
    assert_null(hv_pci(&l->a, "PCI\\VEN_10D"));
}

/* ---- who is asked, and how often ---- */

static void asks_a_constant_number(void **state)
{
    struct lab *l = *state;
    unsigned first, connects;

    add_all(&l->f);
    open_here(l);
    look(l, NO_INDEX);
    for (unsigned i = 0; i < 500; i++) {
        const char *id = arena_printf(&l->a, "AAAAAAAA-0000-4000-8000-%012u", i);

        fake_row(&l->f, "HV-1", CIM_Msvm_ComputerSystem, "vm", arena_printf(&l->a, "Name=%s", id),
                 "ElementName=many", "EnabledState=3", NULL);
        add_settings(&l->f, id, id, "System:Realized");
    }
    first = l->f.queries + l->f.asks;
    connects = l->f.connects;
    look(l, NO_INDEX);
    assert_int_equal(l->s.vm_count, 502);
    assert_int_equal(l->f.queries + l->f.asks - first, 5 + 2 * 12);
    assert_int_equal(l->f.connects, connects);                /* sessions are kept */
    assert_int_equal(l->f.per_class[CIM_Win32_PnPEntity], 2); /* once per node */
    assert_int_equal(l->f.per_class[CIM_Win32_OperatingSystem], 2);
    first = l->f.queries + l->f.asks;
    look(l, 0);
    assert_int_equal(l->f.queries + l->f.asks - first, 5 + 12);
}

static void forgets_what_a_verb_changed(void **state)
{
    struct lab *l = *state;

    add_all(&l->f);
    open_here(l);
    look(l, NO_INDEX);
    hv_forget((struct hyperv *)l->eye, "hv-1");
    look(l, NO_INDEX);
    assert_int_equal(l->f.per_class[CIM_Win32_PnPEntity], 3);
}

static void one_node_alone(void **state)
{
    struct lab *l = *state;
    struct state whole;

    add_all(&l->f);
    open_here(l);
    look(l, NO_INDEX);
    whole = l->s;
    look(l, 0);
    assert_int_equal(l->s.node_count, whole.node_count);
    for (size_t i = 0; i < whole.node_count; i++) {
        assert_string_equal(l->s.nodes[i].name, whole.nodes[i].name);
        assert_int_equal(l->s.nodes[i].answered, whole.nodes[i].answered);
        assert_int_equal(l->s.nodes[i].state, whole.nodes[i].state);
        assert_true(l->s.nodes[i].boot_ms == whole.nodes[i].boot_ms);
    }
    assert_int_equal(l->s.gpu_count, 2);
    assert_int_equal(l->s.vm_count, 2);
    look(l, 1);
    assert_int_equal(l->s.gpu_count, 0);
    assert_int_equal(l->s.vm_count, 0);
}

/* ---- what goes wrong ---- */

static void a_node_that_is_gone(void **state)
{
    const struct scope second = {1};
    struct lab *l = *state;

    add_all(&l->f);
    l->f.faulty = "HV-2";
    l->f.fault = FAKE_GONE;
    open_here(l);
    look(l, NO_INDEX);
    assert_int_equal(l->s.nodes[1].state, NODE_SILENT);
    assert_false(l->s.nodes[1].answered);
    assert_int_equal(l->s.vm_count, 2);
    assert_false(eye_observe(l->eye, &l->a, &second, &l->s, &l->e));
    assert_int_equal(l->e.kind, ERR_UNSEEN);
    assert_string_equal(l->e.text, "HV-2: root\\cimv2: the RPC server is unavailable");
}

/* Of whom it is said, is said once. */
static void a_world_that_is_gone(void **state)
{
    const struct scope all = {NO_INDEX};
    static const char *const hosts[] = {"HV-1"};
    const struct hyperv_target one = {.hosts = hosts, .host_count = 1, .node_ms = 60000};
    struct lab *l = *state;

    add_all(&l->f);
    open_at(l, &one);
    l->f.faulty = "HV-1";
    l->f.fault = FAKE_BREAKS;
    l->f.on = ON_CALL;
    assert_false(eye_observe(l->eye, &l->a, &all, &l->s, &l->e));
    assert_string_equal(l->e.text, "HV-1: MSCluster_Cluster: the call broke");
    l->f.fault = FAKE_GONE;
    l->f.on = ON_CONNECT;
    assert_false(eye_observe(l->eye, &l->a, &all, &l->s, &l->e));
    assert_string_equal(l->e.text, "HV-1: root\\MSCluster: the RPC server is unavailable");
}

/* M4: Hyper-V shows some accounts nothing, and no error; that is no empty host (decision 066). */
static void a_host_that_shows_nothing(void **state)
{
    const struct scope second = {1};
    struct lab *l = *state;

    add_all(&l->f);
    for (size_t i = 0; i < l->f.count; i++)
        if (l->f.rows[i].class == CIM_Msvm_ComputerSystem && str_eq(l->f.rows[i].host, "HV-2"))
            l->f.rows[i].host = "HV-9";
    open_here(l);
    look(l, NO_INDEX);
    assert_int_equal(l->s.nodes[1].state, NODE_SILENT);
    assert_false(l->s.nodes[1].answered);
    assert_true(l->s.nodes[0].answered);
    assert_false(eye_observe(l->eye, &l->a, &second, &l->s, &l->e));
    assert_int_equal(l->e.kind, ERR_DENIED);
    assert_string_equal(l->e.text,
                        "HV-2: Hyper-V shows this account nothing, not even the host itself");
}

/* Methods that read are denied: what they tell is unknown, and the rest is seen (decision 066). */
static void who_may_only_look(void **state)
{
    static const char *const hosts[] = {"HV-1"};
    const struct hyperv_target one = {.hosts = hosts, .host_count = 1, .node_ms = 60000};
    struct lab *l = *state;

    add_all(&l->f);
    l->f.denies = true;
    l->f.registry = "hvgpu1 store-7 desk-1 2026-11-19T12:00:00Z 4";
    open_at(l, &one);
    look(l, NO_INDEX);
    assert_true(l->s.nodes[0].answered && l->s.nodes[1].answered);
    assert_int_equal(l->s.vm_count, 2);
    assert_int_equal(gpu_at(l, A2)->location_count, 0);
    assert_null(vm_of(l, VM_1)->guest_system);
    l->eye->ops->close(l->eye);
    l->f.standalone = true;
    open_at(l, &one);
    look(l, NO_INDEX);
    assert_int_equal(l->s.vm_count, 2);
    assert_null(l->s.arbiter);
}

/* A node that hangs costs its deadline; the others are there.  Who comes back late ends quietly. */
static void a_node_that_hangs(void **state)
{
    const struct hyperv_target soon = {.node_ms = 2000};
    struct lab *l = *state;

    add_all(&l->f);
    l->f.faulty = "HV-2";
    l->f.fault = FAKE_HANGS;
    l->f.on = ON_CALL;
    host_mutex_lock(l->f.gate);
    open_at(l, &soon);
    look(l, NO_INDEX);
    assert_int_equal(l->s.nodes[1].state, NODE_SILENT);
    assert_true(l->s.nodes[0].answered);
    assert_int_equal(l->s.vm_count, 2);
    l->eye->ops->close(l->eye);
    l->eye = NULL;
    assert_false(l->f.closed); /* somebody is inside still */
    host_mutex_unlock(l->f.gate);
    fake_await_close(&l->f);
}

static void a_call_that_breaks(void **state)
{
    struct lab *l = *state;
    unsigned closes;

    add_all(&l->f);
    open_here(l);
    look(l, NO_INDEX);
    l->f.faulty = "HV-2";
    l->f.fault = FAKE_BREAKS;
    l->f.on = ON_CALL;
    closes = l->f.closes;
    look(l, NO_INDEX);
    assert_int_equal(l->s.nodes[1].state, NODE_SILENT);
    assert_true(l->f.closes > closes); /* its session is closed, and opened anew */
    l->f.fault = FAKE_ANSWERS;
    look(l, NO_INDEX);
    assert_true(l->s.nodes[1].answered);
    assert_int_equal(l->f.per_class[CIM_Win32_PnPEntity], 3); /* it may have booted meanwhile */
}

/* Whoever answers: the node that answered last is gone, another one knows the cluster, too. */
static void another_node_answers(void **state)
{
    static const char *const hosts[] = {"HV-1", "HV-2.corp.example"};
    const struct hyperv_target both = {.hosts = hosts, .host_count = 2, .node_ms = 60000};
    struct lab *l = *state;

    add_all(&l->f);
    add_host(&l->f, "HV-2.corp.example");
    l->f.faulty = "HV-1";
    l->f.fault = FAKE_GONE;
    open_at(l, &both);
    look(l, NO_INDEX);
    assert_string_equal(l->s.name, "Shop");
    assert_int_equal(l->s.nodes[0].state, NODE_SILENT);
    assert_true(l->s.nodes[1].answered);
}

/* The first host hangs: the second one is asked beside it, long before the deadline. */
static void the_first_host_hangs(void **state)
{
    static const char *const hosts[] = {"HV-2", "HV-1"};
    const struct hyperv_target both = {.hosts = hosts, .host_count = 2, .node_ms = 2000};
    struct lab *l = *state;

    add_all(&l->f);
    l->f.faulty = "HV-2";
    l->f.fault = FAKE_HANGS;
    host_mutex_lock(l->f.gate);
    open_at(l, &both);
    look(l, NO_INDEX);
    assert_string_equal(l->s.name, "Shop");
    assert_int_equal(l->s.nodes[1].state, NODE_SILENT);
    assert_true(l->s.nodes[0].answered);
    l->eye->ops->close(l->eye);
    l->eye = NULL;
    host_mutex_unlock(l->f.gate);
    fake_await_close(&l->f);
}

static void hosts_that_are_no_world(void **state)
{
    static const char *const hosts[] = {"HV-1", "HV-2"};
    static const struct hyperv_target wrong[] = {
        {.hosts = hosts, .host_count = 2, .node_ms = 60000}, {.cluster = "Shop", .node_ms = 60000}};
    const struct scope whole = {NO_INDEX};
    struct lab *l = *state;

    l->f.standalone = true;
    add_all(&l->f);
    for (size_t i = 0; i < 2; i++) {
        open_at(l, &wrong[i]);
        assert_false(eye_observe(l->eye, &l->a, &whole, &l->s, &l->e));
        assert_int_equal(l->e.kind, ERR_INVALID);
        assert_non_null(strstr(l->e.text, i ? "hosts: [Shop]" : "a spec each"));
        l->eye->ops->close(l->eye);
        l->eye = NULL;
    }
}

/* What a build lacks is unknown; what the world rests on is an error. */
static void classes_that_lack(void **state)
{
    static const struct {
        enum cim_class class;
        bool seen;
    } rows[] = {{CIM_Msvm_GpuPartition, true},
                {CIM_Msvm_ShutdownComponent, true},
                {CIM_Msvm_VirtualEthernetSwitchManagementCapabilities, true},
                {CIM_Win32_VideoController, true},
                {CIM_Msvm_VirtualSystemManagementService, true},
                {CIM_Msvm_GpuPartitionSettingData, false},
                {CIM_Msvm_ComputerSystem, false},
                {CIM_Win32_PnPEntity, false}};
    struct lab *l = *state;

    add_all(&l->f);
    l->f.faulty = "HV-1";
    l->f.fault = FAKE_LACKS;
    l->f.on = ON_CALL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        l->f.lacks = rows[i].class;
        open_here(l);
        look(l, NO_INDEX);
        assert_int_equal(l->s.nodes[0].answered, rows[i].seen);
        l->eye->ops->close(l->eye);
        l->eye = NULL;
    }
}

/* ---- every property null, missing, of another type, of an unknown number ---- */

enum bend { BEND_NULL, BEND_MISSING, BEND_TYPE, BEND_NUMBER, BENDS };

static struct cim_object bent(struct arena *a, const struct cim_object *o, size_t at, enum bend how)
{
    struct cim_object out = *cim_object_copy(a, o);
    struct cim_value *v = &out.properties[at].value;

    if (how == BEND_NULL)
        *v = (struct cim_value){.type = v->type, .null = true};
    else if (how == BEND_MISSING)
        out.properties[at] = out.properties[--out.count];
    else if (how == BEND_TYPE && !cim_type_is_number(v->type))
        cim_set_number(a, &out, out.properties[at].name, CIM_TYPE_U64, 7);
    else if (how == BEND_TYPE)
        cim_set_text(a, &out, out.properties[at].name, CIM_TYPE_TEXT, "seven");
    else if (cim_type_is_number(v->type) && v->type != CIM_TYPE_BOOLEAN)
        cim_set_number(a, &out, out.properties[at].name, v->type, 64001);
    return out;
}

/* However bent, what comes is a world that can be, or an error; never a crash. */
static void bent_rows(void **state)
{
    const struct scope whole = {NO_INDEX};
    struct lab *l = *state;
    unsigned looks = 0;

    add_all(&l->f);
    open_here(l);
    for (size_t r = 0; r < l->f.count; r++) {
        struct cim_object *o = l->f.rows[r].object, straight = *o;

        for (size_t p = 0; p < straight.count; p++) {
            for (enum bend how = 0; how < BENDS; how++) {
                struct arena a;

                arena_init(&a, 0);
                *o = bent(&a, &straight, p, how);
                hv_forget((struct hyperv *)l->eye, l->f.rows[r].host);
                if (!eye_observe(l->eye, &a, &whole, &l->s, &l->e) && l->e.kind != ERR_UNSEEN)
                    fail_msg("%s.%s: %s", o->class_name, straight.properties[p].name, l->e.text);
                arena_release(&a);
                looks++;
            }
            *o = straight;
        }
    }
    print_message("# figure: %u looks at bent rows\n", looks);
    assert_true(((struct hyperv *)l->eye)->skipped > 0);
}

/* One property at a time that is null: the row stays, and its field is unknown. */
static void null_is_unknown(void **state)
{
    struct lab *l = *state;

    add_all(&l->f);
    for (size_t r = 0; r < l->f.count; r++)
        for (size_t p = 0; p < l->f.rows[r].object->count; p++) {
            struct cim_property *at = &l->f.rows[r].object->properties[p];
            const struct cim_property_row *row = cim_property_row(l->f.rows[r].class, at->name);

            if (!(row->use & CIM_KEY) && row->type != CIM_TYPE_OBJECT &&
                !str_eq(at->name, "CSName") && !str_eq(at->name, "DeviceInstancePath") &&
                !str_eq(at->name, "VirtualSystemIdentifier") && !str_eq(at->name, "Type"))
                at->value = (struct cim_value){.type = row->type, .null = true};
        }
    open_here(l);
    look(l, NO_INDEX);
    assert_int_equal(l->s.nodes[0].state, NODE_UNKNOWN);
    assert_false(l->s.nodes[0].answered);
    assert_int_equal(l->s.vm_count, 0);
    for (size_t r = 0; r < l->f.count; r++) /* up again, with nothing else known */
        if (l->f.rows[r].class == CIM_MSCluster_Node)
            fake_set(&l->f.arena, l->f.rows[r].object, CIM_MSCluster_Node, "State=0");
    look(l, NO_INDEX);
    assert_int_equal(vm_of(l, VM_1)->power, POWER_UNKNOWN);
    assert_int_equal(vm_of(l, VM_1)->settings.stop_action, STOP_ACTION_UNKNOWN);
    assert_false(vm_of(l, VM_1)->settings.memory_startup_mib.known);
    assert_true(vm_of(l, VM_1)->role.busy); /* M2: nobody says that it is not */
    assert_false(gpu_at(l, A2)->count.known);
    assert_false(l->s.nodes[0].iov);
    assert_true(l->s.nodes[0].boot_ms == WHEN_NONE);
}

/* No property that a build may lack is there: all else is as it was, and these are unknown. */
static void an_old_build_is_seen(void **state)
{
    struct lab *l = *state;
    size_t gone = 0;

    add_all(&l->f);
    for (size_t r = 0; r < l->f.count; r++) {
        struct cim_object *o = l->f.rows[r].object;

        for (size_t p = o->count; p-- > 0;) {
            const struct cim_property_row *row =
                cim_property_row(l->f.rows[r].class, o->properties[p].name);

            if (!row || !(row->use & CIM_MAY_LACK))
                continue;
            o->properties[p] = o->properties[--o->count];
            gone++;
        }
    }
    assert_true(gone >= 3);
    open_here(l);
    look(l, NO_INDEX);
    assert_true(l->s.nodes[0].answered);
    assert_int_equal(l->s.vm_count, 2);
    assert_true(gpu_at(l, A2)->count.known);
    assert_int_equal(gpu_at(l, A2)->incoming_migration, TRI_UNKNOWN);
    assert_int_equal(vm_of(l, VM_1)->power, POWER_RUNNING);
    assert_true(vm_of(l, VM_1)->settings.mmio_low_mib.known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cluster_and_nodes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gpus_and_pools, set_up, tear_down),
        cmocka_unit_test_setup_teardown(vms_and_roles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(standalone_host, set_up, tear_down),
        cmocka_unit_test_setup_teardown(roles_that_are_hard, set_up, tear_down),
        cmocka_unit_test_setup_teardown(states_of_devices, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whose_a_vm_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_readers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asks_a_constant_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgets_what_a_verb_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_node_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_node_that_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_world_that_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_may_only_look, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_host_that_shows_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_node_that_hangs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_breaks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_node_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_host_hangs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hosts_that_are_no_world, set_up, tear_down),
        cmocka_unit_test_setup_teardown(classes_that_lack, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bent_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(null_is_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_old_build_is_seen, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
