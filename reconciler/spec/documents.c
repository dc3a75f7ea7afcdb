/*
 * Documents to specs: which of them are for us, which rows belong to which
 * cluster, and what two documents cannot both be.
 */
#include "spec/compose.h"

#include <stdlib.h>
#include <string.h>

/* A document that was read, before anything is made of it; in the scratch arena. */
struct document {
    const struct raw_document *raw; /* its `spec` is there, or it is `bad` */
    struct span *keys;              /* of `spec`, by field */
    struct span at;
    bool aside; /* of a source that is read for its Assignments only */
    bool bad;   /* something is wrong in it */
};

struct list {
    const struct profiles *profiles; /* all that are given */
    struct spec *rows;
    size_t count, room;
    struct document *documents;
    size_t document_count, document_room;
    size_t seen;        /* documents for us, the broken ones included */
    size_t worlds;      /* worlds that were passed over */
    size_t assignments; /* of sources that are not aside */
    const char *lost;   /* a source that is aside and cannot be read to its end */
    const char *broken; /* a source that cannot be read to its end */
};

/* ---- one document ---- */

static bool same_place(const struct span *a, const struct span *b)
{
    return a->line == b->line && a->column == b->column;
}

void read_forget(struct reader *r, size_t before, bool all)
{
    struct findings *f = r->found;
    size_t n = before;

    for (size_t i = before; i < f->count; i++) {
        const struct finding *row = &f->rows[i];

        if (!all && (same_place(&row->at, &r->kept[0]) || same_place(&row->at, &r->kept[1]))) {
            f->rows[n++] = *row;
            continue;
        }
        f->errors -= row->severity == SEVERITY_ERROR;
    }
    f->count = n;
}

/* Nothing between two lines of dashes, or a text: no document. */
static bool is_no_map(struct reader *r, struct list *list)
{
    struct doc_scalar text;

    if (doc_peek(r->doc, &text.at) != DOC_SCALAR)
        return false;
    if (!doc_scalar(r->doc, "the document", &text) || !text.null) {
        list->seen++;
        spec_find(r->found, CODE_WRONG_TYPE, &text.at, "a document is a map, and this is a text")
            ->next = "a spec begins with apiVersion: hvgpu/v1";
    }
    return true;
}

static enum shape_of_kind kind_of(const struct document *d)
{
    return (enum shape_of_kind)d->raw->kind.value;
}

/* Keys of `spec` that only documents of another kind have; keys that this kind must have. */
static void check_kind(struct reader *r, const struct document *d)
{
    const struct raw_spec *spec = ROW(spec, d->raw->spec);
    const struct shape_row *s = &r->shapes[SHAPE_spec];
    const char *kind = words_kind.list[kind_of(d)];

    for (uint32_t k = 0; k < of_kind_count; k++) {
        const struct of_kind_row *row = &of_kind_rows[k];
        bool is = strcmp(row->kind, kind) == 0;

        for (uint32_t i = 0; i < s->count; i++) {
            const struct field_row *f = &field_rows[s->first + i];
            bool seen = spec->head.seen >> i & 1, has = words_have(row->keys, f->key);
            bool takes = is ? (!*row->keys || has) && !words_have(row->never, f->key)
                            : !words_have(row->own, f->key);

            if (seen && !takes)
                spec_find(r->found, CODE_WRONG_KIND, &d->keys[i],
                          "`%s` is not in a document of kind %s", f->key, kind)
                    ->next = arena_printf(r->arena, "take it out: %s", row->text);
            else if (!seen && is && has)
                spec_find(r->found, CODE_MISSING_KEY, &spec->head.at, "`%s` is missing", f->key)
                    ->next = arena_printf(r->arena, "write %s: %s", f->key, f->example);
        }
    }
}

static void keep(struct reader *r, struct list *list, const struct document *d)
{
    if (kind_of(d) == OF_ASSIGNMENTS)
        list->assignments += !d->aside;
    *arena_push(r->scratch, list->documents, list->document_count, list->document_room) = *d;
}

