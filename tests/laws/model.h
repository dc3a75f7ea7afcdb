/*
 * The executable specification of the durable protocol (specs/protocol.md):
 * a model, kept as it was checked, with one hook.  test_lockstep.c walks it
 * and holds the product's machine to every one of its decisions.
 */
#ifndef LAWS_MODEL_H
#define LAWS_MODEL_H

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wcast-qual"
/*
 * Exhaustive model of the durable protocol "open, flip, close".
 *
 * World: 2 GPUs (count 1 or 2), 3 VMs (power, one adapter slot), a host that
 * refuses what Hyper-V refuses.  Wish: a count for each GPU, a GPU or none for
 * each VM.  Every start x every wish (up to symmetry) x every permanent fault.
 * Transitions: the executor's next move, which is a pure function of (visible
 * world, store, a little RAM); crash at any instant, any number of times; one
 * transient fault (refused, answer lost, lie, late effect); a person who
 * switches a VM on or off, or takes or adds an adapter, at any instant.
 * All reachable states are visited once (hash set), so "any number of crashes"
 * is covered without enumerating paths.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { G = 2, V = 3, K = 2, NONE = 0, SLOTS = 2 };
enum effect { A_NONE, A_STOP, A_REMOVE, A_COUNT, A_ADD, A_START };
enum tag { T_ORIG, T_OURS, T_PERSON };
enum dir { CLOSED, FWD, BACKWARD };
/* power duty of a member VM */
enum phase { P_FOUND, P_STOPPING, P_STOPPED, P_STARTING, P_PAID, P_STUCK };

struct act {
    uint8_t verb, who, val;
}; /* val: GPU+1 or count */
struct world {
    uint8_t count[G];
    uint8_t on[V], stamp[V], ad[V], tag[V]; /* ad: 0 none, g+1 */
    struct act late;                        /* an effect still on its way */
};
struct ghost {
    uint8_t want_on[V], stops[V], person_cfg, person_pow, touched;
};
struct store { /* durable */
    uint8_t dir, vms, gpus, parked_v, parked_g;
    uint8_t count0[G], ad0[V], count1[G],
        ad1[V]; /* before-image, and what this group was opened for */
    uint8_t phase[V], known[V], found[V], ours[V]; /* ours: adapter claimed */
    uint8_t bare[V], stuck_v, stuck_g, committed, told_v,
        told_g;    /* told: left as it is, a person must act */
    uint8_t waits; /* VMs that stay off, owed, until an event is over (V9) */
    struct act intent;
    uint8_t f_stop[V], f_start[V], f_rem[V], f_add[V][G], f_cnt[G][3];
};
struct ram {
    struct act call;
    uint8_t result, dirty;
}; /* dies with us */
enum { R_NONE, R_OK, R_FAIL, R_UNKNOWN, R_BOOT };
struct st {
    struct world w;
    struct store s;
    struct ram r;
    struct ghost g;
    uint8_t faults, person, wi;
};
struct wish {
    uint8_t count[G], gpu[V];
};

/* which rule is broken on purpose */
static int mutant;
enum {
    M_NONE,
    M_RAM_FLIP,
    M_NO_BEFORE,
    M_NO_STAMP,
    M_NO_QUARANTINE,
    M_CLOSE_EARLY,
    M_DEBT_AFTER,
    M_NO_BARRIER,
    M_NO_CLAIM,
    M_FORGET_FAIL,
    M_RETRY_PARKED,
    M_DEBT_IN_GROUP,
    M_RETARGET,
    M_LAST
};
static const char *mname[] = {"protocol as designed",
                              "direction flip kept in RAM",
                              "before-image kept in RAM",
                              "power stamp ignored",
                              "no quarantine after unknown outcome/boot",
                              "group closed before starts",
                              "debt written after the stop",
                              "no barrier before first start",
                              "adapter not claimed",
                              "failure counts kept in RAM",
                              "put-back input not parked",
                              "debt closed with its group",
                              "open group retargeted by a new spec"};

/* V9: who shall hold none afterwards lets go of a GPU that leaves, and stays off */
static bool lets_go;

/* permanent faults of this universe: a set of actions that always fail */
static struct act perm[2];
static int nperm;
static bool perm_bare_ok;
static bool is_perm(const struct world *w, struct act a)
{
    for (int i = 0; i < nperm; i++) {
        if (perm[i].verb != a.verb || perm[i].who != a.who)
            continue;
        if (a.verb == A_START && perm_bare_ok && w->ad[a.who] == NONE)
            continue;
        if (perm[i].val == 0xff || perm[i].val == a.val)
            return true;
    }
    return false;
}

static uint8_t used(const struct world *w, uint8_t g)
{
    uint8_t n = 0;
    for (int v = 0; v < V; v++)
        n += w->ad[v] == g + 1;
    return n;
}

/* the host: true if it happened (or was already so) */
static bool platform(struct world *w, struct act a, uint8_t tag)
{
    switch (a.verb) {
    case A_STOP:
        if (w->on[a.who]) {
            w->on[a.who] = 0;
            w->stamp[a.who]++;
        }
        return true;
    case A_START:
        if (!w->on[a.who]) {
            w->on[a.who] = 1;
            w->stamp[a.who]++;
        }
        return true;
    case A_REMOVE:
        if (w->on[a.who])
            return false;
        if (w->ad[a.who] + 8 * w->tag[a.who] != a.val)
            return w->ad[a.who] == NONE;
        w->ad[a.who] = NONE;
        w->tag[a.who] = 0;
        return true;
    case A_ADD:
        if (w->on[a.who])
            return false;
        if (w->ad[a.who])
            return false;
        if (used(w, a.val - 1) >= w->count[a.val - 1])
            return false;
        w->ad[a.who] = a.val;
        w->tag[a.who] = tag;
        return true;
    case A_COUNT:
        if (used(w, a.who))
            return false;
        w->count[a.who] = a.val;
        return true;
    }
    return true;
}

