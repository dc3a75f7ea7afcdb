/* Between the files that make a comment: what is counted, and what is left out. */
#ifndef REPORT_MARKDOWN_INNER_H
#define REPORT_MARKDOWN_INNER_H

#include "report/document.h"
#include "report/md.h"

enum fate { FATE_CHANGES, FATE_HELD, FATE_BLOCKED, FATE_UNKNOWN, FATE_NOTHING, FATES };

/* What is left out to stay below the limit: of each all before it, too. */
enum cut {
    CUT_NOTHING,
    CUT_CLUSTERS,
    CUT_STEPS,
    CUT_DRIFT,
    CUT_REMARKS,
    CUT_CHANGES,
    CUT_BLOCKED, /* rows beyond those that fit; the names in the summary */
    CUTS
};

/* Clusters of which the same is said. */
struct alike_parts {
    const struct cluster_part **rows;
    size_t count, room;
};

struct comment {
    struct arena *arena;
    const struct document *d;
    struct text *out;
    enum cut cut;
    size_t blocked_room; /* rows of what is blocked that may be told */
    size_t blocked, blocked_told;
    size_t clusters, by_fate[FATES], interrupts[FATES];
    const struct cluster_part **by_name[FATES]; /* in the order of the document */
    struct alike_parts *alike;                  /* of those that change, wait or are blocked */
    size_t alike_count, alike_room;
};

const char *comment_name(const struct cluster_part *p); /* the cluster, or its file */
size_t comment_interrupts(const struct cluster_part *p);
/* Is it a line of what changes, now or later? */
bool comment_is_change(const struct part_row *row);
/* "9 min" of the longest interruption of these; NULL: none, or nobody can say. */
const char *comment_longest(struct arena *a, const struct cluster_part *const *parts, size_t count);

/* markdown_body.c: everything below the summary. */
void comment_changes(struct comment *c);
void comment_blocked(struct comment *c);
void comment_remarks(struct comment *c);
void comment_drift(struct comment *c, bool whole);

#endif