static void read_document(struct reader *r, struct list *list, bool aside)
{
    struct raw_document *raw = arena_new(r->scratch, struct raw_document);
    struct document d = {.raw = raw, .aside = aside};
    size_t before = r->found->count, errors = r->found->errors;

    if (is_no_map(r, list))
        return;
    d.keys = r->spec_keys = arena_array(r->scratch, struct span, r->shapes[SHAPE_spec].count + 1);
    r->foreign = r->world = r->policy = false;
    memset(r->kept, 0, sizeof r->kept);
    if (!read_shape(r, SHAPE_document, "the document", raw)) {
        list->seen++;
        return;
    }
    if (r->foreign && !doc_broken(r->doc))
        read_forget(r, before, r->world || r->policy);
    if (r->world) { /* among the specs it belongs to one of them */
        list->worlds++;
        return;
    }
    list->seen++;
    if (r->policy) /* P5: who writes the spec would write its ceiling */
        spec_find(r->found, CODE_POLICY_IGNORED, &r->kept[1],
                  "a Policy among the specs is ignored: a spec does not write its own ceiling")
            ->next =
            "give it with --policy FILE, from a place that the specs' authors do not write";
    if (r->foreign || doc_broken(r->doc))
        return;
    d.at = raw->head.at;
    if (raw->spec.row && SAID(raw->kind)) {
        check_kind(r, &d);
        check_skips(r, ROW(spec, raw->spec));
    }
    d.bad = !raw->spec.row || !raw->metadata.row || r->found->errors > errors;
    keep(r, list, &d);
}

static void read_source(struct reader *r, const struct spec_source *source, struct list *list)
{
    const char *file = source->file ? source->file : "-";

    r->doc = doc_open(r->arena, file, source->text, source->size, r->found);
    while (doc_next(r->doc))
        read_document(r, list, source->aside);
    if (doc_broken(r->doc)) {
        list->seen++;
        list->broken = file;
        if (source->aside)
            list->lost = file;
    }
    doc_close(r->doc);
}

/* ---- Assignments: VM rows of a cluster in documents of their own ---- */

static const struct raw_spec *spec_of(const struct document *d)
{
    return ROW(spec, d->raw->spec);
}

static const char *cluster_of(const struct document *d)
{
    const struct raw_spec *spec = spec_of(d);

    return kind_of(d) == OF_ASSIGNMENTS && spec && SAID(spec->cluster) ? spec->cluster.value : NULL;
}

/* Is it a cluster's, or a server's, own? */
static bool declares(const struct document *d)
{
    return kind_of(d) == OF_CLUSTER || kind_of(d) == OF_HOST;
}

static const char *own_name(const struct document *d)
{
    const struct raw_metadata *meta = ROW(metadata, d->raw->metadata);

    return meta && SAID(meta->name) ? meta->name.value : NULL;
}

static const char *name_of(const struct document *d)
{
    return declares(d) ? own_name(d) : NULL;
}

/* By cluster name without case: the documents that assign to it, as a chain. */
struct assigned {
    struct map of_name;
    uint32_t *next;     /* by document; NO_INDEX: the last */
    const char *nobody; /* a file whose Assignments are of nobody knows whom; or NULL */
};

static void index_assignments(struct reader *r, const struct list *list, struct assigned *out)
{
    *out = (struct assigned){.next = arena_array(r->scratch, uint32_t, list->document_count + 1),
                             .nobody = list->lost};
    map_init(&out->of_name, r->scratch, 8, true);
    for (uint32_t i = 0; i < list->document_count; i++) {
        const struct document *d = &list->documents[i];
        const char *cluster = cluster_of(d);
        uint32_t head;

        out->next[i] = NO_INDEX;
        if (!cluster && d->aside && kind_of(d) == OF_ASSIGNMENTS)
            out->nobody = d->at.file;
        if (!cluster)
            continue;
        head = map_put(&out->of_name, cluster, i);
        if (head != i) {
            out->next[i] = out->next[head];
            out->next[head] = i;
        }
    }
}

static int by_row(const void *x, const void *y)
{
    const struct raw_head *a = *(void *const *)x, *b = *(void *const *)y;

    return span_cmp(&a->at, &b->at);
}

/* Without its rows a cluster is another one: nothing is made of a part. */
static void refuse_part(struct reader *r, const struct document *d, const char *file)
{
    spec_find(r->found, CODE_BAD_ASSIGNMENTS, &d->at,
              "VM rows of this cluster may stand in %s, which is not valid", file)
        ->next = "mend that file; its own findings are said with it";
}

/* Behind the rows that are there; returns how many there are then. */
static size_t copy_rows(void **rows, size_t count, const struct said_rows *more)
{
    for (size_t i = 0; i < more->count; i++)
        rows[count++] = more->rows[i];
    return count;
}

