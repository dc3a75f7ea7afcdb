/* A spec from what is there, such that `plan` of it has no step. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "host/host.h"
#include "report/page.h"

#include <string.h>

struct skips {
    struct export_skip *rows;
    size_t count, room;
};

static void skip(struct arena *a, struct skips *skips, const char *subject, const char *why)
{
    for (size_t i = 0; i < skips->count; i++)
        if (str_eq(skips->rows[i].subject, subject))
            return;
    *arena_push(a, skips->rows, skips->count, skips->room) = (struct export_skip){subject, why};
}

/* What a finding's line speaks of cannot be said: it is left out as well. */
static bool skip_unsaid(struct arena *a, const struct findings *found, const struct export_doc *doc,
                        struct skips *skips)
{
    size_t before = skips->count;

    for (size_t i = 0; i < found->count; i++) {
        const struct finding *f = &found->rows[i];
        uint32_t line = 0; /* the last that speaks of something, at or before the finding */

        if (f->severity != SEVERITY_ERROR)
            continue;
        for (size_t k = 0; k < doc->line_count && doc->lines[k].line <= f->at.line; k++)
            line = doc->lines[k].line;
        for (size_t k = 0; k < doc->line_count; k++)
            if (doc->lines[k].line == line)
                skip(a, skips, doc->lines[k].subject,
                     arena_printf(a, "a spec cannot say it: %s (%s)", f->text, f->code));
    }
    return skips->count > before;
}

/* What the exported spec would change, could not have, or cannot say: that is left out. */
static bool find_steps(struct fleet_item *item, const struct export_doc *doc, struct skips *skips,
                       struct err *e)
{
    struct arena *a = item->arena;
    struct spec_source source = {"(export)", doc->text, strlen(doc->text)};
    struct findings found;
    struct specs specs;
    struct target want;
    struct plan plan;
    findings_init(&found, a);
    if (!spec_read(a, &source, 1, &specs, &found) || specs.count != 1)
        return skip_unsaid(a, &found, doc, skips) ||
               err_set(e, ERR_BUG, 0, "what was found cannot be said in a spec: %s",
                       found.count ? found.rows[0].text : "no document");
    reconcile_against(a, &specs.rows[0], item->pass.facts, &item->pass.have, NULL, &want, &plan);
    for (size_t i = 0; i < plan.change_count; i++) {
        const struct change *c = &plan.changes[i].change;

        if (!plan.changes[i].at_next_stop)
            skip(a, skips, plan.changes[i].subject,
                 arena_printf(a, "%s would be %s -> %s%s%s%s", field_words[c->field],
                              c->have ? c->have : "none", c->want ? c->want : "none",
                              c->rule ? " (" : "", c->rule ? c->rule : "", c->rule ? ")" : ""));
    }
    for (size_t i = 0; i < plan.problem_count; i++) {
        const struct problem *p = &plan.problems[i];
        const struct reason_row *row = &reason_rows[p->reason];

        if (row->class == CLASS_BLOCKED || row->class == CLASS_HELD)
            skip(a, skips, p->subject, arena_printf(a, "%s (%s)", row->code, row->rule));
    }
    return true;
}

/* The file of a simulated world as the new spec must name it. */
static const char *connect_of(struct fleet_item *item, const struct call *call)
{
    const char *world;

    if (!item->lasting || !item->origin.path)
        return NULL;
    world = host_beside(item->arena, item->file, item->origin.path);
    if (!call->options.out)
        return item->origin.path;
    if (str_eq(host_real_path(item->arena,
                              host_beside(item->arena, call->options.out, item->origin.path)),
               host_real_path(item->arena, world)))
        return item->origin.path; /* beside the old spec: the same name will do */
    return host_real_path(item->arena, world);
}

static void one(struct fleet_item *item, void *context)
{
    struct call *call = context;
    const char *name = item->spec ? item->spec->name : item->pass.have.name;
    const char *connect = connect_of(item, call);
    struct export_doc doc;
    struct skips skips = {0};
    size_t before;
    struct err e;

    do { /* leaving one thing out can show another; each round leaves out one more */
        before = skips.count;
        doc = report_export(item->arena, &item->pass.have, name, connect, skips.rows, skips.count);
        if (!find_steps(item, &doc, &skips, &e)) {
            fleet_fail(item, &e);
            return;
        }
    } while (skips.count > before);
    if (!call->options.out) {
        fleet_say(item, doc.text);
        return;
    }
    if (!cmd_item_document(call, item, doc.text, &e)) {
        fleet_fail(item, &e);
        return;
    }
    fleet_mention(item,
                  arena_printf(item->arena, "spec of %s written to %s%s\n", item->pass.have.name,
                               call->options.out,
                               skips.count ? "; what is left out stands in it as comments" : ""));
    fleet_mention(
        item,
        arena_printf(item->arena, "Next:  hvgpu plan %s%s%s%s\n", call->options.sim ? "--sim " : "",
                     call->options.sim ? page_word(item->arena, call->options.sim) : "",
                     call->options.sim ? " " : "", page_word(item->arena, call->options.out)));
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    enum exit_code code = cmd_choose(call, &options);
    struct fleet_totals totals;

    if (code != EXIT_IN_SYNC)
        return code;
    options.need = NEED_WORLD;
    options.single = call->options.out != NULL;
    fleet_run(&options, one, call, &totals);
    return totals.worst;
}

static const enum option_id options[] = {OPT_FILE,     OPT_SIM,    OPT_OUT,  OPT_COLOR, OPT_TIMEOUT,
                                         OPT_PARALLEL, OPT_LABELS, OPT_DATA, OPT_END};

const struct cmd cmd_export = {
    .name = "export",
    .usage = "[OPTIONS] [SPEC...]",
    .line = "a spec from what is there",
    .options = options,
    .most = SIZE_MAX,
    .text =
        "Writes a spec that says what was found, such that plan of it has no step: names closed,\n"
        "a class where five or more VMs are alike, settings as found. What could not be declared\n"
        "without a step is left out and stands in it as a comment.",
    .run = run,
};
