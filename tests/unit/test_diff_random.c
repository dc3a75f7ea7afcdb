/*
 * Whatever is there has an answer: seeded worlds with unknown values, missing
 * texts, silent nodes, repeated names and wishes that do not fit.  The order
 * in which a world is told changes nothing, and what no row names is in no
 * change.  The seed of a failure is printed.
 */
#include "build.h"

enum { WORLDS = 3000, NAMES = 12 };

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static uint32_t below(uint64_t *seed, uint32_t n)
{
    return (uint32_t)(next_random(seed) % n);
}

static bool one_in(uint64_t *seed, uint32_t n)
{
    return below(seed, n) == 0;
}

static struct num any_num(uint64_t *seed)
{
    static const uint64_t values[] = {0, 1, 4, 128, 512, 33280, 3825205248u, UINT64_MAX};

    return one_in(seed, 4) ? NUM_UNKNOWN : NUM(values[below(seed, 8)]);
}

static const char *const models[] = {"NVIDIA A2", "NVIDIA L40S", NULL};
static const char *const pools[] = {"ml", "ML", "old", NULL};

static void random_nodes(struct lab *l, uint64_t *s)
{
    static const char *const names[] = {"hv1", "hv2", "hv3"};
    uint32_t count = 1 + below(s, 3);

    for (uint32_t i = 0; i < count; i++) {
        struct node *n = lab_node(l, names[i]);

        n->answered = !one_in(s, 8);
        n->build = one_in(s, 3) ? any_num(s) : NUM(26100);
        n->iov = one_in(s, 6) ? (enum tri)below(s, 3) : TRI_YES;
        n->address_bits = one_in(s, 3) ? NUM(below(s, 70)) : NUM_UNKNOWN;
        n->require_secure = (enum tri)below(s, 3);
        n->state = (enum node_state)below(s, 6);
        if (one_in(s, 3))
            lab_pool(l, names[i], "ml");
        if (one_in(s, 4))
            lab_pool(l, names[i], "old");
        if (one_in(s, 8))
            lab_pool(l, names[i], "ML");
    }
}

static void random_gpus(struct lab *l, uint64_t *s)
{
    uint32_t count = below(s, 7);

    for (uint32_t i = 0; i < count; i++) {
        const char *node = l->have.nodes[below(s, (uint32_t)l->have.node_count)].name;
        struct gpu *g = one_in(s, 2) ? lab_gpu(l, node, (uint64_t)1 << below(s, 5))
                                     : lab_device(l, node, pools[below(s, 4)]);

        g->model = models[below(s, 3)];
        if (one_in(s, 4))
            g->state = (enum gpu_state)below(s, 8);
        if (one_in(s, 4))
            g->count = any_num(s);
        if (one_in(s, 6))
            g->valid_complete = false;
        if (one_in(s, 6))
            g->valid_count = below(s, 5);
        if (one_in(s, 6))
            g->location_count = 0;
        if (one_in(s, 6))
            g->pci = g->subsystem = NULL;
        g->is_gpu = !one_in(s, 6);
        g->mitigation_driver = (enum tri)below(s, 3);
        g->mmio_high_mib = any_num(s);
        g->min[0] = one_in(s, 3) ? any_num(s) : g->min[0];
        g->series = one_in(s, 4) ? any_num(s) : NUM_UNKNOWN;
    }
}

static const char *any_path(struct lab *l, uint64_t *s, bool location)
{
    const struct gpu *g;

    if (!l->have.gpu_count || one_in(s, 4))
        return one_in(s, 2) ? "PCIROOT(99)#PCI(0000)" : NULL;
    g = &l->have.gpus[below(s, (uint32_t)l->have.gpu_count)];
    return location ? (g->location_count ? g->locations[0] : NULL) : g->path;
}

static const char *const vm_names[NAMES] = {"vdi-1", "vdi-2", "VDI-2", "vdi-3", "vdi-10", "vdi-01",
                                            "ml-1",  "ml-2",  "cad",   "cad-x", "old",    "x"};

