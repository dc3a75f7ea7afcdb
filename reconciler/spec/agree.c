/*
 * Two profiles of one priority, and a cluster to which both apply: neither
 * goes before the other, so what both say must be the same.
 */
#include "spec/compose.h"

#include <string.h>

struct agreeing {
    struct reader *r; /* NULL: only whether they agree */
    const struct profile *second;
    bool differ;
};

static void differs(struct agreeing *x, const struct field_row *f, const struct span *first,
                    const struct span *second)
{
    x->differ = true;
    if (x->r)
        spec_find(x->r->found, CODE_DISAGREE, second,
                  "`%s` is another at %s:%u, in a profile of the same priority, %llu", f->key,
                  first->file, (unsigned)first->line, (unsigned long long)x->second->priority)
            ->next = "give one of the two a higher `priority`, or say it in one of them";
}

static bool same_list(const struct said_names *a, const struct said_names *b)
{
    for (size_t i = 0; a->count == b->count && i < a->count; i++)
        if (!str_eq(a->names[i], b->names[i]))
            return false;
    return a->count == b->count;
}

static bool same_days(const struct said_days *a, const struct said_days *b)
{
    return a->mask == b->mask && a->count == b->count &&
           (!a->count || memcmp(a->days, b->days, a->count * sizeof *a->days) == 0);
}

/* Values that are neither a map nor hold some. */
static bool same_value(enum kind kind, const void *a, const void *b)
{
#define BOTH(type, member) (((const type *)a)->member == ((const type *)b)->member)
    switch (kind) {
    case KIND_WORD:
        return BOTH(struct said_word, value);
    case KIND_FLAG:
    case KIND_TRUE_ONLY:
        return BOTH(struct said_flag, value);
    case KIND_COUNT:
    case KIND_NUMBER:
    case KIND_SIZE:
        return BOTH(struct spec_num, value);
    case KIND_BOUNDS:
        return BOTH(struct said_bounds, least) && BOTH(struct said_bounds, most);
    case KIND_DURATION:
    case KIND_CLOCK:
    case KIND_DATE:
    case KIND_TIME:
        return BOTH(struct said_time, ms);
    case KIND_MOMENT:
        return BOTH(struct said_moment, ms) && BOTH(struct said_moment, day);
    case KIND_DATES:
    case KIND_WEEKDAYS:
        return same_days(a, b);
    case KIND_NAMES:
    case KIND_PATTERNS:
    case KIND_LOCATIONS:
        return same_list(a, b);
    default:
        return str_eq(((const struct spec_text *)a)->value, ((const struct spec_text *)b)->value);
    }
#undef BOTH
}

static void compare(struct agreeing *x, const struct shape_row *shapes, enum shape shape,
                    const void *a, const void *b);

static bool is_same_map(const struct shape_row *shapes, enum shape shape, const void *a,
                        const void *b)
{
    const struct shape_row *s = &shapes[shape];
    struct agreeing quiet = {0};

    for (uint32_t i = 0; i < s->count; i++)
        if ((((const struct raw_head *)a)->seen ^ ((const struct raw_head *)b)->seen) >> i & 1)
            return false;
    compare(&quiet, shapes, shape, a, b);
    return !quiet.differ;
}

static bool same_rows(const struct shape_row *shapes, enum shape shape, const struct said_rows *a,
                      const struct said_rows *b)
{
    for (size_t i = 0; a->count == b->count && i < a->count; i++)
        if (!is_same_map(shapes, shape, a->rows[i], b->rows[i]))
            return false;
    return a->count == b->count;
}

static bool leaves_out(const struct shape_row *s, const struct raw_head *row)
{
    return row->seen >> shape_field(s, "skip", 4) & 1;
}

