/* Two plan files beside each other: what differs, and is the second no more than the first. */
#include "cmd/cmd.h"
#include "codec/deltafile.h"

static enum exit_code compare(struct call *call, enum delta_question question)
{
    struct plan_file files[2];
    struct delta_plan plans[2];
    struct style style = cmd_style(call, 1);
    struct delta delta;
    enum exit_code code;

    for (int i = 0; i < 2; i++) {
        code = cmd_plan_file(call, call->args[i], &files[i]);
        if (code != EXIT_IN_SYNC)
            return code;
        plans[i] = (struct delta_plan){&files[i].plan, &files[i].seen, files[i].digest};
    }
    delta_of(call->arena, question, &plans[0], &plans[1], &delta);
    cmd_print(call->options.output == FORMAT_JSON ? delta_write(call->arena, &delta)
                                                  : report_delta_text(call->arena, &delta, &style));
    return delta.holds ? EXIT_IN_SYNC : EXIT_PENDING;
}

static enum exit_code run_diff(struct call *call)
{
    return compare(call, DELTA_DIFF);
}

static enum exit_code run_covers(struct call *call)
{
    return compare(call, DELTA_COVERS);
}

static const enum option_id options[] = {OPT_OUTPUT, OPT_ALL, OPT_COLOR, OPT_ZERO_ON, OPT_END};

const struct cmd cmd_plan_diff = {
    .name = "plan diff",
    .usage = "[OPTIONS] PLAN-FILE PLAN-FILE",
    .line = "what two saved plans differ in",
    .options = options,
    .least = 2,
    .most = 2,
    .text = "Subject by subject: what only the second does, what only the first does, and what "
            "both do\n"
            "otherwise. Needs no world. Exit code 0: they are the same; 2: they are not. When it "
            "was\n"
            "observed is told, and decides nothing. A spec that is called diff: hvgpu plan ./diff.",
    .run = run_diff,
};

const struct cmd cmd_plan_covers = {
    .name = "plan covers",
    .usage = "[OPTIONS] PLAN-FILE PLAN-FILE",
    .line = "whether the second of two saved plans is no more than the first",
    .options = options,
    .least = 2,
    .most = 2,
    .text = "The first covers the second when every step of the second has verb, subject and "
            "values of a\n"
            "step of the first, no VM is off longer, and both are for one world, of one spec and "
            "under\n"
            "the same Policies. What is blocked counts in neither. Needs no world. Exit code 0: it "
            "does;\n"
            "2: it does not. A spec that is called covers: hvgpu plan ./covers.",
    .run = run_covers,
};
