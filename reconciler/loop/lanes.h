/* Lanes, as loop.c sees them; nobody else includes it. */
#ifndef LOOP_LANES_H
#define LOOP_LANES_H

#include "loop/loop.h"

#include <uv.h>

/* A piece of work that a lane was given. */
struct errand {
    struct errand *next;
    void *job;
    lane_work *work;
    lane_done *done;
    lane_left *left; /* or NULL */
    uint64_t deadline_ms;
};

struct lane;

/*
 * All lanes of a loop.  The loop thread owns everything here but `finished`,
 * which `mutex` guards: the lanes whose work has returned.
 */
struct lanes {
    uv_loop_t *uv;
    uv_async_t wake;
    uv_mutex_t mutex;
    struct lane *finished;
    struct lane **rows;
    size_t count, room;
    struct errand *unbegun, **unbegun_end; /* to be told of at the next step */
    size_t waiting;                        /* errands that were not told of yet */
    bool *told;                            /* set when one was: ends a step */
};

int lanes_open(struct lanes *l, uv_loop_t *uv, bool *told);
void lanes_submit(struct lanes *l, uint32_t number, struct errand *errand);
bool lanes_lost(const struct lanes *l, uint32_t number);
/* Tells of the errands that will never begin. */
void lanes_tell_unbegun(struct lanes *l);
/* Joins the lanes that are idle, leaves the others behind, tells of all errands, closes all
 * handles. */
void lanes_close(struct lanes *l);
/* After the handles are closed. */
void lanes_free(struct lanes *l);

#endif
