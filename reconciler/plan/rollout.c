/*
 * Counts node by node, over several windows (P10).  Who is done is read from
 * the world; when we did it, from the ledger.  Nothing of a schedule is kept:
 * it is made anew in every pass (specs/decisions/073).
 */
#include "plan/capacity.h"
#include "plan/units.h"

#include "base/str.h"
#include "base/zone.h"

/* ---- who comes after whom ---- */

/* Does `unit` need `first`, whatever lies between? */
static bool needs_first(const struct draft *d, uint32_t unit, uint32_t first)
{
    bool *seen = arena_array(d->arena, bool, d->unit_count + 1);
    struct index_list todo = {0};

    list_add(d->arena, &todo, unit);
    for (size_t i = 0; i < todo.count; i++) {
        const struct index_list *needs = &d->units[todo.rows[i]].needs;

        for (size_t k = 0; k < needs->count; k++) {
            if (needs->rows[k] == first)
                return true;
            if (!seen[needs->rows[k]])
                list_add(d->arena, &todo, needs->rows[k]);
            seen[needs->rows[k]] = true;
        }
    }
    return false;
}

static bool is_named(const struct rollout *r, const char *node)
{
    for (size_t i = 0; i < r->order_count; i++)
        if (str_same(r->order[i], node))
            return true;
    return false;
}

/* What does not fit the order is told of the nodes that change: it holds all of them (C3). */
static void check_order(struct draft *d, const struct rollout *r)
{
    const struct state *have = d->in->have;
    const char *unknown = NULL;

    for (size_t i = 0; i < r->order_count && !unknown; i++)
        if (state_node(have, r->order[i]) == NO_INDEX)
            unknown = r->order[i];
    for (uint32_t n = 0; n < have->node_count; n++) {
        struct unit *u = d->count_unit[n] == NO_INDEX ? NULL : &d->units[d->count_unit[n]];

        if (u && !is_named(r, have->nodes[n].name))
            unit_stop(u, GATE_BLOCKED, REASON_ROLLOUT_ORDER,
                      arena_printf(d->arena, "rollout.order does not name %s", have->nodes[n].name),
                      NULL);
        else if (u && unknown)
            unit_stop(
                u, GATE_BLOCKED, REASON_ROLLOUT_ORDER,
                arena_printf(d->arena, "rollout.order names %s, which is no node here", unknown),
                NULL);
    }
}

void rollout_chain(struct draft *d)
{
    const struct rollout *r = &d->in->policy->rollout;
    uint32_t last = NO_INDEX;

    if (!r->reason || d->in->have->standalone)
        return;
    check_order(d, r);
    for (size_t i = 0; i < r->order_count; i++) {
        uint32_t node = state_node(d->in->have, r->order[i]);
        uint32_t unit = node == NO_INDEX ? NO_INDEX : d->count_unit[node];

        if (unit == NO_INDEX)
            continue;
        if (last != NO_INDEX && needs_first(d, last, unit))
            unit_stop(&d->units[unit], GATE_BLOCKED, REASON_ROLLOUT_ORDER,
                      arena_printf(d->arena, "what comes before %s needs it to be done first",
                                   r->order[i]),
                      "another order");
        else
            unit_need(d, unit, last);
        last = unit;
    }
}

/* ---- whose turn it is ---- */

/* The nodes that are not done, in order, and what is known of those that are. */
struct turns {
    struct arena *arena;
    const struct inputs *in;
    const struct rollout *rollout;
    struct plan *plan;
    int64_t now;
    const char **nodes;
    uint32_t *groups;
    size_t count;
    size_t next;     /* the first without a turn */
    int64_t last_ms; /* when we last set counts; WHEN_NONE: not known */
    size_t room;     /* of `waves` */
};

static uint32_t group_on(const struct plan *plan, const char *node)
{
    for (uint32_t i = 0; i < plan->group_count; i++)
        if (group_changes_count(&plan->groups[i]) &&
            str_same(plan->groups[i].members[0].node, node))
            return i;
    return NO_INDEX;
}

static bool has_count(const struct inputs *in, const char *node)
{
    for (size_t i = 0; i < in->want->gpu_count; i++)
        if (in->want->gpus[i].use == USE_PARTITIONS &&
            str_same(in->have->nodes[in->have->gpus[in->want->gpus[i].gpu].node].name, node))
            return true;
    return false;
}

static const struct recount *recount_of(const struct ledger *owed, const char *node)
{
    for (size_t i = 0; i < owed->recount_count; i++)
        if (str_same(owed->recounts[i].node, node))
            return &owed->recounts[i];
    return NULL;
}

static void find_turns(struct turns *t)
{
    const struct rollout *r = t->rollout;
    struct plan_rollout *out = &t->plan->rollout;

    t->nodes = arena_array(t->arena, const char *, r->order_count + 1);
    t->groups = arena_array(t->arena, uint32_t, r->order_count + 1);
    t->last_ms = WHEN_NONE;
    for (size_t i = 0; i < r->order_count; i++) {
        const struct recount *past = recount_of(t->in->owed, r->order[i]);
        uint32_t group = group_on(t->plan, r->order[i]);

        if (past && (t->last_ms == WHEN_NONE || past->at_ms > t->last_ms))
            t->last_ms = past->at_ms;
        if (group != NO_INDEX) {
            t->groups[t->count] = group;
            t->nodes[t->count++] = r->order[i];
        } else {
            out->done += has_count(t->in, r->order[i]);
        }
    }
}

