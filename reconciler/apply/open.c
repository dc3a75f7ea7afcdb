/*
 * Opening and closing groups.  A group reserves its peak whole, or does not
 * open: step-wise semaphores and "a started group ends" would deadlock.
 */
#include "apply/machine.h"

#include "base/limits.h"
#include "base/str.h"

#include <string.h>

/* ---- is the world as it was planned? ---- */

static bool same_adapters(const struct member *m, const struct vm *vm)
{
    size_t n = 0;

    for (size_t i = 0; i < vm->adapter_count; i++) {
        if (vm->adapters[i].of_checkpoint)
            continue;
        if (!adapter_of_before(m, vm->adapters[i].id))
            return false;
        n++;
    }
    return n == m->before.adapter_count;
}

static bool same_requests(const struct member *m, const struct vm *vm)
{
    size_t n = 0;

    for (size_t i = 0; i < vm->request_count; i++) {
        if (vm->requests[i].of_checkpoint)
            continue;
        if (!request_of_before(m, vm->requests[i].id))
            return false;
        n++;
    }
    return n == m->before.request_count;
}

static bool vm_as_planned(const struct run *r, const struct member *m, bool interrupts)
{
    uint32_t at = member_vm(r->have, m);
    const struct vm *vm = at == NO_INDEX ? NULL : &r->have->vms[at];

    if (!vm || vm->hidden || vm->node >= r->node_count ||
        !str_same(r->have->nodes[vm->node].name, m->node))
        return false;
    if ((m->before.fields & IMAGE_ADAPTERS) && !same_adapters(m, vm))
        return false;
    if ((m->before.fields & IMAGE_REQUESTS) && !same_requests(m, vm))
        return false;
    return interrupts ? vm->power == POWER_RUNNING || vm->power == POWER_OFF
                      : vm->power != POWER_RUNNING || !m->off_after;
}

static bool gpu_as_planned(const struct run *r, const struct member *m)
{
    uint32_t at = member_gpu(r->have, m);
    const struct gpu *g = at == NO_INDEX ? NULL : &r->have->gpus[at];

    return g && (!(m->before.fields & IMAGE_COUNT) || num_is(g->count, m->before.count)) &&
           (!(m->before.fields & IMAGE_POOL) || str_eq(g->pool, m->before.pool));
}

static bool interrupts(const struct run *r, const struct plan_group *pg, const struct member *m)
{
    (void)r;
    for (size_t i = 0; i < pg->step_count; i++)
        if (pg->steps[i].action.verb == VERB_VM_STOP &&
            str_same(pg->steps[i].action.subject, m->id))
            return true;
    return false;
}

static bool as_planned(const struct run *r, const struct plan_group *pg)
{
    for (size_t i = 0; i < pg->member_count; i++) {
        const struct member *m = &pg->members[i];

        if (m->kind == SUBJECT_VM && !vm_as_planned(r, m, interrupts(r, pg, m)))
            return false;
        if (m->kind == SUBJECT_GPU && !gpu_as_planned(r, m))
            return false;
    }
    return true;
}

/* A VM that the plan found off and that runs now would be stopped without anybody's word. */
static bool stops_more(const struct run *r, const struct plan_group *pg)
{
    for (size_t i = 0; i < pg->member_count; i++) {
        const struct member *m = &pg->members[i];
        uint32_t at = m->kind == SUBJECT_VM ? member_vm(r->have, m) : NO_INDEX;

        if (at != NO_INDEX && r->have->vms[at].power != POWER_OFF && !interrupts(r, pg, m))
            for (size_t k = 0; k < pg->step_count; k++)
                if (str_same(pg->steps[k].action.subject, m->id) &&
                    action_needs_off(&pg->steps[k].action))
                    return true;
    }
    return false;
}

/* ---- budgets (P4) ---- */

struct use {
    uint32_t vms, groups;
    const char *nodes[LIMIT_NODES];
    size_t node_count;
    bool broken; /* some of it by live moves that broke: it may be more than the budget */
};

static void use_node(struct use *u, const char *node)
{
    for (size_t i = 0; i < u->node_count; i++)
        if (str_same(u->nodes[i], node))
            return;
    if (u->node_count < sizeof u->nodes / sizeof *u->nodes)
        u->nodes[u->node_count++] = node;
}

