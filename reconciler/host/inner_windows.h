/* What the *_windows.c files share; nobody else includes it. */
#ifndef HOST_INNER_WINDOWS_H
#define HOST_INNER_WINDOWS_H

#include "base/arena.h"
#include "base/err.h"

#include <wchar.h>
#include <windows.h>

/* With the manifest's longPathAware; UTF-16 units with the NUL. */
enum { WINDOWS_PATH = 4096 };

/* ERROR_DIRECTORY_NOT_SUPPORTED of Microsoft's winerror.h; not every SDK has the name. */
enum { WINDOWS_IS_FOLDER = 336 };

/* To look at a file keeps nobody else from it. */
enum { WINDOWS_SHARED = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE };

/* "cannot <what> <path>: <why>", kind ERR_IO, native = GetLastError(); always false. */
bool windows_fail(struct err *e, DWORD number, const char *what, const char *path);
/* UTF-8 to UTF-16; '/' becomes '\'.  False when it is not UTF-8 or too long. */
bool windows_wide(const char *s, wchar_t out[WINDOWS_PATH]);
const char *windows_narrow(struct arena *a, const wchar_t *s);
/* The same as windows_narrow(), with '/' for '\' and without "\\?\": as people write paths. */
const char *windows_narrow_path(struct arena *a, const wchar_t *s);
/* What is there, links followed; false: GetLastError() says why not.  A device: all zeros. */
bool windows_look(const char *path, BY_HANDLE_FILE_INFORMATION *out);
/* 0 bytes: the end.  What is typed into a console comes as UTF-8. */
bool windows_read(HANDLE h, char *out, DWORD room, DWORD *got);
bool windows_write_all(HANDLE h, const char *data, size_t size);

#endif
