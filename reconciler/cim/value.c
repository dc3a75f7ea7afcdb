#include "cim/value.h"

#include "base/str.h"

#include <string.h>

const char *const cim_type_words[] = {"boolean",   "uint8",  "uint16", "uint32",
                                      "uint64",    "sint32", "string", "datetime",
                                      "reference", "object", "string", NULL};

bool cim_type_is_number(enum cim_type type)
{
    return type <= CIM_TYPE_S32;
}

bool cim_type_is_text(enum cim_type type)
{
    return type == CIM_TYPE_TEXT || type == CIM_TYPE_DATETIME || type == CIM_TYPE_REF;
}

/* ---- reading ---- */

const struct cim_value *cim_value_of(const struct cim_object *o, const char *name)
{
    for (size_t i = 0; i < o->count; i++)
        if (str_same(o->properties[i].name, name))
            return &o->properties[i].value;
    return NULL;
}

/* The only element of a scalar that is set; NULL: there is none. */
static const struct cim_value *scalar(const struct cim_object *o, const char *name)
{
    const struct cim_value *v = cim_value_of(o, name);

    return v && !v->null && !v->array && v->count == 1 ? v : NULL;
}

struct num cim_number(const struct cim_object *o, const char *name)
{
    const struct cim_value *v = scalar(o, name);

    return v && cim_type_is_number(v->type) ? NUM(v->numbers[0]) : NUM_UNKNOWN;
}

enum tri cim_tri(const struct cim_object *o, const char *name)
{
    const struct cim_value *v = scalar(o, name);

    if (!v || v->type != CIM_TYPE_BOOLEAN)
        return TRI_UNKNOWN;
    return v->numbers[0] ? TRI_YES : TRI_NO;
}

const char *cim_text(const struct cim_object *o, const char *name)
{
    const struct cim_value *v = scalar(o, name);

    return v && cim_type_is_text(v->type) ? v->texts[0] : NULL;
}

const char *cim_first(const struct cim_object *o, const char *name)
{
    const struct cim_value *v = cim_value_of(o, name);

    return v && !v->null && v->count && cim_type_is_text(v->type) ? v->texts[0] : NULL;
}

size_t cim_texts(const struct cim_object *o, const char *name, const char *const **out)
{
    const struct cim_value *v = cim_value_of(o, name);

    if (!v || v->null || !v->array || !cim_type_is_text(v->type))
        return 0;
    *out = v->texts;
    return v->count;
}

size_t cim_numbers(const struct cim_object *o, const char *name, const uint64_t **out)
{
    const struct cim_value *v = cim_value_of(o, name);

    if (!v || v->null || !v->array || !cim_type_is_number(v->type))
        return 0;
    *out = v->numbers;
    return v->count;
}

const struct cim_object *cim_part(const struct cim_object *o, const char *name, size_t i)
{
    const struct cim_value *v = cim_value_of(o, name);

    if (!v || v->null || i >= v->count ||
        (v->type != CIM_TYPE_OBJECT && v->type != CIM_TYPE_INSTANCE))
        return NULL;
    return v->objects[i];
}

/* ---- writing ---- */

struct cim_object *cim_object_new(struct arena *a, const char *class_name, const char *path)
{
    struct cim_object *o = arena_new(a, struct cim_object);

    o->class_name = class_name;
    o->path = path;
    return o;
}

void cim_set(struct arena *a, struct cim_object *o, const char *name, struct cim_value value)
{
    for (size_t i = 0; i < o->count; i++) {
        if (str_same(o->properties[i].name, name)) {
            o->properties[i].value = value;
            return;
        }
    }
    *arena_push(a, o->properties, o->count, o->room) = (struct cim_property){name, value};
}

void cim_set_null(struct arena *a, struct cim_object *o, const char *name, enum cim_type type)
{
    cim_set(a, o, name, (struct cim_value){.type = type, .null = true});
}

void cim_set_numbers(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                     const uint64_t *numbers, size_t count)
{
    uint64_t *copy = arena_array(a, uint64_t, count + 1);

    if (count)
        memcpy(copy, numbers, count * sizeof *copy);
    cim_set(a, o, name,
            (struct cim_value){.type = type, .array = true, .count = count, .numbers = copy});
}

void cim_set_number(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                    uint64_t number)
{
    uint64_t *copy = arena_new(a, uint64_t);

    *copy = number;
    cim_set(a, o, name, (struct cim_value){.type = type, .count = 1, .numbers = copy});
}

void cim_set_num(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                 struct num number)
{
    if (number.known)
        cim_set_number(a, o, name, type, number.value);
    else
        cim_set_null(a, o, name, type);
}

void cim_set_texts(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                   const char *const *texts, size_t count)
{
    const char **copy = arena_array(a, const char *, count + 1);

    if (count)
        memcpy(copy, texts, count * sizeof *copy);
    cim_set(a, o, name,
            (struct cim_value){.type = type, .array = true, .count = count, .texts = copy});
}

void cim_set_text(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                  const char *text)
{
    const char **copy;

    if (!text) {
        cim_set_null(a, o, name, type);
        return;
    }
    copy = arena_new(a, const char *);
    *copy = text;
    cim_set(a, o, name, (struct cim_value){.type = type, .count = 1, .texts = copy});
}

void cim_set_objects(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                     const struct cim_object *const *parts, size_t count)
{
    const struct cim_object **copy = arena_array(a, const struct cim_object *, count + 1);

    if (count)
        memcpy(copy, parts, count * sizeof *copy);
    cim_set(a, o, name,
            (struct cim_value){.type = type, .array = true, .count = count, .objects = copy});
}

void cim_set_object(struct arena *a, struct cim_object *o, const char *name, enum cim_type type,
                    const struct cim_object *part)
{
    const struct cim_object **copy = arena_new(a, const struct cim_object *);

    *copy = part;
    cim_set(a, o, name, (struct cim_value){.type = type, .count = 1, .objects = copy});
}

/* ---- copying ---- */

static struct cim_value copy_value(struct arena *a, const struct cim_value *v)
{
    struct cim_value out = *v;

    if (v->null || !v->count) {
        out.count = 0;
        out.numbers = NULL;
    } else if (cim_type_is_number(v->type)) {
        uint64_t *numbers = arena_array(a, uint64_t, v->count);

        memcpy(numbers, v->numbers, v->count * sizeof *numbers);
        out.numbers = numbers;
    } else if (cim_type_is_text(v->type)) {
        const char **texts = arena_array(a, const char *, v->count);

        for (size_t i = 0; i < v->count; i++)
            texts[i] = arena_strdup(a, v->texts[i]);
        out.texts = texts;
    } else {
        const struct cim_object **parts = arena_array(a, const struct cim_object *, v->count);

        for (size_t i = 0; i < v->count; i++)
            parts[i] = cim_object_copy(a, v->objects[i]);
        out.objects = parts;
    }
    return out;
}

struct cim_object *cim_object_copy(struct arena *a, const struct cim_object *o)
{
    struct cim_object *out =
        cim_object_new(a, o->class_name ? arena_strdup(a, o->class_name) : NULL,
                       o->path ? arena_strdup(a, o->path) : NULL);

    for (size_t i = 0; i < o->count; i++)
        *arena_push(a, out->properties, out->count, out->room) = (struct cim_property){
            arena_strdup(a, o->properties[i].name), copy_value(a, &o->properties[i].value)};
    return out;
}
