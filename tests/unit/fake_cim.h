/*
 * WMI written by hand: rows that a test puts there, answers that it chooses,
 * and every call as a line of text, with the types of what was sent.
 */
#ifndef TESTS_FAKE_CIM_H
#define TESTS_FAKE_CIM_H

#include "base/str.h"
#include "provider/hyperv/inner.h"

#include <stdlib.h>

struct fake_answer {
    enum cim_method method; /* CIM_METHOD_NONE: a put */
    int64_t code;           /* a return value, or with `native` what the call fails with */
    bool native, once, used;
    enum err_kind kind;   /* of a call that fails; ERR_NONE: as cim_code_kind() says */
    const char *set, *to; /* a property of the object that it is called on, from then on */
    uint64_t number;
};

struct fake_row {
    enum cim_class class;
    struct cim_object *object;
};

enum fake_bend {
    FAKE_STRAIGHT,
    FAKE_FAILS,        /* the call fails with `code` */
    FAKE_RETURNS,      /* the method returns `code` */
    FAKE_RETURNS_NONE, /* ... and says nothing of how it went */
    FAKE_ROW           /* one property of the object or first row that is read: bend_row() */
};

/* One call of an effect goes another way, and what is sent behind it is counted. */
struct fake_bent {
    enum fake_bend how;
    unsigned at; /* the n-th call; from 1 */
    int64_t code;
    void (*row)(struct arena *a, struct cim_object *o); /* FAKE_ROW */
    bool hit, acts, fetched;                            /* it was made; by a hand; it was a get */
    enum cim_method method;                             /* CIM_METHOD_NONE: a put, or a read */
    unsigned sent;                                      /* by hands before it */
    enum cim_method behind[8];                          /* sent after it */
    size_t behind_count;
};

struct fake {
    struct cim_net net;
    struct fake_bent bent;
    struct arena arena;
    struct fake_row *rows;
    size_t row_count, row_room;
    struct fake_answer *answers;
    size_t answer_count, answer_room;
    bool standalone;
    const char *owner;      /* the record; NULL: nobody's */
    bool owner_hidden;      /* MSCluster_Cluster shows no private properties */
    int64_t query_fails;    /* the next query fails so */
    const char *owner_next; /* what stands there after a write, whoever wrote it */
    struct text log;
    unsigned calls, opened, closed;
    unsigned misdirected; /* sent to a resource of the type where it means another thing */
};

struct fake_eye {
    struct cim_eye eye;
    struct cim_hand hand;
    struct fake *fake;
    const char *host;
};

static inline struct fake *fake_of(struct cim_eye *eye)
{
    return ((struct fake_eye *)eye)->fake;
}

/* ---- what was sent, as text ---- */

static inline void say_object(struct text *t, const struct cim_object *o, int depth);

static inline void new_line(struct text *t, int depth)
{
    text_printf(t, "\n%*s", 4 * depth, "");
}

static inline void say_bytes(struct text *t, const struct cim_value *v, int depth)
{
    text_add(t, "0x");
    for (size_t i = 0; i < v->count; i++) {
        if (i && i % 32 == 0)
            new_line(t, depth + 1);
        text_printf(t, "%02x", (unsigned)v->numbers[i]);
    }
}

static inline void say_element(struct text *t, const struct cim_value *v, size_t i, int depth)
{
    if (cim_type_is_number(v->type))
        text_printf(t, "%llu", (unsigned long long)v->numbers[i]);
    else if (cim_type_is_text(v->type))
        text_printf(t, "'%s'", v->texts[i]);
    else
        say_object(t, v->objects[i], depth + 1);
}

static inline void say_value(struct text *t, const struct cim_value *v, int depth)
{
    if (v->null) {
        text_add(t, "null");
        return;
    }
    if (v->type == CIM_TYPE_U8 && v->array) {
        say_bytes(t, v, depth);
        return;
    }
    text_add(t, v->array ? "[" : "");
    for (size_t i = 0; i < v->count; i++) {
        text_add(t, i ? " " : "");
        say_element(t, v, i, depth);
    }
    text_add(t, v->array ? "]" : "");
}

/* What it starts from, then each property that is written, with its type. */
static inline void say_object(struct text *t, const struct cim_object *o, int depth)
{
    text_printf(t, "%s", o->path ? o->path : o->class_name ? o->class_name : "");
    for (size_t i = 0; i < o->count; i++) {
        const struct cim_property *p = &o->properties[i];

        new_line(t, depth);
        text_printf(t, "%s:%s=", p->name,
                    p->value.type >= CIM_TYPE_OBJECT ? "object" : cim_type_words[p->value.type]);
        say_value(t, &p->value, depth);
    }
}

