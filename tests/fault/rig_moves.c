/*
 * The laws of moves, on the truth: what we order at the moment that we order
 * it, and where everybody is at every instant and at the end.
 */
#include "rig_moves.h"

#include "base/str.h"

static struct rig_power *known(const struct rig *r, const char *id)
{
    for (size_t i = 0; i < r->first.vm_count; i++)
        if (str_same(r->power[i].vm, id))
            return &r->power[i];
    return NULL;
}

static const char *node_of(const struct state *s, uint32_t vm)
{
    return vm == NO_INDEX || s->vms[vm].node >= s->node_count ? NULL
                                                              : s->nodes[s->vms[vm].node].name;
}

static void note_target(struct rig *r, const char *vm, const char *node)
{
    struct rig_power *p = known(r, vm);

    if (p)
        p->live = p->runs;
    *arena_push(r->arena, r->moves, r->move_count, r->move_room) =
        (struct rig_move){arena_strdup(r->arena, vm), arena_strdup(r->arena, node)};
}

void moves_open(struct rig *r)
{
    for (size_t i = 0; i < r->first.vm_count; i++)
        r->power[i].home = node_of(&r->world.now, state_vm(&r->world.now, r->power[i].vm));
    for (size_t i = 0; i < r->world.job_count; i++)
        if (r->world.jobs[i].phase == JOB_MOVE)
            note_target(r, r->world.jobs[i].action.subject, r->world.jobs[i].action.object);
    for (size_t i = 0; i < r->landing_count; i++) {
        const struct action *a = &r->landings[i].action;
        struct rig_power *p = a->verb == VERB_VM_START ? known(r, a->subject) : NULL;

        if (a->verb == VERB_VM_MOVE)
            note_target(r, a->subject, a->object);
        if (p)
            p->started = true;
    }
}

/* For somebody's word, a window or a budget: the others of its node do not wait for that (M8). */
static bool waits(const struct plan_group *g)
{
    return g->gate == GATE_HELD || (g->gate == GATE_BLOCKED &&
                                    (g->reason == REASON_BUDGET || g->reason == REASON_REMOVALS ||
                                     g->reason == REASON_NEVER_OPEN));
}

void moves_plan(struct rig *r, const struct plan *plan)
{
    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t m = 0; m < plan->groups[g].member_count; m++) {
            struct rig_power *p = known(r, plan->groups[g].members[m].id);

            if (p)
                p->held |= waits(&plan->groups[g]);
        }
    for (size_t i = 0; i < r->want->vm_count; i++) {
        struct rig_power *p = known(r, r->seen->vms[r->want->vms[i].vm].id);

        if (p)
            p->named = r->want->vms[i].goes_to != NO_INDEX;
    }
}

/* ---- what is ordered ---- */

static bool is_live(const struct action *a)
{
    return a->verb == VERB_VM_MOVE && a->value[0] == MOVE_LIVE;
}

/* A group that is put back takes its VMs home, whatever home is by now. */
static bool goes_back(const struct rig *r, const char *vm)
{
    for (size_t g = 0; g < r->memory.group_count; g++)
        for (size_t m = 0; m < r->memory.groups[g].member_count; m++)
            if (str_same(r->memory.groups[g].members[m].id, vm))
                return r->memory.groups[g].direction == BACK;
    return false;
}

/* Law 5: its row says so, and nobody said hands off (P2, P7). */
static const char *not_allowed(const struct rig *r, const char *id)
{
    uint32_t vm = state_vm(r->seen, id), row = vm == NO_INDEX ? NO_INDEX : r->want->of_vm[vm];
    const struct target_vm *t = row == NO_INDEX ? NULL : &r->want->vms[row];

    if (!t)
        return "it is not declared";
    if (!t->wish->move)
        return "its row does not say move";
    if (t->is_protected)
        return "it is protected";
    return t->wish->manage.of[PART_VMS] != MANAGE_ENFORCE ? "it is only watched" : NULL;
}

/* M8: where nobody is moved to. */
static const char *not_there(const struct rig *r, const char *name)
{
    uint32_t node = state_node(r->seen, name);

    if (node == NO_INDEX || r->seen->nodes[node].state != NODE_UP)
        return "is not up";
    if (r->want->drained[node])
        return "is to be empty";
    return target_leaving_on(r->want, node) ? "has a GPU that leaves" : NULL;
}

