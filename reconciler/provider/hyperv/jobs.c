/*
 * The jobs that effects became, and what hosts said of those that failed: for
 * a person who asks why.  What is there is decided by looking (decision 062).
 */
#include "provider/hyperv/see.h"

#include "base/limits.h"

#include <stdlib.h>

struct hv_wait {
    char *host, *subject, *job; /* job: its InstanceID, as hv_guid() */
    unsigned verb;
    uint64_t number; /* from 1, in the order that they were sent */
    char *text;      /* what was said of it, when it is over and not well */
    struct hv_wait *next;
};

static void free_wait(struct hv_wait *w)
{
    free(w->host);
    free(w->subject);
    free(w->job);
    free(w->text);
    free(w);
}

void hv_waits_free(struct hv_wait *waits)
{
    for (struct hv_wait *next; waits; waits = next) {
        next = waits->next;
        free_wait(waits);
    }
}

/* Under the provider's mutex. */
static void drop(struct hv_wait **at)
{
    struct hv_wait *gone = *at;

    *at = gone->next;
    free_wait(gone);
}

/* A VM is one wherever it is; a device or a pool of another host is another one. */
static bool is_like(const struct hv_wait *w, const char *host, const struct action *a)
{
    return w->verb == (unsigned)a->verb && str_same(w->subject, a->subject) &&
           (verb_rows[a->verb].subject == SUBJECT_VM || str_same(w->host, host));
}

void hv_wait_forget(struct hyperv *h, const char *host, const struct action *a)
{
    host_mutex_lock(h->mutex);
    for (struct hv_wait **at = &h->waits; *at;)
        if (is_like(*at, host, a))
            drop(at);
        else
            at = &(*at)->next;
    host_mutex_unlock(h->mutex);
}

static struct hv_wait *new_wait(const char *host, const struct action *a, const char *job)
{
    struct hv_wait *w = calloc(1, sizeof *w);

    if (!w)
        abort(); /* the machine has no memory: as the arena */
    w->host = hv_own(host);
    w->subject = hv_own(a->subject);
    w->job = hv_own(job);
    w->verb = a->verb;
    return w;
}

void hv_wait_for(struct hyperv *h, const char *host, const struct action *a, const char *job)
{
    struct arena arena;
    struct hv_wait *w, **at = &h->waits;
    const char *key;
    size_t count = 0;

    arena_init(&arena, 0);
    key = job ? cim_path_key(&arena, job, "InstanceID") : NULL;
    w = key ? new_wait(host, a, hv_guid(&arena, key)) : NULL;
    arena_release(&arena);
    if (!w)
        return; /* a job that cannot be named is not asked for */
    host_mutex_lock(h->mutex);
    w->number = ++h->waits_made;
    for (; *at; at = &(*at)->next)
        count++;
    *at = w;
    if (count >= LIMIT_WAITS)
        drop(&h->waits);
    host_mutex_unlock(h->mutex);
}

uint64_t hv_waits(struct hyperv *h, const char *host)
{
    uint64_t made = 0;

    host_mutex_lock(h->mutex);
    for (const struct hv_wait *w = h->waits; w && !made; w = w->next)
        if (!w->text && str_same(w->host, host))
            made = h->waits_made;
    host_mutex_unlock(h->mutex);
    return made;
}

/* ---- what became of one ---- */

/* JobState (hyperv-wmi 5.3); what is none of these goes on. */
enum {
    COMPLETED = 7,
    TERMINATED = 8,
    KILLED = 9,
    EXCEPTION = 10,
    SERVICE = 11,
    WITH_WARNINGS = 32768
};

static const char *end_of(struct num state)
{
    switch (state.known ? state.value : 0) {
    case TERMINATED:
        return "its job was ended";
    case KILLED:
        return "its job was killed";
    case EXCEPTION:
    case SERVICE:
        return "its job failed";
    case WITH_WARNINGS:
        return "its job completed with warnings";
    default:
        return NULL;
    }
}

/* "its job failed: not enough partitions (32768)"; NULL: it goes on. */
static const char *said_of(struct arena *a, const struct cim_object *row)
{
    enum { MOST = 200 };
    const char *end = end_of(cim_number(row, "JobState"));
    const char *description = cim_text(row, "ErrorDescription");
    struct num code = cim_number(row, "ErrorCode");
    struct text t;

    if (!end)
        return NULL;
    if (code.known && code.value && (!description || !*description))
        description = cim_code_text((int64_t)code.value);
    text_init(&t, a);
    text_add(&t, end);
    if (description && *description) {
        size_t n = strlen(description);

        for (n = n > MOST ? MOST : n; (description[n] & 0xC0) == 0x80;)
            n--; /* a character is not cut in two */
        text_add(&t, ": ");
        text_add_n(&t, description, n);
    }
    if (code.known && code.value)
        text_printf(&t, " (%llu)", (unsigned long long)code.value);
    return text_done(&t);
}

static const struct cim_object *row_of(struct arena *a, const struct cim_rows *rows,
                                       const char *job)
{
    for (size_t i = 0; i < rows->count; i++) {
        const char *id = cim_text(&rows->rows[i], "InstanceID");

        if (id && str_eq(hv_guid(a, id), job))
            return &rows->rows[i];
    }
    return NULL;
}

/* Is it over and well?  Else what was said of it is kept, once it is over. */
static bool is_well(struct arena *a, struct hv_wait *w, const struct cim_rows *rows)
{
    const struct cim_object *row = row_of(a, rows, w->job);
    const char *said;

    if (row && num_is(cim_number(row, "JobState"), COMPLETED))
        return true;
    said = row ? said_of(a, row) : "its job is not there any more, and how it ended is not told";
    w->text = hv_own(said);
    return false;
}

void hv_see_jobs(struct hyperv *h, struct hv_look *l, uint32_t node, const char *host,
                 const struct hv_node_rows *rows)
{
    struct complaint *said = NULL;
    size_t count = 0, room = 0;

    host_mutex_lock(h->mutex);
    for (struct hv_wait **at = &h->waits; *at;) {
        struct hv_wait *w = *at;
        const bool ours = str_same(w->host, host);

        /* One that was sent after they were asked for is none that vanished. */
        if (ours && !w->text && w->number <= rows->jobs_asked &&
            is_well(l->aside, w, &rows->jobs)) {
            drop(at);
            continue;
        }
        if (ours && w->text)
            *arena_push(l->aside, said, count, room) = (struct complaint){
                node, arena_strdup(l->aside, w->subject), w->verb, arena_strdup(l->aside, w->text)};
        at = &w->next;
    }
    host_mutex_unlock(h->mutex);
    for (size_t i = 0; i < count; i++)
        *arena_push(l->a, l->out->complaints, l->out->complaint_count, l->complaint_room) =
            (struct complaint){node, hv_keep(l, said[i].subject), said[i].verb,
                               hv_keep(l, said[i].text)};
}
