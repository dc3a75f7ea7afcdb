#include "plan/cause.h"

#include "base/str.h"

/* Two plans of one state: what is the same in both is the same text. */
static const char *key_of_change(struct arena *a, const char *subject, const struct change *c)
{
    return arena_printf(a, "%s|%d|%s|%s", subject, (int)c->field, c->have ? c->have : "",
                        c->want ? c->want : "");
}

static const char *key_of_problem(struct arena *a, const struct problem *p)
{
    return arena_printf(a, "%s|%s|%s", p->subject, reason_rows[p->reason].code,
                        p->text ? p->text : "");
}

/* A problem of an aside has no field: its words are what it is. */
static const char *key_of_aside(struct arena *a, const struct plan_aside *x)
{
    if (x->reason == REASON_NONE)
        return arena_printf(a, "%d|%s", (int)x->why, key_of_change(a, x->subject, &x->change));
    return arena_printf(a, "%d|%s|%s|%s", (int)x->why, x->subject, reason_rows[x->reason].code,
                        x->text ? x->text : "");
}

struct keys {
    struct map changes, problems, asides;
    struct map fields; /* subject and field of changes, whatever is wanted */
};

static const char *key_of_field(struct arena *a, const char *subject, enum field field)
{
    return arena_printf(a, "%s|%d", subject, (int)field);
}

static void keys_of(struct arena *a, const struct plan *plan, struct keys *out)
{
    map_init(&out->changes, a, plan->change_count + 1, false);
    map_init(&out->problems, a, plan->problem_count + 1, false);
    map_init(&out->asides, a, plan->aside_count + 1, false);
    map_init(&out->fields, a, plan->change_count + 1, false);
    for (size_t i = 0; i < plan->change_count; i++) {
        const struct plan_change *pc = &plan->changes[i];

        map_put(&out->changes, key_of_change(a, pc->subject, &pc->change), (uint32_t)i);
        map_put(&out->fields, key_of_field(a, pc->subject, pc->change.field), (uint32_t)i);
    }
    for (size_t i = 0; i < plan->problem_count; i++)
        map_put(&out->problems, key_of_problem(a, &plan->problems[i]), (uint32_t)i);
    for (size_t i = 0; i < plan->aside_count; i++)
        map_put(&out->asides, key_of_aside(a, &plan->asides[i]), (uint32_t)i);
}

static enum cause mark(const struct map *before, const char *key, struct plan_base *base)
{
    bool known = map_get(before, key) != MAP_NONE;

    base->change_count += !known;
    base->before_count += known;
    return known ? CAUSE_BEFORE : CAUSE_CHANGE;
}

/* A difference of before that nobody wants to bring about any more, or that is one no more. */
static void list_ended(struct arena *a, const struct plan *before, const struct keys *now,
                       struct plan_base *out)
{
    size_t room = 0;

    for (size_t i = 0; i < before->change_count; i++) {
        const struct plan_change *pc = &before->changes[i];
        const struct change *c = &pc->change;
        struct plan_ended *row;

        if (pc->at_next_stop ||
            map_get(&now->fields, key_of_field(a, pc->subject, c->field)) != MAP_NONE)
            continue; /* it goes on, be it to another value */
        row = arena_push(a, out->ended, out->ended_count, room);
        *row = (struct plan_ended){.subject = pc->subject,
                                   .what = field_words[c->field],
                                   .have = c->have,
                                   .want = c->want};
    }
    for (size_t i = 0; i < before->problem_count; i++) {
        const struct problem *p = &before->problems[i];
        enum reason_class class = reason_rows[p->reason].class;

        if ((class != CLASS_BLOCKED && class != CLASS_HELD) ||
            map_get(&now->problems, key_of_problem(a, p)) != MAP_NONE)
            continue;
        *arena_push(a, out->ended, out->ended_count, room) = (struct plan_ended){
            .subject = p->subject, .what = reason_rows[p->reason].code, .text = p->text};
    }
}

void plan_cause(struct arena *a, struct plan *plan, const struct plan *before)
{
    static const struct plan nothing = {0};
    struct plan_base *base = &plan->base;
    struct keys then, now;

    keys_of(a, before ? before : &nothing, &then);
    base->change_count = base->before_count = base->ended_count = 0;
    for (size_t i = 0; i < plan->change_count; i++) {
        struct plan_change *pc = &plan->changes[i];

        if (pc->at_next_stop) /* no difference that anybody waits for */
            continue;
        pc->cause = mark(&then.changes, key_of_change(a, pc->subject, &pc->change), base);
    }
    for (size_t i = 0; i < plan->problem_count; i++)
        plan->problems[i].cause =
            map_get(&then.problems, key_of_problem(a, &plan->problems[i])) == MAP_NONE
                ? CAUSE_CHANGE
                : CAUSE_BEFORE;
    for (size_t i = 0; i < plan->aside_count; i++)
        plan->asides[i].cause = map_get(&then.asides, key_of_aside(a, &plan->asides[i])) == MAP_NONE
                                    ? CAUSE_CHANGE
                                    : CAUSE_BEFORE;
    if (!before)
        return;
    keys_of(a, plan, &now);
    list_ended(a, before, &now, base);
}
