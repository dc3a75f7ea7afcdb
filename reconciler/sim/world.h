/*
 * The simulated world: as stubborn as the platform.
 *
 * It holds the truth (`now`) and what only the platform knows: how long
 * things take, which copy of a VM's configuration the cluster has, one-shot
 * actions, effects under way, faults.  world_perform() refuses what Hyper-V
 * and the cluster refuse, each refusal citing its source (sim/refusals.def),
 * and punishes the naive way.  Pure: time is an argument, randomness does not
 * exist: of several GPUs with room the one with most room is taken, then the
 * first.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/err.h"
#include "base/limits.h"
#include "model/action.h"
#include "model/facts.h"

enum guest { GUEST_OBEYS, GUEST_HANGS, GUEST_LOCKED };

/* What the platform knows of a VM beside its row in `now` (parallel to now.vms). */
struct sim_vm {
    int64_t shutdown_ms, start_ms; /* how long the guest takes; 0: no time at all */
    int64_t move_ms;               /* how long a live move takes: its memory, over plain TCP (M1) */
    enum guest guest;              /* how it takes a shutdown request */
    struct num next_offline;       /* one-shot action, for the next offline only */
    struct num
        offline_in_force;  /* OfflineAction until the next offline (5024); unknown: the role's */
    bool stale;            /* the cluster's copy of the configuration is old (M6) */
    const struct vm *copy; /* that old copy, while stale; never changed in place */
    bool never_starts;     /* breaks at every start */
    bool breaks_on_move;   /* a live move breaks at its end, and leaves it off at home */
    bool asked;            /* a guest that hangs was asked to shut down */
    uint32_t made;         /* adapters and requests that it was given: the next id */
    uint32_t restarts;     /* how often the cluster tried by itself since the last order */
    uint32_t home;         /* node of the first of these tries */
};

enum job_phase {
    JOB_EFFECT, /* the effect of a call that was accepted */
    JOB_LATE,   /* the effect of a call whose answer was lost */
    JOB_OFF,    /* the guest has shut down */
    JOB_SAVED,  /* its state is saved */
    JOB_UP,     /* the start has come to its end, good or bad */
    JOB_RETRY,  /* the cluster tries again by itself */
    JOB_MOVE    /* a live move has come to its end, good or bad */
};

/* An effect under way. */
struct job {
    struct action action; /* EFFECT, LATE; else only `subject`, the VM's id; MOVE: `object`, too */
    int64_t lands_ms;
    uint32_t phase; /* enum job_phase */
    bool plain;     /* EFFECT, LATE: of world_call() */
};

enum fault_kind {
    FAULT_REFUSE, /* answers an error, nothing is done */
    FAULT_HANG,   /* the call never returns */
    FAULT_LIE,    /* says OK, nothing is done */
    FAULT_DENY,   /* says no, and does it all the same */
    FAULT_LATE,   /* the answer is lost; the effect lands `delay` later */
    FAULT_DIE     /* the process is killed at this call, after the effect */
};

enum { FAULT_ON_ANY = -1, FAULT_ON_OBSERVE = -2 };

struct fault {
    int verb;            /* enum verb, FAULT_ON_ANY (any effect) or FAULT_ON_OBSERVE */
    const char *node;    /* NULL: any */
    const char *subject; /* VM name or id, gpu label or path, or pool name; NULL: any */
    uint32_t times;      /* 0: always */
    uint32_t after;      /* calls that match and pass before it begins */
    enum fault_kind kind;
    int64_t answer;   /* REFUSE, DENY: the code that is answered, 32768 say */
    int64_t delay_ms; /* LATE */
    uint32_t seen;    /* calls that matched so far */
};

/* How long the host takes for an accepted call; 0: done when the call returns. */
struct sim_timing {
    int64_t change_ms; /* settings, adapters, requests */
    int64_t count_ms;
    int64_t device_ms; /* disable, dismount, mount, enable, pools */
};

/* What the account that asks through WMI may do at a node. */
struct sim_rights {
    bool execute, write, remote; /* of its namespaces: methods; instances; from elsewhere */
    bool hyperv;                 /* Hyper-V shows it anything */
};

struct world {
    struct arena *arena;      /* all that grows lives here */
    struct state now;         /* the truth; now.observed_ms is the world's clock */
    struct sim_vm *sim;       /* parallel to now.vms; NULL: all zero */
    const struct card *cards; /* the document's own; they stand before the known ones */
    size_t card_count;
    const struct facts *facts; /* the known cards; outlives the world */
    struct job *jobs;
    size_t job_count, job_room;
    struct fault *faults;
    size_t fault_count;
    bool *hangs;               /* parallel to now.nodes: every call to it hangs; NULL: none */
    struct sim_rights *rights; /* parallel to now.nodes; NULL: all of them */
    uint32_t speed;            /* simulated seconds per real second; 0: time jumps */
    struct sim_timing timing;
    bool checkpoints_need_off; /* a change of the checkpoint type is refused on a running VM */
    struct {
        const char *store, *host; /* NULL: nobody */
        int64_t since_ms;
        uint64_t epoch;
    } owner;
    uint64_t observes, performs; /* calls, counted for tests */
};

/*
 * DONE: the effect is there (or was).  ACCEPTED: it is under way.  REFUSED:
 * nothing was done (or FAULT_DENY says so).  LOST: the answer is lost, the
 * effect may land.  HANGS: the call never returns.  DIES: the effect is as
 * after DONE or ACCEPTED, and the caller shall end its process.
 */
