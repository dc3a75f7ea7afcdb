#include "fleet/door_wmi.h"

#include "base/str.h"
#include "cim/cim_com.h"
#include "cim/cim_record.h"
#include "cim/cim_replay.h"
#include "cim/cim_sim.h"
#include "host/host.h"
#include "provider/hyperv/hyperv.h"

/* Finding the world takes time as well: a look shall be done before the call is given up. */
static int64_t node_ms(int64_t call_ms)
{
    return call_ms / 3;
}

static void talk_to(struct fleet_item *item, struct cim_net *net, struct hyperv_target target)
{
    const struct fleet_options *o = item->options;

    target.facts = o->facts;
    target.node_ms = node_ms(o->call_ms);
    if (o->record) {
        cim_record_open(net, item->spec ? item->spec->name : "recording", o->mask, &net);
        item->recorder = net;
    }
    hyperv_open(net, &target, &item->pass.eye);
}

bool door_wmi_sim(struct fleet_item *item, const char *path, const char *text, size_t size,
                  bool lasting, struct findings *found, struct err *e)
{
    struct cim_net *net;

    if (!cim_sim_open(item->options->facts, path, text, size, lasting, &net, found, e))
        return false;
    talk_to(item, net, (struct hyperv_target){.cluster = NULL});
    return true;
}

bool door_wmi_replay(struct fleet_item *item, const char *path, const char *text, size_t size,
                     struct findings *found, struct err *e)
{
    const char **hosts = arena_array(item->arena, const char *, 1);
    struct cim_net *net;

    if (!cim_replay_open(path, text, size, &net, found, e))
        return false;
    hosts[0] = cim_replay_host(net);
    talk_to(item, net, (struct hyperv_target){.hosts = hosts, .host_count = hosts[0] != NULL});
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

/* "env NAME" and its like; a plan file can hold anything. */
static bool take_credentials(struct arena *a, const char *source, const char *said,
                             struct credential_ref *out, struct err *e)
{
    static const struct {
        const char *word;
        enum credential_from from;
    } rows[] = {
        {"env ", CREDENTIAL_ENV}, {"file ", CREDENTIAL_FILE}, {"stored ", CREDENTIAL_STORED}};

    for (size_t i = 0; said && i < sizeof rows / sizeof *rows; i++) {
        const char *name = said + strlen(rows[i].word);

        if (!str_starts(said, rows[i].word) || !*name)
            continue;
        out->from = rows[i].from;
        out->name = out->from == CREDENTIAL_FILE ? host_beside(a, source, name) : name;
        return true;
    }
    return !said || err_set(e, ERR_INVALID, 0, "credentials are in env, file or stored");
}

bool door_wmi_open(struct fleet_item *item, const char *source, const struct plan_origin *to,
                   struct err *e)
{
    struct cim_com_options options = {.call_ms = item->options->call_ms};
    struct hyperv_target target = {.cluster = NULL};
    struct cim_net *net;

    if (!take_credentials(item->arena, source, to->credentials, &options.credentials, e) ||
        !cim_com_open(&options, &net, e))
        return false;
    if (to->path && str_eq(to->connect, "cluster"))
        target.cluster = arena_strdup(item->arena, to->path);
    else if (to->path && str_eq(to->connect, "hosts"))
        take_hosts(item->arena, to->path, &target);
    talk_to(item, net, target);
    return true;
}

bool door_wmi_here(int64_t call_ms)
{
    const struct cim_com_options options = {.call_ms = call_ms};
    struct cim_net *net;
    struct cim_eye *eye;
    struct err e;
    bool here;

    if (!cim_com_open(&options, &net, &e))
        return false;
    here = net->ops->connect(net, NULL, CIM_SPACE_VIRT, &eye, &e);
    if (here)
        eye->ops->close(eye);
    net->ops->close(net);
    return here;
}

void door_wmi_finish(struct fleet_item *item)
{
    struct err e;

    if (!item->recorder)
        return;
    if (cim_record_finish(item->recorder, item->options->record, &e))
        fleet_mention(item, arena_printf(item->arena, "what was said through WMI is in %s\n",
                                         item->options->record));
    else
        fleet_fail(item, &e);
    item->recorder = NULL;
}
