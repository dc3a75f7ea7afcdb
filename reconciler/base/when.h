/*
 * Points in time and durations as text.  Times are milliseconds since
 * 1970-01-01T00:00:00Z (int64_t); nothing here reads a clock.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define WHEN_NONE INT64_MIN

/* 2026-11-19T13:00:00Z, with optional fraction and offset (+01:00). */
bool when_parse(const char *s, int64_t *out_ms);
const char *when_iso(struct arena *a, int64_t ms);   /* 2026-11-19T13:00:00Z; fraction if any */
const char *when_human(struct arena *a, int64_t ms); /* 2026-11-19 13:00 UTC */
const char *when_clock(struct arena *a, int64_t ms); /* 13:00:00 */

/* Days since 1970-01-01 of a civil date, and back. */
int64_t day_number(int64_t year, unsigned month, unsigned day);
void day_date(int64_t days, int64_t *year, unsigned *month, unsigned *day);
int day_of_week(int64_t days); /* 0: Sunday */
/* 2026-11-21: the day's number; false for anything else, and for days that do not exist. */
bool day_parse(const char *s, int64_t *out_days);

/* 90s 5m 4h 2d; false on anything else, or beyond 10 years. */
bool duration_parse(const char *s, int64_t *out_ms);
const char *duration_minutes(struct arena *a, int64_t ms); /* 9 min: rounded up, for bounds */
const char *duration_human(struct arena *a, int64_t ms);   /* 58 s, 9 min, 4 h 30 min, 2 d 7 h */

#endif
