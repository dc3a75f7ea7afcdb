/*
 * A little laboratory: a state and a spec built in C, then resolved and
 * compared.  What a builder gives is in order (a cluster in sync); a test
 * changes the one thing that it is about.  Rows may be changed through the
 * pointers until lab_run().
 */
#ifndef TESTS_UNIT_BUILD_H
#define TESTS_UNIT_BUILD_H

#include "base/str.h"
#include "diff/diff.h"
#include "spec/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LAB_ROWS = 64, LAB_PER_VM = 8 };

struct lab {
    struct arena arena;
    struct state have;
    struct spec spec;
    struct ledger owed;
    struct target want;
    struct diff diff;
    uint32_t line; /* of the next row of the spec */
};

static inline struct span lab_at(struct lab *l)
{
    return (struct span){"spec.yaml", ++l->line, 3};
}

/* A cluster; lab_host() makes it a standalone host. */
static inline void lab_open(struct lab *l)
{
    *l = (struct lab){0};
    arena_init(&l->arena, 0);
    l->have = (struct state){.name = "lab", .identity = "lab", .observed_ms = 1};
    l->have.nodes = arena_array(&l->arena, struct node, LAB_ROWS);
    l->have.gpus = arena_array(&l->arena, struct gpu, LAB_ROWS);
    l->have.pools = arena_array(&l->arena, struct pool, LAB_ROWS);
    l->have.vms = arena_array(&l->arena, struct vm, LAB_ROWS);
    l->spec = (struct spec){.kind = SPEC_CLUSTER, .name = "lab", .at = lab_at(l)};
    l->spec.gpus = arena_array(&l->arena, struct spec_gpu, LAB_ROWS);
    l->spec.pools = arena_array(&l->arena, struct spec_pool, LAB_ROWS);
    l->spec.vms = arena_array(&l->arena, struct spec_vm, LAB_ROWS);
}

static inline void lab_close(struct lab *l)
{
    arena_release(&l->arena);
}

static inline void lab_host(struct lab *l)
{
    l->have.standalone = true;
    l->spec.kind = SPEC_HOST;
}

static inline struct node *lab_node(struct lab *l, const char *name)
{
    struct node *n = &l->have.nodes[l->have.node_count++];

    *n = (struct node){.name = name,
                       .state = NODE_UP,
                       .build = NUM(26100),
                       .boot_ms = 0,
                       .iov = TRI_YES,
                       .require_secure = TRI_NO,
                       .require_supported = TRI_NO,
                       .answered = true};
    return n;
}

static inline uint32_t lab_index(const struct lab *l, const char *node)
{
    uint32_t i = state_node(&l->have, node);

    assert_int_not_equal(i, NO_INDEX);
    return i;
}

/* An A2 that is cut into `count`; its size there is that of the vendor's printout. */
static inline struct gpu *lab_gpu(struct lab *l, const char *node, uint64_t count)
{
    static uint16_t valid[] = {16, 8, 4, 2, 1};
    size_t k = l->have.gpu_count;
    struct gpu *g = &l->have.gpus[l->have.gpu_count++];

    *g = (struct gpu){.node = lab_index(l, node),
                      .model = "NVIDIA A2",
                      .pci = "10de:25b6",
                      .subsystem = "10de:157e",
                      .is_gpu = true,
                      .state = GPU_PARTITIONED,
                      .count = NUM(count),
                      .valid = valid,
                      .valid_count = 5,
                      .valid_complete = true};
    g->path = arena_printf(&l->arena, "PCI\\VEN_10DE&DEV_25B6\\4&%04zX", k);
    g->reported = g->path;
    g->locations = arena_array(&l->arena, const char *, 2);
    g->locations[0] = arena_printf(&l->arena, "PCIROOT(%zu)#PCI(0200)#PCI(0000)", k);
    g->location_count = 1;
    g->total[QUOTA_VRAM] = NUM(15918030848u);
    for (int q = 0; q < QUOTA_KINDS; q++) {
        uint64_t size = q != QUOTA_VRAM ? 16 / (count ? count : 1)
                        : count == 16   ? 939524096u
                        : count == 4    ? 3825205248u
                                        : 15000000000u / (count ? count : 1);

        g->min[q] = g->max[q] = g->optimal[q] = NUM(size);
    }
    return g;
}

/* The same card, set aside as a device: dismounted, in `pool` (or NULL). */
static inline struct gpu *lab_device(struct lab *l, const char *node, const char *pool)
{
    struct gpu *g = lab_gpu(l, node, 0);

    g->state = GPU_DISMOUNTED;
    g->count = NUM_UNKNOWN;
    g->valid_count = 0;
    g->pool = pool;
    g->mitigation_driver = TRI_YES;
    return g;
}

static inline void lab_pool(struct lab *l, const char *node, const char *name)
{
    l->have.pools[l->have.pool_count++] = (struct pool){lab_index(l, node), name};
}

