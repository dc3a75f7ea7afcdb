#include "cim/cim_record.h"

#include "base/limits.h"
#include "base/str.h"
#include "cim/mask.h"
#include "cim/talk.h"
#include "host/host.h"

#include <stdlib.h>

struct record_net {
    struct cim_net net;
    struct cim_net *inner;
    struct host_mutex *mutex; /* of what was kept */
    struct arena arena;
    struct text kept; /* calls as JSON, with commas between */
    size_t calls, dropped;
    const char *name;
    int64_t began_ms;
    struct mask *mask; /* NULL: names stay */
};

struct record_hand {
    struct cim_hand hand;
    struct cim_hand *inner;
};

struct record_eye {
    struct cim_eye eye;
    struct cim_eye *inner;
    struct record_hand hand;
    char *host;
};

static struct record_net *net_of(const struct cim_eye *eye)
{
    return (struct record_net *)eye->net;
}

/* Names that an answer tells: they are replaced wherever they stand. */
static void learn(struct record_net *r, const struct talk_call *call)
{
    mask_host(r->mask, call->host);
    for (size_t i = 0; i < call->answer.rows.count; i++)
        mask_object(r->mask, &call->answer.rows.rows[i]);
    if (call->answer.object)
        mask_object(r->mask, call->answer.object);
}

static void keep(struct record_net *r, struct talk_call *call)
{
    struct arena scratch;
    struct text t;
    struct json j;
    const char *line;

    arena_init(&scratch, 0);
    text_init(&t, &scratch);
    json_init(&j, &t, true);
    talk_write_call(&j, call);
    line = text_done(&t);
    line += strspn(line, "\n");
    host_mutex_lock(r->mutex);
    if (r->mask)
        learn(r, call);
    if (r->kept.size + strlen(line) > LIMIT_DOC_BYTES / 2) {
        r->dropped++;
    } else {
        text_add(&r->kept, r->calls++ ? ",\n      " : "      ");
        text_add(&r->kept, line);
    }
    host_mutex_unlock(r->mutex);
    arena_release(&scratch);
}

static struct talk_call call_of(const struct cim_eye *eye, enum talk_op op, const char *request)
{
    const struct record_eye *r = (const struct record_eye *)eye;

    return (struct talk_call){.host = r->host, .space = eye->space, .op = op, .request = request};
}

static bool kept(struct cim_eye *eye, struct talk_call *call, bool ok, const struct err *e)
{
    call->answer.ok = ok;
    if (!ok)
        call->answer.err = *e;
    keep(net_of(eye), call);
    return ok;
}

static bool record_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                         struct cim_rows *out, struct err *e)
{
    struct record_eye *r = (struct record_eye *)eye;
    struct talk_call call = call_of(eye, TALK_QUERY, talk_query_text(a, query));
    bool ok = r->inner->ops->query(r->inner, a, query, out, e);

    if (ok)
        call.answer.rows = *out;
    return kept(eye, &call, ok, e);
}

static bool record_get(struct cim_eye *eye, struct arena *a, const char *path,
                       struct cim_object **out, struct err *e)
{
    struct record_eye *r = (struct record_eye *)eye;
    struct talk_call call = call_of(eye, TALK_GET, path);
    bool ok = r->inner->ops->get(r->inner, a, path, out, e);

    if (ok)
        call.answer.object = *out;
    return kept(eye, &call, ok, e);
}

static bool record_ask(struct cim_eye *eye, struct arena *a, const struct cim_call *asked,
                       struct cim_object **out, struct err *e)
{
    struct record_eye *r = (struct record_eye *)eye;
    struct talk_call call = call_of(eye, TALK_ASK, talk_call_text(a, asked));
    bool ok = r->inner->ops->ask(r->inner, a, asked, out, e);

    if (ok)
        call.answer.object = *out;
    return kept(eye, &call, ok, e);
}

static bool record_schema(struct cim_eye *eye, struct arena *a, enum cim_class class,
                          struct cim_schema *out, struct err *e)
{
    struct record_eye *r = (struct record_eye *)eye;
    struct talk_call call = call_of(eye, TALK_SCHEMA, cim_class_row(class)->name);
    bool ok = r->inner->ops->schema(r->inner, a, class, out, e);

    if (ok)
        call.answer.schema = *out;
    return kept(eye, &call, ok, e);
}

static bool record_put(struct cim_hand *hand, struct arena *a, const struct cim_object *object,
                       struct err *e)
{
    struct record_hand *r = (struct record_hand *)hand;
    struct talk_call call = call_of(hand->eye, TALK_PUT, talk_put_text(a, object));

    return kept(hand->eye, &call, r->inner->ops->put(r->inner, a, object, e), e);
}

