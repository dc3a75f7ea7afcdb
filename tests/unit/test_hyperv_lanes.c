/* Several effects at once, as the lanes of a run send them: none is lost, and none waits for all.
 */
#include "cim/cim_sim.h"
#include "host/host.h"
#include "provider/hyperv/hyperv.h"

#include "tests/unit/sim_world.h"

#define DEVICE(n)                                                                                  \
    "        - {card: NVIDIA L40S, instance: 4&" n "&0&0, state: dismounted,"                      \
    " locationPath: 'PCIROOT(" n ")#PCI(0)'}\n"
#define DESKTOP(n) "    - {name: v" n ", node: n1, id: aaaaaaaa-0000-4000-8000-00000000000" n "}\n"
#define BODY                                                                                       \
    "  nodes:\n    - name: n1\n      gpus:\n"                                                      \
    "        - {card: NVIDIA A2, instance: 4&9&0&0, partitions: 4}\n"                              \
    "        - {card: NVIDIA L40S, instance: 4&8&0&0, state: dismounted, pool: p,"                 \
    " locationPath: 'PCIROOT(8)#PCI(0)'}\n" DEVICE("1") DEVICE("2") DEVICE("3")                    \
        DEVICE("4") "  vms:\n" DESKTOP("1") DESKTOP("2") DESKTOP("3") DESKTOP("4")
#define AT_ONCE 8

static const char at_once[] = CLUSTER(BODY);
static const char as_jobs[] = "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: t}\nspec:\n"
                              "  now: 2026-11-19T13:00:00Z\n  cluster: {name: c}\n"
                              "  timing: {change: 5s, count: 5s, device: 5s}\n" BODY;

struct lane {
    struct hand *hand;
    struct action action;
    struct receipt receipt;
    struct err e;
    bool ok;
};

static void perform(void *job)
{
    struct lane *lane = job;

    lane->ok = hand_perform(lane->hand, &lane->action, &lane->receipt, &lane->e);
}

static void side_by_side(struct lane *lanes, size_t count)
{
    struct host_thread *threads[AT_ONCE];
    struct err e;

    for (size_t i = 0; i < count; i++)
        assert_true(host_thread_start(perform, &lanes[i], &threads[i], &e));
    for (size_t i = 0; i < count; i++)
        assert_true(host_thread_end(threads[i], INT64_MAX));
    for (size_t i = 0; i < count; i++)
        if (!lanes[i].ok)
            fail_msg("%s: %s", verb_rows[lanes[i].action.verb].word, lanes[i].e.text);
}

/* Four devices into one pool, and a partition for each of four VMs. */
static void all_at_once(const char *text)
{
    static const struct owner owner = {"lanes", "me", WHEN_NONE, 1};
    struct lane lanes[AT_ONCE];
    struct arena a;
    struct findings found;
    struct err e;
    struct cim_net *net;
    struct eye *eye;
    struct hand *hand;
    const struct state *now;
    size_t members = 0;

    arena_init(&a, 0);
    findings_init(&found, &a);
    assert_true(cim_sim_open(known_facts(), "w", text, strlen(text), false, &net, &found, &e));
    hyperv_open(net, &(struct hyperv_target){.node_ms = 60000}, &eye);
    assert_true(eye->ops->claim(eye, &owner, false, &hand, &e));
    now = &cim_sim_world(net)->now;
    for (uint32_t i = 0, lane = 0; i < now->gpu_count; i++)
        if (now->gpus[i].state == GPU_DISMOUNTED && !now->gpus[i].pool)
            lanes[lane++] = (struct lane){
                hand, {VERB_POOL_JOIN, "n1", now->gpus[i].path, "p", now->gpus[i].locations[0]}};
    for (uint32_t i = 0; i < now->vm_count; i++)
        lanes[4 + i] = (struct lane){hand, {VERB_ADAPTER_ADD, "n1", now->vms[i].id, .value = {1}}};
    side_by_side(lanes, AT_ONCE);
    eye->ops->wait_ms(eye, now->observed_ms + 60000);
    for (size_t i = 0; i < now->gpu_count; i++)
        members += str_eq(now->gpus[i].pool, "p");
    assert_int_equal(members, 5);
    for (size_t i = 0; i < now->vm_count; i++)
        assert_int_equal(now->vms[i].adapter_count, 1);
    hand->ops->release(hand);
    eye->ops->close(eye);
    arena_release(&a);
}

static void no_effect_is_lost(void **state)
{
    (void)state;
    all_at_once(at_once);
}

static void nor_as_a_job(void **state)
{
    (void)state;
    all_at_once(as_jobs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_effect_is_lost),
        cmocka_unit_test(nor_as_a_job),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
