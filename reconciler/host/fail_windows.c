#include "host/inner_windows.h"

#include <string.h>

/* ERROR_DISK_QUOTA_EXCEEDED of Microsoft's winerror.h; not every SDK has the name. */
#define DISK_QUOTA_EXCEEDED 1295

static const struct {
    DWORD number;
    const char *text;
} WORDS[] = {
    {ERROR_FILE_NOT_FOUND, "there is no such file or folder"},
    {ERROR_PATH_NOT_FOUND, "there is no such file or folder"},
    {ERROR_ACCESS_DENIED, "access denied; check its permissions and as whom hvgpu runs"},
    {ERROR_WRITE_PROTECT, "the disk is read-only; choose another place"},
    {ERROR_DISK_FULL, "the disk is full; free some space and try again"},
    {ERROR_HANDLE_DISK_FULL, "the disk is full; free some space and try again"},
    {DISK_QUOTA_EXCEEDED, "the disk quota is used up; free some space and try again"},
    {ERROR_SHARING_VIOLATION, "another program has it open; close that and try again"},
    {WINDOWS_IS_FOLDER, "it is a folder, not a file"},
    {ERROR_DIRECTORY, "a part of the path is a file, not a folder"},
    {ERROR_FILENAME_EXCED_RANGE, "the path is too long"},
    {ERROR_INVALID_NAME, "Windows does not allow such a name"},
    {ERROR_CANT_RESOLVE_FILENAME, "its links lead in a circle; remove one of them"},
};

bool windows_fail(struct err *e, DWORD number, const char *what, const char *path)
{
    wchar_t wide[256] = L"";
    char text[512] = "";
    DWORD n;

    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (WORDS[i].number == number)
            return err_set(e, ERR_IO, number, "cannot %s %s: %s", what, path, WORDS[i].text);
    n = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, number, 0,
                       wide, sizeof wide / sizeof *wide, NULL);
    while (n && (wide[n - 1] == L'\r' || wide[n - 1] == L'\n' || wide[n - 1] == L'.'))
        wide[--n] = L'\0';
    WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof text, NULL, NULL);
    return err_set(e, ERR_IO, number, "cannot %s %s: %s (error %lu)", what, path,
                   text[0] ? text : "no text", (unsigned long)number);
}

bool windows_wide(const char *s, wchar_t out[WINDOWS_PATH])
{
    if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, s, -1, out, WINDOWS_PATH)) {
        if (GetLastError() == ERROR_INSUFFICIENT_BUFFER)
            SetLastError(ERROR_FILENAME_EXCED_RANGE);
        return false;
    }
    for (wchar_t *w = out; *w; w++)
        if (*w == L'/')
            *w = L'\\';
    return true;
}

const char *windows_narrow(struct arena *a, const wchar_t *s)
{
    int n = WideCharToMultiByte(CP_UTF8, 0, s, -1, NULL, 0, NULL, NULL);
    char *out = arena_alloc(a, n > 0 ? (size_t)n : 1, 1);

    if (n > 0)
        WideCharToMultiByte(CP_UTF8, 0, s, -1, out, n, NULL, NULL);
    return out;
}

const char *windows_narrow_path(struct arena *a, const wchar_t *s)
{
    static const wchar_t UNC[] = L"\\\\?\\UNC\\", VERBATIM[] = L"\\\\?\\";
    const size_t unc = sizeof UNC / sizeof *UNC - 1,
                 verbatim = sizeof VERBATIM / sizeof *VERBATIM - 1;
    bool share = wcsncmp(s, UNC, unc) == 0;
    char *out;

    if (share)
        s += unc;
    else if (wcsncmp(s, VERBATIM, verbatim) == 0)
        s += verbatim;
    out = arena_printf(a, "%s%s", share ? "//" : "", windows_narrow(a, s));
    for (char *c = out; *c; c++)
        if (*c == '\\')
            *c = '/';
    return out;
}

bool windows_write_all(HANDLE h, const char *data, size_t size)
{
    while (size) {
        DWORD part = size > (1u << 20) ? 1u << 20 : (DWORD)size, done = 0;

        if (!WriteFile(h, data, part, &done, NULL))
            return false;
        if (!done) {
            SetLastError(ERROR_DISK_FULL);
            return false;
        }
        data += done;
        size -= done;
    }
    return true;
}
