/* When the provider acts, when it does not, and what it tries when it was refused. */
#include "provider/hyperv/act.h"
#include "tests/unit/hyperv_scene.h"

#include <stdlib.h>

static struct scene s;
static bool ok;

static int set_up(void **state)
{
    (void)state;
    scene_open(&s, false);
    return 0;
}

static int set_up_alone(void **state)
{
    (void)state;
    scene_open(&s, true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scene_close(&s);
    return 0;
}

static const char *act(struct action a)
{
    return done(&s, &a, &ok);
}

static size_t times(const char *said, const char *part)
{
    size_t n = 0;

    for (; (said = strstr(said, part)) != NULL; said += strlen(part))
        n++;
    return n;
}

/* It fails so, and nothing was sent. */
static void refused(struct action a, int64_t code)
{
    const char *said = act(a);

    if (ok || s.e.native != code || s.e.kind != ERR_REFUSED)
        fail_msg("%s: %d %d %llx %s", verb_rows[a.verb].word, ok, (int)s.e.kind,
                 (unsigned long long)s.e.native, s.e.text);
    assert_int_equal(times(said, "call "), 0);
    assert_int_equal(times(said, "put "), 0);
}

#define ATTACH ((struct action){VERB_ADAPTER_ADD, .value = {2}})
#define START  ((struct action){VERB_VM_START})
#define ASK    ((struct action){VERB_VM_STOP, .value = {STOP_GUEST}})
#define SET_3  ((struct action){VERB_VM_OFFLINE_ACTION, .value = {3}})
#define LIVE   ((struct action){VERB_VM_MOVE, .object = "hv-2", .value = {MOVE_LIVE}})

static void vm_is(uint64_t enabled_state)
{
    fake_number(&s.fake, s.vm, "EnabledState", enabled_state);
}

static void set_private(struct cim_object *resource, const char *name, uint64_t number)
{
    struct cim_object *own =
        cim_object_copy(&s.fake.arena, cim_part(resource, "PrivateProperties", 0));

    cim_set_number(&s.fake.arena, own, name, CIM_TYPE_U32, number);
    cim_set_object(&s.fake.arena, resource, "PrivateProperties", CIM_TYPE_OBJECT, own);
}

/* ---- property lists: the vectors of failover-cluster 7, byte by byte ---- */

static void assert_bytes(const struct hv_list *list, const char *hex)
{
    assert_int_equal(list->count * 2, strlen(hex));
    for (size_t i = 0; i < list->count; i++) {
        const char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};

        assert_int_equal(list->bytes[i], strtoul(pair, NULL, 16));
    }
}

static void property_lists(void **state)
{
    struct hv_list one, two, text;

    (void)state;
    hv_list_init(&one, &s.fake.arena);
    hv_list_number(&one, "OfflineAction", 3);
    assert_bytes(&one, "01000000030004001c0000004f00660066006c0069006e00650041006300740069006f"
                       "006e00000002000100040000000300000000000000");
    hv_list_init(&two, &s.fake.arena);
    hv_list_number(&two, "Virtual Machine", 4);
    hv_list_number(&two, "Virtual Machine Configuration", 4);
    assert_bytes(&two, "0200000003000400200000005600690072007400750061006c0020004d00610063006800"
                       "69006e006500000002000100040000000400000000000000030004003c00000056006900"
                       "72007400750061006c0020004d0061006300680069006e006500200043006f006e006600"
                       "69006700750072006100740069006f006e00000002000100040000000400000000000000");
    hv_list_init(&text, &s.fake.arena);
    hv_list_text(&text, "A", "\xc3\xa9\xf0\x9f\x98\x80"); /* two bytes, and a pair of units */
    assert_bytes(&text, "0100000003000400040000004100000003000100080000"
                        "00e9003dd800de000000000000");
}

/* ---- guards ---- */

static void only_a_vm_that_is_off_is_changed(void **state)
{
    static const uint64_t states[] = {2, 4, 6, 9, 10, 32781, 4711};

    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        vm_is(states[i]);
        refused(ATTACH, 32775);
    }
    vm_is(3);
    act(ATTACH);
    assert_true(ok);
}

