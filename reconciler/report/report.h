/*
 * Saying so: one file for each format and noun.  Pure: what it says is in the
 * data that it is given.  specs/output.md has the forms.
 *
 * Texts are at most 100 columns wide, end in LF, and are safe to print: a
 * control character that came from outside is shown as "?".
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "apply/run.h"
#include "base/finding.h"
#include "model/health.h"
#include "plan/approvals.h"
#include "plan/delta.h"
#include "plan/plan.h"
#include "plan/reads.h"

enum { REPORT_WIDTH = 100 };

struct style {
    bool color;
    bool all;          /* fold nothing, show every step */
    bool many;         /* one of many clusters: one line when there is nothing to say */
    int width;         /* columns; 0 or more than REPORT_WIDTH: REPORT_WIDTH */
    const char *sees;  /* "--sim WORLD SPEC": what a command takes to see this; NULL: SOURCE */
    const char *saved; /* file of the plan, that somebody can approve; NULL: it is in none */
    const char *apply; /* the command that would carry the plan out; NULL: hvgpu apply SOURCE; "":
                          it is being carried out, and the end will say how it ended */
    const char *again; /* of a saved plan: the command that makes it anew; NULL: it is not saved */
};

/* What -o says. */
enum format {
#define FORMAT(name, word, whole) FORMAT_##name,
#include "report/formats.def"
#undef FORMAT
    FORMATS
};
extern const char *const format_words[FORMATS];
extern const bool format_whole[FORMATS]; /* one document about all clusters */

/* Exit codes of specs/exit-codes.md; report/exits.def is the table. */
enum exit_code {
#define EXIT(name, code, severity, word, text) EXIT_##name = code,
#include "report/exits.def"
#undef EXIT
};
enum { EXIT_CODES = 128 }; /* all codes are below */
struct exit_row {
    enum exit_code code;
    int severity; /* more is worse */
    const char *word, *text;
};
extern const struct exit_row exit_rows[];
extern const size_t exit_row_count;

/* The more severe of two: 8 7 1 64 65 69 10 6 9 11 4 3 2 5 0. */
enum exit_code exit_worst(enum exit_code a, enum exit_code b);
enum exit_code exit_of_err(const struct err *e);
/* Derived from the same list that is printed. */
/* Its start does not run now; the change that says so says why. */
bool plan_debt_waits(const struct plan *plan, const struct debt *d);
size_t plan_debts_due(const struct plan *plan); /* that the next apply pays or strikes out */
enum exit_code exit_of_plan(const struct plan *plan);
enum exit_code exit_of_outcome(const struct outcome *o, const struct plan *after);

/*
 * Every finding with its place, the line it is about and a mark under the
 * column; `sources` are the texts by name (NULL-terminated), for the line.
 */
struct source_text {
    const char *file, *text;
    size_t size;
};
const char *report_findings(struct arena *a, const struct findings *f,
                            const struct source_text *sources, size_t source_count,
                            const struct style *style);
/*
 * "WHO: what is wrong", with its line end.  What does not fit on one line is
 * told part by part, each behind a semicolon on a line of its own: a path is
 * never broken, so that it can be copied.
 */
const char *report_error(struct arena *a, const char *who, const char *text);
const char *report_findings_json(struct arena *a, const struct findings *f);
/* What blocks, or is worth a warning, of a declaration in a world, as findings of its documents. */
void report_problems(const struct problems *problems, struct findings *out);

/* Who lets what be done, and why (P12). */
const char *report_approval_text(struct arena *a, const struct approval *x,
                                 const struct style *style);
/* Two plans beside each other: plan diff, plan covers (P12). */
const char *report_delta_text(struct arena *a, const struct delta *d, const struct style *style);

/* ---- drift ---- */

/* What is not as declared, and since when: drift classes of specs/drift.md. */
enum drift_class {
#define DRIFT(name, word, severity, drifts, text) DRIFT_##name,
#include "report/drifts.def"
#undef DRIFT
    DRIFT_CLASSES
};
struct drift_row {
    const char *word;
    enum severity severity;
    bool drifts; /* counts for exit code 3: the world moved */
    const char *text;
};
extern const struct drift_row drift_rows[];

