/* `any` takes an assertion back: what a class or the cluster says, as if nobody had said it. */
#include "spec/fields.h"
#include "spec_case.h"

#define E SEVERITY_ERROR

/* A field as a class says it and as a row takes it back; what is left of the class then. */
static const struct {
    const char *path; /* "shape.key" of the field that says `any` */
    const char *says, *back, *left;
} fields[] = {
    {"vm.node", "node: hv-1", "node: any", ""},
    {"vm.disruption", "disruption: never", "disruption: any", ""},
    {"vm.stop", "stop: {deadline: 5m, then: turnOff}", "stop: any", ""},
    {"stop.deadline", "stop: {deadline: 5m, then: turnOff}", "stop: {deadline: any}",
     "stop: {then: turnOff}"},
    {"vm.settings", "settings: {automaticStopAction: ShutDown, memory: {dynamic: false}}",
     "settings: any", ""},
    {"settings.automaticStopAction", "settings: {automaticStopAction: ShutDown}",
     "settings: {automaticStopAction: any}", ""},
    {"settings.memory", "settings: {memory: {startup: 4 GiB}}", "settings: {memory: any}", ""},
    {"memory.dynamic", "settings: {memory: {dynamic: false, startup: 4 GiB}}",
     "settings: {memory: {dynamic: any}}", "settings: {memory: {startup: 4 GiB}}"},
    {"memory.startup", "settings: {memory: {startup: 4 GiB}}", "settings: {memory: {startup: any}}",
     ""},
    {"memory.minimum", "settings: {memory: {minimum: 4 GiB}}", "settings: {memory: {minimum: any}}",
     ""},
    {"settings.mmio", "settings: {mmio: {low: 1 GiB, high: 64 GiB}}", "settings: {mmio: any}", ""},
    {"mmio.low", "settings: {mmio: {low: 1 GiB, high: 64 GiB}}", "settings: {mmio: {low: any}}",
     "settings: {mmio: {high: 64 GiB}}"},
    {"mmio.high", "settings: {mmio: {low: 1 GiB, high: 64 GiB}}", "settings: {mmio: {high: any}}",
     "settings: {mmio: {low: 1 GiB}}"},
    {"settings.mmioNeed", "settings: {mmioNeed: {low: 16 MiB}}", "settings: {mmioNeed: any}", ""},
    {"settings.guestControlledCacheTypes", "settings: {guestControlledCacheTypes: true}",
     "settings: {guestControlledCacheTypes: any}", ""},
    {"settings.checkpoints", "settings: {checkpoints: disabled, advised: strict}",
     "settings: {checkpoints: any}", "settings: {advised: strict}"},
    {"settings.offlineAction", "settings: {offlineAction: 3}", "settings: {offlineAction: any}",
     ""},
    {"partition.size", "gpu: {partition: {size: 1 GiB, count: 2}}", "gpu: {partition: {size: any}}",
     "gpu: {partition: {count: 2}}"},
    {"partition.vram", "gpu: {partition: {vram: {min: 1 GiB}}}", "gpu: {partition: {vram: any}}",
     ""},
    {"partition.encode", "gpu: {partition: {encode: {min: 1}}}", "gpu: {partition: {encode: any}}",
     ""},
    {"partition.decode", "gpu: {partition: {decode: {min: 1}}}", "gpu: {partition: {decode: any}}",
     ""},
    {"partition.compute", "gpu: {partition: {compute: {min: 1}}}",
     "gpu: {partition: {compute: any}}", ""},
    {"memory_range.min", "gpu: {partition: {vram: {min: 1 GiB, max: 2 GiB}}}",
     "gpu: {partition: {vram: {min: any}}}", "gpu: {partition: {vram: {max: 2 GiB}}}"},
    {"memory_range.max", "gpu: {partition: {vram: {max: 2 GiB}}}",
     "gpu: {partition: {vram: {max: any}}}", ""},
    {"memory_range.optimal", "gpu: {partition: {vram: {optimal: 2 GiB}}}",
     "gpu: {partition: {vram: {optimal: any}}}", ""},
    {"range.min", "gpu: {partition: {encode: {min: 1, max: 9}}}",
     "gpu: {partition: {encode: {min: any}}}", "gpu: {partition: {encode: {max: 9}}}"},
    {"range.max", "gpu: {partition: {compute: {max: 9}}}",
     "gpu: {partition: {compute: {max: any}}}", ""},
    {"range.optimal", "gpu: {partition: {decode: {optimal: 9}}}",
     "gpu: {partition: {decode: {optimal: any}}}", ""},
};

