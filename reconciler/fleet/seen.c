#include "fleet/seen.h"

#include "base/when.h"

/* What is not seen on a node that is silent is not gone (M4). */
static bool seen_whole(const struct state *have)
{
    for (size_t i = 0; i < have->node_count; i++)
        if (!have->nodes[i].answered)
            return false;
    return true;
}

static bool remember(struct fleet_item *item, struct history_finding *rows, size_t count,
                     struct err *e)
{
    const struct state *have = &item->pass.have;
    struct history *h;
    bool ok;

    if (!history_open(fleet_state_folder(item->arena, item->options), true, &h, e))
        return false;
    ok = history_found(h, have->identity, have->observed_ms, seen_whole(have), rows, count, e);
    history_close(h);
    return ok;
}

static bool look_up(struct fleet_item *item, struct history_finding *rows, size_t count)
{
    const struct state *have = &item->pass.have;
    struct history *h;
    struct err ignored;
    bool ok;

    if (!history_open(fleet_state_folder(item->arena, item->options), false, &h, &ignored))
        return false;
    ok = history_known(h, have->identity, have->observed_ms, rows, count, &ignored);
    history_close(h);
    return ok;
}

void seen_note(struct fleet_item *item, struct drift *drift)
{
    struct history_finding *rows =
        arena_array(item->arena, struct history_finding, drift->count + 1);
    struct err e;

    for (size_t i = 0; i < drift->count; i++)
        rows[i] = (struct history_finding){
            .key = drift->items[i].key, .first_ms = WHEN_NONE, .last_ms = WHEN_NONE};
    if (!item->lasting) { /* what is done to a copy leaves no trace */
        if (!look_up(item, rows, drift->count))
            return;
    } else if (!remember(item, rows, drift->count, &e)) {
        fleet_mention(item, arena_printf(item->arena,
                                         "warning: what was seen is not remembered: %s\n", e.text));
        if (!look_up(item, rows, drift->count))
            return;
    }
    for (size_t i = 0; i < drift->count; i++) {
        drift->items[i].first_ms = rows[i].first_ms;
        drift->items[i].last_ms = rows[i].last_ms;
        drift->items[i].times = rows[i].times;
        drift->items[i].departures = rows[i].departures;
    }
    drift_judge(drift);
}
