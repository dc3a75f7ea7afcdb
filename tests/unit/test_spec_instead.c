/* Rows instead of others (I1): what is wrong with them in any world. */
#include "spec_case.h"

#define E    SEVERITY_ERROR
#define GPUS CLUSTER "  gpus:\n    - {name: a2, match: {model: A}, perNode: 2, partitions: 4}\n"
#define SLOT "locationPath: PCIROOT(1)#PCI(0200)"

static void who_is_instead(void **state)
{
    static const struct spec_row rows[] = {
        {GPUS "    - {name: s, insteadOf: A2, match: {nodes: [n1], " SLOT "}, host: true}\n", "", 0,
         0, NULL, E, NULL},
        {CLUSTER "  gpus:\n    - {name: s, insteadOf: a2, match: {model: A, nodes: [n1]}, host: "
                 "true}\n    - {name: a2, match: {model: a}, partitions: 4}\n",
         "", 0, 0, NULL, E, NULL},
        {GPUS "    - {name: s, insteadOf: a3, match: {nodes: [n1]}, host: true}\n", "unknown-row",
         7, 28, "did you mean a2?", E, "I1"},
        {GPUS "    - {name: s, insteadOf: zzzzz, match: {nodes: [n1]}, host: true}\n",
         "unknown-row", 7, 28, "`name` of the wider row", E, "I1"},
        {CLUSTER "  gpus:\n    - {match: {model: A}, host: true}\n"
                 "    - {insteadOf: \"gpus[0]\", match: {model: A, nodes: [n1]}, host: true}\n",
         "unknown-row", 7, 19, NULL, E, "I1"},
        {GPUS "    - {name: s, insteadOf: s, match: {nodes: [n1]}, host: true}\n",
         "instead-of-chain", 7, 28, "instead of itself", E, "I1"},
        {GPUS "    - {name: s, insteadOf: a2, match: {nodes: [n1]}, host: true}\n"
              "    - {name: t, insteadOf: s, match: {nodes: [n1], " SLOT "}, host: true}\n",
         "instead-of-chain", 8, 28, "row s (line 7) is itself", E, "I1"},
        {GPUS "    - {name: s, insteadOf: a2, match: {model: a}, host: true}\n", "not-narrower", 7,
         28, "all GPUs of row a2 (line 6)", E, "I1"},
        {CLUSTER "  gpus:\n    - {name: a2, match: {model: A, nodes: [n1]}, partitions: 4}\n"
                 "    - {name: s, insteadOf: a2, match: {model: A}, host: true}\n",
         "not-narrower", 7, 28, "all GPUs", E, "I1"},
        {GPUS "    - {name: s, insteadOf: a2, match: {model: B}, host: true}\n", "not-narrower", 7,
         28, "does not select", E, "I1"},
        {CLUSTER "  gpus:\n    - {name: a2, match: {model: A, nodes: [n1, n2]}, partitions: 4}\n"
                 "    - {name: s, insteadOf: a2, match: {nodes: [n2, n3], " SLOT "}, host: true}\n",
         "not-narrower", 7, 28, "does not select", E, "I1"},
        {CLUSTER "  gpus:\n    - {name: a2, match: {model: A, nodes: [n1, n2]}, partitions: 4}\n"
                 "    - {name: s, insteadOf: a2, match: {model: A, nodes: [N2]}, host: true}\n",
         "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* Two that are each instead of the other: a chain, told for both, and no endless walk. */
static void a_cycle(void **state)
{
    struct spec_case c;

    (void)state;
    spec_case_read(&c, CLUSTER "  gpus:\n    - {name: a, insteadOf: b, match: {nodes: [n1]}, host: "
                               "true}\n    - {name: b, insteadOf: a, match: {nodes: [n2]}, host: "
                               "true}\n");
    assert_int_equal(c.found.count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(c.found.rows[i].code, "instead-of-chain");
    spec_case_end(&c);
}

/* What does not say insteadOf overlaps as before. */
static void overlaps(void **state)
{
    static const struct spec_row rows[] = {
        {GPUS "    - {name: s, insteadOf: a2, match: {model: A, nodes: [n1]}, host: true}\n"
              "    - {name: t, insteadOf: a2, match: {model: A, nodes: [n1]}, host: true}\n",
         "gpu-rows-overlap", 8, 7, "row s (line 7)", E, "E3"},
        {GPUS "    - {name: s, insteadOf: a2, match: {model: A, nodes: [n1]}, host: true}\n"
              "    - {name: t, insteadOf: a2, match: {model: A, nodes: [n1], " SLOT
              "}, host: true}\n",
         "gpu-rows-overlap", 8, 7, "row s (line 7)", E, "E3"},
        {GPUS "    - {name: s, insteadOf: a2, match: {nodes: [n1]}, host: true}\n"
              "    - {name: t, match: {nodes: [n1], " SLOT "}, host: true}\n",
         "gpu-rows-overlap", 8, 7, "row s (line 7)", E, "E3"},
        {GPUS "    - {name: s, insteadOf: a2, match: {nodes: [n1], " SLOT "}, host: true}\n"
              "    - {name: t, match: {nodes: [n1]}, host: true}\n",
         "gpu-rows-overlap", 7, 7, "row t (line 8)", E, "E3"},
        {GPUS "    - {name: s, match: {model: A, nodes: [n1]}, host: true}\n", "gpu-rows-overlap",
         7, 7, "insteadOf: in the narrower one", E, "E3"},
    };

    (void)state;
    spec_rows_check(rows);
}

static const char *digest_of(const char *text)
{
    static char digests[4][128];
    static int turn;
    struct spec_case c;
    char *out = digests[turn++ % 4];

    spec_case_read(&c, text);
    assert_true(c.ok);
    snprintf(out, sizeof digests[0], "%s", spec_digest(&c.arena, &c.specs.rows[0]));
    spec_case_end(&c);
    return out;
}

/* Which row is instead of which one is a part of the declaration. */
static void digests(void **state)
{
#define ROW_A "    - {name: a, match: {model: A}, host: true}\n"
#define ROW_B "    - {name: b, match: {pci: \"10de:25b6\"}, host: true}\n"
#define IN(x) "    - {name: s, insteadOf: " x ", match: {nodes: [n1], " SLOT "}, device: true}\n"
    (void)state;
    assert_string_equal(digest_of(CLUSTER "  gpus:\n" ROW_A ROW_B IN("a")),
                        digest_of(CLUSTER "  gpus:\n" IN("A") ROW_B ROW_A));
    assert_string_not_equal(digest_of(CLUSTER "  gpus:\n" ROW_A ROW_B IN("a")),
                            digest_of(CLUSTER "  gpus:\n" ROW_A ROW_B IN("b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_instead),
        cmocka_unit_test(a_cycle),
        cmocka_unit_test(overlaps),
        cmocka_unit_test(digests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