static bool same_partitions(const struct gpu *a, const struct gpu *b)
{
    for (int i = 0; i < QUOTA_KINDS; i++)
        if (!num_eq(a->min[i], b->min[i]) || !num_eq(a->max[i], b->max[i]) ||
            !num_eq(a->optimal[i], b->optimal[i]))
            return false;
    return num_eq(a->count, b->count) && str_eq(a->pci, b->pci);
}

static bool is_old(const struct node *n)
{
    return !n->build.known || n->build.value < 26100;
}

/* M1, read once more and on the truth: why this VM cannot go there running. */
static const char *not_live(const struct state *s, const struct vm *vm, uint32_t node)
{
    if (vm->power != POWER_RUNNING)
        return "it does not run";
    if (vm_requests(vm))
        return "it has a whole device (D7)";
    if (vm_adapters(vm) && (is_old(&s->nodes[vm->node]) || is_old(&s->nodes[node])))
        return "a build is too old";
    for (size_t i = 0; i < vm->adapter_count; i++) {
        const struct adapter *ad = &vm->adapters[i];
        uint32_t on = ad->of_checkpoint ? NO_INDEX : state_gpu(s, vm->node, ad->seen);

        if (ad->of_checkpoint)
            continue;
        if (ad->pin || ad->outgoing_migration != TRI_YES || on == NO_INDEX)
            return "its partition cannot leave";
        for (size_t g = 0; g < s->gpu_count; g++)
            if (s->gpus[g].node == node && s->gpus[g].state == GPU_PARTITIONED &&
                (s->gpus[g].incoming_migration != TRI_YES ||
                 !same_partitions(&s->gpus[on], &s->gpus[g])))
                return "a GPU over there does not take it";
    }
    return NULL;
}

/* A live move of ours under way: `vm` from `from` to `to`. */
typedef bool (*way_fn)(const char *vm, const char *from, const char *to, const struct action *a);

static bool under_way(const struct rig *r, way_fn touches, const struct action *a)
{
    for (size_t i = 0; i < r->world.job_count; i++) {
        const struct action *b = &r->world.jobs[i].action;

        if (r->world.jobs[i].phase == JOB_MOVE &&
            touches(b->subject, node_of(&r->world.now, state_vm(&r->world.now, b->subject)),
                    b->object, a))
            return true;
    }
    for (size_t i = 0; i < r->landing_count; i++) {
        const struct action *b = &r->landings[i].action;

        if (is_live(b) && touches(b->subject, b->node, b->object, a))
            return true;
    }
    return false;
}

static bool same_vm(const char *vm, const char *from, const char *to, const struct action *a)
{
    (void)from;
    (void)to;
    return str_same(vm, a->subject);
}

/* Another one from or to a node of this one; the same again is a second try. */
static bool same_node(const char *vm, const char *from, const char *to, const struct action *a)
{
    return !str_same(vm, a->subject) && (str_same(from, a->node) || str_same(from, a->object) ||
                                         str_same(to, a->node) || str_same(to, a->object));
}

static bool on_node(const char *vm, const char *from, const char *to, const struct action *a)
{
    (void)vm;
    return str_same(from, a->node) || str_same(to, a->node);
}

static const char *move_ordered(struct rig *r, const struct action *a)
{
    const struct state *now = &r->world.now;
    uint32_t vm = state_vm(now, a->subject);
    const char *why = not_allowed(r, a->subject);

    note_target(r, a->subject, a->object);
    if (why)
        return arena_printf(r->arena, "vm/%s is moved: %s (M8, law 5)", a->subject, why);
    if (is_live(a) && under_way(r, same_node, a))
        return arena_printf(r->arena, "two live moves from or to a node of vm/%s's (M1)",
                            a->subject);
    if (goes_back(r, a->subject))
        return NULL;
    why = not_there(r, a->object);
    if (why)
        return arena_printf(r->arena, "vm/%s is moved, but %s %s (M8)", a->subject, a->object, why);
    if (is_live(a) && vm != NO_INDEX && !under_way(r, same_vm, a) &&
        !str_same(node_of(now, vm), a->object))
        why = not_live(now, &now->vms[vm], state_node(now, a->object));
    return why ? arena_printf(r->arena, "vm/%s is moved live: %s (M1)", a->subject, why) : NULL;
}

const char *moves_ordered(struct rig *r, const struct action *a)
{
    struct rig_power *p = known(r, a->subject);

    if (p && a->verb == VERB_VM_START)
        p->started = true;
    if (p && a->verb == VERB_VM_STOP)
        p->live = false;
    if (a->verb == VERB_VM_MOVE)
        return move_ordered(r, a);
    if (a->verb == VERB_VM_STOP && under_way(r, same_vm, a))
        return arena_printf(r->arena, "vm/%s is stopped while we move it live (M1)", a->subject);
    if (a->verb == VERB_GPU_COUNT && under_way(r, on_node, a))
        return arena_printf(r->arena, "a count of %s changes under a live move (M1)", a->node);
    return NULL;
}

