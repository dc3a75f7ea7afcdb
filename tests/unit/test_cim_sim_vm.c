/* Calls that change a VM of the world as WMI: what they do, refuse, and do not do. */
#include "cim_calls.h"

/* ---- a VM and what it has ---- */

static void an_adapter_comes_and_goes(void **state)
{
    struct call_case k;
    struct cim_object *o;

    (void)state;
    open_case(&k, AT_ONCE);
    assert_true(add(&k, OFF, adapter(&k)));
    assert_false(k.accepted);
    assert_int_equal(vm_adapters(the_vm(world_of(&k), "off")), 1);
    assert_true(add(&k, OFF, adapter(&k))); /* once more adds once more */
    assert_int_equal(vm_adapters(the_vm(world_of(&k), "off")), 2);
    assert_true(is_stale(&k, "off")); /* the cluster was not told */
    k.in = NULL;
    assert_true(call(&k, CIM_MSCluster_Resource_UpdateVirtualMachine,
                     resource(&k, "Virtual Machine Configuration off")));
    assert_false(is_stale(&k, "off"));
    o = adapter_of(&k, HAS, "CCCCCCCC-0000-4000-8000-0000000000A1");
    assert_true(remove_setting(&k, o->path));
    assert_int_equal(vm_adapters(the_vm(world_of(&k), "has")), 0);
    cim_case_close(&k.c);
}

static void an_adapter_can_be_pinned_by_path_only(void **state)
{
    struct call_case k;
    struct cim_object *o, *gpu;
    const char *pin;

    (void)state;
    open_case(&k, AT_ONCE);
    gpu = &cim_all(&k.c, CIM_Msvm_PartitionableGpu).rows[0];
    o = adapter(&k);
    pin = cim_text(gpu, "Name");
    cim_set_texts(&k.c.arena, o, "HostResource", CIM_TYPE_TEXT, &pin, 1);
    refused_with(&k, add(&k, OFF, o), 32773);
    o = adapter(&k);
    cim_set_texts(&k.c.arena, o, "HostResource", CIM_TYPE_TEXT, &gpu->path, 1);
    assert_true(add(&k, OFF, o));
    assert_non_null(the_vm(world_of(&k), "off")->adapters[0].pin);
    cim_case_close(&k.c);
}

static void malformed_instances_are_refused(void **state)
{
    struct call_case k;
    struct cim_object *o;

    (void)state;
    open_case(&k, AT_ONCE);
    refused_with(&k, add(&k, OFF, setting(&k, CIM_Msvm_GpuPartitionSettingData, NULL)), 32773);
    refused_with(&k, add(&k, OFF, setting(&k, CIM_Msvm_GpuPartitionSettingData, "nothing")), 32773);
    refused_with(&k, modify_system(&k, NULL), 32773);
    o = adapter(&k);
    cim_set_number(&k.c.arena, o, "MaxPartitionVRAM", CIM_TYPE_U64, 5);
    refused_with(&k, add(&k, OFF, o), 32773);
    o = setting(&k, CIM_Msvm_PciExpressSettingData,
                template_of(&k, CIM_Msvm_PciExpressSettingData));
    refused_with(&k, add(&k, OFF, o), 32773); /* neither a pool nor a device */
    refused_with(&k, remove_setting(&k, template_of(&k, CIM_Msvm_GpuPartitionSettingData)), 32773);
    refused_with(&k, add(&k, RUN, adapter(&k)), 32775); /* it runs */
    assert_int_equal(k.c.e.kind, ERR_BUSY);
    refused_with(&k, remove_setting(&k, cim_all(&k.c, CIM_Msvm_ComputerSystem).rows[0].path),
                 32773);
    cim_case_close(&k.c);
}

static void a_checkpoints_adapter_is_not_touched(void **state)
{
    struct call_case k;
    struct cim_rows rows;

    (void)state;
    open_case(&k, AT_ONCE);
    rows = cim_all(&k.c, CIM_Msvm_GpuPartitionSettingData);
    for (size_t i = 0; i < rows.count; i++) {
        const char *id = cim_text(&rows.rows[i], "InstanceID");

        if (strstr(id, "0000000000C1"))
            refused_with(&k, remove_setting(&k, rows.rows[i].path), 32775);
    }
    assert_int_equal(the_vm(world_of(&k), "has")->adapter_count, 2);
    cim_case_close(&k.c);
}

