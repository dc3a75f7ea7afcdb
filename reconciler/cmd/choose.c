/* --only, --exclude and -l: what they choose must be there, before anything is done. */
#include "base/str.h"
#include "cmd/cmd.h"

#include <string.h>

enum { SHOWN = 200 }; /* columns of names that an error lists */

struct argument {
    const char *option;
    struct subject_set set;
    bool matched;
};

struct arguments {
    struct arena *arena;
    struct argument *rows; /* --only first */
    size_t count;
    const char **names[SUBJECT_VM + 1]; /* of what there is, while something is not matched */
    size_t name_count[SUBJECT_VM + 1], room[SUBJECT_VM + 1];
};

static bool read_subjects(struct call *call, struct arguments *x, const char *option,
                          const struct option_list *list, const struct subject_set **out,
                          struct err *e)
{
    struct subject_set *sets = arena_array(call->arena, struct subject_set, list->count + 1);

    *out = sets;
    for (size_t i = 0; i < list->count; i++) {
        if (!subject_read(call->arena, list->rows[i], &sets[i], e))
            return err_wrap(e, "%s", option);
        x->rows[x->count++] = (struct argument){option, sets[i], false};
    }
    return true;
}

/* On the one lane of a pass that only looks. */
static void match(struct fleet_item *item, void *context)
{
    struct arguments *x = context;
    struct subject *subjects;
    size_t count;

    subject_list(item->arena, item->spec, &item->pass.have, &subjects, &count);
    for (size_t i = 0; i < count; i++) {
        const struct subject *s = &subjects[i];

        for (size_t k = 0; k < x->count; k++)
            x->rows[k].matched = x->rows[k].matched || subject_fits(&x->rows[k].set, s);
        *arena_push(x->arena, x->names[s->kind], x->name_count[s->kind], x->room[s->kind]) =
            arena_strdup(x->arena, s->name);
    }
}

/* "cam-1..3 kiosk", each once, cut where it gets long. */
static const char *names_there(struct arguments *x, enum subject_kind kind)
{
    const char **names = arena_array(x->arena, const char *, x->name_count[kind] + 1), *all;
    struct map seen;
    size_t n = 0, size;

    map_init(&seen, x->arena, x->name_count[kind], false);
    for (size_t i = 0; i < x->name_count[kind]; i++)
        if (map_put(&seen, x->names[kind][i], (uint32_t)n) == n)
            names[n++] = x->names[kind][i];
    all = n ? str_ranges(x->arena, names, n) : "none";
    size = strlen(all);
    if (size <= SHOWN)
        return all;
    for (size = SHOWN; size && all[size] != ' '; size--)
        ;
    return arena_printf(x->arena, "%.*s ...", (int)size, all);
}

static enum exit_code nothing_called(struct arguments *x, const struct argument *row)
{
    static const char *const plurals[] = {[SUBJECT_CLUSTER] = "clusters",
                                          [SUBJECT_NODE] = "nodes",
                                          [SUBJECT_GPU] = "GPUs",
                                          [SUBJECT_POOL] = "pools",
                                          [SUBJECT_VM] = "VMs"};
    enum subject_kind kind = row->set.kind;
    const char *name = strchr(row->set.text, '/') + 1;
    const char *near = str_nearest(name, x->names[kind], x->name_count[kind]);
    struct err e;

    err_set(&e, ERR_USAGE, 0, "%s %s names nothing that is there;%s%s%s%s%s %s there: %s",
            row->option, row->set.text, near ? " did you mean " : "",
            near ? subject_words[kind] : "", near ? "/" : "", near ? near : "", near ? "?" : "",
            plurals[kind], names_there(x, kind));
    return cmd_fail(&e);
}

static void say_nothing(const char *text)
{
    (void)text;
}

/* Looks at every world; what cannot be seen is told of by the pass that counts. */
static enum exit_code check_subjects(struct arguments *x, const struct fleet_options *options)
{
    struct fleet_options look = *options;
    enum exit_code code = EXIT_IN_SYNC;
    struct fleet_totals totals;

    look.need = NEED_WORLD;
    look.parallel = 1;
    look.log = look.print = say_nothing;
    fleet_run(&look, match, x, &totals);
    if (totals.worst != EXIT_IN_SYNC && totals.clusters < 2)
        return EXIT_IN_SYNC;
    for (size_t i = 0; i < x->count; i++)
        if (!x->rows[i].matched)
            code = nothing_called(x, &x->rows[i]);
    return code;
}

static bool read_labels(struct call *call, struct fleet_options *options, struct err *e)
{
    const struct option_list *lists = &call->options.labels;

    for (size_t i = 0; i < lists->count; i++)
        if (!labels_read(call->arena, lists->rows[i], &options->labels, e))
            return false;
    if (lists->count && !options->path_count)
        return err_set(e, ERR_USAGE, 0, "-l chooses among the clusters of specs: give one");
    return true;
}

enum exit_code cmd_choose(struct call *call, struct fleet_options *options)
{
    const struct options *o = &call->options;
    struct choice *choice = &options->word.choice;
    struct arguments x = {.arena = call->arena};
    struct err e;

    x.rows = arena_array(call->arena, struct argument, o->only.count + o->exclude.count + 1);
    if (!read_labels(call, options, &e) ||
        !read_subjects(call, &x, "--only", &o->only, &choice->only, &e) ||
        !read_subjects(call, &x, "--exclude", &o->exclude, &choice->exclude, &e))
        return cmd_fail(&e);
    choice->only_count = o->only.count;
    choice->exclude_count = o->exclude.count;
    if (!x.count)
        return EXIT_IN_SYNC;
    if (!cmd_keep_input(call, options, &e))
        return cmd_fail(&e);
    return check_subjects(&x, options);
}

enum exit_code cmd_subject(struct call *call, struct fleet_options *options, const char *text,
                           struct subject_set *out)
{
    struct arguments x = {.arena = call->arena};
    struct err e;

    if (!read_labels(call, options, &e) || !subject_read(call->arena, text, out, &e) ||
        !cmd_keep_input(call, options, &e))
        return cmd_fail(&e);
    x.rows = &(struct argument){call->cmd->name, *out, false};
    x.count = 1;
    return check_subjects(&x, options);
}
