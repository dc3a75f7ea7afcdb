#include "host/host.h"
#include "host/inner_windows.h"

#include <stdlib.h>
#include <string.h>

int64_t host_now_ms(void)
{
    FILETIME t;
    ULARGE_INTEGER n;

    GetSystemTimePreciseAsFileTime(&t);
    n.LowPart = t.dwLowDateTime;
    n.HighPart = t.dwHighDateTime;
    /* 100 ns since 1601; 11644473600 s lie between that and 1970. */
    return (int64_t)(n.QuadPart / 10000) - INT64_C(11644473600000);
}

const char *host_name(struct arena *a)
{
    wchar_t name[256];
    DWORD n = sizeof name / sizeof *name;

    return GetComputerNameExW(ComputerNameDnsHostname, name, &n) ? windows_narrow(a, name)
                                                                 : "localhost";
}

/* What getenv() returns stays; ours does too: each name is asked a few times in a process. */
struct kept {
    struct kept *next;
    char *name, *value;
};

static char *narrow_copy(const wchar_t *s)
{
    int n = WideCharToMultiByte(CP_UTF8, 0, s, -1, NULL, 0, NULL, NULL);
    char *out = n > 0 ? malloc((size_t)n) : NULL;

    if (out)
        WideCharToMultiByte(CP_UTF8, 0, s, -1, out, n, NULL, NULL);
    return out;
}

const char *host_env(const char *name)
{
    static SRWLOCK lock = SRWLOCK_INIT;
    static struct kept *all;
    wchar_t wide[WINDOWS_PATH];
    const wchar_t *found;
    struct kept *k;

    AcquireSRWLockExclusive(&lock);
    for (k = all; k && strcmp(k->name, name) != 0; k = k->next)
        continue;
    if (!k && windows_wide(name, wide) && (found = _wgetenv(wide)) && (k = calloc(1, sizeof *k))) {
        k->name = narrow_copy(wide);
        k->value = narrow_copy(found);
        if (k->name && k->value) {
            k->next = all;
            all = k;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return k ? k->value : NULL;
}

const char *host_user(struct arena *a)
{
    const char *name = host_env("USERNAME");

    return name && *name ? arena_strdup(a, name) : "somebody";
}

int64_t host_pid(void)
{
    return GetCurrentProcessId();
}

size_t host_cores(void)
{
    DWORD n = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);

    return n ? n : 1;
}

void host_sleep_ms(int64_t ms)
{
    for (; ms > 0; ms -= 1000000)
        Sleep((DWORD)(ms < 1000000 ? ms : 1000000));
}

void host_tune_memory(void)
{
    /* the heap of Windows maps large blocks by itself, and gives them back */
}
