/*
 * cim_com against the WMI server beside this file: every kind of value in both
 * directions, methods, errors, deadlines, privacy; and nothing is left over.
 */
#include "cim/cim_com.h"
#include "tests/windows/wbem/wbem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { CALL_MS = 1500 };
#define HERE "\\\\HERE\\root\\virtualization\\v2:"
#define GPU  HERE "Msvm_PartitionableGpu.Name=\"\\\\\\\\?\\\\PCI#A\""

static struct cim_net *net;

/* ---- help ---- */

static int set_up(void **state)
{
    static struct arena a;

    arena_init(&a, 0);
    *state = &a;
    return 0;
}

static int tear_down(void **state)
{
    arena_release(*state);
    return 0;
}

static FARPROC from_server(const char *name)
{
    FARPROC f = GetProcAddress(GetModuleHandleA("hvgpu_wbem.dll"), name);

    assert_non_null(f);
    return f;
}

static struct wbem_counts counts(void)
{
    struct wbem_counts out;

    ((void (*)(struct wbem_counts *))(void (*)(void))from_server("wbem_count"))(&out);
    return out;
}

/* The server's threads let go when they are done: a moment behind their answer. */
static LONG live_at_rest(void)
{
    uint64_t until = GetTickCount64() + 20000;

    while (counts().live && GetTickCount64() < until)
        SwitchToThread();
    return counts().live;
}

static struct cim_eye *eye_on(const char *host, enum cim_space space)
{
    struct cim_eye *eye = NULL;
    struct err e = {0};

    if (!net->ops->connect(net, host, space, &eye, &e))
        fail_msg("%s: %s", host ? host : "here", e.text);
    return eye;
}

static struct cim_rows all(struct arena *a, struct cim_eye *eye, enum cim_class class)
{
    struct cim_rows rows = {0};
    struct err e = {0};

    if (!cim_query(eye, a, &(struct cim_query){.class = class}, &rows, &e))
        fail_msg("%s", e.text);
    return rows;
}

static struct cim_hand *hand_of(struct cim_eye *eye)
{
    struct cim_hand *hand = NULL;
    struct err e = {0};

    assert_true(eye->ops->hand(eye, &hand, &e));
    return hand;
}

static struct cim_object *get(struct arena *a, struct cim_eye *eye, const char *path)
{
    struct cim_object *o = NULL;
    struct err e = {0};

    if (!cim_get(eye, a, path, &o, &e))
        fail_msg("%s", e.text);
    return o;
}

static bool is_null(const struct cim_object *o, const char *name, enum cim_type type)
{
    const struct cim_value *v = cim_value_of(o, name);

    return v && v->null && v->type == type && v->count == 0;
}

static struct err refused(bool well, struct err e)
{
    assert_false(well);
    assert_true(e.kind != ERR_NONE);
    return e;
}

/* ---- values that come ---- */

static void numbers_come_in_their_own_types(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_rows rows = all(*state, eye, CIM_Msvm_PartitionableGpu);
    const struct cim_object *o = &rows.rows[0];
    const uint64_t *list = NULL;

    assert_int_equal(rows.count, 2);
    assert_string_equal(o->class_name, "Msvm_PartitionableGpu");
    assert_string_equal(o->path, GPU);
    assert_string_equal(cim_text(o, "Name"), "\\\\?\\PCI#A");
    assert_int_equal(cim_value_of(o, "PartitionCount")->type, CIM_TYPE_U16);
    assert_int_equal(cim_number(o, "PartitionCount").value, 4);
    assert_int_equal(cim_numbers(o, "ValidPartitionCounts", &list), 5);
    assert_int_equal(list[0], 16);
    assert_int_equal(list[4], 1);
    assert_true(cim_number(o, "TotalVRAM").value == UINT64_MAX);
    assert_int_equal(cim_number(o, "MaxPartitionVRAM").value, 0x1F);
    assert_true(cim_number(o, "MinPartitionVRAM").known);
    assert_int_equal(cim_number(o, "MinPartitionVRAM").value, 0);
    assert_int_equal(cim_tri(o, "SupportsIncomingLiveMigration"), TRI_YES);
    assert_int_equal(cim_number(&rows.rows[1], "PartitionCount").value, UINT16_MAX);
    eye->ops->close(eye);
}

