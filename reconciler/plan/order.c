/*
 * What comes before what, as a table: "A on x comes before B on y when ...".
 * Everything that is not in it may happen side by side.
 */
#include "plan/steps.h"

#include "base/str.h"

#include <stdlib.h>

/* The laws build this file with a row left out, to see that it is missed (tests/laws). */
#ifndef ROW_COUNTS
#define ROW_COUNTS(row) true
#endif

enum when {
    IN_GROUP,
    ON_NODE,
    ON_VM,
    ON_GPU,
    ON_POOL,      /* same node and pool name */
    ANY_POOL,     /* same pool name, any node: a VM may start on each */
    ON_DEVICE,    /* the request names this device */
    RAISED,       /* in the group, and the action is set to 3 */
    GOES_LIVE,    /* on the VM, whose move is one of the two: it runs while it goes */
    GOES_OFF,     /* ... it is off */
    INTO_NODE,    /* the first is on the node that the VM goes to, being off */
    RESTORED,     /* on the VM, and OfflineAction goes back to what it was */
    GPU_STAYS_OUT /* in the group, and the GPU joins no other pool in it */
};

/* Classes of verbs, so that one row can name many. */
enum { ANY_OFF = VERB_NONE + 1, ANY_ASSIGN, ANY_CONFIG, ANY_TAKEN, ANY_OF_VM };

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
    {VERB_VM_MOVE, ANY_OF_VM, GOES_LIVE, "M8"}, /* all the rest is done there, with one stop */
    {ANY_TAKEN, VERB_VM_MOVE, GOES_OFF, "M8"},
    {VERB_GPU_COUNT, VERB_VM_MOVE, INTO_NODE, "C4"},
    {VERB_VM_MOVE, ANY_ASSIGN, ON_VM, "V2"},
    {VERB_ADAPTER_ADD, VERB_ADAPTER_LIMITS, ON_VM, "V5"},
    {VERB_ADAPTER_REMOVE, VERB_REQUEST_ADD, ON_VM, "V7"},
    {VERB_REQUEST_REMOVE, VERB_ADAPTER_ADD, ON_VM, "V7"},
    {VERB_REQUEST_REMOVE, VERB_REQUEST_ADD, ON_VM, "D5"},     /* the dead location goes first */
    {VERB_REQUEST_REMOVE, VERB_REQUEST_ADD, ON_DEVICE, "D8"}, /* from one VM to another */
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
    {ANY_OFF, VERB_VM_OFFLINE_ACTION, RESTORED, "S1"}, /* behind the start too: the last step */
};

static bool is_verb(const struct action *a, int pattern)
{
    int stage = verb_rows[a->verb].stage;

    switch (pattern) {
    case ANY_OFF:
        return action_needs_off(a);
    case ANY_ASSIGN:
        return a->verb == VERB_ADAPTER_ADD || a->verb == VERB_REQUEST_ADD;
    case ANY_TAKEN: /* what is done to a VM that is off, before it is anywhere else */
        return (verb_rows[a->verb].needs_off || a->verb == VERB_VM_CHECKPOINTS) &&
               stage < verb_rows[VERB_VM_MOVE].stage;
    case ANY_OF_VM:
        return verb_rows[a->verb].subject == SUBJECT_VM && a->verb != VERB_VM_MOVE;
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
    case GOES_LIVE:
    case GOES_OFF:
        return x->member == y->member && (a->verb == VERB_VM_MOVE ? a : b)->value[0] ==
                                             (e->when == GOES_LIVE ? MOVE_LIVE : MOVE_OFF);
    case INTO_NODE:
        return b->value[0] == MOVE_OFF && str_same(a->node, b->object);
    case RAISED:
        return a->value[0] == OFFLINE_FORCED;
    case RESTORED:
        return x->member == y->member && b->value[0] != OFFLINE_FORCED;
    case GPU_STAYS_OUT:
        return !joins(all, b);
    }
    return false;
}

/* ---- the table against the steps of one group ---- */

