/* kind: Profile: what many clusters have in common, laid under what each says itself. */
#include "spec/fields.h"
#include "spec_case.h"

#include <stdlib.h>

#define E          SEVERITY_ERROR
#define HEAD(k, n) "apiVersion: hvgpu/v1\nkind: " k "\nmetadata: {name: " n "}\nspec:\n"
#define PROFILE    HEAD("Profile", "p")
#define SITE                                                                                       \
    "---\napiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: s-1, labels: {ring: a}}\nspec:\n"

/* What a profile and a site are together, and a cluster that says all of it itself. */
static const struct {
    const char *what, *profile, *site, *whole;
} made[] = {
    {"a profile alone",
     "  gpus: [{name: a, match: {model: L4}, partitions: 2}]\n"
     "  vms: [{name: v, gpu: partition}]\n",
     "  vms: []\n",
     "  gpus: [{name: a, match: {model: L4}, partitions: 2}]\n"
     "  vms: [{name: v, gpu: partition}]\n"},
    {"a row key by key, by its name without case",
     "  gpus: [{name: a, match: {model: L4}, perNode: 2, partitions: 2, size: 1 GiB}]\n",
     "  gpus: [{name: A, partitions: 4, match: {nodes: [hv-01]}}]\n",
     "  gpus: [{name: A, match: {model: L4, nodes: [hv-01]}, perNode: 2, partitions: 4, size: 1 "
     "GiB}]\n"},
    {"of keys of which one can be there, the one above",
     "  gpus: [{name: a, match: {model: L4}, partitions: 2}]\n", "  gpus: [{name: a, pool: ml}]\n",
     "  gpus: [{name: a, match: {model: L4}, pool: ml}]\n"},
    {"a VM by name", "  vms: [{name: v, gpu: partition, power: running}]\n",
     "  vms: [{name: V, power: stopped}]\n",
     "  vms: [{name: V, gpu: partition, power: stopped}]\n"},
    {"VMs by the same names", "  vms: [{names: [v-1..3, w], gpu: partition}]\n",
     "  vms: [{names: [W, v-1..3], power: running}]\n",
     "  vms: [{names: [v-1..3, w], gpu: partition, power: running}]\n"},
    {"names that are not the same are two rows", "  vms: [{names: v-1..3, gpu: partition}]\n",
     "  vms: [{name: v-2, gpu: none}]\n",
     "  vms: [{names: v-1..3, gpu: partition}, {name: v-2, gpu: none}]\n"},
    {"a pattern, its expect from above", "  vms: [{match: \"t-*\", gpu: asFound}]\n",
     "  vms: [{match: \"T-*\", expect: 0..4}]\n",
     "  vms: [{match: \"t-*\", expect: 0..4, gpu: asFound}]\n"},
    {"two VMs of one name",
     "  vms: [{name: v, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd0}]\n",
     "  vms: [{name: v, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd1}]\n",
     "  vms: [{name: v, gpu: none, id: 711cee18-60db-43b4-be7e-cedce5e25dd0}, {name: v, gpu: none, "
     "id: 711cee18-60db-43b4-be7e-cedce5e25dd1}]\n"},
    {"a wish of one kind",
     "  vms: [{name: v, gpu: {partition: {size: 1 GiB, vram: {min: 1 MiB}}}}]\n",
     "  vms: [{name: v, gpu: {partition: {vram: {max: 9 MiB}}}}]\n",
     "  vms: [{name: v, gpu: {partition: {size: 1 GiB, vram: {min: 1 MiB, max: 9 MiB}}}}]\n"},
    {"a wish of another kind", "  vms: [{name: v, gpu: {partition: {size: 1 GiB}}}]\n",
     "  vms: [{name: v, gpu: {devices: [PCIROOT(1)#PCI(0200)]}}]\n",
     "  vms: [{name: v, gpu: {devices: [PCIROOT(1)#PCI(0200)]}}]\n"},
    {"a class key by key, and one more",
     "  classes: {d: {gpu: partition, power: running, settings: {checkpoints: disabled}}}\n",
     "  classes: {d: {settings: {advised: strict}}, e: {gpu: none}}\n"
     "  vms: [{name: v, class: d}, {name: w, class: e}]\n",
     "  classes: {d: {gpu: partition, power: running, settings: {checkpoints: disabled, advised: "
     "strict}}, e: {gpu: none}}\n  vms: [{name: v, class: d}, {name: w, class: e}]\n"},
    {"a pool by its name, letter for letter",
     "  pools: [{name: ml, exact: true}]\n  gpus: [{name: a, match: {model: L4}, pool: ml}]\n",
     "  pools: [{name: ml, exact: false}]\n",
     "  pools: [{name: ml, exact: false}]\n  gpus: [{name: a, match: {model: L4}, pool: ml}]\n"},
    {"the policy key by key, lists whole",
     "  policy: {disruption: allowed, protect: [v, w], maxUnavailable: {vms: 2, nodes: 3}}\n"
     "  vms: [{names: [v, w], gpu: none}]\n",
     "  policy: {protect: [w], maxUnavailable: {vms: 4}}\n",
     "  policy: {disruption: allowed, protect: [w], maxUnavailable: {vms: 4, nodes: 3}}\n"
     "  vms: [{names: [v, w], gpu: none}]\n"},
    {"other lists whole", "  nodes: [{names: hv-01..04}]\n", "  nodes: [{name: hv-09}]\n",
     "  nodes: [{name: hv-09}]\n"},
    {"manage: a word and a part of it",
     "  manage: detect\n  vms: [{name: v, gpu: none, manage: ignore}]\n",
     "  manage: {gpus: enforce}\n  vms: [{name: v, manage: {power: detect}}]\n",
     "  manage: {gpus: enforce, vms: detect, settings: detect, power: detect}\n"
     "  vms: [{name: v, gpu: none, manage: {vms: ignore, settings: ignore, power: detect}}]\n"},
    {"manage: a word over parts", "  manage: {gpus: enforce}\n  vms: [{name: v, gpu: none}]\n",
     "  manage: detect\n", "  manage: detect\n  vms: [{name: v, gpu: none}]\n"},
    {"rows left out",
     "  gpus: [{name: a, match: {model: L4}, partitions: 2}, {name: b, match: {model: A2}, pool: "
     "ml}]\n  pools: [{name: ml}]\n  classes: {d: {gpu: none}}\n"
     "  vms: [{name: v, gpu: none}, {names: w-1..2, gpu: none}, {match: \"t*\", expect: 0..1, gpu: "
     "asFound}, {name: x, gpu: none}]\n",
     "  gpus: [{name: b, skip: true}]\n  pools: [{name: ml, skip: true}]\n"
     "  classes: {d: {skip: true}}\n"
     "  vms: [{name: V, skip: true}, {names: [w-2, w-1], skip: true}, {match: \"t*\", skip: "
     "true}]\n",
     "  gpus: [{name: a, match: {model: L4}, partitions: 2}]\n  vms: [{name: x, gpu: none}]\n"},
    {"a row left out and written anew", "  vms: [{name: v, gpu: partition, power: running}]\n",
     "  vms: [{name: v, gpu: none}, {name: v, skip: true}]\n", "  vms: [{name: v, gpu: none}]\n"},
    {"a VM row before its class before the cluster, whoever says them",
     "  classes: {d: {gpu: partition, stop: {deadline: 1h}}}\n"
     "  vms: [{name: v, class: d, stop: {then: turnOff}}]\n",
     "  policy: {stop: {deadline: 2h, then: forced}}\n",
     "  classes: {d: {gpu: partition, stop: {deadline: 1h}}}\n"
     "  vms: [{name: v, class: d, stop: {then: turnOff}}]\n"
     "  policy: {stop: {deadline: 2h, then: forced}}\n"},
    {"`any` of a row takes back what class and cluster say as well",
     "  classes: {d: {gpu: partition, stop: {deadline: 1h}}}\n"
     "  vms: [{name: v, class: d, stop: any}]\n  policy: {stop: {deadline: 3h}}\n",
     "  vms: [{name: v, power: running}]\n",
     "  classes: {d: {gpu: partition, stop: {deadline: 1h}}}\n"
     "  vms: [{name: v, class: d, stop: any, power: running}]\n  policy: {stop: {deadline: 3h}}\n"},
    {"`any` of the cluster's row takes back the class's as well",
     "  classes: {d: {gpu: partition, stop: {deadline: 1h}}}\n"
     "  vms: [{name: v, class: d, stop: {then: turnOff}}]\n",
     "  vms: [{name: v, stop: any}]\n",
     "  classes: {d: {gpu: partition, stop: {deadline: 1h}}}\n"
     "  vms: [{name: v, class: d, stop: any}]\n"},
    {"a value over `any`",
     "  vms: [{name: v, gpu: none, stop: any}]\n  policy: {stop: {deadline: 3h}}\n",
     "  vms: [{name: v, stop: {deadline: 1h}}]\n",
     "  vms: [{name: v, gpu: none, stop: {deadline: 1h}}]\n  policy: {stop: {deadline: 3h}}\n"},
    {"placeholders",
     "  timeZone: <labels.zone>\n  nodes: [{names: <cluster>-hv1..2}]\n"
     "  gpus: [{name: a, match: {model: L4, nodes: [<cluster>-hv1]}, partitions: <labels.parts>}]\n"
     "  vms: [{name: <cluster>-v, gpu: <labels.gpu>}, {names: [x, "
     "<labels.ring><labels.ring>-1..2], "
     "gpu: none}]\n  policy: {protect: [\"<cluster>-*\", x]}\n",
     "  vms: [{name: <cluster>-v, power: running}]\n",
     "  timeZone: Europe/Berlin\n  nodes: [{names: s-1-hv1..2}]\n"
     "  gpus: [{name: a, match: {model: L4, nodes: [s-1-hv1]}, partitions: 4}]\n"
     "  vms: [{name: s-1-v, gpu: partition, power: running}, {names: [x, aa-1..2], gpu: none}]\n"
     "  policy: {protect: [\"s-1-*\", x]}\n"},
};

