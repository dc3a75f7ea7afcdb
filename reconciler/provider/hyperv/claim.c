/*
 * The owner record in the world (decision 051): a private property of the
 * cluster, or a value in the registry of a standalone host.  It is written,
 * read back, and looked at before each effect.
 */
#include "provider/hyperv/act.h"

#include <stdlib.h>

/* ---- where it stands ---- */

struct record {
    const char *text; /* NULL: nobody's */
    const char *name; /* of the cluster; NULL: standalone */
    const char *path; /* of the cluster's object */
};

static bool read_cluster(struct hv_act *t, struct hv_session *s, struct record *out)
{
    const struct cim_object *own;
    struct cim_rows rows;
    const char *text;

    if (!hv_rows(t, s, CIM_MSCluster_Cluster, NULL, NULL, &rows))
        return false;
    own = rows.count ? cim_part(&rows.rows[0], "PrivateProperties", 0) : NULL;
    if (!own)
        return err_set(&t->err, ERR_UNSUPPORTED, 0,
                       "who writes this cluster cannot be read (MSCluster_Cluster shows no "
                       "PrivateProperties), so nobody may");
    text = cim_text(own, HV_OWNER_PROPERTY);
    *out = (struct record){text && *text ? text : NULL, cim_text(&rows.rows[0], "Name"),
                           rows.rows[0].path};
    return true;
}

static struct cim_object *registry_in(struct hv_act *t, bool value)
{
    struct cim_object *in = hv_in(t);

    cim_set_number(t->arena, in, "hDefKey", CIM_TYPE_U32, HV_HKLM);
    cim_set_text(t->arena, in, "sSubKeyName", CIM_TYPE_TEXT, HV_OWNER_KEY);
    if (value)
        cim_set_text(t->arena, in, "sValueName", CIM_TYPE_TEXT, HV_OWNER_VALUE);
    return in;
}

static bool read_registry(struct hv_act *t, struct hv_session *s, struct record *out)
{
    enum { GONE = 2, NO_ACCESS = 5 };
    const struct cim_call call = {CIM_StdRegProv_GetStringValue, "StdRegProv",
                                  registry_in(t, true)};
    struct cim_object *answer;
    struct num said;
    const char *text;

    if (!s || !cim_ask(s->eye, t->arena, &call, &answer, &t->err))
        return false;
    said = cim_number(answer, "ReturnValue");
    if (!num_is(said, 0) && !num_is(said, GONE))
        return err_set(&t->err, num_is(said, NO_ACCESS) ? ERR_DENIED : ERR_UNSUPPORTED,
                       (int64_t)said.value, "who writes this host cannot be read, so nobody may");
    text = num_is(said, 0) ? cim_text(answer, "sValue") : NULL;
    *out = (struct record){.text = text && *text ? text : NULL};
    return true;
}

static struct hv_session *record_session(struct hv_act *t)
{
    return hv_here(t, t->claim->cluster ? CIM_SPACE_CLUSTER : CIM_SPACE_CIMV2);
}

static bool read_record(struct hv_act *t, struct record *out)
{
    struct hv_session *s = record_session(t);

    return t->claim->cluster ? read_cluster(t, s, out) : read_registry(t, s, out);
}

static bool write_cluster(struct hv_act *t, const char *path, const char *text)
{
    struct cim_object *in = hv_in(t);
    struct hv_list list;

    hv_list_init(&list, t->arena);
    hv_list_text(&list, HV_OWNER_PROPERTY, text);
    cim_set_number(t->arena, in, "ControlCode", CIM_TYPE_S32, HV_SET_CLUSTER_PRIVATE);
    cim_set_numbers(t->arena, in, "InputBuffer", CIM_TYPE_U8, list.bytes, list.count);
    return hv_call(t, record_session(t),
                   &(struct cim_call){CIM_MSCluster_Cluster_ExecuteClusterControl, path, in}, NULL);
}

static bool registry(struct hv_act *t, enum cim_method method, struct cim_object *in)
{
    return hv_call(t, record_session(t), &(struct cim_call){method, "StdRegProv", in}, NULL);
}

/* "": nobody's. */
static bool write_record(struct hv_act *t, const struct record *old, const char *text)
{
    struct cim_object *in;

    if (t->claim->cluster)
        return write_cluster(t, old->path, text);
    in = registry_in(t, true);
    if (!*text)
        return !old->text || registry(t, CIM_StdRegProv_DeleteValue, in);
    cim_set_text(t->arena, in, "sValue", CIM_TYPE_TEXT, text);
    return registry(t, CIM_StdRegProv_CreateKey, registry_in(t, false)) &&
           registry(t, CIM_StdRegProv_SetStringValue, in);
}

/* ---- whose it is ---- */

static bool is_ours(const struct hv_claim *c, const struct owner *o)
{
    return str_eq(o->store_id, c->store) && o->epoch == c->epoch;
}

/* Ours, or why not. */
static bool check(struct hv_act *t, const struct record *record)
{
    struct owner now;

    if (!record->text)
        return err_set(&t->err, ERR_LOCKED, 0,
                       "this world is no longer ours: another store took it over and has ended "
                       "since");
    if (!owner_parse(t->arena, record->text, &now))
        return err_set(&t->err, ERR_LOCKED, 0,
                       "this world is no longer ours: its owner record says \"%s\"", record->text);
    if (is_ours(t->claim, &now))
        return true;
    return err_set(&t->err, ERR_LOCKED, 0, "this world is no longer ours: %s on %s took it over",
                   now.store_id, now.host ? now.host : "?");
}

