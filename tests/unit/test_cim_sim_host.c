/* Calls that change a host of the world as WMI; the owner record, and the file. */
#include "cim_calls.h"
#include "scratch.h"

#include "cim/cim_sim_net.h"
#include "host/host.h"

#include <pthread.h>

/* ---- the host ---- */

static bool set_count(struct call_case *k, uint64_t count)
{
    const char *path = cim_all(&k->c, CIM_Msvm_PartitionableGpu).rows[0].path;
    struct cim_object *o = setting(k, CIM_Msvm_PartitionableGpu, path);

    cim_set_number(&k->c.arena, o, "PartitionCount", CIM_TYPE_U16, count);
    k->c.e = (struct err){.kind = ERR_NONE};
    return cim_put(k->virt, &k->c.arena, o, &k->c.e);
}

static void a_count_is_written(void **state)
{
    struct call_case k;

    (void)state;
    open_case(&k, AT_ONCE);
    refused_with(&k, set_count(&k, 5), 0x80041008);
    refused_with(&k, set_count(&k, 8), 0x80041001); /* the adapter of a VM that is off */
    the_vm(world_of(&k), "has")->adapter_count = 0;
    assert_true(set_count(&k, 8));
    assert_true(
        num_is(cim_number(&cim_all(&k.c, CIM_Msvm_PartitionableGpu).rows[0], "PartitionCount"), 8));
    cim_case_close(&k.c);
}

static struct gpu *at_location(struct call_case *k, const char *location)
{
    struct state *s = &world_of(k)->now;

    return &s->gpus[state_gpu_at(s, 0, location)];
}

static bool plug(struct call_case *k, enum cim_method method, const char *path)
{
    k->in = NULL;
    return call(k, method, cim_row(&k->c, CIM_Win32_PnPEntity, "DeviceID", path)->path);
}

static bool dismount(struct call_case *k, const char *location, bool strict)
{
    struct cim_object *o = setting(k, CIM_Msvm_AssignableDeviceDismountSettingData, NULL);

    cim_set_text(&k->c.arena, o, "DeviceLocationPath", CIM_TYPE_TEXT, location);
    cim_set_number(&k->c.arena, o, "RequireDeviceMitigations", CIM_TYPE_BOOLEAN, strict);
    with(k);
    cim_set_object(&k->c.arena, k->in, "DismountSettingData", CIM_TYPE_INSTANCE, o);
    return call(k, CIM_Msvm_AssignableDeviceService_DismountAssignableDevice,
                only(k, CIM_Msvm_AssignableDeviceService));
}

static void a_device_goes_and_comes_back(void **state)
{
    static const char where[] = "PCIROOT(2)#PCI(0)";
    struct call_case k;
    struct gpu *gpu;

    (void)state;
    open_case(&k, AT_ONCE);
    gpu = at_location(&k, where);
    refused_with(&k, dismount(&k, where, false), 32775); /* not disabled */
    assert_true(plug(&k, CIM_Win32_PnPEntity_Disable, gpu->path));
    assert_int_equal(cim_tri(k.out, "rebootNeeded"), TRI_NO);
    refused_with(&k, dismount(&k, where, true), 32768); /* no mitigation driver */
    assert_true(dismount(&k, where, false));
    assert_true(str_starts(cim_text(k.out, "DismountedDeviceInstancePath"), "PCIP\\"));
    assert_int_equal(gpu->state, GPU_DISMOUNTED);
    refused_with(&k, dismount(&k, "PCIROOT(9)#PCI(9)", false), 32773);
    with(&k);
    cim_set_text(&k.c.arena, k.in, "DeviceLocationPath", CIM_TYPE_TEXT, where);
    assert_true(call(&k, CIM_Msvm_AssignableDeviceService_MountAssignableDevice,
                     only(&k, CIM_Msvm_AssignableDeviceService)));
    assert_int_equal(gpu->state, GPU_DISABLED);
    assert_true(plug(&k, CIM_Win32_PnPEntity_Enable, gpu->path));
    assert_int_equal(gpu->state, GPU_HOST);
    cim_case_close(&k.c);
}

