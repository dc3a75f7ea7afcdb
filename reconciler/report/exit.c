#include "report/report.h"

#include "base/str.h"

const char *const format_words[FORMATS] = {
#define FORMAT(name, word, whole) [FORMAT_##name] = word,
#include "report/formats.def"
#undef FORMAT
};
const bool format_whole[FORMATS] = {
#define FORMAT(name, word, whole) [FORMAT_##name] = whole,
#include "report/formats.def"
#undef FORMAT
};

const struct exit_row exit_rows[] = {
#define EXIT(name, code, severity, word, text) {EXIT_##name, severity, word, text},
#include "report/exits.def"
#undef EXIT
};
const size_t exit_row_count = sizeof exit_rows / sizeof *exit_rows;

static int severity_of(enum exit_code code)
{
    for (size_t i = 0; i < exit_row_count; i++)
        if (exit_rows[i].code == code)
            return exit_rows[i].severity;
    return severity_of(EXIT_INTERNAL);
}

enum exit_code exit_worst(enum exit_code a, enum exit_code b)
{
    return severity_of(a) >= severity_of(b) ? a : b;
}

enum exit_code exit_of_err(const struct err *e)
{
    static const enum exit_code codes[] = {
        [ERR_NONE] = EXIT_IN_SYNC,  [ERR_USAGE] = EXIT_USAGE_ERROR,  [ERR_INVALID] = EXIT_INVALID,
        [ERR_UNSEEN] = EXIT_UNSEEN, [ERR_STALE] = EXIT_STALE,        [ERR_LOCKED] = EXIT_LOCKED,
        [ERR_DENIED] = EXIT_UNSEEN, [ERR_UNSUPPORTED] = EXIT_UNSEEN, [ERR_REFUSED] = EXIT_PUT_BACK,
        [ERR_BUSY] = EXIT_UNSEEN,   [ERR_TIMEOUT] = EXIT_UNSEEN,     [ERR_IO] = EXIT_INTERNAL,
        [ERR_BUG] = EXIT_INTERNAL,
    };

    return (size_t)e->kind < sizeof codes / sizeof *codes ? codes[e->kind] : EXIT_INTERNAL;
}

/* Two differences at once: 2 and 3 make 4; otherwise the worse one. */
static enum exit_code both(enum exit_code a, enum exit_code b)
{
    if ((a == EXIT_PENDING && b == EXIT_DRIFT) || (a == EXIT_DRIFT && b == EXIT_PENDING))
        return EXIT_BOTH;
    return exit_worst(a, b);
}

static enum exit_code exit_of_gate(enum gate gate)
{
    static const enum exit_code codes[] = {
        [GATE_RUNS] = EXIT_PENDING, [GATE_HELD] = EXIT_HELD, [GATE_BLOCKED] = EXIT_BLOCKED};

    return codes[gate];
}

static enum exit_code exit_of_problem(const struct problem *p)
{
    switch (reason_rows[p->reason].class) {
    case CLASS_BLOCKED:
        return EXIT_BLOCKED;
    case CLASS_HELD:
        return EXIT_HELD;
    case CLASS_WARNING:
    case CLASS_NOTE:
    case CLASS_MANUAL:
        break;
    }
    return EXIT_IN_SYNC;
}

/* What a dead run left open is finished first, whatever the plan says of it. */
bool plan_debt_waits(const struct plan *plan, const struct debt *d)
{
    for (size_t i = 0; !d->group && i < plan->change_count; i++) {
        const struct plan_change *pc = &plan->changes[i];

        if (pc->change.field == FIELD_VM_OWED && str_same(pc->name, d->name))
            return pc->gate != GATE_RUNS;
    }
    /* what a saved plan has left tells of no change; its cards are still leaving (V9) */
    for (size_t i = 0; !d->group && d->waits && i < plan->leaving_count; i++)
        if (str_eq(plan->leaving[i].id, d->waits))
            return true;
    return false;
}

