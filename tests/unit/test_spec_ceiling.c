/*
 * P5 and P6 on specs alone: what a Policy may say and what bad input gets; of
 * each value the stricter, for all that a spec and two Policies can say; what
 * an override lifts.
 */
#include "base/limits.h"
#include "spec/ceiling.h"
#include "spec_case.h"

#define POLICY        "apiVersion: hvgpu/v1\nkind: Policy\nmetadata: {name: p}\nspec:\n"
#define E             SEVERITY_ERROR
#define KEY           "ed25519:XgEDsjqHzGQhDEdVPlWkMj5Bzdd2lRHRJYRrDYCKMtM="
#define KEY2          "ed25519:uGJ8MX56jgCbN/dW/SazhS26P7rVGCRMw2M3MYEhAUI="
#define SIGNERS(rows) "  approvals: [{when: {count: true}, signers: [" rows "]}]\n"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static bool policies_read(const char *const *texts, size_t count, struct ceilings *out,
                          struct findings *found)
{
    struct spec_source sources[4];

    findings_init(found, &arena);
    for (size_t i = 0; i < count; i++)
        sources[i] = (struct spec_source){.file = arena_printf(&arena, "p%zu.yaml", i),
                                          .text = texts[i],
                                          .size = strlen(texts[i])};
    return ceilings_read(&arena, sources, count, out, found);
}

static const char *policy(const char *name, const char *spec)
{
    return arena_printf(
        &arena, "apiVersion: hvgpu/v1\nkind: Policy\nmetadata: {name: %s}\nspec: %s\n", name, spec);
}

/* A spec under one Policy, or under two. */
static struct spec *bound(struct spec_case *c, const char *text, const char *one, const char *two)
{
    const char *const texts[] = {policy("a", one), two ? policy("b", two) : NULL};
    struct ceilings ceilings;
    struct findings found;

    if (!policies_read(texts, two ? 2 : 1, &ceilings, &found) || found.count)
        fail_msg("%s %s: %s", one, two ? two : "", found.count ? found.rows[0].text : "?");
    spec_case_read(c, text);
    if (!c->ok)
        fail_msg("%s\n%s", text, spec_case_findings(c));
    ceilings_apply(&arena, &ceilings, &c->specs.rows[0]);
    return &c->specs.rows[0];
}

/* ---- what bad input gets ---- */

struct bad {
    const char *text, *code;
    uint32_t line;
};

static void refuses(const struct bad *rows, size_t count)
{
    struct ceilings ceilings;
    struct findings found;

    for (size_t i = 0; i < count; i++) {
        const char *text = rows[i].text;
        bool ok = policies_read(&text, 1, &ceilings, &found);

        if (ok || found.count != 1 || strcmp(found.rows[0].code, rows[i].code) != 0 ||
            found.rows[0].at.line != rows[i].line || !found.rows[0].next)
            fail_msg("%s\nexpected %u %s, got %zu: %u %s: %s", text, rows[i].line, rows[i].code,
                     found.count, found.count ? found.rows[0].at.line : 0,
                     found.count ? found.rows[0].code : "", found.count ? found.rows[0].text : "");
    }
}

