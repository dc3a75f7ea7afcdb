#include "base/str.h"
#include "base/when.h"
#include "cmd/cmd.h"

#include <string.h>

#define IN(member) offsetof(struct options, member)

const struct option option_rows[] = {
    {OPT_OUTPUT, "--output", 'o', OPTION_FORMAT, IN(output), "FORMAT", "how to say it", 0, 0},
    {OPT_FILE, "--file", 'f', OPTION_PATH, 0, "FILE", "a spec, as if it stood behind the options",
     0, 0},
    {OPT_SIM, "--sim", 0, OPTION_TEXT, IN(sim), "FILE",
     "a copy of this world or snapshot, in memory, in place of `connect`", 0, 0},
    {OPT_WMI, "--wmi", 0, OPTION_FLAG, IN(wmi), NULL,
     "look at the simulated world through WMI, as at a real host", 0, 0},
    {OPT_RECORD, "--record", 0, OPTION_TEXT, IN(record), "FILE",
     "keep the conversation with WMI in this file; --sim takes it", 0, 0},
    {OPT_MASK, "--mask", 0, OPTION_FLAG, IN(mask), NULL,
     "other names for hosts, VMs, pools and the cluster in what is kept", 0, 0},
    {OPT_FROM, "--from", 0, OPTION_TEXT, IN(from), "FILE|FOLDER",
     "a snapshot instead of the world (in a folder: NAME.json)", 0, 0},
    {OPT_BASE, "--base", 0, OPTION_TEXT, IN(base), "REV|FOLDER",
     "tell this change from what was there before it", 0, 0},
    {OPT_OUT, "--out", 0, OPTION_TEXT, IN(out), "FILE",
     "write the document to this file, whole or not at all", 0, 0},
    {OPT_MARK, "--mark", 0, OPTION_TEXT, IN(mark), "TEXT",
     "which comment or upload it is: the next one replaces it", 0, 0},
    {OPT_MAX_SIZE, "--max-size", 0, OPTION_NUMBER, IN(max_size), "N",
     "a comment has fewer bytes (65536; GitLab 1000000, Azure 150000)", 16384, 100000000},
    {OPT_AT, "--at", 0, OPTION_WHEN, IN(at_ms), "TIME",
     "as if it were then: 2026-11-21T22:30:00+01:00; only to look at", 0, 0},
    {OPT_ALLOW_STOPS, "--allow-stops", 0, OPTION_NUMBER, IN(allow_stops), "N",
     "running VMs that may be stopped, where the spec does not say", 0, UINT32_MAX - 1},
    {OPT_ALLOW_REMOVALS, "--allow-removals", 0, OPTION_NUMBER, IN(allow_removals), "N",
     "so many adapters and requests may leave at once (M5)", 0, UINT32_MAX - 1},
    {OPT_ONLY, "--only", 0, OPTION_LIST, IN(only), "SUBJECT",
     "only these: vm/.., gpu/NODE/gpuN, pool/.., node/.., cluster/..", 0, 0},
    {OPT_EXCLUDE, "--exclude", 0, OPTION_LIST, IN(exclude), "SUBJECT",
     "all but these; both take ranges and patterns, and repeat", 0, 0},
    {OPT_LABELS, "--labels", 'l', OPTION_LIST, IN(labels), "LIST",
     "only clusters with these labels: ring=canary,country!=no", 0, 0},
    {OPT_ZERO_ON, "--exit-zero-on", 0, OPTION_LIST, IN(zero_on), "LIST",
     "end with 0 in place of these exit codes: 2,5", 0, 0},
    {OPT_YES, "--yes", 'y', OPTION_FLAG, IN(yes), NULL, "answers \"go on?\", and nothing more", 0,
     0},
    {OPT_NO_INPUT, "--no-input", 0, OPTION_FLAG, IN(no_input), NULL, "ask nothing", 0, 0},
    {OPT_RETRY, "--retry", 0, OPTION_FLAG, IN(retry), NULL,
     "try again what was put back before, though nothing changed", 0, 0},
    {OPT_TAKE_OVER, "--take-over", 0, OPTION_FLAG, IN(take_over), NULL,
     "take the cluster over from another store; say --reason", 0, 0},
    {OPT_REASON, "--reason", 0, OPTION_TEXT, IN(reason), "TEXT", "why; kept in the history", 0, 0},
    {OPT_LIMIT, "--limit", 'n', OPTION_NUMBER, IN(limit), "N", "at most so many rows (20)", 1,
     100000},
    {OPT_STATE, "--state", 0, OPTION_TEXT, IN(state), "FOLDER", "where ledgers and history are", 0,
     0},
    {OPT_DATA, "--data", 0, OPTION_TEXT, IN(data), "FILE",
     "lists of cards, GPUs, guests and drivers in place of our own", 0, 0},
    {OPT_POLICY, "--policy", 0, OPTION_LIST, IN(policy), "FILE|FOLDER",
     "a Policy, from outside the specs; repeats; HVGPU_POLICY adds one", 0, 0},
    {OPT_OVERRIDE, "--override", 0, OPTION_WORD, IN(override), "disruption",
     "never in the spec yields to --allow-stops; say --reason", 0, 0},
    {OPT_APPROVAL, "--approval", 0, OPTION_LIST, IN(approval), "FILE|FOLDER",
     "an approval of this, or of a plan that does no less; repeats", 0, 0},
    {OPT_KEY, "--key", 0, OPTION_TEXT, IN(key), "FILE", "sign with this key", 0, 0},
    {OPT_NEW_KEY, "--new-key", 0, OPTION_TEXT, IN(new_key), "FILE",
     "make a key, in a file that only you can read", 0, 0},
    {OPT_UNTIL, "--until", 0, OPTION_WHEN, IN(until_ms), "TIME",
     "when the override (24 h from now, at most 7 d) or the pause ends", 0, 0},
    {OPT_ALL, "--all", 'a', OPTION_FLAG, IN(all), NULL, "fold nothing, show every step", 0, 0},
    {OPT_COLOR, "--color", 0, OPTION_WORD, IN(color), "auto|always|never",
     "colour only repeats what a word says", 0, 0},
    {OPT_TIMEOUT, "--timeout", 0, OPTION_TIME, IN(timeout_ms), "DURATION",
     "how long one call to a node may take (60s)", 0, 0},
    {OPT_PARALLEL, "--parallel", 0, OPTION_NUMBER, IN(parallel), "N",
     "clusters worked on side by side (one per core)", 1, 256},
    {OPT_HELP, "--help", 'h', OPTION_FLAG, IN(help), NULL, "this text", 0, 0},
};
const size_t option_row_count = sizeof option_rows / sizeof *option_rows;

