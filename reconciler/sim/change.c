/* What can be changed on a VM, and when Hyper-V lets it. */
#include "sim/sim.h"

#include <string.h>

/* ---- the VM and its copy in the cluster ---- */

static struct vm *vm_of(struct world *w, const struct action *a)
{
    return &w->now.vms[state_vm(&w->now, a->subject)];
}

static uint32_t index_of(const struct world *w, const struct vm *vm)
{
    return (uint32_t)(vm - w->now.vms);
}

/* The VM's row with arrays of its own, so that a copy taken earlier stays as it was. */
static void own_arrays(struct world *w, struct vm *vm)
{
    vm->adapters = arena_grow(w->arena, vm->adapters, vm->adapter_count, vm->adapter_count + 1,
                              sizeof *vm->adapters);
    vm->requests = arena_grow(w->arena, vm->requests, vm->request_count, vm->request_count + 1,
                              sizeof *vm->requests);
}

void sim_touch(struct world *w, uint32_t vm)
{
    struct sim_vm *sim = sim_of(w, vm);
    struct vm *row = &w->now.vms[vm], *copy;

    if (row->role.clustered && !sim->stale) {
        copy = arena_new(w->arena, struct vm);
        *copy = *row;
        sim->stale = true;
        sim->copy = copy;
    }
    own_arrays(w, row);
}

void world_refresh(struct world *w, uint32_t vm)
{
    struct sim_vm *sim = sim_of(w, vm);

    sim->stale = false;
    sim->copy = NULL;
}

/* From the VM's own id and number: not from the order in which nodes happen to answer. */
static const char *new_id(struct world *w, const struct vm *vm)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */

    for (const char *p = vm->id; *p; p++)
        h = (h ^ (unsigned char)*p) * 1099511628211u;
    return arena_printf(w->arena, "%08llx-%04llx-4000-8000-%012llx",
                        (unsigned long long)(h & 0xffffffff),
                        (unsigned long long)(h >> 32 & 0xffff),
                        (unsigned long long)++sim_of(w, index_of(w, vm))->made);
}

/* Both keep their list in the order of ids: new ids grow, but others may be larger. */
struct adapter *sim_new_adapter(struct world *w, struct vm *vm)
{
    struct adapter row = {.id = new_id(w, vm)};
    size_t i = vm->adapter_count;

    sim_touch(w, index_of(w, vm));
    while (i && str_cmp(vm->adapters[i - 1].id, row.id) > 0)
        i--;
    memmove(&vm->adapters[i + 1], &vm->adapters[i], (vm->adapter_count - i) * sizeof row);
    vm->adapters[i] = row;
    vm->adapter_count++;
    return &vm->adapters[i];
}

struct request *sim_new_request(struct world *w, struct vm *vm)
{
    struct request row = {.id = new_id(w, vm)};
    size_t i = vm->request_count;

    sim_touch(w, index_of(w, vm));
    while (i && str_cmp(vm->requests[i - 1].id, row.id) > 0)
        i--;
    memmove(&vm->requests[i + 1], &vm->requests[i], (vm->request_count - i) * sizeof row);
    vm->requests[i] = row;
    vm->request_count++;
    return &vm->requests[i];
}

/* What every change that needs the VM off asks first (V6, "Needs the VM off" of S; M2). */
static bool may_change(const struct vm *vm, enum sim_answer *answer, struct err *e)
{
    if (vm->hidden)
        *answer = sim_refuse(e, REFUSE_HIDDEN, vm->name);
    else if (vm->role.busy)
        *answer = sim_refuse(e, REFUSE_ROLE_BUSY, vm->name);
    else if (vm->power != POWER_OFF)
        *answer = sim_refuse(e, REFUSE_NOT_OFF, vm->name);
    else
        return true;
    return false;
}

/* ---- settings ---- */

enum sim_answer sim_stop_action(struct world *w, const struct action *a, uint32_t at, bool commit,
                                struct err *e)
{
    struct vm *vm = vm_of(w, a);
    enum sim_answer answer;

    (void)at;
    if (vm->settings.stop_action == (enum stop_action)a->value[0])
        return SIM_DONE;
    if (!may_change(vm, &answer, e))
        return answer;
    if (!commit)
        return SIM_ACCEPTED;
    sim_touch(w, index_of(w, vm));
    vm->settings.stop_action = (enum stop_action)a->value[0];
    return SIM_DONE;
}

enum sim_answer sim_memory(struct world *w, const struct action *a, uint32_t at, bool commit,
                           struct err *e)
{
    struct vm *vm = vm_of(w, a);
    struct vm_settings *s = &vm->settings;
    enum tri dynamic = a->value[0] ? TRI_YES : TRI_NO;
    enum sim_answer answer;

