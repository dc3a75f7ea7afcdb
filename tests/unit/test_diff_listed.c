/* Lists that age: what is not in them is a warning with the list's date, and nothing more. */
#include "build.h"
#include "tests/known.h"

/* A running VM with a partition of an A2 on hv1. */
static struct vm *holder(struct lab *l)
{
    struct gpu *g;
    struct vm *v;

    lab_open(l);
    lab_node(l, "hv1");
    g = lab_gpu(l, "hv1", 4);
    lab_count(l, "a2", 4);
    v = lab_vm(l, "v", "hv1");
    v->power = POWER_RUNNING;
    lab_adapter(l, v, g);
    lab_wish(l, "v", VM_PARTITION);
    return v;
}

static void run(struct lab *l)
{
    lab_run(l);
    diff_listed(&l->arena, known_facts(), &l->want, &l->have, &l->diff);
}

/* E4: a GPU that the list does not have, or not for this use. */
static void gpus(void **state)
{
    static const struct {
        const char *model;
        bool device;
        size_t times;
        const char *text;
    } rows[] = {
        {"NVIDIA A2", false, 0, NULL},
        {"NVIDIA A2", true, 0, NULL},
        {"NVIDIA L2", false, 0, NULL},
        {"NVIDIA L2", true, 0, NULL}, /* the list does not say: silence */
        {"NVIDIA T4", true, 0, NULL},
        {"NVIDIA T4", false, 1,
         "NVIDIA T4 is in the list of supported GPUs of 2026-02-11, and not for GPU partitions"},
        {"NVIDIA A2000", false, 1,
         "NVIDIA A2000 is not in the list of supported GPUs of 2026-02-11 for GPU partitions"},
        {"NVIDIA A2000", true, 1,
         "NVIDIA A2000 is not in the list of supported GPUs of 2026-02-11 for whole devices"},
        {NULL, false, 0, NULL}, /* the ids say that it is an A2 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct problem *p = NULL;
        struct lab l;
        struct gpu *g;

        lab_open(&l);
        lab_node(&l, "hv1");
        g = rows[i].device ? lab_device(&l, "hv1", NULL) : lab_gpu(&l, "hv1", 4);
        g->model = rows[i].model;
        if (rows[i].device)
            lab_row(&l, "a2", USE_DEVICE);
        else
            lab_count(&l, "a2", 4);
        l.spec.gpus[0].match = (struct spec_match){.pci = g->pci};
        run(&l);
        if (lab_says(&l, REASON_WARN_GPU_LISTED, &p) != rows[i].times)
            fail_msg("E4: row %zu", i);
        if (p) {
            assert_string_equal(p->text, rows[i].text);
            assert_string_equal(p->subject, "gpu/hv1/gpu0");
        }
        assert_int_equal(lab_blocked(&l), 0); /* never more than a warning */
        lab_close(&l);
    }
}

static void unknown_card(void **state)
{
    struct lab l;

    (void)state;
    holder(&l);
    l.have.gpus[0].model = NULL;
    l.have.gpus[0].subsystem = NULL;
    l.spec.gpus[0].match = (struct spec_match){.pci = l.have.gpus[0].pci};
    run(&l);
    assert_int_equal(lab_says(&l, REASON_WARN_GPU_LISTED, NULL), 0);
    lab_close(&l);
}

/* E4: the guest system, where it is known. */
static void guests(void **state)
{
    static const struct {
        const char *system;
        enum vm_use use;
        size_t times;
    } rows[] = {
        {"Windows 11 Enterprise", VM_PARTITION, 0},
        {"Windows 7", VM_PARTITION, 1},
        {"Windows 7", VM_AS_FOUND, 1},
        {"Windows 7", VM_NONE, 0},
        {NULL, VM_PARTITION, 0},
        {"Windows 7", VM_DEVICES, 0}, /* no list for whole devices */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct problem *p = NULL;
        struct lab l;

        holder(&l)->guest_system = rows[i].system;
        l.spec.vms[0].wish->use = rows[i].use;
        if (rows[i].use == VM_DEVICES)
            lab_device_of(&l, &l.spec.vms[0], l.have.gpus[0].locations[0]);
        run(&l);
        if (lab_says(&l, REASON_WARN_GUEST_LISTED, &p) != rows[i].times)
            fail_msg("E4: row %zu", i);
        if (p)
            assert_string_equal(p->text, "Windows 7 is not in the list of supported guest systems "
                                         "of 2025-07-18 for GPU partitions");
        lab_close(&l);
    }
}

