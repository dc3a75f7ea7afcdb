/* What is wrong with a spec in any world: each finding with code, place and fix. */
#include "spec_case.h"

#define E SEVERITY_ERROR
#define W SEVERITY_WARNING

/* Face b of the design: the fifteenth line is the culprit. */
static const char face_b[] = "apiVersion: hvgpu/v1\n"
                             "kind: Cluster\n"
                             "metadata: {name: vdi-fra-01, labels: {tier: vdi}}\n"
                             "spec:\n"
                             "  connect: {sim: vdi-fra-01.world.yaml}\n"
                             "\n"
                             "  nodes: [{names: fra-hv01..16}]\n"
                             "  gpus:\n"
                             "    - name: a16\n"
                             "      match: {model: NVIDIA A16, nodes: fra-hv01..14}\n"
                             "      perNode: 12\n"
                             "      partitions: 4\n"
                             "    - name: a16-cad\n"
                             "      match: {model: NVIDIA A16, nodes: fra-hv15..16}\n"
                             "      partitions: 2          # fra-hv15..16, for the CAD people\n"
                             "  policy:\n"
                             "    homogeneous: require\n";

static void homogeneous(void **state)
{
    static const struct spec_row rows[] = {
        {face_b, "not-homogeneous", 15, 19,
         "row a16-cad says 2, row a16 (line 12) says 4, line 17 says require", E, "C2"},
        {CLUSTER "  gpus:\n    - {match: {model: A, nodes: n1}, partitions: 4}\n"
                 "    - {match: {model: A, nodes: n2}, partitions: 2}\n",
         "not-homogeneous", 7, 50, "row gpus[1] says 2", W, "C2"},
        {CLUSTER "  gpus:\n    - {match: {model: A, nodes: n1}, partitions: 4}\n"
                 "    - {match: {model: A, nodes: n2}, partitions: 2}\n"
                 "  policy: {homogeneous: warn}\n",
         "", 0, 0, NULL, E, NULL},
        {CLUSTER "  gpus:\n    - {match: {model: A}, partitions: 4}\n"
                 "    - {match: {model: B}, partitions: 4}\n"
                 "  policy: {homogeneous: require}\n",
         "not-homogeneous", 7, 7, "cut two products", E, "C2"},
        {CLUSTER "  gpus:\n    - {match: {model: A}, partitions: 4}\n"
                 "    - {match: {model: B}, host: true}\n"
                 "  policy: {homogeneous: require}\n",
         "", 0, 0, NULL, E, NULL},
        {HOST "  gpus:\n    - {match: {model: A}, partitions: 4}\n"
              "    - {match: {model: B}, partitions: 2}\n",
         "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

static void who_is_meant(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER A2 "  vms:\n    - {name: a, gpu: none}\n    - {name: A, gpu: partition}\n",
         "vm-in-two-rows", 8, 14, "also at line 7", E, "I2"},
        {CLUSTER A2 "  vms:\n    - {names: v-1..3, gpu: none}\n    - {names: v-3..5, gpu: none}\n",
         "vm-in-two-rows", 8, 15, "VM v-3", E, "I2"},
        {CLUSTER A2 "  vms:\n    - {names: [a, b, a], gpu: none}\n", "vm-in-two-rows", 7, 22,
         "take one out", E, "I2"},
        {CLUSTER A2 "  vms:\n    - {names: v-1..3, gpu: none}\n    - {name: v-3, gpu: partition}\n",
         "", 0, 0, NULL, E, NULL},
        {CLUSTER "  vms:\n    - {name: a, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd0}\n"
                 "    - {name: b, gpu: none, id: 711CEE18-60db-43b4-be7e-cedce5e25dd0}\n",
         "duplicate-name", 7, 7, "VM b has the id of a", E, NULL},
        {CLUSTER "  vms:\n    - {name: a, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd0}\n"
                 "    - {name: A, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd1}\n",
         "", 0, 0, NULL, E, NULL},
        {CLUSTER "  vms:\n    - {name: a, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd0}\n"
                 "    - {name: a, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd1}\n"
                 "    - {name: a, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd1}\n",
         "vm-in-two-rows", 8, 14, "also at line 7", E, "I2"},
        {CLUSTER "  vms:\n    - {name: a, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd0}\n"
                 "    - {name: a, gpu: none}\n",
         "vm-in-two-rows", 7, 14, "their `id`", E, "I2"},
        {CLUSTER "  vms:\n    - {names: a-1..2, gpu: none, id: "
                 "711cee18-60db-43b4-be7e-cedce5e25dd0}\n",
         "key-choice", 6, 38, "names 2", E, NULL},
        {CLUSTER "  vms:\n    - {gpu: none}\n", "key-choice", 6, 7, "name, names", E, "I2"},
        {CLUSTER "  vms:\n    - {name: a, names: b, gpu: none}\n", "key-choice", 6, 17,
         "`names` beside `name`", E, "I2"},
        {CLUSTER "  nodes: [{names: hv-1..2}]\n  vms:\n    - {name: a, node: hv-3, gpu: none}\n",
         "unknown-node", 7, 23, "the nodes are hv-1 hv-2", E, "E5"},
        {CLUSTER "  nodes: [{names: hv-1..2}]\n  vms:\n"
                 "    - {name: a, node: HV-2.contoso.com, gpu: none}\n",
         "", 0, 0, NULL, E, NULL},
        {CLUSTER "  nodes: [{name: hv-1}, {name: HV-1.contoso.com}]\n", "duplicate-name", 5, 32,
         "node HV-1 is there twice", E, NULL},
        {CLUSTER "  nodes: [{names: hv-1..2}]\n"
                 "  gpus: [{match: {nodes: [hv-2, hv-9]}, host: true}]\n",
         "unknown-node", 6, 33, "hv-9", E, "E5"},
    };

    (void)state;
    spec_rows_check(rows);
}

static void said_by_name(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  vms:\n    - {name: a}\n", "gpu-missing", 6, 7, "gpu: none", E, "M7"},
        {CLUSTER "  classes: {d: {power: running}}\n  vms:\n    - {name: a, class: d}\n",
         "gpu-missing", 7, 7, "nor its class", E, "M7"},
        {CLUSTER "  classes: {desktop: {gpu: none}}\n  vms:\n    - {name: a, class: desktop}\n"
                 "    - {name: b, class: dekstop}\n",
         "unknown-class", 8, 24, "did you mean desktop?", E, NULL},
        {CLUSTER "  vms:\n    - {name: b, class: desktop}\n", "unknown-class", 6, 24, "define it",
         E, NULL},
        {CLUSTER "  classes: {a: {gpu: none}, b: {gpu: none}}\n  vms: [{name: x, class: a}]\n",
         "unused-class", 5, 29, "class b", W, NULL},
        {CLUSTER A2 "  policy: {protect: [cad-01]}\n  vms: [{name: cad-1, gpu: none}]\n",
         "protects-nobody", 6, 22, "cad-01", W, "P2"},
        {CLUSTER "  policy: {protect: [\"*-PAY\", cad-01..02]}\n"
                 "  vms: [{names: [x-pay, CAD-01, cad-02], gpu: none}]\n",
         "", 0, 0, NULL, E, NULL},
        {CLUSTER "  policy: {protect: \"*-pay\"}\n  vms: [{name: pay, gpu: none}]\n",
         "protects-nobody", 5, 21, "*-pay", W, "P2"},
    };

    (void)state;
    spec_rows_check(rows);
}

