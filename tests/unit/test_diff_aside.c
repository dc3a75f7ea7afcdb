/* What is declared and not brought about: only watched (P7), expected until a date (P8). */
#include "build.h"
#include "compare.h"

static struct lab lab;
static struct asides asides;

static int setup(void **state)
{
    (void)state;
    lab_open(&lab);
    lab_node(&lab, "hv1");
    lab_node(&lab, "hv2");
    lab_gpu(&lab, "hv1", 4);
    lab_gpu(&lab, "hv2", 4);
    lab_count(&lab, "a2", 4);
    lab.have.observed_ms = 1000;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_close(&lab);
    return 0;
}

/* A VM that runs with a partition, declared with one and to run. */
static struct vm *running(const char *name)
{
    struct vm *v = lab_vm(&lab, name, "hv1");

    v->power = POWER_RUNNING;
    v->role.vm = RES_ONLINE;
    lab_adapter(&lab, v, &lab.have.gpus[0]);
    lab_wish(&lab, name, VM_PARTITION)->wish->power = POWER_WISH_RUNNING;
    return v;
}

static struct vm_wish *wish_of(const char *name)
{
    for (size_t i = 0; i < lab.spec.vm_count; i++)
        if (str_eq(lab.spec.vms[i].name, name))
            return lab.spec.vms[i].wish;
    fail_msg("no row %s", name);
    return NULL;
}

static void manage(const char *name, enum part part, enum manage how)
{
    wish_of(name)->manage.of[part] = how;
}

static struct expectation *expect(enum subject_kind kind, const char *subject, enum field field,
                                  const char *value, int64_t until_ms)
{
    struct policy *p = &lab.spec.policy;
    struct expectation *x;

    if (!p->expected)
        p->expected = arena_array(&lab.arena, struct expectation, LAB_ROWS);
    x = &p->expected[p->expected_count++];
    *x = (struct expectation){.kind = kind,
                              .subject = subject,
                              .name = strchr(subject, '/') + 1,
                              .field = field,
                              .value = value,
                              .reason = "CHG-1",
                              .until_ms = until_ms};
    return x;
}

static void run(void)
{
    state_sort(&lab.have, &lab.arena);
    qsort(lab.spec.vms, lab.spec.vm_count, sizeof *lab.spec.vms, lab_by_name);
    compare_declared(&lab.arena, &lab.spec, &lab.have, &lab.owed, &lab.want, &lab.diff, &asides);
}

static const struct aside *aside_of(const char *subject, enum field field)
{
    for (size_t i = 0; i < asides.count; i++)
        if (asides.rows[i].is_change && asides.rows[i].change.field == field &&
            str_eq(asides.rows[i].subject, subject))
            return &asides.rows[i];
    return NULL;
}

static void assert_aside(const char *subject, enum field field, enum aside_why why)
{
    const struct aside *row = aside_of(subject, field);

    assert_non_null(row);
    assert_int_equal(row->why, why);
}

static size_t notes(enum reason reason)
{
    size_t n = 0;

    for (size_t i = 0; i < asides.notes.count; i++)
        n += asides.notes.rows[i].reason == reason;
    return n;
}

static const struct image *image_of(const char *name)
{
    for (size_t i = 0; i < lab.want.vm_count; i++)
        if (str_eq(lab.have.vms[lab.want.vms[i].vm].name, name))
            return &lab.diff.vm_images[i];
    fail_msg("no target %s", name);
    return NULL;
}

/* ---- expected (P8) ---- */

static void until_its_date(void **state)
{
    (void)state;
    running("a")->power = POWER_OFF;
    expect(SUBJECT_VM, "vm/A", FIELD_VM_POWER, "Stopped", 1001);
    run();
    assert_int_equal(lab.diff.change_count, 0);
    assert_aside("vm/a", FIELD_VM_POWER, ASIDE_EXPECTED);
    assert_int_equal(lab.want.vms[0].wish->power, POWER_AS_FOUND);
    assert_int_equal(asides.notes.count, 0);
}

/* The date is the first moment at which it is drift. */
static void from_its_date(void **state)
{
    (void)state;
    running("a")->power = POWER_OFF;
    expect(SUBJECT_VM, "vm/a", FIELD_VM_POWER, "stopped", 1000);
    run();
    assert_non_null(lab_change(&lab, FIELD_VM_POWER, "a"));
    assert_int_equal(asides.count, 0);
    assert_int_equal(notes(REASON_NOTE_EXPIRED), 1);
    assert_int_equal(lab.want.vms[0].wish->power, POWER_WISH_RUNNING);
}

static void with_another_value(void **state)
{
    struct vm *v = running("a");

    (void)state;
    v->role.offline_action = NUM(1);
    expect(SUBJECT_VM, "vm/a", FIELD_VM_OFFLINE_ACTION, "2", 5000);
    run();
    assert_non_null(lab_change(&lab, FIELD_VM_OFFLINE_ACTION, "a"));
    assert_int_equal(notes(REASON_NOTE_UNMET), 1);
}

