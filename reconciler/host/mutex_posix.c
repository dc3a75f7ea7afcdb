#include "host/host.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct host_mutex {
    pthread_mutex_t m;
};

/* None of these can fail but through a bug of ours or a machine without memory. */
static void insist(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "hvgpu: a mutex could not be %s\n", what);
    abort();
}

struct host_mutex *host_mutex_new(void)
{
    struct host_mutex *m = malloc(sizeof *m);

    insist(m && pthread_mutex_init(&m->m, NULL) == 0, "made");
    return m;
}

void host_mutex_lock(struct host_mutex *m)
{
    insist(pthread_mutex_lock(&m->m) == 0, "locked");
}

void host_mutex_unlock(struct host_mutex *m)
{
    insist(pthread_mutex_unlock(&m->m) == 0, "unlocked");
}

void host_mutex_free(struct host_mutex *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->m);
    free(m);
}
