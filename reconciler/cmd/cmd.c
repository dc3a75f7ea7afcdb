/* From words to one verb. */
#include "cmd/cmd.h"

#include "base/limits.h"
#include "base/str.h"
#include "codec/facts.h"
#include "host/host.h"

static const struct cmd *unknown_verb(struct arena *a, const char *word, struct err *e)
{
    const char **names = arena_array(a, const char *, cmd_row_count);
    const char *near;

    for (size_t i = 0; i < cmd_row_count; i++)
        names[i] = cmd_rows[i]->name;
    near = str_nearest(word, names, cmd_row_count);
    err_set(e, ERR_USAGE, 0, "unknown verb %s%s%s%s; see: hvgpu help", word,
            near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
    return NULL;
}

/* hvgpu --help and hvgpu --version are what everybody tries. */
static const struct cmd *verb_of(struct arena *a, const char *word, struct err *e)
{
    static const struct {
        const char *word;
        const struct cmd *cmd;
    } others[] = {{"--help", &cmd_help},
                  {"-h", &cmd_help},
                  {"--version", &cmd_version},
                  {"-V", &cmd_version}};
    const struct cmd *cmd = cmd_find(word);

    for (size_t i = 0; !cmd && i < sizeof others / sizeof *others; i++)
        if (str_eq(word, others[i].word))
            cmd = others[i].cmd;
    return cmd ? cmd : unknown_verb(a, word, e);
}

/* What is compiled in, and --data before it; what is wrong with a file is said with its places. */
static bool cmd_facts(struct call *call, struct err *e)
{
    const char *path = call->options.data;
    struct facts *facts = facts_built_in(call->arena);
    struct style style = cmd_style(call, 2);
    struct source_text source = {.file = path};
    struct findings found;
    char *text;
    bool good;

    call->facts = facts;
    if (!path)
        return true;
    if (!host_read_file(call->arena, path, LIMIT_DATA_BYTES, &text, &source.size, e)) {
        e->kind = ERR_INVALID;
        return err_wrap(e, "--data");
    }
    source.text = text;
    findings_init(&found, call->arena);
    good = facts_read(call->arena, path, text, source.size, facts, &found);
    findings_sort(&found);
    if (found.count)
        cmd_log(report_findings(call->arena, &found, &source, 1, &style));
    return good || err_set(e, ERR_INVALID, 0, "the data file %s is invalid", path);
}

static enum exit_code dispatch(struct arena *a, int argc, char **argv)
{
    const char **words = arena_array(a, const char *, (size_t)argc + 1);
    const struct cmd *cmd;
    int from = 2;
    enum exit_code code;
    struct call call;
    struct err e;

    for (int i = 0; i < argc; i++)
        words[i] = argv[i];
    if (cmd_is_first(a, argc, words)) {
        cmd = &cmd_first;
        from = 1;
    } else {
        cmd = verb_of(a, words[1], &e);
        if (cmd_find_two(a, words[1], words[2])) {
            cmd = cmd_find_two(a, words[1], words[2]);
            from = 3;
        }
    }
    if (!cmd ||
        !options_parse(a, cmd, words + from, argc < from ? 0 : (size_t)(argc - from), &call, &e))
        return cmd_fail(&e);
    if (call.options.help) {
        cmd_print(help_verb(a, cmd));
        return EXIT_IN_SYNC;
    }
    if (!cmd_facts(&call, &e))
        return cmd_fail(&e);
    if (!cmd_zero_on(&call, call.zero_on, &e) || !cmd_policies(&call, &e))
        return cmd_fail(&e);
    code = cmd->run(&call);
    if (code != EXIT_USAGE_ERROR && code != EXIT_INVALID)
        cmd_tell_unbound(&call);
    return call.zero_on[(unsigned)code % EXIT_CODES] ? EXIT_IN_SYNC : code;
}

int cmd_main(int argc, char **argv)
{
    struct arena a;
    enum exit_code code;
    struct err e;

    host_fill_standard();
    host_tune_memory();
    arena_init(&a, 0);
    code = dispatch(&a, argc, host_arguments(&a, argc, argv));
    arena_release(&a);
    if (!cmd_all_printed()) {
        err_set(&e, ERR_IO, 0, "the output could not be written");
        code = exit_worst(code, cmd_fail(&e));
    }
    return (int)code;
}
