/* What a VM shall hold, and its power: V1, V4, V5, D5, M7, S7, debts, images. */
#include "build.h"

static struct vm *partition(struct lab *l)
{
    struct vm *v;

    lab_node(l, "hv1");
    lab_gpu(l, "hv1", 4);
    lab_count(l, "a2", 4);
    v = lab_vm(l, "vdi", "hv1");
    lab_wish(l, "vdi", VM_PARTITION);
    return v;
}

static struct vm *pool(struct lab *l, uint32_t count)
{
    struct vm *v;

    lab_node(l, "hv1");
    lab_pool(l, "hv1", "ml");
    for (int i = 0; i < 3; i++)
        lab_device(l, "hv1", "ml");
    lab_pool_row(l, "a2", "ml");
    v = lab_vm(l, "vdi", "hv1");
    v->settings.mmio_low_mib = NUM(3072);
    v->settings.mmio_high_mib = NUM(UINT64_C(33280) * 8);
    lab_wish(l, "vdi", VM_POOL)->wish->count = count;
    return v;
}

/* ---- partitions ---- */

static void has_none(struct lab *l)
{
    partition(l);
}

static void has_one(struct lab *l)
{
    lab_adapter(l, partition(l), &l->have.gpus[0]);
}

/* a-vdi-1 is unresolved, a-vdi-2 is not: the first goes (V1). */
static void has_two(struct lab *l)
{
    struct vm *v = partition(l);

    lab_adapter(l, v, NULL);
    lab_adapter(l, v, &l->have.gpus[0]);
}

static void has_two_alike(struct lab *l)
{
    struct vm *v = partition(l);

    lab_adapter(l, v, &l->have.gpus[0]);
    lab_adapter(l, v, &l->have.gpus[0]);
}

static void pinned(struct lab *l)
{
    struct vm *v = partition(l);

    lab_adapter(l, v, &l->have.gpus[0])->pin = l->have.gpus[0].path;
}

static void pinned_and_not(struct lab *l)
{
    pinned(l);
    lab_adapter(l, &l->have.vms[0], NULL);
}

static void pinned_host(struct lab *l)
{
    lab_host(l);
    pinned(l);
}

static void pin_unknown(struct lab *l)
{
    has_one(l);
    l->have.vms[0].adapters[0].pin_unknown = true;
}

static void checkpoint_beside(struct lab *l)
{
    has_one(l);
    lab_adapter(l, &l->have.vms[0], NULL)->of_checkpoint = true;
}

static void none_wished(struct lab *l)
{
    has_two(l);
    l->spec.vms[0].wish->use = VM_NONE;
}

static void none_held(struct lab *l)
{
    has_none(l);
    l->spec.vms[0].wish->use = VM_NONE;
}

static void none_wished_nvme(struct lab *l)
{
    struct gpu *g;

    none_held(l);
    g = lab_device(l, "hv1", NULL);
    g->is_gpu = false;
    lab_request(l, &l->have.vms[0], NULL, g->locations[0]);
}

static void as_found(struct lab *l)
{
    has_two(l);
    l->spec.vms[0].wish->use = VM_AS_FOUND;
}

static void refused(struct lab *l)
{
    has_none(l);
    l->have.vms[0].owner = OWNER_ARC;
}

/* ---- pools ---- */

static void pool_one_of_two(struct lab *l)
{
    lab_request(l, pool(l, 2), "ml", NULL);
}

static void pool_two_of_one(struct lab *l)
{
    struct vm *v = pool(l, 1);

    lab_request(l, v, "ml", NULL);
    lab_request(l, v, "ml", NULL);
}

/* r-vdi-1 got a device that is gone; it is the one that goes (D5). */
static void pool_dead_and_live(struct lab *l)
{
    pool_two_of_one(l);
    l->have.vms[0].power = POWER_RUNNING;
    l->have.vms[0].requests[0].given = "PCIROOT(99)#PCI(0000)";
    l->have.vms[0].requests[1].given = l->have.gpus[0].locations[0];
}

