/* Policy documents to rows (P5).  Nothing else may stand in their files. */
#include "spec/read_ceiling.h"

#include "codec/digest.h"
#include "codec/json.h"

#include <stdlib.h>

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

struct list {
    struct ceiling *rows;
    size_t count, room;
};

/* ---- one Policy ---- */

static void take_number(uint64_t value, const struct span *at, struct ceiling_number *out)
{
    if (said(at))
        *out = (struct ceiling_number){value, *at};
}

/* `allowed`, which bounds nothing, is as good as not said. */
static void take_never(const struct said_word *word, struct span *out)
{
    if (SAID(*word) && word->value == 0)
        *out = word->at;
}

bool ceiling_too_many(struct reader *r, const struct span *at, size_t count, size_t most,
                      const char *what)
{
    if (count <= most)
        return false;
    spec_find(r->found, CODE_TOO_MANY, at, "more than %zu %s", most, what)->next =
        "one pattern can stand for several names, one window for several days";
    return true;
}

static void take_allow(struct reader *r, const struct said_rows *rows, struct ceiling_bounds *out)
{
    struct window *windows = arena_array(r->arena, struct window, rows->count + 1);

    for (size_t i = 0; i < rows->count; i++) {
        const struct raw_window *row = ROW_AT(window, *rows, i);

        if (row->duration.ms > LIMIT_WINDOW_DAYS * DAY_MS)
            spec_find(r->found, CODE_OUT_OF_RANGE, &row->duration.at,
                      "`duration` is longer than %dd", LIMIT_WINDOW_DAYS)
                ->next = "leave maintenanceWindows out where there is always time";
        windows[i] = window_of(row);
    }
    out->allow = arena_new(r->arena, const struct window *);
    *out->allow = windows;
    out->allow_counts = arena_new(r->arena, size_t);
    *out->allow_counts = rows->count;
    out->allow_at = arena_new(r->arena, struct span);
    *out->allow_at = rows->at;
    out->allow_count = 1;
}

static void take_deny(struct reader *r, const struct said_rows *rows, struct ceiling_bounds *out)
{
    out->deny = arena_array(r->arena, struct ceiling_closure, rows->count + 1);
    for (size_t i = 0; i < rows->count; i++) {
        const struct raw_closure *row = ROW_AT(closure, *rows, i);

        if (SAID(row->from) && SAID(row->to) && row->to.ms < row->from.ms)
            spec_find(r->found, CODE_DATE_ORDER, &row->to.at, "`to` is before `from`")->next =
                "both days belong to it";
        out->deny[out->deny_count++] =
            (struct ceiling_closure){row->from.ms, row->to.ms, row->reason.value, row->head.at};
    }
}

static void take_windows(struct reader *r, const struct raw_windows *w, struct ceiling_bounds *out)
{
    if (!w)
        return;
    if (SAID(w->allow) &&
        !ceiling_too_many(r, &w->allow.at, w->allow.count, LIMIT_WINDOWS, "windows"))
        take_allow(r, &w->allow, out);
    if (SAID(w->deny) &&
        !ceiling_too_many(r, &w->deny.at, w->deny.count, LIMIT_WINDOWS, "closures"))
        take_deny(r, &w->deny, out);
}

