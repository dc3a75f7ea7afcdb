/*
 * A small world, written by hand: each type of value once, what is null, what
 * is missing, what fails and what hangs.  test_com.c knows it by heart.
 *
 * Hosts: none (this machine), far; old lacks what an older build lacks; deaf
 * never answers, gone is not there, shut lets nobody in.
 */
#include "base/limits.h"
#include "base/str.h"
#include "tests/windows/wbem/wbem.h"

#include <stdlib.h>
#include <wchar.h>

#define HERE "\\\\HERE\\root\\virtualization\\v2:"

struct hand_eye {
    struct cim_eye eye;
    struct cim_hand hand;
    bool old;
};

static struct arena world;
static SRWLOCK lock = SRWLOCK_INIT;
static struct cim_object *rows[64];
static size_t row_count;

/* ---- what there is ---- */

static struct cim_object *row(const char *class, const char *path)
{
    return rows[row_count++] = cim_object_new(&world, class, path);
}

static void number(struct cim_object *o, const char *name, enum cim_type type, uint64_t n)
{
    cim_set_number(&world, o, name, type, n);
}

static void text(struct cim_object *o, const char *name, const char *s)
{
    cim_set_text(&world, o, name, CIM_TYPE_TEXT, s);
}

static void make_gpus(void)
{
    static const uint64_t counts[] = {16, 8, 4, 2, 1};
    struct cim_object *o =
        row("Msvm_PartitionableGpu", HERE "Msvm_PartitionableGpu.Name=\"\\\\\\\\?\\\\PCI#A\"");

    text(o, "Name", "\\\\?\\PCI#A");
    number(o, "PartitionCount", CIM_TYPE_U16, 4);
    cim_set_numbers(&world, o, "ValidPartitionCounts", CIM_TYPE_U16, counts, 5);
    number(o, "TotalVRAM", CIM_TYPE_U64, UINT64_MAX);
    cim_set_null(&world, o, "AvailableVRAM", CIM_TYPE_U64);
    number(o, "MinPartitionVRAM", CIM_TYPE_U64, 0);
    number(o, "MaxPartitionVRAM", CIM_TYPE_U64, 31); /* world_spoil: as 0x1F */
    number(o, "SupportsIncomingLiveMigration", CIM_TYPE_BOOLEAN, 1);
    o = row("Msvm_PartitionableGpu", HERE "Msvm_PartitionableGpu.Name=\"B\"");
    text(o, "Name", "B");
    number(o, "PartitionCount", CIM_TYPE_U16, UINT16_MAX);
    cim_set_numbers(&world, o, "ValidPartitionCounts", CIM_TYPE_U16, NULL, 0);
    cim_set_null(&world, o, "SupportsIncomingLiveMigration", CIM_TYPE_BOOLEAN);
}

static void make_settings(void)
{
    static const char *const notes[] = {"", "b\xc3\xa4r", "\xe2\x98\x83 \xf0\x9d\x94\x98"};
    struct cim_object *o = row("Msvm_VirtualSystemSettingData",
                               HERE "Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:1\"");

    text(o, "InstanceID", "Microsoft:1");
    text(o, "ElementName", "it's <a> & \"b\" \\ 100%_[x]");
    cim_set_texts(&world, o, "Notes", CIM_TYPE_TEXT, notes, 3);
    number(o, "GuestControlledCacheTypes", CIM_TYPE_BOOLEAN, 1);
    number(o, "LowMmioGapSize", CIM_TYPE_U64, 128);
    number(o, "AutomaticShutdownAction", CIM_TYPE_U16, 3);
    o = row("Msvm_MemorySettingData",
            HERE "Msvm_MemorySettingData.InstanceID=\"Microsoft:1\\\\m\"");
    text(o, "InstanceID", "Microsoft:1\\m");
    number(o, "DynamicMemoryEnabled", CIM_TYPE_BOOLEAN, 1);
    number(o, "Limit", CIM_TYPE_U64, 7);
    o = row("Msvm_GpuPartitionSettingData", HERE
            "Msvm_GpuPartitionSettingData.InstanceID=\"Microsoft:Definition\\\\1\\\\Default\"");
    text(o, "InstanceID", "Microsoft:Definition\\1\\Default");
    text(o, "PoolID", "primordial");
    cim_set_null(&world, o, "HostResource", CIM_TYPE_TEXT);
    number(o, "MinPartitionVRAM", CIM_TYPE_U64, 5);
    number(o, "MaxPartitionVRAM", CIM_TYPE_U64, 6);
    cim_set_null(&world, o, "OptimalPartitionVRAM", CIM_TYPE_U64);
}