/* Which rows of the table can be about a pair of verbs: asked once, for the verbs that occur. */
struct pairs {
    uint64_t rows[VERB_NONE][VERB_NONE];
    bool known[VERB_NONE][VERB_NONE];
};
_Static_assert(sizeof edges / sizeof *edges <= 64, "one bit for each row");

/* Steps by stage, and where each verb's and each member's are. */
struct sorter {
    struct arena *arena;
    struct steps *steps;
    struct pairs pairs;
    uint32_t first[VERB_NONE + 1], past[VERB_NONE + 1]; /* of each verb, in stage order */
    uint32_t *next_of_member; /* a chain through the steps of one member; NO_INDEX ends it */
    uint32_t *head_of_member;
    bool *before; /* of one step: who comes first */
};

static uint64_t rows_of(struct sorter *s, const struct action *x, const struct action *y)
{
    /* An OfflineAction that is put back is another matter than one that is raised. */
    bool special = x->verb == VERB_VM_OFFLINE_ACTION;
    uint64_t rows = 0;

    if (!special && s->pairs.known[x->verb][y->verb])
        return s->pairs.rows[x->verb][y->verb];
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        if (ROW_COUNTS(i) && is_verb(x, edges[i].first) && is_verb(y, edges[i].then))
            rows |= (uint64_t)1 << i;
    s->pairs.rows[x->verb][y->verb] = rows;
    s->pairs.known[x->verb][y->verb] = true;
    return rows;
}

/* By one of these rows of the table. */
static bool comes_before(const struct sorter *s, uint64_t rows, const struct step *x,
                         const struct step *y)
{
    for (size_t i = 0; rows; i++, rows >>= 1)
        if ((rows & 1) && related(s->steps, &edges[i], x, y))
            return true;
    return false;
}

/* Is any of these rows about steps of different members? */
static bool beyond_member(uint64_t rows)
{
    for (size_t i = 0; rows; i++, rows >>= 1)
        if ((rows & 1) && edges[i].when != ON_VM && edges[i].when != ON_GPU &&
            edges[i].when != GOES_LIVE && edges[i].when != GOES_OFF && edges[i].when != RESTORED)
            return true;
    return false;
}

/* Marks in s->before who comes before step `at`; returns how many. */
static uint32_t who_comes_before(struct sorter *s, uint32_t at)
{
    const struct step *rows = s->steps->rows, *y = &rows[at];
    uint32_t n = 0;

    for (uint32_t k = s->head_of_member[y->member]; k != NO_INDEX; k = s->next_of_member[k])
        if (k != at && !s->before[k] &&
            comes_before(s, rows_of(s, &rows[k].action, &y->action), &rows[k], y))
            n += s->before[k] = true;
    for (int v = 0; v < VERB_NONE; v++) {
        bool differs = v == VERB_VM_OFFLINE_ACTION; /* with its value */
        uint64_t same =
            s->first[v] == NO_INDEX ? 0 : rows_of(s, &rows[s->first[v]].action, &y->action);

        if (s->first[v] == NO_INDEX || (!differs && !beyond_member(same)))
            continue;
        for (uint32_t k = s->first[v]; k < s->past[v]; k++)
            if (rows[k].action.verb == (enum verb)v && k != at && !s->before[k] &&
                comes_before(s, differs ? rows_of(s, &rows[k].action, &y->action) : same, &rows[k],
                             y))
                n += s->before[k] = true;
    }
    return n;
}

/* The choice among steps that are free: by stage, then as the members stand, then as built. */
static int stage_of(const struct step *s)
{
    if (s->action.verb == VERB_VM_OFFLINE_ACTION && s->action.value[0] != OFFLINE_FORCED)
        return verb_rows[VERB_VM_START].stage + 1;
    return verb_rows[s->action.verb].stage;
}

