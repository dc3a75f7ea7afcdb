/* The seam itself: the contract's tables, paths, queries, codes, and what it lets through. */
#include "base/str.h"
#include "cim/cim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

/* ---- a net that answers what the test put there ---- */

static struct cim_object *answer;
static int calls;

static bool give_row(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                     struct cim_rows *out, struct err *e)
{
    (void)eye, (void)query, (void)e;
    calls++;
    *arena_push(a, out->rows, out->count, out->room) = *answer;
    return true;
}

static bool give_call(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                      struct cim_object **out, struct err *e)
{
    (void)eye, (void)a, (void)call, (void)e;
    calls++;
    *out = answer;
    return true;
}

static bool give_invoke(struct cim_hand *hand, struct arena *a, const struct cim_call *call,
                        struct cim_object **out, struct err *e)
{
    return give_call(hand->eye, a, call, out, e);
}

static bool take_put(struct cim_hand *hand, struct arena *a, const struct cim_object *object,
                     struct err *e)
{
    (void)hand, (void)a, (void)object, (void)e;
    calls++;
    return true;
}

static const struct cim_eye_ops eye_ops = {.query = give_row, .ask = give_call};
static const struct cim_hand_ops hand_ops = {.put = take_put, .invoke = give_invoke};
static struct cim_eye virt = {.ops = &eye_ops, .space = CIM_SPACE_VIRT};
static struct cim_hand hand = {.ops = &hand_ops, .eye = &virt};

/* ---- the tables ---- */

static void every_row_has_its_class(void **state)
{
    size_t properties = 0, parameters = 0, n;

    (void)state;
    for (unsigned c = 0; c < CIM_CLASS_NONE; c++) {
        const struct cim_property_row *rows = cim_properties(c, &n);

        properties += n;
        assert_int_equal(cim_class_named(cim_class_row(c)->name), c);
        for (size_t i = 0; i < n; i++)
            assert_ptr_equal(cim_property_row(c, rows[i].name), &rows[i]);
    }
    for (unsigned m = 0; m < CIM_METHOD_NONE; m++) {
        const struct cim_method_row *method = cim_method_row(m);
        const struct cim_parameter_row *rows = cim_parameters(m, &n);

        parameters += n;
        assert_int_equal(cim_method_named(method->class, method->name), m);
        for (size_t i = 0; i < n; i++)
            assert_ptr_equal(cim_parameter_row(m, rows[i].name), &rows[i]);
    }
    assert_true(properties > 100);
    assert_true(parameters > 50);
    assert_null(cim_class_row(CIM_CLASS_NONE));
    assert_null(cim_method_row(CIM_METHOD_NONE));
}

/* Rows that stand apart from their class would not be found. */
static void no_row_is_lost(void **state)
{
    static const char *const names[] = {
#define PROPERTY(class, name, type, use, build, sure, source, without) #class "." #name,
#include "cim/contract.def"
    };
    struct arena *a = *state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *dot = strchr(names[i], '.');
        enum cim_class class =
            cim_class_named(arena_strndup(a, names[i], (size_t)(dot - names[i])));

        if (!cim_property_row(class, dot + 1))
            fail_msg("%s does not stand with its class", names[i]);
    }
}

/* ---- text ---- */

