/*
 * The tables of the ledger (specs/protocol.md) and their rows: written change
 * by change, read whole.
 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "model/ledger.h"
#include "store/sql.h"

enum {
    SCHEMA_VERSION = 4,
    APPLICATION_ID = 0x48564750 /* "HVGP", at byte 68 of the file */
};

/* The tables, empty; constant text. */
extern const char ROWS_SCHEMA[];
/* Each makes a ledger of that format one of the next; in a transaction. */
extern const char ROWS_FROM_1[], ROWS_FROM_2[], ROWS_FROM_3[];

struct rows;

/* Statements that write; `a` is used for their values and may be reset between commits. */
int rows_open(sqlite3 *db, struct rows **out);
void rows_close(struct rows *w);
/* What ledger_apply() does, as rows.  Returns a result code of SQLite. */
int rows_apply(struct rows *w, struct arena *a, const struct ledger_change *c);

/* The whole ledger; SQLITE_CORRUPT when a row is none that rows_apply() wrote. */
int rows_read(sqlite3 *db, struct arena *a, struct ledger *out);

#endif
