/*
 * What comes before what, as a table: "A on x comes before B on y when ...".
 * Everything that is not in it may happen side by side.
 */
#include "plan/steps.h"

#include "base/str.h"

#include <stdlib.h>

enum when {
    IN_GROUP,
    ON_NODE,
    ON_VM,
    ON_GPU,
    ON_POOL,      /* same node and pool name */
    ANY_POOL,     /* same pool name, any node: a VM may start on each */
    ON_DEVICE,    /* the request names this device */
    RAISED,       /* in the group, and the action is set to 3 */
    RESTORED,     /* on the VM, and OfflineAction goes back to what it was */
    GPU_STAYS_OUT /* in the group, and the GPU joins no other pool in it */
};

/* Classes of verbs, so that one row can name many. */
enum { ANY_OFF = VERB_NONE + 1, ANY_ASSIGN, ANY_CONFIG };

struct edge {
    int first, then;
    enum when when;
    const char *rule;
};

static const struct edge edges[] = {
    {VERB_VM_OFFLINE_ACTION, VERB_VM_STOP, RAISED, "S1"}, /* a refusal there costs no outage */
    {VERB_VM_STOP, ANY_OFF, ON_VM, "V6"},
    {VERB_VM_STOP, VERB_VM_CHECKPOINTS, ON_VM, "S4"}, /* stopped anyway: not tried before */
    {VERB_ADAPTER_REMOVE, VERB_VM_MEMORY, ON_VM, "S3"},
    {VERB_REQUEST_REMOVE, VERB_VM_MEMORY, ON_VM, "S3"},
    {VERB_VM_MEMORY, ANY_ASSIGN, ON_VM, "S3"},
    {VERB_VM_STOP_ACTION, ANY_ASSIGN, ON_VM, "D2"},
    {VERB_VM_MMIO, ANY_ASSIGN, ON_VM, "D2"},
    {VERB_VM_CACHE_TYPES, ANY_ASSIGN, ON_VM, "D2"},
    {VERB_ADAPTER_REMOVE, VERB_GPU_COUNT, ON_NODE, "C4"},
    {VERB_GPU_COUNT, VERB_ADAPTER_ADD, ON_NODE, "C10"},
    {VERB_ADAPTER_REMOVE, VERB_ADAPTER_ADD, ON_NODE, "V3"}, /* room first */
    {VERB_ADAPTER_ADD, VERB_ADAPTER_LIMITS, ON_VM, "V5"},
    {VERB_ADAPTER_REMOVE, VERB_REQUEST_ADD, ON_VM, "V7"},
    {VERB_REQUEST_REMOVE, VERB_ADAPTER_ADD, ON_VM, "V7"},
    {VERB_REQUEST_REMOVE, VERB_REQUEST_ADD, ON_VM, "D5"}, /* the dead location goes first */
    {VERB_GPU_DISABLE, VERB_GPU_DISMOUNT, ON_GPU, "D2"},
    {VERB_GPU_DISMOUNT, VERB_POOL_JOIN, ON_GPU, "D2"},
    {VERB_POOL_CREATE, VERB_POOL_JOIN, ON_POOL, "D2"},
    {VERB_POOL_LEAVE, VERB_POOL_JOIN, ON_GPU, "D8"},
    {VERB_POOL_JOIN, VERB_REQUEST_ADD, ANY_POOL, "D2"},
    {VERB_GPU_DISMOUNT, VERB_REQUEST_ADD, ON_DEVICE, "D2"},
    {VERB_REQUEST_REMOVE, VERB_POOL_LEAVE, IN_GROUP, "D2"},
    {VERB_REQUEST_REMOVE, VERB_GPU_MOUNT, ON_DEVICE, "D2"},
    {ANY_CONFIG, VERB_VM_START, IN_GROUP, "C10"}, /* the barrier: all in place first */
    {VERB_VM_START, VERB_POOL_LEAVE, GPU_STAYS_OUT, "D2"},
    {VERB_POOL_LEAVE, VERB_GPU_MOUNT, ON_GPU, "D2"},
    {VERB_GPU_MOUNT, VERB_GPU_ENABLE, ON_GPU, "D2"},
    {VERB_POOL_LEAVE, VERB_POOL_DELETE, ON_POOL, "D2"},
    {VERB_REQUEST_REMOVE, VERB_POOL_DELETE, ANY_POOL, "D2"},
    {VERB_VM_START, VERB_VM_OFFLINE_ACTION, RESTORED, "S1"}, /* the last step of its group */
    {ANY_OFF, VERB_VM_OFFLINE_ACTION, RESTORED, "S1"},
};

static bool is_verb(const struct action *a, int pattern)
{
    int stage = verb_rows[a->verb].stage;

    switch (pattern) {
    case ANY_OFF:
        return verb_rows[a->verb].needs_off;
    case ANY_ASSIGN:
        return a->verb == VERB_ADAPTER_ADD || a->verb == VERB_REQUEST_ADD;
    case ANY_CONFIG:
        /* What happens after the starts (D2, "Down") and an action put back (S1) does not count. */
        if (a->verb == VERB_VM_OFFLINE_ACTION)
            return a->value[0] == OFFLINE_FORCED;
        return stage < verb_rows[VERB_VM_START].stage;
    default:
        return (int)a->verb == pattern;
    }
}

