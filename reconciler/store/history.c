/*
 * history.db: runs and steps of all worlds below one state folder.
 *
 * Several processes may write at once (one for each world), so it is an
 * ordinary database with a shared log; not synced at each commit, since it
 * may be deleted at any time.  Snapshots are large: only the newest one of a
 * world is kept, and only so many runs of each.
 */
#include "store/history_inner.h"

#include "base/when.h"
#include "host/host.h"
#include "store/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HISTORY_VERSION = 2,              /* 2: findings; 1 lacks them, and is completed when written */
    HISTORY_APPLICATION = 0x48564748, /* "HVGH" */
    BUSY_MS = 2000,                   /* how long another process's commit is waited for */
    RUNS_KEPT = 1000                  /* of one world */
};

static const char SCHEMA[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS run ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT, cluster TEXT, verb TEXT,"
    " spec_digest TEXT, plan_id TEXT, snapshot TEXT, began_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL, exit_code INTEGER NOT NULL, summary TEXT,"
    " steps_ok INTEGER NOT NULL, steps_failed INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS run_of_world ON run (identity, number);"
    "CREATE TABLE IF NOT EXISTS step ("
    " run INTEGER NOT NULL, number INTEGER NOT NULL, grp INTEGER NOT NULL, verb TEXT,"
    " subject TEXT, name TEXT, node TEXT, before TEXT, after TEXT, began_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL, result INTEGER NOT NULL, evidence TEXT,"
    " PRIMARY KEY (run, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS look ("
    " identity TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS finding ("
    " identity TEXT NOT NULL, key TEXT NOT NULL, first_ms INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL, times INTEGER NOT NULL, gone_ms INTEGER,"
    " PRIMARY KEY (identity, key)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS departure ("
    " identity TEXT NOT NULL, key TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY (identity, key, at_ms)) STRICT, WITHOUT ROWID;"
    "PRAGMA application_id = 1213613896;"
    "PRAGMA user_version = 2;"
    "COMMIT";

#define RUN_COLUMNS                                                                                \
    "number, identity, cluster, verb, spec_digest, plan_id, began_ms, ended_ms, exit_code,"        \
    " summary, steps_ok, steps_failed"

int history_format(void)
{
    return HISTORY_VERSION;
}

bool history_fail(struct history *h, int rc, const char *what, struct err *e)
{
    sql_fail(e, h->db, rc, what, h->path);
    return false;
}

/* ---- opening ---- */

static int prepare(struct history *h)
{
    static const char *const SETTINGS[] = {
        "PRAGMA synchronous = NORMAL",
        "PRAGMA trusted_schema = OFF",
        "PRAGMA temp_store = MEMORY",
    };
    int rc = sql_run(h->db, "PRAGMA journal_mode = WAL");

    /* Two that change the mode at once would wait for each other: one is refused at once, without
       the wait that we asked for.  The other one changes it, and the file keeps it. */
    if ((rc & 0xff) == SQLITE_BUSY)
        rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof SETTINGS / sizeof *SETTINGS; i++)
        rc = sql_run(h->db, SETTINGS[i]);
    if (rc == SQLITE_OK)
        rc = sql_run(h->db, SCHEMA);
    return rc;
}

/* 0 and 0: it was made just now, by us or beside us. */
static bool check_version(struct history *h, struct err *e)
{
    int64_t application = 0, version = 0;
    int rc = sql_number(h->db, "PRAGMA application_id", &application);

    if (rc == SQLITE_OK)
        rc = sql_number(h->db, "PRAGMA user_version", &version);
    if (rc != SQLITE_OK)
        return history_fail(h, rc, "open", e);
    if (application != HISTORY_APPLICATION && application != 0)
        return err_set(e, ERR_IO, SQLITE_NOTADB, "cannot open %s: it is another program's database",
                       h->path);
    if (version > HISTORY_VERSION)
        return err_set(e, ERR_IO, SQLITE_SCHEMA,
                       "cannot open %s: a newer hvgpu wrote it (format %" PRId64
                       ", this one knows %d); use that one, or move the file away",
                       h->path, version, HISTORY_VERSION);
    return true;
}

