/*
 * What was seen, kept for as long as the machine may point at it.
 *
 * A look comes back in an arena of its own.  The machine keeps the merged
 * state until the next one, and texts of it (ids, names, paths) for as long as
 * an effect is under way.  So rows live in two arenas that take turns, and
 * texts in a pool that keeps each of them once, until the run ends: memory
 * follows the world, not the number of looks.
 */
#ifndef APPLY_DRIVE_SIGHT_H
#define APPLY_DRIVE_SIGHT_H

#include "base/str.h"
#include "model/state.h"

struct sight {
    const struct state *have; /* the newest; first the caller's */
    struct arena pool;        /* texts */
    struct map texts;         /* text -> index into `pooled` */
    const char **pooled;
    size_t pooled_count, pooled_room;
    struct arena rows[2];
    struct state states[2];
    unsigned now; /* which of the two `have` is in, once there was a look */
};

void sight_init(struct sight *s, const struct state *have, jmp_buf *escape);
void sight_release(struct sight *s);
/*
 * `part` (a look at `node`, or at everything when NO_INDEX) becomes part of
 * `have`; it may be released afterwards.  The state before stays valid until
 * the next call.  False when the nodes of the cluster are not those of before.
 */
bool sight_take(struct sight *s, const struct state *part, uint32_t node);

#endif
