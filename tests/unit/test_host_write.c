/* host_write_file: the old file or the new one, never half; errors name place and way out. */
#include "host/host.h"
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { BIG = 1 << 20 };

static struct arena arena;

static void expect_content(const char *name, const char *want)
{
    char *data;
    size_t size;
    struct err e;

    assert_true(host_read_file(&arena, scratch(name), 1 << 24, &data, &size, &e));
    assert_int_equal(size, strlen(want));
    assert_string_equal(data, want);
}

static size_t entries(void)
{
    DIR *d = opendir(scratch_folder);
    size_t n = 0;

    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static void writes_and_replaces(void **state)
{
    struct err e;
    struct stat st;

    (void)state;
    assert_true(host_write_file(scratch("a"), "one", 3, &e));
    expect_content("a", "one");
    assert_int_equal(chmod(scratch("a"), 0640), 0);
    assert_true(host_write_file(scratch("a"), "second", 6, &e));
    expect_content("a", "second");
    assert_int_equal(stat(scratch("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_true(host_write_file(scratch("a"), "", 0, &e));
    expect_content("a", "");
    assert_int_equal(entries(), 1);
}

static void writes_through_a_link(void **state)
{
    struct err e;
    struct stat st;

    (void)state;
    scratch_write("target", "old");
    assert_int_equal(symlink("target", scratch("link")), 0);
    assert_true(host_write_file(scratch("link"), "new", 3, &e));
    expect_content("target", "new");
    assert_int_equal(lstat(scratch("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

static void writes_here(void **state)
{
    char back[4096];
    struct err e;

    (void)state;
    assert_non_null(getcwd(back, sizeof back));
    assert_int_equal(chdir(scratch_folder), 0);
    assert_true(host_write_file("plain", "x", 1, &e));
    assert_int_equal(chdir(back), 0);
    expect_content("plain", "x");
}

/* What a killed writer left is taken over; what somebody else writes is left alone. */
static void leftovers(void **state)
{
    struct err e;

    (void)state;
    scratch_write(".a.hvgpu-new", "half of a fi");
    assert_true(host_write_file(scratch("a"), "whole", 5, &e));
    expect_content("a", "whole");
    assert_int_equal(entries(), 1);

    scratch_write("precious", "precious");
    assert_int_equal(symlink("precious", scratch(".b.hvgpu-new")), 0);
    assert_true(host_write_file(scratch("b"), "b", 1, &e));
    expect_content("b", "b");
    expect_content("precious", "precious");

    assert_int_equal(link(scratch("precious"), scratch(".c.hvgpu-new")), 0);
    assert_true(host_write_file(scratch("c"), "c", 1, &e));
    expect_content("c", "c");
    expect_content("precious", "precious");
}

static void long_names(void **state)
{
    char name[256];
    struct err e;

    (void)state;
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_true(host_write_file(scratch(name), "x", 1, &e));
    expect_content(name, "x");
}

static void refused(const char *path, int number, const char *words)
{
    struct err e = {0};

    assert_false(host_write_file(path, "data", 4, &e));
    assert_int_equal(e.kind, ERR_IO);
    assert_int_equal(e.native, number);
    assert_non_null(strstr(e.text, path));
    assert_non_null(strstr(e.text, words));
}

static void clear_errors(void **state)
{
    (void)state;
    scratch_write("file", "x");
    refused("/dev/full", ENOSPC, "the disk is full");
    refused(scratch("missing/a"), ENOENT, "no such");
    refused(scratch("file/a"), ENOTDIR, "not a folder");
    refused(scratch_folder, EISDIR, "folder");
    assert_int_equal(symlink("loop", scratch("loop")), 0);
    refused(scratch("loop/a"), ELOOP, "circle");
}

static int child_status(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return status;
}

/* The disk fills up in the middle: the old file is whole and nothing is left beside it. */
static void fills_up(void **state)
{
    static char data[BIG];
    pid_t pid;

    (void)state;
    scratch_write("a", "old");
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit small = {4096, 4096};
        struct err e = {0};

        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &small);
        _exit(!host_write_file(scratch("a"), data, sizeof data, &e) && e.native == EFBIG ? 0 : 1);
    }
    assert_int_equal(child_status(pid), 0);
    expect_content("a", "old");
    assert_int_equal(entries(), 1);
}

/* A folder, and a file in it, that this user may not write. */
static void not_permitted(void **state)
{
    pid_t pid;

    (void)state;
    assert_int_equal(mkdir(scratch("locked"), 0755), 0);
    scratch_write("locked/a", "old");
    assert_int_equal(chmod(scratch_folder, 0755), 0);
    assert_int_equal(chmod(scratch("locked/a"), 0444), 0);
    assert_int_equal(chmod(scratch("locked"), 0555), 0);
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct err e = {0}, f = {0};
        bool ok;

        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(3);
        ok = !host_write_file(scratch("locked/new"), "x", 1, &e) && e.native == EACCES &&
             strstr(e.text, "permission denied") &&
             !host_write_file(scratch("locked/a"), "x", 1, &f) && f.native == EACCES;
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(child_status(pid), 0);
    assert_int_equal(chmod(scratch("locked"), 0755), 0);
    expect_content("locked/a", "old");
}

static void check_whole(const char *name)
{
    char *data;
    size_t size;
    struct err e;

    assert_true(host_read_file(&arena, scratch(name), BIG, &data, &size, &e));
    assert_int_equal(size, BIG);
    for (size_t i = 1; i < size; i++)
        if (data[i] != data[0])
            fail_msg("half a file: '%c' at 0 and '%c' at %zu", data[0], data[i], i);
}

static void write_for_ever(const char *path, char first, int said)
{
    static char data[BIG];
    struct err e;

    for (char c = first;; c = (char)(c == 'z' ? 'a' : c + 1)) {
        memset(data, c, sizeof data);
        if (!host_write_file(path, data, sizeof data, &e) || write(said, &c, 1) != 1)
            _exit(1);
    }
}

/* Two writers of one file, killed at any instant, forty times. */
static void killed(void **state)
{
    static char data[BIG];
    struct err e;

    (void)state;
    memset(data, 'A', sizeof data);
    assert_true(host_write_file(scratch("a"), data, sizeof data, &e));
    for (int round = 0; round < 40; round++) {
        volatile unsigned spin = (unsigned)round * 40503u % 65536u * 8;
        pid_t pids[2];
        int said[2];
        char c;

        assert_int_equal(pipe(said), 0);
        fflush(NULL);
        for (int i = 0; i < 2; i++) {
            pids[i] = fork();
            assert_true(pids[i] >= 0);
            if (pids[i] == 0)
                write_for_ever(scratch("a"), (char)('a' + i * 7), said[1]);
        }
        assert_int_equal(read(said[0], &c, 1), 1);
        while (spin)
            spin--;
        for (int i = 0; i < 2; i++) {
            assert_int_equal(kill(pids[i], SIGKILL), 0);
            assert_true(WIFSIGNALED(child_status(pids[i])));
        }
        close(said[0]);
        close(said[1]);
        check_whole("a");
        arena_reset(&arena);
    }
    assert_true(host_write_file(scratch("a"), "end", 3, &e));
    expect_content("a", "end");
}

static int setup(void **state)
{
    arena_init(&arena, 0);
    return scratch_setup(state);
}

static int teardown(void **state)
{
    arena_release(&arena);
    return scratch_teardown(state);
}

#define ROW(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(writes_and_replaces),
        ROW(writes_through_a_link),
        ROW(writes_here),
        ROW(leftovers),
        ROW(long_names),
        ROW(clear_errors),
        ROW(fills_up),
        ROW(not_permitted),
        ROW(killed),
    };

    return cmocka_run_group_tests_name("host write", tests, NULL, NULL);
}
