/* Somebody lets a saved plan be done: an approval beside it, for apply (P12). */
#include "base/limits.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "codec/approval.h"
#include "codec/sign.h"
#include "fleet/probe.h"
#include "host/host.h"
#include "report/page.h"

#include <string.h>

static enum exit_code new_key(struct call *call)
{
    char secret[SIGN_SECRET_BYTES];
    const char *public_key, *path = call->options.new_key;
    struct err e;
    bool ok;

    if (call->count || call->options.reason || call->options.key || call->options.out) {
        err_set(&e, ERR_USAGE, 0, "approve: --new-key makes a key and nothing else");
        return cmd_fail(&e);
    }
    if (host_exists(path)) {
        err_set(&e, ERR_USAGE, 0, "%s is there already, and a key is never replaced", path);
        return cmd_fail(&e);
    }
    ok = sign_new(call->arena, secret, &public_key, &e) &&
         host_write_private(path, secret, strlen(secret), &e);
    host_wipe(secret, sizeof secret);
    if (!ok)
        return cmd_fail(&e);
    cmd_print(arena_printf(call->arena,
                           "The key is in %s: keep it, and show it to nobody.\n"
                           "A Policy names it so, under approvals:\n"
                           "  signers: [{name: %s, key: \"%s\"}]\n",
                           path, page_word(call->arena, host_user(call->arena)), public_key));
    return EXIT_IN_SYNC;
}

/* "f.plan.approval-eva.json": beside the plan, one of each person. */
static const char *beside(struct call *call, const char *user)
{
    char *name = arena_strdup(call->arena, user);

    for (char *s = name; *s; s++)
        if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ||
              *s == '-' || *s == '_'))
            *s = '_';
    return arena_printf(call->arena, "%s.approval-%s.json", call->args[0], name);
}

/* What is there already may be an earlier approval, and nothing else. */
static bool may_replace(struct call *call, const char *path, struct err *e)
{
    const char *kind;
    char *text;
    size_t size;

    if (!host_exists(path))
        return true;
    if (!host_read_file(call->arena, path, LIMIT_APPROVAL_BYTES, &text, &size, e))
        return false;
    kind = probe_kind(call->arena, text, size);
    return str_eq(kind, "Approval") ||
           err_set(e, ERR_USAGE, 0, "%s is there already, and is no approval; say --out FILE",
                   path);
}

static bool write_it(struct call *call, const struct approval *approval, const char *path,
                     struct err *e)
{
    char secret[SIGN_SECRET_BYTES];
    const char *text;
    bool ok = true;

    if (call->options.key)
        ok = host_read_private(call->options.key, secret, sizeof secret, e);
    ok = ok && approval_write(call->arena, approval, call->options.key ? secret : NULL, &text, e);
    host_wipe(secret, sizeof secret);
    if (!ok && call->options.key) {
        e->kind = ERR_INVALID;
        return err_wrap(e, "--key");
    }
    if (!ok)
        return false;
    return host_write_file(path, text, strlen(text), e);
}

/* The plan itself, where some of it could run now; else what a later plan is made of. */
static const char *what_to_apply(const struct call *call, const struct plan *plan)
{
    for (size_t i = 0; i < plan->group_count; i++)
        if (plan->groups[i].approvable)
            return call->args[0];
    return plan->head.source ? plan->head.source : call->args[0];
}

static void tell(struct call *call, const struct approval *x, const struct plan *plan,
                 const char *path)
{
    struct style style = cmd_style(call, 1);
    struct arena *a = call->arena;
    struct page p;

    page_init(&p, a, &style);
    page_printf(&p, "", "Approved %s for %s by %s@%s: %s", x->plan_id, x->cluster, x->user, x->host,
                x->reason);
    page_printf(&p, "",
                "%s, %s interrupted. It covers this plan, and any later one of the same "
                "spec and Policies that does no more; anything more is held.",
                page_count(a, x->extent.deed_count, "step"),
                page_count(a, x->extent.absence_count, "VM"));
    if (!approvals_wanted(plan))
        page_wrap(&p, "", "No Policy that this plan was made under asks for an approval of it.");
    if (!call->options.key)
        page_wrap(&p, "",
                  "It is not signed: the name in it is a claim, which whoever hands it "
                  "over answers for; --key FILE signs it.");
    page_printf(&p, "Apply with:  ", "hvgpu apply %s --approval %s",
                page_word(a, what_to_apply(call, plan)), page_word(a, path));
    cmd_print(page_done(&p));
}

static bool is_said_well(const struct call *call, struct err *e)
{
    const char *reason = call->options.reason;

    if (!call->count)
        return err_set(e, ERR_USAGE, 0, "approve wants a PLAN-FILE; see: hvgpu help approve");
    if (!reason || !*reason)
        return err_set(e, ERR_USAGE, 0, "approve wants --reason TEXT");
    return strlen(reason) <= LIMIT_NAME ||
           err_set(e, ERR_USAGE, 0, "--reason: at most %d bytes", LIMIT_NAME);
}

static enum exit_code run(struct call *call)
{
    struct approval approval;
    struct plan_file file;
    const char *path;
    enum exit_code code;
    struct err e;

    if (call->options.new_key)
        return new_key(call);
    if (!is_said_well(call, &e))
        return cmd_fail(&e);
    code = cmd_plan_file(call, call->args[0], &file);
    if (code != EXIT_IN_SYNC)
        return code;
    if (file.plan.head.as_if_ms && file.plan.head.as_if_ms != WHEN_NONE) {
        err_set(&e, ERR_STALE, 0,
                "the plan was made as if it were another time (--at): it is only to look at");
        return cmd_fail(&e);
    }
    approval_of_plan(call->arena, &file, &approval);
    approval.user = host_user(call->arena);
    approval.host = host_name(call->arena);
    approval.at_ms = host_now_ms() / 1000 * 1000;
    approval.reason = call->options.reason;
    path = call->options.out ? call->options.out : beside(call, approval.user);
    if (!may_replace(call, path, &e) || !write_it(call, &approval, path, &e))
        return cmd_fail(&e);
    tell(call, &approval, &file.plan, path);
    return EXIT_IN_SYNC;
}

static const enum option_id options[] = {OPT_REASON,  OPT_OUT,   OPT_KEY,
                                         OPT_NEW_KEY, OPT_COLOR, OPT_END};

const struct cmd cmd_approve = {
    .name = "approve",
    .usage = "PLAN-FILE --reason TEXT [OPTIONS] | --new-key FILE",
    .line = "let a saved plan be done: an approval, as a Policy may ask for it",
    .options = options,
    .most = 1,
    .text = "Writes who, when and why, and every step that the plan does, beside the plan or to "
            "--out.\n"
            "apply and plan take it with --approval; it counts for that plan and for any later one "
            "of the\n"
            "same world, spec and Policies that does no more. Without --key the name in it is a "
            "claim.\n"
            "No world is looked at.",
    .run = run,
};