static inline void line(struct fake *f)
{
    f->calls++;
    text_add(&f->log, "\n");
}

/* The call that was just told: is it the one, and how does it go?  False: it failed. */
static inline bool go(struct fake *f, bool acts, enum cim_method method, struct err *e)
{
    struct fake_bent *b = &f->bent;

    if (b->hit && acts && b->behind_count < sizeof b->behind / sizeof *b->behind)
        b->behind[b->behind_count++] = method;
    if (b->how == FAKE_STRAIGHT || b->hit || f->calls != b->at) {
        b->sent += acts && !b->hit;
        return true;
    }
    b->hit = true;
    b->acts = acts;
    b->method = method;
    return b->how != FAKE_FAILS || err_set(e, cim_code_kind(b->code), b->code, "said so");
}

/* This call is the one, and it is to go so. */
static inline bool is_bent(const struct fake *f, enum fake_bend how)
{
    return f->bent.how == how && f->bent.hit && f->calls == f->bent.at;
}

/* The calls since the last time, one to a line. */
static inline const char *fake_said(struct fake *f)
{
    const char *said = text_done(&f->log);

    text_init(&f->log, &f->arena);
    return said;
}

/* ---- rows ---- */

/* A row; its path is the class and this key. */
static inline struct cim_object *fake_row(struct fake *f, enum cim_class class, const char *key,
                                          const char *value)
{
    const char *name = cim_class_row(class)->name;
    struct cim_object *o =
        cim_object_new(&f->arena, name, arena_printf(&f->arena, "%s.%s=\"%s\"", name, key, value));
    struct fake_row *row = arena_push(&f->arena, f->rows, f->row_count, f->row_room);

    *row = (struct fake_row){class, o};
    return o;
}

static inline void fake_text(struct fake *f, struct cim_object *o, const char *name,
                             const char *text)
{
    const struct cim_property_row *row = cim_property_row(cim_class_named(o->class_name), name);

    if (row && row->use & CIM_ARRAY)
        cim_set_texts(&f->arena, o, name, row->type, &text, 1);
    else
        cim_set_text(&f->arena, o, name, row ? row->type : CIM_TYPE_TEXT, text);
}

static inline void fake_number(struct fake *f, struct cim_object *o, const char *name,
                               uint64_t number)
{
    const struct cim_property_row *row = cim_property_row(cim_class_named(o->class_name), name);

    cim_set_number(&f->arena, o, name, row ? row->type : CIM_TYPE_U32, number);
}

static inline struct fake_answer *fake_answer(struct fake *f, enum cim_method method, int64_t code)
{
    struct fake_answer *x = arena_push(&f->arena, f->answers, f->answer_count, f->answer_room);

    *x = (struct fake_answer){.method = method, .code = code};
    return x;
}

static inline bool fits(const struct cim_object *o, const struct cim_query *q)
{
    const char *text = q->test == CIM_ALL ? NULL : cim_text(o, q->property);
    struct num n = q->test == CIM_ALL ? NUM_UNKNOWN : cim_number(o, q->property);
    uint64_t wanted;

    if (q->test == CIM_ALL)
        return true;
    if (n.known)
        return str_u64(q->text, &wanted) && n.value == wanted;
    if (q->test == CIM_EQUALS)
        return str_same(text, q->text);
    return text && str_starts_fold(text, q->text);
}

static inline void give_cluster(struct fake *f, struct arena *a, struct cim_rows *out)
{
    struct cim_object *o = cim_object_new(a, "MSCluster_Cluster", "MSCluster_Cluster.Name=\"c\"");
    struct cim_object *own = cim_object_new(a, "MSCluster_Property", NULL);

    cim_set_text(a, o, "Name", CIM_TYPE_TEXT, "c");
    if (f->owner)
        cim_set_text(a, own, "HvgpuOwner", CIM_TYPE_TEXT, f->owner);
    if (!f->owner_hidden)
        cim_set_object(a, o, "PrivateProperties", CIM_TYPE_OBJECT, own);
    *arena_push(a, out->rows, out->count, out->room) = *o;
}

static inline bool give_rows(struct cim_eye *eye, struct arena *a, const struct cim_query *q,
                             struct cim_rows *out, struct err *e)
{
    struct fake *f = fake_of(eye);

