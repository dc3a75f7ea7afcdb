/*
 * What to do about a difference: groups of steps, in order, with what holds
 * or blocks each.  A plan is always complete; permission decides what starts.
 * A plan is a value: it can be printed, stored, compared and carried out by
 * another process.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "diff/diff.h"
#include "model/cause.h"
#include "model/choice.h"
#include "model/policy.h"
#include "model/revision.h"

struct step {
    struct action action;
    uint32_t member; /* index into the group's members */
    uint32_t *needs; /* indexes of earlier steps of the same group */
    size_t need_count;
    const char *name; /* of the subject, for people */
    const char *text; /* "set partition count of ber014-hv1/gpu0  16 -> 4" */
    const char *rule;
};

enum gate { GATE_RUNS, GATE_HELD, GATE_BLOCKED };

struct plan_group {
    struct member *members;
    size_t member_count;
    struct step *steps; /* a legal order */
    size_t step_count;
    uint32_t *needs; /* groups (indexes) that must be done before */
    size_t need_count;
    uint32_t node;        /* where it is; NO_INDEX: several */
    const char *input;    /* digest of what it was made from: the key of parking */
    uint32_t *interrupts; /* have.vms that run and are stopped */
    size_t interrupt_count;
    /* upper bound of the time that an interrupted VM is off; 0: until an event is over (V9) */
    int64_t off_at_most_ms;
    int64_t open_until_ms; /* not begun from then on (P3); 0: whenever */
    uint32_t removals;     /* adapters or requests that leave and do not come back (M5) */
    uint32_t *asks;        /* rules of policy.approvals that ask for it (P12) */
    size_t ask_count;
    bool approvable; /* it runs, but for approvals */
    bool unapproved; /* it lacks some */
    enum gate gate;
    enum reason reason; /* why it does not run; REASON_NONE */
    const char *why;    /* particulars: names and numbers */
    const char *release;
};

/* A change as the plan shows it: which group carries it, or why none does. */
struct plan_change {
    struct change change;
    const char *subject; /* "vm/NAME", "gpu/NODE/gpuN", "pool/NAME" */
    const char *name;    /* NAME, NODE/gpuN */
    uint32_t group;      /* or NO_INDEX */
    enum gate gate;
    enum reason reason; /* REASON_NONE, or why it is held or blocked */
    bool at_next_stop;  /* advised, waits for a stop that happens anyway */
    enum cause cause;
};

/* A difference that is seen and not brought about (P7, P8); what is ignored is only counted. */
struct plan_aside {
    struct change change; /* of a problem: kind, vm and gpu only */
    const char *subject, *name;
    enum aside_why why;
    enum reason reason;  /* of a problem; REASON_NONE: a difference */
    const char *text;    /* of a problem */
    bool at_next_stop;   /* advised, would wait for a stop: counts nowhere */
    const char *because; /* ASIDE_EXPECTED: the entry's reason, date and place */
    const char *until;   /* as written */
    int64_t until_ms;    /* WHEN_NONE: none */
    struct span entry_at;
    enum cause cause;
};

struct capacity {
    uint64_t partitions, used_now, used_after, used_blocked; /* after; with the blocked ones */
    uint64_t left_after_loss; /* least number left when one node is lost */
    const char *fullest;      /* node */
    uint64_t fullest_used, fullest_of;
    struct pool_capacity {
        const char *name;
        uint64_t devices, requests, left_after_loss;
    } * pools;
    size_t pool_count;
};

/* A GPU that leaves, or is out already (V9). */
struct plan_leaving {
    const char *id, *reason;
    int64_t by_ms;
    struct span at;
    const char **nodes; /* that its row holds */
    size_t node_count;
    const char **gpus; /* "NODE/gpuN  MODEL  LOCATION"; none: not seen */
    size_t gpu_count;
    const char **on; /* VMs that sit on it */
    size_t on_count;
    const char **near; /* VMs that are off and could land on it */
    size_t near_count;
};

/* P10: nodes whose turn begins together, and what is there when they are done. */
struct plan_wave {
    int64_t from_ms;
    int64_t until_ms; /* when its maintenance window shuts; WHEN_NONE: there are no windows */
    const char **nodes;
    size_t node_count;
    uint32_t *groups; /* of the plan, by node */
    size_t group_count;
    size_t interrupts, steps;
    int64_t at_most_ms; /* its nodes, one after the other */
    uint64_t partitions, left_after_loss;
};

/* P10: what is left of a rollout.  Blocked: no waves. */
struct plan_rollout {
    const char *reason; /* NULL: there is none, or it is over */
    struct span at;
    size_t to_go, done; /* nodes that are not as declared, and that are */
    int64_t soak_ms;
    int64_t mixed_until_ms;
    const char *mixed_until;              /* as written */
    uint64_t partitions, left_after_loss; /* now */
    struct plan_wave *waves;
    size_t wave_count;
};

