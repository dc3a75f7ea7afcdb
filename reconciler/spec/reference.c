/* The tables of specs/spec.md, from fields.def and codes.def. */
#include "base/str.h"
#include "spec/fields.h"

#include <string.h>

/* A cell of a Markdown table: bars would end it. */
static void cell(struct text *t, const char *s)
{
    for (; *s; s++) {
        if (*s == '|')
            text_add(t, "\\");
        text_add_n(t, s, 1);
    }
}

static void type_of(struct text *t, const struct shape_row *shapes, const struct field_row *f)
{
    text_add(t, kind_rows[f->kind].name);
    if (f->kind == KIND_WORD || f->kind == KIND_CHOICE) {
        text_add(t, ": ");
        for (int i = 0; i < f->words->count; i++)
            text_printf(t, "%s`%s`", i ? ", " : "", f->words->list[i]);
    }
    if (f->kind == KIND_COUNT && f->most)
        text_printf(t, ", %llu to %llu", (unsigned long long)f->least, (unsigned long long)f->most);
    if (f->kind == KIND_MAP || f->kind == KIND_LIST || f->kind == KIND_TABLE ||
        f->kind == KIND_CHOICE)
        text_printf(t, " ([%s](#%s))", shapes[f->rows].name, shapes[f->rows].name);
    if (f->any)
        text_add(t, "; `any`");
}

static void field_line(struct text *t, const struct shape_row *shapes, const struct field_row *f)
{
    text_printf(t, "| `%s` | ", f->key);
    type_of(t, shapes, f);
    text_printf(t, " | %s | `", field_required(f) ? "**required**" : f->otherwise);
    cell(t, f->example);
    text_add(t, "` | ");
    cell(t, f->text);
    text_printf(t, " | %s |\n", f->rule);
}

static void group_line(struct text *t, const struct group_row *g)
{
    const char *how = g->least == 1 && g->most == 1 ? "Exactly one of"
                      : g->least == 0               ? "At most one of"
                                                    : "At least one of";

    text_printf(t, "\n%s", how);
    for (const char *key = g->keys; *key;) {
        size_t size = strcspn(key, " ");

        text_printf(t, "%s `%.*s`", key == g->keys ? "" : ",", (int)size, key);
        key += size + (key[size] == ' ');
    }
    text_printf(t, ": %s%s%s%s.\n", g->text, *g->rule ? " (" : "", g->rule, *g->rule ? ")" : "");
}

static void shape_section(struct text *t, const struct shape_row *shapes, const struct shape_row *s)
{
    bool later = false;

    text_printf(t, "\n### %s\n\n", s->name);
    if (*s->place)
        text_printf(t, "Where: `%s`.  ", s->place);
    text_printf(t, "%s\n\n```yaml\n%s\n```\n\n", s->text, s->example);
    text_add(t, "| key | type | default | example | what it says | rule |\n"
                "| --- | --- | --- | --- | --- | --- |\n");
    for (uint32_t i = 0; i < s->count; i++)
        if (field_rows[s->first + i].kind != KIND_LATER)
            field_line(t, shapes, &field_rows[s->first + i]);
    for (uint32_t i = 0; i < s->group_count; i++)
        group_line(t, &group_rows[s->first_group + i]);
    for (uint32_t i = 0; i < s->needs_count; i++)
        text_printf(t, "\n`%s` needs `%s`: %s.\n", needs_rows[s->first_needs + i].key,
                    needs_rows[s->first_needs + i].other, needs_rows[s->first_needs + i].text);
    for (uint32_t i = 0; i < of_kind_count; i++)
        if (&shapes[of_kind_rows[i].shape] == s)
            text_printf(t, "\n%s.\n", of_kind_rows[i].text);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];

        if (f->kind != KIND_LATER)
            continue;
        text_printf(t, "%s `%s` (%s)", later ? "," : "\nNot supported yet:", f->key, f->text);
        later = true;
    }
    if (later)
        text_add(t, ".\n");
}

static void kinds_section(struct text *t)
{
    text_add(t,
             "\n## Types of values\n\n"
             "`any` behind the type of a key: as if nobody had said it, there or in a layer below "
             "([which value counts](#which-value-counts)).\n\n"
             "| type | what is accepted | what bad input gets |\n| --- | --- | --- |\n");
    for (int i = 0; i < KINDS; i++) {
        text_printf(t, "| %s | ", kind_rows[i].name);
        cell(t, kind_rows[i].accepts);
        text_add(t, " | ");
        cell(t, kind_rows[i].refuses);
        text_add(t, " |\n");
    }
}

static void codes_section(struct text *t)
{
    text_add(t, "\n## Findings\n\n| code | severity | rule | what it means |\n"
                "| --- | --- | --- | --- |\n");
    for (int i = 0; i < CODES; i++) {
        text_printf(t, "| `%s` | %s | %s | ", code_rows[i].code,
                    code_rows[i].severity == SEVERITY_ERROR ? "error" : "warning",
                    code_rows[i].rule);
        cell(t, code_rows[i].text);
        text_add(t, " |\n");
    }
}

const char *spec_reference(struct arena *a)
{
    const struct shape_row *shapes = shapes_new(a);
    struct text t;

    text_init(&t, a);
    text_add(&t, "## Every key\n");
    for (int i = 0; i < SHAPES; i++)
        shape_section(&t, shapes, &shapes[i]);
    kinds_section(&t);
    codes_section(&t);
    return text_done(&t);
}
