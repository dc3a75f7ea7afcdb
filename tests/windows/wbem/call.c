/*
 * Calls as WMI carries them out: in a thread of their own, and the client waits
 * for an enumerator or a call result.  Who is not private gets nothing.
 */
#include "base/str.h"
#include "tests/windows/wbem/wbem.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- IClientSecurity ---- */

enum word { WORD_NONE, WORD_REFUSE, WORD_SILENT, WORD_ABSENT };

/* WBEM_SECURITY: refuse (setting it fails), silent (it does, and nothing is set), absent. */
static enum word security_word(void)
{
    static const char *const words[] = {"", "refuse", "silent", "absent"};
    char word[16] = "";
    unsigned i = WORD_ABSENT;

    GetEnvironmentVariableA("WBEM_SECURITY", word, sizeof word);
    while (i > WORD_NONE && !str_eq(word, words[i]))
        i--;
    return i;
}

static struct guard *guard_of(IClientSecurity *face)
{
    return CONTAINING_RECORD(face, struct guard, face);
}

static HRESULT WINAPI guard_query(IClientSecurity *face, REFIID iid, void **out)
{
    return IUnknown_QueryInterface(guard_of(face)->outer, iid, out);
}

static ULONG WINAPI guard_add_ref(IClientSecurity *face)
{
    return IUnknown_AddRef(guard_of(face)->outer);
}

static ULONG WINAPI guard_let_go(IClientSecurity *face)
{
    return IUnknown_Release(guard_of(face)->outer);
}

static HRESULT WINAPI guard_ask(IClientSecurity *face, IUnknown *proxy, DWORD *authn, DWORD *authz,
                                OLECHAR **principal, DWORD *level, DWORD *impersonation,
                                void **identity, DWORD *capabilities)
{
    (void)proxy, (void)principal, (void)identity;
    *authn = RPC_C_AUTHN_GSS_NEGOTIATE;
    *authz = RPC_C_AUTHZ_NONE;
    *level = guard_of(face)->level;
    *impersonation = guard_of(face)->impersonation;
    *capabilities = EOAC_NONE;
    return S_OK;
}

bool is_user(const wchar_t *user, const wchar_t *password)
{
    wchar_t wanted[256], given[256];
    DWORD n = GetEnvironmentVariableW(L"WBEM_SIGN_IN", wanted, 256);

    if (!n || !user || !password)
        return !n && !user && !password;
    _snwprintf(given, 255, L"%ls:%ls", user, password);
    given[255] = L'\0';
    return wcscmp(wanted, given) == 0;
}

/* A domain and a user in parts, as COM has them. */
static bool is_identity(const COAUTHIDENTITY *id)
{
    wchar_t user[256];

    if (id->Flags != SEC_WINNT_AUTH_IDENTITY_UNICODE ||
        id->UserLength != wcslen((const wchar_t *)id->User) ||
        id->DomainLength != wcslen((const wchar_t *)id->Domain) ||
        id->PasswordLength != wcslen((const wchar_t *)id->Password))
        return false;
    _snwprintf(user, 255, L"%ls%ls%ls", (const wchar_t *)id->Domain, id->DomainLength ? L"\\" : L"",
               (const wchar_t *)id->User);
    user[255] = L'\0';
    return is_user(user, (const wchar_t *)id->Password);
}

static HRESULT WINAPI guard_set(IClientSecurity *face, IUnknown *proxy, DWORD authn, DWORD authz,
                                OLECHAR *principal, DWORD level, DWORD impersonation,
                                void *identity, DWORD capabilities)
{
    (void)proxy, (void)authn, (void)authz, (void)principal, (void)capabilities;
    if (security_word() == WORD_REFUSE || (identity && !is_identity(identity)))
        return E_ACCESSDENIED;
    if (identity)
        InterlockedIncrement(&wbem_counts.identified);
    if (security_word() != WORD_SILENT) {
        guard_of(face)->level = level;
        guard_of(face)->impersonation = impersonation;
    }
    return S_OK;
}

static const IClientSecurityVtbl guard_table = {.QueryInterface = guard_query,
                                                .AddRef = guard_add_ref,
                                                .Release = guard_let_go,
                                                .QueryBlanket = guard_ask,
                                                .SetBlanket = guard_set};

/* What a new proxy has until somebody asks for more. */
void guard_init(struct guard *g, IUnknown *outer)
{
    *g = (struct guard){.face = {(IClientSecurityVtbl *)(uintptr_t)&guard_table},
                        .outer = outer,
                        .level = RPC_C_AUTHN_LEVEL_CONNECT,
                        .impersonation = RPC_C_IMP_LEVEL_IDENTIFY};
}