/* ---- live moves that break ---- */

void moves_recorded(struct rig *r, const struct commit *c)
{
    for (size_t i = 0; c->kind == COMMIT_OPEN && i < c->change_count; i++)
        for (size_t m = 0; c->changes[i].op == LEDGER_GROUP && m < c->changes[i].group.member_count;
             m++) {
            struct rig_power *p = known(r, c->changes[i].group.members[m].id);

            if (p)
                p->opened_at = r->call_count;
        }
}

void moves_broken(struct rig *r)
{
    for (size_t i = 0; i < r->first.vm_count; i++) {
        struct rig_power *p = &r->power[i];
        uint32_t at = state_vm(&r->world.now, p->vm);
        const struct debt *d = ledger_debt(&r->memory, p->vm);

        if (at == NO_INDEX)
            continue;
        p->broke =
            (p->broke || (p->live && p->runs)) && r->world.now.vms[at].power != POWER_RUNNING;
        if (!p->broke)
            p->broke_at = 0;
        else if (!p->broke_at && d && d->phase != DEBT_STOPPING)
            p->broke_at = r->call_count;
    }
}

bool moves_broke(const struct rig *r, const char *vm)
{
    const struct rig_power *p = known(r, vm);

    return p && p->broke;
}

bool moves_begun_beside(const struct rig *r)
{
    size_t known_at = SIZE_MAX;

    for (size_t i = 0; i < r->first.vm_count; i++)
        if (r->power[i].broke_at && r->power[i].broke_at < known_at)
            known_at = r->power[i].broke_at;
    for (size_t i = 0; i < r->first.vm_count; i++) {
        const struct rig_power *p = &r->power[i];
        uint32_t at = state_vm(&r->world.now, p->vm);

        if (!p->broke && p->opened_at > known_at && r->first.vms[i].power == POWER_RUNNING &&
            at != NO_INDEX && r->world.now.vms[at].power != POWER_RUNNING)
            return true;
    }
    return false;
}

/* ---- where everybody is ---- */

static bool was_sent(const struct rig *r, const char *vm, const char *node)
{
    for (size_t i = 0; i < r->move_count; i++)
        if (str_same(r->moves[i].vm, vm) && str_same(r->moves[i].node, node))
            return true;
    return false;
}

/* Nobody is anywhere but where it was, where we sent it, or where the cluster started it. */
const char *moves_instant(struct rig *r)
{
    for (size_t i = 0; i < r->first.vm_count; i++) {
        const struct rig_power *p = &r->power[i];
        const char *node = node_of(&r->world.now, state_vm(&r->world.now, p->vm));

        if (node && p->home && !p->started && !str_same(node, p->home) && !was_sent(r, p->vm, node))
            return arena_printf(r->arena, "vm/%s is on %s, and nobody sent it there (law 5)",
                                r->first.vms[i].name, node);
    }
    return NULL;
}

/* M8: of a node that shall be empty all VMs with a GPU went, or none did. */
static const char *half_empty(struct rig *r, const struct state *have, const char *node)
{
    const char *went = NULL, *stays = NULL;

    for (size_t i = 0; i < r->first.vm_count; i++) {
        const struct rig_power *p = &r->power[i];
        uint32_t vm = state_vm(have, p->vm);

        if (vm == NO_INDEX || p->named || !str_same(p->home, node))
            continue;
        if (!str_same(node_of(have, vm), node))
            went = have->vms[vm].name;
        else if (!p->held && vm_adapters(&have->vms[vm]) + vm_requests(&have->vms[vm]))
            stays = have->vms[vm].name;
    }
    return went && stays
               ? arena_printf(r->arena, "vm/%s left %s, and vm/%s stays (M8)", went, node, stays)
               : NULL;
}

const char *moves_end(struct rig *r, const struct target *want, const struct state *have)
{
    const char *why = NULL;

    if (r->mishap_count || r->resumed || r->never.verb != VERB_NONE || r->hopeless || r->put_back ||
        r->degraded || r->stuck || r->files->spec.policy.calendar.allow_count)
        return NULL; /* what broke stays behind, and a window ends for whoever comes later (P3) */
    for (size_t i = 0; !why && i < have->node_count; i++)
        if (want->drained[i])
            why = half_empty(r, have, have->nodes[i].name);
    return why;
}
