/*
 * Time zones: what clocks show somewhere, and which instant that is.  Times
 * are milliseconds since 1970-01-01T00:00:00Z; local times are what a clock
 * shows, counted the same way.  From a table (zones.def, IANA tzdata), so the
 * same input gives the same bytes whatever the machine has installed.  What
 * was before 2025 is not in it.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone;

/* By its IANA name ("Europe/Berlin"), compared with case; NULL: there is none. */
const struct zone *zone_find(const char *name);
/* The name that is nearest to a wrong one, or NULL. */
const char *zone_near(const char *name);
/* All names in their order: begin with 0; NULL at the end. */
const char *zone_next(size_t *at);
extern const struct zone *const zone_utc;
const char *zone_name(const struct zone *z);

/* 2026-11-19 14:02 CET; without a zone (NULL) UTC. */
const char *zone_human(struct arena *a, const struct zone *z, int64_t ms);
/* 2026-11-19T14:02:00+01:00, as when_parse() reads it; without a zone (NULL) UTC. */
const char *zone_iso(struct arena *a, const struct zone *z, int64_t ms);

/* What a clock shows at this instant; `sign` (NULL: not asked) is what it is called: "CET". */
int64_t zone_local(const struct zone *z, int64_t ms, const char **sign, struct arena *a);
/*
 * The instant at which a clock shows this.  Where it shows it twice (clocks
 * are set back), the first one; where it never does (clocks are set forward),
 * the instant of the change.
 */
int64_t zone_instant(const struct zone *z, int64_t local_ms);

#endif
