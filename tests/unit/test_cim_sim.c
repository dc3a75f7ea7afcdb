/* The simulated world as WMI classes: the contract, the names, who can be reached. */
#include "cim_world.h"

#define RUN "AAAAAAAA-0000-4000-8000-000000000001"
#define DEV "BBBBBBBB-0000-4000-8000-000000000002"
#define A2_NAME                                                                                    \
    "\\\\?\\PCI#VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1#4&18416dc3&0&0000"                        \
    "#{064092b3-625e-43bf-9eb5-dc845897dd59}"

/* ---- the contract ---- */

/* Parts of others, or only methods: no rows of their own. */
static bool has_rows(enum cim_class class)
{
    switch (class) {
    case CIM_Msvm_AssignableDeviceDismountSettingData:
    case CIM_Msvm_ResourcePoolSettingData:
    case CIM_Msvm_SummaryInformation:
    case CIM_Msvm_ConcreteJob: /* test_cim_sim_vm.c */
    case CIM_MSCluster_Property:
    case CIM_Win32_PnPDeviceProperty:
    case CIM_StdRegProv:
    case CIM___SystemSecurity:
        return false;
    default:
        return true;
    }
}

static bool is_as_promised(const struct cim_value *v, const struct cim_property_row *row)
{
    return v && !v->null && v->type == row->type && v->array == ((row->use & CIM_ARRAY) != 0);
}

static void every_property_is_answered_with_its_type(void **state)
{
    struct cim_case c;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    for (unsigned class = 0; class < CIM_CLASS_NONE; class ++) {
        size_t n;
        const struct cim_property_row *properties = cim_properties(class, &n);
        struct cim_rows rows = has_rows(class) ? cim_all(&c, class) : (struct cim_rows){0};

        if (has_rows(class) && !rows.count)
            fail_msg("no row of %s", cim_class_row(class)->name);
        for (size_t i = 0; rows.count && i < n; i++) {
            bool found = !(properties[i].use & CIM_READ);

            for (size_t k = 0; k < rows.count && !found; k++)
                found =
                    is_as_promised(cim_value_of(&rows.rows[k], properties[i].name), &properties[i]);
            if (!found)
                fail_msg("%s.%s is not answered", cim_class_row(class)->name, properties[i].name);
        }
    }
    cim_case_close(&c);
}

/* No property beside the contract, none of another type, and each row found again by its path. */
static void every_row_is_of_the_contract(void **state)
{
    struct cim_case c;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    for (unsigned class = 0; class < CIM_CLASS_NONE; class ++) {
        struct cim_rows rows = cim_all(&c, class);

        for (size_t i = 0; i < rows.count; i++) {
            struct cim_object *o = &rows.rows[i], *again;

            for (size_t p = 0; p < o->count; p++) {
                const struct cim_property_row *row = cim_property_row(class, o->properties[p].name);

                assert_non_null(row);
                assert_true(o->properties[p].value.null ||
                            is_as_promised(&o->properties[p].value, row));
            }
            assert_true(cim_get(cim_eye_for(&c, class), &c.arena, o->path, &again, &c.e));
            assert_string_equal(again->path, o->path);
        }
    }
    cim_case_close(&c);
}

static void an_old_build_lacks_what_came_later(void **state)
{
    enum { BUILD = 20348 };
    struct cim_case c;
    struct cim_schema schema;
    size_t newer = 0;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n2");
    cim_sim_world(c.net)->now.vms[vm_named(cim_sim_world(c.net), "run")].node = 1;
    for (unsigned class = 0; class < CIM_CLASS_NONE; class ++) {
        size_t n, lacks = 0;
        const struct cim_property_row *properties = cim_properties(class, &n);
        struct cim_rows rows = cim_all(&c, class);

        for (size_t i = 0; i < n; i++) {
            lacks += properties[i].build > BUILD;
            for (size_t k = 0; properties[i].build > BUILD && k < rows.count; k++, newer++)
                assert_null(cim_value_of(&rows.rows[k], properties[i].name));
        }
        assert_true(cim_schema(cim_eye_for(&c, class), &c.arena, class, &schema, &c.e));
        assert_int_equal(schema.property_count, n - lacks);
    }
    assert_true(newer >= 2);
    cim_case_close(&c);
}

