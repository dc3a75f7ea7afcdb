/*
 * Power: what our provider asks for, what the cluster makes of it, and what
 * happens by itself when its time has come.
 */
#include "sim/sim.h"

enum { RETRY_MS = 1000 }; /* between a failed start and the cluster's next try, at most */

void sim_power(struct world *w, uint32_t vm, enum vm_power power)
{
    static const enum resource_state resource[] = {
        [POWER_UNKNOWN] = RES_UNKNOWN,  [POWER_OFF] = RES_OFFLINE,
        [POWER_RUNNING] = RES_ONLINE,   [POWER_SAVED] = RES_OFFLINE,
        [POWER_PAUSED] = RES_ONLINE,    [POWER_STARTING] = RES_PENDING,
        [POWER_STOPPING] = RES_PENDING, [POWER_CRITICAL] = RES_FAILED,
    };
    struct vm *row = &w->now.vms[vm];

    row->power = power;
    row->stamp_ms = row->stamp_ms != WHEN_NONE && row->stamp_ms >= w->now.observed_ms
                        ? row->stamp_ms + 1
                        : w->now.observed_ms;
    if (row->role.clustered)
        row->role.vm = resource[power];
}

void sim_offline_over(struct world *w, uint32_t vm, enum vm_power power)
{
    struct sim_vm *sim = sim_of(w, vm);

    sim_drop_power(w, vm);
    sim->asked = false;
    sim->restarts = 0;
    sim->next_offline = NUM_UNKNOWN;
    sim->offline_in_force = NUM_UNKNOWN;
    if (power == POWER_OFF)
        sim_let_go(w, vm);
    sim_power(w, vm, power);
}

static enum sim_answer now_or_later(const struct world *w, uint32_t vm, enum vm_power wanted)
{
    return w->now.vms[vm].power == wanted ? SIM_DONE : SIM_ACCEPTED;
}

/* Carries out one of the four offline actions on a VM that runs. */
static enum sim_answer take_down(struct world *w, uint32_t vm, uint64_t action, bool commit,
                                 struct err *e)
{
    struct sim_vm *sim = sim_of(w, vm);
    struct vm *row = &w->now.vms[vm];
    bool asks = action == OFFLINE_SHUT_DOWN || action == OFFLINE_FORCED;

    if (asks && (row->can_shut_down == TRI_NO || row->power == POWER_PAUSED)) /* S9 */
        return sim_refuse(e, REFUSE_ASK_NOT_READY, row->name);
    if (action == OFFLINE_SHUT_DOWN && sim->guest == GUEST_LOCKED)
        return sim_refuse(e, REFUSE_ASK_LOCKED, row->name);
    if (!commit)
        return SIM_ACCEPTED;
    sim_drop_power(w, vm);
    if (action == OFFLINE_TURN_OFF) {
        sim_offline_over(w, vm, POWER_OFF);
        return SIM_DONE;
    }
    if (action == OFFLINE_SHUT_DOWN && sim->guest == GUEST_HANGS) {
        sim->asked = true; /* for ever: the request stays, the VM runs on */
        if (row->role.clustered)
            row->role.vm = RES_PENDING;
        return SIM_ACCEPTED;
    }
    sim_power(w, vm, POWER_STOPPING);
    sim_push_vm(w, asks ? JOB_OFF : JOB_SAVED, vm, sim->shutdown_ms);
    return now_or_later(w, vm, asks ? POWER_OFF : POWER_SAVED);
}

enum refusal sim_role_refuses(const struct vm *row)
{
    if (!row->role.clustered)
        return REFUSE_NONE;
    if (row->role.matches > 1 || row->role.vmid_unread)
        return REFUSE_ROLE_AMBIGUOUS;
    return row->role.busy ? REFUSE_ROLE_BUSY : REFUSE_NONE;
}

static enum sim_answer stop_off(struct world *w, uint32_t vm, bool commit)
{
    struct vm *row = &w->now.vms[vm];

    if (commit && row->role.clustered && row->role.vm == RES_PENDING) { /* it was to start again */
        sim_drop_power(w, vm);
        row->role.vm = RES_OFFLINE;
    }
    return SIM_DONE;
}

/*
 * As our provider stops: on a cluster the one-shot action first, then the
 * Virtual Machine resource offline (S8); else the guest, or the plug.
 */
enum sim_answer sim_stop(struct world *w, const struct action *a, uint32_t at, bool commit,
                         struct err *e)
{
    static const uint64_t actions[] = {
        [STOP_GUEST] = OFFLINE_SHUT_DOWN,
        [STOP_FORCED] = OFFLINE_FORCED,
        [STOP_TURN_OFF] = OFFLINE_TURN_OFF,
    };
    uint32_t vm = state_vm(&w->now, a->subject);
    struct vm *row = &w->now.vms[vm];
    uint64_t action = a->value[0] <= STOP_TURN_OFF ? actions[a->value[0]] : OFFLINE_SHUT_DOWN;
    enum sim_answer answer;

