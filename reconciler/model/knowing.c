#include "model/knowing.h"

#include "base/str.h"

/* ---- conditions ---- */

/* As far as both lists are known they must be one list. */
static bool same_counts(const struct gpu *a, const struct gpu *b)
{
    size_t n = a->valid_count < b->valid_count ? a->valid_count : b->valid_count;

    if ((a->valid_complete && b->valid_count > a->valid_count) ||
        (b->valid_complete && a->valid_count > b->valid_count))
        return false;
    return n == 0 || memcmp(a->valid, b->valid, n * sizeof *a->valid) == 0;
}

bool gpu_same_product(const struct gpu *a, const struct gpu *b)
{
    return str_same(a->pci, b->pci) &&
           (!a->subsystem || !b->subsystem || str_same(a->subsystem, b->subsystem)) &&
           same_counts(a, b);
}

bool gpu_count_illegal(const struct gpu *g)
{
    if (g->state != GPU_PARTITIONED || !g->count.known || !g->valid_complete || !g->valid_count)
        return false;
    for (size_t i = 0; i < g->valid_count; i++)
        if (g->valid[i] == g->count.value)
            return false;
    return true;
}

const char *node_iov_text(struct arena *a, const struct node *n)
{
    struct text t;

    text_init(&t, a);
    text_printf(&t, "IovSupport of %s is false", n->name);
    for (size_t i = 0; i < n->iov_reason_count; i++)
        text_printf(&t, "%s%s", i ? "; " : ": ", n->iov_reasons[i]);
    return text_done(&t);
}

enum reason adapter_stand(const struct adapter *ad, bool clustered, bool pin_there, bool seen_there)
{
    if (ad->of_checkpoint)
        return REASON_NONE;
    if (ad->pin && !pin_there)
        return REASON_STALE_ADAPTER;
    if (ad->pin)
        return clustered ? REASON_WARN_PINNED : REASON_NONE;
    return ad->seen && !seen_there ? REASON_NOTE_FLOATING : REASON_NONE;
}

const char *adapter_text(struct arena *a, const struct state *have, const struct vm *vm,
                         const struct adapter *ad, enum reason stand)
{
    const char *node = vm->node == NO_INDEX ? "?" : have->nodes[vm->node].name;

    if (stand == REASON_STALE_ADAPTER)
        return arena_printf(a, "adapter %s is pinned to %s, which is not on %s", ad->id, ad->pin,
                            node);
    if (stand == REASON_WARN_PINNED)
        return arena_printf(a, "adapter %s is pinned to %s: a fail-over fails", ad->id, ad->pin);
    return arena_printf(a, "adapter %s last ran on %s, which is not on %s", ad->id, ad->seen, node);
}

bool vm_is_ghost(const struct vm *vm)
{
    return vm->gpu_error && !vm_adapters(vm) && !vm_requests(vm);
}

const char ghost_text[] = "its last start failed for its GPU, and no adapter can be seen: one may "
                          "be left in its configuration";

bool vm_would_be_saved(const struct vm *vm)
{
    return vm->role.clustered && num_is(vm->role.offline_action, OFFLINE_SAVE) &&
           (vm_adapters(vm) || vm_requests(vm));
}

/* ---- all of a world ---- */

struct knowing {
    struct arena *arena;
    const struct state *have;
    struct known *rows;
    size_t count, room;
};

static void tell(struct knowing *k, enum reason reason, enum subject_kind kind, const char *name,
                 const char *text)
{
    static const char *const words[] = {[SUBJECT_CLUSTER] = "cluster",
                                        [SUBJECT_NODE] = "node",
                                        [SUBJECT_GPU] = "gpu",
                                        [SUBJECT_POOL] = "pool",
                                        [SUBJECT_VM] = "vm"};

    *arena_push(k->arena, k->rows, k->count, k->room) =
        (struct known){reason, kind, arena_printf(k->arena, "%s/%s", words[kind], name), text};
}

static bool is_seen(const struct knowing *k, uint32_t node)
{
    return node != NO_INDEX && k->have->nodes[node].answered;
}