#define LABELLED                                                                                   \
    "---\napiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: s-1, labels: {ring: a, zone: "     \
    "Europe/Berlin, parts: \"4\", gpu: partition}}\nspec:\n"

static const char *digest_of(struct arena *a, const char *text)
{
    struct spec_case c;
    const char *digest;

    (void)spec_case_good(&c, text);
    digest = arena_strdup(a, spec_digest(&c.arena, &c.specs.rows[0]));
    spec_case_end(&c);
    return digest;
}

/* The effective spec is one and the same; labels, and what changes nothing, are no part of it. */
static void composed(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        const char *laid = digest_of(
            &a, arena_printf(&a, PROFILE "%s" LABELLED "%s", made[i].profile, made[i].site));
        const char *self =
            digest_of(&a, arena_printf(&a, HEAD("Cluster", "s-1") "%s", made[i].whole));

        if (strcmp(laid, self) != 0)
            fail_msg("%s", made[i].what);
    }
    arena_release(&a);
}

/* Its own document over itself as a profile says nothing new: composing is idempotent. */
static void idempotent(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        const char *once =
            digest_of(&a, arena_printf(&a, HEAD("Cluster", "s-1") "%s", made[i].whole));
        const char *twice = digest_of(&a, arena_printf(&a, PROFILE "%s---\n%s%s", made[i].whole,
                                                       HEAD("Cluster", "s-1"), made[i].whole));

        if (strcmp(once, twice) != 0)
            fail_msg("%s: laid over itself it is another", made[i].what);
    }
    arena_release(&a);
}

