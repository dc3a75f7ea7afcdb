/* What is declared, held against lists that age: a warning each, and nothing more. */
#include "base/str.h"
#include "diff/diff.h"

struct listing {
    struct arena *arena;
    const struct facts *facts;
    const struct target *want;
    const struct state *have;
    struct problems *out;
};

static const char *const use_words[] = {
    [LISTED_PARTITION] = "GPU partitions", [LISTED_DEVICE] = "whole devices"};

/*
 * E4: why the list does not have it, or NULL: it does, or says nothing of this
 * use, or it is not known what this is.
 */
static const char *unlisted(struct arena *a, const struct listed_rows *list, const char *name,
                            enum listed_use use, const char *what)
{
    const struct listed *row;

    if (!name || !listed_covers(list, use))
        return NULL;
    row = listed_find(list, name);
    if (!row)
        return arena_printf(a, "%s is not in the list of %s of %s for %s", name, what, list->date,
                            use_words[use]);
    if (row->use[use] == TRI_NO)
        return arena_printf(a, "%s is in the list of %s of %s, and not for %s", name, what,
                            row->date, use_words[use]);
    return NULL;
}

static void gpu(struct listing *l, uint32_t row)
{
    const struct target_gpu *t = &l->want->gpus[row];
    const struct gpu *g = &l->have->gpus[t->gpu];
    bool partition = t->use == USE_PARTITIONS;
    const char *name = g->model ? g->model : facts_card_name(l->facts, g->pci, g->subsystem), *why;
    struct problem *p;

    if (t->refused || !g->is_gpu || (!partition && t->use != USE_POOL && t->use != USE_DEVICE))
        return;
    why = unlisted(l->arena, &l->facts->gpus, name, partition ? LISTED_PARTITION : LISTED_DEVICE,
                   "supported GPUs");
    if (!why)
        return;
    p = problem_add(l->out, REASON_WARN_GPU_LISTED, SUBJECT_GPU,
                    arena_printf(l->arena, "gpu/%s", gpu_label(l->arena, l->have, t->gpu)), &t->at,
                    "%s", why); /* E4 */
    p->gpu = t->gpu;
    p->row = row;
}

static struct problem *vm_warning(struct listing *l, uint32_t row, enum reason reason,
                                  const char *why)
{
    const struct target_vm *t = &l->want->vms[row];
    struct problem *p =
        problem_add(l->out, reason, SUBJECT_VM,
                    arena_printf(l->arena, "vm/%s", l->have->vms[t->vm].name), &t->at, "%s", why);

    p->vm = t->vm;
    p->row = row;
    return p;
}

/* What the VM will hold, or holds where its row leaves that open; LISTED_USES: neither. */
static enum listed_use use_of(const struct vm *vm, const struct vm_wish *wish)
{
    switch (wish->use) {
    case VM_PARTITION:
        return LISTED_PARTITION;
    case VM_POOL:
    case VM_DEVICES:
        return LISTED_DEVICE;
    case VM_AS_FOUND:
        return vm_adapters(vm) ? LISTED_PARTITION : vm_requests(vm) ? LISTED_DEVICE : LISTED_USES;
    case VM_NONE:
        break;
    }
    return LISTED_USES;
}

/* E8: the GPU that the VM runs on has the host's driver. */
static void drivers(struct listing *l, uint32_t row, const struct vm *vm)
{
    const struct driver_branch *guest_row, *host_row;
    int guest, host;

    for (size_t i = 0; vm->guest_driver && i < vm->adapter_count; i++) {
        const struct adapter *ad = &vm->adapters[i];
        uint32_t at = ad->of_checkpoint ? NO_INDEX : state_gpu(l->have, vm->node, ad->seen);
        const struct gpu *g = at == NO_INDEX ? NULL : &l->have->gpus[at];

        if (!g || !g->driver)
            continue;
        guest = facts_branch(l->facts, g->pci, vm->guest_driver, &guest_row);
        host = facts_branch(l->facts, g->pci, g->driver, &host_row);
        if (guest == BRANCH_UNKNOWN || host < 0 || guest >= host - 1)
            continue;
        vm_warning(l, row, REASON_WARN_DRIVERS,
                   arena_printf(l->arena,
                                "the guest's driver %s (%s) is older than the branch before the "
                                "host's %s (%s), by the list of %s",
                                vm->guest_driver, guest_row ? guest_row->name : "an older branch",
                                g->driver, host_row->name, l->facts->branch_date));
        return;
    }
}

static void vm(struct listing *l, uint32_t row)
{
    const struct target_vm *t = &l->want->vms[row];
    const struct vm *v = &l->have->vms[t->vm];
    enum listed_use use = use_of(v, t->wish);
    const char *why = NULL;

    if (use == LISTED_USES)
        return;
    why = unlisted(l->arena, &l->facts->guests, v->guest_system, use, "supported guest systems");
    if (why)
        vm_warning(l, row, REASON_WARN_GUEST_LISTED, why); /* E4 */
    if (use == LISTED_PARTITION)
        drivers(l, row, v);
}

void diff_listed(struct arena *a, const struct facts *facts, const struct target *want,
                 const struct state *have, struct diff *out)
{
    struct listing l = {a, facts, want, have, &out->problems};

    for (uint32_t i = 0; facts && i < want->gpu_count; i++)
        gpu(&l, i);
    for (uint32_t i = 0; facts && i < want->vm_count; i++)
        vm(&l, i);
}
