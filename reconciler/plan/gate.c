/*
 * Which groups run now.  A plan is always complete; permission decides what
 * starts: protected VMs (P2), disruption (P1), budgets (P4), removals (M5),
 * what was put back before, and what other groups do.
 */
#include "plan/approvals.h"
#include "plan/ceilings.h"
#include "plan/totals.h"
#include "plan/units.h"

#include "base/str.h"
#include "base/zone.h"

#include <string.h>

struct gating {
    struct arena *arena;
    const struct inputs *in;
    const struct permission *word;
    struct plan *plan;
    uint32_t stops_left;   /* of what the operator allowed */
    uint32_t stops_asked;  /* that the default `never` holds */
    bool counts_judged;    /* the stops of all count changes: taken together, or held */
    bool *left_out;        /* by group: not all of its members are chosen (P9) */
    bool looked_up, opens; /* the next window, once for all groups */
    struct opening opening;
};

void group_stop(struct plan_group *g, enum gate gate, enum reason reason, const char *why,
                const char *release)
{
    if (g->gate > gate || (g->gate == gate && g->gate && g->reason <= reason))
        return;
    g->gate = gate;
    g->reason = reason;
    g->why = why;
    g->release = release;
}

static const struct target_vm *target_of(const struct gating *x, uint32_t vm)
{
    uint32_t row = x->in->want->of_vm[vm];

    return row == NO_INDEX ? NULL : &x->in->want->vms[row];
}

static const char *names_of(struct gating *x, const uint32_t *vms, size_t count)
{
    const char **names = arena_array(x->arena, const char *, count + 1);

    for (size_t i = 0; i < count; i++)
        names[i] = x->in->have->vms[vms[i]].name;
    return str_ranges(x->arena, names, count);
}

/* P5: no operator's word helps against a Policy. */
static const char *exception(const struct gating *x, const struct span *at)
{
    return arena_printf(x->arena, "an exception at %s", policy_place(x->arena, x->in->policy, at));
}

/* P2, P5: who protects it, and whether that is a Policy. */
static void refuse_protected(struct gating *x, struct plan_group *g, const struct target_vm *t,
                             const char *name)
{
    const struct span *at = &t->protected_at;
    const char *release = policy_ceiling_at(x->in->policy, at) ? exception(x, at) : NULL;

    group_stop(g, GATE_BLOCKED, REASON_PROTECTED,
               arena_printf(x->arena, "%s is protected and runs", name), release);
}

/* P1, P5: somebody wrote `never`; what a Policy says comes before what the spec says. */
static void refuse_never(struct gating *x, struct plan_group *g, const struct target_vm *t,
                         const char *name)
{
    const struct vm_wish *w = t->wish;
    const bool outside = w->most_at.file && w->most == DISRUPTION_NEVER;
    const struct span *at = outside ? &w->most_at : &w->disruption_at;

    group_stop(g, GATE_BLOCKED, REASON_DISRUPTION,
               arena_printf(x->arena, "%s runs, and %s:%u says disruption: never", name, at->file,
                            (unsigned)at->line),
               outside ? exception(x, at) : NULL);
}

/* P2, and P1 where somebody wrote `never`. */
static void judge_words(struct gating *x, struct plan_group *g)
{
    for (size_t i = 0; i < g->interrupt_count; i++) {
        const struct vm *vm = &x->in->have->vms[g->interrupts[i]];
        const struct target_vm *t = target_of(x, g->interrupts[i]);

        if (t && t->is_protected)
            refuse_protected(x, g, t, vm->name);
        else if (t && wish_forbids_stop(t->wish))
            refuse_never(x, g, t, vm->name);
    }
}

static bool waits_for_window(const struct gating *x, const struct plan_group *g)
{
    for (size_t i = 0; i < g->interrupt_count; i++) {
        const struct target_vm *t = target_of(x, g->interrupts[i]);

        if (t && wish_waits_for_window(t->wish))
            return true;
    }
    return false;
}

/* The same for all of them; windows that never meet (P5) take long to tell. */
static bool next_opening(struct gating *x, struct opening *out)
{
    if (!x->looked_up)
        x->opens = calendar_next(&x->in->policy->calendar, state_now_ms(x->in->have), &x->opening);
    x->looked_up = true;
    *out = x->opening;
    return x->opens;
}

