/*
 * What each verb asks and sends, call by call, with the types of what is sent:
 * specs/wmi-calls.md is written from it (UPDATE=1), and is what it is held to.
 */
#include "tests/unit/hyperv_scene.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE "specs/wmi-calls.md"

enum with { WITH_NOTHING, WITH_DEVICES, WITH_DISABLED, WITH_PENDING };

static const struct limits limits = {.max = {[QUOTA_VRAM] = NUM(9)}};

#define GPU_CUT    "PCI\\VEN_10DE\\4&2"
#define GPU_POOLED "PCI\\VEN_10DE\\4&9"

static const struct row {
    const char *what;
    struct action action;
    uint64_t state; /* EnabledState */
    enum with with;
    bool alone; /* what is sent to a standalone host differs by more than the refresh */
} rows[] = {
    {"set-offline-action", {VERB_VM_OFFLINE_ACTION, .value = {3}}, 2, WITH_NOTHING, false},
    {"set-checkpoints", {VERB_VM_CHECKPOINTS, .value = {CHECKPOINTS_DISABLED}}, 2, 0, false},
    {"disable", {VERB_GPU_DISABLE}, 3, WITH_NOTHING, false},
    {"dismount", {VERB_GPU_DISMOUNT, .location = SLOT}, 3, WITH_NOTHING, false},
    {"dismount, forced",
     {VERB_GPU_DISMOUNT, .location = SLOT, .value = {1}},
     3,
     WITH_NOTHING,
     false},
    {"create-pool", {VERB_POOL_CREATE, .subject = "new"}, 3, WITH_NOTHING, false},
    {"join-pool", {VERB_POOL_JOIN, .object = "p"}, 3, WITH_DEVICES, false},
    {"stop", {VERB_VM_STOP, .value = {STOP_GUEST}}, 2, WITH_NOTHING, true},
    {"stop, forced", {VERB_VM_STOP, .value = {STOP_FORCED}}, 2, WITH_NOTHING, true},
    {"stop, turned off", {VERB_VM_STOP, .value = {STOP_TURN_OFF}}, 2, WITH_NOTHING, true},
    {"detach-device", {VERB_REQUEST_REMOVE, .object = "request"}, 3, WITH_DEVICES, false},
    {"detach", {VERB_ADAPTER_REMOVE, .object = "adapter"}, 3, WITH_NOTHING, false},
    {"set-memory", {VERB_VM_MEMORY, .value = {0, 4096, 512}}, 3, WITH_NOTHING, false},
    {"set-stop-action", {VERB_VM_STOP_ACTION, .value = {STOP_ACTION_TURN_OFF}}, 3, 0, false},
    {"set-mmio", {VERB_VM_MMIO, .value = {128, 33280}}, 3, WITH_NOTHING, false},
    {"set-cache-types", {VERB_VM_CACHE_TYPES, .value = {0}}, 3, WITH_NOTHING, false},
    {"set-count", {VERB_GPU_COUNT, .subject = GPU_CUT, .value = {4}}, 3, WITH_NOTHING, false},
    {"move, live", {VERB_VM_MOVE, .object = "hv-2", .value = {MOVE_LIVE}}, 2, 0, false},
    {"move, off", {VERB_VM_MOVE, .object = "hv-2", .value = {MOVE_OFF}}, 3, 0, false},
    {"attach", {VERB_ADAPTER_ADD, .value = {2}}, 3, WITH_NOTHING, false},
    {"attach, pinned", {VERB_ADAPTER_ADD, .value = {2}, .pin = GPU_CUT}, 3, WITH_NOTHING, false},
    {"set-limits", {VERB_ADAPTER_LIMITS, .object = "adapter", .limits = &limits}, 3, 0, false},
    {"attach-device, fixed", {VERB_REQUEST_ADD, .location = SLOT}, 3, WITH_DEVICES, false},
    {"attach-device, from a pool",
     {VERB_REQUEST_ADD, .object = "p", .value = {1}},
     3,
     WITH_DEVICES,
     false},
    {"start", {VERB_VM_START}, 3, WITH_NOTHING, true},
    {"cancel-start", {VERB_VM_CANCEL_START}, 10, WITH_PENDING, true},
    {"leave-pool", {VERB_POOL_LEAVE, .subject = GPU_POOLED, .object = "p"}, 3, WITH_DEVICES, false},
    {"mount", {VERB_GPU_MOUNT, .location = SLOT}, 3, WITH_DEVICES, false},
    {"enable", {VERB_GPU_ENABLE}, 3, WITH_DISABLED, false},
    {"delete-pool", {VERB_POOL_DELETE, .subject = "p"}, 3, WITH_DEVICES, false},
};
enum { ROWS = sizeof rows / sizeof *rows };

struct told {
    const char *calls;
    unsigned count, first; /* calls, and those of the first effect with this hand */
};

static void set_the_scene(struct scene *s, const struct row *row, bool standalone)
{
    scene_open(s, standalone);
    fake_number(&s->fake, s->vm, "EnabledState", row->state);
    if (row->with == WITH_DEVICES)
        device_rows(s);
    if (row->with == WITH_DISABLED)
        fake_number(&s->fake, s->pnp, "ConfigManagerErrorCode", 22);
    if (row->with == WITH_PENDING && !standalone)
        fake_number(&s->fake, s->resource, "State", 129);
}

/* Twice, since nothing changes here: the second has nothing in it that is read once. */
static struct told tell(struct arena *a, const struct row *row, bool standalone)
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
    struct told here[ROWS], alone[ROWS];
    struct text t;

    text_init(&t, a);
    text_add(&t,
             "# What each verb asks and sends\n\n"
             "Written by `tests/unit/test_hyperv_act.c` (`UPDATE=1`) from what the provider does; "
             "see [wmi.md](wmi.md).\nOf a VM called V with the cluster's resources R (Virtual "
             "Machine) and C (Virtual Machine Configuration), and\nwhat stays as it is read "
             "already.\n\n| effect | on a cluster | on a standalone host | first time |\n"
             "| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < ROWS; i++) {
        bool ours =
            rows[i].action.verb != VERB_VM_OFFLINE_ACTION && rows[i].action.verb != VERB_VM_MOVE;

        here[i] = tell(a, &rows[i], false);
        alone[i] = tell(a, &rows[i], true);
        text_printf(&t, "| `%s` | %u | %s | %u |\n", rows[i].what, here[i].count,
                    ours ? arena_printf(a, "%u", alone[i].count) : "-", here[i].first);
    }
    for (size_t i = 0; i < ROWS; i++) {
        add_calls(&t, arena_printf(a, "## %s", rows[i].what), here[i].calls);
        if (rows[i].alone)
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
    for (size_t i = 0; i < ROWS; i++) {
        struct told told = tell(&a, &rows[i], false);

        seen[rows[i].action.verb] = true;
        if (told.count > MOST || told.first > MOST_FIRST)
            fail_msg("%s: %u calls, %u the first time", rows[i].what, told.count, told.first);
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
