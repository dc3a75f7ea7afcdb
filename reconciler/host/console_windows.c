/* The three standard handles: a console takes and gives UTF-16, a file or a pipe our bytes. */
#include "host/host.h"
#include "host/inner_windows.h"

#include <shellapi.h>
#include <stdlib.h>
#include <string.h>

/* What one call of WriteConsoleW takes on every version. */
enum { CONSOLE_PART = 8 << 10 };

static const DWORD STANDARD[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};

static HANDLE standard(int fd)
{
    return fd >= 0 && fd <= 2 ? GetStdHandle(STANDARD[fd]) : INVALID_HANDLE_VALUE;
}

/* Of the C library's own list the letters that are not in this machine's code page are lost. */
char **host_arguments(struct arena *a, int argc, char **argv)
{
    int n = 0;
    wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &n);
    char **out;

    if (!wide || n != argc) {
        LocalFree(wide);
        return argv;
    }
    out = arena_array(a, char *, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        out[i] = arena_strdup(a, windows_narrow(a, wide[i]));
    LocalFree(wide);
    return out;
}

void host_fill_standard(void)
{
    /* a handle that is missing is never given to a file that is opened later */
}

void host_outlive_pipes(void)
{
    /* there is no such signal here */
}

bool host_is_terminal(int fd)
{
    DWORD mode;

    return GetConsoleMode(standard(fd), &mode) != 0;
}

bool host_takes_color(int fd)
{
    DWORD mode;

    return GetConsoleMode(standard(fd), &mode) &&
           ((mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) ||
            SetConsoleMode(standard(fd), mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING));
}

/* False: there is no console. */
static bool window_of_console(SMALL_RECT *out)
{
    CONSOLE_SCREEN_BUFFER_INFO info;

    for (int fd = 1; fd <= 2; fd++)
        if (GetConsoleScreenBufferInfo(standard(fd), &info)) {
            *out = info.srWindow;
            return true;
        }
    return false;
}

int host_terminal_width(void)
{
    SMALL_RECT w;

    return window_of_console(&w) ? w.Right - w.Left + 1 : 0;
}

int host_terminal_height(void)
{
    SMALL_RECT w;

    return window_of_console(&w) ? w.Bottom - w.Top + 1 : 0;
}

bool host_can_redraw(int fd)
{
    const char *term = host_env("TERM"); /* said by shells that came from elsewhere, if at all */

    return (!term || strcmp(term, "dumb") != 0) && host_takes_color(fd);
}

static bool put_into_console(HANDLE h, const char *text, size_t size)
{
    int n = MultiByteToWideChar(CP_UTF8, 0, text, (int)size, NULL, 0);
    wchar_t *wide = n > 0 ? malloc((size_t)n * sizeof *wide) : NULL;
    const wchar_t *at = wide;
    bool ok = wide != NULL;
    DWORD done;

    if (ok)
        MultiByteToWideChar(CP_UTF8, 0, text, (int)size, wide, n);
    for (; ok && n > 0; at += done, n -= (int)done)
        ok = WriteConsoleW(h, at, n < CONSOLE_PART ? (DWORD)n : CONSOLE_PART, &done, NULL) && done;
    free(wide);
    return ok;
}

bool host_put(int fd, const char *text, size_t size)
{
    if (size == 0)
        return true;
    if (host_is_terminal(fd) && size <= INT32_MAX)
        return put_into_console(standard(fd), text, size);
    return windows_write_all(standard(fd), text, size);
}

/* Ctrl-Z at the beginning of a line is the end, as in every program. */
static bool read_console(HANDLE h, char *out, DWORD room, DWORD *got)
{
    enum { MOST = 4 << 10 };
    wchar_t wide[MOST];
    /* One unit becomes three bytes at most; a pair of two becomes four. */
    DWORD want = room / 3 < MOST ? room / 3 : MOST, n = 0;

    *got = 0;
    if (!ReadConsoleW(h, wide, want, &n, NULL))
        return false;
    if (n == 0 || wide[0] == 26)
        return true;
    *got = (DWORD)WideCharToMultiByte(CP_UTF8, 0, wide, (int)n, out, (int)room, NULL, NULL);
    return true;
}

bool windows_read(HANDLE h, char *out, DWORD room, DWORD *got)
{
    DWORD mode;

    if (room >= 3 && GetConsoleMode(h, &mode))
        return read_console(h, out, room, got);
    *got = 0;
    /* Who wrote into the pipe is gone: that is its end. */
    return ReadFile(h, out, room, got, NULL) || GetLastError() == ERROR_BROKEN_PIPE;
}

bool host_read_line(char *out, size_t size)
{
    size_t n = 0;
    DWORD got = 1;

    while (n + 1 < size && memchr(out, '\n', n) == NULL && got) {
        /* Of a pipe byte by byte: what comes after the line is for the next one. */
        DWORD want = host_is_terminal(0) ? (DWORD)(size - n - 1) : 1;

        if (!windows_read(standard(0), out + n, want, &got))
            got = 0;
        n += got;
    }
    out[n] = '\0';
    return n > 0;
}
