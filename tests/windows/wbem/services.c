/* IWbemLocator and IWbemServices, and what COM asks of a DLL. */
#include "base/str.h"
#include "tests/windows/wbem/wbem.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

struct wbem_counts wbem_counts;

static struct cim_net *net;

static BOOL CALLBACK open_net(INIT_ONCE *once, void *unused, void **context)
{
    (void)once, (void)unused, (void)context;
    net = world_net();
    return TRUE;
}

/* ---- queries: exactly what cim_wql() of the contract's classes can say ---- */

static const char *take_word(struct arena *a, const char **at)
{
    size_t n = strcspn(*at, " ");
    const char *word = arena_strndup(a, *at, n);

    *at += n;
    return word;
}

static bool take_literal(struct arena *a, const char *at, bool like, struct cim_query *out)
{
    struct text t;

    text_init(&t, a);
    if (*at != '\'') {
        out->text = at;
        return *at && strspn(at, "0123456789") == strlen(at);
    }
    for (at++; *at && *at != '\''; at++) {
        if (*at == '\\' && !*++at)
            return false;
        if (like && *at == '[' && at[1] && at[2] == ']') {
            text_add_n(&t, at + 1, 1);
            at += 2;
        } else if (!(like && *at == '%' && str_eq(at, "%'"))) {
            text_add_n(&t, at, 1);
        }
    }
    out->text = text_done(&t);
    return str_eq(at, "'");
}

static bool read_query(struct arena *a, enum cim_space space, const char *at, struct cim_query *out)
{
    static const char all[] = "SELECT * FROM ", where[] = " WHERE ";

    if (!str_starts(at, all))
        return false;
    at += strlen(all);
    *out = (struct cim_query){.class = cim_class_named(take_word(a, &at)), .test = CIM_ALL};
    if (!cim_class_in(out->class, space))
        return false;
    if (!*at)
        return true;
    if (!str_starts(at, where))
        return false;
    at += strlen(where);
    out->property = take_word(a, &at);
    out->test = str_starts(at, " = ") ? CIM_EQUALS : CIM_BEGINS;
    if (out->test == CIM_BEGINS && !str_starts(at, " LIKE '"))
        return false;
    at += out->test == CIM_EQUALS ? 3 : 6;
    return cim_property_row(out->class, out->property) &&
           take_literal(a, at, out->test == CIM_BEGINS, out);
}

/* ---- IWbemServices ---- */

static struct service *service_of(IWbemServices *face)
{
    return CONTAINING_RECORD(face, struct service, face);
}

void service_release(struct service *s)
{
    if (InterlockedDecrement(&s->refs) > 0)
        return;
    s->eye->ops->close(s->eye);
    DeleteCriticalSection(&s->lock);
    free(s);
    InterlockedDecrement(&wbem_counts.live);
}

static HRESULT WINAPI services_query(IWbemServices *face, REFIID iid, void **out)
{
    *out = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IWbemServices))
        *out = face;
    else if (IsEqualIID(iid, &IID_IClientSecurity))
        *out = guard_face(&service_of(face)->guard);
    if (!*out)
        return E_NOINTERFACE;
    InterlockedIncrement(&service_of(face)->refs);
    return S_OK;
}

static ULONG WINAPI services_add_ref(IWbemServices *face)
{
    return (ULONG)InterlockedIncrement(&service_of(face)->refs);
}

static ULONG WINAPI services_let_go(IWbemServices *face)
{
    ULONG left = (ULONG)service_of(face)->refs - 1;

    service_release(service_of(face));
    return left;
}

static HRESULT WINAPI services_rows(IWbemServices *face, const BSTR language, const BSTR text,
                                    LONG flags, IWbemContext *context, IEnumWbemClassObject **out)
{
    struct service *s = service_of(face);
    HRESULT hr = guard_check(&s->guard);
    const char *narrow;
    struct call *c;

    (void)context;
    if (FAILED(hr))
        return hr;
    if (_wcsicmp(language, L"WQL") != 0 ||
        flags != (WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY))
        return (HRESULT)WBEM_E_INVALID_PARAMETER;
    c = call_new(s, CALL_QUERY);
    narrow = narrow_of(&c->arena, text);
    if (narrow && read_query(&c->arena, s->eye->space, narrow, &c->query))
        return call_rows(c, out);
    call_release(c);
    return (HRESULT)WBEM_E_INVALID_QUERY;
}

