#include "rig_wmi.h"

#include "cim/cim_sim.h"
#include "codec/world.h"
#include "provider/hyperv/hyperv.h"
#include "tests/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rig_wmi {
    struct cim_net *sim;
    struct eye *eye;
    struct hand *hand;
};

bool rig_through_wmi;
bool (*rig_wmi_over)(struct cim_net *sim, struct cim_net **out, struct err *e);

/* The test's own world, and its own provider: a failure here is none of what is tested. */
static void must(bool ok, const struct err *e)
{
    if (ok)
        return;
    printf("Bail out! the world cannot be opened through WMI: %s\n", e->text);
    exit(1);
}

static struct rig_wmi *open_door(struct arena *a, const struct world *w)
{
    static const struct owner owner = {"rig", "rig", WHEN_NONE, 1};
    const struct hyperv_target here = {.node_ms = 600000};
    struct rig_wmi *d = arena_new(a, struct rig_wmi);
    const char *text = world_write(a, w);
    struct findings found;
    struct cim_net *net;
    struct err e;

    findings_init(&found, a);
    must(cim_sim_open(known_facts(), "rig", text, strlen(text), false, &d->sim, &found, &e), &e);
    net = d->sim;
    if (rig_wmi_over)
        must(rig_wmi_over(d->sim, &net, &e), &e);
    hyperv_open(net, &here, &d->eye);
    must(d->eye->ops->claim(d->eye, &owner, true, &d->hand, &e), &e);
    return d;
}

enum sim_answer rig_wmi_perform(struct arena *a, struct rig_wmi **door, struct world *w,
                                const struct action *action, struct err *e)
{
    struct receipt receipt = {.accepted = false};
    struct world *shown;
    bool ok;

    if (!*door)
        *door = open_door(a, w);
    shown = cim_sim_world((*door)->sim);
    w->owner = shown->owner; /* ours since it was opened */
    *shown = *w;
    e->kind = ERR_NONE;
    ok = hand_perform((*door)->hand, action, &receipt, e);
    *w = *shown;
    if (ok)
        return receipt.accepted ? SIM_ACCEPTED : SIM_DONE;
    return e->kind == ERR_TIMEOUT ? SIM_LOST : SIM_REFUSED;
}

void rig_wmi_end(struct rig_wmi **door, struct world *w, bool dead)
{
    struct rig_wmi *d = *door;

    *door = NULL;
    if (!d)
        return;
    *cim_sim_world(d->sim) = *w;
    if (!dead)
        d->hand->ops->release(d->hand);
    *w = *cim_sim_world(d->sim);
    memset(&w->owner, 0, sizeof w->owner); /* its texts end with the door */
    d->eye->ops->close(d->eye);
}
