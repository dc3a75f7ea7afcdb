/* The cluster, as any of its nodes shows it. */
#include "cim/cim_sim_inner.h"

enum { UNKNOWN_STATE = 0xFFFFFFFF }; /* -1 in a uint32 */

/* Of a class of its own for each type of resource: read by property name. */
static struct cim_object *private_of(struct shown *s, const char *type)
{
    return cim_object_new(s->arena, arena_printf(s->arena, "MSCluster_Property_%s", type), NULL);
}

static void show_private(struct shown *s, struct cim_object *o, const struct cim_object *private)
{
    if (private)
        cim_set_object(s->arena, o, "PrivateProperties", CIM_TYPE_OBJECT, private);
    else
        cim_set_null(s->arena, o, "PrivateProperties", CIM_TYPE_OBJECT);
}

static struct cim_object *show_named(struct shown *s, const char *name)
{
    struct cim_object *o = show_row(s, sim_path(s->arena, s->host, s->class, "Name", name));

    show_text(s, o, "Name", name);
    return o;
}

void sim_show_cluster(struct shown *s)
{
    struct cim_object *private = private_of(s, "Cluster");
    const char *owner = sim_owner_text(s->arena, s->world);

    if (owner)
        cim_set_text(s->arena, private, SIM_OWNER_PROPERTY, CIM_TYPE_TEXT, owner);
    show_private(s, show_named(s, s->now->name), private);
}

void sim_show_nodes(struct shown *s)
{
    static const uint32_t states[] = {
        [NODE_UNKNOWN] = UNKNOWN_STATE,
        [NODE_UP] = 0,
        [NODE_DOWN] = 1,
        [NODE_PAUSED] = 2,
        [NODE_DRAINING] = 2,
        [NODE_SILENT] = 0,
    };

    for (size_t i = 0; i < s->now->node_count; i++) {
        const struct node *node = &s->now->nodes[i];
        struct cim_object *o = show_named(s, node->name);

        show_num(s, o, "State", NUM(states[node->state]));
        show_num(s, o, "NodeDrainStatus", NUM(node->state == NODE_DRAINING));
        show_num(s, o, "BuildNumber", node->build);
    }
}

static const char *owner_node(const struct shown *s, const struct vm *vm)
{
    return vm->node < s->now->node_count ? s->now->nodes[vm->node].name : NULL;
}

static uint32_t group_state(const struct role *role)
{
    enum { ONLINE, OFFLINE, FAILED, PARTIAL, PENDING };

    switch (role->vm) {
    case RES_ONLINE:
        return ONLINE;
    case RES_OFFLINE:
        return role->config == RES_ONLINE ? PARTIAL : OFFLINE;
    case RES_FAILED:
        return FAILED;
    case RES_PENDING:
        return PENDING;
    case RES_UNKNOWN:
        break;
    }
    return UNKNOWN_STATE;
}

void sim_show_groups(struct shown *s)
{
    struct cim_object *o = show_named(s, "Cluster Group"); /* the cluster's own */

    show_num(s, o, "GroupType", NUM(1));
    show_num(s, o, "State", NUM(0));
    show_text(s, o, "OwnerNode", s->host);
    show_num(s, o, "StatusInformation", NUM(0));
    for (uint32_t i = 0; i < s->now->vm_count; i++) {
        const struct vm *vm = &s->now->vms[i];

        if (!vm->role.clustered)
            continue;
        o = show_named(s, sim_group(s->arena, s->now, i));
        show_num(s, o, "GroupType", NUM(SIM_GROUP_VM));
        show_num(s, o, "State", NUM(group_state(&vm->role)));
        show_text(s, o, "OwnerNode", owner_node(s, vm));
        show_num(s, o, "StatusInformation", NUM(vm->role.busy)); /* 1: locked */
    }
}

/* ---- resources ---- */