/* Which rows say it: one by name, a pattern, one in a document of its own. */
static const struct {
    const char *to_row, *to_class, *rest;
} places[] = {
    {CLUSTER "  vms: [{name: a, class: c", "}]\n  classes: {c: {power: running", "}}\n"},
    {CLUSTER "  vms: [{match: \"a*\", expect: 0..9, class: c", "}]\n  classes: {c: {power: running",
     "}}\n"},
    {"apiVersion: hvgpu/v1\nkind: Assignments\nmetadata: {name: t}\nspec:\n  cluster: c\n"
     "  vms: [{names: [a, b], class: c",
     "}]\n---\n" CLUSTER "  classes: {c: {power: running", "}}\n  policy: {move: allowed}\n"},
};

/* The digest where a row and its class say this; `gpu: partition`, where they say no other. */
static const char *digest_of(struct arena *a, size_t place, const char *row, const char *class)
{
    struct spec_case c;
    const char *digest, *gpu = str_starts(class, "gpu") ? "" : ", gpu: partition";
    const char *text =
        arena_printf(a, "%s%s%s%s%s%s%s%s", places[place].to_row, *row ? ", " : "", row,
                     places[place].to_class, gpu, *class ? ", " : "", class, places[place].rest);

    (void)spec_case_good(&c, text);
    digest = arena_strdup(a, spec_digest(&c.arena, &c.specs.rows[0]));
    spec_case_end(&c);
    return digest;
}

/* A row takes back what its class says, wherever the row stands; over nothing it says nothing. */
static void taken_back(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    for (size_t p = 0; p < sizeof places / sizeof *places; p++)
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            const char *plain = digest_of(&a, p, "", fields[i].left);
            const char *asserted = digest_of(&a, p, "", fields[i].says);
            const char *back = digest_of(&a, p, fields[i].back, fields[i].says);
            const char *over = digest_of(&a, p, fields[i].back, fields[i].left);

            if (strcmp(plain, asserted) == 0)
                fail_msg("%s: says nothing", fields[i].says);
            if (strcmp(plain, back) != 0)
                fail_msg("%s: %s is still there", fields[i].back, fields[i].says);
            if (strcmp(plain, over) != 0)
                fail_msg("%s says something where nobody said it", fields[i].back);
        }
    arena_release(&a);
}

/* What only documents lay over each other: a profile says it, the cluster takes it back. */
static const struct {
    const char *path;
    const char *says, *back, *left; /* keys of `spec`, "" for none */
} of_documents[] = {
    {"spec.nodes", "nodes: [{name: hv-01}]", "nodes: any", ""},
    {"gpu.perNode", "gpus: [{name: a, match: {model: L4}, perNode: 2}]",
     "gpus: [{name: a, perNode: any}]", "gpus: [{name: a, match: {model: L4}}]"},
    {"gpu.size", "gpus: [{name: a, match: {model: L4}, partitions: 2, size: 1 GiB}]",
     "gpus: [{name: a, size: any}]", "gpus: [{name: a, match: {model: L4}, partitions: 2}]"},
    {"policy.homogeneous", "policy: {homogeneous: require, partial: allow}",
     "policy: {homogeneous: any}", "policy: {partial: allow}"},
    {"policy.maxUnavailable", "policy: {maxUnavailable: {vms: 2, nodes: 2}}",
     "policy: {maxUnavailable: any}", ""},
    {"policy.maintenanceWindows",
     "policy: {maintenanceWindows: {allow: [{days: [sat], start: \"02:00\", duration: 4h}]}}",
     "policy: {maintenanceWindows: any}", ""},
};