static void a_busy_role_is_left_alone(void **state)
{
    (void)state;
    for (uint64_t bit = 1; bit <= 4; bit *= 2) {
        fake_number(&s.fake, s.group, "StatusInformation", bit);
        refused(ATTACH, 5960);
        refused(START, 5960);
        refused(SET_3, 5960);
    }
    fake_number(&s.fake, s.group, "StatusInformation", 0x100);
    act(ATTACH);
    assert_true(ok);
    cim_set_null(&s.fake.arena, s.group, "StatusInformation", CIM_TYPE_U64);
    refused(START, 5960); /* unknown is not free */
    fake_number(&s.fake, s.group, "StatusInformation", 0);
    set_private(s.resource, "MigrationState", 2);
    refused(ASK, 5960);
}

static void a_resource_that_cannot_be_told(void **state)
{
    (void)state;
    resource_row(&s, HV_RESOURCE_VM, "R2", VM_NAME);
    refused(START, 5007);
    refused(ATTACH, 5007);
}

static void a_resource_without_an_id_may_be_its_own(void **state)
{
    (void)state;
    cim_set_null(&s.fake.arena, s.resource, "PrivateProperties", CIM_TYPE_OBJECT);
    refused(START, 5007);
    refused(ATTACH, 5007);
}

/* Renamed since: found again by its id; what has the name now is not touched. */
static void a_resource_that_was_renamed(void **state)
{
    (void)state;
    act(START);
    assert_true(ok);
    resource_row(&s, HV_RESOURCE_VM, "R3", VM_NAME);
    set_private(s.resource, "VmID", 1); /* no text: no id */
    s.fake.rows[0].object->path = "gone";
    s.resource->path = "MSCluster_Resource.Name=\"other\"";
    assert_int_equal(times(act(START), "call BringOnline MSCluster_Resource.Name=\"R3\""), 1);
}

/* A path names the node that was asked; through another node it would find nothing. */
static void roles_are_found_through_any_node(void **state)
{
    const char *path[2] = {s.resource->path, s.config->path};
    struct cim_object *rows[2] = {s.resource, s.config};
    const char *said;

    (void)state;
    for (int i = 0; i < 2; i++)
        rows[i]->path = arena_printf(&s.fake.arena, "\\\\HV-1\\root\\MSCluster:%s", path[i]);
    said = act((struct action){VERB_VM_STOP});
    assert_true(ok);
    assert_int_equal(times(said, arena_printf(&s.fake.arena, "get %s\n", path[0])), 1);
    for (int i = 0; i < 2; i++)
        rows[i]->path = path[i];
    said = act(START);
    assert_true(ok);
    assert_int_equal(times(said, "query MSCluster_Resource "), 0);
    assert_int_equal(times(said, arena_printf(&s.fake.arena, "UpdateVirtualMachine %s\n", path[1])),
                     1);
}

static void a_vm_that_is_registered_on_no_node(void **state)
{
    (void)state;
    fake_text(&s.fake, s.vm, "Name", "elsewhere");
    refused(START, 0x80041002LL);
    refused(ASK, 0x80041002LL);
    refused(ATTACH, 0x80041002LL);
}

static void saved_state_is_never_discarded(void **state)
{
    static const uint64_t saved[] = {6, 32769, 32779};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (uint64_t how = STOP_GUEST; how <= STOP_TURN_OFF; how++) {
            vm_is(saved[i]);
            refused((struct action){VERB_VM_STOP, .value = {how}}, 32775);
            refused((struct action){VERB_VM_CANCEL_START}, 32775);
        }
}

static void a_guest_that_cannot_be_asked(void **state)
{
    (void)state;
    vm_is(2);
    for (size_t i = 0; i < s.fake.row_count; i++)
        if (s.fake.rows[i].class == CIM_Msvm_ShutdownComponent)
            fake_text(&s.fake, s.fake.rows[i].object, "SystemName", "elsewhere");
    refused(ASK, 32780);
    refused((struct action){VERB_VM_STOP, .value = {STOP_FORCED}}, 32780);
    act((struct action){VERB_VM_STOP, .value = {STOP_TURN_OFF}});
    assert_true(ok);
}

