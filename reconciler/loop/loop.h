/*
 * The loop: timers, signals, and lanes (own threads, one per node in use) on
 * which calls that can block are made.  The loop thread owns every decision;
 * a lane gets a job and hands its reply over whole.  libuv's pool is not used
 * for lanes: four hung calls would starve every other host.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct loop;

const char *loop_library(void); /* version of libuv: "1.44.2" */

/* Runs on the lane's thread; must touch nothing but `job`. */
typedef void lane_work(void *job);

enum lane_end {
    LANE_DONE,   /* the work has returned */
    LANE_LATE,   /* it has not; its lane is given up, and the job is the lane's until `left` */
    LANE_UNBEGUN /* it never began: its lane was given up before, or the loop is closed */
};
/* Runs on the loop thread, once for each job. */
typedef void lane_done(void *job, enum lane_end end);
/* Runs on the lane's thread when late work returns after all: frees the job. */
typedef void lane_left(void *job);

bool loop_open(struct loop **out, struct err *e) MUST_CHECK;
/* Does not wait for work that has not returned: its thread is left behind, its job late. */
void loop_close(struct loop *l);

/*
 * Hands `job` to the lane with this number (made on first use; jobs of one
 * lane run one after the other).  `done` is called exactly once, from
 * loop_step() or loop_close(), never from here.  It is late when deadline_ms
 * of real time passed since the lane took the job up and the work had not
 * returned; the lane is then given up, with the jobs that wait behind it and
 * those that are submitted later.  `done` may submit more, but not from loop_close().
 */
void loop_submit(struct loop *l, uint32_t lane, void *job, lane_work *work, lane_done *done,
                 lane_left *left, int64_t deadline_ms);
bool loop_lane_lost(const struct loop *l, uint32_t lane);

/*
 * Blocks until a job is done or late, `wait_ms` passed (< 0: for ever) or a
 * signal came.  Returns at once when nothing could ever end the wait.
 */
void loop_step(struct loop *l, int64_t wait_ms);
/* Ctrl-C and the request to end: how often since the start.  Installed by loop_signals(). */
void loop_signals(struct loop *l);
unsigned loop_signal_count(const struct loop *l);
/* Monotonic real milliseconds. */
int64_t loop_now_ms(const struct loop *l);

#endif
