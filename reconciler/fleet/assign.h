/*
 * Which files hold a part of what other files declare: VM rows of one cluster
 * (kind: Assignments), or what many have in common (kind: Profile).  Each file
 * is read by itself, so that memory follows the largest cluster; where there
 * are Assignments, a cluster's file is read with those of its own beside it;
 * where there are Profiles, they are read once, for all.
 */
#ifndef FLEET_ASSIGN_H
#define FLEET_ASSIGN_H

#include "base/str.h"
#include "fleet/sources.h"
#include "spec/spec.h"

struct assign_source {
    bool declares;    /* a Cluster or a Host, or nobody knows */
    bool shares;      /* a Profile, or nobody knows */
    uint32_t *beside; /* other sources that are read with it, by index, rising */
    size_t beside_count;
};

struct assign {
    bool any;                      /* there are parts; false: nothing below is filled */
    size_t declaring;              /* sources that declare something */
    struct map clusters;           /* names that are declared, without case */
    struct assign_source *sources; /* parallel to the sources */
};

/* What cannot be read is told when its turn comes.  Standard input is read here, and kept. */
void assign_scan(struct arena *a, struct source_file *sources, size_t count, struct assign *out);

/* The Profiles of all sources, with the texts that hold them. */
struct assign_shared {
    const struct profiles *profiles; /* NULL: there are none */
    struct spec_source *texts;
    size_t text_count;
};
/* Of sources that were scanned.  ERR_INVALID: too much. */
bool assign_profiles(struct arena *a, const struct assign *assign,
                     const struct source_file *sources, size_t count, struct assign_shared *out,
                     struct err *e) MUST_CHECK;

/* Is it of a kind that lies beside specs and is none: a world, a plan, a run? */
bool assign_is_other(const struct source_file *source);

#endif
