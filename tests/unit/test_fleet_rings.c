/* P13: whose turn it is, how many at once, and when no further cluster is begun. */
#include "fleet/rings.h"
#include "spec/ceiling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct spec_label canary[] = {{"ring", "canary"}};
static struct spec_label both[] = {{"ring", "canary"}, {"country", "de"}};
static struct spec_label turned[] = {{"country", "de"}, {"ring", "canary"}};
static struct spec_label broad[] = {{"country", "de"}, {"ring", "broad"}};

/* Three Policies: rings for all, a bound for one label, and one that says nothing of fleets. */
struct scene {
    struct arena arena;
    struct ceiling_ring rings[2];
    struct ceiling rows[3];
    struct ceilings all;
    struct fleet_options options;
    struct rings at;
};

static void begin(struct scene *s)
{
    memset(s, 0, sizeof *s);
    arena_init(&s->arena, 0);
    s->rings[0] = (struct ceiling_ring){canary, 1};
    s->rings[1] = (struct ceiling_ring){broad, 2};
    s->rows[0] = (struct ceiling){.name = "a",
                                  .fleet = {.at = {"a.yaml", 5, 3},
                                            .order_at = {"a.yaml", 6, 3},
                                            .rings = s->rings,
                                            .ring_count = 2,
                                            .parallel = 4,
                                            .failed = 2}};
    s->rows[1] = (struct ceiling){.name = "b",
                                  .labels = broad,
                                  .label_count = 1,
                                  .fleet = {.at = {"b.yaml", 5, 3}, .parallel = 2, .failed = 1}};
    s->rows[2] = (struct ceiling){.name = "c"};
    s->all = (struct ceilings){s->rows, 3};
    s->options = (struct fleet_options){.ceilings = &s->all, .need = NEED_APPLY};
    rings_open(&s->arena, &s->options, &s->at);
}

static struct spec cluster(const char *name, struct spec_label *labels, size_t count)
{
    return (struct spec){.name = name, .labels = labels, .label_count = count};
}

static void fails(struct scene *s, struct spec *spec)
{
    const struct fleet_item item = {
        .arena = &s->arena, .options = &s->options, .spec = spec, .failed = true};

    rings_ended(&s->arena, &s->at, &item);
}

static const char *stop(struct scene *s, struct spec *spec)
{
    struct fleet_item item = {.arena = &s->arena, .options = &s->options, .spec = spec};

    rings_hold(&item, &s->at, s->at.stops);
    return item.held ? item.held->why : NULL;
}

/* The first set that fits, and the last turn where none does. */
static void turns(void **state)
{
    struct scene s;
    const struct spec rows[] = {cluster("one", both, 2), cluster("two", broad, 2),
                                cluster("none", broad, 1)};

    (void)state;
    begin(&s);
    assert_int_equal(s.at.count, 3);
    for (size_t i = 0; i < 3; i++)
        for (s.at.now = 0; s.at.now < 3; s.at.now++)
            assert_int_equal(rings_other_turn(&s.arena, &s.at, &rows[i]), s.at.now != i);
    s.options.need = NEED_PLAN;
    rings_open(&s.arena, &s.options, &s.at);
    assert_int_equal(s.at.count, 1);
    assert_false(rings_other_turn(&s.arena, &s.at, &rows[2]));
    arena_release(&s.arena);
}

/* Who is bound by no order has the first turn. */
static void unbound(void **state)
{
    struct scene s;
    struct spec spec = cluster("free", NULL, 0);

    (void)state;
    begin(&s);
    s.rows[0].labels = canary;
    s.rows[0].label_count = 1;
    assert_false(rings_other_turn(&s.arena, &s.at, &spec));
    assert_null(stop(&s, &spec));
    arena_release(&s.arena);
}

/* The smallest number of those that bind somebody; never more than there could be. */
static void lanes(void **state)
{
    struct scene s;
    bool bound[3] = {true, false, true};

    (void)state;
    begin(&s);
    assert_int_equal(rings_lanes(&s.options, 8), 2);
    assert_int_equal(rings_lanes(&s.options, 1), 1);
    s.options.bound = bound;
    assert_int_equal(rings_lanes(&s.options, 8), 4);
    assert_int_equal(rings_lanes(&s.options, 3), 3);
    s.options.need = NEED_PLAN;
    assert_int_equal(rings_lanes(&s.options, 8), 8);
    arena_release(&s.arena);
}

