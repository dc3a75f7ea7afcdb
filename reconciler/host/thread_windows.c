#include "host/host.h"
#include "host/inner_windows.h"

#include <stdlib.h>

enum { STACK = 1 << 20 };

/* Shared by the thread and who started it; the last of the two frees it. */
struct host_thread {
    HANDLE handle;
    SRWLOCK lock;
    bool ended, left;
    void (*run)(void *job);
    void *job;
};

int64_t host_tick_ms(void)
{
    return (int64_t)GetTickCount64();
}

static DWORD WINAPI begin(void *arg)
{
    struct host_thread *t = arg;
    bool left;

    t->run(t->job);
    AcquireSRWLockExclusive(&t->lock);
    t->ended = true;
    left = t->left;
    ReleaseSRWLockExclusive(&t->lock);
    if (left)
        free(t);
    return 0;
}

bool host_thread_start(void (*run)(void *job), void *job, struct host_thread **out, struct err *e)
{
    struct host_thread *t = calloc(1, sizeof *t);

    if (!t)
        return err_set(e, ERR_IO, ERROR_OUTOFMEMORY, "no memory for a thread");
    InitializeSRWLock(&t->lock);
    t->run = run;
    t->job = job;
    t->handle = CreateThread(NULL, STACK, begin, t, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (!t->handle) {
        free(t);
        return err_set(e, ERR_IO, GetLastError(), "no thread could be started");
    }
    *out = t;
    return true;
}

bool host_thread_wait(struct host_thread *t, int64_t until_tick_ms)
{
    int64_t left = until_tick_ms - host_tick_ms();

    return WaitForSingleObject(t->handle, left > 0 ? (DWORD)left : 0) == WAIT_OBJECT_0;
}

bool host_thread_end(struct host_thread *t, int64_t until_tick_ms)
{
    bool ended = host_thread_wait(t, until_tick_ms);

    AcquireSRWLockExclusive(&t->lock);
    ended = ended || t->ended;
    t->left = !ended;
    if (!ended)
        CloseHandle(t->handle);
    ReleaseSRWLockExclusive(&t->lock);
    if (!ended)
        return false; /* it frees itself, if it ever comes back */
    WaitForSingleObject(t->handle, INFINITE);
    CloseHandle(t->handle);
    free(t);
    return true;
}
