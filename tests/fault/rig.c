#include "rig.h"

#include "base/str.h"
#include "base/when.h"
#include "compare.h"
#include "rig_moves.h"
#include "rig_wmi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_PASSES = 12,
    MOST_CALLS = 20000,
    LANDS_AFTER_MS = 20000, /* within every deadline: the protocol's one assumption about time */
    BETWEEN_PASSES_MS = 60000
};

const char *const mishap_words[MISHAP_KINDS] = {
    "nothing",
    "refused",
    "answer lost, not done",
    "answer lost, done",
    "lands later",
    "OK, but not done",
    "error, but done",
    "dies before sending",
    "dies, done",
    "dies, lands later",
    "look fails",
    "dies at a look",
    "store is lost",
    "dies unrecorded",
    "dies recorded",
};

enum call_kind mishap_call(enum mishap_kind kind)
{
    if (kind >= MISHAP_STORE_LOST)
        return CALL_RECORD;
    return kind >= MISHAP_BLIND ? CALL_LOOK : CALL_PERFORM;
}

static void broken(struct rig *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void broken(struct rig *r, const char *fmt, ...)
{
    va_list ap;

    if (r->broken)
        return;
    va_start(ap, fmt);
    r->broken = arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
}

/*
 * Broken for good: a VM that never starts, or one that runs and could not be
 * started again as it was found (dynamic memory under a partition, say).
 */
static bool starts_again(struct arena *a, const struct world *from, uint32_t vm)
{
    struct world w;

    if (from->sim && from->sim[vm].never_starts)
        return false;
    if (from->now.vms[vm].power != POWER_RUNNING)
        return true;
    world_copy(a, from, &w);
    w.arena = a;
    w.fault_count = 0;
    world_person_power(&w, vm, false);
    world_person_power(&w, vm, true);
    return w.now.vms[vm].power == POWER_RUNNING;
}

void rig_open(struct arena *a, const struct case_files *files, const struct mishap *mishaps,
              size_t count, struct rig *out)
{
    struct err e;

    *out = (struct rig){.arena = a,
                        .files = files,
                        .mishaps = mishaps,
                        .mishap_count = count,
                        .never = {VERB_NONE, NULL}};
    world_copy(a, &files->world, &out->world);
    out->world.arena = a;
    out->world.fault_count = 0; /* the mishaps are ours */
    for (uint32_t i = 0; i < out->world.now.vm_count; i++)
        out->hopeless |= !starts_again(a, &files->world, i);
    if (!world_observe(&out->world, a, NO_INDEX, &out->first, &e))
        broken(out, "the first look failed: %s", e.text);
    else
        state_sort(&out->first, a);
    world_own_texts(a, &out->first);
    out->disk.next_group = 1;
    out->power = arena_array(a, struct rig_power, out->world.now.vm_count + 1);
    for (size_t i = 0; i < out->world.now.vm_count; i++)
        out->power[i] = (struct rig_power){.vm = out->first.vms[i].id,
                                           .runs = out->first.vms[i].power == POWER_RUNNING};
    moves_open(out);
}

void rig_resume(struct arena *a, const struct case_files *files, const struct state *first,
                const struct world *world, const struct ledger *disk,
                const struct landing *landings, size_t landing_count, struct rig *out)
{
    *out = (struct rig){
        .arena = a, .files = files, .first = *first, .never = {VERB_NONE, NULL}, .resumed = true};
    world_copy(a, world, &out->world);
    out->world.arena = a;
    ledger_copy(a, disk, &out->disk);
    for (size_t i = 0; i < landing_count; i++)
        *arena_push(a, out->landings, out->landing_count, out->landing_room) = landings[i];
    out->power = arena_array(a, struct rig_power, first->vm_count + 1);
    for (size_t i = 0; i < first->vm_count; i++) {
        uint32_t at = state_vm(&out->world.now, first->vms[i].id);

        out->power[i] = (struct rig_power){.vm = first->vms[i].id,
                                           .runs = at != NO_INDEX &&
                                                   out->world.now.vms[at].power == POWER_RUNNING};
    }
    moves_open(out);
}

static int64_t now_of(const struct rig *r)
{
    return r->world.now.observed_ms;
}

static void tell(const struct rig *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void tell(const struct rig *r, const char *fmt, ...)
{
    va_list ap;

    if (!r->tell)
        return;
    printf("# %8.1f s  call %3zu  ", (double)(now_of(r) - r->files->world.now.observed_ms) / 1000,
           r->call_count);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
}

/* ---- laws of every instant ---- */

static bool ran(const struct rig *r, const struct vm *vm)
{
    uint32_t i = state_vm(&r->first, vm->id);

    return i != NO_INDEX && r->first.vms[i].power == POWER_RUNNING;
}

/* Did a row of the spec say this VM at the first look?  Its node may have stopped answering since.
 */
static bool was_declared(struct rig *r, const struct vm *vm)
{
    uint32_t i = state_vm(&r->first, vm->id);
    struct target want = {0};

    if (i == NO_INDEX)
        return false;
    spec_resolve_owed(r->arena, &r->files->spec, &r->first, &r->disk, &want);
    return want.of_vm[i] != NO_INDEX;
}

static void check_law(struct rig *r, const char *why)
{
    if (why)
        broken(r, "%s", why);
}

/* Law 13: no group stops a VM twice; only the start that a dead store could not record is lost. */
static void check_once(struct rig *r)
{
    for (size_t i = 0; i < r->first.vm_count; i++) {
        struct rig_power *p = &r->power[i];
        uint32_t at = state_vm(&r->world.now, p->vm);
        bool runs = at != NO_INDEX && r->world.now.vms[at].power == POWER_RUNNING;
        uint64_t by = 0;

        for (size_t g = 0; g < r->memory.group_count; g++)
            for (size_t m = 0; m < r->memory.groups[g].member_count; m++)
                if (str_same(r->memory.groups[g].members[m].id, p->vm))
                    by = r->memory.groups[g].id;
        if (p->runs && !runs && by) {
            if (p->stopped_by == by && !r->store_failed && !r->hopeless)
                broken(r, "vm/%s is stopped twice by one group (law 13)", r->first.vms[i].name);
            p->stopped_by = by;
        }
        p->runs = runs;
    }
}

/*
 * Law 11.  A live move interrupts nobody by what we know when it begins (M8):
 * for one that breaks (`broke` of `all`) what is open is finished, and nothing
 * is begun beside it (P4).
 */
static bool too_many(const struct rig *r, size_t all, size_t broke, uint32_t most)
{
    return most && all > most && (all - broke > most || moves_begun_beside(r));
}

/* Law 11: of the nodes that may be disturbed at once, no more are. */
static void check_nodes(struct rig *r)
{
    enum { NOBODY, BROKE, STOPPED };
    const struct policy *policy = &r->files->spec.policy;
    char off[LIMIT_COUNTS + 64] = {NOBODY};
    size_t nodes = 0, broke = 0;

    for (size_t i = 0; i < r->first.vm_count && policy_nodes(policy); i++) {
        const struct vm *was = &r->first.vms[i];
        uint32_t at = state_vm(&r->world.now, was->id);

        if (was->power != POWER_RUNNING || at == NO_INDEX ||
            r->world.now.vms[at].power == POWER_RUNNING || r->hopeless ||
            was->node >= sizeof off / sizeof *off)
            continue;
        if (!ledger_debt(&r->memory, was->id))
            continue; /* off by declaration, its group is done */
        if (!r->power[i].broke)
            off[was->node] = STOPPED;
        else if (off[was->node] == NOBODY)
            off[was->node] = BROKE;
    }
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
        nodes += off[i] != NOBODY;
        broke += off[i] == BROKE;
    }
    if (too_many(r, nodes, broke, policy_nodes(policy)))
        broken(r, "%zu nodes are disturbed at once, %u may be (P4, law 11)", nodes,
               policy_nodes(policy));
}

/* P3: what waits for a window was stopped by a group that was opened in one. */
static void check_window(struct rig *r, const struct vm *vm, const struct vm_wish *wish)
{
    const struct debt *d = ledger_debt(&r->memory, vm->id);
    const struct group *g = d ? ledger_group(&r->memory, d->group) : NULL;
    struct opening o;

    if (g && d->found_running && wish_waits_for_window(wish) &&
        (!calendar_next(&r->files->spec.policy.calendar, g->opened_ms, &o) ||
         o.from_ms > g->opened_ms))
        broken(r, "vm/%s was stopped by a group that was opened outside its window (P3)", vm->name);
}

/* P1 to P4 and "ours only" (laws 5 and 11), on the truth and not on what anybody looked at. */
static void check_instant(struct rig *r, const struct target *want, const struct state *have)
{
    const struct policy *policy = &r->files->spec.policy;
    size_t off = 0, broke = 0;

    moves_broken(r);
    for (size_t i = 0; i < r->world.now.vm_count; i++) {
        const struct vm *vm = &r->world.now.vms[i];
        uint32_t seen = state_vm(have, vm->id);
        uint32_t row = seen == NO_INDEX ? NO_INDEX : want->of_vm[seen];

        if (vm->power == POWER_RUNNING || !ran(r, vm))
            continue;
        if (row == NO_INDEX) {
            if (seen != NO_INDEX || !was_declared(r, vm))
                broken(r, "vm/%s is not declared and was stopped (law 5)", vm->name);
            off += seen == NO_INDEX;
            continue;
        }
        if (want->vms[row].is_protected)
            broken(r, "vm/%s is protected and was stopped (P2)", vm->name);
        if (!moves_broke(r, vm->id)) /* a live move needs no window (M8) */
            check_window(r, vm, want->vms[row].wish);
        if (want->vms[row].wish->power == POWER_WISH_STOPPED)
            continue;
        off++;
        broke += moves_broke(r, vm->id);
    }
    if (too_many(r, off, broke, policy_vms(policy)))
        broken(r, "%zu VMs are off at once, %u may be (P4, law 11)", off, policy_vms(policy));
    check_nodes(r);
    check_once(r);
    check_law(r, moves_instant(r));
}

/* ---- the driver ---- */

static const struct mishap *mishap_here(struct rig *r, enum call_kind kind, const struct order *o)
{
    size_t at = r->call_count;

    if (r->at_call)
        r->at_call(r, o);

    *arena_push(r->arena, r->calls, r->call_count, r->call_room) = kind;
    for (size_t i = 0; i < r->mishap_count; i++)
        if (r->mishaps[i].at == at && mishap_call(r->mishaps[i].kind) == kind)
            return &r->mishaps[i];
    return NULL;
}

/* Time passes; effects that were on their way land at their moment. */
static void advance(struct rig *r, int64_t until_ms)
{
    for (;;) {
        struct landing *first = NULL;
        struct err e;

        for (size_t i = 0; i < r->landing_count; i++)
            if (r->landings[i].at_ms <= until_ms && (!first || r->landings[i].at_ms < first->at_ms))
                first = &r->landings[i];
        if (!first)
            break;
        world_advance(&r->world, first->at_ms);
        world_perform(&r->world, &first->action, &e);
        *first = r->landings[--r->landing_count];
    }
    world_advance(&r->world, until_ms);
}

static void land_later(struct rig *r, const struct action *action)
{
    struct landing *l = arena_push(r->arena, r->landings, r->landing_count, r->landing_room);
    struct action *mine = &l->action;

    *mine = *action;
    mine->node = arena_strdup(r->arena, action->node);
    mine->subject = arena_strdup(r->arena, action->subject);
    mine->object = action->object ? arena_strdup(r->arena, action->object) : NULL;
    mine->location = action->location ? arena_strdup(r->arena, action->location) : NULL;
    mine->pin = action->pin ? arena_strdup(r->arena, action->pin) : NULL;
    if (action->limits) {
        struct limits *limits = arena_new(r->arena, struct limits);

        *limits = *action->limits;
        mine->limits = limits;
    }
    l->at_ms = now_of(r) + LANDS_AFTER_MS;
}

static bool does_effect(enum mishap_kind kind)
{
    return kind == MISHAP_NONE || kind == MISHAP_LOST_DONE || kind == MISHAP_DENIED ||
           kind == MISHAP_DIES_DONE;
}

static bool cannot_be_asked(const struct rig *r, const struct action *a)
{
    uint32_t vm = a->verb == VERB_VM_STOP ? state_vm(&r->world.now, a->subject) : NO_INDEX;

    return vm != NO_INDEX && r->world.now.vms[vm].can_shut_down == TRI_NO;
}

/* Over WMI an answer is lost as it is there: the call breaks off, and the provider says so. */
static enum sim_answer perform_over(struct rig *r, const struct action *a, enum mishap_kind kind,
                                    struct err *e)
{
    const enum rig_break wanted = kind == MISHAP_LOST        ? BREAKS_UNSENT
                                  : kind == MISHAP_LOST_DONE ? BREAKS_DONE
                                                             : BREAKS_NOT;
    enum rig_break left = wanted;
    enum sim_answer answer = rig_wmi_perform(r->arena, &r->wmi, &r->world, a, &left, e);

    r->broke_off += wanted != left;
    if (wanted != left && answer != SIM_LOST)
        broken(r, "%s on %s: a call without an answer is told as one with it",
               verb_rows[a->verb].word, a->subject);
    return answer;
}

static void perform(struct rig *r, const struct order *o, struct event *out)
{
    const struct mishap *m = mishap_here(r, CALL_PERFORM, o);
    enum mishap_kind kind = m ? m->kind : MISHAP_NONE;
    enum sim_answer answer = SIM_ACCEPTED;
    struct err *e = arena_new(r->arena, struct err);

    *out = (struct event){.kind = EVENT_ANSWERED, .ticket = o->ticket, .node = o->node};
    r->performed++;
    check_law(r, moves_ordered(r, &o->action));
    if (r->never.verb == o->action.verb && str_same(r->never.subject, o->action.subject))
        kind = MISHAP_REFUSED;
    if (rig_through_wmi && (does_effect(kind) || kind == MISHAP_LOST))
        answer = perform_over(r, &o->action, kind, e);
    else if (does_effect(kind))
        answer = world_perform(&r->world, &o->action, e);
    if (kind == MISHAP_LATER || kind == MISHAP_DIES_LATER)
        land_later(r, &o->action);
    out->done = answer == SIM_DONE;
    if (answer == SIM_REFUSED && kind == MISHAP_NONE) {
        out->err = e;
        /* A clean plan asks for nothing that the platform refuses, but for a guest that cannot
           be asked: that is found out by asking (S9). */
        if (!r->mishap_count && r->never.verb == VERB_NONE && !r->resumed &&
            !cannot_be_asked(r, &o->action))
            broken(r, "%s on %s is refused: %s", verb_rows[o->action.verb].word, o->action.subject,
                   e->text);
    }
    if (kind == MISHAP_REFUSED || kind == MISHAP_DENIED) {
        err_set(e, ERR_REFUSED, 32768, "failed, for the test");
        out->err = e;
    }
    tell(r, "perform %s %s %s%s%s: %s", verb_rows[o->action.verb].word, o->action.subject,
         mishap_words[kind], out->err ? ", refused: " : "", out->err ? out->err->text : "",
         out->done ? "done" : "accepted");
    if (kind == MISHAP_LOST || kind == MISHAP_LOST_DONE || kind == MISHAP_LATER)
        out->kind = EVENT_LATE;
    r->dead = kind == MISHAP_DIES_UNSENT || kind == MISHAP_DIES_DONE || kind == MISHAP_DIES_LATER;
}

static void look(struct rig *r, struct arena *a, const struct order *o, const struct state **have,
                 struct event *out)
{
    const struct mishap *m = mishap_here(r, CALL_LOOK, o);
    struct state *part = arena_new(a, struct state), *whole = arena_new(a, struct state);
    struct err *e = arena_new(a, struct err);

    *out = (struct event){.kind = EVENT_SEEN, .node = o->node};
    tell(r, "look at %d", (int)o->node);
    if (m && m->kind == MISHAP_DIES_LOOKING)
        r->dead = true;
    if (m)
        err_set(e, ERR_BUSY, 0, "does not answer, for the test");
    if (m || !world_observe(&r->world, a, o->node, part, e)) {
        out->kind = EVENT_UNSEEN;
        out->err = e;
        return;
    }
    state_sort(part, a);
    if (o->node == NO_INDEX)
        whole = part;
    else
        state_splice(a, *have, part, o->node, whole);
    *have = out->seen = whole;
}

static void tell_record(const struct rig *r, const struct commit *c)
{
    static const char *const KINDS[] = {"open", "intent", "settle", "flip", "close", "note"};

    tell(r, "record %s, %zu changes%s", KINDS[c->kind], c->change_count, c->sync ? ", sync" : "");
    for (size_t i = 0; r->tell && i < c->change_count; i++) {
        const struct ledger_change *x = &c->changes[i];

        if (x->op == LEDGER_DEBT || x->op == LEDGER_DEBT_GONE)
            printf("#      debt of %s: %s, phase %d\n", x->debt.vm,
                   x->op == LEDGER_DEBT ? "put" : "gone", (int)x->debt.phase);
        else if (x->op == LEDGER_GROUP)
            printf("#      group %d: %s%s %s\n", (int)x->group.id,
                   x->group.direction == BACK ? "back" : "forward",
                   x->group.committed ? ", committed" : "", x->group.reason ? x->group.reason : "");
        else
            printf("#      op %d\n", (int)x->op);
    }
}

static void record(struct rig *r, const struct order *o, struct event *out)
{
    const struct mishap *m = mishap_here(r, CALL_RECORD, o);

    *out = (struct event){.kind = EVENT_RECORDED};
    tell_record(r, &o->commit);
    if (m && m->kind == MISHAP_STORE_LOST) {
        r->store_failed = true;
        out->kind = EVENT_STORE_LOST;
        r->store_was_lost = true;
        return;
    }
    if (!m || m->kind == MISHAP_DIES_RECORDED) {
        ledger_apply(r->arena, &r->memory, &o->commit);
        moves_recorded(r, &o->commit);
        if (o->commit.sync)
            ledger_copy(r->arena, &r->memory, &r->disk);
    }
    r->dead = m != NULL;
}

/* After the loss of the store the next pass has the word: it knows what is on disk. */
static void count_outcome(struct rig *r, const struct outcome *o)
{
    r->store_lost = o->store_lost;
    if (o->resumed)
        r->run_groups = 1; /* it only finished what a dead run left: the plan is yet to be made */
    if (o->store_lost)
        return;
    r->put_back += o->put_back;
    r->degraded += o->degraded;
    r->stuck += o->stuck;
}

/* One process: from the plan to rest or to its death. */
static void turns(struct rig *r, struct arena *a, struct run *run, const struct target *want,
                  const struct state *first)
{
    const struct state *have = first; /* merged with each look; `want` points into `first` */

    ledger_copy(r->arena, &r->disk, &r->memory);
    for (size_t n = 0; !r->dead; n++) {
        struct order o;
        struct event e;
        int64_t until;

        if (n > MOST_CALLS) {
            broken(r, "does not come to rest (law 14)");
            return;
        }
        run_next(run, now_of(r), &o);
        switch (o.kind) {
        case ORDER_RECORD:
            record(r, &o, &e);
            break;
        case ORDER_PERFORM:
            perform(r, &o, &e);
            break;
        case ORDER_LOOK:
            look(r, a, &o, &have, &e);
            break;
        case ORDER_WAIT:
            until = o.until_ms;
            if (until == INT64_MAX || until <= now_of(r)) {
                broken(r, "waits for nothing");
                return;
            }
            advance(r, until);
            tell(r, "waited");
            check_instant(r, want, first);
            continue;
        case ORDER_DONE:
            count_outcome(r, run_outcome(run));
            /* What was ordered without its own sync is written when the store is closed. */
            if (!r->store_lost)
                ledger_copy(r->arena, &r->memory, &r->disk);
            return;
        }
        if (!r->dead)
            run_event(run, now_of(r), &e);
        check_instant(r, want, first);
    }
}

static void drive(struct rig *r, struct arena *a, const struct target *want,
                  const struct plan *plan, const struct state *first)
{
    const struct run_options options = {.run_id = "sweep",
                                        .margin_ms = 5000,
                                        .width = r->width,
                                        .max_vms = policy_vms(&plan->policy),
                                        .max_nodes = policy_nodes(&plan->policy),
                                        .one_group = policy_one_group(&plan->policy)};
    struct run *run = run_open(a, plan, &r->disk, first, &options);

    turns(r, a, run, want, first);
    run_close(run);
}

static bool same_settings(const struct vm_settings *a, const struct vm_settings *b)
{
    return a->stop_action == b->stop_action && a->dynamic_memory == b->dynamic_memory &&
           num_eq(a->memory_startup_mib, b->memory_startup_mib) &&
           num_eq(a->mmio_low_mib, b->mmio_low_mib) && num_eq(a->mmio_high_mib, b->mmio_high_mib) &&
           a->cache_types == b->cache_types && a->checkpoints == b->checkpoints;
}

static bool same_vm(const struct vm *a, const struct vm *b)
{
    return str_eq(a->id, b->id) && a->power == b->power && a->hidden == b->hidden &&
           vm_adapters(a) == vm_adapters(b) && vm_requests(a) == vm_requests(b) &&
           num_eq(a->role.offline_action, b->role.offline_action) &&
           same_settings(&a->settings, &b->settings);
}

/* Law 9: what is held or blocked, and in no group that runs, stays as it is. */
static void list_still(struct rig *r, const struct plan *plan)
{
    size_t room = 0;

    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t m = 0; plan->groups[g].gate != GATE_RUNS && m < plan->groups[g].member_count;
             m++)
            if (plan->groups[g].members[m].kind == SUBJECT_VM)
                *arena_push(r->arena, r->still, r->still_count, room) =
                    arena_strdup(r->arena, plan->groups[g].members[m].id);
}