static void make_rest(void)
{
    struct cim_object *o = row("Win32_OperatingSystem", NULL), *part;

    text(o, "BuildNumber", "26100");
    cim_set_text(&world, o, "LastBootUpTime", CIM_TYPE_DATETIME, "20261120081500.500000+060");
    o = row("Win32_PnPEntity", NULL);
    text(o, "DeviceID", "PCI\\A");
    number(o, "ConfigManagerErrorCode", CIM_TYPE_U32, UINT32_MAX);
    o = row("Msvm_ElementAllocatedFromPool", NULL);
    cim_set_text(&world, o, "Antecedent", CIM_TYPE_REF, HERE "Msvm_ResourcePool.InstanceID=\"p\"");
    part = cim_object_new(&world, "MSCluster_Property", NULL);
    text(part, "VmID", "0815");
    number(part, "OfflineAction", CIM_TYPE_U32, 1);
    o = row("MSCluster_Resource", "\\\\HERE\\root\\MSCluster:MSCluster_Resource.Name=\"vm\"");
    text(o, "Name", "vm");
    cim_set_object(&world, o, "PrivateProperties", CIM_TYPE_OBJECT, part);
    /* world_spoil() knows these. */
    for (unsigned i = 0; i < 4; i++) {
        static const char *const ids[] = {"lone surrogate", "a nul", "no text", "good"};

        o = row("Msvm_ResourcePool", NULL);
        text(o, "PoolID", ids[i]);
        number(o, "ResourceType", CIM_TYPE_U16, i);
    }
}

void world_spoil(const char *name, CIMTYPE *type, VARIANT *value)
{
    bool id = str_eq(name, "PoolID") && V_VT(value) == VT_BSTR;

    (void)type;
    if (id && wcscmp(V_BSTR(value), L"lone surrogate") == 0) {
        V_BSTR(value)[0] = (wchar_t)0xD800;
    } else if (id && wcscmp(V_BSTR(value), L"a nul") == 0) {
        V_BSTR(value)[1] = L'\0';
    } else if (id && wcscmp(V_BSTR(value), L"no text") == 0) {
        VariantClear(value);
        V_VT(value) = VT_I4;
        V_I4(value) = 4711;
    } else if (str_eq(name, "ResourceType") && V_I4(value) == 0) {
        V_I4(value) = UINT16_MAX + 1;
    } else if (str_eq(name, "ResourceType") && V_I4(value) == 1) {
        V_I4(value) = -1;
    } else if (str_eq(name, "ResourceType") && V_I4(value) == 2) {
        V_VT(value) = VT_R8;
    } else if (str_eq(name, "MaxPartitionVRAM") && V_VT(value) == VT_BSTR &&
               wcscmp(V_BSTR(value), L"31") == 0) {
        SysReAllocString(&V_BSTR(value), L"0x1F");
    }
}

bool world_takes_parts(enum cim_class class)
{
    return class != CIM_Msvm_MemorySettingData;
}

/* ---- looking ---- */

static bool let_go;
static SRWLOCK gate = SRWLOCK_INIT;
static CONDITION_VARIABLE opened = CONDITION_VARIABLE_INIT;

static void hang(void)
{
    AcquireSRWLockExclusive(&gate);
    while (!let_go)
        SleepConditionVariableSRW(&opened, &gate, INFINITE, 0);
    ReleaseSRWLockExclusive(&gate);
}

/* The test has seen enough: what hangs goes on, and nothing hangs any more. */
void world_let_go(void);
void world_let_go(void)
{
    AcquireSRWLockExclusive(&gate);
    let_go = true;
    ReleaseSRWLockExclusive(&gate);
    WakeAllConditionVariable(&opened);
}

static bool fits(const struct cim_object *o, const struct cim_query *query)
{
    struct num n = query->test == CIM_EQUALS ? cim_number(o, query->property) : NUM_UNKNOWN;
    const char *s = query->test == CIM_ALL ? NULL : cim_text(o, query->property);
    uint64_t wanted;

    if (query->test == CIM_ALL)
        return true;
    if (n.known)
        return str_u64(query->text, &wanted) && wanted == n.value;
    return s &&
           (query->test == CIM_EQUALS ? str_same(s, query->text) : str_starts_fold(s, query->text));
}

