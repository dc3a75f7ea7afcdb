/* What was done to a subject, and what is owed to it. */
#include "base/str.h"
#include "cmd/why_inner.h"

enum { RUNS = 1000 }; /* of this world, newest first, in which its steps are looked for */

/* ---- the history ---- */

static bool is_about(const struct why_subject *s, const struct state *have,
                     const struct history_step *step)
{
    for (int i = 0; i < VERB_NONE; i++)
        if (str_eq(verb_rows[i].word, step->verb))
            return why_is_member(s, have, verb_rows[i].subject, step->subject, step->name,
                                 step->node);
    return false;
}

static bool steps_of_run(struct why *w, const struct why_subject *s, const struct state *have,
                         struct history *h, const char *run, size_t limit, struct err *e)
{
    struct history_step *steps;
    size_t count;

    if (!history_steps(h, w->arena, run, &steps, &count, e))
        return false;
    for (size_t i = count; i-- > 0 && w->action_count < limit;)
        if (is_about(s, have, &steps[i]))
            *arena_push(w->arena, w->actions, w->action_count, w->action_room) = steps[i];
    return true;
}

static bool read_actions(struct why *w, const struct why_subject *s, struct fleet_item *item,
                         size_t limit, struct err *e)
{
    const struct state *have = &item->pass.have;
    struct history_run *runs;
    struct history *h;
    size_t count;
    bool good;

    if (!history_open(fleet_state_folder(w->arena, item->options), false, &h, e))
        return false;
    good = history_runs(h, w->arena, have->identity, RUNS, &runs, &count, e);
    for (size_t i = 0; good && i < count && w->action_count < limit; i++)
        good = steps_of_run(w, s, have, h, runs[i].id, limit, e);
    history_close(h);
    return good;
}

/* ---- the ledger ---- */

static void owed_group(struct why *w, const struct why_subject *s, const struct state *have,
                       const struct group *g)
{
    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];

        if (!why_is_member(s, have, m->kind, m->id, m->name, m->node))
            continue;
        WHY_OWED(w, "open",
                 arena_printf(w->arena, "group %llu of plan %s, %s, since %s%s%s",
                              (unsigned long long)g->id, g->plan ? g->plan : "?",
                              g->direction == BACK ? "being put back" : "going forward",
                              when_human(w->arena, g->opened_ms), g->reason ? ": " : "",
                              g->reason ? g->reason : ""));
        return;
    }
}

static const char *claim_text(struct arena *a, const struct claim *c)
{
    if (!str_eq(c->object, "offlineAction"))
        return arena_printf(a, "%s was attached by hvgpu", c->object);
    return c->former.known ? arena_printf(a, "OfflineAction was %llu before hvgpu set it",
                                          (unsigned long long)c->former.value)
                           : "OfflineAction was set by hvgpu";
}

static void owed(struct why *w, const struct why_subject *s, const struct state *have,
                 const struct ledger *l)
{
    struct arena *a = w->arena;

    for (size_t i = 0; i < l->group_count; i++)
        owed_group(w, s, have, &l->groups[i]);
    for (size_t i = 0; i < l->debt_count; i++)
        if (why_is_member(s, have, SUBJECT_VM, l->debts[i].vm, l->debts[i].name, l->debts[i].node))
            WHY_OWED(w, "debt",
                     arena_printf(a, "%s: %s, by run %s, since %s", l->debts[i].name,
                                  report_debt(a, &l->debts[i], ledger_waits(l, &l->debts[i])),
                                  l->debts[i].run ? l->debts[i].run : "?",
                                  when_human(a, l->debts[i].since_ms)));
    for (size_t i = 0; i < l->claim_count && s->kind == SUBJECT_VM && s->index != NO_INDEX; i++)
        if (str_eq(l->claims[i].vm, have->vms[s->index].id))
            WHY_OWED(w, "ours", claim_text(a, &l->claims[i]));
}

void why_past(struct why *w, const struct why_subject *s, struct fleet_item *item, size_t limit)
{
    struct err e;

    owed(w, s, &item->pass.have, &item->pass.owed);
    if (!item->lasting)
        w->no_actions = "a world in memory has no history";
    else if (!read_actions(w, s, item, limit, &e))
        w->no_actions = arena_printf(w->arena, "the history cannot be read: %s", e.text);
    else if (!w->action_count)
        w->no_actions = "hvgpu has done nothing to it that the history knows of";
}
