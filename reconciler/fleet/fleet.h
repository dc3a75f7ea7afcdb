/*
 * Many passes side by side: reads the specs, opens each world, looks, hands
 * the pass to a verb, and says what the verb said in the order of the specs.
 *
 * One pass is for one cluster, and its memory is given back when its output is
 * out: memory follows the largest cluster per worker, never the fleet.  The
 * calling thread makes every decision and prints; the work is on lanes.
 */
#ifndef FLEET_FLEET_H
#define FLEET_FLEET_H

#include "base/str.h"
#include "codec/planfile.h"
#include "fleet/labels.h"
#include "fleet/screen.h"
#include "reconcile.h"
#include "report/part.h"
#include "report/report.h"
#include "store/history.h"

struct fleet_base;

/* Why a cluster is not begun (P13). */
struct fleet_held {
    enum reason reason; /* REASON_NONE: it is */
    const char *why;
};

/* Of a Policy with maxUnknown: how many it binds, and who of them could not be seen. */
struct fleet_unknown {
    struct arena *arena; /* where the names live: longer than a run */
    size_t clusters;
    const char **names;
    size_t count, room;
};

/* How far a pass goes before the verb has its turn. */
enum fleet_need {
    NEED_SPEC,     /* documents only: no world is looked at */
    NEED_IDENTITY, /* a look, for which world it is only: what fails is told by a later run */
    NEED_WORLD,    /* a look */
    NEED_PLAN,     /* look, compare, plan */
    NEED_APPLY     /* nothing is opened: the verb opens for writing (fleet/act.h) */
};

struct fleet_options {
    const char *const *paths; /* files, folders, "-"; none: a world alone (--sim, --from) */
    size_t path_count;
    const char *input; /* what "-" is, where it was read already; NULL: standard input */
    size_t input_size;
    const char *sim;           /* a world in memory instead of `connect`; or NULL */
    const char *record;        /* keep what is said through WMI in this file; or NULL */
    bool mask;                 /* there, other names */
    bool wmi;                  /* a simulated world is shown as WMI to the Hyper-V provider */
    const char *before;        /* specs that the change is held against (--base); or NULL */
    const char *from;          /* a snapshot, or a folder of them; or NULL */
    const char *state;         /* folder of ledgers and history; NULL: the platform's */
    size_t parallel;           /* 0: one per core */
    int64_t call_ms;           /* how long a call to a node may take; 0: 60 s */
    int64_t at_ms;             /* plan as if it were then; 0: now */
    struct label_terms labels; /* clusters that they do not fit are passed over */
    const struct facts *facts; /* data that ages; outlives the run */
    enum fleet_need need;
    bool trace;    /* keep of each spec who said what */
    bool digest;   /* digests of specs: wanted where a plan is written */
    bool revision; /* commits of specs: wanted where a plan is shown */
    bool profiles; /* the verb says of each Profile that it is valid */
    bool single;   /* the verb writes one document: refuse a second one */
    bool base;     /* hold the declaration against the last successful apply as well */
    bool copies;   /* with base: also a copy in memory, by the history of the world it is of */
    bool seen;     /* with base: since when and how often, and remember this look (drift) */
    struct permission word;
    const struct ceilings *ceilings; /* Policies (P5); outlive the run; NULL: none */
    /* By Policy: filled with NEED_IDENTITY, and heeded with NEED_APPLY; or NULL. */
    struct fleet_unknown *unknown;
    bool *bound; /* by Policy: it binds a cluster that was read; set on the calling thread */
    const bool *zero_on; /* by code: clusters that end so count as in sync; NULL: none */
    bool gaps;           /* an empty line between the texts of two clusters */
    bool findings_json;  /* what is wrong with the specs goes to stdout, as JSON */
    struct arena *parts; /* a document about all is made: what is gathered lives here; or NULL */
    struct style style;  /* of findings and errors */
    void (*print)(const char *text); /* stdout; called on the calling thread, in order */
    void (*log)(const char *text);   /* stderr */
};

/* The last successful apply, and what moved since. */
struct fleet_past {
    bool known;
    const char *why; /* the history could not be read; NULL: it could, or there is none */
    struct history_run run;
    struct state have;
    struct drift drift; /* filled when the pass has a plan */
};

/* One document on its way. */
struct fleet_item {
    struct arena *arena; /* of this pass */
    const struct fleet_options *options;
    const char *file;    /* of the spec; NULL: a world alone */
    const char **beside; /* files with Assignments of its VMs, or Profiles that apply to it */
    size_t beside_count;
    const char *world; /* the file of the world that was read; NULL: none was */
    struct spec *spec; /* NULL: a world alone */
    struct plan_origin origin;
    bool lasting; /* the world outlives this process: store and history count */
    struct pass pass;
    struct cim_net *recorder;        /* around what pass.eye talks to; NULL: nothing is kept */
    const char *identity;            /* of the world that was seen; NULL: none was */
    const struct fleet_base *before; /* NULL: the plan is held against no other specs */
    struct permission word; /* of the options, with the end of an override (fleet/limits.h) */
    struct sight *sights;   /* looks that were taken (fleet/sight.h) */
    struct fleet_past past;
    struct text out, log; /* what it says; printed when its turn comes */
    struct screen screen; /* at a terminal: what is drawn below it */
    const char *same;     /* equal for texts that say the same: only the first is shown; or NULL */
    struct cluster_part *part;     /* what the verb leaves for a document about all; or NULL */
    const struct fleet_held *held; /* for the verb to say; NULL: it is begun */
    bool unseen;                   /* with NEED_IDENTITY, or held: it could not be seen */
    bool failed;         /* its apply did, now or before: what was put back is not tried again */
    const char *failure; /* what fleet_fail() was told first; NULL: nothing */
    bool many;           /* there are others beside it */
    bool live;           /* alone: what it says may be said at once (fleet_say) */
    bool overflow;       /* it exceeded its memory, and says nothing else */
    enum exit_code exit;
};

/* A verb's part.  Runs on a lane: touches nothing but `item` and constant data. */
typedef void fleet_work(struct fleet_item *item, void *context);

struct fleet_totals {
    size_t clusters;
    size_t passed_over;         /* whose labels do not fit */
    size_t profiles;            /* documents that are a part of clusters */
    size_t by_exit[EXIT_CODES]; /* clusters that ended with this code */
    enum exit_code worst;
    struct cluster_part *parts; /* with options.parts: of each cluster and file, in order */
    size_t part_count, part_room;
};

/* Every document, in the order of files and names.  The worst exit code is in `out`. */
void fleet_run(const struct fleet_options *options, fleet_work *work, void *context,
               struct fleet_totals *out);
/* "3 clusters: 2 in sync, 1 blocked", with the exit code; "" for one cluster. */
const char *fleet_summary(struct arena *a, const struct fleet_totals *totals);

/* What is said becomes visible at once when the item is alone, and in its turn otherwise. */
void fleet_say(struct fleet_item *item, const char *text);     /* stdout */
void fleet_mention(struct fleet_item *item, const char *text); /* stderr */
/* "NAME: text" on stderr; the exit code of the error. */
void fleet_fail(struct fleet_item *item, const struct err *e);

/* The folder of ledgers and history that the options mean. */
const char *fleet_state_folder(struct arena *a, const struct fleet_options *options);

#endif
