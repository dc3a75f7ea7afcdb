#include "fleet/act.h"

#include "base/str.h"
#include "codec/effect.h"
#include "codec/world.h"
#include "fleet/door.h"
#include "fleet/limits.h"
#include "fleet/sight.h"
#include "host/host.h"
#include "plan/approvals.h"
#include "report/page.h"

enum {
    CALL_MS = 60000,
    WIDTH = 16 /* effects under way at once on one node: what vmms takes without queueing */
};

struct act {
    struct fleet_item *item;
    const struct act_options *options;
    struct hand *hand;
    struct history *history; /* NULL: none, or it could not be opened */
    struct history_run run;
    struct plan before; /* as it was shown and carried out */
    struct state have_before;
    struct step_result *steps;
    size_t step_count, step_room;
    struct map shown; /* ids of VMs that were shown as new in their row (I2) */
    struct watch watch;
    bool resumed; /* a saved plan whose run was not finished */
    bool unseen;  /* what the world is like after the run is not known */
};

static struct arena *arena_of(const struct act *x)
{
    return x->item->arena;
}

/* The world's own clock: a simulated world is at its own time. */
static int64_t clock_of(const struct act *x)
{
    return x->item->pass.eye->ops->now_ms(x->item->pass.eye);
}

/* ---- history ---- */

static void no_history(struct act *x, const struct err *e)
{
    fleet_mention(x->item, report_error(arena_of(x), "warning: no history is kept", e->text));
    if (x->history)
        history_close(x->history);
    x->history = NULL;
}

/* Why an operator did it: of an override who, and until when (P6); who approved it (P12). */
static const char *why_of(const struct act *x)
{
    const struct plan *plan = &x->item->pass.plan;
    const struct override *o = &plan->override;
    struct text t;

    text_init(&t, arena_of(x));
    if (o->what)
        text_printf(&t, "override %s until %s by %s: %s", o->what,
                    report_time(arena_of(x), &plan->head, o->until_ms), o->by, o->reason);
    else if (x->options->reason)
        text_add(&t, x->options->reason);
    for (size_t i = 0; i < plan->approved_count; i++)
        text_printf(&t, "%sapproved by %s: %s%s%s", t.size ? "; " : "", plan->approved[i].by,
                    plan->approved[i].reason, plan->approved[i].signer ? ", signed by " : "",
                    plan->approved[i].signer ? plan->approved[i].signer : "");
    return t.size ? text_done(&t) : NULL;
}

static void history_start(struct act *x)
{
    const struct plan *plan = &x->item->pass.plan;
    struct err e;

    x->run = (struct history_run){.identity = x->item->pass.have.identity,
                                  .cluster = plan->head.cluster ? plan->head.cluster
                                                                : x->item->pass.have.name,
                                  .verb = "apply",
                                  .spec_digest = plan->head.spec_digest,
                                  .plan_id = plan->id,
                                  .began_ms = clock_of(x),
                                  .ended_ms = WHEN_NONE,
                                  .exit_code = -1,
                                  .summary = why_of(x)};
    x->run.id = "r-memory";
    if (!x->item->lasting)
        return;
    if (!x->history &&
        !history_open(fleet_state_folder(arena_of(x), x->item->options), true, &x->history, &e)) {
        x->history = NULL;
        no_history(x, &e);
        return;
    }
    if (!history_begin(x->history, arena_of(x), &x->run, &e))
        no_history(x, &e);
}

