#include "fleet/fleet.h"

#include "base/limits.h"
#include "base/str.h"
#include "codec/digest.h"
#include "fleet/assign.h"
#include "fleet/base.h"
#include "fleet/gather.h"
#include "fleet/rings.h"
#include "fleet/sources.h"
#include "fleet/unit.h"
#include "host/host.h"
#include "loop/loop.h"
#include "spec/ceiling.h"

#include <stdlib.h>
#include <string.h>

enum { LABELS = 20 };                /* that are named where -l fits no cluster */
enum { NO_DEADLINE_MS = INT32_MAX }; /* a pass has none of its own: its calls have */

/* A file that was read, with its documents; lives until the last of them is done. */
struct file {
    struct arena arena;
    const struct source_file *listed; /* of the fleet's sources */
    struct specs specs;
    bool known;                /* its reading has returned: until then it is its lane's */
    bool refused;              /* its findings are errors */
    size_t begun, ended;       /* documents */
    const char *out, *log;     /* findings, said before the first document */
    const char *shared;        /* findings in what it shares with other files; or NULL */
    struct cluster_part *part; /* all of them, for a document about all; NULL: nothing is found */
    enum exit_code exit;
};

/* What a lane works on: one document, or the reading of a file and its only document. */
struct job {
    struct fleet *fleet;
    struct file *file;
    size_t file_index;
    size_t doc; /* of the file */
    bool read;  /* read the file first */
    bool done;
    bool empty;                     /* nothing but findings to say */
    bool passed_over;               /* its labels are others than those that are asked for */
    bool other_turn;                /* its ring is another one (P13) */
    const struct fleet_held *stops; /* of the order, when it was begun */
    struct arena arena;
    struct fleet_item item;
    uint32_t lane;
};

/* Clusters, or files, of which the first was shown and the others would say the same. */
struct alike {
    const char *first;
    const char **others;
    size_t count, room;
};

struct fleet {
    const struct fleet_options *options;
    fleet_work *work;
    void *context;
    struct loop *loop; /* NULL: everything on this thread */
    struct fleet_totals *totals;
    struct source_file *sources;
    size_t source_count;
    struct assign assign; /* which of them hold a part of what others declare */
    struct assign_shared shared;
    struct fleet_base before;   /* where --base names some specs */
    bool *applied;              /* by Profile: it is a part of a cluster that was read */
    bool refused;               /* a file was: nobody knows what would apply to it */
    struct rings rings;         /* files are gone through once for each ring */
    struct file **files;        /* of sources; NULL: not begun, or done */
    size_t next_file;           /* the next to begin */
    size_t turn_file, turn_doc; /* whose output is next */
    struct job *jobs;           /* one for each lane */
    size_t job_count;
    struct arena arena;
    bool said;                /* something was printed */
    bool said_block;          /* and that was more than one line */
    struct map names, worlds; /* that have been said, to be refused a second time: to places */
    const char **places;      /* of their documents */
    size_t place_count, place_room;
    struct map labels; /* of clusters that were passed over, the first few */
    struct text label_names;
    struct map shown; /* digests of plans, to their place in `alike` */
    struct alike *alike;
    size_t alike_count, alike_room;
    struct map told; /* the same of findings in Profiles, and of files */
    struct alike *told_alike;
    size_t told_count, told_room;
};

void fleet_say(struct fleet_item *item, const char *text)
{
    screen_clear(item);
    if (item->live)
        item->options->print(text);
    else
        text_add(&item->out, text);
}

void fleet_mention(struct fleet_item *item, const char *text)
{
    if (!*text)
        return;
    screen_clear(item);
    if (item->live)
        item->options->log(text);
    else
        text_add(&item->log, text);
}

void fleet_fail(struct fleet_item *item, const struct err *e)
{
    const char *who = item->spec ? item->spec->name : item->file ? item->file : "hvgpu";

    if (!item->failure)
        item->failure = arena_strdup(item->arena, e->text);
    fleet_mention(item, report_error(item->arena, who, e->text));
    item->exit = exit_worst(item->exit, exit_of_err(e));
}

