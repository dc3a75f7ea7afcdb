/* kind: Assignments: VM rows in documents of their own, merged with their cluster's (I2). */
#include "spec_case.h"

#include <stdlib.h>

#define E          SEVERITY_ERROR
#define HEAD(k, n) "apiVersion: hvgpu/v1\nkind: " k "\nmetadata: {name: " n "}\nspec:\n"
#define ASSIGN     HEAD("Assignments", "a")

/* Sources "0.yaml", "1.yaml", ..; NULL ends them; those from `aside` on are read aside. */
static void read_all(struct spec_case *c, const char *const texts[], size_t aside,
                     const char *elsewhere)
{
    struct spec_source sources[4] = {0};
    struct map names;
    size_t count = 0;

    arena_init(&c->arena, 0);
    findings_init(&c->found, &c->arena);
    map_init(&names, &c->arena, 4, true);
    if (elsewhere)
        map_put(&names, elsewhere, 0);
    for (; count < 4 && texts[count]; count++)
        sources[count] = (struct spec_source){.file = arena_printf(&c->arena, "%zu.yaml", count),
                                              .text = texts[count],
                                              .size = strlen(texts[count]),
                                              .aside = count >= aside};
    c->ok = spec_read_among(&c->arena, sources, count, &(struct spec_among){.elsewhere = &names},
                            &c->specs, &c->found);
}

static const char site[] = HEAD("Cluster", "shop") "  classes: {cam: {gpu: partition}}\n"
                                                   "  vms: [{name: b, gpu: none}]\n";
static const char team_a[] = ASSIGN "  cluster: shop\n  vms: [{name: c, class: cam}]\n";
static const char team_b[] =
    ASSIGN "  cluster: SHOP\n  vms: [{name: a, gpu: asFound}, {match: \"x*\", expect: 0..2, gpu: "
           "asFound}]\n";
static const char whole[] = HEAD("Cluster", "shop") "  classes: {cam: {gpu: partition}}\n"
                                                    "  vms:\n    - {name: b, gpu: none}\n"
                                                    "    - {name: c, class: cam}\n"
                                                    "    - {name: a, gpu: asFound}\n"
                                                    "    - {match: \"x*\", expect: 0..2, gpu: "
                                                    "asFound}\n";

/* The same declaration, whatever the documents and their order. */
static void one_declaration(void **state)
{
    struct spec_case c;
    char one_file[2048];
    const char *const orders[][4] = {{whole, NULL},
                                     {site, team_a, team_b, NULL},
                                     {team_b, site, team_a, NULL},
                                     {team_a, team_b, site, NULL},
                                     {one_file, NULL}};
    const char *digest[5];

    (void)state;
    snprintf(one_file, sizeof one_file, "%s---\n%s---\n%s", team_b, site, team_a);
    for (size_t i = 0; i < 5; i++) {
        read_all(&c, orders[i], 4, NULL);
        if (!c.ok || c.found.count || c.specs.count != 1)
            fail_msg("order %zu:\n%s", i, spec_case_findings(&c));
        assert_int_equal(c.specs.rows[0].vm_count, 3);
        assert_int_equal(c.specs.rows[0].pattern_count, 1);
        digest[i] = strdup(spec_digest(&c.arena, &c.specs.rows[0]));
        assert_string_equal(digest[i], digest[0]);
        spec_case_end(&c);
    }
    for (size_t i = 0; i < 5; i++)
        free((void *)(uintptr_t)digest[i]);
}

/* A row keeps its place in its own file. */
static void places(void **state)
{
    const char *const texts[] = {site, team_a, NULL};
    struct spec_case c;

    (void)state;
    read_all(&c, texts, 4, NULL);
    assert_string_equal(c.specs.rows[0].vms[1].name, "c");
    assert_string_equal(c.specs.rows[0].vms[1].at.file, "1.yaml");
    assert_int_equal(c.specs.rows[0].vms[1].at.line, 6);
    spec_case_end(&c);
}

static void expect_only(struct spec_case *c, const char *code, const char *file, unsigned line,
                        const char *says)
{
    const struct finding *f = c->found.rows;

    if (c->found.count != 1 || strcmp(f->code, code) != 0 || f->at.line != line ||
        strcmp(f->at.file, file) != 0 || !f->next ||
        (says && !strstr(f->text, says) && !strstr(f->next, says)))
        fail_msg("expected %s at %s:%u, found:\n%s", code, file, line, spec_case_findings(c));
}

