/* IWbemClassObject: classes, instances, parameters, errors. */
#include "base/str.h"
#include "tests/windows/wbem/wbem.h"

#include <stdlib.h>
#include <wchar.h>

static const IWbemClassObjectVtbl object_table;
static const IErrorInfoVtbl error_table;

struct object *object_new(const char *class_name, const char *path)
{
    struct object *o = calloc(1, sizeof *o);

    if (!o)
        abort();
    o->face.lpVtbl = (IWbemClassObjectVtbl *)(uintptr_t)&object_table;
    o->error.lpVtbl = (IErrorInfoVtbl *)(uintptr_t)&error_table;
    o->refs = 1;
    o->class = CIM_CLASS_NONE;
    arena_init(&o->arena, 0);
    o->class_name = arena_strdup(&o->arena, class_name);
    o->path = path ? arena_strdup(&o->arena, path) : NULL;
    InterlockedIncrement(&wbem_counts.live);
    return o;
}

struct property *object_add(struct object *o, const char *name, CIMTYPE type)
{
    struct property *p = arena_push(&o->arena, o->properties, o->count, o->room);

    p->name = wide_of(&o->arena, name);
    p->type = type;
    V_VT(&p->value) = VT_NULL;
    return p;
}

struct object *object_of(const struct cim_object *row)
{
    struct object *o = object_new(row->class_name, row->path);

    for (size_t i = 0; i < row->count; i++) {
        const struct cim_value *value = &row->properties[i].value;
        struct property *p =
            object_add(o, row->properties[i].name, variant_type(value->type, value->array));
        enum cim_class class = cim_class_named(row->class_name);
        const struct cim_property_row *known =
            class == CIM_CLASS_NONE ? NULL : cim_property_row(class, row->properties[i].name);

        if (value->null && known) /* the null of an array is one as well */
            p->type = variant_type(known->type, (known->use & CIM_ARRAY) != 0);
        variant_make(value, &p->value);
        world_spoil(row->properties[i].name, &p->type, &p->value);
    }
    return o;
}

struct object *object_class(enum cim_class class, struct cim_eye *eye, struct err *e)
{
    struct object *o = object_new(cim_class_row(class)->name, NULL);

    o->is_class = true;
    o->class = class;
    o->schema = arena_new(&o->arena, struct cim_schema);
    if (!eye->ops->schema(eye, &o->arena, class, o->schema, e)) {
        object_release(o);
        return NULL;
    }
    for (size_t i = 0; i < o->schema->property_count; i++)
        object_add(o, o->schema->properties[i].name,
                   variant_type(o->schema->properties[i].type, o->schema->properties[i].array));
    return o;
}

struct object *object_from(IWbemClassObject *face)
{
    return face && face->lpVtbl == (IWbemClassObjectVtbl *)(uintptr_t)&object_table
               ? CONTAINING_RECORD(face, struct object, face)
               : NULL;
}

static struct object *of(IWbemClassObject *face)
{
    return CONTAINING_RECORD(face, struct object, face);
}

void object_release(struct object *o)
{
    if (InterlockedDecrement(&o->refs) > 0)
        return;
    for (size_t i = 0; i < o->count; i++)
        VariantClear(&o->properties[i].value);
    arena_release(&o->arena);
    free(o);
    InterlockedDecrement(&wbem_counts.live);
}

static struct property *find(struct object *o, const wchar_t *name)
{
    for (size_t i = 0; i < o->count; i++)
        if (_wcsicmp(o->properties[i].name, name) == 0)
            return &o->properties[i];
    return NULL;
}

void object_complete(struct object *o, struct cim_eye *eye)
{
    enum cim_class class = cim_class_named(o->class_name);
    struct cim_schema schema = {0};
    struct err e = {0};

    if (class == CIM_CLASS_NONE || !eye->ops->schema(eye, &o->arena, class, &schema, &e))
        return;
    for (size_t i = 0; i < schema.property_count; i++) {
        const struct cim_schema_property *p = &schema.properties[i];

        if (!find(o, wide_of(&o->arena, p->name)))
            object_add(o, p->name, variant_type(p->type, p->array));
    }
}

static struct object *copy_of(struct object *o, bool values)
{
    struct object *copy = object_new(o->class_name, values ? o->path : NULL);

    for (size_t i = 0; i < o->count; i++) {
        const char *name = narrow_of(&copy->arena, o->properties[i].name);
        struct property *p = object_add(copy, name, o->properties[i].type);

        if (values && FAILED(VariantCopy(&p->value, &o->properties[i].value)))
            abort();
        p->put = values && o->properties[i].put;
    }
    return copy;
}

