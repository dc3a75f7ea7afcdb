/* Layers laid one over the other: layer.c, and by name compose.c.  Private to spec/. */
#ifndef SPEC_LAYER_H
#define SPEC_LAYER_H

#include "spec/read.h"

struct laying {
    struct arena *scratch;
    const struct shape_row *shapes;
    bool whole; /* of documents: the result is one again */
    /* of documents, where rows are laid by their names: true when this is such a field */
    bool (*named)(const struct laying *x, const struct field_row *f, const void *over, void *under);
};

/* A map over one that may be there already; the rows themselves are shared and
 * stay as they are.  Its place is that of the last one that says something. */
struct raw_head *lay_row(const struct laying *x, enum shape shape, const void *over,
                         const void *under);
void lay_fields(const struct laying *x, enum shape from, const void *over, enum shape to,
                void *under);

/* What a document says, as one layer of a cluster; for `why`. */
struct raw_part {
    const char *profile; /* its name; NULL: the cluster's own documents */
    const void *row;     /* as it is written there */
    const struct raw_part *below;
};

#endif
