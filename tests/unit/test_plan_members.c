/* What a group does to the VMs in it (S3): what leaves for the memory comes back the same. */
#include "build.h"
#include "plan/plan.h"

static size_t steps_of(const struct plan *plan, enum verb verb)
{
    size_t n = 0;

    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t i = 0; i < plan->groups[g].step_count; i++)
            n += plan->groups[g].steps[i].action.verb == verb;
    return n;
}

/* S3: the row of a VM says its memory, and nothing of the GPU that it has. */
static void memory_beside_what_was_found(void **state)
{
    static const struct {
        bool device;
        enum verb leaves, comes;
    } rows[] = {{false, VERB_ADAPTER_REMOVE, VERB_ADAPTER_ADD},
                {true, VERB_REQUEST_REMOVE, VERB_REQUEST_ADD}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct plan plan;
        struct inputs in;
        struct vm *vm;
        struct lab l;

        lab_open(&l);
        lab_node(&l, "n1");
        lab_pool(&l, "n1", "ml");
        lab_gpu(&l, "n1", 4);
        lab_device(&l, "n1", "ml")->model = "NVIDIA L40S";
        vm = lab_vm(&l, "app", "n1");
        if (rows[i].device)
            lab_request(&l, vm, "ml", NULL);
        else
            lab_adapter(&l, vm, &l.have.gpus[0]);
        lab_wish(&l, "app", VM_AS_FOUND)->wish->settings.memory_startup_mib = NUM(8192);
        lab_run(&l);
        in = (struct inputs){.cluster = "lab",
                             .policy = &l.spec.policy,
                             .want = &l.want,
                             .have = &l.have,
                             .owed = &l.owed,
                             .diff = &l.diff};
        plan_build(&l.arena, &in, &plan);
        assert_int_equal(steps_of(&plan, VERB_VM_MEMORY), 1);
        assert_int_equal(steps_of(&plan, rows[i].leaves), 1);
        assert_int_equal(steps_of(&plan, rows[i].comes), 1);
        lab_close(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_beside_what_was_found)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