static void a_disable_may_ask_for_a_reboot(void **state)
{
    struct call_case k;

    (void)state;
    open_case(&k, AT_ONCE "  faults: [{on: gpu-disable, answer: 3010}]\n");
    assert_true(plug(&k, CIM_Win32_PnPEntity_Disable, at_location(&k, "PCIROOT(2)#PCI(0)")->path));
    assert_int_equal(cim_tri(k.out, "rebootNeeded"), TRI_YES);
    assert_int_equal(k.c.e.native, 0);
    cim_case_close(&k.c);
}

/* ---- pools ---- */

static const char *pool_path(struct call_case *k, const char *name, const char *type)
{
    struct cim_rows rows = cim_all(&k->c, CIM_Msvm_ResourcePool);

    for (size_t i = 0; i < rows.count; i++)
        if (str_eq(cim_text(&rows.rows[i], "PoolID"), name) &&
            num_is(cim_number(&rows.rows[i], "ResourceType"), strtoull(type, NULL, 10)))
            return rows.rows[i].path;
    return "none";
}

static struct cim_object *allocation(struct call_case *k, const char *pool,
                                     const char *const *devices, size_t n)
{
    struct cim_object *o =
        setting(k, CIM_Msvm_PciExpressSettingData, template_of(k, CIM_Msvm_PciExpressSettingData));

    cim_set_text(&k->c.arena, o, "PoolID", CIM_TYPE_TEXT, pool);
    cim_set_texts(&k->c.arena, o, "HostResource", CIM_TYPE_TEXT, devices, n);
    return o;
}

static bool create_pool(struct call_case *k, const char *name, const char *carried)
{
    struct cim_object *pool = setting(k, CIM_Msvm_ResourcePoolSettingData, NULL);
    const struct cim_object *part = allocation(k, carried, NULL, 0);
    const char *parent = pool_path(k, "", "32769");

    cim_set_text(&k->c.arena, pool, "PoolID", CIM_TYPE_TEXT, name);
    cim_set_number(&k->c.arena, pool, "ResourceType", CIM_TYPE_U16, 32769);
    cim_set_text(&k->c.arena, pool, "ResourceSubType", CIM_TYPE_TEXT,
                 "Microsoft:Hyper-V:Virtual Pci Express Port");
    with(k);
    cim_set_object(&k->c.arena, k->in, "PoolSettings", CIM_TYPE_INSTANCE, pool);
    cim_set_texts(&k->c.arena, k->in, "ParentPools", CIM_TYPE_REF, &parent, 1);
    cim_set_objects(&k->c.arena, k->in, "AllocationSettings", CIM_TYPE_INSTANCE, &part, 1);
    return call(k, CIM_Msvm_ResourcePoolConfigurationService_CreatePool,
                only(k, CIM_Msvm_ResourcePoolConfigurationService));
}

static bool set_members(struct call_case *k, const char *name, const char *const *devices, size_t n)
{
    const struct cim_object *part = allocation(k, name, devices, n);
    const char *parent = pool_path(k, "", "32769");

    with(k);
    cim_set_text(&k->c.arena, k->in, "ChildPool", CIM_TYPE_REF, pool_path(k, name, "32769"));
    cim_set_texts(&k->c.arena, k->in, "ParentPools", CIM_TYPE_REF, &parent, 1);
    cim_set_objects(&k->c.arena, k->in, "AllocationSettings", CIM_TYPE_INSTANCE, &part, 1);
    return call(k, CIM_Msvm_ResourcePoolConfigurationService_ModifyPoolResources,
                only(k, CIM_Msvm_ResourcePoolConfigurationService));
}

