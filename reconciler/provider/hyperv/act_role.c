/*
 * A VM and its role: which resource is whose, whether it is free, and the
 * refresh that belongs to every change of it (I2, M2, M6).
 */
#include "provider/hyperv/act.h"

/* ---- which resource is whose ---- */

/* The row of a VM, made where it is not there; only under the mutex. */
static struct hv_role *role_row(struct hv_claim *c, const char *vm_id, size_t *room)
{
    struct hv_role *row;

    for (size_t i = 0; i < c->role_count; i++)
        if (str_eq(c->roles[i].vm_id, vm_id))
            return &c->roles[i];
    row = arena_push(&c->role_arena, c->roles, c->role_count, *room);
    row->vm_id = arena_strdup(&c->role_arena, vm_id);
    return row;
}

static const char *role_text(struct hv_claim *c, const char *s)
{
    return s ? arena_strdup(&c->role_arena, s) : NULL;
}

/* Without the node that was asked: any other finds the object of the cluster as well. */
static const char *on_any_node(struct hv_claim *c, const char *path)
{
    const char *behind = str_starts(path, "\\\\") ? strchr(path, ':') : NULL;

    return arena_strdup(&c->role_arena, behind ? behind + 1 : path);
}

/* By its VM, or, where that cannot be read, by the group that both are in. */
static struct hv_role *role_of_config(struct hv_act *t, const struct cim_object *config)
{
    struct hv_claim *c = t->claim;
    const char *id = hv_resource_vm(t->arena, config), *group = cim_text(config, "OwnerGroup");

    for (size_t i = 0; i < c->role_count; i++)
        if (id ? str_eq(c->roles[i].vm_id, id) : group && str_same(c->roles[i].group, group))
            return &c->roles[i];
    return NULL;
}

static void keep_roles(struct hv_act *t, const struct cim_rows *vms, const struct cim_rows *configs)
{
    struct hv_claim *c = t->claim;
    size_t room = 0;
    bool unread = false;

    host_mutex_lock(t->h->mutex);
    arena_reset(&c->role_arena);
    c->roles = NULL;
    c->role_count = 0;
    for (size_t i = 0; i < vms->count; i++) {
        const char *id = hv_resource_vm(t->arena, &vms->rows[i]);
        struct hv_role *row = id && vms->rows[i].path ? role_row(c, id, &room) : NULL;

        unread |= !row;
        if (!row)
            continue;
        row->clustered = true;
        row->matches++;
        row->resource = on_any_node(c, vms->rows[i].path);
        row->group = role_text(c, cim_text(&vms->rows[i], "OwnerGroup"));
    }
    for (size_t i = 0; i < configs->count; i++) {
        struct hv_role *row = role_of_config(t, &configs->rows[i]);

        if (row && configs->rows[i].path)
            row->config = on_any_node(c, configs->rows[i].path);
    }
    role_row(c, "", &room)->unread = unread; /* of nobody: may be anybody's */
    host_mutex_unlock(t->h->mutex);
}

static const char *copied(struct hv_act *t, const char *s)
{
    return s ? arena_strdup(t->arena, s) : NULL;
}

/* What is known of this VM's role; false: nothing. */
static bool known_role(struct hv_act *t)
{
    const struct hv_claim *c = t->claim;
    const char *id = hv_guid(t->arena, t->action->subject);
    bool unread = false;

    t->role = (struct hv_role){.vm_id = id};
    host_mutex_lock(t->h->mutex);
    for (size_t i = 0; i < c->role_count; i++) {
        const struct hv_role *row = &c->roles[i];

        unread |= row->unread;
        if (!str_eq(row->vm_id, id))
            continue;
        t->role.clustered = row->clustered;
        t->role.matches = row->matches;
        t->role.resource = copied(t, row->resource);
        t->role.config = copied(t, row->config);
        t->role.moving = copied(t, row->moving);
    }
    host_mutex_unlock(t->h->mutex);
    t->role.unread = unread;
    return t->role.clustered;
}

static bool read_roles(struct hv_act *t)
{
    struct hv_session *s = hv_here(t, CIM_SPACE_CLUSTER);
    struct cim_rows vms, configs;

    if (!hv_rows(t, s, CIM_MSCluster_Resource, "Type", HV_RESOURCE_VM, &vms) ||
        !hv_rows(t, s, CIM_MSCluster_Resource, "Type", HV_RESOURCE_CONFIG, &configs))
        return false;
    keep_roles(t, &vms, &configs);
    known_role(t);
    return true;
}

