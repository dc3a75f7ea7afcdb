/* prune: owned (M7): whose row is gone, and what of it is ours. */
#include "build.h"

static struct vm_wish wish;

static void open(struct lab *l, bool prune)
{
    lab_open(l);
    lab_node(l, "hv1");
    lab_node(l, "hv2");
    lab_gpu(l, "hv1", 4);
    lab_device(l, "hv1", "ml");
    lab_vm(l, "app", "hv1");
    lab_vm(l, "cad", "hv1");
    lab_wish(l, "cad", VM_AS_FOUND);
    wish = (struct vm_wish){.use = VM_NONE, .use_at = lab_at(l)};
    l->spec.policy.prune = prune;
    l->spec.pruned = prune ? &wish : NULL;
}

static void run(struct lab *l)
{
    state_sort(&l->have, &l->arena);
    spec_resolve_owed(&l->arena, &l->spec, &l->have, &l->owed, &l->want);
    diff_compute(&l->arena, &l->want, &l->have, &l->owed, &l->diff);
}

static struct vm *app(struct lab *l)
{
    return &l->have.vms[0];
}

static void ours(struct lab *l)
{
    lab_claim(l, app(l)->id, lab_adapter(l, app(l), &l->have.gpus[0])->id, NUM_UNKNOWN);
}

static void nothing_claimed(struct lab *l)
{
    lab_adapter(l, app(l), &l->have.gpus[0]);
}

static void somebodys(struct lab *l)
{
    nothing_claimed(l);
    lab_claim(l, app(l)->id, "offlineAction", NUM(1));
    lab_claim(l, app(l)->id, "match a*", NUM_UNKNOWN);
}

static void mixed(struct lab *l)
{
    ours(l);
    lab_adapter(l, app(l), &l->have.gpus[0]);
}

static void mixed_with_a_request(struct lab *l)
{
    ours(l);
    lab_request(l, app(l), "ml", NULL);
}

static void of_another_vm(struct lab *l)
{
    lab_claim(l, l->have.vms[1].id, lab_adapter(l, app(l), &l->have.gpus[0])->id, NUM_UNKNOWN);
}

static void a_request(struct lab *l)
{
    lab_claim(l, app(l)->id, lab_request(l, app(l), "ml", NULL)->id, NUM_UNKNOWN);
}

static void claim_without_holding(struct lab *l)
{
    lab_claim(l, app(l)->id, "an-adapter-that-is-gone", NUM_UNKNOWN);
}

static void beside_a_checkpoint(struct lab *l)
{
    ours(l);
    lab_adapter(l, app(l), &l->have.gpus[0])->of_checkpoint = true;
}

static void with_a_row(struct lab *l)
{
    ours(l);
    lab_wish(l, "app", VM_AS_FOUND);
}

static const struct {
    const char *what;
    void (*make)(struct lab *);
    bool pruned;
} cases[] = {
    {"ours", ours, true},
    {"nothing is claimed", nothing_claimed, false},
    {"only other things are claimed", somebodys, false},
    {"one of ours, one of somebody", mixed, false},
    {"one of ours, a request of somebody", mixed_with_a_request, false},
    {"claimed of another VM", of_another_vm, false},
    {"a request of ours", a_request, true},
    {"what was ours is gone", claim_without_holding, false},
    {"an adapter of a checkpoint beside it", beside_a_checkpoint, true},
    {"a row takes it", with_a_row, false},
};

static void who_is_pruned(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int prune = 0; prune < 2; prune++) {
            bool pruned = prune && cases[i].pruned;
            struct lab l;
            uint32_t t;

            open(&l, prune);
            cases[i].make(&l);
            run(&l);
            t = l.want.of_vm[0];
            if ((t != NO_INDEX && l.want.vms[t].pruned) != pruned ||
                lab_changes(&l, FIELD_VM_GPU) != pruned ||
                lab_says(&l, REASON_NOTE_PRUNED, NULL) != pruned) {
                lab_print(&l);
                fail_msg("%s, prune %d", cases[i].what, prune);
            }
            assert_int_equal(l.want.declared_vms, l.spec.vm_count);
            lab_close(&l);
        }
}

/* What judges a row judges this one too. */
static void judged_like_a_row(void **state)
{
    struct lab l;

    (void)state;
    open(&l, true);
    ours(&l);
    lab_protect(&l, "APP");
    run(&l);
    assert_true(l.want.vms[l.want.of_vm[0]].is_protected);
    lab_close(&l);

    open(&l, true);
    ours(&l);
    app(&l)->owner = OWNER_ARC;
    run(&l);
    assert_true(l.want.vms[l.want.of_vm[0]].refused);
    assert_int_equal(lab_changes(&l, FIELD_VM_GPU), 0);
    lab_close(&l);

    open(&l, true);
    ours(&l);
    l.have.nodes[0].answered = false;
    run(&l);
    assert_int_equal(lab_changes(&l, FIELD_VM_GPU), 0);
    lab_close(&l);
}

/* Without the ledger, as in a check of a spec, nobody is pruned. */
static void without_a_ledger(void **state)
{
    struct lab l;

    (void)state;
    open(&l, true);
    ours(&l);
    state_sort(&l.have, &l.arena);
    spec_resolve(&l.arena, &l.spec, &l.have, &l.want);
    assert_int_equal(l.want.of_vm[0], NO_INDEX);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_pruned),
        cmocka_unit_test(judged_like_a_row),
        cmocka_unit_test(without_a_ledger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
