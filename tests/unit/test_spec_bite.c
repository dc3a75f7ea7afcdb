/* Values that people get wrong, YAML that bites, and what is not built yet. */
#include "spec_case.h"

#include "base/limits.h"

#define E  SEVERITY_ERROR
#define W  SEVERITY_WARNING
#define VM "  vms: [{name: a, gpu: none, "

#define WINDOW "  policy: {disruption: window, maintenanceWindows: {allow: [\n      {"

static void keys(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  gpus: [{match: {model: A}, partitons: 4}]\n", "unknown-key", 5, 30,
         "`partitions`", E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, PartitionCount: 4}]\n", "unknown-key", 5, 30,
         "`partitions`", E, NULL},
        {CLUSTER VM "settings: {mmio: {LowMemoryMappedIoSpace: 1 GiB, low: 1 GiB}}}]\n",
         "unknown-key", 5, 48, "`low`", E, NULL},
        {CLUSTER VM "settings: {AutomaticStopAction: ShutDown}}]\n", "unknown-key", 5, 41,
         "`automaticStopAction`", E, NULL},
        {CLUSTER VM "state: running}]\n", "unknown-key", 5, 30, "`power`", E, NULL},
        {CLUSTER "  policy: {approvals: []}\n", "unknown-key", 5, 12, "kind: Policy", E, NULL},
        {CLUSTER "  policy: {fleet: {}}\n", "unknown-key", 5, 12, "kind: Policy", E, NULL},
        {CLUSTER VM "gpu: none}]\n", "duplicate-key", 5, 30, "given twice", E, NULL},
        {CLUSTER "  x-team: {any: thing}\n  annotations: [a, {b: c}]\n" VM
                 "x-a: 1, annotations: }]\n",
         "", 0, 0, NULL, E, NULL},
        {CLUSTER "  vms: {name: a}\n", "wrong-type", 5, 8, "expected a list", E, NULL},
        {CLUSTER "  nodes: [hv-01]\n", "wrong-type", 5, 11, "{names: hv-01..02}", E, NULL},
        {CLUSTER "  gpus:\n", "empty", 5, 8, "leave the key out", E, NULL},
        {CLUSTER VM "settings: [x]}]\n", "wrong-type", 5, 40, "automaticStopAction", E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* Whom to connect to: one of both, and nothing in a name that is more than a name. */
static void hosts(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  connect: {hyperv: {}}\n", "key-choice", 5, 21, NULL, E, NULL},
        {CLUSTER "  connect: {hyperv: {cluster: a, hosts: [b]}}\n", "key-choice", 5, 34, NULL, E,
         NULL},
        {CLUSTER "  connect: {sim: w.yaml, hyperv: {cluster: a}}\n", "key-choice", 5, 26, NULL, E,
         NULL},
        {CLUSTER "  connect: {hyperv: {cluster: 'a\\root'}}\n", "bad-host", 5, 31, "DNS suffix", E,
         "I2"},
        {CLUSTER "  connect: {hyperv: {hosts: [a, 'b c']}}\n", "bad-host", 5, 33, "DNS suffix", E,
         "I2"},
        {CLUSTER "  connect: {hyperv: {cluster: x}}\n---\n"
                 "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: d}\n"
                 "spec: {connect: {hyperv: {cluster: x}}}\n",
         "two-documents", 10, 26, "one cluster", E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

static void names(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  vms: [{name: vdi-01..12, gpu: none}]\n", "bad-name", 5, 16, "`names`", E, "I2"},
        {CLUSTER "  vms: [{name: \"vdi-*\", gpu: none}]\n", "bad-name", 5, 16, "a pattern", E,
         "I2"},
        {CLUSTER "  vms: [{names: \"vdi-*\", gpu: none}]\n", "bad-name", 5, 17, "as a range", E,
         "I2"},
        {CLUSTER "  vms: [{names: *vdi, gpu: none}]\n", "alias", 5, 17, "\"*vdi\"", E, NULL},
        {CLUSTER "  policy: {protect: [*-pay]}\n", "alias", 5, 22, "\"*-pay\"", E, NULL},
        {CLUSTER "  vms: [{name: \"vdi-{01..12}\", gpu: none}]\n", "bad-name", 5, 16,
         "vdi-0001..0012", E, "I2"},
        {CLUSTER "  vms: [{name: <clutser>-a, gpu: none}]\n", "bad-name", 5, 16,
         "<cluster> and <labels.KEY>", E, NULL},
        {CLUSTER "  vms: [{name: <cluster>-a, gpu: none}]\n", "", 0, 0, NULL, E, NULL},
        {CLUSTER "  vms: [{name: ' a', gpu: none}]\n", "bad-text", 5, 16, "space", E, NULL},
        {CLUSTER "  vms: [{name: '', gpu: none}]\n", "empty", 5, 16, NULL, E, NULL},
        {CLUSTER "  vms: [{names: [], gpu: none}]\n", "out-of-range", 5, 17, "an empty list", E,
         NULL},
        {CLUSTER "  vms: [{names: v-12..01, gpu: none}]\n", "bad-range", 5, 17, "backwards", E,
         NULL},
        {CLUSTER "  vms: [{names: v-08..100, gpu: none}]\n", "bad-range", 5, 17, "v-008..100", E,
         NULL},
        {CLUSTER "  vms: [{names: v-0001..12, gpu: none}]\n", "bad-range", 5, 17, "v-0001..0012", E,
         NULL},
        {CLUSTER "  vms: [{names: v-1..012, gpu: none}]\n", "bad-range", 5, 17, "v-001..012", E,
         NULL},
        {CLUSTER "  vms: [{names: v-01..v-12, gpu: none}]\n", "bad-range", 5, 17, "write v-01..12",
         E, NULL},
        {CLUSTER "  vms: [{names: v-01..12.x, gpu: none}]\n", "bad-range", 5, 17, "nothing more", E,
         NULL},
        {CLUSTER "  vms: [{names: v..12, gpu: none}]\n", "bad-range", 5, 17,
         "does not end in a number", E, NULL},
        {CLUSTER "  vms: [{names: v-01.., gpu: none}]\n", "bad-range", 5, 17, NULL, E, NULL},
        {CLUSTER "  vms: [{names: v-1..2..3, gpu: none}]\n", "bad-range", 5, 17, NULL, E, NULL},
        {CLUSTER "  vms: [{names: v-0..65536, gpu: none}]\n", "range-too-large", 5, 17,
         "65537 names", E, NULL},
        {CLUSTER "  vms: [{names: v-0..18446744073709551615, gpu: none}]\n", "bad-range", 5, 17,
         "too long", E, NULL},
        {CLUSTER "  vms: [{name: a, gpu: none, id: \"{711cee18-60db-43b4-be7e-cedce5e25dd0}\"}]\n",
         "bad-guid", 5, 34, "without braces", E, "I2"},
        {CLUSTER "  vms: [{name: a, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd}]\n",
         "bad-guid", 5, 34, NULL, E, "I2"},
    };

    (void)state;
    spec_rows_check(rows);
}

static void values(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  gpus: [{match: {model: A}, partitions: 0}]\n", "out-of-range", 5, 42,
         "1 to 65535", E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, partitions: 65536}]\n", "out-of-range", 5, 42,
         "1 to 65535", E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, partitions: 0x10}]\n", "not-a-number", 5, 42,
         "write 16", E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, partitions: max}]\n", "not-a-number", 5, 42, NULL, E,
         NULL},
        {CLUSTER "  gpus: [{match: {model: A}, size: 4 GB}]\n", "unit", 5, 36, "4 GiB", E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, size: 3648 MB}]\n", "unit", 5, 36, "3648 MiB", E,
         NULL},
        {CLUSTER "  gpus: [{match: {model: A}, size: 3648 Mi}]\n", "", 0, 0, NULL, E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, size: 0}]\n", "out-of-range", 5, 36,
         "at least 1 bytes", E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, size: any}]\n", "", 0, 0, NULL, E, NULL},
        {CLUSTER "  gpus: [{match: {pci: VEN_10DE&DEV_26B9}, host: true}]\n", "not-a-pci-id", 5, 24,
         "\"10de:26b9\"", E, NULL},
        {CLUSTER "  gpus: [{match: {locationPath: gpu0}, host: true}]\n", "bad-path", 5, 33,
         "a name on the screen only", E, "I1"},
        {CLUSTER "  gpus: [{match: {instancePath: hv-01/gpu0}, host: true}]\n", "bad-path", 5, 33,
         NULL, E, "I1"},
        {CLUSTER "  gpus: [{match: {instancePath: \"PCI\\u2029VEN\"}, host: true}]\n",
         "control-character", 5, 33, "single quotes", E, NULL},
        {CLUSTER "  policy: {stop: {deadline: 10}}\n", "not-a-duration", 5, 29, "10m", E, NULL},
        {CLUSTER "  policy: {stop: {deadline: 0s}}\n", "out-of-range", 5, 29, NULL, E, NULL},
        {CLUSTER "  policy: {maxUnavailable: {vms: 0}}\n", "out-of-range", 5, 34, NULL, E, NULL},
        {CLUSTER "  policy: {reserve: {nodes: 2}}\n", "out-of-range", 5, 29, "0 to 1", E, NULL},
        {CLUSTER "  policy: {partial: true}\n", "not-one-of", 5, 21, NULL, E, NULL},
        {CLUSTER VM "power: off}]\n", "not-one-of", 5, 37, "`stopped`", E, NULL},
        {CLUSTER VM "power: Running}]\n", "not-one-of", 5, 37, "`running`", E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, device: true, prepare: yes}]\n", "not-a-boolean", 5,
         53, "true", E, NULL},
        {CLUSTER "  gpus: [{match: {model: GPU #3\n}, host: true}]\n", "comment-cut", 5, 26, "GPU",
         W, NULL},
        {"apiVersion: hvgpu/v1\nkind: Cluster\n"
         "metadata: {name: c, labels: {country: no, ring: canary}}\nspec: {nodes: [{name: a}]}\n",
         "other-reader", 3, 39, "\"no\"", W, NULL},
        {"apiVersion: hvgpu/v1\nkind: Cluster\n"
         "metadata: {name: c, labels: {country: \"no\"}}\nspec: {nodes: [{name: a}]}\n",
         "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

static void windows(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER VM "disruption: window}]\n", "no-window", 5, 42, "maintenanceWindows.allow", E,
         "P3"},
        {CLUSTER "  vms: [{match: \"a*\", expect: 0..2, gpu: asFound, disruption: window}]\n",
         "no-window", 5, 63, "maintenanceWindows.allow", E, "P3"},
        {CLUSTER "  timeZone: CEST\n", "not-a-time-zone", 5, 13, "EST", E, "P3"},
        {CLUSTER "  timeZone: Europe/Berlim\n", "not-a-time-zone", 5, 13, "Europe/Berlin", E, "P3"},
        {CLUSTER WINDOW "days: [sat], start: 24:00, duration: 4h}]}}\n", "not-a-time-of-day", 6, 28,
         "02:00", E, "P3"},
        {CLUSTER WINDOW "days: [Sat], start: 22:00, duration: 4h}]}}\n", "not-one-of", 6, 15, "sat",
         E, NULL},
        {CLUSTER WINDOW "days: [], start: 22:00, duration: 4h}]}}\n", "out-of-range", 6, 14, NULL,
         E, NULL},
        {CLUSTER WINDOW "dates: [2026-02-29], start: 22:00, duration: 4h}]}}\n", "no-such-day", 6,
         16, NULL, E, "P3"},
        {CLUSTER WINDOW "dates: [21.11.2026], start: 22:00, duration: 4h}]}}\n", "not-a-date", 6,
         16, "2026-11-21", E, "P3"},
        {CLUSTER WINDOW "days: [sat], start: 22:00, duration: 8d}]}}\n", "out-of-range", 6, 45,
         NULL, E, NULL},
        {CLUSTER WINDOW "days: [sat], dates: [2026-11-21], start: 22:00, duration: 4h}]}}\n",
         "key-choice", 6, 21, NULL, E, "P3"},
        {CLUSTER WINDOW "days: [sat], start: \"22:00\", duration: 4h}]}}\n", "", 0, 0, NULL, E,
         NULL},
        {CLUSTER "  policy: {maintenanceWindows: {deny: [{from: 2026-11-30, to: 2026-11-27}]}}\n",
         "date-order", 5, 63, NULL, E, "P3"},
        {CLUSTER "  policy: {maintenanceWindows: {deny: [{from: 2026-11-30}]}}\n", "missing-key", 5,
         40, NULL, E, NULL},
        {CLUSTER
         "  policy: {maintenanceWindows: {allow: [{days: [sat], start: 22:00, duration: 4h}]}}\n",
         "unused-window", 5, 32, "disruption: window", W, "P3"},
    };

    (void)state;
    spec_rows_check(rows);
}

