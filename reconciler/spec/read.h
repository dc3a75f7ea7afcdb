/* What the files of the reader share.  Private to spec/. */
#ifndef SPEC_READ_H
#define SPEC_READ_H

#include "base/str.h"
#include "codec/doc.h"
#include "spec/fields.h"
#include "spec/names.h"

struct reader {
    struct arena *arena;
    struct arena *scratch; /* for raw rows: gone when the specs are built */
    struct findings *found;
    struct doc *doc;
    const struct shape_row *shapes;
    struct span *spec_keys; /* of the document: places of the keys of `spec`, by field */
    bool trace;             /* keep who said what (trace.c) */
    bool foreign;           /* the document is not for us: what else is wrong with it is not said */
    bool world;             /* because it is a World */
    bool policy;            /* because it is a Policy, and that is not what is read */
    struct span kept[2];    /* but what is wrong here: apiVersion, kind */
    bool in_spec;           /* below `spec`, where placeholders stand for something */
    size_t blanks;          /* values with placeholders, so far */
};

/* A map of a shape into its raw struct; false with a finding when it is no map. */
bool read_shape(struct reader *r, enum shape shape, const char *what, void *row);
/* Takes back what was said since `before` of a document that is not for us, but why it is not. */
void read_forget(struct reader *r, size_t before, bool all);
/* The value of a field into its place in the raw struct. */
void read_value(struct reader *r, const struct field_row *f, const char *what, void *to);

/* The same of a value that `doc` was given, with what goes before it in a map of this shape. */
void read_given(struct reader *r, struct doc *doc, enum shape shape, uint32_t i, void *row);

/* Was the field said at all, well or not? */
bool shape_seen(const struct shape_row *s, const struct raw_head *head, const char *key);

/* ---- what is made of a raw document ---- */

struct builder {
    struct arena *arena;
    struct arena *scratch; /* for what no spec keeps */
    struct findings *found;
    const struct shape_row *shapes;
    const struct raw_spec *raw;
    const struct raw_spec *own;      /* the same without profiles */
    bool profiles;                   /* some apply */
    bool trace;                      /* keep who said what */
    const struct raw_policy *policy; /* never NULL */
    struct spec *out;
    struct map nodes;        /* short names of `nodes`; empty when all are meant */
    const char *node_list;   /* all of them, for findings; made when needed */
    struct map pools;        /* name, as written: index into pool_places */
    struct map pools_folded; /* the same without case */
    struct map absent;       /* pools that shall go: line */
    struct spec_text *pool_places;
    size_t pool_count, pool_room;
    struct map vms; /* name without case: number of its slot, in the order of the document */
};

struct classes;

void spec_build(struct builder *b, const struct raw_document *doc);
void build_gpus(struct builder *b);
void build_pools(struct builder *b);
void build_vms(struct builder *b);
/* The first VM of a row, without its name, and what the row gets wrong. */
void build_vm_row(struct builder *b, const struct classes *classes, const struct raw_vm *row,
                  struct spec_vm *out);
/* build_match.c: rows with `match`. */
void build_patterns(struct builder *b, const struct classes *classes);
void build_policy(struct builder *b);
void build_expected(struct builder *b);
/* Does the cluster itself say this key of `policy`?  What a profile says is meant for many. */
bool build_own_policy(const struct builder *b, const char *key);
/* A date is its first moment on the clocks of the spec's time zone. */
int64_t build_instant(const struct builder *b, const struct said_moment *m);
/* build_rollout.c: counts node by node (P10), and what must hold of them beside the other rows. */
void build_rollout(struct builder *b);
void check_rollout(struct builder *b);
/* Names of nodes that must be among `nodes`, where that is said. */
bool build_node(struct builder *b, const char *what, const struct spec_text *name);
/* "line 7", or "team.yaml:7" where that is another file than `from`. */
const char *build_place(struct builder *b, const struct span *at, const struct span *from);
/* A pool that is asked for must be declared, in the same spelling. */
void build_pool_use(struct builder *b, const char *name, const struct span *at);

/* Who said what (trace.c), where spec_read_among() is asked for it. */
struct layers;
const struct spec_trace *trace_vm(const struct builder *b, const struct layers *from,
                                  enum vm_use use);
const struct spec_trace *trace_gpu(const struct builder *b, const struct raw_gpu *row);
const struct spec_trace *trace_policy(const struct builder *b);

/* One VM's wish from its row, its class and the policy; `row` or `class` may be NULL. */
struct layers {
    const struct raw_vm *row;
    const struct raw_class *class;
    const struct raw_policy *policy;
    const struct manage_parts *manage; /* of the cluster */
    struct raw_class all;              /* what counts of these, but `manage`: layers_lay() */
};
/* layer.c: the one over the other.  Once, before anything is made of them. */
void layers_lay(const struct builder *b, struct layers *l);
/* `manage` as a word or a map, over what `out` says already (P7). */
void lay_manage(const struct said_choice *choice, struct manage_parts *out);
void wish_compose(const struct layers *from, struct vm_wish *out);
enum vm_use wish_use(const struct said_choice *c);
/* What cannot be right about it in any world. */
void wish_check(struct findings *found, enum spec_kind kind, const struct layers *from,
                const struct vm_wish *wish);

/* check_match.c: GPU rows by whom they select: stand-ins (insteadOf) and overlaps. */
void check_stand_ins(struct builder *b);
void check_overlaps(struct builder *b);
/* Two names, or two PCI ids, are two products; a name and an id may be one. */
bool match_differs(const struct spec_match *a, const struct spec_match *b);
/* Rules that need all GPU rows: overlaps, one product and one count. */
void check_gpus(struct builder *b);
void check_host(struct builder *b);
void refuse_on_host(struct builder *b, const struct span *at, const char *what);
/* check_move.c: what shall be empty, and who may go elsewhere (M8). */
void check_moves(struct builder *b);
void check_node_stays(struct builder *b, const struct spec_text *node);
void check_protect(struct builder *b);
struct window window_of(const struct raw_window *row);
void build_calendar(struct builder *b);
void check_calendar(struct builder *b);

static inline bool said(const struct span *at)
{
    return at->line != 0;
}
#define SAID(value) said(&(value).at)

/* The row of a MAP field, or NULL; a row of a LIST. */
#define ROW(type, value)       ((const struct raw_##type *)(value).row)
#define ROW_AT(type, value, i) ((const struct raw_##type *)(value).rows[i])

#endif
