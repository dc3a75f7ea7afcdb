/*
 * One idempotent effect, as data: it can be printed, stored, compared, faked
 * and refused without being carried out.  Performing it twice is performing
 * it once.
 */
#ifndef MODEL_ACTION_H
#define MODEL_ACTION_H

#include "model/state.h"

enum subject_kind { SUBJECT_CLUSTER, SUBJECT_NODE, SUBJECT_GPU, SUBJECT_POOL, SUBJECT_VM };

enum verb {
#define VERB(name, word, subject, stage, needs_off, reads, text, rule, doing) VERB_##name,
#include "model/verbs.def"
#undef VERB
    VERB_NONE /* also the number of verbs */
};

struct verb_row {
    const char *word;
    enum subject_kind subject;
    int stage;
    bool needs_off;
    const char *reads, *text, *rule, *doing;
};
extern const struct verb_row verb_rows[];

/* How VM_MOVE goes: the running VM over the wire (M1), or its role while the VM is off. */
enum move_how { MOVE_LIVE, MOVE_OFF };

/* How VM_STOP asks: the guest, the guest by force, or the plug (S8). */
enum stop_how { STOP_GUEST, STOP_FORCED, STOP_TURN_OFF };

struct action {
    enum verb verb;
    const char *node;     /* where it is carried out */
    const char *subject;  /* VM id, GPU path or pool name */
    const char *object;   /* adapter or request id (*_REMOVE, ADAPTER_LIMITS); pool name (POOL_JOIN,
                             POOL_LEAVE, REQUEST_ADD from a pool); node to go to (VM_MOVE); NULL */
    const char *location; /* location path: REQUEST_ADD of a fixed device; GPU_* of a device */
    const char *pin;      /* ADAPTER_ADD on a standalone host, putting a pinned one back */
    /*
     * GPU_COUNT: the count.  VM_OFFLINE_ACTION: 0..3.  VM_STOP: enum stop_how.
     * VM_MOVE: enum move_how.  VM_MMIO: low, high MiB.  VM_MEMORY: dynamic 0|1, startup MiB,
     * minimum MiB (0: leave).  VM_STOP_ACTION, VM_CHECKPOINTS: the enum. VM_CACHE_TYPES: 0|1.
     * GPU_DISMOUNT: 1 = without the mitigation driver. ADAPTER_ADD, REQUEST_ADD from a pool: how
     * many there shall be then (0: one more).
     */
    uint64_t value[3];
    int64_t deadline_ms; /* how long the effect may take, from its submission; 0: the verb's own */
    const struct limits *limits; /* ADAPTER_LIMITS; NULL */
};

bool action_needs_off(const struct action *a); /* the VM must be off for it (V6, M8) */
bool action_same(const struct action *a, const struct action *b);
/* Is the effect there?  The verb's postcondition, read from a look. */
bool action_holds(const struct action *a, const struct state *have);
/* Milliseconds that an effect may take before its outcome is unknown. */
int64_t action_deadline_ms(const struct action *a);

#endif
