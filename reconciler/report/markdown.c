/*
 * Markdown: a comment under a change.  First what holds for all clusters,
 * then each different plan once, what is blocked, drift, and where all of it
 * comes from.  What does not fit is cut in a fixed order, and said.
 */
#include "report/markdown_inner.h"

#include <string.h>

enum { SHOWN = 5 };       /* clusters named in the summary, and kinds of change */
enum { COMMENT = 65536 }; /* what GitHub takes */

static const char *const cut_words[CUTS] = {[CUT_CLUSTERS] = "lists of clusters",
                                            [CUT_STEPS] = "steps",
                                            [CUT_DRIFT] = "drift",
                                            [CUT_REMARKS] = "warnings",
                                            [CUT_CHANGES] = "what changes where",
                                            [CUT_BLOCKED] = "names in the table above"};

static enum fate fate_of(const struct cluster_part *p)
{
    if (p->failure)
        return FATE_UNKNOWN;
    switch (p->exit) {
    case EXIT_IN_SYNC:
        return FATE_NOTHING;
    case EXIT_PENDING:
    case EXIT_DRIFT:
    case EXIT_BOTH:
        return FATE_CHANGES;
    case EXIT_HELD:
        return FATE_HELD;
    case EXIT_BLOCKED:
        return FATE_BLOCKED;
    default:
        return FATE_UNKNOWN;
    }
}

const char *comment_name(const struct cluster_part *p)
{
    return p->cluster ? p->cluster : p->source ? p->source : "?";
}

size_t comment_interrupts(const struct cluster_part *p)
{
    return p->sums[SECTION_INTERRUPT].interrupts + p->sums[SECTION_HELD].interrupts +
           p->sums[SECTION_ROLLOUT].interrupts;
}

bool comment_is_change(const struct part_row *row)
{
    return row->section <= SECTION_ROLLOUT && row->sign != '!';
}

const char *comment_longest(struct arena *a, const struct cluster_part *const *parts, size_t count)
{
    int64_t longest = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < parts[i]->row_count; k++)
            if (parts[i]->rows[k].section <= SECTION_ROLLOUT &&
                parts[i]->rows[k].off_at_most_ms > longest)
                longest = parts[i]->rows[k].off_at_most_ms;
    return longest ? duration_minutes(a, longest) : NULL;
}

/* A file that only has remarks is no cluster. */
static bool is_counted(const struct cluster_part *p)
{
    return p->cluster || p->exit != EXIT_IN_SYNC;
}

static void classify(struct comment *c)
{
    struct map same;

    map_init(&same, c->arena, c->d->part_count, false);
    for (int i = 0; i < FATES; i++)
        c->by_name[i] = arena_array(c->arena, const struct cluster_part *, c->d->part_count + 1);
    for (size_t i = 0; i < c->d->part_count; i++) {
        const struct cluster_part *p = &c->d->parts[i];
        enum fate fate = fate_of(p);
        uint32_t at = (uint32_t)c->alike_count;
        struct alike_parts *alike;

        if (!is_counted(p))
            continue;
        c->clusters++;
        c->by_name[fate][c->by_fate[fate]++] = p;
        c->interrupts[fate] += comment_interrupts(p);
        if (fate == FATE_NOTHING || fate == FATE_UNKNOWN)
            continue;
        if (p->same)
            at = map_put(&same, p->same, at);
        if (at == c->alike_count)
            arena_push(c->arena, c->alike, c->alike_count, c->alike_room);
        alike = &c->alike[at];
        *arena_push(c->arena, alike->rows, alike->count, alike->room) = p;
    }
}

/* ---- the summary ---- */

struct clauses {
    struct text *out;
    size_t count;
};

static void clause(struct clauses *x, const char *text)
{
    text_printf(x->out, "%s%s", x->count++ ? ", " : " ", text);
}

/* "2 VMs, 1 GPU change" of one cluster: what lines of these sections are about. */
static void clauses_of_one(struct clauses *x, struct arena *a, const struct cluster_part *p,
                           enum section_kind from, enum section_kind to, const char *const words[2])
{
    struct part_sum all = {0};
    static const char *const nouns[] = {"VM", "GPU", "other"};
    size_t counts[3], told = 0;

