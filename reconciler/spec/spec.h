/*
 * The declaration: what spec documents say, before any world is known.
 *
 * spec_read() takes documents (YAML, or JSON as its subset) to typed rows with
 * their places; it reports every finding, reads no file, no clock and no
 * environment.  Classes are merged into the VM rows here ("VM row, its class,
 * cluster, built-in"), each value keeping the place that it came from.
 * specs/spec.md is the reference; spec/fields.def the table behind reader,
 * schema and reference.
 */
#ifndef SPEC_SPEC_H
#define SPEC_SPEC_H

#include "base/finding.h"
#include "base/str.h"
#include "model/choice.h"
#include "model/ledger.h"
#include "model/policy.h"
#include "model/revision.h"
#include "model/target.h"

enum spec_kind { SPEC_CLUSTER, SPEC_HOST };
/* LOCAL: this machine, and its cluster if it has one; others are refused as not yet supported. */
enum connect_kind { CONNECT_LOCAL, CONNECT_SIM, CONNECT_CLUSTER, CONNECT_HOSTS };

/* A value with the place where it was said; at.file NULL: nobody said it. */
struct spec_num {
    uint64_t value;
    struct span at;
};
struct spec_text {
    const char *value;
    struct span at;
};

struct spec_label {
    const char *key, *value;
};

struct spec_match {
    const char *model;
    const char *pci; /* "10de:25b6", lower case */
    const char *subsystem;
    const char **nodes; /* expanded; NULL: any */
    size_t node_count;
    const char *location, *instance; /* instance: normalised path or bare instance part */
};

/* A value that counts, and who said it: for `why`. */
struct spec_said {
    const char *key;        /* "stop.deadline" */
    const char *value;      /* as it was meant */
    const char *level;      /* "row", "class desktop", "cluster", "profile edge-a2", "built-in" */
    struct span at;         /* file NULL: nobody said it */
    struct spec_said *lost; /* what others said of it, the strongest last */
    size_t lost_count, lost_room;
};
struct spec_trace {
    struct spec_said *rows; /* in the order of the language's table */
    size_t count, room;
};

struct spec_gpu {
    const char *name; /* "gpus[2]" when the row has none */
    struct span at;
    struct spec_match match;
    const struct spec_gpu *instead_of; /* the wider row, of the same spec; NULL: none */
    bool stood_in_for;                 /* another row is instead of this one */
    struct spec_num per_node;
    enum gpu_use use; /* what the row wants of its GPUs */
    struct span use_at;
    uint64_t count;       /* USE_PARTITIONS */
    const char *pool;     /* USE_POOL */
    struct spec_num size; /* bytes */
    bool prepare, force;
    struct span never_prepared;    /* P5: the Policy that says so; file NULL: none */
    enum manage manage;            /* of the row, or of the cluster */
    const struct spec_trace *said; /* NULL: it was not asked for */
    int64_t leaving_by_ms;         /* USE_LEAVING */
    const char *leaving_reason;
    bool leaving_moves; /* vms: move */
};

struct spec_pool {
    const char *name;
    struct span at;
    bool exact, absent;
    enum manage manage; /* of the row, or of the cluster */
};

/* A row of `vms`, one for each name that it stands for. */
struct spec_vm {
    const char *name;  /* NULL: it is a pattern */
    const char *match; /* the pattern; or NULL */
    const char *id;    /* GUID, where the row gives one; or NULL */
    const char *node;  /* the node that it is said to be on, or NULL */
    struct span node_at;
    struct span at;                /* of the row (not of the class) */
    struct vm_wish *wish;          /* shared by all VMs of one row */
    const struct spec_trace *said; /* NULL: it was not asked for */
};

/* A row of `vms` with `match`: who it takes is known when the world is. */
struct spec_pattern {
    struct spec_vm vm;
    const char **except; /* names and patterns */
    size_t except_count;
    uint64_t least, most; /* expect */
    struct span expect_at;
};

struct spec_profile {
    const char *name;
    struct span at;
};

struct spec {
    enum spec_kind kind;
    struct span at;
    const char *name; /* metadata.name */
    struct spec_label *labels;
    size_t label_count;
    struct spec_profile *profiles; /* that it is made of, the one that counts most first */
    size_t profile_count;
    enum connect_kind connect;
    const char *connect_path; /* CONNECT_SIM: as written, relative to the spec's file */
    const char *connect_to;   /* CONNECT_CLUSTER: its name; CONNECT_HOSTS: theirs, "a b" */
    const char *connect_as;   /* "env NAME", "file PATH" (relative to the spec), "stored TARGET";
                                 NULL:   the user who runs this */
    struct span connect_at;
    const char **nodes; /* expanded; NULL: whatever is there */
    struct span *node_at;
    struct span *drained_at; /* by node: where it says drained (M8); file NULL: it does not */
    size_t node_count;
    struct spec_gpu *gpus;
    size_t gpu_count;
    struct spec_pool *pools;
    size_t pool_count;
    struct spec_vm *vms; /* by name (natural), one for each name; several where ids differ (I2) */
    size_t vm_count;
    struct spec_pattern *patterns; /* by pattern */
    size_t pattern_count;
    struct policy policy;
    struct vm_wish *pruned;     /* prune: owned: what a VM is whose row is gone; NULL: released */
    struct manage_parts manage; /* of the cluster; effective in the rows */
    const struct spec_trace *said; /* of the policy */
    const char *digest; /* of the effective spec, not of its layout; filled by spec_digest() */
    struct revision revision; /* of its file; filled by fleet/revision.h */
};

