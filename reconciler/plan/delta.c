#include "plan/delta.h"

#include "base/str.h"
#include "plan/cover.h"

#include <stdlib.h>

/* What one plan says under a key, and what the other one does. */
struct pair {
    const char *kind, *name, *what, *one, *other;
};

struct comparing {
    struct arena *arena;
    const struct delta_plan *plans[2];
    struct delta *out;
    size_t head_room, item_room;
    struct map keys; /* to `pairs` */
    struct pair *pairs;
    size_t pair_count, pair_room;
};

static void add_item(struct comparing *x, const struct delta_item *item)
{
    *arena_push(x->arena, x->out->items, x->out->item_count, x->item_room) = *item;
}

/* ---- the heads ---- */

static void head(struct comparing *x, const char *what, const char *one, const char *other,
                 bool differs, bool counts)
{
    if (!differs)
        return;
    *arena_push(x->arena, x->out->heads, x->out->head_count, x->head_room) =
        (struct delta_head){what, one ? one : "none", other ? other : "none", counts};
    x->out->holds = x->out->holds && !counts;
}

static const char *spec_text(struct arena *a, const struct plan *p)
{
    const struct revision *r = &p->head.revision;

    return arena_printf(a, "%.8s%s%.7s%s", p->head.spec_digest ? p->head.spec_digest : "not known",
                        r->commit ? ", commit " : "", r->commit ? r->commit : "",
                        r->commit && r->dirty ? " with changes" : "");
}

static const char *policy_text(struct arena *a, const struct policy *p)
{
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < p->ceiling_count; i++)
        text_printf(&t, "%s%s (%.8s)", i ? ", " : "", p->ceilings[i].name, p->ceilings[i].digest);
    return t.size ? text_done(&t) : NULL;
}

static const char *override_text(struct arena *a, const struct override *o)
{
    return o->what ? arena_printf(a, "%s, until %s, by %s", o->what, when_iso(a, o->until_ms),
                                  o->by ? o->by : "?")
                   : NULL;
}

static bool as_if(const struct plan *p)
{
    return p->head.as_if_ms && p->head.as_if_ms != WHEN_NONE;
}

static const char *observed_text(struct arena *a, const struct plan *p)
{
    return arena_printf(a, "%s%s%s", when_human(a, p->head.observed_ms),
                        as_if(p) ? ", as if it were " : "",
                        as_if(p) ? when_human(a, p->head.as_if_ms) : "");
}

static void heads(struct comparing *x)
{
    struct arena *a = x->arena;
    const struct plan *p = x->plans[0]->plan, *q = x->plans[1]->plan;
    const bool diff = x->out->question == DELTA_DIFF;
    const char *one, *other;
    bool moved;

    head(x, "world", p->head.identity, q->head.identity,
         !str_eq(p->head.identity, q->head.identity), true);
    one = spec_text(a, p);
    other = spec_text(a, q);
    moved = !p->head.spec_digest || !str_eq(p->head.spec_digest, q->head.spec_digest);
    head(x, "spec", one, other, moved || !str_eq(one, other), moved);
    head(x, "policy", policy_text(a, &p->policy), policy_text(a, &q->policy),
         !same_ceilings(p->policy.ceilings, p->policy.ceiling_count, q->policy.ceilings,
                        q->policy.ceiling_count),
         true);
    one = override_text(a, &p->override);
    other = override_text(a, &q->override);
    head(x, "override", one, other, !str_eq(one, other), diff);
    one = observed_text(a, p);
    other = observed_text(a, q);
    head(x, "observed", one, other, !str_eq(one, other), false);
}

/* ---- what differs ---- */

static const char *gate_text(struct arena *a, enum gate gate, enum reason reason)
{
    static const char *const words[] = {
        [GATE_RUNS] = "runs now", [GATE_HELD] = "held", [GATE_BLOCKED] = "blocked"};

    return gate == GATE_RUNS || reason == REASON_NONE
               ? words[gate]
               : arena_printf(a, "%s (%s)", words[gate], reason_rows[reason].code);
}

