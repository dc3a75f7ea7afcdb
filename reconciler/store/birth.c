#include "store/birth.h"

#include "host/host.h"
#include "store/rows.h"

#include <inttypes.h>
#include <stdio.h>

static int put_meta(sqlite3 *db, const char *key, const char *text, int64_t number)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db, "INSERT INTO meta VALUES (?1, ?2, ?3)", -1, &st, NULL);
    struct bind b = {.st = st};

    if (rc == SQLITE_OK) {
        bind_text(&b, key);
        bind_text(&b, text);
        bind_i64(&b, number);
        rc = bind_run(&b);
    }
    sqlite3_finalize(st);
    return rc;
}

static int fill(sqlite3 *db, const char *identity, int64_t now_ms)
{
    static const char SETTINGS[] = "PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE;";
    char head[96], id[24];
    uint64_t random;
    int rc = sql_run(db, SETTINGS);

    /* The one place where two stores are told apart for ever, so the one with chance in it. */
    sqlite3_randomness(sizeof random, &random);
    snprintf(id, sizeof id, "s-%016" PRIx64, random);
    snprintf(head, sizeof head, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             APPLICATION_ID, SCHEMA_VERSION);
    if (rc == SQLITE_OK)
        rc = sql_run(db, head);
    if (rc == SQLITE_OK)
        rc = sql_run(db, ROWS_SCHEMA);
    if (rc == SQLITE_OK)
        rc = put_meta(db, "schema", NULL, SCHEMA_VERSION);
    if (rc == SQLITE_OK)
        rc = put_meta(db, "store_id", id, 0);
    if (rc == SQLITE_OK)
        rc = put_meta(db, "identity", identity, 0);
    if (rc == SQLITE_OK)
        rc = put_meta(db, "made", NULL, now_ms);
    if (rc == SQLITE_OK)
        rc = put_meta(db, "opened", NULL, now_ms);
    if (rc == SQLITE_OK)
        rc = put_meta(db, "epoch", NULL, 0);
    if (rc == SQLITE_OK)
        rc = put_meta(db, "next_group", NULL, 1); /* 0 means "no group" in a debt */
    if (rc == SQLITE_OK)
        rc = put_meta(db, "syncs", NULL, 0);
    return rc;
}

bool birth_write(const char *path, const char *identity, int64_t now_ms, struct err *e)
{
    sqlite3 *db = NULL;
    unsigned char *bytes = NULL;
    sqlite3_int64 size = 0;
    int rc = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL);
    bool ok;

    if (rc == SQLITE_OK)
        rc = fill(db, identity, now_ms);
    if (rc == SQLITE_OK && !(bytes = sqlite3_serialize(db, "main", &size, 0)))
        rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK) {
        bytes[18] = bytes[19] = 2; /* a database with a log from its first day (fileformat2 1.3) */
        ok = host_write_file(path, (const char *)bytes, (size_t)size, e);
    } else {
        ok = sql_fail(e, db, rc, "make", path);
    }
    sqlite3_free(bytes);
    sqlite3_close(db);
    return ok;
}