    (void)at;
    if (row->hidden)
        return sim_refuse(e, REFUSE_HIDDEN, row->name);
    if (sim_role_refuses(row) != REFUSE_NONE)
        return sim_refuse(e, sim_role_refuses(row), row->name);
    switch (row->power) {
    case POWER_OFF:
        return stop_off(w, vm, commit);
    case POWER_RUNNING:
        if (sim_of(w, vm)->asked && action == OFFLINE_SHUT_DOWN)
            return SIM_ACCEPTED; /* 32782: in progress */
        break;
    case POWER_STOPPING: /* asking less than before, or the same, changes nothing */
        if (action == OFFLINE_SHUT_DOWN || num_is(sim_of(w, vm)->next_offline, action))
            return SIM_ACCEPTED;
        break;
    case POWER_STARTING:
    case POWER_PAUSED:
    case POWER_CRITICAL:
        if (action == OFFLINE_TURN_OFF)
            break;
        return sim_refuse(e, REFUSE_STATE, row->name);
    default: /* saved state is never discarded (S10) */
        return sim_refuse(e, REFUSE_STATE, row->name);
    }
    answer = take_down(w, vm, action, commit, e);
    if (commit && answer == SIM_ACCEPTED)
        world_next_offline(w, vm, action);
    return answer;
}

enum sim_answer sim_offline_action(struct world *w, const struct action *a, uint32_t at,
                                   bool commit, struct err *e)
{
    uint32_t vm = state_vm(&w->now, a->subject);
    struct vm *row = &w->now.vms[vm];
    struct sim_vm *sim = sim_of(w, vm);

    (void)at;
    if (!row->role.clustered)
        return sim_refuse(e, REFUSE_NOT_CLUSTERED, row->name);
    if (sim_role_refuses(row) != REFUSE_NONE)
        return sim_refuse(e, sim_role_refuses(row), row->name);
    if (a->value[0] > OFFLINE_FORCED)
        return sim_refuse(e, REFUSE_OFFLINE_VALUE, row->name);
    if (num_is(row->role.offline_action, a->value[0]))
        return SIM_DONE;
    if (!commit)
        return SIM_ACCEPTED;
    if (row->role.vm != RES_OFFLINE) {
        if (!sim->offline_in_force.known)
            sim->offline_in_force = row->role.offline_action;
        if (e) { /* a note: it is done all the same (S1) */
            err_set(e, ERR_NONE, 5024,
                    "%s: stored, in force after its next offline (5024; failover-cluster 5.3)",
                    row->name);
        }
    }
    row->role.offline_action = NUM(a->value[0]);
    return SIM_DONE;
}

/* ---- starting ---- */

void sim_begin_start(struct world *w, uint32_t vm)
{
    sim_power(w, vm, POWER_STARTING);
    sim_push_vm(w, JOB_UP, vm, sim_of(w, vm)->start_ms);
}

static enum sim_answer start(struct world *w, uint32_t vm, bool refresh, bool commit, struct err *e)
{
    struct vm *row = &w->now.vms[vm];
    struct sim_vm *sim = sim_of(w, vm);

    if (row->hidden)
        return sim_refuse(e, REFUSE_HIDDEN, row->name);
    if (sim_role_refuses(row) != REFUSE_NONE)
        return sim_refuse(e, sim_role_refuses(row), row->name);
    if (row->power == POWER_RUNNING)
        return SIM_DONE;
    if (row->power == POWER_STARTING)
        return SIM_ACCEPTED;
    if (row->power != POWER_OFF && row->power != POWER_SAVED)
        return sim_refuse(e, REFUSE_STATE, row->name);
    if (!commit)
        return SIM_ACCEPTED;
    if (refresh)
        world_refresh(w, vm);
    sim_drop_power(w, vm);
    sim->restarts = 0;
    sim->home = row->node;
    sim_begin_start(w, vm);
    return now_or_later(w, vm, POWER_RUNNING);
}

enum sim_answer sim_start(struct world *w, const struct action *a, uint32_t at, bool commit,
                          struct err *e)
{
    (void)at;
    return start(w, state_vm(&w->now, a->subject), true, commit, e);
}

/* Cancels what the cluster has under way, and takes the resource offline (V10). */
enum sim_answer sim_cancel_start(struct world *w, const struct action *a, uint32_t at, bool commit,
                                 struct err *e)
{
    uint32_t vm = state_vm(&w->now, a->subject);
    struct vm *row = &w->now.vms[vm];

