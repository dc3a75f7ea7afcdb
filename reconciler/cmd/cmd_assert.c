/* A quiet gate: in sync, or the first differences. */
#include "base/str.h"
#include "cmd/cmd.h"

enum { SHOWN = 10 };

static void one(struct fleet_item *item, void *context)
{
    struct call *call = context;
    struct pass *p = &item->pass;
    const struct drift *since = item->past.known ? &item->past.drift : NULL;
    enum exit_code code = exit_of_plan_since(&p->plan, since);
    struct style style = cmd_style(call, 1);

    item->exit = exit_worst(item->exit, code);
    if (call->options.output == OUTPUT_JSON) {
        fleet_say(item, arena_printf(item->arena,
                                     "{\"apiVersion\": \"hvgpu/v1\", \"kind\": \"Assertion\", "
                                     "\"cluster\": \"%s\", \"inSync\": %s, \"exit\": %d}\n",
                                     item->spec->name, code == EXIT_IN_SYNC ? "true" : "false",
                                     (int)code));
        return;
    }
    if (code == EXIT_IN_SYNC)
        return;
    fleet_say(item, arena_printf(item->arena, "%s is not as declared:  exit %d\n", item->spec->name,
                                 (int)code));
    fleet_say(item, report_plan_brief(item->arena, &p->plan, &p->have, SHOWN, &style));
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    struct fleet_totals totals;

    options.need = NEED_PLAN;
    options.base = true;
    fleet_run(&options, one, call, &totals);
    return totals.worst;
}

static const enum option_id options[] = {OPT_OUTPUT,   OPT_FILE, OPT_SIM,   OPT_FROM,
                                         OPT_STATE,    OPT_ALL,  OPT_COLOR, OPT_TIMEOUT,
                                         OPT_PARALLEL, OPT_END};

const struct cmd cmd_assert = {
    .name = "assert",
    .usage = "[OPTIONS] SPEC...",
    .line = "quiet gate: says nothing when all is as declared",
    .options = options,
    .least = 1,
    .most = SIZE_MAX,
    .text =
        "For scripts: exit code 0 and no output when everything is as declared, else the first\n"
        "differences.",
    .run = run,
};
