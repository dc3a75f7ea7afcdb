#include "fleet/sources.h"

#include "base/limits.h"
#include "base/str.h"
#include "host/host.h"
#include "spec/spec.h"

#include <stdlib.h>

static int by_path(const void *one, const void *two)
{
    const struct source_file *a = one, *b = two;
    int order = str_cmp(a->path, b->path);

    return order ? order : (int)b->named - (int)a->named;
}

struct list {
    struct source_file *rows;
    size_t count, room;
};

static bool add_folder(struct arena *a, const char *folder, struct list *list, struct err *e)
{
    const char **files;
    size_t count;

    if (!host_list_specs(a, folder, &files, &count, e)) {
        e->kind = ERR_INVALID;
        return false;
    }
    if (!count)
        return err_set(e, ERR_INVALID, 0, "%s: no spec in this folder (.yaml, .yml, .json)",
                       folder);
    for (size_t i = 0; i < count; i++)
        *arena_push(a, list->rows, list->count, list->room) =
            (struct source_file){.path = files[i]};
    return true;
}

bool sources_list(struct arena *a, const char *const *paths, size_t count, struct source_file **out,
                  size_t *out_count, struct err *e)
{
    struct list list = {0};
    struct map seen;
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (str_eq(paths[i], "-") || !host_is_folder(paths[i]))
            *arena_push(a, list.rows, list.count, list.room) =
                (struct source_file){.path = paths[i], .named = true};
        else if (!add_folder(a, paths[i], &list, e))
            return false;
    }
    if (list.count > LIMIT_SPEC_FILES)
        return err_set(e, ERR_INVALID, 0, "%zu files are too many: at most %d", list.count,
                       LIMIT_SPEC_FILES);
    if (list.count)
        qsort(list.rows, list.count, sizeof *list.rows, by_path);
    map_init(&seen, a, list.count, false);
    for (size_t i = 0; i < list.count; i++) {
        const char *path = list.rows[i].path;

        if (!str_eq(path, "-"))
            path = host_real_path(a, path);
        if (map_put(&seen, path, (uint32_t)n) == n)
            list.rows[n++] = list.rows[i];
    }
    *out = list.rows;
    *out_count = n;
    return true;
}

bool source_text(struct arena *a, const struct source_file *f, struct spec_source *out,
                 struct err *e)
{
    char *text;

    *out = (struct spec_source){
        .file = str_eq(f->path, "-") ? "(stdin)" : f->path, .text = f->text, .size = f->size};
    if (f->text)
        return true;
    if (!host_read_file(a, f->path, LIMIT_DOC_BYTES, &text, &out->size, e))
        return false;
    out->text = text;
    return true;
}