struct plan_head {
    const char *cluster; /* metadata.name */
    const char *world;   /* state.name */
    bool standalone;
    const char *source; /* spec file as named */
    const char **specs; /* files and folders that were named, in order: it is all made of these */
    size_t spec_count;
    const char *spec_digest, *identity;
    struct revision revision; /* of the spec */
    int64_t observed_ms;
    int64_t as_if_ms; /* made as if it were then: only to look at; WHEN_NONE, or 0: it was not */
    const char *time_zone; /* of the times that people read; NULL: UTC */
    size_t nodes, nodes_seen, gpus, vms;
    size_t declared_gpus, declared_vms, differ_vms, undeclared_holders, undeclared_vms;
    size_t ignored;      /* differences of what the spec says to ignore (P7) */
    const char **labels; /* "ring=canary": which Policies bind it (P5) */
    size_t label_count;
};

/* P12: an approval that was given with the plan, and counts for a rule. */
struct approved {
    const char *by, *reason;
    const char *plan, *digest; /* id of the plan that it names; its own digest */
    const char *key;           /* whose signature fits; NULL: not signed, a claim */
    const char *signer;        /* whose key that is, by the Policy; NULL: it does not say */
    int64_t at_ms;
};

/* A difference, or what blocked or held one, that the specs of before made, and these do not. */
struct plan_ended {
    const char *subject; /* "vm/NAME" */
    const char *what;    /* field, or code of a reason */
    const char *have, *want;
    const char *text; /* of a reason */
};

/* The specs that this plan is held against (--base); `name` NULL: it was not. */
struct plan_base {
    const char *name;   /* as it was asked for: "origin/main", "../before" */
    const char *commit; /* NULL: a folder or file */
    const char *why;    /* the cluster's declaration there says nothing: "is not declared there" */
    size_t change_count, before_count; /* differing fields: the change's, and those of before */
    struct plan_ended *ended;
    size_t ended_count;
};

struct plan_totals {
    size_t run_groups, held_groups, blocked_groups;
    size_t run_steps, run_vms, run_gpus, run_interrupts;
    size_t held_vms, held_gpus, held_interrupts;
    size_t blocked_vms, blocked_subjects;
    size_t removals;
    uint32_t stops_needed; /* what --allow-stops would have to say for all that is held for it */
};

struct plan {
    const char *id; /* "p-" and 8 hex digits of its content; filled by codec */
    struct plan_head head;
    struct plan_group *groups; /* in an order in which needs come first */
    size_t group_count;
    struct plan_change *changes;
    size_t change_count;
    struct problem *problems; /* of target and diff, and the planner's own; sorted */
    size_t problem_count;
    struct plan_aside *asides; /* in the order of the diff */
    size_t aside_count;
    struct plan_leaving *leaving;
    size_t leaving_count;
    struct debt *debts; /* to be paid before anything else */
    size_t debt_count;
    struct pause *pauses; /* that hold now, whether or not something waits for them */
    size_t pause_count;
    struct plan_rollout rollout;
    struct capacity capacity;
    struct plan_totals totals;
    struct policy policy;
    struct override override; /* under which it was made (P6); what NULL: none */
    struct approved *approved;
    size_t approved_count;
    struct plan_base base;
};

/* An operator's explicit word for this run (P1, M5, P6, P9), and what others approved (P12). */
struct approvals; /* plan/approvals.h */
struct permission {
    uint32_t allow_stops;
    uint32_t allow_removals;
    struct override override;
    struct choice choice;              /* what may run; nothing named: everything */
    const struct approvals *approvals; /* P12; NULL: none */
};

/* P11: a pause, and whom it means. */
struct paused {
    const struct pause *row;
    struct subject_set set;
};

struct inputs {
    const char *cluster, *source, *spec_digest; /* of the spec, for head and digests */
    const char **specs;                         /* as named, in order */
    size_t spec_count;
    struct revision revision;
    const char **labels; /* "ring=canary" */
    size_t label_count;
    const struct policy *policy;
    const struct target *want;
    const struct state *have;
    const struct ledger *owed;
    const struct diff *diff;
    const struct paused *paused; /* those of `owed` that are not over */
    size_t paused_count;
    const struct asides *asides; /* what `want` and `diff` leave as it is; NULL: nothing */
};

/* Complete, ungated: groups in DAG order, capacity, problems. */
void plan_build(struct arena *a, const struct inputs *in, struct plan *out);
/* V9: does it stop a VM that stays off afterwards, until its GPU is out? */
bool group_lets_go(const struct plan_group *g);
/* P4: its VMs that we owe and that are off already.  `out`: room for its members, or NULL. */
size_t group_owed(const struct plan_group *g, const struct state *have, const struct ledger *owed,
                  uint32_t *out);
/* The first pause that holds this group at this time (P11), or NULL. */
const struct pause *group_paused(const struct plan_group *g, const char *cluster,
                                 const struct paused *rows, size_t count, int64_t now_ms);
/* Says which groups run now; fills gate, reason, totals. */
void plan_gate(struct arena *a, const struct inputs *in, const struct permission *word,
               struct plan *plan);

/*
 * The one planner of steps: what is left to do to bring the members from
 * what is seen to the image of their direction.  Used for the plan that
 * people read, and by the executor at every decision; putting back is the
 * same call with the other direction.  Power is decided by `debts` and the
 * members' wishes.
 */
struct steps {
    struct step *rows;
    size_t count, room;
};
void steps_build(struct arena *a, const struct group *group, const struct state *have,
                 const struct ledger *owed, struct steps *out);

#endif
