/* Patterns of names: every path through str_fits(), and a bound on its work. */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void fits(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool is;
    } rows[] = {
        {"tmp-*", "TMP-1", true},
        {"tmp-*", "tmp-", true},
        {"tmp-*", "tmp", false},
        {"*", "", true},
        {"?", "", false},
        {"", "", true},
        {"", "a", false},
        {"a?c", "aBC", true},
        {"a?c", "ac", false},
        {"a?", "abc", false},
        {"?", "\xc3\xa9", true}, /* one character, two bytes */
        {"??", "\xc3\xa9", false},
        {"*?z", "\xc3\xa9z", true},
        {"*?z", "z", false},
        {"a*b*c", "a1b2b3c", true},
        {"a*b*c", "a1b2b3", false},
        {"*-gold", "tmp-gold-gold", true},
        {"*-gold", "tmp-gold-", false},
        {"**a", "ba", true},
        {"a.c", "abc", false},
        {"[ab]", "a", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_fits(rows[i].pattern, rows[i].name) != rows[i].is)
            fail_msg("%s against %s", rows[i].pattern, rows[i].name);
}

static void is_pattern(void **state)
{
    (void)state;
    assert_true(str_is_pattern("a*"));
    assert_true(str_is_pattern("?"));
    assert_false(str_is_pattern("a-01"));
}

/* A matcher that tries every * again would not be back before the end of the test. */
static void ends_soon(void **state)
{
    char pattern[257] = {0}, name[257] = {0};

    (void)state;
    for (size_t i = 0; i < 128; i++) {
        pattern[2 * i] = '*';
        pattern[2 * i + 1] = 'a';
    }
    pattern[255] = 'b';
    memset(name, 'a', 256);
    assert_false(str_fits(pattern, name));
}

/* By bytes and not by language, so that it is the same everywhere; what was given stays as it is.
 */
static void set(void **state)
{
    const char *names[] = {"sites", "profiles", "Sites", "sites", "profiles"};
    struct arena arena;
    size_t count = 9;
    const char **kept;

    (void)state;
    arena_init(&arena, 0);
    kept = str_set(&arena, names, 5, &count);
    assert_int_equal(count, 3);
    assert_string_equal(kept[0], "Sites");
    assert_string_equal(kept[1], "profiles");
    assert_string_equal(kept[2], "sites");
    assert_string_equal(names[0], "sites");
    str_set(&arena, NULL, 0, &count);
    assert_int_equal(count, 0);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits),
        cmocka_unit_test(is_pattern),
        cmocka_unit_test(ends_soon),
        cmocka_unit_test(set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
