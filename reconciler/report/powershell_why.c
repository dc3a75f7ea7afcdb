/* Commands that only look: what hvgpu saw, to be seen without it. */
#include "report/page.h"
#include "report/powershell.h"

static const char *number(struct arena *a, struct num n)
{
    return n.known ? arena_printf(a, "%llu", (unsigned long long)n.value) : "unknown";
}

/* A command, and its output field by field; `more` fields stand on a line of their own. */
static void listed(struct script *s, const char *command, const char *fields, const char *more)
{
    script_line(s, "%s |", command);
    script_line(s, "    Format-List %s%s", fields, more ? "," : "");
    if (more)
        script_line(s, "        %s", more);
}

static const char *at(const struct script *s, const struct state *have, uint32_t node)
{
    return node < have->node_count ? script_at(s, have->nodes[node].name) : "";
}

/* ---- GPUs of a node ---- */

static void gpus_of(struct script *s, const struct state *have, uint32_t node)
{
    for (size_t i = 0; i < have->gpu_count; i++) {
        const struct gpu *g = &have->gpus[i];

        if (g->node == node)
            script_remark(s, "Seen: %s %s, %s, %s, partitions %s.",
                          gpu_label(s->arena, have, (uint32_t)i), g->path,
                          gpu_state_words[g->state], g->model ? g->model : "no model name",
                          number(s->arena, g->count));
    }
    listed(
        s, arena_printf(s->arena, "Get-VMHostPartitionableGpu%s", at(s, have, node)),
        "Name, PartitionCount, OptimalPartitionVRAM, TotalVRAM, AvailableVRAM",
        "@{ Name = 'ValidPartitionCounts'; Expression = { $_.ValidPartitionCounts -join ' ' } }");
    listed(s, arena_printf(s->arena, "Get-VMHostAssignableDevice%s", at(s, have, node)),
           "InstanceID, LocationPath", NULL);
}

/* ---- one subject ---- */

static void role_of(struct script *s, const struct state *have, const struct vm *vm)
{
    const char *id = script_string(s->arena, vm->id);

    script_remark(s,
                  "Seen: OfflineAction %s. 3 shuts the guest down by force; 1 saves it, and a "
                  "VM with a GPU cannot be saved (S1).",
                  number(s->arena, vm->role.offline_action));
    script_line(s, "Get-ClusterResource -Cluster %s |", script_string(s->arena, have->name));
    script_line(s, "    Where-Object ResourceType -eq 'Virtual Machine' |");
    script_line(s, "    Where-Object {");
    script_line(s, "        ($_ | Get-ClusterParameter -Name VmID).Value -eq %s", id);
    script_line(s, "    } |");
    script_line(s, "    ForEach-Object { $_; $_ | Get-ClusterParameter -Name OfflineAction }");
}

static void vm_look(struct script *s, const struct state *have, uint32_t index)
{
    const struct vm *vm = &have->vms[index];
    const char *node = at(s, have, vm->node), *name = script_string(s->arena, vm->name);
    struct arena *a = s->arena;

    script_remark(s, "Seen: %s, id %s, on %s.", vm_power_words[vm->power], vm->id,
                  vm->node < have->node_count ? have->nodes[vm->node].name : "no node");
    listed(s, arena_printf(a, "Get-VM%s -Id %s", node, script_string(a, vm->id)),
           "Name, Id, State, IsClustered, AutomaticStopAction, CheckpointType",
           "DynamicMemoryEnabled, GuestControlledCacheTypes, *MemoryMappedIoSpace");
    script_gap(s);
    script_remark(s, "Seen: %s.", page_count(a, vm_adapters(vm), "GPU partition adapter"));
    listed(s, arena_printf(a, "Get-VMGpuPartitionAdapter%s -VMName %s", node, name),
           "Id, InstancePath, PartitionId, CurrentPartitionVRAM", NULL);
    script_gap(s);
    script_remark(s, "Seen: %s.", page_count(a, vm_requests(vm), "request"));
    listed(s, arena_printf(a, "Get-VMAssignableDevice%s -VMName %s", node, name),
           "Id, InstanceID, LocationPath, ResourcePoolName", NULL);
    script_gap(s);
    script_remark(s, "The GPUs of its host.");
    gpus_of(s, have, vm->node);
    if (!s->alone && vm->role.clustered) {
        script_gap(s);
        role_of(s, have, vm);
    }
}

static void node_look(struct script *s, const struct state *have, uint32_t index)
{
    const struct node *n = &have->nodes[index];
    struct arena *a = s->arena;

    script_remark(s, "Seen: %s, build %s.", node_state_words[n->state], number(a, n->build));
    if (!s->alone)
        listed(s,
               arena_printf(a, "Get-ClusterNode -Cluster %s -Name %s", script_string(a, have->name),
                            script_string(a, n->name)),
               "Name, State, DrainStatus, BuildNumber", NULL);
    listed(s, arena_printf(a, "Get-VMHost%s", at(s, have, index)),
           "Name, IovSupport, IovSupportReasons", NULL);
    script_gap(s);
    script_remark(s, "Its GPUs.");
    gpus_of(s, have, index);
    script_gap(s);
    script_remark(s, "Every GPU partition adapter of its VMs, running or not.");
    listed(s, arena_printf(a, "Get-VM%s | Get-VMGpuPartitionAdapter", at(s, have, index)),
           "VMName, Id, InstancePath, PartitionId", NULL);
}

static void pool_look(struct script *s, const struct state *have, const char *pool)
{
    for (uint32_t n = 0; n < have->node_count; n++) {
        script_remark(s, "Seen on %s: %s.", have->nodes[n].name,
                      state_pool(have, n, pool) ? "there" : "not there");
        script_line(s, "Get-VMResourcePool%s -ResourcePoolType PciExpress -Name %s", at(s, have, n),
                    script_string(s->arena, pool));
        listed(s,
               arena_printf(s->arena, "Get-VMHostAssignableDevice%s -ResourcePoolName %s",
                            at(s, have, n), script_string(s->arena, pool)),
               "InstanceID, LocationPath", NULL);
    }
}

static void cluster_look(struct script *s, const struct state *have)
{
    for (uint32_t n = 0; n < have->node_count; n++) {
        if (n)
            script_gap(s);
        script_remark(s, "%s", have->nodes[n].name);
        node_look(s, have, n);
    }
}

const char *report_why_powershell(struct arena *a, const struct state *have, enum subject_kind kind,
                                  uint32_t index, const char *name)
{
    struct script s;

    script_init(&s, a, have->standalone);
    script_remark(&s,
                  "What hvgpu saw of %s/%s, %s. These commands change nothing; run them as an "
                  "administrator%s.",
                  subject_words[kind], name, when_human(a, have->observed_ms),
                  have->standalone ? " of that host"
                                   : " where the modules Hyper-V and FailoverClusters are");
    if (kind == SUBJECT_POOL)
        pool_look(&s, have, name);
    else if (kind == SUBJECT_CLUSTER)
        cluster_look(&s, have);
    else if (index == NO_INDEX)
        script_remark(&s, "It was not seen: there is nothing to look at.");
    else if (kind == SUBJECT_VM)
        vm_look(&s, have, index);
    else if (kind == SUBJECT_GPU)
        gpus_of(&s, have, have->gpus[index].node);
    else
        node_look(&s, have, index);
    return text_done(&s.text);
}
