/*
 * What each verb asks and sends, call by call, with the types of what is sent:
 * specs/wmi-calls.md is written from it (UPDATE=1), and is what it is held to.
 */
#include "tests/unit/hyperv_verbs.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE "specs/wmi-calls.md"

struct told {
    const char *calls;
    unsigned count, first; /* calls, and those of the first effect with this hand */
};

/* Twice, since nothing changes here: the second has nothing in it that is read once. */
static struct told tell(struct arena *a, const struct effect *row, bool standalone)
{
    bool cluster_only =
        row->action.verb == VERB_VM_OFFLINE_ACTION || row->action.verb == VERB_VM_MOVE;
    struct told told = {0};
    struct scene s;
    bool ok;

    set_the_scene(&s, row, standalone);
    done(&s, &row->action, &ok);
    told.first = s.fake.calls;
    told.calls = arena_strdup(a, done(&s, &row->action, &ok));
    told.count = s.fake.calls;
    if (ok == (standalone && cluster_only))
        fail_msg("%s: %s", row->what, s.e.text);
    scene_close(&s);
    return told;
}

static void add_calls(struct text *t, const char *title, const char *calls)
{
    text_printf(t, "\n%s\n\n```\n%s```\n", title, calls);
}

static const char *page(struct arena *a)
{
    struct told here[EFFECTS], alone[EFFECTS];
    struct text t;

    text_init(&t, a);
    text_add(&t,
             "# What each verb asks and sends\n\n"
             "Written by `tests/unit/test_hyperv_act.c` (`UPDATE=1`) from what the provider does; "
             "see [wmi.md](wmi.md).\nOf a VM called V with the cluster's resources R (Virtual "
             "Machine) and C (Virtual Machine Configuration), and\nwhat stays as it is read "
             "already.\n\n| effect | on a cluster | on a standalone host | first time |\n"
             "| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < EFFECTS; i++) {
        bool ours = effects[i].action.verb != VERB_VM_OFFLINE_ACTION &&
                    effects[i].action.verb != VERB_VM_MOVE;

        here[i] = tell(a, &effects[i], false);
        alone[i] = tell(a, &effects[i], true);
        text_printf(&t, "| `%s` | %u | %s | %u |\n", effects[i].what, here[i].count,
                    ours ? arena_printf(a, "%u", alone[i].count) : "-", here[i].first);
    }
    for (size_t i = 0; i < EFFECTS; i++) {
        add_calls(&t, arena_printf(a, "## %s", effects[i].what), here[i].calls);
        if (effects[i].alone)
            add_calls(&t, "On a standalone host:", alone[i].calls);
    }
    return text_done(&t);
}

static void each_verb_call_by_call(void **state)
{
    struct arena a;
    const char *now;
    char *text;
    size_t size;
    struct err e;

    (void)state;
    arena_init(&a, 0);
    now = page(&a);
    if (getenv("UPDATE") && !host_write_file(PAGE, now, strlen(now), &e))
        fail_msg("%s", e.text);
    if (!host_read_file(&a, PAGE, 1 << 20, &text, &size, &e))
        fail_msg("%s", e.text);
    assert_string_equal(now, text);
    arena_release(&a);
}

/* No verb is left out of the page, and none takes more calls than specs/wmi.md says. */
static void no_verb_takes_more_calls(void **state)
{
    enum { MOST = 9, MOST_FIRST = 13 };
    bool seen[VERB_NONE] = {false};
    struct arena a;
    char *text;
    size_t size;
    struct err e;

    (void)state;
    arena_init(&a, 0);
    if (!host_read_file(&a, "specs/wmi.md", 1 << 20, &text, &size, &e))
        fail_msg("%s", e.text);
    assert_non_null(strstr(text, arena_printf(&a, "**at most %d calls**", MOST)));
    assert_non_null(strstr(text, arena_printf(&a, "at most %d.", MOST_FIRST)));
    for (size_t i = 0; i < EFFECTS; i++) {
        struct told told = tell(&a, &effects[i], false);

        seen[effects[i].action.verb] = true;
        if (told.count > MOST || told.first > MOST_FIRST)
            fail_msg("%s: %u calls, %u the first time", effects[i].what, told.count, told.first);
    }
    for (int v = 0; v < VERB_NONE; v++)
        if (!seen[v])
            fail_msg("%s is not on the page", verb_rows[v].word);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_verb_call_by_call),
        cmocka_unit_test(no_verb_takes_more_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
