/*
 * Typed values as one line of text: how images, limits and lists of ids stand
 * in a column of the ledger.  Readable with any SQLite tool, and strict: what
 * pack_*() did not write, unpack_*() refuses.
 *
 *   number  decimal digits        unknown number  ?
 *   text    LENGTH:BYTES          no text         ~
 *
 * each followed by one space.  The order of values is the schema: it changes
 * only together with SCHEMA_VERSION.
 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include "base/str.h"
#include "model/ledger.h"

void pack_u64(struct text *t, uint64_t v);
void pack_num(struct text *t, struct num n);
void pack_text(struct text *t, const char *s); /* NULL: none */
void pack_limits(struct text *t, const struct limits *l);
void pack_image(struct text *t, const struct image *i);

/* After the first value that is not as expected `bad` stays set, and zeros are read. */
struct unpack {
    struct arena *arena;
    const char *at, *end;
    bool bad;
};

void unpack_init(struct unpack *u, struct arena *a, const char *s, size_t size);
uint64_t unpack_u64(struct unpack *u, uint64_t most);
struct num unpack_num(struct unpack *u);
const char *unpack_text(struct unpack *u);
void unpack_limits(struct unpack *u, struct limits *out);
void unpack_image(struct unpack *u, struct image *out);
/* The number of rows that follow; never more than the bytes that are left could hold. */
size_t unpack_count(struct unpack *u);
/* Nothing is left, and nothing was wrong. */
bool unpack_end(const struct unpack *u);

#endif
