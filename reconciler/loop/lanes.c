/*
 * Lanes: one thread each, one errand at a time.
 *
 * A lane is two things.  `struct lane` belongs to the loop thread: the queue,
 * the deadline.  `struct worker` is shared with the thread and outlives the
 * lane when its work hangs: then the loop marks it abandoned, never touches it
 * again, and the thread frees it if it ever comes back.
 *
 * Who is first decides: the worker's mutex orders "the work returned" and
 * "the deadline passed", so that an errand is told of once.
 */
#include "loop/lanes.h"

#include <stdlib.h>
#include <string.h>

enum { STACK = 1 << 20 };

enum worker_state { WORKER_IDLE, WORKER_BUSY, WORKER_RETURNED, WORKER_ENDS };

struct worker {
    uv_mutex_t mutex;
    uv_cond_t cond;
    enum worker_state state;
    bool abandoned;
    lane_work *work;
    lane_left *left;
    void *job;
    struct lane *lane; /* NULL once abandoned */
};

struct lane {
    struct lanes *lanes;
    struct lane *next_finished;
    uint32_t number;
    uv_thread_t thread;
    uv_timer_t deadline;
    struct worker *worker;       /* NULL: lost, or its thread could not be made */
    struct errand *first, **end; /* the first is under way */
};

/* ---- on the lane's thread ---- */

static void worker_free(struct worker *w)
{
    uv_cond_destroy(&w->cond);
    uv_mutex_destroy(&w->mutex);
    free(w);
}

/* With the worker's mutex held: an abandoned one may not touch the loop any more. */
static void report(struct worker *w)
{
    struct lanes *l = w->lane->lanes;

    w->state = WORKER_RETURNED;
    uv_mutex_lock(&l->mutex);
    w->lane->next_finished = l->finished;
    l->finished = w->lane;
    uv_mutex_unlock(&l->mutex);
    uv_async_send(&l->wake);
}

static void worker_run(void *arg)
{
    struct worker *w = arg;
    bool abandoned = false;

    uv_mutex_lock(&w->mutex);
    for (;;) {
        while (w->state != WORKER_BUSY && w->state != WORKER_ENDS)
            uv_cond_wait(&w->cond, &w->mutex);
        if (w->state == WORKER_ENDS)
            break;
        uv_mutex_unlock(&w->mutex);
        w->work(w->job);
        uv_mutex_lock(&w->mutex);
        abandoned = w->abandoned;
        if (abandoned)
            break;
        report(w);
    }
    uv_mutex_unlock(&w->mutex);
    if (!abandoned)
        return;
    if (w->left)
        w->left(w->job);
    worker_free(w);
}

/* ---- on the loop thread ---- */

static struct worker *worker_new(struct lane *lane)
{
    const uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = STACK};
    struct worker *w = calloc(1, sizeof *w);

    if (!w)
        return NULL;
    w->lane = lane;
    if (uv_mutex_init(&w->mutex) != 0) {
        free(w);
        return NULL;
    }
    if (uv_cond_init(&w->cond) != 0) {
        uv_mutex_destroy(&w->mutex);
        free(w);
        return NULL;
    }
    if (uv_thread_create_ex(&lane->thread, &options, worker_run, w) != 0) {
        worker_free(w);
        return NULL;
    }
    return w;
}

static void tell_end(struct lanes *l, struct errand *errand, enum lane_end end)
{
    struct errand row = *errand;

    free(errand);
    l->waiting--;
    *l->told = true;
    uv_stop(l->uv);
    row.done(row.job, end);
}

static void add_unbegun(struct lanes *l, struct errand *errand)
{
    errand->next = NULL;
    *l->unbegun_end = errand;
    l->unbegun_end = &errand->next;
}

void lanes_tell_unbegun(struct lanes *l)
{
    struct errand *e;

    while ((e = l->unbegun)) {
        l->unbegun = e->next;
        if (!l->unbegun)
            l->unbegun_end = &l->unbegun;
        tell_end(l, e, LANE_UNBEGUN);
    }
}

static struct errand *take_first(struct lane *lane)
{
    struct errand *e = lane->first;

    lane->first = e->next;
    if (!lane->first)
        lane->end = &lane->first;
    return e;
}

/* What waits behind the first will never begin. */
static void drop_queue(struct lane *lane)
{
    while (lane->first)
        add_unbegun(lane->lanes, take_first(lane));
}

/*
 * Leaves the thread behind, unless its work has returned just now.  Told of
 * under the worker's mutex: until then the thread cannot free the job.
 */
static bool give_up(struct lane *lane)
{
    struct worker *w = lane->worker;
    bool hangs;

    uv_mutex_lock(&w->mutex);
    hangs = w->state == WORKER_BUSY;
    if (hangs) {
        struct errand *first = take_first(lane);

        w->abandoned = true;
        w->lane = NULL;
        lane->worker = NULL;
        drop_queue(lane);
        tell_end(lane->lanes, first, LANE_LATE);
    }
    uv_mutex_unlock(&w->mutex);
    return hangs;
}

