#include "cim/cim_replay.h"

#include "base/str.h"
#include "base/when.h"
#include "cim/talk.h"
#include "host/host.h"

#include <stdlib.h>

struct replay_net {
    struct cim_net net;
    struct arena arena;
    struct talk talk;
    struct map requests; /* a request, to the first of its calls */
    uint32_t *turn;      /* at that call: the one whose answer is given next */
    uint32_t *following; /* the next call of the same request; MAP_NONE: it is the last */
    struct host_mutex *mutex;
    int64_t now_ms;
};

struct replay_eye {
    struct cim_eye eye;
    struct cim_hand hand;
    char *host;
};

static const char *key_of(struct arena *a, const char *host, enum cim_space space, enum talk_op op,
                          const char *request)
{
    return arena_printf(a, "%d %d %s %s", (int)space, (int)op, host ? host : "", request);
}

static bool answer(struct cim_eye *eye, struct arena *a, enum talk_op op, const char *request,
                   const struct talk_answer **out, struct err *e)
{
    struct replay_net *n = (struct replay_net *)eye->net;
    const char *host = ((struct replay_eye *)eye)->host;
    const char *key = key_of(a, host, eye->space, op, request);
    uint32_t first, at;

    host_mutex_lock(n->mutex);
    first = map_get(&n->requests, key);
    at = first == MAP_NONE ? 0 : n->turn[first];
    if (first != MAP_NONE && n->following[at] != MAP_NONE)
        n->turn[first] = n->following[at];
    host_mutex_unlock(n->mutex);
    if (first == MAP_NONE)
        return err_set(e, ERR_UNSUPPORTED, 0, "the recording has no answer to: %.200s", request);
    *out = &n->talk.calls[at].answer;
    if (!(*out)->ok)
        *e = (*out)->err;
    return (*out)->ok;
}

static bool replay_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                         struct cim_rows *out, struct err *e)
{
    const struct talk_answer *got;

    if (!answer(eye, a, TALK_QUERY, talk_query_text(a, query), &got, e))
        return false;
    for (size_t i = 0; i < got->rows.count; i++)
        *arena_push(a, out->rows, out->count, out->room) = *cim_object_copy(a, &got->rows.rows[i]);
    return true;
}

/* The object of an answer; an empty one where there was none. */
static bool object(struct cim_eye *eye, struct arena *a, enum talk_op op, const char *request,
                   struct cim_object **out, struct err *e)
{
    const struct talk_answer *got;

    if (!answer(eye, a, op, request, &got, e))
        return false;
    *out = got->object ? cim_object_copy(a, got->object) : cim_object_new(a, NULL, NULL);
    return true;
}

static bool replay_get(struct cim_eye *eye, struct arena *a, const char *path,
                       struct cim_object **out, struct err *e)
{
    return object(eye, a, TALK_GET, path, out, e);
}

static bool replay_ask(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                       struct cim_object **out, struct err *e)
{
    return object(eye, a, TALK_ASK, talk_call_text(a, call), out, e);
}

static bool replay_schema(struct cim_eye *eye, struct arena *a, enum cim_class class,
                          struct cim_schema *out, struct err *e)
{
    const struct talk_answer *got;

    if (!answer(eye, a, TALK_SCHEMA, cim_class_row(class)->name, &got, e))
        return false;
    *out = got->schema; /* lives as long as the net, as the eye does */
    return true;
}

static bool replay_put(struct cim_hand *hand, struct arena *a, const struct cim_object *o,
                       struct err *e)
{
    const struct talk_answer *got;

    return answer(hand->eye, a, TALK_PUT, talk_put_text(a, o), &got, e);
}

static bool replay_invoke(struct cim_hand *hand, struct arena *a, const struct cim_call *call,
                          struct cim_object **out, struct err *e)
{
    return object(hand->eye, a, TALK_INVOKE, talk_call_text(a, call), out, e);
}

static const struct cim_hand_ops hand_ops = {replay_put, replay_invoke};

static bool replay_hand(struct cim_eye *eye, struct cim_hand **out, struct err *e)
{
    struct replay_eye *r = (struct replay_eye *)eye;

    (void)e;
    r->hand = (struct cim_hand){.ops = &hand_ops, .eye = eye};
    *out = &r->hand;
    return true;
}