    for (int i = from; i <= (int)to; i++) {
        all.vms += p->sums[i].vms;
        all.gpus += p->sums[i].gpus;
        all.others += p->sums[i].others;
    }
    counts[0] = all.vms;
    counts[1] = all.gpus;
    counts[2] = all.others;
    for (int i = 0; i < 3; i++)
        if (counts[i]) {
            clause(x, page_count(a, counts[i], nouns[i]));
            told += counts[i];
        }
    if (told)
        text_add(x->out, words[told > 1]);
}

static void clauses_of_plan(struct comment *c, struct clauses *x)
{
    struct arena *a = c->arena;
    static const char *const change[] = {" changes", " change"};
    static const char *const blocked[] = {" blocked", " blocked"};
    size_t stops = 0, changes = c->by_fate[FATE_CHANGES] + c->by_fate[FATE_HELD];

    for (int i = 0; i < FATES; i++)
        stops += c->interrupts[i];
    if (c->clusters == 1 && c->alike_count)
        clauses_of_one(x, a, c->alike[0].rows[0], SECTION_QUIET, SECTION_ROLLOUT, change);
    else if (c->clusters != 1 && changes)
        clause(x, arena_printf(a, "%zu of %s %s", changes, page_count(a, c->clusters, "cluster"),
                               changes == 1 ? "changes" : "change"));
    if (stops)
        clause(x, arena_printf(a, "%s interrupted", page_count(a, stops, "VM")));
    if (c->by_fate[FATE_BLOCKED] && c->clusters == 1)
        clauses_of_one(x, a, c->alike[0].rows[0], SECTION_BLOCKED, SECTION_BLOCKED, blocked);
    else if (c->by_fate[FATE_BLOCKED])
        clause(x,
               arena_printf(a, "%s blocked", page_count(a, c->by_fate[FATE_BLOCKED], "cluster")));
    if (c->by_fate[FATE_UNKNOWN])
        clause(x, c->clusters == 1
                      ? "not known"
                      : arena_printf(a, "%s not known",
                                     page_count(a, c->by_fate[FATE_UNKNOWN], "cluster")));
    if (!x->count)
        clause(x, c->clusters == 1 ? "nothing to do"
                                   : arena_printf(a, "nothing to do in %s",
                                                  page_count(a, c->clusters, "cluster")));
}

static void clauses_of_drift(struct comment *c, struct clauses *x)
{
    struct arena *a = c->arena;
    size_t moved = c->by_fate[FATE_CHANGES];

    if (c->clusters == 1 && !c->by_fate[FATE_UNKNOWN])
        clause(x, moved ? "the world moved" : "none");
    else if (c->clusters != 1)
        clause(x, arena_printf(a, "%zu of %s moved", moved, page_count(a, c->clusters, "cluster")));
    if (c->by_fate[FATE_UNKNOWN])
        clause(x, c->clusters == 1
                      ? "not known"
                      : arena_printf(a, "%s not known",
                                     page_count(a, c->by_fate[FATE_UNKNOWN], "cluster")));
}

static void title(struct comment *c, bool drift)
{
    struct clauses x = {.out = c->out};

    text_printf(c->out, "### hvgpu %s", drift ? "drift" : "plan");
    for (int i = 0; c->clusters == 1 && i < FATES; i++)
        if (c->by_fate[i]) {
            text_add(c->out, " of ");
            md_code(c->out, comment_name(c->by_name[i][0]));
        }
    text_add(c->out, ":");
    if (drift)
        clauses_of_drift(c, &x);
    else
        clauses_of_plan(c, &x);
    text_add(c->out, "\n\n");
}

struct kind {
    const char *what, *noun;
    size_t subjects;
};

/* "partitions 8 -> 4 (38 GPUs)": the kinds of change of these clusters. */
static void kinds(struct comment *c, enum fate fate)
{
    struct kind *rows = NULL;
    size_t count = 0, room = 0;
    struct map index;

    map_init(&index, c->arena, 16, false);
    for (size_t i = 0; i < c->by_fate[fate]; i++)
        for (size_t k = 0; k < c->by_name[fate][i]->row_count; k++) {
            const struct part_row *row = &c->by_name[fate][i]->rows[k];
            uint32_t at;

            if (!comment_is_change(row))
                continue;
            at = map_put(&index, arena_printf(c->arena, "%s|%s", row->kind, row->what),
                         (uint32_t)count);
            if (at == count)
                *arena_push(c->arena, rows, count, room) =
                    (struct kind){row->what,
                                  str_eq(row->kind, "vm")    ? "VM"
                                  : str_eq(row->kind, "gpu") ? "GPU"
                                                             : row->kind,
                                  0};
            rows[at].subjects += row->name_count;
        }
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        text_add(c->out, i ? "; " : "");
        md_words(c->out, rows[i].what);
        text_printf(c->out, " (%s)", page_count(c->arena, rows[i].subjects, rows[i].noun));
    }
    if (count > SHOWN)
        text_printf(c->out, "; %zu more", count - SHOWN);
}