/* Of a key that one plan has twice the texts stand beside each other. */
static void note(struct comparing *x, int side, const char *kind, const char *name,
                 const char *what, const char *text)
{
    const char *key = arena_printf(x->arena, "%s\n%s\n%s", kind, name, what);
    uint32_t at = map_put(&x->keys, key, (uint32_t)x->pair_count);
    struct pair *p;
    const char **to;

    if (at == x->pair_count)
        *arena_push(x->arena, x->pairs, x->pair_count, x->pair_room) =
            (struct pair){.kind = kind, .name = name, .what = what};
    p = &x->pairs[at];
    to = side ? &p->other : &p->one;
    *to = *to ? arena_printf(x->arena, "%s; %s", *to, text) : text;
}

static const char *name_of(const char *subject)
{
    const char *slash = strchr(subject, '/');

    return slash ? slash + 1 : subject;
}

static const char *kind_of(struct arena *a, const char *subject)
{
    return arena_strndup(a, subject, strcspn(subject, "/"));
}

static void note_changes(struct comparing *x, int side)
{
    const struct plan *p = x->plans[side]->plan;
    struct arena *a = x->arena;

    for (size_t i = 0; i < p->change_count; i++) {
        const struct plan_change *c = &p->changes[i];

        if (!c->at_next_stop)
            note(x, side, subject_words[c->change.kind], c->name, field_words[c->change.field],
                 arena_printf(a, "%s -> %s, %s", c->change.have ? c->change.have : "none",
                              c->change.want ? c->change.want : "none",
                              gate_text(a, c->gate, c->reason)));
    }
    for (size_t i = 0; i < p->problem_count; i++) {
        const struct problem *row = &p->problems[i];
        const enum reason_class class = reason_rows[row->reason].class;

        if (row->subject && (class == CLASS_BLOCKED || class == CLASS_MANUAL))
            note(x, side, kind_of(a, row->subject), name_of(row->subject),
                 reason_rows[row->reason].code, row->text ? row->text : "");
    }
}

static void note_stops(struct comparing *x, int side)
{
    const struct plan *p = x->plans[side]->plan;
    const struct state *have = x->plans[side]->have;
    struct arena *a = x->arena;

    for (size_t g = 0; g < p->group_count; g++) {
        const struct plan_group *group = &p->groups[g];
        const char *how =
            group->off_at_most_ms
                ? arena_printf(a, "at most %s", duration_minutes(a, group->off_at_most_ms))
                : "until an event is over";

        for (size_t i = 0; i < group->interrupt_count; i++)
            if (group->interrupts[i] < have->vm_count)
                note(x, side, subject_words[SUBJECT_VM], have->vms[group->interrupts[i]].name,
                     "off",
                     arena_printf(a, "%s, %s", how, gate_text(a, group->gate, group->reason)));
    }
}

static void take_pairs(struct comparing *x)
{
    for (size_t i = 0; i < x->pair_count; i++) {
        const struct pair *p = &x->pairs[i];

        if (str_eq(p->one, p->other))
            continue;
        add_item(x, &(struct delta_item){.sign = !p->one     ? DELTA_MORE
                                                 : !p->other ? DELTA_LESS
                                                             : DELTA_OTHER,
                                         .kind = p->kind,
                                         .name = p->name,
                                         .what = p->what,
                                         .one = p->one,
                                         .other = p->other});
    }
}

/* Steps that only one of them has, of subjects of which nothing else differs. */
static void take_steps(struct comparing *x)
{
    struct map told, keys[2];
    struct arena *a = x->arena;

    map_init(&told, a, x->out->item_count, false);
    for (size_t i = 0; i < x->out->item_count; i++)
        map_put(&told, x->out->items[i].name, 0);
    for (int side = 0; side < 2; side++) {
        const struct plan *p = x->plans[side]->plan;

        map_init(&keys[side], a, 64, false);
        for (size_t g = 0; g < p->group_count; g++)
            for (size_t i = 0; i < p->groups[g].step_count; i++)
                map_put(&keys[side], deed_key(a, &p->groups[g].steps[i].action), 0);
    }
    for (int side = 0; side < 2; side++) {
        const struct plan *p = x->plans[side]->plan;

        for (size_t g = 0; g < p->group_count; g++)
            for (size_t i = 0; i < p->groups[g].step_count; i++) {
                const struct step *s = &p->groups[g].steps[i];

                if (map_get(&told, s->name) == MAP_NONE &&
                    map_get(&keys[!side], deed_key(a, &s->action)) == MAP_NONE)
                    add_item(x, &(struct delta_item){
                                    .sign = side ? DELTA_MORE : DELTA_LESS,
                                    .kind = subject_words[verb_rows[s->action.verb].subject],
                                    .name = s->name,
                                    .what = "step",
                                    .one = side ? NULL : s->text,
                                    .other = side ? s->text : NULL});
            }
    }
}

