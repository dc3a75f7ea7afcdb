/* Findings of drift: since when, how often, come and gone; bounded, and in nobody's way. */
#include "base/str.h"
#include "base/when.h"
#include "host/host.h"
#include "store/history.h"
#include "tests/unit/store_gen.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)

static char folder[64];
static struct arena arena;
static struct err err;
static struct history *history;
static struct history_finding rows[2];

static struct history *opened(bool write)
{
    struct history *h = NULL;

    if (!history_open(folder, write, &h, &err))
        fail_msg("%s", err.text);
    return h;
}

static int setup(void **state)
{
    (void)state;
    make_folder(folder);
    arena_init(&arena, 0);
    err = (struct err){0};
    history = opened(true);
    rows[0].key = "vm/a|power";
    rows[1].key = "vm/b|gpu";
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    history_close(history);
    remove_folder(folder);
    arena_release(&arena);
    return 0;
}

/* A look that sees the first `count` of the two rows. */
static void look(int64_t at_ms, size_t count)
{
    if (!history_found(history, "w", at_ms, true, rows, count, &err))
        fail_msg("%s", err.text);
}

static void since_when_and_how_often(void **state)
{
    (void)state;
    look(1000, 1);
    assert_int_equal(rows[0].first_ms, 1000);
    assert_int_equal(rows[0].times, 1);
    look(1000 + HOUR, 2);
    assert_int_equal(rows[0].first_ms, 1000);
    assert_int_equal(rows[0].last_ms, 1000 + HOUR);
    assert_int_equal(rows[0].times, 2);
    assert_int_equal(rows[1].first_ms, 1000 + HOUR);
    assert_int_equal(rows[1].times, 1);
    assert_int_equal(rows[0].departures, 0);
}

/* Two runs over one observation are one look; an older one is none. */
static void a_look_counts_once(void **state)
{
    (void)state;
    look(5000, 1);
    look(5000, 1);
    assert_int_equal(rows[0].times, 1);
    look(4000, 2);
    assert_int_equal(rows[0].times, 1);
    assert_int_equal(rows[0].last_ms, 5000);
    assert_int_equal(rows[1].first_ms, WHEN_NONE);
    look(5000, 2);
    assert_int_equal(rows[0].times, 1);
    assert_int_equal(rows[1].times, 1);
    look(6000, 0);
    look(5500, 1);
    assert_int_equal(rows[0].departures, 1);
}

static void back_within_a_day_is_the_same(void **state)
{
    (void)state;
    look(0, 1);
    look(HOUR, 0);
    look(HOUR + DAY - 1, 1);
    assert_int_equal(rows[0].first_ms, 0);
    assert_int_equal(rows[0].times, 2);
    assert_int_equal(rows[0].departures, 1);
}

static void back_after_a_day_is_new(void **state)
{
    (void)state;
    look(0, 1);
    look(HOUR, 0);
    look(HOUR + DAY, 1);
    assert_int_equal(rows[0].first_ms, HOUR + DAY);
    assert_int_equal(rows[0].times, 1);
    assert_int_equal(rows[0].departures, 0);
}

/* What counts for flapping are the departures of the last day, not all there ever were. */
static void departures_of_a_day(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        look(i * 10 * HOUR, 1);
        look(i * 10 * HOUR + HOUR, 0);
    }
    look(32 * HOUR, 1); /* they went at 1, 11, 21 and 31 h */
    assert_int_equal(rows[0].departures, 3);
    assert_int_equal(rows[0].times, 5);
}

/* M4: what lies on a node that is silent is not gone. */
static void silence_is_no_departure(void **state)
{
    (void)state;
    look(0, 2);
    assert_true(history_found(history, "w", HOUR, false, rows, 1, &err));
    look(2 * HOUR, 2);
    assert_int_equal(rows[1].departures, 0);
    assert_int_equal(rows[1].times, 2);
}

static void each_world_for_itself(void **state)
{
    (void)state;
    look(0, 1);
    assert_true(history_found(history, "other", HOUR, true, rows, 0, &err));
    look(2 * HOUR, 1);
    assert_int_equal(rows[0].departures, 0);
    assert_int_equal(rows[0].times, 2);
}

/* Twice in one look (a pool on two nodes, say) is once. */
static void twice_in_a_look_is_once(void **state)
{
    (void)state;
    rows[1].key = rows[0].key;
    look(0, 2);
    assert_int_equal(rows[0].times, 1);
    look(HOUR, 2);
    assert_int_equal(rows[1].times, 2);
}