#define EXPECTED CLUSTER "  policy: {expected: [{"
#define REST     ", value: stopped, reason: x, until: 2026-12-01}]}\n"

/* P7, P8: what is only watched, and what is expected. */
static void watched(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  manage: detect\n", "", 0, 0, NULL, E, NULL},
        {CLUSTER "  manage: watch\n", "not-one-of", 5, 11, "detect", E, NULL},
        {CLUSTER "  manage: {}\n", "key-choice", 5, 11, "at least one class", E, NULL},
        {CLUSTER "  manage: {vms: detect, gpu: detect}\n", "unknown-key", 5, 25, "gpus", E, NULL},
        {CLUSTER "  manage: [detect]\n", "wrong-type", 5, 11, NULL, E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, manage: {gpus: detect}}]\n", "wrong-type", 5, 38,
         NULL, E, NULL},
        {CLUSTER VM "manage: {gpus: detect}}]\n", "no-effect", 5, 45, "on a row of gpus", W, NULL},
        {EXPECTED "subject: ml-06, field: power" REST, "bad-subject", 5, 33, "vm/NAME", E, "P8"},
        {EXPECTED "subject: gpu/hv-1/gpu0, field: partitions" REST, "bad-subject", 5, 33,
         "on the screen only", E, NULL},
        {EXPECTED "subject: vm/ml-0*, field: power" REST, "bad-name", 5, 33, NULL, E, NULL},
        {EXPECTED "subject: vm/ml-1..6, field: power" REST, "bad-name", 5, 33, NULL, E, NULL},
        {EXPECTED "subject: vm/ml-06, field: partitions" REST, "unknown-field", 5, 50,
         "offlineAction", E, "P8"},
        {EXPECTED "subject: vm/ml-06, field: owed" REST, "unknown-field", 5, 50, NULL, E, NULL},
        {EXPECTED "subject: pool/ml, field: pool" REST, "no-such-value", 5, 62, "present", E, "P8"},
        {EXPECTED "subject: vm/a, field: offlineAction" REST, "no-such-value", 5, 68, "a number", E,
         NULL},
        {EXPECTED "subject: vm/a, field: power, value: off, reason: x, until: 2026-12-01}]}\n",
         "no-such-value", 5, 60, "stopped", E, NULL},
        {EXPECTED "subject: vm/a, field: power, value: stopped, reason: x, until: soon}]}\n",
         "not-a-date", 5, 87, "2026-12-01", E, NULL},
        {EXPECTED "subject: vm/a, field: power, value: stopped, reason: x, until: 2026-13-01}]}\n",
         "not-a-date", 5, 87, NULL, E, NULL},
        {EXPECTED "subject: vm/a, field: power, value: stopped, until: 2026-12-01}]}\n",
         "missing-key", 5, 23, "reason", E, NULL},
        {EXPECTED
         "subject: vm/a, field: power, value: [stopped], reason: x, until: 2026-12-01}]}\n",
         "wrong-type", 5, 60, NULL, E, NULL},
        {EXPECTED "subject: vm/a, field: power, value: stopped, reason: x, until: 2026-12-01}, "
                  "{subject: vm/A, field: power, value: saved, reason: y, until: 2026-12-01}]}\n",
         "duplicate-name", 5, 100, "line 5", E, NULL},
        {EXPECTED "subject: vm/a, field: power" REST, "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* Every part of the language that comes later is known, and refused with its place. */
static void later(void **state)
{
    static const struct {
        const char *text;
        unsigned column;
    } rows[] = {
        {"  events: []\n", 3},
        {"  connect: {azureLocal: {}}\n", 13},
        {"  connect: {azureStackHub: {}}\n", 13},
        {"  vms: [{name: a, gpu: none, through: arm}]\n", 30},
        {"  policy: {settle: 30m}\n", 12},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[400];
        struct spec_row row = {text, "not-supported-yet", 5, rows[i].column, NULL, E, NULL};

        snprintf(text, sizeof text, "%s%s", CLUSTER, rows[i].text);
        spec_row_check(&row);
    }
}

/* One fault, one finding: nothing that only follows from it is said. */
static void no_echo(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  vms:\n    - {name: a, class: d}\n    - {name: b, class: d\n  classes: {}\n",
         "syntax", 8, 10, "}", E, NULL},
        {CLUSTER "  vms: [{name: a, class: \"d*\"}]\n", "bad-name", 5, 26, NULL, E, "I2"},
        {CLUSTER "  vms: [{name: a, gpu: partiton}]\n", "not-one-of", 5, 24, "`partition`", E,
         NULL},
        {CLUSTER "  gpus: [{match: {pci: nonsense}, host: true}]\n", "not-a-pci-id", 5, 24, NULL, E,
         NULL},
        {CLUSTER "  vms: [{names: \"v-*\"}]\n", "bad-name", 5, 17, NULL, E, "I2"},
    };

    (void)state;
    spec_rows_check(rows);
}

