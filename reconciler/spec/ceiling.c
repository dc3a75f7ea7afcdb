#include "spec/ceiling.h"

#include "base/when.h"

#include <stdlib.h>

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static const char *const disruption_words[] = {
    [DISRUPTION_NEVER] = "never", [DISRUPTION_ALLOWED] = "allowed", [DISRUPTION_WINDOW] = "window"};
static const char *const then_words[] = {
    [STOP_GUEST] = "hold", [STOP_FORCED] = "forced", [STOP_TURN_OFF] = "turnOff"};

struct applying {
    struct arena *arena;
    struct spec *spec;
    const struct ceiling_bounds *bounds;
    struct vm_wish **wishes; /* of the rows, each once */
    size_t wish_count;
    size_t room; /* of policy.tightened */
};

static const char *label_text(struct arena *a, const struct spec_label *label)
{
    return arena_printf(a, "%s=%s", label->key, label->value);
}

const char **spec_label_texts(struct arena *a, const struct spec *spec)
{
    const char **out = arena_array(a, const char *, spec->label_count + 1);

    for (size_t i = 0; i < spec->label_count; i++)
        out[i] = label_text(a, &spec->labels[i]);
    return out;
}

bool ceiling_binds_texts(struct arena *a, const struct ceiling *c, const char *const *labels,
                         size_t count)
{
    for (size_t i = 0; i < c->label_count; i++) {
        const char *wanted = label_text(a, &c->labels[i]);
        bool has = false;

        for (size_t k = 0; k < count && !has; k++)
            has = str_eq(labels[k], wanted);
        if (!has)
            return false;
    }
    return true;
}

bool ceiling_binds(struct arena *a, const struct ceiling *c, const struct spec *spec)
{
    return ceiling_binds_texts(a, c, spec_label_texts(a, spec), spec->label_count);
}

/* ---- several Policies as one: of each value the strictest ---- */

static void take_less(const struct ceiling_number *n, struct ceiling_number *into)
{
    if (n->at.file && (!into->at.file || n->value < into->value))
        *into = *n;
}

static void take_more(const struct ceiling_number *n, struct ceiling_number *into)
{
    if (n->at.file && (!into->at.file || n->value > into->value))
        *into = *n;
}

static void take_rank(const struct ceiling_number *n, struct ceiling_number *into)
{
    if (n->at.file && (!into->at.file || disruption_rank((enum disruption)n->value) <
                                             disruption_rank((enum disruption)into->value)))
        *into = *n;
}

static void take_span(const struct span *at, struct span *into)
{
    if (!into->file)
        *into = *at;
}

/* Lists: `into` has room for all of them. */
static void take_lists(const struct ceiling_bounds *b, struct ceiling_bounds *into)
{
    for (size_t i = 0; i < b->protect_count; i++) {
        into->protect[into->protect_count] = b->protect[i];
        into->protect_at[into->protect_count++] = b->protect_at[i];
    }
    for (size_t i = 0; i < b->allow_count; i++) {
        into->allow[into->allow_count] = b->allow[i];
        into->allow_counts[into->allow_count] = b->allow_counts[i];
        into->allow_at[into->allow_count++] = b->allow_at[i];
    }
    for (size_t i = 0; i < b->deny_count; i++)
        into->deny[into->deny_count++] = b->deny[i];
    for (size_t i = 0; i < b->approval_count; i++)
        into->approvals[into->approval_count++] = b->approvals[i];
}

static void take(const struct ceiling_bounds *b, struct ceiling_bounds *into)
{
    take_rank(&b->disruption, &into->disruption);
    take_less(&b->vms, &into->vms);
    take_less(&b->nodes, &into->nodes);
    take_more(&b->deadline_ms, &into->deadline_ms);
    take_less(&b->then, &into->then);
    take_more(&b->reserve, &into->reserve);
    take_less(&b->max_age_ms, &into->max_age_ms);
    take_span(&b->no_move, &into->no_move);
    take_span(&b->no_prepare, &into->no_prepare);
    take_span(&b->no_partial, &into->no_partial);
    take_span(&b->no_prune, &into->no_prune);
    take_span(&b->homogeneous, &into->homogeneous);
    take_lists(b, into);
}