/* What there is to say, in one place: never from a lane that others share. */
static void say(struct fleet *fleet, const char *out, const char *log)
{
    if (out && *out) {
        bool block = strchr(out, '\n') && strchr(out, '\n')[1];

        if (fleet->said && fleet->options->gaps && (block || fleet->said_block))
            fleet->options->print("\n");
        fleet->options->print(out);
        fleet->said = true;
        fleet->said_block = block;
    }
    if (log && *log)
        fleet->options->log(log);
}

/* ---- on a lane ---- */

/* A file and, beside it, those that hold Assignments of its clusters; NULL: not to be read. */
static struct spec_source *read_texts(struct arena *a, const struct fleet *fleet,
                                      const struct file *f, size_t *count, struct err *e)
{
    size_t index = (size_t)(f->listed - fleet->sources);
    const struct assign_source *beside = fleet->assign.any ? &fleet->assign.sources[index] : NULL;
    struct spec_source *out =
        arena_array(a, struct spec_source, 1 + (beside ? beside->beside_count : 0));

    *count = 1;
    if (!source_text(a, f->listed, out, e))
        return NULL;
    for (size_t i = 0; beside && i < beside->beside_count; i++) {
        if (!source_text(a, &fleet->sources[beside->beside[i]], &out[*count], e))
            return NULL;
        out[(*count)++].aside = true;
    }
    return out;
}

static const char *findings_text(struct arena *a, struct arena *scratch,
                                 const struct findings *found, const struct spec_source *sources,
                                 size_t count, const struct style *style)
{
    struct source_text *texts = arena_array(scratch, struct source_text, count + 1);

    for (size_t i = 0; i < count; i++)
        texts[i] = (struct source_text){sources[i].file, sources[i].text, sources[i].size};
    return found->count ? report_findings(a, found, texts, count, style) : NULL;
}

static bool is_of(const struct finding *f, const struct spec_source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(f->at.file, sources[i].file))
            return true;
    return false;
}

/* What is wrong in a Profile is the same for many files: it is told by itself, and once. */
static void tell_findings(struct arena *scratch, const struct fleet *fleet, struct file *f,
                          struct findings *found, const struct spec_source *sources, size_t count)
{
    const struct style *style = &fleet->options->style;
    struct findings shared, own = *found;

    findings_init(&shared, scratch);
    own.count = own.errors = 0;
    for (size_t i = 0; i < found->count; i++) {
        const struct finding row = found->rows[i];
        bool mine = !fleet->shared.profiles || is_of(&row, sources, count);

        if (mine)
            own.rows[own.count++] = row;
        else
            *findings_add(&shared, row.severity, row.code, &row.at, "%s", row.text) = row;
        own.errors += mine && row.severity == SEVERITY_ERROR;
    }
    f->log = findings_text(&f->arena, scratch, &own, sources, count, style);
    f->shared = findings_text(&f->arena, scratch, &shared, fleet->shared.texts,
                              fleet->shared.text_count, style);
}

static void tell_valid_profiles(struct file *f)
{
    struct text t;

    text_init(&t, &f->arena);
    for (size_t i = 0; i < f->specs.profile_count; i++)
        text_printf(&t, "%s: Profile %s is valid\n", f->listed->path, f->specs.profiles[i].name);
    f->out = text_done(&t);
}

/* What there is to say of a file, for a document about all. */
static void keep_findings(struct file *f, const struct findings *found, const char *failure)
{
    if (!found->count && !failure)
        return;
    f->part = arena_new(&f->arena, struct cluster_part);
    part_of_findings(&f->arena, f->listed->path, found, f->part);
    f->part->failure = failure;
    f->part->files = &f->part->source;
    f->part->file_count = 1;
}

