/* specs/schema/plan.schema.json is what the table says; UPDATE=1 writes it anew. */
#include "base/limits.h"
#include "codec/planfile.h"
#include "host/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const path = "specs/schema/plan.schema.json";

static void the_schema_is_the_table(void **state)
{
    struct arena a;
    struct err e;
    const char *schema;
    size_t size;
    char *text;

    (void)state;
    arena_init(&a, 0);
    schema = plan_schema(&a);
    if (getenv("UPDATE") && !host_write_file(path, schema, strlen(schema), &e))
        fail_msg("%s", e.text);
    if (!host_read_file(&a, path, LIMIT_DOC_BYTES, &text, &size, &e))
        fail_msg("%s", e.text);
    assert_int_equal(size, strlen(schema));
    assert_memory_equal(text, schema, size);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_schema_is_the_table)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