static void members_are_written_as_a_whole_list(void **state)
{
    struct call_case k;
    struct cim_rows devices;
    const char *two[2];

    (void)state;
    open_case(&k, AT_ONCE);
    refused_with(&k, create_pool(&k, "P", ""), 32773); /* the allocation of the parent's name */
    assert_true(create_pool(&k, "P", "P"));
    assert_string_equal(cim_text(k.out, "Pool"), pool_path(&k, "P", "32769"));
    devices = cim_all(&k.c, CIM_Msvm_PciExpress);
    two[0] = devices.rows[0].path;
    two[1] = devices.rows[1].path;
    assert_true(set_members(&k, "P", two, 1));
    assert_true(set_members(&k, "P", two, 2));
    assert_string_equal(at_location(&k, "PCIROOT(3)#PCI(0)")->pool, "P");
    assert_string_equal(at_location(&k, "PCIROOT(4)#PCI(0)")->pool, "P");
    assert_true(set_members(&k, "P", &two[1], 1)); /* who is not on the list is out */
    assert_null(at_location(&k, "PCIROOT(3)#PCI(0)")->pool);
    refused_with(&k, set_members(&k, "Q", two, 1), 32781);
    with(&k);
    cim_set_text(&k.c.arena, k.in, "Pool", CIM_TYPE_REF, pool_path(&k, "P", "32769"));
    refused_with(&k,
                 call(&k, CIM_Msvm_ResourcePoolConfigurationService_DeletePool,
                      only(&k, CIM_Msvm_ResourcePoolConfigurationService)),
                 32774); /* it has a member */
    assert_true(set_members(&k, "P", NULL, 0));
    with(&k);
    cim_set_text(&k.c.arena, k.in, "Pool", CIM_TYPE_REF, pool_path(&k, "P", "32769"));
    assert_true(call(&k, CIM_Msvm_ResourcePoolConfigurationService_DeletePool,
                     only(&k, CIM_Msvm_ResourcePoolConfigurationService)));
    assert_int_equal(world_of(&k)->now.pool_count, 0);
    cim_case_close(&k.c);
}

static void a_vm_asks_for_devices(void **state)
{
    struct call_case k;
    struct cim_object *o;
    const char *device;

    (void)state;
    open_case(&k, AT_ONCE);
    device = cim_all(&k.c, CIM_Msvm_PciExpress).rows[0].path;
    o = setting(&k, CIM_Msvm_PciExpressSettingData,
                template_of(&k, CIM_Msvm_PciExpressSettingData));
    cim_set_texts(&k.c.arena, o, "HostResource", CIM_TYPE_TEXT, &device, 1);
    assert_true(add(&k, OFF, o));
    assert_string_equal(the_vm(world_of(&k), "off")->requests[0].location, "PCIROOT(3)#PCI(0)");
    refused_with(&k, add(&k, HAS, o), 32774); /* another VM has it */
    o = setting(&k, CIM_Msvm_PciExpressSettingData,
                template_of(&k, CIM_Msvm_PciExpressSettingData));
    cim_set_text(&k.c.arena, o, "PoolID", CIM_TYPE_TEXT, "P");
    refused_with(&k, add(&k, OFF, o), 32773); /* there is no such pool */
    assert_true(create_pool(&k, "P", "P"));
    assert_true(add(&k, OFF, o));
    assert_int_equal(vm_requests(the_vm(world_of(&k), "off")), 2);
    cim_case_close(&k.c);
}

/* ---- the owner record ---- */

static void add_dword(uint64_t *bytes, size_t *n, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[(*n)++] = value >> 8 * i & 0xff;
}

static void add_text(uint64_t *bytes, size_t *n, uint32_t syntax, const char *s)
{
    add_dword(bytes, n, syntax);
    add_dword(bytes, n, (uint32_t)(2 * strlen(s) + 2));
    for (size_t i = 0; i <= strlen(s); i++) {
        bytes[(*n)++] = (unsigned char)s[i];
        bytes[(*n)++] = 0;
    }
    while (*n % 4)
        bytes[(*n)++] = 0;
}

