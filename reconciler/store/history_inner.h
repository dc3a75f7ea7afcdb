/* What the files of the history share.  Nobody else includes this. */
#ifndef STORE_HISTORY_INNER_H
#define STORE_HISTORY_INNER_H

#include "store/history.h"
#include "store/sql.h"

struct history {
    struct arena arena;
    const char *path;
    sqlite3 *db; /* NULL: there is none yet, and nobody may make one */
    bool write;
};

/* "cannot WHAT PATH: ..."; always false. */
bool history_fail(struct history *h, int rc, const char *what, struct err *e);
bool history_may_write(struct history *h, struct err *e);
/* A statement of constant SQL, whose values are bound one after the other. */
int history_use(struct history *h, const char *sql, struct bind *b);
/* Runs it to its end and gives it back. */
int history_finish(struct bind *b);
/* Commits, or rolls back when `rc` says that something failed. */
int history_end_work(struct history *h, int rc);

#endif