    text_printf(&f->log, "query %s", cim_class_row(q->class)->name);
    if (q->test != CIM_ALL)
        text_printf(&f->log, " %s%s%s", q->property, q->test == CIM_EQUALS ? "=" : "~", q->text);
    line(f);
    if (!go(f, false, CIM_METHOD_NONE, e))
        return false;
    if (f->query_fails) {
        int64_t code = f->query_fails;

        f->query_fails = 0;
        return err_set(e, cim_code_kind(code), code, "%s", cim_code_text(code));
    }
    if (q->class == CIM_MSCluster_Cluster)
        give_cluster(f, a, out);
    for (size_t i = 0; i < f->row_count; i++)
        if (f->rows[i].class == q->class && fits(f->rows[i].object, q))
            *arena_push(a, out->rows, out->count, out->room) =
                *cim_object_copy(a, f->rows[i].object);
    if (is_bent(f, FAKE_ROW) && out->count)
        f->bent.row(a, &out->rows[0]);
    return true;
}

static inline struct cim_object *object_at(struct fake *f, const char *path)
{
    for (size_t i = 0; i < f->row_count; i++) {
        const char *own = f->rows[i].object->path;

        if (str_starts(own, "\\\\") && !str_starts(path, "\\\\"))
            own = strchr(own, ':') + 1; /* a path without a host is of any */
        if (str_eq(own, path))
            return f->rows[i].object;
    }
    return NULL;
}

static inline bool give_object(struct cim_eye *eye, struct arena *a, const char *path,
                               struct cim_object **out, struct err *e)
{
    struct fake *f = fake_of(eye);
    struct cim_object *o = object_at(f, path);

    text_printf(&f->log, "get %s", path);
    line(f);
    f->bent.fetched |= !f->bent.hit && f->calls == f->bent.at;
    if (!go(f, false, CIM_METHOD_NONE, e))
        return false;
    if (!o)
        return err_set(e, ERR_REFUSED, 0x80041002LL, "not found");
    *out = cim_object_copy(a, o);
    if (is_bent(f, FAKE_ROW))
        f->bent.row(a, *out);
    return true;
}

/* ---- answers ---- */

static inline bool answer(struct fake *f, enum cim_method method, const char *path, uint64_t *value,
                          struct err *e)
{
    for (size_t i = 0; i < f->answer_count; i++) {
        struct fake_answer *x = &f->answers[i];
        struct cim_object *o = object_at(f, path);

        if (x->method != method || x->used)
            continue;
        x->used = x->once;
        if (x->set && x->to && o)
            fake_text(f, o, x->set, x->to);
        else if (x->set && o)
            fake_number(f, o, x->set, x->number);
        if (x->native)
            return err_set(e, x->kind ? x->kind : cim_code_kind(x->code), x->code, "said so");
        *value = (uint64_t)x->code;
        return true;
    }
    *value = 0;
    return true;
}

/* The text of the only property of a list. */
static inline const char *text_in(struct fake *f, const struct cim_value *v)
{
    size_t name = v->numbers[8] | v->numbers[9] << 8, at = 12 + (name + 3) / 4 * 4 + 8;
    struct text t;

    text_init(&t, &f->arena);
    for (; at < v->count && v->numbers[at]; at += 2)
        text_printf(&t, "%c", (char)v->numbers[at]);
    return text_done(&t);
}

static inline void keep_owner(struct fake *f, const struct cim_call *call)
{
    const char *text = NULL;

    if (call->method == CIM_MSCluster_Cluster_ExecuteClusterControl)
        text = text_in(f, cim_value_of(call->in, "InputBuffer"));
    else if (call->method == CIM_StdRegProv_SetStringValue)
        text = cim_text(call->in, "sValue");
    else if (call->method != CIM_StdRegProv_DeleteValue)
        return;
    f->owner = text && *text ? arena_strdup(&f->arena, text) : NULL;
    if (f->owner_next)
        f->owner = f->owner_next;
    f->owner_next = NULL;
}

static inline void say_call(struct fake *f, const char *what, const struct cim_call *call)
{
    text_printf(&f->log, "%s %s %s", what, cim_method_row(call->method)->name, call->path);
    if (call->in)
        say_object(&f->log, call->in, 1);
    line(f);
}

/* The methods of the cluster have none (failover-cluster 5), unless a test says so. */
static inline void return_value(struct fake *f, struct arena *a, struct cim_object *out,
                                enum cim_method method, uint64_t code)
{
    const struct cim_method_row *row = cim_method_row(method);

