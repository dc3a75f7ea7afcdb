/* What a process sent that died since: the next one finds the effect, and does nothing twice. */
#include "tests/unit/scratch.h"

#include "cim/cim_sim.h"
#include "host/host.h"
#include "provider/hyperv/hyperv.h"

#include "tests/unit/sim_world.h"

#define MINUTE 60000

/* Every change is a job that takes a minute. */
static const char slowly[] =
    "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: t}\nspec:\n"
    "  now: 2026-11-19T13:00:00Z\n  cluster: {name: c}\n"
    "  timing: {change: 60s, count: 60s, device: 60s}\n"
    "  nodes:\n    - name: n1\n      gpus:\n"
    "        - {card: NVIDIA A2, instance: 4&9&0&0, partitions: 4}\n"
    "        - {card: NVIDIA L40S, instance: 4&8&0&0, state: dismounted, pool: p,"
    " locationPath: 'PCIROOT(8)#PCI(0)'}\n"
    "        - {card: NVIDIA L40S, instance: 4&7&0&0, state: dismounted,"
    " locationPath: 'PCIROOT(7)#PCI(0)'}\n"
    "  vms:\n    - {name: v, node: n1, id: aaaaaaaa-0000-4000-8000-000000000001}\n";

struct process {
    struct arena arena;
    struct cim_net *net;
    struct eye *eye;
    struct hand *hand;
    struct err e;
    struct receipt receipt;
};

static void process_begin(struct process *p, uint64_t epoch)
{
    const struct owner owner = {"heir", "me", WHEN_NONE, epoch};
    struct findings found;
    char *text;
    size_t size;

    *p = (struct process){.net = NULL};
    arena_init(&p->arena, 0);
    findings_init(&found, &p->arena);
    assert_true(host_read_file(&p->arena, scratch("world.yaml"), 1 << 20, &text, &size, &p->e));
    assert_true(cim_sim_open(known_facts(), scratch("world.yaml"), text, size, true, &p->net,
                             &found, &p->e));
    hyperv_open(p->net, &(struct hyperv_target){.node_ms = MINUTE}, &p->eye);
    if (!p->eye->ops->claim(p->eye, &owner, false, &p->hand, &p->e))
        fail_msg("%s", p->e.text);
}

/* It is killed: the record stays its own, and what it sent goes on. */
static void process_dies(struct process *p)
{
    p->eye->ops->close(p->eye);
    arena_release(&p->arena);
}

static bool perform(struct process *p, const struct action *a)
{
    p->e = (struct err){.kind = ERR_NONE};
    p->receipt = (struct receipt){.accepted = false};
    return hand_perform(p->hand, a, &p->receipt, &p->e);
}

static const struct state *now(const struct process *p)
{
    return &cim_sim_world(p->net)->now;
}

static void pass(struct process *p, int64_t ms)
{
    p->eye->ops->wait_ms(p->eye, now(p)->observed_ms + ms);
}

static size_t has(const struct process *p, enum verb verb)
{
    size_t members = 0;

    for (size_t i = 0; i < now(p)->gpu_count; i++)
        members += str_eq(now(p)->gpus[i].pool, "p");
    return verb == VERB_ADAPTER_ADD ? now(p)->vms[0].adapter_count : members;
}

/* While the job of the dead goes on the same is refused, or is the same; when it is over it holds
 * (decision 067). */
static void nothing_is_done_twice(void **state)
{
    static const struct {
        struct action action;
        enum err_kind again; /* while the job goes on */
    } rows[] = {
        {{VERB_ADAPTER_ADD, "n1", "aaaaaaaa-0000-4000-8000-000000000001", .value = {1}}, ERR_BUSY},
        {{VERB_POOL_JOIN, "n1", NULL, "p", "PCIROOT(7)#PCI(0)"}, ERR_NONE}, /* the same list */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct action a = rows[i].action;
        struct process first, heir;
        size_t before;

        scratch_write("world.yaml", slowly);
        process_begin(&first, 1);
        before = has(&first, a.verb);
        for (size_t g = 0; g < now(&first)->gpu_count; g++)
            if (!a.subject && now(&first)->gpus[g].state == GPU_DISMOUNTED &&
                !now(&first)->gpus[g].pool)
                a.subject = now(&first)->gpus[g].path;
        assert_true(perform(&first, &a));
        assert_true(first.receipt.accepted);
        process_begin(&heir, 2);
        a.subject = arena_strdup(&heir.arena, a.subject); /* it was the other's */
        process_dies(&first);
        assert_int_equal(has(&heir, a.verb), before); /* it goes on */
        assert_int_equal(perform(&heir, &a), rows[i].again == ERR_NONE);
        if (heir.e.kind != rows[i].again)
            fail_msg("%s: %s", verb_rows[a.verb].word, heir.e.text);
        pass(&heir, 2 * MINUTE);
        assert_int_equal(has(&heir, a.verb), before + 1);
        assert_true(perform(&heir, &a));
        assert_false(heir.receipt.accepted); /* it holds */
        pass(&heir, 2 * MINUTE);
        assert_int_equal(has(&heir, a.verb), before + 1);
        heir.hand->ops->release(heir.hand);
        process_dies(&heir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_done_twice),
    };

    return cmocka_run_group_tests_name("hyperv_heir", tests, scratch_setup, scratch_teardown);
}
