/* A place in a document: what every finding, change and step points at. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdint.h>

struct span {
    const char *file; /* as the user named it; NULL: no place */
    uint32_t line;    /* from 1 */
    uint32_t column;  /* from 1, in characters */
};

/* By file, line, column. */
int span_cmp(const struct span *a, const struct span *b);

#endif
