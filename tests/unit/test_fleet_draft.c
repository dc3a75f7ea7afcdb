/*
 * Exports: what is written says what is there, reads well, and is found in a
 * number of rounds that does not grow with the world.
 */
#include "codec/world.h"
#include "fleet/draft.h"
#include "report/report.h"
#include "sim_world.h"

#include <stdlib.h>

static const char *draft_of(struct arena *a, const char *world, struct draft *out)
{
    struct world w;
    struct err e;

    must_read(a, world, &w);
    if (!draft_write(a, known_facts(), &w.now, "c", NULL, out, &e))
        fail_msg("%s", e.text);
    return out->text;
}

/* Below `vms:`, what is written of these VMs. */
static void assert_vms(const char *vms, const char *want)
{
    struct arena a;
    struct draft d;
    const char *text;

    arena_init(&a, 0);
    text = draft_of(&a,
                    arena_printf(&a,
                                 HOST("  nodes: [{name: h, gpus: [{card: NVIDIA A40, "
                                      "locationPath: PCIROOT(1)#PCI(0100), partitions: 32}]}]\n"
                                      "  defaults: {vm: {adapters: [{}], settings: "
                                      "{automaticStopAction: ShutDown, checkpoints: disabled, "
                                      "guestControlledCacheTypes: true, mmio: {low: 1 GiB, high: "
                                      "32 GiB}}}}\n  vms:\n%s"),
                                 vms),
                    &d);
    text = strstr(text, "      partitions: 32\n");
    assert_non_null(text);
    text += strlen("      partitions: 32\n");
    if (!str_eq(text, want))
        fail_msg("written:\n%swanted:\n%s", text, want);
    arena_release(&a);
}

static void ranges_lists_and_classes(void **state)
{
    (void)state;
    assert_vms("    - {name: b}\n", "  vms:\n    - {name: b, gpu: partition}\n");
    assert_vms("    - {name: v-1}\n    - {name: v-2}\n    - {name: v-3}\n",
               "  vms:\n    - {names: v-1..3, gpu: partition}\n");
    assert_vms("    - {name: v-1}\n    - {name: v-2}\n    - {name: w}\n",
               "  vms:\n    - {names: [v-1, v-2, w], gpu: partition}\n");
    assert_vms("    - {name: cad-1}\n    - {name: cad-7}\n    - {name: cad-9}\n"
               "    - {name: cad-10}\n    - {name: cad-11}\n",
               "  classes:\n    cad: {gpu: partition}\n  vms:\n"
               "    - {names: [cad-1, cad-7, cad-9..11], class: cad}\n");
    assert_vms("    - {name: a}\n    - {name: b}\n    - {name: c}\n    - {name: d}\n"
               "    - {name: e}\n",
               "  classes:\n    class-1: {gpu: partition}\n  vms:\n"
               "    - {names: [a, b, c, d, e], class: class-1}\n");
}

/* No line is longer than a page is wide; the names of a list go on below its first. */
static void long_lists_wrap(void **state)
{
    struct text vms;
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    text_init(&vms, &a);
    for (int i = 0; i < 12; i++)
        text_printf(&vms, "    - {name: render-station-%d}\n", i * 3);
    assert_vms(
        text_done(&vms),
        "  classes:\n    render-station: {gpu: partition}\n  vms:\n"
        "    - {names: [render-station-0, render-station-3, render-station-6, render-station-9,\n"
        "               render-station-12, render-station-15, render-station-18, "
        "render-station-21,\n"
        "               render-station-24, render-station-27, render-station-30,\n"
        "               render-station-33], class: render-station}\n");
    arena_release(&a);
}

