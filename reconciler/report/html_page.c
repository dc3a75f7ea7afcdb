/* The page: what holds for all clusters first, then each of them.  specs/html.md. */
#include "report/html.h"
#include "report/page.h"

#include <string.h>

static const char head[] =
    "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
    "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
    "<meta name=referrer content=no-referrer>\n<meta name=color-scheme content=\"light dark\">\n";

static const char *const style[] = {
#define CSS(line) line "\n",
#include "report/html_style.def"
#undef CSS
};

/* ---- what holds for all ---- */

struct sums {
    struct part_sum now, held, blocked;
    size_t steps, by_severity[SEVERITY_NOTE + 1], unknown;
};

static void add(struct part_sum *to, const struct part_sum *from)
{
    to->vms += from->vms;
    to->gpus += from->gpus;
    to->others += from->others;
    to->interrupts += from->interrupts;
    to->moves += from->moves;
}

static void sum_part(const struct cluster_part *p, struct sums *s)
{
    add(&s->now, &p->sums[SECTION_QUIET]);
    add(&s->now, &p->sums[SECTION_INTERRUPT]);
    add(&s->held, &p->sums[SECTION_HELD]);
    add(&s->held, &p->sums[SECTION_ROLLOUT]);
    add(&s->blocked, &p->sums[SECTION_BLOCKED]);
    s->steps += p->run_steps;
    s->unknown += p->failure != NULL;
    for (size_t i = 0; i < p->drift_count; i++)
        s->by_severity[p->drift[i].severity]++;
}

static const char *exit_word(enum exit_code code, bool whole)
{
    for (size_t i = 0; i < exit_row_count; i++)
        if (exit_rows[i].code == code)
            return whole ? exit_rows[i].text : exit_rows[i].word;
    return "";
}

static bool is_drift(const struct document *d)
{
    return str_eq(d->verb, "drift");
}

struct tile {
    const char *kind, *name, *value, *more; /* more NULL: nothing */
    const char *to;                         /* id of what it counts; NULL: it leads nowhere */
};

static void tile(struct text *out, const struct tile *t)
{
    html_put(out, "<div class=\"tile ", t->kind, "\">");
    html_put(out, "<dt>", t->name, "</dt><dd><b>");
    if (t->to)
        html_put(out, "<a href=\"#", t->to, "\">");
    html_put(out, "", t->value, t->to ? "</a></b>" : "</b>");
    if (t->more)
        html_put(out, " <span>", t->more, "</span>");
    text_add(out, "</dd></div>\n");
}

/* The first place where such lines stand. */
static const char *leads_to(struct arena *a, const struct document *d, enum section_kind one,
                            enum section_kind two)
{
    for (size_t i = 0; i < d->part_count; i++) /* what is folded comes behind its first */
        for (size_t k = 0; k < d->parts[i].row_count; k++) {
            enum section_kind kind = d->parts[i].rows[k].section;

            if (kind == one || kind == two)
                return html_id(a, i, kind);
        }
    return NULL;
}

static void plan_tiles(struct arena *a, struct text *out, const struct document *d,
                       const struct sums *s)
{
    const char *now = leads_to(a, d, SECTION_QUIET, SECTION_INTERRUPT);
    const char *stops = leads_to(a, d, SECTION_INTERRUPT, SECTION_INTERRUPT);
    const char *held = leads_to(a, d, SECTION_HELD, SECTION_ROLLOUT);
    const char *blocked = leads_to(a, d, SECTION_BLOCKED, SECTION_BLOCKED);

    tile(out, &(struct tile){now ? "now" : "none", "Runs now", html_sum(a, &s->now, NULL),
                             page_count(a, s->steps, "step"), now});
    tile(out,
         &(struct tile){
             stops ? "stop" : "none", "Interrupts now",
             s->now.interrupts ? page_count(a, s->now.interrupts, "running VM") : "nobody",
             s->now.moves ? arena_printf(a, "%s moved", page_count(a, s->now.moves, "VM")) : NULL,
             stops});
    tile(out, &(struct tile){held ? "held" : "none", "Held", html_sum(a, &s->held, NULL),
                             s->held.interrupts
                                 ? arena_printf(a, "%s stopped once",
                                                page_count(a, s->held.interrupts, "running VM"))
                                 : NULL,
                             held});
    tile(out, &(struct tile){blocked ? "block" : "none", "Blocked", html_sum(a, &s->blocked, NULL),
                             NULL, blocked});
}