/* ---- the executor's next move: pure ---- */
enum kind { IDLE, TXN, PERFORM, WAIT };
struct move {
    enum kind kind;
    struct act act;
    struct store s;
    bool keep_result;
};

static bool visible_orig(const struct st *x, int v)
{
    return x->w.tag[v] == T_ORIG;
}
static bool is_ours(const struct st *x, int v)
{
    if (visible_orig(x, v))
        return true;
    if (x->s.ours[v] && x->w.tag[v] == T_OURS)
        return true;
    return false;
}
static struct move txn(const struct store *s)
{
    struct move m = {.kind = TXN, .s = *s};
    return m;
}
static struct move perform(const struct st *x, struct store s, struct act a)
{
    /* the intent is durable before the effect; a second pass over the same intent performs it */
    if (mutant == M_DEBT_AFTER && a.verb == A_STOP) {
        struct move m = {.kind = PERFORM, .act = a};
        return m;
    }
    if (memcmp(&s.intent, &a, sizeof a) == 0) {
        struct move m = {.kind = PERFORM, .act = a};
        return m;
    }
    s.intent = a;
    if (a.verb == A_STOP && mutant != M_DEBT_AFTER) {
        s.phase[a.who] = P_STOPPING;
        s.known[a.who] = x->w.stamp[a.who];
    }
    if (a.verb == A_START) {
        s.phase[a.who] = P_STARTING;
        s.known[a.who] = x->w.stamp[a.who];
    }
    return txn(&s);
}
static uint8_t *failcount(struct store *s, struct act a)
{
    switch (a.verb) {
    case A_STOP:
        return &s->f_stop[a.who];
    case A_START:
        return &s->f_start[a.who];
    case A_REMOVE:
        return &s->f_rem[a.who];
    case A_ADD:
        return &s->f_add[a.who][a.val - 1];
    case A_COUNT:
        return &s->f_cnt[a.who][a.val];
    }
    return NULL;
}
static bool model_gave_up(const struct store *s, struct act a)
{
    return *failcount((struct store *)s, a) >= K;
}
static bool holds(const struct world *w, struct act a)
{
    switch (a.verb) {
    case A_STOP:
        return !w->on[a.who];
    case A_START:
        return w->on[a.who];
    case A_REMOVE:
        return w->ad[a.who] + 8 * w->tag[a.who] != a.val;
    case A_ADD:
        return w->ad[a.who] == a.val;
    case A_COUNT:
        return w->count[a.who] == a.val;
    }
    return true;
}
/* connected component of what differs: VMs and GPUs joined where an adapter is, was or will be */
static bool component(const struct st *x, const struct wish *W, uint8_t *vms, uint8_t *gpus)
{
    for (int seed = 0; seed < G + V; seed++) {
        uint8_t vs = 0, gs = 0;
        bool grow = true;
        if (seed < G) {
            if (x->w.count[seed] == W->count[seed] || x->s.parked_g >> seed & 1)
                continue;
            gs = (uint8_t)(1 << seed);
        } else {
            int v = seed - G;
            if (x->w.ad[v] == W->gpu[v] || x->s.parked_v >> v & 1)
                continue;
            vs = (uint8_t)(1 << v);
        }
        while (grow) {
            grow = false;
            for (int v = 0; v < V; v++) {
                uint8_t touch = (uint8_t)((x->w.ad[v] ? 1 << (x->w.ad[v] - 1) : 0) |
                                          (W->gpu[v] ? 1 << (W->gpu[v] - 1) : 0));
                bool differs = x->w.ad[v] != W->gpu[v];
                bool recut = false;
                for (int g = 0; g < G; g++)
                    if ((touch >> g & 1) && x->w.count[g] != W->count[g])
                        recut = true;
                if (!differs && !recut)
                    continue;
                if ((vs >> v & 1) || (gs & touch)) {
                    if (!(vs >> v & 1)) {
                        vs |= (uint8_t)(1 << v);
                        grow = true;
                    }
                    if ((gs | touch) != gs) {
                        gs |= touch;
                        grow = true;
                    }
                }
            }
        }
        if ((vs & x->s.parked_v) || (gs & x->s.parked_g))
            continue;         /* not again until something changes */
        bool foreign = false; /* a person's adapter in the way: blocked */
        for (int v = 0; v < V; v++)
            if (x->w.ad[v] && !visible_orig(x, v) && !x->s.ours[v] &&
                ((vs >> v & 1) || (gs >> (x->w.ad[v] - 1) & 1)))
                foreign = true;
        if (foreign)
            continue;
        *vms = vs;
        *gpus = gs;
        return true;
    }
    return false;
}

static struct move flip(struct store s)
{
    s.dir = BACKWARD;
    s.intent = (struct act){0};
    for (int v = 0; v < V; v++)
        s.f_stop[v] = 0;
    return txn(&s);
}

static struct move next(const struct st *x, const struct wish *W)
{
    struct store s = x->s;
    const struct world *w = &x->w;
    struct move idle = {.kind = IDLE}, wait = {.kind = WAIT};

