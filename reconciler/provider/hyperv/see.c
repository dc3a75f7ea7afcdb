/* One look: the world, its nodes side by side, and what their rows come to. */
#include "provider/hyperv/see.h"

#include "base/limits.h"

#include <stdlib.h>

enum { NODE_MS = 20000 };

/* ---- one look under way ---- */

struct looking {
    struct hyperv *h;
    struct hv_look l;
    struct arena aside;
    uint32_t only; /* this node; NO_INDEX: the whole world */
    struct state *s;
    struct err *e;
    bool ok;
    struct hv_job *world;
    struct hv_job **jobs; /* of each node; NULL: not asked, or it did not answer */
    struct err first;     /* why the first node that was asked did not answer */
};

static bool answers(enum node_state state)
{
    return state == NODE_UP || state == NODE_PAUSED || state == NODE_DRAINING;
}

static int by_name(const void *a, const void *b)
{
    const struct node *x = a, *y = b;

    return str_cmp_fold(x->name, y->name);
}

/* The nodes that the cluster names; a standalone host is named by itself, once it was read. */
static bool name_nodes(struct looking *k, struct err *e)
{
    struct state *s = k->s;

    if (k->world->world.standalone) {
        s->nodes = arena_array(k->l.a, struct node, 2);
        s->nodes[0] = (struct node){.name = "", .state = NODE_UP, .boot_ms = WHEN_NONE};
        s->node_count = 1;
        return true;
    }
    hv_see_world(&k->l, &k->world->world);
    if (!s->node_count)
        return err_set(e, ERR_UNSEEN, 0, "the cluster names no nodes");
    if (s->node_count > LIMIT_NODES)
        return err_set(e, ERR_INVALID, 0, "the cluster names more nodes than there can be");
    qsort(s->nodes, s->node_count, sizeof *s->nodes, by_name);
    return true;
}

static const char *host_of(const struct looking *k, uint32_t node)
{
    return k->world->world.standalone ? k->world->host
                                      : hv_host_of(k->h, k->l.a, k->s->nodes[node].name);
}

static void ask_nodes(struct looking *k, uint32_t only)
{
    const char **hosts = arena_array(k->l.a, const char *, k->s->node_count + 1);
    int64_t until;
    struct err said;

    for (uint32_t i = 0; i < k->s->node_count; i++)
        hosts[i] = host_of(k, i);
    k->jobs = arena_array(k->l.a, struct hv_job *, k->s->node_count + 1);
    k->first.kind = ERR_NONE;
    until = host_tick_ms() + k->h->target.node_ms;
    for (uint32_t i = 0; i < k->s->node_count; i++)
        if ((only == NO_INDEX || only == i) && answers(k->s->nodes[i].state))
            k->jobs[i] = hv_job_start(
                k->h, k->l.a, &(struct hv_task){.host = hosts[i], .run = hv_ask_node}, &said);
    for (uint32_t i = 0; i < k->s->node_count; i++)
        if (k->jobs[i] && !hv_job_end(k->jobs[i], until, &said)) {
            k->jobs[i] = NULL;
            if (k->first.kind == ERR_NONE)
                k->first = said;
        }
}

/* ---- rows into the state ---- */

static const char *arbiter_of(struct looking *k)
{
    const struct hv_world_rows *w = &k->world->world;
    const struct cim_object *own =
        w->cluster.count ? cim_part(&w->cluster.rows[0], "PrivateProperties", 0) : NULL;
    const char *text = w->standalone ? w->owner : own ? cim_text(own, HV_OWNER_PROPERTY) : NULL;
    struct owner owner;

    if (!text || !owner_parse(k->l.a, text, &owner))
        return NULL;
    return arena_printf(k->l.a, "%s@%s", owner.store_id, owner.host ? owner.host : "?");
}

static bool name_world(struct looking *k, struct err *e)
{
    const struct hv_world_rows *w = &k->world->world;
    const char *name = w->standalone      ? k->s->nodes[0].name
                       : w->cluster.count ? cim_text(&w->cluster.rows[0], "Name")
                                          : NULL;

    if (!name || !*name)
        return err_set(e, ERR_UNSEEN, 0, "the cluster does not say its name");
    k->s->name = hv_keep(&k->l, name);
    k->s->standalone = w->standalone;
    k->s->identity = state_identity(k->l.a, w->standalone, name);
    k->s->arbiter = arbiter_of(k);
    k->s->observed_ms = k->h->net->ops->now_ms(k->h->net);
    return true;
}

static void take_node(struct looking *k, uint32_t i)
{
    struct node *node = &k->s->nodes[i];
    struct hv_job *job = k->jobs[i];

    if (!job)
        return;
    if (!*node->name)
        node->name = hv_keep(&k->l, job->fixed->name);
    node->answered = true;
    hv_see_fixed(&k->l, node, job->fixed);
    hv_see_devices(&k->l, i, &job->node, job->fixed);
    hv_see_vms(&k->l, i, &job->node, job->fixed);
    hv_see_jobs(k->h, &k->l, i, job->host, &job->node);
}

/* A node of the cluster that should answer and does not: unknown, never empty (M4). */
static void mark_silent(struct node *node)
{
    if (!node->answered && answers(node->state))
        node->state = NODE_SILENT;
}

