/* The drawing: boxes for nodes, rows for GPUs, cells for partitions; no line of it is a picture. */
#include "report/html.h"
#include "report/page.h"
#include "report/scene.h"

#include <string.h>

enum { CUTS = 64, NAMES = 12 }; /* partitions that are drawn one by one; names before they fold */

static const char *ranges(struct arena *a, const char *const *names, size_t count, bool gpus)
{
    struct item item = {.kind = gpus ? "gpu" : "vm", .name_count = count};

    item.names = arena_array(a, const char *, count + 1);
    memcpy(item.names, names, count * sizeof *names);
    return item_names(a, &item);
}

struct drawing {
    struct arena *arena;
    struct text *out;
    const struct scene *scene;
};

/* ---- cells ---- */

static void tags(struct drawing *w, const struct scene_cell *c)
{
    if (c->sign)
        html_tag(w->out, c->sign, scene_word(w->scene, c->sign));
    if (c->stops)
        html_tag(w->out, '!', scene_word(w->scene, '!'));
    if (c->held)
        text_add(w->out, "<span class=\"tag held\">held</span>");
    if (c->off)
        text_add(w->out, "<span class=\"tag off\">off</span>");
}

/* Many that are alike are counted, with their names behind it. */
static void names(struct drawing *w, const struct scene_cell *c)
{
    const char *text = ranges(w->arena, c->names, c->count, false);

    if (c->count <= NAMES) {
        html_name(w->out, text);
        return;
    }
    html_put(w->out, "<details><summary>", page_count(w->arena, c->count, "VM"), "</summary>");
    html_name(w->out, text);
    text_add(w->out, "</details>");
}

static void cell(struct drawing *w, const struct scene_cell *c)
{
    text_printf(w->out, "<li class=\"cell %s\">",
                html_class(c->sign    ? c->sign
                           : c->stops ? '!'
                                      : 0));
    names(w, c);
    if (c->what)
        html_put(w->out, " <span class=soft>", c->what, "</span>");
    tags(w, c);
    text_add(w->out, "</li>\n");
}

/* ---- GPUs ---- */

/* Gaps are as wide in all: a part of the GPU, not of the partition. */
static void strip_cut(struct drawing *w, const struct scene_side *s, uint64_t at, const char *class)
{
    unsigned long long gap = s->all > 1 ? s->all * 100 / 160 + 1 : 0;

    text_printf(w->out, "<rect class=\"%s\" x=%llu width=%llu height=1 />", class,
                (unsigned long long)at * 100, 100 - gap);
}

/* The GPU from end to end, cut as it is; in the same order as the cells below. */
static void strip(struct drawing *w, const struct scene_side *s)
{
    uint64_t at = 0;

    text_printf(w->out,
                "<svg class=strip viewBox=\"0 0 %llu 1\" preserveAspectRatio=none "
                "aria-hidden=true>",
                (unsigned long long)s->all * 100);
    for (size_t i = 0; i < s->cells.count; i++) {
        const struct scene_cell *c = &s->cells.rows[i];

        for (size_t k = 0; k < c->count && at < s->all; k++)
            strip_cut(w, s, at++,
                      c->sign || c->stops ? html_class(c->sign ? c->sign : '!') : "taken");
    }
    while (at < s->all)
        strip_cut(w, s, at++, "all");
    text_add(w->out, "</svg>\n");
}

/* How many of all are taken, where they are too many to be cut. */
static void bar(struct drawing *w, const struct scene_side *s)
{
    unsigned long long all = s->all ? s->all : 1, taken = s->cells.taken;

    text_printf(w->out,
                "<svg class=strip viewBox=\"0 0 %llu 1\" preserveAspectRatio=none "
                "aria-hidden=true><rect class=all width=%llu height=1 />"
                "<rect class=taken width=%llu height=1 /></svg>\n",
                all, all, taken < all ? taken : all);
}

