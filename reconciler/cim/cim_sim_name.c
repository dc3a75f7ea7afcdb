/* How Hyper-V and the cluster name things. */
#include "cim/cim_sim_inner.h"

#define INTERFACE "#{064092b3-625e-43bf-9eb5-dc845897dd59}"

const char *sim_upper(struct arena *a, const char *s)
{
    char *out = arena_strdup(a, s);

    for (char *c = out; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return out;
}

static uint64_t mixed(uint64_t h, const char *s)
{
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u; /* FNV-1a */
    return h;
}

const char *sim_guid(struct arena *a, const char *of, const char *thing, uint64_t n)
{
    uint64_t h = mixed(mixed(14695981039346656037u, of), thing) + n * 0x9E3779B97F4A7C15u;
    uint64_t g = mixed(h, of);

    return arena_printf(
        a, "%08llX-%04llX-4%03llX-8%03llX-%012llX", (unsigned long long)(h & 0xFFFFFFFF),
        (unsigned long long)(h >> 32 & 0xFFFF), (unsigned long long)(h >> 48 & 0xFFF),
        (unsigned long long)(g & 0xFFF), (unsigned long long)(g >> 12 & 0xFFFFFFFFFFFF));
}

const char *sim_gpu_name(struct arena *a, const struct gpu *gpu, const char *path)
{
    char *name;

    if (gpu && gpu->reported && str_starts(gpu->reported, "\\\\?\\"))
        return gpu->reported;
    name = arena_strdup(a, gpu ? gpu->path : path);
    for (char *c = name; *c; c++)
        if (*c == '\\')
            *c = '#';
    return arena_printf(a, "\\\\?\\%s" INTERFACE "%s", name,
                        gpu && gpu->state == GPU_PARAVIRTUAL ? "\\GPUPARAV" : "");
}

const char *sim_pcip(struct arena *a, const struct gpu *gpu)
{
    const char *rest = strchr(gpu->path, '\\');

    if (gpu->reported && str_starts_fold(gpu->reported, "PCIP\\"))
        return gpu->reported;
    return rest ? arena_printf(a, "PCIP%s", rest) : gpu->path;
}

const char *sim_datetime(struct arena *a, int64_t ms)
{
    enum { DAY_MS = 86400000 };
    int64_t days = ms / DAY_MS, rest = ms % DAY_MS, year;
    unsigned month, day;

    if (ms == WHEN_NONE)
        return NULL;
    if (rest < 0) {
        rest += DAY_MS;
        days--;
    }
    day_date(days, &year, &month, &day);
    return arena_printf(a, "%04d%02u%02u%02d%02d%02d.%03d000+000", (int)year, month, day,
                        (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60),
                        (int)(rest % 1000));
}

const char *sim_id(struct arena *a, const char *guid, const char *device)
{
    const char *upper = sim_upper(a, guid);

    return device ? arena_printf(a, "Microsoft:%s\\%s", upper, sim_upper(a, device))
                  : arena_printf(a, "Microsoft:%s", upper);
}

const char *sim_checkpoint(struct arena *a, const struct vm *vm, uint64_t n)
{
    return sim_guid(a, "checkpoint", vm->id, n);
}

uint64_t sim_checkpoints_of(const struct vm *vm)
{
    enum { MOST = 50 }; /* that a VM can have */
    uint64_t n = vm->checkpoint_count.known ? vm->checkpoint_count.value : 0;

    for (size_t i = 0; i < vm->adapter_count; i++)
        n += !n && vm->adapters[i].of_checkpoint;
    for (size_t i = 0; i < vm->request_count; i++)
        n += !n && vm->requests[i].of_checkpoint;
    return n > MOST ? MOST : n;
}

/* A role has its VM's name, unless another one came first. */
const char *sim_group(struct arena *a, const struct state *s, uint32_t vm)
{
    for (uint32_t i = 0; i < vm; i++)
        if (s->vms[i].role.clustered && str_same(s->vms[i].name, s->vms[vm].name))
            return arena_printf(a, "%s (%s)", s->vms[vm].name, s->vms[vm].id);
    return s->vms[vm].name;
}

const char *sim_owner_text(struct arena *a, const struct world *w)
{
    const struct owner owner = {w->owner.store, w->owner.host, w->owner.since_ms, w->owner.epoch};

    return w->owner.store ? owner_text(a, &owner) : NULL;
}

/* ---- object paths ---- */

/* In the key of a path \ and " have a \ before them. */
static const char *quoted(struct arena *a, const char *s)
{
    struct text t;

    text_init(&t, a);
    for (; *s; s++) {
        if (*s == '\\' || *s == '"')
            text_add(&t, "\\");
        text_add_n(&t, s, 1);
    }
    return text_done(&t);
}

static const char *of_class(struct arena *a, const char *host, enum cim_class class)
{
    const struct cim_class_row *row = cim_class_row(class);

    return arena_printf(a, "\\\\%s\\%s:%s", host, cim_space_paths[row->space], row->name);
}

const char *sim_path(struct arena *a, const char *host, enum cim_class class, const char *key,
                     const char *value)
{
    return arena_printf(a, "%s.%s=\"%s\"", of_class(a, host, class), key, quoted(a, value));
}

const char *sim_system_path(struct arena *a, const char *host, enum cim_class class,
                            const char *name)
{
    return arena_printf(a, "%s.CreationClassName=\"%s\",Name=\"%s\"", of_class(a, host, class),
                        cim_class_row(class)->name, quoted(a, name));
}

const char *sim_device_path(struct arena *a, const char *host, enum cim_class class,
                            const char *device, const char *system)
{
    return arena_printf(a,
                        "%s.CreationClassName=\"%s\",DeviceID=\"%s\","
                        "SystemCreationClassName=\"Msvm_ComputerSystem\",SystemName=\"%s\"",
                        of_class(a, host, class), cim_class_row(class)->name, quoted(a, device),
                        quoted(a, system));
}

const char *sim_service_path(struct arena *a, const char *host, enum cim_class class,
                             const char *name)
{
    return arena_printf(a,
                        "%s.CreationClassName=\"%s\",Name=\"%s\","
                        "SystemCreationClassName=\"Msvm_ComputerSystem\",SystemName=\"%s\"",
                        of_class(a, host, class), cim_class_row(class)->name, quoted(a, name),
                        quoted(a, host));
}

const char *sim_link_path(struct arena *a, const char *host, enum cim_class class,
                          const char *antecedent, const char *dependent)
{
    return arena_printf(a, "%s.Antecedent=\"%s\",Dependent=\"%s\"", of_class(a, host, class),
                        quoted(a, antecedent), quoted(a, dependent));
}

const char *sim_gpu_path(struct arena *a, const char *host, const char *name)
{
    return sim_system_path(a, host, CIM_Msvm_PartitionableGpu, name);
}

const char *sim_pcie_path(struct arena *a, const char *host, const struct gpu *gpu)
{
    const char *id =
        arena_printf(a, "Microsoft:%s\\%s", sim_guid(a, "device", gpu->path, 0), sim_pcip(a, gpu));

    return sim_device_path(a, host, CIM_Msvm_PciExpress, id, host);
}

const char *sim_pool_path(struct arena *a, const char *host, const char *pool, uint16_t type)
{
    return sim_path(a, host, CIM_Msvm_ResourcePool, "InstanceID",
                    sim_id(a, sim_guid(a, "pool", pool, type), NULL));
}