static const char *digest_over(struct arena *a, const char *profile, const char *cluster)
{
    struct spec_case c;
    const char *digest,
        *text = arena_printf(a,
                             "apiVersion: hvgpu/v1\nkind: Profile\nmetadata: {name: p}\nspec:\n"
                             "  vms: [{name: v, gpu: none}]\n%s%s\n---\n" CLUSTER "  %s\n",
                             *profile ? "  " : "", profile, *cluster ? cluster : "vms: []");

    (void)spec_case_good(&c, text);
    digest = arena_strdup(a, spec_digest(&c.arena, &c.specs.rows[0]));
    spec_case_end(&c);
    return digest;
}

static void documents(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof of_documents / sizeof *of_documents; i++) {
        const char *plain = digest_over(&a, of_documents[i].left, "");
        const char *asserted = digest_over(&a, of_documents[i].says, "");
        const char *back = digest_over(&a, of_documents[i].says, of_documents[i].back);

        if (strcmp(plain, asserted) == 0)
            fail_msg("%s: says nothing", of_documents[i].says);
        if (strcmp(plain, back) != 0)
            fail_msg("%s: %s is still there", of_documents[i].back, of_documents[i].says);
    }
    arena_release(&a);
}

/* Every field that takes `any` is tried above; `class` and `policy` share those of a VM. */
static void all_fields(void **state)
{
    struct arena a;
    const struct shape_row *shapes;

    (void)state;
    arena_init(&a, 0);
    shapes = shapes_new(&a);
    for (uint32_t i = 0; i < field_count; i++) {
        const struct field_row *f = &field_rows[i];
        const char *shape =
            f->shape == SHAPE_class || f->shape == SHAPE_policy ? "vm" : shapes[f->shape].name;
        const char *path = arena_printf(&a, "%s.%s", shape, f->key);
        bool tried = !f->any;

        for (size_t k = 0; k < sizeof fields / sizeof *fields; k++)
            tried = tried || strcmp(fields[k].path, path) == 0;
        path = arena_printf(&a, "%s.%s", shapes[f->shape].name, f->key);
        for (size_t k = 0; k < sizeof of_documents / sizeof *of_documents; k++)
            tried = tried || strcmp(of_documents[k].path, path) == 0;
        if (!tried)
            fail_msg("%s.%s is not tried", shapes[f->shape].name, f->key);
    }
    arena_release(&a);
}

static const struct vm_wish *wish_of(const struct spec *s, const char *name)
{
    for (size_t i = 0; i < s->vm_count; i++)
        if (strcmp(s->vms[i].name, name) == 0)
            return s->vms[i].wish;
    return NULL;
}

/* All layers below, down to what is built in; what lies above says it anew. */
static void layers(void **state)
{
    struct spec_case c;
    const struct spec *s = spec_case_good(
        &c, CLUSTER "  classes:\n"
                    "    slow: {gpu: partition, stop: {deadline: 1h, then: forced}}\n"
                    "    open: {gpu: partition, disruption: any, stop: any}\n"
                    "  vms:\n"
                    "    - {name: slow, class: slow}\n"
                    "    - {name: half, class: slow, stop: {deadline: any}}\n"
                    "    - {name: free, class: slow, stop: any, disruption: any}\n"
                    "    - {name: open, class: open}\n"
                    "    - {name: said, class: open, disruption: allowed, stop: {then: turnOff}}\n"
                    "    - {name: none, class: open, settings: {mmio: {low: any}},"
                    " gpu: {partition: {vram: {min: any}}}}\n"
                    "  policy: {disruption: never, stop: {deadline: 20m, then: turnOff}}\n");
    const struct vm_wish *w = wish_of(s, "slow");

    (void)state;
    assert_int_equal(w->stop_deadline_ms, 60 * 60000);
    assert_non_null(w->disruption_at.file);
    w = wish_of(s, "half");
    assert_int_equal(w->stop_deadline_ms, 10 * 60000); /* not the policy's 20m */
    assert_int_equal(w->stop_then, STOP_FORCED);
    assert_int_equal(w->stop_at.line, 6); /* where `then` is said */
    for (int i = 0; i < 2; i++) {
        w = wish_of(s, i ? "free" : "open");
        assert_int_equal(w->stop_deadline_ms, 10 * 60000);
        assert_int_equal(w->stop_then, STOP_GUEST);
        assert_int_equal(w->disruption, DISRUPTION_NEVER);
        assert_null(w->disruption_at.file); /* nobody wrote it: it yields to the operator (P1) */
        assert_null(w->stop_at.file);
    }
    w = wish_of(s, "said");
    assert_int_equal(w->disruption, DISRUPTION_ALLOWED);
    assert_int_equal(w->stop_deadline_ms, 10 * 60000);
    assert_int_equal(w->stop_then, STOP_TURN_OFF);
    w = wish_of(s, "none"); /* nothing is declared, and nothing has a place */
    assert_int_equal(w->use, VM_PARTITION);
    assert_null(w->settings_at.file);
    assert_null(w->limits_at.file);
    spec_case_end(&c);
}

