/*
 * Why a start failed, as far as a look can tell (V10): the platform gives one
 * code, 0x800705AA, for many causes, so the causes are looked for one by one.
 */
#include "apply/machine.h"

#include "base/str.h"

/* Partitions of the node that no running VM has. */
static bool partition_free(const struct state *have, uint32_t node)
{
    uint64_t room = 0, taken = 0;

    for (size_t i = 0; i < have->gpu_count; i++)
        if (have->gpus[i].node == node && have->gpus[i].state == GPU_PARTITIONED)
            room += have->gpus[i].count.known ? have->gpus[i].count.value : 0;
    for (size_t i = 0; i < have->vm_count; i++)
        if (have->vms[i].node == node && have->vms[i].power == POWER_RUNNING)
            taken += vm_adapters(&have->vms[i]);
    return taken < room;
}

/* Assignable devices on the node that no running VM was given. */
static bool device_free(const struct state *have, uint32_t node)
{
    uint64_t room = 0, taken = 0;

    for (size_t i = 0; i < have->gpu_count; i++)
        room += have->gpus[i].node == node && have->gpus[i].state == GPU_DISMOUNTED;
    for (size_t i = 0; i < have->vm_count; i++)
        if (have->vms[i].node == node && have->vms[i].power == POWER_RUNNING)
            taken += vm_requests(&have->vms[i]);
    return taken < room;
}

const char *why_start_failed(const struct state *have, const struct vm *vm)
{
    const struct node *n = vm->node < have->node_count ? &have->nodes[vm->node] : NULL;

    if (!n || (!vm_adapters(vm) && !vm_requests(vm)))
        return vm->gpu_error ? "for its GPU, though no adapter is seen: a leftover of one (V8)"
                             : NULL;
    if (vm_pinned_to_gone(have, vm))
        return "its adapter is pinned to a GPU that is gone (V8)";
    if (n->iov == TRI_NO)
        return "IovSupport of its node is false (E2)";
    if (n->require_secure == TRI_YES || n->require_supported == TRI_YES)
        return "a policy key of its node restricts device assignment (E7)";
    if (vm_adapters(vm) && !partition_free(have, vm->node))
        return "no partition is free on its node (V3)";
    if (vm_requests(vm) && !device_free(have, vm->node))
        return "no device is free on its node (D8)";
    return NULL;
}