/* ---- what holds already is done, and nothing is sent ---- */

static void what_holds_is_done(void **state)
{
    static const struct limits there = {.min = {[QUOTA_VRAM] = NUM(7)}};
    const struct action rows[] = {
        {VERB_VM_OFFLINE_ACTION, .value = {1}},
        {VERB_VM_CHECKPOINTS, .value = {CHECKPOINTS_PRODUCTION}},
        {VERB_VM_STOP_ACTION, .value = {STOP_ACTION_SAVE}},
        {VERB_VM_MMIO, .value = {128, 512}},
        {VERB_VM_CACHE_TYPES, .value = {1}},
        {VERB_VM_MEMORY, .value = {1, 4096, 1024}},
        {VERB_VM_MEMORY, .value = {1, 0, 0}},
        {VERB_ADAPTER_ADD, .value = {1}},
        {VERB_ADAPTER_REMOVE, .object = "another"},
        {VERB_ADAPTER_LIMITS, .object = "adapter", .limits = &there},
        {VERB_REQUEST_REMOVE, .object = "another"},
        {VERB_VM_STOP},
        {VERB_VM_MOVE, .object = "HV-1", .value = {MOVE_OFF}},
        {VERB_GPU_COUNT, .subject = "PCI\\VEN_10DE\\4&2", .value = {16}},
        {VERB_GPU_ENABLE},
        {VERB_GPU_DISMOUNT, .subject = "PCI\\VEN_10DE\\4&9"},
        {VERB_GPU_DISABLE, .subject = "PCI\\VEN_10DE\\4&9"},
        {VERB_GPU_MOUNT, .subject = GPU},
        {VERB_POOL_CREATE, .subject = "p"},
        {VERB_POOL_DELETE, .subject = "P"},
        {VERB_POOL_JOIN, .subject = "PCI\\VEN_10DE\\4&9", .object = "p"},
        {VERB_POOL_LEAVE, .subject = "PCI\\VEN_10DE\\4&9", .object = "another"},
    };

    (void)state;
    device_rows(&s);
    for (size_t i = 0; i < s.fake.row_count; i++) /* one free device would be mounted */
        if (str_eq(cim_text(s.fake.rows[i].object, "DeviceID"), "D1"))
            fake_text(&s.fake, s.fake.rows[i].object, "SystemName", VM_NAME);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *said = act(rows[i]);

        if (!ok || s.receipt.accepted || times(said, "call ") || times(said, "put "))
            fail_msg("%s: %s\n%s", verb_rows[rows[i].verb].word, s.e.text, said);
    }
    vm_is(2);
    assert_int_equal(times(act(START), "call "), 0);
    assert_true(ok && !s.receipt.accepted);
    vm_is(10);
    assert_int_equal(times(act(START), "call "), 0);
    assert_true(ok && s.receipt.accepted);
}

/* ---- the refresh (M6) ---- */

static void the_same_number_never_goes_to_a_vm(void **state)
{
    const char *said;

    (void)state;
    fake_answer(&s.fake, CIM_MSCluster_Resource_UpdateVirtualMachine, 0x80041001LL)->native = true;
    said = act(ATTACH);
    assert_true(ok);
    assert_int_equal(times(said, "get MSCluster_Resource.Name=\"C\""), 1);
    assert_int_equal(times(said, "ExecuteResourceControl MSCluster_Resource.Name=\"C\"\n"
                                 "    ControlCode:sint32=23068676\n"),
                     1);
    fake_text(&s.fake, s.config, "Type", HV_RESOURCE_VM);
    said = act(ATTACH);
    assert_true(ok); /* the change is there; that it was not read again is said */
    assert_non_null(strstr(s.e.text, "no Virtual Machine Configuration resource"));
    assert_int_equal(s.e.kind, ERR_NONE);
    assert_int_equal(times(said, "23068676"), 0);
}