/* The spec of a document with the rows of its Assignments, in the order of their places. */
static const struct raw_spec *with_assigned(struct reader *r, const struct list *list,
                                            const struct assigned *assigned,
                                            const struct document *d)
{
    const struct raw_spec *spec = spec_of(d);
    const char *name = name_of(d);
    uint32_t first = name ? map_get(&assigned->of_name, name) : MAP_NONE;
    size_t count = spec->vms.count;
    struct raw_spec *whole;
    void **rows;

    if (assigned->nobody)
        refuse_part(r, d, assigned->nobody);
    if (first == MAP_NONE)
        return spec;
    for (uint32_t i = first; i != NO_INDEX; i = assigned->next[i])
        count += spec_of(&list->documents[i])->vms.count;
    rows = arena_array(r->scratch, void *, count + 1);
    whole = arena_new(r->scratch, struct raw_spec);
    *whole = *spec;
    count = copy_rows(rows, 0, &spec->vms);
    for (uint32_t i = first; i != NO_INDEX; i = assigned->next[i]) {
        const struct document *other = &list->documents[i];

        whole->head.blank |= spec_of(other)->head.blank;
        count = copy_rows(rows, count, &spec_of(other)->vms);
        if (other->bad && other->aside)
            refuse_part(r, d, other->at.file);
    }
    qsort(rows, count, sizeof *rows, by_row);
    whole->vms.rows = rows;
    whole->vms.count = count;
    if (!SAID(whole->vms))
        whole->vms.at = spec->head.at;
    return whole;
}

/* Rows that no cluster takes would be ignored, and nothing is. */
static void refuse_unknown(struct reader *r, const struct list *list, const struct map *elsewhere)
{
    const char **names = arena_array(r->scratch, const char *, list->document_count + 1);
    struct map here;
    size_t count = 0;

    map_init(&here, r->scratch, 8, true);
    for (size_t i = 0; i < list->document_count; i++)
        if (name_of(&list->documents[i]) &&
            map_put(&here, name_of(&list->documents[i]), (uint32_t)count) == count)
            names[count++] = name_of(&list->documents[i]);
    for (size_t i = 0; i < list->document_count; i++) {
        const struct document *d = &list->documents[i];
        const char *cluster = cluster_of(d), *near;

        if (!cluster || d->aside || map_get(&here, cluster) != MAP_NONE ||
            (elsewhere && map_get(elsewhere, cluster) != MAP_NONE))
            continue;
        near = str_nearest(cluster, names, count < 100 ? count : 100);
        spec_find(r->found, CODE_UNKNOWN_CLUSTER, &spec_of(d)->cluster.at,
                  "no Cluster and no Host of the name %s is given", cluster)
            ->next = near ? arena_printf(r->arena, "did you mean %s?", near)
                          : "give its file as well, or the folder that holds both";
    }
}

/* ---- profiles ---- */

static struct profiles *profiles_of(struct arena *a, const struct list *list)
{
    struct profiles *all = arena_new(a, struct profiles);

    for (size_t i = 0; i < list->document_count; i++) {
        const struct document *d = &list->documents[i];
        const struct raw_spec *spec = ROW(spec, d->raw->spec);

        if (kind_of(d) == OF_PROFILE && !d->aside)
            *arena_push(a, all->rows, all->count, all->room) =
                (struct profile){.name = own_name(d),
                                 .at = d->at,
                                 .spec = spec,
                                 .priority = spec ? spec->priority.value : 0,
                                 .bad = d->bad};
    }
    profiles_sort(all);
    return all;
}

size_t profiles_count(const struct profiles *all)
{
    return all->count;
}

struct spec_profile profiles_at(const struct profiles *all, size_t i)
{
    return (struct spec_profile){all->rows[i].name, all->rows[i].at};
}

const struct profiles *profiles_read(struct arena *a, const struct spec_source *sources,
                                     size_t count)
{
    struct reader r = {.arena = a, .scratch = a, .shapes = shapes_new(a)};
    struct list list = {0};
    struct findings hidden;
    struct profiles *all;

    findings_init(&hidden, a);
    r.found = &hidden;
    for (size_t i = 0; i < count; i++)
        read_source(&r, &sources[i], &list);
    all = profiles_of(a, &list);
    if (list.broken)
        all->lost = (struct span){.file = list.broken, .line = 1, .column = 1};
    return all;
}

