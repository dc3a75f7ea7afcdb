#include "codec/shape.h"

#include "base/when.h"

#include <string.h>

_Static_assert(sizeof(enum shape_kind) == sizeof(unsigned), "an enum is stored as an unsigned");

/* The field at `from`, copied out: no cast, no alignment to think about. */
#define FIELD(from, offset, type)                                                                  \
    (*(type *)memcpy(&(type){0}, (const char *)(from) + (offset), sizeof(type)))

static void put(void *to, size_t offset, const void *value, size_t size)
{
    memcpy((char *)to + offset, value, size);
}

/* ---- writing ---- */

static void write_num(struct json *j, struct num n)
{
    if (n.known)
        json_u64(j, n.value);
    else
        json_null(j);
}

static void write_time(struct json *j, int64_t ms)
{
    if (ms == WHEN_NONE)
        json_null(j);
    else
        json_text(j, when_iso(j->out->arena, ms));
}

static void write_flags(struct json *j, const struct shape_field *f, uint32_t flags)
{
    json_list(j);
    for (unsigned i = 0; i < 32 && f->words(i); i++)
        if (flags & (1u << i))
            json_text(j, f->words(i));
    json_list_end(j);
}

static void write_list(struct json *j, const struct shape_field *f, const void *from)
{
    size_t n = f->repeat ? f->repeat : FIELD(from, f->count, size_t);

    json_list(j);
    for (size_t i = 0; i < n; i++)
        if (f->kind == SHAPE_TEXTS)
            json_text(j, FIELD(from, f->offset, const char **)[i]);
        else if (f->kind == SHAPE_U32S)
            json_int(j, FIELD(from, f->offset, uint32_t *)[i]);
        else if (f->repeat)
            shape_write(j, f->shape, (const char *)from + f->offset + i * f->shape->size);
        else
            shape_write(j, f->shape, FIELD(from, f->offset, const char *) + i * f->shape->size);
    json_list_end(j);
}

static void write_value(struct json *j, const struct shape_field *f, const void *from)
{
    switch (f->kind) {
    case SHAPE_TEXT:
        json_text(j, FIELD(from, f->offset, const char *));
        break;
    case SHAPE_BOOL:
        json_bool(j, FIELD(from, f->offset, bool));
        break;
    case SHAPE_U32:
        if (FIELD(from, f->offset, uint32_t) == UINT32_MAX)
            json_null(j);
        else
            json_int(j, FIELD(from, f->offset, uint32_t));
        break;
    case SHAPE_SIZE:
        json_int(j, (int64_t)FIELD(from, f->offset, size_t));
        break;
    case SHAPE_U64:
        json_u64(j, FIELD(from, f->offset, uint64_t));
        break;
    case SHAPE_NUM:
        write_num(j, FIELD(from, f->offset, struct num));
        break;
    case SHAPE_MS:
        json_int(j, FIELD(from, f->offset, int64_t));
        break;
    case SHAPE_TIME:
        write_time(j, FIELD(from, f->offset, int64_t));
        break;
    case SHAPE_WORD:
        json_text(j, f->words(FIELD(from, f->offset, unsigned)));
        break;
    case SHAPE_FLAGS:
        write_flags(j, f, FIELD(from, f->offset, uint32_t));
        break;
    case SHAPE_MAP:
        shape_write(j, f->shape, (const char *)from + f->offset);
        break;
    case SHAPE_TEXTS:
    case SHAPE_U32S:
    case SHAPE_MAPS:
        write_list(j, f, from);
        break;
    }
}

void shape_write(struct json *j, const struct shape *s, const void *from)
{
    json_map(j);
    for (size_t i = 0; i < s->count; i++) {
        const struct shape_field *f = &s->fields[i];

        json_key(j, f->key);
        if (f->kind == SHAPE_NUM && f->repeat) {
            json_list(j);
            for (size_t n = 0; n < f->repeat; n++)
                write_num(j, FIELD(from, f->offset + n * sizeof(struct num), struct num));
            json_list_end(j);
        } else {
            write_value(j, f, from);
        }
    }
    json_map_end(j);
}