    (void)at;
    if (row->hidden)
        return sim_refuse(e, REFUSE_HIDDEN, row->name);
    if (row->power == POWER_RUNNING)
        return SIM_DONE; /* nothing to cancel any more */
    if (row->power == POWER_OFF)
        return stop_off(w, vm, commit);
    if (row->power != POWER_STARTING)
        return sim_refuse(e, REFUSE_STATE, row->name);
    if (commit)
        sim_offline_over(w, vm, POWER_OFF);
    return commit ? SIM_DONE : SIM_ACCEPTED;
}

/* ---- what the cluster does by itself ---- */

/* Where the next try goes: once more at home, then each other node once, in order. */
static uint32_t next_try(const struct world *w, const struct sim_vm *sim)
{
    uint32_t n = (uint32_t)w->now.node_count, left = sim->restarts;

    if (left <= 1)
        return sim_node_hosts(w, sim->home) ? sim->home : NO_INDEX;
    for (uint32_t i = 1; i < n; i++) {
        uint32_t node = (sim->home + i) % n;

        if (sim_node_hosts(w, node) && --left == 1)
            return node;
    }
    return NO_INDEX;
}

static void start_failed(struct world *w, uint32_t vm)
{
    struct sim_vm *sim = sim_of(w, vm);
    struct vm *row = &w->now.vms[vm];

    sim_power(w, vm, POWER_OFF);
    if (!row->role.clustered)
        return;
    row->role.vm = RES_PENDING;
    sim->restarts++;
    if (next_try(w, sim) == NO_INDEX && sim->restarts == 1)
        sim->restarts++; /* its home is gone: elsewhere at once */
    if (next_try(w, sim) != NO_INDEX)
        sim_push_vm(w, JOB_RETRY, vm, sim->start_ms < RETRY_MS ? sim->start_ms : RETRY_MS);
}

static void land_up(struct world *w, uint32_t vm)
{
    struct sim_vm *sim = sim_of(w, vm);
    struct vm *row = &w->now.vms[vm];

    if (row->power != POWER_STARTING)
        return;
    sim_move_to(w, vm, sim_pool_node(w, row));
    if (sim->never_starts || !world_answers(w, row->node) || !sim_take(w, vm)) {
        start_failed(w, vm);
        return;
    }
    sim->restarts = 0;
    sim_power(w, vm, POWER_RUNNING);
}

void sim_land_power(struct world *w, enum job_phase phase, uint32_t vm)
{
    struct vm *row = &w->now.vms[vm];
    uint32_t node;

    switch (phase) {
    case JOB_OFF:
        if (row->power == POWER_STOPPING)
            sim_offline_over(w, vm, POWER_OFF);
        break;
    case JOB_SAVED:
        if (row->power == POWER_STOPPING)
            sim_offline_over(w, vm, POWER_SAVED);
        break;
    case JOB_UP:
        land_up(w, vm);
        break;
    case JOB_RETRY:
        node = next_try(w, sim_of(w, vm));
        if (row->power != POWER_OFF || node == NO_INDEX)
            break;
        sim_move_to(w, vm, node);
        sim_begin_start(w, vm);
        break;
    case JOB_EFFECT:
    case JOB_LATE:
    case JOB_MOVE:
        break;
    }
}

/* ---- the platform's own verbs ---- */

void world_next_offline(struct world *w, uint32_t vm, uint64_t action)
{
    sim_of(w, vm)->next_offline = NUM(action);
}

uint64_t sim_offline_action_of(struct world *w, uint32_t vm)
{
    const struct sim_vm *sim = sim_of(w, vm);

    if (sim->next_offline.known)
        return sim->next_offline.value;
    if (sim->offline_in_force.known)
        return sim->offline_in_force.value;
    return w->now.vms[vm].role.offline_action.known ? w->now.vms[vm].role.offline_action.value
                                                    : OFFLINE_SAVE;
}

static enum sim_answer offline(struct world *w, uint32_t vm, bool commit, struct err *e)
{
    struct vm *row = &w->now.vms[vm];
    uint64_t action = sim_offline_action_of(w, vm);

    if (!row->role.clustered)
        return sim_refuse(e, REFUSE_NOT_CLUSTERED, row->name);
    if (row->role.busy) /* M2 */
        return sim_refuse(e, REFUSE_ROLE_BUSY, row->name);
    if (row->power == POWER_OFF)
        return stop_off(w, vm, commit);
    if (row->power == POWER_SAVED)
        return SIM_DONE;
    if (action != OFFLINE_TURN_OFF && row->power == POWER_STOPPING)
        return SIM_ACCEPTED; /* it is on its way */
    if (action == OFFLINE_SHUT_DOWN && row->power == POWER_RUNNING && sim_of(w, vm)->asked)
        return SIM_ACCEPTED;
    if (action != OFFLINE_TURN_OFF &&
        (row->power == POWER_STARTING || row->power == POWER_CRITICAL))
        return sim_refuse(e, REFUSE_STATE, row->name);
    return take_down(w, vm, action, commit, e);
}