/* The texts themselves are not kept. */
static void read_source(struct arena *scratch, const struct fleet *fleet, struct file *f)
{
    const struct fleet_options *o = fleet->options;
    struct spec_source *sources;
    struct findings found;
    struct err e;
    size_t count;

    /* beside the specs of a folder lie worlds, snapshots and plans: they are not read as specs */
    if (assign_is_other(f->listed))
        return;
    findings_init(&found, &f->arena);
    sources = read_texts(scratch, fleet, f, &count, &e);
    if (!sources) {
        f->log = report_error(&f->arena, "hvgpu", e.text);
        f->refused = true;
        f->exit = EXIT_INVALID;
        keep_findings(f, &found, arena_strdup(&f->arena, e.text));
        f->part->exit = f->exit;
        return;
    }
    f->refused = !spec_read_among(
        &f->arena, sources, count,
        &(struct spec_among){.elsewhere = fleet->assign.any ? &fleet->assign.clusters : NULL,
                             .profiles = fleet->shared.profiles,
                             .trace = o->trace},
        &f->specs, &found);
    if (!f->refused && !f->specs.count && !f->specs.assignments && !f->specs.profile_count &&
        f->listed->named) {
        struct span at = {.file = sources->file};

        findings_add(&found, SEVERITY_ERROR, "no-document", &at,
                     "no Cluster or Host document in this file")
            ->next = "a spec begins with apiVersion: hvgpu/v1 and kind: Cluster or Host";
        f->refused = true;
    }
    if (o->single && f->specs.count > 1) {
        struct span at = f->specs.rows[1].at;

        findings_add(&found, SEVERITY_ERROR, "one-document", &at,
                     "one document is written, and these are %zu clusters", f->specs.count)
            ->next =
            "give the spec of one cluster, or have a plan file of each (plan --out FOLDER/)";
        f->refused = true;
    }
    findings_sort(&found);
    keep_findings(f, &found, NULL);
    if (o->findings_json)
        f->out = report_findings_json(&f->arena, &found);
    else
        tell_findings(scratch, fleet, f, &found, sources, count);
    if (o->profiles && !o->findings_json && !f->refused)
        tell_valid_profiles(f);
    f->exit = f->refused ? EXIT_INVALID : EXIT_IN_SYNC;
    if (f->refused)
        f->specs.count = 0;
}

static void read_file(const struct fleet *fleet, struct file *f)
{
    struct arena scratch;

    arena_init(&scratch, 0);
    read_source(&scratch, fleet, f);
    arena_release(&scratch);
}

/* Sources that declare a cluster; where no file holds a part of another, all of them may. */
static size_t declaring(const struct fleet *fleet)
{
    return fleet->assign.any ? fleet->assign.declaring : fleet->source_count;
}

static void name_beside(const struct fleet *fleet, const struct file *f, struct fleet_item *item)
{
    const struct assign_source *row =
        fleet->assign.any ? &fleet->assign.sources[f->listed - fleet->sources] : NULL;

    const struct spec *spec = item->spec;
    size_t profiles = spec ? spec->profile_count : 0;

    item->beside =
        arena_array(item->arena, const char *, (row ? row->beside_count : 0) + profiles + 1);
    for (; row && item->beside_count < row->beside_count; item->beside_count++)
        item->beside[item->beside_count] = fleet->sources[row->beside[item->beside_count]].path;
    for (size_t i = 0; i < profiles; i++) {
        const char *path = spec->profiles[i].at.file;
        bool known = str_eq(path, spec->at.file);

        for (size_t k = 0; k < item->beside_count; k++)
            known = known || str_eq(path, item->beside[k]);
        if (!known)
            item->beside[item->beside_count++] = path;
    }
}