static void make_room(struct arena *a, const struct ceilings *all, struct ceiling_bounds *out)
{
    size_t protect = 1, allow = 1, deny = 1, approvals = 1;

    for (size_t i = 0; i < all->count; i++) {
        protect += all->rows[i].bounds.protect_count;
        allow += all->rows[i].bounds.allow_count;
        deny += all->rows[i].bounds.deny_count;
        approvals += all->rows[i].bounds.approval_count;
    }
    *out = (struct ceiling_bounds){.protect = arena_array(a, const char *, protect),
                                   .protect_at = arena_array(a, struct span, protect),
                                   .allow = arena_array(a, const struct window *, allow),
                                   .allow_counts = arena_array(a, size_t, allow),
                                   .allow_at = arena_array(a, struct span, allow),
                                   .deny = arena_array(a, struct ceiling_closure, deny),
                                   .approvals = arena_array(a, struct approval_rule, approvals)};
}

/* ---- what changed ---- */

/* The same change of several rows is one. */
static void note(struct applying *x, const char *field, const char *from, const char *to,
                 size_t rows, const struct span *at)
{
    struct policy *p = &x->spec->policy;

    for (size_t i = 0; rows && i < p->tightened_count; i++) {
        struct tightened *t = &p->tightened[i];

        if (t->rows && str_eq(t->field, field) && str_eq(t->from, from) && str_eq(t->to, to)) {
            t->rows += rows;
            return;
        }
    }
    *arena_push(x->arena, p->tightened, p->tightened_count, x->room) =
        (struct tightened){field, from, to, rows, *at};
}

static const char *number_text(struct arena *a, uint64_t n)
{
    return arena_printf(a, "%llu", (unsigned long long)n);
}

static bool same_place(const struct span *a, const struct span *b)
{
    return span_cmp(a, b) == 0;
}

/* ---- one value after the other ---- */

/* The cluster's word, and that of each row; what nobody says is `never` already. */
static void apply_disruption(struct applying *x)
{
    const struct ceiling_number *most = &x->bounds->disruption;
    struct policy *p = &x->spec->policy;
    const struct span own = p->disruption_at;
    enum disruption to = (enum disruption)most->value;

    if (!most->at.file || to == DISRUPTION_ALLOWED)
        return;
    if (disruption_rank(p->disruption) > disruption_rank(to)) {
        note(x, "disruption", disruption_words[p->disruption], disruption_words[to], 0, &most->at);
        p->disruption = to;
        p->disruption_at = most->at;
    }
    for (size_t i = 0; i < x->wish_count; i++) {
        struct vm_wish *w = x->wishes[i];

        w->most = to;
        w->most_at = most->at;
        if (disruption_rank(w->disruption) <= disruption_rank(to))
            continue;
        if (!same_place(&w->disruption_at, &own))
            note(x, "disruption", disruption_words[w->disruption], disruption_words[to], 1,
                 &most->at);
        w->disruption = to;
        w->disruption_at = most->at;
    }
}

static void apply_budget(struct applying *x, const char *field, const struct ceiling_number *n,
                         bool one_group, uint32_t *max, uint32_t *most)
{
    uint32_t *own = one_group ? most : max;

    if (!n->at.file || (*own && *own <= n->value))
        return;
    note(x, field,
         *own        ? number_text(x->arena, *own)
         : one_group ? "one group"
                     : "any",
         number_text(x->arena, n->value), 0, &n->at);
    *own = (uint32_t)n->value;
}

static void apply_budgets(struct applying *x)
{
    struct policy *p = &x->spec->policy;
    const bool one = policy_one_group(p);

    apply_budget(x, "maxUnavailable.vms", &x->bounds->vms, one, &p->max_vms, &p->most_vms);
    if (x->spec->kind != SPEC_HOST)
        apply_budget(x, "maxUnavailable.nodes", &x->bounds->nodes, one, &p->max_nodes,
                     &p->most_nodes);
}

static void apply_move(struct applying *x)
{
    const struct span *at = &x->bounds->no_move;
    struct policy *p = &x->spec->policy;
    const struct span own = p->move_at;

    if (!at->file)
        return;
    if (p->move)
        note(x, "move", "allowed", "never", 0, at);
    for (size_t i = 0; i < x->wish_count; i++) {
        struct vm_wish *w = x->wishes[i];

        if (w->move && !same_place(&w->move_at, &own))
            note(x, "move", "allowed", "never", 1, at);
        if (w->move)
            w->move_at = *at;
        w->move = false;
    }
    p->move = false;
}

