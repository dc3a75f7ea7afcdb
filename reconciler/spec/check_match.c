/* GPU rows by whom they select: stand-ins (I1) and overlaps (E3), before any world is known. */
#include "spec/read.h"

#include <string.h>

enum { MATCH_KEYS = 5 };

static void match_values(const struct spec_match *m, const char *out[MATCH_KEYS])
{
    const char *const all[MATCH_KEYS] = {m->model, m->pci, m->subsystem, m->location, m->instance};

    memcpy(out, all, sizeof all);
}

/* One text for a selector without its nodes, of the keys in `mask`. */
static const char *match_text(struct arena *a, const char *const values[MATCH_KEYS], unsigned mask,
                              const char *node)
{
    struct text t;

    text_init(&t, a);
    for (int i = 0; i < MATCH_KEYS; i++)
        text_printf(&t, "%s\n", mask >> i & 1 ? values[i] : "");
    text_printf(&t, "%s", node);
    return text_done(&t);
}

static unsigned match_mask(const char *const values[MATCH_KEYS])
{
    unsigned mask = 0;

    for (int i = 0; i < MATCH_KEYS; i++)
        mask |= (unsigned)(values[i] != NULL) << i;
    return mask;
}

/* "*" stands for all nodes. */
static const char *match_node(const struct spec_match *m, size_t i)
{
    return m->nodes ? m->nodes[i] : "*";
}

static size_t match_nodes(const struct spec_match *m)
{
    return m->nodes ? m->node_count : 1;
}

/* ---- rows instead of others (I1) ---- */

bool match_differs(const struct spec_match *a, const struct spec_match *b)
{
    return (a->model && b->model && !str_same(a->model, b->model)) ||
           (a->pci && b->pci && !str_eq(a->pci, b->pci)) ||
           (a->subsystem && b->subsystem && !str_eq(a->subsystem, b->subsystem));
}

static bool has_node(const struct spec_match *m, const char *node)
{
    for (size_t i = 0; i < m->node_count; i++)
        if (str_same(m->nodes[i], node))
            return true;
    return !m->nodes;
}

/* Does `wide` select all that `narrow` selects, whatever the world is? */
static bool covers(const struct spec_match *wide, const struct spec_match *narrow)
{
    const char *w[MATCH_KEYS], *n[MATCH_KEYS];

    match_values(wide, w);
    match_values(narrow, n);
    for (int i = 0; i < MATCH_KEYS; i++)
        if (w[i] && !str_same(w[i], n[i]))
            return false;
    for (size_t i = 0; i < narrow->node_count; i++)
        if (!has_node(wide, narrow->nodes[i]))
            return false;
    return !wide->nodes || narrow->nodes;
}

/* Nothing that `narrow` selects, or not all of it, can be selected by `wide`. */
static bool strays(const struct spec_match *wide, const struct spec_match *narrow)
{
    if (match_differs(wide, narrow) ||
        (wide->location && narrow->location && !str_same(wide->location, narrow->location)))
        return true;
    for (size_t i = 0; wide->nodes && i < narrow->node_count; i++)
        if (!has_node(wide, narrow->nodes[i]))
            return true;
    return false;
}

static void check_narrower(struct builder *b, const struct spec_gpu *row, const struct span *at)
{
    const struct spec_gpu *wide = row->instead_of;
    bool all = covers(&row->match, &wide->match);

    if (all || strays(&wide->match, &row->match))
        spec_find(b->found, CODE_NOT_NARROWER, at,
                  all ? "row %s selects all GPUs of row %s (%s)"
                      : "row %s selects GPUs that row %s (%s) does not select",
                  row->name, wide->name, build_place(b, &wide->at, at))
            ->next =
            "select some of its GPUs, with `nodes` or `locationPath`; or take insteadOf out";
}

static const char *nearest_row(struct builder *b, const char *name)
{
    enum { MOST = 100 };
    const char *names[MOST], *near;
    size_t count = 0;

    for (size_t i = 0; i < b->out->gpu_count && count < MOST; i++)
        names[count++] = b->out->gpus[i].name;
    near = str_nearest(name, names, count);
    return near ? arena_printf(b->arena, "did you mean %s?", near)
                : "write the `name` of the wider row";
}

