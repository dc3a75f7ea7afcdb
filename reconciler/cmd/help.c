/* Help, from the rows of verbs and options. */
#include "cmd/cmd.h"

#include "base/str.h"

#include <string.h>

#define VERB_POINTER(name) &cmd_##name,
const struct cmd *const cmd_rows[] = {VERB_LIST(VERB_POINTER)};
#undef VERB_POINTER
const size_t cmd_row_count = sizeof cmd_rows / sizeof *cmd_rows;

const struct cmd *cmd_find(const char *name)
{
    for (size_t i = 0; i < cmd_row_count; i++)
        if (str_eq(cmd_rows[i]->name, name))
            return cmd_rows[i];
    return NULL;
}

const struct cmd *cmd_find_two(struct arena *a, const char *verb, const char *second)
{
    return second ? cmd_find(arena_printf(a, "%s %s", verb, second)) : NULL;
}

bool cmd_has_two(const struct cmd *cmd)
{
    return strchr(cmd->name, ' ') != NULL;
}

const char *help_overview(struct arena *a)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, "hvgpu " HVGPU_VERSION
                 ": declarative GPU management for Hyper-V hosts and failover clusters\n\n"
                 "usage: hvgpu VERB [OPTIONS] [SPEC...]\n"
                 "       hvgpu [--sim WORLD]     a first look, and what to try next\n\n");
    for (size_t i = 0; i < cmd_row_count; i++) {
        text_printf(&t, "  %s", cmd_rows[i]->name);
        text_pad(&t, 14);
        text_printf(&t, "%s\n", cmd_rows[i]->line);
    }
    text_add(&t, "\nSPEC is a file, a folder or - (standard input).\n"
                 "Begin with:  hvgpu observe SPEC     hvgpu plan SPEC     hvgpu help plan\n"
                 "Exit codes:  hvgpu help exit-codes\n");
    return text_done(&t);
}

/* What it is beside the option, or below one that is too long for that. */
static void option_lines(struct text *t, const struct cmd *cmd, const struct option *o)
{
    const char *value = cmd_option_value(cmd, o);
    char letter[] = {'-', o->letter, ',', ' ', '\0'};
    size_t begin = t->size;

    text_printf(t, "  %s%s%s%s", o->letter ? letter : "    ", o->name, value ? " " : "",
                value ? value : "");
    if (t->size - begin > 32)
        text_add(t, "\n");
    text_pad(t, 32);
    text_printf(t, " %s\n", o->text);
}

const char *help_verb(struct arena *a, const struct cmd *cmd)
{
    struct text t;

    text_init(&t, a);
    if (cmd == &cmd_first)
        text_printf(&t, "hvgpu alone: %s\n\nusage: hvgpu %s\n", cmd->line, cmd->usage);
    else
        text_printf(&t, "hvgpu %s: %s\n\nusage: hvgpu %s%s%s\n", cmd->name, cmd->line, cmd->name,
                    *cmd->usage ? " " : "", cmd->usage);
    if (cmd->text)
        text_printf(&t, "\n%s\n", cmd->text);
    text_add(&t, "\noptions:\n");
    for (size_t i = 0; i < option_row_count; i++) {
        bool taken = option_rows[i].id == OPT_HELP;

        for (const enum option_id *o = cmd->options; *o != OPT_END; o++)
            taken = taken || *o == option_rows[i].id;
        if (taken)
            option_lines(&t, cmd, &option_rows[i]);
    }
    return text_done(&t);
}

const char *help_exits(struct arena *a)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, "exit codes; of several the one that is most severe:\n\n");
    for (size_t i = 0; i < exit_row_count; i++)
        text_printf(&t, "  %3d  %s\n", (int)exit_rows[i].code, exit_rows[i].text);
    text_add(&t, "\nmost severe first:");
    for (int severity = 20; severity >= 0; severity--)
        for (size_t i = 0; i < exit_row_count; i++)
            if (exit_rows[i].severity == severity)
                text_printf(&t, " %d", (int)exit_rows[i].code);
    text_add(&t, "\n");
    return text_done(&t);
}

const char *help_drifts(struct arena *a)
{
    static const char *const severities[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "info"};
    struct text t;

    text_init(&t, a);
    text_add(&t, "drift classes; * counts for exit code 3:\n\n");
    for (int i = 0; i < DRIFT_CLASSES; i++) {
        text_printf(&t, "%c %s", drift_rows[i].drifts ? '*' : ' ', drift_rows[i].word);
        text_pad(&t, 19);
        text_printf(&t, " %s", severities[drift_rows[i].severity]);
        text_pad(&t, 28);
        text_printf(&t, " %s\n", drift_rows[i].text);
    }
    return text_done(&t);
}

static enum exit_code run(struct call *call)
{
    static const struct {
        const char *name;
        const char *(*text)(struct arena *a);
    } topics[] = {{"exit-codes", help_exits}, {"drift-classes", help_drifts}, {"man", help_man}};
    const struct cmd *cmd;
    struct err e;

    if (!call->count) {
        cmd_print(help_overview(call->arena));
        return EXIT_IN_SYNC;
    }
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (str_eq(call->args[0], topics[i].name)) {
            cmd_print(topics[i].text(call->arena));
            return EXIT_IN_SYNC;
        }
    cmd = str_eq(call->args[0], cmd_first.name) ? &cmd_first : cmd_find(call->args[0]);
    if (cmd && call->count > 1)
        cmd = cmd_find_two(call->arena, call->args[0], call->args[1]);
    if (!cmd) {
        err_set(&e, ERR_USAGE, 0, "no help for \"%s\"; see: hvgpu help",
                call->args[call->count - 1]);
        return cmd_fail(&e);
    }
    cmd_print(help_verb(call->arena, cmd));
    return EXIT_IN_SYNC;
}

static const enum option_id options[] = {OPT_END};

const struct cmd cmd_help = {
    .name = "help",
    .usage = "[VERB | exit-codes | drift-classes | man]",
    .line = "what a verb does and takes",
    .options = options,
    .most = 2,
    .run = run,
};
