/* Data documents: what is compiled in is right, and what is wrong with one is said with its place.
 */
#include "base/str.h"
#include "doc_rows.h"
#include "tests/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define DATA(body) "apiVersion: hvgpu/v1\nkind: Data\nmetadata: {name: t}\nspec:\n" body

/* Every row has its day and its source, and what the rules need is there. */
static void built_in(void **state)
{
    const struct facts *f = known_facts();
    const struct listed_rows *lists[] = {&f->gpus, &f->guests};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        const char *newest = "";

        assert_true(lists[k]->count >= 8);
        for (size_t i = 0; i < lists[k]->count; i++) {
            assert_non_null(lists[k]->rows[i].source);
            if (str_cmp(newest, lists[k]->rows[i].date) < 0)
                newest = lists[k]->rows[i].date;
        }
        assert_string_equal(lists[k]->date, newest);
        assert_true(listed_covers(lists[k], LISTED_PARTITION));
    }
    assert_true(listed_covers(&f->gpus, LISTED_DEVICE));
    assert_false(listed_covers(&f->guests, LISTED_DEVICE)); /* nobody published that list */
    for (size_t i = 0; i < f->branch_count; i++) {
        assert_non_null(f->branches[i].date);
        assert_non_null(f->branches[i].source);
    }
    assert_true(f->branch_count >= 5);
    assert_string_equal(f->branch_date, "2026-11-20");
}

static void names(void **state)
{
    static const struct {
        const char *name, *row;
    } gpus[] = {{"NVIDIA A2", "NVIDIA A2"},
                {"nvidia a2", "NVIDIA A2"},
                {"NVIDIA A2000", NULL},
                {"NVIDIA L4", "NVIDIA L4"},
                {"NVIDIA L40", "NVIDIA L40"},
                {"NVIDIA H100 NVL", "NVIDIA H100"},
                {"NVIDIA", NULL},
                {"", NULL}},
      guests[] = {{"Windows 11 Enterprise", "Windows 11"},
                  {"Microsoft Windows 10 Pro", "Windows 10"},
                  {"Ubuntu 22.04.3 LTS", "Ubuntu 22.04"},
                  {"Ubuntu 24.04 LTS", NULL},
                  {"Windows 7", NULL},
                  {"Microsoft ", NULL}};
    const struct listed *row;

    (void)state;
    for (size_t i = 0; i < sizeof gpus / sizeof *gpus; i++) {
        row = listed_find(&known_facts()->gpus, gpus[i].name);
        assert_true(str_eq(row ? row->name : NULL, gpus[i].row));
    }
    for (size_t i = 0; i < sizeof guests / sizeof *guests; i++) {
        row = listed_find(&known_facts()->guests, guests[i].name);
        assert_true(str_eq(row ? row->name : NULL, guests[i].row));
    }
    assert_string_equal(facts_card_name(known_facts(), "10DE:25b6", "10de:157e"), "NVIDIA A2");
    assert_null(facts_card_name(known_facts(), "10de:25b6", NULL));
}

static void branches(void **state)
{
    static const struct {
        const char *vendor, *version;
        int at;
    } rows[] = {{"10de:25b6", "527.41", 0},
                {"10de:25b6", "528.24", 0},
                {"10de", "535.0", 1},
                {"10de", "580.95.05", 4},
                {"10DE:25B6", "999.1", 4},
                {"10de:25b6", "512.95", BRANCH_BEFORE_FIRST},
                {"1002:6860", "580.1", -2},
                {"10de:25b6", "31.0.15.2741", -2},
                {"10de:25b6", "580", -2},
                {"10de:25b6", "R580.1", -2},
                {"10de:25b6", "", -2},
                {"10de:25b6", ".580", -2},
                {"10de:25b6", "5800000000.1", -2},
                {NULL, "580.1", -2},
                {"10de:25b6", NULL, -2}};
    const struct driver_branch *row;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int at = facts_branch(known_facts(), rows[i].vendor, rows[i].version, &row);

        if (at != rows[i].at)
            fail_msg("row %zu: %d", i, at);
        assert_true(!row == (at < 0));
    }
}

/* One list is replaced, the others stay; an empty one says that nothing is listed. */
static void replaced(void **state)
{
    static const char text[] = DATA(
        "  gpus: [{name: X, partition: true, device: unknown, "
        "date: 2027-01, source: s}]\n  guests: []\n") "---\n" DATA("  drivers: [{vendor: \"10de\", "
                                                                   "branch: 1, name: n, date: "
                                                                   "2027, source: s}]\n");
    struct arena a;
    struct facts f;
    struct findings found;

    (void)state;
    arena_init(&a, 0);
    findings_init(&found, &a);
    f = *known_facts();
    assert_true(facts_read(&a, "d.yaml", text, strlen(text), &f, &found));
    assert_int_equal(found.count, 0);
    assert_int_equal(f.gpus.count, 1);
    assert_string_equal(f.gpus.date, "2027-01");
    assert_int_equal(f.gpus.rows[0].use[LISTED_DEVICE], TRI_UNKNOWN);
    assert_int_equal(f.guests.count, 0);
    assert_null(f.guests.date);
    assert_int_equal(f.branch_count, 1);
    assert_ptr_equal(f.cards, known_facts()->cards);
    arena_release(&a);
}

