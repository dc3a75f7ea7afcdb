/* P9: subjects as people name them, what fits them, and labels (-l). */
#include "fleet/labels.h"
#include "spec/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static const struct subject gpu = {.kind = SUBJECT_GPU,
                                   .cluster = "c1",
                                   .node = "hv-01",
                                   .name = "hv-01/gpu0",
                                   .pool = "ml",
                                   .pool_after = "Big"};
static const struct subject vm = {.kind = SUBJECT_VM,
                                  .cluster = "c1",
                                  .node = "hv-02",
                                  .node_after = "hv-03",
                                  .name = "vdi-0007"};
static const struct subject pool = {
    .kind = SUBJECT_POOL, .cluster = "c1", .node = "hv-01", .name = "ml"};
static const struct subject node = {.kind = SUBJECT_NODE, .cluster = "c1", .name = "hv-01"};
static const struct subject lost = {.kind = SUBJECT_VM, .name = "lost"}; /* on no node */

static void who_is_named(void **state)
{
    static const struct {
        const char *text;
        bool gpu, vm, pool, node;
    } rows[] = {
        {"vm/vdi-0007", false, true, false, false},
        {"vm/VDI-0007", false, true, false, false},
        {"vm/vdi-0001..0012", false, true, false, false},
        {"vm/vdi-0008..0012", false, false, false, false},
        {"vm/vdi-*", false, true, false, false},
        {"vm/*", false, true, false, false},
        {"gpu/hv-01/gpu0", true, false, false, false},
        {"gpu/hv-01.example.net/gpu0", true, false, false, false},
        {"gpu/HV-*/gpu0..3", true, false, false, false},
        {"gpu/hv-01..02/*", true, false, false, false},
        {"gpu/hv-02/gpu0", false, false, false, false},
        {"gpu/hv-01/gpu1", false, false, false, false},
        {"pool/ml", true, false, true, false},
        {"pool/big", true, false, false, false},
        {"node/hv-01", true, false, true, true},
        {"node/hv-01.example.net", true, false, true, true},
        {"node/hv-01..02", true, true, true, true},
        {"node/hv-03", false, true, false, false},
        {"node/hv-04", false, false, false, false},
        {"cluster/c1", true, true, true, true},
        {"cluster/c2", false, false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct subject_set set;
        struct err e;

        assert_true(subject_read(&arena, rows[i].text, &set, &e));
        assert_int_equal(subject_fits(&set, &gpu), rows[i].gpu);
        assert_int_equal(subject_fits(&set, &vm), rows[i].vm);
        assert_int_equal(subject_fits(&set, &pool), rows[i].pool);
        assert_int_equal(subject_fits(&set, &node), rows[i].node);
        assert_false(subject_fits(&set, &lost) && !strchr(rows[i].text, '*'));
    }
}

static void what_is_no_subject(void **state)
{
    static const char *const rows[] = {
        "",           "vm",        "vm/",        "vdi-01",          "VM/a",
        "gpu/gpu0",   "gpu//gpu0", "gpu/hv-01/", "disk/a",          "vm/a-2..1",
        "vm/a-01..1", "vm/a..b",   "node/..",    "vm/a-0..99999999"};
    struct subject_set set;
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(subject_read(&arena, rows[i], &set, &e));
        assert_int_equal(e.kind, ERR_USAGE);
        assert_non_null(strstr(e.text, rows[i]));
    }
}

static void only_and_exclude(void **state)
{
    struct subject_set a, b;
    struct choice c = {0};
    struct err e;

    (void)state;
    assert_true(choice_takes(&c, &vm)); /* nothing is said: everything */
    assert_true(subject_read(&arena, "node/hv-02", &a, &e));
    assert_true(subject_read(&arena, "vm/vdi-*", &b, &e));
    c = (struct choice){.only = &a, .only_count = 1};
    assert_true(choice_takes(&c, &vm));
    assert_false(choice_takes(&c, &gpu));
    c.exclude = &b;
    c.exclude_count = 1;
    assert_false(choice_takes(&c, &vm)); /* what is excluded is, whoever names it */
    assert_true(choice_excludes(&c, &vm));
    c.only_count = 0;
    assert_true(choice_takes(&c, &gpu));
}

static void labels(void **state)
{
    static struct spec_label has[] = {{"ring", "canary"}, {"country", "no"}};
    static const struct spec spec = {.labels = has, .label_count = 2}, bare = {0};
    static const struct {
        const char *list;
        bool fits, fits_bare;
    } rows[] = {
        {"ring=canary", true, false},
        {"ring=broad", false, false},
        {"ring!=broad", true, true},
        {"ring!=canary", false, true},
        {"ring", true, false},
        {"!ring", false, true},
        {"ring=canary,country=no", true, false},
        {"ring=canary,country!=no", false, false},
        {"tier!=x,!tier", true, true},
        {"Ring=canary", false, false},
        {"ring=", false, false},
    };
    static const char *const bad[] = {"",     "=x", "!=x", "a==b", "!a=b",
                                      "a,,b", "a,", "!!a", "a b=c"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct label_terms terms = {0};
        struct err e;

        assert_true(labels_read(&arena, rows[i].list, &terms, &e));
        assert_int_equal(labels_fit(&terms, &spec), rows[i].fits);
        assert_int_equal(labels_fit(&terms, &bare), rows[i].fits_bare);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct label_terms terms = {0};
        struct err e;

        assert_false(labels_read(&arena, bad[i], &terms, &e));
        assert_int_equal(e.kind, ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_named),
        cmocka_unit_test(what_is_no_subject),
        cmocka_unit_test(only_and_exclude),
        cmocka_unit_test(labels),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
