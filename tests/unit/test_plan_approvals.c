/*
 * P12: which groups a rule asks approval for, whose approvals count, and an
 * approval as a file: there and back, edited, cut, signed.
 */
#include "base/limits.h"
#include "codec/approval.h"
#include "codec/sign.h"
#include "fleet/limits.h"
#include "host/host.h"
#include "plan_hand.h"
#include "spec/ceiling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)
#define NOW    ((int64_t)1763643600000)

static struct ceiling_by by[] = {{"limits", "dd", {"l.yaml", 1, 1}}};

/* One group that stops vdi-1 for a count of hv-1, one that only attaches to vdi-2, one blocked. */
static void scene(struct plan_hand *h, struct approval_rule *rule)
{
    static const char *authors[] = {"Max Koch", "mkoch@example.com"};

    plan_hand_init(h);
    h->groups[1].gate = GATE_RUNS;
    h->groups[1].reason = REASON_NONE;
    h->groups[1].why = NULL;
    h->changes[1].gate = h->changes[2].gate = GATE_RUNS;
    rule->at = (struct span){"l.yaml", 6, 7};
    h->plan.policy = (struct policy){.ceilings = by,
                                     .ceiling_count = 1,
                                     .approvals = rule,
                                     .approval_count = 1,
                                     .partial = true};
    h->plan.head.revision = (struct revision){.commit = "c", .authors = authors, .author_count = 2};
    h->plan.id = "p-1";
}

static struct approval approval_of(struct plan_hand *h, const char *user)
{
    struct approval a = {.file = "a.json",
                         .digest = "x",
                         .plan_id = "p-1",
                         .cluster = "vdi",
                         .identity = "sim:cl",
                         .spec_digest = "d1",
                         .policies = by,
                         .policy_count = 1,
                         .user = user,
                         .host = "h",
                         .at_ms = NOW - DAY_MS,
                         .reason = "r"};

    extent_of_plan(&h->arena, &h->plan, &h->have, &a.extent);
    return a;
}

static void judge(struct plan_hand *h, const struct approval *rows, size_t count)
{
    const struct approvals given = {rows, count, NOW};

    approvals_judge(&h->arena, &given, &h->have, &h->plan);
}

/* ---- what a rule asks for ---- */

static void nothing(struct plan_hand *h)
{
    (void)h;
}
static void removes_two(struct plan_hand *h)
{
    h->groups[1].removals = 2;
}
static void by_force(struct plan_hand *h)
{
    h->steps[0].action.value[0] = STOP_FORCED;
}
static void by_force_later(struct plan_hand *h)
{
    h->members[1].stop_then = STOP_TURN_OFF;
}
static void waits(struct plan_hand *h)
{
    h->groups[0].gate = GATE_HELD;
    h->groups[0].reason = REASON_WAITS_WINDOW;
}
static void is_blocked(struct plan_hand *h)
{
    h->groups[0].gate = GATE_BLOCKED;
    h->groups[0].reason = REASON_BUDGET;
}
static void other_node(struct plan_hand *h)
{
    h->interrupts[0] = 3; /* `cad`, of the second group now */
    h->groups[1].interrupts = h->interrupts;
    h->groups[1].interrupt_count = 1;
    h->members[2].node = "hv-2";
}