static void bad_input(void **state)
{
    static const struct bad rows[] = {
        {POLICY "  disruption: always\n", "not-one-of", 5},
        {POLICY "  maxUnavailable: {vms: 0}\n", "out-of-range", 5},
        {POLICY "  maxUnavailable: {}\n", "key-choice", 5},
        {POLICY "  approvals: [{need: 1}]\n", "missing-key", 5},
        {POLICY "  approvals: [{when: {}}]\n", "key-choice", 5},
        {POLICY "  approvals: [{when: {count: false}}]\n", "wrong-type", 5},
        {POLICY "  approvals: [{when: {interrupts: true}}]\n", "not-a-number", 5},
        {POLICY "  approvals: [{when: {count: true}, need: 0}]\n", "out-of-range", 5},
        {POLICY "  approvals: [{when: {count: true}, need: 65}]\n", "out-of-range", 5},
        {POLICY "  approvals: [{when: {count: true}, maxAge: soon}]\n", "not-a-duration", 5},
        {POLICY "  approvals: [{when: {count: true}, signers: []}]\n", "bad-key", 5},
        {POLICY SIGNERS("{name: a, key: \"ed25519:AAAA\"}"), "bad-key", 5},
        {POLICY SIGNERS("{name: a, key: \"" KEY "A\"}"), "bad-key", 5},
        {POLICY SIGNERS("{name: a, key: \"" KEY "\"}, {name: b, key: \"" KEY "\"}"),
         "duplicate-name", 5},
        {POLICY "  approvals:\n    - when: {count: true}\n      need: 2\n"
                "      signers: [{name: a, key: \"" KEY "\"}, {name: A, key: \"" KEY2 "\"}]\n",
         "out-of-range", 7},
        {POLICY "  expected: []\n", "unknown-key", 5},
        {POLICY "  rollout: {}\n", "unknown-key", 5},
        {POLICY "  appliesTo: {}\n", "missing-key", 5},
        {POLICY "  appliesTo: {matchLabels: [a]}\n", "wrong-type", 5},
        {POLICY "  maxSnapshotAge: 3 days\n", "not-a-duration", 5},
        {POLICY "  protect: *pay\n", "alias", 5},
        {POLICY "  maintenanceWindows: {allow: [{days: [sat], start: \"02:00\", duration: 8d}]}\n",
         "out-of-range", 5},
        {POLICY "  maintenanceWindows: {deny: [{from: 2026-11-21, to: 2026-11-20}]}\n",
         "date-order", 5},
        {"apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: c}\nspec: {what: ever}\n",
         "not-one-of", 2},
        {"apiVersion: hvgpu/v1\nkind: Policy\nspec: {}\n", "missing-key", 1},
        {"apiVersion: hvgpu/v1\nkind: Policy\nmetadata: {name: p}\n", "missing-key", 1},
        {"", "no-policy", 1},
        {"# nothing\n---\n", "no-policy", 1},
        {"hello\n", "wrong-type", 1},
        {"[1]\n", "wrong-type", 1},
        {POLICY "  protect: [never\n", "syntax", 6},
    };

    (void)state;
    refuses(rows, sizeof rows / sizeof *rows);
}

/* P13 */
static void bad_fleet(void **state)
{
    static const struct bad rows[] = {
        {POLICY "  fleet: {}\n", "key-choice", 5},
        {POLICY "  fleet: {parallel: 0}\n", "out-of-range", 5},
        {POLICY "  fleet: {stopAfter: {}}\n", "missing-key", 5},
        {POLICY "  fleet: {stopAfter: {failed: 0}}\n", "out-of-range", 5},
        {POLICY "  fleet: {order: []}\n", "out-of-range", 5},
        {POLICY "  fleet: {order: [{}]}\n", "out-of-range", 5},
        {POLICY "  fleet: {order: {ring: canary}}\n", "wrong-type", 5},
        {POLICY "  fleet: {order: [canary]}\n", "wrong-type", 5},
        {POLICY "  fleet:\n    order: [{a: b, c: d}, {e: f}, {c: d, a: b}]\n", "duplicate-name", 6},
        {POLICY "  fleet: {maxUnknown: 3}\n", "not-a-percent", 5},
        {POLICY "  fleet: {maxUnknown: 101%}\n", "not-a-percent", 5},
        {POLICY "  fleet: {maxUnknown: 3 %}\n", "not-a-percent", 5},
        {POLICY "  fleet: {parallel: 2, soak: 48h}\n", "not-supported-yet", 5},
    };

    (void)state;
    refuses(rows, sizeof rows / sizeof *rows);
}

