/*
 * Schema and reader say the same, in both directions: for every key of the
 * language its example, what is wrong with it, and samples of its kind.  What
 * only the reader can know (two rows, arithmetic, the other end of a name) is
 * listed here by code, and nothing else may differ.
 *
 * SPEC_REWRITE=1 writes specs/schema/spec.schema.json and policy.schema.json anew.
 */
#include "schema_tree.h"
#include "spec/ceiling.h"
#include "spec/fields.h"
#include "spec_case.h"

static struct arena arena;
static const struct shape_row *shapes;
static struct tree schema, schema_of_policies;
static bool is_policy; /* the document that was placed last */
static size_t accepted, refused;

/* Where a map of each shape stands in a document that has all that it refers to. */
#define WITH                                                                                       \
    CLUSTER "  gpus: [{match: {model: L40S}, pool: ml}]\n  classes: {desktop: {gpu: none}}\n"
#define VM_GPU CLUSTER "  gpus: [{match: {model: L}, pool: ml}]\n  vms: [{name: v, gpu: "

#define POLICY "apiVersion: hvgpu/v1\nkind: Policy\nmetadata: {name: p}\nspec: "

static const char *const places[SHAPES] = {
    [SHAPE_document] = "%s\n",
    [SHAPE_metadata] = "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: %s\nspec: {}\n",
    [SHAPE_spec] = "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: c}\nspec: %s\n",
    [SHAPE_connect] = CLUSTER "  connect: %s\n",
    [SHAPE_hyperv] = CLUSTER "  connect: {hyperv: %s}\n",
    [SHAPE_credentials] = CLUSTER "  connect: {hyperv: {cluster: c, credentials: %s}}\n",
    [SHAPE_rollout] = CLUSTER "  policy: {disruption: window, maintenanceWindows: {allow: [{days: "
                              "[sat], start: \"02:00\", duration: 4h}]}}\n  rollout: %s\n",
    [SHAPE_node] = CLUSTER "  nodes: [%s]\n",
    [SHAPE_gpu] = CLUSTER "  gpus: [%s]\n",
    [SHAPE_leaving] = CLUSTER "  gpus: [{name: s, match: {model: L}, leaving: %s}]\n",
    [SHAPE_match] = CLUSTER "  gpus: [{match: %s}]\n",
    [SHAPE_pool] = CLUSTER "  pools: [%s]\n",
    [SHAPE_class] = CLUSTER "  classes: {c: %s}\n",
    [SHAPE_vm] = WITH "  vms: [%s]\n",
    [SHAPE_wish] = VM_GPU "%s}]\n",
    [SHAPE_partition] = VM_GPU "{partition: %s}}]\n",
    [SHAPE_memory_range] = VM_GPU "{partition: {vram: %s}}}]\n",
    [SHAPE_range] = VM_GPU "{partition: {encode: %s}}}]\n",
    [SHAPE_settings] = VM_GPU "partition, settings: %s}]\n",
    [SHAPE_memory] = VM_GPU "none, settings: {memory: %s}}]\n",
    [SHAPE_mmio] = VM_GPU "partition, settings: {mmio: %s, mmioNeed: %s}}]\n",
    [SHAPE_stop] = CLUSTER "  policy: {stop: %s}\n",
    [SHAPE_policy] = CLUSTER "  policy: %s\n",
    [SHAPE_windows] = CLUSTER "  policy: {disruption: window, maintenanceWindows: %s}\n",
    [SHAPE_window] = CLUSTER "  policy: {maintenanceWindows: {allow: [%s]}}\n",
    [SHAPE_closure] = CLUSTER "  policy: {maintenanceWindows: {deny: [%s]}}\n",
    [SHAPE_manage] = CLUSTER "  manage: %s\n",
    [SHAPE_expected] = CLUSTER "  policy: {expected: [%s]}\n",
    [SHAPE_unavailable] = CLUSTER "  policy: {maxUnavailable: %s}\n",
    [SHAPE_reserve] = CLUSTER "  policy: {reserve: %s}\n",
    [SHAPE_policy_document] = "%s\n",
    [SHAPE_ceiling] = POLICY "%s\n",
    [SHAPE_fleet] = POLICY "{fleet: %s}\n",
    [SHAPE_stop_after] = POLICY "{fleet: {stopAfter: %s}}\n",
    [SHAPE_applies] = POLICY "{appliesTo: %s}\n",
    [SHAPE_approval] = POLICY "{approvals: [%s]}\n",
    [SHAPE_approval_when] = POLICY "{approvals: [{when: %s}]}\n",
    [SHAPE_signer] = POLICY "{approvals: [{when: {count: true}, signers: [%s]}]}\n",
};

