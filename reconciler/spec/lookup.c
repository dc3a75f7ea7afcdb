/* A key of the language by its path, a finding by its code: what `explain` says of them. */
#include "base/str.h"
#include "spec/fields.h"

struct walk {
    struct arena *arena;
    const struct shape_row *shapes;
    struct spec_field *rows;
    size_t count, room;
};

static bool holds_map(const struct field_row *f)
{
    return f->kind == KIND_MAP || f->kind == KIND_LIST || f->kind == KIND_TABLE ||
           f->kind == KIND_CHOICE;
}

static const char *type_of(struct arena *a, const struct field_row *f)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, kind_rows[f->kind].name);
    for (int i = 0; (f->kind == KIND_WORD || f->kind == KIND_CHOICE) && i < f->words->count; i++)
        text_printf(&t, "%s%s", i ? ", " : ": ", f->words->list[i]);
    if (f->kind == KIND_COUNT && f->most)
        text_printf(&t, ", %llu to %llu", (unsigned long long)f->least,
                    (unsigned long long)f->most);
    if (f->any)
        text_add(&t, "; any: as if nobody had said it");
    return text_done(&t);
}

static const char *keys_of(struct arena *a, const struct shape_row *s)
{
    struct text t;

    text_init(&t, a);
    for (uint32_t i = 0; i < s->key_count; i++)
        text_printf(&t, "%s%s", i ? " " : "", s->keys[i]);
    return text_done(&t);
}

/* The maps of the language hold no map of their own kind, so this ends. */
static void walk_shape(struct walk *w, enum shape shape, const char *under)
{
    const struct shape_row *s = &w->shapes[shape];

    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];
        const char *path = arena_printf(w->arena, "%s%s%s", under, *under ? "." : "", f->key);
        struct spec_field *row = arena_push(w->arena, w->rows, w->count, w->room);
        bool later = f->kind == KIND_LATER;

        *row = (struct spec_field){.path = path,
                                   .key = f->key,
                                   .type = later ? "" : type_of(w->arena, f),
                                   .otherwise = later ? "" : f->otherwise,
                                   .example = later ? "" : f->example,
                                   .text = f->text,
                                   .rule = later ? "" : f->rule,
                                   .accepts = later ? "" : kind_rows[f->kind].accepts,
                                   .refuses = later ? "" : kind_rows[f->kind].refuses,
                                   .keys = "",
                                   .later = later};
        if (later || !holds_map(f))
            continue;
        row->keys = keys_of(w->arena, &w->shapes[f->rows]);
        walk_shape(w, f->rows,
                   f->kind == KIND_TABLE ? arena_printf(w->arena, "%s.NAME", path) : path);
    }
}

void spec_fields(struct arena *a, struct spec_field **out, size_t *count)
{
    struct walk w = {.arena = a, .shapes = shapes_new(a)};

    walk_shape(&w, SHAPE_document, "");
    walk_shape(&w, SHAPE_policy_document, "Policy");
    *out = w.rows;
    *count = w.count;
}

bool spec_code_find(const char *code, struct spec_code *out)
{
    for (int i = 0; i < CODES; i++)
        if (str_eq(code_rows[i].code, code)) {
            *out = (struct spec_code){code_rows[i].code, code_rows[i].rule, code_rows[i].text,
                                      code_rows[i].severity};
            return true;
        }
    return false;
}

const char *spec_code_name(size_t index)
{
    return index < CODES ? code_rows[index].code : NULL;
}
