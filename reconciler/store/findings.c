/*
 * Findings of drift in the history: since when, how often, and how often they
 * came and went.  Bounded: so many of a world, and only departures of a day.
 */
#include "base/when.h"
#include "store/history_inner.h"

enum {
    FINDINGS_KEPT = 10000, /* of one world */
    WITH_FINDINGS = 2      /* the version of the file that has them */
};
#define DAY_MS  ((int64_t)24 * 60 * 60 * 1000) /* went and came back within it: the same */
#define KEPT_MS (90 * DAY_MS)                  /* how long one that is gone is remembered */

/* ?1 identity, ?2 the time of the look, ?3 of the day before it. */
static int run_at(struct history *h, const char *sql, const char *identity, int64_t at_ms,
                  int64_t before_ms)
{
    struct bind b;
    int rc = history_use(h, sql, &b);

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, identity);
    bind_i64(&b, at_ms);
    if (before_ms != WHEN_NONE)
        bind_i64(&b, before_ms);
    return history_finish(&b);
}

/* The last look of this world; WHEN_NONE: there was none. */
static int last_look(struct history *h, const char *identity, int64_t *at_ms)
{
    struct bind b;
    int rc = history_use(h, "SELECT at_ms FROM look WHERE identity = ?1", &b);

    *at_ms = WHEN_NONE;
    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, identity);
    rc = b.rc == SQLITE_OK ? sqlite3_step(b.st) : b.rc;
    if (rc == SQLITE_ROW)
        *at_ms = sqlite3_column_int64(b.st, 0);
    sqlite3_finalize(b.st);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int put_finding(struct history *h, const char *identity, const char *key, int64_t at_ms)
{
    static const char SQL[] =
        "INSERT INTO finding VALUES (?1, ?4, ?2, ?2, 1, NULL)"
        " ON CONFLICT (identity, key) DO UPDATE SET"
        " first_ms = CASE WHEN gone_ms <= ?3 THEN ?2 ELSE first_ms END,"
        " times = CASE WHEN gone_ms <= ?3 THEN 1 WHEN last_ms = ?2 THEN times ELSE times + 1 END,"
        " last_ms = ?2, gone_ms = NULL";
    struct bind b;
    int rc = history_use(h, SQL, &b);

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, identity);
    bind_i64(&b, at_ms);
    bind_i64(&b, at_ms - DAY_MS);
    bind_text(&b, key);
    return history_finish(&b);
}

/* What this look did not see, though it saw everything. */
static int put_gone(struct history *h, const char *identity, int64_t at_ms)
{
    int rc = run_at(h,
                    "INSERT OR IGNORE INTO departure SELECT identity, key, ?2 FROM finding"
                    " WHERE identity = ?1 AND gone_ms IS NULL AND last_ms < ?2",
                    identity, at_ms, WHEN_NONE);

    if (rc != SQLITE_OK)
        return rc;
    return run_at(h,
                  "UPDATE finding SET gone_ms = ?2"
                  " WHERE identity = ?1 AND gone_ms IS NULL AND last_ms < ?2",
                  identity, at_ms, WHEN_NONE);
}

static int forget_old(struct history *h, const char *identity, int64_t at_ms)
{
    int rc = run_at(h, "DELETE FROM departure WHERE identity = ?1 AND at_ms <= ?2", identity,
                    at_ms - DAY_MS, WHEN_NONE);

    if (rc == SQLITE_OK)
        rc = run_at(h, "DELETE FROM finding WHERE identity = ?1 AND gone_ms <= ?2", identity,
                    at_ms - KEPT_MS, WHEN_NONE);
    if (rc == SQLITE_OK)
        rc = run_at(h,
                    "DELETE FROM finding WHERE identity = ?1 AND key IN (SELECT key FROM finding"
                    " WHERE identity = ?1 ORDER BY last_ms DESC, key LIMIT -1 OFFSET ?2)",
                    identity, FINDINGS_KEPT, WHEN_NONE);
    return rc;
}