/* Starts of VMs that could not be brought back: every run tries them once, and that is no unrest.
 */
static size_t owed_again(const struct rig *r, const struct plan *plan)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->group_count; i++) {
        const struct plan_group *g = &plan->groups[i];
        const struct debt *d =
            g->member_count == 1 ? ledger_debt(&r->disk, g->members[0].id) : NULL;

        n += g->gate == GATE_RUNS && d && d->phase == DEBT_STUCK && !g->members[0].target.fields &&
             !g->members[0].run_after;
    }
    return n;
}

void rig_pass(struct rig *r)
{
    const struct permission word = {UINT32_MAX, UINT32_MAX};
    struct state have = {0};
    struct target want = {0};
    struct diff diff = {0};
    struct asides asides = {0};
    struct plan plan = {0};
    struct arena a;
    const uint64_t performs = r->world.performs;
    struct inputs in;
    struct err e;

    arena_init(&a, 0);
    r->dead = r->store_lost = false;
    r->passes++;
    if (!world_observe(&r->world, &a, NO_INDEX, &have, &e)) {
        broken(r, "a whole look failed: %s", e.text);
        arena_release(&a);
        return;
    }
    state_sort(&have, &a);
    compare_declared(&a, &r->files->spec, &have, &r->disk, &want, &diff, &asides);
    in = (struct inputs){.cluster = r->files->spec.name,
                         .source = r->files->name,
                         .spec_digest = "sweep",
                         .policy = &r->files->spec.policy,
                         .want = &want,
                         .have = &have,
                         .owed = &r->disk,
                         .diff = &diff,
                         .asides = &asides};
    plan_build(&a, &in, &plan);
    plan_gate(&a, &in, &word, &plan);
    r->run_groups = plan.totals.run_groups - owed_again(r, &plan);
    if (r->world.performs != performs)
        broken(r, "planning has changed the world (law 12)");
    r->want = &want;
    r->seen = &have;
    if (r->passes == 1 && !r->resumed) {
        list_still(r, &plan);
        moves_plan(r, &plan);
    }
    tell(r, "pass %zu: %zu groups run, %zu open, %zu debts, %zu parked", r->passes, r->run_groups,
         r->disk.group_count, r->disk.debt_count, r->disk.parked_count);
    drive(r, &a, &want, &plan, &have);
    rig_wmi_end(&r->wmi, &r->world, r->dead);
    r->deaths += r->dead;
    for (size_t i = 0; r->passes == 1 && i < r->still_count; i++) {
        uint32_t was = state_vm(&r->first, r->still[i]), is = state_vm(&r->world.now, r->still[i]);

        if (was != NO_INDEX && is != NO_INDEX &&
            !same_vm(&r->first.vms[was], &r->world.now.vms[is]))
            broken(r, "vm/%s is held and was touched (law 9)", r->first.vms[was].name);
    }
    arena_release(&a);
}

