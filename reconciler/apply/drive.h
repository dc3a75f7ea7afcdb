/*
 * Drives the machine of run.h on the loop: records through the store,
 * performs and looks on lanes (one for each node), waits on timers.  All
 * decisions are run.c's.
 */
#ifndef APPLY_DRIVE_H
#define APPLY_DRIVE_H

#include "apply/run.h"
#include "provider/provider.h"
#include "store/store.h"

struct drive_options {
    const char *run_id;
    int64_t call_ms; /* deadline of one call, in real milliseconds; 0: 30 s */
    uint32_t width;  /* effects under way at once on one node */
    bool signals;    /* Ctrl-C is ours */
    int64_t tick_ms; /* on_wait comes at least so often, in real milliseconds; 0: no matter */
    /* Called on the loop thread, for progress and history; may be NULL. */
    void (*on_step)(void *context, const struct step_result *step);
    void (*on_begin)(void *context, const struct action *action, const char *name, int64_t now_ms);
    /* Ctrl-C, for the first, second, ... time. */
    void (*on_signal)(void *context, unsigned times);
    /* The store failed in the middle (outcome.store_lost): why. */
    void (*on_store_lost)(void *context, const struct err *why);
    /* The run as it stands (apply/view.h): when it heard something, and before it waits. */
    void (*on_change)(void *context, const struct run *run, bool over);
    void (*on_wait)(void *context, const struct run *run);
    void *context;
};

/*
 * Carries out the groups of `plan` that run, after what is open in `owed`.
 * False when nothing could be begun, or when another store took the world over
 * (ERR_LOCKED): then it stops where it is, as after a death, and the ledger
 * keeps what is open and owed.  What happened is in `out`.
 *
 * `eye` and `hand` are called from other threads.  A call that hangs is left
 * behind when this returns: both must outlive it, or the process end.
 */
bool drive_run(struct arena *a, const struct plan *plan, const struct ledger *owed,
               const struct state *have, struct eye *eye, struct hand *hand, struct store *store,
               const struct drive_options *options, struct outcome *out, struct err *e) MUST_CHECK;

#endif
