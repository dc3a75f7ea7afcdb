/* Movers onto nodes (M8): as many as can be, with the fewest interruptions; against every way. */
#include "diff/place.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NODES = 3, CLASSES = 3, MOVERS = 6 };

struct game {
    uint8_t cost[CLASSES][NODES];
    size_t count[CLASSES];
    uint64_t room[NODES];
};

struct best {
    size_t placed;
    int cost;
};

/* Every way to place the movers from class `c` on, `left` of it still to go. */
static void try_all(const struct game *g, size_t c, size_t left, uint64_t *room, struct best now,
                    struct best *best)
{
    while (c < CLASSES && !left)
        if (++c < CLASSES)
            left = g->count[c];
    if (c == CLASSES) {
        if (now.placed > best->placed || (now.placed == best->placed && now.cost < best->cost))
            *best = now;
        return;
    }
    try_all(g, c, left - 1, room, now, best);
    for (size_t n = 0; n < NODES; n++) {
        if (!room[n] || g->cost[c][n] == PLACE_NEVER)
            continue;
        room[n]--;
        try_all(g, c, left - 1, room, (struct best){now.placed + 1, now.cost + g->cost[c][n]},
                best);
        room[n]++;
    }
}

static struct best play(struct arena *a, const struct game *g)
{
    struct place_class rows[CLASSES];
    uint64_t room[NODES], taken[NODES] = {0};
    struct best got = {0, 0};

    for (size_t c = 0; c < CLASSES; c++)
        rows[c] = (struct place_class){.cost = g->cost[c], .count = g->count[c]};
    memcpy(room, g->room, sizeof room);
    place_all(a, rows, CLASSES, room, NODES);
    for (size_t c = 0; c < CLASSES; c++) {
        size_t here = 0;

        for (size_t n = 0; n < NODES; n++) {
            here += rows[c].on[n];
            taken[n] += rows[c].on[n];
            if (rows[c].on[n])
                assert_true(g->cost[c][n] != PLACE_NEVER);
            got.cost += (int)rows[c].on[n] * g->cost[c][n];
        }
        assert_int_equal(here + rows[c].left, g->count[c]);
        got.placed += here;
    }
    for (size_t n = 0; n < NODES; n++)
        assert_int_equal(taken[n] + room[n], g->room[n]);
    return got;
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static void no_way_is_better(void **state)
{
    uint32_t seed = 7;
    size_t games = 0, sent_on = 0;
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    for (; games < 4000; games++) {
        struct game g = {0};
        struct best best = {0, 0}, got;
        uint64_t room[NODES];
        size_t movers = 0;

        for (size_t c = 0; c < CLASSES; c++) {
            g.count[c] = next(&seed) % 3;
            movers += g.count[c];
            for (size_t n = 0; n < NODES; n++)
                g.cost[c][n] = (uint8_t)(next(&seed) % 3);
        }
        for (size_t n = 0; n < NODES; n++)
            g.room[n] = next(&seed) % 3;
        assert_true(movers <= MOVERS);
        memcpy(room, g.room, sizeof room);
        try_all(&g, 0, g.count[0], room, (struct best){0, 0}, &best);
        got = play(&a, &g);
        assert_int_equal(got.placed, best.placed);
        assert_int_equal(got.cost, best.cost);
        sent_on += best.placed < movers;
        arena_reset(&a);
    }
    arena_release(&a);
    printf("place: %zu games, %zu of them with too little room, none better by any other way\n",
           games, sent_on);
}

/* Of nodes that cost the same the one with most room, then the first. */
static void they_spread(void **state)
{
    static const uint8_t same[NODES] = {0};
    struct place_class row = {.cost = same, .count = 4};
    uint64_t room[NODES] = {1, 3, 2};
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    place_all(&a, &row, 1, room, NODES);
    assert_int_equal(row.on[0], 1);
    assert_int_equal(row.on[1], 2);
    assert_int_equal(row.on[2], 1);
    assert_int_equal(row.left, 0);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_way_is_better),
        cmocka_unit_test(they_spread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
