/* Policies from outside the specs (P5), and what an operator lifts for a while (P6). */
#include "base/limits.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "fleet/sources.h"
#include "host/host.h"

#include <string.h>

/* Both count: what the machine's owner set is not undone by an option. */
static const char **policy_paths(struct call *call, size_t *count)
{
    const struct option_list *given = &call->options.policy;
    const char **out = arena_array(call->arena, const char *, given->count + 1);
    const char *machine = host_env("HVGPU_POLICY");

    *count = 0;
    for (size_t i = 0; i < given->count; i++)
        out[(*count)++] = given->rows[i];
    if (machine && *machine)
        out[(*count)++] = machine;
    return out;
}

static bool read_texts(struct call *call, const struct source_file *files, size_t count,
                       struct spec_source *sources, struct source_text *texts, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        char *text;

        sources[i].file = files[i].path;
        if (str_eq(files[i].path, "-"))
            return err_set(e, ERR_INVALID, 0, "a policy is a file, not the standard input");
        if (!host_read_file(call->arena, files[i].path, LIMIT_POLICY_BYTES, &text, &sources[i].size,
                            e)) {
            e->kind = ERR_INVALID;
            return err_wrap(e, "the policy");
        }
        sources[i].text = text;
        texts[i] = (struct source_text){files[i].path, text, sources[i].size};
    }
    return true;
}

static bool read_files(struct call *call, const struct source_file *files, size_t count,
                       struct err *e)
{
    struct spec_source *sources = arena_array(call->arena, struct spec_source, count + 1);
    struct source_text *texts = arena_array(call->arena, struct source_text, count + 1);
    struct style style = cmd_style(call, 2);
    struct findings found;
    bool good;

    if (!read_texts(call, files, count, sources, texts, e))
        return false;
    findings_init(&found, call->arena);
    good = ceilings_read(call->arena, sources, count, &call->ceilings, &found);
    if (found.count && call->options.output == FORMAT_JSON && str_eq(call->cmd->name, "validate"))
        cmd_print(report_findings_json(call->arena, &found));
    else if (found.count)
        cmd_log(report_findings(call->arena, &found, texts, count, &style));
    call->bound = arena_array(call->arena, bool, call->ceilings.count + 1);
    return good || err_set(e, ERR_INVALID, 0, "a policy is invalid: nothing was done under it");
}

bool cmd_policies(struct call *call, struct err *e)
{
    struct source_file *files;
    size_t count, path_count;
    const char **paths;

    if (!cmd_takes(call->cmd, OPT_POLICY))
        return true;
    paths = policy_paths(call, &path_count);
    if (!path_count)
        return true;
    if (!sources_list(call->arena, paths, path_count, &files, &count, e))
        return err_wrap(e, "the policy");
    if (count > LIMIT_POLICIES)
        return err_set(e, ERR_INVALID, 0, "%zu policy files are too many: at most %d", count,
                       LIMIT_POLICIES);
    return read_files(call, files, count, e);
}

void cmd_tell_unbound(const struct call *call)
{
    for (size_t i = 0; i < call->ceilings.count; i++)
        if (!call->bound[i])
            cmd_log(report_error(
                call->arena, "note",
                arena_printf(call->arena,
                             "policy %s (%s:%u) binds none of these clusters; look at its "
                             "appliesTo where it should",
                             call->ceilings.rows[i].name, call->ceilings.rows[i].at.file,
                             (unsigned)call->ceilings.rows[i].at.line)));
}

bool cmd_override(struct call *call, struct override *out, struct err *e)
{
    const struct options *o = &call->options;

    *out = (struct override){0};
    if (!o->given[OPT_OVERRIDE])
        return !o->given[OPT_UNTIL] ||
               err_set(e, ERR_USAGE, 0, "--until is of an --override: say both");
    if (!o->reason)
        return err_set(e, ERR_USAGE, 0, "%s: --override wants --reason TEXT", call->cmd->name);
    if (strlen(o->reason) > LIMIT_NAME)
        return err_set(e, ERR_USAGE, 0, "--reason: at most %d bytes", LIMIT_NAME);
    *out = (struct override){
        .what = "disruption",
        .reason = o->reason,
        .by = arena_printf(call->arena, "%s@%s", host_user(call->arena), host_name(call->arena)),
        .until_ms = o->until_ms};
    return true;
}