static void null_missing_and_empty_differ(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_rows rows = all(*state, eye, CIM_Msvm_PartitionableGpu);
    const struct cim_value *v = cim_value_of(&rows.rows[1], "ValidPartitionCounts");

    assert_true(is_null(&rows.rows[0], "AvailableVRAM", CIM_TYPE_U64));
    assert_true(is_null(&rows.rows[1], "SupportsIncomingLiveMigration", CIM_TYPE_BOOLEAN));
    assert_null(cim_value_of(&rows.rows[1], "TotalVRAM"));
    assert_true(v && v->array && !v->null && v->count == 0);
    eye->ops->close(eye);
}

static void texts_come_as_utf8(void **state)
{
    struct cim_eye *virt = eye_on(NULL, CIM_SPACE_VIRT), *own = eye_on(NULL, CIM_SPACE_CIMV2);
    struct cim_rows rows = all(*state, virt, CIM_Msvm_VirtualSystemSettingData);
    const char *const *notes = NULL;

    assert_int_equal(cim_texts(&rows.rows[0], "Notes", &notes), 3);
    assert_string_equal(notes[0], "");
    assert_string_equal(notes[1], "b\xc3\xa4r");
    assert_string_equal(notes[2], "\xe2\x98\x83 \xf0\x9d\x94\x98");
    rows = all(*state, virt, CIM_Msvm_ElementAllocatedFromPool);
    assert_int_equal(cim_value_of(&rows.rows[0], "Antecedent")->type, CIM_TYPE_REF);
    rows = all(*state, own, CIM_Win32_OperatingSystem);
    assert_int_equal(cim_value_of(&rows.rows[0], "LastBootUpTime")->type, CIM_TYPE_DATETIME);
    assert_string_equal(cim_text(&rows.rows[0], "LastBootUpTime"), "20261120081500.500000+060");
    rows = all(*state, own, CIM_Win32_PnPEntity);
    assert_true(cim_number(&rows.rows[0], "ConfigManagerErrorCode").value == UINT32_MAX);
    virt->ops->close(virt);
    own->ops->close(own);
}

static void what_no_honest_server_gives_is_as_not_set(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_rows rows = all(*state, eye, CIM_Msvm_ResourcePool);

    assert_int_equal(rows.count, 4);
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_null(&rows.rows[i], "PoolID", CIM_TYPE_TEXT));
        assert_true(is_null(&rows.rows[i], "ResourceType", CIM_TYPE_U16));
    }
    assert_string_equal(cim_text(&rows.rows[3], "PoolID"), "good");
    assert_int_equal(cim_number(&rows.rows[3], "ResourceType").value, 3);
    eye->ops->close(eye);
}

static void an_embedded_object_is_an_object(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_CLUSTER);
    struct cim_rows rows = all(*state, eye, CIM_MSCluster_Resource);
    const struct cim_object *part = cim_part(&rows.rows[0], "PrivateProperties", 0);

    assert_non_null(part);
    assert_string_equal(part->class_name, "MSCluster_Property");
    assert_null(part->path);
    assert_string_equal(cim_text(part, "VmID"), "0815");
    assert_int_equal(cim_number(part, "OfflineAction").value, 1);
    eye->ops->close(eye);
}

/* ---- queries ---- */

static size_t found(struct arena *a, struct cim_eye *eye, enum cim_class class, enum cim_test test,
                    const char *property, const char *text)
{
    struct cim_rows rows = {0};
    struct err e = {0};

    if (!cim_query(eye, a, &(struct cim_query){class, test, property, text}, &rows, &e))
        fail_msg("%s", e.text);
    return rows.count;
}

static void conditions_are_carried(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    enum cim_class vm = CIM_Msvm_VirtualSystemSettingData, gpu = CIM_Msvm_PartitionableGpu;

    assert_int_equal(
        found(*state, eye, vm, CIM_EQUALS, "ElementName", "it's <a> & \"b\" \\ 100%_[x]"), 1);
    assert_int_equal(found(*state, eye, vm, CIM_EQUALS, "ElementName", "it's"), 0);
    assert_int_equal(
        found(*state, eye, vm, CIM_BEGINS, "ElementName", "it's <a> & \"b\" \\ 100%_["), 1);
    assert_int_equal(found(*state, eye, vm, CIM_BEGINS, "ElementName", "its"), 0);
    assert_int_equal(found(*state, eye, gpu, CIM_EQUALS, "PartitionCount", "4"), 1);
    assert_int_equal(found(*state, eye, gpu, CIM_EQUALS, "PartitionCount", "5"), 0);
    eye->ops->close(eye);
}

