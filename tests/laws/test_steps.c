/*
 * The steps of a plan, carried out by hand: no executor, no ledger.
 *
 * For each case (examples, golden cases, random estates): every order that the
 * steps' needs allow leads to the same end, and the platform refuses nothing
 * on the way (laws 1, 2 and 6); without any one step something is left to do
 * (law 4); and whatever was done is put back by the same planner, back, forward
 * and back again as well (law 10).
 *
 * Then the table of plan/order.c: each of its rows is left out in turn, and
 * some order that is allowed without it must break something.
 */
static unsigned row_left_out = ~0u;
#define ROW_COUNTS(row) ((row) != row_left_out)
#include "plan/order.c" /* instead of the archive's own */

#include "hand.h"
#include "legal.h"

#include "base/str.h"
#include "compare.h"
#include "diff/diff.h"
#include "host/host.h"
#include "plan/plan.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = sizeof edges / sizeof *edges, MOST_CASES = 512, MOST_STEPS = 48 };

struct planned {
    struct state have;
    struct target want;
    struct ledger owed;
    struct diff diff;
    struct asides asides;
    struct plan plan;
};

static struct {
    size_t orders, left_out, put_back, skipped;
} sum;

/* What the executor would have noted (P10): whose counts this plan has set. */
static void note_recounts(struct arena *a, const struct plan *done, int64_t at_ms,
                          struct ledger *owed)
{
    for (size_t i = 0; i < done->group_count; i++) {
        const struct member *m = done->groups[i].members;
        struct ledger_change c = {.op = LEDGER_RECOUNT};
        const struct commit commit = {.changes = &c, .change_count = 1};

        if (done->groups[i].gate != GATE_RUNS || m->kind != SUBJECT_GPU ||
            !(m->target.fields & IMAGE_COUNT))
            continue;
        c.recount = (struct recount){m->node, at_ms};
        ledger_apply(a, owed, &commit);
    }
}

/* `done`: the plan that was carried out before, or NULL. */
static void plan_of(struct arena *a, const struct case_files *files, const struct world *w,
                    const struct plan *done, struct planned *out)
{
    static const struct permission word = {UINT32_MAX, UINT32_MAX};
    struct inputs in = {.cluster = files->spec.name,
                        .source = files->name,
                        .spec_digest = "laws",
                        .policy = &files->spec.policy,
                        .want = &out->want,
                        .have = &out->have,
                        .owed = &out->owed,
                        .diff = &out->diff,
                        .asides = &out->asides};
    struct err e;

    *out = (struct planned){0};
    if (!world_observe(w, a, NO_INDEX, &out->have, &e))
        return;
    state_sort(&out->have, a);
    if (done)
        note_recounts(a, done, state_now_ms(&out->have), &out->owed);
    compare_declared(a, &files->spec, &out->have, &out->owed, &out->want, &out->diff, &out->asides);
    plan_build(a, &in, &out->plan);
    plan_gate(a, &in, &word, &out->plan);
}

static void copy_world(struct arena *a, const struct world *from, struct world *out)
{
    world_copy(a, from, out);
    out->arena = a;
    out->fault_count = 0;
}

/* Everything that is under way comes to its end. */
static void settle(struct world *w)
{
    for (int i = 0; i < 100 && world_next_ms(w) != INT64_MAX; i++)
        world_advance(w, world_next_ms(w));
}

/* The planner does not know the id of an adapter that is not there yet. */
static const char *newest_adapter(const struct world *w, const struct plan_group *g,
                                  const struct step *s)
{
    const struct member *m = &g->members[s->member];
    const struct vm *vm = &w->now.vms[state_vm(&w->now, m->id)];

    for (int any = 0; any < 2; any++) /* of several the one without limits */
        for (size_t i = vm->adapter_count; i-- > 0;)
            if (!adapter_of_before(m, vm->adapters[i].id) &&
                (any || limits_blank(&vm->adapters[i].limits)))
                return vm->adapters[i].id;
    return NULL;
}

