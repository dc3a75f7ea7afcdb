/* Why one subject is as it is; nothing is changed. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/why.h"

enum { ACTIONS = 5 };

struct asking {
    struct call *call;
    struct subject_set set;
};

static void one(struct fleet_item *item, void *context)
{
    const struct asking *x = context;
    struct style style = cmd_style(x->call, 1);
    size_t limit = x->call->options.limit ? (size_t)x->call->options.limit : ACTIONS, count;
    const int format = x->call->options.output;
    const bool as_json = format == FORMAT_JSON;
    struct why *rows;
    struct text t;
    struct json j;

    why_gather(item, &x->set, limit, style.all, &rows, &count);
    if (!count) /* it is in another of these clusters */
        return;
    text_init(&t, item->arena);
    json_init(&j, &t, false);
    if (as_json)
        json_list(&j);
    for (size_t i = 0; i < count; i++) {
        if (as_json)
            why_json(&j, &rows[i]);
        else if (format == FORMAT_POWERSHELL)
            text_printf(&t, "%s%s", i ? "\n" : "",
                        report_why_powershell(item->arena, &item->pass.have, rows[i].kind,
                                              rows[i].index, rows[i].name));
        else
            text_printf(&t, "%s%s", i ? "\n" : "", why_text(item->arena, &rows[i], &style));
    }
    if (as_json) {
        json_list_end(&j);
        text_add(&t, "\n");
    }
    fleet_say(item, text_done(&t));
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    struct asking x = {.call = call};
    struct fleet_totals totals;
    enum exit_code code;
    struct err e;

    options.paths = call->args + 1;
    options.path_count = call->count - 1;
    if (call->options.sim && call->options.from) {
        err_set(&e, ERR_USAGE, 0, "why: --sim and --from both say which world: give one");
        return cmd_fail(&e);
    }
    code = cmd_subject(call, &options, call->args[0], &x.set);
    if (code != EXIT_IN_SYNC)
        return code;
    options.need = NEED_PLAN;
    options.base = options.trace = true;
    fleet_run(&options, one, &x, &totals);
    return totals.worst;
}

static const enum option_id options[] = {
    OPT_OUTPUT, OPT_SIM,   OPT_WMI, OPT_FROM,  OPT_LABELS,  OPT_DATA,     OPT_POLICY,
    OPT_LIMIT,  OPT_STATE, OPT_ALL, OPT_COLOR, OPT_TIMEOUT, OPT_PARALLEL, OPT_END};

const struct cmd cmd_why = {
    .name = "why",
    .usage = "[OPTIONS] SUBJECT [SPEC...]",
    .line = "why a VM, GPU, pool, node or cluster is as it is",
    .options = options,
    .formats = "text|json|powershell",
    .least = 1,
    .most = SIZE_MAX,
    .text =
        "What is declared, and by whom (row, class, cluster, built-in); what is seen; what "
        "differs\n"
        "and by which rule; what holds or blocks it, and what releases that; what would run; what\n"
        "is owed; what was done to it last. SUBJECT is vm/NAME, gpu/NODE/gpuN, pool/NAME,\n"
        "node/NAME or cluster/NAME. Without a SPEC, with --sim or --from: what is seen. -o "
        "powershell\n"
        "gives the commands that show the same on the host, which change nothing.",
    .run = run,
};