static bool open_writer(struct history *h, const char *folder, struct err *e)
{
    int rc;

    if (!host_make_folder(folder, e))
        return false;
    rc = sqlite3_open_v2(h->path, &h->db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, NULL);
    if (rc == SQLITE_OK) /* before the first look: others may be making it just now */
        rc = sqlite3_busy_timeout(h->db, BUSY_MS);
    if (rc == SQLITE_OK)
        rc = sqlite3_extended_result_codes(h->db, 1);
    if (rc != SQLITE_OK)
        return history_fail(h, rc, "open", e);
    if (!check_version(h, e))
        return false;
    rc = prepare(h);
    return rc == SQLITE_OK || history_fail(h, rc, "open", e);
}

bool history_open(const char *folder, bool write, struct history **out, struct err *e)
{
    struct history *h = calloc(1, sizeof *h);
    bool ok;

    if (!h)
        return err_set(e, ERR_IO, 0, "the machine has no memory left");
    arena_init(&h->arena, 0);
    h->path = host_join(&h->arena, folder, "history.db");
    h->write = write;
    ok = write ? open_writer(h, folder, e)
               : snapshot_open(h->path, HISTORY_APPLICATION, HISTORY_VERSION, &h->db, e);
    if (!ok) {
        err_wrap(e, "the history (it may be deleted)");
        history_close(h);
        return false;
    }
    *out = h;
    return true;
}

void history_close(struct history *h)
{
    if (!h)
        return;
    sqlite3_close(h->db);
    arena_release(&h->arena);
    free(h);
}

/* ---- writing ---- */

/* "r-00000412" and 412. */
static int64_t number_of(const char *id)
{
    int64_t n = 0;

    if (!id || id[0] != 'r' || id[1] != '-')
        return -1;
    for (id += 2; *id >= '0' && *id <= '9' && n < INT64_MAX / 100; id++)
        n = n * 10 + (*id - '0');
    return *id ? -1 : n;
}

static const char *id_of(struct arena *a, int64_t number)
{
    return arena_printf(a, "r-%08" PRId64, number);
}

bool history_may_write(struct history *h, struct err *e)
{
    return h->write || err_set(e, ERR_BUG, 0, "the history was opened for reading only");
}

int history_use(struct history *h, const char *sql, struct bind *b)
{
    *b = (struct bind){0};
    return sqlite3_prepare_v2(h->db, sql, -1, &b->st, NULL);
}

int history_finish(struct bind *b)
{
    int rc = bind_run(b);

    sqlite3_finalize(b->st);
    return rc;
}

/* Runs of this world beyond the newest RUNS_KEPT, with their steps. */
static int forget_old(struct history *h, const char *identity)
{
    static const char *const SQL[] = {
        "DELETE FROM step WHERE run IN (SELECT number FROM run WHERE identity IS ?1"
        " ORDER BY number DESC LIMIT -1 OFFSET ?2)",
        "DELETE FROM run WHERE number IN (SELECT number FROM run WHERE identity IS ?1"
        " ORDER BY number DESC LIMIT -1 OFFSET ?2)",
    };
    int rc = SQLITE_OK;

    for (size_t i = 0; rc == SQLITE_OK && i < sizeof SQL / sizeof *SQL; i++) {
        struct bind b;

        rc = history_use(h, SQL[i], &b);
        if (rc != SQLITE_OK)
            break;
        bind_text(&b, identity);
        bind_i64(&b, RUNS_KEPT);
        rc = history_finish(&b);
    }
    return rc;
}

static int insert_run(struct history *h, const struct history_run *run)
{
    struct bind b;
    int rc = history_use(
        h, "INSERT INTO run VALUES (NULL, ?1, ?2, ?3, ?4, ?5, NULL, ?6, ?7, ?8, ?9, ?10, ?11)", &b);

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, run->identity);
    bind_text(&b, run->cluster);
    bind_text(&b, run->verb);
    bind_text(&b, run->spec_digest);
    bind_text(&b, run->plan_id);
    bind_i64(&b, run->began_ms);
    bind_i64(&b, WHEN_NONE);
    bind_i64(&b, -1);
    bind_text(&b, run->summary);
    bind_i64(&b, 0);
    bind_i64(&b, 0);
    return history_finish(&b);
}

int history_end_work(struct history *h, int rc)
{
    if (rc == SQLITE_OK)
        rc = sql_run(h->db, "COMMIT");
    if (rc != SQLITE_OK && !sqlite3_get_autocommit(h->db))
        (void)sql_run(h->db, "ROLLBACK");
    return rc;
}