enum sim_answer world_offline(struct world *w, uint32_t vm, struct err *e)
{
    return offline(w, vm, true, e);
}

enum sim_answer sim_take_offline(struct world *w, const struct action *a, uint32_t at, bool commit,
                                 struct err *e)
{
    (void)at;
    return offline(w, state_vm(&w->now, a->subject), commit, e);
}

enum sim_answer sim_bring_online(struct world *w, const struct action *a, uint32_t at, bool commit,
                                 struct err *e)
{
    (void)at;
    return start(w, state_vm(&w->now, a->subject), false, commit, e);
}

enum sim_answer world_online(struct world *w, uint32_t vm, struct err *e)
{
    return start(w, vm, false, true, e);
}

enum sim_answer world_config_offline(struct world *w, uint32_t vm, struct err *e)
{
    struct vm *row = &w->now.vms[vm];
    uint64_t action = sim_offline_action_of(w, vm);

    if (!row->role.clustered)
        return sim_refuse(e, REFUSE_NOT_CLUSTERED, row->name);
    if (row->power != POWER_OFF && row->power != POWER_SAVED) { /* what depends on it goes first */
        if (action == OFFLINE_SHUT_DOWN && sim_of(w, vm)->guest != GUEST_OBEYS)
            return sim_refuse(e, REFUSE_STATE, row->name);
        sim_offline_over(w, vm, action == OFFLINE_SAVE ? POWER_SAVED : POWER_OFF);
    }
    sim_drop_power(w, vm);
    row->role.vm = RES_OFFLINE;
    row->role.config = RES_OFFLINE;
    row->hidden = true;
    return SIM_DONE;
}

enum sim_answer world_config_online(struct world *w, uint32_t vm, struct err *e)
{
    struct vm *row = &w->now.vms[vm];

    if (!row->role.clustered)
        return sim_refuse(e, REFUSE_NOT_CLUSTERED, row->name);
    row->role.config = RES_ONLINE;
    row->hidden = false;
    return SIM_DONE;
}

/* ---- people, and what happens to nodes ---- */

void world_person_power(struct world *w, uint32_t vm, bool on)
{
    struct vm *row = &w->now.vms[vm];
    struct sim_vm *sim = sim_of(w, vm);

    if (row->hidden || row->power == (on ? POWER_RUNNING : POWER_OFF))
        return;
    if (!on) {
        sim_offline_over(w, vm, POWER_OFF);
        return;
    }
    sim_drop_power(w, vm);
    sim->home = row->node;
    sim->restarts = 0;
    sim_power(w, vm, POWER_STARTING);
    if (!sim->never_starts && sim_take(w, vm))
        sim_power(w, vm, POWER_RUNNING);
    else
        sim_power(w, vm, POWER_OFF);
}

bool world_person_adapter(struct world *w, uint32_t vm, bool add)
{
    struct vm *row = &w->now.vms[vm];

    if (row->power != POWER_OFF || row->hidden || (!add && !row->adapter_count))
        return false;
    if (add) {
        sim_new_adapter(w, row);
    } else {
        sim_touch(w, vm);
        row->adapter_count--;
    }
    world_refresh(w, vm);
    return true;
}

static uint32_t other_host(const struct world *w, uint32_t node)
{
    uint32_t n = (uint32_t)w->now.node_count;

    for (uint32_t i = 1; i < n; i++)
        if (sim_node_hosts(w, (node + i) % n))
            return (node + i) % n;
    return NO_INDEX;
}

void world_reboot(struct world *w, uint32_t node)
{
    size_t n = 0;
    uint32_t other = other_host(w, node);

    w->now.nodes[node].boot_ms = w->now.observed_ms;
    for (size_t i = 0; i < w->job_count; i++) /* calls that it had accepted are gone with it */
        if ((w->jobs[i].phase != JOB_EFFECT && w->jobs[i].phase != JOB_LATE) ||
            state_node(&w->now, w->jobs[i].action.node) != node)
            w->jobs[n++] = w->jobs[i];
    w->job_count = n;
    sim_moves_fail(w, node);
    for (uint32_t i = 0; i < w->now.vm_count; i++) {
        struct vm *row = &w->now.vms[i];

        if (row->node != node || row->hidden || row->power == POWER_OFF ||
            row->power == POWER_SAVED)
            continue;
        if (row->power == POWER_STOPPING) {
            sim_offline_over(w, i, POWER_OFF);
            continue;
        }
        if (row->role.clustered && other != NO_INDEX) {
            world_fail_over(w, i, other);
            continue;
        }
        sim_drop_power(w, i);
        sim_of(w, i)->asked = false;
        sim_of(w, i)->home = node;
        sim_let_go(w, i);
        sim_begin_start(w, i);
    }
}