static void a_vm_is_not_left_off_for_a_refresh(void **state)
{
    const char *said;

    (void)state;
    fake_answer(&s.fake, CIM_MSCluster_Resource_UpdateVirtualMachine, 0x80041001LL)->native = true;
    fake_answer(&s.fake, CIM_MSCluster_Resource_ExecuteResourceControl, 87)->native = true;
    said = act(START);
    assert_true(ok);
    assert_int_equal(times(said, "call BringOnline"), 1);
    assert_non_null(strstr(s.e.text, "did not read its configuration again"));
}

static void a_job_owes_the_refresh(void **state)
{
    struct fake_answer *x;

    (void)state;
    x = fake_answer(&s.fake, CIM_Msvm_VirtualSystemManagementService_AddResourceSettings, 4096);
    x->once = true;
    assert_int_equal(times(act(ATTACH), "UpdateVirtualMachine"), 0);
    assert_true(ok && s.receipt.accepted);
    named_row(&s, CIM_Msvm_GpuPartitionSettingData, "InstanceID", "Microsoft:" VM_NAME "\\B");
    assert_int_equal(times(act(ATTACH), "UpdateVirtualMachine"), 1); /* seen there: paid */
    assert_true(ok && !s.receipt.accepted);
    assert_int_equal(times(act(ATTACH), "UpdateVirtualMachine"), 0);
}

static void what_is_owed_is_paid_at_the_end(void **state)
{
    struct fake_answer *x;

    (void)state;
    x = fake_answer(&s.fake, CIM_Msvm_VirtualSystemManagementService_AddResourceSettings, 0);
    x->native = x->once = true;
    x->kind = ERR_TIMEOUT;
    x->code = 0x80010108LL;
    assert_int_equal(times(act(ATTACH), "UpdateVirtualMachine"), 0);
    assert_false(ok);
    assert_int_equal(s.e.kind, ERR_TIMEOUT);
    s.hand->ops->release(s.hand);
    s.hand = NULL;
    assert_int_equal(times(fake_said(&s.fake), "call UpdateVirtualMachine"), 1);
    assert_null(s.fake.owner);
}

/* ---- second forms ---- */

static void offline_action_by_the_second_way(void **state)
{
    struct fake_answer *x;
    const char *said;

    (void)state;
    x = fake_answer(&s.fake, CIM_MSCluster_Resource_ExecuteResourceControl, 0x80041008LL);
    x->native = true;
    said = act(SET_3);
    assert_true(ok && s.receipt.accepted); /* it reads as before: the next looks decide */
    assert_int_equal(times(said, "put MSCluster_Resource.Name=\"R\"\n"
                                 "    PrivateProperties:object=MSCluster_Property\n"),
                     1);
    assert_int_equal(times(said, "OfflineAction:uint32=3"), 1);
    assert_int_equal(times(said, "VmID"), 1); /* what was there stays */
    x->kind = ERR_TIMEOUT;
    said = act(SET_3);
    assert_false(ok);
    assert_int_equal(s.e.kind, ERR_TIMEOUT);
    assert_int_equal(times(said, "put "), 0); /* it may have been done */
}

static void stored_and_in_force_later(void **state)
{
    static const int64_t codes[] = {5024, 0x800713A0LL, (int64_t)(int32_t)0x800713A0};
    struct fake_answer *x =
        fake_answer(&s.fake, CIM_MSCluster_Resource_ExecuteResourceControl, 5024);

    (void)state;
    x->native = true;
    for (size_t i = 0; i < 3; i++) {
        x->code = codes[i];
        assert_int_equal(times(act(SET_3), "put "), 0);
        assert_true(ok);
        assert_int_equal(s.e.kind, ERR_NONE);
        assert_int_equal(s.e.native, 5024);
    }
}

