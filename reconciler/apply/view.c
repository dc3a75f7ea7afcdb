/* See view.h. */
#include "apply/view.h"

#include "apply/machine.h"
#include "base/str.h"

size_t run_group_count(const struct run *r)
{
    return r->live_count;
}

enum run_group_phase run_group_phase(const struct run *r, size_t at)
{
    const struct group *g = ledger_group(&r->ledger, r->lives[at].id);

    if (g)
        return g->direction == BACK ? RUN_GROUP_BACK : RUN_GROUP_OPEN;
    return r->lives[at].ended ? RUN_GROUP_ENDED : RUN_GROUP_COMES;
}

static const struct plan_group *planned(const struct run *r, uint32_t plan_group)
{
    return plan_group == NO_INDEX ? NULL : &r->plan->groups[plan_group];
}

static void count_done(const struct run *r, struct group_view *v)
{
    for (size_t i = 0; i < r->result_count; i++)
        v->steps_done += r->results[i].group == v->id && r->results[i].ok;
}

/* When a VM that is off was seen off; else since when it is owed. */
static int64_t off_since(const struct run *r, const struct debt *d)
{
    for (size_t i = r->result_count; i-- > 0;) {
        const struct step_result *s = &r->results[i];

        if (s->ok && s->action.verb == VERB_VM_STOP && str_same(s->action.subject, d->vm))
            return s->ended_ms;
    }
    return d->since_ms;
}

static void count_off(const struct run *r, struct group_view *v)
{
    for (size_t i = 0; i < r->ledger.debt_count; i++) {
        const struct debt *d = &r->ledger.debts[i];
        int64_t since;

        if (d->group != v->id || !debt_is_off(d))
            continue;
        since = off_since(r, d);
        v->off_since_ms = v->off && v->off_since_ms < since ? v->off_since_ms : since;
        v->off++;
    }
}

static const char *member_name(const struct group *g, const char *id)
{
    for (size_t i = 0; i < g->member_count; i++)
        if (str_same(g->members[i].id, id))
            return g->members[i].name;
    return id;
}

/* Its effect may be there already, and be no step any more; but it is not confirmed. */
static bool is_left(const struct steps *left, const struct action *a)
{
    for (size_t i = 0; i < left->count; i++)
        if (left->rows[i].action.verb == a->verb &&
            str_same(left->rows[i].action.subject, a->subject))
            return true;
    return false;
}

static void see_work(const struct run *r, const struct group *g, const struct steps *left,
                     struct view_work *w)
{
    w->verb = VERB_NONE;
    for (size_t i = 0; i < r->call_count; i++) {
        const struct action *a = &r->calls[i].intent.action;

        if (r->calls[i].group != g->id ||
            (w->verb != VERB_NONE && verb_rows[a->verb].stage > verb_rows[w->verb].stage))
            continue;
        if (a->verb != w->verb)
            *w = (struct view_work){.verb = a->verb,
                                    .name = member_name(g, a->subject),
                                    .hard = a->verb == VERB_VM_STOP && a->value[0] != STOP_GUEST};
        w->running++;
    }
    for (size_t i = 0; i < r->result_count; i++)
        w->done += r->results[i].group == g->id && r->results[i].ok &&
                   r->results[i].action.verb == w->verb;
    w->all = w->done;
    for (size_t i = 0; i < left->count; i++)
        w->all += left->rows[i].action.verb == w->verb;
    for (size_t i = 0; i < r->call_count; i++) {
        const struct action *a = &r->calls[i].intent.action;

        w->all += r->calls[i].group == g->id && a->verb == w->verb && !is_left(left, a);
    }
}

/* What the executor's next decision would find (apply/group.c asks the same planner). */
static void see_open(const struct run *r, struct arena *a, const struct group *g,
                     struct group_view *v)
{
    struct steps left = {0};

    steps_build(a, g, r->have, &r->ledger, &left);
    v->steps_left = left.count;
    for (size_t i = 0; i < r->call_count; i++)
        v->steps_left += r->calls[i].group == g->id && !is_left(&left, &r->calls[i].intent.action);
    see_work(r, g, &left, &v->work);
    count_off(r, v);
    v->lost = members_lost(r, g->members, g->member_count);
}

void run_group(const struct run *r, struct arena *a, size_t at, bool now, struct group_view *out)
{
    const struct live *live = &r->lives[at];
    const struct group *g = ledger_group(&r->ledger, live->id);
    const struct plan_group *pg = planned(r, live->plan_group);
    const struct group *is = g ? g : &live->last;

    *out = (struct group_view){.id = live->id,
                               .plan = pg,
                               .members = is->members,
                               .member_count = is->member_count,
                               .end = g ? END_NONE : live->ended,
                               .back = is->direction == BACK,
                               .reason = is->reason,
                               .opened_ms = is->opened_ms,
                               .interrupts = pg ? (uint32_t)pg->interrupt_count : is->peak,
                               .work = {.verb = VERB_NONE}};
    count_done(r, out);
    if (g && now)
        see_open(r, a, g, out);
}

bool run_unbegun(const struct run *r, uint32_t plan_group, struct group_view *out)
{
    const struct queued *q = &r->queue[plan_group];
    const struct plan_group *pg = &r->plan->groups[plan_group];

    if (q->id || !q->end)
        return false;
    *out = (struct group_view){.plan = pg,
                               .members = pg->members,
                               .member_count = pg->member_count,
                               .end = q->end,
                               .interrupts = (uint32_t)pg->interrupt_count,
                               .work = {.verb = VERB_NONE}};
    return true;
}

void run_look(const struct run *r, struct arena *a, struct run_view *out)
{
    *out = (struct run_view){.open = arena_array(a, struct group_view, r->ledger.group_count + 1)};
    for (size_t i = 0; i < r->live_count; i++) {
        enum run_group_phase phase = run_group_phase(r, i);
        struct group_view *v = &out->open[out->open_count];

        out->all += r->lives[i].plan_group == NO_INDEX;
        out->ended += phase == RUN_GROUP_ENDED;
        if (phase != RUN_GROUP_OPEN && phase != RUN_GROUP_BACK)
            continue;
        run_group(r, a, i, true, v);
        out->off += v->off;
        out->open_count++;
    }
    for (uint32_t i = 0; i < r->plan->group_count; i++) {
        const struct plan_group *pg = &r->plan->groups[i];

        out->all += pg->gate == GATE_RUNS;
        out->ended += pg->gate == GATE_RUNS && !r->queue[i].id && r->queue[i].end;
        out->waits_window += pg->gate == GATE_HELD && pg->reason == REASON_WAITS_WINDOW;
    }
    if (!r->outcome.resumed && !r->signals) /* else nothing more is begun */
        count_waiting(r, &out->waits_budget, &out->waits_turn);
}
