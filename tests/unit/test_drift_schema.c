/* specs/schema/drift.schema.json takes what drift writes, and nothing else. */
#include "base/limits.h"
#include "host/host.h"
#include "plan_hand.h"
#include "report/report.h"
#include "schema_tree.h"

#include <stdio.h>

static const char *const path = "specs/schema/drift.schema.json";

static struct arena arena;
static struct tree schema;

static bool takes(const char *text)
{
    struct judge j = {&schema};
    struct tree t;

    return tree_parse(&arena, text, &t) && tree_fits(&j, &schema, &t);
}

static struct drift sample(struct plan_hand *h)
{
    static struct problem note = {.reason = REASON_NOTE_EXPIRED,
                                  .subject = "vm/vdi-1",
                                  .text = "power stopped was expected until 2026-12-01 (CHG-1)"};
    struct state then = h->have;
    struct plan before = {.head = h->plan.head};
    struct drift_base base = {.have = &then, .plan = &before, .run = "r-1", .spec_digest = "d1"};
    static const struct problem *notes[] = {&note};
    struct drift d;

    drift_compute(&h->arena, &h->plan, &h->have, &base, &d);
    d.notes = notes;
    d.note_count = 1;
    return d;
}

static void what_drift_writes_fits(void **state)
{
    struct plan_hand h;
    struct drift d;

    (void)state;
    plan_hand_init(&h);
    d = sample(&h);
    assert_true(d.count > 3);
    assert_true(takes(report_drift_json(&arena, &d)));
    for (size_t i = 0; i < d.count; i++) {
        d.items[i].departures = DRIFT_FLAPS;
        d.items[i].first_ms = d.items[i].last_ms = 1763470800000;
        d.items[i].times = UINT64_MAX;
    }
    drift_judge(&d);
    assert_true(takes(report_drift_json(&arena, &d)));
    arena_release(&h.arena);
}

/* Every class there is, and no key more. */
static void classes_and_keys(void **state)
{
    struct plan_hand h;
    struct drift d;
    const char *text, *extra;

    (void)state;
    plan_hand_init(&h);
    d = sample(&h);
    d.count = 1;
    for (int c = 0; c < DRIFT_CLASSES; c++) {
        d.items[0].class = d.items[0].was = (enum drift_class)c;
        assert_true(takes(report_drift_json(&arena, &d)));
    }
    text = report_drift_json(&arena, &d);
    extra = strstr(text, "\"class\"");
    assert_false(
        takes(arena_printf(&arena, "%.*s\"extra\": 1, %s", (int)(extra - text), text, extra)));
    assert_false(takes(arena_printf(&arena, "%.*s\"klass\"%s", (int)(extra - text), text,
                                    extra + strlen("\"class\""))));
    arena_release(&h.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_drift_writes_fits),
                                       cmocka_unit_test(classes_and_keys)};
    struct err e;
    char *text;
    size_t size;
    int failed;

    arena_init(&arena, 0);
    if (!host_read_file(&arena, path, LIMIT_DOC_BYTES, &text, &size, &e) ||
        !tree_parse(&arena, text, &schema)) {
        printf("not ok 1 - %s cannot be read; run from the top of the tree\n", path);
        return 1;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_release(&arena);
    return failed;
}
