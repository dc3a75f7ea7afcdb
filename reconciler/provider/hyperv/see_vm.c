/* VMs of a node with what they have, out of the rows of WMI: joined by ids, in memory. */
#include "provider/hyperv/see.h"

/* ---- words ---- */

static struct num generation(const char *subtype)
{
    static const char kind[] = "Microsoft:Hyper-V:SubType:";
    uint64_t n;

    if (!subtype || !str_starts_fold(subtype, kind) || !str_u64(subtype + sizeof kind - 1, &n))
        return NUM_UNKNOWN;
    return NUM(n);
}

static bool has_text(const char *where, const char *what)
{
    for (; *where; where++)
        if (str_starts_fold(where, what))
            return true;
    return false;
}

enum vm_owner hv_owner(const struct cim_object *settings)
{
    const struct cim_value *notes = settings ? cim_value_of(settings, "Notes") : NULL;
    const char *const *lines = NULL;
    size_t n;

    if (!notes || (!notes->null && !(notes->array && cim_type_is_text(notes->type))))
        return OWNER_UNKNOWN; /* decision 055: what cannot be read never makes it ours */
    n = cim_texts(settings, "Notes", &lines);
    for (const struct cim_mark *m = cim_marks; m->text; m++)
        for (size_t i = 0; i < n; i++)
            if (has_text(lines[i], m->text))
                return m->aks ? OWNER_AKS : OWNER_ARC;
    return OWNER_HYPERV;
}

/* ---- the VMs of one node on their way ---- */

struct room {
    size_t adapters, requests;
};

struct vms {
    struct hv_look *l;
    uint32_t node;
    const struct hv_node_rows *rows;
    const struct hv_static *fixed;
    size_t first;       /* of this node in out->vms */
    struct room *room;  /* of each of them */
    struct map of_id;   /* to the place behind `first` */
    struct map of_copy; /* ids of checkpoints, to their VM's place behind `first` */
    struct map ids;     /* of adapters and requests, each in its VM */
    uint32_t next_id;
    bool copies; /* it is the turn of the checkpoints' */
};

static struct vm *vm_at(const struct vms *v, uint32_t at)
{
    return &v->l->out->vms[v->first + at];
}

static const char *lower_text(const struct vms *v, const struct cim_object *row, const char *name)
{
    const char *s = cim_text(row, name);

    return s && *s ? hv_guid(v->l->a, s) : NULL;
}

/* What "Microsoft:<owner>\<device>" says; `vm` NULL: it belongs to none, as a template does. */
struct owned {
    struct vm *vm;
    uint32_t at; /* behind `first` */
    bool copy;   /* of a checkpoint of it */
    const char *owner, *device;
};

static struct owned owned_by(const struct vms *v, const struct cim_object *row)
{
    const char *id = cim_text(row, "InstanceID");
    struct owned of = {.owner = id ? hv_owner_part(v->l->a, id) : NULL};

    if (!of.owner) {
        v->l->skipped += !v->copies;
        return of;
    }
    of.device = hv_device_part(v->l->a, id);
    of.at = map_get(&v->of_id, of.owner);
    of.copy = of.at == MAP_NONE;
    if (of.copy)
        of.at = map_get(&v->of_copy, of.owner);
    of.vm = of.at == MAP_NONE ? NULL : vm_at(v, of.at);
    return of;
}

/*
 * The id of an adapter or a request in its VM.  A checkpoint's copy has the id
 * of what it was copied from: then the checkpoint's stands before it.  NULL:
 * the row has none, or it was there already.
 */
static const char *id_in_vm(struct vms *v, const struct owned *of)
{
    struct arena *a = v->l->a;
    const char *id = of->device;

    if (id &&
        map_put(&v->ids, arena_printf(a, "%s\\%s", of->vm->id, id), v->next_id) == v->next_id) {
        v->next_id++;
        return id;
    }
    if (id && of->copy) {
        id = arena_printf(a, "%s\\%s", of->owner, id);
        if (map_put(&v->ids, id, v->next_id) == v->next_id) {
            v->next_id++;
            return id;
        }
    }
    v->l->skipped++;
    return NULL;
}