static const char *perform_one(struct arena *a, struct world *w, const struct plan_group *g,
                               const struct step *s)
{
    struct action action = s->action;
    struct err e = {0};

    if (action.verb == VERB_ADAPTER_LIMITS && !action.object)
        action.object = newest_adapter(w, g, s);
    if (action.verb == VERB_ADAPTER_LIMITS && !action.object)
        return "limits of an adapter that is not there (V5)";
    if (world_perform(w, &action, &e) == SIM_REFUSED)
        return arena_printf(a, "refused: %s", e.text);
    settle(w);
    if (action.verb == VERB_VM_START && vm_in(w, action.subject)->power != POWER_RUNNING)
        return "a VM does not start";
    return NULL;
}

/* The group's steps in this order; `skip`: one that is left out.  NULL: nothing broke. */
static const char *perform_all(struct arena *a, struct world *w, const struct plan_group *g,
                               const uint32_t *order, size_t skip)
{
    bool full = overfull_node(w) != NULL, both = both_kinds(w) != NULL;
    const char *why;

    for (size_t i = 0; i < g->step_count; i++) {
        const struct step *s = &g->steps[order[i]];

        if (order[i] == skip)
            continue;
        for (size_t k = i + 1; k < g->step_count && skip == SIZE_MAX; k++) {
            why = too_early(g, s, &g->steps[order[k]]);
            if (!why && resolved_first(w, s, &g->steps[order[k]]))
                why = "a resolved adapter leaves before one that is not (V1)";
            if (why)
                return why;
        }
        why = perform_one(a, w, g, s);
        if (why && skip == SIZE_MAX)
            return arena_printf(a, "%s: %s", s->text, why);
        if (!full && overfull_node(w) && skip == SIZE_MAX)
            return arena_printf(a, "more adapters than partitions on %s (V3)", overfull_node(w));
        if (!both && both_kinds(w) && skip == SIZE_MAX)
            return arena_printf(a, "%s holds a device and a partition (V7)", both_kinds(w));
    }
    return NULL;
}

/* ---- orders ---- */

static void as_written(uint32_t *order, size_t n)
{
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
}

/* What it needs; and one effect at a time on a VM: of several alike the first goes first. */
static void mark_needs(const struct plan_group *g, uint32_t step, bool *marked)
{
    marked[step] = true;
    for (uint32_t i = 0; i < step; i++)
        if (!marked[i] && g->steps[i].member == g->steps[step].member &&
            g->steps[i].action.verb == g->steps[step].action.verb)
            mark_needs(g, i, marked);
    for (size_t i = 0; i < g->steps[step].need_count; i++)
        if (!marked[g->steps[step].needs[i]])
            mark_needs(g, g->steps[step].needs[i], marked);
}

/* `step` as early as its needs allow, or as late as what needs it does. */
static void moved(const struct plan_group *g, uint32_t step, bool early, uint32_t *order)
{
    bool *first = calloc(g->step_count, 1);
    size_t n = 0;

    if (!first)
        abort();
    if (early) {
        mark_needs(g, step, first);
    } else {
        for (uint32_t i = 0; i < g->step_count; i++) {
            bool *needs = calloc(g->step_count, 1);

            if (!needs)
                abort();
            mark_needs(g, i, needs);
            first[i] = !needs[step];
            free(needs);
        }
    }
    for (int half = 0; half < 2; half++)
        for (uint32_t i = 0; i < g->step_count; i++)
            if (first[i] == (half == 0))
                order[n++] = i;
    free(first);
}

/* ---- one case ---- */

/* V9: it stays off until an event is over. */
static bool waits(const struct planned *p, const struct vm *vm)
{
    for (size_t g = 0; g < p->plan.group_count; g++)
        for (size_t i = 0; i < p->plan.groups[g].member_count; i++)
            if (p->plan.groups[g].members[i].waits &&
                str_same(p->plan.groups[g].members[i].id, vm->id))
                return true;
    return false;
}

static bool still_off(const struct planned *p, const struct world *w, const char **who)
{
    for (size_t i = 0; i < p->have.vm_count; i++) {
        const struct vm *vm = &p->have.vms[i];
        uint32_t at = state_vm(&w->now, vm->id), row = p->want.of_vm[i];

        if (vm->power == POWER_RUNNING && at != NO_INDEX && !waits(p, vm) &&
            w->now.vms[at].power != POWER_RUNNING &&
            (row == NO_INDEX || p->want.vms[row].wish->power != POWER_WISH_STOPPED)) {
            *who = vm->name;
            return true;
        }
    }
    return false;
}