/* What another reader of YAML would take for something else stands in quotes, and comes back. */
static void quotes(void **state)
{
    static const char *const names[] = {
        "no",          "on",    "y",    "null", "~",    "1e3",  "0x10", "0o17", "2026-11-19",
        "12:30",       "1_000", ".inf", "007",  "a: b", "a #b", "'q'",  "- x",  "@x",
        "caf\xc3\xa9", "a,b",   "[x]",  "=",    "<<",   "!x",   "&x",   "%x",   "True"};
    struct spec_source source = {"export", NULL, 0};
    struct arena a;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct findings found;
        struct draft d;
        struct specs specs;
        const char *quoted;

        arena_init(&a, 0);
        draft_of(&a,
                 arena_printf(&a,
                              HOST("  nodes: [{name: h, gpus: [{card: NVIDIA A2, partitions: "
                                   "4}]}]\n  vms: [{name: \"%s\", adapters: [{}]}]\n"),
                              names[i]),
                 &d);
        findings_init(&found, &a);
        source.text = d.text;
        source.size = strlen(d.text);
        assert_true(spec_read(&a, &source, 1, &specs, &found));
        assert_int_equal(found.count, 0);  /* other-reader warns of what a reader would change */
        if (specs.rows[0].vm_count == 0) { /* no name of a spec: left out, and said to be */
            assert_non_null(strstr(d.text, "# - {name: "));
            arena_release(&a);
            continue;
        }
        assert_string_equal(specs.rows[0].vms[0].name, names[i]);
        quoted = arena_printf(&a, "'%s'", names[i]);
        if (!strchr(names[i], '\''))
            assert_non_null(strstr(d.text, quoted));
        arena_release(&a);
    }
}

/* Advised settings that are not as the GPU implies are written as found, the others not (S0). */
static void settings_as_found(void **state)
{
    (void)state;
    assert_vms("    - {name: a}\n    - {name: b, settings: {guestControlledCacheTypes: false}}\n",
               "  vms:\n    - {name: a, gpu: partition}\n"
               "    - {name: b, gpu: partition, settings: {advised: asFound}}\n");
}

/* P8: what deviates from a rule has its row, and is expected for thirty days. */
static void deviations_are_expected(void **state)
{
    static const char world[] = CLUSTER(
        "  nodes: [{name: n1, gpus: [{card: NVIDIA A2, partitions: 4}]}]\n"
        "  defaults: {vm: {power: running, role: {offlineAction: 1}, adapters: [{}], settings: "
        "{automaticStopAction: ShutDown, checkpoints: disabled, guestControlledCacheTypes: true, "
        "mmio: {low: 1 GiB, high: 32 GiB}}}}\n"
        "  vms:\n"
        "    - {name: \"a: b\"}\n"
        "    - {name: arc-1, owner: arc}\n"
        "    - {name: fine, role: {offlineAction: 3}}\n"
        "    - {name: grows, settings: {dynamicMemory: true, memory: {startup: 8 GiB, minimum: 4 "
        "GiB}}}\n"
        "    - {name: ghost, adapters: [{pin: 4&dead&0&0000}]}\n"
        "    - {name: twin, id: 00000000-0000-4000-8000-000000000001}\n"
        "    - {name: twin, id: 00000000-0000-4000-8000-000000000002}\n");
    struct arena a;
    struct draft d;

    (void)state;
    arena_init(&a, 0);
    draft_of(&a, world, &d);
    assert_string_equal(
        strstr(d.text, "  vms:\n"),
        "  vms:\n"
        "    - {name: 'a: b', gpu: partition}\n"
        "    - {names: [fine, grows], gpu: partition}\n"
        "    # VMs that are left out, so that this spec asks for nothing new:\n"
        "    # - {name: arc-1, gpu: partition}   owned by Azure\n"
        "    # - {name: ghost, gpu: partition}   gpu-gone (V8)\n"
        "    # - {name: twin, gpu: partition}   offlineAction would be 1 -> 3 (S1)\n"
        "    # - {name: twin, gpu: partition}   offlineAction would be 1 -> 3 (S1)\n"
        "  policy:\n"
        "    # Found otherwise than a rule says. Left alone until the date; then it is a "
        "difference (P8).\n"
        "    expected:\n"
        "      - {subject: 'vm/a: b', field: offlineAction, value: '1',\n"
        "         reason: found by export, until: 2026-12-19}\n"
        "      - {subject: vm/grows, field: offlineAction, value: '1',\n"
        "         reason: found by export, until: 2026-12-19}\n"
        "      - {subject: vm/grows, field: memory, value: 'dynamic, startup 8192 MiB, minimum "
        "4096 MiB',\n"
        "         reason: found by export, until: 2026-12-19}\n");
    assert_int_equal(d.expected, 3);
    assert_int_equal(d.left_out, 4);
    arena_release(&a);
}