/* P3: windows decide about the start of a group; what has begun is finished. */
static void judge_window(struct gating *x, struct plan_group *g)
{
    const struct calendar *c = &x->in->policy->calendar;
    const int64_t now = state_now_ms(x->in->have);
    const struct closure *denied = calendar_denied(c, now);
    struct opening o;

    g->open_until_ms = 0;
    if (!waits_for_window(x, g))
        return;
    if (!next_opening(x, &o)) {
        group_stop(g, GATE_BLOCKED, REASON_NEVER_OPEN,
                   arena_printf(x->arena, "stops %s, and no window opens within %d days",
                                names_of(x, g->interrupts, g->interrupt_count), CALENDAR_AHEAD),
                   NULL);
        return;
    }
    g->open_until_ms = o.until_ms;
    if (o.from_ms > now)
        group_stop(g, GATE_HELD, REASON_WAITS_WINDOW,
                   arena_printf(x->arena, "next %s (in %s), for %s%s%s",
                                calendar_text(x->arena, c, o.from_ms),
                                duration_human(x->arena, o.from_ms - now),
                                duration_human(x->arena, o.until_ms - o.from_ms),
                                denied && denied->reason ? "; denied now: " : "",
                                denied && denied->reason ? denied->reason : ""),
                   NULL);
}

/* P6: what only an override permits is not begun behind its end. */
static void judge_override(struct gating *x, struct plan_group *g)
{
    const int64_t until = x->word->override.until_ms;

    for (size_t i = 0; x->word->override.what && i < g->interrupt_count; i++) {
        const struct target_vm *t = target_of(x, g->interrupts[i]);

        if (t && t->wish->lifted && (!g->open_until_ms || until < g->open_until_ms))
            g->open_until_ms = until;
    }
}

/* I2: the first pass shows what a pattern takes, and lets it run. */
static void judge_new(struct gating *x, struct plan_group *g)
{
    for (size_t i = 0; i < g->interrupt_count; i++) {
        uint32_t row = x->in->want->of_vm[g->interrupts[i]];

        if (row != NO_INDEX && x->in->diff->vm_new[row])
            group_stop(g, GATE_HELD, REASON_WAITS_PASS,
                       arena_printf(x->arena, "%s runs, and %s takes it for the first time",
                                    x->in->have->vms[g->interrupts[i]].name,
                                    x->in->want->vms[row].match),
                       NULL);
    }
}

/* P4, P5: `needs` as the budget would have to be, and where a Policy says less. */
static const char *budget_release(const struct gating *x, const char *field, const char *needs)
{
    const struct tightened *t = policy_tightened(x->in->policy, field);

    return t ? arena_printf(x->arena, "%s at %s", needs,
                            policy_place(x->arena, x->in->policy, &t->at))
             : needs;
}

/* Adds the nodes of a group to `out`, but for those in `known`. */
static void add_nodes(const struct plan_group *g, const struct map *known, struct map *out)
{
    for (size_t i = 0; i < g->member_count; i++)
        if (g->members[i].node && map_get(known, g->members[i].node) == MAP_NONE)
            map_put(out, g->members[i].node, 0);
}

/* Of those that it stops VMs on, how many are not in `known`? */
static size_t nodes_beside(const struct gating *x, const struct plan_group *g,
                           const struct map *known)
{
    struct map nodes;

    if (!g->interrupt_count)
        return 0;
    map_init(&nodes, x->arena, 0, true);
    add_nodes(g, known, &nodes);
    return nodes.count;
}

/* P4: a group below its peak can never run: blocked, with the number that it needs. */
static void judge_vms(struct gating *x, struct plan_group *g)
{
    const uint32_t most = policy_vms(x->in->policy);
    uint32_t *vms = arena_array(x->arena, uint32_t, g->interrupt_count + g->member_count + 1);
    size_t off = g->interrupt_count;

    for (size_t i = 0; i < off; i++)
        vms[i] = g->interrupts[i];
    off += group_owed(g, x->in->have, x->in->owed, vms + off);
    if (g->interrupt_count && off > most)
        group_stop(g, GATE_BLOCKED, REASON_BUDGET,
                   arena_printf(x->arena,
                                "%zu VMs must be off at once (%s), maxUnavailable says %u", off,
                                names_of(x, vms, off), (unsigned)most),
                   budget_release(x, "maxUnavailable.vms",
                                  arena_printf(x->arena, "maxUnavailable: {vms: %zu}", off)));
}

