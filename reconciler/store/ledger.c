/*
 * The ledger on SQLite: opening, committing, closing.
 *
 * One folder for each world, with `ledger.db` and `lock`.  The lock file is
 * what keeps a second writer out; SQLite's own locks (exclusive mode: the
 * index of the log is in memory, no -shm file) only keep other programs out.
 *
 * A commit with `sync` is made with synchronous=FULL: the log is synced before
 * it returns, and with it every commit before.  One without is made with
 * synchronous=NORMAL: written whole, in order, not synced.  A process that is
 * killed loses neither; a power cut may lose the latter ones, never half of
 * one, and never one before another (checksums chain the log).
 *
 * After a commit that failed the store is lost: what a disk did with a write
 * that it refused cannot be known, so nothing more is promised.
 */
#include "store/inner.h"

#include "host/host.h"
#include "store/birth.h"
#include "store/rows.h"
#include "store/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE = 4096,
    CHECKPOINT_PAGES = 128, /* the log starts anew behind so many */
    COMMIT_PAGES = 32,      /* of the tables that any one commit may touch, beside its own bytes */
    RESERVE_MOST = 64 << 20
};

struct ledger_store {
    struct store base;
    struct arena arena;   /* names; lives as long as the store */
    struct arena scratch; /* values of one commit */
    const char *place;    /* the folder */
    const char *path;     /* NULL: there is no ledger yet, and nobody may make one */
    const char *identity; /* as the ledger has it; NULL: there is none yet */
    sqlite3 *db;
    struct rows *rows; /* NULL: read-only */
    struct host_lock *lock;
    bool full;       /* synchronous is FULL now, not NORMAL */
    bool riding;     /* a commit that was not synced is in the log */
    bool reserved;   /* the log was made longer than it needs to be */
    struct err lost; /* kind ERR_NONE: all is well */
};

static struct ledger_store *of(struct store *s)
{
    return (struct ledger_store *)s;
}

static bool ledger_read(struct store *base, struct arena *a, struct ledger *out, struct err *e)
{
    struct ledger_store *s = of(base);
    int rc;

    if (!s->db) {
        *out = (struct ledger){.lasting = true, .store_id = "", .next_group = 1};
        return true;
    }
    rc = rows_read(s->db, a, out);
    out->lasting = true;
    return rc == SQLITE_OK || sql_fail(e, s->db, rc, "read", s->path);
}

/* ---- commits ---- */