static void history_row(struct act *x, const struct step_result *s)
{
    struct arena *a = arena_of(x);
    struct history_step row = {.run = x->run.id,
                               .number = (uint32_t)x->step_count,
                               .group = s->group,
                               .verb = verb_rows[s->action.verb].word,
                               .subject = s->action.subject,
                               .name = s->name,
                               .node = s->action.node,
                               .before = effect_seen(a, &s->action, &x->have_before),
                               .after = effect_wanted(a, &s->action),
                               .began_ms = s->began_ms,
                               .ended_ms = s->ended_ms,
                               .result = s->ok ? 1 : 0};
    struct err e;

    row.evidence = s->ok ? arena_printf(a, "seen: %s", verb_rows[s->action.verb].reads)
                   : s->err.native
                       ? arena_printf(a, "%s (%lld)", s->err.text, (long long)s->err.native)
                       : arena_strdup(a, s->err.text);
    if (x->history && !history_step(x->history, &row, &e))
        no_history(x, &e);
}

static void history_finish(struct act *x, enum exit_code code, const char *summary)
{
    const struct outcome *o = &x->item->pass.outcome;
    struct err e;

    if (!x->history)
        return;
    x->run.ended_ms = clock_of(x);
    x->run.exit_code = (int)code;
    x->run.steps_ok = o->steps_ok;
    x->run.steps_failed = o->steps_failed;
    x->run.summary = why_of(x) ? arena_printf(arena_of(x), "%s (%s)", summary, why_of(x)) : summary;
    if (code == EXIT_IN_SYNC && str_eq(x->run.verb, "apply"))
        x->run.snapshot = snapshot_write(arena_of(x), &x->item->pass.have);
    if (!history_end(x->history, &x->run, &e))
        no_history(x, &e);
}

/* ---- progress ---- */

static void on_begin(void *context, const struct action *action, const char *name, int64_t now_ms)
{
    struct act *x = context;
    struct step_result begins = {
        .action = *action, .name = name, .began_ms = now_ms, .ended_ms = WHEN_NONE};

    watch_step_begins(&x->watch, &begins);
}

static void on_step(void *context, const struct step_result *step)
{
    struct act *x = context;

    *arena_push(arena_of(x), x->steps, x->step_count, x->step_room) = *step;
    history_row(x, step);
    watch_step(&x->watch, step, x->step_count, x->before.totals.run_steps);
}

static void on_change(void *context, const struct run *run, bool over)
{
    struct act *x = context;

    watch_change(&x->watch, run, clock_of(x), over);
}

static void on_wait(void *context, const struct run *run)
{
    struct act *x = context;

    watch_wait(&x->watch, run, clock_of(x));
}

static void on_signal(void *context, unsigned times)
{
    struct act *x = context;

    if (times == 1)
        fleet_mention(x->item, "\nInterrupted: what was begun is finished, nothing more is begun. "
                               "Ctrl-C again puts it back.\n");
    else if (times == 2)
        fleet_mention(x->item, "\nInterrupted again: what can still be put back is put back.\n"
                               "To try that again later: hvgpu apply --retry\n");
}

/* ---- the way to a hand ---- */

static void tell_taken_over(struct act *x)
{
    const struct pass *p = &x->item->pass;
    const char *other = p->have.arbiter; /* "store@host" */
    size_t n = strlen(store_id(p->store));

    fleet_mention(x->item, arena_printf(arena_of(x), "%s is taken over: %s\n", p->have.name,
                                        x->options->reason));
    if (other && !(strncmp(other, store_id(p->store), n) == 0 && other[n] == '@'))
        fleet_mention(x->item,
                      report_error(arena_of(x), other,
                                   "it may have stopped VMs that this store does not know of; "
                                   "`hvgpu status` there names them; start them"));
}

static bool claim(struct act *x, struct err *e)
{
    struct pass *p = &x->item->pass;
    struct owner owner = {.store_id = store_id(p->store),
                          .host = host_name(arena_of(x)),
                          .since_ms = p->eye->ops->now_ms(p->eye)};

    if (!store_epoch(p->store, &owner.epoch, e))
        return false;
    if (!world_claim(p->eye, &owner, x->options->take_over, &x->hand, e)) {
        if (e->kind == ERR_LOCKED)
            err_set(e, ERR_LOCKED, e->native,
                    "%s; when that one is gone for good: apply --take-over --reason TEXT",
                    arena_strdup(arena_of(x), e->text));
        return false;
    }
    if (x->options->take_over)
        tell_taken_over(x);
    return true;
}