/* One name for one profile; told where the later one is. */
static void check_profiles(struct reader *r, const struct list *list)
{
    for (size_t i = 0; i < list->document_count; i++) {
        const struct document *d = &list->documents[i];
        const char *name = own_name(d);

        for (size_t k = 0; kind_of(d) == OF_PROFILE && name && k < list->profiles->count; k++) {
            const struct profile *other = &list->profiles->rows[k];

            if (!str_same(other->name, name) || span_cmp(&other->at, &d->at) >= 0)
                continue;
            spec_find(r->found, CODE_TWO_DOCUMENTS, &d->at,
                      "two profiles have the name %s: the other is at %s:%u", name, other->at.file,
                      (unsigned)other->at.line)
                ->next = "give each its own name";
            break;
        }
    }
}

static void tell_profiles(struct reader *r, const struct list *list, struct specs *out)
{
    size_t room = 0;

    for (size_t i = 0; i < list->document_count; i++)
        if (kind_of(&list->documents[i]) == OF_PROFILE && !list->documents[i].aside)
            *arena_push(r->arena, out->profiles, out->profile_count, room) =
                (struct spec_profile){own_name(&list->documents[i]), list->documents[i].at};
}

/* Of profiles that are read for these sources alone. */
static void check_unused(struct reader *r, const struct profiles *own, const bool *applied,
                         size_t clusters)
{
    for (size_t i = 0; clusters && i < own->count; i++)
        if (!applied[i] && !own->rows[i].bad)
            spec_find(r->found, CODE_UNUSED_PROFILE, &own->rows[i].at,
                      "profile %s applies to none of these clusters",
                      own->rows[i].name ? own->rows[i].name : "without a name")
                ->next = "look at its appliesTo, and at their labels";
}

/* ---- all of them ---- */

static void build(struct reader *r, struct list *list, const struct assigned *assigned,
                  const struct document *d, bool *applied)
{
    const struct raw_spec *own = with_assigned(r, list, assigned, d);
    struct spec made = {0};
    struct builder b = {.arena = r->arena,
                        .scratch = r->scratch,
                        .found = r->found,
                        .shapes = r->shapes,
                        .trace = r->trace,
                        .own = own,
                        .out = &made};

    if (own_name(d))
        own = compose(r, list->profiles, d->raw, own, applied, &made);
    if (!own)
        return;
    b.raw = own;
    b.profiles = made.profile_count > 0;
    spec_build(&b, d->raw);
    *arena_push(r->arena, list->rows, list->count, list->room) = made;
}

static int by_place(const void *x, const void *y)
{
    const struct spec *a = x, *b = y;

    return span_cmp(&a->at, &b->at);
}

static int by_name(const void *x, const void *y)
{
    const struct spec *a = x, *b = y;
    int c = str_cmp_natural(a->name ? a->name : "", b->name ? b->name : "");

    return c ? c : by_place(x, y);
}

/* `path` seen from the folder of `file`, without . and .. where that can be told. */
static const char *path_beside(struct arena *a, const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    bool absolute = path[0] == '/' || path[0] == '\\' || (path[0] && path[1] == ':');
    char *out = absolute || !slash ? arena_strdup(a, path)
                                   : arena_printf(a, "%.*s/%s", (int)(slash - file), file, path);
    char *to = out;

    for (char *c = out; *c; c++)
        if (*c == '\\')
            *c = '/';
    for (const char *c = out; *c;) {
        size_t size = strcspn(c, "/");
        bool up = size == 2 && c[0] == '.' && c[1] == '.';

        if (up && to > out + 1 && to[-1] == '/' && !(to >= out + 3 && str_starts(to - 3, "../"))) {
            for (to--; to > out && to[-1] != '/';)
                to--;
        } else if (!(size == 1 && c[0] == '.') && (size || c == out)) {
            memmove(to, c, size);
            to += size;
            if (c[size])
                *to++ = '/';
        }
        c += size + (c[size] == '/');
    }
    *to = 0;
    return out;
}

static void refuse_second(struct findings *found, const struct spec *first, const struct span *at,
                          const char *what, const char *next)
{
    spec_find(found, CODE_TWO_DOCUMENTS, at, "two documents %s: the other is at %s:%u", what,
              first->at.file, first->at.line)
        ->next = next;
}

