/* E8: a VM that moves or fails over finds another driver there. */
#include "base/str.h"
#include "model/knowing.h"

/* Which nodes have one version of the driver of a product. */
struct version {
    uint32_t next; /* another version of the same product, or NO_INDEX */
    const char *driver, **nodes;
    size_t count, room;
};

struct product {
    const char *name;
    uint32_t first, last; /* versions */
};

struct drivers {
    struct arena *arena;
    const struct state *have;
    struct map product_ids, version_ids;
    struct product *products;
    size_t product_count, product_room;
    struct version *versions;
    size_t version_count, version_room;
};

static uint32_t product_of(struct drivers *d, const struct gpu *g)
{
    const char *ids =
        arena_printf(d->arena, "%s %s", g->pci ? g->pci : "?", g->subsystem ? g->subsystem : "?");
    uint32_t at = map_put(&d->product_ids, ids, (uint32_t)d->product_count);

    if (at == d->product_count)
        *arena_push(d->arena, d->products, d->product_count, d->product_room) = (struct product){
            .name = g->model ? g->model : ids, .first = NO_INDEX, .last = NO_INDEX};
    return at;
}

static void add(struct drivers *d, const struct gpu *g)
{
    const char *node = d->have->nodes[g->node].name;
    uint32_t product = product_of(d, g);
    uint32_t at = map_put(&d->version_ids, arena_printf(d->arena, "%u %s", product, g->driver),
                          (uint32_t)d->version_count);
    struct product *p = &d->products[product];
    struct version *v;

    if (at == d->version_count) {
        *arena_push(d->arena, d->versions, d->version_count, d->version_room) =
            (struct version){.next = NO_INDEX, .driver = g->driver};
        *(p->first == NO_INDEX ? &p->first : &d->versions[p->last].next) = at;
        p->last = at;
    }
    v = &d->versions[at];
    if (!v->count || v->nodes[v->count - 1] != node)
        *arena_push(d->arena, v->nodes, v->count, v->room) = node;
}

/* "the host's driver of NVIDIA A2 is 580.95 on hv1..3, 581.15 on hv4": the first few. */
static const char *text_of(struct drivers *d, const struct product *p)
{
    enum { FEW = 6 };
    uint32_t at = p->first;
    struct text t;

    text_init(&t, d->arena);
    text_printf(&t, "the host's driver of %s is", p->name);
    for (int told = 0; at != NO_INDEX && told < FEW; at = d->versions[at].next)
        text_printf(&t, "%s %s on %s", told++ ? "," : "", d->versions[at].driver,
                    str_ranges(d->arena, d->versions[at].nodes, d->versions[at].count));
    text_add(&t, at != NO_INDEX ? " and others" : "");
    return text_done(&t);
}

size_t host_drivers_differ(struct arena *a, const struct state *have, const bool *meant,
                           const char ***out)
{
    struct drivers d = {.arena = a, .have = have};
    size_t count = 0, room = 0;

    map_init(&d.product_ids, a, 16, true);
    map_init(&d.version_ids, a, 16, false);
    for (size_t i = 0; i < have->gpu_count; i++) {
        const struct gpu *g = &have->gpus[i];

        if (g->driver && g->is_gpu && g->state == GPU_PARTITIONED && (!meant || meant[i]))
            add(&d, g);
    }
    *out = NULL;
    for (size_t p = 0; p < d.product_count; p++)
        if (d.versions[d.products[p].first].next != NO_INDEX)
            *arena_push(a, *out, count, room) = text_of(&d, &d.products[p]);
    return count;
}
