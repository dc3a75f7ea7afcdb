/* Looking: queries, objects, classes. */
#include "cim/cim_com_windows.h"

#include "base/limits.h"
#include "base/str.h"

#include <stdlib.h>

enum { BATCH = 64 /* rows that one round trip brings at most */ };

static struct com_eye *com_of(struct cim_eye *eye)
{
    return (struct com_eye *)eye; /* its first member */
}

/* ---- the end of a call ---- */

static bool finished(struct com_call *c, IWbemCallResult *result, LONG *status, const char *what)
{
    for (LONG wait; (wait = com_patience(c)) > 0;) {
        HRESULT hr = IWbemCallResult_GetCallStatus(result, wait, status);

        if (FAILED(hr))
            return com_fail(c, hr, what);
        if (hr == WBEM_S_NO_ERROR)
            return true;
    }
    return com_late(c, what);
}

bool com_await(struct com_call *c, HRESULT begun, IWbemCallResult *result,
               IWbemClassObject **direct, const char *what)
{
    LONG status = 0;
    HRESULT hr = S_OK;

    if (FAILED(begun))
        return com_fail(c, begun, what);
    if (!result)
        return true; /* a server that knows no other way did it at once */
    if (!com_secure(c, result) || !finished(c, result, &status, what))
        return false;
    if (FAILED(status))
        return com_fail(c, status, what);
    if (direct && !*direct)
        hr = IWbemCallResult_GetResultObject(result, com_patience(c), direct);
    if (FAILED(hr) || hr == WBEM_S_TIMEDOUT)
        return FAILED(hr) ? com_fail(c, hr, what) : com_late(c, what);
    return true;
}

bool com_get(struct com_call *c, const char *path, IWbemClassObject **out)
{
    IWbemClassObject **object = com_slot(c);
    IWbemCallResult **result = com_slot(c);
    BSTR wide = com_wide(c, path);
    HRESULT hr;

    if (!wide)
        return false;
    hr = IWbemServices_GetObject(c->eye->services, wide, WBEM_FLAG_RETURN_IMMEDIATELY, NULL, object,
                                 result);
    if (!com_await(c, hr, *result, object, "GetObject"))
        return false;
    *out = *object;
    return *object || err_set(c->e, ERR_INVALID, 0, "GetObject: no object came back");
}

/* Of the contract's classes it is asked for once: a class does not change while we are connected.
 */
bool com_class(struct com_call *c, const char *name, IWbemClassObject **out)
{
    enum cim_class class = cim_class_named(name);

    if (class != CIM_CLASS_NONE && c->eye->classes[class]) {
        *out = c->eye->classes[class];
        return true;
    }
    if (!com_get(c, name, out)) {
        if (c->e->native == (int64_t)(uint32_t)WBEM_E_NOT_FOUND)
            c->e->kind = ERR_UNSUPPORTED; /* a class that the host has not */
        return false;
    }
    if (class != CIM_CLASS_NONE) {
        c->eye->classes[class] = *out;
        IWbemClassObject_AddRef(*out);
    }
    return true;
}

/* ---- queries ---- */

static bool take_batch(struct com_call *c, IWbemClassObject **batch, ULONG count,
                       struct cim_rows *out)
{
    bool well = true;

    for (ULONG i = 0; i < count; i++) {
        well = well && batch[i] &&
               com_read(c, batch[i], 0, arena_push(c->arena, out->rows, out->count, out->room));
        if (batch[i])
            IWbemClassObject_Release(batch[i]);
        batch[i] = NULL;
    }
    return well;
}

static bool take_rows(struct com_call *c, IEnumWbemClassObject *from, struct cim_rows *out)
{
    IWbemClassObject **batch = (IWbemClassObject **)com_slots(c, BATCH);
    LONG wait;

    while ((wait = com_patience(c)) > 0) {
        ULONG count = 0;
        HRESULT hr = IEnumWbemClassObject_Next(from, wait, BATCH, batch, &count);

        if (FAILED(hr))
            return com_fail(c, hr, "query");
        if (!take_batch(c, batch, count, out))
            return false;
        if (hr == WBEM_S_FALSE || out->count > LIMIT_CIM_ROWS) /* cim.c refuses too many */
            return true;
    }
    return com_late(c, "query");
}

static bool com_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                      struct cim_rows *out, struct err *e)
{
    struct com_call *c = com_begin(com_of(eye), a, e);
    IEnumWbemClassObject **rows = com_slot(c);
    BSTR language = com_wide(c, "WQL"), text = com_wide(c, cim_wql(a, query));
    HRESULT hr;

    if (!language || !text)
        return com_end(c, false);
    hr = IWbemServices_ExecQuery(com_of(eye)->services, language, text,
                                 WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL, rows);
    if (FAILED(hr))
        return com_end(c, com_fail(c, hr, "query"));
    return com_end(c, com_secure(c, *rows) && take_rows(c, *rows, out));
}

