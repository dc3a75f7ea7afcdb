/*
 * Hosts that answer WMI with rows that a test wrote down, as text:
 *   fake_row(f, "HV-1", CIM_Msvm_PartitionableGpu, "Name=..", "PartitionCount=4", NULL)
 * A property's type is the contract's.  "A=[x|y]" is an array, "A!" is null, and
 * "A={B=x|C=1}" an object in a property.
 */
#ifndef TESTS_FAKE_NET_H
#define TESTS_FAKE_NET_H

#include "base/str.h"
#include "cim/cim.h"
#include "host/host.h"

#include <stdarg.h>
#include <stdlib.h>

struct fake_row {
    const char *host; /* NULL: of the cluster, any host shows it */
    enum cim_class class;
    struct cim_object *object;
};

enum fake_fault { FAKE_ANSWERS, FAKE_GONE, FAKE_HANGS, FAKE_BREAKS, FAKE_LACKS };

struct fake_net {
    struct cim_net net;
    struct arena arena;
    struct host_mutex *mutex; /* of what follows */
    struct host_mutex *gate;  /* held by the test while a host shall hang */
    struct fake_row *rows;
    size_t count, room;
    bool standalone;
    const char *self; /* what this machine is called */
    const char *faulty;
    enum fault_on { ON_CONNECT, ON_CALL } on;
    enum fake_fault fault;
    enum cim_class lacks;
    bool denies; /* each method: the account may only look */
    unsigned connects, queries, asks, closes;
    unsigned per_class[CIM_CLASS_NONE];
    const char *registry; /* the owner record of a standalone host */
    bool closed;
};

struct fake_eye {
    struct cim_eye eye;
    char *host;
};

/* ---- rows ---- */

static inline void fake_value(struct arena *a, struct cim_object *o, const char *name,
                              enum cim_type type, bool array, char *text)
{
    const char *texts[64];
    uint64_t numbers[64] = {0};
    size_t n = 0;

    for (char *at = text; at && n < 64;) {
        char *bar = array ? strchr(at, '|') : NULL;

        if (bar)
            *bar = 0;
        texts[n] = at;
        if (cim_type_is_number(type) && !str_u64(at, &numbers[n]))
            numbers[n] = str_eq(at, "true");
        n++;
        at = bar ? bar + 1 : NULL;
    }
    if (!array && cim_type_is_number(type))
        cim_set_number(a, o, name, type, numbers[0]);
    else if (!array)
        cim_set_text(a, o, name, type, texts[0]);
    else if (cim_type_is_number(type))
        cim_set_numbers(a, o, name, type, numbers, n);
    else
        cim_set_texts(a, o, name, type, texts, n);
}

/* Private properties: what looks like a number is one. */
static inline struct cim_object *fake_part(struct arena *a, char *text)
{
    struct cim_object *o = cim_object_new(a, "MSCluster_Property_Any", NULL);

    for (char *at = text; at && *at;) {
        char *bar = strchr(at, '|'), *eq;
        uint64_t n;

        if (bar)
            *bar = 0;
        eq = strchr(at, '=');
        *eq = 0;
        if (str_u64(eq + 1, &n))
            cim_set_number(a, o, at, CIM_TYPE_U32, n);
        else
            cim_set_text(a, o, at, CIM_TYPE_TEXT, eq + 1);
        at = bar ? bar + 1 : NULL;
    }
    return o;
}

static inline void fake_set(struct arena *a, struct cim_object *o, enum cim_class class,
                            const char *said)
{
    char *text = arena_strdup(a, said);
    size_t n = strcspn(text, "=!");
    bool null = text[n] == '!';
    const struct cim_property_row *row;
    bool array;

    text[n] = 0;
    row = cim_property_row(class, text);
    if (!row)
        abort(); /* the contract does not have it */
    array = (row->use & CIM_ARRAY) != 0;
    if (null)
        cim_set_null(a, o, row->name, row->type);
    else if (row->type == CIM_TYPE_OBJECT)
        cim_set_object(a, o, row->name, row->type,
                       fake_part(a, arena_strndup(a, text + n + 2, strlen(text + n + 2) - 1)));
    else if (array)
        fake_value(a, o, row->name, row->type, true,
                   arena_strndup(a, text + n + 2, strlen(text + n + 2) - 1));
    else
        fake_value(a, o, row->name, row->type, false, text + n + 1);
}

static inline struct cim_object *fake_row(struct fake_net *f, const char *host,
                                          enum cim_class class, const char *path, ...)
{
    const struct cim_class_row *row = cim_class_row(class);
    struct cim_object *o = cim_object_new(&f->arena, row->name, path);
    va_list ap;

    va_start(ap, path);
    for (const char *p; (p = va_arg(ap, const char *)) != NULL;)
        fake_set(&f->arena, o, class, p);
    va_end(ap);
    *arena_push(&f->arena, f->rows, f->count, f->room) = (struct fake_row){host, class, o};
    return o;
}

/* ---- answering ---- */

static inline struct fake_net *fake_of(struct cim_eye *eye)
{
    return (struct fake_net *)eye->net;
}

static inline bool fake_is_faulty(const struct fake_net *f, const char *host)
{
    return f->fault != FAKE_ANSWERS && str_same(host, f->faulty);
}

static inline bool fake_trip(struct fake_net *f, const char *host, enum fault_on on, struct err *e)
{
    if (!fake_is_faulty(f, host) || f->on != on)
        return true;
    if (f->fault == FAKE_HANGS) {
        host_mutex_lock(f->gate);
        host_mutex_unlock(f->gate);
    } else if (f->fault == FAKE_GONE) {
        return err_set(e, ERR_UNSEEN, 0x800706BA, "the RPC server is unavailable");
    } else if (f->fault == FAKE_BREAKS) {
        return err_set(e, ERR_TIMEOUT, 0x800706BE, "the call broke");
    }
    return true;
}

