/*
 * The power fails while the ledger is written: every image that the disk could
 * be left with opens, and is the ledger before or after a commit, never one
 * that was promised and is gone, never half of one.  Then it fails again while
 * the image is opened.
 */
#include "store/store.h"

#include "tests/fault/crash_vfs.h"
#include "tests/unit/store_gen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST_STATES = 128, NOW = 1000, BEGUN = 1, DONE = 2, AGAIN_EVERY = 23 };

struct walk {
    char folder[64];
    struct arena arena;
    struct store *disk, *twin;
    struct ledger states[MOST_STATES]; /* after each commit; 0: before the first */
    bool sync[MOST_STATES];
    size_t count;
    struct disk_record record;
    /* of the checks */
    size_t images, again, gone, torn, refused, unequal;
    size_t stride;
    size_t least, most; /* the states that may be found */
};

static struct store *opened(struct walk *w, bool write, struct err *e)
{
    struct store *s = NULL;

    return store_open(w->folder, "crash", write, NOW, &s, e) ? s : NULL;
}

static void open_both(struct walk *w)
{
    struct err e = {0};

    arena_init(&w->arena, 0);
    make_folder(w->folder);
    w->disk = opened(w, true, &e); /* born on the real disk */
    if (!w->disk)
        fail_msg("%s", e.text);
    store_close(w->disk);
    store_open_memory(NULL, &w->twin);
    disk_install();
    w->disk = opened(w, true, &e);
    if (!w->disk)
        fail_msg("%s", e.text);
    assert_true(store_ledger(w->disk, &w->arena, &w->states[0], &e));
}

static void close_both(struct walk *w)
{
    store_close(w->twin);
    disk_remove();
    remove_folder(w->folder);
    record_free(&w->record);
    arena_release(&w->arena);
}

static void remember(struct walk *w, bool sync)
{
    struct err e = {0};

    assert_true(w->count + 1 < MOST_STATES);
    w->count++;
    w->sync[w->count] = sync;
    assert_true(store_ledger(w->twin, &w->arena, &w->states[w->count], &e));
}

static void commit_both(struct walk *w, const struct commit *c)
{
    struct err e = {0};

    assert_true(store_commit(w->twin, c, &e));
    remember(w, c->sync);
    disk_mark(BEGUN, (int)w->count);
    if (!store_commit(w->disk, c, &e))
        fail_msg("%s", e.text);
    disk_mark(DONE, (int)w->count);
}

static void epoch_both(struct walk *w)
{
    struct err e = {0};
    uint64_t a, b;

    assert_true(store_epoch(w->twin, &b, &e));
    remember(w, true);
    disk_mark(BEGUN, (int)w->count);
    assert_true(store_epoch(w->disk, &a, &e));
    disk_mark(DONE, (int)w->count);
    assert_int_equal(a, b);
}

static void reopen(struct walk *w)
{
    struct err e = {0};

    store_close(w->disk);
    w->disk = opened(w, true, &e);
    if (!w->disk)
        fail_msg("%s", e.text);
}

/* What may be found when `op` ops were begun: from the last promise to the newest attempt. */
static void bounds(struct walk *w, size_t op)
{
    w->least = w->most = 0;
    for (size_t i = 0; i < op; i++) {
        const struct disk_op *o = &w->record.ops[i];

        if (o->kind != OP_MARK)
            continue;
        if (o->mark == BEGUN)
            w->most = (size_t)o->value;
        else if (w->sync[o->value])
            w->least = (size_t)o->value;
    }
}

/*
 * Which state is it?  The newest that may be: commits that change nothing
 * leave equal ones behind.  MOST_STATES: none.
 */
static size_t match(struct walk *w, const struct ledger *l)
{
    size_t found = MOST_STATES;

    for (size_t i = 0; i <= w->count; i++)
        if (same_ledger(l, &w->states[i]) && l->epoch == w->states[i].epoch &&
            (found == MOST_STATES || i <= w->most))
            found = i;
    return found;
}

/* The state that an image is opened as; MOST_STATES + 1: it is refused. */
static size_t look(struct walk *w, bool write)
{
    struct arena a;
    struct ledger l;
    struct err e = {0};
    struct store *s = opened(w, write, &e);
    size_t found = MOST_STATES + 1;

    if (!s)
        return found;
    arena_init(&a, 0);
    if (store_ledger(s, &a, &l, &e))
        found = match(w, &l);
    store_close(s);
    arena_release(&a);
    return found;
}

static void judge(struct walk *w, size_t found)
{
    w->refused += found > MOST_STATES;
    w->torn += found == MOST_STATES || (found < MOST_STATES && found > w->most);
    w->gone += found < w->least;
}

static void check_again(void *context, const struct disk_image *image, size_t op)
{
    struct walk *w = context;

    (void)op;
    w->again++;
    disk_load(image);
    judge(w, look(w, true));
}

