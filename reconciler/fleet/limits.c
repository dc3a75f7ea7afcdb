#include "fleet/limits.h"

#include "base/limits.h"
#include "base/str.h"
#include "host/host.h"
#include "spec/ceiling.h"

#define HOUR_MS ((int64_t)60 * 60 * 1000)

void limits_policies(struct fleet_item *item)
{
    if (item->spec && item->options->ceilings)
        ceilings_apply(item->arena, item->options->ceilings, item->spec);
}

bool limits_want_author(const struct fleet_item *item)
{
    const struct policy *p = item->spec ? &item->spec->policy : NULL;

    for (size_t i = 0; p && i < p->approval_count; i++)
        if (p->approvals[i].not_author)
            return true;
    return false;
}

/* ---- P5: how old a snapshot may be ---- */

/* By the clock of the machine, or as if it were then (--at): a snapshot has none of its own. */
static bool is_young(struct fleet_item *item, struct err *e)
{
    const struct policy *p = &item->spec->policy;
    const int64_t now = item->options->at_ms ? item->options->at_ms : host_now_ms();
    const int64_t age = now - item->pass.have.observed_ms;

    if (!item->options->from || !p->max_snapshot_age_ms)
        return true;
    if (age < -HOUR_MS)
        return err_set(e, ERR_UNSEEN, 0,
                       "%s says that it was observed %s, which has not come yet; observe again",
                       item->world, when_human(item->arena, item->pass.have.observed_ms));
    if (age > p->max_snapshot_age_ms)
        return err_set(e, ERR_UNSEEN, 0,
                       "%s was observed %s, %s ago; maxSnapshotAge is %s at %s; observe again",
                       item->world, when_human(item->arena, item->pass.have.observed_ms),
                       duration_human(item->arena, age),
                       duration_human(item->arena, p->max_snapshot_age_ms),
                       policy_place(item->arena, p, &p->max_snapshot_age_at));
    return true;
}

/* ---- P6: overrides ---- */

/* By the world's own clock, as everything that depends on the time. */
static bool lift(struct fleet_item *item, struct err *e)
{
    struct override *o = &item->word.override;
    const int64_t now = state_now_ms(&item->pass.have);

    if (!o->what)
        return true;
    if (!o->until_ms)
        o->until_ms = now + OVERRIDE_HOURS * HOUR_MS;
    if (o->until_ms <= now)
        return err_set(e, ERR_USAGE, 0, "--until %s: it is %s there already",
                       when_human(item->arena, o->until_ms), when_human(item->arena, now));
    if (o->until_ms > now + LIMIT_OVERRIDE_DAYS * 24 * HOUR_MS)
        return err_set(e, ERR_USAGE, 0,
                       "--until %s: an override ends within %d days; what is to stay is written "
                       "into the spec",
                       when_human(item->arena, o->until_ms), LIMIT_OVERRIDE_DAYS);
    spec_lift_disruption(item->arena, item->spec);
    return true;
}

bool limits_judge(struct fleet_item *item, struct err *e)
{
    return !item->spec || (is_young(item, e) && lift(item, e));
}

/* ---- saved plans ---- */

static const struct ceiling_by *made_under(const struct plan *plan, const struct ceiling *c)
{
    for (size_t i = 0; i < plan->policy.ceiling_count; i++)
        if (str_same(plan->policy.ceilings[i].name, c->name))
            return &plan->policy.ceilings[i];
    return NULL;
}

/* What it was made under it obeys; what it was not made under it may not. */
static bool same_policies(struct fleet_item *item, const struct plan *plan, struct err *e)
{
    const struct ceilings *all = item->options->ceilings;

    for (size_t i = 0; all && i < all->count; i++) {
        const struct ceiling *c = &all->rows[i];
        const struct ceiling_by *by = made_under(plan, c);

        if (by ? str_eq(by->digest, c->digest)
               : !ceiling_binds_texts(item->arena, c, plan->head.labels, plan->head.label_count))
            continue;
        if (by)
            return err_set(e, ERR_STALE, 0,
                           "policy %s (%s) was %.8s when the plan was made, and is %.8s now; make "
                           "a new one",
                           c->name, c->at.file, by->digest, c->digest);
        return err_set(e, ERR_STALE, 0,
                       "the plan was made without policy %s (%s), which binds this cluster; make "
                       "a new one",
                       c->name, c->at.file);
    }
    return true;
}

/* P12: what the Policies of now ask for is asked, also where a file does not say so. */
static void add_rules(struct fleet_item *item, const struct ceiling *c, struct policy *p)
{
    for (size_t i = 0; i < c->bounds.approval_count; i++) {
        bool there = false;

        for (size_t k = 0; k < p->approval_count && !there; k++)
            there = approval_rule_same(&p->approvals[k], &c->bounds.approvals[i]);
        if (there)
            continue;
        p->approvals = arena_grow(item->arena, p->approvals, p->approval_count,
                                  p->approval_count + 1, sizeof *p->approvals);
        p->approvals[p->approval_count++] = c->bounds.approvals[i];
    }
}

bool limits_of_file(struct fleet_item *item, struct plan *plan, struct err *e)
{
    const struct ceilings *all = item->options->ceilings;
    const struct override *o = &plan->override;

    if (o->what && o->until_ms <= state_now_ms(&item->pass.have))
        return err_set(e, ERR_STALE, 0, "the override of this plan ended %s; make a new one",
                       when_human(item->arena, o->until_ms));
    if (!same_policies(item, plan, e))
        return false;
    for (size_t i = 0; all && i < all->count; i++)
        if (made_under(plan, &all->rows[i]))
            add_rules(item, &all->rows[i], &plan->policy);
    return true;
}
