/*
 * The reader of plan files: an edited file is refused, and one that is
 * accepted is written and read again as the same.
 */
#include "fuzz.h"

#include "codec/planfile.h"

#include <string.h>

static bool read_plan(struct arena *a, const char *text, size_t size, struct plan_file *out)
{
    struct findings found;
    bool ok;

    findings_init(&found, a);
    *out = (struct plan_file){0};
    ok = plan_read(a, "fuzz.json", text, size, out, &found);
    promise_findings(&found, ok);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plan_file file, again;
    const char *first;
    struct arena a;

    arena_init(&a, FUZZ_ARENA);
    if (read_plan(&a, (const char *)data, size, &file)) {
        PROMISE(file.plan.id && *file.plan.id);
        first = plan_file_write(&a, &file);
        PROMISE(read_plan(&a, first, strlen(first), &again));
        PROMISE(strcmp(first, plan_file_write(&a, &again)) == 0);
    }
    arena_release(&a);
    return 0;
}
