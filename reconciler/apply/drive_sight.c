#include "apply/drive_sight.h"

#include <string.h>

void sight_init(struct sight *s, const struct state *have, jmp_buf *escape)
{
    *s = (struct sight){.have = have};
    arena_init(&s->pool, 0);
    arena_init(&s->rows[0], 0);
    arena_init(&s->rows[1], 0);
    s->pool.escape = s->rows[0].escape = s->rows[1].escape = escape;
    map_init(&s->texts, &s->pool, 1024, false);
}

void sight_release(struct sight *s)
{
    arena_release(&s->pool);
    arena_release(&s->rows[0]);
    arena_release(&s->rows[1]);
}

static const char *pooled(struct sight *s, const char *text)
{
    uint32_t at;
    const char *copy;

    if (!text)
        return NULL;
    at = map_get(&s->texts, text);
    if (at != MAP_NONE)
        return s->pooled[at];
    copy = arena_strdup(&s->pool, text);
    map_put(&s->texts, copy, (uint32_t)s->pooled_count);
    *arena_push(&s->pool, s->pooled, s->pooled_count, s->pooled_room) = copy;
    return copy;
}

/* ---- rows: copied with what hangs on them; texts by way of `text` ---- */

/* NULL pool: the texts are in the pool already. */
static const char *text_of(struct sight *pool, const char *text)
{
    return pool ? pooled(pool, text) : text;
}

static void *copy_rows(struct arena *a, const void *from, size_t count, size_t size)
{
    void *p = arena_alloc(a, count + 1, size);

    if (count)
        memcpy(p, from, count * size);
    return p;
}

static const char **copy_texts(struct arena *a, struct sight *pool, const char **from, size_t n)
{
    const char **out = copy_rows(a, from, n, sizeof *from);

    for (size_t i = 0; i < n; i++)
        out[i] = text_of(pool, out[i]);
    return out;
}

static void copy_nodes(struct arena *a, struct sight *pool, struct state *s)
{
    s->nodes = copy_rows(a, s->nodes, s->node_count, sizeof *s->nodes);
    for (size_t i = 0; i < s->node_count; i++) {
        struct node *n = &s->nodes[i];

        n->name = text_of(pool, n->name);
        n->iov_reasons = copy_texts(a, pool, n->iov_reasons, n->iov_reason_count);
    }
}

static void copy_gpus(struct arena *a, struct sight *pool, struct state *s)
{
    s->gpus = copy_rows(a, s->gpus, s->gpu_count, sizeof *s->gpus);
    for (size_t i = 0; i < s->gpu_count; i++) {
        struct gpu *g = &s->gpus[i];

        g->path = text_of(pool, g->path);
        g->reported = text_of(pool, g->reported);
        g->locations = copy_texts(a, pool, g->locations, g->location_count);
        g->model = text_of(pool, g->model);
        g->pci = text_of(pool, g->pci);
        g->subsystem = text_of(pool, g->subsystem);
        g->valid = copy_rows(a, g->valid, g->valid_count, sizeof *g->valid);
        g->pool = text_of(pool, g->pool);
    }
    s->pools = copy_rows(a, s->pools, s->pool_count, sizeof *s->pools);
    for (size_t i = 0; i < s->pool_count; i++)
        s->pools[i].name = text_of(pool, s->pools[i].name);
}

static void copy_vms(struct arena *a, struct sight *pool, struct state *s)
{
    s->vms = copy_rows(a, s->vms, s->vm_count, sizeof *s->vms);
    for (size_t i = 0; i < s->vm_count; i++) {
        struct vm *v = &s->vms[i];

        v->id = text_of(pool, v->id);
        v->name = text_of(pool, v->name);
        v->adapters = copy_rows(a, v->adapters, v->adapter_count, sizeof *v->adapters);
        for (size_t k = 0; pool && k < v->adapter_count; k++) {
            v->adapters[k].id = pooled(pool, v->adapters[k].id);
            v->adapters[k].pin = pooled(pool, v->adapters[k].pin);
            v->adapters[k].seen = pooled(pool, v->adapters[k].seen);
        }
        v->requests = copy_rows(a, v->requests, v->request_count, sizeof *v->requests);
        for (size_t k = 0; pool && k < v->request_count; k++) {
            v->requests[k].id = pooled(pool, v->requests[k].id);
            v->requests[k].pool = pooled(pool, v->requests[k].pool);
            v->requests[k].location = pooled(pool, v->requests[k].location);
            v->requests[k].given = pooled(pool, v->requests[k].given);
        }
    }
}

static void copy_complaints(struct arena *a, struct sight *pool, struct state *s)
{
    s->complaints = copy_rows(a, s->complaints, s->complaint_count, sizeof *s->complaints);
    for (size_t i = 0; i < s->complaint_count; i++) {
        s->complaints[i].subject = text_of(pool, s->complaints[i].subject);
        s->complaints[i].text = text_of(pool, s->complaints[i].text);
    }
}

static void copy_state(struct arena *a, struct sight *pool, struct state *s)
{
    s->name = text_of(pool, s->name);
    s->identity = text_of(pool, s->identity);
    s->arbiter = text_of(pool, s->arbiter);
    copy_nodes(a, pool, s);
    copy_gpus(a, pool, s);
    copy_vms(a, pool, s);
    copy_complaints(a, pool, s);
}

static bool same_nodes(const struct state *a, const struct state *b)
{
    if (a->node_count != b->node_count)
        return false;
    for (size_t i = 0; i < a->node_count; i++)
        if (!str_same(a->nodes[i].name, b->nodes[i].name))
            return false;
    return true;
}

bool sight_take(struct sight *s, const struct state *part, uint32_t node)
{
    unsigned next = !s->now;
    struct arena *a = &s->rows[next];
    struct state mine = *part, merged;

    if (!same_nodes(s->have, part))
        return false;
    arena_reset(a);
    copy_state(a, s, &mine);
    if (node != NO_INDEX) {
        state_splice(a, s->have, &mine, node, &merged);
        copy_state(a, NULL, &merged); /* rows of the state before go with its arena */
        mine = merged;
    }
    s->states[next] = mine;
    s->have = &s->states[next];
    s->now = next;
    return true;
}
