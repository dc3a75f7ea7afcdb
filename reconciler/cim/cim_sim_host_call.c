/* Calls that change the host: counts, devices, pools, the owner record in its registry. */
#include "cim/cim_sim_act.h"

static struct action on_gpu(struct sim_act *t, enum verb verb, uint32_t gpu)
{
    const struct gpu *row = &t->world->now.gpus[gpu];

    return (struct action){.verb = verb,
                           .node = t->node,
                           .subject = row->path,
                           .location = row->location_count ? row->locations[0] : NULL};
}

/* ---- counts ---- */

bool sim_put_count(struct sim_act *t, const struct cim_object *o)
{
    const struct cim_object *row = sim_target(t, o->path, CIM_Msvm_PartitionableGpu);
    struct num count = cim_number(o, "PartitionCount");
    struct action a;

    if (!row)
        return false;
    if (!count.known)
        return sim_no(t, 0x80041008, "PartitionCount is no number");
    a = on_gpu(t, VERB_GPU_COUNT, sim_gpu_of_path(t, row->path));
    a.value[0] = count.value;
    return sim_effect(t, &a, false);
}

/* ---- devices ---- */

static bool plug(struct sim_act *t, enum verb verb)
{
    enum { NEEDS_REBOOT = 3010 };
    struct action a = on_gpu(t, verb, sim_gpu_of_path(t, t->call->path));
    struct err said = {.kind = ERR_NONE}, *e = t->e;
    bool ok, reboot;

    t->e = &said;
    ok = sim_effect(t, &a, false);
    t->e = e;
    reboot = said.native == NEEDS_REBOOT; /* an answer, not a failure */
    if (!ok && !reboot) {
        *e = said;
        return false;
    }
    cim_set_number(t->arena, t->out, "rebootNeeded", CIM_TYPE_BOOLEAN, reboot);
    return sim_nothing_to_do(t);
}

bool sim_pnp_disable(struct sim_act *t)
{
    return plug(t, VERB_GPU_DISABLE);
}

bool sim_pnp_enable(struct sim_act *t)
{
    return plug(t, VERB_GPU_ENABLE);
}

/* By its place, else by its name. */
static uint32_t device_at(struct sim_act *t, const struct cim_object *o)
{
    const char *location = cim_text(o, "DeviceLocationPath");
    const char *path = cim_text(o, "DeviceInstancePath");

    if (location && *location)
        return state_gpu_at(&t->world->now, t->at, location);
    return path && *path ? state_gpu(&t->world->now, t->at, path_normal(t->arena, path)) : NO_INDEX;
}

static bool no_device(struct sim_act *t)
{
    return sim_no(t, SIM_INVALID, "no such device on this node");
}

bool sim_dismount_device(struct sim_act *t)
{
    const struct cim_object *o = sim_instance(t, "DismountSettingData");
    uint32_t gpu = o ? device_at(t, o) : NO_INDEX;
    struct action a;

    if (gpu == NO_INDEX)
        return no_device(t);
    a = on_gpu(t, VERB_GPU_DISMOUNT, gpu);
    a.value[0] = cim_tri(o, "RequireDeviceMitigations") == TRI_NO; /* left out: required */
    if (!sim_effect_as_job(t, &a, false))
        return false;
    if (t->world->now.gpus[gpu].state == GPU_DISMOUNTED)
        cim_set_text(t->arena, t->out, "DismountedDeviceInstancePath", CIM_TYPE_TEXT,
                     sim_pcip(t->arena, &t->world->now.gpus[gpu]));
    return true;
}

bool sim_mount_device(struct sim_act *t)
{
    uint32_t gpu = t->call->in ? device_at(t, t->call->in) : NO_INDEX;
    struct action a;

    if (gpu == NO_INDEX)
        return no_device(t);
    a = on_gpu(t, VERB_GPU_MOUNT, gpu);
    if (!sim_effect_as_job(t, &a, false))
        return false;
    if (t->world->now.gpus[gpu].state == GPU_DISABLED)
        cim_set_text(t->arena, t->out, "MountedDeviceInstancePath", CIM_TYPE_TEXT,
                     t->world->now.gpus[gpu].path);
    return true;
}