/* Findings, once for each file; on the calling thread. */
static void tell_file(struct fleet *fleet, struct file *f)
{
    struct alike *alike;
    uint32_t at;

    if (fleet->rings.now) /* it was told when the first ring was */
        return;
    say(fleet, f->out, f->log);
    gather_file(fleet->options, f->part, fleet->totals);
    if (f->shared) {
        at = map_put(&fleet->told, digest_text(&fleet->arena, f->shared),
                     (uint32_t)fleet->told_count);
        if (at == fleet->told_count) {
            alike =
                arena_push(&fleet->arena, fleet->told_alike, fleet->told_count, fleet->told_room);
            *alike = (struct alike){.first = f->listed->path};
            say(fleet, NULL, f->shared);
        } else {
            alike = &fleet->told_alike[at];
            *arena_push(&fleet->arena, alike->others, alike->count, alike->room) = f->listed->path;
        }
    }
    for (size_t i = 0;
         f->specs.applied && fleet->applied && i < profiles_count(fleet->shared.profiles); i++)
        fleet->applied[i] = fleet->applied[i] || f->specs.applied[i];
    fleet->totals->profiles += f->specs.profile_count;
    fleet->refused = fleet->refused || f->refused;
    f->out = f->log = f->shared = NULL;
    f->part = NULL;
    f->specs.applied = NULL;
    f->specs.profile_count = 0;
}

static void job_run(void *arg)
{
    struct job *job = arg;
    struct file *f = job->file;
    bool many;

    if (job->read) {
        read_file(job->fleet, f);
        if (f->specs.count != 1) {
            job->empty = true; /* several: each becomes a job of its own */
            return;
        }
    }
    many = declaring(job->fleet) > 1 || f->specs.count > 1;
    job->item = (struct fleet_item){
        .arena = &job->arena,
        .options = job->fleet->options,
        .file = f->listed->path,
        .before = job->fleet->options->before ? &job->fleet->before : NULL,
        .many = many,
        /* of many, what is carried out is said as it happens; plans may be one and the same */
        .live = !job->fleet->loop && (!many || job->fleet->options->need == NEED_APPLY)};
    if (f->specs.count)
        job->item.spec = &f->specs.rows[job->doc];
    name_beside(job->fleet, f, &job->item);
    job->passed_over = job->item.spec && !labels_fit(&job->fleet->options->labels, job->item.spec);
    job->other_turn =
        !job->passed_over && rings_other_turn(&job->arena, &job->fleet->rings, job->item.spec);
    if (job->passed_over || job->other_turn)
        return;
    rings_hold(&job->item, &job->fleet->rings, job->stops);
    if (job->item.live) { /* findings come before what the verb says */
        tell_file(job->fleet, f);
        if (job->fleet->said && job->fleet->options->gaps)
            job->fleet->options->print("\n");
        job->fleet->said = true;
    }
    unit_run(&job->item, job->fleet->work, job->fleet->context);
}

/* ---- on the calling thread ---- */

static void count(struct fleet *fleet, enum exit_code code)
{
    fleet->totals->clusters++;
    fleet->totals->by_exit[(unsigned)code % EXIT_CODES]++;
    if (!fleet->options->zero_on || !fleet->options->zero_on[(unsigned)code % EXIT_CODES])
        fleet->totals->worst = exit_worst(fleet->totals->worst, code);
}

/* Which lasting world a document means, before any world is opened; NULL: none, or a copy. */
static const char *world_meant(struct fleet *fleet, const struct fleet_item *item)
{
    const struct spec *spec = item->spec;

    if (!spec || fleet->options->sim || fleet->options->from)
        return NULL;
    if (spec->connect != CONNECT_SIM)
        return spec_world(spec);
    return host_real_path(&fleet->arena,
                          host_beside(&fleet->arena, spec->at.file, spec->connect_path));
}

/* The place of the document that has this key already; NULL: this one has it now. */
static const char *first_of(struct fleet *fleet, struct map *m, const char *key)
{
    uint32_t at = map_put(m, arena_strdup(&fleet->arena, key), (uint32_t)fleet->place_count);

    return at < fleet->place_count ? fleet->places[at] : NULL;
}