static void errors(void **state)
{
#define LISTED "partition: true, device: true, date: 2026-01-01, source: s"
    static const struct {
        const char *text, *code;
        unsigned line;
    } rows[] = {
        {"", "empty", 1},
        {"apiVersion: hvgpu/v0\nkind: Data\nmetadata: {name: t}\nspec: {}\n", "api-version", 1},
        {"apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: t}\nspec: {}\n", "kind", 2},
        {"apiVersion: hvgpu/v1\nkind: Data\nspec: {}\n", "missing-key", 1},
        {DATA("  gpu: []\n"), "unknown-key", 5},
        {DATA("  gpus: {}\n"), "wrong-type", 5},
        {DATA("  gpus:\n    - {name: X, partition: true, device: true, source: s}\n"),
         "missing-key", 6},
        {DATA("  gpus:\n    - {name: X, partition: true, device: true, date: 11.2.26, source: "
              "s}\n"),
         "not-a-day", 6},
        {DATA("  gpus:\n    - {name: X, partition: true, device: true, date: 2026-02-30, source: "
              "s}\n"),
         "not-a-day", 6},
        {DATA("  gpus:\n    - {name: X, partition: maybe, device: true, date: 2026-02-03, source: "
              "s}\n"),
         "not-a-boolean", 6},
        {DATA("  gpus:\n    - {name: X, " LISTED "}\n    - {name: x, " LISTED "}\n"), "duplicate",
         7},
        {DATA("  drivers:\n    - {vendor: nvidia, branch: 1, name: n, date: 2026, source: s}\n"),
         "not-a-pci-id", 6},
        {DATA("  drivers:\n    - {vendor: \"10de\", branch: 2, name: n, date: 2026, source: s}\n"
              "    - {vendor: \"10de\", branch: 2, name: n, date: 2026, source: s}\n"),
         "order", 7},
        {DATA("  cards:\n    - {name: X, date: 2026, source: s}\n"), "missing-key", 6},
        {DATA("  cards:\n    - {name: X, pci: \"10de:0001\", source: s}\n"), "missing-key", 6},
        {DATA("  cards:\n    - {name: X, pci: \"10de:0001\", date: 2026, source: s}\n"
              "    - {name: X, pci: \"10de:0002\", date: 2026, source: s}\n"),
         "duplicate", 7},
        {DATA("  gpus: ["), "syntax", 6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct facts f = *known_facts();
        struct findings found;
        struct arena a;

        arena_init(&a, 0);
        findings_init(&found, &a);
        if (facts_read(&a, "d.yaml", rows[i].text, strlen(rows[i].text), &f, &found))
            fail_msg("row %zu is read", i);
        findings_sort(&found);
        if (!str_eq(found.rows[0].code, rows[i].code) || found.rows[0].at.line != rows[i].line)
            fail_msg("row %zu: %u: %s: %s", i, found.rows[0].at.line, found.rows[0].code,
                     found.rows[0].text);
        assert_true(is_code(found.rows[0].code));
        assert_ptr_equal(f.gpus.rows, known_facts()->gpus.rows); /* as it was */
        assert_ptr_equal(f.cards, known_facts()->cards);
        arena_release(&a);
    }
}

/* The example on specs/data.md is read, and every list of the program is explained there. */
static void documented(void **state)
{
    struct arena a;
    struct facts f = {0};
    struct findings found;
    const char *from;
    char page[1 << 14];
    FILE *file = fopen("specs/data.md", "r");

    (void)state;
    assert_non_null(file);
    page[fread(page, 1, sizeof page - 1, file)] = 0;
    fclose(file);
    from = strstr(page, "```yaml\n");
    assert_non_null(from);
    from += 8;
    arena_init(&a, 0);
    findings_init(&found, &a);
    assert_true(facts_read(&a, "data.md", from, (size_t)(strstr(from, "```") - from), &f, &found));
    assert_int_equal(f.gpus.count, 2);
    assert_int_equal(f.guests.count, 1);
    assert_int_equal(f.branch_count, 2);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in), cmocka_unit_test(names),  cmocka_unit_test(branches),
        cmocka_unit_test(replaced), cmocka_unit_test(errors), cmocka_unit_test(documented),
    };

    return cmocka_run_group_tests_name("data that ages", tests, NULL, NULL);
}
