#include "host/host.h"
#include "host/inner_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The rights of what was opened, so that nobody changes the file in between. */
static bool is_private(int fd, const char *path, struct err *e)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return posix_fail(e, errno, "look at", path);
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_DENIED, 0, "%s is not a regular file", path);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return err_set(e, ERR_DENIED, 0, "%s belongs to somebody else: nothing was read", path);
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return err_set(e, ERR_DENIED, 0,
                       "%s can be read by others (mode %03o): nothing was read; chmod 600 it", path,
                       (unsigned)(st.st_mode & 0777));
    return true;
}

bool host_read_private(const char *path, char *out, size_t size, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    size_t n = 0;
    ssize_t got = 1;

    if (fd < 0)
        return posix_fail(e, errno, "read", path);
    if (!is_private(fd, path, e)) {
        close(fd);
        return false;
    }
    while (n < size && got > 0) {
        got = read(fd, out + n, size - n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            n += (size_t)got;
    }
    if (got < 0)
        posix_fail(e, errno, "read", path);
    close(fd);
    if (got < 0 || n == size || memchr(out, '\0', n)) {
        host_wipe(out, size);
        return got < 0 ? false
                       : err_set(e, ERR_INVALID, 0, "%s is too long for a credential", path);
    }
    out[n] = '\0';
    return true;
}

bool host_write_private(const char *path, const char *data, size_t size, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok;

    if (fd < 0)
        return posix_fail(e, errno, "write", path);
    ok = posix_write_all(fd, data, size) && fsync(fd) == 0;
    if (!ok)
        posix_fail(e, errno, "write", path);
    if (close(fd) != 0 && ok)
        ok = posix_fail(e, errno, "write", path);
    if (!ok)
        unlink(path);
    return ok;
}

void host_wipe(void *p, size_t size)
{
    explicit_bzero(p, size);
}

bool host_stored_credential(const char *target, char *out, size_t size, struct err *e)
{
    (void)out, (void)size;
    return err_set(e, ERR_UNSUPPORTED, 0,
                   "%s: stored credentials are those of Windows; give `env` or `file` here",
                   target);
}
