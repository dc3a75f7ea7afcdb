/* What the world changed since the last successful apply. */
#include "cmd/cmd.h"
#include "fleet/chosen.h"

struct drifting {
    struct call *call;
    struct choice choice; /* of what is told */
};

static void one(struct fleet_item *item, void *context)
{
    const struct drifting *x = context;
    const struct call *call = x->call;
    struct style style = cmd_style(call, 1);
    struct err e;

    if (!item->past.known) {
        if (item->past.why) {
            err_set(&e, ERR_IO, 0, "%s", item->past.why);
            fleet_fail(item, &e);
            return;
        }
        err_set(&e, ERR_USAGE, 0,
                "no successful apply is known of this world, so nothing can have moved since%s%s; "
                "to hold it against its spec: hvgpu assert %s",
                item->lasting ? "" : "; it is a copy of ",
                item->lasting ? "" : item->pass.have.identity, cmd_sees(item, call));
        fleet_fail(item, &e);
        return;
    }
    chosen_drift(item, &x->choice, &item->past.drift); /* behind its being remembered */
    if (cmd_whole(call)) {
        cmd_leave_drift(item, call);
        return;
    }
    style.many = item->many;
    style.sees = cmd_sees(item, call);
    if (item->many && call->options.output == FORMAT_TEXT)
        item->same =
            report_drift_sameness(item->arena, &item->past.drift, &item->pass.have, &style);
    fleet_say(item, call->options.output == FORMAT_JSON
                        ? report_drift_json(item->arena, &item->past.drift)
                        : report_drift_text(item->arena, &item->past.drift, &style));
    item->exit = exit_worst(item->exit, exit_of_drift(&item->past.drift));
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    struct drifting x = {.call = call};
    struct fleet_totals totals;
    enum exit_code code;
    struct err e;

    if (!cmd_out_fits(call, false, &e))
        return cmd_fail(&e);
    code = cmd_choose(call, &options);
    if (code != EXIT_IN_SYNC)
        return code;
    x.choice = options.word.choice;
    options.word.choice = (struct choice){0};
    options.need = NEED_PLAN;
    options.base = options.digest = options.seen = options.copies = true;
    options.revision = cmd_whole(call);
    fleet_run(&options, one, &x, &totals);
    if (cmd_whole(call))
        return cmd_tell_whole(call, &totals);
    if (call->options.output == FORMAT_TEXT)
        cmd_print(fleet_summary(call->arena, &totals));
    return totals.worst;
}

static const enum option_id options[] = {
    OPT_OUTPUT, OPT_FILE,  OPT_SIM,     OPT_WMI,      OPT_RECORD, OPT_MASK,     OPT_STATE,
    OPT_ALL,    OPT_COLOR, OPT_TIMEOUT, OPT_PARALLEL, OPT_LABELS, OPT_ZERO_ON,  OPT_DATA,
    OPT_POLICY, OPT_ONLY,  OPT_EXCLUDE, OPT_OUT,      OPT_MARK,   OPT_MAX_SIZE, OPT_END};

const struct cmd cmd_drift = {
    .name = "drift",
    .usage = "[OPTIONS] SPEC...",
    .line = "what moved since the last successful apply, by class",
    .options = options,
    .formats = "text|json|markdown|html|junit|sarif",
    .least = 1,
    .most = SIZE_MAX,
    .text = "Holds what is there against what the last successful apply left, and says what hvgpu\n"
            "would do about each difference. What it sees is kept in the history: since when, and\n"
            "how often. The classes are in specs/drift.md.",
    .run = run,
};
