/*
 * From node to node: the role of a VM while it is off, the VM itself while it
 * runs, and what the cluster and people make of both.
 */
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

/* ---- as our provider moves (M1, M8) ---- */

/* The live move of this VM that is under way. */
static const struct job *going(const struct world *w, const struct vm *row)
{
    for (size_t i = 0; i < w->job_count; i++)
        if (w->jobs[i].phase == JOB_MOVE && str_same(w->jobs[i].action.subject, row->id))
            return &w->jobs[i];
    return NULL;
}

/* Where every move begins: a role that is free, and a node that takes VMs. */
static enum refusal role_stays(const struct world *w, const struct vm *row, uint32_t node)
{
    if (row->hidden)
        return REFUSE_HIDDEN;
    if (!row->role.clustered)
        return REFUSE_NOT_CLUSTERED;
    if (sim_role_refuses(row) != REFUSE_NONE)
        return sim_role_refuses(row);
    if (row->role.vm == RES_PENDING)
        return REFUSE_ROLE_BUSY;
    if (node >= w->now.node_count)
        return REFUSE_MOVE_NODE;
    if (sim_node_hosts(w, node) || node == row->node)
        return REFUSE_NONE;
    return world_answers(w, node) ? REFUSE_MOVE_PAUSED : REFUSE_MOVE_DOWN;
}

static bool old_build(const struct node *n)
{
    return !n->build.known || n->build.value < SIM_LIVE_BUILD;
}

/* What a live move asks of a VM with a GPU; without one any build will do. */
static enum refusal stays_live(struct world *w, uint32_t vm, uint32_t node)
{
    const struct vm *row = &w->now.vms[vm];

    if (row->power != POWER_RUNNING)
        return REFUSE_MOVE_POWER;
    if (vm_requests(row)) /* D7 */
        return REFUSE_MOVE_DEVICE;
    if (!vm_adapters(row))
        return REFUSE_NONE;
    if (old_build(&w->now.nodes[row->node]) || old_build(&w->now.nodes[node]))
        return REFUSE_MOVE_BUILD;
    for (size_t i = 0; i < row->adapter_count; i++) {
        const struct adapter *ad = &row->adapters[i];

        if (ad->of_checkpoint)
            continue;
        if (ad->pin || ad->pin_unknown)
            return REFUSE_MOVE_PIN;
        if (ad->outgoing_migration != TRI_YES)
            return REFUSE_MOVE_OUTGOING;
    }
    return sim_hand_over(w, vm, node, false);
}

static enum sim_answer go_live(struct world *w, const struct action *a, uint32_t vm, uint32_t node,
                               bool commit, struct err *e)
{
    struct vm *row = &w->now.vms[vm];
    enum refusal why = stays_live(w, vm, node);

    if (why != REFUSE_NONE)
        return sim_refuse(e, why, row->name);
    if (!commit)
        return SIM_ACCEPTED;
    row->role.busy = true; /* MigrationState (M2) */
    sim_push(w, JOB_MOVE,
             &(struct action){.verb = VERB_NONE, .subject = a->subject, .object = a->object}, false,
             sim_of(w, vm)->move_ms);
    return row->node == node ? SIM_DONE : SIM_ACCEPTED;
}

/* Its partition may be taken by now, the node gone: then it runs on where it is. */
void sim_land_move(struct world *w, uint32_t vm, uint32_t node)
{
    struct sim_vm *sim = sim_of(w, vm);
    struct vm *row = &w->now.vms[vm];

    row->role.busy = false;
    if (row->power == POWER_RUNNING && sim->breaks_on_move) {
        sim_offline_over(w, vm, POWER_OFF);
        return;
    }
    if (node == row->node || role_stays(w, row, node) != REFUSE_NONE ||
        stays_live(w, vm, node) != REFUSE_NONE || !world_answers(w, row->node))
        return;
    sim_hand_over(w, vm, node, true);
    sim->home = node;
    sim->restarts = 0;
    world_refresh(w, vm); /* a running VM takes its own configuration along */
    sim_power(w, vm, POWER_RUNNING);
}

/*
 * A VM that is off goes by its role, with a refresh before (M6).  One that is
 * not would be taken offline by its OfflineAction on the way: our provider asks
 * for no such thing.
 */