struct specs {
    struct spec *rows; /* one for each Cluster or Host document, by name */
    size_t count;
    size_t assignments; /* documents that hold VM rows of one of them, or of one elsewhere */
    struct spec_profile *profiles; /* documents that are a part of clusters, by place */
    size_t profile_count;
    bool *applied; /* by profile of those that were given: it is a part of one of these */
};

/* One text given to the reader. */
struct spec_source {
    const char *file; /* as the user named it */
    const char *text;
    size_t size;
    bool aside; /* only its Assignments count: the rest of it is read, and told, elsewhere */
};

/* False when a finding is an error.  All sources are read together. */
bool spec_read(struct arena *a, const struct spec_source *sources, size_t count, struct specs *out,
               struct findings *found) MUST_CHECK;

/*
 * Profiles, read once for many clusters; what is wrong with them is told where
 * their file is read by itself.  Constant from then on: any thread may use them.
 */
struct profiles;
const struct profiles *profiles_read(struct arena *a, const struct spec_source *sources,
                                     size_t count);
size_t profiles_count(const struct profiles *all);
/* Of one of them, from 0: its name, and its place. */
struct spec_profile profiles_at(const struct profiles *all, size_t i);

/* What is read beside these sources. */
struct spec_among {
    const struct map *elsewhere; /* names of clusters declared in others, without case; or NULL */
    const struct profiles *profiles; /* all that are given; NULL: those of these sources */
    bool trace;                      /* each row keeps who said what (`said`) */
};

/* The same beside other sources that are read by themselves. */
bool spec_read_among(struct arena *a, const struct spec_source *sources, size_t count,
                     const struct spec_among *among, struct specs *out,
                     struct findings *found) MUST_CHECK;

/* What its world is called before it is opened: as written, or "(this machine)". */
const char *spec_world(const struct spec *s);

/*
 * The declaration against what is there: selectors become rows that point
 * into `have`.  What does not fit becomes a problem of the target (data for
 * the plan), never a failure: the rest goes on.
 */
void spec_resolve(struct arena *a, const struct spec *spec, const struct state *have,
                  struct target *out);
/*
 * The same with what is owed: with `prune: owned`, VMs whose row is gone are
 * rows as well (M7); a GPU row whose event is over is as good as none (V9).
 */
void spec_resolve_owed(struct arena *a, const struct spec *spec, const struct state *have,
                       const struct ledger *owed, struct target *out);
/* The same, without what is left as it is (P7, P8). */
void spec_resolve_rest(struct arena *a, const struct spec *spec, const struct state *have,
                       const struct ledger *owed, const struct leave *leave, struct target *out);

/*
 * Fills spec->digest and returns it: a digest of what is declared, classes and
 * policy merged into the rows.  Layout, comments, order of keys, rows and
 * files, and where the world is, do not matter.
 */
const char *spec_digest(struct arena *a, struct spec *spec);

/* "vm/vdi-0001..0012", "gpu/hv-01/gpu0" as on a command line; ERR_USAGE. */
bool subject_read(struct arena *a, const char *text, struct subject_set *out,
                  struct err *e) MUST_CHECK;

/* Everything that a subject can name there: seen or declared (`spec` may be NULL). */
void subject_list(struct arena *a, const struct spec *spec, const struct state *have,
                  struct subject **out, size_t *count);

/* ---- what a key or a finding means, from the tables of the reader: for `explain` ---- */

struct spec_field {
    /* "spec.vms.gpu.partition.size", "Policy.spec.move"; a name that you choose is NAME */
    const char *path;
    const char *key;       /* its last part */
    const char *type;      /* with its words and bounds */
    const char *otherwise; /* the default; "required" */
    const char *example, *text, *rule;
    const char *accepts, *refuses; /* of its type */
    const char *keys;              /* of the map that it holds, separated by spaces; "" */
    bool later;                    /* known, refused as not supported yet */
};
/* Every path of the language, in the order of the tables. */
void spec_fields(struct arena *a, struct spec_field **out, size_t *count);

struct spec_code {
    const char *code, *rule, *text;
    enum severity severity;
};
/* False: no finding of specs has this code. */
bool spec_code_find(const char *code, struct spec_code *out);
/* The codes in the order of their table; NULL behind the last. */
const char *spec_code_name(size_t index);

/* The JSON Schema of the language, from the same table as the reader. */
const char *spec_schema(struct arena *a);
/* The tables of specs/spec.md, from the same table as well; Markdown. */
const char *spec_reference(struct arena *a);

#endif