/* ---- reading ---- */

static bool wrong(struct doc *d, const struct shape_field *f, const struct span *at,
                  const char *expected)
{
    doc_error(d, at, "wrong-type", "`%s` must be %s", f->key, expected);
    return false;
}

/* A number, plain or as a decimal string. */
static bool read_u64(struct doc *d, const struct shape_field *f, uint64_t max, uint64_t *out)
{
    struct doc_scalar v;

    if (!doc_scalar(d, f->key, &v))
        return false;
    if (v.null || !str_u64(v.text, out) || *out > max)
        return wrong(d, f, &v.at, "a whole number in its range");
    return true;
}

static bool read_num(struct doc *d, const struct shape_field *f, struct num *out)
{
    struct doc_scalar v;

    if (!doc_scalar(d, f->key, &v))
        return false;
    *out = NUM_UNKNOWN;
    if (v.null)
        return true;
    if (!str_u64(v.text, &out->value))
        return wrong(d, f, &v.at, "a decimal number as text, or null");
    out->known = true;
    return true;
}

static bool read_time(struct doc *d, const struct shape_field *f, int64_t *out)
{
    struct doc_scalar v;

    if (!doc_scalar(d, f->key, &v))
        return false;
    *out = WHEN_NONE;
    if (v.null || when_parse(v.text, out))
        return true;
    return wrong(d, f, &v.at, "a time such as 2026-11-19T13:00:00Z, or null");
}

static bool word_index(const struct shape_field *f, const char *text, unsigned *out)
{
    const char *word;

    for (unsigned i = 0; (word = f->words(i)); i++)
        if (str_eq(word, text)) {
            *out = i;
            return true;
        }
    return false;
}

static bool read_word(struct doc *d, const struct shape_field *f, unsigned *out)
{
    struct doc_scalar v;

    if (!doc_scalar(d, f->key, &v))
        return false;
    if (!v.null && word_index(f, v.text, out))
        return true;
    return wrong(d, f, &v.at, "one of the words of the schema");
}

static bool read_flags(struct doc *d, const struct shape_field *f, uint32_t *out)
{
    bool good = doc_list(d, f->key);
    unsigned bit;

    *out = 0;
    if (!good)
        return false;
    while (doc_item(d)) {
        if (!read_word(d, f, &bit))
            good = false;
        else
            *out |= 1u << bit;
    }
    return good;
}

/* Numbers of a fixed array: exactly so many. */
static bool read_nums(struct doc *d, const struct shape_field *f, void *to)
{
    struct span at;
    uint32_t n = 0;
    bool good = true;

    doc_peek(d, &at);
    if (!doc_list(d, f->key))
        return false;
    while (doc_item(d)) {
        struct num value;

        if (n >= f->repeat)
            doc_skip(d);
        else if (!read_num(d, f, &value))
            good = false;
        else
            put(to, f->offset + n * sizeof value, &value, sizeof value);
        n++;
    }
    if (good && n != f->repeat)
        return wrong(d, f, &at, "a list of four");
    return good;
}

static bool read_list(struct doc *d, const struct shape_field *f, void *to)
{
    struct arena *a = doc_arena(d);
    size_t one = f->kind == SHAPE_MAPS    ? f->shape->size
                 : f->kind == SHAPE_TEXTS ? sizeof(char *)
                                          : sizeof(uint32_t);
    size_t count = 0, room = 0;
    char *rows = NULL;
    bool good = true;

    if (!doc_list(d, f->key))
        return false;
    for (; doc_item(d); count++) {
        struct doc_scalar v;
        uint64_t n;

        if (count == room) {
            room = room ? room * 2 : 4;
            rows = arena_grow(a, rows, count, room, one);
        }
        if (f->kind == SHAPE_MAPS) {
            good &= shape_read(d, f->shape, rows + count * one);
        } else if (f->kind == SHAPE_TEXTS) {
            if (doc_scalar(d, f->key, &v))
                memcpy(rows + count * one, &v.text, one);
            else
                good = false;
        } else if (read_u64(d, f, UINT32_MAX - 1, &n)) {
            memcpy(rows + count * one, &(uint32_t){(uint32_t)n}, one);
        } else {
            good = false;
        }
    }
    put(to, f->offset, &rows, sizeof rows);
    put(to, f->count, &count, sizeof count);
    return good;
}

