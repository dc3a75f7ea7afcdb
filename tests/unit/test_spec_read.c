/* What a spec is after reading: every field, where it came from, and what wins. */
#include "spec_case.h"

#include "base/num.h"

static const struct spec_vm *vm_of(const struct spec *s, const char *name)
{
    for (size_t i = 0; i < s->vm_count; i++)
        if (strcmp(s->vms[i].name, name) == 0)
            return &s->vms[i];
    fail_msg("no VM %s", name);
    return NULL;
}

static void expect_at(const struct span *at, unsigned line, unsigned column)
{
    assert_string_equal(at->file, "t.yaml");
    assert_int_equal(at->line, line);
    assert_int_equal(at->column, column);
}

static void envelope(void **state)
{
    struct spec_case c;
    const struct spec *s =
        spec_case_good(&c, CLUSTER "  connect: {sim: worlds/a.yaml}\n"
                                   "  nodes: [{names: hv-01..02}, {name: FRA-hv03.contoso.com}]\n");

    (void)state;
    assert_int_equal(s->kind, SPEC_CLUSTER);
    assert_string_equal(s->name, "c");
    assert_int_equal(s->connect, CONNECT_SIM);
    assert_string_equal(s->connect_path, "worlds/a.yaml");
    expect_at(&s->connect_at, 5, 18);
    assert_int_equal(s->node_count, 3);
    assert_string_equal(s->nodes[0], "hv-01");
    assert_string_equal(s->nodes[1], "hv-02");
    assert_string_equal(s->nodes[2], "FRA-hv03");
    expect_at(&s->node_at[1], 6, 19);
    expect_at(&s->node_at[2], 6, 38);
    spec_case_end(&c);

    s = spec_case_good(&c, HOST "  vms: []\n");
    assert_int_equal(s->kind, SPEC_HOST);
    assert_int_equal(s->connect, CONNECT_LOCAL);
    assert_null(s->nodes);
    assert_null(s->connect_at.file);
    spec_case_end(&c);
}

/* Where real hosts are: a cluster by name, or hosts, ranges written out. */
static void hosts(void **state)
{
    struct spec_case c;
    const struct spec *s =
        spec_case_good(&c, CLUSTER "  connect: {hyperv: {cluster: Edge-1.corp.example}}\n");

    (void)state;
    assert_int_equal(s->connect, CONNECT_CLUSTER);
    assert_string_equal(s->connect_to, "Edge-1.corp.example");
    expect_at(&s->connect_at, 5, 21);
    spec_case_end(&c);

    s = spec_case_good(&c, CLUSTER "  connect: {hyperv: {hosts: [hv-01..03, x.corp.example]}}\n");
    assert_int_equal(s->connect, CONNECT_HOSTS);
    assert_string_equal(s->connect_to, "hv-01 hv-02 hv-03 x.corp.example");
    assert_string_equal(spec_world(s), s->connect_to);
    spec_case_end(&c);
}

