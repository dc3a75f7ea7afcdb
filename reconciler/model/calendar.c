#include "model/calendar.h"

#include "base/limits.h"
#include "base/when.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static const struct zone *zone_of(const struct calendar *c)
{
    return c->zone ? c->zone : zone_utc;
}

static struct opening occurrence(const struct calendar *c, const struct window *w, int64_t day)
{
    int64_t from = zone_instant(zone_of(c), day * DAY_MS + w->start_ms);

    return (struct opening){from, from + w->duration_ms};
}

/* ---- what is denied ---- */

const struct closure *calendar_denied(const struct calendar *c, int64_t now_ms)
{
    for (size_t i = 0; i < c->deny_count; i++)
        if (now_ms >= c->deny[i].from_ms && now_ms < c->deny[i].until_ms)
            return &c->deny[i];
    return NULL;
}

/* The first moment of `o` from `now` on that nothing denies; false: none. */
static bool first_free(const struct calendar *c, struct opening *o, int64_t now)
{
    const struct closure *deny;

    if (o->from_ms < now)
        o->from_ms = now;
    while (o->from_ms < o->until_ms && (deny = calendar_denied(c, o->from_ms)) != NULL)
        o->from_ms = deny->until_ms;
    if (o->from_ms >= o->until_ms)
        return false;
    for (size_t i = 0; i < c->deny_count; i++)
        if (c->deny[i].from_ms > o->from_ms && c->deny[i].from_ms < o->until_ms)
            o->until_ms = c->deny[i].from_ms;
    return true;
}

/* ---- what is allowed ---- */

static void take_earlier(const struct calendar *c, const struct window *w, int64_t day, int64_t now,
                         struct opening *best, bool *any)
{
    struct opening o = occurrence(c, w, day);

    if (!first_free(c, &o, now) ||
        (*any && (o.from_ms > best->from_ms ||
                  (o.from_ms == best->from_ms && o.until_ms <= best->until_ms))))
        return;
    *best = o;
    *any = true;
}

/* The earliest free piece from `now` on, and of those that begin together the longest. */
static bool earliest(const struct calendar *c, int64_t now, struct opening *out)
{
    const int64_t today = zone_local(zone_of(c), now, NULL, NULL) / DAY_MS;
    const int64_t reach = LIMIT_WINDOW_DAYS + 1;
    bool any = false;

    for (size_t i = 0; i < c->allow_count; i++)
        for (size_t k = 0; k < c->allow[i].date_count; k++)
            if (c->allow[i].dates[k] >= today - reach &&
                c->allow[i].dates[k] <= today + CALENDAR_AHEAD)
                take_earlier(c, &c->allow[i], c->allow[i].dates[k], now, out, &any);
    for (int64_t day = today - reach; day <= today + CALENDAR_AHEAD; day++) {
        /* a day later no window can begin before this one */
        if (any && (day - 1) * DAY_MS > zone_local(zone_of(c), out->from_ms, NULL, NULL))
            break;
        for (size_t i = 0; i < c->allow_count; i++)
            if (c->allow[i].weekdays >> day_of_week(day) & 1)
                take_earlier(c, &c->allow[i], day, now, out, &any);
    }
    return any;
}

/* Of one calendar, whatever it lies within. */
static bool next_alone(const struct calendar *c, int64_t now_ms, struct opening *out)
{
    struct opening more;

    if (!earliest(c, now_ms, out))
        return false;
    /* Windows that touch are one; two months of them are as good as for ever. */
    while (out->until_ms < now_ms + 60 * DAY_MS && earliest(c, out->until_ms, &more) &&
           more.from_ms == out->until_ms)
        out->until_ms = more.until_ms;
    return true;
}

/* The opening of all of them in which `at` lies; false: `at` moves to the next beginning of one. */
static bool all_open(const struct calendar *c, int64_t *at, struct opening *out, bool *never)
{
    const int64_t from = *at;
    struct opening o;

    *out = (struct opening){from, INT64_MAX};
    for (; c; c = c->within) {
        *never = !next_alone(c, from, &o);
        if (*never)
            return false;
        if (o.from_ms > *at)
            *at = o.from_ms;
        if (o.until_ms < out->until_ms)
            out->until_ms = o.until_ms;
    }
    return *at == from;
}

bool calendar_next(const struct calendar *c, int64_t now_ms, struct opening *out)
{
    enum { TRIES = 16 * CALENDAR_AHEAD }; /* windows that never meet, however many they are */
    int64_t at = now_ms;
    bool never = false;

    if (!c->within)
        return next_alone(c, now_ms, out);
    for (int i = 0; i < TRIES && !never && at <= now_ms + CALENDAR_AHEAD * DAY_MS; i++)
        if (all_open(c, &at, out, &never))
            return true;
    return false;
}

/* ---- texts ---- */

const char *calendar_text(struct arena *a, const struct calendar *c, int64_t ms)
{
    static const char *const names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    int64_t day = zone_local(zone_of(c), ms, NULL, NULL) / DAY_MS;

    return arena_printf(a, "%s %s", names[day_of_week(day)], zone_human(a, zone_of(c), ms));
}