/* V9: whoever starts it now does not start it on the card. */
static bool could_land(const struct planned *p, const struct world *w, const char **who)
{
    for (size_t i = 0; i < p->have.vm_count; i++) {
        uint32_t at = state_vm(&w->now, p->have.vms[i].id);

        *who = p->have.vms[i].name;
        if (at != NO_INDEX && waits(p, &p->have.vms[i]) && vm_adapters(&w->now.vms[at]))
            return true;
    }
    return false;
}

/* gpu: asFound: nothing is declared, and all the same it must have afterwards what it had. */
static bool lost_something(const struct planned *p, const struct world *w, const char **who)
{
    for (size_t i = 0; i < p->have.vm_count; i++) {
        const struct vm *vm = &p->have.vms[i];
        uint32_t at = state_vm(&w->now, vm->id), row = p->want.of_vm[i];

        if (at == NO_INDEX || (row != NO_INDEX && p->want.vms[row].wish->use != VM_AS_FOUND) ||
            (vm_adapters(vm) == vm_adapters(&w->now.vms[at]) &&
             vm_requests(vm) == vm_requests(&w->now.vms[at])))
            continue;
        *who = vm->name;
        return true;
    }
    return false;
}

/* Something is left: of a plan that runs, a VM that we stopped, or more than `differ` changes. */
static bool unfinished(struct arena *a, const struct case_files *files, const struct planned *p,
                       const struct world *w, size_t differ, const char **what)
{
    struct planned again;

    if (still_off(p, w, what) || lost_something(p, w, what) || could_land(p, w, what))
        return true;
    plan_of(a, files, w, &p->plan, &again);
    *what = "the next plan has steps";
    for (size_t i = 0; i < again.plan.group_count; i++)
        if (again.plan.groups[i].gate == GATE_RUNS && again.plan.groups[i].step_count)
            *what =
                arena_printf(a, "the next plan has steps: %s", again.plan.groups[i].steps[0].text);
    return again.plan.totals.run_steps > 0 || again.plan.change_count > differ;
}

/* All groups that run, group `which` in the order given. */
static const char *carry_out(struct arena *a, struct world *w, const struct planned *p,
                             size_t which, const uint32_t *order, size_t skip)
{
    uint32_t plain[1024];

    for (size_t i = 0; i < p->plan.group_count; i++) {
        const struct plan_group *g = &p->plan.groups[i];
        const char *why;

        if (g->gate != GATE_RUNS)
            continue;
        as_written(plain, g->step_count);
        why = perform_all(a, w, g, i == which ? order : plain, i == which ? skip : SIZE_MAX);
        if (why && skip == SIZE_MAX)
            return why;
    }
    return NULL;
}

/* Laws 1, 2 and 6: this order is legal and arrives.  NULL: so it is. */
static const char *order_arrives(const struct case_files *files, const struct planned *p,
                                 size_t which, const uint32_t *order)
{
    static char said[400];
    const char *why, *what = NULL;
    struct world w;
    struct arena a;

    arena_init(&a, 0);
    copy_world(&a, &files->world, &w);
    sum.orders++;
    why = carry_out(&a, &w, p, which, order, SIZE_MAX);
    if (!why && unfinished(&a, files, p, &w, SIZE_MAX, &what))
        why = arena_printf(&a, "law 1: %s", what);
    snprintf(said, sizeof said, "%s", why ? why : "");
    if (why && row_left_out == ~0u && host_env("SHOW"))
        for (size_t i = 0; i < p->plan.groups[which].step_count; i++)
            printf("#   %s\n", p->plan.groups[which].steps[order[i]].text);
    arena_release(&a);
    return why ? said : NULL;
}

/* The first order of a group that does not arrive; NULL: all do. */
static const char *some_order_breaks(const struct case_files *files, const struct planned *p)
{
    for (size_t i = 0; i < p->plan.group_count; i++) {
        const struct plan_group *g = &p->plan.groups[i];
        uint32_t order[MOST_STEPS];
        const char *why;

        if (g->gate != GATE_RUNS || g->step_count > MOST_STEPS)
            continue;
        for (uint32_t s = 0; s < g->step_count; s++)
            for (int early = 0; early < 2; early++) {
                moved(g, s, early, order);
                why = order_arrives(files, p, i, order);
                if (why)
                    return why;
            }
    }
    return NULL;
}

