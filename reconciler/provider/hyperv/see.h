/* What the looking half of provider/hyperv shares: jobs, rows as they came, a state in the making.
 */
#ifndef PROVIDER_HYPERV_SEE_H
#define PROVIDER_HYPERV_SEE_H

#include "model/facts.h"
#include "model/health.h"
#include "provider/hyperv/inner.h"

/* ---- what is read once per connection (statics.c) ---- */

/* ConfigManagerErrorCode (hyperv-wmi 3.4). */
enum { HV_DISABLED = 22, HV_NO_DRIVER = 28 };

/* A PCI device as PnP and the display driver know it. */
struct hv_device {
    const char *path;     /* normalised */
    const char *reported; /* as PnP spells it */
    const char *model, *driver;
    bool is_gpu, is_storage;
    bool off_host;    /* its driver is the one of dismounted devices: PCIP\ */
    struct num error; /* ConfigManagerErrorCode */
    const char *const *locations;
    size_t location_count;
    struct num type;   /* DeviceType (hyperv-wmi 3.7) */
    struct num series; /* GridGpupProfileType */
};

struct hv_job;

struct hv_static {
    char *host; /* as it was connected to; NULL: this machine */
    struct hv_static *next;
    unsigned holders; /* under the provider's mutex */
    struct arena arena;
    const char *name; /* as the host names itself */
    int64_t boot_ms;
    struct num build;
    enum tri iov, require_secure, require_supported;
    const char *const *iov_reasons;
    size_t iov_reason_count;
    const char *service; /* path of its Msvm_VirtualSystemManagementService */
    struct hv_device *devices;
    size_t device_count;
};

/* Reads it into job->fixed, unless it is known; given back with the job. */
bool hv_static_take(struct hv_job *job) MUST_CHECK;
/* The same without asking anybody; NULL: it is not known. */
struct hv_static *hv_static_known(struct hyperv *h, const char *host);
void hv_static_give(struct hyperv *h, struct hv_static *st);

/* ---- rows as they came (ask.c) ---- */

struct hv_node_rows {
    struct cim_rows gpus, partitions, adapters;
    struct cim_rows devices, requests, pools, members;
    struct cim_rows systems, settings, memory, shutdowns;
    struct cim_rows jobs;
    uint64_t jobs_asked; /* hv_waits() before the jobs were asked for; 0: they were not */
    const struct cim_object *summary; /* what GetSummaryInformation gave; NULL: nothing */
    bool knows_shutdowns;             /* the class could be read */
};

struct hv_world_rows {
    bool standalone;
    struct cim_rows cluster, nodes, groups, vms, configs;
    const char *owner; /* the record of a standalone host; NULL: none, or it cannot be read */
};

/* A piece of looking, to be done. */
struct hv_task {
    const char *host; /* NULL: this machine */
    void (*run)(struct hv_job *job);
    struct num build; /* of an examination: which properties may lack */
};

/* The same under way, on a thread of its own. */
struct hv_job {
    struct hyperv *h;
    struct arena arena;
    void (*run)(struct hv_job *job);
    char *host; /* NULL: this machine */
    struct num build;
    struct host_thread *thread;
    bool done, left; /* under the provider's mutex */
    bool ok;
    struct err err;
    struct hv_session *sessions[CIM_SPACES]; /* leased until it is over; NULL: not needed yet */
    struct hv_static *fixed;                 /* of a node */
    struct hv_node_rows node;
    struct hv_world_rows world;
    struct health health; /* what an examination found */
};

/* The job's session with its host; NULL: job->err. */
struct hv_session *hv_job_session(struct hv_job *job, enum cim_space space);
/* It is of no more use; the next one is another. */
void hv_job_lost(struct hv_job *job, enum cim_space space, const struct err *e);
extern const char hv_blind[]; /* what is said of a host that shows nothing */
void hv_ask_node(struct hv_job *job);
void hv_ask_world(struct hv_job *job);

/*
 * job.c.  Started jobs are ended, once; NULL: it did not come back, or could not be started.  Each
 * may take as much memory as the pass that `a` is of; who waits for one takes none meanwhile.
 */
struct hv_job *hv_job_start(struct hyperv *h, const struct arena *a, const struct hv_task *task,
                            struct err *e);
bool hv_job_end(struct hv_job *job, int64_t until_tick_ms, struct err *e) MUST_CHECK;
void hv_job_free(struct hv_job *job);

/* ---- where the world is (place.c) ---- */

/* The world's rows from whoever answers; its job, whose host is who did. */
struct hv_job *hv_find(struct hyperv *h, struct arena *a, struct err *e);
void hv_place_set(struct hyperv *h, const struct hv_job *world, const struct state *s);

/* ---- pure: rows into a state (see_*.c) ---- */

struct hv_look {
    struct arena *a;
    struct arena *aside; /* for what is read under the mutex: nothing leaves through it */
    struct state *out;
    const struct facts *facts;
    size_t gpu_room, pool_room, vm_room, complaint_room;
    uint64_t skipped;
};

/* What the world says of its nodes: name, state, build. */
void hv_see_world(struct hv_look *l, const struct hv_world_rows *world);
void hv_see_fixed(struct hv_look *l, struct node *node, const struct hv_static *fixed);
/* Which rows of Msvm_PciExpress are in VMs is known by `vms` (ids to anything). */
void hv_see_devices(struct hv_look *l, uint32_t node, const struct hv_node_rows *rows,
                    const struct hv_static *fixed);
void hv_see_vms(struct hv_look *l, uint32_t node, const struct hv_node_rows *rows,
                const struct hv_static *fixed);
/* What became of the jobs of effects, and what hosts said of those that failed (decision 062). */
void hv_see_jobs(struct hyperv *h, struct hv_look *l, uint32_t node, const char *host,
                 const struct hv_node_rows *rows);
/* `only`: hidden VMs of this node only; NO_INDEX: of all. */
void hv_see_roles(struct hv_look *l, const struct hv_world_rows *world, uint32_t only);

/* Copied into the look's arena; NULL stays NULL. */
const char *hv_keep(struct hv_look *l, const char *s);
/* "10de:25b6" and the board's, out of a device path; NULL: it has none. */
const char *hv_pci(struct arena *a, const char *path);
const char *hv_subsystem(struct arena *a, const char *path);
/* 32.0.15.8095 of an NVIDIA device is 580.95; of others as it is. */
const char *hv_driver(struct arena *a, const char *pci, const char *version);
/* The device behind an object path of Msvm_PciExpress, as its DeviceID; NULL: none. */
const char *hv_device_id(struct arena *a, const char *path);
enum vm_owner hv_owner(const struct cim_object *settings);

extern const char *const hv_quotas[]; /* VRAM, Encode, Decode, Compute: index as enum quota */

#endif