/* UTF-16 with a byte order mark, CRLF, JSON: the same spec. */
static void encodings(void **state)
{
    static const char json[] =
        "{\"apiVersion\": \"hvgpu/v1\", \"kind\": \"Cluster\", \"metadata\": {\"name\": \"c\"},\n"
        "\"spec\": {\"vms\": [{\"name\": \"a\", \"gpu\": \"none\"}]}}\n";
    static const char crlf[] = "apiVersion: hvgpu/v1\r\nkind: Cluster\r\nmetadata: {name: c}\r\n"
                               "spec: {vms: [{name: a, gpu: none}]}\r\n";
    unsigned char wide[2 * sizeof crlf];
    struct spec_case c;
    struct spec_source source = {.file = "t", .text = (const char *)wide};

    (void)state;
    assert_int_equal(spec_case_good(&c, json)->vm_count, 1);
    spec_case_end(&c);
    assert_int_equal(spec_case_good(&c, crlf)->vm_count, 1);
    spec_case_end(&c);

    wide[0] = 0xff;
    wide[1] = 0xfe;
    for (size_t i = 0; i < sizeof crlf - 1; i++) {
        wide[2 + 2 * i] = (unsigned char)crlf[i];
        wide[3 + 2 * i] = 0;
    }
    source.size = 2 * sizeof crlf;
    arena_init(&c.arena, 0);
    findings_init(&c.found, &c.arena);
    assert_true(spec_read(&c.arena, &source, 1, &c.specs, &c.found));
    assert_string_equal(c.specs.rows[0].vms[0].name, "a");
    spec_case_end(&c);
}

