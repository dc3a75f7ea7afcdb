#include "plan/approvals.h"

#include "base/str.h"
#include "plan/totals.h"
#include "plan/units.h"

#define HOUR_MS ((int64_t)60 * 60 * 1000)

/* Why an approval says nothing; by rule, but for the first four. */
enum verdict {
    COUNTS,
    OTHER_WORLD,
    OTHER_SPEC,
    OTHER_POLICY,
    TOO_EARLY,
    TOO_OLD,
    NOT_SIGNED,
    IS_AUTHOR,
    NO_AUTHOR,
    SAME_PERSON
};

struct judging {
    struct arena *arena;
    const struct approvals *given;
    const struct state *have;
    struct plan *plan;
    bool saved;            /* the plan is from a file: what it says of other reasons stays */
    struct cover *covers;  /* by approval */
    bool *within;          /* by approval: is the group at hand within it? */
    enum verdict *general; /* by approval: whatever the rule */
};

/* ---- what a plan does as a whole ---- */

struct sums {
    size_t interrupts, removals, nodes;
};

static bool forces(const struct plan_group *g)
{
    for (size_t i = 0; i < g->step_count; i++) {
        const struct step *s = &g->steps[i];

        if (s->action.verb == VERB_VM_STOP &&
            (s->action.value[0] != STOP_GUEST || g->members[s->member].stop_then != STOP_GUEST))
            return true;
    }
    return false;
}

static bool disturbs(const struct plan_group *g)
{
    return g->interrupt_count || group_changes_count(g);
}

static struct sums sum_up(struct arena *a, const struct plan *plan)
{
    struct sums s = {0};
    struct map nodes;

    map_init(&nodes, a, 16, true);
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct plan_group *g = &plan->groups[i];

        if (g->gate == GATE_BLOCKED)
            continue;
        s.interrupts += g->interrupt_count;
        s.removals += g->removals;
        for (size_t m = 0; disturbs(g) && m < g->member_count; m++)
            if (g->members[m].node)
                map_put(&nodes, g->members[m].node, 0);
    }
    s.nodes = nodes.count;
    return s;
}

static bool above(struct num most, size_t n)
{
    return most.known && n > most.value;
}

/* What of the group the rule asks for, as a text; NULL: nothing. */
static const char *asked(struct arena *a, const struct approval_rule *r, const struct sums *s,
                         const struct plan_group *g)
{
    if (above(r->interrupts, s->interrupts) && g->interrupt_count)
        return arena_printf(a, "%zu running VM%s stopped, more than %llu", s->interrupts,
                            s->interrupts == 1 ? " is" : "s are",
                            (unsigned long long)r->interrupts.value);
    if (above(r->nodes, s->nodes) && disturbs(g))
        return arena_printf(a, "%zu node%s disturbed, more than %llu", s->nodes,
                            s->nodes == 1 ? " is" : "s are", (unsigned long long)r->nodes.value);
    if (above(r->detach, s->removals) && g->removals)
        return arena_printf(a, "%zu partition%s or device%s VMs, more than %llu", s->removals,
                            s->removals == 1 ? "" : "s", s->removals == 1 ? " leaves" : "s leave",
                            (unsigned long long)r->detach.value);
    if (r->forced_stop && g->interrupt_count && forces(g))
        return "a guest may be forced off";
    return r->count && group_changes_count(g) ? "a partition count changes" : NULL;
}

/* ---- whose approval counts ---- */

static enum verdict judge_one(const struct judging *x, const struct approval *one)
{
    const struct plan *p = x->plan;

    if (!str_eq(one->identity, p->head.identity))
        return OTHER_WORLD;
    if (!p->head.spec_digest || !str_eq(one->spec_digest, p->head.spec_digest))
        return OTHER_SPEC;
    if (!same_ceilings(one->policies, one->policy_count, p->policy.ceilings,
                       p->policy.ceiling_count))
        return OTHER_POLICY;
    return one->at_ms > x->given->now_ms + HOUR_MS ? TOO_EARLY : COUNTS;
}

