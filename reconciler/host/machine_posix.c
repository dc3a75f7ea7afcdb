#include "host/host.h"

#include <errno.h>
#include <malloc.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int64_t host_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *host_name(struct arena *a)
{
    char name[256];

    if (gethostname(name, sizeof name) != 0 || !name[0])
        return "localhost";
    name[sizeof name - 1] = '\0';
    return arena_strdup(a, name);
}

const char *host_user(struct arena *a)
{
    const struct passwd *who = getpwuid(geteuid());

    return who && who->pw_name && who->pw_name[0] ? arena_strdup(a, who->pw_name)
                                                  : arena_printf(a, "uid %u", (unsigned)geteuid());
}

const char *host_env(const char *name)
{
    return getenv(name);
}

int64_t host_pid(void)
{
    return getpid();
}

/* What this process may use: a container's share, not the machine's. */
size_t host_cores(void)
{
    cpu_set_t set;
    long n;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (size_t)CPU_COUNT(&set);
    n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (size_t)n : 1;
}

void host_sleep_ms(int64_t ms)
{
    struct timespec t;

    if (ms <= 0)
        return;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        continue;
}

/*
 * What a pass over a usual cluster takes is kept for the next one: pages fresh
 * from the kernel cost more than all that we do with them.  Larger blocks go
 * back at once, so that memory follows the largest cluster.  Unsaid, glibc
 * would raise the threshold to whatever was freed last, up to 32 MiB.
 */
void host_tune_memory(void)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
#endif
}
