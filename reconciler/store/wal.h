/* The write-ahead log's format, for reading: sqlite.org/fileformat2.html section 4. */
#ifndef STORE_WAL_H
#define STORE_WAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WAL_HEADER = 32, WAL_FRAME_HEADER = 24 };

struct wal {
    const unsigned char *bytes;
    size_t page;    /* bytes of a page */
    size_t frames;  /* that belong to commits; 0: the log says nothing */
    uint32_t pages; /* of the database after the last commit */
};

/* Finds the last commit; frames behind it, torn ones and those of an earlier round are not
 * counted. */
void wal_read(struct wal *w, const void *bytes, size_t size);
/* The page that frame `i` holds (from 1), and its bytes. */
uint32_t wal_page(const struct wal *w, size_t i, const unsigned char **bytes);

#endif
