/* What diff_movers.c and diff_targets.c share.  Nobody else includes this. */
#ifndef DIFF_MOVER_H
#define DIFF_MOVER_H

#include "diff/after.h"
#include "diff/differ.h"

enum move_cause {
    MOVE_WANTED,  /* its row names a node */
    MOVE_DRAIN,   /* its node shall be empty */
    MOVE_LEAVING, /* it is, or could land, on a GPU that leaves, and the row says to move it (V9) */
    MOVE_ROOM,    /* its own node has no room for what it shall have (V2) */
    MOVE_COUNT    /* its GPU's count changes: gone live it need not be stopped for it (P4) */
};

/* What a VM takes of a node: devices of a pool, or partitions of a size (0: any). */
struct need {
    const char *pool; /* NULL: partitions */
    uint64_t size, units;
};

/* What keeps a VM where it is. */
struct hindrance {
    const char *why, *release;
};

/* A VM that must go to another node. */
struct mover {
    uint32_t vm, row; /* index into have.vms and want.vms (NO_INDEX: it has no row) */
    enum move_cause cause;
    const struct span *at;
    uint32_t wanted;               /* the node that its row names; NO_INDEX: any */
    uint32_t to;                   /* NO_INDEX: none found */
    const struct hindrance *stuck; /* it cannot go anywhere; NULL: it can */
};

/* A drain that cannot be done, so nobody of its node goes. */
struct blocked {
    bool is;
    uint32_t by;  /* index into the movers: who cannot go */
    size_t could; /* how many others of the node found a place */
};

struct moving {
    struct differ *d;
    struct after x;
    struct mover *rows; /* by cause as they were found, then by VM */
    size_t count, room;
    struct need *needs;      /* by have.vms: after all that is wished */
    bool *stops;             /* by have.vms: off, or stopped for something else in any case */
    bool *goes;              /* by have.vms: a mover */
    const char **closed;     /* by node: why VMs may not be moved to it; NULL: they may */
    bool *busy;              /* by node: somebody goes away, or gives a partition back (M1) */
    struct blocked *blocked; /* by node */
};

void needs_find(struct moving *m);
/* Everybody who must go, but for want of room. */
void movers_find(struct moving *m);
/* Those whom their own node has no room for, once the others are placed. */
void movers_without_room(struct moving *m);
/* Those who would be stopped for a count, where nothing else moves them. */
void movers_off_counts(struct moving *m);
/* May it go there running, as far as the two nodes and its partition say (M1)? */
bool mover_live(const struct moving *m, const struct mover *row, uint32_t node);
/* NULL: it may be stopped, or does not run; else why nobody may (P1, P2, P7). */
const struct hindrance *never_stopped(const struct moving *m, uint32_t vm);
/* Fills m->closed. */
void nodes_close(struct moving *m);
/* What is free on a node for such a need, with everybody where diff.vm_node says. */
uint64_t node_room(const struct moving *m, uint32_t node, const struct need *need);

#endif