/* The power fails again, while the image is opened (and its log put into the file). */
static void cut_opening(struct walk *w, const struct disk_image *image, size_t state)
{
    struct disk_record record;

    disk_load(image);
    disk_record_begin(&record);
    (void)look(w, true);
    disk_record_end();
    w->least = w->most = state;
    record_images(&record, state, w->stride, false, check_again, w);
    record_free(&record);
}

static void check(void *context, const struct disk_image *image, size_t op)
{
    struct walk *w = context;
    size_t beside, found;

    w->images++;
    bounds(w, op);
    disk_load(image);
    beside = look(w, false); /* as bytes, by our own reading of the log */
    found = look(w, true);   /* by SQLite's recovery */
    w->unequal += beside != found;
    judge(w, found);
    if (w->images % AGAIN_EVERY == 0 && found < MOST_STATES)
        cut_opening(w, image, found);
}

static void report(const struct walk *w, const char *what)
{
    print_message("crash: %s: %zu commits, %zu disk ops, %zu images, %zu more of their openings: "
                  "%zu lost, %zu torn, %zu refused, %zu read otherwise from beside\n",
                  what, w->count, w->record.count, w->images, w->again, w->gone, w->torn,
                  w->refused, w->unequal);
}

static size_t violations(const struct walk *w)
{
    return w->gone + w->torn + w->refused + w->unequal;
}

/* Commits of all kinds, an epoch, and a closing in the middle. */
static void live(struct walk *w, uint64_t seed, size_t commits)
{
    struct chance chance = {seed};

    disk_record_begin(&w->record);
    for (size_t i = 0; i < commits; i++) {
        struct commit c = some_commit(&chance, &w->arena, 1 + below(&chance, 4));

        commit_both(w, &c);
        if (i == commits / 3)
            epoch_both(w);
        if (i == commits / 2)
            reopen(w);
    }
    store_close(w->disk);
    disk_record_end();
}

/* tests/README.md: small with sanitizers, full without, soak for as long as it takes. */
static uint64_t seeds(void)
{
    const char *effort = getenv("HVGPU_EFFORT");

    if (effort && strcmp(effort, "soak") == 0)
        return 300;
    return effort && strcmp(effort, "full") == 0 ? 20 : 5;
}

static void every_image_is_a_state(void **state)
{
    struct walk w;
    size_t images = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= seeds(); seed++) {
        char name[32];

        w = (struct walk){.stride = 1};
        open_both(&w);
        live(&w, seed, 14);
        record_images(&w.record, seed, w.stride, false, check, &w);
        snprintf(name, sizeof name, "seed %d", (int)seed);
        report(&w, name);
        assert_int_equal(violations(&w), 0);
        images += w.images + w.again;
        close_both(&w);
    }
    print_message("# figure: ledger: %zu images after a power cut, each a state of the protocol\n",
                  images);
    assert_true(images > 1000);
}

/* With the log made longer first, and long enough a life that it starts anew. */
static void also_with_reserve_and_checkpoints(void **state)
{
    struct chance chance = {99};
    struct walk w = {.stride = 150}; /* the reserve alone is hundreds of pages */
    struct err e = {0};

    (void)state;
    open_both(&w);
    for (int i = 0; i < 40; i++) { /* before the record: nearly to where the log starts anew */
        struct commit c = some_commit(&chance, &w.arena, 6);

        assert_true(store_commit(w.twin, &c, &e));
        assert_true(store_commit(w.disk, &c, &e));
        assert_true(store_ledger(w.twin, &w.arena, &w.states[0], &e));
    }
    disk_record_begin(&w.record);
    assert_true(store_reserve(w.disk, 4096, &e));
    for (int i = 0; i < 5; i++) {
        struct commit c = some_commit(&chance, &w.arena, 3);

        commit_both(&w, &c);
    }
    store_close(w.disk);
    disk_record_end();
    record_images(&w.record, 7, w.stride, false, check, &w);
    report(&w, "with a reserve");
    assert_int_equal(violations(&w), 0);
    close_both(&w);
}

/* The test can fail: on a disk whose syncs do nothing, promises are lost. */
static void a_disk_that_lies_is_found_out(void **state)
{
    struct walk w = {.stride = 1};

    (void)state;
    open_both(&w);
    live(&w, 3, 8);
    record_images(&w.record, 3, w.stride, true, check, &w);
    report(&w, "a lying disk");
    assert_true(w.gone > 0);
    close_both(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_image_is_a_state),
        cmocka_unit_test(also_with_reserve_and_checkpoints),
        cmocka_unit_test(a_disk_that_lies_is_found_out),
    };

    return cmocka_run_group_tests_name("store_crash", tests, NULL, NULL);
}
