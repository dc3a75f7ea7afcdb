/*
 * cim_com against Wine's own root\CIMV2: a WMI server that nobody here wrote.
 * One call at a time: two at once are more than it can do.
 */
#include "base/str.h"
#include "cim/cim_com.h"

#include <windows.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct cim_net *net;
static struct cim_eye *eye;

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

static struct cim_rows all(struct arena *a, enum cim_class class)
{
    struct cim_rows rows = {0};
    struct err e = {0};

    if (!cim_query(eye, a, &(struct cim_query){.class = class}, &rows, &e))
        fail_msg("%s", e.text);
    return rows;
}

static void the_machine_itself(void **state)
{
    struct cim_rows rows = all(*state, CIM_Win32_OperatingSystem);
    const struct cim_object *o = &rows.rows[0];
    char name[256] = "";
    DWORD size = sizeof name;
    uint64_t build = 0;

    assert_int_equal(rows.count, 1);
    assert_true(GetComputerNameA(name, &size));
    assert_true(str_same(cim_text(o, "CSName"), name));
    assert_true(str_u64(cim_text(o, "BuildNumber"), &build) && build > 0);
    assert_int_equal(cim_value_of(o, "LastBootUpTime")->type, CIM_TYPE_DATETIME);
    assert_int_equal(strlen(cim_text(o, "LastBootUpTime")), 25);
    assert_int_equal(cim_text(o, "LastBootUpTime")[14], '.');
}

/* Types that the contract does not ask for in this class come as well. */
static void numbers_of_64_bits(void **state)
{
    struct cim_rows rows = all(*state, CIM_Win32_OperatingSystem);
    const struct cim_value *memory = cim_value_of(&rows.rows[0], "TotalVisibleMemorySize");
    MEMORYSTATUSEX real = {.dwLength = sizeof real};

    assert_true(GlobalMemoryStatusEx(&real));
    assert_int_equal(memory->type, CIM_TYPE_U64);
    assert_true(memory->numbers[0] == real.ullTotalPhys / 1024);
    assert_true(rows.rows[0].count > 20);
    for (size_t i = 0; i < rows.rows[0].count; i++)
        assert_false(rows.rows[0].properties[i].value.null);
}

/* What lists a machine has is its own affair; each is a list of texts, or null. */
static void arrays_and_nulls(void **state)
{
    static const char *const names[] = {"DNSServerSearchOrder", "IPAddress", "IPSubnet",
                                        "DefaultIPGateway"};
    struct cim_object *o = NULL;
    struct err e = {0};
    unsigned index = 0;

    while (index < 32 &&
           !cim_get(eye, *state,
                    arena_printf(*state, "Win32_NetworkAdapterConfiguration.Index=%u", index), &o,
                    &e))
        index++;
    if (index == 32) /* a machine without a network */
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct cim_value *v = cim_value_of(o, names[i]);

        assert_int_equal(v->type, CIM_TYPE_TEXT);
        assert_true(v->null ? v->count == 0 : v->array && v->count > 0 && strlen(v->texts[0]) > 3);
    }
}

static void a_condition(void **state)
{
    struct cim_rows every = all(*state, CIM_Win32_PnPEntity), some = {0}, none = {0};
    struct cim_query query = {CIM_Win32_PnPEntity, CIM_BEGINS, "Name", "Wine P"};
    struct err e = {0};

    assert_true(every.count > 0);
    assert_true(cim_query(eye, *state, &query, &some, &e));
    assert_int_equal(some.count, every.count);
    query = (struct cim_query){CIM_Win32_PnPEntity, CIM_EQUALS, "Name", "Wine P"};
    assert_true(cim_query(eye, *state, &query, &none, &e));
    assert_int_equal(none.count, 0);
}

static struct cim_object *registry(struct arena *a, const char *name, const char *value)
{
    struct cim_object *in = cim_object_new(a, "__PARAMETERS", NULL);

    cim_set_number(a, in, "hDefKey", CIM_TYPE_U32, 0x80000002u);
    cim_set_text(a, in, "sSubKeyName", CIM_TYPE_TEXT, "SOFTWARE\\hvgpu-test");
    if (name)
        cim_set_text(a, in, "sValueName", CIM_TYPE_TEXT, name);
    if (value)
        cim_set_text(a, in, "sValue", CIM_TYPE_TEXT, value);
    return in;
}

