/* Devices of a node and their pools, out of the rows of WMI. */
#include "provider/hyperv/see.h"

#include "base/limits.h"

#include <stdlib.h>

const char *const hv_quotas[] = {"VRAM", "Encode", "Decode", "Compute", NULL};

const char *hv_keep(struct hv_look *l, const char *s)
{
    return s ? arena_strdup(l->a, s) : NULL;
}

/* The devices of one node on their way. */
struct devices {
    struct hv_look *l;
    uint32_t node;
    size_t first; /* of this node in out->gpus */
    const struct hv_node_rows *rows;
    const struct hv_static *fixed;
    struct map of_path;   /* of fixed->devices */
    struct map placed;    /* paths of the GPUs that are made, to their place */
    struct map of_device; /* DeviceID of host rows of Msvm_PciExpress, to their place */
};

static const struct hv_device *device_of(const struct devices *d, const char *path)
{
    uint32_t i = map_get(&d->of_path, path);

    return i == MAP_NONE ? NULL : &d->fixed->devices[i];
}

static void take_locations(struct hv_look *l, struct gpu *g, const struct hv_device *known,
                           const char *location)
{
    size_t n = known ? known->location_count : 0;

    g->locations = arena_array(l->a, const char *, n + 2);
    for (size_t i = 0; i < n; i++)
        g->locations[g->location_count++] = hv_keep(l, known->locations[i]);
    if (!n && location)
        g->locations[g->location_count++] = hv_keep(l, location);
}

/* Its BARs are what the host gave it, and gone once it is dismounted: the known card's (S5). */
static void take_need(struct hv_look *l, struct gpu *g)
{
    const struct card *card = l->facts ? facts_card(l->facts, g->pci, g->subsystem) : NULL;

    if (!card)
        return;
    g->mmio_low_mib = card->mmio_low_mib;
    g->mmio_high_mib = card->mmio_high_mib;
}

/* A device with what is known of every one; NULL: it is there already. */
static struct gpu *make(struct devices *d, const char *reported, const char *location)
{
    struct hv_look *l = d->l;
    const char *path = path_normal(l->a, reported);
    const struct hv_device *known = device_of(d, path);
    struct gpu *g;

    if (map_put(&d->placed, path, (uint32_t)l->out->gpu_count) != l->out->gpu_count)
        return NULL;
    g = arena_push(l->a, l->out->gpus, l->out->gpu_count, l->gpu_room);
    g->node = d->node;
    g->path = path;
    g->reported = hv_keep(l, reported);
    g->pci = hv_pci(l->a, path);
    g->subsystem = hv_subsystem(l->a, path);
    g->valid_complete = true;
    take_locations(l, g, known, location);
    take_need(l, g);
    if (known) {
        g->is_gpu = known->is_gpu;
        g->model = hv_keep(l, known->model);
        g->driver = hv_keep(l, known->driver);
        g->series = known->series;
    }
    return g;
}

/* ---- partitionable ---- */

static int by_falling(const void *a, const void *b)
{
    return (int)*(const uint16_t *)b - (int)*(const uint16_t *)a;
}

static void take_counts(struct hv_look *l, struct gpu *g, const struct cim_object *row)
{
    const uint64_t *numbers = NULL;
    size_t n = cim_numbers(row, "ValidPartitionCounts", &numbers);

    g->count = cim_number(row, "PartitionCount");
    g->valid = arena_array(l->a, uint16_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (numbers[i] && numbers[i] <= LIMIT_PARTITION_COUNT && g->valid_count < LIMIT_COUNTS)
            g->valid[g->valid_count++] = (uint16_t)numbers[i];
        else
            g->valid_complete = false;
    }
    qsort(g->valid, g->valid_count, sizeof *g->valid, by_falling);
}

static struct num quota(struct hv_look *l, const struct cim_object *row, const char *what, int kind)
{
    return cim_number(row, arena_printf(l->a, "%s%s", what, hv_quotas[kind]));
}

static void partitionable(struct devices *d, const struct cim_object *row)
{
    const char *name = cim_text(row, "Name");
    struct gpu *g = name ? make(d, name, NULL) : NULL;

    if (!g) {
        d->l->skipped += !name;
        return;
    }
    g->is_gpu = true;
    g->state = path_is_paravirtual(name) ? GPU_PARAVIRTUAL : GPU_PARTITIONED;
    take_counts(d->l, g, row);
    for (int k = 0; k < QUOTA_KINDS; k++) {
        g->total[k] = quota(d->l, row, "Total", k);
        g->available[k] = quota(d->l, row, "Available", k);
        g->min[k] = quota(d->l, row, "MinPartition", k);
        g->max[k] = quota(d->l, row, "MaxPartition", k);
        g->optimal[k] = quota(d->l, row, "OptimalPartition", k);
    }
    g->incoming_migration = cim_tri(row, "SupportsIncomingLiveMigration");
}

/* ---- taken from the host ---- */

static bool of_host(const struct devices *d, const struct cim_object *row)
{
    const char *system = cim_text(row, "SystemName");

    return hv_same_host(system, d->fixed->name) ||
           hv_same_host(system, d->l->out->nodes[d->node].name);
}