static void compare_named(struct agreeing *x, const struct shape_row *shapes,
                          const struct field_row *f, const struct named_rows *a,
                          const struct named_rows *b)
{
    const struct shape_row *s = &shapes[a->shape];
    struct arena *scratch = x->r->scratch;
    struct map of_name;

    map_init(&of_name, scratch, a->rows->count + 8, false);
    for (size_t i = 0; i < a->rows->count; i++) {
        const char *name = name_of_row(scratch, a, i);

        if (name)
            map_put(&of_name, name, (uint32_t)i);
    }
    for (size_t i = 0; i < b->rows->count; i++) {
        const char *name = name_of_row(scratch, b, i);
        uint32_t at = name ? map_get(&of_name, name) : MAP_NONE;
        const struct raw_head *first, *second = b->rows->rows[i];

        if (at == MAP_NONE)
            continue;
        first = a->rows->rows[at];
        if (leaves_out(s, first) != leaves_out(s, second))
            differs(x, f, &first->at, &second->at);
        else
            compare(x, shapes, a->shape, first, second);
    }
}

static void compare_choice(struct agreeing *x, const struct shape_row *shapes,
                           const struct field_row *f, const struct said_choice *a,
                           const struct said_choice *b)
{
    bool same = f->rows == SHAPE_wish ? wish_use(a) == wish_use(b)
                                      : a->word == b->word && !a->row == !b->row;

    if (!same)
        differs(x, f, &a->at, &b->at);
    else if (a->row && b->row)
        compare(x, shapes, f->rows, a->row, b->row);
}

/* Whom a row means is why it is compared. */
static bool names_row(const struct field_row *f)
{
    return ((f->shape == SHAPE_gpu || f->shape == SHAPE_pool || f->shape == SHAPE_vm) &&
            (str_eq(f->key, "name") || str_eq(f->key, "names"))) ||
           (f->shape == SHAPE_vm && str_eq(f->key, "match"));
}

static void compare_field(struct agreeing *x, const struct shape_row *shapes,
                          const struct field_row *f, const void *a, const void *b)
{
    const struct span *first = (const struct span *)((const char *)a + kind_rows[f->kind].at);
    const struct span *second = (const struct span *)((const char *)b + kind_rows[f->kind].at);
    struct named_rows above, below;

    if (!said(first) || !said(second))
        return;
    if (named_rows_of(f, a, &below) && named_rows_of(f, b, &above))
        compare_named(x, shapes, f, &below, &above);
    else if (f->kind == KIND_MAP)
        compare(x, shapes, f->rows, ((const struct said_row *)a)->row,
                ((const struct said_row *)b)->row);
    else if (f->kind == KIND_CHOICE)
        compare_choice(x, shapes, f, a, b);
    else if (f->kind == KIND_LIST ? !same_rows(shapes, f->rows, a, b) : !same_value(f->kind, a, b))
        differs(x, f, first, second);
}

/* Of keys of which a map has one at most, both say one, and not the same. */
static void compare_groups(struct agreeing *x, const struct shape_row *s, const struct raw_head *a,
                           const struct raw_head *b)
{
    for (uint32_t g = 0; g < s->group_count; g++) {
        uint64_t first = a->seen & s->masks[g], second = b->seen & s->masks[g];

        if (group_rows[s->first_group + g].most == 1 && first && second && first != second)
            differs(x, &field_rows[s->first + (uint32_t)__builtin_ctzll(second)], &a->at, &b->at);
    }
}

static void compare(struct agreeing *x, const struct shape_row *shapes, enum shape shape,
                    const void *a, const void *b)
{
    const struct shape_row *s = &shapes[shape];

    if (!a || !b)
        return;
    compare_groups(x, s, a, b);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];
        const struct span *first = field_any(a, i), *second = field_any(b, i);
        const char *below = (const char *)a + f->offset, *above = (const char *)b + f->offset;

        if (f->kind == KIND_LATER || (shape == SHAPE_spec && field_is_own(f)) || names_row(f))
            continue;
        if (first && !second && said((const struct span *)(above + kind_rows[f->kind].at)))
            differs(x, f, first, (const struct span *)(above + kind_rows[f->kind].at));
        else if (second && !first && said((const struct span *)(below + kind_rows[f->kind].at)))
            differs(x, f, (const struct span *)(below + kind_rows[f->kind].at), second);
        else
            compare_field(x, shapes, f, below, above);
    }
}

void check_agreement(struct reader *r, const struct raw_spec *first, const struct profile *second,
                     const struct raw_spec *spec)
{
    struct agreeing x = {.r = r, .second = second};

    compare(&x, r->shapes, SHAPE_spec, first, spec);
}
