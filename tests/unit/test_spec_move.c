/* What a spec says about moves (M8, V9): values, who says them, and what cannot be right. */
#include "spec_case.h"

#define E       SEVERITY_ERROR
#define ALLOWED "  policy: {move: allowed}\n"
#define LEAVES                                                                                     \
    "  gpus: [{name: s, match: {nodes: [hv-1]}, leaving: {by: 2026-11-24T22:00:00Z, reason: x"

/* M8: row, class, policy, built-in; each with its place. */
static void who_may_move(void **state)
{
    static const struct {
        bool move;
        unsigned line;
    } rows[] = {{true, 11}, {false, 5}, {true, 8}};
    struct spec_case c;
    const struct spec *s =
        spec_case_good(&c, CLUSTER "  classes: {still: {gpu: none, move: never}}\n"
                                   "  vms:\n    - {name: a, gpu: none}\n"
                                   "    - {name: c, class: still, move: allowed}\n"
                                   "    - {name: b, class: still}\n"
                                   "    - {match: \"d*\", expect: 0..9, gpu: asFound}\n" ALLOWED);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct vm_wish *w = s->vms[i].wish;

        if (w->move != rows[i].move || w->move_at.line != rows[i].line)
            fail_msg("%s: %d, line %u", s->vms[i].name, w->move, w->move_at.line);
    }
    assert_true(s->patterns[0].vm.wish->move);
    assert_true(s->policy.move);
    spec_case_end(&c);

    s = spec_case_good(&c, CLUSTER "  vms: [{name: a, gpu: none}]\n");
    assert_false(s->vms[0].wish->move);
    assert_null(s->vms[0].wish->move_at.file);
    assert_false(s->policy.move);
    spec_case_end(&c);
}

/* A row with `name` and `state` goes before one with `names`, in either order. */
static void drained_nodes(void **state)
{
    static const char *const orders[] = {
        CLUSTER "  nodes: [{names: hv-1..3}, {name: HV-2.contoso.com, state: drained}]\n" ALLOWED,
        CLUSTER "  nodes: [{name: hv-2, state: drained}, {names: hv-1..3}]\n" ALLOWED,
        CLUSTER "  nodes: [{names: [hv-2], state: drained}, {names: [hv-1, hv-3]}]\n" ALLOWED,
    };

    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct spec_case c;
        const struct spec *s = spec_case_good(&c, orders[i]);

        assert_int_equal(s->node_count, 3);
        for (size_t n = 0; n < 3; n++)
            if (str_same(s->nodes[n], "hv-2") != (s->drained_at[n].file != NULL))
                fail_msg("%s\n%s", orders[i], s->nodes[n]);
        spec_case_end(&c);
    }
}

static void leaving_vms(void **state)
{
    static const struct {
        const char *text;
        bool moves;
    } rows[] = {
        {CLUSTER LEAVES "}}]\n" ALLOWED, false},
        {CLUSTER LEAVES ", vms: stop}}]\n" ALLOWED, false},
        {CLUSTER LEAVES ", vms: move}}]\n" ALLOWED, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct spec_case c;

        assert_int_equal(spec_case_good(&c, rows[i].text)->gpus[0].leaving_moves, rows[i].moves);
        spec_case_end(&c);
    }
}

#define VMS   "  vms: [{name: a, gpu: partition}]\n"
#define DRAIN "  nodes: [{names: hv-1..2}, {name: hv-2, state: drained}]\n"

/* M8: somebody must be allowed to go, and have somewhere to go to. */
static void nobody_and_nowhere(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER DRAIN VMS, "moves-nobody", 5, 49, "policy: {move: allowed}", E, "M8"},
        {CLUSTER DRAIN VMS "  policy: {move: never}\n", "moves-nobody", 5, 49, "`state: drained`",
         E, "M8"},
        {CLUSTER LEAVES ", vms: move}}]\n" VMS, "moves-nobody", 5, 96, "`vms: move`", E, "M8"},
        {CLUSTER LEAVES ", vms: stop}}]\n" VMS, "", 0, 0, NULL, E, NULL},
        {CLUSTER DRAIN "  vms: [{name: a, gpu: partition, move: allowed}]\n", "", 0, 0, NULL, E,
         NULL},
        {CLUSTER DRAIN "  vms: [{match: \"a*\", expect: 0..9, gpu: partition, move: allowed}]\n",
         "", 0, 0, NULL, E, NULL},
        {CLUSTER DRAIN "  classes: {c: {gpu: partition, move: allowed}}\n"
                       "  vms: [{name: a, class: c}]\n",
         "", 0, 0, NULL, E, NULL},
        {CLUSTER "  nodes: [{name: hv-1, state: drained}]\n" ALLOWED, "no-node-left", 5, 31,
         "those that stay", E, "M8"},
        {CLUSTER "  nodes: [{names: hv-1..2, state: drained}]\n" ALLOWED, "no-node-left", 5, 35,
         "all nodes", E, "M8"},
        {CLUSTER DRAIN ALLOWED, "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* V2: a class says `node` for its rows; what is wrong with it is said once, where it stands. */
static void node_of_a_class(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  nodes: [{names: hv-1..2}]\n  classes: {c: {gpu: partition, node: hv-3}}\n"
                 "  vms: [{names: a-1..2, class: c}, {name: b, class: c}]\n",
         "unknown-node", 6, 39, "the nodes are hv-1 hv-2", E, "E5"},
        {CLUSTER DRAIN "  classes: {c: {gpu: partition, node: hv-2}}\n"
                       "  vms: [{name: a, class: c}, {name: b, class: c, node: hv-1}]\n" ALLOWED,
         "node-drained", 6, 39, "hv-2, which is drained (line 5)", E, "M8"},
    };
    struct spec_case c;
    const struct spec *s =
        spec_case_good(&c, CLUSTER "  classes: {c: {gpu: partition, node: HV-1.contoso.com}}\n"
                                   "  vms: [{name: a, class: c}, {name: b, class: c, node: hv-2},"
                                   " {name: d, gpu: none}]\n");

    (void)state;
    assert_string_equal(s->vms[0].node, "HV-1");
    assert_int_equal(s->vms[0].node_at.line, 5);
    assert_string_equal(s->vms[1].node, "hv-2");
    assert_int_equal(s->vms[1].node_at.line, 6);
    assert_null(s->vms[2].node);
    spec_case_end(&c);
    spec_rows_check(rows);
}