/* The code of what blocks it first, or why nothing is known of it. */
static void why_of(struct comment *c, const struct cluster_part *p)
{
    const char *last = NULL;
    size_t told = 0;

    if (p->failure) {
        md_words(c->out, p->failure);
        return;
    }
    for (size_t i = 0; i < p->row_count; i++) {
        const struct part_row *row = &p->rows[i];

        if ((row->section != SECTION_BLOCKED && row->section != SECTIONS) || !row->code ||
            str_eq(row->code, last) || told == SHOWN)
            continue;
        text_add(c->out, told++ ? ", " : "");
        md_words(c->out, row->code);
        last = row->code;
    }
    if (!told)
        text_printf(c->out, "exit %d", (int)p->exit);
}

static void names_with_why(struct comment *c, enum fate fate)
{
    size_t shown = c->cut >= CUT_BLOCKED ? 0 : SHOWN;

    for (size_t i = 0; i < c->by_fate[fate] && i < shown; i++) {
        text_add(c->out, i ? "; " : "");
        md_code(c->out, comment_name(c->by_name[fate][i]));
        text_add(c->out, " ");
        why_of(c, c->by_name[fate][i]);
    }
    if (c->by_fate[fate] > shown)
        text_printf(c->out, "%s%zu more", shown ? "; " : "", c->by_fate[fate] - shown);
}

/* "57 (3 each, off at most 9 min)" */
static void stops(struct comment *c, enum fate fate)
{
    const struct cluster_part *const *parts = c->by_name[fate];
    const char *longest = comment_longest(c->arena, parts, c->by_fate[fate]);
    bool each = c->by_fate[fate] > 1;

    text_printf(c->out, "%zu", c->interrupts[fate]);
    for (size_t i = 1; i < c->by_fate[fate]; i++)
        each = each && comment_interrupts(parts[i]) == comment_interrupts(parts[0]);
    if (!c->interrupts[fate])
        return;
    if (each)
        text_printf(c->out, " (%zu each%s", comment_interrupts(parts[0]), longest ? ", " : ")");
    if (longest)
        text_printf(c->out, "%soff at most %s%s)", each ? "" : " (", longest,
                    c->interrupts[fate] > 1 ? " each" : "");
}

/* P7, P8: what is as declared but for what is set aside. */
static void as_declared(struct comment *c)
{
    size_t aside = 0;

    for (size_t i = 0; i < c->by_fate[FATE_NOTHING]; i++)
        for (size_t k = 0; k < c->by_name[FATE_NOTHING][i]->row_count; k++) {
            enum section_kind section = c->by_name[FATE_NOTHING][i]->rows[k].section;

            aside += section == SECTION_DETECT || section == SECTION_EXPECTED;
        }
    text_add(c->out, "as declared");
    if (aside)
        text_printf(c->out, "; %s only watched, or expected",
                    page_count(c->arena, aside, "difference"));
}

static void summary(struct comment *c)
{
    static const char *const words[FATES] = {[FATE_CHANGES] = "changes now",
                                             [FATE_HELD] = "changes later",
                                             [FATE_BLOCKED] = "**blocked**",
                                             [FATE_UNKNOWN] = "**not known**",
                                             [FATE_NOTHING] = "nothing to do"};

    text_add(c->out, "| | clusters | what | VMs interrupted |\n|---|--:|---|---|\n");
    for (int i = 0; i < FATES; i++) {
        if (!c->by_fate[i])
            continue;
        text_printf(c->out, "| %s | %zu | ", words[i], c->by_fate[i]);
        if (i == FATE_BLOCKED || i == FATE_UNKNOWN)
            names_with_why(c, (enum fate)i);
        else if (i == FATE_NOTHING)
            as_declared(c);
        else
            kinds(c, (enum fate)i);
        text_add(c->out, " | ");
        if (i == FATE_UNKNOWN)
            text_add(c->out, "not known");
        else
            stops(c, (enum fate)i);
        text_add(c->out, " |\n");
    }
    text_add(c->out, "\n");
}

