#include "fleet/assign.h"

#include "base/limits.h"
#include "fleet/probe.h"
#include "host/host.h"

#include <stdlib.h>
#include <string.h>

static const char assigns[] = "Assignments", shares[] = "Profile";

bool assign_is_other(const struct source_file *source)
{
    static const char *const others[] = {"World", "Plan", "Run", "Observation", "Data"};
    struct arena scratch;
    const char *kind;
    bool is = false;

    if (source->named)
        return false;
    arena_init(&scratch, 0);
    kind = probe_file(&scratch, source->path);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        is = is || str_eq(kind, others[i]);
    arena_release(&scratch);
    return is;
}

/* The word in a text, in UTF-8 or UTF-16: without it there is nothing to parse. */
static bool has_word(const char *text, size_t size, const char *word)
{
    char wide[2 * sizeof assigns];
    size_t n = strlen(word);

    for (size_t i = 0; i < n; i++) {
        wide[2 * i] = word[i];
        wide[2 * i + 1] = 0;
    }
    for (const char *at = text; size && (at = memchr(at, *word, size - (size_t)(at - text)));
         at++) {
        size_t left = size - (size_t)(at - text);

        if ((left >= n && memcmp(at, word, n) == 0) ||
            (left >= 2 * n - 1 && memcmp(at, wide, 2 * n - 1) == 0))
            return true;
        if (left == 1)
            break;
    }
    return false;
}

/* The text of a source; standard input cannot be read twice, so it stays with its source. */
static bool read(struct arena *a, struct arena *scratch, struct source_file *source, char **text,
                 size_t *size)
{
    bool once = str_eq(source->path, "-");
    struct err ignored;

    if (source->text) {
        *text = (char *)(uintptr_t)source->text;
        *size = source->size;
        return true;
    }
    if (!host_read_file(once ? a : scratch, source->path, LIMIT_DOC_BYTES, text, size, &ignored))
        return false;
    if (once) {
        source->text = *text;
        source->size = *size;
    }
    return true;
}

static bool any_parts(struct arena *a, struct source_file *sources, size_t count)
{
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        struct arena scratch;
        char *text;
        size_t size;

        if (assign_is_other(&sources[i]))
            continue;
        arena_init(&scratch, 0);
        any |= read(a, &scratch, &sources[i], &text, &size) &&
               (has_word(text, size, assigns) || has_word(text, size, shares));
        arena_release(&scratch);
    }
    return any;
}

/* What each source says, by the names in it. */
struct heads {
    const char **declared, **assigned; /* names */
    size_t declared_count, assigned_count, declared_room, assigned_room;
    bool nobody; /* Assignments of nobody knows whom */
};

static void add_name(struct arena *a, const char ***names, size_t *count, size_t *room,
                     const char *name)
{
    *arena_push(a, *names, *count, *room) = arena_strdup(a, name);
}

static void read_heads(struct arena *a, struct source_file *source, struct heads *h,
                       struct assign_source *row)
{
    struct arena scratch;
    struct probe_document *docs;
    size_t size, count;
    char *text;

    if (assign_is_other(source))
        return;
    arena_init(&scratch, 0);
    if (read(a, &scratch, source, &text, &size)) {
        bool whole = probe_documents(&scratch, text, size, &docs, &count);

        h->nobody = !whole && has_word(text, size, assigns);
        row->declares = !whole;
        for (size_t i = 0; i < count; i++) {
            bool part = str_eq(docs[i].kind, assigns), shared = str_eq(docs[i].kind, shares);

            row->declares |= !part && !shared && !str_eq(docs[i].kind, "World");
            row->shares |= shared || (!whole && !docs[i].kind && has_word(text, size, shares));
            h->nobody |= part && !docs[i].cluster;
            if (part && docs[i].cluster)
                add_name(a, &h->assigned, &h->assigned_count, &h->assigned_room, docs[i].cluster);
            else if (!part && !shared && docs[i].name)
                add_name(a, &h->declared, &h->declared_count, &h->declared_room, docs[i].name);
        }
    }
    arena_release(&scratch);
}

/* Sources whose Assignments may be of anybody. */
struct nobodies {
    uint32_t *rows;
    size_t count, room;
};

/* Sources by the names that they assign to, as chains. */
struct chain {
    uint32_t source, next;
};

