#include "sim/sim.h"

#include <string.h>

/* ---- cards ---- */

const struct card *world_card(const struct world *w, const char *name)
{
    for (size_t i = 0; name && i < w->card_count; i++)
        if (str_same(w->cards[i].name, name))
            return &w->cards[i];
    for (size_t i = 0; name && i < w->facts->card_count; i++)
        if (str_same(w->facts->cards[i].name, name))
            return &w->facts->cards[i];
    return NULL;
}

static bool same_product(const struct card *card, const struct gpu *gpu)
{
    return card->pci && str_same(card->pci, gpu->pci) && str_same(card->subsystem, gpu->subsystem);
}

const struct card *world_card_of(const struct world *w, const struct gpu *gpu)
{
    const struct card *card = world_card(w, gpu->model);

    for (size_t i = 0; !card && i < w->card_count; i++)
        if (same_product(&w->cards[i], gpu))
            card = &w->cards[i];
    for (size_t i = 0; !card && i < w->facts->card_count; i++)
        if (same_product(&w->facts->cards[i], gpu))
            card = &w->facts->cards[i];
    return card;
}

/* A size that nobody published: somewhat less than its share, in whole MiB (hyperv-wmi 1.2). */
static struct num made_up(enum quota kind, struct num total, uint16_t count)
{
    uint64_t share;

    if (!total.known || !count)
        return NUM_UNKNOWN;
    share = total.value / count;
    if (kind != QUOTA_VRAM)
        return NUM(share);
    share = share / MIB * 15 / 16;
    return NUM(share * MIB);
}

static const struct card_count *card_row(const struct card *card, uint16_t count)
{
    for (size_t i = 0; i < card->count_count; i++)
        if (card->counts[i].count == count)
            return &card->counts[i];
    return NULL;
}

void world_set_count(struct world *w, struct gpu *gpu, uint16_t count)
{
    const struct card *card = world_card_of(w, gpu);
    const struct card_count *row = card ? card_row(card, count) : NULL;

    if (card && !gpu->valid) {
        gpu->valid = arena_array(w->arena, uint16_t, card->count_count + 1);
        for (size_t i = 0; i < card->count_count; i++)
            gpu->valid[gpu->valid_count++] = card->counts[i].count;
        gpu->valid_complete = true;
    }
    for (int k = 0; k < QUOTA_KINDS; k++) {
        bool old = num_is(gpu->count, count) && gpu->optimal[k].known;

        if (card && !gpu->total[k].known)
            gpu->total[k] = card->total[k];
        if (!gpu->available[k].known)
            gpu->available[k] = gpu->total[k];
        if (row && row->quota[k].known) {
            gpu->optimal[k] = row->quota[k];
            w->now.synthetic |= row->synthetic;
        } else if (!old) {
            gpu->optimal[k] = made_up((enum quota)k, gpu->total[k], count);
            w->now.synthetic = true;
        } else {
            continue; /* what is there was said */
        }
        gpu->max[k] = gpu->optimal[k];
        gpu->min[k] = gpu->state == GPU_PARAVIRTUAL ? NUM(0) : gpu->optimal[k];
    }
    gpu->count = NUM(count);
}

void world_set_available(struct world *w)
{
    struct state *s = &w->now;

    for (size_t i = 0; i < s->gpu_count; i++)
        memcpy(s->gpus[i].available, s->gpus[i].total, sizeof s->gpus[i].available);
    for (size_t i = 0; i < s->vm_count; i++)
        for (size_t n = 0; s->vms[i].power != POWER_OFF && n < s->vms[i].adapter_count; n++) {
            const struct adapter *ad = &s->vms[i].adapters[n];
            uint32_t g = ad->of_checkpoint ? NO_INDEX : state_gpu(s, s->vms[i].node, ad->seen);

            for (int k = 0; g != NO_INDEX && k < QUOTA_KINDS; k++) {
                struct num *left = &s->gpus[g].available[k];

                if (left->known && ad->current[k].known && s->gpus[g].state == GPU_PARTITIONED)
                    left->value -=
                        ad->current[k].value < left->value ? ad->current[k].value : left->value;
            }
        }
}

