/* Connecting, and what the process owes COM. */
#include "cim/cim_com_windows.h"

#include "base/str.h"
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>

enum { CALL_MS = 30000 };

struct com_net {
    struct cim_net net;
    int64_t call_ms;
    struct credential_ref credentials;
};

/* ---- once per process ---- */

static HRESULT ready = E_UNEXPECTED;

/* All our threads are of the one multithreaded apartment, which stays until the process ends. */
static BOOL CALLBACK begin_process(INIT_ONCE *once, void *unused, void **context)
{
    CO_MTA_USAGE_COOKIE cookie;

    (void)once, (void)unused, (void)context;
    ready = CoIncrementMTAUsage(&cookie);
    if (FAILED(ready))
        return TRUE;
    ready = CoInitializeSecurity(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                                 RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE, NULL);
    if (ready == RPC_E_TOO_LATE) /* somebody else's default; each proxy is set and looked at */
        ready = S_OK;
    return TRUE;
}

/* ---- connecting, which knows no time limit: in a thread that can be left behind ---- */

struct connecting {
    LONG owners; /* the thread and who waits; the last one frees it */
    HANDLE done;
    int64_t call_ms;
    char *path; /* of the namespace */
    bool remote, well;
    struct com_identity *identity; /* NULL: the current token */
    IWbemServices *services;
    struct err err;
};

static void drop(struct connecting *to)
{
    if (InterlockedDecrement(&to->owners) > 0)
        return;
    if (to->services)
        IWbemServices_Release(to->services);
    com_identity_free(to->identity);
    CloseHandle(to->done);
    free(to->path);
    free(to);
}

static bool connect_now(struct com_call *c, const char *path, IWbemServices **out)
{
    IWbemLocator **locator = com_slot(c);
    IWbemServices **services = com_slot(c);
    BSTR wide = com_wide(c, path), user = NULL, password = NULL;
    HRESULT hr;

    if (!wide)
        return false;
    if (c->identity) {
        user = com_copy(c, c->identity->whole);
        password = com_copy(c, c->identity->password);
    }
    hr = CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemLocator,
                          (void **)locator);
    if (SUCCEEDED(hr))
        hr = IWbemLocator_ConnectServer(*locator, wide, user, password, NULL,
                                        WBEM_FLAG_CONNECT_USE_MAX_WAIT, NULL, NULL, services);
    if (password)
        SecureZeroMemory(password, SysStringByteLen(password));
    if (FAILED(hr))
        return com_fail(c, hr, "connecting");
    if (!com_secure(c, *services))
        return false;
    *out = *services;
    IWbemServices_AddRef(*services);
    return true;
}

static DWORD WINAPI connect_thread(void *argument)
{
    struct connecting *to = argument;
    struct arena a;
    struct com_call *c;

    arena_init(&a, 0);
    c = com_begin_bare(&a, to->remote, to->call_ms, &to->err);
    c->identity = to->identity;
    to->well = com_end(c, connect_now(c, to->path, &to->services));
    arena_release(&a);
    SetEvent(to->done);
    drop(to);
    return 0;
}

static void *must(void *memory)
{
    if (!memory)
        abort(); /* the machine has no memory: as the arena */
    return memory;
}

static struct connecting *begin_connecting(const char *host, enum cim_space space, int64_t call_ms,
                                           struct com_identity *identity)
{
    struct connecting *to = must(calloc(1, sizeof *to));
    size_t size = (host ? strlen(host) : 0) + strlen(cim_space_paths[space]) + 4;

    *to = (struct connecting){
        .owners = 2, .call_ms = call_ms, .remote = host != NULL, .identity = identity};
    to->path = must(malloc(size));
    snprintf(to->path, size, "%s%s%s%s", host ? "\\\\" : "", host ? host : "", host ? "\\" : "",
             cim_space_paths[space]);
    to->done = must(CreateEventW(NULL, TRUE, FALSE, NULL));
    CloseHandle(must(CreateThread(NULL, 0, connect_thread, to, 0, NULL)));
    return to;
}

/* A host is a name or an address: nothing of it may end up in another part of the path. */
static bool check_host(const char *host, struct err *e)
{
    if (!host)
        return true;
    for (const char *at = host; *at; at++)
        if ((unsigned char)*at <= ' ' || strchr("\\/:\"*?<>|", *at))
            host = "";
    return *host || err_set(e, ERR_INVALID, 0, "that is no name of a host");
}

static bool net_connect(struct cim_net *net, const char *host, enum cim_space space,
                        struct cim_eye **out, struct err *e)
{
    const struct com_net *self = (const struct com_net *)net;
    struct com_identity *identity = NULL; /* at this machine it is always ourselves */
    struct connecting *to;
    struct com_eye *eye;
    bool well = false;

    if (!check_host(host, e) || (host && !com_identity_fetch(&self->credentials, &identity, e)))
        return false;
    to = begin_connecting(host, space, self->call_ms, identity);
    if (WaitForSingleObject(to->done, (DWORD)self->call_ms) != WAIT_OBJECT_0) {
        err_set(e, ERR_UNSEEN, (int64_t)(uint32_t)WBEM_E_TRANSPORT_FAILURE,
                "no connection within %lld ms", (long long)self->call_ms);
    } else if (!to->well) {
        *e = to->err;
    } else {
        eye = must(calloc(1, sizeof *eye));
        *eye = (struct com_eye){.eye = {.ops = &com_eye_ops, .net = net, .space = space},
                                .services = to->services,
                                .remote = to->remote,
                                .identity = to->identity,
                                .call_ms = self->call_ms};
        to->services = NULL;
        to->identity = NULL;
        *out = &eye->eye;
        well = true;
    }
    drop(to);
    return well;
}

/* ---- the net ---- */

static int64_t net_now(struct cim_net *net)
{
    (void)net;
    return host_now_ms();
}

static int64_t net_wait(struct cim_net *net, int64_t until_ms)
{
    int64_t left = until_ms - net_now(net);

    return left > 0 ? left : 0;
}

static void net_close(struct cim_net *net)
{
    free(net);
}

static const struct cim_net_ops net_ops = {.name = "com",
                                           .connect = net_connect,
                                           .now_ms = net_now,
                                           .wait_ms = net_wait,
                                           .close = net_close};

bool cim_com_open(const struct cim_com_options *options, struct cim_net **out, struct err *e)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    struct com_net *self;

    InitOnceExecuteOnce(&once, begin_process, NULL, NULL);
    if (FAILED(ready))
        return err_set(e, ERR_UNSUPPORTED, (int64_t)(uint32_t)ready,
                       "COM cannot be used on this machine (0x%08lX)", (unsigned long)ready);
    self = must(calloc(1, sizeof *self));
    self->net.ops = &net_ops;
    self->call_ms = options->call_ms ? options->call_ms : CALL_MS;
    self->credentials = options->credentials;
    *out = &self->net;
    return true;
}