/* `forced` is done by a cluster: where there is none, what is gentler. */
static void apply_stop(struct applying *x)
{
    const struct ceiling_number *deadline = &x->bounds->deadline_ms, *then = &x->bounds->then;
    enum stop_how how = then->value == STOP_FORCED && x->spec->kind == SPEC_HOST
                            ? STOP_GUEST
                            : (enum stop_how)then->value;

    for (size_t i = 0; i < x->wish_count; i++) {
        struct vm_wish *w = x->wishes[i];

        if (deadline->at.file && w->stop_deadline_ms < (int64_t)deadline->value) {
            note(x, "stop.deadline", duration_human(x->arena, w->stop_deadline_ms),
                 duration_human(x->arena, (int64_t)deadline->value), 1, &deadline->at);
            w->stop_deadline_ms = (int64_t)deadline->value;
        }
        if (then->at.file && w->stop_then > how) {
            note(x, "stop.then", then_words[w->stop_then], then_words[how], 1, &then->at);
            w->stop_then = how;
        }
    }
}

static void apply_prepare(struct applying *x)
{
    const struct span *at = &x->bounds->no_prepare;

    for (size_t i = 0; at->file && i < x->spec->gpu_count; i++) {
        struct spec_gpu *g = &x->spec->gpus[i];

        if (g->prepare)
            note(x, "prepare", "true", "false", 1, at);
        g->prepare = false;
        g->never_prepared = *at;
    }
}

/* Names that the spec protects as well stay protected when it does not: the Policy's place. */
static bool protects_already(struct policy *p, const char *name, const struct span *at)
{
    for (size_t i = 0; i < p->protect_count; i++)
        if (str_same(p->protect[i], name)) {
            if (!policy_ceiling_at(p, &p->protect_at[i]))
                p->protect_at[i] = *at;
            return true;
        }
    return false;
}

static void apply_protect(struct applying *x)
{
    const struct ceiling_bounds *b = x->bounds;
    struct policy *p = &x->spec->policy;
    size_t room = p->protect_count + b->protect_count + 1;

    if (!b->protect_count)
        return;
    p->protect = arena_grow(x->arena, p->protect, p->protect_count, room, sizeof *p->protect);
    p->protect_at =
        arena_grow(x->arena, p->protect_at, p->protect_count, room, sizeof *p->protect_at);
    for (size_t i = 0; i < b->protect_count; i++) {
        if (protects_already(p, b->protect[i], &b->protect_at[i]))
            continue;
        note(x, "protect", NULL, b->protect[i], 0, &b->protect_at[i]);
        p->protect[p->protect_count] = b->protect[i];
        p->protect_at[p->protect_count++] = b->protect_at[i];
    }
}

/* What only a cluster has says nothing of one host. */
static void apply_cluster(struct applying *x)
{
    static const char *const words[] = {[HOMOGENEOUS_DEFAULT] = "default",
                                        [HOMOGENEOUS_WARN] = "warn",
                                        [HOMOGENEOUS_REQUIRE] = "require"};
    const struct ceiling_bounds *b = x->bounds;
    struct policy *p = &x->spec->policy;

    if (x->spec->kind == SPEC_HOST)
        return;
    if (b->reserve.at.file && p->reserve_nodes < b->reserve.value) {
        note(x, "reserve.nodes", number_text(x->arena, p->reserve_nodes),
             number_text(x->arena, b->reserve.value), 0, &b->reserve.at);
        p->reserve_nodes = (uint32_t)b->reserve.value;
        p->reserve_at = b->reserve.at;
    }
    if (b->homogeneous.file && p->homogeneous != HOMOGENEOUS_REQUIRE) {
        note(x, "homogeneous", words[p->homogeneous], "require", 0, &b->homogeneous);
        p->homogeneous = HOMOGENEOUS_REQUIRE;
        p->homogeneous_at = b->homogeneous;
    }
}

static void apply_words(struct applying *x)
{
    const struct ceiling_bounds *b = x->bounds;
    struct policy *p = &x->spec->policy;

    if (b->no_partial.file && p->partial) {
        note(x, "partial", "allow", "never", 0, &b->no_partial);
        p->partial = false;
    }
    if (b->no_prune.file && p->prune) {
        note(x, "prune", "owned", "never", 0, &b->no_prune);
        p->prune = false;
        x->spec->pruned = NULL;
    }
    if (b->max_age_ms.at.file) {
        p->max_snapshot_age_ms = (int64_t)b->max_age_ms.value;
        p->max_snapshot_age_at = b->max_age_ms.at;
    }
}