static const struct signer *signer_of(const struct approval_rule *r, const struct approval *one)
{
    for (size_t i = 0; one->key && i < r->signer_count; i++)
        if (str_eq(r->signers[i].key, one->key))
            return &r->signers[i];
    return NULL;
}

static const char *person(const struct approval_rule *r, const struct approval *one)
{
    const struct signer *s = signer_of(r, one);

    return s ? s->name : one->user;
}

/* "Eva Koch", "eva@example.com" and "eva" are told to be one: better one too few than one too many.
 */
static bool is_author(struct arena *a, const struct revision *r, const char *name)
{
    for (size_t i = 0; i < r->author_count; i++) {
        const char *author = r->authors[i], *at = strchr(author, '@');

        if (str_same(author, name) ||
            (at && str_same(arena_strndup(a, author, (size_t)(at - author)), name)))
            return true;
    }
    return false;
}

static enum verdict judge_author(const struct judging *x, const struct approval_rule *r,
                                 const struct approval *one)
{
    const struct revision *rev = &x->plan->head.revision;

    if (!r->not_author)
        return COUNTS;
    if (!rev->commit || rev->dirty || !rev->author_count)
        return NO_AUTHOR;
    return is_author(x->arena, rev, person(r, one)) || is_author(x->arena, rev, one->user)
               ? IS_AUTHOR
               : COUNTS;
}

static enum verdict judge_by(const struct judging *x, const struct approval_rule *r, size_t i)
{
    const struct approval *one = &x->given->rows[i];

    if (x->general[i] != COUNTS)
        return x->general[i];
    if (r->max_age_ms && one->at_ms < x->given->now_ms - r->max_age_ms)
        return TOO_OLD;
    if (r->signer_count && !signer_of(r, one))
        return NOT_SIGNED;
    return judge_author(x, r, one);
}

/* How many different people approved all of the group at hand. */
static uint32_t approvals_for(const struct judging *x, const struct approval_rule *r)
{
    struct map people;

    map_init(&people, x->arena, x->given->count, true);
    for (size_t i = 0; i < x->given->count; i++)
        if (x->within[i] && judge_by(x, r, i) == COUNTS)
            map_put(&people, person(r, &x->given->rows[i]), 0);
    return (uint32_t)people.count;
}

/* ---- what is said ---- */

static struct problem *say(struct judging *x, enum reason reason)
{
    struct plan *p = x->plan;
    struct problem *row;

    p->problems =
        arena_grow(x->arena, p->problems, p->problem_count, p->problem_count + 1, sizeof *row);
    row = &p->problems[p->problem_count++];
    *row = (struct problem){.reason = reason,
                            .kind = SUBJECT_CLUSTER,
                            .gpu = NO_INDEX,
                            .vm = NO_INDEX,
                            .row = NO_INDEX,
                            .subject = arena_printf(x->arena, "cluster/%s", p->head.cluster)};
    return row;
}

static const char *who(struct arena *a, const struct approval *one)
{
    return arena_printf(a, "by %s@%s", one->user, one->host);
}

/* The first rule that counts it; NULL, with the first one's reason: none does. */
static const struct approval_rule *counted_by(const struct judging *x, size_t i, enum verdict *why)
{
    const struct policy *p = &x->plan->policy;

    *why = x->general[i];
    for (size_t r = 0; r < p->approval_count; r++) {
        enum verdict v = judge_by(x, &p->approvals[r], i);

        if (v == COUNTS)
            return &p->approvals[r];
        *why = *why == COUNTS ? v : *why;
    }
    return NULL;
}

/* Did the same person approve already, by one that counts? */
static bool is_repeated(const struct judging *x, const struct approval_rule *r, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (judge_by(x, r, k) == COUNTS &&
            str_same(person(r, &x->given->rows[k]), person(r, &x->given->rows[i])))
            return true;
    return false;
}

