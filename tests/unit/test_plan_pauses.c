/* What somebody paused is not begun (P11), and nobody is left off for it. */
#include "build.h"
#include "plan/plan.h"

#include <stdio.h>

enum { NOW = 1000 };

/* n1 and n2 with a card of 16 that shall have 4; b and c, off, shall have a partition. */
struct lot {
    struct lab lab;
    struct plan plan;
    struct pause row;
    struct paused paused;
    struct permission word;
};

static void open_lot(struct lot *x, uint64_t count)
{
    *x = (struct lot){.word = {UINT32_MAX, UINT32_MAX}};
    lab_open(&x->lab);
    x->lab.have.observed_ms = NOW;
    lab_node(&x->lab, "n1");
    lab_node(&x->lab, "n2");
    lab_gpu(&x->lab, "n1", count);
    lab_gpu(&x->lab, "n2", count);
    lab_count(&x->lab, "a2", 4);
    lab_vm(&x->lab, "b", "n1");
    lab_vm(&x->lab, "c", "n2");
    lab_wish(&x->lab, "b", VM_PARTITION);
    lab_wish(&x->lab, "c", VM_PARTITION);
}

/* What runs, each with a blank behind it, once `subject` is paused (NULL: nothing is). */
static const char *runs(struct lot *x, const char *subject, int64_t until)
{
    struct lab *l = &x->lab;
    struct inputs in;
    struct text t;
    struct err e;

    lab_run(l);
    in = (struct inputs){.cluster = "lab",
                         .policy = &l->spec.policy,
                         .want = &l->want,
                         .have = &l->have,
                         .owed = &l->owed,
                         .diff = &l->diff};
    if (subject) {
        x->row = (struct pause){subject, "CHG1", "me@here", 1, until, WHEN_NONE, NULL, NULL};
        x->paused.row = &x->row;
        assert_true(subject_read(&l->arena, subject, &x->paused.set, &e));
        in.paused = &x->paused;
        in.paused_count = 1;
    }
    plan_build(&l->arena, &in, &x->plan);
    plan_gate(&l->arena, &in, &x->word, &x->plan);
    text_init(&t, &l->arena);
    for (size_t g = 0; g < x->plan.group_count; g++)
        if (x->plan.groups[g].gate == GATE_RUNS)
            text_printf(&t, "%s ", x->plan.groups[g].members[0].name);
    return text_done(&t);
}

static void who_is_meant(void **state)
{
    static const struct {
        const char *subject;
        int64_t until;
        const char *runs;
    } rows[] = {
        {NULL, 0, "b c "},
        {"vm/b", WHEN_NONE, "c "},
        {"vm/B", WHEN_NONE, "c "},
        {"vm/*", WHEN_NONE, ""},
        {"node/n2", WHEN_NONE, "b "},
        {"cluster/lab", WHEN_NONE, ""},
        {"cluster/renamed", WHEN_NONE, ""}, /* the ledger is of one world */
        {"gpu/n1/gpu0", WHEN_NONE, "b c "}, /* no member of what they need */
        {"node/n2", NOW + 1, "b "},
        {"node/n2", NOW, "b c "}, /* its end has come */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lot x;
        const char *got;
        bool ended = rows[i].until == NOW, told = false;

        open_lot(&x, 4);
        got = runs(&x, rows[i].subject, rows[i].until);
        if (!str_eq(got, rows[i].runs))
            fail_msg("%s: %s", rows[i].subject, got);
        assert_int_equal(x.plan.pause_count, rows[i].subject && !ended);
        for (size_t p = 0; p < x.plan.problem_count; p++)
            told |= x.plan.problems[p].reason == REASON_NOTE_PAUSE_ENDED;
        assert_int_equal(told, ended);
        for (size_t g = 0; g < x.plan.group_count; g++)
            if (x.plan.groups[g].gate == GATE_HELD) {
                assert_int_equal(x.plan.groups[g].reason, REASON_PAUSED);
                assert_non_null(strstr(x.plan.groups[g].release, "hvgpu resume"));
            }
        lab_close(&x.lab);
    }
}

/* C3: counts go together, and C10: what waits for them waits too. */
static void counts_together(void **state)
{
    struct lot x;

    (void)state;
    open_lot(&x, 16);
    assert_string_equal(runs(&x, NULL, 0), "n1/gpu0 n2/gpu0 b c ");
    assert_string_equal(runs(&x, "gpu/n2/gpu0", WHEN_NONE), "");
    for (size_t g = 0; g < x.plan.group_count; g++)
        if (x.plan.groups[g].members[0].kind == SUBJECT_GPU)
            assert_int_equal(x.plan.groups[g].reason, REASON_PAUSED);
    lab_close(&x.lab);
}

/* What we stopped is started, whatever is paused. */
static void nobody_is_left_off(void **state)
{
    struct lot x;

    (void)state;
    open_lot(&x, 4);
    lab_debt(&x.lab, x.lab.have.vms[0].id, DEBT_STOPPED);
    assert_string_equal(runs(&x, "cluster/lab", WHEN_NONE), "b ");
    for (size_t g = 0; g < x.plan.group_count; g++)
        if (x.plan.groups[g].gate == GATE_RUNS) {
            assert_int_equal(x.plan.groups[g].step_count, 1);
            assert_int_equal(x.plan.groups[g].steps[0].action.verb, VERB_VM_START);
        }
    lab_close(&x.lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_meant),
        cmocka_unit_test(counts_together),
        cmocka_unit_test(nobody_is_left_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
