/* Calls to the cluster of the world as WMI, and power. */
#include "cim_calls.h"

/* ---- power ---- */

static const uint64_t shut_down[4] = {2};

static void an_offline_is_what_was_set_for_it(void **state)
{
    struct call_case k;
    const char *vm, *config;

    (void)state;
    for (int asked = 0; asked < 2; asked++) {
        open_case(&k, AT_ONCE);
        vm = resource(&k, "Virtual Machine run");
        config = resource(&k, "Virtual Machine Configuration run");
        refused_with(&k, control(&k, config, 0x01600014, shut_down, 4), 0x80070001);
        refused_with(&k, control(&k, vm, 0x01600014, shut_down, 3), 0x80070057);
        if (asked)
            assert_true(control(&k, vm, 0x01600014, shut_down, 4));
        assert_true(take_offline(&k, vm));
        pass(&k, 60000);
        /* without the one-shot action it is saved, and saved is not off */
        assert_int_equal(the_vm(world_of(&k), "run")->power, asked ? POWER_OFF : POWER_SAVED);
        cim_case_close(&k.c);
    }
}

static void the_configuration_offline_hides_the_vm(void **state)
{
    struct call_case k;

    (void)state;
    open_case(&k, AT_ONCE);
    assert_true(take_offline(&k, resource(&k, "Virtual Machine Configuration off")));
    assert_true(the_vm(world_of(&k), "off")->hidden);
    with(&k);
    assert_true(call(&k, CIM_MSCluster_ResourceGroup_BringOnline,
                     cim_row(&k.c, CIM_MSCluster_ResourceGroup, "Name", "off")->path));
    assert_false(the_vm(world_of(&k), "off")->hidden);
    assert_int_equal(the_vm(world_of(&k), "off")->power, POWER_STARTING);
    cim_case_close(&k.c);
}

/* The same number: a refresh of a configuration, a migration of a VM. */
static void one_code_means_two_things(void **state)
{
    struct call_case k;
    struct vm *vm;

    (void)state;
    open_case(&k, AT_ONCE);
    assert_true(add(&k, OFF, adapter(&k)));
    assert_true(is_stale(&k, "off"));
    assert_true(
        control(&k, resource(&k, "Virtual Machine Configuration off"), 0x01600004, NULL, 0));
    assert_false(is_stale(&k, "off"));
    refused_with(&k, control(&k, resource(&k, "Virtual Machine off"), 0x01600004, NULL, 0),
                 0x8007139F); /* 5023: only what runs goes live */
    vm = the_vm(world_of(&k), "run");
    assert_true(control(&k, resource(&k, "Virtual Machine run"), 0x01600004, NULL, 0));
    assert_true(vm->role.busy);
    refused_with(&k, take_offline(&k, resource(&k, "Virtual Machine run")), 0x80071748); /* 5960 */
    assert_int_equal(k.c.e.kind, ERR_BUSY);
    pass(&k, 60000);
    assert_int_equal(vm->node, 1);
    cim_case_close(&k.c);
}

static const uint64_t offline_three[] = {1,   0, 0,   0, 3,   0, 4,   0, 0x1c, 0, 0,   0, 'O', 0,
                                         'f', 0, 'f', 0, 'l', 0, 'i', 0, 'n',  0, 'e', 0, 'A', 0,
                                         'c', 0, 't', 0, 'i', 0, 'o', 0, 'n',  0, 0,   0, 2,   0,
                                         1,   0, 4,   0, 0,   0, 3,   0, 0,    0, 0,   0, 0,   0};

static void offline_action_is_a_property_list(void **state)
{
    struct call_case k;
    const size_t n = sizeof offline_three / sizeof *offline_three;
    struct vm *vm;

    (void)state;
    assert_int_equal(n, 56);
    open_case(&k, AT_ONCE);
    vm = the_vm(world_of(&k), "run");
    refused_with(&k,
                 control(&k, resource(&k, "Virtual Machine run"), 0x01400086, offline_three, n - 1),
                 0x8007000D);
    refused_with(&k,
                 control(&k, resource(&k, "Virtual Machine Configuration run"), 0x01400086,
                         offline_three, n),
                 0x80070057);
    assert_true(num_is(vm->role.offline_action, 1));
    /* 5024: stored, and not in force yet; an HRESULT, and no failure */
    refused_with(&k, control(&k, resource(&k, "Virtual Machine run"), 0x01400086, offline_three, n),
                 0x800713A0);
    assert_int_equal(k.c.e.kind, ERR_NONE);
    assert_true(num_is(vm->role.offline_action, 3));
    assert_true(take_offline(&k, resource(&k, "Virtual Machine run")));
    pass(&k, 60000);
    assert_int_equal(vm->power, POWER_SAVED); /* the old one was in force */
    assert_true(control(&k, resource(&k, "Virtual Machine off"), 0x01400086, offline_three, n));
    cim_case_close(&k.c);
}