/* Where no rule counts it, or it is one more of the same person, it is told why. */
static void tell_void(struct judging *x, size_t i)
{
    static const char *const words[] = {
        [OTHER_WORLD] = "of a plan for another cluster",
        [OTHER_SPEC] = "of a plan of another spec",
        [OTHER_POLICY] = "of a plan under other Policies",
        [TOO_EARLY] = "from a time that has not come",
        [TOO_OLD] = "too old (maxAge)",
        [NOT_SIGNED] = "not signed by one of the signers",
        [IS_AUTHOR] = "by an author of the spec",
        [NO_AUTHOR] = "who wrote the spec is not known: commit it",
        [SAME_PERSON] = "by somebody who approved already",
    };
    enum verdict why;
    const struct approval_rule *rule = counted_by(x, i, &why);

    if (rule && !is_repeated(x, rule, i))
        return;
    say(x, REASON_NOTE_APPROVAL)->text =
        arena_printf(x->arena, "%s: %s, %s", who(x->arena, &x->given->rows[i]),
                     words[rule ? SAME_PERSON : why], x->given->rows[i].file);
}

static const char *needs_text(struct arena *a, const struct approval_rule *r, uint32_t has)
{
    struct text t;

    text_init(&t, a);
    text_printf(&t, "needs %u %sapproval%s", (unsigned)r->need, r->signer_count ? "signed " : "",
                r->need == 1 ? "" : "s");
    if (r->not_author)
        text_add(&t, " of others than the author");
    text_printf(&t, ", has %u (%s:%u)", (unsigned)has, r->at.file, (unsigned)r->at.line);
    return text_done(&t);
}

/* ---- holding ---- */

/* What the group still lacks; NULL: nothing. */
static const char *lacks(const struct judging *x, const struct sums *s, const struct plan_group *g)
{
    const struct policy *p = &x->plan->policy;
    struct arena *a = x->arena;
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < g->ask_count; i++) {
        const struct approval_rule *r = &p->approvals[g->asks[i]];
        uint32_t has = approvals_for(x, r);
        const char *what = asked(a, r, s, g);

        if (has < r->need)
            text_printf(&t, "%s%s: %s", t.size ? "; " : "", what ? what : "asked for",
                        needs_text(a, r, has));
    }
    return t.size ? text_done(&t) : NULL;
}

static void measure(const struct judging *x, const struct plan_group *g)
{
    const char **keys = deed_keys(x->arena, g);

    for (size_t i = 0; i < x->given->count; i++)
        x->within[i] = x->general[i] == COUNTS && cover_holds(&x->covers[i], g, keys, x->have);
}

static void hold(const struct judging *x, struct plan_group *g, const char *why)
{
    if (g->gate == GATE_RUNS) {
        group_stop(g, GATE_HELD, REASON_APPROVAL, why, NULL);
    } else if (!x->saved) /* it waits for something else as well, which is told first */
    {
        g->why = arena_printf(x->arena, "%s%s%s", g->why ? g->why : "", g->why ? "; " : "", why);
        g->release = arena_printf(x->arena, "%s; and %s",
                                  g->release ? g->release : reason_rows[g->reason].release,
                                  reason_rows[REASON_APPROVAL].release);
    }
}

/* C3: counts are all or nothing, so one that is not approved holds the others. */
static void hold_counts(const struct judging *x, const struct plan_group *culprit)
{
    struct plan *p = x->plan;

    if (!culprit || p->head.standalone || p->policy.partial)
        return;
    for (size_t i = 0; i < p->group_count; i++)
        if (p->groups[i].gate == GATE_RUNS && group_changes_count(&p->groups[i]))
            group_stop(&p->groups[i], GATE_HELD, REASON_APPROVAL,
                       arena_printf(x->arena,
                                    "counts are all or nothing (C3), and %s is not approved",
                                    culprit->members[0].name),
                       NULL);
}

static void name_approved(struct judging *x)
{
    struct plan *p = x->plan;
    enum verdict ignored;

    p->approved = arena_array(x->arena, struct approved, x->given->count + 1);
    p->approved_count = 0;
    for (size_t i = 0; i < x->given->count; i++) {
        const struct approval *one = &x->given->rows[i];
        const struct approval_rule *rule = counted_by(x, i, &ignored);
        const struct signer *signer = rule ? signer_of(rule, one) : NULL;

        if (rule)
            p->approved[p->approved_count++] =
                (struct approved){.by = arena_printf(x->arena, "%s@%s", one->user, one->host),
                                  .reason = one->reason,
                                  .plan = one->plan_id,
                                  .digest = one->digest,
                                  .key = one->key,
                                  .signer = signer ? signer->name : NULL,
                                  .at_ms = one->at_ms};
    }
}

