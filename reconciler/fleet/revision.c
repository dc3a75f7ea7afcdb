#include "fleet/revision.h"

#include "base/limits.h"
#include "host/host.h"
#include "loop/child.h"

#include <string.h>

enum {
    DEADLINE_MS = 5000,
    ANSWER_BYTES = 4096, /* the head of the answer, and the first change */
    PARENTS = 64
};

/* ---- what git says ---- */

static bool is_digest(const char *s, size_t size)
{
    if (size != 40 && size != 64)
        return false;
    for (size_t i = 0; i < size; i++)
        if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f')))
            return false;
    return true;
}

/* What stands behind `key` in this line; NULL: it is another line. */
static const char *behind(const char *line, size_t size, const char *key, size_t *rest)
{
    size_t n = strlen(key);

    if (size < n || memcmp(line, key, n) != 0)
        return NULL;
    *rest = size - n;
    return line + n;
}

bool revision_parse(struct arena *a, const char *text, size_t size, struct revision *out)
{
    const char *end = text + size, *next, *value;
    size_t rest;

    *out = (struct revision){0};
    for (; text < end; text = next) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t line = stop ? (size_t)(stop - text) : (size_t)(end - text);

        next = stop ? stop + 1 : end;
        if ((value = behind(text, line, "# branch.oid ", &rest)) && is_digest(value, rest))
            out->commit = arena_strndup(a, value, rest);
        else if ((value = behind(text, line, "# branch.head ", &rest)) && stop && *value != '(' &&
                 rest > 0 && rest <= LIMIT_NAME && !memchr(value, '\0', rest))
            out->branch = arena_strndup(a, value, rest);
        else if (line && *text != '#')
            out->dirty = true;
    }
    return out->commit != NULL;
}

/* ---- asking it ---- */

static const char *folder_of(struct arena *a, const char *path)
{
    const char *end = path + strlen(path);

    while (end > path && end[-1] != '/' && end[-1] != '\\')
        end--;
    if (end - path > 1)
        end--;
    return end == path ? "." : arena_strndup(a, path, (size_t)(end - path));
}

/* Without a repository git is not asked: most fleets of a test, and copies, are in none. */
static bool has_repository(struct arena *a, const char *folder)
{
    for (int i = 0; i < PARENTS; i++) {
        const char *up = folder_of(a, folder);

        if (host_exists(host_join(a, folder, ".git")))
            return true;
        if (str_eq(up, folder) || str_eq(up, "."))
            return false;
        folder = up;
    }
    return false;
}

/* What a repository says shall be run beside git (a monitor of files) is not. */
static bool ask(struct arena *a, const char *path, struct revision *out)
{
    const char *folder = folder_of(a, path);
    const char *const argv[] = {"git",
                                "--no-optional-locks",
                                "--literal-pathspecs",
                                "-c",
                                "core.fsmonitor=false",
                                "-C",
                                folder,
                                "status",
                                "--porcelain=v2",
                                "--branch",
                                "--untracked-files=all",
                                "--ignored=matching",
                                "--",
                                path,
                                NULL};
    char *answer = arena_alloc(a, 1, ANSWER_BYTES);
    struct err ignored;
    size_t size;

    *out = (struct revision){0};
    return has_repository(a, folder) &&
           child_run(argv, DEADLINE_MS, answer, ANSWER_BYTES, &size, &ignored) &&
           revision_parse(a, answer, size, out);
}

void revision_find(struct fleet_item *item)
{
    struct arena *a = item->arena;
    struct revision *r = &item->spec->revision, other;

    *r = (struct revision){0};
    if (!item->file || str_eq(item->file, "-") || !ask(a, host_real_path(a, item->file), r))
        return;
    for (size_t i = 0; i < item->beside_count && !r->dirty; i++)
        r->dirty = !ask(a, host_real_path(a, item->beside[i]), &other) || other.dirty ||
                   !str_eq(other.commit, r->commit);
}

/* ---- who wrote it ---- */

static void add_author(struct arena *a, const char *name, size_t size, struct revision *out)
{
    const char *author = arena_strndup(a, name, size);

    for (size_t i = 0; i < out->author_count; i++)
        if (str_eq(out->authors[i], author))
            return;
    out->authors =
        arena_grow(a, out->authors, out->author_count, out->author_count + 1, sizeof *out->authors);
    out->authors[out->author_count++] = author;
}

void revision_authors_parse(struct arena *a, const char *text, size_t size, struct revision *out)
{
    for (const char *end = text + size, *next; text < end; text = next) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t line = stop ? (size_t)(stop - text) : (size_t)(end - text);

        next = stop ? stop + 1 : end;
        if (line && line <= LIMIT_NAME && !memchr(text, '\0', line))
            add_author(a, text, line, out);
    }
}

static bool ask_authors(struct arena *a, const char *path, struct revision *out)
{
    const char *const argv[] = {"git",
                                "--no-optional-locks",
                                "--literal-pathspecs",
                                "-c",
                                "core.fsmonitor=false",
                                "-c",
                                "log.showSignature=false",
                                "-C",
                                folder_of(a, path),
                                "log",
                                "-1",
                                "--format=%an%n%ae%n%cn%n%ce",
                                "--",
                                path,
                                NULL};
    char *answer = arena_alloc(a, 1, ANSWER_BYTES);
    struct err ignored;
    size_t size;

    if (!child_run(argv, DEADLINE_MS, answer, ANSWER_BYTES, &size, &ignored) || !size)
        return false;
    revision_authors_parse(a, answer, size, out);
    return true;
}

void revision_authors(struct fleet_item *item)
{
    struct arena *a = item->arena;
    struct revision *r = &item->spec->revision;
    bool known = r->commit && ask_authors(a, host_real_path(a, item->file), r);

    for (size_t i = 0; known && i < item->beside_count; i++)
        known = ask_authors(a, host_real_path(a, item->beside[i]), r);
    if (!known) /* one file of nobody could be anybody's */
        r->author_count = 0;
}
