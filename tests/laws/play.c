#include "tests/laws/play.h"

#include "base/str.h"
#include "codec/world.h"
#include "diff/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool accepted(const struct findings *found, const char *file)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->rows[i].severity == SEVERITY_ERROR)
            fprintf(stderr, "# %s:%u:%u: %s: %s\n", file, (unsigned)found->rows[i].at.line,
                    (unsigned)found->rows[i].at.column, found->rows[i].code, found->rows[i].text);
    return found->errors == 0;
}

bool play_open(struct play *p, const char *spec_file, const char *spec, const char *world_file,
               const char *world)
{
    struct spec_source source = {spec_file, spec, strlen(spec)};
    struct findings found;
    struct specs specs;
    bool ok;

    *p = (struct play){0};
    arena_init(&p->keep, 0);
    findings_init(&found, &p->keep);
    ok = spec_read(&p->keep, &source, 1, &specs, &found);
    if (!accepted(&found, spec_file) || !ok || specs.count != 1)
        return false;
    p->spec = specs.rows[0];
    findings_init(&found, &p->keep);
    ok = world_read(&p->keep, world_file, world, strlen(world), &p->world, &found);
    return accepted(&found, world_file) && ok;
}

void play_close(struct play *p)
{
    arena_release(&p->keep);
}

void play_copy(const struct play *from, struct play *out)
{
    *out = *from;
    arena_init(&out->keep, 0);
    world_copy(&out->keep, &from->world, &out->world);
    ledger_copy(&out->keep, &from->ledger, &out->ledger);
    ledger_copy(&out->keep, &from->lazy, &out->lazy);
}

void play_plan(struct play *p, struct arena *arena, const struct permission *word,
               struct plan *plan, struct state *have)
{
    struct target *want = arena_new(arena, struct target);
    struct diff *diff = arena_new(arena, struct diff);
    struct inputs in = {.cluster = p->spec.name,
                        .source = p->spec.at.file,
                        .spec_digest = "",
                        .policy = &p->spec.policy,
                        .want = want,
                        .have = have,
                        .owed = &p->ledger,
                        .diff = diff};
    struct err e = {0};

    if (!world_observe(&p->world, arena, NO_INDEX, have, &e)) {
        p->broken = "the world could not be observed";
        *plan = (struct plan){0};
        return;
    }
    spec_resolve(arena, &p->spec, have, want);
    diff_compute(arena, want, have, &p->ledger, diff);
    plan_build(arena, &in, plan);
    plan_gate(arena, &in, word, plan);
    plan->id = "p-test";
}

/* ---- laws that hold at every instant ---- */

static bool is_protected(const struct play *p, const char *vm_id)
{
    uint32_t at = state_vm(&p->world.now, vm_id);

    for (size_t i = 0; at != NO_INDEX && i < p->spec.policy.protect_count; i++)
        if (str_same(p->spec.policy.protect[i], p->world.now.vms[at].name))
            return true;
    return false;
}

static void watch(struct play *p, const struct run *r)
{
    uint32_t off = run_off_now(r), max = p->spec.policy.max_vms;

    if (off > p->most_off)
        p->most_off = off;
    if (max && off > max && !run_outcome(r)->store_lost)
        p->broken = "a budget was exceeded (law 11)";
}

/* ---- the driver ---- */

struct driver {
    struct play *play;
    struct arena *arena;
    struct run *run;
    const struct mishap *mishap;
    struct pass_result *out;
    bool store_gone, dead;
};

static void record(struct driver *d, const struct commit *c)
{
    struct event e = {.kind = EVENT_RECORDED};
    struct play *p = d->play;

    d->out->commits++;
    p->commits++;
    d->store_gone |=
        d->mishap->lose_store_at && (int64_t)d->out->commits >= d->mishap->lose_store_at;
    if (d->store_gone) {
        e.kind = EVENT_STORE_LOST;
    } else {
        ledger_apply(&p->keep, &p->lazy, c);
        if (c->sync)
            ledger_copy(&p->keep, &p->lazy, &p->ledger);
    }
    run_event(d->run, p->world.now.observed_ms, &e);
}

static enum sim_answer perform_with_fault(struct driver *d, const struct action *a, struct err *e)
{
    struct play *p = d->play;
    struct fault fault = {.verb = FAULT_ON_ANY,
                          .times = 1,
                          .kind = d->mishap->fault,
                          .answer = 32768,
                          .delay_ms = 5000};
    struct fault *old = p->world.faults;
    size_t count = p->world.fault_count;
    enum sim_answer answer;

    p->world.faults = &fault;
    p->world.fault_count = 1;
    answer = world_perform(&p->world, a, e);
    p->world.faults = old;
    p->world.fault_count = count;
    return answer;
}

static void perform(struct driver *d, const struct order *o)
{
    struct event ev = {.kind = EVENT_ANSWERED, .ticket = o->ticket};
    struct play *p = d->play;
    struct err e = {0};
    enum sim_answer answer;
    bool faulty = d->mishap->fault_at && (int64_t)++d->out->effects == d->mishap->fault_at;

    d->out->effects += !d->mishap->fault_at;
    p->performs++;
    if (o->action.verb == VERB_VM_STOP && is_protected(p, o->action.subject))
        p->broken = "a protected VM was stopped (P2)";
    answer =
        faulty ? perform_with_fault(d, &o->action, &e) : world_perform(&p->world, &o->action, &e);
    switch (answer) {
    case SIM_DONE:
        ev.done = true;
        break;
    case SIM_ACCEPTED:
        break;
    case SIM_REFUSED:
        p->refused += !faulty;
        if (!faulty)
            snprintf(p->refusal, sizeof p->refusal, "%s: %.160s", verb_rows[o->action.verb].word,
                     e.text);
        ev.err = &e;
        break;
    case SIM_DIES:
        d->dead = true;
        return;
    case SIM_LOST:
    case SIM_HANGS:
        ev.kind = EVENT_LATE;
        break;
    }
    run_event(d->run, p->world.now.observed_ms, &ev);
}

