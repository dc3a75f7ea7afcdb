#include "model/action.h"

#include "base/str.h"

#include <string.h>

const struct verb_row verb_rows[] = {
#define VERB(name, word, subject, stage, needs_off, reads, text, rule, doing)                      \
    {word, subject, stage, needs_off, reads, text, rule, doing},
#include "model/verbs.def"
#undef VERB
    {"nothing", SUBJECT_CLUSTER, 0, false, "", "", "", ""},
};

static bool same_nums(const struct num *a, const struct num *b)
{
    for (int i = 0; i < QUOTA_KINDS; i++)
        if (!num_eq(a[i], b[i]))
            return false;
    return true;
}

static bool same_limits(const struct limits *a, const struct limits *b)
{
    if (!a || !b)
        return a == b;
    return same_nums(a->min, b->min) && same_nums(a->max, b->max) &&
           same_nums(a->optimal, b->optimal);
}

bool action_needs_off(const struct action *a)
{
    return verb_rows[a->verb].needs_off || (a->verb == VERB_VM_MOVE && a->value[0] == MOVE_OFF);
}

bool action_same(const struct action *a, const struct action *b)
{
    return a->verb == b->verb && str_same(a->node, b->node) && str_same(a->subject, b->subject) &&
           str_eq(a->object, b->object) && str_same(a->location, b->location) &&
           str_same(a->pin, b->pin) && memcmp(a->value, b->value, sizeof a->value) == 0 &&
           same_limits(a->limits, b->limits);
}

static const struct adapter *adapter_of(const struct vm *vm, const char *id)
{
    for (size_t i = 0; i < vm->adapter_count; i++)
        if (!vm->adapters[i].of_checkpoint && str_same(vm->adapters[i].id, id))
            return &vm->adapters[i];
    return NULL;
}

static bool has_request(const struct vm *vm, const char *id)
{
    for (size_t i = 0; i < vm->request_count; i++)
        if (!vm->requests[i].of_checkpoint && str_same(vm->requests[i].id, id))
            return true;
    return false;
}

/* Limits that are declared are there; blank ones ask for nothing (V5). */
static bool covers(const struct limits *want, const struct limits *have)
{
    for (int i = 0; i < QUOTA_KINDS; i++)
        if ((want->min[i].known && !num_eq(want->min[i], have->min[i])) ||
            (want->max[i].known && !num_eq(want->max[i], have->max[i])) ||
            (want->optimal[i].known && !num_eq(want->optimal[i], have->optimal[i])))
            return false;
    return true;
}

static bool memory_holds(const struct action *a, const struct vm_settings *s)
{
    if (s->dynamic_memory != (a->value[0] ? TRI_YES : TRI_NO))
        return false;
    return (!a->value[1] || num_is(s->memory_startup_mib, a->value[1])) &&
           (!a->value[2] || num_is(s->memory_min_mib, a->value[2]));
}

/* It is over there; and runs, where it was to go running. */
static bool move_holds(const struct action *a, const struct vm *vm, const struct state *have)
{
    return vm->node < have->node_count && str_same(have->nodes[vm->node].name, a->object) &&
           (a->value[0] != MOVE_LIVE || vm->power == POWER_RUNNING);
}

static bool vm_holds(const struct action *a, const struct vm *vm, const struct state *have)
{
    const struct vm_settings *s = &vm->settings;
    const struct adapter *adapter;

    switch (a->verb) {
    case VERB_VM_OFFLINE_ACTION:
        return num_is(vm->role.offline_action, a->value[0]);
    case VERB_VM_CHECKPOINTS:
        return s->checkpoints == (enum checkpoints)a->value[0];
    case VERB_VM_STOP:
    case VERB_VM_CANCEL_START:
        return vm->power == POWER_OFF;
    case VERB_VM_START:
        return vm->power == POWER_RUNNING;
    case VERB_REQUEST_REMOVE:
        return !has_request(vm, a->object);
    case VERB_ADAPTER_REMOVE:
        return !adapter_of(vm, a->object);
    case VERB_VM_MEMORY:
        return memory_holds(a, s);
    case VERB_VM_STOP_ACTION:
        return s->stop_action == (enum stop_action)a->value[0];
    case VERB_VM_MMIO:
        return num_is(s->mmio_low_mib, a->value[0]) && num_is(s->mmio_high_mib, a->value[1]);
    case VERB_VM_CACHE_TYPES:
        return s->cache_types == (a->value[0] ? TRI_YES : TRI_NO);
    case VERB_VM_MOVE:
        return move_holds(a, vm, have);
    case VERB_ADAPTER_ADD:
        return vm_adapters(vm) > 0;
    case VERB_REQUEST_ADD:
        return vm_requests(vm) > 0;
    case VERB_ADAPTER_LIMITS:
        adapter = adapter_of(vm, a->object);
        return adapter && a->limits && covers(a->limits, &adapter->limits);
    default:
        return false;
    }
}

static bool gpu_holds(const struct action *a, const struct gpu *g)
{
    switch (a->verb) {
    case VERB_GPU_COUNT:
        return num_is(g->count, a->value[0]);
    case VERB_GPU_DISABLE:
        return g->state == GPU_DISABLED || g->state == GPU_DISMOUNTED;
    case VERB_GPU_DISMOUNT:
        return g->state == GPU_DISMOUNTED;
    case VERB_GPU_MOUNT:
        return g->state != GPU_DISMOUNTED;
    case VERB_GPU_ENABLE:
        return g->state != GPU_DISMOUNTED && g->state != GPU_DISABLED;
    case VERB_POOL_JOIN:
        return str_eq(g->pool, a->object);
    case VERB_POOL_LEAVE:
        return !str_eq(g->pool, a->object);
    default:
        return false;
    }
}

bool action_holds(const struct action *a, const struct state *have)
{
    uint32_t node, i;

    switch (verb_rows[a->verb].subject) {
    case SUBJECT_VM:
        i = state_vm(have, a->subject);
        return i != NO_INDEX && vm_holds(a, &have->vms[i], have);
    case SUBJECT_GPU:
        node = state_node(have, a->node);
        i = node == NO_INDEX ? NO_INDEX : state_gpu(have, node, a->subject);
        return i != NO_INDEX && gpu_holds(a, &have->gpus[i]);
    case SUBJECT_POOL:
        node = state_node(have, a->node);
        return node != NO_INDEX &&
               state_pool(have, node, a->subject) == (a->verb == VERB_POOL_CREATE);
    default:
        return false;
    }
}

int64_t action_deadline_ms(const struct action *a)
{
    enum { MINUTE = 60000 };

    if (a->deadline_ms > 0)
        return a->deadline_ms;
    switch (a->verb) {
    case VERB_VM_STOP:
        return 10 * MINUTE; /* S8: the default */
    case VERB_VM_MOVE:
        return a->value[0] == MOVE_LIVE ? 30 * MINUTE : 5 * MINUTE;
    case VERB_VM_START:
    case VERB_GPU_DISMOUNT:
    case VERB_GPU_MOUNT:
        return 5 * MINUTE;
    default:
        return 2 * MINUTE;
    }
}