/* `lands`: somebody else will take some of them. */
static const char *free_text(struct arena *a, const struct scene_side *s, bool one, bool lands)
{
    if (!s->counted)
        return "how many are free is unknown";
    if (one && s->all == 1 && !s->parts)
        return s->cells.taken ? "" : lands ? "free, unless a start takes it" : "free";
    if (s->cells.taken > s->all)
        return arena_printf(a, "%zu on %llu", s->cells.taken, (unsigned long long)s->all);
    return arena_printf(a, "%s%llu of %llu free", lands ? "at most " : "",
                        (unsigned long long)(s->all - s->cells.taken), (unsigned long long)s->all);
}

static void side_cells(struct drawing *w, const struct scene_row *row, const struct scene_side *s,
                       bool lands)
{
    const char *room = free_text(w->arena, s, row->count == 1, lands);
    bool slots = s->parts || row->now.cells.count || row->after.cells.count ||
                 strncmp(s->word, "In pool", 7) == 0 || str_eq(s->word, "Available");

    if (!slots)
        return;
    if (s->counted && row->count == 1 && s->all <= CUTS)
        strip(w, s);
    else if (s->counted)
        bar(w, s);
    text_add(w->out, "<ul class=cells>\n");
    for (size_t i = 0; i < s->cells.count; i++)
        cell(w, &s->cells.rows[i]);
    if (*room)
        html_put(w->out, "<li class=free>", room, "</li>\n");
    text_add(w->out, "</ul>\n");
}

/* "gpu0" inside its node; of several nodes how many, and behind it which. */
static void label(struct drawing *w, const struct scene_box *box, const struct scene_row *row)
{
    const char **names = arena_array(w->arena, const char *, row->count + 1);

    if (box->count > 1 && row->count > NAMES) {
        html_put(w->out, "<details><summary>", page_count(w->arena, row->count, "GPU"),
                 "</summary>");
        html_name(w->out, ranges(w->arena, row->gpus, row->count, true));
        text_add(w->out, "</details>");
        return;
    }
    for (size_t i = 0; i < row->count; i++) {
        const char *slash = strrchr(row->gpus[i], '/');

        names[i] = box->count == 1 && slash ? slash + 1 : row->gpus[i];
    }
    html_name(w->out, box->count == 1 ? str_ranges(w->arena, names, row->count)
                                      : ranges(w->arena, names, row->count, true));
}

static void row_side(struct drawing *w, const struct scene_box *box, const struct scene_row *row,
                     bool after)
{
    const struct scene_side *s = after ? &row->after : &row->now;

    text_add(w->out, "<div class=gpu>\n<div class=head><b>");
    label(w, box, row);
    html_put(w->out, "</b> <span>", row->model, "</span> <span class=soft>");
    if (row->count > 1)
        html_put(w->out, "",
                 box->count > 1 && row->count > NAMES
                     ? "each "
                     : arena_printf(w->arena, "%zu GPUs, each ", row->count),
                 "");
    html_text(w->out, s->word);
    if (s->parts && s->size.known)
        html_put(w->out, " of ", page_bytes(w->arena, s->size), "");
    else if (s->parts && after && !str_eq(row->now.word, s->word))
        text_add(w->out, ", size known afterwards");
    text_add(w->out, "</span>");
    if (row->sign)
        html_tag(w->out, row->sign, scene_word(w->scene, row->sign));
    if (row->held)
        text_add(w->out, "<span class=\"tag held\">held</span>");
    text_add(w->out, "</div>\n");
    side_cells(w, row, s, after && box->lands);
    text_add(w->out, "</div>\n");
}

/* ---- nodes ---- */

/* Who is on none of the GPUs that are drawn: those that a start brings there, or the others. */
static void beside(struct drawing *w, const struct scene_cells *cells, bool lands,
                   const char *title)
{
    bool any = false;

    for (size_t i = 0; i < cells->count; i++) {
        if (cells->rows[i].lands != lands)
            continue;
        if (!any)
            html_put(w->out, "<div class=beside><p class=head>", title, "</p>\n<ul class=cells>\n");
        any = true;
        cell(w, &cells->rows[i]);
    }
    if (any)
        text_add(w->out, "</ul></div>\n");
}

