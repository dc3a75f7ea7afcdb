#include "base/zone.h"

#include "base/str.h"
#include "base/when.h"

#include <string.h>

enum { HOUR = 3600, DAY = 24 * HOUR };

struct change {
    int64_t at; /* seconds since 1970, UTC */
    int32_t offset;
    const char *sign;
};

struct zone {
    const char *name, *rule;
};

/* One list in the order of zones.def: a zone, then its changes. */
static const struct line {
    struct zone zone;
    struct change change;
} lines[] = {
#define ZONE(name, rule)              {.zone = {name, rule}},
#define ZONE_CHANGE(at, offset, sign) {.change = {at, offset, sign}},
#include "base/zones.def"
};
enum { LINES = sizeof lines / sizeof *lines };

static const struct zone utc = {"UTC", "UTC0"};
const struct zone *const zone_utc = &utc;

const struct zone *zone_find(const char *name)
{
    for (size_t i = 0; i < LINES; i++)
        if (lines[i].zone.name && strcmp(lines[i].zone.name, name) == 0)
            return &lines[i].zone;
    return NULL;
}

const char *zone_next(size_t *at)
{
    while (*at < LINES && !lines[*at].zone.name)
        ++*at;
    return *at < LINES ? lines[(*at)++].zone.name : NULL;
}

const char *zone_near(const char *name)
{
    const char *names[LINES];
    size_t count = 0, at = 0;

    while ((names[count] = zone_next(&at)) != NULL)
        count++;
    return str_nearest(name, names, count);
}

const char *zone_name(const struct zone *z)
{
    return z->name;
}

/* ---- rules: "CET-1CEST,M3.5.0,M10.5.0/3" ---- */

struct day_rule {
    char kind; /* 'M': month, week, weekday; 'J': 1..365 without leap days; 'D': 0..365 */
    int month, week, day;
    int32_t time; /* seconds after midnight; may be negative, or beyond a day */
};

struct rule {
    const char *sign, *summer_sign;
    size_t sign_size, summer_size;
    int32_t offset, summer; /* east of UTC */
    bool has_summer;
    struct day_rule start, end; /* of summer time */
};

static int number(const char **s)
{
    int n = 0;

    while (**s >= '0' && **s <= '9' && n < 1000)
        n = n * 10 + *(*s)++ - '0';
    return n;
}

/* [+-]hh[:mm[:ss]] */
static int32_t clock_time(const char **s)
{
    int32_t sign = **s == '-' ? -1 : 1, t;

    *s += **s == '-' || **s == '+';
    t = number(s) * HOUR;
    if (**s == ':' && (*s)++)
        t += number(s) * 60;
    if (**s == ':' && (*s)++)
        t += number(s);
    return sign * t;
}

/* A name of letters, or anything in angle brackets. */
static const char *sign_text(const char **s, size_t *size)
{
    const char *at = *s;

    if (*at == '<') {
        *size = strcspn(++at, ">");
        *s = at + *size + 1;
        return at;
    }
    while ((**s >= 'A' && **s <= 'Z') || (**s >= 'a' && **s <= 'z'))
        (*s)++;
    *size = (size_t)(*s - at);
    return at;
}

static struct day_rule day_rule(const char **s)
{
    struct day_rule d = {.kind = 'D', .time = 2 * HOUR};

    *s += **s == ',';
    if (**s == 'M' || **s == 'J')
        d.kind = *(*s)++;
    d.day = number(s);
    if (d.kind == 'M') {
        d.month = d.day;
        *s += **s == '.';
        d.week = number(s);
        *s += **s == '.';
        d.day = number(s);
    }
    if (**s == '/' && (*s)++)
        d.time = clock_time(s);
    return d;
}

static struct rule rule_of(const char *s)
{
    struct rule r = {0};

    r.sign = sign_text(&s, &r.sign_size);
    r.offset = -clock_time(&s);
    if (!*s)
        return r;
    r.has_summer = true;
    r.summer_sign = sign_text(&s, &r.summer_size);
    r.summer = *s && *s != ',' ? -clock_time(&s) : r.offset + HOUR;
    r.start = day_rule(&s);
    r.end = day_rule(&s);
    return r;
}

