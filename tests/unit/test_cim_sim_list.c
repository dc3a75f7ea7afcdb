/* The cluster's property list: the two test vectors, and everything that is none. */
#include "base/str.h"
#include "cim/cim_sim_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* OfflineAction = 3 (failover-cluster 7, vector 1). */
static const char offline_action[] =
    "01000000030004001c0000004f00660066006c0069006e00650041006300740069006f006e000000"
    "02000100040000000300000000000000";
/* Both resource types = 4: a live move (vector 2). */
static const char live_move[] =
    "0200000003000400200000005600690072007400750061006c0020004d0061006300680069006e0065000000"
    "0200010004000000040000000000000003000400"
    "3c0000005600690072007400750061006c0020004d0061006300680069006e006500200043006f006e00"
    "660069006700750072006100740069006f006e000000020001000400000004000000"
    "00000000";

static size_t bytes_of(const char *hex, uint64_t *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;

    for (; hex[0]; hex += 2)
        out[n++] =
            (uint64_t)((strchr(digits, hex[0]) - digits) * 16 + (strchr(digits, hex[1]) - digits));
    return n;
}

static void the_vectors(void **state)
{
    struct arena a;
    struct sim_list list;
    uint64_t bytes[256];

    (void)state;
    arena_init(&a, 0);
    assert_true(sim_list_parse(&a, bytes, bytes_of(offline_action, bytes), &list));
    assert_int_equal(list.count, 1);
    assert_true(num_is(sim_list_row(&list, "OfflineAction")->number, 3));
    assert_true(sim_list_parse(&a, bytes, bytes_of(live_move, bytes), &list));
    assert_int_equal(list.count, 2);
    assert_true(num_is(sim_list_row(&list, "Virtual Machine")->number, 4));
    assert_true(num_is(sim_list_row(&list, "virtual machine configuration")->number, 4));
    assert_null(sim_list_row(&list, "OfflineAction"));
    arena_release(&a);
}

/* Cut off anywhere, or with anything behind it, it is none; so it is with a bit of its form
 * changed. */
static void nothing_else_is_one(void **state)
{
    static const size_t form[] = {0, 4, 6, 8, 40, 42, 44, 52}; /* counts, syntaxes, sizes, end */
    struct arena a;
    struct sim_list list;
    uint64_t bytes[256];
    size_t n = bytes_of(offline_action, bytes);

    (void)state;
    arena_init(&a, 0);
    for (size_t cut = 0; cut < n; cut++)
        assert_false(sim_list_parse(&a, bytes, cut, &list));
    bytes[n] = 0;
    assert_false(sim_list_parse(&a, bytes, n + 1, &list));
    for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
        bytes[form[i]] ^= 0x40;
        assert_false(sim_list_parse(&a, bytes, n, &list));
        bytes[form[i]] ^= 0x40;
    }
    arena_release(&a);
}

static void texts_are_utf16(void **state)
{
    static const uint64_t node[] = {'H', 0, 0xfc, 0, 0x3d, 0xd8, 0x00, 0xde, 0, 0};
    static const uint64_t lone[] = {0x3d, 0xd8, 0, 0};
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    assert_string_equal(sim_utf16(&a, node, 10), "H\xc3\xbc\xf0\x9f\x98\x80");
    assert_null(sim_utf16(&a, node, 9));
    assert_null(sim_utf16(&a, node, 8)); /* without its NUL */
    assert_null(sim_utf16(&a, lone, 4));
    assert_null(sim_utf16(&a, node, 0));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors),
        cmocka_unit_test(nothing_else_is_one),
        cmocka_unit_test(texts_are_utf16),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
