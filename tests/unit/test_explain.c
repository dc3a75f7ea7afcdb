/* `explain` knows every name that the tables and the pages have. */
#include "base/str.h"
#include "cmd/topic.h"
#include "model/reason.h"
#include "model/rule.h"
#include "report/report.h"
#include "spec/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* The facts of the topic of this kind and name; NULL: there is none. */
static const struct topic *topic_of(const char *kind, const char *name)
{
    struct topics *t = arena_new(&arena, struct topics);

    topics_init(t, &arena);
    topics_find(t, name);
    for (size_t i = 0; i < t->count; i++)
        if (str_eq(t->rows[i].kind, kind) && str_eq(t->rows[i].name, name))
            return &t->rows[i];
    return NULL;
}

static const char *fact_of(const struct topic *t, const char *key)
{
    for (size_t i = 0; t && i < t->count; i++)
        if (str_eq(t->facts[i].key, key))
            return t->facts[i].text;
    return NULL;
}

static void every_code_is_explained(void **state)
{
    (void)state;
    for (int i = 0; i < REASON_NONE; i++)
        assert_string_equal(fact_of(topic_of("reason code", reason_rows[i].code), "means"),
                            reason_rows[i].text);
    for (size_t i = 0; spec_code_name(i); i++)
        assert_non_null(fact_of(topic_of("finding in a spec", spec_code_name(i)), "means"));
    for (int i = 0; i < DRIFT_CLASSES; i++)
        assert_string_equal(fact_of(topic_of("drift class", drift_rows[i].word), "means"),
                            drift_rows[i].text);
    for (size_t i = 0; i < exit_row_count; i++)
        assert_string_equal(
            fact_of(topic_of("exit code", arena_printf(&arena, "%d", (int)exit_rows[i].code)),
                    "means"),
            exit_rows[i].text);
    for (int i = 0; i < VERB_NONE; i++)
        assert_non_null(fact_of(topic_of("step of a plan", verb_rows[i].word), "means"));
    assert_non_null(fact_of(topic_of("finding in a document", "alias"), "next"));
}

/* The page is the home of the rules' text: a heading of it for each row, and no row without. */
static void every_rule_of_the_page_is_there(void **state)
{
    FILE *page = fopen("specs/rules.md", "r");
    char line[1024], id[8], title[256];
    size_t headings = 0, kept = 0;

    (void)state;
    assert_non_null(page);
    while (fgets(line, sizeof line, page)) {
        const struct topic *t;

        if (strncmp(line, "### ", 4) != 0)
            continue;
        snprintf(id, sizeof id, "%.*s", (int)strcspn(line + 4, " "), line + 4);
        snprintf(title, sizeof title, "%.*s", (int)strcspn(line + 5 + strlen(id), "\n"),
                 line + 5 + strlen(id));
        t = topic_of("rule", id);
        assert_non_null(t);
        assert_string_equal(t->title, title);
        assert_true(strlen(fact_of(t, "says")) > 40);
        assert_null(fact_of(t, "kept"));
        headings++;
    }
    fclose(page);
    for (size_t i = 0; i < rule_row_count; i++)
        kept += rule_rows[i].kept;
    assert_int_equal(kept, headings);
    assert_true(rule_row_count > kept);
}

/* A reason that cites a rule cites one that can be looked up, with its title beside it. */
static void reasons_name_their_rule(void **state)
{
    (void)state;
    for (int i = 0; i < REASON_NONE; i++) {
        const char *rule = fact_of(topic_of("reason code", reason_rows[i].code), "rule");

        assert_non_null(rule);
        assert_true(strlen(rule) > strlen(reason_rows[i].rule) + 1);
    }
}

static void a_rule_text_is_the_pages(void **state)
{
    const struct topic *t = topic_of("rule", "C5");

    (void)state;
    assert_non_null(strstr(fact_of(t, "says"), "939 524 096"));
    assert_null(strstr(fact_of(t, "says"), "**"));
    assert_string_equal(fact_of(t, "violation"),
                        "`size-not-offered`; known only afterwards: note `size-checked-after`.");
    t = topic_of("rule", "I1"); /* backslashes arrive as they are */
    assert_non_null(strstr(fact_of(t, "says"), "`\\\\?\\PCI#"));
}

static void keys_by_their_path(void **state)
{
    static const char *const same[] = {"spec.vms.gpu.partition.size", "vms.gpu.partition.size",
                                       "spec.vms[].gpu.partition.size",
                                       "vms[3].gpu.partition.size"};
    struct spec_field *fields;
    size_t count;

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct topics t;

        topics_init(&t, &arena);
        assert_true(topics_find(&t, same[i]));
        assert_int_equal(t.count, 1);
        assert_string_equal(t.rows[0].name, same[0]);
        assert_string_equal(fact_of(&t.rows[0], "example"), "size: 3648 MiB");
    }
    assert_non_null(topic_of("key of a spec", "spec.classes.NAME.stop.deadline"));
    spec_fields(&arena, &fields, &count);
    assert_true(count > 100);
    for (size_t i = 0; i < count; i++) {
        bool policy = str_starts(fields[i].path, "Policy."); /* P5 */

        assert_non_null(fact_of(
            topic_of(policy ? "key of a Policy" : "key of a spec", fields[i].path), "means"));
    }
    assert_non_null(topic_of("key of a Policy", "Policy.spec.maxSnapshotAge"));
}

static void classes_by_any_name(void **state)
{
    struct topics t;

    (void)state;
    topics_init(&t, &arena);
    assert_true(topics_find(&t, "classes.desktop.power"));
    assert_string_equal(t.rows[0].name, "spec.classes.NAME.power");
    topics_init(&t, &arena); /* alone: every place where it stands */
    assert_true(topics_find(&t, "locationPath"));
    assert_string_equal(t.rows[0].name, "spec.gpus.match.locationPath");
    topics_init(&t, &arena);
    assert_true(topics_find(&t, "deadline"));
    assert_true(t.count > 1);
}

static void what_is_not_there_has_a_neighbour(void **state)
{
    struct topics t;

    (void)state;
    topics_init(&t, &arena);
    assert_false(topics_find(&t, "spec.vms.gpu.partition.sise"));
    assert_int_equal(t.near_count, 1);
    assert_string_equal(t.near[0], "spec.vms.gpu.partition.size");
    assert_false(topics_find(&t, "holder-not-declare"));
    assert_string_equal(t.near[0], "holder-not-declared");
    assert_false(topics_find(&t, "spec.policy.xxxxxxxxxxxxxxxx"));
    assert_true(t.near_count > 1);
    assert_string_equal(t.near[0], "spec.policy.disruption");
    assert_false(topics_find(&t, ""));
    assert_false(topics_find(&t, "."));
    assert_false(topics_find(&t, "vms[.gpu"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_is_explained),
        cmocka_unit_test(every_rule_of_the_page_is_there),
        cmocka_unit_test(reasons_name_their_rule),
        cmocka_unit_test(a_rule_text_is_the_pages),
        cmocka_unit_test(keys_by_their_path),
        cmocka_unit_test(classes_by_any_name),
        cmocka_unit_test(what_is_not_there_has_a_neighbour),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
