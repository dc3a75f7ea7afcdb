#include "fleet/watch.h"

#include "host/host.h"
#include "report/live.h"

enum { DRAW_MS = 100 }; /* of this machine's time between two drawings, at least */

void watch_begin(struct watch *w, struct fleet_item *item, enum watch_how how)
{
    *w = (struct watch){.item = item, .how = how, .lines_ms = WHEN_NONE};
}

static const char *cluster_of(const struct watch *w)
{
    const struct pass *p = &w->item->pass;

    if (w->how != WATCH_LOG)
        return NULL;
    return p->spec && p->spec->name ? p->spec->name : p->have.name;
}

/* ---- lines that stay ---- */

/* What opens has waited for the others, and groups in their order: who answers first is chance. */
static bool comes_before(const struct watch_line *a, const struct watch_line *b)
{
    return a->opens != b->opens ? b->opens : a->group < b->group;
}

static void say_lines(struct watch *w)
{
    for (size_t i = 1; i < w->line_count; i++)
        for (size_t k = i; k && comes_before(&w->lines[k], &w->lines[k - 1]); k--) {
            struct watch_line line = w->lines[k];

            w->lines[k] = w->lines[k - 1];
            w->lines[k - 1] = line;
        }
    for (size_t i = 0; i < w->line_count; i++)
        fleet_mention(w->item, w->lines[i].text);
    w->line_count = 0;
}

/* In a log only what somebody will ask about: who was stopped, and what went wrong. */
static bool is_said(const struct watch *w, const struct group_view *v)
{
    if (w->how == WATCH_LOG)
        return v->interrupts || v->back || (v->end && v->end != END_DONE);
    return w->how == WATCH_LIVE && (v->back || v->end);
}

static void tell_group(struct watch *w, const struct run *run, size_t at, int64_t now_ms)
{
    struct fleet_item *item = w->item;
    struct watch_line line;
    struct group_view v;

    run_group(run, item->arena, at, false, &v);
    if (!is_said(w, &v))
        return;
    line = (struct watch_line){
        .group = v.id,
        .opens = !v.back && !v.end,
        .text = report_group_line(item->arena, &v, now_ms, cluster_of(w), &item->options->style)};
    *arena_push(item->arena, w->lines, w->line_count, w->line_room) = line;
    w->lines_ms = now_ms;
    if (w->how == WATCH_LIVE)
        say_lines(w);
}

static void tell_unbegun(struct watch *w, const struct run *run)
{
    struct fleet_item *item = w->item;
    const size_t all = item->pass.plan.group_count;
    struct group_view *views = arena_array(item->arena, struct group_view, all + 1);
    size_t count = 0;

    for (uint32_t i = 0; i < all; i++)
        count += run_unbegun(run, i, &views[count]);
    fleet_mention(item,
                  report_unbegun(item->arena, views, count, cluster_of(w), &item->options->style));
}

/* Groups that turned back or ended since; those that ended are not looked at again. */
static void look_at_open(struct watch *w, const struct run *run, int64_t now_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->open_count; i++) {
        struct watched *g = &w->open[i];
        enum run_group_phase phase = run_group_phase(run, g->at);

        if (phase != g->phase)
            tell_group(w, run, g->at, now_ms);
        g->phase = phase;
        if (phase != RUN_GROUP_ENDED)
            w->open[kept++] = *g;
    }
    w->open_count = kept;
}

void watch_change(struct watch *w, const struct run *run, int64_t now_ms, bool over)
{
    if (w->how != WATCH_LOG && w->how != WATCH_LIVE)
        return;
    if (now_ms > w->lines_ms)
        say_lines(w);
    look_at_open(w, run, now_ms);
    for (; w->seen < run_group_count(run); w->seen++) {
        struct watched g = {.at = w->seen, .phase = run_group_phase(run, w->seen)};

        if (g.phase == RUN_GROUP_COMES)
            break;
        tell_group(w, run, g.at, now_ms);
        if (g.phase != RUN_GROUP_ENDED)
            *arena_push(w->item->arena, w->open, w->open_count, w->open_room) = g;
    }
    if (!over)
        return;
    say_lines(w);
    tell_unbegun(w, run);
}

/* ---- steps ---- */

void watch_step_begins(struct watch *w, const struct step_result *begins)
{
    struct fleet_item *item = w->item;

    if (w->how == WATCH_STEPS)
        fleet_mention(item, report_step_line(item->arena, begins, 0, 0, &item->options->style));
}

void watch_step(struct watch *w, const struct step_result *step, size_t done, size_t all)
{
    struct fleet_item *item = w->item;

    if (w->how == WATCH_STEPS || (w->how == WATCH_LIVE && !step->ok))
        fleet_mention(item, report_step_line(item->arena, step, done, all, &item->options->style));
}

/* ---- the block ---- */

void watch_wait(struct watch *w, const struct run *run, int64_t now_ms)
{
    int64_t machine_ms = host_now_ms();
    struct run_view view;
    struct arena a;

    if (w->how == WATCH_LOG && now_ms > w->lines_ms)
        say_lines(w);
    /* not too often; but what was said took the block away */
    if (w->how != WATCH_LIVE ||
        (w->item->screen.lines && machine_ms >= w->drawn_ms && machine_ms < w->drawn_ms + DRAW_MS))
        return;
    w->drawn_ms = machine_ms;
    arena_init(&a, 0); /* not the pass's: this is done for as long as the run takes */
    run_look(run, &a, &view);
    screen_draw(w->item, report_live(&a, &view, now_ms, screen_columns(), screen_rows(),
                                     &w->item->options->style));
    arena_release(&a);
}

void watch_end(struct watch *w)
{
    say_lines(w);
    screen_clear(w->item);
}