/* ---- pools ---- */

/* The only parent is the primordial pool of devices. */
static bool has_parent(struct sim_act *t)
{
    const char *const *parents = NULL;
    size_t n = t->call->in ? cim_texts(t->call->in, "ParentPools", &parents) : 0;
    const struct cim_object *row = n == 1 ? sim_object(&t->shown, parents[0]) : NULL;

    return (row && cim_tri(row, "Primordial") == TRI_YES &&
            num_is(cim_number(row, "ResourceType"), SIM_TYPE_PCIE)) ||
           sim_no(t, SIM_INVALID, "the parent is not the primordial pool of devices");
}

/* What a pool holds carries that pool's own name (hyperv-wmi 4.3). */
static const struct cim_object *allocation(struct sim_act *t, const char *pool)
{
    const struct cim_object *o = sim_instance(t, "AllocationSettings");

    if (o && o->path && sim_object(&t->shown, o->path) &&
        cim_class_named(o->class_name) == CIM_Msvm_PciExpressSettingData &&
        str_eq(cim_text(o, "PoolID"), pool))
        return o;
    sim_no(t, SIM_INVALID, "the allocation is not of the pool's own name and type");
    return NULL;
}

bool sim_create_pool(struct sim_act *t)
{
    const struct cim_object *o = sim_instance(t, "PoolSettings");
    const char *name = o ? cim_text(o, "PoolID") : NULL;
    const struct cim_object *part;
    struct action a = {.verb = VERB_POOL_CREATE, .node = t->node, .subject = name};

    if (!name || !*name || !num_is(cim_number(o, "ResourceType"), SIM_TYPE_PCIE) ||
        !str_eq(cim_text(o, "ResourceSubType"), SIM_SUBTYPE_PCIE))
        return sim_no(t, SIM_INVALID, "a pool without name, resource type and sub type");
    if (!has_parent(t) || !(part = allocation(t, name)))
        return false;
    if (cim_first(part, "HostResource"))
        return sim_no(t, SIM_NOT_SUPPORTED, "a pool is made empty here");
    if (!sim_effect_as_job(t, &a, false))
        return false;
    if (state_pool(&t->world->now, t->at, name))
        cim_set_text(t->arena, t->out, "Pool", CIM_TYPE_REF,
                     sim_pool_path(t->arena, t->node, name, SIM_TYPE_PCIE));
    return true;
}

/* The pool that a parameter names; NULL: none, or a primordial one. */
static const char *named_pool(struct sim_act *t, const char *parameter)
{
    const char *path = t->call->in ? cim_text(t->call->in, parameter) : NULL;
    const struct cim_object *row = path ? sim_object(&t->shown, path) : NULL;

    if (row && cim_tri(row, "Primordial") == TRI_NO)
        return arena_strdup(t->arena, cim_text(row, "PoolID"));
    sim_no(t, 32781, "no such pool on this node");
    return NULL;
}

static bool listed(struct sim_act *t, const char *const *paths, size_t n, uint32_t gpu)
{
    for (size_t i = 0; i < n; i++)
        if (sim_gpu_of_path(t, paths[i]) == gpu)
            return true;
    return false;
}

static bool all_are_devices(struct sim_act *t, const char *const *paths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct cim_object *row = sim_object(&t->shown, paths[i]);

        if (!row || !str_same(cim_text(row, "SystemName"), t->node))
            return sim_no(t, SIM_INVALID, "no dismounted device of this host");
    }
    return true;
}