static void schemas_are_the_contract(void **state)
{
    struct cim_case c;
    struct cim_schema schema;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    for (unsigned class = 0; class < CIM_CLASS_NONE; class ++) {
        size_t n;

        cim_properties(class, &n);
        assert_true(cim_schema(cim_eye_for(&c, class), &c.arena, class, &schema, &c.e));
        assert_int_equal(schema.property_count, n);
        for (size_t m = 0; m < schema.method_count; m++) {
            enum cim_method method = cim_method_named(class, schema.methods[m].name);

            assert_int_not_equal(method, CIM_METHOD_NONE);
            cim_parameters(method, &n);
            assert_int_equal(schema.methods[m].parameter_count, n);
        }
    }
    cim_case_close(&c);
}

/* What every world knows, whatever it does not know. */
static bool is_always_known(enum cim_class class, const char *name)
{
    static const struct {
        enum cim_class class;
        const char *names;
    } rows[] = {
        {CIM_Msvm_AllocationCapabilities,
         " ResourceSubType SupportedAddStates SupportedRemoveStates "},
        {CIM_Msvm_GpuPartition, " DeviceInstancePath "},
        {CIM_Msvm_GpuPartitionSettingData, " PoolID "},
        {CIM_Msvm_PciExpress, " DeviceInstancePath "},
        {CIM_Msvm_PciExpressSettingData, " PoolID ResourceType ResourceSubType "},
        {CIM_Msvm_ResourcePool, " PoolID Primordial ResourceType ResourceSubType "},
        {CIM_Msvm_ComputerSystem, " ElementName "},
        {CIM_Msvm_VirtualSystemSettingData,
         " VirtualSystemIdentifier VirtualSystemType ElementName "},
        {CIM_MSCluster_Node, " State NodeDrainStatus "},
        {CIM_MSCluster_ResourceGroup, " GroupType State StatusInformation "},
        {CIM_MSCluster_Resource, " Type State OwnerGroup "},
        {CIM_MSCluster_Cluster, " PrivateProperties "},
        {CIM_Win32_OperatingSystem, " LocalDateTime CSName "},
        {CIM_Win32_PnPEntity, " Name CompatibleID "},
        {CIM_Win32_VideoController, " PNPDeviceID Name "},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *at = rows[i].class == class ? strstr(rows[i].names, name) : NULL;

        if (at && at[-1] == ' ' && at[strlen(name)] == ' ')
            return true;
    }
    return false;
}

/* Everything that a world may not know, not known. */
static void forget(struct world *w)
{
    for (size_t i = 0; i < w->now.node_count; i++) {
        struct node *n = &w->now.nodes[i];

        n->build = NUM_UNKNOWN;
        n->boot_ms = WHEN_NONE;
        n->iov = TRI_UNKNOWN;
        n->iov_reason_count = 0;
    }
    for (size_t i = 0; i < w->now.gpu_count; i++) {
        struct gpu *g = &w->now.gpus[i];

        g->count = g->series = NUM_UNKNOWN;
        g->valid_count = 0;
        memset(g->total, 0, sizeof g->total);
        memset(g->available, 0, sizeof g->available);
        memset(g->min, 0, sizeof g->min);
        memset(g->max, 0, sizeof g->max);
        memset(g->optimal, 0, sizeof g->optimal);
        g->incoming_migration = TRI_UNKNOWN;
        g->driver = NULL;
    }
    w->now.gpus[0].state = GPU_UNKNOWN;
    w->now.gpus[0].model = NULL;
    for (size_t i = 0; i < w->now.vm_count; i++) {
        struct vm *vm = &w->now.vms[i];

        vm->generation = vm->role.offline_action = NUM_UNKNOWN;
        vm->stamp_ms = WHEN_NONE;
        vm->guest_system = NULL;
        vm->owner = OWNER_HYPERV;
        memset(&vm->settings, 0, sizeof vm->settings);
        for (size_t k = 0; k < vm->adapter_count; k++) {
            struct adapter *ad = &vm->adapters[k];

            *ad = (struct adapter){.id = ad->id, .seen = ad->seen};
        }
    }
    the_vm(w, "old")->power = POWER_UNKNOWN;
    the_vm(w, "old")->role.vmid_unread = true;
    w->now.vms[vm_named(w, "old")].node = 0;
    the_vm(w, "dev")->node = NO_INDEX;
}

