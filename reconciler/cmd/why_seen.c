/* What a look says of one subject. */
#include "base/str.h"
#include "cmd/why_inner.h"
#include "report/holders.h"
#include "report/page.h"

void why_fact(struct why *w, struct why_fact **rows, size_t *count, size_t *room, const char *key,
              const char *text)
{
    if (text && *text)
        *arena_push(w->arena, *rows, *count, *room) = (struct why_fact){key, text};
}

static const char *number(struct arena *a, struct num n)
{
    return n.known ? arena_printf(a, "%llu", (unsigned long long)n.value) : "unknown";
}

static const char *mib(struct arena *a, struct num n)
{
    return n.known ? arena_printf(a, "%llu MiB", (unsigned long long)n.value) : "unknown";
}

/* ---- VMs ---- */

static const char *device_name(struct arena *a, const struct state *have, const struct vm *vm,
                               const char *path)
{
    uint32_t gpu = vm->node == NO_INDEX || !path ? NO_INDEX : state_gpu(have, vm->node, path);

    return gpu == NO_INDEX ? path : gpu_label(a, have, gpu);
}

static void seen_adapter(struct why *w, const struct state *have, const struct vm *vm,
                         const struct adapter *ad)
{
    struct arena *a = w->arena;
    struct text t;

    text_init(&t, a);
    text_printf(&t, "%s", ad->id);
    if (ad->of_checkpoint)
        text_add(&t, ", of a checkpoint: not counted (V0)");
    text_printf(&t, ", %s%s",
                ad->seen ? (vm->power == POWER_RUNNING ? "on " : "last on ")
                         : "not seen on any GPU",
                ad->seen ? device_name(a, have, vm, ad->seen) : "");
    if (ad->partition.known && vm->power == POWER_RUNNING)
        text_printf(&t, ", partition %s", number(a, ad->partition));
    if (ad->current[QUOTA_VRAM].known)
        text_printf(&t, ", VRAM %s", page_bytes(a, ad->current[QUOTA_VRAM]));
    if (ad->pin)
        text_printf(&t, ", pinned to %s", device_name(a, have, vm, ad->pin));
    if (ad->pin_unknown)
        text_add(&t, ", its pin cannot be read on this build");
    if (!limits_blank(&ad->limits))
        text_add(&t, ", with limits of its own");
    WHY_SEEN(w, "partition", text_done(&t));
}

static void seen_request(struct why *w, const struct request *r)
{
    WHY_SEEN(w, "device",
             arena_printf(w->arena, "%s%s%s%s%s%s", r->id,
                          r->of_checkpoint ? ", of a checkpoint: not counted (V0)" : "",
                          r->pool ? ", out of pool " : ", ",
                          r->pool       ? r->pool
                          : r->location ? r->location
                                        : "unknown",
                          r->given ? ", got " : "", r->given ? r->given : ""));
}

static void seen_settings(struct why *w, const struct vm *vm)
{
    const struct vm_settings *s = &vm->settings;
    struct arena *a = w->arena;

    WHY_SEEN(w, "settings",
             arena_printf(a,
                          "automaticStopAction %s, dynamic memory %s, MMIO %s / %s, "
                          "guestControlledCacheTypes %s, checkpoints %s",
                          stop_action_words[s->stop_action], tri_words[s->dynamic_memory],
                          mib(a, s->mmio_low_mib), mib(a, s->mmio_high_mib),
                          tri_words[s->cache_types], checkpoints_words[s->checkpoints]));
    if (vm->checkpoint_count.known && vm->checkpoint_count.value)
        WHY_SEEN(w, "checkpoints", number(a, vm->checkpoint_count));
}