/* Asking finds what was written by another way; acting is found by another way. */
static void methods_of_the_registry(void **state)
{
    struct arena *a = *state;
    static const wchar_t path[] = L"SOFTWARE\\hvgpu-test", text[] = L"b\u00e4r";
    struct cim_call call = {CIM_StdRegProv_CreateKey, "StdRegProv", registry(a, NULL, NULL)};
    struct cim_hand *hand = NULL;
    struct cim_object *out = NULL;
    DWORD number = 4000000000u;
    struct err e = {0};
    HKEY key;

    RegDeleteKeyW(HKEY_LOCAL_MACHINE, path);
    assert_true(eye->ops->hand(eye, &hand, &e));
    if (!cim_invoke(hand, a, &call, NULL, &out, &e))
        fail_msg("%s", e.text);
    assert_int_equal(cim_number(out, "ReturnValue").value, 0);
    assert_int_equal(RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_ALL_ACCESS, &key), 0);
    RegSetValueExW(key, L"Owner", 0, REG_SZ, (const BYTE *)text, sizeof text);
    RegSetValueExW(key, L"Flag", 0, REG_DWORD, (const BYTE *)&number, sizeof number);
    call =
        (struct cim_call){CIM_StdRegProv_GetStringValue, "StdRegProv", registry(a, "Owner", NULL)};
    if (!cim_ask(eye, a, &call, &out, &e))
        fail_msg("%s", e.text);
    assert_int_equal(cim_number(out, "ReturnValue").value, 0);
    assert_string_equal(cim_text(out, "sValue"), "b\xc3\xa4r");
    call.in = registry(a, "Nobody", NULL);
    assert_true(cim_ask(eye, a, &call, &out, &e));
    assert_int_equal(cim_number(out, "ReturnValue").value, ERROR_FILE_NOT_FOUND);
    assert_true(!cim_text(out, "sValue") || !*cim_text(out, "sValue"));
    RegCloseKey(key);
    RegDeleteKeyW(HKEY_LOCAL_MACHINE, path);
}

static void a_class_is_described(void **state)
{
    struct cim_schema schema;
    struct err e = {0};
    bool create = false;

    assert_true(cim_schema(eye, *state, CIM_StdRegProv, &schema, &e));
    for (size_t i = 0; i < schema.method_count; i++)
        create |= str_same(schema.methods[i].name, "CreateKey") &&
                  schema.methods[i].parameter_count == 2 &&
                  schema.methods[i].parameters[0].type != schema.methods[i].parameters[1].type;
    assert_true(create);
    assert_true(cim_schema(eye, *state, CIM_Win32_PnPEntity, &schema, &e));
    assert_true(schema.property_count > 0);
}

static void what_is_not_there(void **state)
{
    struct cim_eye *none = NULL;
    struct cim_object *out = NULL;
    struct err e = {0};

    assert_false(net->ops->connect(net, NULL, CIM_SPACE_VIRT, &none, &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_int_equal(e.native, 0x8004100E);
    assert_false(net->ops->connect(net, "otherhost", CIM_SPACE_CIMV2, &none, &e));
    assert_int_equal(e.kind, ERR_UNSEEN);
    assert_false(cim_get(eye, *state, "Win32_PnPEntity.DeviceID=\"none\"", &out, &e));
    assert_int_equal(e.native, 0x80041002);
    assert_false(cim_get(eye, *state, "Win32_None.Name=\"none\"", &out, &e));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_machine_itself), CASE(numbers_of_64_bits),      CASE(arrays_and_nulls),
        CASE(a_condition),        CASE(methods_of_the_registry), CASE(a_class_is_described),
        CASE(what_is_not_there),
    };
    struct err e = {0};

    if (!cim_com_open(&(struct cim_com_options){0}, &net, &e) ||
        !net->ops->connect(net, NULL, CIM_SPACE_CIMV2, &eye, &e)) {
        print_error("%s\n", e.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
