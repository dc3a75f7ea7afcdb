/* Copies that share nothing with what they were made from. */
#include "sim/sim.h"

#include <string.h>

/* memcpy() of nothing from NULL is not allowed. */
static void *rows(struct arena *a, const void *from, size_t n, size_t size)
{
    void *to;

    if (!n)
        return NULL;
    to = arena_alloc(a, n, size);
    memcpy(to, from, n * size);
    return to;
}

static void own(struct arena *a, const char **s)
{
    if (*s)
        *s = arena_strdup(a, *s);
}

static const char **own_list(struct arena *a, const char **from, size_t n)
{
    const char **to = rows(a, from, n, sizeof *to);

    for (size_t i = 0; i < n; i++)
        own(a, &to[i]);
    return to;
}

static void own_vm_texts(struct arena *a, struct vm *vm)
{
    own(a, &vm->id);
    own(a, &vm->name);
    own(a, &vm->guest_system);
    own(a, &vm->guest_driver);
    for (size_t i = 0; i < vm->adapter_count; i++) {
        own(a, &vm->adapters[i].id);
        own(a, &vm->adapters[i].pin);
        own(a, &vm->adapters[i].seen);
    }
    for (size_t i = 0; i < vm->request_count; i++) {
        own(a, &vm->requests[i].id);
        own(a, &vm->requests[i].pool);
        own(a, &vm->requests[i].location);
        own(a, &vm->requests[i].given);
    }
}

void world_own_texts(struct arena *a, struct state *s)
{
    own(a, &s->name);
    own(a, &s->identity);
    own(a, &s->arbiter);
    for (size_t i = 0; i < s->node_count; i++) {
        struct node *node = &s->nodes[i];

        own(a, &node->name);
        node->iov_reasons = own_list(a, node->iov_reasons, node->iov_reason_count);
    }
    for (size_t i = 0; i < s->gpu_count; i++) {
        struct gpu *gpu = &s->gpus[i];

        own(a, &gpu->path);
        own(a, &gpu->reported);
        own(a, &gpu->model);
        own(a, &gpu->pci);
        own(a, &gpu->subsystem);
        own(a, &gpu->pool);
        own(a, &gpu->driver);
        gpu->locations = own_list(a, gpu->locations, gpu->location_count);
        gpu->valid = rows(a, gpu->valid, gpu->valid_count, sizeof *gpu->valid);
    }
    for (size_t i = 0; i < s->pool_count; i++)
        own(a, &s->pools[i].name);
    for (size_t i = 0; i < s->vm_count; i++)
        own_vm_texts(a, &s->vms[i]);
}

static void copy_state(struct arena *a, const struct state *from, struct state *out)
{
    *out = *from;
    out->nodes = rows(a, from->nodes, from->node_count, sizeof *out->nodes);
    out->gpus = rows(a, from->gpus, from->gpu_count, sizeof *out->gpus);
    out->pools = rows(a, from->pools, from->pool_count, sizeof *out->pools);
    out->vms = rows(a, from->vms, from->vm_count, sizeof *out->vms);
    for (size_t i = 0; i < out->vm_count; i++) {
        struct vm *vm = &out->vms[i];

        vm->adapters = rows(a, vm->adapters, vm->adapter_count, sizeof *vm->adapters);
        vm->requests = rows(a, vm->requests, vm->request_count, sizeof *vm->requests);
    }
    world_own_texts(a, out);
}

static const struct vm *copy_vm(struct arena *a, const struct vm *from)
{
    struct vm *to = rows(a, from, 1, sizeof *to);

    to->adapters = rows(a, from->adapters, from->adapter_count, sizeof *to->adapters);
    to->requests = rows(a, from->requests, from->request_count, sizeof *to->requests);
    own_vm_texts(a, to);
    return to;
}

static void copy_jobs(struct arena *a, struct world *out)
{
    out->jobs = rows(a, out->jobs, out->job_count, sizeof *out->jobs);
    out->job_room = out->job_count;
    for (size_t i = 0; i < out->job_count; i++) {
        struct action *action = &out->jobs[i].action;

        own(a, &action->node);
        own(a, &action->subject);
        own(a, &action->object);
        own(a, &action->location);
        own(a, &action->pin);
        if (action->limits)
            action->limits = rows(a, action->limits, 1, sizeof *action->limits);
    }
}

static const struct card *copy_cards(struct arena *a, const struct card *from, size_t n)
{
    struct card *to = rows(a, from, n, sizeof *to);

    for (size_t i = 0; i < n; i++) {
        own(a, &to[i].name);
        own(a, &to[i].pci);
        own(a, &to[i].subsystem);
        own(a, &to[i].date);
        own(a, &to[i].source);
    }
    return to;
}

void world_copy(struct arena *a, const struct world *from, struct world *out)
{
    *out = *from;
    out->arena = a;
    copy_state(a, &from->now, &out->now);
    out->sim = from->sim ? rows(a, from->sim, from->now.vm_count, sizeof *out->sim) : NULL;
    for (size_t i = 0; out->sim && i < out->now.vm_count; i++)
        if (out->sim[i].copy)
            out->sim[i].copy = copy_vm(a, out->sim[i].copy);
    out->cards = copy_cards(a, from->cards, from->card_count);
    copy_jobs(a, out);
    out->faults = rows(a, from->faults, from->fault_count, sizeof *out->faults);
    for (size_t i = 0; i < out->fault_count; i++) {
        own(a, &out->faults[i].node);
        own(a, &out->faults[i].subject);
    }
    out->hangs =
        from->hangs ? rows(a, from->hangs, from->now.node_count, sizeof *out->hangs) : NULL;
    out->rights =
        from->rights ? rows(a, from->rights, from->now.node_count, sizeof *out->rights) : NULL;
    own(a, &out->owner.store);
    own(a, &out->owner.host);
}