static void judge_nodes(struct gating *x, struct plan_group *g)
{
    static const struct map none = {0};
    const uint32_t most = policy_nodes(x->in->policy);
    size_t nodes = nodes_beside(x, g, &none);

    if (nodes > most)
        group_stop(g, GATE_BLOCKED, REASON_BUDGET,
                   arena_printf(x->arena, "%zu nodes at once, maxUnavailable says %u", nodes,
                                (unsigned)most),
                   budget_release(x, "maxUnavailable.nodes",
                                  arena_printf(x->arena, "maxUnavailable: {nodes: %zu}", nodes)));
}

struct problem *plan_say(struct arena *a, struct plan *plan, enum reason reason, const char *text)
{
    struct problem *row;

    plan->problems = arena_grow(a, plan->problems, plan->problem_count, plan->problem_count + 1,
                                sizeof *plan->problems);
    row = &plan->problems[plan->problem_count++];
    *row = (struct problem){
        .reason = reason, .gpu = NO_INDEX, .vm = NO_INDEX, .row = NO_INDEX, .text = text};
    return row;
}

/* D2: what asked for a reboot waits for a person, and for the node's next boot. */
static void say_reboot(struct gating *x, const struct plan_group *g, const struct parked *p)
{
    const char *node = g->members[0].node;
    struct problem *row;

    if (!strstr(p->why, "reboot of the host"))
        return;
    row = plan_say(x->arena, x->plan, REASON_BY_HAND_REBOOT,
                   arena_printf(x->arena, "drain %s, then: Restart-Computer %s", node, node));
    row->kind = SUBJECT_NODE;
    row->subject = arena_printf(x->arena, "node/%s", node);
}

/* W6: what was put back is not tried again with the same input. */
static void judge_parked(struct gating *x, struct plan_group *g)
{
    const struct ledger *owed = x->in->owed;

    for (size_t i = 0; i < owed->parked_count; i++) {
        const struct parked *p = &owed->parked[i];

        if (!str_eq(p->input, g->input))
            continue;
        group_stop(g, GATE_BLOCKED, REASON_PARKED,
                   arena_printf(x->arena, "put back %s: %s",
                                zone_human(x->arena, x->in->policy->calendar.zone, p->since_ms),
                                p->why),
                   "a change of the spec or the world, or apply --retry");
        say_reboot(x, g, p);
    }
}

/* ---- P9: what the command line leaves out ---- */

struct subject member_subject(const char *cluster, const struct member *m)
{
    return (struct subject){.kind = m->kind,
                            .cluster = cluster,
                            .node = m->node,
                            .node_after = m->target.node,
                            .name = m->kind == SUBJECT_POOL ? m->id : m->name,
                            .pool = m->before.pool,
                            .pool_after = m->target.pool};
}

static bool is_chosen(const struct gating *x, const struct member *m)
{
    const struct subject s = member_subject(x->in->cluster, m);

    return choice_takes(&x->word->choice, &s);
}

/* "vm/cam-1..3 gpu/hv-01/gpu0": the members that are not chosen, as --only takes them. */
static const char *left_out_names(struct gating *x, const struct plan_group *g, const char *option)
{
    static const enum subject_kind kinds[] = {SUBJECT_VM, SUBJECT_GPU, SUBJECT_POOL};
    struct text t;

    text_init(&t, x->arena);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const char **names = arena_array(x->arena, const char *, g->member_count + 1), *rest;
        size_t n = 0;

        for (size_t i = 0; i < g->member_count; i++)
            if (g->members[i].kind == kinds[k] && !is_chosen(x, &g->members[i]))
                names[n++] = kinds[k] == SUBJECT_POOL ? g->members[i].id : g->members[i].name;
        rest = n ? str_ranges(x->arena, names, n) : "";
        while (*rest) {
            size_t size = strcspn(rest, " ");

            text_printf(&t, "%s%s%s/%.*s", t.size ? " " : "", option, subject_words[kinds[k]],
                        (int)size, rest);
            rest += size + (rest[size] == ' ');
        }
    }
    return text_done(&t);
}

