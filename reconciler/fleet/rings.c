#include "fleet/rings.h"

#include "base/str.h"
#include "spec/ceiling.h"

enum { NAMED = 8 }; /* each cluster that is not begun names so many others */

static const char *some_names(struct arena *a, const char **names, size_t count)
{
    const char *first = str_ranges(a, names, count < NAMED ? count : NAMED);

    return count <= NAMED ? first : arena_printf(a, "%s and %zu more", first, count - NAMED);
}

static bool says_fleet(const struct ceiling *c)
{
    return c->fleet.at.file != NULL;
}

static bool binds(struct arena *a, const struct ceiling *c, const struct spec *spec)
{
    return says_fleet(c) && ceiling_binds(a, c, spec);
}

struct fleet_unknown *rings_unknown(struct arena *a, const struct ceilings *all)
{
    struct fleet_unknown *out = NULL;

    for (size_t i = 0; i < all->count; i++)
        if (all->rows[i].fleet.max_unknown.at.file && !out)
            out = arena_array(a, struct fleet_unknown, all->count);
    for (size_t i = 0; out && i < all->count; i++)
        out[i].arena = a;
    return out;
}

void rings_seen(const struct fleet_options *options, const struct fleet_item *item)
{
    const struct ceilings *all = options->ceilings;

    if (!options->unknown || options->need != NEED_IDENTITY || !item->spec)
        return;
    for (size_t i = 0; i < all->count; i++) {
        struct fleet_unknown *u = &options->unknown[i];

        if (!binds(item->arena, &all->rows[i], item->spec))
            continue;
        u->clusters++;
        if (item->unseen)
            *arena_push(u->arena, u->names, u->count, u->room) =
                arena_strdup(u->arena, item->spec->name);
    }
}

static bool too_many_unknown(const struct ceiling *c, const struct fleet_unknown *u)
{
    return c->fleet.max_unknown.at.file &&
           u->count * 100 > c->fleet.max_unknown.value * u->clusters;
}

static void hold_for_unknown(struct arena *a, const struct fleet_options *options,
                             struct fleet_held *stops)
{
    for (size_t i = 0; options->unknown && i < options->ceilings->count; i++) {
        const struct ceiling *c = &options->ceilings->rows[i];
        const struct fleet_unknown *u = &options->unknown[i];

        if (too_many_unknown(c, u))
            stops[i] = (struct fleet_held){
                REASON_FLEET_UNKNOWN,
                arena_printf(a,
                             "%zu of %zu clusters cannot be seen (%s), and policy %s (%s:%u) "
                             "allows %llu%%",
                             u->count, u->clusters, some_names(a, u->names, u->count), c->name,
                             c->fleet.max_unknown.at.file, (unsigned)c->fleet.max_unknown.at.line,
                             (unsigned long long)c->fleet.max_unknown.value)};
    }
}

void rings_open(struct arena *a, const struct fleet_options *options, struct rings *out)
{
    const struct ceilings *all = options->ceilings;
    struct fleet_held *stops;

    *out = (struct rings){.count = 1};
    if (!all || !all->count || options->need != NEED_APPLY)
        return;
    stops = arena_array(a, struct fleet_held, all->count);
    out->all = all;
    out->failed = arena_array(a, struct rings_failed, all->count);
    for (size_t i = 0; i < all->count; i++) {
        stops[i].reason = REASON_NONE;
        if (all->rows[i].fleet.ring_count >= out->count) /* one more: who fits none of them */
            out->count = all->rows[i].fleet.ring_count + 1;
    }
    hold_for_unknown(a, options, stops);
    out->stops = stops;
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

/* What nobody could see before the run is not called held. */
static bool was_unseen(const struct fleet_unknown *u, const char *name)
{
    for (size_t i = 0; u && i < u->count; i++)
        if (str_eq(u->names[i], name))
            return true;
    return false;
}

void rings_hold(struct fleet_item *item, const struct rings *o, const struct fleet_held *stops)
{
    const struct fleet_unknown *unknown = item->options->unknown;

    for (size_t i = 0; o->all && item->spec && !item->held && i < o->all->count; i++) {
        if (stops[i].reason == REASON_NONE || !binds(item->arena, &o->all->rows[i], item->spec))
            continue;
        item->held = &stops[i];
        item->unseen = stops[i].reason == REASON_FLEET_UNKNOWN && unknown &&
                       was_unseen(&unknown[i], item->spec->name);
    }
}

void rings_ended(struct arena *a, struct rings *o, const struct fleet_item *item)
{
    struct fleet_held *stops;

    if (!o->all || !item->spec || !item->failed)
        return;
    stops = arena_array(a, struct fleet_held, o->all->count);
    for (size_t i = 0; i < o->all->count; i++) {
        const struct ceiling *c = &o->all->rows[i];
        struct rings_failed *f = &o->failed[i];

        stops[i] = o->stops[i];
        if (!binds(item->arena, c, item->spec))
            continue;
        *arena_push(a, f->names, f->count, f->room) = arena_strdup(a, item->spec->name);
        if (f->count >= c->fleet.failed)
            stops[i] = (struct fleet_held){
                REASON_FLEET_STOPPED,
                arena_printf(a, "%s failed, and policy %s (%s:%u) stops after %zu",
                             some_names(a, f->names, f->count), c->name, c->fleet.at.file,
                             (unsigned)c->fleet.at.line, c->fleet.failed)};
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
