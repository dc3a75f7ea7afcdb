/* An approval, for people: who, when and why, and what may be done (P12). */
#include "report/page.h"

#include <stdlib.h>

struct row {
    char sign;
    const char *kind, *name, *what;
    size_t order;
};

static const char *what_of(struct arena *a, const struct deed *d)
{
    const char *word = verb_rows[d->action.verb].word;

    switch (d->action.verb) {
    case VERB_GPU_COUNT:
        return arena_printf(a, "%s %llu", word, (unsigned long long)d->action.value[0]);
    case VERB_VM_STOP:
        return d->action.value[0] == STOP_GUEST ? word : arena_printf(a, "%s, forced", word);
    case VERB_VM_MOVE:
    case VERB_POOL_JOIN:
        return arena_printf(a, "%s to %s", word, d->action.object ? d->action.object : "?");
    default:
        return word;
    }
}

/* In the order of a group's steps; the same of many beside each other. */
static int by_line(const void *one, const void *two)
{
    const struct row *a = one, *b = two;
    int c = (a->order > b->order) - (a->order < b->order);

    c = c ? c : str_cmp(a->kind, b->kind);
    c = c ? c : str_cmp(a->what, b->what);
    return c ? c : str_cmp_natural(a->name, b->name);
}

static struct row *rows_of(struct arena *a, const struct extent *x, size_t *count)
{
    struct row *rows = arena_array(a, struct row, x->deed_count + x->absence_count + 1);
    size_t n = 0;

    for (size_t i = 0; i < x->absence_count; i++)
        rows[n++] = (struct row){'!', subject_words[SUBJECT_VM], x->absences[i].name,
                                 x->absences[i].at_most_ms
                                     ? arena_printf(a, "off once, at most %s",
                                                    duration_minutes(a, x->absences[i].at_most_ms))
                                     : "off until an event is over",
                                 0};
    for (size_t i = 0; i < x->deed_count; i++) {
        const struct verb_row *verb = &verb_rows[x->deeds[i].action.verb];

        rows[n++] = (struct row){'~', subject_words[verb->subject], x->deeds[i].name,
                                 what_of(a, &x->deeds[i]), (size_t)verb->stage};
    }
    if (n)
        qsort(rows, n, sizeof *rows, by_line);
    *count = n;
    return rows;
}

static void list(struct page *p, const struct extent *x, bool all)
{
    size_t count, same;
    struct row *rows = rows_of(p->arena, x, &count);

    for (size_t i = 0; i < count; i += same) {
        const char **names = arena_array(p->arena, const char *, count);

        for (same = 0; i + same < count && (!all || !same); same++) {
            const struct row *r = &rows[i + same];

            if (r->order != rows[i].order || !str_eq(r->kind, rows[i].kind) ||
                !str_eq(r->what, rows[i].what))
                break;
            names[same] = r->name;
        }
        page_row(p, rows[i].sign, rows[i].kind, str_ranges(p->arena, names, same), rows[i].what,
                 "");
    }
}

const char *report_approval_text(struct arena *a, const struct approval *x,
                                 const struct style *style)
{
    struct page p;

    page_init(&p, a, style);
    page_heading(&p, "Approval of %s for %s", x->plan_id, x->cluster);
    page_printf(&p, "  approved  ", "by %s@%s: %s (%s)", x->user, x->host, x->reason,
                x->key ? arena_printf(a, "signed with %s", x->key) : "not signed: a claim");
    page_printf(&p, "  at        ", "%s, by that machine's clock", when_human(a, x->at_ms));
    page_printf(&p, "  spec      ", "%.8s", x->spec_digest);
    for (size_t i = 0; i < x->policy_count; i++)
        page_printf(&p, "  policy    ", "%s (%.8s)", x->policies[i].name, x->policies[i].digest);
    page_gap(&p);
    page_heading(&p, "MAY BE DONE, and nothing more");
    list(&p, &x->extent, style->all);
    page_gap(&p);
    page_printf(&p, "", "%s, %s interrupted.", page_count(a, x->extent.deed_count, "step"),
                page_count(a, x->extent.absence_count, "VM"));
    return page_done(&p);
}