/* E2, E7, M4 */
static void know_nodes(struct knowing *k)
{
    for (size_t i = 0; i < k->have->node_count; i++) {
        const struct node *n = &k->have->nodes[i];
        bool gpus = false;

        for (size_t g = 0; g < k->have->gpu_count && !gpus; g++)
            gpus = k->have->gpus[g].node == i && k->have->gpus[g].is_gpu;
        if (!n->answered)
            tell(k, REASON_NODE_UNSEEN, SUBJECT_NODE, n->name,
                 arena_printf(k->arena, "%s did not answer: what is on it is unknown, not empty",
                              n->name));
        else if (n->iov == TRI_NO && gpus)
            tell(k, REASON_NODE_NOT_CAPABLE, SUBJECT_NODE, n->name, node_iov_text(k->arena, n));
        if (n->answered && (n->require_secure == TRI_YES || n->require_supported == TRI_YES))
            tell(k, REASON_WARN_POLICY, SUBJECT_NODE, n->name,
                 arena_printf(k->arena,
                              "RequireSecureDeviceAssignment or RequireSupportedDeviceAssignment "
                              "is 1 on %s",
                              n->name));
    }
}

/* C6, C7, E3 */
static void know_gpus(struct knowing *k)
{
    for (uint32_t i = 0; i < k->have->gpu_count; i++) {
        const struct gpu *g = &k->have->gpus[i];
        const char *label;

        if (!g->is_gpu || !is_seen(k, g->node))
            continue;
        label = gpu_label(k->arena, k->have, i);
        if (gpu_count_illegal(g))
            tell(k, REASON_CURRENT_COUNT, SUBJECT_GPU, label,
                 arena_printf(k->arena, "%s has %llu partitions, which is not in its own list",
                              label, (unsigned long long)g->count.value));
        else if (g->state == GPU_PARAVIRTUAL)
            tell(k, REASON_PARAVIRTUAL, SUBJECT_GPU, label,
                 arena_printf(k->arena,
                              "%s is paravirtual, not partitioned: SR-IOV is off, or it is a "
                              "consumer driver",
                              label));
        else if (g->state == GPU_NO_DRIVER)
            tell(k, REASON_DRIVER, SUBJECT_GPU, label,
                 arena_printf(k->arena, "%s has no driver that could partition or assign it",
                              label));
    }
}

/* Where GPUs have this count: nodes, or the GPUs themselves where one node has several counts. */
static const char *places(struct knowing *k, uint64_t count, bool labels)
{
    const char **names = arena_array(k->arena, const char *, k->have->gpu_count + 1);
    uint32_t last = NO_INDEX;
    size_t n = 0;

    for (uint32_t i = 0; i < k->have->gpu_count; i++) {
        const struct gpu *g = &k->have->gpus[i];

        if (g->state != GPU_PARTITIONED || !num_is(g->count, count) || !is_seen(k, g->node) ||
            (!labels && g->node == last))
            continue;
        last = g->node;
        names[n++] = labels ? gpu_label(k->arena, k->have, i) : k->have->nodes[g->node].name;
    }
    return str_ranges(k->arena, names, n);
}

static bool counts_share_a_node(const struct knowing *k)
{
    for (size_t i = 1; i < k->have->gpu_count; i++) {
        const struct gpu *a = &k->have->gpus[i - 1], *b = &k->have->gpus[i];

        if (a->node == b->node && a->state == GPU_PARTITIONED && b->state == GPU_PARTITIONED &&
            !num_eq(a->count, b->count))
            return true;
    }
    return false;
}

static const char *counts_text(struct knowing *k)
{
    bool labels = counts_share_a_node(k);
    struct map told;
    struct text t;

    text_init(&t, k->arena);
    map_init(&told, k->arena, 8, false);
    for (size_t i = 0; i < k->have->gpu_count; i++) {
        const struct gpu *g = &k->have->gpus[i];
        const char *count = arena_printf(k->arena, "%llu", (unsigned long long)g->count.value);

        if (g->state != GPU_PARTITIONED || !g->count.known || !is_seen(k, g->node) ||
            map_put(&told, count, (uint32_t)i) != i)
            continue;
        text_printf(&t, "%s%s%s on %s", t.size ? ", " : "", count, t.size ? "" : " partitions",
                    places(k, g->count.value, labels));
    }
    return text_done(&t);
}

