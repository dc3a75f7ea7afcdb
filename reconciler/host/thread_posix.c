#include "host/host.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STACK = 1 << 20 };

/* Shared by the thread and who started it; the last of the two frees it. */
struct host_thread {
    pthread_t id;
    pthread_mutex_t mutex;
    pthread_cond_t ended_now;
    bool ended, left;
    void (*run)(void *job);
    void *job;
};

int64_t host_tick_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void free_thread(struct host_thread *t)
{
    pthread_cond_destroy(&t->ended_now);
    pthread_mutex_destroy(&t->mutex);
    free(t);
}

static void *begin(void *arg)
{
    struct host_thread *t = arg;
    bool left;

    t->run(t->job);
    pthread_mutex_lock(&t->mutex);
    t->ended = true;
    left = t->left;
    pthread_cond_signal(&t->ended_now);
    pthread_mutex_unlock(&t->mutex);
    if (left)
        free_thread(t);
    return NULL;
}

static bool make_signal(struct host_thread *t)
{
    pthread_condattr_t how;
    bool ok;

    if (pthread_condattr_init(&how) != 0)
        return false;
    ok = pthread_condattr_setclock(&how, CLOCK_MONOTONIC) == 0 &&
         pthread_cond_init(&t->ended_now, &how) == 0;
    pthread_condattr_destroy(&how);
    return ok;
}

static int start(struct host_thread *t)
{
    pthread_attr_t how;
    int failed = pthread_attr_init(&how);

    if (failed)
        return failed;
    failed = pthread_attr_setstacksize(&how, STACK);
    if (!failed)
        failed = pthread_create(&t->id, &how, begin, t);
    pthread_attr_destroy(&how);
    return failed;
}

bool host_thread_start(void (*run)(void *job), void *job, struct host_thread **out, struct err *e)
{
    struct host_thread *t = calloc(1, sizeof *t);
    int failed;

    if (!t || pthread_mutex_init(&t->mutex, NULL) != 0) {
        free(t);
        return err_set(e, ERR_IO, ENOMEM, "no memory for a thread");
    }
    if (!make_signal(t)) {
        pthread_mutex_destroy(&t->mutex);
        free(t);
        return err_set(e, ERR_IO, ENOMEM, "no memory for a thread");
    }
    t->run = run;
    t->job = job;
    failed = start(t);
    if (failed) {
        free_thread(t);
        return err_set(e, ERR_IO, failed, "no thread could be started: %s", strerror(failed));
    }
    *out = t;
    return true;
}

/* With the mutex held. */
static bool wait_until(struct host_thread *t, int64_t until_tick_ms)
{
    struct timespec until = {(time_t)(until_tick_ms / 1000),
                             (long)(until_tick_ms % 1000) * 1000000};

    while (!t->ended && pthread_cond_timedwait(&t->ended_now, &t->mutex, &until) == 0)
        ;
    return t->ended;
}

bool host_thread_wait(struct host_thread *t, int64_t until_tick_ms)
{
    bool ended;

    pthread_mutex_lock(&t->mutex);
    ended = wait_until(t, until_tick_ms);
    pthread_mutex_unlock(&t->mutex);
    return ended;
}

bool host_thread_end(struct host_thread *t, int64_t until_tick_ms)
{
    bool ended;

    pthread_mutex_lock(&t->mutex);
    ended = wait_until(t, until_tick_ms);
    t->left = !ended;
    if (!ended)
        pthread_detach(t->id);
    pthread_mutex_unlock(&t->mutex);
    if (!ended)
        return false; /* it frees itself, if it ever comes back */
    pthread_join(t->id, NULL);
    free_thread(t);
    return true;
}