/* Open while all are: the spec's own, where it has any, and those of each Policy. */
static void apply_allow(struct applying *x)
{
    const struct ceiling_bounds *b = x->bounds;
    struct calendar *own = &x->spec->policy.calendar;
    const char *from = own->allow_count ? "as declared" : "none";
    size_t first = 0;

    if (b->allow_count && !own->allow_count) {
        own->allow = b->allow[0];
        own->allow_count = b->allow_counts[0];
        first = 1;
    }
    for (size_t i = first; i < b->allow_count; i++) {
        struct calendar *c = arena_new(x->arena, struct calendar);

        *c = (struct calendar){.zone = own->zone,
                               .allow = b->allow[i],
                               .allow_count = b->allow_counts[i],
                               .at = b->allow_at[i],
                               .within = own->within};
        own->within = c;
    }
    for (size_t i = 0; i < b->allow_count; i++)
        note(x, "maintenanceWindows.allow", from, "within these", 0, &b->allow_at[i]);
}

static void apply_deny(struct applying *x)
{
    const struct ceiling_bounds *b = x->bounds;
    struct calendar *own = &x->spec->policy.calendar;
    const struct zone *zone = own->zone ? own->zone : zone_utc;
    struct closure *rows =
        arena_array(x->arena, struct closure, own->deny_count + b->deny_count + 1);

    if (!b->deny_count)
        return;
    for (size_t i = 0; i < own->deny_count; i++)
        rows[i] = own->deny[i];
    for (size_t i = 0; i < b->deny_count; i++) {
        const struct ceiling_closure *d = &b->deny[i];

        rows[own->deny_count + i] =
            (struct closure){.from_ms = zone_instant(zone, d->from_day_ms),
                             .until_ms = zone_instant(zone, d->to_day_ms + DAY_MS),
                             .reason = d->reason,
                             .at = d->at};
    }
    note(x, "maintenanceWindows.deny", number_text(x->arena, own->deny_count),
         number_text(x->arena, own->deny_count + b->deny_count), 0, &b->deny[0].at);
    own->deny = rows;
    own->deny_count += b->deny_count;
}

/* P12: they only ever add up. */
static void apply_approvals(struct applying *x)
{
    struct policy *p = &x->spec->policy;

    p->approvals = x->bounds->approvals;
    p->approval_count = x->bounds->approval_count;
    for (size_t i = 0; i < p->approval_count; i++)
        note(x, "approvals", NULL, approval_rule_text(x->arena, &p->approvals[i]), 0,
             &p->approvals[i].at);
}

/* ---- for `why`: whose value counts now ---- */

static const struct spec_trace *retrace(struct applying *x, const struct spec_trace *old,
                                        const char *key, const char *value, const struct span *at)
{
    const struct ceiling_by *by = policy_ceiling_at(&x->spec->policy, at);
    struct spec_trace *t;
    struct spec_said *row = NULL;

    if (!old || !by)
        return old;
    t = arena_new(x->arena, struct spec_trace);
    t->rows = arena_array(x->arena, struct spec_said, old->count + 1);
    for (size_t i = 0; i < old->count; i++) {
        t->rows[i] = old->rows[i];
        row = str_eq(t->rows[i].key, key) ? &t->rows[i] : row;
    }
    t->count = old->count;
    t->room = old->count + 1;
    if (!row)
        row = &t->rows[t->count++];
    *row = (struct spec_said){key, value, arena_printf(x->arena, "policy %s", by->name), *at};
    return t;
}

static const struct spec_trace *retrace_vm(struct applying *x, const struct spec_trace *said,
                                           const struct vm_wish *w)
{
    const struct ceiling_bounds *b = x->bounds;

    said = retrace(x, said, "disruption", disruption_words[w->disruption], &w->disruption_at);
    if (w->most_at.file && !same_place(&w->disruption_at, &w->most_at))
        said = retrace(x, said, "disruption, at most", disruption_words[w->most], &w->most_at);
    said = retrace(x, said, "move", w->move ? "allowed" : "never", &w->move_at);
    if (b->deadline_ms.at.file && w->stop_deadline_ms == (int64_t)b->deadline_ms.value)
        said = retrace(x, said, "stop.deadline", duration_human(x->arena, w->stop_deadline_ms),
                       &b->deadline_ms.at);
    if (policy_tightened(&x->spec->policy, "stop.then"))
        said = retrace(x, said, "stop.then, at most", then_words[b->then.value], &b->then.at);
    return said;
}

