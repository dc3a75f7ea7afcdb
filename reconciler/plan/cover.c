#include "plan/cover.h"

#include "base/str.h"

static const char *low(struct arena *a, const char *s)
{
    char *out = arena_strdup(a, s ? s : "");

    for (char *at = out; *at; at++)
        *at = str_lower(*at);
    return out;
}

static void put_limits(struct text *t, const struct limits *l)
{
    static const struct limits none = {0};
    const struct num *const rows[] = {(l ? l : &none)->min, (l ? l : &none)->max,
                                      (l ? l : &none)->optimal};

    for (size_t r = 0; l && r < sizeof rows / sizeof *rows; r++)
        for (int i = 0; i < QUOTA_KINDS; i++)
            text_printf(t, "\n%d %llu", rows[r][i].known,
                        rows[r][i].known ? (unsigned long long)rows[r][i].value : 0ULL);
}

/* A GPU and a pool are of their node (I1); a VM is the same one on any node. */
const char *deed_key(struct arena *a, const struct action *d)
{
    const enum subject_kind kind = verb_rows[d->verb].subject;
    struct text t;

    text_init(&t, a);
    text_printf(&t, "%d\n%s\n%s\n%s\n%s\n%s\n%llu %llu %llu", (int)d->verb,
                kind == SUBJECT_VM ? "" : low(a, d->node),
                kind == SUBJECT_POOL ? d->subject : low(a, d->subject), d->object ? d->object : "",
                low(a, d->location), low(a, d->pin), (unsigned long long)d->value[0],
                (unsigned long long)d->value[1], (unsigned long long)d->value[2]);
    if (d->verb == VERB_ADAPTER_LIMITS)
        put_limits(&t, d->limits);
    return text_done(&t);
}

/* ---- a plan's ---- */

static void take_group(const struct plan_group *g, const struct state *have, struct extent *out)
{
    for (size_t i = 0; i < g->step_count; i++) {
        struct deed *d = &out->deeds[out->deed_count++];

        *d = (struct deed){.action = g->steps[i].action, .name = g->steps[i].name};
        if (d->action.limits)
            d->limits = *d->action.limits;
        d->action.limits = NULL; /* its own copy takes the place of it: see cover_init() */
    }
    for (size_t i = 0; i < g->interrupt_count; i++)
        if (g->interrupts[i] < have->vm_count)
            out->absences[out->absence_count++] =
                (struct absence){.vm = have->vms[g->interrupts[i]].id,
                                 .name = have->vms[g->interrupts[i]].name,
                                 .at_most_ms = g->off_at_most_ms};
}

void extent_of_plan(struct arena *a, const struct plan *plan, const struct state *have,
                    struct extent *out)
{
    size_t steps = 1, stops = 1;

    for (size_t g = 0; g < plan->group_count; g++) {
        steps += plan->groups[g].step_count;
        stops += plan->groups[g].interrupt_count;
    }
    *out = (struct extent){.deeds = arena_array(a, struct deed, steps),
                           .absences = arena_array(a, struct absence, stops)};
    for (size_t g = 0; g < plan->group_count; g++)
        if (plan->groups[g].gate != GATE_BLOCKED)
            take_group(&plan->groups[g], have, out);
}

/* ---- asking it ---- */

void cover_init(struct cover *c, struct arena *a, const struct extent *within)
{
    *c = (struct cover){.arena = a, .within = within};
    map_init(&c->deeds, a, within->deed_count, false);
    map_init(&c->absences, a, within->absence_count, true);
    for (size_t i = 0; i < within->deed_count; i++) {
        struct action action = within->deeds[i].action;

        action.limits = &within->deeds[i].limits;
        map_put(&c->deeds, deed_key(a, &action), (uint32_t)i);
    }
    for (size_t i = 0; i < within->absence_count; i++)
        map_put(&c->absences, within->absences[i].vm, (uint32_t)i);
}

bool cover_has(const struct cover *c, const struct action *action)
{
    return map_get(&c->deeds, deed_key(c->arena, action)) != MAP_NONE;
}

bool cover_absence(const struct cover *c, const char *vm, int64_t *at_most_ms)
{
    uint32_t at = map_get(&c->absences, vm);

    if (at == MAP_NONE)
        return false;
    *at_most_ms = c->within->absences[at].at_most_ms;
    return true;
}

bool absence_fits(int64_t at_most_ms, int64_t within_ms)
{
    return !within_ms || (at_most_ms && at_most_ms <= within_ms);
}

const char **deed_keys(struct arena *a, const struct plan_group *g)
{
    const char **keys = arena_array(a, const char *, g->step_count + 1);

    for (size_t i = 0; i < g->step_count; i++)
        keys[i] = deed_key(a, &g->steps[i].action);
    return keys;
}

bool cover_holds(const struct cover *c, const struct plan_group *g, const char *const *keys,
                 const struct state *have)
{
    int64_t within;

    for (size_t i = 0; i < g->step_count; i++)
        if (map_get(&c->deeds, keys[i]) == MAP_NONE)
            return false;
    for (size_t i = 0; i < g->interrupt_count; i++)
        if (g->interrupts[i] >= have->vm_count ||
            !cover_absence(c, have->vms[g->interrupts[i]].id, &within) ||
            !absence_fits(g->off_at_most_ms, within))
            return false;
    return true;
}

static bool has_ceiling(const struct ceiling_by *rows, size_t count, const struct ceiling_by *one)
{
    for (size_t i = 0; i < count; i++)
        if (str_same(rows[i].name, one->name) && str_eq(rows[i].digest, one->digest))
            return true;
    return false;
}

bool same_ceilings(const struct ceiling_by *one, size_t one_count, const struct ceiling_by *other,
                   size_t other_count)
{
    for (size_t i = 0; i < one_count; i++)
        if (!has_ceiling(other, other_count, &one[i]))
            return false;
    return one_count == other_count;
}
