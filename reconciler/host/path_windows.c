#include "host/host.h"
#include "host/inner_windows.h"

#include <sddl.h>
#include <stdio.h>
#include <string.h>

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

static bool is_absolute(const char *path)
{
    return is_slash(path[0]) || (path[0] && path[1] == ':');
}

const char *host_join(struct arena *a, const char *folder, const char *name)
{
    size_t n = strlen(folder);

    while (n > 1 && is_slash(folder[n - 1]) && folder[n - 2] != ':')
        n--;
    if (n == 0 || (n == 1 && folder[0] == '.'))
        return arena_strdup(a, name);
    return arena_printf(a, "%.*s%s%s", (int)n, folder, is_slash(folder[n - 1]) ? "" : "/", name);
}

const char *host_beside(struct arena *a, const char *file, const char *relative)
{
    size_t n = 0;

    for (size_t i = 0; file[i]; i++)
        if (is_slash(file[i]) || file[i] == ':')
            n = i + 1;
    if (is_absolute(relative) || n == 0)
        return arena_strdup(a, relative);
    return arena_printf(a, "%.*s%s", (int)n, file, relative);
}

const char *host_real_path(struct arena *a, const char *path)
{
    wchar_t wide[WINDOWS_PATH], real[WINDOWS_PATH];
    HANDLE h = INVALID_HANDLE_VALUE;
    DWORD n = 0;

    if (windows_wide(path, wide))
        h = CreateFileW(wide, 0, WINDOWS_SHARED, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS,
                        NULL);
    if (h != INVALID_HANDLE_VALUE) {
        n = GetFinalPathNameByHandleW(h, real, WINDOWS_PATH, FILE_NAME_NORMALIZED);
        CloseHandle(h);
    }
    return n && n < WINDOWS_PATH ? windows_narrow_path(a, real) : arena_strdup(a, path);
}

/*
 * The system, its administrators, and whoever made it; nothing from the folder
 * above: in ProgramData everybody may make files, and a ledger says what is done.
 */
static PSECURITY_DESCRIPTOR ours_alone(void)
{
    static const wchar_t WHO[] = L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)";
    PSECURITY_DESCRIPTOR out;

    return ConvertStringSecurityDescriptorToSecurityDescriptorW(WHO, SDDL_REVISION_1, &out, NULL)
               ? out
               : NULL;
}

/* The first `n` bytes of `path`, which are a folder or become one. */
static bool make_one(const char *path, size_t n, struct err *e)
{
    SECURITY_ATTRIBUTES who = {sizeof who, ours_alone(), FALSE};
    char part[WINDOWS_PATH];
    wchar_t wide[WINDOWS_PATH];
    DWORD number = GetLastError(), found;

    snprintf(part, sizeof part, "%.*s", (int)n, path);
    if (!windows_wide(part, wide))
        number = GetLastError();
    else if (who.lpSecurityDescriptor)
        number = CreateDirectoryW(wide, &who) ? 0 : GetLastError();
    LocalFree(who.lpSecurityDescriptor);
    if (number == 0)
        return true;
    /* Of a drive's root Windows says that access is denied, though it is there. */
    found = GetFileAttributesW(wide);
    if (found != INVALID_FILE_ATTRIBUTES && (found & FILE_ATTRIBUTE_DIRECTORY))
        return true;
    return windows_fail(e, number == ERROR_ALREADY_EXISTS ? ERROR_DIRECTORY : number,
                        "make the folder", part);
}

/* "C:", "\\\\server" and "\\\\server\\share" are no folders that anybody makes. */
static size_t root_of(const char *path)
{
    size_t n = 0, names = 0;

    if (path[0] && path[1] == ':')
        return 2;
    if (!is_slash(path[0]) || !is_slash(path[1]))
        return 0;
    for (n = 2; path[n] && names < 2; n++)
        names += is_slash(path[n]);
    return names == 2 ? n - 1 : n;
}

bool host_make_folder(const char *path, struct err *e)
{
    size_t n = strlen(path);

    if (n == 0)
        return windows_fail(e, ERROR_PATH_NOT_FOUND, "make the folder", "\"\"");
    if (n >= WINDOWS_PATH)
        return windows_fail(e, ERROR_FILENAME_EXCED_RANGE, "make the folder", path);
    while (n > 1 && is_slash(path[n - 1]))
        n--;
    for (size_t i = root_of(path) + 1; i < n; i++)
        if (is_slash(path[i]) && !is_slash(path[i - 1]) && !make_one(path, i, e))
            return false;
    return make_one(path, n, e);
}

/* A service's own folder, as on Linux; else the machine's, where every administrator finds it. */
const char *host_state_folder(struct arena *a)
{
    const char *unit = host_env("STATE_DIRECTORY"), *data = host_env("ProgramData");

    if (unit && is_absolute(unit))
        return unit;
    return host_join(a, data && is_absolute(data) ? data : "C:/ProgramData", "hvgpu");
}
