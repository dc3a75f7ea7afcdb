/*
 * The disk fills up, or fails, at every n-th write in turn: the ledger is as
 * before or as after the commit, the error says what to do, and nothing more
 * is promised.  With a reserve a full disk stops no group that is open.
 */
#include "store/store.h"

#include "tests/fault/crash_vfs.h"
#include "tests/unit/store_gen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { NOW = 1000, COMMITS = 6 };

struct bench {
    char folder[64];
    struct arena arena;
    struct disk_image start;
    struct commit commits[COMMITS];
    struct ledger states[COMMITS + 1];
};

static struct store *opened(struct bench *b, struct err *e)
{
    struct store *s = NULL;

    return store_open(b->folder, "full", true, NOW, &s, e) ? s : NULL;
}

static void begin(struct bench *b, uint64_t seed)
{
    struct chance chance = {seed};
    struct store *s, *twin;
    struct err e = {0};

    *b = (struct bench){0};
    arena_init(&b->arena, 0);
    make_folder(b->folder);
    s = opened(b, &e);
    assert_non_null(s);
    store_close(s);
    disk_install();
    s = opened(b, &e);
    assert_non_null(s);
    store_close(s);
    disk_take(&b->start);
    store_open_memory(NULL, &twin);
    assert_true(store_ledger(twin, &b->arena, &b->states[0], &e));
    for (int i = 0; i < COMMITS; i++) {
        b->commits[i] = some_commit(&chance, &b->arena, 3);
        assert_true(store_commit(twin, &b->commits[i], &e));
        assert_true(store_ledger(twin, &b->arena, &b->states[i + 1], &e));
    }
    store_close(twin);
}

static void end(struct bench *b)
{
    disk_remove();
    image_free(&b->start);
    remove_folder(b->folder);
    arena_release(&b->arena);
}

/* The ledger that is there now, on a disk that is well again. */
static bool is_state(struct bench *b, size_t least, size_t most)
{
    struct err e = {0};
    struct arena a;
    struct ledger l;
    struct store *s;
    bool is = false;

    disk_fail(DISK_WELL, 0);
    s = opened(b, &e);
    if (!s)
        fail_msg("it does not open afterwards: %s", e.text);
    arena_init(&a, 0);
    assert_true(store_ledger(s, &a, &l, &e));
    for (size_t i = least; i <= most; i++)
        is |= same_ledger(&l, &b->states[i]);
    store_close(s);
    arena_release(&a);
    return is;
}

static void check_text(const struct err *e, enum disk_fault fault)
{
    assert_int_equal(e->kind, ERR_IO);
    assert_non_null(strstr(e->text, "ledger.db"));
    if (fault == DISK_FULL)
        assert_non_null(strstr(e->text, "the disk is full; free some space"));
    else
        assert_non_null(strstr(e->text, "the disk reports an error"));
}

/* One life with a fault at its n-th change of the disk.  False: it was not felt. */
static bool live(struct bench *b, enum disk_fault fault, size_t n, size_t *failed)
{
    struct err e = {0}, again = {0};
    struct store *s;
    size_t done = 0;

    disk_load(&b->start);
    disk_fail(fault, n);
    s = opened(b, &e);
    if (!s) {
        check_text(&e, fault);
        ++*failed;
        assert_true(is_state(b, 0, 0));
        return true;
    }
    while (done < COMMITS && store_commit(s, &b->commits[done], &e))
        done++;
    if (done < COMMITS) {
        check_text(&e, fault);
        ++*failed;
        /* Whatever the disk does now: nothing more is promised. */
        disk_fail(DISK_WELL, 0);
        assert_false(store_commit(s, &b->commits[0], &again));
        assert_non_null(strstr(again.text, "the ledger failed before"));
    }
    bool felt = disk_faults() > 0 || done < COMMITS;

    store_close(s);
    assert_true(is_state(b, done, done < COMMITS ? done + 1 : done));
    return felt;
}

static void sweep(enum disk_fault fault, const char *name)
{
    struct bench b;
    size_t n = 0, failed = 0;

    begin(&b, 11);
    while (live(&b, fault, n, &failed))
        n++;
    print_message("# figure: ledger on a disk that %s: %zu places, %zu refused, old or new "
                  "state each time\n",
                  name, n, failed);
    assert_true(n > 20);
    assert_true(failed > 5);
    end(&b);
}

static void full_at_every_write(void **state)
{
    struct bench b;
    size_t failed = 0;

    (void)state;
    begin(&b, 11);
    for (size_t n = 0; n < 60; n++)
        (void)live(&b, DISK_FULL, n, &failed);
    print_message("# figure: ledger on a full disk: 60 places, %zu refused, old or new state each "
                  "time\n",
                  failed);
    assert_true(failed > 5);
    end(&b);
}