static void judge_choice(struct gating *x, size_t group)
{
    const struct choice *c = &x->word->choice;
    struct plan_group *g = &x->plan->groups[group];
    const char *why, *release = "the same command without --exclude";
    size_t out = 0, excluded = 0;

    for (size_t i = 0; i < g->member_count; i++) {
        const struct subject s = member_subject(x->in->cluster, &g->members[i]);

        out += !choice_takes(c, &s);
        excluded += choice_excludes(c, &s);
    }
    if (!out)
        return;
    x->left_out[group] = true;
    if (out < g->member_count)
        why = arena_printf(x->arena, "goes together with what is left out: %s",
                           left_out_names(x, g, ""));
    else
        why = excluded ? "named by --exclude" : "not named by --only";
    if (!excluded && out < g->member_count)
        release = arena_printf(x->arena, "%s as well, or the same command without --only",
                               left_out_names(x, g, "--only "));
    else if (!excluded)
        release = "--only of it as well, or the same command without --only";
    group_stop(g, GATE_HELD, REASON_NOT_CHOSEN, why, release);
}

/* M5: default: more than 10 % and more than 2 adapters and requests of a cluster. */
static void judge_removals(struct gating *x)
{
    uint32_t total = 0, all = 0;

    for (size_t i = 0; i < x->in->have->vm_count; i++)
        all += (uint32_t)(vm_adapters(&x->in->have->vms[i]) + vm_requests(&x->in->have->vms[i]));
    for (size_t i = 0; i < x->plan->group_count; i++)
        if (x->plan->groups[i].gate != GATE_BLOCKED && !x->left_out[i])
            total += x->plan->groups[i].removals;
    x->plan->totals.removals = total;
    if (total <= 2 || total * 10 <= all || total <= x->word->allow_removals)
        return;
    for (size_t i = 0; i < x->plan->group_count; i++)
        if (x->plan->groups[i].removals)
            group_stop(
                &x->plan->groups[i], GATE_BLOCKED, REASON_REMOVALS,
                arena_printf(x->arena, "%u of %u would be removed", (unsigned)total, (unsigned)all),
                arena_printf(x->arena, "apply --allow-removals %u", (unsigned)total));
}

bool group_changes_count(const struct plan_group *g)
{
    return g->member_count && g->members[0].kind == SUBJECT_GPU &&
           (g->members[0].target.fields & IMAGE_COUNT);
}

/* Are the counts alike now, of all GPUs that are declared with one? */
static bool are_alike(const struct inputs *in)
{
    struct num count = NUM_UNKNOWN;

    for (size_t i = 0; i < in->want->gpu_count; i++) {
        const struct gpu *gpu = &in->have->gpus[in->want->gpus[i].gpu];

        if (in->want->gpus[i].use != USE_PARTITIONS || gpu->state != GPU_PARTITIONED)
            continue;
        if (count.known && !num_eq(count, gpu->count))
            return false;
        count = gpu->count;
    }
    return true;
}

/* Why the counts of a cluster do not change together: a blocked group before one left out. */
struct culprit {
    const struct plan_group *group; /* NULL: there is none */
    bool chosen;                    /* false: only the command line leaves it out (P9) */
};

static struct culprit find_culprit(const struct gating *x)
{
    struct culprit c = {0};

    for (size_t i = 0; i < x->plan->group_count; i++) {
        const struct plan_group *g = &x->plan->groups[i];
        bool blocked = g->gate == GATE_BLOCKED;

        if (group_changes_count(g) && (blocked ? !c.chosen : x->left_out[i] && !c.group))
            c = (struct culprit){g, blocked};
    }
    return c;
}

static bool may_follow(const struct gating *x, size_t group, const struct culprit *c)
{
    const struct plan_group *g = &x->plan->groups[group];
    /* P10: one that comes after what is refused is refused for the same */
    bool behind = x->in->policy->rollout.reason && g->reason == REASON_WAITS_GROUP;

    return group_changes_count(g) && (g->gate != GATE_BLOCKED || behind) &&
           (c->chosen || !x->left_out[group]);
}

static void warn_counts(struct gating *x, const char *why)
{
    struct problem *row = plan_say(x->arena, x->plan, REASON_WARN_HOMOGENEOUS,
                                   arena_printf(x->arena, "counts will differ: %s", why));

    row->kind = SUBJECT_CLUSTER;
    row->subject = arena_printf(x->arena, "cluster/%s", x->in->cluster);
    row->at = x->in->policy->homogeneous_at;
}