/* In the pool once what is under way has landed: each list counts on those before it. */
static bool will_be_in(const struct world *w, const struct gpu *gpu, const char *pool)
{
    bool in = str_eq(gpu->pool, pool);

    for (size_t i = 0; i < w->job_count; i++) {
        const struct action *a = &w->jobs[i].action;

        if (w->jobs[i].phase != JOB_EFFECT || !str_same(a->subject, gpu->path) ||
            !str_same(a->node, w->now.nodes[gpu->node].name))
            continue;
        if (a->verb == VERB_POOL_JOIN && str_eq(a->object, pool))
            in = true;
        if (a->verb == VERB_POOL_LEAVE)
            in = false;
    }
    return in;
}

/* The list is the whole list: who is not on it leaves, who is joins; one of them at a time here. */
bool sim_modify_pool(struct sim_act *t)
{
    const char *pool = named_pool(t, "ChildPool");
    const struct state *s = &t->world->now;
    const struct cim_object *part;
    struct action a = {.verb = VERB_NONE};
    const char *const *paths;
    size_t n;

    if (!pool || !has_parent(t) || !(part = allocation(t, pool)))
        return false;
    n = cim_texts(part, "HostResource", &paths);
    if (!all_are_devices(t, paths, n))
        return false;
    for (uint32_t i = 0; i < s->gpu_count; i++) {
        bool in = will_be_in(t->world, &s->gpus[i], pool);

        if (s->gpus[i].node != t->at || listed(t, paths, n, i) == in)
            continue;
        if (a.verb != VERB_NONE)
            return sim_no(t, SIM_NOT_SUPPORTED, "one member at a time, here");
        a = on_gpu(t, in ? VERB_POOL_LEAVE : VERB_POOL_JOIN, i);
        a.object = pool;
    }
    return a.verb == VERB_NONE ? sim_nothing_to_do(t) : sim_effect_as_job(t, &a, false);
}

bool sim_drop_pool(struct sim_act *t)
{
    struct action a = {.verb = VERB_POOL_DELETE, .node = t->node, .subject = named_pool(t, "Pool")};

    return a.subject && sim_effect_as_job(t, &a, false);
}

/* ---- the registry ---- */

void sim_set_owner(struct world *w, const struct owner *owner)
{
    w->owner.store = owner ? arena_strdup(w->arena, owner->store_id) : NULL;
    w->owner.host = owner && owner->host ? arena_strdup(w->arena, owner->host) : NULL;
    w->owner.since_ms = owner ? owner->since_ms : WHEN_NONE;
    w->owner.epoch = owner ? owner->epoch : 0;
}

/* Only the owner record can be written, and only where there is no cluster. */
static bool is_owners_key(struct sim_act *t, bool value)
{
    enum { NO_ACCESS = 5 };
    const struct cim_object *in = t->call->in;

    if (in && t->world->now.standalone && num_is(cim_number(in, "hDefKey"), SIM_HKLM) &&
        str_same(cim_text(in, "sSubKeyName"), SIM_OWNER_KEY) &&
        (!value || str_same(cim_text(in, "sValueName"), SIM_OWNER_VALUE)))
        return true;
    return err_set(t->e, ERR_DENIED, NO_ACCESS, "access denied");
}

bool sim_create_key(struct sim_act *t)
{
    return is_owners_key(t, false) && sim_nothing_to_do(t);
}

bool sim_set_value(struct sim_act *t)
{
    struct owner owner;

    if (!is_owners_key(t, true))
        return false;
    if (!owner_parse(t->arena, cim_text(t->call->in, "sValue"), &owner))
        return sim_no(t, SIM_BAD_VALUE, "a world holds owner records only");
    sim_set_owner(t->world, &owner);
    return sim_nothing_to_do(t);
}

bool sim_delete_value(struct sim_act *t)
{
    enum { NOT_THERE = 2 };

    if (!is_owners_key(t, true))
        return false;
    if (!t->world->owner.store)
        return sim_no(t, NOT_THERE, "no such value");
    sim_set_owner(t->world, NULL);
    return sim_nothing_to_do(t);
}
