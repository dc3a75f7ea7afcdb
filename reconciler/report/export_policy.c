/* The policy of an export: that counts differ, and what is known and differs (P8). */
#include "report/export_inner.h"

static bool same_product(const struct gpu *a, const struct gpu *b)
{
    return str_same(a->pci, b->pci) && str_same(a->subsystem, b->subsystem) &&
           str_same(a->model, b->model);
}

static bool counts_differ(const struct state *s)
{
    const struct gpu *first = NULL;

    for (size_t i = 0; i < s->gpu_count; i++) {
        const struct gpu *g = &s->gpus[i];

        if (g->state != GPU_PARTITIONED)
            continue;
        if (first && (!num_eq(first->count, g->count) || !same_product(first, g)))
            return true;
        first = first ? first : g;
    }
    return false;
}

enum { DAY_MS = 86400000 };

const char *report_export_until(struct arena *a, const struct state *have)
{
    int64_t day = have->observed_ms / DAY_MS + EXPORT_EXPECTED_DAYS, year;
    unsigned month, date;

    day_date(day, &year, &month, &date);
    return arena_printf(a, "%04lld-%02u-%02u", (long long)year, month, date);
}

static void expected_row(struct export *x, const struct export_remark *r, const char *date)
{
    struct arena *a = x->arena;
    const char *what =
        arena_printf(a, "      - {subject: %s, field: %s, value: %s,", export_scalar(a, r->subject),
                     r->field, export_scalar(a, r->have));
    const char *why = arena_printf(a, "reason: found by export, until: %s}\n", date);
    bool fits = page_columns(what) + page_columns(why) <= REPORT_WIDTH;

    export_mark(x, r->subject);
    text_printf(&x->out, "%s%s", what, fits ? " " : "\n");
    if (!fits) {
        export_mark(x, r->subject);
        text_add(&x->out, "         ");
    }
    text_add(&x->out, why);
}

/* The entries of subjects that have a row. */
static size_t expected_rows(struct export *x, bool write)
{
    const char *date = report_export_until(x->arena, x->have);
    size_t count = 0;

    for (size_t i = 0; i < x->remark_count; i++) {
        const struct export_remark *r = &x->remarks[i];

        if (r->as != EXPORT_EXPECTED || export_left_out(x, r->subject))
            continue;
        count++;
        if (write)
            expected_row(x, r, date);
    }
    return count;
}

void export_policy(struct export *x)
{
    bool differ = !x->have->standalone && counts_differ(x->have);

    x->doc.expected = expected_rows(x, false);
    if (!x->doc.expected) {
        if (differ)
            text_add(&x->out, "  policy: {homogeneous: warn}   # counts or products differ (C2)\n");
        return;
    }
    text_add(&x->out, "  policy:\n");
    if (differ)
        text_add(&x->out, "    homogeneous: warn   # counts or products differ (C2)\n");
    text_add(&x->out,
             "    # Found otherwise than a rule says. Left alone until the date; then it is "
             "a difference (P8).\n    expected:\n");
    expected_rows(x, true);
}
