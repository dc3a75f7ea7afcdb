/* What the spec's policy says: the planner's and the executor's bounds. */
#ifndef MODEL_POLICY_H
#define MODEL_POLICY_H

#include "base/span.h"
#include "model/calendar.h"
#include "model/field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum disruption { DISRUPTION_NEVER, DISRUPTION_ALLOWED, DISRUPTION_WINDOW };
enum homogeneous { HOMOGENEOUS_DEFAULT, HOMOGENEOUS_WARN, HOMOGENEOUS_REQUIRE };

/* P8: a difference that is known and accepted until a date. */
struct expectation {
    enum subject_kind kind; /* SUBJECT_VM, SUBJECT_GPU or SUBJECT_POOL */
    const char *subject;    /* "vm/NAME", as written */
    const char *name;       /* of the VM or pool; the location path of a GPU */
    const char *node;       /* of a GPU; NULL else */
    enum field field;
    const char *value; /* what is there, as plans print it */
    const char *reason;
    int64_t until_ms;  /* from then on it is a difference like any other */
    const char *until; /* as written */
    struct span at;
};

struct policy {
    enum disruption disruption;
    struct span
        disruption_at; /* file NULL: the default `never`, which yields to the operator (P1) */
    uint32_t max_vms, max_nodes; /* 0: not said: one group, one node */
    struct span max_at;
    const char **protect; /* VM names, compared without case; * stands for any text */
    struct span *protect_at;
    size_t protect_count;
    uint32_t reserve_nodes; /* 0: no reserve */
    struct span reserve_at;
    enum homogeneous homogeneous;
    struct span homogeneous_at;
    bool partial; /* partial: allow (C3) */
    bool prune;   /* prune: owned (M7) */
    bool move;    /* move: allowed, where neither row nor class says (M8) */
    struct calendar calendar;
    struct expectation *expected; /* in the order of the document */
    size_t expected_count;
};

#endif
