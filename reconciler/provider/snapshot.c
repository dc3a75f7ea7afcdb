#include "provider/snapshot.h"

#include "codec/world.h"
#include "sim/world.h"

struct snapshot_eye {
    struct eye eye;
    struct world world;
};

/* Nothing changes a snapshot: a whole look shares its rows. */
static bool snapshot_observe(struct eye *eye, struct arena *a, const struct scope *scope,
                             struct state *out, struct err *e)
{
    struct snapshot_eye *s = (struct snapshot_eye *)eye;

    if (scope->node == NO_INDEX) {
        *out = s->world.now;
        return true;
    }
    if (!world_observe(&s->world, a, scope->node, out, e))
        return false;
    out->arbiter = s->world.now.arbiter;
    return true;
}

static bool snapshot_claim(struct eye *eye, const struct owner *owner, bool take_over,
                           struct hand **out, struct err *e)
{
    (void)eye;
    (void)owner;
    (void)take_over;
    (void)out;
    return err_set(e, ERR_UNSUPPORTED, 0,
                   "a snapshot cannot be changed; apply --sim rehearses on a copy of it");
}

static int64_t snapshot_now(struct eye *eye)
{
    return ((struct snapshot_eye *)eye)->world.now.observed_ms;
}

static int64_t snapshot_wait(struct eye *eye, int64_t until_ms)
{
    (void)eye;
    (void)until_ms;
    return 0;
}

static void snapshot_close(struct eye *eye)
{
    (void)eye; /* its arena is the caller's */
}

static const struct eye_ops snapshot_ops = {"snapshot",   snapshot_observe, snapshot_claim,
                                            snapshot_now, snapshot_wait,    snapshot_close};

bool provider_snapshot_open(struct arena *a, const struct facts *facts, const char *path,
                            const char *text, size_t size, struct eye **out, struct findings *found,
                            struct err *e)
{
    struct snapshot_eye *s = arena_new(a, struct snapshot_eye);

    s->eye.ops = &snapshot_ops;
    if (!world_read(a, facts, path, text, size, &s->world, found))
        return err_set(e, ERR_INVALID, 0, "%s is not a snapshot that can be read", path);
    *out = &s->eye;
    return true;
}
