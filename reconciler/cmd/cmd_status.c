/* What is owed, held open or parked, and how the last run ended; no world is looked at. */
#include "base/str.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "codec/json.h"
#include "report/page.h"

enum { ALL_RUNS = 100000 };

/* One world: what its ledger says, and its newest run. */
struct world_status {
    struct arena *arena;
    const char *identity;
    const struct history_run *last; /* NULL: not in the history */
    struct ledger owed;
};

/* V9: debts that only the end of an event releases. */
static size_t waiting(const struct ledger *owed)
{
    size_t n = 0;

    for (size_t i = 0; i < owed->debt_count; i++)
        n += ledger_waits(owed, &owed->debts[i]);
    return n;
}

static enum exit_code code_of(const struct ledger *owed)
{
    for (size_t i = 0; i < owed->debt_count; i++)
        if (owed->debts[i].phase == DEBT_STUCK)
            return EXIT_LEFT_OFF;
    if (owed->group_count || waiting(owed) < owed->debt_count || owed->intent_count)
        return EXIT_PENDING;
    if (owed->parked_count)
        return EXIT_BLOCKED;
    return owed->debt_count ? EXIT_HELD : EXIT_IN_SYNC;
}

/* What goes on by itself at the next apply, and what does not. */
static const char *next_of(const struct ledger *owed, enum exit_code code)
{
    if (code == EXIT_BLOCKED && owed->parked_count)
        return "tried again when spec or world change, or with apply --retry";
    if (code == EXIT_HELD)
        return "goes on when that is over: its row deleted, or hvgpu event over NAME";
    return "the next apply goes on";
}

static const char *text_of(struct arena *a, const struct world_status *w, enum exit_code code)
{
    const struct history_run *last = w->last;
    const struct ledger *owed = &w->owed;
    struct page p;

    page_init(&p, a, &(struct style){.width = 100});
    if (last)
        page_printf(&p, "", "%s   last run %s, %s, %s", last->cluster, last->id,
                    when_human(a, last->began_ms),
                    last->exit_code < 0 ? "not ended"
                                        : arena_printf(a, "exit %d", last->exit_code));
    else
        page_printf(&p, "", "%s   the history has no run of it", w->identity);
    if (last && last->summary && strstr(last->summary, "override ")) /* P6 */
        page_wrap(&p, "  summary  ", last->summary);
    for (size_t i = 0; i < owed->group_count; i++)
        page_printf(&p, "  open     ", "group %llu of plan %s, %s, since %s%s%s",
                    (unsigned long long)owed->groups[i].id,
                    owed->groups[i].plan ? owed->groups[i].plan : "?",
                    owed->groups[i].direction == BACK ? "being put back" : "going forward",
                    when_human(a, owed->groups[i].opened_ms), owed->groups[i].reason ? ": " : "",
                    owed->groups[i].reason ? owed->groups[i].reason : "");
    for (size_t i = 0; i < owed->debt_count; i++)
        page_printf(&p, "  owed     ", "%s: %s (%s, %s)", owed->debts[i].name,
                    report_debt(a, &owed->debts[i], ledger_waits(owed, &owed->debts[i])),
                    owed->debts[i].run ? owed->debts[i].run : "?",
                    when_human(a, owed->debts[i].since_ms));
    for (size_t i = 0; i < owed->event_count; i++)
        page_printf(&p, "  event    ", "%s, by %s: %s", owed->events[i].id,
                    when_human(a, owed->events[i].by_ms),
                    owed->events[i].over_ms == WHEN_NONE ? "not over" : "over");
    for (size_t i = 0; i < owed->pause_count; i++)
        if (owed->pauses[i].over_ms == WHEN_NONE)
            page_printf(&p, "  paused   ", "%s since %s, %s%s, by %s: %s", owed->pauses[i].subject,
                        when_human(a, owed->pauses[i].since_ms),
                        owed->pauses[i].until_ms == WHEN_NONE ? "until it is resumed" : "until ",
                        owed->pauses[i].until_ms == WHEN_NONE
                            ? ""
                            : when_human(a, owed->pauses[i].until_ms),
                        owed->pauses[i].by ? owed->pauses[i].by : "?",
                        owed->pauses[i].reason ? owed->pauses[i].reason : "?");
        else
            page_printf(&p, "  was      ", "%s paused, from %s to %s%s%s: %s",
                        owed->pauses[i].subject, when_human(a, owed->pauses[i].since_ms),
                        when_human(a, owed->pauses[i].over_ms),
                        owed->pauses[i].over_by ? ", resumed by " : "",
                        owed->pauses[i].over_by ? owed->pauses[i].over_by : "",
                        owed->pauses[i].over_reason ? owed->pauses[i].over_reason : "?");
    for (size_t i = 0; i < owed->parked_count; i++)
        page_printf(&p, "  parked   ", "since %s: %s", when_human(a, owed->parked[i].since_ms),
                    owed->parked[i].why ? owed->parked[i].why : "?");
    if (code == EXIT_IN_SYNC)
        page_wrap(&p, "", "  nothing is owed");
    else
        page_printf(&p, "  ", "%s   exit %d", next_of(owed, code), (int)code);
    return text_done(&p.out);
}

