/* --out: a file, or a folder with a file for each cluster. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "host/host.h"

#include <string.h>

bool cmd_document(const struct call *call, const char *text, struct err *e)
{
    if (!call->options.out) {
        cmd_print(text);
        return true;
    }
    return host_write_file(call->options.out, text, strlen(text), e);
}

bool cmd_out_is_folder(const struct call *call)
{
    const char *out = call->options.out;
    size_t n = out ? strlen(out) : 0;

    return n && (out[n - 1] == '/' || out[n - 1] == '\\' || host_is_folder(out));
}

/* As a file name it means the same file on every system, and lies in no other folder. */
static bool is_file_name(const char *name)
{
    size_t n = strlen(name);

    if (!n || name[0] == '.' || name[n - 1] == '.' || name[n - 1] == ' ')
        return false;
    for (const char *s = name; *s; s++)
        if ((unsigned char)*s < 0x20 || strchr("/\\:*?\"<>|", *s))
            return false;
    return true;
}

const char *cmd_out_file(const struct call *call, const struct fleet_item *item, const char *ending,
                         struct err *e)
{
    const char *out = call->options.out;
    const char *name = item->spec && item->spec->name ? item->spec->name : item->pass.have.name;

    if (!cmd_out_is_folder(call))
        return out;
    if (!name || !is_file_name(name)) {
        err_set(e, ERR_USAGE, 0, "\"%s\" is no name of a file in %s; give --out a file",
                name ? name : "", out);
        return NULL;
    }
    if (!host_make_folder(out, e))
        return NULL;
    return host_join(item->arena, out, arena_printf(item->arena, "%s.%s", name, ending));
}

bool cmd_out_is_read(const char *out, const char *path, const char *what, struct err *e)
{
    if (!path || !host_same_file(out, path))
        return false;
    err_set(e, ERR_USAGE, 0, "--out %s would overwrite the %s that was read; name another file",
            out, what);
    return true;
}

bool cmd_item_document(const struct fleet_item *item, const char *out, const char *text,
                       struct err *e)
{
    if (cmd_out_is_read(out, item->file, "spec", e) ||
        cmd_out_is_read(out, item->world, "world", e))
        return false;
    for (size_t i = 0; i < item->beside_count; i++)
        if (cmd_out_is_read(out, item->beside[i], "spec", e))
            return false;
    return host_write_file(out, text, strlen(text), e);
}
