#include "host/host.h"
#include "host/inner_windows.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_READ = 64 << 10 };

static bool too_large(struct err *e, const char *name, size_t limit)
{
    return err_set(e, ERR_INVALID, ERROR_FILE_TOO_LARGE,
                   "cannot read %s: it is larger than %llu bytes, the ceiling for such a file",
                   name, (unsigned long long)limit);
}

static bool read_to_end(struct arena *a, HANDLE h, const char *name, size_t expected, size_t limit,
                        bool head, char **out, size_t *size, struct err *e)
{
    size_t room = expected + 1, n = 0;
    char *data = arena_alloc(a, room + 1, 1);

    for (;;) {
        DWORD got = 0, part = room - n > (1u << 20) ? 1u << 20 : (DWORD)(room - n);

        if (!ReadFile(h, data + n, part, &got, NULL)) {
            if (GetLastError() == ERROR_BROKEN_PIPE)
                break;
            return windows_fail(e, GetLastError(), "read", name);
        }
        if (got == 0)
            break;
        n += got;
        if (head && n >= limit) {
            n = limit;
            break;
        }
        if (n > limit)
            return too_large(e, name, limit);
        if (n == room) {
            size_t more = room < limit / 2 ? room * 2 : limit + 1;

            data = arena_grow(a, data, n, more + 1, 1);
            room = more;
        }
    }
    data[n] = '\0';
    *out = data;
    *size = n;
    return true;
}

/* To the end, or, for a head, at most `limit` bytes. */
static bool read_path(struct arena *a, const char *path, size_t limit, bool head, char **out,
                      size_t *size, struct err *e)
{
    wchar_t wide[WINDOWS_PATH];
    LARGE_INTEGER bytes;
    size_t expected;
    HANDLE h;
    bool ok;

    if (!windows_wide(path, wide))
        return windows_fail(e, GetLastError(), "read", path);
    if (host_is_folder(path))
        return windows_fail(e, ERROR_DIRECTORY, "read", path);
    h = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                    FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return windows_fail(e, GetLastError(), "read", path);
    if (GetFileType(h) != FILE_TYPE_DISK)
        ok = err_set(e, ERR_INVALID, 0,
                     "cannot read %s: it is not a regular file; pipe it in and say \"-\" instead",
                     path);
    else if (!GetFileSizeEx(h, &bytes))
        ok = windows_fail(e, GetLastError(), "read", path);
    else if (!head && (unsigned long long)bytes.QuadPart > limit)
        ok = too_large(e, path, limit);
    else {
        expected = (unsigned long long)bytes.QuadPart < limit ? (size_t)bytes.QuadPart : limit;
        ok = read_to_end(a, h, path, expected, limit, head, out, size, e);
    }
    CloseHandle(h);
    return ok;
}

bool host_read_file(struct arena *a, const char *path, size_t limit, char **out, size_t *size,
                    struct err *e)
{
    if (strcmp(path, "-") == 0)
        return read_to_end(a, GetStdHandle(STD_INPUT_HANDLE), "standard input",
                           limit < FIRST_READ ? limit : FIRST_READ, limit, false, out, size, e);
    return read_path(a, path, limit, false, out, size, e);
}

bool host_read_head(struct arena *a, const char *path, size_t most, char **out, size_t *size,
                    struct err *e)
{
    return read_path(a, path, most, true, out, size, e);
}

/*
 * As on Linux: a hidden temporary beside the target, which nobody else can
 * open while it is written; what a killed process left is written over.
 */
static HANDLE open_temporary(const char *path, wchar_t name[WINDOWS_PATH])
{
    char narrow[WINDOWS_PATH];
    const char *base = path;
    HANDLE h = INVALID_HANDLE_VALUE;

    for (const char *s = path; *s; s++)
        if (*s == '/' || *s == '\\' || *s == ':')
            base = s + 1;
    for (unsigned i = 0; i < 100 && h == INVALID_HANDLE_VALUE; i++) {
        int n = snprintf(narrow, sizeof narrow, "%.*s.%.180s.hvgpu-new-%lu-%u", (int)(base - path),
                         path, base, (unsigned long)GetCurrentProcessId() * (i > 0), i);

        if (n < 0 || (size_t)n >= sizeof narrow || !windows_wide(narrow, name)) {
            SetLastError(ERROR_FILENAME_EXCED_RANGE);
            break;
        }
        h = CreateFileW(name, GENERIC_WRITE | DELETE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_HIDDEN,
                        NULL);
        if (h == INVALID_HANDLE_VALUE && GetLastError() != ERROR_SHARING_VIOLATION)
            break;
    }
    return h;
}

bool host_write_file(const char *path, const char *data, size_t size, struct err *e)
{
    wchar_t target[WINDOWS_PATH], temporary[WINDOWS_PATH];
    HANDLE h;
    bool ok;

    if (!windows_wide(path, target))
        return windows_fail(e, GetLastError(), "write", path);
    if (host_is_folder(path))
        return windows_fail(e, ERROR_DIRECTORY, "write", path);
    h = open_temporary(path, temporary);
    if (h == INVALID_HANDLE_VALUE)
        return windows_fail(e, GetLastError(), "write", path);
    ok = windows_write_all(h, data, size) && FlushFileBuffers(h);
    if (!ok)
        windows_fail(e, GetLastError(), "write", path);
    CloseHandle(h);
    if (ok && !(SetFileAttributesW(temporary, FILE_ATTRIBUTE_NORMAL) &&
                MoveFileExW(temporary, target, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)))
        ok = windows_fail(e, GetLastError(), "write", path);
    if (!ok)
        DeleteFileW(temporary);
    return ok;
}

static DWORD attributes(const char *path)
{
    wchar_t wide[WINDOWS_PATH];

    return windows_wide(path, wide) ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
}

bool host_exists(const char *path)
{
    return attributes(path) != INVALID_FILE_ATTRIBUTES;
}

bool host_is_folder(const char *path)
{
    DWORD found = attributes(path);

    return found != INVALID_FILE_ATTRIBUTES && (found & FILE_ATTRIBUTE_DIRECTORY);
}

static bool identity_of(HANDLE h, BY_HANDLE_FILE_INFORMATION *out)
{
    return GetFileType(h) == FILE_TYPE_DISK && GetFileInformationByHandle(h, out) &&
           !(out->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY);
}

static bool identity_at(const char *path, BY_HANDLE_FILE_INFORMATION *out)
{
    wchar_t wide[WINDOWS_PATH];
    HANDLE h;
    bool ok;

    if (!windows_wide(path, wide))
        return false;
    h = CreateFileW(wide, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                    OPEN_EXISTING, 0, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return false;
    ok = identity_of(h, out);
    CloseHandle(h);
    return ok;
}

bool host_same_file(const char *path, const char *read)
{
    BY_HANDLE_FILE_INFORMATION one, other;

    if (!identity_at(path, &one))
        return false;
    if (!(strcmp(read, "-") == 0 ? identity_of(GetStdHandle(STD_INPUT_HANDLE), &other)
                                 : identity_at(read, &other)))
        return false;
    return one.dwVolumeSerialNumber == other.dwVolumeSerialNumber &&
           one.nFileIndexHigh == other.nFileIndexHigh && one.nFileIndexLow == other.nFileIndexLow;
}