static void use_group(struct use *u, const struct member *members, size_t count, uint32_t vms)
{
    u->vms += vms;
    u->groups++;
    for (size_t i = 0; i < count; i++)
        use_node(u, members[i].node);
}

/* Off in no group's peak, since they were not to be stopped: their live move broke (M8, P4). */
static uint32_t broken_off(const struct run *r, const struct group *g)
{
    uint32_t n = 0;

    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        const struct debt *d = m->kind == SUBJECT_VM ? ledger_debt(&r->ledger, m->id) : NULL;

        n += d && d->group == g->id && (m->target.fields & IMAGE_NODE) && m->target.live &&
             debt_is_off(d);
    }
    return n;
}

/*
 * What is reserved now, counted from the ledger, so that it is right after a
 * restart too.  A node where a VM is off for long counts where somebody wrote a
 * budget of nodes; without one it would keep all others from their turn (V9).
 */
static void used_now(const struct run *r, struct use *u)
{
    *u = (struct use){0};
    for (size_t i = 0; i < r->ledger.group_count; i++) {
        const struct group *g = &r->ledger.groups[i];
        const uint32_t broken = broken_off(r, g);

        if (g->peak + broken)
            use_group(u, g->members, g->member_count, g->peak + broken);
        u->broken |= broken != 0;
    }
    for (size_t i = 0; i < r->ledger.debt_count; i++) {
        const struct debt *d = &r->ledger.debts[i];

        if (d->group || !d->found_running || d->declared)
            continue;
        u->vms++; /* waits for an event, or could not be brought back */
        if (r->options.max_nodes && d->node)
            use_node(u, d->node);
    }
}

/* Those that it stops, and those that are off because of us already: both use the budget. */
static uint32_t peak_of(const struct run *r, const struct plan_group *pg)
{
    return (uint32_t)(pg->interrupt_count + group_owed(pg, r->have, &r->ledger, NULL));
}

/* Is there room for it?  Who is off because of us is counted already, and so is that node. */
static bool affordable(const struct run *r, struct use *u, const struct plan_group *pg)
{
    const uint32_t max_vms = r->options.max_vms;
    const bool one = r->options.one_group || (!max_vms && !r->options.max_nodes);
    /* where only VMs have a budget: one node at a time */
    const uint32_t max_nodes = one || r->options.max_nodes ? r->options.max_nodes : 1;
    const uint32_t vms = u->vms, groups = u->groups;
    const size_t nodes = u->node_count;
    bool fits;

    if (!pg->interrupt_count)
        return true;
    use_group(u, pg->members, pg->member_count, (uint32_t)pg->interrupt_count);
    fits = (!one || u->groups <= 1) && (!max_vms || u->vms <= max_vms) &&
           (!max_nodes || u->node_count <= max_nodes || (u->node_count == nodes && !u->broken));
    u->vms = vms;
    u->groups = groups;
    u->node_count = nodes;
    return fits;
}

/* ---- opening ---- */

static struct debt debt_of(struct run *r, const struct group *g, const struct member *m,
                           const struct vm *vm)
{
    const struct debt *old = ledger_debt(&r->ledger, m->id);
    bool on = vm->power == POWER_RUNNING;
    struct debt d = {.vm = m->id,
                     .name = m->name,
                     .found_running = on,
                     .phase = DEBT_FOUND,
                     .since_ms = r->now_ms,
                     .run = r->options.run_id,
                     .group = g->id};

    stamp_debt(r, vm, &d);
    if (!on && old && old->found_running &&
        (old->stamp_ms == vm->stamp_ms || !str_same(old->node, d.node) ||
         old->boot_ms != d.boot_ms)) {
        d.found_running = true; /* a debt outlives its group: the new one inherits it */
        d.declared = old->declared;
        d.since_ms = old->since_ms;
        d.phase = DEBT_STOPPED;
    }
    if (!on && !d.found_running && m->run_after) {
        d.found_running = d.declared = true;
        d.phase = DEBT_STOPPED;
    }
    return d;
}