/* Was a window open then, and is it the one that is open now? */
static bool in_this_window(const struct turns *t, int64_t at_ms)
{
    struct opening o;

    return at_ms <= t->now && calendar_next(&t->in->policy->calendar, at_ms, &o) &&
           o.from_ms == at_ms && o.until_ms > t->now;
}

/* How many nodes had their turn in the window that is open now. */
static size_t begun_now(const struct turns *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->rollout->order_count; i++) {
        const struct recount *past = recount_of(t->in->owed, t->rollout->order[i]);

        n += past && in_this_window(t, past->at_ms);
    }
    return n;
}

static void stop_all(struct turns *t, enum reason reason, const char *why)
{
    for (size_t i = 0; i < t->count; i++)
        group_stop(&t->plan->groups[t->groups[i]], GATE_BLOCKED, reason, why, NULL);
}

/* A VM that we stopped and could not bring back, and that does not run yet; or NULL. */
static const char *find_stuck(const struct turns *t)
{
    const struct ledger *owed = t->in->owed;

    for (size_t i = 0; i < owed->debt_count; i++) {
        const struct debt *d = &owed->debts[i];
        uint32_t vm = state_vm(t->in->have, d->vm);

        if (d->phase == DEBT_STUCK && d->found_running && !d->declared &&
            (vm == NO_INDEX || t->in->have->vms[vm].power != POWER_RUNNING))
            return d->name ? d->name : d->vm;
    }
    return NULL;
}

static bool is_blocked(const struct turns *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->plan->groups[t->groups[i]].gate == GATE_BLOCKED)
            return true;
    return false;
}

/* The next nodes, from this instant on. */
static struct plan_wave *add_wave(struct turns *t, size_t nodes, int64_t from_ms, int64_t until_ms)
{
    struct plan_rollout *r = &t->plan->rollout;
    struct plan_wave *w = arena_push(t->arena, r->waves, r->wave_count, t->room);

