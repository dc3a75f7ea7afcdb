/* What changes only with a boot or a driver: read once per connection with a host (decision 052).
 */
#include "provider/hyperv/see.h"

#include <stdlib.h>

#define DEVICE_TYPE "{3AB22E31-8264-4b4e-9AF5-A8D2D8E33E62} 1" /* hyperv-wmi 3.7 */

/* ---- who has it ---- */

static void free_static(struct hv_static *st)
{
    arena_release(&st->arena);
    free(st->host);
    free(st);
}

/* With the mutex held; what is left to free, or NULL. */
static struct hv_static *drop(struct hv_static *st)
{
    return --st->holders ? NULL : st;
}

void hv_static_give(struct hyperv *h, struct hv_static *st)
{
    struct hv_static *gone;

    host_mutex_lock(h->mutex);
    gone = drop(st);
    host_mutex_unlock(h->mutex);
    if (gone)
        free_static(gone);
}

void hv_forget(struct hyperv *h, const char *node)
{
    struct hv_static *gone = NULL;

    host_mutex_lock(h->mutex);
    h->forgets++;
    for (struct hv_static **at = &h->statics, *st; (st = *at) != NULL; at = &st->next) {
        if (!str_same(st->host, node) && !hv_same_host(st->name, node))
            continue;
        *at = st->next;
        gone = drop(st);
        break;
    }
    host_mutex_unlock(h->mutex);
    if (gone)
        free_static(gone);
}

void hv_unsettle(struct hyperv *h, const char *node)
{
    enum { SETTLES_MS = 120000 };
    int64_t now = h->net->ops->now_ms(h->net);

    host_mutex_lock(h->mutex);
    h->settled_ms = now + SETTLES_MS;
    host_mutex_unlock(h->mutex);
    hv_forget(h, node);
}

void hv_statics_free(struct hv_static *statics)
{
    for (struct hv_static *next; statics; statics = next) {
        next = statics->next;
        free_static(statics);
    }
}

struct hv_static *hv_static_known(struct hyperv *h, const char *host)
{
    struct hv_static *found;

    host_mutex_lock(h->mutex);
    for (found = h->statics; found && !str_same(found->host, host);)
        found = found->next;
    if (found)
        found->holders++;
    host_mutex_unlock(h->mutex);
    return found;
}

/* ---- reading it ---- */

struct reading {
    struct hv_static *st;
    struct arena *scratch; /* of the job */
    struct hv_session *virt, *cimv2;
    struct err *e;
};

/* What one host lacks or refuses is unknown; that it cannot be reached is an error. */
static bool soft(const struct err *e)
{
    return e->kind == ERR_UNSUPPORTED || e->kind == ERR_REFUSED || e->kind == ERR_DENIED;
}

static const char *keep(struct reading *r, const char *s)
{
    return s ? arena_strdup(&r->st->arena, s) : NULL;
}

static const char *const *keep_all(struct reading *r, const char *const *texts, size_t n)
{
    const char **copy = arena_array(&r->st->arena, const char *, n + 1);

    for (size_t i = 0; i < n; i++)
        copy[i] = keep(r, texts[i]);
    return copy;
}

static bool rows_of(struct reading *r, struct hv_session *s, enum cim_class class,
                    struct cim_rows *out)
{
    const struct cim_query query = {.class = class, .test = CIM_ALL};

    return cim_query(s->eye, r->scratch, &query, out, r->e);
}

static bool read_system(struct reading *r)
{
    struct cim_rows rows;
    const char *build;
    uint64_t number;

    if (!rows_of(r, r->cimv2, CIM_Win32_OperatingSystem, &rows))
        return false;
    if (!rows.count || !cim_text(&rows.rows[0], "CSName"))
        return err_set(r->e, ERR_UNSEEN, 0, "the host does not say its name");
    r->st->name = keep(r, cim_text(&rows.rows[0], "CSName"));
    r->st->boot_ms = hv_time(cim_text(&rows.rows[0], "LastBootUpTime"));
    build = cim_text(&rows.rows[0], "BuildNumber");
    if (build && str_u64(build, &number))
        r->st->build = NUM(number);
    return true;
}

static bool read_iov(struct reading *r)
{
    const char *const *reasons = NULL;
    struct cim_rows rows;

    if (!rows_of(r, r->virt, CIM_Msvm_VirtualEthernetSwitchManagementCapabilities, &rows))
        return soft(r->e);
    if (!rows.count)
        return true;
    r->st->iov = cim_tri(&rows.rows[0], "IOVSupport");
    r->st->iov_reason_count = cim_texts(&rows.rows[0], "IOVSupportReasons", &reasons);
    r->st->iov_reasons = keep_all(r, reasons, r->st->iov_reason_count);
    return true;
}

