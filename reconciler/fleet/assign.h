/*
 * Which files hold VM rows (kind: Assignments) of clusters that other files
 * declare.  Each file is read by itself, so that memory follows the largest
 * cluster; where there are Assignments, a cluster's file is read with those
 * of its own beside it.
 */
#ifndef FLEET_ASSIGN_H
#define FLEET_ASSIGN_H

#include "base/str.h"
#include "fleet/sources.h"

struct assign_source {
    bool declares;    /* a Cluster or a Host, or nobody knows */
    uint32_t *beside; /* other sources that are read with it, by index, rising */
    size_t beside_count;
};

struct assign {
    bool any;                      /* there are Assignments; false: nothing below is filled */
    size_t declaring;              /* sources that declare something */
    struct map clusters;           /* names that are declared, without case */
    struct assign_source *sources; /* parallel to the sources */
};

/* What cannot be read is told when its turn comes.  Standard input is read here, and kept. */
void assign_scan(struct arena *a, struct source_file *sources, size_t count, struct assign *out);

/* Is it of a kind that lies beside specs and is none: a world, a plan, a run? */
bool assign_is_other(const struct source_file *source);

#endif
