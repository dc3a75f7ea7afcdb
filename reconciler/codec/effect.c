#include "codec/effect.h"

#include "base/str.h"

static const char *num_text(struct arena *a, struct num n)
{
    return n.known ? arena_printf(a, "%llu", (unsigned long long)n.value) : "unknown";
}

static const struct vm *vm_of(const struct action *action, const struct state *have)
{
    uint32_t i = state_vm(have, action->subject);

    return i == NO_INDEX ? NULL : &have->vms[i];
}

static const struct gpu *gpu_of(const struct action *action, const struct state *have)
{
    uint32_t node = state_node(have, action->node);
    uint32_t i = node == NO_INDEX ? NO_INDEX : state_gpu(have, node, action->subject);

    return i == NO_INDEX ? NULL : &have->gpus[i];
}

static const char *seen_vm(struct arena *a, enum verb verb, const struct vm *vm,
                           const struct state *have)
{
    const struct vm_settings *s = &vm->settings;

    switch (verb) {
    case VERB_VM_OFFLINE_ACTION:
        return num_text(a, vm->role.offline_action);
    case VERB_VM_CHECKPOINTS:
        return checkpoints_words[s->checkpoints];
    case VERB_VM_MOVE:
        return vm->node < have->node_count ? have->nodes[vm->node].name : "no node";
    case VERB_VM_CANCEL_START:
        return vm_power_words[vm->power];
    case VERB_VM_STOP_ACTION:
        return stop_action_words[s->stop_action];
    case VERB_VM_MEMORY:
        return arena_printf(a, "dynamic %s, startup %s MiB, minimum %s MiB",
                            tri_words[s->dynamic_memory], num_text(a, s->memory_startup_mib),
                            num_text(a, s->memory_min_mib));
    case VERB_VM_MMIO:
        return arena_printf(a, "low %s MiB, high %s MiB", num_text(a, s->mmio_low_mib),
                            num_text(a, s->mmio_high_mib));
    case VERB_VM_CACHE_TYPES:
        return tri_words[s->cache_types];
    default:
        return "as found";
    }
}

static const char *seen_gpu(struct arena *a, enum verb verb, const struct gpu *gpu)
{
    if (verb == VERB_GPU_COUNT)
        return num_text(a, gpu->count);
    if (verb == VERB_POOL_JOIN || verb == VERB_POOL_LEAVE)
        return gpu->pool ? gpu->pool : "none";
    return gpu_state_words[gpu->state];
}

const char *effect_seen(struct arena *a, const struct action *action, const struct state *have)
{
    /* what a step of a group finds, whatever was so before the group began */
    static const char *const constant[] = {
        [VERB_VM_STOP] = "running",
        [VERB_VM_START] = "stopped",
        [VERB_ADAPTER_REMOVE] = "attached",
        [VERB_REQUEST_REMOVE] = "attached",
        [VERB_ADAPTER_ADD] = "not attached",
        [VERB_REQUEST_ADD] = "not attached",
        [VERB_NONE] = NULL,
    };
    const struct vm *vm;
    const struct gpu *gpu;
    uint32_t node;

    if (constant[action->verb])
        return constant[action->verb];
    if (!have)
        return "unknown";
    switch (verb_rows[action->verb].subject) {
    case SUBJECT_VM:
        vm = vm_of(action, have);
        return vm ? seen_vm(a, action->verb, vm, have) : "not seen";
    case SUBJECT_GPU:
        gpu = gpu_of(action, have);
        return gpu ? seen_gpu(a, action->verb, gpu) : "not seen";
    case SUBJECT_POOL:
        node = state_node(have, action->node);
        return node != NO_INDEX && state_pool(have, node, action->subject) ? "present" : "absent";
    default:
        return "unknown";
    }
}

