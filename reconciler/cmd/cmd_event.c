/* An event that hvgpu cannot see the end of is over: somebody says so (V9). */
#include "base/str.h"
#include "cmd/cmd.h"
#include "host/host.h"

struct event_call {
    struct call *call;
    const char *folder, *id;
    struct text known; /* ids of events, where the one that is asked for is unknown */
    size_t known_count;
    const char **found; /* identities of the worlds that know it */
    size_t found_count, found_room;
};

static bool look_at(struct event_call *x, const char *place, struct err *e)
{
    struct arena *a = x->call->arena;
    struct ledger owed;
    struct store *store;
    const char *identity;
    bool ok, here = false;

    if (!store_open_place(x->folder, place, &identity, &store, e))
        return false;
    identity = identity ? arena_strdup(a, identity) : NULL;
    ok = store_ledger(store, a, &owed, e);
    store_close(store);
    for (size_t i = 0; ok && identity && i < owed.event_count; i++) {
        here |= str_eq(owed.events[i].id, x->id);
        text_printf(&x->known, "%s%s", x->known_count++ ? ", " : "", owed.events[i].id);
    }
    if (here)
        *arena_push(a, x->found, x->found_count, x->found_room) = identity;
    return ok;
}

static bool look_at_all(struct event_call *x, struct err *e)
{
    const char **places;
    size_t count;

    if (!store_places(x->call->arena, x->folder, &places, &count, e))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!look_at(x, places[i], e))
            return false;
    if (x->found_count == 1)
        return true;
    if (x->found_count)
        return err_set(
            e, ERR_USAGE, 0, "%zu worlds know an event %s (%s, %s%s); name the one with --state",
            x->found_count, x->id, x->found[0], x->found[1], x->found_count > 2 ? ", .." : "");
    return err_set(e, ERR_USAGE, 0, "no event %s is known; known: %s (an apply makes it known)",
                   x->id, x->known_count ? text_done(&x->known) : "none");
}

/* How many VMs stay off for it. */
static size_t waiting(const struct ledger *owed, const char *id)
{
    size_t n = 0;

    for (size_t i = 0; i < owed->debt_count; i++)
        n += str_eq(owed->debts[i].waits, id);
    return n;
}

static bool say_over(struct event_call *x, struct store *store, struct err *e)
{
    struct arena *a = x->call->arena;
    struct commit commit = {.kind = COMMIT_NOTE, .sync = true};
    struct ledger owed;

    if (!store_ledger(store, a, &owed, e))
        return false;
    for (size_t i = 0; i < owed.event_count; i++) {
        struct ledger_change *c;

        if (!str_eq(owed.events[i].id, x->id) || owed.events[i].over_ms != WHEN_NONE)
            continue;
        c = arena_push(a, commit.changes, commit.change_count, commit.room);
        c->op = LEDGER_EVENT;
        c->event = owed.events[i];
        c->event.over_ms = host_now_ms();
    }
    if (commit.change_count && !store_commit(store, &commit, e))
        return false;
    cmd_print(arena_printf(a, "%s is over%s. %s\n", x->id, commit.change_count ? "" : " already",
                           waiting(&owed, x->id)
                               ? arena_printf(a, "The next apply goes on: %zu VM%s off for it.",
                                              waiting(&owed, x->id),
                                              waiting(&owed, x->id) == 1 ? " is" : "s are")
                               : "No VM is off for it."));
    return true;
}

static enum exit_code run(struct call *call)
{
    struct fleet_options options = cmd_fleet(call);
    struct event_call x = {.call = call, .folder = fleet_state_folder(call->arena, &options)};
    struct store *store;
    struct err e;
    bool ok;

    if (!str_eq(call->args[0], "over")) {
        err_set(&e, ERR_USAGE, 0, "what is with the event? write: hvgpu event over %s",
                call->args[1]);
        return cmd_fail(&e);
    }
    x.id = call->args[1];
    text_init(&x.known, call->arena);
    if (!look_at_all(&x, &e) || !store_open(x.folder, x.found[0], true, host_now_ms(), &store, &e))
        return cmd_fail(&e);
    ok = say_over(&x, store, &e);
    store_close(store);
    return ok ? EXIT_IN_SYNC : cmd_fail(&e);
}

static const enum option_id options[] = {OPT_STATE, OPT_COLOR, OPT_END};

const struct cmd cmd_event = {
    .name = "event",
    .usage = "over ID [OPTIONS]",
    .line = "say that something announced is over, such as the swap of a GPU",
    .options = options,
    .least = 2,
    .most = 2,
    .text =
        "ID is the name of the row that says `leaving`.  From then on the row says nothing any\n"
        "more, as if it was deleted: VMs that are off for it are started by the next apply.\n"
        "No world is looked at.  Saying it twice is saying it once.",
    .run = run,
};
