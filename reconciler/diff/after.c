#include "diff/after.h"

#include "base/str.h"

static const struct image *vm_image(const struct after *x, uint32_t vm)
{
    uint32_t row = x->want->of_vm[vm];

    return row == NO_INDEX || x->want->vms[row].refused ? NULL : &x->diff->vm_images[row];
}

uint64_t after_adapters(const struct after *x, uint32_t vm)
{
    const struct image *im = vm_image(x, vm);

    return im && (im->fields & IMAGE_ADAPTERS) ? im->adapter_count : vm_adapters(&x->have->vms[vm]);
}

uint64_t requests_now(const struct vm *vm, const char *pool)
{
    uint64_t n = 0;

    for (size_t i = 0; i < vm->request_count; i++)
        n += !vm->requests[i].of_checkpoint && str_eq(vm->requests[i].pool, pool);
    return n;
}

uint64_t after_requests(const struct after *x, uint32_t vm, const char *pool)
{
    const struct image *im = vm_image(x, vm);
    uint64_t n = 0;

    if (!im || !(im->fields & IMAGE_REQUESTS))
        return requests_now(&x->have->vms[vm], pool);
    for (size_t i = 0; i < im->request_count; i++)
        n += str_eq(im->requests[i].pool, pool);
    return n;
}

uint64_t after_count(const struct after *x, uint32_t gpu, bool after)
{
    const struct gpu *g = &x->have->gpus[gpu];
    uint32_t row = x->want->of_gpu[gpu];

    if (g->state != GPU_PARTITIONED ||
        (after && row != NO_INDEX && x->want->gpus[row].use == USE_LEAVING))
        return 0; /* V9: what it has is not there afterwards */
    if (after && row != NO_INDEX && !x->want->gpus[row].refused &&
        (x->diff->gpu_images[row].fields & IMAGE_COUNT))
        return x->diff->gpu_images[row].count;
    return g->count.known ? g->count.value : 0;
}

const char *after_pool(const struct after *x, uint32_t gpu)
{
    uint32_t row = x->want->of_gpu[gpu];

    if (row != NO_INDEX && !x->want->gpus[row].refused &&
        (x->diff->gpu_images[row].fields & IMAGE_POOL))
        return x->diff->gpu_images[row].pool;
    return x->have->gpus[gpu].pool;
}
