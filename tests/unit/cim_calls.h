/* Calls on a world shown as WMI, for tests: hands, and what is sent. */
#ifndef TESTS_CIM_CALLS_H
#define TESTS_CIM_CALLS_H
#include "cim_world.h"

#define HEAD(timing)                                                                               \
    "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: t}\nspec:\n"                              \
    "  now: 2026-11-19T13:00:00Z\n  cluster: {name: c}\n  timing: {change: " timing                \
    ", count: " timing ", device: " timing "}\n"
#define BODY                                                                                       \
    "  nodes:\n"                                                                                   \
    "    - {name: n1, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&1&0&0, partitions: 4,"    \
    " incomingLiveMigration: true},"                                                               \
    " {card: NVIDIA L40S, instance: 4&2&0&0, state: host, locationPath: 'PCIROOT(2)#PCI(0)'},"     \
    " {card: NVIDIA L40S, instance: 4&3&0&0, state: dismounted,"                                   \
    " locationPath: 'PCIROOT(3)#PCI(0)'},"                                                         \
    " {card: NVIDIA L40S, instance: 4&4&0&0, state: dismounted,"                                   \
    " locationPath: 'PCIROOT(4)#PCI(0)'}]}\n"                                                      \
    "    - {name: n2, build: 26100, gpus: [{card: NVIDIA A2, instance: 4&1&0&0, partitions: 4,"    \
    " incomingLiveMigration: true}]}\n"                                                            \
    "  vms:\n"                                                                                     \
    "    - {name: off, id: aaaaaaaa-0000-4000-8000-000000000001, node: n1}\n"                      \
    "    - {name: run, id: bbbbbbbb-0000-4000-8000-000000000002, node: n1, power: running}\n"      \
    "    - {name: has, id: cccccccc-0000-4000-8000-000000000003, node: n1, memory: {startup: 4 "   \
    "GiB},"                                                                                        \
    " adapters: [{id: cccccccc-0000-4000-8000-0000000000a1},"                                      \
    " {id: cccccccc-0000-4000-8000-0000000000c1, checkpoint: true}]}\n"
#define AT_ONCE HEAD("0s") BODY
#define SLOWLY  HEAD("10s") BODY

#define OFF "AAAAAAAA-0000-4000-8000-000000000001"
#define RUN "BBBBBBBB-0000-4000-8000-000000000002"
#define HAS "CCCCCCCC-0000-4000-8000-000000000003"

/* ---- a case with hands ---- */

struct call_case {
    struct cim_case c;
    struct cim_hand *virt, *cluster, *host;
    struct cim_object *in, *out;
    bool accepted;
};

static inline struct cim_hand *hand_of(struct call_case *k, struct cim_eye *eye)
{
    struct cim_hand *hand;

    assert_true(eye->ops->hand(eye, &hand, &k->c.e));
    return hand;
}

static inline void open_case(struct call_case *k, const char *world)
{
    *k = (struct call_case){.accepted = false};
    cim_case_open(&k->c, world, "n1");
    k->virt = hand_of(k, k->c.virt);
    k->host = hand_of(k, k->c.host);
    k->cluster = k->c.cluster ? hand_of(k, k->c.cluster) : NULL;
}

static inline struct world *world_of(struct call_case *k)
{
    return cim_sim_world(k->c.net);
}

static inline struct cim_object *with(struct call_case *k)
{
    k->in = cim_object_new(&k->c.arena, NULL, NULL);
    return k->in;
}

static inline bool call(struct call_case *k, enum cim_method method, const char *path)
{
    struct cim_call call = {.method = method, .path = path, .in = k->in};
    enum cim_space space = cim_class_row(cim_method_row(method)->class)->space;
    struct cim_hand *hand = space == CIM_SPACE_VIRT      ? k->virt
                            : space == CIM_SPACE_CLUSTER ? k->cluster
                                                         : k->host;

    k->c.e = (struct err){.kind = ERR_NONE};
    k->accepted = false;
    return cim_invoke(hand, &k->c.arena, &call, &k->accepted, &k->out, &k->c.e);
}

static inline const char *only(struct call_case *k, enum cim_class class)
{
    return cim_all(&k->c, class).rows[0].path;
}

static inline void pass(struct call_case *k, int64_t ms)
{
    k->c.net->ops->wait_ms(k->c.net, k->c.net->ops->now_ms(k->c.net) + ms);
}

/* ---- what is sent ---- */

