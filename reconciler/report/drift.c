#include "report/holders.h"
#include "report/plan_items.h"

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
    {REASON_PER_NODE, DRIFT_EXPECT_NOT_MET},
    {REASON_EXPECT, DRIFT_EXPECT_NOT_MET},
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
    {REASON_WARN_DRIVERS, DRIFT_DRIVER_MISMATCH},
    {REASON_WARN_HOST_DRIVERS, DRIFT_DRIVER_MISMATCH},
    {REASON_STUCK, DRIFT_PENDING_START},
    {REASON_WRONG_NODE, DRIFT_HOST_CHANGED},
    {REASON_VM_SAVED, DRIFT_POWER},
    {REASON_VM_PAUSED, DRIFT_POWER},
    {REASON_WARN_PINNED, DRIFT_HOST_CHANGED},
    {REASON_POOL_FOREIGN, DRIFT_UNMANAGED},
    {REASON_WARN_POOL_FOREIGN, DRIFT_UNMANAGED},
    {REASON_HOLDER, DRIFT_UNMANAGED},
    {REASON_NODE_EXTRA, DRIFT_UNMANAGED},
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
    struct map before; /* keys of the base's differences, to `then` */
    struct then *then; /* changes and asides of the base */
    size_t then_count, then_room;
    struct map problems_before;       /* keys of the base's problems */
    struct map names_before;          /* VM names of the base */
    struct map ids_before;            /* and their ids, to base->have */
    struct holders was_held, is_held; /* of the base and of today, once they are asked for */
    struct drift *out;
    size_t room;
};

static struct drift_item *add(struct build *b, enum drift_class class, const char *subject,
                              const char *key)
{
    struct drift_item *item = arena_push(b->arena, b->out->items, b->out->count, b->room);

    item->class = item->was = class;
    item->key = key;
    item->counts = drift_rows[class].drifts;
    item->subject = subject;
    item->first_ms = item->last_ms = WHEN_NONE;
    return item;
}

/* A GPU by its path, not by gpuN: the numbers move when a card goes. */
static const char *gpu_key(struct build *b, const struct state *s, uint32_t gpu, const char *what)
{
    const struct gpu *g = &s->gpus[gpu];

    return arena_printf(b->arena, "gpu/%s/%s|%s", s->nodes[g->node].name, g->path, what);
}

/* A pool's name for people has its node. */
static const char *change_key(struct build *b, const struct state *s, const struct change *c,
                              const char *subject, const char *name)
{
    const char *what = field_words[c->field];

    if (c->kind == SUBJECT_GPU && c->gpu < s->gpu_count)
        return gpu_key(b, s, c->gpu, what);
    return arena_printf(b->arena, "%s|%s", c->kind == SUBJECT_POOL ? name : subject, what);
}

static const char *problem_key(struct build *b, const char *subject, enum reason reason)
{
    return arena_printf(b->arena, "%s|%s", subject, reason_rows[reason].code);
}

static bool interrupts(const struct plan_group *g, uint32_t vm)
{
    for (size_t i = 0; i < g->interrupt_count; i++)
        if (g->interrupts[i] == vm)
            return true;
    return false;
}

static const struct plan_group *group_of(const struct build *b, const struct plan_change *pc)
{
    return pc->group < b->plan->group_count ? &b->plan->groups[pc->group] : NULL;
}

static enum reason reason_of(const struct plan_change *pc, const struct plan_group *g)
{
    return pc->reason != REASON_NONE ? pc->reason : g ? g->reason : REASON_NONE;
}

static const char *repair_of(struct build *b, const struct plan_change *pc)
{
    const struct plan_group *g = group_of(b, pc);
    enum reason reason = reason_of(pc, g);
    const char *code = reason != REASON_NONE ? reason_rows[reason].code : "";
    enum gate gate = g ? g->gate : pc->gate;

    if (pc->at_next_stop)
        return "at its next stop (advised, S0)";
    if (gate == GATE_BLOCKED)
        return arena_printf(b->arena, "BLOCKED: %s", code);
    if (gate == GATE_HELD && reason == REASON_WAITS_WINDOW)
        return arena_printf(b->arena, "held: %s, %s", code, g ? g->why : "");
    if (gate == GATE_HELD)
        return arena_printf(b->arena, "held: %s", code);
    if (g && pc->change.kind == SUBJECT_VM && interrupts(g, pc->change.vm) &&
        item_waits_for(g, pc->name))
        return arena_printf(b->arena, "at the next apply; stops it until %s is over",
                            item_waits_for(g, pc->name));
    if (g && pc->change.kind == SUBJECT_VM && interrupts(g, pc->change.vm))
        return arena_printf(b->arena, "at the next apply; stops it once, at most %s",
                            duration_minutes(b->arena, g->off_at_most_ms));
    return g && g->interrupt_count ? arena_printf(b->arena, "at the next apply; stops %s once",
                                                  page_count(b->arena, g->interrupt_count, "VM"))
                                   : "at the next apply";
}

