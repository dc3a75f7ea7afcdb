/* From places to rows and boxes: what is alike is drawn once. */
#include "report/scene_inner.h"

#include "report/page.h"

#include <stdlib.h>
#include <string.h>

/* ---- cells ---- */

/* What the picture says of one VM in one place; without `whole` cells hold all that are alike. */
static void cell_add(struct look *l, struct scene_cells *cells, const struct scene_cell *like,
                     const char *name, bool whole)
{
    struct scene_cell *cell = NULL;

    for (size_t i = 0; !whole && i < cells->count && !cell; i++) {
        struct scene_cell *c = &cells->rows[i];

        if (c->sign == like->sign && c->stops == like->stops && c->held == like->held &&
            c->off == like->off && c->lands == like->lands && str_eq(c->what, like->what))
            cell = c;
    }
    if (!cell) {
        cell = arena_push(l->arena, cells->rows, cells->count, cells->room);
        *cell = *like;
        cell->names = NULL;
        cell->count = cell->room = 0;
    }
    *arena_push(l->arena, cell->names, cell->count, cell->room) = name;
}

static char place_sign(const struct place *p, const struct note *note)
{
    if (p->leaves || p->comes)
        return p->leaves ? (p->after ? 0 : '-') : '+';
    if (!note || note->sign == '+' || note->sign == '-')
        return 0;
    return note->sign;
}

static void place_add(struct look *l, struct scene_cells *cells, const struct place *p, bool whole)
{
    const struct vm *vm = &l->have->vms[p->vm];
    const struct note *note = look_note(l, "vm", vm->name);
    struct scene_cell cell = {.sign = place_sign(p, note),
                              .stops = !p->after && note && note->stops,
                              .off = p->off,
                              .lands = p->lands,
                              .what = p->gpu == NO_INDEX ? p->what : NULL};

    if (p->after && p->leaves)
        return;
    cell.held = note && note->held && (cell.sign || cell.stops);
    cell_add(l, cells, &cell, vm->name, whole);
    cells->taken++;
}

static void cells_merge(struct look *l, struct scene_cells *into, const struct scene_cells *from)
{
    for (size_t i = 0; i < from->count; i++)
        for (size_t k = 0; k < from->rows[i].count; k++)
            cell_add(l, into, &from->rows[i], from->rows[i].names[k], false);
    into->taken += from->taken;
}

static int by_natural(const void *one, const void *two)
{
    return str_cmp_natural(*(const char *const *)one, *(const char *const *)two);
}

/* A VM with two partitions among those that are alike is named once. */
static void cells_sort(struct scene_cells *cells)
{
    for (size_t i = 0; i < cells->count; i++) {
        struct scene_cell *c = &cells->rows[i];
        size_t n = 0;

        if (c->count < 2)
            continue;
        qsort(c->names, c->count, sizeof *c->names, by_natural);
        for (size_t k = 0; k < c->count; k++)
            if (!n || !str_eq(c->names[n - 1], c->names[k]))
                c->names[n++] = c->names[k];
        c->count = n;
    }
}

/* Something happens to one of them; to what is blocked nothing does. */
static bool cells_change(const struct scene_cells *cells)
{
    for (size_t i = 0; i < cells->count; i++)
        if ((cells->rows[i].sign && cells->rows[i].sign != 'x') || cells->rows[i].stops)
            return true;
    return false;
}

static bool cells_land(const struct scene_cells *cells)
{
    for (size_t i = 0; i < cells->count; i++)
        if (cells->rows[i].lands)
            return true;
    return false;
}

static void cells_key(struct text *t, const struct scene_cells *cells)
{
    static const char signs[] = "+-~>x!";
    bool seen[sizeof signs][2] = {{false}};

    for (size_t i = 0; i < cells->count; i++) {
        const struct scene_cell *c = &cells->rows[i];
        const char *at = c->sign ? strchr(signs, c->sign) : NULL;

        if (at)
            seen[at - signs][c->held] = true;
        if (c->stops)
            seen[5][c->held] = true;
    }
    for (size_t i = 0; signs[i]; i++)
        text_printf(t, "%d%d", seen[i][0], seen[i][1]);
}

/* ---- rows: GPUs ---- */

static struct scene_side side_of(struct look *l, const struct gpu *g)
{
    struct scene_side side = {.parts = g->state == GPU_PARTITIONED};