/* ---- IUnknown ---- */

static HRESULT WINAPI object_query(IWbemClassObject *face, REFIID iid, void **out)
{
    struct object *o = of(face);

    *out = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IWbemClassObject))
        *out = &o->face;
    else if (IsEqualIID(iid, &IID_IErrorInfo))
        *out = &o->error;
    if (!*out)
        return E_NOINTERFACE;
    InterlockedIncrement(&o->refs);
    return S_OK;
}

static ULONG WINAPI object_add_ref(IWbemClassObject *face)
{
    return (ULONG)InterlockedIncrement(&of(face)->refs);
}

static ULONG WINAPI object_let_go(IWbemClassObject *face)
{
    ULONG left = (ULONG)of(face)->refs - 1;

    object_release(of(face));
    return left;
}

/* ---- values ---- */

static HRESULT get_system(struct object *o, const wchar_t *name, VARIANT *value, CIMTYPE *type)
{
    const char *text = _wcsicmp(name, L"__CLASS") == 0  ? o->class_name
                       : _wcsicmp(name, L"__PATH") == 0 ? o->path
                                                        : NULL;

    if (type)
        *type = CIM_STRING;
    if (_wcsicmp(name, L"__CLASS") != 0 && _wcsicmp(name, L"__PATH") != 0)
        return (HRESULT)WBEM_E_NOT_FOUND;
    if (!value)
        return S_OK;
    V_VT(value) = VT_NULL;
    if (text) {
        V_VT(value) = VT_BSTR;
        V_BSTR(value) = SysAllocString(wide_of(&o->arena, text));
    }
    return S_OK;
}

static HRESULT WINAPI object_get(IWbemClassObject *face, LPCWSTR name, LONG flags, VARIANT *value,
                                 CIMTYPE *type, LONG *flavor)
{
    struct property *p = find(of(face), name);

    (void)flags;
    if (flavor)
        *flavor = 0;
    if (wcsncmp(name, L"__", 2) == 0)
        return get_system(of(face), name, value, type);
    if (!p)
        return (HRESULT)WBEM_E_NOT_FOUND;
    if (type)
        *type = p->type;
    return value ? VariantCopy(value, &p->value) : S_OK;
}

static HRESULT WINAPI object_put(IWbemClassObject *face, LPCWSTR name, LONG flags, VARIANT *value,
                                 CIMTYPE type)
{
    struct property *p = find(of(face), name);

    if (!p)
        return (HRESULT)WBEM_E_NOT_FOUND;
    if (of(face)->is_class || flags || type) /* of an instance the class says the type */
        return (HRESULT)WBEM_E_INVALID_PARAMETER;
    p->put = true;
    return VariantCopy(&p->value, value);
}

/* ---- walking ---- */

static HRESULT WINAPI object_begin(IWbemClassObject *face, LONG flags)
{
    if (flags != WBEM_FLAG_NONSYSTEM_ONLY)
        return (HRESULT)WBEM_E_INVALID_PARAMETER;
    of(face)->at = 1;
    return S_OK;
}

static HRESULT WINAPI object_next(IWbemClassObject *face, LONG flags, BSTR *name, VARIANT *value,
                                  CIMTYPE *type, LONG *flavor)
{
    struct object *o = of(face);
    struct property *p;

    (void)flags;
    if (!o->at)
        return (HRESULT)WBEM_E_UNEXPECTED;
    if (o->at > o->count)
        return WBEM_S_NO_MORE_DATA;
    p = &o->properties[o->at++ - 1];
    if (name)
        *name = SysAllocString(p->name);
    if (type)
        *type = p->type;
    if (flavor)
        *flavor = 0;
    return value ? VariantCopy(value, &p->value) : S_OK;
}

static HRESULT WINAPI object_end(IWbemClassObject *face)
{
    of(face)->at = 0;
    return S_OK;
}

static HRESULT WINAPI object_clone(IWbemClassObject *face, IWbemClassObject **out)
{
    *out = &copy_of(of(face), true)->face;
    return S_OK;
}

static HRESULT WINAPI object_spawn(IWbemClassObject *face, LONG flags, IWbemClassObject **out)
{
    if (flags || !of(face)->is_class)
        return (HRESULT)WBEM_E_INVALID_OPERATION;
    *out = &copy_of(of(face), false)->face;
    return S_OK;
}

/* ---- methods ---- */

