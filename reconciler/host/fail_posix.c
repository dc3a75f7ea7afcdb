#include "host/inner_posix.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The errors that people meet, in words that say what to do; strerror() has the rest. */
static const struct {
    int number;
    const char *text;
} WORDS[] = {
    {ENOENT, "there is no such file or folder"},
    {EACCES, "permission denied; check who owns it and as whom hvgpu runs"},
    {EPERM, "not permitted; check who owns it and as whom hvgpu runs"},
    {EROFS, "it is on a read-only file system; choose another place"},
    {ENOSPC, "the disk is full; free some space and try again"},
    {EDQUOT, "the disk quota is used up; free some space and try again"},
    {EFBIG, "the file would be larger than is allowed here"},
    {EISDIR, "it is a folder, not a file"},
    {ENOTDIR, "a part of the path is a file, not a folder"},
    {ELOOP, "its links lead in a circle; remove one of them"},
    {ENAMETOOLONG, "the path is too long"},
    {EMFILE, "too many files are open in this process; raise `ulimit -n`"},
    {ENFILE, "too many files are open on this machine"},
    {EIO, "the disk reports an error; look at the kernel's log"},
    {EBUSY, "it is in use, or mounted as a single file; mount its folder instead"},
    {ETXTBSY, "it is a program that runs"},
};

bool posix_fail(struct err *e, int number, const char *what, const char *path)
{
    const char *why = NULL;

    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS && !why; i++)
        if (WORDS[i].number == number)
            why = WORDS[i].text;
    return err_set(e, ERR_IO, number, "cannot %s %s: %s", what, path, why ? why : strerror(number));
}

bool posix_write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0) {
            errno = ENOSPC;
            return false;
        }
        data += n;
        size -= (size_t)n;
    }
    return true;
}