/*
 * Two documents for one cluster, or for one world, are an error (interface.md): where the first
 * one is; NULL: this is the first.
 */
static const char *second_of(struct fleet *fleet, struct fleet_item *item)
{
    const struct spec *spec = item->spec;
    const char *identity = item->lasting ? item->identity : NULL;
    const char *meant = world_meant(fleet, item), *kind = "world", *what = "", *first = NULL;

    if (spec && spec->name && (first = first_of(fleet, &fleet->names, spec->name)) != NULL) {
        kind = "cluster";
        what = spec->name;
    } else if (meant && (first = first_of(fleet, &fleet->worlds, meant)) != NULL) {
        what = spec_world(spec);
    } else if (identity && (first = first_of(fleet, &fleet->worlds, identity)) != NULL) {
        what = identity;
    }
    if (spec)
        *arena_push(&fleet->arena, fleet->places, fleet->place_count, fleet->place_room) =
            arena_printf(&fleet->arena, "%s:%u", spec->at.file, (unsigned)spec->at.line);
    if (!first)
        return NULL;
    fleet->options->log(
        arena_printf(item->arena,
                     "%s:%u:%u: error: two-documents: a second document for one %s (%s)\n"
                     "        the first is at %s; one says what it shall be: keep one of them\n",
                     spec->at.file, spec->at.line, spec->at.column, kind, what, first));
    count(fleet, EXIT_INVALID);
    return arena_printf(item->arena, "a second document for one %s (%s); the first is at %s", kind,
                        what, first);
}

/* What this cluster says was shown for another one: its name is told at the end. */
static bool was_shown(struct fleet *fleet, const struct fleet_item *item)
{
    struct arena *a = &fleet->arena;
    const char *name = item->spec ? item->spec->name : NULL;
    struct alike *alike;
    uint32_t at;

    if (!item->same || !name)
        return false;
    at = map_put(&fleet->shown, digest_text(a, item->same), (uint32_t)fleet->alike_count);
    if (at == fleet->alike_count) {
        alike = arena_push(a, fleet->alike, fleet->alike_count, fleet->alike_room);
        *alike = (struct alike){.first = arena_strdup(a, name)};
        return false;
    }
    alike = &fleet->alike[at];
    *arena_push(a, alike->others, alike->count, alike->room) = arena_strdup(a, name);
    return true;
}

static void tell_alike(struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->alike_count; i++)
        if (fleet->alike[i].count)
            say(fleet,
                report_same(&fleet->arena, fleet->options->seen ? "drift" : "plan",
                            fleet->alike[i].first, fleet->alike[i].others, fleet->alike[i].count,
                            &fleet->options->style),
                NULL);
}

/* Of a folder that a single spec is held against, the other clusters are not meant. */
static bool compares_all(const struct fleet *fleet)
{
    const struct fleet_options *o = fleet->options;
    bool all = fleet->before.files.commit != NULL;

    for (size_t i = 0; i < o->path_count; i++)
        all = all || host_is_folder(o->paths[i]);
    return all;
}

/* --base: what was declared there and is not any more. */
static void tell_gone(struct fleet *fleet)
{
    struct cluster_part *part = arena_new(&fleet->arena, struct cluster_part);
    struct findings found;

    if (!fleet->options->before || fleet->refused || !compares_all(fleet))
        return;
    findings_init(&found, &fleet->arena);
    base_gone(&fleet->arena, &fleet->before, &fleet->names, &found);
    if (!found.count)
        return;
    part_of_findings(&fleet->arena, NULL, &found, part);
    gather_file(fleet->options, part, fleet->totals);
    fleet->options->log(report_findings(&fleet->arena, &found, NULL, 0, &fleet->options->style));
}

