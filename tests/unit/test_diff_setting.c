/* The settings that a GPU implies: S0 to S6. */
#include "build.h"

enum kind { PARTITION, POOL, DEVICE, FOUND, NONE };

/* A VM with what its row says, every setting right. */
static struct vm *base(struct lab *l, enum kind kind, bool has)
{
    static const enum vm_use uses[] = {VM_PARTITION, VM_POOL, VM_DEVICES, VM_AS_FOUND, VM_NONE};
    struct vm *v;

    lab_node(l, "hv1");
    lab_pool(l, "hv1", "ml");
    lab_gpu(l, "hv1", 4);
    lab_device(l, "hv1", "ml")->model = "NVIDIA L40S";
    lab_device(l, "hv1", NULL)->model = "NVIDIA L4";
    lab_count(l, "a2", 4);
    lab_pool_row(l, "l40s", "ml")->match = (struct spec_match){.model = "NVIDIA L40S"};
    lab_row(l, "l4", USE_DEVICE)->match = (struct spec_match){.model = "NVIDIA L4"};
    v = lab_vm(l, "vm", "hv1");
    lab_wish(l, "vm", uses[kind]);
    if (kind == POOL && has)
        lab_request(l, v, "ml", NULL);
    if (kind == DEVICE) {
        lab_device_of(l, &l->spec.vms[0], l->have.gpus[2].locations[0]);
        if (has)
            lab_request(l, v, NULL, l->have.gpus[2].locations[0]);
    }
    if ((kind == PARTITION || kind == FOUND || kind == NONE) && has)
        lab_adapter(l, v, &l->have.gpus[0]);
    if (kind == POOL || kind == DEVICE) {
        v->settings.mmio_low_mib = NUM(3072);
        v->settings.mmio_high_mib = NUM(33280);
    }
    l->spec.vms[0].wish->settings_at = lab_at(l);
    return v;
}

static struct vm_wish *wish(struct lab *l)
{
    return l->spec.vms[0].wish;
}

static struct vm_settings *set(struct lab *l)
{
    return &l->have.vms[0].settings;
}

/* ---- one thing changed ---- */

static void nothing(struct lab *l)
{
    (void)l;
}

static void action_1(struct lab *l)
{
    l->have.vms[0].role.offline_action = NUM(1);
}

static void action_unknown(struct lab *l)
{
    l->have.vms[0].role.offline_action = NUM_UNKNOWN;
}

static void action_1_loose(struct lab *l)
{
    action_1(l);
    l->have.vms[0].role.clustered = false;
}

static void action_declared_2(struct lab *l)
{
    wish(l)->offline_action = NUM(2);
}

static void claimed(struct lab *l)
{
    lab_claim(l, l->have.vms[0].id, "offlineAction", NUM(1));
}

static void claimed_and_changed(struct lab *l)
{
    claimed(l);
    l->have.vms[0].role.offline_action = NUM(2);
}

static void save(struct lab *l)
{
    set(l)->stop_action = STOP_ACTION_SAVE;
}

static void save_strict(struct lab *l)
{
    save(l);
    wish(l)->advised = ADVISED_STRICT;
}

static void save_as_found(struct lab *l)
{
    save(l);
    wish(l)->advised = ADVISED_AS_FOUND;
}

static void shut_down(struct lab *l)
{
    set(l)->stop_action = STOP_ACTION_SHUT_DOWN;
}

static void shut_down_declared(struct lab *l)
{
    wish(l)->settings.stop_action = STOP_ACTION_SHUT_DOWN;
}

static void stop_unknown(struct lab *l)
{
    set(l)->stop_action = STOP_ACTION_UNKNOWN;
}

static void dynamic(struct lab *l)
{
    set(l)->dynamic_memory = TRI_YES;
}

static void dynamic_equal(struct lab *l)
{
    dynamic(l);
    set(l)->memory_min_mib = NUM(4096);
}

static void dynamic_startup_unknown(struct lab *l)
{
    dynamic(l);
    set(l)->memory_startup_mib = NUM_UNKNOWN;
}

static void dynamic_unknown(struct lab *l)
{
    set(l)->dynamic_memory = TRI_UNKNOWN;
}

static void static_declared(struct lab *l)
{
    dynamic_equal(l);
    wish(l)->settings.dynamic_memory = TRI_NO;
}

