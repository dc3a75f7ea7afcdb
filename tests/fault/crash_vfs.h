/*
 * A disk in memory for SQLite, which can fail and lose power.
 *
 * It holds the file of one database and its log.  What is written is visible
 * at once and on the platter after a sync; between the two, a power cut may
 * keep, drop or tear each write.  Everything that is done to it can be
 * recorded, and every image that a power cut could have left be made from the
 * record.  Only what SQLite does in exclusive locking mode with a write-ahead
 * log is supported: no shared memory, no rollback journal.
 */
#ifndef TESTS_FAULT_CRASH_VFS_H
#define TESTS_FAULT_CRASH_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DISK_DB, DISK_WAL, DISK_FILES };

struct disk_file {
    unsigned char *bytes;
    size_t size, room;
    bool exists;
};

struct disk_image {
    struct disk_file files[DISK_FILES];
};

/* Becomes SQLite's default; a file that it has not seen yet is read from the real disk. */
void disk_install(void);
void disk_remove(void);
/* Makes its files those of `image`, copied; NULL: none known. */
void disk_load(const struct disk_image *image);
/* Its files as they are now; to be freed. */
void disk_take(struct disk_image *out);
void image_free(struct disk_image *image);
/* Do both hold the same bytes?  By hash. */
uint64_t image_hash(const struct disk_image *image);

/* ---- failing ---- */

enum disk_fault {
    DISK_WELL,
    DISK_FULL,       /* from then on: what makes a file longer fails */
    DISK_ERROR_ONCE, /* one write or sync fails, half done */
    DISK_ERROR       /* from then on all of them */
};
/* Begins with the n-th write, truncation or sync from now (the first is 0). */
void disk_fail(enum disk_fault fault, size_t n);
/* Writes, truncations and syncs since disk_fail(). */
size_t disk_changes(void);
/* How often the fault was felt. */
size_t disk_faults(void);

/* ---- recording ---- */

enum disk_op_kind { OP_WRITE, OP_TRUNCATE, OP_SYNC, OP_DELETE, OP_MARK };

struct disk_op {
    enum disk_op_kind kind;
    int file;
    size_t offset, size; /* TRUNCATE: size */
    unsigned char *bytes;
    int mark, value; /* MARK: what the test wants to remember */
};

struct disk_record {
    struct disk_image start; /* all of it on the platter */
    struct disk_op *ops;
    size_t count, room;
};

void disk_record_begin(struct disk_record *r);
void disk_record_end(void);
void disk_mark(int mark, int value);
void record_free(struct disk_record *r);

/*
 * Calls `each` with the images that a power cut within the record could have
 * left, doubles removed: at every instant, unsynced writes dropped, kept, kept
 * up to one that is torn, or kept in a chosen few of their combinations.
 * `op` is the number of ops that had been begun.  With `stride` only every n-th
 * write is an instant (and all else is).  With `lying` a sync does nothing.
 * Returns the number of images.
 */
size_t record_images(const struct disk_record *r, uint64_t seed, size_t stride, bool lying,
                     void (*each)(void *context, const struct disk_image *image, size_t op),
                     void *context);

#endif
