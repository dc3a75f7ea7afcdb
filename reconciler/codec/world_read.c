/* The reader: the table walked over a document, then rows made whole. */
#include "codec/world_inner.h"

#include "base/when.h"

#include <string.h>

static void read_map(struct reading *r, const struct table *t, void *row, const struct span *at);

/* ---- one value ---- */

static void *place(void *row, size_t at)
{
    return (char *)row + at;
}

/* In quotes it is somebody's name; JSON has null for nothing. */
static bool is_unknown(const struct doc_scalar *s)
{
    return s->null || (s->plain && str_eq(s->text, "unknown"));
}

static void read_text(struct reading *r, const struct field *f, void *row)
{
    struct doc_scalar s;

    if (!doc_scalar(r->doc, f->name, &s))
        return;
    if (!is_unknown(&s) && strlen(s.text) > LIMIT_NAME * 4) {
        doc_error(r->doc, &s.at, "too-long", "`%s` has more than %d bytes", f->name,
                  LIMIT_NAME * 4);
        return;
    }
    *(const char **)place(row, f->at) = is_unknown(&s) ? NULL : s.text;
}

static void read_name(struct reading *r, const struct field *f, void *row)
{
    struct doc_scalar s;

    if (doc_text(r->doc, f->name, &s))
        *(const char **)place(row, f->at) = s.text;
}

static void read_mib(struct reading *r, const struct field *f, void *row)
{
    struct span at;
    struct num n;

    doc_peek(r->doc, &at);
    if (!doc_bytes_or_unknown(r->doc, f->name, &n))
        return;
    if (n.known && n.value % MIB) {
        doc_error(r->doc, &at, "unit", "`%s` must be whole MiB: the platform counts in them",
                  f->name)
            ->next = arena_printf(r->found->arena, "write %llu MiB",
                                  (unsigned long long)(n.value / MIB + 1));
        return;
    }
    if (n.known)
        n.value /= MIB;
    *(struct num *)place(row, f->at) = n;
}

static void read_time(struct reading *r, const struct field *f, void *row)
{
    int64_t *out = place(row, f->at), ms;
    struct doc_scalar s;

    if (!doc_scalar(r->doc, f->name, &s))
        return;
    if (s.null || str_eq(s.text, "unknown"))
        *out = WHEN_NONE;
    else if (when_parse(s.text, &ms))
        *out = ms;
    else
        doc_error(r->doc, &s.at, "not-a-time", "`%s` must be a point in time, found `%s`", f->name,
                  s.text)
            ->next = "write it like 2026-11-19T13:00:00Z, or unknown";
}

/* As in specs, and milliseconds: a world that was written in the middle has them. */
static void read_duration(struct reading *r, const struct field *f, void *row)
{
    int64_t *out = place(row, f->at), ms;
    struct doc_scalar s;
    uint64_t n;
    size_t len;

    if (!doc_scalar(r->doc, f->name, &s))
        return;
    len = strlen(s.text);
    if (len > 2 && len < 16 && str_eq(s.text + len - 2, "ms") &&
        str_u64(arena_strndup(r->arena, s.text, len - 2), &n) && n <= (uint64_t)3653 * 86400000)
        *out = (int64_t)n;
    else if (duration_parse(s.text, &ms))
        *out = ms;
    else
        doc_error(r->doc, &s.at, "not-a-duration", "`%s` must be a duration, found `%s`", f->name,
                  s.text)
            ->next = "write it like 90s, 5m, 4h, 2d or 1500ms";
}

/* 2026-02-11, 2026-02 or 2026: a page does not always say more.  They sort as text. */
static bool is_day(const char *s)
{
    char full[] = "2026-01-01T00:00Z";
    size_t n = strlen(s);
    int64_t ms;

    if (n != 4 && n != 7 && n != 10)
        return false;
    memcpy(full, s, n);
    return when_parse(full, &ms);
}

static void read_day(struct reading *r, const struct field *f, void *row)
{
    struct doc_scalar s;

    if (!doc_scalar(r->doc, f->name, &s))
        return;
    if (s.null || !is_day(s.text))
        doc_error(r->doc, &s.at, "not-a-day", "`%s` must be a day, found `%s`", f->name, s.text);
    else
        *(const char **)place(row, f->at) = s.text;
}

static void read_word(struct reading *r, const struct field *f, void *row)
{
    int word;

    if (doc_word(r->doc, f->name, f->words, &word, NULL))
        memcpy(place(row, f->at), &word, sizeof word);
}