static uint32_t resource_number(enum resource_state state, enum vm_power power)
{
    enum { ONLINE = 2, OFFLINE = 3, FAILED = 4, ONLINE_PENDING = 129, OFFLINE_PENDING = 130 };

    switch (state) {
    case RES_ONLINE:
        return ONLINE;
    case RES_OFFLINE:
        return OFFLINE;
    case RES_FAILED:
        return FAILED;
    case RES_PENDING:
        return power == POWER_STOPPING || power == POWER_RUNNING ? OFFLINE_PENDING : ONLINE_PENDING;
    case RES_UNKNOWN:
        break;
    }
    return UNKNOWN_STATE;
}

/* In upper case or lower, with braces or without (failover-cluster 10.2): each VM another way. */
static const char *spelled_id(struct arena *a, const struct vm *vm, uint32_t n)
{
    const char *id = n & 1 ? sim_upper(a, vm->id) : vm->id;

    return n & 2 ? arena_printf(a, "{%s}", id) : id;
}

static void show_resource(struct shown *s, uint32_t vm, const char *name, const char *type,
                          uint32_t state, const struct cim_object *private)
{
    struct cim_object *o = show_named(s, name);

    show_text(s, o, "Type", type);
    show_num(s, o, "State", NUM(state));
    show_text(s, o, "OwnerGroup",
              vm == NO_INDEX ? "Cluster Group" : sim_group(s->arena, s->now, vm));
    show_text(s, o, "OwnerNode", vm == NO_INDEX ? s->host : owner_node(s, &s->now->vms[vm]));
    show_private(s, o, private);
}

static bool migrates(const struct world *w, const struct vm *vm)
{
    for (size_t i = 0; i < w->job_count; i++)
        if (w->jobs[i].phase == JOB_MOVE && str_same(w->jobs[i].action.subject, vm->id))
            return true;
    return false;
}

static struct cim_object *vm_private(struct shown *s, uint32_t vm, const char *type)
{
    struct cim_object *private = private_of(s, type);

    cim_set_text(s->arena, private, "VmID", CIM_TYPE_TEXT,
                 spelled_id(s->arena, &s->now->vms[vm], vm));
    return private;
}

/* The first is the VM's; more of the same VmID, and one that cannot be read, behind it. */
static void show_vm_resources(struct shown *s, uint32_t i)
{
    const struct vm *vm = &s->now->vms[i];
    enum { NO_MIGRATION = 0, DATA_TRANSFER = 2 };
    const char *group = sim_group(s->arena, s->now, i);
    uint32_t state = resource_number(vm->role.vm, vm->power);

    for (uint32_t n = 0; n < vm->role.matches; n++) {
        struct cim_object *private = vm_private(s, i, "Resource_Virtual_Machine");

        cim_set_num(s->arena, private, "OfflineAction", CIM_TYPE_U32, vm->role.offline_action);
        cim_set_number(s->arena, private, "MigrationState", CIM_TYPE_U32,
                       migrates(s->world, vm) ? DATA_TRANSFER : NO_MIGRATION);
        show_resource(s, i,
                      n ? arena_printf(s->arena, SIM_RESOURCE_VM " %s (%u)", group, n + 1)
                        : arena_printf(s->arena, SIM_RESOURCE_VM " %s", group),
                      SIM_RESOURCE_VM, state, private);
    }
    if (vm->role.vmid_unread)
        show_resource(s, i, arena_printf(s->arena, SIM_RESOURCE_VM " %s (unread)", group),
                      SIM_RESOURCE_VM, state, NULL);
    show_resource(s, i, arena_printf(s->arena, SIM_RESOURCE_CONFIG " %s", group),
                  SIM_RESOURCE_CONFIG, resource_number(vm->role.config, POWER_UNKNOWN),
                  vm_private(s, i, "Resource_Virtual_Machine_Configuration"));
}

void sim_show_resources(struct shown *s)
{
    enum { ONLINE = 2 };

    show_resource(s, NO_INDEX, "Cluster IP Address", "IP Address", ONLINE,
                  private_of(s, "Resource_IP_Address"));
    for (uint32_t i = 0; i < s->now->vm_count; i++)
        if (s->now->vms[i].role.clustered)
            show_vm_resources(s, i);
}