static bool joins(const struct steps *all, const struct action *leave)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->rows[i].action.verb == VERB_POOL_JOIN &&
            str_same(all->rows[i].action.subject, leave->subject) &&
            str_same(all->rows[i].action.node, leave->node))
            return true;
    return false;
}

/* The pool that an action is about: its subject or its object. */
static const char *pool_of(const struct action *a)
{
    return verb_rows[a->verb].subject == SUBJECT_POOL ? a->subject : a->object;
}

static bool related(const struct steps *all, const struct edge *e, const struct step *x,
                    const struct step *y)
{
    const struct action *a = &x->action, *b = &y->action;

    switch (e->when) {
    case IN_GROUP:
        return true;
    case ON_NODE:
        return str_same(a->node, b->node);
    case ON_VM:
    case ON_GPU:
        return x->member == y->member;
    case ON_POOL:
        return str_same(a->node, b->node) && str_eq(pool_of(a), pool_of(b));
    case ANY_POOL:
        /* a removed request is known by its id only: any removal may be of this pool */
        return a->verb == VERB_REQUEST_REMOVE || str_eq(pool_of(a), pool_of(b));
    case ON_DEVICE:
        return a->location && str_same(a->location, b->location) && str_same(a->node, b->node);
    case RAISED:
        return a->value[0] == OFFLINE_FORCED;
    case RESTORED:
        return x->member == y->member && b->value[0] != OFFLINE_FORCED;
    case GPU_STAYS_OUT:
        return !joins(all, b);
    }
    return false;
}

/* Which rows of the table can be about a pair of verbs: asked once, for the verbs that occur. */
struct pairs {
    uint64_t rows[VERB_NONE][VERB_NONE];
    bool known[VERB_NONE][VERB_NONE];
};
_Static_assert(sizeof edges / sizeof *edges <= 64, "one bit for each row");

static bool comes_before(struct pairs *pairs, const struct steps *all, const struct step *x,
                         const struct step *y)
{
    const enum verb a = x->action.verb, b = y->action.verb;
    /* An OfflineAction that is put back is another matter than one that is raised. */
    bool special = a == VERB_VM_OFFLINE_ACTION;
    uint64_t rows = 0;

    if (!special && pairs->known[a][b]) {
        rows = pairs->rows[a][b];
    } else {
        for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
            if (is_verb(&x->action, edges[i].first) && is_verb(&y->action, edges[i].then))
                rows |= (uint64_t)1 << i;
        pairs->rows[a][b] = rows;
        pairs->known[a][b] = true;
    }
    for (size_t i = 0; rows; i++, rows >>= 1)
        if ((rows & 1) && related(all, &edges[i], x, y))
            return true;
    return false;
}

/* The choice among steps that are free: by stage, then as the members stand, then as built. */
static int stage_of(const struct step *s)
{
    if (s->action.verb == VERB_VM_OFFLINE_ACTION && s->action.value[0] != OFFLINE_FORCED)
        return verb_rows[VERB_VM_START].stage + 1;
    return verb_rows[s->action.verb].stage;
}

/* Stable: steps of one stage stay as they were built. */
static void sort_by_stage(struct steps *s)
{
    for (size_t i = 1; i < s->count; i++) {
        struct step row = s->rows[i];
        size_t k = i;

        for (; k > 0 && stage_of(&s->rows[k - 1]) > stage_of(&row); k--)
            s->rows[k] = s->rows[k - 1];
        s->rows[k] = row;
    }
}

/*
 * Kahn's algorithm with the stages as tie-break.  The table has no cycle for
 * any set of steps that steps_build() makes (a test walks all of them); were
 * there one, its steps would stay in stage order, each needing the one before.
 */
void steps_order(struct arena *a, struct steps *steps)
{
    size_t n = steps->count, done = 0;
    struct pairs pairs = {0};
    struct step *sorted = arena_array(a, struct step, n + 1);
    uint32_t *place = arena_array(a, uint32_t, n + 1);

    sort_by_stage(steps);
    for (size_t i = 0; i < n; i++)
        place[i] = NO_INDEX;
    while (done < n) {
        size_t pick = n, first = n;

        for (size_t i = 0; i < n && pick == n; i++) {
            bool free_now = place[i] == NO_INDEX;

            if (free_now && first == n)
                first = i;
            for (size_t k = 0; k < n && free_now; k++)
                free_now = k == i || place[k] != NO_INDEX ||
                           !comes_before(&pairs, steps, &steps->rows[k], &steps->rows[i]);
            if (free_now)
                pick = i;
        }
        if (pick == n)
            pick = first;
        place[pick] = (uint32_t)done;
        sorted[done++] = steps->rows[pick];
    }
    for (size_t i = 0; i < n; i++) {
        struct step *s = &sorted[i];

        s->needs = arena_array(a, uint32_t, i + 1);
        for (size_t k = 0; k < i; k++)
            if (comes_before(&pairs, steps, &sorted[k], s))
                s->needs[s->need_count++] = (uint32_t)k;
    }
    steps->rows = sorted;
}