static bool claim_cluster(struct call_case *k, const char *text)
{
    uint64_t bytes[512];
    size_t n = 0;

    add_dword(bytes, &n, 1);
    add_text(bytes, &n, 0x00040003, "HvgpuOwner");
    add_text(bytes, &n, 0x00010003, text);
    add_dword(bytes, &n, 0);
    with(k);
    cim_set_number(&k->c.arena, k->in, "ControlCode", CIM_TYPE_S32, 0x07400086);
    cim_set_numbers(&k->c.arena, k->in, "InputBuffer", CIM_TYPE_U8, bytes, n);
    return call(k, CIM_MSCluster_Cluster_ExecuteClusterControl, only(k, CIM_MSCluster_Cluster));
}

static void the_cluster_holds_the_owner_record(void **state)
{
    struct call_case k;

    (void)state;
    open_case(&k, AT_ONCE);
    assert_true(claim_cluster(&k, "hvgpu1 s1 admin 2026-11-19T12:00:00Z 7"));
    assert_string_equal(world_of(&k)->owner.store, "s1");
    assert_int_equal(world_of(&k)->owner.epoch, 7);
    refused_with(&k, claim_cluster(&k, "nonsense"), 0x80070057);
    assert_true(claim_cluster(&k, ""));
    assert_null(world_of(&k)->owner.store);
    cim_case_close(&k.c);
}

static bool registry(struct call_case *k, enum cim_method method, const char *key,
                     const char *value)
{
    with(k);
    cim_set_number(&k->c.arena, k->in, "hDefKey", CIM_TYPE_U32, 0x80000002u);
    cim_set_text(&k->c.arena, k->in, "sSubKeyName", CIM_TYPE_TEXT, key);
    if (method != CIM_StdRegProv_CreateKey)
        cim_set_text(&k->c.arena, k->in, "sValueName", CIM_TYPE_TEXT, "Owner");
    if (value)
        cim_set_text(&k->c.arena, k->in, "sValue", CIM_TYPE_TEXT, value);
    return call(k, method, "StdRegProv");
}

static void a_host_holds_the_owner_record(void **state)
{
    static const char key[] = "SOFTWARE\\hvgpu";
    struct call_case k;

    (void)state;
    open_case(&k, HOST("  nodes: [{name: n1}]\n"));
    refused_with(&k, registry(&k, CIM_StdRegProv_DeleteValue, key, NULL), 2);
    assert_true(registry(&k, CIM_StdRegProv_CreateKey, key, NULL));
    assert_true(registry(&k, CIM_StdRegProv_SetStringValue, key, "hvgpu1 s1 ? ? 3"));
    assert_string_equal(world_of(&k)->owner.store, "s1");
    refused_with(&k, registry(&k, CIM_StdRegProv_SetStringValue, "Cluster", "hvgpu1 s1 ? ? 3"), 5);
    assert_true(registry(&k, CIM_StdRegProv_DeleteValue, key, NULL));
    assert_null(world_of(&k)->owner.store);
    cim_case_close(&k.c);
}

/* ---- the file ---- */

struct process {
    struct arena arena;
    struct findings found;
    struct cim_net *net;
    struct cim_eye *eye;
    struct cim_rows rows;
    struct err e;
};

static const char *text_of(struct process *p)
{
    char *text;
    size_t size;

    assert_true(host_read_file(&p->arena, scratch("world.yaml"), 1 << 20, &text, &size, &p->e));
    return text;
}

static void process_begin(struct process *p)
{
    const char *text;

    *p = (struct process){.net = NULL};
    arena_init(&p->arena, 0);
    findings_init(&p->found, &p->arena);
    text = text_of(p);
    assert_true(cim_sim_open(known_facts(), scratch("world.yaml"), text, strlen(text), true,
                             &p->net, &p->found, &p->e));
    assert_true(p->net->ops->connect(p->net, "n2", CIM_SPACE_VIRT, &p->eye, &p->e));
}