static bool has_group(const struct plan *plan, const char *input)
{
    for (size_t i = 0; plan && i < plan->group_count; i++)
        if (str_eq(plan->groups[i].input, input))
            return true;
    return false;
}

/* Strikes out what is parked, but not what `still` would try (W6); NULL: all of it. */
static bool strike_parked(struct act *x, const struct plan *still, struct err *e)
{
    struct pass *p = &x->item->pass;
    struct commit commit = {.kind = COMMIT_NOTE, .sync = true};
    struct ledger owed;

    if (!store_ledger(p->store, arena_of(x), &owed, e))
        return false;
    for (size_t i = 0; i < owed.parked_count; i++) {
        struct ledger_change *c;

        if (has_group(still, owed.parked[i].input))
            continue;
        c = arena_push(arena_of(x), commit.changes, commit.change_count, commit.room);
        c->op = LEDGER_PARKED_GONE;
        c->parked = owed.parked[i];
    }
    return !commit.change_count || store_commit(p->store, &commit, e);
}

/* The operator's word: what was put back before, or just now for a dead run, may be tried again. */
static bool forget_parked(struct act *x, struct err *e)
{
    return !x->options->retry || strike_parked(x, NULL, e);
}

static bool all_seen(const struct act *x)
{
    const struct state *have = &x->item->pass.have;

    for (size_t i = 0; i < have->node_count; i++)
        if (!have->nodes[i].answered)
            return false;
    return true;
}

/* What spec or world have released is not listed any more, once the whole world was seen. */
static void forget_moot_parked(struct act *x, const struct plan *now)
{
    struct err ignored;

    if (!now || x->options->file || x->item->pass.outcome.store_lost || !all_seen(x))
        return;
    (void)!strike_parked(x, now, &ignored);
}

static bool prepare(struct act *x, struct err *e)
{
    struct fleet_item *item = x->item;
    bool opened = x->options->file ? door_open_plan(item, x->options->file, e) : door_open(item, e);

    /* the identity of the world is the key of its store: a look comes first */
    if (!opened || !sight_see(item, e))
        return false;
    if (!door_store(item, true, e) || !claim(x, e) || !forget_parked(x, e))
        return false;
    item->pass.seen = false; /* from here on nobody else acts: what counts is seen now */
    return true;
}

/* ---- a saved plan ---- */

/* Used already?  The ledger decides; what only the history knows is a plan that ended well. */
static bool unused(struct act *x, struct err *e)
{
    const struct plan *plan = &x->options->file->plan;
    const struct ledger *owed = &x->item->pass.owed;
    struct history_run *runs;
    struct err ignored;
    size_t count = 0;

    for (size_t i = 0; i < owed->group_count; i++)
        x->resumed = x->resumed || str_eq(owed->groups[i].plan, plan->id);
    if (x->resumed || !x->item->lasting ||
        (!x->history && !history_open(fleet_state_folder(arena_of(x), x->item->options), true,
                                      &x->history, &ignored)))
        return true;
    if (!history_runs(x->history, arena_of(x), x->item->pass.have.identity, 1000, &runs, &count,
                      &ignored))
        return true;
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(runs[i].plan_id, plan->id))
            continue;
        x->resumed = runs[i].exit_code == -1 || runs[i].exit_code == EXIT_INTERRUPTED;
        if (x->resumed)
            return true;
        return err_set(e, ERR_STALE, 0, "plan %s was used by run %s on %s; make a new one",
                       plan->id, runs[i].id, when_human(arena_of(x), runs[i].began_ms));
    }
    return true;
}