static void pools_in_both_forms(void **state)
{
    const struct action make = {VERB_POOL_CREATE, .subject = "new"};
    struct fake_answer *x =
        fake_answer(&s.fake, CIM_Msvm_ResourcePoolConfigurationService_CreatePool, 32768);
    const char *said;

    (void)state;
    said = act(make);
    assert_false(ok);
    assert_int_equal(times(said, "call CreatePool"), 1);
    x->code = 32773;
    x->once = true;
    said = act(make);
    assert_true(ok);
    assert_int_equal(times(said, "call CreatePool"), 2);
    assert_int_equal(times(said, "        PoolID:string='new'\n        VirtualQuantity"), 1);
    assert_int_equal(times(said, "        PoolID:string=''\n        VirtualQuantity"), 1);
}

/* A job that failed shows as a pool that is not there: then the other form comes first. */
static void a_pool_that_a_job_did_not_make(void **state)
{
    const struct action make = {VERB_POOL_CREATE, .subject = "new"};

    (void)state;
    fake_answer(&s.fake, CIM_Msvm_ResourcePoolConfigurationService_CreatePool, 4096);
    assert_int_equal(times(act(make), "        PoolID:string='new'\n        VirtualQuantity"), 1);
    assert_true(ok && s.receipt.accepted);
    assert_int_equal(times(act(make), "        PoolID:string=''\n        VirtualQuantity"), 1);
}

/* ---- stopping ---- */

static void a_one_shot_action_does_not_lie_in_wait(void **state)
{
    struct fake_answer *x;
    const char *said;

    (void)state;
    vm_is(2);
    set_private(s.resource, "OfflineAction", 3);
    x = fake_answer(&s.fake, CIM_MSCluster_Resource_TakeOfflineParams, 32781);
    x->native = true;
    said = act(ASK);
    assert_false(ok);
    assert_int_equal(s.e.native, 32781);
    assert_int_equal(times(said, "ControlCode:sint32=23068692\n    InputBuffer:uint8=0x02000000"),
                     1);
    assert_int_equal(times(said, "ControlCode:sint32=23068692\n    InputBuffer:uint8=0x03000000"),
                     1);
    x->kind = ERR_TIMEOUT;
    assert_int_equal(times(act(ASK), "23068692"), 1); /* the offline may be under way */
    assert_int_equal(s.e.kind, ERR_TIMEOUT);
}

static void pending_is_accepted(void **state)
{
    (void)state;
    vm_is(2);
    fake_answer(&s.fake, CIM_MSCluster_Resource_TakeOfflineParams, 0x800703E5LL)->native = true;
    act(ASK);
    assert_true(ok && s.receipt.accepted);
    fake_number(&s.fake, s.resource, "State", 130);
    assert_int_equal(times(act(ASK), "call "), 0); /* asked already */
    assert_true(ok && s.receipt.accepted);
}

static void a_start_that_the_cluster_repeats_is_called_off(void **state)
{
    const char *said;

    (void)state;
    fake_number(&s.fake, s.resource, "State", 129); /* off, and about to be tried again */
    fake_answer(&s.fake, CIM_MSCluster_ResourceGroup_CancelOperation, 87)->native = true;
    said = act(ASK);
    assert_true(ok);
    assert_int_equal(times(said, "call CancelOperation"), 1);
    assert_int_equal(times(said, "call TakeOfflineParams"), 1);
    assert_int_equal(times(said, "23068692"), 0);
    vm_is(10);
    fake_answer(&s.fake, CIM_MSCluster_Resource_TakeOfflineParams, 0);
    said = act((struct action){VERB_VM_CANCEL_START});
    assert_true(ok);
    assert_int_equal(times(said, "InputBuffer:uint8=0x00000000"), 1);
}

static void asking_alone(void **state)
{
    struct fake_answer *x;

    (void)state;
    vm_is(2);
    x = fake_answer(&s.fake, CIM_Msvm_ShutdownComponent_InitiateShutdown, 32782);
    act(ASK);
    assert_true(ok && s.receipt.accepted);
    x->code = 32781;
    act(ASK);
    assert_false(ok);
    assert_int_equal(s.e.native, 32781);
    vm_is(4);
    assert_int_equal(times(act(ASK), "call "), 0);
    assert_true(ok && s.receipt.accepted);
}

/* ---- moves ---- */

