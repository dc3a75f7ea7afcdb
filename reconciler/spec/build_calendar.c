/* Maintenance windows: dates and clocks become days and instants of the time zone (P3). */
#include "spec/read.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static bool too_many(struct builder *b, const struct said_rows *rows, const char *what)
{
    if (rows->count <= LIMIT_WINDOWS)
        return false;
    spec_find(b->found, CODE_TOO_MANY, &rows->at, "more than %d rows of `%s`", LIMIT_WINDOWS, what)
        ->next = "one row can have several days or dates";
    return true;
}

struct window window_of(const struct raw_window *row)
{
    return (struct window){.weekdays = row->days.mask,
                           .dates = row->dates.days,
                           .date_count = row->dates.count,
                           .start_ms = row->start.ms,
                           .duration_ms = row->duration.ms,
                           .at = row->head.at};
}

static void build_allow(struct builder *b, const struct said_rows *rows, struct calendar *out)
{
    struct window *windows = arena_array(b->arena, struct window, rows->count + 1);

    out->allow = windows;
    for (size_t i = 0; i < rows->count && !too_many(b, rows, "allow"); i++) {
        const struct raw_window *row = ROW_AT(window, *rows, i);

        if (row->duration.ms > LIMIT_WINDOW_DAYS * DAY_MS)
            spec_find(b->found, CODE_OUT_OF_RANGE, &row->duration.at,
                      "`duration` is longer than %dd", LIMIT_WINDOW_DAYS)
                ->next = "write disruption: allowed where there is always time";
        windows[out->allow_count++] = window_of(row);
    }
}

static void build_deny(struct builder *b, const struct said_rows *rows, struct calendar *out)
{
    const struct zone *zone = out->zone ? out->zone : zone_utc;
    struct closure *closures = arena_array(b->arena, struct closure, rows->count + 1);

    out->deny = closures;
    for (size_t i = 0; i < rows->count && !too_many(b, rows, "deny"); i++) {
        const struct raw_closure *row = ROW_AT(closure, *rows, i);

        if (SAID(row->from) && SAID(row->to) && row->to.ms < row->from.ms)
            spec_find(b->found, CODE_DATE_ORDER, &row->to.at, "`to` is before `from`")->next =
                "both days belong to it";
        closures[out->deny_count++] =
            (struct closure){.from_ms = zone_instant(zone, row->from.ms),
                             .until_ms = zone_instant(zone, row->to.ms + DAY_MS),
                             .reason = row->reason.value,
                             .at = row->head.at};
    }
}

/* Who waits for a window; NULL: nobody. */
static const struct span *waits_at(const struct spec *s)
{
    if (s->policy.disruption == DISRUPTION_WINDOW)
        return &s->policy.disruption_at;
    for (size_t i = 0; i < s->vm_count; i++)
        if (s->vms[i].wish->disruption == DISRUPTION_WINDOW)
            return &s->vms[i].wish->disruption_at;
    for (size_t i = 0; i < s->pattern_count; i++)
        if (s->patterns[i].vm.wish->disruption == DISRUPTION_WINDOW)
            return &s->patterns[i].vm.wish->disruption_at;
    return NULL;
}

void build_calendar(struct builder *b)
{
    const struct raw_windows *w = ROW(windows, b->policy->maintenanceWindows);
    struct calendar *out = &b->out->policy.calendar;

    if (SAID(b->raw->timeZone))
        out->zone = zone_find(b->raw->timeZone.value);
    if (!w)
        return;
    out->at = w->head.at;
    build_allow(b, &w->allow, out);
    build_deny(b, &w->deny, out);
}

void check_calendar(struct builder *b)
{
    const struct calendar *c = &b->out->policy.calendar;
    const struct span *waits = waits_at(b->out);

    if (waits && !c->allow_count)
        spec_find(b->found, CODE_NO_WINDOW, waits,
                  "`disruption: window`, and `maintenanceWindows` allows none")
            ->next = "add policy.maintenanceWindows.allow: "
                     "[{days: [sat, sun], start: \"02:00\", duration: 4h}]";
    else if (!waits && c->allow_count && !b->out->policy.rollout.reason &&
             build_own_policy(b, "maintenanceWindows"))
        spec_find(b->found, CODE_UNUSED_WINDOW, &c->at, "nothing waits for these windows")->next =
            "write disruption: window in the policy, a class or a VM row";
}
