/* Sessions, leased one at a time; and who is inside the provider. */
#include "provider/hyperv/see.h"

#include <stdlib.h>

bool hv_enter(struct hyperv *h)
{
    bool open;

    host_mutex_lock(h->mutex);
    open = !h->closed;
    if (open)
        h->busy++;
    host_mutex_unlock(h->mutex);
    return open;
}

static void close_session(struct hv_session *s)
{
    s->eye->ops->close(s->eye);
    free(s->host);
    free(s);
}

static void free_all(struct hyperv *h)
{
    for (struct hv_session *s = h->sessions, *next; s; s = next) {
        next = s->next;
        close_session(s);
    }
    hv_statics_free(h->statics);
    hv_places_free(h->places);
    hv_claim_free(h->claim);
    hv_waits_free(h->waits);
    h->net->ops->close(h->net);
    host_mutex_free(h->mutex);
    free(h);
}

void hv_leave(struct hyperv *h)
{
    bool last;

    host_mutex_lock(h->mutex);
    last = --h->busy == 0 && h->closed;
    host_mutex_unlock(h->mutex);
    if (last)
        free_all(h);
}

void hv_close(struct eye *eye)
{
    struct hyperv *h = (struct hyperv *)eye;
    bool idle;

    host_mutex_lock(h->mutex);
    h->closed = true;
    idle = h->busy == 0;
    host_mutex_unlock(h->mutex);
    if (idle)
        free_all(h); /* else the last one that leaves does it */
}

char *hv_own(const char *s)
{
    size_t n = s ? strlen(s) + 1 : 0;
    char *copy = s ? malloc(n) : NULL;

    if (s && !copy)
        abort(); /* the machine has no memory: as the arena */
    return copy ? memcpy(copy, s, n) : NULL;
}

static struct hv_session *idle_session(struct hyperv *h, const char *host, enum cim_space space)
{
    struct hv_session *found = NULL;

    host_mutex_lock(h->mutex);
    for (struct hv_session *s = h->sessions; s && !found; s = s->next)
        if (!s->leased && s->space == space && str_same(s->host, host))
            found = s;
    if (found)
        found->leased = true;
    host_mutex_unlock(h->mutex);
    return found;
}

bool hv_take(struct hyperv *h, const char *host, enum cim_space space, struct hv_session **out,
             struct err *e)
{
    struct hv_session *s = idle_session(h, host, space);
    struct cim_eye *eye;

    if (!s) {
        if (!h->net->ops->connect(h->net, host, space, &eye, e))
            return false;
        s = calloc(1, sizeof *s);
        if (!s)
            abort(); /* the machine has no memory: as the arena */
        *s = (struct hv_session){.eye = eye, .host = hv_own(host), .space = space, .leased = true};
        host_mutex_lock(h->mutex);
        s->next = h->sessions;
        h->sessions = s;
        host_mutex_unlock(h->mutex);
    }
    *out = s;
    return true;
}

static bool broke(const struct err *e)
{
    return e && (e->kind == ERR_TIMEOUT || e->kind == ERR_UNSEEN);
}

void hv_give(struct hyperv *h, struct hv_session *session, const struct err *e)
{
    struct hv_session **at = &h->sessions;
    bool gone = broke(e);

    host_mutex_lock(h->mutex);
    while (gone && *at && *at != session)
        at = &(*at)->next;
    if (gone && *at)
        *at = session->next;
    session->leased = false;
    host_mutex_unlock(h->mutex);
    if (!gone)
        return;
    hv_forget(h, session->host); /* it may have booted meanwhile */
    close_session(session);
}

bool hv_hand(struct hv_session *session, struct err *e)
{
    return session->hand || session->eye->ops->hand(session->eye, &session->hand, e);
}