static void one_error_at_every_write(void **state)
{
    (void)state;
    sweep(DISK_ERROR_ONCE, "fails once");
}

static void errors_from_every_write_on(void **state)
{
    (void)state;
    sweep(DISK_ERROR, "fails for good");
}

/* The life of a group: intents and settles, and its members' marks. */
static bool one_effect(struct store *s, const struct group *g, size_t i, struct err *e)
{
    static char id[32];
    struct ledger_change c[2] = {{.op = LEDGER_INTENT}, {.op = LEDGER_DEBT}};
    struct commit commit = {.kind = COMMIT_INTENT, .sync = true, .changes = c, .change_count = 2};

    snprintf(id, sizeof id, "vm-%zu", i % g->member_count);
    c[0].intent = (struct intent){.group = g->id, .action = {.node = "hv1", .subject = id}};
    c[1].debt = (struct debt){.vm = id, .phase = DEBT_STOPPING, .run = "r-1", .group = g->id};
    if (!store_commit(s, &commit, e))
        return false;
    c[0].op = LEDGER_INTENT_GONE;
    c[1].debt.phase = DEBT_STOPPED;
    commit.sync = false;
    return store_commit(s, &commit, e);
}

static struct commit opening(struct arena *a, struct group *g, size_t members)
{
    struct chance chance = {5};
    struct commit c = {.kind = COMMIT_OPEN, .sync = true};
    struct ledger_change *x = arena_push(a, c.changes, c.change_count, c.room);

    *g = (struct group){.id = 1, .member_count = members};
    g->members = arena_array(a, struct member, members);
    for (size_t i = 0; i < members; i++)
        g->members[i] = some_member(&chance, a);
    *x = (struct ledger_change){.op = LEDGER_GROUP, .group = *g};
    return c;
}

/* A full disk after the reserve: the whole life of a large group fits; without, it does not. */
static void a_reserve_carries_a_group_through(void **state)
{
    enum { MEMBERS = 200, EFFECTS = 1500 };

    (void)state;
    for (int reserved = 1; reserved >= 0; reserved--) {
        struct ledger_change gone = {.op = LEDGER_GROUP_GONE};
        struct commit close = {
            .kind = COMMIT_CLOSE, .sync = true, .changes = &gone, .change_count = 1};
        struct bench b;
        struct group g;
        struct err e = {0};
        struct store *s;
        struct commit open;
        size_t done = 0;

        begin(&b, 1);
        open = opening(&b.arena, &g, MEMBERS);
        s = opened(&b, &e);
        assert_non_null(s);
        if (reserved)
            assert_true(store_reserve(s, MEMBERS * 9 * 1024, &e));
        disk_fail(DISK_FULL, 0);
        if (store_commit(s, &open, &e))
            while (done < EFFECTS && one_effect(s, &g, done, &e))
                done++;
        gone.group = g;
        if (reserved) {
            if (done < EFFECTS || !store_commit(s, &close, &e))
                fail_msg("after %zu effects: %s", done, e.text);
            /* The debts are still owed: the log keeps its length, and the next run can go on. */
            store_close(s);
            s = opened(&b, &e);
            if (!s)
                fail_msg("a full disk keeps the store shut: %s", e.text);
            assert_true(one_effect(s, &g, 0, &e));
        } else {
            assert_true(done < EFFECTS);
        }
        store_close(s);
        end(&b);
    }
}

static void a_reserve_that_fails_spoils_nothing(void **state)
{
    struct bench b;
    struct err e = {0};
    struct store *s;

    (void)state;
    begin(&b, 2);
    s = opened(&b, &e);
    disk_fail(DISK_FULL, 40);
    assert_false(store_reserve(s, 1 << 20, &e));
    check_text(&e, DISK_FULL);
    disk_fail(DISK_WELL, 0);
    for (size_t i = 0; i < COMMITS; i++)
        assert_true(store_commit(s, &b.commits[i], &e));
    store_close(s);
    assert_true(is_state(&b, COMMITS, COMMITS));
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_at_every_write),
        cmocka_unit_test(one_error_at_every_write),
        cmocka_unit_test(errors_from_every_write_on),
        cmocka_unit_test(a_reserve_carries_a_group_through),
        cmocka_unit_test(a_reserve_that_fails_spoils_nothing),
    };

    return cmocka_run_group_tests_name("store_full", tests, NULL, NULL);
}