    if (s.dir == CLOSED) {
        uint8_t vs, gs;
        if (mutant == M_RETRY_PARKED) {
            struct st y = *x;
            y.s.parked_v = y.s.parked_g = 0;
            if (!component(&y, W, &vs, &gs))
                return idle;
            s = y.s;
        } else if (!component(x, W, &vs, &gs))
            return idle;
        s.dir = FWD;
        s.vms = vs;
        s.gpus = gs;
        s.stuck_v = s.stuck_g = 0;
        s.committed = 0;
        s.intent = (struct act){0};
        for (int g = 0; g < G; g++) {
            s.count0[g] = w->count[g];
            s.count1[g] = W->count[g];
        }
        for (int v = 0; v < V; v++)
            if (vs >> v & 1) {
                s.ad0[v] = w->ad[v];
                s.ad1[v] = W->gpu[v];
                bool owed = (s.phase[v] == P_STUCK || (s.waits >> v & 1)) &&
                            s.known[v] == w->stamp[v] &&
                            mutant != M_DEBT_IN_GROUP; /* a debt outlives its group */
                s.waits &= (uint8_t) ~(1 << v);
                if (lets_go && !W->gpu[v])
                    s.waits |= (uint8_t)(1 << v);
                s.phase[v] = owed ? P_STOPPED : P_FOUND;
                s.known[v] = w->stamp[v];
                s.found[v] = owed || w->on[v];
                s.bare[v] = 0;
            }
        memset(s.f_stop, 0, sizeof s.f_stop);
        memset(s.f_start, 0, sizeof s.f_start);
        memset(s.f_rem, 0, sizeof s.f_rem);
        memset(s.f_add, 0, sizeof s.f_add);
        memset(s.f_cnt, 0, sizeof s.f_cnt);
        return txn(&s);
    }
    /* unknown outcome, or a fresh boot over an open intent: nothing of ours may still be on its way
     */
    if (x->r.dirty && s.intent.verb && mutant != M_NO_QUARANTINE)
        return wait;

    /* a call came back: believe the world, not the answer */
    if (x->r.result != R_NONE && s.intent.verb) {
        if (holds(w, s.intent)) {
            if (s.intent.verb == A_ADD && mutant != M_NO_CLAIM)
                s.ours[s.intent.who] = 1;
            if (s.intent.verb == A_STOP) {
                s.phase[s.intent.who] = P_STOPPED;
                s.known[s.intent.who] = w->stamp[s.intent.who];
            }
            if (s.intent.verb == A_START) {
                s.phase[s.intent.who] = P_PAID;
                s.known[s.intent.who] = w->stamp[s.intent.who];
                if (s.dir == FWD && mutant != M_NO_BARRIER)
                    s.committed = 1;
            }
        } else {
            if (x->r.result != R_BOOT)
                ++*failcount(&s, s.intent); /* a death is nobody's fault */
            if (s.intent.verb == A_START)
                s.phase[s.intent.who] = P_STOPPED;
            if (s.intent.verb == A_STOP)
                s.phase[s.intent.who] = P_FOUND;
        }
        s.intent = (struct act){0};
        return txn(&s);
    }
    /* after a boot: an open intent is settled from what is seen */
    if (x->r.dirty && s.intent.verb && mutant == M_NO_QUARANTINE && holds(w, s.intent)) {
        if (s.intent.verb == A_ADD)
            s.ours[s.intent.who] = 1;
        if (s.intent.verb == A_STOP) {
            s.phase[s.intent.who] = P_STOPPED;
            s.known[s.intent.who] = w->stamp[s.intent.who];
        }
        if (s.intent.verb == A_START) {
            s.phase[s.intent.who] = P_PAID;
            s.known[s.intent.who] = w->stamp[s.intent.who];
            if (s.dir == FWD)
                s.committed = 1;
        }
        s.intent = (struct act){0};
        return txn(&s);
    }

    if (mutant == M_DEBT_AFTER && x->r.result == R_OK)
        for (int v = 0; v < V; v++)
            if ((s.vms >> v & 1) && s.phase[v] == P_FOUND && s.found[v] && !w->on[v]) {
                s.phase[v] = P_STOPPED;
                s.known[v] = w->stamp[v];
                return txn(&s);
            }
    /* 1. whose power is it? */
    for (int v = 0; v < V; v++) {
        if (!(s.vms >> v & 1) || mutant == M_NO_STAMP)
            continue;
        bool moved = w->stamp[v] != s.known[v];
        bool mine = s.intent.verb && s.intent.who == v &&
                    (s.intent.verb == A_STOP || s.intent.verb == A_START);
        if (!moved || mine)
            continue;
        switch (s.phase[v]) {
        case P_FOUND:
        case P_PAID:
            s.found[v] = w->on[v];
            s.known[v] = w->stamp[v];
            s.phase[v] = P_FOUND;
            if (s.dir == FWD && !s.committed)
                return flip(s);
            return txn(&s);
        case P_STOPPED:
        case P_STUCK: /* somebody switched it after us: theirs from now on */
            s.found[v] = w->on[v];
            s.known[v] = w->stamp[v];
            s.phase[v] = P_FOUND;
            if (s.dir == FWD && !s.committed)
                return flip(s);
            return txn(&s);
        default:
            break;
        }
    }
    if (mutant == M_NO_STAMP)
        for (int v = 0; v < V; v++)
            if ((s.vms >> v & 1) && w->on[v] && s.phase[v] == P_STOPPED) {
                s.phase[v] = P_FOUND;
                s.found[v] = 1;
                return txn(&s);
            }