    if (is_bent(f, FAKE_RETURNS))
        code = (uint64_t)f->bent.code;
    if (is_bent(f, FAKE_RETURNS_NONE) ||
        (!code && cim_class_row(row->class)->space == CIM_SPACE_CLUSTER))
        return;
    cim_set_number(a, out, "ReturnValue", CIM_TYPE_U32, code);
}

static inline bool give_ask(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                            struct cim_object **out, struct err *e)
{
    struct fake *f = fake_of(eye);
    uint64_t code;

    say_call(f, "ask", call);
    if (!go(f, false, call->method, e) || !answer(f, call->method, call->path, &code, e))
        return false;
    *out = cim_object_new(a, NULL, NULL);
    if (call->method == CIM_StdRegProv_GetStringValue) {
        code = code ? code : f->owner ? 0 : 2;
        cim_set_text(a, *out, "sValue", CIM_TYPE_TEXT, f->owner);
    }
    return_value(f, a, *out, call->method, code);
    return true;
}

/* A refresh that reaches the VM moves it; a configuration offline takes the VM out of sight. */
static inline void see_where(struct fake *f, const struct cim_call *call)
{
    enum { MOVE_OR_REFRESH = 0x01600004 };
    const struct cim_object *o = object_at(f, call->path);
    const bool config = o && str_eq(cim_text(o, "Type"), HV_RESOURCE_CONFIG);

    if (call->method == CIM_MSCluster_Resource_ExecuteResourceControl)
        f->misdirected += config != num_is(cim_number(call->in, "ControlCode"), MOVE_OR_REFRESH);
    if (call->method == CIM_MSCluster_Resource_TakeOfflineParams ||
        call->method == CIM_MSCluster_Resource_BringOnline)
        f->misdirected += config;
}

static inline bool give_invoke(struct cim_hand *hand, struct arena *a, const struct cim_call *call,
                               struct cim_object **out, struct err *e)
{
    struct fake *f = fake_of(hand->eye);
    uint64_t code;

    say_call(f, "call", call);
    see_where(f, call);
    if (!go(f, true, call->method, e) || !answer(f, call->method, call->path, &code, e))
        return false;
    keep_owner(f, call);
    *out = cim_object_new(a, NULL, NULL);
    return_value(f, a, *out, call->method, code);
    return true;
}

static inline bool take_put(struct cim_hand *hand, struct arena *a, const struct cim_object *o,
                            struct err *e)
{
    struct fake *f = fake_of(hand->eye);
    uint64_t code;

    (void)a;
    text_add(&f->log, "put ");
    say_object(&f->log, o, 1);
    line(f);
    return go(f, true, CIM_METHOD_NONE, e) && answer(f, CIM_METHOD_NONE, o->path, &code, e);
}

/* ---- the net ---- */

static const struct cim_hand_ops hand_ops = {take_put, give_invoke};

static inline bool give_hand(struct cim_eye *eye, struct cim_hand **out, struct err *e)
{
    struct fake_eye *x = (struct fake_eye *)eye;

    (void)e;
    x->hand = (struct cim_hand){.ops = &hand_ops, .eye = eye};
    *out = &x->hand;
    return true;
}

static inline void close_eye(struct cim_eye *eye)
{
    fake_of(eye)->closed++;
    free(eye);
}

static const struct cim_eye_ops eye_ops = {give_rows, give_object, give_ask,
                                           NULL,      give_hand,   close_eye};

static inline bool connect_to(struct cim_net *net, const char *host, enum cim_space space,
                              struct cim_eye **out, struct err *e)
{
    struct fake *f = (struct fake *)net;
    struct fake_eye *x;

    if (space == CIM_SPACE_CLUSTER && f->standalone)
        return err_set(e, ERR_UNSUPPORTED, 0x8004100ELL, "no such namespace");
    x = calloc(1, sizeof *x);
    if (!x)
        abort();
    x->eye = (struct cim_eye){.ops = &eye_ops, .net = net, .space = space};
    x->fake = f;
    x->host = host;
    f->opened++;
    *out = &x->eye;
    return true;
}

static inline int64_t now_ms(struct cim_net *net)
{
    (void)net;
    return 0;
}

static inline void close_net(struct cim_net *net)
{
    (void)net;
}

static const struct cim_net_ops net_ops = {"fake", connect_to, now_ms, NULL, close_net};

/* A provider over it. */
static inline void fake_open(struct fake *f, struct eye **eye)
{
    const struct hyperv_target here = {.cluster = f->standalone ? NULL : "c"};

    f->net.ops = &net_ops;
    arena_init(&f->arena, 0);
    text_init(&f->log, &f->arena);
    hyperv_open(&f->net, &here, eye);
}

#endif