static bool hand_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                       struct cim_rows *out, struct err *e)
{
    const char *class = cim_class_row(query->class)->name;

    (void)eye;
    if (query->class == CIM_Win32_VideoController)
        hang();
    if (query->class == CIM_Msvm_PciExpress)
        return err_set(e, ERR_TIMEOUT, 0x80010108, "the line is dead");
    AcquireSRWLockExclusive(&lock);
    for (size_t i = 0; i < row_count; i++)
        if (str_same(rows[i]->class_name, class) && fits(rows[i], query))
            *arena_push(a, out->rows, out->count, out->room) = *cim_object_copy(a, rows[i]);
    for (unsigned i = 0; query->class == CIM_Msvm_ConcreteJob && i < 150; i++) {
        struct cim_object *o = arena_push(a, out->rows, out->count, out->room);

        *o = (struct cim_object){.class_name = class};
        cim_set_number(a, o, "ErrorCode", CIM_TYPE_U16, i);
    }
    ReleaseSRWLockExclusive(&lock);
    return true;
}

/* By the part behind the namespace: who asks may come from another host. */
static struct cim_object *at_path(const char *path)
{
    const char *behind = strchr(path, ':');

    behind = behind && str_starts(path, "\\\\") ? behind + 1 : path;
    for (size_t i = 0; i < row_count; i++)
        if (rows[i]->path && str_same(strchr(rows[i]->path, ':') + 1, behind))
            return rows[i];
    return NULL;
}

static bool hand_get(struct cim_eye *eye, struct arena *a, const char *path,
                     struct cim_object **out, struct err *e)
{
    struct cim_object *o;

    (void)eye;
    if (strstr(path, "slow"))
        hang();
    AcquireSRWLockExclusive(&lock);
    o = at_path(path);
    *out = o ? cim_object_copy(a, o) : NULL;
    ReleaseSRWLockExclusive(&lock);
    return o || err_set(e, ERR_REFUSED, 0x80041002, "there is no~ such  object.~");
}

static bool hand_schema(struct cim_eye *eye, struct arena *a, enum cim_class class,
                        struct cim_schema *out, struct err *e)
{
    bool old = ((struct hand_eye *)eye)->old;
    size_t count, room = 0, methods = 0;
    const struct cim_property_row *p = cim_properties(class, &count);

    if (old && class == CIM_Win32_VideoController)
        return err_set(e, ERR_UNSUPPORTED, 0x80041010, "no such class");
    *out = (struct cim_schema){0};
    for (size_t i = 0; i < count; i++)
        if (!(old && (p[i].use & CIM_MAY_LACK)))
            *arena_push(a, out->properties, out->property_count, room) =
                (struct cim_schema_property){p[i].name, p[i].type, (p[i].use & CIM_ARRAY) != 0};
    for (unsigned m = 0; m < CIM_METHOD_NONE; m++) {
        const struct cim_parameter_row *q = cim_parameters(m, &count);
        struct cim_schema_method *method;

        if (cim_method_row(m)->class != class || (old && m == CIM_StdRegProv_GetStringValue))
            continue;
        method = arena_push(a, out->methods, out->method_count, methods);
        *method = (struct cim_schema_method){.name = cim_method_row(m)->name};
        method->parameters = arena_array(a, struct cim_schema_property, count + 1);
        for (size_t i = 0; i < count; i++)
            if (!(old && str_eq(q[i].name, "InputBuffer")))
                method->parameters[method->parameter_count++] =
                    (struct cim_schema_property){q[i].name, q[i].type, q[i].array};
    }
    return true;
}

/* ---- asking ---- */

static struct cim_object *answer(struct arena *a, uint64_t code)
{
    struct cim_object *o = cim_object_new(a, "__PARAMETERS", NULL);

    cim_set_number(a, o, "ReturnValue", CIM_TYPE_U32, code);
    return o;
}

static struct cim_object *registry(struct arena *a, const struct cim_call *call)
{
    struct cim_object *o = answer(a, 0);
    struct num root = cim_number(call->in, "hDefKey");
    const char *key = cim_text(call->in, "sSubKeyName"), *name = cim_text(call->in, "sValueName");

