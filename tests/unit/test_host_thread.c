/* A job that comes back, and one that does not in time. */
#include "host/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct job {
    struct host_mutex *gate; /* held by the test: the job waits for it */
    int done;
};

static void work(void *arg)
{
    struct job *j = arg;

    host_mutex_lock(j->gate);
    j->done++;
    host_mutex_unlock(j->gate);
}

static int64_t soon(int64_t ms)
{
    return host_tick_ms() + ms;
}

static void ends(void **state)
{
    struct job j = {.gate = host_mutex_new()};
    struct host_thread *t;
    struct err e;

    (void)state;
    assert_true(host_thread_start(work, &j, &t, &e));
    assert_true(host_thread_wait(t, soon(60000)));
    assert_true(host_thread_end(t, soon(0)));
    assert_int_equal(j.done, 1);
    host_mutex_free(j.gate);
}

static void is_left_behind(void **state)
{
    static struct job j; /* it outlives this function */
    struct host_thread *t, *other;
    struct err e;

    (void)state;
    j.gate = host_mutex_new();
    host_mutex_lock(j.gate);
    assert_true(host_thread_start(work, &j, &t, &e));
    assert_false(host_thread_wait(t, soon(1)));
    assert_false(host_thread_end(t, soon(1)));
    assert_false(j.done);
    host_mutex_unlock(j.gate);
    while (true) { /* it comes back, and frees what is its own */
        bool came;

        host_mutex_lock(j.gate);
        came = j.done == 1;
        host_mutex_unlock(j.gate);
        if (came)
            break;
    }
    assert_true(host_thread_start(work, &j, &other, &e));
    assert_true(host_thread_end(other, soon(60000)));
    assert_int_equal(j.done, 2);
}

static void a_moment_that_has_passed(void **state)
{
    static struct job j;
    struct host_thread *t;
    struct err e;

    (void)state;
    j.gate = host_mutex_new();
    host_mutex_lock(j.gate);
    assert_true(host_thread_start(work, &j, &t, &e));
    assert_false(host_thread_end(t, soon(-5000)));
    host_mutex_unlock(j.gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends),
        cmocka_unit_test(is_left_behind),
        cmocka_unit_test(a_moment_that_has_passed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
