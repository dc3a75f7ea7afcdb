/*
 * P12: what a Policy lets be done only when somebody approved it.  An approval
 * is of a plan, and covers any later plan of the same world, spec and Policies
 * as far as that does no more (plan/cover.h).
 */
#ifndef PLAN_APPROVALS_H
#define PLAN_APPROVALS_H

#include "plan/cover.h"

struct approval {
    const char *file; /* where it was read */
    const char *digest;
    const char *plan_id, *plan_digest;
    const char *cluster, *identity, *spec_digest; /* of the plan */
    struct ceiling_by *policies;                  /* name and digest */
    size_t policy_count;
    struct extent extent;
    const char *user, *host; /* who, by his or her own word */
    const char *key;         /* whose signature fits; NULL: it is not signed */
    int64_t at_ms;
    const char *reason;
};

struct approvals {
    const struct approval *rows;
    size_t count;
    int64_t now_ms; /* by the clock that approvals are dated with: the machine's */
};

/*
 * Says of each group which rules ask for it, and holds those that run and are
 * not approved.  Behind all that else holds or blocks.
 */
void approvals_judge(struct arena *a, const struct approvals *given, const struct state *have,
                     struct plan *plan);
/* The same of a plan that was saved: what only approvals held may run now. */
void approvals_of_file(struct arena *a, const struct approvals *given, const struct state *have,
                       struct plan *plan);
/* Does something wait for approvals that are not there? */
bool approvals_wanted(const struct plan *plan);

#endif
