/* One cluster on the page: facts, sums, the drawing, its lines, its steps. */
#include "base/zone.h"
#include "report/html.h"
#include "report/page.h"

#include <string.h>

static const struct {
    const char *title, *note;
} sections[SECTIONS] = {
    [SECTION_OWED] = {"Owed", "before anything else"},
    [SECTION_QUIET] = {"Runs now", "interrupts nothing"},
    [SECTION_INTERRUPT] = {"Runs now", "stops running VMs"},
    [SECTION_HELD] = {"Held", "it goes on by itself or with a word"},
    [SECTION_ROLLOUT] = {"Held", "a rollout: each node begins when its turn comes"},
    [SECTION_BLOCKED] = {"Blocked", "somebody must change something"},
    [SECTION_DETECT] = {"Seen only", "manage: detect"},
    [SECTION_BY_HAND] = {"By hand", "a person must do it"},
    [SECTION_EXPECTED] = {"Expected", "no change until the date"},
    [SECTION_WARNING] = {"Warnings", ""},
    [SECTION_NOTE] = {"Notes", ""},
};

const char *html_sum(struct arena *a, const struct part_sum *one, const struct part_sum *two)
{
    struct text t;
    size_t vms = one->vms + (two ? two->vms : 0), gpus = one->gpus + (two ? two->gpus : 0),
           others = one->others + (two ? two->others : 0);

    text_init(&t, a);
    if (vms)
        text_add(&t, page_count(a, vms, "VM"));
    if (gpus)
        text_printf(&t, "%s%s", t.size ? ", " : "", page_count(a, gpus, "GPU"));
    if (others)
        text_printf(&t, "%s%s", t.size ? ", " : "", page_count(a, others, "other"));
    return t.size ? text_done(&t) : "none";
}

const char *html_id(struct arena *a, size_t number, enum section_kind section)
{
    return arena_printf(a, "c%zus%d", number, (int)section);
}

/* ---- facts ---- */

static void fact(struct text *out, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    html_put(out, "<div><dt>", name, "</dt><dd>");
    html_put(out, "", value, "</dd></div>\n");
}

static const char *time_text(struct arena *a, const struct cluster_part *p, int64_t ms)
{
    return zone_human(a, p->time_zone ? zone_find(p->time_zone) : NULL, ms);
}

static const char *spec_text(struct arena *a, const struct cluster_part *p)
{
    const struct revision *r = &p->revision;

    if (!p->source || !r->commit)
        return p->source;
    return arena_printf(a, "%s at commit %.7s%s%s, %s", p->source, r->commit,
                        r->branch ? " on " : "", r->branch ? r->branch : "",
                        r->dirty ? "with changes" : "clean");
}

static void facts(struct arena *a, struct text *out, const struct cluster_part *p)
{
    text_add(out, "<dl class=facts>\n");
    fact(out, "Spec", spec_text(a, p));
    if (p->observed_ms != WHEN_NONE)
        fact(out, "Observed",
             arena_printf(a, "%s: %zu of %s, %s, %s", time_text(a, p, p->observed_ms),
                          p->nodes_seen, page_count(a, p->nodes, "node"),
                          page_count(a, p->gpus, "GPU"), page_count(a, p->vms, "VM")));
    if (p->declared_gpus || p->declared_vms)
        fact(out, "Declared",
             arena_printf(a, "%s, %s", page_count(a, p->declared_gpus, "GPU"),
                          page_count(a, p->declared_vms, "VM")));
    if (p->as_if_ms != WHEN_NONE)
        fact(out, "As if", arena_printf(a, "it were %s", time_text(a, p, p->as_if_ms)));
    for (size_t i = 0; i < p->policy_count; i++)
        fact(out, "Policy",
             arena_printf(a, "%s (%.8s, %s)", p->policies[i].name, p->policies[i].digest,
                          p->policies[i].at.file));
    if (p->base)
        fact(out, "Compared with",
             arena_printf(a, "%s: %zu by this change, %zu there before it, %zu ended by it",
                          p->base, p->by_change, p->before, p->ended));
    fact(out, "Override", p->override);
    fact(out, "Plan", p->plan_id);
    text_add(out, "</dl>\n");
}

/* ---- lines ---- */

static const char *place(struct arena *a, const struct part_row *row)
{
    const char *at = page_place(a, row->rule, &row->at);

    return row->lines ? arena_printf(a, "%s%s%u", at, row->lines == 2 ? ", " : "..",
                                     (unsigned)row->last_line)
                      : at;
}

static bool shares_why(const struct part_row *a, const struct part_row *b)
{
    return a->section == b->section && str_eq(a->code, b->code) && str_eq(a->why, b->why) &&
           str_eq(a->release, b->release) && a->before == b->before;
}

static const char *word_of(const struct part_row *row)
{
    static const struct {
        char sign;
        const char *word;
    } words[] = {{'+', "gains"}, {'-', "loses"},   {'~', "changes"},
                 {'>', "moves"}, {'!', "stopped"}, {'x', "blocked"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].sign == row->sign)
            return words[i].word;
    return NULL;
}

