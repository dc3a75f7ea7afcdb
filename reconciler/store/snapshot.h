/*
 * A database as its last commit left it, read without a lock and without
 * changing or creating a byte, also while a writer is at work and after one
 * has died.
 *
 * SQLite's own read-only mode creates a -shm file, or refuses where it may
 * not.  So the file and its write-ahead log are read as bytes, the log's
 * committed frames are laid over the file (sqlite.org/fileformat2.html
 * section 4), and the result is opened in memory.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "base/err.h"

#include <sqlite3.h>
#include <stdbool.h>

/*
 * Read-only connection to the copy in `out`; NULL when there is no such file.
 * The header is checked for what no reader can go on from (not a database,
 * cut off, another program's, newer than ours), the content by quick_check.
 */
bool snapshot_open(const char *path, uint32_t application, uint32_t version, sqlite3 **out,
                   struct err *e) MUST_CHECK;

#endif