static void open_one(struct run *r, uint32_t index, struct commit *c)
{
    const struct plan_group *pg = &r->plan->groups[index];
    struct live *live = arena_push(r->arena, r->lives, r->live_count, r->live_room);
    struct group g = {.id = r->ledger.next_group + (uint64_t)index,
                      .input = pg->input,
                      .plan = r->plan->id,
                      .opened_ms = r->now_ms,
                      .peak = peak_of(r, pg),
                      .members = pg->members,
                      .member_count = pg->member_count};

    if (!r->ledger.next_group)
        g.id++;
    while (ledger_group(&r->ledger, g.id))
        g.id++;
    change_add(r, c, COMMIT_OPEN, LEDGER_GROUP)->group = g;
    for (size_t i = 0; i < g.member_count; i++) {
        const struct member *m = &g.members[i];
        uint32_t at = m->kind == SUBJECT_VM ? member_vm(r->have, m) : NO_INDEX;

        if (at != NO_INDEX) {
            struct debt d = debt_of(r, &g, m, &r->have->vms[at]);

            put_debt(r, c, COMMIT_OPEN, &d);
        }
    }
    *live = (struct live){.id = g.id, .plan_group = index, .stalled_ms = WHEN_NONE};
    r->queue[index].id = g.id;
}

/* 1: may go on; 0: waits; -1: never in this run. */
static int needs_met(const struct run *r, const struct plan_group *pg)
{
    for (size_t i = 0; i < pg->need_count; i++) {
        const struct queued *q = &r->queue[pg->needs[i]];

        if (r->plan->groups[pg->needs[i]].gate != GATE_RUNS || (q->end && q->end != END_DONE))
            return -1;
        if (q->end != END_DONE)
            return 0;
    }
    return 1;
}

static bool changes_counts(const struct member *m)
{
    return m->kind == SUBJECT_GPU && (m->target.fields & IMAGE_COUNT);
}

/*
 * C4: while a count changes on a node, nobody else stops a VM there: what is
 * off could land on that GPU, and the platform would refuse the count.
 */
static bool in_the_way(const struct member *a, const struct member *b)
{
    return ((changes_counts(a) && b->kind == SUBJECT_VM) ||
            (changes_counts(b) && a->kind == SUBJECT_VM)) &&
           (changes_counts(a) ? member_touches(b, a->node) : member_touches(a, b->node));
}

static bool is_free(const struct member *a, const struct member *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct member *b = &rows[i];

        if (in_the_way(a, b) || (a->kind == b->kind && str_same(a->id, b->id) &&
                                 (a->kind == SUBJECT_VM || str_same(a->node, b->node))))
            return false;
    }
    return true;
}

/*
 * Its subjects must not be in another open group, nor in the way of one.
 * `since`: the first of the groups that this commit opens (r->lives).
 */
static bool subjects_free(const struct run *r, size_t since, const struct plan_group *pg)
{
    for (size_t i = 0; i < pg->member_count; i++) {
        for (size_t k = 0; k < r->ledger.group_count; k++)
            if (!is_free(&pg->members[i], r->ledger.groups[k].members,
                         r->ledger.groups[k].member_count))
                return false;
        for (size_t k = since; k < r->live_count; k++) {
            const struct plan_group *other = &r->plan->groups[r->lives[k].plan_group];

            if (!is_free(&pg->members[i], other->members, other->member_count))
                return false;
        }
    }
    return true;
}

/* False: this node is looked at first. */
static bool is_fresh(struct run *r, const char *name)
{
    uint32_t node = state_node(r->have, name);

    if (node == NO_INDEX || r->looks[node].lost || r->looks[node].last_ms + POLL_MS >= r->now_ms)
        return true;
    if (!r->looks[node].ordered)
        r->looks[node].wanted = true;
    return false;
}

static bool look_first(struct run *r, uint32_t index)
{
    const struct plan_group *pg = &r->plan->groups[index];
    bool ready = true;

    for (size_t i = 0; i < pg->member_count; i++) {
        const struct member *m = &pg->members[i];

        ready = is_fresh(r, m->node) && ready;
        if (m->target.fields & IMAGE_NODE)
            ready = is_fresh(r, m->target.node) && ready;
    }
    return ready;
}

static bool is_lost(const struct run *r, const char *name)
{
    uint32_t node = state_node(r->have, name);

    return node == NO_INDEX || r->looks[node].lost;
}

