#include "report/markdown_inner.h"

#include <string.h>

static void add(struct comment *c, const char *s)
{
    text_add(c->out, s);
}

/* `title` is HTML: Markdown is not read between these tags. */
static void details(struct comment *c, bool open, const char *title)
{
    text_printf(c->out, "<details%s><summary>%s</summary>\n\n", open ? " open" : "", title);
}

static void details_end(struct comment *c)
{
    add(c, "\n</details>\n\n");
}

/* ---- what changes ---- */

static void diff_line(struct text *t, struct arena *a, const struct part_row *row)
{
    struct item like = {
        .rule = row->rule, .at = row->at, .last_line = row->last_line, .lines = row->lines};
    const char *right = item_right(a, &like);

    text_printf(t, "%c %-4s %s", row->sign, row->kind, row->who);
    text_pad(t, 38);
    text_printf(t, "  %s%s%s\n", row->what, *right ? "   " : "", right);
    if (row->detail)
        text_printf(t, "        %s\n", row->detail);
}

static bool waits_alike(const struct part_row *a, const struct part_row *b)
{
    return a->section == b->section && a->before == b->before && str_eq(a->why, b->why) &&
           str_eq(a->release, b->release);
}

static void why_line(struct text *t, const struct part_row *row)
{
    if (row->why && *row->why)
        text_printf(t, "        %s%s%s\n", row->code ? row->code : "", row->code ? ": " : "",
                    row->why);
    if (row->release && *row->release)
        text_printf(t, "        %s: %s\n",
                    row->section == SECTION_BY_HAND ? "goes on after" : "released by",
                    row->release);
}

/* The lines of a plan but what is blocked, a remark, or no change. */
static const char *diff_of(struct arena *a, const struct cluster_part *p)
{
    static const char *const titles[SECTIONS] = {
        [SECTION_OWED] = "owed, before anything else",
        [SECTION_QUIET] = "runs now, interrupts nothing",
        [SECTION_INTERRUPT] = "runs now, interrupting running VMs",
        [SECTION_HELD] = "held: later, by itself or on an operator's word",
        [SECTION_ROLLOUT] = "held: a rollout, node by node",
        [SECTION_BY_HAND] = "by hand"};
    enum section_kind last = SECTIONS;
    bool before = false;
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < p->row_count; i++) {
        const struct part_row *row = &p->rows[i];

        if (row->section >= SECTIONS || !titles[row->section])
            continue;
        if (row->section != last)
            text_printf(&t, "# %s\n", titles[row->section]);
        before = before && row->section == last;
        if (row->before && !before)
            text_add(&t, "# not by this change, there before it\n");
        before = row->before;
        last = row->section;
        diff_line(&t, a, row);
        if (i + 1 == p->row_count || !waits_alike(row, &p->rows[i + 1]))
            why_line(&t, row);
    }
    return text_done(&t);
}

static const char *steps_of(struct arena *a, const struct cluster_part *p)
{
    static const char *const words[] = {
        [GATE_RUNS] = "runs now", [GATE_HELD] = "held", [GATE_BLOCKED] = "blocked"};
    struct text t;

    text_init(&t, a);
    for (size_t g = 0; g < p->group_count; g++) {
        const struct part_group *group = &p->groups[g];

        text_printf(&t, "group %zu, %s", g + 1, words[group->gate]);
        for (size_t k = 0; k < group->need_count; k++)
            text_printf(&t, "%s%u", k ? " " : ", after group ", group->needs[k] + 1);
        text_add(&t, "\n");
        for (size_t i = 0; i < group->step_count; i++) {
            const struct part_step *s = &group->steps[i];

            text_printf(&t, "%4zu  %s", i + 1, s->text);
            for (size_t k = 0; k < s->need_count; k++)
                text_printf(&t, "%s%u", k ? " " : "   after ", s->needs[k] + 1);
            text_add(&t, "\n");
        }
    }
    return text_done(&t);
}

static void capacity_of(struct comment *c, const struct cluster_part *p)
{
    const struct capacity *k = &p->capacity;

    if (!k->partitions)
        return;
    text_printf(c->out, "\nCapacity afterwards: %s, %llu used",
                page_count(c->arena, k->partitions, "partition"),
                (unsigned long long)k->used_after);
    if (p->nodes > 1)
        text_printf(c->out, ", %llu left when one node is lost",
                    (unsigned long long)k->left_after_loss);
    add(c, ".\n");
}

static const char *ranges(struct arena *a, const struct alike_parts *k)
{
    const char **names = arena_array(a, const char *, k->count);

    for (size_t i = 0; i < k->count; i++)
        names[i] = comment_name(k->rows[i]);
    return str_ranges(a, names, k->count);
}

static const char *changes_title(struct comment *c, const struct alike_parts *k)
{
    const char *longest = comment_longest(c->arena, k->rows, 1);
    size_t stops = comment_interrupts(k->rows[0]);
    struct text t;

    text_init(&t, c->arena);
    text_add(&t, "What happens in ");
    if (k->count > 1)
        text_printf(&t, "each of %zu clusters (the same; shown for ", k->count);
    text_add(&t, "<code>"); /* where nothing is looked up or linked */
    md_html(&t, comment_name(k->rows[0]));
    text_printf(&t, "</code>%s", k->count > 1 ? ")" : "");
    if (stops)
        text_printf(&t, ": %s interrupted", page_count(c->arena, stops, "VM"));
    if (stops && longest)
        text_printf(&t, ", off at most %s", longest);
    return text_done(&t);
}

