/* Where the world is: one cluster or one host, found from whoever answers. */
#include "provider/hyperv/see.h"

#include <stdlib.h>

bool hv_same_host(const char *a, const char *b)
{
    size_t n = a ? strcspn(a, ".") : 0;

    if (!a || !b)
        return a == b;
    if (n != strcspn(b, "."))
        return false;
    for (size_t i = 0; i < n; i++)
        if (str_lower(a[i]) != str_lower(b[i]))
            return false;
    return true;
}

void hv_place_free(struct hv_place *place)
{
    for (size_t i = 0; i < place->node_count; i++)
        free(place->nodes[i]);
    free(place->nodes);
    free(place->answered);
    free(place->host);
    *place = (struct hv_place){0};
}

static void *insist(void *memory)
{
    if (!memory)
        abort(); /* the machine has no memory: as the arena */
    return memory;
}

void hv_place_set(struct hyperv *h, const struct hv_job *world, const struct state *s)
{
    struct hv_place place = {.found = true,
                             .standalone = world->world.standalone,
                             .host = hv_own(world->host),
                             .node_count = s->node_count};
    struct hv_place old;

    place.nodes = insist(calloc(s->node_count + 1, sizeof *place.nodes));
    place.answered = insist(calloc(s->node_count + 1, sizeof *place.answered));
    for (size_t i = 0; i < s->node_count; i++) {
        place.nodes[i] = hv_own(s->nodes[i].name);
        place.answered[i] = s->nodes[i].answered;
    }
    host_mutex_lock(h->mutex);
    old = h->place;
    h->place = place;
    host_mutex_unlock(h->mutex);
    hv_place_free(&old);
}

bool hv_found(struct hyperv *h, struct arena *a, const char **host, bool *standalone)
{
    bool found;

    host_mutex_lock(h->mutex);
    found = h->place.found;
    *standalone = h->place.standalone;
    *host = h->place.host ? arena_strdup(a, h->place.host) : NULL;
    host_mutex_unlock(h->mutex);
    return found;
}

const char *hv_host_of(struct hyperv *h, struct arena *a, const char *node)
{
    const struct hyperv_target *t = &h->target;
    const char *host;
    bool standalone;

    if (hv_found(h, a, &host, &standalone) && standalone)
        return host;
    for (size_t i = 0; i < t->host_count; i++)
        if (hv_same_host(t->hosts[i], node)) /* as somebody wrote it: it may need its suffix */
            return t->hosts[i];
    return !t->cluster && !t->host_count && hv_same_host(host_name(a), node) ? NULL : node;
}

/* ---- finding it ---- */

struct doors {
    const char **hosts; /* whom to ask, in this order; NULL is this machine */
    size_t count, room;
};

static void add_door(struct doors *d, struct arena *a, const char *host)
{
    for (size_t i = 0; i < d->count; i++)
        if (str_same(d->hosts[i], host))
            return;
    *arena_push(a, d->hosts, d->count, d->room) = host ? arena_strdup(a, host) : NULL;
}

/* Who answered last comes first, who did not last. */
static struct doors doors_of(struct hyperv *h, struct arena *a, struct hv_place *now)
{
    const struct hyperv_target *t = &h->target;
    struct doors d = {0};

    host_mutex_lock(h->mutex);
    *now = h->place;
    if (now->found)
        add_door(&d, a, now->host);
    for (size_t i = 0; !now->standalone && i < now->node_count; i++)
        if (now->answered[i])
            add_door(&d, a, now->nodes[i]);
    host_mutex_unlock(h->mutex);
    if (t->cluster)
        add_door(&d, a, t->cluster);
    for (size_t i = 0; i < t->host_count; i++)
        add_door(&d, a, t->hosts[i]);
    if (!t->cluster && !t->host_count)
        add_door(&d, a, NULL);
    return d;
}

/* One world is one cluster or one host: what was asked for must be what is there. */
static bool is_meant(const struct hyperv *h, const struct hv_place *now, const struct hv_job *job,
                     struct err *e)
{
    const struct hyperv_target *t = &h->target;
    const char *host = job->host ? job->host : "this machine";

    if (now->found && now->standalone != job->world.standalone)
        return err_set(e, ERR_UNSEEN, 0, "%s %s a node of a cluster any more", host,
                       now->standalone ? "was none, and is" : "is not");
    if (!job->world.standalone)
        return true;
    if (t->cluster)
        return err_set(e, ERR_INVALID, 0,
                       "%s has no failover cluster; a host by itself is written hosts: [%s]", host,
                       t->cluster);
    if (t->host_count > 1)
        return err_set(e, ERR_INVALID, 0,
                       "%s is in no failover cluster, and %zu hosts are listed; hosts that are no "
                       "cluster have a spec each",
                       host, t->host_count);
    return true;
}

static bool ask_door(struct hyperv *h, const struct hv_place *now, const char *host,
                     struct hv_job **out, struct err *e)
{
    struct hv_job *job = hv_job_start(h, host, hv_ask_world, e);

    if (!job)
        return false;
    if (!hv_job_end(job, host_tick_ms() + h->target.node_ms, e))
        return err_wrap(e, "%s", host ? host : "this machine");
    if (!is_meant(h, now, job, e)) {
        hv_job_free(job);
        return false;
    }
    *out = job;
    return true;
}

struct hv_job *hv_find(struct hyperv *h, struct arena *a, struct err *e)
{
    struct hv_place now;
    struct doors d = doors_of(h, a, &now);
    struct hv_job *job = NULL;
    struct err first = {.kind = ERR_NONE}, said;

    for (size_t i = 0; i < d.count && !job; i++) {
        if (ask_door(h, &now, d.hosts[i], &job, &said))
            break;
        if (first.kind == ERR_NONE)
            first = said;
        if (said.kind == ERR_INVALID)
            break;
    }
    if (!job) {
        *e = first;
        if (e->kind == ERR_TIMEOUT || e->kind == ERR_BUSY)
            e->kind = ERR_UNSEEN;
    }
    return job;
}