/* ---- looking ---- */

bool world_answers(const struct world *w, uint32_t node)
{
    enum node_state state = node < w->now.node_count ? w->now.nodes[node].state : NODE_UNKNOWN;

    return state == NODE_UP || state == NODE_PAUSED || state == NODE_DRAINING;
}

bool sim_node_hosts(const struct world *w, uint32_t node)
{
    return node < w->now.node_count && w->now.nodes[node].state == NODE_UP;
}

bool world_hangs(const struct world *w, uint32_t node)
{
    for (uint32_t i = 0; w->hangs && i < w->now.node_count; i++)
        if (w->hangs[i] && (node == NO_INDEX || node == i))
            return true;
    return false;
}

struct sim_rights world_rights(const struct world *w, uint32_t node)
{
    return w->rights && node < w->now.node_count ? w->rights[node]
                                                 : (struct sim_rights){true, true, true, true};
}

static bool shows(const struct world *w, uint32_t node)
{
    return world_answers(w, node) && !(w->hangs && w->hangs[node]);
}

static bool seen_from(const struct world *w, uint32_t scope, uint32_t node)
{
    return (scope == NO_INDEX || node == scope) && (node == NO_INDEX || shows(w, node));
}

static void look_at_devices(const struct world *w, struct arena *a, uint32_t scope,
                            struct state *out)
{
    const struct state *s = &w->now;

    out->gpus = arena_array(a, struct gpu, s->gpu_count + 1);
    out->gpu_count = 0;
    for (size_t i = 0; i < s->gpu_count; i++)
        if (seen_from(w, scope, s->gpus[i].node))
            out->gpus[out->gpu_count++] = s->gpus[i];
    out->pools = arena_array(a, struct pool, s->pool_count + 1);
    out->pool_count = 0;
    for (size_t i = 0; i < s->pool_count; i++)
        if (seen_from(w, scope, s->pools[i].node))
            out->pools[out->pool_count++] = s->pools[i];
}

/* Adapters and requests of all VMs go into one array each. */
static void look_at_vms(const struct world *w, struct arena *a, uint32_t scope, struct state *out)
{
    const struct state *s = &w->now;
    size_t adapters = 0, requests = 0;
    struct adapter *ad;
    struct request *rq;

    out->vms = arena_array(a, struct vm, s->vm_count + 1);
    out->vm_count = 0;
    for (size_t i = 0; i < s->vm_count; i++)
        if (seen_from(w, scope, s->vms[i].node)) {
            out->vms[out->vm_count++] = s->vms[i];
            adapters += s->vms[i].adapter_count;
            requests += s->vms[i].request_count;
        }
    ad = arena_array(a, struct adapter, adapters + 1);
    rq = arena_array(a, struct request, requests + 1);
    for (size_t i = 0; i < out->vm_count; i++) {
        struct vm *vm = &out->vms[i];

        if (vm->adapter_count)
            memcpy(ad, vm->adapters, vm->adapter_count * sizeof *ad);
        vm->adapters = ad;
        ad += vm->adapter_count;
        if (vm->request_count)
            memcpy(rq, vm->requests, vm->request_count * sizeof *rq);
        vm->requests = rq;
        rq += vm->request_count;
    }
}

bool world_observe(const struct world *w, struct arena *a, uint32_t node, struct state *out,
                   struct err *e)
{
    if (node != NO_INDEX && (node >= w->now.node_count || !shows(w, node)))
        return err_set(e, ERR_UNSEEN, 0x800706BA, "%s does not answer",
                       node < w->now.node_count ? w->now.nodes[node].name : "the node");
    *out = w->now;
    out->arbiter = w->owner.store ? arena_printf(a, "%s@%s", w->owner.store, w->owner.host) : NULL;
    out->nodes = arena_array(a, struct node, w->now.node_count + 1);
    for (uint32_t i = 0; i < w->now.node_count; i++) {
        out->nodes[i] = w->now.nodes[i];
        out->nodes[i].answered = shows(w, i);
    }
    look_at_devices(w, a, node, out);
    look_at_vms(w, a, node, out);
    return true;
}
