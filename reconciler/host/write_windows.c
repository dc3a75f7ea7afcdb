#include "host/host.h"
#include "host/inner_windows.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* FileRenameInfoEx and its flags (winbase.h); not every SDK has the names. */
enum { RENAME_INFO_EX = 22, REPLACE_IF_EXISTS = 1, POSIX_SEMANTICS = 2 };

/* Scanners and backups open what is new for a moment, and then it cannot be replaced. */
enum { PATIENCE_MS = 2000, FIRST_PAUSE_MS = 1, LONGEST_PAUSE_MS = 100 };

/*
 * As on Linux: a hidden temporary beside the target, which nobody else can
 * open while it is written and until it has the name; what a killed process
 * left is written over.
 */
struct replacement {
    wchar_t target[WINDOWS_PATH]; /* links followed: the link stays a link */
    wchar_t temporary[WINDOWS_PATH];
    HANDLE h;
};

static bool name_temporary(struct replacement *r, unsigned serial)
{
    const wchar_t *slash = wcsrchr(r->target, L'\\');
    size_t folder = slash ? (size_t)(slash - r->target) + 1 : 0;
    int n;

    n = serial
            ? swprintf(r->temporary, WINDOWS_PATH, L"%.*ls.%.180ls.hvgpu-new-%lu-%u", (int)folder,
                       r->target, r->target + folder, (unsigned long)GetCurrentProcessId(), serial)
            : swprintf(r->temporary, WINDOWS_PATH, L"%.*ls.%.180ls.hvgpu-new", (int)folder,
                       r->target, r->target + folder);
    if (n < 0)
        SetLastError(ERROR_FILENAME_EXCED_RANGE);
    return n >= 0;
}

static bool open_temporary(struct replacement *r)
{
    DWORD number = ERROR_SHARING_VIOLATION;

    /* Shared with nobody: two writers never have one file. */
    for (unsigned i = 0; i < 100 && number == ERROR_SHARING_VIOLATION; i++) {
        if (!name_temporary(r, i))
            return false;
        r->h = CreateFileW(r->temporary, GENERIC_WRITE | DELETE, 0, NULL, CREATE_ALWAYS,
                           FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_WRITE_THROUGH, NULL);
        if (r->h != INVALID_HANDLE_VALUE)
            return true;
        number = GetLastError();
    }
    return false;
}

/* Whoever may read the file may read the new one: the list of who may what goes with the name. */
static void keep_permissions(const struct replacement *r)
{
    char list[16 << 10];
    DWORD size;

    if (GetFileSecurityW(r->target, DACL_SECURITY_INFORMATION, list, sizeof list, &size))
        (void)!SetFileSecurityW(r->temporary, DACL_SECURITY_INFORMATION, list);
}

static bool rename_once(const struct replacement *r)
{
    static const DWORD HOW[] = {REPLACE_IF_EXISTS | POSIX_SEMANTICS, REPLACE_IF_EXISTS};
    static const FILE_INFO_BY_HANDLE_CLASS CLASS[] = {(FILE_INFO_BY_HANDLE_CLASS)RENAME_INFO_EX,
                                                      FileRenameInfo};
    union {
        FILE_RENAME_INFO info;
        char room[sizeof(FILE_RENAME_INFO) + WINDOWS_PATH * sizeof(wchar_t)];
    } x = {.room = {0}};
    size_t n = wcslen(r->target);

    x.info.FileNameLength = (DWORD)(n * sizeof(wchar_t));
    memcpy(x.room + offsetof(FILE_RENAME_INFO, FileName), r->target, (n + 1) * sizeof(wchar_t));
    /* The first replaces a file that somebody reads as well; not every disk and version has it. */
    for (size_t i = 0; i < sizeof HOW / sizeof *HOW; i++) {
        memcpy(x.room, &HOW[i], sizeof HOW[i]);
        if (SetFileInformationByHandle(r->h, CLASS[i], &x, sizeof x))
            return true;
    }
    return false;
}

