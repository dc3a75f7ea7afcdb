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

/* I4: vendor, device, board, node and slot decide, and all of them. */
static void same_card_new_path(void **state)
{
    static const struct {
        const char *node, *path, *pci, *board, *slot;
        bool silent, there_before;
        uint32_t at;
    } rows[] = {
        {"n1", "PCI\\NEW", "10de:25b6", "10de:157e", "PCIROOT(1)#PCI(0100)", false, false, 0},
        {"N1", "PCI\\NEW", "10DE:25B6", "10DE:157E", "pciroot(1)#pci(0100)", false, false, 0},
        {"n1", "PCI\\OLD", "10de:25b6", "10de:157e", "PCIROOT(1)#PCI(0100)", false, false,
         NO_INDEX}, /* still there */
        {"n2", "PCI\\NEW", "10de:25b6", "10de:157e", "PCIROOT(1)#PCI(0100)", false, false,
         NO_INDEX},
        {"n1", "PCI\\NEW", "10de:25b7", "10de:157e", "PCIROOT(1)#PCI(0100)", false, false,
         NO_INDEX},
        {"n1", "PCI\\NEW", "10de:25b6", "10de:14a9", "PCIROOT(1)#PCI(0100)", false, false,
         NO_INDEX},
        {"n1", "PCI\\NEW", NULL, "10de:157e", "PCIROOT(1)#PCI(0100)", false, false, NO_INDEX},
        {"n1", "PCI\\NEW", "10de:25b6", "10de:157e", "PCIROOT(1)#PCI(0200)", false, false,
         0}, /* another slot, and no other card took it */
        {"n1", "PCI\\NEW", "10de:25b6", "10de:157e", "PCIROOT(1)#PCI(0100)", true, false,
         NO_INDEX}, /* silence is not emptiness */
        {"n1", "PCI\\TWIN", "10de:25b6", "10de:157e", "PCIROOT(1)#PCI(0100)", false, true,
         NO_INDEX}, /* it was there beside it */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *slots[] = {"ACPI(_SB_)", "PCIROOT(1)#PCI(0100)"}, *slot[] = {rows[i].slot};
        struct node before = {.name = "n1", .answered = true};
        struct node after = {.name = rows[i].node, .answered = !rows[i].silent};
        struct gpu old[] = {{.path = "PCI\\OLD",
                             .is_gpu = true,
                             .pci = "10de:25b6",
                             .subsystem = "10de:157e",
                             .locations = slots,
                             .location_count = 2},
                            {.path = "PCI\\TWIN"}};
        struct gpu now = {.path = rows[i].path,
                          .is_gpu = true,
                          .pci = rows[i].pci,
                          .subsystem = rows[i].board,
                          .locations = slot,
                          .location_count = 1};
        struct state then = {.nodes = &before,
                             .node_count = 1,
                             .gpus = old,
                             .gpu_count = rows[i].there_before ? 2 : 1};
        struct state have = {.nodes = &after, .node_count = 1, .gpus = &now, .gpu_count = 1};

        struct arena a;

        arena_init(&a, 0);
        if (state_moved(&a, &then, &have)[0] != rows[i].at)
            fail_msg("I4: row %zu", i);
        arena_release(&a);
    }
}

/* I4: of two cards that are gone the one in the same slot is the one that is there. */
static void the_slot_decides(void **state)
{
    const char *one[] = {"PCIROOT(1)#PCI(0100)"}, *two[] = {"PCIROOT(2)#PCI(0100)"};
    struct node node = {.name = "n1", .answered = true};
    struct gpu old[] = {{.path = "PCI\\A", .is_gpu = true, .locations = one, .location_count = 1},
                        {.path = "PCI\\B", .is_gpu = true, .locations = two, .location_count = 1}};
    struct gpu now = {.path = "PCI\\C", .is_gpu = true, .locations = two, .location_count = 1};
    struct state then = {.nodes = &node, .node_count = 1, .gpus = old, .gpu_count = 2};
    struct state have = {.nodes = &node, .node_count = 1, .gpus = &now, .gpu_count = 1};
    const uint32_t *moved;
    struct arena a;

    (void)state;
    arena_init(&a, 0);
    old[0].pci = old[1].pci = now.pci = "10de:25b6";
    moved = state_moved(&a, &then, &have);
    assert_int_equal(moved[0], NO_INDEX);
    assert_int_equal(moved[1], 0);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_compare_with_case),
        cmocka_unit_test(checkpoints_are_not_counted),
        cmocka_unit_test(same_card_new_path),
        cmocka_unit_test(the_slot_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
