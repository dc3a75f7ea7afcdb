/* The spec files that the command line means, in their order. */
#ifndef FLEET_SOURCES_H
#define FLEET_SOURCES_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct source_file {
    const char *path;
    bool named;       /* by the user: it must hold a document; a file of a folder need not */
    const char *text; /* what was read of it already (fleet/assign.h); NULL: nothing */
    size_t size;
};

/* What it holds; on the screen "-" is (stdin).  Standard input must have been read already. */
struct spec_source;
bool source_text(struct arena *a, const struct source_file *f, struct spec_source *out,
                 struct err *e) MUST_CHECK;

/* Files by path, each once; folders become the specs below them.  ERR_INVALID: not there. */
bool sources_list(struct arena *a, const char *const *paths, size_t count, struct source_file **out,
                  size_t *out_count, struct err *e) MUST_CHECK;

#endif