static void more_rows_than_one_answer_holds_come_in_order(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_rows rows = all(*state, eye, CIM_Msvm_ConcreteJob);

    assert_int_equal(rows.count, 150);
    for (unsigned i = 0; i < 150; i++)
        assert_int_equal(cim_number(&rows.rows[i], "ErrorCode").value, i);
    eye->ops->close(eye);
}

static void one_object_by_its_path(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_object *o = get(*state, eye, GPU);
    struct err e = {0};

    assert_int_equal(cim_number(o, "PartitionCount").value, 4);
    e = refused(cim_get(eye, *state, HERE "Msvm_PartitionableGpu.Name=\"none\"", &o, &e), e);
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_int_equal(e.native, 0x80041002);
    /* What the host says besides is on one line. */
    assert_string_equal(e.text,
                        "get: GetObject: not found (0x80041002): there is no  such  object");
    eye->ops->close(eye);
}

/* ---- methods ---- */

static struct cim_object *registry_in(struct arena *a, const char *value)
{
    struct cim_object *in = cim_object_new(a, "__PARAMETERS", NULL);

    cim_set_number(a, in, "hDefKey", CIM_TYPE_U32, 0x80000002u);
    cim_set_text(a, in, "sSubKeyName", CIM_TYPE_TEXT, "SOFTWARE\\h\xc3\xa4");
    cim_set_text(a, in, "sValueName", CIM_TYPE_TEXT, value);
    return in;
}

static void a_method_is_asked(void **state)
{
    struct arena *a = *state;
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_CIMV2);
    struct cim_call call = {CIM_StdRegProv_GetStringValue, "StdRegProv", registry_in(a, "Owner")};
    struct cim_object *out = NULL;
    struct err e = {0};

    assert_true(cim_ask(eye, a, &call, &out, &e));
    assert_string_equal(cim_text(out, "sValue"), "80000002|SOFTWARE\\h\xc3\xa4|Owner");
    assert_int_equal(cim_number(out, "ReturnValue").value, 0);
    call.method = CIM_StdRegProv_GetDWORDValue;
    assert_true(cim_ask(eye, a, &call, &out, &e));
    assert_true(cim_number(out, "uValue").value == 0x80000002u);
    call.in = registry_in(a, NULL); /* null is given as null */
    assert_true(cim_ask(eye, a, &call, &out, &e));
    assert_int_equal(cim_number(out, "ReturnValue").value, 2);
    eye->ops->close(eye);
}

static void arrays_go_and_objects_come(void **state)
{
    struct arena *a = *state;
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_object *in = cim_object_new(a, "__PARAMETERS", NULL), *out = NULL;
    const struct cim_call call = {CIM_Msvm_VirtualSystemManagementService_GetSummaryInformation,
                                  "Msvm_VirtualSystemManagementService.Name=\"vmms\"", in};
    static const char *const paths[] = {"one", "two"};
    static const uint64_t wanted[] = {1, UINT32_MAX};
    struct err e = {0};

    cim_set_texts(a, in, "SettingData", CIM_TYPE_REF, paths, 2);
    cim_set_numbers(a, in, "RequestedInformation", CIM_TYPE_U32, wanted, 2);
    assert_true(cim_ask(eye, a, &call, &out, &e));
    assert_string_equal(cim_text(cim_part(out, "SummaryInformation", 1), "Name"), "two");
    assert_string_equal(cim_text(cim_part(out, "SummaryInformation", 0), "GuestOperatingSystem"),
                        "1 4294967295 ");
    assert_null(cim_part(out, "SummaryInformation", 2));
    eye->ops->close(eye);
}

static struct cim_object *control_in(struct arena *a, int64_t code)
{
    static const uint64_t bytes[] = {0, 255, 7};
    struct cim_object *in = cim_object_new(a, "__PARAMETERS", NULL);

    cim_set_number(a, in, "ControlCode", CIM_TYPE_S32, (uint64_t)code);
    cim_set_numbers(a, in, "InputBuffer", CIM_TYPE_U8, bytes, 3);
    return in;
}