static void dynamic_declared(struct lab *l)
{
    wish(l)->settings.dynamic_memory = TRI_YES;
}

static void startup_declared(struct lab *l)
{
    wish(l)->settings.memory_startup_mib = NUM(8192);
}

static void minimum_declared(struct lab *l)
{
    wish(l)->settings.memory_min_mib = NUM(1024);
}

static void checkpoints_on(struct lab *l)
{
    set(l)->checkpoints = CHECKPOINTS_PRODUCTION;
}

static void checkpoints_as_found(struct lab *l)
{
    checkpoints_on(l);
    wish(l)->advised = ADVISED_AS_FOUND;
}

static void checkpoints_declared(struct lab *l)
{
    wish(l)->settings.checkpoints = CHECKPOINTS_STANDARD;
}

static void cache_off(struct lab *l)
{
    set(l)->cache_types = TRI_NO;
}

static void cache_strict(struct lab *l)
{
    cache_off(l);
    wish(l)->advised = ADVISED_STRICT;
}

static void cache_declared_off(struct lab *l)
{
    wish(l)->settings.cache_types = TRI_NO;
}

static void mmio(struct lab *l, uint64_t low, uint64_t high)
{
    set(l)->mmio_low_mib = NUM(low);
    set(l)->mmio_high_mib = NUM(high);
}

static void mmio_default(struct lab *l)
{
    mmio(l, 128, 512);
}

static void mmio_default_as_found(struct lab *l)
{
    mmio_default(l);
    wish(l)->advised = ADVISED_AS_FOUND;
}

static void mmio_larger(struct lab *l)
{
    mmio(l, 3500, 100000);
}

static void mmio_default_two(struct lab *l)
{
    mmio_default(l);
    wish(l)->count = 2;
}

static void mmio_unknown(struct lab *l)
{
    set(l)->mmio_low_mib = set(l)->mmio_high_mib = NUM_UNKNOWN;
}

static void mmio_declared(struct lab *l)
{
    wish(l)->settings.mmio_low_mib = NUM(3200);
    wish(l)->settings.mmio_high_mib = NUM(135168);
}

static void mmio_declared_less(struct lab *l)
{
    mmio_default(l);
    wish(l)->settings.mmio_low_mib = NUM(256);
    wish(l)->settings.mmio_high_mib = NUM(1024);
}

static void mmio_declared_less_than_found(struct lab *l)
{
    mmio_larger(l);
    wish(l)->settings.mmio_high_mib = NUM(65536);
}

static void mmio_read(struct lab *l)
{
    mmio_default(l);
    for (size_t i = 0; i < l->have.gpu_count; i++) {
        l->have.gpus[i].mmio_low_mib = NUM(16);
        l->have.gpus[i].mmio_high_mib = NUM(65568);
    }
}

static void mmio_read_unlike(struct lab *l)
{
    mmio_read(l);
    *lab_device(l, "hv1", "ml") = l->have.gpus[1];
    l->have.gpus[3].path = "PCI\\VEN_10DE&DEV_25B6\\5&0000";
    l->have.gpus[3].mmio_high_mib = NUM(100);
}

static void mmio_read_two(struct lab *l)
{
    mmio_read(l);
    wish(l)->count = 2;
}

static void mmio_need(struct lab *l)
{
    mmio_default(l);
    wish(l)->mmio_need_low = 16;
    wish(l)->mmio_need_high = 176;
}

static void mmio_need_three(struct lab *l)
{
    mmio_need(l);
    wish(l)->count = 3;
}

static void mmio_need_low(struct lab *l)
{
    mmio_default(l);
    wish(l)->mmio_need_low = 3000;
}

static void width_36(struct lab *l)
{
    mmio_default(l);
    l->have.nodes[0].address_bits = NUM(36);
}

static void width_36_plain(struct lab *l)
{
    width_36(l);
    wish(l)->settings_at = (struct span){0};
}

static void width_39(struct lab *l)
{
    mmio_default(l);
    l->have.nodes[0].address_bits = NUM(39);
}

static void width_36_need(struct lab *l)
{
    width_36(l);
    wish(l)->mmio_need_high = 0;
    mmio_need(l);
    set(l)->mmio_base_mib = NUM(61440);
}

static void low_too_large(struct lab *l)
{
    mmio_default(l);
    wish(l)->mmio_need_low = 4096;
    wish(l)->mmio_need_high = 1;
}