static int set_sync(struct ledger_store *s, bool full)
{
    int rc;

    if (s->full == full)
        return SQLITE_OK;
    rc = sql_run(s->db, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    if (rc == SQLITE_OK)
        s->full = full;
    return rc;
}

static void roll_back(struct ledger_store *s)
{
    if (!sqlite3_get_autocommit(s->db))
        (void)sql_run(s->db, "ROLLBACK");
}

/* A commit that changes nothing writes nothing, and would sync nothing either. */
static int touch(struct ledger_store *s)
{
    return sql_run(s->db, "UPDATE meta SET number = number + 1 WHERE key = 'syncs'");
}

static int commit_rows(struct ledger_store *s, const struct commit *c)
{
    int64_t changed = sqlite3_total_changes64(s->db);
    int rc = set_sync(s, c->sync);

    if (rc == SQLITE_OK)
        rc = sql_run(s->db, "BEGIN IMMEDIATE");
    for (size_t i = 0; rc == SQLITE_OK && i < c->change_count; i++)
        rc = rows_apply(s->rows, &s->scratch, &c->changes[i]);
    if (rc == SQLITE_OK && c->sync && s->riding && sqlite3_total_changes64(s->db) == changed)
        rc = touch(s);
    if (rc == SQLITE_OK)
        rc = sql_run(s->db, "COMMIT");
    return rc;
}

static bool check_writable(struct ledger_store *s, struct err *e)
{
    if (!s->rows)
        return err_set(e, ERR_BUG, 0, "the ledger was opened for reading only");
    if (s->lost.kind == ERR_NONE)
        return true;
    *e = s->lost;
    return err_wrap(e, "the ledger failed before");
}

static bool lose(struct ledger_store *s, int rc, const char *what, struct err *e)
{
    sql_fail(e, s->db, rc, what, s->path);
    roll_back(s);
    s->lost = *e;
    return false;
}

static bool ledger_commit(struct store *base, const struct commit *c, struct err *e)
{
    struct ledger_store *s = of(base);
    int rc;

    if (!check_writable(s, e))
        return false;
    rc = commit_rows(s, c);
    arena_reset(&s->scratch);
    if (rc != SQLITE_OK)
        return lose(s, rc, "write", e);
    s->riding = !c->sync;
    return true;
}

static bool ledger_epoch(struct store *base, uint64_t *out, struct err *e)
{
    struct ledger_store *s = of(base);
    int64_t epoch = 0;
    int rc;

    if (!check_writable(s, e))
        return false;
    rc = set_sync(s, true);
    if (rc == SQLITE_OK)
        rc = sql_run(s->db, "UPDATE meta SET number = number + 1 WHERE key = 'epoch'");
    if (rc == SQLITE_OK)
        rc = sql_number(s->db, "SELECT number FROM meta WHERE key = 'epoch'", &epoch);
    if (rc != SQLITE_OK)
        return lose(s, rc, "write", e);
    *out = (uint64_t)epoch;
    return true;
}

/* ---- space ---- */

static int log_bytes(struct ledger_store *s, sqlite3_int64 *out)
{
    sqlite3_file *f = NULL;
    int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&f);

    *out = 0;
    if (rc == SQLITE_OK && f && f->pMethods)
        rc = f->pMethods->xFileSize(f, out);
    return rc;
}