static void put_when(struct json *j, struct arena *a, const char *key, int64_t ms)
{
    json_put_text(j, key, ms == WHEN_NONE ? NULL : when_iso(a, ms));
}

/* P11: those that are over as well. */
static void pauses_json(struct json *j, struct arena *a, const struct ledger *owed)
{
    json_key(j, "pauses");
    json_list(j);
    for (size_t i = 0; i < owed->pause_count; i++) {
        const struct pause *p = &owed->pauses[i];

        json_map(j);
        json_put_text(j, "subject", p->subject);
        json_put_text(j, "reason", p->reason);
        json_put_text(j, "by", p->by);
        put_when(j, a, "since", p->since_ms);
        put_when(j, a, "until", p->until_ms);
        put_when(j, a, "over", p->over_ms);
        json_put_text(j, "overBy", p->over_by);
        json_put_text(j, "overReason", p->over_reason);
        json_map_end(j);
    }
    json_list_end(j);
}

static void json_of(struct json *j, const struct world_status *w, enum exit_code code)
{
    const struct history_run *last = w->last;
    const struct ledger *owed = &w->owed;

    json_map(j);
    json_put_text(j, "cluster", last ? last->cluster : NULL);
    json_put_text(j, "identity", w->identity);
    json_put_text(j, "lastRun", last ? last->id : NULL);
    json_key(j, "lastExit");
    if (last)
        json_int(j, last->exit_code);
    else
        json_null(j);
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
        json_put_bool(j, "foundRunning", owed->debts[i].found_running && !owed->debts[i].declared);
        json_put_text(j, "run", owed->debts[i].run);
        json_put_text(j, "waits", owed->debts[i].waits);
        json_map_end(j);
    }
    json_list_end(j);
    json_key(j, "events");
    json_list(j);
    for (size_t i = 0; i < owed->event_count; i++) {
        json_map(j);
        json_put_text(j, "id", owed->events[i].id);
        json_put_bool(j, "over", owed->events[i].over_ms != WHEN_NONE);
        json_map_end(j);
    }
    json_list_end(j);
    pauses_json(j, w->arena, owed);
    json_put_int(j, "exit", (int)code);
    json_map_end(j);
}

struct status {
    struct call *call;
    const char *folder;
    struct cmd_names names; /* of the clusters that are asked for, with specs */
    struct history_run *runs;
    size_t run_count;
    struct map told; /* places of ledgers that were told of, or are not asked for */
    struct json json;
    enum exit_code worst;
    size_t shown;
};

static void trouble(struct status *x, const struct err *e)
{
    x->worst = exit_worst(x->worst, cmd_fail(e));
}

static void tell(struct status *x, const struct world_status *w)
{
    enum exit_code code = code_of(&w->owed);

    x->worst = exit_worst(x->worst, code);
    x->shown++;
    if (x->call->options.output == FORMAT_JSON)
        json_of(&x->json, w, code);
    else
        cmd_print(text_of(x->call->arena, w, code));
}