static bool read_text(struct doc *d, const struct shape_field *f, void *to)
{
    struct doc_scalar v;
    bool boolean = f->kind == SHAPE_BOOL;

    if (!doc_scalar(d, f->key, &v))
        return false;
    if (boolean) {
        bool yes = str_eq(v.text, "true");

        if (v.double_quoted || (!yes && !str_eq(v.text, "false")))
            return wrong(d, f, &v.at, "true or false");
        put(to, f->offset, &yes, sizeof yes);
        return true;
    }
    if (v.null)
        v.text = NULL;
    put(to, f->offset, &v.text, sizeof v.text);
    return true;
}

static bool read_u32(struct doc *d, const struct shape_field *f, void *to)
{
    struct doc_scalar v;
    uint64_t n = UINT32_MAX;
    uint32_t value;

    if (!doc_scalar(d, f->key, &v))
        return false;
    if (!v.null && (!str_u64(v.text, &n) || n >= UINT32_MAX))
        return wrong(d, f, &v.at, "a whole number in its range, or null");
    value = (uint32_t)n;
    put(to, f->offset, &value, sizeof value);
    return true;
}

static bool read_value(struct doc *d, const struct shape_field *f, void *to)
{
    union {
        uint64_t u64;
        int64_t time;
        struct num num;
        unsigned word;
        uint32_t flags;
        size_t size;
    } v = {0};

    switch (f->kind) {
    case SHAPE_TEXT:
    case SHAPE_BOOL:
        return read_text(d, f, to);
    case SHAPE_U32:
        return read_u32(d, f, to);
    case SHAPE_SIZE:
        if (!read_u64(d, f, SIZE_MAX / 2, &v.u64))
            return false;
        put(to, f->offset, &(size_t){(size_t)v.u64}, sizeof(size_t));
        return true;
    case SHAPE_U64:
        if (!read_u64(d, f, UINT64_MAX, &v.u64))
            return false;
        put(to, f->offset, &v.u64, sizeof v.u64);
        return true;
    case SHAPE_NUM:
        if (f->repeat)
            return read_nums(d, f, to);
        if (!read_num(d, f, &v.num))
            return false;
        put(to, f->offset, &v.num, sizeof v.num);
        return true;
    case SHAPE_MS:
        if (!read_u64(d, f, INT64_MAX / 2, &v.u64))
            return false;
        put(to, f->offset, &(int64_t){(int64_t)v.u64}, sizeof(int64_t));
        return true;
    case SHAPE_TIME:
        if (!read_time(d, f, &v.time))
            return false;
        put(to, f->offset, &v.time, sizeof v.time);
        return true;
    case SHAPE_WORD:
        if (!read_word(d, f, &v.word))
            return false;
        put(to, f->offset, &v.word, sizeof v.word);
        return true;
    case SHAPE_FLAGS:
        if (!read_flags(d, f, &v.flags))
            return false;
        put(to, f->offset, &v.flags, sizeof v.flags);
        return true;
    case SHAPE_MAP:
        return shape_read(d, f->shape, (char *)to + f->offset);
    case SHAPE_TEXTS:
    case SHAPE_U32S:
    case SHAPE_MAPS:
        return read_list(d, f, to);
    }
    return false;
}

static size_t field_index(const struct shape *s, const char *key)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_eq(s->fields[i].key, key))
            return i;
    return s->count;
}

static void unknown(struct doc *d, const struct shape *s, const struct doc_scalar *key)
{
    const char **known = arena_array(doc_arena(d), const char *, s->count);

    for (size_t i = 0; i < s->count; i++)
        known[i] = s->fields[i].key;
    doc_unknown_key(d, key, known, s->count);
    doc_skip(d);
}