/* Unknown never becomes a value: each property is null once, or is always known. */
static void whatever_is_not_known_is_null(void **state)
{
    struct cim_case c;
    struct world *w;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    w = cim_sim_world(c.net);
    for (size_t i = 0; i < w->now.gpu_count; i++)
        w->now.gpus[i].location_count = 0;
    forget(w);
    cim_case_reconnect(&c, "n1");
    for (unsigned class = 0; class < CIM_CLASS_NONE; class ++) {
        size_t n;
        const struct cim_property_row *properties = cim_properties(class, &n);
        struct cim_rows rows = has_rows(class) ? cim_all(&c, class) : (struct cim_rows){0};

        for (size_t i = 0; rows.count && i < n; i++) {
            const char *name = properties[i].name;
            bool null = !(properties[i].use & CIM_READ) || (properties[i].use & CIM_KEY) ||
                        is_always_known(class, name);

            for (size_t k = 0; k < rows.count && !null; k++) {
                const struct cim_value *v = cim_value_of(&rows.rows[k], name);

                null = v && v->null;
            }
            if (!null)
                fail_msg("%s.%s is known", cim_class_row(class)->name, name);
        }
    }
    cim_case_close(&c);
}

/* ---- against the tables of specs/platform.md ---- */

static void numbers_are_those_of_the_platform(void **state)
{
    static const struct {
        enum vm_power power;
        uint64_t number; /* hyperv-wmi 5.1 */
    } powers[] = {{POWER_RUNNING, 2},     {POWER_OFF, 3},    {POWER_STOPPING, 4},
                  {POWER_SAVED, 6},       {POWER_PAUSED, 9}, {POWER_STARTING, 10},
                  {POWER_CRITICAL, 32781}};
    static const struct {
        enum stop_action action;
        uint64_t number; /* hyperv-wmi 3.6 */
    } actions[] = {{STOP_ACTION_TURN_OFF, 2}, {STOP_ACTION_SAVE, 3}, {STOP_ACTION_SHUT_DOWN, 4}};
    static const struct {
        enum checkpoints type;
        uint64_t number; /* hyperv-wmi 3.6 */
    } types[] = {{CHECKPOINTS_DISABLED, 2},
                 {CHECKPOINTS_PRODUCTION, 3},
                 {CHECKPOINTS_PRODUCTION_ONLY, 4},
                 {CHECKPOINTS_STANDARD, 5}};
    static const struct {
        enum resource_state state;
        uint64_t number; /* failover-cluster 5 */
    } resources[] = {{RES_ONLINE, 2}, {RES_OFFLINE, 3}, {RES_FAILED, 4}, {RES_PENDING, 129}};
    struct cim_case c;
    struct vm *vm;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    vm = the_vm(cim_sim_world(c.net), "run");
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        vm->settings.stop_action = actions[i].action;
        assert_true(num_is(cim_number(cim_row(&c, CIM_Msvm_VirtualSystemSettingData, "InstanceID",
                                              "Microsoft:" RUN),
                                      "AutomaticShutdownAction"),
                           actions[i].number));
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        vm->settings.checkpoints = types[i].type;
        assert_true(num_is(cim_number(cim_row(&c, CIM_Msvm_VirtualSystemSettingData, "InstanceID",
                                              "Microsoft:" RUN),
                                      "UserSnapshotType"),
                           types[i].number));
    }
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++) {
        vm->power = powers[i].power;
        assert_true(
            num_is(cim_number(cim_row(&c, CIM_Msvm_ComputerSystem, "Name", RUN), "EnabledState"),
                   powers[i].number));
    }
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        vm->role.vm = resources[i].state;
        assert_true(num_is(
            cim_number(cim_row(&c, CIM_MSCluster_Resource, "Name", "Virtual Machine run"), "State"),
            resources[i].number));
    }
    assert_true(
        num_is(cim_number(cim_row(&c, CIM_MSCluster_ResourceGroup, "Name", "run"), "GroupType"),
               111)); /* failover-cluster 4 */
    cim_case_close(&c);
}