/* An expected setting is not written along with others of the same VM. */
static void not_written_along(void **state)
{
    struct vm *v = running("a");

    (void)state;
    v->role.offline_action = NUM(1);
    v->settings.checkpoints = CHECKPOINTS_PRODUCTION;
    expect(SUBJECT_VM, "vm/a", FIELD_VM_CHECKPOINTS, "production", 5000);
    run();
    assert_non_null(lab_change(&lab, FIELD_VM_OFFLINE_ACTION, "a"));
    assert_true(image_of("a")->fields & IMAGE_OFFLINE_ACTION);
    assert_false(image_of("a")->fields & IMAGE_CHECKPOINTS);
}

/* What it holds stays, its limits with it, and its settings still follow from a GPU. */
static void gpu_with_its_limits(void **state)
{
    struct vm *v = running("a");

    (void)state;
    lab_adapter(&lab, v, &lab.have.gpus[0]);
    v->role.offline_action = NUM(1);
    wish_of("a")->limits.min[QUOTA_VRAM] = NUM(3825205248u);
    wish_of("a")->limits_at = (struct span){"spec.yaml", 9, 1};
    expect(SUBJECT_VM, "vm/a", FIELD_VM_GPU, "2 partitions", 5000);
    run();
    assert_aside("vm/a", FIELD_VM_GPU, ASIDE_EXPECTED);
    assert_aside("vm/a", FIELD_VM_LIMITS, ASIDE_EXPECTED);
    assert_int_equal(lab.diff.change_count, 1);
    assert_non_null(lab_change(&lab, FIELD_VM_OFFLINE_ACTION, "a"));
    assert_false(image_of("a")->fields & (IMAGE_ADAPTERS | IMAGE_REQUESTS));
}

/* C3: a count that is expected stays, and holds the others back. */
static void count_by_location(void **state)
{
    struct expectation *x;

    (void)state;
    lab.have.gpus[1].count = NUM(8);
    lab.have.gpus[0].count = NUM(16);
    x = expect(SUBJECT_GPU, "gpu/hv2/pciroot(1)#PCI(0200)#PCI(0000)", FIELD_GPU_COUNT, "8", 5000);
    x->node = "hv2";
    x->name = "pciroot(1)#PCI(0200)#PCI(0000)";
    run();
    assert_aside("gpu/hv2/gpu0", FIELD_GPU_COUNT, ASIDE_EXPECTED);
    assert_int_equal(lab.diff.change_count, 0);
    assert_int_equal(lab_says(&lab, REASON_PARTIAL, NULL), 1);
}

/* ---- manage (P7) ---- */

static void watched_is_listed(void **state)
{
    struct vm *v = running("a");

    (void)state;
    v->adapter_count = 0;
    v->role.offline_action = NUM(1);
    v->power = POWER_OFF;
    for (int p = PART_VMS; p < PARTS; p++)
        manage("a", (enum part)p, MANAGE_DETECT);
    run();
    assert_int_equal(lab.diff.change_count, 0);
    assert_aside("vm/a", FIELD_VM_GPU, ASIDE_DETECT);
    assert_aside("vm/a", FIELD_VM_OFFLINE_ACTION, ASIDE_DETECT);
    assert_aside("vm/a", FIELD_VM_POWER, ASIDE_DETECT);
    assert_int_equal(image_of("a")->fields, 0);
}

static void ignored_is_counted(void **state)
{
    struct vm *v = running("a");

    (void)state;
    v->role.offline_action = NUM(1);
    manage("a", PART_SETTINGS, MANAGE_IGNORE);
    run();
    assert_int_equal(lab.diff.change_count, 0);
    assert_int_equal(asides.ignored, 1);
    assert_aside("vm/a", FIELD_VM_OFFLINE_ACTION, ASIDE_IGNORE);
}

/* `vms` and `power` are one as far as power goes: either keeps the VM as it is. */
static void power_needs_both(void **state)
{
    (void)state;
    running("a")->power = POWER_OFF;
    running("b")->power = POWER_OFF;
    manage("a", PART_VMS, MANAGE_DETECT);
    manage("b", PART_POWER, MANAGE_DETECT);
    run();
    assert_int_equal(lab.diff.change_count, 0);
    assert_aside("vm/a", FIELD_VM_POWER, ASIDE_DETECT);
    assert_aside("vm/b", FIELD_VM_POWER, ASIDE_DETECT);
}

/* Nothing of a watched VM is written, also where it does not differ when it is looked at. */
static void adapters_are_not_ours(void **state)
{
    struct vm *v = running("a");

    (void)state;
    v->role.offline_action = NUM(1);
    manage("a", PART_VMS, MANAGE_DETECT);
    run();
    assert_int_equal(image_of("a")->fields, IMAGE_OFFLINE_ACTION);
}

