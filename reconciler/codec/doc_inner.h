/* What the files of the document reader share; nobody else includes it. */
#ifndef CODEC_DOC_INNER_H
#define CODEC_DOC_INNER_H

#include "base/limits.h"
#include "base/str.h"
#include "codec/doc.h"

#include <sodium.h>
#include <yaml.h>

/* The event that is read and not yet consumed. */
enum look {
    LOOK_NOTHING,
    LOOK_SCALAR,
    LOOK_REFUSED, /* a value with a finding of its own: an alias, a text that is too long */
    LOOK_MAP,
    LOOK_LIST,
    LOOK_MAP_END,
    LOOK_LIST_END,
    LOOK_DOCUMENT,
    LOOK_DOCUMENT_END,
    LOOK_END /* of the stream, or nothing more can be read */
};

/* A key: its text is shared by all that are equal and were met lately. */
struct doc_name {
    const char *text;
    uint64_t head; /* its first bytes, or all of up to eight: what differs, differs here */
    uint32_t size;
};

/* A key of a map that is open. */
struct doc_seen {
    struct doc_name name;
    uint32_t line, column;
};

/* A map or list that is open; the first frame is the document. */
struct doc_frame {
    enum look kind;
    bool pending;    /* a key or an item was given, its value is not consumed */
    uint32_t base;   /* of the keys seen in this map */
    uint64_t met;    /* one bit for each of them, by its first bytes */
    uint32_t *slots; /* hash table of a large map: number of a key from base, plus 1 */
    uint32_t room;   /* of slots */
    uint32_t size;   /* part of it that is in use, a power of two; 0: no table */
};

enum { DOC_CACHE = 256 };

struct doc {
    struct arena *arena;
    struct findings *found;
    const char *file;
    const char *text; /* UTF-8 without a byte order mark */
    size_t size;
    bool ascii;       /* characters are bytes */
    bool comments;    /* " #" occurs somewhere */
    bool odd_escapes; /* an escape that makes its text longer may occur somewhere */

    yaml_parser_t parser;
    bool parser_live, started, ended, broken, starved;
    size_t fed, fed_at_event; /* bytes given to libyaml, now and at the last event */
    yaml_mark_t event_end;    /* of the last event */
    yaml_event_t event;
    enum look look;
    uint32_t nest; /* as libyaml sees it */
    uint32_t documents;

    struct doc_frame frames[LIMIT_DOC_DEPTH + 1];
    uint32_t depth;
    struct doc_seen *seen;
    size_t seen_count, seen_room;
    unsigned char hash_key[crypto_shorthash_KEYBYTES];
    bool hash_ready;

    char *pool; /* where small texts are packed */
    size_t pool_left;
    struct doc_name keys[DOC_CACHE], values[DOC_CACHE]; /* they repeat: one copy is enough */

    size_t last_start, last_end;  /* the last scalar, in characters from the start */
    size_t sync_index, sync_byte; /* a character whose byte is known */
};

/* ---- doc_source.c: bytes and places ---- */

/* Finds text and size (transcoded when it must be); false with a finding: nothing can be read. */
bool doc_source(struct doc *d, const char *text, size_t size);
/* Turns what libyaml complains about into a finding. */
void doc_syntax(struct doc *d);
/* The byte of a character. */
size_t doc_byte(struct doc *d, size_t index);
/* The place of a byte. */
struct span doc_place(const struct doc *d, size_t byte);
/* The text as it was written between two characters. */
const char *doc_written(struct doc *d, size_t from, size_t to);

/* ---- findings ---- */

/* A text as it may be shown: no control characters, cut when it is long. */
const char *doc_shown(struct doc *d, const char *text);
/* For a finding's next step. */
const char *doc_say(struct doc *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Bytes before the first control character (C0 but tab and line ends when `lines`, DEL, C1, U+2028,
 * U+2029). */
size_t doc_clean(const char *text, size_t size, bool lines);

#endif
