/* Can this world be managed?  What `doctor` finds, as rows. */
#ifndef MODEL_HEALTH_H
#define MODEL_HEALTH_H

#include "model/knowing.h"

enum health_class {
    HEALTH_NOTE,    /* worth knowing */
    HEALTH_WARNING, /* something could go wrong */
    HEALTH_BROKEN   /* something that hvgpu does cannot be done here */
};

struct health_row {
    enum health_class class;
    const char *node;     /* NULL: the cluster */
    const char *what;     /* what was looked at: "Msvm_GpuPartition.CurrentVRAM" */
    const char *found;    /* what is the matter with it */
    const char *prevents; /* what cannot be done; NULL: nothing */
    const char *release;  /* what would mend it; NULL */
    const char *source;   /* a rule, or a section of specs/platform.md */
};

struct health {
    struct health_row *rows; /* by node, the cluster first; within a node as they were found */
    size_t count, room;
    size_t checks;     /* all that was looked at, the good ones too */
    size_t unexamined; /* nodes whose classes could not be read */
    bool examined;     /* the classes of WMI were looked at; false: there are none behind this */
};

void health_add(struct arena *a, struct health *h, struct health_row row);
/* What the state itself tells: nodes that are silent, builds, and what is worth knowing. */
void health_find(struct arena *a, const struct state *have, struct health *h);
/* By node, the cluster first, broken before warnings before notes. */
void health_sort(struct arena *a, struct health *h);
size_t health_count(const struct health *h, enum health_class class);

#endif
