#include "report/graph.h"

enum { REDUCED = 2000 }; /* steps of a group whose needs are looked through */

void graph_indent(struct graph *g)
{
    for (int i = 0; i <= g->depth; i++)
        text_add(&g->out, "  ");
}

static const char *step_id(struct graph *g, size_t part, size_t group, size_t step)
{
    return arena_printf(g->arena, "c%zug%zus%zu", part + 1, group + 1, step + 1);
}

static const char *group_id(struct graph *g, size_t part, size_t group)
{
    return arena_printf(g->arena, "c%zug%zu", part + 1, group + 1);
}

static const char *group_text(struct graph *g, size_t index, const struct part_group *group)
{
    static const char *const words[] = {
        [GATE_RUNS] = "runs now", [GATE_HELD] = "held", [GATE_BLOCKED] = "blocked"};
    struct text t;

    text_init(&t, g->arena);
    text_printf(&t, "group %zu", index + 1);
    if (group->node)
        text_printf(&t, " on %s", group->node);
    text_printf(&t, ", %s", words[group->gate]);
    if (group->code)
        text_printf(&t, ": %s", group->code);
    if (group->interrupts)
        text_printf(&t, "; stops %s", page_count(g->arena, group->interrupts, "VM"));
    return text_done(&t);
}

/* Which earlier steps each step comes after, also by way of others; NULL: too many to ask. */
static bool *reach_of(struct arena *a, const struct part_group *group)
{
    size_t n = group->step_count;
    bool *reach = n > REDUCED ? NULL : arena_array(a, bool, n *n + 1);

    for (size_t i = 0; reach && i < n; i++)
        for (size_t k = 0; k < group->steps[i].need_count; k++) {
            size_t need = group->steps[i].needs[k];

            for (size_t m = 0; m < need && need < i; m++)
                reach[i * n + m] = reach[i * n + m] || reach[need * n + m];
            if (need < i)
                reach[i * n + need] = true;
        }
    return reach;
}

/* Does another need of the step come after this one? */
static bool is_implied(const bool *reach, size_t n, const struct part_step *s, size_t k)
{
    for (size_t m = 0; reach && m < s->need_count; m++)
        if (m != k && reach[s->needs[m] * n + s->needs[k]])
            return true;
    return false;
}

static void edge(struct graph *g, const char *from, const char *to, bool waits)
{
    g->style->edge(g, from, to, waits);
    g->edges++;
}

static void steps(struct graph *g, size_t part, size_t index, const struct part_group *group)
{
    const bool *reach = reach_of(g->arena, group);
    bool waits = group->gate != GATE_RUNS;

    g->style->box(g, group_id(g, part, index), group_text(g, index, group), waits);
    g->depth++;
    for (size_t i = 0; i < group->step_count; i++)
        g->style->node(g, step_id(g, part, index, i), group->steps[i].text, waits);
    for (size_t i = 0; i < group->step_count; i++)
        for (size_t k = 0; k < group->steps[i].need_count; k++)
            if (!is_implied(reach, group->step_count, &group->steps[i], k))
                edge(g, step_id(g, part, index, group->steps[i].needs[k]),
                     step_id(g, part, index, i), waits);
    g->depth--;
    g->style->box_end(g);
}

/* Between groups: from the last step of one to the first of the other. */
static void between(struct graph *g, size_t part, const struct cluster_part *p, size_t index,
                    enum graph_depth depth)
{
    const struct part_group *group = &p->groups[index];

    for (size_t k = 0; k < group->need_count; k++) {
        size_t need = group->needs[k];
        bool drawn = depth == GRAPH_STEPS;

        if (need >= p->group_count ||
            (drawn && (!p->groups[need].step_count || !group->step_count)))
            continue;
        edge(g,
             drawn ? step_id(g, part, need, p->groups[need].step_count - 1)
                   : group_id(g, part, need),
             drawn ? step_id(g, part, index, 0) : group_id(g, part, index),
             group->gate != GATE_RUNS);
    }
}

static void cluster(struct graph *g, size_t part, enum graph_depth depth)
{
    const struct cluster_part *p = &g->d->parts[part];
    const char *id = arena_printf(g->arena, "c%zu", part + 1);
    const char *name = p->cluster ? p->cluster : p->source ? p->source : "?";

    g->style->box(g, id, name, false);
    g->depth++;
    if (p->failure)
        g->style->node(g, arena_printf(g->arena, "%sn", id), p->failure, true);
    for (size_t i = 0; i < p->group_count; i++)
        if (depth == GRAPH_STEPS && p->groups[i].step_count)
            steps(g, part, i, &p->groups[i]);
        else
            g->style->node(g, group_id(g, part, i), group_text(g, i, &p->groups[i]),
                           p->groups[i].gate != GATE_RUNS);
    for (size_t i = 0; i < p->group_count; i++)
        between(g, part, p, i, depth);
    g->depth--;
    g->style->box_end(g);
}

void graph_draw(struct graph *g, enum graph_depth depth)
{
    size_t drawn = 0;

    for (size_t i = 0; i < g->d->part_count; i++)
        if (g->d->parts[i].group_count || g->d->parts[i].failure) {
            cluster(g, i, depth);
            drawn++;
        }
    if (!drawn)
        g->style->node(g, "n", "nothing to carry out", false);
}
