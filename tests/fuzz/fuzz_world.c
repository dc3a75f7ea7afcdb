/*
 * The world reader: what it accepts is written, read and written again as the
 * same bytes; what can be observed of it is a snapshot, and a snapshot is a
 * world.
 */
#include "fuzz.h"

#include "codec/world.h"
#include "tests/known.h"

#include <string.h>

static bool read_world(struct arena *a, const char *text, size_t size, struct world *out)
{
    struct findings found;
    bool ok;

    findings_init(&found, a);
    *out = (struct world){0};
    ok = world_read(a, known_facts(), "fuzz.yaml", text, size, out, &found);
    promise_findings(&found, ok);
    return ok;
}

/* What can be seen of it, as a snapshot. */
static void observe(struct arena *a, struct world *w)
{
    struct world again;
    struct state seen = {0};
    struct err e = {0};
    const char *text;

    if (!world_observe(w, a, NO_INDEX, &seen, &e))
        return;
    text = snapshot_write(a, &seen);
    PROMISE(read_world(a, text, strlen(text), &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world w, again;
    const char *first, *second;
    struct arena a;

    arena_init(&a, FUZZ_ARENA);
    if (read_world(&a, (const char *)data, size, &w)) {
        first = world_write(&a, &w);
        PROMISE(read_world(&a, first, strlen(first), &again));
        second = world_write(&a, &again);
        PROMISE(strcmp(first, second) == 0);
        observe(&a, &again);
    }
    arena_release(&a);
    return 0;
}
