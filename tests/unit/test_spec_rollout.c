/* spec.rollout: what it says, and what cannot be right about it in any world (P10). */
#include "spec_case.h"

#define E     SEVERITY_ERROR
#define W     SEVERITY_WARNING
#define NODES "  nodes: [{names: hv-1..3}]\n" A2
#define WINDOWS                                                                                    \
    "  policy: {disruption: window, maintenanceWindows: {allow: [{days: [sat], start: \"02:00\", " \
    "duration: 4h}]}}\n"
#define ALL "reason: CHG1, order: [hv-2, hv-1, hv-3], mixedUntil: 2026-12-07"

static void what_it_says(void **state)
{
    struct spec_case c;
    const struct rollout *r;
    const struct spec *s =
        spec_case_good(&c, CLUSTER "  timeZone: Europe/Berlin\n" NODES WINDOWS "  rollout: {" ALL
                                   ", unit: node, onFailure: stop, perWindow: 2, soak: 24h}\n");

    (void)state;
    r = &s->policy.rollout;
    assert_string_equal(r->reason, "CHG1");
    assert_int_equal(r->order_count, 3);
    assert_string_equal(r->order[0], "hv-2");
    assert_int_equal(r->per_window, 2);
    assert_true(r->soak_ms == (int64_t)24 * 60 * 60 * 1000);
    assert_true(r->mixed_until_ms == 1796598000000); /* midnight in Berlin */
    assert_string_equal(r->mixed_until, "2026-12-07");
    spec_case_end(&c);

    s = spec_case_good(&c, CLUSTER NODES WINDOWS "  rollout: {" ALL "}\n");
    assert_int_equal(s->policy.rollout.per_window, 1);
    assert_true(s->policy.rollout.soak_ms == 0);
    spec_case_end(&c);

    s = spec_case_good(&c, CLUSTER NODES);
    assert_null(s->policy.rollout.reason);
    spec_case_end(&c);
}

static void what_cannot_be(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER NODES WINDOWS "  rollout: {reason: x, order: [hv-1, hv-2], mixedUntil: "
                               "2026-12-07}\n",
         "rollout-order", 8, 31, "does not name hv-3", E, "P10"},
        {CLUSTER NODES WINDOWS "  rollout: {reason: x, order: [hv-1..3, hv-4], mixedUntil: "
                               "2026-12-07}\n",
         "unknown-node", 8, 41, "hv-4", E, NULL},
        {CLUSTER NODES WINDOWS "  rollout: {reason: x, order: [hv-1..3, HV-2.contoso.com], "
                               "mixedUntil: 2026-12-07}\n",
         "duplicate-name", 8, 41, "HV-2", E, NULL},
        {CLUSTER NODES "  rollout: {" ALL ", perWindow: 2}\n", "no-window", 7, 89, "perWindow", E,
         NULL},
        {CLUSTER NODES WINDOWS "  rollout: {" ALL ", perWindow: 0}\n", "out-of-range", 8, 89, "", E,
         NULL},
        {CLUSTER NODES WINDOWS "  rollout: {" ALL ", unit: rack}\n", "not-one-of", 8, 84, "rack", E,
         NULL},
        {CLUSTER NODES WINDOWS "  rollout: {" ALL ", onFailure: goOn}\n", "not-one-of", 8, 89,
         "goOn", E, NULL},
        {CLUSTER NODES WINDOWS "  rollout: {" ALL ", soak: 0h}\n", "out-of-range", 8, 84, "", E,
         NULL},
        {CLUSTER NODES WINDOWS "  rollout: {reason: x, order: [hv-1..3], mixedUntil: soon}\n",
         "not-a-date", 8, 54, "", E, NULL},
        {CLUSTER NODES WINDOWS "  rollout: {reason: x, order: [hv-1..3]}\n", "missing-key", 8, 12,
         "mixedUntil", E, NULL},
        {CLUSTER NODES "  policy: {partial: allow}\n  rollout: {" ALL "}\n", "no-effect", 7, 21,
         "as a whole", W, NULL},
        {CLUSTER "  vms: [{name: a, gpu: none}]\n  rollout: {" ALL "}\n", "no-effect", 6, 12,
         "partition counts", W, NULL},
        {HOST A2 "  rollout: {reason: x, order: [hv-1], mixedUntil: 2026-12-07}\n", "cluster-only",
         6, 12, "rollout", E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* A row that takes other nodes only asks for no turn of this one. */
static void nodes_that_do_not_change(void **state)
{
    struct spec_case c;

    (void)state;
    spec_case_good(&c, CLUSTER "  nodes: [{names: hv-1..3}]\n"
                               "  gpus: [{match: {model: NVIDIA A2, nodes: [hv-1, hv-2]}, "
                               "partitions: 4}]\n" WINDOWS
                               "  rollout: {reason: x, order: [hv-2, hv-1], mixedUntil: "
                               "2026-12-07}\n");
    spec_case_end(&c);
}

/* Its order, its date and its pace are part of what is declared; its reason is for people. */
static void its_digest(void **state)
{
    static const char *const same[] = {"  rollout: {" ALL "}\n",
                                       "  rollout: {reason: other, order: [HV-2, hv-1, hv-3], "
                                       "mixedUntil: 2026-12-07, perWindow: 1}\n"};
    static const char *const others[] = {
        "",
        "  rollout: {reason: CHG1, order: [hv-1, hv-2, hv-3], mixedUntil: 2026-12-07}\n",
        "  rollout: {reason: CHG1, order: [hv-2, hv-1, hv-3], mixedUntil: 2026-12-08}\n",
        "  rollout: {" ALL ", perWindow: 2}\n",
        "  rollout: {" ALL ", soak: 1h}\n",
    };
    char digest[80] = "";

    (void)state;
    for (size_t i = 0; i < 2 + sizeof others / sizeof *others; i++) {
        const char *rollout = i < 2 ? same[i] : others[i - 2], *got;
        char text[1000];
        struct spec_case c;

        snprintf(text, sizeof text, "%s%s", CLUSTER NODES WINDOWS, rollout);
        spec_case_read(&c, text);
        assert_true(c.ok);
        got = spec_digest(&c.arena, &c.specs.rows[0]);
        if (!i)
            snprintf(digest, sizeof digest, "%s", got);
        else if (str_eq(digest, got) != (i < 2))
            fail_msg("%s", rollout);
        spec_case_end(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_says),
        cmocka_unit_test(what_cannot_be),
        cmocka_unit_test(nodes_that_do_not_change),
        cmocka_unit_test(its_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