/* What all counts of the cluster together would need to be chosen: members, or their nodes. */
static const char *left_out_counts(struct gating *x)
{
    enum { SHORT = 120 };
    const char **nodes = arena_array(x->arena, const char *, x->plan->group_count + 1);
    size_t count = 0;
    struct text t;

    text_init(&t, x->arena);
    for (size_t i = 0; i < x->plan->group_count; i++)
        if (group_changes_count(&x->plan->groups[i]) && x->left_out[i]) {
            nodes[count++] = arena_printf(x->arena, "node/%s", x->plan->groups[i].members[0].node);
            text_printf(&t, " %s", left_out_names(x, &x->plan->groups[i], ""));
        }
    if (t.size <= SHORT)
        return text_done(&t);
    return arena_printf(x->arena, " %s", str_ranges(x->arena, nodes, count));
}

static void stop_counts(struct gating *x, const struct culprit *c, const char *why)
{
    bool partial = x->in->policy->partial;
    bool stopped = x->in->policy->rollout.reason && c->group->reason == REASON_PARKED;
    enum reason reason = !c->chosen ? REASON_NOT_CHOSEN
                         : stopped  ? REASON_ROLLOUT_STOPPED
                         : partial  ? REASON_NOT_HOMOGENEOUS
                                    : REASON_PARTIAL;
    const char *release = NULL;

    if (stopped && c->chosen) {
        why = arena_printf(x->arena, "%s was %s", c->group->members[0].node, c->group->why);
        release = c->group->release;
    } else if (c->group->reason == REASON_PAUSED) {
        reason = REASON_PAUSED;
        why =
            arena_printf(x->arena, "counts go together: %s waits (C3)", c->group->members[0].node);
        release = c->group->release;
    } else if (!c->chosen) {
        why = arena_printf(x->arena, "%s: %s is left out (%s)",
                           partial ? "counts would differ" : "counts are all or nothing",
                           c->group->members[0].node, partial ? "C2" : "C3");
        release = arena_printf(x->arena, "choosing as well:%s", left_out_counts(x));
    } else if (x->in->policy->rollout.reason) {
        why = arena_printf(x->arena, "the rollout is judged as a whole: %s", why);
        release = arena_printf(x->arena, "what releases %s", c->group->members[0].node);
    } else if (partial) {
        why = arena_printf(x->arena, "counts would differ: %s", why);
    }
    for (size_t i = 0; i < x->plan->group_count; i++)
        if (may_follow(x, i, c))
            group_stop(&x->plan->groups[i], c->chosen ? GATE_BLOCKED : GATE_HELD, reason, why,
                       release);
}

/*
 * C3: counts are all or nothing per cluster.  With `partial: allow` the rest
 * may go on, and then C2 has the word: what would itself make counts differ
 * is refused too, or, where the spec says `homogeneous: warn`, said.
 */
static void judge_counts(struct gating *x)
{
    const struct policy *p = x->in->policy;
    struct culprit c = find_culprit(x);
    const char *why;
    bool rest = false;

    for (size_t i = 0; c.group && i < x->plan->group_count; i++)
        rest = rest || may_follow(x, i, &c);
    if (!rest || x->in->have->standalone)
        return;
    why = arena_printf(x->arena, "%s cannot follow (%s)", c.group->members[0].node,
                       reason_rows[c.group->reason].code);
    if (p->partial && (p->homogeneous == HOMOGENEOUS_WARN ||
                       (p->homogeneous == HOMOGENEOUS_DEFAULT && !are_alike(x->in))))
        warn_counts(x, why);
    else
        stop_counts(x, &c, why);
}

/* What keeps even a debt from being paid; REASON_NONE: nothing. */
static enum reason unpayable(const struct gating *x, uint32_t vm)
{
    const struct vm *row = &x->in->have->vms[vm];
    const struct debt *d = ledger_debt(x->in->owed, row->id);

    /* V8: it would not start, and what it holds cannot be taken from it */
    if (vm_pinned_to_gone(x->in->have, row))
        return REASON_STALE_ADAPTER;
    if (target_leaving_on(x->in->want, row->node) && ((d && d->waits) || vm_may_land(x->in, vm)))
        return REASON_LEAVING;
    return REASON_NONE;
}

/* Off because of us, and a GPU that leaves keeps it so: it uses the budget (P4, V9). */
static bool stays_off(const struct gating *x, const struct debt *d)
{
    uint32_t vm = state_vm(x->in->have, d->vm);
    enum reason reason;

    if (d->group || !d->found_running || d->declared)
        return false;
    if (vm == NO_INDEX)
        return d->waits;
    reason = x->in->have->vms[vm].power == POWER_RUNNING ? REASON_NONE : unpayable(x, vm);
    return reason == REASON_LEAVING || (d->waits && reason != REASON_NONE);
}

