#include "fleet/gather.h"

#include "codec/digest.h"

static struct cluster_part *keep(const struct fleet_options *options,
                                 const struct cluster_part *part, struct fleet_totals *totals)
{
    struct cluster_part *out =
        arena_push(options->parts, totals->parts, totals->part_count, totals->part_room);

    part_copy(options->parts, part, out);
    return out;
}

/* Where nothing is known but that it failed. */
static void of_failure(const struct fleet_item *item, const char *why, struct cluster_part *out)
{
    *out = (struct cluster_part){.failure = why,
                                 .observed_ms = WHEN_NONE,
                                 .as_if_ms = WHEN_NONE,
                                 .opens_ms = WHEN_NONE,
                                 .since_ms = WHEN_NONE};
    if (item->spec)
        out->revision = item->spec->revision;
}

static const char **files_of(const struct fleet_item *item, size_t *count)
{
    struct arena *a = item->options->parts;
    const char **out = arena_array(a, const char *, item->beside_count + 2);

    *count = 0;
    if (item->file)
        out[(*count)++] = arena_strdup(a, item->file);
    if (item->world)
        out[(*count)++] = arena_strdup(a, item->world);
    for (size_t i = 0; i < item->beside_count; i++)
        out[(*count)++] = arena_strdup(a, item->beside[i]);
    return out;
}

void gather_item(const struct fleet_item *item, const char *second, enum exit_code exit,
                 struct fleet_totals *totals)
{
    const struct fleet_options *o = item->options;
    struct cluster_part failed, *out;

    if (!o->parts)
        return;
    if (second)
        of_failure(item, second, &failed);
    else if (item->overflow)
        of_failure(item, "it exceeds the memory of one pass", &failed);
    else
        of_failure(item, item->failure ? item->failure : "nothing was said of it", &failed);
    out = keep(o, item->part && !second && !item->overflow ? item->part : &failed, totals);
    if (item->spec)
        out->cluster = arena_strdup(o->parts, item->spec->name);
    if (item->file)
        out->source = arena_strdup(o->parts, item->file);
    out->files = files_of(item, &out->file_count);
    out->same = item->same && !out->failure ? digest_text(o->parts, item->same) : NULL;
    out->exit = exit;
}

void gather_file(const struct fleet_options *options, const struct cluster_part *part,
                 struct fleet_totals *totals)
{
    if (options->parts && part)
        keep(options, part, totals);
}