static void gpus(void **state)
{
    struct spec_case c;
    const struct spec *s = spec_case_good(
        &c,
        CLUSTER "  gpus:\n"
                "    - name: a2\n"
                "      match: {model: NVIDIA A2, nodes: [hv-2, HV-1]}\n"
                "      perNode: 2\n"
                "      partitions: 4\n"
                "      size: 3648 MiB\n"
                "    - {match: {pci: \"10DE:26B9\", subsystem: 10de:1851}, pool: ml, prepare: true,"
                " force: true}\n"
                "    - {match: {locationPath: PCIROOT(40)#PCI(0300)#PCI(0000), nodes: hv-1},"
                " device: true}\n"
                "    - {match: {instancePath: '\\\\?\\PCI#VEN_10DE&DEV_25B6#4&18416dc3&0&0000#{x}'}"
                ", host: true}\n"
                "    - {match: {instancePath: 4&18416dc3&0&0000, nodes: hv-3}}\n");

    (void)state;
    assert_int_equal(s->gpu_count, 5);
    assert_string_equal(s->gpus[0].name, "a2");
    assert_string_equal(s->gpus[0].match.model, "NVIDIA A2");
    assert_int_equal(s->gpus[0].match.node_count, 2);
    assert_int_equal(s->gpus[0].use, USE_PARTITIONS);
    assert_int_equal(s->gpus[0].count, 4);
    assert_int_equal(s->gpus[0].per_node.value, 2);
    assert_int_equal(s->gpus[0].size.value, 3825205248u);
    expect_at(&s->gpus[0].at, 6, 7);
    expect_at(&s->gpus[0].use_at, 9, 19);
    assert_string_equal(s->gpus[1].name, "gpus[1]");
    assert_string_equal(s->gpus[1].match.pci, "10de:26b9");
    assert_string_equal(s->gpus[1].match.subsystem, "10de:1851");
    assert_int_equal(s->gpus[1].use, USE_POOL);
    assert_string_equal(s->gpus[1].pool, "ml");
    assert_true(s->gpus[1].prepare && s->gpus[1].force);
    assert_int_equal(s->gpus[2].use, USE_DEVICE);
    assert_string_equal(s->gpus[2].match.location, "PCIROOT(40)#PCI(0300)#PCI(0000)");
    assert_int_equal(s->gpus[3].use, USE_HOST);
    assert_string_equal(s->gpus[3].match.instance, "PCI\\VEN_10DE&DEV_25B6\\4&18416DC3&0&0000");
    assert_int_equal(s->gpus[4].use, USE_ANY);
    assert_string_equal(s->gpus[4].match.instance, "4&18416DC3&0&0000");
    assert_null(s->gpus[4].match.model);
    spec_case_end(&c);
}

static void wishes(void **state)
{
    struct spec_case c;
    const struct spec *s = spec_case_good(
        &c, CLUSTER "  gpus: [{match: {model: L}, pool: ml}]\n  vms:\n"
                    "    - {name: a, gpu: partition}\n"
                    "    - {name: b, gpu: none}\n"
                    "    - {name: c, gpu: asFound}\n"
                    "    - {name: d, gpu: {partition: {size: 1 GiB, vram: {min: 1 GiB, max: 2 GiB,"
                    " optimal: 2 GiB}, encode: {max: 18446744073709551615}}}}\n"
                    "    - {name: e, gpu: {pool: ml, count: 2}, power: running}\n"
                    "    - {name: f, gpu: {devices: [PCIROOT(1)#PCI(2), PCIROOT(1)#PCI(3)]}}\n"
                    "    - {name: g, gpu: {pool: ml}, power: stopped, node: hv-1.x.y}\n");
    const struct vm_wish *d = vm_of(s, "d")->wish, *e = vm_of(s, "e")->wish;

    (void)state;
    assert_int_equal(vm_of(s, "a")->wish->use, VM_PARTITION);
    assert_int_equal(vm_of(s, "b")->wish->use, VM_NONE);
    assert_int_equal(vm_of(s, "c")->wish->use, VM_AS_FOUND);
    assert_int_equal(d->use, VM_PARTITION);
    assert_int_equal(d->size_bytes, GIB);
    assert_true(num_is(d->limits.min[QUOTA_VRAM], GIB));
    assert_true(num_is(d->limits.max[QUOTA_VRAM], 2 * GIB));
    assert_true(num_is(d->limits.optimal[QUOTA_VRAM], 2 * GIB));
    assert_true(num_is(d->limits.max[QUOTA_ENCODE], UINT64_MAX));
    assert_false(d->limits.min[QUOTA_ENCODE].known);
    assert_int_equal(e->use, VM_POOL);
    assert_string_equal(e->pool, "ml");
    assert_int_equal(e->count, 2);
    assert_int_equal(e->power, POWER_WISH_RUNNING);
    expect_at(&e->use_at, 11, 22);
    assert_int_equal(vm_of(s, "f")->wish->device_count, 2);
    assert_string_equal(vm_of(s, "f")->wish->devices[1], "PCIROOT(1)#PCI(3)");
    assert_int_equal(vm_of(s, "g")->wish->count, 1);
    assert_int_equal(vm_of(s, "g")->wish->power, POWER_WISH_STOPPED);
    assert_string_equal(vm_of(s, "g")->node, "hv-1");
    spec_case_end(&c);
}

