/* Maintenance windows (P3): when they open, how long they stay open, across every change of clocks.
 */
#include "base/limits.h"
#include "base/when.h"
#include "model/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOUR   ((int64_t)3600000)
#define DAY_MS (24 * HOUR)
enum { SUN = 1, MON = 2, TUE = 4, WED = 8, THU = 16, FRI = 32, SAT = 64, ALL = 127 };

static struct arena arena;

static int64_t at(const char *iso)
{
    int64_t ms = WHEN_NONE;

    assert_true(when_parse(iso, &ms));
    return ms;
}

static int64_t day(const char *date)
{
    int64_t n = 0;

    assert_true(day_parse(date, &n));
    return n;
}

static void expect(const struct calendar *c, const char *now, const char *from, const char *until)
{
    struct opening o = {0};
    bool any = calendar_next(c, at(now), &o);

    if (!from) {
        if (any)
            fail_msg("at %s: opens at %s", now, when_iso(&arena, o.from_ms));
        return;
    }
    if (!any || o.from_ms != at(from) || o.until_ms != at(until))
        fail_msg("at %s: %s to %s", now, any ? when_iso(&arena, o.from_ms) : "never",
                 any ? when_iso(&arena, o.until_ms) : "");
}

static void weekdays(void **state)
{
    const struct window w[] = {
        {.weekdays = SAT | SUN, .start_ms = 2 * HOUR, .duration_ms = 4 * HOUR}};
    const struct calendar c = {.zone = zone_find("Europe/Berlin"), .allow = w, .allow_count = 1};

    (void)state;
    expect(&c, "2026-11-19T13:02:00Z", "2026-11-21T01:00:00Z", "2026-11-21T05:00:00Z");
    expect(&c, "2026-11-21T01:00:00Z", "2026-11-21T01:00:00Z", "2026-11-21T05:00:00Z");
    expect(&c, "2026-11-21T04:59:59Z", "2026-11-21T04:59:59Z", "2026-11-21T05:00:00Z");
    expect(&c, "2026-11-21T05:00:00Z", "2026-11-22T01:00:00Z", "2026-11-22T05:00:00Z");
    expect(&c, "2026-11-22T05:00:00Z", "2026-11-28T01:00:00Z", "2026-11-28T05:00:00Z");
}

