#include "codec/json.h"
#include "model/knowing.h"
#include "report/holders.h"
#include "report/report.h"

/* Counters can reach 2^64-1: decimal strings; unknown is null. */
static void put_num(struct json *j, const char *key, struct num n)
{
    json_key(j, key);
    if (n.known)
        json_u64(j, n.value);
    else
        json_null(j);
}

static void put_small(struct json *j, const char *key, struct num n)
{
    json_key(j, key);
    if (n.known && n.value < (uint64_t)1 << 53)
        json_int(j, (int64_t)n.value);
    else
        json_null(j);
}

static void put_time(struct json *j, struct arena *a, const char *key, int64_t ms)
{
    json_put_text(j, key, ms == WHEN_NONE ? NULL : when_iso(a, ms));
}

static void put_tri(struct json *j, const char *key, enum tri t)
{
    json_key(j, key);
    if (t == TRI_UNKNOWN)
        json_null(j);
    else
        json_bool(j, t == TRI_YES);
}

static void put_quotas(struct json *j, const char *key, const struct num *n)
{
    json_key(j, key);
    json_map(j);
    for (int k = 0; k < QUOTA_KINDS; k++)
        put_num(j, quota_words[k], n[k]);
    json_map_end(j);
}

static void node_json(struct json *j, struct arena *a, const struct node *n)
{
    json_map(j);
    json_put_text(j, "name", n->name);
    json_put_text(j, "state", node_state_words[n->state]);
    json_put_bool(j, "answered", n->answered);
    put_small(j, "build", n->build);
    put_time(j, a, "boot", n->boot_ms);
    put_tri(j, "iovSupport", n->iov);
    json_key(j, "iovSupportReasons");
    json_list(j);
    for (size_t i = 0; i < n->iov_reason_count; i++)
        json_text(j, n->iov_reasons[i]);
    json_list_end(j);
    put_small(j, "addressBits", n->address_bits);
    put_tri(j, "requireSecureDeviceAssignment", n->require_secure);
    put_tri(j, "requireSupportedDeviceAssignment", n->require_supported);
    json_map_end(j);
}

static void partitions_json(struct json *j, const struct holders *h, uint32_t gpu)
{
    json_key(j, "assigned");
    json_list(j);
    for (uint32_t i = h->first[gpu]; i < h->first[gpu + 1]; i++) {
        const struct vm *vm = &h->have->vms[h->rows[i].vm];
        const struct adapter *ad = &vm->adapters[h->rows[i].adapter];

        json_map(j);
        json_put_text(j, "vm", vm->name);
        json_put_text(j, "vmId", vm->id);
        json_put_text(j, "adapter", ad->id);
        put_small(j, "partitionId", ad->partition);
        put_quotas(j, "current", ad->current);
        put_tri(j, "supportsOutgoingLiveMigration", ad->outgoing_migration);
        json_map_end(j);
    }
    json_list_end(j);
}

static void gpu_json(struct json *j, struct arena *a, const struct holders *h, uint32_t index)
{
    const struct gpu *g = &h->have->gpus[index];

    json_map(j);
    json_put_text(j, "name", gpu_label(a, h->have, index));
    json_put_text(j, "node", h->have->nodes[g->node].name);
    json_put_text(j, "path", g->path);
    json_put_text(j, "reportedPath", g->reported);
    json_key(j, "locationPaths");
    json_list(j);
    for (size_t i = 0; i < g->location_count; i++)
        json_text(j, g->locations[i]);
    json_list_end(j);
    json_put_text(j, "model", g->model);
    json_put_text(j, "pci", g->pci);
    json_put_text(j, "subsystem", g->subsystem);
    json_put_bool(j, "gpu", g->is_gpu);
    json_put_text(j, "state", gpu_state_words[g->state]);
    json_put_text(j, "assignedStatus", gpu_status(a, h, index));
    put_small(j, "partitionCount", g->count);
    json_key(j, "validPartitionCounts");
    json_list(j);
    for (size_t i = 0; i < g->valid_count; i++)
        json_int(j, g->valid[i]);
    json_list_end(j);
    json_put_bool(j, "validCountsComplete", g->valid_complete);
    put_quotas(j, "total", g->total);
    put_quotas(j, "available", g->available);
    put_quotas(j, "minPartition", g->min);
    put_quotas(j, "maxPartition", g->max);
    put_quotas(j, "optimalPartition", g->optimal);
    put_tri(j, "supportsIncomingLiveMigration", g->incoming_migration);
    json_put_text(j, "pool", g->pool);
    put_tri(j, "mitigationDriver", g->mitigation_driver);
    json_put_text(j, "driver", g->driver);
    put_small(j, "vgpuSeries", g->series);
    put_small(j, "mmioLowMiB", g->mmio_low_mib);
    put_small(j, "mmioHighMiB", g->mmio_high_mib);
    partitions_json(j, h, index);
    json_map_end(j);
}

static void adapter_json(struct json *j, const struct adapter *ad)
{
    json_map(j);
    json_put_text(j, "id", ad->id);
    json_put_text(j, "pin", ad->pin);
    json_put_bool(j, "pinUnknown", ad->pin_unknown);
    json_put_text(j, "seen", ad->seen);
    put_small(j, "partitionId", ad->partition);
    put_quotas(j, "current", ad->current);
    put_quotas(j, "min", ad->limits.min);
    put_quotas(j, "max", ad->limits.max);
    put_quotas(j, "optimal", ad->limits.optimal);
    json_put_bool(j, "ofCheckpoint", ad->of_checkpoint);
    json_map_end(j);
}

