#include "provider/sim.h"

#include "base/str.h"
#include "codec/world.h"
#include "host/host.h"
#include "sim/world.h"

#include <stdlib.h>
#include <string.h>

enum {
    HANG_STEP_MS = 10,
    TURN_MS = 10000 /* a turn is one read and one write; who needs longer was stopped */
};

struct sim_eye {
    struct eye eye;
    struct arena arena; /* of the world and of everything here; only under the mutex */
    struct world world;
    const struct facts *facts;
    struct host_mutex *mutex;
    const char *path; /* NULL: a copy in memory */
    char *text;       /* the file as it was read or written last */
    size_t size;
    bool reload; /* memory is ahead of the file, which could not be written */
    bool closed;
    unsigned blocked; /* threads inside a call that hangs */
    struct sim_hand *hand;
    int64_t world_ms, real_ms; /* where both clocks stood when this one was set */
};

struct sim_hand {
    struct hand hand;
    struct sim_eye *owner;
    const char *store;
    uint64_t epoch;
};

static void (*die_hook)(void);

void sim_on_die(void (*hook)(void))
{
    die_hook = hook;
}

struct world *sim_world(struct eye *eye)
{
    return &((struct sim_eye *)eye)->world;
}

/* ---- the file ---- */

static bool parse(struct sim_eye *s, const char *path, const char *text, size_t size,
                  struct findings *found)
{
    struct world w;

    if (!world_read(&s->arena, s->facts, path, text, size, &w, found))
        return false;
    w.observes = s->world.observes;
    w.performs = s->world.performs;
    s->world = w;
    s->world_ms = w.now.observed_ms;
    s->real_ms = host_now_ms();
    return true;
}

/* Takes the text over as what the file holds. */
static void remember(struct sim_eye *s, const char *text, size_t size)
{
    char *copy = realloc(s->text, size + 1);

    if (!copy)
        abort(); /* the machine has no memory: as the arena */
    memcpy(copy, text, size);
    s->text = copy;
    s->size = size;
}

/* Somebody else may have written the file: what stands there is the world. */
static bool take_in(struct sim_eye *s, struct err *e)
{
    struct arena a;
    struct findings found;
    char *text;
    size_t size;
    bool ok;

    if (!s->path)
        return true;
    arena_init(&a, 0);
    ok = host_read_file(&a, s->path, LIMIT_DOC_BYTES, &text, &size, e);
    if (ok && (s->reload || size != s->size || memcmp(text, s->text, size) != 0)) {
        findings_init(&found, &a);
        ok = parse(s, s->path, text, size, &found);
        if (!ok)
            err_set(e, ERR_IO, 0, "%s was changed and is no world any more: %s", s->path,
                    found.count ? found.rows[0].text : "unreadable");
        else
            remember(s, text, size);
        s->reload = !ok;
    }
    arena_release(&a);
    return ok;
}

/* Only with a hand: looking writes nothing. */
static bool put_out(struct sim_eye *s, struct err *e)
{
    struct arena a;
    const char *text;
    bool ok;

    if (!s->path || !s->hand)
        return true;
    arena_init(&a, 0);
    text = world_write(&a, &s->world);
    ok = host_write_file(s->path, text, strlen(text), e);
    if (ok)
        remember(s, text, strlen(text));
    s->reload = !ok;
    arena_release(&a);
    return ok;
}

static bool is_ours(const struct sim_hand *h)
{
    const struct world *w = &h->owner->world;

    return str_eq(w->owner.store, h->store) && w->owner.epoch == h->epoch;
}

/*
 * Alone with the file, and with what stands there, until host_turn_end(): what
 * is written rests on it, and nobody's owner record is written over.
 */
static bool begin_turn(struct sim_eye *s, struct host_turn **turn, struct err *e)
{
    *turn = NULL;
    if (!s->path)
        return true;
    if (!host_turn_take(s->path, TURN_MS, turn, e))
        return false;
    if (take_in(s, e))
        return true;
    host_turn_end(*turn);
    *turn = NULL;
    return false;
}

/* ---- time ---- */

static int64_t clock_of(const struct sim_eye *s)
{
    return s->world_ms + (host_now_ms() - s->real_ms) * s->world.speed;
}

/*
 * Brings the world to `ms`; what landed is written, while it is ours.  When
 * that fails the next call of the hand meets it again, and says so.
 */
static void bring_to(struct sim_eye *s, int64_t ms)
{
    struct host_turn *turn = NULL;
    struct err ignored;
    bool lands = world_next_ms(&s->world) <= ms && s->path && s->hand;

    if (lands && !begin_turn(s, &turn, &ignored)) {
        s->reload = true;
        lands = false;
    }
    if (lands) { /* what was read may be of another time: ours goes on */
        s->world_ms = ms;
        s->real_ms = host_now_ms();
    }
    world_advance(&s->world, ms);
    if (lands && is_ours(s->hand))
        (void)!put_out(s, &ignored);
    host_turn_end(turn);
}

