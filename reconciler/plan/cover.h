/*
 * What a plan does, as it is compared with another one (P12): every step by
 * verb, subject and values, and how long each VM is off at most.  Ids of steps
 * and groups, their order, and where a VM is, say nothing.
 */
#ifndef PLAN_COVER_H
#define PLAN_COVER_H

#include "plan/plan.h"

struct deed {
    struct action action;
    struct limits limits; /* of an ADAPTER_LIMITS; all unknown otherwise */
    const char *name;     /* of the subject, for people */
};

struct absence {
    const char *vm, *name; /* id; for people */
    int64_t at_most_ms;    /* 0: until an event is over (V9) */
};

struct extent {
    struct deed *deeds;
    size_t deed_count;
    struct absence *absences;
    size_t absence_count;
};

/* Of groups that run or are held.  `have`: where the plan's indexes point. */
void extent_of_plan(struct arena *a, const struct plan *plan, const struct state *have,
                    struct extent *out);

/* An extent that is asked many times. */
struct cover {
    struct arena *arena;
    const struct extent *within;
    struct map deeds, absences;
};
void cover_init(struct cover *c, struct arena *a, const struct extent *within);
bool cover_has(const struct cover *c, const struct action *action);
/* How long the VM may be off; false: it may not be. */
bool cover_absence(const struct cover *c, const char *vm, int64_t *at_most_ms);
/* Is so long within that? */
bool absence_fits(int64_t at_most_ms, int64_t within_ms);
/* Is everything that the group does within it?  `keys`: of its steps, made once for many asks. */
bool cover_holds(const struct cover *c, const struct plan_group *g, const char *const *keys,
                 const struct state *have);
const char **deed_keys(struct arena *a, const struct plan_group *g);
/* Equal for steps that are the same one. */
const char *deed_key(struct arena *a, const struct action *action);

/* The same Policies, whatever files they are in? */
bool same_ceilings(const struct ceiling_by *one, size_t one_count, const struct ceiling_by *other,
                   size_t other_count);

#endif