/* One measure of a budget: VMs, or nodes. */
struct measure {
    const char *word, *key, *field;
    uint32_t most;
    size_t off, all; /* off now; with those that this plan takes off for long */
};

/*
 * `more`: what a group needs beside those that are off now.  What lets go of a
 * card is off together in the end: a budget below that is a refusal.  What else
 * stops VMs waits until there is room.
 */
static void judge_beside(struct gating *x, struct plan_group *g, const struct measure *m,
                         size_t more)
{
    const unsigned most = m->most;
    bool goes = group_lets_go(g);
    size_t need = goes ? m->all : m->off + more;
    const char *release = arena_printf(
        x->arena, "%s, or the end of the event",
        budget_release(x, m->field,
                       arena_printf(x->arena, "maxUnavailable: {%s: %zu}", m->key, need)));

    if (!more || need <= most)
        return;
    if (goes)
        group_stop(g, GATE_BLOCKED, REASON_BUDGET,
                   arena_printf(x->arena,
                                "%zu %s at once until a GPU is out, maxUnavailable says %u", need,
                                m->word, most),
                   release);
    else if (m->off)
        group_stop(g, GATE_HELD, REASON_LEAVING,
                   arena_printf(x->arena,
                                "%zu %s at once (%zu until a GPU is out), maxUnavailable says %u",
                                need, m->word, m->off, most),
                   release);
}

static bool will_let_go(const struct plan_group *g)
{
    return g->gate != GATE_BLOCKED && g->interrupt_count && group_lets_go(g);
}

/* How many it needs off at once, of those that this plan does not leave off. */
static size_t vms_beside(const struct gating *x, const struct plan_group *g)
{
    return g->interrupt_count ? g->interrupt_count + group_owed(g, x->in->have, x->in->owed, NULL)
                              : 0;
}

static void judge_leaving_vms(struct gating *x)
{
    const struct ledger *owed = x->in->owed;
    struct plan *plan = x->plan;
    struct measure m = {.word = "VMs off",
                        .key = "vms",
                        .field = "maxUnavailable.vms",
                        .most = policy_vms(x->in->policy)};

    for (size_t i = 0; i < owed->debt_count; i++)
        m.off += stays_off(x, &owed->debts[i]);
    m.all = m.off;
    for (size_t i = 0; i < plan->group_count; i++)
        m.all += will_let_go(&plan->groups[i]) ? plan->groups[i].interrupt_count : 0;
    for (size_t i = 0; i < plan->group_count; i++)
        judge_beside(x, &plan->groups[i], &m, vms_beside(x, &plan->groups[i]));
}

/* The same of nodes; who is stopped where somebody is off already needs no further one. */
static void judge_leaving_nodes(struct gating *x)
{
    const struct ledger *owed = x->in->owed;
    struct plan *plan = x->plan;
    struct measure m = {.word = "nodes disturbed",
                        .key = "nodes",
                        .field = "maxUnavailable.nodes",
                        .most = policy_nodes(x->in->policy)};
    struct map off, more;

    map_init(&off, x->arena, owed->debt_count, true);
    map_init(&more, x->arena, 0, true);
    for (size_t i = 0; i < owed->debt_count; i++)
        if (owed->debts[i].node && stays_off(x, &owed->debts[i]))
            map_put(&off, owed->debts[i].node, 0);
    m.off = off.count;
    for (size_t i = 0; i < plan->group_count; i++)
        if (will_let_go(&plan->groups[i]))
            add_nodes(&plan->groups[i], &off, &more);
    m.all = off.count + more.count;
    for (size_t i = 0; i < plan->group_count; i++)
        judge_beside(x, &plan->groups[i], &m, nodes_beside(x, &plan->groups[i], &off));
}

/* Off because of us, in no group that is open: it uses the budget until it runs (P4). */
static bool is_owed_off(const struct gating *x, const struct debt *d)
{
    uint32_t vm = state_vm(x->in->have, d->vm);

    return !d->group && d->found_running && !d->declared &&
           (vm == NO_INDEX || x->in->have->vms[vm].power != POWER_RUNNING);
}

