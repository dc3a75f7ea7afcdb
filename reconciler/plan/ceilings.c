#include "plan/ceilings.h"

/* What a Policy may have to do with a reason; who stops for another reason is told of in gate.c. */
static const struct {
    enum reason reason;
    const char *field;
} behind[] = {
    {REASON_NEVER_OPEN, "maintenanceWindows.allow"},
    {REASON_NEVER_OPEN, "maintenanceWindows.deny"},
    {REASON_NEVER_OPEN, "disruption"},
    {REASON_WRONG_NODE, "move"},
    {REASON_NO_TARGET, "move"},
    {REASON_CAPACITY, "move"},
    {REASON_NOT_HOMOGENEOUS, "homogeneous"},
    {REASON_PARTIAL, "partial"},
    {REASON_RESERVE, "reserve.nodes"},
};

static const char *release_of(struct arena *a, const struct policy *p, enum reason reason,
                              const char *release)
{
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        const struct tightened *t =
            behind[i].reason == reason ? policy_tightened(p, behind[i].field) : NULL;

        if (t)
            return arena_printf(a, "%s; %s says %s: %s",
                                release ? release : reason_rows[reason].release,
                                policy_place(a, p, &t->at), t->field, t->to);
    }
    return release;
}

void ceilings_tell(struct arena *a, struct plan *plan)
{
    const struct policy *p = &plan->policy;

    for (size_t i = 0; p->tightened_count && i < plan->group_count; i++) {
        struct plan_group *g = &plan->groups[i];

        if (g->gate != GATE_RUNS)
            g->release = release_of(a, p, g->reason, g->release);
    }
    for (size_t i = 0; p->tightened_count && i < plan->problem_count; i++) {
        struct problem *row = &plan->problems[i];

        row->release = release_of(a, p, row->reason, row->release);
    }
}