/* --base: what of all this is the change's. */
static void compared(struct comment *c)
{
    const struct cluster_part *first = NULL;
    size_t by_change = 0, before = 0, ended = 0;

    for (size_t i = 0; i < c->d->part_count; i++) {
        const struct cluster_part *p = &c->d->parts[i];

        first = first || !p->base ? first : p;
        by_change += p->by_change;
        before += p->before;
        ended += p->ended;
    }
    if (!first)
        return;
    text_add(c->out, "**Compared with** ");
    md_code(c->out, first->base);
    if (first->base_commit) {
        text_add(c->out, " (");
        md_code(c->out, arena_printf(c->arena, "%.7s", first->base_commit));
        text_add(c->out, ")");
    }
    text_printf(c->out, ": %zu by this change, %zu there before, %zu ended by it\n\n", by_change,
                before, ended);
}

/* P3: when the first of what waits for a window may start. */
static void earliest(struct comment *c)
{
    const struct cluster_part *first = NULL;
    size_t waiting = 0;

    for (size_t i = 0; i < c->d->part_count; i++) {
        const struct cluster_part *p = &c->d->parts[i];

        waiting += p->opens != NULL;
        if (p->opens && (!first || p->opens_ms < first->opens_ms))
            first = p;
    }
    if (!first)
        return;
    text_printf(c->out, "**Earliest start** %s", first->opens);
    if (waiting > 1) {
        text_add(c->out, ", in ");
        md_code(c->out, comment_name(first));
        text_printf(c->out, "; %zu clusters wait for a window, each for its own", waiting);
    }
    text_add(c->out, "\n\n");
}

/* P12: what somebody must approve before it is done, and what that would cover. */
static void approval(struct comment *c)
{
    const struct cluster_part *first = NULL;
    size_t waiting = 0;

    for (size_t i = 0; i < c->d->part_count; i++) {
        first = first || !c->d->parts[i].approval ? first : &c->d->parts[i];
        waiting += c->d->parts[i].approval != NULL;
    }
    if (!first)
        return;
    text_add(c->out, "**Approval** ");
    md_words(c->out, first->approval);
    if (waiting > 1) {
        text_add(c->out, ", for ");
        md_code(c->out, comment_name(first));
        text_printf(c->out, "; %zu clusters wait for approval, each for its own", waiting);
    }
    text_add(c->out, ". It covers what is listed here and nothing more: same verbs, same VMs, same "
                     "counts.\n\n");
}

/* ---- the foot ---- */

/* Distinct texts, the first few of them. */
struct few {
    struct text *out;
    struct map seen;
    size_t told;
};

static void few_add(struct few *f, const char *lead, const char *text)
{
    uint32_t at = (uint32_t)f->seen.count;

    if (!text || !*text || map_put(&f->seen, text, at) != at)
        return;
    if (f->told < 3) {
        text_add(f->out, f->told ? ", " : lead);
        md_code(f->out, text);
    }
    f->told++;
}

static void few_end(struct few *f)
{
    if (f->told > 3)
        text_printf(f->out, " and %zu more", f->told - 3);
}

enum fact { FACT_PLAN, FACT_COMMIT, FACT_POLICY, FACT_OVERRIDE, FACTS };

static void facts_of(struct arena *a, struct few *f, enum fact fact, const struct cluster_part *p)
{
    switch (fact) {
    case FACT_PLAN:
        if (fate_of(p) != FATE_NOTHING)
            few_add(f, " · plan ", p->plan_id);
        break;
    case FACT_COMMIT:
        if (p->revision.commit)
            few_add(f, " · commit ",
                    arena_printf(a, "%.7s%s", p->revision.commit,
                                 p->revision.dirty ? " with changes" : ""));
        break;
    case FACT_POLICY:
        for (size_t i = 0; i < p->policy_count; i++)
            few_add(f, " · policy ",
                    arena_printf(a, "%s %.8s", p->policies[i].name, p->policies[i].digest));
        break;
    case FACT_OVERRIDE:
        few_add(f, " · override ", p->override);
        break;
    case FACTS:
        break;
    }
}

