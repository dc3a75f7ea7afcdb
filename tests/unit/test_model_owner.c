/* The owner record as one text, and back. */
#include "base/str.h"
#include "base/when.h"
#include "model/owner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void there_and_back(void **state)
{
    static const struct owner owners[] = {{"s1", "admin-01", 1795089600000, 7},
                                          {"s1", NULL, WHEN_NONE, UINT64_MAX}};
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        struct owner again;

        assert_true(owner_parse(&a, owner_text(&a, &owners[i]), &again));
        assert_string_equal(again.store_id, owners[i].store_id);
        assert_true(str_eq(again.host, owners[i].host));
        assert_int_equal(again.since_ms, owners[i].since_ms);
        assert_int_equal(again.epoch, owners[i].epoch);
    }
    arena_release(&a);
}

static void other_texts_are_not_ours(void **state)
{
    static const char *const texts[] = {NULL,
                                        "",
                                        "somebody",
                                        "hvgpu2 s h ? 1",
                                        "hvgpu1 s h ?",
                                        "hvgpu1 s h ? 1 more",
                                        "hvgpu1 s  ? 1",
                                        "hvgpu1 s h yesterday 1",
                                        "hvgpu1 s h ? -1"};
    struct arena a;
    struct owner owner;

    (void)state;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(owner_parse(&a, texts[i], &owner));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(other_texts_are_not_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
