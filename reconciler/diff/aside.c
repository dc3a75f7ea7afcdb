/*
 * What is declared and not brought about: only watched (P7), or a deviation
 * that is known and accepted until a date (P8).
 */
#include "base/str.h"
#include "diff/diff.h"

#include <string.h>

struct sieve {
    struct arena *arena;
    const struct policy *policy;
    const struct target *want;
    const struct state *have;
    struct asides *out;
    struct map expected; /* "subject|field" without case, to the first of the same key */
    bool *met;           /* by entry: some difference has its value */
    uint32_t *vm_bits;
    bool *gpu_left;
    size_t pool_room;
};

/* ---- expected (P8) ---- */

static const char *key_of(struct sieve *s, const char *subject, enum field field)
{
    return arena_printf(s->arena, "%s|%d", subject, (int)field);
}

static void index_expected(struct sieve *s)
{
    map_init(&s->expected, s->arena, s->policy->expected_count, true);
    s->met = arena_array(s->arena, bool, s->policy->expected_count + 1);
    for (uint32_t i = 0; i < s->policy->expected_count; i++) {
        const struct expectation *x = &s->policy->expected[i];
        const char *subject = x->kind == SUBJECT_GPU
                                  ? arena_printf(s->arena, "gpu/%s/%s", x->node, x->name)
                                  : x->subject;

        map_put(&s->expected, key_of(s, subject, x->field), i);
    }
}

/* The entry of one subject and field; a GPU can have several location paths. */
static uint32_t entry_of(struct sieve *s, const struct change *c)
{
    const struct gpu *g;
    const char *name;
    uint32_t at = MAP_NONE;

    if (c->kind != SUBJECT_GPU)
        return map_get(&s->expected,
                       key_of(s, change_subject(s->arena, s->want, s->have, c, &name), c->field));
    g = &s->have->gpus[c->gpu];
    for (size_t i = 0; at == MAP_NONE && i < g->location_count; i++)
        at = map_get(&s->expected,
                     key_of(s,
                            arena_printf(s->arena, "gpu/%s/%s", s->have->nodes[g->node].name,
                                         g->locations[i]),
                            c->field));
    return at;
}

static void say(struct sieve *s, enum reason reason, const struct expectation *x, const char *text)
{
    problem_add(&s->out->notes, reason, x->kind, x->subject, &x->at, "%s", text);
}

/* The entry that covers this difference now; NULL: none, or none any more. */
static const struct expectation *expected_of(struct sieve *s, const struct change *c)
{
    uint32_t at = s->policy->expected_count ? entry_of(s, c) : MAP_NONE;
    const struct expectation *x = at == MAP_NONE ? NULL : &s->policy->expected[at];
    bool first;

    if (!x || !str_same(x->value, c->have))
        return NULL;
    first = !s->met[at];
    s->met[at] = true;
    if (state_now_ms(s->have) < x->until_ms)
        return x;
    if (first)
        say(s, REASON_NOTE_EXPIRED, x,
            arena_printf(s->arena, "%s %s was expected until %s (%s)", field_about[x->field].word,
                         x->value, x->until, x->reason));
    return NULL;
}

static void say_unmet(struct sieve *s)
{
    for (size_t i = 0; i < s->policy->expected_count; i++) {
        const struct expectation *x = &s->policy->expected[i];

        if (!s->met[i])
            say(s, REASON_NOTE_UNMET, x,
                arena_printf(s->arena, "no difference is seen with %s %s (%s)",
                             field_about[x->field].word, x->value, x->reason));
    }
}

/* ---- what stays ---- */

static void leave_pool(struct sieve *s, const char *name)
{
    struct leave *l = &s->out->leave;

    for (size_t i = 0; i < l->pool_count; i++)
        if (str_eq(l->pools[i], name))
            return;
    *arena_push(s->arena, l->pools, l->pool_count, s->pool_room) = name;
    s->out->any = true;
}

static void leave_change(struct sieve *s, const struct change *c)
{
    s->out->any = true;
    if (c->kind == SUBJECT_POOL)
        leave_pool(s, s->want->pools[c->pool].name);
    else if (c->kind == SUBJECT_GPU)
        s->gpu_left[c->gpu] = true;
    else
        s->vm_bits[c->vm] |= 1u << c->field;
}

/* P7: also where nothing differs now: what only the watched would change is never written. */
static void leave_watched(struct sieve *s)
{
    if (!s->want->watched)
        return;
    s->out->any = true;
    for (size_t i = 0; i < s->want->vm_count; i++) {
        const struct target_vm *t = &s->want->vms[i];

        for (int f = 0; f < FIELDS; f++)
            if (field_about[f].subject == SUBJECT_VM && f != FIELD_VM_OWED &&
                manage_of(&t->wish->manage, (enum field)f) != MANAGE_ENFORCE)
                s->vm_bits[t->vm] |= 1u << f;
    }
    for (size_t i = 0; i < s->want->gpu_count; i++)
        s->gpu_left[s->want->gpus[i].gpu] |= s->want->gpus[i].manage != MANAGE_ENFORCE;
    for (size_t i = 0; i < s->want->pool_count; i++)
        if (s->want->pools[i].manage != MANAGE_ENFORCE)
            leave_pool(s, s->want->pools[i].name);
}

/* ---- the sieve ---- */

