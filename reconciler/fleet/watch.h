/*
 * Who watches a run: says what becomes of its groups, as lines that stay or as
 * a block at a terminal (specs/output.md, decisions/037).
 */
#ifndef FLEET_WATCH_H
#define FLEET_WATCH_H

#include "apply/view.h"
#include "fleet/fleet.h"

enum watch_how {
    WATCH_NOT,
    WATCH_LOG,   /* nobody is there: what stops VMs or fails, with the cluster's name */
    WATCH_STEPS, /* a terminal without a cursor that moves: each step, as it begins and ends */
    WATCH_LIVE   /* a terminal */
};

struct watched {
    size_t at; /* of the run's groups */
    enum run_group_phase phase;
};

/* A line for a log that waits until its instant is over. */
struct watch_line {
    uint64_t group;
    bool opens;
    const char *text;
};

struct watch {
    struct fleet_item *item;
    enum watch_how how;
    size_t seen; /* groups of the run that are known */
    struct watched *open;
    size_t open_count, open_room;
    struct watch_line *lines;
    size_t line_count, line_room;
    int64_t lines_ms; /* their instant, by the world's clock */
    int64_t drawn_ms; /* by this machine's */
};

enum { WATCH_TICK_MS = 500 };

void watch_begin(struct watch *w, struct fleet_item *item, enum watch_how how);
void watch_change(struct watch *w, const struct run *run, int64_t now_ms, bool over);
void watch_wait(struct watch *w, const struct run *run, int64_t now_ms);
void watch_step_begins(struct watch *w, const struct step_result *begins);
void watch_step(struct watch *w, const struct step_result *step, size_t done, size_t all);
/* Whatever way the run ended. */
void watch_end(struct watch *w);

#endif
