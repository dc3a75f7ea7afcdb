/*
 * The fields that plans and drift compare and print, as an enum and a table
 * (model/field.def), and in what way they are managed.
 */
#ifndef MODEL_FIELD_H
#define MODEL_FIELD_H

#include "base/span.h"
#include "model/ledger.h"

enum field {
#define SUBJECT_FIELD(name, word, subject, part, needs_off, image, value) FIELD_##name,
#include "model/field.def"
    FIELDS
};

/* Classes of subject: what `manage` is said of. */
enum part { PART_GPUS, PART_VMS, PART_SETTINGS, PART_POWER, PARTS };

/* What a value of the field is, for those who write one down. */
enum field_value {
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_BOOLEAN,
    VALUE_PRESENT, /* present, none */
    VALUE_POWER,
    VALUE_GPU_STATE,
    VALUE_STOP_ACTION,
    VALUE_CHECKPOINTS
};

struct field_about {
    const char *word;
    enum subject_kind subject;
    enum part part;
    bool needs_off;
    uint32_t image; /* of enum image_field */
    enum field_value value;
};
extern const struct field_about field_about[FIELDS];
extern const char *const field_words[]; /* NULL-terminated, index = value */
extern const char *const part_words[];

/* The field of a kind of subject by its word; FIELDS: there is none.  A debt is no such field. */
enum field field_of_word(enum subject_kind subject, const char *word);
/* The words that a value of the field can be; NULL: any text or number.  "unknown" is one. */
const char *const *field_value_words(enum field field);

/* P7: what is declared is brought about, is only watched, or is not even listed. */
enum manage { MANAGE_ENFORCE, MANAGE_DETECT, MANAGE_IGNORE };
extern const char *const manage_words[];

struct manage_parts {
    enum manage of[PARTS];
    struct span at[PARTS]; /* where it was said; file NULL: nobody said it */
};

/* A VM is stopped and started only where both its assignments and its power are ours. */
enum manage manage_power(const struct manage_parts *m);
enum manage manage_of(const struct manage_parts *m, enum field field);

#endif