/* A setting that needs the VM off waits for a person where the VM may not be stopped. */
static void stop_waits_for_people(void **state)
{
    struct vm *v = running("a");
    const struct change *c;

    (void)state;
    v->settings.dynamic_memory = TRI_YES;
    manage("a", PART_POWER, MANAGE_DETECT);
    run();
    c = lab_change(&lab, FIELD_VM_MEMORY, "a");
    assert_non_null(c);
    assert_true(c->waits);
    assert_false(image_of("a")->fields & IMAGE_MEMORY);
    assert_int_equal(lab_says(&lab, REASON_NOT_ENFORCED, NULL), 1);
}

/* S3: its memory cannot change beside a GPU that is not ours to take away, off or not. */
static void memory_beside_a_gpu(void **state)
{
    struct vm *v = running("a");

    (void)state;
    v->power = POWER_OFF;
    v->settings.dynamic_memory = TRI_YES;
    manage("a", PART_VMS, MANAGE_DETECT);
    run();
    assert_true(lab_change(&lab, FIELD_VM_MEMORY, "a")->waits);
    v->adapter_count = 0;
    run();
    assert_null(lab_change(&lab, FIELD_VM_MEMORY, "a")); /* no GPU, no need of the memory */
}

static void missing_is_watched(void **state)
{
    (void)state;
    lab_wish(&lab, "gone", VM_PARTITION);
    manage("gone", PART_VMS, MANAGE_DETECT);
    run();
    assert_int_equal(lab_says(&lab, REASON_VM_MISSING, NULL), 0);
    assert_int_equal(asides.count, 1);
    assert_int_equal(asides.rows[0].problem.reason, REASON_VM_MISSING);
}

static void pool_that_is_watched(void **state)
{
    struct spec_pool *p;

    (void)state;
    lab_device(&lab, "hv1", NULL);
    lab.have.gpus[2].model = "NVIDIA L40S";
    lab_pool_row(&lab, "l40s", "ml")->match.model = "NVIDIA L40S";
    p = lab_spec_pool(&lab, "ml");
    p->manage = MANAGE_DETECT;
    run();
    assert_aside("pool/ml", FIELD_POOL, ASIDE_DETECT);
    assert_int_equal(lab.diff.change_count, 0);
    assert_int_equal(lab_says(&lab, REASON_NOT_ENFORCED, NULL), 1);
    lab_pool(&lab, "hv1", "ml");
    run();
    assert_non_null(lab_change(&lab, FIELD_GPU_POOL, NULL));
}

/* `prune: owned` takes nothing from a VM where `vms` is only watched (M7). */
static void nothing_is_pruned_that_is_watched(void **state)
{
    static struct vm_wish wish;
    struct vm *v = lab_vm(&lab, "gone", "hv1");
    struct adapter *ours = lab_adapter(&lab, v, &lab.have.gpus[0]);

    (void)state;
    wish = (struct vm_wish){.use = VM_NONE, .use_at = lab_at(&lab)};
    lab.spec.policy.prune = true;
    lab.spec.pruned = &wish;
    lab_claim(&lab, v->id, ours->id, NUM_UNKNOWN);
    run();
    assert_non_null(lab_change(&lab, FIELD_VM_GPU, "gone"));
    wish.manage.of[PART_VMS] = MANAGE_DETECT;
    run();
    assert_int_equal(lab.diff.change_count, 0);
    assert_aside("vm/gone", FIELD_VM_GPU, ASIDE_DETECT);
    assert_int_equal(lab_says(&lab, REASON_NOTE_PRUNED, NULL), 0);
}

/* A debt is paid, whoever watches: what ran before us runs again. */
static void debt_is_paid(void **state)
{
    struct vm *v = running("a");

    (void)state;
    v->power = POWER_OFF;
    for (int p = PART_VMS; p < PARTS; p++)
        manage("a", (enum part)p, MANAGE_IGNORE);
    lab.owed.store_id = "s";
    lab_debt(&lab, v->id, DEBT_STOPPED);
    run();
    assert_non_null(lab_change(&lab, FIELD_VM_OWED, "a"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(until_its_date),        CASE(from_its_date),
        CASE(with_another_value),    CASE(not_written_along),
        CASE(gpu_with_its_limits),   CASE(count_by_location),
        CASE(watched_is_listed),     CASE(ignored_is_counted),
        CASE(power_needs_both),      CASE(adapters_are_not_ours),
        CASE(stop_waits_for_people), CASE(memory_beside_a_gpu),
        CASE(missing_is_watched),    CASE(pool_that_is_watched),
        CASE(debt_is_paid),          CASE(nothing_is_pruned_that_is_watched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
