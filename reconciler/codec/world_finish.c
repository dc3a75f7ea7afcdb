/* What needs the whole document: places, order, and what the host chooses. */
#include "codec/world_inner.h"

#include "base/when.h"

#include <string.h>

static const int64_t week_ms = 7 * (int64_t)86400000;

/* ---- nodes and what is in them ---- */

static bool answers(enum node_state state)
{
    return state == NODE_UP || state == NODE_PAUSED || state == NODE_DRAINING;
}

static void add_pool(struct reading *r, uint32_t node, const char *name, size_t *room)
{
    struct state *s = &r->world->now;

    if (!state_pool(s, node, name))
        *arena_push(r->arena, s->pools, s->pool_count, *room) = (struct pool){node, name};
}

static void make_nodes(struct reading *r)
{
    struct world *w = r->world;
    size_t devices = 0, room = 0;

    w->now.nodes = arena_array(r->arena, struct node, r->spec.node_count + 1);
    w->hangs = arena_array(r->arena, bool, r->spec.node_count + 1);
    w->rights = arena_array(r->arena, struct sim_rights, r->spec.node_count + 1);
    w->now.node_count = r->spec.node_count;
    for (size_t i = 0; i < r->spec.node_count; i++)
        devices += r->spec.nodes[i].gpu_count + r->spec.nodes[i].device_count;
    w->now.gpus = arena_array(r->arena, struct gpu, devices + 1);
    for (uint32_t i = 0; i < r->spec.node_count; i++) {
        struct node_row *row = &r->spec.nodes[i];
        struct node *node = &w->now.nodes[i];

        *node = row->node;
        w->hangs[i] = row->state == NODE_HANGS;
        w->rights[i] = row->rights;
        node->state = w->hangs[i] ? NODE_UP : (enum node_state)row->state;
        node->answered =
            row->answered == NOT_SAID_WORD ? answers(node->state) : row->answered == TRI_YES;
        if (node->boot_ms == NOT_SAID_TIME)
            node->boot_ms = r->spec.now - week_ms;
        for (size_t k = 0; k < row->gpu_count; k++)
            world_make_gpu(r, &row->gpus[k], i, k);
        for (size_t k = 0; k < row->device_count; k++)
            world_make_gpu(r, &row->devices[k], i, row->gpu_count + k);
        for (size_t k = 0; k < row->pool_count; k++)
            add_pool(r, i, row->pools[k], &room);
    }
    for (size_t i = 0; i < w->now.gpu_count; i++)
        if (w->now.gpus[i].pool)
            add_pool(r, w->now.gpus[i].node, w->now.gpus[i].pool, &room);
}

/* ---- VMs ---- */

/* GPUs are sorted by node here: those of one node stand together. */
struct node_gpus {
    uint32_t first, end;
};

static struct node_gpus gpus_of(const struct state *s, uint32_t node)
{
    struct node_gpus of = {0, 0};

    while (of.first < s->gpu_count && s->gpus[of.first].node != node)
        of.first++;
    for (of.end = of.first; of.end < s->gpu_count && s->gpus[of.end].node == node;)
        of.end++;
    return of;
}

/*
 * A whole path in any spelling, or the part behind the ids, of a GPU of this
 * node; `gpu` is its index, or NO_INDEX where there is none such.
 */
static const char *gpu_path(struct reading *r, const struct node_gpus *of, const char *text,
                            uint32_t *gpu)
{
    const struct gpu *gpus = r->world->now.gpus;

    *gpu = NO_INDEX;
    if (!text || !*text)
        return text;
    for (uint32_t i = of->first; i < of->end; i++)
        if (strcmp(gpus[i].path, text) == 0) { /* as it is written */
            *gpu = i;
            return gpus[i].path;
        }
    if (strchr(text, '\\'))
        text = path_normal(r->arena, text);
    for (uint32_t i = of->first; i < of->end; i++) {
        const char *path = gpus[i].path, *bare = strrchr(path, '\\');

        if (str_same(path, text) || (bare && str_same(bare + 1, text))) {
            *gpu = i;
            return path;
        }
    }
    return path_normal(r->arena, text);
}

static void settle_adapters(struct reading *r, struct vm *vm, const struct node_gpus *of)
{
    bool held = world_holds(vm->power);

    for (size_t i = 0; i < vm->adapter_count; i++) {
        struct adapter *ad = &vm->adapters[i];
        uint32_t gpu;

        ad->pin = gpu_path(r, of, ad->pin, &gpu);
        ad->seen = gpu_path(r, of, ad->seen, &gpu);
        if (ad->seen && !*ad->seen && (!held || ad->of_checkpoint))
            ad->seen = NULL;
        for (int k = 0; k < QUOTA_KINDS; k++)
            if (!SAID(ad->current[k]))
                ad->current[k] = gpu != NO_INDEX && held && !ad->of_checkpoint
                                     ? r->world->now.gpus[gpu].optimal[k]
                                     : NUM_UNKNOWN;
    }
    for (size_t i = 0; i < vm->request_count; i++)
        if (vm->requests[i].given && !*vm->requests[i].given &&
            (!held || vm->requests[i].of_checkpoint))
            vm->requests[i].given = NULL;
}

