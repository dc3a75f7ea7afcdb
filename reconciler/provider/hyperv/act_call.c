/* The calls of a perform: sessions, what is asked and sent, and what an answer means. */
#include "provider/hyperv/act.h"

/* ---- sessions ---- */

const char *hv_host(const struct hv_act *t, const char *node)
{
    if (!t->claim->cluster)
        return t->claim->host;
    return node ? hv_host_of(t->h, t->arena, node) : NULL;
}

/* Of a connection that is not there, or broke: of which host.  A refusal names what it is about. */
static void name_host(struct hv_act *t, const char *host)
{
    err_wrap(&t->err, "%s", host ? host : "this machine");
}

struct hv_session *hv_at(struct hv_act *t, const char *node, enum cim_space space)
{
    const char *host = hv_host(t, node);
    struct hv_lease *lease;

    for (size_t i = 0; i < t->lease_count; i++)
        if (t->leases[i].session->space == space && str_same(t->leases[i].host, host) &&
            t->leases[i].broke.kind == ERR_NONE)
            return t->leases[i].session;
    if (t->lease_count == HV_LEASES) {
        err_set(&t->err, ERR_BUG, 0, "one effect needs more connections than there can be");
        return NULL;
    }
    lease = &t->leases[t->lease_count];
    *lease = (struct hv_lease){.host = host};
    if (!hv_take(t->h, host, space, &lease->session, &t->err)) {
        err_wrap(&t->err, "%s", cim_space_paths[space]);
        name_host(t, host);
        return NULL;
    }
    t->lease_count++;
    return lease->session;
}

struct hv_session *hv_here(struct hv_act *t, enum cim_space space)
{
    return hv_at(t, t->action->node, space);
}

void hv_give_all(struct hv_act *t)
{
    for (size_t i = 0; i < t->lease_count; i++)
        hv_give(t->h, t->leases[i].session,
                t->leases[i].broke.kind == ERR_NONE ? NULL : &t->leases[i].broke);
    t->lease_count = 0;
}

/* A connection that broke serves nobody any more. */
static bool said(struct hv_act *t, const struct hv_session *s, bool ok)
{
    bool broke = !ok && (t->err.kind == ERR_TIMEOUT || t->err.kind == ERR_UNSEEN);

    for (size_t i = 0; broke && i < t->lease_count; i++)
        if (t->leases[i].session == s) {
            name_host(t, t->leases[i].host);
            t->leases[i].broke = t->err;
        }
    return ok;
}

/* ---- answers ---- */

bool hv_no(struct hv_act *t, int64_t code, const char *what)
{
    const char *name = t->vm ? cim_text(t->vm, "ElementName") : NULL;

    return err_set(&t->err, ERR_REFUSED, code, "%s: %s", name ? name : t->action->subject, what);
}

bool hv_refused(const struct hv_act *t)
{
    return t->err.kind == ERR_REFUSED || t->err.kind == ERR_UNSUPPORTED;
}

int64_t hv_win32(int64_t native)
{
    enum { FACILITY = 0x80070000LL };

    if (native < 0)
        native &= 0xFFFFFFFFLL;
    return (native & 0xFFFF0000LL) == FACILITY ? native & 0xFFFF : native;
}

/* ---- looking ---- */

bool hv_rows(struct hv_act *t, struct hv_session *s, enum cim_class class, const char *property,
             const char *text, struct cim_rows *out)
{
    const struct cim_query query = {class, text ? CIM_EQUALS : CIM_ALL, property, text};

    return s && said(t, s, cim_query(s->eye, t->arena, &query, out, &t->err));
}

bool hv_rows_of(struct hv_act *t, struct hv_session *s, enum cim_class class, const char *begins,
                struct cim_rows *out)
{
    const struct cim_query query = {class, CIM_BEGINS, "InstanceID", begins};

    return s && said(t, s, cim_query(s->eye, t->arena, &query, out, &t->err));
}

bool hv_fetch(struct hv_act *t, struct hv_session *s, const char *path, struct cim_object **out)
{
    return s && said(t, s, cim_get(s->eye, t->arena, path, out, &t->err));
}

/* ---- acting ---- */

/* Codes of the cluster that are no failure: under way, and in force later. */
static bool went_well(struct hv_act *t, int64_t code)
{
    enum { IO_PENDING = 997, STORED = 5024 };

    if (code == IO_PENDING)
        t->accepted = true;
    else if (code == STORED)
        err_set(&t->note, ERR_NONE, STORED, "%s: %s", t->action->subject, cim_code_text(STORED));
    else
        return false;
    t->err = (struct err){.kind = ERR_NONE};
    return true;
}

