#include "lasting/lasting.h"

#include "base/str.h"
#include "codec/world.h"

#include <stdlib.h>
#include <string.h>

enum {
    HANG_STEP_MS = 10,
    TURN_MS = 10000 /* a turn is one read and one write; who needs longer was stopped */
};

static void (*die_hook)(void);

void lasting_on_die(void (*hook)(void))
{
    die_hook = hook;
}

void lasting_die(void)
{
    if (die_hook)
        die_hook();
    else
        _Exit(137);
}

/* ---- the file ---- */

static bool parse(struct lasting *l, const char *path, const char *text, size_t size,
                  struct findings *found)
{
    struct world w;

    if (!world_read(&l->arena, l->facts, path, text, size, &w, found))
        return false;
    w.observes = l->world.observes;
    w.performs = l->world.performs;
    l->world = w;
    l->world_ms = w.now.observed_ms;
    l->real_ms = host_now_ms();
    return true;
}

/* Takes the text over as what the file holds. */
static void remember(struct lasting *l, const char *text, size_t size)
{
    char *copy = realloc(l->text, size + 1);

    if (!copy)
        abort(); /* the machine has no memory: as the arena */
    memcpy(copy, text, size);
    l->text = copy;
    l->size = size;
}

/* Somebody else may have written the file: what stands there is the world. */
bool lasting_take_in(struct lasting *l, struct err *e)
{
    struct arena a;
    struct findings found;
    char *text;
    size_t size;
    bool ok;

    if (!l->path)
        return true;
    arena_init(&a, 0);
    ok = host_read_file(&a, l->path, LIMIT_DOC_BYTES, &text, &size, e);
    if (ok && (l->reload || size != l->size || memcmp(text, l->text, size) != 0)) {
        findings_init(&found, &a);
        ok = parse(l, l->path, text, size, &found);
        if (!ok)
            err_set(e, ERR_IO, 0, "%s was changed and is no world any more: %s", l->path,
                    found.count ? found.rows[0].text : "unreadable");
        else
            remember(l, text, size);
        l->reload = !ok;
    }
    arena_release(&a);
    return ok;
}

bool lasting_put_out(struct lasting *l, struct err *e)
{
    struct arena a;
    const char *text;
    bool ok;

    if (!l->path || !l->writes)
        return true;
    arena_init(&a, 0);
    text = world_write(&a, &l->world);
    ok = host_write_file(l->path, text, strlen(text), e);
    if (ok)
        remember(l, text, strlen(text));
    l->reload = !ok;
    arena_release(&a);
    return ok;
}

bool lasting_is_ours(const struct lasting *l)
{
    const struct world *w = &l->world;

    return l->writes &&
           (!l->store || (str_eq(w->owner.store, l->store) && w->owner.epoch == l->epoch));
}

bool lasting_turn(struct lasting *l, struct host_turn **turn, struct err *e)
{
    *turn = NULL;
    if (!l->path)
        return true;
    if (!host_turn_take(l->path, TURN_MS, turn, e))
        return false;
    if (lasting_take_in(l, e))
        return true;
    host_turn_end(*turn);
    *turn = NULL;
    return false;
}

/* ---- time ---- */

static int64_t clock_of(const struct lasting *l)
{
    return l->world_ms + (host_now_ms() - l->real_ms) * l->world.speed;
}

/*
 * Brings the world to `ms`; what landed is written, while it is ours.  When
 * that fails the next call that acts meets it again, and says so.
 */
static void bring_to(struct lasting *l, int64_t ms)
{
    struct host_turn *turn = NULL;
    struct err ignored;
    bool lands = world_next_ms(&l->world) <= ms && l->path && l->writes;

    if (lands && !lasting_turn(l, &turn, &ignored)) {
        l->reload = true;
        lands = false;
    }
    if (lands) { /* what was read may be of another time: ours goes on */
        l->world_ms = ms;
        l->real_ms = host_now_ms();
    }
    world_advance(&l->world, ms);
    if (lands && lasting_is_ours(l))
        (void)!lasting_put_out(l, &ignored);
    host_turn_end(turn);
}

void lasting_catch_up(struct lasting *l)
{
    if (l->world.speed)
        world_advance(&l->world, clock_of(l));
}

void lasting_tick(struct lasting *l)
{
    if (l->world.speed)
        bring_to(l, clock_of(l));
}

int64_t lasting_now_ms(struct lasting *l)
{
    int64_t now;

    lasting_enter(l);
    lasting_tick(l);
    now = l->world.now.observed_ms;
    lasting_leave(l);
    return now;
}

int64_t lasting_wait_ms(struct lasting *l, int64_t until_ms)
{
    int64_t left = 0, speed;

    lasting_enter(l);
    lasting_tick(l);
    speed = l->world.speed;
    if (!speed)
        bring_to(l, until_ms);
    else if (until_ms > l->world.now.observed_ms)
        left = (until_ms - l->world.now.observed_ms + speed - 1) / speed;
    lasting_leave(l);
    return left;
}

/* ---- who is inside, and calls that hang ---- */

void lasting_enter(struct lasting *l)
{
    host_mutex_lock(l->mutex);
}

void lasting_leave(struct lasting *l)
{
    host_mutex_unlock(l->mutex);
}

static void free_all(struct lasting *l)
{
    host_mutex_unlock(l->mutex);
    host_mutex_free(l->mutex);
    arena_release(&l->arena);
    free(l->text);
    free(l);
}

void lasting_close(struct lasting *l)
{
    lasting_enter(l);
    l->closed = true;
    if (l->blocked)
        lasting_leave(l); /* the last one that leaves frees it */
    else
        free_all(l);
}

bool lasting_hang(struct lasting *l, struct err *e)
{
    l->blocked++;
    while (!l->closed) {
        lasting_leave(l);
        host_sleep_ms(HANG_STEP_MS);
        lasting_enter(l);
    }
    if (--l->blocked)
        lasting_leave(l);
    else
        free_all(l);
    return err_set(e, ERR_TIMEOUT, 0, "the call did not return");
}

/* ---- opening ---- */

/* What was found outlives the world that it was found in. */
static void keep_findings(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        struct finding *row = &f->rows[i];

        row->text = arena_strdup(f->arena, row->text);
        row->next = row->next ? arena_strdup(f->arena, row->next) : NULL;
        row->at.file = row->at.file ? arena_strdup(f->arena, row->at.file) : NULL;
    }
}

bool lasting_open(const struct facts *facts, const char *path, const char *text, size_t size,
                  bool lasts, struct lasting **out, struct findings *found, struct err *e)
{
    struct lasting *l = calloc(1, sizeof *l);

    if (!l)
        abort(); /* the machine has no memory: as the arena */
    l->facts = facts;
    arena_init(&l->arena, 0);
    if (!parse(l, path, text, size, found)) {
        keep_findings(found);
        arena_release(&l->arena);
        free(l);
        return err_set(e, ERR_INVALID, 0, "%s is not a world that can be read", path);
    }
    if (lasts) {
        l->path = arena_strdup(&l->arena, path);
        remember(l, text, size);
    }
    l->mutex = host_mutex_new();
    *out = l;
    return true;
}
