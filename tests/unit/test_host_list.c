/* host_list_specs: the same list whatever the disk's order, and no way to make it endless. */
#include "host/host.h"
#include "scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena arena;

static void make(const char *folder)
{
    assert_int_equal(mkdir(scratch(folder), 0755), 0);
}

static void link_to(const char *target, const char *name)
{
    assert_int_equal(symlink(target, scratch(name)), 0);
}

static void expect_list(const char *const *want, size_t n)
{
    const char **paths = NULL;
    size_t count = 0;
    struct err e = {0};

    if (!host_list_specs(&arena, scratch_folder, &paths, &count, &e))
        fail_msg("%s", e.text);
    for (size_t i = 0; i < n && i < count; i++)
        assert_string_equal(paths[i], scratch(want[i]));
    assert_int_equal(count, n);
}

static void expect_error(enum err_kind kind, const char *place, const char *words)
{
    const char **paths;
    size_t count;
    struct err e = {0};

    assert_false(host_list_specs(&arena, scratch_folder, &paths, &count, &e));
    assert_int_equal(e.kind, kind);
    assert_non_null(strstr(e.text, place));
    assert_non_null(strstr(e.text, words));
}

static void by_path(void **state)
{
    static const char *const WANT[] = {"B.YML",    "a-b/x.yaml", "a/deep/z.json",    "a/x.yaml",
                                       "a/y.yaml", "b.yaml",     "folder.yaml/c.yml"};

    (void)state;
    make("a");
    make("a/deep");
    make("a-b");
    make("folder.yaml");
    make(".git");
    scratch_write("b.yaml", "");
    scratch_write("a/y.yaml", "");
    scratch_write("folder.yaml/c.yml", "");
    scratch_write("a/x.yaml", "");
    scratch_write("a-b/x.yaml", "");
    scratch_write("a/deep/z.json", "");
    scratch_write("B.YML", "");
    scratch_write("README.md", "");
    scratch_write("yaml", "");
    scratch_write("x.yaml.bak", "");
    scratch_write(".hidden.yaml", "");
    scratch_write(".yaml", "");
    scratch_write(".git/config.yaml", "");
    expect_list(WANT, sizeof WANT / sizeof *WANT);
}

static void empty(void **state)
{
    (void)state;
    expect_list(NULL, 0);
}

/* As Kubernetes mounts a ConfigMap: files that are links into a hidden folder. */
static void links_are_followed(void **state)
{
    static const char *const WANT[] = {"estate/a.yaml", "spec.yaml"};

    (void)state;
    make(".data");
    make(".data/estate");
    scratch_write(".data/spec.yaml", "");
    scratch_write(".data/estate/a.yaml", "");
    link_to(".data/spec.yaml", "spec.yaml");
    link_to(".data/estate", "estate");
    link_to("nowhere", "README");
    expect_list(WANT, sizeof WANT / sizeof *WANT);
}

static void dangling(void **state)
{
    (void)state;
    link_to("nowhere", "spec.yaml");
    expect_error(ERR_IO, scratch("spec.yaml"), "no such file");
}

static void loops(void **state)
{
    (void)state;
    make("a");
    make("a/b");
    link_to("../../a", "a/b/again");
    expect_error(ERR_INVALID, scratch("a/b/again"), "leads back to");
}

static void loop_above_the_root(void **state)
{
    (void)state;
    make("a");
    link_to("..", "a/up");
    expect_error(ERR_INVALID, scratch("a/up"), "leads back to");
}

static void self_link(void **state)
{
    (void)state;
    link_to("self.yaml", "self.yaml");
    expect_error(ERR_IO, scratch("self.yaml"), "circle");
}

static void too_deep(void **state)
{
    char path[1024] = "d";

    (void)state;
    for (int i = 0; i < 64; i++) {
        make(path);
        snprintf(path + strlen(path), sizeof path - strlen(path), "/d");
    }
    expect_list(NULL, 0);
    make(path);
    expect_error(ERR_INVALID, "/d/d", "deep");
}

static void not_a_folder(void **state)
{
    const char **paths;
    size_t count;
    struct err e = {0};

    (void)state;
    scratch_write("file", "");
    assert_false(host_list_specs(&arena, scratch("file"), &paths, &count, &e));
    assert_int_equal(e.native, ENOTDIR);
    assert_false(host_list_specs(&arena, scratch("none"), &paths, &count, &e));
    assert_int_equal(e.native, ENOENT);
}

static void names(void **state)
{
    static const char *const WANT[] = {"B", "a", "c.db"};
    const char **got = NULL;
    size_t count = 0;
    struct err e = {0};

    (void)state;
    make("a");
    make("B");
    make(".git");
    scratch_write("c.db", "");
    scratch_write("a/inside", "");
    assert_true(host_list_names(&arena, scratch_folder, &got, &count, &e));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(got[i], WANT[i]);
    assert_true(host_list_names(&arena, scratch("nowhere"), &got, &count, &e));
    assert_int_equal(count, 0);
    assert_false(host_list_names(&arena, scratch("c.db"), &got, &count, &e));
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
        ROW(by_path),   ROW(empty),    ROW(links_are_followed),  ROW(dangling),     ROW(loops),
        ROW(self_link), ROW(too_deep), ROW(loop_above_the_root), ROW(not_a_folder), ROW(names),
    };

    return cmocka_run_group_tests_name("host list", tests, NULL, NULL);
}
