/*
 * The kill-and-fault sweep with effects over COM: each universe's world as WMI
 * is given to the server beside this file, in the same process, and the
 * provider sees it through cim_com.  Nothing of it is left over.
 */
#include "cim/cim_com.h"
#include "tests/fault/rig_wmi.h"
#include "tests/fault/sweep.h"
#include "tests/windows/wbem/wbem.h"

#include <stdio.h>
#include <stdlib.h>

/* Over COM what is asked; the clock is the world's. */
struct over {
    struct cim_net net;
    struct cim_net *com, *sim;
};

static FARPROC from_server(const char *name)
{
    FARPROC f = GetProcAddress(GetModuleHandleA("hvgpu_wbem.dll"), name);

    if (f)
        return f;
    printf("Bail out! the server is not there\n");
    exit(1);
}

static struct wbem_counts counts(void)
{
    struct wbem_counts out;

    ((void (*)(struct wbem_counts *))(void (*)(void))from_server("wbem_count"))(&out);
    return out;
}

static bool over_connect(struct cim_net *net, const char *host, enum cim_space space,
                         struct cim_eye **out, struct err *e)
{
    struct cim_net *com = ((struct over *)net)->com;

    return com->ops->connect(com, host, space, out, e);
}

static int64_t over_now(struct cim_net *net)
{
    struct cim_net *sim = ((struct over *)net)->sim;

    return sim->ops->now_ms(sim);
}

static int64_t over_wait(struct cim_net *net, int64_t until_ms)
{
    struct cim_net *sim = ((struct over *)net)->sim;

    return sim->ops->wait_ms(sim, until_ms);
}

static void over_close(struct cim_net *net)
{
    struct over *o = (struct over *)net;

    o->com->ops->close(o->com);
    o->sim->ops->close(o->sim);
    free(o);
}

static bool over_com(struct cim_net *sim, struct cim_net **out, struct err *e)
{
    static const struct cim_net_ops ops = {.name = "over COM",
                                           .connect = over_connect,
                                           .now_ms = over_now,
                                           .wait_ms = over_wait,
                                           .close = over_close};
    static const struct cim_com_options options = {0};
    struct over *o = calloc(1, sizeof *o);

    if (!o)
        abort();
    *o = (struct over){.net = {&ops}, .sim = sim};
    if (!cim_com_open(&options, &o->com, e))
        return false;
    ((void (*)(struct cim_net *))(void (*)(void))from_server("wbem_give"))(sim);
    *out = &o->net;
    return true;
}

/* The server's threads let go when they are done: a moment behind their answer. */
static bool all_was_given_back(void)
{
    uint64_t until = GetTickCount64() + 20000;

    while (counts().live && GetTickCount64() < until)
        SwitchToThread();
    return counts().live == 0 && counts().insecure == 0;
}

int main(int argc, char **argv)
{
    struct wbem_counts n;
    int code;

    if (!LoadLibraryA("hvgpu_wbem.dll"))
        from_server("wbem_give");
    rig_through_wmi = true;
    rig_wmi_over = over_com;
    code = sweep(argc, argv);
    n = counts();
    printf("# figure: over COM: %ld queries, %ld objects, %ld puts, %ld methods\n", n.queries,
           n.gets, n.puts, n.methods);
    if (all_was_given_back())
        return n.methods ? code : 1;
    printf("not ok - given back: %ld are alive, %ld calls were not private\n", counts().live,
           counts().insecure);
    return 1;
}
