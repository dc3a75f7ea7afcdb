/*
 * Saying so: one file for each format and noun.  Pure: what it says is in the
 * data that it is given.  specs/output.md has the forms.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "apply/run.h"
#include "base/finding.h"
#include "plan/plan.h"

struct style {
    bool color;
    bool all;  /* fold nothing */
    int width; /* columns; at most 100 */
};

/* Exit codes of specs/exit-codes.md. */
enum exit_code {
    EXIT_IN_SYNC = 0,
    EXIT_INTERNAL = 1,
    EXIT_PENDING = 2,
    EXIT_DRIFT = 3,
    EXIT_BOTH = 4,
    EXIT_HELD = 5,
    EXIT_STALE = 6,
    EXIT_PUT_BACK = 7,
    EXIT_LEFT_OFF = 8,
    EXIT_INTERRUPTED = 9,
    EXIT_LOCKED = 10,
    EXIT_BLOCKED = 11,
    EXIT_USAGE_ERROR = 64,
    EXIT_INVALID = 65,
    EXIT_UNSEEN = 69
};
/* The more severe of two: 8 7 1 64 65 69 10 6 9 11 4 3 2 5 0. */
enum exit_code exit_worst(enum exit_code a, enum exit_code b);
enum exit_code exit_of_err(const struct err *e);
/* Derived from the same list that is printed. */
enum exit_code exit_of_plan(const struct plan *plan);
enum exit_code exit_of_outcome(const struct outcome *o, const struct plan *after);

const char *report_findings(struct arena *a, const struct findings *f, const char *const *sources,
                            const struct style *style);
const char *report_plan_text(struct arena *a, const struct plan *plan, const struct state *have,
                             const struct style *style);
const char *report_state_text(struct arena *a, const struct state *have, const struct style *style);
const char *report_state_json(struct arena *a, const struct state *have);
const char *report_outcome_text(struct arena *a, const struct outcome *o, const struct plan *after,
                                const struct style *style);
/* One line of progress for a step that ended. */
const char *report_step_line(struct arena *a, const struct step_result *step,
                             const struct style *style);

/* Drift: what the world changed since the last successful apply. */
struct drift_item {
    const char *class; /* "host-changed", "missing", "power", ... (specs/drift.md) */
    enum severity severity;
    const char *subject, *field;
    const char *declared, *now;
    const char *repair; /* what hvgpu does about it */
    struct span at;
};
struct drift {
    const char *cluster, *since_run;
    int64_t since_ms, observed_ms;
    struct drift_item *items;
    size_t count;
};
/* `base`: the world after the last successful apply. */
void drift_compute(struct arena *a, const struct plan *plan, const struct state *have,
                   const struct state *base, struct drift *out);
const char *report_drift_text(struct arena *a, const struct drift *d, const struct style *style);
const char *report_drift_json(struct arena *a, const struct drift *d);

#endif