static void row_line(struct arena *a, struct text *out, const struct part_row *row, const char *tag)
{
    text_printf(out, "<tr role=row class=\"%s\"><th role=rowheader scope=row>",
                html_class(row->sign));
    if (word_of(row))
        html_tag(out, row->sign, word_of(row));
    if (tag)
        html_put(out, "<span class=tag>", tag, "</span>");
    html_put(out, " <span class=soft>", row->kind, "</span> ");
    html_name(out, row->who);
    html_put(out, "</th><td role=cell>", row->what, "");
    if (row->detail)
        html_put(out, "<p class=soft>", row->detail, "</p>");
    html_put(out, "</td><td role=cell class=place>", place(a, row), "</td></tr>\n");
}

static void row_why(struct text *out, const struct part_row *row, const char *released)
{
    bool code = row->code && !str_eq(row->code, row->what);

    if (!code && !(row->why && *row->why) && !(row->release && *row->release))
        return;
    text_add(out, "<tr role=row class=why><td role=cell colspan=3>");
    if (code)
        html_put(out, "<b>", row->code, "</b> ");
    if (row->why && *row->why)
        html_put(out, "", row->why, "");
    if (row->release && *row->release) {
        html_put(out, "<p><b>", released, ":</b> ");
        html_put(out, "", row->release, "</p>");
    }
    text_add(out, "</td></tr>\n");
}

static void table_head(struct text *out, const char *caption, const char *last)
{
    html_put(out, "<table role=table>\n<caption>", caption, "</caption>\n");
    text_add(out, "<thead><tr role=row><th role=columnheader scope=col>Who</th>"
                  "<th role=columnheader scope=col>What</th>");
    html_put(out, "<th role=columnheader scope=col>", last, "</th></tr></thead>\n<tbody>\n");
}

/* One section of the plan; gives how many rows it took. */
static size_t section(struct arena *a, struct text *out, const struct cluster_part *p,
                      size_t number, size_t from)
{
    enum section_kind kind = p->rows[from].section;
    size_t n = 0;

    html_put(out, "<h3 id=", html_id(a, number, kind), ">");
    html_put(out, "", kind < SECTIONS ? sections[kind].title : "Findings", "");
    if (kind < SECTIONS && *sections[kind].note)
        html_put(out, " <span class=soft>", sections[kind].note, "</span>");
    text_add(out, "</h3>\n");
    table_head(out, kind < SECTIONS ? sections[kind].title : "Findings", "Rule, place");
    for (; from + n < p->row_count && p->rows[from + n].section == kind; n++) {
        const struct part_row *row = &p->rows[from + n];

        row_line(a, out, row, row->before ? "there before" : NULL);
        if (from + n + 1 == p->row_count || !shares_why(row, row + 1))
            row_why(out, row, kind == SECTION_BY_HAND ? "Goes on after" : "Released by");
    }
    text_add(out, "</tbody></table>\n");
    return n;
}

/* "first seen 2026-11-18 16:42 CET, 31 times; " */
static const char *first_seen(struct arena *a, const struct cluster_part *p,
                              const struct part_row *row)
{
    if (row->first_ms == WHEN_NONE)
        return "";
    return arena_printf(a, "first seen %s, %s; ", time_text(a, p, row->first_ms),
                        row->times == 1 ? "once" : page_count(a, row->times, "time"));
}

static void drift(struct arena *a, struct text *out, const struct cluster_part *p)
{
    static const char *const words[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "info"};

    if (!p->since_run)
        return;
    html_put(out, "<h3>Drift <span class=soft>since the last apply, ",
             arena_printf(a, "%s, run %s", time_text(a, p, p->since_ms), p->since_run),
             "</span></h3>\n");
    if (!p->drift_count) {
        text_add(out, "<p>None: everything that was applied is still so.</p>\n");
        return;
    }
    table_head(out, "What moved since the last apply", "Rule, place");
    for (size_t i = 0; i < p->drift_count; i++) {
        struct part_row row = p->drift[i];

        row.why = arena_printf(a, "%srepair: %s", first_seen(a, p, &row),
                               row.why && *row.why ? row.why : "none");
        row_line(a, out, &row, words[row.severity]);
        row_why(out, &row, "Released by");
    }
    text_add(out, "</tbody></table>\n");
}

/* ---- capacity ---- */

static void bar(struct text *out, uint64_t all, uint64_t taken)
{
    text_printf(out,
                "<svg class=wide viewBox=\"0 0 %llu 1\" preserveAspectRatio=none aria-hidden=true>"
                "<rect class=all width=%llu height=1 /><rect class=taken width=%llu height=1 />"
                "</svg>",
                (unsigned long long)all, (unsigned long long)all,
                (unsigned long long)(taken < all ? taken : all));
}

