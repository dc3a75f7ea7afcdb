/* Which version of its repository a spec is. */
#ifndef MODEL_REVISION_H
#define MODEL_REVISION_H

#include <stdbool.h>
#include <stddef.h>

struct revision {
    const char *commit;   /* NULL: it is in no repository, or that is not known */
    const char *branch;   /* NULL: none */
    bool dirty;           /* the spec is not as it is in that commit */
    const char **authors; /* names and addresses of who wrote it; none: not known, or not asked */
    size_t author_count;
};

#endif