/* A partition's word on leaving, where it was not said: known when it has its place. */
static void settle_outgoing(const struct state *s, struct vm *vm)
{
    for (size_t i = 0; i < vm->adapter_count; i++)
        if ((int)vm->adapters[i].outgoing_migration == NOT_SAID_WORD)
            vm->adapters[i].outgoing_migration = world_outgoing(s, vm, &vm->adapters[i]);
}

/* The lowest partition that no other VM has. */
static uint64_t first_partition(const struct state *s, const struct vm *vm, const char *path)
{
    uint64_t id = 0;
    bool taken;

    do {
        taken = false;
        for (size_t i = 0; !taken && i < s->vm_count; i++)
            for (size_t k = 0; s->vms[i].node == vm->node && k < s->vms[i].adapter_count; k++)
                taken |= num_is(s->vms[i].adapters[k].partition, id) &&
                         str_same(s->vms[i].adapters[k].seen, path);
        id += taken;
    } while (taken);
    return id;
}

static void settle_partitions(struct state *s, struct vm *vm)
{
    for (size_t i = 0; i < vm->adapter_count; i++) {
        struct adapter *ad = &vm->adapters[i];

        if (SAID(ad->partition))
            continue;
        ad->partition = NUM_UNKNOWN;
        if (world_holds(vm->power) && ad->seen && *ad->seen && !ad->of_checkpoint)
            ad->partition = NUM(first_partition(s, vm, ad->seen));
    }
}

static void settle_vms(struct reading *r)
{
    struct state *s = &r->world->now;
    struct node_gpus *of = arena_array(r->arena, struct node_gpus, s->node_count + 1);

    for (uint32_t i = 0; i < s->node_count; i++)
        of[i] = gpus_of(s, i); /* and none on no node, at the end */
    for (uint32_t i = 0; i < s->vm_count; i++) {
        struct vm *vm = &s->vms[i];

        if (vm->stamp_ms == NOT_SAID_TIME) {
            vm->stamp_ms = vm->node != NO_INDEX ? s->nodes[vm->node].boot_ms : WHEN_NONE;
            if (vm->stamp_ms == WHEN_NONE)
                vm->stamp_ms = s->observed_ms - week_ms;
        }
        settle_adapters(r, vm, &of[vm->node == NO_INDEX ? s->node_count : vm->node]);
        if (r->world->sim[i].copy) {
            struct vm copy = *r->world->sim[i].copy;

            copy.power = POWER_OFF;
            settle_adapters(r, &copy, &of[vm->node == NO_INDEX ? s->node_count : vm->node]);
            settle_partitions(s, &copy);
            settle_outgoing(s, &copy);
        }
    }
    for (uint32_t i = 0; i < s->vm_count; i++)
        settle_partitions(s, &s->vms[i]);
    for (uint32_t i = 0; i < s->vm_count; i++)
        if (s->vms[i].adapter_count + s->vms[i].request_count) {
            world_bind(r->world, i);
            settle_outgoing(s, &s->vms[i]);
        }
}

static void gather_vms(struct reading *r)
{
    struct world *w = r->world;
    size_t n = 0;

    if (r->chunks && !r->chunks->next) {
        w->now.vms = r->chunks->vms;
        w->sim = r->chunks->sims;
        return;
    }
    w->now.vms = arena_array(r->arena, struct vm, w->now.vm_count + 1);
    w->sim = arena_array(r->arena, struct sim_vm, w->now.vm_count + 1);
    for (struct vm_chunk *c = r->chunks; c; c = c->next) {
        memcpy(&w->now.vms[n], c->vms, c->count * sizeof *c->vms);
        memcpy(&w->sim[n], c->sims, c->count * sizeof *c->sims);
        n += c->count;
        arena_release(&c->rows);
    }
}