static void pool_dead(struct lab *l)
{
    pool_one_of_two(l);
    l->spec.vms[0].wish->count = 1;
    l->have.vms[0].requests[0].given = "PCIROOT(99)#PCI(0000)";
}

static void pool_other(struct lab *l)
{
    lab_request(l, pool(l, 1), "old", NULL);
}

static void pool_others(struct lab *l)
{
    struct vm *v = pool(l, 1);

    lab_request(l, v, "old", NULL);
    lab_request(l, v, "older", NULL);
    lab_request(l, v, NULL, "PCIROOT(99)#PCI(0000)");
}

static void pool_fixed(struct lab *l)
{
    struct vm *v = pool(l, 1);

    lab_request(l, v, NULL, l->have.gpus[0].locations[0]);
}

/* ---- devices ---- */

static struct vm *device(struct lab *l, size_t wanted)
{
    struct vm *v;

    lab_host(l);
    v = pool(l, 1);
    *l->spec.vms[0].wish = (struct vm_wish){.use = VM_DEVICES, .use_at = l->spec.vms[0].at};
    l->spec.gpus[0].use = USE_DEVICE;
    for (size_t i = 0; i < 3; i++)
        l->have.gpus[i].pool = NULL;
    for (size_t i = 0; i < wanted; i++)
        lab_device_of(l, &l->spec.vms[0], l->have.gpus[i].locations[0]);
    return v;
}

static void device_and_pool(struct lab *l)
{
    struct vm *v = device(l, 1);

    lab_request(l, v, "old", NULL);
    lab_request(l, v, NULL, "pciroot(0)#pci(0200)#pci(0000)");
}

static void device_other(struct lab *l)
{
    struct vm *v = device(l, 1);

    lab_request(l, v, NULL, l->have.gpus[2].locations[0]);
}

static void device_second(struct lab *l)
{
    struct vm *v = device(l, 2);

    lab_request(l, v, NULL, l->have.gpus[1].locations[0]);
}

static void device_twice(struct lab *l)
{
    struct vm *v = device(l, 1);

    lab_request(l, v, NULL, l->have.gpus[0].locations[0]);
    lab_request(l, v, NULL, l->have.gpus[0].locations[0]);
}

static void device_back_on_host(struct lab *l)
{
    struct vm *v = device(l, 1);

    lab_request(l, v, NULL, l->have.gpus[0].locations[0]);
    l->have.gpus[0].state = GPU_HOST;
    l->spec.gpus[0].prepare = true;
}

static const struct {
    const char *rule;
    void (*make)(struct lab *l);
    const char *have, *want; /* of FIELD_VM_GPU; NULL: no change */
    bool gains, loses;
    const char *keeps; /* ids in the image, "+" for a new one; NULL: fields say nothing */
} holds[] = {
    {"V3", has_none, "none", "1 partition", true, false, "+"},
    {"V1", has_one, NULL, NULL, false, false, "a-vdi-1"},
    {"V1", has_two, "2 partitions", "1 partition", false, true, "a-vdi-2"},
    {"V1", has_two_alike, "2 partitions", "1 partition", false, true, "a-vdi-1"},
    {"V4", pinned, "1 partition, pinned", "1 partition", false, false, "+"},
    {"V1", pinned_and_not, "2 partitions", "1 partition", false, true, "a-vdi-2"},
    {"V4", pinned_host, NULL, NULL, false, false, "a-vdi-1"},
    {"V0", pin_unknown, NULL, NULL, false, false, "a-vdi-1"},
    {"V0", checkpoint_beside, NULL, NULL, false, false, "a-vdi-1"},
    {"M7", none_wished, "2 partitions", "none", false, true, ""},
    {"M7", none_held, NULL, NULL, false, false, ""},
    {"M7", none_wished_nvme, NULL, NULL, false, false, "r-vdi-1"},
    {"C4", as_found, NULL, NULL, false, false, NULL},
    {"A1", refused, NULL, NULL, false, false, NULL},
    {"D2", pool_one_of_two, "1 of ml", "2 of ml", true, false, "r-vdi-1 +"},
    {"D5", pool_two_of_one, "2 of ml", "1 of ml", false, true, "r-vdi-1"},
    {"D5", pool_dead_and_live, "2 of ml (1 dead)", "1 of ml", false, true, "r-vdi-2"},
    {"D5", pool_dead, "1 of ml (1 dead)", "1 of ml", false, false, "+"},
    {"D5", pool_other, "1 of old", "1 of ml", false, false, "+"},
    {"D5", pool_others, "1 of old, 1 of other pools, 1 device (1 dead)", "1 of ml", false, true,
     "+"},
    {"D5", pool_fixed, "1 device", "1 of ml", false, false, "+"},
    {"D5", device_and_pool, "1 of old, 1 device", "1 device", false, true, "r-vdi-2"},
    {"D5", device_other, "1 device", "1 device", false, false, "+"},
    {"D2", device_second, "1 device", "2 devices", true, false, "+ r-vdi-1"},
    {"D5", device_twice, "2 devices", "1 device", false, true, "r-vdi-1"},
    {"D5", device_back_on_host, "1 device (1 dead)", "1 device", false, false, "+"},
};

