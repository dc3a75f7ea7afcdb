/*
 * P13: one run goes through many clusters in the order that Policies say, and
 * begins no further one once too many have failed.
 *
 * The calling thread keeps it; a lane reads what it was given when it began.
 */
#ifndef FLEET_RINGS_H
#define FLEET_RINGS_H

#include "fleet/fleet.h"

struct rings {
    const struct ceilings *all; /* NULL: nothing is said, or nothing is carried out */
    size_t now, count;          /* which is its turn, of how many */
    struct rings_failed {
        const char **names;
        size_t count, room;
    } * failed; /* by Policy */
    /* By Policy: why nothing more is begun, or NULL.  Replaced, never written to. */
    const char *const *stops;
};

void rings_open(struct arena *a, const struct fleet_options *options, struct rings *out);
/* How many clusters at once, of so many that could be. */
size_t rings_lanes(const struct fleet_options *options, size_t lanes);
/* Is the turn of this cluster another one? */
bool rings_other_turn(struct arena *a, const struct rings *o, const struct spec *spec);
/* Why the cluster is not begun; NULL: it is.  `stops` as it was when the lane was given work. */
const char *rings_stop(struct arena *a, const struct ceilings *all, const char *const *stops,
                       const struct spec *spec);
/* The cluster has ended, well or not. */
void rings_ended(struct arena *a, struct rings *o, const struct fleet_item *item);
/* Two Policies that bind a cluster and say two orders are an error. */
bool rings_agrees(struct fleet_item *item, struct err *e) MUST_CHECK;

#endif
