/*
 * The clusters as they were declared before a change (--base): read once, and
 * looked up by name.  Opened on the calling thread; lanes only read it.
 */
#ifndef FLEET_BASE_H
#define FLEET_BASE_H

#include "fleet/assign.h"
#include "fleet/base_files.h"
#include "fleet/fleet.h"

struct fleet_base {
    const char *name; /* as it was asked for */
    struct base_files files;
    struct assign assign;
    struct assign_shared shared;
    struct map clusters; /* names without case, to the file that declares each */
    const char **names;  /* the same, in the order of the files */
    size_t count, room;
};

bool base_open(struct arena *a, const struct fleet_options *options, struct fleet_base *out,
               struct err *e) MUST_CHECK;
/* What of the item's plan is the change's (plan/cause.h); after reconcile_look(). */
void base_judge(struct fleet_item *item, const struct fleet_base *base);
/* A finding for each cluster that was declared and is not any more; `names`: those that are. */
void base_gone(struct arena *a, const struct fleet_base *base, const struct map *names,
               struct findings *out);

#endif