static void gpu_rows(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  gpus:\n    - {match: {model: NVIDIA A2}, host: true}\n"
                 "    - {match: {model: nvidia a2}, host: true}\n",
         "gpu-rows-overlap", 7, 7, "row gpus[0] (line 6)", E, "E3"},
        {CLUSTER "  gpus:\n    - {name: all, match: {model: A}, host: true}\n"
                 "    - {name: one, match: {model: A, nodes: [n1]}, host: true}\n",
         "gpu-rows-overlap", 7, 7, "row one selects GPUs that row all", E, "E3"},
        {CLUSTER "  gpus:\n    - {name: one, match: {model: A, nodes: [n1]}, host: true}\n"
                 "    - {name: all, match: {model: A}, host: true}\n",
         "gpu-rows-overlap", 6, 7, "row one selects GPUs that row all", E, "E3"},
        {CLUSTER "  gpus:\n    - {match: {nodes: [n1]}, host: true}\n"
                 "    - {match: {pci: \"10de:25b6\", nodes: [n2, N1]}, host: true}\n",
         "gpu-rows-overlap", 7, 7, NULL, E, "E3"},
        {CLUSTER "  gpus:\n    - {match: {model: A, nodes: [n1]}, host: true}\n"
                 "    - {match: {model: A, nodes: [n2]}, host: true}\n"
                 "    - {match: {model: B}, host: true}\n",
         "", 0, 0, NULL, E, NULL},
        {CLUSTER "  gpus:\n    - {match: {pci: \"10de:26b9\"}, host: true}\n"
                 "    - {match: {pci: \"10de:26b9\", subsystem: \"10de:1851\"}, host: true}\n",
         "gpu-rows-overlap", 7, 7, NULL, E, "E3"},
        {CLUSTER "  gpus:\n    - {name: x, match: {model: A}, host: true}\n"
                 "    - {name: x, match: {model: B}, host: true}\n",
         "duplicate-name", 7, 14, "GPU row x", E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, partitions: 4, pool: ml}]\n", "key-choice", 5, 45,
         "`pool` beside `partitions`", E, "D1"},
        {CLUSTER "  gpus: [{match: {model: A}, host: true, device: true}]\n", "key-choice", 5, 42,
         "`device` beside `host`", E, "D1"},
        {CLUSTER "  gpus: [{partitions: 4}]\n", "row-incomplete", 5, 10, "`match` is missing", E,
         NULL},
        {CLUSTER "  gpus: [{match: {}, host: true}]\n", "key-choice", 5, 18, "selects nothing", E,
         "I1"},
        {CLUSTER "  gpus: [{match: {model: A}, partitions: 4, prepare: true}]\n", "no-effect", 5,
         54, "`prepare`", W, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, device: true, force: true}]\n", "no-effect", 5, 51,
         "prepare: true", W, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, device: true, size: 1 GiB}]\n", "no-effect", 5, 50,
         "`size`", W, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, device: false}]\n", "wrong-type", 5, 38,
         "leave the key out", E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

