/* From node to node: the role of a VM, and what goes with it. */
#include "sim/sim.h"

#include <string.h>

void sim_move_to(struct world *w, uint32_t vm, uint32_t node)
{
    struct sim_vm *sim = sim_of(w, vm);
    struct vm *row = &w->now.vms[vm];

    if (node == row->node)
        return;
    sim_let_go(w, vm);
    if (sim->stale && sim->copy) {
        const struct vm *old = sim->copy;

        row->adapters = old->adapters;
        row->adapter_count = old->adapter_count;
        row->requests = old->requests;
        row->request_count = old->request_count;
        row->settings = old->settings;
    }
    world_refresh(w, vm);
    sim_touch(w, vm); /* arrays of its own */
    world_refresh(w, vm);
    row->node = node;
    for (size_t i = 0; i < row->adapter_count; i++) {
        row->adapters[i].seen = NULL; /* of the other node */
        row->adapters[i].partition = NUM_UNKNOWN;
        row->adapters[i].outgoing_migration = TRI_UNKNOWN;
        memset(row->adapters[i].current, 0, sizeof row->adapters[i].current);
    }
    for (size_t i = 0; i < row->request_count; i++)
        row->requests[i].given = NULL;
}

/* ---- the cluster by itself ---- */

static size_t free_members(const struct world *w, uint32_t node, const char *pool)
{
    size_t n = 0;

    for (size_t i = 0; i < w->now.gpu_count; i++)
        n += w->now.gpus[i].node == node && w->now.gpus[i].state == GPU_DISMOUNTED &&
             str_eq(w->now.gpus[i].pool, pool);
    for (size_t i = 0; i < w->now.vm_count; i++)
        for (size_t k = 0; w->now.vms[i].node == node && k < w->now.vms[i].request_count; k++) {
            const struct request *rq = &w->now.vms[i].requests[k];

            n -= n && w->now.vms[i].power != POWER_OFF && rq->given && str_eq(rq->pool, pool);
        }
    return n;
}

uint32_t sim_pool_node(const struct world *w, const struct vm *row)
{
    const char *pool = NULL;
    size_t asked = 0, best = 0;
    uint32_t at = row->node;

    for (size_t i = 0; i < row->request_count; i++)
        if (!row->requests[i].of_checkpoint && row->requests[i].pool && !row->requests[i].given) {
            pool = row->requests[i].pool;
            asked++;
        }
    if (!pool || !row->role.clustered || free_members(w, row->node, pool) >= asked)
        return row->node;
    for (uint32_t i = 0; i < w->now.node_count; i++) {
        size_t room = sim_node_hosts(w, i) ? free_members(w, i, pool) : 0;

        if (room >= asked && room > best) {
            best = room;
            at = i;
        }
    }
    return at;
}

void world_fail_over(struct world *w, uint32_t vm, uint32_t node)
{
    struct vm *row = &w->now.vms[vm];
    struct sim_vm *sim = sim_of(w, vm);
    bool ran = row->power != POWER_OFF && row->power != POWER_SAVED;

    if (!row->role.clustered || node >= w->now.node_count || node == row->node)
        return;
    sim_drop_power(w, vm);
    sim->asked = false;
    sim->restarts = 0;
    sim->home = row->node;
    sim_move_to(w, vm, node);
    if (ran)
        sim_begin_start(w, vm);
}
