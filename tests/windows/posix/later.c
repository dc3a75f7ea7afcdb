/*
 * For a program that is begun later than it is: preloaded below Wine, the clock
 * shows LATER_SECONDS more.  What has a deadline of minutes is then over at
 * once, and nobody sleeps.  Built for this system, not for Windows.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *out)
{
    const char *later = getenv("LATER_SECONDS");
    long rc = syscall(SYS_clock_gettime, clock, out);

    if (rc == 0 && later && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        out->tv_sec += strtol(later, NULL, 10);
    return (int)rc;
}
