/* Two plans beside each other: what differs, or what one does beyond the other (P12). */
#ifndef PLAN_DELTA_H
#define PLAN_DELTA_H

#include "plan/plan.h"

enum delta_question { DELTA_DIFF, DELTA_COVERS };
enum delta_sign { DELTA_MORE, DELTA_LESS, DELTA_OTHER };

/* Of the plans as a whole. */
struct delta_head {
    const char *what; /* "spec", "policy" */
    const char *one, *other;
    bool counts; /* it decides; otherwise it is only told */
};

struct delta_item {
    enum delta_sign sign; /* more: only the second one has it */
    const char *kind, *name;
    const char *what;        /* "partitions", "off", or a step */
    const char *one, *other; /* NULL: it is not there */
};

struct delta_side {
    const char *id, *digest, *cluster, *spec_digest;
    struct revision revision;
    int64_t observed_ms;
};

struct delta {
    enum delta_question question;
    struct delta_side one, other;
    bool holds; /* the same; or, the first covers the second */
    struct delta_head *heads;
    size_t head_count;
    struct delta_item *items; /* by sign, kind, what, values, name */
    size_t item_count;
};

/* A plan, and where its indexes point. */
struct delta_plan {
    const struct plan *plan;
    const struct state *have;
    const char *digest;
};

void delta_of(struct arena *a, enum delta_question question, const struct delta_plan *one,
              const struct delta_plan *other, struct delta *out);

#endif
