/*
 * The two stores are one: random commits put both into equal states, over
 * closing, reopening and looking from beside.
 */
#include "store/store.h"

#include "store_gen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { NOW = 1000 };

static struct store *open_ledger(const char *folder, bool write)
{
    struct store *s = NULL;
    struct err e = {0};

    if (!store_open(folder, "twin", write, NOW, &s, &e))
        fail_msg("%s", e.text);
    return s;
}

static void check_equal(struct store *a, struct store *b, struct arena *arena, size_t step)
{
    struct ledger x, y;
    struct err e = {0};

    if (!store_ledger(a, arena, &x, &e) || !store_ledger(b, arena, &y, &e))
        fail_msg("step %zu: %s", step, e.text);
    if (!same_ledger(&x, &y))
        fail_msg("step %zu: the stores differ", step);
}

static void walk(uint64_t seed, size_t commits)
{
    struct chance chance = {seed};
    struct store *disk, *twin;
    struct arena a;
    struct err e = {0};
    char folder[64];
    size_t groups = 0, intents = 0;

    arena_init(&a, 0);
    make_folder(folder);
    disk = open_ledger(folder, true);
    store_open_memory(NULL, &twin);
    for (size_t i = 0; i < commits; i++) {
        struct commit c = some_commit(&chance, &a, below(&chance, 6));
        struct ledger l;

        if (!store_commit(disk, &c, &e) || !store_commit(twin, &c, &e))
            fail_msg("seed %llu step %zu: %s", (unsigned long long)seed, i, e.text);
        check_equal(disk, twin, &a, i);
        if (i % 16 == 7) {
            struct store *beside = open_ledger(folder, false);

            check_equal(beside, twin, &a, i);
            store_close(beside);
        }
        if (i % 16 == 15) {
            store_close(disk);
            disk = open_ledger(folder, true);
            check_equal(disk, twin, &a, i);
        }
        assert_true(store_ledger(twin, &a, &l, &e));
        groups += l.group_count;
        intents += l.intent_count;
        arena_reset(&a);
    }
    assert_true(groups > 0 && intents > 0); /* the walk went somewhere */
    store_close(disk);
    store_close(twin);
    remove_folder(folder);
    arena_release(&a);
}

static void random_commits_give_equal_ledgers(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++)
        walk(seed, 200);
    print_message("twin: 6 seeds, 1200 commits, equal after each\n");
}

/* Equality itself must be able to fail: one changed field of each kind of row. */
static void equality_sees_every_row(void **state)
{
    struct chance chance = {7};
    struct arena a;
    struct ledger one = {.next_group = 1}, two;
    size_t told = 0, tried = 0;

    (void)state;
    arena_init(&a, 0);
    for (int i = 0; i < 60; i++) {
        struct commit c = some_commit(&chance, &a, 4);

        ledger_apply(&a, &one, &c);
    }
    for (int i = 0; i < 400; i++) {
        struct commit c = some_commit(&chance, &a, 1);
        enum ledger_op op = c.changes[0].op;

        ledger_copy(&a, &one, &two);
        assert_true(same_ledger(&one, &two));
        ledger_apply(&a, &two, &c);
        if (op != LEDGER_DEBT && op != LEDGER_INTENT)
            continue;
        tried++;
        told += !same_ledger(&one, &two);
    }
    assert_true(tried > 20);
    assert_int_equal(told, tried);
    arena_release(&a);
}

static void a_large_group_comes_back_whole(void **state)
{
    struct chance chance = {42};
    struct commit c = {.kind = COMMIT_OPEN, .sync = true};
    struct ledger_change *x;
    struct store *disk, *twin;
    struct arena a;
    struct err e = {0};
    char folder[64];

    (void)state;
    arena_init(&a, 0);
    make_folder(folder);
    disk = open_ledger(folder, true);
    store_open_memory(NULL, &twin);
    x = arena_push(&a, c.changes, c.change_count, c.room);
    x->op = LEDGER_GROUP;
    x->group = some_group(&chance, &a);
    x->group.id = (uint64_t)INT64_MAX - 1;
    x->group.member_count = 3000;
    x->group.members = arena_array(&a, struct member, 3000);
    for (size_t i = 0; i < 3000; i++)
        x->group.members[i] = some_member(&chance, &a);
    assert_true(store_reserve(disk, 4 << 20, &e));
    assert_true(store_commit(disk, &c, &e));
    assert_true(store_commit(twin, &c, &e));
    check_equal(disk, twin, &a, 0);
    store_close(disk);
    disk = open_ledger(folder, false);
    check_equal(disk, twin, &a, 1);
    store_close(disk);
    store_close(twin);
    remove_folder(folder);
    arena_release(&a);
}

static void the_twin_starts_from_a_ledger_and_keeps_small(void **state)
{
    struct debt owed = {.vm = "vm-1", .found_running = true, .phase = DEBT_STOPPED, .run = "r-1"};
    struct ledger initial = {.store_id = "s-1", .epoch = 4, .debts = &owed, .debt_count = 1}, l;
    struct commit c = {0};
    struct chance chance = {3};
    struct store *s;
    struct arena a;
    struct err e = {0};
    uint64_t epoch = 0;

    (void)state;
    arena_init(&a, 0);
    store_open_memory(&initial, &s);
    assert_string_equal(store_id(s), "s-1");
    assert_true(store_epoch(s, &epoch, &e));
    assert_int_equal(epoch, 5);
    *arena_push(&a, c.changes, c.change_count, c.room) =
        (struct ledger_change){.op = LEDGER_GROUP, .group = some_group(&chance, &a)};
    /* Enough to force the ledger out of its arena many times. */
    for (int i = 0; i < 20000; i++) {
        c.changes[0].group.id = 1 + (uint64_t)(i % 3);
        assert_true(store_commit(s, &c, &e));
    }
    assert_true(store_ledger(s, &a, &l, &e));
    assert_int_equal(l.debt_count, 1);
    assert_string_equal(l.debts[0].vm, "vm-1");
    assert_int_equal(l.group_count, 3);
    assert_int_equal(l.epoch, 5);
    assert_int_equal(l.next_group, 4);
    assert_string_equal(store_id(s), "s-1");
    store_close(s);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_commits_give_equal_ledgers),
        cmocka_unit_test(equality_sees_every_row),
        cmocka_unit_test(a_large_group_comes_back_whole),
        cmocka_unit_test(the_twin_starts_from_a_ledger_and_keeps_small),
    };

    return cmocka_run_group_tests_name("store_twin", tests, NULL, NULL);
}
