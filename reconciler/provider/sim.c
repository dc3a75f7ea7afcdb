#include "provider/sim.h"

#include "base/str.h"
#include "lasting/lasting.h"

struct sim_eye {
    struct eye eye;
    struct lasting *world;
    struct sim_hand *hand;
};

struct sim_hand {
    struct hand hand;
    struct sim_eye *owner;
};

void sim_on_die(void (*hook)(void))
{
    lasting_on_die(hook);
}

struct world *sim_world(struct eye *eye)
{
    return &((struct sim_eye *)eye)->world->world;
}

/* ---- the eye ---- */

static int64_t sim_now(struct eye *eye)
{
    return lasting_now_ms(((struct sim_eye *)eye)->world);
}

static int64_t sim_wait(struct eye *eye, int64_t until_ms)
{
    return lasting_wait_ms(((struct sim_eye *)eye)->world, until_ms);
}

static void sim_close(struct eye *eye)
{
    lasting_close(((struct sim_eye *)eye)->world); /* the eye is in its arena */
}

static bool look(const struct world *w, struct arena *a, uint32_t node, struct state *out,
                 struct err *e)
{
    if (!world_observe(w, a, node, out, e))
        return false;
    world_own_texts(a, out); /* it outlives this world, and the lane that asked */
    return true;
}

static bool sim_observe(struct eye *eye, struct arena *a, const struct scope *scope,
                        struct state *out, struct err *e)
{
    struct lasting *l = ((struct sim_eye *)eye)->world;
    struct world *w = &l->world;
    const struct fault *fault;
    const char *node;
    bool ok = false;

    lasting_enter(l);
    lasting_tick(l);
    w->observes++;
    node = scope->node < w->now.node_count ? w->now.nodes[scope->node].name : NULL;
    fault = w->fault_count ? world_fault(w, FAULT_ON_OBSERVE, node, NULL) : NULL;
    if ((scope->node != NO_INDEX && world_hangs(w, scope->node)) ||
        (fault && fault->kind == FAULT_HANG))
        return lasting_hang(l, e);
    if (fault && fault->kind == FAULT_DIE)
        lasting_die();
    if (fault)
        err_set(e, ERR_UNSEEN, fault->answer, "looking failed (a fault of the simulated world)");
    else
        ok = look(w, a, scope->node, out, e);
    lasting_leave(l);
    return ok;
}

/* ---- the hand ---- */

static bool lost_it(const struct world *w, struct err *e)
{
    if (!w->owner.store)
        return err_set(e, ERR_LOCKED, 0,
                       "this world is no longer ours: another store took it over "
                       "and has ended since");
    return err_set(e, ERR_LOCKED, 0, "this world is no longer ours: %s on %s took it over",
                   w->owner.store, w->owner.host ? w->owner.host : "?");
}

static bool answered(struct lasting *l, enum sim_answer answer, struct receipt *out, struct err *e)
{
    struct err said = *e;

    if (!lasting_put_out(l, e))
        return err_wrap(e, "nothing was done");
    *e = said;
    if (answer == SIM_DIES)
        lasting_die();
    if (answer == SIM_REFUSED || answer == SIM_LOST)
        return false;
    out->accepted = answer != SIM_DONE;
    return true;
}

static bool sim_perform(struct hand *hand, const struct action *action, struct receipt *out,
                        struct err *e)
{
    struct lasting *l = ((struct sim_hand *)hand)->owner->world;
    struct err said = {.kind = ERR_NONE};
    struct host_turn *turn;
    enum sim_answer answer;
    bool ok;

    lasting_enter(l);
    ok = lasting_turn(l, &turn, &said) && (lasting_is_ours(l) || lost_it(&l->world, &said));
    if (ok) {
        lasting_catch_up(l);
        answer = world_perform(&l->world, action, &said);
        if (answer == SIM_HANGS) {
            host_turn_end(turn);
            return lasting_hang(l, e);
        }
        ok = answered(l, answer, out, &said);
    }
    host_turn_end(turn);
    lasting_leave(l);
    if (!ok || said.native)
        *e = said; /* on success: a note, 5024 */
    return ok;
}

static void sim_release(struct hand *hand)
{
    struct sim_eye *s = ((struct sim_hand *)hand)->owner;
    struct lasting *l = s->world;
    struct host_turn *turn;
    struct err ignored;

    lasting_enter(l);
    if (lasting_turn(l, &turn, &ignored) && lasting_is_ours(l)) {
        lasting_catch_up(l);
        l->world.owner.store = l->world.owner.host = NULL;
        (void)!lasting_put_out(l, &ignored);
    }
    host_turn_end(turn);
    s->hand = NULL;
    l->writes = false;
    lasting_leave(l);
}

static const struct hand_ops hand_ops = {sim_perform, sim_release};

static bool take_owner(struct sim_eye *s, const struct owner *owner, bool take_over, struct err *e)
{
    struct arena *a = &s->world->arena;
    struct world *w = &s->world->world;

    if (s->hand)
        return err_set(e, ERR_LOCKED, 0, "this process has claimed the world already");
    if (w->owner.store && !str_eq(w->owner.store, owner->store_id) && !take_over)
        return err_set(e, ERR_LOCKED, 0, "%s belongs to the store %s on %s since %s", w->now.name,
                       w->owner.store, w->owner.host ? w->owner.host : "?",
                       w->owner.since_ms == WHEN_NONE ? "an unknown time"
                                                      : when_human(a, w->owner.since_ms));
    w->owner.store = arena_strdup(a, owner->store_id);
    w->owner.host = owner->host ? arena_strdup(a, owner->host) : NULL;
    w->owner.since_ms = owner->since_ms;
    w->owner.epoch = owner->epoch;
    return true;
}

static bool sim_claim(struct eye *eye, const struct owner *owner, bool take_over, struct hand **out,
                      struct err *e)
{
    struct sim_eye *s = (struct sim_eye *)eye;
    struct lasting *l = s->world;
    struct sim_hand *h;
    struct host_turn *turn;
    bool ok;

    lasting_enter(l);
    ok = lasting_turn(l, &turn, e) && take_owner(s, owner, take_over, e);
    if (ok) {
        h = arena_new(&l->arena, struct sim_hand);
        h->hand.ops = &hand_ops;
        h->owner = s;
        l->store = arena_strdup(&l->arena, owner->store_id);
        l->epoch = owner->epoch;
        l->writes = true;
        s->hand = h;
        /* Where files know no locks two may have written at once: the file says whose it is. */
        ok = lasting_put_out(l, e) && lasting_take_in(l, e) &&
             (lasting_is_ours(l) || lost_it(&l->world, e));
        if (ok) {
            *out = &h->hand;
        } else {
            s->hand = NULL;
            l->writes = false;
        }
    }
    host_turn_end(turn);
    lasting_leave(l);
    return ok;
}

/* ---- opening ---- */

static const struct eye_ops eye_ops = {"sim", sim_observe, sim_claim, sim_now, sim_wait, sim_close};

bool sim_open(const struct facts *facts, const char *path, const char *text, size_t size,
              bool lasting, struct eye **out, struct findings *found, struct err *e)
{
    struct lasting *l;
    struct sim_eye *s;

    if (!lasting_open(facts, path, text, size, lasting, &l, found, e))
        return false;
    s = arena_new(&l->arena, struct sim_eye);
    s->eye.ops = &eye_ops;
    s->world = l;
    *out = &s->eye;
    return true;
}