static bool get_object(struct cim_eye *eye, struct arena *a, const char *path,
                       struct cim_object **out, struct err *e)
{
    struct com_call *c = com_begin(com_of(eye), a, e);
    IWbemClassObject *object = NULL;

    *out = arena_new(a, struct cim_object);
    return com_end(c, com_get(c, path, &object) && com_read(c, object, 0, *out));
}

/* ---- what a class is ---- */

static bool read_names(struct com_call *c, IWbemClassObject *of, bool parameters,
                       struct cim_schema_property **out, size_t *count, size_t *room)
{
    HRESULT hr = IWbemClassObject_BeginEnumeration(of, WBEM_FLAG_NONSYSTEM_ONLY);

    while (SUCCEEDED(hr) && *count <= LIMIT_CIM_PROPERTIES) {
        struct com_held *mark = com_mark(c);
        BSTR *wide = com_text(c);
        CIMTYPE type = 0;
        const char *name;

        hr = IWbemClassObject_Next(of, 0, wide, NULL, &type, NULL);
        if (FAILED(hr) || hr == WBEM_S_NO_MORE_DATA)
            break;
        name = com_narrow(c->arena, *wide, SysStringLen(*wide));
        if (name && !(parameters && str_same(name, "ReturnValue")))
            *arena_push(c->arena, *out, *count, *room) =
                (struct cim_schema_property){name, com_type(type), (type & CIM_FLAG_ARRAY) != 0};
        com_back(c, mark);
    }
    IWbemClassObject_EndEnumeration(of);
    return SUCCEEDED(hr) || com_fail(c, hr, "reading a class");
}

static bool read_method(struct com_call *c, const char *name, IWbemClassObject *in,
                        IWbemClassObject *back, struct cim_schema_method *out)
{
    size_t room = 0;

    *out = (struct cim_schema_method){.name = name};
    return (!in || read_names(c, in, true, &out->parameters, &out->parameter_count, &room)) &&
           (!back || read_names(c, back, true, &out->parameters, &out->parameter_count, &room));
}

static bool read_methods(struct com_call *c, IWbemClassObject *class, struct cim_schema *out)
{
    HRESULT hr = IWbemClassObject_BeginMethodEnumeration(class, 0);
    size_t room = 0;
    bool well = true;

    while (well && SUCCEEDED(hr) && out->method_count <= LIMIT_CIM_PROPERTIES) {
        struct com_held *mark = com_mark(c);
        BSTR *wide = com_text(c);
        IWbemClassObject **in = com_slot(c), **back = com_slot(c);
        const char *name;

        hr = IWbemClassObject_NextMethod(class, 0, wide, in, back);
        if (FAILED(hr) || hr == WBEM_S_NO_MORE_DATA)
            break;
        name = com_narrow(c->arena, *wide, SysStringLen(*wide));
        well = !name || read_method(c, name, *in, *back,
                                    arena_push(c->arena, out->methods, out->method_count, room));
        com_back(c, mark);
    }
    IWbemClassObject_EndMethodEnumeration(class);
    return well && (SUCCEEDED(hr) || com_fail(c, hr, "reading methods"));
}

static bool get_schema(struct cim_eye *eye, struct arena *a, enum cim_class class,
                       struct cim_schema *out, struct err *e)
{
    struct com_call *c = com_begin(com_of(eye), a, e);
    IWbemClassObject *object = NULL;
    size_t room = 0;

    *out = (struct cim_schema){0};
    return com_end(
        c, com_class(c, cim_class_row(class)->name, &object) &&
               read_names(c, object, false, &out->properties, &out->property_count, &room) &&
               read_methods(c, object, out));
}

/* ---- the rest ---- */

static bool ask_method(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                       struct cim_object **out, struct err *e)
{
    return com_invoke(com_of(eye), a, call, out, e);
}

static bool give_hand(struct cim_eye *eye, struct cim_hand **out, struct err *e)
{
    (void)e;
    com_of(eye)->hand = (struct cim_hand){.ops = &com_hand_ops, .eye = eye};
    *out = &com_of(eye)->hand;
    return true;
}

static void close_eye(struct cim_eye *eye)
{
    struct com_eye *self = com_of(eye);

    for (size_t i = 0; i < CIM_CLASS_NONE; i++)
        if (self->classes[i])
            IWbemClassObject_Release(self->classes[i]);
    IWbemServices_Release(self->services);
    com_identity_free(self->identity); /* behind every proxy that has it */
    free(self);
}

const struct cim_eye_ops com_eye_ops = {.query = com_query,
                                        .get = get_object,
                                        .ask = ask_method,
                                        .schema = get_schema,
                                        .hand = give_hand,
                                        .close = close_eye};
