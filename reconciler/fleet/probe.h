/* What a file is, before it is read in earnest. */
#ifndef FLEET_PROBE_H
#define FLEET_PROBE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* The `kind` of the first document ("Plan", "World", "Cluster", "Run"); NULL: it says none. */
const char *probe_kind(struct arena *a, const char *text, size_t size);
/* The same of a file, of which as little is read as will do; NULL as well when it cannot be. */
const char *probe_file(struct arena *a, const char *path);

/* Who a document is, and whose rows it holds; what it does not say is NULL. */
struct probe_document {
    const char *kind;
    const char *name;    /* metadata.name */
    const char *cluster; /* spec.cluster */
};

/* All documents of a text; false: not to its end, it is broken. */
bool probe_documents(struct arena *a, const char *text, size_t size, struct probe_document **out,
                     size_t *count);

#endif
