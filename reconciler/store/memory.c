/*
 * The ledger's twin: the same commits, kept in memory.  For worlds that end
 * with the process (--sim), and for the laws, which live through millions.
 */
#include "store/inner.h"

#include <stdio.h>
#include <stdlib.h>

enum { COMPACT_AT = 1 << 20 };

struct memory {
    struct store base;
    struct arena arenas[2];
    unsigned now; /* which of the two holds the ledger */
    struct ledger ledger;
    size_t live; /* bytes that the ledger took when it was last copied whole */
};

static struct memory *of(struct store *s)
{
    return (struct memory *)s;
}

static bool memory_ledger(struct store *s, struct arena *a, struct ledger *out, struct err *e)
{
    (void)e;
    ledger_copy(a, &of(s)->ledger, out);
    return true;
}

/* Rows that were replaced stay in the arena; from time to time they are left behind. */
static void compact(struct memory *m)
{
    struct arena *from = &m->arenas[m->now], *to = &m->arenas[!m->now];
    struct ledger copy;

    if (from->used < COMPACT_AT || from->used < m->live * 4)
        return;
    arena_reset(to);
    ledger_copy(to, &m->ledger, &copy);
    m->ledger = copy;
    m->live = to->used;
    m->now = !m->now;
    m->base.id = m->ledger.store_id;
    arena_reset(from);
}

static bool memory_commit(struct store *s, const struct commit *c, struct err *e)
{
    struct memory *m = of(s);

    (void)e;
    ledger_apply(&m->arenas[m->now], &m->ledger, c);
    compact(m);
    return true;
}

static bool memory_reserve(struct store *s, size_t bytes, struct err *e)
{
    (void)s;
    (void)bytes;
    (void)e;
    return true;
}

static bool memory_epoch(struct store *s, uint64_t *out, struct err *e)
{
    (void)e;
    *out = ++of(s)->ledger.epoch;
    return true;
}

static void memory_close(struct store *s)
{
    struct memory *m = of(s);

    arena_release(&m->arenas[0]);
    arena_release(&m->arenas[1]);
    free(m);
}

static const struct store_ops MEMORY_OPS = {memory_ledger, memory_commit, memory_reserve,
                                            memory_epoch, memory_close};

void store_open_memory(const struct ledger *initial, struct store **out)
{
    static const struct ledger NOTHING = {.store_id = "memory", .next_group = 1};
    struct memory *m = calloc(1, sizeof *m);

    if (!m) {
        fprintf(stderr, "hvgpu: out of memory (a ledger in memory)\n");
        abort();
    }
    m->base.ops = &MEMORY_OPS;
    arena_init(&m->arenas[0], 0);
    arena_init(&m->arenas[1], 0);
    ledger_copy(&m->arenas[0], initial ? initial : &NOTHING, &m->ledger);
    if (!m->ledger.store_id)
        m->ledger.store_id = NOTHING.store_id;
    if (m->ledger.next_group == 0) /* 0 means "no group" in a debt */
        m->ledger.next_group = NOTHING.next_group;
    m->base.id = m->ledger.store_id;
    m->live = m->arenas[0].used;
    *out = &m->base;
}
