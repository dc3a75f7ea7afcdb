/* Calls to the cluster: what a code means depends on the resource that it is sent to. */
#include "cim/cim_sim_act.h"
#include "cim/cim_sim_list.h"

enum {
    SET_PRIVATE = 0x01400086,
    SET_CLUSTER_PRIVATE = 0x07400086,
    NEXT_OFFLINE = 0x01600014,
    MOVE_OR_REFRESH = 0x01600004
};

/* ---- whose resource or group it is ---- */

struct resource {
    uint32_t vm; /* NO_INDEX: of no VM */
    bool config;
};

static uint32_t vm_of_group(struct sim_act *t, const char *group)
{
    const struct state *s = &t->world->now;

    for (uint32_t i = 0; i < s->vm_count; i++)
        if (s->vms[i].role.clustered && str_same(sim_group(t->arena, s, i), group))
            return i;
    return NO_INDEX;
}

/* Of the call's own object, which is there. */
static struct resource resource_of(struct sim_act *t, const char *path)
{
    const struct cim_object *row = sim_object(&t->shown, path);
    const char *type = cim_text(row, "Type");
    bool config = str_eq(type, SIM_RESOURCE_CONFIG);

    if (!config && !str_eq(type, SIM_RESOURCE_VM))
        return (struct resource){.vm = NO_INDEX};
    return (struct resource){vm_of_group(t, cim_text(row, "OwnerGroup")), config};
}

static struct action on_role(struct sim_act *t, enum verb verb, uint32_t vm)
{
    return (struct action){.verb = verb, .node = t->node, .subject = t->world->now.vms[vm].id};
}

static bool no_function(struct sim_act *t)
{
    return sim_no(t, SIM_NO_FUNCTION, "the resource does not know this");
}

/* ---- private properties ---- */

static bool set_offline_action(struct sim_act *t, struct resource r, struct num value)
{
    struct action a;

    if (r.vm == NO_INDEX || r.config || !value.known)
        return sim_no(t, SIM_BAD_VALUE, "the resource has no such private property");
    a = on_role(t, VERB_VM_OFFLINE_ACTION, r.vm);
    a.value[0] = value.value;
    return sim_effect(t, &a, false);
}

static bool list_of(struct sim_act *t, const char *parameter, struct sim_list *out)
{
    const uint64_t *bytes;
    size_t n = t->call->in ? cim_numbers(t->call->in, parameter, &bytes) : 0;

    return (n && sim_list_parse(t->arena, bytes, n, out)) ||
           sim_no(t, SIM_BAD_DATA, "it is no property list");
}

static bool set_private(struct sim_act *t, struct resource r)
{
    const struct sim_list_row *row;
    struct sim_list list;

    if (!list_of(t, "InputBuffer", &list))
        return false;
    row = list.count == 1 ? sim_list_row(&list, "OfflineAction") : NULL;
    return set_offline_action(t, r, row ? row->number : NUM_UNKNOWN);
}

/* Everything but OfflineAction is as it is. */
bool sim_put_private(struct sim_act *t, const struct cim_object *o)
{
    const struct cim_object *row = sim_target(t, o->path, CIM_MSCluster_Resource);
    const struct cim_object *private = cim_part(o, "PrivateProperties", 0);

    if (!row)
        return false;
    return set_offline_action(t, resource_of(t, o->path),
                              private ? cim_number(private, "OfflineAction") : NUM_UNKNOWN);
}

/* ---- control codes ---- */

static bool next_offline(struct sim_act *t, struct resource r)
{
    const uint64_t *bytes;
    size_t n = t->call->in ? cim_numbers(t->call->in, "InputBuffer", &bytes) : 0;

    if (r.vm == NO_INDEX || r.config)
        return no_function(t);
    if (n != 4 || bytes[0] > OFFLINE_FORCED || bytes[1] || bytes[2] || bytes[3])
        return sim_no(t, SIM_BAD_VALUE, "an offline action is 0 to 3");
    world_next_offline(t->world, r.vm, bytes[0]);
    return true;
}

/* Where a role goes when nobody says where: the next node that takes VMs. */
static const char *any_other_node(const struct state *s, uint32_t vm)
{
    for (uint32_t i = 1; i < s->node_count; i++) {
        uint32_t node = (s->vms[vm].node + i) % (uint32_t)s->node_count;

        if (s->nodes[node].state == NODE_UP)
            return s->nodes[node].name;
    }
    return NULL;
}

static bool move(struct sim_act *t, uint32_t vm, enum move_how how, const char *node)
{
    struct action a = on_role(t, VERB_VM_MOVE, vm);

    a.object = node && *node ? node : any_other_node(&t->world->now, vm);
    a.value[0] = how;
    if (!a.object)
        return sim_no(t, SIM_NO_NODE, "there is no other node");
    return sim_effect(t, &a, true);
}

/* The same number refreshes a configuration, and moves a VM that runs. */
static bool move_or_refresh(struct sim_act *t, struct resource r)
{
    const uint64_t *bytes;
    size_t n = t->call->in ? cim_numbers(t->call->in, "InputBuffer", &bytes) : 0;
    const char *node = n ? sim_utf16(t->arena, bytes, n) : NULL;

    if (r.vm == NO_INDEX)
        return no_function(t);
    if (r.config) {
        world_refresh(t->world, r.vm);
        return true;
    }
    if (n && !node)
        return sim_no(t, SIM_BAD_DATA, "it is no name of a node");
    return move(t, r.vm, MOVE_LIVE, node);
}

