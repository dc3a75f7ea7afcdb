/* Runs a fuzz target over files and folders of seeds: `make check` has no fuzzer.  TAP. */
#include "host/host.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 64 << 20 };

/* An own block, so that the sanitizers see a read beyond the end. */
static bool replay(const char *path, size_t number)
{
    struct arena a;
    struct err e;
    char *data;
    uint8_t *copy;
    size_t size;
    bool ok;

    arena_init(&a, 0);
    ok = host_read_file(&a, path, LARGEST, &data, &size, &e);
    if (!ok) {
        printf("not ok %zu - %s\n", number, e.text);
    } else {
        copy = malloc(size ? size : 1);
        if (!copy)
            abort();
        memcpy(copy, data, size);
        /* Said before, so that a crash leaves the name of its input. */
        printf("# %s\n", path);
        fflush(stdout);
        LLVMFuzzerTestOneInput(copy, size);
        free(copy);
        printf("ok %zu - %s\n", number, path);
    }
    arena_release(&a);
    return ok;
}

static bool replay_folder(const char *folder, size_t *number)
{
    struct dirent **rows;
    int n = scandir(folder, &rows, NULL, alphasort);
    bool ok = n >= 0;

    for (int i = 0; i < n; i++) {
        char path[4096];

        snprintf(path, sizeof path, "%s/%s", folder, rows[i]->d_name);
        if (rows[i]->d_name[0] != '.')
            ok = replay(path, ++*number) && ok;
        free(rows[i]);
    }
    if (n >= 0)
        free(rows);
    return ok;
}

int main(int argc, char **argv)
{
    size_t number = 0;
    bool ok = true;

    for (int i = 1; i < argc; i++) {
        if (host_is_folder(argv[i]))
            ok = replay_folder(argv[i], &number) && ok;
        else
            ok = replay(argv[i], ++number) && ok;
    }
    printf("1..%zu\n", number);
    return ok && number ? 0 : 1;
}