/* V9: it was made while the event was not over; now it would stop VMs for nothing. */
static bool not_over(struct act *x, struct err *e)
{
    const struct plan *plan = &x->options->file->plan;

    for (size_t i = 0; i < plan->leaving_count; i++) {
        const struct plan_leaving *l = &plan->leaving[i];
        const struct announced *event = ledger_event(&x->item->pass.owed, l->id, l->by_ms);

        if (event && event->over_ms != WHEN_NONE && !x->resumed)
            return err_set(e, ERR_STALE, 0, "%s was said to be over since the plan; make a new one",
                           l->id);
    }
    return true;
}

/* P11: a plan that was made before something was paused. */
static bool not_paused(struct act *x, struct err *e)
{
    struct pass *p = &x->item->pass;
    const struct plan *plan = &x->options->file->plan;

    if (!pass_paused(p, e))
        return false;
    for (size_t i = 0; i < plan->group_count && !x->resumed; i++) {
        const struct pause *by = plan->groups[i].gate == GATE_RUNS
                                     ? group_paused(&plan->groups[i], plan->head.cluster, p->paused,
                                                    p->paused_count, state_now_ms(&p->have))
                                     : NULL;

        if (by)
            return err_set(e, ERR_STALE, 0, "%s is paused since %s (%s); the plan is from before",
                           by->subject, when_human(arena_of(x), by->since_ms), by->reason);
    }
    return true;
}

static bool take_file(struct act *x, struct err *e)
{
    struct pass *p = &x->item->pass;
    struct plan_file *file = arena_new(arena_of(x), struct plan_file);

    *file = *x->options->file;
    if (!sight_see(x->item, e) || !store_ledger(p->store, arena_of(x), &p->owed, e) ||
        !unused(x, e) || !not_over(x, e) || !not_paused(x, e) ||
        !limits_of_file(x->item, &file->plan, e) ||
        !declared_as_planned(&x->options->declared, &file->plan, e))
        return false;
    approvals_of_file(arena_of(x), x->item->word.approvals, &file->seen, &file->plan);
    if (!plan_fresh(arena_of(x), file, &p->have, &p->owed, x->resumed, e))
        return false;
    plan_bind(file, &p->have);
    p->plan = file->plan;
    return true;
}

/* What a saved plan leaves: its parts that did not run. */
static void rest_of_file(struct act *x, struct plan *after)
{
    const struct plan *plan = &x->before;
    struct arena *a = arena_of(x);

    *after = *plan;
    after->groups = arena_array(a, struct plan_group, plan->group_count + 1);
    after->changes = arena_array(a, struct plan_change, plan->change_count + 1);
    after->group_count = after->change_count = after->debt_count = 0;
    for (size_t g = 0; g < plan->group_count; g++) {
        struct group group = {.direction = FORWARD,
                              .members = plan->groups[g].members,
                              .member_count = plan->groups[g].member_count};
        struct steps left = {0};

        if (plan->groups[g].gate == GATE_RUNS)
            steps_build(a, &group, &x->item->pass.have, &x->item->pass.owed, &left);
        if (plan->groups[g].gate != GATE_RUNS || left.count)
            after->groups[after->group_count++] = plan->groups[g];
    }
    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].gate != GATE_RUNS) {
            after->changes[after->change_count] = plan->changes[i];
            after->changes[after->change_count++].group = NO_INDEX;
        }
}

/* ---- the pass ---- */

static bool look(struct act *x, struct err *e)
{
    return sight_see(x->item, e) && limits_judge(x->item, e) &&
           reconcile_look(&x->item->pass, &x->item->word, e);
}

static bool something_runs(const struct pass *p)
{
    for (size_t i = 0; i < p->plan.group_count; i++)
        if (p->plan.groups[i].gate == GATE_RUNS)
            return true;
    return p->owed.group_count || p->owed.debt_count || p->owed.intent_count;
}