static void limits_and_memory_are_modified(void **state)
{
    struct call_case k;
    struct cim_object *o;
    struct vm *vm;

    (void)state;
    open_case(&k, AT_ONCE);
    vm = the_vm(world_of(&k), "has");
    o = adapter_of(&k, HAS, "CCCCCCCC-0000-4000-8000-0000000000A1");
    o = setting(&k, CIM_Msvm_GpuPartitionSettingData, o->path);
    cim_set_number(&k.c.arena, o, "MinPartitionVRAM", CIM_TYPE_U64, 0);
    cim_set_number(&k.c.arena, o, "OptimalPartitionVRAM", CIM_TYPE_U64, 9);
    assert_true(modify(&k, o));
    assert_true(num_is(vm->adapters[0].limits.min[QUOTA_VRAM], 0)); /* 0 is written */
    assert_true(num_is(vm->adapters[0].limits.optimal[QUOTA_VRAM], 9));
    assert_false(vm->adapters[0].limits.max[QUOTA_VRAM].known); /* and what is not, is not */
    cim_set_number(&k.c.arena, o, "MaxPartitionVRAM", CIM_TYPE_U64, 8);
    refused_with(&k, modify(&k, o), 32773); /* optimal is above it */

    o = cim_row(&k.c, CIM_Msvm_MemorySettingData, "InstanceID",
                "Microsoft:" OFF "\\4764334D-E001-4176-82EE-5594EC9B530E");
    o = setting(&k, CIM_Msvm_MemorySettingData, o->path);
    cim_set_number(&k.c.arena, o, "VirtualQuantity", CIM_TYPE_U64, 8192);
    assert_true(modify(&k, o));
    vm = the_vm(world_of(&k), "off");
    assert_true(num_is(vm->settings.memory_startup_mib, 8192)); /* MB */
    assert_int_equal(vm->settings.dynamic_memory, TRI_NO);
    o = cim_row(&k.c, CIM_Msvm_MemorySettingData, "InstanceID",
                "Microsoft:" HAS "\\4764334D-E001-4176-82EE-5594EC9B530E");
    o = setting(&k, CIM_Msvm_MemorySettingData, o->path);
    cim_set_number(&k.c.arena, o, "VirtualQuantity", CIM_TYPE_U64, 8192);
    refused_with(&k, modify(&k, o), 32773); /* beside a GPU */
    cim_case_close(&k.c);
}

static struct cim_object *system_of(struct call_case *k, const char *vm)
{
    const char *id = arena_printf(&k->c.arena, "Microsoft:%s", vm);

    return setting(k, CIM_Msvm_VirtualSystemSettingData,
                   cim_row(&k->c, CIM_Msvm_VirtualSystemSettingData, "InstanceID", id)->path);
}

static void settings_change_where_they_differ(void **state)
{
    struct call_case k;
    struct cim_object *o;
    struct vm_settings *v;

    (void)state;
    open_case(&k, AT_ONCE);
    v = &the_vm(world_of(&k), "off")->settings;
    v->cache_types = TRI_YES;
    o = system_of(&k, OFF);
    cim_set_number(&k.c.arena, o, "GuestControlledCacheTypes", CIM_TYPE_BOOLEAN, 0);
    cim_set_number(&k.c.arena, o, "LowMmioGapSize", CIM_TYPE_U64, 128); /* as it is */
    assert_true(modify_system(&k, o));
    assert_int_equal(v->cache_types, TRI_NO); /* false is written */
    o = system_of(&k, OFF);
    cim_set_number(&k.c.arena, o, "LowMmioGapSize", CIM_TYPE_U64, 3072);
    cim_set_number(&k.c.arena, o, "HighMmioGapSize", CIM_TYPE_U64, 33280);
    assert_true(modify_system(&k, o));
    assert_true(num_is(v->mmio_low_mib, 3072));
    assert_true(num_is(v->mmio_high_mib, 33280));
    o = system_of(&k, OFF);
    cim_set_number(&k.c.arena, o, "AutomaticShutdownAction", CIM_TYPE_U16, 2);
    assert_true(modify_system(&k, o));
    assert_int_equal(v->stop_action, STOP_ACTION_TURN_OFF);
    o = system_of(&k, OFF);
    cim_set_number(&k.c.arena, o, "UserSnapshotType", CIM_TYPE_U16, 2);
    assert_true(modify_system(&k, o));
    assert_int_equal(v->checkpoints, CHECKPOINTS_DISABLED);
    o = system_of(&k, OFF);
    cim_set_number(&k.c.arena, o, "UserSnapshotType", CIM_TYPE_U16, 6);
    refused_with(&k, modify_system(&k, o), 32773);
    o = system_of(&k, OFF);
    cim_set_number(&k.c.arena, o, "LowMmioGapSize", CIM_TYPE_U64, 4096);
    refused_with(&k, modify_system(&k, o), 32773); /* not under 4 GiB */
    o = system_of(&k, RUN);
    cim_set_number(&k.c.arena, o, "LowMmioGapSize", CIM_TYPE_U64, 512);
    refused_with(&k, modify_system(&k, o), 32775);
    cim_case_close(&k.c);
}

