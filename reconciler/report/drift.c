#include "report/page.h"

#include <stdlib.h>
#include <string.h>

const struct drift_row drift_rows[] = {
#define DRIFT(name, word, severity, drifts, text) {word, severity, drifts, text},
#include "report/drifts.def"
#undef DRIFT
};

/* Problems that are a drift when they were not there after the last apply. */
static const struct {
    enum reason reason;
    enum drift_class class;
} problem_classes[] = {
    {REASON_VM_MISSING, DRIFT_MISSING},
    {REASON_NODE_MISSING, DRIFT_MISSING},
    {REASON_DEVICE_MISSING, DRIFT_MISSING},
    {REASON_NO_MATCH, DRIFT_MISSING},
    {REASON_PER_NODE, DRIFT_MISSING},
    {REASON_NODE_UNSEEN, DRIFT_UNKNOWN},
    {REASON_COUNTS_UNKNOWN, DRIFT_UNKNOWN},
    {REASON_NODE_NOT_CAPABLE, DRIFT_CAPABILITY_LOST},
    {REASON_WARN_IOV, DRIFT_CAPABILITY_LOST},
    {REASON_DRIVER, DRIFT_CAPABILITY_LOST},
    {REASON_PARAVIRTUAL, DRIFT_CAPABILITY_LOST},
    {REASON_NOT_ASSIGNABLE, DRIFT_CAPABILITY_LOST},
    {REASON_MITIGATION_DRIVER, DRIFT_CAPABILITY_LOST},
    {REASON_MODE, DRIFT_CAPABILITY_LOST},
    {REASON_CURRENT_COUNT, DRIFT_INVALID_COUNT},
    {REASON_WARN_COUNT, DRIFT_INVALID_COUNT},
    {REASON_STALE_ADAPTER, DRIFT_STALE_REFERENCE},
    {REASON_NOTE_FLOATING, DRIFT_STALE_REFERENCE},
    {REASON_NOT_HOMOGENEOUS, DRIFT_NOT_HOMOGENEOUS},
    {REASON_WARN_HOMOGENEOUS, DRIFT_NOT_HOMOGENEOUS},
    {REASON_WARN_SERIES, DRIFT_NOT_HOMOGENEOUS},
    {REASON_SIZE, DRIFT_SIZE_WRONG},
    {REASON_STUCK, DRIFT_PENDING_START},
    {REASON_WRONG_NODE, DRIFT_HOST_CHANGED},
    {REASON_VM_SAVED, DRIFT_POWER},
    {REASON_VM_PAUSED, DRIFT_POWER},
    {REASON_WARN_PINNED, DRIFT_HOST_CHANGED},
    {REASON_POOL_FOREIGN, DRIFT_UNMANAGED},
    {REASON_WARN_POOL_FOREIGN, DRIFT_UNMANAGED},
    {REASON_HOLDER, DRIFT_UNMANAGED},
    {REASON_NOTE_UNMANAGED, DRIFT_UNMANAGED},
    {REASON_NOTE_RELEASED, DRIFT_RELEASED},
};

/* A difference of the base. */
struct then {
    const struct change *change;
    bool aside; /* the spec left it as it was (P7, P8) */
};

struct build {
    struct arena *arena;
    const struct plan *plan;
    const struct state *have;
    const struct drift_base *base;
    struct map before; /* "subject|field" of the base's differences, to `then` */
    struct then *then; /* changes and asides of the base */
    size_t then_count, then_room;
    struct map problems_before; /* "subject|reason" */
    struct map names_before;    /* VM names of the base */
    struct drift *out;
    size_t room;
};

static struct drift_item *add(struct build *b, enum drift_class class, const char *subject)
{
    struct drift_item *item = arena_push(b->arena, b->out->items, b->out->count, b->room);

    item->class = class;
    item->counts = drift_rows[class].drifts;
    item->subject = subject;
    return item;
}

static bool interrupts(const struct plan_group *g, uint32_t vm)
{
    for (size_t i = 0; i < g->interrupt_count; i++)
        if (g->interrupts[i] == vm)
            return true;
    return false;
}

static const char *repair_of(struct build *b, const struct plan_change *pc)
{
    const struct plan_group *g =
        pc->group < b->plan->group_count ? &b->plan->groups[pc->group] : NULL;
    enum reason reason = pc->reason != REASON_NONE ? pc->reason : g ? g->reason : REASON_NONE;
    const char *code = reason != REASON_NONE ? reason_rows[reason].code : "";
    enum gate gate = g ? g->gate : pc->gate;

    if (pc->at_next_stop)
        return "at its next stop (advised, S0)";
    if (gate == GATE_BLOCKED)
        return arena_printf(b->arena, "BLOCKED: %s", code);
    if (gate == GATE_HELD)
        return arena_printf(b->arena, "held: %s", code);
    if (g && pc->change.kind == SUBJECT_VM && interrupts(g, pc->change.vm))
        return arena_printf(b->arena, "at the next apply; stops it once, at most %s",
                            duration_minutes(b->arena, g->off_at_most_ms));
    return g && g->interrupt_count ? arena_printf(b->arena, "at the next apply; stops %s once",
                                                  page_count(b->arena, g->interrupt_count, "VM"))
                                   : "at the next apply";
}

