#include "codec/json.h"
#include "report/page.h"

/* "move cad-1 to muc-hv2, live" */
static const char *step_text(struct arena *a, const struct step_result *step)
{
    const struct action *action = &step->action;
    const char *text = arena_printf(a, "%s %s", verb_rows[action->verb].text, step->name);

    return action->verb != VERB_VM_MOVE
               ? text
               : arena_printf(a, "%s to %s%s", text, action->object,
                              action->value[0] == MOVE_LIVE ? ", live" : "");
}

const char *report_step_line(struct arena *a, const struct step_result *step, size_t done,
                             size_t all, const struct style *style)
{
    const char *text = step_text(a, step);
    bool begins = step->ended_ms == WHEN_NONE;
    struct page page;
    const char *took;

    page_init(&page, a, style);
    if (begins) {
        page_printf(&page, "", "  %s  %s ...", when_clock(a, step->began_ms), text);
        return page_done(&page);
    }
    took = step->ended_ms - step->began_ms >= 1000
               ? arena_printf(a, " after %s", duration_human(a, step->ended_ms - step->began_ms))
               : "";
    if (step->ok)
        page_printf(&page, "", "  %s  %s: " PAINT_GREEN "done" PAINT_END "%s%s",
                    when_clock(a, step->ended_ms), text, took,
                    done <= all ? arena_printf(a, "  (%zu/%zu)", done, all) : "");
    else
        page_printf(&page, "", "  %s  %s: " PAINT_RED "failed" PAINT_END "%s: %s",
                    when_clock(a, step->ended_ms), text, took, step->err.text);
    return page_done(&page);
}

struct off {
    const char *name;
    int64_t stopped_ms, ms;
};

/* How long each VM that we stopped was off: from the end of its stop to the end of its start. */
static size_t off_times(struct arena *a, const struct step_result *steps, size_t count,
                        struct off **out)
{
    struct map index;
    size_t n = 0, room = 0;

    *out = NULL;
    map_init(&index, a, 64, false);
    for (size_t i = 0; i < count; i++) {
        const struct action *action = &steps[i].action;
        uint32_t at;

        if (!steps[i].ok || (action->verb != VERB_VM_STOP && action->verb != VERB_VM_START))
            continue;
        if (action->verb == VERB_VM_STOP) {
            at = map_put(&index, action->subject, (uint32_t)n);
            if (at == n)
                *arena_push(a, *out, n, room) = (struct off){.name = steps[i].name};
            (*out)[at].stopped_ms = steps[i].ended_ms;
        } else {
            at = map_get(&index, action->subject);
            if (at != MAP_NONE && (*out)[at].stopped_ms)
                (*out)[at].ms += steps[i].ended_ms - (*out)[at].stopped_ms;
        }
    }
    return n;
}

