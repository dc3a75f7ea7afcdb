/*
 * SQLite in our terms: statements with their values in order, rows read
 * strictly, and its errors as ours, each with the next step.  All SQL text is
 * constant; input is bound, never pasted.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/num.h"

#include <sqlite3.h>
#include <stddef.h>

/* "cannot <what> <path>: <why>; <next step>".  Always false. */
bool sql_fail(struct err *e, sqlite3 *db, int rc, const char *what, const char *path);

/* Runs constant SQL that returns nothing that matters. */
int sql_run(sqlite3 *db, const char *sql);
/* The one number that `sql` gives. */
int sql_number(sqlite3 *db, const char *sql, int64_t *out);

/* Values bound one after the other. */
struct bind {
    sqlite3_stmt *st;
    int column, rc;
};

void bind_i64(struct bind *b, int64_t v);
void bind_u64(struct bind *b, uint64_t v);     /* the same 64 bits, as SQLite's signed number */
void bind_num(struct bind *b, struct num n);   /* unknown: NULL */
void bind_text(struct bind *b, const char *s); /* NULL: NULL; must outlive the step */
/* Runs it to its end and makes it ready for the next values. */
int bind_run(struct bind *b);

/* Columns read one after the other; what has another type than expected makes it `bad`. */
struct row {
    sqlite3_stmt *st;
    struct arena *arena;
    int column;
    bool bad;
};

int64_t row_i64(struct row *r);
int64_t row_within(struct row *r, int64_t least, int64_t most);
uint64_t row_u64(struct row *r);
bool row_bool(struct row *r);
struct num row_num(struct row *r);
const char *row_text(struct row *r);                                 /* NULL for NULL */
int row_word(struct row *r, const char *const *words, size_t count); /* index of the text */

#endif
