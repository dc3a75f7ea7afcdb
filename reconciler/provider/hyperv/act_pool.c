/*
 * Pools of devices and their members (D3).  The members of a pool are written
 * as one whole list, so a list that is not read just before, or two at a time,
 * would lose some (decision 060).
 */
#include "provider/hyperv/act.h"

#define SUBTYPE "Microsoft:Hyper-V:Virtual Pci Express Port"

enum { NOT_FOUND = 0x80041002LL, INVALID_PARAMETER = 32773, IN_USE = 32774, WRONG_STATE = 32775 };
enum { REMEMBERED_MS = 120000 };

/* ---- pools ---- */

bool hv_pool_rows(struct hv_act *t, struct cim_rows *out)
{
    return hv_rows(t, hv_here(t, CIM_SPACE_VIRT), CIM_Msvm_ResourcePool, "ResourceType", "32769",
                   out);
}

const struct cim_object *hv_pool_named(const struct cim_rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].path && cim_tri(&rows->rows[i], "Primordial") != TRI_YES &&
            str_eq(cim_text(&rows->rows[i], "PoolID"), name))
            return &rows->rows[i];
    return NULL;
}

/* What every pool of devices is a part of; NULL: t->err. */
static const char *parent_of(struct hv_act *t, const struct cim_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].path && cim_tri(&rows->rows[i], "Primordial") == TRI_YES)
            return rows->rows[i].path;
    err_set(&t->err, ERR_UNSUPPORTED, 0, "%s: the host has no pool of devices to begin with",
            t->action->node);
    return NULL;
}

/* What the pool holds: these devices, and no quantity of its own. */
static const struct cim_object *allocation(struct hv_act *t, const char *pool,
                                           const char *const *devices, size_t count)
{
    const char *template = hv_kept(t, HV_KEPT_DEVICE);
    struct cim_object *o;

    if (!template)
        return NULL;
    o = cim_object_new(t->arena, cim_class_row(CIM_Msvm_PciExpressSettingData)->name, template);
    cim_set_number(t->arena, o, "ResourceType", CIM_TYPE_U16, HV_TYPE_PCIE);
    cim_set_text(t->arena, o, "ResourceSubType", CIM_TYPE_TEXT, SUBTYPE);
    cim_set_text(t->arena, o, "PoolID", CIM_TYPE_TEXT, pool);
    cim_set_number(t->arena, o, "VirtualQuantity", CIM_TYPE_U64, 0);
    cim_set_number(t->arena, o, "Reservation", CIM_TYPE_U64, 0);
    cim_set_number(t->arena, o, "Limit", CIM_TYPE_U64, 0);
    cim_set_texts(t->arena, o, "HostResource", CIM_TYPE_TEXT, devices, count);
    return o;
}

/* ---- making and deleting ---- */

/* Sources disagree whose name the allocation carries: the new pool's (""), or its parent's. */
static bool create(struct hv_act *t, const char *parent, const char *carried)
{
    const char *name = t->action->subject, *service = hv_kept(t, HV_KEPT_POOLS);
    const struct cim_object *part = service ? allocation(t, carried, NULL, 0) : NULL;
    struct cim_object *in = hv_in(t), *pool;

    if (!part)
        return false;
    pool = cim_object_new(t->arena, cim_class_row(CIM_Msvm_ResourcePoolSettingData)->name, NULL);
    cim_set_text(t->arena, pool, "PoolID", CIM_TYPE_TEXT, name);
    cim_set_text(t->arena, pool, "ElementName", CIM_TYPE_TEXT, name);
    cim_set_number(t->arena, pool, "ResourceType", CIM_TYPE_U16, HV_TYPE_PCIE);
    cim_set_text(t->arena, pool, "ResourceSubType", CIM_TYPE_TEXT, SUBTYPE);
    cim_set_object(t->arena, in, "PoolSettings", CIM_TYPE_INSTANCE, pool);
    cim_set_texts(t->arena, in, "ParentPools", CIM_TYPE_REF, &parent, 1);
    cim_set_objects(t->arena, in, "AllocationSettings", CIM_TYPE_INSTANCE, &part, 1);
    return hv_call(
        t, hv_here(t, CIM_SPACE_VIRT),
        &(struct cim_call){CIM_Msvm_ResourcePoolConfigurationService_CreatePool, service, in},
        NULL);
}

/* Which form comes first: the other one, when a job was to make a pool and it is not there. */
static bool turned_round(struct hv_act *t)
{
    bool turned;

    host_mutex_lock(t->h->mutex);
    turned = t->claim->pool_jobs % 2 != 0;
    host_mutex_unlock(t->h->mutex);
    return turned;
}

