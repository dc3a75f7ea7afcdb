#include "cmd/cmd.h"

static enum exit_code run(struct call *call)
{
    (void)call;
    cmd_print("hvgpu " HVGPU_VERSION "\n"
              "spec language hvgpu/v1, plan format 1; worlds: simulated\n");
    return EXIT_IN_SYNC;
}

static const enum option_id options[] = {OPT_END};

const struct cmd cmd_version = {
    .name = "version",
    .usage = "",
    .line = "version of the program and of its formats",
    .options = options,
    .run = run,
};
