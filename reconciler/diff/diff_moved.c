/* Cards that are found at another path than before (I4). */
#include "base/str.h"
#include "diff/diff.h"

/* What differs: mostly the part behind vendor, device and board, which are the same. */
static const char *shortly(struct arena *a, const char *path, const char *other)
{
    const char *last = strrchr(path, '\\'), *last_other = strrchr(other, '\\');

    return last && last_other && !str_same(last, last_other) ? arena_printf(a, "..%s", last) : path;
}

static const char *slot(const struct gpu *g)
{
    return g->location_count ? g->locations[0] : g->path;
}

const char *diff_moved_text(struct arena *a, const struct state *then, uint32_t gpu,
                            const struct state *have, uint32_t now)
{
    const struct gpu *was = &then->gpus[gpu], *is = &have->gpus[now];
    const char *model = is->model ? is->model : "the card";

    if (!str_same(slot(was), slot(is)))
        return arena_printf(a, "%s was at %s and is at %s", model, slot(was), slot(is));
    return arena_printf(a, "%s in %s has the path %s now, and had %s", model, slot(is),
                        shortly(a, is->path, was->path), shortly(a, was->path, is->path));
}

void diff_moved(struct arena *a, const struct state *then, const struct state *have,
                struct diff *out)
{
    const uint32_t *moved = then ? state_moved(a, then, have) : NULL;

    for (uint32_t i = 0; then && i < then->gpu_count; i++)
        if (moved[i] != NO_INDEX)
            problem_add(&out->problems, REASON_NOTE_MOVED, SUBJECT_GPU,
                        arena_printf(a, "gpu/%s", gpu_label(a, have, moved[i])), NULL, "%s",
                        diff_moved_text(a, then, i, have, moved[i]))
                ->gpu = moved[i];
}