/* ---- what is more ---- */

static void take_more(struct comparing *x)
{
    const struct plan *p = x->plans[1]->plan;
    struct arena *a = x->arena;
    struct extent within, asked;
    struct cover cover;

    extent_of_plan(a, x->plans[0]->plan, x->plans[0]->have, &within);
    extent_of_plan(a, p, x->plans[1]->have, &asked);
    cover_init(&cover, a, &within);
    for (size_t g = 0; g < p->group_count; g++)
        for (size_t i = 0; p->groups[g].gate != GATE_BLOCKED && i < p->groups[g].step_count; i++) {
            const struct step *s = &p->groups[g].steps[i];

            if (!cover_has(&cover, &s->action))
                add_item(x, &(struct delta_item){
                                .sign = DELTA_MORE,
                                .kind = subject_words[verb_rows[s->action.verb].subject],
                                .name = s->name,
                                .what = verb_rows[s->action.verb].word,
                                .other = s->text});
        }
    for (size_t i = 0; i < asked.absence_count; i++) {
        const struct absence *off = &asked.absences[i];
        int64_t most;

        if (cover_absence(&cover, off->vm, &most) && !absence_fits(off->at_most_ms, most))
            add_item(x, &(struct delta_item){
                            .sign = DELTA_OTHER,
                            .kind = subject_words[SUBJECT_VM],
                            .name = off->name,
                            .what = "off",
                            .one = arena_printf(a, "at most %s", duration_minutes(a, most)),
                            .other = off->at_most_ms
                                         ? arena_printf(a, "at most %s",
                                                        duration_minutes(a, off->at_most_ms))
                                         : "until an event is over"});
    }
}

/* ---- both ---- */

static int by_line(const void *one, const void *two)
{
    const struct delta_item *a = one, *b = two;
    int c = (int)a->sign - (int)b->sign;

    c = c ? c : str_cmp(a->kind, b->kind);
    c = c ? c : str_cmp(a->what, b->what);
    c = c ? c : a->sign == DELTA_OTHER ? str_cmp(a->one, b->one) : 0;
    c = c || str_eq(a->what, "step") ? c : str_cmp(a->other, b->other);
    c = c || str_eq(a->what, "step") ? c : str_cmp(a->one, b->one);
    c = c ? c : str_cmp_natural(a->name, b->name);
    c = c ? c : str_cmp(a->one, b->one);
    return c ? c : str_cmp(a->other, b->other);
}

static struct delta_side side_of(const struct delta_plan *p)
{
    const struct plan_head *h = &p->plan->head;

    return (struct delta_side){p->plan->id,    p->digest,   h->cluster,
                               h->spec_digest, h->revision, h->observed_ms};
}

void delta_of(struct arena *a, enum delta_question question, const struct delta_plan *one,
              const struct delta_plan *other, struct delta *out)
{
    struct comparing x = {.arena = a, .plans = {one, other}, .out = out};

    *out = (struct delta){
        .question = question, .one = side_of(one), .other = side_of(other), .holds = true};
    heads(&x);
    if (question == DELTA_COVERS) {
        take_more(&x);
    } else {
        map_init(&x.keys, a, 64, false);
        for (int side = 0; side < 2; side++) {
            note_changes(&x, side);
            note_stops(&x, side);
        }
        take_pairs(&x);
        take_steps(&x);
    }
    out->holds = out->holds && !out->item_count;
    if (out->item_count)
        qsort(out->items, out->item_count, sizeof *out->items, by_line);
}