/* In a turn, before what will be written anyway. */
static void catch_up(struct sim_eye *s)
{
    if (s->world.speed)
        world_advance(&s->world, clock_of(s));
}

static void tick(struct sim_eye *s)
{
    if (s->world.speed)
        bring_to(s, clock_of(s));
}

static int64_t sim_now(struct eye *eye)
{
    struct sim_eye *s = (struct sim_eye *)eye;
    int64_t now;

    host_mutex_lock(s->mutex);
    tick(s);
    now = s->world.now.observed_ms;
    host_mutex_unlock(s->mutex);
    return now;
}

static int64_t sim_wait(struct eye *eye, int64_t until_ms)
{
    struct sim_eye *s = (struct sim_eye *)eye;
    int64_t left = 0, speed;

    host_mutex_lock(s->mutex);
    tick(s);
    speed = s->world.speed;
    if (!speed)
        bring_to(s, until_ms);
    else if (until_ms > s->world.now.observed_ms)
        left = (until_ms - s->world.now.observed_ms + speed - 1) / speed;
    host_mutex_unlock(s->mutex);
    return left;
}

/* ---- the end, and calls that hang ---- */

static void free_eye(struct sim_eye *s)
{
    host_mutex_unlock(s->mutex);
    host_mutex_free(s->mutex);
    arena_release(&s->arena);
    free(s->text);
    free(s);
}

static void sim_close(struct eye *eye)
{
    struct sim_eye *s = (struct sim_eye *)eye;

    host_mutex_lock(s->mutex);
    s->closed = true;
    if (s->blocked)
        host_mutex_unlock(s->mutex); /* the last one that leaves frees it */
    else
        free_eye(s);
}

/* The mutex is held on entry and gone on return; so may be the eye. */
static bool hang(struct sim_eye *s, struct err *e)
{
    s->blocked++;
    while (!s->closed) {
        host_mutex_unlock(s->mutex);
        host_sleep_ms(HANG_STEP_MS);
        host_mutex_lock(s->mutex);
    }
    if (--s->blocked)
        host_mutex_unlock(s->mutex);
    else
        free_eye(s);
    return err_set(e, ERR_TIMEOUT, 0, "the call did not return");
}

static void die(void)
{
    if (die_hook)
        die_hook();
    else
        _Exit(137);
}

/* ---- the eye ---- */

static bool look(struct sim_eye *s, struct arena *a, uint32_t node, struct state *out,
                 struct err *e)
{
    if (!world_observe(&s->world, a, node, out, e))
        return false;
    world_own_texts(a, out); /* it outlives this world, and the lane that asked */
    return true;
}

static bool sim_observe(struct eye *eye, struct arena *a, const struct scope *scope,
                        struct state *out, struct err *e)
{
    struct sim_eye *s = (struct sim_eye *)eye;
    const struct fault *fault;
    const char *node;
    bool ok = false;

    host_mutex_lock(s->mutex);
    tick(s);
    s->world.observes++;
    node = scope->node < s->world.now.node_count ? s->world.now.nodes[scope->node].name : NULL;
    fault = s->world.fault_count ? world_fault(&s->world, FAULT_ON_OBSERVE, node, NULL) : NULL;
    if ((scope->node != NO_INDEX && world_hangs(&s->world, scope->node)) ||
        (fault && fault->kind == FAULT_HANG))
        return hang(s, e);
    if (fault && fault->kind == FAULT_DIE)
        die();
    if (fault)
        err_set(e, ERR_UNSEEN, fault->answer, "looking failed (a fault of the simulated world)");
    else
        ok = look(s, a, scope->node, out, e);
    host_mutex_unlock(s->mutex);
    return ok;
}

/* ---- the hand ---- */

static bool lost_it(const struct sim_hand *h, struct err *e)
{
    const struct world *w = &h->owner->world;

    if (!w->owner.store)
        return err_set(e, ERR_LOCKED, 0,
                       "this world is no longer ours: another store took it over "
                       "and has ended since");
    return err_set(e, ERR_LOCKED, 0, "this world is no longer ours: %s on %s took it over",
                   w->owner.store, w->owner.host ? w->owner.host : "?");
}

static bool answered(struct sim_eye *s, enum sim_answer answer, struct receipt *out, struct err *e)
{
    struct err said = *e;

    if (!put_out(s, e))
        return err_wrap(e, "nothing was done");
    *e = said;
    if (answer == SIM_DIES)
        die();
    if (answer == SIM_REFUSED || answer == SIM_LOST)
        return false;
    out->accepted = answer != SIM_DONE;
    return true;
}

