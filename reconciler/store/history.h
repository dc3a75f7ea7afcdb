/*
 * What happened, for people: runs and steps with evidence, the last
 * successful apply (what drift is measured against).  One file that may be
 * deleted; it never decides, and never keeps anybody from paying a debt.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct history;

int history_format(void); /* of the file that this program writes */

struct history_run {
    const char *id; /* "r-00000412" */
    const char *identity, *cluster;
    const char *verb; /* "apply" */
    const char *spec_digest, *plan_id;
    const char *snapshot; /* the world after a successful apply, as a World document; NULL else */
    int64_t began_ms, ended_ms; /* ended WHEN_NONE: still running, or died */
    int exit_code;              /* -1: not ended */
    const char *summary;        /* one line */
    size_t steps_ok, steps_failed;
};

struct history_step {
    const char *run;
    uint32_t number;
    uint64_t group;
    const char *verb, *subject, *name, *node;
    const char *before, *after; /* the confirming field, for people */
    int64_t began_ms, ended_ms;
    int result;           /* 1 done, 0 failed, -1 under way or unknown */
    const char *evidence; /* what the platform said, or what was read back */
};

/*
 * A difference of a world from its declaration, as one look after the other
 * sees it.  One that went and comes back within a day is the same; later it
 * begins anew.
 */
struct history_finding {
    const char *key;           /* subject and field: the same for the same finding */
    int64_t first_ms, last_ms; /* filled: of the looks that saw it; WHEN_NONE: none is known */
    uint64_t times;            /* filled: how many did */
    uint64_t departures;       /* filled: how often it went in the day before this look */
};

bool history_open(const char *folder, bool write, struct history **out, struct err *e) MUST_CHECK;
void history_close(struct history *h);
/* A new run; its id is given. */
bool history_begin(struct history *h, struct arena *a, struct history_run *run, struct err *e);
bool history_step(struct history *h, const struct history_step *step, struct err *e);
bool history_end(struct history *h, const struct history_run *run, struct err *e);
/* Newest first; identity NULL: of every world. */
bool history_runs(struct history *h, struct arena *a, const char *identity, size_t limit,
                  struct history_run **out, size_t *count, struct err *e);
bool history_steps(struct history *h, struct arena *a, const char *run, struct history_step **out,
                   size_t *count, struct err *e);
/* The last run of verb apply with exit code 0, with its snapshot; false in *found: none. */
bool history_last_good(struct history *h, struct arena *a, const char *identity,
                       struct history_run *out, bool *found, struct err *e);

/*
 * What a look at `at_ms` found.  `whole`: all of the world was seen, so what is
 * not among the rows is gone.  A look at the time of the last one of this
 * world is the same look, an older one is passed over.  Fills the rows.
 */
bool history_found(struct history *h, const char *identity, int64_t at_ms, bool whole,
                   struct history_finding *rows, size_t count, struct err *e) MUST_CHECK;
/* Fills the rows from what is known, and remembers nothing. */
bool history_known(struct history *h, const char *identity, int64_t at_ms,
                   struct history_finding *rows, size_t count, struct err *e) MUST_CHECK;

#endif
