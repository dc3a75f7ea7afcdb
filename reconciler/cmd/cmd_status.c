/* What is owed, held open or parked, and how the last run ended; no world is looked at. */
#include "base/str.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "codec/json.h"

enum { ALL_RUNS = 100000 };

static enum exit_code code_of(const struct ledger *owed)
{
    for (size_t i = 0; i < owed->debt_count; i++)
        if (owed->debts[i].phase == DEBT_STUCK)
            return EXIT_LEFT_OFF;
    if (owed->group_count || owed->debt_count || owed->intent_count)
        return EXIT_PENDING;
    return owed->parked_count ? EXIT_BLOCKED : EXIT_IN_SYNC;
}

static const char *text_of(struct arena *a, const struct history_run *last,
                           const struct ledger *owed, enum exit_code code)
{
    struct text t;

    text_init(&t, a);
    text_printf(&t, "%s   last run %s, %s, %s\n", last->cluster, last->id,
                when_human(a, last->began_ms),
                last->exit_code < 0 ? "not ended" : arena_printf(a, "exit %d", last->exit_code));
    for (size_t i = 0; i < owed->group_count; i++)
        text_printf(&t, "  open     group %llu of plan %s, %s, since %s%s%s\n",
                    (unsigned long long)owed->groups[i].id,
                    owed->groups[i].plan ? owed->groups[i].plan : "?",
                    owed->groups[i].direction == BACK ? "being put back" : "going forward",
                    when_human(a, owed->groups[i].opened_ms), owed->groups[i].reason ? ": " : "",
                    owed->groups[i].reason ? owed->groups[i].reason : "");
    for (size_t i = 0; i < owed->debt_count; i++)
        text_printf(&t, "  owed     %s %s since %s (run %s)\n", owed->debts[i].name,
                    owed->debts[i].phase == DEBT_STUCK ? "could not be started again,"
                                                       : "was stopped by us,",
                    when_human(a, owed->debts[i].since_ms),
                    owed->debts[i].run ? owed->debts[i].run : "?");
    for (size_t i = 0; i < owed->parked_count; i++)
        text_printf(&t, "  parked   since %s: %s\n", when_human(a, owed->parked[i].since_ms),
                    owed->parked[i].why ? owed->parked[i].why : "?");
    if (code == EXIT_IN_SYNC)
        text_add(&t, "  nothing is owed\n");
    else
        text_printf(&t, "  the next apply goes on   exit %d\n", (int)code);
    return text_done(&t);
}

static void json_of(struct json *j, const struct history_run *last, const struct ledger *owed,
                    enum exit_code code)
{
    json_map(j);
    json_put_text(j, "cluster", last->cluster);
    json_put_text(j, "identity", last->identity);
    json_put_text(j, "lastRun", last->id);
    json_put_int(j, "lastExit", last->exit_code);
    json_put_int(j, "openGroups", (int64_t)owed->group_count);
    json_put_int(j, "openIntents", (int64_t)owed->intent_count);
    json_put_int(j, "parked", (int64_t)owed->parked_count);
    json_key(j, "debts");
    json_list(j);
    for (size_t i = 0; i < owed->debt_count; i++) {
        json_map(j);
        json_put_text(j, "vm", owed->debts[i].vm);
        json_put_text(j, "name", owed->debts[i].name);
        json_put_bool(j, "stuck", owed->debts[i].phase == DEBT_STUCK);
        json_put_text(j, "run", owed->debts[i].run);
        json_map_end(j);
    }
    json_list_end(j);
    json_put_int(j, "exit", (int)code);
    json_map_end(j);
}

struct status {
    struct call *call;
    const char *folder;
    struct json json;
    enum exit_code worst;
};

static bool one_world(struct status *x, const struct history_run *last, struct err *e)
{
    struct arena *a = x->call->arena;
    struct store *store;
    struct ledger owed;
    enum exit_code code;
    bool good;

    if (!store_open(x->folder, last->identity, false, last->began_ms, &store, e))
        return err_wrap(e, "%s", last->cluster);
    good = store_ledger(store, a, &owed, e);
    store_close(store);
    if (!good)
        return err_wrap(e, "%s", last->cluster);
    code = code_of(&owed);
    x->worst = exit_worst(x->worst, code);
    if (x->call->options.output == OUTPUT_JSON)
        json_of(&x->json, last, &owed, code);
    else
        cmd_print(text_of(a, last, &owed, code));
    return true;
}

static bool every_world(struct status *x, const struct history_run *runs, size_t count,
                        const struct map *names, struct err *e)
{
    struct map seen;
    bool good = true;
    size_t shown = 0;

    map_init(&seen, x->call->arena, 64, false);
    for (size_t i = 0; good && i < count; i++) {
        if (map_put(&seen, runs[i].identity, (uint32_t)i) != i)
            continue; /* newest first: the first of an identity is its last run */
        if (x->call->count && map_get(names, runs[i].cluster) == MAP_NONE)
            continue;
        good = one_world(x, &runs[i], e);
        shown++;
    }
    if (!shown && x->call->options.output == OUTPUT_TEXT)
        cmd_print("No runs.\n");
    return good;
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    struct status x = {.call = call, .folder = fleet_state_folder(call->arena, &options)};
    bool json = call->options.output == OUTPUT_JSON, good;
    struct history_run *runs;
    struct history *h;
    struct map names;
    struct text t;
    size_t count;
    struct err e;

    if (call->count && cmd_names(call, &names) != EXIT_IN_SYNC)
        return EXIT_INVALID;
    if (!history_open(x.folder, false, &h, &e))
        return cmd_fail(&e);
    text_init(&t, call->arena);
    json_init(&x.json, &t, false);
    if (json)
        json_list(&x.json);
    good = history_runs(h, call->arena, NULL, ALL_RUNS, &runs, &count, &e) &&
           every_world(&x, runs, count, &names, &e);
    history_close(h);
    if (!good)
        return exit_worst(x.worst, cmd_fail(&e));
    if (json) {
        json_list_end(&x.json);
        text_add(&t, "\n");
        cmd_print(text_done(&t));
    }
    return x.worst;
}

static const enum option_id options[] = {OPT_OUTPUT, OPT_FILE, OPT_STATE, OPT_COLOR, OPT_END};

const struct cmd cmd_status = {
    .name = "status",
    .usage = "[OPTIONS] [SPEC...]",
    .line = "what is owed or open, and how the last runs ended",
    .options = options,
    .most = SIZE_MAX,
    .text = "From the ledgers, without looking at any world: VMs that we stopped and owe a start,\n"
            "groups that a dead run left open, input that was put back and is not tried again.",
    .run = run,
};