static void too_much(void **state)
{
    struct ceilings ceilings;
    struct findings found;
    struct text t;

    (void)state;
    text_init(&t, &arena);
    text_add(&t, POLICY "  protect:\n");
    for (int i = 0; i <= LIMIT_PROTECT; i++)
        text_printf(&t, "    - vm-%d\n", i);
    assert_false(policies_read((const char *const[]){text_done(&t)}, 1, &ceilings, &found));
    assert_string_equal(found.rows[0].code, "too-many");

    text_init(&t, &arena);
    for (int i = 0; i <= LIMIT_POLICIES; i++)
        text_printf(&t, "---\n%s", policy(arena_printf(&arena, "p%d", i), "{move: never}"));
    assert_false(policies_read((const char *const[]){text_done(&t)}, 1, &ceilings, &found));
    assert_string_equal(found.rows[0].code, "too-many");
}

static void two_of_one_name(void **state)
{
    const char *const texts[] = {policy("limits", "{move: never}"),
                                 policy("LIMITS", "{move: never}")};
    struct ceilings ceilings;
    struct findings found;

    (void)state;
    assert_false(policies_read(texts, 2, &ceilings, &found));
    assert_string_equal(found.rows[0].code, "two-documents");
}

/* Of what it says: not of layout, comments, reasons, order and case of names. */
static void digests(void **state)
{
    static const struct {
        const char *one, *other;
        bool same;
    } rows[] = {
        {"{protect: [a, B], move: never}", "{move: never,   protect: [b, a]} # why", true},
        {"{maxUnavailable: {vms: 4}}", "{maxUnavailable: {vms: 4, nodes: 1}}", false},
        {"{move: allowed}", "{}", true},
        {"{disruption: window}", "{disruption: never}", false},
        {"{stop: {deadline: 60s}}", "{stop: {deadline: 1m}}", true},
        {"{maintenanceWindows: {deny: [{from: 2026-11-21, to: 2026-11-22, reason: x}]}}",
         "{maintenanceWindows: {deny: [{from: 2026-11-21, to: 2026-11-22}]}}", true},
        {"{maintenanceWindows: {allow: [{days: [sat], start: \"02:00\", duration: 4h}]}}",
         "{maintenanceWindows: {allow: [{days: [sat], start: \"02:00\", duration: 3h}]}}", false},
        {"{appliesTo: {matchLabels: {a: b}}}", "{appliesTo: {matchLabels: {a: c}}}", false},
        {"{maxSnapshotAge: 72h}", "{maxSnapshotAge: 3d}", true},
        {"{approvals: [{when: {count: true}}]}", "{approvals: [{need: 1, when: {count: true}}]}",
         true},
        {"{approvals: [{when: {count: true}}]}", "{approvals: [{when: {forcedStop: true}}]}",
         false},
        {"{approvals: [{when: {count: true}}]}", "{approvals: [{when: {count: true}, need: 2}]}",
         false},
        {"{approvals: [{when: {interrupts: 0}}]}", "{approvals: [{when: {nodes: 0}}]}", false},
        {"{approvals: [{when: {count: true}}]}",
         "{approvals: [{when: {count: true}, notAuthor: true}]}", false},
        {"{approvals: [{when: {count: true}, maxAge: 1d}]}",
         "{approvals: [{when: {count: true}, maxAge: 24h}]}", true},
        {"{approvals: [{when: {count: true}, signers: [{name: a, key: \"" KEY "\"}]}]}",
         "{approvals: [{when: {count: true}, signers: [{name: b, key: \"" KEY "\"}]}]}", false},
        {"{approvals: [{when: {count: true}, signers: [{name: a, key: \"" KEY "\"}]}]}",
         "{approvals: [{when: {count: true}, signers: [{name: a, key: \"" KEY2 "\"}]}]}", false},
        {"{approvals: [{when: {count: true}}, {when: {nodes: 1}}]}",
         "{approvals: [{when: {nodes: 1}}, {when: {count: true}}]}", true},
        {"{approvals: []}", "{}", true},
        {"{fleet: {parallel: 2}}", "{fleet: {parallel: 2, stopAfter: {failed: 1}}}", true},
        {"{fleet: {parallel: 2}}", "{fleet: {parallel: 3}}", false},
        {"{fleet: {maxUnknown: 0%}}", "{fleet: {parallel: 2, maxUnknown: 0%}}", false},
        {"{fleet: {maxUnknown: 3%}}", "{fleet: {maxUnknown: 4%}}", false},
        {"{fleet: {parallel: 2}}", "{fleet: {parallel: 2, stopAfter: {failed: 2}}}", false},
        {"{fleet: {order: [{a: b, c: d}]}}", "{fleet: {order: [{c: d, a: b}]}}", true},
        {"{fleet: {order: [{a: b}, {c: d}]}}", "{fleet: {order: [{c: d}, {a: b}]}}", false},
        {"{fleet: {order: [{a: b, c: d}]}}", "{fleet: {order: [{a: b}, {c: d}]}}", false},
    };
    struct ceilings one, other;
    struct findings found;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = policy("p", rows[i].one);

        assert_true(policies_read(&text, 1, &one, &found));
        text = policy("p", rows[i].other);
        assert_true(policies_read(&text, 1, &other, &found));
        if ((strcmp(one.rows[0].digest, other.rows[0].digest) == 0) != rows[i].same)
            fail_msg("%s\n%s", rows[i].one, rows[i].other);
    }
}