static HRESULT WINAPI services_get(IWbemServices *face, const BSTR path, LONG flags,
                                   IWbemContext *context, IWbemClassObject **out,
                                   IWbemCallResult **result)
{
    struct service *s = service_of(face);
    HRESULT hr = guard_check(&s->guard);
    struct call *c;

    (void)context;
    if (FAILED(hr))
        return hr;
    c = call_new(s, CALL_GET);
    c->path = narrow_of(&c->arena, path);
    if (c->path && !strpbrk(c->path, ".=:\\")) {
        c->kind = CALL_CLASS;
        c->class = cim_class_named(c->path);
        if (!cim_class_in(c->class, s->eye->space))
            c->path = NULL;
    }
    if (c->path)
        return call_run(c, flags, out, result);
    call_release(c);
    return (HRESULT)WBEM_E_NOT_FOUND;
}

/* ---- writing ---- */

static bool is_said(IWbemContext *context, const wchar_t *name)
{
    VARIANT v;
    bool yes;

    VariantInit(&v);
    yes = SUCCEEDED(IWbemContext_GetValue(context, name, 0, &v)) && V_VT(&v) == VT_BOOL &&
          V_BOOL(&v) != VARIANT_FALSE;
    VariantClear(&v);
    return yes;
}

/* The names of __PUT_EXT_PROPERTIES; NULL: the whole instance is meant. */
static bool named_parts(struct arena *a, IWbemContext *context, struct cim_value *out)
{
    VARIANT v;
    bool well;

    if (!is_said(context, L"__PUT_EXTENSIONS") || !is_said(context, L"__PUT_EXT_CLIENT_REQUEST") ||
        !is_said(context, L"__PUT_EXT_STRICT_NULLS"))
        return false;
    VariantInit(&v);
    well = SUCCEEDED(IWbemContext_GetValue(context, L"__PUT_EXT_PROPERTIES", 0, &v)) &&
           variant_take(a, &v, CIM_TYPE_TEXT, true, out);
    VariantClear(&v);
    return well;
}

static bool is_named(const struct cim_value *parts, const char *name)
{
    for (size_t i = 0; i < parts->count; i++)
        if (str_same(parts->texts[i], name))
            return true;
    return false;
}

static bool read_put(struct call *c, struct object *o, const struct cim_value *parts)
{
    enum cim_class class = cim_class_named(o->class_name);
    struct cim_object *made = cim_object_new(&c->arena, arena_strdup(&c->arena, o->class_name),
                                             o->path ? arena_strdup(&c->arena, o->path) : NULL);

    for (size_t i = 0; i < o->count; i++) {
        const char *name = narrow_of(&c->arena, o->properties[i].name);
        const struct cim_property_row *row =
            class == CIM_CLASS_NONE ? NULL : cim_property_row(class, name);
        struct cim_value value;

        if (parts ? !is_named(parts, name) : !o->properties[i].put)
            continue;
        if (!row || !variant_take(&c->arena, &o->properties[i].value, row->type,
                                  (row->use & CIM_ARRAY) != 0, &value))
            return false;
        cim_set(&c->arena, made, row->name, value);
    }
    c->object = made;
    return made->path != NULL && made->count > 0;
}

static HRESULT WINAPI services_put(IWbemServices *face, IWbemClassObject *object, LONG flags,
                                   IWbemContext *context, IWbemCallResult **result)
{
    struct service *s = service_of(face);
    struct object *o = object_from(object);
    HRESULT hr = guard_check(&s->guard);
    struct cim_value parts = {0};
    struct call *c;

    if (FAILED(hr))
        return hr;
    if (!o || !(flags & WBEM_FLAG_UPDATE_ONLY))
        return (HRESULT)WBEM_E_INVALID_PARAMETER;
    if (context)
        InterlockedIncrement(&wbem_counts.parts);
    if (context && !world_takes_parts(cim_class_named(o->class_name)))
        return (HRESULT)WBEM_E_PROVIDER_NOT_CAPABLE;
    c = call_new(s, CALL_PUT);
    if ((!context || named_parts(&c->arena, context, &parts)) &&
        read_put(c, o, context ? &parts : NULL))
        return call_run(c, flags, NULL, result);
    call_release(c);
    return (HRESULT)WBEM_E_INVALID_PARAMETER;
}

/* ---- methods ---- */

/* Of a path, or of the class itself. */
static enum cim_class class_in(struct arena *a, const char *path)
{
    const char *at = strchr(path, ':');

    at = at ? at + 1 : path;
    return cim_class_named(arena_strndup(a, at, strcspn(at, ".=")));
}

