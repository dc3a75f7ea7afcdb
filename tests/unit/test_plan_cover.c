/* P12: is one plan within another, and what two plans differ in: step by step, by a table of edits.
 */
#include "base/limits.h"
#include "codec/deltafile.h"
#include "host/host.h"
#include "plan/cover.h"
#include "plan_hand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* The second plan is the same as the first, but for one edit. */
struct pair {
    struct plan_hand one, other;
    struct delta delta;
};

static void ask(struct pair *p, enum delta_question question)
{
    const struct delta_plan one = {&p->one.plan, &p->one.have, "d1"},
                            other = {&p->other.plan, &p->other.have, "d2"};

    delta_of(&p->one.arena, question, &one, &other, &p->delta);
}

static struct pair *pair_new(void)
{
    struct pair *p = calloc(1, sizeof *p);

    assert_non_null(p);
    plan_hand_init(&p->one);
    plan_hand_init(&p->other);
    p->one.plan.id = p->other.plan.id = "p-1";
    return p;
}

static void pair_end(struct pair *p)
{
    arena_release(&p->one.arena);
    arena_release(&p->other.arena);
    free(p);
}

static void nothing(struct plan_hand *h)
{
    (void)h;
}
static void other_count(struct plan_hand *h)
{
    h->steps[1].action.value[0] = 8;
}
static void other_node(struct plan_hand *h)
{
    h->steps[1].action.node = "hv-2";
}
static void vm_elsewhere(struct plan_hand *h)
{
    h->steps[0].action.node = "HV-2";
    h->steps[0].action.subject = "ID-0";
}
static void other_vm(struct plan_hand *h)
{
    h->steps[0].action.subject = "id-9";
}
static void forced(struct plan_hand *h)
{
    h->steps[0].action.value[0] = STOP_FORCED;
}
static void other_adapter(struct plan_hand *h)
{
    h->steps[2].action.object = "a-2";
}
static void longer_deadline(struct plan_hand *h)
{
    h->steps[0].action.deadline_ms = 1;
}
static void less(struct plan_hand *h)
{
    h->groups[0].step_count = 1;
}
static void one_minute_longer(struct plan_hand *h)
{
    h->groups[0].off_at_most_ms += 60000;
}
static void shorter(struct plan_hand *h)
{
    h->groups[0].off_at_most_ms -= 60000;
}
static void without_end(struct plan_hand *h)
{
    h->groups[0].off_at_most_ms = 0;
}
static void blocked(struct plan_hand *h)
{
    h->groups[0].gate = GATE_BLOCKED;
}
static void unblocked(struct plan_hand *h)
{
    h->groups[2].steps = h->steps + 3;
    h->groups[2].step_count = 1;
    h->steps[3] = (struct step){.action = {.verb = VERB_VM_STOP, .node = "hv-2", .subject = "id-3"},
                                .name = "cad",
                                .text = "stop cad"};
    h->groups[2].gate = GATE_RUNS;
}
static void runs_now(struct plan_hand *h)
{
    h->groups[1].gate = GATE_RUNS;
    h->changes[1].gate = h->changes[2].gate = GATE_RUNS;
}
static void other_spec(struct plan_hand *h)
{
    h->plan.head.spec_digest = "d2";
}
static void other_world(struct plan_hand *h)
{
    h->plan.head.identity = "sim:other";
}
static void other_policy(struct plan_hand *h)
{
    static struct ceiling_by by = {"limits", "dd", {"l.yaml", 1, 1}};

    h->plan.policy.ceilings = &by;
    h->plan.policy.ceiling_count = 1;
}
static void looked_later(struct plan_hand *h)
{
    h->plan.head.observed_ms += 1000000;
}
static void other_commit(struct plan_hand *h)
{
    h->plan.head.revision.commit = "0123456789";
}
static void missing_vm_there(struct plan_hand *h)
{
    h->plan.problem_count = 0;
}

static const struct {
    const char *name;
    void (*edit)(struct plan_hand *h);
    bool covers, back, same; /* first covers second; second covers first; no difference */
} rows[] = {
    {"nothing", nothing, true, true, true},
    {"another count", other_count, false, false, false},
    {"the count of another node's GPU", other_node, false, false, false},
    {"a VM on another node, in other letters", vm_elsewhere, true, true, true},
    {"another VM", other_vm, false, false, false},
    {"by force", forced, false, false, false},
    {"another adapter", other_adapter, false, false, false},
    {"another deadline of a step", longer_deadline, true, true, true},
    {"a step less", less, true, false, false},
    {"off a minute longer", one_minute_longer, false, true, false},
    {"off a minute shorter", shorter, true, false, false},
    {"off without an end", without_end, false, true, false},
    {"a group that is blocked", blocked, true, false, false},
    {"a blocked group that runs", unblocked, false, true, false},
    {"what was held runs", runs_now, true, true, false},
    {"another spec", other_spec, false, false, false},
    {"another world", other_world, false, false, false},
    {"another Policy", other_policy, false, false, false},
    {"a later look", looked_later, true, true, true},
    {"another commit of the same spec", other_commit, true, true, true},
    {"a VM that is missing no more", missing_vm_there, true, true, false},
};

static void covers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pair *p = pair_new();

        rows[i].edit(&p->other);
        ask(p, DELTA_COVERS);
        if (p->delta.holds != rows[i].covers)
            fail_msg("%s: covers %d", rows[i].name, p->delta.holds);
        pair_end(p);
        p = pair_new();
        rows[i].edit(&p->one);
        ask(p, DELTA_COVERS);
        if (p->delta.holds != rows[i].back)
            fail_msg("%s: the other way round, covers %d", rows[i].name, p->delta.holds);
        pair_end(p);
    }
}

static void differs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int way = 0; way < 2; way++) {
            struct pair *p = pair_new();

            rows[i].edit(way ? &p->one : &p->other);
            ask(p, DELTA_DIFF);
            if (p->delta.holds != rows[i].same)
                fail_msg("%s: same %d", rows[i].name, p->delta.holds);
            pair_end(p);
        }
}

static void limits_are_values(void **state)
{
    struct limits one = {.min = {NUM(1)}}, other = {.min = {NUM(2)}};
    struct action a = {.verb = VERB_ADAPTER_LIMITS, .node = "n", .subject = "id", .limits = &one},
                  b = a;
    struct arena arena;

    (void)state;
    arena_init(&arena, 0);
    assert_string_equal(deed_key(&arena, &a), deed_key(&arena, &b));
    b.limits = &other;
    assert_string_not_equal(deed_key(&arena, &a), deed_key(&arena, &b));
    arena_release(&arena);
}

/* A pool's name is letter for letter (D3). */
static void pools_by_case(void **state)
{
    struct action a = {.verb = VERB_POOL_CREATE, .node = "n", .subject = "ml"}, b = a;
    struct arena arena;

    (void)state;
    arena_init(&arena, 0);
    b.subject = "ML";
    assert_string_not_equal(deed_key(&arena, &a), deed_key(&arena, &b));
    arena_release(&arena);
}

/* specs/schema/comparison.schema.json is what the table says; UPDATE=1 writes it anew. */
static void the_schema_is_the_table(void **state)
{
    static const char path[] = "specs/schema/comparison.schema.json";
    const char *schema;
    struct arena arena;
    struct err e;
    size_t size;
    char *text;

    (void)state;
    arena_init(&arena, 0);
    schema = delta_schema(&arena);
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
        cmocka_unit_test(covers),
        cmocka_unit_test(differs),
        cmocka_unit_test(limits_are_values),
        cmocka_unit_test(pools_by_case),
        cmocka_unit_test(the_schema_is_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