static void replay_close_eye(struct cim_eye *eye)
{
    free(((struct replay_eye *)eye)->host);
    free(eye);
}

static const struct cim_eye_ops eye_ops = {replay_query,  replay_get,  replay_ask,
                                           replay_schema, replay_hand, replay_close_eye};

static bool replay_connect(struct cim_net *net, const char *host, enum cim_space space,
                           struct cim_eye **out, struct err *e)
{
    struct replay_eye *r = calloc(1, sizeof *r);
    size_t n = host ? strlen(host) + 1 : 0;
    const struct talk_answer *got;
    struct arena a;
    bool ok;

    if (!r || (host && !(r->host = malloc(n))))
        abort(); /* the machine has no memory: as the arena */
    if (host)
        memcpy(r->host, host, n);
    r->eye = (struct cim_eye){.ops = &eye_ops, .net = net, .space = space};
    arena_init(&a, 0);
    ok = answer(&r->eye, &a, TALK_CONNECT, "", &got, e);
    arena_release(&a);
    if (!ok) {
        if (e->kind == ERR_UNSUPPORTED && !e->native)
            err_set(e, ERR_UNSEEN, 0, "the recording has no conversation with it");
        replay_close_eye(&r->eye);
        return false;
    }
    *out = &r->eye;
    return true;
}

static int64_t replay_now(struct cim_net *net)
{
    struct replay_net *n = (struct replay_net *)net;
    int64_t now;

    host_mutex_lock(n->mutex);
    now = n->now_ms;
    host_mutex_unlock(n->mutex);
    return now;
}

static int64_t replay_wait(struct cim_net *net, int64_t until_ms)
{
    struct replay_net *n = (struct replay_net *)net;

    host_mutex_lock(n->mutex);
    if (until_ms > n->now_ms)
        n->now_ms = until_ms;
    host_mutex_unlock(n->mutex);
    return 0;
}

static void replay_close(struct cim_net *net)
{
    struct replay_net *n = (struct replay_net *)net;

    host_mutex_free(n->mutex);
    arena_release(&n->arena);
    free(n);
}

static const struct cim_net_ops net_ops = {"replay", replay_connect, replay_now, replay_wait,
                                           replay_close};

/* Answers of one request in the order in which they were given. */
static void index_calls(struct replay_net *n)
{
    uint32_t *last = arena_array(&n->arena, uint32_t, n->talk.count + 1);

    n->turn = arena_array(&n->arena, uint32_t, n->talk.count + 1);
    n->following = arena_array(&n->arena, uint32_t, n->talk.count + 1);
    map_init(&n->requests, &n->arena, n->talk.count, true);
    for (uint32_t i = 0; i < n->talk.count; i++) {
        const struct talk_call *c = &n->talk.calls[i];
        uint32_t first =
            map_put(&n->requests, key_of(&n->arena, c->host, c->space, c->op, c->request), i);

        n->turn[i] = i;
        n->following[i] = MAP_NONE;
        if (first != i)
            n->following[last[first]] = i;
        last[first] = i;
    }
}

const char *cim_replay_host(const struct cim_net *net)
{
    const struct replay_net *n = (const struct replay_net *)net;

    for (size_t i = 0; i < n->talk.count; i++)
        if (n->talk.calls[i].op == TALK_CONNECT && n->talk.calls[i].host)
            return n->talk.calls[i].host;
    return NULL;
}

bool cim_replay_open(const char *path, const char *text, size_t size, struct cim_net **out,
                     struct findings *found, struct err *e)
{
    struct replay_net *n = calloc(1, sizeof *n);

    if (!n)
        abort(); /* the machine has no memory: as the arena */
    arena_init(&n->arena, 0);
    if (!talk_read(found->arena, path, text, size, &n->talk, found)) {
        arena_release(&n->arena);
        free(n);
        return err_set(e, ERR_INVALID, 0, "%s is not a recording that can be read", path);
    }
    n->net.ops = &net_ops;
    n->mutex = host_mutex_new();
    n->now_ms = n->talk.now_ms == WHEN_NONE ? 0 : n->talk.now_ms;
    index_calls(n);
    *out = &n->net;
    return true;
}