/* Each Policy counts those that it binds, and stops those alone. */
static void stops(void **state)
{
    struct scene s;
    struct spec one = cluster("site-1", both, 2), two = cluster("site-2", canary, 1);
    const struct fleet_held *before;

    (void)state;
    begin(&s);
    fails(&s, &two);
    assert_null(stop(&s, &one));
    assert_null(stop(&s, &two));
    before = s.at.stops;
    fails(&s, &one);
    assert_string_equal(stop(&s, &two),
                        "site-1 site-2 failed, and policy a (a.yaml:5) stops after 2");
    assert_int_equal(before[0].reason,
                     REASON_NONE); /* a lane that has it reads what it was given */
    arena_release(&s.arena);

    begin(&s);
    fails(&s, &one);
    assert_null(stop(&s, &two));
    assert_string_equal(stop(&s, &one), "site-1 failed, and policy b (b.yaml:5) stops after 1");
    arena_release(&s.arena);
}

/* More than so many of a hundred; exactly so many are let be. */
static void unknown(void **state)
{
    struct scene s;
    struct spec one = cluster("site-1", canary, 1), two = cluster("site-2", canary, 1);
    struct fleet_item item;

    (void)state;
    begin(&s);
    assert_null(rings_unknown(&s.arena, &s.all));
    for (uint64_t most = 49; most <= 50; most++) {
        s.rows[0].fleet.max_unknown = (struct ceiling_number){most, {"a.yaml", 9, 3}};
        s.options.unknown = rings_unknown(&s.arena, &s.all);
        s.options.need = NEED_IDENTITY;
        item = (struct fleet_item){.arena = &s.arena, .options = &s.options, .spec = &one};
        rings_seen(&s.options, &item);
        item.spec = &two;
        item.unseen = true;
        rings_seen(&s.options, &item);
        s.options.need = NEED_APPLY;
        rings_open(&s.arena, &s.options, &s.at);
        item = (struct fleet_item){.arena = &s.arena, .options = &s.options, .spec = &two};
        rings_hold(&item, &s.at, s.at.stops);
        assert_int_equal(item.unseen, most == 49);
        if (most == 50)
            assert_null(stop(&s, &one));
        else
            assert_string_equal(stop(&s, &one), "1 of 2 clusters cannot be seen (site-2), and "
                                                "policy a (a.yaml:9) allows 49%");
    }
    arena_release(&s.arena);
}

/* Of many that failed the first are named. */
static void many(void **state)
{
    struct scene s;
    struct spec spec = cluster("x", canary, 1);

    (void)state;
    begin(&s);
    for (int i = 0; i < 11; i++) {
        spec.name = arena_printf(&s.arena, "s%c", 'a' + i);
        fails(&s, &spec);
    }
    assert_string_equal(stop(&s, &spec), "sa sb sc sd se sf sg sh and 3 more failed, and policy a "
                                         "(a.yaml:5) stops after 2");
    arena_release(&s.arena);
}

/* Labels have no order, rings do. */
static void orders(void **state)
{
    struct scene s;
    struct spec spec = cluster("site-1", both, 2);
    struct ceiling_ring same[] = {{both, 2}, {canary, 1}}, again[] = {{turned, 2}, {canary, 1}},
                        other[] = {{canary, 1}, {both, 2}};
    struct fleet_item item;
    struct err e;

    (void)state;
    begin(&s);
    item = (struct fleet_item){.arena = &s.arena, .options = &s.options, .spec = &spec};
    s.rows[0].fleet.rings = same;
    s.rows[1].fleet.rings = again;
    assert_true(rings_agrees(&item, &e));
    s.rows[1].fleet.ring_count = 2;
    s.rows[1].fleet.order_at = (struct span){"b.yaml", 7, 3};
    assert_true(rings_agrees(&item, &e));
    s.rows[1].fleet.rings = other;
    assert_false(rings_agrees(&item, &e));
    assert_int_equal(e.kind, ERR_INVALID);
    assert_non_null(strstr(e.text, "a (a.yaml:6) and b (b.yaml:7)"));
    s.rows[1].fleet.rings = again;
    s.rows[1].fleet.ring_count = 1;
    assert_false(rings_agrees(&item, &e));
    s.rows[1].labels = (struct spec_label[]){{"country", "no"}};
    assert_true(rings_agrees(&item, &e));
    arena_release(&s.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns), cmocka_unit_test(unbound), cmocka_unit_test(lanes),
        cmocka_unit_test(stops), cmocka_unit_test(orders),  cmocka_unit_test(unknown),
        cmocka_unit_test(many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