bool hv_pool_create(struct hv_act *t)
{
    const char *name = t->action->subject, *parent, *forms[] = {name, ""};
    bool turned = turned_round(t);
    struct cim_rows rows;

    if (!hv_pool_rows(t, &rows))
        return false;
    if (hv_pool_named(&rows, name))
        return true;
    if (!(parent = parent_of(t, &rows)))
        return false;
    if (!create(t, parent, forms[turned]) &&
        (t->err.native != INVALID_PARAMETER || !create(t, parent, forms[!turned])))
        return false;
    if (t->accepted) {
        host_mutex_lock(t->h->mutex);
        t->claim->pool_jobs++;
        host_mutex_unlock(t->h->mutex);
    }
    return true;
}

bool hv_pool_delete(struct hv_act *t)
{
    const struct cim_object *pool;
    struct cim_object *in = hv_in(t);
    struct cim_rows rows;
    const char *service;

    if (!hv_pool_rows(t, &rows))
        return false;
    pool = hv_pool_named(&rows, t->action->subject);
    if (!pool)
        return true;
    if (!(service = hv_kept(t, HV_KEPT_POOLS)))
        return false;
    cim_set_text(t->arena, in, "Pool", CIM_TYPE_REF, pool->path);
    return hv_call(
        t, hv_here(t, CIM_SPACE_VIRT),
        &(struct cim_call){CIM_Msvm_ResourcePoolConfigurationService_DeletePool, service, in},
        NULL);
}

/* ---- members ---- */

struct members {
    const struct cim_object *device; /* the one that joins or leaves; NULL: not dismounted */
    struct cim_rows pools, elements;
};

static bool same_key(struct hv_act *t, const char *a, const char *b, const char *key)
{
    const char *left = a ? cim_path_key(t->arena, a, key) : NULL;

    return left && str_same(left, b ? cim_path_key(t->arena, b, key) : NULL);
}

static bool is_in(struct hv_act *t, const struct cim_object *element, const struct cim_object *pool)
{
    return same_key(t, cim_text(element, "Antecedent"), pool->path, "InstanceID");
}

/* The pool that the device is in; the one that all are parts of is none. */
static const struct cim_object *pool_of(struct hv_act *t, const struct members *m)
{
    for (size_t i = 0; i < m->elements.count; i++) {
        const struct cim_object *element = &m->elements.rows[i];

        if (!same_key(t, cim_text(element, "Dependent"), m->device->path, "DeviceID"))
            continue;
        for (size_t p = 0; p < m->pools.count; p++)
            if (m->pools.rows[p].path && cim_tri(&m->pools.rows[p], "Primordial") != TRI_YES &&
                is_in(t, element, &m->pools.rows[p]))
                return &m->pools.rows[p];
    }
    return NULL;
}

static bool read_members(struct hv_act *t, struct members *m)
{
    struct cim_rows devices;

    if (!hv_pool_rows(t, &m->pools) || !hv_device_rows(t, &devices) ||
        !hv_rows(t, hv_here(t, CIM_SPACE_VIRT), CIM_Msvm_ElementAllocatedFromPool, NULL, NULL,
                 &m->elements))
        return false;
    m->device = hv_dismounted(t, &devices, t->action->subject, t->action->location);
    return true;
}

struct paths {
    const char **rows;
    size_t count, room;
};

static size_t place_of(struct hv_act *t, const struct paths *list, const char *device)
{
    size_t i = 0;

    while (i < list->count && !same_key(t, list->rows[i], device, "DeviceID"))
        i++;
    return i;
}

static void with(struct hv_act *t, struct paths *list, const char *device, bool joins)
{
    size_t i = place_of(t, list, device);

    if (joins && i == list->count)
        *arena_push(t->arena, list->rows, list->count, list->room) = arena_strdup(t->arena, device);
    else if (!joins && i < list->count)
        list->rows[i] = list->rows[--list->count];
}

/* What was sent before and is not seen yet counts as there; what is seen is forgotten. */
static void with_those_sent(struct hv_act *t, struct paths *list, const char *pool)
{
    struct hv_claim *c = t->claim;
    int64_t now = t->h->net->ops->now_ms(t->h->net);

    host_mutex_lock(t->h->mutex);
    for (size_t i = 0; i < c->member_count; i++) {
        struct hv_member *m = &c->members[i];

        if (m->over || !str_same(m->node, t->action->node) || !str_eq(m->pool, pool))
            continue;
        m->over = m->until_ms <= now || (place_of(t, list, m->device) < list->count) == m->joins;
        if (!m->over)
            with(t, list, m->device, m->joins);
    }
    host_mutex_unlock(t->h->mutex);
}

