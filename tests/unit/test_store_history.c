/* Runs and steps for people: kept, found again, forgotten; never in anybody's way. */
#include "store/history.h"

#include "base/str.h"
#include "base/when.h"
#include "host/host.h"
#include "store/store.h"
#include "tests/unit/store_gen.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

static char folder[64];
static struct arena arena;
static struct err err;

static int setup(void **state)
{
    (void)state;
    make_folder(folder);
    arena_init(&arena, 0);
    err = (struct err){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remove_folder(folder);
    arena_release(&arena);
    return 0;
}

static struct history *opened(bool write)
{
    struct history *h = NULL;

    if (!history_open(folder, write, &h, &err))
        fail_msg("%s", err.text);
    return h;
}

static struct history_run begin(struct history *h, const char *identity, int64_t now)
{
    struct history_run run = {.identity = identity,
                              .cluster = "Edge \"07\"",
                              .verb = "apply",
                              .spec_digest = "abc",
                              .plan_id = "p-1",
                              .began_ms = now,
                              .ended_ms = WHEN_NONE,
                              .exit_code = -1};

    if (!history_begin(h, &arena, &run, &err))
        fail_msg("%s", err.text);
    return run;
}

static void end(struct history *h, struct history_run *run, int code, const char *snapshot)
{
    run->exit_code = code;
    run->ended_ms = run->began_ms + 5;
    run->snapshot = snapshot;
    run->summary = "3 steps";
    run->steps_ok = 3;
    run->steps_failed = 1;
    if (!history_end(h, run, &err))
        fail_msg("%s", err.text);
}

static void a_run_and_its_steps_come_back(void **state)
{
    struct history *h = opened(true);
    struct history_run run = begin(h, "w1", 1000), *runs;
    struct history_step step = {.run = run.id,
                                .number = 2,
                                .group = UINT64_MAX,
                                .verb = "stop",
                                .subject = "vm/it's",
                                .name = "it's; DROP TABLE step",
                                .node = "hv1",
                                .before = "running",
                                .began_ms = 1001,
                                .ended_ms = WHEN_NONE,
                                .result = -1},
                        *steps;
    size_t count;

    (void)state;
    assert_string_equal(run.id, "r-00000001");
    assert_true(history_step(h, &step, &err));
    step.after = "off";
    step.ended_ms = 1004;
    step.result = 1;
    step.evidence = "EnabledState 3";
    assert_true(history_step(h, &step, &err)); /* the same step, ended */
    step.number = 1;
    assert_true(history_step(h, &step, &err));
    end(h, &run, 8, NULL);
    history_close(h);

    h = opened(false);
    assert_true(history_runs(h, &arena, "w1", 10, &runs, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(runs[0].id, "r-00000001");
    assert_string_equal(runs[0].cluster, "Edge \"07\"");
    assert_int_equal(runs[0].exit_code, 8);
    assert_int_equal(runs[0].ended_ms, 1005);
    assert_string_equal(runs[0].summary, "3 steps");
    assert_int_equal(runs[0].steps_ok, 3);
    assert_true(history_steps(h, &arena, run.id, &steps, &count, &err));
    assert_int_equal(count, 2);
    assert_int_equal(steps[0].number, 1);
    assert_int_equal(steps[1].number, 2);
    assert_true(steps[1].group == UINT64_MAX);
    assert_string_equal(steps[1].name, "it's; DROP TABLE step");
    assert_string_equal(steps[1].after, "off");
    assert_int_equal(steps[1].result, 1);
    assert_string_equal(steps[1].evidence, "EnabledState 3");
    assert_true(history_steps(h, &arena, "r-00000002", &steps, &count, &err));
    assert_int_equal(count, 0);
    assert_true(history_steps(h, &arena, "nonsense", &steps, &count, &err));
    assert_int_equal(count, 0);
    history_close(h);
}

static void newest_first_and_by_world(void **state)
{
    struct history *h = opened(true);
    struct history_run *runs;
    size_t count;

    (void)state;
    begin(h, "w1", 1);
    begin(h, "w2", 2);
    begin(h, "w1", 3);
    assert_true(history_runs(h, &arena, NULL, 10, &runs, &count, &err));
    assert_int_equal(count, 3);
    assert_int_equal(runs[0].began_ms, 3);
    assert_int_equal(runs[2].began_ms, 1);
    assert_int_equal(runs[0].exit_code, -1); /* it died, or is under way */
    assert_true(runs[0].ended_ms == WHEN_NONE);
    assert_true(history_runs(h, &arena, "w1", 10, &runs, &count, &err));
    assert_int_equal(count, 2);
    assert_true(history_runs(h, &arena, "w1", 1, &runs, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(runs[0].id, "r-00000003");
    history_close(h);
}

static void the_last_good_run_has_its_snapshot(void **state)
{
    struct history *h = opened(true);
    struct history_run a = begin(h, "w1", 1), b = begin(h, "w1", 2), c = begin(h, "w1", 3), good;
    struct history_run other = begin(h, "w2", 4), recovery = begin(h, "w1", 5);
    bool found = true;

    (void)state;
    assert_true(history_last_good(h, &arena, "w1", &good, &found, &err));
    assert_false(found);
    end(h, &a, 0, "world a");
    end(h, &b, 0, "world b");
    end(h, &c, 7, NULL);
    end(h, &other, 0, "world other");
    recovery.verb = "recover"; /* as it turned out */
    end(h, &recovery, 0, NULL);
    assert_true(history_last_good(h, &arena, "w1", &good, &found, &err));
    assert_true(found);
    assert_string_equal(good.id, b.id);
    assert_string_equal(good.snapshot, "world b");
    history_close(h);
    h = opened(false);
    assert_true(history_last_good(h, &arena, "w2", &good, &found, &err));
    assert_string_equal(good.snapshot, "world other");
    history_close(h);
}

static void old_runs_are_forgotten(void **state)
{
    struct history *h = opened(true);
    struct history_run first = begin(h, "w1", 0), *runs;
    struct history_step step = {.run = first.id}, *steps;
    size_t count;

    (void)state;
    begin(h, "w2", 0);
    assert_true(history_step(h, &step, &err));
    for (int i = 1; i <= 1003; i++)
        begin(h, "w1", i);
    assert_true(history_runs(h, &arena, "w1", 5000, &runs, &count, &err));
    assert_int_equal(count, 1000);
    assert_int_equal(runs[999].began_ms, 4);
    assert_true(history_steps(h, &arena, first.id, &steps, &count, &err));
    assert_int_equal(count, 0);
    assert_true(history_runs(h, &arena, "w2", 5000, &runs, &count, &err));
    assert_int_equal(count, 1); /* another world's runs are not counted */
    history_close(h);
}

static void reading_makes_nothing(void **state)
{
    struct history *h;
    struct history_run *runs, run = {.id = "r-00000001"};
    const char *path = host_join(&arena, folder, "none");
    size_t count = 7;

    (void)state;
    assert_true(history_open(path, false, &h, &err));
    assert_true(history_runs(h, &arena, NULL, 10, &runs, &count, &err));
    assert_int_equal(count, 0);
    assert_false(history_begin(h, &arena, &run, &err));
    assert_false(history_end(h, &run, &err));
    history_close(h);
    assert_false(host_exists(path));
}

/* Many processes begin at once, with no file there yet. */
static void writers_side_by_side(void **state)
{
    enum { WRITERS = 6, STEPS = 10 };
    struct history *h;
    struct history_run *runs;
    struct history_step *steps;
    size_t count, all = 0;

    (void)state;
    for (int i = 0; i < WRITERS; i++) {
        if (fork() != 0)
            continue;
        struct history *own = NULL;
        struct history_run run = {.identity = "w", .verb = "apply"};
        bool ok = history_open(folder, true, &own, &err) && history_begin(own, &arena, &run, &err);

        for (uint32_t k = 0; ok && k < STEPS; k++)
            ok = history_step(own, &(struct history_step){.run = run.id, .number = k}, &err);
        ok = ok && history_end(own, &run, &err);
        if (!ok)
            fprintf(stderr, "%s\n", err.text);
        _exit(ok ? 0 : 1);
    }
    for (int i = 0, status; i < WRITERS; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    h = opened(false);
    assert_true(history_runs(h, &arena, "w", 100, &runs, &count, &err));
    assert_int_equal(count, WRITERS);
    for (size_t i = 0; i < WRITERS; i++) {
        size_t n;

        assert_true(history_steps(h, &arena, runs[i].id, &steps, &n, &err));
        all += n;
    }
    assert_int_equal(all, WRITERS * STEPS);
    history_close(h);
}

static void make_foreign(const char *path)
{
    sqlite3 *db = NULL;

    remove(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA application_id = 7; CREATE TABLE t (x)", 0, 0, 0), 0);
    sqlite3_close(db);
}

/* Whatever lies there as history.db: a clear error, and the ledger beside it works. */
static void a_broken_history_stops_nobody(void **state)
{
    const char *path = host_join(&arena, folder, "history.db");
    struct history *real = opened(true);
    char *bytes;
    size_t size;

    (void)state;
    begin(real, "w", 1);
    history_close(real);
    assert_true(host_read_file(&arena, path, 1 << 20, &bytes, &size, &err));
    for (int i = 0; i < 3; i++) {
        struct history *h = NULL;
        struct store *s = NULL;
        struct commit c = {.sync = true};

        if (i == 0) /* no database */
            memset(bytes, 'x', 4096);
        else if (i == 1) /* another program's */
            memcpy(bytes, "SQLite format 3", 16);
        if (i == 2) /* cut off */
            size = 60;
        assert_true(host_write_file(path, bytes, size, &err));
        if (i == 1)
            make_foreign(path);
        err = (struct err){0};
        if (i < 2) { /* SQLite takes so short a file for an empty one */
            assert_false(history_open(folder, true, &h, &err));
            assert_int_equal(err.kind, ERR_IO);
            assert_non_null(strstr(err.text, "may be deleted"));
        }
        assert_false(history_open(folder, false, &h, &err));
        assert_int_equal(err.kind, ERR_IO);
        assert_true(store_open(folder, "w", true, 1, &s, &err));
        assert_true(store_commit(s, &c, &err));
        store_close(s);
    }
}

/* A run of no world is damage, not a run: everything is found by its world. */
static void a_run_without_a_world_is_damage(void **state)
{
    const char *path = host_join(&arena, folder, "history.db");
    struct history *h = opened(true);
    struct history_run *runs;
    sqlite3 *db = NULL;
    size_t count;

    (void)state;
    begin(h, "w", 1);
    history_close(h);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE run SET identity = NULL", 0, 0, 0), 0);
    sqlite3_close(db);
    h = opened(false);
    assert_false(history_runs(h, &arena, NULL, 9, &runs, &count, &err));
    assert_int_equal(err.kind, ERR_IO);
    history_close(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_run_and_its_steps_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(newest_first_and_by_world, setup, teardown),
        cmocka_unit_test_setup_teardown(the_last_good_run_has_its_snapshot, setup, teardown),
        cmocka_unit_test_setup_teardown(old_runs_are_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(reading_makes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(writers_side_by_side, setup, teardown),
        cmocka_unit_test_setup_teardown(a_broken_history_stops_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(a_run_without_a_world_is_damage, setup, teardown),
    };

    return cmocka_run_group_tests_name("store_history", tests, NULL, NULL);
}