/* How many changes stay when all is done: what is blocked, and what waits for a stop. */
static size_t differ_at_the_end(const struct case_files *files, const struct planned *p)
{
    struct planned again;
    const uint32_t none[1] = {0};
    struct world w;
    struct arena a;
    size_t n;

    arena_init(&a, 0);
    copy_world(&a, &files->world, &w);
    carry_out(&a, &w, p, SIZE_MAX, none, SIZE_MAX);
    plan_of(&a, files, &w, &p->plan, &again);
    n = again.plan.change_count;
    arena_release(&a);
    return n;
}

/* Law 4: without any one step there is something left to do. */
static const char *some_step_is_idle(const struct case_files *files, const struct planned *p)
{
    static char said[400];
    size_t differ = differ_at_the_end(files, p);

    for (size_t i = 0; i < p->plan.group_count; i++) {
        const struct plan_group *g = &p->plan.groups[i];

        for (uint32_t s = 0; g->gate == GATE_RUNS && s < g->step_count; s++) {
            uint32_t order[1024];
            const char *what = NULL;
            struct world w;
            struct arena a;
            bool left;

            arena_init(&a, 0);
            copy_world(&a, &files->world, &w);
            as_written(order, g->step_count);
            carry_out(&a, &w, p, i, order, s);
            left = unfinished(&a, files, p, &w, differ, &what);
            arena_release(&a);
            sum.left_out++;
            if (!left) {
                for (size_t k = 0; k < g->step_count && host_env("SHOW"); k++)
                    printf("#   %s\n", g->steps[k].text);
                snprintf(said, sizeof said, "law 4: idle: %s", g->steps[s].text);
                return said;
            }
        }
    }
    return NULL;
}

/* ---- law 10: back, forward, back ---- */

static void note(struct arena *a, const struct world *w, const struct step *s, struct ledger *owed)
{
    uint32_t at = state_vm(&w->now, s->action.subject);

    for (size_t i = 0; i < owed->debt_count; i++)
        if (str_same(owed->debts[i].vm, s->action.subject)) {
            if (s->action.verb == VERB_VM_STOP)
                owed->debts[i].phase = DEBT_STOPPED;
            if (s->action.verb == VERB_VM_START)
                owed->debts[i].phase = DEBT_PAID;
        }
    if (at == NO_INDEX || owed->claim_count > 200)
        return;
    if (s->action.verb == VERB_ADAPTER_ADD || s->action.verb == VERB_REQUEST_ADD) {
        const struct vm *vm = &w->now.vms[at];

        for (size_t i = 0; i < vm->adapter_count; i++)
            owed->claims[owed->claim_count++] =
                (struct claim){vm->id, arena_strdup(a, vm->adapters[i].id), NUM_UNKNOWN};
        for (size_t i = 0; i < vm->request_count; i++)
            owed->claims[owed->claim_count++] =
                (struct claim){vm->id, arena_strdup(a, vm->requests[i].id), NUM_UNKNOWN};
    }
}

/* Up to `most` steps in a direction, each planned anew; starts only when they are all. */
static const char *go(struct arena *a, struct world *w, const struct plan_group *g,
                      enum direction to, size_t most, struct ledger *owed)
{
    struct group open = {
        .id = 1, .direction = to, .members = g->members, .member_count = g->member_count};

    for (size_t i = 0; i < most; i++) {
        struct plan_group now = *g;
        struct steps steps;
        struct state have;
        const char *why;
        struct err e;

        if (!world_observe(w, a, NO_INDEX, &have, &e))
            return "a look fails";
        state_sort(&have, a);
        steps_build(a, &open, &have, owed, &steps);
        if (!steps.count)
            return NULL;
        if (most != SIZE_MAX && steps.rows[0].action.verb == VERB_VM_START)
            return NULL;
        now.steps = steps.rows;
        now.step_count = steps.count;
        why = perform_one(a, w, &now, &steps.rows[0]);
        if (why)
            return arena_printf(a, "%s %s: %s", verb_rows[steps.rows[0].action.verb].word,
                                steps.rows[0].name, why);
        note(a, w, &steps.rows[0], owed);
        if (i > 4096)
            return "does not come to an end";
    }
    return NULL;
}