    /* 2. the target: what is wished, or what was */
    uint8_t tc[G], ta[V];
    for (int g = 0; g < G; g++)
        tc[g] = !(s.gpus >> g & 1) || (s.stuck_g >> g & 1) ? w->count[g]
                : s.dir == FWD ? (mutant == M_RETARGET ? W->count[g] : s.count1[g])
                               : s.count0[g];
    for (int v = 0; v < V; v++)
        ta[v] = !(s.vms >> v & 1) || (s.stuck_v >> v & 1) ? w->ad[v]
                : s.dir == FWD ? (mutant == M_RETARGET ? W->gpu[v] : s.ad1[v])
                               : s.ad0[v];
    for (int v = 0; v < V; v++) {
        if (s.bare[v] && !(s.stuck_v >> v & 1))
            ta[v] = NONE;
        if (w->ad[v] && !is_ours(x, v)) { /* a person's adapter: not ours to move */
            ta[v] = w->ad[v];
            if (s.dir == FWD && !s.committed)
                return flip(s);
            for (int g = 0; g < G; g++)
                if (w->ad[v] == g + 1)
                    tc[g] = w->count[g];
        }
    }
    /* a target that no longer fits (a person took the room): stuck, not retried */
    for (int g = 0; g < G; g++) {
        uint8_t n = 0;
        for (int v = 0; v < V; v++)
            n += ta[v] == g + 1;
        if (n > tc[g]) {
            if (s.dir == FWD && !s.committed)
                return flip(s);
            for (int v = 0; v < V; v++)
                if (ta[v] == g + 1 && w->ad[v] != ta[v] && (s.vms >> v & 1)) {
                    s.stuck_v |= (uint8_t)(1 << v);
                    return txn(&s);
                }
        }
    }

    /* 3. config steps, in order */
#define TRY(A, STUCK)                                                                              \
    do {                                                                                           \
        struct act a_ = A;                                                                         \
        if (model_gave_up(&s, a_)) {                                                               \
            if (s.dir == FWD && !s.committed)                                                      \
                return flip(s);                                                                    \
            STUCK;                                                                                 \
            return txn(&s);                                                                        \
        }                                                                                          \
        return perform(x, s, a_);                                                                  \
    } while (0)
    uint8_t out = 0;
    for (int v = 0; v < V; v++) {
        if (!(s.vms >> v & 1))
            continue;
        bool recut = w->ad[v] && tc[w->ad[v] - 1] != w->count[w->ad[v] - 1];
        if (w->ad[v] != ta[v] || recut)
            out |= (uint8_t)(1 << v);
    }
    for (int v = 0; v < V; v++) /* stop */
        if ((out >> v & 1) && w->on[v]) {
            if (mutant != M_NO_BARRIER &&
                (s.phase[v] == P_PAID ||
                 (s.dir == BACKWARD && s.phase[v] == P_FOUND && s.committed))) {
                s.stuck_v |= (uint8_t)(1 << v);
                if (w->ad[v])
                    s.stuck_g |= (uint8_t)(1 << (w->ad[v] - 1));
                return txn(&s);
            }
            struct act a = {A_STOP, (uint8_t)v, 0};
            if (mutant == M_DEBT_AFTER && !(s.intent.verb)) {
            }
            TRY(a, s.stuck_v |= (uint8_t)(1 << v);
                if (w->ad[v]) s.stuck_g |= (uint8_t)(1 << (w->ad[v] - 1)));
        }
    for (int v = 0; v < V; v++) /* remove */
        if ((out >> v & 1) && w->ad[v]) {
            struct act a = {A_REMOVE, (uint8_t)v,
                            (uint8_t)(w->ad[v] + 8 * w->tag[v])}; /* by its own id */
            TRY(a, s.stuck_v |= (uint8_t)(1 << v); s.stuck_g |= (uint8_t)(1 << (w->ad[v] - 1)));
        }
    for (int g = 0; g < G; g++) /* count */
        if (tc[g] != w->count[g]) {
            struct act a = {A_COUNT, (uint8_t)g, tc[g]};
            if (used(w, (uint8_t)g)) {
                if (s.dir == FWD && !s.committed)
                    return flip(s);
                s.stuck_g |= (uint8_t)(1 << g);
                return txn(&s);
            }
            TRY(a, s.stuck_g |= (uint8_t)(1 << g));
        }
    if (mutant == M_NO_BARRIER)
        for (int v = 0; v < V; v++)
            if ((s.vms >> v & 1) && s.phase[v] == P_STOPPED && s.found[v] && w->ad[v] == ta[v] &&
                !w->on[v]) {
                struct act a = {A_START, (uint8_t)v, 0};
                if (!model_gave_up(&s, a))
                    return perform(x, s, a);
            }
    for (int v = 0; v < V; v++) /* add */
        if ((s.vms >> v & 1) && ta[v] && w->ad[v] == NONE) {
            struct act a = {A_ADD, (uint8_t)v, ta[v]};
            if (w->on[v]) {
                s.stuck_v |= (uint8_t)(1 << v);
                return txn(&s);
            }
            TRY(a, s.stuck_v |= (uint8_t)(1 << v));
        }
    /* 4. starts: the first one in the new shape is the point of no return */
    if (mutant == M_CLOSE_EARLY) {
        s.dir = CLOSED;
        return txn(&s);
    }
    for (int v = 0; v < V; v++) {
        if (!(s.vms >> v & 1) || !(s.phase[v] == P_STOPPED || s.phase[v] == P_STARTING) ||
            !s.found[v] || (s.dir == FWD && (s.waits >> v & 1)))
            continue;
        struct act a = {A_START, (uint8_t)v, 0};
        if (model_gave_up(&s, a)) {
            if (s.dir == FWD && !s.committed) {
                for (int k = 0; k < V; k++)
                    s.f_start[k] = 0;
                return flip(s);
            }
            if (w->ad[v] && is_ours(x, v) && !s.bare[v]) {
                s.bare[v] = 1;
                s.f_start[v] = 0;
                s.stuck_v &= (uint8_t) ~(1 << v);
                return txn(&s);
            }
            s.phase[v] = P_STUCK;
            return txn(&s); /* exit code 8 */
        }
        return perform(x, s, a);
    }
    /* 5. close */
    bool same = true;
    for (int g = 0; g < G; g++)
        if ((s.gpus >> g & 1) && s.count1[g] != W->count[g])
            same = false;
    for (int v = 0; v < V; v++)
        if ((s.vms >> v & 1) && s.ad1[v] != W->gpu[v])
            same = false;
    if (same && (s.dir == BACKWARD || s.stuck_v || s.stuck_g)) {
        s.parked_v |= s.vms;
        s.parked_g |= s.gpus;
    }
    for (int v = 0; v < V; v++)
        if (same && (s.bare[v] || (s.phase[v] == P_STUCK && (s.vms >> v & 1)))) {
            s.parked_v |= s.vms;
            s.parked_g |= s.gpus;
        }
    s.told_v |= s.stuck_v;
    s.told_g |= s.stuck_g;
    for (int v = 0; v < V; v++) /* it is owed while it waits; put back, it was started */
        if ((s.vms >> v & 1) && (s.dir == BACKWARD || s.phase[v] != P_STOPPED || !s.found[v]))
            s.waits &= (uint8_t) ~(1 << v);
    s.dir = CLOSED;
    s.intent = (struct act){0};
    return txn(&s);
}