static void bytes_and_signed_numbers_go_both_ways(void **state)
{
    struct arena *a = *state;
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_CLUSTER);
    struct cim_call call = {CIM_MSCluster_Cluster_ExecuteClusterControl,
                            "MSCluster_Cluster.Name=\"c\"", control_in(a, -5)};
    struct cim_object *out = NULL;
    const uint64_t *bytes = NULL;
    struct err e = {0};

    assert_true(cim_invoke(hand_of(eye), a, &call, NULL, &out, &e));
    assert_int_equal(cim_numbers(out, "OutputBuffer", &bytes), 3);
    assert_int_equal(bytes[0], 7);
    assert_int_equal(bytes[1], 255);
    assert_int_equal(bytes[2], 0);
    assert_int_equal((int64_t)cim_number(out, "OutputBufferSize").value, -5);
    /* A method that answers nothing at all. */
    call = (struct cim_call){CIM_MSCluster_ResourceGroup_CancelOperation,
                             "MSCluster_ResourceGroup.Name=\"g\"", NULL};
    assert_true(cim_invoke(hand_of(eye), a, &call, NULL, &out, &e));
    assert_int_equal(out->count, 0);
    eye->ops->close(eye);
}

/* ---- instances as text ---- */

static struct cim_object *added(struct arena *a, struct cim_eye *eye, struct cim_object *setting)
{
    const struct cim_object *const list[] = {setting};
    struct cim_object *in = cim_object_new(a, "__PARAMETERS", NULL), *out = NULL;
    const struct cim_call call = {CIM_Msvm_VirtualSystemManagementService_AddResourceSettings,
                                  "Msvm_VirtualSystemManagementService.Name=\"vmms\"", in};
    bool accepted = false;
    struct err e = {0};

    cim_set_text(a, in, "AffectedConfiguration", CIM_TYPE_REF, "the VM");
    cim_set_objects(a, in, "ResourceSettings", CIM_TYPE_INSTANCE, list, 1);
    if (!cim_invoke(hand_of(eye), a, &call, &accepted, &out, &e))
        fail_msg("%s", e.text);
    assert_true(accepted);
    assert_string_equal(cim_text(out, "Job"), "the VM");
    return out;
}

static struct cim_object *newest(struct arena *a, struct cim_eye *eye)
{
    struct cim_rows rows = all(a, eye, CIM_Msvm_GpuPartitionSettingData);

    assert_string_equal(cim_text(&rows.rows[rows.count - 1], "InstanceID"), "new");
    return &rows.rows[rows.count - 1];
}

static void an_instance_keeps_what_it_starts_from(void **state)
{
    struct arena *a = *state;
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    static const char *const host[] = {"<&\"b\xc3\xa4r\">"};
    const char *base =
        HERE "Msvm_GpuPartitionSettingData.InstanceID=\"Microsoft:Definition\\\\1\\\\Default\"";
    struct cim_object *setting = cim_object_new(a, "Msvm_GpuPartitionSettingData", base), *o;

    cim_set_texts(a, setting, "HostResource", CIM_TYPE_TEXT, host, 1);
    cim_set_number(a, setting, "MinPartitionVRAM", CIM_TYPE_U64, 0);
    cim_set_number(a, setting, "OptimalPartitionVRAM", CIM_TYPE_U64, UINT64_MAX);
    assert_string_equal(cim_first(added(a, eye, setting), "ResultingResourceSettings"),
                        HERE "Msvm_GpuPartitionSettingData.InstanceID=\"new\"");
    o = newest(a, eye);
    assert_string_equal(cim_first(o, "HostResource"), host[0]);
    assert_true(cim_number(o, "MinPartitionVRAM").known); /* an explicit 0 */
    assert_int_equal(cim_number(o, "MinPartitionVRAM").value, 0);
    assert_int_equal(cim_number(o, "MaxPartitionVRAM").value, 6);
    assert_true(cim_number(o, "OptimalPartitionVRAM").value == UINT64_MAX);
    assert_string_equal(cim_text(o, "PoolID"), "primordial");
    /* An explicit null takes away what was there. */
    cim_set_null(a, setting, "MaxPartitionVRAM", CIM_TYPE_U64);
    added(a, eye, setting);
    assert_true(is_null(newest(a, eye), "MaxPartitionVRAM", CIM_TYPE_U64));
    eye->ops->close(eye);
}

static void an_instance_starts_from_its_class(void **state)
{
    struct arena *a = *state;
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_object *setting = cim_object_new(a, "Msvm_GpuPartitionSettingData", NULL), *o;

    cim_set_number(a, setting, "MinPartitionVRAM", CIM_TYPE_U64, 9);
    added(a, eye, setting);
    o = newest(a, eye);
    assert_int_equal(cim_number(o, "MinPartitionVRAM").value, 9);
    assert_true(is_null(o, "MaxPartitionVRAM", CIM_TYPE_U64));
    assert_null(cim_value_of(o, "PoolID"));
    eye->ops->close(eye);
}

