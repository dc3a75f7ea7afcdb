/*
 * The rows of fields.def as C: one struct for each map of the language, which
 * holds what was said with its place, and the tables that the reader, the
 * schema and the reference walk.  Private to spec/.
 */
#ifndef SPEC_FIELDS_H
#define SPEC_FIELDS_H

#include "base/limits.h"
#include "spec/spec.h"

/* ---- values as they were said; at.line 0: nobody said it ---- */

struct said_flag {
    bool value;
    struct span at;
};
struct said_word {
    int value; /* index into the field's words */
    struct span at;
};
struct said_bounds {
    uint64_t least, most;
    struct span at;
};
struct said_time {
    int64_t ms;
    struct span at;
};
/* Weekdays as a mask (bit 0: Sunday), or day numbers, ascending. */
struct said_days {
    uint32_t mask;
    int64_t *days;
    size_t count, room;
    struct span at;
};
/* A date is what the clock shows at its beginning; otherwise an instant. */
struct said_moment {
    int64_t ms;
    bool day;
    const char *text;
    struct span at;
};
struct said_names {
    const char **names;
    struct span *places; /* of the text that each came from */
    size_t count, room;
    bool list; /* written as a list */
    struct span at;
    struct name_blank *blanks; /* those of a list that a cluster fills in (fill.c) */
    size_t blank_count, blank_room;
};
/* Keys and values of a map that is free. */
struct said_labels {
    struct spec_label *rows;
    size_t count, room;
    struct span at;
};
/* A list of such maps. */
struct said_label_sets {
    struct said_labels *rows;
    size_t count, room;
    struct span at;
};
/* A map: the raw struct of its shape. */
struct said_row {
    void *row;
    struct span at;
};
/* A list of maps. */
struct said_rows {
    void **rows;
    size_t count;
    struct span at;
};
struct said_table {
    struct spec_text *names; /* parallel to the rows */
    struct said_rows rows;
    struct span at;
};
struct said_choice {
    int word; /* -1: it is a map */
    struct span at;
    void *row;
};

/* Every raw struct begins with this. */
struct raw_head {
    struct span at;
    uint64_t seen;                /* bit N: the shape's field N was said, well or not */
    struct span *any_at;          /* by field: where it says `any`; NULL: nowhere */
    struct doc_scalar *blanks;    /* by field: a text with placeholders; NULL: none (fill.c) */
    bool blank;                   /* here, or in a map below */
    const struct raw_part *parts; /* what it was laid from, where that is traced; or NULL */
};

#define TYPE_MAP        struct said_row
#define TYPE_LIST       struct said_rows
#define TYPE_TABLE      struct said_table
#define TYPE_WORD       struct said_word
#define TYPE_CHOICE     struct said_choice
#define TYPE_LABELS     struct said_labels
#define TYPE_LABEL_SETS struct said_label_sets
#define TYPE_NAME       struct spec_text
#define TYPE_NAMES      struct said_names
#define TYPE_PATTERN    struct spec_text
#define TYPE_PATTERNS   struct said_names
#define TYPE_TEXT       struct spec_text
#define TYPE_FILE_NAME  struct spec_text
#define TYPE_COUNT      struct spec_num
#define TYPE_BOUNDS     struct said_bounds
#define TYPE_NUMBER     struct spec_num
#define TYPE_PERCENT    struct spec_num
#define TYPE_SIZE       struct spec_num
#define TYPE_FLAG       struct said_flag
#define TYPE_TRUE_ONLY  struct said_flag
#define TYPE_DURATION   struct said_time
#define TYPE_CLOCK      struct said_time
#define TYPE_DATE       struct said_time
#define TYPE_DATES      struct said_days
#define TYPE_WEEKDAYS   struct said_days
#define TYPE_ZONE       struct spec_text
#define TYPE_MOMENT     struct said_moment
#define TYPE_SUBJECT    struct spec_text
#define TYPE_TIME       struct said_time
#define TYPE_GUID       struct spec_text
#define TYPE_PCI_ID     struct spec_text
#define TYPE_LOCATION   struct spec_text
#define TYPE_LOCATIONS  struct said_names
#define TYPE_INSTANCE   struct spec_text

#define SHAPE(shape, ...)                                                                          \
    struct raw_##shape {                                                                           \
        struct raw_head head;
#define FIELD(shape, key, kind, ...) TYPE_##kind key;
#define END(shape)                                                                                 \
    }                                                                                              \
    ;
