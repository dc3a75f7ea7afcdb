#include "loop/loop.h"

#include "host/host.h"
#include "loop/lanes.h"

#include <signal.h>
#include <stdlib.h>

/* Ctrl-C, the request to end, and the terminal that goes away. */
static const int SIGNALS[] = {
    SIGINT,
    SIGTERM,
#ifdef SIGBREAK
    SIGBREAK,
#endif
#ifdef SIGHUP
    SIGHUP,
#endif
};
enum { SIGNAL_COUNT = sizeof SIGNALS / sizeof *SIGNALS };

struct loop {
    uv_loop_t uv;
    uv_timer_t wait;
    uv_signal_t signals[SIGNAL_COUNT];
    uv_async_t over; /* the session or the system ends */
    struct host_ending ending;
    bool installed;
    unsigned signal_count;
    bool woken; /* something happened that ends a step */
    struct lanes lanes;
};

static bool fail(struct err *e, int rc, const char *what)
{
    return err_set(e, ERR_IO, rc, "cannot %s: %s", what, uv_strerror(rc));
}

bool loop_open(struct loop **out, struct err *e)
{
    struct loop *l = calloc(1, sizeof *l);
    int rc;

    if (!l)
        return err_set(e, ERR_IO, 0, "the machine has no memory left");
    rc = uv_loop_init(&l->uv);
    if (rc != 0) {
        free(l);
        return fail(e, rc, "make an event loop");
    }
    uv_timer_init(&l->uv, &l->wait);
    l->wait.data = l;
    rc = lanes_open(&l->lanes, &l->uv, &l->woken);
    if (rc != 0) {
        uv_close((uv_handle_t *)&l->wait, NULL);
        uv_run(&l->uv, UV_RUN_DEFAULT);
        uv_loop_close(&l->uv);
        free(l);
        return fail(e, rc, "make an event loop");
    }
    *out = l;
    return true;
}

void loop_close(struct loop *l)
{
    if (!l)
        return;
    if (l->installed) {
        host_ending_end(&l->ending);
        uv_close((uv_handle_t *)&l->over, NULL);
    }
    for (size_t i = 0; l->installed && i < SIGNAL_COUNT; i++)
        uv_close((uv_handle_t *)&l->signals[i], NULL);
    lanes_close(&l->lanes);
    uv_close((uv_handle_t *)&l->wait, NULL);
    while (uv_loop_close(&l->uv) == UV_EBUSY)
        uv_run(&l->uv, UV_RUN_DEFAULT); /* the closings; no lane can wake it any more */
    lanes_free(&l->lanes);
    free(l);
}

void loop_submit(struct loop *l, uint32_t lane, void *job, lane_work *work, lane_done *done,
                 lane_left *left, int64_t deadline_ms)
{
    struct errand *errand = malloc(sizeof *errand);

    if (!errand)
        abort(); /* the machine's own out of memory ends the process */
    *errand = (struct errand){.job = job,
                              .work = work,
                              .done = done,
                              .left = left,
                              .deadline_ms = deadline_ms > 0 ? (uint64_t)deadline_ms : 0};
    lanes_submit(&l->lanes, lane, errand);
}

bool loop_lane_lost(const struct loop *l, uint32_t lane)
{
    return lanes_lost(&l->lanes, lane);
}

/*
 * Ends loop_step().  uv_stop() too: uv_run() blocks after a timer that it ran
 * first, whatever its mode.
 */
static void wake(struct loop *l)
{
    l->woken = true;
    uv_stop(&l->uv);
}

static void on_wait(uv_timer_t *timer)
{
    wake(timer->data);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct loop *l = handle->data;

    (void)number;
    l->signal_count++;
    wake(l);
}

static void on_over(uv_async_t *handle)
{
    struct loop *l = handle->data;

    l->signal_count++;
    wake(l);
}

/* On another thread. */
static void told_over(void *context)
{
    uv_async_send(context);
}

void loop_step(struct loop *l, int64_t wait_ms)
{
    l->woken = false;
    lanes_tell_unbegun(&l->lanes);
    if (l->woken)
        return;
    if (wait_ms < 0 && !l->installed && l->lanes.waiting == 0)
        return;
    uv_update_time(&l->uv);
    if (wait_ms >= 0)
        uv_timer_start(&l->wait, on_wait, (uint64_t)wait_ms, 0);
    while (!l->woken)
        uv_run(&l->uv, UV_RUN_DEFAULT);
    uv_timer_stop(&l->wait);
}

void loop_signals(struct loop *l)
{
    if (l->installed)
        return;
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        uv_signal_init(&l->uv, &l->signals[i]); /* fails only for want of the process's own pipe */
        l->signals[i].data = l;
        uv_signal_start(&l->signals[i], on_signal, SIGNALS[i]);
    }
    if (uv_async_init(&l->uv, &l->over, on_over) != 0)
        abort(); /* the process's own pipe, as above */
    l->over.data = l;
    l->ending = (struct host_ending){.told = told_over, .context = &l->over};
    host_ending_begin(&l->ending);
    l->installed = true;
}

unsigned loop_signal_count(const struct loop *l)
{
    return l->signal_count;
}

int64_t loop_now_ms(const struct loop *l)
{
    (void)l;
    return (int64_t)(uv_hrtime() / 1000000);
}

const char *loop_library(void)
{
    return uv_version_string();
}
