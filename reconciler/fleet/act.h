/*
 * Apply: the pass that also acts.  Takes the store's lock and the world, looks,
 * shows, asks, carries out, looks again, and writes the history.
 */
#ifndef FLEET_ACT_H
#define FLEET_ACT_H

#include "fleet/declared.h"
#include "fleet/fleet.h"
#include "fleet/watch.h"

struct act_options {
    const struct plan_file *file; /* a saved plan, carried out exactly; NULL: plan anew */
    struct declared declared;     /* with file: what its specs say now */
    bool take_over;               /* the world, from another store */
    bool retry;                   /* try again what was put back before */
    bool json;
    enum watch_how watch; /* how the run is shown while it goes on */
    const char *reason;
    struct style style; /* of what goes to stdout */
    /*
     * Questions, once the plan is shown; NULL: nobody is there to ask.
     * may_stop gives how many running VMs may be stopped; go_on says whether.
     */
    uint32_t (*may_stop)(struct fleet_item *item, const struct plan *plan, void *context);
    bool (*go_on)(struct fleet_item *item, const struct plan *plan, void *context);
    void *context;
};

/* The verb's part for one document, with need NEED_APPLY; says everything, sets item->exit. */
void fleet_act(struct fleet_item *item, const struct act_options *options);

#endif