bool history_begin(struct history *h, struct arena *a, struct history_run *run, struct err *e)
{
    int64_t number = 0;
    int rc;

    if (!history_may_write(h, e))
        return false;
    rc = sql_run(h->db, "BEGIN IMMEDIATE");
    if (rc == SQLITE_OK)
        rc = insert_run(h, run);
    number = sqlite3_last_insert_rowid(h->db);
    if (rc == SQLITE_OK)
        rc = forget_old(h, run->identity);
    rc = history_end_work(h, rc);
    if (rc != SQLITE_OK)
        return history_fail(h, rc, "write", e);
    run->id = id_of(a, number);
    return true;
}

bool history_step(struct history *h, const struct history_step *step, struct err *e)
{
    struct bind b;
    int rc;

    if (!history_may_write(h, e))
        return false;
    rc = history_use(h,
                     "REPLACE INTO step"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                     &b);
    if (rc != SQLITE_OK)
        return history_fail(h, rc, "write", e);
    bind_i64(&b, number_of(step->run));
    bind_i64(&b, step->number);
    bind_u64(&b, step->group);
    bind_text(&b, step->verb);
    bind_text(&b, step->subject);
    bind_text(&b, step->name);
    bind_text(&b, step->node);
    bind_text(&b, step->before);
    bind_text(&b, step->after);
    bind_i64(&b, step->began_ms);
    bind_i64(&b, step->ended_ms);
    bind_i64(&b, step->result);
    bind_text(&b, step->evidence);
    rc = history_finish(&b);
    return rc == SQLITE_OK || history_fail(h, rc, "write", e);
}

/* A new snapshot takes the place of the ones before. */
static int drop_snapshots(struct history *h, int64_t number)
{
    struct bind b;
    int rc =
        history_use(h,
                    "UPDATE run SET snapshot = NULL WHERE snapshot IS NOT NULL AND number <> ?1 AND"
                    " identity IS (SELECT identity FROM run WHERE number = ?1)",
                    &b);

    if (rc != SQLITE_OK)
        return rc;
    bind_i64(&b, number);
    return history_finish(&b);
}

static int update_run(struct history *h, const struct history_run *run, int64_t number)
{
    struct bind b;
    int rc =
        history_use(h,
                    "UPDATE run SET plan_id = ?2, snapshot = ?3, ended_ms = ?4, exit_code = ?5,"
                    " summary = ?6, steps_ok = ?7, steps_failed = ?8, verb = ?9 WHERE number = ?1",
                    &b);

    if (rc != SQLITE_OK)
        return rc;
    bind_i64(&b, number);
    bind_text(&b, run->plan_id);
    bind_text(&b, run->snapshot);
    bind_i64(&b, run->ended_ms);
    bind_i64(&b, run->exit_code);
    bind_text(&b, run->summary);
    bind_u64(&b, run->steps_ok);
    bind_u64(&b, run->steps_failed);
    bind_text(&b, run->verb); /* it may have turned out to be a recovery */
    return history_finish(&b);
}

bool history_end(struct history *h, const struct history_run *run, struct err *e)
{
    int64_t number = number_of(run->id);
    int rc;

    if (!history_may_write(h, e))
        return false;
    rc = sql_run(h->db, "BEGIN IMMEDIATE");
    if (rc == SQLITE_OK)
        rc = update_run(h, run, number);
    if (rc == SQLITE_OK && sqlite3_changes(h->db) == 0) {
        (void)history_end_work(h, SQLITE_ABORT);
        return err_set(e, ERR_IO, 0, "%s has no run %s any more", h->path, run->id ? run->id : "");
    }
    if (rc == SQLITE_OK && run->snapshot)
        rc = drop_snapshots(h, number);
    rc = history_end_work(h, rc);
    return rc == SQLITE_OK || history_fail(h, rc, "write", e);
}

/* ---- reading ---- */

static void read_run(struct row *r, struct history_run *run)
{
    run->id = id_of(r->arena, row_i64(r));
    run->identity = row_text(r);
    run->cluster = row_text(r);
    run->verb = row_text(r);
    run->spec_digest = row_text(r);
    run->plan_id = row_text(r);
    run->began_ms = row_i64(r);
    run->ended_ms = row_i64(r);
    run->exit_code = (int)row_within(r, -1, 255);
    run->summary = row_text(r);
    run->steps_ok = (size_t)row_within(r, 0, INT64_MAX);
    run->steps_failed = (size_t)row_within(r, 0, INT64_MAX);
    r->bad = r->bad || !run->identity; /* the key of all that is kept */
}

