/*
 * The GPUs of an export: a row for each product where all of it is wanted the
 * same, else one for the nodes where it is, else one for each GPU.
 */
#include "report/export_inner.h"

#include <stdlib.h>
#include <string.h>

/* What selects a product; NULL: not known, not wanted, or no spec can say it. */
struct product {
    const char *model, *pci, *subsystem;
};

struct gpus {
    struct export *x;
    const struct state *have;
    struct product *products; /* of each GPU */
    struct map selected;      /* match text to its place in `counts` */
    size_t *counts, count, room;
    struct map slots; /* "node|location" to how often it is there: 0 once, 1 more than once */
    uint32_t *order;  /* GPUs, those of one product together, by node */
    const char **wishes;
    bool any;
};

enum use { USED_NOT, USED_PARTITIONS, USED_POOL, USED_DEVICE, USED_HOST };

static enum use use_of(const struct gpu *g)
{
    bool listed = !g->valid_complete;

    if (!g->is_gpu || g->location_count == 0)
        return USED_NOT;
    for (size_t i = 0; i < g->valid_count; i++)
        listed = listed || num_is(g->count, g->valid[i]);
    switch (g->state) {
    case GPU_PARTITIONED:
        return g->count.known && g->count.value && listed ? USED_PARTITIONS : USED_NOT;
    case GPU_DISMOUNTED:
        return g->pool ? USED_POOL : USED_DEVICE;
    case GPU_HOST:
        return USED_HOST;
    default:
        return USED_NOT;
    }
}

/* What the row of this GPU says of it; NULL: it has none. */
static const char *wish_of(struct gpus *s, uint32_t gpu)
{
    const struct gpu *g = &s->have->gpus[gpu];
    struct arena *a = s->x->arena;

    if (export_left_out(s->x, arena_printf(a, "gpu/%s", gpu_label(a, s->have, gpu))))
        return NULL;
    switch (use_of(g)) {
    case USED_PARTITIONS:
        return arena_printf(a, "partitions: %llu", (unsigned long long)g->count.value);
    case USED_POOL:
        return arena_printf(a, "pool: %s", export_scalar(a, g->pool));
    case USED_DEVICE:
        return "device: true";
    case USED_HOST:
        return "host: true";
    case USED_NOT:
        break;
    }
    return NULL;
}

/* ---- products ---- */

static bool is_pci_id(const char *s)
{
    static const char hex[] = "0123456789abcdefABCDEF";

    return s && strlen(s) == 9 && strspn(s, hex) == 4 && s[4] == ':' && strspn(s + 5, hex) == 4;
}

static bool can_be_model(const char *s)
{
    enum { MOST = 256 };

    if (!s || !*s || strlen(s) > MOST)
        return false;
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 127)
            return false;
    return true;
}

/* The text of a match; equal matches have equal texts, but for case. */
static const char *match_text(struct arena *a, const struct product *p)
{
    struct text t;

    text_init(&t, a);
    if (p->model)
        text_printf(&t, "model: %s", export_scalar(a, p->model));
    if (p->pci)
        text_printf(&t, "%spci: \"%s\"", t.size ? ", " : "", p->pci);
    if (p->subsystem)
        text_printf(&t, "%ssubsystem: \"%s\"", t.size ? ", " : "", p->subsystem);
    return text_done(&t);
}

/* One more GPU that this match selects. */
static void count_match(struct gpus *s, const struct product *p)
{
    const char *key = match_text(s->x->arena, p);
    uint32_t at = map_put(&s->selected, key, (uint32_t)s->count);

    if (at == s->count)
        *arena_push(s->x->arena, s->counts, s->count, s->room) = 0;
    s->counts[at]++;
}

static size_t selects(struct gpus *s, const struct product *p)
{
    uint32_t at = map_get(&s->selected, match_text(s->x->arena, p));

    return at == MAP_NONE ? 0 : s->counts[at];
}