static void queries(void **state)
{
    struct arena *a = *state;
    const struct cim_query rows[] = {
        {CIM_Msvm_ComputerSystem, CIM_ALL, NULL, NULL},
        {CIM_MSCluster_Resource, CIM_EQUALS, "Type", "Virtual Machine"},
        {CIM_Msvm_ResourcePool, CIM_EQUALS, "ResourceType", "32769"},
        {CIM_MSCluster_ResourceGroup, CIM_EQUALS, "Name", "o'neill\\x"},
        {CIM_Win32_PnPEntity, CIM_BEGINS, "DeviceID", "PCI\\VEN_10DE%"},
    };
    static const char *const texts[] = {
        "SELECT * FROM Msvm_ComputerSystem",
        "SELECT * FROM MSCluster_Resource WHERE Type = 'Virtual Machine'",
        "SELECT * FROM Msvm_ResourcePool WHERE ResourceType = 32769",
        "SELECT * FROM MSCluster_ResourceGroup WHERE Name = 'o\\'neill\\\\x'",
        "SELECT * FROM Win32_PnPEntity WHERE DeviceID LIKE 'PCI\\\\VEN[_]10DE[%]%'",
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(cim_wql(a, &rows[i]), texts[i]);
}

static void keys_of_paths(void **state)
{
    static const char path[] =
        "\\\\HV-1\\root\\virtualization\\v2:Msvm_PciExpress.CreationClassName=\"Msvm_PciExpress\","
        "DeviceID=\"Microsoft:A,Name=\\\"B\\\\PCIP\\\\VEN_10DE\",SystemName=\"HV-1\"";
    struct arena *a = *state;

    assert_string_equal(cim_path_key(a, path, "SystemName"), "HV-1");
    assert_string_equal(cim_path_key(a, path, "systemname"), "HV-1");
    assert_string_equal(cim_path_key(a, path, "DeviceID"), "Microsoft:A,Name=\"B\\PCIP\\VEN_10DE");
    assert_null(cim_path_key(a, path, "Name"));
    assert_null(cim_path_key(a, path, "ID"));
    assert_null(cim_path_key(a, "", "Name"));
    assert_null(cim_path_key(a, "X.Y=\"open", "Name"));
    assert_string_equal(cim_path_key(a, "X.Name=\"cut", "Name"), "cut");
}

static void codes(void **state)
{
    (void)state;
    assert_string_equal(cim_code_text(0x800713A0), cim_code_text(5024));
    assert_int_equal(cim_code_kind(0x800713A0), ERR_NONE);
    assert_int_equal(cim_code_kind((int32_t)0x80041003), ERR_DENIED);
    assert_int_equal(cim_code_kind(32775), ERR_BUSY);
    assert_int_equal(cim_code_kind(4711), ERR_REFUSED);
    assert_string_equal(cim_code_text(4711), "");
}

/* ---- what is let through ---- */

static void refused(bool ok, const struct err *e)
{
    assert_false(ok);
    assert_int_equal(e->kind, ERR_BUG);
    assert_int_equal(calls, 0);
}

static void only_the_contract_goes_out(void **state)
{
    struct arena *a = *state;
    struct cim_rows rows;
    struct cim_object *out, *in = cim_object_new(a, NULL, NULL), *gpu;
    struct err e;
    struct cim_call add = {CIM_Msvm_VirtualSystemManagementService_AddResourceSettings, "x", in};
    struct cim_call summary = {CIM_Msvm_VirtualSystemManagementService_GetSummaryInformation, "x",
                               NULL};

    calls = 0;
    refused(cim_query(&virt, a, &(struct cim_query){.class = CIM_MSCluster_Node}, &rows, &e), &e);
    refused(cim_query(&virt, a,
                      &(struct cim_query){CIM_Msvm_ComputerSystem, CIM_EQUALS, "Nmae", "x"}, &rows,
                      &e),
            &e);
    refused(cim_ask(&virt, a, &add, &out, &e), &e);              /* it acts */
    refused(cim_invoke(&hand, a, &summary, NULL, &out, &e), &e); /* it reads */
    cim_set_number(a, in, "AffectedConfiguration", CIM_TYPE_U16, 1);
    refused(cim_invoke(&hand, a, &add, NULL, &out, &e), &e); /* a number for a path */
    gpu = cim_object_new(a, "Msvm_PartitionableGpu", "path");
    cim_set_number(a, gpu, "TotalVRAM", CIM_TYPE_U64, 1);
    refused(cim_put(&hand, a, gpu, &e), &e); /* not ours to write */
    gpu = cim_object_new(a, "Msvm_PartitionableGpu", NULL);
    refused(cim_put(&hand, a, gpu, &e), &e); /* nowhere */
    gpu = cim_object_new(a, "Msvm_PartitionableGpu", "path");
    cim_set_number(a, gpu, "PartitionCount", CIM_TYPE_U16, 4);
    assert_true(cim_put(&hand, a, gpu, &e));
    assert_int_equal(calls, 1);
    assert_int_equal(hand.puts, 1);
}

static void what_comes_back_is_tolerated(void **state)
{
    struct arena *a = *state;
    struct cim_rows rows;
    struct err e;

    answer = cim_object_new(a, "Msvm_PartitionableGpu", "path");
    cim_set_text(a, answer, "PartitionCount", CIM_TYPE_TEXT, "sixteen");
    cim_set_null(a, answer, "TotalVRAM", CIM_TYPE_U64);
    cim_set_number(a, answer, "name", CIM_TYPE_U16, 3);
    cim_set_text(a, answer, "Unheard", CIM_TYPE_TEXT, "of");
    assert_true(
        cim_query(&virt, a, &(struct cim_query){.class = CIM_Msvm_PartitionableGpu}, &rows, &e));
    assert_int_equal(rows.count, 1);
    assert_false(cim_number(&rows.rows[0], "PartitionCount").known);
    assert_false(cim_number(&rows.rows[0], "TotalVRAM").known);
    assert_false(cim_number(&rows.rows[0], "MinPartitionVRAM").known);
    assert_null(cim_text(&rows.rows[0], "Name"));
    assert_string_equal(cim_text(&rows.rows[0], "Unheard"), "of");
}

static void return_values(void **state)
{
    static const struct {
        uint64_t value;
        bool ok, accepted;
        enum err_kind kind;
    } rows[] = {
        {0, true, false, ERR_NONE},         {4096, true, true, ERR_NONE},
        {32768, false, false, ERR_REFUSED}, {32769, false, false, ERR_DENIED},
        {32775, false, false, ERR_BUSY},    {5, false, false, ERR_REFUSED},
    };
    struct arena *a = *state;
    struct cim_call call = {CIM_Msvm_ComputerSystem_RequestStateChange, "x", NULL};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cim_object *out;
        bool accepted = !rows[i].accepted;
        struct err e = {0};

        answer = cim_object_new(a, NULL, NULL);
        cim_set_number(a, answer, "ReturnValue", CIM_TYPE_U32, rows[i].value);
        assert_int_equal(cim_invoke(&hand, a, &call, &accepted, &out, &e), rows[i].ok);
        if (rows[i].ok) {
            assert_int_equal(accepted, rows[i].accepted);
        } else {
            assert_int_equal(e.kind, rows[i].kind);
            assert_int_equal(e.native, rows[i].value);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_its_class),
        cmocka_unit_test(no_row_is_lost),
        cmocka_unit_test(queries),
        cmocka_unit_test(keys_of_paths),
        cmocka_unit_test(codes),
        cmocka_unit_test(only_the_contract_goes_out),
        cmocka_unit_test(what_comes_back_is_tolerated),
        cmocka_unit_test(return_values),
    };

    return cmocka_run_group_tests_name("cim", tests, set_up, tear_down);
}