static void a_group_moves_as_it_is_told(void **state)
{
    static const uint64_t unit[] = {3,   0, 4,   0, 0x20, 0, 0,   0, 'V', 0, 'i', 0,
                                    'r', 0, 't', 0, 'u',  0, 'a', 0, 'l', 0, ' ', 0,
                                    'M', 0, 'a', 0, 'c',  0, 'h', 0, 'i', 0, 'n', 0,
                                    'e', 0, 0,   0, 2,    0, 1,   0, 4,   0, 0,   0};
    const size_t n = sizeof unit / sizeof *unit;
    uint64_t list[4 + 48 + 8] = {1};
    struct call_case k;

    (void)state;
    assert_int_equal(n, 48);
    memcpy(list + 4, unit, sizeof unit);
    for (uint64_t how = 1; how <= 4; how += 3) { /* save, live */
        open_case(&k, AT_ONCE);
        list[52] = how;
        with(&k);
        cim_set_text(&k.c.arena, k.in, "NodeName", CIM_TYPE_TEXT, "n2");
        cim_set_numbers(&k.c.arena, k.in, "Parameters", CIM_TYPE_U8, list, 60);
        assert_true(call(&k, CIM_MSCluster_ResourceGroup_MoveToNewNodeParams,
                         cim_row(&k.c, CIM_MSCluster_ResourceGroup, "Name", "run")->path));
        assert_int_equal(the_vm(world_of(&k), "run")->power,
                         how == 4 ? POWER_RUNNING : POWER_STARTING);
        pass(&k, 60000);
        assert_int_equal(the_vm(world_of(&k), "run")->node, 1);
        assert_int_equal(the_vm(world_of(&k), "run")->power, POWER_RUNNING);
        cim_set_text(&k.c.arena, k.in, "NodeName", CIM_TYPE_TEXT, "n9");
        refused_with(&k,
                     call(&k, CIM_MSCluster_ResourceGroup_MoveToNewNodeParams,
                          cim_row(&k.c, CIM_MSCluster_ResourceGroup, "Name", "off")->path),
                     0x800713B2); /* 5042 */
        cim_case_close(&k.c);
    }
}

static bool ask_guest(struct call_case *k, const char *path, bool force)
{
    with(k);
    cim_set_number(&k->c.arena, k->in, "Force", CIM_TYPE_BOOLEAN, force);
    return call(k, CIM_Msvm_ShutdownComponent_InitiateShutdown, path);
}

/* hyperv-wmi 5.2. */
static void a_guest_is_asked(void **state)
{
    struct call_case k;
    struct world *w;
    const char *path;

    (void)state;
    open_case(&k, AT_ONCE);
    w = world_of(&k);
    path = only(&k, CIM_Msvm_ShutdownComponent);
    the_vm(w, "run")->can_shut_down = TRI_NO;
    refused_with(&k, ask_guest(&k, path, false), 32780);
    the_vm(w, "run")->can_shut_down = TRI_YES;
    w->sim[vm_named(w, "run")].guest = GUEST_LOCKED;
    refused_with(&k, ask_guest(&k, path, false), 32781);
    w->sim[vm_named(w, "run")].guest = GUEST_OBEYS;
    assert_true(ask_guest(&k, path, false));
    assert_false(k.accepted); /* there is no job */
    refused_with(&k, ask_guest(&k, path, false), 32782);
    assert_true(ask_guest(&k, path, true));
    pass(&k, 60000);
    assert_int_equal(the_vm(w, "run")->power, POWER_OFF);
    refused_with(&k, ask_guest(&k, path, false), 32780);
    cim_case_close(&k.c);
}

static bool request_state(struct call_case *k, const char *name, uint64_t wanted)
{
    with(k);
    cim_set_number(&k->c.arena, k->in, "RequestedState", CIM_TYPE_U16, wanted);
    return call(k, CIM_Msvm_ComputerSystem_RequestStateChange,
                cim_row(&k->c, CIM_Msvm_ComputerSystem, "Name", name)->path);
}

static void a_start_is_a_job_that_may_fail_later(void **state)
{
    struct call_case k;
    const char *job;
    uint64_t code;

    (void)state;
    open_case(&k, AT_ONCE);
    assert_true(request_state(&k, OFF, 2));
    assert_true(k.accepted);
    job = cim_text(k.out, "Job");
    assert_int_equal(job_state(&k, job, &code), 4);
    pass(&k, 60000);
    assert_int_equal(job_state(&k, job, &code), 7);
    assert_true(request_state(&k, OFF, 3));
    assert_false(k.accepted);
    assert_int_equal(the_vm(world_of(&k), "off")->power, POWER_OFF);
    the_vm(world_of(&k), "has")->role.clustered = false; /* nobody tries again */
    world_of(&k)->now.nodes[0].iov = TRI_NO;
    assert_true(request_state(&k, HAS, 2));
    job = cim_text(k.out, "Job");
    pass(&k, 60000);
    assert_int_equal(job_state(&k, job, &code), 10);
    refused_with(&k, request_state(&k, "n1", 3), 32770); /* the host is such an object, too */
    refused_with(&k, request_state(&k, RUN, 6), 32770);
    cim_case_close(&k.c);
}

static void a_start_can_be_called_off(void **state)
{
    struct call_case k;

    (void)state;
    open_case(&k, AT_ONCE);
    with(&k);
    assert_true(call(&k, CIM_MSCluster_Resource_BringOnline, resource(&k, "Virtual Machine off")));
    assert_int_equal(the_vm(world_of(&k), "off")->power, POWER_STARTING);
    with(&k);
    assert_true(call(&k, CIM_MSCluster_ResourceGroup_CancelOperation,
                     cim_row(&k.c, CIM_MSCluster_ResourceGroup, "Name", "off")->path));
    assert_int_equal(the_vm(world_of(&k), "off")->power, POWER_OFF);
    cim_case_close(&k.c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offline_is_what_was_set_for_it),
        cmocka_unit_test(the_configuration_offline_hides_the_vm),
        cmocka_unit_test(one_code_means_two_things),
        cmocka_unit_test(offline_action_is_a_property_list),
        cmocka_unit_test(a_group_moves_as_it_is_told),
        cmocka_unit_test(a_guest_is_asked),
        cmocka_unit_test(a_start_is_a_job_that_may_fail_later),
        cmocka_unit_test(a_start_can_be_called_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
