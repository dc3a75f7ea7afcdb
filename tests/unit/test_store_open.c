/*
 * Opening a ledger: who may, what can be wrong with it, and that looking
 * touches nothing.
 */
#include "store/store.h"

#include "host/host.h"
#include "store/inner.h"
#include "tests/unit/store_gen.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { NOW = 1763617200 };
static const int64_t SINCE = (int64_t)NOW * 1000; /* 2025-11-20T05:40:00Z */
static const char WORLD[] = "cluster/edge-07";

static char folder[64];
static struct arena arena;
static struct err err;

static int setup(void **state)
{
    (void)state;
    make_folder(folder);
    chmod(folder, 0755);
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

static const char *place(void)
{
    return host_join(&arena, folder, place_name(&arena, WORLD));
}

static const char *db_path(void)
{
    return host_join(&arena, place(), "ledger.db");
}

static struct store *opened(bool write)
{
    struct store *s = NULL;

    err = (struct err){0};
    return store_open(folder, WORLD, write, SINCE, &s, &err) ? s : NULL;
}

static struct store *must_open(bool write)
{
    struct store *s = opened(write);

    if (!s)
        fail_msg("%s", err.text);
    return s;
}

static void commit_debt(struct store *s, const char *vm, bool sync)
{
    struct ledger_change change = {.op = LEDGER_DEBT, .debt = {.vm = vm, .run = "r-1"}};
    struct commit c = {.sync = sync, .changes = &change, .change_count = 1};

    if (!store_commit(s, &c, &err))
        fail_msg("%s", err.text);
}

static size_t debts(struct store *s)
{
    struct ledger l;

    if (!store_ledger(s, &arena, &l, &err))
        fail_msg("%s", err.text);
    return l.debt_count;
}

static void refused(bool write, enum err_kind kind, const char *text)
{
    struct store *s = opened(write);

    if (s)
        fail_msg("it opened; expected: %s", text);
    if (err.kind != kind || !strstr(err.text, text))
        fail_msg("kind %d, \"%s\"; expected kind %d, \"%s\"", err.kind, err.text, kind, text);
}

static void make_ledger(void)
{
    struct store *s = must_open(true);

    commit_debt(s, "vm-1", true);
    store_close(s);
}

static void sql(const char *text)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open_v2(db_path(), &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* Everything below the folder, as one number: names, sizes, contents, times of change. */
static uint64_t print_of(const char *path)
{
    struct stat st;
    uint64_t h = 1469598103934665603u;
    DIR *dir = opendir(path);
    struct dirent *row;
    char *bytes;
    size_t size;

    if (!dir) {
        assert_int_equal(stat(path, &st), 0);
        assert_true(host_read_file(&arena, path, 64 << 20, &bytes, &size, &err));
        h ^= (uint64_t)st.st_mtim.tv_nsec ^ ((uint64_t)st.st_mtim.tv_sec << 30);
        for (size_t i = 0; i < size; i++)
            h = (h ^ (unsigned char)bytes[i]) * 1099511628211u;
        return h;
    }
    while ((row = readdir(dir)))
        if (strcmp(row->d_name, ".") != 0 && strcmp(row->d_name, "..") != 0) {
            uint64_t name = 0;

            for (const char *s = row->d_name; *s; s++)
                name = name * 31 + (unsigned char)*s;
            h += print_of(host_join(&arena, path, row->d_name)) * (name | 1); /* in any order */
        }
    closedir(dir);
    return h;
}

/* ---- who may ---- */

static void a_second_writer_is_told_who_and_since_when(void **state)
{
    struct store *s = must_open(true);
    const char *who = arena_printf(&arena, "process %ld on ", (long)getpid());

    (void)state;
    refused(true, ERR_LOCKED, who);
    refused(true, ERR_LOCKED, "since 2025-11-20T05:40:00Z");
    refused(true, ERR_LOCKED, WORLD);
    store_close(s);
    store_close(must_open(true));
}

/* A child that runs `body` and then waits to be killed; returns once it is so far. */
static pid_t child_that(void (*body)(void))
{
    int ready[2];
    char byte;
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        body();
        if (write(ready[1], "x", 1) == 1)
            for (;;)
                pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void end_child(pid_t child)
{
    int status;

    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
}

static void hold_ledger(void)
{
    commit_debt(must_open(true), "vm-of-child", true);
}

static void another_process_keeps_it_until_it_dies(void **state)
{
    pid_t child = child_that(hold_ledger);
    struct store *s;

    (void)state;
    refused(true, ERR_LOCKED, arena_printf(&arena, "process %ld on ", (long)child));
    s = must_open(false); /* looking is always possible */
    assert_int_equal(debts(s), 1);
    store_close(s);
    end_child(child);
    s = must_open(true);
    assert_int_equal(debts(s), 1); /* what it promised is there */
    store_close(s);
}

static sqlite3 *foreign;

static void hold_with_another_tool(void)
{
    assert_int_equal(sqlite3_open(db_path(), &foreign), SQLITE_OK);
    assert_int_equal(sqlite3_exec(foreign, "BEGIN; SELECT * FROM meta", NULL, NULL, NULL), 0);
}

static void another_tool_keeps_the_writer_out(void **state)
{
    pid_t child;

    (void)state;
    make_ledger();
    child = child_that(hold_with_another_tool);
    refused(true, ERR_LOCKED, "another program has it open");
    end_child(child);
    store_close(must_open(true));
}

/* Killed in the middle of its work, again and again: no promise is lost. */
static void a_killed_writer_loses_no_promise(void **state)
{
    size_t least = 0;

    (void)state;
    for (int round = 0; round < 6; round++) {
        int told[2], status;
        unsigned char byte;
        size_t promised = 0;
        pid_t child;
        struct store *s;

        assert_int_equal(pipe(told), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct store *own = must_open(true);

            for (int i = 0;; i++) {
                commit_debt(own, arena_printf(&arena, "vm-%d-%d", round, i), i % 3 == 2);
                if (i % 3 == 2 && write(told[1], "x", 1) != 1)
                    _exit(1);
            }
        }
        close(told[1]);
        while (promised < (size_t)(5 + 7 * round) && read(told[0], &byte, 1) == 1)
            promised++;
        kill(child, SIGKILL);
        while (read(told[0], &byte, 1) == 1)
            promised++;
        close(told[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        least += promised * 3;
        s = must_open(false);
        assert_true(debts(s) >= least);
        store_close(s);
        s = must_open(true);
        assert_true(debts(s) >= least);
        least = debts(s);
        store_close(s);
    }
}

/* ---- what can be wrong ---- */

static void not_a_database(void **state)
{
    char *bytes = arena_alloc(&arena, 1, 8192);
    uint64_t before;

    (void)state;
    make_ledger();
    memset(bytes, 'x', 8192);
    assert_true(host_write_file(db_path(), bytes, 8192, &err));
    before = print_of(db_path());
    refused(true, ERR_IO, "not a database");
    refused(false, ERR_IO, "not a database");
    assert_true(host_write_file(db_path(), bytes, 0, &err));
    refused(true, ERR_IO, "cut off (0 bytes)");
    assert_true(host_write_file(db_path(), bytes, 8192, &err));
    assert_true(print_of(db_path()) != 0 && before != 0);
}

/* The images of format 2 say nothing of a node: they ask for none. */
static void images_without_a_node(void **state)
{
    struct member m = {.kind = SUBJECT_VM,
                       .node = "n1",
                       .id = "vm-1",
                       .name = "one",
                       .target = {.fields = IMAGE_COUNT, .count = 4, .node = "n2", .live = true}};
    struct ledger_change change = {.op = LEDGER_GROUP,
                                   .group = {.id = 7, .members = &m, .member_count = 1}};
    struct commit c = {.sync = true, .changes = &change, .change_count = 1};
    struct store *s;
    struct ledger l;

    (void)state;
    make_ledger();
    s = must_open(true);
    assert_true(store_commit(s, &c, &err));
    assert_true(store_ledger(s, &arena, &l, &err));
    assert_string_equal(l.groups[0].members[0].target.node, "n2");
    store_close(s);
    sql("UPDATE member SET before = substr(before, 1, length(before) - length('~ 0 ')),"
        "target = substr(target, 1, length(target) - length('2:n2 1 '));"
        "DROP TABLE recount; DROP TABLE pause;"
        "UPDATE meta SET number = 2 WHERE key = 'schema'; PRAGMA user_version = 2");
    for (int write = 0; write < 2; write++) {
        s = must_open(write);
        assert_true(store_ledger(s, &arena, &l, &err));
        assert_null(l.groups[0].members[0].target.node);
        assert_false(l.groups[0].members[0].target.live);
        assert_true(l.groups[0].members[0].target.count == 4);
        store_close(s);
    }
}

/* A ledger of format 1 is read as it is, and becomes one of today when it is opened to write. */
static void an_older_format(void **state)
{
    struct store *s;
    struct ledger_change change = {.op = LEDGER_EVENT, .event = {"swap", 5, 6, 7}};
    struct commit c = {.sync = true, .changes = &change, .change_count = 1};
    struct ledger l;

    (void)state;
    make_ledger();
    sql("ALTER TABLE member DROP COLUMN waits; ALTER TABLE debt DROP COLUMN waits;"
        "DROP TABLE event; DROP TABLE recount; DROP TABLE pause; UPDATE meta SET number = 1 WHERE "
        "key = 'schema';"
        "PRAGMA user_version = 1");
    for (int write = 0; write < 2; write++) {
        s = must_open(write);
        assert_int_equal(debts(s), 1);
        store_close(s);
    }
    s = must_open(true);
    assert_true(store_commit(s, &c, &err));
    assert_true(store_ledger(s, &arena, &l, &err));
    assert_int_equal(l.event_count, 1);
    assert_int_equal(l.debt_count, 1);
    store_close(s);
}

/* Format 3 knew of no rollouts and no pauses: there are none, and afterwards there can be. */
static void without_rollouts(void **state)
{
    struct ledger_change changes[] = {
        {.op = LEDGER_RECOUNT, .recount = {"n1", 5}},
        {.op = LEDGER_PAUSE, .pause = {"node/n1", "tests", "me", 6, 7, 8, "you", "over"}},
    };
    struct commit c = {.sync = true, .changes = changes, .change_count = 2};
    struct store *s;
    struct ledger l;

    (void)state;
    make_ledger();
    sql("DROP TABLE recount; DROP TABLE pause;"
        "UPDATE meta SET number = 3 WHERE key = 'schema'; PRAGMA user_version = 3");
    for (int write = 0; write < 2; write++) {
        s = must_open(write);
        assert_true(store_ledger(s, &arena, &l, &err));
        assert_int_equal(l.recount_count + l.pause_count, 0);
        store_close(s);
    }
    s = must_open(true);
    assert_true(store_commit(s, &c, &err));
    store_close(s);
    s = must_open(false);
    assert_true(store_ledger(s, &arena, &l, &err));
    assert_int_equal(l.recount_count, 1);
    assert_string_equal(l.pauses[0].subject, "node/n1");
    assert_string_equal(l.pauses[0].over_reason, "over");
    store_close(s);
}

static void wrong_kinds_of_database(void **state)
{
    static const struct {
        const char *change, *text;
    } ROWS[] = {
        {"PRAGMA application_id = 7", "another program's database"},
        {"PRAGMA user_version = 5", "a newer hvgpu wrote it (format 5, this one knows 4)"},
        {"UPDATE meta SET text = 'cluster/other' WHERE key = 'identity'", "of another world"},
        {"DELETE FROM meta WHERE key = 'store_id'", "damaged"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        uint64_t before;

        make_ledger();
        sql(ROWS[i].change);
        before = print_of(db_path());
        refused(true, ERR_IO, ROWS[i].text);
        refused(false, ERR_IO, ROWS[i].text);
        assert_true(print_of(db_path()) == before); /* before anything is touched */
        remove_folder(place());
    }
}

/* Rows that we would never write: refused, never half-read. */
static void damaged_rows(void **state)
{
    static const char *const CHANGES[] = {
        "UPDATE debt SET phase = 'asleep'",
        "UPDATE debt SET found_running = 2",
        "INSERT INTO intent VALUES ('s', 'n', 'no-such-verb', 0,0,0, 0,0,0, 0, 0, 0, 0, 0, '0 ')",
        "INSERT INTO intent VALUES ('s', 'n', 'stop', 0,0,0, 0,0,0, 0, NULL, 0, 0, 0, '1 ')",
        "INSERT INTO intent VALUES ('s', 'n', 'stop', 0,0,0, 0,0,0, 0, '? ? ', 0, 0, 0, '0 ')",
        "INSERT INTO grp VALUES (1, 'i', 'p', 'sideways', 0, 0, NULL, 1)",
        "INSERT INTO grp VALUES (1, 'i', 'p', 'back', 0, 0, NULL, -1)",
        "INSERT INTO member VALUES (9, 0, 'vm', 'n', 'i', 'x', 0, '', '', 'guest', 0, 0, 0, 0, "
        "NULL)",
        ("INSERT INTO grp VALUES (1, 'i', 'p', 'back', 0, 0, NULL, 1);"
         "INSERT INTO member VALUES (1, 0, 'vm', 'n', 'i', 'x', 0, 'junk', '', 'guest', 0, 0, 0, "
         "0, NULL)"),
        "DROP TABLE parked",
        "ALTER TABLE claim RENAME COLUMN former TO latter",
        "UPDATE meta SET number = NULL WHERE key = 'epoch'",
    };

    (void)state;
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++) {
        struct ledger l;
        struct store *s;

        make_ledger();
        sql(CHANGES[i]);
        s = must_open(false);
        if (store_ledger(s, &arena, &l, &err))
            fail_msg("it was read: %s", CHANGES[i]);
        assert_int_equal(err.kind, ERR_IO);
        assert_non_null(strstr(err.text, "damaged"));
        store_close(s);
        remove_folder(place());
    }
}

/* Bytes changed at random, in the file and in its log: an error or a ledger, never a crash. */
static void random_damage(void **state)
{
    enum { ROUNDS = 400 };
    struct chance chance = {2026};
    char *db, *wal, *bytes;
    size_t db_size, wal_size, errors = 0;
    const char *wal_path;
    struct store *s = must_open(true);

    (void)state;
    for (int i = 0; i < 40; i++) {
        struct commit c = some_commit(&chance, &arena, 3);

        assert_true(store_commit(s, &c, &err));
    }
    commit_debt(s, "vm-1", true);
    wal_path = arena_printf(&arena, "%s-wal", db_path());
    assert_true(host_read_file(&arena, db_path(), 8 << 20, &db, &db_size, &err));
    assert_true(host_read_file(&arena, wal_path, 8 << 20, &wal, &wal_size, &err));
    store_close(s);
    for (int i = 0; i < ROUNDS; i++) {
        bool in_log = flip(&chance);
        size_t size = in_log ? wal_size : db_size;
        struct arena a;
        struct ledger l;

        arena_init(&a, 0);
        bytes = arena_alloc(&a, 1, size);
        memcpy(bytes, in_log ? wal : db, size);
        for (uint32_t k = 1 + below(&chance, 8); k > 0; k--)
            bytes[below(&chance, (uint32_t)size)] = (char)any64(&chance);
        if (below(&chance, 8) == 0)
            size = below(&chance, (uint32_t)size);
        assert_true(host_write_file(db_path(), in_log ? db : bytes, in_log ? db_size : size, &err));
        assert_true(
            host_write_file(wal_path, in_log ? bytes : wal, in_log ? size : wal_size, &err));
        for (int write = 0; write <= 1; write++) {
            s = opened(write);
            errors += !s || !store_ledger(s, &a, &l, &err);
            store_close(s);
        }
        arena_release(&a);
    }
    print_message("store: %d damaged ledgers opened twice, %zu refused\n", ROUNDS, errors);
    assert_true(errors > 0 && errors < 2 * ROUNDS);
}

static void a_log_without_its_file(void **state)
{
    struct store *s = must_open(true);
    const char *wal = arena_printf(&arena, "%s-wal", db_path()), *gone;
    char *bytes;
    size_t size;

    (void)state;
    commit_debt(s, "vm-1", true);
    assert_true(host_read_file(&arena, wal, 8 << 20, &bytes, &size, &err));
    store_close(s);
    assert_true(host_write_file(wal, bytes, size, &err));
    gone = arena_printf(&arena, "%s.away", db_path());
    assert_int_equal(rename(db_path(), gone), 0);
    refused(true, ERR_IO, "its log (-wal) is still there");
    refused(false, ERR_IO, "its log (-wal) is still there");
    assert_false(host_exists(db_path())); /* no new one beside an old log */
}

static void a_folder_that_cannot_be(void **state)
{
    struct store *s = NULL;
    const char *file = host_join(&arena, folder, "file");

    (void)state;
    assert_true(host_write_file(file, "x", 1, &err));
    assert_false(store_open(file, WORLD, true, SINCE, &s, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "not a folder"));
}

/* ---- without the rights ---- */

/* Runs `body` as nobody (we may be root, whom rights do not stop); its exit code. */
static int as_nobody(int (*body)(void))
{
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(99);
        _exit(body());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int write_is_refused(void)
{
    struct store *s = opened(true);

    if (s || err.kind != ERR_IO)
        return 1;
    return strstr(err.text, "permission denied") || strstr(err.text, "may not be written") ||
                   strstr(err.text, "cannot be opened; check its folder")
               ? 0
               : 2;
}

static int looking_works(void)
{
    struct store *s = opened(false);

    return s && debts(s) == 1 ? 0 : 1;
}

static int looking_is_refused(void)
{
    struct store *s = opened(false);

    return !s && err.kind == ERR_IO ? 0 : 1;
}

static void rights(mode_t folder_mode, mode_t lock_mode, mode_t db_mode)
{
    assert_int_equal(chmod(db_path(), db_mode), 0);
    assert_int_equal(chmod(host_join(&arena, place(), "lock"), lock_mode), 0);
    assert_int_equal(chmod(place(), folder_mode), 0);
}

static void rights_are_told_from_absence(void **state)
{
    static const struct {
        mode_t folder, lock, db;
        int (*look)(void);
    } ROWS[] = {
        {0555, 0444, 0444, looking_works}, /* all may be read, nothing written */
        {0555, 0666, 0444, looking_works}, /* the lock can be had, the file not written */
        {0755, 0666, 0000, looking_is_refused},
        {0000, 0666, 0444, looking_is_refused}, /* hidden is not empty: a debt may stand there */
    };

    (void)state;
    make_ledger();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        rights(ROWS[i].folder, ROWS[i].lock, ROWS[i].db);
        if (as_nobody(write_is_refused) != 0)
            fail_msg("row %zu: writing", i);
        if (as_nobody(ROWS[i].look) != 0)
            fail_msg("row %zu: looking", i);
        rights(0755, 0666, 0644);
    }
}

static int making_is_refused(void)
{
    struct store *s = opened(true);

    return !s && err.kind == ERR_IO && strstr(err.text, "permission denied") ? 0 : 1;
}

static void a_folder_that_may_not_be_made(void **state)
{
    (void)state;
    chmod(folder, 0555);
    assert_int_equal(as_nobody(making_is_refused), 0);
    chmod(folder, 0755);
}

/* ---- looking touches nothing ---- */

static void looking_touches_nothing(void **state)
{
    struct store *s, *beside;
    uint64_t before;

    (void)state;
    beside = must_open(false); /* nothing is there */
    assert_int_equal(debts(beside), 0);
    assert_string_equal(store_id(beside), "");
    store_close(beside);
    assert_false(host_exists(place()));

    make_ledger();
    before = print_of(folder);
    beside = must_open(false);
    assert_int_equal(debts(beside), 1);
    assert_true(strlen(store_id(beside)) > 0);
    store_close(beside);
    assert_true(print_of(folder) == before);

    /* While a writer is at work: what it committed, synced or not, and nothing changes. */
    s = must_open(true);
    commit_debt(s, "vm-2", true);
    commit_debt(s, "vm-3", false);
    before = print_of(folder);
    beside = must_open(false);
    assert_int_equal(debts(beside), 3);
    store_close(beside);
    assert_true(print_of(folder) == before);
    commit_debt(s, "vm-4", true); /* and the writer does not mind */
    store_close(s);
    s = must_open(true);
    assert_int_equal(debts(s), 4);
    store_close(s);
}

static void what_is_read_only_refuses_to_write(void **state)
{
    struct commit c = {.sync = true};
    struct store *s;
    uint64_t epoch;

    (void)state;
    make_ledger();
    s = must_open(false);
    assert_false(store_commit(s, &c, &err));
    assert_false(store_epoch(s, &epoch, &err));
    assert_false(store_reserve(s, 1, &err));
    store_close(s);
}

/* One writer with a log that starts anew all the time, readers beside it: never a mixture. */
static void readers_beside_a_busy_writer(void **state)
{
    enum { LOOKS = 150 };
    int stop[2];
    size_t last = 0;
    pid_t child;

    (void)state;
    make_ledger();
    assert_int_equal(pipe(stop), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store *own = must_open(true);
        int flags = fcntl(stop[0], F_GETFL);
        char byte;

        fcntl(stop[0], F_SETFL, flags | O_NONBLOCK);
        /* Two debts in each commit: a reader sees both or none of them. */
        for (int i = 0; read(stop[0], &byte, 1) != 1; i++) {
            struct ledger_change two[2] = {{.op = LEDGER_DEBT}, {.op = LEDGER_DEBT}};
            struct commit c = {.sync = i % 4 == 0, .changes = two, .change_count = 2};

            two[0].debt.vm = arena_printf(&arena, "a-%d", i % 500);
            two[1].debt.vm = arena_printf(&arena, "b-%d", i % 500);
            two[0].debt.since_ms = two[1].debt.since_ms = i;
            if (!store_commit(own, &c, &err) || (i % 50 == 0 && !store_reserve(own, 4096, &err)))
                _exit(1);
        }
        store_close(own);
        _exit(0);
    }
    for (int i = 0; i < LOOKS; i++) {
        struct store *s = must_open(false);
        struct ledger l;
        int64_t newest[2] = {-1, -1};

        assert_true(store_ledger(s, &arena, &l, &err));
        for (size_t k = 0; k < l.debt_count; k++) {
            int which = l.debts[k].vm[0] == 'a' ? 0 : l.debts[k].vm[0] == 'b' ? 1 : -1;

            if (which >= 0 && l.debts[k].since_ms > newest[which])
                newest[which] = l.debts[k].since_ms;
        }
        assert_true(newest[0] == newest[1]);
        assert_true(newest[0] < 0 || (size_t)newest[0] >= last);
        last = newest[0] < 0 ? 0 : (size_t)newest[0];
        store_close(s);
        arena_reset(&arena);
    }
    assert_int_equal(write(stop[1], "x", 1), 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    print_message("store: %d looks beside a writer, up to its commit %zu\n", LOOKS, last);
}

/* ---- names, ids, epochs ---- */

static void each_world_has_a_place_of_its_own(void **state)
{
    static const char *const IDENTITIES[] = {
        "a",
        "A",
        "a.",
        ".",
        "..",
        "../x",
        "con",
        "",
        "B\xc3\xbcro",
        "B\xc3\xb6ro",
        "a/b",
        "a\\b",
        "a_b",
        "0123456789012345678901234567890123456789012345678901234567890123456789",
        "0123456789012345678901234567890123456789012345678901234567890123456788"};
    const size_t n = sizeof IDENTITIES / sizeof *IDENTITIES;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        const char *name = place_name(&arena, IDENTITIES[i]);

        assert_true(strlen(name) <= 80);
        assert_true(name[0] != '.');
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-._"), strlen(name));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(name, place_name(&arena, IDENTITIES[k]));
    }
    assert_int_equal(strncmp(place_name(&arena, "HV-Rack.07"), "hv-rack.07-", 11), 0);
}

static void ids_and_epochs_last(void **state)
{
    struct store *s = must_open(true), *other = NULL;
    const char *id = arena_strdup(&arena, store_id(s));
    uint64_t epoch = 0;

    (void)state;
    assert_true(store_epoch(s, &epoch, &err));
    assert_int_equal(epoch, 1);
    assert_true(store_epoch(s, &epoch, &err));
    assert_int_equal(epoch, 2);
    store_close(s);
    s = must_open(true);
    assert_string_equal(store_id(s), id);
    assert_true(store_epoch(s, &epoch, &err));
    assert_int_equal(epoch, 3);
    assert_true(store_open(folder, "another", true, SINCE, &other, &err)); /* beside it */
    assert_string_not_equal(store_id(other), id);
    store_close(other);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_writer_is_told_who_and_since_when, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(another_process_keeps_it_until_it_dies, setup, teardown),
        cmocka_unit_test_setup_teardown(another_tool_keeps_the_writer_out, setup, teardown),
        cmocka_unit_test_setup_teardown(a_killed_writer_loses_no_promise, setup, teardown),
        cmocka_unit_test_setup_teardown(not_a_database, setup, teardown),
        cmocka_unit_test_setup_teardown(images_without_a_node, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_format, setup, teardown),
        cmocka_unit_test_setup_teardown(without_rollouts, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_kinds_of_database, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(random_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(a_log_without_its_file, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be, setup, teardown),
        cmocka_unit_test_setup_teardown(rights_are_told_from_absence, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_may_not_be_made, setup, teardown),
        cmocka_unit_test_setup_teardown(looking_touches_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_read_only_refuses_to_write, setup, teardown),
        cmocka_unit_test_setup_teardown(readers_beside_a_busy_writer, setup, teardown),
        cmocka_unit_test_setup_teardown(each_world_has_a_place_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_and_epochs_last, setup, teardown),
    };

    return cmocka_run_group_tests_name("store_open", tests, NULL, NULL);
}
