/*
 * The door to a world.  An eye looks; a hand acts, and is obtained only by
 * claiming the world.  Two operations, because effects are data: observe and
 * perform.  perform() submits and never waits: completion is seen by looking.
 */
#ifndef PROVIDER_PROVIDER_H
#define PROVIDER_PROVIDER_H

#include "base/err.h"
#include "model/action.h"
#include "model/health.h"
#include "model/owner.h"

struct scope {
    uint32_t node; /* index into the nodes of the last whole look; NO_INDEX: the whole world */
};

struct receipt {
    bool accepted; /* false: it is done already */
};

struct eye;
struct hand;

struct eye_ops {
    const char *name;
    bool (*observe)(struct eye *eye, struct arena *a, const struct scope *scope, struct state *out,
                    struct err *e);
    /* Takes the owner record; refuses (ERR_LOCKED) while another store has it, unless take_over. */
    bool (*claim)(struct eye *eye, const struct owner *owner, bool take_over, struct hand **out,
                  struct err *e);
    /* The world's own clock.  A simulated one may be advanced. */
    int64_t (*now_ms)(struct eye *eye);
    /* Simulated time: jumps to `until_ms`; returns real milliseconds to wait instead, 0 if it
     * jumped. */
    int64_t (*wait_ms)(struct eye *eye, int64_t until_ms);
    void (*close)(struct eye *eye);
    /* What of the platform's contract these hosts have not; reads only.  NULL: nothing to look at.
     */
    bool (*examine)(struct eye *eye, struct arena *a, const struct state *have, struct health *out,
                    struct err *e);
};

struct hand_ops {
    bool (*perform)(struct hand *hand, const struct action *action, struct receipt *out,
                    struct err *e);
    void (*release)(struct hand *hand); /* gives the owner record back */
};

struct eye {
    const struct eye_ops *ops;
};
struct hand {
    const struct hand_ops *ops;
};

/* observe + sort + refuse a world that cannot be (provider/observe.c). */
bool eye_observe(struct eye *eye, struct arena *a, const struct scope *scope, struct state *out,
                 struct err *e) MUST_CHECK;
bool world_claim(struct eye *eye, const struct owner *owner, bool take_over, struct hand **out,
                 struct err *e) MUST_CHECK;
/* Both are safe to call from several lanes at once. */
bool hand_perform(struct hand *hand, const struct action *action, struct receipt *out,
                  struct err *e) MUST_CHECK;

#endif