static bool read_service(struct reading *r)
{
    struct cim_rows rows;

    if (!rows_of(r, r->virt, CIM_Msvm_VirtualSystemManagementService, &rows))
        return soft(r->e);
    r->st->service = rows.count ? keep(r, rows.rows[0].path) : NULL;
    return true;
}

static bool read_dword(struct reading *r, const char *key, const char *name, struct num *out)
{
    struct cim_object *in = cim_object_new(r->scratch, NULL, NULL), *said;
    const struct cim_call call = {
        .method = CIM_StdRegProv_GetDWORDValue, .path = "StdRegProv", .in = in};

    *out = NUM_UNKNOWN;
    cim_set_number(r->scratch, in, "hDefKey", CIM_TYPE_U32, HV_HKLM);
    cim_set_text(r->scratch, in, "sSubKeyName", CIM_TYPE_TEXT, key);
    cim_set_text(r->scratch, in, "sValueName", CIM_TYPE_TEXT, name);
    if (!cim_ask(r->cimv2->eye, r->scratch, &call, &said, r->e))
        return soft(r->e);
    if (num_is(cim_number(said, "ReturnValue"), 0))
        *out = cim_number(said, "uValue");
    return true;
}

/* A value that is not set says nothing: what then holds differs by edition. */
static enum tri policy(struct num value)
{
    return !value.known ? TRI_UNKNOWN : value.value ? TRI_YES : TRI_NO;
}

static bool read_policies(struct reading *r)
{
    static const char key[] = "SOFTWARE\\Policies\\Microsoft\\Windows\\HyperV";
    struct num secure, supported;

    if (!read_dword(r, key, "RequireSecureDeviceAssignment", &secure) ||
        !read_dword(r, key, "RequireSupportedDeviceAssignment", &supported))
        return false;
    r->st->require_secure = policy(secure);
    r->st->require_supported = policy(supported);
    return true;
}

/* ---- PCI devices ---- */

static bool begins_any(const char *const *texts, size_t n, const char *prefix)
{
    for (size_t i = 0; i < n; i++)
        if (str_starts_fold(texts[i], prefix))
            return true;
    return false;
}

/* The class codes of PCI: 03 is a display, 0108 a drive that is assignable. */
static void classify(struct hv_device *d, const struct cim_object *row)
{
    const char *const *ids = NULL;
    size_t n = cim_texts(row, "CompatibleID", &ids);

    d->is_gpu = begins_any(ids, n, "PCI\\CC_03") || begins_any(ids, n, "PCIP\\CC_03") ||
                str_same(cim_text(row, "PNPClass"), "Display");
    d->is_storage = begins_any(ids, n, "PCI\\CC_0108") || begins_any(ids, n, "PCIP\\CC_0108");
}

static const char *last_part(const char *version)
{
    const char *dot = version ? strrchr(version, '.') : NULL;

    return dot ? dot + 1 : NULL;
}

const char *hv_driver(struct arena *a, const char *pci, const char *version)
{
    const char *last = last_part(version), *third = last ? last - 1 : NULL;
    size_t n = last ? strlen(last) : 0;

    if (!version || !*version)
        return NULL;
    while (third && third > version && third[-1] != '.')
        third--;
    if (!pci || !str_starts_fold(pci, "10de:") || n != 4 || !third || last - third < 2)
        return arena_strdup(a, version);
    /* 32.0.15.8095: the last five digits are the vendor's own 580.95 */
    return arena_printf(a, "%c%.2s.%s", last[-2], last, last + 2);
}

static void take_property(struct reading *r, struct hv_device *d, const struct cim_object *p,
                          const char **driver_key)
{
    const char *key = cim_text(p, "KeyName");
    const char *const *texts = NULL;

    if (!key)
        return;
    if (str_same(key, "DEVPKEY_Device_LocationPaths")) {
        d->location_count = cim_texts(p, "Data", &texts);
        d->locations = keep_all(r, texts, d->location_count);
    } else if (str_same(key, DEVICE_TYPE) || str_same(key, "DEVPKEY_PciDevice_DeviceType")) {
        d->type = cim_number(p, "Data");
    } else if (str_same(key, "DEVPKEY_Device_Driver")) {
        *driver_key = cim_text(p, "Data");
    }
}

static bool read_series(struct reading *r, struct hv_device *d, const char *driver_key)
{
    const char *pci = hv_pci(r->scratch, d->path);
    const char *key;

    if (!driver_key || !pci || !str_starts(pci, "10de:"))
        return true;
    key = arena_printf(r->scratch, "SYSTEM\\CurrentControlSet\\Control\\Class\\%s", driver_key);
    return read_dword(r, key, "GridGpupProfileType", &d->series);
}

