#include "host/host.h"
#include "host/inner_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The temporary has a name that follows from the target's, and is locked while
 * it is written: what a killed process left is taken over by the next writer,
 * so that at most one such file ever lies beside a target.  It is hidden:
 * host_list_specs() does not see it.
 */
struct replacement {
    char target[PATH_MAX]; /* links followed: the link stays a link */
    char temporary[PATH_MAX];
    size_t folder; /* bytes of target up to and with the last '/' */
    int fd;
};

static bool name_temporary(struct replacement *r, const char *suffix)
{
    const char *base = r->target + r->folder;
    int n = snprintf(r->temporary, sizeof r->temporary, "%.*s.%.180s.hvgpu-new%s", (int)r->folder,
                     r->target, base, suffix);

    return n > 0 && (size_t)n < sizeof r->temporary;
}

static bool same_file(int fd, const char *path)
{
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* Ours alone: a regular file of ours with one name, in a folder where others may write too. */
static bool is_ours(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_nlink == 1;
}

static bool open_shared_temporary(struct replacement *r)
{
    if (!name_temporary(r, ""))
        return false;
    r->fd = open(r->temporary, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (r->fd < 0)
        return false;
    /* Only who holds the lock of the file that has the name may rename it. */
    if (is_ours(r->fd) && flock(r->fd, LOCK_EX | LOCK_NB) == 0 && same_file(r->fd, r->temporary) &&
        ftruncate(r->fd, 0) == 0)
        return true;
    close(r->fd);
    r->fd = -1;
    return false;
}

static bool open_private_temporary(struct replacement *r)
{
    static atomic_uint serial;

    for (int tries = 0; tries < 100; tries++) {
        char suffix[48];

        snprintf(suffix, sizeof suffix, "-%ld-%u", (long)getpid(), atomic_fetch_add(&serial, 1));
        if (!name_temporary(r, suffix)) {
            errno = ENAMETOOLONG;
            return false;
        }
        r->fd = open(r->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (r->fd >= 0)
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok;

    if (fd < 0)
        return errno == EACCES; /* may be written but not read: nothing more to be done */
    ok = fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
    close(fd);
    return ok;
}

static bool fill_and_rename(struct replacement *r, const char *data, size_t size,
                            const struct stat *old)
{
    bool ok = true;

    if (old) {
        /* Best effort: root rewrites a user's file, and it stays the user's. */
        if (fchown(r->fd, old->st_uid, old->st_gid) != 0)
            errno = 0;
        ok = fchmod(r->fd, old->st_mode & 0777) == 0;
    }
    ok = ok && posix_write_all(r->fd, data, size) && fsync(r->fd) == 0;
    /* The lock is held until the name has moved. */
    ok = ok && rename(r->temporary, r->target) == 0;
    if (!ok) {
        int number = errno;

        unlink(r->temporary);
        errno = number;
    }
    return ok;
}

static bool write_in_place(const char *path, const char *data, size_t size, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    bool ok;

    if (fd < 0)
        return posix_fail(e, errno, "write", path);
    ok = posix_write_all(fd, data, size);
    if (!ok)
        posix_fail(e, errno, "write", path);
    if (close(fd) != 0 && ok)
        ok = posix_fail(e, errno, "write", path);
    return ok;
}

static bool find_target(struct replacement *r, const char *path, bool exists, struct err *e)
{
    const char *slash;

    if (exists ? !realpath(path, r->target) : strlen(path) >= sizeof r->target)
        return posix_fail(e, exists ? errno : ENAMETOOLONG, "write", path);
    if (!exists)
        memcpy(r->target, path, strlen(path) + 1);
    slash = strrchr(r->target, '/');
    r->folder = slash ? (size_t)(slash - r->target) + 1 : 0;
    if (!r->target[r->folder])
        return posix_fail(e, EISDIR, "write", path);
    return true;
}

bool host_write_file(const char *path, const char *data, size_t size, struct err *e)
{
    struct replacement r = {.fd = -1};
    char folder[PATH_MAX];
    struct stat old;
    bool exists = stat(path, &old) == 0, ok;

    if (exists && S_ISDIR(old.st_mode))
        return posix_fail(e, EISDIR, "write", path);
    if (exists && !S_ISREG(old.st_mode)) /* a pipe or a device cannot be replaced */
        return write_in_place(path, data, size, e);
    if (exists && access(path, W_OK) != 0) /* rename() would not ask */
        return posix_fail(e, errno, "write", path);
    if (!find_target(&r, path, exists, e))
        return false;
    if (!open_shared_temporary(&r) && !open_private_temporary(&r))
        return posix_fail(e, errno, "write", path);
    ok = fill_and_rename(&r, data, size, exists ? &old : NULL);
    if (!ok)
        posix_fail(e, errno, "write", path);
    close(r.fd);
    snprintf(folder, sizeof folder, "%.*s", (int)r.folder, r.folder ? r.target : "");
    if (ok && !sync_folder(r.folder ? folder : "."))
        ok = posix_fail(e, errno, "make sure that the disk has", path);
    return ok;
}
