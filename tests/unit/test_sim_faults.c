/* Faults, effects that take time, and copies. */
#include "sim_world.h"

#define WORLD(faults)                                                                              \
    CLUSTER("  nodes: [{name: n1, gpus: [{card: NVIDIA A2, partitions: 16}]}, {name: n2, gpus: "   \
            "[{card: NVIDIA A2, partitions: 16}]}, {name: n3, state: hangs}]\n"                    \
            "  vms: [{name: v, node: n1, power: running}, {name: u, node: n2, adapters: "          \
            "[{id: x}]}]\n"                                                                        \
            "  faults: [" faults "]\n")

struct lab {
    struct arena arena;
    struct world w;
    struct err e;
};

static void lab_open(struct lab *l, const char *text)
{
    memset(l, 0, sizeof *l);
    arena_init(&l->arena, 0);
    must_read(&l->arena, text, &l->w);
}

static enum sim_answer count(struct lab *l, const char *gpu, uint64_t n)
{
    struct action a = act(&l->w, VERB_GPU_COUNT, NULL, gpu);

    a.value[0] = n;
    l->e = (struct err){.kind = ERR_NONE};
    return world_perform(&l->w, &a, &l->e);
}

static uint64_t count_of(struct lab *l, uint32_t gpu)
{
    return l->w.now.gpus[gpu].count.value;
}

