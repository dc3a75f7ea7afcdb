/* A folder of its own for a test; removed with everything in it. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_folder[256];

static inline int scratch_setup(void **state)
{
    const char *top = getenv("TMPDIR");

    (void)state;
    snprintf(scratch_folder, sizeof scratch_folder, "%s/hvgpu-test-XXXXXX", top ? top : "/tmp");
    return mkdtemp(scratch_folder) ? 0 : -1;
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int kind,
                                     struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline int scratch_teardown(void **state)
{
    (void)state;
    return nftw(scratch_folder, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path in the folder; four may be in use at once. */
static inline const char *scratch(const char *name)
{
    static char paths[4][8192];
    static unsigned turn;
    char *p = paths[turn++ % 4];

    snprintf(p, sizeof *paths, "%s/%s", scratch_folder, name);
    return p;
}

static inline void scratch_write(const char *name, const char *text)
{
    FILE *f = fopen(scratch(name), "w");

    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        abort();
}

#endif
