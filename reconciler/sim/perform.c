/* The door: faults, then the table of verbs, then time. */
#include "sim/sim.h"

#include <string.h>

static const struct refusal_row {
    int64_t code;
    const char *text, *source;
} refusals[] = {
#define REFUSAL(name, code, text, source) {code, text, source},
#include "sim/refusals.def"
#undef REFUSAL
};

enum sim_answer sim_refuse(struct err *e, enum refusal why, const char *subject)
{
    const struct refusal_row *row = &refusals[why];

    if (e)
        err_set(e, why == REFUSE_BUSY ? ERR_BUSY : ERR_REFUSED, row->code, "%s: %s (0x%llx; %s)",
                subject, row->text, (unsigned long long)row->code, row->source);
    return SIM_REFUSED;
}

static const struct {
    sim_verb *verb;
    enum { KIND_CHANGE, KIND_COUNT, KIND_DEVICE, KIND_POWER, KIND_MOVE } kind;
    sim_verb *plain; /* by itself; NULL: the same */
} verbs[VERB_NONE] = {
    [VERB_VM_OFFLINE_ACTION] = {sim_offline_action, KIND_POWER},
    [VERB_VM_CHECKPOINTS] = {sim_checkpoints, KIND_CHANGE},
    [VERB_GPU_DISABLE] = {sim_disable, KIND_DEVICE},
    [VERB_GPU_DISMOUNT] = {sim_dismount, KIND_DEVICE},
    [VERB_POOL_CREATE] = {sim_pool_create, KIND_DEVICE},
    [VERB_POOL_JOIN] = {sim_pool_join, KIND_DEVICE},
    [VERB_VM_STOP] = {sim_stop, KIND_POWER, sim_take_offline},
    [VERB_REQUEST_REMOVE] = {sim_request_remove, KIND_CHANGE},
    [VERB_ADAPTER_REMOVE] = {sim_adapter_remove, KIND_CHANGE},
    [VERB_VM_MEMORY] = {sim_memory, KIND_CHANGE},
    [VERB_VM_STOP_ACTION] = {sim_stop_action, KIND_CHANGE},
    [VERB_VM_MMIO] = {sim_mmio, KIND_CHANGE},
    [VERB_VM_CACHE_TYPES] = {sim_cache_types, KIND_CHANGE},
    [VERB_GPU_COUNT] = {sim_count, KIND_COUNT},
    [VERB_VM_MOVE] = {sim_move, KIND_MOVE, sim_move_role},
    [VERB_ADAPTER_ADD] = {sim_adapter_add, KIND_CHANGE},
    [VERB_ADAPTER_LIMITS] = {sim_adapter_limits, KIND_CHANGE},
    [VERB_REQUEST_ADD] = {sim_request_add, KIND_CHANGE},
    [VERB_VM_START] = {sim_start, KIND_POWER, sim_bring_online},
    [VERB_VM_CANCEL_START] = {sim_cancel_start, KIND_POWER},
    [VERB_POOL_LEAVE] = {sim_pool_leave, KIND_DEVICE},
    [VERB_GPU_MOUNT] = {sim_mount, KIND_DEVICE},
    [VERB_GPU_ENABLE] = {sim_enable, KIND_DEVICE},
    [VERB_POOL_DELETE] = {sim_pool_delete, KIND_DEVICE},
};

struct sim_vm *sim_of(struct world *w, uint32_t vm)
{
    if (!w->sim)
        w->sim = arena_array(w->arena, struct sim_vm, w->now.vm_count + 1);
    return &w->sim[vm];
}

/* The VM, for the cluster's verbs on any node, for Hyper-V's on its own only (10.3). */
static bool same_place(const struct world *w, const struct action *a, uint32_t at)
{
    uint32_t vm;

    if (verb_rows[a->verb].subject != SUBJECT_VM)
        return true;
    vm = state_vm(&w->now, a->subject);
    if (vm == NO_INDEX)
        return false;
    return (w->now.vms[vm].role.clustered &&
            (verbs[a->verb].kind == KIND_POWER || verbs[a->verb].kind == KIND_MOVE)) ||
           w->now.vms[vm].node == at;
}

enum sim_answer sim_do(struct world *w, const struct action *a, bool plain, bool commit,
                       struct err *e)
{
    uint32_t at = state_node(&w->now, a->node);

    if ((unsigned)a->verb >= VERB_NONE || !verbs[a->verb].verb)
        return sim_refuse(e, REFUSE_UNKNOWN_VERB, "the call");
    if (at == NO_INDEX || !world_answers(w, at))
        return sim_refuse(e, REFUSE_NO_NODE, a->node ? a->node : "the node");
    if (!same_place(w, a, at))
        return sim_refuse(e, REFUSE_NO_VM, a->subject);
    plain &= verbs[a->verb].plain != NULL;
    return (plain ? verbs[a->verb].plain : verbs[a->verb].verb)(w, a, at, commit, e);
}