/* By the handle: what is written cannot be opened by anybody until it has the name. */
static bool rename_over(const struct replacement *r)
{
    DWORD pause = FIRST_PAUSE_MS, number;

    for (DWORD waited = 0;; waited += pause) {
        if (rename_once(r))
            return true;
        number = GetLastError();
        if ((number != ERROR_ACCESS_DENIED && number != ERROR_SHARING_VIOLATION) ||
            waited >= PATIENCE_MS)
            break;
        Sleep(pause);
        pause = pause < LONGEST_PAUSE_MS ? pause * 2 : pause;
    }
    SetLastError(number);
    return false;
}

static bool fill_and_rename(const struct replacement *r, const char *data, size_t size, bool exists)
{
    FILE_BASIC_INFO plain = {.FileAttributes = FILE_ATTRIBUTE_NORMAL};

    if (exists)
        keep_permissions(r);
    if (windows_write_all(r->h, data, size) &&
        SetFileInformationByHandle(r->h, FileBasicInfo, &plain, sizeof plain) &&
        FlushFileBuffers(r->h) && rename_over(r))
        return FlushFileBuffers(r->h); /* its new name as well */
    return false;
}

/* A pipe or a device cannot be replaced. */
static bool write_in_place(HANDLE h, const char *path, const char *data, size_t size, struct err *e)
{
    bool ok = windows_write_all(h, data, size) || windows_fail(e, GetLastError(), "write", path);

    CloseHandle(h);
    return ok;
}

/*
 * What has the name already: asked for writing, since the rename asks only for
 * the folder.  Another program that keeps it to itself may let go in time.
 */
static bool find_target(struct replacement *r, const char *path, const wchar_t *wide, bool *exists,
                        HANDLE *device, struct err *e)
{
    HANDLE h = CreateFileW(wide, GENERIC_WRITE, WINDOWS_SHARED, NULL, OPEN_EXISTING, 0, NULL);
    DWORD number = h == INVALID_HANDLE_VALUE ? GetLastError() : 0, n;

    *exists = number == 0 || number == ERROR_SHARING_VIOLATION;
    if (!*exists && number != ERROR_FILE_NOT_FOUND)
        return windows_fail(e, number, "write", path);
    if (number == 0 && GetFileType(h) != FILE_TYPE_DISK) {
        *device = h;
        return true;
    }
    n = number == 0 ? GetFinalPathNameByHandleW(h, r->target, WINDOWS_PATH, FILE_NAME_NORMALIZED)
                    : GetFullPathNameW(wide, WINDOWS_PATH, r->target, NULL);
    if (number == 0)
        CloseHandle(h);
    if (n == 0 || n >= WINDOWS_PATH)
        return windows_fail(e, n ? ERROR_FILENAME_EXCED_RANGE : GetLastError(), "write", path);
    return true;
}

bool host_write_file(const char *path, const char *data, size_t size, struct err *e)
{
    struct replacement r = {.h = INVALID_HANDLE_VALUE};
    HANDLE device = INVALID_HANDLE_VALUE;
    wchar_t wide[WINDOWS_PATH];
    bool exists, ok;

    if (!windows_wide(path, wide))
        return windows_fail(e, GetLastError(), "write", path);
    if (host_is_folder(path))
        return windows_fail(e, WINDOWS_IS_FOLDER, "write", path);
    if (!find_target(&r, path, wide, &exists, &device, e))
        return false;
    if (device != INVALID_HANDLE_VALUE)
        return write_in_place(device, path, data, size, e);
    if (!open_temporary(&r))
        return windows_fail(e, GetLastError(), "write", path);
    ok = fill_and_rename(&r, data, size, exists);
    if (!ok)
        windows_fail(e, GetLastError(), "write", path);
    CloseHandle(r.h);
    if (!ok)
        DeleteFileW(r.temporary);
    return ok;
}