static bool let_go_for_us(const struct build *b, const char *vm)
{
    for (size_t i = 0; i < b->plan->debt_count; i++)
        if (b->plan->debts[i].waits && str_same(b->plan->debts[i].name, vm))
            return true;
    return false;
}

/* V9: that it is off and holds nothing is our doing, and a condition, not drift. */
static bool waits_for_event(const struct build *b, const struct plan_change *pc)
{
    return pc->change.kind == SUBJECT_VM && pc->gate == GATE_HELD && pc->reason == REASON_LEAVING &&
           let_go_for_us(b, pc->name);
}

/* V9: it let go of the GPU for us, or was not on it after the last apply, and now it is. */
static bool came_onto_leaving(struct build *b, const struct change *c, const char *name,
                              bool was_on)
{
    if (c->field != FIELD_VM_GPU || !str_eq(c->rule, "V9"))
        return false;
    if (let_go_for_us(b, name))
        return true;
    return !was_on && map_get(&b->names_before, name) != MAP_NONE;
}

static const char *release_text(enum reason reason, const char *particular)
{
    if (particular && *particular)
        return particular;
    return reason != REASON_NONE && *reason_rows[reason].release ? reason_rows[reason].release
                                                                 : NULL;
}

/* What releases a change that waits: its group's word, or that of the problem behind it. */
static const char *release_of(struct build *b, const struct plan_change *pc)
{
    const struct plan_group *g = group_of(b, pc);
    enum reason reason = reason_of(pc, g);

    if (pc->at_next_stop || (g ? g->gate : pc->gate) == GATE_RUNS)
        return NULL;
    if (g)
        return release_text(reason, g->release);
    for (size_t i = 0; i < b->plan->problem_count; i++)
        if (b->plan->problems[i].reason == reason &&
            str_eq(b->plan->problems[i].subject, pc->subject))
            return release_text(reason, b->plan->problems[i].release);
    return release_text(reason, NULL);
}