static const char *role_text(struct arena *a, const struct vm *vm)
{
    const struct role *r = &vm->role;

    if (!r->clustered)
        return "not clustered: it stays on its node (I2)";
    return arena_printf(a, "OfflineAction %s, resource %s, configuration %s%s%s",
                        number(a, r->offline_action), resource_state_words[r->vm],
                        resource_state_words[r->config], r->busy ? ", busy" : "",
                        r->matches > 1 ? ", more than one resource matches (I2)" : "");
}

static void seen_vm(struct why *w, const struct state *have, const struct vm *vm)
{
    struct arena *a = w->arena;

    WHY_SEEN(w, "id", vm->id);
    WHY_SEEN(w, "power",
             arena_printf(a, "%s%s, generation %s", vm_power_words[vm->power],
                          vm->hidden ? ", hidden: its configuration is offline (S8)" : "",
                          number(a, vm->generation)));
    WHY_SEEN(w, "owner", vm->owner == OWNER_HYPERV ? NULL : vm_owner_words[vm->owner]);
    if (!have->standalone)
        WHY_SEEN(w, "role", role_text(a, vm));
    for (size_t i = 0; i < vm->adapter_count; i++)
        seen_adapter(w, have, vm, &vm->adapters[i]);
    for (size_t i = 0; i < vm->request_count; i++)
        seen_request(w, &vm->requests[i]);
    if (!vm->adapter_count && !vm->request_count)
        WHY_SEEN(w, "holds", "no GPU");
    seen_settings(w, vm);
}

/* ---- GPUs, pools, nodes, the cluster ---- */

static void seen_gpu(struct why *w, const struct state *have, uint32_t index)
{
    const struct gpu *g = &have->gpus[index];
    struct arena *a = w->arena;
    struct holders h;
    struct text t;

    holders_of(a, have, &h);
    text_init(&t, a);
    for (uint32_t i = h.first[index]; i < h.first[index + 1]; i++)
        text_printf(&t, "%s%s", t.size ? " " : "", have->vms[h.rows[i].vm].name);
    WHY_SEEN(w, "model", g->model ? g->model : "no model name: no driver");
    WHY_SEEN(w, "status", gpu_status(a, &h, index));
    WHY_SEEN(w, "PCI",
             arena_printf(a, "%s%s%s", g->pci ? g->pci : "unknown",
                          g->subsystem ? ", subsystem " : "", g->subsystem ? g->subsystem : ""));
    WHY_SEEN(w, "device", g->reported ? g->reported : g->path);
    for (size_t i = 0; i < g->location_count; i++)
        WHY_SEEN(w, "location", g->locations[i]);
    if (g->state == GPU_PARTITIONED)
        WHY_SEEN(w, "partitions",
                 arena_printf(a, "%s now, %s each; can be %s", number(a, g->count),
                              page_bytes(a, g->optimal[QUOTA_VRAM]), gpu_counts(a, g)));
    WHY_SEEN(w, "used by", text_done(&t));
}

static void seen_pool(struct why *w, const struct state *have, const char *name)
{
    struct arena *a = w->arena;

    for (uint32_t i = 0; i < have->pool_count; i++) {
        const struct pool *p = &have->pools[i];
        struct text t;

        if (!str_eq(p->name, name))
            continue;
        text_init(&t, a);
        for (uint32_t g = 0; g < have->gpu_count; g++)
            if (have->gpus[g].node == p->node && str_eq(have->gpus[g].pool, name))
                text_printf(&t, "%s%s", t.size ? " " : "", gpu_label(a, have, g));
        WHY_SEEN(w, have->nodes[p->node].name, t.size ? text_done(&t) : "no member");
    }
    for (size_t i = 0; i < have->vm_count; i++)
        for (size_t k = 0; k < have->vms[i].request_count; k++)
            if (str_eq(have->vms[i].requests[k].pool, name) &&
                !have->vms[i].requests[k].of_checkpoint)
                WHY_SEEN(w, "asked for by", have->vms[i].name);
}