/* ---- exploration ---- */
static uint32_t cnt;
static uint32_t *slot;
static uint32_t slots;
static struct st *arr;
static uint32_t acap;
static uint64_t hs(const struct st *x)
{
    const unsigned char *p = (const void *)x;
    uint64_t h = 1469598103934665603ull;
    for (size_t i = 0; i < sizeof *x; i++)
        h = (h ^ p[i]) * 1099511628211ull;
    return h ^ h >> 31;
}
static uint32_t gen_id, *gen_of;
static const struct wish *curW;
static void dump(const struct st *x, const char *why, const struct wish *W);
static void reset(void)
{
    cnt = 0;
    gen_id++;
}
static bool push(const struct st *x)
{
    if (!slots) {
        slots = 1 << 22;
        slot = malloc(slots * 4);
        gen_of = calloc(slots, 4);
    }
    if (cnt * 2 > slots) {
        {
            dump(x, "set full", curW);
            exit(1);
        }
    }
    uint32_t h = (uint32_t)hs(x) & (slots - 1);
    while (gen_of[h] == gen_id) {
        if (!memcmp(&arr[slot[h]], x, sizeof *x))
            return false;
        h = (h + 1) & (slots - 1);
    }
    if (cnt == acap) {
        acap = acap ? acap * 2 : 65536;
        arr = realloc(arr, acap * sizeof *arr);
    }
    gen_of[h] = gen_id;
    slot[h] = cnt;
    arr[cnt++] = *x;
    return true;
}

struct tally {
    unsigned long configs, states, edges, crashes, quiet, done, putback, stuck8, degraded, refused,
        power, half, livelock, foreign, offended;
    unsigned long ambiguous, unjust, twice, capped, tellable, untellable;
    uint32_t maxstates, longest;
};
static struct tally T;
static bool show;