static void drift_tiles(struct arena *a, struct text *out, const struct sums *s)
{
    static const struct {
        const char *kind, *name;
    } rows[] = {[SEVERITY_ERROR] = {"block", "Errors"},
                [SEVERITY_WARNING] = {"change", "Warnings"},
                [SEVERITY_NOTE] = {"none", "Info"}};

    for (int i = SEVERITY_ERROR; i <= SEVERITY_NOTE; i++)
        tile(out, &(struct tile){s->by_severity[i] ? rows[i].kind : "none", rows[i].name,
                                 arena_printf(a, "%zu", s->by_severity[i]), NULL, NULL});
}

static bool is_estate(const struct document *d)
{
    return d->part_count == 1 && d->parts[0].estate;
}

static void estate_tiles(struct arena *a, struct text *out, const struct cluster_part *p)
{
    tile(out, &(struct tile){p->nodes_seen < p->nodes ? "block" : "none", "Nodes",
                             arena_printf(a, "%zu", p->nodes),
                             arena_printf(a, "%zu answered", p->nodes_seen), NULL});
    tile(out,
         &(struct tile){"none", "GPUs and devices", arena_printf(a, "%zu", p->gpus), NULL, NULL});
    tile(out, &(struct tile){"none", "VMs", arena_printf(a, "%zu", p->vms), NULL, NULL});
}

static void totals(struct arena *a, struct text *out, const struct document *d)
{
    struct sums s = {{0}};

    for (size_t i = 0; i < d->part_count; i++)
        sum_part(&d->parts[i], &s);
    text_add(out,
             "<section aria-labelledby=totals>\n<h2 id=totals>In all</h2>\n<dl class=tiles>\n");
    if (is_estate(d))
        estate_tiles(a, out, &d->parts[0]);
    else if (is_drift(d))
        drift_tiles(a, out, &s);
    else
        plan_tiles(a, out, d, &s);
    if (s.unknown)
        tile(out, &(struct tile){"block", "Not known", arena_printf(a, "%zu", s.unknown),
                                 "clusters or files", NULL});
    text_add(out, "</dl>\n");
    if (is_estate(d)) {
        text_add(out, "</section>\n");
        return;
    }
    html_put(out, "<p class=exit><b>Exit code ", arena_printf(a, "%d", (int)d->exit), "</b> ");
    html_put(out, "", exit_word(d->exit, true), "</p>\n</section>\n");
}

/* ---- the clusters ---- */

/* By part: the first of which the same is said; itself where it is the first or alone. */
static const size_t *firsts(struct arena *a, const struct document *d)
{
    size_t *first = arena_array(a, size_t, d->part_count + 1);
    struct map same;

    map_init(&same, a, d->part_count, false);
    for (size_t i = 0; i < d->part_count; i++)
        first[i] = d->parts[i].same ? map_put(&same, d->parts[i].same, (uint32_t)i) : i;
    return first;
}

static void overview_row(struct arena *a, struct text *out, const struct document *d, size_t i,
                         size_t first)
{
    const struct cluster_part *p = &d->parts[i];
    const struct part_sum *now = p->sums;
    size_t stops = now[SECTION_INTERRUPT].interrupts;

    text_printf(out, "<tr role=row><th role=rowheader scope=row><a href=\"#c%zu\">", first);
    html_name(out, p->cluster ? p->cluster : p->source ? p->source : "?");
    text_add(out, "</a></th>");
    if (!p->cluster) {
        html_put(out, "<td role=cell colspan=4>", page_count(a, p->row_count, "finding"), "</td>");
    } else if (p->failure) {
        html_put(out, "<td role=cell colspan=4>", p->failure, "</td>");
    } else if (is_drift(d)) {
        html_put(out, "<td role=cell colspan=4>", page_count(a, p->drift_count, "finding"),
                 "</td>");
    } else {
        html_put(out, "<td role=cell data-h=\"Now: \">",
                 html_sum(a, &now[SECTION_QUIET], &now[SECTION_INTERRUPT]), "</td>");
        html_put(out, "<td role=cell data-h=\"Stops: \">",
                 stops ? page_count(a, stops, "VM") : "nobody", "</td>");
        html_put(out, "<td role=cell data-h=\"Held: \">",
                 html_sum(a, &now[SECTION_HELD], &now[SECTION_ROLLOUT]), "</td>");
        html_put(out, "<td role=cell data-h=\"Blocked: \">",
                 html_sum(a, &now[SECTION_BLOCKED], NULL), "</td>");
    }
    html_put(out, "<td role=cell>",
             arena_printf(a, "%d, %s", (int)p->exit, exit_word(p->exit, false)), "</td></tr>\n");
}