/* Which files said the same of what they share, and which Profiles nobody needs. */
static void tell_shared(struct fleet *fleet)
{
    struct arena *a = &fleet->arena;

    for (size_t i = 0; i < fleet->told_count; i++)
        if (fleet->told_alike[i].count)
            say(fleet, NULL,
                report_same_files(a, fleet->told_alike[i].first, fleet->told_alike[i].others,
                                  fleet->told_alike[i].count, &fleet->options->style));
    for (size_t i = 0; fleet->applied && !fleet->refused &&
                       fleet->totals->clusters + fleet->totals->passed_over > 1 &&
                       i < profiles_count(fleet->shared.profiles);
         i++) {
        struct spec_profile p = profiles_at(fleet->shared.profiles, i);

        if (!fleet->applied[i])
            fleet->options->log(report_error(
                a, "note",
                arena_printf(a,
                             "profile %s (%s:%u) applies to none of these clusters; look at its "
                             "appliesTo where it should",
                             p.name, p.at.file, (unsigned)p.at.line)));
    }
}

static void file_end(struct fleet *fleet, size_t index)
{
    arena_release(&fleet->files[index]->arena);
    free(fleet->files[index]);
    fleet->files[index] = NULL;
    fleet->turn_file++;
    fleet->turn_doc = 0;
}

/* What can be asked for is remembered, for who asked for something else. */
static void pass_over(struct fleet *fleet, const struct spec *spec)
{
    fleet->totals->passed_over++;
    for (size_t i = 0; i < spec->label_count && fleet->labels.count < LABELS; i++) {
        const char *label =
            arena_printf(&fleet->arena, "%s=%s", spec->labels[i].key, spec->labels[i].value);
        uint32_t at = (uint32_t)fleet->labels.count;

        if (map_put(&fleet->labels, label, at) == at)
            text_printf(&fleet->label_names, " %s", label);
    }
}

static void no_cluster(struct fleet *fleet)
{
    const struct fleet_totals *totals = fleet->totals;

    if (!totals->passed_over) {
        if (totals->profiles && fleet->options->profiles)
            return;
        fleet->options->log("hvgpu: no Cluster or Host document among these files\n");
        fleet->totals->worst = EXIT_INVALID;
        return;
    }
    fleet->options->log(
        arena_printf(&fleet->arena, "hvgpu: -l fits none of %zu cluster%s; labels there:%s\n",
                     totals->passed_over, totals->passed_over == 1 ? "" : "s",
                     fleet->labels.count ? text_done(&fleet->label_names) : " none"));
    fleet->totals->worst = exit_worst(totals->worst, EXIT_USAGE_ERROR);
}

/* Also of clusters that -l leaves out: what such a Policy says is meant for them. */
static void note_bound(struct fleet *fleet, const struct spec *spec)
{
    const struct ceilings *all = fleet->options->ceilings;

    for (size_t i = 0; spec && fleet->options->bound && i < all->count; i++)
        fleet->options->bound[i] =
            fleet->options->bound[i] || ceiling_binds(&fleet->arena, &all->rows[i], spec);
}

static void emit_item(struct fleet *fleet, struct fleet_item *item, enum exit_code findings)
{
    const char *second = second_of(fleet, item);
    enum exit_code exit = second ? EXIT_INVALID : exit_worst(item->exit, findings);

    bool shown = !second && !fleet->options->parts && was_shown(fleet, item);

    /* what was carried out is said, whatever else is wrong */
    if (!second || fleet->options->need == NEED_APPLY)
        say(fleet, shown ? "" : text_done(&item->out), text_done(&item->log));
    gather_item(item, second, exit, fleet->totals);
    if (second)
        return;
    if (item->overflow)
        say(fleet, NULL, "hvgpu: a cluster exceeds the memory of one pass\n");
    count(fleet, exit);
    rings_seen(fleet->options, item);
    rings_ended(&fleet->arena, &fleet->rings, item);
}

