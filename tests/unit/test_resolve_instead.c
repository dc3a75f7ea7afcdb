/* Rows instead of others against GPUs (I1, E5): in whatever order they stand, the same. */
#include "build.h"

enum { ROWS = 3 };

/* Which rows there are, by name, and what each selects. */
struct plan_of_rows {
    const char *instead[ROWS];  /* of which row; NULL: of none */
    const char *model[ROWS];    /* or NULL */
    const char *location[ROWS]; /* or NULL */
    const char *takes[2];       /* the row of each GPU */
    enum reason reason;
    size_t times;
};

static const char *const names[ROWS] = {"wide", "s", "t"};
#define SLOT "PCIROOT(0)#PCI(0200)#PCI(0000)"

static const struct plan_of_rows cases[] = {
    {{NULL, "wide"}, {"NVIDIA A2"}, {NULL, SLOT}, {"s", "wide"}, REASON_NONE, 0},
    {{NULL, NULL}, {"NVIDIA A2"}, {NULL, SLOT}, {NULL, "wide"}, REASON_AMBIGUOUS_GPU, 1},
    {{NULL, "wide"}, {"NVIDIA A16"}, {NULL, SLOT}, {"s", NULL}, REASON_NOT_NARROWER, 1},
    {{NULL, "wide", "wide"},
     {"NVIDIA A2"},
     {NULL, SLOT, SLOT},
     {NULL, "wide"},
     REASON_AMBIGUOUS_GPU,
     1},
    {{NULL, "wide", NULL},
     {"NVIDIA A2"},
     {NULL, SLOT, SLOT},
     {NULL, "wide"},
     REASON_AMBIGUOUS_GPU,
     1},
};

static struct spec_gpu *row_of(struct lab *l, const char *name)
{
    for (size_t i = 0; i < l->spec.gpu_count; i++)
        if (str_eq(l->spec.gpus[i].name, name))
            return &l->spec.gpus[i];
    return NULL;
}

static void build(struct lab *l, const struct plan_of_rows *c, const size_t order[ROWS])
{
    lab_open(l);
    lab_node(l, "hv1");
    lab_gpu(l, "hv1", 4);
    lab_gpu(l, "hv1", 4);
    for (size_t i = 0; i < ROWS; i++) {
        size_t k = order[i];

        if (!c->model[k] && !c->location[k])
            continue;
        lab_row(l, names[k], USE_ANY)->match =
            (struct spec_match){.model = c->model[k], .location = c->location[k]};
    }
    for (size_t k = 0; k < ROWS; k++)
        if (c->instead[k])
            row_of(l, names[k])->instead_of = row_of(l, c->instead[k]);
    row_of(l, "wide")->per_node = (struct spec_num){2, lab_at(l)};
}

static void in_every_order(void **state)
{
    static const size_t orders[][ROWS] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                          {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
            struct lab l;
            size_t said;

            build(&l, &cases[i], orders[o]);
            lab_run(&l);
            said = cases[i].reason == REASON_NONE ? lab_blocked(&l)
                                                  : lab_says(&l, cases[i].reason, NULL);
            if (said != cases[i].times) {
                lab_print(&l);
                fail_msg("case %zu, order %zu: %zu times", i, o, said);
            }
            for (uint32_t g = 0; g < 2; g++) {
                uint32_t t = l.want.of_gpu[g];

                if (cases[i].takes[g] &&
                    (t == NO_INDEX || !str_eq(l.want.gpus[t].row_name, cases[i].takes[g])))
                    fail_msg("case %zu, order %zu: GPU %u", i, o, g);
                if (!cases[i].takes[g] && t != NO_INDEX && !l.want.gpus[t].refused)
                    fail_msg("case %zu, order %zu: GPU %u is taken", i, o, g);
            }
            lab_close(&l);
        }
}

/* perNode of the wider row counts the whole set (E5): one more or less is still found. */
static void counts_the_whole_set(void **state)
{
    static const size_t order[ROWS] = {0, 1, 2};

    (void)state;
    for (uint64_t n = 1; n <= 3; n++) {
        struct lab l;

        build(&l, &cases[0], order);
        row_of(&l, "wide")->per_node.value = n;
        lab_run(&l);
        assert_int_equal(lab_says(&l, REASON_PER_NODE, NULL), n != 2);
        lab_close(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_every_order),
        cmocka_unit_test(counts_the_whole_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
