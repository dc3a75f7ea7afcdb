/* Nodes and roles, out of the rows of the cluster and of what is read once per connection. */
#include "provider/hyperv/see.h"

/* ---- nodes ---- */

static enum node_state node_state(const struct cim_object *row)
{
    enum { UP = 0, DOWN = 1, PAUSED = 2, DRAIN_GOES_ON = 1 };
    struct num state = cim_number(row, "State");

    if (num_is(state, DOWN))
        return NODE_DOWN;
    if (!num_is(state, UP) && !num_is(state, PAUSED))
        return NODE_UNKNOWN; /* joining, or not told */
    if (num_is(cim_number(row, "NodeDrainStatus"), DRAIN_GOES_ON))
        return NODE_DRAINING;
    return num_is(state, UP) ? NODE_UP : NODE_PAUSED;
}

void hv_see_world(struct hv_look *l, const struct hv_world_rows *world)
{
    struct map names;

    l->out->nodes = arena_array(l->a, struct node, world->nodes.count + 1);
    map_init(&names, l->a, world->nodes.count, true);
    for (size_t i = 0; i < world->nodes.count; i++) {
        const struct cim_object *row = &world->nodes.rows[i];
        const char *name = cim_text(row, "Name");
        uint32_t at = (uint32_t)l->out->node_count;

        if (!name || !*name || map_put(&names, name, at) != at) {
            l->skipped++;
            continue;
        }
        l->out->nodes[l->out->node_count++] = (struct node){.name = hv_keep(l, name),
                                                            .state = node_state(row),
                                                            .build = cim_number(row, "BuildNumber"),
                                                            .boot_ms = WHEN_NONE};
    }
}

void hv_see_fixed(struct hv_look *l, struct node *node, const struct hv_static *fixed)
{
    if (!node->build.known)
        node->build = fixed->build;
    node->boot_ms = fixed->boot_ms;
    node->iov = fixed->iov;
    node->require_secure = fixed->require_secure;
    node->require_supported = fixed->require_supported;
    node->iov_reasons = arena_array(l->a, const char *, fixed->iov_reason_count + 1);
    for (size_t i = 0; i < fixed->iov_reason_count; i++)
        node->iov_reasons[node->iov_reason_count++] = hv_keep(l, fixed->iov_reasons[i]);
}

/* ---- roles ---- */

/* The rows of the cluster, joined. */
struct roles {
    struct hv_look *l;
    const struct hv_world_rows *world;
    struct map vms;        /* ids of the VMs that were seen, to their place in out->vms */
    struct map groups;     /* by name */
    struct map configs;    /* by id of the VM */
    struct map configs_in; /* by group, where the id of the VM was not read */
    uint32_t *unread;      /* Virtual Machine resources whose VM could not be read */
    size_t unread_count;
};

static void index_rows(struct roles *r)
{
    struct arena *a = r->l->a;
    const struct hv_world_rows *w = r->world;

    map_init(&r->vms, a, r->l->out->vm_count, true);
    map_init(&r->groups, a, w->groups.count, true);
    map_init(&r->configs, a, w->configs.count, true);
    map_init(&r->configs_in, a, w->configs.count, true);
    r->unread = arena_array(a, uint32_t, w->vms.count + 1);
    for (uint32_t i = 0; i < r->l->out->vm_count; i++)
        map_put(&r->vms, r->l->out->vms[i].id, i);
    for (uint32_t i = 0; i < w->groups.count; i++)
        if (cim_text(&w->groups.rows[i], "Name"))
            map_put(&r->groups, cim_text(&w->groups.rows[i], "Name"), i);
    for (uint32_t i = 0; i < w->configs.count; i++) {
        const char *id = hv_resource_vm(a, &w->configs.rows[i]);
        const char *group = cim_text(&w->configs.rows[i], "OwnerGroup");

        if (id)
            map_put(&r->configs, id, i);
        else if (group)
            map_put(&r->configs_in, group, i);
    }
}

static const struct cim_object *config_of(const struct roles *r, const char *id, const char *group)
{
    uint32_t at = map_get(&r->configs, id);

    if (at == MAP_NONE && group)
        at = map_get(&r->configs_in, group);
    return at == MAP_NONE ? NULL : &r->world->configs.rows[at];
}

static const struct cim_object *group_of(const struct roles *r, const char *name)
{
    uint32_t at = name ? map_get(&r->groups, name) : MAP_NONE;

    return at == MAP_NONE ? NULL : &r->world->groups.rows[at];
}