    if (!name)
        return answer(a, 2);
    if (call->method == CIM_StdRegProv_GetDWORDValue)
        cim_set_num(a, o, "uValue", CIM_TYPE_U32, root);
    else
        cim_set_text(a, o, "sValue", CIM_TYPE_TEXT,
                     arena_printf(a, "%llx|%s|%s", (unsigned long long)root.value, key, name));
    return o;
}

static struct cim_object *summaries(struct arena *a, const struct cim_object *in)
{
    const char *const *paths = NULL;
    const uint64_t *wanted = NULL;
    size_t count = cim_texts(in, "SettingData", &paths);
    size_t numbers = cim_numbers(in, "RequestedInformation", &wanted);
    const struct cim_object **parts = arena_array(a, const struct cim_object *, count + 1);
    struct cim_object *o = answer(a, 0);
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < numbers; i++)
        text_printf(&t, "%llu ", (unsigned long long)wanted[i]);
    for (size_t i = 0; i < count; i++) {
        struct cim_object *part = cim_object_new(a, "Msvm_SummaryInformation", NULL);

        cim_set_text(a, part, "Name", CIM_TYPE_TEXT, paths[i]);
        cim_set_text(a, part, "GuestOperatingSystem", CIM_TYPE_TEXT, text_done(&t));
        parts[i] = part;
    }
    cim_set_objects(a, o, "SummaryInformation", CIM_TYPE_OBJECT, parts, count);
    return o;
}

static bool hand_ask(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                     struct cim_object **out, struct err *e)
{
    (void)eye;
    if (call->method == CIM_Msvm_VirtualSystemManagementService_GetSummaryInformation)
        *out = summaries(a, call->in);
    else if (call->method == CIM_StdRegProv_GetDWORDValue ||
             call->method == CIM_StdRegProv_GetStringValue)
        *out = registry(a, call);
    else
        return err_set(e, ERR_UNSUPPORTED, 0x80041002, "no such method");
    return true;
}

/* ---- acting ---- */

static void change(struct cim_object *o, const struct cim_object *to)
{
    struct cim_object *kept = cim_object_copy(&world, to);

    for (size_t i = 0; i < kept->count; i++) {
        struct cim_value *value = &kept->properties[i].value;
        const struct cim_object *part = cim_part(o, kept->properties[i].name, 0);

        if (value->type == CIM_TYPE_OBJECT && part) {
            struct cim_object *whole = cim_object_copy(&world, part);

            change(whole, value->objects[0]);
            cim_set_object(&world, o, kept->properties[i].name, CIM_TYPE_OBJECT, whole);
            continue;
        }
        cim_set(&world, o, kept->properties[i].name, *value);
    }
    /* How much was sent, for the test to see. */
    number(o, "Sent", CIM_TYPE_U32, to->count);
}

static bool hand_put(struct cim_hand *hand, struct arena *a, const struct cim_object *object,
                     struct err *e)
{
    struct cim_object *o;

    (void)hand, (void)a;
    if (num_is(cim_number(object, "PartitionCount"), 7))
        return err_set(e, ERR_REFUSED, 0x80041008, "7 partitions? No.");
    AcquireSRWLockExclusive(&lock);
    o = at_path(object->path);
    if (o)
        change(o, object);
    ReleaseSRWLockExclusive(&lock);
    return o || err_set(e, ERR_REFUSED, 0x80041002, "no such object");
}

/* Each instance becomes a row: what it starts from, and what was sent. */
static struct cim_object *add_settings(struct arena *a, const struct cim_object *in)
{
    struct cim_object *o = answer(a, 4096);
    const char *made[8];
    size_t count = 0;

    for (const struct cim_object *part;
         count < 8 && (part = cim_part(in, "ResourceSettings", count)); count++) {
        struct cim_object *base = part->path ? at_path(part->path) : NULL;
        struct cim_object *new = rows[row_count++] =
            base ? cim_object_copy(&world, base)
                 : cim_object_new(&world, arena_strdup(&world, part->class_name), NULL);

        change(new, part);
        text(new, "InstanceID", "new");
        new->path = made[count] = HERE "Msvm_GpuPartitionSettingData.InstanceID=\"new\"";
    }
    cim_set_texts(a, o, "ResultingResourceSettings", CIM_TYPE_REF, made, count);
    cim_set_text(a, o, "Job", CIM_TYPE_REF, cim_text(in, "AffectedConfiguration"));
    return o;
}

