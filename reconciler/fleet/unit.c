#include "fleet/unit.h"

#include "base/str.h"
#include "codec/world.h"
#include "fleet/base.h"
#include "fleet/declared.h"
#include "fleet/door.h"
#include "fleet/limits.h"
#include "fleet/revision.h"
#include "fleet/rings.h"
#include "fleet/seen.h"
#include "fleet/sight.h"
#include "host/host.h"

#include <string.h>

const char *fleet_state_folder(struct arena *a, const struct fleet_options *options)
{
    return options->state ? options->state : host_state_folder(a);
}

/* What the history knows of the last good apply; its absence is nothing to complain about. */
static void recall(struct fleet_item *item)
{
    struct history *history;
    struct world world;
    struct findings found;
    struct err e;
    bool known = false;
    const char *folder = fleet_state_folder(item->arena, item->options);

    if (!item->lasting && !item->options->copies)
        return;
    if (!history_open(folder, false, &history, &e)) {
        item->past.why = arena_strdup(item->arena, e.text);
        return;
    }
    if (!history_last_good(history, item->arena, item->pass.have.identity, &item->past.run, &known,
                           &e)) {
        item->past.why = arena_strdup(item->arena, e.text);
    } else if (known && item->past.run.snapshot) {
        const char *text = item->past.run.snapshot;

        findings_init(&found, item->arena);
        item->past.known = world_read(item->arena, item->options->facts, item->past.run.id, text,
                                      strlen(text), &world, &found);
        item->past.have = world.now;
    }
    history_close(history);
}

static void compare(struct fleet_item *item)
{
    struct pass *p = &item->pass;
    struct target *want = arena_new(item->arena, struct target);
    struct plan *plan = arena_new(item->arena, struct plan);
    struct drift_base base = {.have = &item->past.have,
                              .want = want,
                              .plan = plan,
                              .today = &p->want,
                              .run = item->past.run.id,
                              .spec_digest = item->past.run.spec_digest,
                              .ended_ms = item->past.run.ended_ms};

    reconcile_against(item->arena, p->spec, p->facts, &item->past.have, &p->owed, want, plan);
    drift_compute(item->arena, &p->plan, &p->have, &base, &item->past.drift);
    if (item->options->seen)
        seen_note(item, &item->past.drift);
}

static bool look(struct fleet_item *item, struct err *e)
{
    const struct fleet_options *o = item->options;
    struct pass *p = &item->pass;

    if (!door_open(item, e) || !sight_see(item, e))
        return false;
    if (o->need == NEED_WORLD || !item->spec)
        return true;
    p->have.as_if_ms = o->at_ms;
    if (!limits_judge(item, e))
        return false;
    if (o->base)
        recall(item);
    p->past = item->past.known ? &item->past.have : NULL;
    if (!door_store(item, false, e))
        return err_wrap(e, "open the store");
    if (!reconcile_look(p, &item->word, e))
        return false;
    if (item->past.known)
        compare(item);
    if (item->before)
        base_judge(item, item->before);
    return true;
}

/* Which world it is; what else there is to say of it is said by the run that works with it. */
static void identify(struct fleet_item *item)
{
    struct err ignored;

    item->unseen = !door_open(item, &ignored) || !sight_see(item, &ignored);
    item->out = (struct text){.arena = item->arena};
    item->log = (struct text){.arena = item->arena};
}

/* What a look has seen goes with the door, and the part is wanted behind it. */
static void keep_part(struct fleet_item *item)
{
    struct cluster_part *kept = item->part ? arena_new(item->arena, struct cluster_part) : NULL;

    if (kept)
        part_copy(item->arena, item->part, kept);
    item->part = kept;
}

static void run(struct fleet_item *item, fleet_work *work, void *context)
{
    enum fleet_need need = item->options->need;
    struct err e;

    item->pass.arena = item->arena;
    if (item->spec && item->options->digest)
        spec_digest(item->arena, item->spec);
    if (item->spec && item->options->revision)
        revision_find(item);
    limits_policies(item); /* behind the digest: it is the same spec under another ceiling */
    if (item->options->revision && limits_want_author(item))
        revision_authors(item);
    item->word = item->options->word;
    item->pass.spec = item->spec;
    item->pass.specs = declared_paths(item->arena, item->options, &item->pass.spec_count);
    item->pass.facts = item->options->facts;
    if (!rings_agrees(item, &e)) {
        fleet_fail(item, &e);
        return;
    }
    if (need == NEED_IDENTITY) {
        identify(item);
        return;
    }
    if ((need == NEED_WORLD || need == NEED_PLAN) && !look(item, &e)) {
        fleet_fail(item, &e);
        return;
    }
    work(item, context);
    keep_part(item);
}

void unit_run(struct fleet_item *item, fleet_work *work, void *context)
{
    jmp_buf out;

    text_init(&item->out, item->arena);
    text_init(&item->log, item->arena);
    item->arena->escape = &out;
    if (setjmp(out) == 0) {
        run(item, work, context);
    } else {
        /* the pass is over, the process lives; its arena is too full to say more in it */
        screen_clear(item);
        item->out = (struct text){.arena = item->arena};
        item->log = (struct text){.arena = item->arena};
        item->part = NULL;
        item->overflow = true;
        item->exit = EXIT_INTERNAL;
    }
    item->arena->escape = NULL;
    door_close(item);
}
