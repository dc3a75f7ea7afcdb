/* Who was where when the plan was made: for drawing it, never for deciding (decision 084). */
#include "base/str.h"
#include "codec/planfile_doc.h"

static struct adapter *adapters_of(struct arena *a, const struct vm *vm, size_t *count)
{
    struct adapter *rows = arena_array(a, struct adapter, vm->adapter_count + 1);

    for (size_t i = 0; i < vm->adapter_count; i++)
        if (!vm->adapters[i].of_checkpoint) {
            rows[*count] = vm->adapters[i];
            rows[(*count)++].seen = adapter_on(vm, &vm->adapters[i]);
        }
    return rows;
}

static struct request *requests_of(struct arena *a, const struct vm *vm, size_t *count)
{
    struct request *rows = arena_array(a, struct request, vm->request_count + 1);

    for (size_t i = 0; i < vm->request_count; i++)
        if (!vm->requests[i].of_checkpoint)
            rows[(*count)++] = vm->requests[i];
    return rows;
}

/* By have.vms: a change or a problem of it is in the plan. */
static bool *named_by(struct arena *a, const struct plan *plan, const struct state *have)
{
    bool *named = arena_array(a, bool, have->vm_count + 1);

    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].change.vm < have->vm_count)
            named[plan->changes[i].change.vm] = true;
    for (size_t i = 0; i < plan->problem_count; i++)
        if (plan->problems[i].vm < have->vm_count)
            named[plan->problems[i].vm] = true;
    return named;
}

void estate_of_state(struct arena *a, const struct plan *plan, const struct state *have,
                     struct plan_doc *doc)
{
    const bool *named = named_by(a, plan, have);

    doc->nodes = arena_array(a, struct node, have->node_count + 1);
    doc->node_count = have->node_count;
    for (size_t i = 0; i < have->node_count; i++) {
        doc->nodes[i] = have->nodes[i];
        doc->nodes[i].state = node_state_shown(&have->nodes[i]);
    }
    doc->gpus = arena_array(a, struct doc_gpu, have->gpu_count + 1);
    for (uint32_t i = 0; i < have->gpu_count; i++) {
        const struct gpu *g = &have->gpus[i];

        doc->gpus[doc->gpu_count++] =
            (struct doc_gpu){.subject = arena_printf(a, "gpu/%s", gpu_label(a, have, i)),
                             .node = g->node,
                             .path = g->path,
                             .location = g->location_count ? g->locations[0] : NULL,
                             .model = g->model,
                             .pci = g->pci,
                             .subsystem = g->subsystem,
                             .pool = g->pool,
                             .state = g->state,
                             .is_gpu = g->is_gpu,
                             .count = g->count,
                             .size = g->optimal[QUOTA_VRAM]};
    }
    doc->vms = arena_array(a, struct vm, have->vm_count + 1);
    for (size_t i = 0; i < have->vm_count; i++) {
        const struct vm *from = &have->vms[i];
        struct vm *to = &doc->vms[doc->vm_count];

        if (!vm_adapters(from) && !vm_requests(from) && !named[i])
            continue;
        doc->vm_count++;
        *to = (struct vm){
            .id = from->id, .name = from->name, .node = from->node, .power = vm_power_shown(from)};
        to->adapters = adapters_of(a, from, &to->adapter_count);
        to->requests = requests_of(a, from, &to->request_count);
    }
}

/* The N of gpuN, as its subject says it. */
static bool ordinal_of(const char *subject, uint64_t *out)
{
    const char *digits = subject ? subject + strlen(subject) : "";

    while (digits > subject && digits[-1] >= '0' && digits[-1] <= '9')
        digits--;
    return str_u64(digits, out) && *out < UINT32_MAX;
}

bool estate_makes_sense(struct arena *a, const struct plan_doc *doc)
{
    struct map names;
    uint64_t n;
    bool good = true;

    map_init(&names, a, doc->node_count, true);
    for (size_t i = 0; good && i < doc->node_count; i++)
        good = doc->nodes[i].name && map_put(&names, doc->nodes[i].name, (uint32_t)i) == i;
    for (size_t i = 0; good && i < doc->gpu_count; i++)
        good = doc->gpus[i].node < doc->node_count && doc->gpus[i].path &&
               ordinal_of(doc->gpus[i].subject, &n) &&
               (!i || doc->gpus[i - 1].node <= doc->gpus[i].node);
    for (size_t i = 0; good && i < doc->vm_count; i++) {
        const struct vm *vm = &doc->vms[i];

        good = vm->id && vm->name && (vm->node < doc->node_count || vm->node == NO_INDEX);
        for (size_t k = 0; good && k < vm->adapter_count; k++)
            good = vm->adapters[k].id != NULL;
        for (size_t k = 0; good && k < vm->request_count; k++)
            good = vm->requests[k].id != NULL;
    }
    return good;
}

void state_of_estate(struct arena *a, const struct plan_doc *doc, struct state *out)
{
    uint64_t n;

    out->nodes = doc->nodes;
    out->node_count = doc->node_count;
    out->vms = doc->vms;
    out->vm_count = doc->vm_count;
    out->gpus = arena_array(a, struct gpu, doc->gpu_count + 1);
    out->gpu_count = doc->gpu_count;
    for (size_t i = 0; i < doc->gpu_count; i++) {
        const struct doc_gpu *from = &doc->gpus[i];
        struct gpu *to = &out->gpus[i];

        (void)ordinal_of(from->subject, &n);
        *to = (struct gpu){.node = from->node,
                           .ordinal = (uint32_t)n,
                           .path = from->path,
                           .model = from->model,
                           .pci = from->pci,
                           .subsystem = from->subsystem,
                           .pool = from->pool,
                           .is_gpu = from->is_gpu,
                           .state = from->state,
                           .count = from->count};
        to->optimal[QUOTA_VRAM] = from->size;
        if (from->location) {
            to->locations = arena_array(a, const char *, 1);
            to->locations[0] = from->location;
            to->location_count = 1;
        }
    }
}