/* Prints what is next in order; false when it is not there yet. */
static bool emit_one(struct fleet *fleet)
{
    struct file *f = fleet->turn_file < fleet->source_count ? fleet->files[fleet->turn_file] : NULL;

    for (size_t i = 0; f && i < fleet->job_count; i++) {
        struct job *job = &fleet->jobs[i];

        if (!job->done || job->file != f || (!job->empty && job->doc != fleet->turn_doc))
            continue;
        tell_file(fleet, f);
        if (job->empty && f->refused && !fleet->rings.now)
            count(fleet, f->exit);
        if (!job->empty) {
            note_bound(fleet, job->item.spec);
            if (job->passed_over && !fleet->rings.now)
                pass_over(fleet, job->item.spec);
            else if (!job->passed_over && !job->other_turn)
                emit_item(fleet, &job->item, f->exit);
            fleet->turn_doc = ++f->ended;
        }
        job->done = false;
        job->file = NULL;
        arena_release(&job->arena);
        if (f->ended >= f->specs.count)
            file_end(fleet, fleet->turn_file);
        return true;
    }
    return false;
}

static void job_done(void *arg, enum lane_end end)
{
    struct job *job = arg;

    (void)end; /* there is no deadline; a lane that cannot begin says nothing, and is empty */
    if (end != LANE_DONE)
        job->empty = true;
    job->file->known = true;
    job->done = true;
}

/* Gives the lane a document of a file that was read, or the next file; false: nothing left. */
static bool begin(struct fleet *fleet, struct job *job)
{
    for (size_t i = fleet->turn_file; i < fleet->next_file; i++) {
        struct file *f = fleet->files[i];

        if (f && f->known && f->specs.count > 1 && f->begun < f->specs.count) {
            job->file = f;
            job->file_index = i;
            job->doc = f->begun++;
            job->read = job->empty = false;
            return true;
        }
    }
    if (fleet->next_file == fleet->source_count)
        return false;
    job->file_index = fleet->next_file++;
    job->file = calloc(1, sizeof *job->file);
    if (!job->file)
        abort();
    arena_init(&job->file->arena, 0);
    job->file->listed = &fleet->sources[job->file_index];
    fleet->files[job->file_index] = job->file;
    job->doc = 0;
    job->read = true;
    job->empty = false;
    return true;
}

static bool is_idle(const struct job *job)
{
    return !job->file;
}

/* A single file is read on this thread; its documents, where there are several, on lanes. */
static void open_lanes(struct fleet *fleet)
{
    const struct file *first = fleet->files[0];
    struct err e;

    if (fleet->loop || fleet->job_count == 1)
        return;
    if (fleet->source_count == 1 && !(first && first->specs.count > 1))
        return;
    if (!loop_open(&fleet->loop, &e))
        fleet->job_count = 1;
}

static void work_all(struct fleet *fleet)
{
    size_t busy;

    do {
        busy = 0;
        open_lanes(fleet);
        while (emit_one(fleet))
            ;
        for (size_t i = 0; i < fleet->job_count; i++) {
            struct job *job = &fleet->jobs[i];

            if (is_idle(job) && begin(fleet, job)) {
                job->stops = fleet->rings.stops;
                if (fleet->loop)
                    loop_submit(fleet->loop, job->lane, job, job_run, job_done, NULL,
                                NO_DEADLINE_MS);
                else {
                    job_run(job);
                    job_done(job, LANE_DONE);
                    busy++;
                    break; /* it is said before the next begins */
                }
            }
            busy += job->file != NULL;
        }
        if (fleet->loop && busy)
            loop_step(fleet->loop, -1);
    } while (busy);
}

/* Ring by ring; what ended badly in one counts in those behind it. */
static void work_rings(struct fleet *fleet)
{
    for (; fleet->rings.now < fleet->rings.count; fleet->rings.now++) {
        fleet->next_file = fleet->turn_file = fleet->turn_doc = 0;
        work_all(fleet);
    }
}

/* A world with no spec: observe --sim FILE, export --sim FILE. */
static void world_alone(struct fleet *fleet)
{
    struct fleet_item item = {.arena = &fleet->arena, .options = fleet->options, .live = true};

    unit_run(&item, fleet->work, fleet->context);
    count(fleet, item.exit);
}

