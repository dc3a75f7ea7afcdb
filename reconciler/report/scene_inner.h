/* What the files of the scene share.  Nobody else includes this. */
#ifndef REPORT_SCENE_INNER_H
#define REPORT_SCENE_INNER_H

#include "base/str.h"
#include "report/scene.h"

/* What the plan says of one subject. */
struct note {
    const char *subject; /* "vm/NAME", "gpu/NODE/gpuN" */
    char sign;           /* 0: it is only stopped */
    bool stops, held;
    const char *what;
};

/* One partition or device that a VM holds or asks for, on one side of the picture. */
struct place {
    uint32_t vm, node;
    uint32_t gpu; /* NO_INDEX: on none, or nobody knows on which */
    const char *what;
    bool after, comes, leaves, off;
    bool lands; /* on one of the node's GPUs, and nobody knows on which */
};

struct look {
    struct arena *arena;
    const struct plan *plan; /* NULL: only what is */
    const struct state *have;
    struct gpu *after; /* by have.gpus */
    uint32_t *only;    /* by node: the GPU that a new partition lands on, or NO_INDEX */
    struct map index;  /* of notes, by subject */
    struct note *notes;
    size_t note_count, note_room;
    struct place *places;
    size_t place_count, place_room;
};

/* NULL: nothing is said of it. */
const struct note *look_note(const struct look *l, const char *kind, const char *name);
/* scene_places.c: who sits where, on both sides. */
void scene_places(struct look *l);
/* scene_fold.c: from places to rows and boxes. */
void scene_fold(struct look *l, struct scene *out);

#endif
