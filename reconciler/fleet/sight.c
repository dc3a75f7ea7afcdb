#include "fleet/sight.h"

#include "base/when.h"
#include "loop/loop.h"

#include <stdlib.h>

enum { CALL_MS = 60000 };

/* How the lane ended; not in the sight, which is the lane's when it is late. */
struct verdict {
    bool told;
    enum lane_end end;
};

/* One look, with a memory of its own: a late one is left to the lane that hangs in it. */
struct sight {
    struct arena arena;
    struct eye *eye;
    struct state have;
    struct verdict *verdict;
    bool ok;
    struct err err;
    struct sight *next; /* of the same item */
};

static void observe(void *job)
{
    static const struct scope everything = {.node = NO_INDEX};
    struct sight *s = job;
    jmp_buf out;

    s->arena.escape = &out;
    if (setjmp(out) == 0)
        s->ok = eye_observe(s->eye, &s->arena, &everything, &s->have, &s->err);
    else
        s->ok = err_set(&s->err, ERR_BUG, 0, "the world exceeds the memory of one pass");
    s->arena.escape = NULL;
}

static void observed(void *job, enum lane_end end)
{
    struct sight *s = job;

    *s->verdict = (struct verdict){true, end};
}

static void forget(void *job)
{
    struct sight *s = job;

    arena_release(&s->arena);
    free(s);
}

static bool late(struct fleet_item *item, int64_t call_ms, struct err *e)
{
    return err_set(e, ERR_UNSEEN, 0, "observe: no answer within %s (--timeout)",
                   duration_human(item->arena, call_ms));
}

bool sight_see(struct fleet_item *item, struct err *e)
{
    int64_t call_ms = item->options->call_ms ? item->options->call_ms : CALL_MS;
    struct sight *s = calloc(1, sizeof *s);
    struct verdict verdict = {0};
    struct loop *loop;

    item->pass.seen = false;
    if (!s)
        return err_set(e, ERR_IO, 0, "the machine has no memory left");
    if (!loop_open(&loop, e)) {
        free(s);
        return false;
    }
    arena_init(&s->arena, 0);
    s->eye = item->pass.eye;
    s->verdict = &verdict;
    loop_submit(loop, 0, s, observe, observed, forget, call_ms);
    while (!verdict.told)
        loop_step(loop, -1);
    loop_close(loop);
    if (verdict.end == LANE_LATE)
        return late(item, call_ms, e);
    s->next = item->sights;
    item->sights = s;
    if (verdict.end == LANE_UNBEGUN)
        return err_set(e, ERR_IO, 0, "observe: the machine has no thread left");
    if (!s->ok) {
        *e = s->err;
        return err_wrap(e, "observe");
    }
    item->pass.have = s->have;
    item->identity = arena_strdup(item->arena, s->have.identity);
    item->pass.seen = true;
    return true;
}

void sight_close(struct fleet_item *item)
{
    for (struct sight *s = item->sights, *next; s; s = next) {
        next = s->next;
        forget(s);
    }
    item->sights = NULL;
}