/* ---- whom it binds ---- */

static void labels(void **state)
{
    static const struct {
        const char *labels;
        bool bound;
    } rows[] = {{"{ring: canary, country: de}", true},
                {"{ring: canary, country: de, x: y}", true},
                {"{ring: canary}", false},
                {"{ring: Canary, country: de}", false},
                {"{}", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct spec_case c;
        const struct spec *s =
            bound(&c,
                  arena_printf(&arena,
                               "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: c, labels: "
                               "%s}\nspec: {policy: {partial: allow}}\n",
                               rows[i].labels),
                  "{appliesTo: {matchLabels: {ring: canary, country: de}}, partial: never}", NULL);

        assert_int_equal(s->policy.partial, !rows[i].bound);
        assert_int_equal(s->policy.ceiling_count, rows[i].bound);
        spec_case_end(&c);
    }
}

/* P12: rules of several Policies all count; a spec has none. */
static void approvals_add_up(void **state)
{
    struct spec_case c;
    const struct spec *s = bound(&c, CLUSTER "  vms: [{name: v, gpu: none}]\n",
                                 "{approvals: [{when: {interrupts: 2, count: true}, need: 3}]}",
                                 "{approvals: [{when: {nodes: 0}, notAuthor: true, maxAge: 2d, "
                                 "signers: [{name: eva, key: \"" KEY "\"}]}]}");
    const struct approval_rule *r = s->policy.approvals;

    (void)state;
    assert_int_equal(s->policy.approval_count, 2);
    assert_true(num_is(r[0].interrupts, 2) && !r[0].nodes.known && !r[0].detach.known);
    assert_true(r[0].count && !r[0].forced_stop && !r[0].not_author && r[0].need == 3);
    assert_true(num_is(r[1].nodes, 0) && r[1].need == 1 && r[1].not_author);
    assert_int_equal(r[1].max_age_ms, 2 * 24 * 60 * 60 * 1000);
    assert_string_equal(r[1].signers[0].name, "eva");
    assert_string_equal(r[1].signers[0].key, KEY);
    assert_int_equal(s->policy.tightened_count, 2);
    assert_string_equal(s->policy.tightened[0].to, "1 signed beyond 0 nodes");
    assert_string_equal(s->policy.tightened[1].to, "3 beyond 2 interruptions, for a new count");
    spec_case_end(&c);
}

/* ---- of each value the stricter, for all that three can say ---- */

/* What a spec, and a Policy, can say of one thing; and what counts of it, as a number. */
struct bounded {
    const char *says[5]; /* in a policy map; "" nothing.  Of a spec and of a Policy alike */
    long (*value)(const struct spec *s);
    bool more; /* the larger one is the stricter */
};

static long disruption_of(const struct spec *s)
{
    return disruption_rank(s->vms[0].wish->disruption);
}
static long move_of(const struct spec *s)
{
    return s->vms[0].wish->move + 2 * s->policy.move;
}
static long deadline_of(const struct spec *s)
{
    return (long)s->vms[0].wish->stop_deadline_ms;
}
static long then_of(const struct spec *s)
{
    return s->vms[0].wish->stop_then;
}
static long vms_of(const struct spec *s)
{
    return policy_vms(&s->policy) ? (long)policy_vms(&s->policy) : LIMIT_VMS;
}
static long nodes_of(const struct spec *s)
{
    return policy_nodes(&s->policy) ? (long)policy_nodes(&s->policy) : LIMIT_NODES;
}
static long reserve_of(const struct spec *s)
{
    return s->policy.reserve_nodes;
}
static long homogeneous_of(const struct spec *s)
{
    return s->policy.homogeneous == HOMOGENEOUS_REQUIRE;
}
static long partial_of(const struct spec *s)
{
    return s->policy.partial;
}
static long prune_of(const struct spec *s)
{
    return s->policy.prune + 2 * (s->pruned != NULL);
}
static long protects(const struct spec *s)
{
    long n = 0;

    for (size_t i = 0; i < s->policy.protect_count; i++)
        n |= 1L << (s->policy.protect[i][0] - 'a');
    return n;
}

static const struct bounded fields[] = {
    {{"", "disruption: never", "disruption: window", "disruption: allowed"}, disruption_of, false},
    {{"", "move: never", "move: allowed"}, move_of, false},
    {{"", "stop: {deadline: 1m}", "stop: {deadline: 10m}", "stop: {deadline: 20m}"},
     deadline_of,
     true},
    {{"", "stop: {then: hold}", "stop: {then: forced}", "stop: {then: turnOff}"}, then_of, false},
    {{"", "maxUnavailable: {vms: 1}", "maxUnavailable: {vms: 3}", "maxUnavailable: {nodes: 2}"},
     vms_of,
     false},
    {{"", "maxUnavailable: {nodes: 1}", "maxUnavailable: {nodes: 3}", "maxUnavailable: {vms: 2}"},
     nodes_of,
     false},
    {{"", "reserve: {nodes: 0}", "reserve: {nodes: 1}"}, reserve_of, true},
    {{"", "homogeneous: warn", "homogeneous: require"}, homogeneous_of, true},
    {{"", "partial: never", "partial: allow"}, partial_of, false},
    {{"", "prune: never", "prune: owned"}, prune_of, false},
    {{"", "protect: [a]", "protect: [b]", "protect: [a, b]", "protect: [c]"}, protects, true},
};

static const char *spec_text(const char *says, const char *row)
{
    bool window = strstr(says, "window") || strstr(row, "window");

    return arena_printf(&arena, CLUSTER "  vms: [{name: v, gpu: none%s%s}]\n  policy: {%s%s%s}\n",
                        *row ? ", " : "", row, says, *says && window ? ", " : "",
                        window ? "maintenanceWindows: {allow: [{days: [sat], start: \"02:00\", "
                                 "duration: 4h}]}"
                               : "");
}

static long value_under(const struct bounded *f, const char *says, const char *row, const char *one,
                        const char *two)
{
    struct spec_case c;
    const struct spec *s = bound(&c, spec_text(says, row), arena_printf(&arena, "{%s}", one),
                                 two ? arena_printf(&arena, "{%s}", two) : NULL);
    long value = f->value(s);

    spec_case_end(&c);
    return value;
}

static void is_stricter(const struct bounded *f, const char *says, const char *row, const char *one,
                        const char *two)
{
    long own = value_under(f, says, row, "", NULL), first = value_under(f, says, row, one, NULL);
    long second = value_under(f, says, row, two, NULL), both = value_under(f, says, row, one, two);
    long turned = value_under(f, says, row, two, one);
    bool sets = f->value == protects; /* the union, not the larger number */
    long least = sets      ? (first | second)
                 : f->more ? (first > second ? first : second)
                           : (first < second ? first : second);

    if (f->more ? (first < own || (sets && (first & own) != own)) : first > own)
        fail_msg("%s | %s under %s: %ld -> %ld is weaker", says, row, one, own, first);
    if (both != least || both != turned)
        fail_msg("%s | %s under %s, %s: %ld, turned %ld, expected %ld", says, row, one, two, both,
                 turned, least);
    if (value_under(f, says, row, one, one) != first)
        fail_msg("%s | %s under %s twice is not the same as once", says, row, one);
    arena_release(&arena);
    arena_init(&arena, 0);
}

static size_t said_count(const struct bounded *f)
{
    size_t n = 0;

    while (n < sizeof f->says / sizeof *f->says && f->says[n])
        n++;
    return n;
}

static void stricter(void **state)
{
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct bounded *f = &fields[i];
        bool rows = i < 4; /* a VM row says it as well */

        for (size_t s = 0; s < said_count(f); s++)
            for (size_t r = 0; r < (rows ? said_count(f) : 1); r++)
                for (size_t a = 0; a < said_count(f); a++)
                    for (size_t b = 0; b < said_count(f); b++, tried++)
                        is_stricter(f, f->says[s], f->says[r], f->says[a], f->says[b]);
    }
    assert_true(tried > 900);
}