static void take_bounds(struct reader *r, const struct raw_ceiling *raw, struct ceiling_bounds *out)
{
    const struct raw_unavailable *max = ROW(unavailable, raw->maxUnavailable);
    const struct raw_stop *stop = ROW(stop, raw->stop);
    const struct raw_reserve *reserve = ROW(reserve, raw->reserve);

    take_number((uint64_t)raw->disruption.value, &raw->disruption.at, &out->disruption);
    if (max) {
        take_number(max->vms.value, &max->vms.at, &out->vms);
        take_number(max->nodes.value, &max->nodes.at, &out->nodes);
    }
    if (stop) {
        take_number((uint64_t)stop->deadline.ms, &stop->deadline.at, &out->deadline_ms);
        take_number((uint64_t)stop->then.value, &stop->then.at, &out->then);
    }
    if (reserve)
        take_number(reserve->nodes.value, &reserve->nodes.at, &out->reserve);
    take_number((uint64_t)raw->maxSnapshotAge.ms, &raw->maxSnapshotAge.at, &out->max_age_ms);
    take_never(&raw->move, &out->no_move);
    take_never(&raw->prepare, &out->no_prepare);
    take_never(&raw->partial, &out->no_partial);
    take_never(&raw->prune, &out->no_prune);
    if (SAID(raw->homogeneous) && raw->homogeneous.value)
        out->homogeneous = raw->homogeneous.at;
    if (!ceiling_too_many(r, &raw->protect.at, raw->protect.count, LIMIT_PROTECT, "names")) {
        out->protect = raw->protect.names;
        out->protect_at = raw->protect.places;
        out->protect_count = raw->protect.count;
    }
    take_windows(r, ROW(windows, raw->maintenanceWindows), out);
    read_approvals(r, &raw->approvals, out);
}

static void take_fleet(struct reader *r, const struct said_row *said_fleet,
                       struct ceiling_fleet *out)
{
    const struct raw_fleet *raw = ROW(fleet, *said_fleet);
    const struct raw_stop_after *stop = raw ? ROW(stop_after, raw->stopAfter) : NULL;

    if (!raw)
        return;
    *out = (struct ceiling_fleet){.at = said_fleet->at,
                                  .order_at = raw->order.at,
                                  .parallel = raw->parallel.value,
                                  .failed = stop && SAID(stop->failed) ? stop->failed.value : 1};
    take_number(raw->maxUnknown.value, &raw->maxUnknown.at, &out->max_unknown);
    out->rings = arena_array(r->arena, struct ceiling_ring, raw->order.count + 1);
    for (size_t i = 0; i < raw->order.count; i++)
        out->rings[out->ring_count++] =
            (struct ceiling_ring){raw->order.rows[i].rows, raw->order.rows[i].count};
}

/* ---- its digest ---- */

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

void ceiling_sort(const char **rows, size_t count)
{
    if (count)
        qsort(rows, count, sizeof *rows, by_text);
}

static void put_sorted(struct json *j, const char *key, const char **rows, size_t count)
{
    ceiling_sort(rows, count);
    json_key(j, key);
    json_list(j);
    for (size_t i = 0; i < count; i++)
        json_text(j, rows[i]);
    json_list_end(j);
}

static void put_number(struct json *j, const char *key, const struct ceiling_number *n)
{
    if (said(&n->at))
        json_put_u64(j, key, n->value);
}

static void put_windows(struct arena *a, struct json *j, const struct ceiling_bounds *b)
{
    size_t count = b->allow_count ? b->allow_counts[0] : 0;
    const char **rows = arena_array(a, const char *, count + b->deny_count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct window *w = &b->allow[0][i];
        struct text t;

        text_init(&t, a);
        text_printf(&t, "%u %lld %lld", (unsigned)w->weekdays, (long long)w->start_ms,
                    (long long)w->duration_ms);
        for (size_t k = 0; k < w->date_count; k++)
            text_printf(&t, " %lld", (long long)w->dates[k]);
        rows[i] = text_done(&t);
    }
    if (b->allow_count)
        put_sorted(j, "allow", rows, count);
    for (size_t i = 0; i < b->deny_count; i++)
        rows[i] = arena_printf(a, "%lld %lld", (long long)b->deny[i].from_day_ms,
                               (long long)b->deny[i].to_day_ms);
    if (b->deny_count)
        put_sorted(j, "deny", rows, b->deny_count);
}

