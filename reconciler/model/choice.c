#include "model/choice.h"

const char *const subject_words[] = {[SUBJECT_CLUSTER] = "cluster",
                                     [SUBJECT_NODE] = "node",
                                     [SUBJECT_GPU] = "gpu",
                                     [SUBJECT_POOL] = "pool",
                                     [SUBJECT_VM] = "vm"};

bool name_set_has(const struct name_set *set, const char *name)
{
    if (!name)
        return false;
    if (map_get(&set->names, name) != MAP_NONE)
        return true;
    for (size_t i = 0; i < set->pattern_count; i++)
        if (str_fits(set->patterns[i], name))
            return true;
    return false;
}

/* The gpuN of NODE/gpuN. */
static const char *gpu_part(const char *name)
{
    const char *slash = name ? strrchr(name, '/') : NULL;

    return slash ? slash + 1 : name;
}

bool subject_fits(const struct subject_set *set, const struct subject *s)
{
    switch (set->kind) {
    case SUBJECT_CLUSTER:
        return name_set_has(&set->names, s->cluster);
    case SUBJECT_NODE:
        return name_set_has(&set->names, s->kind == SUBJECT_NODE ? s->name : s->node) ||
               name_set_has(&set->names, s->node_after);
    case SUBJECT_GPU:
        return s->kind == SUBJECT_GPU && name_set_has(&set->nodes, s->node) &&
               name_set_has(&set->names, gpu_part(s->name));
    case SUBJECT_POOL:
        return s->kind == SUBJECT_POOL ? name_set_has(&set->names, s->name)
               : s->kind == SUBJECT_GPU
                   ? name_set_has(&set->names, s->pool) || name_set_has(&set->names, s->pool_after)
                   : false;
    case SUBJECT_VM:
        return s->kind == SUBJECT_VM && name_set_has(&set->names, s->name);
    }
    return false;
}

static bool any_fits(const struct subject_set *rows, size_t count, const struct subject *s)
{
    for (size_t i = 0; i < count; i++)
        if (subject_fits(&rows[i], s))
            return true;
    return false;
}

bool choice_excludes(const struct choice *c, const struct subject *s)
{
    return any_fits(c->exclude, c->exclude_count, s);
}

bool choice_takes(const struct choice *c, const struct subject *s)
{
    return (!c->only_count || any_fits(c->only, c->only_count, s)) && !choice_excludes(c, s);
}