static void random_vms(struct lab *l, uint64_t *s)
{
    uint32_t count = below(s, 9);

    for (uint32_t i = 0; i < count; i++) {
        struct vm *v = lab_vm(l, vm_names[below(s, NAMES)],
                              l->have.nodes[below(s, (uint32_t)l->have.node_count)].name);

        v->power = (enum vm_power)below(s, 8);
        v->owner = one_in(s, 8) ? (enum vm_owner)below(s, 3) : OWNER_HYPERV;
        v->hidden = one_in(s, 10);
        v->gpu_error = one_in(s, 8);
        v->generation = one_in(s, 4) ? any_num(s) : NUM(2);
        if (one_in(s, 10))
            v->node = NO_INDEX;
        if (one_in(s, 4))
            v->role = (struct role){.clustered = one_in(s, 2),
                                    .matches = below(s, 3),
                                    .vmid_unread = one_in(s, 3),
                                    .offline_action = any_num(s)};
        if (one_in(s, 3))
            v->settings = (struct vm_settings){.stop_action = (enum stop_action)below(s, 4),
                                               .dynamic_memory = (enum tri)below(s, 3),
                                               .memory_startup_mib = any_num(s),
                                               .memory_min_mib = any_num(s),
                                               .mmio_low_mib = any_num(s),
                                               .mmio_high_mib = any_num(s),
                                               .mmio_base_mib = any_num(s),
                                               .cache_types = (enum tri)below(s, 3),
                                               .checkpoints = (enum checkpoints)below(s, 5)};
        for (uint32_t k = below(s, 3); k-- > 0;) {
            struct adapter *a = lab_adapter(l, v, NULL);

            a->seen = any_path(l, s, false);
            a->pin = one_in(s, 3) ? any_path(l, s, false) : NULL;
            a->pin_unknown = one_in(s, 6);
            a->of_checkpoint = one_in(s, 6);
        }
        for (uint32_t k = below(s, 3); k-- > 0;) {
            struct request *q = lab_request(l, v, pools[below(s, 4)], NULL);

            if (!q->pool || one_in(s, 8))
                q->location = any_path(l, s, true);
            q->given = one_in(s, 2) ? any_path(l, s, true) : NULL;
            q->of_checkpoint = one_in(s, 6);
        }
    }
}

static void random_spec(struct lab *l, uint64_t *s)
{
    for (uint32_t k = below(s, 4); k-- > 0;) {
        struct spec_gpu *g = lab_row(l, k ? "a" : "b", (enum gpu_use)below(s, 5));

        g->count = (uint64_t)1 << below(s, 5);
        g->pool = pools[below(s, 3)];
        g->match.model = models[below(s, 3)];
        g->prepare = one_in(s, 2);
        g->force = one_in(s, 4);
        if (one_in(s, 4))
            g->per_node = (struct spec_num){below(s, 3), lab_at(l)};
        if (one_in(s, 4))
            g->size = (struct spec_num){3825205248u, lab_at(l)};
        if (one_in(s, 4))
            g->match.location = any_path(l, s, true);
        if (one_in(s, 4))
            lab_nodes_of(l, g, one_in(s, 4) ? "hv9" : "hv1");
    }
    for (uint32_t k = below(s, 3); k-- > 0;) {
        struct spec_pool *p = lab_spec_pool(l, pools[k]);

        p->exact = one_in(s, 2);
        p->absent = one_in(s, 3);
    }
    for (uint32_t i = 0; i < NAMES; i++) {
        struct spec_vm *v;

        if (!one_in(s, 3))
            continue;
        v = lab_wish(l, vm_names[i], (enum vm_use)below(s, 5));
        v->wish->pool = pools[below(s, 3)];
        v->wish->count = 1 + below(s, 2);
        v->wish->power = (enum vm_power_wish)below(s, 3);
        v->wish->advised = (enum advised)below(s, 3);
        v->wish->size_bytes = one_in(s, 4) ? 3825205248u : 0;
        v->wish->mmio_need_high = one_in(s, 4) ? any_num(s).value : 0;
        if (v->wish->use == VM_DEVICES)
            lab_device_of(l, v, "PCIROOT(1)#PCI(0200)#PCI(0000)");
        if (one_in(s, 3)) {
            v->wish->settings_at = lab_at(l);
            v->wish->settings.mmio_high_mib = any_num(s);
            v->wish->settings.dynamic_memory = (enum tri)below(s, 3);
            v->wish->offline_action = any_num(s);
        }
        if (one_in(s, 3)) {
            v->wish->limits_at = lab_at(l);
            v->wish->limits.max[0] = any_num(s);
            v->wish->limits.min[1] = any_num(s);
        }
        if (one_in(s, 6) && l->have.vm_count)
            v->id = l->have.vms[below(s, (uint32_t)l->have.vm_count)].id;
    }
    l->spec.policy.homogeneous = (enum homogeneous)below(s, 3);
    l->spec.policy.partial = one_in(s, 3);
    if (one_in(s, 4))
        lab_declare_node(l, "hv1");
    if (one_in(s, 8))
        lab_declare_node(l, "hv4");
    if (one_in(s, 4))
        lab_protect(l, "*-1");
}