static void settings(void **state)
{
    struct spec_case c;
    const struct spec *s = spec_case_good(
        &c, CLUSTER "  vms:\n"
                    "    - name: a\n      gpu: {devices: [PCIROOT(1)#PCI(2)]}\n"
                    "      settings: {automaticStopAction: ShutDown, memory: {startup: 1073741825,"
                    " dynamic: false}, mmio: {low: 3 GiB, high: 33280 MiB}, mmioNeed: {low: 16 MiB,"
                    " high: 65568 MiB}, guestControlledCacheTypes: true, checkpoints: "
                    "production-only, offlineAction: 3, advised: strict}\n"
                    "    - {name: b, gpu: none}\n");
    const struct vm_wish *a = vm_of(s, "a")->wish, *b = vm_of(s, "b")->wish;

    (void)state;
    assert_int_equal(a->settings.stop_action, STOP_ACTION_SHUT_DOWN);
    assert_true(num_is(a->settings.memory_startup_mib, 1025)); /* rounded up */
    assert_int_equal(a->settings.dynamic_memory, TRI_NO);
    assert_true(num_is(a->settings.mmio_low_mib, 3072));
    assert_true(num_is(a->settings.mmio_high_mib, 33280));
    assert_int_equal(a->mmio_need_low, 16);
    assert_int_equal(a->mmio_need_high, 65568);
    assert_int_equal(a->settings.cache_types, TRI_YES);
    assert_int_equal(a->settings.checkpoints, CHECKPOINTS_PRODUCTION_ONLY);
    assert_true(num_is(a->offline_action, OFFLINE_FORCED));
    assert_int_equal(a->advised, ADVISED_STRICT);
    /* not said: unknown, and the built-in defaults */
    assert_int_equal(b->settings.stop_action, STOP_ACTION_UNKNOWN);
    assert_false(b->settings.mmio_low_mib.known);
    assert_int_equal(b->settings.cache_types, TRI_UNKNOWN);
    assert_false(b->offline_action.known);
    assert_null(b->settings_at.file);
    assert_int_equal(b->advised, ADVISED_AT_NEXT_STOP);
    assert_int_equal(b->power, POWER_AS_FOUND);
    assert_int_equal(b->stop_deadline_ms, 600000);
    assert_int_equal(b->stop_then, STOP_GUEST);
    assert_int_equal(b->disruption, DISRUPTION_NEVER);
    assert_null(b->disruption_at.file);
    spec_case_end(&c);
}

