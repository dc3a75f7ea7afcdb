/*
 * Devices and pools: who uses what (D6, D8), what may leave (D2, D4), and
 * which pool must be on which node (D3).
 */
#include "spec/resolve.h"

#include <stdlib.h>
#include <string.h>

/* What VMs ask of one pool on one node once the plan is done. */
struct usage {
    const char *pool;
    uint32_t node;
    uint64_t demand, members;
    uint32_t vm;        /* the first that asks */
    bool given_unknown; /* a running VM has one of its devices, and which is not known */
};

struct uses {
    struct map keys;
    struct usage *rows;
    size_t count, room;
    uint32_t *given; /* per have.gpus: the running VM that got it from a pool, or NO_INDEX */
};

static const char *key_of(struct resolve *r, uint32_t node, const char *pool)
{
    return arena_printf(r->a, "%u %s", (unsigned)node, pool);
}

static struct usage *usage_at(struct resolve *r, struct uses *u, uint32_t node, const char *pool)
{
    uint32_t at = map_put(&u->keys, key_of(r, node, pool), (uint32_t)u->count);

    if (at == u->count)
        *arena_push(r->a, u->rows, u->count, u->room) =
            (struct usage){.pool = pool, .node = node, .vm = NO_INDEX};
    return &u->rows[at];
}

static void use_pool(struct resolve *r, struct uses *u, uint32_t vm, const char *pool,
                     uint64_t count)
{
    struct usage *row = usage_at(r, u, r->have->vms[vm].node, pool);

    if (row->vm == NO_INDEX && count)
        row->vm = vm;
    row->demand += count;
}

/* Does it let go of all its pool requests in this plan?  Then the planner orders the two. */
static bool lets_go(const struct resolve *r, uint32_t vm)
{
    uint32_t t = r->out->of_vm[vm];
    const struct target_vm *want = t == NO_INDEX ? NULL : &r->out->vms[t];

    return want && !want->refused && (want->wish->use == VM_NONE || want->wish->use == VM_DEVICES);
}

/* What a VM that is not off holds now, and keeps. */
static void note_given(struct resolve *r, struct uses *u, uint32_t vm)
{
    const struct vm *v = &r->have->vms[vm];

    if (v->power == POWER_OFF || lets_go(r, vm))
        return;
    for (size_t i = 0; i < v->request_count; i++) {
        const struct request *q = &v->requests[i];
        uint32_t gpu;

        if (q->of_checkpoint || !q->pool)
            continue;
        gpu = q->given ? resolve_device(r, v->node, q->given) : NO_INDEX;
        if (gpu == NO_INDEX)
            usage_at(r, u, v->node, q->pool)->given_unknown = true;
        else
            u->given[gpu] = vm;
    }
}

/* What a VM asks for once the plan is done: its wish, or what it has where nothing may change. */
static void note_uses(struct resolve *r, struct uses *u, uint32_t vm)
{
    const struct vm *v = &r->have->vms[vm];
    uint32_t t = r->out->of_vm[vm];
    const struct target_vm *want = t == NO_INDEX ? NULL : &r->out->vms[t];

    if (want && !want->refused && want->wish->use != VM_AS_FOUND) {
        if (want->wish->use == VM_POOL && want->wish->pool)
            use_pool(r, u, vm, want->wish->pool, want->wish->count);
        return; /* fixed devices: resolve_devices() */
    }
    for (size_t i = 0; i < v->request_count; i++) {
        const struct request *q = &v->requests[i];
        uint32_t gpu;

        if (q->of_checkpoint)
            continue;
        if (q->pool)
            use_pool(r, u, vm, q->pool, 1);
        gpu = q->location ? resolve_device(r, v->node, q->location) : NO_INDEX;
        if (gpu != NO_INDEX)
            r->device_vm[gpu] = vm;
    }
}

static void scan_uses(struct resolve *r, struct uses *u)
{
    map_init(&u->keys, r->a, 16, false);
    for (uint32_t i = 0; i < r->have->vm_count; i++) {
        const struct vm *v = &r->have->vms[i];
        uint32_t t = r->out->of_vm[i];

        if (v->node >= r->have->node_count ||
            (!v->request_count && (t == NO_INDEX || r->out->vms[t].wish->use != VM_POOL)))
            continue;
        note_given(r, u, i);
        note_uses(r, u, i);
    }
    for (uint32_t i = 0; i < r->have->gpu_count; i++) {
        const struct gpu *g = &r->have->gpus[i];

        if (g->pool && resolve_seen(r, g->node))
            usage_at(r, u, g->node, g->pool)->members++;
    }
}