static void add_vm(struct vms *v, const struct cim_object *row)
{
    struct hv_look *l = v->l;
    const char *id = lower_text(v, row, "Name"), *name = cim_text(row, "ElementName");
    uint32_t at = (uint32_t)(l->out->vm_count - v->first);
    struct vm *vm;

    if (!id || map_put(&v->of_id, id, at) != at) {
        l->skipped++;
        return;
    }
    vm = arena_push(l->a, l->out->vms, l->out->vm_count, l->vm_room);
    *vm = (struct vm){.id = id,
                      .name = hv_keep(l, name ? name : id),
                      .node = v->node,
                      .power = hv_power(cim_number(row, "EnabledState")),
                      .stamp_ms = hv_time(cim_text(row, "TimeOfLastStateChange")),
                      .owner = OWNER_UNKNOWN};
}

static void add_vms(struct vms *v)
{
    const struct cim_rows *rows = &v->rows->systems;

    for (size_t i = 0; i < rows->count; i++) {
        const char *name = cim_text(&rows->rows[i], "Name");

        if (!hv_same_host(name, v->fixed->name) &&
            !hv_same_host(name, v->l->out->nodes[v->node].name)) /* the host has a row, too */
            add_vm(v, &rows->rows[i]);
    }
    v->room = arena_array(v->l->a, struct room, v->l->out->vm_count - v->first + 1);
}

/* ---- settings ---- */

static void take_settings(struct vm *vm, const struct cim_object *row)
{
    struct vm_settings *s = &vm->settings;

    vm->generation = generation(cim_text(row, "VirtualSystemSubType"));
    vm->owner = hv_owner(row);
    s->stop_action = hv_stop_action(cim_number(row, "AutomaticShutdownAction"));
    s->mmio_low_mib = cim_number(row, "LowMmioGapSize");
    s->mmio_high_mib = cim_number(row, "HighMmioGapSize");
    s->mmio_base_mib = cim_number(row, "HighMmioGapBase");
    s->cache_types = cim_tri(row, "GuestControlledCacheTypes");
    s->checkpoints = hv_checkpoints(cim_number(row, "UserSnapshotType"));
    s->auto_checkpoints = cim_tri(row, "AutomaticSnapshotsEnabled");
}

/* A VM's own settings, a checkpoint's, or a plan's; by the ids where the type is not told. */
enum kind { KIND_OWN, KIND_CHECKPOINT, KIND_OTHER };

static enum kind kind_of(const char *type, const char *owner, const char *vm)
{
    if (!type)
        return str_eq(owner, vm) ? KIND_OWN : KIND_CHECKPOINT;
    if (str_same(type, "Microsoft:Hyper-V:System:Realized"))
        return KIND_OWN;
    return str_starts_fold(type, "Microsoft:Hyper-V:Snapshot:") ? KIND_CHECKPOINT : KIND_OTHER;
}

static void take_setting_row(struct vms *v, const struct cim_object *row)
{
    const char *id = cim_text(row, "InstanceID");
    const char *owner = id ? hv_owner_part(v->l->a, id) : NULL;
    const char *of = lower_text(v, row, "VirtualSystemIdentifier");
    enum kind kind = kind_of(cim_text(row, "VirtualSystemType"), owner, of);
    uint32_t at;

    if (kind == KIND_OWN && !of)
        of = owner;
    if (!of || (kind == KIND_CHECKPOINT && !owner)) {
        v->l->skipped++;
        return;
    }
    at = map_get(&v->of_id, of);
    if (at == MAP_NONE || kind == KIND_OTHER)
        return;
    if (kind == KIND_OWN)
        take_settings(vm_at(v, at), row);
    else if (map_put(&v->of_copy, owner, at) == at)
        vm_at(v, at)->checkpoint_count.value++;
}

/* As many as there are rows: known as soon as the class was read at all. */
static void take_all_settings(struct vms *v)
{
    for (size_t i = v->first; i < v->l->out->vm_count; i++)
        v->l->out->vms[i].checkpoint_count = NUM(0);
    for (size_t i = 0; i < v->rows->settings.count; i++)
        take_setting_row(v, &v->rows->settings.rows[i]);
}

static void take_memory(struct vms *v)
{
    for (size_t i = 0; i < v->rows->memory.count; i++) {
        const struct cim_object *row = &v->rows->memory.rows[i];
        const struct owned of = owned_by(v, row);
        struct vm *vm = of.vm;

        if (!vm || of.copy)
            continue;
        vm->settings.dynamic_memory = cim_tri(row, "DynamicMemoryEnabled");
        vm->settings.memory_startup_mib = cim_number(row, "VirtualQuantity");
        vm->settings.memory_min_mib = cim_number(row, "Reservation");
        vm->settings.memory_max_mib = cim_number(row, "Limit");
    }
}

