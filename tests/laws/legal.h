/*
 * What must hold at each step of a group, beyond what the platform refuses: for
 * test_steps.c.
 */
#ifndef TESTS_LAWS_LEGAL_H
#define TESTS_LAWS_LEGAL_H

#include "base/str.h"
#include "plan/plan.h"
#include "sim/world.h"

static struct vm *vm_in(struct world *w, const char *id)
{
    uint32_t i = state_vm(&w->now, id);

    return i == NO_INDEX ? NULL : &w->now.vms[i];
}

static bool mentions(const struct step *s, enum verb verb)
{
    return s->action.verb == verb;
}

static bool is_down(const struct step *s)
{
    return verb_rows[s->action.verb].stage > verb_rows[VERB_VM_START].stage;
}

static bool restores(const struct step *s)
{
    return mentions(s, VERB_VM_OFFLINE_ACTION) && s->action.value[0] != OFFLINE_FORCED;
}

static bool assigns(const struct step *s)
{
    return mentions(s, VERB_ADAPTER_ADD) || mentions(s, VERB_REQUEST_ADD);
}

static bool prepares(const struct step *s)
{
    return mentions(s, VERB_VM_STOP_ACTION) || mentions(s, VERB_VM_MMIO) ||
           mentions(s, VERB_VM_CACHE_TYPES);
}

static bool joins_again(const struct plan_group *g, const struct step *leave)
{
    for (size_t i = 0; i < g->step_count; i++)
        if (mentions(&g->steps[i], VERB_POOL_JOIN) && g->steps[i].member == leave->member)
            return true;
    return false;
}

/* What may not be left to do when this step begins; NULL: all is well. */
static const char *too_early(const struct plan_group *g, const struct step *now,
                             const struct step *left)
{
    bool same = now->member == left->member;

    if (mentions(now, VERB_VM_STOP) && mentions(left, VERB_VM_OFFLINE_ACTION) && !restores(left))
        return "a VM is stopped before a refusal of OfflineAction was risked (S1)";
    if (mentions(now, VERB_VM_CHECKPOINTS) && mentions(left, VERB_VM_STOP) && same)
        return "checkpoints are tried on a VM that is stopped anyway (S4)";
    if (same && assigns(now) && prepares(left))
        return "a GPU is assigned before the VM is ready for it (D2)";
    if (same && mentions(now, VERB_REQUEST_ADD) && mentions(left, VERB_REQUEST_REMOVE))
        return "a device is attached while another one is still to go (D5)";
    if (mentions(now, VERB_POOL_DELETE) && mentions(left, VERB_REQUEST_REMOVE))
        return "a pool goes while a VM asks for it (D2)";
    if (mentions(now, VERB_VM_START) && !is_down(left) && !mentions(left, VERB_VM_START) &&
        !restores(left))
        return "a VM starts before all is in place (C10, the barrier)";
    if (mentions(now, VERB_POOL_LEAVE) && mentions(left, VERB_VM_START) && !joins_again(g, now))
        return "a device leaves while it may still be needed for putting back (D2)";
    if (restores(now) && same && (mentions(left, VERB_VM_START) || !is_down(left)))
        return "OfflineAction is put back before the last of its VM's steps (S1)";
    return NULL;
}

/* V3: the platform lets us attach more than there is; C5: what is pinned fits. */
static const char *overfull_node(const struct world *w)
{
    for (uint32_t n = 0; n < w->now.node_count; n++) {
        uint64_t room = 0, held = 0;

        for (size_t i = 0; i < w->now.gpu_count; i++)
            room += w->now.gpus[i].node == n && w->now.gpus[i].state == GPU_PARTITIONED
                        ? w->now.gpus[i].count.value
                        : 0;
        for (size_t i = 0; i < w->now.vm_count; i++)
            held += w->now.vms[i].node == n ? vm_adapters(&w->now.vms[i]) : 0;
        if (held > room)
            return w->now.nodes[n].name;
    }
    return NULL;
}

static const char *both_kinds(const struct world *w)
{
    for (size_t i = 0; i < w->now.vm_count; i++)
        if (vm_adapters(&w->now.vms[i]) && vm_requests(&w->now.vms[i]))
            return w->now.vms[i].name;
    return NULL;
}

/* V1: of several that leave the unresolved one goes first. */
static bool resolved_first(const struct world *w, const struct step *now, const struct step *left)
{
    const struct vm *vm;
    bool seen[2] = {false, false};

    if (!mentions(now, VERB_ADAPTER_REMOVE) || !mentions(left, VERB_ADAPTER_REMOVE) ||
        now->member != left->member)
        return false;
    vm = &w->now.vms[state_vm(&w->now, now->action.subject)];
    for (size_t i = 0; i < vm->adapter_count; i++) {
        seen[0] |= str_same(vm->adapters[i].id, now->action.object) && vm->adapters[i].seen;
        seen[1] |= str_same(vm->adapters[i].id, left->action.object) && vm->adapters[i].seen;
    }
    return seen[0] && !seen[1];
}

#endif