static void box_side(struct drawing *w, const struct scene_box *box, bool after, const char *when)
{
    html_put(w->out, "<div class=side><p class=when>", when, "</p>\n");
    for (size_t i = 0; i < box->row_count; i++)
        row_side(w, box, &box->rows[i], after);
    if (!box->row_count)
        text_add(w->out, box->answered
                             ? "<p class=soft>No GPU.</p>\n"
                             : "<p class=soft>No answer: what it holds is unknown.</p>\n");
    else if (!box->answered)
        text_add(w->out, "<p class=soft>No answer: who sits where is unknown.</p>\n");
    beside(w, after ? &box->after : &box->now, true, "On a GPU that the host chooses at the start");
    beside(w, after ? &box->after : &box->now, false, after ? "On no GPU" : "On no GPU now");
    text_add(w->out, "</div>\n");
}

static void box(struct drawing *w, const struct scene_box *b)
{
    bool two = w->scene->plan && b->changes;

    text_printf(w->out, "<div class=\"node%s\">\n<h4>", two ? " changes" : "");
    html_name(w->out, ranges(w->arena, b->nodes, b->count, false));
    if (b->count > 1)
        html_put(w->out, " <span class=soft>", page_count(w->arena, b->count, "node"),
                 ", each</span>");
    html_put(w->out, " <span class=soft>", b->word, "</span></h4>\n<div class=sides>\n");
    box_side(w, b, false, two ? "Now" : w->scene->plan ? "Now and afterwards" : "Now");
    if (two)
        box_side(w, b, true, "Afterwards");
    text_add(w->out, "</div>\n</div>\n");
}

/* The same in words, for who does not see it. */
static void said(struct drawing *w)
{
    html_put(w->out, "<figcaption><p>",
             arena_printf(w->arena, "%s, %s%s", page_count(w->arena, w->scene->nodes, "node"),
                          page_count(w->arena, w->scene->gpus, "GPU"),
                          !w->scene->plan ? "."
                          : w->scene->changed_nodes
                              ? arena_printf(w->arena, "; changes on %s.",
                                             page_count(w->arena, w->scene->changed_nodes, "node"))
                              : "; no change."),
             "</p>\n");
    if (w->scene->said_count)
        text_add(w->out, "<ul>\n");
    for (size_t i = 0; i < w->scene->said_count; i++) {
        const struct scene_said *one = &w->scene->said[i];

        text_add(w->out, "<li>");
        html_tag(w->out, one->sign, scene_word(w->scene, one->sign));
        if (one->held)
            text_add(w->out, "<span class=\"tag held\">held</span>");
        text_add(w->out, " ");
        html_name(w->out, ranges(w->arena, one->names, one->count, one->gpus));
        if (one->what)
            html_put(w->out, ": ", one->what, "");
        text_add(w->out, "</li>\n");
    }
    text_add(w->out, w->scene->said_count ? "</ul>\n</figcaption>\n" : "</figcaption>\n");
}

const char *html_drawing(struct arena *a, const struct plan *plan, const struct drift *since,
                         const struct state *have)
{
    struct scene scene;
    struct text out;
    struct drawing w = {a, &out, &scene};

    text_init(&out, a);
    scene_of(a, plan, since, have, &scene);
    html_put(&out, "<figure aria-label=\"Drawing of ",
             plan    ? plan->head.cluster
             : since ? since->cluster
                     : have->name,
             plan ? ": who sits on which GPU, now and afterwards\">\n"
                  : ": who sits on which GPU\">\n");
    said(&w);
    text_add(&out, "<div class=nodes>\n");
    for (size_t i = 0; i < scene.box_count; i++)
        box(&w, &scene.boxes[i]);
    text_add(&out, "</div>\n</figure>\n");
    return text_done(&out);
}