static void show(struct act *x)
{
    const struct pass *p = &x->item->pass;

    map_init(&x->shown, arena_of(x), 8, false);
    for (size_t i = 0; !x->options->file && i < p->want.vm_count; i++)
        if (p->diff.vm_new[i])
            map_put(&x->shown, p->have.vms[p->want.vms[i].vm].id, 0);

    if (!x->options->json)
        fleet_say(x->item,
                  report_plan_text(arena_of(x), &p->plan, &p->have, NULL, &x->options->style));
}

/* The questions; false: the answer was no. */
static bool ask(struct act *x, struct err *e, bool *failed)
{
    struct pass *p = &x->item->pass;
    struct permission word = x->item->word;
    uint32_t stops;

    *failed = false;
    if (!x->options->file && p->plan.totals.stops_needed > word.allow_stops &&
        x->options->may_stop) {
        stops = x->options->may_stop(x->item, &p->plan, x->options->context);
        if (stops > word.allow_stops) {
            word.allow_stops = stops;
            if (!reconcile_look(p, &word, e)) {
                *failed = true;
                return false;
            }
            fleet_mention(x->item, "\n");
            show(x);
        }
    }
    if (!something_runs(p))
        return true;
    return !x->options->go_on || x->options->go_on(x->item, &p->plan, x->options->context);
}

/* Look again: what is so now is what counts. */
static const struct plan *verify(struct act *x)
{
    struct pass *p = &x->item->pass;
    struct plan *after = arena_new(arena_of(x), struct plan);
    struct err e;

    p->seen = false;
    if (x->options->file) {
        if (!sight_see(x->item, &e) || !store_ledger(p->store, arena_of(x), &p->owed, &e))
            return NULL;
        rest_of_file(x, after);
        after->debts = p->owed.debts;
        after->debt_count = p->owed.debt_count;
        return after;
    }
    if (!sight_see(x->item, &e) || !reconcile_look(p, &x->item->word, &e)) {
        fleet_mention(x->item, report_error(arena_of(x), "warning: not verified", e.text));
        return NULL;
    }
    *after = p->plan;
    return after;
}

static struct drive_options drive_options_of(struct act *x)
{
    watch_begin(&x->watch, x->item, x->options->watch);
    return (struct drive_options){.run_id = x->run.id,
                                  .call_ms = x->item->options->call_ms ? x->item->options->call_ms
                                                                       : CALL_MS,
                                  .width = WIDTH,
                                  .signals = true,
                                  .tick_ms = x->options->watch == WATCH_NOT ? 0 : WATCH_TICK_MS,
                                  .on_step = on_step,
                                  .on_begin = on_begin,
                                  .on_signal = on_signal,
                                  .on_change = on_change,
                                  .on_wait = on_wait,
                                  .context = x};
}

/* How the groups of a run that died ended; the last words of this run, when it ends with them. */
static void tell_recovered(struct act *x, bool ends, enum exit_code code)
{
    const struct outcome *o = &x->item->pass.outcome;

    if (!ends)
        fleet_mention(x->item,
                      arena_printf(arena_of(x), "That is done: steps %zu done, %zu failed.\n",
                                   o->steps_ok, o->steps_failed));
    else if (!x->options->json)
        fleet_say(x->item, report_outcome_text(arena_of(x), o, x->steps, x->step_count, NULL, NULL,
                                               code, &x->options->style));
}