bool hv_check_owner(struct hv_act *t)
{
    struct record record;

    return read_record(t, &record) && check(t, &record);
}

static bool may_take(struct hv_act *t, const struct record *record, bool take_over)
{
    struct owner now;

    if (!record->text || take_over)
        return true;
    if (!owner_parse(t->arena, record->text, &now))
        return err_set(&t->err, ERR_LOCKED, 0,
                       "the owner record of %s is none that this version reads: \"%s\"",
                       t->claim->name, record->text);
    if (str_eq(now.store_id, t->claim->store))
        return true;
    return err_set(&t->err, ERR_LOCKED, 0, "%s belongs to the store %s on %s since %s",
                   t->claim->name, now.store_id, now.host ? now.host : "?",
                   now.since_ms == WHEN_NONE ? "an unknown time"
                                             : when_human(t->arena, now.since_ms));
}

/* ---- taking it ---- */

/* What kind of world it is, and who answers for it; as a look finds it (decision 056). */
static bool find_world(struct hv_act *t, const char **at)
{
    struct hv_job *job = hv_find(t->h, t->arena, &t->err);

    if (!job)
        return false;
    t->claim->cluster = !job->world.standalone;
    t->claim->host = job->host ? arena_strdup(&t->claim->arena, job->host) : NULL;
    *at = t->claim->host;
    hv_job_free(job);
    return true;
}

static bool take(struct hv_act *t, const struct owner *owner, bool take_over)
{
    struct record record;

    if (!read_record(t, &record))
        return false;
    if (!record.name)
        record.name = t->claim->host ? t->claim->host : "this machine";
    t->claim->name = arena_strdup(&t->claim->arena, record.name);
    if (!may_take(t, &record, take_over))
        return false;
    if (!write_record(t, &record, owner_text(t->arena, owner)))
        return err_wrap(&t->err, "the owner record of %s cannot be written, so nothing is",
                        t->claim->name);
    /* Neither way can compare and set: what stands there now decides. */
    return read_record(t, &record) && check(t, &record);
}

static void hv_release(struct hand *hand)
{
    struct hv_claim *c = (struct hv_claim *)hand;
    const struct action action = {.verb = VERB_NONE, .node = c->host, .subject = ""};
    struct record record;
    struct arena a;
    struct hv_act t = {.h = c->h, .claim = c, .arena = &a, .action = &action};

    if (!hv_enter(c->h))
        return;
    arena_init(&a, 0);
    if (read_record(&t, &record) && check(&t, &record)) {
        hv_pay(c);
        (void)!write_record(&t, &record, "");
    }
    hv_give_all(&t);
    arena_release(&a);
    host_mutex_lock(c->h->mutex);
    c->released = true;
    host_mutex_unlock(c->h->mutex);
    hv_leave(c->h);
}

static const struct hand_ops hand_ops = {hv_perform, hv_release};

static struct hv_claim *new_claim(struct hyperv *h, const struct owner *owner)
{
    struct hv_claim *c = calloc(1, sizeof *c);

    if (!c)
        abort(); /* the machine has no memory: as the arena */
    c->hand.ops = &hand_ops;
    c->h = h;
    arena_init(&c->arena, 0);
    arena_init(&c->role_arena, 0);
    c->store = arena_strdup(&c->arena, owner->store_id);
    c->epoch = owner->epoch;
    return c;
}

void hv_claim_free(struct hv_claim *claim)
{
    for (struct hv_claim *older; claim; claim = older) {
        older = claim->older;
        for (size_t i = 0; i < claim->turn_count; i++)
            host_mutex_free(claim->turns[i].mutex);
        arena_release(&claim->arena);
        arena_release(&claim->role_arena);
        free(claim);
    }
}

/* Kept until the provider ends: a call that hangs may still be in an old one. */
static bool put_up(struct hyperv *h, struct hv_claim *c, struct err *e)
{
    bool free_now;

    host_mutex_lock(h->mutex);
    free_now = !h->claim || h->claim->released;
    if (free_now) {
        c->older = h->claim;
        h->claim = c;
    }
    host_mutex_unlock(h->mutex);
    return free_now || err_set(e, ERR_LOCKED, 0, "this process has claimed the world already");
}

bool hv_claim(struct eye *eye, const struct owner *owner, bool take_over, struct hand **out,
              struct err *e)
{
    struct hyperv *h = (struct hyperv *)eye;
    struct hv_claim *c;
    struct action action = {.verb = VERB_NONE, .subject = ""};
    struct arena a;
    struct hv_act t = {.h = h, .arena = &a, .action = &action};
    bool ok;

    if (!hv_enter(h))
        return err_set(e, ERR_TIMEOUT, 0, "the world was closed");
    c = t.claim = new_claim(h, owner);
    if (!put_up(h, c, e)) {
        hv_claim_free(c);
        hv_leave(h);
        return false;
    }
    arena_init(&a, 0);
    ok = find_world(&t, &action.node) && take(&t, owner, take_over);
    hv_give_all(&t);
    arena_release(&a);
    host_mutex_lock(h->mutex);
    c->released = !ok;
    host_mutex_unlock(h->mutex);
    if (ok)
        *out = &c->hand;
    else
        *e = t.err;
    hv_leave(h);
    return ok;
}