static void capacity(struct arena *a, struct text *out, const struct capacity *c, size_t nodes)
{
    if (!c->partitions && !c->pool_count)
        return;
    text_add(out, "<h3>Capacity</h3>\n<ul class=plain>\n");
    if (c->partitions) {
        html_put(out, "<li>",
                 arena_printf(a, "%s: %llu used now, %llu after this plan",
                              page_count(a, c->partitions, "partition"),
                              (unsigned long long)c->used_now, (unsigned long long)c->used_after),
                 "");
        if (c->used_blocked > c->used_after)
            html_put(out, "",
                     arena_printf(a, ", %llu with what is held or blocked",
                                  (unsigned long long)c->used_blocked),
                     "");
        bar(out, c->partitions, c->used_after);
        if (nodes > 1)
            html_put(out, "<p class=soft>",
                     arena_printf(a, "%llu left when one node is lost%s",
                                  (unsigned long long)c->left_after_loss,
                                  c->fullest ? arena_printf(a, "; fullest node %s, %llu of %llu",
                                                            c->fullest,
                                                            (unsigned long long)c->fullest_used,
                                                            (unsigned long long)c->fullest_of)
                                             : ""),
                     "</p>");
        text_add(out, "</li>\n");
    }
    for (size_t i = 0; i < c->pool_count; i++) {
        html_put(out, "<li>",
                 arena_printf(a, "Pool %s: %s, %llu asked for", c->pools[i].name,
                              page_count(a, c->pools[i].devices, "device"),
                              (unsigned long long)c->pools[i].requests),
                 "");
        if (c->pools[i].devices)
            bar(out, c->pools[i].devices, c->pools[i].requests);
        text_add(out, "</li>\n");
    }
    text_add(out, "</ul>\n");
}

/* ---- steps ---- */

static const char *after_groups(struct arena *a, const uint32_t *needs, size_t count)
{
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < count; i++)
        text_printf(&t, "%s%u", i ? " " : ", after group ", (unsigned)needs[i] + 1);
    return text_done(&t);
}

static void group(struct arena *a, struct text *out, const struct part_group *g, size_t number)
{
    static const char *const gates[] = {
        [GATE_RUNS] = "runs now", [GATE_HELD] = "held", [GATE_BLOCKED] = "blocked"};
    const char *stops =
        !g->interrupts ? ""
        : g->off_at_most_ms
            ? arena_printf(a, ", stops %s for at most %s", page_count(a, g->interrupts, "VM"),
                           duration_minutes(a, g->off_at_most_ms))
            : arena_printf(a, ", stops %s", page_count(a, g->interrupts, "VM"));

    html_put(out, "<details><summary>",
             arena_printf(a, "Group %zu: %s%s%s, %s%s%s", number, gates[g->gate],
                          g->node ? ", " : "", g->node ? g->node : "",
                          page_count(a, g->step_count, "step"), stops,
                          after_groups(a, g->needs, g->need_count)),
             "</summary>\n<ol>\n");
    for (size_t i = 0; i < g->step_count; i++) {
        const struct part_step *s = &g->steps[i];

        html_put(out, "<li>", s->text, "");
        if (s->rule)
            html_put(out, " <span class=soft>", s->rule, "</span>");
        text_add(out, "</li>\n");
    }
    text_add(out, "</ol></details>\n");
}

static void steps(struct arena *a, struct text *out, const struct cluster_part *p)
{
    if (!p->group_count)
        return;
    text_add(out, "<h3>Steps <span class=soft>in their order, by group: done together or put back "
                  "together</span></h3>\n");
    for (size_t i = 0; i < p->group_count; i++)
        group(a, out, &p->groups[i], i + 1);
}

/* ---- the cluster ---- */

static void part_title(struct text *out, const struct cluster_part *p, size_t number)
{
    const char *name = p->cluster ? p->cluster : p->source ? p->source : "?";

    text_printf(out, "<section class=cluster id=c%zu aria-labelledby=h%zu>\n<h2 id=h%zu>", number,
                number, number);
    html_name(out, name);
    text_add(out, "</h2>\n");
}

void html_part(struct arena *a, struct text *out, const struct document *d, size_t number,
               const char *others)
{
    const struct cluster_part *p = &d->parts[number];
    bool quiet = d->part_count > 1 && p->exit == EXIT_IN_SYNC; /* among others */

    part_title(out, p, number);
    if (others)
        html_put(out, "<p class=same>The same holds for ", others, ".</p>\n");
    if (quiet)
        text_add(out, "<details><summary>Nothing to do</summary>\n");
    if (p->failure)
        html_put(out, "<p class=\"failure block\">Nothing is known of it: ", p->failure, "</p>\n");
    facts(a, out, p);
    if (p->body) {
        text_add(out, "<h3>Drawing</h3>\n");
        text_add(out, p->body);
    }
    for (size_t i = 0; i < p->row_count;)
        i += section(a, out, p, number, i);
    drift(a, out, p);
    capacity(a, out, &p->capacity, p->nodes);
    steps(a, out, p);
    text_add(out, quiet ? "</details>\n</section>\n" : "</section>\n");
}
