#include "fleet/base.h"

#include "base/str.h"
#include "fleet/probe.h"
#include "plan/cause.h"
#include "spec/ceiling.h"

static void take_names(struct arena *a, struct arena *scratch, struct fleet_base *base,
                       uint32_t file)
{
    const struct source_file *row = &base->files.rows[file];
    struct probe_document *docs;
    size_t count;

    (void)!probe_documents(scratch, row->text, row->size, &docs,
                           &count); /* those until it breaks */
    for (size_t i = 0; i < count; i++) {
        const char *name;

        if (!docs[i].name || (!str_eq(docs[i].kind, "Cluster") && !str_eq(docs[i].kind, "Host")))
            continue;
        name = arena_strdup(a, docs[i].name);
        if (map_get(&base->clusters, name) != MAP_NONE)
            continue; /* a second document: refused when it is read */
        map_put(&base->clusters, name, file);
        *arena_push(a, base->names, base->count, base->room) = name;
    }
}

bool base_open(struct arena *a, const struct fleet_options *options, struct fleet_base *out,
               struct err *e)
{
    *out = (struct fleet_base){.name = options->before};
    map_init(&out->clusters, a, 64, true);
    if (!base_files(a, options->before, options->paths, options->path_count, &out->files, e))
        return false;
    for (size_t i = 0; i < out->files.count; i++) {
        struct arena scratch;

        if (assign_is_other(&out->files.rows[i]))
            continue;
        arena_init(&scratch, 0);
        take_names(a, &scratch, out, (uint32_t)i);
        arena_release(&scratch);
    }
    if (out->files.count > 1)
        assign_scan(a, out->files.rows, out->files.count, &out->assign);
    return assign_profiles(a, &out->assign, out->files.rows, out->files.count, &out->shared, e) ||
           err_wrap(e, "--base");
}

/* ---- on a lane ---- */

/* The file that declares it, with those that hold a part of it. */
static struct spec_source *texts_of(struct arena *a, const struct fleet_base *base, uint32_t file,
                                    size_t *count)
{
    const struct assign_source *beside = base->assign.any ? &base->assign.sources[file] : NULL;
    struct spec_source *out =
        arena_array(a, struct spec_source, 1 + (beside ? beside->beside_count : 0));

    for (size_t i = 0; i <= (beside ? beside->beside_count : 0); i++) {
        const struct source_file *row = &base->files.rows[i ? beside->beside[i - 1] : file];

        out[i] = (struct spec_source){
            .file = row->path, .text = row->text, .size = row->size, .aside = i > 0};
    }
    *count = 1 + (beside ? beside->beside_count : 0);
    return out;
}

/* NULL: `why` says what speaks against comparing with it. */
static struct spec *spec_before(struct fleet_item *item, const struct fleet_base *base,
                                const char **why)
{
    struct arena *a = item->arena;
    uint32_t file = map_get(&base->clusters, item->spec->name);
    struct spec_among among = {.elsewhere = base->assign.any ? &base->assign.clusters : NULL,
                               .profiles = base->shared.profiles};
    struct findings found;
    struct spec_source *texts;
    struct specs specs;
    size_t count;

    if (file == MAP_NONE) {
        *why = "it is not declared there";
        return NULL;
    }
    findings_init(&found, a);
    texts = texts_of(a, base, file, &count);
    if (!spec_read_among(a, texts, count, &among, &specs, &found)) {
        findings_sort(&found);
        *why = arena_printf(a, "it is not valid there (%s:%u: %s)", found.rows[0].at.file,
                            (unsigned)found.rows[0].at.line, found.rows[0].code);
        return NULL;
    }
    for (size_t i = 0; i < specs.count; i++)
        if (str_same(specs.rows[i].name, item->spec->name))
            return &specs.rows[i];
    *why = "it is not declared there";
    return NULL;
}

void base_judge(struct fleet_item *item, const struct fleet_base *base)
{
    struct pass *p = &item->pass;
    struct plan *before = arena_new(item->arena, struct plan);
    const char *why = NULL;
    struct spec *spec = spec_before(item, base, &why);

    p->plan.base = (struct plan_base){.name = base->name, .commit = base->files.commit, .why = why};
    if (spec) {
        spec_digest(item->arena, spec); /* what approvals are of (P12) */
        if (item->options->ceilings)
            ceilings_apply(item->arena, item->options->ceilings, spec);
        reconcile_before(p, spec, &item->word, before);
    }
    plan_cause(item->arena, &p->plan, spec ? before : NULL);
}

/* ---- afterwards ---- */

void base_gone(struct arena *a, const struct fleet_base *base, const struct map *names,
               struct findings *out)
{
    for (size_t i = 0; i < base->count; i++) {
        const char *name = base->names[i];
        struct span at = {.file = base->files.rows[map_get(&base->clusters, name)].path};

        if (map_get(names, name) != MAP_NONE)
            continue;
        findings_add(out, SEVERITY_WARNING, "cluster-gone", &at,
                     "%s is declared there at %s, and is not any more", name, base->name)
            ->next =
            arena_printf(a, "nothing is done to what is not declared: its VMs and GPUs stay "
                            "as they are");
    }
}