static void dump(const struct st *x, const char *why, const struct wish *W)
{
    static int n;
    if (!show || n++ > 6)
        return;
    printf("   %s: counts %d,%d wish %d,%d dir %d parked v%x g%x stuck v%x g%x commit %d intent "
           "%d/%d/%d late %d dirty %d\n",
           why, x->w.count[0], x->w.count[1], W->count[0], W->count[1], x->s.dir, x->s.parked_v,
           x->s.parked_g, x->s.stuck_v, x->s.stuck_g, x->s.committed, x->s.intent.verb,
           x->s.intent.who, x->s.intent.val, x->w.late.verb, x->r.dirty);
    for (int v = 0; v < V; v++)
        printf("      vm%d on %d should %d ad %d tag %d before %d wish %d phase %d known %d stamp "
               "%d found %d bare %d ours %d\n",
               v, x->w.on[v], x->g.want_on[v], x->w.ad[v], x->w.tag[v], x->s.ad0[v], W->gpu[v],
               x->s.phase[v], x->s.known[v], x->w.stamp[v], x->s.found[v], x->s.bare[v],
               x->s.ours[v]);
    for (int i = 0; i < nperm; i++)
        printf("      perm %d/%d/%d\n", perm[i].verb, perm[i].who, perm[i].val);
}
static struct world start_w;
static void judge(const struct st *x, const struct wish *W)
{
    T.quiet++;
    /* power as found, or as the person set it last */
    bool any_stuck = false, mix = false;
    for (int v = 0; v < V; v++) {
        bool stuck = x->s.phase[v] == P_STUCK;
        any_stuck |= stuck;
        if (x->w.on[v] != x->g.want_on[v] && !stuck && !(x->s.waits >> v & 1)) {
            if (x->g.person_pow)
                T.ambiguous++;
            else {
                T.power++;
                dump(x, "power", W);
            }
        }
    }
    if (any_stuck)
        T.stuck8++;
    if (!x->g.person_pow && !x->wi)
        for (int v = 0; v < V; v++)
            if (x->g.stops[v] > 1) {
                T.twice++;
                dump(x, "stopped twice", W);
                break;
            }
    if (!x->g.person_cfg && !x->g.person_pow) {
        bool just8 = false, all = true;
        for (int i = 0; i < nperm; i++)
            if (perm[i].verb == A_START && !perm_bare_ok)
                just8 = true;
        for (int i = 0; i < nperm; i++)
            if (perm[i].verb == A_REMOVE)
                just8 = true;
        if (any_stuck && !just8) {
            T.unjust++;
            dump(x, "unjust 8", W);
        }
        for (int g = 0; g < G; g++)
            all &= x->w.count[g] == W->count[g];
        for (int v = 0; v < V; v++)
            all &= x->w.ad[v] == W->gpu[v];
        bool deg = x->s.told_v || x->s.told_g, justdeg = x->wi;
        for (int v = 0; v < V; v++)
            deg |= x->s.bare[v];
        for (int i = 0; i < nperm; i++) { /* may putting back fail in this universe? */
            if (perm[i].verb == A_REMOVE || perm[i].verb == A_START)
                justdeg = true;
            if (perm[i].verb == A_COUNT && perm[i].val == start_w.count[perm[i].who])
                justdeg = true;
            if (perm[i].verb == A_ADD && start_w.ad[perm[i].who] &&
                (perm[i].val == 0xff || perm[i].val == start_w.ad[perm[i].who]))
                justdeg = true;
        }
        if (deg && !justdeg) {
            T.unjust++;
            dump(x, "unjustly left", W);
        }
        if (!all && !nperm) {
            T.unjust++;
            dump(x, "unjust not done", W);
        }
    }
    if (!x->g.person_cfg && !x->g.person_pow && !x->s.told_v && !x->s.told_g && !any_stuck) {
        /* whole groups only: each subject as wished, or as it was at the start of its (parked)
         * group */
        bool deg = false;
        for (int v = 0; v < V; v++)
            deg |= x->s.bare[v];
        if (deg)
            T.degraded++;
        else {
            bool all = true;
            for (int g = 0; g < G; g++) {
                if (x->w.count[g] == W->count[g])
                    continue;
                all = false;
                if (!(x->s.parked_g >> g & 1) || x->w.count[g] != start_w.count[g])
                    mix = true;
            }
            for (int v = 0; v < V; v++) {
                if (x->w.ad[v] == W->gpu[v])
                    continue;
                all = false;
                if (!(x->s.parked_v >> v & 1) || x->w.ad[v] != start_w.ad[v])
                    mix = true;
            }
            for (int v = 0; v < V; v++)
                if ((x->s.parked_v >> v & 1) && x->w.ad[v] != start_w.ad[v])
                    mix = true;
            for (int g = 0; g < G; g++)
                if ((x->s.parked_g >> g & 1) && x->w.count[g] != start_w.count[g])
                    mix = true;
            if (x->wi)
                mix = false;
            if (all)
                T.done++;
            else if (!mix)
                T.putback++;
            if (mix) {
                T.half++;
                dump(x, "half", W);
            }
        }
    } else if (x->s.told_v || x->s.told_g)
        T.degraded++;
    for (int v = 0; v < V; v++)
        if (x->g.person_cfg == 2 + v * 2 + 1 && x->w.tag[v] != T_PERSON)
            T.foreign++;
}

/* a quiet run from here must come to rest */
static void rests(struct st x, const struct wish *W)
{
    for (uint32_t i = 0; i < 400; i++) {
        struct move m;
        if (x.w.late.verb) {
            platform(&x.w, x.w.late, T_OURS);
            x.w.late = (struct act){0};
        }
        if (x.r.call.verb) {
            bool ok = is_perm(&x.w, x.r.call) ? false : platform(&x.w, x.r.call, T_OURS);
            x.r.result = ok ? R_OK : R_FAIL;
            x.r.call = (struct act){0};
            continue;
        }
        m = next(&x, W);
        if (m.kind == IDLE) {
            if (i > T.longest)
                T.longest = i;
            return;
        }
        if (m.kind == WAIT) {
            x.r.dirty = 0;
            if (!x.r.result)
                x.r.result = R_BOOT;
            continue;
        }
        if (m.kind == TXN) {
            x.s = m.s;
            x.r.result = R_NONE;
            continue;
        }
        x.r.call = m.act;
    }
    T.livelock++;
    dump(&x, "livelock", W);
}

static void crash_from(const struct st *x)
{
    struct st y = *x;
    memset(&y.r, 0, sizeof y.r);
    y.r.dirty = 1;
    if (mutant == M_RAM_FLIP && y.s.dir == BACKWARD)
        y.s.dir = FWD;
    if (mutant == M_NO_BEFORE && y.s.dir != CLOSED)
        for (int v = 0; v < V; v++) {
            y.s.ad0[v] = y.w.ad[v];
            y.s.count0[0] = y.w.count[0];
            y.s.count0[1] = y.w.count[1];
        }
    if (mutant == M_FORGET_FAIL) {
        memset(y.s.f_stop, 0, 3);
        memset(y.s.f_start, 0, 3);
        memset(y.s.f_rem, 0, 3);
        memset(y.s.f_add, 0, sizeof y.s.f_add);
        memset(y.s.f_cnt, 0, sizeof y.s.f_cnt);
    }
    if (push(&y))
        T.crashes++;
}

