/* host_read_file and the questions about paths. */
#include "host/host.h"
#include "scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena arena;

static void reads_all(void **state)
{
    char *data;
    size_t size;
    struct err e;

    (void)state;
    scratch_write("empty", "");
    assert_true(host_read_file(&arena, scratch("empty"), 0, &data, &size, &e));
    assert_int_equal(size, 0);
    assert_string_equal(data, "");
    scratch_write("five", "12345");
    assert_true(host_read_file(&arena, scratch("five"), 5, &data, &size, &e));
    assert_int_equal(size, 5);
    assert_string_equal(data, "12345");
    /* Says that it has 0 bytes, and has more. */
    assert_true(host_read_file(&arena, "/proc/self/status", 1 << 20, &data, &size, &e));
    assert_true(size > 100);
    assert_int_equal(strlen(data), size);
}

static void reads_heads(void **state)
{
    char *data;
    size_t size;
    struct err e;

    (void)state;
    scratch_write("five", "12345");
    for (size_t most = 0; most < 8; most++) {
        assert_true(host_read_head(&arena, scratch("five"), most, &data, &size, &e));
        assert_int_equal(size, most < 5 ? most : 5);
        assert_int_equal(strlen(data), size);
        assert_memory_equal(data, "12345", size);
    }
    assert_true(host_read_head(&arena, "/proc/self/status", 10, &data, &size, &e));
    assert_int_equal(size, 10);
    assert_false(host_read_head(&arena, scratch("none"), 4, &data, &size, &e));
    assert_int_equal(e.kind, ERR_IO);
}

static void refused(const char *path, size_t limit, enum err_kind kind, int number,
                    const char *words)
{
    struct err e = {0};
    char *data;
    size_t size;

    assert_false(host_read_file(&arena, path, limit, &data, &size, &e));
    assert_int_equal(e.kind, kind);
    assert_int_equal(e.native, number);
    assert_non_null(strstr(e.text, path));
    assert_non_null(strstr(e.text, words));
}

static void refuses(void **state)
{
    (void)state;
    scratch_write("five", "12345");
    assert_int_equal(mkfifo(scratch("pipe"), 0600), 0);
    refused(scratch("five"), 4, ERR_INVALID, EFBIG, "larger than 4 bytes");
    refused("/proc/self/status", 10, ERR_INVALID, EFBIG, "larger than 10 bytes");
    refused(scratch("none"), 4, ERR_IO, ENOENT, "no such file");
    refused(scratch_folder, 4, ERR_IO, EISDIR, "folder");
    refused(scratch("pipe"), 4, ERR_INVALID, 0, "not a regular file");
    refused("/dev/zero", 4, ERR_INVALID, 0, "not a regular file");
}

static void standard_input(void **state)
{
    int saved = dup(STDIN_FILENO), ends[2];
    char *data;
    size_t size;
    struct err e = {0};

    (void)state;
    assert_true(saved >= 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "from a pipe", 11), 11);
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_true(host_read_file(&arena, "-", 1 << 20, &data, &size, &e));
    assert_string_equal(data, "from a pipe");
    close(ends[0]);

    assert_int_equal(dup2(open("/dev/zero", O_RDONLY), STDIN_FILENO), STDIN_FILENO);
    assert_false(host_read_file(&arena, "-", 100000, &data, &size, &e));
    assert_int_equal(e.kind, ERR_INVALID);
    assert_non_null(strstr(e.text, "standard input"));
    assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
    close(saved);
}

static void questions(void **state)
{
    (void)state;
    scratch_write("file", "");
    assert_true(host_exists(scratch("file")));
    assert_false(host_exists(scratch("none")));
    assert_true(host_is_folder(scratch_folder));
    assert_false(host_is_folder(scratch("file")));
    assert_false(host_is_folder(scratch("none")));
    assert_true(host_pid() == getpid());
    assert_true(host_cores() >= 1);
    assert_true(strlen(host_name(&arena)) > 0);
    assert_true(host_now_ms() > INT64_C(1577836800000)); /* 2020: milliseconds, not seconds */
    assert_false(host_is_terminal(99));
}

static void joins(void **state)
{
    static const struct {
        const char *folder, *name, *want;
    } ROWS[] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"a//", "b", "a/b"}, {"/", "b", "/b"},
        {".", "b", "b"},   {"./", "b", "b"},   {"", "b", "b"},      {"..", "b", "../b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        assert_string_equal(host_join(&arena, ROWS[i].folder, ROWS[i].name), ROWS[i].want);
}

