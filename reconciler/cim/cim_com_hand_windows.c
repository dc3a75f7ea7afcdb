/* Acting: methods, writing properties, and instances as text. */
#include "cim/cim_com_windows.h"

#include <stdlib.h>

/* ---- objects that are made here ---- */

static bool start_from(struct com_call *c, const struct cim_object *object, IWbemClassObject *base,
                       IWbemClassObject **out)
{
    IWbemClassObject **made = com_slot(c), *class = NULL;
    HRESULT hr;

    if (object->path)
        return com_get(c, object->path, out);
    if (base) {
        hr = IWbemClassObject_Clone(base, made);
    } else {
        if (!com_class(c, object->class_name, &class))
            return false;
        hr = IWbemClassObject_SpawnInstance(class, 0, made);
    }
    *out = *made;
    return SUCCEEDED(hr) || com_fail(c, hr, object->class_name);
}

bool com_build(struct com_call *c, const struct cim_object *object, IWbemClassObject *base,
               IWbemClassObject **out)
{
    enum cim_class class = cim_class_named(object->class_name);

    if (!start_from(c, object, base, out))
        return false;
    for (size_t i = 0; i < object->count; i++) {
        const struct cim_property *p = &object->properties[i];
        const struct cim_property_row *row =
            class == CIM_CLASS_NONE ? NULL : cim_property_row(class, p->name);

        if (!com_write(c, *out, p->name, &p->value, row && (row->use & CIM_MAY_LACK)))
            return err_wrap(c->e, "%s", object->class_name);
    }
    return true;
}

/* ---- contexts: named values beside a call ---- */

static bool new_context(struct com_call *c, IWbemContext **out)
{
    IWbemContext **context = com_slot(c);
    HRESULT hr = CoCreateInstance(&CLSID_WbemContext, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemContext,
                                  (void **)context);

    *out = *context;
    return SUCCEEDED(hr) || com_fail(c, hr, "WbemContext");
}

static bool say_flag(struct com_call *c, IWbemContext *context, const wchar_t *name, bool yes)
{
    VARIANT *v = com_variant(c);
    HRESULT hr;

    V_VT(v) = VT_BOOL;
    V_BOOL(v) = yes ? VARIANT_TRUE : VARIANT_FALSE;
    hr = IWbemContext_SetValue(context, name, 0, v);
    return SUCCEEDED(hr) || com_fail(c, hr, "WbemContext");
}

static bool say_names(struct com_call *c, IWbemContext *context, const struct cim_object *object)
{
    VARIANT *v = com_variant(c);
    HRESULT hr = S_OK;

    V_ARRAY(v) = SafeArrayCreateVector(VT_BSTR, 0, (ULONG)object->count);
    if (!V_ARRAY(v))
        abort(); /* the machine has no memory: as the arena */
    V_VT(v) = VT_ARRAY | VT_BSTR;
    for (size_t i = 0; i < object->count && SUCCEEDED(hr); i++) {
        BSTR name = com_wide(c, object->properties[i].name);
        LONG at = (LONG)i;

        if (!name)
            return false;
        hr = SafeArrayPutElement(V_ARRAY(v), &at, name);
    }
    if (SUCCEEDED(hr))
        hr = IWbemContext_SetValue(context, L"__PUT_EXT_PROPERTIES", 0, v);
    return SUCCEEDED(hr) || com_fail(c, hr, "WbemContext");
}

/* ---- instances as text ---- */

bool com_instance(struct com_call *c, const struct cim_object *object, BSTR *out)
{
    IWbemObjectTextSrc **source = com_slot(c);
    IWbemClassObject *built = NULL;
    IWbemContext *context = NULL;
    BSTR *text = com_text(c);
    HRESULT hr;

    /* Not local only: what the class inherits (HostResource, PoolID) belongs to it as well. */
    if (!com_build(c, object, NULL, &built) || !new_context(c, &context) ||
        !say_flag(c, context, L"LocalOnly", false))
        return false;
    hr = CoCreateInstance(&CLSID_WbemObjectTextSrc, NULL, CLSCTX_INPROC_SERVER,
                          &IID_IWbemObjectTextSrc, (void **)source);
    if (SUCCEEDED(hr))
        hr = IWbemObjectTextSrc_GetText(*source, 0, built, WMI_OBJ_TEXT_CIM_DTD_2_0, context, text);
    if (FAILED(hr))
        return com_fail(c, hr, "WbemObjectTextSrc");
    *out = *text;
    return true;
}

/* ---- methods ---- */

