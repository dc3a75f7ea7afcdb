/* Plans, shows, asks, runs, verifies; or runs a saved plan exactly. */
#include "base/limits.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "fleet/act.h"
#include "fleet/probe.h"
#include "fleet/rings.h"
#include "host/host.h"
#include "report/page.h"

#include <string.h>

/* Who would be stopped, were it allowed. */
static const char *who_stops(struct fleet_item *item, const struct plan *plan)
{
    const struct state *have = &item->pass.have;
    const char **names = arena_array(item->arena, const char *, have->vm_count + 1);
    size_t n = 0;

    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t i = 0; plan->groups[g].reason == REASON_WAITS_PERMISSION &&
                           i < plan->groups[g].interrupt_count && n < have->vm_count;
             i++)
            names[n++] = have->vms[plan->groups[g].interrupts[i]].name;
    return str_ranges(item->arena, names, n);
}

static uint32_t may_stop(struct fleet_item *item, const struct plan *plan, void *context)
{
    bool one = plan->totals.stops_needed == 1;
    struct style style = cmd_style(context, 2);
    const char *answer;
    struct page p;
    uint64_t n;

    page_init(&p, item->arena, &style);
    page_printf(&p, "",
                "%u running VM%s would have to be stopped for all of this, and the spec does not "
                "allow that (disruption: never is the default): %s. You can stop %s now, or write "
                "policy: {disruption: window} or {disruption: allowed} into the spec.",
                plan->totals.stops_needed, one ? "" : "s", who_stops(item, plan),
                one ? "it" : "them");
    fleet_mention(item, "\n");
    fleet_mention(item, page_done(&p));
    for (int tries = 0; tries < 3; tries++) {
        answer = cmd_ask(item->arena, "Stop how many running VMs now? [0] ");
        if (!answer || !*answer)
            return 0;
        if (str_u64(answer, &n) && n < UINT32_MAX)
            return (uint32_t)n;
        fleet_mention(item, "A number, please; 0 stops none.\n");
    }
    return 0;
}

static bool go_on(struct fleet_item *item, const struct plan *plan, void *context)
{
    const struct call *call = context;
    const char *answer;

    (void)plan;
    if (call->options.yes)
        return true;
    answer = cmd_ask(item->arena, "Go on? [y/N] ");
    return answer && (str_same(answer, "y") || str_same(answer, "yes"));
}

struct applying {
    struct call *call;
    struct act_options act;
    struct approvals approvals;
};

static void one(struct fleet_item *item, void *context)
{
    const struct applying *x = context;
    struct act_options act = x->act;

    fleet_act(item, &act);
}

static void check_only(struct fleet_item *item, void *context)
{
    (void)item;
    (void)context;
}

static struct applying prepare(struct call *call)
{
    bool ask = cmd_may_ask(call);
    struct applying x = {.call = call,
                         .act = {.take_over = call->options.take_over,
                                 .retry = call->options.retry,
                                 .json = call->options.output == FORMAT_JSON,
                                 .watch = call->options.output != FORMAT_TEXT ? WATCH_NOT
                                          : host_can_redraw(2)                ? WATCH_LIVE
                                          : host_is_terminal(2)               ? WATCH_STEPS
                                                                              : WATCH_LOG,
                                 .reason = call->options.reason,
                                 .style = cmd_style(call, 1),
                                 .may_stop = ask ? may_stop : NULL,
                                 .go_on = ask ? go_on : NULL,
                                 .context = call}};

    x.act.style.apply = "";
    return x;
}

/* The text of a saved plan; NULL when the arguments are specs. */
static const char *saved_plan(struct call *call, size_t *size)
{
    char *text;
    struct err e;

    if (call->count != 1 || str_eq(call->args[0], "-") || host_is_folder(call->args[0]) ||
        !host_read_file(call->arena, call->args[0], LIMIT_DOC_BYTES, &text, size, &e) ||
        !str_eq(probe_kind(call->arena, text, *size), "Plan"))
        return NULL;
    return text;
}

static enum exit_code run_file(struct call *call, const char *text, size_t size)
{
    struct applying x = prepare(call);
    struct fleet_options options = cmd_fleet(call);
    struct source_text source = {call->args[0], text, size};
    struct plan_file file;
    struct findings found;
    struct fleet_totals totals;
    struct err e;

