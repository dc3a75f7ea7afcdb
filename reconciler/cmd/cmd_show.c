/* Any saved plan, snapshot, run or approval, on any machine. */
#include "base/limits.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/run_doc.h"
#include "codec/approval.h"
#include "codec/world.h"
#include "fleet/probe.h"
#include "host/host.h"
#include "report/html.h"
#include "report/page.h"

struct showing {
    struct call *call;
    const char *text;
    size_t size;
    struct findings found;
    struct style style;
    enum format format;
    struct cluster_part *part; /* for a document; NULL: none is asked for */
};

/* NULL: the findings say why. */
static const char *show_plan(struct showing *x)
{
    struct arena *a = x->call->arena;
    struct plan_file file;

    if (!plan_read(a, x->call->args[0], x->text, x->size, &file, &x->found))
        return NULL;
    if (x->part) {
        cmd_part_of_file(x->call, &file, x->part);
        return "";
    }
    x->style.apply = arena_printf(a, "hvgpu apply %s", page_word(a, x->call->args[0]));
    if (file.plan.head.source)
        x->style.again = arena_printf(a, "hvgpu plan --out %s %s", page_word(a, x->call->args[0]),
                                      page_word(a, file.plan.head.source));
    x->style.saved = x->call->args[0];
    switch (x->format) {
    case FORMAT_JSON:
        return plan_file_write(a, &file);
    case FORMAT_POWERSHELL:
        return report_plan_powershell(a, &file.plan, &file.seen, file.reads, file.read_count);
    default:
        return report_plan_text(a, &file.plan, &file.seen, NULL, &x->style);
    }
}

static const char *show_world(struct showing *x)
{
    struct arena *a = x->call->arena;
    struct world world;

    if (!world_read(a, x->call->facts, x->call->args[0], x->text, x->size, &world, &x->found))
        return NULL;
    if (x->part && x->format == FORMAT_HTML) {
        html_estate(a, &world.now, x->part);
        return "";
    }
    return x->format == FORMAT_JSON ? report_state_json(a, &world.now)
                                    : report_state_text(a, &world.now, &x->style);
}

/* As a document it is the file itself: a signature is of these bytes' digest. */
static const char *show_approval(struct showing *x)
{
    struct arena *a = x->call->arena;
    struct approval approval;

    if (!approval_read(a, x->call->args[0], x->text, x->size, &approval, &x->found))
        return NULL;
    return x->format == FORMAT_JSON ? x->text : report_approval_text(a, &approval, &x->style);
}

static const char *show_run(struct showing *x)
{
    struct arena *a = x->call->arena;
    struct history_run run;
    struct history_step *steps;
    size_t count;

    if (!run_read(a, x->call->args[0], x->text, x->size, &run, &steps, &count, &x->found))
        return NULL;
    return x->format == FORMAT_JSON ? run_json(a, &run, steps, count)
                                    : run_text(a, &run, steps, count);
}

/* A document is about clusters: of a run there is none to make, of a snapshot one is drawn. */
static enum exit_code tell(struct showing *x, const char *kind, const char *said)
{
    struct fleet_totals totals = {.clusters = 1, .parts = x->part, .part_count = 1};
    enum exit_code code;
    struct err e;

    if (!x->part) {
        cmd_print(said);
        return EXIT_IN_SYNC;
    }
    if (!str_eq(kind, "Plan") && !x->part->estate) {
        err_set(&e, ERR_USAGE, 0,
                "%s: a document of this form (-o %s) is of a saved plan, not of "
                "kind: %s",
                x->call->args[0], format_words[x->call->options.output], kind);
        return cmd_fail(&e);
    }
    totals.worst = x->part->exit; /* that of the plan is in the document; showing it went well */
    code = cmd_tell_whole(x->call, &totals);
    return code == totals.worst ? EXIT_IN_SYNC : code;
}

static enum exit_code run(struct call *call)
{
    static const struct {
        const char *kind;
        const char *(*show)(struct showing *);
        bool script; /* is there something to be done in it? */
    } kinds[] = {{"Plan", show_plan, true},
                 {"World", show_world, false},
                 {"Run", show_run, false},
                 {"Approval", show_approval, false}};
    struct showing x = {.call = call,
                        .style = cmd_style(call, 1),
                        .format = (enum format)call->options.output,
                        .part =
                            cmd_whole(call) ? arena_new(call->arena, struct cluster_part) : NULL};
    struct source_text source;
    struct style style = cmd_style(call, 2);
    const char *kind, *said = NULL;
    struct err e;
    char *text;

    if (!cmd_out_fits(call, false, &e))
        return cmd_fail(&e);
    if (!host_read_file(call->arena, call->args[0], LIMIT_DOC_BYTES, &text, &x.size, &e)) {
        e.kind = ERR_INVALID;
        return cmd_fail(&e);
    }
    x.text = text;
    source = (struct source_text){call->args[0], x.text, x.size};
    findings_init(&x.found, call->arena);
    kind = probe_kind(call->arena, x.text, x.size);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!str_eq(kind, kinds[i].kind))
            continue;
        if (x.format == FORMAT_POWERSHELL && !kinds[i].script) {
            err_set(&e, ERR_USAGE, 0, "%s: -o powershell is for plans, and this is a %s",
                    call->args[0], kind);
            return cmd_fail(&e);
        }
        said = kinds[i].show(&x);
        if (said)
            return tell(&x, kind, said);
        cmd_log(report_findings(call->arena, &x.found, &source, 1, &style));
        return EXIT_INVALID;
    }
    err_set(&e, ERR_INVALID, 0, "%s: %s%s is no plan, snapshot, run or approval", call->args[0],
            kind ? "kind: " : "this", kind ? kind : "");
    return cmd_fail(&e);
}

static const enum option_id options[] = {OPT_OUTPUT, OPT_ALL,  OPT_COLOR,    OPT_DATA,
                                         OPT_OUT,    OPT_MARK, OPT_MAX_SIZE, OPT_END};

const struct cmd cmd_show = {
    .name = "show",
    .usage = "[OPTIONS] FILE",
    .line = "a saved plan, snapshot, run or approval",
    .options = options,
    .formats = "text|json|markdown|html|junit|sarif|dot|mermaid|powershell",
    .least = 1,
    .most = 1,
    .text = "Needs no world and no store: what was written on one machine is read on any other.",
    .run = run,
};
