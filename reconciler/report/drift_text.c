#include "codec/json.h"
#include "report/plan_items.h"

#include <string.h>

static bool same_line(const struct drift_item *a, const struct drift_item *b)
{
    return a->class == b->class && str_eq(a->field, b->field) && str_eq(a->declared, b->declared) &&
           str_eq(a->now, b->now) && str_eq(a->text, b->text) && str_eq(a->repair, b->repair) &&
           str_eq(a->release, b->release) && a->watched == b->watched;
}

/* "vm/ml-01..03": one subject kind, its names as ranges. */
static const char *subjects(struct arena *a, const struct drift_item *items, size_t count)
{
    const char *slash = strchr(items[0].subject, '/');
    size_t kind = slash ? (size_t)(slash - items[0].subject) + 1 : 0;
    struct item all = {.kind = arena_strndup(a, items[0].subject, kind ? kind - 1 : 0)};

    if (count == 1)
        return items[0].subject;
    all.names = arena_array(a, const char *, count);
    for (; all.name_count < count; all.name_count++)
        all.names[all.name_count] = items[all.name_count].subject + kind;
    return arena_printf(a, "%.*s%s", (int)kind, items[0].subject, item_names(a, &all));
}

static bool same_kind(const struct drift_item *a, const struct drift_item *b)
{
    const char *slash = strchr(a->subject, '/');
    size_t kind = slash ? (size_t)(slash - a->subject) + 1 : 0;

    return strncmp(a->subject, b->subject, kind) == 0;
}

static const char *times_text(struct arena *a, uint64_t times)
{
    return times == 1 ? "once" : arena_printf(a, "%llu times", (unsigned long long)times);
}

/* "first seen 2026-11-18 16:42 CET, 31 times"; of several the earliest and the most. */
static const char *seen_text(struct arena *a, const struct plan_head *head,
                             const struct drift_item *items, size_t count)
{
    int64_t first = items[0].first_ms;
    uint64_t least = items[0].times, most = items[0].times;

    for (size_t i = 1; i < count; i++) {
        if (items[i].first_ms != WHEN_NONE && (first == WHEN_NONE || items[i].first_ms < first))
            first = items[i].first_ms;
        least = items[i].times < least ? items[i].times : least;
        most = items[i].times > most ? items[i].times : most;
    }
    if (first == WHEN_NONE)
        return "";
    if (least != most)
        return arena_printf(a, "first seen %s, %llu to %llu times; ", report_time(a, head, first),
                            (unsigned long long)least, (unsigned long long)most);
    return arena_printf(a, "first seen %s, %s; ", report_time(a, head, first), times_text(a, most));
}

static void line(struct page *p, const struct plan_head *head, const struct drift_item *items,
                 size_t count)
{
    const struct drift_item *item = &items[0];
    struct arena *a = p->arena;
    struct text left;

    text_init(&left, a);
    text_printf(&left, "  %s", subjects(a, items, count));
    if (item->field) {
        text_printf(&left, " %s", item->field);
        text_pad(&left, 29);
        text_printf(&left, "  %s -> %s", item->declared ? item->declared : "none",
                    item->now ? item->now : "none");
    }
    page_ends(
        p, text_done(&left),
        item->class == DRIFT_FLAPPING
            ? arena_printf(a, "%s (%s)", drift_rows[item->class].word, drift_rows[item->was].word)
            : drift_rows[item->class].word);
    if (!item->field && item->now)
        page_wrap(p, "      ", item->now);
    if (item->text)
        page_wrap(p, "      ", item->text);
    page_printf(p, "      ", "%srepair: %s%s%s", seen_text(a, head, items, count),
                item->repair ? item->repair : "none", item->at.file || item->rule ? "   " : "",
                page_place(a, item->rule, &item->at));
    if (item->release)
        page_wrap(p, "      released by: ", item->release);
}

/* ---- head and foot ---- */

static void head(struct page *p, const struct drift *d)
{
    struct arena *a = p->arena;

    page_heading(p, "Drift of %s since the last apply (%s, run %s)", d->cluster,
                 report_time(a, d->head, d->since_ms), d->since_run);
    page_printf(p, "  spec      ", "%s, has %smoved since", d->source ? d->source : "?",
                d->spec_moved ? "" : "not ");
    page_printf(p, "  observed  ", "%s, %zu of %s", report_time(a, d->head, d->observed_ms),
                d->nodes_seen, page_count(a, d->nodes, "node"));
    if (d->head->ignored)
        page_printf(p, "  ignored   ", "%zu (manage: ignore)", d->head->ignored);
}

