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
    const struct fleet_held
        *stops; /* by Policy: why nothing more is begun.  Replaced, never written to */
};

void rings_open(struct arena *a, const struct fleet_options *options, struct rings *out);
/* How many clusters at once, of so many that could be. */
size_t rings_lanes(const struct fleet_options *options, size_t lanes);
/* Is the turn of this cluster another one? */
bool rings_other_turn(struct arena *a, const struct rings *o, const struct spec *spec);
/* Fills item->held.  `stops` as it was when the lane was given work. */
void rings_hold(struct fleet_item *item, const struct rings *o, const struct fleet_held *stops);
/* Notes who could not be seen, where the options want to know. */
void rings_seen(const struct fleet_options *options, const struct fleet_item *item);
/* Room for that, where a Policy asks for it; NULL: none does. */
struct fleet_unknown *rings_unknown(struct arena *a, const struct ceilings *all);
/* The cluster has ended, well or not. */
void rings_ended(struct arena *a, struct rings *o, const struct fleet_item *item);
/* Two Policies that bind a cluster and say two orders are an error. */
bool rings_agrees(struct fleet_item *item, struct err *e) MUST_CHECK;

#endif
