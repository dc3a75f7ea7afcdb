#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

bool host_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

/* False: there is no terminal. */
static bool size_of_terminal(struct winsize *out)
{
    static const int FDS[] = {STDOUT_FILENO, STDERR_FILENO};

    for (size_t i = 0; i < sizeof FDS / sizeof *FDS; i++)
        if (isatty(FDS[i]) && ioctl(FDS[i], TIOCGWINSZ, out) == 0)
            return true;
    return false;
}

int host_terminal_width(void)
{
    struct winsize w;

    return !size_of_terminal(&w) ? 0 : w.ws_col ? w.ws_col : 80;
}

int host_terminal_height(void)
{
    struct winsize w;

    return !size_of_terminal(&w) ? 0 : w.ws_row ? w.ws_row : 24;
}

bool host_can_redraw(int fd)
{
    const char *term = getenv("TERM");

    return isatty(fd) == 1 && term && *term && strcmp(term, "dumb") != 0;
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

void host_fill_standard(void)
{
    static const int MODES[] = {O_RDONLY, O_RDONLY, O_RDWR};

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            (void)!open("/dev/null", MODES[fd]); /* the lowest free number is this one */
}

void host_outlive_pipes(void)
{
    signal(SIGPIPE, SIG_IGN);
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
