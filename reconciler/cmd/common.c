#include "cmd/cmd.h"

#include "base/limits.h"
#include "base/str.h"
#include "fleet/probe.h"
#include "host/host.h"
#include "report/page.h"

#include <string.h>

static bool broken; /* stdout could not take something */

void cmd_print(const char *text)
{
    if (!host_put(1, text, strlen(text)))
        broken = true;
}

/*
 * What an error quotes may come from anywhere: no control character but our own
 * colours.  In one piece: what is drawn at a terminal shall not flicker.
 */
void cmd_log(const char *text)
{
    struct arena scratch;
    char *clean;

    arena_init(&scratch, 0);
    clean = arena_strdup(&scratch, text);
    for (char *s = clean; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if ((c < 0x20 && c != '\n' && c != '\033') || c == 0x7f)
            *s = '?';
    }
    (void)!host_put(2, clean, strlen(clean)); /* who would be told? */
    arena_release(&scratch);
}

bool cmd_all_printed(void)
{
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
    bool takes_color = call->options.color != COLOR_NEVER && host_takes_color(fd);
    struct style style = {.all = call->options.all};

    if (call->options.color == COLOR_AUTO)
        style.color = !plain && takes_color;
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
                                  .wmi = o->wmi,
                                  .record = o->record,
                                  .mask = o->mask,
                                  .from = o->from,
                                  .state = o->state,
                                  .facts = call->facts,
                                  .parallel = (size_t)o->parallel,
                                  .call_ms = o->timeout_ms,
                                  .at_ms = o->at_ms,
                                  .word = {.allow_stops = (uint32_t)o->allow_stops,
                                           .allow_removals = (uint32_t)o->allow_removals},
                                  .ceilings = call->ceilings.count ? &call->ceilings : NULL,
                                  .bound = call->bound,
                                  .zero_on = call->zero_on,
                                  .gaps = o->output == FORMAT_TEXT,
                                  .parts = cmd_whole(call) ? call->arena : NULL,
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

struct taking {
    struct arena *arena;
    struct cmd_names *names;
};

static void take_name(struct fleet_item *item, void *context)
{
    struct taking *x = context;
    struct cmd_names *names = x->names;
    const char *name = arena_strdup(x->arena, item->spec->name);

    if (map_put(&names->of_name, name, (uint32_t)names->count) == names->count)
        *arena_push(x->arena, names->rows, names->count, names->room) = name;
}

enum exit_code cmd_names(struct call *call, struct cmd_names *out)
{
    struct fleet_options options = cmd_fleet(call);
    struct taking taking = {call->arena, out};
    struct fleet_totals totals;

    enum exit_code code = cmd_choose(call, &options);

    *out = (struct cmd_names){0};
    map_init(&out->of_name, call->arena, 64, false);
    if (code != EXIT_IN_SYNC)
        return code;
    options.need = NEED_SPEC;
    options.gaps = false;
    options.parallel = 1; /* one lane, so that the map is nobody else's */
    fleet_run(&options, take_name, &taking, &totals);
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
    cmd_print(call->options.output == FORMAT_JSON
                  ? "[]\n"
                  : "Nothing is recorded of a world in memory: no runs, and nothing is owed.\n"
                    "What is recorded of lasting worlds is told without --sim.\n");
    return EXIT_IN_SYNC;
}

void cmd_worlds(struct call *call, const struct cmd_names *names, const struct history_run *runs,
                size_t count, struct map *out)
{
    struct arena *a = call->arena;
    bool *known = arena_array(a, bool, names->count + 1);
    const char **unknown = arena_array(a, const char *, names->count + 1);
    size_t n = 0;

    map_init(out, a, 64, false);
    for (size_t i = 0; i < count; i++) {
        const char *cluster = runs[i].cluster;
        uint32_t name = cluster ? map_get(&names->of_name, cluster) : MAP_NONE;

        if (name == MAP_NONE)
            continue;
        known[name] = true;
        map_put(out, runs[i].identity, 0);
    }
    for (size_t i = 0; i < names->count; i++)
        if (!known[i])
            unknown[n++] = names->rows[i];
    if (n && count)
        cmd_log(report_error(a, "note",
                             arena_printf(a,
                                          "no run is known under the name %s; where a document was "
                                          "renamed, this verb tells of it without specs",
                                          str_ranges(a, unknown, n))));
}

enum exit_code cmd_plan_file(struct call *call, const char *path, struct plan_file *out)
{
    struct style style = cmd_style(call, 2);
    struct source_text source = {.file = path};
    struct findings found;
    const char *kind;
    struct err e;
    char *text;

    if (!host_read_file(call->arena, path, LIMIT_DOC_BYTES, &text, &source.size, &e)) {
        e.kind = ERR_INVALID;
        return cmd_fail(&e);
    }
    source.text = text;
    kind = probe_kind(call->arena, text, source.size);
    if (!str_eq(kind, "Plan")) {
        err_set(&e, ERR_INVALID, 0, "%s: %s%s is no saved plan", path, kind ? "kind: " : "this",
                kind ? kind : "");
        return cmd_fail(&e);
    }
    findings_init(&found, call->arena);
    if (plan_read(call->arena, path, text, source.size, out, &found))
        return EXIT_IN_SYNC;
    cmd_log(report_findings(call->arena, &found, &source, 1, &style));
    return EXIT_INVALID;
}

bool cmd_may_ask(const struct call *call)
{
    return !call->options.no_input && host_is_terminal(0) && host_is_terminal(2);
}

const char *cmd_ask(struct arena *a, const char *question)
{
    char line[256];
    size_t n;

    (void)!host_put(2, question, strlen(question));
    if (!host_read_line(line, sizeof line))
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
    if (o->wmi)
        text_add(t, " --wmi");
    if (o->from && from)
        text_printf(t, " --from %s", page_word(a, o->from));
    if (o->data)
        text_printf(t, " --data %s", page_word(a, o->data));
    for (size_t i = 0; i < o->policy.count; i++)
        text_printf(t, " --policy %s", page_word(a, o->policy.rows[i]));
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
