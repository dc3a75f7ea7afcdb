/*
 * The executor as a pure machine.  run_next() says what to do now, run_event()
 * tells what happened; neither does anything.  The next move is a function of
 * what is seen, the ledger, and a little memory that may be lost at any
 * instant (specs/protocol.md).  apply/drive.c drives it on the loop; the laws
 * drive it with a generator that chooses who answers next.
 */
#ifndef APPLY_RUN_H
#define APPLY_RUN_H

#include "plan/plan.h"

enum order_kind {
    ORDER_RECORD,  /* commit `commit`; if commit.sync, on disk before run_event(EVENT_RECORDED) */
    ORDER_PERFORM, /* submit `action` on its node's lane; intent `intent` is on disk */
    ORDER_LOOK,    /* look at `node` (an index; NO_INDEX: the whole world) */
    ORDER_WAIT,    /* nothing before `until_ms` unless an event comes */
    ORDER_DONE     /* at rest; `outcome` is filled */
};

struct order {
    enum order_kind kind;
    struct commit commit;
    struct action action;
    uint64_t ticket; /* names the call in EVENT_ANSWERED and EVENT_LATE */
    uint32_t node;
    int64_t until_ms;
};

enum event_kind {
    EVENT_RECORDED,
    EVENT_ANSWERED, /* ticket; ok, or `err` */
    EVENT_LATE,     /* ticket: the call did not return by its deadline: outcome unknown */
    EVENT_SEEN,     /* `seen`: the merged state after a look; `node` as ordered */
    EVENT_UNSEEN,   /* the look failed; `err` */
    EVENT_SIGNAL,   /* Ctrl-C */
    EVENT_STORE_LOST
};

struct event {
    enum event_kind kind;
    uint64_t ticket;
    uint32_t node;
    const struct state *seen; /* must live until the next EVENT_SEEN */
    const struct err *err;    /* NULL: it went well */
    bool done;                /* ANSWERED: the platform says that it is done, not only accepted */
};

enum group_end {
    END_NONE,
    END_DONE,
    END_PUT_BACK,
    END_DEGRADED,
    END_STALE,  /* not begun: the world is not as planned any more */
    END_SKIPPED /* not begun: a group that comes first did not succeed */
};

/* What became of one step, for history and progress. */
struct step_result {
    uint64_t group;
    struct action action;
    const char *name;
    int64_t began_ms, ended_ms;
    bool ok;
    struct err err;
};

struct outcome {
    size_t done, put_back, degraded, stale, skipped;
    size_t left_open; /* groups on nodes that stopped answering: the next run goes on */
    size_t stuck;     /* VMs that we stopped and could not bring back: exit 8 */
    size_t resumed;   /* groups of a run that died: look and plan again */
    bool interrupted; /* a signal: exit 9 */
    bool store_lost;  /* exit 8 */
    size_t steps_ok, steps_failed;
};

struct run;

struct run_options {
    const char *run_id;
    uint32_t width;    /* effects under way at once on one node; 0: no bound but the steps' needs */
    int64_t margin_ms; /* quarantine: due + margin (protocol.md 4) */
    uint32_t tries;    /* attempts of one effect before it is given up */
    uint32_t max_vms, max_nodes; /* budgets; 0: one group, one node */
    bool one_group;              /* one at a time, whatever the budgets (P5) */
};

/*
 * Works through the plan's groups that run.  Where `owed` has open groups of a
 * run that died, only those are finished, and outcome.resumed says so: the
 * plan was made beside them, so the caller looks and plans again
 * (protocol.md 4).
 */
struct run *run_open(struct arena *a, const struct plan *plan, const struct ledger *owed,
                     const struct state *have, const struct run_options *options);
/* Gives back what the machine took for its decisions; everything else lives in the arena. */
void run_close(struct run *r);
void run_next(struct run *r, int64_t now_ms, struct order *out);
void run_event(struct run *r, int64_t now_ms, const struct event *e);

const struct ledger *run_ledger(const struct run *r);
/* The state of the last EVENT_SEEN: what a scoped look is spliced into. */
const struct state *run_seen(const struct run *r);
const struct outcome *run_outcome(const struct run *r);
/* Results so far, in order; grows. */
const struct step_result *run_results(const struct run *r, size_t *count);
/* VMs that are off now because of us, and the budget. */
uint32_t run_off_now(const struct run *r);

#endif