/* Stable: steps of one stage stay as they were built. */
static void sort_by_stage(struct arena *a, struct steps *s)
{
    enum { STAGES = 100 };
    struct step *sorted = arena_array(a, struct step, s->count + 1);
    size_t at[STAGES + 1] = {0};

    for (size_t i = 0; i < s->count; i++)
        at[stage_of(&s->rows[i]) + 1]++;
    for (int i = 0; i < STAGES; i++)
        at[i + 1] += at[i];
    for (size_t i = 0; i < s->count; i++)
        sorted[at[stage_of(&s->rows[i])]++] = s->rows[i];
    s->rows = sorted;
}

static void sorter_open(struct sorter *s, struct arena *a, struct steps *steps)
{
    uint32_t members = 0;

    *s = (struct sorter){.arena = a, .steps = steps};
    sort_by_stage(a, steps);
    for (int v = 0; v <= VERB_NONE; v++)
        s->first[v] = NO_INDEX;
    for (uint32_t i = 0; i < steps->count; i++) {
        enum verb v = steps->rows[i].action.verb;

        members = steps->rows[i].member >= members ? steps->rows[i].member + 1 : members;
        if (s->first[v] == NO_INDEX)
            s->first[v] = i;
        s->past[v] = i + 1;
    }
    s->next_of_member = arena_array(a, uint32_t, steps->count + 1);
    s->head_of_member = arena_array(a, uint32_t, members + 1);
    s->before = arena_array(a, bool, steps->count + 1);
    for (uint32_t i = 0; i < members; i++)
        s->head_of_member[i] = NO_INDEX;
    for (uint32_t i = (uint32_t)steps->count; i-- > 0;) {
        s->next_of_member[i] = s->head_of_member[steps->rows[i].member];
        s->head_of_member[steps->rows[i].member] = i;
    }
}

/* The needs of every step, as indexes in stage order, rising. */
static void find_needs(struct sorter *s)
{
    for (uint32_t i = 0; i < s->steps->count; i++) {
        struct step *row = &s->steps->rows[i];
        uint32_t n = who_comes_before(s, i);

        row->needs = arena_array(s->arena, uint32_t, n + 1);
        for (uint32_t k = 0; row->need_count < n; k++)
            if (s->before[k]) {
                row->needs[row->need_count++] = k;
                s->before[k] = false;
            }
    }
}

static bool is_free(const struct step *row, const uint32_t *place)
{
    for (size_t i = 0; i < row->need_count; i++)
        if (place[row->needs[i]] == NO_INDEX)
            return false;
    return true;
}

static int by_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

    return (a > b) - (a < b);
}

/*
 * Kahn's algorithm with the stages as tie-break: nearly always the next step
 * in stage order is free.  The table has no cycle for any set of steps that
 * steps_build() makes (a test walks all of them); were there one, its steps
 * would stay in stage order.
 */
void steps_order(struct arena *a, struct steps *steps)
{
    size_t n = steps->count, done = 0, from = 0;
    struct step *sorted = arena_array(a, struct step, n + 1);
    uint32_t *place = arena_array(a, uint32_t, n + 1);
    struct sorter *s = arena_new(a, struct sorter);

    sorter_open(s, a, steps);
    find_needs(s);
    for (size_t i = 0; i < n; i++)
        place[i] = NO_INDEX;
    while (done < n) {
        size_t pick;

        while (place[from] != NO_INDEX)
            from++;
        for (pick = from; pick < n; pick++)
            if (place[pick] == NO_INDEX && is_free(&steps->rows[pick], place))
                break;
        if (pick == n)
            pick = from;
        place[pick] = (uint32_t)done;
        sorted[done++] = steps->rows[pick];
    }
    for (size_t i = 0; i < n; i++) {
        bool rising = true; /* as nearly always: steps seldom leave the order of the stages */

        for (size_t k = 0; k < sorted[i].need_count; k++) {
            sorted[i].needs[k] = place[sorted[i].needs[k]];
            rising = rising && (!k || sorted[i].needs[k - 1] < sorted[i].needs[k]);
        }
        if (!rising)
            qsort(sorted[i].needs, sorted[i].need_count, sizeof(uint32_t), by_number);
    }
    steps->rows = sorted;
}
