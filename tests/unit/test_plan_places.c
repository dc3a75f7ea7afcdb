/* What keeps a VM where it is, or off: ghosts (V8) and what is owed beside them. */
#include "build.h"
#include "plan/plan.h"
#include "report/report.h"

struct places {
    struct lab lab;
    struct plan plan;
    struct permission word;
};

static void open_places(struct places *p)
{
    *p = (struct places){.word = {UINT32_MAX, UINT32_MAX}};
    lab_open(&p->lab);
    lab_node(&p->lab, "n1");
    lab_node(&p->lab, "n2");
}

static void make_plan(struct places *p)
{
    struct lab *l = &p->lab;
    struct inputs in;

    lab_run(l);
    in = (struct inputs){.cluster = "lab",
                         .policy = &l->spec.policy,
                         .want = &l->want,
                         .have = &l->have,
                         .owed = &l->owed,
                         .diff = &l->diff};
    plan_build(&l->arena, &in, &p->plan);
    plan_gate(&l->arena, &in, &p->word, &p->plan);
}

static size_t running_steps(const struct places *p, enum verb verb, const char *vm)
{
    size_t n = 0;

    for (size_t g = 0; g < p->plan.group_count; g++)
        for (size_t i = 0; i < p->plan.groups[g].step_count; i++) {
            const struct step *s = &p->plan.groups[g].steps[i];

            n += p->plan.groups[g].gate == GATE_RUNS && s->action.verb == verb &&
                 str_eq(s->name, vm);
        }
    return n;
}

/* V8: no start, no attempt to remove, nothing added; another VM that is owed is started. */
static void test_owed_ghost_is_not_started(void **state)
{
    static const bool declared[] = {true, false};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct places p;
        struct vm *ghost, *other;

        open_places(&p);
        lab_gpu(&p.lab, "n1", 4);
        lab_count(&p.lab, "a2", 4);
        ghost = lab_vm(&p.lab, "ghost", "n1");
        lab_adapter(&p.lab, ghost, NULL)->pin = "PCI\\GONE\\1";
        other = lab_vm(&p.lab, "other", "n1");
        lab_adapter(&p.lab, other, NULL);
        if (declared[i])
            lab_wish(&p.lab, "ghost", VM_PARTITION);
        lab_wish(&p.lab, "other", VM_PARTITION);
        lab_debt(&p.lab, ghost->id, DEBT_STOPPED);
        lab_debt(&p.lab, other->id, DEBT_STOPPED);
        make_plan(&p);
        assert_int_equal(running_steps(&p, VERB_VM_START, "ghost"), 0);
        assert_int_equal(running_steps(&p, VERB_ADAPTER_REMOVE, "ghost"), 0);
        assert_int_equal(running_steps(&p, VERB_ADAPTER_ADD, "ghost"), 0);
        assert_int_equal(running_steps(&p, VERB_VM_START, "other"), 1);
        assert_int_equal(plan_debts_due(&p.plan), 1);
        assert_int_equal(lab_says(&p.lab, REASON_BY_HAND_GHOST, NULL), declared[i]);
        lab_close(&p.lab);
    }
}

/* V8: an adapter with no pin only floats; its VM is started. */
static void test_floating_is_started(void **state)
{
    struct places p;
    struct vm *vm;

    (void)state;
    open_places(&p);
    lab_gpu(&p.lab, "n1", 4);
    lab_count(&p.lab, "a2", 4);
    vm = lab_vm(&p.lab, "app", "n1");
    lab_adapter(&p.lab, vm, NULL)->seen = "PCI\\GONE\\1";
    lab_wish(&p.lab, "app", VM_PARTITION)->wish->power = POWER_WISH_RUNNING;
    make_plan(&p);
    assert_int_equal(running_steps(&p, VERB_VM_START, "app"), 1);
    assert_int_equal(lab_says(&p.lab, REASON_NOTE_FLOATING, NULL), 1);
    lab_close(&p.lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owed_ghost_is_not_started),
        cmocka_unit_test(test_floating_is_started),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