    (void)at;
    if (s->dynamic_memory == dynamic &&
        (!a->value[1] || num_is(s->memory_startup_mib, a->value[1])) &&
        (!a->value[2] || num_is(s->memory_min_mib, a->value[2])))
        return SIM_DONE;
    if (!may_change(vm, &answer, e))
        return answer;
    if (vm_adapters(vm) || vm_requests(vm)) /* S3 */
        return sim_refuse(e, REFUSE_MEMORY_HELD, vm->name);
    if (!commit)
        return SIM_ACCEPTED;
    sim_touch(w, index_of(w, vm));
    s->dynamic_memory = dynamic;
    if (a->value[1])
        s->memory_startup_mib = NUM(a->value[1]);
    if (a->value[2])
        s->memory_min_mib = NUM(a->value[2]);
    return SIM_DONE;
}

enum sim_answer sim_mmio(struct world *w, const struct action *a, uint32_t at, bool commit,
                         struct err *e)
{
    struct vm *vm = vm_of(w, a);
    struct vm_settings *s = &vm->settings;
    enum sim_answer answer;

    (void)at;
    if (num_is(s->mmio_low_mib, a->value[0]) && num_is(s->mmio_high_mib, a->value[1]))
        return SIM_DONE;
    if (!may_change(vm, &answer, e))
        return answer;
    if (a->value[0] >= 4096) /* S5: low under 4 GiB */
        return sim_refuse(e, REFUSE_MMIO_LOW, vm->name);
    if (!commit)
        return SIM_ACCEPTED;
    sim_touch(w, index_of(w, vm));
    s->mmio_low_mib = NUM(a->value[0]);
    s->mmio_high_mib = NUM(a->value[1]);
    return SIM_DONE;
}

enum sim_answer sim_cache_types(struct world *w, const struct action *a, uint32_t at, bool commit,
                                struct err *e)
{
    struct vm *vm = vm_of(w, a);
    enum tri want = a->value[0] ? TRI_YES : TRI_NO;
    enum sim_answer answer;

    (void)at;
    if (vm->settings.cache_types == want)
        return SIM_DONE;
    if (!may_change(vm, &answer, e))
        return answer;
    if (!commit)
        return SIM_ACCEPTED;
    sim_touch(w, index_of(w, vm));
    vm->settings.cache_types = want;
    return SIM_DONE;
}

enum sim_answer sim_checkpoints(struct world *w, const struct action *a, uint32_t at, bool commit,
                                struct err *e)
{
    struct vm *vm = vm_of(w, a);
    struct vm_settings *s = &vm->settings;
    enum checkpoints want = (enum checkpoints)a->value[0];

    (void)at;
    if (s->checkpoints == want && (want != CHECKPOINTS_DISABLED || s->auto_checkpoints != TRI_YES))
        return SIM_DONE;
    if (vm->hidden)
        return sim_refuse(e, REFUSE_HIDDEN, vm->name);
    if (vm->role.busy)
        return sim_refuse(e, REFUSE_ROLE_BUSY, vm->name);
    if (w->checkpoints_need_off && vm->power != POWER_OFF)
        return sim_refuse(e, REFUSE_CHECKPOINTS, vm->name);
    if (!commit)
        return SIM_ACCEPTED;
    sim_touch(w, index_of(w, vm));
    s->checkpoints = want;
    if (want == CHECKPOINTS_DISABLED) /* S4: the automatic ones too */
        s->auto_checkpoints = TRI_NO;
    return SIM_DONE;
}

/* ---- partitions ---- */

static struct adapter *adapter_of(struct vm *vm, const char *id)
{
    for (size_t i = 0; i < vm->adapter_count; i++)
        if (str_same(vm->adapters[i].id, id))
            return &vm->adapters[i];
    return NULL;
}

enum sim_answer sim_adapter_remove(struct world *w, const struct action *a, uint32_t at,
                                   bool commit, struct err *e)
{
    struct vm *vm = vm_of(w, a);
    struct adapter *ad = adapter_of(vm, a->object);
    enum sim_answer answer;
    size_t i;

    if (!ad)
        return SIM_DONE;
    if (ad->of_checkpoint)
        return sim_refuse(e, REFUSE_OF_CHECKPOINT, vm->name);
    if (!may_change(vm, &answer, e))
        return answer;
    if (ad->pin && state_gpu(&w->now, at, ad->pin) == NO_INDEX) /* V8 */
        return sim_refuse(e, REFUSE_ADAPTER_GONE, vm->name);
    if (!commit)
        return SIM_ACCEPTED;
    i = (size_t)(ad - vm->adapters);
    sim_touch(w, index_of(w, vm));
    vm->adapter_count--;
    memmove(&vm->adapters[i], &vm->adapters[i + 1], (vm->adapter_count - i) * sizeof *ad);
    if (!vm->adapter_count)
        vm->gpu_error = false;
    return SIM_DONE;
}

/* AddResourceSettings adds as often as it is called; value[0] says how many are meant. */
enum sim_answer sim_adapter_add(struct world *w, const struct action *a, uint32_t at, bool commit,
                                struct err *e)
{
    struct vm *vm = vm_of(w, a);
    uint32_t gpu = a->pin ? state_gpu(&w->now, at, a->pin) : NO_INDEX;
    enum sim_answer answer;
    struct adapter *ad;