static bool sim_perform(struct hand *hand, const struct action *action, struct receipt *out,
                        struct err *e)
{
    struct sim_hand *h = (struct sim_hand *)hand;
    struct sim_eye *s = h->owner;
    struct err said = {.kind = ERR_NONE};
    struct host_turn *turn;
    enum sim_answer answer;
    bool ok;

    host_mutex_lock(s->mutex);
    ok = begin_turn(s, &turn, &said) && (is_ours(h) || lost_it(h, &said));
    if (ok) {
        catch_up(s);
        answer = world_perform(&s->world, action, &said);
        if (answer == SIM_HANGS) {
            host_turn_end(turn);
            return hang(s, e);
        }
        ok = answered(s, answer, out, &said);
    }
    host_turn_end(turn);
    host_mutex_unlock(s->mutex);
    if (!ok || said.native)
        *e = said; /* on success: a note, 5024 */
    return ok;
}

static void sim_release(struct hand *hand)
{
    struct sim_hand *h = (struct sim_hand *)hand;
    struct sim_eye *s = h->owner;
    struct host_turn *turn;
    struct err ignored;

    host_mutex_lock(s->mutex);
    if (begin_turn(s, &turn, &ignored) && is_ours(h)) {
        catch_up(s);
        s->world.owner.store = s->world.owner.host = NULL;
        (void)!put_out(s, &ignored);
    }
    host_turn_end(turn);
    s->hand = NULL;
    host_mutex_unlock(s->mutex);
}

static const struct hand_ops hand_ops = {sim_perform, sim_release};

static bool take_owner(struct sim_eye *s, const struct owner *owner, bool take_over, struct err *e)
{
    struct world *w = &s->world;

    if (s->hand)
        return err_set(e, ERR_LOCKED, 0, "this process has claimed the world already");
    if (w->owner.store && !str_eq(w->owner.store, owner->store_id) && !take_over)
        return err_set(e, ERR_LOCKED, 0, "%s belongs to the store %s on %s since %s", w->now.name,
                       w->owner.store, w->owner.host ? w->owner.host : "?",
                       w->owner.since_ms == WHEN_NONE ? "an unknown time"
                                                      : when_human(&s->arena, w->owner.since_ms));
    w->owner.store = arena_strdup(&s->arena, owner->store_id);
    w->owner.host = owner->host ? arena_strdup(&s->arena, owner->host) : NULL;
    w->owner.since_ms = owner->since_ms;
    w->owner.epoch = owner->epoch;
    return true;
}

static bool sim_claim(struct eye *eye, const struct owner *owner, bool take_over, struct hand **out,
                      struct err *e)
{
    struct sim_eye *s = (struct sim_eye *)eye;
    struct sim_hand *h;
    struct host_turn *turn;
    bool ok;

    host_mutex_lock(s->mutex);
    ok = begin_turn(s, &turn, e) && take_owner(s, owner, take_over, e);
    if (ok) {
        h = arena_new(&s->arena, struct sim_hand);
        h->hand.ops = &hand_ops;
        h->owner = s;
        h->store = arena_strdup(&s->arena, owner->store_id);
        h->epoch = owner->epoch;
        s->hand = h;
        /* Where files know no locks two may have written at once: the file says whose it is. */
        ok = put_out(s, e) && take_in(s, e) && (is_ours(h) || lost_it(h, e));
        if (ok)
            *out = &h->hand;
        else
            s->hand = NULL;
    }
    host_turn_end(turn);
    host_mutex_unlock(s->mutex);
    return ok;
}

/* ---- opening ---- */

static const struct eye_ops eye_ops = {"sim", sim_observe, sim_claim, sim_now, sim_wait, sim_close};

/* What was found outlives the world that it was found in. */
static void keep_findings(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        struct finding *row = &f->rows[i];

        row->text = arena_strdup(f->arena, row->text);
        row->next = row->next ? arena_strdup(f->arena, row->next) : NULL;
        row->at.file = row->at.file ? arena_strdup(f->arena, row->at.file) : NULL;
    }
}

bool sim_open(const struct facts *facts, const char *path, const char *text, size_t size,
              bool lasting, struct eye **out, struct findings *found, struct err *e)
{
    struct sim_eye *s = calloc(1, sizeof *s);

    if (!s)
        abort(); /* the machine has no memory: as the arena */
    s->eye.ops = &eye_ops;
    s->facts = facts;
    arena_init(&s->arena, 0);
    if (!parse(s, path, text, size, found)) {
        keep_findings(found);
        arena_release(&s->arena);
        free(s);
        return err_set(e, ERR_INVALID, 0, "%s is not a world that can be read", path);
    }
    if (lasting) {
        s->path = arena_strdup(&s->arena, path);
        remember(s, text, size);
    }
    s->mutex = host_mutex_new();
    *out = &s->eye;
    return true;
}
