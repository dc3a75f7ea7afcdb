/* A spec from what is there, such that `plan` of it has no step. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "fleet/draft.h"
#include "host/host.h"
#include "report/page.h"

/* The file of a simulated world as the new spec must name it. */
static const char *world_beside(struct fleet_item *item, const char *out)
{
    const char *world = host_beside(item->arena, item->file, item->origin.path);

    if (!out)
        return item->origin.path;
    if (str_eq(host_real_path(item->arena, host_beside(item->arena, out, item->origin.path)),
               host_real_path(item->arena, world)))
        return item->origin.path; /* beside the old spec: the same name will do */
    return host_real_path(item->arena, world);
}

static const char *connect_of(struct fleet_item *item, const char *out)
{
    const struct plan_origin *from = &item->origin;

    if (!item->lasting || !from->path)
        return NULL;
    return report_export_connect(item->arena, from->connect,
                                 str_eq(from->connect, "sim") ? world_beside(item, out)
                                                              : from->path);
}

static void one(struct fleet_item *item, void *context)
{
    struct call *call = context;
    const char *name = item->spec ? item->spec->name : item->pass.have.name;
    const char *out = NULL;
    struct draft draft;
    struct err e;

    if (call->options.out && !(out = cmd_out_file(call, item, "yaml", &e))) {
        fleet_fail(item, &e);
        return;
    }
    if (!draft_write(item->arena, item->pass.facts, &item->pass.have, name, connect_of(item, out),
                     &draft, &e)) {
        fleet_fail(item, &e);
        return;
    }
    if (!out) {
        fleet_say(item, draft.text);
        return;
    }
    if (!cmd_item_document(item, out, draft.text, &e)) {
        fleet_fail(item, &e);
        return;
    }
    fleet_mention(
        item, arena_printf(item->arena, "spec of %s written to %s%s\n", item->pass.have.name, out,
                           draft.left_out ? "; what is left out stands in it as comments" : ""));
    if (draft.expected)
        fleet_mention(item, arena_printf(item->arena,
                                         "%s from a rule: expected until %s, a difference then\n",
                                         page_count(item->arena, draft.expected, "deviation"),
                                         report_export_until(item->arena, &item->pass.have)));
    fleet_mention(item,
                  arena_printf(item->arena, "Next:  hvgpu plan %s%s%s%s\n",
                               call->options.sim ? "--sim " : "",
                               call->options.sim ? page_word(item->arena, call->options.sim) : "",
                               call->options.sim ? " " : "", page_word(item->arena, out)));
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    enum exit_code code = cmd_choose(call, &options);
    struct fleet_totals totals;

    if (code != EXIT_IN_SYNC)
        return code;
    options.need = NEED_WORLD;
    options.single = call->options.out && !cmd_out_is_folder(call);
    fleet_run(&options, one, call, &totals);
    return totals.worst;
}

static const enum option_id options[] = {OPT_FILE,    OPT_SIM,      OPT_WMI,    OPT_OUT,  OPT_COLOR,
                                         OPT_TIMEOUT, OPT_PARALLEL, OPT_LABELS, OPT_DATA, OPT_END};

const struct cmd cmd_export = {
    .name = "export",
    .usage = "[OPTIONS] [SPEC...]",
    .line = "a spec from what is there",
    .options = options,
    .most = SIZE_MAX,
    .text =
        "Writes a spec that says what was found, such that plan of it has no step: closed names "
        "and\n"
        "ranges, a class where five or more VMs are alike, advised settings as found. What "
        "deviates\n"
        "from a rule is expected for 30 days (P8). What no spec can say without a step is left "
        "out\n"
        "and stands in it as a comment. --out FOLDER/ writes NAME.yaml for each cluster.",
    .run = run,
};
