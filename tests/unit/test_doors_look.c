/*
 * Two doors to one world: what provider/sim shows and what provider/hyperv
 * reads of the same world through WMI is one state, save for what WMI does not
 * tell (the `blind` functions here are the list of that).
 */
#include "base/limits.h"
#include "cim/cim_sim.h"
#include "provider/hyperv/see.h"
#include "provider/sim.h"

#include "tests/unit/sim_world.h"

static const struct hyperv_target anywhere = {.node_ms = 60000}, soon = {.node_ms = 2000};

/* Worlds that WMI cannot show; each must still be one. */
static const struct {
    const char *path, *why;
} not_shown[] = {
    {"tests/golden/export-paths/world.yaml", "a GPU that is no PCI device has no PnP row of PCI"},
};

/* ---- what WMI does not tell ---- */

static void blind_node(struct node *n)
{
    n->address_bits = NUM_UNKNOWN;
    if (n->answered)
        return;
    if (n->state == NODE_UP) /* one that hangs is one that does not answer */
        n->state = NODE_SILENT;
    n->boot_ms = WHEN_NONE;
    n->iov = n->require_secure = n->require_supported = TRI_UNKNOWN;
    n->iov_reason_count = 0;
}

static void blind_gpu(struct gpu *g)
{
    bool cut = g->state == GPU_PARTITIONED || g->state == GPU_PARAVIRTUAL;
    const struct card *card = facts_card(known_facts(), g->pci, g->subsystem);

    g->mitigation_driver = TRI_UNKNOWN;
    g->mmio_low_mib = card ? card->mmio_low_mib : NUM_UNKNOWN; /* of the known card */
    g->mmio_high_mib = card ? card->mmio_high_mib : NUM_UNKNOWN;
    g->valid_complete = true; /* the list is whole: only a printed one is cut */
    if (g->state == GPU_DISMOUNTED || g->state == GPU_NO_DRIVER) {
        g->model = g->state == GPU_DISMOUNTED /* named by its ids, where the card is known */
                       ? facts_card_name(known_facts(), g->pci, g->subsystem)
                       : NULL;
        g->driver = NULL;
        g->series = NUM_UNKNOWN;
    }
    if (cut)
        return;
    g->count = NUM_UNKNOWN;
    g->valid_count = 0;
    g->incoming_migration = TRI_UNKNOWN;
    for (int k = 0; k < QUOTA_KINDS; k++)
        g->total[k] = g->available[k] = g->min[k] = g->max[k] = g->optimal[k] = NUM_UNKNOWN;
}

static bool holds(const struct vm *vm)
{
    return vm->power != POWER_OFF && vm->power != POWER_SAVED && vm->power != POWER_UNKNOWN;
}

static void blind_adapter(const struct vm *vm, struct adapter *ad)
{
    if (holds(vm) && !ad->of_checkpoint && ad->seen)
        return;
    ad->seen = NULL;
    ad->partition = NUM_UNKNOWN;
    ad->outgoing_migration = TRI_UNKNOWN;
    for (int k = 0; k < QUOTA_KINDS; k++)
        ad->current[k] = NUM_UNKNOWN;
}

/* Of a hidden VM the cluster knows its id, its role's name and the role. */
static void blind_hidden(struct vm *vm)
{
    *vm = (struct vm){.id = vm->id,
                      .name = vm->name,
                      .node = vm->node,
                      .stamp_ms = WHEN_NONE,
                      .owner = OWNER_UNKNOWN,
                      .hidden = true,
                      .role = vm->role};
}

/* A property that came with a later build than the node's is not there (contract.def). */
static bool has(const struct state *s, uint32_t node, uint64_t build)
{
    return node == NO_INDEX || !s->nodes[node].build.known || s->nodes[node].build.value >= build;
}

static void blind_old_gpu(const struct state *s, struct gpu *g)
{
    if (!has(s, g->node, 26100))
        g->incoming_migration = TRI_UNKNOWN;
}

