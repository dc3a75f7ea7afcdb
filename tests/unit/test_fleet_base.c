/* What git lists, line by line: only regular files with a digest and a size are specs. */
#include "fleet/base_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

#define DIGEST "0123456789abcdef0123456789abcdef01234567"

static void a_file_is_taken(void **state)
{
    struct base_blob blob;

    (void)state;
    assert_true(base_blob_parse(&arena, "100644 blob " DIGEST "     123\tsites/a b.yaml", &blob));
    assert_string_equal(blob.digest, DIGEST);
    assert_string_equal(blob.path, "sites/a b.yaml");
    assert_int_equal(blob.size, 123);
    assert_true(base_blob_parse(&arena, "100755 blob " DIGEST " 0\tx", &blob));
}

static void the_rest_is_not(void **state)
{
    static const char *const lines[] = {
        "",
        "100644",
        "100644 blob",
        "100644 blob \tx",
        "120000 blob " DIGEST "      12\tlink.yaml",
        "160000 commit " DIGEST "       -\tmodule",
        "100644 tree " DIGEST "       -\tfolder",
        "100644 blob 0123\tx",
        "100644 blob " DIGEST "g     123\tx",
        "100644 blob " DIGEST "\tx",
        "100644 blob " DIGEST " -1\tx",
        "100644 blob " DIGEST " 99999999999999999999\tx",
        "100644 blob " DIGEST " 123 x",
    };
    struct base_blob blob;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_false(base_blob_parse(&arena, lines[i], &blob));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_file_is_taken),
                                       cmocka_unit_test(the_rest_is_not)};
    int failed;

    arena_init(&arena, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_release(&arena);
    return failed;
}