static uint64_t process_count(struct process *p)
{
    struct cim_query query = {.class = CIM_Msvm_PartitionableGpu};

    assert_true(cim_query(p->eye, &p->arena, &query, &p->rows, &p->e));
    return cim_number(&p->rows.rows[0], "PartitionCount").value;
}

static bool process_put(struct process *p, uint64_t count)
{
    struct cim_hand *hand;
    struct cim_object *o;

    process_count(p);
    assert_true(p->eye->ops->hand(p->eye, &hand, &p->e));
    o = cim_object_new(&p->arena, p->rows.rows[0].class_name, p->rows.rows[0].path);
    cim_set_number(&p->arena, o, "PartitionCount", CIM_TYPE_U16, count);
    return cim_put(hand, &p->arena, o, &p->e);
}

static void process_wait(struct process *p, int64_t ms)
{
    p->net->ops->wait_ms(p->net, p->net->ops->now_ms(p->net) + ms);
}

static void process_end(struct process *p)
{
    p->eye->ops->close(p->eye);
    p->net->ops->close(p->net);
    arena_release(&p->arena);
}

/* Who acts writes, and what lands for others is theirs to write. */
static void a_lasting_world_is_shared_by_its_file(void **state)
{
    struct process one, other;

    (void)state;
    scratch_write("world.yaml", SLOWLY);
    process_begin(&one);
    assert_true(process_put(&one, 8));
    assert_non_null(strstr(text_of(&one), "set-count")); /* under way */
    one.eye->ops->close(one.eye);                        /* its hand with it: it only looks now */
    assert_true(one.net->ops->connect(one.net, "n2", CIM_SPACE_VIRT, &one.eye, &one.e));
    process_begin(&other);
    assert_int_equal(process_count(&one), 4);
    process_wait(&one, 10000);
    assert_int_equal(process_count(&one), 8);
    assert_non_null(strstr(text_of(&one), "set-count")); /* looking writes nothing */
    assert_false(process_put(&other, 16)); /* what stands there is the world: it is under way */
    assert_int_equal(other.e.kind, ERR_BUSY);
    process_wait(&other, 10000);
    assert_int_equal(process_count(&other), 8);
    assert_null(strstr(text_of(&other), "set-count")); /* landed, and written */
    process_end(&one);
    process_end(&other);
}

/* ---- calls that hang, and the end ---- */

static void *close_when_it_hangs(void *net)
{
    struct lasting *l = ((struct sim_net *)net)->world;
    bool hangs = false;

    while (!hangs) {
        lasting_enter(l);
        hangs = l->blocked != 0;
        lasting_leave(l);
    }
    ((struct cim_net *)net)->ops->close(net);
    return NULL;
}

/* Closing lets them return; their eyes are closed behind it. */
static void hanging_calls_end_with_the_net(void **state)
{
    static const char *const worlds[] = {AT_ONCE "  faults: [{on: observe, hang: true}]\n",
                                         AT_ONCE "  faults: [{on: gpu-set-count, hang: true}]\n"};
    struct cim_query query = {.class = CIM_Msvm_ComputerSystem};
    struct cim_rows rows;
    struct call_case k;
    pthread_t thread;

    (void)state;
    for (int acts = 0; acts < 2; acts++) {
        open_case(&k, worlds[acts]);
        the_vm(world_of(&k), "has")->adapter_count = 0;
        assert_int_equal(pthread_create(&thread, NULL, close_when_it_hangs, k.c.net), 0);
        if (acts)
            assert_false(set_count(&k, 8));
        else
            assert_false(cim_query(k.c.virt, &k.c.arena, &query, &rows, &k.c.e));
        assert_int_equal(k.c.e.kind, ERR_TIMEOUT);
        pthread_join(thread, NULL);
        k.c.virt->ops->close(k.c.virt);
        k.c.host->ops->close(k.c.host);
        k.c.cluster->ops->close(k.c.cluster);
        arena_release(&k.c.arena);
    }
}

static int deaths;
static void died(void)
{
    deaths++;
}