static void random_lab(struct lab *l, uint64_t seed)
{
    uint64_t s = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

    lab_open(l);
    if (one_in(&s, 5))
        lab_host(l);
    random_nodes(l, &s);
    random_gpus(l, &s);
    random_vms(l, &s);
    random_spec(l, &s);
    for (size_t i = 0; i < l->have.vm_count; i++) {
        if (one_in(&s, 6))
            lab_debt(l, l->have.vms[i].id, (enum debt_phase)below(&s, 6));
        if (one_in(&s, 6))
            lab_claim(l, l->have.vms[i].id, "offlineAction", any_num(&s));
    }
}

/* Everything that was said, as text. */
static const char *tell(struct lab *l)
{
    const struct problems *lists[] = {&l->want.problems, &l->diff.problems};
    struct text t;

    text_init(&t, &l->arena);
    for (size_t i = 0; i < l->want.gpu_count; i++)
        text_printf(&t, "gpu %s %d %d\n", gpu_label(&l->arena, &l->have, l->want.gpus[i].gpu),
                    l->want.gpus[i].use, l->want.gpus[i].refused);
    for (size_t i = 0; i < l->want.vm_count; i++)
        text_printf(&t, "vm %s %d %d\n", l->have.vms[l->want.vms[i].vm].id, l->want.vms[i].refused,
                    l->want.vms[i].is_protected);
    for (size_t i = 0; i < l->diff.change_count; i++) {
        const struct change *c = &l->diff.changes[i];

        text_printf(&t, "change %d %u %u %u %d: %s -> %s %d %d\n", c->kind, (unsigned)c->gpu,
                    (unsigned)c->vm, (unsigned)c->pool, c->field, c->have, c->want, c->grade,
                    c->gains - c->loses);
    }
    for (size_t i = 0; i < l->want.vm_count; i++)
        text_printf(&t, "image %u %zu %zu\n", (unsigned)l->diff.vm_images[i].fields,
                    l->diff.vm_images[i].adapter_count, l->diff.vm_images[i].request_count);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            text_printf(&t, "%s %s: %s\n", reason_rows[lists[k]->rows[i].reason].code,
                        lists[k]->rows[i].subject, lists[k]->rows[i].text);
    return text_done(&t);
}

static void swap_rows(void *rows, size_t size, size_t i, size_t k)
{
    char *a = (char *)rows + i * size, *b = (char *)rows + k * size;

    for (size_t n = 0; n < size; n++) {
        char c = a[n];

        a[n] = b[n];
        b[n] = c;
    }
}

static void shuffle(void *rows, size_t count, size_t size, uint64_t *s)
{
    for (size_t i = count; i > 1; i--)
        swap_rows(rows, size, i - 1, below(s, (uint32_t)i));
}

/* The same world, told in another order. */
static void tell_otherwise(struct lab *l, uint64_t seed)
{
    uint64_t s = seed * 77 + 5;
    const char *old[4] = {0};
    uint32_t now[4] = {0};

    for (size_t i = 0; i < l->have.node_count; i++)
        old[i] = l->have.nodes[i].name;
    shuffle(l->have.nodes, l->have.node_count, sizeof *l->have.nodes, &s);
    for (size_t i = 0; i < l->have.node_count; i++)
        now[i] = state_node(&l->have, old[i]);
    for (size_t i = 0; i < l->have.gpu_count; i++)
        l->have.gpus[i].node = now[l->have.gpus[i].node];
    for (size_t i = 0; i < l->have.pool_count; i++)
        l->have.pools[i].node = now[l->have.pools[i].node];
    for (size_t i = 0; i < l->have.vm_count; i++) {
        struct vm *v = &l->have.vms[i];

        if (v->node != NO_INDEX)
            v->node = now[v->node];
        shuffle(v->adapters, v->adapter_count, sizeof *v->adapters, &s);
        shuffle(v->requests, v->request_count, sizeof *v->requests, &s);
    }
    shuffle(l->have.gpus, l->have.gpu_count, sizeof *l->have.gpus, &s);
    shuffle(l->have.pools, l->have.pool_count, sizeof *l->have.pools, &s);
    shuffle(l->have.vms, l->have.vm_count, sizeof *l->have.vms, &s);
    shuffle(l->spec.vms, l->spec.vm_count, sizeof *l->spec.vms, &s);
}

static void test_order_of_telling(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        struct lab a, b;
        const char *x, *y;

        random_lab(&a, seed);
        random_lab(&b, seed);
        tell_otherwise(&b, seed);
        lab_run(&a);
        lab_run(&b);
        x = tell(&a);
        y = tell(&b);
        if (!str_eq(x, y)) {
            print_error("%s\n----\n%s\n", x, y);
            fail_msg("seed %llu", (unsigned long long)seed);
        }
        lab_close(&a);
        lab_close(&b);
    }
}