static enum sim_answer go_off(struct world *w, uint32_t vm, uint32_t node, bool commit,
                              struct err *e)
{
    struct vm *row = &w->now.vms[vm];

    if (row->power != POWER_OFF)
        return sim_refuse(e, REFUSE_NOT_OFF, row->name);
    if (!commit)
        return SIM_ACCEPTED;
    world_refresh(w, vm);
    sim_move_to(w, vm, node);
    sim_of(w, vm)->home = node;
    return SIM_DONE;
}

enum sim_answer sim_move(struct world *w, const struct action *a, uint32_t at, bool commit,
                         struct err *e)
{
    uint32_t vm = state_vm(&w->now, a->subject), node = state_node(&w->now, a->object);
    const struct vm *row = &w->now.vms[vm];
    const struct job *job = going(w, row);
    bool live = a->value[0] == MOVE_LIVE;
    enum refusal why = role_stays(w, row, node);

    (void)at;
    if (job && live && str_same(job->action.object, a->object))
        return SIM_ACCEPTED; /* it is on its way */
    if (why != REFUSE_NONE)
        return sim_refuse(e, why, row->name);
    if (row->node == node && (!live || row->power == POWER_RUNNING))
        return SIM_DONE;
    return live ? go_live(w, a, vm, node, commit, e) : go_off(w, vm, node, commit, e);
}

void sim_moves_fail(struct world *w, uint32_t node)
{
    for (uint32_t i = 0; i < w->now.vm_count; i++) {
        const struct job *job = w->now.vms[i].role.busy ? going(w, &w->now.vms[i]) : NULL;

        if (job && state_node(&w->now, job->action.object) == node)
            sim_drop_power(w, i);
    }
}

/* ---- the naive way, and people ---- */

static enum sim_answer move_group(struct world *w, uint32_t vm, uint32_t node, bool commit,
                                  struct err *e)
{
    struct vm *row = &w->now.vms[vm];
    bool ran = row->power != POWER_OFF && row->power != POWER_SAVED;
    enum refusal why = role_stays(w, row, node);
    uint64_t action = sim_offline_action_of(w, vm);

    if (why != REFUSE_NONE || node == row->node)
        return why == REFUSE_NONE ? SIM_DONE : sim_refuse(e, why, row->name);
    if (ran && action == OFFLINE_SHUT_DOWN && sim_of(w, vm)->guest != GUEST_OBEYS)
        return sim_refuse(e, REFUSE_STATE, row->name);
    if (!commit)
        return SIM_ACCEPTED;
    if (ran)
        sim_offline_over(w, vm, action == OFFLINE_SAVE ? POWER_SAVED : POWER_OFF);
    sim_move_to(w, vm, node);
    sim_of(w, vm)->home = node;
    if (ran && !(row->power == POWER_SAVED && vm_adapters(row) + vm_requests(row)))
        sim_begin_start(w, vm);
    return row->power == POWER_STARTING ? SIM_ACCEPTED : SIM_DONE;
}

enum sim_answer world_move_group(struct world *w, uint32_t vm, uint32_t node, struct err *e)
{
    return move_group(w, vm, node, true, e);
}

enum sim_answer sim_move_role(struct world *w, const struct action *a, uint32_t at, bool commit,
                              struct err *e)
{
    if (a->value[0] == MOVE_LIVE)
        return sim_move(w, a, at, commit, e);
    return move_group(w, state_vm(&w->now, a->subject), state_node(&w->now, a->object), commit, e);
}

bool world_person_move(struct world *w, uint32_t vm, uint32_t node)
{
    const struct state *s = &w->now;
    struct action a = {.verb = VERB_VM_MOVE, .subject = s->vms[vm].id};

    if (s->vms[vm].node >= s->node_count || node >= s->node_count)
        return false;
    a.node = s->nodes[s->vms[vm].node].name;
    a.object = s->nodes[node].name;
    a.value[0] = s->vms[vm].power == POWER_RUNNING ? MOVE_LIVE : MOVE_OFF;
    return sim_do(w, &a, false, true, NULL) != SIM_REFUSED;
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
