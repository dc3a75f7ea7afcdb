#include "host/host.h"
#include "host/inner_posix.h"

#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEEPEST = 64 };

/* The folders from the root of the walk to here. */
struct above {
    const struct above *up;
    const char *path;
    dev_t device;
    ino_t number;
    size_t depth;
};

struct list {
    struct arena *arena;
    const char **paths;
    size_t count, room;
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

/* Names first, then the folder is closed: a deep tree must not use up our descriptors. */
static bool read_names(struct list *l, const char *folder, const char ***out, size_t *count,
                       struct err *e)
{
    const char **names = NULL;
    size_t n = 0, room = 0;
    DIR *d = opendir(folder);
    struct dirent *row;

    if (!d)
        return posix_fail(e, errno, "list", folder);
    for (errno = 0; (row = readdir(d)); errno = 0)
        if (row->d_name[0] != '.')
            *arena_push(l->arena, names, n, room) = arena_strdup(l->arena, row->d_name);
    if (errno) {
        posix_fail(e, errno, "list", folder);
        closedir(d);
        return false;
    }
    closedir(d);
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
    struct stat st;

    if (stat(path, &st) != 0) {
        /* A link to nothing; silently leaving a spec out would release what it declares. */
        return is_spec_name(name) ? posix_fail(e, errno, "read", path) : true;
    }
    if (S_ISDIR(st.st_mode))
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
    struct stat st;

    if (stat(folder, &st) != 0)
        return posix_fail(e, errno, "list", folder);
    here.device = st.st_dev;
    here.number = st.st_ino;
    for (const struct above *f = up; f; f = f->up)
        if (f->device == here.device && f->number == here.number)
            return err_set(e, ERR_INVALID, ELOOP,
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