#include "spec/fields.def"

/* ---- the tables ---- */

enum shape {
#define SHAPE(shape, ...) SHAPE_##shape,
#include "spec/fields.def"
    SHAPES
};

enum kind {
#define KIND(kind, ...) KIND_##kind,
#include "spec/fields.def"
    KINDS,
    KIND_LATER /* known, not built yet */
};

struct kind_row {
    const char *name, *accepts, *refuses;
    size_t size; /* of the struct that holds it */
    size_t at;   /* in it: where it was said */
};

struct words {
    const char *const *list; /* NULL-terminated */
    int count;
};

/* A word that is known and refused. */
struct later_word {
    const struct words *words;
    const char *word, *why; /* why "": not built yet */
};

struct field_row {
    enum shape shape; /* in which map */
    const char *key;
    enum kind kind;
    size_t offset;             /* in the raw struct */
    const struct words *words; /* WORD, CHOICE */
    enum shape rows;           /* MAP, LIST, TABLE, CHOICE: of which shape */
    uint64_t least, most;      /* COUNT, BOUNDS; SIZE in bytes; most 0: any */
    bool any;                  /* `any` takes back what is said below */
    const char *otherwise;     /* the default; "required": it must be there */
    const char *example, *text, *rule;
};

struct group_row {
    enum shape shape;
    uint32_t least, most;
    const char *keys; /* separated by spaces */
    const char *rule, *text;
};

struct needs_row {
    enum shape shape;
    const char *key, *other, *text;
};

/* Keys of a map that depend on the kind of the document. */
struct of_kind_row {
    enum shape shape;
    const char *kind;
    const char *keys;  /* that it has and must have, and no other; "": any, and none must be */
    const char *own;   /* in no other kind */
    const char *never; /* not in this one */
    const char *text;
};

/* A key that only a cluster has. */
struct of_clusters_row {
    enum shape shape;
    const char *key;
};

/* The words of `kind`, in their order. */
enum shape_of_kind { OF_CLUSTER, OF_HOST, OF_ASSIGNMENTS, OF_PROFILE };

/* A map of the language, with its slices of the tables below. */
struct shape_row {
    const char *name, *place, *example, *text;
    size_t size;           /* of its raw struct */
    uint32_t first, count; /* fields */
    uint32_t first_group, group_count;
    const uint64_t *masks; /* of the fields of each group */
    uint32_t first_needs, needs_count;
    uint64_t must;     /* fields that must be there */
    const char **keys; /* of the fields that work, for suggestions */
    uint32_t key_count;
};

#define WORDS(name, ...) extern const struct words words_##name;
#include "spec/fields.def"
extern const struct kind_row kind_rows[KINDS];
extern const struct later_word later_words[];
extern const struct field_row field_rows[];
extern const struct group_row group_rows[];
extern const struct needs_row needs_rows[];
extern const struct of_kind_row of_kind_rows[];
extern const struct of_clusters_row of_clusters_rows[];
extern const uint32_t of_clusters_count;
extern const uint32_t later_word_count, field_count, group_count, needs_count, of_kind_count;

/* The shapes, sliced; made in an arena because the slices are counted. */
const struct shape_row *shapes_new(struct arena *a);

bool field_required(const struct field_row *f);
bool words_have(const char *words, const char *word);
/* Where a map says `any` for its field `i`; NULL: it does not. */
const struct span *field_any(const struct raw_head *head, uint32_t i);
/* Is a value of this kind one scalar, or may be? */
bool kind_takes_text(enum kind kind);
/* May <cluster> and <labels.KEY> stand in it, below `spec` of a document? */
bool field_takes_blank(const struct field_row *f);
/* Has only a cluster this key? */
bool field_of_clusters(const struct field_row *f);
/* Is a key of `spec` what a kind of document is about, and no value that a layer gives? */
bool field_is_own(const struct field_row *f);
/* The place of a key among the fields of a shape, from 0; or UINT32_MAX. */
uint32_t shape_field(const struct shape_row *s, const char *key, size_t size);

/* ---- codes ---- */

enum code {
#define CODE(name, ...) CODE_##name,
#include "spec/codes.def"
    CODES
};

struct code_row {
    const char *code;
    enum severity severity;
    const char *rule, *text;
};
extern const struct code_row code_rows[CODES];

struct finding *spec_find(struct findings *found, enum code code, const struct span *at,
                          const char *fmt, ...) PRINTF_LIKE(4, 5);

#endif