/* ---- adapters ---- */

static void take_limits(struct hv_look *l, struct limits *to, const struct cim_object *row)
{
    for (int k = 0; k < QUOTA_KINDS; k++) {
        const char *what = hv_quotas[k];

        to->min[k] = cim_number(row, arena_printf(l->a, "MinPartition%s", what));
        to->max[k] = cim_number(row, arena_printf(l->a, "MaxPartition%s", what));
        to->optimal[k] = cim_number(row, arena_printf(l->a, "OptimalPartition%s", what));
    }
}

static void add_adapter(struct vms *v, const struct cim_object *row)
{
    struct hv_look *l = v->l;
    const struct owned of = owned_by(v, row);
    const char *id = of.vm && of.copy == v->copies ? id_in_vm(v, &of) : NULL;
    const char *pin = cim_first(row, "HostResource");
    struct adapter *ad;

    if (!id)
        return;
    ad = arena_push(l->a, of.vm->adapters, of.vm->adapter_count, v->room[of.at].adapters);
    *ad = (struct adapter){.id = id, .of_checkpoint = of.copy};
    ad->pin_unknown = !cim_value_of(row, "HostResource");
    ad->pin = pin && *pin ? hv_device_path(l->a, pin) : NULL;
    take_limits(l, &ad->limits, row);
}

/* Is the row, "Microsoft:<id>[\..]" or "Microsoft:<vm>\<id>", of the part with this id? */
static bool names_part(const struct vms *v, const struct cim_object *row, const char *id)
{
    const char *device = cim_text(row, "DeviceID");

    return device && (str_eq(hv_owner_part(v->l->a, device), id) ||
                      str_eq(hv_device_part(v->l->a, device), id));
}

/* The adapter that a partition belongs to: by its id, or the only one that there is. */
static struct adapter *adapter_of(const struct vms *v, struct vm *vm, const struct cim_object *row)
{
    struct adapter *only = NULL;
    size_t own = 0;

    for (size_t i = 0; i < vm->adapter_count; i++) {
        if (vm->adapters[i].of_checkpoint)
            continue;
        if (names_part(v, row, vm->adapters[i].id))
            return &vm->adapters[i];
        only = &vm->adapters[i];
        own++;
    }
    return own == 1 && !only->seen ? only : NULL;
}

static void take_partitions(struct vms *v)
{
    for (size_t i = 0; i < v->rows->partitions.count; i++) {
        const struct cim_object *row = &v->rows->partitions.rows[i];
        const char *system = lower_text(v, row, "SystemName");
        const char *path = cim_text(row, "DeviceInstancePath");
        uint32_t at = system ? map_get(&v->of_id, system) : MAP_NONE;
        struct adapter *ad = at == MAP_NONE ? NULL : adapter_of(v, vm_at(v, at), row);

        v->l->skipped += !system;
        if (!ad)
            continue;
        ad->seen = path && *path ? hv_device_path(v->l->a, path) : NULL;
        ad->partition = cim_number(row, "PartitionId");
        for (int k = 0; k < QUOTA_KINDS; k++)
            ad->current[k] = cim_number(row, arena_printf(v->l->a, "Current%s", hv_quotas[k]));
        ad->outgoing_migration = cim_tri(row, "SupportsOutgoingLiveMigration");
    }
}

/* ---- whole devices ---- */

/* Where a fixed device is: its row of the host, or what PnP says of it once it is back there. */
static const char *location_of(struct vms *v, const char *resource)
{
    const char *id = hv_device_id(v->l->a, resource), *part;

    for (size_t i = 0; id && i < v->rows->devices.count; i++)
        if (str_same(cim_text(&v->rows->devices.rows[i], "DeviceID"), id))
            return hv_keep(v->l, cim_text(&v->rows->devices.rows[i], "LocationPath"));
    part = id ? strchr(id, '\\') : NULL; /* Microsoft:<guid>\PCIP\VEN_.. */
    for (size_t i = 0; part && i < v->fixed->device_count; i++)
        if (str_same(v->fixed->devices[i].path, path_normal(v->l->a, part + 1)) &&
            v->fixed->devices[i].location_count)
            return hv_keep(v->l, v->fixed->devices[i].locations[0]);
    return NULL;
}