/* What no schema can know. */
static const char *const beyond[] = {
    "unknown-class",  "unknown-pool",      "unknown-node",    "gpu-missing",   "limit-order",
    "duplicate-name", "settings-conflict", "pool-case",       "no-window",     "no-such-day",
    "date-order",     "unknown-row",       "unknown-cluster", "unknown-field", "no-such-value",
    "moves-nobody",   "no-node-left",      "node-drained",    "bad-host",      "row-incomplete",
    "skips-nothing",  "bad-key",
};

static void read_policy(struct spec_case *c, const char *text)
{
    struct spec_source source = {.file = "p.yaml", .text = text, .size = strlen(text)};
    struct ceilings ceilings;

    arena_init(&c->arena, 0);
    findings_init(&c->found, &c->arena);
    c->ok = ceilings_read(&c->arena, &source, 1, &ceilings, &c->found);
}

static bool reader_takes(const char *text, struct spec_case *c)
{
    if (is_policy)
        read_policy(c, text);
    else
        spec_case_read(c, text);
    for (size_t i = 0; i < c->found.count; i++) {
        bool known = c->found.rows[i].severity != SEVERITY_ERROR;

        for (size_t k = 0; !known && k < sizeof beyond / sizeof *beyond; k++)
            known = strcmp(beyond[k], c->found.rows[i].code) == 0;
        if (!known)
            return false;
    }
    return true;
}

static bool schema_takes(const char *text)
{
    const struct tree *s = is_policy ? &schema_of_policies : &schema;
    struct judge j = {s};
    struct tree t;

    return tree_parse(&arena, text, &t) && tree_fits(&j, s, &t);
}

static bool compare(const char *text)
{
    struct spec_case c;
    bool reader = reader_takes(text, &c), by_schema = schema_takes(text);

    if (reader != by_schema)
        fail_msg("the reader %s and the schema %s:\n%s\n%s", reader ? "accepts" : "refuses",
                 by_schema ? "accepts" : "refuses", text, spec_case_findings(&c));
    spec_case_end(&c);
    *(reader ? &accepted : &refused) += 1;
    return reader;
}

static void expect(bool good, const char *text)
{
    if (compare(text) != good)
        fail_msg("both %s:\n%s", good ? "refuse" : "accept", text);
}

static const char *placed(enum shape shape, const char *map)
{
    const char *place = places[shape], *at = strstr(place, "%s"), *next = strstr(at + 2, "%s");

    is_policy = shape >= SHAPE_policy_document;
    if (next)
        return arena_printf(&arena, "%.*s%s%.*s%s%s", (int)(at - place), place, map,
                            (int)(next - at - 2), at + 2, map, next + 2);
    return arena_printf(&arena, "%.*s%s%s", (int)(at - place), place, map, at + 2);
}

/* The keys that must stand beside those in `have`, and beside each other. */
static uint64_t needs_of(const struct shape_row *s, uint64_t have)
{
    for (uint32_t turn = 0; turn < s->needs_count; turn++)
        for (uint32_t i = 0; i < s->needs_count; i++) {
            const struct needs_row *n = &needs_rows[s->first_needs + i];

            if (have >> shape_field(s, n->key, strlen(n->key)) & 1)
                have |= (uint64_t)1 << shape_field(s, n->other, strlen(n->other));
        }
    return have;
}

/* A map with one key, and what must stand beside it. */
static const char *map_with(const struct shape_row *s, uint32_t field, const char *value)
{
    uint64_t have = (uint64_t)1 << field, needed = needs_of(s, have);
    struct text t;

    text_init(&t, &arena);
    text_printf(&t, "{%s: %s", field_rows[s->first + field].key, value);
    for (uint32_t i = 0; i < s->count; i++) {
        bool wanted = (s->must | needed) >> i & 1;

        for (uint32_t g = 0; g < s->group_count; g++)
            wanted = wanted || (group_rows[s->first_group + g].least &&
                                !(s->masks[g] & (have | needed)) && s->masks[g] >> i & 1);
        if (!wanted || have >> i & 1)
            continue;
        have |= (uint64_t)1 << i;
        needed |= needs_of(s, have);
        text_printf(&t, ", %s: %s", field_rows[s->first + i].key, field_rows[s->first + i].example);
    }
    text_add(&t, "}");
    return text_done(&t);
}

/* A key that one kind of document has alone is tried there, beside its others. */
static const char *of_kind(enum shape shape, uint32_t field, const char *value)
{
    const char *key = field_rows[shapes[shape].first + field].key;
    struct text t;

    is_policy = false;
    for (uint32_t k = 0; k < of_kind_count; k++) {
        const struct of_kind_row *row = &of_kind_rows[k];

        if (row->shape != shape || !words_have(row->own, key))
            continue;
        text_init(&t, &arena);
        text_printf(&t, "apiVersion: hvgpu/v1\nkind: %s\nmetadata: {name: a}\nspec: {%s: %s",
                    row->kind, key, value);
        for (const char *at = row->keys; *at; at += strcspn(at, " "), at += *at == ' ') {
            const char *other = arena_strndup(&arena, at, strcspn(at, " "));

            if (strcmp(other, key) != 0)
                text_printf(&t, ", %s: []", other);
        }
        text_add(&t, "}\n");
        return text_done(&t);
    }
    return NULL;
}