bool sim_resource_control(struct sim_act *t)
{
    struct resource r = resource_of(t, t->call->path);
    struct num code = t->call->in ? cim_number(t->call->in, "ControlCode") : NUM_UNKNOWN;

    if (num_is(code, SET_PRIVATE))
        return set_private(t, r);
    if (num_is(code, NEXT_OFFLINE))
        return next_offline(t, r);
    if (num_is(code, MOVE_OR_REFRESH))
        return move_or_refresh(t, r);
    return no_function(t);
}

bool sim_update_vm(struct sim_act *t)
{
    struct resource r = resource_of(t, t->call->path);

    if (r.vm == NO_INDEX || !r.config)
        return no_function(t);
    world_refresh(t->world, r.vm);
    return true;
}

bool sim_cluster_control(struct sim_act *t)
{
    struct num code = t->call->in ? cim_number(t->call->in, "ControlCode") : NUM_UNKNOWN;
    const struct sim_list_row *row;
    struct sim_list list;
    struct owner owner;

    if (!num_is(code, SET_CLUSTER_PRIVATE))
        return no_function(t);
    if (!list_of(t, "InputBuffer", &list))
        return false;
    row = list.count == 1 ? sim_list_row(&list, SIM_OWNER_PROPERTY) : NULL;
    if (!row || !row->text || (*row->text && !owner_parse(t->arena, row->text, &owner)))
        return sim_no(t, SIM_BAD_VALUE, "a world holds owner records only");
    sim_set_owner(t->world, *row->text ? &owner : NULL);
    return true;
}

/* ---- offline and online ---- */

bool sim_resource_offline(struct sim_act *t)
{
    struct resource r = resource_of(t, t->call->path);
    struct action a;

    if (r.vm == NO_INDEX)
        return no_function(t);
    if (r.config) {
        struct err said = {.kind = ERR_NONE};

        return world_config_offline(t->world, r.vm, &said) != SIM_REFUSED ||
               sim_no(t, said.native, said.text);
    }
    a = on_role(t, VERB_VM_STOP, r.vm);
    return sim_effect(t, &a, true);
}

static bool config_online(struct sim_act *t, uint32_t vm)
{
    struct err said = {.kind = ERR_NONE};

    return world_config_online(t->world, vm, &said) != SIM_REFUSED ||
           sim_no(t, said.native, said.text);
}

static bool bring_online(struct sim_act *t, uint32_t vm)
{
    struct action a = on_role(t, VERB_VM_START, vm);

    return sim_effect(t, &a, true);
}

/* What a VM depends on comes first. */
bool sim_resource_online(struct sim_act *t)
{
    struct resource r = resource_of(t, t->call->path);

    if (r.vm == NO_INDEX)
        return no_function(t);
    return config_online(t, r.vm) && (r.config || bring_online(t, r.vm));
}

/* ---- groups ---- */

static uint32_t group_vm(struct sim_act *t)
{
    const char *name = cim_path_key(t->arena, t->call->path, "Name");

    return name ? vm_of_group(t, name) : NO_INDEX;
}

bool sim_group_online(struct sim_act *t)
{
    uint32_t vm = group_vm(t);

    return vm == NO_INDEX ? no_function(t) : config_online(t, vm) && bring_online(t, vm);
}

/* What runs goes offline on the way as the call says, and not as the role does; only this once. */
static bool move_offline(struct sim_act *t, uint32_t vm, uint64_t how, const char *node)
{
    enum vm_power power = t->world->now.vms[vm].power;
    struct num before = t->world->sim ? t->world->sim[vm].next_offline : NUM_UNKNOWN;
    bool runs = power != POWER_OFF && power != POWER_SAVED;
    bool ok;

    if (runs)
        world_next_offline(t->world, vm, how);
    ok = move(t, vm, MOVE_OFF, node);
    if (runs && !ok)
        t->world->sim[vm].next_offline = before;
    return ok;
}

/* What a move does with the VM: the value of its resource type in the list. */
bool sim_group_move(struct sim_act *t)
{
    enum { LIVE = 4 };
    uint32_t vm = group_vm(t);
    const struct sim_list_row *row;
    struct sim_list list;
    const char *node;

    if (vm == NO_INDEX)
        return no_function(t);
    if (!list_of(t, "Parameters", &list))
        return false;
    row = sim_list_row(&list, SIM_RESOURCE_VM);
    if (!row || !row->number.known || row->number.value > LIVE)
        return sim_no(t, SIM_BAD_VALUE, "how it moves is 0 to 4");
    node = cim_text(t->call->in, "NodeName");
    if (row->number.value == LIVE)
        return move(t, vm, MOVE_LIVE, node);
    return move_offline(t, vm, row->number.value, node);
}

bool sim_group_cancel(struct sim_act *t)
{
    uint32_t vm = group_vm(t);
    struct action a;

    if (vm == NO_INDEX)
        return no_function(t);
    a = on_role(t, VERB_VM_CANCEL_START, vm);
    return sim_effect(t, &a, false);
}