/* A spec without budgets keeps to one group: a budget of its own would let several run at once. */
static void one_group(void **state)
{
    struct spec_case c;
    const struct spec *s =
        bound(&c, spec_text("", ""), "{maxUnavailable: {vms: 5, nodes: 2}}", NULL);

    (void)state;
    assert_true(policy_one_group(&s->policy));
    assert_int_equal(policy_vms(&s->policy), 5);
    assert_int_equal(policy_nodes(&s->policy), 2);
    spec_case_end(&c);
    s = bound(&c, spec_text("maxUnavailable: {nodes: 3}", ""), "{maxUnavailable: {vms: 5}}", NULL);
    assert_false(policy_one_group(&s->policy));
    assert_int_equal(s->policy.max_vms, 5);
    assert_int_equal(s->policy.max_nodes, 3);
    spec_case_end(&c);
}

/* What only a cluster has does not bind a Host. */
static void a_host(void **state)
{
    struct spec_case c;
    const struct spec *s =
        bound(&c, HOST "  vms: [{name: v, gpu: none, stop: {then: turnOff}}]\n",
              "{reserve: {nodes: 1}, homogeneous: require, maxUnavailable: {vms: 2, nodes: 1}, "
              "stop: {then: forced}, move: never}",
              NULL);

    (void)state;
    assert_int_equal(s->policy.reserve_nodes, 0);
    assert_int_equal(s->policy.homogeneous, HOMOGENEOUS_DEFAULT);
    assert_int_equal(policy_nodes(&s->policy), 0);
    assert_int_equal(policy_vms(&s->policy), 2);
    assert_int_equal(s->vms[0].wish->stop_then, STOP_GUEST);
    spec_case_end(&c);
}

