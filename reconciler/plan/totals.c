/* Totals: sums of what is printed, once it is known which groups run. */
#include "plan/totals.h"

#include "base/str.h"
#include "plan/capacity.h"

static void mark_changes(struct plan *p)
{
    for (size_t i = 0; i < p->change_count; i++) {
        struct plan_change *c = &p->changes[i];

        if (c->group == NO_INDEX)
            continue;
        c->gate = p->groups[c->group].gate;
        c->reason = p->groups[c->group].reason;
    }
}

/* A subject is counted once for each gate, however many of its fields change. */
static bool same_subject(const struct plan_change *a, const struct plan_change *b)
{
    return a->change.kind == b->change.kind && a->change.vm == b->change.vm &&
           a->change.gpu == b->change.gpu && a->change.pool == b->change.pool;
}

static void sum_changes(struct plan *p)
{
    struct plan_totals *t = &p->totals;

    for (size_t i = 0; i < p->change_count; i++) {
        const struct plan_change *c = &p->changes[i];
        bool is_vm = c->change.kind == SUBJECT_VM, is_gpu = c->change.kind == SUBJECT_GPU;

        if (c->at_next_stop)
            continue;
        if (i && same_subject(c, &p->changes[i - 1]) && !p->changes[i - 1].at_next_stop)
            continue;
        t->run_vms += c->gate == GATE_RUNS && is_vm;
        t->run_gpus += c->gate == GATE_RUNS && is_gpu;
        t->held_vms += c->gate == GATE_HELD && is_vm;
        t->held_gpus += c->gate == GATE_HELD && is_gpu;
        t->blocked_vms += c->gate == GATE_BLOCKED && is_vm;
        t->blocked_subjects += c->gate == GATE_BLOCKED;
    }
}

static void sum_groups(struct plan *p)
{
    struct plan_totals *t = &p->totals;

    for (size_t i = 0; i < p->group_count; i++) {
        const struct plan_group *g = &p->groups[i];

        t->run_groups += g->gate == GATE_RUNS;
        t->held_groups += g->gate == GATE_HELD;
        t->blocked_groups += g->gate == GATE_BLOCKED;
        t->run_steps += g->gate == GATE_RUNS ? g->step_count : 0;
        t->run_interrupts += g->gate == GATE_RUNS ? g->interrupt_count : 0;
        t->held_interrupts += g->gate == GATE_HELD ? g->interrupt_count : 0;
    }
}

/* Subjects that no group carries and that a rule blocks: one for each, not one for each reason. */
static void sum_problems(struct arena *a, struct plan *p)
{
    struct map counted;

    map_init(&counted, a, p->problem_count, false);
    for (size_t i = 0; i < p->change_count; i++)
        if (p->changes[i].gate == GATE_BLOCKED)
            map_put(&counted, p->changes[i].subject, 0);
    for (size_t i = 0; i < p->problem_count; i++) {
        const struct problem *row = &p->problems[i];

        if (reason_rows[row->reason].class != CLASS_BLOCKED || !row->subject ||
            map_get(&counted, row->subject) != MAP_NONE)
            continue;
        map_put(&counted, row->subject, 0);
        p->totals.blocked_subjects++;
        p->totals.blocked_vms += row->kind == SUBJECT_VM;
    }
}

static void sum_capacity(struct arena *a, const struct inputs *in, struct plan *p)
{
    struct stays stays = {arena_array(a, bool, in->have->vm_count + 1),
                          arena_array(a, bool, in->have->gpu_count + 1)};

    for (size_t i = 0; i < p->change_count; i++) {
        const struct change *c = &p->changes[i].change;

        if (p->changes[i].gate != GATE_BLOCKED && p->changes[i].reason != REASON_LEAVING)
            continue; /* what waits for a card to leave (V9) is as it is for days */
        if (c->kind == SUBJECT_VM)
            stays.vms[c->vm] = true;
        else if (c->kind == SUBJECT_GPU)
            stays.gpus[c->gpu] = true;
    }
    capacity_fill(a, in, &stays, &p->capacity);
}

void totals_count(struct arena *a, struct plan *plan)
{
    plan->totals = (struct plan_totals){.removals = plan->totals.removals,
                                        .stops_needed = plan->totals.stops_needed};
    mark_changes(plan);
    sum_changes(plan);
    sum_groups(plan);
    sum_problems(a, plan);
}

void totals_fill(struct arena *a, const struct inputs *in, struct plan *plan)
{
    totals_count(a, plan);
    sum_capacity(a, in, plan);
}
