/*
 * What observation cannot tell ("owed"): groups that are open, VMs that we
 * must start again, effects whose outcome is open, adapters that are ours.
 * specs/protocol.md says what is on disk when; store/ keeps it.
 */
#ifndef MODEL_LEDGER_H
#define MODEL_LEDGER_H

#include "model/action.h"

enum direction { FORWARD, BACK };

/*
 * A subject's fields that we may write, as they were or as they shall be.
 * Which of them count is said by `fields` (bits of enum image_field).
 */
enum image_field {
    IMAGE_ADAPTERS = 1 << 0,
    IMAGE_REQUESTS = 1 << 1,
    IMAGE_OFFLINE_ACTION = 1 << 2,
    IMAGE_STOP_ACTION = 1 << 3,
    IMAGE_MEMORY = 1 << 4,
    IMAGE_MMIO = 1 << 5,
    IMAGE_CACHE_TYPES = 1 << 6,
    IMAGE_CHECKPOINTS = 1 << 7,
    IMAGE_COUNT = 1 << 8,    /* gpu: partition count */
    IMAGE_PLACE = 1 << 9,    /* gpu: with the host, disabled or dismounted */
    IMAGE_POOL = 1 << 10,    /* gpu: which pool; pool: present or not */
    IMAGE_RESIZED = 1 << 11, /* vm: its adapter leaves and comes back around a count change */
    IMAGE_NODE = 1 << 12     /* vm: which node it is on (M8) */
};

struct image_adapter {
    const char *id;       /* before: its id; target: the id to keep, or NULL for a new one */
    const char *pin;      /* or NULL */
    struct limits limits; /* only known values count */
};

struct image_request {
    const char *id;       /* as above */
    const char *pool;     /* or NULL */
    const char *location; /* or NULL */
};

struct image {
    uint32_t fields; /* of enum image_field */
    struct image_adapter *adapters;
    size_t adapter_count;
    struct image_request *requests;
    size_t request_count;
    uint64_t offline_action;
    struct vm_settings settings;
    uint64_t count;       /* gpu */
    enum gpu_state place; /* gpu: GPU_HOST, GPU_DISABLED or GPU_DISMOUNTED */
    const char *pool;     /* gpu: NULL = in none */
    bool present;         /* pool */
    bool force;           /* gpu: dismount without the mitigation driver is allowed */
    const char *node;     /* vm */
    bool live;            /* vm: it may go there running (M1) */
};

enum member_mark {
    MARK_STUCK = 1 << 0, /* left as it is: a permanent failure made both ways impossible */
    MARK_BARE = 1 << 1   /* runs without its GPU, rather than not at all */
};

struct member {
    enum subject_kind kind; /* SUBJECT_VM, SUBJECT_GPU or SUBJECT_POOL */
    const char *node;       /* owner node when the group was opened */
    const char *id;         /* VM id, GPU path or pool name */
    const char *name;       /* for people */
    uint32_t marks;         /* of enum member_mark */
    struct image before, target;
    enum stop_how stop_then; /* after the deadline: STOP_GUEST = hold */
    int64_t stop_deadline_ms;
    bool run_after;      /* vm: shall run at the end, by declaration (power: running) */
    bool off_after;      /* vm: shall be off at the end, by declaration (power: stopped) */
    uint64_t size_bytes; /* gpu: what a partition must turn out to be; 0: anything (C5) */
    const char *waits;   /* vm: stays off until this event is over (V9); NULL: it does not */
};

struct group {
    uint64_t id;
    const char *input; /* digest of what it was opened for: the key of parking */
    const char *plan;  /* id of the plan */
    enum direction direction;
    bool committed; /* the first start was seen running: forward only */
    int64_t opened_ms;
    const char *reason; /* why it turned back, or NULL */
    uint32_t peak;      /* VMs that it may have off at once, reserved whole */
    struct member *members;
    size_t member_count;
};

/* protocol.md section 2. */
enum debt_phase { DEBT_FOUND, DEBT_STOPPING, DEBT_STOPPED, DEBT_STARTING, DEBT_PAID, DEBT_STUCK };

struct debt {
    const char *vm; /* id */
    const char *name;
    bool found_running; /* what it shall be again */
    bool declared;      /* found off, shall run because the spec says so: no promise to a person */
    enum debt_phase phase;
    int64_t stamp_ms; /* the power stamp that we know */
    const char *node; /* where the stamp was read */
    int64_t boot_ms;  /* of that node */
    int64_t since_ms;
    const char *run;   /* id of the run that made it */
    uint64_t group;    /* 0: no open group */
    const char *waits; /* the event that it stays off for (V9); NULL: none */
};

struct intent {
    uint64_t group;
    struct action action;
    int64_t sent_ms, due_ms;
    const char **seen_ids; /* ids of adapters or requests seen before an *_ADD */
    size_t seen_id_count;
};

/* Is the effect of an intent there?  action_holds(), and for *_ADD an id that was not seen before.
 */
bool intent_holds(const struct intent *t, const struct state *have);
/* The id of what an *_ADD has made, or NULL. */
const char *intent_made(const struct intent *t, const struct state *have);