static void read_verb(struct reading *r, const struct field *f, void *row)
{
    struct doc_scalar s;
    int verb;

    if (!doc_text(r->doc, f->name, &s))
        return;
    verb = world_verb(s.text);
    if (verb == VERB_NONE)
        doc_error(r->doc, &s.at, "unknown-verb", "`%s`: there is no verb `%s`", f->name, s.text)
            ->next = "write one of specs/world.md: gpu-set-count, vm-stop, vm-start, vm-attach, "
                     "observe, any";
    else
        memcpy(place(row, f->at), &verb, sizeof verb);
}

static void read_texts(struct reading *r, const struct field *f, void *row)
{
    const char ***out = place(row, f->at);
    size_t *count = place(row, f->count_at), room = 0;
    struct doc_scalar s;

    if (!doc_list(r->doc, f->name))
        return;
    *out = arena_array(r->arena, const char *, 1); /* an empty list was said, too */
    *count = 0;
    while (doc_item(r->doc))
        if (*count >= LIMIT_GPUS)
            doc_skip(r->doc);
        else if (doc_scalar(r->doc, f->name, &s) && !s.null)
            *arena_push(r->arena, *out, *count, room) = s.text;
}

static void read_counts(struct reading *r, const struct field *f, void *row)
{
    uint16_t **out = place(row, f->at);
    size_t *count = place(row, f->count_at), room = 0;
    struct span at;
    uint64_t n;

    if (!doc_list(r->doc, f->name))
        return;
    *out = arena_array(r->arena, uint16_t, 1); /* an empty list was said, too */
    *count = 0;
    while (doc_item(r->doc)) {
        if (!doc_u64(r->doc, f->name, 1, LIMIT_PARTITION_COUNT, &n, &at))
            continue;
        if (*count == LIMIT_COUNTS)
            doc_error(r->doc, &at, "too-many", "`%s`: at most %d counts", f->name, LIMIT_COUNTS);
        else
            *arena_push(r->arena, *out, *count, room) = (uint16_t)n;
    }
}

static void read_values(struct reading *r, const struct field *f, void *row)
{
    uint64_t *out = place(row, f->at);
    size_t n = 0;

    if (!doc_list(r->doc, f->name))
        return;
    while (doc_item(r->doc))
        if (n == 3)
            doc_skip(r->doc);
        else
            doc_u64(r->doc, f->name, 0, UINT64_MAX, &out[n++], NULL);
}

/*
 * Rows of a list.  Most lists are short: the array doubles, from one.  A row
 * that its table takes over needs no room of its own.
 */
static void read_rows(struct reading *r, const struct field *f, void *row)
{
    const struct table *t = f->sub;
    const void *blank = t == &vm_table ? &r->spec.vm_defaults : t->blank;
    /* devices are copied out of their rows (world_make_gpu) */
    struct arena *to = t == &gpu_table || t == &device_table ? &r->scratch : r->arena;
    char **out = place(row, f->at);
    size_t *count = place(row, f->count_at);
    void *one = NULL;
    struct span at;

    if (!doc_list(r->doc, f->name))
        return;
    *count = 0;
    while (doc_item(r->doc)) {
        if (!one && !(*count & (*count - 1)))
            *out = arena_grow(to, *out, *count, *count ? *count * 2 : 1, t->size);
        if (!one)
            one = *out + *count * t->size;
        memcpy(one, blank, t->size);
        doc_peek(r->doc, &at);
        if (t->placed)
            memcpy(one, &at, sizeof at);
        read_map(r, t, one, &at);
        if (t->done && t->done(r, one))
            continue; /* taken over: the place is free again */
        one = NULL;
        ++*count;
    }
}

static void read_later(struct reading *r, const struct field *f)
{
    struct span at;

    doc_peek(r->doc, &at);
    doc_error(r->doc, &at, "not-supported-yet", "`%s` is not supported yet", f->name)->next =
        "take it out";
    doc_skip(r->doc);
}

static void read_number(struct reading *r, const struct field *f, void *row)
{
    static const uint64_t largest[] = {
        [FIELD_U16] = LIMIT_PARTITION_COUNT, [FIELD_U32] = UINT32_MAX, [FIELD_U64] = UINT64_MAX};
    uint64_t n;

    if (!doc_u64(r->doc, f->name, f->kind == FIELD_U16, largest[f->kind], &n, NULL))
        return;
    if (f->kind == FIELD_U16)
        *(uint16_t *)place(row, f->at) = (uint16_t)n;
    else if (f->kind == FIELD_U32)
        *(uint32_t *)place(row, f->at) = (uint32_t)n;
    else
        *(uint64_t *)place(row, f->at) = n;
}

