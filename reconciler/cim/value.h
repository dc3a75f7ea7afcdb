/*
 * What goes over the seam to WMI: plain typed values, and objects that are
 * lists of them.  Everything lives in an arena; nothing refers to COM.
 *
 * Numbers of all sizes are uint64_t here (signed ones sign-extended, booleans
 * 0 and 1); how a VARIANT holds them is known in cim_com.c only (hyperv-wmi 0.1).
 */
#ifndef CIM_VALUE_H
#define CIM_VALUE_H

#include "base/arena.h"
#include "base/num.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cim_type {
    CIM_TYPE_BOOLEAN,
    CIM_TYPE_U8,
    CIM_TYPE_U16,
    CIM_TYPE_U32,
    CIM_TYPE_U64,
    CIM_TYPE_S32,
    CIM_TYPE_TEXT,
    CIM_TYPE_DATETIME, /* as text: yyyymmddHHMMSS.mmmmmmsUUU */
    CIM_TYPE_REF,      /* an object path, as text */
    CIM_TYPE_OBJECT,   /* an object in a property */
    CIM_TYPE_INSTANCE, /* an object that a method takes as text: CIM DTD 2.0 */
    CIM_TYPES
};
extern const char *const cim_type_words[]; /* boolean, uint8 ... as the class schema prints them */

struct cim_object;

/* A scalar is an array of one.  Unset is `null`, and then `count` is 0. */
struct cim_value {
    enum cim_type type;
    bool array, null;
    size_t count;
    union {
        const uint64_t *numbers;                 /* BOOLEAN to S32 */
        const char *const *texts;                /* TEXT, DATETIME, REF; none of them NULL */
        const struct cim_object *const *objects; /* OBJECT, INSTANCE; none of them NULL */
    };
};

struct cim_property {
    const char *name;
    struct cim_value value;
};

/*
 * An instance, or a part of one.  Where it is written (put, or INSTANCE),
 * `path` names what it starts from, which keeps what is not listed; no path:
 * it starts from the class.
 */
struct cim_object {
    const char *class_name;
    const char *path; /* __PATH, as the host gave it; NULL: it has none */
    struct cim_property *properties;
    size_t count, room;
};

struct cim_rows {
    struct cim_object *rows;
    size_t count, room;
};

/* ---- reading: tolerant, because null and missing are normal ---- */

/* Property names compare without case.  NULL: missing. */
const struct cim_value *cim_value_of(const struct cim_object *o, const char *name);
/* Missing, null, an array, or no number: unknown. */
struct num cim_number(const struct cim_object *o, const char *name);
enum tri cim_tri(const struct cim_object *o, const char *name);
/* Missing, null, an array, or no text: NULL. */
const char *cim_text(const struct cim_object *o, const char *name);
/* The first element of an array of texts, or the text; NULL: none. */
const char *cim_first(const struct cim_object *o, const char *name);
/* Missing, null or of another kind: 0 elements. */
size_t cim_texts(const struct cim_object *o, const char *name, const char *const **out);
size_t cim_numbers(const struct cim_object *o, const char *name, const uint64_t **out);
/* The object in a property, or element `i` of an array of them; NULL: none. */
const struct cim_object *cim_part(const struct cim_object *o, const char *name, size_t i);

/* ---- writing: into an object under construction ---- */

struct cim_object *cim_object_new(struct arena *a, const char *class_name, const char *path);
/* Adds or replaces a property; texts are not copied. */
void cim_set(struct arena *a, struct cim_object *o, const char *name, struct cim_value value);
void cim_set_null(struct arena *a, struct cim_object *o, const char *name, enum cim_type type);
void cim_set_number(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                    uint64_t number);
/* Unknown becomes null. */
void cim_set_num(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                 struct num number);
/* NULL becomes null. */
void cim_set_text(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                  const char *text);
void cim_set_texts(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                   const char *const *texts, size_t count);
void cim_set_numbers(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                     const uint64_t *numbers, size_t count);
void cim_set_object(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                    const struct cim_object *part);
/* An array of objects, of one here mostly. */
void cim_set_objects(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                     const struct cim_object *const *parts, size_t count);
/* A copy that shares nothing with `o`. */
struct cim_object *cim_object_copy(struct arena *a, const struct cim_object *o);

bool cim_type_is_number(enum cim_type type);
bool cim_type_is_text(enum cim_type type);

#endif
