#include "store/snapshot.h"

#include "store/sql.h"
#include "store/wal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    DB_HEADER = 100,
    TRIES = 64,
    WINDOWS_NO_FILE = 2,
    WINDOWS_NO_PATH = 3,
};
static const size_t MOST = (size_t)1 << 30; /* no ledger comes near */

struct bytes {
    unsigned char *at;
    size_t size;
    bool exists;
};

static uint32_t big(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_missing(int number)
{
    return number == ENOENT || number == WINDOWS_NO_FILE || number == WINDOWS_NO_PATH;
}

static int read_open(sqlite3_file *f, struct bytes *out)
{
    sqlite3_int64 size;
    int rc = f->pMethods->xFileSize(f, &size);

    if (rc != SQLITE_OK)
        return rc;
    if (size < 0 || (uint64_t)size > MOST)
        return SQLITE_TOOBIG;
    out->size = (size_t)size;
    out->at = sqlite3_malloc64(out->size + 1);
    if (!out->at)
        return SQLITE_NOMEM;
    for (size_t at = 0; at < out->size; at += 1 << 20) {
        size_t n = out->size - at < 1 << 20 ? out->size - at : 1 << 20;

        rc = f->pMethods->xRead(f, out->at + at, (int)n, (sqlite3_int64)at);
        /* It became shorter: zeros were filled in, and the second look at the log decides. */
        if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
            return rc;
    }
    return SQLITE_OK;
}

/*
 * Through SQLite's own file layer: on POSIX, closing a descriptor of ours
 * would drop the locks of a connection that this process has on the file.
 */
static int read_whole(const char *name, int kind, struct bytes *out)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_file *f = calloc(1, (size_t)vfs->szOsFile);
    int rc, got = 0;

    *out = (struct bytes){0};
    if (!f)
        return SQLITE_NOMEM;
    rc = vfs->xOpen(vfs, name, f, kind | SQLITE_OPEN_READONLY, &got);
    if (rc == SQLITE_OK) {
        out->exists = true;
        rc = read_open(f, out);
    } else if (vfs->xGetLastError && is_missing(vfs->xGetLastError(vfs, 0, NULL))) {
        rc = SQLITE_OK;
    }
    if (f->pMethods)
        f->pMethods->xClose(f);
    free(f);
    return rc;
}

static void drop(struct bytes *b)
{
    sqlite3_free(b->at);
    *b = (struct bytes){0};
}

static bool same_round(const struct bytes *a, const struct bytes *b)
{
    size_t x = a->size < WAL_HEADER ? a->size : WAL_HEADER;
    size_t y = b->size < WAL_HEADER ? b->size : WAL_HEADER;

    return a->exists == b->exists && x == y && (x == 0 || memcmp(a->at, b->at, x) == 0);
}

/*
 * File and log of one moment.  While the log's header stays the same, frames
 * are only added, and whatever a checkpoint puts into the file comes from
 * frames that the log read afterwards still has.
 */
static int read_pair(const char *db_name, const char *wal_name, struct bytes *db, struct bytes *wal)
{
    struct bytes before, after = {0};
    int rc = read_whole(wal_name, SQLITE_OPEN_WAL, &before);

    for (int i = 0; rc == SQLITE_OK && i < TRIES; i++) {
        rc = read_whole(db_name, SQLITE_OPEN_MAIN_DB, db);
        if (rc == SQLITE_OK)
            rc = read_whole(wal_name, SQLITE_OPEN_WAL, wal);
        if (rc == SQLITE_OK)
            rc = read_whole(wal_name, SQLITE_OPEN_WAL, &after);
        if (rc == SQLITE_OK && same_round(&before, wal) && same_round(wal, &after))
            break;
        drop(db);
        drop(wal);
        drop(&before);
        before = after;
        after = (struct bytes){0};
        if (i == TRIES - 1 && rc == SQLITE_OK)
            rc = SQLITE_BUSY;
    }
    drop(&before);
    drop(&after);
    return rc;
}

/* Lays the commits of the log over the file. */
static int merge(struct bytes *db, const struct bytes *log)
{
    const unsigned char *page;
    struct wal w;
    size_t size;

    wal_read(&w, log->at, log->size);
    if (w.frames == 0)
        return SQLITE_OK;
    size = (size_t)w.pages * w.page;
    if (size > MOST)
        return SQLITE_CORRUPT;
    if (size > db->size) {
        unsigned char *more = sqlite3_realloc64(db->at, size);

        if (!more)
            return SQLITE_NOMEM;
        memset(more + db->size, 0, size - db->size);
        db->at = more;
    }
    db->size = size;
    for (size_t i = 0; i < w.frames; i++) {
        size_t at = (size_t)(wal_page(&w, i, &page) - 1) * w.page;

        if (at + w.page <= size)
            memcpy(db->at + at, page, w.page);
    }
    return SQLITE_OK;
}