static int64_t duration_of(const struct world *w, const struct action *a)
{
    switch (verbs[a->verb].kind) {
    case KIND_MOVE: /* live: as long as the guest's memory takes */
        return a->value[0] == MOVE_LIVE ? 0 : w->timing.change_ms;
    case KIND_CHANGE:
        return w->timing.change_ms;
    case KIND_COUNT:
        return w->timing.count_ms;
    case KIND_DEVICE:
        return w->timing.device_ms;
    default:
        return 0; /* power takes the guest's own time */
    }
}

/* The effect of this very call is under way, or another one of its subject. */
static const struct job *under_way(const struct world *w, const struct action *a)
{
    for (size_t i = 0; i < w->job_count; i++) {
        const struct action *b = &w->jobs[i].action;

        if (w->jobs[i].phase == JOB_EFFECT && str_same(b->subject, a->subject) &&
            (verb_rows[a->verb].subject == SUBJECT_VM || str_same(b->node, a->node)))
            return &w->jobs[i];
    }
    return NULL;
}

/* Done now, or accepted and done when its time is over. */
static enum sim_answer submit(struct world *w, const struct action *a, bool plain, bool commit,
                              struct err *e)
{
    int64_t takes = (unsigned)a->verb < VERB_NONE ? duration_of(w, a) : 0;
    const struct job *other = takes || w->job_count ? under_way(w, a) : NULL;
    enum sim_answer answer;

    if (other) /* the platform does not know the same call when it comes twice */
        return !plain && action_same(&other->action, a) ? SIM_ACCEPTED
                                                        : sim_refuse(e, REFUSE_BUSY, a->subject);
    answer = sim_do(w, a, plain, commit && !takes, e);
    if (!takes || answer != SIM_ACCEPTED)
        return answer;
    if (commit)
        sim_push(w, JOB_EFFECT, a, plain, takes);
    return SIM_ACCEPTED;
}

/* ---- faults ---- */

static bool fault_subject(const struct world *w, const struct fault *f, const char *node,
                          const char *subject)
{
    const struct state *s = &w->now;
    uint32_t at, i;
    const char *label;
    struct arena a;
    bool same;

    if (!f->subject || str_same(f->subject, subject))
        return true;
    if (!subject)
        return false;
    i = state_vm(s, subject);
    if (i != NO_INDEX)
        return str_same(s->vms[i].name, f->subject);
    at = state_node(s, node);
    i = at == NO_INDEX ? NO_INDEX : state_gpu(s, at, subject);
    if (i == NO_INDEX)
        return false;
    arena_init(&a, 0);
    label = gpu_label(&a, s, i);
    same = str_same(label, f->subject) || str_same(strrchr(label, '/') + 1, f->subject);
    arena_release(&a);
    return same;
}

const struct fault *world_fault(struct world *w, int verb, const char *node, const char *subject)
{
    const struct fault *found = NULL;

    for (size_t i = 0; i < w->fault_count; i++) {
        struct fault *f = &w->faults[i];

        if (f->verb != verb && !(f->verb == FAULT_ON_ANY && verb >= 0))
            continue;
        if ((f->node && !str_same(f->node, node)) || !fault_subject(w, f, node, subject))
            continue;
        if (f->seen < UINT32_MAX)
            f->seen++;
        if (!found && f->seen > f->after && (!f->times || f->seen - f->after <= f->times))
            found = f;
    }
    return found;
}

static enum sim_answer perform_fault(struct world *w, const struct fault *f, const struct action *a,
                                     bool plain, struct err *e)
{
    enum sim_answer answer;

    switch (f->kind) {
    case FAULT_HANG:
        return SIM_HANGS;
    case FAULT_LIE:
        return submit(w, a, plain, false, e);
    case FAULT_LATE:
        sim_push(w, JOB_LATE, a, plain, f->delay_ms);
        err_set(e, ERR_TIMEOUT, 0x80010108, "%s: the answer is lost (world.md faults)", a->subject);
        return SIM_LOST;
    case FAULT_DIE:
        answer = submit(w, a, plain, true, e);
        return answer == SIM_REFUSED ? answer : SIM_DIES;
    case FAULT_DENY:
        submit(w, a, plain, true, e);
        break;
    case FAULT_REFUSE:
        break;
    }
    /* Disable answers rebootNeeded; documents say it as ERROR_SUCCESS_REBOOT_REQUIRED (D2). */
    sim_refuse(e, f->answer == 3010 ? REFUSE_REBOOT : REFUSE_FAULT,
               a->subject ? a->subject : "the call");
    e->native = f->answer;
    return SIM_REFUSED;
}

