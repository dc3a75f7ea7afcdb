/* What a state says of itself. */
#include "model/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* D3: two pools whose names differ in case are two pools, and each node has its own. */
static void pools_compare_with_case(void **state)
{
    static const struct {
        uint32_t node;
        const char *name;
        bool there;
    } rows[] = {{0, "ml", true}, {0, "ML", false}, {0, "Ml", false}, {1, "ml", false},
                {1, "ML", true}, {0, "m", false},  {0, "mll", false}};
    struct pool pools[] = {{0, "ml"}, {1, "ML"}};
    struct state s = {.pools = pools, .pool_count = 2};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(state_pool(&s, rows[i].node, rows[i].name), rows[i].there);
}

/* V0: what belongs to a checkpoint or a template is not counted. */
static void checkpoints_are_not_counted(void **state)
{
    struct adapter adapters[] = {{.id = "a"}, {.id = "b", .of_checkpoint = true}, {.id = "c"}};
    struct request requests[] = {{.id = "d", .of_checkpoint = true}, {.id = "e"}};
    struct vm vm = {
        .adapters = adapters, .adapter_count = 3, .requests = requests, .request_count = 2};

    (void)state;
    assert_int_equal(vm_adapters(&vm), 2);
    assert_int_equal(vm_requests(&vm), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_compare_with_case),
        cmocka_unit_test(checkpoints_are_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
