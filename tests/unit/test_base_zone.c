/* Time zones, against what the world's clocks did and will do (tzdata; zdump shows the same). */
#include "base/when.h"
#include "base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int64_t at(const char *iso)
{
    int64_t ms = WHEN_NONE;

    assert_true(when_parse(iso, &ms));
    return ms;
}

/* Each change of a clock: the last second before it, and the first of it. */
static const struct {
    const char *zone, *instant, *local, *sign;
} clocks[] = {
    {"Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59Z", "CET"},
    {"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z", "CEST"},
    {"Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25T02:59:59Z", "CEST"},
    {"Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", "CET"},
    {"Europe/London", "2027-06-01T12:00:00Z", "2027-06-01T13:00:00Z", "BST"},
    {"America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T01:59:59Z", "EST"},
    {"America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00:00Z", "EDT"},
    {"America/New_York", "2026-11-01T05:59:59Z", "2026-11-01T01:59:59Z", "EDT"},
    {"America/New_York", "2026-11-01T06:00:00Z", "2026-11-01T01:00:00Z", "EST"},
    /* the other hemisphere: summer runs over the new year */
    {"Australia/Sydney", "2026-04-04T15:59:59Z", "2026-04-05T02:59:59Z", "AEDT"},
    {"Australia/Sydney", "2026-04-04T16:00:00Z", "2026-04-05T02:00:00Z", "AEST"},
    {"Australia/Sydney", "2026-10-03T16:00:00Z", "2026-10-04T03:00:00Z", "AEDT"},
    {"Australia/Sydney", "2026-12-31T23:00:00Z", "2027-01-01T10:00:00Z", "AEDT"},
    /* half an hour of summer, and quarters of an hour */
    {"Australia/Lord_Howe", "2026-04-04T14:59:59Z", "2026-04-05T01:59:59Z", "+11"},
    {"Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05T01:30:00Z", "+1030"},
    {"Asia/Kathmandu", "2026-07-01T00:00:00Z", "2026-07-01T05:45:00Z", "+0545"},
    {"America/St_Johns", "2026-07-01T00:00:00Z", "2026-06-30T21:30:00Z", "NDT"},
    /* negative summer time, and a change at a time beyond midnight */
    {"Europe/Dublin", "2026-01-15T12:00:00Z", "2026-01-15T12:00:00Z", "GMT"},
    {"Europe/Dublin", "2026-07-15T12:00:00Z", "2026-07-15T13:00:00Z", "IST"},
    {"America/Nuuk", "2026-03-29T00:59:59Z", "2026-03-28T22:59:59Z", "-02"},
    {"America/Nuuk", "2026-03-29T01:00:00Z", "2026-03-29T00:00:00Z", "-01"},
    {"Africa/Cairo", "2026-10-29T20:59:59Z", "2026-10-29T23:59:59Z", "EEST"},
    {"Africa/Cairo", "2026-10-29T21:00:00Z", "2026-10-29T23:00:00Z", "EET"},
    /* announced one by one: Ramadan */
    {"Africa/Casablanca", "2026-02-15T01:59:59Z", "2026-02-15T02:59:59Z", "+01"},
    {"Africa/Casablanca", "2026-02-15T02:00:00Z", "2026-02-15T02:00:00Z", "+00"},
    {"Africa/Casablanca", "2026-03-22T02:00:00Z", "2026-03-22T03:00:00Z", "+01"},
    /* no summer */
    {"Asia/Kolkata", "2026-07-01T00:00:00Z", "2026-07-01T05:30:00Z", "IST"},
    {"Pacific/Kiritimati", "2026-12-31T10:00:00Z", "2027-01-01T00:00:00Z", "+14"},
    {"Etc/GMT+12", "2026-07-01T00:00:00Z", "2026-06-30T12:00:00Z", "-12"},
    {"UTC", "2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z", "UTC"},
    /* leap day, and a far year */
    {"Europe/Berlin", "2028-02-29T23:30:00Z", "2028-03-01T00:30:00Z", "CET"},
    {"Europe/Berlin", "2099-07-01T00:00:00Z", "2099-07-01T02:00:00Z", "CEST"},
};

