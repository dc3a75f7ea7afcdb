/* Approvals as they are handed over: files, and folders of them (P12). */
#include "base/limits.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "codec/approval.h"
#include "fleet/probe.h"
#include "fleet/sources.h"
#include "host/host.h"

bool cmd_asks_approval(const struct call *call)
{
    for (size_t i = 0; i < call->ceilings.count; i++)
        if (call->ceilings.rows[i].bounds.approval_count)
            return true;
    return false;
}

/* What else lies in a folder (the plans themselves) is passed over; a file that is named is not. */
static bool read_one(struct call *call, const struct source_file *f, struct approval *out,
                     bool *taken, struct err *e)
{
    struct style style = cmd_style(call, 2);
    struct source_text source = {.file = f->path};
    struct findings found;
    const char *kind;
    char *text;

    *taken = false;
    if (str_eq(f->path, "-"))
        return err_set(e, ERR_INVALID, 0, "an approval is a file, not the standard input");
    if (!host_read_file(call->arena, f->path, LIMIT_APPROVAL_BYTES, &text, &source.size, e)) {
        e->kind = ERR_INVALID;
        return err_wrap(e, "--approval");
    }
    source.text = text;
    kind = probe_kind(call->arena, text, source.size);
    if (!str_eq(kind, "Approval"))
        return !f->named || err_set(e, ERR_INVALID, 0, "--approval %s: %s%s is no approval",
                                    f->path, kind ? "kind: " : "this", kind ? kind : "");
    findings_init(&found, call->arena);
    *taken = approval_read(call->arena, f->path, text, source.size, out, &found);
    if (*taken)
        return true;
    cmd_log(report_findings(call->arena, &found, &source, 1, &style));
    return err_set(e, ERR_INVALID, 0, "the approval %s is invalid: nothing was done", f->path);
}

bool cmd_approvals(struct call *call, struct approvals *out, struct err *e)
{
    const struct option_list *given = &call->options.approval;
    const int64_t at_ms = call->options.at_ms, now_ms = host_now_ms();
    struct approval *rows;
    struct source_file *files;
    size_t count;
    bool taken;

    *out = (struct approvals){.now_ms = at_ms > now_ms ? at_ms : now_ms};
    if (!given->count)
        return true;
    if (!sources_list(call->arena, given->rows, given->count, &files, &count, e)) {
        e->kind = ERR_INVALID;
        return err_wrap(e, "--approval");
    }
    if (count > LIMIT_APPROVALS)
        return err_set(e, ERR_INVALID, 0, "--approval: %zu files are too many: at most %d", count,
                       LIMIT_APPROVALS);
    rows = arena_array(call->arena, struct approval, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (!read_one(call, &files[i], &rows[out->count], &taken, e))
            return false;
        out->count += taken;
    }
    out->rows = rows;
    return true;
}