static int start_log_anew(struct ledger_store *s)
{
    return sqlite3_wal_checkpoint_v2(s->db, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
}

/*
 * Pages are written into the log and into the file, and are free again
 * afterwards: later commits overwrite the log from its beginning and take
 * free pages of the file, and neither has to grow.
 */
static int grow(struct ledger_store *s, int64_t bytes)
{
    sqlite3_stmt *st = NULL;
    int rc = set_sync(s, true);

    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(s->db, "INSERT INTO ballast VALUES (zeroblob(?1))", -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc =
            bind_run(&(struct bind){.st = st, .column = 0, .rc = sqlite3_bind_int64(st, 1, bytes)});
    sqlite3_finalize(st);
    if (rc == SQLITE_OK)
        rc = sql_run(s->db, "DELETE FROM ballast");
    if (rc == SQLITE_OK)
        rc = start_log_anew(s);
    return rc;
}

static bool ledger_reserve(struct store *base, size_t bytes, struct err *e)
{
    struct ledger_store *s = of(base);
    int64_t free_pages = 0, pages, log, needed;
    sqlite3_int64 have = 0;
    int rc;

    if (!check_writable(s, e))
        return false;
    if (bytes > RESERVE_MOST)
        bytes = RESERVE_MOST;
    pages = (int64_t)(bytes / PAGE) * 2 + COMMIT_PAGES;
    log = pages + COMMIT_PAGES + CHECKPOINT_PAGES;
    rc = sql_number(s->db, "PRAGMA freelist_count", &free_pages);
    if (rc == SQLITE_OK)
        rc = log_bytes(s, &have);
    needed = have >= log * PAGE && free_pages >= pages ? 0 : log * PAGE;
    if (rc == SQLITE_OK && needed > 0)
        rc = grow(s, needed);
    if (rc == SQLITE_OK) {
        s->reserved = true;
        return true;
    }
    sql_fail(e, s->db, rc, "reserve space in", s->path);
    roll_back(s);
    return false; /* nothing was promised: what was committed stands */
}

/* ---- opening and closing ---- */

/* While something is owed the log keeps its length, so that a full disk cannot keep it owed. */
static void let_go_of_log(struct ledger_store *s)
{
    int64_t owed = 1;
    int keep;

    if (sql_number(s->db, "SELECT (SELECT count(*) FROM grp) + (SELECT count(*) FROM debt)",
                   &owed) != SQLITE_OK)
        owed = 1;
    keep = owed > 0;
    (void)sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
}

static void ledger_close(struct store *base)
{
    struct ledger_store *s = of(base);

    if (s->rows)
        let_go_of_log(s);
    rows_close(s->rows);
    sqlite3_close(s->db);
    host_lock_release(s->lock);
    arena_release(&s->scratch);
    arena_release(&s->arena);
    free(s);
}

static const struct store_ops LEDGER_OPS = {ledger_read, ledger_commit, ledger_reserve,
                                            ledger_epoch, ledger_close};

/* `identity` NULL: whichever world it is of. */
static bool read_id(struct ledger_store *s, const char *identity, struct err *e)
{
    static const char SQL[] = "SELECT (SELECT text FROM meta WHERE key = 'store_id'),"
                              " (SELECT text FROM meta WHERE key = 'identity')";
    struct row r = {.arena = &s->arena};
    const char *id = NULL, *of_world = NULL;
    int rc = sqlite3_prepare_v2(s->db, SQL, -1, &r.st, NULL);

    if (rc == SQLITE_OK && (rc = sqlite3_step(r.st)) == SQLITE_ROW) {
        id = row_text(&r);
        of_world = row_text(&r);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(r.st);
    if (rc == SQLITE_OK && (!id || !of_world || r.bad))
        rc = SQLITE_CORRUPT;
    if (rc != SQLITE_OK)
        return sql_fail(e, s->db, rc == SQLITE_ERROR ? SQLITE_CORRUPT : rc, "read", s->path);
    s->identity = of_world;
    if (identity && strcmp(of_world, identity) != 0)
        return err_set(e, ERR_IO, 0,
                       "%s is the ledger of another world (%s, not %s); choose another folder with "
                       "--state",
                       s->path, of_world, identity);
    s->base.id = id;
    return true;
}

/* Everything that can be wrong with the file, found without touching it. */
static bool look_first(struct ledger_store *s, const char *identity, bool *exists, struct err *e)
{
    if (!snapshot_open(s->path, APPLICATION_ID, SCHEMA_VERSION, &s->db, e))
        return false;
    *exists = s->db != NULL;
    return !s->db || read_id(s, identity, e);
}

static int prepare_connection(struct ledger_store *s)
{
    static const char *const SETTINGS[] = {
        "PRAGMA locking_mode = EXCLUSIVE", /* before the log is opened: its index is in memory */
        "PRAGMA journal_mode = WAL",       "PRAGMA synchronous = FULL",
        "PRAGMA secure_delete = OFF", /* a free page is not written */
        "PRAGMA trusted_schema = OFF",     "PRAGMA temp_store = MEMORY",
    };
    int rc = SQLITE_OK, keep = 1;

    for (size_t i = 0; rc == SQLITE_OK && i < sizeof SETTINGS / sizeof *SETTINGS; i++)
        rc = sql_run(s->db, SETTINGS[i]);
    s->full = true;
    if (rc == SQLITE_OK)
        rc = sqlite3_wal_autocheckpoint(s->db, CHECKPOINT_PAGES);
    (void)sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    return rc;
}

/* Who opened it last; also proves, before anything in the world is touched, that it can be written.
 */
static int sign(struct ledger_store *s, int64_t now_ms)
{
    sqlite3_stmt *st = NULL;
    struct bind b;
    int64_t format = SCHEMA_VERSION;
    int rc = sql_run(s->db, "BEGIN IMMEDIATE; DELETE FROM ballast");

    if (rc == SQLITE_OK)
        rc = sql_number(s->db, "PRAGMA user_version", &format);
    if (rc == SQLITE_OK && format == 1)
        rc = sql_run(s->db, ROWS_FROM_1);
    if (rc == SQLITE_OK && format <= 2)
        rc = sql_run(s->db, ROWS_FROM_2);
    if (rc == SQLITE_OK && format <= 3)
        rc = sql_run(s->db, ROWS_FROM_3);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(
            s->db, "UPDATE meta SET text = ?1, number = ?2 WHERE key = 'opened'", -1, &st, NULL);
    b = (struct bind){.st = st};
    if (rc == SQLITE_OK) {
        bind_text(&b, host_name(&s->scratch));
        bind_i64(&b, now_ms);
        rc = bind_run(&b);
    }
    sqlite3_finalize(st);
    if (rc == SQLITE_OK)
        rc = sql_run(s->db, "COMMIT");
    if (rc == SQLITE_OK)
        rc = start_log_anew(s);
    return rc;
}

static bool open_for_writing(struct ledger_store *s, int64_t now_ms, struct err *e)
{
    int rc;

    sqlite3_close(s->db); /* the copy that was looked at */
    s->db = NULL;
    rc = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_extended_result_codes(s->db, 1);
    if (rc == SQLITE_OK && sqlite3_db_readonly(s->db, "main") == 1)
        rc = SQLITE_READONLY;
    if (rc == SQLITE_OK)
        rc = prepare_connection(s);
    if (rc == SQLITE_OK)
        rc = sign(s, now_ms);
    if (rc == SQLITE_OK)
        rc = rows_open(s->db, &s->rows);
    arena_reset(&s->scratch);
    return rc == SQLITE_OK || sql_fail(e, s->db, rc, "open", s->path);
}

static bool open_writer(struct ledger_store *s, const char *folder, const char *identity,
                        int64_t now_ms, struct err *e)
{
    bool exists = false;

    if (!host_make_folder(folder, e))
        return err_wrap(e, "the ledger of %s", identity);
    if (host_is_remote(folder))
        return err_set(e, ERR_IO, 0,
                       "the ledger of %s cannot be kept in %s: a network drive does not keep locks "
                       "and promises; choose a local folder with --state",
                       identity, folder);
    if (!host_lock_take(host_join(&s->arena, folder, "lock"), place_note(&s->scratch, now_ms),
                        &s->lock, e))
        return err_wrap(e, "the ledger of %s", identity);
    if (!look_first(s, identity, &exists, e))
        return false;
    if (!exists &&
        (!birth_write(s->path, identity, now_ms, e) || !look_first(s, identity, &exists, e)))
        return false;
    return open_for_writing(s, now_ms, e);
}

static bool open_reader(struct ledger_store *s, const char *identity, struct err *e)
{
    bool exists = false;

    s->base.id = "";
    return look_first(s, identity, &exists, e);
}

static struct ledger_store *ledger_new(const char *folder, const char *place)
{
    struct ledger_store *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->base.ops = &LEDGER_OPS;
    arena_init(&s->arena, 0);
    arena_init(&s->scratch, 0);
    s->place = host_join(&s->arena, folder, place);
    s->path = host_join(&s->arena, s->place, "ledger.db");
    return s;
}

bool store_open(const char *folder, const char *identity, bool write, int64_t now_ms,
                struct store **out, struct err *e)
{
    struct arena name;
    struct ledger_store *s;

    arena_init(&name, 0);
    s = ledger_new(folder, place_name(&name, identity));
    arena_release(&name);
    if (!s)
        return err_set(e, ERR_IO, 0, "the machine has no memory left");
    if (write ? open_writer(s, s->place, identity, now_ms, e) : open_reader(s, identity, e)) {
        *out = &s->base;
        return true;
    }
    ledger_close(&s->base);
    return false;
}

bool store_open_place(const char *folder, const char *place, const char **identity,
                      struct store **out, struct err *e)
{
    struct ledger_store *s = ledger_new(folder, place);

    if (!s)
        return err_set(e, ERR_IO, 0, "the machine has no memory left");
    if (!open_reader(s, NULL, e)) {
        ledger_close(&s->base);
        return false;
    }
    *identity = s->identity;
    *out = &s->base;
    return true;
}

int store_format(void)
{
    return SCHEMA_VERSION;
}

const char *store_library(void)
{
    return sqlite3_libversion();
}