static int64_t count_of(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    int64_t n;

    assert_int_equal(sqlite3_open(host_join(&arena, folder, "history.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

static void it_stays_bounded(void **state)
{
    enum { MANY = 10050 };
    struct history_finding *many = arena_array(&arena, struct history_finding, MANY);

    (void)state;
    for (int i = 0; i < MANY; i++)
        many[i].key = arena_printf(&arena, "vm/%05d|gpu", i);
    assert_true(history_found(history, "w", 0, true, many, MANY, &err));
    assert_int_equal(many[0].times, 1);
    assert_int_equal(many[MANY - 1].first_ms, WHEN_NONE);
    look(HOUR, 1);
    assert_int_equal(count_of("SELECT count(*) FROM finding"), 10000);
    look(91 * DAY, 1); /* what is gone for so long is forgotten, and when it went long before */
    assert_int_equal(count_of("SELECT count(*) FROM finding"), 1);
    assert_int_equal(count_of("SELECT count(*) FROM departure"), 0);
}

/* ---- files of other versions, and files that cannot be written ---- */

static void run_sql(const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(host_join(&arena, folder, "history.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* A file of version 1 has no findings: it is read as it is, and completed when it is written. */
static void an_older_file_is_completed(void **state)
{
    struct history_run run = {.identity = "w", .verb = "apply"}, *runs;
    struct history *reader;
    size_t count;

    (void)state;
    assert_true(history_begin(history, &arena, &run, &err));
    history_close(history);
    run_sql("DROP TABLE look; DROP TABLE finding; DROP TABLE departure; PRAGMA user_version = 1");
    reader = opened(false);
    assert_true(history_known(reader, "w", 0, rows, 1, &err));
    assert_int_equal(rows[0].first_ms, WHEN_NONE);
    history_close(reader);
    history = opened(true);
    look(0, 1);
    assert_int_equal(rows[0].times, 1);
    assert_true(history_runs(history, &arena, "w", 10, &runs, &count, &err));
    assert_int_equal(count, 1);
    assert_int_equal(count_of("PRAGMA user_version"), 2);
}

static void a_newer_file_is_refused(void **state)
{
    struct history *h = NULL;

    (void)state;
    history_close(history);
    history = NULL;
    run_sql("PRAGMA user_version = 3");
    assert_false(history_open(folder, true, &h, &err));
    assert_non_null(strstr(err.text, "a newer hvgpu wrote it"));
    assert_false(history_open(folder, false, &h, &err));
}

static void reading_remembers_nothing(void **state)
{
    struct history *reader;

    (void)state;
    look(0, 1);
    reader = opened(false);
    assert_false(history_found(reader, "w", HOUR, true, rows, 1, &err));
    assert_true(history_known(reader, "w", HOUR, rows, 2, &err));
    assert_int_equal(rows[0].times, 1);
    assert_int_equal(rows[1].first_ms, WHEN_NONE);
    history_close(reader);
    assert_true(history_open(host_join(&arena, folder, "none"), false, &reader, &err));
    assert_true(history_known(reader, "w", HOUR, rows, 1, &err));
    history_close(reader);
}

/* The disk is full: an error with rows that say nothing, and what was there is still there. */
static void a_full_disk(void **state)
{
    int status;

    (void)state;
    look(0, 1);
    if (fork() == 0) {
        struct rlimit none = {0, 0};
        bool failed;

        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &none);
        failed = !history_found(history, "w", HOUR, true, rows, 1, &err) && err.kind == ERR_IO &&
                 rows[0].first_ms == WHEN_NONE;
        _exit(failed ? 0 : 1);
    }
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
    history_close(history);
    history = opened(true);
    look(2 * HOUR, 1);
    assert_int_equal(rows[0].times, 2);
}

static void a_damaged_table(void **state)
{
    (void)state;
    look(0, 1);
    history_close(history);
    run_sql("DROP TABLE finding; CREATE TABLE finding (x)");
    history = opened(true);
    assert_false(history_found(history, "w", HOUR, true, rows, 1, &err));
    assert_int_equal(rows[0].first_ms, WHEN_NONE);
}

static void writers_side_by_side(void **state)
{
    enum { WRITERS = 6, LOOKS = 10 };

    (void)state;
    for (int i = 0; i < WRITERS; i++) {
        if (fork() != 0)
            continue;
        struct history *own = NULL;
        bool ok = history_open(folder, true, &own, &err);

        for (int k = 0; ok && k < LOOKS; k++)
            ok = history_found(own, "w", k * HOUR, true, rows, 1, &err);
        if (!ok)
            fprintf(stderr, "%s\n", err.text);
        _exit(ok ? 0 : 1);
    }
    for (int i = 0, status; i < WRITERS; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    look(LOOKS * HOUR, 1);
    assert_true(rows[0].times >= 2 && rows[0].times <= LOOKS + 1); /* a look counts once */
    assert_int_equal(rows[0].last_ms, LOOKS * HOUR);
    assert_int_equal(rows[0].departures, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(since_when_and_how_often),
        TEST(a_look_counts_once),
        TEST(back_within_a_day_is_the_same),
        TEST(back_after_a_day_is_new),
        TEST(departures_of_a_day),
        TEST(silence_is_no_departure),
        TEST(each_world_for_itself),
        TEST(twice_in_a_look_is_once),
        TEST(it_stays_bounded),
        TEST(an_older_file_is_completed),
        TEST(a_newer_file_is_refused),
        TEST(reading_remembers_nothing),
        TEST(a_full_disk),
        TEST(a_damaged_table),
        TEST(writers_side_by_side),
    };

    return cmocka_run_group_tests_name("store_findings", tests, NULL, NULL);
}