struct drift_item {
    enum drift_class class;
    const char *key;     /* the same for the same finding in every look */
    bool counts;         /* for exit code 3: the world moved, and it is no mere advice */
    bool watched;        /* manage: detect: counts for drift and assert only (P7) */
    const char *subject; /* "vm/NAME" */
    const char *field;   /* "partitions"; NULL: the subject as such */
    const char *declared, *now;
    const char *text;    /* a sentence that belongs to it; NULL */
    const char *repair;  /* what hvgpu does about it */
    const char *release; /* what releases it where it is held or blocked; NULL */
    const char *rule;
    struct span at;
    int64_t first_ms, last_ms; /* looks that saw it; WHEN_NONE: nothing is remembered */
    uint64_t times;            /* how many did */
    uint64_t departures;       /* how often it went in the day before this look */
    enum drift_class was;      /* DRIFT_FLAPPING: what it is each time */
};
struct drift {
    const struct plan_head *head; /* of the plan that it is of */
    const char *cluster, *source, *since_run;
    int64_t since_ms, observed_ms;
    size_t nodes, nodes_seen;
    bool spec_moved;          /* the spec is another one than at the last apply */
    struct drift_item *items; /* by severity, class, field, values, subject */
    size_t count;
    size_t not_chosen;            /* findings that were taken out (P9) */
    const struct problem **notes; /* of `expected`: expired, or found nowhere (P8) */
    size_t note_count;
};

/* The world after the last successful apply, and today's declaration held against it. */
struct drift_base {
    const struct state *have;
    const struct target *want;
    const struct plan *plan;    /* built, not gated */
    const struct target *today; /* today's declaration against today's world; NULL: not asked */
    const char *run, *spec_digest;
    int64_t ended_ms;
};

void drift_compute(struct arena *a, const struct plan *plan, const struct state *have,
                   const struct drift_base *base, struct drift *out);
/* Once the items say how often they went: what flaps, and the order that follows from it. */
enum { DRIFT_FLAPS = 3 };
void drift_judge(struct drift *d);
/* 0, 3 or 69. */
enum exit_code exit_of_drift(const struct drift *d);
/* A plan whose world and spec have a past: 2, 3 or 4 for what runs now. */
enum exit_code exit_of_plan_since(const struct plan *plan, const struct drift *since);
/* The same for assert, which also counts what is only watched (P7). */
enum exit_code exit_of_assert(const struct plan *plan, const struct drift *since);

const char *report_drift_text(struct arena *a, const struct drift *d, const struct style *style);
/* What makes the drifts of two clusters the same, as report_plan_sameness() does for plans. */
const char *report_drift_sameness(struct arena *a, const struct drift *d, const struct state *have,
                                  const struct style *style);
const char *report_drift_json(struct arena *a, const struct drift *d);

/* ---- doctor ---- */

/* 11 where something is broken, 69 where something could not be looked at, else 0. */
enum exit_code exit_of_health(const struct health *h, const struct state *have);
const char *report_doctor_text(struct arena *a, const struct health *h, const struct state *have,
                               const struct style *style);
const char *report_doctor_json(struct arena *a, const struct health *h, const struct state *have);

/* ---- plan, world, run ---- */

/* `since` may be NULL: nothing is known of an earlier apply. */
const char *report_plan_text(struct arena *a, const struct plan *plan, const struct state *have,
                             const struct drift *since, const struct style *style);
/*
 * What makes the plans of two clusters the same plan: the text of everything
 * but the head, with the cluster's own name, nodes and file taken out.  NULL:
 * never folded (something is blocked, owed or removed; or --all).
 */
const char *report_plan_sameness(struct arena *a, const struct plan *plan, const struct state *have,
                                 enum exit_code code, const struct style *style);
/* "Same plan as de-ber-014 in 9 clusters more: fr-par-002..010", which were not shown. */
const char *report_same(struct arena *a, const char *what, const char *first, const char **names,
                        size_t count, const struct style *style);
/* Files whose findings in a Profile are those of the first. */
const char *report_same_files(struct arena *a, const char *first, const char **names, size_t count,
                              const struct style *style);
