/* Another program: what it prints, how it ends, and when it does not. */
#include "loop/child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 4096, LONG_MS = 60000 };

static char out[ROOM];
static size_t size;
static struct err err;

static bool run(const char *const *argv, int64_t ms, size_t room)
{
    memset(out, 0, sizeof out);
    err.kind = ERR_NONE;
    return child_run(argv, ms, out, room, &size, &err);
}

static void what_it_prints_is_read(void **state)
{
    static const char *const argv[] = {"printf", "%s|", "a b", "$HOME; *", "", NULL};

    (void)state;
    assert_true(run(argv, LONG_MS, ROOM));
    assert_int_equal(size, 14);
    assert_memory_equal(out, "a b|$HOME; *||", 14); /* no shell has read it */
}

static void it_has_no_input_and_its_errors_go_nowhere(void **state)
{
    static const char *const argv[] = {"sh", "-c", "cat; echo wrong >&2; echo right", NULL};

    (void)state;
    assert_true(run(argv, LONG_MS, ROOM));
    assert_int_equal(size, 6);
    assert_memory_equal(out, "right\n", 6);
}

static void another_code_than_0_is_an_error(void **state)
{
    static const char *const argv[] = {"sh", "-c", "echo said; exit 3", NULL};

    (void)state;
    assert_false(run(argv, LONG_MS, ROOM));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(err.native, 3);
}

static void what_is_not_there_is_an_error(void **state)
{
    static const char *const argv[] = {"hvgpu-no-such-program", NULL};

    (void)state;
    assert_false(run(argv, LONG_MS, ROOM));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(size, 0);
}

static void one_that_does_not_end_is_ended(void **state)
{
    static const char *const quiet[] = {"tail", "-f", "/dev/null", NULL};
    /* the program ends; what it left behind has the pipe */
    static const char *const left[] = {"sh", "-c", "timeout 5 tail -f /dev/null & echo said", NULL};

    (void)state;
    assert_false(run(quiet, 50, ROOM));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_false(run(left, 50, ROOM));
    assert_int_equal(err.kind, ERR_TIMEOUT);
}

static void what_does_not_fit_is_not_read(void **state)
{
    static const char *const argv[] = {"yes", NULL};

    (void)state;
    assert_true(run(argv, LONG_MS, 9));
    assert_int_equal(size, 9);
    assert_memory_equal(out, "y\ny\ny\ny\ny\0", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_prints_is_read),
        cmocka_unit_test(it_has_no_input_and_its_errors_go_nowhere),
        cmocka_unit_test(another_code_than_0_is_an_error),
        cmocka_unit_test(what_is_not_there_is_an_error),
        cmocka_unit_test(one_that_does_not_end_is_ended),
        cmocka_unit_test(what_does_not_fit_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