static void a_live_move_of_ours_is_on_its_way(void **state)
{
    (void)state;
    refused(LIVE, 5023);
    vm_is(2);
    act(LIVE);
    assert_true(ok && s.receipt.accepted);
    fake_number(&s.fake, s.group, "StatusInformation", 1);
    assert_int_equal(times(act(LIVE), "call "), 0);
    assert_true(ok && s.receipt.accepted);
    refused((struct action){VERB_VM_MOVE, .object = "hv-3", .value = {MOVE_LIVE}}, 5960);
    fake_number(&s.fake, s.group, "StatusInformation", 0);
    refused((struct action){VERB_VM_MOVE, .object = "hv-2", .value = {MOVE_OFF}}, 32775);
    fake_number(&s.fake, s.resource, "State", 130);
    refused(LIVE, 5960);
}

/* ---- devices and pools ---- */

static void a_gpu_that_is_cut_is_not_set_aside(void **state)
{
    (void)state;
    fake_text(&s.fake, s.pnp, "DeviceID", "PCI\\VEN_10DE\\4&2");
    refused((struct action){VERB_GPU_DISABLE, .subject = "PCI\\VEN_10DE\\4&2"}, 32770);
    refused((struct action){VERB_GPU_DISABLE, .subject = "PCI\\VEN_10DE\\4&77"}, 0x80041002LL);
    refused((struct action){VERB_GPU_COUNT, .subject = "PCI\\NONE", .value = {4}}, 0x80041002LL);
    fake_text(&s.fake, s.gpu, "Name", "\\\\?\\PCI#VEN_10DE#4&2#{064092b3}\\GPUPARAV");
    refused((struct action){VERB_GPU_COUNT, .subject = "PCI\\VEN_10DE\\4&2", .value = {4}}, 32770);
    device_rows(&s);
    refused((struct action){VERB_GPU_COUNT, .subject = GPU, .value = {4}}, 32770);
    refused((struct action){VERB_GPU_ENABLE}, 32775);
    refused((struct action){VERB_POOL_JOIN, .object = "P"}, 32773); /* with case */
    refused((struct action){VERB_POOL_JOIN, .object = "p", .subject = "PCI\\VEN_10DE\\4&2"}, 32775);
    pool_row(&s, "q");
    refused((struct action){VERB_POOL_JOIN, .object = "q", .subject = "PCI\\VEN_10DE\\4&9"}, 32774);
    refused((struct action){VERB_REQUEST_ADD, .object = "P", .value = {1}}, 32773);
    refused((struct action){VERB_REQUEST_ADD, .location = "PCIROOT(1)#PCI(0000)"}, 32773);
    refused((struct action){VERB_ADAPTER_ADD, .value = {2}, .pin = GPU}, 32773);
    refused((struct action){VERB_ADAPTER_LIMITS, .object = "none"}, 32773);
}

/* The list is written whole: what a job is about to put there must not be lost. */
static void members_that_were_sent_count(void **state)
{
    struct fake_answer *x;
    const char *said;

    (void)state;
    device_rows(&s);
    device_row(&s, "D2", "PCIP\\VEN_10DE\\4&22", "PCIROOT(22)#PCI(0000)", NULL);
    x = fake_answer(&s.fake, CIM_Msvm_ResourcePoolConfigurationService_ModifyPoolResources, 4096);
    said = act((struct action){VERB_POOL_JOIN, .object = "p"});
    assert_int_equal(times(said, "HostResource:string=['Msvm_PciExpress.DeviceID=\"D9\"' "
                                 "'Msvm_PciExpress.DeviceID=\"D1\"']"),
                     1);
    said = act((struct action){VERB_POOL_JOIN, .object = "p", .subject = "PCI\\VEN_10DE\\4&22"});
    assert_int_equal(times(said, "HostResource:string=['Msvm_PciExpress.DeviceID=\"D9\"' "
                                 "'Msvm_PciExpress.DeviceID=\"D1\"' "
                                 "'Msvm_PciExpress.DeviceID=\"D2\"']"),
                     1);
    x->code = 0;
    said = act((struct action){VERB_POOL_LEAVE, .object = "p", .subject = "PCI\\VEN_10DE\\4&9"});
    assert_int_equal(times(said, "HostResource:string=['Msvm_PciExpress.DeviceID=\"D2\"' "
                                 "'Msvm_PciExpress.DeviceID=\"D1\"']") +
                         times(said, "HostResource:string=['Msvm_PciExpress.DeviceID=\"D1\"' "
                                     "'Msvm_PciExpress.DeviceID=\"D2\"']"),
                     1);
}