/* Which side moved: the base had the same difference, another one, or none. */
static enum drift_class class_of(struct build *b, const struct change *c, const char *key,
                                 const char *name, bool at_next_stop, bool *skip)
{
    uint32_t at = map_get(&b->before, key);
    const struct then *then = at == MAP_NONE ? NULL : &b->then[at];

    *skip = false;
    if (c->field == FIELD_VM_OWED)
        return DRIFT_PENDING_START;
    if (came_onto_leaving(b, c, name, then && str_eq(then->change->rule, "V9")))
        return DRIFT_ON_LEAVING;
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

/* P10: what a rollout has not come to is expected until its date; who moved it is told as ever. */
static enum drift_class class_of_turn(const struct build *b, const struct change *c,
                                      enum drift_class class)
{
    const struct plan_rollout *r = &b->plan->rollout;

    if (!r->reason || c->field != FIELD_GPU_COUNT || class != DRIFT_SPEC_CHANGED)
        return class;
    if (b->have->observed_ms < r->mixed_until_ms)
        return DRIFT_PENDING_ROLLOUT;
    return r->done ? DRIFT_NOT_HOMOGENEOUS : class;
}

static struct drift_item *add_change(struct build *b, enum drift_class class, const char *subject,
                                     const char *key, const struct change *c, bool at_next_stop)
{
    struct drift_item *item = add(b, class, subject, key);

    item->counts = item->counts && !at_next_stop;
    item->field = field_words[c->field];
    item->declared = c->want;
    item->now = c->have;
    item->rule = c->rule;
    item->at = c->at;
    return item;
}

static const char *turn_of(struct build *b)
{
    const struct plan_rollout *r = &b->plan->rollout;

    return arena_printf(b->arena, "expected (rollout %s, %s to go, until %s)", r->reason,
                        page_count(b->arena, r->to_go, "node"), r->mixed_until);
}

static void changes(struct build *b)
{
    for (size_t i = 0; i < b->plan->change_count; i++) {
        const struct plan_change *pc = &b->plan->changes[i];
        const char *key = change_key(b, b->have, &pc->change, pc->subject, pc->name);
        bool skip;
        enum drift_class class = class_of(b, &pc->change, key, pc->name, pc->at_next_stop, &skip);
        struct drift_item *item;

        if (skip || waits_for_event(b, pc))
            continue;
        class = class_of_turn(b, &pc->change, class);
        item = add_change(b, class, pc->subject, key, &pc->change, pc->at_next_stop);
        item->repair = class == DRIFT_PENDING_ROLLOUT ? turn_of(b) : repair_of(b, pc);
        item->release = release_of(b, pc);
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
    const char *name = strchr(subject, '/'), *key = problem_key(b, subject, reason);
    struct drift_item *item;

    if (class == DRIFT_CLASSES || map_get(&b->problems_before, key) != MAP_NONE)
        return NULL;
    if (reason == REASON_VM_MISSING && b->out->spec_moved && name &&
        map_get(&b->names_before, name + 1) == MAP_NONE)
        class = DRIFT_SPEC_CHANGED; /* a new row for a VM that does not exist yet */
    item = add(b, class, subject, key);
    item->now = text && *text ? text : row->text;
    item->repair = row->class == CLASS_BLOCKED ? arena_printf(b->arena, "BLOCKED: %s", row->code)
                   : row->class == CLASS_HELD  ? arena_printf(b->arena, "held: %s", row->code)
                   : class == DRIFT_DRIVER_MISMATCH ? "none: drivers are not ours (E6)"
                                                    : "none";
    item->rule = row->rule;
    item->at = *at;
    return item;
}

/* What a GPU was and is: "In pool ml-gpus", "Ready for DDA assignment". */
static void tell_status(struct build *b, struct drift_item *item, uint32_t gpu)
{
    const struct state *then = b->base->have;
    const struct gpu *g = &b->have->gpus[gpu];
    uint32_t node = state_node(then, b->have->nodes[g->node].name);
    uint32_t was = node == NO_INDEX ? NO_INDEX : state_gpu(then, node, g->path);
    const char *declared, *now;

    if (was == NO_INDEX)
        return;
    if (!b->was_held.have) {
        holders_of(b->arena, then, &b->was_held);
        holders_of(b->arena, b->have, &b->is_held);
    }
    declared = gpu_status(b->arena, &b->was_held, was);
    now = gpu_status(b->arena, &b->is_held, gpu);
    if (str_eq(declared, now))
        return;
    item->text = item->now;
    item->field = "status";
    item->declared = declared;
    item->now = now;
}

static void problems(struct build *b)
{
    for (size_t i = 0; i < b->plan->problem_count; i++) {
        const struct problem *p = &b->plan->problems[i];
        struct drift_item *item = add_problem(b, p->subject, p->reason, p->text, &p->at);
        enum reason_class class = reason_rows[p->reason].class;

        if (item && p->kind == SUBJECT_GPU && p->gpu < b->have->gpu_count)
            tell_status(b, item, p->gpu);
        if (item && (class == CLASS_BLOCKED || class == CLASS_HELD))
            item->release = release_text(p->reason, p->release);
    }
}

/* P8: known until a date, whoever moved it. */
static void add_expected(struct build *b, const struct plan_aside *from, const char *key)
{
    struct drift_item *item =
        add_change(b, DRIFT_EXPECTED, from->subject, key, &from->change, from->at_next_stop);

    item->repair = arena_printf(b->arena, "none until %s (%s)", from->until, from->because);
    item->rule = "P8";
    item->at = from->entry_at;
}

static struct drift_item *add_watched(struct build *b, const struct plan_aside *from,
                                      const char *key)
{
    enum drift_class class;
    bool skip;

    if (from->reason != REASON_NONE)
        return add_problem(b, from->subject, from->reason, from->text, &from->change.at);
    class = class_of(b, &from->change, key, from->name, from->at_next_stop, &skip);
    return skip ? NULL
                : add_change(b, class, from->subject, key, &from->change, from->at_next_stop);
}

/* P7, P8: what is seen and not brought about. */
static void asides(struct build *b)
{
    for (size_t i = 0; i < b->plan->aside_count; i++) {
        const struct plan_aside *from = &b->plan->asides[i];
        const char *key = change_key(b, b->have, &from->change, from->subject, from->name);
        struct drift_item *item;

        if (from->why == ASIDE_EXPECTED) {
            add_expected(b, from, key);
            continue;
        }
        item = add_watched(b, from, key);
        if (!item)
            continue;
        item->watched = true;
        if (from->reason == REASON_NONE) /* also what the spec changed: nobody else brings it */
            item->counts = !from->at_next_stop;
        item->repair = "none (manage: detect)";
    }
}

/* What is said of a GPU of the base; ENFORCE for one without a row. */
static enum manage manage_then(const struct build *b, size_t gpu)
{
    uint32_t row = b->base->want->of_gpu[gpu];

    return row == NO_INDEX ? MANAGE_ENFORCE : b->base->want->gpus[row].manage;
}

static const char *place_of(const struct gpu *g)
{
    return g->location_count ? g->locations[0] : g->path;
}

static void add_gone(struct build *b, uint32_t gpu, uint32_t to)
{
    const struct gpu *g = &b->base->have->gpus[gpu];
    struct drift_item *item =
        add(b, to == NO_INDEX ? DRIFT_MISSING : DRIFT_IDENTITY_MOVED,
            arena_printf(b->arena, "gpu/%s",
                         to == NO_INDEX ? gpu_label(b->arena, b->base->have, gpu)
                                        : gpu_label(b->arena, b->have, to)),
            gpu_key(b, b->base->have, gpu, "gone"));
    const char *model = g->model ? g->model : "the GPU";

    item->now = to == NO_INDEX ? arena_printf(b->arena, "%s is gone (%s)", model, place_of(g))
                               : diff_moved_text(b->arena, b->base->have, gpu, b->have, to);
    item->watched = manage_then(b, gpu) == MANAGE_DETECT;
    item->repair = to == NO_INDEX ? "none: a person must look"
                                  : "none: rows and rights that name its path must follow";
    item->rule = "I4";
}

/* Declared GPUs that were there and are gone, or somewhere else, on nodes that answered (I4). */
static void gone(struct build *b)
{
    const struct state *then = b->base->have;
    const uint32_t *moved = state_moved(b->arena, then, b->have);

    for (uint32_t i = 0; b->base->want && i < then->gpu_count; i++) {
        const struct gpu *g = &then->gpus[i];
        uint32_t node = state_node(b->have, then->nodes[g->node].name);

        if (b->base->want->of_gpu[i] == NO_INDEX || node == NO_INDEX ||
            manage_then(b, i) == MANAGE_IGNORE || !b->have->nodes[node].answered ||
            state_gpu(b->have, node, g->path) != NO_INDEX)
            continue;
        add_gone(b, i, moved[i]);
    }
}

/* Was the node of a VM of the base seen today? */
static bool node_seen(const struct build *b, const struct vm *then)
{
    uint32_t node = then->node < b->base->have->node_count
                        ? state_node(b->have, b->base->have->nodes[then->node].name)
                        : NO_INDEX;

    return node != NO_INDEX && b->have->nodes[node].answered;
}

/* I2: a declared name that another VM has now: it was made anew, or restored as a copy. */
static void made_anew(struct build *b)
{
    const struct target *today = b->base->today;

    for (size_t i = 0; today && i < today->vm_count; i++) {
        const struct vm *vm = &b->have->vms[today->vms[i].vm];
        uint32_t at = map_get(&b->names_before, vm->name);
        const struct vm *then = at == MAP_NONE ? NULL : &b->base->have->vms[at];
        enum manage m = today->vms[i].wish->manage.of[PART_VMS];
        struct drift_item *item;

        if (!then || str_same(then->id, vm->id) || m == MANAGE_IGNORE || !node_seen(b, then) ||
            state_vm(b->have, then->id) != NO_INDEX || map_get(&b->ids_before, vm->id) != MAP_NONE)
            continue;
        item = add(b, DRIFT_IDENTITY_MOVED, arena_printf(b->arena, "vm/%s", vm->name),
                   arena_printf(b->arena, "vm/%s|id", vm->name));
        item->now = arena_printf(b->arena, "another VM has this name: it was %s and is %s",
                                 then->id, vm->id);
        item->watched = m == MANAGE_DETECT;
        item->repair = "none: it is taken for the one that is declared; its row can give the id";
        item->rule = "I2";
        item->at = today->vms[i].at;
    }
}

/* "1 partition, 2 devices" */
static const char *held_text(struct build *b, const struct vm *vm)
{
    size_t adapters = vm_adapters(vm), requests = vm_requests(vm);

    if (!requests)
        return page_count(b->arena, adapters, "partition");
    if (!adapters)
        return page_count(b->arena, requests, "device");
    return arena_printf(b->arena, "%s, %s", page_count(b->arena, adapters, "partition"),
                        page_count(b->arena, requests, "device"));
}

static bool holds(const struct vm *vm)
{
    return vm_adapters(vm) || vm_requests(vm);
}

/* M7: in no row, and holding something that it did not hold after the last apply. */
static void unmanaged(struct build *b)
{
    const struct target *today = b->base->today;

    for (uint32_t i = 0; today && i < b->have->vm_count; i++) {
        const struct vm *vm = &b->have->vms[i];
        uint32_t at = map_get(&b->ids_before, vm->id);
        struct drift_item *item;

        if (today->of_vm[i] != NO_INDEX || !holds(vm) ||
            (at != MAP_NONE && holds(&b->base->have->vms[at])))
            continue;
        item = add(b, DRIFT_UNMANAGED, arena_printf(b->arena, "vm/%s", vm->name),
                   arena_printf(b->arena, "vm/%s|unmanaged", vm->name));
        item->now = arena_printf(b->arena, "in no row, holds %s", held_text(b, vm));
        item->repair = "none: it is not ours, and counts for the room on its node";
        item->rule = "M7";
    }
}

/* P8: what is worth saying about the entries of `expected`. */
static void gather_notes(struct build *b)
{
    size_t room = 0;

    for (size_t i = 0; i < b->plan->problem_count; i++) {
        const struct problem *p = &b->plan->problems[i];

        if (p->reason == REASON_NOTE_EXPIRED || p->reason == REASON_NOTE_UNMET)
            *arena_push(b->arena, b->out->notes, b->out->note_count, room) = p;
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

static void sort_items(struct drift *d)
{
    if (d->count)
        qsort(d->items, d->count, sizeof *d->items, compare);
}

/* What the spec changed, expects or does not know does not flap: nobody brings it back. */
void drift_judge(struct drift *d)
{
    for (size_t i = 0; i < d->count; i++) {
        struct drift_item *item = &d->items[i];

        if (drift_rows[item->was].drifts)
            item->class = item->departures >= DRIFT_FLAPS ? DRIFT_FLAPPING : item->was;
    }
    sort_items(d);
}

static void index_change(struct build *b, const char *subject, const char *name,
                         const struct change *c, bool aside)
{
    map_put(&b->before, change_key(b, b->base->have, c, subject, name), (uint32_t)b->then_count);
    *arena_push(b->arena, b->then, b->then_count, b->then_room) = (struct then){c, aside};
}

static void index_problem(struct build *b, const char *subject, enum reason reason)
{
    map_put(&b->problems_before, problem_key(b, subject, reason), 0);
}

/* What differed after the last apply already, set aside or not. */
static void index_base(struct build *b)
{
    const struct plan *then = b->base->plan;

    map_init(&b->before, b->arena, then->change_count + then->aside_count, false);
    map_init(&b->problems_before, b->arena, then->problem_count, false);
    map_init(&b->names_before, b->arena, b->base->have->vm_count, true);
    map_init(&b->ids_before, b->arena, b->base->have->vm_count, true);
    for (size_t i = 0; i < then->change_count; i++)
        index_change(b, then->changes[i].subject, then->changes[i].name, &then->changes[i].change,
                     false);
    for (size_t i = 0; i < then->problem_count; i++)
        index_problem(b, then->problems[i].subject, then->problems[i].reason);
    for (size_t i = 0; i < then->aside_count; i++)
        if (then->asides[i].reason == REASON_NONE)
            index_change(b, then->asides[i].subject, then->asides[i].name, &then->asides[i].change,
                         true);
        else
            index_problem(b, then->asides[i].subject, then->asides[i].reason);
    for (size_t i = 0; i < b->base->have->vm_count; i++) {
        map_put(&b->names_before, b->base->have->vms[i].name, (uint32_t)i);
        map_put(&b->ids_before, b->base->have->vms[i].id, (uint32_t)i);
    }
}

void drift_compute(struct arena *a, const struct plan *plan, const struct state *have,
                   const struct drift_base *base, struct drift *out)
{
    struct build b = {.arena = a, .plan = plan, .have = have, .base = base, .out = out};

    *out = (struct drift){.head = &plan->head,
                          .cluster = plan->head.cluster,
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
    made_anew(&b);
    unmanaged(&b);
    gather_notes(&b);
    sort_items(out);
}