/* ---- laws of a quiet end ---- */

static bool same_gpu(const struct gpu *a, const struct gpu *b)
{
    return a->state == b->state && num_eq(a->count, b->count) && str_eq(a->pool, b->pool);
}

bool rig_same_world(const struct state *x, const struct state *y, const char **where)
{
    for (size_t i = 0; i < x->vm_count; i++) {
        uint32_t k = state_vm(y, x->vms[i].id);

        if (k != NO_INDEX && same_vm(&x->vms[i], &y->vms[k]))
            continue;
        *where = x->vms[i].name;
        return false;
    }
    for (size_t i = 0; i < x->gpu_count && i < y->gpu_count; i++)
        if (!same_gpu(&x->gpus[i], &y->gpus[i])) {
            *where = x->gpus[i].path;
            return false;
        }
    return true;
}

bool rig_same_end(const struct rig *a, const struct rig *b, const char **where)
{
    return rig_same_world(&a->world.now, &b->world.now, where);
}

/* Law 5: what is only watched is left alone (P7). */
static void check_watched(struct rig *r, const struct target_vm *t, const struct vm *was,
                          const struct vm *is)
{
    const struct manage_parts *m = &t->wish->manage;

    if (m->of[PART_VMS] != MANAGE_ENFORCE &&
        (vm_adapters(was) != vm_adapters(is) || vm_requests(was) != vm_requests(is)))
        broken(r, "vm/%s is only watched and holds something else (P7, law 5)", is->name);
    if (manage_power(m) != MANAGE_ENFORCE && was->power != is->power)
        broken(r, "vm/%s is only watched and was switched (P7, law 5)", is->name);
    if (m->of[PART_SETTINGS] != MANAGE_ENFORCE &&
        (!same_settings(&was->settings, &is->settings) ||
         !num_eq(was->role.offline_action, is->role.offline_action)))
        broken(r, "vm/%s is only watched and has other settings (P7, law 5)", is->name);
}

