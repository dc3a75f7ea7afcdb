/*
 * The inside of plan_build(): units are what must be done as one, before
 * those that need each other are merged into groups.
 */
#ifndef PLAN_UNITS_H
#define PLAN_UNITS_H

#include "diff/after.h"
#include "plan/steps.h"

struct index_list {
    uint32_t *rows;
    size_t count, room;
};

struct unit {
    uint32_t node;           /* NO_INDEX: several */
    struct index_list gpus;  /* have.gpus with a change */
    struct index_list pools; /* want.pools */
    struct index_list vms;   /* have.vms: changed, or off for the sake of a count */
    struct index_list needs; /* units */
    bool counts;             /* changes partition counts */
    enum gate gate;          /* of what build knows: GATE_RUNS, or why not */
    enum reason reason;
    const char *why, *release;
    uint32_t group; /* after merging */
};

struct draft {
    struct arena *arena;
    const struct inputs *in;
    struct plan *plan;
    struct unit *units;
    size_t unit_count, unit_room;
    uint32_t *unit_of_vm, *unit_of_gpu, *unit_of_pool; /* parallel to have / want.pools; NO_INDEX */
    uint32_t *count_unit;                              /* by node; NO_INDEX */
    uint32_t *first_change;            /* by have.vms: index of the first change; NO_INDEX */
    bool *holder;                      /* by have.vms: must be off for a count */
    bool *stops;                       /* by have.vms: is off, or will be in its group */
    const struct problem **vm_problem; /* by have.vms: the first that blocks it, or NULL */
    struct problems problems;
};

void list_add(struct arena *a, struct index_list *l, uint32_t value);
bool list_has(const struct index_list *l, uint32_t value);
/* The first reason that stops a unit stays; blocked beats held. */
void unit_stop(struct unit *u, enum gate gate, enum reason reason, const char *why,
               const char *release);

/* moves.c: who goes to another node (M8). */
bool vm_goes(const struct inputs *in, uint32_t vm);
bool vm_goes_live(const struct inputs *in, uint32_t vm);
/* Who goes live does so before the count of its node changes. */
void moves_need(struct draft *d);
/* Nothing gets a GPU on a node that shall be empty and cannot be. */
void moves_judge(struct draft *d);
/* All or nobody (M8): blocks who would leave without somebody of its node; true when it did. */
bool drains_judge(struct draft *d);
/* The same of groups, by what only the gate knows. */
bool drains_gate(struct arena *a, const struct inputs *in, struct plan *plan);

void unit_need(struct draft *d, uint32_t unit, uint32_t first);
/* gate.c: the same as unit_stop() for a group. */
void group_stop(struct plan_group *g, enum gate gate, enum reason reason, const char *why,
                const char *release);

/* gate.c: what a member is, for who chooses and pauses; a row more among the plan's problems. */
struct subject member_subject(const char *cluster, const struct member *m);
struct problem *plan_say(struct arena *a, struct plan *plan, enum reason reason, const char *text);

/* pauses.c (P11): true when it is held; and what is said of all of them. */
bool pauses_judge(struct arena *a, const struct inputs *in, struct plan_group *g);
void pauses_tell(struct arena *a, const struct inputs *in, struct plan *plan);

/* gate.c: does it change the counts of a node? */
bool group_changes_count(const struct plan_group *g);
/* Behind those that it needs: `least` is how firmly one is stopped to stop this one too. */
void group_behind(struct arena *a, const struct plan *plan, struct plan_group *g, enum gate least);

/* rollout.c (P10): who comes after whom; who has a turn now, and when the others have theirs. */
void rollout_chain(struct draft *d);
void rollout_judge(struct arena *a, const struct inputs *in, struct plan *plan);

/* leaving.c: what waits until a GPU is out (V9), before capacity is judged; what is said of it. */
void leaving_judge(struct draft *d);
void leaving_tell(struct draft *d);
/* As it is, could it land on a GPU that leaves? */
bool vm_may_land(const struct inputs *in, uint32_t vm);
const char *leaving_release(struct arena *a, const struct target_leaving *row);

/* capacity.c: who fits (V3, D8, M3); fills plan->capacity, stops units that do not. */
void capacity_judge(struct draft *d);
/* reserve.c: one node lost (M3). */
void reserve_judge(struct draft *d);
/* merge.c: units that need each other become one; then groups in an order in which needs come
 * first. */
void units_merge(struct draft *d);
/* members.c: members, images, steps, interruptions and the key of each group. */
void groups_fill(struct draft *d);
/* A group that only starts a VM which we owe (protocol.md: debts are paid whatever a plan says). */
void group_of_debt(struct draft *d, uint32_t vm, struct plan_group *out);

/* How many partitions or requests of a pool a VM will have, by its wish. */
uint64_t partitions_after(const struct inputs *in, uint32_t vm);
uint64_t requests_after(const struct inputs *in, uint32_t vm, const char *pool);
/* It will have more partitions, or more devices of its pool, than it has now. */
bool vm_gains(const struct inputs *in, uint32_t vm);
/* The pool that a GPU is a member of afterwards; NULL: none. */
const char *pool_after(const struct inputs *in, uint32_t gpu);

#endif