/* M8: a VM that was to go is where it came from. */
static bool all_at_home(const struct plan_group *g, const struct state *first,
                        const struct state *now, const char **where)
{
    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];

        *where = m->name;
        if ((m->target.fields & IMAGE_NODE) &&
            first->vms[state_vm(first, m->id)].node != now->vms[state_vm(now, m->id)].node)
            return false;
    }
    return true;
}

static const char *put_back_once(const struct case_files *files, const struct plan_group *g,
                                 size_t forward, size_t back, size_t again)
{
    static char said[400];
    const char *why, *where = NULL;
    struct ledger owed;
    struct world w;
    struct arena a;

    arena_init(&a, 0);
    copy_world(&a, &files->world, &w);
    owe(&a, g, &files->world.now, &owed);
    sum.put_back++;
    why = go(&a, &w, g, FORWARD, forward, &owed);
    why = why ? why : go(&a, &w, g, BACK, back, &owed);
    why = why ? why : go(&a, &w, g, FORWARD, again, &owed);
    why = why ? why : go(&a, &w, g, BACK, SIZE_MAX, &owed);
    if (!why && (!all_at_home(g, &files->world.now, &w.now, &where) ||
                 !rig_same_world(&files->world.now, &w.now, &where)))
        why = arena_printf(&a, "%s is not as it was", where);
    snprintf(said, sizeof said, "law 10: forward %zu, back %zu, forward %zu, back: %s", forward,
             back, again, why ? why : "");
    arena_release(&a);
    return why ? said : NULL;
}

static const char *some_way_back_is_wrong(const struct case_files *files, const struct planned *p)
{
    size_t first = 0;

    while (first < p->plan.group_count && p->plan.groups[first].gate != GATE_RUNS)
        first++;
    if (first == p->plan.group_count)
        return NULL;
    /* The first group only: the others stand on what it leaves. */
    const struct plan_group *g = &p->plan.groups[first];
    size_t n = g->step_count < 12 ? g->step_count : 12;

    for (size_t f = 1; f <= n; f++)
        for (size_t b = 0; b <= f; b += b < 2 ? 1 : 3)
            for (size_t again = 0; again <= (b ? f : 0); again += again < 2 ? 1 : 4) {
                const char *why = put_back_once(files, g, f, b, again);

                if (why)
                    return why;
            }
    return NULL;
}

/* ---- groups made by hand ---- */

static const char *hand_order(const struct hand *h, uint32_t step, bool early)
{
    static char said[400];
    uint32_t order[MOST_STEPS];
    struct case_files files;
    struct plan_group g, again;
    struct ledger owed, none;
    struct state have;
    const char *why;
    struct world w;
    struct arena a;

    arena_init(&a, 0);
    if (!texts_read(&a, hand_spec, hand_world(&a, h), &files))
        abort();
    copy_world(&a, &files.world, &w);
    hand_group(&a, h, &w, &have, &owed, &g);
    why = NULL;
    if (step < g.step_count) {
        sum.orders++;
        moved(&g, step, early, order);
        why = perform_all(&a, &w, &g, order, SIZE_MAX);
        if (!why) {
            hand_group(&a, h, &w, &have, &none, &again);
            if (w.now.vms[0].power != files.world.now.vms[0].power)
                why = "the VM is off at the end";
            for (size_t i = 0; !why && i < again.step_count; i++)
                why = again.steps[i].text;
        }
    }
    snprintf(said, sizeof said, "%s: %s", h->name, why ? why : "");
    arena_release(&a);
    return why ? said : NULL;
}

static const char *some_hand_breaks(void)
{
    const char *why = NULL;

    for (size_t i = 0; i < sizeof hands / sizeof *hands; i++)
        for (uint32_t step = 0; step < 24 && !why; step++) {
            why = hand_order(&hands[i], step, true);
            why = why ? why : hand_order(&hands[i], step, false);
        }
    return why;
}

