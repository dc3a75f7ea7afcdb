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

void hv_places_free(struct hv_place *places)
{
    for (struct hv_place *older; places; places = older) {
        older = places->older;
        for (size_t i = 0; i < places->node_count; i++)
            free(places->nodes[i]);
        free(places->nodes);
        free(places->answered);
        free(places->host);
        free(places);
    }
}

static void *insist(void *memory)
{
    if (!memory)
        abort(); /* the machine has no memory: as the arena */
    return memory;
}

static bool is_place(const struct hv_place *p, const struct hv_job *world, const struct state *s)
{
    if (p->standalone != world->world.standalone || p->node_count != s->node_count ||
        !str_eq(p->host, world->host))
        return false;
    for (size_t i = 0; i < s->node_count; i++)
        if (p->answered[i] != s->nodes[i].answered || !str_eq(p->nodes[i], s->nodes[i].name))
            return false;
    return true;
}

static struct hv_place *new_place(const struct hv_job *world, const struct state *s)
{
    struct hv_place *p = insist(calloc(1, sizeof *p));

    p->standalone = world->world.standalone;
    p->host = hv_own(world->host);
    p->node_count = s->node_count;
    p->nodes = insist(calloc(s->node_count + 1, sizeof *p->nodes));
    p->answered = insist(calloc(s->node_count + 1, sizeof *p->answered));
    for (size_t i = 0; i < s->node_count; i++) {
        p->nodes[i] = hv_own(s->nodes[i].name);
        p->answered[i] = s->nodes[i].answered;
    }
    return p;
}

void hv_place_set(struct hyperv *h, const struct hv_job *world, const struct state *s)
{
    struct hv_place *p;

    host_mutex_lock(h->mutex);
    for (p = h->places; p && !is_place(p, world, s);)
        p = p->older;
    if (!p) {
        p = new_place(world, s);
        p->older = h->places;
        h->places = p;
    }
    h->place = p;
    host_mutex_unlock(h->mutex);
}

const struct hv_place *hv_place_now(struct hyperv *h)
{
    const struct hv_place *p;

    host_mutex_lock(h->mutex);
    p = h->place;
    host_mutex_unlock(h->mutex);
    return p;
}

const char *hv_host_of(struct hyperv *h, struct arena *a, const char *node)
{
    const struct hyperv_target *t = &h->target;
    const struct hv_place *now = hv_place_now(h);

    if (now && now->standalone)
        return now->host;
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
static struct doors doors_of(const struct hyperv *h, struct arena *a, const struct hv_place *now)
{
    const struct hyperv_target *t = &h->target;
    struct doors d = {0};

    if (now)
        add_door(&d, a, now->host);
    for (size_t i = 0; now && !now->standalone && i < now->node_count; i++)
        if (now->answered[i])
            add_door(&d, a, now->nodes[i]);
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

    if (now && now->standalone != job->world.standalone)
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

/* Asks under way, one per door. */
struct asks {
    struct hyperv *h;
    const struct arena *arena;  /* whose memory each ask may take as much of */
    const struct hv_place *now; /* as the last look found it; NULL: none did */
    struct doors doors;
    struct hv_job **jobs; /* NULL: over */
    struct hv_job *good;
    struct err first; /* of the first that failed */
    bool final;       /* it is not what was meant: nobody else is asked */
};

static void failed(struct asks *k, const char *host, const struct err *e)
{
    k->final |= e->kind == ERR_INVALID;
    if (k->first.kind != ERR_NONE && !k->final)
        return;
    k->first = *e;
    if (e->kind != ERR_INVALID)
        err_wrap(&k->first, "%s", host ? host : "this machine");
}

/* Ends one ask: its answer is the world, or why there is none. */
static void end_ask(struct asks *k, size_t i, int64_t until)
{
    struct hv_job *job = k->jobs[i];
    struct err e;

    k->jobs[i] = NULL;
    if (!hv_job_end(job, until, &e)) {
        failed(k, k->doors.hosts[i], &e);
    } else if (k->good || !is_meant(k->h, k->now, job, &e)) {
        if (!k->good)
            failed(k, k->doors.hosts[i], &e);
        hv_job_free(job);
    } else {
        k->good = job;
    }
}

/* One after the other, but who does not answer soon holds nobody up. */
static void ask_doors(struct asks *k)
{
    enum { PART = 8 };
    int64_t patience = k->h->target.node_ms, until = 0;
    struct err e;

    for (size_t i = 0; i < k->doors.count && !k->good && !k->final; i++) {
        until = host_tick_ms() + patience;
        k->jobs[i] = hv_job_start(
            k->h, k->arena, &(struct hv_task){.host = k->doors.hosts[i], .run = hv_ask_world}, &e);
        if (!k->jobs[i])
            failed(k, k->doors.hosts[i], &e);
        else if (host_thread_wait(k->jobs[i]->thread, until - patience + patience / PART))
            end_ask(k, i, until);
        for (size_t n = 0; n < i && !k->good; n++) /* who answered meanwhile */
            if (k->jobs[n] && host_thread_wait(k->jobs[n]->thread, 0))
                end_ask(k, n, until);
    }
    for (size_t i = 0; i < k->doors.count; i++)
        if (k->jobs[i])
            end_ask(k, i, k->good || k->final ? 0 : until);
}

struct hv_job *hv_find(struct hyperv *h, struct arena *a, struct err *e)
{
    struct asks k = {.h = h, .arena = a, .now = hv_place_now(h), .first = {.kind = ERR_NONE}};

    k.doors = doors_of(h, a, k.now);
    k.jobs = arena_array(a, struct hv_job *, k.doors.count + 1);
    ask_doors(&k);
    if (k.good)
        return k.good;
    *e = k.first;
    if (e->kind == ERR_TIMEOUT || e->kind == ERR_BUSY)
        e->kind = ERR_UNSEEN;
    return NULL;
}