static void notes(struct page *p, const struct drift *d)
{
    if (!d->note_count)
        return;
    page_gap(p);
    page_heading(p, "NOTES");
    for (size_t i = 0; i < d->note_count; i++)
        page_printf(p, "  ", "%s: %s   %s", d->notes[i]->subject, d->notes[i]->text,
                    page_place(p->arena, "P8", &d->notes[i]->at));
}

/* Somebody must change something. */
static bool is_blocked(const struct drift_item *item)
{
    return item->repair && str_starts(item->repair, "BLOCKED");
}

/* "; 1 blocked, 2 expected; oldest 7 d" */
static const char *rest_of_sum(struct arena *a, const struct drift *d)
{
    size_t blocked = 0, expected = 0;
    int64_t oldest = WHEN_NONE;
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < d->count; i++) {
        const struct drift_item *item = &d->items[i];

        blocked += is_blocked(item);
        expected += item->was == DRIFT_EXPECTED;
        if (item->first_ms != WHEN_NONE && (oldest == WHEN_NONE || item->first_ms < oldest))
            oldest = item->first_ms;
    }
    if (blocked)
        text_printf(&t, "; %zu blocked", blocked);
    if (expected)
        text_printf(&t, "%s%zu expected", t.size ? ", " : "; ", expected);
    if (d->not_chosen)
        text_printf(&t, "; %zu more not chosen", d->not_chosen);
    if (oldest != WHEN_NONE && oldest < d->observed_ms)
        text_printf(&t, "; oldest %s", duration_human(a, d->observed_ms - oldest));
    return text_done(&t);
}

/* What is gone is no subject any more; where nothing else is left, it is the cluster. */
static const char *subject_for_why(struct arena *a, const struct drift *d)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].was != DRIFT_MISSING && page_is_subject(d->items[i].subject))
            return d->items[i].subject;
    return arena_printf(a, "cluster/%s", d->cluster);
}

static void next_commands(struct page *p, const struct drift *d, const char *sees)
{
    page_printf(p, "More:       ", "hvgpu why %s %s",
                page_word(p->arena, subject_for_why(p->arena, d)), sees);
    page_printf(p, "As a plan:  ", "hvgpu plan %s", sees);
}

static void foot(struct page *p, const struct drift *d, const size_t counts[SEVERITY_NOTE + 1],
                 const struct style *style)
{
    struct arena *a = p->arena;
    enum exit_code code = exit_of_drift(d);

    page_gap(p);
    if (!d->count) {
        page_ends(p,
                  d->not_chosen ? arena_printf(a, "No drift of what is chosen; %s elsewhere.",
                                               page_count(a, d->not_chosen, "finding"))
                                : "No drift: everything that was applied is still so.",
                  arena_printf(a, "exit %d", (int)code));
        return;
    }
    page_ends(p,
              arena_printf(a, "%s: %s, %s, %s%s", page_count(a, d->count, "finding"),
                           page_count(a, counts[SEVERITY_ERROR], "error"),
                           page_count(a, counts[SEVERITY_WARNING], "warning"),
                           page_count(a, counts[SEVERITY_NOTE], "info"), rest_of_sum(a, d)),
              arena_printf(a, "exit %d", (int)code));
    if (style->sees || d->source)
        next_commands(p, d, style->sees ? style->sees : d->source);
}

const char *report_drift_text(struct arena *a, const struct drift *d, const struct style *style)
{
    static const char *const titles[] = {
        [SEVERITY_ERROR] = "ERROR", [SEVERITY_WARNING] = "WARNING", [SEVERITY_NOTE] = "INFO"};
    size_t counts[SEVERITY_NOTE + 1] = {0};
    struct page page;

    page_init(&page, a, style);
    if (style->many && !style->all && !d->count && !d->note_count && !d->not_chosen) {
        page_ends(&page,
                  arena_printf(a, "Drift of %s: none since the last apply (%s, run %s)", d->cluster,
                               report_time(a, d->head, d->since_ms), d->since_run),
                  arena_printf(a, "exit %d", (int)exit_of_drift(d)));
        return page_done(&page);
    }
    head(&page, d);
    for (size_t i = 0, n; i < d->count; i += n) {
        enum severity severity = drift_rows[d->items[i].class].severity;

        for (n = 1; !style->all && i + n < d->count && same_line(&d->items[i], &d->items[i + n]) &&
                    same_kind(&d->items[i], &d->items[i + n]);
             n++)
            ;
        if (!counts[severity]) {
            page_gap(&page);
            page_heading(&page, "%s", titles[severity]);
        }
        counts[severity] += n;
        line(&page, d->head, &d->items[i], n);
    }
    notes(&page, d);
    foot(&page, d, counts, style);
    return page_done(&page);
}

