#include "fleet/draft.h"

#include "base/limits.h"
#include "base/str.h"

#include <string.h>

/*
 * Leaving one thing out can show another; such chains are short.  What goes on
 * for longer ends by leaving everything out.
 */
enum { ROUNDS = 12 };

struct drafting {
    struct arena *arena;
    const struct facts *facts;
    const struct state *have;
    struct export_doc doc;
    struct export_remark *remarks;
    size_t count, room, expected;
    struct map told; /* subjects, by what is remarked of them */
};

/* False: it was told already. */
static bool remark(struct drafting *d, const struct export_remark *r)
{
    const char *key =
        arena_printf(d->arena, "%d|%s|%s", (int)r->as, r->subject, r->field ? r->field : "");

    if (map_put(&d->told, key, (uint32_t)d->count) != d->count)
        return false;
    *arena_push(d->arena, d->remarks, d->count, d->room) = *r;
    d->expected += r->as == EXPORT_EXPECTED;
    return true;
}

static void leave_out(struct drafting *d, const char *subject, const char *why)
{
    remark(d, &(struct export_remark){.subject = subject, .as = EXPORT_LEFT_OUT, .why = why});
}

/* How many entries stand at or before this line. */
static size_t entries_until(const struct export_doc *doc, uint32_t line)
{
    size_t low = 0, high = doc->line_count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (doc->lines[mid].line <= line)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* What the line of a finding, or the last before it that speaks of something, is about. */
static void leave_out_unsaid(struct drafting *d, const struct findings *found)
{
    const struct export_doc *doc = &d->doc;
    bool *done = arena_array(d->arena, bool, doc->line_count + 1);

    for (size_t i = 0; i < found->count; i++) {
        const struct finding *f = &found->rows[i];
        size_t k = entries_until(doc, f->at.line);

        for (bool same = k > 0; f->severity == SEVERITY_ERROR && same && !done[k - 1]; k--) {
            done[k - 1] = true;
            leave_out(d, doc->lines[k - 1].subject,
                      arena_printf(d->arena, "a spec cannot say it: %s (%s)", f->text, f->code));
            same = k > 1 && doc->lines[k - 2].line == doc->lines[k - 1].line;
        }
    }
}

/* P8 can say it: one field of a VM; once, since what comes back although it is said is not it. */
static bool is_expected(struct drafting *d, const char *subject, const struct change *c)
{
    return c->kind == SUBJECT_VM && c->field != FIELD_VM_OWED && c->have && *c->have &&
           d->expected < LIMIT_EXPECTED &&
           remark(d, &(struct export_remark){.subject = subject,
                                             .as = EXPORT_EXPECTED,
                                             .field = field_about[c->field].word,
                                             .have = c->have});
}

/* The one place where a difference from what is there becomes a remark. */
static void judge_change(struct drafting *d, const struct plan_change *pc)
{
    const struct change *c = &pc->change;

    if (c->kind == SUBJECT_VM && c->grade == GRADE_ADVISED)
        remark(d, &(struct export_remark){.subject = pc->subject, .as = EXPORT_SETTINGS_AS_FOUND});
    else if (!is_expected(d, pc->subject, c))
        leave_out(d, pc->subject,
                  arena_printf(d->arena, "%s would be %s -> %s%s%s%s", field_words[c->field],
                               c->have ? c->have : "none", c->want ? c->want : "none",
                               c->rule ? " (" : "", c->rule ? c->rule : "", c->rule ? ")" : ""));
}

static void judge_plan(struct drafting *d, const struct spec *spec)
{
    struct target want;
    struct plan plan;

    reconcile_against(d->arena, spec, d->facts, d->have, NULL, &want, &plan);
    for (size_t i = 0; i < plan.change_count; i++)
        judge_change(d, &plan.changes[i]);
    for (size_t i = 0; i < plan.problem_count; i++) {
        const struct problem *p = &plan.problems[i];
        const struct reason_row *row = &reason_rows[p->reason];

        if (row->class == CLASS_BLOCKED || row->class == CLASS_HELD)
            leave_out(d, p->subject, arena_printf(d->arena, "%s (%s)", row->code, row->rule));
    }
}

/* False: the document cannot be read, and no line of it says why. */
static bool judge(struct drafting *d, struct err *e)
{
    struct spec_source source = {"(export)", d->doc.text, strlen(d->doc.text)};
    size_t before = d->count;
    struct findings found;
    struct specs specs;

    findings_init(&found, d->arena);
    found.limit = SIZE_MAX; /* every one counts here: nobody reads them */
    if (spec_read(d->arena, &source, 1, &specs, &found) && specs.count == 1) {
        judge_plan(d, &specs.rows[0]);
        return true;
    }
    leave_out_unsaid(d, &found);
    return d->count > before ||
           err_set(e, ERR_BUG, 0, "what was found cannot be said in a spec: %s",
                   found.count ? found.rows[0].text : "no document");
}

static void leave_out_the_rest(struct drafting *d)
{
    for (uint32_t i = 0; i < d->have->gpu_count; i++)
        leave_out(d, arena_printf(d->arena, "gpu/%s", gpu_label(d->arena, d->have, i)),
                  "it hangs on what is left out");
    for (uint32_t i = 0; i < d->have->vm_count; i++)
        leave_out(d, arena_printf(d->arena, "vm/%s", d->have->vms[i].name),
                  "it hangs on what is left out");
}

bool draft_write(struct arena *a, const struct facts *facts, const struct state *have,
                 const char *name, const char *connect, struct draft *out, struct err *e)
{
    struct drafting d = {.arena = a, .facts = facts, .have = have};
    size_t before;

    *out = (struct draft){0};
    map_init(&d.told, a, 64, true);
    do {
        before = d.count;
        if (++out->rounds == ROUNDS)
            leave_out_the_rest(&d);
        d.doc = report_export(a, have, name, connect, d.remarks, d.count);
        if (out->rounds < ROUNDS && !judge(&d, e))
            return false;
    } while (d.count > before && out->rounds < ROUNDS);
    out->text = d.doc.text;
    out->left_out = d.doc.left_out;
    out->expected = d.doc.expected;
    return true;
}
