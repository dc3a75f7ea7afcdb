/* Somebody pauses a subject, or lets it go on (P11); kept in the ledger of its world. */
#include "base/limits.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "fleet/door.h"
#include "fleet/sight.h"
#include "host/host.h"

#include <string.h>

struct pausing {
    struct call *call;
    struct subject_set set;
    const char *by;
    bool resumes;
};

/* Is it in this cluster, or paused there already, whether or not it still is? */
static bool is_here(struct fleet_item *item, const struct pausing *x)
{
    struct subject *rows;
    size_t count;

    subject_list(item->arena, item->spec, &item->pass.have, &rows, &count);
    for (size_t i = 0; i < count; i++)
        if (subject_fits(&x->set, &rows[i]))
            return true;
    return false;
}

static const struct pause *open_pause(const struct ledger *owed, const char *subject)
{
    for (size_t i = 0; i < owed->pause_count; i++)
        if (str_same(owed->pauses[i].subject, subject) && owed->pauses[i].over_ms == WHEN_NONE)
            return &owed->pauses[i];
    return NULL;
}

static bool end_is_ahead(const struct pausing *x, struct arena *a, int64_t now, struct err *e)
{
    const int64_t until = x->call->options.until_ms;

    return !until || until > now ||
           err_set(e, ERR_USAGE, 0, "--until %s: it is %s there already", when_human(a, until),
                   when_human(a, now));
}

static bool note(struct fleet_item *item, struct pausing *x, struct err *e)
{
    const struct options *o = &x->call->options;
    const char *subject = x->call->args[0];
    struct pass *p = &item->pass;
    const int64_t now = state_now_ms(&p->have);
    struct ledger_change c = {.op = LEDGER_PAUSE};
    const struct commit commit = {
        .kind = COMMIT_NOTE, .sync = true, .changes = &c, .change_count = 1};
    const struct pause *old;

    if (!end_is_ahead(x, item->arena, now, e) || !door_store(item, true, e) ||
        !store_ledger(p->store, item->arena, &p->owed, e))
        return false;
    old = open_pause(&p->owed, subject);
    if (x->resumes && !old)
        return err_set(e, ERR_USAGE, 0, "%s is not paused; see: hvgpu status %s", subject,
                       item->file);
    if (x->resumes) {
        c.pause = *old;
        c.pause.over_ms = now;
        c.pause.over_by = x->by;
        c.pause.over_reason = o->reason;
    } else {
        c.pause = (struct pause){.subject = old ? old->subject : subject,
                                 .reason = o->reason,
                                 .by = x->by,
                                 .since_ms = now,
                                 .until_ms = o->until_ms ? o->until_ms : WHEN_NONE,
                                 .over_ms = WHEN_NONE};
    }
    if (!store_commit(p->store, &commit, e))
        return false;
    fleet_say(item,
              x->resumes
                  ? arena_printf(item->arena, "%s of %s goes on: it was paused since %s.\n",
                                 subject, item->spec->name, when_human(item->arena, old->since_ms))
                  : arena_printf(item->arena, "%s of %s is paused%s%s%s.\n", subject,
                                 item->spec->name, o->until_ms ? " until " : "",
                                 o->until_ms ? when_human(item->arena, o->until_ms) : "",
                                 old ? ", as it was; the new reason counts" : ""));
    return true;
}

static void one(struct fleet_item *item, void *context)
{
    struct pausing *x = context;
    struct err e;

    if (!is_here(item, x)) /* it is in another of these clusters */
        return;
    if (!note(item, x, &e))
        fleet_fail(item, &e);
}

static enum exit_code run_either(struct call *call, bool resumes)
{
    struct fleet_options options = cmd_fleet(call);
    struct pausing x = {.call = call, .resumes = resumes};
    struct fleet_totals totals;
    enum exit_code code;
    struct err e;

    options.paths = call->args + 1;
    options.path_count = call->count - 1;
    if (!call->options.reason || !*call->options.reason)
        return err_set(&e, ERR_USAGE, 0, "%s: say --reason TEXT", call->cmd->name), cmd_fail(&e);
    if (strlen(call->options.reason) > LIMIT_NAME)
        return err_set(&e, ERR_USAGE, 0, "--reason: at most %d bytes", LIMIT_NAME), cmd_fail(&e);
    x.by = arena_printf(call->arena, "%s@%s", host_user(call->arena), host_name(call->arena));
    code = cmd_subject(call, &options, call->args[0], &x.set);
    if (code != EXIT_IN_SYNC)
        return code;
    options.need = NEED_WORLD;
    options.parallel = 1;
    options.gaps = false;
    fleet_run(&options, one, &x, &totals);
    return totals.worst;
}

static enum exit_code run_pause(struct call *call)
{
    return run_either(call, false);
}

static enum exit_code run_resume(struct call *call)
{
    return run_either(call, true);
}

static const enum option_id pause_options[] = {OPT_REASON,  OPT_UNTIL,  OPT_STATE,
                                               OPT_WMI,     OPT_COLOR,  OPT_DATA,
                                               OPT_TIMEOUT, OPT_LABELS, OPT_END};
static const enum option_id resume_options[] = {OPT_REASON, OPT_STATE,   OPT_WMI,    OPT_COLOR,
                                                OPT_DATA,   OPT_TIMEOUT, OPT_LABELS, OPT_END};

const struct cmd cmd_pause = {
    .name = "pause",
    .usage = "[OPTIONS] SUBJECT SPEC... --reason TEXT [--until TIME]",
    .line = "hold everything that is about one subject, until it is resumed",
    .options = pause_options,
    .least = 2,
    .most = SIZE_MAX,
    .text =
        "SUBJECT is vm/NAME, gpu/NODE/gpuN, pool/NAME, node/NAME or cluster/NAME, as for --only.\n"
        "From now on no group of steps begins that one of them is a member of; plan, why and\n"
        "status say who paused it, why and until when. What runs already is finished, and a VM\n"
        "that hvgpu stopped is started all the same. Kept in the ledger of the world; the world\n"
        "is looked at, and nothing in it is changed.",
    .run = run_pause,
};

const struct cmd cmd_resume = {
    .name = "resume",
    .usage = "[OPTIONS] SUBJECT SPEC... --reason TEXT",
    .line = "let go on what was paused",
    .options = resume_options,
    .least = 2,
    .most = SIZE_MAX,
    .text =
        "SUBJECT as it was paused. Who resumed it, and why, stands in `hvgpu status` until it is\n"
        "paused again.",
    .run = run_resume,
};