bool hv_find_role(struct hv_act *t)
{
    t->role = (struct hv_role){.vm_id = hv_guid(t->arena, t->action->subject)};
    return !t->claim->cluster || known_role(t) || read_roles(t);
}

/* ---- as it is now ---- */

/* The resource that was this VM's is still there, and still this VM's. */
static bool still_its_own(struct hv_act *t, const struct cim_object *o)
{
    return str_eq(cim_text(o, "Type"), HV_RESOURCE_VM) &&
           str_eq(hv_resource_vm(t->arena, o), t->role.vm_id);
}

bool hv_read_role(struct hv_act *t)
{
    enum { NOT_FOUND = 5007 };
    struct hv_session *s = hv_here(t, CIM_SPACE_CLUSTER);
    struct cim_object *o = NULL;

    for (int again = 0; again < 2; again++) {
        if (t->role.matches > 1 || (!t->role.clustered && t->role.unread))
            return hv_no(t, NOT_FOUND, "its cluster resource cannot be told (I2)");
        if (!t->role.clustered)
            return hv_no(t, NOT_FOUND, "it is no role of the cluster");
        if (hv_fetch(t, s, t->role.resource, &o)) {
            if (still_its_own(t, o)) {
                t->resource = o;
                return true;
            }
        } else if (!hv_refused(t)) {
            return false;
        }
        if (!again && !read_roles(t)) /* renamed, or made anew */
            return false;
    }
    return hv_no(t, NOT_FOUND, "its cluster resource is not there any more");
}

bool hv_read_group(struct hv_act *t)
{
    enum { NOT_FOUND = 5013 };
    const char *name = cim_text(t->resource, "OwnerGroup");
    struct cim_rows rows = {0};

    if (name && !hv_rows(t, hv_here(t, CIM_SPACE_CLUSTER), CIM_MSCluster_ResourceGroup, "Name",
                         name, &rows))
        return false;
    if (!rows.count || !rows.rows[0].path)
        return hv_no(t, NOT_FOUND, "the cluster has no such group");
    t->group = &rows.rows[0];
    return true;
}

bool hv_role_is_free(struct hv_act *t)
{
    enum { ROLE_BUSY = 5960 };

    if (!hv_read_group(t))
        return false;
    return !hv_role_busy(t->resource, t->group, false) ||
           hv_no(t, ROLE_BUSY, "the role is locked, queued or migrating (M2)");
}

bool hv_read_vm(struct hv_act *t, const char *node)
{
    enum { NOT_FOUND = 0x80041002LL };
    struct cim_rows rows;

    if (!hv_rows(t, hv_at(t, node, CIM_SPACE_VIRT), CIM_Msvm_ComputerSystem, "Name", t->guid,
                 &rows))
        return false;
    if (!rows.count)
        return hv_no(t, NOT_FOUND, "no such VM on this node");
    t->vm = &rows.rows[0];
    t->power = hv_power(cim_number(t->vm, "EnabledState"));
    return true;
}

/* ---- control codes ---- */

bool hv_control(struct hv_act *t, const struct cim_object *fresh, const char *type, uint32_t code,
                const uint64_t *bytes, size_t count)
{
    struct cim_object *in = hv_in(t);

    if (!fresh->path || !str_eq(cim_text(fresh, "Type"), type))
        return err_set(&t->err, ERR_REFUSED, 0,
                       "%s is no %s resource: a control code that means another thing there was "
                       "not sent",
                       fresh->path ? fresh->path : "it", type);
    cim_set_number(t->arena, in, "ControlCode", CIM_TYPE_S32, code);
    cim_set_numbers(t->arena, in, "InputBuffer", CIM_TYPE_U8, bytes, count);
    return hv_call(
        t, hv_here(t, CIM_SPACE_CLUSTER),
        &(struct cim_call){CIM_MSCluster_Resource_ExecuteResourceControl, fresh->path, in}, NULL);
}

/* ---- the refresh ---- */

/* The same number sent to the Virtual Machine resource starts a migration. */
static bool refresh_by_code(struct hv_act *t)
{
    struct cim_object *config;

    return hv_fetch(t, hv_here(t, CIM_SPACE_CLUSTER), t->role.config, &config) &&
           hv_control(t, config, HV_RESOURCE_CONFIG, HV_MOVE_OR_REFRESH, NULL, 0);
}

