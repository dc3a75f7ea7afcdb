#include "codec/json.h"
#include "report/page.h"

#include <string.h>

static bool same_line(const struct drift_item *a, const struct drift_item *b)
{
    return a->class == b->class && str_eq(a->field, b->field) && str_eq(a->declared, b->declared) &&
           str_eq(a->now, b->now) && str_eq(a->repair, b->repair);
}

/* "vm/ml-01..03": one subject kind, its names as ranges. */
static const char *subjects(struct arena *a, const struct drift_item *items, size_t count)
{
    const char **names = arena_array(a, const char *, count);
    const char *slash = strchr(items[0].subject, '/');
    size_t kind = slash ? (size_t)(slash - items[0].subject) + 1 : 0;

    if (count == 1)
        return items[0].subject;
    for (size_t i = 0; i < count; i++)
        names[i] = items[i].subject + kind;
    return arena_printf(a, "%.*s%s", (int)kind, items[0].subject, str_ranges(a, names, count));
}

static bool same_kind(const struct drift_item *a, const struct drift_item *b)
{
    const char *slash = strchr(a->subject, '/');
    size_t kind = slash ? (size_t)(slash - a->subject) + 1 : 0;

    return strncmp(a->subject, b->subject, kind) == 0;
}

static void line(struct page *p, const struct drift_item *items, size_t count)
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
    page_ends(p, text_done(&left), drift_rows[item->class].word);
    if (!item->field && item->now)
        page_wrap(p, "      ", item->now);
    page_printf(p, "      ", "repair: %s%s%s", item->repair ? item->repair : "none",
                item->at.file || item->rule ? "   " : "", page_place(a, item->rule, &item->at));
}

const char *report_drift_text(struct arena *a, const struct drift *d, const struct style *style)
{
    static const char *const titles[] = {
        [SEVERITY_ERROR] = "ERROR", [SEVERITY_WARNING] = "WARNING", [SEVERITY_NOTE] = "INFO"};
    size_t counts[SEVERITY_NOTE + 1] = {0};
    enum exit_code code = exit_of_drift(d);
    struct page page;

    page_init(&page, a, style);
    page_heading(&page, "Drift of %s since the last apply (%s, run %s)", d->cluster,
                 when_human(a, d->since_ms), d->since_run);
    page_printf(&page, "  spec      ", "%s, has %smoved since", d->source ? d->source : "?",
                d->spec_moved ? "" : "not ");
    page_printf(&page, "  observed  ", "%s, %zu of %s", when_human(a, d->observed_ms),
                d->nodes_seen, page_count(a, d->nodes, "node"));
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
        line(&page, &d->items[i], n);
    }
    page_gap(&page);
    if (!d->count)
        page_ends(&page, "No drift: everything that was applied is still so.",
                  arena_printf(a, "exit %d", (int)code));
    else
        page_ends(&page,
                  arena_printf(a, "%s: %s, %s, %s", page_count(a, d->count, "finding"),
                               page_count(a, counts[SEVERITY_ERROR], "error"),
                               page_count(a, counts[SEVERITY_WARNING], "warning"),
                               page_count(a, counts[SEVERITY_NOTE], "info")),
                  arena_printf(a, "exit %d", (int)code));
    if (d->count && d->source)
        page_printf(&page, "As a plan:  ", "hvgpu plan %s", d->source);
    return page_done(&page);
}

const char *report_drift_json(struct arena *a, const struct drift *d)
{
    static const char *const severities[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "info"};
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
    json_put_text(&j, "since", d->since_ms == WHEN_NONE ? NULL : when_iso(a, d->since_ms));
    json_put_text(&j, "observed", when_iso(a, d->observed_ms));
    json_put_bool(&j, "specMoved", d->spec_moved);
    json_put_int(&j, "exit", (int)exit_of_drift(d));
    json_key(&j, "items");
    json_list(&j);
    for (size_t i = 0; i < d->count; i++) {
        const struct drift_item *item = &d->items[i];

        json_map(&j);
        json_put_text(&j, "class", drift_rows[item->class].word);
        json_put_text(&j, "severity", severities[drift_rows[item->class].severity]);
        json_put_bool(&j, "counts", item->counts);
        json_put_text(&j, "subject", item->subject);
        json_put_text(&j, "field", item->field);
        json_put_text(&j, "declared", item->declared);
        json_put_text(&j, "now", item->now);
        json_put_text(&j, "repair", item->repair);
        json_put_text(&j, "rule", item->rule);
        json_put_text(&j, "file", item->at.file);
        json_put_int(&j, "line", item->at.line);
        json_map_end(&j);
    }
    json_list_end(&j);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}