bool cmd_takes(const struct cmd *cmd, enum option_id id)
{
    for (const enum option_id *o = cmd->options; *o != OPT_END; o++)
        if (*o == id)
            return true;
    return id == OPT_HELP;
}

static const struct option *by_letter(char letter)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].letter == letter)
            return &option_rows[i];
    return NULL;
}

static const struct option *by_name(const char *name)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (str_eq(option_rows[i].name, name))
            return &option_rows[i];
    return NULL;
}

static bool unknown(struct arena *a, const struct cmd *cmd, const char *name, struct err *e)
{
    const char **known = arena_array(a, const char *, option_row_count);
    const char *near;
    size_t n = 0;

    if (by_name(name))
        return err_set(e, ERR_USAGE, 0, "%s does not take %s; see: hvgpu help %s", cmd->name, name,
                       cmd->name);
    for (size_t i = 0; i < option_row_count; i++)
        if (cmd_takes(cmd, option_rows[i].id))
            known[n++] = option_rows[i].name;
    near = str_nearest(name, known, n);
    return err_set(e, ERR_USAGE, 0, "%s: unknown option %s%s%s%s; see: hvgpu help %s", cmd->name,
                   name, near ? ", did you mean " : "", near ? near : "", near ? "?" : "",
                   cmd->name);
}

const char *cmd_option_value(const struct cmd *cmd, const struct option *o)
{
    if (o->kind == OPTION_FORMAT)
        return cmd->formats ? cmd->formats : "text|json";
    return o->value;
}

/* Index of a word in "text|json"; -1 when it is none. */
static int word_index(const char *words, const char *word)
{
    size_t n = strlen(word);

    for (int i = 0; words; i++) {
        const char *bar = strchr(words, '|');
        size_t size = bar ? (size_t)(bar - words) : strlen(words);

        if (size == n && memcmp(words, word, n) == 0)
            return i;
        words = bar ? bar + 1 : NULL;
    }
    return -1;
}

static bool store_word_of_verb(const struct option *o, const char *value, struct call *out,
                               struct err *e)
{
    const char *words = cmd_option_value(out->cmd, o);

    for (int i = 0; word_index(words, value) >= 0 && i < FORMATS; i++)
        if (str_eq(format_words[i], value)) {
            out->options.output = i;
            return true;
        }
    return err_set(e, ERR_USAGE, 0, "%s: \"%s\" is not one of %s", o->name, value, words);
}

static bool store_list(const struct option *o, const char *value, struct option_list *list,
                       const struct call *call, struct err *e)
{
    if (!*value)
        return err_set(e, ERR_USAGE, 0, "%s: the value is empty", o->name);
    list->rows =
        arena_grow(call->arena, list->rows, list->count, list->count + 1, sizeof *list->rows);
    list->rows[list->count++] = value;
    return true;
}

