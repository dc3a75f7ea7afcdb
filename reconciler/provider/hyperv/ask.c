/* What a look asks of a node and of the world (specs/wmi.md): all the queries there are. */
#include "provider/hyperv/see.h"

/* Classes without which a node is seen all the same: what they tell is unknown then. */
static bool lacks(const struct err *e)
{
    return e->kind == ERR_UNSUPPORTED || e->kind == ERR_REFUSED;
}

static bool all_of(struct hv_job *job, struct hv_session *s, enum cim_class class,
                   struct cim_rows *out)
{
    const struct cim_query query = {.class = class, .test = CIM_ALL};

    return cim_query(s->eye, &job->arena, &query, out, &job->err);
}

/* Methods that read, too: an account that may only look may not call them (decision 066). */
static bool cannot_ask(const struct err *e)
{
    return lacks(e) || e->kind == ERR_DENIED;
}

/* The guest systems of all VMs of the host: one call. */
static bool ask_summary(struct hv_job *job, struct hv_session *s)
{
    enum { NAME = 0, GUEST_SYSTEM = 106 };
    static const uint64_t wanted[] = {NAME, GUEST_SYSTEM};
    struct cim_object *in = cim_object_new(&job->arena, NULL, NULL), *out = NULL;
    struct cim_call call = {.method = CIM_Msvm_VirtualSystemManagementService_GetSummaryInformation,
                            .path = job->fixed->service,
                            .in = in};

    if (!call.path)
        return true;
    cim_set_numbers(&job->arena, in, "RequestedInformation", CIM_TYPE_U32, wanted, 2);
    if (!cim_ask(s->eye, &job->arena, &call, &out, &job->err))
        return cannot_ask(&job->err);
    job->node.summary = out;
    return true;
}

static bool ask_rest(struct hv_job *job, struct hv_session *s)
{
    struct hv_node_rows *r = &job->node;

    if (!all_of(job, s, CIM_Msvm_GpuPartition, &r->partitions) && !lacks(&job->err))
        return false;
    r->knows_shutdowns = all_of(job, s, CIM_Msvm_ShutdownComponent, &r->shutdowns);
    if (!r->knows_shutdowns && !lacks(&job->err))
        return false;
    return ask_summary(job, s);
}

static bool ask_virt(struct hv_job *job, struct hv_session *s)
{
    struct hv_node_rows *r = &job->node;

    return all_of(job, s, CIM_Msvm_PartitionableGpu, &r->gpus) &&
           all_of(job, s, CIM_Msvm_GpuPartitionSettingData, &r->adapters) &&
           all_of(job, s, CIM_Msvm_PciExpress, &r->devices) &&
           all_of(job, s, CIM_Msvm_PciExpressSettingData, &r->requests) &&
           all_of(job, s, CIM_Msvm_ResourcePool, &r->pools) &&
           all_of(job, s, CIM_Msvm_ElementAllocatedFromPool, &r->members) &&
           all_of(job, s, CIM_Msvm_ComputerSystem, &r->systems) &&
           all_of(job, s, CIM_Msvm_VirtualSystemSettingData, &r->settings) &&
           all_of(job, s, CIM_Msvm_MemorySettingData, &r->memory) && ask_rest(job, s);
}

/* How the jobs that effects became went on: one more query, only while there is such a job. */
static bool ask_jobs(struct hv_job *job, struct hv_session *s)
{
    const uint64_t waits = hv_waits(job->h, job->host);

    if (!waits)
        return true;
    if (!all_of(job, s, CIM_Msvm_ConcreteJob, &job->node.jobs))
        return lacks(&job->err);
    job->node.jobs_asked = waits;
    return true;
}

/* M4: a host always has a row of its own: none at all is no empty host (decision 066). */
static bool shows_itself(struct hv_job *job)
{
    return job->node.systems.count || err_set(&job->err, ERR_DENIED, 0, "%s", hv_blind);
}

const char hv_blind[] = "Hyper-V shows this account nothing, not even the host itself";

void hv_ask_node(struct hv_job *job)
{
    struct hv_session *s = hv_static_take(job) ? hv_job_session(job, CIM_SPACE_VIRT) : NULL;

    job->ok = s && ask_virt(job, s) && shows_itself(job) && ask_jobs(job, s);
}

/* ---- the world ---- */

static bool some_of(struct hv_job *job, struct hv_session *s, enum cim_class class,
                    const char *property, const char *text, struct cim_rows *out)
{
    const struct cim_query query = {class, CIM_EQUALS, property, text};

    return cim_query(s->eye, &job->arena, &query, out, &job->err);
}

static bool ask_cluster(struct hv_job *job, struct hv_session *s)
{
    struct hv_world_rows *w = &job->world;
    const char *vm_groups = arena_printf(&job->arena, "%d", HV_GROUP_VM);

    return all_of(job, s, CIM_MSCluster_Cluster, &w->cluster) &&
           all_of(job, s, CIM_MSCluster_Node, &w->nodes) &&
           some_of(job, s, CIM_MSCluster_ResourceGroup, "GroupType", vm_groups, &w->groups) &&
           some_of(job, s, CIM_MSCluster_Resource, "Type", HV_RESOURCE_VM, &w->vms) &&
           some_of(job, s, CIM_MSCluster_Resource, "Type", HV_RESOURCE_CONFIG, &w->configs);
}

/* Who writes a standalone host stands in its registry (decision 051). */
static bool ask_owner(struct hv_job *job)
{
    struct cim_object *in = cim_object_new(&job->arena, NULL, NULL), *out = NULL;
    const struct cim_call call = {
        .method = CIM_StdRegProv_GetStringValue, .path = "StdRegProv", .in = in};
    struct hv_session *s = hv_job_session(job, CIM_SPACE_CIMV2);

    cim_set_number(&job->arena, in, "hDefKey", CIM_TYPE_U32, HV_HKLM);
    cim_set_text(&job->arena, in, "sSubKeyName", CIM_TYPE_TEXT, HV_OWNER_KEY);
    cim_set_text(&job->arena, in, "sValueName", CIM_TYPE_TEXT, HV_OWNER_VALUE);
    if (!s || (!cim_ask(s->eye, &job->arena, &call, &out, &job->err) && !cannot_ask(&job->err)))
        return false;
    if (out)
        job->world.owner = cim_text(out, "sValue");
    return true;
}

static bool is_standalone(const struct err *e)
{
    const uint32_t no_such_namespace = 0x8004100E; /* there is no cluster (decision 056) */

    return e->kind == ERR_UNSUPPORTED && (uint32_t)e->native == no_such_namespace;
}

void hv_ask_world(struct hv_job *job)
{
    struct hv_session *s = hv_job_session(job, CIM_SPACE_CLUSTER);

    job->world.standalone = !s && is_standalone(&job->err);
    job->ok = s ? ask_cluster(job, s) : job->world.standalone && ask_owner(job);
}
