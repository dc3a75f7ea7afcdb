#include "host/host.h"
#include "host/inner_windows.h"

#include <stdlib.h>
#include <string.h>

struct host_lock {
    HANDLE h;
};

enum { NOTE = 300 };

static void read_note(const wchar_t *wide, char note[NOTE])
{
    HANDLE h = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                           OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD n = 0;

    if (h != INVALID_HANDLE_VALUE) {
        if (!ReadFile(h, note, NOTE - 1, &n, NULL))
            n = 0;
        CloseHandle(h);
    }
    while (n > 0 && (note[n - 1] == '\n' || note[n - 1] == ' '))
        n--;
    note[n] = '\0';
    for (char *s = note; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 127)
            *s = ' ';
}

/* Open for writing and not shared for writing: Windows lets go when the process is gone. */
bool host_lock_take(const char *path, const char *note, struct host_lock **out, struct err *e)
{
    wchar_t wide[WINDOWS_PATH];
    struct host_lock *l;
    char holder[NOTE];
    HANDLE h;

    if (!windows_wide(path, wide))
        return windows_fail(e, GetLastError(), "lock", path);
    h = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_ALWAYS,
                    FILE_ATTRIBUTE_NORMAL, NULL);
    if (h == INVALID_HANDLE_VALUE) {
        if (GetLastError() != ERROR_SHARING_VIOLATION)
            return windows_fail(e, GetLastError(), "lock", path);
        read_note(wide, holder);
        return err_set(e, ERR_LOCKED, ERROR_SHARING_VIOLATION, "it is locked by %s; the lock is %s",
                       holder[0] ? holder : "another process, which has not said yet who it is",
                       path);
    }
    l = malloc(sizeof *l);
    if (!l || !SetEndOfFile(h) || !windows_write_all(h, note, strlen(note)) ||
        !windows_write_all(h, "\n", 1)) {
        windows_fail(e, GetLastError(), "write into the lock", path);
        CloseHandle(h);
        free(l);
        return false;
    }
    FlushFileBuffers(h);
    l->h = h;
    *out = l;
    return true;
}

void host_lock_release(struct host_lock *l)
{
    if (!l)
        return;
    if (SetFilePointer(l->h, 0, NULL, FILE_BEGIN) == 0)
        SetEndOfFile(l->h);
    CloseHandle(l->h);
    free(l);
}
