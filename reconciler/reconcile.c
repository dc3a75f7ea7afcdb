/* One pass, top to bottom. */
#include "reconcile.h"

#include "compare.h"
#include "spec/ceiling.h"

bool reconcile_see(struct pass *p, struct err *e)
{
    static const struct scope everything = {.node = NO_INDEX};

    if (!eye_observe(p->eye, p->arena, &everything, &p->have, e))
        return err_wrap(e, "observe");
    p->seen = true;
    return true;
}

bool pass_paused(struct pass *p, struct err *e)
{
    const struct ledger *owed = &p->owed;

    p->paused = arena_array(p->arena, struct paused, owed->pause_count + 1);
    p->paused_count = 0;
    for (size_t i = 0; i < owed->pause_count; i++) {
        struct paused *row = &p->paused[p->paused_count];

        if (owed->pauses[i].over_ms != WHEN_NONE)
            continue;
        row->row = &owed->pauses[i];
        if (!subject_read(p->arena, owed->pauses[i].subject, &row->set, e))
            return err_wrap(e, "a pause in the ledger");
        p->paused_count++;
    }
    return true;
}

/* What a declaration makes of the look. */
static void make_plan(const struct pass *p, const struct spec *spec, const struct permission *word,
                      struct target *want, struct diff *diff, struct asides *asides,
                      struct plan *plan)
{
    struct inputs in = {.cluster = spec->name,
                        .source = spec->at.file,
                        .specs = p->specs,
                        .spec_count = p->spec_count,
                        .spec_digest = spec->digest,
                        .revision = spec->revision,
                        .labels = spec_label_texts(p->arena, spec),
                        .label_count = spec->label_count,
                        .policy = &spec->policy,
                        .want = want,
                        .have = &p->have,
                        .owed = &p->owed,
                        .diff = diff,
                        .asides = asides,
                        .paused = p->paused,
                        .paused_count = p->paused_count};

    compare_declared(p->arena, spec, &p->have, &p->owed, want, diff, asides);
    diff_listed(p->arena, p->facts, want, &p->have, diff);
    diff_moved(p->arena, p->past, &p->have, diff);
    plan_build(p->arena, &in, plan);
    plan_gate(p->arena, &in, word, plan);
}

bool reconcile_look(struct pass *p, const struct permission *word, struct err *e)
{
    if (!p->seen && !reconcile_see(p, e))
        return false;
    if (!store_ledger(p->store, p->arena, &p->owed, e))
        return err_wrap(e, "read the ledger");
    if (!pass_paused(p, e))
        return false;
    make_plan(p, p->spec, word, &p->want, &p->diff, &p->asides, &p->plan);
    return true;
}

bool reconcile_act(struct pass *p, struct hand *hand, const struct drive_options *options,
                   struct err *e)
{
    p->seen = false;
    return drive_run(p->arena, &p->plan, &p->owed, &p->have, p->eye, hand, p->store, options,
                     &p->outcome, e);
}

bool reconcile_recover(struct pass *p, struct hand *hand, const struct drive_options *options,
                       struct err *e)
{
    p->outcome = (struct outcome){0};
    p->plan = (struct plan){.id = "", .head = {.cluster = p->spec ? p->spec->name : ""}};
    if (!store_ledger(p->store, p->arena, &p->owed, e))
        return err_wrap(e, "read the ledger");
    if (!p->owed.group_count)
        return true;
    if (!p->seen && !reconcile_see(p, e))
        return false;
    return reconcile_act(p, hand, options, e);
}

void reconcile_before(const struct pass *p, const struct spec *spec, const struct permission *word,
                      struct plan *plan)
{
    struct target *want = arena_new(p->arena, struct target);
    struct diff *diff = arena_new(p->arena, struct diff);
    struct asides *asides = arena_new(p->arena, struct asides);

    make_plan(p, spec, word, want, diff, asides, plan);
}

void reconcile_against(struct arena *a, const struct spec *spec, const struct facts *facts,
                       const struct state *have, const struct ledger *owed, struct target *want,
                       struct plan *plan)
{
    struct ledger *claims = arena_new(a, struct ledger);
    struct diff *diff = arena_new(a, struct diff);
    struct asides *asides = arena_new(a, struct asides);
    struct inputs in = {.cluster = spec->name,
                        .source = spec->at.file,
                        .spec_digest = spec->digest,
                        .policy = &spec->policy,
                        .want = want,
                        .have = have,
                        .owed = claims,
                        .diff = diff,
                        .asides = asides};

    if (owed) {
        claims->claims = owed->claims;
        claims->claim_count = owed->claim_count;
        claims->events = owed->events;
        claims->event_count = owed->event_count;
    }
    compare_declared(a, spec, have, claims, want, diff, asides);
    diff_listed(a, facts, want, have, diff);
    plan_build(a, &in, plan);
}