static void a_reboot_that_is_needed(void **state)
{
    (void)state;
    fake_answer(&s.fake, CIM_Win32_PnPEntity_Disable, 3010);
    act((struct action){VERB_GPU_DISABLE});
    assert_false(ok);
    assert_int_equal(s.e.kind, ERR_REFUSED);
    assert_int_equal(s.e.native, 3010);
}

/* ---- connections ---- */

static void a_connection_that_broke_is_not_used_again(void **state)
{
    struct fake_answer *x =
        fake_answer(&s.fake, CIM_Msvm_VirtualSystemManagementService_AddResourceSettings, 0);
    unsigned opened;

    (void)state;
    x->native = true;
    x->kind = ERR_TIMEOUT;
    act(ATTACH);
    assert_int_equal(s.e.kind, ERR_TIMEOUT);
    assert_int_equal(s.fake.closed, 1);
    opened = s.fake.opened;
    x->native = false;
    act(ATTACH);
    assert_true(ok);
    assert_int_equal(s.fake.opened, opened + 1);
    act(ATTACH);
    assert_int_equal(s.fake.opened, opened + 1);
}

/* A host that was started anew is met by the first question: nothing was sent, so it is asked
 * again. */
static void before_anything_was_sent(void **state)
{
    unsigned opened;
    const char *said;

    (void)state;
    act(ATTACH);
    opened = s.fake.opened;
    s.fake.query_fails = 0x800706BELL;
    said = act(ATTACH);
    assert_true(ok);
    assert_int_equal(times(said, "query MSCluster_Cluster\n"), 2);
    assert_int_equal(s.fake.opened, opened + 1);
    s.fake.query_fails = 0x80041069LL; /* one that does not answer is not asked twice */
    said = act(ATTACH);
    assert_false(ok);
    assert_int_equal(s.e.kind, ERR_UNSEEN);
    assert_int_equal(times(s.e.text, "hv-1: "), 1); /* said once, of whom */
    assert_int_equal(times(said, "query "), 1);
}

#define ON(f)    cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define ALONE(f) cmocka_unit_test_setup_teardown(f, set_up_alone, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(property_lists),
        ON(only_a_vm_that_is_off_is_changed),
        ON(a_busy_role_is_left_alone),
        ON(a_resource_that_cannot_be_told),
        ON(a_resource_without_an_id_may_be_its_own),
        ON(a_resource_that_was_renamed),
        ON(roles_are_found_through_any_node),
        ON(a_vm_that_is_registered_on_no_node),
        ON(saved_state_is_never_discarded),
        ON(a_guest_that_cannot_be_asked),
        ON(what_holds_is_done),
        ON(the_same_number_never_goes_to_a_vm),
        ON(a_vm_is_not_left_off_for_a_refresh),
        ON(a_job_owes_the_refresh),
        ON(what_is_owed_is_paid_at_the_end),
        ON(offline_action_by_the_second_way),
        ON(stored_and_in_force_later),
        ON(pools_in_both_forms),
        ON(a_pool_that_a_job_did_not_make),
        ON(a_one_shot_action_does_not_lie_in_wait),
        ON(pending_is_accepted),
        ON(a_start_that_the_cluster_repeats_is_called_off),
        ALONE(asking_alone),
        ON(a_live_move_of_ours_is_on_its_way),
        ON(a_gpu_that_is_cut_is_not_set_aside),
        ON(members_that_were_sent_count),
        ON(a_reboot_that_is_needed),
        ON(a_connection_that_broke_is_not_used_again),
        ON(before_anything_was_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
