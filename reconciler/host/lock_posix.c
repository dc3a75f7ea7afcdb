#include "host/host.h"
#include "host/inner_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct host_lock {
    int fd;
};

enum { NOTE = 300 };

/* What the holder wrote, on one line and without anything that a terminal would obey. */
static void read_note(int fd, char note[NOTE])
{
    ssize_t n = pread(fd, note, NOTE - 1, 0);

    if (n < 0)
        n = 0;
    while (n > 0 && (note[n - 1] == '\n' || note[n - 1] == ' '))
        n--;
    note[n] = '\0';
    for (char *s = note; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 127)
            *s = ' ';
}

static bool say_locked(int fd, const char *path, struct err *e)
{
    char note[NOTE];

    read_note(fd, note);
    return err_set(e, ERR_LOCKED, EWOULDBLOCK, "it is locked by %s; the lock is %s",
                   note[0] ? note : "another process, which has not said yet who it is", path);
}

static bool put_note(int fd, const char *note)
{
    return ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
           posix_write_all(fd, note, strlen(note)) && posix_write_all(fd, "\n", 1);
}

/*
 * flock(): the kernel lets go when the last descriptor is closed, by whatever
 * death; two opens of one process exclude each other too.  The file stays:
 * removing it would let two processes lock two files of one name.
 */
bool host_lock_take(const char *path, const char *note, struct host_lock **out, struct err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600), rc;
    struct host_lock *l;

    if (fd < 0)
        return posix_fail(e, errno, "lock", path);
    do
        rc = flock(fd, LOCK_EX | LOCK_NB);
    while (rc != 0 && errno == EINTR);
    if (rc != 0) {
        if (errno == EWOULDBLOCK)
            say_locked(fd, path, e);
        else
            posix_fail(e, errno, "lock", path);
        close(fd);
        return false;
    }
    l = put_note(fd, note) ? malloc(sizeof *l) : NULL;
    if (!l) {
        posix_fail(e, errno, "write into the lock", path);
        close(fd);
        return false;
    }
    l->fd = fd;
    *out = l;
    return true;
}

void host_lock_release(struct host_lock *l)
{
    if (!l)
        return;
    /* A free lock names nobody; if this fails the next holder writes over it. */
    if (ftruncate(l->fd, 0) != 0)
        errno = 0;
    close(l->fd);
    free(l);
}