/* Which side moved: the base had the same difference, another one, or none. */
static enum drift_class class_of(struct build *b, const struct change *c, const char *subject,
                                 const char *name, bool at_next_stop, bool *skip)
{
    uint32_t at = map_get(&b->before, arena_printf(b->arena, "%s|%d", subject, (int)c->field));
    const struct then *then = at == MAP_NONE ? NULL : &b->then[at];

    *skip = false;
    if (c->field == FIELD_VM_OWED)
        return DRIFT_PENDING_START;
    /* The world's, which the spec only left: watched, or expected until a date that has come. */
    if (then && then->aside && !b->out->spec_moved)
        then = NULL;
    if (then) {
        if (!str_eq(then->change->have, c->have))
            return b->out->spec_moved ? DRIFT_BOTH : DRIFT_HOST_CHANGED;
        *skip = at_next_stop; /* advised, and as it was: nothing moved */
        return DRIFT_SPEC_CHANGED;
    }
    if (c->kind == SUBJECT_VM && map_get(&b->names_before, name) == MAP_NONE && b->out->spec_moved)
        return DRIFT_SPEC_CHANGED; /* a VM that came with its row */
    return c->field == FIELD_VM_POWER ? DRIFT_POWER : DRIFT_HOST_CHANGED;
}

static struct drift_item *add_change(struct build *b, enum drift_class class, const char *subject,
                                     const struct change *c, bool at_next_stop)
{
    struct drift_item *item = add(b, class, subject);

    item->counts = item->counts && !at_next_stop;
    item->field = field_words[c->field];
    item->declared = c->want;
    item->now = c->have;
    item->rule = c->rule;
    item->at = c->at;
    return item;
}

static void changes(struct build *b)
{
    for (size_t i = 0; i < b->plan->change_count; i++) {
        const struct plan_change *pc = &b->plan->changes[i];
        bool skip;
        enum drift_class class =
            class_of(b, &pc->change, pc->subject, pc->name, pc->at_next_stop, &skip);

        if (!skip)
            add_change(b, class, pc->subject, &pc->change, pc->at_next_stop)->repair =
                repair_of(b, pc);
    }
}

static enum drift_class class_of_reason(enum reason reason)
{
    for (size_t i = 0; i < sizeof problem_classes / sizeof *problem_classes; i++)
        if (problem_classes[i].reason == reason)
            return problem_classes[i].class;
    return DRIFT_CLASSES;
}

/* NULL: no drift class, or it was so after the last apply as well. */
static struct drift_item *add_problem(struct build *b, const char *subject, enum reason reason,
                                      const char *text, const struct span *at)
{
    const struct reason_row *row = &reason_rows[reason];
    enum drift_class class = class_of_reason(reason);
    const char *name = strchr(subject, '/');
    struct drift_item *item;

    if (class == DRIFT_CLASSES ||
        map_get(&b->problems_before, arena_printf(b->arena, "%s|%d", subject, (int)reason)) !=
            MAP_NONE)
        return NULL;
    if (reason == REASON_VM_MISSING && b->out->spec_moved && name &&
        map_get(&b->names_before, name + 1) == MAP_NONE)
        class = DRIFT_SPEC_CHANGED; /* a new row for a VM that does not exist yet */
    item = add(b, class, subject);
    item->now = text && *text ? text : row->text;
    item->repair = row->class == CLASS_BLOCKED ? arena_printf(b->arena, "BLOCKED: %s", row->code)
                   : row->class == CLASS_HELD  ? arena_printf(b->arena, "held: %s", row->code)
                                               : "none";
    item->rule = row->rule;
    item->at = *at;
    return item;
}

static void problems(struct build *b)
{
    for (size_t i = 0; i < b->plan->problem_count; i++) {
        const struct problem *p = &b->plan->problems[i];

        add_problem(b, p->subject, p->reason, p->text, &p->at);
    }
}

/* P8: known until a date, whoever moved it. */
static void add_expected(struct build *b, const struct plan_aside *from)
{
    struct drift_item *item =
        add_change(b, DRIFT_EXPECTED, from->subject, &from->change, from->at_next_stop);

    item->repair = arena_printf(b->arena, "none until %s (%s)", from->until, from->because);
    item->rule = "P8";
    item->at = from->entry_at;
}

