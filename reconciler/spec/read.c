/*
 * Documents to rows.  One function reads every map of the language, by the
 * rows of fields.def; what a kind of value needs beside that is in value.c,
 * what is made of the rows in build*.c, what must hold among them in check*.c.
 */
#include "spec/read.h"

#include <stdlib.h>
#include <string.h>

/* ---- maps ---- */

static const struct field_row *field_of(const struct shape_row *s, uint32_t i)
{
    return &field_rows[s->first + i];
}

bool shape_seen(const struct shape_row *s, const struct raw_head *head, const char *key)
{
    return head->seen >> shape_field(s, key, strlen(key)) & 1;
}

/* x-* and annotations are for other tools, in any map. */
static bool for_others(const char *key)
{
    return str_starts(key, "x-") || str_eq(key, "annotations");
}

/* The first field of a set, apart from `but`. */
static const char *first_of(const struct shape_row *s, uint64_t set, uint32_t but)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (i != but && set >> i & 1)
            return field_of(s, i)->key;
    return "";
}

/* One key more than a group allows. */
static void check_most(struct reader *r, const struct shape_row *s, const struct raw_head *head,
                       uint32_t field, const struct span *at)
{
    for (uint32_t i = 0; i < s->group_count; i++) {
        const struct group_row *g = &group_rows[s->first_group + i];
        uint64_t set = head->seen & s->masks[i];
        struct finding *f;

        if (!(s->masks[i] >> field & 1) || (uint32_t)__builtin_popcountll(set) <= g->most)
            continue;
        f = spec_find(r->found, CODE_KEY_CHOICE, at, "`%s` beside `%s`: %s",
                      field_of(s, field)->key, first_of(s, set, field), g->text);
        f->rule = *g->rule ? g->rule : NULL;
        f->next = "keep one of them";
    }
}

static const char *group_keys(struct reader *r, const struct group_row *g)
{
    struct text t;

    text_init(&t, r->arena);
    text_add(&t, g->most > 1 ? "write at least one of: " : "write one of: ");
    for (const char *c = g->keys; *c; c++) {
        if (*c == ' ')
            text_add(&t, ", ");
        else
            text_add_n(&t, c, 1);
    }
    return text_done(&t);
}

/* What is missing in a map that was read. */
static void check_least(struct reader *r, const struct shape_row *s, const struct raw_head *head,
                        bool later)
{
    for (uint32_t i = 0; s->must & ~head->seen && i < s->count; i++) {
        const struct field_row *f = field_of(s, i);

        if (field_required(f) && !(head->seen >> i & 1))
            spec_find(r->found, CODE_MISSING_KEY, &head->at, "`%s` is missing", f->key)->next =
                arena_printf(r->arena, "write %s: %s", f->key, f->example);
    }
    for (uint32_t i = 0; !later && i < s->group_count; i++) {
        const struct group_row *g = &group_rows[s->first_group + i];
        struct finding *f;

        if ((uint32_t)__builtin_popcountll(head->seen & s->masks[i]) >= g->least)
            continue;
        f = spec_find(r->found, CODE_KEY_CHOICE, &head->at, "%s", g->text);
        f->rule = *g->rule ? g->rule : NULL;
        f->next = group_keys(r, g);
    }
    for (uint32_t i = 0; i < s->needs_count; i++) {
        const struct needs_row *n = &needs_rows[s->first_needs + i];

        if (shape_seen(s, head, n->key) && !shape_seen(s, head, n->other))
            spec_find(r->found, CODE_KEY_ALONE, &head->at, "`%s` without `%s`: %s", n->key,
                      n->other, n->text)
                ->next = arena_printf(r->arena, "write `%s` beside it, or take it out", n->other);
    }
}

/* The fields that say whether the document is for us at all. */
static void read_envelope(struct reader *r, const struct field_row *f, void *to)
{
    const struct said_word *word = to;
    int which = str_eq(f->key, "kind");

    if (which && doc_ahead(r->doc, "World")) {
        r->world = r->foreign = true;
        return;
    }
    if (which || str_eq(f->key, "apiVersion")) {
        doc_peek(r->doc, &r->kept[which]);
        read_value(r, f, f->key, to);
        r->foreign = r->foreign || !SAID(*word);
        return;
    }
    if (!r->foreign)
        read_value(r, f, f->key, to);
}

static bool read_field(struct reader *r, enum shape shape, const struct doc_scalar *key, void *row)
{
    const struct shape_row *s = &r->shapes[shape];
    struct raw_head *head = row;
    uint32_t i = shape_field(s, key->text, strlen(key->text));
    const struct field_row *f;

    if (i == UINT32_MAX) {
        if (!for_others(key->text) && !r->foreign)
            doc_unknown_key(r->doc, key, s->keys, s->key_count);
        return true;
    }
    f = field_of(s, i);
    head->seen |= (uint64_t)1 << i;
    if (f->kind == KIND_LATER) {
        spec_find(r->found, CODE_NOT_YET, &key->at, "`%s` is not supported yet: %s", f->key,
                  f->text)
            ->next = shape == SHAPE_connect ? "leave `connect` out for this machine, or write "
                                              "connect: {sim: world.yaml}"
                                            : "take it out";
        return false;
    }
    check_most(r, s, head, i, &key->at);
    if (shape == SHAPE_document)
        read_envelope(r, f, (char *)row + f->offset);
    else
        read_value(r, f, f->key, (char *)row + f->offset);
    return true;
}

