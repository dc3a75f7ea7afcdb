/* The inside of the machine of run.h, shared by its files and by the laws. */
#ifndef APPLY_MACHINE_H
#define APPLY_MACHINE_H

#include "apply/run.h"
#include "plan/steps.h"

enum call_state {
    CALL_READY, /* its intent is on disk; not sent yet */
    CALL_SENT,
    CALL_ANSWERED, /* believe the world, not the answer: a look decides */
    CALL_UNKNOWN   /* no answer, or from before a death: quarantine until due + margin */
};

/* What a look can show of a call: where it takes effect, and where a VM that moves comes from. */
enum sight { SIGHT_EFFECT = 1 << 0, SIGHT_ORIGIN = 1 << 1 };

/* One effect under way.  It may be lost at any instant; its intent is not. */
struct call {
    uint64_t ticket, group;
    struct intent intent;
    enum call_state state;
    bool done;        /* answered: not only accepted */
    bool boot;        /* from before a death: nobody's fault, not a failed try */
    bool overdue;     /* accepted, and not there by its deadline */
    unsigned covered; /* a look was ordered after the answer (bits of enum sight) */
    unsigned looked;  /* ... and has come */
    bool failed;      /* refused */
    struct err err;
    int64_t began_ms;
};

/* How often an effect was tried and failed.  Need not be durable (protocol.md 6). */
struct tried {
    uint64_t group;
    enum verb verb;
    const char *node, *subject, *pin;
    uint64_t value;
    uint32_t times;
};

struct node_looks {
    bool wanted;     /* before a group opens */
    bool ordered;    /* a look is under way */
    bool stalled;    /* a member is between two states */
    bool lost;       /* does not answer in this pass */
    unsigned misses; /* looks that failed */
    int64_t last_ms; /* of the last look */
};

/* What became of a group of the plan. */
struct queued {
    uint64_t id; /* of the open group; 0: not begun */
    enum group_end end;
};

/* RAM of an open group. */
struct live {
    uint64_t id;
    uint32_t plan_group;  /* or NO_INDEX: taken over from a run that died */
    const char *turn;     /* shall be put back once nothing is under way */
    int64_t stalled_ms;   /* since when nothing moves; WHEN_NONE */
    enum group_end ended; /* closed, once the commit is recorded */
    struct group last;    /* as it was when it ended: it is in no ledger then */
};

struct run {
    struct arena *arena;
    struct arena scratch; /* of one tick: what is left to do is computed anew each time */
    const struct plan *plan;
    struct run_options options;
    struct ledger ledger;
    const struct state *have;
    struct call *calls;
    size_t call_count, call_room;
    struct tried *tried;
    size_t tried_count, tried_room;
    struct node_looks *looks; /* by node; the last is the whole world */
    size_t node_count;
    struct queued *queue; /* parallel to plan->groups */
    struct live *lives;
    size_t live_count, live_room;
    struct commit pending; /* ordered, not recorded yet */
    bool recording, old_debts_read;
    unsigned signals;
    bool store_lost;
    struct rescue *rescues; /* after the store was lost */
    size_t rescue_count;
    uint64_t next_ticket;
    int64_t now_ms, wake_ms;
    struct outcome outcome;
    struct step_result *results;
    size_t result_count, result_room;
};

enum {
    MOST_MISSES = 5,          /* looks at a node that fail before it is left for the pass */
    POLL_MS = 2000,           /* between two looks at something under way */
    STALL_MS = 10 * 60 * 1000 /* a member that stays between two states for so long is given up */
};

/* calls.c */
const struct call *call_of(const struct run *r, const char *subject, const char *node);
struct call *call_by_ticket(struct run *r, uint64_t ticket);
/*
 * Where its effect is to be seen: a VM may come up on another node than it was
 * started on (M2); one that is moved is seen on the node that it goes to (M8).
 */
uint32_t call_node(const struct run *r, const struct call *call);
/* Which bits of enum sight a look at this node has for a call; and has it all that it needs? */
unsigned call_sights(const struct run *r, const struct call *call, uint32_t node);
bool call_looked(const struct call *call);
bool group_has_calls(const struct run *r, uint64_t group);
uint32_t *tries(struct run *r, uint64_t group, const struct action *a);
bool gave_up(struct run *r, uint64_t group, const struct action *a);
void forget_tries(struct run *r, uint64_t group, enum verb verb);
/* Records the intent of an effect, and what is owed for it. */
void intend(struct run *r, const struct group *g, const struct action *a, struct commit *c);
/* Settles what has an outcome; true when there was anything to settle. */
bool settle_calls(struct run *r, const struct group *g, struct commit *c);

/* classify.c: NULL when no cause can be seen */
const char *why_start_failed(const struct state *have, const struct vm *vm);

/* commit.c */
struct ledger_change *change_add(struct run *r, struct commit *c, enum commit_kind kind,
                                 enum ledger_op op);
void put_debt(struct run *r, struct commit *c, enum commit_kind kind, const struct debt *d);
void put_marks(struct run *r, struct commit *c, const struct group *g, const struct member *m,
               uint32_t marks);
void stamp_debt(const struct run *r, const struct vm *vm, struct debt *d);

/* group.c: one decision about one open group.  True when `c` has something to record. */
bool group_decide(struct run *r, struct live *live, const struct group *g, struct commit *c);

/* open.c */
bool open_groups(struct run *r, struct commit *c);
/* Groups that nothing will let open any more in this run: VMs left off keep the budget, say. */
void skip_the_rest(struct run *r);
/* Of the groups that are not begun, how many could be but for the budget, and all others. */
void count_waiting(const struct run *r, size_t *budget, size_t *turn);
/* Debts of groups that are closed: paid or taken over by a person meanwhile? */
void read_old_debts(struct run *r, struct commit *c);
void close_group(struct run *r, struct live *live, const struct group *g, struct commit *c);

/* rescue.c: the store is lost; start what is owed, as it stands. */
void rescue_next(struct run *r, struct order *out);
void rescue_answered(struct run *r, const struct event *e);

/* Is a node that one of them touches gone, or does it not answer in this pass? */
bool members_lost(const struct run *r, const struct member *members, size_t count);
void wake_at(struct run *r, int64_t ms);

#endif
