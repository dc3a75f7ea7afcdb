#include "host/host.h"
#include "host/inner_windows.h"

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
        h = CreateFileW(wide, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                        OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (h != INVALID_HANDLE_VALUE) {
        n = GetFinalPathNameByHandleW(h, real, WINDOWS_PATH, FILE_NAME_NORMALIZED);
        CloseHandle(h);
    }
    return n && n < WINDOWS_PATH ? windows_narrow(a, real) : arena_strdup(a, path);
}

static bool make_one(const wchar_t *wide, const char *path, struct err *e)
{
    DWORD number;

    /* The state folder lies in ProgramData or the profile, whose permissions it inherits. */
    if (CreateDirectoryW(wide, NULL))
        return true;
    number = GetLastError();
    if (number == ERROR_ALREADY_EXISTS) {
        DWORD found = GetFileAttributesW(wide);

        if (found != INVALID_FILE_ATTRIBUTES && (found & FILE_ATTRIBUTE_DIRECTORY))
            return true;
        number = ERROR_DIRECTORY;
    }
    return windows_fail(e, number, "make the folder", path);
}

bool host_make_folder(const char *path, struct err *e)
{
    wchar_t wide[WINDOWS_PATH];
    size_t n;

    if (!windows_wide(path, wide))
        return windows_fail(e, GetLastError(), "make the folder", path);
    n = wcslen(wide);
    while (n > 1 && wide[n - 1] == L'\\')
        wide[--n] = L'\0';
    for (size_t i = 1; i < n; i++) {
        DWORD found;

        if (wide[i] != L'\\' || wide[i - 1] == L':' || wide[i - 1] == L'\\')
            continue;
        wide[i] = L'\0';
        found = GetFileAttributesW(wide);
        if (found == INVALID_FILE_ATTRIBUTES && !make_one(wide, path, e))
            return false;
        wide[i] = L'\\';
    }
    return make_one(wide, path, e);
}

const char *host_state_folder(struct arena *a)
{
    const char *data = host_env("ProgramData");

    return host_join(a, data && is_absolute(data) ? data : "C:/ProgramData", "hvgpu");
}