static void observed(struct comment *c)
{
    int64_t first = WHEN_NONE, last = WHEN_NONE;

    for (size_t i = 0; i < c->d->part_count; i++) {
        int64_t ms = c->d->parts[i].observed_ms;

        if (ms == WHEN_NONE)
            continue;
        first = first == WHEN_NONE || ms < first ? ms : first;
        last = last == WHEN_NONE || ms > last ? ms : last;
    }
    if (first == WHEN_NONE)
        return;
    text_printf(c->out, " · observed %s", when_human(c->arena, first));
    if (last != first)
        text_printf(c->out, " to %s", when_human(c->arena, last));
}

static void as_if(struct comment *c)
{
    for (size_t i = 0; i < c->d->part_count; i++)
        if (c->d->parts[i].as_if_ms != WHEN_NONE) {
            text_printf(c->out, " · as if it were %s",
                        when_human(c->arena, c->d->parts[i].as_if_ms));
            return;
        }
}

static void foot(struct comment *c)
{
    text_printf(c->out, "<sub>%s", c->d->program);
    for (int fact = 0; fact < FACTS; fact++) {
        struct few f = {.out = c->out};

        map_init(&f.seen, c->arena, 16, false);
        for (size_t i = 0; i < c->d->part_count; i++)
            facts_of(c->arena, &f, (enum fact)fact, &c->d->parts[i]);
        few_end(&f);
    }
    observed(c);
    as_if(c);
    text_printf(c->out, " · exit %d</sub>\n", (int)c->d->exit);
}

/* ---- all of it ---- */

/* "Cut to stay below 65536 bytes: lists of clusters, steps.  All of it: hvgpu plan sites" */
static void tell_cut(struct comment *c, size_t limit)
{
    if (c->cut == CUT_NOTHING)
        return;
    text_printf(c->out, "**Cut** to stay below %zu bytes:", limit);
    for (int i = CUT_NOTHING + 1; i <= (int)c->cut; i++)
        text_printf(c->out, "%s %s", i > 1 ? "," : "", cut_words[i]);
    if (c->cut == CUT_BLOCKED && c->blocked_told < c->blocked)
        text_printf(c->out, ", %zu of %zu rows of what is blocked", c->blocked - c->blocked_told,
                    c->blocked);
    text_add(c->out, ". All of it: ");
    md_code(c->out, c->d->again);
    text_add(c->out, "\n\n");
}

/* What finds the comment again: of the same key there is one, and it is replaced. */
static void marker(struct comment *c, bool drift)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/";
    char last = '\0';

    text_printf(c->out, "<!-- hvgpu:%s key=", drift ? "drift" : "plan");
    for (const char *s = c->d->key; s && *s; s++) {
        char to = strchr(plain, *s) ? *s : '-';

        if (to != '-' || last != '-')
            text_add_n(c->out, &to, 1);
        last = to;
    }
    text_add(c->out, " -->\n");
}

static const char *render(struct comment *c, enum cut cut, size_t blocked_room, size_t limit)
{
    bool drift = str_eq(c->d->verb, "drift");
    struct text t;

    text_init(&t, c->arena);
    c->out = &t;
    c->cut = cut;
    c->blocked_room = blocked_room;
    c->blocked = c->blocked_told = 0;
    marker(c, drift);
    title(c, drift);
    if (c->clusters > 1 && (!drift || c->by_fate[FATE_UNKNOWN]))
        summary(c);
    else if (c->clusters == 1 && c->by_fate[FATE_UNKNOWN]) {
        why_of(c, c->by_name[FATE_UNKNOWN][0]);
        text_add(c->out, "\n\n");
    }
    compared(c);
    earliest(c);
    approval(c);
    if (!drift) {
        comment_changes(c);
        comment_blocked(c);
    }
    comment_drift(c, drift);
    comment_remarks(c);
    tell_cut(c, limit);
    foot(c);
    return text_done(&t);
}

const char *report_markdown(struct arena *a, const struct document *d)
{
    struct comment c = {.arena = a, .d = d};
    size_t limit = d->max_size ? d->max_size : COMMENT, room = SIZE_MAX;
    const char *out = NULL;

    classify(&c);
    for (int cut = CUT_NOTHING; cut < CUT_BLOCKED; cut++) {
        out = render(&c, (enum cut)cut, SIZE_MAX, limit);
        if (strlen(out) < limit)
            return out;
    }
    do { /* the last resort is to count: the half of them, and again */
        out = render(&c, CUT_BLOCKED, room, limit);
        room = (room == SIZE_MAX ? c.blocked : room) / 2;
    } while (strlen(out) >= limit && c.blocked_told);
    return out;
}