static void blind_old_vm(const struct state *s, struct vm *vm)
{
    if (!has(s, vm->node, 17134))
        vm->settings.mmio_base_mib = NUM_UNKNOWN;
    if (!has(s, vm->node, 16299))
        vm->settings.auto_checkpoints = TRI_UNKNOWN;
    for (size_t i = 0; i < vm->adapter_count; i++) {
        if (!has(s, vm->node, 26100))
            vm->adapters[i].outgoing_migration = TRI_UNKNOWN;
        for (int k = 0; k < QUOTA_KINDS && !has(s, vm->node, 20348); k++)
            vm->adapters[i].current[k] = NUM_UNKNOWN;
    }
}

static void blind_vm(struct vm *vm)
{
    vm->gpu_error = false;
    vm->guest_driver = NULL;
    if (vm->power != POWER_RUNNING) {
        vm->can_shut_down = TRI_UNKNOWN;
        vm->guest_system = NULL;
    }
    vm->windows = !vm->guest_system                         ? TRI_UNKNOWN
                  : str_starts(vm->guest_system, "Windows") ? TRI_YES
                                                            : TRI_NO;
    if (vm->can_shut_down == TRI_UNKNOWN && vm->power == POWER_RUNNING)
        vm->can_shut_down = TRI_YES;
    for (size_t i = 0; i < vm->adapter_count; i++)
        blind_adapter(vm, &vm->adapters[i]);
    for (size_t i = 0; i < vm->request_count; i++)
        if (!holds(vm))
            vm->requests[i].given = NULL;
    if (!vm->role.clustered)
        vm->role = (struct role){0};
    if (vm->hidden)
        blind_hidden(vm);
}

static void blind(struct state *s)
{
    s->synthetic = false;
    for (size_t i = 0; i < s->node_count; i++)
        blind_node(&s->nodes[i]);
    for (size_t i = 0; i < s->gpu_count; i++) {
        blind_gpu(&s->gpus[i]);
        blind_old_gpu(s, &s->gpus[i]);
    }
    for (size_t i = 0; i < s->vm_count; i++) {
        blind_vm(&s->vms[i]);
        blind_old_vm(s, &s->vms[i]);
    }
}

/* ---- both doors ---- */

struct doors {
    struct arena a;
    const char *path;
    char *text;
    size_t size;
    struct findings found;
    struct err e;
    struct eye *sim, *wmi;
    struct cim_net *net;
    bool differed;
};

static bool open_doors(struct doors *d, const char *path, const struct hyperv_target *target)
{
    struct hyperv_target at = *target;

    d->path = path;
    findings_init(&d->found, &d->a);
    if (!host_read_file(&d->a, path, LIMIT_DOC_BYTES, &d->text, &d->size, &d->e))
        fail_msg("%s", d->e.text);
    if (!strstr(d->text, "kind: World") && !strstr(d->text, "\"kind\": \"World\""))
        return false;
    if (!sim_open(known_facts(), path, d->text, d->size, false, &d->sim, &d->found, &d->e))
        return false; /* one that is wrong on purpose */
    if (!cim_sim_open(known_facts(), path, d->text, d->size, false, &d->net, &d->found, &d->e))
        fail_msg("%s opens through one door only", path);
    at.facts = known_facts();
    hyperv_open(d->net, &at, &d->wmi);
    return true;
}

static void close_doors(struct doors *d)
{
    if (d->sim)
        d->sim->ops->close(d->sim);
    if (d->wmi)
        d->wmi->ops->close(d->wmi);
    d->sim = d->wmi = NULL;
}

static bool is_shown(const char *path)
{
    for (size_t i = 0; i < sizeof not_shown / sizeof *not_shown; i++)
        if (str_eq(not_shown[i].path, path))
            return false;
    return true;
}