/* One at a time, and all of them in every order: priority decides, and nothing else. */
static void priorities(void **state)
{
    static const char *const docs[] = {
        HEAD("Profile",
             "low") "  gpus: [{name: a, match: {model: L4}, perNode: 2, partitions: 2}]\n",
        HEAD("Profile", "mid") "  priority: 5\n  gpus: [{name: a, partitions: 8, perNode: 3}]\n",
        HEAD("Profile", "also") "  priority: 5\n  gpus: [{name: a, partitions: 8, size: 1 GiB}]\n",
        HEAD("Profile", "high") "  priority: 10\n  appliesTo: {matchLabels: {ring: a}}\n"
                                "  gpus: [{name: a, partitions: 4}]\n",
        HEAD("Profile", "other") "  priority: 20\n  appliesTo: {matchLabels: {ring: b}}\n"
                                 "  gpus: [{name: a, partitions: 16}]\n",
        "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: s, labels: {ring: a}}\nspec: {}\n",
    };
    enum { COUNT = sizeof docs / sizeof *docs };
    struct arena a;
    const char *first = NULL;

    (void)state;
    arena_init(&a, 0);
    for (unsigned turn = 0; turn < 720; turn++) {
        size_t order[COUNT], left = COUNT;
        unsigned rest = turn;
        struct text t;
        struct spec_case c;
        const char *says, *digest;

        for (size_t i = 0; i < COUNT; i++)
            order[i] = i;
        text_init(&t, &a);
        for (; left; left--) {
            size_t k = rest % left;

            rest /= (unsigned)left;
            text_printf(&t, "---\n%s", docs[order[k]]);
            order[k] = order[left - 1];
        }
        spec_case_read(&c, text_done(&t));
        says = spec_case_findings(&c);
        assert_true(c.ok && c.found.count == 1 && strstr(says, "profile other applies to none"));
        assert_int_equal(c.specs.rows[0].gpus[0].count, 4);
        assert_int_equal(c.specs.rows[0].gpus[0].per_node.value, 3);
        assert_int_equal(c.specs.rows[0].profile_count, 4);
        assert_string_equal(c.specs.rows[0].profiles[0].name, "high");
        assert_string_equal(c.specs.rows[0].profiles[3].name, "low");
        digest = arena_strdup(&a, spec_digest(&c.arena, &c.specs.rows[0]));
        first = first ? first : digest;
        assert_string_equal(first, digest);
        spec_case_end(&c);
    }
    arena_release(&a);
}

