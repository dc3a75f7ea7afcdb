/*
 * GPUs that leave (V9): which nodes their rows hold, what is over, and what
 * stands in the way of letting go of them.
 */
#include "spec/resolve.h"

enum { LATE_DAYS = 4 };
#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

/* ---- the rows ---- */

static bool is_over(const struct resolve *r, const struct spec_gpu *row)
{
    const struct announced *e =
        r->owed ? ledger_event(r->owed, row->name, row->leaving_by_ms) : NULL;

    return e && e->over_ms != WHEN_NONE;
}

static void hold_node(struct resolve *r, struct target_leaving *l, uint32_t node)
{
    if (node == NO_INDEX)
        return;
    for (size_t i = 0; i < l->node_count; i++)
        if (l->nodes[i] == node)
            return;
    l->nodes[l->node_count++] = node;
    if (r->out->leaving_of[node] == NO_INDEX)
        r->out->leaving_of[node] = (uint32_t)(l - r->out->leaving);
}

/*
 * The nodes that the row names.  Where it names none: those of the GPUs that
 * it finds, and with the card out of an unknown one, every node.
 */
static void hold_nodes(struct resolve *r, struct target_leaving *l)
{
    const struct spec_match *m = &r->spec->gpus[l->row].match;

    l->nodes = arena_array(r->a, uint32_t, r->have->node_count + 1);
    for (size_t i = 0; i < m->node_count; i++)
        hold_node(r, l, resolve_node(r, m->nodes[i]));
    for (uint32_t i = 0; !m->nodes && i < r->have->gpu_count; i++)
        if (r->gpu_row[i] == l->row)
            hold_node(r, l, r->have->gpus[i].node);
    if (!m->nodes && !l->node_count)
        for (uint32_t i = 0; i < r->have->node_count; i++)
            hold_node(r, l, i);
}

void resolve_leaving_nodes(struct resolve *r)
{
    for (size_t i = 0; i < r->out->leaving_count; i++)
        hold_nodes(r, &r->out->leaving[i]);
}

void resolve_leaving(struct resolve *r)
{
    struct target *out = r->out;

    out->leaving = arena_array(r->a, struct target_leaving, r->spec->gpu_count + 1);
    for (uint32_t i = 0; i < r->spec->gpu_count; i++) {
        const struct spec_gpu *row = &r->spec->gpus[i];
        struct target_leaving *l = &out->leaving[out->leaving_count];

        if (row->use != USE_LEAVING)
            continue;
        if (is_over(r, row)) {
            r->row_over[i] = true;
            resolve_cluster_problem(
                r, REASON_NOTE_EVENT_OVER, &row->at,
                arena_printf(r->a, "%s was said to be over: delete row %s", row->name, row->name));
            continue;
        }
        *l = (struct target_leaving){.id = row->name,
                                     .row = i,
                                     .by_ms = row->leaving_by_ms,
                                     .reason = row->leaving_reason,
                                     .moves = row->leaving_moves,
                                     .watched = row->manage != MANAGE_ENFORCE,
                                     .at = row->use_at};
        out->leaving_count++;
    }
}

/* ---- what is on them ---- */

static bool holds_node(const struct target_leaving *l, uint32_t node)
{
    for (size_t i = 0; i < l->node_count; i++)
        if (l->nodes[i] == node)
            return true;
    return false;
}

static struct problem *say(struct resolve *r, const struct target_leaving *l, enum reason reason,
                           const char *text)
{
    return problem_add(&r->out->problems, reason, SUBJECT_GPU, arena_printf(r->a, "gpu/%s", l->id),
                       &l->at, "%s", text);
}

/* A VM that sits on a leaving card, and that must let go of it. */
static void judge_holder(struct resolve *r, const struct target_leaving *l, uint32_t vm)
{
    const char *name = r->have->vms[vm].name;
    uint32_t t = r->out->of_vm[vm];

    if (t == NO_INDEX) { /* M7: never detached */
        say(r, l, REASON_HOLDER,
            arena_printf(r->a, "%s on %s has no row", name,
                         r->have->nodes[r->have->vms[vm].node].name))
            ->release = arena_printf(
            r->a, "the row  - {name: %s, gpu: partition}  or removing its adapter by hand", name);
        return;
    }
    if (r->out->vms[t].wish->manage.of[PART_VMS] != MANAGE_ENFORCE)
        say(r, l, REASON_HOLDER_BLOCKED,
            arena_printf(r->a, "%s sits on it, and is only watched (P7)", name))
            ->release = arena_printf(r->a, "manage: enforce for %s, or moving it by hand", name);
    else if (!r->out->vms[t].refused && r->out->vms[t].wish->use == VM_AS_FOUND &&
             !(r->out->vms[t].wish->move && /* what it has goes with it (M8) */
               target_leaving_moves(r->out, l, r->have, &r->out->vms[t])))
        resolve_vm_problem(r, REASON_LEAVING_AS_FOUND, t, true, NULL,
                           arena_printf(r->a, "it sits on the GPU of row %s", l->id))
            ->release = l->moves ? "gpu: partition, or move: allowed, in its row" : NULL;
    else if (r->out->vms[t].refused)
        say(r, l, REASON_HOLDER_BLOCKED,
            arena_printf(r->a, "%s sits on it, and nothing may be done to it", name));
}

static const char *until_text(struct resolve *r, const struct target_leaving *l)
{
    int64_t left = l->by_ms - r->have->observed_ms;

    return left > 0 ? arena_printf(r->a, "to be empty in %s", duration_human(r->a, left))
                    : arena_printf(r->a, "was to be empty %s ago", duration_human(r->a, -left));
}

