/*
 * A plan as a file: canonical JSON with a format version.  `-o json` of plan
 * is the same document.  specs/plan-format.md is the reference.
 */
#ifndef CODEC_PLANFILE_H
#define CODEC_PLANFILE_H

#include "base/finding.h"
#include "plan/plan.h"

/* One object that the plan's steps rely on, with the digest of what was seen of it. */
struct read_object {
    const char *subject; /* "vm/<id>", "gpu/<node>/<path>", "node/<name>", "pool/<node>/<name>" */
    const char *label;   /* for people */
    const char *digest;
    const char *seen; /* canonical JSON of what was seen, so that a difference can be named */
};

struct plan_file {
    struct plan plan;
    struct read_object *reads;
    size_t read_count;
    const char *observation_digest;
};

/* Fills plan->id from the content of the plan. */
void plan_identify(struct arena *a, struct plan *plan);
const char *plan_write(struct arena *a, const struct plan *plan, const struct state *have);
/* False when a finding is an error; an edited file (its id does not fit) is one. */
bool plan_read(struct arena *a, const char *file, const char *text, size_t size,
               struct plan_file *out, struct findings *found) MUST_CHECK;
/* Is everything that the plan relies on as it was?  ERR_STALE names object, field, planned, now. */
bool plan_fresh(struct arena *a, const struct plan_file *file, const struct state *have,
                struct err *e) MUST_CHECK;
const char *plan_schema(struct arena *a);

#endif
