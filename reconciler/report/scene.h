/*
 * A cluster as a picture shows it: nodes, the GPUs of each cut into
 * partitions, who sits in which, now and after a plan.  What is large is
 * folded: GPUs of one node that are alike, then nodes that are alike.  How it
 * is drawn is somebody else's business (html_scene.c).
 *
 * "After" is where everything stands once what runs now and what is held has
 * run; what is blocked stays as it is.  Where the host decides at a start, the
 * picture does not guess (C10): such a VM waits beside the GPUs of its node.
 */
#ifndef REPORT_SCENE_H
#define REPORT_SCENE_H

#include "plan/plan.h"
#include "report/holders.h"
#include "report/report.h"

/* The same happens to all of these VMs, in one place. */
struct scene_cell {
    char sign;  /* 0: nothing; else as in a plan: + - ~ > x */
    bool stops; /* it runs, and is stopped once */
    bool held;  /* it waits */
    bool off;
    bool lands;         /* when it starts, on a GPU of the node that the host chooses (C10) */
    const char *what;   /* of who waits beside the GPUs: "1 partition"; NULL */
    const char **names; /* sorted, each once */
    size_t count, room;
};

struct scene_cells {
    struct scene_cell *rows;
    size_t count, room;
    size_t taken; /* partitions or devices */
};

/* One side of a row: now, or after. */
struct scene_side {
    bool parts;       /* cut into partitions */
    bool counted;     /* how many is known */
    uint64_t each;    /* partitions of one GPU */
    uint64_t all;     /* of all of the row */
    struct num size;  /* of one partition; after a change only where a like GPU tells it (C5) */
    const char *word; /* "16 partitions", "In pool ml", "No driver" */
    struct scene_cells cells;
};

/* GPUs that are drawn as one. */
struct scene_row {
    const char *key;
    const char **gpus; /* "NODE/gpuN" */
    size_t count, room;
    const char *model;
    char sign; /* 0, ~ or x */
    bool held;
    bool changes; /* something about it, or about who sits on it */
    struct scene_side now, after;
};

/* Nodes that are drawn as one. */
struct scene_box {
    const char *key;
    const char **nodes;
    size_t count, room;
    const char *word; /* "up", "silent" */
    bool answered, changes;
    bool lands; /* afterwards somebody is on one of its GPUs, and nobody knows on which */
    struct scene_row *rows;
    size_t row_count, row_room;
    struct scene_cells now, after; /* who is on none of its GPUs, or nobody knows on which */
};

/* What happens, in words: the same that the signs say. */
struct scene_said {
    char sign; /* ! as well */
    bool held;
    bool gpus;        /* names are NODE/gpuN, else VMs */
    const char *what; /* "partitions 16 -> 4"; NULL: the sign's word */
    const char **names;
    size_t count, room;
};

struct scene {
    struct scene_box *boxes;
    size_t box_count, box_room;
    struct scene_said *said;
    size_t said_count, said_room;
    size_t nodes, gpus, changed_nodes;
    bool folded;
    bool plan, drift; /* what is drawn beside what is */
};

enum { SCENE_WHOLE = 24 }; /* GPUs that are drawn one by one */

/* A cluster as it is (all NULL), with what drifted (or NULL), or before and after a plan. */
void scene_of(struct arena *a, const struct plan *plan, const struct drift *drift,
              const struct state *have, struct scene *out);
/* "gains a GPU", "blocked": the word of a sign. */
const char *scene_word(const struct scene *s, char sign);

#endif
