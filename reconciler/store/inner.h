/* What the files of store/ share; nobody else includes it. */
#ifndef STORE_INNER_H
#define STORE_INNER_H

#include "store/store.h"

/* The two stores behind store.h: ledger.c on SQLite, memory.c its twin. */
struct store_ops {
    bool (*ledger)(struct store *s, struct arena *a, struct ledger *out, struct err *e);
    bool (*commit)(struct store *s, const struct commit *c, struct err *e);
    bool (*reserve)(struct store *s, size_t bytes, struct err *e);
    bool (*epoch)(struct store *s, uint64_t *out, struct err *e);
    void (*close)(struct store *s);
};

struct store {
    const struct store_ops *ops;
    const char *id;
};

/* Who holds the lock, for people: "process 4711 on adm01 since 2026-11-20T05:40:00Z". */
const char *place_note(struct arena *a, int64_t now_ms);

#endif
