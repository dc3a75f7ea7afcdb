#include "host/host.h"
#include "host/inner_windows.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 64 };

struct list {
    struct arena *arena;
    const char **paths;
    size_t count, room;
};

/* The folders from the root of the walk to here, by the numbers that their disk gave them. */
struct above {
    const struct above *up;
    const char *path;
    BY_HANDLE_FILE_INFORMATION id;
    size_t depth;
};

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);

    if (n <= m)
        return false;
    for (size_t i = 0; i < m; i++) {
        char c = name[n - m + i];

        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != suffix[i])
            return false;
    }
    return true;
}

static bool is_spec_name(const char *name)
{
    return ends_in(name, ".yaml") || ends_in(name, ".yml") || ends_in(name, ".json");
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_same(const BY_HANDLE_FILE_INFORMATION *a, const BY_HANDLE_FILE_INFORMATION *b)
{
    return a->dwVolumeSerialNumber == b->dwVolumeSerialNumber &&
           a->nFileIndexHigh == b->nFileIndexHigh && a->nFileIndexLow == b->nFileIndexLow;
}

static bool read_names(struct list *l, const char *folder, const char ***out, size_t *count,
                       struct err *e)
{
    const char **names = NULL;
    size_t n = 0, room = 0;
    wchar_t wide[WINDOWS_PATH];
    WIN32_FIND_DATAW row;
    DWORD number;
    HANDLE h;

    if (!windows_wide(host_join(l->arena, folder, "*"), wide))
        return windows_fail(e, GetLastError(), "list", folder);
    h = FindFirstFileW(wide, &row);
    if (h == INVALID_HANDLE_VALUE)
        return windows_fail(e, GetLastError(), "list", folder);
    do
        if (row.cFileName[0] != L'.' && !(row.dwFileAttributes & FILE_ATTRIBUTE_HIDDEN))
            *arena_push(l->arena, names, n, room) = windows_narrow(l->arena, row.cFileName);
    while (FindNextFileW(h, &row));
    number = GetLastError();
    FindClose(h);
    if (number != ERROR_NO_MORE_FILES)
        return windows_fail(e, number, "list", folder);
    if (n)
        qsort(names, n, sizeof *names, by_bytes);
    *out = names;
    *count = n;
    return true;
}

static bool walk(struct list *l, const char *folder, const struct above *up, struct err *e);

static bool add_entry(struct list *l, const char *path, const char *name, const struct above *here,
                      struct err *e)
{
    BY_HANDLE_FILE_INFORMATION found;

    if (!windows_look(path, &found)) {
        /* A link to nothing; silently leaving a spec out would release what it declares. */
        return is_spec_name(name) ? windows_fail(e, GetLastError(), "read", path) : true;
    }
    if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
        return walk(l, path, here, e);
    if (!is_spec_name(name))
        return true;
    if (l->count == LIMIT_SPEC_FILES)
        return err_set(e, ERR_INVALID, 0,
                       "more than %d spec files in one folder tree (the next is %s); name "
                       "folders further down",
                       LIMIT_SPEC_FILES, path);
    *arena_push(l->arena, l->paths, l->count, l->room) = path;
    return true;
}

static bool walk(struct list *l, const char *folder, const struct above *up, struct err *e)
{
    struct above here = {.up = up, .path = folder, .depth = up ? up->depth + 1 : 0};
    const char **names = NULL;
    size_t count = 0;

    if (!windows_look(folder, &here.id))
        return windows_fail(e, GetLastError(), "list", folder);
    if (!(here.id.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        return windows_fail(e, ERROR_DIRECTORY, "list", folder);
    for (const struct above *f = up; f; f = f->up)
        if (is_same(&f->id, &here.id))
            return err_set(e, ERR_INVALID, ERROR_CANT_RESOLVE_FILENAME,
                           "%s is a link that leads back to %s; remove it, or name the folders "
                           "that are meant",
                           folder, f->path);
    if (here.depth > DEEPEST)
        return err_set(e, ERR_INVALID, 0, "%s is more than %d folders deep; name a folder nearer",
                       folder, DEEPEST);
    if (!read_names(l, folder, &names, &count, e))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!add_entry(l, host_join(l->arena, folder, names[i]), names[i], &here, e))
            return false;
    return true;
}

bool host_list_specs(struct arena *a, const char *folder, const char ***out, size_t *count,
                     struct err *e)
{
    struct list l = {.arena = a};

    if (!walk(&l, folder, NULL, e))
        return false;
    if (l.count)
        qsort(l.paths, l.count, sizeof *l.paths, by_bytes);
    *out = l.paths;
    *count = l.count;
    return true;
}

bool host_list_names(struct arena *a, const char *folder, const char ***out, size_t *count,
                     struct err *e)
{
    struct list l = {.arena = a};

    *out = NULL;
    *count = 0;
    return !host_exists(folder) || read_names(&l, folder, out, count, e);
}