/* ---- writing ---- */

static void put_number(struct arena *a, struct cim_eye *eye, const char *path, const char *class,
                       const char *name, struct cim_value value)
{
    struct cim_object *o = cim_object_new(a, class, path);
    struct err e = {0};

    cim_set(a, o, name, value);
    if (!cim_put(hand_of(eye), a, o, &e))
        fail_msg("%s", e.text);
    assert_int_equal(e.kind, ERR_NONE); /* untouched where it went well */
}

static void only_what_is_listed_is_put(void **state)
{
    struct arena *a = *state;
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    static const uint64_t eight[] = {8}, no[] = {0};
    const char *memory = HERE "Msvm_MemorySettingData.InstanceID=\"Microsoft:1\\\\m\"";
    struct cim_object *o;

    put_number(a, eye, GPU, "Msvm_PartitionableGpu", "PartitionCount",
               (struct cim_value){.type = CIM_TYPE_U16, .count = 1, .numbers = eight});
    o = get(a, eye, GPU);
    assert_int_equal(cim_number(o, "PartitionCount").value, 8);
    assert_int_equal(cim_number(o, "Sent").value, 1);
    assert_int_equal(counts().puts, 1);
    assert_int_equal(counts().parts, 1);
    /* A provider that knows no parts gets the whole instance; decision 045. */
    put_number(a, eye, memory, "Msvm_MemorySettingData", "DynamicMemoryEnabled",
               (struct cim_value){.type = CIM_TYPE_BOOLEAN, .count = 1, .numbers = no});
    o = get(a, eye, memory);
    assert_int_equal(cim_tri(o, "DynamicMemoryEnabled"), TRI_NO);
    assert_int_equal(cim_number(o, "Limit").value, 7);
    put_number(a, eye, memory, "Msvm_MemorySettingData", "Limit",
               (struct cim_value){.type = CIM_TYPE_U64, .null = true});
    assert_true(is_null(get(a, eye, memory), "Limit", CIM_TYPE_U64));
    assert_int_equal(counts().puts, 3);
    assert_int_equal(counts().parts, 3);
    eye->ops->close(eye);
}

static void a_part_of_an_embedded_object_is_put(void **state)
{
    struct arena *a = *state;
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_CLUSTER);
    const char *path = "\\\\HERE\\root\\MSCluster:MSCluster_Resource.Name=\"vm\"";
    struct cim_object *o = cim_object_new(a, "MSCluster_Resource", path);
    struct cim_object *part = cim_object_new(a, "MSCluster_Property", NULL);
    const struct cim_object *seen;
    struct err e = {0};

    cim_set_number(a, part, "OfflineAction", CIM_TYPE_U32, 3);
    cim_set_object(a, o, "PrivateProperties", CIM_TYPE_OBJECT, part);
    assert_true(cim_put(hand_of(eye), a, o, &e));
    seen = cim_part(get(a, eye, path), "PrivateProperties", 0);
    assert_int_equal(cim_number(seen, "OfflineAction").value, 3);
    assert_string_equal(cim_text(seen, "VmID"), "0815");
    assert_int_equal(cim_number(seen, "Sent").value, 1);
    eye->ops->close(eye);
}

static void what_the_host_refuses_is_its_refusal(void **state)
{
    struct arena *a = *state;
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_object *o = cim_object_new(a, "Msvm_PartitionableGpu", GPU);
    struct err e = {0};

    cim_set_number(a, o, "PartitionCount", CIM_TYPE_U16, 7);
    e = refused(cim_put(hand_of(eye), a, o, &e), e);
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_int_equal(e.native, 0x80041008);
    assert_string_equal(e.text, "Msvm_PartitionableGpu: PutInstance: invalid parameter "
                                "(0x80041008): 7 partitions? No");
    /* What is no UTF-8 does not go out. */
    cim_set_text(a, o, "PartitionCount", CIM_TYPE_TEXT, "x");
    o->path = "Msvm_PartitionableGpu.Name=\"\xff\"";
    e = (struct err){0};
    e = refused(eye->ops->hand(eye, &(struct cim_hand *){NULL}, &e) &&
                    hand_of(eye)->ops->put(hand_of(eye), a, o, &e),
                e);
    assert_int_equal(e.kind, ERR_INVALID);
    eye->ops->close(eye);
}

/* ---- errors ---- */

