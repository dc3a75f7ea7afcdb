/* A host's schema against the contract: what is missing, of another type, excused. */
#include "base/str.h"
#include "cim/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* The schema that the contract describes, as a host would print it. */
static struct cim_schema whole(enum cim_class class)
{
    struct cim_schema s = {0};
    const struct cim_property_row *rows = cim_properties(class, &s.property_count);

    s.properties = arena_array(&arena, struct cim_schema_property, s.property_count + 1);
    for (size_t i = 0; i < s.property_count; i++)
        s.properties[i] = (struct cim_schema_property){rows[i].name, rows[i].type,
                                                       (rows[i].use & CIM_ARRAY) != 0};
    s.methods = arena_array(&arena, struct cim_schema_method, CIM_METHOD_NONE);
    for (unsigned m = 0; m < CIM_METHOD_NONE; m++) {
        const struct cim_method_row *row = cim_method_row(m);
        struct cim_schema_method *method;
        const struct cim_parameter_row *parameters;

        if (row->class != class)
            continue;
        method = &s.methods[s.method_count++];
        method->name = row->name;
        parameters = cim_parameters(m, &method->parameter_count);
        method->parameters =
            arena_array(&arena, struct cim_schema_property, method->parameter_count + 1);
        for (size_t i = 0; i < method->parameter_count; i++)
            method->parameters[i] = (struct cim_schema_property){
                parameters[i].name,
                parameters[i].type == CIM_TYPE_INSTANCE ? CIM_TYPE_TEXT : parameters[i].type,
                parameters[i].array};
    }
    return s;
}

static size_t check(enum cim_class class, const struct cim_schema *s, uint64_t build,
                    struct cim_lack **out)
{
    size_t checks = 0;

    return cim_check(&arena, class, s, NUM(build), out, &checks);
}

static void a_whole_host_lacks_nothing(void **state)
{
    struct cim_lack *lacks;
    size_t checks = 0;

    (void)state;
    for (unsigned c = 0; c < CIM_CLASS_NONE; c++) {
        struct cim_schema s = whole(c);

        if (cim_check(&arena, c, &s, NUM(20348), &lacks, &checks))
            fail_msg("%s %s", lacks[0].name, lacks[0].found);
    }
    assert_true(checks > 250);
}

static void a_missing_class(void **state)
{
    struct cim_lack *lacks;

    (void)state;
    assert_int_equal(check(CIM_Msvm_PciExpress, NULL, 26100, &lacks), 1);
    assert_string_equal(lacks[0].name, "Msvm_PciExpress");
    assert_string_equal(lacks[0].found, "is missing");
    assert_string_equal(lacks[0].without, "dismounted devices are not seen");
    assert_false(lacks[0].excused);
}

/* Each property once missing, once of another type, once an array. */
static void each_property(void **state)
{
    struct cim_lack *lacks;

    (void)state;
    for (unsigned c = 0; c < CIM_CLASS_NONE; c++) {
        struct cim_schema s = whole(c);

        for (size_t i = 0; i < s.property_count; i++) {
            struct cim_schema_property was = s.properties[i];

            s.properties[i].name = "Other";
            assert_int_equal(check(c, &s, 28000, &lacks), 1);
            assert_false(lacks[0].excused);
            s.properties[i] = was;
            s.properties[i].type = was.type == CIM_TYPE_U8 ? CIM_TYPE_U16 : CIM_TYPE_U8;
            assert_int_equal(check(c, &s, 28000, &lacks), 1);
            s.properties[i].type = CIM_TYPES;
            assert_int_equal(check(c, &s, 28000, &lacks), 1);
            s.properties[i] = was;
            s.properties[i].array = !was.array;
            assert_int_equal(check(c, &s, 28000, &lacks), 1);
            s.properties[i] = was;
        }
    }
}

static void each_method(void **state)
{
    struct cim_lack *lacks;

    (void)state;
    for (unsigned c = 0; c < CIM_CLASS_NONE; c++) {
        struct cim_schema s = whole(c);

        for (size_t m = 0; m < s.method_count; m++) {
            struct cim_schema_method was = s.methods[m];

            s.methods[m].name = "Other";
            assert_int_equal(check(c, &s, 28000, &lacks), 1);
            s.methods[m] = was;
            for (size_t i = 0; i < was.parameter_count; i++) {
                bool array = was.parameters[i].array;

                was.parameters[i].array = !array;
                assert_int_equal(check(c, &s, 28000, &lacks), 1);
                was.parameters[i].array = array;
            }
            s.methods[m].parameter_count = 0;
            assert_int_equal(check(c, &s, 28000, &lacks), was.parameter_count);
            s.methods[m] = was;
        }
    }
}

static void an_old_build_is_excused(void **state)
{
    struct cim_schema s = whole(CIM_Msvm_GpuPartition);
    struct cim_lack *lacks;

    (void)state;
    assert_string_equal(s.properties[s.property_count - 1].name, "SupportsOutgoingLiveMigration");
    s.property_count--;
    assert_int_equal(check(CIM_Msvm_GpuPartition, &s, 25398, &lacks), 1);
    assert_true(lacks[0].excused);
    assert_int_equal(check(CIM_Msvm_GpuPartition, &s, 26100, &lacks), 1);
    assert_false(lacks[0].excused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_whole_host_lacks_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_class, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_property, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_method, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_old_build_is_excused, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("cim_check", tests, NULL, NULL);
}