static int put_look(struct history *h, const char *identity, int64_t at_ms, bool whole,
                    const struct history_finding *rows, size_t count)
{
    int rc = run_at(h,
                    "INSERT INTO look VALUES (?1, ?2)"
                    " ON CONFLICT (identity) DO UPDATE SET at_ms = ?2",
                    identity, at_ms, WHEN_NONE);

    for (size_t i = 0; rc == SQLITE_OK && i < count && i < FINDINGS_KEPT; i++)
        rc = put_finding(h, identity, rows[i].key, at_ms);
    if (rc == SQLITE_OK && whole)
        rc = put_gone(h, identity, at_ms);
    return rc == SQLITE_OK ? forget_old(h, identity, at_ms) : rc;
}

/* ---- reading ---- */

static int fill_row(struct bind *b, const char *identity, int64_t at_ms,
                    struct history_finding *row)
{
    int rc;

    bind_text(b, identity);
    bind_text(b, row->key);
    bind_i64(b, at_ms - DAY_MS);
    rc = b->rc == SQLITE_OK ? sqlite3_step(b->st) : b->rc;
    if (rc == SQLITE_ROW) {
        row->first_ms = sqlite3_column_int64(b->st, 0);
        row->last_ms = sqlite3_column_int64(b->st, 1);
        row->times = (uint64_t)sqlite3_column_int64(b->st, 2);
        row->departures = (uint64_t)sqlite3_column_int64(b->st, 3);
    }
    sqlite3_reset(b->st);
    sqlite3_clear_bindings(b->st);
    b->column = 0;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int fill_rows(struct history *h, const char *identity, int64_t at_ms,
                     struct history_finding *rows, size_t count)
{
    static const char SQL[] =
        "SELECT first_ms, last_ms, times, (SELECT count(*) FROM departure d WHERE"
        " d.identity = f.identity AND d.key = f.key AND d.at_ms > ?3)"
        " FROM finding f WHERE identity = ?1 AND key = ?2";
    struct bind b;
    int rc = history_use(h, SQL, &b);

    for (size_t i = 0; rc == SQLITE_OK && i < count; i++)
        rc = fill_row(&b, identity, at_ms, &rows[i]);
    sqlite3_finalize(b.st);
    return rc;
}

static void clear_rows(struct history_finding *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct history_finding){
            .key = rows[i].key, .first_ms = WHEN_NONE, .last_ms = WHEN_NONE};
}

bool history_found(struct history *h, const char *identity, int64_t at_ms, bool whole,
                   struct history_finding *rows, size_t count, struct err *e)
{
    int64_t last = WHEN_NONE;
    int rc;

    clear_rows(rows, count);
    if (!history_may_write(h, e))
        return false;
    rc = sql_run(h->db, "BEGIN IMMEDIATE");
    if (rc == SQLITE_OK)
        rc = last_look(h, identity, &last);
    if (rc == SQLITE_OK && (last == WHEN_NONE || last <= at_ms))
        rc = put_look(h, identity, at_ms, whole, rows, count);
    if (rc == SQLITE_OK)
        rc = fill_rows(h, identity, at_ms, rows, count);
    rc = history_end_work(h, rc);
    if (rc == SQLITE_OK)
        return true;
    clear_rows(rows, count);
    return history_fail(h, rc, "write", e);
}

bool history_known(struct history *h, const char *identity, int64_t at_ms,
                   struct history_finding *rows, size_t count, struct err *e)
{
    int64_t version = 0;
    int rc;

    clear_rows(rows, count);
    if (!h->db)
        return true;
    rc = sql_number(h->db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK && version >= WITH_FINDINGS)
        rc = fill_rows(h, identity, at_ms, rows, count);
    return rc == SQLITE_OK || history_fail(h, rc, "read", e);
}
