/*
 * What is said stands in layers: of one VM its row, its class, the cluster; of
 * a cluster its own documents and the profiles that apply to it (compose.c).
 * They are laid one over the other, the weakest first: for each field the
 * first that is set, maps key by key, lists and a wish of another kind whole.
 * A field that says `any` is set, and to nothing: as if nobody had said it.
 *
 * Of a VM the result is what counts, but for `manage`, which is left to
 * lay_manage(), because a word there is said of each part.  Of documents
 * (`whole`) it is a document again: what says `any` does so still.
 */
#include "spec/layer.h"

#include <string.h>

static bool is_said(const struct field_row *f, const void *value)
{
    return said((const struct span *)((const char *)value + kind_rows[f->kind].at));
}

/* Does a map say anything, once it is laid? */
static bool says_something(const struct laying *x, enum shape shape, const void *row)
{
    const struct shape_row *s = &x->shapes[shape];

    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];

        if (f->kind != KIND_LATER &&
            (is_said(f, (const char *)row + f->offset) || (x->whole && field_any(row, i))))
            return true;
    }
    return false;
}

static const struct raw_part *parts_over(const struct laying *x, const struct raw_part *over,
                                         const struct raw_part *under)
{
    struct raw_part *part;

    if (!over || !under)
        return over ? over : under;
    part = arena_new(x->scratch, struct raw_part);
    *part = *over;
    part->below = parts_over(x, over->below, under);
    return part;
}

struct raw_head *lay_row(const struct laying *x, enum shape shape, const void *over,
                         const void *under)
{
    size_t size = x->shapes[shape].size;
    struct raw_head *row = arena_alloc(x->scratch, 1, size);
    const struct raw_head *above = over;

    if (under)
        memcpy(row, under, size);
    if (!under || says_something(x, shape, over))
        row->at = above->at;
    row->parts = parts_over(x, above->parts, row->parts);
    lay_fields(x, shape, over, shape, row);
    return row;
}

static void lay_map(const struct laying *x, enum shape shape, const struct said_row *over,
                    struct said_row *under)
{
    struct raw_head *row;

    if (!over->row) /* it could not be read, and is told */
        return;
    row = lay_row(x, shape, over->row, under->row);
    *under = (struct said_row){0};
    if (says_something(x, shape, row))
        *under = (struct said_row){row, row->at};
}

/* Of one kind they are one wish; another kind leaves nothing of what lies below. */
static void lay_wish(const struct laying *x, const struct said_choice *over,
                     struct said_choice *under)
{
    if (!SAID(*under) || wish_use(over) != wish_use(under))
        *under = (struct said_choice){.word = over->word};
    if (over->row)
        *under =
            (struct said_choice){.word = -1, .row = lay_row(x, SHAPE_wish, over->row, under->row)};
    under->at = over->at;
}

/* ---- what only whole documents have ---- */

/* A word is said of each part; `gpus` is no part of a VM. */
static struct raw_manage *each_part(const struct laying *x, const struct field_row *f,
                                    const struct said_choice *choice)
{
    struct raw_manage *m = arena_new(x->scratch, struct raw_manage);
    struct said_word word = {choice->word, choice->at};

    if (choice->row) {
        *m = *(const struct raw_manage *)choice->row;
        return m;
    }
    m->head.at = choice->at;
    m->vms = m->settings = m->power = word;
    if (f->shape == SHAPE_spec)
        m->gpus = word;
    return m;
}

static void lay_said_manage(const struct laying *x, const struct field_row *f,
                            const struct said_choice *over, struct said_choice *under)
{
    if (!over->row || !SAID(*under))
        *under = *over;
    else
        *under = (struct said_choice){
            .word = -1,
            .at = over->at,
            .row = lay_row(x, SHAPE_manage, over->row, each_part(x, f, under)),
        };
}

/* Of keys of which a map has one at most, the one that is said above is the one. */
static void drop_others(const struct shape_row *s, const struct raw_head *over,
                        struct raw_head *under)
{
    for (uint32_t g = 0; g < s->group_count; g++) {
        uint64_t drop = under->seen & s->masks[g] & ~over->seen;

        if (group_rows[s->first_group + g].most != 1 || !(over->seen & s->masks[g]))
            continue;
        for (uint32_t i = 0; i < s->count; i++) {
            const struct field_row *f = &field_rows[s->first + i];

            if (drop >> i & 1)
                memset((char *)under + f->offset, 0, kind_rows[f->kind].size);
        }
        under->seen &= ~drop;
    }
}

/* Where it says `any`, from now on; the rows below are shared and stay as they are. */
static void set_any(const struct laying *x, struct raw_head *row, uint32_t count, uint32_t i,
                    const struct span *at)
{
    struct span *old = row->any_at;

    if (!old && !at)
        return;
    row->any_at = arena_array(x->scratch, struct span, count);
    if (old)
        memcpy(row->any_at, old, count * sizeof *old);
    row->any_at[i] = at ? *at : (struct span){0};
}

/* ---- fields ---- */

static void lay_value(const struct laying *x, const struct field_row *f, const void *over,
                      void *under)
{
    if (x->whole && x->named && x->named(x, f, over, under))
        return;
    if (f->kind == KIND_MAP)
        lay_map(x, f->rows, over, under);
    else if (f->kind == KIND_CHOICE && f->rows == SHAPE_manage)
        lay_said_manage(x, f, over, under);
    else if (f->kind == KIND_CHOICE)
        lay_wish(x, over, under);
    else
        memcpy(under, over, kind_rows[f->kind].size);
}

/* The fields that both maps have; they are of one kind in both. */
void lay_fields(const struct laying *x, enum shape from, const void *over, enum shape to,
                void *under)
{
    const struct shape_row *s = &x->shapes[from], *base = &x->shapes[to];
    struct raw_head *row = under;

    if (x->whole) {
        drop_others(s, over, under);
        row->seen |= ((const struct raw_head *)over)->seen;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];
        const void *value = (const char *)over + f->offset;
        const struct span *any = field_any(over, i);
        uint32_t k = from == to ? i : shape_field(base, f->key, strlen(f->key));
        void *below;

        if (f->kind == KIND_LATER || k == UINT32_MAX || (!x->whole && f->rows == SHAPE_manage) ||
            (!any && !is_said(f, value)))
            continue;
        below = (char *)under + field_rows[base->first + k].offset;
        if (x->whole)
            set_any(x, row, base->count, k, any);
        if (any)
            memset(below, 0, kind_rows[f->kind].size);
        else
            lay_value(x, f, value, below);
    }
}

void layers_lay(const struct builder *b, struct layers *l)
{
    const struct laying x = {.scratch = b->scratch, .shapes = b->shapes};

    l->all = (struct raw_class){0};
    lay_fields(&x, SHAPE_policy, l->policy, SHAPE_class, &l->all);
    if (l->class)
        lay_fields(&x, SHAPE_class, l->class, SHAPE_class, &l->all);
    if (l->row)
        lay_fields(&x, SHAPE_vm, l->row, SHAPE_class, &l->all);
}