enum sim_answer world_change(struct world *w, const struct action *a, struct err *e)
{
    return sim_do(w, a, true, true, e);
}

/* Adapter, device, memory and MMIO changes carry the refresh (M6). */
static void refresh_after(struct world *w, const struct action *a)
{
    uint32_t vm;

    if (verb_rows[a->verb].subject != SUBJECT_VM || verbs[a->verb].kind != KIND_CHANGE)
        return;
    vm = state_vm(&w->now, a->subject);
    if (vm != NO_INDEX)
        world_refresh(w, vm);
}

static enum sim_answer perform(struct world *w, const struct action *action, bool plain,
                               struct err *e)
{
    uint32_t at = state_node(&w->now, action->node);
    const struct fault *f;
    enum sim_answer answer;

    w->performs++;
    if (at != NO_INDEX && world_hangs(w, at))
        return SIM_HANGS;
    f = w->fault_count ? world_fault(w, (int)action->verb, action->node, action->subject) : NULL;
    answer = f ? perform_fault(w, f, action, plain, e) : submit(w, action, plain, true, e);
    if (!plain && (answer == SIM_DONE || answer == SIM_DIES || f))
        refresh_after(w, action);
    return answer;
}

enum sim_answer world_perform(struct world *w, const struct action *action, struct err *e)
{
    return perform(w, action, false, e);
}

enum sim_answer world_call(struct world *w, const struct action *action, struct err *e)
{
    return perform(w, action, true, e);
}

/* ---- time ---- */

static const char *keep(struct world *w, const char *s)
{
    return s ? arena_strdup(w->arena, s) : NULL;
}

void sim_push(struct world *w, enum job_phase phase, const struct action *a, bool plain,
              int64_t delay_ms)
{
    struct job job = {
        .action = *a, .lands_ms = w->now.observed_ms + delay_ms, .phase = phase, .plain = plain};

    if (delay_ms <= 0) {
        sim_land(w, &job);
        return;
    }
    job.action.node = keep(w, a->node);
    job.action.subject = keep(w, a->subject);
    job.action.object = keep(w, a->object);
    job.action.location = keep(w, a->location);
    job.action.pin = keep(w, a->pin);
    if (a->limits) {
        struct limits *limits = arena_new(w->arena, struct limits);

        *limits = *a->limits;
        job.action.limits = limits;
    }
    *arena_push(w->arena, w->jobs, w->job_count, w->job_room) = job;
}

void sim_push_vm(struct world *w, enum job_phase phase, uint32_t vm, int64_t delay_ms)
{
    struct action a = {.verb = VERB_NONE, .subject = w->now.vms[vm].id};

    sim_push(w, phase, &a, false, delay_ms);
}

void sim_drop_power(struct world *w, uint32_t vm)
{
    size_t n = 0;

    for (size_t i = 0; i < w->job_count; i++)
        if (w->jobs[i].phase == JOB_EFFECT || w->jobs[i].phase == JOB_LATE ||
            !str_same(w->jobs[i].action.subject, w->now.vms[vm].id))
            w->jobs[n++] = w->jobs[i];
        else if (w->jobs[i].phase == JOB_MOVE)
            w->now.vms[vm].role.busy = false;
    w->job_count = n;
}

void sim_land(struct world *w, const struct job *job)
{
    uint32_t vm;
    struct err e;

    if (job->phase == JOB_EFFECT || job->phase == JOB_LATE) {
        e.kind = ERR_NONE;
        if (sim_do(w, &job->action, job->plain, true, &e) != SIM_REFUSED && !job->plain)
            refresh_after(w, &job->action);
        return;
    }
    vm = state_vm(&w->now, job->action.subject);
    if (vm != NO_INDEX && job->phase == JOB_MOVE)
        sim_land_move(w, vm, state_node(&w->now, job->action.object));
    else if (vm != NO_INDEX)
        sim_land_power(w, (enum job_phase)job->phase, vm);
}

int64_t world_next_ms(const struct world *w)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < w->job_count; i++)
        if (w->jobs[i].lands_ms < next)
            next = w->jobs[i].lands_ms;
    return next;
}

void world_advance(struct world *w, int64_t now_ms)
{
    for (;;) {
        int64_t next = world_next_ms(w);
        struct job job;
        size_t i = 0;

        if (next > now_ms || !w->job_count)
            break;
        while (w->jobs[i].lands_ms != next)
            i++;
        job = w->jobs[i];
        memmove(&w->jobs[i], &w->jobs[i + 1], (w->job_count - i - 1) * sizeof job);
        w->job_count--;
        if (next > w->now.observed_ms)
            w->now.observed_ms = next;
        sim_land(w, &job);
    }
    if (now_ms > w->now.observed_ms)
        w->now.observed_ms = now_ms;
}