#define ML "  gpus: [{match: {model: L}, pool: ml}]\n"

static void pools(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER ML "  vms: [{name: a, gpu: {pool: ml}}]\n", "", 0, 0, NULL, E, NULL},
        {CLUSTER ML "  vms: [{name: a, gpu: {pool: ML}}]\n", "pool-case", 6, 24,
         "differs from ml (line 5) by case only", E, "D3"},
        {CLUSTER "  vms: [{name: a, gpu: {pool: ml}}]\n", "unknown-pool", 5, 24, "pool: ml", E,
         "D3"},
        {CLUSTER ML "  pools: [{name: Ml}]\n", "pool-case", 6, 18, "ml (line 5)", E, "D3"},
        {CLUSTER "  pools: [{name: ml}]\n", "empty-pool", 5, 18, "no GPU row", W, "D3"},
        {CLUSTER "  pools: [{name: ml, absent: true}]\n", "", 0, 0, NULL, E, NULL},
        {CLUSTER ML "  pools: [{name: ml, absent: true}]\n", "pool-absent", 5, 36,
         "line 6 says that it goes", E, "M7"},
        {CLUSTER "  pools: [{name: ml, absent: true}]\n  vms: [{name: a, gpu: {pool: ml}}]\n",
         "pool-absent", 6, 24, "line 5", E, "M7"},
        {CLUSTER ML "  pools: [{name: ml}, {name: ml, exact: true}]\n", "duplicate-name", 6, 30,
         "pool ml is there twice", E, NULL},
        {CLUSTER "  pools: [{exact: true}]\n", "missing-key", 5, 11, "`name` is missing", E, NULL},
        {CLUSTER "  classes: {t: {gpu: {pool: ml}}}\n  vms: [{names: a-1..9, class: t}]\n",
         "unknown-pool", 5, 22, "pool ml", E, "D3"},
    };

    (void)state;
    spec_rows_check(rows);
}