static bool store(const struct option *o, const char *value, struct call *out, struct err *e)
{
    char *to = (char *)&out->options + o->offset;
    uint64_t number;
    int64_t when;
    int word;

    switch (o->kind) {
    case OPTION_FLAG:
        memcpy(to, &(bool){true}, sizeof(bool));
        return true;
    case OPTION_TEXT:
        if (!*value)
            return err_set(e, ERR_USAGE, 0, "%s: the value is empty", o->name);
        memcpy(to, &value, sizeof value);
        return true;
    case OPTION_FORMAT:
        return store_word_of_verb(o, value, out, e);
    case OPTION_LIST:
        return store_list(o, value, (struct option_list *)(void *)to, out, e);
    case OPTION_PATH:
        out->args[out->count++] = value;
        return true;
    case OPTION_NUMBER:
        if (!str_u64(value, &number) || number < o->min || number > o->max)
            return err_set(e, ERR_USAGE, 0, "%s: \"%s\" is not a number from %llu to %llu", o->name,
                           value, (unsigned long long)o->min, (unsigned long long)o->max);
        memcpy(to, &number, sizeof number);
        return true;
    case OPTION_TIME:
        if (!duration_parse(value, &out->options.timeout_ms) || out->options.timeout_ms <= 0)
            return err_set(e, ERR_USAGE, 0, "%s: \"%s\" is not a duration such as 90s or 5m",
                           o->name, value);
        return true;
    case OPTION_WHEN:
        if (!when_parse(value, &when) || when <= 0)
            return err_set(e, ERR_USAGE, 0,
                           "%s: \"%s\" is not a time such as 2026-11-21T22:30:00Z or "
                           "2026-11-21T22:30:00+01:00",
                           o->name, value);
        memcpy(to, &when, sizeof when);
        return true;
    case OPTION_WORD:
        word = word_index(o->value, value);
        if (word < 0)
            return err_set(e, ERR_USAGE, 0, "%s: \"%s\" is not one of %s", o->name, value,
                           o->value);
        memcpy(to, &word, sizeof word);
        return true;
    }
    return false;
}

struct words {
    const char *const *rows;
    size_t count, at;
};

/* An option's value: behind "=" or the letter, or the next word. */
static bool take(const struct option *o, const char *value, struct words *w, struct call *out,
                 struct err *e)
{
    if (o->kind == OPTION_FLAG && value)
        return err_set(e, ERR_USAGE, 0, "%s takes no value", o->name);
    if (o->kind != OPTION_FLAG && !value) {
        if (w->at == w->count)
            return err_set(e, ERR_USAGE, 0, "%s wants a value: %s", o->name,
                           cmd_option_value(out->cmd, o));
        value = w->rows[w->at++];
    }
    if (out->options.given[o->id] && o->kind != OPTION_PATH && o->kind != OPTION_FLAG &&
        o->kind != OPTION_LIST)
        return err_set(e, ERR_USAGE, 0, "%s is given twice", o->name);
    out->options.given[o->id] = true;
    return store(o, value, out, e);
}

static bool one_option(struct arena *a, const struct cmd *cmd, const char *word, struct words *w,
                       struct call *out, struct err *e)
{
    const struct option *o;
    const char *equals, *value = NULL, *name = word;

    if (word[1] == '-') {
        equals = strchr(word, '=');
        if (equals) {
            name = arena_strndup(a, word, (size_t)(equals - word));
            value = equals + 1;
        }
        o = by_name(name);
    } else {
        o = by_letter(word[1]);
        name = arena_strndup(a, word, 2);
        if (word[2])
            value = word[2] == '=' ? word + 3 : word + 2;
    }
    if (!o || !cmd_takes(cmd, o->id))
        return unknown(a, cmd, o ? o->name : name, e);
    return take(o, value, w, out, e);
}

bool options_parse(struct arena *a, const struct cmd *cmd, const char *const *words, size_t count,
                   struct call *out, struct err *e)
{
    struct words w = {words, count, 0};
    bool open = true;

    *out = (struct call){.arena = a, .cmd = cmd};
    out->args = arena_array(a, const char *, count + 1);
    while (w.at < w.count) {
        const char *word = w.rows[w.at++];

        if (open && str_eq(word, "--"))
            open = false;
        else if (open && word[0] == '-' && word[1]) {
            if (!one_option(a, cmd, word, &w, out, e))
                return false;
        } else {
            out->args[out->count++] = word;
        }
    }
    if (out->options.help)
        return true;
    if (out->count < cmd->least)
        return err_set(e, ERR_USAGE, 0, "%s wants %s; see: hvgpu help %s", cmd->name, cmd->usage,
                       cmd->name);
    if (out->count > cmd->most)
        return err_set(e, ERR_USAGE, 0, "%s: \"%s\" is one argument too many; see: hvgpu help %s",
                       cmd->name, out->args[cmd->most], cmd->name);
    return true;
}