static void need_huge(struct lab *l)
{
    mmio_default(l);
    wish(l)->mmio_need_high = UINT64_MAX;
    wish(l)->count = 3;
    l->have.nodes[0].address_bits = NUM(52);
}

static const char D[] = "declared", R[] = "required", A[] = "advised";

static const struct {
    const char *rule;
    enum kind kind;
    bool has; /* the assignment is there already */
    void (*make)(struct lab *l);
    enum field field;
    const char *have, *want, *grade; /* NULL: no change of that field */
    enum reason reason;              /* that must be given; REASON_NONE */
} rows[] = {
#define NO NULL, NULL, NULL, REASON_NONE
    {"S0", PARTITION, true, nothing, FIELD_VM_MMIO, NO},
    {"S0", POOL, true, nothing, FIELD_VM_MMIO, NO},
    {"S1", PARTITION, true, action_1, FIELD_VM_OFFLINE_ACTION, "1", "3", R, REASON_NONE},
    {"S1", POOL, false, action_1, FIELD_VM_OFFLINE_ACTION, "1", "3", R, REASON_NONE},
    {"S1", DEVICE, true, action_1, FIELD_VM_OFFLINE_ACTION, "1", "3", R, REASON_NONE},
    {"S1", FOUND, true, action_1, FIELD_VM_OFFLINE_ACTION, NO},
    {"S1", PARTITION, true, action_1_loose, FIELD_VM_OFFLINE_ACTION, NO},
    {"S1", PARTITION, true, action_unknown, FIELD_VM_OFFLINE_ACTION, NO},
    {"S1", PARTITION, false, action_unknown, FIELD_VM_OFFLINE_ACTION, "unknown", "3", R,
     REASON_NONE},
    {"S1", PARTITION, true, action_declared_2, FIELD_VM_OFFLINE_ACTION, "3", "2", D, REASON_NONE},
    {"S1", FOUND, true, action_declared_2, FIELD_VM_OFFLINE_ACTION, "3", "2", D, REASON_NONE},
    {"S1", NONE, true, nothing, FIELD_VM_OFFLINE_ACTION, NO},
    {"S1", NONE, true, claimed, FIELD_VM_OFFLINE_ACTION, "3", "1", R, REASON_NONE},
    {"S1", NONE, false, claimed, FIELD_VM_OFFLINE_ACTION, "3", "1", R, REASON_NONE},
    {"S1", NONE, true, claimed_and_changed, FIELD_VM_OFFLINE_ACTION, NO},
    {"S1", PARTITION, true, claimed, FIELD_VM_OFFLINE_ACTION, NO},
    {"S2", PARTITION, true, save, FIELD_VM_STOP_ACTION, "Save", "TurnOff", A, REASON_NONE},
    {"S0", PARTITION, true, save_strict, FIELD_VM_STOP_ACTION, "Save", "TurnOff", D, REASON_NONE},
    {"S0", PARTITION, true, save_as_found, FIELD_VM_STOP_ACTION, NO},
    {"S2", POOL, true, save, FIELD_VM_STOP_ACTION, "Save", "TurnOff", R, REASON_NONE},
    {"S0", POOL, true, save_as_found, FIELD_VM_STOP_ACTION, "Save", "TurnOff", R, REASON_NONE},
    {"S2", FOUND, true, save, FIELD_VM_STOP_ACTION, NO},
    {"S2", PARTITION, true, shut_down, FIELD_VM_STOP_ACTION, NO},
    {"S2", DEVICE, true, shut_down, FIELD_VM_STOP_ACTION, NO},
    {"S2", PARTITION, true, shut_down_declared, FIELD_VM_STOP_ACTION, "TurnOff", "ShutDown", D,
     REASON_NONE},
    {"S2", POOL, true, stop_unknown, FIELD_VM_STOP_ACTION, NO},
    {"S2", POOL, false, stop_unknown, FIELD_VM_STOP_ACTION, "unknown", "TurnOff", R, REASON_NONE},
    {"S3", PARTITION, true, dynamic, FIELD_VM_MEMORY, "dynamic, startup 4096 MiB, minimum 512 MiB",
     "dynamic, startup 4096 MiB, minimum 4096 MiB", R, REASON_NONE},
    {"S3", PARTITION, true, dynamic_equal, FIELD_VM_MEMORY, NO},
    {"S3", PARTITION, true, dynamic_startup_unknown, FIELD_VM_MEMORY,
     "dynamic, startup unknown, minimum 512 MiB", "static, unknown", R, REASON_NONE},
    {"S3", PARTITION, false, dynamic_unknown, FIELD_VM_MEMORY, NO},
    {"S3", POOL, true, dynamic, FIELD_VM_MEMORY, "dynamic, startup 4096 MiB, minimum 512 MiB",
     "static, 4096 MiB", R, REASON_NONE},
    {"S3", POOL, true, dynamic_equal, FIELD_VM_MEMORY,
     "dynamic, startup 4096 MiB, minimum 4096 MiB", "static, 4096 MiB", R, REASON_NONE},
    {"S3", POOL, true, dynamic_unknown, FIELD_VM_MEMORY, NO},
    {"S3", POOL, false, dynamic_unknown, FIELD_VM_MEMORY, "unknown, 4096 MiB", "static, 4096 MiB",
     R, REASON_NONE},
    {"S3", POOL, true, dynamic_declared, FIELD_VM_MEMORY, NO},
    {"S3", FOUND, true, dynamic, FIELD_VM_MEMORY, NO},
    {"S3", PARTITION, true, static_declared, FIELD_VM_MEMORY,
     "dynamic, startup 4096 MiB, minimum 4096 MiB", "static, 4096 MiB", D, REASON_NONE},
    {"S3", PARTITION, true, startup_declared, FIELD_VM_MEMORY, "static, 4096 MiB",
     "static, 8192 MiB", D, REASON_NONE},
    {"S3", PARTITION, true, minimum_declared, FIELD_VM_MEMORY, NO},
    {"S4", PARTITION, true, checkpoints_on, FIELD_VM_CHECKPOINTS, "production", "disabled", A,
     REASON_NONE},
    {"S4", POOL, true, checkpoints_on, FIELD_VM_CHECKPOINTS, "production", "disabled", A,
     REASON_NONE},
    {"S0", PARTITION, true, checkpoints_as_found, FIELD_VM_CHECKPOINTS, NO},
    {"S4", NONE, true, checkpoints_on, FIELD_VM_CHECKPOINTS, NO},
    {"S4", NONE, true, checkpoints_declared, FIELD_VM_CHECKPOINTS, "disabled", "standard", D,
     REASON_NONE},
    {"S6", PARTITION, true, cache_off, FIELD_VM_CACHE_TYPES, "false", "true", A, REASON_NONE},
    {"S0", PARTITION, true, cache_strict, FIELD_VM_CACHE_TYPES, "false", "true", D, REASON_NONE},
    {"S6", PARTITION, true, cache_declared_off, FIELD_VM_CACHE_TYPES, "true", "false", D,
     REASON_NONE},
    {"S6", FOUND, true, cache_off, FIELD_VM_CACHE_TYPES, NO},
    {"S5", PARTITION, true, mmio_default, FIELD_VM_MMIO, "128 / 512 MiB", "1024 / 32768 MiB", A,
     REASON_NOTE_MMIO},
    {"S0", PARTITION, true, mmio_default_as_found, FIELD_VM_MMIO, NO},
    {"S5", POOL, true, mmio_default, FIELD_VM_MMIO, "128 / 512 MiB", "3072 / 33280 MiB", R,
     REASON_NOTE_MMIO},
    {"S0", POOL, true, mmio_default_as_found, FIELD_VM_MMIO, "128 / 512 MiB", "3072 / 33280 MiB", R,
     REASON_NOTE_MMIO},
    {"S5", PARTITION, true, mmio_default_two, FIELD_VM_MMIO, "128 / 512 MiB", "1024 / 65536 MiB", A,
     REASON_NOTE_MMIO},
    {"S5", POOL, true, mmio_default_two, FIELD_VM_MMIO, "128 / 512 MiB", "3072 / 66560 MiB", R,
     REASON_NOTE_MMIO},
    {"S5", DEVICE, true, mmio_default, FIELD_VM_MMIO, "128 / 512 MiB", "3072 / 33280 MiB", R,
     REASON_NOTE_MMIO},
    {"S5", PARTITION, true, mmio_need_low, FIELD_VM_MMIO, "128 / 512 MiB", "3128 / 32768 MiB", A,
     REASON_NOTE_MMIO},
    {"S5", POOL, true, mmio_need_low, FIELD_VM_MMIO, "128 / 512 MiB", "3128 / 33280 MiB", R,
     REASON_NOTE_MMIO},
    {"S5", POOL, true, mmio_read_unlike, FIELD_VM_MMIO, "128 / 512 MiB", "144 / 66080 MiB", R,
     REASON_NONE},
    {"S5", FOUND, true, mmio_default, FIELD_VM_MMIO, NO},
    {"S5", PARTITION, true, mmio_larger, FIELD_VM_MMIO, NO},
    {"S5", POOL, true, mmio_larger, FIELD_VM_MMIO, NO},
    {"S5", PARTITION, true, mmio_unknown, FIELD_VM_MMIO, NO},
    {"S5", PARTITION, false, mmio_unknown, FIELD_VM_MMIO, "unknown", "1024 / 32768 MiB", A,
     REASON_NOTE_MMIO},
    {"S5", POOL, true, mmio_declared, FIELD_VM_MMIO, "3072 / 33280 MiB", "3200 / 135168 MiB", D,
     REASON_NONE},
    {"S5", FOUND, true, mmio_declared, FIELD_VM_MMIO, "1024 / 32768 MiB", "3200 / 135168 MiB", D,
     REASON_NONE},
    {"S5", PARTITION, true, mmio_declared_less, FIELD_VM_MMIO, "128 / 512 MiB", "1024 / 32768 MiB",
     D, REASON_NOTE_MMIO_LOWER},
    {"S5", POOL, true, mmio_declared_less_than_found, FIELD_VM_MMIO, NULL, NULL, NULL,
     REASON_NOTE_MMIO_LOWER},
    {"S5", POOL, true, mmio_read, FIELD_VM_MMIO, "128 / 512 MiB", "144 / 66080 MiB", R,
     REASON_NONE},
    {"S5", DEVICE, true, mmio_read, FIELD_VM_MMIO, "128 / 512 MiB", "144 / 66080 MiB", R,
     REASON_NONE},
    {"S5", POOL, true, mmio_read_two, FIELD_VM_MMIO, "128 / 512 MiB", "160 / 131648 MiB", R,
     REASON_NONE},
    {"S5", PARTITION, true, mmio_read, FIELD_VM_MMIO, "128 / 512 MiB", "1024 / 32768 MiB", A,
     REASON_NOTE_MMIO},
    {"S5", PARTITION, true, mmio_need, FIELD_VM_MMIO, "128 / 512 MiB", "144 / 688 MiB", A,
     REASON_NONE},
    {"S5", POOL, true, mmio_need_three, FIELD_VM_MMIO, "128 / 512 MiB", "176 / 1040 MiB", R,
     REASON_NONE},
    {"S5", POOL, true, width_36, FIELD_VM_MMIO, NULL, NULL, NULL, REASON_MMIO_WIDTH},
    {"S5", PARTITION, false, width_36, FIELD_VM_MMIO, NULL, NULL, NULL, REASON_MMIO_WIDTH},
    {"S5", PARTITION, true, width_36, FIELD_VM_MMIO, NO},
    {"S5", POOL, true, width_36_plain, FIELD_VM_MMIO, NULL, NULL, NULL, REASON_MMIO_WIDTH},
    {"S5", POOL, true, width_39, FIELD_VM_MMIO, "128 / 512 MiB", "3072 / 33280 MiB", R,
     REASON_NOTE_MMIO},
    {"S5", POOL, true, width_36_need, FIELD_VM_MMIO, "128 / 512 MiB", "144 / 688 MiB", R,
     REASON_NONE},
    {"S5", POOL, true, low_too_large, FIELD_VM_MMIO, NULL, NULL, NULL, REASON_MMIO_WIDTH},
    {"C9", POOL, true, need_huge, FIELD_VM_MMIO, NULL, NULL, NULL, REASON_MMIO_WIDTH},
#undef NO
};

