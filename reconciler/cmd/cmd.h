/*
 * The command line: one file per verb (cmd_plan.c, ...), each an entry row and
 * the function behind it.  Options are rows of one table (options.c); usage
 * and help are made from these rows, so they cannot say anything else.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "fleet/fleet.h"
#include "plan/approvals.h"
#include "report/report.h"
#include "spec/ceiling.h"
#include "store/history.h"

#define HVGPU_VERSION "1.0"

enum option_id {
    OPT_END, /* behind the last of a list */
    OPT_OUTPUT,
    OPT_FILE,
    OPT_SIM,
    OPT_WMI,
    OPT_RECORD,
    OPT_MASK,
    OPT_STATE,
    OPT_DATA,
    OPT_POLICY,
    OPT_OUT,
    OPT_MARK,
    OPT_MAX_SIZE,
    OPT_FROM,
    OPT_BASE,
    OPT_AT,
    OPT_ALLOW_STOPS,
    OPT_ALLOW_REMOVALS,
    OPT_ONLY,
    OPT_EXCLUDE,
    OPT_LABELS,
    OPT_ZERO_ON,
    OPT_YES,
    OPT_NO_INPUT,
    OPT_RETRY,
    OPT_TAKE_OVER,
    OPT_REASON,
    OPT_OVERRIDE,
    OPT_APPROVAL,
    OPT_KEY,
    OPT_NEW_KEY,
    OPT_UNTIL,
    OPT_LIMIT,
    OPT_ALL,
    OPT_COLOR,
    OPT_TIMEOUT,
    OPT_PARALLEL,
    OPT_HELP
};

enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* What an option that may be repeated was given, in order. */
struct option_list {
    const char **rows;
    size_t count;
};

struct options {
    int output; /* enum format */
    int color, override;
    struct option_list only, exclude, labels, zero_on, policy, approval;
    const char *record, *sim, *state, *out, *from, *base, *reason, *data, *mark, *key, *new_key;
    uint64_t allow_stops, allow_removals, limit, parallel, max_size;
    int64_t at_ms;      /* 0: not said */
    int64_t until_ms;   /* of an override; 0: not said */
    int64_t timeout_ms; /* of one call to a node; 0: not said */
    bool all, yes, no_input, retry, take_over, wmi, mask, help;
    bool given[OPT_HELP + 1];
};

enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_LIST, /* may be repeated */
    OPTION_NUMBER,
    OPTION_TIME, /* how long */
    OPTION_WHEN, /* a point in time */
    OPTION_WORD,
    OPTION_FORMAT, /* a word of the verb's own */
    OPTION_PATH
};

struct option {
    enum option_id id;
    const char *name; /* "--sim" */
    char letter;      /* 'o', or 0 */
    enum option_kind kind;
    size_t offset;     /* in struct options */
    const char *value; /* "FILE", or the words of an OPTION_WORD: "text|json" */
    const char *text;
    uint64_t min, max; /* OPTION_NUMBER */
};
extern const struct option option_rows[];
extern const size_t option_row_count;

/* One command as it was given. */
struct call {
    struct arena *arena;
    const struct cmd *cmd;
    const struct facts *facts; /* data that ages: compiled in, or --data */
    struct ceilings ceilings;  /* Policies: --policy and HVGPU_POLICY (P5) */
    bool *bound;               /* by Policy: it binds a cluster that was read */
    struct options options;
    const char **args; /* what is not an option; -f FILE included, in order */
    size_t count;
    bool zero_on[EXIT_CODES]; /* --exit-zero-on */
};

struct cmd {
    const char *name;  /* "plan", or with a second word "plan diff" */
    const char *usage; /* what follows the name: "[SPEC...]" */
    const char *line;  /* one line for the overview */
    const enum option_id *options;
    const char *formats; /* words of -o; NULL: text|json */
    size_t least, most;  /* arguments */
    const char *text;    /* paragraphs of `help VERB` */
    enum exit_code (*run)(struct call *call);
};
extern const struct cmd *const cmd_rows[];
extern const size_t cmd_row_count;

/* The whole program: parses, runs, and gives the exit code. */
int cmd_main(int argc, char **argv);

/* False with `e` (ERR_USAGE): the words behind the verb do not fit it. */
bool options_parse(struct arena *a, const struct cmd *cmd, const char *const *words, size_t count,
                   struct call *out, struct err *e) MUST_CHECK;
const struct cmd *cmd_find(const char *name);
/* A verb with a second word, such as "plan diff"; NULL: the second word is an argument. */
const struct cmd *cmd_find_two(struct arena *a, const char *verb, const char *second);
bool cmd_has_two(const struct cmd *cmd);
const char *help_overview(struct arena *a);
const char *help_verb(struct arena *a, const struct cmd *cmd);
const char *help_exits(struct arena *a);
const char *help_drifts(struct arena *a);
const char *help_man(struct arena *a); /* roff */

/* ---- what the verbs share ---- */

/* To stdout; a pipe or disk that fails is remembered, and makes the exit code 1. */
void cmd_print(const char *text);
void cmd_log(const char *text); /* to stderr */
bool cmd_all_printed(void);     /* false: something could not be written */
/* "hvgpu: text" on stderr; gives the exit code of the error. */
enum exit_code cmd_fail(const struct err *e);
struct style cmd_style(const struct call *call, int fd);
/* What the options say about specs, world and state. */
struct fleet_options cmd_fleet(struct call *call);
/* Standard input can be read once: where "-" is a spec of several passes, it is read here. */
bool cmd_keep_input(struct call *call, struct fleet_options *options, struct err *e) MUST_CHECK;
/*
 * The same with what --only, --exclude and -l choose, each of which names
 * something that is there; else the exit code says why not.
 */
