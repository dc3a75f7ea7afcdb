/* The reference text of a name, from the tables that the documents are made of. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/topic.h"

static enum exit_code unknown(struct call *call, const char *name, const struct topics *t)
{
    struct text near;
    struct err e;

    text_init(&near, call->arena);
    for (size_t i = 0; i < t->near_count; i++)
        text_printf(&near, "%s%s", i ? ", " : "", t->near[i]);
    if (t->near_count == 1)
        err_set(&e, ERR_USAGE, 0, "nothing is called %s; did you mean %s?", name, text_done(&near));
    else if (t->near_count)
        err_set(&e, ERR_USAGE, 0, "nothing is called %s; there is %s", name, text_done(&near));
    else
        err_set(&e, ERR_USAGE, 0,
                "nothing is called %s; a key (spec.vms.power), a code, a rule (C5), a "
                "drift class or an exit code can be explained",
                name);
    return cmd_fail(&e);
}

static enum exit_code run(struct call *call)
{
    enum exit_code code = EXIT_IN_SYNC;
    struct style style = cmd_style(call, 1);
    struct topics topics;

    topics_init(&topics, call->arena);
    for (size_t i = 0; i < call->count; i++)
        if (!topics_find(&topics, call->args[i]))
            code = unknown(call, call->args[i], &topics);
    if (topics.count)
        cmd_print(call->options.output == FORMAT_JSON ? topics_json(call->arena, &topics)
                                                      : topics_text(call->arena, &topics, &style));
    return code;
}

static const enum option_id options[] = {OPT_OUTPUT, OPT_COLOR, OPT_END};

const struct cmd cmd_explain = {
    .name = "explain",
    .usage = "[OPTIONS] FIELD | CODE | RULE...",
    .line = "what a spec key, a code, a rule, a drift class or an exit code means",
    .options = options,
    .least = 1,
    .most = SIZE_MAX,
    .text =
        "From the tables and pages that specs/ is made of: hvgpu explain C5, hvgpu explain\n"
        "spec.vms.gpu.partition.size, hvgpu explain holder-not-declared, hvgpu explain 11. A key\n"
        "may leave out what leads to it: every place where it stands is shown.",
    .run = run,
};