static void prepare(void **state)
{
    struct spec_case c;
    const struct spec *s =
        bound(&c, CLUSTER "  gpus: [{match: {model: L40S}, pool: ml, prepare: true}]\n",
              "{prepare: never}", NULL);

    (void)state;
    assert_false(s->gpus[0].prepare);
    assert_string_equal(s->gpus[0].never_prepared.file, "p0.yaml");
    spec_case_end(&c);
}

/* The digest of a spec says nothing of Policies: drift does not take one for a moved spec. */
static void digest_before(void **state)
{
    struct spec_case c;
    const char *text = spec_text("disruption: allowed", ""), *before;

    (void)state;
    spec_case_read(&c, text);
    before = arena_strdup(&arena, spec_digest(&c.arena, &c.specs.rows[0]));
    spec_case_end(&c);
    assert_string_not_equal(before,
                            spec_digest(&arena, bound(&c, text, "{disruption: never}", NULL)));
    spec_case_end(&c);
}

/* ---- what is told of it ---- */

static void told(void **state)
{
    static const struct tightened want[] = {
        {"disruption", "allowed", "window", 0, {"p0.yaml", 4, 8}},
        {"disruption", "allowed", "window", 2, {"p0.yaml", 4, 8}},
        {"maxUnavailable.vms", "9", "2", 0, {"p1.yaml", 4, 8}},
        {"protect", NULL, "*-pay", 0, {"p1.yaml", 4, 8}},
    };
    struct spec_case c;
    const struct spec *s =
        bound(&c,
              CLUSTER "  vms:\n    - {names: a-1..3, gpu: none, disruption: allowed}\n"
                      "    - {match: \"b*\", expect: 0..9, gpu: asFound, disruption: allowed}\n"
                      "    - {name: c, gpu: none}\n"
                      "  policy: {disruption: allowed, maxUnavailable: {vms: 9}, protect: [x]}\n",
              "{disruption: window}", "{maxUnavailable: {vms: 2}, protect: [\"*-pay\", X]}");
    const struct policy *p = &s->policy;

    (void)state;
    assert_int_equal(p->tightened_count, sizeof want / sizeof *want);
    for (size_t i = 0; i < p->tightened_count; i++) {
        assert_string_equal(p->tightened[i].field, want[i].field);
        assert_true(str_eq(p->tightened[i].from, want[i].from));
        assert_string_equal(p->tightened[i].to, want[i].to);
        assert_int_equal(p->tightened[i].rows, want[i].rows);
        assert_string_equal(p->tightened[i].at.file, want[i].at.file);
        assert_int_equal(p->tightened[i].at.line, want[i].at.line);
    }
    /* x is protected by both: taking it out of the spec would not help */
    assert_string_equal(policy_ceiling_at(p, &p->protect_at[0])->name, "b");
    spec_case_end(&c);
}

