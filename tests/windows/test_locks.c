/* Locks, turns and the replacing of files on Windows, between two processes and over a death. */
#include "host/host.h"
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SOON_MS = 50, LONG_MS = 60000, COUNTERS = 4, COUNTS = 25 };

/* ---- what the other process does: its words are VERB FOLDER ---- */

static int hold_lock(void)
{
    struct host_lock *l;
    struct err e;

    if (!host_lock_take(scene("lock"), "apply on hv-01\x1b[31m\nsince noon", &l, &e))
        return 1;
    SetEvent(scene_event(L"ready"));
    WaitForSingleObject(scene_event(L"never"), INFINITE);
    return 0;
}

static int hold_turn(void)
{
    struct host_turn *t;
    struct err e;

    if (!host_turn_take(scene("world"), LONG_MS, &t, &e))
        return 1;
    SetEvent(scene_event(L"ready"));
    WaitForSingleObject(scene_event(L"never"), INFINITE);
    return 0;
}

static bool count_one_more(void)
{
    struct host_turn *t;
    struct arena a;
    struct err e;
    char *text, next[32];
    size_t size;
    bool ok;

    if (!host_turn_take(scene("world"), LONG_MS, &t, &e))
        return false;
    arena_init(&a, 0);
    ok = host_read_file(&a, scene("world"), 100, &text, &size, &e);
    snprintf(next, sizeof next, "%ld", ok ? strtol(text, NULL, 10) + 1 : -1);
    ok = ok && host_write_file(scene("world"), next, strlen(next), &e);
    arena_release(&a);
    host_turn_end(t);
    return ok;
}

static int count(void)
{
    for (int i = 0; i < COUNTS; i++)
        if (!count_one_more())
            return 1;
    return 0;
}

/* Two contents in turn, without an end. */
static int write_for_ever(void)
{
    static char data[1 << 20];
    struct err e;

    for (char fill = 'a';; fill = fill == 'a' ? 'b' : 'a') {
        memset(data, fill, sizeof data);
        if (!host_write_file(scene("big"), data, sizeof data, &e))
            return 1;
        SetEvent(scene_event(L"ready"));
    }
}

static int other_process(const char *verb, const char *folder)
{
    static const struct {
        const char *verb;
        int (*run)(void);
    } ROWS[] = {{"hold-lock", hold_lock},
                {"hold-turn", hold_turn},
                {"count", count},
                {"write", write_for_ever}};

    snprintf(scene_folder, sizeof scene_folder, "%s", folder);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        if (strcmp(verb, ROWS[i].verb) == 0)
            return ROWS[i].run();
    return 2;
}

/* ---- the tests ---- */

static HANDLE begin(const char *verb)
{
    wchar_t words[1024];

    swprintf(words, 1024, L"%hs %hs", verb, scene_folder);
    return scene_spawn(words);
}

static HANDLE begin_and_wait(const char *verb)
{
    HANDLE ready = scene_event(L"ready"), child = begin(verb), both[] = {ready, child};

    assert_int_equal(WaitForMultipleObjects(2, both, FALSE, LONG_MS), WAIT_OBJECT_0);
    CloseHandle(ready);
    return child;
}

static void kill_it(HANDLE child)
{
    assert_true(TerminateProcess(child, 9));
    assert_int_equal(WaitForSingleObject(child, LONG_MS), WAIT_OBJECT_0);
    CloseHandle(child);
}

static void one_holder(void **state)
{
    struct host_lock *a, *b;
    struct err e = {0};

    (void)state;
    assert_true(host_lock_take(scene("lock"), "apply of pid 7", &a, &e));
    assert_false(host_lock_take(scene("lock"), "second", &b, &e));
    assert_int_equal(e.kind, ERR_LOCKED);
    assert_non_null(strstr(e.text, "locked by apply of pid 7"));
    assert_non_null(strstr(e.text, scene("lock")));
    host_lock_release(a);
    assert_true(host_lock_take(scene("lock"), "x", &b, &e));
    host_lock_release(b);
    host_lock_release(NULL);
    assert_false(host_lock_take(scene("none/lock"), "me", &a, &e));
    assert_int_equal(e.kind, ERR_IO);
}

