/* A subject of the command line, in the words of the spec: ranges and patterns. */
#include "base/str.h"
#include "spec/names.h"
#include "spec/spec.h"

static bool refuse(struct err *e, const char *text, const char *why)
{
    return err_set(e, ERR_USAGE, 0, "\"%s\": %s", text, why);
}

static bool read_names(struct arena *a, const char *text, const char *part, struct name_set *out,
                       struct err *e)
{
    struct doc_scalar scalar = {.text = part};
    struct said_names names = {0};
    struct findings found;
    size_t room = 0;

    findings_init(&found, a);
    if (!*part)
        return refuse(e, text, "the name is missing");
    if (!names_add(a, &found, "subject", &scalar, true, &names))
        return refuse(e, text,
                      found.count && found.rows[0].next
                          ? arena_printf(a, "%s; %s", found.rows[0].text, found.rows[0].next)
                          : "not a name, a range or a pattern");
    map_init(&out->names, a, names.count, true);
    for (size_t i = 0; i < names.count; i++)
        if (str_is_pattern(names.names[i]))
            *arena_push(a, out->patterns, out->pattern_count, room) = names.names[i];
        else
            map_put(&out->names, names.names[i], 0);
    return true;
}

/* A range has dots of its own. */
static const char *short_name(struct arena *a, const char *node)
{
    return strstr(node, "..") ? node : node_short(a, node);
}

bool subject_read(struct arena *a, const char *text, struct subject_set *out, struct err *e)
{
    const char *slash = strchr(text, '/'), *second;
    char *node;

    *out = (struct subject_set){.text = text};
    for (int kind = 0; slash && kind <= SUBJECT_VM; kind++) {
        if (!str_eq(arena_strndup(a, text, (size_t)(slash - text)), subject_words[kind]))
            continue;
        out->kind = (enum subject_kind)kind;
        if (kind != SUBJECT_GPU)
            return read_names(a, text, kind == SUBJECT_NODE ? short_name(a, slash + 1) : slash + 1,
                              &out->names, e);
        second = strrchr(text, '/');
        if (second == slash)
            return refuse(e, text, "a GPU is named with its node: gpu/NODE/gpu0");
        node = arena_strndup(a, slash + 1, (size_t)(second - slash - 1));
        return read_names(a, text, short_name(a, node), &out->nodes, e) &&
               read_names(a, text, second + 1, &out->names, e);
    }
    return refuse(e, text,
                  "a subject is vm/NAME, gpu/NODE/gpuN, pool/NAME, node/NAME or cluster/NAME");
}

/* ---- all that a cluster has, or should have ---- */

struct subjects {
    struct arena *arena;
    struct subject *rows;
    size_t count, room;
    const char *cluster;
};

static struct subject *put(struct subjects *s, enum subject_kind kind, const char *node,
                           const char *name)
{
    struct subject *row = arena_push(s->arena, s->rows, s->count, s->room);

    *row = (struct subject){.kind = kind, .cluster = s->cluster, .node = node, .name = name};
    return row;
}

/* Twice is no harm: what is declared and what is there have the same names. */
static void put_declared(struct subjects *s, const struct spec *spec)
{
    for (size_t i = 0; i < spec->node_count; i++)
        put(s, SUBJECT_NODE, NULL, spec->nodes[i]);
    for (size_t i = 0; i < spec->pool_count; i++)
        put(s, SUBJECT_POOL, NULL, spec->pools[i].name);
    for (size_t i = 0; i < spec->gpu_count; i++)
        if (spec->gpus[i].use == USE_POOL)
            put(s, SUBJECT_POOL, NULL, spec->gpus[i].pool);
    for (size_t i = 0; i < spec->vm_count; i++)
        if (spec->vms[i].name)
            put(s, SUBJECT_VM, spec->vms[i].node, spec->vms[i].name);
}

void subject_list(struct arena *a, const struct spec *spec, const struct state *have,
                  struct subject **out, size_t *count)
{
    struct subjects s = {.arena = a, .cluster = spec ? spec->name : have->name};

    put(&s, SUBJECT_CLUSTER, NULL, s.cluster);
    for (size_t i = 0; i < have->node_count; i++)
        put(&s, SUBJECT_NODE, NULL, have->nodes[i].name);
    for (uint32_t i = 0; i < have->gpu_count; i++)
        put(&s, SUBJECT_GPU, have->nodes[have->gpus[i].node].name, gpu_label(a, have, i))->pool =
            have->gpus[i].pool;
    for (size_t i = 0; i < have->pool_count; i++)
        put(&s, SUBJECT_POOL, have->nodes[have->pools[i].node].name, have->pools[i].name);
    for (size_t i = 0; i < have->vm_count; i++)
        put(&s, SUBJECT_VM,
            have->vms[i].node == NO_INDEX ? NULL : have->nodes[have->vms[i].node].name,
            have->vms[i].name);
    if (spec)
        put_declared(&s, spec);
    *out = s.rows;
    *count = s.count;
}
