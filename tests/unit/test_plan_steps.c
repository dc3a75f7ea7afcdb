/* Steps from images: what a group writes, and what is not its own (law 5; rules V7, D2). */
#include "build.h"
#include "plan/plan.h"

static size_t removals(const struct steps *steps, const char *object)
{
    size_t n = 0;

    for (size_t i = 0; i < steps->count; i++) {
        const struct action *a = &steps->rows[i].action;

        n += (a->verb == VERB_ADAPTER_REMOVE || a->verb == VERB_REQUEST_REMOVE) &&
             str_eq(a->object, object);
    }
    return n;
}

/* A VM with three of each kind: one that was before, one that we made, one of somebody. */
struct scene {
    struct lab lab;
    struct vm *vm;
    struct image_adapter adapter;
    struct image_request request;
    struct member member;
    struct steps steps;
};

static void stage(struct scene *s)
{
    struct lab *l = &s->lab;

    *s = (struct scene){0};
    lab_open(l);
    lab_node(l, "n1");
    s->vm = lab_vm(l, "v1", "n1");
    lab_adapter(l, s->vm, lab_gpu(l, "n1", 4))->id = "a-before";
    lab_adapter(l, s->vm, NULL)->id = "a-ours";
    lab_adapter(l, s->vm, NULL)->id = "a-theirs";
    lab_request(l, s->vm, "p1", NULL)->id = "r-before";
    lab_request(l, s->vm, "p2", NULL)->id = "r-ours";
    lab_request(l, s->vm, "p3", NULL)->id = "r-theirs";
    lab_claim(l, s->vm->id, "a-ours", NUM_UNKNOWN);
    lab_claim(l, s->vm->id, "r-ours", NUM_UNKNOWN);
    s->adapter = (struct image_adapter){.id = "a-before"};
    s->request = (struct image_request){.id = "r-before", .pool = "p1"};
    s->member = (struct member){.kind = SUBJECT_VM,
                                .node = "n1",
                                .id = s->vm->id,
                                .name = s->vm->name,
                                .before = {.fields = IMAGE_ADAPTERS | IMAGE_REQUESTS,
                                           .adapters = &s->adapter,
                                           .adapter_count = 1,
                                           .requests = &s->request,
                                           .request_count = 1},
                                .target = {.fields = IMAGE_ADAPTERS | IMAGE_REQUESTS}};
}

static void build(struct scene *s, enum direction direction)
{
    struct group g = {.id = 1, .direction = direction, .members = &s->member, .member_count = 1};

    steps_build(&s->lab.arena, &g, &s->lab.have, &s->lab.owed, &s->steps);
}

static void put_back_takes_only_what_is_ours(void **state)
{
    struct scene s;

    (void)state;
    stage(&s);
    build(&s, BACK);
    assert_int_equal(removals(&s.steps, "a-before") + removals(&s.steps, "r-before"), 0);
    assert_int_equal(removals(&s.steps, "a-ours"), 1);
    assert_int_equal(removals(&s.steps, "r-ours"), 1);
    assert_int_equal(removals(&s.steps, "a-theirs"), 0);
    assert_int_equal(removals(&s.steps, "r-theirs"), 0);
    lab_close(&s.lab);
}

static void forward_takes_what_was_before_as_well(void **state)
{
    struct scene s;

    (void)state;
    stage(&s);
    build(&s, FORWARD);
    assert_int_equal(removals(&s.steps, "a-before"), 1);
    assert_int_equal(removals(&s.steps, "r-before"), 1);
    assert_int_equal(removals(&s.steps, "a-ours"), 1);
    assert_int_equal(removals(&s.steps, "r-ours"), 1);
    assert_int_equal(removals(&s.steps, "a-theirs"), 0);
    assert_int_equal(removals(&s.steps, "r-theirs"), 0);
    lab_close(&s.lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_back_takes_only_what_is_ours),
        cmocka_unit_test(forward_takes_what_was_before_as_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
