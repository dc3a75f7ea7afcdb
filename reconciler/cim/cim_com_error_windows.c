/* What went wrong, how long to wait, and that nobody listens. */
#include "cim/cim_com_windows.h"

#include "base/str.h"

enum {
    PIECE_MS = 1000,   /* of a wait: a server that honours no timeout is asked again */
    DESCRIPTION = 240, /* bytes of a description that are shown */
    RPC_FIRST = 1700,  /* Win32 codes of the remote procedure calls */
    RPC_LAST = 1939,
    CLUSTER_FIRST = 5000, /* and those of the cluster */
    CLUSTER_LAST = 5999,
    CLUSTER_WIN32 = 1 /* MSCluster_ExtendedStatus.ErrorType */
};

/* A host's own words, in whatever language: shown, never compared; one line, no control codes. */
static const char *one_line(struct arena *a, const char *s)
{
    struct text t;
    size_t n = strlen(s);

    text_init(&t, a);
    if (n > DESCRIPTION)
        for (n = DESCRIPTION; n && ((unsigned char)s[n] & 0xC0) == 0x80;)
            n--;
    for (size_t i = 0; i < n; i++)
        text_add_n(&t, (unsigned char)s[i] < ' ' || s[i] == 0x7F ? " " : s + i, 1);
    while (t.size && (t.data[t.size - 1] == ' ' || t.data[t.size - 1] == '.'))
        t.data[--t.size] = '\0';
    return text_done(&t);
}

/* __ExtendedStatus or MSCluster_ExtendedStatus of the call that just failed; NULL: there is none.
 */
static struct cim_object *extended(struct com_call *c)
{
    IErrorInfo **info = com_slot(c);
    IWbemClassObject **object = com_slot(c);
    struct cim_object *out = arena_new(c->arena, struct cim_object);
    struct err none = {0}, *e = c->e;
    bool well;

    if (GetErrorInfo(0, info) != S_OK ||
        FAILED(IErrorInfo_QueryInterface(*info, &IID_IWbemClassObject, (void **)object)))
        return NULL;
    c->e = &none; /* what is wrong with the reason is not the reason */
    well = com_read(c, *object, 0, out);
    c->e = e;
    return well ? out : NULL;
}

/* RPC failures that no table names: whether the call was carried out is unknown. */
static enum err_kind kind_of(int64_t code)
{
    int64_t low = code & 0xFFFF;
    bool win32 = (code & 0xFFFF0000LL) == 0x80070000LL;
    bool rpc = (code & 0xFFFF0000LL) == 0x80010000LL;

    if (!*cim_code_text(code) && (rpc || (win32 && low >= RPC_FIRST && low <= RPC_LAST)))
        return ERR_TIMEOUT;
    return cim_code_kind(code);
}

/*
 * "Failed" is no reason: of cluster methods the reason stands beside it, or is
 * wrapped in the HRESULT; either way it is the cluster's code (decision 044).
 */
static int64_t reason(HRESULT hr, const struct cim_object *more)
{
    struct num status = more ? cim_number(more, "StatusCode") : NUM_UNKNOWN;
    int64_t code = (int64_t)(uint32_t)hr, low = code & 0xFFFF;

    if (hr == (HRESULT)WBEM_E_FAILED && status.known && status.value &&
        num_is(cim_number(more, "ErrorType"), CLUSTER_WIN32))
        return (int64_t)status.value;
    return HRESULT_FACILITY(hr) == FACILITY_WIN32 && low >= CLUSTER_FIRST && low <= CLUSTER_LAST
               ? low
               : code;
}

bool com_fail(struct com_call *c, HRESULT hr, const char *what)
{
    struct cim_object *more = extended(c);
    int64_t code = reason(hr, more);
    const char *said = more ? cim_text(more, "Description") : NULL, *text;

    text = cim_code_text(code);
    said = said && *said ? one_line(c->arena, said) : "";
    err_set(c->e, kind_of(code), code, code > 0xFFFF ? "%s: %s (0x%llX)%s%s" : "%s: %s (%llu)%s%s",
            what, *text ? text : "failed", (unsigned long long)code, *said ? ": " : "", said);
    return c->e->kind == ERR_NONE; /* 5024: done, and this is the note */
}

LONG com_patience(const struct com_call *c)
{
    uint64_t now = GetTickCount64();

    if (now >= c->until)
        return 0;
    return c->until - now > PIECE_MS ? PIECE_MS : (LONG)(c->until - now);
}

bool com_late(struct com_call *c, const char *what)
{
    return err_set(c->e, ERR_TIMEOUT, (int64_t)(uint32_t)WBEM_E_TIMED_OUT, "%s: no answer in time",
                   what);
}

/* ---- privacy (decision 043) ---- */

/* That it was set is not believed: it is read back. */
static bool is_private(IClientSecurity *security, IUnknown *proxy)
{
    DWORD authn = 0, authz = 0, level = 0, imp = 0, caps = 0;
    HRESULT hr = IClientSecurity_QueryBlanket(security, proxy, &authn, &authz, NULL, &level, &imp,
                                              NULL, &caps);

    return SUCCEEDED(hr) && level >= RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
}

bool com_secure(struct com_call *c, void *proxy)
{
    IClientSecurity **security = com_slot(c);
    HRESULT hr =
        IUnknown_QueryInterface((IUnknown *)proxy, &IID_IClientSecurity, (void **)security);
    bool in_process = hr == E_NOINTERFACE;

    if (in_process && !c->remote)
        return true;
    if (SUCCEEDED(hr))
        /* Default: what both sides agreed on, Kerberos where they can. */
        hr = IClientSecurity_SetBlanket(*security, proxy, RPC_C_AUTHN_DEFAULT, RPC_C_AUTHZ_DEFAULT,
                                        COLE_DEFAULT_PRINCIPAL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                                        RPC_C_IMP_LEVEL_IMPERSONATE,
                                        c->identity ? &c->identity->auth : NULL, EOAC_NONE);
    if (FAILED(hr) && !in_process)
        return com_fail(c, hr, "encrypting the connection");
    if (in_process || (c->remote && !is_private(*security, proxy)))
        return err_set(c->e, ERR_DENIED, 0,
                       "the connection cannot be encrypted (packet privacy), so it is not used");
    return true;
}