/* The dead holder's note is longer than the next one's: nothing of it may be left. */
static void death_lets_go(void **state)
{
    struct host_lock *l, *m;
    struct err e = {0};
    HANDLE child;

    (void)state;
    child = begin_and_wait("hold-lock");
    assert_false(host_lock_take(scene("lock"), "me", &l, &e));
    assert_int_equal(e.kind, ERR_LOCKED);
    assert_non_null(strstr(e.text, "locked by apply on hv-01"));
    assert_null(strchr(e.text, '\x1b'));
    assert_null(strchr(e.text, '\n'));
    kill_it(child);
    assert_true(host_lock_take(scene("lock"), "me", &l, &e));
    assert_false(host_lock_take(scene("lock"), "other", &m, &e));
    assert_non_null(strstr(e.text, "locked by me;"));
    host_lock_release(l);
}

static void a_turn_is_waited_for(void **state)
{
    struct host_turn *t;
    struct err e = {0};
    HANDLE child;

    (void)state;
    scene_write("world", "old");
    child = begin_and_wait("hold-turn");
    assert_false(host_turn_take(scene("world"), SOON_MS, &t, &e));
    assert_int_equal(e.kind, ERR_IO);
    assert_non_null(strstr(e.text, "another process holds it"));
    /* The same file by another name is the same turn. */
    assert_false(host_turn_take(scene("./WORLD"), SOON_MS, &t, &e));
    assert_non_null(strstr(e.text, "another process holds it"));
    kill_it(child);
    assert_true(host_turn_take(scene("world"), LONG_MS, &t, &e));
    host_turn_end(t);
    host_turn_end(NULL);
    assert_false(host_turn_take(scene("none"), LONG_MS, &t, &e));
    assert_int_equal(e.native, ERROR_FILE_NOT_FOUND);
}

/* What is written rests on what was read, though each write is another file under the name. */
static void turns_lose_nothing(void **state)
{
    HANDLE children[COUNTERS];
    struct arena a;
    struct err e;
    char *text;
    size_t size;
    DWORD code;

    (void)state;
    scene_write("world", "0");
    for (int i = 0; i < COUNTERS; i++)
        children[i] = begin("count");
    assert_true(WaitForMultipleObjects(COUNTERS, children, TRUE, LONG_MS) <
                WAIT_OBJECT_0 + COUNTERS);
    for (int i = 0; i < COUNTERS; i++) {
        assert_true(GetExitCodeProcess(children[i], &code));
        assert_int_equal(code, 0);
        CloseHandle(children[i]);
    }
    arena_init(&a, 0);
    assert_true(host_read_file(&a, scene("world"), 100, &text, &size, &e));
    assert_int_equal(strtol(text, NULL, 10), COUNTERS * COUNTS);
    arena_release(&a);
    assert_int_equal(scene_entries(), 1);
}

/* Killed at any instant: the old content or the new one, and the next writer goes on. */
static void a_killed_writer_leaves_it_whole(void **state)
{
    struct arena a;
    struct err e = {0};
    char *text;
    size_t size;

    (void)state;
    arena_init(&a, 0);
    for (DWORD i = 0; i < 10; i++) {
        HANDLE child = begin_and_wait("write");

        WaitForSingleObject(child, i * 3); /* another instant each time */
        kill_it(child);
        assert_true(host_read_file(&a, scene("big"), 2 << 20, &text, &size, &e));
        assert_int_equal(size, 1 << 20);
        for (size_t at = 1; at < size; at++)
            if (text[at] != text[0])
                fail_msg("half of one and half of another, from byte %zu", at);
        arena_reset(&a);
    }
    assert_true(host_write_file(scene("big"), "end", 3, &e));
    assert_int_equal(scene_entries(), 1);
    arena_release(&a);
}

static void a_mutex(void **state)
{
    struct host_mutex *m = host_mutex_new();

    (void)state;
    host_mutex_lock(m);
    host_mutex_unlock(m);
    host_mutex_lock(m);
    host_mutex_unlock(m);
    host_mutex_free(m);
    host_mutex_free(NULL);
}

#define ROW(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        ROW(one_holder),
        ROW(death_lets_go),
        ROW(a_turn_is_waited_for),
        ROW(turns_lose_nothing),
        ROW(a_killed_writer_leaves_it_whole),
        ROW(a_mutex),
    };

    if (argc == 3)
        return other_process(argv[1], argv[2]);
    return cmocka_run_group_tests_name("locks on Windows", tests, NULL, NULL);
}