/* For each field the first that is set: VM row, class, policy, built-in. */
static void composition(void **state)
{
    struct spec_case c;
    const struct spec *s = spec_case_good(
        &c, CLUSTER
        "  classes:\n"
        "    d:\n"
        "      gpu: {partition: {size: 1 GiB, vram: {min: 1 GiB, max: 4 GiB}}}\n"
        "      power: running\n"
        "      disruption: allowed\n"
        "      stop: {deadline: 5m}\n"
        "      settings: {automaticStopAction: ShutDown, mmio: {low: 1 GiB, high: 32 GiB}}\n"
        "  vms:\n"
        "    - {name: plain, gpu: none}\n"
        "    - {names: [classy, classic], class: d}\n"
        "    - {name: own, class: d, gpu: {partition: {vram: {max: 2 GiB}}}, power: stopped,"
        " stop: {then: turnOff}, settings: {mmio: {high: 64 GiB}}}\n"
        "    - {name: other, class: d, gpu: {devices: [PCIROOT(1)#PCI(2)]}}\n"
        "    - {name: same, class: d, gpu: partition}\n"
        "  policy: {stop: {deadline: 20m, then: forced}, disruption: never}\n");
    const struct vm_wish *w = vm_of(s, "plain")->wish;

    (void)state;
    assert_int_equal(w->stop_deadline_ms, 20 * 60000);
    assert_int_equal(w->stop_then, STOP_FORCED);
    assert_int_equal(w->disruption, DISRUPTION_NEVER);
    expect_at(&w->disruption_at, 18, 61);
    w = vm_of(s, "classic")->wish;
    assert_int_equal(w->size_bytes, GIB);
    assert_int_equal(w->power, POWER_WISH_RUNNING);
    assert_int_equal(w->disruption, DISRUPTION_ALLOWED);
    assert_int_equal(w->stop_deadline_ms, 5 * 60000);
    assert_int_equal(w->stop_then, STOP_FORCED); /* of the policy */
    expect_at(&w->use_at, 7, 12);
    expect_at(&w->stop_at, 10, 13);
    w = vm_of(s, "own")->wish;
    assert_int_equal(w->size_bytes, GIB); /* of the class */
    assert_true(num_is(w->limits.min[QUOTA_VRAM], GIB));
    assert_true(num_is(w->limits.max[QUOTA_VRAM], 2 * GIB));
    assert_int_equal(w->power, POWER_WISH_STOPPED);
    assert_int_equal(w->stop_deadline_ms, 5 * 60000);
    assert_int_equal(w->stop_then, STOP_TURN_OFF);
    assert_int_equal(w->settings.stop_action, STOP_ACTION_SHUT_DOWN);
    assert_true(num_is(w->settings.mmio_low_mib, 1024));
    assert_true(num_is(w->settings.mmio_high_mib, 65536));
    w = vm_of(s, "other")->wish;
    assert_int_equal(w->use, VM_DEVICES);
    assert_int_equal(w->size_bytes, 0); /* another kind: nothing of the class's is left */
    assert_false(w->limits.min[QUOTA_VRAM].known);
    w = vm_of(s, "same")->wish;
    assert_int_equal(w->size_bytes, GIB);
    spec_case_end(&c);
}

