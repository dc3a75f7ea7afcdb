/* One document about all clusters of a run: what the passes leave, and the end. */
#include "report/document.h"
#include "cmd/cmd.h"
#include "report/html.h"
#include "report/page.h"

bool cmd_whole(const struct call *call)
{
    return format_whole[call->options.output];
}

bool cmd_out_fits(const struct call *call, bool writes_else, struct err *e)
{
    bool whole = cmd_whole(call);

    if (whole && cmd_out_is_folder(call))
        return err_set(e, ERR_USAGE, 0,
                       "--out %s is a folder, and -o %s is one document about all clusters; name a "
                       "file",
                       call->options.out, format_words[call->options.output]);
    if (!call->options.out || whole || writes_else)
        return true;
    return err_set(e, ERR_USAGE, 0,
                   "%s: --out is for one document about all clusters, and -o %s is none; see: "
                   "hvgpu help %s",
                   call->cmd->name, format_words[call->options.output], call->cmd->name);
}

static struct cluster_part *part_for(struct fleet_item *item, const struct call *call,
                                     struct part_want *which)
{
    *which = document_wants((enum format)call->options.output, call->options.all);
    item->part = arena_new(item->arena, struct cluster_part);
    return item->part;
}

void cmd_leave_plan(struct fleet_item *item, const struct call *call, const struct drift *since)
{
    struct pass *p = &item->pass;
    struct style style = {.all = call->options.all};
    struct part_want which;
    struct cluster_part *part = part_for(item, call, &which);

    plan_identify(item->arena, &p->plan, &p->have, &item->origin);
    part_of_plan(item->arena, &p->plan, &p->have, &p->want, since, &which, part);
    if (call->options.output == FORMAT_HTML)
        part->body = html_drawing(item->arena, &p->plan, NULL, &p->have);
    item->same = part_sameness(item->arena, &p->plan, &p->have, part->exit, &style);
    item->exit = exit_worst(item->exit, part->exit);
}

void cmd_leave_drift(struct fleet_item *item, const struct call *call)
{
    const struct drift *d = &item->past.drift;
    struct style style = {.all = call->options.all};
    struct part_want which;
    struct cluster_part *part = part_for(item, call, &which);

    part_of_drift(item->arena, d, &item->pass.have, &item->pass.want, &which, part);
    if (call->options.output == FORMAT_HTML)
        part->body = html_drawing(item->arena, NULL, d, &item->pass.have);
    item->same = report_drift_sameness(item->arena, d, &item->pass.have, &style);
    item->exit = exit_worst(item->exit, part->exit);
}

void cmd_part_of_file(const struct call *call, const struct plan_file *file,
                      struct cluster_part *out)
{
    struct part_want which = document_wants((enum format)call->options.output, call->options.all);

    part_of_plan(call->arena, &file->plan, &file->seen, NULL, NULL, &which, out);
    if (call->options.output == FORMAT_HTML)
        out->body = html_drawing(call->arena, &file->plan, NULL, &file->seen);
    out->files = call->args;
    out->file_count = 1;
}

/*
 * What was named, in whatever order: another folder in the same repository has a comment of its
 * own, and the same ones have the same.
 */
static const char *key_of(const struct call *call)
{
    struct text t;
    size_t count;
    const char **names = str_set(call->arena, call->args, call->count, &count);

    text_init(&t, call->arena);
    for (size_t i = 0; i < count; i++)
        text_printf(&t, "%s%s", i ? " " : "", names[i]);
    return call->options.mark ? call->options.mark : text_done(&t);
}

static const char *again(const struct call *call)
{
    struct text t;
    size_t count;
    const char **names = str_set(call->arena, call->args, call->count, &count);

    text_init(&t, call->arena);
    text_printf(&t, "hvgpu %s", call->cmd->name);
    cmd_say_options(&t, call, true);
    for (size_t i = 0; i < count; i++)
        text_printf(&t, " %s", page_word(call->arena, names[i]));
    return text_done(&t);
}

/* A document never replaces what it was made of. */
static bool may_write(const struct call *call, const struct fleet_totals *totals, struct err *e)
{
    for (size_t i = 0; call->options.out && i < totals->part_count; i++)
        for (size_t k = 0; k < totals->parts[i].file_count; k++)
            if (cmd_out_is_read(call->options.out, totals->parts[i].files[k], "file", e))
                return false;
    return true;
}

enum exit_code cmd_tell_whole(const struct call *call, const struct fleet_totals *totals)
{
    struct document d = {.format = (enum format)call->options.output,
                         .verb = call->cmd->name,
                         .parts = totals->parts,
                         .part_count = totals->part_count,
                         .exit = totals->worst,
                         .program = "hvgpu " HVGPU_VERSION,
                         .key = key_of(call),
                         .again = again(call),
                         .max_size = (size_t)call->options.max_size};
    struct err e;

    if (!totals->clusters) /* the log says why */
        return totals->worst;
    if (!may_write(call, totals, &e) || !cmd_document(call, report_document(call->arena, &d), &e))
        return exit_worst(totals->worst, cmd_fail(&e));
    return totals->worst;
}