/* Only its driver's class could tell; where PnP does not, the makers of GPUs are taken at that. */
static bool made_by_gpu_maker(const struct gpu *g)
{
    return g->pci && (str_starts(g->pci, "10de:") || str_starts(g->pci, "1002:"));
}

static void dismounted(struct devices *d, const struct cim_object *row)
{
    const char *reported = cim_text(row, "DeviceInstancePath");
    const char *id = cim_text(row, "DeviceID");
    struct gpu *g;

    if (!reported) {
        d->l->skipped++;
        return;
    }
    g = make(d, reported, cim_text(row, "LocationPath"));
    if (id)
        map_put(&d->of_device, id, map_get(&d->placed, path_normal(d->l->a, reported)));
    if (!g)
        return;
    g->state = GPU_DISMOUNTED;
    /* Its driver says how to let it pass, not what it is: the ids do, where they are known. */
    g->model = d->l->facts ? facts_card_name(d->l->facts, g->pci, g->subsystem) : NULL;
    if (!device_of(d, g->path))
        g->is_gpu = made_by_gpu_maker(g);
}

/* ---- with the host ---- */

static enum gpu_state state_of(const struct hv_device *dev)
{
    enum { EXPRESS_ENDPOINT = 2, INTEGRATED_ENDPOINT = 4 }; /* the assignable ones */

    if (dev->off_host)
        return GPU_UNKNOWN;
    if (num_is(dev->error, HV_DISABLED))
        return GPU_DISABLED;
    if (num_is(dev->error, HV_NO_DRIVER))
        return GPU_NO_DRIVER;
    if (dev->type.known && dev->type.value != EXPRESS_ENDPOINT &&
        dev->type.value != INTEGRATED_ENDPOINT)
        return GPU_NOT_ASSIGNABLE;
    return GPU_HOST;
}

static void with_host(struct devices *d, const struct hv_device *dev)
{
    struct gpu *g = dev->is_gpu || dev->is_storage ? make(d, dev->reported, NULL) : NULL;

    if (g)
        g->state = state_of(dev);
}

/* ---- pools ---- */

static bool is_pool(const struct cim_object *row)
{
    return cim_tri(row, "Primordial") == TRI_NO &&
           num_is(cim_number(row, "ResourceType"), HV_TYPE_PCIE);
}

static void take_pools(struct devices *d, struct map *of_id)
{
    struct hv_look *l = d->l;
    size_t first = l->out->pool_count;

    for (size_t i = 0; i < d->rows->pools.count; i++) {
        const struct cim_object *row = &d->rows->pools.rows[i];
        const char *name = cim_text(row, "PoolID"), *id = cim_text(row, "InstanceID");
        bool known = false;

        if (!is_pool(row))
            continue;
        if (!name || !*name) {
            l->skipped++;
            continue;
        }
        for (size_t k = first; k < l->out->pool_count; k++)
            known |= str_eq(l->out->pools[k].name, name);
        if (known)
            continue;
        if (id)
            map_put(of_id, id, (uint32_t)l->out->pool_count);
        *arena_push(l->a, l->out->pools, l->out->pool_count, l->pool_room) =
            (struct pool){d->node, hv_keep(l, name)};
    }
}

static void take_members(struct devices *d, const struct map *of_id)
{
    struct hv_look *l = d->l;

    for (size_t i = 0; i < d->rows->members.count; i++) {
        const struct cim_object *row = &d->rows->members.rows[i];
        const char *pool = cim_text(row, "Antecedent"), *device = cim_text(row, "Dependent");
        uint32_t in, at;

        if (!pool || !device) {
            l->skipped++;
            continue;
        }
        pool = cim_path_key(l->a, pool, "InstanceID");
        device = hv_device_id(l->a, device);
        in = pool ? map_get(of_id, pool) : MAP_NONE;
        at = device ? map_get(&d->of_device, device) : MAP_NONE;
        if (in != MAP_NONE && at != MAP_NONE)
            l->out->gpus[at].pool = l->out->pools[in].name;
    }
}

void hv_see_devices(struct hv_look *l, uint32_t node, const struct hv_node_rows *rows,
                    const struct hv_static *fixed)
{
    struct devices d = {l, node, l->out->gpu_count, rows, fixed, {0}, {0}, {0}};
    struct map pools;

    map_init(&d.of_path, l->a, fixed->device_count, true);
    map_init(&d.placed, l->a, fixed->device_count, true);
    map_init(&d.of_device, l->a, rows->devices.count, true);
    map_init(&pools, l->a, rows->pools.count, true);
    for (uint32_t i = 0; i < fixed->device_count; i++)
        map_put(&d.of_path, fixed->devices[i].path, i);
    for (size_t i = 0; i < rows->devices.count; i++)
        if (of_host(&d, &rows->devices.rows[i]))
            dismounted(&d, &rows->devices.rows[i]);
    for (size_t i = 0; i < rows->gpus.count; i++)
        partitionable(&d, &rows->gpus.rows[i]);
    for (size_t i = 0; i < fixed->device_count; i++)
        with_host(&d, &fixed->devices[i]);
    take_pools(&d, &pools);
    take_members(&d, &pools);
}
