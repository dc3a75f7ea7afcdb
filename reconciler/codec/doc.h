/*
 * The one reader of every document: spec, world, snapshot, plan file.
 *
 * A pull reader over libyaml's events (JSON is its subset): no tree in memory.
 * Positions, ceilings (base/limits.h), encodings (UTF-8 and UTF-16, BOM, CRLF),
 * duplicate keys, aliases, NUL bytes and "YAML that does not bite" are its
 * business; what the values mean is the caller's.  Scalars are given as
 * written, so that 22:00, no and 0x10 are never something else.
 *
 * Aliases and anchors: refused with a finding (an unquoted pattern such as
 * *-pay becomes one; the finding says to quote it).  Merge keys, tags other
 * than the default ones and complex keys are refused as well.
 */
#ifndef CODEC_DOC_H
#define CODEC_DOC_H

#include "base/finding.h"
#include "base/num.h"

#include <stddef.h>

enum doc_kind { DOC_NONE, DOC_SCALAR, DOC_MAP, DOC_LIST };

/* A scalar, with how it was written. */
struct doc_scalar {
    const char *text; /* in the arena */
    struct span at;
    bool plain; /* neither quoted nor a block */
    bool double_quoted;
    bool null; /* plain and empty, ~ or null */
};

struct doc; /* a reader at a place in a document */

/* `file` is only for places.  Never NULL: what is wrong is found while reading. */
struct doc *doc_open(struct arena *a, const char *file, const char *text, size_t size,
                     struct findings *found);
void doc_close(struct doc *d);
const char *doc_library(void); /* version of libyaml: "0.2.5" */

/* Goes to the next document of the stream; false at its end or after broken syntax. */
bool doc_next(struct doc *d);
bool doc_broken(const struct doc *d); /* the syntax is broken: nothing more can be read */

/*
 * At a value: what it is and where.  A value is consumed by exactly one of
 * doc_scalar(), doc_map(), doc_list() and doc_skip(); with the wrong kind the
 * call adds a finding ("expected a list, found a text"), skips the value and
 * returns false.  `what` names the value in that finding: "partitions".
 */
enum doc_kind doc_peek(struct doc *d, struct span *at);
bool doc_scalar(struct doc *d, const char *what, struct doc_scalar *out);
bool doc_map(struct doc *d, const char *what);  /* then doc_key() until false */
bool doc_list(struct doc *d, const char *what); /* then doc_item() until false */
bool doc_key(struct doc *d, struct doc_scalar *out);
bool doc_item(struct doc *d);
void doc_skip(struct doc *d);
/* Is the value a scalar of just this text?  Consumes nothing. */
bool doc_ahead(struct doc *d, const char *text);
/* The text of the scalar that comes; NULL: it is no scalar.  Consumes nothing. */
const char *doc_ahead_text(struct doc *d);

/*
 * A reader of no document: each doc_give() puts it before one scalar that was
 * read elsewhere, with its place there.
 */
struct doc *doc_open_empty(struct arena *a, struct findings *found);
void doc_give(struct doc *d, const struct doc_scalar *s);

/*
 * A finding of the document: an error with this code at this place (NULL: where the
 * reader is).  `next` is what codes.def says; set it where there is something better.
 */
struct finding *doc_error(struct doc *d, const struct span *at, const char *code, const char *fmt,
                          ...) PRINTF_LIKE(4, 5);
struct finding *doc_warn(struct doc *d, const struct span *at, const char *code, const char *fmt,
                         ...) PRINTF_LIKE(4, 5);
/* "unknown key `partitons`", with the nearest of `known` and of the field's false friends. */
void doc_unknown_key(struct doc *d, const struct doc_scalar *key, const char *const *known,
                     size_t count);
struct arena *doc_arena(struct doc *d);

/*
 * Typed values: consume one scalar, with findings of their own (wrong type,
 * unit, range; GB and MB; a path in double quotes; ` #` that cut a text).
 * They return false, and leave `out` alone, when it is not one.
 */
bool doc_text(struct doc *d, const char *what,
              struct doc_scalar *out); /* not empty, <= LIMIT_NAME */
/* A label: a text, with a warning when other readers of YAML would take it for something else. */
bool doc_label(struct doc *d, const char *what, struct doc_scalar *out);
/* Vendor and device: "10de:25b6", given in lower case.  Knows VEN_10DE&DEV_25B6 and says the fix.
 */
bool doc_pci(struct doc *d, const char *what, const char **out, struct span *at);
bool doc_u64(struct doc *d, const char *what, uint64_t min, uint64_t max, uint64_t *out,
             struct span *at);
bool doc_bool(struct doc *d, const char *what, bool *out, struct span *at); /* true | false only */
bool doc_bytes(struct doc *d, const char *what, uint64_t *out,
               struct span *at); /* 3648 MiB, 1 GiB, 939524096 */
bool doc_duration(struct doc *d, const char *what, int64_t *out_ms, struct span *at);
bool doc_time(struct doc *d, const char *what, int64_t *out_ms, struct span *at);
/* One of `words` (NULL-terminated): its index. */
bool doc_word(struct doc *d, const char *what, const char *const *words, int *out, struct span *at);
/* For worlds: `unknown` is a value of its own. */
bool doc_num_or_unknown(struct doc *d, const char *what, struct num *out);
bool doc_bytes_or_unknown(struct doc *d, const char *what, struct num *out);
bool doc_tri(struct doc *d, const char *what, enum tri *out);

#endif