static int max_faults, max_person, max_wish;
static const struct wish *W2;
/* Told of every decision of the model: the laws hold the product's machine to it. */
static void (*on_decision)(const struct st *x, const struct wish *W, const struct move *m);
static void explore(const struct world *w0, const struct wish *W1)
{
    const struct wish *W = W1;
    struct st z;
    memset(&z, 0, sizeof z);
    z.w = *w0;
    for (int v = 0; v < V; v++)
        z.g.want_on[v] = w0->on[v];
    start_w = *w0;
    curW = W;
    reset();
    push(&z);
    T.configs++;
    for (uint32_t i = 0; i < cnt; i++) {
        struct st x = arr[i], y;
        const struct wish *W = x.wi ? W2 : W1;
        T.edges++;
        if (max_wish && !x.wi) {
            y = x;
            y.wi = 1;
            y.s.parked_v = y.s.parked_g = 0;
            y.s.told_v = y.s.told_g = 0;
            push(&y);
        } /* the spec is edited */
        crash_from(&x);
        /* late effect lands, or never does */
        if (x.w.late.verb) {
            y = x;
            y.w.late = (struct act){0};
            push(&y);
            y = x;
            platform(&y.w, y.w.late, T_OURS);
            y.w.late = (struct act){0};
            push(&y);
        }
        if (x.person < max_person) {
            for (int v = 0; v < V; v++) {
                y = x;
                y.person++;
                y.w.on[v] ^= 1;
                y.w.stamp[v]++;
                y.g.want_on[v] = y.w.on[v];
                y.g.person_pow = 1;
                push(&y);
                if (!x.w.on[v] && x.w.ad[v]) {
                    y = x;
                    y.person++;
                    y.w.ad[v] = 0;
                    y.w.tag[v] = 0;
                    y.g.person_cfg = (uint8_t)(2 + v * 2);
                    push(&y);
                }
                if (!x.w.on[v] && !x.w.ad[v])
                    for (int g = 0; g < G; g++)
                        if (used(&x.w, (uint8_t)g) < x.w.count[g]) {
                            y = x;
                            y.person++;
                            y.w.ad[v] = (uint8_t)(g + 1);
                            y.w.tag[v] = T_PERSON;
                            y.g.person_cfg = (uint8_t)(2 + v * 2 + 1);
                            push(&y);
                        }
            }
        }
        if (x.r.call.verb) { /* the call is on the wire */
            struct act a = x.r.call;
            bool p = is_perm(&x.w, a);
            /* the process dies while it is: nothing, done, or done later */
            if (!p) {
                y = x;
                if (platform(&y.w, a, T_OURS))
                    crash_from(&y);
                if (!x.w.late.verb) {
                    y = x;
                    y.w.late = a;
                    crash_from(&y);
                }
            }
            y = x;
            y.r.call = (struct act){0};
            {
                struct st n = y;
                bool ok = p ? false : platform(&n.w, a, T_OURS);
                if (ok && a.verb == A_STOP && x.w.on[a.who] && n.g.stops[a.who] < 2)
                    n.g.stops[a.who]++;
                if (!ok && !p && !x.g.person_cfg && !x.g.person_pow && !x.faults &&
                    !x.w.late.verb) {
                    T.refused++;
                    dump(&x, "refused", W);
                }
                n.r.result = ok ? R_OK : R_FAIL;
                push(&n);
            }
            if (x.faults < max_faults && !p) {
                struct st n = y;
                n.faults++;
                n.r.result = R_FAIL;
                push(&n); /* refused, nothing done */
                n = y;
                n.faults++;
                if (platform(&n.w, a, T_OURS)) {
                    n.r.result = R_FAIL;
                    push(&n);
                } /* reported as failed, done all the same */
                n = y;
                n.faults++;
                if (platform(&n.w, a, T_OURS)) {
                    n.r.result = R_UNKNOWN;
                    n.r.dirty = 1;
                    push(&n);
                } /* answer lost */
                n = y;
                n.faults++;
                n.r.result = R_OK;
                push(&n); /* a lie */
                if (!x.w.late.verb) {
                    n = y;
                    n.faults++;
                    n.w.late = a;
                    n.r.result = R_UNKNOWN;
                    n.r.dirty = 1;
                    push(&n);
                } /* later */
            }
            continue;
        }
        struct move m = next(&x, W);
        if (on_decision)
            on_decision(&x, W, &m);
        if (m.kind == IDLE) {
            if (!x.w.late.verb)
                judge(&x, W);
            else {
                y = x;
                platform(&y.w, y.w.late, T_OURS);
                y.w.late = (struct act){0};
                push(&y);
            }
            continue;
        }
        rests(x, W);
        y = x;
        if (m.kind == WAIT) {
            if (x.w.late.verb)
                continue;
            y.r.dirty = 0;
            if (!y.r.result)
                y.r.result = R_BOOT;
            push(&y);
        } else if (m.kind == TXN) {
            y.s = m.s;
            y.r.result = R_NONE;
            push(&y);
        } else {
            y.r.call = m.act;
            push(&y);
        }
    }
    if (max_person) { /* are the misjudged ends tellable at all? */
        static uint64_t *keys;
        static uint32_t nk;
        static uint64_t *tab;
        static const uint32_t tcap = 1 << 21;
        if (!tab)
            tab = malloc(tcap * 8ull);
        if (!keys)
            keys = malloc(8);
        memset(tab, 0, tcap * 8ull);
        (void)nk;
        for (uint32_t i = 0; i < cnt; i++)
            if (!arr[i].r.call.verb && arr[i].s.dir == CLOSED) {
                bool bd = false;
                for (int v = 0; v < V; v++)
                    if (arr[i].w.on[v] != arr[i].g.want_on[v] && arr[i].s.phase[v] != P_STUCK)
                        bd = true;
                if (bd)
                    continue;
                struct st k;
                memset(&k, 0, sizeof k);
                k.w = arr[i].w;
                k.s = arr[i].s;
                uint64_t h = hs(&k) | 1;
                uint32_t j = (uint32_t)(h >> 20) & (tcap - 1);
                while (tab[j] && tab[j] != h)
                    j = (j + 1) & (tcap - 1);
                tab[j] = h;
            }
        for (uint32_t i = 0; i < cnt; i++) {
            struct st *x = &arr[i];
            if (x->s.dir != CLOSED || x->w.late.verb || x->r.call.verb || !x->g.person_pow)
                continue;
            if (next(x, x->wi ? W2 : W).kind != IDLE)
                continue;
            bool bad = false;
            for (int v = 0; v < V; v++)
                if (x->w.on[v] != x->g.want_on[v] && x->s.phase[v] != P_STUCK)
                    bad = true;
            if (!bad)
                continue;
            struct st k;
            memset(&k, 0, sizeof k);
            k.w = x->w;
            k.s = x->s;
            uint64_t h = hs(&k) | 1;
            uint32_t j = (uint32_t)(h >> 20) & (tcap - 1);
            while (tab[j] && tab[j] != h)
                j = (j + 1) & (tcap - 1);
            if (tab[j])
                T.untellable++;
            else {
                T.tellable++;
                dump(x, "tellable", W);
            }
        }
    }
    T.states += cnt;
    if (cnt > T.maxstates)
        T.maxstates = cnt;
}