static void worlds_of_history(struct status *x)
{
    struct arena *a = x->call->arena;
    struct map asked;

    if (x->call->count)
        cmd_worlds(x->call, &x->names, x->runs, x->run_count, &asked);
    for (size_t i = 0; i < x->run_count; i++) {
        const struct history_run *last = &x->runs[i];
        struct world_status w = {a, last->identity, last, {0}};
        struct store *store;
        struct err e;
        bool good;

        /* newest first: the first of an identity is its last run */
        if (map_put(&x->told, place_name(a, last->identity), (uint32_t)i) != i ||
            (x->call->count && map_get(&asked, last->identity) == MAP_NONE))
            continue;
        good = store_open(x->folder, last->identity, false, last->began_ms, &store, &e);
        if (good) {
            good = store_ledger(store, a, &w.owed, &e);
            store_close(store);
        }
        if (good) {
            tell(x, &w);
        } else {
            err_wrap(&e, "%s", last->cluster);
            trouble(x, &e);
        }
    }
}

/*
 * The history may be deleted; what is owed is in the ledgers.  Of these worlds
 * no cluster's name is known: with specs, too, all of them are told of.
 */
static bool other_worlds(struct status *x, struct err *e)
{
    struct arena *a = x->call->arena;
    const char **places;
    size_t count;

    if (!store_places(a, x->folder, &places, &count, e))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct world_status w = {.arena = a};
        const char *identity;
        struct store *store;
        struct err why;

        if (map_get(&x->told, places[i]) != MAP_NONE)
            continue;
        if (!store_open_place(x->folder, places[i], &identity, &store, &why)) {
            trouble(x, &why);
            continue;
        }
        w.identity = identity ? arena_strdup(a, identity) : places[i];
        if (store_ledger(store, a, &w.owed, &why))
            tell(x, &w);
        else
            trouble(x, &why);
        store_close(store);
    }
    return true;
}

static void read_history(struct status *x)
{
    struct history *h;
    struct err e;

    if (!history_open(x->folder, false, &h, &e)) {
        cmd_log(report_error(x->call->arena, "warning", e.text));
        return;
    }
    if (!history_runs(h, x->call->arena, NULL, ALL_RUNS, &x->runs, &x->run_count, &e)) {
        x->run_count = 0;
        cmd_log(report_error(x->call->arena, "warning", e.text));
    }
    history_close(h);
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    struct status x = {.call = call, .folder = fleet_state_folder(call->arena, &options)};
    bool json = call->options.output == FORMAT_JSON;
    enum exit_code code = EXIT_IN_SYNC;
    struct text t;
    struct err e;

    if (call->options.sim)
        return cmd_nothing_recorded(call);
    if (call->count || call->options.labels.count)
        code = cmd_names(call, &x.names);
    if (code != EXIT_IN_SYNC)
        return code;
    map_init(&x.told, call->arena, 64, false);
    text_init(&t, call->arena);
    json_init(&x.json, &t, false);
    if (json)
        json_list(&x.json);
    read_history(&x);
    worlds_of_history(&x);
    if (!other_worlds(&x, &e))
        trouble(&x, &e);
    if (json) {
        json_list_end(&x.json);
        text_add(&t, "\n");
        cmd_print(text_done(&t));
    } else if (!x.shown && x.worst == EXIT_IN_SYNC) {
        cmd_print("No runs.\n");
    }
    return x.worst;
}

static const enum option_id options[] = {OPT_OUTPUT, OPT_FILE,   OPT_SIM,     OPT_WMI,  OPT_STATE,
                                         OPT_COLOR,  OPT_LABELS, OPT_ZERO_ON, OPT_DATA, OPT_END};

const struct cmd cmd_status = {
    .name = "status",
    .usage = "[OPTIONS] [SPEC...]",
    .line = "what is owed or open, and how the last runs ended",
    .options = options,
    .most = SIZE_MAX,
    .text =
        "From the ledgers, without looking at any world: VMs that we stopped and owe a start,\n"
        "groups that a dead run left open, input that was put back and is not tried again. Of a\n"
        "world in memory (--sim) nothing is recorded.",
    .run = run,
};