static const char *image_text(struct lab *l, const struct image *image)
{
    struct text t;

    if (!(image->fields & (IMAGE_ADAPTERS | IMAGE_REQUESTS)))
        return NULL;
    text_init(&t, &l->arena);
    for (size_t i = 0; i < image->adapter_count; i++)
        text_printf(&t, "%s%s", t.size ? " " : "",
                    image->adapters[i].id ? image->adapters[i].id : "+");
    for (size_t i = 0; i < image->request_count; i++)
        text_printf(&t, "%s%s", t.size ? " " : "",
                    image->requests[i].id ? image->requests[i].id : "+");
    return text_done(&t);
}

static void test_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof holds / sizeof *holds; i++) {
        const struct change *c;
        const char *image;
        struct lab l;

        lab_open(&l);
        holds[i].make(&l);
        lab_run(&l);
        c = lab_change(&l, FIELD_VM_GPU, "vdi");
        image = image_text(&l, lab_image(&l, "vdi"));
        if (!str_eq(c ? c->have : NULL, holds[i].have) ||
            !str_eq(c ? c->want : NULL, holds[i].want) || (c && c->gains != holds[i].gains) ||
            (c && c->loses != holds[i].loses) ||
            (c && (!c->needs_off || !str_eq(c->rule, holds[i].rule))) ||
            !str_eq(image, holds[i].keeps)) {
            lab_print(&l);
            fail_msg("row %zu (%s): %s -> %s, image %s", i, holds[i].rule, c ? c->have : "-",
                     c ? c->want : "-", image ? image : "-");
        }
        lab_close(&l);
    }
}

/* V5: compared where declared, written with the adapter, blank is normal. */
static void test_limits(void **state)
{
    const struct change *c;
    struct lab l;

    (void)state;
    lab_open(&l);
    has_one(&l);
    lab_run(&l);
    assert_null(lab_change(&l, FIELD_VM_LIMITS, "vdi"));
    lab_close(&l);

    for (int kept = 0; kept < 2; kept++) {
        lab_open(&l);
        (kept ? has_one : has_none)(&l);
        l.spec.vms[0].wish->limits.min[QUOTA_VRAM] = NUM(3648 * MIB);
        l.spec.vms[0].wish->limits.max[QUOTA_ENCODE] = NUM(4);
        l.spec.vms[0].wish->limits_at = lab_at(&l);
        if (kept)
            l.have.vms[0].adapters[0].limits.min[QUOTA_VRAM] = NUM(GIB);
        lab_run(&l);
        c = lab_change(&l, FIELD_VM_LIMITS, "vdi");
        assert_non_null(c);
        assert_string_equal(c->have, kept ? "vram min 1024 MiB" : "none");
        assert_string_equal(c->want, "vram min 3648 MiB, encode max 4");
        assert_true(num_is(lab_image(&l, "vdi")->adapters[0].limits.max[QUOTA_ENCODE], 4));
        assert_int_equal(c->at.line, l.spec.vms[0].wish->limits_at.line);
        lab_close(&l);
    }
}

