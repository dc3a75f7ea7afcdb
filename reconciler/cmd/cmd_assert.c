/* A quiet gate: in sync, or the first differences. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "codec/json.h"
#include "fleet/chosen.h"

enum { SHOWN = 10 };

static const char *as_json(struct fleet_item *item, enum exit_code code)
{
    struct text t;
    struct json j;

    text_init(&t, item->arena);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "apiVersion", "hvgpu/v1");
    json_put_text(&j, "kind", "Assertion");
    json_put_text(&j, "cluster", item->spec->name);
    json_put_bool(&j, "inSync", code == EXIT_IN_SYNC);
    json_put_int(&j, "exit", (int)code);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}

struct asserting {
    struct call *call;
    struct choice choice; /* of what is told */
};

static void one(struct fleet_item *item, void *context)
{
    const struct asserting *x = context;
    const struct call *call = x->call;
    struct pass *p = &item->pass;
    struct drift *since = item->past.known ? &item->past.drift : NULL;
    struct style style = cmd_style(call, 1);
    enum exit_code code;

    chosen_plan(item, &x->choice, &p->plan);
    if (since)
        chosen_drift(item, &x->choice, since);
    code = exit_of_assert(&p->plan, since);
    item->exit = exit_worst(item->exit, code);
    if (call->options.output == FORMAT_JSON) {
        fleet_say(item, as_json(item, code));
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
    enum exit_code code = cmd_choose(call, &options);
    struct asserting x = {.call = call};
    struct fleet_totals totals;

    if (code != EXIT_IN_SYNC)
        return code;
    x.choice = options.word.choice;
    options.word.choice = (struct choice){0};
    options.need = NEED_PLAN;
    options.base = true;
    fleet_run(&options, one, &x, &totals);
    return totals.worst;
}

static const enum option_id options[] = {
    OPT_OUTPUT, OPT_FILE,   OPT_SIM,     OPT_WMI,      OPT_FROM,   OPT_STATE,
    OPT_ALL,    OPT_COLOR,  OPT_TIMEOUT, OPT_PARALLEL, OPT_LABELS, OPT_ZERO_ON,
    OPT_DATA,   OPT_POLICY, OPT_ONLY,    OPT_EXCLUDE,  OPT_END};

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
