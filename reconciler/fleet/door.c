#include "fleet/door.h"

#include "base/limits.h"
#include "base/str.h"
#include "fleet/probe.h"
#include "fleet/sight.h"
#include "host/host.h"
#include "provider/sim.h"
#include "provider/snapshot.h"

enum door_kind { DOOR_LASTING, DOOR_COPY, DOOR_SNAPSHOT };

/* Opens a World document; what is wrong with it is said with its places. */
static bool open_world(struct fleet_item *item, const char *path, enum door_kind kind,
                       struct err *e)
{
    struct findings found;
    struct arena scratch; /* the text itself is not kept */
    struct source_text source = {.file = path};
    bool good;
    char *text;

    item->world = path;
    arena_init(&scratch, 0);
    if (!host_read_file(&scratch, path, LIMIT_DOC_BYTES, &text, &source.size, e)) {
        arena_release(&scratch);
        e->kind = ERR_INVALID;
        return err_wrap(e, "the world");
    }
    source.text = text;
    findings_init(&found, item->arena);
    good = kind == DOOR_SNAPSHOT
               ? provider_snapshot_open(item->arena, item->options->facts, path, text, source.size,
                                        &item->pass.eye, &found, e)
               : sim_open(item->options->facts, path, text, source.size, kind == DOOR_LASTING,
                          &item->pass.eye, &found, e);
    findings_sort(&found);
    if (found.count && item->options->findings_json)
        fleet_say(item, report_findings_json(item->arena, &found));
    else if (found.count)
        fleet_mention(item,
                      report_findings(item->arena, &found, &source, 1, &item->options->style));
    arena_release(&scratch);
    if (!good && found.errors)
        return err_set(e, ERR_INVALID, 0, "the world %s is invalid", path);
    return good;
}

/* Specs and plans can have the same name in the same folder. */
static bool is_world(const char *path)
{
    struct arena scratch;
    bool is;

    if (!host_exists(path))
        return false;
    arena_init(&scratch, 0);
    is = str_eq(probe_file(&scratch, path), "World");
    arena_release(&scratch);
    return is;
}

static const char *snapshot_path(struct fleet_item *item)
{
    static const char *const ends[] = {"json", "yaml", "yml"};
    const char *from = item->options->from;

    if (!host_is_folder(from) || !item->spec)
        return from;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *path = host_join(item->arena, from,
                                     arena_printf(item->arena, "%s.%s", item->spec->name, ends[i]));

        if (is_world(path))
            return path;
    }
    return host_join(item->arena, from, arena_printf(item->arena, "%s.json", item->spec->name));
}

static bool this_machine(struct err *e)
{
    return err_set(e, ERR_UNSUPPORTED, 0,
                   "managing this machine is not supported on this system yet; name a simulated "
                   "world: connect: {sim: FILE} in the spec, or --sim FILE");
}

static bool open_options(struct fleet_item *item, bool *opened, struct err *e)
{
    const struct fleet_options *o = item->options;

    *opened = o->sim || o->from;
    if (o->sim)
        return open_world(item, o->sim, DOOR_COPY, e);
    return !o->from || open_world(item, snapshot_path(item), DOOR_SNAPSHOT, e);
}

bool door_open(struct fleet_item *item, struct err *e)
{
    const struct spec *spec = item->spec;
    bool opened;

    item->origin = (struct plan_origin){.connect = "local"};
    if (spec && spec->connect == CONNECT_SIM)
        item->origin = (struct plan_origin){"sim", spec->connect_path};
    if (!open_options(item, &opened, e))
        return false;
    if (opened)
        return true;
    if (!spec || spec->connect != CONNECT_SIM)
        return this_machine(e);
    item->lasting = true;
    return open_world(item, host_beside(item->arena, spec->at.file, spec->connect_path),
                      DOOR_LASTING, e);
}

bool door_open_plan(struct fleet_item *item, const struct plan_file *file, struct err *e)
{
    const char *source = file->plan.head.source ? file->plan.head.source : "", *path;
    bool opened;

    item->origin = file->origin;
    if (!open_options(item, &opened, e))
        return false;
    if (opened)
        return true;
    if (!str_eq(file->origin.connect, "sim") || !file->origin.path)
        return this_machine(e);
    path = host_beside(item->arena, source, file->origin.path);
    if (!host_exists(path))
        return err_set(e, ERR_INVALID, 0,
                       "the world of this plan, %s, is not there; apply it from the folder in "
                       "which it was made",
                       path);
    item->lasting = true;
    return open_world(item, path, DOOR_LASTING, e);
}

bool door_store(struct fleet_item *item, bool write, struct err *e)
{
    struct pass *p = &item->pass;

    if (!item->lasting) {
        store_open_memory(NULL, &p->store);
        return true;
    }
    return store_open(fleet_state_folder(item->arena, item->options), p->have.identity, write,
                      p->eye->ops->now_ms(p->eye), &p->store, e);
}

void door_close(struct fleet_item *item)
{
    sight_close(item);
    if (item->pass.store)
        store_close(item->pass.store);
    if (item->pass.eye)
        item->pass.eye->ops->close(item->pass.eye);
    item->pass.store = NULL;
    item->pass.eye = NULL;
}