static inline bool fake_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                              struct cim_rows *out, struct err *e)
{
    struct fake_net *f = fake_of(eye);
    const char *host = ((struct fake_eye *)eye)->host;

    host_mutex_lock(f->mutex);
    f->queries++;
    f->per_class[query->class]++;
    host_mutex_unlock(f->mutex);
    if (!fake_trip(f, host, ON_CALL, e))
        return false;
    if (fake_is_faulty(f, host) && f->fault == FAKE_LACKS && f->lacks == query->class)
        return err_set(e, ERR_UNSUPPORTED, 0x80041010, "no such class");
    for (size_t i = 0; i < f->count; i++) {
        const struct fake_row *row = &f->rows[i];
        const char *text;

        if (row->class != query->class || (row->host && !str_same(row->host, host)))
            continue;
        text = query->test == CIM_ALL ? NULL : cim_text(row->object, query->property);
        if (query->test == CIM_EQUALS && text && !str_same(text, query->text))
            continue;
        if (query->test == CIM_BEGINS && text && !str_starts_fold(text, query->text))
            continue;
        *arena_push(a, out->rows, out->count, out->room) = *cim_object_copy(a, row->object);
    }
    return true;
}

static inline bool fake_ask(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                            struct cim_object **out, struct err *e)
{
    struct fake_net *f = fake_of(eye);

    host_mutex_lock(f->mutex);
    f->asks++;
    host_mutex_unlock(f->mutex);
    if (f->denies)
        return err_set(e, ERR_DENIED, 0x80041003, "access denied");
    *out = cim_object_new(a, "__PARAMETERS", NULL);
    if (call->method == CIM_StdRegProv_GetStringValue)
        cim_set_text(a, *out, "sValue", CIM_TYPE_TEXT, f->registry);
    if (call->method == CIM_StdRegProv_GetDWORDValue) {
        cim_set_number(a, *out, "ReturnValue", CIM_TYPE_U32, 0);
        cim_set_number(a, *out, "uValue", CIM_TYPE_U32, 1);
    }
    if (call->method == CIM_Win32_PnPEntity_GetDeviceProperties) {
        struct cim_object *p = cim_object_new(a, "Win32_PnPDevicePropertyStringArray", NULL);
        static const char *const at[] = {"PCIROOT(16)#PCI(0200)#PCI(0000)"};
        const struct cim_object *const parts[] = {p};

        cim_set_text(a, p, "KeyName", CIM_TYPE_TEXT, "DEVPKEY_Device_LocationPaths");
        cim_set_texts(a, p, "Data", CIM_TYPE_TEXT, at, 1);
        cim_set_objects(a, *out, "deviceProperties", CIM_TYPE_OBJECT, parts, 1);
    }
    return true;
}

static inline void fake_close_eye(struct cim_eye *eye)
{
    struct fake_net *f = fake_of(eye);

    host_mutex_lock(f->mutex);
    f->closes++;
    host_mutex_unlock(f->mutex);
    free(((struct fake_eye *)eye)->host);
    free(eye);
}

static const struct cim_eye_ops fake_eye_ops = {
    .query = fake_query, .ask = fake_ask, .close = fake_close_eye};

static inline char *fake_copy(const char *s)
{
    size_t n = strlen(s) + 1;

    return memcpy(malloc(n), s, n);
}

static inline bool fake_connect(struct cim_net *net, const char *host, enum cim_space space,
                                struct cim_eye **out, struct err *e)
{
    struct fake_net *f = (struct fake_net *)net;
    struct fake_eye *eye;

    host = host ? host : f->self;
    host_mutex_lock(f->mutex);
    f->connects++;
    host_mutex_unlock(f->mutex);
    if (!fake_trip(f, host, ON_CONNECT, e))
        return false;
    if (space == CIM_SPACE_CLUSTER && f->standalone)
        return err_set(e, ERR_UNSUPPORTED, 0x8004100E, "no such namespace");
    eye = calloc(1, sizeof *eye);
    eye->eye = (struct cim_eye){.ops = &fake_eye_ops, .net = net, .space = space};
    eye->host = fake_copy(host);
    *out = &eye->eye;
    return true;
}

static inline int64_t fake_now(struct cim_net *net)
{
    (void)net;
    return 1000;
}

static inline int64_t fake_wait(struct cim_net *net, int64_t until_ms)
{
    (void)net, (void)until_ms;
    return 0;
}

static inline void fake_close(struct cim_net *net)
{
    struct fake_net *f = (struct fake_net *)net;

    host_mutex_lock(f->mutex);
    f->closed = true;
    host_mutex_unlock(f->mutex);
}

/* What was left behind hanging has come back, and the provider is gone. */
static inline void fake_await_close(struct fake_net *f)
{
    for (bool closed = false; !closed;) {
        host_mutex_lock(f->mutex);
        closed = f->closed;
        host_mutex_unlock(f->mutex);
    }
}

static const struct cim_net_ops fake_net_ops = {"fake", fake_connect, fake_now, fake_wait,
                                                fake_close};

static inline void fake_open(struct fake_net *f)
{
    *f = (struct fake_net){.net = {&fake_net_ops}, .self = "HV-1"};
    arena_init(&f->arena, 0);
    f->mutex = host_mutex_new();
    f->gate = host_mutex_new();
}

static inline void fake_free(struct fake_net *f)
{
    host_mutex_free(f->mutex);
    host_mutex_free(f->gate);
    arena_release(&f->arena);
}

#endif
