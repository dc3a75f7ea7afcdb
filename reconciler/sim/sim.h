/* What the files of sim/ share. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "base/str.h"
#include "sim/world.h"

/* The first build that moves a VM live with its partition, and has the properties that say so. */
enum { SIM_LIVE_BUILD = 26100 };

enum refusal {
#define REFUSAL(name, code, text, source) REFUSE_##name,
#include "sim/refusals.def"
#undef REFUSAL
    REFUSE_NONE
};

/* Always SIM_REFUSED; `e` may be NULL (a late effect has nobody to tell). */
enum sim_answer sim_refuse(struct err *e, enum refusal why, const char *subject);

/* A verb: checks everything, then, when `commit`, does it.  `at` is its node, or NO_INDEX. */
typedef enum sim_answer sim_verb(struct world *w, const struct action *a, uint32_t at, bool commit,
                                 struct err *e);
sim_verb sim_offline_action, sim_checkpoints, sim_stop_action, sim_memory, sim_mmio,
    sim_cache_types, sim_adapter_remove, sim_adapter_add, sim_adapter_limits, sim_request_remove,
    sim_request_add, sim_stop, sim_move, sim_start, sim_cancel_start, sim_count, sim_disable,
    sim_dismount, sim_mount, sim_enable, sim_pool_create, sim_pool_delete, sim_pool_join,
    sim_pool_leave;
/* What is called by itself (world_call) where our provider would do more. */
sim_verb sim_take_offline, sim_bring_online, sim_move_role;

/* Runs a verb now; what it accepts may take time.  `plain`: as world_call(). */
enum sim_answer sim_do(struct world *w, const struct action *a, bool plain, bool commit,
                       struct err *e);

struct sim_vm *sim_of(struct world *w, uint32_t vm);
void sim_push(struct world *w, enum job_phase phase, const struct action *a, bool plain,
              int64_t delay_ms);
void sim_push_vm(struct world *w, enum job_phase phase, uint32_t vm, int64_t delay_ms);
/* Jobs of this VM's power go, a live move with them; effects of calls stay. */
void sim_drop_power(struct world *w, uint32_t vm);
void sim_land(struct world *w, const struct job *job);
void sim_land_power(struct world *w, enum job_phase phase, uint32_t vm);
void sim_land_move(struct world *w, uint32_t vm, uint32_t node);

/* A power change: the stamp is new and never seen before on this VM. */
void sim_power(struct world *w, uint32_t vm, enum vm_power power);
/* Only one Virtual Machine resource has its VmID, all could be read (I2), and it is free (M2). */
enum refusal sim_role_refuses(const struct vm *row);
/* After an offline: the one-shot action is used up, the stored OfflineAction is in force. */
void sim_offline_over(struct world *w, uint32_t vm, enum vm_power power);
/* What the next offline does: the one-shot action, what is in force, what is stored. */
uint64_t sim_offline_action_of(struct world *w, uint32_t vm);
/* Before the arrays of a VM change: the cluster keeps the old copy until a refresh. */
void sim_touch(struct world *w, uint32_t vm);
struct adapter *sim_new_adapter(struct world *w, struct vm *vm);
struct request *sim_new_request(struct world *w, struct vm *vm);

bool sim_node_hosts(const struct world *w, uint32_t node); /* takes VMs */
/* Everything that a start needs, taken; false: nothing was taken. */
bool sim_take(struct world *w, uint32_t vm);
void sim_let_go(struct world *w, uint32_t vm);
/*
 * The partitions of a VM that runs, on another node in the place of those that
 * it has (M1): would they be given?  `take`: yes, so it has them, and is there.
 */
enum refusal sim_hand_over(struct world *w, uint32_t vm, uint32_t node, bool take);
void sim_begin_start(struct world *w, uint32_t vm);
/* The role goes over there, with the configuration that the cluster has (M6). */
void sim_move_to(struct world *w, uint32_t vm, uint32_t node);
/* A node is not there any more: live moves to it have failed. */
void sim_moves_fail(struct world *w, uint32_t node);
/* A pool start goes where the same-named pool has room: here, else where it has most. */
uint32_t sim_pool_node(const struct world *w, const struct vm *row);

#endif