static void nodes_are_as_the_cluster_says(void **state)
{
    struct cim_case c;
    struct cim_object *o;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1"); /* failover-cluster 3 */
    o = cim_row(&c, CIM_MSCluster_Node, "Name", "n1");
    assert_true(num_is(cim_number(o, "State"), 0));
    assert_true(num_is(cim_number(o, "NodeDrainStatus"), 0));
    assert_true(num_is(cim_number(o, "BuildNumber"), 26100));
    o = cim_row(&c, CIM_MSCluster_Node, "Name", "n2");
    assert_true(num_is(cim_number(o, "State"), 2));
    assert_true(num_is(cim_number(o, "NodeDrainStatus"), 1));
    o = cim_row(&c, CIM_MSCluster_Node, "Name", "n3");
    assert_true(num_is(cim_number(o, "State"), 1));
    cim_case_close(&c);
}

/* hyperv-wmi 1, 2.3 and 3.1: what the names look like. */
static void names_are_spelled_as_hosts_spell_them(void **state)
{
    struct cim_case c;
    struct cim_rows all;
    size_t paravirtual = 0;
    struct cim_object *o;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    o = cim_row(&c, CIM_Msvm_PartitionableGpu, "Name", A2_NAME);
    assert_string_equal(o->path, "\\\\n1\\root\\virtualization\\v2:Msvm_PartitionableGpu."
                                 "CreationClassName=\"Msvm_PartitionableGpu\",Name=\"\\\\\\\\?\\\\"
                                 "PCI#VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1#4&18416dc3&0&0000"
                                 "#{064092b3-625e-43bf-9eb5-dc845897dd59}\"");
    o = cim_row(&c, CIM_Msvm_GpuPartitionSettingData, "InstanceID",
                "Microsoft:" RUN "\\AAAAAAAA-0000-4000-8000-0000000000A1");
    assert_string_equal(cim_path_key(&c.arena, cim_first(o, "HostResource"), "Name"), A2_NAME);
    all = cim_all(&c, CIM_Msvm_PartitionableGpu);
    assert_int_equal(all.count, 2);
    for (size_t i = 0; i < all.count; i++)
        paravirtual += path_is_paravirtual(cim_text(&all.rows[i], "Name"));
    assert_int_equal(paravirtual, 1);
    cim_case_close(&c);
}

/* hyperv-wmi 2.1 and 2.3: a template and a checkpoint have adapters as well, and neither is the
 * VM's. */
static void copies_and_templates_are_not_the_vms(void **state)
{
    struct cim_case c;
    struct cim_rows rows;
    struct cim_object *o;
    size_t templates = 0, own = 0, copies = 0, live = 0;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    rows = cim_all(&c, CIM_Msvm_GpuPartitionSettingData);
    for (size_t i = 0; i < rows.count; i++) {
        const char *id = cim_text(&rows.rows[i], "InstanceID");

        if (str_starts(id, "Microsoft:Definition\\")) {
            templates++;
            assert_string_equal(id + strlen(id) - 8, "\\Default");
            assert_true(cim_value_of(&rows.rows[i], "MinPartitionVRAM")->null);
            assert_true(cim_value_of(&rows.rows[i], "OptimalPartitionCompute")->null);
        } else if (str_starts(id, "Microsoft:" RUN "\\")) {
            own++;
        } else {
            copies++;
        }
    }
    assert_int_equal(templates, 1);
    assert_int_equal(own, 1);
    assert_int_equal(copies, 1);
    rows = cim_all(&c, CIM_Msvm_VirtualSystemSettingData);
    copies = 0;
    for (size_t i = 0; i < rows.count; i++) {
        o = &rows.rows[i];
        if (!str_eq(cim_text(o, "VirtualSystemIdentifier"), RUN))
            continue;
        live += str_eq(cim_text(o, "VirtualSystemType"), "Microsoft:Hyper-V:System:Realized");
        copies += str_eq(cim_text(o, "VirtualSystemType"), "Microsoft:Hyper-V:Snapshot:Realized");
    }
    assert_int_equal(live, 1);
    assert_int_equal(copies, 2);
    cim_case_close(&c);
}

