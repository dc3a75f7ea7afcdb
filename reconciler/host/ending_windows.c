/*
 * The session or the system ends.  Of a closed window and of Ctrl-C libuv makes
 * signals; of these two it makes nothing.  Windows ends the process when the
 * handler returns, so it does not: what is left of the time is the loop's.
 */
#include "host/host.h"
#include "host/inner_windows.h"

static SRWLOCK lock = SRWLOCK_INIT;
static struct host_ending *all;

static bool tell_all(void)
{
    bool any;

    AcquireSRWLockShared(&lock);
    any = all != NULL;
    for (struct host_ending *x = all; x; x = x->next)
        x->told(x->context);
    ReleaseSRWLockShared(&lock);
    return any;
}

static BOOL WINAPI on_event(DWORD event)
{
    if ((event != CTRL_LOGOFF_EVENT && event != CTRL_SHUTDOWN_EVENT) || !tell_all())
        return FALSE;
    Sleep(INFINITE);
    return TRUE;
}

void host_ending_begin(struct host_ending *x)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    BOOL first = FALSE;

    AcquireSRWLockExclusive(&lock);
    x->next = all;
    all = x;
    ReleaseSRWLockExclusive(&lock);
    if (InitOnceBeginInitialize(&once, 0, &first, NULL) && first) {
        SetConsoleCtrlHandler(on_event, TRUE); /* without it the next apply ends what was begun */
        InitOnceComplete(&once, 0, NULL);
    }
}

void host_ending_end(struct host_ending *x)
{
    AcquireSRWLockExclusive(&lock);
    for (struct host_ending **at = &all; *at; at = &(*at)->next)
        if (*at == x) {
            *at = x->next;
            break;
        }
    ReleaseSRWLockExclusive(&lock);
}
