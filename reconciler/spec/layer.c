/*
 * What is said of one VM stands in layers: its row, its class, the cluster.
 * They are laid one over the other, the weakest first: for each field the
 * first that is set, maps key by key, lists and a wish of another kind whole.
 * A field that says `any` is set, and to nothing: as if nobody had said it.
 * `manage` is left to lay_manage(), because a word there is said of each part.
 */
#include "spec/read.h"

#include <string.h>

static bool is_said(const struct field_row *f, const void *value)
{
    return said((const struct span *)((const char *)value + kind_rows[f->kind].at));
}

static void lay_fields(const struct builder *b, enum shape from, const void *over, enum shape to,
                       void *under);

/* Does a map say anything, once it is laid? */
static bool says_something(const struct builder *b, enum shape shape, const void *row)
{
    const struct shape_row *s = &b->shapes[shape];

    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];

        if (f->kind != KIND_LATER && is_said(f, (const char *)row + f->offset))
            return true;
    }
    return false;
}

/*
 * A map over one that may be there already; the rows themselves are shared and
 * stay as they are.  Its place is that of the last one that says something.
 */
static struct raw_head *lay_row(const struct builder *b, enum shape shape, const void *over,
                                const void *under)
{
    size_t size = b->shapes[shape].size;
    struct raw_head *row = arena_alloc(b->scratch, 1, size);

    if (under)
        memcpy(row, under, size);
    if (!under || says_something(b, shape, over))
        row->at = ((const struct raw_head *)over)->at;
    lay_fields(b, shape, over, shape, row);
    return row;
}

static void lay_map(const struct builder *b, enum shape shape, const struct said_row *over,
                    struct said_row *under)
{
    struct raw_head *row;

    if (!over->row) /* it could not be read, and is told */
        return;
    row = lay_row(b, shape, over->row, under->row);
    *under = (struct said_row){0};
    if (says_something(b, shape, row))
        *under = (struct said_row){row, row->at};
}

/* Of one kind they are one wish; another kind leaves nothing of what lies below. */
static void lay_wish(const struct builder *b, const struct said_choice *over,
                     struct said_choice *under)
{
    if (!SAID(*under) || wish_use(over) != wish_use(under))
        *under = (struct said_choice){.word = over->word};
    if (over->row)
        *under =
            (struct said_choice){.word = -1, .row = lay_row(b, SHAPE_wish, over->row, under->row)};
    under->at = over->at;
}

static void lay_value(const struct builder *b, const struct field_row *f, const void *over,
                      void *under)
{
    if (f->kind == KIND_MAP)
        lay_map(b, f->rows, over, under);
    else if (f->kind == KIND_CHOICE)
        lay_wish(b, over, under);
    else
        memcpy(under, over, kind_rows[f->kind].size);
}

/* The fields that both maps have; they are of one kind in both. */
static void lay_fields(const struct builder *b, enum shape from, const void *over, enum shape to,
                       void *under)
{
    const struct shape_row *s = &b->shapes[from], *base = &b->shapes[to];

    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];
        const void *value = (const char *)over + f->offset;
        uint32_t k = from == to ? i : shape_field(base, f->key, strlen(f->key));
        void *below;

        if (f->kind == KIND_LATER || k == UINT32_MAX || f->rows == SHAPE_manage)
            continue;
        below = (char *)under + field_rows[base->first + k].offset;
        if (field_any(over, i))
            memset(below, 0, kind_rows[f->kind].size);
        else if (is_said(f, value))
            lay_value(b, f, value, below);
    }
}

void layers_lay(const struct builder *b, struct layers *l)
{
    l->all = (struct raw_class){0};
    lay_fields(b, SHAPE_policy, l->policy, SHAPE_class, &l->all);
    if (l->class)
        lay_fields(b, SHAPE_class, l->class, SHAPE_class, &l->all);
    if (l->row)
        lay_fields(b, SHAPE_vm, l->row, SHAPE_class, &l->all);
}