static const char *grade_of(const struct change *c)
{
    return !c ? NULL : c->grade == GRADE_DECLARED ? D : c->grade == GRADE_REQUIRED ? R : A;
}

static size_t notes_of(const struct lab *l)
{
    return lab_says(l, REASON_NOTE_MMIO, NULL) + lab_says(l, REASON_NOTE_MMIO_LOWER, NULL) +
           lab_says(l, REASON_MMIO_WIDTH, NULL);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct change *c;
        struct lab l;

        lab_open(&l);
        base(&l, rows[i].kind, rows[i].has);
        rows[i].make(&l);
        lab_run(&l);
        c = lab_change(&l, rows[i].field, "vm");
        if (!str_eq(c ? c->have : NULL, rows[i].have) ||
            !str_eq(c ? c->want : NULL, rows[i].want) || grade_of(c) != rows[i].grade ||
            (rows[i].reason == REASON_NONE && notes_of(&l)) ||
            (rows[i].reason != REASON_NONE && lab_says(&l, rows[i].reason, NULL) != 1)) {
            lab_print(&l);
            fail_msg("row %zu (%s %s): %s -> %s, %s", i, rows[i].rule, field_words[rows[i].field],
                     c ? c->have : "-", c ? c->want : "-", c ? grade_of(c) : "-");
        }
        lab_close(&l);
    }
}

