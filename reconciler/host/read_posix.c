#include "host/host.h"
#include "host/inner_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_READ = 64 << 10 };

static bool too_large(struct err *e, const char *name, size_t limit)
{
    return err_set(e, ERR_INVALID, EFBIG,
                   "cannot read %s: larger than %zu bytes, the ceiling for such a file", name,
                   limit);
}

/* To the end, whatever fstat() said: files grow, and /proc says 0. */
static bool read_to_end(struct arena *a, int fd, const char *name, size_t expected, size_t limit,
                        bool head, char **out, size_t *size, struct err *e)
{
    size_t room = expected + 1, n = 0;
    char *data = arena_raw(a, room + 1, 1);

    for (;;) {
        ssize_t got = read(fd, data + n, room - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return posix_fail(e, errno, "read", name);
        if (got == 0)
            break;
        n += (size_t)got;
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
    struct stat st;
    size_t expected;
    bool ok;
    int fd;

    /* A pipe without a writer must not hang us: look first, then read. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return posix_fail(e, errno, "read", path);
    if (fstat(fd, &st) != 0)
        ok = posix_fail(e, errno, "read", path);
    else if (S_ISDIR(st.st_mode))
        ok = posix_fail(e, EISDIR, "read", path);
    else if (!S_ISREG(st.st_mode))
        ok = err_set(e, ERR_INVALID, 0,
                     "cannot read %s: it is not a regular file; pipe it in and say \"-\" instead",
                     path);
    else if (!head && (uintmax_t)st.st_size > limit)
        ok = too_large(e, path, limit);
    else {
        expected = (uintmax_t)st.st_size < limit ? (size_t)st.st_size : limit;
        ok = read_to_end(a, fd, path, expected, limit, head, out, size, e);
    }
    close(fd);
    return ok;
}

bool host_read_file(struct arena *a, const char *path, size_t limit, char **out, size_t *size,
                    struct err *e)
{
    if (strcmp(path, "-") == 0)
        return read_to_end(a, STDIN_FILENO, "standard input",
                           limit < FIRST_READ ? limit : FIRST_READ, limit, false, out, size, e);
    return read_path(a, path, limit, false, out, size, e);
}

bool host_read_head(struct arena *a, const char *path, size_t most, char **out, size_t *size,
                    struct err *e)
{
    return read_path(a, path, most, true, out, size, e);
}

bool host_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

bool host_is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool host_same_file(const char *path, const char *read)
{
    struct stat one, other;

    if (stat(path, &one) != 0 || !S_ISREG(one.st_mode))
        return false;
    if ((strcmp(read, "-") == 0 ? fstat(STDIN_FILENO, &other) : stat(read, &other)) != 0)
        return false;
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}