/* Submitted like any change; what it goes on with is of no interest to the act. */
bool hv_refresh(struct hv_act *t)
{
    const bool accepted = t->accepted;
    bool ok;

    if (!t->role.config)
        return err_set(&t->err, ERR_UNSUPPORTED, 0, "%s: it has no %s resource to be refreshed",
                       t->action->subject, HV_RESOURCE_CONFIG);
    ok = hv_call(
        t, hv_here(t, CIM_SPACE_CLUSTER),
        &(struct cim_call){CIM_MSCluster_Resource_UpdateVirtualMachine, t->role.config, NULL},
        NULL);
    if (!ok && hv_refused(t)) /* decision 059 */
        ok = refresh_by_code(t);
    t->accepted = accepted;
    return ok;
}

static void owe(struct hv_act *t, bool owed)
{
    struct hv_claim *c = t->claim;
    struct hv_owed *row = NULL;

    host_mutex_lock(t->h->mutex);
    for (size_t i = 0; i < c->owed_count && !row; i++)
        if (str_eq(c->owed[i].vm_id, t->role.vm_id))
            row = &c->owed[i];
    if (!row && owed) {
        row = arena_push(&c->arena, c->owed, c->owed_count, c->owed_room);
        row->vm_id = arena_strdup(&c->arena, t->role.vm_id);
    }
    if (row) {
        if (owed && !str_eq(row->node, t->action->node))
            row->node = arena_strdup(&c->arena, t->action->node);
        row->owed = owed;
    }
    host_mutex_unlock(t->h->mutex);
}

static bool is_owed(struct hv_act *t)
{
    const struct hv_claim *c = t->claim;
    bool owed = false;

    host_mutex_lock(t->h->mutex);
    for (size_t i = 0; i < c->owed_count; i++)
        owed |= c->owed[i].owed && str_eq(c->owed[i].vm_id, t->role.vm_id);
    host_mutex_unlock(t->h->mutex);
    return owed;
}

bool hv_refreshed(struct hv_act *t, const char *but)
{
    if (hv_refresh(t)) {
        owe(t, false);
        return true;
    }
    owe(t, true);
    t->note = t->err;
    t->note.kind = ERR_NONE;
    if (!t->note.native)
        t->note.native = -1; /* a note has one */
    err_wrap(&t->note, "%s", but);
    return hv_refused(t);
}

/* The change is there whatever the refresh says. */
static bool refresh_behind(struct hv_act *t)
{
    (void)hv_refreshed(t, "done, but the cluster did not read it again");
    t->err = (struct err){.kind = ERR_NONE};
    return true;
}

bool hv_holds(struct hv_act *t)
{
    if (!t->claim->cluster || !is_owed(t))
        return true;
    return hv_find_role(t) && (!t->role.clustered || refresh_behind(t));
}

bool hv_changed(struct hv_act *t, bool ok)
{
    if (!t->role.clustered)
        return ok;
    if (ok && !t->accepted)
        return refresh_behind(t);
    if (ok || t->err.kind == ERR_TIMEOUT) /* it may be there, or come */
        owe(t, true);
    return ok;
}

bool hv_may_change(struct hv_act *t, bool needs_off)
{
    enum { STATE = 32775 };

    if (!hv_read_vm(t, t->action->node) || !hv_find_role(t))
        return false;
    if ((t->role.clustered || t->role.unread) && (!hv_read_role(t) || !hv_role_is_free(t)))
        return false;
    if (needs_off && t->power != POWER_OFF)
        return hv_no(t, STATE, "the VM is not off, and saved is not off (V6)");
    return true;
}

/* The first that is owed from `i` on; false: none. */
static bool next_owed(struct hv_claim *c, size_t *i, struct action *out)
{
    bool found = false;

    host_mutex_lock(c->h->mutex);
    for (; *i < c->owed_count && !found; ++*i)
        if (c->owed[*i].owed) {
            *out = (struct action){
                .verb = VERB_NONE, .node = c->owed[*i].node, .subject = c->owed[*i].vm_id};
            found = true;
        }
    host_mutex_unlock(c->h->mutex);
    return found;
}

void hv_pay(struct hv_claim *claim)
{
    struct action action;
    struct arena a;

    for (size_t i = 0; next_owed(claim, &i, &action);) {
        struct hv_act t = {.h = claim->h, .claim = claim, .arena = &a, .action = &action};

        arena_init(&a, 0);
        if (hv_find_role(&t) && t.role.clustered)
            (void)refresh_behind(&t);
        hv_give_all(&t);
        arena_release(&a);
    }
}
