/* Runs and their steps; no world is looked at. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/run_doc.h"

enum { RUNS = 20, ALL_RUNS = 100000 };

static bool is_run_id(const char *s)
{
    return str_starts(s, "r-") && s[2];
}

static bool find(struct call *call, struct history *h, const char *id, struct history_run *out,
                 struct err *e)
{
    struct history_run *runs;
    size_t count;

    if (!history_runs(h, call->arena, NULL, ALL_RUNS, &runs, &count, e))
        return false;
    for (size_t i = 0; i < count; i++)
        if (str_eq(runs[i].id, id)) {
            *out = runs[i];
            return true;
        }
    return err_set(e, ERR_USAGE, 0, "no run %s; see: hvgpu history", id);
}

static bool one_run(struct call *call, struct history *h, const char *id, struct err *e)
{
    struct history_run run;
    struct history_step *steps;
    size_t count;

    if (!find(call, h, id, &run, e) || !history_steps(h, call->arena, id, &steps, &count, e))
        return false;
    if (call->options.out || call->options.output == FORMAT_JSON)
        return cmd_document(call, run_json(call->arena, &run, steps, count), e);
    cmd_print(run_text(call->arena, &run, steps, count));
    return true;
}

static bool list(struct call *call, struct history *h, const struct cmd_names *names, struct err *e)
{
    size_t limit = call->options.limit ? (size_t)call->options.limit : RUNS, count, n = 0;
    struct history_run *runs;
    struct map worlds;

    if (!history_runs(h, call->arena, NULL, call->count ? ALL_RUNS : limit, &runs, &count, e))
        return false;
    if (call->count)
        cmd_worlds(call, names, runs, count, &worlds);
    for (size_t i = 0; i < count && n < limit; i++)
        if (!call->count || map_get(&worlds, runs[i].identity) != MAP_NONE)
            runs[n++] = runs[i];
    cmd_print(call->options.output == FORMAT_JSON ? run_list_json(call->arena, runs, n)
                                                  : run_list_text(call->arena, runs, n));
    return true;
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    bool one = call->count == 1 && is_run_id(call->args[0]);
    struct history *h;
    struct cmd_names names;
    enum exit_code code = EXIT_IN_SYNC;
    struct err e;

    if (call->options.out && !one) {
        err_set(&e, ERR_USAGE, 0, "history --out writes one run: give its id");
        return cmd_fail(&e);
    }
    if (call->options.sim && one) {
        err_set(&e, ERR_USAGE, 0, "no run %s: nothing is recorded of a world in memory (--sim)",
                call->args[0]);
        return cmd_fail(&e);
    }
    if (call->options.sim)
        return cmd_nothing_recorded(call);
    if ((call->count && !one) || call->options.labels.count)
        code = cmd_names(call, &names);
    if (code != EXIT_IN_SYNC)
        return code;
    if (!history_open(fleet_state_folder(call->arena, &options), false, &h, &e))
        return cmd_fail(&e);
    if (!(one ? one_run(call, h, call->args[0], &e) : list(call, h, &names, &e)))
        code = cmd_fail(&e);
    history_close(h);
    return code;
}

static const enum option_id options[] = {OPT_OUTPUT, OPT_FILE, OPT_SIM,   OPT_WMI,
                                         OPT_STATE,  OPT_OUT,  OPT_LIMIT, OPT_COLOR,
                                         OPT_LABELS, OPT_DATA, OPT_END};

const struct cmd cmd_history = {
    .name = "history",
    .usage = "[OPTIONS] [RUN | SPEC...]",
    .line = "runs and their steps",
    .options = options,
    .most = SIZE_MAX,
    .text =
        "Newest first; with specs only the runs of their clusters; with a run's id that run, each\n"
        "step with what was and what was seen. --out writes the run to a file for show. Of a world "
        "in\n"
        "memory (--sim) nothing is recorded.",
    .run = run,
};
