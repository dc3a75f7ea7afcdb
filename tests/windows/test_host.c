/*
 * The Windows half of host/: files, paths, folders, what this machine says of
 * itself.  What needs two processes is in test_locks.c, the console in
 * test_console.c.
 */
#include "host/host.h"
#include "scene.h"

#include <sddl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static void expect_content(const char *name, const char *want)
{
    char *data;
    size_t size;
    struct err e = {0};

    if (!host_read_file(&arena, scene(name), 1 << 20, &data, &size, &e))
        fail_msg("%s", e.text);
    assert_int_equal(size, strlen(want));
    assert_string_equal(data, want);
}

static void reads(void **state)
{
    char *data;
    size_t size;
    struct err e = {0};

    (void)state;
    scene_write("five", "12345");
    expect_content("five", "12345");
    assert_true(host_read_head(&arena, scene("five"), 3, &data, &size, &e));
    assert_string_equal(data, "123");
    assert_false(host_read_file(&arena, scene("five"), 4, &data, &size, &e));
    assert_int_equal(e.kind, ERR_INVALID);
    assert_non_null(strstr(e.text, "larger than 4 bytes"));
    assert_false(host_read_file(&arena, scene("none"), 4, &data, &size, &e));
    assert_int_equal(e.kind, ERR_IO);
    assert_int_equal(e.native, ERROR_FILE_NOT_FOUND);
    assert_non_null(strstr(e.text, scene("none")));
    assert_non_null(strstr(e.text, "no such file"));
    assert_false(host_read_file(&arena, scene_folder, 4, &data, &size, &e));
    assert_non_null(strstr(e.text, "folder"));
    assert_false(host_read_file(&arena, "NUL", 4, &data, &size, &e));
    assert_non_null(strstr(e.text, "not a regular file"));
    assert_false(host_read_file(&arena, "\xff\xfe", 4, &data, &size, &e));
    assert_int_equal(e.kind, ERR_IO);
}

/* As the ledger is read while another process writes it. */
static void reads_what_is_open(void **state)
{
    HANDLE h;

    (void)state;
    scene_write("open", "kept");
    h = CreateFileW(scene_wide("open"), GENERIC_READ | GENERIC_WRITE | DELETE,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0,
                    NULL);
    assert_true(h != INVALID_HANDLE_VALUE);
    expect_content("open", "kept");
    CloseHandle(h);
}

static void writes(void **state)
{
    struct err e = {0};

    (void)state;
    assert_true(host_write_file(scene("a"), "one", 3, &e));
    expect_content("a", "one");
    assert_true(host_write_file(scene("a"), "second\n", 7, &e));
    expect_content("a", "second\n"); /* no byte more: lines end as we say */
    assert_true(host_write_file(scene("a"), "", 0, &e));
    expect_content("a", "");
    assert_int_equal(GetFileAttributesW(scene_wide("a")) & FILE_ATTRIBUTE_HIDDEN, 0);
    assert_int_equal(scene_entries(), 1);
    /* What a killed process left is written over, and goes. */
    scene_write(".a.hvgpu-new", "half of");
    assert_true(host_write_file(scene("a"), "whole", 5, &e));
    expect_content("a", "whole");
    assert_int_equal(scene_entries(), 1);
    assert_false(host_write_file(scene_folder, "x", 1, &e));
    assert_non_null(strstr(e.text, "it is a folder, not a file"));
    assert_false(host_write_file(scene("none/a"), "x", 1, &e));
    assert_int_equal(e.kind, ERR_IO);
    assert_int_equal(e.native, ERROR_PATH_NOT_FOUND);
    assert_true(host_write_file("NUL", "x", 1, &e));
}

static void writes_letters_of_all_kinds(void **state)
{
    struct err e = {0};

    (void)state;
    assert_true(host_write_file(scene("gr\xc3\xb6\xc3\x9f\x65 \xe2\x82\xac"), "x", 1, &e));
    expect_content("gr\xc3\xb6\xc3\x9f\x65 \xe2\x82\xac", "x");
    assert_true(GetFileAttributesW(scene_wide_of(L"gr\u00f6\u00dfe \u20ac")) !=
                INVALID_FILE_ATTRIBUTES);
}

static DWORD WINAPI let_go(void *handle)
{
    Sleep(100);
    CloseHandle(handle);
    return 0;
}