static void settings_json(struct json *j, const struct vm_settings *s)
{
    json_key(j, "settings");
    json_map(j);
    json_put_text(j, "automaticStopAction", stop_action_words[s->stop_action]);
    put_tri(j, "dynamicMemory", s->dynamic_memory);
    put_small(j, "memoryStartupMiB", s->memory_startup_mib);
    put_small(j, "memoryMinMiB", s->memory_min_mib);
    put_small(j, "memoryMaxMiB", s->memory_max_mib);
    put_small(j, "mmioLowMiB", s->mmio_low_mib);
    put_small(j, "mmioHighMiB", s->mmio_high_mib);
    put_small(j, "mmioBaseMiB", s->mmio_base_mib);
    put_tri(j, "guestControlledCacheTypes", s->cache_types);
    json_put_text(j, "checkpoints", checkpoints_words[s->checkpoints]);
    put_tri(j, "automaticCheckpoints", s->auto_checkpoints);
    json_map_end(j);
}

static void role_json(struct json *j, const struct role *r)
{
    json_key(j, "role");
    json_map(j);
    json_put_bool(j, "clustered", r->clustered);
    json_put_int(j, "matches", r->matches);
    json_put_bool(j, "vmIdUnread", r->vmid_unread);
    json_put_text(j, "virtualMachine", resource_state_words[r->vm]);
    json_put_text(j, "configuration", resource_state_words[r->config]);
    put_small(j, "offlineAction", r->offline_action);
    json_put_bool(j, "busy", r->busy);
    json_map_end(j);
}

static void vm_json(struct json *j, struct arena *a, const struct state *s, const struct vm *vm)
{
    json_map(j);
    json_put_text(j, "name", vm->name);
    json_put_text(j, "id", vm->id);
    json_put_text(j, "node", vm->node < s->node_count ? s->nodes[vm->node].name : NULL);
    put_small(j, "generation", vm->generation);
    json_put_text(j, "power", vm_power_words[vm->power]);
    put_time(j, a, "lastStateChange", vm->stamp_ms);
    json_put_text(j, "owner", vm_owner_words[vm->owner]);
    json_put_bool(j, "hidden", vm->hidden);
    put_tri(j, "canBeAskedToShutDown", vm->can_shut_down);
    put_tri(j, "windows", vm->windows);
    json_put_text(j, "guestSystem", vm->guest_system);
    json_put_text(j, "guestDriver", vm->guest_driver);
    json_put_text(j, "holds", vm_holds(a, vm));
    json_key(j, "adapters");
    json_list(j);
    for (size_t i = 0; i < vm->adapter_count; i++)
        adapter_json(j, &vm->adapters[i]);
    json_list_end(j);
    json_key(j, "requests");
    json_list(j);
    for (size_t i = 0; i < vm->request_count; i++) {
        json_map(j);
        json_put_text(j, "id", vm->requests[i].id);
        json_put_text(j, "pool", vm->requests[i].pool);
        json_put_text(j, "location", vm->requests[i].location);
        json_put_text(j, "given", vm->requests[i].given);
        json_put_bool(j, "ofCheckpoint", vm->requests[i].of_checkpoint);
        json_map_end(j);
    }
    json_list_end(j);
    settings_json(j, &vm->settings);
    role_json(j, &vm->role);
    put_small(j, "checkpointCount", vm->checkpoint_count);
    json_put_bool(j, "gpuError", vm->gpu_error);
    json_map_end(j);
}

static void knowing_json(struct json *j, struct arena *a, const struct state *have)
{
    struct known *rows;
    size_t count;

    knowing_find(a, have, &rows, &count);
    json_key(j, "worthKnowing");
    json_list(j);
    for (size_t i = 0; i < count; i++) {
        json_map(j);
        json_put_text(j, "code", reason_rows[rows[i].reason].code);
        json_put_text(j, "rule", reason_rows[rows[i].reason].rule);
        json_put_text(j, "subject", rows[i].subject);
        json_put_text(j, "text", rows[i].text);
        json_map_end(j);
    }
    json_list_end(j);
}

const char *report_state_json(struct arena *a, const struct state *have)
{
    struct holders holders;
    struct text t;
    struct json j;

    holders_of(a, have, &holders);
    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "apiVersion", "hvgpu/v1");
    json_put_text(&j, "kind", "Observation");
    json_put_text(&j, "name", have->name);
    json_put_bool(&j, "standalone", have->standalone);
    json_put_text(&j, "identity", have->identity);
    put_time(&j, a, "observed", have->observed_ms);
    json_put_bool(&j, "synthetic", have->synthetic);
    json_key(&j, "nodes");
    json_list(&j);
    for (size_t i = 0; i < have->node_count; i++)
        node_json(&j, a, &have->nodes[i]);
    json_list_end(&j);
    json_key(&j, "gpus");
    json_list(&j);
    for (size_t i = 0; i < have->gpu_count; i++)
        gpu_json(&j, a, &holders, (uint32_t)i);
    json_list_end(&j);
    json_key(&j, "pools");
    json_list(&j);
    for (size_t i = 0; i < have->pool_count; i++) {
        json_map(&j);
        json_put_text(&j, "node", have->nodes[have->pools[i].node].name);
        json_put_text(&j, "name", have->pools[i].name);
        json_map_end(&j);
    }
    json_list_end(&j);
    json_key(&j, "vms");
    json_list(&j);
    for (size_t i = 0; i < have->vm_count; i++)
        vm_json(&j, a, have, &have->vms[i]);
    json_list_end(&j);
    knowing_json(&j, a, have);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}