bool members_lost(const struct run *r, const struct member *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_lost(r, members[i].node) ||
            ((members[i].target.fields & IMAGE_NODE) && is_lost(r, members[i].target.node)))
            return true;
    return false;
}

static void end_unopened(struct run *r, uint32_t index, enum group_end end)
{
    r->queue[index].end = end;
    r->outcome.stale += end == END_STALE;
    r->outcome.skipped += end == END_SKIPPED;
}

/* P3: its maintenance window is over. */
static bool is_shut(const struct run *r, const struct plan_group *pg)
{
    return pg->open_until_ms && r->now_ms >= pg->open_until_ms;
}

/* One decision about all groups that are not begun. */
struct round {
    struct use use;
    size_t since; /* the first of r->lives that it opens */
    bool awaits;  /* a look, before a group that has room */
};

/* Opens what may be begun; `last`: of the groups after which a VM stays off. */
static void open_kind(struct run *r, struct round *o, bool last, struct commit *c)
{
    for (uint32_t i = 0; i < r->plan->group_count; i++) {
        const struct plan_group *pg = &r->plan->groups[i];
        int met;

        if (pg->gate != GATE_RUNS || r->queue[i].end || r->queue[i].id || group_lets_go(pg) != last)
            continue;
        if ((met = needs_met(r, pg)) < 0 || members_lost(r, pg->members, pg->member_count) ||
            is_shut(r, pg)) {
            end_unopened(r, i, END_SKIPPED);
            continue;
        }
        if (!met || !subjects_free(r, o->since, pg) || !affordable(r, &o->use, pg))
            continue;
        if (!look_first(r, i)) {
            o->awaits |= pg->interrupt_count != 0;
            continue;
        }
        if (!as_planned(r, pg) || stops_more(r, pg)) {
            end_unopened(r, i, END_STALE);
            continue;
        }
        open_one(r, i, c);
        if (peak_of(r, pg))
            use_group(&o->use, pg->members, pg->member_count, (uint32_t)pg->interrupt_count);
        if (r->options.width == 1)
            break;
    }
}

void count_waiting(const struct run *r, size_t *budget, size_t *turn)
{
    struct use use;

    *budget = *turn = 0;
    used_now(r, &use);
    for (uint32_t i = 0; i < r->plan->group_count; i++) {
        const struct plan_group *pg = &r->plan->groups[i];

        if (pg->gate != GATE_RUNS || r->queue[i].end || r->queue[i].id)
            continue;
        if (needs_met(r, pg) > 0 && subjects_free(r, r->live_count, pg) && !affordable(r, &use, pg))
            ++*budget;
        else
            ++*turn;
    }
}

/* Is a group open that gives back what it uses of the budget? */
static bool gives_back(const struct run *r)
{
    for (size_t i = 0; i < r->plan->group_count; i++) {
        const struct group *g = ledger_group(&r->ledger, r->queue[i].id); /* once it is recorded */

        if (r->queue[i].id && !r->queue[i].end && !group_lets_go(&r->plan->groups[i]) &&
            (r->plan->groups[i].interrupt_count || (g && broken_off(r, g))))
            return true;
    }
    return false;
}

/*
 * V9: a VM that stays off keeps its part of the budget.  Those are stopped when
 * nobody else has a turn, or the others would find no room in this run.
 */
bool open_groups(struct run *r, struct commit *c)
{
    struct round o = {.since = r->live_count};

    if (r->signals || r->outcome.resumed)
        return false;
    used_now(r, &o.use);
    open_kind(r, &o, false, c);
    if ((r->options.max_vms || r->options.max_nodes) && (o.awaits || gives_back(r)))
        return r->live_count > o.since;
    if (r->options.width != 1 || r->live_count == o.since)
        open_kind(r, &o, true, c);
    return r->live_count > o.since;
}

void skip_the_rest(struct run *r)
{
    for (uint32_t i = 0; i < r->plan->group_count && !r->signals && !r->outcome.resumed; i++)
        if (r->plan->groups[i].gate == GATE_RUNS && !r->queue[i].end && !r->queue[i].id)
            end_unopened(r, i, END_SKIPPED);
}

/* ---- debts that outlived their groups ---- */

