/* Why a start failed (V10): E2, E7, V3, V8, D8, each where the others are as they should be. */
#include "apply/machine.h"
#include "build.h"

/* A VM with a partition of a card that is cut in two, one place of it taken; and one with a device.
 */
static void open_two(struct lab *l)
{
    struct vm *other;

    lab_open(l);
    lab_node(l, "n1");
    lab_adapter(l, lab_vm(l, "vdi", "n1"), lab_gpu(l, "n1", 2));
    lab_request(l, lab_vm(l, "ml", "n1"), "ml", NULL);
    lab_device(l, "n1", "ml");
    other = lab_vm(l, "other", "n1");
    other->power = POWER_RUNNING;
    lab_adapter(l, other, &l->have.gpus[0]);
}

static void nothing(struct lab *l)
{
    (void)l;
}

static void pinned_to_gone(struct lab *l)
{
    l->have.vms[0].adapters[0].pin = "PCI\\GONE";
}

static void leftover(struct lab *l)
{
    l->have.vms[0].adapter_count = 0;
    l->have.vms[0].gpu_error = true;
}

static void no_iov(struct lab *l)
{
    l->have.nodes[0].iov = TRI_NO;
}

static void secure(struct lab *l)
{
    l->have.nodes[0].require_secure = TRI_YES;
}

static void supported(struct lab *l)
{
    l->have.nodes[0].require_supported = TRI_YES;
}

static void full(struct lab *l)
{
    l->have.gpus[0].count = NUM(1);
}

static void no_device(struct lab *l)
{
    l->have.gpus[1].state = GPU_HOST;
}

static void test_why(void **state)
{
    static const struct {
        void (*make)(struct lab *l);
        const char *vdi, *ml; /* what is said of each; NULL: nothing */
    } rows[] = {
        {nothing, NULL, NULL},    {pinned_to_gone, "(V8)", NULL}, {leftover, "(V8)", NULL},
        {no_iov, "(E2)", "(E2)"}, {secure, "(E7)", "(E7)"},       {supported, "(E7)", "(E7)"},
        {full, "(V3)", NULL},     {no_device, NULL, "(D8)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab l;

        open_two(&l);
        rows[i].make(&l);
        for (size_t v = 0; v < 2; v++) {
            const char *want = v ? rows[i].ml : rows[i].vdi;
            const char *why = why_start_failed(&l.have, &l.have.vms[v]);

            if (!want != !why || (want && !strstr(why, want)))
                fail_msg("row %zu, %s: %s", i, l.have.vms[v].name, why ? why : "nothing");
        }
        lab_close(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_why)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