/* Is one of them a VM that could be started by itself? */
static bool any_payable(const struct gating *x, const uint32_t *vms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (unpayable(x, vms[i]) == REASON_NONE)
            return true;
    return false;
}

/* P4: a start that is owed is not left to a group that may find no room beside who else is off. */
static void judge_owed(struct gating *x, struct plan_group *g)
{
    const struct ledger *owed = x->in->owed;
    const struct policy *p = x->in->policy;
    uint32_t *own = arena_array(x->arena, uint32_t, g->member_count + 1);
    size_t own_count = group_owed(g, x->in->have, owed, own), off = 0, nodes;
    struct map known;

    if (!g->interrupt_count || !any_payable(x, own, own_count))
        return;
    map_init(&known, x->arena, owed->debt_count, true);
    for (size_t i = 0; i < owed->debt_count; i++)
        if (is_owed_off(x, &owed->debts[i])) {
            off++; /* its own among them */
            if (owed->debts[i].node)
                map_put(&known, owed->debts[i].node, 0);
        }
    off += g->interrupt_count;
    nodes = nodes_beside(x, g, &known);
    if (policy_vms(p) && off > policy_vms(p))
        group_stop(g, GATE_HELD, REASON_OWED_FIRST,
                   arena_printf(x->arena, "%zu VMs off at once, maxUnavailable says %u; owed: %s",
                                off, (unsigned)policy_vms(p), names_of(x, own, own_count)),
                   NULL);
    else if (policy_nodes(p) && nodes && known.count + nodes > policy_nodes(p))
        group_stop(g, GATE_HELD, REASON_OWED_FIRST,
                   arena_printf(
                       x->arena, "%zu nodes disturbed at once, maxUnavailable says %u; owed: %s",
                       known.count + nodes, (unsigned)policy_nodes(p), names_of(x, own, own_count)),
                   NULL);
}

/* The stops of a group that only an operator's number allows. */
static uint32_t stops_asked(const struct gating *x, const struct plan_group *g)
{
    uint32_t n = 0;

    for (size_t i = 0; i < g->interrupt_count; i++) {
        const struct target_vm *t = target_of(x, g->interrupts[i]);

        n += !t || t->wish->disruption == DISRUPTION_NEVER;
    }
    return n;
}

static void hold_for_word(struct gating *x, struct plan_group *g, const char *why, uint32_t stops)
{
    group_stop(g, GATE_HELD, REASON_WAITS_PERMISSION, why,
               arena_printf(x->arena, "apply --allow-stops %u, or disruption: allowed in the spec",
                            (unsigned)stops));
}

/*
 * C3: an operator's number that is enough for some counts of a cluster only
 * would leave it with different ones.  It is taken for all of them, or for none.
 */
static void judge_count_stops(struct gating *x)
{
    struct plan *p = x->plan;
    uint32_t all = 0;
    size_t groups = 0;

    for (size_t i = 0; i < p->group_count; i++)
        if (group_changes_count(&p->groups[i]) && p->groups[i].gate == GATE_RUNS) {
            all += stops_asked(x, &p->groups[i]);
            groups++;
        }
    x->counts_judged = groups > 1 && all && !x->in->policy->partial && !x->in->have->standalone;
    if (!x->counts_judged)
        return;
    x->stops_asked += all;
    if (all <= x->stops_left) {
        x->stops_left -= all;
        return;
    }
    for (size_t i = 0; i < p->group_count; i++) {
        struct plan_group *g = &p->groups[i];

        if (group_changes_count(g) && g->gate == GATE_RUNS)
            hold_for_word(x, g,
                          arena_printf(x->arena,
                                       "counts are all or nothing (C3), and stop %u VM%s in all; "
                                       "%u may be stopped",
                                       (unsigned)all, all == 1 ? "" : "s", (unsigned)x->stops_left),
                          all);
    }
}

/* P1: the default `never`, that nobody wrote, yields to the operator's number. */
static void judge_permission(struct gating *x, struct plan_group *g)
{
    uint32_t needs = stops_asked(x, g);

    if (!needs || g->gate != GATE_RUNS || (x->counts_judged && group_changes_count(g)))
        return;
    x->stops_asked += needs;
    if (needs <= x->stops_left)
        x->stops_left -= needs;
    else
        hold_for_word(
            x, g,
            arena_printf(x->arena, "stops %s", names_of(x, g->interrupts, g->interrupt_count)),
            needs);
}