size_t plan_debts_due(const struct plan *plan)
{
    size_t due = 0;

    for (size_t i = 0; i < plan->debt_count; i++)
        due += !plan_debt_waits(plan, &plan->debts[i]);
    return due;
}

enum exit_code exit_of_plan(const struct plan *plan)
{
    enum exit_code code = plan_debts_due(plan) ? EXIT_PENDING : EXIT_IN_SYNC;

    for (size_t i = 0; i < plan->group_count; i++)
        code = exit_worst(code, exit_of_gate(plan->groups[i].gate));
    for (size_t i = 0; i < plan->change_count; i++)
        if (!plan->changes[i].at_next_stop)
            code = exit_worst(code, exit_of_gate(plan->changes[i].gate));
    for (size_t i = 0; i < plan->problem_count; i++)
        code = exit_worst(code, exit_of_problem(&plan->problems[i]));
    if (plan->head.nodes && !plan->head.nodes_seen)
        code = exit_worst(code, EXIT_UNSEEN);
    return code;
}

enum exit_code exit_of_drift(const struct drift *d)
{
    enum exit_code code = EXIT_IN_SYNC;

    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].counts)
            code = EXIT_DRIFT;
    if (d->nodes && !d->nodes_seen)
        code = exit_worst(code, EXIT_UNSEEN);
    return code;
}

/* Who moved what runs now; `watched`: what is only watched counts as well. */
static enum exit_code who_moved(enum exit_code code, const struct drift *since, bool watched)
{
    enum exit_code moved = EXIT_IN_SYNC;

    if (code != EXIT_PENDING || !since)
        return code;
    for (size_t i = 0; i < since->count; i++) {
        const struct drift_item *item = &since->items[i];

        if (item->watched && !watched)
            continue;
        if (item->class == DRIFT_BOTH && item->counts)
            return EXIT_BOTH;
        if (item->counts)
            moved = both(moved, EXIT_DRIFT);
        else if (item->class == DRIFT_SPEC_CHANGED)
            moved = both(moved, EXIT_PENDING);
    }
    return moved == EXIT_IN_SYNC ? code : moved;
}

/* The base in the place of the last apply: whose is what runs now? */
static enum exit_code by_base(enum exit_code code, const struct plan *plan)
{
    enum exit_code moved = EXIT_IN_SYNC;

    for (size_t i = 0; code == EXIT_PENDING && i < plan->change_count; i++) {
        const struct plan_change *pc = &plan->changes[i];
        enum gate gate = pc->group < plan->group_count ? plan->groups[pc->group].gate : pc->gate;

        if (gate == GATE_RUNS && pc->cause != CAUSE_NOT_ASKED)
            moved = both(moved, pc->cause == CAUSE_BEFORE ? EXIT_DRIFT : EXIT_PENDING);
    }
    return moved == EXIT_IN_SYNC ? code : moved;
}

enum exit_code exit_of_plan_since(const struct plan *plan, const struct drift *since)
{
    if (plan->base.name)
        return by_base(exit_of_plan(plan), plan);
    return who_moved(exit_of_plan(plan), since, false);
}

enum exit_code exit_of_assert(const struct plan *plan, const struct drift *since)
{
    enum exit_code code = exit_of_plan(plan);

    for (size_t i = 0; i < plan->aside_count; i++)
        if (plan->asides[i].why == ASIDE_DETECT && !plan->asides[i].at_next_stop)
            code = exit_worst(code, EXIT_PENDING);
    return who_moved(code, since, true);
}

enum exit_code exit_of_outcome(const struct outcome *o, const struct plan *after)
{
    enum exit_code code = after ? exit_of_plan(after) : EXIT_IN_SYNC;

    if (o->stuck || o->store_lost)
        code = exit_worst(code, EXIT_LEFT_OFF);
    if (o->put_back || o->degraded)
        code = exit_worst(code, EXIT_PUT_BACK);
    if (o->interrupted || o->left_open)
        code = exit_worst(code, EXIT_INTERRUPTED);
    return code;
}