/* The policy itself: what is built in, as without the word. */
static void of_the_policy(void **state)
{
    struct spec_case c;
    const struct spec *s =
        spec_case_good(&c, CLUSTER "  vms: [{name: a, gpu: none}]\n"
                                   "  policy: {disruption: any, stop: {deadline: any}}\n");

    (void)state;
    assert_null(s->policy.disruption_at.file);
    assert_int_equal(s->vms[0].wish->stop_deadline_ms, 10 * 60000);
    spec_case_end(&c);
}

#define VM(field)  CLUSTER "  vms: [{name: a, gpu: partition, " field "}]\n"
#define GPU(field) CLUSTER "  vms: [{name: a, gpu: " field "}]\n"

/* Where a word says the same already, it is named; elsewhere `any` is a value like any other. */
static void not_here(void **state)
{
    static const struct spec_row rows[] = {
        {GPU("any"), "not-one-of", 5, 24, "did you mean `asFound`?", E, NULL},
        {VM("power: any"), "not-one-of", 5, 42, "did you mean `asFound`?", E, NULL},
        {VM("move: any"), "not-one-of", 5, 41, "did you mean `never`?", E, NULL},
        {VM("manage: any"), "not-one-of", 5, 43, "did you mean `enforce`?", E, NULL},
        {VM("manage: {power: any}"), "not-one-of", 5, 51, "did you mean `enforce`?", E, NULL},
        {VM("stop: {then: any}"), "not-one-of", 5, 48, "did you mean `hold`?", E, NULL},
        {VM("settings: {advised: any}"), "not-one-of", 5, 55, "did you mean `atNextStop`?", E,
         NULL},
        {VM("class: any"), "unknown-class", 5, 42, "no class any", E, NULL},
        {GPU("{partition: any}"), "wrong-type", 5, 36, NULL, E, NULL},
        {GPU("{partition: {count: any}}"), "not-a-number", 5, 44, NULL, E, NULL},
        {GPU("{partition: {size: Any}}"), "unit", 5, 43, NULL, E, NULL},
        {VM("node: [any]"), "wrong-type", 5, 41, NULL, E, NULL},
        {CLUSTER "  gpus: [{match: {model: A}, partitions: any}]\n", "not-a-number", 5, 42, NULL, E,
         NULL},
        {CLUSTER "  policy: {reserve: any}\n", "wrong-type", 5, 21, NULL, E, NULL},
        /* The node of that name is written with its suffix. */
        {CLUSTER "  nodes: [{name: any}, {name: b}]\n"
                 "  vms: [{name: a, gpu: none, node: any.contoso.com}]\n",
         "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* A key beside `any` is still one too many, and what is read behind it is not lost. */
static void in_its_place(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  vms: [{name: a, gpu: partition, node: any, node: hv-1}]\n", "duplicate-key", 5,
         46, NULL, E, NULL},
        {CLUSTER "  vms: [{name: a, gpu: partition, stop: any, settings: any, powr: x}]\n",
         "unknown-key", 5, 61, "`power`", E, NULL},
        {CLUSTER "  vms: [{name: a, gpu: partition, stop: \"any\"}]\n", "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_back),    cmocka_unit_test(all_fields), cmocka_unit_test(layers),
        cmocka_unit_test(of_the_policy), cmocka_unit_test(documents),  cmocka_unit_test(not_here),
        cmocka_unit_test(in_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
