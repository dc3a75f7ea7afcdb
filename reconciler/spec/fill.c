/*
 * Placeholders: <cluster> and <labels.KEY> stand for the name and the labels
 * of the cluster that a profile is a part of.  A value with one is kept as the
 * text that it is, and read when its cluster is known, as if the text had
 * stood there.
 */
#include "spec/fill.h"

#include <string.h>

static const char of_cluster[] = "<cluster>", of_label[] = "<labels.";

bool has_placeholder(const char *text)
{
    const char *sign = strchr(text, '<');

    return sign && (strstr(sign, of_cluster) || strstr(sign, of_label));
}

bool take_blank(struct reader *r, const struct field_row *f, uint32_t i, struct raw_head *head)
{
    const char *text = r->in_spec && field_takes_blank(f) ? doc_ahead_text(r->doc) : NULL;
    struct doc_scalar got;

    if (!text || !has_placeholder(text))
        return false;
    if (!doc_scalar(r->doc, f->key, &got))
        return true;
    if (!head->blanks)
        head->blanks = arena_array(r->scratch, struct doc_scalar, r->shapes[f->shape].count);
    head->blanks[i] = got;
    r->blanks++;
    return true;
}

bool take_name_blank(struct reader *r, const struct doc_scalar *s, struct said_names *out)
{
    if (!r->in_spec || !has_placeholder(s->text))
        return false;
    *arena_push(r->scratch, out->blanks, out->blank_count, out->blank_room) =
        (struct name_blank){*s, out->count};
    r->blanks++;
    return true;
}

/* ---- what they stand for ---- */

static const char *label_of(const struct filling *x, const char *key, size_t size)
{
    for (size_t i = 0; i < x->who->labels.count; i++) {
        const struct spec_label *l = &x->who->labels.rows[i];

        if (strncmp(l->key, key, size) == 0 && !l->key[size])
            return l->value;
    }
    return NULL;
}

static void refuse_label(const struct filling *x, const struct doc_scalar *s, const char *key,
                         size_t size)
{
    struct arena *a = x->r->arena;

    spec_find(x->r->found, CODE_NO_LABEL, &s->at, "\"%s\" asks for a label that %s has not",
              s->text, x->who->name.value)
        ->next = arena_printf(a, "write labels: {%.*s: ..} into its metadata (%s:%u)", (int)size,
                              key, x->who->head.at.file, (unsigned)x->who->head.at.line);
}

/* NULL with a finding.  What is longer than a name may be is not written to its end. */
static const char *filled(const struct filling *x, const struct doc_scalar *s)
{
    enum { ENOUGH = 4 * LIMIT_NAME };
    const char *from = s->text, *sign;
    struct text t;

    text_init(&t, x->r->arena);
    for (; (sign = strchr(from, '<')) != NULL && t.size < ENOUGH; from = sign) {
        const char *key = sign + sizeof of_label - 1, *end, *value;

        text_add_n(&t, from, (size_t)(sign - from));
        if (str_starts(sign, of_cluster)) {
            text_add(&t, x->who->name.value);
            sign += sizeof of_cluster - 1;
        } else if (str_starts(sign, of_label) && (end = strchr(key, '>')) != NULL) {
            value = label_of(x, key, (size_t)(end - key));
            if (!value) {
                refuse_label(x, s, key, (size_t)(end - key));
                return NULL;
            }
            text_add(&t, value);
            sign = end + 1;
        } else {
            text_add_n(&t, sign++, 1);
        }
    }
    text_add(&t, from);
    return text_done(&t);
}

static void fill_names(const struct filling *x, const struct field_row *f,
                       const struct said_names *from, struct said_names *to)
{
    bool patterns = f->kind == KIND_PATTERNS;

    *to = (struct said_names){.list = from->list, .at = from->at};
    for (size_t i = 0, k = 0; i <= from->count; i++) {
        struct doc_scalar s;

        for (; k < from->blank_count && from->blanks[k].before == i; k++) {
            s = from->blanks[k].text;
            s.text = filled(x, &s);
            if (s.text)
                (void)!names_add(x->r->arena, x->r->found, f->key, &s, patterns, to);
        }
        if (i == from->count)
            break;
        s = (struct doc_scalar){.text = from->names[i], .at = from->places[i]};
        (void)!names_add(x->r->arena, x->r->found, f->key, &s, true, to);
    }
}

static void *fill_row(const struct filling *x, enum shape shape, void *row);

static void fill_rows(const struct filling *x, enum shape shape, struct said_rows *list)
{
    void **rows = arena_array(x->r->scratch, void *, list->count + 1);

    for (size_t i = 0; i < list->count; i++)
        rows[i] = fill_row(x, shape, list->rows[i]);
    list->rows = rows;
}

/* What lies below a field; its own text is filled in already. */
static void fill_below(const struct filling *x, const struct field_row *f, void *value)
{
    struct said_names names;

    switch (f->kind) {
    case KIND_MAP:
        ((struct said_row *)value)->row = fill_row(x, f->rows, ((struct said_row *)value)->row);
        break;
    case KIND_CHOICE:
        ((struct said_choice *)value)->row =
            fill_row(x, f->rows, ((struct said_choice *)value)->row);
        break;
    case KIND_LIST:
        fill_rows(x, f->rows, value);
        break;
    case KIND_TABLE:
        fill_rows(x, f->rows, &((struct said_table *)value)->rows);
        break;
    case KIND_NAMES:
    case KIND_PATTERNS:
        names = *(const struct said_names *)value;
        if (names.blank_count)
            fill_names(x, f, &names, value);
        break;
    default:
        break;
    }
}

/* A copy with all filled in; the row itself where there is nothing to fill in. */
static void *fill_row(const struct filling *x, enum shape shape, void *row)
{
    const struct shape_row *s = &x->r->shapes[shape];
    const struct raw_head *old = row;
    struct raw_head *copy;

    if (!row || !old->blank)
        return row;
    copy = arena_alloc(x->r->scratch, 1, s->size);
    memcpy(copy, row, s->size);
    copy->blanks = NULL;
    copy->blank = false;
    if (old->any_at) {
        copy->any_at = arena_array(x->r->scratch, struct span, s->count);
        memcpy(copy->any_at, old->any_at, s->count * sizeof *old->any_at);
    }
    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];

        if (f->kind == KIND_LATER)
            continue;
        if (old->blanks && old->blanks[i].text) {
            struct doc_scalar text = old->blanks[i];

            text.text = filled(x, &text);
            if (!text.text)
                continue;
            doc_give(x->doc, &text);
            read_given(x->r, x->doc, shape, i, copy);
        } else {
            fill_below(x, f, (char *)copy + f->offset);
        }
    }
    return copy;
}

const struct raw_spec *fill_spec(const struct filling *x, const struct raw_spec *spec)
{
    return fill_row(x, SHAPE_spec, (void *)(uintptr_t)spec);
}
