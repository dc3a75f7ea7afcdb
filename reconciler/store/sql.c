#include "store/sql.h"

#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What people meet, by primary result code (sqlite.org/rescode.html). */
static const struct {
    int code;
    enum err_kind kind;
    const char *text;
} WORDS[] = {
    {SQLITE_FULL, ERR_IO, "the disk is full; free some space and run again"},
    {SQLITE_READONLY, ERR_IO, "it may not be written; check who owns it and as whom hvgpu runs"},
    {SQLITE_PERM, ERR_IO, "permission denied; check who owns it and as whom hvgpu runs"},
    {SQLITE_CANTOPEN, ERR_IO, "it cannot be opened; check its folder and who owns it"},
    {SQLITE_CORRUPT, ERR_IO,
     "the file is damaged; restore it from a backup, or move it away: "
     "which VMs hvgpu stopped is then not known"},
    {SQLITE_NOTADB, ERR_IO, "the file is not a database; move it away if it is not hvgpu's"},
    {SQLITE_BUSY, ERR_LOCKED, "another program has it open; close that and run again"},
    {SQLITE_LOCKED, ERR_LOCKED, "another program has it open; close that and run again"},
    {SQLITE_IOERR, ERR_IO, "the disk reports an error; look at the system's log"},
    {SQLITE_NOMEM, ERR_IO, "the machine has no memory left"},
};

static bool is_full(int number)
{
#ifdef EDQUOT
    if (number == EDQUOT)
        return true;
#endif
    return number == ENOSPC;
}

bool sql_fail(struct err *e, sqlite3 *db, int rc, const char *what, const char *path)
{
    int primary = rc & 0xff;

    if (primary == SQLITE_IOERR && db && is_full(sqlite3_system_errno(db)))
        primary = SQLITE_FULL;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (WORDS[i].code == primary)
            return err_set(e, WORDS[i].kind, rc, "cannot %s %s: %s", what, path, WORDS[i].text);
    return err_set(e, ERR_BUG, rc, "cannot %s %s: %s", what, path,
                   db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

int sql_run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int sql_number(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        *out = sqlite3_column_int64(st, 0);
        rc = SQLITE_OK;
    } else if (rc == SQLITE_DONE) {
        rc = SQLITE_CORRUPT;
    }
    sqlite3_finalize(st);
    return rc;
}

/* ---- values ---- */

static void note(struct bind *b, int rc)
{
    if (b->rc == SQLITE_OK)
        b->rc = rc;
}

void bind_i64(struct bind *b, int64_t v)
{
    note(b, sqlite3_bind_int64(b->st, ++b->column, v));
}

void bind_u64(struct bind *b, uint64_t v)
{
    int64_t same;

    memcpy(&same, &v, sizeof same);
    bind_i64(b, same);
}

void bind_num(struct bind *b, struct num n)
{
    if (n.known)
        bind_u64(b, n.value);
    else
        note(b, sqlite3_bind_null(b->st, ++b->column));
}

void bind_text(struct bind *b, const char *s)
{
    note(b, s ? sqlite3_bind_text(b->st, ++b->column, s, -1, SQLITE_STATIC)
              : sqlite3_bind_null(b->st, ++b->column));
}

int bind_run(struct bind *b)
{
    int rc = b->rc;

    if (rc == SQLITE_OK) {
        rc = sqlite3_step(b->st);
        if (rc == SQLITE_DONE || rc == SQLITE_ROW)
            rc = SQLITE_OK;
    }
    sqlite3_reset(b->st);
    sqlite3_clear_bindings(b->st);
    b->column = 0;
    b->rc = SQLITE_OK;
    return rc;
}

/* ---- rows ---- */

int64_t row_i64(struct row *r)
{
    int c = r->column++;

    if (sqlite3_column_type(r->st, c) == SQLITE_INTEGER)
        return sqlite3_column_int64(r->st, c);
    r->bad = true;
    return 0;
}

int64_t row_within(struct row *r, int64_t least, int64_t most)
{
    int64_t v = row_i64(r);

    if (v >= least && v <= most)
        return v;
    r->bad = true;
    return least;
}

uint64_t row_u64(struct row *r)
{
    return (uint64_t)row_i64(r);
}

bool row_bool(struct row *r)
{
    return row_within(r, 0, 1) != 0;
}

struct num row_num(struct row *r)
{
    if (sqlite3_column_type(r->st, r->column) == SQLITE_NULL) {
        r->column++;
        return NUM_UNKNOWN;
    }
    return NUM(row_u64(r));
}

const char *row_text(struct row *r)
{
    int c = r->column++;
    const char *s;
    size_t n;

    if (sqlite3_column_type(r->st, c) == SQLITE_NULL)
        return NULL;
    s = (const char *)sqlite3_column_text(r->st, c);
    n = (size_t)sqlite3_column_bytes(r->st, c);
    if (!s || sqlite3_column_type(r->st, c) != SQLITE_TEXT || strlen(s) != n) {
        r->bad = true;
        return NULL;
    }
    return arena_strndup(r->arena, s, n);
}

int row_word(struct row *r, const char *const *words, size_t count)
{
    const char *s = row_text(r);

    for (size_t i = 0; s && i < count; i++)
        if (str_eq(s, words[i]))
            return (int)i;
    r->bad = true;
    return 0;
}