/* Seconds since 1970 on a clock, of that day of a year. */
static int64_t clock_of(const struct day_rule *d, int64_t year)
{
    int64_t day, first;

    if (d->kind != 'M') {
        bool leap = day_number(year, 3, 1) - day_number(year, 2, 1) == 29;

        day = day_number(year, 1, 1) + d->day;
        if (d->kind == 'J')
            day += (leap && d->day >= 60) - 1;
        return day * DAY + d->time;
    }
    first = day_number(year, (unsigned)d->month, 1);
    day = first + (d->day - day_of_week(first) + 7) % 7 + (d->week - 1) * 7;
    if (d->week == 5 && day >= (d->month == 12 ? day_number(year + 1, 1, 1)
                                               : day_number(year, (unsigned)d->month + 1, 1)))
        day -= 7;
    return day * DAY + d->time;
}

static bool is_summer(const struct rule *r, int64_t at)
{
    int64_t year, start, end;
    unsigned month, day;

    day_date((at + r->offset) / DAY - ((at + r->offset) % DAY < 0), &year, &month, &day);
    start = clock_of(&r->start, year) - r->offset;
    end = clock_of(&r->end, year) - r->summer;
    return start < end ? at >= start && at < end : at >= start || at < end;
}

/* ---- instants ---- */

/* The announced change that holds at this second, or NULL: the rule does. */
static const struct change *change_at(const struct zone *z, int64_t at)
{
    const struct line *l = z == zone_utc ? NULL : (const struct line *)(const void *)z;
    const struct change *holds = NULL;

    for (l = l ? l + 1 : NULL; l && l < lines + LINES && !l->zone.name; l++) {
        if (at < l->change.at)
            return holds;
        holds = &l->change;
    }
    return NULL; /* after the last one */
}

static int32_t offset_at(const struct zone *z, int64_t at, const char **sign, size_t *size)
{
    const struct change *c = change_at(z, at);
    struct rule r;

    if (c) {
        *sign = c->sign;
        *size = strlen(c->sign);
        return c->offset;
    }
    r = rule_of(z->rule);
    if (r.has_summer && is_summer(&r, at)) {
        *sign = r.summer_sign;
        *size = r.summer_size;
        return r.summer;
    }
    *sign = r.sign;
    *size = r.sign_size;
    return r.offset;
}

static int64_t seconds_of(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

static int64_t offset_ms(const struct zone *z, int64_t ms)
{
    const char *sign;
    size_t size;

    return (int64_t)offset_at(z, seconds_of(ms), &sign, &size) * 1000;
}

int64_t zone_local(const struct zone *z, int64_t ms, const char **sign, struct arena *a)
{
    const char *text;
    size_t size;
    int64_t offset = (int64_t)offset_at(z, seconds_of(ms), &text, &size) * 1000;

    if (sign)
        *sign = arena_strndup(a, text, size);
    return ms + offset;
}

int64_t zone_instant(const struct zone *z, int64_t local_ms)
{
    int64_t one = local_ms - offset_ms(z, local_ms - (int64_t)DAY * 1000);
    int64_t two = local_ms - offset_ms(z, local_ms + (int64_t)DAY * 1000);
    int64_t early = one < two ? one : two, late = one < two ? two : one;

    if (early + offset_ms(z, early) == local_ms)
        return early;
    if (late + offset_ms(z, late) == local_ms)
        return late;
    while (late - early > 1) { /* no clock shows it: when the clocks are set */
        int64_t middle = early + (late - early) / 2;

        if (middle + offset_ms(z, middle) > local_ms)
            late = middle;
        else
            early = middle;
    }
    return late;
}

const char *zone_human(struct arena *a, const struct zone *z, int64_t ms)
{
    const char *sign;
    int64_t local = zone_local(z ? z : zone_utc, ms, &sign, a), year;
    int64_t day = local / (DAY * 1000LL) - (local % (DAY * 1000LL) < 0);
    int minutes = (int)((local - day * DAY * 1000) / 60000);
    unsigned month, date;

    day_date(day, &year, &month, &date);
    return arena_printf(a, "%04lld-%02u-%02u %02d:%02d %s", (long long)year, month, date,
                        minutes / 60, minutes % 60, sign);
}

const char *zone_iso(struct arena *a, const struct zone *z, int64_t ms)
{
    int64_t local = zone_local(z ? z : zone_utc, ms, NULL, a);
    int minutes = (int)((local - ms) / 60000), ahead = minutes < 0 ? -minutes : minutes;
    const char *text = when_iso(a, local);

    if (!minutes)
        return text;
    return arena_printf(a, "%.*s%c%02d:%02d", (int)strlen(text) - 1, text, minutes < 0 ? '-' : '+',
                        ahead / 60, ahead % 60);
}
