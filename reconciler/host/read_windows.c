#include "host/host.h"
#include "host/inner_windows.h"

#include <string.h>

enum { FIRST_READ = 64 << 10 };

static bool too_large(struct err *e, const char *name, size_t limit)
{
    return err_set(e, ERR_INVALID, ERROR_FILE_TOO_LARGE,
                   "cannot read %s: larger than %llu bytes, the ceiling for such a file", name,
                   (unsigned long long)limit);
}

static bool read_to_end(struct arena *a, HANDLE h, const char *name, size_t expected, size_t limit,
                        bool head, char **out, size_t *size, struct err *e)
{
    size_t room = expected + 1, n = 0;
    char *data = arena_alloc(a, room + 1, 1);

    for (;;) {
        DWORD got = 0, part = room - n > (1u << 20) ? 1u << 20 : (DWORD)(room - n);

        if (!windows_read(h, data + n, part, &got))
            return windows_fail(e, GetLastError(), "read", name);
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
        return windows_fail(e, WINDOWS_IS_FOLDER, "read", path);
    h = CreateFileW(wide, GENERIC_READ, WINDOWS_SHARED, NULL, OPEN_EXISTING,
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

bool windows_look(const char *path, BY_HANDLE_FILE_INFORMATION *out)
{
    wchar_t wide[WINDOWS_PATH];
    HANDLE h;
    DWORD number;

    if (!windows_wide(path, wide))
        return false;
    h = CreateFileW(wide, 0, WINDOWS_SHARED, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return false;
    *out = (BY_HANDLE_FILE_INFORMATION){0};
    /* A device has no such thing, and is there. */
    number =
        GetFileType(h) != FILE_TYPE_DISK || GetFileInformationByHandle(h, out) ? 0 : GetLastError();
    CloseHandle(h);
    SetLastError(number);
    return number == 0;
}

bool host_exists(const char *path)
{
    BY_HANDLE_FILE_INFORMATION found;

    return windows_look(path, &found);
}

bool host_is_folder(const char *path)
{
    BY_HANDLE_FILE_INFORMATION found;

    return windows_look(path, &found) && (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY);
}

/* What is no file at all has no number. */
static bool is_regular(const BY_HANDLE_FILE_INFORMATION *found)
{
    return !(found->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) &&
           (found->nFileIndexHigh || found->nFileIndexLow);
}

static bool identity_of(HANDLE h, BY_HANDLE_FILE_INFORMATION *out)
{
    return GetFileType(h) == FILE_TYPE_DISK && GetFileInformationByHandle(h, out);
}

bool host_same_file(const char *path, const char *read)
{
    BY_HANDLE_FILE_INFORMATION one, other;

    if (!windows_look(path, &one) || !is_regular(&one))
        return false;
    if (!(strcmp(read, "-") == 0 ? identity_of(GetStdHandle(STD_INPUT_HANDLE), &other)
                                 : windows_look(read, &other)))
        return false;
    return one.dwVolumeSerialNumber == other.dwVolumeSerialNumber &&
           one.nFileIndexHigh == other.nFileIndexHigh && one.nFileIndexLow == other.nFileIndexLow;
}