static bool give_parameters(struct com_call *c, const struct cim_call *call,
                            IWbemClassObject *signature, IWbemClassObject **out)
{
    IWbemClassObject **in = com_slot(c);
    HRESULT hr = S_OK;

    if (signature)
        hr = IWbemClassObject_SpawnInstance(signature, 0, in);
    if (FAILED(hr))
        return com_fail(c, hr, "parameters");
    for (size_t i = 0; call->in && i < call->in->count; i++) {
        const struct cim_property *p = &call->in->properties[i];

        if (!*in)
            return err_set(c->e, ERR_UNSUPPORTED, (int64_t)(uint32_t)WBEM_E_NOT_FOUND,
                           "that host has no %s", p->name);
        if (!com_write(c, *in, p->name, &p->value, false))
            return false;
    }
    *out = *in;
    return true;
}

/* The class says what a method takes; what it has not got is none of the platform's refusals. */
static bool signature_of(struct com_call *c, const struct cim_method_row *method,
                         IWbemClassObject **out)
{
    IWbemClassObject *class = NULL, **in = com_slot(c);
    BSTR name = com_wide(c, method->name);
    HRESULT hr;

    if (!name || !com_class(c, cim_class_row(method->class)->name, &class))
        return false;
    hr = IWbemClassObject_GetMethod(class, name, 0, in, NULL);
    *out = *in;
    if (hr == (HRESULT)WBEM_E_NOT_FOUND)
        return err_set(c->e, ERR_UNSUPPORTED, (int64_t)(uint32_t)hr,
                       "that host has no such method");
    return SUCCEEDED(hr) || com_fail(c, hr, "GetMethod");
}

/* It failed, or the time was up, before the host was asked to do anything: that is no doubt. */
static bool not_asked(struct com_call *c)
{
    if (c->e->kind == ERR_TIMEOUT)
        c->e->kind = ERR_UNSEEN;
    return com_end(c, false);
}

bool com_invoke(struct com_eye *eye, struct arena *a, const struct cim_call *call,
                struct cim_object **out, struct err *e)
{
    struct com_call *c = com_begin(eye, a, e);
    const struct cim_method_row *method = cim_method_row(call->method);
    BSTR name = com_wide(c, method->name), path = com_wide(c, call->path);
    IWbemClassObject *signature = NULL, *in = NULL, **back = com_slot(c);
    IWbemCallResult **result = com_slot(c);
    HRESULT hr;

    *out = cim_object_new(a, "__PARAMETERS", NULL);
    if (!name || !path || !signature_of(c, method, &signature) ||
        !give_parameters(c, call, signature, &in))
        return not_asked(c);
    if (!com_patience(c)) {
        com_late(c, "parameters");
        return not_asked(c);
    }
    hr = IWbemServices_ExecMethod(eye->services, path, name, WBEM_FLAG_RETURN_IMMEDIATELY, NULL, in,
                                  back, result);
    if (!com_await(c, hr, *result, back, "ExecMethod"))
        return com_end(c, false);
    return com_end(c, !*back || com_read(c, *back, 0, *out));
}

static bool act(struct cim_hand *hand, struct arena *a, const struct cim_call *call,
                struct cim_object **out, struct err *e)
{
    return com_invoke((struct com_eye *)hand->eye, a, call, out, e);
}

/* ---- writing properties (decision 045) ---- */

static bool says_whole_only(HRESULT hr)
{
    return hr == (HRESULT)WBEM_E_PROVIDER_NOT_CAPABLE || hr == (HRESULT)WBEM_E_NOT_SUPPORTED ||
           hr == (HRESULT)WBEM_E_UNSUPPORTED_PARAMETER;
}

static bool put_instance(struct com_call *c, IWbemClassObject *object, IWbemContext *context)
{
    IWbemCallResult **result = com_slot(c);
    HRESULT hr = IWbemServices_PutInstance(c->eye->services, object,
                                           WBEM_FLAG_UPDATE_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY,
                                           context, result);

    return com_await(c, hr, *result, NULL, "PutInstance");
}

static bool put(struct cim_hand *hand, struct arena *a, const struct cim_object *object,
                struct err *e)
{
    struct com_call *c = com_begin((struct com_eye *)hand->eye, a, e);
    IWbemClassObject *built = NULL;
    IWbemContext *context = NULL;
    struct err partly = {0};

    if (!com_build(c, object, NULL, &built) || !new_context(c, &context) ||
        !say_flag(c, context, L"__PUT_EXTENSIONS", true) ||
        !say_flag(c, context, L"__PUT_EXT_CLIENT_REQUEST", true) ||
        !say_flag(c, context, L"__PUT_EXT_STRICT_NULLS", true) || !say_names(c, context, object))
        return not_asked(c);
    c->e = &partly;
    if (put_instance(c, built, context)) {
        if (partly.native)
            *e = partly; /* the note that it was done, but only so */
        return com_end(c, true);
    }
    c->e = e;
    if (says_whole_only((HRESULT)partly.native))
        return com_end(c, put_instance(c, built, NULL));
    *e = partly;
    return com_end(c, false);
}

const struct cim_hand_ops com_hand_ops = {.put = put, .invoke = act};