/* A run that died left groups open: they are finished first, and the plan is made after it. */
static bool recover(struct act *x, bool *ends, struct err *e)
{
    struct pass *p = &x->item->pass;
    struct drive_options drive;
    const struct outcome *o = &p->outcome;
    enum exit_code code;
    bool finished;

    *ends = false;
    if (!store_ledger(p->store, arena_of(x), &p->owed, e))
        return false;
    if (!p->owed.group_count)
        return true;
    for (size_t i = 0; x->options->file && i < p->owed.group_count; i++)
        x->resumed = x->resumed || str_eq(p->owed.groups[i].plan, x->options->file->plan.id);
    fleet_mention(x->item,
                  arena_printf(arena_of(x),
                               "An earlier run was not finished: %zu open group%s first.\n",
                               p->owed.group_count, p->owed.group_count == 1 ? "" : "s"));
    history_start(x);
    x->run.verb = "recover"; /* no base for drift */
    drive = drive_options_of(x);
    if (!p->seen && !sight_see(x->item, e))
        return false;
    finished = reconcile_recover(p, x->hand, &drive, e);
    watch_end(&x->watch);
    if (!finished)
        return false;
    *ends = o->stuck || o->left_open || o->store_lost || o->interrupted;
    code = exit_of_outcome(o, NULL);
    tell_recovered(x, *ends, code);
    history_finish(x, code,
                   arena_printf(arena_of(x), "finished an earlier run; steps %zu, failed %zu",
                                o->steps_ok, o->steps_failed));
    p->outcome = (struct outcome){0};
    if (x->options->retry && !*ends)
        return forget_parked(x, e); /* how the second try ends is what counts */
    x->item->exit = exit_worst(x->item->exit, code);
    return true;
}

/* Taken over by another store: what we stopped is off, and only our ledger knows. */
static void tell_left_off(struct act *x)
{
    struct pass *p = &x->item->pass;
    struct ledger owed;
    struct text names;
    struct err ignored;
    size_t count = 0;

    if (!p->store || !store_ledger(p->store, arena_of(x), &owed, &ignored))
        return;
    text_init(&names, arena_of(x));
    for (size_t i = 0; i < owed.debt_count; i++) {
        const struct debt *d = &owed.debts[i];

        if (d->found_running && !d->declared && d->phase != DEBT_FOUND) {
            text_printf(&names, "%s%s", count ? " " : "", d->name);
            count++;
        }
    }
    if (!count)
        return;
    fleet_mention(x->item, arena_printf(arena_of(x),
                                        "%zu VM%s that we stopped may still be off: %s\n"
                                        "Start them by hand, or take the world back: hvgpu apply "
                                        "--take-over --reason TEXT\n",
                                        count, count == 1 ? "" : "s", text_done(&names)));
    x->item->exit = EXIT_LEFT_OFF;
}

static void fail(struct act *x, const struct err *e)
{
    fleet_fail(x->item, e);
    if (e->kind == ERR_LOCKED && x->hand)
        tell_left_off(x);
}

/* "14 steps in 2 groups, 1 failed, 1 put back": what did not happen is not told. */
static const char *summary_of(const struct act *x)
{
    const struct outcome *o = &x->item->pass.outcome;
    struct text t;

    text_init(&t, arena_of(x));
    text_printf(&t, "%s in %s", page_count(arena_of(x), o->steps_ok, "step"),
                page_count(arena_of(x), o->done, "group"));
    if (o->steps_failed)
        text_printf(&t, ", %zu failed", o->steps_failed);
    if (o->put_back)
        text_printf(&t, ", %zu put back", o->put_back);
    return text_done(&t);
}

static void carry_out(struct act *x)
{
    struct fleet_item *item = x->item;
    struct pass *p = &item->pass;
    struct drive_options drive;
    const struct plan *after;
    const char *text;
    struct err e;
    bool acted;

    x->have_before = p->have;
    if (!x->options->file)
        plan_identify(arena_of(x), &p->plan, &p->have, &item->origin);
    x->before = p->plan;
    history_start(x);
    drive = drive_options_of(x);
    acted = reconcile_act(p, x->hand, &drive, &e);
    watch_end(&x->watch);
    if (!acted) {
        x->unseen = true;
        fail(x, &e);
        history_finish(x, item->exit, e.text);
        return;
    }
    after = verify(x);
    x->unseen = !after;
    forget_moot_parked(x, after);
    item->exit = exit_worst(item->exit, exit_of_outcome(&p->outcome, after));
    text = x->options->json ? report_outcome_json(arena_of(x), x->run.id, &p->outcome, &x->before,
                                                  after, item->exit)
                            : report_outcome_text(arena_of(x), &p->outcome, x->steps, x->step_count,
                                                  after, &p->have, item->exit, &x->options->style);
    history_finish(x, item->exit, summary_of(x));
    fleet_say(item, text); /* last: nobody may be there any more to read it */
}

