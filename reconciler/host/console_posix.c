#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

char **host_arguments(struct arena *a, int argc, char **argv)
{
    (void)a;
    (void)argc;
    return argv;
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

bool host_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

bool host_takes_color(int fd)
{
    return host_is_terminal(fd);
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
    const char *term = host_env("TERM");

    return host_is_terminal(fd) && term && *term && strcmp(term, "dumb") != 0;
}

bool host_put(int fd, const char *text, size_t size)
{
    FILE *f = fd == STDOUT_FILENO ? stdout : stderr;

    return fwrite(text, 1, size, f) == size && fflush(f) == 0;
}

bool host_read_line(char *out, size_t size)
{
    return fgets(out, (int)size, stdin) != NULL;
}
