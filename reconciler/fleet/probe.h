/* What a file is, before it is read in earnest. */
#ifndef FLEET_PROBE_H
#define FLEET_PROBE_H

#include "base/arena.h"

#include <stddef.h>

/* The `kind` of the first document ("Plan", "World", "Cluster", "Run"); NULL: it says none. */
const char *probe_kind(struct arena *a, const char *text, size_t size);
/* The same of a file, of which as little is read as will do; NULL as well when it cannot be. */
const char *probe_file(struct arena *a, const char *path);

#endif
