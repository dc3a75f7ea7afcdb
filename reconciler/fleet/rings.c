#include "fleet/rings.h"

#include "base/str.h"
#include "spec/ceiling.h"

static bool says_fleet(const struct ceiling *c)
{
    return c->fleet.at.file != NULL;
}

static bool binds(struct arena *a, const struct ceiling *c, const struct spec *spec)
{
    return says_fleet(c) && ceiling_binds(a, c, spec);
}

void rings_open(struct arena *a, const struct fleet_options *options, struct rings *out)
{
    const struct ceilings *all = options->ceilings;

    *out = (struct rings){.count = 1};
    if (!all || !all->count || options->need != NEED_APPLY)
        return;
    out->all = all;
    out->failed = arena_array(a, struct rings_failed, all->count);
    out->stops = arena_array(a, const char *, all->count);
    for (size_t i = 0; i < all->count; i++) /* one more: who fits none of them */
        if (all->rows[i].fleet.ring_count >= out->count)
            out->count = all->rows[i].fleet.ring_count + 1;
}

size_t rings_lanes(const struct fleet_options *options, size_t lanes)
{
    const struct ceilings *all = options->ceilings;

    for (size_t i = 0; all && options->need == NEED_APPLY && i < all->count; i++) {
        const size_t most = all->rows[i].fleet.parallel;
        const bool counts = !options->bound || options->bound[i];

        if (counts && most && most < lanes)
            lanes = most;
    }
    return lanes;
}

static bool fits(const struct ceiling_ring *ring, const struct spec *spec)
{
    for (size_t i = 0; i < ring->label_count; i++) {
        bool has = false;

        for (size_t k = 0; k < spec->label_count && !has; k++)
            has = str_eq(spec->labels[k].key, ring->labels[i].key) &&
                  str_eq(spec->labels[k].value, ring->labels[i].value);
        if (!has)
            return false;
    }
    return true;
}

/* Who is bound by no order has the first turn. */
static size_t ring_of(struct arena *a, const struct ceilings *all, const struct spec *spec)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct ceiling_fleet *f = &all->rows[i].fleet;
        size_t ring = 0;

        if (!f->ring_count || !binds(a, &all->rows[i], spec))
            continue;
        while (ring < f->ring_count && !fits(&f->rings[ring], spec))
            ring++;
        return ring;
    }
    return 0;
}

bool rings_other_turn(struct arena *a, const struct rings *o, const struct spec *spec)
{
    return o->all && spec && ring_of(a, o->all, spec) != o->now;
}

const char *rings_stop(struct arena *a, const struct ceilings *all, const char *const *stops,
                       const struct spec *spec)
{
    for (size_t i = 0; all && spec && i < all->count; i++)
        if (stops[i] && binds(a, &all->rows[i], spec))
            return stops[i];
    return NULL;
}

void rings_ended(struct arena *a, struct rings *o, const struct fleet_item *item)
{
    const char **stops;

    if (!o->all || !item->spec || !item->failed)
        return;
    stops = arena_array(a, const char *, o->all->count);
    for (size_t i = 0; i < o->all->count; i++) {
        const struct ceiling *c = &o->all->rows[i];
        struct rings_failed *f = &o->failed[i];

        stops[i] = o->stops[i];
        if (!binds(item->arena, c, item->spec))
            continue;
        *arena_push(a, f->names, f->count, f->room) = arena_strdup(a, item->spec->name);
        if (f->count >= c->fleet.failed)
            stops[i] = arena_printf(a, "%s failed, and policy %s (%s:%u) stops after %zu",
                                    str_ranges(a, f->names, f->count), c->name, c->fleet.at.file,
                                    (unsigned)c->fleet.at.line, c->fleet.failed);
    }
    o->stops = stops;
}

static bool same_ring(const struct ceiling_ring *a, const struct ceiling_ring *b)
{
    const struct spec one = {.labels = (struct spec_label *)(uintptr_t)a->labels,
                             .label_count = a->label_count};

    return a->label_count == b->label_count && fits(b, &one);
}

static bool same_order(const struct ceiling_fleet *a, const struct ceiling_fleet *b)
{
    bool same = a->ring_count == b->ring_count;

    for (size_t i = 0; i < a->ring_count && same; i++)
        same = same_ring(&a->rings[i], &b->rings[i]);
    return same;
}

bool rings_agrees(struct fleet_item *item, struct err *e)
{
    const struct ceilings *all = item->options->ceilings;
    const struct ceiling *first = NULL;

    for (size_t i = 0; all && item->spec && i < all->count; i++) {
        const struct ceiling *c = &all->rows[i];

        if (!c->fleet.ring_count || !binds(item->arena, c, item->spec))
            continue;
        if (first && !same_order(&first->fleet, &c->fleet))
            return err_set(e, ERR_INVALID, 0,
                           "policies %s (%s:%u) and %s (%s:%u) say two orders of rings; one of "
                           "them must not bind this cluster, or both say the same",
                           first->name, first->fleet.order_at.file,
                           (unsigned)first->fleet.order_at.line, c->name, c->fleet.order_at.file,
                           (unsigned)c->fleet.order_at.line);
        first = first ? first : c;
    }
    return true;
}