static void gpu_of_a_vm(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  vms: [{name: a, gpu: {partition: {}, devices: [PCIROOT(1)#PCI(2)]}}]\n",
         "key-choice", 5, 40, "do not work together", E, "V7"},
        {CLUSTER "  vms: [{name: a, gpu: {}}]\n", "key-choice", 5, 24,
         "write one of: partition, pool, devices", E, "V7"},
        {CLUSTER "  vms: [{name: a, gpu: {partition: {}, count: 2}}]\n", "key-alone", 5, 24,
         "`count` without `pool`", E, NULL},
        {CLUSTER "  vms: [{name: a, gpu: {partition: {vram: {min: 2 GiB, max: 1 GiB}}}}]\n",
         "limit-order", 5, 43, "`vram`", E, "V5"},
        {CLUSTER "  vms: [{name: a, gpu: {partition: {encode: {min: 2, optimal: 1}}}}]\n",
         "limit-order", 5, 45, "`encode`", E, "V5"},
        {CLUSTER "  vms: [{name: a, gpu: {partition: {decode: {max: 2, optimal: 3}}}}]\n",
         "limit-order", 5, 45, "`decode`", E, "V5"},
        {CLUSTER "  vms: [{name: a, gpu: {partition: {compute: {min: 1, optimal: "
                 "18446744073709551615, max: 18446744073709551615}}}}]\n",
         "", 0, 0, NULL, E, NULL},
        /* half in the class, half in the row */
        {CLUSTER "  classes: {d: {gpu: {partition: {vram: {min: 2 GiB}}}}}\n"
                 "  vms: [{name: a, class: d, gpu: {partition: {vram: {max: 1 GiB}}}}]\n",
         "limit-order", 6, 53, "`vram`", E, "V5"},
        /* in the class alone: once, not for each row */
        {CLUSTER "  classes: {d: {gpu: {partition: {vram: {min: 2 GiB, max: 1 GiB}}}}}\n"
                 "  vms: [{names: a-1..9, class: d}, {name: b, class: d}]\n",
         "limit-order", 5, 41, "`vram`", E, "V5"},
        {CLUSTER "  vms: [{name: a, gpu: {devices: [PCIROOT(1)#PCI(2), pciroot(1)#pci(2)]}}]\n",
         "duplicate-name", 5, 54, "is there twice", E, NULL},
        {CLUSTER "  vms: [{name: a, gpu: {devices: [gpu0]}}]\n", "bad-path", 5, 35,
         "a name on the screen only", E, "I1"},
        {CLUSTER "  vms: [{name: a, gpu: {devices: []}}]\n", "out-of-range", 5, 34, "gpu: none", E,
         NULL},
        {CLUSTER "  vms:\n    - {name: a, node: h, gpu: {devices: [PCIROOT(1)#PCI(2)]}}\n"
                 "    - {name: b, node: H, gpu: {devices: [PCIROOT(1)#PCI(2)]}}\n",
         "duplicate-name", 7, 31, "VM b and VM a (line 6)", E, NULL},
        {CLUSTER "  vms:\n    - {name: a, node: h, gpu: {devices: [PCIROOT(1)#PCI(2)]}}\n"
                 "    - {name: b, node: i, gpu: {devices: [PCIROOT(1)#PCI(2)]}}\n",
         "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

#define DEVICE "  vms: [{name: a, gpu: {devices: [PCIROOT(1)#PCI(2)]}, settings: "
#define PART   "  vms: [{name: a, gpu: partition, settings: "

static void settings(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER DEVICE "{memory: {dynamic: true}}}]\n", "settings-conflict", 5, 75,
         "dynamic: false", E, "S3"},
        {CLUSTER "  gpus: [{name: g, match: {model: x}, pool: p}]\n"
                 "  vms: [{name: a, gpu: {pool: p}, settings: {memory: {dynamic: true}}}]\n",
         "settings-conflict", 6, 54, "dynamic: false", E, "S3"},
        {CLUSTER PART "{memory: {dynamic: true, startup: 4 GiB, minimum: 2 GiB}}}]\n",
         "settings-conflict", 5, 54, "to be the same", E, "S3"},
        {CLUSTER PART "{memory: {dynamic: true, startup: 4 GiB, minimum: 4 GiB}}}]\n", "", 0, 0,
         NULL, E, NULL},
        {CLUSTER PART "{memory: {startup: 2 GiB, minimum: 4 GiB}}}]\n", "settings-conflict", 5, 54,
         "minimum <= startup", E, "S3"},
        {CLUSTER PART "{automaticStopAction: Save}}]\n", "ruled-out", 5, 67, "cannot be saved", E,
         "S2"},
        {CLUSTER PART "{offlineAction: 1}}]\n", "settings-conflict", 5, 61, "offlineAction: 3", E,
         "S1"},
        {CLUSTER PART "{offlineAction: 3}}]\n", "", 0, 0, NULL, E, NULL},
        {CLUSTER "  vms: [{name: a, gpu: none, settings: {offlineAction: 1}}]\n", "", 0, 0, NULL, E,
         NULL},
        {CLUSTER PART "{offlineAction: 4}}]\n", "out-of-range", 5, 61, "0 to 3", E, NULL},
        {CLUSTER PART "{mmio: {low: 4 GiB}}}]\n", "out-of-range", 5, 58, "at most 4095 MiB", E,
         NULL},
        {CLUSTER PART "{mmio: {low: 4294967295}}}]\n", "out-of-range", 5, 58, "at most 4095 MiB", E,
         NULL},
        {CLUSTER PART "{mmio: {low: 4095 MiB, high: 33280 MiB}}}]\n", "", 0, 0, NULL, E, NULL},
        {CLUSTER PART "{mmio: {}}}]\n", "key-choice", 5, 52, "low, high", E, "S5"},
        {CLUSTER "  vms: [{name: a, gpu: none, settings: {mmioNeed: {low: 1 GiB}}}]\n", "no-effect",
         5, 40, "holds no GPU", W, NULL},
        {CLUSTER PART "{dynamicMemory: false}}]\n", "unknown-key", 5, 46, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

static void hosts(void **state)
{
    static const struct spec_row rows[] = {
        {HOST "  nodes: [{names: h-1..2}]\n", "cluster-only", 5, 19, "a Host is one server", E,
         NULL},
        {HOST "  nodes: [{name: h-1}]\n", "", 0, 0, NULL, E, NULL},
        {HOST "  policy: {reserve: {nodes: 1}}\n", "cluster-only", 5, 21, "`reserve`", E, NULL},
        {HOST "  policy: {maxUnavailable: {vms: 1, nodes: 1}}\n", "cluster-only", 5, 44,
         "maxUnavailable.nodes", E, NULL},
        {HOST "  policy: {homogeneous: warn}\n", "cluster-only", 5, 25, "`homogeneous`", E, NULL},
        {HOST "  policy: {stop: {then: forced}}\n", "cluster-only", 5, 25, "forced", E, NULL},
        {HOST "  policy: {stop: {then: turnOff}, maxUnavailable: {vms: 1}}\n", "", 0, 0, NULL, E,
         NULL},
        {HOST "  vms: [{name: a, gpu: partition, stop: {then: forced}}]\n", "cluster-only", 5, 41,
         "then: turnOff", E, NULL},
        {HOST PART "{offlineAction: 3}}]\n", "cluster-only", 5, 61, "a Host has none", E, NULL},
        {HOST "  vms:\n    - {name: a, gpu: {devices: [PCIROOT(1)#PCI(2)]}}\n"
              "    - {name: b, gpu: {devices: [PCIROOT(1)#PCI(2)]}}\n",
         "duplicate-name", 7, 22, "VM b and VM a (line 6)", E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* ---- several documents ---- */

#define DOC(name, connect)                                                                         \
    "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: " name "}\nspec: {" connect "}\n---\n"

static void documents(void **state)
{
    static const struct spec_row rows[] = {
        {DOC("a", "connect: {sim: x.yaml}") DOC("A", "connect: {sim: y.yaml}"), "two-documents", 6,
         1, "have the name A: the other is at t.yaml:1", E, NULL},
        {DOC("a", "connect: {sim: x.yaml}") DOC("b", "connect: {sim: ./z/../x.yaml}"),
         "two-documents", 9, 23, "one world, x.yaml", E, NULL},
        {DOC("a", "") DOC("b", ""), "two-documents", 6, 1, "(this machine)", E, NULL},
        {DOC("a", "connect: {sim: x.yaml}") DOC("b", "connect: {sim: ../x.yaml}") DOC("c", ""), "",
         0, 0, NULL, E, NULL},
        {DOC("a", "") "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: a}\nspec: {now: 1}\n",
         "", 0, 0, NULL, E, NULL},
        {"apiVersion: hvgpu/v1\nkind: World\nspec: {now: 1}\n", "no-document", 1, 1, "--sim FILE",
         E, NULL},
        {"", "no-document", 1, 1, "a spec begins with", E, NULL},
        {"---\n---\n# nothing\n", "no-document", 1, 1, NULL, E, NULL},
        {"hello\n", "wrong-type", 1, 1, "a document is a map", E, NULL},
        {"apiVersion: hvgpu/v1\nkind: Tenant\nmetadata: {name: <cluster>}\nspec: {what: ever}\n",
         "not-supported-yet", 2, 7, "Tenant", E, NULL},
        {"apiVersion: hvgpu/v1\nkind: Profile\nmetadata: {name: <cluster>}\nspec: {}\n", "bad-name",
         3, 18, "placeholder", E, NULL},
        {"apiVersion: hvgpu/v2\nkind: Cluster\nspec: {what: ever}\n", "not-one-of", 1, 13,
         "hvgpu/v1", E, NULL},
        {"spec: {vms: 7, what: ever}\nkind: Policy\napiVersion: hvgpu/v1\n", "policy-ignored", 2, 7,
         "does not write its own ceiling", SEVERITY_WARNING, "P5"},
        {"apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: c}\n", "missing-key", 1, 1,
         "`spec`", E, NULL},
        {"apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {}\nspec: {}\n", "missing-key", 3, 11,
         "`name`", E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* Nothing is kept back: one of each kind, in the order of the document. */
static void all_at_once(void **state)
{
    static const char text[] = CLUSTER "  gpus:\n"
                                       "    - {match: {modle: A}, partitons: 4}\n"
                                       "    - {match: {pci: 10de-25b6}, perNode: 0}\n"
                                       "  vms:\n"
                                       "    - {name: a, gpu: partion}\n"
                                       "    - {name: b, gpu: none, power: off}\n"
                                       "    - {names: v-3..1, gpu: none}\n";
    static const unsigned want[][2] = {{6, 16}, {6, 27},  {7, 21}, {7, 42},
                                       {9, 22}, {10, 35}, {11, 15}};
    struct spec_case c;

    (void)state;
    spec_case_read(&c, text);
    assert_false(c.ok);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        bool there = false;

        for (size_t k = 0; k < c.found.count; k++)
            there = there || (c.found.rows[k].at.line == want[i][0] &&
                              c.found.rows[k].at.column == want[i][1]);
        if (!there)
            fail_msg("nothing at %u:%u:\n%s", want[i][0], want[i][1], spec_case_findings(&c));
    }
    spec_case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(homogeneous),  cmocka_unit_test(who_is_meant),
        cmocka_unit_test(said_by_name), cmocka_unit_test(gpu_rows),
        cmocka_unit_test(pools),        cmocka_unit_test(gpu_of_a_vm),
        cmocka_unit_test(settings),     cmocka_unit_test(hosts),
        cmocka_unit_test(documents),    cmocka_unit_test(all_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
