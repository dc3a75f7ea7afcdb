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

/* 90s 5m 4h 2d; false on anything else, or beyond 10 years. */
bool duration_parse(const char *s, int64_t *out_ms);
const char *duration_minutes(struct arena *a, int64_t ms); /* 9 min: rounded up, for bounds */
const char *duration_human(struct arena *a, int64_t ms);   /* 58 s, 9 min, 4 h 30 min, 2 d 7 h */

#endif