/* A change names what a row names, and nothing that was refused; each field once. */
static void check_change(const struct lab *l, size_t i, uint64_t seed)
{
    const struct change *c = &l->diff.changes[i], *before = i ? c - 1 : NULL;
    bool fine = c->have && c->want && c->rule;

    if (c->kind == SUBJECT_GPU) {
        uint32_t t = l->want.of_gpu[c->gpu];

        fine &= t != NO_INDEX && !l->want.gpus[t].refused && l->diff.gpu_images[t].fields;
    } else if (c->kind == SUBJECT_VM && c->field != FIELD_VM_OWED) {
        uint32_t t = l->want.of_vm[c->vm];

        fine &= t != NO_INDEX && !l->want.vms[t].refused;
        fine &= c->field == FIELD_VM_POWER || l->diff.vm_images[t].fields;
    }
    if (before && before->kind == c->kind && before->gpu == c->gpu && before->vm == c->vm &&
        before->pool == c->pool)
        fine &= before->field < c->field;
    if (!fine)
        fail_msg("seed %llu, change %zu", (unsigned long long)seed, i);
}

static void test_ours_only(void **state)
{
    size_t changes = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        struct lab l;

        random_lab(&l, seed);
        lab_run(&l);
        for (size_t i = 0; i < l.diff.change_count; i++)
            check_change(&l, i, seed);
        for (size_t i = 0; i < l.want.vm_count; i++)
            assert_int_equal(l.want.of_vm[l.want.vms[i].vm], i);
        for (size_t i = 0; i < l.want.gpu_count; i++)
            assert_int_equal(l.want.of_gpu[l.want.gpus[i].gpu], i);
        changes += l.diff.change_count;
        lab_close(&l);
    }
    assert_true(changes > WORLDS / 3); /* the worlds are not all in order */
}

/* Carries out the settings and the assignment of an image, as a host would. */
static void carry_out(struct lab *l)
{
    for (size_t i = 0; i < l->want.gpu_count; i++) {
        struct gpu *g = &l->have.gpus[l->want.gpus[i].gpu];
        const struct image *im = &l->diff.gpu_images[i];

        if (im->fields & IMAGE_COUNT)
            g->count = NUM(im->count);
        if (im->fields & IMAGE_PLACE)
            g->state = im->place;
        if (im->fields & IMAGE_POOL)
            g->pool = im->pool;
    }
    for (size_t i = 0; i < l->want.vm_count; i++) {
        struct vm *v = &l->have.vms[l->want.vms[i].vm];
        const struct image *im = &l->diff.vm_images[i];
        struct vm_settings *s = &v->settings;

        if (im->fields & IMAGE_OFFLINE_ACTION)
            v->role.offline_action = NUM(im->offline_action);
        if (im->fields & IMAGE_STOP_ACTION)
            s->stop_action = im->settings.stop_action;
        if (im->fields & IMAGE_CACHE_TYPES)
            s->cache_types = im->settings.cache_types;
        if (im->fields & IMAGE_CHECKPOINTS)
            s->checkpoints = im->settings.checkpoints;
        if (im->fields & IMAGE_MMIO) {
            s->mmio_low_mib = im->settings.mmio_low_mib;
            s->mmio_high_mib = im->settings.mmio_high_mib;
        }
        if (im->fields & IMAGE_MEMORY) {
            s->dynamic_memory = im->settings.dynamic_memory;
            s->memory_startup_mib = im->settings.memory_startup_mib;
            if (im->settings.memory_min_mib.known)
                s->memory_min_mib = im->settings.memory_min_mib;
        }
        if (im->fields & IMAGE_ADAPTERS) {
            v->adapter_count = 0;
            for (size_t k = 0; k < im->adapter_count; k++) {
                struct adapter *a = lab_adapter(l, v, NULL);

                a->pin = im->adapters[k].pin;
                a->limits = im->adapters[k].limits;
            }
        }
        if (im->fields & IMAGE_REQUESTS) {
            struct image_request *q = im->requests;

            v->request_count = 0;
            for (size_t k = 0; k < im->request_count; k++)
                lab_request(l, v, q[k].pool, q[k].location);
        }
    }
}

/* What is as the images say is not different: no field is asked for twice. */
static void test_rests(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        struct lab l;

        random_lab(&l, seed);
        lab_run(&l);
        carry_out(&l);
        diff_compute(&l.arena, &l.want, &l.have, &l.owed, &l.diff);
        for (size_t i = 0; i < l.diff.change_count; i++) {
            const struct change *c = &l.diff.changes[i];

            if (c->field != FIELD_VM_POWER && c->field != FIELD_VM_OWED && c->field != FIELD_POOL) {
                lab_print(&l);
                fail_msg("seed %llu: %s %s -> %s", (unsigned long long)seed, field_words[c->field],
                         c->have, c->want);
            }
        }
        lab_close(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_telling),
        cmocka_unit_test(test_ours_only),
        cmocka_unit_test(test_rests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