void comment_changes(struct comment *c)
{
    for (size_t i = 0; c->cut < CUT_CHANGES && i < c->alike_count; i++) {
        const struct alike_parts *k = &c->alike[i];
        const char *diff = diff_of(c->arena, k->rows[0]);

        if (!*diff)
            continue;
        details(c, c->clusters == 1, changes_title(c, k));
        md_fence(c->out, "diff", diff);
        if (c->cut < CUT_STEPS && k->rows[0]->group_count) {
            add(c, "\n");
            md_fence(c->out, "text", steps_of(c->arena, k->rows[0]));
        }
        capacity_of(c, k->rows[0]);
        if (k->count > 1 && c->cut < CUT_CLUSTERS) {
            add(c, "\nClusters: ");
            md_words(c->out, ranges(c->arena, k));
            add(c, "\n");
        }
        details_end(c);
    }
}

/* ---- tables of lines ---- */

static void subject(struct comment *c, const struct part_row *row)
{
    text_printf(c->out, "%s%s", row->kind, *row->kind ? " " : "");
    if (*row->who)
        md_code(c->out, row->who);
}

static void place(struct comment *c, const struct part_row *row)
{
    const char *at = page_place(c->arena, row->rule, &row->at);

    if (!*at)
        return;
    add(c, " (");
    md_words(c->out, at);
    add(c, ")");
}

static void cell(struct comment *c, const char *text)
{
    add(c, " | ");
    if (text)
        md_words(c->out, text);
}

/* Lines of one cluster with one reason and one release. */
struct waiting_for {
    const struct part_row **rows;
    size_t count, room;
};

/* What is blocked waits for the same thing by twos and threes; a finding stands by itself. */
static struct waiting_for *causes_of(struct arena *a, const struct cluster_part *p,
                                     bool (*fits)(const struct part_row *), size_t *count)
{
    struct waiting_for *out = NULL;
    size_t room = 0;
    struct map index;

    *count = 0;
    map_init(&index, a, 8, false);
    for (size_t i = 0; i < p->row_count; i++) {
        const struct part_row *row = &p->rows[i];
        uint32_t at = (uint32_t)*count;

        if (!fits(row))
            continue;
        if (row->section == SECTION_BLOCKED)
            at = map_put(&index,
                         arena_printf(a, "%s|%s|%s", row->code ? row->code : "",
                                      row->why ? row->why : "", row->release ? row->release : ""),
                         at);
        if (at == *count)
            arena_push(a, out, *count, room);
        *arena_push(a, out[at].rows, out[at].count, out[at].room) = row;
    }
    return out;
}

/* Each subject with what would become of it. */
static void subjects_of(struct comment *c, const struct waiting_for *cause)
{
    for (size_t i = 0; i < cause->count; i++) {
        const struct part_row *row = cause->rows[i];

        add(c, i ? ", " : "");
        subject(c, row);
        if (row->section == SECTION_BLOCKED && row->sign != '!' && !str_eq(row->what, row->code)) {
            add(c, " ");
            md_words(c->out, row->what);
        }
    }
}

static void row_of(struct comment *c, const struct cluster_part *p, const struct waiting_for *cause)
{
    const struct part_row *row = cause->rows[0];

    add(c, "| ");
    if (c->clusters > 1) {
        md_code(c->out, comment_name(p));
        add(c, " | ");
    }
    subjects_of(c, cause);
    cell(c, row->code);
    cell(c, part_is_finding(row) ? row->what : row->why);
    for (size_t i = 0; i + 1 < cause->count && !row->at.file; i++)
        row =
            cause->rows[i + 1]; /* an interruption has no place, the change that asks for it has */
    place(c, row);
    cell(c, row->release);
    add(c, " |\n");
}

static void head_of(struct comment *c, const char *last)
{
    text_printf(c->out, "| %swhat | code | why | %s |\n%s|---|---|---|---|\n",
                c->clusters > 1 ? "cluster | " : "", last, c->clusters > 1 ? "|---" : "");
}

static bool is_blocked(const struct part_row *row)
{
    return row->section == SECTION_BLOCKED;
}

static bool is_remark(const struct part_row *row)
{
    return row->section == SECTION_WARNING ||
           (row->section == SECTIONS && row->severity != SEVERITY_NOTE);
}

static size_t lines_of(const struct comment *c, bool (*fits)(const struct part_row *))
{
    size_t n = 0, all = 0;

    for (size_t i = 0; i < c->d->part_count; i++, all += n)
        causes_of(c->arena, &c->d->parts[i], fits, &n);
    return all;
}