static void notes_say_whose_a_vm_is(void **state)
{
    static const struct {
        enum vm_owner owner;
        const char *note;
    } rows[] = {{OWNER_ARC, "Microsoft.AzureStackHCI/virtualMachineInstances"},
                {OWNER_AKS, "Microsoft.HybridContainerService"},
                {OWNER_HYPERV, NULL}};
    struct cim_case c;
    struct vm *vm;
    struct cim_object *o;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    vm = the_vm(cim_sim_world(c.net), "run");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        vm->owner = rows[i].owner;
        o = cim_row(&c, CIM_Msvm_VirtualSystemSettingData, "InstanceID", "Microsoft:" RUN);
        assert_non_null(cim_value_of(o, "Notes"));
        assert_true(str_eq(cim_first(o, "Notes"), rows[i].note));
    }
    vm->owner = OWNER_UNKNOWN;
    o = cim_row(&c, CIM_Msvm_VirtualSystemSettingData, "InstanceID", "Microsoft:" RUN);
    assert_null(cim_value_of(o, "Notes"));
    cim_case_close(&c);
}

/* hyperv-wmi 3.1: a device that a VM has shows twice. */
static void a_device_of_a_vm_shows_twice(void **state)
{
    struct cim_case c;
    struct cim_rows rows;
    size_t of_host = 0, of_vm = 0;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    rows = cim_all(&c, CIM_Msvm_PciExpress);
    for (size_t i = 0; i < rows.count; i++) {
        assert_true(str_starts(cim_text(&rows.rows[i], "DeviceInstancePath"), "PCIP\\"));
        if (str_eq(cim_text(&rows.rows[i], "LocationPath"), "PCIROOT(4)#PCI(0)")) {
            of_host += str_eq(cim_text(&rows.rows[i], "SystemName"), "n1");
            of_vm += str_eq(cim_text(&rows.rows[i], "SystemName"), DEV);
        }
    }
    assert_int_equal(of_host, 1);
    assert_int_equal(of_vm, 1);
    cim_sim_world(c.net)->now.vms[vm_named(cim_sim_world(c.net), "dev")].power = POWER_OFF;
    assert_int_equal(cim_all(&c, CIM_Msvm_PciExpress).count, 2);
    cim_case_close(&c);
}

static void only_who_can_be_asked_has_a_shutdown_component(void **state)
{
    struct cim_case c;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1"); /* hyperv-wmi 5.2 */
    assert_int_equal(cim_all(&c, CIM_Msvm_ShutdownComponent).count, 2);
    the_vm(cim_sim_world(c.net), "run")->can_shut_down = TRI_NO;
    assert_int_equal(cim_all(&c, CIM_Msvm_ShutdownComponent).count, 1);
    the_vm(cim_sim_world(c.net), "dev")->power = POWER_STOPPING;
    assert_int_equal(cim_all(&c, CIM_Msvm_ShutdownComponent).count, 1);
    the_vm(cim_sim_world(c.net), "dev")->power = POWER_PAUSED;
    assert_int_equal(cim_all(&c, CIM_Msvm_ShutdownComponent).count, 0);
    cim_case_close(&c);
}