/* Law 10 for those that move (M8): there and back, after any number of steps. */
static const char *some_hand_stays_away(void)
{
    const char *why = NULL;

    for (size_t i = 0; i < sizeof hands / sizeof *hands && !why; i++) {
        struct case_files files;
        struct plan_group g;
        struct ledger owed;
        struct state have;
        struct world w;
        struct arena a;

        if (!hands[i].moves)
            continue;
        arena_init(&a, 0);
        if (!texts_read(&a, hand_spec, hand_world(&a, &hands[i]), &files))
            abort();
        copy_world(&a, &files.world, &w);
        hand_group(&a, &hands[i], &w, &have, &owed, &g);
        for (size_t f = 1; f <= g.step_count && !why; f++)
            for (size_t back = 0; back <= f && !why; back++)
                why = put_back_once(&files, &g, f, back, back ? f : 0);
        if (why)
            printf("# %s\n", hands[i].name);
        arena_release(&a);
    }
    return why;
}

/* ---- cases ---- */

struct one {
    struct arena arena;
    struct case_files files;
    struct planned plan;
    const char *name;
};
static struct one cases[MOST_CASES];
static size_t case_count;

/* Something that no order of steps can help: a guest that hangs, a VM that never starts or breaks
 * on its way. */
static bool broken_for_good(const struct world *w)
{
    for (size_t i = 0; i < w->now.vm_count; i++)
        if ((w->sim && (w->sim[i].never_starts || w->sim[i].breaks_on_move ||
                        w->sim[i].guest != GUEST_OBEYS)) ||
            w->now.vms[i].can_shut_down == TRI_NO)
            return true;
    for (size_t i = 0; i < w->now.node_count; i++)
        if (w->hangs && w->hangs[i])
            return true;
    return false;
}

/* Only the machine can judge what is known after the change (V5): by hand it would go on. */
static bool is_judged_later(const struct plan *p)
{
    for (size_t i = 0; i < p->problem_count; i++)
        if (p->problems[i].reason == REASON_NOTE_LIMITS_EXPECTED)
            return true;
    return false;
}

static void keep_case(struct one *c)
{
    size_t runs = 0;

    if (!broken_for_good(&c->files.world)) {
        plan_of(&c->arena, &c->files, &c->files.world, NULL, &c->plan);
        runs = c->plan.plan.totals.run_steps;
    }
    if (!runs || is_judged_later(&c->plan.plan)) {
        sum.skipped += runs > 0 || broken_for_good(&c->files.world);
        arena_release(&c->arena);
        return;
    }
    case_count++;
}

static void add_folder(const char *top)
{
    struct dirent **rows;
    int n = scandir(top, &rows, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        struct one *c = &cases[case_count];
        char folder[512];
        const char *why;

        snprintf(folder, sizeof folder, "%s/%s", top, rows[i]->d_name);
        arena_init(&c->arena, 0);
        if (rows[i]->d_name[0] != '.' && case_count < MOST_CASES &&
            case_read(&c->arena, folder, &c->files, &why)) {
            c->name = arena_strdup(&c->arena, folder);
            keep_case(c);
        } else {
            arena_release(&c->arena);
        }
        free(rows[i]);
    }
    if (n >= 0)
        free(rows);
}

static void add_seeds(uint64_t from, size_t count)
{
    for (size_t i = 0; i < count && case_count < MOST_CASES; i++) {
        struct one *c = &cases[case_count];
        struct estate *e;

        arena_init(&c->arena, 0);
        e = arena_new(&c->arena, struct estate);
        estate_make(&c->arena, from + i, e);
        if (!estate_read(&c->arena, e, false, &c->files))
            continue;
        c->name = arena_printf(&c->arena, "seed %zu", (size_t)from + i);
        keep_case(c);
    }
}

static bool say(bool ok, size_t number, const char *what)
{
    printf("%sok %zu - %s\n", ok ? "" : "not ", number, what);
    fflush(stdout);
    return ok;
}

typedef const char *check_case(const struct case_files *, const struct planned *);

/* Worlds for which a law cannot hold, whoever plans. */
static const struct {
    check_case *law;
    const char *name, *why;
} exempt[] = {
    {some_step_is_idle, "tests/golden/size-wrong",
     "what is declared cannot be had: a partition turns out to have another size (C5)"},
    {some_way_back_is_wrong, "tests/golden/count-invalid-now",
     "the count that was there is in no list (C6)"},
    {some_way_back_is_wrong, "tests/golden/device-came-back",
     "a device is not given to its host while a VM has it (D5)"},
    {some_way_back_is_wrong, "tests/golden/memory-dynamic",
     "as it was found, the VM would not start (S3)"},
};