static struct err power(struct arena *a, struct cim_eye *eye, uint64_t state)
{
    struct cim_object *in = cim_object_new(a, "__PARAMETERS", NULL), *out = NULL;
    const struct cim_call call = {CIM_Msvm_ComputerSystem_RequestStateChange,
                                  "Msvm_ComputerSystem.Name=\"v\"", in};
    struct err e = {0};

    cim_set_number(a, in, "RequestedState", CIM_TYPE_U16, state);
    return refused(cim_invoke(hand_of(eye), a, &call, NULL, &out, &e), e);
}

static void errors_are_told_apart(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT), *cluster = eye_on(NULL, CIM_SPACE_CLUSTER);
    struct cim_call call = {CIM_MSCluster_Cluster_ExecuteClusterControl,
                            "MSCluster_Cluster.Name=\"c\"", control_in(*state, 5908)};
    struct cim_rows rows = {0};
    struct cim_object *out = NULL;
    struct err e = power(*state, eye, 3);

    assert_int_equal(e.kind, ERR_TIMEOUT);
    assert_int_equal(e.native, 0x800706BE);
    e = power(*state, eye, 4); /* in no table, but of the transport: outcome unknown */
    assert_int_equal(e.kind, ERR_TIMEOUT);
    assert_int_equal(power(*state, eye, 5).kind, ERR_DENIED);
    e = power(*state, eye, 6);
    assert_int_equal(e.kind, ERR_BUSY);
    assert_int_equal(e.native, 32775);
    e = (struct err){0};
    e = refused(
        cim_query(eye, *state, &(struct cim_query){.class = CIM_Msvm_PciExpress}, &rows, &e), e);
    assert_int_equal(e.kind, ERR_TIMEOUT);
    /* Of the cluster the reason stands beside "failed"; decision 044. */
    e = (struct err){0};
    e = refused(cim_invoke(hand_of(cluster), *state, &call, NULL, &out, &e), e);
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_int_equal(e.native, 5908);
    assert_non_null(strstr(e.text, "(5908): Not now. It is kept for later"));
    /* This one means that it was done: beside "failed" or as an HRESULT of its own. */
    for (int code = 1; code <= 5024; code += 5023) {
        call.in = control_in(*state, code);
        e = (struct err){0};
        assert_true(cim_invoke(hand_of(cluster), *state, &call, NULL, &out, &e));
        assert_int_equal(e.kind, ERR_NONE);
        assert_int_equal(e.native, 5024);
    }
    eye->ops->close(eye);
    cluster->ops->close(cluster);
}

static void what_an_older_build_lacks_is_unsupported(void **state)
{
    struct arena *a = *state;
    struct cim_eye *own = eye_on("old", CIM_SPACE_CIMV2), *cl = eye_on("old", CIM_SPACE_CLUSTER);
    struct cim_call call = {CIM_StdRegProv_GetStringValue, "StdRegProv", registry_in(a, "Owner")};
    struct cim_object *out = NULL;
    struct cim_eye *none = NULL;
    struct cim_schema schema;
    struct err e = {0};

    e = refused(net->ops->connect(net, "old", CIM_SPACE_VIRT, &none, &e), e);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_int_equal(e.native, 0x8004100E);
    e = (struct err){0};
    e = refused(cim_ask(own, a, &call, &out, &e), e);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    call = (struct cim_call){CIM_MSCluster_Cluster_ExecuteClusterControl,
                             "MSCluster_Cluster.Name=\"c\"", control_in(a, 1)};
    e = (struct err){0};
    e = refused(cim_invoke(hand_of(cl), a, &call, NULL, &out, &e), e);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_non_null(strstr(e.text, "that host has no InputBuffer"));
    e = (struct err){0};
    assert_true(cim_schema(own, a, CIM_Win32_PnPEntity, &schema, &e));
    e = refused(cim_schema(own, a, CIM_Win32_VideoController, &schema, &e), e);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    own->ops->close(own);
    cl->ops->close(cl);
}

/* ---- classes ---- */