/* ---- what may leave ---- */

/* Refuses a GPU whose leaving its pool would take a device from a VM (D4, D6, D8). */
static void judge_leaving(struct resolve *r, struct uses *u, uint32_t t)
{
    struct target_gpu *want = &r->out->gpus[t];
    const struct gpu *g = &r->have->gpus[want->gpu];
    struct usage *row = usage_at(r, u, g->node, g->pool);
    uint32_t user = u->given[want->gpu];
    bool other = want->use == USE_POOL;

    if (user == NO_INDEX && row->demand &&
        (other || row->given_unknown || row->members <= row->demand))
        user = row->vm;
    if (user == NO_INDEX) {
        row->members--;
        return;
    }
    resolve_gpu_problem(r, other ? REASON_POOL_OTHER : REASON_POOL_FOREIGN, t, true,
                        arena_printf(r->a, "%s is in pool %s, and %s uses that pool",
                                     gpu_label(r->a, r->have, want->gpu), g->pool,
                                     r->have->vms[user].name));
}

static void judge_uses(struct resolve *r, struct uses *u)
{
    for (uint32_t t = 0; t < r->out->gpu_count; t++) {
        struct target_gpu *want = &r->out->gpus[t];
        const struct gpu *g = &r->have->gpus[want->gpu];
        uint32_t user = r->device_vm[want->gpu];
        bool set_aside = g->state == GPU_DISMOUNTED || g->state == GPU_DISABLED;

        if (want->refused || !set_aside || want->use == USE_ANY || want->use == USE_PARTITIONS ||
            want->use == USE_LEAVING)
            continue;
        if (user != NO_INDEX && (want->use != USE_DEVICE || want->row == NO_INDEX) &&
            !(want->use == USE_POOL && str_eq(g->pool, want->pool)))
            resolve_gpu_problem(r, REASON_POOL_FOREIGN, t, true,
                                arena_printf(r->a, "%s is the device of %s",
                                             gpu_label(r->a, r->have, want->gpu),
                                             r->have->vms[user].name));
        else if (g->pool && !str_eq(g->pool, want->pool))
            judge_leaving(r, u, t);
    }
}

/* D1: a partitioned GPU that shall be a device must be empty first; who holds it, by name. */
static void judge_mode_switch(struct resolve *r)
{
    uint32_t *on_gpu = arena_array(r->a, uint32_t, r->have->gpu_count + 1);
    uint32_t *on_node = arena_array(r->a, uint32_t, r->have->node_count + 1);

    if (!r->mode_switch)
        return;
    for (uint32_t i = 0; i < r->have->vm_count; i++) {
        const struct vm *v = &r->have->vms[i];

        if (v->node >= r->have->node_count)
            continue;
        for (size_t k = 0; k < v->adapter_count; k++) {
            const struct adapter *a = &v->adapters[k];
            uint32_t gpu = resolve_device(r, v->node, a->pin ? a->pin : a->seen);

            if (a->of_checkpoint)
                continue;
            *(gpu == NO_INDEX ? &on_node[v->node] : &on_gpu[gpu]) = i + 1;
        }
    }
    for (uint32_t t = 0; t < r->out->gpu_count; t++) {
        const struct target_gpu *want = &r->out->gpus[t];
        const struct gpu *g = &r->have->gpus[want->gpu];
        uint32_t vm = on_gpu[want->gpu] ? on_gpu[want->gpu] : on_node[g->node];

        if (vm && (want->use == USE_POOL || want->use == USE_DEVICE) &&
            (g->state == GPU_PARTITIONED || g->state == GPU_PARAVIRTUAL))
            resolve_gpu_problem(r, REASON_DETACH_HELD, t, true,
                                arena_printf(r->a, "%s holds a partition of %s",
                                             r->have->vms[vm - 1].name,
                                             gpu_label(r->a, r->have, want->gpu)));
    }
}

/* ---- pools ---- */

static int by_pool(const void *x, const void *y)
{
    const struct target_pool *a = x, *b = y;
    int c = (a->node > b->node) - (a->node < b->node);

    if (!c)
        c = str_cmp(a->name, b->name);
    return c ? c : a->absent - b->absent;
}

static const char *pool_subject(struct resolve *r, const char *name)
{
    return arena_printf(r->a, "pool/%s", name);
}

