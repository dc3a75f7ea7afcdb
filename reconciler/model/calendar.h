/*
 * When running VMs may be interrupted (P3): windows that a spec declares, as
 * instants.  Pure: the time is an argument.  Ranges are half open: a window
 * is open at from_ms, and shut at until_ms.
 */
#ifndef MODEL_CALENDAR_H
#define MODEL_CALENDAR_H

#include "base/span.h"
#include "base/zone.h"

/* `allow`: on these days, from this time on the clock, for so long. */
struct window {
    uint32_t weekdays;    /* bit 0: Sunday; 0: the dates count */
    const int64_t *dates; /* day numbers, ascending */
    size_t date_count;
    int64_t start_ms;    /* after midnight, less than a day */
    int64_t duration_ms; /* as time passes, not as clocks show it; at most LIMIT_WINDOW */
    struct span at;
};

/* `deny`: never from here to there, whatever is allowed. */
struct closure {
    int64_t from_ms, until_ms;
    const char *reason; /* or NULL */
    struct span at;
};

struct calendar {
    const struct zone *zone; /* NULL: UTC */
    const struct window *allow;
    size_t allow_count;
    const struct closure *deny;
    size_t deny_count;
    struct span at;                /* file NULL: the spec declares none */
    const struct calendar *within; /* P5: open only while this one is as well; or NULL */
};

struct opening {
    int64_t from_ms, until_ms;
};

/*
 * The opening in which `now_ms` lies, or the next one; openings that touch are
 * one.  False: none within CALENDAR_AHEAD days.
 */
enum { CALENDAR_AHEAD = 400 };
bool calendar_next(const struct calendar *c, int64_t now_ms, struct opening *out);
/* What denies `now_ms`, or NULL. */
const struct closure *calendar_denied(const struct calendar *c, int64_t now_ms);

/* Sat 2026-11-21 02:00 CET; without a zone UTC. */
const char *calendar_text(struct arena *a, const struct calendar *c, int64_t ms);

#endif