/* Cut off anywhere, a spec is an error or a smaller spec, and never a crash. */
static void cut_anywhere(void **state)
{
    static const char text[] =
        CLUSTER "  connect: {sim: world.yaml}\n  nodes: [{names: hv-01..02}]\n  gpus:\n"
                "    - {name: a2, match: {model: NVIDIA A2}, perNode: 2, partitions: 4, size: 3648 "
                "MiB}\n  classes:\n    d: {gpu: {partition: {vram: {min: 1 GiB}}}, stop: "
                "{deadline: 5m}}\n  vms:\n    - {names: vdi-01..12, class: d}\n"
                "  policy: {protect: [\"*-1\"], maxUnavailable: {vms: 2}}\n";

    (void)state;
    for (size_t size = 0; size < sizeof text; size++) {
        struct spec_source source = {.file = "t", .text = text, .size = size};
        struct spec_case c;

        arena_init(&c.arena, 0);
        findings_init(&c.found, &c.arena);
        c.ok = spec_read(&c.arena, &source, 1, &c.specs, &c.found);
        assert_true(c.ok == (c.found.errors == 0));
        assert_true(c.ok || c.found.count);
        spec_case_end(&c);
    }
}

/* Beyond a ceiling there is a finding, and work that the text is worth. */
static void ceilings(void **state)
{
    struct spec_case c;
    struct text t;

    (void)state;
    arena_init(&c.arena, 0);
    findings_init(&c.found, &c.arena);
    text_init(&t, &c.arena);
    text_add(&t, CLUSTER "  vms:\n");
    for (int i = 0; i < 17; i++)
        text_printf(&t, "    - {names: v%d-0..65535, gpu: none}\n", i);
    {
        struct spec_source source = {.file = "t", .text = text_done(&t), .size = t.size};

        assert_false(spec_read(&c.arena, &source, 1, &c.specs, &c.found));
    }
    assert_string_equal(c.found.rows[0].code, "too-many");
    assert_true(c.specs.rows[0].vm_count <= LIMIT_VMS + 1);
    spec_case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),         cmocka_unit_test(hosts),    cmocka_unit_test(names),
        cmocka_unit_test(values),       cmocka_unit_test(windows),  cmocka_unit_test(watched),
        cmocka_unit_test(later),        cmocka_unit_test(no_echo),  cmocka_unit_test(encodings),
        cmocka_unit_test(cut_anywhere), cmocka_unit_test(ceilings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
