/* What is, as an image: the *before* of a group. */
#include "diff/diff.h"

void image_of_vm(struct arena *a, const struct vm *vm, uint32_t fields, struct image *out)
{
    *out = (struct image){.fields = fields, .settings = vm->settings};
    if (vm->role.offline_action.known)
        out->offline_action = vm->role.offline_action.value;
    else
        out->fields &= ~(uint32_t)IMAGE_OFFLINE_ACTION; /* what is not known is not put back */
    if (fields & IMAGE_ADAPTERS) {
        out->adapters = arena_array(a, struct image_adapter, vm->adapter_count + 1);
        for (size_t i = 0; i < vm->adapter_count; i++)
            if (!vm->adapters[i].of_checkpoint)
                out->adapters[out->adapter_count++] = (struct image_adapter){
                    vm->adapters[i].id, vm->adapters[i].pin, vm->adapters[i].limits};
    }
    if (fields & IMAGE_REQUESTS) {
        out->requests = arena_array(a, struct image_request, vm->request_count + 1);
        for (size_t i = 0; i < vm->request_count; i++)
            if (!vm->requests[i].of_checkpoint)
                out->requests[out->request_count++] = (struct image_request){
                    vm->requests[i].id, vm->requests[i].pool, vm->requests[i].location};
    }
}

void image_of_gpu(struct arena *a, const struct gpu *gpu, uint32_t fields, struct image *out)
{
    (void)a;
    *out = (struct image){.fields = fields, .pool = gpu->pool, .force = true};
    if (gpu->count.known)
        out->count = gpu->count.value;
    else
        out->fields &= ~(uint32_t)IMAGE_COUNT;
    out->place = gpu->state == GPU_DISMOUNTED || gpu->state == GPU_DISABLED ? gpu->state : GPU_HOST;
}
