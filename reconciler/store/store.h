/*
 * What must survive a death: the ledger of one cluster, and the lock of its
 * writer.  Two stores stand behind one interface: SQLite, and a twin in
 * memory for --sim and for the laws.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "model/ledger.h"

struct store;

/*
 * Opens (or makes) the ledger of the world `identity` under `folder`.
 * Read-only when `write` is false: then nothing is created or changed, and a
 * ledger that does not exist is an empty one.  Refuses before anything is
 * touched: locked (ERR_LOCKED: by whom, since when), read-only, full,
 * corrupt, of a newer version (ERR_IO with the next step).
 */
bool store_open(const char *folder, const char *identity, bool write, int64_t now_ms,
                struct store **out, struct err *e) MUST_CHECK;
/* "hv-rack-07-4f1c9a30b2d65e88": readable, safe on every file system, one for each identity. */
const char *place_name(struct arena *a, const char *identity);
/* The places under `folder` that hold a ledger, by name: which worlds were ever worked on. */
bool store_places(struct arena *a, const char *folder, const char ***out, size_t *count,
                  struct err *e) MUST_CHECK;
/* The ledger in one of them, read-only; `identity`, of its world, lives as long as the store. */
bool store_open_place(const char *folder, const char *place, const char **identity,
                      struct store **out, struct err *e) MUST_CHECK;
void store_open_memory(const struct ledger *initial, struct store **out);
void store_close(struct store *s);

/* The ledger as it is, copied into `a`. */
bool store_ledger(struct store *s, struct arena *a, struct ledger *out, struct err *e) MUST_CHECK;
/* All of it or nothing; with c->sync it is on disk when this returns. */
bool store_commit(struct store *s, const struct commit *c, struct err *e) MUST_CHECK;
/* Makes sure that a commit which opens groups cannot fail for want of space later. */
bool store_reserve(struct store *s, size_t bytes, struct err *e) MUST_CHECK;
/* Next epoch of this store's writer; durable. */
bool store_epoch(struct store *s, uint64_t *out, struct err *e) MUST_CHECK;
const char *store_id(const struct store *s);

int store_format(void);          /* of the ledgers that this program writes */
const char *store_library(void); /* version of SQLite: "3.40.1" */

#endif