/* E8: older than the branch before the host's; unknown is silent. */
static void drivers(void **state)
{
    static const struct {
        const char *guest, *host;
        size_t times;
    } rows[] = {
        {"580.95", "580.88", 0},       {"571.96", "580.95", 0}, /* the branch before */
        {"553.24", "580.95", 1},       {"512.95", "580.95", 1}, /* before the first branch */
        {"512.95", "527.41", 0}, /* R510 may be the branch before R525 */
        {"580.95", "553.24", 0}, /* newer is another matter */
        {NULL, "580.95", 0},           {"553.24", NULL, 0},
        {"30.0.15.1179", "580.95", 0}, {"553.24", "31.0.15.8088", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct problem *p = NULL;
        struct lab l;

        holder(&l)->guest_driver = rows[i].guest;
        l.have.gpus[0].driver = rows[i].host;
        run(&l);
        if (lab_says(&l, REASON_WARN_DRIVERS, &p) != rows[i].times)
            fail_msg("E8: row %zu", i);
        if (i == 2)
            assert_string_equal(p->text,
                                "the guest's driver 553.24 (R550, vGPU 17) is older than the "
                                "branch before the host's 580.95 (R580, vGPU 19), by the list of "
                                "2026-11-20");
        assert_int_equal(lab_blocked(&l), 0);
        lab_close(&l);
    }
}

/* E8 speaks of the GPU that the VM runs on, and of no other. */
static void drivers_of_its_gpu(void **state)
{
    struct lab l;
    struct vm *v = holder(&l);

    (void)state;
    v->guest_driver = "553.24";
    lab_gpu(&l, "hv1", 4)->driver = "580.95";
    run(&l);
    assert_int_equal(lab_says(&l, REASON_WARN_DRIVERS, NULL), 0);
    lab_close(&l);
    v = holder(&l);
    v->guest_driver = "553.24";
    l.have.gpus[0].driver = "580.95";
    v->adapters[0].of_checkpoint = true;
    l.spec.vms[0].wish->use = VM_AS_FOUND;
    run(&l);
    assert_int_equal(lab_says(&l, REASON_WARN_DRIVERS, NULL), 0);
    lab_close(&l);
}

/* E8: the host's driver, over the nodes of a cluster; what is not known is left out. */
static void drivers_of_hosts(void **state)
{
    static const char *const nodes[] = {"hv1", "hv2", "hv3"};
    static const struct {
        const char *drivers[3];
        const char *text;
    } rows[] = {
        {{"580.95", "580.95", "580.95"}, NULL},
        {{"580.95", NULL, "580.95"}, NULL},
        {{"580.95", "580.88", "580.95"},
         "the host's driver of NVIDIA A2 is 580.95 on hv1 hv3, 580.88 on hv2"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        const char *text = i % 2 ? NULL : rows[i / 2].text; /* a lone host has one driver */
        const struct problem *p = NULL;
        struct lab l;

        lab_open(&l);
        if (i % 2)
            lab_host(&l);
        for (size_t k = 0; k < 3; k++) {
            lab_node(&l, nodes[k]);
            lab_gpu(&l, nodes[k], 4)->driver = rows[i / 2].drivers[k];
        }
        lab_count(&l, "a2", 4);
        run(&l);
        assert_int_equal(lab_says(&l, REASON_WARN_HOST_DRIVERS, &p), text ? 1 : 0);
        if (p)
            assert_string_equal(p->text, text);
        assert_int_equal(lab_blocked(&l), 0);
        l.spec.gpu_count = 0; /* in no row: not ours to judge */
        run(&l);
        assert_int_equal(lab_says(&l, REASON_WARN_HOST_DRIVERS, NULL), 0);
        lab_close(&l);
    }
}

/* What is not declared is not judged; without lists nothing is said. */
static void undeclared(void **state)
{
    struct lab l;
    struct vm *v = holder(&l);

    (void)state;
    v->guest_system = "Windows 7";
    v->guest_driver = "512.95";
    l.have.gpus[0].driver = "580.95";
    l.have.gpus[0].model = "NVIDIA A2000";
    l.spec.gpu_count = l.spec.vm_count = 0;
    run(&l);
    assert_int_equal(lab_says(&l, REASON_WARN_GPU_LISTED, NULL), 0);
    assert_int_equal(lab_says(&l, REASON_WARN_GUEST_LISTED, NULL), 0);
    assert_int_equal(lab_says(&l, REASON_WARN_DRIVERS, NULL), 0);
    lab_close(&l);
    v = holder(&l);
    v->guest_system = "Windows 7";
    lab_run(&l);
    diff_listed(&l.arena, NULL, &l.want, &l.have, &l.diff);
    assert_int_equal(lab_says(&l, REASON_WARN_GUEST_LISTED, NULL), 0);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gpus),
        cmocka_unit_test(unknown_card),
        cmocka_unit_test(guests),
        cmocka_unit_test(drivers),
        cmocka_unit_test(undeclared),
        cmocka_unit_test(drivers_of_its_gpu),
        cmocka_unit_test(drivers_of_hosts),
    };

    return cmocka_run_group_tests_name("lists that age", tests, NULL, NULL);
}