static bool control(struct arena *a, const struct cim_object *in, struct cim_object **out,
                    struct err *e)
{
    const uint64_t *bytes = NULL;
    size_t count = cim_numbers(in, "InputBuffer", &bytes);
    uint64_t *back = arena_array(a, uint64_t, count + 1);

    if (num_is(cim_number(in, "ControlCode"), 5024) || num_is(cim_number(in, "ControlCode"), 5908))
        return err_set(e, ERR_REFUSED, (int64_t)cim_number(in, "ControlCode").value,
                       "Not now.~It is kept for later.");
    if (num_is(cim_number(in, "ControlCode"), 1))
        return err_set(e, ERR_REFUSED, 0x800713A0, "stored");
    for (size_t i = 0; i < count; i++)
        back[i] = bytes[count - 1 - i];
    *out = cim_object_new(a, "__PARAMETERS", NULL);
    cim_set_numbers(a, *out, "OutputBuffer", CIM_TYPE_U8, back, count);
    cim_set_num(a, *out, "OutputBufferSize", CIM_TYPE_S32, cim_number(in, "ControlCode"));
    return true;
}

static bool switch_power(struct arena *a, const struct cim_object *in, struct cim_object **out,
                         struct err *e)
{
    struct num state = cim_number(in, "RequestedState");

    switch (state.value) {
    case 2:
        hang();
        break;
    case 3:
        return err_set(e, ERR_TIMEOUT, 0x800706BE, "broken");
    case 4:
        return err_set(e, ERR_TIMEOUT, 0x800706F7, "a stub got bad data");
    case 5:
        return err_set(e, ERR_DENIED, 0x80041003, "you are not allowed");
    case 6:
        *out = answer(a, 32775);
        return true;
    default:
        break;
    }
    *out = answer(a, 0);
    return true;
}

static bool hand_invoke(struct cim_hand *hand, struct arena *a, const struct cim_call *call,
                        struct cim_object **out, struct err *e)
{
    bool well = true;

    (void)hand;
    if (call->method == CIM_Msvm_ComputerSystem_RequestStateChange)
        return switch_power(a, call->in, out, e);
    AcquireSRWLockExclusive(&lock);
    if (call->method == CIM_Msvm_VirtualSystemManagementService_AddResourceSettings)
        *out = add_settings(a, call->in);
    else if (call->method == CIM_MSCluster_Cluster_ExecuteClusterControl)
        well = control(a, call->in, out, e);
    else
        *out = cim_object_new(a, "__PARAMETERS", NULL);
    ReleaseSRWLockExclusive(&lock);
    return well;
}

/* ---- the net ---- */

static const struct cim_hand_ops hand_ops = {.put = hand_put, .invoke = hand_invoke};

static bool give_hand(struct cim_eye *eye, struct cim_hand **out, struct err *e)
{
    struct hand_eye *self = (struct hand_eye *)eye;

    (void)e;
    self->hand = (struct cim_hand){.ops = &hand_ops, .eye = eye};
    *out = &self->hand;
    return true;
}

static void close_eye(struct cim_eye *eye)
{
    free(eye);
}

static const struct cim_eye_ops eye_ops = {.query = hand_query,
                                           .get = hand_get,
                                           .ask = hand_ask,
                                           .schema = hand_schema,
                                           .hand = give_hand,
                                           .close = close_eye};

static bool net_connect(struct cim_net *net, const char *host, enum cim_space space,
                        struct cim_eye **out, struct err *e)
{
    struct hand_eye *eye;

    if (str_eq(host, "deaf"))
        hang();
    if (str_eq(host, "gone"))
        return err_set(e, ERR_UNSEEN, 0x800706BA, "not there");
    if (str_eq(host, "shut"))
        return err_set(e, ERR_DENIED, 0x80070005, "not you");
    if (str_eq(host, "old") && space == CIM_SPACE_VIRT)
        return err_set(e, ERR_UNSUPPORTED, 0x8004100E, "no such namespace");
    eye = calloc(1, sizeof *eye);
    if (!eye)
        abort();
    *eye = (struct hand_eye){.eye = {.ops = &eye_ops, .net = net, .space = space},
                             .old = str_eq(host, "old")};
    *out = &eye->eye;
    return true;
}

struct cim_net *world_net(void)
{
    static const struct cim_net_ops ops = {.name = "hand", .connect = net_connect};
    static struct cim_net net = {&ops};

    arena_init(&world, 0);
    make_gpus();
    make_settings();
    make_rest();
    return &net;
}