static void on_deadline(uv_timer_t *timer)
{
    struct lane *lane = timer->data;

    if (lane->first && lane->worker && give_up(lane))
        lanes_tell_unbegun(lane->lanes);
    /* Else it returned in the same instant: on_wake() tells. */
}

/* Gives the worker the first errand of the queue; the deadline runs from here. */
static void begin(struct lane *lane)
{
    struct worker *w = lane->worker;
    struct errand *e = lane->first;

    uv_update_time(lane->lanes->uv);
    uv_timer_start(&lane->deadline, on_deadline, e->deadline_ms, 0);
    uv_mutex_lock(&w->mutex);
    w->work = e->work;
    w->left = e->left;
    w->job = e->job;
    w->state = WORKER_BUSY;
    uv_cond_signal(&w->cond);
    uv_mutex_unlock(&w->mutex);
}

static void finish(struct lane *lane)
{
    struct errand *e = take_first(lane);

    uv_timer_stop(&lane->deadline);
    if (lane->first)
        begin(lane);
    tell_end(lane->lanes, e, LANE_DONE);
}

static void on_wake(uv_async_t *wake)
{
    struct lanes *l = wake->data;
    struct lane *lane, *in_order = NULL;

    uv_mutex_lock(&l->mutex);
    lane = l->finished;
    l->finished = NULL;
    uv_mutex_unlock(&l->mutex);
    while (lane) { /* they were pushed: turn them round */
        struct lane *next = lane->next_finished;

        lane->next_finished = in_order;
        in_order = lane;
        lane = next;
    }
    while (in_order) {
        lane = in_order;
        in_order = lane->next_finished;
        finish(lane);
    }
}

int lanes_open(struct lanes *l, uv_loop_t *uv, bool *told)
{
    int rc;

    *l = (struct lanes){.uv = uv, .told = told};
    l->unbegun_end = &l->unbegun;
    rc = uv_mutex_init(&l->mutex);
    if (rc != 0)
        return rc;
    rc = uv_async_init(uv, &l->wake, on_wake);
    if (rc != 0)
        uv_mutex_destroy(&l->mutex);
    l->wake.data = l;
    return rc;
}

static struct lane *find(const struct lanes *l, uint32_t number)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->rows[i]->number == number)
            return l->rows[i];
    return NULL;
}

static struct lane *make(struct lanes *l, uint32_t number)
{
    struct lane *lane = calloc(1, sizeof *lane);

    if (lane && l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 8;
        struct lane **rows = realloc(l->rows, room * sizeof(struct lane *));

        if (!rows) {
            free(lane);
            return NULL;
        }
        l->rows = rows;
        l->room = room;
    }
    if (!lane)
        return NULL;
    lane->lanes = l;
    lane->number = number;
    lane->end = &lane->first;
    lane->deadline.data = lane;
    uv_timer_init(l->uv, &lane->deadline); /* cannot fail */
    l->rows[l->count++] = lane;
    lane->worker = worker_new(lane);
    return lane;
}

void lanes_submit(struct lanes *l, uint32_t number, struct errand *errand)
{
    struct lane *lane = find(l, number);

    if (!lane)
        lane = make(l, number);
    l->waiting++;
    if (!lane || !lane->worker) {
        add_unbegun(l, errand);
        return;
    }
    errand->next = NULL;
    *lane->end = errand;
    lane->end = &errand->next;
    if (lane->first == errand)
        begin(lane);
}

bool lanes_lost(const struct lanes *l, uint32_t number)
{
    const struct lane *lane = find(l, number);

    return lane && !lane->worker;
}

static void end_worker(struct lane *lane)
{
    struct worker *w = lane->worker;

    uv_mutex_lock(&w->mutex);
    w->state = WORKER_ENDS;
    uv_cond_signal(&w->cond);
    uv_mutex_unlock(&w->mutex);
    uv_thread_join(&lane->thread);
    worker_free(w);
    lane->worker = NULL;
}

void lanes_close(struct lanes *l)
{
    for (size_t i = 0; i < l->count; i++) {
        struct lane *lane = l->rows[i];

        if (lane->worker && !give_up(lane)) {
            end_worker(lane);
            if (lane->first)
                tell_end(l, take_first(lane), LANE_DONE);
            drop_queue(lane);
        }
    }
    lanes_tell_unbegun(l);
    for (size_t i = 0; i < l->count; i++)
        uv_close((uv_handle_t *)&l->rows[i]->deadline, NULL);
    uv_close((uv_handle_t *)&l->wake, NULL);
}

void lanes_free(struct lanes *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->rows[i]);
    free(l->rows);
    uv_mutex_destroy(&l->mutex);
}