static void off_lines(struct page *p, const struct step_result *steps, size_t count)
{
    struct off *offs;
    size_t n = off_times(p->arena, steps, count, &offs), started = 0;
    int64_t longest = 0;

    for (size_t i = 0; i < n; i++) {
        started += offs[i].ms > 0;
        longest = offs[i].ms > longest ? offs[i].ms : longest;
    }
    if (started > 3) {
        page_printf(p, "", "%s were stopped and started again; the longest was off for %s.",
                    page_count(p->arena, started, "VM"), duration_human(p->arena, longest));
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (offs[i].ms)
            page_printf(p, "", "%s was off for %s.", offs[i].name,
                        duration_human(p->arena, offs[i].ms));
}

static void failures(struct page *p, const struct step_result *steps, size_t count)
{
    struct map seen;
    const char **lines = arena_array(p->arena, const char *, count + 1);
    size_t *times = arena_array(p->arena, size_t, count + 1), n = 0;

    map_init(&seen, p->arena, 64, false);
    for (size_t i = 0; i < count; i++) {
        const char *text;
        uint32_t at;

        if (steps[i].ok || steps[i].ended_ms == WHEN_NONE)
            continue;
        text = arena_printf(p->arena, "%s: %s", step_text(p->arena, &steps[i]), steps[i].err.text);
        at = map_put(&seen, text, (uint32_t)n);
        if (at == n)
            lines[n++] = text;
        times[at]++;
    }
    for (size_t i = 0; i < n; i++)
        page_printf(p, "  " PAINT_RED "failed" PAINT_END "  ", "%s%s", lines[i],
                    times[i] > 1 ? arena_printf(p->arena, " (%zu times)", times[i]) : "");
}

/* The one sentence that says how it ended. */
static const char *verdict(struct arena *a, const struct outcome *o, const struct plan *after,
                           enum exit_code exit)
{
    bool owed = after && plan_debts_due(after) > 0;

    if (o->store_lost)
        return "The store failed in the middle. What was owed and can be started was started; look "
               "at the VMs, mend the store, then: hvgpu apply --retry (without --retry, what it "
               "has to put back is not tried again).";
    if (o->stuck)
        return arena_printf(a,
                            "%s that we stopped could not be brought back. Somebody must look now.",
                            page_count(a, o->stuck, "VM"));
    if (o->put_back || o->degraded)
        return arena_printf(
            a,
            "Failed: %s put back as %s%s. Only a changed spec or world, or hvgpu apply --retry, "
            "tries that again.",
            page_count(a, o->put_back, "group"), o->put_back == 1 ? "it was" : "they were",
            o->degraded
                ? arena_printf(a, ", %s left as listed", page_count(a, o->degraded, "group"))
                : "");
    if (o->stale && !o->done)
        return "Nothing was begun: the world is not as planned any more. Plan again.";
    if (o->left_open)
        return "A node stopped answering in the middle: the next apply goes on when it answers.";
    if (o->interrupted)
        return "Interrupted. Nothing is lost: the next apply goes on.";
    if (!after && !o->done && !o->steps_ok && (exit == EXIT_HELD || exit == EXIT_BLOCKED))
        return exit == EXIT_HELD ? "Nothing was changed: what differs is held."
                                 : "Nothing was changed: what differs is blocked or held.";
    if (!after && !o->done && !o->steps_ok && exit == EXIT_PUT_BACK)
        return "Nothing more was changed: what an earlier run began was put back. "
               "Only a changed spec or world, or hvgpu apply --retry, tries that again.";
    if (!after)
        return "Done; the world could not be seen afterwards, so nothing is verified.";
    if (exit == EXIT_IN_SYNC)
        return o->done || o->steps_ok ? "Done and verified. Nothing is owed."
                                      : "Nothing to do: everything is as declared.";
    if (exit == EXIT_HELD)
        return owed ? "Done what may run now; something is still owed and goes on by itself."
                    : "Done what may run now; the rest is held.";
    if (exit == EXIT_BLOCKED)
        return "Done what could be done; the rest is blocked.";
    if (exit == EXIT_PUT_BACK)
        return "Done what was planned; of what an earlier run began, something was put back.";
    return "Done what was planned; the world or the plan moved meanwhile, and differs again.";
}

/* What is owed was told with its run and its date. */
static void still_differs(struct page *p, const struct plan *after, const struct state *have,
                          const struct style *style)
{
    struct plan rest = *after;
    const char *left;

    rest.debt_count = 0;
    left = report_plan_brief(p->arena, &rest, have, 20, &(struct style){.width = style->width});
    if (!*left)
        return;
    page_wrap(p, "", "Still differs:");
    text_add(&p->out, left);
}

const char *report_outcome_text(struct arena *a, const struct outcome *o,
                                const struct step_result *steps, size_t step_count,
                                const struct plan *after, const struct state *have,
                                enum exit_code exit, const struct style *style)
{
    struct page page;

    page_init(&page, a, style);
    failures(&page, steps, step_count);
    off_lines(&page, steps, step_count);
    if (o->steps_ok || o->steps_failed)
        page_printf(&page, "", "%s done, %zu failed; %s done, %zu put back, %zu left as listed%s.",
                    page_count(a, o->steps_ok, "step"), o->steps_failed,
                    page_count(a, o->done, "group"), o->put_back, o->degraded,
                    o->stale || o->skipped
                        ? arena_printf(a, "; %zu not begun", o->stale + o->skipped)
                        : "");
    for (size_t i = 0; after && i < after->debt_count; i++)
        page_printf(&page, "  owed  ", "%s: %s (by run %s, since %s)", after->debts[i].name,
                    report_debt(a, &after->debts[i], plan_debt_waits(after, &after->debts[i])),
                    after->debts[i].run ? after->debts[i].run : "?",
                    when_human(a, after->debts[i].since_ms));
    if (after && exit != EXIT_IN_SYNC)
        still_differs(&page, after, have, style);
    page_ends(&page, verdict(a, o, after, exit), arena_printf(a, "exit %d", (int)exit));
    return page_done(&page);
}

static void totals_json(struct json *j, const char *key, const struct plan *plan)
{
    json_key(j, key);
    if (!plan) {
        json_null(j);
        return;
    }
    json_map(j);
    json_put_text(j, "id", plan->id);
    json_put_int(j, "exit", exit_of_plan(plan));
    json_put_int(j, "changes", (int64_t)plan->change_count);
    json_put_int(j, "runGroups", (int64_t)plan->totals.run_groups);
    json_put_int(j, "heldGroups", (int64_t)plan->totals.held_groups);
    json_put_int(j, "blockedGroups", (int64_t)plan->totals.blocked_groups);
    json_put_int(j, "runSteps", (int64_t)plan->totals.run_steps);
    json_put_int(j, "interrupts", (int64_t)plan->totals.run_interrupts);
    json_put_int(j, "debts", (int64_t)plan->debt_count);
    json_map_end(j);
}

const char *report_outcome_json(struct arena *a, const char *run_id, const struct outcome *o,
                                const struct plan *before, const struct plan *after,
                                enum exit_code exit)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "apiVersion", "hvgpu/v1");
    json_put_text(&j, "kind", "Outcome");
    json_put_text(&j, "cluster", before->head.cluster);
    json_put_text(&j, "run", run_id);
    json_put_int(&j, "exit", (int)exit);
    json_put_int(&j, "groupsDone", (int64_t)o->done);
    json_put_int(&j, "groupsPutBack", (int64_t)o->put_back);
    json_put_int(&j, "groupsDegraded", (int64_t)o->degraded);
    json_put_int(&j, "groupsStale", (int64_t)o->stale);
    json_put_int(&j, "groupsSkipped", (int64_t)o->skipped);
    json_put_int(&j, "groupsLeftOpen", (int64_t)o->left_open);
    json_put_int(&j, "stuck", (int64_t)o->stuck);
    json_put_int(&j, "stepsDone", (int64_t)o->steps_ok);
    json_put_int(&j, "stepsFailed", (int64_t)o->steps_failed);
    json_put_bool(&j, "interrupted", o->interrupted);
    json_put_bool(&j, "storeLost", o->store_lost);
    totals_json(&j, "before", before);
    totals_json(&j, "after", after);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}

/* ---- not begun (P13) ---- */

const char *report_unbegun_text(struct arena *a, const char *cluster, enum reason reason,
                                const char *why, const struct style *style)
{
    const struct reason_row *row = &reason_rows[reason];
    struct page p;

    page_init(&p, a, style);
    page_printf(&p, "", "%s is not begun.", cluster);
    page_printf(&p, "         ", "%s (%s): %s", row->code, row->rule, why);
    page_printf(&p, "         ", "released by: %s", row->release);
    return page_done(&p);
}

const char *report_unbegun_json(struct arena *a, const char *cluster, enum reason reason,
                                const char *why, enum exit_code exit)
{
    const struct reason_row *row = &reason_rows[reason];
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "apiVersion", "hvgpu/v1");
    json_put_text(&j, "kind", "Outcome");
    json_put_text(&j, "cluster", cluster);
    json_put_text(&j, "run", NULL);
    json_put_int(&j, "exit", (int)exit);
    json_key(&j, "held");
    json_map(&j);
    json_put_text(&j, "code", row->code);
    json_put_text(&j, "rule", row->rule);
    json_put_text(&j, "text", why);
    json_put_text(&j, "release", row->release);
    json_map_end(&j);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}
