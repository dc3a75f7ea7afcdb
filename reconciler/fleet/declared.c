#include "fleet/declared.h"

#include "base/str.h"
#include "host/host.h"

#include <string.h>

const char **declared_paths(struct arena *a, const struct fleet_options *options, size_t *count)
{
    const char **out = str_set(a, options->paths, options->path_count, count);

    for (size_t i = 0; i < *count; i++)
        if (str_eq(out[i], "-")) /* nobody can read that again */
            *count = 0;
    return out;
}

struct looking {
    const char *cluster;
    struct declared *out;
};

/* One after the other (parallel 1), and of a cluster there is one document. */
static void look_at(struct fleet_item *item, void *context)
{
    const struct looking *x = context;

    if (!item->spec || !str_same(item->spec->name, x->cluster) || !item->spec->digest)
        return;
    x->out->found = true;
    memcpy(x->out->digest, item->spec->digest,
           strnlen(item->spec->digest, sizeof x->out->digest - 1)); /* the item's memory goes */
}

static void hush(const char *text)
{
    (void)text;
}

void declared_look(const struct fleet_options *options, const struct plan *plan,
                   struct declared *out)
{
    const struct plan_head *h = &plan->head;
    struct fleet_options meant = *options;
    struct looking x = {.cluster = h->cluster, .out = out};
    struct fleet_totals totals;

    *out = (struct declared){0};
    for (size_t i = 0; i < h->spec_count; i++)
        out->there = out->there || host_exists(h->specs[i]);
    if (!out->there || !h->spec_digest)
        return;
    meant.paths = h->specs;
    meant.path_count = h->spec_count;
    meant.need = NEED_SPEC;
    meant.digest = true;
    meant.parallel = 1;
    meant.ceilings = NULL; /* they are compared by themselves (P5) */
    meant.bound = NULL;
    meant.print = meant.log = hush;
    fleet_run(&meant, look_at, &x, &totals);
}

bool declared_as_planned(const struct declared *now, const struct plan *plan, struct err *e)
{
    const struct plan_head *h = &plan->head;
    const char *file = h->source ? h->source : h->specs[0];

    if (!now->there || !h->spec_digest)
        return true;
    if (!now->found)
        return err_set(e, ERR_STALE, 0,
                       "the spec of %s (%s) was %.8s when the plan was made; it is gone, or not "
                       "valid, now; make a new one",
                       h->cluster, file, h->spec_digest);
    return str_eq(now->digest, h->spec_digest) ||
           err_set(e, ERR_STALE, 0,
                   "the spec of %s (%s) was %.8s when the plan was made, and is %.8s now; make a "
                   "new one",
                   h->cluster, file, h->spec_digest, now->digest);
}