static void a_class_is_described(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_schema schema;
    const struct cim_schema_method *method;
    struct err e = {0};

    assert_true(cim_schema(eye, *state, CIM_Msvm_PartitionableGpu, &schema, &e));
    assert_string_equal(schema.properties[2].name, "ValidPartitionCounts");
    assert_int_equal(schema.properties[2].type, CIM_TYPE_U16);
    assert_true(schema.properties[2].array);
    assert_int_equal(schema.properties[3].type, CIM_TYPE_U64);
    assert_int_equal(schema.method_count, 0);
    assert_true(cim_schema(eye, *state, CIM_Msvm_VirtualSystemManagementService, &schema, &e));
    assert_int_equal(schema.method_count, 5);
    method = &schema.methods[0];
    assert_string_equal(method->name, "AddResourceSettings");
    assert_int_equal(method->parameter_count, 4); /* in and out, and not ReturnValue */
    assert_string_equal(method->parameters[1].name, "ResourceSettings");
    assert_int_equal(method->parameters[1].type, CIM_TYPE_TEXT); /* an instance goes as text */
    assert_true(method->parameters[1].array);
    eye->ops->close(eye);
}

/* ---- hosts, time, privacy ---- */

static struct err no_connection(const char *host)
{
    struct cim_eye *eye = NULL;
    struct err e = {0};

    return refused(net->ops->connect(net, host, CIM_SPACE_VIRT, &eye, &e), e);
}

static void hosts_are_reached_or_not(void **state)
{
    struct cim_eye *eye = eye_on("far", CIM_SPACE_VIRT);
    static const char *const bad[] = {"", "a\\b", "a/b", "a b", "a\nb", "a:b", "\"a\""};

    assert_int_equal(all(*state, eye, CIM_Msvm_PartitionableGpu).count, 2);
    eye->ops->close(eye);
    assert_int_equal(no_connection("gone").kind, ERR_UNSEEN);
    assert_int_equal(no_connection("shut").kind, ERR_DENIED);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(no_connection(bad[i]).kind, ERR_INVALID);
}

static void nobody_waits_longer_than_the_deadline(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_CIMV2), *virt = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_eye *other = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_object slow = {.class_name = "Msvm_PartitionableGpu",
                              .path = HERE "Msvm_PartitionableGpu.Name=\"slow\""};
    struct cim_rows rows = {0};
    uint64_t began = GetTickCount64();
    LONG puts = counts().puts;
    struct err e = {0};

    e = refused(
        cim_query(eye, *state, &(struct cim_query){.class = CIM_Win32_VideoController}, &rows, &e),
        e);
    assert_int_equal(e.kind, ERR_TIMEOUT);
    assert_int_equal(e.native, 0x80041069);
    assert_int_equal(power(*state, virt, 2).kind, ERR_TIMEOUT);
    assert_int_equal(no_connection("deaf").kind, ERR_UNSEEN);
    assert_true(GetTickCount64() - began >= 3 * CALL_MS - 100);
    /* Late before anything was asked of the host: then it is known that nothing was done. */
    cim_set_number(*state, &slow, "PartitionCount", CIM_TYPE_U16, 2);
    e = refused(cim_put(hand_of(other), *state, &slow, &e), e);
    assert_int_equal(e.kind, ERR_UNSEEN);
    assert_int_equal(counts().puts, puts);
    assert_true(GetTickCount64() - began < 20 * CALL_MS);
    eye->ops->close(eye);
    virt->ops->close(virt);
    other->ops->close(other);
    /* Others are not disturbed. */
    eye = eye_on("far", CIM_SPACE_VIRT);
    assert_int_equal(all(*state, eye, CIM_Msvm_PartitionableGpu).count, 2);
    eye->ops->close(eye);
}

static void privacy_is_had_or_nothing_is_said(void **state)
{
    struct cim_eye *eye;

    (void)state;
    SetEnvironmentVariableA("WBEM_SECURITY", "refuse");
    assert_int_equal(no_connection("far").kind, ERR_DENIED);
    assert_int_equal(no_connection(NULL).kind, ERR_DENIED);
    SetEnvironmentVariableA("WBEM_SECURITY", "silent"); /* S_OK, and nothing was set */
    assert_int_equal(no_connection("far").kind, ERR_DENIED);
    SetEnvironmentVariableA("WBEM_SECURITY", "absent"); /* not a proxy at all */
    assert_int_equal(no_connection("far").kind, ERR_DENIED);
    eye = eye_on(NULL, CIM_SPACE_VIRT);
    eye->ops->close(eye);
    SetEnvironmentVariableA("WBEM_SECURITY", NULL);
    assert_int_equal(counts().insecure, 0);
}