/* A VM in rows of two files: both places, whatever the order. */
static void doubles(void **state)
{
    static const char again[] = ASSIGN "  cluster: shop\n  vms: [{name: B, gpu: asFound}]\n";
    static const char twice[] =
        ASSIGN "  cluster: shop\n  vms: [{match: \"x-*\", expect: 0..2, gpu: asFound}]\n";
    const char *const rows[][4] = {{site, team_a, again, NULL}, {again, team_a, site, NULL}};
    const char *const patterns[] = {site, team_a, team_b, twice, NULL};
    struct spec_case c;

    (void)state;
    read_all(&c, rows[0], 4, NULL);
    expect_only(&c, "vm-in-two-rows", "2.yaml", 6, "also at 0.yaml:6");
    spec_case_end(&c);
    read_all(&c, rows[1], 4, NULL);
    expect_only(&c, "vm-in-two-rows", "2.yaml", 6, "also at 0.yaml:6");
    spec_case_end(&c);
    read_all(&c, patterns, 4, NULL);
    expect_only(&c, "vm-in-two-rows", "3.yaml", 6, "(2.yaml:6)");
    spec_case_end(&c);
}

/* Rows of a cluster that is nowhere would be ignored: an error. */
static void whose(void **state)
{
    static const char other[] = ASSIGN "  cluster: shoop\n  vms: [{name: c, gpu: none}]\n";
    const char *const lone[] = {other, NULL}, *const near[] = {site, team_a, other, NULL};
    struct spec_case c;

    (void)state;
    read_all(&c, lone, 4, NULL);
    expect_only(&c, "unknown-cluster", "0.yaml", 5, "give its file as well");
    spec_case_end(&c);
    read_all(&c, near, 4, NULL);
    expect_only(&c, "unknown-cluster", "2.yaml", 5, "did you mean shop?");
    spec_case_end(&c);
    read_all(&c, lone, 4, "SHOOP"); /* declared in a file that is read by itself */
    assert_true(c.ok);
    assert_int_equal(c.specs.count, 0);
    assert_int_equal(c.specs.assignments, 1);
    spec_case_end(&c);
}

/* Of a source that is read aside only the rows count; what is wrong in it is said elsewhere. */
static void aside(void **state)
{
    static const char lines[] = HEAD("Cluster", "other") "  vms: [{name: z, gpu: none}]\n---\n";
    static const char bad_row[] = ASSIGN "  cluster: shop\n  vms: [{name: c, gpu: some}]\n";
    static const char no_name[] = ASSIGN "  vms: [{name: c, gpu: none}]\n";
    static const char broken[] = ASSIGN "  cluster: shop\n  vms: [{name: c\n";
    static const char *const bad[] = {bad_row, no_name, broken};
    char both[1024];
    const char *const good[] = {site, both, NULL};
    struct spec_case c;

    (void)state;
    snprintf(both, sizeof both, "%s%s", lines, team_a);
    read_all(&c, good, 1, NULL);
    if (!c.ok || c.found.count)
        fail_msg("%s", spec_case_findings(&c));
    assert_int_equal(c.specs.count, 1);
    assert_int_equal(c.specs.rows[0].vm_count, 2);
    assert_int_equal(c.specs.assignments, 0);
    spec_case_end(&c);
    for (size_t i = 0; i < 3; i++) {
        const char *const texts[] = {HEAD("Cluster", "shop") "  vms: [{name: b, gpu: none}]\n",
                                     bad[i], NULL};

        read_all(&c, texts, 1, NULL);
        assert_false(c.ok);
        expect_only(&c, "bad-assignments", "0.yaml", 1, "1.yaml");
        spec_case_end(&c);
    }
}

static void of_its_kind(void **state)
{
    static const struct spec_row rows[] = {
        {ASSIGN "  vms: []\n", "missing-key", 5, 3, "`cluster`", E, NULL},
        {CLUSTER "  cluster: c\n", "wrong-kind", 5, 3, "kind Cluster", E, NULL},
        {HOST "  cluster: c\n", "wrong-kind", 5, 3, "kind Host", E, NULL},
        {"kind: Host\nspec: {cluster: c}\nmetadata: {name: h}\napiVersion: hvgpu/v1\n",
         "wrong-kind", 2, 8, "kind Host", E, NULL},
    };
    static const char order[] = HEAD("Cluster", "c") "  vms: []\n---\nspec:\n  cluster: c\n"
                                                     "  gpus: []\n  vms: []\nmetadata: {name: a}\n"
                                                     "kind: Assignments\napiVersion: hvgpu/v1\n";
    const char *const texts[] = {order, NULL}, *const no_rows[] = {ASSIGN "  cluster: c\n", NULL};
    struct spec_case c;

    (void)state;
    spec_rows_check(rows);
    read_all(&c, no_rows, 4, "c");
    expect_only(&c, "missing-key", "0.yaml", 5, "write vms:");
    spec_case_end(&c);
    read_all(&c, texts, 4, NULL); /* `kind` may come last */
    expect_only(&c, "wrong-kind", "0.yaml", 9, "`gpus`");
    spec_case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_declaration), cmocka_unit_test(places), cmocka_unit_test(doubles),
        cmocka_unit_test(whose),           cmocka_unit_test(aside),  cmocka_unit_test(of_its_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