static bool record_invoke(struct cim_hand *hand, struct arena *a, const struct cim_call *asked,
                          struct cim_object **out, struct err *e)
{
    struct record_hand *r = (struct record_hand *)hand;
    struct talk_call call = call_of(hand->eye, TALK_INVOKE, talk_call_text(a, asked));
    bool ok = r->inner->ops->invoke(r->inner, a, asked, out, e);

    if (ok)
        call.answer.object = *out;
    return kept(hand->eye, &call, ok, e);
}

static const struct cim_hand_ops hand_ops = {record_put, record_invoke};

static bool record_hand(struct cim_eye *eye, struct cim_hand **out, struct err *e)
{
    struct record_eye *r = (struct record_eye *)eye;

    if (!r->inner->ops->hand(r->inner, &r->hand.inner, e))
        return false;
    r->hand.hand.ops = &hand_ops;
    r->hand.hand.eye = eye;
    *out = &r->hand.hand;
    return true;
}

static void record_close_eye(struct cim_eye *eye)
{
    struct record_eye *r = (struct record_eye *)eye;

    r->inner->ops->close(r->inner);
    free(r->host);
    free(r);
}

static const struct cim_eye_ops eye_ops = {record_query,  record_get,  record_ask,
                                           record_schema, record_hand, record_close_eye};

static struct record_eye *eye_new(struct record_net *net, const char *host, enum cim_space space)
{
    struct record_eye *r = calloc(1, sizeof *r);
    struct arena scratch;

    arena_init(&scratch, 0);
    if (!host) { /* it is replayed elsewhere, where this machine is another one */
        host = host_name(&scratch);
        host_mutex_lock(net->mutex);
        if (net->mask)
            mask_here(net->mask, host);
        host_mutex_unlock(net->mutex);
    }
    if (!r || !(r->host = malloc(strlen(host) + 1)))
        abort(); /* the machine has no memory: as the arena */
    memcpy(r->host, host, strlen(host) + 1);
    arena_release(&scratch);
    r->eye = (struct cim_eye){.ops = &eye_ops, .net = &net->net, .space = space};
    return r;
}

static bool record_connect(struct cim_net *net, const char *host, enum cim_space space,
                           struct cim_eye **out, struct err *e)
{
    struct record_net *n = (struct record_net *)net;
    struct record_eye *r = eye_new(n, host, space);
    struct talk_call call = call_of(&r->eye, TALK_CONNECT, "");
    bool ok = n->inner->ops->connect(n->inner, host, space, &r->inner, e);

    kept(&r->eye, &call, ok, e);
    if (ok) {
        *out = &r->eye;
        return true;
    }
    free(r->host);
    free(r);
    return false;
}

static int64_t record_now(struct cim_net *net)
{
    struct record_net *n = (struct record_net *)net;

    return n->inner->ops->now_ms(n->inner);
}

static int64_t record_wait(struct cim_net *net, int64_t until_ms)
{
    struct record_net *n = (struct record_net *)net;

    return n->inner->ops->wait_ms(n->inner, until_ms);
}

static void record_close(struct cim_net *net)
{
    struct record_net *n = (struct record_net *)net;

    n->inner->ops->close(n->inner);
    host_mutex_free(n->mutex);
    arena_release(&n->arena);
    free(n);
}

static const struct cim_net_ops net_ops = {"recorder", record_connect, record_now, record_wait,
                                           record_close};

void cim_record_open(struct cim_net *inner, const char *name, bool mask, struct cim_net **out)
{
    struct record_net *n = calloc(1, sizeof *n);

    if (!n)
        abort(); /* the machine has no memory: as the arena */
    n->net.ops = &net_ops;
    n->inner = inner;
    n->mutex = host_mutex_new();
    arena_init(&n->arena, 0);
    text_init(&n->kept, &n->arena);
    n->name = arena_strdup(&n->arena, name);
    n->began_ms = inner->ops->now_ms(inner);
    n->mask = mask ? mask_new(&n->arena) : NULL;
    *out = &n->net;
}

bool cim_record_finish(struct cim_net *net, const char *path, struct err *e)
{
    struct record_net *n = (struct record_net *)net;
    struct arena a;
    const char *text;
    bool ok;

    arena_init(&a, 0);
    host_mutex_lock(n->mutex);
    text = arena_printf(&a, "%s%s%s", talk_head(&a, n->name, n->began_ms), text_done(&n->kept),
                        talk_foot);
    if (n->mask)
        text = mask_text(n->mask, &a, text);
    host_mutex_unlock(n->mutex);
    ok = host_write_file(path, text, strlen(text), e);
    arena_release(&a);
    if (ok && n->dropped)
        return err_set(e, ERR_IO, 0, "%s: %zu calls did not fit and are not in it", path,
                       n->dropped);
    return ok;
}