static void same_documents(struct doors *d, const char *what, const char *want, const char *got)
{
    size_t at = 0, line = 0;

    d->differed |= !str_eq(want, got);
    if (!is_shown(d->path))
        return;
    while (want[at] && want[at] == got[at]) {
        if (want[at] == '\n')
            line = at + 1;
        at++;
    }
    if (want[at] || got[at])
        fail_msg("%s, %s:\n sim: %.600s\n wmi: %.600s", d->path, what,
                 want + (line > 300 ? line - 300 : 0), got + line);
}

static void same_states(struct doors *d, const char *what, struct state *sim, struct state *wmi)
{
    blind(sim);
    same_documents(d, what, snapshot_write(&d->a, sim), snapshot_write(&d->a, wmi));
    assert_string_equal(sim->identity, wmi->identity);
    assert_true(str_eq(sim->arbiter, wmi->arbiter) ||
                strstr(sim->arbiter, "(null)")); /* nobody said which host */
}

/* A look at a scope, through both; false: neither sees anything there. */
static bool both(struct doors *d, uint32_t node, struct state *sim, struct state *wmi)
{
    const struct scope scope = {node};
    bool saw = eye_observe(d->sim, &d->a, &scope, sim, &d->e);

    if (saw != eye_observe(d->wmi, &d->a, &scope, wmi, &d->e))
        fail_msg("%s, node %u: %s through sim, %s", d->path, node, saw ? "seen" : "unseen",
                 d->e.text);
    return saw;
}

/* What hangs never returns through sim: that node is looked at by the whole look only. */
static void compare_world(struct doors *d, unsigned *looks)
{
    struct state sim, wmi;
    uint32_t nodes;

    if (!both(d, NO_INDEX, &sim, &wmi))
        return;
    same_states(d, "all", &sim, &wmi);
    ++*looks;
    nodes = (uint32_t)sim.node_count;
    for (uint32_t i = 0; i < nodes; i++) {
        char what[32];

        if (world_hangs(sim_world(d->sim), i) || !both(d, i, &sim, &wmi))
            continue;
        snprintf(what, sizeof what, "node %u", i);
        same_states(d, what, &sim, &wmi);
        ++*looks;
    }
}

static bool may_hang(const struct doors *d)
{
    return world_hangs(sim_world(d->sim), NO_INDEX) || strstr(d->text, "on: observe");
}

static void compare_all(void **state)
{
    static const char *const folders[] = {"examples", "tests/golden", "tests/worlds"};
    unsigned worlds = 0, looks = 0;

    (void)state;
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
        struct arena a;
        const char **paths;
        size_t count;
        struct err e;

        arena_init(&a, 0);
        if (!host_list_specs(&a, folders[f], &paths, &count, &e))
            fail_msg("%s", e.text);
        for (size_t i = 0; i < count; i++) {
            struct doors d = {.path = NULL};

            arena_init(&d.a, 0);
            if (open_doors(&d, paths[i], &anywhere) && !may_hang(&d)) {
                compare_world(&d, &looks);
                worlds++;
                if (!is_shown(d.path) && !d.differed)
                    fail_msg("%s is shown after all: take it out of the table", d.path);
            }
            close_doors(&d);
            arena_release(&d.a);
        }
        arena_release(&a);
    }
    print_message("# figure: %u worlds, %u looks through two doors\n", worlds, looks);
    assert_true(worlds > 100);
}

/* A node that hangs costs its deadline only; what is left behind hanging holds nobody up. */
static void compare_hanging(void **state)
{
    struct state sim, wmi;
    struct doors d = {.path = NULL};
    int64_t began = host_tick_ms();

    (void)state;
    arena_init(&d.a, 0);
    assert_true(open_doors(&d, "tests/golden/node-hangs/world.yaml", &soon));
    assert_true(may_hang(&d));
    assert_true(both(&d, NO_INDEX, &sim, &wmi));
    same_states(&d, "all", &sim, &wmi);
    assert_true(host_tick_ms() - began >= soon.node_ms);
    close_doors(&d);
    arena_release(&d.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare_hanging),
        cmocka_unit_test(compare_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
