/* What the spec's policy says: the planner's and the executor's bounds. */
#ifndef MODEL_POLICY_H
#define MODEL_POLICY_H

#include "base/arena.h"
#include "base/num.h"
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

/* P5: a Policy document that applies to this cluster. */
struct ceiling_by {
    const char *name, *digest;
    struct span at; /* of the document */
};

/* P5: a value that a Policy makes stricter than the spec says. */
struct tightened {
    const char *field; /* "maxUnavailable.vms", as specs write it */
    const char *from, *to;
    size_t rows;    /* VMs or GPU rows whose own value it was; 0: the cluster's */
    struct span at; /* in the Policy */
};

/* P6: what an operator lifts for a while, with a reason; until_ms 0: nothing. */
struct override {
    const char *what; /* "disruption"; NULL: nothing */
    const char *reason, *by;
    int64_t until_ms;
};

/* P12: whose signature counts. */
struct signer {
    const char *name, *key;
};

/* P12: what is done only with approvals; of `when` what is unknown asks for nothing. */
struct approval_rule {
    struct num interrupts, nodes, detach; /* it asks beyond so many */
    bool forced_stop, count;
    uint32_t need;
    bool not_author;
    int64_t max_age_ms; /* 0: any */
    struct signer *signers;
    size_t signer_count; /* 0: anybody, signed or not */
    struct span at;
};

/* P10: partition counts change node by node. */
struct rollout {
    const char *reason; /* NULL: there is no rollout */
    const char **order; /* names of nodes, short */
    size_t order_count;
    uint32_t per_window;     /* nodes that begin in one maintenance window */
    int64_t soak_ms;         /* from the last node of a window to the next; 0: none */
    int64_t mixed_until_ms;  /* from then on different counts are drift */
    const char *mixed_until; /* as written */
    struct span at;
};

struct policy {
    enum disruption disruption;
    struct span
        disruption_at; /* file NULL: the default `never`, which yields to the operator (P1) */
    uint32_t max_vms, max_nodes; /* 0: not said: one group, one node */
    /* P5: where the spec says neither, a Policy bounds the one group; 0: none does */
    uint32_t most_vms, most_nodes;
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
    struct span move_at;
    struct calendar calendar;
    struct expectation *expected; /* in the order of the document */
    size_t expected_count;
    struct rollout rollout;
    int64_t max_snapshot_age_ms; /* P5; 0: any */
    struct span max_snapshot_age_at;
    struct ceiling_by *ceilings; /* by name */
    size_t ceiling_count;
    struct approval_rule *approvals; /* of all of them: each counts (P12) */
    size_t approval_count;
    struct tightened *tightened;
    size_t tightened_count;
};

/* P4, P5: how many may be off, or at work, at once; 0: nobody says. */
uint32_t policy_vms(const struct policy *p);
uint32_t policy_nodes(const struct policy *p);
/* Does the spec say no budget: is it one group, one node at a time? */
bool policy_one_group(const struct policy *p);

/* never < window < allowed: how much may be interrupted. */
int disruption_rank(enum disruption d);
/* The Policy in which this stands; NULL: it stands in none. */
const struct ceiling_by *policy_ceiling_at(const struct policy *p, const struct span *at);
/* "FILE:LINE (policy NAME)": where alone an exception can be made. */
const char *policy_place(struct arena *a, const struct policy *p, const struct span *at);
/* The first value of this field that a Policy made stricter; NULL: none. */
const struct tightened *policy_tightened(const struct policy *p, const char *field);

/* "2 beyond 10 interrupted VMs, for a forced stop": what a rule asks, in one line. */
const char *approval_rule_text(struct arena *a, const struct approval_rule *r);

/* The same rule, wherever it stands? */
bool approval_rule_same(const struct approval_rule *a, const struct approval_rule *b);

#endif