static void read_submap(struct reading *r, const struct field *f, void *row)
{
    struct span at;

    doc_peek(r->doc, &at);
    read_map(r, f->sub, place(row, f->at), &at);
    if (f->count_at)
        *(bool *)place(row, f->count_at) = true;
}

static void read_field(struct reading *r, const struct field *f, void *row)
{
    enum tri tri;

    switch (f->kind) {
    case FIELD_TEXT:
        read_text(r, f, row);
        break;
    case FIELD_NAME:
        read_name(r, f, row);
        break;
    case FIELD_PCI:
        doc_pci(r->doc, f->name, place(row, f->at), NULL);
        break;
    case FIELD_NUM:
    case FIELD_BIG:
        doc_num_or_unknown(r->doc, f->name, place(row, f->at));
        break;
    case FIELD_SIZE:
        doc_bytes_or_unknown(r->doc, f->name, place(row, f->at));
        break;
    case FIELD_MIB:
        read_mib(r, f, row);
        break;
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_U64:
        read_number(r, f, row);
        break;
    case FIELD_BOOL:
        doc_bool(r->doc, f->name, place(row, f->at), NULL);
        break;
    case FIELD_TRI:
        if (doc_tri(r->doc, f->name, &tri))
            memcpy(place(row, f->at), &tri, sizeof tri);
        break;
    case FIELD_WORD:
        read_word(r, f, row);
        break;
    case FIELD_TIME:
        read_time(r, f, row);
        break;
    case FIELD_DURATION:
        read_duration(r, f, row);
        break;
    case FIELD_DAY:
        read_day(r, f, row);
        break;
    case FIELD_TEXTS:
        read_texts(r, f, row);
        break;
    case FIELD_COUNTS:
        read_counts(r, f, row);
        break;
    case FIELD_VALUES:
        read_values(r, f, row);
        break;
    case FIELD_VERB:
        read_verb(r, f, row);
        break;
    case FIELD_MAP:
        read_submap(r, f, row);
        break;
    case FIELD_ROWS:
        read_rows(r, f, row);
        break;
    case FIELD_LATER:
        read_later(r, f);
        break;
    }
}

/* ---- one map ---- */

static void unknown_key(struct reading *r, const struct table *t, const struct doc_scalar *key)
{
    const char *known[64];
    size_t n = t->count < 64 ? t->count : 64;

    for (size_t i = 0; i < n; i++)
        known[i] = t->fields[i].name;
    doc_unknown_key(r->doc, key, known, n);
    doc_skip(r->doc);
}

static const struct field *field_of(struct reading *r, const struct table *t, const char *key)
{
    struct known_key *k = &r->known[((uintptr_t)key >> 3 ^ (uintptr_t)t >> 4) % KNOWN_KEYS];

    if (k->key == key && k->table == t)
        return k->field;
    for (size_t i = 0; i < t->count; i++)
        if (str_eq(t->fields[i].name, key)) {
            *k = (struct known_key){t, key, &t->fields[i]};
            return &t->fields[i];
        }
    return NULL;
}

/* The spec's own keys: `vms` needs what stands in `nodes`, `defaults` and `cluster`. */
static bool put_off(struct reading *r, const struct field *f, const void *row)
{
    bool vms = str_eq(f->name, "vms");

    if (row != &r->spec)
        return false;
    if (r->only_vms)
        return !vms;
    if (vms && !r->nodes_read) {
        r->late = true;
        return true;
    }
    r->nodes_read |= str_eq(f->name, "nodes");
    r->late |=
        r->world->now.vm_count && (str_eq(f->name, "defaults") || str_eq(f->name, "cluster"));
    return false;
}

static void read_map(struct reading *r, const struct table *t, void *row, const struct span *at)
{
    struct doc_scalar key;
    const struct field *f;
    uint64_t said = 0;

    if (!doc_map(r->doc, t->what))
        return;
    while (doc_key(r->doc, &key)) {
        f = field_of(r, t, key.text);
        if (f)
            said |= (uint64_t)1 << (f - t->fields);
        if (!f && str_starts(key.text, "x-"))
            doc_skip(r->doc);
        else if (!f)
            unknown_key(r, t, &key);
        else if (put_off(r, f, row))
            doc_skip(r->doc);
        else
            read_field(r, f, row);
    }
    for (size_t i = 0; i < t->count; i++)
        if ((t->fields[i].flags & REQUIRED) && !(said >> i & 1) && row != &r->spec.vm_defaults)
            doc_error(r->doc, at, "missing-key", "a %s needs `%s`", t->what, t->fields[i].name);
}

