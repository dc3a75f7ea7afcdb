#include "fleet/chosen.h"

#include <string.h>

struct chosen {
    struct arena *arena;
    const struct choice *choice;
    struct subject *subjects;
    uint32_t *next; /* another one of the same name, or NO_INDEX: a pool is on several nodes */
    size_t count;
    struct map named; /* "kind/name" to the first */
};

static const char *text_of(struct chosen *x, const struct subject *s)
{
    return arena_printf(x->arena, "%s/%s", subject_words[s->kind], s->name);
}

static struct chosen chosen_of(struct fleet_item *item, const struct choice *choice)
{
    struct chosen x = {.arena = item->arena, .choice = choice};

    subject_list(x.arena, item->spec, &item->pass.have, &x.subjects, &x.count);
    x.next = arena_array(x.arena, uint32_t, x.count + 1);
    map_init(&x.named, x.arena, x.count, true);
    for (uint32_t i = 0; i < x.count; i++) {
        uint32_t first = map_put(&x.named, text_of(&x, &x.subjects[i]), i);

        x.next[i] = first == i ? NO_INDEX : x.next[first];
        if (first != i)
            x.next[first] = i;
    }
    return x;
}

/* A GPU that is gone is still one of its node; a row of the spec is one of the cluster. */
static struct subject stranger(const struct chosen *x, const char *text)
{
    struct subject s = {.kind = SUBJECT_CLUSTER, .name = x->subjects[0].name};
    const char *slash = str_starts(text, "gpu/") ? strchr(text + 4, '/') : NULL;

    s.cluster = s.name;
    if (slash) {
        s.kind = SUBJECT_GPU;
        s.node = arena_strndup(x->arena, text + 4, (size_t)(slash - text - 4));
        s.name = text + 4;
    }
    return s;
}

static bool takes(const struct chosen *x, const char *text)
{
    uint32_t at = map_get(&x->named, text);
    bool taken = false;

    if (at == MAP_NONE) {
        struct subject s = stranger(x, text);

        return choice_takes(x->choice, &s);
    }
    for (; at != NO_INDEX; at = x->next[at]) {
        if (choice_excludes(x->choice, &x->subjects[at]))
            return false;
        taken = taken || choice_takes(x->choice, &x->subjects[at]);
    }
    return taken;
}

static bool chooses(const struct choice *c)
{
    return c->only_count || c->exclude_count;
}

void chosen_drift(struct fleet_item *item, const struct choice *choice, struct drift *d)
{
    struct chosen x;
    size_t kept = 0, notes = 0;

    if (!chooses(choice))
        return;
    x = chosen_of(item, choice);
    for (size_t i = 0; i < d->count; i++)
        if (takes(&x, d->items[i].subject))
            d->items[kept++] = d->items[i];
    for (size_t i = 0; i < d->note_count; i++)
        if (takes(&x, d->notes[i]->subject))
            d->notes[notes++] = d->notes[i];
    d->not_chosen = d->count - kept;
    d->count = kept;
    d->note_count = notes;
}

/* Groups in which something chosen changes; where each went is left in `at`. */
static void keep_groups(struct chosen *x, struct plan *plan, uint32_t *at)
{
    bool *wanted = arena_array(x->arena, bool, plan->group_count + 1);
    struct plan_group *rows = arena_array(x->arena, struct plan_group, plan->group_count + 1);
    uint32_t kept = 0;

    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].group < plan->group_count)
            wanted[plan->changes[i].group] = true;
    for (size_t i = 0; i < plan->group_count; i++) {
        at[i] = wanted[i] ? kept : NO_INDEX;
        if (!wanted[i])
            continue;
        rows[kept] = plan->groups[i];
        rows[kept++].need_count = 0; /* what comes before it may be left out */
    }
    plan->groups = rows;
    plan->group_count = kept;
}

void chosen_plan(struct fleet_item *item, const struct choice *choice, struct plan *plan)
{
    struct chosen x;
    uint32_t *at = arena_array(item->arena, uint32_t, plan->group_count + 1);
    size_t groups = plan->group_count, kept = 0;

    if (!chooses(choice))
        return;
    x = chosen_of(item, choice);
    for (size_t i = 0; i < plan->change_count; i++)
        if (takes(&x, plan->changes[i].subject))
            plan->changes[kept++] = plan->changes[i];
    plan->change_count = kept;
    keep_groups(&x, plan, at);
    for (size_t i = 0; i < kept; i++)
        if (plan->changes[i].group < groups)
            plan->changes[i].group = at[plan->changes[i].group];
    kept = 0;
    for (size_t i = 0; i < plan->problem_count; i++)
        if (takes(&x, plan->problems[i].subject))
            plan->problems[kept++] = plan->problems[i];
    plan->problem_count = kept;
    kept = 0;
    for (size_t i = 0; i < plan->aside_count; i++)
        if (takes(&x, plan->asides[i].subject))
            plan->asides[kept++] = plan->asides[i];
    plan->aside_count = kept;
    kept = 0;
    for (size_t i = 0; i < plan->debt_count; i++)
        if (takes(&x, arena_printf(x.arena, "vm/%s", plan->debts[i].name)))
            plan->debts[kept++] = plan->debts[i];
    plan->debt_count = kept;
}