static void pnp_says_what_a_device_is(void **state)
{
    static const struct {
        const char *id;
        uint64_t problem;
        const char *class, *name;
    } rows[] = {{"4&18416DC3&0&0000", 0, "Display", "NVIDIA A2"},
                {"4&5&0&0", 22, "Display", "NVIDIA L40S"},
                {"4&6&0&0", 28, NULL, "3D Video Controller"}};
    struct cim_case c;
    struct cim_rows all;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    all = cim_all(&c, CIM_Win32_PnPEntity);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct cim_object *o = NULL;

        for (size_t k = 0; k < all.count && !o; k++)
            if (strstr(cim_text(&all.rows[k], "DeviceID"), rows[i].id))
                o = &all.rows[k];
        assert_non_null(o);
        assert_true(num_is(cim_number(o, "ConfigManagerErrorCode"), rows[i].problem));
        assert_true(str_eq(cim_text(o, "PNPClass"), rows[i].class));
        assert_string_equal(cim_text(o, "Name"), rows[i].name);
    }
    cim_case_close(&c);
}

static const struct cim_object *asked(struct cim_case *c, enum cim_method method, const char *path,
                                      const struct cim_object *in)
{
    struct cim_call call = {.method = method, .path = path, .in = in};
    struct cim_object *out;

    if (!cim_ask(cim_eye_for(c, cim_method_row(method)->class), &c->arena, &call, &out, &c->e))
        fail_msg("%s", c->e.text);
    return out;
}

static void device_properties_are_told_by_key(void **state)
{
    static const char *const keys[] = {"DEVPKEY_Device_LocationPaths",
                                       "{3AB22E31-8264-4b4e-9AF5-A8D2D8E33E62} 1", "nonsense"};
    struct cim_case c;
    struct cim_object *in;
    const struct cim_object *out;
    const char *const *paths;
    struct cim_rows all;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    in = cim_object_new(&c.arena, "__PARAMETERS", NULL);
    cim_set_texts(&c.arena, in, "devicePropertyKeys", CIM_TYPE_TEXT, keys, 3);
    all = cim_all(&c, CIM_Win32_PnPEntity);
    for (size_t i = 0; i < all.count; i++) {
        const char *id = cim_text(&all.rows[i], "DeviceID");
        bool a2 = strstr(id, "18416DC3"), old = strstr(id, "4&7&0&0");

        out = asked(&c, CIM_Win32_PnPEntity_GetDeviceProperties, all.rows[i].path, in);
        assert_string_equal(cim_text(cim_part(out, "deviceProperties", 0), "KeyName"), keys[0]);
        if (a2) {
            assert_int_equal(cim_texts(cim_part(out, "deviceProperties", 0), "Data", &paths), 2);
            assert_string_equal(paths[0], "PCIROOT(16)#PCI(0200)");
        }
        /* hyperv-wmi 3.7: an old-style device is 0, an endpoint 2 */
        assert_true(num_is(cim_number(cim_part(out, "deviceProperties", 1), "Data"), old ? 0 : 2));
        assert_null(cim_value_of(cim_part(out, "deviceProperties", 2), "Data"));
    }
    cim_case_close(&c);
}

static void drivers_have_their_windows_version(void **state)
{
    struct cim_case c;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    assert_string_equal(
        cim_text(cim_row(&c, CIM_Win32_VideoController, "Name", "NVIDIA A2"), "DriverVersion"),
        "32.0.15.8095");
    cim_case_close(&c);
}

static struct cim_object *registry_in(struct cim_case *c, const char *key, const char *value)
{
    struct cim_object *in = cim_object_new(&c->arena, "__PARAMETERS", NULL);

    cim_set_number(&c->arena, in, "hDefKey", CIM_TYPE_U32, 0x80000002u);
    cim_set_text(&c->arena, in, "sSubKeyName", CIM_TYPE_TEXT, key);
    cim_set_text(&c->arena, in, "sValueName", CIM_TYPE_TEXT, value);
    return in;
}