void group_behind(struct arena *a, const struct plan *plan, struct plan_group *g, enum gate least)
{
    for (size_t i = 0; i < g->need_count; i++) {
        const struct plan_group *first = &plan->groups[g->needs[i]];

        if (first->gate < least)
            continue;
        group_stop(g, first->gate, REASON_WAITS_GROUP,
                   arena_printf(a, "%s comes first (%s)", first->members[0].name,
                                reason_rows[first->reason].code),
                   first->release ? first->release : reason_rows[first->reason].release);
    }
}

/* Who needs what is refused is refused, and so is who would leave a drained node without it (M8).
 */
static void judge_refused(struct gating *x)
{
    do
        for (size_t i = 0; i < x->plan->group_count; i++)
            group_behind(x->arena, x->plan, &x->plan->groups[i], GATE_BLOCKED);
    while (drains_gate(x->arena, x->in, x->plan));
}

/*
 * A VM that we owe is started, whatever holds or blocks the rest of its
 * changes; where its group runs, that group inherits the debt.
 */
static void pay_debts(struct gating *x)
{
    struct draft d = {.arena = x->arena, .in = x->in, .plan = x->plan};
    size_t room = x->plan->group_count;

    for (size_t i = 0; i < x->plan->change_count; i++) {
        struct plan_change *c = &x->plan->changes[i];
        enum reason reason;

        if (c->change.field != FIELD_VM_OWED || c->change.vm == NO_INDEX ||
            x->in->have->vms[c->change.vm].power != POWER_OFF ||
            (c->group != NO_INDEX && x->plan->groups[c->group].gate == GATE_RUNS))
            continue;
        reason = unpayable(x, c->change.vm);
        if (reason != REASON_NONE) {
            c->gate = reason_rows[reason].class == CLASS_HELD ? GATE_HELD : GATE_BLOCKED;
            c->reason = reason;
            continue;
        }
        if (c->group != NO_INDEX) /* in a file both would start it */
            x->plan->groups[c->group].approvable = false;
        group_of_debt(&d, c->change.vm,
                      arena_push(x->arena, x->plan->groups, x->plan->group_count, room));
        c->group = (uint32_t)(x->plan->group_count - 1);
    }
}

void plan_gate(struct arena *a, const struct inputs *in, const struct permission *word,
               struct plan *plan)
{
    static const struct permission none = {0};
    struct gating x = {.arena = a, .in = in, .word = word ? word : &none, .plan = plan};

    x.stops_left = x.word->allow_stops;
    x.left_out = arena_array(a, bool, plan->group_count + 1);
    plan->totals = (struct plan_totals){0};
    plan->override = x.word->override;
    for (size_t i = 0; i < plan->group_count; i++) {
        judge_words(&x, &plan->groups[i]);
        judge_window(&x, &plan->groups[i]);
        judge_override(&x, &plan->groups[i]);
        if (policy_vms(in->policy))
            judge_vms(&x, &plan->groups[i]);
        if (policy_nodes(in->policy))
            judge_nodes(&x, &plan->groups[i]);
        judge_new(&x, &plan->groups[i]);
        judge_parked(&x, &plan->groups[i]);
        judge_choice(&x, i);
        if (pauses_judge(a, in, &plan->groups[i]))
            x.left_out[i] = true;
    }
    if (policy_vms(in->policy))
        judge_leaving_vms(&x);
    if (policy_nodes(in->policy))
        judge_leaving_nodes(&x);
    for (size_t i = 0; i < plan->group_count; i++)
        judge_owed(&x, &plan->groups[i]);
    judge_removals(&x);
    judge_refused(&x);
    judge_counts(&x); /* all or nothing, whatever refuses one of them */
    rollout_judge(a, in, plan);
    judge_refused(&x);
    judge_count_stops(&x);
    for (size_t i = 0; i < plan->group_count; i++) {
        group_behind(a, plan, &plan->groups[i], GATE_HELD);
        judge_permission(&x, &plan->groups[i]);
        group_behind(a, plan, &plan->groups[i], GATE_HELD);
    }
    approvals_judge(a, x.word->approvals, in->have, plan);
    pay_debts(&x);
    pauses_tell(a, in, plan);
    plan->totals.stops_needed = x.stops_asked;
    ceilings_tell(a, plan);
    totals_fill(a, in, plan);
}
