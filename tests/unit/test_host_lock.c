/* host_lock: one holder, whose note the others see, until it lets go or dies; turns; the mutex. */
#include "host/host.h"
#include "scratch.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>

#include <cmocka.h>

static void one_holder(void **state)
{
    struct host_lock *a, *b;
    struct err e = {0};

    (void)state;
    assert_true(host_lock_take(scratch("lock"), "apply of pid 7", &a, &e));
    assert_false(host_lock_take(scratch("lock"), "second", &b, &e));
    assert_int_equal(e.kind, ERR_LOCKED);
    assert_non_null(strstr(e.text, "locked by apply of pid 7"));
    assert_non_null(strstr(e.text, scratch("lock")));
    host_lock_release(a);
    assert_true(host_lock_take(scratch("lock"), "x", &b, &e));
    host_lock_release(b);
    host_lock_release(NULL);
}

static pid_t hold_in_child(const char *path, const char *note)
{
    int ready[2];
    pid_t pid;
    char c;

    assert_int_equal(pipe(ready), 0);
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct host_lock *l;
        struct err e;

        if (!host_lock_take(path, note, &l, &e) || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    return pid;
}

static void death_lets_go(void **state)
{
    struct host_lock *l;
    struct err e = {0};
    int status;
    pid_t pid;

    (void)state;
    pid = hold_in_child(scratch("lock"), "apply on hv-01, since noon");
    assert_false(host_lock_take(scratch("lock"), "me", &l, &e));
    assert_int_equal(e.kind, ERR_LOCKED);
    assert_non_null(strstr(e.text, "apply on hv-01, since noon"));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(host_lock_take(scratch("lock"), "me", &l, &e));
    host_lock_release(l);
}

/* The dead holder's note is longer than the next one's: nothing of it may be left. */
static void notes_are_whole(void **state)
{
    struct host_lock *l, *m;
    struct err e = {0};
    int status;
    pid_t pid;

    (void)state;
    pid = hold_in_child(scratch("lock"), "a long note of one who dies\x1b[31m\nin two lines");
    assert_false(host_lock_take(scratch("lock"), "me", &m, &e));
    assert_null(strchr(e.text, '\x1b'));
    assert_null(strchr(e.text, '\n'));
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(host_lock_take(scratch("lock"), "short", &l, &e));
    assert_false(host_lock_take(scratch("lock"), "me", &m, &e));
    assert_non_null(strstr(e.text, "locked by short"));
    assert_null(strstr(e.text, "dies"));
    host_lock_release(l);
}

static void cannot(void **state)
{
    struct host_lock *l;
    struct err e = {0};

    (void)state;
    assert_false(host_lock_take(scratch("none/lock"), "me", &l, &e));
    assert_int_equal(e.kind, ERR_IO);
    assert_int_equal(e.native, ENOENT);
    scratch_write("victim", "keep");
    assert_int_equal(symlink("victim", scratch("lock")), 0);
    assert_false(host_lock_take(scratch("lock"), "me", &l, &e));
    assert_int_equal(e.kind, ERR_IO);
}

/* ---- turns with a file ---- */

enum { SOON_MS = 50, LONG_MS = 60000 };

/* A child that has the turn until it is killed. */
static pid_t turn_in_child(const char *path)
{
    int ready[2];
    pid_t pid;
    char c;

    assert_int_equal(pipe(ready), 0);
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct host_turn *t;
        struct err e;

        if (!host_turn_take(path, LONG_MS, &t, &e) || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    return pid;
}

/* Nobody waits without an end, and a death lets go. */
static void a_turn_is_waited_for(void **state)
{
    struct host_turn *t;
    struct err e = {0};
    int status;
    pid_t pid;

    (void)state;
    scratch_write("world", "old");
    pid = turn_in_child(scratch("world"));
    assert_false(host_turn_take(scratch("world"), SOON_MS, &t, &e));
    assert_int_equal(e.kind, ERR_IO);
    assert_int_equal(e.native, ETIMEDOUT);
    assert_non_null(strstr(e.text, "another process holds it"));
    kill(pid, SIGKILL);
    assert_true(host_turn_take(scratch("world"), LONG_MS, &t, &e));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    host_turn_end(t);
    host_turn_end(NULL);
    assert_false(host_turn_take(scratch("none"), LONG_MS, &t, &e));
    assert_int_equal(e.native, ENOENT);
}

enum { COUNTERS = 4, COUNTS = 200 };

static bool count_one_more(const char *path)
{
    struct host_turn *t;
    struct arena a;
    struct err e;
    char *text, next[32];
    size_t size;
    bool ok;

    if (!host_turn_take(path, LONG_MS, &t, &e))
        return false;
    arena_init(&a, 0);
    ok = host_read_file(&a, path, 100, &text, &size, &e);
    snprintf(next, sizeof next, "%ld", ok ? strtol(text, NULL, 10) + 1 : -1);
    ok = ok && host_write_file(path, next, strlen(next), &e);
    arena_release(&a);
    host_turn_end(t);
    return ok;
}

/* What is written rests on what was read, though each write is another file under the name. */
static void turns_lose_nothing(void **state)
{
    pid_t pids[COUNTERS];
    struct arena a;
    struct err e;
    const char **names;
    char *text;
    size_t size, count;
    int status;

    (void)state;
    scratch_write("world", "0");
    fflush(NULL);
    for (int i = 0; i < COUNTERS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            for (int n = 0; n < COUNTS; n++)
                if (!count_one_more(scratch("world")))
                    _exit(1);
            _exit(0);
        }
    }
    for (int i = 0; i < COUNTERS; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    arena_init(&a, 0);
    assert_true(host_read_file(&a, scratch("world"), 100, &text, &size, &e));
    assert_int_equal(strtol(text, NULL, 10), COUNTERS * COUNTS);
    assert_true(host_list_names(&a, scratch_folder, &names, &count, &e));
    assert_int_equal(count, 1); /* and nothing lies beside it */
    arena_release(&a);
}

/* ---- the mutex ---- */

enum { ROUNDS = 20000 };

struct counter {
    struct host_mutex *mutex;
    size_t n;
};

static void *count_up(void *context)
{
    struct counter *c = context;

    for (int i = 0; i < ROUNDS; i++) {
        host_mutex_lock(c->mutex);
        c->n++;
        host_mutex_unlock(c->mutex);
    }
    return NULL;
}

static void mutex_excludes(void **state)
{
    struct counter c = {.mutex = host_mutex_new()};
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, &c), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(c.n, 4 * ROUNDS);
    host_mutex_free(c.mutex);
    host_mutex_free(NULL);
}

#define ROW(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(one_holder),
        ROW(death_lets_go),
        ROW(notes_are_whole),
        ROW(cannot),
        ROW(a_turn_is_waited_for),
        ROW(turns_lose_nothing),
        cmocka_unit_test(mutex_excludes),
    };

    return cmocka_run_group_tests_name("host lock and mutex", tests, NULL, NULL);
}
