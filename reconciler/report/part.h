/*
 * One cluster's part of a document about all clusters of a run: what a pass
 * leaves behind when its memory is given back.  Made on a lane from what the
 * pass computed, copied when its turn comes, and read by report/document.h.
 */
#ifndef REPORT_PART_H
#define REPORT_PART_H

#include "report/plan_items.h"

/* A line of the plan, of its drift or of a document's findings. */
struct part_row {
    enum section_kind section; /* SECTIONS: it is no line of a plan */
    enum severity severity;
    char sign;
    const char *kind;   /* "vm", "gpu", "pool", "node"; "": the cluster or file as such */
    const char **names; /* without the kind */
    size_t name_count;
    const char *who;  /* the names as ranges; "" for none */
    const char *what; /* "partitions  16 -> 4"; of a finding its text */
    const char *code; /* of model/reasons.def, a drift class, or of a finding; NULL: none */
    const char *rule; /* NULL: none */
    struct span at;
    uint32_t last_line, lines; /* as in struct item */
    const char *detail;        /* NULL */
    const char *why;           /* it waits, or is blocked: without the code; NULL */
    const char *release;       /* NULL */
    int64_t off_at_most_ms;    /* `!`: how long; 0: not said, or until an event is over (V9) */
    int64_t first_ms;          /* of drift; WHEN_NONE: not known */
    uint64_t times;
    bool before;     /* it would be there without the change (--base) */
    bool counts;     /* of drift: for exit code 3 */
    const char *key; /* of drift: the same for the same finding in every look; else NULL */
};

struct part_step {
    const char *text, *rule; /* rule NULL: none */
    uint32_t *needs;         /* earlier steps of the group */
    size_t need_count;
};

struct part_group {
    enum gate gate;
    const char *node; /* NULL: several */
    const char *code; /* why it does not run; NULL: it does */
    const char *why, *release;
    struct part_step *steps;
    size_t step_count;
    uint32_t *needs; /* groups that come first */
    size_t need_count;
    size_t interrupts;
    int64_t off_at_most_ms;
};

/* What the lines of a section come to: distinct subjects, and names on `!` and `>` lines. */
struct part_sum {
    size_t vms, gpus, others, interrupts, moves;
};

struct part_policy {
    const char *name, *digest;
    struct span at;
};

struct cluster_part {
    const char *cluster; /* NULL: a file that declares none, or could not be read */
    const char *source;  /* file of the spec; NULL: none */
    const char **files;  /* all that were read for it: never written over */
    size_t file_count;
    enum exit_code exit;
    bool estate;         /* no plan: the cluster as it is, all of it in `body` */
    const char *failure; /* why nothing is known of it; NULL: something is */
    const char *same;    /* equal for clusters of which the same can be said; NULL: for no other */
    /* head; of a failure only what was known by then */
    const char *identity, *plan_id, *spec_digest, *time_zone;
    struct revision revision;
    int64_t observed_ms, as_if_ms; /* WHEN_NONE: not */
    int64_t opens_ms;              /* the window that something waits for; WHEN_NONE */
    const char *opens;             /* "Sat 2026-11-21 22:00 CET"; NULL */
    const char **labels;
    size_t label_count;
    struct part_policy *policies;
    size_t policy_count;
    const char *approval; /* what must be approved yet (P12); NULL: nothing */
    /* --base: what the plan is held against; NULL: nothing.  Differing fields by whose they are. */
    const char *base, *base_commit;
    size_t by_change, before, ended;
    const char *override; /* "disruption, until .., by ..: why"; NULL */
    size_t nodes, nodes_seen, gpus, vms, declared_gpus, declared_vms;
    const char **declared; /* "vm/NAME", all of them, where part_want asks for them */
    size_t declared_count;
    struct capacity capacity;
    struct plan_totals totals;
    size_t run_steps;
    struct part_sum sums[SECTIONS];
    struct part_row *rows;
    size_t row_count, row_room;
    struct part_row *drift; /* since the last apply, where one is known */
    size_t drift_count, drift_room;
    const char *since_run; /* NULL: none is known */
    int64_t since_ms;
    struct part_group *groups; /* where part_want asks for them */
    size_t group_count;
    const char *body; /* what a format renders on the lane and nobody else can; NULL */
};

/* What a format needs beside head, sums and lines. */
struct part_want {
    bool unfolded; /* a line for each subject */
    bool steps;    /* groups with their steps */
    bool declared; /* subjects that are as declared, too */
};

/* `want` (the declaration in this world) and `since` may be NULL. */
void part_of_plan(struct arena *a, const struct plan *plan, const struct state *have,
                  const struct target *want, const struct drift *since,
                  const struct part_want *which, struct cluster_part *out);
/*
 * As report_plan_sameness(), but plans that wait for the same time on the clock
 * of each (P3) are the same: where many are summed up, it is each one's own time.
 */
const char *part_sameness(struct arena *a, const struct plan *plan, const struct state *have,
                          enum exit_code code, const struct style *style);
/* Drift alone: its lines, and the head of the plan that it was found with. */
void part_of_drift(struct arena *a, const struct drift *d, const struct state *have,
                   const struct target *want, const struct part_want *which,
                   struct cluster_part *out);
/* Lines of findings; the source is a file. */
void part_of_findings(struct arena *a, const char *source, const struct findings *found,
                      struct cluster_part *out);
/* Is it a finding about a document: not a line of a plan, and not drift? */
bool part_is_finding(const struct part_row *row);
/* Everything in it, in another memory. */
void part_copy(struct arena *a, const struct cluster_part *from, struct cluster_part *out);

#endif
