/*
 * How a run stands, for those who watch it: groups as the ledger has them, so
 * that nothing is told that is not on disk.  Pure; decides nothing.
 */
#ifndef APPLY_VIEW_H
#define APPLY_VIEW_H

#include "apply/run.h"

/* What is under way in a group; of several kinds the one that comes first in a group. */
struct view_work {
    enum verb verb;   /* VERB_NONE: nothing is under way */
    const char *name; /* of one of its subjects */
    bool hard;        /* VERB_VM_STOP: by force or by the plug */
    size_t running;   /* calls */
    size_t done, all; /* steps of this kind in the group */
};

struct group_view {
    uint64_t id;                   /* 0: it was not begun */
    const struct plan_group *plan; /* NULL: of a run that died */
    const struct member *members;
    size_t member_count;
    enum group_end end; /* END_NONE: it is open */
    bool back;          /* it is put back */
    const char *reason; /* why; or NULL */
    int64_t opened_ms;
    uint32_t interrupts; /* running VMs that it stops */
    size_t steps_done;
    /* of an open group: */
    size_t steps_left;
    struct view_work work;
    uint32_t off;         /* VMs that are off now because of us */
    int64_t off_since_ms; /* the first of them */
    bool lost;            /* a node of it does not answer */
};

struct run_view {
    struct group_view *open; /* in the order in which they were opened */
    size_t open_count;
    size_t ended, all; /* groups of this run */
    size_t waits_budget, waits_turn, waits_window;
    uint32_t off;
};

/* Groups that were begun, or were open already, in that order; grows. */
size_t run_group_count(const struct run *r);
/* COMES: its opening is not on disk yet; BACK: it is open, and put back. */
enum run_group_phase { RUN_GROUP_COMES, RUN_GROUP_OPEN, RUN_GROUP_BACK, RUN_GROUP_ENDED };
enum run_group_phase run_group_phase(const struct run *r, size_t at);
/* What it costs grows with what was done; with `now` also with what is left, which is looked at. */
void run_group(const struct run *r, struct arena *a, size_t at, bool now, struct group_view *out);
/* A group of the plan that ended without being begun; false: it is none. */
bool run_unbegun(const struct run *r, uint32_t plan_group, struct group_view *out);
void run_look(const struct run *r, struct arena *a, struct run_view *out);

#endif