static void add_request(struct vms *v, const struct cim_object *row)
{
    struct hv_look *l = v->l;
    const struct owned of = owned_by(v, row);
    const char *id = of.vm && of.copy == v->copies ? id_in_vm(v, &of) : NULL;
    const char *pool = cim_text(row, "PoolID"), *resource = cim_first(row, "HostResource");

    if (!id)
        return;
    *arena_push(l->a, of.vm->requests, of.vm->request_count, v->room[of.at].requests) =
        (struct request){.id = id,
                         .pool = pool && *pool ? hv_keep(l, pool) : NULL,
                         .location = resource && *resource ? location_of(v, resource) : NULL,
                         .of_checkpoint = of.copy};
}

/* The request that a device in a VM answers: by id, by its location, or the next of a pool. */
static struct request *request_of(const struct vms *v, struct vm *vm, const struct cim_object *row,
                                  const char *location)
{
    struct request *there = NULL, *next = NULL;

    for (size_t i = 0; i < vm->request_count; i++) {
        struct request *rq = &vm->requests[i];

        if (rq->of_checkpoint || rq->given)
            continue;
        if (names_part(v, row, rq->id))
            return rq;
        if (!there && rq->location && str_same(rq->location, location))
            there = rq;
        if (!next && rq->pool)
            next = rq;
    }
    return there ? there : next;
}

static void take_given(struct vms *v)
{
    for (size_t i = 0; i < v->rows->devices.count; i++) {
        const struct cim_object *row = &v->rows->devices.rows[i];
        const char *system = lower_text(v, row, "SystemName");
        const char *location = cim_text(row, "LocationPath");
        uint32_t at = system ? map_get(&v->of_id, system) : MAP_NONE;
        struct request *rq;

        if (at == MAP_NONE || !location)
            continue;
        rq = request_of(v, vm_at(v, at), row, location);
        if (rq)
            rq->given = hv_keep(v->l, location);
    }
}

/* ---- guests ---- */

static void take_guest(struct vm *vm, struct hv_look *l, const char *guest_system)
{
    if (!guest_system || !*guest_system)
        return;
    vm->guest_system = hv_keep(l, guest_system);
    vm->windows = str_starts_fold(guest_system, "Windows") ||
                          str_starts_fold(guest_system, "Microsoft Windows")
                      ? TRI_YES
                      : TRI_NO;
}

static void take_guests(struct vms *v)
{
    const struct cim_object *part;

    for (size_t i = v->first; i < v->l->out->vm_count; i++) /* only a guest that runs can say */
        if (v->rows->knows_shutdowns && v->l->out->vms[i].power == POWER_RUNNING)
            v->l->out->vms[i].can_shut_down = TRI_NO;
    for (size_t i = 0; i < v->rows->shutdowns.count; i++) {
        const char *system = lower_text(v, &v->rows->shutdowns.rows[i], "SystemName");
        uint32_t at = system ? map_get(&v->of_id, system) : MAP_NONE;

        if (at != MAP_NONE)
            vm_at(v, at)->can_shut_down = TRI_YES;
    }
    for (size_t i = 0; v->rows->summary; i++) {
        const char *system;
        uint32_t at;

        part = cim_part(v->rows->summary, "SummaryInformation", i);
        if (!part)
            break;
        system = lower_text(v, part, "Name");
        at = system ? map_get(&v->of_id, system) : MAP_NONE;
        if (at != MAP_NONE)
            take_guest(vm_at(v, at), v->l, cim_text(part, "GuestOperatingSystem"));
    }
}

/* What is the VMs' own comes first: the copies of checkpoints are told from it. */
static void take_parts(struct vms *v)
{
    for (int turn = 0; turn < 2; turn++, v->copies = true) {
        for (size_t i = 0; i < v->rows->adapters.count; i++)
            add_adapter(v, &v->rows->adapters.rows[i]);
        for (size_t i = 0; i < v->rows->requests.count; i++)
            add_request(v, &v->rows->requests.rows[i]);
    }
}

void hv_see_vms(struct hv_look *l, uint32_t node, const struct hv_node_rows *rows,
                const struct hv_static *fixed)
{
    struct vms v = {.l = l, .node = node, .rows = rows, .fixed = fixed, .first = l->out->vm_count};

    map_init(&v.of_id, l->a, rows->systems.count, true);
    map_init(&v.of_copy, l->a, rows->settings.count, true);
    map_init(&v.ids, l->a, rows->adapters.count + rows->requests.count, true);
    add_vms(&v);
    take_all_settings(&v);
    take_memory(&v);
    take_parts(&v);
    take_partitions(&v);
    take_given(&v);
    take_guests(&v);
}
