#include "fleet/door.h"

#include "base/limits.h"
#include "base/str.h"
#include "fleet/door_wmi.h"
#include "fleet/probe.h"
#include "fleet/sight.h"
#include "host/host.h"
#include "provider/sim.h"
#include "provider/snapshot.h"

enum door_kind { DOOR_LASTING, DOOR_COPY, DOOR_SNAPSHOT };

static bool open_text(struct fleet_item *item, const char *path, const char *text, size_t size,
                      enum door_kind kind, struct findings *found, struct err *e)
{
    const struct facts *facts = item->options->facts;
    struct eye **eye = &item->pass.eye;

    if (kind == DOOR_SNAPSHOT)
        return provider_snapshot_open(item->arena, facts, path, text, size, eye, found, e);
    if (str_eq(probe_kind(found->arena, text, size), "Recording"))
        return door_wmi_replay(item, path, text, size, found, e);
    if (item->options->wmi)
        return door_wmi_sim(item, path, text, size, kind == DOOR_LASTING, found, e);
    if (item->options->record)
        return err_set(e, ERR_USAGE, 0, "--record keeps what is said through WMI: say --wmi too");
    return sim_open(facts, path, text, size, kind == DOOR_LASTING, eye, found, e);
}

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
    good = open_text(item, path, text, source.size, kind, &found, e);
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

/* Real hosts: who is meant stands in the item's origin. */
static bool open_hosts(struct fleet_item *item, const char *source, struct err *e)
{
    const struct plan_origin *to = &item->origin;

    if (item->options->wmi)
        return err_set(e, ERR_USAGE, 0, "--wmi shows a simulated world: name one, --sim FILE");
    if (door_wmi_open(item, source, to, e)) {
        item->lasting = true;
        return true;
    }
    if (e->kind != ERR_UNSUPPORTED)
        return false;
    return err_set(e, ERR_UNSUPPORTED, 0,
                   "managing %s is not supported on this system yet; name a simulated "
                   "world: connect: {sim: FILE} in the spec, or --sim FILE",
                   to->path ? "Hyper-V hosts" : "this machine");
}

static struct plan_origin origin_of(const struct spec *spec)
{
    if (spec && spec->connect == CONNECT_SIM)
        return (struct plan_origin){"sim", spec->connect_path, NULL};
    if (spec && spec->connect == CONNECT_CLUSTER)
        return (struct plan_origin){"cluster", spec->connect_to, spec->connect_as};
    if (spec && spec->connect == CONNECT_HOSTS)
        return (struct plan_origin){"hosts", spec->connect_to, spec->connect_as};
    return (struct plan_origin){.connect = "local"};
}

static bool open_options(struct fleet_item *item, bool *opened, struct err *e)
{
    const struct fleet_options *o = item->options;

    *opened = o->sim || o->from;
    if (o->record && (item->many || o->from))
        return err_set(e, ERR_USAGE, 0,
                       item->many ? "--record is for one cluster: give one spec"
                                  : "--from is no conversation to --record");
    if (o->mask && !o->record)
        return err_set(e, ERR_USAGE, 0, "--mask is for --record");
    if (o->wmi && o->from)
        return err_set(e, ERR_USAGE, 0, "--wmi shows a simulated world, and --from is none");
    if (o->sim)
        return open_world(item, o->sim, DOOR_COPY, e);
    return !o->from || open_world(item, snapshot_path(item), DOOR_SNAPSHOT, e);
}

bool door_open(struct fleet_item *item, struct err *e)
{
    const struct spec *spec = item->spec;
    bool opened;

    item->origin = origin_of(spec);
    if (!open_options(item, &opened, e))
        return false;
    if (opened)
        return true;
    if (!spec || spec->connect != CONNECT_SIM)
        return open_hosts(item, spec ? spec->at.file : "", e);
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
        return open_hosts(item, source, e);
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
    door_wmi_finish(item);
    if (item->pass.store)
        store_close(item->pass.store);
    if (item->pass.eye)
        item->pass.eye->ops->close(item->pass.eye);
    item->pass.store = NULL;
    item->pass.eye = NULL;
}