/* Not said at all where there is none: a Policy without them keeps its digest. */
static void put_approvals(struct arena *a, struct json *j, const struct ceiling_bounds *b)
{
    const char **rows = arena_array(a, const char *, b->approval_count + 1);

    for (size_t i = 0; i < b->approval_count; i++)
        rows[i] = approval_digest_text(a, &b->approvals[i]);
    if (b->approval_count)
        put_sorted(j, "approvals", rows, b->approval_count);
}

static const char *ring_text(struct arena *a, const struct ceiling_ring *ring)
{
    const char **rows = arena_array(a, const char *, ring->label_count + 1);
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, true);
    for (size_t i = 0; i < ring->label_count; i++)
        rows[i] = arena_printf(a, "%s=%s", ring->labels[i].key, ring->labels[i].value);
    ceiling_sort(rows, ring->label_count);
    json_list(&j);
    for (size_t i = 0; i < ring->label_count; i++)
        json_text(&j, rows[i]);
    json_list_end(&j);
    return text_done(&t);
}

/* Likewise; the order of rings is what it says. */
static void put_fleet(struct arena *a, struct json *j, const struct ceiling_fleet *f)
{
    if (!said(&f->at))
        return;
    json_key(j, "fleet");
    json_map(j);
    json_key(j, "order");
    json_list(j);
    for (size_t i = 0; i < f->ring_count; i++)
        json_text(j, ring_text(a, &f->rings[i]));
    json_list_end(j);
    json_put_u64(j, "parallel", f->parallel);
    json_put_u64(j, "failed", f->failed);
    put_number(j, "maxUnknown", &f->max_unknown);
    json_map_end(j);
}

/* Of what it says: layout, comments, reasons and the order of rows do not matter. */
static const char *digest_of(struct arena *a, const struct ceiling *c)
{
    const struct ceiling_bounds *b = &c->bounds;
    const char **rows = arena_array(a, const char *, c->label_count + b->protect_count + 1);
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, true);
    json_map(&j);
    json_put_text(&j, "name", c->name);
    for (size_t i = 0; i < c->label_count; i++)
        rows[i] = arena_printf(a, "%s=%s", c->labels[i].key, c->labels[i].value);
    put_sorted(&j, "labels", rows, c->label_count);
    put_number(&j, "disruption", &b->disruption);
    put_number(&j, "vms", &b->vms);
    put_number(&j, "nodes", &b->nodes);
    put_number(&j, "deadline", &b->deadline_ms);
    put_number(&j, "then", &b->then);
    put_number(&j, "reserve", &b->reserve);
    put_number(&j, "maxSnapshotAge", &b->max_age_ms);
    json_put_bool(&j, "noMove", said(&b->no_move));
    json_put_bool(&j, "noPrepare", said(&b->no_prepare));
    json_put_bool(&j, "noPartial", said(&b->no_partial));
    json_put_bool(&j, "noPrune", said(&b->no_prune));
    json_put_bool(&j, "homogeneous", said(&b->homogeneous));
    for (size_t i = 0; i < b->protect_count; i++) {
        char *low = arena_strdup(a, b->protect[i]);

        for (char *at = low; *at; at++)
            *at = str_lower(*at);
        rows[i] = low;
    }
    put_sorted(&j, "protect", rows, b->protect_count);
    put_windows(a, &j, b);
    put_approvals(a, &j, b);
    put_fleet(a, &j, &c->fleet);
    json_map_end(&j);
    return digest_text(a, text_done(&t));
}

/* ---- documents ---- */

static void build(struct reader *r, const struct raw_policy_document *raw, struct list *list)
{
    const struct raw_metadata *meta = ROW(metadata, raw->metadata);
    const struct raw_ceiling *spec = ROW(ceiling, raw->spec);
    const struct raw_applies *applies = spec ? ROW(applies, spec->appliesTo) : NULL;
    struct ceiling *c;

    if (!meta || !SAID(meta->name) || !spec || !SAID(raw->kind))
        return;
    c = arena_push(r->arena, list->rows, list->count, list->room);
    *c = (struct ceiling){.name = meta->name.value, .at = raw->head.at};
    if (applies) {
        c->labels = applies->matchLabels.rows;
        c->label_count = applies->matchLabels.count;
    }
    take_bounds(r, spec, &c->bounds);
    take_fleet(r, &spec->fleet, &c->fleet);
    c->digest = digest_of(r->arena, c);
}