static const char *one(enum shape shape, uint32_t field, const char *value)
{
    if (of_kind(shape, field, value))
        return of_kind(shape, field, value);
    return placed(shape, map_with(&shapes[shape], field, value));
}

/* ---- what is tried ---- */

static void examples(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        const struct shape_row *s = &shapes[i];

        expect(true, placed((enum shape)i, s->example));
        for (uint32_t k = 0; k < s->count; k++) {
            const struct field_row *f = &field_rows[s->first + k];

            if (f->kind == KIND_LATER)
                expect(false, one((enum shape)i, k, "x"));
            else
                expect(true, one((enum shape)i, k, f->example));
        }
    }
}

static void wrong_maps(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        const struct shape_row *s = &shapes[i];
        const char *good = map_with(s, 0, field_rows[s->first].example);
        const char *open = arena_strndup(&arena, good, strlen(good) - 1);

        expect(true, placed((enum shape)i, good));
        expect(false, placed((enum shape)i, arena_printf(&arena, "%s, nonsense: 1}", open)));
        expect(true,
               placed((enum shape)i,
                      arena_printf(&arena, "%s, x-mine: [1], annotations: {a: {b: c}}}", open)));
        expect(false, placed((enum shape)i, "[a, b]"));
        expect(false, placed((enum shape)i, "7"));
        compare(placed((enum shape)i, "{}"));
    }
}

static void wrong_values(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++)
        for (uint32_t k = 0; k < shapes[i].count; k++) {
            if (field_rows[shapes[i].first + k].kind == KIND_LATER)
                continue;
            expect(false, one((enum shape)i, k, "[[a]]"));
            expect(false, one((enum shape)i, k, "{nonsense: [1]}"));
            expect(false, one((enum shape)i, k, ""));
        }
}

/* Tried on every scalar field, whatever its kind. */
static const char *const values[] = {
    "0",
    "1",
    "4",
    "7",
    "65535",
    "65536",
    "1000001",
    "-1",
    "1.5",
    "0x10",
    "\"4\"",
    "007",
    "true",
    "false",
    "yes",
    "\"true\"",
    "null",
    "none",
    "partition",
    "running",
    "Running",
    "stopped",
    "allow",
    "allowed",
    "warn",
    "window",
    "any",
    "never",
    "hold",
    "turnOff",
    "Save",
    "ShutDown",
    "disabled",
    "strict",
    "a",
    "\" a\"",
    "\"a \"",
    "\"a b\"",
    "\"a*\"",
    "\"a?\"",
    "a..b",
    "a-1..3",
    "a-1..3x",
    "\"<a>\"",
    "\"a{1}\"",
    "hv-01.contoso.com",
    "3648 MiB",
    "3648MiB",
    "4 GB",
    "1.5 GiB",
    "1 gib",
    "512 Ki",
    "10m",
    "0m",
    "10",
    "90s",
    "5 m",
    "2d",
    "10:00",
    "\"23:59\"",
    "24:00",
    "9:00",
    "2026-11-21",
    "2026-13-01",
    "2026-11-32",
    "2026-02-30",
    "[2026-11-21, 2026-11-19]",
    "[sat, sun]",
    "[Sat]",
    "sat",
    "Europe/Berlin",
    "europe/berlin",
    "CET",
    "CEST",
    "2026-11-24T22:00:00+01:00",
    "2026-11-24 22:00Z",
    "2026-13-24T22:00:00Z",
    "2026-11-24T24:00:00Z",
    "2026-11-24T22:00:00",
    "2026-11-24",
    "711cee18-60db-43b4-be7e-cedce5e25dd0",
    "711CEE18-60DB-43B4-BE7E-CEDCE5E25DD0",
    "\"{711cee18-60db-43b4-be7e-cedce5e25dd0}\"",
    "711cee1860db43b4be7ecedce5e25dd0",
    "\"10de:25b6\"",
    "\"10DE:25B6\"",
    "\"10de-25b6\"",
    "VEN_10DE&DEV_25B6",
    "PCIROOT(16)#PCI(0200)#PCI(0000)",
    "pciroot(16)",
    "PCIROOT(16)#",
    "PCIROOT()",
    "vm/ml-06",
    "vm/",
    "vm/ml-*",
    "vm/a..b",
    "pool/ml",
    "pool/ ml",
    "node/hv-1",
    "gpu/hv-1/gpu0",
    "gpu/hv-1/PCIROOT(16)#PCI(0200)",
    "2026-12-01",
    "2026-12-01T22:00Z",
    "2026-12-01T22:00:00+01:00",
    "2026-12-01T22:00",
    "2026-13-01",
    "2026-12-1",
    "ACPI(_SB_)#ACPI(PC00)",
    "PCI(0200)",
    "gpu0",
    "4&18416dc3&0&0000",
    "'PCI\\VEN_10DE&DEV_25B6\\4&18416dc3&0&0000'",
    "'PCI\\VEN_10DE'",
    "'\\\\?\\PCI#VEN_10DE#4&1#{064092b3-625e-43bf-9eb5-dc845897dd59}'",
    "[a, b]",
    "[]",
    "[a, a-1..3]",
    "[\"*-pay\"]",
    "[PCIROOT(1)]",
    "[PCIROOT(1), PCIROOT(2)#PCI(3)]",
    "{a: b}",
    "{a: [b]}",
    "18446744073709551615",
    "Cluster",
    "Host",
    "Tenant",
    "hvgpu/v1",
    "hvgpu/v2",
};