static void it_dies_after_the_effect_is_written(void **state)
{
    struct process p, next;

    (void)state;
    scratch_write("world.yaml", AT_ONCE "  faults: [{on: gpu-set-count, die: true}]\n");
    process_begin(&p);
    lasting_on_die(died);
    assert_true(process_put(&p, 8));
    lasting_on_die(NULL);
    assert_int_equal(deaths, 1);
    process_begin(&next);
    assert_int_equal(process_count(&next), 8);
    process_end(&next);
    process_end(&p);
}

/* ---- what the account may do (hyperv-wmi 6) ---- */

static uint64_t rights_in(struct call_case *k, struct cim_eye *eye)
{
    const struct cim_call asked = {.method = CIM___SystemSecurity_GetCallerAccessRights,
                                   .path = "__SystemSecurity=@"};
    struct cim_object *out;

    if (!cim_ask(eye, &k->c.arena, &asked, &out, &k->c.e))
        fail_msg("%s", k->c.e.text);
    assert_true(num_is(cim_number(out, "ReturnValue"), 0));
    return cim_number(out, "rights").value;
}

static void an_account_may_less(void **state)
{
    static const struct {
        const char *rights;
        uint64_t mask;
        bool execute, write, sees;
    } rows[] = {
        {"", 0x6003F, true, true, true},
        {"      rights: {execute: false}\n", 0x6003D, false, true, true},
        {"      rights: {write: false}\n", 0x6002F, true, false, true},
        {"      rights: {remote: false, hyperv: false}\n", 0x6001F, true, true, false},
    };
    static const char world[] = "  nodes:\n    - name: n1\n%s"
                                "      gpus: [{card: NVIDIA A2, partitions: 4}]\n";
    static const struct cim_query gpus = {.class = CIM_Msvm_PartitionableGpu};
    static const struct cim_query system = {.class = CIM_Win32_OperatingSystem};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[256], text[512];
        struct call_case k;
        struct cim_rows seen = {0};

        snprintf(body, sizeof body, world, rows[i].rights);
        snprintf(text, sizeof text, CLUSTER("%s"), body);
        open_case(&k, text);
        assert_int_equal(rights_in(&k, k.c.virt), rows[i].mask);
        assert_int_equal(rights_in(&k, k.c.cluster), rows[i].mask);
        assert_int_equal(rights_in(&k, k.c.host), rows[i].mask);
        assert_true(cim_query(k.c.virt, &k.c.arena, &gpus, &seen, &k.c.e));
        assert_int_equal(seen.count, rows[i].sees);
        assert_true(cim_query(k.c.host, &k.c.arena, &system, &seen, &k.c.e));
        assert_int_equal(seen.count, 1);
        if (rows[i].sees && set_count(&k, 8) != rows[i].write)
            fail_msg("rights %zu: a put", i);
        if (!rows[i].write) {
            assert_int_equal(k.c.e.kind, ERR_DENIED);
            assert_int_equal(k.c.e.native, 0x80041003);
        }
        with(&k);
        assert_false(call(&k, CIM_MSCluster_ResourceGroup_CancelOperation, "none"));
        assert_int_equal(k.c.e.kind == ERR_DENIED, !rows[i].execute);
        cim_case_close(&k.c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_count_is_written),
        cmocka_unit_test(a_device_goes_and_comes_back),
        cmocka_unit_test(a_disable_may_ask_for_a_reboot),
        cmocka_unit_test(members_are_written_as_a_whole_list),
        cmocka_unit_test(a_vm_asks_for_devices),
        cmocka_unit_test(the_cluster_holds_the_owner_record),
        cmocka_unit_test(a_host_holds_the_owner_record),
        cmocka_unit_test(a_lasting_world_is_shared_by_its_file),
        cmocka_unit_test(hanging_calls_end_with_the_net),
        cmocka_unit_test(it_dies_after_the_effect_is_written),
        cmocka_unit_test(an_account_may_less),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