    if (side.parts) {
        side.counted = g->count.known;
        side.each = side.all = g->count.known ? g->count.value : 0;
        side.size = g->optimal[QUOTA_VRAM];
        side.word = side.counted ? page_count(l->arena, side.each, "partition")
                                 : "partitions: number unknown";
    } else {
        side.counted = true;
        side.each = side.all = 1;
        side.word = gpu_word(l->arena, g);
    }
    return side;
}

static void row_key(struct look *l, struct scene_row *row)
{
    struct text t;

    text_init(&t, l->arena);
    text_printf(&t, "%d%c%d|%s|", !row->changes, row->sign ? row->sign : ' ', row->held,
                row->model);
    text_printf(&t, "%s|%s|%s|%s|", row->now.word, page_bytes(l->arena, row->now.size),
                row->after.word, page_bytes(l->arena, row->after.size));
    cells_key(&t, &row->now.cells);
    cells_key(&t, &row->after.cells);
    row->key = text_done(&t);
}

static struct scene_row *row_of_gpu(struct look *l, uint32_t gpu)
{
    const struct gpu *g = &l->have->gpus[gpu];
    struct scene_row *row = arena_new(l->arena, struct scene_row);
    const char *label = gpu_label(l->arena, l->have, gpu);
    const struct note *note = look_note(l, "gpu", label);

    *row = (struct scene_row){.model = g->model ? g->model
                                       : g->pci ? arena_printf(l->arena, "PCI %s", g->pci)
                                                : "unknown model",
                              .now = side_of(l, g),
                              .after = side_of(l, &l->after[gpu]),
                              .sign = note ? note->sign : 0,
                              .held = note && note->held};
    *arena_push(l->arena, row->gpus, row->count, row->room) = label;
    return row;
}

/* Another assignable device is drawn where it is used. */
static bool is_shown(const struct look *l, uint32_t gpu, const struct scene_row *row)
{
    const struct gpu *g = &l->have->gpus[gpu];

    return g->is_gpu || g->pool || row->sign || row->now.cells.count || row->after.cells.count;
}

static void row_merge(struct look *l, struct scene_row *into, const struct scene_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        *arena_push(l->arena, into->gpus, into->count, into->room) = row->gpus[i];
    into->now.all += row->now.all;
    into->after.all += row->after.all;
    cells_merge(l, &into->now.cells, &row->now.cells);
    cells_merge(l, &into->after.cells, &row->after.cells);
}

static int by_key(const void *one, const void *two)
{
    return str_cmp(((const struct scene_row *)one)->key, ((const struct scene_row *)two)->key);
}

/* ---- boxes: nodes ---- */

static void box_key(struct look *l, struct scene_box *box, bool whole)
{
    struct text t;

    text_init(&t, l->arena);
    text_printf(&t, "%d%s|%d%d", !box->changes, box->word, box->answered, box->lands);
    for (size_t i = 0; i < box->row_count; i++)
        text_printf(&t, "|%s", box->rows[i].key);
    cells_key(&t, &box->now);
    cells_key(&t, &box->after);
    if (whole && (box->row_count || box->now.count || box->after.count))
        text_printf(&t, "|%s", box->nodes[0]);
    box->key = text_done(&t);
}

static void box_merge(struct look *l, struct scene_box *into, const struct scene_box *box)
{
    *arena_push(l->arena, into->nodes, into->count, into->room) = box->nodes[0];
    for (size_t i = 0; i < box->row_count; i++) /* the keys are the same, one by one */
        row_merge(l, &into->rows[i], &box->rows[i]);
    cells_merge(l, &into->now, &box->now);
    cells_merge(l, &into->after, &box->after);
}

/* The rows of a node, from `gpu` on; gives the first GPU of the next. */
static uint32_t box_rows(struct look *l, uint32_t gpu, struct scene_row **rows, bool whole,
                         struct scene_box *box)
{
    uint32_t node = l->have->gpus[gpu].node;
    struct map keys;

    map_init(&keys, l->arena, 16, false);
    for (; gpu < l->have->gpu_count && l->have->gpus[gpu].node == node; gpu++) {
        struct scene_row *row = rows[gpu];
        uint32_t at = (uint32_t)box->row_count;

        if (!is_shown(l, gpu, row))
            continue;
        row->changes = (row->sign && row->sign != 'x') || !str_eq(row->now.word, row->after.word) ||
                       cells_change(&row->now.cells) || cells_change(&row->after.cells);
        box->changes = box->changes || row->changes;
        row_key(l, row);
        if (!whole)
            at = map_put(&keys, row->key, at);
        if (at == box->row_count)
            *arena_push(l->arena, box->rows, box->row_count, box->row_room) = *row;
        else
            row_merge(l, &box->rows[at], row);
    }
    if (!whole && box->row_count)
        qsort(box->rows, box->row_count, sizeof *box->rows, by_key);
    return gpu;
}