static enum manage manage_of_change(const struct sieve *s, const struct change *c)
{
    uint32_t row;

    if (c->field == FIELD_VM_OWED)
        return MANAGE_ENFORCE; /* a debt is paid, whoever watches */
    if (c->kind == SUBJECT_POOL)
        return s->want->pools[c->pool].manage;
    if (c->kind == SUBJECT_GPU)
        return s->want->gpus[s->want->of_gpu[c->gpu]].manage;
    row = s->want->of_vm[c->vm];
    return row == NO_INDEX ? MANAGE_ENFORCE : manage_of(&s->want->vms[row].wish->manage, c->field);
}

static struct aside *set_aside(struct sieve *s, enum aside_why why)
{
    struct aside *row = arena_push(s->arena, s->out->rows, s->out->count, s->out->room);

    row->why = why;
    s->out->ignored += why == ASIDE_IGNORE;
    return row;
}

static enum aside_why why_of(enum manage m)
{
    return m == MANAGE_IGNORE ? ASIDE_IGNORE : ASIDE_DETECT;
}

static void sift_changes(struct sieve *s, const struct diff *diff)
{
    const struct expectation *gpu = NULL; /* of the VM's `gpu`: its limits go with it */
    uint32_t gpu_vm = NO_INDEX;

    for (size_t i = 0; i < diff->change_count; i++) {
        const struct change *c = &diff->changes[i];
        const struct expectation *x = c->field == FIELD_VM_OWED ? NULL : expected_of(s, c);
        enum manage m = manage_of_change(s, c);
        struct aside *row;

        if (x && c->field == FIELD_VM_GPU) {
            gpu = x;
            gpu_vm = c->vm;
        } else if (!x && c->field == FIELD_VM_LIMITS && gpu && gpu_vm == c->vm) {
            x = gpu;
        }
        if (!x && m == MANAGE_ENFORCE)
            continue;
        row = set_aside(s, m == MANAGE_IGNORE ? ASIDE_IGNORE : x ? ASIDE_EXPECTED : why_of(m));
        row->is_change = true;
        row->subject = change_subject(s->arena, s->want, s->have, c, &row->name);
        row->change = *c;
        row->expected = x;
        leave_change(s, c);
    }
}

/* V2: where a VM may not be moved, its place is a refusal and no change; it can be expected, too.
 */
static void sift_places(struct sieve *s)
{
    for (size_t i = 0; s->policy->expected_count && i < s->want->vm_count; i++) {
        const struct target_vm *t = &s->want->vms[i];
        struct change c = {.kind = SUBJECT_VM,
                           .gpu = NO_INDEX,
                           .vm = t->vm,
                           .pool = NO_INDEX,
                           .field = FIELD_VM_NODE,
                           .grade = GRADE_DECLARED,
                           .rule = "V2",
                           .at = t->at};
        const struct expectation *x;
        struct aside *row;

        if (t->belongs_to == NO_INDEX)
            continue;
        c.have = s->have->nodes[s->have->vms[t->vm].node].name;
        c.want = s->have->nodes[t->belongs_to].name;
        x = expected_of(s, &c);
        if (!x)
            continue;
        row = set_aside(s, ASIDE_EXPECTED);
        row->is_change = true;
        row->subject = change_subject(s->arena, s->want, s->have, &c, &row->name);
        row->change = c;
        row->expected = x;
        leave_change(s, &c);
    }
}

/* A warning says what is so, whoever watches; the rest is about what would be done. */
static bool is_set_aside(const struct problem *p)
{
    enum reason_class class = reason_rows[p->reason].class;

    return p->manage == MANAGE_IGNORE ||
           (p->manage == MANAGE_DETECT && class != CLASS_WARNING && class != CLASS_NOTE);
}

static void sift_problems(struct sieve *s, const struct problems *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct problem *p = &list->rows[i];
        enum reason_class class = reason_rows[p->reason].class;

        const char *slash = strchr(p->subject, '/');
        struct aside *row;

        if (!is_set_aside(p) || class == CLASS_WARNING || class == CLASS_NOTE)
            continue;
        row = set_aside(s, why_of(p->manage));
        row->subject = p->subject;
        row->name = slash ? slash + 1 : p->subject;
        row->problem = *p;
    }
}

void diff_drop_watched(struct problems *p)
{
    size_t kept = 0;

    for (size_t i = 0; i < p->count; i++)
        if (!is_set_aside(&p->rows[i]))
            p->rows[kept++] = p->rows[i];
    p->count = kept;
}

void diff_set_aside(struct arena *a, const struct policy *policy, const struct target *want,
                    const struct state *have, const struct diff *diff, struct asides *out)
{
    struct sieve s = {.arena = a, .policy = policy, .want = want, .have = have, .out = out};

    *out = (struct asides){.notes = {.arena = a}};
    if (!policy->expected_count && !want->watched)
        return;
    s.vm_bits = arena_array(a, uint32_t, have->vm_count + 1);
    s.gpu_left = arena_array(a, bool, have->gpu_count + 1);
    out->leave = (struct leave){.vms = s.vm_bits, .gpus = s.gpu_left};
    index_expected(&s);
    sift_changes(&s, diff);
    sift_places(&s);
    say_unmet(&s);
    leave_watched(&s);
    sift_problems(&s, &want->problems);
    sift_problems(&s, &diff->problems);
}