static void each_kind(void **state)
{
    static const struct {
        const char *text;
        enum sim_answer answer;
        int64_t code;
        uint64_t at_once, later; /* the count, then and a minute afterwards */
    } rows[] = {
        {WORLD(""), SIM_DONE, 0, 8, 8},
        {WORLD("{on: gpu-set-count, answer: 32768}"), SIM_REFUSED, 32768, 16, 16},
        {WORLD("{on: set-count, deny: 32777}"), SIM_REFUSED, 32777, 8, 8},
        {WORLD("{on: any, lie: true}"), SIM_ACCEPTED, 0, 16, 16},
        {WORLD("{on: gpu-set-count, hang: true}"), SIM_HANGS, 0, 16, 16},
        {WORLD("{on: gpu-set-count, late: 30s}"), SIM_LOST, 0x80010108, 16, 8},
        {WORLD("{on: gpu-set-count, die: true}"), SIM_DIES, 0, 8, 8},
        {WORLD("{on: gpu-set-count, node: N1, answer: 5}"), SIM_REFUSED, 5, 16, 16},
        {WORLD("{on: gpu-set-count, node: n2, answer: 5}"), SIM_DONE, 0, 8, 8},
        {WORLD("{on: gpu-set-count, subject: n1/gpu0, answer: 5}"), SIM_REFUSED, 5, 16, 16},
        {WORLD("{on: gpu-set-count, subject: gpu0, answer: 5}"), SIM_REFUSED, 5, 16, 16},
        {WORLD("{on: gpu-set-count, subject: gpu1, answer: 5}"), SIM_DONE, 0, 8, 8},
        {WORLD("{on: vm-stop, answer: 5}, {on: observe, answer: 5}"), SIM_DONE, 0, 8, 8},
        {WORLD("{on: gpu-set-count, after: 1, answer: 5}"), SIM_DONE, 0, 8, 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lab l;
        enum sim_answer answer;

        lab_open(&l, rows[i].text);
        answer = count(&l, "n1/gpu0", 8);
        if (answer != rows[i].answer || (rows[i].code && l.e.native != rows[i].code))
            fail_msg("row %zu: answer %d, code %lld", i, answer, (long long)l.e.native);
        if (count_of(&l, 0) != rows[i].at_once)
            fail_msg("row %zu: the count is %llu", i, (unsigned long long)count_of(&l, 0));
        world_advance(&l.w, l.w.now.observed_ms + 60000);
        if (count_of(&l, 0) != rows[i].later)
            fail_msg("row %zu: later it is %llu", i, (unsigned long long)count_of(&l, 0));
        arena_release(&l.arena);
    }
}

static void times_and_after(void **state)
{
    struct lab l;

    (void)state;
    lab_open(&l, WORLD("{on: gpu-set-count, node: n1, after: 1, times: 2, answer: 5}"));
    assert_int_equal(count(&l, "n1/gpu0", 8), SIM_DONE);
    assert_int_equal(count(&l, "n2/gpu0", 8), SIM_REFUSED); /* `u` could land there: no fault */
    assert_int_equal(l.e.native, 0x80041001);
    assert_int_equal(count(&l, "n1/gpu0", 4), SIM_REFUSED);
    assert_int_equal(l.e.native, 5);
    assert_int_equal(count(&l, "n1/gpu0", 4), SIM_REFUSED);
    assert_int_equal(count(&l, "n1/gpu0", 4), SIM_DONE);
    arena_release(&l.arena);
}

/* A late effect is checked when it lands: a VM that runs by then refuses it, silently. */
static void late_effect_may_be_refused(void **state)
{
    struct lab l;
    struct action a;

    (void)state;
    lab_open(&l, WORLD("{on: vm-detach, late: 30s}"));
    a = act(&l.w, VERB_ADAPTER_REMOVE, "n2", "u");
    a.object = "x";
    assert_int_equal(world_perform(&l.w, &a, &l.e), SIM_LOST);
    assert_int_equal(l.e.kind, ERR_TIMEOUT);
    world_person_power(&l.w, vm_named(&l.w, "u"), true);
    world_advance(&l.w, l.w.now.observed_ms + 60000);
    assert_int_equal(the_vm(&l.w, "u")->adapter_count, 1);
    arena_release(&l.arena);
}

static void hanging_and_silent_nodes(void **state)
{
    struct lab l;
    struct action a;
    struct state seen;

    (void)state;
    lab_open(&l, WORLD(""));
    a = act(&l.w, VERB_POOL_CREATE, "n3", "p");
    assert_int_equal(world_perform(&l.w, &a, &l.e), SIM_HANGS);
    l.w.now.nodes[1].state = NODE_SILENT;
    assert_true(world_observe(&l.w, &l.arena, NO_INDEX, &seen, &l.e));
    assert_int_equal(seen.node_count, 3);
    assert_true(seen.nodes[0].answered);
    assert_false(seen.nodes[1].answered); /* unknown, never empty (M4) */
    assert_false(seen.nodes[2].answered);
    assert_int_equal(seen.gpu_count, 1);
    assert_int_equal(seen.vm_count, 1);
    assert_string_equal(seen.vms[0].name, "v");
    assert_false(world_observe(&l.w, &l.arena, 1, &seen, &l.e));
    assert_int_equal(l.e.kind, ERR_UNSEEN);
    arena_release(&l.arena);
}

static void effects_take_time(void **state)
{
    struct lab l;
    struct action a, other;

    (void)state;
    lab_open(&l, WORLD(""));
    l.w.timing.change_ms = 1000;
    a = act(&l.w, VERB_ADAPTER_REMOVE, "n2", "u");
    a.object = "x";
    assert_int_equal(world_perform(&l.w, &a, &l.e), SIM_ACCEPTED);
    assert_int_equal(world_perform(&l.w, &a, &l.e), SIM_ACCEPTED); /* the same one */
    assert_int_equal(l.w.job_count, 1);
    other = act(&l.w, VERB_VM_CACHE_TYPES, "n2", "u");
    other.value[0] = 1;
    assert_int_equal(world_perform(&l.w, &other, &l.e), SIM_REFUSED);
    assert_int_equal(l.e.kind, ERR_BUSY);
    assert_int_equal(the_vm(&l.w, "u")->adapter_count, 1);
    world_advance(&l.w, l.w.now.observed_ms + 1000);
    assert_int_equal(the_vm(&l.w, "u")->adapter_count, 0);
    assert_int_equal(world_perform(&l.w, &other, &l.e), SIM_ACCEPTED);
    arena_release(&l.arena);
}

/* The clock does not go back, and what is due lands in its order. */
static void time_goes_on(void **state)
{
    struct lab l;
    struct action a;
    int64_t now;

    (void)state;
    lab_open(&l, WORLD(""));
    now = l.w.now.observed_ms;
    a = act(&l.w, VERB_VM_STOP, "n1", "v");
    world_perform(&l.w, &a, &l.e);
    a = act(&l.w, VERB_VM_START, "n2", "u");
    world_perform(&l.w, &a, &l.e);
    world_advance(&l.w, now - 5000);
    assert_int_equal(l.w.now.observed_ms, now);
    world_advance(&l.w, now + 3600000);
    assert_int_equal(the_vm(&l.w, "u")->stamp_ms, now + 20000);
    assert_int_equal(the_vm(&l.w, "v")->stamp_ms, now + 30000);
    assert_int_equal(l.w.now.observed_ms, now + 3600000);
    arena_release(&l.arena);
}

/* A copy shares nothing: the original may change and go. */
static void copies_share_nothing(void **state)
{
    struct arena arena, keep;
    struct world w, copy;
    struct action a;
    struct err e;
    const char *before, *after;

    (void)state;
    arena_init(&arena, 0);
    arena_init(&keep, 0);
    must_read(&arena, WORLD("{on: any, after: 9, lie: true}"), &w);
    a = act(&w, VERB_ADAPTER_REMOVE, "n2", "u");
    a.object = "x";
    world_change(&w, &a, &e); /* stale: a copy of the configuration is kept */
    w.timing.change_ms = 1000;
    a = act(&w, VERB_ADAPTER_ADD, "n2", "u");
    assert_int_equal(world_perform(&w, &a, &e), SIM_ACCEPTED);
    world_copy(&keep, &w, &copy);
    before = world_write(&keep, &copy);
    world_advance(&w, w.now.observed_ms + 60000);
    world_reboot(&w, 0);
    arena_release(&arena); /* under the sanitizer, a text that is shared is found here */
    after = world_write(&keep, &copy);
    assert_string_equal(before, after);
    world_advance(&copy, copy.now.observed_ms + 60000);
    assert_int_equal(the_vm(&copy, "u")->adapter_count, 1);
    arena_release(&keep);
}

/* The same orders in two worlds from one text end in the same bytes. */
static void deterministic(void **state)
{
    const char *ends[2];
    struct lab l[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        lab_open(&l[i], WORLD(""));
        for (int n = 0; n < 200; n++) {
            world_person_power(&l[i].w, (uint32_t)n % 2, n % 3);
            world_person_adapter(&l[i].w, (uint32_t)n % 2, n % 5 != 0);
            world_fail_over(&l[i].w, (uint32_t)n % 2, (uint32_t)n % 4);
            count(&l[i], n % 2 ? "n1/gpu0" : "n2/gpu0", n % 4 ? 4 : 8);
            world_advance(&l[i].w, l[i].w.now.observed_ms + n * 777);
        }
        ends[i] = world_write(&l[i].arena, &l[i].w);
    }
    assert_string_equal(ends[0], ends[1]);
    arena_release(&l[0].arena);
    arena_release(&l[1].arena);
}

static void known_cards_are_whole(void **state)
{
    (void)state;
    assert_true(known_facts()->card_count >= 8);
    for (size_t i = 0; i < known_facts()->card_count; i++) {
        const struct card *c = &known_facts()->cards[i];
        uint64_t last = UINT64_MAX;

        assert_non_null(c->source);
        assert_non_null(c->date);
        assert_true(c->count_count > 0);
        for (size_t n = 0; n < c->count_count; n++) {
            const struct card_count *row = &c->counts[n];

            assert_true(row->count < last);
            last = row->count;
            for (int k = 0; k < QUOTA_KINDS; k++) { /* n partitions fit; never total / n (C5) */
                assert_true(row->quota[k].known);
                if (!c->paravirtual)
                    assert_true(row->quota[k].value * row->count <= c->total[k].value);
            }
        }
    }
}

static void a2_is_exact(void **state)
{
    struct arena a;
    struct world w;

    (void)state;
    arena_init(&a, 0);
    must_read(&a,
              HOST("  nodes: [{name: h, gpus: [{card: NVIDIA A2, instance: a, partitions: 16, "
                   "locationPath: PCIROOT(1)#PCI(0100)#PCI(0000)}, {card: NVIDIA A2, instance: b, "
                   "partitions: 4, locationPath: PCIROOT(2)#PCI(0100)#PCI(0000)}]}]\n  vms: []\n"),
              &w);
    assert_false(w.now.synthetic);
    assert_true(num_is(w.now.gpus[0].total[QUOTA_VRAM], 15918030848));
    assert_true(num_is(w.now.gpus[0].optimal[QUOTA_VRAM], 939524096));
    assert_true(num_is(w.now.gpus[1].min[QUOTA_VRAM], 3825205248));
    assert_true(num_is(w.now.gpus[1].max[QUOTA_COMPUTE], 512));
    assert_true(num_is(w.now.gpus[1].optimal[QUOTA_ENCODE], 9));
    assert_true(num_is(w.now.gpus[1].optimal[QUOTA_DECODE], 6));
    assert_int_equal(w.now.gpus[0].valid_count, 5);
    world_set_count(&w, &w.now.gpus[0], 8);
    assert_true(w.now.synthetic); /* 8 is not public, and the world says so */
    arena_release(&a);
}

/* M6: what refreshes is our provider; the platform's own call leaves the cluster's copy behind. */
static void a_call_by_itself_refreshes_nothing(void **state)
{
    static const char text[] =
        "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: t}\nspec:\n  cluster: {name: c}\n"
        "  timing: {change: 5s}\n"
        "  nodes: [{name: n1, gpus: [{card: NVIDIA A2}]}]\n"
        "  vms: [{name: v, node: n1}]\n";
    struct arena again;
    struct lab l;
    struct world copy;
    struct action a;

    (void)state;
    for (int plain = 0; plain < 2; plain++) {
        lab_open(&l, text);
        a = act(&l.w, VERB_ADAPTER_ADD, "n1", "v");
        assert_int_equal(plain ? world_call(&l.w, &a, &l.e) : world_perform(&l.w, &a, &l.e),
                         SIM_ACCEPTED);
        arena_init(&again, 0); /* and its file says so while it is under way */
        must_read(&again, world_write(&l.arena, &l.w), &copy);
        world_advance(&copy, copy.now.observed_ms + 5000);
        assert_int_equal(vm_adapters(the_vm(&copy, "v")), 1);
        assert_true(copy.sim[vm_named(&copy, "v")].stale == (plain != 0));
        arena_release(&again);
        arena_release(&l.arena);
    }
}

/* S8: by itself an offline is what OfflineAction says, and a start is with the cluster's copy. */
static void power_by_itself_is_as_the_cluster_has_it(void **state)
{
    struct lab l;
    struct action a;

    (void)state;
    lab_open(&l, WORLD(""));
    a = act(&l.w, VERB_VM_STOP, "n1", "v");
    assert_int_equal(world_call(&l.w, &a, &l.e), SIM_ACCEPTED);
    world_advance(&l.w, l.w.now.observed_ms + 60000);
    assert_int_equal(the_vm(&l.w, "v")->power, POWER_SAVED);
    a = act(&l.w, VERB_ADAPTER_ADD, "n2", "u");
    assert_int_equal(world_call(&l.w, &a, &l.e), SIM_DONE);
    a = act(&l.w, VERB_VM_START, "n2", "u");
    assert_int_equal(world_call(&l.w, &a, &l.e), SIM_ACCEPTED);
    assert_true(l.w.sim[vm_named(&l.w, "u")].stale);
    arena_release(&l.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind),
        cmocka_unit_test(times_and_after),
        cmocka_unit_test(late_effect_may_be_refused),
        cmocka_unit_test(hanging_and_silent_nodes),
        cmocka_unit_test(effects_take_time),
        cmocka_unit_test(time_goes_on),
        cmocka_unit_test(copies_share_nothing),
        cmocka_unit_test(deterministic),
        cmocka_unit_test(a_call_by_itself_refreshes_nothing),
        cmocka_unit_test(power_by_itself_is_as_the_cluster_has_it),
        cmocka_unit_test(known_cards_are_whole),
        cmocka_unit_test(a2_is_exact),
    };

    return cmocka_run_group_tests_name("sim faults", tests, NULL, NULL);
}
