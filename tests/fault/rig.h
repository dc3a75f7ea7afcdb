/*
 * A universe for the fault sweep: one world, one spec, one ledger on "disk",
 * the real planner and the real machine, and a driver that lets one thing go
 * wrong at one call.  No threads, no files, no clock: a universe is a value,
 * and the same mishaps give the same end.
 */
#ifndef TESTS_FAULT_RIG_H
#define TESTS_FAULT_RIG_H

#include "apply/run.h"
#include "sim/world.h"
#include "spec/spec.h"

/* What can be asked of the driver; each is one call. */
enum call_kind { CALL_RECORD, CALL_PERFORM, CALL_LOOK };

/* What can go wrong at one call (testing.md, fault). */
enum mishap_kind {
    MISHAP_NONE,
    /* at a perform */
    MISHAP_REFUSED,   /* an error, nothing done */
    MISHAP_LOST,      /* no answer, nothing done */
    MISHAP_LOST_DONE, /* no answer, done */
    MISHAP_LATER,     /* no answer, lands later */
    MISHAP_LIE,       /* OK, nothing done */
    MISHAP_DENIED,    /* an error, done all the same */
    MISHAP_DIES_UNSENT,
    MISHAP_DIES_DONE,
    MISHAP_DIES_LATER, /* dies, and the effect lands afterwards */
    /* at a look */
    MISHAP_BLIND,
    MISHAP_DIES_LOOKING,
    /* at a commit */
    MISHAP_STORE_LOST, /* not written, and nothing more can be */
    MISHAP_DIES_UNRECORDED,
    MISHAP_DIES_RECORDED,
    MISHAP_KINDS
};
extern const char *const mishap_words[MISHAP_KINDS];
enum call_kind mishap_call(enum mishap_kind kind);

struct mishap {
    enum mishap_kind kind;
    size_t at; /* number of the call, over all passes, from 0 */
};

struct case_files {
    const char *name;
    struct spec spec;
    struct world world;
};

struct landing {
    struct action action;
    int64_t at_ms;
};

/* When a VM was last taken down, and by which group; what is known of its place. */
struct rig_power {
    const char *vm;
    bool runs;
    uint64_t stopped_by; /* id of the group; 0: of none */
    const char *home;    /* node when this universe began */
    bool started;        /* by us: the cluster may start it on another node */
    bool held;           /* by the first plan, for now */
    bool named;          /* its row named another node at first */
    bool live;           /* we sent it somewhere live, and did not stop it since */
    bool broke;          /* that took it off, and it does not run again yet */
    size_t broke_at;     /* the call after which the ledger knew so; 0: not yet */
    size_t opened_at;    /* the call that opened its last group */
};

/* A VM that we sent to a node. */
struct rig_move {
    const char *vm, *node;
};

struct rig {
    struct arena *arena; /* of this universe */
    const struct case_files *files;
    struct world world;
    struct rig_wmi *wmi; /* the second door, while it is open */
    struct ledger disk, memory;
    struct state first; /* as found */
    const struct mishap *mishaps;
    size_t mishap_count;
    enum call_kind *calls; /* what was asked, in order */
    size_t call_count, call_room;
    struct landing *landings;
    size_t landing_count, landing_room;
    bool dead, store_lost; /* in this pass */
    bool store_was_lost;   /* ever */
    size_t passes, deaths, performed, parked, put_back, degraded, stuck;
    size_t broke_off;   /* calls over WMI that had no answer */
    size_t run_groups;  /* of the last plan */
    const char *broken; /* the first law that did not hold, in words; NULL */
    bool tell;          /* every call, on stdout */
    bool hopeless;      /* the world itself has something that is broken for good */
    uint32_t width;     /* effects at once on one node; 0: as many as the steps allow */
    struct {            /* an effect that is refused for good; VERB_NONE: nothing */
        enum verb verb;
        const char *subject;
    } never;
    /* Called before each call is made, with the ledger on disk and the world as they are. */
    void (*at_call)(struct rig *r, const struct order *o);
    void *context;
    bool store_failed; /* in any pass */
    bool resumed;      /* begun by another universe */
    struct rig_power *power;
    struct rig_move *moves;
    size_t move_count, move_room;
    const struct target *want; /* of this pass, and the look that it is of */
    const struct state *seen;
    /* VMs of groups that did not run in the first pass, and how they were (law 9). */
    const char **still;
    size_t still_count;
};

/* False with `why`: the files are not a case. */
bool case_read(struct arena *a, const char *folder, struct case_files *out, const char **why);
void rig_open(struct arena *a, const struct case_files *files, const struct mishap *mishaps,
              size_t count, struct rig *out);
/* The same with a world, a ledger and effects on their way that were left by another pass. */
void rig_resume(struct arena *a, const struct case_files *files, const struct state *first,
                const struct world *world, const struct ledger *disk,
                const struct landing *landings, size_t landing_count, struct rig *out);
/* One process, from its start to rest or death. */
void rig_pass(struct rig *r);
/* Is there anything left to do for another pass? */
bool rig_rests(const struct rig *r);
/* The laws of a quiet end. */
void rig_check_end(struct rig *r);
/* Passes until one has nothing to do; then the laws of a quiet end. */
void rig_run(struct rig *r);
/* Is the world as another universe left its own? */
bool rig_same_world(const struct state *x, const struct state *y, const char **where);
bool rig_same_end(const struct rig *a, const struct rig *b, const char **where);

#endif