    if (nodes > t->count - t->next)
        nodes = t->count - t->next;
    *w = (struct plan_wave){.from_ms = from_ms,
                            .until_ms = until_ms,
                            .nodes = t->nodes + t->next,
                            .node_count = nodes,
                            .groups = t->groups + t->next,
                            .group_count = nodes};
    t->next += nodes;
    for (size_t i = 0; i < nodes; i++) {
        const struct plan_group *g = &t->plan->groups[w->groups[i]];

        w->interrupts += g->interrupt_count;
        w->steps += g->step_count;
        w->at_most_ms += g->off_at_most_ms;
    }
    return w;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* When the soak behind the last node is over; long ago, where nobody knows of one. */
static int64_t soaked(const struct turns *t)
{
    return t->last_ms == WHEN_NONE ? t->now : t->last_ms + t->rollout->soak_ms;
}

/* One wave for each window; false: no window opens for the rest. */
static bool by_windows(struct turns *t)
{
    const struct calendar *c = &t->in->policy->calendar;
    struct opening o;
    int64_t ready = later(t->now, soaked(t));
    size_t begun = calendar_next(c, t->now, &o) && o.from_ms <= t->now ? begun_now(t) : 0;

    if (begun && begun < t->rollout->per_window) { /* this window's turn goes on */
        const struct plan_wave *w = add_wave(t, t->rollout->per_window - begun, t->now, o.until_ms);

        ready = later(o.until_ms, t->now + w->at_most_ms + t->rollout->soak_ms);
    } else if (begun) {
        ready = later(ready, o.until_ms);
    }
    while (t->next < t->count) {
        const struct plan_wave *w;

        if (!calendar_next(c, ready, &o))
            return false;
        w = add_wave(t, t->rollout->per_window, later(o.from_ms, ready), o.until_ms);
        ready = later(o.until_ms, w->from_ms + w->at_most_ms + t->rollout->soak_ms);
    }
    return true;
}

/* Without windows: all in one go, or one node after each soak. */
static void by_soak(struct turns *t)
{
    int64_t from = later(t->now, soaked(t));
    const size_t at_once = t->rollout->soak_ms ? 1 : t->count;

    while (t->next < t->count) {
        const struct plan_wave *w = add_wave(t, at_once, from, WHEN_NONE);

        from += w->at_most_ms + t->rollout->soak_ms;
    }
}

/* ---- as a whole ---- */

static void say_late(struct turns *t, const char *text)
{
    struct problem *row = plan_say(t->arena, t->plan, REASON_WARN_ROLLOUT_LATE, text);

    row->kind = SUBJECT_CLUSTER;
    row->subject = arena_printf(t->arena, "cluster/%s", t->in->cluster);
    row->at = t->rollout->at;
}

/* False: it cannot be done by its date, and has not begun.  What has begun goes on all the same. */
static bool is_in_time(struct turns *t, bool all_open)
{
    const struct plan_rollout *r = &t->plan->rollout;
    const struct plan_wave *last = r->wave_count ? &r->waves[r->wave_count - 1] : NULL;
    int64_t end = last ? last->from_ms + last->at_most_ms : t->now;
    const char *why;

    if (all_open && end <= t->rollout->mixed_until_ms)
        return true;
    why = all_open ? arena_printf(t->arena, "it would be done %s, and mixedUntil is %s",
                                  calendar_text(t->arena, &t->in->policy->calendar, end),
                                  t->rollout->mixed_until)
                   : arena_printf(t->arena, "no window opens within %d days for %zu of %zu nodes",
                                  CALENDAR_AHEAD, t->count - t->next, t->count);
    if (!r->done) {
        stop_all(t, REASON_ROLLOUT_LATE, why);
        return false;
    }
    say_late(t, why);
    for (size_t i = t->next; i < t->count; i++)
        group_stop(&t->plan->groups[t->groups[i]], GATE_BLOCKED, REASON_NEVER_OPEN, why, NULL);
    return true;
}

static const char *turn_text(struct turns *t, size_t index)
{
    const struct plan_rollout *r = &t->plan->rollout;
    const struct plan_wave *w = &r->waves[index];
    bool windows = w->until_ms != WHEN_NONE;

    return arena_printf(t->arena, "%s %zu of %zu to go: %s (in %s)%s%s",
                        windows ? "window" : "turn", index + 1, r->wave_count,
                        calendar_text(t->arena, &t->in->policy->calendar, w->from_ms),
                        duration_human(t->arena, w->from_ms - t->now), windows ? ", for " : "",
                        windows ? duration_human(t->arena, w->until_ms - w->from_ms) : "");
}

/* The first wave begins when it may; the others wait for their time. */
static void hold_waves(struct turns *t)
{
    const struct plan_rollout *r = &t->plan->rollout;

    for (size_t i = 0; i < r->wave_count; i++) {
        const struct plan_wave *w = &r->waves[i];
        bool waits = i > 0 || w->from_ms > t->now;

        for (size_t k = 0; k < w->group_count; k++) {
            struct plan_group *g = &t->plan->groups[w->groups[k]];

            g->open_until_ms = w->until_ms == WHEN_NONE ? 0 : w->until_ms;
            if (waits)
                group_stop(g, GATE_HELD, REASON_WAITS_ROLLOUT, turn_text(t, i), NULL);
        }
    }
}

/* What there is, and what is left when one node is lost, once so many nodes are done. */
static void fill_capacity(const struct turns *t, size_t done, uint64_t *partitions, uint64_t *left)
{
    const struct state *have = t->in->have;
    struct stays stays = {arena_array(t->arena, bool, have->vm_count + 1),
                          arena_array(t->arena, bool, have->gpu_count + 1)};
    struct capacity c;

    for (size_t i = done; i < t->count; i++) {
        uint32_t node = state_node(have, t->nodes[i]);

        for (uint32_t g = 0; g < have->gpu_count; g++)
            stays.gpus[g] = stays.gpus[g] || have->gpus[g].node == node;
    }
    capacity_fill(t->arena, t->in, &stays, &c);
    *partitions = c.partitions;
    *left = c.left_after_loss;
}

static void fill_steps(struct turns *t)
{
    struct plan_rollout *r = &t->plan->rollout;
    size_t done = 0;

    fill_capacity(t, 0, &r->partitions, &r->left_after_loss);
    for (size_t i = 0; i < r->wave_count; i++) {
        done += r->waves[i].node_count;
        fill_capacity(t, done, &r->waves[i].partitions, &r->waves[i].left_after_loss);
    }
}

void rollout_judge(struct arena *a, const struct inputs *in, struct plan *plan)
{
    const struct rollout *r = &in->policy->rollout;
    struct turns t = {
        .arena = a, .in = in, .rollout = r, .plan = plan, .now = state_now_ms(in->have)};
    const char *stuck;
    bool all_open = true;

    plan->rollout = (struct plan_rollout){0};
    if (!r->reason || in->have->standalone)
        return;
    find_turns(&t);
    if (!t.count)
        return;
    plan->rollout = (struct plan_rollout){.reason = r->reason,
                                          .at = r->at,
                                          .to_go = t.count,
                                          .done = plan->rollout.done,
                                          .soak_ms = r->soak_ms,
                                          .mixed_until_ms = r->mixed_until_ms,
                                          .mixed_until = r->mixed_until};
    stuck = find_stuck(&t);
    if (stuck)
        stop_all(&t, REASON_ROLLOUT_STOPPED,
                 arena_printf(a, "%s was stopped for it and does not run again", stuck));
    if (is_blocked(&t))
        return;
    if (in->policy->calendar.allow_count || in->policy->calendar.within)
        all_open = by_windows(&t);
    else
        by_soak(&t);
    if (!is_in_time(&t, all_open)) {
        plan->rollout.waves = NULL;
        plan->rollout.wave_count = 0;
        return;
    }
    hold_waves(&t);
    fill_steps(&t);
}
