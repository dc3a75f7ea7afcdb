/*
 * A struct as a table of its fields, so that one table is the writer, the
 * strict reader and the schema of a document.  Every key of a map must be
 * there, in any order, and no other; what can be missing is null.
 */
#ifndef CODEC_SHAPE_H
#define CODEC_SHAPE_H

#include "base/err.h"
#include "codec/doc.h"
#include "codec/json.h"

enum shape_kind {
    SHAPE_TEXT,  /* const char *; NULL: null */
    SHAPE_BOOL,  /* bool */
    SHAPE_U32,   /* uint32_t; UINT32_MAX: null */
    SHAPE_SIZE,  /* size_t */
    SHAPE_U64,   /* uint64_t, as a decimal string */
    SHAPE_NUM,   /* struct num, as a decimal string; unknown: null */
    SHAPE_MS,    /* int64_t, milliseconds of a duration */
    SHAPE_TIME,  /* int64_t, a point in time as text; WHEN_NONE: null */
    SHAPE_WORD,  /* an enum, as one of `words` */
    SHAPE_FLAGS, /* uint32_t, bits of `words` as a list */
    SHAPE_MAP,   /* struct in place, of `shape` */
    SHAPE_TEXTS, /* const char **, and a size_t at `count` */
    SHAPE_U32S,  /* uint32_t *, and a size_t at `count` */
    SHAPE_MAPS   /* pointer to structs of `shape`, and a size_t at `count` */
};

struct shape;

struct shape_field {
    const char *key;
    enum shape_kind kind;
    size_t offset, count;                 /* of the value, and of its number */
    const char *(*words)(unsigned index); /* NULL behind the last */
    const struct shape *shape;
    uint32_t repeat;  /* MAPS and NUM: a fixed array of so many in place; 0: a pointer */
    const char *text; /* what it means: the schema's description */
};

struct shape {
    const char *name; /* for findings and the schema's $defs */
    size_t size;
    const struct shape_field *fields;
    size_t count;
};

void shape_write(struct json *j, const struct shape *s, const void *from);
/* At a value of `d`.  False when anything was wrong: findings are in the document. */
bool shape_read(struct doc *d, const struct shape *s, void *to) MUST_CHECK;
/* The schema of one shape, as a map; maps inside it are written in place. */
void shape_schema(struct json *j, const struct shape *s);

#endif
