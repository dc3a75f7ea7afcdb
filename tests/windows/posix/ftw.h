/*
 * What the unit tests take from POSIX to make a folder for their scenery and to
 * remove it, for their Windows build only.  What cannot be made here (fork(),
 * pipes with names, regular expressions) is not: not-here.txt names the tests
 * that need it.
 */
#ifndef TESTS_WINDOWS_POSIX_FTW_H
#define TESTS_WINDOWS_POSIX_FTW_H

#include <direct.h>
#include <io.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline char *mkdtemp(char *name)
{
    size_t n = strlen(name);

    for (unsigned i = 0; n >= 6 && i < 1000000; i++) {
        snprintf(name + n - 6, 7, "%06u", ((unsigned)getpid() * 1000 + i) % 1000000);
        if (_mkdir(name) == 0)
            return name;
    }
    return NULL;
}

/* nftw() as scratch.h calls it: what a folder holds, then the folder. */
enum { FTW_DEPTH = 1, FTW_PHYS = 2 };
struct FTW {
    int level;
};
typedef int ftw_visit(const char *path, const struct stat *st, int kind, struct FTW *where);

static inline int nftw(const char *folder, ftw_visit *visit, int most, int how)
{
    char path[2048];
    struct _finddata64i32_t row;
    intptr_t h;
    int rc = 0;

    snprintf(path, sizeof path, "%s/*", folder);
    h = _findfirst(path, &row);
    for (int more = h == -1; more == 0 && rc == 0; more = _findnext(h, &row)) {
        if (strcmp(row.name, ".") == 0 || strcmp(row.name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, row.name);
        rc = row.attrib & _A_SUBDIR ? nftw(path, visit, most, how) : visit(path, NULL, 0, NULL);
    }
    if (h != -1)
        _findclose(h);
    return rc == 0 ? _rmdir(folder) : rc;
}

#endif