static void the_registry_has_the_policy_and_the_owner(void **state)
{
    static const char policy[] = "SOFTWARE\\Policies\\Microsoft\\Windows\\HyperV";
    struct cim_case c;
    const struct cim_object *out;

    (void)state;
    cim_case_open(&c,
                  HOST("  owner: {store: s1, host: admin, since: 2026-11-19T12:00:00Z, epoch: 7}\n"
                       "  nodes: [{name: n1, requireSecureDeviceAssignment: true,"
                       " requireSupportedDeviceAssignment: unknown}]\n"),
                  "n1");
    out = asked(&c, CIM_StdRegProv_GetDWORDValue, "StdRegProv",
                registry_in(&c, policy, "RequireSecureDeviceAssignment"));
    assert_true(num_is(cim_number(out, "ReturnValue"), 0));
    assert_true(num_is(cim_number(out, "uValue"), 1));
    out = asked(&c, CIM_StdRegProv_GetDWORDValue, "StdRegProv",
                registry_in(&c, policy, "RequireSupportedDeviceAssignment"));
    assert_true(num_is(cim_number(out, "ReturnValue"), 2)); /* hyperv-wmi 8 */
    out = asked(&c, CIM_StdRegProv_GetStringValue, "StdRegProv",
                registry_in(&c, "SOFTWARE\\hvgpu", "Owner"));
    assert_string_equal(cim_text(out, "sValue"), "hvgpu1 s1 admin 2026-11-19T12:00:00Z 7");
    cim_case_close(&c);
}

/* ---- the cluster ---- */

static void private_properties_tell_whose_a_resource_is(void **state)
{
    struct cim_case c;
    struct world *w;
    struct cim_rows rows;
    size_t vms = 0, unread = 0;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n2"); /* any node answers for the whole cluster */
    w = cim_sim_world(c.net);
    the_vm(w, "run")->role.matches = 2; /* failover-cluster 10.2 */
    the_vm(w, "dev")->role.vmid_unread = true;
    rows = cim_all(&c, CIM_MSCluster_Resource);
    for (size_t i = 0; i < rows.count; i++) {
        const struct cim_object *private = cim_part(&rows.rows[i], "PrivateProperties", 0);

        if (!str_eq(cim_text(&rows.rows[i], "Type"), "Virtual Machine"))
            continue;
        vms++;
        unread += !private;
        if (private) {
            assert_non_null(cim_text(private, "VmID"));
            assert_true(num_is(cim_number(private, "OfflineAction"), 1));
        }
    }
    assert_int_equal(vms, 5);
    assert_int_equal(unread, 1);
    assert_string_equal(
        cim_text(cim_part(&cim_all(&c, CIM_MSCluster_Cluster).rows[0], "PrivateProperties", 0),
                 "HvgpuOwner"),
        "hvgpu1 s1 admin 2026-11-19T12:00:00Z 7");
    cim_case_close(&c);
}

static void a_hidden_vm_is_on_no_node(void **state)
{
    struct cim_case c;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    assert_int_equal(cim_all(&c, CIM_Msvm_ComputerSystem).count, 3);
    the_vm(cim_sim_world(c.net), "dev")->hidden = true;
    the_vm(cim_sim_world(c.net), "dev")->role.config = RES_OFFLINE;
    assert_int_equal(cim_all(&c, CIM_Msvm_ComputerSystem).count, 2);
    assert_true(num_is(
        cim_number(cim_row(&c, CIM_MSCluster_Resource, "Name", "Virtual Machine Configuration dev"),
                   "State"),
        3));
    cim_case_close(&c);
}

/* ---- who can be reached ---- */

static void hosts_go_by_name(void **state)
{
    static const char *const good[] = {NULL, "N1", "n1.corp.local", "n2", "c"};
    static const char *const gone[] = {"n3", "n4", "n", "n11"};
    struct cim_case c;
    struct cim_eye *eye;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(c.net->ops->connect(c.net, good[i], CIM_SPACE_VIRT, &eye, &c.e));
        eye->ops->close(eye);
    }
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        assert_false(c.net->ops->connect(c.net, gone[i], CIM_SPACE_VIRT, &eye, &c.e));
        assert_int_equal(c.e.kind, ERR_UNSEEN);
        assert_int_equal(c.e.native, 0x800706BA);
    }
    cim_case_close(&c);
}