/* What needs the VM off, and what does not. */
static void test_needs_off(void **state)
{
    static const struct {
        void (*make)(struct lab *l);
        enum field field;
        bool off;
    } cases[] = {
        {action_1, FIELD_VM_OFFLINE_ACTION, false}, {checkpoints_on, FIELD_VM_CHECKPOINTS, false},
        {save, FIELD_VM_STOP_ACTION, true},         {dynamic, FIELD_VM_MEMORY, true},
        {mmio_default, FIELD_VM_MMIO, true},        {cache_off, FIELD_VM_CACHE_TYPES, true}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lab l;

        lab_open(&l);
        base(&l, POOL, true);
        cases[i].make(&l);
        lab_run(&l);
        assert_non_null(lab_change(&l, cases[i].field, "vm"));
        assert_int_equal(lab_change(&l, cases[i].field, "vm")->needs_off, cases[i].off);
        lab_close(&l);
    }
}

/* The image has full target values of the fields that differ, and no others. */
static void test_image(void **state)
{
    const struct image *image;
    struct lab l;

    (void)state;
    lab_open(&l);
    base(&l, PARTITION, true);
    save(&l);
    dynamic(&l);
    mmio(&l, 128, 40000);
    action_1(&l);
    lab_run(&l);
    image = lab_image(&l, "vm");
    assert_int_equal(image->fields, IMAGE_ADAPTERS | IMAGE_OFFLINE_ACTION | IMAGE_STOP_ACTION |
                                        IMAGE_MEMORY | IMAGE_MMIO);
    assert_int_equal(image->offline_action, 3);
    assert_int_equal(image->settings.stop_action, STOP_ACTION_TURN_OFF);
    assert_int_equal(image->settings.dynamic_memory, TRI_YES);
    assert_true(num_is(image->settings.memory_startup_mib, 4096));
    assert_true(num_is(image->settings.memory_min_mib, 4096));
    assert_true(num_is(image->settings.mmio_low_mib, 1024));
    assert_true(num_is(image->settings.mmio_high_mib, 40000));
    lab_close(&l);
}