bool shape_read(struct doc *d, const struct shape *s, void *to)
{
    uint64_t seen = 0;
    struct doc_scalar key;
    struct span at;
    bool good = true;

    doc_peek(d, &at);
    if (!doc_map(d, s->name))
        return false;
    while (doc_key(d, &key)) {
        size_t i = field_index(s, key.text);

        if (i == s->count) {
            unknown(d, s, &key);
            good = false;
            continue;
        }
        seen |= (uint64_t)1 << i;
        good &= read_value(d, &s->fields[i], to);
    }
    for (size_t i = 0; i < s->count && !doc_broken(d); i++)
        if (!(seen & ((uint64_t)1 << i))) {
            doc_error(d, &at, "missing-key", "%s lacks `%s`", s->name, s->fields[i].key);
            good = false;
        }
    return good && !doc_broken(d);
}

/* ---- schema ---- */

static void put_type(struct json *j, const char *type, bool or_null)
{
    json_key(j, "type");
    if (or_null) {
        json_list(j);
        json_text(j, type);
        json_text(j, "null");
        json_list_end(j);
    } else {
        json_text(j, type);
    }
}

static void words_schema(struct json *j, const struct shape_field *f)
{
    json_key(j, "enum");
    json_list(j);
    for (unsigned i = 0; f->words(i); i++)
        json_text(j, f->words(i));
    json_list_end(j);
}

static void field_schema(struct json *j, const struct shape_field *f, enum shape_kind kind)
{
    static const struct {
        const char *type;
        bool or_null;
        const char *pattern;
    } plain[] = {
        [SHAPE_TEXT] = {"string", true, NULL},       [SHAPE_BOOL] = {"boolean", false, NULL},
        [SHAPE_U32] = {"integer", true, NULL},       [SHAPE_SIZE] = {"integer", false, NULL},
        [SHAPE_U64] = {"string", false, "^[0-9]+$"}, [SHAPE_NUM] = {"string", true, "^[0-9]+$"},
        [SHAPE_MS] = {"integer", false, NULL},       [SHAPE_TIME] = {"string", true, NULL},
    };

    if (kind == SHAPE_WORD) {
        words_schema(j, f);
        return;
    }
    if (kind == SHAPE_MAP) {
        shape_schema(j, f->shape);
        return;
    }
    put_type(j, plain[kind].type, plain[kind].or_null);
    if (plain[kind].pattern)
        json_put_text(j, "pattern", plain[kind].pattern);
}

void shape_schema(struct json *j, const struct shape *s)
{
    static const struct {
        enum shape_kind list, of;
    } lists[] = {{SHAPE_TEXTS, SHAPE_TEXT},
                 {SHAPE_U32S, SHAPE_U32},
                 {SHAPE_MAPS, SHAPE_MAP},
                 {SHAPE_FLAGS, SHAPE_WORD}};

    put_type(j, "object", false);
    json_put_bool(j, "additionalProperties", false);
    json_key(j, "required");
    json_list(j);
    for (size_t i = 0; i < s->count; i++)
        json_text(j, s->fields[i].key);
    json_list_end(j);
    json_key(j, "properties");
    json_map(j);
    for (size_t i = 0; i < s->count; i++) {
        const struct shape_field *f = &s->fields[i];
        enum shape_kind of = f->kind;
        bool list = f->kind == SHAPE_NUM && f->repeat;

        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
            if (lists[k].list == f->kind) {
                of = lists[k].of;
                list = true;
            }
        json_key(j, f->key);
        json_map(j);
        if (f->text)
            json_put_text(j, "description", f->text);
        if (list) {
            put_type(j, "array", false);
            json_key(j, "items");
            json_map(j);
        }
        field_schema(j, f, of);
        if (list)
            json_map_end(j);
        json_map_end(j);
    }
    json_map_end(j);
}
