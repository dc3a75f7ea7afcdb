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

/* Runs on the lane's thread; must touch nothing but `job`. */
typedef void lane_work(void *job);
/* Runs on the loop thread when the work has returned; `late` if its deadline had passed. */
typedef void lane_done(void *job, bool late);

bool loop_open(struct loop **out, struct err *e) MUST_CHECK;
/* Does not wait for a lane that hangs: its thread is left behind. */
void loop_close(struct loop *l);

/*
 * Hands `job` to the lane with this number (made on first use; jobs of one
 * lane run one after the other).  `done` is called exactly once, on the loop
 * thread, from loop_step(): with `late` when deadline_ms of real time passed
 * since the lane took the job up and the work had not returned.  The lane is
 * then given up, and the jobs that wait behind it, and those submitted later,
 * are late too.  A job that is late must not be freed: its work may still run.
 */
void loop_submit(struct loop *l, uint32_t lane, void *job, lane_work *work, lane_done *done,
                 int64_t deadline_ms);
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