bool read_shape(struct reader *r, enum shape shape, const char *what, void *row)
{
    const struct shape_row *s = &r->shapes[shape];
    struct raw_head *head = row;
    size_t before = r->found->count;
    struct doc_scalar key;
    bool later = false;

    doc_peek(r->doc, &head->at);
    if (!doc_map(r->doc, what)) {
        if (r->found->count > before)
            r->found->rows[r->found->count - 1].next =
                arena_printf(r->arena, "write it like this: %s", s->example);
        return false;
    }
    while (doc_key(r->doc, &key))
        if (!read_field(r, shape, &key, row))
            later = true;
    if (!r->foreign && !doc_broken(r->doc))
        check_least(r, s, head, later);
    return true;
}

/* ---- documents ---- */

static bool same_place(const struct span *a, const struct span *b)
{
    return a->line == b->line && a->column == b->column;
}

/* Takes back what was said of a document that is not for us, but why it is not. */
static void forget_findings(struct reader *r, size_t before, bool all)
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

struct list {
    struct spec *rows;
    size_t count, room;
    size_t seen;   /* documents for us, the broken ones included */
    size_t worlds; /* worlds that were passed over */
};

/* Nothing between two lines of dashes, or a text: no document. */
static bool is_no_map(struct reader *r, struct list *specs)
{
    struct doc_scalar text;

    if (doc_peek(r->doc, &text.at) != DOC_SCALAR)
        return false;
    if (!doc_scalar(r->doc, "the document", &text) || !text.null) {
        specs->seen++;
        spec_find(r->found, CODE_WRONG_TYPE, &text.at, "a document is a map, and this is a text")
            ->next = "a spec begins with apiVersion: hvgpu/v1";
    }
    return true;
}

static void build(struct reader *r, const struct raw_document *raw, struct list *specs)
{
    struct spec *spec = arena_push(r->arena, specs->rows, specs->count, specs->room);
    struct builder b = {.arena = r->arena,
                        .scratch = r->scratch,
                        .found = r->found,
                        .shapes = r->shapes,
                        .out = spec};

    spec_build(&b, raw);
}

static void read_document(struct reader *r, struct list *specs)
{
    struct raw_document *raw = arena_new(r->scratch, struct raw_document);
    size_t before = r->found->count;

    if (is_no_map(r, specs))
        return;
    r->foreign = r->world = false;
    memset(r->kept, 0, sizeof r->kept);
    if (!read_shape(r, SHAPE_document, "the document", raw)) {
        specs->seen++;
        return;
    }
    if (r->foreign && !doc_broken(r->doc))
        forget_findings(r, before, r->world);
    if (r->world) { /* among the specs it belongs to one of them */
        specs->worlds++;
        return;
    }
    specs->seen++;
    if (!r->foreign && !doc_broken(r->doc) && raw->spec.row && raw->metadata.row)
        build(r, raw, specs);
}

/* ---- all of them ---- */

static int by_place(const void *x, const void *y)
{
    const struct spec *a = x, *b = y;
    int c = str_cmp(a->at.file, b->at.file);

    return c ? c : (a->at.line > b->at.line) - (a->at.line < b->at.line);
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

static void check_documents(struct reader *r, const struct list *specs)
{
    struct map names, worlds;

    map_init(&names, r->arena, specs->count, true);
    map_init(&worlds, r->arena, specs->count, false);
    for (size_t i = 0; i < specs->count; i++) {
        const struct spec *s = &specs->rows[i];
        const char *world =
            s->connect_path ? path_beside(r->arena, s->at.file, s->connect_path) : "(this machine)";
        uint32_t same_name = s->name ? map_put(&names, s->name, (uint32_t)i) : (uint32_t)i;
        bool unknown = said(&s->connect_at) && !s->connect_path; /* not supported yet */
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

bool spec_read(struct arena *a, const struct spec_source *sources, size_t count, struct specs *out,
               struct findings *found)
{
    struct arena scratch;
    struct reader r = {.arena = a, .scratch = &scratch, .found = found, .shapes = shapes_new(a)};
    struct list specs = {0};
    size_t errors = found->errors;

    arena_init(&scratch, 0);
    for (size_t i = 0; i < count; i++) {
        const char *file = sources[i].file ? sources[i].file : "-";

        r.doc = doc_open(a, file, sources[i].text, sources[i].size, found);
        while (doc_next(r.doc))
            read_document(&r, &specs);
        if (doc_broken(r.doc))
            specs.seen++;
        doc_close(r.doc);
        arena_reset(&scratch);
    }
    arena_release(&scratch);
    if (!specs.seen)
        spec_find(found, CODE_NO_DOCUMENT,
                  &(struct span){.file = count ? sources[0].file : NULL, .line = 1, .column = 1},
                  "there is no Cluster and no Host document here")
            ->next = specs.worlds
                         ? "a World is given with --sim FILE, or with connect: {sim: FILE} in "
                           "a spec"
                         : "a spec begins with apiVersion: hvgpu/v1 and kind: Cluster or "
                           "kind: Host";
    if (specs.count) /* so that the order of files says nothing */
        qsort(specs.rows, specs.count, sizeof *specs.rows, by_place);
    check_documents(&r, &specs);
    if (specs.count)
        qsort(specs.rows, specs.count, sizeof *specs.rows, by_name);
    findings_sort(found);
    *out = (struct specs){.rows = specs.rows, .count = specs.count};
    return found->errors == errors;
}
