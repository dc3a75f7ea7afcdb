/* The manual page, from the rows of verbs, options and exit codes; in the man macros of roff. */
#include "base/str.h"
#include "cmd/cmd.h"

#include <string.h>

/* Text of ours as roff: nothing in it is a request or an escape. */
static void plain(struct text *t, const char *s)
{
    for (bool begin = true; *s; s++) {
        if (begin && (*s == '.' || *s == '\''))
            text_add(t, "\\&");
        begin = *s == '\n';
        if (*s == '\\')
            text_add(t, "\\e");
        else if (*s == '-')
            text_add(t, "\\-");
        else
            text_add_n(t, s, 1);
    }
}

static void paragraph(struct text *t, const char *s)
{
    text_add(t, ".PP\n");
    plain(t, s);
    text_add(t, "\n");
}

static void tagged(struct text *t, const char *tag, const char *s)
{
    text_add(t, ".TP\n.B ");
    plain(t, tag);
    text_add(t, "\n");
    plain(t, s);
    text_add(t, "\n");
}

static bool taken(const struct cmd *cmd, const struct option *o)
{
    for (const enum option_id *id = cmd->options; *id != OPT_END; id++)
        if (*id == o->id)
            return true;
    return o->id == OPT_HELP;
}

static void verb(struct text *t, struct arena *a, const struct cmd *cmd)
{
    struct text names;

    text_add(t, cmd == &cmd_first ? ".SS hvgpu alone\n" : arena_printf(a, ".SS %s\n", cmd->name));
    text_add(t, ".B hvgpu");
    text_printf(t, "%s%s\n.I ", cmd == &cmd_first ? "" : " ", cmd == &cmd_first ? "" : cmd->name);
    plain(t, *cmd->usage ? cmd->usage : "\n");
    text_add(t, "\n");
    paragraph(t, cmd->line);
    if (cmd->text)
        paragraph(t, cmd->text);
    text_init(&names, a);
    for (size_t i = 0; i < option_row_count; i++)
        if (taken(cmd, &option_rows[i]))
            text_printf(&names, "%s%s", names.size ? ", " : "Options: ", option_rows[i].name);
    paragraph(t, text_done(&names));
}

static void every_option(struct text *t, struct arena *a)
{
    text_add(t, ".SH OPTIONS\n");
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option *o = &option_rows[i];
        char letter[] = {'-', o->letter, ',', ' ', '\0'};

        tagged(t,
               arena_printf(a, "%s%s%s%s", o->letter ? letter : "", o->name, o->value ? " " : "",
                            o->value ? o->value : ""),
               o->text);
    }
}

static void environment(struct text *t)
{
    text_add(t, ".SH ENVIRONMENT\n");
    tagged(t, "HVGPU_SIM", "a simulated world or snapshot for hvgpu alone; no verb reads it");
    tagged(t, "STATE_DIRECTORY, XDG_STATE_HOME, HOME",
           "where ledgers and history are, without --state; the first that is set. On Windows: "
           "STATE_DIRECTORY, ProgramData");
    tagged(t, "NO_COLOR, TERM", "no colour, where the first is set or the second is dumb");
}

const char *help_man(struct arena *a)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, ".TH HVGPU 1 \"\" \"hvgpu " HVGPU_VERSION "\" \"\"\n"
                 ".SH NAME\nhvgpu \\- declarative GPU management for Hyper\\-V hosts and failover "
                 "clusters\n"
                 ".SH SYNOPSIS\n.B hvgpu\n.I VERB [OPTIONS] [SPEC...]\n.br\n.B hvgpu\n"
                 ".I [\\-\\-sim WORLD]\n.SH DESCRIPTION\n");
    plain(&t,
          "A YAML spec says how many partitions each physical GPU is cut into, which GPUs are "
          "set aside for direct assignment, which pools exist, and which VM holds what. hvgpu "
          "observes the hosts, shows the difference as ordered actions, carries them out, "
          "verifies them, and reports drift. SPEC is a file, a folder or - (standard input).\n");
    text_add(&t, ".SH VERBS\n");
    verb(&t, a, &cmd_first);
    for (size_t i = 0; i < cmd_row_count; i++)
        verb(&t, a, cmd_rows[i]);
    every_option(&t, a);
    text_add(&t, ".SH \"EXIT STATUS\"\nOf several the one that is most severe.\n");
    for (size_t i = 0; i < exit_row_count; i++)
        tagged(&t, arena_printf(a, "%d", (int)exit_rows[i].code), exit_rows[i].text);
    environment(&t);
    text_add(&t, ".SH \"SEE ALSO\"\n");
    plain(&t, "hvgpu explain WORD says what a key of the spec, a code or a rule means; the folder "
              "specs/ of the source has it all as pages.\n");
    return text_done(&t);
}
