/* The program alone: this machine and its cluster, what is worth knowing, what to try next. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "fleet/door_wmi.h"
#include "fleet/probe.h"
#include "host/host.h"

static void one(struct fleet_item *item, void *context)
{
    const struct call *call = context;
    struct style style = cmd_style(call, 1);

    fleet_say(item, call->options.output == FORMAT_JSON
                        ? report_state_json(item->arena, &item->pass.have)
                        : report_first_text(item->arena, &item->pass.have, "hvgpu " HVGPU_VERSION,
                                            call->options.sim, &style));
}

/* No Hyper-V here: what it would be, and what can be tried without one. */
static enum exit_code nothing_to_look_at(void)
{
    cmd_print("hvgpu " HVGPU_VERSION ": nothing to look at here. Nothing is changed.\n\n"
              "On a Hyper-V host, hvgpu alone shows this machine and its cluster: every GPU with "
              "its\npartitions and who holds them, and what is worth knowing. This machine has no "
              "Hyper-V that can\nbe asked (hosts are managed by the Windows program); simulated "
              "worlds and snapshots, which\nare the same files, can be looked at anywhere.\n\n"
              "Try:   hvgpu --sim WORLD.yaml         such a world (examples/edge-a2/world.yaml is "
              "one)\n"
              "       hvgpu validate SPEC            a spec, with no world at all\n"
              "       hvgpu explain C5               what a rule, a code or a key means\n"
              "       hvgpu help                     everything else\n");
    return EXIT_UNSEEN;
}

static enum exit_code run(struct call *call)
{
    const char *named = host_env("HVGPU_SIM");
    struct fleet_options options;
    struct fleet_totals totals;

    if (!call->options.sim && call->count)
        call->options.sim = call->args[0];
    if (!call->options.sim && named && *named)
        call->options.sim = named;
    if (!call->options.sim && !door_wmi_here(call->options.timeout_ms))
        return nothing_to_look_at();
    options = cmd_fleet(call);
    options.path_count = 0;
    options.need = NEED_WORLD;
    fleet_run(&options, one, call, &totals);
    return totals.worst;
}

bool cmd_is_first(struct arena *a, int argc, const char *const *words)
{
    const char *word = argc > 1 ? words[1] : NULL;

    if (!word)
        return true;
    if (word[0] == '-')
        return !str_eq(word, "--help") && !str_eq(word, "-h") && !str_eq(word, "--version") &&
               !str_eq(word, "-V");
    return argc == 2 && !cmd_find(word) && str_eq(probe_file(a, word), "World");
}

static const enum option_id options[] = {OPT_OUTPUT, OPT_SIM,     OPT_WMI, OPT_ALL,
                                         OPT_COLOR,  OPT_TIMEOUT, OPT_END};

const struct cmd cmd_first = {
    .name = "hvgpu",
    .usage = "[OPTIONS] [WORLD]",
    .line = "this machine and its cluster, what is worth knowing, what to try next",
    .options = options,
    .most = 1,
    .text =
        "Shows every GPU with its partitions and who holds them, and what a rule speaks against.\n"
        "WORLD, --sim or the environment's HVGPU_SIM is a simulated world or a snapshot. Nothing "
        "is\n"
        "changed, ever.",
    .run = run,
};