    if (call->options.given[OPT_ALLOW_STOPS] || call->options.given[OPT_ALLOW_REMOVALS] ||
        call->options.given[OPT_OVERRIDE]) {
        err_set(&e, ERR_USAGE, 0,
                "a saved plan is carried out exactly; say --allow-stops, --allow-removals and "
                "--override when it is made (hvgpu plan --out)");
        return cmd_fail(&e);
    }
    if (call->options.given[OPT_ONLY] || call->options.given[OPT_EXCLUDE] ||
        call->options.given[OPT_LABELS]) {
        err_set(&e, ERR_USAGE, 0,
                "a saved plan is carried out exactly; say --only, --exclude and -l when it is made "
                "(hvgpu plan --out)");
        return cmd_fail(&e);
    }
    if (!cmd_approvals(call, &x.approvals, &e))
        return cmd_fail(&e);
    options.word.approvals = &x.approvals;
    findings_init(&found, call->arena);
    if (!plan_read(call->arena, call->args[0], text, size, &file, &found)) {
        cmd_log(report_findings(call->arena, &found, &source, 1, &options.style));
        return EXIT_INVALID;
    }
    x.act.file = &file;
    declared_look(&options, &file.plan, &x.act.declared);
    if (call->bound)
        memset(call->bound, true, call->ceilings.count); /* which ones bind it the plan knows */
    options.paths = NULL;
    options.path_count = 0;
    options.need = NEED_APPLY;
    fleet_run(&options, one, &x, &totals);
    return totals.worst;
}

static void hush(const char *text)
{
    (void)text;
}

/* Every document is right, and no two are for one world, before the first world is touched. */
static bool are_right(struct call *call, const struct fleet_options *meant,
                      struct fleet_totals *totals)
{
    struct fleet_options options = *meant;
    bool several = call->count > 1 || host_is_folder(call->args[0]);

    options.need = NEED_SPEC;
    if (!several) /* one file: its findings are said when it is its turn */
        options.log = options.print = hush;
    fleet_run(&options, check_only, NULL, totals);
    if (several && totals->worst != EXIT_IN_SYNC)
        return false;
    if (totals->clusters < 2 || call->options.sim) /* a copy of a world is nobody else's */
        return true;
    options = *meant; /* with it: who can be seen, where a Policy wants to know (P13) */
    options.need = NEED_IDENTITY;
    options.print = hush;
    fleet_run(&options, check_only, NULL, totals);
    return totals->worst == EXIT_IN_SYNC;
}

static enum exit_code run_specs(struct call *call)
{
    struct applying x = prepare(call);
    struct fleet_options options = cmd_fleet(call);
    struct fleet_totals totals;
    enum exit_code code;
    struct err e;

    if (!cmd_override(call, &options.word.override, &e) || !cmd_approvals(call, &x.approvals, &e))
        return cmd_fail(&e);
    options.word.approvals = &x.approvals;
    code = cmd_choose(call, &options);
    if (code != EXIT_IN_SYNC)
        return code;
    if (!cmd_keep_input(call, &options, &e))
        return cmd_fail(&e);
    options.unknown = rings_unknown(call->arena, &call->ceilings);
    if (!are_right(call, &options, &totals))
        return totals.worst;
    options.need = NEED_APPLY;
    options.digest = options.revision = true;
    if (x.act.go_on || x.act.watch == WATCH_STEPS || x.act.watch == WATCH_LIVE)
        options.parallel = 1; /* one after the other, so that questions and lines have a place */
    fleet_run(&options, one, &x, &totals);
    if (call->options.output == FORMAT_TEXT)
        cmd_print(fleet_summary(call->arena, &totals));
    return totals.worst;
}

static enum exit_code run(struct call *call)
{
    const char *text;
    size_t size;
    struct err e;

    host_outlive_pipes(); /* `apply | head` must not leave a VM off */
    if (call->options.take_over && !call->options.reason) {
        err_set(&e, ERR_USAGE, 0, "apply: --take-over wants --reason TEXT");
        return cmd_fail(&e);
    }
    text = saved_plan(call, &size);
    return text ? run_file(call, text, size) : run_specs(call);
}

static const enum option_id options[] = {
    OPT_OUTPUT,      OPT_FILE,           OPT_SIM,      OPT_WMI,      OPT_RECORD,  OPT_MASK,
    OPT_ALLOW_STOPS, OPT_ALLOW_REMOVALS, OPT_YES,      OPT_NO_INPUT, OPT_RETRY,   OPT_TAKE_OVER,
    OPT_REASON,      OPT_STATE,          OPT_ALL,      OPT_COLOR,    OPT_TIMEOUT, OPT_PARALLEL,
    OPT_ONLY,        OPT_EXCLUDE,        OPT_LABELS,   OPT_ZERO_ON,  OPT_DATA,    OPT_POLICY,
    OPT_OVERRIDE,    OPT_UNTIL,          OPT_APPROVAL, OPT_END};

const struct cmd cmd_apply = {
    .name = "apply",
    .usage = "[OPTIONS] PLAN-FILE | SPEC...",
    .line = "plan, show, ask, carry out, verify; or carry out a saved plan exactly",
    .options = options,
    .least = 1,
    .most = SIZE_MAX,
    .text = "What interrupts nothing is done. Running VMs are stopped only where the spec says\n"
            "disruption: allowed, or for the number of --allow-stops (asked for at a terminal). "
            "Without\n"
            "a terminal, or with --no-input, nothing is asked. Ctrl-C once ends what was begun and "
            "begins\n"
            "nothing more; twice puts it back. After any death the next apply goes on.",
    .run = run,
};