static uint32_t index_assigned(struct arena *a, const struct heads *heads, size_t count,
                               struct map *of_name, struct chain **out)
{
    struct chain *links = NULL;
    size_t link_count = 0, room = 0;

    map_init(of_name, a, 8, true);
    for (uint32_t i = 0; i < count; i++)
        for (size_t k = 0; k < heads[i].assigned_count; k++) {
            uint32_t at = (uint32_t)link_count;
            uint32_t head = map_put(of_name, heads[i].assigned[k], at);

            *arena_push(a, links, link_count, room) = (struct chain){i, MAP_NONE};
            if (head != at) {
                links[at].next = links[head].next;
                links[head].next = at;
            }
        }
    *out = links;
    return (uint32_t)link_count;
}

static int by_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

    return a < b ? -1 : a > b;
}

/* The sources that hold rows of what one source declares, and those of nobody knows whom. */
static void find_beside(struct arena *a, const struct heads *heads, uint32_t self,
                        const struct map *of_name, const struct chain *links,
                        const struct nobodies *nobodies, struct assign_source *out)
{
    size_t room = 0, n = 0;

    for (size_t k = 0; k < heads[self].declared_count; k++)
        for (uint32_t i = map_get(of_name, heads[self].declared[k]); i != MAP_NONE;
             i = links[i].next)
            *arena_push(a, out->beside, out->beside_count, room) = links[i].source;
    for (size_t i = 0; i < nobodies->count; i++)
        *arena_push(a, out->beside, out->beside_count, room) = nobodies->rows[i];
    if (out->beside_count)
        qsort(out->beside, out->beside_count, sizeof *out->beside, by_number);
    for (size_t i = 0; i < out->beside_count; i++)
        if (out->beside[i] != self && (!n || out->beside[i] != out->beside[n - 1]))
            out->beside[n++] = out->beside[i];
    out->beside_count = n;
}

void assign_scan(struct arena *a, struct source_file *sources, size_t count, struct assign *out)
{
    struct arena scratch;
    struct heads *heads;
    struct nobodies nobodies = {0};
    struct chain *links;
    struct map of_name;

    *out = (struct assign){.any = any_parts(a, sources, count)};
    if (!out->any)
        return;
    arena_init(&scratch, 0);
    map_init(&out->clusters, a, count, true);
    out->sources = arena_array(a, struct assign_source, count);
    heads = arena_array(&scratch, struct heads, count);
    for (size_t i = 0; i < count; i++) {
        read_heads(a, &sources[i], &heads[i], &out->sources[i]);
        out->declaring += out->sources[i].declares;
        if (heads[i].nobody)
            *arena_push(&scratch, nobodies.rows, nobodies.count, nobodies.room) = (uint32_t)i;
        for (size_t k = 0; k < heads[i].declared_count; k++)
            map_put(&out->clusters, heads[i].declared[k], (uint32_t)i);
    }
    index_assigned(&scratch, heads, count, &of_name, &links);
    for (uint32_t i = 0; i < count; i++)
        find_beside(a, heads, i, &of_name, links, &nobodies, &out->sources[i]);
    arena_release(&scratch);
}

bool assign_profiles(struct arena *a, const struct assign *assign,
                     const struct source_file *sources, size_t count, struct assign_shared *out,
                     struct err *e)
{
    size_t n = 0;

    *out = (struct assign_shared){.texts = arena_array(a, struct spec_source, count + 1)};
    for (size_t i = 0; assign->any && i < count; i++) {
        struct err ignored; /* told when it is read by itself */

        if (!assign->sources[i].shares || !source_text(a, &sources[i], &out->texts[n], &ignored))
            continue;
        if (out->texts[n].size > LIMIT_PROFILE_BYTES)
            return err_set(e, ERR_INVALID, 0, "%s: a file with Profiles has at most %u MiB",
                           sources[i].path, LIMIT_PROFILE_BYTES >> 20);
        n++;
    }
    out->text_count = n;
    if (!n)
        return true;
    out->profiles = profiles_read(a, out->texts, n);
    n = profiles_count(out->profiles);
    return n <= LIMIT_PROFILES ||
           err_set(e, ERR_INVALID, 0, "%zu Profiles are too many: at most %d", n, LIMIT_PROFILES);
}