/* The files, and which of them belong together; one alone says all there is. */
static bool list_sources(struct fleet *fleet, struct err *e)
{
    const struct fleet_options *o = fleet->options;

    if (!sources_list(&fleet->arena, o->paths, o->path_count, &fleet->sources, &fleet->source_count,
                      e))
        return false;
    for (size_t i = 0; o->input && i < fleet->source_count; i++)
        if (str_eq(fleet->sources[i].path, "-")) {
            fleet->sources[i].text = o->input;
            fleet->sources[i].size = o->input_size;
        }
    if (fleet->source_count > 1)
        assign_scan(&fleet->arena, fleet->sources, fleet->source_count, &fleet->assign);
    if (!assign_profiles(&fleet->arena, &fleet->assign, fleet->sources, fleet->source_count,
                         &fleet->shared, e))
        return false;
    if (fleet->shared.profiles)
        fleet->applied =
            arena_array(&fleet->arena, bool, profiles_count(fleet->shared.profiles) + 1);
    return !o->before || base_open(&fleet->arena, o, &fleet->before, e);
}

void fleet_run(const struct fleet_options *options, fleet_work *work, void *context,
               struct fleet_totals *out)
{
    struct fleet fleet = {.options = options, .work = work, .context = context, .totals = out};
    size_t lanes = rings_lanes(options, options->parallel ? options->parallel : host_cores());
    struct err e;

    *out = (struct fleet_totals){0};
    arena_init(&fleet.arena, 0);
    map_init(&fleet.names, &fleet.arena, 64, true);
    map_init(&fleet.worlds, &fleet.arena, 64, false);
    map_init(&fleet.labels, &fleet.arena, LABELS, false);
    text_init(&fleet.label_names, &fleet.arena);
    map_init(&fleet.shown, &fleet.arena, 64, false);
    map_init(&fleet.told, &fleet.arena, 64, false);
    rings_open(&fleet.arena, options, &fleet.rings);
    if (!options->path_count) {
        world_alone(&fleet);
    } else if (!list_sources(&fleet, &e)) {
        options->log(report_error(&fleet.arena, "hvgpu", e.text));
        out->worst = exit_of_err(&e);
    } else if (options->single && declaring(&fleet) > 1) {
        options->log(
            "hvgpu: one document is written (--out FILE, -o powershell): give the spec of one "
            "cluster,\n       or have a plan file of each (plan --out FOLDER/)\n");
        out->worst = EXIT_USAGE_ERROR;
    } else {
        fleet.files = arena_array(&fleet.arena, struct file *, fleet.source_count + 1);
        fleet.jobs = arena_array(&fleet.arena, struct job, lanes);
        fleet.job_count = lanes;
        for (size_t i = 0; i < lanes; i++) {
            fleet.jobs[i].fleet = &fleet;
            fleet.jobs[i].lane = (uint32_t)i;
            arena_init(&fleet.jobs[i].arena, 0);
        }
        work_rings(&fleet);
        tell_alike(&fleet);
        tell_shared(&fleet);
        tell_gone(&fleet);
        if (fleet.loop)
            loop_close(fleet.loop);
        if (!out->clusters)
            no_cluster(&fleet);
    }
    arena_release(&fleet.arena);
}

const char *fleet_summary(struct arena *a, const struct fleet_totals *totals)
{
    struct text t;
    const char *between = ": ";

    if (totals->clusters < 2)
        return "";
    text_init(&t, a);
    text_printf(&t, "\n%zu clusters", totals->clusters);
    for (size_t i = 0; i < exit_row_count; i++) {
        size_t n = totals->by_exit[exit_rows[i].code];

        if (n)
            text_printf(&t, "%s%zu %s", between, n, exit_rows[i].word);
        between = n ? ", " : between;
    }
    text_printf(&t, "   exit %d\n", (int)totals->worst);
    return text_done(&t);
}
