#include "host/host.h"
#include "host/inner_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * flock() on the file itself: nothing lies beside it, and a death lets go.  A
 * write puts another file under the name, so who gets the lock looks whether
 * it is still the one that has the name, and asks again when it is not.
 */
struct host_turn {
    int fd;
};

/* The kernel waits without an end; a thread does it, and is left behind when the time is up. */
struct waiter {
    pthread_mutex_t mutex;
    pthread_cond_t ends;
    pthread_t thread;
    int fd, number; /* number: 0 or the errno, once it ended */
    bool ended, left;
};

static int lock_now(int fd, int how)
{
    int rc;

    do
        rc = flock(fd, how);
    while (rc != 0 && errno == EINTR);
    return rc == 0 ? 0 : errno;
}

static void free_waiter(struct waiter *w)
{
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->ends);
    free(w);
}

static void *wait_for_it(void *context)
{
    struct waiter *w = context;
    int number = lock_now(w->fd, LOCK_EX);
    bool left;

    pthread_mutex_lock(&w->mutex);
    w->number = number;
    w->ended = true;
    left = w->left;
    pthread_cond_signal(&w->ends);
    pthread_mutex_unlock(&w->mutex);
    if (left) {
        close(w->fd);
        free_waiter(w);
    }
    return NULL;
}

/* 0 or an errno.  ETIMEDOUT: the descriptor is the waiter's now. */
static int lock_until(int fd, const struct timespec *end)
{
    struct waiter *w = calloc(1, sizeof *w);
    int number;

    if (!w)
        return ENOMEM;
    w->fd = fd;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->ends, NULL);
    number = pthread_create(&w->thread, NULL, wait_for_it, w);
    if (number != 0) {
        free_waiter(w);
        return number;
    }
    pthread_mutex_lock(&w->mutex);
    while (!w->ended && number == 0)
        number = pthread_cond_timedwait(&w->ends, &w->mutex, end);
    if (!w->ended) {
        w->left = true;
        pthread_detach(w->thread);
        pthread_mutex_unlock(&w->mutex);
        return ETIMEDOUT;
    }
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
    number = w->number;
    free_waiter(w);
    return number;
}

static struct timespec after(int64_t ms)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    return t;
}

static bool has_the_name(int fd, const char *path)
{
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* Some file systems know no locks: there it goes on without. */
static bool knows_no_locks(int number)
{
    return number == EOPNOTSUPP || number == ENOSYS || number == ENOLCK;
}

bool host_turn_take(const char *path, int64_t patience_ms, struct host_turn **out, struct err *e)
{
    struct timespec end = after(patience_ms);
    int fd, number;

    for (;;) {
        fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
            return posix_fail(e, errno, "write", path);
        number = lock_now(fd, LOCK_EX | LOCK_NB);
        if (number == EWOULDBLOCK)
            number = lock_until(fd, &end);
        if (number == ETIMEDOUT)
            return err_set(e, ERR_IO, number, "cannot write %s: another process holds it; end it",
                           path);
        if (number != 0 && !knows_no_locks(number)) {
            close(fd);
            return posix_fail(e, number, "lock", path);
        }
        if (has_the_name(fd, path) || number != 0)
            break;
        close(fd);
    }
    *out = malloc(sizeof **out);
    if (!*out) {
        close(fd);
        return posix_fail(e, ENOMEM, "lock", path);
    }
    (*out)->fd = fd;
    return true;
}

void host_turn_end(struct host_turn *t)
{
    if (!t)
        return;
    close(t->fd);
    free(t);
}
