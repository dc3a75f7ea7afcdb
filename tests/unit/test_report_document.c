/* Documents about all clusters: what leads, what is cut, and that a name is never more than text.
 */
#include "report/document.h"
#include "report/md.h"
#include "report/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    static struct arena arena;

    arena_init(&arena, 0);
    *state = &arena;
    return 0;
}

static int teardown(void **state)
{
    arena_release(*state);
    return 0;
}

static void assert_says(const char *text, const char *what)
{
    if (!strstr(text, what))
        fail_msg("not said: \"%s\" in\n%s", what, text);
}

static void assert_says_not(const char *text, const char *what)
{
    if (strstr(text, what))
        fail_msg("said: \"%s\" in\n%s", what, text);
}

/* ---- names ---- */

static const char *code_of(struct arena *a, const char *name)
{
    struct text t;

    text_init(&t, a);
    md_code(&t, name);
    return text_done(&t);
}

static const char *words_of(struct arena *a, const char *sentence)
{
    struct text t;

    text_init(&t, a);
    md_words(&t, sentence);
    return text_done(&t);
}

static void a_name_is_code(void **state)
{
    static const char *const rows[][2] = {
        {"vdi-1", "`vdi-1`"},
        {"@all", "`@all`"},
        {"a`b", "``a`b``"},
        {"`a", "`` `a ``"},
        {"a``", "``` a`` ```"},
        {" a", "`  a `"},
        {"  ", "`  `"},
        {"a|b", "`a`&#124;`b`"},
        {"|", "&#124;"},
        {"a\\|b", "`a\\`&#124;`b`"},
        {"<b>", "&lt;`b>`"},
        {"a\nb\x1b", "`a?b?`"},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(code_of(*state, rows[i][0]), rows[i][1]);
}

static void a_sentence_keeps_what_is_plain(void **state)
{
    static const char *const rows[][2] = {
        {"stops cam-1, then 2 more (C3)", "stops cam-1, then 2 more (C3)"},
        {"partitions  16 -> 4", "partitions 16 \xe2\x86\x92 4"},
        {"`partial: allow` helps", "`partial: allow` helps"},
        {"a `b", "a `` `b ``"},
        {"stops @all", "stops `@all`"},
        {"fixes #1", "fixes `#1`"},
        {"see GH-12.", "see `GH-12.`"},
        {"see gh-12 or VDI-0001, Vdi-1", "see `gh-12` or `VDI-0001,` Vdi-1"},
        {":tada: a:b 16:9:1", "`:tada:` a:b `16:9:1`"},
        {"%1 !2 ~x &3 $4 ^5", "`%1` `!2` `~x` `&3` `$4` `^5`"},
        {"www.x.org", "`www.x.org`"},
        {"http://x", "`http://x`"},
        {"deadbeef01, 1234567", "`deadbeef01,` `1234567`"},
        {"123456 dead", "123456 dead"},
        {"_a_ *b* [c](d)", "`_a_` `*b*` `[c](d)`"},
        {"a|b", "`a`&#124;`b`"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(words_of(*state, rows[i][0]), rows[i][1]);
}

static void a_fence_is_longer_than_what_is_in_it(void **state)
{
    struct text t;

    text_init(&t, *state);
    md_fence(&t, "diff", "+ a\n````\n");
    assert_string_equal(text_done(&t), "`````diff\n+ a\n````\n`````\n");
}

static void xml_holds_characters_of_xml_only(void **state)
{
    struct text t;
    struct xml x;

    text_init(&t, *state);
    xml_init(&x, &t);
    xml_open(&x, "a");
    xml_attr(&x, "b", "<&\">'\n\x01");
    xml_attr(&x, "none", NULL);
    xml_open(&x, "c");
    xml_text(&x, "]]> \xc3\xa9 \xed\xa0\x80 \xef\xbf\xbf \xff \xf0\x9f\x98\x80");
    xml_close(&x);
    xml_close(&x);
    assert_string_equal(text_done(&t), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                       "<a b=\"&lt;&amp;&quot;&gt;'&#10;?\">\n"
                                       "  <c>]]&gt; \xc3\xa9 ??? ??? ? \xf0\x9f\x98\x80</c>\n"
                                       "</a>\n");
}

/* ---- parts by hand ---- */

static struct cluster_part part_named(struct arena *a, const char *name, enum exit_code exit)
{
    return (struct cluster_part){.cluster = name,
                                 .source = arena_printf(a, "sites/%s.yaml", name),
                                 .exit = exit,
                                 .plan_id = "p-1",
                                 .observed_ms = 1763557200000,
                                 .as_if_ms = WHEN_NONE,
                                 .opens_ms = WHEN_NONE,
                                 .nodes = 2};
}

static struct part_row *add_row(struct arena *a, struct cluster_part *p, enum section_kind section,
                                char sign, const char *kind, const char *who)
{
    struct part_row *row = arena_push(a, p->rows, p->row_count, p->row_room);

    *row = (struct part_row){.section = section,
                             .sign = sign,
                             .kind = kind,
                             .who = who,
                             .names = arena_array(a, const char *, 1),
                             .name_count = 1,
                             .what = "partitions  8 -> 4",
                             .first_ms = WHEN_NONE};
    row->names[0] = who;
    return row;
}

static struct cluster_part changing(struct arena *a, const char *name, const char *same)
{
    struct cluster_part p = part_named(a, name, EXIT_PENDING);

    p.same = same;
    add_row(a, &p, SECTION_INTERRUPT, '!', "vm", "vm-1")->off_at_most_ms = 540000;
    add_row(a, &p, SECTION_INTERRUPT, '~', "gpu", "hv-1/gpu0");
    p.sums[SECTION_INTERRUPT] = (struct part_sum){.gpus = 1, .interrupts = 1};
    p.groups = arena_array(a, struct part_group, 1);
    p.groups[0].steps = arena_array(a, struct part_step, 1);
    p.groups[0].steps[0].text = "set partition count of hv-1/gpu0  8 -> 4";
    p.group_count = p.groups[0].step_count = 1;
    return p;
}

static struct cluster_part blocked(struct arena *a, const char *name, size_t rows)
{
    struct cluster_part p = part_named(a, name, EXIT_BLOCKED);

    for (size_t i = 0; i < rows; i++) {
        struct part_row *row = add_row(a, &p, SECTION_BLOCKED, 'x', "vm", "vm-1");

        row->code = "capacity";
        row->why = arena_printf(a, "node %zu has fewer partitions than VMs that ask for one", i);
        row->release = "more partitions";
        row->severity = SEVERITY_ERROR;
    }
    return p;
}

static const char *comment_of(struct arena *a, struct cluster_part *parts, size_t count,
                              size_t max_size)
{
    return report_markdown(a, &(struct document){.format = FORMAT_MARKDOWN,
                                                 .verb = "plan",
                                                 .parts = parts,
                                                 .part_count = count,
                                                 .exit = EXIT_BLOCKED,
                                                 .program = "hvgpu 1.0",
                                                 .key = "sites -- x",
                                                 .again = "hvgpu plan sites",
                                                 .max_size = max_size});
}

/* ---- the comment ---- */

static void the_summary_leads(void **state)
{
    struct arena *a = *state;
    struct cluster_part parts[] = {changing(a, "a", "x"),
                                   changing(a, "b", "x"),
                                   changing(a, "c", NULL),
                                   blocked(a, "d", 1),
                                   part_named(a, "e", EXIT_IN_SYNC),
                                   part_named(a, "f", EXIT_UNSEEN)};
    const char *text;

    parts[5].failure = "snapshot is 9 days old";
    text = comment_of(a, parts, 6, 0);
    assert_true(str_starts(text, "<!-- hvgpu:plan key=sites-x -->\n"
                                 "### hvgpu plan: 3 of 6 clusters change, 3 VMs interrupted, "
                                 "1 cluster blocked, 1 cluster not known\n"));
    assert_says(text, "| changes now | 3 | partitions 8 \xe2\x86\x92 4 (3 GPUs) | "
                      "3 (1 each, off at most 9 min each) |\n");
    assert_says(text, "| **blocked** | 1 | `d` capacity | 0 |\n");
    assert_says(text, "| **not known** | 1 | `f` snapshot is 9 days old | not known |\n");
    assert_says(text, "| nothing to do | 1 | as declared | 0 |\n");
    assert_says(text, "each of 2 clusters (the same; shown for <code>a</code>)");
    assert_says(text, "\nClusters: a b\n");
    assert_says(text, "What happens in <code>c</code>");
    assert_says(text,
                "| `d` | vm `vm-1` partitions 8 \xe2\x86\x92 4 | capacity | node 0 has fewer");
    assert_says(text, " \xc2\xb7 exit 11</sub>\n");
    assert_says_not(text, "**Cut**");
}

/* A comment that is too large loses what a reviewer needs least, and says so. */
static void cut_in_order(void **state)
{
    enum { MANY = 120 };
    struct arena *a = *state;
    struct cluster_part *parts = arena_array(a, struct cluster_part, MANY);
    static const char *const kinds[] = {"\nClusters: ", "```text", "</code>: 1 VM"};
    enum { KINDS = 3 };
    bool seen[KINDS + 1] = {false};

    for (size_t i = 0; i < MANY; i++)
        parts[i] = i < MANY / 2 ? changing(a, arena_printf(a, "%03zu-site", i), i < 50 ? "x" : NULL)
                                : blocked(a, arena_printf(a, "site-%03zu", i), 3);
    for (size_t limit = strlen(comment_of(a, parts, MANY, 1000000)); limit > 4000; limit -= 100) {
        const char *text = comment_of(a, parts, MANY, limit);
        size_t lost = 0;

        assert_true(strlen(text) < limit);
        assert_says(text, "### hvgpu plan: 60 of 120 clusters change, 60 VMs interrupted, "
                          "60 clusters blocked\n");
        assert_says(text, "Blocked: 60 clusters");
        assert_says(text, "**Cut** to stay below");
        assert_says(text, "All of it: `hvgpu plan sites`");
        while (lost < KINDS && !strstr(text, kinds[lost]))
            lost++;
        for (size_t i = lost; i < KINDS; i++)
            assert_says(text, kinds[i]);
        seen[lost] = true;
    }
    for (size_t i = 1; i <= KINDS; i++)
        assert_true(seen[i]); /* each by itself */
}

static void rows_that_do_not_fit_are_counted(void **state)
{
    struct arena *a = *state;
    struct cluster_part parts[] = {blocked(a, "a", 200), changing(a, "b", NULL)};
    const char *text = comment_of(a, parts, 2, 8000), *said;
    size_t rows = 0;

    assert_true(strlen(text) < 8000);
    for (const char *s = text; (s = strstr(s, "\n| `a` | ")); s++)
        rows++;
    assert_true(rows > 0 && rows < 200);
    said = arena_printf(a, ", %zu of 200 rows of what is blocked. All of it:", 200 - rows);
    assert_says(text, said);
}

/* The VM that would be stopped and the GPU that it sits on wait for the same. */
static void one_cause_is_one_row(void **state)
{
    struct arena *a = *state;
    struct cluster_part part = blocked(a, "a", 2);

    part.rows[0].sign = '!';
    part.rows[1].kind = "gpu";
    part.rows[1].who = "hv-1/gpu0";
    part.rows[1].why = part.rows[0].why;
    part.rows[1].at = (struct span){.file = "sites/a.yaml", .line = 7, .column = 1};
    assert_says(comment_of(a, &part, 1, 0),
                "\n| vm `vm-1`, gpu `hv-1/gpu0` partitions 8 \xe2\x86\x92 4 | capacity | "
                "node 0 has fewer partitions than VMs that ask for one (a.yaml:7) | "
                "more partitions |\n");
    part.rows[1].why = "another one";
    assert_says(comment_of(a, &part, 1, 0), "\n| gpu `hv-1/gpu0` partitions");
}

static void one_cluster_has_no_table_of_clusters(void **state)
{
    struct arena *a = *state;
    struct cluster_part part = changing(a, "a", NULL);
    const char *text = comment_of(a, &part, 1, 0);

    assert_says(text, "### hvgpu plan of `a`: 1 GPU changes, 1 VM interrupted\n");
    assert_says(text, "<details open><summary>What happens in <code>a</code>");
    assert_says_not(text, "| clusters |");
    part = part_named(a, "a", EXIT_IN_SYNC);
    assert_says(comment_of(a, &part, 1, 0), "### hvgpu plan of `a`: nothing to do\n");
}

/* ---- the others ---- */

static void a_test_for_each_subject(void **state)
{
    struct arena *a = *state;
    static const char *declared[] = {"vm/vm-1", "gpu/hv-1/gpu0", "vm/calm"};
    struct cluster_part part = changing(a, "a", NULL);
    const char *text;

    part.declared = declared;
    part.declared_count = 3;
    add_row(a, &part, SECTION_HELD, '~', "vm", "late")->code = "window";
    text = report_junit(
        a, &(struct document){
               .format = FORMAT_JUNIT, .verb = "plan", .parts = &part, .part_count = 1});
    assert_says(text, "<testsuites name=\"hvgpu plan\" tests=\"5\" failures=\"2\" errors=\"0\"");
    assert_says(text, "name=\"vm/calm\" time=\"0\"/>");
    assert_says(text, "<failure message=\"partitions  8 -&gt; 4\" type=\"differs\">");
    assert_says(text, "<skipped message=\"partitions  8 -&gt; 4; window\">");
    part.failure = "it does not answer";
    text = report_junit(
        a, &(struct document){
               .format = FORMAT_JUNIT, .verb = "plan", .parts = &part, .part_count = 1});
    assert_says(text, "<error message=\"it does not answer\" type=\"not-known\">");
}

static void a_place_is_relative(void **state)
{
    static const char *const rows[][2] = {
        {"./sites/a b.yaml", "\"uri\": \"sites/a%20b.yaml\",\n                  \"uriBaseId\""},
        {"sites\\a.yaml", "\"uri\": \"sites/a.yaml\""},
        {"/srv/a.yaml", "\"uri\": \"file:///srv/a.yaml\"\n"},
        {"C:\\a.yaml", "\"uri\": \"file:///C:/a.yaml\"\n"},
        {"x:/", "\"uri\": \"file:///x:/\""},
        {"\xc3\xa9#.yaml", "\"uri\": \"%C3%A9%23.yaml\""},
    };
    struct arena *a = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cluster_part part = changing(a, "a", NULL);

        part.rows[1].at = (struct span){.file = rows[i][0], .line = 7, .column = 3};
        part.source = rows[i][0];
        assert_says(report_sarif(a, &(struct document){.format = FORMAT_SARIF,
                                                       .verb = "plan",
                                                       .parts = &part,
                                                       .part_count = 1,
                                                       .program = "hvgpu 1.0"}),
                    rows[i][1]);
    }
}

/* Only the arrows that nothing else says; a page that draws Mermaid gets no more than it can. */
static void arrows_that_follow_are_left_out(void **state)
{
    struct arena *a = *state;
    struct cluster_part part = part_named(a, "a", EXIT_PENDING);
    struct document d = {.format = FORMAT_DOT, .verb = "plan", .parts = &part, .part_count = 1};
    enum { STEPS = 700 };
    struct part_step *steps = arena_array(a, struct part_step, STEPS);
    struct part_group group = {.steps = steps, .step_count = 3};
    const char *text;

    for (uint32_t i = 0; i < STEPS; i++) {
        steps[i].text = "a step";
        steps[i].needs = arena_array(a, uint32_t, STEPS);
        while (steps[i].need_count < i && i < 3)
            steps[i].needs[steps[i].need_count] = (uint32_t)steps[i].need_count,
            steps[i].need_count++;
        if (i >= 3)
            steps[i].needs[steps[i].need_count++] = i - 1;
    }
    part.groups = &group;
    part.group_count = 1;
    text = report_dot(a, &d);
    assert_says(text, "c1g1s1 -> c1g1s2;");
    assert_says(text, "c1g1s2 -> c1g1s3;");
    assert_says_not(text, "c1g1s1 -> c1g1s3");
    assert_says(report_mermaid(a, &d), "c1g1s1[\"a step\"]");
    group.step_count = STEPS;
    assert_says_not(report_mermaid(a, &d), "a step");
    assert_says(report_mermaid(a, &d), "c1g1[\"group 1, runs now\"]");
    assert_says(report_dot(a, &d), "c1g1s699 -> c1g1s700;");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_is_code, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sentence_keeps_what_is_plain, setup, teardown),
        cmocka_unit_test_setup_teardown(a_fence_is_longer_than_what_is_in_it, setup, teardown),
        cmocka_unit_test_setup_teardown(xml_holds_characters_of_xml_only, setup, teardown),
        cmocka_unit_test_setup_teardown(the_summary_leads, setup, teardown),
        cmocka_unit_test_setup_teardown(cut_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_that_do_not_fit_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(one_cause_is_one_row, setup, teardown),
        cmocka_unit_test_setup_teardown(one_cluster_has_no_table_of_clusters, setup, teardown),
        cmocka_unit_test_setup_teardown(a_test_for_each_subject, setup, teardown),
        cmocka_unit_test_setup_teardown(a_place_is_relative, setup, teardown),
        cmocka_unit_test_setup_teardown(arrows_that_follow_are_left_out, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