IClientSecurity *guard_face(struct guard *g)
{
    return security_word() == WORD_ABSENT ? NULL : &g->face;
}

HRESULT guard_check(const struct guard *g)
{
    if (security_word() == WORD_ABSENT || (g->level == RPC_C_AUTHN_LEVEL_PKT_PRIVACY &&
                                           g->impersonation == RPC_C_IMP_LEVEL_IMPERSONATE))
        return S_OK;
    InterlockedIncrement(&wbem_counts.insecure);
    return (HRESULT)WBEM_E_ACCESS_DENIED;
}

/* ---- errors ---- */

static HRESULT code_of(const struct err *e)
{
    if (e->native < 0 || e->native > UINT16_MAX)
        return (HRESULT)e->native;
    switch (e->kind) {
    case ERR_UNSEEN:
        return (HRESULT)0x800706BA;
    case ERR_DENIED:
        return (HRESULT)WBEM_E_ACCESS_DENIED;
    case ERR_UNSUPPORTED:
        return (HRESULT)WBEM_E_INVALID_CLASS;
    case ERR_TIMEOUT:
        return (HRESULT)0x800706BE;
    case ERR_INVALID:
    case ERR_BUG:
        return (HRESULT)WBEM_E_INVALID_PARAMETER;
    default:
        return (HRESULT)WBEM_E_FAILED;
    }
}

/* Of the cluster the reason stands beside "failed" (failover-cluster 1.7). */
HRESULT wbem_error(enum cim_space space, const struct err *e)
{
    bool cluster = space == CIM_SPACE_CLUSTER && e->native > 0 && e->native <= UINT16_MAX;
    HRESULT hr = cluster ? (HRESULT)WBEM_E_FAILED : code_of(e);
    struct object *o = object_new(cluster ? "MSCluster_ExtendedStatus" : "__ExtendedStatus", NULL);
    struct cim_value text = {.type = CIM_TYPE_TEXT, .count = 1};
    char lines[sizeof e->text], *at = lines;
    const char *said = lines;
    struct property *p = object_add(o, "Description", CIM_STRING);

    /* What hosts say has ends of lines, which an err cannot hold. */
    for (memcpy(lines, e->text, sizeof lines); (at = strchr(at, '~')) != NULL;)
        *at = '\n';
    text.texts = &said;
    variant_make(&text, &p->value);
    p = object_add(o, "StatusCode", CIM_UINT32);
    V_VT(&p->value) = VT_I4;
    V_I4(&p->value) = cluster ? (LONG)e->native : hr;
    if (cluster) {
        p = object_add(o, "ErrorType", CIM_UINT32);
        V_VT(&p->value) = VT_I4;
        V_I4(&p->value) = 1;
    }
    SetErrorInfo(0, &o->error);
    object_release(o);
    return hr;
}

/* ---- calls ---- */

struct call *call_new(struct service *service, enum call_kind kind)
{
    struct call *c = calloc(1, sizeof *c);

    if (!c)
        abort();
    c->refs = 1;
    c->kind = kind;
    c->service = service;
    IWbemServices_AddRef(&service->face);
    arena_init(&c->arena, 0);
    InterlockedIncrement(&wbem_counts.live);
    return c;
}

/* Of every call: which ones are under way, and whether anybody still wants them. */
static SRWLOCK gate = SRWLOCK_INIT;
static CONDITION_VARIABLE ended = CONDITION_VARIABLE_INIT;

static void call_free(struct call *c)
{
    if (c->back)
        object_release(c->back);
    service_release(c->service);
    arena_release(&c->arena);
    free(c);
    InterlockedDecrement(&wbem_counts.live);
}

/* One that is under way is freed by its thread. */
void call_release(struct call *c)
{
    bool free_it;

    AcquireSRWLockExclusive(&gate);
    free_it = --c->refs == 0 && !c->under_way;
    ReleaseSRWLockExclusive(&gate);
    if (free_it)
        call_free(c);
}

/* WBEM_DIE: "before 3", "after 3": the process ends at the third call that acts. */
static void die(const char *when, LONG act)
{
    char word[32] = "", mine[32];

    snprintf(mine, sizeof mine, "%s %ld", when, act);
    if (GetEnvironmentVariableA("WBEM_DIE", word, sizeof word) && str_eq(word, mine))
        TerminateProcess(GetCurrentProcess(), 9);
}

static bool run_act(struct call *c, struct cim_object **out)
{
    struct cim_eye *eye = c->service->eye;
    LONG act = InterlockedIncrement(&wbem_counts.acts);
    struct cim_hand *hand;
    bool well;

    if (!c->service->hand && !eye->ops->hand(eye, &c->service->hand, &c->err))
        return false;
    hand = c->service->hand;
    die("before", act);
    well = c->kind == CALL_PUT ? hand->ops->put(hand, &c->arena, c->object, &c->err)
                               : hand->ops->invoke(hand, &c->arena, &c->method, out, &c->err);
    die("after", act);
    return well;
}