/* Every match that selects this GPU. */
static void count_matches(struct gpus *s, const struct product *g)
{
    for (int mask = 1; mask < 8; mask++) {
        struct product p = {mask & 1 ? g->model : NULL, mask & 2 ? g->pci : NULL,
                            mask & 4 ? g->subsystem : NULL};

        if ((mask & 1 && !p.model) || (mask & 2 && !p.pci) || (mask & 4 && !p.subsystem))
            continue;
        count_match(s, &p);
    }
}

/*
 * The shortest match that selects the same GPUs as all that is known of this
 * one.  A card whose driver says no name is the same product as its neighbours
 * that have one: where one is nameless, the PCI ids alone select them all.
 */
static void name_products(struct gpus *s)
{
    const struct state *have = s->have;
    struct product *full = arena_array(s->x->arena, struct product, have->gpu_count + 1);
    struct map nameless;

    map_init(&nameless, s->x->arena, have->gpu_count, true);
    for (size_t i = 0; i < have->gpu_count; i++) {
        const struct gpu *g = &have->gpus[i];

        full[i] = (struct product){.model = can_be_model(g->model) ? g->model : NULL,
                                   .pci = is_pci_id(g->pci) ? g->pci : NULL,
                                   .subsystem = is_pci_id(g->subsystem) ? g->subsystem : NULL};
        count_matches(s, &full[i]);
        if (!full[i].model && full[i].pci)
            map_put(
                &nameless,
                match_text(s->x->arena, &(struct product){NULL, full[i].pci, full[i].subsystem}),
                0);
    }
    for (size_t i = 0; i < have->gpu_count; i++) {
        struct product ids = {NULL, full[i].pci, full[i].subsystem}, model = {full[i].model};

        s->products[i] = full[i];
        if (map_get(&nameless, match_text(s->x->arena, &ids)) != MAP_NONE)
            s->products[i] = ids;
        else if (model.model && selects(s, &model) == selects(s, &full[i]))
            s->products[i] = model;
    }
}

static int by_match(const struct product *a, const struct product *b)
{
    int by[] = {str_cmp_fold(a->model ? a->model : "", b->model ? b->model : ""),
                str_cmp_fold(a->pci ? a->pci : "", b->pci ? b->pci : ""),
                str_cmp_fold(a->subsystem ? a->subsystem : "", b->subsystem ? b->subsystem : "")};

    return by[0] ? by[0] : by[1] ? by[1] : by[2];
}

static bool same_match(const struct product *a, const struct product *b)
{
    return str_same(a->model, b->model) && str_same(a->pci, b->pci) &&
           str_same(a->subsystem, b->subsystem);
}

struct place {
    const struct product *product;
    uint32_t gpu;
};

static int by_product(const void *one, const void *two)
{
    const struct place *a = one, *b = two;
    int order = by_match(a->product, b->product);

    return order ? order : (a->gpu > b->gpu) - (a->gpu < b->gpu);
}

/* ---- one GPU ---- */

static const char *slot_key(struct gpus *s, const struct gpu *g, size_t location)
{
    return arena_printf(s->x->arena, "%u|%s", g->node, g->locations[location]);
}

static void count_slots(struct gpus *s)
{
    struct map once;

    map_init(&once, s->x->arena, s->have->gpu_count, true);
    map_init(&s->slots, s->x->arena, 16, true);
    for (uint32_t i = 0; i < s->have->gpu_count; i++)
        for (size_t k = 0; k < s->have->gpus[i].location_count; k++) {
            const char *key = slot_key(s, &s->have->gpus[i], k);

            if (map_put(&once, key, i) != i)
                map_put(&s->slots, key, 1);
        }
}

/* The key that selects this one GPU of its node: its slot, or else its path; NULL: none does. */
static const char *own_key(struct gpus *s, const struct gpu *g)
{
    const char *at = g->location_count ? g->locations[0] : "";

    if (path_is_location(at) && map_get(&s->slots, slot_key(s, g, 0)) == MAP_NONE)
        return arena_printf(s->x->arena, "locationPath: %s", export_location(s->x->arena, at));
    if (g->path && path_is_instance(g->path))
        return arena_printf(s->x->arena, "instancePath: %s", export_scalar(s->x->arena, g->path));
    return NULL;
}

/* ---- rows ---- */

static void begin_row(struct gpus *s)
{
    if (!s->any)
        text_add(&s->x->out, "  gpus:\n");
    s->any = true;
}