static inline const char *template_of(struct call_case *k, enum cim_class class)
{
    struct cim_rows rows = cim_all(&k->c, class);

    for (size_t i = 0; i < rows.count; i++)
        if (str_starts(cim_text(&rows.rows[i], "InstanceID"), "Microsoft:Definition"))
            return rows.rows[i].path;
    fail_msg("no template");
    return NULL;
}

static inline struct cim_object *setting(struct call_case *k, enum cim_class class,
                                         const char *path)
{
    return cim_object_new(&k->c.arena, cim_class_row(class)->name, path);
}

static inline bool add(struct call_case *k, const char *vm, const struct cim_object *o)
{
    const char *id = arena_printf(&k->c.arena, "Microsoft:%s", vm);

    with(k);
    cim_set_text(&k->c.arena, k->in, "AffectedConfiguration", CIM_TYPE_REF,
                 cim_row(&k->c, CIM_Msvm_VirtualSystemSettingData, "InstanceID", id)->path);
    cim_set_objects(&k->c.arena, k->in, "ResourceSettings", CIM_TYPE_INSTANCE, &o, 1);
    return call(k, CIM_Msvm_VirtualSystemManagementService_AddResourceSettings,
                only(k, CIM_Msvm_VirtualSystemManagementService));
}

static inline struct cim_object *adapter(struct call_case *k)
{
    return setting(k, CIM_Msvm_GpuPartitionSettingData,
                   template_of(k, CIM_Msvm_GpuPartitionSettingData));
}

static inline struct cim_object *adapter_of(struct call_case *k, const char *vm, const char *id)
{
    return cim_row(&k->c, CIM_Msvm_GpuPartitionSettingData, "InstanceID",
                   arena_printf(&k->c.arena, "Microsoft:%s\\%s", vm, id));
}

static inline bool modify(struct call_case *k, const struct cim_object *o)
{
    with(k);
    cim_set_objects(&k->c.arena, k->in, "ResourceSettings", CIM_TYPE_INSTANCE, &o, 1);
    return call(k, CIM_Msvm_VirtualSystemManagementService_ModifyResourceSettings,
                only(k, CIM_Msvm_VirtualSystemManagementService));
}

static inline bool remove_setting(struct call_case *k, const char *path)
{
    with(k);
    cim_set_texts(&k->c.arena, k->in, "ResourceSettings", CIM_TYPE_REF, &path, 1);
    return call(k, CIM_Msvm_VirtualSystemManagementService_RemoveResourceSettings,
                only(k, CIM_Msvm_VirtualSystemManagementService));
}

static inline bool modify_system(struct call_case *k, const struct cim_object *o)
{
    with(k);
    if (o)
        cim_set_object(&k->c.arena, k->in, "SystemSettings", CIM_TYPE_INSTANCE, o);
    else
        cim_set_null(&k->c.arena, k->in, "SystemSettings", CIM_TYPE_INSTANCE);
    return call(k, CIM_Msvm_VirtualSystemManagementService_ModifySystemSettings,
                only(k, CIM_Msvm_VirtualSystemManagementService));
}

static inline const char *resource(struct call_case *k, const char *name)
{
    return cim_row(&k->c, CIM_MSCluster_Resource, "Name", name)->path;
}

static inline bool control(struct call_case *k, const char *path, uint64_t code,
                           const uint64_t *bytes, size_t n)
{
    with(k);
    cim_set_number(&k->c.arena, k->in, "ControlCode", CIM_TYPE_S32, code);
    cim_set_numbers(&k->c.arena, k->in, "InputBuffer", CIM_TYPE_U8, bytes, n);
    return call(k, CIM_MSCluster_Resource_ExecuteResourceControl, path);
}

static inline bool take_offline(struct call_case *k, const char *path)
{
    with(k);
    return call(k, CIM_MSCluster_Resource_TakeOfflineParams, path);
}

static inline void refused_with(struct call_case *k, bool ok, int64_t code)
{
    if (ok || k->c.e.native != code)
        fail_msg("%s: 0x%llx, not 0x%llx (%s)", ok ? "done" : "refused",
                 (unsigned long long)k->c.e.native, (unsigned long long)code, k->c.e.text);
}

static inline bool is_stale(struct call_case *k, const char *vm)
{
    const struct world *w = world_of(k);

    return w->sim && w->sim[vm_named(w, vm)].stale;
}

static inline uint64_t job_state(struct call_case *k, const char *path, uint64_t *code)
{
    struct cim_object *job;

    if (!cim_get(k->c.virt, &k->c.arena, path, &job, &k->c.e))
        return 0;
    *code = cim_number(job, "ErrorCode").value;
    return cim_number(job, "JobState").value;
}

#endif
