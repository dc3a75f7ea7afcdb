/* Another program on Windows: what it prints, how it ends, and when it does not. */
#include "loop/child.h"
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 4096, LONG_MS = 60000 };

static char out[ROOM], self[1024];
static size_t size;
static struct err err;

/* ---- the other program: this one, with a word ---- */

static int other(int argc, char **argv)
{
    DWORD done;

    if (strcmp(argv[1], "say") == 0)
        for (int i = 2; i < argc; i++)
            printf("%s|", argv[i]);
    if (strcmp(argv[1], "fail") == 0)
        return 3;
    if (strcmp(argv[1], "hang") == 0)
        WaitForSingleObject(GetCurrentProcess(), INFINITE);
    while (strcmp(argv[1], "spew") == 0)
        if (!WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "y", 1, &done, NULL))
            return 4;
    return 0;
}

/* ---- the tests ---- */

static bool run(const char *const *argv, int64_t ms, size_t room)
{
    memset(out, 0, sizeof out);
    err.kind = ERR_NONE;
    return child_run(argv, ms, out, room, &size, &err);
}

static void what_it_prints_is_read(void **state)
{
    const char *const argv[] = {self, "say", "a b", "%PATH% \"quoted\" \\", "", NULL};

    (void)state;
    assert_true(run(argv, LONG_MS, ROOM));
    assert_string_equal(out, "a b|%PATH% \"quoted\" \\||"); /* no shell has read it */
}

static void another_code_than_0_is_an_error(void **state)
{
    const char *const argv[] = {self, "fail", NULL};
    const char *const none[] = {"hvgpu-no-such-program", NULL};

    (void)state;
    assert_false(run(argv, LONG_MS, ROOM));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(err.native, 3);
    assert_false(run(none, LONG_MS, ROOM));
    assert_int_equal(err.kind, ERR_IO);
}

static void one_that_does_not_end_is_ended(void **state)
{
    const char *const argv[] = {self, "hang", NULL};

    (void)state;
    assert_false(run(argv, 50, ROOM));
    assert_int_equal(err.kind, ERR_TIMEOUT);
}

static void what_does_not_fit_is_not_read(void **state)
{
    const char *const argv[] = {self, "spew", NULL};

    (void)state;
    assert_true(run(argv, LONG_MS, 9));
    assert_int_equal(size, 9);
    assert_memory_equal(out, "yyyyyyyyy\0", 10);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_prints_is_read),
        cmocka_unit_test(another_code_than_0_is_an_error),
        cmocka_unit_test(one_that_does_not_end_is_ended),
        cmocka_unit_test(what_does_not_fit_is_not_read),
    };

    if (argc > 1)
        return other(argc, argv);
    if (!GetModuleFileNameA(NULL, self, sizeof self))
        return 1;
    return cmocka_run_group_tests_name("another program on Windows", tests, NULL, NULL);
}
