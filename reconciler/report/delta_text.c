/* Two plans beside each other, for people. */
#include "report/page.h"

static bool same_line(const struct delta_item *a, const struct delta_item *b)
{
    return a->sign == b->sign && str_eq(a->kind, b->kind) && str_eq(a->what, b->what) &&
           !str_eq(a->what, "step") && str_eq(a->one, b->one) && str_eq(a->other, b->other);
}

static const char *names(struct arena *a, const struct delta_item *items, size_t count)
{
    const char **rows = arena_array(a, const char *, count);

    for (size_t i = 0; i < count; i++)
        rows[i] = items[i].name;
    return str_ranges(a, rows, count);
}

/* A step says itself what it does. */
static bool is_step(const struct delta *d, const struct delta_item *item)
{
    return str_eq(item->what, "step") || (d->question == DELTA_COVERS && item->sign == DELTA_MORE);
}

static void line(struct page *p, const struct delta *d, const struct delta_item *item, size_t count)
{
    static const char signs[] = {[DELTA_MORE] = '+', [DELTA_LESS] = '-', [DELTA_OTHER] = '~'};
    const char *text = item->sign == DELTA_LESS ? item->one : item->other;

    if (!is_step(d, item))
        text = item->sign == DELTA_OTHER ? item->what
                                         : arena_printf(p->arena, "%s  %s", item->what, text);
    page_row(p, signs[item->sign], item->kind, names(p->arena, item, count), text, "");
    if (item->sign != DELTA_OTHER)
        return;
    page_wrap(p, "         first:  ", item->one);
    page_wrap(p, "         second: ", item->other);
}

static void items(struct page *p, const struct delta *d, bool all)
{
    static const char *const diff[] = {[DELTA_MORE] = "MORE, only in the second",
                                       [DELTA_LESS] = "LESS, only in the first",
                                       [DELTA_OTHER] = "OTHER, in both"};
    static const char *const covers[] = {
        [DELTA_MORE] = "MORE THAN THE FIRST", [DELTA_OTHER] = "OFF LONGER THAN IN THE FIRST"};
    size_t count;

    for (size_t i = 0; i < d->item_count; i += count) {
        const struct delta_item *item = &d->items[i];

        count = 1;
        while (!all && i + count < d->item_count && same_line(item, item + count))
            count++;
        if (!i || item->sign != item[-1].sign) {
            page_gap(p);
            page_heading(p, "%s", (d->question == DELTA_COVERS ? covers : diff)[(int)item->sign]);
        }
        line(p, d, item, count);
    }
}

static void heads(struct page *p, const struct delta *d)
{
    for (size_t i = 0; i < d->head_count; i++) {
        const struct delta_head *h = &d->heads[i];

        page_printf(p, arena_printf(p->arena, "  %-9s ", h->what), "%s -> %s%s", h->one, h->other,
                    h->counts ? "" : " (told only)");
    }
}

/* "; another spec, policy" */
static const char *other_heads(struct arena *a, const struct delta *d)
{
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < d->head_count; i++)
        if (d->heads[i].counts)
            text_printf(&t, "%s%s", t.size ? ", " : "; another ", d->heads[i].what);
    return text_done(&t);
}

static void foot(struct page *p, const struct delta *d)
{
    struct arena *a = p->arena;
    size_t signs[DELTA_OTHER + 1] = {0};
    const char *text;

    for (size_t i = 0; i < d->item_count; i++)
        signs[d->items[i].sign]++;
    if (d->question == DELTA_COVERS)
        text = d->holds ? "Covered: the second plan does nothing beyond the first."
                        : arena_printf(a, "Not covered: %s more, %s off longer%s.",
                                       page_count(a, signs[DELTA_MORE], "step"),
                                       page_count(a, signs[DELTA_OTHER], "VM"), other_heads(a, d));
    else
        text = d->holds ? "The same: both plans do the same."
                        : arena_printf(a, "Different: %zu more, %zu less, %zu other%s.",
                                       signs[DELTA_MORE], signs[DELTA_LESS], signs[DELTA_OTHER],
                                       other_heads(a, d));
    page_gap(p);
    page_ends(p, text, d->holds ? "exit 0" : "exit 2");
}

const char *report_delta_text(struct arena *a, const struct delta *d, const struct style *style)
{
    struct page page;

    page_init(&page, a, style);
    page_heading(&page, "%s  %s and %s, for %s",
                 d->question == DELTA_COVERS ? "Coverage" : "Difference", d->one.id, d->other.id,
                 d->other.cluster);
    heads(&page, d);
    items(&page, d, style->all);
    foot(&page, d);
    return page_done(&page);
}