static bool assemble(struct looking *k, uint32_t only, struct err *e)
{
    for (uint32_t i = 0; i < k->s->node_count; i++)
        take_node(k, i);
    if (!name_world(k, e))
        return false;
    if (!k->s->standalone)
        hv_see_roles(&k->l, &k->world->world, only);
    host_mutex_lock(k->h->mutex);
    k->h->skipped += k->l.skipped;
    host_mutex_unlock(k->h->mutex);
    return true;
}

/* ---- the two looks ---- */

static bool look_whole(struct looking *k, struct err *e)
{
    if (!name_nodes(k, e))
        return false;
    ask_nodes(k, NO_INDEX);
    if (k->world->world.standalone && !k->jobs[0]) { /* not even its name is known */
        *e = k->first;
        return err_wrap(e, "%s", k->world->host ? k->world->host : "this machine");
    }
    if (!assemble(k, NO_INDEX, e))
        return false;
    for (size_t i = 0; i < k->s->node_count; i++)
        mark_silent(&k->s->nodes[i]);
    hv_place_set(k->h, k->world, k->s);
    return true;
}

/* The nodes of the last whole look, in their order, with what is known of the others since. */
static void recall_nodes(struct looking *k, const struct hv_place *last)
{
    struct state now = *k->s, *s = k->s;

    s->nodes = arena_array(k->l.a, struct node, last->node_count + 1);
    s->node_count = last->node_count;
    for (uint32_t i = 0; i < s->node_count; i++) {
        uint32_t at = state_node(&now, last->nodes[i]);
        struct node *node = &s->nodes[i];

        *node = at != NO_INDEX ? now.nodes[at]
                               : (struct node){.state = NODE_UNKNOWN, .boot_ms = WHEN_NONE};
        if (last->standalone)
            node->state = NODE_UP;
        node->name = hv_keep(&k->l, last->nodes[i]);
    }
}

static void recall_others(struct looking *k, const struct hv_place *last, uint32_t only)
{
    for (uint32_t i = 0; i < k->s->node_count; i++) {
        struct node *node = &k->s->nodes[i];
        struct hv_static *fixed = i == only ? NULL : hv_static_known(k->h, host_of(k, i));

        if (i == only)
            continue;
        node->answered = last->answered[i] && answers(node->state);
        mark_silent(node);
        if (!fixed)
            continue;
        hv_see_fixed(&k->l, node, fixed);
        hv_static_give(k->h, fixed);
    }
}

static bool look_at(struct looking *k, const struct hv_place *last, uint32_t only, struct err *e)
{
    if (!k->world->world.standalone && !name_nodes(k, e))
        return false;
    recall_nodes(k, last);
    ask_nodes(k, only);
    if (!k->jobs[only]) {
        if (k->first.kind == ERR_NONE)
            return err_set(e, ERR_UNSEEN, 0, "%s does not answer", last->nodes[only]);
        *e = k->first;
        return err_wrap(e, "%s", last->nodes[only]);
    }
    recall_others(k, last, only);
    return assemble(k, only, e);
}

static void look_now(void *context)
{
    struct looking *k = context;
    const struct hv_place *last = hv_place_now(k->h);

    if (k->only != NO_INDEX && (!last || k->only >= last->node_count)) {
        err_set(k->e, ERR_BUG, 0, "a look at a node that no whole look saw");
        return;
    }
    k->world = hv_find(k->h, k->l.a, k->e);
    if (k->world)
        k->ok = k->only == NO_INDEX ? look_whole(k, k->e) : look_at(k, last, k->only, k->e);
}

static void end_look(struct looking *k)
{
    for (size_t i = 0; k->jobs && i < k->s->node_count; i++)
        hv_job_free(k->jobs[i]);
    hv_job_free(k->world);
    arena_release(&k->aside);
    hv_leave(k->h);
}

bool hv_observe(struct eye *eye, struct arena *a, const struct scope *scope, struct state *out,
                struct err *e)
{
    struct hyperv *h = (struct hyperv *)eye;
    struct looking k = {.h = h,
                        .l = {.a = a, .aside = &k.aside, .out = out, .facts = h->target.facts},
                        .only = scope->node,
                        .s = out,
                        .e = e};
    bool through;

    if (!hv_enter(h))
        return err_set(e, ERR_TIMEOUT, 0, "the world was closed");
    *out = (struct state){0};
    arena_init(&k.aside, 0);
    through = arena_guard(a, look_now, &k);
    end_look(&k);
    if (!through)
        arena_leave(a);
    return k.ok;
}

/* ---- opening ---- */

static int64_t now_ms(struct eye *eye)
{
    struct hyperv *h = (struct hyperv *)eye;

    return h->net->ops->now_ms(h->net);
}

static int64_t wait_ms(struct eye *eye, int64_t until_ms)
{
    struct hyperv *h = (struct hyperv *)eye;

    return h->net->ops->wait_ms(h->net, until_ms);
}

static const struct eye_ops eye_ops = {"hyperv", hv_observe, hv_claim,  now_ms,
                                       wait_ms,  hv_close,   hv_examine};

void hyperv_open(struct cim_net *net, const struct hyperv_target *target, struct eye **out)
{
    struct hyperv *h = calloc(1, sizeof *h);

    if (!h)
        abort(); /* the machine has no memory: as the arena */
    h->eye.ops = &eye_ops;
    h->net = net;
    h->target = *target;
    if (!h->target.node_ms)
        h->target.node_ms = NODE_MS;
    h->mutex = host_mutex_new();
    *out = &h->eye;
}