/* One step only: a row that is itself instead of another stands for no set of its own. */
static void link_stand_in(struct builder *b, const struct map *names, size_t i)
{
    const struct raw_gpu *row = ROW_AT(gpu, b->raw->gpus, i);
    uint32_t at = map_get(names, row->insteadOf.value);
    const struct raw_gpu *wide = at == MAP_NONE ? NULL : ROW_AT(gpu, b->raw->gpus, at);

    if (!wide)
        spec_find(b->found, CODE_UNKNOWN_ROW, &row->insteadOf.at, "there is no GPU row %s",
                  row->insteadOf.value)
            ->next = nearest_row(b, row->insteadOf.value);
    else if (wide == row || SAID(wide->insteadOf))
        spec_find(b->found, CODE_INSTEAD_CHAIN, &row->insteadOf.at,
                  wide == row ? "row %s is instead of itself"
                              : "row %s (%s) is itself instead of another",
                  row->insteadOf.value, build_place(b, &wide->head.at, &row->insteadOf.at))
            ->next = "name the row that selects the whole set";
    else {
        b->out->gpus[i].instead_of = &b->out->gpus[at];
        b->out->gpus[at].stood_in_for = true;
        check_narrower(b, &b->out->gpus[i], &row->insteadOf.at);
    }
}

void check_stand_ins(struct builder *b)
{
    struct map names;

    map_init(&names, b->scratch, b->out->gpu_count, true);
    for (size_t i = 0; i < b->out->gpu_count; i++) {
        const struct raw_gpu *row = ROW_AT(gpu, b->raw->gpus, i);

        if (SAID(row->name))
            map_put(&names, row->name.value, (uint32_t)i);
    }
    for (size_t i = 0; i < b->out->gpu_count; i++)
        if (SAID(ROW_AT(gpu, b->raw->gpus, i)->insteadOf))
            link_stand_in(b, &names, i);
}

/* ---- rows that certainly select the same GPU (E3) ---- */

/* May both select it?  A row and the one that it is instead of. */
static bool is_pair(const struct spec_gpu *a, const struct spec_gpu *b)
{
    return a == b || a->instead_of == b || b->instead_of == a;
}

/* The first row that selects a part, at least, of what `row` selects; NULL: none that may not. */
static const struct spec_gpu *wider_row(struct builder *b, const struct map *rows,
                                        const struct spec_gpu *row)
{
    const struct spec_match *m = &row->match;
    const char *values[MATCH_KEYS];
    unsigned mask;

    match_values(m, values);
    mask = match_mask(values);
    for (unsigned part = mask;; part = (part - 1) & mask) {
        for (size_t i = 0; i < match_nodes(m) + 1; i++) {
            const char *node = i < match_nodes(m) ? match_node(m, i) : "*";
            uint32_t other = map_get(rows, match_text(b->arena, values, part, node));

            if (other != MAP_NONE && !is_pair(row, &b->out->gpus[other]))
                return &b->out->gpus[other];
        }
        if (!part)
            return NULL;
    }
}

static void refuse_overlap(struct builder *b, const struct spec_gpu *row,
                           const struct spec_gpu *other)
{
    spec_find(b->found, CODE_GPU_OVERLAP, &row->at,
              "row %s selects GPUs that row %s (%s) selects as well", row->name, other->name,
              build_place(b, &other->at, &row->at))
        ->next = "narrow one of the two with `nodes`, `subsystem` or `locationPath`; or write "
                 "insteadOf: in the narrower one";
}

/* Its texts into the map; false: another row of that map selects the same. */
static bool index_row(struct builder *b, struct map *rows, const struct spec_gpu *row)
{
    uint32_t self = (uint32_t)(row - b->out->gpus), other = self;
    const char *values[MATCH_KEYS];

    match_values(&row->match, values);
    for (size_t k = 0; k < match_nodes(&row->match) && (match_mask(values) || row->match.nodes);
         k++) {
        uint32_t first = map_put(
            rows, match_text(b->arena, values, match_mask(values), match_node(&row->match, k)),
            self);

        if (first != self && other == self)
            other = first;
    }
    if (other != self)
        refuse_overlap(b, row, &b->out->gpus[other]);
    return other == self;
}

/* Rows that are instead of others have a map of their own: they may lie within these. */
void check_overlaps(struct builder *b)
{
    bool *told = arena_array(b->scratch, bool, b->out->gpu_count);
    struct map rows, stand_ins;

    map_init(&rows, b->arena, b->out->gpu_count, true);
    map_init(&stand_ins, b->arena, 8, true);
    for (size_t i = 0; i < b->out->gpu_count; i++) {
        const struct spec_gpu *row = &b->out->gpus[i];

        /* one that is instead of nothing was told already */
        told[i] = (SAID(ROW_AT(gpu, b->raw->gpus, i)->insteadOf) && !row->instead_of) ||
                  !index_row(b, row->instead_of ? &stand_ins : &rows, row);
    }
    for (size_t i = 0; i < b->out->gpu_count; i++) {
        const struct spec_gpu *row = &b->out->gpus[i], *other;

        other = told[i] ? NULL : wider_row(b, &rows, row);
        if (!other && !told[i] && stand_ins.count)
            other = wider_row(b, &stand_ins, row);
        if (other)
            refuse_overlap(b, row, other);
    }
}