/* A refused VM gives no change at all; a refusal for its MMIO space neither. */
static void test_refused(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    base(&l, POOL, false);
    width_36(&l);
    save(&l);
    wish(&l)->power = POWER_WISH_RUNNING;
    lab_run(&l);
    assert_int_equal(l.diff.change_count, 0);
    assert_int_equal(lab_image(&l, "vm")->fields, 0);
    lab_close(&l);
}

/* A change points at what caused it: the setting where it is declared, the GPU else. */
static void test_places(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    base(&l, POOL, true);
    mmio_default(&l);
    lab_run(&l);
    assert_int_equal(lab_change(&l, FIELD_VM_MMIO, "vm")->at.line, wish(&l)->use_at.line);
    mmio_declared(&l);
    lab_run(&l);
    assert_int_equal(lab_change(&l, FIELD_VM_MMIO, "vm")->at.line, wish(&l)->settings_at.line);
    lab_close(&l);
}

/* On one host there is no OfflineAction. */
static void test_host(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l);
    lab_host(&l);
    base(&l, PARTITION, true);
    action_1(&l);
    lab_run(&l);
    assert_int_equal(l.diff.change_count, 0);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),  cmocka_unit_test(test_needs_off),
        cmocka_unit_test(test_image), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_host),  cmocka_unit_test(test_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
