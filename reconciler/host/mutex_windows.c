#include "host/host.h"
#include "host/inner_windows.h"

#include <stdio.h>
#include <stdlib.h>

struct host_mutex {
    SRWLOCK lock;
};

struct host_mutex *host_mutex_new(void)
{
    struct host_mutex *m = malloc(sizeof *m);

    if (!m) {
        fprintf(stderr, "hvgpu: a mutex could not be made\n");
        abort();
    }
    InitializeSRWLock(&m->lock);
    return m;
}

void host_mutex_lock(struct host_mutex *m)
{
    AcquireSRWLockExclusive(&m->lock);
}

void host_mutex_unlock(struct host_mutex *m)
{
    ReleaseSRWLockExclusive(&m->lock);
}

void host_mutex_free(struct host_mutex *m)
{
    free(m);
}