/* Not empty, and its date is near or gone. */
static void judge_date(struct resolve *r, const struct target_leaving *l, const char **on,
                       size_t count)
{
    if (count && r->have->observed_ms >= l->by_ms - LATE_DAYS * DAY_MS)
        say(r, l, REASON_WARN_LATE,
            arena_printf(r->a, "%s, and still on it: %s", until_text(r, l),
                         str_ranges(r->a, on, count)));
}

/* VMs that run beside the card. */
struct neighbours {
    const char **names;
    size_t count;
    uint32_t node; /* of the first that may be moved (M8), or NO_INDEX */
    bool nodes;    /* others of them are elsewhere */
};

static void add_neighbour(struct resolve *r, struct neighbours *n, uint32_t v)
{
    const struct vm *vm = &r->have->vms[v];
    uint32_t row = r->out->of_vm[v];
    const struct target_vm *t = row == NO_INDEX ? NULL : &r->out->vms[row];

    n->names[n->count++] = vm->name;
    if (!t || !t->wish->move || t->is_protected || t->wish->manage.of[PART_VMS] != MANAGE_ENFORCE)
        return;
    n->nodes |= n->node != NO_INDEX && n->node != vm->node;
    if (n->node == NO_INDEX)
        n->node = vm->node;
}

/* `names: ..` of all nodes: a drain needs `nodes`, and that lists them all (E5). */
static const char *all_nodes(struct resolve *r)
{
    const char **names = arena_array(r->a, const char *, r->have->node_count + 1);
    struct text t;

    for (size_t i = 0; i < r->have->node_count; i++)
        names[i] = r->have->nodes[i].name;
    text_init(&t, r->a);
    for (const char *c = str_ranges(r->a, names, r->have->node_count); *c; c++)
        text_printf(&t, "%s%c", *c == ' ' ? "," : "", *c);
    return text_done(&t);
}

/* What would move them: the way to write it. */
static const char *drain_text(struct resolve *r, const struct neighbours *n)
{
    const char *name = n->node == NO_INDEX ? "" : r->have->nodes[n->node].name;

    if (n->node == NO_INDEX)
        return "";
    if (n->nodes)
        return "; with state: drained on their nodes, in `nodes`, they are moved";
    if (r->spec->nodes)
        return arena_printf(r->a, "; with {name: %s, state: drained} in `nodes` they are moved",
                            name);
    return arena_printf(r->a,
                        "; with nodes: [{names: [%s]}, {name: %s, state: drained}] they are moved",
                        all_nodes(r), name);
}

/* What runs beside it on its node goes off with the node when the card is pulled. */
static void judge_neighbours(struct resolve *r, const struct target_leaving *l,
                             const struct neighbours *n)
{
    if (n->count)
        say(r, l, REASON_WARN_NEIGHBOURS,
            arena_printf(r->a,
                         "on the same server, and to be stopped or moved before its card is "
                         "pulled: %s%s",
                         str_ranges(r->a, n->names, n->count), drain_text(r, n)));
}

static void judge_vms(struct resolve *r, const struct target_leaving *l)
{
    const char **on = arena_array(r->a, const char *, r->have->vm_count + 1);
    struct neighbours stay = {.names = arena_array(r->a, const char *, r->have->vm_count + 1),
                              .node = NO_INDEX};
    size_t on_count = 0;

    for (uint32_t v = 0; v < r->have->vm_count; v++) {
        const struct vm *vm = &r->have->vms[v];
        const struct target_leaving *under;

        if (!holds_node(l, vm->node))
            continue;
        under = target_leaving_under(r->out, r->have, vm);
        if (under == l) {
            on[on_count++] = vm->name;
            if (!l->watched)
                judge_holder(r, l, v);
        } else if (!under && !r->out->drained[vm->node] && vm->power == POWER_RUNNING &&
                   (vm_adapters(vm) || vm_requests(vm))) {
            add_neighbour(r, &stay, v);
        }
    }
    judge_date(r, l, on, on_count);
    judge_neighbours(r, l, &stay);
}

/* A whole device leaves by its pool and its VMs; `leaving` is about partitions. */
static void judge_devices(struct resolve *r)
{
    for (uint32_t t = 0; t < r->out->gpu_count; t++) {
        const struct target_gpu *want = &r->out->gpus[t];
        const struct gpu *g = &r->have->gpus[want->gpu];

        if (want->use == USE_LEAVING && (g->state == GPU_DISMOUNTED || g->state == GPU_DISABLED))
            resolve_gpu_problem(r, REASON_LEAVING_DEVICE, t, true,
                                arena_printf(r->a, "%s is set aside as a device",
                                             gpu_label(r->a, r->have, want->gpu)));
    }
}

static const char *node_names(struct resolve *r, const struct target_leaving *l)
{
    const char **names = arena_array(r->a, const char *, l->node_count + 1);

    for (size_t i = 0; i < l->node_count; i++)
        names[i] = r->have->nodes[l->nodes[i]].name;
    return str_ranges(r->a, names, l->node_count);
}

/* What only a person can do (E6), and what nobody can see (I4). */
static void say_by_hand(struct resolve *r, const struct target_leaving *l)
{
    say(r, l, REASON_BY_HAND_SWAP,
        arena_printf(r->a,
                     "when it is empty: drain and power off %s, swap the card, power on; then "
                     "delete row %s, or: hvgpu event over %s",
                     node_names(r, l), l->id, l->id));
    say(r, l, REASON_NOTE_SAME_CARD,
        arena_printf(r->a, "row %s holds its node until it is deleted, or: hvgpu event over %s",
                     l->id, l->id));
}

void resolve_leaving_vms(struct resolve *r)
{
    judge_devices(r);
    for (size_t i = 0; i < r->out->leaving_count; i++) {
        judge_vms(r, &r->out->leaving[i]);
        say_by_hand(r, &r->out->leaving[i]);
    }
}
