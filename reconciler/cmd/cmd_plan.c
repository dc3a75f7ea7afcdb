/* The difference and the ordered actions; nothing is changed. */
#include "base/str.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "codec/planfile_reads.h"
#include "report/page.h"

static void say_override(struct text *t, const struct options *o)
{
    text_printf(t, " --override disruption --reason %s", page_word(t->arena, o->reason));
    if (o->until_ms)
        text_printf(t, " --until %s", when_iso(t->arena, o->until_ms));
}

static const char *apply_command(const struct fleet_item *item, const struct call *call,
                                 const char *out)
{
    const struct options *o = &call->options;
    struct text t;

    text_init(&t, item->arena);
    text_add(&t, "hvgpu apply");
    cmd_say_options(&t, call, false);
    if (!out && o->given[OPT_OVERRIDE])
        say_override(&t, o);
    for (size_t i = 0; i < o->approval.count; i++)
        text_printf(&t, " --approval %s", page_word(item->arena, o->approval.rows[i]));
    for (size_t i = 0; !out && i < o->only.count; i++)
        text_printf(&t, " --only %s", page_word(item->arena, o->only.rows[i]));
    for (size_t i = 0; !out && i < o->exclude.count; i++)
        text_printf(&t, " --exclude %s", page_word(item->arena, o->exclude.rows[i]));
    if (out)
        text_printf(&t, " %s", page_word(item->arena, out));
    else
        cmd_say_files(&t, item);
    return text_done(&t);
}

/* The same as `show` makes of the plan's file. */
static const char *as_script(struct fleet_item *item)
{
    struct pass *p = &item->pass;
    struct reads reads;

    plan_identify(item->arena, &p->plan, &p->have, &item->origin);
    reads_of_plan(item->arena, &p->plan, &p->have, &reads);
    return report_plan_powershell(item->arena, &p->plan, &p->have, reads.rows, reads.count);
}

static const char *said(struct fleet_item *item, const struct call *call, const char *document,
                        const struct drift *since, const struct style *style)
{
    switch (call->options.output) {
    case FORMAT_JSON:
        return document;
    case FORMAT_POWERSHELL:
        return as_script(item);
    default:
        return report_plan_text(item->arena, &item->pass.plan, &item->pass.have, since, style);
    }
}

static void one(struct fleet_item *item, void *context)
{
    struct call *call = context;
    struct pass *p = &item->pass;
    const struct drift *since = item->past.known ? &item->past.drift : NULL;
    struct style style = cmd_style(call, 1);
    const char *document = NULL, *out = NULL;
    struct err e;

    if (cmd_whole(call)) {
        cmd_leave_plan(item, call, since);
        return;
    }
    if (call->options.out || call->options.output == FORMAT_JSON)
        document = plan_write(item->arena, &p->plan, &p->have, &item->origin);
    if (call->options.out) {
        plan_identify(item->arena, &p->plan, &p->have, &item->origin);
        out = cmd_out_file(call, item, "json", &e);
        if (!out || !cmd_item_document(item, out, document, &e)) {
            fleet_fail(item, &e);
            return;
        }
    }
    style.many = item->many;
    style.apply = apply_command(item, call, out);
    style.sees = cmd_sees(item, call);
    if (out)
        style.again = arena_printf(item->arena, "hvgpu plan --out %s %s",
                                   page_word(item->arena, call->options.out), style.sees);
    style.saved = out;
    if (item->many && call->options.output == FORMAT_TEXT)
        item->same = report_plan_sameness(item->arena, &p->plan, &p->have,
                                          exit_of_plan_since(&p->plan, since), &style);
    fleet_say(item, said(item, call, document, since, &style));
    item->exit = exit_worst(item->exit, exit_of_plan_since(&p->plan, since));
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    struct approvals approvals;
    struct fleet_totals totals;
    enum exit_code code;
    struct err e;

    if (call->options.sim && call->options.from) {
        err_set(&e, ERR_USAGE, 0, "plan: --sim and --from both say which world: give one");
        return cmd_fail(&e);
    }
    if (!cmd_out_fits(call, true, &e) || !cmd_override(call, &options.word.override, &e) ||
        !cmd_approvals(call, &approvals, &e))
        return cmd_fail(&e);
    code = cmd_choose(call, &options);
    if (code != EXIT_IN_SYNC)
        return code;
    options.need = NEED_PLAN;
    options.before = call->options.base;
    options.base = !options.before; /* the base takes the place of the last apply */
    options.revision = true;
    options.word.approvals = &approvals;
    options.digest =
        call->options.out || call->options.output != FORMAT_TEXT || cmd_asks_approval(call);
    options.single = (call->options.out && !cmd_whole(call) && !cmd_out_is_folder(call)) ||
                     call->options.output == FORMAT_POWERSHELL;
    fleet_run(&options, one, call, &totals);
    if (cmd_whole(call))
        return cmd_tell_whole(call, &totals);
    if (call->options.output == FORMAT_TEXT)
        cmd_print(fleet_summary(call->arena, &totals));
    return totals.worst;
}

static const enum option_id options[] = {
    OPT_OUTPUT,         OPT_FILE,  OPT_SIM,      OPT_WMI,      OPT_RECORD,
    OPT_MASK,           OPT_FROM,  OPT_BASE,     OPT_OUT,      OPT_ALLOW_STOPS,
    OPT_ALLOW_REMOVALS, OPT_STATE, OPT_ALL,      OPT_COLOR,    OPT_TIMEOUT,
    OPT_PARALLEL,       OPT_AT,    OPT_ONLY,     OPT_EXCLUDE,  OPT_LABELS,
    OPT_ZERO_ON,        OPT_DATA,  OPT_POLICY,   OPT_OVERRIDE, OPT_UNTIL,
    OPT_REASON,         OPT_MARK,  OPT_MAX_SIZE, OPT_APPROVAL, OPT_END};

const struct cmd cmd_plan = {
    .name = "plan",
    .usage = "[OPTIONS] SPEC...",
    .line = "what would be done, in which order, and who is off for how long",
    .options = options,
    .formats = "text|json|markdown|html|junit|sarif|dot|mermaid|powershell",
    .least = 1,
    .most = SIZE_MAX,
    .text =
        "Looks, compares and orders; changes nothing. A plan is always complete: what may not\n"
        "start stands in it as held or blocked, with what releases it. --out writes the plan to a\n"
        "file that apply carries out exactly, into a folder (a path that ends in a slash) one of\n"
        "each cluster, NAME.json; -o json prints the same document. --allow-stops and\n"
        "--allow-removals say what such a file may do. -o powershell writes the plan of one "
        "cluster\n"
        "as a script of documented cmdlets, which looks first and runs nothing without -Go. All "
        "other\n"
        "forms are one document about all clusters, and --out says where it goes "
        "(specs/documents.md).",
    .run = run,
};
