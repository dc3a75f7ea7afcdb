#include "model/state_mask.h"

#include "base/str.h"

#include <stdlib.h>

/* Names of one kind; in the end each is known by its place. */
struct names {
    struct arena *arena;
    const char *kind;
    const char **rows;
    size_t count, room;
    struct map places;
};

static void begin(struct names *n, struct arena *a, const char *kind, bool fold)
{
    *n = (struct names){.arena = a, .kind = kind};
    map_init(&n->places, a, 64, fold);
}

static void take(struct names *n, const char *name)
{
    if (name)
        *arena_push(n->arena, n->rows, n->count, n->room) = name;
}

static int by_name(const void *x, const void *y)
{
    return str_cmp_natural(*(const char *const *)x, *(const char *const *)y);
}

static void number(struct names *n)
{
    uint32_t next = 1;

    if (n->count)
        qsort(n->rows, n->count, sizeof *n->rows, by_name);
    for (size_t i = 0; i < n->count; i++)
        if (map_put(&n->places, n->rows[i], next) == next)
            next++;
}

static const char *word(const struct names *n, const char *name)
{
    return name ? arena_printf(n->arena, "%s-%u", n->kind, map_get(&n->places, name)) : NULL;
}

/* A request for a pool that is nowhere names one as well. */
static void take_pools(struct names *pools, const struct state *s)
{
    for (size_t i = 0; i < s->pool_count; i++)
        take(pools, s->pools[i].name);
    for (size_t i = 0; i < s->gpu_count; i++)
        take(pools, s->gpus[i].pool);
    for (size_t i = 0; i < s->vm_count; i++)
        for (size_t k = 0; k < s->vms[i].request_count; k++)
            take(pools, s->vms[i].requests[k].pool);
    number(pools);
}

static void name_pools(const struct names *pools, struct state *s)
{
    for (size_t i = 0; i < s->pool_count; i++)
        s->pools[i].name = word(pools, s->pools[i].name);
    for (size_t i = 0; i < s->gpu_count; i++)
        s->gpus[i].pool = word(pools, s->gpus[i].pool);
    for (size_t i = 0; i < s->vm_count; i++)
        for (size_t k = 0; k < s->vms[i].request_count; k++)
            s->vms[i].requests[k].pool = word(pools, s->vms[i].requests[k].pool);
}

void state_mask(struct arena *a, struct state *s)
{
    struct names hosts, vms, pools;

    begin(&hosts, a, "host", true);
    begin(&vms, a, "vm", true);
    begin(&pools, a, "pool", false);
    for (size_t i = 0; i < s->node_count; i++)
        take(&hosts, s->nodes[i].name);
    for (size_t i = 0; i < s->vm_count; i++)
        take(&vms, s->vms[i].name);
    number(&hosts);
    number(&vms);
    take_pools(&pools, s);
    name_pools(&pools, s);
    for (size_t i = 0; i < s->node_count; i++) {
        s->nodes[i].name = word(&hosts, s->nodes[i].name);
        s->nodes[i].iov_reasons = NULL; /* sentences of the host */
        s->nodes[i].iov_reason_count = 0;
    }
    for (size_t i = 0; i < s->vm_count; i++)
        s->vms[i].name = word(&vms, s->vms[i].name);
    s->name = s->standalone ? "host-1" : "cluster-1";
    s->identity = state_identity(a, s->standalone, s->name);
    s->arbiter = NULL;
    s->complaint_count = 0;
    state_sort(s, a);
}
