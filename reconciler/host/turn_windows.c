#include "host/host.h"
#include "host/inner_windows.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * A file that is open cannot be replaced here, so it is not the file that is
 * locked: a mutex of the kernel has a name that follows from the path.  It
 * ends with its last holder, and a death lets go.
 */
struct host_turn {
    HANDLE h;
};

enum { TURN_NAME = 64 };

static bool name_of(const char *path, wchar_t out[TURN_NAME])
{
    wchar_t wide[WINDOWS_PATH], whole[WINDOWS_PATH];
    unsigned long long sum = 14695981039346656037ull; /* FNV-1a */
    HANDLE h;
    DWORD n;

    if (!windows_wide(path, wide))
        return false;
    /* The file itself, by whatever link it was named. */
    h = CreateFileW(wide, 0, WINDOWS_SHARED, NULL, OPEN_EXISTING, 0, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return false;
    n = GetFinalPathNameByHandleW(h, whole, WINDOWS_PATH, FILE_NAME_NORMALIZED);
    CloseHandle(h);
    if (n == 0 || n >= WINDOWS_PATH)
        return false;
    CharLowerBuffW(whole, n);
    for (DWORD i = 0; i < n; i++)
        sum = (sum ^ whole[i]) * 1099511628211ull;
    return swprintf(out, TURN_NAME, L"Global\\hvgpu-turn-%016llx", sum) > 0;
}

bool host_turn_take(const char *path, int64_t patience_ms, struct host_turn **out, struct err *e)
{
    wchar_t name[TURN_NAME];
    DWORD answer;
    HANDLE h;

    if (!name_of(path, name))
        return windows_fail(e, GetLastError(), "write", path);
    h = CreateMutexW(NULL, FALSE, name);
    if (!h)
        return windows_fail(e, GetLastError(), "lock", path);
    answer = WaitForSingleObject(h, (DWORD)patience_ms);
    *out = NULL;
    if (answer == WAIT_TIMEOUT)
        err_set(e, ERR_IO, WAIT_TIMEOUT, "cannot write %s: another process holds it; end it", path);
    else if (answer != WAIT_OBJECT_0 && answer != WAIT_ABANDONED)
        windows_fail(e, GetLastError(), "lock", path);
    else if (!(*out = malloc(sizeof **out))) {
        ReleaseMutex(h);
        windows_fail(e, ERROR_NOT_ENOUGH_MEMORY, "lock", path);
    }
    if (!*out) {
        CloseHandle(h);
        return false;
    }
    (*out)->h = h;
    return true;
}

void host_turn_end(struct host_turn *t)
{
    if (!t)
        return;
    ReleaseMutex(t->h);
    CloseHandle(t->h);
    free(t);
}