static size_t table(struct comment *c, bool (*fits)(const struct part_row *), size_t room)
{
    size_t told = 0;

    for (size_t i = 0; i < c->d->part_count; i++) {
        size_t n;
        const struct waiting_for *causes = causes_of(c->arena, &c->d->parts[i], fits, &n);

        for (size_t k = 0; k < n && told < room; k++, told++)
            row_of(c, &c->d->parts[i], &causes[k]);
    }
    return told;
}

void comment_blocked(struct comment *c)
{
    size_t clusters = c->by_fate[FATE_BLOCKED];

    c->blocked = lines_of(c, is_blocked);
    if (!c->blocked)
        return;
    details(c, true,
            c->clusters > 1
                ? arena_printf(c->arena, "Blocked: %s", page_count(c->arena, clusters, "cluster"))
                : "Blocked");
    head_of(c, "released by");
    c->blocked_told = table(c, is_blocked, c->blocked_room);
    details_end(c);
}

void comment_remarks(struct comment *c)
{
    size_t n = lines_of(c, is_remark);

    if (!n || c->cut >= CUT_REMARKS)
        return;
    details(c, false, arena_printf(c->arena, "Warnings and findings: %zu", n));
    head_of(c, "what to do");
    table(c, is_remark, SIZE_MAX);
    details_end(c);
}

/* ---- drift ---- */

/* The same finding, wherever it is. */
struct finding_of {
    const struct part_row *row;
    const struct cluster_part **parts; /* of each subject */
    const char **subjects;
    size_t count, part_room, subject_room, clusters;
    int64_t first_ms;
};

struct findings_of {
    struct finding_of *rows;
    size_t count, room;
    struct map index;
};

static void gather(struct comment *c, const struct cluster_part *p, const struct part_row *row,
                   struct findings_of *all)
{
    struct arena *a = c->arena;
    const char *key =
        arena_printf(a, "%s|%s|%s|%s", row->code, row->kind, row->what, row->why ? row->why : "");
    uint32_t at = map_put(&all->index, key, (uint32_t)all->count);
    struct finding_of *f;
    size_t n;

    if (at == all->count)
        *arena_push(a, all->rows, all->count, all->room) =
            (struct finding_of){.row = row, .first_ms = WHEN_NONE};
    f = &all->rows[at];
    n = f->count;
    f->clusters += !n || f->parts[n - 1] != p;
    *arena_push(a, f->parts, n, f->part_room) = p;
    *arena_push(a, f->subjects, f->count, f->subject_room) = row->who;
    if (row->first_ms != WHEN_NONE && (f->first_ms == WHEN_NONE || row->first_ms < f->first_ms))
        f->first_ms = row->first_ms;
}

/* "`de-dus-006` vm-1", of many "41 clusters: de-ber-001..041" */
static void where(struct comment *c, const struct finding_of *f)
{
    enum { FEW = 3 };
    const char **names = arena_array(c->arena, const char *, f->count);
    size_t n = 0;

    if (f->count <= FEW) {
        for (size_t i = 0; i < f->count; i++) {
            add(c, i ? ", " : "");
            if (c->clusters > 1) {
                md_code(c->out, comment_name(f->parts[i]));
                add(c, " ");
            }
            subject(c, &(struct part_row){.kind = f->row->kind, .who = f->subjects[i]});
        }
        return;
    }
    for (size_t i = 0; i < f->count; i++)
        if (c->clusters == 1)
            names[n++] = f->subjects[i];
        else if (!i || f->parts[i] != f->parts[i - 1])
            names[n++] = comment_name(f->parts[i]);
    text_printf(c->out,
                "%s: ", page_count(c->arena, n, c->clusters > 1 ? "cluster" : f->row->kind));
    md_words(c->out, str_ranges(c->arena, names, n));
}

static void drift_rows_of(struct comment *c, const struct findings_of *all)
{
    add(c, "| class | what | where | since | what hvgpu does |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < all->count; i++) {
        const struct finding_of *f = &all->rows[i];

        add(c, "| ");
        md_words(c->out, f->row->code);
        cell(c, f->row->what);
        place(c, f->row);
        add(c, " | ");
        where(c, f);
        text_printf(c->out, " | %.10s",
                    f->first_ms == WHEN_NONE ? "not known" : when_iso(c->arena, f->first_ms));
        cell(c, f->row->why ? f->row->why : "none");
        add(c, " |\n");
    }
}

/* In a plan only what the world did by itself; `whole`: the comment is about nothing else. */
void comment_drift(struct comment *c, bool whole)
{
    struct findings_of all = {0};
    size_t lines = 0;

    map_init(&all.index, c->arena, 16, false);
    for (size_t i = 0; i < c->d->part_count; i++)
        for (size_t k = 0; k < c->d->parts[i].drift_count; k++)
            if (whole || c->d->parts[i].drift[k].counts) {
                gather(c, &c->d->parts[i], &c->d->parts[i].drift[k], &all);
                lines++;
            }
    if (!all.count || c->cut >= CUT_DRIFT)
        return;
    if (!whole)
        details(c, false,
                arena_printf(c->arena, "Drift since the last apply: %s",
                             page_count(c->arena, lines, "finding")));
    drift_rows_of(c, &all);
    if (!whole)
        details_end(c);
    else
        add(c, "\n");
}