/* Pools of have by node and name without case: the first of each, and whether the exact one is. */
struct pool_index {
    struct map folded, exact;
};

static void index_pools(struct resolve *r, struct pool_index *x)
{
    map_init(&x->folded, r->a, r->have->pool_count, true);
    map_init(&x->exact, r->a, r->have->pool_count, false);
    for (uint32_t i = 0; i < r->have->pool_count; i++) {
        const char *key = key_of(r, r->have->pools[i].node, r->have->pools[i].name);

        map_put(&x->folded, key, i);
        map_put(&x->exact, key, i);
    }
}

/* D3: a pool whose name differs by case only is reported; no second one is made. */
static bool case_differs(struct resolve *r, const struct pool_index *x, struct map *said,
                         const struct target_gpu *want, uint32_t node)
{
    const char *key = key_of(r, node, want->pool);
    uint32_t other = map_get(&x->folded, key);

    if (other == MAP_NONE || str_eq(r->have->pools[other].name, want->pool))
        return false;
    if (map_put(said, key, want->gpu) == want->gpu)
        problem_add(&r->out->problems, REASON_WARN_POOL_CASE, SUBJECT_POOL,
                    pool_subject(r, want->pool), &want->at,
                    "%s has %s, which differs from %s by case only", r->have->nodes[node].name,
                    r->have->pools[other].name, want->pool);
    return map_get(&x->exact, key) == MAP_NONE;
}

static const struct spec_pool *pool_row(const struct resolve *r, const struct map *rows,
                                        const char *name)
{
    uint32_t at = map_get(rows, name);

    return at == MAP_NONE ? NULL : &r->spec->pools[at];
}

/* P7, P8: this pool is neither made nor taken away. */
static bool is_left(const struct resolve *r, const char *pool)
{
    for (size_t i = 0; i < r->leave->pool_count; i++)
        if (str_eq(r->leave->pools[i], pool))
            return true;
    return false;
}

/* A device cannot enter a pool that is not there and that is only watched. */
static bool lacks_left_pool(struct resolve *r, const struct pool_index *x, uint32_t t)
{
    struct target_gpu *want = &r->out->gpus[t];
    uint32_t node = r->have->gpus[want->gpu].node;

    if (!is_left(r, want->pool) || want->refused ||
        map_get(&x->exact, key_of(r, node, want->pool)) != MAP_NONE)
        return false;
    resolve_gpu_problem(r, REASON_NOT_ENFORCED, t, true,
                        arena_printf(r->a, "%s has no pool %s, which is only watched",
                                     r->have->nodes[node].name, want->pool));
    return true;
}

static void wanted_pools(struct resolve *r, const struct pool_index *x, const struct map *rows,
                         size_t *room)
{
    struct target *out = r->out;
    struct map said, done;

    map_init(&said, r->a, 8, false);
    map_init(&done, r->a, 8, false);
    for (uint32_t t = 0; t < out->gpu_count; t++) {
        struct target_gpu *want = &out->gpus[t];
        uint32_t node = r->have->gpus[want->gpu].node;
        const struct spec_pool *row;
        const char *key;

        if (want->use != USE_POOL || !want->pool)
            continue;
        if (case_differs(r, x, &said, want, node)) {
            resolve_gpu_problem(r, REASON_POOL_OTHER, t, true,
                                arena_printf(r->a,
                                             "pool %s is there under another spelling, and "
                                             "no second one is made",
                                             want->pool))
                ->release = "renaming one of the two, letter for letter";
            continue;
        }
        key = key_of(r, node, want->pool);
        if (lacks_left_pool(r, x, t) || is_left(r, want->pool) || want->refused ||
            map_put(&done, key, t) != t)
            continue;
        row = pool_row(r, rows, want->pool);
        *arena_push(r->a, out->pools, out->pool_count, *room) =
            (struct target_pool){.node = node,
                                 .name = want->pool,
                                 .exact = row && row->exact,
                                 .manage = row ? row->manage : want->manage,
                                 .at = row ? row->at : want->at};
    }
}