/* ---- jobs ---- */

static void what_takes_time_has_a_job(void **state)
{
    struct call_case k;
    const char *job;
    uint64_t code;

    (void)state;
    open_case(&k, SLOWLY);
    assert_true(add(&k, OFF, adapter(&k)));
    assert_true(k.accepted); /* 4096 */
    job = cim_text(k.out, "Job");
    assert_int_equal(vm_adapters(the_vm(world_of(&k), "off")), 0);
    assert_int_equal(job_state(&k, job, &code), 4);
    refused_with(&k, add(&k, OFF, setting(&k, CIM_Msvm_PciExpressSettingData, "nothing")), 32773);
    pass(&k, 10000);
    assert_int_equal(job_state(&k, job, &code), 7);
    assert_int_equal(code, 0);
    assert_int_equal(vm_adapters(the_vm(world_of(&k), "off")), 1);
    assert_true(is_stale(&k, "off"));
    pass(&k, 300001); /* and some time after it is gone */
    assert_int_equal(job_state(&k, job, &code), 0);
    assert_int_equal(k.c.e.native, 0x80041002);
    cim_case_close(&k.c);
}

static void a_job_can_fail(void **state)
{
    struct call_case k;
    struct cim_object *row;
    const char *job;
    uint64_t code;

    (void)state;
    open_case(&k, SLOWLY);
    assert_true(add(&k, OFF, adapter(&k)));
    job = cim_text(k.out, "Job");
    world_person_power(world_of(&k), vm_named(world_of(&k), "off"), true);
    pass(&k, 10000);
    assert_int_equal(job_state(&k, job, &code), 10);
    assert_int_equal(code, 32768);
    row = cim_row(&k.c, CIM_Msvm_ConcreteJob, "JobState", "10");
    assert_string_equal(cim_text(row, "ErrorDescription"), "failed");
    assert_non_null(cim_text(row, "InstanceID"));
    cim_case_close(&k.c);
}

/* ---- faults ---- */

static void a_fault_takes_the_main_call(void **state)
{
    static const struct {
        const char *world;
        bool ok;
        int64_t native;
        uint64_t at_once, later;
    } rows[] = {
        {AT_ONCE, true, 0, 1, 1},
        {AT_ONCE "  faults: [{on: vm-attach, answer: 32768}]\n", false, 32768, 0, 0},
        {AT_ONCE "  faults: [{on: vm-attach, deny: 32777}]\n", false, 32777, 1, 1},
        {AT_ONCE "  faults: [{on: vm-attach, lie: true}]\n", true, 0, 0, 0},
        {AT_ONCE "  faults: [{on: vm-attach, late: 30s}]\n", false, 0x80010108, 0, 1},
        {AT_ONCE "  faults: [{on: vm-detach, answer: 5}]\n", true, 0, 1, 1},
    };
    struct call_case k;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        open_case(&k, rows[i].world);
        assert_true(add(&k, OFF, adapter(&k)) == rows[i].ok);
        assert_false(k.accepted);
        assert_int_equal(k.c.e.native, rows[i].native);
        assert_int_equal(vm_adapters(the_vm(world_of(&k), "off")), rows[i].at_once);
        pass(&k, 60000);
        assert_int_equal(vm_adapters(the_vm(world_of(&k), "off")), rows[i].later);
        cim_case_close(&k.c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_adapter_comes_and_goes),
        cmocka_unit_test(an_adapter_can_be_pinned_by_path_only),
        cmocka_unit_test(malformed_instances_are_refused),
        cmocka_unit_test(a_checkpoints_adapter_is_not_touched),
        cmocka_unit_test(limits_and_memory_are_modified),
        cmocka_unit_test(settings_change_where_they_differ),
        cmocka_unit_test(what_takes_time_has_a_job),
        cmocka_unit_test(a_job_can_fail),
        cmocka_unit_test(a_fault_takes_the_main_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
