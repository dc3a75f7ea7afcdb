#include "spec/fields.h"

#include "base/str.h"

#include <stdarg.h>
#include <string.h>

#define WORDS(name, ...)                                                                           \
    static const char *const list_##name[] = {__VA_ARGS__, NULL};                                  \
    const struct words words_##name = {list_##name, sizeof list_##name / sizeof(char *) - 1};
#include "spec/fields.def"

const struct later_word later_words[] = {
#define LATER_WORD(name, word, why) {&words_##name, word, why},
#include "spec/fields.def"
};
const uint32_t later_word_count = sizeof later_words / sizeof *later_words;

const struct kind_row kind_rows[KINDS] = {
#define KIND(kind, type, name, accepts, refuses)                                                   \
    {name, accepts, refuses, sizeof(struct type), offsetof(struct type, at)},
#include "spec/fields.def"
};

#define NOTHING              .least = 0
#define WORDS_OF(name)       .words = &words_##name
#define ROWS_OF(name)        .rows = SHAPE_##name
#define EITHER(name, shapes) .words = &words_##name, .rows = SHAPE_##shapes
#define BETWEEN(lo, hi)      .least = (lo), .most = (hi)
#define OR_ANY               , .any = true

const struct field_row field_rows[] = {
#define FIELD(in, name, is, of, usual, shown, says, cites)                                         \
    {.shape = SHAPE_##in,                                                                          \
     .key = #name,                                                                                 \
     .kind = KIND_##is,                                                                            \
     .offset = offsetof(struct raw_##in, name),                                                    \
     .otherwise = usual,                                                                           \
     .example = shown,                                                                             \
     .text = says,                                                                                 \
     .rule = cites,                                                                                \
     of},
#define LATER(in, name, says) {.shape = SHAPE_##in, .key = #name, .kind = KIND_LATER, .text = says},
#include "spec/fields.def"
};
const uint32_t field_count = sizeof field_rows / sizeof *field_rows;

const struct group_row group_rows[] = {
#define GROUP(shape, least, most, keys, rule, text) {SHAPE_##shape, least, most, keys, rule, text},
#include "spec/fields.def"
};
const uint32_t group_count = sizeof group_rows / sizeof *group_rows;

const struct needs_row needs_rows[] = {
#define NEEDS(shape, key, other, text) {SHAPE_##shape, #key, #other, text},
#include "spec/fields.def"
};
const uint32_t needs_count = sizeof needs_rows / sizeof *needs_rows;

const struct of_kind_row of_kind_rows[] = {
#define OF_KIND(shape, kind, keys, own, never, text) {SHAPE_##shape, kind, keys, own, never, text},
#include "spec/fields.def"
};
const uint32_t of_kind_count = sizeof of_kind_rows / sizeof *of_kind_rows;

const struct of_clusters_row of_clusters_rows[] = {
#define OF_CLUSTERS(shape, key) {SHAPE_##shape, #key},
#include "spec/fields.def"
};
const uint32_t of_clusters_count = sizeof of_clusters_rows / sizeof *of_clusters_rows;

static const struct shape_row plain_shapes[SHAPES] = {
#define SHAPE(shape, stands, shown, says)                                                          \
    {.name = #shape,                                                                               \
     .place = stands,                                                                              \
     .example = shown,                                                                             \
     .text = says,                                                                                 \
     .size = sizeof(struct raw_##shape)},
#include "spec/fields.def"
};

bool field_required(const struct field_row *f)
{
    return f->kind != KIND_LATER && strcmp(f->otherwise, "required") == 0;
}

const struct span *field_any(const struct raw_head *head, uint32_t i)
{
    return head->any_at && head->any_at[i].line ? &head->any_at[i] : NULL;
}

/* A word among words that are separated by blanks. */
bool words_have(const char *words, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && (!at[size] || at[size] == ' '))
            return true;
    return false;
}

bool field_is_own(const struct field_row *f)
{
    for (uint32_t i = 0; i < of_kind_count; i++)
        if (of_kind_rows[i].shape == f->shape && words_have(of_kind_rows[i].own, f->key))
            return true;
    return false;
}

bool field_of_clusters(const struct field_row *f)
{
    for (uint32_t i = 0; i < of_clusters_count; i++)
        if (of_clusters_rows[i].shape == f->shape && strcmp(of_clusters_rows[i].key, f->key) == 0)
            return true;
    return false;
}

bool kind_takes_text(enum kind kind)
{
    switch (kind) {
    case KIND_MAP:
    case KIND_LIST:
    case KIND_TABLE:
    case KIND_LABELS:
    case KIND_LABEL_SETS:
    case KIND_DATES:
    case KIND_WEEKDAYS:
    case KIND_LOCATIONS:
    case KIND_LATER:
        return false;
    default:
        return true;
    }
}

bool field_takes_blank(const struct field_row *f)
{
    return kind_takes_text(f->kind) && !field_is_own(f) && f->shape != SHAPE_document &&
           f->shape != SHAPE_metadata;
}

static void slice_fields(struct arena *a, struct shape_row *s, enum shape shape)
{
    s->first = 0;
    while (s->first < field_count && field_rows[s->first].shape != shape)
        s->first++;
    while (s->first + s->count < field_count && field_rows[s->first + s->count].shape == shape)
        s->count++;
    s->keys = arena_array(a, const char *, s->count);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];

        s->must |= (uint64_t)field_required(f) << i;
        if (f->kind != KIND_LATER)
            s->keys[s->key_count++] = f->key;
    }
}

static void slice_group(struct arena *a, struct shape_row *s, uint32_t group)
{
    uint64_t *masks = arena_grow(a, s->masks, s->group_count, s->group_count + 1, sizeof *masks);

    if (!s->group_count)
        s->first_group = group;
    for (const char *key = group_rows[group].keys; *key;) {
        size_t size = strcspn(key, " ");

        masks[s->group_count] |= (uint64_t)1 << shape_field(s, key, size);
        key += size + (key[size] == ' ');
    }
    s->group_count++;
    s->masks = masks;
}

const struct shape_row *shapes_new(struct arena *a)
{
    struct shape_row *all = arena_array(a, struct shape_row, SHAPES);

    memcpy(all, plain_shapes, sizeof plain_shapes);
    for (int i = 0; i < SHAPES; i++)
        slice_fields(a, &all[i], (enum shape)i);
    for (uint32_t i = 0; i < group_count; i++)
        slice_group(a, &all[group_rows[i].shape], i);
    for (uint32_t i = 0; i < needs_count; i++) {
        struct shape_row *s = &all[needs_rows[i].shape];

        if (!s->needs_count++)
            s->first_needs = i;
    }
    return all;
}

uint32_t shape_field(const struct shape_row *s, const char *key, size_t size)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const char *k = field_rows[s->first + i].key;

        if (*k == *key && strncmp(k, key, size) == 0 && !k[size])
            return i;
    }
    return UINT32_MAX;
}

const struct code_row code_rows[CODES] = {
#define CODE(name, code, severity, rule, text) {code, SEVERITY_##severity, rule, text},
#include "spec/codes.def"
};

struct finding *spec_find(struct findings *found, enum code code, const struct span *at,
                          const char *fmt, ...)
{
    const struct code_row *row = &code_rows[code];
    struct finding *f;
    va_list ap;

    va_start(ap, fmt);
    f = findings_add(found, row->severity, row->code, at, "%s",
                     arena_vprintf(found->arena, fmt, ap));
    va_end(ap);
    f->rule = *row->rule ? row->rule : NULL;
    return f;
}