static bool read_parameters(struct call *c, struct object *in)
{
    struct cim_object *made = cim_object_new(&c->arena, "__PARAMETERS", NULL);

    for (size_t i = 0; in && i < in->count; i++) {
        const char *name = narrow_of(&c->arena, in->properties[i].name);
        const struct cim_parameter_row *row = cim_parameter_row(c->method.method, name);
        struct cim_value value;

        if (!in->properties[i].put)
            continue;
        if (!row || row->out ||
            !variant_take(&c->arena, &in->properties[i].value, row->type, row->array, &value))
            return false;
        cim_set(&c->arena, made, row->name, value);
    }
    c->method.in = made;
    return true;
}

static HRESULT WINAPI services_method(IWbemServices *face, const BSTR path, const BSTR name,
                                      LONG flags, IWbemContext *context, IWbemClassObject *in,
                                      IWbemClassObject **out, IWbemCallResult **result)
{
    struct service *s = service_of(face);
    HRESULT hr = guard_check(&s->guard);
    enum cim_class class;
    struct call *c;

    (void)context;
    if (FAILED(hr))
        return hr;
    c = call_new(s, CALL_METHOD);
    c->method.path = narrow_of(&c->arena, path);
    class = c->method.path ? class_in(&c->arena, c->method.path) : CIM_CLASS_NONE;
    c->method.method = class == CIM_CLASS_NONE
                           ? CIM_METHOD_NONE
                           : cim_method_named(class, narrow_of(&c->arena, name));
    if (c->method.method != CIM_METHOD_NONE && cim_class_in(class, s->eye->space) &&
        read_parameters(c, object_from(in)))
        return call_run(c, flags, out, result);
    call_release(c);
    return (HRESULT)WBEM_E_INVALID_METHOD_PARAMETERS;
}

static const IWbemServicesVtbl services_table = {.QueryInterface = services_query,
                                                 .AddRef = services_add_ref,
                                                 .Release = services_let_go,
                                                 .GetObject = services_get,
                                                 .PutInstance = services_put,
                                                 .ExecQuery = services_rows,
                                                 .ExecMethod = services_method};

static HRESULT service_new(struct cim_eye *eye, IWbemServices **out)
{
    struct service *s = calloc(1, sizeof *s);

    if (!s)
        abort();
    s->face.lpVtbl = (IWbemServicesVtbl *)(uintptr_t)&services_table;
    guard_init(&s->guard, (IUnknown *)&s->face);
    s->refs = 1;
    s->eye = eye;
    InitializeCriticalSection(&s->lock);
    InterlockedIncrement(&wbem_counts.live);
    *out = &s->face;
    return S_OK;
}

/* ---- IWbemLocator ---- */

struct locator {
    IWbemLocator face;
    LONG refs;
};

static HRESULT WINAPI locator_query(IWbemLocator *face, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IWbemLocator))
        return E_NOINTERFACE;
    InterlockedIncrement(&CONTAINING_RECORD(face, struct locator, face)->refs);
    *out = face;
    return S_OK;
}

static ULONG WINAPI locator_add_ref(IWbemLocator *face)
{
    return (ULONG)InterlockedIncrement(&CONTAINING_RECORD(face, struct locator, face)->refs);
}

static ULONG WINAPI locator_let_go(IWbemLocator *face)
{
    struct locator *l = CONTAINING_RECORD(face, struct locator, face);
    LONG left = InterlockedDecrement(&l->refs);

    if (left == 0) {
        free(l);
        InterlockedDecrement(&wbem_counts.live);
    }
    return (ULONG)left;
}

/* \\host\namespace, or a namespace of this machine. */
static HRESULT connect_to(struct arena *a, const char *path, IWbemServices **out)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    const char *host = NULL;
    struct err e = {0};
    struct cim_eye *eye = NULL;
    unsigned space = 0;

    if (str_starts(path, "\\\\")) {
        size_t n = strcspn(path + 2, "\\");

        host = arena_strndup(a, path + 2, n);
        path += 2 + n + (path[2 + n] != '\0');
    }
    while (space < CIM_SPACES && !str_same(path, cim_space_paths[space]))
        space++;
    if (space == CIM_SPACES)
        return (HRESULT)WBEM_E_INVALID_NAMESPACE;
    InitOnceExecuteOnce(&once, open_net, NULL, NULL);
    if (!net->ops->connect(net, host, space, &eye, &e))
        return wbem_error(space, &e);
    return service_new(eye, out);
}