enum sim_answer { SIM_DONE, SIM_ACCEPTED, SIM_REFUSED, SIM_LOST, SIM_HANGS, SIM_DIES };

/* Everything that is due by `now_ms` happens; the clock never goes back. */
void world_advance(struct world *w, int64_t now_ms);
/* When something lands next; INT64_MAX when nothing is under way. */
int64_t world_next_ms(const struct world *w);
/*
 * One effect, as our provider carries it out (one-shot action before an
 * offline, refresh after a change and before an online).  REFUSED: `e` has the
 * platform's code, its text and the source of the refusal.  DONE may leave a
 * note in e->native and e->text with kind ERR_NONE (5024).
 *
 * What holds already is DONE.  ADAPTER_ADD and REQUEST_ADD from a pool hold
 * when the VM has value[0] of them; value[0] 0: one more, as the platform does
 * it, and as often as it is asked.
 */
enum sim_answer world_perform(struct world *w, const struct action *action, struct err *e);
/*
 * A look at a node (index) or everything (NO_INDEX), without what a node that
 * does not answer hides.  Arrays are copies in `a`; texts are the world's own.
 * False: that node does not answer.
 */
bool world_observe(const struct world *w, struct arena *a, uint32_t node, struct state *out,
                   struct err *e);
/* The fault that takes this call, or NULL; counts the call.  `verb` as in struct fault. */
const struct fault *world_fault(struct world *w, int verb, const char *node, const char *subject);
/* Does it answer calls (if it does not hang)? */
bool world_answers(const struct world *w, uint32_t node);
/* Calls to this node (index; NO_INDEX: any node of the world) never return. */
bool world_hangs(const struct world *w, uint32_t node);
struct sim_rights world_rights(const struct world *w, uint32_t node);

/* ---- the platform's own verbs, below what our provider makes of them ---- */

/*
 * One call as the platform carries it out by itself; faults and time as in
 * world_perform().  A change of a VM is without the refresh that belongs to it
 * (M6); VM_STOP takes its resource offline by the one-shot action or else
 * OfflineAction (S8); VM_START brings it online as the cluster has it; VM_MOVE
 * of a role takes what runs offline on the way.
 */
enum sim_answer world_call(struct world *w, const struct action *action, struct err *e);
/* A change without the refresh that belongs to it (M6): the naive way, at once. */
enum sim_answer world_change(struct world *w, const struct action *action, struct err *e);
/* The Virtual Machine resource offline: the one-shot action if one is set, else OfflineAction. */
enum sim_answer world_offline(struct world *w, uint32_t vm, struct err *e);
/* The Virtual Machine Configuration resource offline: the VM is hidden (S8). */
enum sim_answer world_config_offline(struct world *w, uint32_t vm, struct err *e);
enum sim_answer world_config_online(struct world *w, uint32_t vm, struct err *e);
/* The Virtual Machine resource online, with the configuration as the cluster has it. */
enum sim_answer world_online(struct world *w, uint32_t vm, struct err *e);
/*
 * MoveToNewNode as it is: what runs is taken offline by OfflineAction, goes with
 * the cluster's copy of its configuration, and comes online again over there;
 * what was saved with a GPU stays saved.
 */
enum sim_answer world_move_group(struct world *w, uint32_t vm, uint32_t node, struct err *e);
/* Control code 0x01600014: overrides OfflineAction once. */
void world_next_offline(struct world *w, uint32_t vm, uint64_t action);
/* Control code 0x01600004 on the Configuration resource: the cluster reads it again (M6). */
void world_refresh(struct world *w, uint32_t vm);

/* ---- what people and the platform do beside us ---- */

void world_person_power(struct world *w, uint32_t vm, bool on);
/* False: the VM is not off, or has none to take. */
bool world_person_adapter(struct world *w, uint32_t vm, bool add);
/* A person moves it beside us: live where it runs, and that takes its time.  False: refused. */
bool world_person_move(struct world *w, uint32_t vm, uint32_t node);
/* Unplanned: with the cluster's copy of the configuration; what ran runs again over there. */
void world_fail_over(struct world *w, uint32_t vm, uint32_t node);
/* What ran on it runs again: clustered VMs on another node that is up, others here. */
void world_reboot(struct world *w, uint32_t node);

/* ---- data ---- */

/* Fills counts, sizes and status of a GPU from its card at a count. */
void world_set_count(struct world *w, struct gpu *gpu, uint16_t count);
/* What is free of each kind on every GPU: total less what running VMs hold. */
void world_set_available(struct world *w);
const struct card *world_card(const struct world *w, const char *name);
/* By model, else by PCI ids (a card without its driver has no name). */
const struct card *world_card_of(const struct world *w, const struct gpu *gpu);
/* What a running VM holds and has no place for ("" in seen, given) gets one, as the host chooses.
 */
bool world_bind(struct world *w, uint32_t vm);
/* What a partition says of leaving live when nobody says otherwise: what its GPU says of coming. */
enum tri world_outgoing(const struct state *s, const struct vm *vm, const struct adapter *ad);
/* A copy that shares nothing with `from`. */
void world_copy(struct arena *a, const struct world *from, struct world *out);
/* Every text of `s` becomes a copy in `a`; the arrays are s's own already. */
void world_own_texts(struct arena *a, struct state *s);

#endif