/* Who said what, for `why`. */
static void traced(void **state)
{
    const char *text = policy("limits", "{disruption: never, move: never}");
    struct spec_source source = {.file = "t.yaml"};
    struct ceilings ceilings;
    struct findings found;
    struct specs specs;
    size_t seen = 0;

    (void)state;
    source.text = CLUSTER "  vms: [{name: v, gpu: none, disruption: allowed}]\n";
    source.size = strlen(source.text);
    assert_true(policies_read(&text, 1, &ceilings, &found));
    assert_true(
        spec_read_among(&arena, &source, 1, &(struct spec_among){.trace = true}, &specs, &found));
    ceilings_apply(&arena, &ceilings, &specs.rows[0]);
    for (size_t i = 0; i < specs.rows[0].vms[0].said->count; i++) {
        const struct spec_said *row = &specs.rows[0].vms[0].said->rows[i];

        if (strcmp(row->key, "disruption") == 0) {
            assert_string_equal(row->value, "never");
            assert_string_equal(row->level, "policy limits");
            assert_string_equal(row->at.file, "p0.yaml");
            seen++;
        } else {
            assert_null(strstr(row->level, "policy"));
        }
    }
    assert_int_equal(seen, 1);
}

/* ---- P6 ---- */

static void lifted(void **state)
{
    static const struct {
        const char *says, *row, *bound;
        bool lifted, forbids;
    } rows[] = {
        {"disruption: never", "", "", true, false},
        {"", "disruption: never", "", true, false},
        {"disruption: allowed", "", "", false, false},
        {"", "", "", false, false},
        {"disruption: never", "", "disruption: never", true, true},
        {"disruption: allowed", "", "disruption: never", false, true},
        {"", "", "disruption: never", false, true},
        {"disruption: never", "", "disruption: window", true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct spec_case c;
        struct spec *s = bound(&c, spec_text(rows[i].says, rows[i].row),
                               arena_printf(&arena, "{%s}", rows[i].bound), NULL);

        spec_lift_disruption(&arena, s);
        assert_int_equal(s->vms[0].wish->lifted, rows[i].lifted);
        assert_int_equal(wish_forbids_stop(s->vms[0].wish), rows[i].forbids);
        assert_int_equal(wish_waits_for_window(s->vms[0].wish),
                         strstr(rows[i].bound, "window") != NULL);
        spec_case_end(&c);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(bad_input), TEST(bad_fleet), TEST(too_much),         TEST(two_of_one_name),
        TEST(digests),   TEST(labels),    TEST(approvals_add_up), TEST(stricter),
        TEST(one_group), TEST(a_host),    TEST(prepare),          TEST(digest_before),
        TEST(told),      TEST(traced),    TEST(lifted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
