/*
 * kind: World, the one schema of simulated worlds and of snapshots, so that a
 * snapshot is a world.  specs/world.md is the reference.
 */
#ifndef CODEC_WORLD_H
#define CODEC_WORLD_H

#include "base/finding.h"
#include "sim/world.h"

/*
 * Reads one World document; false when a finding is an error.  `facts` has the
 * known cards, and must outlive the world.
 */
bool world_read(struct arena *a, const struct facts *facts, const char *file, const char *text,
                size_t size, struct world *out, struct findings *found) MUST_CHECK;
/* Canonical JSON (which is YAML): everything, so that read(write(w)) is w. */
const char *world_write(struct arena *a, const struct world *w);
/* A state as a World document: a snapshot. */
const char *snapshot_write(struct arena *a, const struct state *s);
const char *world_schema(struct arena *a);

#endif