static void take_role(struct roles *r, struct role *role, const char *id,
                      const struct cim_object *resource)
{
    const char *group = cim_text(resource, "OwnerGroup");

    role->clustered = true;
    if (role->matches++)
        return; /* refused anyway (I2) */
    role->vm = hv_resource_state(resource);
    role->config = hv_resource_state(config_of(r, id, group));
    role->offline_action = hv_offline_stored(resource);
    role->busy = hv_role_busy(resource, group_of(r, group), role->config == RES_PENDING);
}

/* Where a role is, so that its VM would have been seen there; false: it need not have been. */
static bool must_show(const struct state *s, const char *owner, uint32_t only, uint32_t *node)
{
    bool all = only == NO_INDEX;

    *node = NO_INDEX;
    for (uint32_t i = 0; i < s->node_count; i++) {
        all &= s->nodes[i].answered;
        if (hv_same_host(s->nodes[i].name, owner))
            *node = i;
    }
    if (*node == NO_INDEX)
        return all;
    return s->nodes[*node].answered && (only == NO_INDEX || only == *node);
}

/* A VM that the cluster knows and no node shows: named as its role is (S8). */
static void add_hidden(struct roles *r, const char *id, const struct cim_object *resource,
                       uint32_t only)
{
    struct hv_look *l = r->l;
    const char *owner = cim_text(resource, "OwnerNode"), *name = cim_text(resource, "OwnerGroup");
    uint32_t node;
    struct vm *vm;

    if (!must_show(l->out, owner, only, &node))
        return; /* nothing is known of it, which is not that it is gone */
    map_put(&r->vms, id, (uint32_t)l->out->vm_count);
    vm = arena_push(l->a, l->out->vms, l->out->vm_count, l->vm_room);
    *vm = (struct vm){.id = id,
                      .name = hv_keep(l, name ? name : id),
                      .node = node,
                      .stamp_ms = WHEN_NONE,
                      .owner = OWNER_UNKNOWN,
                      .hidden = true};
}

static void mark_unread(struct roles *r)
{
    struct state *s = r->l->out;

    for (size_t i = 0; i < r->unread_count; i++) {
        const char *owner = cim_text(&r->world->vms.rows[r->unread[i]], "OwnerNode");

        for (size_t k = 0; k < s->vm_count; k++)
            if (!s->vms[k].role.matches && (!owner || s->vms[k].node == NO_INDEX ||
                                            hv_same_host(owner, s->nodes[s->vms[k].node].name)))
                s->vms[k].role.vmid_unread = true;
    }
}

/* One VM on two nodes moves: it is where its role is, else where it came from first. */
static void drop_doubles(struct roles *r)
{
    struct state *s = r->l->out;
    struct map owners, at;
    size_t n = 0;

    map_init(&owners, r->l->a, r->world->vms.count, true);
    map_init(&at, r->l->a, s->vm_count, true);
    for (uint32_t i = 0; i < r->world->vms.count; i++) {
        const char *id = hv_resource_vm(r->l->a, &r->world->vms.rows[i]);

        if (id)
            map_put(&owners, id, i);
    }
    for (size_t i = 0; i < s->vm_count; i++) {
        uint32_t first = map_put(&at, s->vms[i].id, (uint32_t)n);
        uint32_t role = map_get(&owners, s->vms[i].id);
        const char *owner =
            role == MAP_NONE ? NULL : cim_text(&r->world->vms.rows[role], "OwnerNode");

        if (first == n)
            s->vms[n++] = s->vms[i];
        else if (hv_same_host(owner, s->nodes[s->vms[i].node].name))
            s->vms[first] = s->vms[i];
    }
    s->vm_count = n;
}

void hv_see_roles(struct hv_look *l, const struct hv_world_rows *world, uint32_t only)
{
    struct roles r = {.l = l, .world = world};

    drop_doubles(&r);
    index_rows(&r);
    for (uint32_t i = 0; i < world->vms.count; i++) {
        const struct cim_object *resource = &world->vms.rows[i];
        const char *id = hv_resource_vm(l->a, resource);

        if (!id) {
            r.unread[r.unread_count++] = i;
            continue;
        }
        if (map_get(&r.vms, id) == MAP_NONE)
            add_hidden(&r, id, resource, only);
        if (map_get(&r.vms, id) != MAP_NONE)
            take_role(&r, &l->out->vms[map_get(&r.vms, id)].role, id, resource);
    }
    mark_unread(&r);
}