/* V9: it let go of a GPU that leaves, and stays off with an open debt until that is over. */
static bool waits(const struct target *want, const struct vm *vm, const struct debt *debt)
{
    return debt && debt->waits && debt->phase == DEBT_STOPPED && debt->found_running &&
           !debt->group && vm->power == POWER_OFF && target_leaving_on(want, vm->node);
}

static size_t debts_that_wait(const struct ledger *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->debt_count; i++)
        n += l->debts[i].waits != NULL;
    return n;
}

/* V9: nothing that could land on a GPU that leaves was started, and nothing got an adapter. */
static void check_leaving(struct rig *r, const struct target *want, const struct vm *vm,
                          uint32_t was)
{
    const struct vm *then = was == NO_INDEX ? NULL : &r->first.vms[was];

    if (!then || !target_leaving_on(want, vm->node) || r->store_was_lost)
        return;
    if (vm_adapters(vm) > vm_adapters(then))
        broken(r, "vm/%s got an adapter beside a GPU that leaves (V9)", vm->name);
    for (size_t i = 0;
         then->power == POWER_OFF && vm->power == POWER_RUNNING && i < vm->adapter_count; i++)
        if (target_may_land(want, &r->first, vm->node, vm->adapters[i].pin))
            broken(r, "vm/%s was started and could land on a GPU that leaves (V9)", vm->name);
}

