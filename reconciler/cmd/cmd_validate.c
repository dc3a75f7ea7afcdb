/* Syntax, schema, references; with --sim also what a world makes of them. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "report/page.h"

/* How many VMs these take only a world can tell. */
static const char *patterns(struct fleet_item *item)
{
    return item->spec->pattern_count
               ? arena_printf(item->arena, ", patterns %zu", item->spec->pattern_count)
               : "";
}

/* What it is made of, the one that counts most first. */
static void tell_profiles(struct fleet_item *item)
{
    struct page page;
    struct text t;

    text_init(&t, item->arena);
    for (size_t i = 0; i < item->spec->profile_count; i++)
        text_printf(&t, "%s%s", i ? " " : "", item->spec->profiles[i].name);
    if (!t.size)
        return;
    page_init(&page, item->arena, &item->options->style);
    page_wrap(&page, "    profiles  ", text_done(&t));
    fleet_say(item, page_done(&page));
}

static void tell_valid(struct fleet_item *item)
{
    fleet_say(item, arena_printf(item->arena, "%s: %s %s is valid: rows of gpus %zu, VMs %zu%s\n",
                                 item->file, item->spec->kind == SPEC_HOST ? "Host" : "Cluster",
                                 item->spec->name, item->spec->gpu_count, item->spec->vm_count,
                                 patterns(item)));
    tell_profiles(item);
}

/* Every selector, name, count and size resolved; what would be done is the plan's to say. */
static void tell_fit(struct fleet_item *item, bool json)
{
    const struct target *want = &item->pass.want;
    struct findings found;

    findings_init(&found, item->arena);
    report_problems(&want->problems, &found);
    if (found.errors)
        item->exit = exit_worst(item->exit, EXIT_BLOCKED);
    if (item->part) {
        part_of_findings(item->arena, item->file, &found, item->part);
        return;
    }
    if (json) {
        fleet_say(item, report_findings_json(item->arena, &found));
        return;
    }
    if (!found.errors)
        fleet_say(item, arena_printf(item->arena, "%s: fits %s: GPUs %zu, VMs %zu declared there\n",
                                     item->file, item->world, want->gpu_count, want->vm_count));
    if (found.count)
        fleet_mention(item, report_findings(item->arena, &found, NULL, 0, &item->options->style));
}

static void one(struct fleet_item *item, void *context)
{
    const struct call *call = context;
    bool json = call->options.output == FORMAT_JSON;

    if (cmd_whole(call)) {
        static const struct findings none;

        item->part = arena_new(item->arena, struct cluster_part);
        part_of_findings(item->arena, item->file, &none, item->part);
    } else if (!json) {
        tell_valid(item);
    }
    if (call->options.sim)
        tell_fit(item, json);
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    struct fleet_totals totals;
    struct err e;

    if (!cmd_out_fits(call, false, &e))
        return cmd_fail(&e);
    options.need = call->options.sim ? NEED_PLAN : NEED_SPEC;
    options.gaps = false;
    options.profiles = true;
    options.findings_json = call->options.output == FORMAT_JSON;
    options.revision = cmd_whole(call);
    fleet_run(&options, one, call, &totals);
    if (cmd_whole(call))
        return cmd_tell_whole(call, &totals);
    return totals.worst;
}

static const enum option_id options[] = {OPT_OUTPUT, OPT_FILE,     OPT_SIM,     OPT_WMI,
                                         OPT_COLOR,  OPT_PARALLEL, OPT_ZERO_ON, OPT_DATA,
                                         OPT_POLICY, OPT_OUT,      OPT_MARK,    OPT_END};

const struct cmd cmd_validate = {
    .name = "validate",
    .usage = "[OPTIONS] SPEC...",
    .line = "check specs, with every finding at once; looks at no world but --sim",
    .options = options,
    .formats = "text|json|junit|sarif",
    .least = 1,
    .most = SIZE_MAX,
    .text =
        "Says what is wrong with each spec, with file, line and column. Findings go to standard\n"
        "error; with -o json they are one document per file on standard output, with -o junit or\n"
        "sarif one about all files. With --sim the world is checked too, and what the spec asks\n"
        "for must be there: the findings about that are a further document, and the exit code is\n"
        "11 when one of them is an error.",
    .run = run,
};
