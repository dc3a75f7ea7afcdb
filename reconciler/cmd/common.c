#include "cmd/cmd.h"

#include "base/limits.h"
#include "base/str.h"
#include "host/host.h"
#include "report/page.h"

#include <stdio.h>
#include <string.h>

static bool broken; /* stdout could not take something */

void cmd_print(const char *text)
{
    size_t n = strlen(text);

    if (fwrite(text, 1, n, stdout) != n || fflush(stdout) != 0)
        broken = true;
}

/* What an error quotes may come from anywhere: no control character but our own colours. */
void cmd_log(const char *text)
{
    for (const char *s = text; *s; s++) {
        unsigned char c = (unsigned char)*s;

        fputc((c < 0x20 && c != '\n' && c != '\033') || c == 0x7f ? '?' : c, stderr);
    }
    fflush(stderr);
}

bool cmd_flush(void)
{
    if (fflush(stdout) != 0)
        broken = true;
    return !broken;
}

enum exit_code cmd_fail(const struct err *e)
{
    struct arena a;

    arena_init(&a, 0);
    cmd_log(report_error(&a, "hvgpu", e->text));
    arena_release(&a);
    return exit_of_err(e);
}

struct style cmd_style(const struct call *call, int fd)
{
    const char *term = host_env("TERM"), *no_color = host_env("NO_COLOR");
    bool plain = (no_color && *no_color) || str_eq(term, "dumb");
    struct style style = {.all = call->options.all};

    if (call->options.color == COLOR_AUTO)
        style.color = host_is_terminal(fd) && !plain;
    else
        style.color = call->options.color == COLOR_ALWAYS;
    if (host_is_terminal(fd))
        style.width = host_terminal_width();
    return style;
}

struct fleet_options cmd_fleet(struct call *call)
{
    const struct options *o = &call->options;

    return (struct fleet_options){.paths = call->args,
                                  .path_count = call->count,
                                  .sim = o->sim,
                                  .from = o->from,
                                  .state = o->state,
                                  .facts = call->facts,
                                  .parallel = (size_t)o->parallel,
                                  .call_ms = o->timeout_ms,
                                  .at_ms = o->at_ms,
                                  .word = {.allow_stops = (uint32_t)o->allow_stops,
                                           .allow_removals = (uint32_t)o->allow_removals},
                                  .zero_on = call->zero_on,
                                  .gaps = o->output == OUTPUT_TEXT,
                                  .style = cmd_style(call, 2),
                                  .print = cmd_print,
                                  .log = cmd_log};
}

bool cmd_keep_input(struct call *call, struct fleet_options *options, struct err *e)
{
    char *text;

    for (size_t i = 0; !options->input && i < call->count; i++) {
        if (!str_eq(call->args[i], "-"))
            continue;
        if (!host_read_file(call->arena, "-", LIMIT_DOC_BYTES, &text, &options->input_size, e))
            return false;
        options->input = text;
    }
    return true;
}

struct names {
    struct arena *arena;
    struct map *map;
};

static void take_name(struct fleet_item *item, void *context)
{
    struct names *names = context;

    map_put(names->map, arena_strdup(names->arena, item->spec->name), 0);
}

enum exit_code cmd_names(struct call *call, struct map *out)
{
    struct fleet_options options = cmd_fleet(call);
    struct names names = {call->arena, out};
    struct fleet_totals totals;

    enum exit_code code = cmd_choose(call, &options);

    map_init(out, call->arena, 64, false);
    if (code != EXIT_IN_SYNC)
        return code;
    options.need = NEED_SPEC;
    options.gaps = false;
    options.parallel = 1; /* one lane, so that the map is nobody else's */
    fleet_run(&options, take_name, &names, &totals);
    return totals.worst;
}

static void read_only(struct fleet_item *item, void *context)
{
    (void)item;
    (void)context;
}

enum exit_code cmd_nothing_recorded(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    enum exit_code code = cmd_choose(call, &options);
    struct fleet_totals totals;

    if (code != EXIT_IN_SYNC)
        return code;
    options.need = NEED_WORLD;
    options.gaps = false;
    fleet_run(&options, read_only, NULL, &totals);
    if (totals.worst != EXIT_IN_SYNC)
        return totals.worst;
    cmd_print(call->options.output == OUTPUT_JSON
                  ? "[]\n"
                  : "Nothing is recorded of a world in memory: no runs, and nothing is owed.\n"
                    "What is recorded of lasting worlds is told without --sim.\n");
    return EXIT_IN_SYNC;
}

bool cmd_document(const struct call *call, const char *text, struct err *e)
{
    if (!call->options.out) {
        cmd_print(text);
        return true;
    }
    return host_write_file(call->options.out, text, strlen(text), e);
}

static bool is_read(const char *out, const char *path, const char *what, struct err *e)
{
    if (!path || !host_same_file(out, path))
        return false;
    err_set(e, ERR_USAGE, 0, "--out %s would overwrite the %s that was read; name another file",
            out, what);
    return true;
}

bool cmd_item_document(const struct call *call, const struct fleet_item *item, const char *text,
                       struct err *e)
{
    const char *out = call->options.out;

    if (out && (is_read(out, item->file, "spec", e) || is_read(out, item->world, "world", e)))
        return false;
    for (size_t i = 0; out && i < item->beside_count; i++)
        if (is_read(out, item->beside[i], "spec", e))
            return false;
    return cmd_document(call, text, e);
}

bool cmd_may_ask(const struct call *call)
{
    return !call->options.no_input && host_is_terminal(0) && host_is_terminal(2);
}

const char *cmd_ask(struct arena *a, const char *question)
{
    char line[256];
    size_t n;

    fflush(stdout);
    fputs(question, stderr);
    fflush(stderr);
    if (!fgets(line, sizeof line, stdin))
        return NULL;
    n = strcspn(line, "\r\n");
    return arena_strndup(a, line, n);
}

void cmd_say_options(struct text *t, const struct call *call, bool from)
{
    const struct options *o = &call->options;
    struct arena *a = t->arena;

    if (o->sim)
        text_printf(t, " --sim %s", page_word(a, o->sim));
    if (o->from && from)
        text_printf(t, " --from %s", page_word(a, o->from));
    if (o->data)
        text_printf(t, " --data %s", page_word(a, o->data));
    if (o->state)
        text_printf(t, " --state %s", page_word(a, o->state));
}

void cmd_say_files(struct text *t, const struct fleet_item *item)
{
    text_printf(t, " %s", page_word(item->arena, item->file));
    for (size_t i = 0; i < item->beside_count; i++)
        text_printf(t, " %s", page_word(item->arena, item->beside[i]));
}

const char *cmd_sees(const struct fleet_item *item, const struct call *call)
{
    struct text t;

    text_init(&t, item->arena);
    cmd_say_options(&t, call, true);
    cmd_say_files(&t, item);
    return text_done(&t) + 1;
}