/* C2 */
static void know_alike(struct knowing *k)
{
    const struct gpu *first = NULL, *other = NULL;
    const char *end = k->have->standalone ? "" : ": not a supported cluster", *text;
    bool counts = false;

    for (size_t i = 0; i < k->have->gpu_count; i++) {
        const struct gpu *g = &k->have->gpus[i];

        if (!g->is_gpu || g->state != GPU_PARTITIONED || !is_seen(k, g->node))
            continue;
        first = first ? first : g;
        counts = counts || !num_eq(first->count, g->count);
        if (!other && !gpu_same_product(first, g))
            other = g;
    }
    if (!counts && !other)
        return;
    text = counts ? counts_text(k)
                  : arena_printf(
                        k->arena, "%s on %s and %s on %s are two products",
                        first->model ? first->model : "one GPU", k->have->nodes[first->node].name,
                        other->model ? other->model : "another", k->have->nodes[other->node].name);
    tell(k, REASON_NOT_HOMOGENEOUS, SUBJECT_CLUSTER, k->have->name,
         arena_printf(k->arena, "%s%s", text, end));
}

/* E8 */
static void know_drivers(struct knowing *k)
{
    const char **texts;
    size_t count = k->have->standalone ? 0 : host_drivers_differ(k->arena, k->have, NULL, &texts);

    for (size_t i = 0; i < count; i++)
        tell(k, REASON_WARN_HOST_DRIVERS, SUBJECT_CLUSTER, k->have->name, texts[i]);
}

/* S1: said once, of all of them. */
static void know_offline_actions(struct knowing *k)
{
    const char **names = arena_array(k->arena, const char *, k->have->vm_count + 1), *node = "?";
    const struct vm *first = NULL;
    size_t n = 0;

    for (size_t i = 0; i < k->have->vm_count; i++)
        if (vm_would_be_saved(&k->have->vms[i])) {
            first = first ? first : &k->have->vms[i];
            names[n++] = k->have->vms[i].name;
        }
    if (!n)
        return;
    node = first->node == NO_INDEX ? "its node" : k->have->nodes[first->node].name;
    tell(k, REASON_WARN_OFFLINE, SUBJECT_VM, first->name,
         n == 1 ? arena_printf(k->arena,
                               "%s would be saved when %s is drained, and a VM with a GPU cannot "
                               "be saved: the drain will fail",
                               first->name, node)
                : arena_printf(k->arena,
                               "%zu VMs would be saved when their node is drained, and a VM with a "
                               "GPU cannot be saved: the drain will fail: %s",
                               n, str_ranges(k->arena, names, n)));
}

static bool is_alone(const struct knowing *k, const struct vm *vm)
{
    return !k->have->standalone && !vm->role.clustered && !vm->role.vmid_unread &&
           (vm_adapters(vm) || vm_requests(vm));
}

/* What `which` is the matter with a VM. */
static void know_vm(struct knowing *k, const struct vm *vm, enum reason which)
{
    bool clustered = !k->have->standalone && vm->role.clustered;

    for (size_t i = 0; i < vm->adapter_count && is_seen(k, vm->node); i++) {
        const struct adapter *ad = &vm->adapters[i];

        if (adapter_stand(ad, clustered, state_gpu(k->have, vm->node, ad->pin) != NO_INDEX,
                          state_gpu(k->have, vm->node, ad->seen) != NO_INDEX) == which)
            tell(k, which, SUBJECT_VM, vm->name,
                 arena_printf(k->arena, "%s: %s", vm->name,
                              adapter_text(k->arena, k->have, vm, ad, which)));
    }
    if (which == REASON_STALE_ADAPTER && vm_is_ghost(vm))
        tell(k, which, SUBJECT_VM, vm->name,
             arena_printf(k->arena, "%s: %s", vm->name, ghost_text));
    if (which == REASON_WARN_NOT_CLUSTERED && is_alone(k, vm))
        tell(
            k, which, SUBJECT_VM, vm->name,
            arena_printf(k->arena, "%s is no role of the cluster: it stays where it is", vm->name));
}

/* V8, V4, I2: by what is the matter, then by VM. */
static void know_vms(struct knowing *k)
{
    static const enum reason all[] = {REASON_STALE_ADAPTER, REASON_NOTE_FLOATING,
                                      REASON_WARN_PINNED, REASON_WARN_NOT_CLUSTERED};

    for (size_t r = 0; r < sizeof all / sizeof *all; r++)
        for (size_t i = 0; i < k->have->vm_count; i++)
            know_vm(k, &k->have->vms[i], all[r]);
}

void knowing_find(struct arena *a, const struct state *have, struct known **out, size_t *count)
{
    struct knowing k = {.arena = a, .have = have};

    know_nodes(&k);
    know_alike(&k);
    know_gpus(&k);
    know_drivers(&k);
    know_offline_actions(&k);
    know_vms(&k);
    *out = k.rows;
    *count = k.count;
}