static bool read_properties(struct reading *r, struct hv_device *d, const char *path)
{
    static const char *const keys[] = {"DEVPKEY_Device_LocationPaths", DEVICE_TYPE,
                                       "DEVPKEY_Device_Driver"};
    struct cim_object *in = cim_object_new(r->scratch, NULL, NULL), *out;
    const struct cim_call call = {
        .method = CIM_Win32_PnPEntity_GetDeviceProperties, .path = path, .in = in};
    const struct cim_object *part;
    const char *driver_key = NULL;

    if (!path)
        return true;
    cim_set_texts(r->scratch, in, "devicePropertyKeys", CIM_TYPE_TEXT, keys,
                  sizeof keys / sizeof *keys);
    if (!cim_ask(r->cimv2->eye, r->scratch, &call, &out, r->e))
        return soft(r->e);
    for (size_t i = 0; (part = cim_part(out, "deviceProperties", i)) != NULL; i++)
        take_property(r, d, part, &driver_key);
    return !d->is_gpu || read_series(r, d, driver_key);
}

static void take_video(struct reading *r, struct hv_device *d, const struct cim_rows *videos)
{
    for (size_t i = 0; i < videos->count; i++) {
        const struct cim_object *v = &videos->rows[i];
        const char *id = cim_text(v, "PNPDeviceID"), *name = cim_text(v, "Name");

        if (!id || !str_same(path_normal(r->scratch, id), d->path))
            continue;
        d->is_gpu = true;
        d->model = keep(r, name);
        d->driver =
            hv_driver(&r->st->arena, hv_pci(r->scratch, d->path), cim_text(v, "DriverVersion"));
    }
}

static bool read_device(struct reading *r, const struct cim_object *row,
                        const struct cim_rows *videos, struct hv_device *d)
{
    const char *id = cim_text(row, "DeviceID");

    *d = (struct hv_device){.path = path_normal(&r->st->arena, id),
                            .reported = keep(r, id),
                            .error = cim_number(row, "ConfigManagerErrorCode"),
                            .off_host = str_starts_fold(id, "PCIP\\")};
    classify(d, row);
    take_video(r, d, videos);
    if (!d->model && !d->off_host && !num_is(d->error, HV_NO_DRIVER))
        d->model = keep(r, cim_text(row, "Name"));
    if (!d->is_gpu && !d->is_storage && !d->off_host)
        return true;
    return read_properties(r, d, row->path);
}

static bool read_devices(struct reading *r)
{
    const struct cim_query pci = {CIM_Win32_PnPEntity, CIM_BEGINS, "DeviceID", "PCI"};
    struct cim_rows rows, videos = {0};

    if (!cim_query(r->cimv2->eye, r->scratch, &pci, &rows, r->e))
        return false;
    if (!rows_of(r, r->cimv2, CIM_Win32_VideoController, &videos) && !soft(r->e))
        return false;
    r->st->devices = arena_array(&r->st->arena, struct hv_device, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++) {
        if (!cim_text(&rows.rows[i], "DeviceID"))
            continue;
        if (!read_device(r, &rows.rows[i], &videos, &r->st->devices[r->st->device_count]))
            return false;
        r->st->device_count++;
    }
    return true;
}

static bool read_all(struct hv_job *job)
{
    struct reading r = {.st = job->fixed, .scratch = &job->arena, .e = &job->err};

    return (r.cimv2 = hv_job_session(job, CIM_SPACE_CIMV2)) != NULL &&
           (r.virt = hv_job_session(job, CIM_SPACE_VIRT)) != NULL && read_system(&r) &&
           read_iov(&r) && read_service(&r) && read_policies(&r) && read_devices(&r);
}

/* Kept for the next look, unless something was forgotten while it was read, or is changing. */
static void remember(struct hyperv *h, struct hv_static *st, uint64_t forgets)
{
    int64_t now = h->net->ops->now_ms(h->net);
    bool known = false;

    host_mutex_lock(h->mutex);
    for (const struct hv_static *o = h->statics; o; o = o->next)
        known |= str_same(o->host, st->host);
    if (!known && h->forgets == forgets && now >= h->settled_ms) {
        st->next = h->statics;
        h->statics = st;
        st->holders++;
    }
    host_mutex_unlock(h->mutex);
}

static struct hv_static *new_static(const struct hv_job *job)
{
    struct hv_static *st = calloc(1, sizeof *st);

    if (!st)
        abort(); /* the machine has no memory: as the arena */
    st->holders = 1;
    st->boot_ms = WHEN_NONE;
    st->host = hv_own(job->host);
    arena_init(&st->arena, 0);
    return st;
}

bool hv_static_take(struct hv_job *job)
{
    struct hyperv *h = job->h;
    uint64_t forgets;

    job->fixed = hv_static_known(h, job->host);
    if (job->fixed)
        return true;
    host_mutex_lock(h->mutex);
    forgets = h->forgets;
    host_mutex_unlock(h->mutex);
    job->fixed = new_static(job);
    job->fixed->arena.escape = job->arena.escape;
    if (!read_all(job))
        return false;
    job->fixed->arena.escape = NULL;
    remember(h, job->fixed, forgets);
    return true;
}