/* A scanner that looks at the old file for a moment is waited for; nothing is half. */
static void waits_for_a_reader(void **state)
{
    struct err e = {0};
    HANDLE h, thread;

    (void)state;
    scene_write("a", "old");
    h = CreateFileW(scene_wide("a"), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(h != INVALID_HANDLE_VALUE);
    thread = CreateThread(NULL, 0, let_go, h, 0, NULL);
    assert_non_null(thread);
    assert_true(host_write_file(scene("a"), "new", 3, &e));
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    expect_content("a", "new");
    assert_int_equal(scene_entries(), 1);
}

/* Whoever does not let go is named as the cause; the old file stays, and nothing beside it. */
static void does_not_wait_for_ever(void **state)
{
    struct err e = {0};
    HANDLE h;

    (void)state;
    scene_write("a", "old");
    h = CreateFileW(scene_wide("a"), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(h != INVALID_HANDLE_VALUE);
    assert_false(host_write_file(scene("a"), "new", 3, &e));
    assert_int_equal(e.kind, ERR_IO);
    assert_non_null(strstr(e.text, scene("a")));
    CloseHandle(h);
    expect_content("a", "old");
    assert_int_equal(scene_entries(), 1);
}

static void lists(void **state)
{
    static const char *const WANT[] = {"B.YML", "a-b/x.yaml", "a/deep/z.json", "a/x.yaml"};
    const char **paths;
    size_t count;
    struct err e = {0};

    (void)state;
    assert_true(host_make_folder(scene("a/deep"), &e) && host_make_folder(scene("a-b"), &e) &&
                host_make_folder(scene(".git"), &e));
    scene_write("a/x.yaml", "");
    scene_write("a/deep/z.json", "");
    scene_write("a-b/x.yaml", "");
    scene_write("B.YML", "");
    scene_write("notes.txt", "");
    scene_write(".git/config.yaml", "");
    assert_true(host_list_specs(&arena, scene_folder, &paths, &count, &e));
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(paths[i], scene(WANT[i]));
    assert_true(host_list_names(&arena, scene("a"), &paths, &count, &e));
    assert_int_equal(count, 2);
    assert_string_equal(paths[0], "deep");
    assert_true(host_list_names(&arena, scene("none"), &paths, &count, &e));
    assert_int_equal(count, 0);
    assert_false(host_list_specs(&arena, scene("B.YML"), &paths, &count, &e));
    assert_int_equal(e.native, ERROR_DIRECTORY);
    assert_false(host_list_specs(&arena, scene("none"), &paths, &count, &e));
    assert_int_equal(e.kind, ERR_IO);
}

static void joins(void **state)
{
    static const struct {
        const char *folder, *name, *want;
    } ROWS[] = {
        {"a", "b", "a/b"},    {"a\\", "b", "a/b"},       {"C:/", "b", "C:/b"}, {"C:", "b", "C:/b"},
        {".", "b", "b"},      {"./", "b", "b"},          {"", "b", "b"},       {"..", "b", "../b"},
        {"a/\\", "b", "a/b"}, {"//s/t", "b", "//s/t/b"},
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
        {"x\\spec.yaml", "world.yaml", "x\\world.yaml"},
        {"spec.yaml", "world.yaml", "world.yaml"},
        {"C:spec.yaml", "w", "C:w"},
        {"x/spec.yaml", "D:/w", "D:/w"},
        {"x/spec.yaml", "//server/share/w", "//server/share/w"},
        {"-", "w", "w"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        assert_string_equal(host_beside(&arena, ROWS[i].file, ROWS[i].relative), ROWS[i].want);
}

static void makes_folders(void **state)
{
    struct err e = {0};

    (void)state;
    assert_true(host_make_folder(scene("a/b//c/"), &e));
    assert_true(host_is_folder(scene("a/b/c")));
    assert_true(host_make_folder(scene("a/b/c"), &e));
    scene_write("file", "");
    assert_false(host_make_folder(scene("file"), &e));
    assert_int_equal(e.native, ERROR_DIRECTORY);
    assert_false(host_make_folder(scene("file/x"), &e));
    assert_int_equal(e.native, ERROR_DIRECTORY);
    assert_non_null(strstr(e.text, "folder"));
    assert_false(host_make_folder("", &e));
    assert_int_equal(e.kind, ERR_IO);
}

/* What is written privately is read privately, and is never replaced. */
static void writes_what_is_private(void **state)
{
    char text[32];
    struct err e = {0};

    (void)state;
    assert_true(host_write_private(scene("key"), "hunter3", 7, &e));
    assert_true(host_read_private(scene("key"), text, sizeof text, &e));
    assert_string_equal(text, "hunter3");
    assert_false(host_write_private(scene("key"), "hunter4", 7, &e));
    assert_true(host_read_private(scene("key"), text, sizeof text, &e));
    assert_string_equal(text, "hunter3");
}

/* Whoever is named may read it, and nobody else. */
static void let_read(const char *name, const wchar_t *who)
{
    PSECURITY_DESCRIPTOR rights;

    assert_true(
        ConvertStringSecurityDescriptorToSecurityDescriptorW(who, SDDL_REVISION_1, &rights, NULL));
    assert_true(SetFileSecurityW(scene_wide(name), DACL_SECURITY_INFORMATION, rights));
    LocalFree(rights);
}

static void reads_what_is_private(void **state)
{
    char text[32];
    struct err e = {0};

    (void)state;
    scene_write("secret", "svc:hunter2");
    let_read("secret", L"D:P(A;;FA;;;BA)(A;;FA;;;SY)");
    assert_true(host_read_private(scene("secret"), text, sizeof text, &e));
    assert_string_equal(text, "svc:hunter2");
    let_read("secret", L"D:P(A;;FA;;;BA)(A;;FR;;;WD)");
    assert_false(host_read_private(scene("secret"), text, sizeof text, &e));
    assert_int_equal(e.kind, ERR_DENIED);
    assert_null(strstr(e.text, "hunter2"));
    assert_false(host_read_private(scene("none"), text, sizeof text, &e));
    assert_int_equal(e.kind, ERR_IO);
    assert_false(host_stored_credential("hvgpu-no-such", text, sizeof text, &e));
}

static void same_files(void **state)
{
    (void)state;
    scene_write("one", "x");
    scene_write("other", "x");
    assert_true(host_same_file(scene("one"), scene("one")));
    assert_true(host_same_file(scene("one"), scene("./one")));
    assert_false(host_same_file(scene("one"), scene("other")));
    assert_true(CreateHardLinkW(scene_wide("hard"), scene_wide("one"), NULL));
    assert_true(host_same_file(scene("hard"), scene("one")));
    assert_false(host_same_file(scene("none"), scene("one")));
    assert_false(host_same_file("NUL", "NUL")); /* nothing is lost there */
    assert_false(host_same_file(scene_folder, scene_folder));
}

static void real_paths(void **state)
{
    const char *real;

    (void)state;
    scene_write("file", "");
    real = host_real_path(&arena, scene("file"));
    assert_true(real[0] >= 'A' && real[0] <= 'Z' && real[1] == ':' && real[2] == '/');
    assert_null(strchr(real, '\\'));
    assert_string_equal(host_real_path(&arena, scene("./file")), real);
    assert_string_equal(host_real_path(&arena, "no/such/file"), "no/such/file");
}

static void state_folders(void **state)
{
    (void)state;
    _wputenv(L"STATE_DIRECTORY=");
    _wputenv(L"ProgramData=D:\\Data");
    assert_string_equal(host_state_folder(&arena), "D:\\Data/hvgpu");
    _wputenv(L"STATE_DIRECTORY=E:\\gr\u00f6\u00dfer");
    assert_string_equal(host_state_folder(&arena), "E:\\gr\xc3\xb6\xc3\x9f\x65r");
}

static void this_machine(void **state)
{
    (void)state;
    assert_true(host_pid() == GetCurrentProcessId());
    assert_true(host_cores() >= 1);
    assert_true(strlen(host_name(&arena)) > 0);
    assert_true(host_now_ms() > INT64_C(1577836800000)); /* 2020: milliseconds, not seconds */
    assert_true(host_now_ms() < INT64_C(4102444800000)); /* 2100 */
    assert_null(host_env("HVGPU_NO_SUCH_NAME"));
    assert_false(host_is_terminal(99));
    assert_false(host_is_remote(scene_folder));
}

static int setup(void **state)
{
    arena_init(&arena, 0);
    return scene_setup(state);
}

static int teardown(void **state)
{
    arena_release(&arena);
    return scene_teardown(state);
}

#define ROW(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(reads),
        ROW(reads_what_is_open),
        ROW(writes),
        ROW(writes_letters_of_all_kinds),
        ROW(waits_for_a_reader),
        ROW(does_not_wait_for_ever),
        ROW(lists),
        ROW(joins),
        ROW(beside),
        ROW(makes_folders),
        ROW(reads_what_is_private),
        ROW(writes_what_is_private),
        ROW(same_files),
        ROW(real_paths),
        ROW(state_folders),
        ROW(this_machine),
    };

    return cmocka_run_group_tests_name("host on Windows", tests, NULL, NULL);
}