const char *spec_world(const struct spec *s)
{
    return s->connect == CONNECT_LOCAL ? "(this machine)"
           : s->connect_path           ? s->connect_path
                                       : s->connect_to;
}

static void check_documents(struct reader *r, const struct list *specs)
{
    struct map names, worlds;

    map_init(&names, r->arena, specs->count, true);
    map_init(&worlds, r->arena, specs->count, false);
    for (size_t i = 0; i < specs->count; i++) {
        const struct spec *s = &specs->rows[i];
        const char *world =
            s->connect_path ? path_beside(r->arena, s->at.file, s->connect_path) : spec_world(s);
        uint32_t same_name = s->name ? map_put(&names, s->name, (uint32_t)i) : (uint32_t)i;
        bool unknown = said(&s->connect_at) && s->connect == CONNECT_LOCAL; /* not yet supported */
        uint32_t same_world = unknown ? (uint32_t)i : map_put(&worlds, world, (uint32_t)i);

        if (same_name != i)
            refuse_second(r->found, &specs->rows[same_name], &s->at,
                          arena_printf(r->arena, "have the name %s", s->name),
                          "give each its own name, or put them into one document");
        else if (same_world != i)
            refuse_second(r->found, &specs->rows[same_world],
                          said(&s->connect_at) ? &s->connect_at : &s->at,
                          arena_printf(r->arena, "are for one world, %s", world),
                          "put them into one document: one cluster, one declaration");
    }
}

static void say_nothing_there(struct reader *r, const struct list *list, const char *file)
{
    spec_find(r->found, CODE_NO_DOCUMENT, &(struct span){.file = file, .line = 1, .column = 1},
              "there is no Cluster and no Host document here")
        ->next = list->worlds ? "a World is given with --sim FILE, or with connect: {sim: FILE} in "
                                "a spec"
                              : "a spec begins with apiVersion: hvgpu/v1 and kind: Cluster or "
                                "kind: Host";
}

static void build_all(struct reader *r, struct list *list, const struct map *elsewhere,
                      bool *applied)
{
    struct assigned assigned;

    index_assignments(r, list, &assigned);
    for (size_t i = 0; i < list->document_count; i++) {
        const struct document *d = &list->documents[i];

        if (!d->aside && declares(d) && spec_of(d) && d->raw->metadata.row)
            build(r, list, &assigned, d, applied);
    }
    refuse_unknown(r, list, elsewhere);
}

bool spec_read_among(struct arena *a, const struct spec_source *sources, size_t count,
                     const struct spec_among *among, struct specs *out, struct findings *found)
{
    struct arena scratch;
    struct reader r = {
        .arena = a, .scratch = &scratch, .shapes = shapes_new(a), .trace = among->trace};
    struct list list = {0};
    struct profiles *own;
    bool *applied;
    struct findings hidden; /* said where the source is not aside */
    size_t errors = found->errors;

    arena_init(&scratch, 0);
    findings_init(&hidden, &scratch);
    for (size_t i = 0; i < count; i++) {
        r.found = sources[i].aside ? &hidden : found;
        read_source(&r, &sources[i], &list);
    }
    r.found = found;
    own = profiles_of(&scratch, &list);
    list.profiles = among->profiles ? among->profiles : own;
    applied = arena_array(a, bool, list.profiles->count + 1);
    check_profiles(&r, &list);
    build_all(&r, &list, among->elsewhere, applied);
    if (!among->profiles)
        check_unused(&r, own, applied, list.count);
    *out = (struct specs){.applied = applied};
    tell_profiles(&r, &list, out);
    arena_release(&scratch);
    if (!list.seen)
        say_nothing_there(&r, &list, count ? sources[0].file : NULL);
    if (list.count) /* so that the order of files says nothing */
        qsort(list.rows, list.count, sizeof *list.rows, by_place);
    check_documents(&r, &list);
    if (list.count)
        qsort(list.rows, list.count, sizeof *list.rows, by_name);
    findings_sort(found);
    out->rows = list.rows;
    out->count = list.count;
    out->assignments = list.assignments;
    return found->errors == errors;
}

bool spec_read(struct arena *a, const struct spec_source *sources, size_t count, struct specs *out,
               struct findings *found)
{
    return spec_read_among(a, sources, count, &(struct spec_among){0}, out, found);
}
