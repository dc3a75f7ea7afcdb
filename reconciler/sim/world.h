/*
 * The simulated world: as stubborn as the platform.
 *
 * It holds the truth (`now`) and what only the platform knows: how long
 * things take, which copy of a VM's configuration the cluster has, one-shot
 * actions, effects under way, faults.  world_perform() refuses what Hyper-V
 * and the cluster refuse, each refusal citing its source, and punishes the
 * naive way.  Pure: time is an argument, randomness does not exist.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/err.h"
#include "base/limits.h"
#include "model/action.h"

struct card_count { /* what a partition gets at one count */
    uint16_t count;
    struct num quota[QUOTA_KINDS];
    bool synthetic; /* not public: made up, and said to be */
};

struct card {
    const char *name; /* "NVIDIA A2" */
    const char *pci, *subsystem;
    bool is_gpu;
    bool paravirtual;
    struct num total[QUOTA_KINDS];
    struct card_count counts[LIMIT_COUNTS];
    size_t count_count;
    struct num mmio_low_mib, mmio_high_mib;
    enum tri mitigation_driver;
    const char *source; /* where the values are from */
};

/* The known cards: A2, A10, A16, A40, L4, L40S, a consumer paravirtual one, AMD MI25. */
extern const struct card known_cards[];
extern const size_t known_card_count;

/* What the platform knows of a VM beside its row in `now` (parallel to now.vms). */
struct sim_vm {
    int64_t shutdown_ms, start_ms;                         /* how long the guest takes */
    enum { GUEST_OBEYS, GUEST_HANGS, GUEST_LOCKED } guest; /* how it takes a shutdown request */
    struct num next_offline;     /* one-shot action, for the next offline only */
    struct num offline_in_force; /* what OfflineAction really is until the next offline (5024) */
    bool stale;                  /* the cluster's copy of the configuration is old (M6) */
    bool never_starts;           /* breaks at every start */
    uint32_t restarts;           /* how often the cluster tried by itself */
};

/* An effect under way. */
struct job {
    struct action action;
    int64_t lands_ms;
    uint32_t phase;
};

enum fault_kind {
    FAULT_REFUSE, /* answers an error, nothing is done */
    FAULT_HANG,   /* the call never returns */
    FAULT_LIE,    /* says OK, nothing is done */
    FAULT_DENY,   /* says no, and does it all the same */
    FAULT_LATE,   /* the answer is lost; the effect lands `delay` later */
    FAULT_DIE     /* the process is killed at this call, after the effect */
};

struct fault {
    int verb;            /* enum verb; -1: any; -2: observe */
    const char *node;    /* NULL: any */
    const char *subject; /* VM name, gpu label or pool name; NULL: any */
    uint32_t times;      /* 0: always */
    uint32_t after;      /* calls that match and pass before it begins */
    enum fault_kind kind;
    int64_t answer;   /* REFUSE, DENY: the code that is answered, 32768 say */
    int64_t delay_ms; /* LATE */
};

struct world {
    struct arena *arena; /* all that grows lives here */
    struct state now;    /* the truth; now.observed_ms is the world's clock */
    struct sim_vm *sim;  /* parallel to now.vms */
    struct card *cards;  /* the known ones and the document's own */
    size_t card_count;
    struct job *jobs;
    size_t job_count, job_room;
    struct fault *faults;
    size_t fault_count;
    bool *hangs;      /* parallel to now.nodes: every call to it hangs */
    uint64_t next_id; /* for new adapter and request ids */
    uint32_t speed;   /* simulated seconds per real second; 0: time jumps */
    struct {
        const char *store, *host;
        int64_t since_ms;
        uint64_t epoch;
    } owner;
    uint64_t observes, performs; /* calls, counted for tests */
};

enum sim_answer { SIM_DONE, SIM_ACCEPTED, SIM_REFUSED, SIM_LOST, SIM_HANGS, SIM_DIES };

/* Everything that is due by `now_ms` happens; the clock never goes back. */
void world_advance(struct world *w, int64_t now_ms);
/* When something lands next; INT64_MAX when nothing is under way. */
int64_t world_next_ms(const struct world *w);
/* One effect.  REFUSED: `e` has the platform's code, its text and the source of the refusal. */
enum sim_answer world_perform(struct world *w, const struct action *action, struct err *e);
/* A look at a node (index) or everything (NO_INDEX): a copy without what a silent node hides. */
bool world_observe(const struct world *w, struct arena *a, uint32_t node, struct state *out,
                   struct err *e);

/* What people and the platform do beside us; for tests and for `events` of months. */
void world_person_power(struct world *w, uint32_t vm, bool on);
bool world_person_adapter(struct world *w, uint32_t vm, bool add);
void world_fail_over(struct world *w, uint32_t vm, uint32_t node);
void world_reboot(struct world *w, uint32_t node);
/* Fills counts, sizes and status of a GPU from its card at a count. */
void world_set_count(struct world *w, struct gpu *gpu, uint16_t count);
const struct card *world_card(const struct world *w, const char *name);
/* A copy that shares nothing with `from`. */
void world_copy(struct arena *a, const struct world *from, struct world *out);

#endif