/* `any` where the table says so, in maps as in values; no other map is a word. */
static void taken_back(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++)
        for (uint32_t k = 0; k < shapes[i].count; k++) {
            const struct field_row *f = &field_rows[shapes[i].first + k];

            if (f->any || f->kind == KIND_MAP)
                expect(f->any, one((enum shape)i, k, "any"));
        }
}

/* Every value below `spec` may have a placeholder, which is not the value yet; a Policy has none.
 */
static void placeholders(void **state)
{
    size_t tried = 0;

    (void)state;
    for (int i = SHAPE_spec; i < SHAPES; i++)
        for (uint32_t k = 0; k < shapes[i].count; k++) {
            const struct field_row *f = &field_rows[shapes[i].first + k];
            const char *text = one((enum shape)i, k, "\"<labels.none>\"");
            struct spec_case c;

            if (is_policy || !field_takes_blank(f)) {
                if (f->kind != KIND_LATER && f->kind != KIND_TEXT)
                    compare(text);
                continue;
            }
            tried++;
            (void)reader_takes(text, &c);
            if (!schema_takes(text) || !strstr(spec_case_findings(&c), "no-label"))
                fail_msg("no placeholder in %s.%s:\n%s\n%s", shapes[i].name, f->key, text,
                         spec_case_findings(&c));
            spec_case_end(&c);
        }
    assert_true(tried > 80);
}

static void samples(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES; i++)
        for (uint32_t k = 0; k < shapes[i].count; k++) {
            enum kind kind = field_rows[shapes[i].first + k].kind;

            if (kind == KIND_LATER || kind == KIND_MAP || kind == KIND_LIST || kind == KIND_TABLE)
                continue;
            for (size_t v = 0; v < sizeof values / sizeof *values; v++)
                compare(one((enum shape)i, k, values[v]));
        }
    assert_true(accepted > 500 && refused > 2000);
}

/* A published schema is the one of this program. */
static void check_published(const char *path, const char *want)
{
    size_t size = strlen(want);
    FILE *f = fopen(path, getenv("SPEC_REWRITE") ? "w" : "r");
    char *have;

    if (!f)
        fail_msg("%s cannot be opened; run from the top of the tree", path);
    if (getenv("SPEC_REWRITE")) {
        assert_int_equal(fwrite(want, 1, size, f), size);
        assert_int_equal(fclose(f), 0);
        return;
    }
    have = arena_alloc(&arena, size + 2, 1);
    (void)!fread(have, 1, size + 1, f);
    fclose(f);
    if (strcmp(have, want) != 0)
        fail_msg("%s is not current: SPEC_REWRITE=1 writes it anew", path);
}

static void published(void **state)
{
    (void)state;
    check_published("specs/schema/spec.schema.json", spec_schema(&arena));
    check_published("specs/schema/policy.schema.json", policy_schema(&arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),     cmocka_unit_test(wrong_maps),
        cmocka_unit_test(wrong_values), cmocka_unit_test(taken_back),
        cmocka_unit_test(samples),      cmocka_unit_test(published),
        cmocka_unit_test(placeholders),
    };
    int failed;

    arena_init(&arena, 0);
    shapes = shapes_new(&arena);
    if (!tree_parse(&arena, spec_schema(&arena), &schema) ||
        !tree_parse(&arena, policy_schema(&arena), &schema_of_policies))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    printf("# figure: %zu small specs accepted by reader and schema, %zu refused by both\n",
           accepted, refused);
    arena_release(&arena);
    return failed;
}