/* ---- the envelope ---- */

static const char *const envelope[] = {"apiVersion", "kind", "metadata", "spec"};
static const char *const metadata[] = {"name", "labels", "annotations"};

static void read_metadata(struct reading *r)
{
    struct doc_scalar key, s;

    if (!doc_map(r->doc, "metadata"))
        return;
    while (doc_key(r->doc, &key)) {
        if (str_eq(key.text, "name")) {
            if (doc_text(r->doc, "name", &s))
                r->name = s.text;
        } else if (str_eq(key.text, "labels") || str_eq(key.text, "annotations") ||
                   str_starts(key.text, "x-")) {
            doc_skip(r->doc);
        } else {
            doc_unknown_key(r->doc, &key, metadata, 3);
            doc_skip(r->doc);
        }
    }
}

static void read_fixed(struct reading *r, const char *key, const char *wanted, const char *next)
{
    struct doc_scalar s;

    if (doc_text(r->doc, key, &s) && !str_eq(s.text, wanted))
        doc_error(r->doc, &s.at, str_eq(key, "kind") ? "kind" : "api-version", "`%s` is %s, not %s",
                  key, s.text, wanted)
            ->next = next;
}

void world_read_form(struct reading *r, const struct doc_form *form)
{
    bool said[4] = {false, false, false, false};
    struct doc_scalar key;
    struct span at;

    doc_peek(r->doc, &at);
    if (!doc_map(r->doc, "the document"))
        return;
    while (doc_key(r->doc, &key)) {
        size_t i = 0;

        while (i < 4 && !str_eq(key.text, envelope[i]))
            i++;
        if (i < 4)
            said[i] = true;
        if (i == 0)
            read_fixed(r, envelope[0], "hvgpu/v1", "this version of hvgpu reads hvgpu/v1");
        else if (i == 1)
            read_fixed(r, envelope[1], form->kind, form->next);
        else if (i == 2)
            read_metadata(r);
        else if (i == 3)
            read_map(r, form->table, form->row, &at);
        else if (!str_starts(key.text, "x-"))
            doc_unknown_key(r->doc, &key, envelope, 4);
        if (i == 4)
            doc_skip(r->doc);
    }
    for (size_t i = 0; i < 4; i++)
        if (!said[i])
            doc_error(r->doc, &at, "missing-key", "%s needs `%s`", form->what, envelope[i]);
}

static void one_document(struct reading *r, const char *file, const char *text, size_t size,
                         struct findings *found)
{
    struct doc_form world = {"World", "a world", "a world and a snapshot are kind: World",
                             &spec_table, &r->spec};
    struct span at;

    r->doc = doc_open(r->arena, file, text, size, found);
    if (doc_next(r->doc)) {
        world_read_form(r, &world);
        if (doc_next(r->doc)) {
            doc_peek(r->doc, &at);
            doc_error(r->doc, &at, "one-world", "a file holds one world");
        }
    } else if (!doc_broken(r->doc)) {
        at = (struct span){file, 1, 1};
        doc_error(r->doc, &at, "empty", "there is no world in it");
    }
}

enum { VM_BYTES = 1024 }; /* of a VM in a snapshot, about: how large its map will be */

bool world_read(struct arena *a, const struct facts *facts, const char *file, const char *text,
                size_t size, struct world *out, struct findings *found)
{
    size_t errors = found->errors;
    struct reading r = {
        .arena = a, .found = found, .world = out, .facts = facts, .spec = blank_spec, .size = size};

    *out = (struct world){.arena = a, .facts = facts};
    r.spec.vm_defaults = blank_vm;
    arena_init(&r.scratch, 0);
    map_init(&r.vm_ids, &r.scratch, size / VM_BYTES, true);
    one_document(&r, file, text, size, found);
    if (r.late && found->errors == errors && !doc_broken(r.doc)) {
        doc_close(r.doc); /* once more, for the VMs, now that the rest is known */
        r.only_vms = true;
        out->now.vm_count = 0;
        world_drop_chunks(&r);
        map_init(&r.vm_ids, &r.scratch, size / VM_BYTES, true);
        one_document(&r, file, text, size, found);
    }
    if (found->errors == errors && !doc_broken(r.doc))
        world_finish(&r);
    doc_close(r.doc);
    world_drop_chunks(&r);
    arena_release(&r.scratch);
    return found->errors == errors;
}