/* Names are sorted as people count, and a row with `name` goes first, whole. */
static void ranks(void **state)
{
    static const char *const order[] = {"cad-1", "vdi-8", "vdi-9", "vdi-10", "vdi-11", "vdi-12"};
    struct spec_case c;
    const struct spec *s = spec_case_good(
        &c, CLUSTER "  vms:\n    - {name: VDI-11, gpu: none}\n"
                    "    - {names: [vdi-8..12, cad-1], gpu: partition, power: running}\n");

    (void)state;
    assert_int_equal(s->vm_count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(str_same(s->vms[i].name, order[i]));
    assert_int_equal(s->vms[4].wish->use, VM_NONE);
    assert_int_equal(s->vms[4].wish->power, POWER_AS_FOUND); /* whole: nothing of the other row */
    expect_at(&s->vms[4].at, 6, 7);
    assert_int_equal(s->vms[5].wish->use, VM_PARTITION);
    expect_at(&s->vms[5].at, 7, 7);
    spec_case_end(&c);
}

static void ranges(void **state)
{
    static const struct {
        const char *text, *first, *last;
        size_t count;
    } rows[] = {
        {"vdi-0001..0012", "vdi-0001", "vdi-0012", 12},
        {"fra-hv01..16", "fra-hv01", "fra-hv16", 16},
        {"v-8..11", "v-8", "v-11", 4},
        {"v-0..3", "v-0", "v-3", 4},
        {"v-099..101", "v-099", "v-101", 3},
        {"v-7..7", "v-7", "v-7", 1},
        {"1..3", "1", "3", 3},
        {"a b-1..2", "a b-1", "a b-2", 2},
        {"site.2.vm-1..2", "site.2.vm-1", "site.2.vm-2", 2},
        {"v-18446744073709551..18446744073709552", "v-18446744073709551", "v-18446744073709552", 2},
        {"v-0..65535", "v-0", "v-65535", 65536},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct spec_case c;
        char text[300];
        const struct spec *s;

        snprintf(text, sizeof text, "%s  vms: [{names: %s, gpu: none}]\n", CLUSTER, rows[i].text);
        s = spec_case_good(&c, text);
        assert_int_equal(s->vm_count, rows[i].count);
        assert_string_equal(s->vms[0].name, rows[i].first);
        assert_string_equal(s->vms[s->vm_count - 1].name, rows[i].last);
        spec_case_end(&c);
    }
}

/* prune: owned (M7): a VM whose row is gone holds none, and is stopped as the policy says. */
static void pruning(void **state)
{
    struct spec_case c;
    const struct spec *s = spec_case_good(
        &c, CLUSTER "  policy:\n    prune: owned\n    disruption: allowed\n"
                    "    protect: [gone]\n    stop: {deadline: 3m, then: turnOff}\n");

    (void)state;
    assert_true(s->policy.prune);
    assert_int_equal(s->pruned->use, VM_NONE);
    assert_int_equal(s->pruned->use_at.line, 6);
    assert_int_equal(s->pruned->disruption, DISRUPTION_ALLOWED);
    assert_int_equal(s->pruned->stop_deadline_ms, 3 * 60 * 1000);
    assert_int_equal(s->pruned->stop_then, STOP_TURN_OFF);
    spec_case_end(&c);
    s = spec_case_good(&c, CLUSTER "  policy: {prune: never}\n");
    assert_false(s->policy.prune);
    assert_null(s->pruned);
    spec_case_end(&c);
}

static void policy(void **state)
{
    struct spec_case c;
    const struct spec *s = spec_case_good(
        &c, CLUSTER "  vms: [{names: cad-1..3, gpu: none}]\n"
                    "  policy:\n    disruption: allowed\n    maxUnavailable: {vms: 2, nodes: 1}\n"
                    "    protect: [cad-1..2, \"*-3\"]\n    reserve: {nodes: 1}\n"
                    "    homogeneous: require\n    partial: allow\n");

    (void)state;
    assert_int_equal(s->policy.disruption, DISRUPTION_ALLOWED);
    expect_at(&s->policy.disruption_at, 7, 17);
    assert_int_equal(s->policy.max_vms, 2);
    assert_int_equal(s->policy.max_nodes, 1);
    assert_int_equal(s->policy.protect_count, 3);
    assert_string_equal(s->policy.protect[2], "*-3");
    expect_at(&s->policy.protect_at[1], 9, 15);
    assert_int_equal(s->policy.reserve_nodes, 1);
    assert_int_equal(s->policy.homogeneous, HOMOGENEOUS_REQUIRE);
    assert_true(s->policy.partial);
    spec_case_end(&c);

    s = spec_case_good(&c, CLUSTER "  vms: []\n");
    assert_int_equal(s->policy.disruption, DISRUPTION_NEVER);
    assert_null(s->policy.disruption_at.file);
    assert_int_equal(s->policy.max_vms, 0);
    assert_int_equal(s->policy.homogeneous, HOMOGENEOUS_DEFAULT);
    assert_false(s->policy.partial);
    spec_case_end(&c);
}

/* ---- the digest ---- */

static const char first_spelling[] =
    CLUSTER "  # a comment\n"
            "  gpus:\n    - {name: a2, match: {model: NVIDIA A2, nodes: [n1, n2]}, partitions: 4}\n"
            "    - {match: {model: L}, pool: ml}\n"
            "  vms:\n    - {names: v-1..2, gpu: {partition: {size: 1 GiB}}, power: running}\n"
            "    - {name: w, gpu: {pool: ml}, stop: {deadline: 10m}}\n"
            "  policy: {protect: [w, v-1], maxUnavailable: {vms: 1}}\n";

/* The same, said otherwise: order, classes, case, units, defaults, names of rows, the world. */
static const char second_spelling[] =
    "kind: Cluster\nspec:\n  policy:\n    maxUnavailable: {vms: 1}\n    protect: [V-1, w]\n"
    "  connect: {sim: elsewhere.yaml}\n"
    "  vms:\n    - {name: W, gpu: {count: 1, pool: ml}}\n"
    "    - {name: v-2, class: c, power: running}\n"
    "    - {name: v-1, class: c, gpu: partition, power: running}\n"
    "  classes: {c: {gpu: {partition: {size: 1073741824}}, power: asFound}}\n"
    "  gpus:\n    - {match: {model: l}, pool: ml}\n"
    "    - {match: {nodes: [N2, n1.x], model: nvidia a2}, partitions: 4, name: other}\n"
    "metadata: {labels: {a: b}, name: c}\napiVersion: hvgpu/v1\n";

static const char *digest_of(struct spec_case *c, const char *text)
{
    spec_case_read(c, text);
    if (!c->ok)
        fail_msg("%s\n%s", text, spec_case_findings(c));
    return spec_digest(&c->arena, &c->specs.rows[0]);
}

static void digest_of_what_is_meant(void **state)
{
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"partitions: 4", "partitions: 8"},
        {"v-1..2", "v-1..3"},
        {"1 GiB", "2 GiB"},
        {"power: running", "power: asFound"},
        {"deadline: 10m", "deadline: 11m"},
        {"protect: [w", "protect: [v-2"},
        {"nodes: [n1, n2]", "nodes: [n1]"},
        {"vms: 1}", "vms: 2}"},
        {"vms: 1}", "vms: 1}, disruption: never"},
        {"vms: 1}", "vms: 1}, prune: owned"},
        {"{pool: ml},", "{pool: ml, count: 2},"},
        {"pool: ml}\n", "pool: ml, prepare: true}\n"},
        {"{name: c}", "{name: d}"},
    };
    struct spec_case a, b;
    const char *want = digest_of(&a, first_spelling);

    (void)state;
    assert_int_equal(strlen(want), 64);
    assert_ptr_equal(want, a.specs.rows[0].digest);
    assert_string_equal(want, digest_of(&b, second_spelling));
    spec_case_end(&b);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *at = strstr(first_spelling, changes[i].from);
        const char *text;

        assert_non_null(at);
        text = arena_printf(&a.arena, "%.*s%s%s", (int)(at - first_spelling), first_spelling,
                            changes[i].to, at + strlen(changes[i].from));
        if (strcmp(want, digest_of(&b, text)) == 0)
            fail_msg("%s -> %s changes nothing", changes[i].from, changes[i].to);
        spec_case_end(&b);
    }
    spec_case_end(&a);
}