/* A world that was in sync when first looked at is a base for drift as well. */
static void remember_in_sync(struct act *x)
{
    struct history_run last;
    bool known = false;
    struct err e;

    if (!x->item->lasting)
        return;
    if ((x->history ||
         history_open(fleet_state_folder(arena_of(x), x->item->options), true, &x->history, &e)) &&
        history_last_good(x->history, arena_of(x), x->item->pass.have.identity, &last, &known,
                          &e) &&
        known && str_eq(last.spec_digest, x->item->pass.plan.head.spec_digest))
        return;
    if (!x->history)
        return;
    history_start(x);
    history_finish(x, EXIT_IN_SYNC, "nothing to do");
}

static void nothing_to_do(struct act *x)
{
    struct fleet_item *item = x->item;
    const struct plan *plan = &item->pass.plan;

    item->exit = exit_worst(item->exit, exit_of_plan(plan));
    forget_moot_parked(x, plan);
    if (x->options->json)
        fleet_say(item, report_outcome_json(arena_of(x), NULL, &item->pass.outcome, plan, plan,
                                            item->exit));
    else if (item->exit != EXIT_IN_SYNC)
        fleet_say(item, report_outcome_text(arena_of(x), &item->pass.outcome, NULL, 0, NULL, NULL,
                                            item->exit, &x->options->style));
    if (item->exit == EXIT_IN_SYNC && !x->options->file)
        remember_in_sync(x);
}

/*
 * M7: a row is gone: what hvgpu attached stays, and is not its own any more.
 * I2: what a pattern had taken is forgotten when another row takes it, or when
 * the VM is gone.  The plan said so.
 */
static bool is_over(const struct act *x, const struct claim *claim)
{
    const struct pass *p = &x->item->pass;
    uint32_t vm = state_vm(&p->have, claim->vm), row = vm == NO_INDEX ? vm : p->want.of_vm[vm];
    const struct target_vm *t = row == NO_INDEX ? NULL : &p->want.vms[row];

    if (vm == NO_INDEX)
        return claim_is_match(claim) && all_seen(x);
    if (!t)
        return true;
    if (!claim_is_match(claim)) /* asFound: what it holds is its own, also what we put back */
        return t->wish->use == VM_AS_FOUND && !p->owed.group_count &&
               !str_eq(claim->object, "offlineAction");
    return !t->match ||
           (!t->uncounted && !str_eq(claim->object, claim_of_match(arena_of(x), t->match)));
}

static struct claim *note_claim(struct act *x, struct commit *commit, enum ledger_op op)
{
    struct ledger_change *c =
        arena_push(arena_of(x), commit->changes, commit->change_count, commit->room);

    c->op = op;
    return &c->claim;
}

/* Behind the pass, so that what was shown as new stays so to its end. */
static void note_rows(struct act *x)
{
    struct pass *p = &x->item->pass;
    struct commit commit = {.kind = COMMIT_NOTE, .sync = true};
    struct err e;

    if (x->options->file)
        return;
    for (size_t i = 0; i < p->owed.claim_count; i++)
        if (is_over(x, &p->owed.claims[i]))
            *note_claim(x, &commit, LEDGER_CLAIM_GONE) = p->owed.claims[i];
    for (size_t i = 0; i < p->want.vm_count; i++) {
        const struct target_vm *t = &p->want.vms[i];
        const char *id = p->have.vms[t->vm].id;

        if (p->diff.vm_new[i] && map_get(&x->shown, id) != MAP_NONE)
            *note_claim(x, &commit, LEDGER_CLAIM) =
                (struct claim){.vm = id, .object = claim_of_match(arena_of(x), t->match)};
    }
    if (commit.change_count && !store_commit(p->store, &commit, &e))
        fleet_mention(x->item, report_error(arena_of(x), "warning: not noted", e.text));
}