/* Off, clustered, with every setting that a partition implies. */
static inline struct vm *lab_vm(struct lab *l, const char *name, const char *node)
{
    struct vm *v = &l->have.vms[l->have.vm_count++];

    *v = (struct vm){
        .name = name,
        .node = lab_index(l, node),
        .generation = NUM(2),
        .power = POWER_OFF,
        .can_shut_down = TRI_YES,
        .settings = {.stop_action = STOP_ACTION_TURN_OFF,
                     .dynamic_memory = TRI_NO,
                     .memory_startup_mib = NUM(4096),
                     .memory_min_mib = NUM(512),
                     .memory_max_mib = NUM(8192),
                     .mmio_low_mib = NUM(1024),
                     .mmio_high_mib = NUM(32768),
                     .cache_types = TRI_YES,
                     .checkpoints = CHECKPOINTS_DISABLED,
                     .auto_checkpoints = TRI_NO},
        .role = {.clustered = !l->have.standalone,
                 .matches = 1,
                 .vm = RES_OFFLINE,
                 .config = RES_ONLINE,
                 .offline_action = NUM(OFFLINE_FORCED)},
        .checkpoint_count = NUM(0),
    };
    v->id = arena_printf(&l->arena, "00000000-0000-0000-0000-%012zx", l->have.vm_count);
    v->adapters = arena_array(&l->arena, struct adapter, LAB_PER_VM);
    v->requests = arena_array(&l->arena, struct request, LAB_PER_VM);
    return v;
}

static inline struct adapter *lab_adapter(struct lab *l, struct vm *v, const struct gpu *seen)
{
    struct adapter *a = &v->adapters[v->adapter_count++];

    *a = (struct adapter){.seen = seen ? seen->path : NULL};
    a->id = arena_printf(&l->arena, "a-%s-%zu", v->name, v->adapter_count);
    return a;
}

static inline struct request *lab_request(struct lab *l, struct vm *v, const char *pool,
                                          const char *location)
{
    struct request *q = &v->requests[v->request_count++];

    *q = (struct request){.pool = pool, .location = location};
    q->id = arena_printf(&l->arena, "r-%s-%zu", v->name, v->request_count);
    return q;
}

/* ---- the spec ---- */

static inline struct spec_gpu *lab_row(struct lab *l, const char *name, enum gpu_use use)
{
    struct spec_gpu *g = &l->spec.gpus[l->spec.gpu_count++];

    *g = (struct spec_gpu){
        .name = name, .at = lab_at(l), .use = use, .match = {.model = "NVIDIA A2"}};
    g->use_at = g->at;
    return g;
}

static inline struct spec_gpu *lab_count(struct lab *l, const char *name, uint64_t count)
{
    struct spec_gpu *g = lab_row(l, name, USE_PARTITIONS);

    g->count = count;
    return g;
}

static inline struct spec_gpu *lab_pool_row(struct lab *l, const char *name, const char *pool)
{
    struct spec_gpu *g = lab_row(l, name, USE_POOL);

    g->pool = pool;
    return g;
}

static inline void lab_nodes_of(struct lab *l, struct spec_gpu *g, const char *node)
{
    g->match.nodes = arena_array(&l->arena, const char *, 1);
    g->match.nodes[0] = node;
    g->match.node_count = 1;
}

static inline struct spec_vm *lab_wish(struct lab *l, const char *name, enum vm_use use)
{
    struct spec_vm *v = &l->spec.vms[l->spec.vm_count++];

    *v = (struct spec_vm){.name = name, .at = lab_at(l)};
    v->wish = arena_new(&l->arena, struct vm_wish);
    v->wish->use = use;
    v->wish->use_at = v->at;
    if (use == VM_POOL) {
        v->wish->pool = "ml";
        v->wish->count = 1;
    }
    return v;
}

static inline void lab_device_of(struct lab *l, struct spec_vm *v, const char *location)
{
    const char **grown = arena_array(&l->arena, const char *, v->wish->device_count + 1);

    for (size_t i = 0; i < v->wish->device_count; i++)
        grown[i] = v->wish->devices[i];
    grown[v->wish->device_count++] = location;
    v->wish->devices = grown;
}

static inline void lab_names(struct lab *l, const char ***list, struct span **at, size_t *count,
                             const char *name)
{
    const char **grown = arena_array(&l->arena, const char *, *count + 1);
    struct span *places = arena_array(&l->arena, struct span, *count + 1);

    for (size_t i = 0; i < *count; i++) {
        grown[i] = (*list)[i];
        places[i] = (*at)[i];
    }
    grown[*count] = name;
    places[*count] = lab_at(l);
    *list = grown;
    *at = places;
    ++*count;
}

static inline void lab_protect(struct lab *l, const char *pattern)
{
    struct policy *p = &l->spec.policy;

    lab_names(l, &p->protect, &p->protect_at, &p->protect_count, pattern);
}

static inline void lab_declare_node(struct lab *l, const char *name)
{
    lab_names(l, &l->spec.nodes, &l->spec.node_at, &l->spec.node_count, name);
}

static inline struct spec_pool *lab_spec_pool(struct lab *l, const char *name)
{
    struct spec_pool *p = &l->spec.pools[l->spec.pool_count++];

    *p = (struct spec_pool){.name = name, .at = lab_at(l)};
    return p;
}

