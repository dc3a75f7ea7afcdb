/* One look: sorted, and refused when no such world can be. */
#include "provider/provider.h"

#include "base/limits.h"
#include "base/str.h"

static bool impossible(struct err *e, const char *what, const char *name)
{
    return err_set(e, ERR_INVALID, 0, "what was seen cannot be: %s (%s)", what, name ? name : "?");
}

static bool check_nodes(const struct state *s, struct err *e)
{
    if (s->node_count > LIMIT_NODES)
        return impossible(e, "more nodes than a cluster can have", s->name);
    if (s->standalone && s->node_count > 1)
        return impossible(e, "a standalone host with several nodes", s->name);
    for (size_t i = 0; i < s->node_count; i++) {
        if (!s->nodes[i].name || !*s->nodes[i].name)
            return impossible(e, "a node without a name", s->name);
        if (i && str_same(s->nodes[i - 1].name, s->nodes[i].name))
            return impossible(e, "two nodes with one name", s->nodes[i].name);
    }
    return true;
}

/* Few GPUs are on a node: pairs are cheaper than a map, unless somebody made that up. */
static bool same_device(const struct state *s, size_t i, const struct map *paths)
{
    if (paths->room)
        return map_get(paths, s->gpus[i].path) != MAP_NONE;
    for (size_t k = i; k-- && s->gpus[k].node == s->gpus[i].node;)
        if (str_same(s->gpus[k].path, s->gpus[i].path))
            return true;
    return false;
}

static bool check_devices(const struct state *s, struct arena *a, struct err *e)
{
    struct map paths = {0};
    uint32_t node = NO_INDEX;
    size_t on_node = 0;

    if (s->gpu_count > LIMIT_GPUS)
        return impossible(e, "more devices than a cluster can have", s->name);
    for (size_t i = 0; i < s->gpu_count; i++) {
        const struct gpu *g = &s->gpus[i];

        if (g->node >= s->node_count)
            return impossible(e, "a device on no node", g->path);
        if (!g->path || !*g->path)
            return impossible(e, "a device without a path", s->nodes[g->node].name);
        if (g->count.known && g->count.value > LIMIT_PARTITION_COUNT)
            return impossible(e, "a partition count beyond 65535", g->path);
        on_node = g->node == node ? on_node + 1 : 1;
        if (g->node != node)
            paths = (struct map){0};
        node = g->node;
        if (on_node == 64) {
            map_init(&paths, a, 256, true);
            for (size_t k = i; k-- && s->gpus[k].node == node;)
                map_put(&paths, s->gpus[k].path, 0);
        }
        if (same_device(s, i, &paths))
            return impossible(e, "two devices of one node with one path", g->path);
        if (paths.room)
            map_put(&paths, g->path, 0);
    }
    for (size_t i = 0; i < s->pool_count; i++) {
        if (s->pools[i].node >= s->node_count || !s->pools[i].name || !*s->pools[i].name)
            return impossible(e, "a pool on no node, or without a name", s->pools[i].name);
        if (i && s->pools[i - 1].node == s->pools[i].node &&
            str_eq(s->pools[i - 1].name, s->pools[i].name))
            return impossible(e, "two pools of one node with one name", s->pools[i].name);
    }
    return true;
}

static bool check_vm(const struct state *s, const struct vm *vm, struct err *e)
{
    if (!vm->id || !*vm->id || !vm->name)
        return impossible(e, "a VM without an id or a name", vm->name);
    if (vm->node >= s->node_count && !(vm->node == NO_INDEX && vm->hidden))
        return impossible(e, "a VM on no node", vm->name);
    if (vm->adapter_count > LIMIT_PER_VM || vm->request_count > LIMIT_PER_VM)
        return impossible(e, "more adapters than a VM can have", vm->name);
    if (vm->role.clustered && s->standalone)
        return impossible(e, "a clustered VM on a standalone host", vm->name);
    for (size_t i = 0; i < vm->adapter_count; i++) /* by id: doubles are neighbours */
        if (!vm->adapters[i].id || (i && str_same(vm->adapters[i - 1].id, vm->adapters[i].id)))
            return impossible(e, "two adapters with one id, or one without", vm->name);
    for (size_t i = 0; i < vm->request_count; i++)
        if (!vm->requests[i].id || (i && str_same(vm->requests[i - 1].id, vm->requests[i].id)))
            return impossible(e, "two device requests with one id, or one without", vm->name);
    return true;
}

static bool check_vms(const struct state *s, struct arena *a, struct err *e)
{
    struct map ids;

    if (s->vm_count > LIMIT_VMS)
        return impossible(e, "more VMs than a cluster can have", s->name);
    map_init(&ids, a, s->vm_count, true);
    for (uint32_t i = 0; i < s->vm_count; i++) {
        if (!check_vm(s, &s->vms[i], e))
            return false;
        if (map_put(&ids, s->vms[i].id, i) != i)
            return impossible(e, "two VMs with one id", s->vms[i].id);
    }
    return true;
}

bool eye_observe(struct eye *eye, struct arena *a, const struct scope *scope, struct state *out,
                 struct err *e)
{
    struct state seen;

    if (!eye->ops->observe(eye, a, scope, &seen, e))
        return false;
    state_sort(&seen, a);
    if (!seen.name || !seen.identity || !*seen.identity)
        return impossible(e, "a world without a name", seen.name);
    if (!check_nodes(&seen, e) || !check_devices(&seen, a, e) || !check_vms(&seen, a, e))
        return false;
    *out = seen;
    return true;
}

bool world_claim(struct eye *eye, const struct owner *owner, bool take_over, struct hand **out,
                 struct err *e)
{
    return eye->ops->claim(eye, owner, take_over, out, e);
}

bool hand_perform(struct hand *hand, const struct action *action, struct receipt *out,
                  struct err *e)
{
    return hand->ops->perform(hand, action, out, e);
}
