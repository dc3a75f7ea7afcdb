/* The inventory; nothing is changed. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "codec/world.h"
#include "model/state_mask.h"

static void one(struct fleet_item *item, void *context)
{
    struct call *call = context;
    struct style style = cmd_style(call, 1);
    struct err e;

    if (call->options.mask && !call->options.record)
        state_mask(item->arena, &item->pass.have);
    if (call->options.out) {
        const char *out = cmd_out_file(call, item, "json", &e);

        if (!out ||
            !cmd_item_document(item, out, snapshot_write(item->arena, &item->pass.have), &e)) {
            fleet_fail(item, &e);
            return;
        }
        fleet_mention(item, arena_printf(item->arena, "snapshot of %s written to %s\n",
                                         item->pass.have.name, out));
        return;
    }
    fleet_say(item, call->options.output == FORMAT_JSON
                        ? report_state_json(item->arena, &item->pass.have)
                        : report_state_text(item->arena, &item->pass.have, &style));
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    enum exit_code code = cmd_choose(call, &options);
    struct fleet_totals totals;
    struct err e;

    if (code != EXIT_IN_SYNC)
        return code;
    if (call->options.mask && !call->options.record) {
        options.mask = false; /* of what is shown, not of a conversation */
        if (cmd_out_is_folder(call)) {
            err_set(&e, ERR_USAGE, 0,
                    "observe --mask writes one snapshot, whose file name tells no name: give --out "
                    "a file");
            return cmd_fail(&e);
        }
    }
    options.need = NEED_WORLD;
    options.single = call->options.out && !cmd_out_is_folder(call);
    fleet_run(&options, one, call, &totals);
    return totals.worst;
}

static const enum option_id options[] = {
    OPT_OUTPUT, OPT_FILE,    OPT_SIM,      OPT_WMI,    OPT_RECORD,  OPT_MASK, OPT_OUT,
    OPT_COLOR,  OPT_TIMEOUT, OPT_PARALLEL, OPT_LABELS, OPT_ZERO_ON, OPT_DATA, OPT_END};

const struct cmd cmd_observe = {
    .name = "observe",
    .usage = "[OPTIONS] [SPEC...]",
    .line = "what is there: nodes, GPUs, partitions, pools, VMs",
    .options = options,
    .most = SIZE_MAX,
    .text =
        "Looks at the world that each spec connects to; with --sim and no spec, at that world.\n"
        "--out writes a snapshot: a World document that plan --from and --sim take; into a folder\n"
        "(a path that ends in a slash) one of each cluster, NAME.json. --mask shows and writes it "
        "with\n"
        "other names: host-1, vm-1, pool-1, cluster-1.",
    .run = run,
};