/* ---- the ledger ---- */

static inline void lab_claim(struct lab *l, const char *vm, const char *object, struct num former)
{
    struct ledger_change c = {.op = LEDGER_CLAIM, .claim = {vm, object, former}};
    struct commit commit = {.changes = &c, .change_count = 1};

    ledger_apply(&l->arena, &l->owed, &commit);
}

static inline void lab_debt(struct lab *l, const char *vm, enum debt_phase phase)
{
    struct ledger_change c = {
        .op = LEDGER_DEBT,
        .debt = {.vm = vm, .found_running = true, .phase = phase, .stamp_ms = WHEN_NONE}};
    struct commit commit = {.changes = &c, .change_count = 1};
    uint32_t at = state_vm(&l->have, vm);

    if (at != NO_INDEX)
        c.debt.name = l->have.vms[at].name;

    ledger_apply(&l->arena, &l->owed, &commit);
}

/* ---- run, and ask ---- */

static inline int lab_by_name(const void *x, const void *y)
{
    return str_cmp_natural(((const struct spec_vm *)x)->name, ((const struct spec_vm *)y)->name);
}

static inline void lab_run(struct lab *l)
{
    state_sort(&l->have, &l->arena);
    qsort(l->spec.vms, l->spec.vm_count, sizeof *l->spec.vms, lab_by_name);
    spec_resolve_owed(&l->arena, &l->spec, &l->have, &l->owed, &l->want);
    diff_compute(&l->arena, &l->want, &l->have, &l->owed, &l->diff);
}

/* How often a reason was given; the last one in *out. */
static inline size_t lab_says(const struct lab *l, enum reason reason, const struct problem **out)
{
    const struct problems *lists[] = {&l->want.problems, &l->diff.problems};
    size_t n = 0;

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            if (lists[k]->rows[i].reason == reason) {
                n++;
                if (out)
                    *out = &lists[k]->rows[i];
            }
    return n;
}

static inline size_t lab_blocked(const struct lab *l)
{
    const struct problems *lists[] = {&l->want.problems, &l->diff.problems};
    size_t n = 0;

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            n += reason_rows[lists[k]->rows[i].reason].class == CLASS_BLOCKED;
    return n;
}

/* The change of a field of a VM by name; of any subject when name is NULL. */
static inline const struct change *lab_change(const struct lab *l, enum field field,
                                              const char *name)
{
    for (size_t i = 0; i < l->diff.change_count; i++) {
        const struct change *c = &l->diff.changes[i];

        if (c->field == field &&
            (!name || (c->vm != NO_INDEX && str_eq(l->have.vms[c->vm].name, name))))
            return c;
    }
    return NULL;
}

static inline size_t lab_changes(const struct lab *l, enum field field)
{
    size_t n = 0;

    for (size_t i = 0; i < l->diff.change_count; i++)
        n += l->diff.changes[i].field == field;
    return n;
}

/* Index into want.vms. */
static inline uint32_t lab_target(const struct lab *l, const char *name)
{
    for (uint32_t i = 0; i < l->want.vm_count; i++)
        if (str_same(l->have.vms[l->want.vms[i].vm].name, name))
            return i;
    fail_msg("no target for %s", name);
    return NO_INDEX;
}

static inline const struct image *lab_image(const struct lab *l, const char *name)
{
    return &l->diff.vm_images[lab_target(l, name)];
}

static inline void lab_print(const struct lab *l)
{
    const struct problems *lists[] = {&l->want.problems, &l->diff.problems};

    for (size_t i = 0; i < l->diff.change_count; i++)
        print_error("  change %s: %s -> %s\n", field_words[l->diff.changes[i].field],
                    l->diff.changes[i].have, l->diff.changes[i].want);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            print_error("  %s %s: %s\n", reason_rows[lists[k]->rows[i].reason].code,
                        lists[k]->rows[i].subject, lists[k]->rows[i].text);
}

/*
 * A table of rules: what is built, which reason it must give how often, and
 * how many changes are left.  Each row cites the rule that it would miss.
 */
struct lab_rule {
    const char *rule, *what;
    void (*make)(struct lab *l);
    enum reason reason; /* REASON_NONE: nothing blocked at all */
    size_t times;
    size_t changes;
};

static inline void lab_check(const struct lab_rule *rows, size_t count)
{
    size_t wrong = 0;

    for (size_t i = 0; i < count; i++) {
        const struct lab_rule *row = &rows[i];
        struct lab l;
        size_t said;

        lab_open(&l);
        row->make(&l);
        lab_run(&l);
        said = row->reason == REASON_NONE ? lab_blocked(&l) : lab_says(&l, row->reason, NULL);
        if (said != row->times || l.diff.change_count != row->changes) {
            print_error("%s %s: %s %zu times, not %zu; %zu changes, not %zu\n", row->rule,
                        row->what,
                        row->reason == REASON_NONE ? "blocked" : reason_rows[row->reason].code,
                        said, row->times, l.diff.change_count, row->changes);
            lab_print(&l);
            wrong++;
        }
        lab_close(&l);
    }
    assert_int_equal(wrong, 0);
}

#endif
