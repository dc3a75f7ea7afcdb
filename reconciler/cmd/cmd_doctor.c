/* Can this world be managed?  Nothing is changed. */
#include "cmd/cmd.h"

static void one(struct fleet_item *item, void *context)
{
    const struct call *call = context;
    struct eye *eye = item->pass.eye;
    struct style style = cmd_style(call, 1);
    struct health health = {0};
    struct err e;

    health_find(item->arena, &item->pass.have, &health);
    if (eye->ops->examine && !eye->ops->examine(eye, item->arena, &item->pass.have, &health, &e)) {
        fleet_fail(item, &e);
        return;
    }
    health_sort(item->arena, &health);
    item->exit = exit_worst(item->exit, exit_of_health(&health, &item->pass.have));
    fleet_say(item, call->options.output == FORMAT_JSON
                        ? report_doctor_json(item->arena, &health, &item->pass.have)
                        : report_doctor_text(item->arena, &health, &item->pass.have, &style));
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    enum exit_code code = cmd_choose(call, &options);
    struct fleet_totals totals;

    if (code != EXIT_IN_SYNC)
        return code;
    options.need = NEED_WORLD;
    options.gaps = call->options.output == FORMAT_TEXT;
    fleet_run(&options, one, call, &totals);
    return totals.worst;
}

static const enum option_id options[] = {
    OPT_OUTPUT,  OPT_FILE,     OPT_SIM,    OPT_WMI,     OPT_RECORD, OPT_MASK, OPT_COLOR,
    OPT_TIMEOUT, OPT_PARALLEL, OPT_LABELS, OPT_ZERO_ON, OPT_DATA,   OPT_END};

const struct cmd cmd_doctor = {
    .name = "doctor",
    .usage = "[OPTIONS] [SPEC...]",
    .line = "can this world be managed, and what would prevent it",
    .options = options,
    .most = SIZE_MAX,
    .text =
        "For each host: does it answer, its build, SR-IOV, policy keys, drivers, clock, what the\n"
        "account may do, and every class, property and method of WMI that hvgpu relies on, with\n"
        "its type. Each finding says what it would prevent. Nothing is changed.",
    .run = run,
};
