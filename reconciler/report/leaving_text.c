/* GPUs that leave, as the plan tells of them (V9). */
#include "report/plan_items.h"

static const char *joined(struct arena *a, const char *const *names, size_t count)
{
    const char **copy = arena_array(a, const char *, count + 1);

    for (size_t i = 0; i < count; i++) /* str_ranges() sorts them */
        copy[i] = names[i];
    return count ? str_ranges(a, copy, count) : "none";
}

static const char *when_left(struct arena *a, int64_t by_ms, int64_t now_ms)
{
    return by_ms > now_ms ? arena_printf(a, "in %s", duration_human(a, by_ms - now_ms))
                          : arena_printf(a, "%s ago", duration_human(a, now_ms - by_ms));
}

/* The reason is somebody's text, and can be long. */
static void when_line(struct page *p, const char *lead, const struct plan_leaving *l,
                      const struct plan_head *h)
{
    struct arena *a = p->arena;
    const char *text =
        arena_printf(a, "%s, empty by %s (%s)", l->reason, report_time(a, h, l->by_ms),
                     when_left(a, l->by_ms, h->observed_ms));
    const char *place = page_place(a, "V9", &l->at), *left = arena_printf(a, "%s%s", lead, text);

    if (page_columns(left) + page_columns(place) + 2 <= p->width)
        page_ends(p, left, place);
    else
        page_printf(p, lead, "%s  (%s)", text, place);
}

void leaving_head(struct page *p, const struct plan *plan)
{
    struct arena *a = p->arena;

    for (size_t i = 0; i < plan->leaving_count; i++) {
        const struct plan_leaving *l = &plan->leaving[i];
        const char *lead = "LEAVING   ", *more = "          ";

        page_gap(p);
        for (size_t g = 0; g < l->gpu_count; g++, lead = more)
            page_wrap(p, lead, l->gpus[g]);
        if (!l->gpu_count)
            page_printf(p, lead, "the GPU of row %s is not seen on %s", l->id,
                        joined(a, l->nodes, l->node_count));
        when_line(p, more, l, &plan->head);
        page_printf(p, more, "on it now: %s     could land on it: %s",
                    joined(a, l->on, l->on_count), joined(a, l->near, l->near_count));
    }
}

/* Does a group that runs now take it off the card? */
static bool goes_now(const struct plan *plan, const char *vm)
{
    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t i = 0; plan->groups[g].gate == GATE_RUNS && i < plan->groups[g].step_count; i++)
            if ((plan->groups[g].steps[i].action.verb == VERB_ADAPTER_REMOVE ||
                 plan->groups[g].steps[i].action.verb == VERB_VM_MOVE) &&
                str_eq(plan->groups[g].steps[i].name, vm))
                return true;
    return false;
}

/* Those that this plan leaves on the card. */
static size_t stay_on(struct arena *a, const struct plan *plan, const struct plan_leaving *l,
                      const char ***out)
{
    size_t n = 0;

    *out = arena_array(a, const char *, l->on_count + 1);
    for (size_t i = 0; i < l->on_count; i++)
        if (!goes_now(plan, l->on[i]))
            (*out)[n++] = l->on[i];
    return n;
}

void leaving_after(struct page *p, const struct plan *plan)
{
    struct arena *a = p->arena;

    for (size_t i = 0; i < plan->leaving_count; i++) {
        const struct plan_leaving *l = &plan->leaving[i];
        const char *nodes = joined(a, l->nodes, l->node_count), **stay;
        size_t count = stay_on(a, plan, l, &stay);

        page_gap(p);
        page_printf(p, "AFTER THAT  ",
                    "the GPU of row %s %s. hvgpu starts no VM on %s that could land on it until "
                    "%s is over. Started there by somebody else, it is drift: on-leaving-gpu.",
                    l->id,
                    count ? arena_printf(a, "still holds %s", joined(a, stay, count)) : "is empty",
                    nodes, l->id);
    }
}