static void retrace_all(struct applying *x)
{
    struct spec *s = x->spec;

    for (size_t i = 0; i < s->policy.tightened_count; i++) {
        const struct tightened *t = &s->policy.tightened[i];

        if (!t->rows)
            s->said = retrace(x, s->said, t->field, t->to, &t->at);
    }
    for (size_t i = 0; i < s->vm_count; i++)
        s->vms[i].said = retrace_vm(x, s->vms[i].said, s->vms[i].wish);
    for (size_t i = 0; i < s->pattern_count; i++)
        s->patterns[i].vm.said = retrace_vm(x, s->patterns[i].vm.said, s->patterns[i].vm.wish);
    for (size_t i = 0; i < s->gpu_count; i++)
        s->gpus[i].said =
            retrace(x, s->gpus[i].said, "prepare", "false", &s->gpus[i].never_prepared);
}

/* ---- all of it ---- */

static int by_address(const void *x, const void *y)
{
    const struct vm_wish *const a = *(struct vm_wish *const *)x, *const b =
                                                                     *(struct vm_wish *const *)y;

    return a < b ? -1 : a > b;
}

/* A row's wish is shared by all VMs that it names. */
static void gather_wishes(struct applying *x)
{
    struct spec *s = x->spec;
    size_t n = 0, all = s->vm_count + s->pattern_count + 1;
    struct vm_wish **rows = arena_array(x->arena, struct vm_wish *, all);

    for (size_t i = 0; i < s->vm_count; i++)
        rows[n++] = s->vms[i].wish;
    for (size_t i = 0; i < s->pattern_count; i++)
        rows[n++] = s->patterns[i].vm.wish;
    if (s->pruned)
        rows[n++] = s->pruned;
    if (n)
        qsort(rows, n, sizeof *rows, by_address);
    x->wishes = rows;
    for (size_t i = 0; i < n; i++)
        if (!i || rows[i] != rows[i - 1])
            x->wishes[x->wish_count++] = rows[i];
}

void spec_lift_disruption(struct arena *a, struct spec *spec)
{
    struct applying x = {.arena = a, .spec = spec};

    gather_wishes(&x);
    for (size_t i = 0; i < x.wish_count; i++) {
        struct vm_wish *w = x.wishes[i];

        if (w->disruption != DISRUPTION_NEVER || !w->disruption_at.file ||
            policy_ceiling_at(&spec->policy, &w->disruption_at))
            continue;
        w->disruption_at = (struct span){0};
        w->lifted = true;
    }
}

static int by_field(const void *x, const void *y)
{
    const struct tightened *a = x, *b = y;
    int c = str_cmp(a->field, b->field);

    c = c ? c : (a->rows > 0) - (b->rows > 0);
    c = c ? c : str_cmp(a->from, b->from);
    return c ? c : str_cmp(a->to, b->to);
}

static void name_ceilings(struct applying *x, const struct ceilings *all,
                          struct ceiling_bounds *bounds)
{
    struct policy *p = &x->spec->policy;

    p->ceilings = arena_array(x->arena, struct ceiling_by, all->count + 1);
    for (size_t i = 0; i < all->count; i++) {
        const struct ceiling *c = &all->rows[i];

        if (!ceiling_binds(x->arena, c, x->spec))
            continue;
        p->ceilings[p->ceiling_count++] = (struct ceiling_by){c->name, c->digest, c->at};
        take(&c->bounds, bounds);
    }
}

void ceilings_apply(struct arena *a, const struct ceilings *all, struct spec *spec)
{
    struct ceiling_bounds bounds;
    struct applying x = {.arena = a, .spec = spec, .bounds = &bounds};
    struct policy *p = &spec->policy;

    make_room(a, all, &bounds);
    name_ceilings(&x, all, &bounds);
    if (!p->ceiling_count)
        return;
    gather_wishes(&x);
    apply_disruption(&x);
    apply_budgets(&x);
    apply_move(&x);
    apply_stop(&x);
    apply_prepare(&x);
    apply_protect(&x);
    apply_cluster(&x);
    apply_words(&x);
    apply_allow(&x);
    apply_deny(&x);
    apply_approvals(&x);
    if (p->tightened_count)
        qsort(p->tightened, p->tightened_count, sizeof *p->tightened, by_field);
    retrace_all(&x);
}
