/* What git says of a spec, as it is written, and as nobody should write it. */
#include "fleet/revision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OID  "c01d9e5c01d9e5c01d9e5c01d9e5c01d9e5c01d9"
#define HEAD "# branch.oid " OID "\n"

static const struct row {
    const char *text, *commit, *branch;
    bool dirty;
} rows[] = {
    {HEAD "# branch.head main\n", OID, "main", false},
    {HEAD "# branch.head pr/swap-hv3\n# branch.upstream origin/x\n# branch.ab +1 -2\n", OID,
     "pr/swap-hv3", false},
    {HEAD "# branch.head (detached)\n", OID, NULL, false},
    {HEAD "# branch.head main\n1 .M N... 100644 100644 100644 a b vdi.yaml\n", OID, "main", true},
    {HEAD "# branch.head main\n? vdi.yaml\n", OID, "main", true},
    {HEAD "# branch.head main\n! vdi.yaml\n", OID, "main", true},
    {HEAD "# branch.head main\n1 .M N... 1006", OID, "main", true}, /* cut */
    {HEAD "# branch.head ma", OID, NULL, false},
    {HEAD, OID, NULL, false},
    {"# branch.oid " OID "c01d9e5c01d9e5c01d9e5c01\n", OID "c01d9e5c01d9e5c01d9e5c01", NULL, false},
    {"# branch.oid (initial)\n# branch.head main\n? vdi.yaml\n", NULL, "main", true},
    {"# branch.oid c01d9e5\n", NULL, NULL, false},
    {"# branch.oid C01D9E5C01D9E5C01D9E5C01D9E5C01D9E5C01D9\n", NULL, NULL, false},
    {"# branch.oid \033[2Jd9e5c01d9e5c01d9e5c01d9e5c01d9e5c01d9\n", NULL, NULL, false},
    {"fatal: not a git repository\n", NULL, NULL, true},
    {"\n\n\n", NULL, NULL, false},
    {"", NULL, NULL, false},
};

static void each_answer_is_read(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct revision r;

        assert_int_equal(revision_parse(&a, row->text, strlen(row->text), &r), row->commit != NULL);
        if (!str_eq(r.commit, row->commit) || !str_eq(r.branch, row->branch) ||
            r.dirty != row->dirty)
            fail_msg("%s gives %s on %s, %d", row->text, r.commit ? r.commit : "none",
                     r.branch ? r.branch : "none", r.dirty);
    }
    arena_release(&a);
}

/* Every beginning of an answer, and a name that is no text. */
static void a_part_of_it_is_no_harm(void **state)
{
    static const char text[] = HEAD "# branch.head a\0b\n# branch.head \xff\n? x\n";
    struct revision r;
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    for (size_t n = 0; n < sizeof text; n++) {
        char *copy = malloc(n + 1);

        memcpy(copy, text, n);
        (void)revision_parse(&a, copy, n, &r);
        free(copy);
        assert_true(!r.branch || strlen(r.branch) == 1);
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_is_read),
        cmocka_unit_test(a_part_of_it_is_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