/* Several files: sorted by name, whatever their order. */
static void files(void **state)
{
    static const char *const texts[] = {
        "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: b}\nspec: {connect: {sim: b}}\n",
        "apiVersion: hvgpu/v1\nkind: Host\nmetadata: {name: a}\nspec: {connect: {sim: a}}\n---\n"
        "apiVersion: hvgpu/v1\nkind: Host\nmetadata: {name: c}\nspec: {connect: {sim: b}}\n",
    };
    struct spec_source sources[2];
    struct findings found;
    struct specs specs;
    struct arena a;

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < 2; i++)
            sources[i ^ turn] =
                (struct spec_source){i ? "y/two" : "x/one", texts[i], strlen(texts[i])};
        arena_init(&a, 0);
        findings_init(&found, &a);
        assert_true(spec_read(&a, sources, 2, &specs, &found));
        assert_int_equal(specs.count, 3);
        for (int i = 0; i < 3; i++)
            assert_int_equal(specs.rows[i].name[0], 'a' + i);
        assert_string_equal(specs.rows[1].at.file, "x/one");
        arena_release(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelope), cmocka_unit_test(hosts),
        cmocka_unit_test(gpus),     cmocka_unit_test(wishes),
        cmocka_unit_test(settings), cmocka_unit_test(composition),
        cmocka_unit_test(ranks),    cmocka_unit_test(ranges),
        cmocka_unit_test(policy),   cmocka_unit_test(pruning),
        cmocka_unit_test(files),    cmocka_unit_test(digest_of_what_is_meant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