/* A user who is not ours signs in to each proxy of another host; here it is always ourselves. */
static void another_user_signs_in(void **state)
{
    struct cim_com_options options = {.call_ms = CALL_MS,
                                      .credentials = {CREDENTIAL_ENV, "HVGPU_TEST_SIGN_IN"}};
    struct cim_net *ours = net;
    struct cim_eye *eye;
    LONG before = counts().identified;
    struct err e;

    assert_true(cim_com_open(&options, &net, &e));
    assert_int_equal(no_connection("far").kind, ERR_DENIED); /* the variable is not there */
    _putenv("HVGPU_TEST_SIGN_IN=CORP\\svc:s3:cr");
    assert_int_equal(no_connection("far").kind, ERR_DENIED); /* the host does not know them */
    SetEnvironmentVariableA("WBEM_SIGN_IN", "CORP\\svc:s3:cr");
    eye = eye_on("far", CIM_SPACE_VIRT);
    assert_int_equal(all(*state, eye, CIM_Msvm_PartitionableGpu).count, 2);
    assert_true(counts().identified - before >= 2); /* the connection, and what the query gave */
    eye->ops->close(eye);
    SetEnvironmentVariableA("WBEM_SIGN_IN", "svc@corp.example:x");
    assert_int_equal(no_connection("far").kind, ERR_DENIED); /* another password */
    net->ops->close(net);
    options.credentials.name = "HVGPU_TEST_OTHER";
    _putenv("HVGPU_TEST_OTHER=svc@corp.example:x");
    assert_true(cim_com_open(&options, &net, &e));
    eye = eye_on("far", CIM_SPACE_CIMV2);
    eye->ops->close(eye);
    before = counts().identified;
    eye = eye_on(NULL, CIM_SPACE_VIRT);
    assert_int_equal(all(*state, eye, CIM_Msvm_PartitionableGpu).count, 2);
    eye->ops->close(eye);
    assert_int_equal(counts().identified, before);
    SetEnvironmentVariableA("WBEM_SIGN_IN", NULL);
    net->ops->close(net);
    net = ours;
}

/* A pass that needs too much memory leaves through `escape`, in the middle of a call. */
static void what_a_call_held_is_given_back_where_it_is_cut_off(void **state)
{
    struct cim_eye *eye = eye_on(NULL, CIM_SPACE_VIRT);
    struct cim_rows rows = {0};
    struct err e = {0};
    struct arena small;
    volatile bool cut = false;
    jmp_buf out;

    (void)state;
    arena_init(&small, 64 << 10);
    small.escape = &out;
    if (setjmp(out) == 0) {
        bool well =
            cim_query(eye, &small, &(struct cim_query){.class = CIM_Msvm_ConcreteJob}, &rows, &e);

        assert_false(well);
    } else {
        cut = true;
    }
    arena_release(&small);
    assert_true(cut);
    eye->ops->close(eye);
}

static void nothing_is_left_over(void **state)
{
    (void)state;
    ((void (*)(void))from_server("world_let_go"))();
    assert_int_equal(live_at_rest(), 0);
    assert_int_equal(counts().insecure, 0);
    assert_true(counts().queries > 0 && counts().gets > 0 && counts().methods > 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(numbers_come_in_their_own_types),
        CASE(null_missing_and_empty_differ),
        CASE(texts_come_as_utf8),
        CASE(what_no_honest_server_gives_is_as_not_set),
        CASE(an_embedded_object_is_an_object),
        CASE(conditions_are_carried),
        CASE(more_rows_than_one_answer_holds_come_in_order),
        CASE(one_object_by_its_path),
        CASE(a_method_is_asked),
        CASE(arrays_go_and_objects_come),
        CASE(bytes_and_signed_numbers_go_both_ways),
        CASE(an_instance_keeps_what_it_starts_from),
        CASE(an_instance_starts_from_its_class),
        CASE(only_what_is_listed_is_put),
        CASE(a_part_of_an_embedded_object_is_put),
        CASE(what_the_host_refuses_is_its_refusal),
        CASE(errors_are_told_apart),
        CASE(what_an_older_build_lacks_is_unsupported),
        CASE(a_class_is_described),
        CASE(hosts_are_reached_or_not),
        CASE(nobody_waits_longer_than_the_deadline),
        CASE(privacy_is_had_or_nothing_is_said),
        CASE(another_user_signs_in),
        CASE(what_a_call_held_is_given_back_where_it_is_cut_off),
        CASE(nothing_is_left_over),
    };
    struct err e = {0};

    if (!cim_com_open(&(struct cim_com_options){.call_ms = CALL_MS}, &net, &e)) {
        print_error("%s\n", e.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