const char *report_drift_sameness(struct arena *a, const struct drift *d, const struct state *have,
                                  const struct style *style)
{
    struct text t;

    text_init(&t, a);
    text_printf(&t, "exit %d", (int)exit_of_drift(d));
    if (style->all || d->note_count || d->not_chosen)
        return NULL;
    for (size_t i = 0; i < d->count; i++) { /* what is blocked is read cluster by cluster */
        const struct drift_item *item = &d->items[i];
        const char *words[] = {drift_rows[item->class].word,
                               item->subject,
                               item->field,
                               item->declared,
                               item->now,
                               item->text,
                               item->repair,
                               item->release,
                               page_place(a, item->rule, &item->at)};

        if (is_blocked(item))
            return NULL;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            text_printf(&t, "\n%s", words[k] ? words[k] : "-");
    }
    return page_sameness(a, text_done(&t), d->cluster, d->source, have);
}

/* ---- JSON ---- */

static void put_time(struct json *j, struct arena *a, const char *key, int64_t ms)
{
    json_put_text(j, key, ms == WHEN_NONE ? NULL : when_iso(a, ms));
}

static void put_item(struct json *j, struct arena *a, const struct drift_item *item)
{
    static const char *const severities[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "info"};

    json_map(j);
    json_put_text(j, "class", drift_rows[item->class].word);
    json_put_text(j, "severity", severities[drift_rows[item->class].severity]);
    json_put_text(j, "was", item->class == item->was ? NULL : drift_rows[item->was].word);
    json_put_bool(j, "counts", item->counts);
    json_put_bool(j, "watched", item->watched);
    json_put_text(j, "subject", item->subject);
    json_put_text(j, "field", item->field);
    json_put_text(j, "declared", item->declared);
    json_put_text(j, "now", item->now);
    json_put_text(j, "text", item->text);
    json_put_text(j, "repair", item->repair);
    json_put_text(j, "release", item->release);
    put_time(j, a, "firstSeen", item->first_ms);
    put_time(j, a, "lastSeen", item->last_ms);
    json_put_u64(j, "times", item->times);
    json_put_text(j, "rule", item->rule);
    json_put_text(j, "file", item->at.file);
    json_put_int(j, "line", item->at.line);
    json_map_end(j);
}

static void put_note(struct json *j, const struct problem *p)
{
    json_map(j);
    json_put_text(j, "subject", p->subject);
    json_put_text(j, "code", reason_rows[p->reason].code);
    json_put_text(j, "text", p->text);
    json_put_text(j, "file", p->at.file);
    json_put_int(j, "line", p->at.line);
    json_map_end(j);
}

const char *report_drift_json(struct arena *a, const struct drift *d)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "apiVersion", "hvgpu/v1");
    json_put_text(&j, "kind", "Drift");
    json_put_text(&j, "cluster", d->cluster);
    json_put_text(&j, "source", d->source);
    json_put_text(&j, "sinceRun", d->since_run);
    put_time(&j, a, "since", d->since_ms);
    json_put_text(&j, "observed", when_iso(a, d->observed_ms));
    json_put_bool(&j, "specMoved", d->spec_moved);
    json_put_int(&j, "ignored", (int64_t)d->head->ignored);
    json_put_int(&j, "notChosen", (int64_t)d->not_chosen);
    json_put_int(&j, "exit", (int)exit_of_drift(d));
    json_key(&j, "items");
    json_list(&j);
    for (size_t i = 0; i < d->count; i++)
        put_item(&j, a, &d->items[i]);
    json_list_end(&j);
    json_key(&j, "notes");
    json_list(&j);
    for (size_t i = 0; i < d->note_count; i++)
        put_note(&j, d->notes[i]);
    json_list_end(&j);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}