static void mark_gpu(struct gpus *s, uint32_t gpu)
{
    export_mark(s->x, arena_printf(s->x->arena, "gpu/%s", gpu_label(s->x->arena, s->have, gpu)));
}

/* How many there are on each of these nodes; 0: not the same number on all of them. */
static size_t per_node(const struct state *have, const uint32_t *gpus, size_t count, size_t nodes)
{
    size_t first = 0, n = 0, seen = 0;

    for (size_t i = 0; i < count; i += n) {
        for (n = 1; i + n < count && have->gpus[gpus[i + n]].node == have->gpus[gpus[i]].node; n++)
            ;
        first = first ? first : n;
        if (n != first)
            return 0;
        seen++;
    }
    return seen == nodes ? first : 0;
}

static void row_end(struct gpus *s, const char *wish, size_t each)
{
    if (each)
        text_printf(&s->x->out, "      perNode: %zu\n", each);
    text_printf(&s->x->out, "      %s\n", wish);
}

/* All GPUs of a product. */
static void product_row(struct gpus *s, const uint32_t *gpus, size_t count)
{
    begin_row(s);
    for (size_t i = 0; i < count; i++)
        mark_gpu(s, gpus[i]);
    text_printf(&s->x->out, "    - match: {%s}\n", match_text(s->x->arena, &s->products[gpus[0]]));
    row_end(s, s->wishes[gpus[0]], per_node(s->have, gpus, count, s->have->node_count));
}

static void own_row(struct gpus *s, uint32_t gpu, const char *key)
{
    const struct gpu *g = &s->have->gpus[gpu];
    struct arena *a = s->x->arena;
    const char *node = export_scalar(a, s->have->nodes[g->node].name);
    const char *line = arena_printf(a, "    - match: {nodes: [%s], %s}\n", node, key);

    begin_row(s);
    mark_gpu(s, gpu);
    if (page_columns(line) <= REPORT_WIDTH)
        text_add(&s->x->out, line);
    else
        text_printf(&s->x->out, "    - match:\n        nodes: [%s]\n        %s\n", node, key);
    text_printf(&s->x->out, "      %s\n", s->wishes[gpu]);
}

/* Nodes on which every GPU of a product is wanted the same. */
struct on_nodes {
    const char *wish;
    uint32_t *gpus; /* by node */
    const char **nodes;
    size_t gpu_count, gpu_room, node_count, node_room;
};

static bool can_range(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
           strlen(name);
}

static void nodes_row(struct gpus *s, struct on_nodes *on)
{
    struct arena *a = s->x->arena;
    const char **words = arena_array(a, const char *, on->node_count + 1), **plain;
    const char *match = match_text(a, &s->products[on->gpus[0]]);
    size_t n = 0, ranged = 0;

    plain = arena_array(a, const char *, on->node_count + 1);
    for (size_t i = 0; i < on->node_count; i++)
        if (can_range(on->nodes[i]))
            plain[ranged++] = on->nodes[i];
        else
            words[n++] = export_scalar(a, on->nodes[i]);
    for (const char *at = str_ranges(a, plain, ranged); *at; at += strspn(at, " ")) {
        words[n++] = export_scalar(a, arena_strndup(a, at, strcspn(at, " ")));
        at += strcspn(at, " ");
    }
    begin_row(s);
    for (size_t i = 0; i < on->gpu_count; i++)
        mark_gpu(s, on->gpus[i]);
    export_names(s->x, arena_printf(a, "    - match: {%s, nodes: [", match), words, n, "]}\n");
    row_end(s, on->wish, per_node(s->have, on->gpus, on->gpu_count, on->node_count));
}

/* Where this GPU stands alone; its comment goes to `left` when no row can say it. */
static void single(struct gpus *s, uint32_t gpu, struct text *left)
{
    const struct gpu *g = &s->have->gpus[gpu];
    struct arena *a = s->x->arena;
    const char *label = gpu_label(a, s->have, gpu), *key = s->wishes[gpu] ? own_key(s, g) : NULL;
    const char *why = export_left_out(s->x, arena_printf(a, "gpu/%s", label));

    if (key) {
        own_row(s, gpu, key);
        return;
    }
    if (!why)
        why = s->wishes[gpu] ? "no path of it can stand in a spec" : gpu_state_words[g->state];
    s->x->doc.left_out++;
    export_remark(a, left, arena_printf(a, "%s %s:", label, g->model ? g->model : ""), " ", why);
}

