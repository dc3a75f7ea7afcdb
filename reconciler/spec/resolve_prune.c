/*
 * `prune: owned`: a VM that no row takes any more, and that holds what hvgpu
 * attached and nothing else, becomes a row that holds none (M7).  The judges
 * of every row then have their say about it.
 */
#include "spec/resolve.h"

static bool is_claimed(const struct claim *claims, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (str_same(claims[i].object, id))
            return true;
    return false;
}

/* Holds something, and every part of it by our own claim. */
static bool holds_ours_only(const struct resolve *r, const struct vm *vm)
{
    size_t count, held = 0;
    const struct claim *claims = ledger_claims_of(r->owed, vm->id, &count);

    if (!count)
        return false;
    for (size_t i = 0; i < vm->adapter_count; i++) {
        if (vm->adapters[i].of_checkpoint)
            continue;
        held++;
        if (!is_claimed(claims, count, vm->adapters[i].id))
            return false;
    }
    for (size_t i = 0; i < vm->request_count; i++) {
        if (vm->requests[i].of_checkpoint)
            continue;
        held++;
        if (!is_claimed(claims, count, vm->requests[i].id))
            return false;
    }
    return held > 0;
}

void resolve_pruned(struct resolve *r)
{
    const char **names;
    size_t count = 0;

    if (!r->spec->pruned || !r->owed || !r->owed->claim_count)
        return;
    names = arena_array(r->a, const char *, r->have->vm_count);
    for (uint32_t i = 0; i < r->have->vm_count; i++) {
        const struct vm *vm = &r->have->vms[i];
        struct spec_vm *row;

        if (r->vm_row[i] || !holds_ours_only(r, vm))
            continue;
        row = arena_new(r->a, struct spec_vm);
        *row = (struct spec_vm){
            .name = vm->name, .at = r->spec->pruned->use_at, .wish = r->spec->pruned};
        r->vm_row[i] = row;
        if (vm->name && row->wish->manage.of[PART_VMS] == MANAGE_ENFORCE)
            names[count++] = vm->name;
    }
    if (count)
        resolve_cluster_problem(r, REASON_NOTE_PRUNED, &r->spec->pruned->use_at,
                                arena_printf(r->a, "no row any more, what hvgpu attached goes: %s",
                                             resolve_names(r, names, count)));
}
