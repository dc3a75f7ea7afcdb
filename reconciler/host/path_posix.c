#include "host/host.h"
#include "host/inner_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *host_join(struct arena *a, const char *folder, const char *name)
{
    size_t n = strlen(folder);

    while (n > 1 && folder[n - 1] == '/')
        n--;
    if (n == 0 || (n == 1 && folder[0] == '.'))
        return arena_strdup(a, name);
    return arena_printf(a, "%.*s%s%s", (int)n, folder, folder[n - 1] == '/' ? "" : "/", name);
}

const char *host_beside(struct arena *a, const char *file, const char *relative)
{
    const char *slash = strrchr(file, '/');

    if (relative[0] == '/' || !slash)
        return arena_strdup(a, relative);
    return arena_printf(a, "%.*s%s", (int)(slash - file) + 1, file, relative);
}

const char *host_real_path(struct arena *a, const char *path)
{
    char real[PATH_MAX];

    return arena_strdup(a, realpath(path, real) ? real : path);
}

/* The entry of a new folder must survive a power cut as much as what is put into it. */
static void sync_parent(const char *path)
{
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    int fd;

    if (n >= sizeof parent)
        return;
    memcpy(parent, path, n);
    parent[n] = '\0';
    fd = open(slash ? (n ? parent : "/") : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

static bool make_one(const char *path, struct err *e)
{
    int number;

    if (mkdir(path, 0700) == 0) {
        sync_parent(path);
        return true;
    }
    number = errno;
    if (host_is_folder(path))
        return true;
    return posix_fail(e, number == EEXIST ? ENOTDIR : number, "make the folder", path);
}

bool host_make_folder(const char *path, struct err *e)
{
    char part[PATH_MAX];
    size_t n = strlen(path);

    if (n == 0)
        return posix_fail(e, ENOENT, "make the folder", "\"\"");
    if (n >= sizeof part)
        return posix_fail(e, ENAMETOOLONG, "make the folder", path);
    memcpy(part, path, n + 1);
    while (n > 1 && part[n - 1] == '/')
        part[--n] = '\0';
    for (char *s = part + 1; *s; s++) {
        if (*s != '/')
            continue;
        *s = '\0';
        if (!make_one(part, e))
            return false;
        *s = '/';
    }
    return make_one(part, e);
}

static const char *home_folder(struct arena *a)
{
    const char *home = host_env("HOME");
    struct passwd row, *found = NULL;
    char room[4096];

    if (home && home[0] == '/')
        return home;
    if (getpwuid_r(geteuid(), &row, room, sizeof room, &found) == 0 && found &&
        found->pw_dir[0] == '/')
        return arena_strdup(a, found->pw_dir);
    return NULL;
}

/* A service's own folder (systemd), the user's by the XDG base directories, /var/lib for root. */
const char *host_state_folder(struct arena *a)
{
    const char *unit = host_env("STATE_DIRECTORY"), *xdg = host_env("XDG_STATE_HOME"), *home;

    if (unit && unit[0] == '/')
        return arena_strndup(a, unit, strcspn(unit, ":"));
    if (xdg && xdg[0] == '/')
        return host_join(a, xdg, "hvgpu");
    if (geteuid() == 0)
        return "/var/lib/hvgpu";
    home = home_folder(a);
    return host_join(a, home ? home : "/var/tmp", home ? ".local/state/hvgpu" : "hvgpu");
}