static bool all_alike(struct gpus *s, const uint32_t *gpus, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!str_eq(s->wishes[gpus[i]], s->wishes[gpus[0]]) || !s->wishes[gpus[i]])
            return false;
    return true;
}

/* Node by node: those that are alike in sets, in the order of the first; the rest one by one. */
static void split_product(struct gpus *s, const uint32_t *gpus, size_t count, struct text *left)
{
    struct arena *a = s->x->arena;
    struct on_nodes *sets = NULL;
    size_t set_count = 0, room = 0, n;
    struct map index;

    map_init(&index, a, 16, false);
    for (size_t i = 0; i < count; i += n) {
        uint32_t node = s->have->gpus[gpus[i]].node, at;

        for (n = 1; i + n < count && s->have->gpus[gpus[i + n]].node == node; n++)
            ;
        if (!all_alike(s, gpus + i, n)) {
            for (size_t k = 0; k < n; k++)
                single(s, gpus[i + k], left);
            continue;
        }
        at = map_put(&index, s->wishes[gpus[i]], (uint32_t)set_count);
        if (at == set_count)
            arena_push(a, sets, set_count, room)->wish = s->wishes[gpus[i]];
        *arena_push(a, sets[at].nodes, sets[at].node_count, sets[at].node_room) =
            s->have->nodes[node].name;
        for (size_t k = 0; k < n; k++)
            *arena_push(a, sets[at].gpus, sets[at].gpu_count, sets[at].gpu_room) = gpus[i + k];
    }
    for (size_t i = 0; i < set_count; i++)
        nodes_row(s, &sets[i]);
}

/* Can a match by product take these GPUs and no other? */
static bool is_selectable(struct gpus *s, const uint32_t *gpus, size_t count)
{
    const struct product *p = &s->products[gpus[0]];

    return (p->model || p->pci) && selects(s, p) == count;
}

static void fill_pools(struct gpus *s)
{
    map_init(&s->x->filled, s->x->arena, 16, false);
    for (uint32_t i = 0; i < s->have->gpu_count; i++)
        if (s->wishes[i] && use_of(&s->have->gpus[i]) == USED_POOL)
            map_put(&s->x->filled, s->have->gpus[i].pool, 0);
}

void export_gpus(struct export *x)
{
    struct arena *a = x->arena;
    size_t count = x->have->gpu_count, n;
    struct gpus s = {.x = x, .have = x->have};
    struct place *places = arena_array(a, struct place, count + 1);
    struct text left;

    text_init(&left, a);
    map_init(&s.selected, a, count, true);
    s.products = arena_array(a, struct product, count + 1);
    s.wishes = arena_array(a, const char *, count + 1);
    s.order = arena_array(a, uint32_t, count + 1);
    name_products(&s);
    count_slots(&s);
    for (uint32_t i = 0; i < count; i++) {
        s.wishes[i] = wish_of(&s, i);
        places[i] = (struct place){&s.products[i], i};
    }
    fill_pools(&s);
    if (count)
        qsort(places, count, sizeof *places, by_product);
    for (size_t i = 0; i < count; i++)
        s.order[i] = places[i].gpu;
    for (size_t i = 0; i < count; i += n) {
        for (n = 1;
             i + n < count && same_match(&s.products[s.order[i]], &s.products[s.order[i + n]]); n++)
            ;
        if (!is_selectable(&s, s.order + i, n))
            for (size_t k = 0; k < n; k++)
                single(&s, s.order[i + k], &left);
        else if (all_alike(&s, s.order + i, n))
            product_row(&s, s.order + i, n);
        else
            split_product(&s, s.order + i, n, &left);
    }
    if (left.size)
        text_printf(&x->out, "    # GPUs that are left out:\n%s", text_done(&left));
}