/* Where the world is, as the new spec says it: quoted where YAML needs it. */
static void connects(void **state)
{
    static const struct {
        const char *kind, *to, *want;
    } rows[] = {{"sim", "a world.yaml", "{sim: a world.yaml}"},
                {"sim", "a: b.yaml", "{sim: 'a: b.yaml'}"},
                {"cluster", "Edge-1.corp", "{hyperv: {cluster: Edge-1.corp}}"},
                {"hosts", "hv-1", "{hyperv: {hosts: [hv-1]}}"},
                {"hosts", "hv-1 007", "{hyperv: {hosts: [hv-1, '007']}}"}};
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(report_export_connect(&a, rows[i].kind, rows[i].to), rows[i].want);
    arena_release(&a);
}

/* Nodes where all of a product is alike share a row; a node where it is not has one for each. */
static void gpus_by_node(void **state)
{
    static const char world[] = CLUSTER(
        "  nodes:\n"
        "    - {name: n1, gpus: [{card: NVIDIA A2, partitions: 4}, {card: NVIDIA A2, partitions: "
        "4}]}\n"
        "    - {name: n2, gpus: [{card: NVIDIA A2, partitions: 8}, {card: NVIDIA A2, partitions: "
        "8}]}\n"
        "    - {name: n3, gpus: [{card: NVIDIA A2, partitions: 4}, {card: NVIDIA A2, partitions: "
        "4}]}\n"
        "    - {name: n4, gpus: [{card: NVIDIA A2, partitions: 4, locationPath: "
        "PCIROOT(1)#PCI(0100)}, {card: NVIDIA A2, partitions: 2, locationPath: "
        "PCIROOT(2)#PCI(0100)}]}\n"
        "    - {name: n5, gpus: [{card: NVIDIA L4, partitions: 4}]}\n"
        "  vms: []\n");
    struct arena a;
    struct draft d;

    (void)state;
    arena_init(&a, 0);
    draft_of(&a, world, &d);
    assert_string_equal(strstr(d.text, "  gpus:\n"),
                        "  gpus:\n"
                        "    - match: {nodes: [n4], locationPath: PCIROOT(1)#PCI(0100)}\n"
                        "      partitions: 4\n"
                        "    - match: {nodes: [n4], locationPath: PCIROOT(2)#PCI(0100)}\n"
                        "      partitions: 2\n"
                        "    - match: {model: NVIDIA A2, nodes: [n1, n3]}\n"
                        "      perNode: 2\n"
                        "      partitions: 4\n"
                        "    - match: {model: NVIDIA A2, nodes: [n2]}\n"
                        "      perNode: 2\n"
                        "      partitions: 8\n"
                        "    - match: {model: NVIDIA L4}\n"
                        "      partitions: 4\n"
                        "  policy: {homogeneous: warn}   # counts or products differ (C2)\n");
    arena_release(&a);
}

/* Thousands of things that no spec can say cost no more rounds than one. */
static void rounds_do_not_grow(void **state)
{
    size_t rounds[2];

    (void)state;
    for (int large = 0; large < 2; large++) {
        struct arena a;
        struct draft d;
        struct text t;
        int n = large ? 1500 : 1;

        arena_init(&a, 0);
        text_init(&t, &a);
        text_add(&t, HOST("  nodes:\n    - name: h\n      gpus:\n"));
        for (int i = 0; i < n * 2; i++) /* pools that differ by case only */
            text_printf(&t,
                        "        - {card: NVIDIA A2, state: dismounted, pool: %s%d, locationPath: "
                        "PCIROOT(%X)#PCI(0100)}\n",
                        i % 2 ? "P" : "p", i / 2, (unsigned)i);
        text_add(&t, "  vms:\n");
        for (int i = 0; i < n; i++) /* names with a space at the end; limits out of order */
            text_printf(&t,
                        "    - {name: \"v %d \", adapters: [{}]}\n"
                        "    - {name: w%d, adapters: [{limits: {vram: {min: 9, max: %d}}}]}\n",
                        i, i, i % 7);
        draft_of(&a, text_done(&t), &d);
        rounds[large] = d.rounds;
        assert_true(d.left_out >= (size_t)n);
        arena_release(&a);
    }
    assert_true(rounds[1] <= rounds[0]);
    assert_true(rounds[0] <= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_lists_and_classes),
        cmocka_unit_test(long_lists_wrap),
        cmocka_unit_test(quotes),
        cmocka_unit_test(settings_as_found),
        cmocka_unit_test(deviations_are_expected),
        cmocka_unit_test(connects),
        cmocka_unit_test(gpus_by_node),
        cmocka_unit_test(rounds_do_not_grow),
    };

    return cmocka_run_group_tests_name("exports", tests, NULL, NULL);
}