/* 02:30 does not exist on 29 March, and exists twice on 25 October. */
static void clocks_are_set(void **state)
{
    const struct window w[] = {
        {.weekdays = SUN, .start_ms = 2 * HOUR + HOUR / 2, .duration_ms = 2 * HOUR}};
    const struct calendar c = {.zone = zone_find("Europe/Berlin"), .allow = w, .allow_count = 1};

    (void)state;
    expect(&c, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z");
    expect(&c, "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z");
    expect(&c, "2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z");
    expect(&c, "2026-10-25T02:30:00Z", "2026-11-01T01:30:00Z", "2026-11-01T03:30:00Z");
}

/* A window over midnight and over the weekend belongs to the day on which it opens. */
static void over_midnight(void **state)
{
    const struct window w[] = {{.weekdays = FRI, .start_ms = 22 * HOUR, .duration_ms = 56 * HOUR}};
    const struct calendar c = {.zone = zone_find("Australia/Sydney"), .allow = w, .allow_count = 1};

    (void)state;
    expect(&c, "2026-12-31T00:00:00Z", "2027-01-01T11:00:00Z", "2027-01-03T19:00:00Z");
    expect(&c, "2027-01-03T18:00:00Z", "2027-01-03T18:00:00Z", "2027-01-03T19:00:00Z");
    expect(&c, "2027-01-03T19:00:00Z", "2027-01-08T11:00:00Z", "2027-01-10T19:00:00Z");
}

static void dates(void **state)
{
    const int64_t days[] = {day("2026-11-21"), day("2026-11-28"), day("2028-02-29")};
    const struct window w[] = {
        {.dates = days, .date_count = 3, .start_ms = 22 * HOUR, .duration_ms = 6 * HOUR}};
    const struct calendar c = {.allow = w, .allow_count = 1};

    (void)state;
    expect(&c, "2026-11-19T00:00:00Z", "2026-11-21T22:00:00Z", "2026-11-22T04:00:00Z");
    expect(&c, "2026-11-22T03:00:00Z", "2026-11-22T03:00:00Z", "2026-11-22T04:00:00Z");
    expect(&c, "2026-11-22T04:00:00Z", "2026-11-28T22:00:00Z", "2026-11-29T04:00:00Z");
    expect(&c, "2026-12-01T00:00:00Z", NULL, NULL); /* 2028 is more than 400 days away */
    expect(&c, "2027-12-01T00:00:00Z", "2028-02-29T22:00:00Z", "2028-03-01T04:00:00Z");
    expect(&c, "2028-03-01T04:00:00Z", NULL, NULL);
}

static void deny_beats_allow(void **state)
{
    const struct window w[] = {{.weekdays = ALL, .start_ms = 22 * HOUR, .duration_ms = 4 * HOUR}};
    const struct closure deny[] = {
        {.from_ms = at("2026-11-27T00:00:00Z"),
         .until_ms = at("2026-12-01T00:00:00Z"),
         .reason = "Black Friday"},
        {.from_ms = at("2026-12-01T00:00:00Z"), .until_ms = at("2026-12-01T01:00:00Z")}};
    const struct calendar c = {.allow = w, .allow_count = 1, .deny = deny, .deny_count = 2};

    (void)state;
    /* cut at the midnight that begins it, and what is left after its end */
    expect(&c, "2026-11-26T12:00:00Z", "2026-11-26T22:00:00Z", "2026-11-27T00:00:00Z");
    expect(&c, "2026-11-26T23:59:00Z", "2026-11-26T23:59:00Z", "2026-11-27T00:00:00Z");
    expect(&c, "2026-11-27T00:00:00Z", "2026-12-01T01:00:00Z", "2026-12-01T02:00:00Z");
    assert_string_equal(calendar_denied(&c, at("2026-11-28T12:00:00Z"))->reason, "Black Friday");
    assert_null(calendar_denied(&c, at("2026-12-01T01:00:00Z")));
}

static void windows_that_touch(void **state)
{
    const struct window w[] = {
        {.weekdays = SAT, .start_ms = 20 * HOUR, .duration_ms = 4 * HOUR},
        {.weekdays = SUN, .start_ms = 0, .duration_ms = 6 * HOUR},
        {.weekdays = SUN, .start_ms = 3 * HOUR, .duration_ms = 5 * HOUR},
        {.weekdays = MON, .start_ms = HOUR, .duration_ms = HOUR},
    };
    const struct window always[] = {{.weekdays = ALL, .start_ms = 0, .duration_ms = DAY_MS}};
    const struct calendar c = {.allow = w, .allow_count = 4};
    const struct calendar open = {.allow = always, .allow_count = 1};
    const struct calendar shut = {.allow_count = 0};
    struct opening o;

    (void)state;
    expect(&c, "2026-11-20T00:00:00Z", "2026-11-21T20:00:00Z", "2026-11-22T08:00:00Z");
    expect(&c, "2026-11-22T07:00:00Z", "2026-11-22T07:00:00Z", "2026-11-22T08:00:00Z");
    expect(&c, "2026-11-22T08:00:00Z", "2026-11-23T01:00:00Z", "2026-11-23T02:00:00Z");
    assert_true(calendar_next(&open, at("2026-11-20T05:00:00Z"), &o));
    assert_true(o.until_ms >= at("2027-01-19T00:00:00Z"));
    expect(&shut, "2026-11-20T00:00:00Z", NULL, NULL);
}

/* Every quarter of an hour of a year, against a definition without any cleverness. */
static void as_defined(void **state)
{
    static const char *const zones[] = {"Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"};
    const int64_t days[] = {day("2026-03-29"), day("2026-10-04"), day("2026-12-31")};
    const struct window w[] = {
        {.weekdays = TUE | SAT, .start_ms = 23 * HOUR, .duration_ms = 5 * HOUR},
        {.weekdays = SUN, .start_ms = 2 * HOUR, .duration_ms = HOUR},
        {.dates = days, .date_count = 3, .start_ms = HOUR, .duration_ms = 30 * HOUR},
    };
    const struct closure deny[] = {
        {.from_ms = at("2026-10-04T10:00:00Z"), .until_ms = at("2026-10-05T00:00:00Z")}};

    (void)state;
    for (size_t z = 0; z < 3; z++) {
        const struct calendar c = {zone_find(zones[z]), w, 3, deny, 1, {0}};

        for (int64_t t = at("2026-01-01T00:00:00Z"); t < at("2027-01-01T00:00:00Z");
             t += HOUR / 4) {
            int64_t today = zone_local(c.zone, t, NULL, NULL) / DAY_MS;
            bool open = false;
            struct opening o;

            for (int64_t d = today - 8; d <= today + 1; d++)
                for (size_t i = 0; i < 3; i++) {
                    int64_t from = zone_instant(c.zone, d * DAY_MS + w[i].start_ms);
                    bool on = w[i].weekdays >> day_of_week(d) & 1;

                    for (size_t k = 0; k < w[i].date_count; k++)
                        on |= w[i].dates[k] == d;
                    open |= on && t >= from && t < from + w[i].duration_ms;
                }
            open &= t < deny[0].from_ms || t >= deny[0].until_ms;
            assert_true(calendar_next(&c, t, &o));
            assert_true(o.from_ms >= t && o.until_ms > o.from_ms);
            if (open != (o.from_ms == t))
                fail_msg("%s %s", zones[z], when_iso(&arena, t));
        }
    }
}

static void texts(void **state)
{
    const struct calendar c = {.zone = zone_find("Europe/Berlin")}, utc = {0};

    (void)state;
    assert_string_equal(calendar_text(&arena, &c, at("2026-11-21T01:00:00Z")),
                        "Sat 2026-11-21 02:00 CET");
    assert_string_equal(calendar_text(&arena, &c, at("2026-07-31T22:30:00Z")),
                        "Sat 2026-08-01 00:30 CEST");
    assert_string_equal(calendar_text(&arena, &utc, at("2028-02-29T23:59:00Z")),
                        "Tue 2028-02-29 23:59 UTC");
}

static int end_arena(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* P5: open while all are, every five minutes, against windows that are asked one by one. */
static bool open_at(const struct calendar *c, int64_t now)
{
    for (; c; c = c->within) {
        const struct calendar alone = {
            .zone = c->zone, .allow = c->allow, .allow_count = c->allow_count};
        struct opening o;

        if (calendar_denied(c, now) || !calendar_next(&alone, now, &o) || o.from_ms > now)
            return false;
    }
    return true;
}

static void within_others(void **state)
{
    const struct window first[] = {
        {.weekdays = SAT | SUN, .start_ms = 2 * HOUR, .duration_ms = 4 * HOUR},
        {.weekdays = WED, .start_ms = 22 * HOUR, .duration_ms = 6 * HOUR}};
    const struct window second[] = {
        {.weekdays = ALL, .start_ms = 23 * HOUR, .duration_ms = 4 * HOUR},
        {.weekdays = SUN, .start_ms = 5 * HOUR, .duration_ms = HOUR / 2}};
    const struct window third[] = {
        {.weekdays = ALL & ~SAT, .start_ms = 0, .duration_ms = 24 * HOUR}};
    const struct closure shut[] = {
        {.from_ms = at("2026-11-25T23:30:00Z"), .until_ms = at("2026-11-26T00:10:00Z")}};
    const struct calendar c3 = {.allow = third, .allow_count = 1};
    const struct calendar c2 = {.allow = second, .allow_count = 2, .within = &c3};
    const struct calendar c = {
        .allow = first, .allow_count = 2, .deny = shut, .deny_count = 1, .within = &c2};
    const int64_t begin = at("2026-11-19T00:00:00Z"), step = 5 * 60000;

    enum { STEPS = 8 * 24 * 12 }; /* of five minutes each */
    int64_t next = 0;

    (void)state;
    for (int i = STEPS; i-- > 0;) { /* backwards, so that the next opening is known */
        const int64_t now = begin + i * step;
        struct opening o;

        if (open_at(&c, now))
            next = now;
        if (!next)
            continue;
        if (!calendar_next(&c, now, &o) || o.from_ms != next || open_at(&c, o.until_ms) ||
            !open_at(&c, o.until_ms - step))
            fail_msg("at %s: %s to %s, expected %s", when_iso(&arena, now),
                     when_iso(&arena, o.from_ms), when_iso(&arena, o.until_ms),
                     when_iso(&arena, next));
    }
    assert_int_not_equal(next, 0);
}

/* Windows that never meet: never, and it ends. */
static void never_together(void **state)
{
    struct window many[LIMIT_WINDOWS],
        other[] = {{.weekdays = ALL, .start_ms = 0, .duration_ms = 1}};
    struct calendar within = {.allow = other, .allow_count = 1},
                    c = {.allow = many, .allow_count = LIMIT_WINDOWS, .within = &within};
    struct opening o;

    (void)state;
    for (int i = 0; i < LIMIT_WINDOWS; i++)
        many[i] = (struct window){
            .weekdays = ALL, .start_ms = HOUR + i * 10 * 60000, .duration_ms = 60000};
    assert_false(calendar_next(&c, at("2026-11-19T00:00:00Z"), &o));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weekdays),         cmocka_unit_test(clocks_are_set),
        cmocka_unit_test(over_midnight),    cmocka_unit_test(dates),
        cmocka_unit_test(deny_beats_allow), cmocka_unit_test(windows_that_touch),
        cmocka_unit_test(as_defined),       cmocka_unit_test(texts),
        cmocka_unit_test(within_others),    cmocka_unit_test(never_together),
    };

    arena_init(&arena, 0);
    return cmocka_run_group_tests_name("model_calendar", tests, NULL, end_arena);
}
