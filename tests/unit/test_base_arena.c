/* A region of memory that ends: who began something gives it back, and who is above hears of it. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena arena;
static unsigned begun, ended, released;

static void take_little(void *context)
{
    *(char **)context = arena_strdup(&arena, "kept");
}

static void take_all(void *context)
{
    (void)context;
    for (;;)
        arena_raw(&arena, 1 << 10, 1);
}

/* Two levels: each gives back what it began. */
static void inner(void *context)
{
    begun++;
    if (!arena_guard(&arena, take_all, context)) {
        ended++;
        arena_leave(&arena);
    }
}

static void outer(void *context)
{
    begun++;
    inner(context);
}

static void count_release(void *thing)
{
    released += *(unsigned *)thing;
}

static void what_fits(void **state)
{
    char *kept = NULL;

    (void)state;
    arena_init(&arena, 1 << 20);
    assert_true(arena_guard(&arena, take_little, &kept));
    assert_string_equal(kept, "kept");
    assert_null(arena.escape);
    arena_release(&arena);
}

static void what_does_not(void **state)
{
    static unsigned one = 1;
    char *kept;

    (void)state;
    arena_init(&arena, 1 << 20);
    kept = arena_strdup(&arena, "before");
    arena_on_release(&arena, count_release, &one);
    begun = ended = released = 0;
    assert_false(arena_guard(&arena, outer, NULL));
    assert_int_equal(begun, 2);
    assert_int_equal(ended, 1);
    assert_null(arena.escape);
    assert_string_equal(kept, "before"); /* nothing of it is gone */
    assert_int_equal(released, 0);
    arena_release(&arena);
    assert_int_equal(released, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits),
        cmocka_unit_test(what_does_not),
    };

    return cmocka_run_group_tests_name("base_arena", tests, NULL, NULL);
}
