/* Syntax, schema, references: no world is looked at. */
#include "base/str.h"
#include "cmd/cmd.h"

/* How many VMs these take only a world can tell. */
static const char *patterns(struct fleet_item *item)
{
    return item->spec->pattern_count
               ? arena_printf(item->arena, ", patterns %zu", item->spec->pattern_count)
               : "";
}

static void one(struct fleet_item *item, void *context)
{
    const struct call *call = context;

    if (call->options.output == OUTPUT_TEXT)
        fleet_say(item,
                  arena_printf(item->arena, "%s: %s %s is valid: rows of gpus %zu, VMs %zu%s\n",
                               item->file, item->spec->kind == SPEC_HOST ? "Host" : "Cluster",
                               item->spec->name, item->spec->gpu_count, item->spec->vm_count,
                               patterns(item)));
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    struct fleet_totals totals;

    options.need = NEED_SPEC;
    options.gaps = false;
    options.findings_json = call->options.output == OUTPUT_JSON;
    fleet_run(&options, one, call, &totals);
    return totals.worst;
}

static const enum option_id options[] = {OPT_OUTPUT,   OPT_FILE,    OPT_COLOR,
                                         OPT_PARALLEL, OPT_ZERO_ON, OPT_END};

const struct cmd cmd_validate = {
    .name = "validate",
    .usage = "[OPTIONS] SPEC...",
    .line = "check specs, with every finding at once; looks at no world",
    .options = options,
    .least = 1,
    .most = SIZE_MAX,
    .text =
        "Says what is wrong with each spec, with file, line and column. Findings go to standard\n"
        "error; with -o json they are one document per file on standard output.",
    .run = run,
};