/* Sorts; what the platform knows of each VM and node follows its row. */
static void sort_all(struct reading *r)
{
    struct world *w = r->world;
    struct state *s = &w->now;
    const char **ids = arena_array(r->arena, const char *, s->vm_count + 1);
    const char **nodes = arena_array(r->arena, const char *, s->node_count + 1);
    bool *hangs = arena_array(r->arena, bool, s->node_count + 1);
    struct sim_rights *rights = arena_array(r->arena, struct sim_rights, s->node_count + 1);
    struct sim_vm *sim = w->sim;
    uint32_t *moved = arena_array(r->arena, uint32_t, s->node_count + 1);
    bool same = true;
    struct map at;

    for (size_t i = 0; i < s->vm_count; i++)
        ids[i] = s->vms[i].id;
    for (size_t i = 0; i < s->node_count; i++)
        nodes[i] = s->nodes[i].name;
    state_sort(s, r->arena);
    for (size_t i = 0; i < s->node_count; i++)
        for (uint32_t k = 0; k < s->node_count; k++)
            if (s->nodes[k].name == nodes[i]) {
                hangs[k] = w->hangs[i];
                rights[k] = w->rights[i];
                moved[i] = k;
            }
    w->hangs = hangs;
    w->rights = rights;
    for (size_t i = 0; i < s->vm_count; i++) {
        same &= s->vms[i].id == ids[i];
        if (sim[i].home < s->node_count)
            sim[i].home = moved[sim[i].home];
    }
    if (same)
        return;
    map_init(&at, r->arena, s->vm_count, true);
    for (uint32_t i = 0; i < s->vm_count; i++)
        map_put(&at, ids[i], i);
    w->sim = arena_array(r->arena, struct sim_vm, s->vm_count + 1);
    for (size_t i = 0; i < s->vm_count; i++)
        w->sim[i] = sim[map_get(&at, s->vms[i].id)];
}

/* ---- the rest ---- */

/* Free sizes that were not said: total less what is held; all of them, or none. */
static void settle_available(struct reading *r)
{
    struct state *s = &r->world->now;
    struct gpu *said = arena_array(r->arena, struct gpu, s->gpu_count + 1);
    bool any = false;

    for (size_t i = 0; i < s->gpu_count; i++) {
        said[i] = s->gpus[i];
        for (int k = 0; k < QUOTA_KINDS; k++)
            any |= !SAID(said[i].available[k]);
    }
    if (!any)
        return;
    world_set_available(r->world);
    for (size_t i = 0; i < s->gpu_count; i++)
        for (int k = 0; k < QUOTA_KINDS; k++)
            if (SAID(said[i].available[k]))
                s->gpus[i].available[k] = said[i].available[k];
}

static void take_cards(struct reading *r)
{
    struct card *cards = arena_array(r->arena, struct card, r->spec.card_count + 1);

    for (size_t i = 0; i < r->spec.card_count; i++)
        cards[i] = r->spec.cards[i].card;
    r->world->cards = cards;
    r->world->card_count = r->spec.card_count;
}

static void take_jobs_and_faults(struct reading *r)
{
    struct world *w = r->world;

    w->jobs = arena_array(r->arena, struct job, r->spec.job_count + 1);
    w->job_count = w->job_room = r->spec.job_count;
    for (size_t i = 0; i < w->job_count; i++) {
        w->jobs[i] = r->spec.jobs[i].job;
        if (w->jobs[i].action.verb == VERB_ADAPTER_LIMITS)
            w->jobs[i].action.limits = &r->spec.jobs[i].limits;
    }
    w->faults = arena_array(r->arena, struct fault, r->spec.fault_count + 1);
    w->fault_count = r->spec.fault_count;
    for (size_t i = 0; i < w->fault_count; i++)
        w->faults[i] = r->spec.faults[i].fault;
}

static bool name_world(struct reading *r)
{
    struct state *s = &r->world->now;
    struct span at = {0};

    s->standalone = !r->spec.has_cluster;
    s->name = r->spec.has_cluster       ? r->spec.cluster
              : r->spec.host            ? r->spec.host
              : r->spec.node_count == 1 ? r->spec.nodes[0].node.name
                                        : r->name;
    if (r->spec.node_count)
        at = r->spec.nodes[0].at;
    if (s->standalone && r->spec.node_count > 1) {
        doc_error(r->doc, &r->spec.nodes[1].at, "standalone",
                  "a standalone host is one node; here are %zu", r->spec.node_count)
            ->next = "name the cluster: cluster: {name: ...}";
        return false;
    }
    if (!s->name) {
        doc_error(r->doc, &at, "missing-key", "the world has no name");
        return false;
    }
    s->identity =
        r->spec.identity ? r->spec.identity : state_identity(r->arena, s->standalone, s->name);
    return true;
}

void world_finish(struct reading *r)
{
    struct world *w = r->world;

    if (!name_world(r))
        return;
    w->now.observed_ms = r->spec.now;
    w->now.arbiter = r->spec.arbiter;
    w->now.synthetic = r->spec.synthetic;
    w->speed = r->spec.speed;
    w->timing = r->spec.timing;
    w->checkpoints_need_off = r->spec.checkpoints_need_off;
    w->owner.store = r->spec.owner_store;
    w->owner.host = r->spec.owner_host;
    w->owner.since_ms = r->spec.owner_since;
    w->owner.epoch = r->spec.owner_epoch;
    take_cards(r);
    make_nodes(r);
    gather_vms(r);
    sort_all(r);
    settle_vms(r);
    settle_available(r);
    take_jobs_and_faults(r);
}