/* A log that lies about without its file would be laid over the next file of that name. */
static bool check_absence(const char *log, const char *path, struct err *e)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    int there = 0, rc = vfs->xAccess(vfs, log, SQLITE_ACCESS_EXISTS, &there);

    if (rc != SQLITE_OK)
        return sql_fail(e, NULL, rc, "read", path);
    if (there)
        return err_set(e, ERR_IO, SQLITE_CORRUPT,
                       "cannot read %s: the file is gone, and its log (-wal) is still there; put "
                       "the file back, or move the log away too",
                       path);
    return true;
}

static bool check_header(const struct bytes *db, const char *path, uint32_t application,
                         uint32_t version, struct err *e)
{
    if (memcmp(db->at, "SQLite format 3", 16) != 0)
        return sql_fail(e, NULL, SQLITE_NOTADB, "read", path);
    if (big(db->at + 68) != application)
        return err_set(e, ERR_IO, SQLITE_NOTADB,
                       "cannot read %s: it is another program's database; move it away, or choose "
                       "another folder with --state",
                       path);
    if (big(db->at + 60) > version)
        return err_set(e, ERR_IO, SQLITE_SCHEMA,
                       "cannot read %s: a newer hvgpu wrote it (format %u, this one knows %u); use "
                       "that one",
                       path, (unsigned)big(db->at + 60), (unsigned)version);
    return true;
}

static int quick_check(sqlite3 *db)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &st, NULL);

    if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
        rc = strcmp((const char *)sqlite3_column_text(st, 0), "ok") == 0 ? SQLITE_OK
                                                                         : SQLITE_CORRUPT;
    sqlite3_finalize(st);
    return rc;
}

/* The copy is no longer a database with a log: bytes 18 and 19 say so. */
static bool open_copy(struct bytes *db, const char *path, sqlite3 **out, struct err *e)
{
    sqlite3 *copy = NULL;
    int rc = sqlite3_open_v2(":memory:", &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL);

    db->at[18] = db->at[19] = 1;
    if (rc == SQLITE_OK) {
        rc = sqlite3_deserialize(copy, "main", db->at, (sqlite3_int64)db->size,
                                 (sqlite3_int64)db->size,
                                 SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY);
        *db = (struct bytes){0}; /* SQLite's now, also when it failed */
    }
    if (rc == SQLITE_OK)
        rc = quick_check(copy);
    if (rc == SQLITE_OK) {
        *out = copy;
        return true;
    }
    sql_fail(e, copy, rc == SQLITE_ERROR ? SQLITE_CORRUPT : rc, "read", path);
    sqlite3_close(copy);
    return false;
}

static bool open_pair(const char *db_name, const char *wal_name, const char *path,
                      uint32_t application, uint32_t version, sqlite3 **out, struct err *e)
{
    struct bytes db = {0}, wal = {0};
    int rc = read_pair(db_name, wal_name, &db, &wal);
    bool ok;

    if (rc == SQLITE_OK && !db.exists) {
        ok = check_absence(wal_name, path, e);
    } else if (rc == SQLITE_OK && db.size < DB_HEADER) {
        ok = err_set(e, ERR_IO, SQLITE_CORRUPT,
                     "cannot read %s: the file is cut off (%zu bytes); restore it from a backup",
                     path, db.size);
    } else {
        if (rc == SQLITE_OK)
            rc = merge(&db, &wal);
        ok = rc == SQLITE_OK
                 ? check_header(&db, path, application, version, e) && open_copy(&db, path, out, e)
                 : sql_fail(e, NULL, rc, "read", path);
    }
    drop(&db);
    drop(&wal);
    return ok;
}

bool snapshot_open(const char *path, uint32_t application, uint32_t version, sqlite3 **out,
                   struct err *e)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    char *full = calloc(1, (size_t)vfs->mxPathname + 1), *log = NULL;
    int rc = full ? vfs->xFullPathname(vfs, path, vfs->mxPathname + 1, full) : SQLITE_NOMEM;
    bool ok;

    *out = NULL;
    if (rc == SQLITE_OK_SYMLINK)
        rc = SQLITE_OK;
    if (rc == SQLITE_OK && !(log = sqlite3_mprintf("%s-wal", full)))
        rc = SQLITE_NOMEM;
    ok = rc == SQLITE_OK ? open_pair(full, log, path, application, version, out, e)
                         : sql_fail(e, NULL, rc, "read", path);
    sqlite3_free(log);
    free(full);
    return ok;
}