static void remember(struct hv_act *t, const char *pool, const char *device, bool joins)
{
    struct hv_claim *c = t->claim;
    int64_t now = t->h->net->ops->now_ms(t->h->net);
    struct hv_member *row = NULL;

    host_mutex_lock(t->h->mutex);
    for (size_t i = 0; i < c->member_count; i++) {
        struct hv_member *m = &c->members[i];

        if (str_same(m->node, t->action->node) && same_key(t, m->device, device, "DeviceID"))
            m->over = true; /* the newer word counts */
        if (m->over)
            row = m;
    }
    if (!row)
        row = arena_push(&c->arena, c->members, c->member_count, c->member_room);
    *row = (struct hv_member){arena_strdup(&c->arena, t->action->node),
                              arena_strdup(&c->arena, pool),
                              arena_strdup(&c->arena, device),
                              joins,
                              false,
                              now + REMEMBERED_MS};
    host_mutex_unlock(t->h->mutex);
}

static bool write_members(struct hv_act *t, const struct members *m, const struct cim_object *pool,
                          bool joins)
{
    const char *name = cim_text(pool, "PoolID"), *parent = parent_of(t, &m->pools);
    const char *service = parent ? hv_kept(t, HV_KEPT_POOLS) : NULL;
    const struct cim_object *part;
    struct cim_object *in = hv_in(t);
    struct paths list = {0};
    bool ok;

    if (!service)
        return false;
    for (size_t i = 0; i < m->elements.count; i++) {
        const char *device = cim_text(&m->elements.rows[i], "Dependent");

        if (device && is_in(t, &m->elements.rows[i], pool) &&
            cim_path_key(t->arena, device, "DeviceID"))
            with(t, &list, device, true);
    }
    with_those_sent(t, &list, name);
    with(t, &list, m->device->path, joins);
    part = allocation(t, name, list.rows, list.count);
    if (!part)
        return false;
    cim_set_text(t->arena, in, "ChildPool", CIM_TYPE_REF, pool->path);
    cim_set_texts(t->arena, in, "ParentPools", CIM_TYPE_REF, &parent, 1);
    cim_set_objects(t->arena, in, "AllocationSettings", CIM_TYPE_INSTANCE, &part, 1);
    ok = hv_call(t, hv_here(t, CIM_SPACE_VIRT),
                 &(struct cim_call){CIM_Msvm_ResourcePoolConfigurationService_ModifyPoolResources,
                                    service, in},
                 NULL);
    if (ok ? t->accepted : t->err.kind == ERR_TIMEOUT)
        remember(t, name, m->device->path, joins);
    return ok;
}

/* ---- one at a time on each node ---- */

static struct host_mutex *turn_of(struct hv_act *t)
{
    struct hv_claim *c = t->claim;
    struct host_mutex *found = NULL;

    host_mutex_lock(t->h->mutex);
    for (size_t i = 0; i < c->turn_count && !found; i++)
        if (str_same(c->turns[i].node, t->action->node))
            found = c->turns[i].mutex;
    if (!found) {
        found = host_mutex_new();
        *arena_push(&c->arena, c->turns, c->turn_count, c->turn_room) =
            (struct hv_turn){arena_strdup(&c->arena, t->action->node), found};
    }
    host_mutex_unlock(t->h->mutex);
    return found;
}

static bool join(struct hv_act *t)
{
    const struct cim_object *pool, *now;
    struct members m;

    if (!read_members(t, &m))
        return false;
    pool = hv_pool_named(&m.pools, t->action->object);
    now = m.device ? pool_of(t, &m) : NULL;
    if (now && pool == now)
        return true;
    if (!pool)
        return hv_no(t, INVALID_PARAMETER, "there is no such pool on this node");
    if (now)
        return hv_no(t, IN_USE, "the device is in another pool");
    if (!m.device)
        return hv_no(t, WRONG_STATE, "only a dismounted device can be put into a pool");
    return write_members(t, &m, pool, true);
}

static bool leave(struct hv_act *t)
{
    const char *named = t->action->object;
    const struct cim_object *pool;
    struct members m;

    if (!read_members(t, &m))
        return false;
    pool = m.device ? pool_of(t, &m) : NULL;
    if (!pool || (named && !str_eq(cim_text(pool, "PoolID"), named)))
        return true;
    return write_members(t, &m, pool, false);
}

static bool in_turn(struct hv_act *t, hv_verb *verb)
{
    struct host_mutex *turn = turn_of(t);
    bool ok;

    host_mutex_lock(turn);
    ok = verb(t);
    host_mutex_unlock(turn);
    return ok;
}

bool hv_pool_join(struct hv_act *t)
{
    return in_turn(t, join);
}

bool hv_pool_leave(struct hv_act *t)
{
    return in_turn(t, leave);
}
