/* Rows with `match` against VMs: who is taken, how many, and who is new (I2, M4). */
#include "build.h"

static struct spec_pattern *pattern(struct lab *l, const char *match, uint64_t least, uint64_t most)
{
    struct spec_pattern *grown =
        arena_array(&l->arena, struct spec_pattern, l->spec.pattern_count + 1);
    struct spec_pattern *p = &grown[l->spec.pattern_count];

    for (size_t i = 0; i < l->spec.pattern_count; i++)
        grown[i] = l->spec.patterns[i];
    *p = (struct spec_pattern){.least = least, .most = most, .expect_at = lab_at(l)};
    p->vm = (struct spec_vm){.match = match, .at = lab_at(l)};
    p->vm.wish = arena_new(&l->arena, struct vm_wish);
    p->vm.wish->use = VM_AS_FOUND;
    l->spec.patterns = grown;
    l->spec.pattern_count++;
    return p;
}

static void open(struct lab *l)
{
    static const char *const names[] = {"cad", "tmp-1", "TMP-2", "tmp-3", "tmp-gold"};

    lab_open(l);
    lab_node(l, "hv1");
    lab_node(l, "hv2");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        lab_vm(l, names[i], "hv1");
}

static const struct target_vm *target(const struct lab *l, const char *name)
{
    for (uint32_t i = 0; i < l->have.vm_count; i++)
        if (str_eq(l->have.vms[i].name, name) && l->want.of_vm[i] != NO_INDEX)
            return &l->want.vms[l->want.of_vm[i]];
    return NULL;
}

/* name goes before names, names before match; except is except. */
static void who(void **state)
{
    static const char *const except[] = {"tmp-3", "*-GOLD"};
    struct spec_pattern *p;
    struct lab l;

    (void)state;
    open(&l);
    p = pattern(&l, "tmp-*", 0, 2);
    p->except = (const char **)(uintptr_t)except;
    p->except_count = 2;
    lab_wish(&l, "tmp-1", VM_NONE);
    lab_run(&l);
    assert_null(target(&l, "cad"));
    assert_null(target(&l, "tmp-3"));
    assert_null(target(&l, "tmp-gold"));
    assert_int_equal(target(&l, "tmp-1")->wish->use, VM_NONE);
    assert_null(target(&l, "tmp-1")->match);
    assert_string_equal(target(&l, "TMP-2")->match, "tmp-*");
    assert_false(target(&l, "TMP-2")->refused);
    assert_int_equal(l.want.declared_vms, 2); /* one by name, one taken */
    assert_int_equal(lab_blocked(&l), 0);
    lab_close(&l);
}

/* Outside `expect` the whole row is blocked, and only that row. */
static void how_many(void **state)
{
    static const struct {
        uint64_t least, most;
        bool silent; /* a node */
        enum reason reason;
    } rows[] = {
        {0, 4, false, REASON_NONE},   {4, 4, false, REASON_NONE},  {0, 3, false, REASON_EXPECT},
        {5, 9, false, REASON_EXPECT}, {0, 3, true, REASON_EXPECT}, {5, 9, true, REASON_NODE_UNSEEN},
        {4, 9, true, REASON_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct problem *p = NULL;
        struct lab l;
        bool blocked = rows[i].reason != REASON_NONE;

        open(&l);
        pattern(&l, "tmp-*", rows[i].least, rows[i].most);
        pattern(&l, "c?d", 1, 1);
        l.have.nodes[1].answered = !rows[i].silent;
        lab_run(&l);
        if (target(&l, "tmp-1")->uncounted != blocked || target(&l, "tmp-1")->refused != blocked ||
            target(&l, "tmp-gold")->refused != blocked || target(&l, "cad")->refused)
            fail_msg("row %zu", i);
        if (blocked) {
            assert_int_not_equal(lab_says(&l, rows[i].reason, &p), 0);
            assert_string_equal(p->subject, "vm/tmp-*");
            assert_non_null(strstr(p->text, "tmp-gold"));
            assert_true(rows[i].reason != REASON_EXPECT || strstr(p->release, "expect: "));
        }
        lab_close(&l);
    }
}

/* Patterns that cross: the VM in both is refused, with both places; the rest goes on. */
static void crossing(void **state)
{
    const struct problem *p = NULL;
    struct lab l;

    (void)state;
    open(&l);
    pattern(&l, "*-gold", 0, 9);
    pattern(&l, "tmp-*", 0, 9);
    lab_run(&l);
    assert_int_equal(lab_says(&l, REASON_TWO_ROWS, &p), 1);
    assert_string_equal(p->subject, "vm/tmp-gold");
    assert_non_null(strstr(p->text, "*-gold (spec.yaml:"));
    assert_non_null(strstr(p->text, "tmp-* (spec.yaml:"));
    assert_true(target(&l, "tmp-gold")->refused);
    assert_false(target(&l, "tmp-1")->refused);
    lab_close(&l);
}

static bool is_new(const struct lab *l, const char *name)
{
    return l->diff.vm_new[lab_target(l, name)];
}

/* New is what a ledger that lasts does not know, by VM and by pattern. */
static void what_is_new(void **state)
{
    struct lab l;
    const char *one, *two;

    (void)state;
    open(&l);
    one = arena_strdup(&l.arena, l.have.vms[1].id);
    two = arena_strdup(&l.arena, l.have.vms[2].id);
    lab_wish(&l, "cad", VM_AS_FOUND);
    pattern(&l, "Tmp-*", 0, 9);
    lab_run(&l);
    assert_false(is_new(&l, "tmp-1")); /* a rehearsal remembers nothing */
    assert_int_equal(lab_says(&l, REASON_NOTE_NEW, NULL), 0);

    l.owed.lasting = true;
    lab_claim(&l, one, claim_of_match(&l.arena, "TMP-*"), NUM_UNKNOWN);
    lab_claim(&l, two, claim_of_match(&l.arena, "t*"), NUM_UNKNOWN);
    lab_claim(&l, two, "offlineAction", NUM(1));
    lab_run(&l);
    assert_false(is_new(&l, "cad"));
    assert_false(is_new(&l, "tmp-1"));
    assert_true(is_new(&l, "TMP-2"));
    assert_true(is_new(&l, "tmp-3"));
    assert_int_equal(lab_says(&l, REASON_NOTE_NEW, NULL), 1);

    l.spec.patterns[0].most = 1; /* blocked: not taken at all */
    lab_run(&l);
    assert_false(is_new(&l, "tmp-3"));
    lab_close(&l);
}

/* M7: what a pattern had taken is no claim of ours: nothing is said to be released. */
static void nothing_released(void **state)
{
    struct lab l;

    (void)state;
    open(&l);
    l.owed.lasting = true;
    lab_claim(&l, arena_strdup(&l.arena, l.have.vms[1].id), claim_of_match(&l.arena, "tmp-*"),
              NUM_UNKNOWN);
    lab_run(&l);
    assert_int_equal(lab_says(&l, REASON_NOTE_RELEASED, NULL), 0);
    lab_claim(&l, arena_strdup(&l.arena, l.have.vms[1].id), "an-adapter", NUM_UNKNOWN);
    lab_run(&l);
    assert_int_equal(lab_says(&l, REASON_NOTE_RELEASED, NULL), 1);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who),
        cmocka_unit_test(how_many),
        cmocka_unit_test(crossing),
        cmocka_unit_test(what_is_new),
        cmocka_unit_test(nothing_released),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