/* The first differences, a line each; "" when there is none (assert). */
const char *report_plan_brief(struct arena *a, const struct plan *plan, const struct state *have,
                              size_t limit, const struct style *style);
const char *report_state_text(struct arena *a, const struct state *have, const struct style *style);
/* The program alone: the table of GPUs, what is worth knowing, what to try next. */
const char *report_first_text(struct arena *a, const struct state *have, const char *program,
                              const char *world, const struct style *style);
const char *report_state_json(struct arena *a, const struct state *have);

/* What is owed to a VM: "was stopped, will be started". */
/* `waits`: it stays off for now, for what d->waits names (V9). */
const char *report_debt(struct arena *a, const struct debt *d, bool waits);
/* A time as people read it, in the time zone of the plan. */
const char *report_time(struct arena *a, const struct plan_head *h, int64_t ms);

/*
 * The plan as a script of documented cmdlets; `reads` is what its steps rely
 * on (codec/planfile_reads.h).  The same for a plan and for its file.
 */
const char *report_plan_powershell(struct arena *a, const struct plan *plan,
                                   const struct state *have, const struct read_object *reads,
                                   size_t read_count);
/*
 * Commands that only look, to see with one's own eyes what was seen of a
 * subject; `index` is into have, or NO_INDEX where it has none there.
 */
const char *report_why_powershell(struct arena *a, const struct state *have, enum subject_kind kind,
                                  uint32_t index, const char *name);

/* What an apply did and what is left: `after` was planned afterwards, from `have`. */
const char *report_outcome_text(struct arena *a, const struct outcome *o,
                                const struct step_result *steps, size_t step_count,
                                const struct plan *after, const struct state *have,
                                enum exit_code exit, const struct style *style);
const char *report_outcome_json(struct arena *a, const char *run_id, const struct outcome *o,
                                const struct plan *before, const struct plan *after,
                                enum exit_code exit);
/* A cluster that a run does not begin, and why (P13); in the form of an outcome. */
const char *report_unbegun_text(struct arena *a, const char *cluster, enum reason reason,
                                const char *why, const struct style *style);
const char *report_unbegun_json(struct arena *a, const char *cluster, enum reason reason,
                                const char *why, enum exit_code exit);
/*
 * One line of progress: a step that begins (`step` not yet ended), or ended as
 * the `done`-th of `all`; no number is told where more was done than was planned.
 */
const char *report_step_line(struct arena *a, const struct step_result *step, size_t done,
                             size_t all, const struct style *style);

/*
 * A spec of what is there, such that plan after export has no step.  `connect`:
 * what stands behind that word, or NULL.  Remarks are about subjects
 * ("vm/NAME", "gpu/NODE/gpuN"): fleet/draft.h finds which ones are needed.
 */
enum export_as {
    EXPORT_LEFT_OUT,          /* it cannot be declared without a step: a comment, with `why` */
    EXPORT_SETTINGS_AS_FOUND, /* its advised settings are not what its GPU implies (S0) */
    EXPORT_EXPECTED           /* one field of it is not as it shall be, for now (P8) */
};
struct export_remark {
    const char *subject;
    enum export_as as;
    const char *why;          /* EXPORT_LEFT_OUT */
    const char *field, *have; /* EXPORT_EXPECTED */
};
enum { EXPORT_EXPECTED_DAYS = 30 };
/* Which subject a line of the document speaks of, so that a finding there has one. */
struct export_line {
    uint32_t line;
    const char *subject;
};
struct export_doc {
    const char *text;
    struct export_line *lines; /* in order; a line can speak of several */
    size_t line_count, line_room;
    size_t left_out; /* GPUs and VMs that stand in it as comments */
    size_t expected; /* entries of `expected` */
};
/* The first day on which what was found is a difference again. */
const char *report_export_until(struct arena *a, const struct state *have);
/* `kind` and `to` as a plan has them (struct plan_origin); not of this machine. */
const char *report_export_connect(struct arena *a, const char *kind, const char *to);
struct export_doc report_export(struct arena *a, const struct state *have, const char *name,
                                const char *connect, const struct export_remark *remarks,
                                size_t remark_count);

#endif
