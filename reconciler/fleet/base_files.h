/*
 * The specs of before a change: the same files as they are in a revision of
 * their repository, or those of another folder.
 */
#ifndef FLEET_BASE_FILES_H
#define FLEET_BASE_FILES_H

#include "base/err.h"
#include "fleet/sources.h"

struct base_files {
    const char *commit; /* whole; NULL: `name` is a folder or a file */
    struct source_file *rows;
    size_t count;
};

/*
 * `name` is a folder or file that is there, else a revision as git knows it;
 * what is both is refused.  Of a revision the same `paths` are read that the
 * specs are read from, under the same names, with their text: no hook, filter
 * or conversion of the repository runs, nothing is checked out.  ERR_USAGE: it
 * is neither; ERR_INVALID: git does not say what is there, or it is too much.
 */
bool base_files(struct arena *a, const char *name, const char *const *paths, size_t path_count,
                struct base_files *out, struct err *e) MUST_CHECK;
/* One line of `git ls-tree -r -z -l`, for tests: false where it is no spec's. */
struct base_blob {
    const char *digest, *path;
    size_t size;
};
bool base_blob_parse(struct arena *a, const char *line, struct base_blob *out);

#endif