static void overview(struct arena *a, struct text *out, const struct document *d,
                     const size_t *first)
{
    static const char *const heads[] = {"Now", "Stops", "Held", "Blocked"};

    if (d->part_count < 2)
        return;
    text_add(out,
             "<nav aria-labelledby=clusters>\n<h2 id=clusters>Clusters</h2>\n"
             "<table role=table class=overview>\n<caption>What each cluster comes to</caption>\n"
             "<thead><tr role=row><th role=columnheader scope=col>Cluster</th>");
    for (size_t i = 0; i < 4 && !is_drift(d); i++)
        html_put(out, "<th role=columnheader scope=col>", heads[i], "</th>");
    if (is_drift(d))
        text_add(out, "<th role=columnheader scope=col colspan=4>Findings</th>");
    text_add(out, "<th role=columnheader scope=col>Exit</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < d->part_count; i++)
        overview_row(a, out, d, i, first[i]);
    text_add(out, "</tbody></table>\n</nav>\n");
}

/* "fr-par-002..010": those whose first is this one. */
static const char *others_of(struct arena *a, const struct document *d, const size_t *first,
                             size_t of)
{
    const char **names = arena_array(a, const char *, d->part_count + 1);
    struct item item = {.kind = "", .names = names};

    for (size_t i = of + 1; i < d->part_count; i++)
        if (first[i] == of && d->parts[i].cluster)
            names[item.name_count++] = d->parts[i].cluster;
    return item.name_count
               ? arena_printf(a, "%s: %s", page_count(a, item.name_count, "cluster more"),
                              item_names(a, &item))
               : NULL;
}

static void legend(struct text *out)
{
    static const char *const rows[][2] = {{"+", "gains a GPU"},     {"-", "loses it"},
                                          {"~", "changes"},         {">", "moves"},
                                          {"!", "is stopped once"}, {"x", "is blocked"}};

    text_add(out, "<aside aria-labelledby=signs class=legend>\n<h2 id=signs>Signs</h2>\n<p>");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        html_tag(out, rows[i][0][0], rows[i][1]);
    text_add(out, "<span class=\"tag held\">held</span> waits, and says for what. "
                  "<em>Afterwards</em> is when what runs now and what is held has run; what is "
                  "blocked stays as it is.</p>\n</aside>\n");
}

static const char *title(struct arena *a, const struct document *d)
{
    const char *what = is_estate(d) ? "GPUs" : is_drift(d) ? "Drift" : "Plan";

    size_t clusters = 0;

    for (size_t i = 0; i < d->part_count; i++)
        clusters += d->parts[i].cluster != NULL;
    if (d->part_count == 1 && clusters)
        return arena_printf(a, "%s of %s", what, d->parts[0].cluster);
    return arena_printf(a, "%s of %s", what, page_count(a, clusters, "cluster"));
}

const char *report_html(struct arena *a, const struct document *d)
{
    const size_t *first = firsts(a, d);
    struct text out;

    text_init(&out, a);
    text_add(&out, head);
    html_put(&out, "<title>", title(a, d), " - hvgpu</title>\n<style>\n");
    for (size_t i = 0; i < sizeof style / sizeof *style; i++)
        text_add(&out, style[i]);
    html_put(&out, "</style>\n</head>\n<body>\n<header><h1>", title(a, d),
             "</h1></header>\n<main>\n");
    totals(a, &out, d);
    overview(a, &out, d, first);
    for (size_t i = 0; i < d->part_count; i++)
        if (first[i] == i)
            html_part(a, &out, d, i, others_of(a, d, first, i));
    if (!is_estate(d) && !is_drift(d))
        legend(&out);
    html_put(&out, "</main>\n<footer><p>Made by ", d->program,
             " from what was declared and what was seen; this page changes nothing, loads nothing "
             "and runs nothing.</p></footer>\n</body>\n</html>\n");
    return text_done(&out);
}