/*
 * An adapter or request that hvgpu made, or a value that it overwrote; or that
 * a pattern of the declaration had taken the VM when it was last applied
 * (decisions/020).
 */
struct claim {
    const char *vm;
    const char *object; /* adapter or request id; "offlineAction"; "match PATTERN" */
    struct num former;  /* the value before, for offlineAction */
};

struct parked {
    const char *input; /* digest */
    const char *why;
    int64_t since_ms;
};

/*
 * Something announced that hvgpu cannot see the end of: a GPU that leaves (V9).
 * Its name is the row's; a row with another date is another event.
 */
struct announced {
    const char *id;
    int64_t by_ms;
    int64_t since_ms; /* when an apply first knew of it */
    int64_t over_ms;  /* when somebody said that it is over; WHEN_NONE: it is not */
};

/* When the counts of a node were last set by us: what a rollout soaks from (P10). */
struct recount {
    const char *node;
    int64_t at_ms;
};

/* What somebody paused (P11): nothing of it is begun. */
struct pause {
    const char *subject; /* "node/hv-01", as on a command line */
    const char *reason, *by;
    int64_t since_ms;
    int64_t until_ms; /* WHEN_NONE: until it is resumed */
    int64_t over_ms;  /* when that was; WHEN_NONE: it is not over */
    const char *over_by, *over_reason;
};

struct ledger {
    bool lasting; /* it is kept from run to run: what it does not hold was not there */
    const char *store_id;
    uint64_t epoch; /* of the writer */
    uint64_t next_group;
    struct group *groups;
    size_t group_count;
    struct debt *debts; /* by vm */
    size_t debt_count;
    struct intent *intents;
    size_t intent_count;
    struct claim *claims; /* by vm, object */
    size_t claim_count;
    struct parked *parked; /* by input */
    size_t parked_count;
    struct announced *events; /* by id, then date */
    size_t event_count;
    struct recount *recounts; /* by node */
    size_t recount_count;
    struct pause *pauses; /* by subject */
    size_t pause_count;
};

/* ---- changes: what one commit does to the ledger ---- */

enum ledger_op {
    LEDGER_GROUP,        /* put: insert or replace by key */
    LEDGER_GROUP_GONE,   /* with its members */
    LEDGER_MEMBER_MARKS, /* of one member of a group */
    LEDGER_DEBT,
    LEDGER_DEBT_GONE,
    LEDGER_INTENT, /* at most one per subject */
    LEDGER_INTENT_GONE,
    LEDGER_CLAIM,
    LEDGER_CLAIM_GONE,
    LEDGER_PARKED,
    LEDGER_PARKED_GONE,
    LEDGER_EVENT, /* events are never struck out: one that is over must stay over */
    LEDGER_RECOUNT,
    LEDGER_PAUSE /* one that is over is kept, until its subject is paused again */
};

struct ledger_change {
    enum ledger_op op;
    union {
        struct group group; /* GROUP (members only when it is new), GROUP_GONE (id) */
        struct {
            uint64_t group;
            struct member member; /* kind, node, id, marks */
        } marks;
        struct debt debt;     /* DEBT_GONE: vm */
        struct intent intent; /* INTENT_GONE: group, action.subject, action.node */
        struct claim claim;   /* CLAIM_GONE: vm, object */
        struct parked parked; /* PARKED_GONE: input */
        struct announced event;
        struct recount recount;
        struct pause pause;
    };
};

/* Which of protocol.md's commits it is. */
enum commit_kind {
    COMMIT_OPEN,
    COMMIT_INTENT,
    COMMIT_SETTLE,
    COMMIT_FLIP,
    COMMIT_CLOSE,
    COMMIT_NOTE
};

struct commit {
    enum commit_kind kind;
    bool sync; /* must be on disk before anything else; false: rides with the next */
    struct ledger_change *changes;
    size_t change_count, room;
};

/* The ledger after a commit, as every store must make it.  New rows are copied into `a`. */
void ledger_apply(struct arena *a, struct ledger *l, const struct commit *c);
void ledger_copy(struct arena *a, const struct ledger *from, struct ledger *out);

const struct debt *ledger_debt(const struct ledger *l, const char *vm);
const struct claim *ledger_claim(const struct ledger *l, const char *vm, const char *object);
/* All claims on a VM, by binary search: they stand beside each other. */
const struct claim *ledger_claims_of(const struct ledger *l, const char *vm, size_t *count);
/* The object of the claim that a pattern has on a VM; and is it one? */
const char *claim_of_match(struct arena *a, const char *pattern);
bool claim_is_match(const struct claim *c);
bool ledger_match(const struct ledger *l, const char *vm, const char *pattern);
const struct intent *ledger_intent(const struct ledger *l, const char *node, const char *subject);
const struct group *ledger_group(const struct ledger *l, uint64_t id);
bool ledger_parked(const struct ledger *l, const char *input);
/* Seen off because of us, and to be started again. */
bool debt_is_off(const struct debt *d);
/* It stays off until an event is over that is not (V9). */
bool ledger_waits(const struct ledger *l, const struct debt *d);
/* Does it hold anything back at this time of the world? */
bool pause_holds(const struct pause *p, int64_t now_ms);
const struct announced *ledger_event(const struct ledger *l, const char *id, int64_t by_ms);

#endif