static void look(struct driver *d, const struct order *o)
{
    struct event e = {.kind = EVENT_SEEN, .node = o->node};
    struct state *part = arena_new(d->arena, struct state);
    struct play *p = d->play;
    struct err err = {0};

    p->looks++;
    if (!world_observe(&p->world, d->arena, o->node, part, &err)) {
        e.kind = EVENT_UNSEEN;
        e.err = &err;
    } else if (o->node != NO_INDEX) {
        struct state *whole = arena_new(d->arena, struct state);

        state_splice(d->arena, run_seen(d->run), part, o->node, whole);
        part = whole;
    }
    e.seen = part;
    run_event(d->run, p->world.now.observed_ms, &e);
}

/* Time passes: to the next landing, or to when the machine wants to wake. */
static bool wait(struct driver *d, const struct order *o)
{
    struct world *w = &d->play->world;
    int64_t next = world_next_ms(w), until = o->until_ms < next ? o->until_ms : next;

    if (until == INT64_MAX)
        return false;
    world_advance(w, until > w->now.observed_ms ? until : w->now.observed_ms + 1);
    return true;
}

/* PLAY_TRACE=1 shows every order, to find out why a law was broken. */
static void trace(const struct driver *d, const struct order *o)
{
    static const char *const kinds[] = {"record", "perform", "look", "wait", "done"};
    int64_t t = d->play->world.now.observed_ms;

    if (!getenv("PLAY_TRACE") || o->kind == ORDER_WAIT)
        return;
    printf("#   %lld %s", (long long)(t / 1000 % 100000), kinds[o->kind]);
    for (size_t i = 0; o->kind == ORDER_RECORD && i < o->commit.change_count; i++) {
        const struct ledger_change *c = &o->commit.changes[i];

        if (c->op == LEDGER_DEBT)
            printf(" debt:%s:%d", c->debt.name, c->debt.phase);
        else if (c->op == LEDGER_GROUP)
            printf(" group:%llu:%s%s:%s", (unsigned long long)c->group.id,
                   c->group.direction == BACK ? "back" : "forward", c->group.committed ? "!" : "",
                   c->group.reason ? c->group.reason : "");
        else if (c->op == LEDGER_INTENT)
            printf(" intent:%s", verb_rows[c->intent.action.verb].word);
        else
            printf(" op%d", c->op);
    }
    if (o->kind == ORDER_PERFORM)
        printf(" %s %s %s", verb_rows[o->action.verb].word, o->action.subject,
               o->action.object ? o->action.object : "");
    printf("\n");
}

static void carry_out(struct driver *d, const struct order *o)
{
    trace(d, o);
    switch (o->kind) {
    case ORDER_RECORD:
        record(d, &o->commit);
        break;
    case ORDER_PERFORM:
        perform(d, o);
        break;
    case ORDER_LOOK:
        look(d, o);
        break;
    case ORDER_WAIT:
        if (!wait(d, o))
            d->out->end = PLAY_ENDLESS;
        break;
    case ORDER_DONE:
        break;
    }
}

/* A death takes what was only riding with the next commit, and nothing else. */
static void die(struct driver *d)
{
    d->out->end = PLAY_DIED;
    d->play->deaths++;
    ledger_copy(&d->play->keep, &d->play->ledger, &d->play->lazy);
}

static void drive(struct driver *d)
{
    enum { MOST_ORDERS = 200000 };
    struct play *p = d->play;

    for (;;) {
        int64_t now = p->world.now.observed_ms;
        struct order o;

        run_next(d->run, now, &o);
        if (o.kind == ORDER_DONE)
            break;
        d->out->orders++;
        if (d->mishap->signals_at && d->out->orders >= d->mishap->signals_at &&
            d->out->orders <= d->mishap->signals_at + 1)
            run_event(d->run, now, &(struct event){.kind = EVENT_SIGNAL});
        if ((int64_t)d->out->orders == d->mishap->die_at_order && !d->mishap->die_after) {
            die(d);
            return;
        }
        carry_out(d, &o);
        watch(p, d->run);
        if (d->dead || (int64_t)d->out->orders == d->mishap->die_at_order) {
            die(d);
            return;
        }
        if (d->out->orders > MOST_ORDERS)
            d->out->end = PLAY_ENDLESS;
        if (d->out->end == PLAY_ENDLESS)
            return;
    }
    if (!d->store_gone)
        ledger_copy(&p->keep, &p->lazy, &p->ledger); /* closing the store writes what rides along */
}

void play_pass(struct play *p, struct arena *arena, const struct permission *word,
               const struct mishap *mishap, struct pass_result *out)
{
    static const struct mishap none = {0};
    struct state *have = arena_new(arena, struct state);
    struct run_options options = {.run_id = "r",
                                  .width = p->width,
                                  .margin_ms = 30000,
                                  .max_vms = p->spec.policy.max_vms,
                                  .max_nodes = p->spec.policy.max_nodes};
    struct driver d = {.play = p, .arena = arena, .out = out, .mishap = mishap ? mishap : &none};

    *out = (struct pass_result){0};
    ledger_copy(&p->keep, &p->ledger, &p->lazy);
    play_plan(p, arena, word, &out->plan, have);
    d.run = run_open(arena, &out->plan, &p->ledger, have, &options);
    drive(&d);
    out->outcome = *run_outcome(d.run);
}