/* What counts is where it was said. */
static void places(void **state)
{
    struct spec_case c;
    const struct spec *s = spec_case_good(
        &c, PROFILE "  gpus:\n    - name: a\n      match: {model: L4}\n      partitions: 2\n"
                    "  vms:\n    - {name: <cluster>-v, gpu: partition, power: running}\n" SITE
                    "  gpus:\n    - name: a\n      size: 1 GiB\n"
                    "  vms:\n    - {name: s-1-v, power: stopped}\n");

    (void)state;
    assert_int_equal(s->at.line, 12);
    assert_int_equal(s->gpus[0].use_at.line, 8);
    assert_int_equal(s->gpus[0].size.at.line, 18);
    assert_int_equal(s->gpus[0].at.line, 17);
    assert_int_equal(s->vms[0].wish->use_at.line, 10);
    assert_int_equal(s->vms[0].wish->use_at.column, 32);
    assert_int_equal(s->vms[0].wish->power_at.line, 20);
    spec_case_end(&c);
}

#define TWO(first, second)                                                                         \
    HEAD("Profile", "p")                                                                           \
    first "---\n" HEAD("Profile", "q") second SITE "  vms: [{name: z, gpu: none}]\n"

static void refused(void **state)
{
    static const struct spec_row rows[] = {
        /* a profile by itself */
        {PROFILE "  gpus: [{nmae: a}]\n", "unknown-key", 5, 11, "name", E, NULL},
        {PROFILE "  connect: {sim: w.yaml}\n", "wrong-kind", 5, 3, "is its own", E, NULL},
        {PROFILE "  priority: -1\n", "not-a-number", 5, 13, NULL, E, NULL},
        {PROFILE "  priority: 1000001\n", "out-of-range", 5, 13, NULL, E, NULL},
        {PROFILE "  appliesTo: {matchLabels: [ring]}\n", "wrong-type", 5, 28, NULL, E, NULL},
        {PROFILE "  appliesTo: {}\n", "missing-key", 5, 14, "matchLabels", E, NULL},
        {PROFILE "  gpus: [{skip: true}]\n", "key-alone", 5, 10, "`name`", E, NULL},
        {PROFILE "  vms: [{name: v, skip: true, gpu: none}]\n", "key-choice", 5, 25, "nothing else",
         E, NULL},
        {PROFILE "  vms: [{name: v, skip: false}]\n", "wrong-type", 5, 25, NULL, E, NULL},
        {PROFILE "  gpus: [{name: a, partitions: 4}]\n", "", 0, 0, NULL, E, NULL},
        {CLUSTER "  priority: 4\n", "wrong-kind", 5, 3, "only a Profile", E, NULL},
        {CLUSTER "  appliesTo: {matchLabels: {a: b}}\n", "wrong-kind", 5, 3, NULL, E, NULL},
        {HEAD("Profile", "p") "  priority: 1\n---\n" HEAD("Profile", "P") "  priority: 2\n",
         "two-documents", 7, 1, "t.yaml:1", E, NULL},
        /* what a site leaves open, and no profile says */
        {CLUSTER "  gpus: [{name: a, partitions: 4}]\n", "row-incomplete", 5, 10,
         "where a profile says it", E, NULL},
        {CLUSTER "  vms: [{name: v, skip: true}]\n", "skips-nothing", 5, 25, "its folder", E, NULL},
        {PROFILE "  vms: [{name: vm-1, gpu: none}]\n" SITE "  vms: [{name: vm-2, skip: true}]\n",
         "skips-nothing", 11, 28, "did you mean vm-1?", E, NULL},
        {PROFILE "  vms: [{name: v, skip: true}]\n" SITE "  vms: []\n", "skips-nothing", 5, 25,
         NULL, E, NULL},
        {"apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: s, labels: {a: b}}\nspec: {}\n",
         "nothing-declared", 1, 1, "folder", SEVERITY_WARNING, NULL},
        {PROFILE "  appliesTo: {matchLabels: {ring: b}}\n" SITE "  vms: [{name: z, gpu: none}]\n",
         "unused-profile", 1, 1, "appliesTo", SEVERITY_WARNING, NULL},
        /* a profile that is not valid is a part of nothing */
        {PROFILE "  appliesTo: {matchLabels: {ring: b}}\n  gpus: 7\n" SITE
                 "  vms: [{name: z, gpu: none}]\n",
         "wrong-type", 6, 9, NULL, E, NULL},
        /* placeholders */
        {PROFILE "  vms: [{name: <cluster>-v, gpu: none, node: <labels.node>}]\n" SITE
                 "  vms: []\n",
         "no-label", 5, 46, "labels: {node: ..} into its metadata (t.yaml:9)", E, NULL},
        {PROFILE "  vms: [{name: v, gpu: <labels.ring>}]\n" SITE "  vms: []\n", "not-one-of", 5, 24,
         NULL, E, NULL},
        {PROFILE "  vms: [{name: \"<cluster>\\n\", gpu: none}]\n" SITE "  vms: []\n",
         "path-in-double-quotes", 5, 16, "and s-1", E, NULL},
        {PROFILE "  vms: [{name: <label.x>, gpu: none}]\n", "bad-name", 5, 16, "<labels.KEY>", E,
         NULL},
        {PROFILE "  classes: {<cluster>: {gpu: none}}\n", "bad-name", 5, 13, NULL, E, NULL},
        {PROFILE "  vms: [{name: <cluster>..9, gpu: none}]\n" SITE "  vms: []\n", "bad-name", 5, 16,
         "is a range", E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* Neither goes before the other. */
static void one_priority(void **state)
{
    static const struct spec_row rows[] = {
        {TWO("  policy: {disruption: never}\n", "  policy: {disruption: allowed}\n"),
         "profiles-disagree", 11, 24, "t.yaml:5", E, NULL},
        {TWO("  vms: [{name: v, gpu: none}]\n", "  vms: [{name: v, gpu: partition}]\n"),
         "profiles-disagree", 11, 24, "`gpu`", E, NULL},
        {TWO("  vms: [{name: v, gpu: none}, {names: [w, x-1..2], gpu: none}]\n",
             "  vms: [{name: V, power: running}, {names: [X-1..2, w], gpu: none}]\n"),
         "", 0, 0, NULL, E, NULL},
        {HEAD("Profile", "base") "  vms: [{name: v, gpu: none}]\n---\n" TWO(
             "  priority: 5\n  vms: [{name: v, power: running}]\n",
             "  priority: 5\n  vms: [{name: v, skip: true}]\n"),
         "profiles-disagree", 19, 9, "`vms`", E, NULL},
        {TWO("  gpus: [{name: a, match: {model: L4}, partitions: 4}]\n",
             "  gpus: [{name: a, pool: ml}]\n"),
         "profiles-disagree", 11, 10, "`pool`", E, NULL},
        {TWO("  policy: {protect: [z]}\n", "  policy: {protect: [z, \"v*\"]}\n"),
         "profiles-disagree", 11, 21, "`protect`", E, NULL},
        {TWO("  nodes: [{name: a}]\n", "  nodes: [{name: b}]\n"), "profiles-disagree", 11, 10,
         "`nodes`", E, NULL},
        {TWO("  vms: [{name: v, gpu: none, stop: any}]\n",
             "  vms: [{name: v, stop: {then: hold}}]\n"),
         "profiles-disagree", 11, 25, "`stop`", E, NULL},
        {TWO("  policy: {protect: [z], disruption: never}\n",
             "  policy: {disruption: never, protect: [z]}\n"),
         "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* A profile that is not valid refuses whom it would be a part of, and nobody else. */
static void not_valid(void **state)
{
    struct spec_case c;
    const char *says;

    (void)state;
    spec_case_read(&c, PROFILE "  gpus: 7\n" SITE "  gpus: [{name: a, partitions: 2}]\n");
    says = spec_case_findings(&c);
    assert_false(c.ok);
    assert_int_equal(c.found.count, 2);
    assert_non_null(strstr(says, "5:9 wrong-type"));
    assert_non_null(strstr(says, "1:1 bad-profile: profile p applies, and is not valid"));
    spec_case_end(&c);
}

static struct spec_source source_of(const char *file, const char *text)
{
    return (struct spec_source){.file = file, .text = text, .size = strlen(text)};
}

/* What only a cluster has is no part of a server; a server's own document must not say it. */
static void of_a_host(void **state)
{
    static const char profile[] =
        PROFILE "  classes: {d: {gpu: partition, move: allowed, settings: {offlineAction: 3}}}\n"
                "  nodes: [{name: h, state: drained}]\n"
                "  vms: [{name: v, class: d, move: allowed, settings: {offlineAction: 3, advised: "
                "strict}}]\n"
                "  policy: {move: allowed, reserve: {nodes: 1}, homogeneous: require, "
                "maxUnavailable: {nodes: 2}, disruption: allowed}\n---\n";
    static const char own[] = "  classes: {d: {gpu: partition}}\n  nodes: [{name: h}]\n"
                              "  vms: [{name: v, class: d, settings: {advised: strict}}]\n"
                              "  policy: {disruption: allowed}\n";
    struct arena a;
    struct spec_case c;

    (void)state;
    arena_init(&a, 0);
    assert_string_equal(digest_of(&a, arena_printf(&a, "%s" HOST "  vms: []\n", profile)),
                        digest_of(&a, arena_printf(&a, HOST "%s", own)));
    for (uint32_t i = 0; i < of_clusters_count; i++)
        assert_non_null(strstr(profile, of_clusters_rows[i].key));
    spec_case_read(&c, arena_printf(&a, HOST "%s", strstr(profile, "  classes")));
    for (size_t i = 0; i < c.found.count; i++)
        assert_string_equal(c.found.rows[i].code, "cluster-only");
    assert_int_equal(c.found.count, of_clusters_count + 1); /* of class and row */
    spec_case_end(&c);
    arena_release(&a);
}

/* Read once, and a part of many: what is wrong with them is told with their own file. */
static void shared(void **state)
{
    static const char text[] =
        PROFILE "  appliesTo: {matchLabels: {ring: a}}\n  vms: [{name: <cluster>-v, gpu: none}]\n"
                "---\n" HEAD("Profile", "bad") "  appliesTo: {matchLabels: {ring: b}}\n  vms: 7\n";
    static const char *const sites[] = {SITE "  vms: []\n",
                                        "apiVersion: hvgpu/v1\nkind: Cluster\n"
                                        "metadata: {name: s-2, labels: {ring: b}}\nspec: {}\n"};
    const struct spec_source profiles = source_of("p.yaml", text);
    const struct spec_source broken[] = {profiles, source_of("q.yaml", PROFILE "  vms: [{\n")};
    struct spec_among among = {0};
    struct spec_case c;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct spec_source site = source_of("s.yaml", sites[i]);

        arena_init(&c.arena, 0);
        findings_init(&c.found, &c.arena);
        among.profiles = profiles_read(&c.arena, &profiles, 1);
        assert_int_equal(profiles_count(among.profiles), 2);
        c.ok = spec_read_among(&c.arena, &site, 1, &among, &c.specs, &c.found);
        assert_int_equal(c.specs.profile_count, 0);
        if (i == 0) {
            assert_true(c.ok && !c.found.count);
            assert_string_equal(c.specs.rows[0].vms[0].name, "s-1-v");
            assert_string_equal(c.specs.rows[0].vms[0].at.file, "p.yaml");
            assert_string_equal(profiles_at(among.profiles, 1).name, "p");
            assert_true(c.specs.applied[1] && !c.specs.applied[0]);
        } else {
            assert_string_equal(spec_case_findings(&c),
                                "8:1 bad-profile: profile bad applies, and is not valid [mend it; "
                                "its own findings are said with its file]\n");
        }
        c.found.count = c.found.errors = 0;
        among.profiles = profiles_read(&c.arena, broken, 2);
        c.ok = spec_read_among(&c.arena, &site, 1, &among, &c.specs, &c.found);
        assert_true(!c.ok && strstr(spec_case_findings(&c), "cannot be read to its end"));
        spec_case_end(&c);
    }
}

/* Nobody waits for a profile of ten thousand rows, or for a name without an end. */
static void large(void **state)
{
    enum { ROWS = 10000 };
    struct spec_case c;
    struct arena a;
    struct text t;

    (void)state;
    arena_init(&a, 0);
    text_init(&t, &a);
    text_add(&t, PROFILE "  vms:\n");
    for (int i = 0; i < ROWS; i++)
        text_printf(&t, "    - {name: <cluster>-%d, gpu: partition}\n", i);
    text_add(&t, SITE "  vms:\n");
    for (int i = 0; i < ROWS; i += 2)
        text_printf(&t, "    - {name: s-1-%d, power: running}\n", i);
    assert_int_equal(spec_case_good(&c, text_done(&t))->vm_count, ROWS);
    spec_case_end(&c);
    text_init(&t, &a);
    text_add(&t, PROFILE "  vms: [{name: v, gpu: none, node: ");
    for (int i = 0; i < 28; i++)
        text_add(&t, "<cluster>");
    text_printf(
        &t, "}]\n---\napiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: %0200d}\nspec: {}\n",
        7);
    spec_case_read(&c, text_done(&t));
    assert_true(!c.ok && c.found.count == 1);
    assert_string_equal(c.found.rows[0].code, "too-long");
    assert_int_equal(c.found.rows[0].at.line, 5);
    spec_case_end(&c);
    arena_release(&a);
}

/* The value that counts, and those that do not. */
static void told(void **state)
{
    static const char text[] =
        HEAD("Profile", "low") "  gpus: [{name: a, match: {model: L4}, partitions: 2}]\n"
                               "  policy: {stop: {deadline: 1h}}\n"
                               "  vms: [{name: <cluster>-v, gpu: partition, power: running}]\n"
                               "---\n" HEAD("Profile",
                                            "high") "  priority: 1\n"
                                                    "  gpus: [{name: a, partitions: 8}]\n" SITE
                                                    "  gpus: [{name: a, pool: ml}]\n"
                                                    "  vms: [{name: s-1-v, power: stopped}]\n";
    const struct spec_source source = source_of("t.yaml", text);
    struct spec_case c;
    struct text t;

    (void)state;
    arena_init(&c.arena, 0);
    findings_init(&c.found, &c.arena);
    assert_true(spec_read_among(&c.arena, &source, 1, &(struct spec_among){.trace = true}, &c.specs,
                                &c.found));
    text_init(&t, &c.arena);
    for (int which = 0; which < 2; which++) {
        const struct spec_trace *said =
            which ? c.specs.rows[0].vms[0].said : c.specs.rows[0].gpus[0].said;

        for (size_t i = 0; i < said->count; i++) {
            const struct spec_said *row = &said->rows[i];

            if (!row->at.file)
                continue;
            text_printf(&t, "%s=%s %s:%u", row->key, row->value, row->level, row->at.line);
            for (size_t k = 0; k < row->lost_count; k++)
                text_printf(&t, " <%s %s:%u", row->lost[k].value, row->lost[k].level,
                            row->lost[k].at.line);
            text_add(&t, "\n");
        }
    }
    assert_string_equal(text_done(&t), "name=a row:20\n"
                                       "match.model=L4 row of profile low:5\n"
                                       "pool=ml row:20\n"
                                       "gpu=partition row of profile low:7\n"
                                       "power=stopped row:21 <running row of profile low:7\n"
                                       "stop.deadline=1 h profile low:6\n");
    spec_case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(composed),  cmocka_unit_test(idempotent), cmocka_unit_test(priorities),
        cmocka_unit_test(places),    cmocka_unit_test(refused),    cmocka_unit_test(one_priority),
        cmocka_unit_test(not_valid), cmocka_unit_test(shared),     cmocka_unit_test(of_a_host),
        cmocka_unit_test(large),     cmocka_unit_test(told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
