/* Pieces of looking on threads of their own: a host that hangs costs its deadline, nothing else. */
#include "provider/hyperv/see.h"

#include <stdlib.h>

void hv_job_free(struct hv_job *job)
{
    if (!job)
        return;
    if (job->fixed)
        hv_static_give(job->h, job->fixed);
    arena_release(&job->arena);
    free(job->host);
    free(job);
}

struct hv_session *hv_job_session(struct hv_job *job, enum cim_space space)
{
    struct hv_session **s = &job->sessions[space];

    if (!*s && !hv_take(job->h, job->host, space, s, &job->err))
        err_wrap(&job->err, "%s", cim_space_paths[space]);
    return *s;
}

void hv_job_lost(struct hv_job *job, enum cim_space space, const struct err *e)
{
    hv_give(job->h, job->sessions[space], e);
    job->sessions[space] = NULL;
}

static void give_sessions(struct hv_job *job)
{
    for (unsigned i = 0; i < CIM_SPACES; i++)
        if (job->sessions[i])
            hv_give(job->h, job->sessions[i], job->ok ? NULL : &job->err);
}

static void work(void *context)
{
    struct hv_job *job = context;

    job->run(job);
}

/* Its memory is its own: where that ends, this job ends, and nothing else. */
static void run(struct hv_job *job)
{
    if (!arena_guard(&job->arena, work, job))
        job->ok =
            err_set(&job->err, ERR_INVALID, 0, "the host answered more than there is memory for");
    give_sessions(job);
}

static void begin(void *arg)
{
    struct hv_job *job = arg;
    struct hyperv *h = job->h;
    bool left;

    run(job);
    host_mutex_lock(h->mutex);
    job->done = true;
    left = job->left;
    host_mutex_unlock(h->mutex);
    if (left)
        hv_job_free(job);
    hv_leave(h);
}

struct hv_job *hv_job_start(struct hyperv *h, const struct arena *a, const struct hv_task *task,
                            struct err *e)
{
    struct hv_job *job = calloc(1, sizeof *job);

    if (!job)
        abort(); /* the machine has no memory: as the arena */
    job->h = h;
    job->run = task->run;
    job->host = hv_own(task->host);
    job->build = task->build;
    arena_init(&job->arena, a->limit);
    if (!hv_enter(h)) {
        err_set(e, ERR_TIMEOUT, 0, "the world was closed");
    } else if (host_thread_start(begin, job, &job->thread, e)) {
        return job;
    } else {
        hv_leave(h);
    }
    hv_job_free(job);
    return NULL;
}

bool hv_job_end(struct hv_job *job, int64_t until_tick_ms, struct err *e)
{
    struct hyperv *h = job->h;
    bool done = host_thread_end(job->thread, until_tick_ms);

    if (!done) { /* who is first decides whose the job is */
        host_mutex_lock(h->mutex);
        done = job->done;
        job->left = !done;
        host_mutex_unlock(h->mutex);
    }
    if (!done)
        return err_set(e, ERR_TIMEOUT, 0, "it did not answer in time");
    if (job->ok)
        return true;
    *e = job->err;
    hv_job_free(job);
    return false;
}