static void overlay(struct judging *x)
{
    struct plan *p = x->plan;
    struct sums s = sum_up(x->arena, p);
    const struct plan_group *culprit = NULL;
    bool asks = false, here = false;

    x->within = arena_array(x->arena, bool, x->given->count + 1);
    x->covers = arena_array(x->arena, struct cover, x->given->count + 1);
    x->general = arena_array(x->arena, enum verdict, x->given->count + 1);
    for (size_t i = 0; i < x->given->count; i++) {
        x->general[i] = judge_one(x, &x->given->rows[i]);
        here = here || x->general[i] != OTHER_WORLD;
        if (x->general[i] == COUNTS)
            cover_init(&x->covers[i], x->arena, &x->given->rows[i].extent);
    }
    for (size_t i = 0; i < p->group_count; i++) {
        struct plan_group *g = &p->groups[i];
        const char *why = NULL;

        if (g->gate != GATE_BLOCKED && g->ask_count) {
            measure(x, g);
            why = lacks(x, &s, g);
        }
        asks = asks || g->ask_count;
        g->unapproved = why != NULL;
        if (!why)
            continue;
        culprit = culprit || !group_changes_count(g) ? culprit : g;
        hold(x, g, why);
    }
    hold_counts(x, culprit);
    for (size_t i = 0; i < p->group_count; i++)
        group_behind(x->arena, p, &p->groups[i], GATE_HELD);
    name_approved(x);
    for (size_t i = 0; asks && i < x->given->count; i++)
        if (!here || x->general[i] != OTHER_WORLD) /* of many clusters all may be given to all */
            tell_void(x, i);
}

/* Which rules ask for which groups: told by what they do, whatever a file says of it. */
static void ask_all(struct judging *x)
{
    const struct policy *p = &x->plan->policy;
    struct sums s = sum_up(x->arena, x->plan);

    for (size_t i = 0; i < x->plan->group_count; i++) {
        struct plan_group *g = &x->plan->groups[i];

        g->asks = arena_array(x->arena, uint32_t, p->approval_count + 1);
        g->ask_count = 0;
        for (size_t r = 0; g->gate != GATE_BLOCKED && r < p->approval_count; r++)
            if (asked(x->arena, &p->approvals[r], &s, g))
                g->asks[g->ask_count++] = (uint32_t)r;
    }
}

static const struct approvals none;

void approvals_judge(struct arena *a, const struct approvals *given, const struct state *have,
                     struct plan *plan)
{
    struct judging x = {.arena = a, .given = given ? given : &none, .have = have, .plan = plan};

    for (size_t i = 0; i < plan->group_count; i++)
        plan->groups[i].approvable = plan->groups[i].gate == GATE_RUNS;
    if (!plan->policy.approval_count)
        return;
    ask_all(&x);
    overlay(&x);
}

void approvals_of_file(struct arena *a, const struct approvals *given, const struct state *have,
                       struct plan *plan)
{
    struct judging x = {
        .arena = a, .given = given ? given : &none, .have = have, .plan = plan, .saved = true};

    if (!plan->policy.approval_count)
        return;
    for (size_t i = 0; i < plan->group_count; i++) {
        struct plan_group *g = &plan->groups[i];

        if (!g->approvable)
            continue;
        g->gate = GATE_RUNS;
        g->reason = REASON_NONE;
        g->why = g->release = NULL;
    }
    ask_all(&x);
    overlay(&x);
    totals_count(a, plan);
}

bool approvals_wanted(const struct plan *plan)
{
    for (size_t i = 0; i < plan->group_count; i++)
        if (plan->groups[i].unapproved)
            return true;
    return false;
}
