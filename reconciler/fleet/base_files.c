#include "fleet/base_files.h"

#include "base/limits.h"
#include "base/str.h"
#include "host/host.h"
#include "loop/child.h"

#include <string.h>

enum {
    DEADLINE_MS = 60000, /* a large repository on a slow disk */
    LISTING_BYTES = 16 << 20,
    WORDS = 24,   /* of a command before its digests */
    AT_ONCE = 200 /* digests in one command: Windows takes 32767 characters */
};

/* ---- what git says ---- */

static bool is_hex(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f')))
            return false;
    return n == 40 || n == 64;
}

/* As host_list_specs() takes them from a folder. */
static bool is_spec_path(const char *path)
{
    static const char *const ends[] = {".yaml", ".yml", ".json"};
    size_t n = strlen(path);
    bool spec = false;

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t k = strlen(ends[i]);

        spec = spec || (n > k && str_eq(path + n - k, ends[i]));
    }
    for (const char *s = path; spec && s; s = strchr(s, '/')) {
        s += s != path;
        if (*s == '.')
            return false;
    }
    return spec;
}

/* "100644 blob DIGEST   SIZE\tPATH" */
bool base_blob_parse(struct arena *a, const char *line, struct base_blob *out)
{
    static const char blob[] = " blob ";
    const char *tab = strchr(line, '\t'), *digest, *end, *size;
    uint64_t n;

    if (!tab || tab - line < 12 || !str_starts(line, "100") ||
        memcmp(line + 6, blob, sizeof blob - 1) != 0)
        return false;
    digest = line + 6 + sizeof blob - 1;
    end = memchr(digest, ' ', (size_t)(tab - digest));
    if (!end || !is_hex(digest, (size_t)(end - digest)))
        return false;
    for (size = end; *size == ' '; size++)
        ;
    if (!str_u64(arena_strndup(a, size, (size_t)(tab - size)), &n) || n > LIMIT_DOC_BYTES)
        return false;
    *out = (struct base_blob){.digest = arena_strndup(a, digest, (size_t)(end - digest)),
                              .path = arena_strdup(a, tab + 1),
                              .size = (size_t)n};
    return true;
}

/* Nothing that a repository can name is run beside git. */
static bool git(struct arena *a, const char *folder, const char *const *words, char *out,
                size_t room, size_t *size, struct err *e)
{
    static const char *const first[] = {"git", "--no-optional-locks",  "--literal-pathspecs",
                                        "-c",  "core.fsmonitor=false", "-C"};
    const char **argv = arena_array(a, const char *, WORDS + AT_ONCE);
    size_t n = sizeof first / sizeof *first;

    memcpy(argv, first, sizeof first);
    argv[n++] = folder;
    for (size_t i = 0; words[i]; i++)
        argv[n++] = words[i];
    return child_run(argv, DEADLINE_MS, out, room, size, e);
}

/* ---- a revision ---- */

static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (host_is_folder(path))
        return path;
    return !slash ? "." : slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
}

/* The commit of a name, seen from this folder; NULL: git knows none. */
static const char *commit_of(struct arena *a, const char *folder, const char *name)
{
    const char *const words[] = {"rev-parse", "--verify", "--quiet",
                                 arena_printf(a, "%s^{commit}", name), NULL};
    char answer[128];
    struct err ignored;
    size_t size;

    if (*name == '-' || !git(a, folder, words, answer, sizeof answer, &size, &ignored))
        return NULL;
    while (size && (answer[size - 1] == '\n' || answer[size - 1] == '\r'))
        size--;
    return is_hex(answer, size) ? arena_strndup(a, answer, size) : NULL;
}

struct listing {
    struct arena *arena;
    struct base_files *out;
    struct base_blob *blobs; /* parallel to out->rows */
    size_t room, blob_room, blob_count, bytes;
    struct map seen;
};

static bool take_blob(struct listing *l, const char *folder, bool named, struct base_blob *blob,
                      struct err *e)
{
    struct arena *a = l->arena;
    const char *path = str_eq(folder, ".") && named ? blob->path : host_join(a, folder, blob->path);
    struct source_file *row;

    if (map_put(&l->seen, path, (uint32_t)l->out->count) != l->out->count)
        return true;
    l->bytes += blob->size;
    if (l->out->count == LIMIT_SPEC_FILES || l->bytes > LIMIT_BASE_BYTES)
        return err_set(e, ERR_INVALID, 0,
                       "the specs of before are too many: at most %d files, %u MiB",
                       LIMIT_SPEC_FILES, (unsigned)(LIMIT_BASE_BYTES >> 20));
    row = arena_push(a, l->out->rows, l->out->count, l->room);
    *row = (struct source_file){.path = path, .size = blob->size};
    *arena_push(a, l->blobs, l->blob_count, l->blob_room) = *blob;
    return true;
}