/* Nothing between two lines of dashes is no document; a text is a wrong one. */
static bool is_text(struct reader *r, size_t *documents)
{
    struct doc_scalar text;

    if (doc_peek(r->doc, &text.at) != DOC_SCALAR)
        return false;
    if (!doc_scalar(r->doc, "a Policy", &text) || !text.null) {
        ++*documents;
        spec_find(r->found, CODE_WRONG_TYPE, &text.at, "a Policy is a map, and this is a text")
            ->next = "a Policy begins with apiVersion: hvgpu/v1 and kind: Policy";
    }
    return true;
}

static void read_document(struct reader *r, struct list *list)
{
    struct raw_policy_document *raw = arena_new(r->scratch, struct raw_policy_document);
    size_t before = r->found->count;

    r->foreign = false;
    memset(r->kept, 0, sizeof r->kept);
    if (!read_shape(r, SHAPE_policy_document, "a Policy", raw) || doc_broken(r->doc))
        return;
    if (r->foreign)
        read_forget(r, before, false);
    else
        build(r, raw, list);
}

/* How many documents it holds; those that are none of ours are told with why. */
static size_t read_source(struct reader *r, const struct spec_source *source, struct list *list)
{
    size_t documents = 0;

    r->doc = doc_open(r->arena, source->file, source->text, source->size, r->found);
    while (doc_next(r->doc))
        if (!is_text(r, &documents)) {
            documents++;
            read_document(r, list);
        }
    documents += doc_broken(r->doc);
    doc_close(r->doc);
    return documents;
}

static int by_name(const void *x, const void *y)
{
    const struct ceiling *a = x, *b = y;
    int c = str_cmp_natural(a->name, b->name);

    return c ? c : span_cmp(&a->at, &b->at);
}

static void check_names(struct reader *r, const struct list *list)
{
    for (size_t i = 1; i < list->count; i++) {
        const struct ceiling *first = &list->rows[i - 1], *c = &list->rows[i];

        if (str_same(first->name, c->name))
            spec_find(r->found, CODE_TWO_DOCUMENTS, &c->at,
                      "two Policies have the name %s: the other is at %s:%u", c->name,
                      first->at.file, (unsigned)first->at.line)
                ->next = "give each its own name, or give one of them only once";
    }
    if (list->count > LIMIT_POLICIES)
        spec_find(r->found, CODE_TOO_MANY, &list->rows[LIMIT_POLICIES].at, "more than %d Policies",
                  LIMIT_POLICIES)
            ->next = "one Policy can bind many clusters";
}

bool ceilings_read(struct arena *a, const struct spec_source *sources, size_t count,
                   struct ceilings *out, struct findings *found)
{
    struct arena scratch;
    struct reader r = {.arena = a, .scratch = &scratch, .found = found, .shapes = shapes_new(a)};
    struct list list = {0};
    size_t errors = found->errors;

    arena_init(&scratch, 0);
    for (size_t i = 0; i < count; i++)
        if (!read_source(&r, &sources[i], &list))
            spec_find(found, CODE_NO_POLICY,
                      &(struct span){.file = sources[i].file, .line = 1, .column = 1},
                      "there is no Policy here")
                ->next = "a Policy begins with apiVersion: hvgpu/v1 and kind: Policy";
    arena_release(&scratch);
    if (list.count)
        qsort(list.rows, list.count, sizeof *list.rows, by_name);
    check_names(&r, &list);
    findings_sort(found);
    *out = (struct ceilings){list.rows, list.count};
    return found->errors == errors;
}