static bool run_method(struct call *c, struct cim_object **out)
{
    struct cim_eye *eye = c->service->eye;

    InterlockedIncrement(&wbem_counts.methods);
    return cim_method_row(c->method.method)->reads
               ? eye->ops->ask(eye, &c->arena, &c->method, out, &c->err)
               : run_act(c, out);
}

static bool run(struct call *c)
{
    struct cim_eye *eye = c->service->eye;
    struct cim_object *out = NULL;
    bool well;

    if (c->kind == CALL_QUERY) {
        InterlockedIncrement(&wbem_counts.queries);
        return eye->ops->query(eye, &c->arena, &c->query, &c->rows, &c->err);
    }
    if (c->kind == CALL_PUT) {
        InterlockedIncrement(&wbem_counts.puts);
        return run_act(c, &out);
    }
    if (c->kind == CALL_CLASS) {
        c->back = object_class(c->class, eye, &c->err);
        if (!c->back && c->err.native == (int64_t)(uint32_t)WBEM_E_INVALID_CLASS)
            c->err.native = (int64_t)(uint32_t)WBEM_E_NOT_FOUND; /* as GetObject says it */
        return c->back != NULL;
    }
    if (c->kind == CALL_METHOD) {
        well = run_method(c, &out);
    } else {
        InterlockedIncrement(&wbem_counts.gets);
        well = eye->ops->get(eye, &c->arena, c->path, &out, &c->err);
    }
    /* A Hyper-V method says no with its ReturnValue, and the call itself went well. */
    if (!well && c->kind == CALL_METHOD && eye->space == CIM_SPACE_VIRT && c->err.native > 0 &&
        c->err.native <= UINT16_MAX) {
        out = cim_object_new(&c->arena, "__PARAMETERS", NULL);
        cim_set_number(&c->arena, out, "ReturnValue", CIM_TYPE_U32, (uint64_t)c->err.native);
        well = true;
    }
    if (well && out && (out->count || c->kind == CALL_GET))
        c->back = object_of(out);
    if (c->back && c->kind == CALL_GET)
        object_complete(c->back, eye);
    return well;
}

/* Who sees that it is over sees that this thread holds nothing any more. */
static DWORD WINAPI call_thread(void *argument)
{
    struct call *c = argument;
    bool free_it;

    EnterCriticalSection(&c->service->lock);
    c->well = run(c);
    LeaveCriticalSection(&c->service->lock);
    AcquireSRWLockExclusive(&gate);
    c->under_way = false;
    free_it = c->refs == 0;
    WakeAllConditionVariable(&ended);
    ReleaseSRWLockExclusive(&gate);
    if (free_it)
        call_free(c);
    return 0;
}

/* A thread of the process's pool: one that a call hangs in is not waited for. */
static void begin(struct call *c)
{
    c->under_way = true;
    if (!QueueUserWorkItem(call_thread, c, WT_EXECUTELONGFUNCTION))
        abort();
}

/* WBEM_S_TIMEDOUT, or what became of it. */
static HRESULT await(struct call *c, LONG timeout)
{
    uint64_t now, until = GetTickCount64() + (DWORD)timeout;
    bool over;

    AcquireSRWLockExclusive(&gate);
    while (c->under_way && (now = GetTickCount64()) < until)
        SleepConditionVariableSRW(&ended, &gate, (DWORD)(until - now), 0);
    over = !c->under_way;
    ReleaseSRWLockExclusive(&gate);
    if (!over)
        return WBEM_S_TIMEDOUT;
    return c->well ? S_OK : wbem_error(c->service->eye->space, &c->err);
}

/* ---- IEnumWbemClassObject and IWbemCallResult ---- */

struct waiter {
    IEnumWbemClassObject rows;
    IWbemCallResult result;
    struct guard guard;
    LONG refs;
    struct call *call;
    size_t at;
};

static HRESULT waiter_query(struct waiter *w, REFIID iid, void **out)
{
    *out = NULL;
    if (IsEqualIID(iid, &IID_IClientSecurity))
        *out = guard_face(&w->guard);
    else if (w->call->kind == CALL_QUERY &&
             (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IEnumWbemClassObject)))
        *out = &w->rows;
    else if (w->call->kind != CALL_QUERY &&
             (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IWbemCallResult)))
        *out = &w->result;
    if (!*out)
        return E_NOINTERFACE;
    InterlockedIncrement(&w->refs);
    return S_OK;
}