/* S7: only what is declared; a debt goes before it. */
static void test_power(void **state)
{
    static const struct {
        enum vm_power have;
        enum vm_power_wish wish;
        bool debt;
        const char *want; /* of FIELD_VM_POWER */
        bool owed;
    } cases[] = {
        {POWER_OFF, POWER_AS_FOUND, false, NULL, false},
        {POWER_OFF, POWER_WISH_RUNNING, false, "running", false},
        {POWER_RUNNING, POWER_WISH_RUNNING, false, NULL, false},
        {POWER_SAVED, POWER_WISH_RUNNING, false, "running", false},
        {POWER_RUNNING, POWER_WISH_STOPPED, false, "stopped", false},
        {POWER_OFF, POWER_WISH_STOPPED, false, NULL, false},
        {POWER_UNKNOWN, POWER_WISH_RUNNING, false, NULL, false},
        {POWER_OFF, POWER_AS_FOUND, true, NULL, true},
        {POWER_OFF, POWER_WISH_RUNNING, true, NULL, true},
        {POWER_RUNNING, POWER_AS_FOUND, true, NULL, false},
        {POWER_OFF, POWER_WISH_STOPPED, true, NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct change *c;
        struct lab l;

        lab_open(&l);
        has_one(&l);
        l.have.vms[0].power = cases[i].have;
        l.spec.vms[0].wish->power = cases[i].wish;
        if (cases[i].debt)
            lab_debt(&l, l.have.vms[0].id, DEBT_STOPPED);
        lab_run(&l);
        c = lab_change(&l, FIELD_VM_POWER, "vdi");
        if (!str_eq(c ? c->want : NULL, cases[i].want) ||
            (lab_change(&l, FIELD_VM_OWED, "vdi") != NULL) != cases[i].owed)
            fail_msg("row %zu", i);
        lab_close(&l);
    }
}

/* A debt outlives its row, its wish and its refusal; paid ones and found ones are none. */
static void test_debts(void **state)
{
    static const struct {
        enum debt_phase phase;
        bool owed;
    } cases[] = {{DEBT_FOUND, false},   {DEBT_STOPPING, true}, {DEBT_STOPPED, true},
                 {DEBT_STARTING, true}, {DEBT_PAID, false},    {DEBT_STUCK, true}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int way = 0; way < 3; way++) {
            struct lab l;

            lab_open(&l);
            has_one(&l);
            lab_debt(&l, l.have.vms[0].id, cases[i].phase);
            lab_debt(&l, "ffffffff-0000-0000-0000-000000000000", DEBT_STOPPED);
            if (way == 1)
                l.spec.vm_count = 0;
            if (way == 2)
                l.have.vms[0].owner = OWNER_ARC;
            lab_run(&l);
            if ((lab_change(&l, FIELD_VM_OWED, "vdi") != NULL) != cases[i].owed)
                fail_msg("phase %zu, way %d", i, way);
            lab_close(&l);
        }
}

/* M7: a deleted row releases; it is said once for each VM. */
static void test_released(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    has_one(&l);
    lab_claim(&l, l.have.vms[0].id, "a-vdi-1", NUM_UNKNOWN);
    lab_claim(&l, l.have.vms[0].id, "offlineAction", NUM(1));
    lab_claim(&l, "00000000-0000-0000-0000-000000000000", "x", NUM_UNKNOWN);
    lab_claim(&l, "ffffffff-0000-0000-0000-000000000000", "x", NUM_UNKNOWN);
    lab_vm(&l, "stranger", "hv1");
    lab_run(&l);
    assert_int_equal(lab_says(&l, REASON_NOTE_RELEASED, NULL), 0);
    l.spec.vm_count = 0;
    lab_run(&l);
    assert_int_equal(lab_says(&l, REASON_NOTE_RELEASED, NULL), 1);
    assert_int_equal(l.diff.change_count, 0);
    lab_close(&l);
}

/* The before-image says what is, without checkpoints; unknown values are no promise. */
static void test_image_of(void **state)
{
    struct image image;
    struct lab l;

    (void)state;
    lab_open(&l);
    pinned(&l);
    lab_adapter(&l, &l.have.vms[0], NULL)->of_checkpoint = true;
    lab_request(&l, &l.have.vms[0], "ml", NULL);
    l.have.vms[0].adapters[0].limits.max[QUOTA_VRAM] = NUM(7);
    image_of_vm(&l.arena, &l.have.vms[0],
                IMAGE_ADAPTERS | IMAGE_REQUESTS | IMAGE_OFFLINE_ACTION | IMAGE_MMIO, &image);
    assert_int_equal(image.adapter_count, 1);
    assert_string_equal(image.adapters[0].id, "a-vdi-1");
    assert_string_equal(image.adapters[0].pin, l.have.gpus[0].path);
    assert_true(num_is(image.adapters[0].limits.max[QUOTA_VRAM], 7));
    assert_int_equal(image.request_count, 1);
    assert_int_equal(image.offline_action, 3);
    assert_true(num_is(image.settings.mmio_high_mib, 32768));
    l.have.vms[0].role.offline_action = NUM_UNKNOWN;
    image_of_vm(&l.arena, &l.have.vms[0], IMAGE_OFFLINE_ACTION, &image);
    assert_int_equal(image.fields, 0);
    image_of_gpu(&l.arena, &l.have.gpus[0], IMAGE_COUNT | IMAGE_PLACE | IMAGE_POOL, &image);
    assert_int_equal(image.count, 4);
    assert_int_equal(image.place, GPU_HOST);
    assert_null(image.pool);
    lab_close(&l);
}

/* Changes come by subject, then field; GPUs, pools, VMs. */
static void test_order(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    pool(&l, 1)->role.offline_action = NUM(1);
    l.have.pool_count = 0;
    for (size_t i = 0; i < 3; i++)
        l.have.gpus[i].pool = NULL;
    l.have.gpus[0].state = GPU_HOST;
    l.spec.gpus[0].prepare = true;
    l.spec.vms[0].wish->power = POWER_WISH_RUNNING;
    lab_run(&l);
    assert_int_equal(l.diff.change_count, 8);
    for (size_t i = 1; i < l.diff.change_count; i++) {
        const struct change *a = &l.diff.changes[i - 1], *b = &l.diff.changes[i];

        assert_true(a->kind != b->kind || a->gpu != b->gpu || a->vm != b->vm ||
                    a->field < b->field);
    }
    assert_int_equal(l.diff.changes[0].field, FIELD_GPU_PLACE);
    assert_string_equal(l.diff.changes[0].have, "host");
    assert_string_equal(l.diff.changes[0].want, "dismounted");
    assert_int_equal(l.diff.changes[1].field, FIELD_GPU_POOL);
    assert_int_equal(l.diff.changes[4].field, FIELD_POOL);
    assert_int_equal(l.diff.gpu_images[0].fields, IMAGE_PLACE | IMAGE_POOL);
    assert_int_equal(l.diff.gpu_images[0].place, GPU_DISMOUNTED);
    assert_string_equal(l.diff.gpu_images[0].pool, "ml");
    assert_int_equal(l.diff.gpu_images[1].fields, IMAGE_POOL);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holds),    cmocka_unit_test(test_limits),
        cmocka_unit_test(test_power),    cmocka_unit_test(test_debts),
        cmocka_unit_test(test_released), cmocka_unit_test(test_image_of),
        cmocka_unit_test(test_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