static void seen_node(struct why *w, const struct state *have, uint32_t index)
{
    const struct node *n = &have->nodes[index];
    const char **holders = arena_array(w->arena, const char *, have->vm_count + 1);
    struct arena *a = w->arena;
    size_t vms = 0, count = 0;

    for (size_t i = 0; i < have->vm_count; i++) {
        const struct vm *vm = &have->vms[i];

        if (vm->node != index)
            continue;
        vms++;
        if (vm_adapters(vm) || vm_requests(vm))
            holders[count++] = vm->name;
    }
    WHY_SEEN(w, "state",
             arena_printf(a, "%s%s", node_state_words[n->state],
                          n->answered ? "" : ": it does not answer, and what is on it is unknown"));
    WHY_SEEN(w, "build", number(a, n->build));
    WHY_SEEN(w, "boot", n->boot_ms == WHEN_NONE ? "unknown" : when_human(a, n->boot_ms));
    WHY_SEEN(w, "SR-IOV",
             n->iov == TRI_YES  ? "supported"
             : n->iov == TRI_NO ? "not supported (E2)"
                                : "unknown");
    for (size_t i = 0; i < n->iov_reason_count; i++)
        WHY_SEEN(w, "", n->iov_reasons[i]);
    for (uint32_t g = 0; g < have->gpu_count; g++)
        if (have->gpus[g].node == index)
            WHY_SEEN(w, "GPU",
                     arena_printf(a, "%s  %s", gpu_label(a, have, g),
                                  have->gpus[g].model ? have->gpus[g].model : "no model name"));
    WHY_SEEN(w, "VMs",
             count ? arena_printf(a, "%zu, %zu with a GPU: %s", vms, count,
                                  str_ranges(a, holders, count))
                   : arena_printf(a, "%zu, none with a GPU", vms));
}

static void seen_cluster(struct why *w, const struct state *have)
{
    struct arena *a = w->arena;
    size_t seen = 0;

    for (size_t i = 0; i < have->node_count; i++)
        seen += have->nodes[i].answered;
    WHY_SEEN(w, "world", have->name);
    WHY_SEEN(w, "kind", have->standalone ? "one host, standalone" : "a failover cluster");
    WHY_SEEN(w, "nodes", arena_printf(a, "%zu, %zu seen", have->node_count, seen));
    WHY_SEEN(w, "devices", arena_printf(a, "%zu", have->gpu_count));
    WHY_SEEN(w, "VMs", arena_printf(a, "%zu", have->vm_count));
    WHY_SEEN(w, "managed by", have->arbiter);
}

void why_seen(struct why *w, const struct why_subject *s, const struct state *have)
{
    if (s->kind == SUBJECT_POOL)
        seen_pool(w, have, s->name);
    else if (s->kind == SUBJECT_CLUSTER)
        seen_cluster(w, have);
    else if (s->index == NO_INDEX)
        return;
    else if (s->kind == SUBJECT_VM)
        seen_vm(w, have, &have->vms[s->index]);
    else if (s->kind == SUBJECT_GPU)
        seen_gpu(w, have, s->index);
    else
        seen_node(w, have, s->index);
}

void why_knows(struct why *w, const struct why_subject *s, const struct state *have,
               const struct known *known, size_t count)
{
    /* one line tells of all VMs of this kind */
    if (s->kind == SUBJECT_VM && s->index != NO_INDEX && vm_would_be_saved(&have->vms[s->index]))
        WHY_SEEN(w, "but",
                 arena_printf(w->arena,
                              "it would be saved when its node is drained, and a VM with "
                              "a GPU cannot be saved  (%s)",
                              reason_rows[REASON_WARN_OFFLINE].rule));
    for (size_t i = 0; i < count; i++)
        if (str_same(known[i].subject, w->subject) && known[i].reason != REASON_WARN_OFFLINE)
            WHY_SEEN(w, "but",
                     arena_printf(w->arena, "%s  (%s)", known[i].text,
                                  reason_rows[known[i].reason].rule));
}