void rig_check_end(struct rig *r)
{
    const struct state *now = &r->world.now;
    struct target want = {0};
    struct state have = {0};
    struct diff diff = {0};
    struct asides asides = {0};
    struct err e;

    if (!world_observe(&r->world, r->arena, NO_INDEX, &have, &e)) {
        broken(r, "the last look failed: %s", e.text);
        return;
    }
    state_sort(&have, r->arena);
    compare_declared(r->arena, &r->files->spec, &have, &r->disk, &want, &diff, &asides);
    for (size_t i = 0; i < now->vm_count; i++) {
        const struct vm *vm = &now->vms[i];
        const struct debt *debt = ledger_debt(&r->disk, vm->id);
        uint32_t was = state_vm(&r->first, vm->id), is = state_vm(&have, vm->id);
        uint32_t row = is == NO_INDEX ? NO_INDEX : want.of_vm[is];

        if (was != NO_INDEX && row == NO_INDEX && !same_vm(vm, &r->first.vms[was]) &&
            (is != NO_INDEX || !was_declared(r, vm)))
            broken(r, "vm/%s is not declared and was touched (law 5)", vm->name);
        if (row != NO_INDEX && was != NO_INDEX)
            check_watched(r, &want.vms[row], &r->first.vms[was], vm);
        if (row != NO_INDEX && want.vms[row].wish->power == POWER_WISH_STOPPED)
            continue;
        /*
         * A VM that can never start is listed (exit 8), and stays owed.  Its last start after the
         * store was lost could not be recorded: afterwards it is read as somebody's (protocol.md).
         */
        check_leaving(r, &want, vm, was);
        if (ran(r, vm) && vm->power != POWER_RUNNING && !waits(&want, vm, debt) &&
            !(r->hopeless && ((debt && debt->phase == DEBT_STUCK) || r->store_was_lost)))
            broken(r, "vm/%s ran and is off at the end (S7, law 7)", vm->name);
        if (!ran(r, vm) && vm->power == POWER_RUNNING && row != NO_INDEX &&
            want.vms[row].wish->power == POWER_AS_FOUND)
            broken(r, "vm/%s was off and runs at the end (S7, law 7)", vm->name);
    }
    if (r->disk.group_count || r->disk.intent_count ||
        (r->disk.debt_count > debts_that_wait(&r->disk) && !r->hopeless))
        broken(r, "at rest with %zu groups, %zu intents and %zu debts on disk", r->disk.group_count,
               r->disk.intent_count, r->disk.debt_count);
    check_law(r, moves_end(r, &want, &have));
    r->parked = r->disk.parked_count;
}

bool rig_rests(const struct rig *r)
{
    return !r->dead && !r->run_groups && !r->disk.group_count && !r->landing_count;
}

void rig_run(struct rig *r)
{
    do {
        rig_pass(r);
        advance(r, now_of(r) + BETWEEN_PASSES_MS);
        if (r->passes > MOST_PASSES)
            broken(r, "does not rest after %d passes (laws 1, 2 and 14)", MOST_PASSES);
    } while (!r->broken && !rig_rests(r));
    if (!r->broken)
        rig_check_end(r);
}