static const struct cim_schema_method *method_of(struct object *o, const wchar_t *name)
{
    const char *narrow = narrow_of(&o->arena, name);

    for (size_t i = 0; o->schema && i < o->schema->method_count; i++)
        if (str_same(o->schema->methods[i].name, narrow))
            return &o->schema->methods[i];
    return NULL;
}

/* The parameters that go in, or those that come back; NULL where there are none. */
static IWbemClassObject *signature(struct object *o, const struct cim_schema_method *method,
                                   bool back)
{
    enum cim_method known = cim_method_named(o->class, method->name);
    struct object *made = object_new("__PARAMETERS", NULL);

    made->is_class = true;
    for (size_t i = 0; i < method->parameter_count; i++) {
        const struct cim_schema_property *p = &method->parameters[i];
        const struct cim_parameter_row *row =
            known == CIM_METHOD_NONE ? NULL : cim_parameter_row(known, p->name);

        if ((row && row->out) == back)
            object_add(made, p->name, variant_type(p->type, p->array));
    }
    if (back && cim_class_row(o->class)->space != CIM_SPACE_CLUSTER)
        object_add(made, "ReturnValue", CIM_UINT32);
    if (made->count)
        return &made->face;
    object_release(made);
    return NULL;
}

static void signatures(struct object *o, const struct cim_schema_method *method,
                       IWbemClassObject **in, IWbemClassObject **back)
{
    if (in)
        *in = signature(o, method, false);
    if (back)
        *back = signature(o, method, true);
}

static HRESULT WINAPI object_method(IWbemClassObject *face, LPCWSTR name, LONG flags,
                                    IWbemClassObject **in, IWbemClassObject **back)
{
    struct object *o = of(face);
    const struct cim_schema_method *method = method_of(o, name);

    (void)flags;
    if (!o->is_class)
        return (HRESULT)WBEM_E_ILLEGAL_OPERATION;
    if (!method)
        return (HRESULT)WBEM_E_NOT_FOUND;
    signatures(o, method, in, back);
    return S_OK;
}

static HRESULT WINAPI object_begin_methods(IWbemClassObject *face, LONG flags)
{
    if (!of(face)->is_class || flags)
        return (HRESULT)WBEM_E_ILLEGAL_OPERATION;
    of(face)->method_at = 1;
    return S_OK;
}

static HRESULT WINAPI object_next_method(IWbemClassObject *face, LONG flags, BSTR *name,
                                         IWbemClassObject **in, IWbemClassObject **back)
{
    struct object *o = of(face);
    const struct cim_schema_method *method;

    (void)flags;
    if (!o->method_at)
        return (HRESULT)WBEM_E_UNEXPECTED;
    if (o->method_at > o->schema->method_count)
        return WBEM_S_NO_MORE_DATA;
    method = &o->schema->methods[o->method_at++ - 1];
    *name = SysAllocString(wide_of(&o->arena, method->name));
    signatures(o, method, in, back);
    return S_OK;
}

static HRESULT WINAPI object_end_methods(IWbemClassObject *face)
{
    of(face)->method_at = 0;
    return S_OK;
}

/* What nobody of ours calls has no entry: a call of it is seen at once. */
static const IWbemClassObjectVtbl object_table = {
    .QueryInterface = object_query,
    .AddRef = object_add_ref,
    .Release = object_let_go,
    .Get = object_get,
    .Put = object_put,
    .BeginEnumeration = object_begin,
    .Next = object_next,
    .EndEnumeration = object_end,
    .Clone = object_clone,
    .SpawnInstance = object_spawn,
    .GetMethod = object_method,
    .BeginMethodEnumeration = object_begin_methods,
    .NextMethod = object_next_method,
    .EndMethodEnumeration = object_end_methods,
};

/* ---- IErrorInfo: the other face of an error ---- */

static HRESULT WINAPI error_query(IErrorInfo *face, REFIID iid, void **out)
{
    return object_query(&CONTAINING_RECORD(face, struct object, error)->face, iid, out);
}

static ULONG WINAPI error_add_ref(IErrorInfo *face)
{
    return object_add_ref(&CONTAINING_RECORD(face, struct object, error)->face);
}

static ULONG WINAPI error_let_go(IErrorInfo *face)
{
    return object_let_go(&CONTAINING_RECORD(face, struct object, error)->face);
}

static const IErrorInfoVtbl error_table = {
    .QueryInterface = error_query, .AddRef = error_add_ref, .Release = error_let_go};