static void rules_ask(void **state)
{
    static const struct {
        const char *name;
        struct approval_rule rule;
        void (*edit)(struct plan_hand *h);
        bool first, second; /* is that group asked for? */
    } rows[] = {
        {"one stop, none allowed", {.interrupts = NUM(0)}, nothing, true, false},
        {"one stop, one allowed", {.interrupts = NUM(1)}, nothing, false, false},
        {"one stop that waits", {.interrupts = NUM(0)}, waits, true, false},
        {"one stop that is blocked", {.interrupts = NUM(0)}, is_blocked, false, false},
        {"one node, none allowed", {.nodes = NUM(0)}, nothing, true, false},
        {"one node, one allowed", {.nodes = NUM(1)}, nothing, false, false},
        {"two nodes, one allowed", {.nodes = NUM(1)}, other_node, true, true},
        {"nothing leaves", {.detach = NUM(0)}, nothing, false, false},
        {"two leave, one may", {.detach = NUM(1)}, removes_two, false, true},
        {"two leave, two may", {.detach = NUM(2)}, removes_two, false, false},
        {"nobody is forced", {.forced_stop = true}, nothing, false, false},
        {"forced at once", {.forced_stop = true}, by_force, true, false},
        {"turned off in the end", {.forced_stop = true}, by_force_later, true, false},
        {"a count", {.count = true}, nothing, true, false},
        {"any of them", {.count = true, .detach = NUM(0)}, removes_two, true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct approval_rule rule = rows[i].rule;
        struct plan_hand h;

        rule.need = 1;
        scene(&h, &rule);
        rows[i].edit(&h);
        judge(&h, NULL, 0);
        if (h.groups[0].unapproved != rows[i].first || h.groups[1].unapproved != rows[i].second)
            fail_msg("%s: %d %d", rows[i].name, h.groups[0].unapproved, h.groups[1].unapproved);
        if (rows[i].second && (h.groups[1].gate != GATE_HELD || !h.groups[1].approvable ||
                               h.groups[1].reason != REASON_APPROVAL))
            fail_msg("%s: not held", rows[i].name);
        assert_int_equal(h.groups[2].reason, REASON_PROTECTED);
        arena_release(&h.arena);
    }
}

/* What waits for something else says so first, and is not approvable. */
static void window_first(void **state)
{
    struct approval_rule rule = {.count = true, .need = 1};
    struct plan_hand h;

    (void)state;
    scene(&h, &rule);
    waits(&h);
    judge(&h, NULL, 0);
    assert_int_equal(h.groups[0].reason, REASON_WAITS_WINDOW);
    assert_true(h.groups[0].unapproved && !h.groups[0].approvable);
    assert_non_null(strstr(h.groups[0].why, "needs 1 approval"));
    assert_non_null(strstr(h.groups[0].release, "hvgpu approve"));
    arena_release(&h.arena);
}

/* C3: a count that is approved waits for one that is not; with `partial: allow` it does not. */
static void counts_together(void **state)
{
    (void)state;
    for (int partial = 0; partial < 2; partial++) {
        struct approval_rule rule = {.interrupts = NUM(0), .need = 1};
        struct plan_hand h;

        scene(&h, &rule);
        h.plan.policy.partial = partial;
        h.members[2] = plan_hand_member(SUBJECT_GPU, "hv-2", hand_path, "hv-2/gpu0");
        judge(&h, NULL, 0);
        assert_int_equal(h.groups[0].gate, GATE_HELD);
        assert_int_equal(h.groups[1].gate, partial ? GATE_RUNS : GATE_HELD);
        assert_false(h.groups[1].unapproved);
        arena_release(&h.arena);
    }
}

/* What needs a group that is held is held behind it. */
static void behind(void **state)
{
    static uint32_t first[] = {0};
    struct approval_rule rule = {.count = true, .need = 1};
    struct plan_hand h;

    (void)state;
    scene(&h, &rule);
    h.groups[1].needs = first;
    h.groups[1].need_count = 1;
    judge(&h, NULL, 0);
    assert_int_equal(h.groups[1].reason, REASON_WAITS_GROUP);
    assert_true(h.groups[1].approvable);
    arena_release(&h.arena);
}

/* ---- whose approval counts ---- */

static void as_it_is(struct approval *a)
{
    (void)a;
}
static void of_other_world(struct approval *a)
{
    a->identity = "sim:other";
}
static void of_other_spec(struct approval *a)
{
    a->spec_digest = "d2";
}
static void of_no_policy(struct approval *a)
{
    a->policy_count = 0;
}
static void of_the_future(struct approval *a)
{
    a->at_ms = NOW + 2 * 60 * 60 * 1000;
}
static void a_clock_ahead(struct approval *a)
{
    a->at_ms = NOW + 30 * 60 * 1000;
}
static void of_last_week(struct approval *a)
{
    a->at_ms = NOW - 7 * DAY_MS;
}
static void of_just_in_time(struct approval *a)
{
    a->at_ms = NOW - 2 * DAY_MS;
}
static void by_author(struct approval *a)
{
    a->user = "MKOCH";
}
static void by_full_name(struct approval *a)
{
    a->user = "max koch";
}
static void by_address(struct approval *a)
{
    a->user = "mkoch@example.com";
}
static void signed_by_eva(struct approval *a)
{
    a->key = "ed25519:eva";
}
static void signed_by_author(struct approval *a)
{
    a->key = "ed25519:mkoch";
}
static void signed_by_a_stranger(struct approval *a)
{
    a->key = "ed25519:who";
}
static void author_with_evas_key(struct approval *a)
{
    a->key = "ed25519:eva";
    a->user = "mkoch";
}
static void of_less(struct approval *a)
{
    a->extent.deed_count--;
}
static void of_shorter(struct approval *a)
{
    a->extent.absences[0].at_most_ms--;
}

static void approvals_count(void **state)
{
    enum { ANY, NOT_AUTHOR, AGED, SIGNED };
    static struct signer signers[] = {{"eva", "ed25519:eva"}, {"mkoch", "ed25519:mkoch"}};
    static const struct {
        const char *name;
        int rule;
        void (*edit)(struct approval *a);
        bool counts;
    } rows[] = {
        {"as it is", ANY, as_it_is, true},
        {"another world", ANY, of_other_world, false},
        {"another spec", ANY, of_other_spec, false},
        {"under no Policy", ANY, of_no_policy, false},
        {"from the future", ANY, of_the_future, false},
        {"a clock that is ahead", ANY, a_clock_ahead, true},
        {"old, of any age", ANY, of_last_week, true},
        {"too old", AGED, of_last_week, false},
        {"just in time", AGED, of_just_in_time, true},
        {"by the author, where that may be", ANY, by_author, true},
        {"by the author", NOT_AUTHOR, by_author, false},
        {"by the author's full name", NOT_AUTHOR, by_full_name, false},
        {"by the author's address", NOT_AUTHOR, by_address, false},
        {"by somebody else", NOT_AUTHOR, as_it_is, true},
        {"not signed", SIGNED, as_it_is, false},
        {"signed", SIGNED, signed_by_eva, true},
        {"signed by a stranger", SIGNED, signed_by_a_stranger, false},
        {"signed, by the author", SIGNED, signed_by_author, false},
        {"by the author, with another's key", SIGNED, author_with_evas_key, false},
        {"a step less", ANY, of_less, false},
        {"a shorter time off", ANY, of_shorter, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct approval_rule rule = {.count = true,
                                     .need = 1,
                                     .not_author =
                                         rows[i].rule >= SIGNED || rows[i].rule == NOT_AUTHOR,
                                     .max_age_ms = rows[i].rule == AGED ? 2 * DAY_MS : 0,
                                     .signers = signers,
                                     .signer_count = rows[i].rule == SIGNED ? 2 : 0};
        struct plan_hand h;
        struct approval a;

        scene(&h, &rule);
        a = approval_of(&h, "eva");
        /* the last step is of the second group: here the first is what counts */
        a.extent.deed_count = 2;
        rows[i].edit(&a);
        judge(&h, &a, 1);
        if ((h.groups[0].gate == GATE_RUNS) != rows[i].counts)
            fail_msg("%s: gate %d", rows[i].name, (int)h.groups[0].gate);
        arena_release(&h.arena);
    }
}

/* Who wrote it is not known, or it was changed since: anybody could be its author. */
static void no_author_no_approval(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct approval_rule rule = {.count = true, .need = 1, .not_author = true};
        struct plan_hand h;
        struct approval a;

        scene(&h, &rule);
        if (i == 1)
            h.plan.head.revision.commit = NULL;
        if (i == 2)
            h.plan.head.revision.dirty = true;
        if (i == 3)
            h.plan.head.revision.author_count = 0;
        a = approval_of(&h, "eva");
        judge(&h, &a, 1);
        assert_int_equal(h.groups[0].gate == GATE_RUNS, i == 0);
        arena_release(&h.arena);
    }
}

static void people_count(void **state)
{
    static struct signer signers[] = {
        {"eva", "k1"}, {"Eva", "k2"}, {"jon", "k3"}}; /* Eva has two keys */
    static const struct {
        const char *user[2], *key[2];
        bool is_signed, both;
    } rows[] = {
        {{"eva", "jon"}, {NULL, NULL}, false, true},
        {{"eva", "EVA"}, {NULL, NULL}, false, false},
        {{"eva", "eva"}, {NULL, NULL}, false, false},
        {{"eva", "jon"}, {"k1", "k3"}, true, true},
        {{"eva", "root"}, {"k1", "k2"}, true, false},
        {{"root", "root"}, {"k1", "k3"}, true, true}, /* one machine, two keys of two people */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct approval_rule rule = {.count = true,
                                     .need = 2,
                                     .signers = signers,
                                     .signer_count = rows[i].is_signed ? 3 : 0};
        for (size_t given = 1; given <= 2; given++) {
            struct plan_hand h;
            struct approval two[2];

            scene(&h, &rule);
            for (int k = 0; k < 2; k++) {
                two[k] = approval_of(&h, rows[i].user[k]);
                two[k].key = rows[i].key[k];
            }
            judge(&h, two, given);
            if ((h.groups[0].gate == GATE_RUNS) != (given == 2 && rows[i].both))
                fail_msg("row %zu, %zu given", i, given);
            arena_release(&h.arena);
        }
    }
}

/* A saved plan: what only approvals held runs, and what they do not cover stays. */
static void of_a_file(void **state)
{
    (void)state;
    for (int given = 0; given < 2; given++) {
        struct approval_rule rule = {.count = true, .need = 1};
        struct plan_hand h;
        struct approval a;
        struct approvals list = {&a, (size_t)given, NOW};

        scene(&h, &rule);
        judge(&h, NULL, 0);
        a = approval_of(&h, "eva");
        approvals_of_file(&h.arena, &list, &h.have, &h.plan);
        assert_int_equal(h.groups[0].gate, given ? GATE_RUNS : GATE_HELD);
        assert_int_equal(h.groups[1].gate, GATE_RUNS);
        assert_int_equal(h.groups[2].gate, GATE_BLOCKED);
        assert_int_equal(h.plan.totals.run_groups, given ? 2 : 1);
        assert_int_equal(h.plan.approved_count, given);
        assert_int_equal(approvals_wanted(&h.plan), !given);
        arena_release(&h.arena);
    }
}

/* A file that says of its groups that nobody asks for them, or that they run, is judged all the
 * same. */
static void a_file_is_not_believed(void **state)
{
    struct approval_rule rule = {.count = true, .need = 1};
    const struct approvals nobody = {NULL, 0, NOW};
    struct plan_hand h;

    (void)state;
    scene(&h, &rule);
    judge(&h, NULL, 0);
    h.groups[0].ask_count = 0;
    h.groups[0].unapproved = false;
    h.groups[0].gate = GATE_RUNS;
    approvals_of_file(&h.arena, &nobody, &h.have, &h.plan);
    assert_int_equal(h.groups[0].gate, GATE_HELD);
    assert_true(h.groups[0].unapproved);
    arena_release(&h.arena);
}

/* Nor one that leaves out what its Policy asks for, where the Policy is given. */
static void its_policy_is(void **state)
{
    struct approval_rule rule = {.count = true, .need = 1}, other = {.count = true, .need = 2};
    struct ceiling given = {
        .name = "LIMITS", .digest = "dd", .bounds = {.approvals = &rule, .approval_count = 1}};
    const struct ceilings all = {&given, 1};
    const struct fleet_options options = {.ceilings = &all};
    struct fleet_item item = {.options = &options};
    struct plan_hand h;
    struct err e;

    (void)state;
    scene(&h, &other);
    item.arena = &h.arena;
    h.plan.policy.approval_count = 0;
    assert_true(limits_of_file(&item, &h.plan, &e));
    assert_int_equal(h.plan.policy.approval_count, 1);
    assert_true(limits_of_file(&item, &h.plan, &e));
    assert_int_equal(h.plan.policy.approval_count, 1);
    h.plan.policy.approvals = &other;
    assert_true(limits_of_file(&item, &h.plan, &e));
    assert_int_equal(h.plan.policy.approval_count, 2);
    given.digest = "other";
    assert_false(limits_of_file(&item, &h.plan, &e));
    assert_int_equal(e.kind, ERR_STALE);
    arena_release(&h.arena);
}

/* ---- as a file ---- */

static bool read_text(struct arena *a, const char *text, size_t size, struct approval *out)
{
    struct findings found;
    bool ok;

    findings_init(&found, a);
    ok = approval_read(a, "a.json", text, size, out, &found);
    assert_int_equal(ok, !found.errors);
    return ok;
}

static const char *written(struct plan_hand *h, const char *secret)
{
    struct approval_rule rule = {.count = true, .need = 1};
    struct approval a;
    const char *text;
    struct err e;

    scene(h, &rule);
    a = approval_of(h, "eva");
    a.plan_digest = "pd";
    if (!approval_write(&h->arena, &a, secret, &text, &e))
        fail_msg("%s", e.text);
    return text;
}

static void there_and_back(void **state)
{
    struct plan_hand h;
    const char *text = written(&h, NULL), *again;
    struct approval back;
    struct err e;

    (void)state;
    assert_true(read_text(&h.arena, text, strlen(text), &back));
    assert_null(back.key);
    assert_string_equal(back.user, "eva");
    assert_int_equal(back.at_ms, NOW - DAY_MS);
    assert_int_equal(back.extent.deed_count, 3);
    assert_string_equal(back.policies[0].digest, "dd");
    assert_true(approval_write(&h.arena, &back, NULL, &again, &e));
    assert_string_equal(text, again);
    arena_release(&h.arena);
}

/* One byte of any value, and a key that is not there, missing or twice. */
static void edited_is_refused(void **state)
{
    struct plan_hand h;
    char secret[SIGN_SECRET_BYTES];
    const char *key, *text;
    struct approval back;
    struct arena keys;
    struct err e;
    size_t size, bytes = 0;

    (void)state;
    arena_init(&keys, 0);
    assert_true(sign_new(&keys, secret, &key, &e));
    text = written(&h, secret);
    size = strlen(text);
    assert_true(read_text(&h.arena, text, size, &back));
    assert_string_equal(back.key, key);
    for (size_t i = 0; i + 1 < size; i++) {
        char *copy;

        if (text[i] == ' ' || text[i] == '\n')
            continue;
        copy = arena_strdup(&h.arena, text);
        copy[i] = copy[i] == '1' ? '2' : '1';
        if (read_text(&h.arena, copy, size, &back))
            fail_msg("byte %zu of \"%.40s\" may be edited", i, text + (i > 20 ? i - 20 : 0));
        bytes++;
    }
    for (size_t n = 0; n + 3 < size; n += 7)
        assert_false(read_text(&h.arena, text, n, &back));
    print_message("# figure: %zu bytes of an approval edited\n", bytes);
    arena_release(&h.arena);
    arena_release(&keys);
}

/* A signature taken from one approval onto another, and a key exchanged, do not fit. */
static void signatures(void **state)
{
    char one[SIGN_SECRET_BYTES], two[SIGN_SECRET_BYTES];
    const char *key, *other, *signature, *again;
    struct arena a;
    struct err e;

    (void)state;
    arena_init(&a, 0);
    assert_true(sign_new(&a, one, &key, &e) && sign_new(&a, two, &other, &e));
    assert_true(sign_key_valid(key) && sign_key_valid(other) && !str_eq(key, other));
    assert_true(sign_text(&a, one, "a", &key, &signature, &e));
    assert_true(sign_fits(key, "a", signature));
    assert_false(sign_fits(key, "b", signature));
    assert_false(sign_fits(other, "a", signature));
    assert_false(sign_fits(NULL, "a", signature));
    assert_false(sign_fits(key, "a", NULL));
    assert_false(sign_fits(key, "a", ""));
    assert_false(sign_fits("ed25519:", "a", signature));
    assert_false(sign_text(&a, "", "a", &other, &again, &e));
    assert_int_equal(e.kind, ERR_INVALID);
    assert_false(sign_text(&a, key, "a", &other, &again, &e));
    arena_release(&a);
}

/* specs/schema/approval.schema.json is what the table says; UPDATE=1 writes it anew. */
static void the_schema_is_the_table(void **state)
{
    static const char path[] = "specs/schema/approval.schema.json";
    const char *schema;
    struct arena arena;
    struct err e;
    size_t size;
    char *text;

    (void)state;
    arena_init(&arena, 0);
    schema = approval_schema(&arena);
    if (getenv("UPDATE") && !host_write_file(path, schema, strlen(schema), &e))
        fail_msg("%s", e.text);
    if (!host_read_file(&arena, path, LIMIT_DOC_BYTES, &text, &size, &e))
        fail_msg("%s", e.text);
    assert_string_equal(text, schema);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_ask),
        cmocka_unit_test(window_first),
        cmocka_unit_test(counts_together),
        cmocka_unit_test(behind),
        cmocka_unit_test(approvals_count),
        cmocka_unit_test(no_author_no_approval),
        cmocka_unit_test(people_count),
        cmocka_unit_test(of_a_file),
        cmocka_unit_test(a_file_is_not_believed),
        cmocka_unit_test(its_policy_is),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(edited_is_refused),
        cmocka_unit_test(signatures),
        cmocka_unit_test(the_schema_is_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
