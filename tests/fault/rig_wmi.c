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

/*
 * ---- calls that break off ----
 * The simulated WMI's own eyes and hands, but that the next call that acts may
 * end without an answer, whatever it is reached over.
 */

static enum rig_break armed;
static const struct cim_net_ops *sim_net;
static const struct cim_eye_ops *sim_eye;
static const struct cim_hand_ops *sim_hand;

static bool breaks_off(struct err *e)
{
    armed = BREAKS_NOT;
    return err_set(e, ERR_TIMEOUT, 0x800706BE, "the call broke off, for the test");
}

static bool put(struct cim_hand *hand, struct arena *a, const struct cim_object *object,
                struct err *e)
{
    if (armed == BREAKS_UNSENT)
        return breaks_off(e);
    return sim_hand->put(hand, a, object, e) && (armed == BREAKS_NOT || breaks_off(e));
}

static bool invoke(struct cim_hand *hand, struct arena *a, const struct cim_call *call,
                   struct cim_object **out, struct err *e)
{
    if (armed == BREAKS_UNSENT)
        return breaks_off(e);
    return sim_hand->invoke(hand, a, call, out, e) && (armed == BREAKS_NOT || breaks_off(e));
}

static bool give_hand(struct cim_eye *eye, struct cim_hand **out, struct err *e)
{
    static const struct cim_hand_ops ops = {.put = put, .invoke = invoke};

    if (!sim_eye->hand(eye, out, e))
        return false;
    sim_hand = (*out)->ops;
    (*out)->ops = &ops;
    return true;
}

static bool connect_to(struct cim_net *net, const char *host, enum cim_space space,
                       struct cim_eye **out, struct err *e)
{
    static struct cim_eye_ops ops;

    if (!sim_net->connect(net, host, space, out, e))
        return false;
    sim_eye = (*out)->ops;
    ops = *sim_eye;
    ops.hand = give_hand;
    (*out)->ops = &ops;
    return true;
}

static void may_break(struct cim_net *net)
{
    static struct cim_net_ops ops;

    sim_net = net->ops;
    ops = *sim_net;
    ops.connect = connect_to;
    net->ops = &ops;
}

/* ---- the door ---- */

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
    may_break(d->sim);
    net = d->sim;
    if (rig_wmi_over)
        must(rig_wmi_over(d->sim, &net, &e), &e);
    hyperv_open(net, &here, &d->eye);
    must(d->eye->ops->claim(d->eye, &owner, true, &d->hand, &e), &e);
    return d;
}

enum sim_answer rig_wmi_perform(struct arena *a, struct rig_wmi **door, struct world *w,
                                const struct action *action, enum rig_break *breaks, struct err *e)
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
    armed = *breaks;
    ok = hand_perform((*door)->hand, action, &receipt, e);
    *breaks = armed;
    armed = BREAKS_NOT;
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
