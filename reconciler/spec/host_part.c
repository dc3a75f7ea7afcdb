/*
 * A profile may be for clusters and for standalone servers alike: what only a
 * cluster has is left out where it is laid under a server.
 */
#include "spec/compose.h"

#include <string.h>

static void *part(struct reader *r, enum shape shape, const void *row);

static void part_of_rows(struct reader *r, enum shape shape, struct said_rows *list)
{
    void **rows = arena_array(r->scratch, void *, list->count + 1);

    for (size_t i = 0; i < list->count; i++)
        rows[i] = part(r, shape, list->rows[i]);
    list->rows = rows;
}

/* Is there anything left of a map? */
static bool says_any(const struct shape_row *s, const struct raw_head *row)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (row->seen >> i & 1 && !field_of_clusters(&field_rows[s->first + i]))
            return true;
    return false;
}

static void part_below(struct reader *r, const struct field_row *f, void *value)
{
    struct said_row *map = value;
    struct said_choice *choice = value;

    if (f->kind == KIND_MAP && map->row && !says_any(&r->shapes[f->rows], map->row))
        *map = (struct said_row){0};
    else if (f->kind == KIND_MAP)
        map->row = part(r, f->rows, map->row);
    else if (f->kind == KIND_CHOICE)
        choice->row = part(r, f->rows, choice->row);
    else if (f->kind == KIND_LIST)
        part_of_rows(r, f->rows, value);
    else if (f->kind == KIND_TABLE)
        part_of_rows(r, f->rows, &((struct said_table *)value)->rows);
}

/* A copy: the profile is shared. */
static void *part(struct reader *r, enum shape shape, const void *row)
{
    const struct shape_row *s = &r->shapes[shape];
    struct raw_head *copy;

    if (!row)
        return NULL;
    copy = arena_alloc(r->scratch, 1, s->size);
    memcpy(copy, row, s->size);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];
        void *value = (char *)copy + f->offset;

        if (f->kind == KIND_LATER)
            continue;
        if (field_of_clusters(f)) {
            memset(value, 0, kind_rows[f->kind].size);
            copy->seen &= ~((uint64_t)1 << i);
        } else {
            part_below(r, f, value);
        }
    }
    return copy;
}

const struct raw_spec *host_part(struct reader *r, const struct raw_spec *spec)
{
    return part(r, SHAPE_spec, spec);
}