static void a_standalone_host_has_no_cluster(void **state)
{
    struct cim_case c;
    struct cim_eye *eye;

    (void)state;
    cim_case_open(&c, HOST("  nodes: [{name: n1}]\n"), "n1");
    assert_false(c.net->ops->connect(c.net, NULL, CIM_SPACE_CLUSTER, &eye, &c.e));
    assert_int_equal(c.e.kind, ERR_UNSUPPORTED);
    assert_int_equal(c.e.native, 0x8004100E);
    cim_case_close(&c);
}

static void a_session_does_not_outlive_the_boot(void **state)
{
    struct cim_query query = {.class = CIM_Msvm_ComputerSystem};
    struct cim_rows rows;
    struct cim_case c;

    (void)state;
    cim_case_open(&c, CLUSTER(EVERYTHING), "n1");
    cim_sim_world(c.net)->now.nodes[0].boot_ms++;
    for (int again = 0; again < 2; again++) { /* and it stays broken */
        assert_false(cim_query(c.virt, &c.arena, &query, &rows, &c.e));
        assert_int_equal(c.e.kind, ERR_TIMEOUT);
        assert_int_equal(c.e.native, 0x800706BE);
        cim_sim_world(c.net)->now.nodes[0].boot_ms -= !again;
    }
    c.virt->ops->close(c.virt);
    c.virt = cim_eye_of(&c, "n1", CIM_SPACE_VIRT);
    assert_true(cim_query(c.virt, &c.arena, &query, &rows, &c.e));
    cim_case_close(&c);
}

static void a_fault_of_looking_takes_the_look_at_a_node(void **state)
{
    struct cim_query query = {.class = CIM_Msvm_ComputerSystem};
    struct cim_rows rows;
    struct cim_case c;

    (void)state;
    cim_case_open(
        &c, CLUSTER(EVERYTHING "  faults: [{on: observe, node: n1, times: 1, answer: 32768}]\n"),
        "n1");
    query.class = CIM_Msvm_MemorySettingData;
    assert_true(cim_query(c.virt, &c.arena, &query, &rows, &c.e));
    query.class = CIM_Msvm_ComputerSystem;
    assert_false(cim_query(c.virt, &c.arena, &query, &rows, &c.e));
    assert_int_equal(c.e.kind, ERR_UNSEEN);
    assert_true(cim_query(c.virt, &c.arena, &query, &rows, &c.e));
    cim_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_property_is_answered_with_its_type),
        cmocka_unit_test(every_row_is_of_the_contract),
        cmocka_unit_test(an_old_build_lacks_what_came_later),
        cmocka_unit_test(schemas_are_the_contract),
        cmocka_unit_test(whatever_is_not_known_is_null),
        cmocka_unit_test(numbers_are_those_of_the_platform),
        cmocka_unit_test(nodes_are_as_the_cluster_says),
        cmocka_unit_test(names_are_spelled_as_hosts_spell_them),
        cmocka_unit_test(copies_and_templates_are_not_the_vms),
        cmocka_unit_test(notes_say_whose_a_vm_is),
        cmocka_unit_test(a_device_of_a_vm_shows_twice),
        cmocka_unit_test(only_who_can_be_asked_has_a_shutdown_component),
        cmocka_unit_test(pnp_says_what_a_device_is),
        cmocka_unit_test(device_properties_are_told_by_key),
        cmocka_unit_test(drivers_have_their_windows_version),
        cmocka_unit_test(the_registry_has_the_policy_and_the_owner),
        cmocka_unit_test(private_properties_tell_whose_a_resource_is),
        cmocka_unit_test(a_hidden_vm_is_on_no_node),
        cmocka_unit_test(hosts_go_by_name),
        cmocka_unit_test(a_standalone_host_has_no_cluster),
        cmocka_unit_test(a_session_does_not_outlive_the_boot),
        cmocka_unit_test(a_fault_of_looking_takes_the_look_at_a_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
