/* What the declaration wants changed in this world, and what it leaves as it is. */
#ifndef COMPARE_H
#define COMPARE_H

#include "diff/diff.h"
#include "spec/spec.h"

/*
 * Declaration against world.  What is only watched (P7) or expected (P8) is
 * found by a first comparison and left out of a second one: `want` and `diff`
 * hold what shall be brought about, `asides` the rest.
 */
void compare_declared(struct arena *a, const struct spec *spec, const struct state *have,
                      const struct ledger *owed, struct target *want, struct diff *diff,
                      struct asides *asides);

#endif