static const char *limits_text(struct arena *a, const struct limits *l)
{
    struct text t;

    text_init(&t, a);
    for (int k = 0; l && k < QUOTA_KINDS; k++) {
        const struct num *n[] = {&l->min[k], &l->max[k], &l->optimal[k]};
        static const char *const words[] = {"min", "max", "optimal"};

        for (int i = 0; i < 3; i++)
            if (n[i]->known)
                text_printf(&t, "%s%s %s %llu", t.size ? ", " : "", quota_words[k], words[i],
                            (unsigned long long)n[i]->value);
    }
    return t.size ? text_done(&t) : "none";
}

const char *effect_wanted(struct arena *a, const struct action *action)
{
    static const char *const constant[] = {
        [VERB_GPU_DISABLE] = "disabled",
        [VERB_GPU_DISMOUNT] = "dismounted",
        [VERB_POOL_CREATE] = "present",
        [VERB_VM_STOP] = "stopped",
        [VERB_REQUEST_REMOVE] = "not attached",
        [VERB_ADAPTER_REMOVE] = "not attached",
        [VERB_ADAPTER_ADD] = "attached",
        [VERB_REQUEST_ADD] = "attached",
        [VERB_VM_START] = "running",
        [VERB_VM_CANCEL_START] = "stopped",
        [VERB_POOL_LEAVE] = "none",
        [VERB_GPU_MOUNT] = "host",
        [VERB_GPU_ENABLE] = "host",
        [VERB_POOL_DELETE] = "absent",
        [VERB_NONE] = NULL,
    };
    const uint64_t *v = action->value;

    if (constant[action->verb])
        return constant[action->verb];
    switch (action->verb) {
    case VERB_VM_CHECKPOINTS:
        return v[0] <= CHECKPOINTS_STANDARD ? checkpoints_words[v[0]] : "?";
    case VERB_VM_STOP_ACTION:
        return v[0] <= STOP_ACTION_SHUT_DOWN ? stop_action_words[v[0]] : "?";
    case VERB_VM_CACHE_TYPES:
        return v[0] ? "true" : "false";
    case VERB_VM_MMIO:
        return arena_printf(a, "low %llu MiB, high %llu MiB", (unsigned long long)v[0],
                            (unsigned long long)v[1]);
    case VERB_VM_MEMORY:
        return arena_printf(a, "dynamic %s, startup %llu MiB, minimum %llu MiB",
                            v[0] ? "true" : "false", (unsigned long long)v[1],
                            (unsigned long long)v[2]);
    case VERB_POOL_JOIN:
    case VERB_VM_MOVE:
        return action->object ? action->object : "?";
    case VERB_ADAPTER_LIMITS:
        return limits_text(a, action->limits);
    default:
        return arena_printf(a, "%llu", (unsigned long long)v[0]);
    }
}

const char *effect_undo(struct arena *a, const struct action *action, const struct state *have)
{
    static const char *const constant[] = {
        [VERB_GPU_DISABLE] = "enable it again",
        [VERB_GPU_DISMOUNT] = "mount it again",
        [VERB_POOL_CREATE] = "delete the pool again",
        [VERB_POOL_JOIN] = "take it out of the pool again",
        [VERB_VM_STOP] = "start it again",
        [VERB_REQUEST_REMOVE] = "attach a device again",
        [VERB_ADAPTER_REMOVE] = "attach a partition again",
        [VERB_ADAPTER_ADD] = "detach this adapter again, by its id",
        [VERB_ADAPTER_LIMITS] = "set the limits as they were",
        [VERB_REQUEST_ADD] = "detach this device again, by its id",
        [VERB_VM_MOVE] = "move it back",
        [VERB_VM_START] = "none: from here on the group only goes forward",
        [VERB_VM_CANCEL_START] = "none",
        [VERB_POOL_LEAVE] = "put it into the pool again",
        [VERB_GPU_MOUNT] = "dismount it again",
        [VERB_GPU_ENABLE] = "disable it again",
        [VERB_POOL_DELETE] = "create the pool again",
        [VERB_NONE] = NULL,
    };

    if (constant[action->verb])
        return constant[action->verb];
    return arena_printf(a, "set back to %s", effect_seen(a, action, have));
}
