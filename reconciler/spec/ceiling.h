/*
 * P5: Policies from outside the specs' repository.  A Policy is a ceiling: of
 * each value the stricter counts, of the spec's and of every Policy that
 * applies, so that their order, and how often they are applied, says nothing.
 *
 * ceilings_read() takes documents to rows (read_ceiling.c); ceilings_apply()
 * makes one spec stricter, and is pure (ceiling.c).
 */
#ifndef SPEC_CEILING_H
#define SPEC_CEILING_H

#include "spec/spec.h"

/* `deny` of a Policy: days, whose instants are those of each cluster's own zone. */
struct ceiling_closure {
    int64_t from_day_ms, to_day_ms; /* as a clock shows their beginnings; both belong to it */
    const char *reason;
    struct span at;
};

/* Of each value: what it is at most, and where that is said; at.file NULL: it is not bound. */
struct ceiling_number {
    uint64_t value;
    struct span at;
};

/* What is bound, by one Policy or by several together. */
struct ceiling_bounds {
    struct ceiling_number disruption;        /* enum disruption */
    struct ceiling_number vms, nodes;        /* maxUnavailable */
    struct ceiling_number deadline_ms, then; /* stop; enum stop_how */
    struct ceiling_number reserve;
    struct ceiling_number max_age_ms; /* of a snapshot */
    /* only ever `never`, or `require` */
    struct span no_move, no_prepare, no_partial, no_prune, homogeneous;
    const char **protect;
    struct span *protect_at;
    size_t protect_count;
    const struct window **allow; /* by Policy that says windows: one has to be open of each */
    size_t *allow_counts;
    struct span *allow_at;
    size_t allow_count;
    struct approval_rule *approvals; /* P12 */
    size_t approval_count;
    struct ceiling_closure *deny;
    size_t deny_count;
};

/* P13: how one run goes through many clusters; `at.file` NULL: nothing is said. */
struct ceiling_fleet {
    struct span at, order_at;
    struct ceiling_ring {
        const struct spec_label *labels; /* all of them */
        size_t label_count;
    } * rings;
    size_t ring_count;
    size_t parallel;                   /* 0: any */
    size_t failed;                     /* after so many nothing more is begun */
    struct ceiling_number max_unknown; /* percent */
};

struct ceiling {
    const char *name;
    struct span at;
    const char *digest;              /* of what it says, not of its layout */
    const struct spec_label *labels; /* of the clusters that it binds: all of them */
    size_t label_count;
    struct ceiling_bounds bounds;
    struct ceiling_fleet fleet;
};

struct ceilings {
    struct ceiling *rows; /* by name */
    size_t count;
};

/* False when a finding is an error.  All sources are read together. */
bool ceilings_read(struct arena *a, const struct spec_source *sources, size_t count,
                   struct ceilings *out, struct findings *found) MUST_CHECK;
/* Does it bind clusters with these labels? */
bool ceiling_binds(struct arena *a, const struct ceiling *c, const struct spec *spec);
/*
 * Makes `spec` as strict as every Policy that binds it, and says in its policy
 * which did and what they changed.  To be called behind spec_digest(): a spec
 * is the same spec under another ceiling.
 */
void ceilings_apply(struct arena *a, const struct ceilings *all, struct spec *spec);
/* The labels of a cluster as texts: "ring=canary". */
const char **spec_label_texts(struct arena *a, const struct spec *spec);
/* Does it bind clusters with these labels, as texts? */
bool ceiling_binds_texts(struct arena *a, const struct ceiling *c, const char *const *labels,
                         size_t count);
/*
 * P6: `disruption: never` that the spec says is as if nobody had written it: it
 * yields to the operator's number.  What a Policy says stays.
 */
void spec_lift_disruption(struct arena *a, struct spec *spec);
/* JSON Schema of a Policy (schema.c). */
const char *policy_schema(struct arena *a);

#endif