/* V9: from now on `hvgpu event over` knows of it. */
static bool note_events(struct act *x, struct err *e)
{
    struct pass *p = &x->item->pass;
    struct commit commit = {.kind = COMMIT_NOTE, .sync = true};

    for (size_t i = 0; i < p->plan.leaving_count; i++) {
        const struct plan_leaving *l = &p->plan.leaving[i];
        struct ledger_change *c;

        if (ledger_event(&p->owed, l->id, l->by_ms))
            continue;
        c = arena_push(arena_of(x), commit.changes, commit.change_count, commit.room);
        c->op = LEDGER_EVENT;
        c->event = (struct announced){l->id, l->by_ms, clock_of(x), WHEN_NONE};
    }
    for (size_t i = 0; i < p->paused_count; i++) { /* P11: one that ended by itself */
        struct ledger_change *c;

        if (pause_holds(p->paused[i].row, clock_of(x)))
            continue;
        c = arena_push(arena_of(x), commit.changes, commit.change_count, commit.room);
        c->op = LEDGER_PAUSE;
        c->pause = *p->paused[i].row;
        c->pause.over_ms = c->pause.until_ms;
        c->pause.over_reason = "it was said to end then";
    }
    return !commit.change_count || store_commit(p->store, &commit, e);
}

static bool act(struct act *x, struct err *e)
{
    struct pass *p = &x->item->pass;
    bool failed, ends;

    if (!prepare(x, e) || !recover(x, &ends, e))
        return false;
    if (ends)
        return true;
    if (x->options->file ? !take_file(x, e) : !look(x, e))
        return false;
    show(x);
    if (!ask(x, e, &failed)) {
        if (failed)
            return false;
        fleet_mention(x->item, "Nothing was changed.\n");
        x->item->exit = exit_worst(x->item->exit, exit_of_plan(&p->plan));
        return true;
    }
    if (!note_events(x, e))
        return false;
    if (something_runs(p))
        carry_out(x);
    else
        nothing_to_do(x);
    if (!x->unseen && !p->outcome.store_lost)
        note_rows(x);
    return true;
}

/* P13: what was put back before and is not tried again is a failure that lasts (W6). */
static bool has_failed(const struct fleet_item *item)
{
    const struct plan *plan = &item->pass.plan;

    for (size_t i = 0; i < plan->group_count; i++)
        if (plan->groups[i].reason == REASON_PARKED)
            return true;
    return item->exit == EXIT_PUT_BACK || item->exit == EXIT_LEFT_OFF;
}

void fleet_act(struct fleet_item *item, const struct act_options *options)
{
    struct act x = {.item = item, .options = options};
    struct err e;

    if (item->held) {
        fleet_say(item,
                  options->json
                      ? report_unbegun_json(item->arena, item->spec->name, item->held->reason,
                                            item->held->why, item->unseen ? EXIT_UNSEEN : EXIT_HELD)
                      : report_unbegun_text(item->arena, item->spec->name, item->held->reason,
                                            item->held->why, &options->style));
        item->exit = item->unseen ? EXIT_UNSEEN : EXIT_HELD;
        return;
    }
    if (!act(&x, &e))
        fail(&x, &e);
    else if (item->options->sim && !options->json)
        fleet_mention(item, arena_printf(item->arena,
                                         "That was a rehearsal on a copy of %s: nothing has "
                                         "changed.\n",
                                         item->options->sim));
    item->failed = has_failed(item);
    if (x.hand)
        x.hand->ops->release(x.hand);
    if (x.history)
        history_close(x.history);
}
