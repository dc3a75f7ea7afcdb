/*
 * Documents to rows.  One function reads every map of the language, by the
 * rows of fields.def; what a kind of value needs beside that is in value.c,
 * what is made of the rows in build*.c, what must hold among them in check*.c.
 */
#include "spec/fill.h"

#include <stdlib.h>
#include <string.h>

/* ---- maps ---- */

static const struct field_row *field_of(const struct shape_row *s, uint32_t i)
{
    return &field_rows[s->first + i];
}

bool shape_seen(const struct shape_row *s, const struct raw_head *head, const char *key)
{
    return head->seen >> shape_field(s, key, strlen(key)) & 1;
}

/* x-* and annotations are for other tools, in any map. */
static bool for_others(const char *key)
{
    return str_starts(key, "x-") || str_eq(key, "annotations");
}

/* The first field of a set, apart from `but`. */
static const char *first_of(const struct shape_row *s, uint64_t set, uint32_t but)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (i != but && set >> i & 1)
            return field_of(s, i)->key;
    return "";
}

/* One key more than a group allows. */
static void check_most(struct reader *r, const struct shape_row *s, const struct raw_head *head,
                       uint32_t field, const struct span *at)
{
    for (uint32_t i = 0; i < s->group_count; i++) {
        const struct group_row *g = &group_rows[s->first_group + i];
        uint64_t set = head->seen & s->masks[i];
        struct finding *f;

        if (!(s->masks[i] >> field & 1) || (uint32_t)__builtin_popcountll(set) <= g->most)
            continue;
        f = spec_find(r->found, CODE_KEY_CHOICE, at, "`%s` beside `%s`: %s",
                      field_of(s, field)->key, first_of(s, set, field), g->text);
        f->rule = *g->rule ? g->rule : NULL;
        f->next = "keep one of them";
    }
}

static const char *group_keys(struct reader *r, const struct group_row *g)
{
    struct text t;

    text_init(&t, r->arena);
    text_add(&t, g->most > 1 ? "write at least one of: " : "write one of: ");
    for (const char *c = g->keys; *c; c++) {
        if (*c == ' ')
            text_add(&t, ", ");
        else
            text_add_n(&t, c, 1);
    }
    return text_done(&t);
}

/* What is missing in a map that was read. */
static void check_least(struct reader *r, const struct shape_row *s, const struct raw_head *head,
                        bool later)
{
    for (uint32_t i = 0; s->must & ~head->seen && i < s->count; i++) {
        const struct field_row *f = field_of(s, i);

        if (field_required(f) && !(head->seen >> i & 1))
            spec_find(r->found, CODE_MISSING_KEY, &head->at, "`%s` is missing", f->key)->next =
                arena_printf(r->arena, "write %s: %s", f->key, f->example);
    }
    for (uint32_t i = 0; !later && i < s->group_count; i++) {
        const struct group_row *g = &group_rows[s->first_group + i];
        struct finding *f;

        if ((uint32_t)__builtin_popcountll(head->seen & s->masks[i]) >= g->least)
            continue;
        f = spec_find(r->found, CODE_KEY_CHOICE, &head->at, "%s", g->text);
        f->rule = *g->rule ? g->rule : NULL;
        f->next = group_keys(r, g);
    }
    for (uint32_t i = 0; i < s->needs_count; i++) {
        const struct needs_row *n = &needs_rows[s->first_needs + i];

        if (shape_seen(s, head, n->key) && !shape_seen(s, head, n->other))
            spec_find(r->found, CODE_KEY_ALONE, &head->at, "`%s` without `%s`: %s", n->key,
                      n->other, n->text)
                ->next = arena_printf(r->arena, "write `%s` beside it, or take it out", n->other);
    }
}

/* The fields that say whether the document is for us at all. */
static void read_envelope(struct reader *r, const struct field_row *f, void *to)
{
    const struct said_word *word = to;
    int which = str_eq(f->key, "kind");

    if (which && f->shape == SHAPE_document && doc_ahead(r->doc, "World")) {
        r->world = r->foreign = true;
        return;
    }
    if (which && f->shape == SHAPE_document && doc_ahead(r->doc, "Policy")) {
        doc_peek(r->doc, &r->kept[1]);
        r->policy = r->foreign = true;
        return;
    }
    if (which || str_eq(f->key, "apiVersion")) {
        doc_peek(r->doc, &r->kept[which]);
        read_value(r, f, f->key, to);
        r->foreign = r->foreign || !SAID(*word);
        return;
    }
    if (r->foreign)
        return;
    r->in_spec = f->rows == SHAPE_spec;
    read_value(r, f, f->key, to);
    r->in_spec = false;
}

/* `any`, where the field takes it: consumed. */
static bool take_any(struct reader *r, const struct shape_row *s, struct raw_head *head, uint32_t i)
{
    if (!field_of(s, i)->any || !doc_ahead(r->doc, "any"))
        return false;
    if (!head->any_at)
        head->any_at = arena_array(r->scratch, struct span, s->count);
    doc_peek(r->doc, &head->any_at[i]);
    doc_skip(r->doc);
    return true;
}

static bool read_field(struct reader *r, enum shape shape, const struct doc_scalar *key, void *row)
{
    const struct shape_row *s = &r->shapes[shape];
    struct raw_head *head = row;
    uint32_t i = shape_field(s, key->text, strlen(key->text));
    const struct field_row *f;

    if (i == UINT32_MAX) {
        if (!for_others(key->text) && !r->foreign)
            doc_unknown_key(r->doc, key, s->keys, s->key_count);
        return true;
    }
    f = field_of(s, i);
    head->seen |= (uint64_t)1 << i;
    if (shape == SHAPE_spec)
        r->spec_keys[i] = key->at;
    if (f->kind == KIND_LATER) {
        spec_find(r->found, CODE_NOT_YET, &key->at, "`%s` is not supported yet: %s", f->key,
                  f->text)
            ->next = shape == SHAPE_connect ? "leave `connect` out for this machine, or write "
                                              "connect: {hyperv: {cluster: NAME}}"
                                            : "take it out";
        return false;
    }
    check_most(r, s, head, i, &key->at);
    if (take_any(r, s, head, i) || take_blank(r, f, i, head))
        return true;
    if (shape == SHAPE_document || shape == SHAPE_policy_document)
        read_envelope(r, f, (char *)row + f->offset);
    else
        read_value(r, f, f->key, (char *)row + f->offset);
    return true;
}

void read_given(struct reader *r, struct doc *doc, enum shape shape, uint32_t i, void *row)
{
    const struct shape_row *s = &r->shapes[shape];
    const struct field_row *f = field_of(s, i);

    r->doc = doc;
    if (!take_any(r, s, row, i))
        read_value(r, f, f->key, (char *)row + f->offset);
    r->doc = NULL;
}

bool read_shape(struct reader *r, enum shape shape, const char *what, void *row)
{
    const struct shape_row *s = &r->shapes[shape];
    struct raw_head *head = row;
    size_t before = r->found->count, blanks = r->blanks;
    struct doc_scalar key;
    bool later = false;

    doc_peek(r->doc, &head->at);
    if (!doc_map(r->doc, what)) {
        if (r->found->count > before)
            r->found->rows[r->found->count - 1].next =
                arena_printf(r->arena, "write it like this: %s", s->example);
        return false;
    }
    while (doc_key(r->doc, &key))
        if (!read_field(r, shape, &key, row))
            later = true;
    head->blank = r->blanks > blanks;
    if (!r->foreign && !doc_broken(r->doc))
        check_least(r, s, head, later);
    return true;
}