/* The files of one path, as they are in the commit; a path that was not there has none. */
static bool list_path(struct listing *l, const char *path, struct err *e)
{
    struct arena *a = l->arena;
    bool named = !host_is_folder(path);
    const char *folder = folder_of(a, path), *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *const words[] = {"ls-tree",           "-r", "-z", "-l", l->out->commit,
                                 named ? "--" : NULL, name, NULL};
    char *answer = arena_raw(a, 1, LISTING_BYTES);
    size_t size;

    if (!git(a, folder, words, answer, LISTING_BYTES, &size, e))
        return err_wrap(e, "%s", path);
    if (size == LISTING_BYTES)
        return err_set(e, ERR_INVALID, 0, "%s: there are too many files", path);
    for (const char *line = answer, *end = answer + size; line < end; line += strlen(line) + 1) {
        struct base_blob blob;

        if (!memchr(line, '\0', (size_t)(end - line)))
            return err_set(e, ERR_INVALID, 0, "%s: what git lists is cut off", path);
        if (base_blob_parse(a, line, &blob) && (named || is_spec_path(blob.path)) &&
            !take_blob(l, folder, named, &blob, e))
            return false;
    }
    return true;
}

/* Blobs that are shown are their bytes, one behind the other: how many, is known. */
static bool read_blobs(struct listing *l, const char *folder, struct err *e)
{
    struct arena *a = l->arena;

    for (size_t from = 0, to; from < l->blob_count; from = to) {
        const char *words[AT_ONCE + 2] = {"show"};
        size_t sum = 0, size, n = 1;
        char *text;

        for (to = from; to < l->blob_count && n <= AT_ONCE - WORDS; to++) {
            words[n++] = l->blobs[to].digest;
            sum += l->blobs[to].size;
        }
        text = arena_raw(a, sum + 1, 1);
        if (!git(a, folder, words, text, sum + 1, &size, e))
            return false;
        if (size != sum)
            return err_set(e, ERR_INVALID, 0,
                           "git shows %zu bytes of these specs, and %zu are listed", size, sum);
        for (size_t i = from; i < to; text += l->blobs[i++].size)
            l->out->rows[i].text = text;
    }
    return true;
}

/* ---- either ---- */

static bool of_revision(struct arena *a, const char *const *paths, size_t count,
                        struct base_files *out, struct err *e)
{
    struct listing l = {.arena = a, .out = out};
    const char *folder = NULL;

    map_init(&l.seen, a, 64, false);
    for (size_t i = 0; i < count; i++) {
        if (str_eq(paths[i], "-"))
            continue;
        folder = folder_of(a, paths[i]);
        if (!list_path(&l, paths[i], e))
            return false;
    }
    return !folder || read_blobs(&l, folder, e);
}

static bool of_folder(struct arena *a, const char *name, struct base_files *out, struct err *e)
{
    const char *const path[] = {name};

    if (!sources_list(a, path, 1, &out->rows, &out->count, e))
        return false;
    for (size_t i = 0; i < out->count; i++) {
        struct source_file *row = &out->rows[i];
        char *text;

        if (!host_read_file(a, row->path, LIMIT_DOC_BYTES, &text, &row->size, e))
            return false;
        row->text = text;
    }
    return true;
}

bool base_files(struct arena *a, const char *name, const char *const *paths, size_t path_count,
                struct base_files *out, struct err *e)
{
    bool there = host_exists(name) || host_is_folder(name);
    const char *folder = path_count && !str_eq(paths[0], "-") ? folder_of(a, paths[0]) : ".";

    *out = (struct base_files){.commit = commit_of(a, folder, name)};
    if (there && out->commit)
        return err_set(e, ERR_USAGE, 0,
                       "--base %s is a file or folder here, and a revision as well: say ./%s, or "
                       "refs/heads/%s",
                       name, name, name);
    if (there)
        return of_folder(a, name, out, e);
    if (!out->commit)
        return err_set(
            e, ERR_USAGE, 0,
            "--base %s: there is no such folder, and git knows no such revision at %s; in "
            "a shallow clone it must be fetched first",
            name, folder);
    return of_revision(a, paths, path_count, out, e);
}
