/* What somebody paused is not begun (P11); what we owe is paid all the same. */
#include "plan/units.h"

#include "base/str.h"
#include "base/zone.h"

/* The ledger is of one world: whatever its cluster is called, that is the one that is meant. */
static bool means(const struct paused *p, const struct subject *s)
{
    return p->set.kind == SUBJECT_CLUSTER || subject_fits(&p->set, s);
}

const struct pause *group_paused(const struct plan_group *g, const char *cluster,
                                 const struct paused *rows, size_t count, int64_t now_ms)
{
    for (size_t i = 0; i < count; i++)
        for (size_t m = 0; pause_holds(rows[i].row, now_ms) && m < g->member_count; m++) {
            const struct subject s = member_subject(cluster, &g->members[m]);

            if (means(&rows[i], &s))
                return rows[i].row;
        }
    return NULL;
}

/* "2026-11-19 14:00 CET by eva@ops-1: CHG1" */
static const char *since(struct arena *a, const struct inputs *in, const struct pause *p)
{
    return arena_printf(a, "%s by %s: %s", zone_human(a, in->policy->calendar.zone, p->since_ms),
                        p->by ? p->by : "?", p->reason ? p->reason : "?");
}

bool pauses_judge(struct arena *a, const struct inputs *in, struct plan_group *g)
{
    const struct pause *p =
        group_paused(g, in->cluster, in->paused, in->paused_count, state_now_ms(in->have));
    const char *end;

    if (!p)
        return false;
    end = p->until_ms == WHEN_NONE
              ? ""
              : arena_printf(a, ", or %s", zone_human(a, in->policy->calendar.zone, p->until_ms));
    group_stop(g, GATE_HELD, REASON_PAUSED,
               arena_printf(a, "%s, since %s", p->subject, since(a, in, p)),
               arena_printf(a, "hvgpu resume %s --reason TEXT SPEC%s", p->subject, end));
    return true;
}

void pauses_tell(struct arena *a, const struct inputs *in, struct plan *plan)
{
    plan->pauses = arena_array(a, struct pause, in->paused_count + 1);
    for (size_t i = 0; i < in->paused_count; i++) {
        const struct pause *p = in->paused[i].row;
        struct problem *note;

        if (pause_holds(p, state_now_ms(in->have))) {
            plan->pauses[plan->pause_count++] = *p;
            continue;
        }
        note = plan_say(a, plan, REASON_NOTE_PAUSE_ENDED,
                        arena_printf(a, "ended %s, by %s: %s",
                                     zone_human(a, in->policy->calendar.zone, p->until_ms),
                                     p->by ? p->by : "?", p->reason ? p->reason : "?"));
        note->kind = in->paused[i].set.kind;
        note->subject = p->subject;
    }
}
