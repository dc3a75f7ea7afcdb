/*
 * specs/wmi-contract.md is cim/contract.def as a page.  UPDATE=1 writes it anew.
 */
#include "base/str.h"
#include "cim/contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char path[] = "specs/wmi-contract.md";

static const char head[] =
    "# The contract with WMI\n\n"
    "Every class, property and method of WMI that hvgpu touches, made from\n"
    "`reconciler/cim/contract.def` (`UPDATE=1` on `unit/test_wmi_contract` writes this page anew). "
    "Nothing else may\n"
    "be touched, and `hvgpu doctor` checks a host against the same table. How they are used: "
    "[wmi.md](wmi.md).\n\n"
    "*build* is the first that has it (none: all that are supported, 20348 and later). *sure*:\n"
    "D documented, C seen in public code or a class dump, I inferred. *source* is a section of\n"
    "[platform.md](platform.md). *use*: key, read, write; \"may lack\": a supported build can be\n"
    "without it, then it is unknown.\n";

static const char *sure(enum cim_sure s)
{
    static const char *const words[] = {[CIM_D] = "D", [CIM_C] = "C", [CIM_I] = "I"};

    return words[s];
}

static const char *build(struct arena *a, uint32_t build)
{
    return build ? arena_printf(a, "%u", build) : "";
}

static const char *use(struct arena *a, unsigned bits)
{
    struct text t;

    text_init(&t, a);
    text_printf(&t, "%s%s%s%s", bits & CIM_KEY ? ", key" : "", bits & CIM_READ ? ", read" : "",
                bits & CIM_WRITE ? ", write" : "", bits & CIM_MAY_LACK ? ", may lack" : "");
    return t.size > 2 ? text_done(&t) + 2 : "";
}

static void add_properties(struct text *t, struct arena *a, enum cim_class class)
{
    size_t n;
    const struct cim_property_row *rows = cim_properties(class, &n);

    if (n)
        text_add(t, "\n| property | type | use | build | sure | source | without it |\n"
                    "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < n; i++)
        text_printf(t, "| `%s` | %s%s | %s | %s | %s | %s | %s |\n", rows[i].name,
                    cim_type_words[rows[i].type], rows[i].use & CIM_ARRAY ? "[]" : "",
                    use(a, rows[i].use), build(a, rows[i].build), sure(rows[i].sure),
                    rows[i].source, rows[i].without);
}

static void add_parameters(struct text *t, enum cim_method method)
{
    size_t n;
    const struct cim_parameter_row *rows = cim_parameters(method, &n);

    for (size_t i = 0; i < n; i++)
        text_printf(t, "%s%s %s%s %s", i ? ", " : "", rows[i].out ? "out" : "in",
                    cim_type_words[rows[i].type], rows[i].array ? "[]" : "", rows[i].name);
}

static void add_methods(struct text *t, enum cim_class class)
{
    bool first = true;

    for (unsigned m = 0; m < CIM_METHOD_NONE; m++) {
        const struct cim_method_row *row = cim_method_row(m);

        if (row->class != class)
            continue;
        if (first)
            text_add(t, "\n| method | parameters | it | sure | source | without it |\n"
                        "| --- | --- | --- | --- | --- | --- |\n");
        first = false;
        text_printf(t, "| `%s` | ", row->name);
        add_parameters(t, m);
        text_printf(t, " | %s | %s | %s | %s |\n", row->reads ? "reads" : "acts", sure(row->sure),
                    row->source, row->without);
    }
}

static const char *page_of(struct arena *a)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, head);
    for (unsigned space = 0; space <= CIM_SPACE_ANY; space++) {
        text_printf(&t, "\n## %s\n",
                    space == CIM_SPACE_ANY ? "Each of them" : cim_space_paths[space]);
        for (unsigned c = 0; c < CIM_CLASS_NONE; c++) {
            const struct cim_class_row *row = cim_class_row(c);

            if (row->space != space)
                continue;
            text_printf(&t, "\n### %s\n\nWithout it: %s (%s, %s%s%s).\n", row->name,
                        *row->without ? row->without : "nothing is lost", sure(row->sure),
                        row->source, row->build ? ", from build " : "", build(a, row->build));
            add_properties(&t, a, c);
            add_methods(&t, c);
        }
    }
    return text_done(&t);
}

static const char *slurp(struct arena *a)
{
    struct text t;
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "r");

    text_init(&t, a);
    while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        text_add_n(&t, chunk, n);
    if (f)
        fclose(f);
    return text_done(&t);
}

static void the_page_is_the_table(void **state)
{
    struct arena a;
    const char *want;
    FILE *f;

    (void)state;
    arena_init(&a, 0);
    want = page_of(&a);
    if (strcmp(slurp(&a), want) != 0) {
        if (!getenv("UPDATE"))
            fail_msg("%s is not current: UPDATE=1 writes it anew", path);
        f = fopen(path, "w");
        assert_non_null(f);
        assert_true(fputs(want, f) >= 0);
        assert_int_equal(fclose(f), 0);
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_page_is_the_table)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
