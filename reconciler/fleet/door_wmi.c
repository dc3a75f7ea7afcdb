#include "fleet/door_wmi.h"

#include "base/str.h"
#include "cim/cim_com.h"
#include "cim/cim_sim.h"
#include "provider/hyperv/hyperv.h"

/* Finding the world takes time as well: a look shall be done before the call is given up. */
static int64_t node_ms(int64_t call_ms)
{
    return call_ms / 3;
}

bool door_wmi_sim(const struct facts *facts, const char *path, const char *text, size_t size,
                  bool lasting, int64_t call_ms, struct eye **out, struct findings *found,
                  struct err *e)
{
    const struct hyperv_target anywhere = {.facts = facts, .node_ms = node_ms(call_ms)};
    struct cim_net *net;

    if (!cim_sim_open(facts, path, text, size, lasting, &net, found, e))
        return false;
    hyperv_open(net, &anywhere, out);
    return true;
}

/* "a b" as a list. */
static void take_hosts(struct arena *a, const char *to, struct hyperv_target *target)
{
    const char **hosts = NULL;
    size_t room = 0;

    for (size_t n; *to; to += n + (to[n] == ' ')) {
        n = strcspn(to, " ");
        *arena_push(a, hosts, target->host_count, room) = arena_strndup(a, to, n);
    }
    target->hosts = hosts;
}

bool door_wmi_open(struct arena *a, const struct facts *facts, const char *kind, const char *to,
                   int64_t call_ms, struct eye **out, struct err *e)
{
    const struct cim_com_options options = {.call_ms = call_ms};
    struct hyperv_target target = {.facts = facts, .node_ms = node_ms(call_ms)};
    struct cim_net *net;

    if (!cim_com_open(&options, &net, e))
        return false;
    if (to && str_eq(kind, "cluster"))
        target.cluster = arena_strdup(a, to);
    else if (to && str_eq(kind, "hosts"))
        take_hosts(a, to, &target);
    hyperv_open(net, &target, out);
    return true;
}