/* P7, P8: what is seen and not brought about. */
static void asides(struct build *b)
{
    for (size_t i = 0; i < b->plan->aside_count; i++) {
        const struct plan_aside *from = &b->plan->asides[i];
        struct drift_item *item;
        bool skip = false;

        if (from->why == ASIDE_EXPECTED) {
            add_expected(b, from);
            continue;
        }
        if (from->reason != REASON_NONE) {
            item = add_problem(b, from->subject, from->reason, from->text, &from->change.at);
        } else {
            enum drift_class class =
                class_of(b, &from->change, from->subject, from->name, from->at_next_stop, &skip);

            item = skip ? NULL
                        : add_change(b, class, from->subject, &from->change, from->at_next_stop);
        }
        if (!item)
            continue;
        item->watched = true;
        item->counts = !from->at_next_stop;
        item->repair = "none: manage: detect";
    }
}

/* What is said of a GPU of the base; ENFORCE for one without a row. */
static enum manage manage_then(const struct build *b, size_t gpu)
{
    uint32_t row = b->base->want->of_gpu[gpu];

    return row == NO_INDEX ? MANAGE_ENFORCE : b->base->want->gpus[row].manage;
}

/* Declared GPUs that were there and are gone, on nodes that answered. */
static void gone(struct build *b)
{
    const struct state *then = b->base->have;

    for (size_t i = 0; b->base->want && i < then->gpu_count; i++) {
        const struct gpu *g = &then->gpus[i];
        uint32_t node = state_node(b->have, then->nodes[g->node].name);
        struct drift_item *item;

        if (b->base->want->of_gpu[i] == NO_INDEX || node == NO_INDEX ||
            manage_then(b, i) == MANAGE_IGNORE || !b->have->nodes[node].answered ||
            state_gpu(b->have, node, g->path) != NO_INDEX)
            continue;
        item = add(b, DRIFT_MISSING,
                   arena_printf(b->arena, "gpu/%s", gpu_label(b->arena, then, (uint32_t)i)));
        item->now = arena_printf(b->arena, "%s is gone (%s)", g->model ? g->model : "the GPU",
                                 g->location_count ? g->locations[0] : g->path);
        item->watched = manage_then(b, i) == MANAGE_DETECT;
        item->repair = "none: a person must look";
        item->rule = "I4";
    }
}

static int severity_rank(const struct drift_item *i)
{
    return (int)drift_rows[i->class].severity;
}

static int compare(const void *one, const void *two)
{
    const struct drift_item *a = one, *b = two;
    int by[] = {severity_rank(a) - severity_rank(b),
                (int)a->class - (int)b->class,
                str_cmp(a->field, b->field),
                str_cmp(a->declared, b->declared),
                str_cmp(a->now, b->now),
                str_cmp(a->repair, b->repair),
                str_cmp_natural(a->subject, b->subject)};

    for (size_t i = 0; i < sizeof by / sizeof *by; i++)
        if (by[i])
            return by[i];
    return 0;
}

static void index_change(struct build *b, const char *subject, const struct change *c, bool aside)
{
    map_put(&b->before, arena_printf(b->arena, "%s|%d", subject, (int)c->field),
            (uint32_t)b->then_count);
    *arena_push(b->arena, b->then, b->then_count, b->then_room) = (struct then){c, aside};
}

static void index_problem(struct build *b, const char *subject, enum reason reason)
{
    map_put(&b->problems_before, arena_printf(b->arena, "%s|%d", subject, (int)reason), 0);
}

/* What differed after the last apply already, set aside or not. */
static void index_base(struct build *b)
{
    const struct plan *then = b->base->plan;

    map_init(&b->before, b->arena, then->change_count + then->aside_count, false);
    map_init(&b->problems_before, b->arena, then->problem_count, false);
    map_init(&b->names_before, b->arena, b->base->have->vm_count, true);
    for (size_t i = 0; i < then->change_count; i++)
        index_change(b, then->changes[i].subject, &then->changes[i].change, false);
    for (size_t i = 0; i < then->problem_count; i++)
        index_problem(b, then->problems[i].subject, then->problems[i].reason);
    for (size_t i = 0; i < then->aside_count; i++)
        if (then->asides[i].reason == REASON_NONE)
            index_change(b, then->asides[i].subject, &then->asides[i].change, true);
        else
            index_problem(b, then->asides[i].subject, then->asides[i].reason);
    for (size_t i = 0; i < b->base->have->vm_count; i++)
        map_put(&b->names_before, b->base->have->vms[i].name, (uint32_t)i);
}

void drift_compute(struct arena *a, const struct plan *plan, const struct state *have,
                   const struct drift_base *base, struct drift *out)
{
    struct build b = {.arena = a, .plan = plan, .have = have, .base = base, .out = out};

    *out = (struct drift){.cluster = plan->head.cluster,
                          .source = plan->head.source,
                          .since_run = base->run,
                          .since_ms = base->ended_ms,
                          .observed_ms = have->observed_ms,
                          .nodes = plan->head.nodes,
                          .nodes_seen = plan->head.nodes_seen,
                          .spec_moved = !str_eq(base->spec_digest, plan->head.spec_digest)};
    index_base(&b);
    changes(&b);
    problems(&b);
    asides(&b);
    gone(&b);
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, compare);
}