/* have.gpus is in the order of nodes. */
static void put_boxes(struct look *l, struct scene_box *boxes, struct scene_row **rows,
                      struct scene *out)
{
    uint32_t gpu = 0;
    struct map keys;

    map_init(&keys, l->arena, l->have->node_count, false);
    for (uint32_t n = 0; n < l->have->node_count; n++) {
        struct scene_box *box = &boxes[n];
        uint32_t at;

        box->word = node_state_words[node_state_shown(&l->have->nodes[n])];
        box->answered = l->have->nodes[n].answered;
        *arena_push(l->arena, box->nodes, box->count, box->room) = l->have->nodes[n].name;
        box->changes = cells_change(&box->now) || cells_change(&box->after);
        box->lands = cells_land(&box->after);
        if (gpu < l->have->gpu_count && l->have->gpus[gpu].node == n)
            gpu = box_rows(l, gpu, rows, !out->folded, box);
        box_key(l, box, !out->folded);
        out->changed_nodes += box->changes;
        at = map_put(&keys, box->key, (uint32_t)out->box_count);
        if (at == out->box_count)
            *arena_push(l->arena, out->boxes, out->box_count, out->box_room) = *box;
        else
            box_merge(l, &out->boxes[at], box);
    }
}

static void sort_all(struct scene *out)
{
    for (size_t b = 0; b < out->box_count; b++) {
        struct scene_box *box = &out->boxes[b];

        cells_sort(&box->now);
        cells_sort(&box->after);
        for (size_t r = 0; r < box->row_count; r++) {
            cells_sort(&box->rows[r].now.cells);
            cells_sort(&box->rows[r].after.cells);
        }
    }
}

/* ---- the same in words ---- */

static void say(struct look *l, struct scene *out, const struct scene_said *like, const char *name)
{
    struct scene_said *said = NULL;

    for (size_t i = 0; i < out->said_count && !said; i++)
        if (out->said[i].sign == like->sign && out->said[i].held == like->held &&
            out->said[i].gpus == like->gpus && str_eq(out->said[i].what, like->what))
            said = &out->said[i];
    if (!said) {
        said = arena_push(l->arena, out->said, out->said_count, out->said_room);
        *said = *like;
    }
    *arena_push(l->arena, said->names, said->count, said->room) = name;
}

static void say_all(struct look *l, struct scene *out)
{
    static const char order[] = "~!-+>x";

    for (int gpus = 1; gpus >= 0; gpus--)
        for (size_t s = 0; order[s]; s++)
            for (size_t i = 0; i < l->note_count; i++) {
                const struct note *n = &l->notes[i];
                bool of_gpu = str_starts(n->subject, "gpu/");
                struct scene_said like = {.sign = order[s],
                                          .held = n->held,
                                          .gpus = of_gpu,
                                          .what = of_gpu || out->drift ? n->what : NULL};

                if (of_gpu == gpus && (order[s] == '!' ? n->stops : n->sign == order[s]))
                    say(l, out, &like, strchr(n->subject, '/') + 1);
            }
}

void scene_fold(struct look *l, struct scene *out)
{
    struct scene_box *boxes = arena_array(l->arena, struct scene_box, l->have->node_count + 1);
    struct scene_row **rows = arena_array(l->arena, struct scene_row *, l->have->gpu_count + 1);

    out->folded = l->have->gpu_count > SCENE_WHOLE;
    for (uint32_t i = 0; i < l->have->gpu_count; i++)
        rows[i] = row_of_gpu(l, i);
    for (size_t i = 0; i < l->place_count; i++) {
        const struct place *p = &l->places[i];
        struct scene_cells *cells;

        if (p->gpu != NO_INDEX)
            cells = p->after ? &rows[p->gpu]->after.cells : &rows[p->gpu]->now.cells;
        else if (p->node < l->have->node_count)
            cells = p->after ? &boxes[p->node].after : &boxes[p->node].now;
        else
            continue;
        place_add(l, cells, p, !out->folded && p->gpu != NO_INDEX);
    }
    put_boxes(l, boxes, rows, out);
    sort_all(out);
    say_all(l, out);
}