static void clocks_show(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        const struct zone *z = zone_find(clocks[i].zone);
        const char *sign;
        int64_t local;

        assert_non_null(z);
        local = zone_local(z, at(clocks[i].instant), &sign, &arena);
        if (local != at(clocks[i].local) || strcmp(sign, clocks[i].sign) != 0)
            fail_msg("%s at %s shows %s %s", clocks[i].zone, clocks[i].instant,
                     when_iso(&arena, local), sign);
    }
}

/* As text: what the clock shows, with what is missing to the instant. */
static void clocks_are_written(void **state)
{
    (void)state;
    assert_string_equal(zone_iso(&arena, NULL, at("2026-07-01T00:00:00Z")), "2026-07-01T00:00:00Z");
    assert_string_equal(zone_iso(&arena, zone_find("America/St_Johns"), at("2026-07-01T00:00:00Z")),
                        "2026-06-30T21:30:00-02:30");
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        const char *text = zone_iso(&arena, zone_find(clocks[i].zone), at(clocks[i].instant));

        assert_memory_equal(text, clocks[i].local, strlen("2026-07-01T00:00:00"));
        assert_int_equal(at(text), at(clocks[i].instant));
    }
}

/* What a clock shows once is that instant; twice: the first; never: when it is set. */
static const struct {
    const char *zone, *local, *instant;
} instants[] = {
    {"Europe/Berlin", "2026-11-21T02:00:00Z", "2026-11-21T01:00:00Z"},
    {"Europe/Berlin", "2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z"},
    {"Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:00:00Z"},
    {"Europe/Berlin", "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"},
    {"Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"},
    {"Europe/Berlin", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"},
    {"Australia/Sydney", "2026-10-04T02:15:00Z", "2026-10-03T16:00:00Z"},
    {"Australia/Sydney", "2026-04-05T02:15:00Z", "2026-04-04T15:15:00Z"},
    {"Australia/Lord_Howe", "2026-10-04T02:10:00Z", "2026-10-03T15:30:00Z"},
    {"America/Nuuk", "2026-03-28T23:30:00Z", "2026-03-29T01:00:00Z"},
};

static void instants_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof instants / sizeof *instants; i++) {
        int64_t got = zone_instant(zone_find(instants[i].zone), at(instants[i].local));

        if (got != at(instants[i].instant))
            fail_msg("%s %s is %s", instants[i].zone, instants[i].local, when_iso(&arena, got));
    }
}

/* Every zone, every hour of four years: there and back. */
static void there_and_back(void **state)
{
    const int64_t hour = 3600000, begin = at("2026-01-01T00:00:00Z"),
                  end = at("2030-01-01T00:00:00Z");
    size_t next = 0, zones = 0, twice = 0;
    const char *name;

    (void)state;
    for (; (name = zone_next(&next)) != NULL; zones++) {
        const struct zone *z = zone_find(name);

        for (int64_t t = begin; t < end; t += 7 * hour) {
            int64_t local = zone_local(z, t, NULL, NULL), back = zone_instant(z, local);

            assert_true(local - t >= -12 * hour && local - t <= 14 * hour);
            if (back != t) { /* the second time that the clock shows this */
                assert_true(back < t && zone_local(z, back, NULL, NULL) == local);
                twice++;
            }
        }
    }
    assert_in_range(zones, 550, 700);
    assert_in_range(twice, 1, 2000);
    assert_null(zone_find("CEST"));
    assert_null(zone_find("europe/berlin"));
    assert_string_equal(zone_near("Europe/Berlim"), "Europe/Berlin");
}

static int end_arena(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_show),
        cmocka_unit_test(clocks_are_written),
        cmocka_unit_test(instants_are_found),
        cmocka_unit_test(there_and_back),
    };

    arena_init(&arena, 0);
    return cmocka_run_group_tests_name("base_zone", tests, NULL, end_arena);
}