/* M8, V2: a row names a node that shall be empty; once for a row, however many VMs it names. */
static void named_node_is_drained(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER DRAIN "  vms: [{names: a-1..9, node: HV-2.x, gpu: partition}]\n" ALLOWED,
         "node-drained", 6, 31, "hv-2, which is drained (line 5)", E, "M8"},
        {CLUSTER DRAIN
         "  vms: [{match: \"a*\", expect: 0..9, node: hv-2, gpu: partition}]\n" ALLOWED,
         "node-drained", 6, 43, "take `node` out", E, "M8"},
        {CLUSTER DRAIN "  vms: [{name: a, node: hv-2, gpu: partition, move: never}]\n" ALLOWED,
         "node-drained", 6, 25, NULL, E, "M8"},
        {CLUSTER DRAIN "  vms: [{name: a, node: hv-1, gpu: partition}]\n" ALLOWED, "", 0, 0, NULL,
         E, NULL},
        /* it only says where it is expected */
        {CLUSTER "  vms: [{name: a, node: hv-2, gpu: partition, move: never}]\n", "", 0, 0, NULL, E,
         NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* A Host has nowhere to move a VM to. */
static void hosts(void **state)
{
    static const struct spec_row rows[] = {
        {HOST "  policy: {move: allowed}\n", "cluster-only", 5, 18, "`move`", E, NULL},
        {HOST "  policy: {move: never}\n", "cluster-only", 5, 18, "`move`", E, NULL},
        {HOST "  vms: [{name: a, gpu: none, move: allowed}]\n", "cluster-only", 5, 36, "`move`", E,
         NULL},
        {HOST "  classes: {c: {gpu: none, move: never}}\n  vms: [{name: a, class: c}]\n",
         "cluster-only", 5, 34, "`move`", E, NULL},
        {HOST "  nodes: [{name: h, state: drained}]\n", "cluster-only", 5, 28, "`state`", E, NULL},
        {HOST LEAVES ", vms: move}}]\n", "cluster-only", 5, 96, "`vms: move`", E, NULL},
        {HOST LEAVES ", vms: stop}}]\n", "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* What bites: words of other languages, kinds of values, names; and each fault is told once. */
static void that_bite(void **state)
{
    static const struct spec_row rows[] = {
        {CLUSTER "  policy: {move: true}\n", "not-one-of", 5, 18, "never, allowed", E, NULL},
        {CLUSTER DRAIN "  policy: {move: yes}\n", "not-one-of", 6, 18, NULL, E, NULL},
        {CLUSTER DRAIN "  vms: [{name: a, gpu: partition, move: live}]\n", "not-one-of", 6, 41,
         NULL, E, NULL},
        {CLUSTER DRAIN "  classes: {c: {gpu: partition, move: on}}\n"
                       "  vms: [{name: a, class: c}]\n",
         "not-one-of", 6, 39, NULL, E, NULL},
        {CLUSTER "  policy: {move: {live: allowed}}\n", "wrong-type", 5, 18, NULL, E, NULL},
        {CLUSTER "  nodes: [{names: hv-1..2}, {name: hv-2, state: Drained}]\n", "not-one-of", 5, 49,
         "`drained`", E, NULL},
        {CLUSTER "  nodes: [{name: hv-1, state: up}]\n", "not-one-of", 5, 31, "drained", E, NULL},
        {CLUSTER "  nodes: [{name: hv-1, state: paused}]\n", "not-one-of", 5, 31, "drained", E,
         NULL},
        {CLUSTER "  nodes: [{name: hv-1, state: [drained]}]\n", "wrong-type", 5, 31, NULL, E, NULL},
        {CLUSTER "  nodes: [{state: drained}]\n" ALLOWED, "key-choice", 5, 11, NULL, E, NULL},
        {CLUSTER "  nodes: [{names: hv-1..2}, {name: hv-2}]\n", "duplicate-name", 5, 36,
         "node hv-2 is there twice", E, NULL},
        {CLUSTER "  nodes: [{name: hv-1}, {name: hv-2, state: drained}, {name: HV-2}]\n" ALLOWED,
         "duplicate-name", 5, 62, "is there twice", E, NULL},
        {CLUSTER LEAVES ", vms: moved}}]\n" ALLOWED, "not-one-of", 5, 96, "`move`", E, NULL},
        {CLUSTER "  policy: {expected: [{subject: vm/a, field: node, value: hv-2, reason: x, "
                 "until: 2026-12-01}]}\n",
         "", 0, 0, NULL, E, NULL},
    };

    (void)state;
    spec_rows_check(rows);
}

/* Each of these is another declaration; `never` that is said is what is not said. */
static void digests(void **state)
{
    static const char *const texts[] = {
        CLUSTER "  nodes: [{names: hv-1..3}]\n" LEAVES "}}]\n" VMS ALLOWED,
        CLUSTER "  nodes: [{names: hv-1..3}]\n" LEAVES "}}]\n" VMS,
        CLUSTER "  nodes: [{names: hv-1..3}]\n" LEAVES ", vms: move}}]\n" VMS ALLOWED,
        CLUSTER "  nodes: [{names: hv-1..2}, {name: hv-3, state: drained}]\n" LEAVES
                "}}]\n" VMS ALLOWED,
        CLUSTER "  nodes: [{names: hv-2..3}, {name: hv-1, state: drained}]\n" LEAVES
                "}}]\n" VMS ALLOWED,
        CLUSTER "  nodes: [{names: hv-1..3}]\n" LEAVES
                "}}]\n  vms: [{name: a, gpu: partition, move: never}]\n" ALLOWED,
        CLUSTER "  nodes: [{names: hv-1..3}]\n" LEAVES
                "}}]\n  vms: [{name: a, gpu: partition, move: allowed}]\n",
    };
    enum { TEXTS = sizeof texts / sizeof *texts };
    struct spec_case c[TEXTS + 1];
    const char *all[TEXTS + 1];

    (void)state;
    for (size_t i = 0; i < TEXTS; i++)
        all[i] =
            spec_digest(&c[i].arena, (struct spec *)(uintptr_t)spec_case_good(&c[i], texts[i]));
    for (size_t i = 0; i < TEXTS; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(all[i], all[k]) == 0)
                fail_msg("one digest:\n%s\n%s", texts[i], texts[k]);
    spec_case_read(&c[TEXTS], CLUSTER "  nodes: [{names: hv-1..3}]\n" LEAVES ", vms: stop}}]\n" VMS
                                      "  policy: {move: never}\n");
    all[TEXTS] = spec_digest(&c[TEXTS].arena, &c[TEXTS].specs.rows[0]);
    assert_string_equal(all[TEXTS], all[1]);
    for (size_t i = 0; i <= TEXTS; i++)
        spec_case_end(&c[i]);
}

/* Assignments say `move` and `node` as any row does; a finding names the other file. */
static void assignments(void **state)
{
    static const char site[] = CLUSTER DRAIN ALLOWED;
    static const char team[] = "apiVersion: hvgpu/v1\nkind: Assignments\nmetadata: {name: t}\n"
                               "spec:\n  cluster: c\n  vms:\n"
                               "    - {name: a, gpu: partition, move: never, node: hv-1}\n"
                               "    - {name: b, gpu: partition, node: hv-2}\n";
    struct spec_source sources[] = {{.file = "site.yaml", .text = site, .size = sizeof site - 1},
                                    {.file = "team.yaml", .text = team, .size = sizeof team - 1}};
    struct spec_case c;

    (void)state;
    arena_init(&c.arena, 0);
    findings_init(&c.found, &c.arena);
    assert_false(spec_read(&c.arena, sources, 2, &c.specs, &c.found));
    assert_int_equal(c.found.count, 1);
    assert_string_equal(c.found.rows[0].text, "`node` is hv-2, which is drained (site.yaml:5)");
    assert_string_equal(c.found.rows[0].at.file, "team.yaml");
    spec_case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_move),    cmocka_unit_test(drained_nodes),
        cmocka_unit_test(leaving_vms),     cmocka_unit_test(nobody_and_nowhere),
        cmocka_unit_test(node_of_a_class), cmocka_unit_test(named_node_is_drained),
        cmocka_unit_test(hosts),           cmocka_unit_test(that_bite),
        cmocka_unit_test(digests),         cmocka_unit_test(assignments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
