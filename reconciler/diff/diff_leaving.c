/*
 * A VM on a GPU that leaves (V9): its partition goes.  On a cluster it then
 * stays off; on a standalone host it may be pinned to another GPU instead,
 * where a pin does no harm (V4).
 */
#include "diff/differ.h"

bool diff_leaves(const struct differ *d, const struct vm_case *c)
{
    const struct target_leaving *row = target_leaving_under(d->want, d->have, c->vm);

    return row && !row->watched && !target_leaving_moves(d->want, row, d->have, c->target);
}

/* Adapters that are pinned to this GPU, or run on it. */
static uint64_t taken(const struct differ *d, uint32_t gpu)
{
    const struct gpu *g = &d->have->gpus[gpu];
    uint64_t n = d->pinned[gpu];

    for (size_t v = 0; v < d->have->vm_count; v++) {
        const struct vm *vm = &d->have->vms[v];

        for (size_t k = 0; vm->node == g->node && k < vm->adapter_count; k++) {
            const struct adapter *a = &vm->adapters[k];

            n += !a->of_checkpoint && (str_same(a->pin, g->path) ||
                                       (vm->power != POWER_OFF && str_same(a->seen, g->path)));
        }
    }
    return n;
}

/* A GPU that stays as it is, with room, and of the size that is asked for; or NO_INDEX. */
static uint32_t other_gpu(const struct differ *d, const struct vm_case *c)
{
    for (uint32_t i = 0; i < d->have->gpu_count; i++) {
        const struct gpu *g = &d->have->gpus[i];
        uint32_t row = d->want->of_gpu[i];
        const struct target_gpu *t = row == NO_INDEX ? NULL : &d->want->gpus[row];

        if (g->node != c->vm->node || g->state != GPU_PARTITIONED || !g->count.known ||
            (t && t->use == USE_LEAVING) ||
            (t && t->use == USE_PARTITIONS && !num_is(g->count, t->count)))
            continue;
        if (c->target->wish->size_bytes &&
            !num_is(g->optimal[QUOTA_VRAM], c->target->wish->size_bytes))
            continue;
        if (taken(d, i) < g->count.value)
            return i;
    }
    return NO_INDEX;
}

/* What it keeps: adapters that cannot come to lie on the card. */
static size_t keep_others(const struct differ *d, const struct vm *vm, struct image_adapter *out)
{
    size_t n = 0;

    for (size_t i = 0; i < vm->adapter_count; i++) {
        const struct adapter *a = &vm->adapters[i];

        if (!a->of_checkpoint && !d->clustered && a->pin &&
            !target_may_land(d->want, d->have, vm->node, a->pin))
            out[n++] = (struct image_adapter){.id = a->id, .pin = a->pin};
    }
    return n;
}

/* Pins to other GPUs for what is missing; all of them or none. */
static size_t pin_others(struct differ *d, const struct vm_case *c, struct image_adapter *rows,
                         size_t count, size_t wanted)
{
    uint32_t *gpus = arena_array(d->arena, uint32_t, wanted + 1);
    size_t n = count;

    for (; n < wanted; n++) {
        gpus[n] = d->clustered ? NO_INDEX : other_gpu(d, c);
        if (gpus[n] == NO_INDEX)
            break;
        d->pinned[gpus[n]]++;
        rows[n] = (struct image_adapter){.pin = d->have->gpus[gpus[n]].path,
                                         .limits = c->target->wish->limits};
    }
    if (n == wanted)
        return n;
    while (n > count)
        d->pinned[gpus[--n]]--;
    return 0;
}

static const char *pins_text(struct differ *d, const struct vm *vm,
                             const struct image_adapter *rows, size_t count)
{
    struct text t;

    if (!count)
        return "none";
    text_init(&t, d->arena);
    text_printf(&t, "%zu partition%s, pinned to", count, count == 1 ? "" : "s");
    for (size_t i = 0; i < count; i++)
        text_printf(&t, " %s",
                    gpu_label(d->arena, d->have, state_gpu(d->have, vm->node, rows[i].pin)));
    return text_done(&t);
}

void diff_let_go(struct differ *d, struct vm_case *c)
{
    const struct vm *vm = c->vm;
    const struct target_leaving *row = target_leaving_under(d->want, d->have, vm);
    size_t wanted = wish_partitions(c->target->wish), count;
    struct image_adapter *rows =
        arena_array(d->arena, struct image_adapter, vm->adapter_count + wanted + 1);
    struct change *change;

    count = keep_others(d, vm, rows);
    count = pin_others(d, c, rows, count < wanted ? count : wanted, wanted);
    c->image->fields |= IMAGE_ADAPTERS;
    c->image->adapters = rows;
    c->image->adapter_count = count;
    if (!count)
        d->out->vm_leaves[c->index] = row;
    change = diff_vm_change(d, c, FIELD_VM_GPU, GRADE_DECLARED,
                            arena_printf(d->arena, "on the GPU of row %s", row->id),
                            pins_text(d, vm, rows, count), "V9", &row->at);
    change->loses = !count;
}