enum exit_code cmd_choose(struct call *call, struct fleet_options *options);
/* One subject that must be there, somewhere in the clusters that the options mean. */
enum exit_code cmd_subject(struct call *call, struct fleet_options *options, const char *text,
                           struct subject_set *out);
/* Does the verb take this option? */
bool cmd_takes(const struct cmd *cmd, enum option_id id);
/* What the verb takes behind it: "FILE", or its words, "text|json"; NULL: nothing. */
const char *cmd_option_value(const struct cmd *cmd, const struct option *o);
/* The Policies of --policy and of the environment, before anything else; ERR_INVALID. */
bool cmd_policies(struct call *call, struct err *e) MUST_CHECK;
/* A Policy that binds no cluster may be meant for another one, or say a label wrong. */
void cmd_tell_unbound(const struct call *call);
/* What --override, --reason and --until say together (P6); ERR_USAGE. */
bool cmd_override(struct call *call, struct override *out, struct err *e) MUST_CHECK;
/* Approvals of --approval (P12), every one checked; ERR_INVALID. */
bool cmd_approvals(struct call *call, struct approvals *out, struct err *e) MUST_CHECK;
/* Does a Policy ask for some?  Then plans say of which spec they are. */
bool cmd_asks_approval(const struct call *call);
/* --exit-zero-on: by code, is it to be 0 in the end?  ERR_USAGE. */
bool cmd_zero_on(const struct call *call, bool *zero, struct err *e) MUST_CHECK;
/* The names of the clusters that the call's specs declare. */
struct cmd_names {
    struct map of_name;
    const char **rows;
    size_t count, room;
};
enum exit_code cmd_names(struct call *call, struct cmd_names *out);
/*
 * The worlds of these names, by identity, as keys of `out`: all that ever had
 * a run under one of them, because a document can be renamed.  Of a name
 * without any run it is said.
 */
void cmd_worlds(struct call *call, const struct cmd_names *names, const struct history_run *runs,
                size_t count, struct map *out);
/* What is recorded of a world in memory (--sim): nothing, once the world and the specs are read. */
enum exit_code cmd_nothing_recorded(struct call *call);
/* A saved plan, checked; what is wrong with it is said, and the exit code says so. */
enum exit_code cmd_plan_file(struct call *call, const char *path, struct plan_file *out);
/* Writes a document to --out, or to stdout. */
bool cmd_document(const struct call *call, const char *text, struct err *e) MUST_CHECK;
/* Would --out replace this file, which was read?  ERR_USAGE then. */
bool cmd_out_is_read(const char *out, const char *path, const char *what, struct err *e);
/* Does --out name a folder: one that is there, or a path that ends in a slash? */
bool cmd_out_is_folder(const struct call *call);
/*
 * The file of --out for what was made of `item`: in a folder, which is made, NAME.ending; NULL:
 * ERR_USAGE where the name is no file's.
 */
const char *cmd_out_file(const struct call *call, const struct fleet_item *item, const char *ending,
                         struct err *e);
/* Writes it, and never over the spec or the world that it was made of. */
bool cmd_item_document(const struct fleet_item *item, const char *out, const char *text,
                       struct err *e) MUST_CHECK;
/* What a command takes to see the same world: " --sim WORLD", and " SPEC" with what lies beside. */
void cmd_say_options(struct text *t, const struct call *call, bool from);
void cmd_say_files(struct text *t, const struct fleet_item *item);
/* Both, for another verb: "--sim WORLD SPEC". */
const char *cmd_sees(const struct fleet_item *item, const struct call *call);
/* ---- document.c: one document about all clusters of a run ---- */

/* Does -o say so?  Then a pass leaves its part, and the verb says nothing but the document. */
bool cmd_whole(const struct call *call);
/* Is --out a file for such a document, or for what else the verb writes?  ERR_USAGE. */
bool cmd_out_fits(const struct call *call, bool writes_else, struct err *e) MUST_CHECK;
/* On a lane: the plan with what moved since (or NULL), or drift alone. */
void cmd_leave_plan(struct fleet_item *item, const struct call *call, const struct drift *since);
void cmd_leave_drift(struct fleet_item *item, const struct call *call);
/* The part of a saved plan. */
void cmd_part_of_file(const struct call *call, const struct plan_file *file,
                      struct cluster_part *out);
/* At the end: makes the document of what the run gathered; the exit code of all. */
enum exit_code cmd_tell_whole(const struct call *call, const struct fleet_totals *totals);

/* Is somebody at a terminal who may be asked? */
bool cmd_may_ask(const struct call *call);
/* One line of the answer, without its end; NULL at the end of the input. */
const char *cmd_ask(struct arena *a, const char *question);

/* No verb: nothing at all, options alone, or a world file alone. */
bool cmd_is_first(struct arena *a, int argc, const char *const *words);
extern const struct cmd cmd_first;

#define VERB_LIST(X)                                                                               \
    X(validate)                                                                                    \
    X(observe)                                                                                     \
    X(plan)                                                                                        \
    X(plan_diff)                                                                                   \
    X(plan_covers)                                                                                 \
    X(why)                                                                                         \
    X(apply)                                                                                       \
    X(drift)                                                                                       \
    X(assert)                                                                                      \
    X(show)                                                                                        \
    X(export)                                                                                      \
    X(doctor)                                                                                      \
    X(explain)                                                                                     \
    X(approve)                                                                                     \
    X(history) X(status) X(event) X(pause) X(resume) X(completion) X(version) X(help)
#define VERB_DECLARE(name) extern const struct cmd cmd_##name;
VERB_LIST(VERB_DECLARE)
#undef VERB_DECLARE

#endif