static bool is_exempt(check_case *law, const char *name)
{
    for (size_t i = 0; i < sizeof exempt / sizeof *exempt; i++)
        if (exempt[i].law == law && strcmp(exempt[i].name, name) == 0)
            return true;
    return false;
}

static bool each(check_case *check)
{
    size_t bad = 0;

    for (size_t i = 0; i < case_count && bad < 5; i++) {
        const char *why;

        if (is_exempt(check, cases[i].name))
            continue;
        why = check(&cases[i].files, &cases[i].plan);
        if (why) {
            printf("# %s: %s\n", cases[i].name, why);
            bad++;
        }
    }
    return bad == 0;
}

/* Is the plan of this case another one without the row? */
static bool row_matters(const struct plan *with, const struct plan *without)
{
    for (size_t i = 0; i < with->group_count && i < without->group_count; i++)
        for (size_t s = 0; s < with->groups[i].step_count; s++) {
            const struct step *x = &with->groups[i].steps[s], *y = &without->groups[i].steps[s];

            if (x->need_count != y->need_count || !action_same(&x->action, &y->action))
                return true;
        }
    return false;
}

static bool row_is_missed(unsigned row)
{
    size_t differ = 0;
    const char *by_hand;

    row_left_out = row;
    by_hand = some_hand_breaks();
    row_left_out = ~0u;
    if (by_hand) {
        printf("# row %u (%s): %s\n", row, edges[row].rule, by_hand);
        return true;
    }
    for (size_t i = 0; i < case_count; i++) {
        struct planned without;
        struct arena a;
        const char *why = NULL;

        arena_init(&a, 0);
        row_left_out = row;
        plan_of(&a, &cases[i].files, &cases[i].files.world, NULL, &without);
        row_left_out = ~0u;
        if (row_matters(&cases[i].plan.plan, &without.plan)) {
            differ++;
            why = some_order_breaks(&cases[i].files, &without);
        }
        arena_release(&a);
        if (why) {
            printf("# row %u (%s): %s: %s\n", row, edges[row].rule, cases[i].name, why);
            return true;
        }
    }
    printf("# row %u (%s): %zu plans differ without it, and none breaks\n", row, edges[row].rule,
           differ);
    return false;
}

int main(void)
{
    const char *effort = host_env("HVGPU_EFFORT");
    size_t seeds = effort && strcmp(effort, "soak") == 0   ? MOST_CASES
                   : effort && strcmp(effort, "full") == 0 ? 250
                                                           : 60;
    const char *away;
    bool ok = true;

    add_folder("tests/laws/worlds");
    add_folder("examples");
    add_folder("tests/golden");
    add_seeds(1, seeds);
    ok &= say(each(some_order_breaks), 1, "laws 1, 2, 6: every order that the needs allow arrives");
    ok &= say(each(some_step_is_idle), 2, "law 4: no step is idle");
    ok &= say(each(some_way_back_is_wrong), 3, "law 10: there and back, at any step");
    ok &= say(!some_hand_breaks(), 4, "groups made by hand: every order arrives");
    if (some_hand_breaks())
        printf("# %s\n", some_hand_breaks());
    away = some_hand_stays_away();
    if (away)
        printf("# %s\n", away);
    ok &= say(!away, 5, "law 10: groups made by hand that move");
    for (unsigned row = 0; row < ROWS; row++)
        ok &= say(row_is_missed(row), 6 + row, "a row of plan/order.c is missed");
    printf("1..%d\n", 5 + ROWS);
    printf(
        "# figure: %zu plans, %zu orders, %zu steps left out, %zu ways back, %d rows; %zu worlds "
        "that are broken for good, or judged on the way, left to the sweep\n",
        case_count, sum.orders, sum.left_out, sum.put_back, ROWS, sum.skipped);
    for (size_t i = 0; i < case_count; i++)
        arena_release(&cases[i].arena);
    return ok ? 0 : 1;
}