static bool done(struct history *h, struct bind *b, int rc, bool bad, struct err *e)
{
    sqlite3_finalize(b->st);
    if (bad || rc == SQLITE_ERROR)
        rc = SQLITE_CORRUPT;
    return rc == SQLITE_DONE || rc == SQLITE_OK || history_fail(h, rc, "read", e);
}

bool history_runs(struct history *h, struct arena *a, const char *identity, size_t limit,
                  struct history_run **out, size_t *count, struct err *e)
{
    static const char SQL[] = "SELECT " RUN_COLUMNS " FROM run WHERE ?1 IS NULL OR identity = ?1"
                              " ORDER BY number DESC LIMIT ?2";
    struct bind b = {0};
    size_t room = 0;
    bool bad = false;
    int rc;

    *out = NULL;
    *count = 0;
    if (!h->db)
        return true;
    rc = history_use(h, SQL, &b);
    if (rc == SQLITE_OK) {
        bind_text(&b, identity);
        bind_i64(&b, limit > INT32_MAX ? -1 : (int64_t)limit);
        rc = b.rc;
    }
    while (rc == SQLITE_OK && (rc = sqlite3_step(b.st)) == SQLITE_ROW && !bad) {
        struct row r = {.st = b.st, .arena = a};

        read_run(&r, arena_push(a, *out, *count, room));
        bad = r.bad;
        rc = SQLITE_OK;
    }
    return done(h, &b, rc, bad, e);
}

static void read_step(struct row *r, struct history_step *step)
{
    step->run = id_of(r->arena, row_i64(r));
    step->number = (uint32_t)row_within(r, 0, UINT32_MAX);
    step->group = row_u64(r);
    step->verb = row_text(r);
    step->subject = row_text(r);
    step->name = row_text(r);
    step->node = row_text(r);
    step->before = row_text(r);
    step->after = row_text(r);
    step->began_ms = row_i64(r);
    step->ended_ms = row_i64(r);
    step->result = (int)row_within(r, -1, 1);
    step->evidence = row_text(r);
}

bool history_steps(struct history *h, struct arena *a, const char *run, struct history_step **out,
                   size_t *count, struct err *e)
{
    static const char SQL[] = "SELECT run, number, grp, verb, subject, name, node, before, after,"
                              " began_ms, ended_ms, result, evidence FROM step WHERE run = ?1"
                              " ORDER BY number";
    struct bind b = {0};
    size_t room = 0;
    bool bad = false;
    int rc;

    *out = NULL;
    *count = 0;
    if (!h->db)
        return true;
    rc = history_use(h, SQL, &b);
    if (rc == SQLITE_OK) {
        bind_i64(&b, number_of(run));
        rc = b.rc;
    }
    while (rc == SQLITE_OK && (rc = sqlite3_step(b.st)) == SQLITE_ROW && !bad) {
        struct row r = {.st = b.st, .arena = a};

        read_step(&r, arena_push(a, *out, *count, room));
        bad = r.bad;
        rc = SQLITE_OK;
    }
    return done(h, &b, rc, bad, e);
}

bool history_last_good(struct history *h, struct arena *a, const char *identity,
                       struct history_run *out, bool *found, struct err *e)
{
    static const char SQL[] = "SELECT " RUN_COLUMNS ", snapshot FROM run"
                              " WHERE identity = ?1 AND verb = 'apply' AND exit_code = 0"
                              " AND snapshot IS NOT NULL ORDER BY number DESC LIMIT 1";
    struct bind b = {0};
    bool bad = false;
    int rc;

    *found = false;
    if (!h->db)
        return true;
    rc = history_use(h, SQL, &b);
    if (rc == SQLITE_OK) {
        bind_text(&b, identity);
        rc = b.rc;
    }
    if (rc == SQLITE_OK && (rc = sqlite3_step(b.st)) == SQLITE_ROW) {
        struct row r = {.st = b.st, .arena = a};

        *out = (struct history_run){0};
        read_run(&r, out);
        out->snapshot = row_text(&r);
        bad = r.bad;
        *found = !bad;
        rc = SQLITE_OK;
    }
    return done(h, &b, rc, bad, e);
}