/* A pool goes only when nothing is in it, and nobody asks for it, in the end (D2, D6). */
static const char *keeps_pool(struct resolve *r, struct uses *u, const struct pool *pool)
{
    const struct usage *use = usage_at(r, u, pool->node, pool->name);

    if (map_get(&r->pool_rows, pool->name) != MAP_NONE)
        return "a gpus row puts devices into it";
    if (use->demand)
        return arena_printf(r->a, "%s asks for it", r->have->vms[use->vm].name);
    for (uint32_t i = r->node_gpu[pool->node]; i != NO_INDEX; i = r->next_gpu[i]) {
        uint32_t t = r->out->of_gpu[i];

        if (!str_eq(r->have->gpus[i].pool, pool->name))
            continue;
        if (t == NO_INDEX || r->out->gpus[t].refused || r->out->gpus[t].use == USE_ANY)
            return arena_printf(r->a, "%s is in it, and no row takes it out",
                                gpu_label(r->a, r->have, i));
    }
    return NULL;
}

static void absent_pools(struct resolve *r, struct uses *u, const struct map *rows, size_t *room)
{
    struct target *out = r->out;

    for (size_t i = 0; i < r->have->pool_count; i++) {
        const struct pool *pool = &r->have->pools[i];
        const struct spec_pool *row = pool_row(r, rows, pool->name);
        const char *why;

        if (!row || !row->absent || !resolve_seen(r, pool->node) || is_left(r, pool->name))
            continue;
        why = keeps_pool(r, u, pool);
        if (why) {
            problem_add(&out->problems, REASON_POOL_FOREIGN, SUBJECT_POOL,
                        pool_subject(r, pool->name), &row->at, "on %s: %s",
                        r->have->nodes[pool->node].name, why)
                ->manage = row->manage;
            continue;
        }
        *arena_push(r->a, out->pools, out->pool_count, *room) =
            (struct target_pool){.node = pool->node,
                                 .name = pool->name,
                                 .absent = true,
                                 .manage = row->manage,
                                 .at = row->at};
    }
}

/* D4 and D8: what else is in a declared pool, and members of different products. */
static void warn_members(struct resolve *r, const struct map *rows)
{
    struct map first, said;

    map_init(&first, r->a, 8, false);
    map_init(&said, r->a, 8, false);
    for (uint32_t i = 0; i < r->have->gpu_count; i++) {
        const struct gpu *g = &r->have->gpus[i], *f;
        uint32_t t = r->out->of_gpu[i];
        bool declared = g->pool && (map_get(&r->pool_rows, g->pool) != MAP_NONE ||
                                    map_get(rows, g->pool) != MAP_NONE);
        const char *pool;

        if (declared && t == NO_INDEX && resolve_seen(r, g->node))
            problem_add(&r->out->problems, REASON_WARN_POOL_FOREIGN, SUBJECT_POOL,
                        pool_subject(r, g->pool), &r->spec->at, "%s is in pool %s, in no row",
                        gpu_label(r->a, r->have, i), g->pool)
                ->gpu = i;
        if (t == NO_INDEX || r->out->gpus[t].use != USE_POOL || !r->out->gpus[t].pool)
            continue;
        pool = r->out->gpus[t].pool;
        f = &r->have->gpus[map_put(&first, pool, i)];
        if ((str_same(f->pci, g->pci) && str_same(f->subsystem, g->subsystem)) ||
            map_put(&said, pool, i) != i)
            continue;
        problem_add(&r->out->problems, REASON_WARN_POOL_PRODUCTS, SUBJECT_POOL,
                    pool_subject(r, pool), &r->out->gpus[t].at, "%s and %s are different products",
                    gpu_label(r->a, r->have, map_get(&first, pool)), gpu_label(r->a, r->have, i));
    }
}

void resolve_pools(struct resolve *r)
{
    struct uses u = {.given = arena_array(r->a, uint32_t, r->have->gpu_count + 1)};
    struct pool_index x;
    struct map rows;
    size_t room = 0;

    judge_mode_switch(r);
    memset(u.given, 0xff, (r->have->gpu_count + 1) * sizeof *u.given);
    if (!r->device_uses && !r->spec->pool_count)
        return;
    scan_uses(r, &u);
    judge_uses(r, &u);
    map_init(&rows, r->a, r->spec->pool_count, false);
    for (uint32_t i = 0; i < r->spec->pool_count; i++)
        map_put(&rows, r->spec->pools[i].name, i);
    index_pools(r, &x);
    wanted_pools(r, &x, &rows, &room);
    absent_pools(r, &u, &rows, &room);
    warn_members(r, &rows);
    if (r->out->pool_count > 1)
        qsort(r->out->pools, r->out->pool_count, sizeof *r->out->pools, by_pool);
}
