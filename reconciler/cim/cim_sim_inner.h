/* What the files of cim_sim share: names, and rows of a world as one node shows them. */
#ifndef CIM_CIM_SIM_INNER_H
#define CIM_CIM_SIM_INNER_H

#include "base/str.h"
#include "cim/cim.h"
#include "lasting/lasting.h"
#include "model/owner.h"

enum { SIM_TYPE_PCIE = 32769, SIM_TYPE_GPU_PARTITION = 32770, SIM_GROUP_VM = 111 };
#define SIM_SUBTYPE_PCIE    "Microsoft:Hyper-V:Virtual Pci Express Port"
#define SIM_SUBTYPE_GPU     "Microsoft:Hyper-V:GPU Partition"
#define SIM_RESOURCE_VM     "Virtual Machine"
#define SIM_RESOURCE_CONFIG "Virtual Machine Configuration"
#define SIM_OWNER_PROPERTY  "HvgpuOwner"
#define SIM_OWNER_KEY       "SOFTWARE\\hvgpu"
#define SIM_OWNER_VALUE     "Owner"
#define SIM_HKLM            0x80000002u

struct sim_net;

/* ---- names ---- */

const char *sim_upper(struct arena *a, const char *s);
/* A GUID that always is the same for the same thing; upper case. */
const char *sim_guid(struct arena *a, const char *of, const char *thing, uint64_t n);
/* \\?\PCI#VEN_..#INST#{..}, with \GPUPARAV; `gpu` NULL: as it would be of this path. */
const char *sim_gpu_name(struct arena *a, const struct gpu *gpu, const char *path);
const char *sim_pcip(struct arena *a, const struct gpu *gpu); /* PCIP\VEN_..\INST */
const char *sim_datetime(struct arena *a, int64_t ms);        /* NULL: unknown */
/* "Microsoft:GUID" and "Microsoft:GUID\DEVICE". */
const char *sim_id(struct arena *a, const char *guid, const char *device);
/* The n-th checkpoint of a VM; how many it has. */
const char *sim_checkpoint(struct arena *a, const struct vm *vm, uint64_t n);
uint64_t sim_checkpoints_of(const struct vm *vm);
const char *sim_group(struct arena *a, const struct state *s, uint32_t vm);
/* The owner record as one text; NULL: nobody writes this world. */
const char *sim_owner_text(struct arena *a, const struct world *w);

/* ---- object paths, as the host spells them ---- */

const char *sim_path(struct arena *a, const char *host, enum cim_class class, const char *key,
                     const char *value);
const char *sim_system_path(struct arena *a, const char *host, enum cim_class class,
                            const char *name);
const char *sim_device_path(struct arena *a, const char *host, enum cim_class class,
                            const char *device, const char *system);
const char *sim_service_path(struct arena *a, const char *host, enum cim_class class,
                             const char *name);
const char *sim_link_path(struct arena *a, const char *host, enum cim_class class,
                          const char *antecedent, const char *dependent);
const char *sim_gpu_path(struct arena *a, const char *host, const char *name);
const char *sim_pcie_path(struct arena *a, const char *host, const struct gpu *gpu);
const char *sim_pool_path(struct arena *a, const char *host, const char *pool, uint16_t type);

/* ---- rows ---- */

/* A question under way: one class, as one node shows it. */
struct shown {
    struct arena *arena;
    const struct world *world;
    const struct state *now;
    struct sim_net *net;
    uint32_t at; /* the node that is asked */
    const char *host;
    enum cim_class class;
    struct cim_rows rows;
};

/* A new row; the one before it is complete then. */
struct cim_object *show_row(struct shown *s, const char *path);
/* Each has the type of the contract; a property that the node's build lacks is left out. */
void show_text(struct shown *s, struct cim_object *o, const char *name, const char *text);
void show_texts(struct shown *s, struct cim_object *o, const char *name, const char *const *texts,
                size_t count);
void show_num(struct shown *s, struct cim_object *o, const char *name, struct num n);
void show_tri(struct shown *s, struct cim_object *o, const char *name, enum tri tri);
void show_numbers(struct shown *s, struct cim_object *o, const char *name, const uint64_t *numbers,
                  size_t count);
/* Does the node register this VM? */
bool shows_vm(const struct shown *s, const struct vm *vm);

/* All rows of a class; nothing for one that has none. */
void sim_show(struct shown *s, enum cim_class class);
bool sim_has_property(struct num build, const struct cim_property_row *row);

typedef void sim_shower(struct shown *s);
sim_shower sim_show_gpus, sim_show_partitions, sim_show_adapters, sim_show_devices,
    sim_show_requests, sim_show_pools, sim_show_members, sim_show_systems, sim_show_shutdown,
    sim_show_settings, sim_show_memory, sim_show_switch, sim_show_services, sim_show_jobs,
    sim_show_cluster, sim_show_nodes, sim_show_groups, sim_show_resources, sim_show_system,
    sim_show_pnp, sim_show_video, sim_show_capabilities;

/* ---- methods that read ---- */

/* The answer goes into `out`, with its ReturnValue where it has one. */
bool sim_ask(struct shown *s, const struct cim_call *call, struct cim_object *out, struct err *e);

/* The object of this path, as the node shows it; NULL: it has none such. */
const struct cim_object *sim_object(struct shown *s, const char *path);
bool sim_not_found(struct err *e, const char *path);
bool sim_denied(struct err *e);

#endif