bool hv_call(struct hv_act *t, struct hv_session *s, const struct cim_call *call,
             struct cim_object **out)
{
    struct cim_object *answer = NULL;
    bool accepted = false, ok;

    t->err = (struct err){.kind = ERR_NONE};
    if (!s || !hv_hand(s, &t->err))
        return false;
    t->sent = true;
    ok = cim_invoke(s->hand, t->arena, call, &accepted, &answer, &t->err);
    if (!ok || t->err.native)
        ok = went_well(t, hv_win32(t->err.native)) || ok;
    if (!ok && s->space == CIM_SPACE_CLUSTER && (hv_refused(t) || t->err.kind == ERR_BUSY))
        t->err.native = hv_win32(t->err.native); /* its methods have no return value */
    t->accepted |= accepted;
    if (accepted)
        hv_wait_for(t->h, s->host, t->action, cim_text(answer, "Job"));
    if (out)
        *out = answer ? answer : hv_in(t);
    return said(t, s, ok);
}

bool hv_write(struct hv_act *t, struct hv_session *s, const struct cim_object *o)
{
    t->err = (struct err){.kind = ERR_NONE};
    if (!s || !hv_hand(s, &t->err))
        return false;
    t->sent = true;
    return said(t, s,
                cim_put(s->hand, t->arena, o, &t->err) || went_well(t, hv_win32(t->err.native)));
}

struct cim_object *hv_in(struct hv_act *t)
{
    return cim_object_new(t->arena, NULL, NULL);
}

const char *hv_instance(struct hv_act *t)
{
    return arena_printf(t->arena, "Microsoft:%s\\", t->guid);
}

/* ---- what stays as it is ---- */

#define DEFINITION "Microsoft:Definition\\"

static const struct {
    enum cim_class class;
    bool template; /* its InstanceID ends so: others hold the least, the most, the step */
} kept[HV_KEPTS] = {
    [HV_KEPT_MANAGEMENT] = {CIM_Msvm_VirtualSystemManagementService, false},
    [HV_KEPT_ASSIGNABLE] = {CIM_Msvm_AssignableDeviceService, false},
    [HV_KEPT_POOLS] = {CIM_Msvm_ResourcePoolConfigurationService, false},
    [HV_KEPT_PARTITION] = {CIM_Msvm_GpuPartitionSettingData, true},
    [HV_KEPT_DEVICE] = {CIM_Msvm_PciExpressSettingData, true},
};

static bool ends_so(const char *s, const char *end)
{
    size_t n = s ? strlen(s) : 0, m = strlen(end);

    return n >= m && str_same(s + n - m, end);
}

static const char *find_kept(struct hv_act *t, const char *host, enum hv_kept what)
{
    const struct hv_claim *c = t->claim;
    const char *found = NULL;

    host_mutex_lock(t->h->mutex);
    for (size_t i = 0; i < c->path_count && !found; i++)
        if (c->paths[i].what == what && str_same(c->paths[i].host, host))
            found = c->paths[i].path;
    host_mutex_unlock(t->h->mutex);
    return found;
}

static const char *keep(struct hv_act *t, const char *host, enum hv_kept what, const char *path)
{
    struct hv_claim *c = t->claim;
    struct hv_path *row;
    const char *copy;

    host_mutex_lock(t->h->mutex);
    copy = arena_strdup(&c->arena, path);
    row = arena_push(&c->arena, c->paths, c->path_count, c->path_room);
    *row = (struct hv_path){host ? arena_strdup(&c->arena, host) : NULL, copy, what};
    host_mutex_unlock(t->h->mutex);
    return copy;
}

const char *hv_kept(struct hv_act *t, enum hv_kept what)
{
    struct hv_session *s = hv_here(t, CIM_SPACE_VIRT);
    const char *path = s ? find_kept(t, s->host, what) : NULL;
    enum cim_class class = kept[what].class;
    struct cim_rows rows;

    if (!s || path)
        return path;
    if (!(kept[what].template ? hv_rows_of(t, s, class, DEFINITION, &rows)
                              : hv_rows(t, s, class, NULL, NULL, &rows)))
        return NULL;
    for (size_t i = 0; i < rows.count && !path; i++)
        if (!kept[what].template || ends_so(cim_text(&rows.rows[i], "InstanceID"), "\\Default"))
            path = rows.rows[i].path;
    if (path)
        return keep(t, s->host, what, path);
    err_set(&t->err, ERR_UNSUPPORTED, 0, "%s: the host has no %s%s", t->action->node,
            cim_class_row(class)->name, kept[what].template ? " to begin with" : "");
    return NULL;
}