static void beside(void **state)
{
    static const struct {
        const char *file, *relative, *want;
    } ROWS[] = {
        {"x/spec.yaml", "world.yaml", "x/world.yaml"},
        {"spec.yaml", "world.yaml", "world.yaml"},
        {"/spec.yaml", "w", "/w"},
        {"x/spec.yaml", "../w", "x/../w"},
        {"x/spec.yaml", "/abs/w", "/abs/w"},
        {"-", "w", "w"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        assert_string_equal(host_beside(&arena, ROWS[i].file, ROWS[i].relative), ROWS[i].want);
}

static void real_path(void **state)
{
    (void)state;
    scratch_write("file", "");
    assert_int_equal(symlink("file", scratch("link")), 0);
    assert_string_equal(host_real_path(&arena, scratch("link")),
                        host_real_path(&arena, scratch("file")));
    assert_string_equal(host_real_path(&arena, "no/such/file"), "no/such/file");
}

static void makes_folders(void **state)
{
    struct err e = {0};
    struct stat st;

    (void)state;
    assert_true(host_make_folder(scratch("a/b//c/"), &e));
    assert_int_equal(stat(scratch("a/b/c"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(host_make_folder(scratch("a/b/c"), &e));
    assert_int_equal(mkdir(scratch("open"), 0755), 0);
    assert_true(host_make_folder(scratch("open"), &e));
    assert_int_equal(stat(scratch("open"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755); /* a folder that was there keeps its mode */
    scratch_write("file", "");
    assert_false(host_make_folder(scratch("file"), &e));
    assert_int_equal(e.native, ENOTDIR);
    assert_false(host_make_folder(scratch("file/x"), &e));
    assert_int_equal(e.native, ENOTDIR);
    assert_false(host_make_folder("", &e));
    assert_false(host_make_folder("/proc/hvgpu/x", &e));
    assert_int_equal(e.kind, ERR_IO);
}

static void same_files(void **state)
{
    char one[256], other[256];
    int was = dup(STDIN_FILENO), fd;

    (void)state;
    scratch_write("one", "x");
    scratch_write("other", "x");
    snprintf(one, sizeof one, "%s", scratch("one"));
    snprintf(other, sizeof other, "%s", scratch("other"));
    assert_true(host_same_file(one, one));
    assert_false(host_same_file(one, other));
    assert_int_equal(symlink(one, scratch("link")), 0);
    assert_true(host_same_file(scratch("link"), one));
    assert_int_equal(link(one, scratch("hard")), 0);
    assert_true(host_same_file(one, scratch("hard")));
    assert_false(host_same_file(scratch("none"), one));
    assert_false(host_same_file(one, scratch("none")));
    assert_false(host_same_file("/dev/null", "/dev/null")); /* nothing is lost there */
    fd = open(one, O_RDONLY);
    assert_true(fd >= 0 && was >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    assert_true(host_same_file(one, "-"));
    assert_false(host_same_file(other, "-"));
    assert_true(dup2(was, STDIN_FILENO) == STDIN_FILENO);
    close(fd);
    close(was);
}

static void state_folders(void **state)
{
    (void)state;
    unsetenv("XDG_STATE_HOME");
    setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1);
    assert_string_equal(host_state_folder(&arena), "/var/lib/one");
    unsetenv("STATE_DIRECTORY");
    setenv("XDG_STATE_HOME", "/home/x/.state", 1);
    assert_string_equal(host_state_folder(&arena), "/home/x/.state/hvgpu");
    setenv("XDG_STATE_HOME", "relative/is/ignored", 1);
    setenv("HOME", "/home/y", 1);
    assert_string_equal(host_state_folder(&arena),
                        geteuid() == 0 ? "/var/lib/hvgpu" : "/home/y/.local/state/hvgpu");
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
        ROW(reads_all),     ROW(reads_heads),   ROW(refuses),    ROW(standard_input),
        ROW(questions),     ROW(joins),         ROW(beside),     ROW(real_path),
        ROW(makes_folders), ROW(state_folders), ROW(same_files),
    };

    return cmocka_run_group_tests_name("host read and paths", tests, NULL, NULL);
}