static bool feasible(const struct wish *W)
{
    for (int g = 0; g < G; g++) {
        uint8_t n = 0;
        for (int v = 0; v < V; v++)
            n += W->gpu[v] == g + 1;
        if (n > W->count[g])
            return false;
    }
    return true;
}

/* Every start x every wish (up to symmetry) x every permanent fault; every stride-th world. */
static void walk(int the_mutant, int faults, int persons, int stride, int wishes)
{
    mutant = the_mutant;
    max_faults = faults;
    max_person = persons;
    max_wish = wishes;
    memset(&T, 0, sizeof T);
    struct {
        struct act a[2];
        int n;
        bool bare;
    } P[64];
    int np = 0;
#define PF(N, B, ...)                                                                              \
    do {                                                                                           \
        struct act t_[] = {__VA_ARGS__};                                                           \
        memset(&P[np], 0, sizeof P[0]);                                                            \
        memcpy(P[np].a, t_, sizeof t_);                                                            \
        P[np].n = N;                                                                               \
        P[np].bare = B;                                                                            \
        np++;                                                                                      \
    } while (0)
    P[np].n = 0;
    P[np++].bare = false;
    for (uint8_t v = 0; v < V; v++) {
        PF(1, true, {A_START, v, 0xff});
        PF(1, false, {A_START, v, 0xff});
        PF(1, false, {A_STOP, v, 0xff});
        PF(1, false, {A_REMOVE, v, 0xff});
        PF(1, false, {A_ADD, v, 1});
        PF(1, false, {A_ADD, v, 2});
        PF(2, false, {A_ADD, v, 1}, {A_ADD, v, 2});
    }
    for (uint8_t g = 0; g < G; g++) {
        PF(1, false, {A_COUNT, g, 1});
        PF(1, false, {A_COUNT, g, 2});
    }
    PF(2, false, {A_ADD, 0, 0xff}, {A_COUNT, 0, 1});
    PF(2, false, {A_ADD, 0, 0xff}, {A_COUNT, 0, 2});
    unsigned long k = 0, base = 0;
    for (unsigned n = 0; n < 4u * 216; n++) {
        struct world w;
        memset(&w, 0, sizeof w);
        w.count[0] = (uint8_t)(1 + n % 2);
        w.count[1] = (uint8_t)(1 + n / 2 % 2);
        unsigned r = n / 4;
        for (int v = 0; v < V; v++) {
            w.on[v] = (uint8_t)(r % 2);
            w.ad[v] = (uint8_t)(r / 2 % 3);
            r /= 6;
        }
        if (used(&w, 0) > w.count[0] || used(&w, 1) > w.count[1])
            continue;
        for (unsigned q = 0; q < 4u * 27; q++) {
            struct wish W;
            W.count[0] = (uint8_t)(1 + q % 2);
            W.count[1] = (uint8_t)(1 + q / 2 % 2);
            unsigned z = q / 4;
            for (int v = 0; v < V; v++) {
                W.gpu[v] = (uint8_t)(z % 3);
                z /= 3;
            }
            if (!feasible(&W))
                continue;
            bool sorted = true; /* VMs are interchangeable: one order is enough */
            for (int v = 1; v < V; v++) {
                int a = w.on[v - 1] * 9 + w.ad[v - 1] * 3 + W.gpu[v - 1],
                    b = w.on[v] * 9 + w.ad[v] * 3 + W.gpu[v];
                if (a > b)
                    sorted = false;
            }
            if (!sorted)
                continue;
            base++;
            if (base % (unsigned long)stride)
                continue;
            for (int p = 0; p < np; p++) {
                k++;
                memcpy(perm, P[p].a, sizeof perm);
                nperm = P[p].n;
                perm_bare_ok = P[p].bare;
                struct wish alt;
                if (max_wish) {
                    unsigned z2 = (unsigned)(k * 2654435761u >> 7);
                    do {
                        unsigned q2 = z2++ % 108;
                        alt.count[0] = (uint8_t)(1 + q2 % 2);
                        alt.count[1] = (uint8_t)(1 + q2 / 2 % 2);
                        q2 /= 4;
                        for (int v = 0; v < V; v++) {
                            alt.gpu[v] = (uint8_t)(q2 % 3);
                            q2 /= 3;
                        }
                    } while (!feasible(&alt));
                    W2 = &alt;
                }
                explore(&w, &W);
            }
        }
    }
}

#pragma GCC diagnostic pop

#endif
