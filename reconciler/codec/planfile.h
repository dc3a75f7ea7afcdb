/*
 * A plan as a file: canonical JSON with a format version.  `-o json` of plan
 * is the same document.  specs/plan-format.md is the reference.
 */
#ifndef CODEC_PLANFILE_H
#define CODEC_PLANFILE_H

#include "base/finding.h"
#include "plan/plan.h"
#include "plan/reads.h"

enum { PLAN_FORMAT = 1 };

/* How the world of a plan is reached again. */
struct plan_origin {
    const char *connect; /* "sim", "cluster", "hosts" or "local" */
    const char
        *path; /* of a simulated world, as written in the spec; or who is connected to; or NULL */
    const char *credentials; /* where they are, as written in the spec: "env NAME"; NULL: nowhere */
};

struct plan_doc; /* the document as it stands in the file */

struct plan_file {
    struct plan plan;  /* indexes point into `seen`, or are NO_INDEX; see plan_bind() */
    struct state seen; /* who was where, and what the plan names; all else is unknown */
    struct plan_origin origin;
    struct read_object *reads;
    size_t read_count;
    const char *observation_digest;
    const char *digest; /* of the document */
    struct plan_doc *doc;
};

/* Fills plan->id from the content of the document that plan_write() makes. */
void plan_identify(struct arena *a, struct plan *plan, const struct state *have,
                   const struct plan_origin *origin);
const char *plan_write(struct arena *a, const struct plan *plan, const struct state *have,
                       const struct plan_origin *origin);
/* The same document again. */
const char *plan_file_write(struct arena *a, const struct plan_file *file);
/* False when a finding is an error; an edited file (its id does not fit) is one. */
bool plan_read(struct arena *a, const char *file, const char *text, size_t size,
               struct plan_file *out, struct findings *found) MUST_CHECK;
/*
 * Is everything that the plan relies on as it was?  ERR_STALE names object,
 * field, planned, now.  `resumed`: an own unfinished run is taken up; then a
 * group whose members are at their target, or open in `owed`, is fresh too.
 */
bool plan_fresh(struct arena *a, const struct plan_file *file, const struct state *have,
                const struct ledger *owed, bool resumed, struct err *e) MUST_CHECK;
/* Makes the plan's indexes point into `have`. */
void plan_bind(struct plan_file *file, const struct state *have);
const char *plan_schema(struct arena *a);

#endif
