/* A look that takes more memory than its pass has: it ends, and leaves nothing behind. */
#include "cim/cim_sim.h"
#include "provider/hyperv/inner.h"

#include "tests/unit/sim_world.h"

enum { CEILING = 512 << 10 };

#define MANY 120

struct ceiling {
    struct arena world, pass;
    struct eye *eye;
    struct state seen;
    struct err e;
    bool ok;
};

static const char *world_text(struct arena *a, unsigned vms)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: t}\nspec:\n"
                 "  now: 2026-11-19T13:00:00Z\n  cluster: {name: c}\n  nodes:\n"
                 "    - {name: n1, gpus: [{card: NVIDIA A2, partitions: 4}]}\n"
                 "    - {name: n2, gpus: [{card: NVIDIA A2, partitions: 4}]}\n  vms:\n");
    for (unsigned i = 0; i < vms; i++)
        text_printf(&t, "    - {name: v%u, node: n1, adapters: [{}]}\n", i);
    return text_done(&t);
}

static void world_open(struct ceiling *c, unsigned vms)
{
    static const struct action add = {VERB_ADAPTER_ADD, "n1", "v0"};
    struct findings found;
    struct cim_net *net;
    const char *text;

    *c = (struct ceiling){.eye = NULL};
    arena_init(&c->world, 0);
    findings_init(&found, &c->world);
    text = world_text(&c->world, vms);
    if (!cim_sim_open(known_facts(), "w", text, strlen(text), false, &net, &found, &c->e))
        fail_msg("%s", found.count ? found.rows[0].text : c->e.text);
    hyperv_open(net, &(struct hyperv_target){.node_ms = 60000}, &c->eye);
    /* One that vanished: what is said of it is read with the provider's lock held. */
    hv_wait_for((struct hyperv *)c->eye, "n1", &add, "Msvm_ConcreteJob.InstanceID=\"gone\"");
}

/* Everybody has left, and every connection can be had again. */
static void nobody_is_inside(const struct ceiling *c)
{
    const struct hyperv *h = (const struct hyperv *)c->eye;

    assert_int_equal(h->busy, 0);
    for (const struct hv_session *s = h->sessions; s; s = s->next)
        assert_false(s->leased);
}

static void world_close(struct ceiling *c)
{
    nobody_is_inside(c);
    c->eye->ops->close(c->eye);
    arena_release(&c->world);
}

static void look(void *context)
{
    static const struct scope everything = {.node = NO_INDEX};
    struct ceiling *c = context;

    c->ok = eye_observe(c->eye, &c->pass, &everything, &c->seen, &c->e);
}

/* A look with so many bytes left; false: they did not do. */
static bool look_with(struct ceiling *c, size_t left)
{
    bool through;

    arena_init(&c->pass, CEILING);
    arena_raw(&c->pass, CEILING, 1);
    arena_reset(&c->pass); /* one block of all there may be */
    arena_raw(&c->pass, CEILING - left, 1);
    through = arena_guard(&c->pass, look, c);
    if (through)
        assert_true(c->ok && c->seen.nodes[0].answered && c->seen.nodes[1].answered);
    arena_release(&c->pass);
    nobody_is_inside(c);
    return through;
}

/* The ceiling is met at each place where the look takes memory. */
static void at_each_place(void **state)
{
    enum { STEP = 64 };
    struct ceiling c;
    size_t left = 0;

    (void)state;
    for (world_open(&c, 6); !look_with(&c, left); left += STEP)
        assert_true(left < CEILING);
    assert_true(left > STEP * 64); /* it was met many times */
    assert_true(look_with(&c, CEILING / 2));
    printf("# figure: %zu looks that met their ceiling\n", left / STEP);
    world_close(&c);
}

/* One host answers more than the pass may hold: that host is silent, the other is seen. */
static void of_one_host(void **state)
{
    struct ceiling c;

    (void)state;
    world_open(&c, MANY);
    arena_init(&c.pass, CEILING);
    assert_true(arena_guard(&c.pass, look, &c));
    if (!c.ok)
        fail_msg("%s", c.e.text);
    assert_int_equal(c.seen.nodes[0].state, NODE_SILENT);
    assert_true(c.seen.nodes[1].answered);
    arena_release(&c.pass);
    nobody_is_inside(&c);
    arena_init(&c.pass, 0);
    assert_true(arena_guard(&c.pass, look, &c));
    assert_true(c.ok && c.seen.nodes[0].answered);
    assert_int_equal(c.seen.vm_count, MANY);
    arena_release(&c.pass);
    world_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_each_place),
        cmocka_unit_test(of_one_host),
    };

    return cmocka_run_group_tests_name("hyperv_ceiling", tests, NULL, NULL);
}