static bool all_answered(const struct state *have)
{
    for (size_t i = 0; i < have->node_count; i++)
        if (!have->nodes[i].answered)
            return false;
    return true;
}

/* Struck out: the VM runs, somebody else switched it since, or it is gone from a world seen whole.
 */
static bool is_settled(const struct run *r, const struct debt *d)
{
    uint32_t at = state_vm(r->have, d->vm);
    const struct vm *vm = at == NO_INDEX ? NULL : &r->have->vms[at];
    const struct node *n = vm && vm->node != NO_INDEX ? &r->have->nodes[vm->node] : NULL;

    if (!vm)
        return all_answered(r->have);
    if (vm->power == POWER_RUNNING)
        return true;
    return n && vm->power == POWER_OFF && str_same(n->name, d->node) && n->boot_ms == d->boot_ms &&
           d->stamp_ms != WHEN_NONE && vm->stamp_ms != WHEN_NONE && vm->stamp_ms != d->stamp_ms;
}

void read_old_debts(struct run *r, struct commit *c)
{
    r->old_debts_read = true;
    for (size_t i = 0; i < r->ledger.debt_count; i++)
        if (!r->ledger.debts[i].group && is_settled(r, &r->ledger.debts[i]))
            change_add(r, c, COMMIT_NOTE, LEDGER_DEBT_GONE)->debt = r->ledger.debts[i];
}

/* ---- closing ---- */

/* V9: stopped so that a GPU may leave; it is owed until that is over. */
static bool waits_now(const struct group *g, const struct member *m, const struct debt *owed)
{
    return m->waits && !m->off_after && g->direction == FORWARD && owed->phase == DEBT_STOPPED &&
           owed->found_running && !owed->declared;
}

/* P10: when the counts of a node were set; not when they were put back. */
static void note_recount(struct run *r, const struct group *g, struct commit *c)
{
    for (size_t i = 0; g->direction == FORWARD && i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        bool told = false;

        for (size_t k = 0; k < i; k++)
            told =
                told || (changes_counts(&g->members[k]) && str_same(g->members[k].node, m->node));
        if (changes_counts(m) && !told)
            change_add(r, c, COMMIT_CLOSE, LEDGER_RECOUNT)->recount =
                (struct recount){m->node, r->now_ms};
    }
}

void close_group(struct run *r, struct live *live, const struct group *g, struct commit *c)
{
    bool marks = false, stuck = false, only_owed = true;

    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];
        const struct debt *owed = m->kind == SUBJECT_VM ? ledger_debt(&r->ledger, m->id) : NULL;

        marks |= m->marks != 0;
        only_owed &= !m->target.fields && !m->run_after && !m->off_after;
        if (!owed || owed->group != g->id)
            continue;
        if (waits_now(g, m, owed)) {
            struct debt d = *owed;

            d.group = 0;
            d.waits = m->waits;
            put_debt(r, c, COMMIT_CLOSE, &d);
        } else if (owed->phase == DEBT_STUCK) {
            struct debt d = *owed;

            stuck = true;
            r->outcome.stuck += d.found_running && !d.declared;
            d.group = 0;
            put_debt(r, c, COMMIT_CLOSE, &d);
        } else {
            change_add(r, c, COMMIT_CLOSE, LEDGER_DEBT_GONE)->debt = *owed;
        }
    }
    change_add(r, c, COMMIT_CLOSE, LEDGER_GROUP_GONE)->group = *g;
    /* What was put back or left is not tried again with the same input; a debt is. */
    if ((g->direction == BACK || marks || stuck) && !only_owed)
        change_add(r, c, COMMIT_CLOSE, LEDGER_PARKED)->parked =
            (struct parked){g->input, g->reason ? g->reason : "left as it is", r->now_ms};
    note_recount(r, g, c);
    live->last = *g;
    live->ended = marks || stuck ? END_DEGRADED : g->direction == BACK ? END_PUT_BACK : END_DONE;
    r->outcome.degraded += live->ended == END_DEGRADED;
    r->outcome.put_back += live->ended == END_PUT_BACK;
    r->outcome.done += live->ended == END_DONE;
    if (live->plan_group != NO_INDEX)
        r->queue[live->plan_group].end = live->ended;
}