    if (a->value[0] && vm_adapters(vm) >= a->value[0])
        return SIM_DONE;
    if (!may_change(vm, &answer, e))
        return answer;
    if (a->pin && gpu == NO_INDEX)
        return sim_refuse(e, REFUSE_ADAPTER_PIN, vm->name);
    if (!commit)
        return SIM_ACCEPTED;
    ad = sim_new_adapter(w, vm); /* no look at capacity: it is bound at start (V3) */
    if (a->pin)
        ad->pin = w->now.gpus[gpu].path;
    return SIM_DONE;
}

static bool in_order(struct num low, struct num high)
{
    return !low.known || !high.known || low.value <= high.value;
}

static void set_known(struct num *to, struct num from)
{
    if (from.known)
        *to = from;
}

/* Only known values are written; whether the GPU can serve them is seen at start (V5). */
enum sim_answer sim_adapter_limits(struct world *w, const struct action *a, uint32_t at,
                                   bool commit, struct err *e)
{
    struct vm *vm = vm_of(w, a);
    struct adapter *ad = adapter_of(vm, a->object);
    struct limits next;
    enum sim_answer answer;

    (void)at;
    if (!ad || !a->limits)
        return sim_refuse(e, REFUSE_NO_ADAPTER, vm->name);
    next = ad->limits;
    for (int k = 0; k < QUOTA_KINDS; k++) {
        set_known(&next.min[k], a->limits->min[k]);
        set_known(&next.max[k], a->limits->max[k]);
        set_known(&next.optimal[k], a->limits->optimal[k]);
        if (!in_order(next.min[k], next.optimal[k]) || !in_order(next.optimal[k], next.max[k]) ||
            !in_order(next.min[k], next.max[k]))
            return sim_refuse(e, REFUSE_LIMITS_ORDER, vm->name);
    }
    if (action_holds(a, &w->now))
        return SIM_DONE;
    if (!may_change(vm, &answer, e))
        return answer;
    if (!commit)
        return SIM_ACCEPTED;
    sim_touch(w, index_of(w, vm));
    adapter_of(vm, a->object)->limits = next;
    return SIM_DONE;
}

/* ---- whole devices ---- */

static struct request *request_of(struct vm *vm, const char *id)
{
    for (size_t i = 0; i < vm->request_count; i++)
        if (str_same(vm->requests[i].id, id))
            return &vm->requests[i];
    return NULL;
}

enum sim_answer sim_request_remove(struct world *w, const struct action *a, uint32_t at,
                                   bool commit, struct err *e)
{
    struct vm *vm = vm_of(w, a);
    struct request *rq = request_of(vm, a->object);
    enum sim_answer answer;
    size_t i;

    (void)at;
    if (!rq)
        return SIM_DONE;
    if (rq->of_checkpoint)
        return sim_refuse(e, REFUSE_OF_CHECKPOINT, vm->name);
    if (!may_change(vm, &answer, e))
        return answer;
    if (!commit)
        return SIM_ACCEPTED;
    i = (size_t)(rq - vm->requests);
    sim_touch(w, index_of(w, vm));
    vm->request_count--;
    memmove(&vm->requests[i], &vm->requests[i + 1], (vm->request_count - i) * sizeof *rq);
    if (!vm->request_count)
        vm->gpu_error = false;
    return SIM_DONE;
}

static size_t asks(const struct vm *vm, const char *pool, const char *location)
{
    size_t n = 0;

    for (size_t i = 0; i < vm->request_count; i++)
        n +=
            !vm->requests[i].of_checkpoint && (pool ? str_eq(vm->requests[i].pool, pool)
                                                    : str_same(vm->requests[i].location, location));
    return n;
}

static bool taken_by_another(const struct world *w, const struct vm *vm, const char *location)
{
    for (size_t i = 0; i < w->now.vm_count; i++)
        if (&w->now.vms[i] != vm && w->now.vms[i].node == vm->node &&
            asks(&w->now.vms[i], NULL, location))
            return true;
    return false;
}

enum sim_answer sim_request_add(struct world *w, const struct action *a, uint32_t at, bool commit,
                                struct err *e)
{
    struct vm *vm = vm_of(w, a);
    uint32_t gpu = a->location ? state_gpu_at(&w->now, at, a->location) : NO_INDEX;
    size_t have = asks(vm, a->object, a->location);
    enum sim_answer answer;
    struct request *rq;

    if (a->object ? a->value[0] && have >= a->value[0] : have > 0)
        return SIM_DONE;
    if (!may_change(vm, &answer, e))
        return answer;
    if (a->object && !state_pool(&w->now, at, a->object)) /* D3: with case */
        return sim_refuse(e, REFUSE_NO_POOL, vm->name);
    if (!a->object && (gpu == NO_INDEX || w->now.gpus[gpu].state != GPU_DISMOUNTED))
        return sim_refuse(e, REFUSE_NO_DEVICE, vm->name);
    if (!a->object && taken_by_another(w, vm, a->location))
        return sim_refuse(e, REFUSE_DEVICE_TAKEN, vm->name);
    if (!commit)
        return SIM_ACCEPTED;
    rq = sim_new_request(w, vm);
    if (a->object)
        rq->pool = arena_strdup(w->arena, a->object);
    else
        rq->location = arena_strdup(w->arena, a->location);
    return SIM_DONE;
}
