/* A spec from what is there, written and judged until the plan of it has no step. */
#ifndef FLEET_DRAFT_H
#define FLEET_DRAFT_H

#include "reconcile.h"
#include "report/report.h"

struct draft {
    const char *text;
    size_t left_out; /* subjects that stand in it as comments */
    size_t expected; /* differences that it accepts until a date (P8) */
    size_t rounds;   /* how often it was written: a constant bounds it, whatever is there */
};

/* False: what was found cannot be said at all, which is a bug. */
bool draft_write(struct arena *a, const struct facts *facts, const struct state *have,
                 const char *name, const char *connect, struct draft *out,
                 struct err *e) MUST_CHECK;

#endif