static HRESULT WINAPI locator_connect(IWbemLocator *face, const BSTR path, const BSTR user,
                                      const BSTR password, const BSTR locale, LONG flags,
                                      const BSTR authority, IWbemContext *context,
                                      IWbemServices **out)
{
    struct arena a;
    HRESULT hr;

    (void)face, (void)context;
    if (locale || authority || flags != WBEM_FLAG_CONNECT_USE_MAX_WAIT)
        return (HRESULT)WBEM_E_INVALID_PARAMETER;
    if (path[0] != L'\\' && (user || password)) /* at this machine itself */
        return (HRESULT)0x80041064;
    if (path[0] == L'\\' && !is_user(user, password))
        return E_ACCESSDENIED;
    arena_init(&a, 0);
    hr = connect_to(&a, narrow_of(&a, path), out);
    arena_release(&a);
    return hr;
}

static const IWbemLocatorVtbl locator_table = {.QueryInterface = locator_query,
                                               .AddRef = locator_add_ref,
                                               .Release = locator_let_go,
                                               .ConnectServer = locator_connect};

HRESULT locator_new(REFIID iid, void **out)
{
    struct locator *l = calloc(1, sizeof *l);
    HRESULT hr;

    if (!l)
        abort();
    InterlockedIncrement(&wbem_counts.live);
    l->face.lpVtbl = (IWbemLocatorVtbl *)(uintptr_t)&locator_table;
    l->refs = 1;
    hr = locator_query(&l->face, iid, out);
    locator_let_go(&l->face);
    return hr;
}

/* ---- the DLL: it is linked so that all it has can be found by name ---- */

struct factory {
    IClassFactory face;
    HRESULT (*make)(REFIID iid, void **out);
};

static HRESULT WINAPI factory_query(IClassFactory *face, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IClassFactory) ? face : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}

/* There are two of them, and they stay. */
static ULONG WINAPI factory_count(IClassFactory *face)
{
    (void)face;
    return 1;
}

static HRESULT WINAPI factory_make(IClassFactory *face, IUnknown *outer, REFIID iid, void **out)
{
    *out = NULL;
    return outer ? CLASS_E_NOAGGREGATION
                 : CONTAINING_RECORD(face, struct factory, face)->make(iid, out);
}

static HRESULT WINAPI factory_lock(IClassFactory *face, BOOL yes)
{
    (void)face, (void)yes;
    return S_OK;
}

static const IClassFactoryVtbl factory_table = {.QueryInterface = factory_query,
                                                .AddRef = factory_count,
                                                .Release = factory_count,
                                                .CreateInstance = factory_make,
                                                .LockServer = factory_lock};

HRESULT WINAPI DllGetClassObject(REFCLSID class, REFIID iid, void **out)
{
    static struct factory locators = {.make = locator_new}, sources = {.make = text_source_new};

    locators.face.lpVtbl = sources.face.lpVtbl = (IClassFactoryVtbl *)(uintptr_t)&factory_table;
    *out = NULL;
    if (IsEqualCLSID(class, &CLSID_WbemLocator))
        return factory_query(&locators.face, iid, out);
    if (IsEqualCLSID(class, &CLSID_WbemObjectTextSrc))
        return factory_query(&sources.face, iid, out);
    return CLASS_E_CLASSNOTAVAILABLE;
}

HRESULT WINAPI DllCanUnloadNow(void)
{
    return wbem_counts.live ? S_FALSE : S_OK;
}

/* For a test in the same process. */
void wbem_count(struct wbem_counts *out);
void wbem_count(struct wbem_counts *out)
{
    *out = wbem_counts;
}

/* For a test that starts the program: WBEM_REPORT names a file, which gets a line at the end. */
static void report(void)
{
    char path[MAX_PATH] = "", line[160];
    HANDLE h;
    DWORD done;
    int n = snprintf(line, sizeof line,
                     "live %ld insecure %ld acts %ld queries %ld gets %ld puts %ld "
                     "methods %ld\n",
                     wbem_counts.live, wbem_counts.insecure, wbem_counts.acts, wbem_counts.queries,
                     wbem_counts.gets, wbem_counts.puts, wbem_counts.methods);

    if (!GetEnvironmentVariableA("WBEM_REPORT", path, sizeof path))
        return;
    h = CreateFileA(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS,
                    FILE_ATTRIBUTE_NORMAL, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return;
    WriteFile(h, line, (DWORD)n, &done, NULL);
    CloseHandle(h);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD why, void *reserved);
BOOL WINAPI DllMain(HINSTANCE instance, DWORD why, void *reserved)
{
    (void)instance, (void)reserved;
    if (why == DLL_PROCESS_DETACH)
        report();
    return TRUE;
}