static ULONG waiter_let_go(struct waiter *w)
{
    LONG left = InterlockedDecrement(&w->refs);

    if (left == 0) {
        call_release(w->call);
        free(w);
        InterlockedDecrement(&wbem_counts.live);
    }
    return (ULONG)left;
}

static struct waiter *rows_of(IEnumWbemClassObject *face)
{
    return CONTAINING_RECORD(face, struct waiter, rows);
}

static HRESULT WINAPI rows_query(IEnumWbemClassObject *face, REFIID iid, void **out)
{
    return waiter_query(rows_of(face), iid, out);
}

static ULONG WINAPI rows_add_ref(IEnumWbemClassObject *face)
{
    return (ULONG)InterlockedIncrement(&rows_of(face)->refs);
}

static ULONG WINAPI rows_let_go(IEnumWbemClassObject *face)
{
    return waiter_let_go(rows_of(face));
}

static HRESULT WINAPI rows_next(IEnumWbemClassObject *face, LONG timeout, ULONG count,
                                IWbemClassObject **out, ULONG *returned)
{
    struct waiter *w = rows_of(face);
    HRESULT hr = guard_check(&w->guard);

    *returned = 0;
    if (SUCCEEDED(hr))
        hr = await(w->call, timeout);
    if (hr != S_OK)
        return hr;
    for (; *returned < count && w->at < w->call->rows.count; w->at++)
        out[(*returned)++] = &object_of(&w->call->rows.rows[w->at])->face;
    return *returned < count ? (HRESULT)WBEM_S_FALSE : S_OK;
}

static const IEnumWbemClassObjectVtbl rows_table = {.QueryInterface = rows_query,
                                                    .AddRef = rows_add_ref,
                                                    .Release = rows_let_go,
                                                    .Next = rows_next};

static struct waiter *result_of(IWbemCallResult *face)
{
    return CONTAINING_RECORD(face, struct waiter, result);
}

static HRESULT WINAPI result_query(IWbemCallResult *face, REFIID iid, void **out)
{
    return waiter_query(result_of(face), iid, out);
}

static ULONG WINAPI result_add_ref(IWbemCallResult *face)
{
    return (ULONG)InterlockedIncrement(&result_of(face)->refs);
}

static ULONG WINAPI result_let_go(IWbemCallResult *face)
{
    return waiter_let_go(result_of(face));
}

static HRESULT WINAPI result_status(IWbemCallResult *face, LONG timeout, LONG *status)
{
    struct waiter *w = result_of(face);
    HRESULT hr = guard_check(&w->guard);

    if (SUCCEEDED(hr))
        hr = await(w->call, timeout);
    if (hr == WBEM_S_TIMEDOUT || (HRESULT)guard_check(&w->guard) != S_OK)
        return hr;
    *status = hr;
    return WBEM_S_NO_ERROR;
}

static HRESULT WINAPI result_object(IWbemCallResult *face, LONG timeout, IWbemClassObject **out)
{
    struct waiter *w = result_of(face);
    HRESULT hr = guard_check(&w->guard);

    *out = NULL;
    if (SUCCEEDED(hr))
        hr = await(w->call, timeout);
    if (hr == S_OK && w->call->back)
        IWbemClassObject_QueryInterface(&w->call->back->face, &IID_IWbemClassObject, (void **)out);
    return hr;
}

static const IWbemCallResultVtbl result_table = {.QueryInterface = result_query,
                                                 .AddRef = result_add_ref,
                                                 .Release = result_let_go,
                                                 .GetResultObject = result_object,
                                                 .GetCallStatus = result_status};

static struct waiter *waiter_new(struct call *c)
{
    struct waiter *w = calloc(1, sizeof *w);

    if (!w)
        abort();
    w->rows.lpVtbl = (IEnumWbemClassObjectVtbl *)(uintptr_t)&rows_table;
    w->result.lpVtbl = (IWbemCallResultVtbl *)(uintptr_t)&result_table;
    guard_init(&w->guard, c->kind == CALL_QUERY ? (IUnknown *)&w->rows : (IUnknown *)&w->result);
    w->refs = 1;
    w->call = c;
    InterlockedIncrement(&wbem_counts.live);
    begin(c);
    return w;
}

HRESULT call_rows(struct call *c, IEnumWbemClassObject **out)
{
    *out = &waiter_new(c)->rows;
    return S_OK;
}

HRESULT call_run(struct call *c, LONG flags, IWbemClassObject **out, IWbemCallResult **result)
{
    if (!(flags & WBEM_FLAG_RETURN_IMMEDIATELY) || !result || *result || (out && *out)) {
        call_release(c); /* nobody of ours waits without a limit */
        return (HRESULT)WBEM_E_INVALID_PARAMETER;
    }
    *result = &waiter_new(c)->result;
    return S_OK;
}
