/*
 * What a Policy may do to random estates (P5): one more Policy starts nothing
 * and stops nobody that the spec would not; said twice it says nothing new;
 * two have no order; and the laws hold under it (budgets at every instant
 * among them: the one group of a spec without budgets is bounded too).
 *
 * Some things are shared among groups, so that what one does not use another
 * one may: the guard of removals and an operator's number of stops (here none,
 * or as much as anybody wants), and room on a node and for a reserve.
 *
 *   test_ceilings [SEED [COUNT]]
 */
#include "estate.h"

#include "base/str.h"
#include "diff/diff.h"
#include "plan/plan.h"
#include "spec/ceiling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 1000 };

static struct {
    size_t worlds, plans, steps, left, runs;
} sum;

static bool fails(uint64_t seed, const char *what)
{
    printf("# seed %llu: %s\n", (unsigned long long)seed, what);
    return false;
}

/* ---- a Policy by chance ---- */

static const char *bounds_text(struct arena *a, struct dice *d, bool moves)
{
    static const char *const words[] = {"never", "window", "allowed"};
    struct text t;

    text_init(&t, a);
    text_printf(&t, "  stop: {deadline: %um}\n", 1 + dice_roll(d, 20));
    if (dice_chance(d, 40))
        text_printf(&t, "  disruption: %s\n", words[dice_roll(d, 3)]);
    if (dice_chance(d, 30))
        text_printf(&t,
                    "  maintenanceWindows: {allow: [{days: [thu], start: \"%u:30\", duration: "
                    "%um}]}\n",
                    11 + dice_roll(d, 3), 20 + dice_roll(d, 90));
    if (dice_chance(d, 50))
        text_printf(&t, "  maxUnavailable: {vms: %u, nodes: %u}\n", 1 + dice_roll(d, 5),
                    1 + dice_roll(d, 2));
    if (moves && dice_chance(d, 30))
        text_add(&t, "  move: never\n");
    if (dice_chance(d, 30))
        text_printf(&t, "  protect: [\"vm-%u-*\"]\n", 1 + dice_roll(d, 3));
    if (dice_chance(d, 20))
        text_add(&t, "  reserve: {nodes: 1}\n");
    if (dice_chance(d, 20))
        text_add(&t, "  homogeneous: require\n");
    return text_done(&t);
}

/* Policies with these names and bounds, each in a file of its own. */
static bool read_policies(struct arena *a, const char *const *names, const char *const *bounds,
                          size_t count, struct ceilings *out)
{
    struct spec_source sources[3];
    struct findings found;

    findings_init(&found, a);
    for (size_t i = 0; i < count; i++) {
        const char *text =
            arena_printf(a, "apiVersion: hvgpu/v1\nkind: Policy\nmetadata: {name: %s}\nspec:\n%s",
                         names[i], bounds[i]);

        sources[i] = (struct spec_source){
            .file = arena_printf(a, "%s.yaml", names[i]), .text = text, .size = strlen(text)};
    }
    if (ceilings_read(a, sources, count, out, &found))
        return true;
    for (size_t i = 0; i < found.count; i++)
        printf("# %s:%u %s\n", found.rows[i].at.file, found.rows[i].at.line, found.rows[i].text);
    return false;
}

/* ---- what a plan runs, as texts ---- */

struct runs {
    struct map steps;
    struct map no_room; /* "stops ID" of those that wait for room that others take */
    const char **rows;  /* of `steps` */
    size_t count, room;
    const char *all; /* everything about the plan */
};

static bool make_plan(struct arena *a, const struct case_files *files,
                      const struct permission *word, struct plan *out, struct state *have)
{
    struct target want;
    struct ledger *owed = arena_new(a, struct ledger);
    struct diff diff;
    struct err err;
    struct inputs in = {.cluster = "seeded",
                        .source = "s",
                        .spec_digest = "d",
                        .policy = &files->spec.policy,
                        .want = &want,
                        .have = have,
                        .owed = owed,
                        .diff = &diff};

    if (!world_observe(&files->world, a, NO_INDEX, have, &err))
        return false;
    state_sort(have, a);
    spec_resolve_owed(a, &files->spec, have, owed, &want);
    diff_compute(a, &want, have, owed, &diff);
    plan_build(a, &in, out);
    plan_gate(a, &in, word, out);
    sum.plans++;
    return true;
}

static void put(struct arena *a, struct runs *r, const char *text)
{
    *arena_push(a, r->rows, r->count, r->room) = text;
    map_put(&r->steps, text, 0);
}

/* What runs under these Policies; `only_move`: of them only what they say of moving. */
static bool runs_of(struct arena *a, const struct estate *e, const struct ceilings *ceilings,
                    const struct permission *word, struct runs *out)
{
    struct case_files files;
    struct state have;
    struct plan plan;
    struct text t;

    *out = (struct runs){0};
    map_init(&out->no_room, a, 8, false);
    map_init(&out->steps, a, 8, false);
    if (!estate_read(a, e, false, &files))
        return false;
    if (ceilings)
        ceilings_apply(a, ceilings, &files.spec);
    if (!make_plan(a, &files, word, &plan, &have))
        return false;
    text_init(&t, a);
    for (size_t g = 0; g < plan.group_count; g++) {
        const struct plan_group *group = &plan.groups[g];

        text_printf(&t, "%s %d %s %s\n", group->input, group->gate, reason_rows[group->reason].code,
                    group->why ? group->why : "");
        for (size_t i = 0; i < group->interrupt_count; i++) {
            const char *stops = arena_printf(a, "stops %s", have.vms[group->interrupts[i]].id);

            if (group->gate == GATE_RUNS)
                put(a, out, stops);
            else if (group->reason == REASON_CAPACITY || group->reason == REASON_RESERVE)
                map_put(&out->no_room, stops, 0);
        }
        for (size_t i = 0; group->gate == GATE_RUNS && i < group->step_count; i++)
            if (group->steps[i].action.verb != VERB_VM_STOP)
                put(a, out,
                    arena_printf(a, "%s %s", verb_rows[group->steps[i].action.verb].word,
                                 group->steps[i].action.subject));
    }
    out->all = text_done(&t);
    return true;
}

/* ---- the laws ---- */

/*
 * Who stays where it is, since it may not be moved, stopped or assigned elsewhere, may get a
 * setting there: where VMs may be moved only who is stopped is compared.
 */

/* The Policies without all but what they say of moving (policy.md). */
static struct ceilings only_moving(struct arena *a, const struct ceilings *all)
{
    struct ceilings out = {arena_array(a, struct ceiling, all->count + 1), all->count};

    for (size_t i = 0; i < all->count; i++) {
        out.rows[i] = all->rows[i];
        out.rows[i].bounds = (struct ceiling_bounds){.no_move = all->rows[i].bounds.no_move};
    }
    return out;
}

static bool permits_no_more(struct arena *a, uint64_t seed, const struct estate *e,
                            const struct ceilings *all, const struct permission *word)
{
    const struct ceilings base = only_moving(a, all);
    struct runs free, bound;

    if (!runs_of(a, e, &base, word, &free) || !runs_of(a, e, all, word, &bound))
        return fails(seed, "not planned");
    for (size_t i = 0; i < bound.count; i++)
        if (map_get(&free.steps, bound.rows[i]) == MAP_NONE &&
            map_get(&free.no_room, bound.rows[i]) == MAP_NONE &&
            (!e->moves || str_starts(bound.rows[i], "stops ")))
            return fails(seed, arena_printf(a, "a Policy adds: %s\n%s--\n%s", bound.rows[i],
                                            free.all, bound.all));
    sum.steps += free.count;
    sum.left += bound.count;
    return true;
}

static bool same_plans(struct arena *a, uint64_t seed, const struct estate *e,
                       const struct ceilings *one, const struct ceilings *other,
                       const struct permission *word, const char *what)
{
    struct runs x, y;

    if (!runs_of(a, e, one, word, &x) || !runs_of(a, e, other, word, &y))
        return fails(seed, "not planned");
    return strcmp(x.all, y.all) == 0 ||
           fails(seed, arena_printf(a, "%s\n%s--\n%s", what, x.all, y.all));
}

static bool keeps_the_laws(struct arena *a, uint64_t seed, const struct estate *e,
                           const struct ceilings *ceilings)
{
    struct case_files files;
    struct rig r;

    if (!estate_read(a, e, false, &files))
        return fails(seed, "not read");
    ceilings_apply(a, ceilings, &files.spec);
    rig_open(a, &files, NULL, 0, &r);
    rig_run(&r);
    sum.runs++;
    return !r.broken || fails(seed, r.broken);
}

static bool one_seed(uint64_t seed)
{
    static const char *const names[] = {"first", "second", "third"}, *const turned[] = {"second",
                                                                                        "first"};
    const struct permission words[] = {{.allow_removals = MANY},
                                       {.allow_stops = MANY, .allow_removals = MANY}};
    struct ceilings one, two, back, twice;
    struct dice d = {seed ^ 0x5eed5eedu};
    const char *bounds[3], *swapped[2];
    struct estate e;
    struct arena a;
    bool ok;

    arena_init(&a, 0);
    estate_make(&a, seed, &e);
    sum.worlds++;
    bounds[0] = swapped[1] = bounds_text(&a, &d, e.moves);
    bounds[1] = bounds[2] = swapped[0] = bounds_text(&a, &d, e.moves);
    ok = read_policies(&a, names, bounds, 1, &one) && read_policies(&a, names, bounds, 2, &two) &&
         read_policies(&a, names, bounds, 3, &twice) &&
         read_policies(&a, turned, swapped, 2, &back);
    for (size_t i = 0; ok && i < sizeof words / sizeof *words; i++)
        ok = permits_no_more(&a, seed, &e, &one, &words[i]) &&
             permits_no_more(&a, seed, &e, &two, &words[i]) &&
             same_plans(&a, seed, &e, &two, &twice, &words[i], "said twice it says more") &&
             same_plans(&a, seed, &e, &two, &back, &words[i], "their order says something");
    ok = ok && keeps_the_laws(&a, seed, &e, &two);
    if (!ok && getenv("SHOW"))
        printf("%s\n%s\n%s\n%s\n", estate_spec(&e, false), estate_world(&e, false), bounds[0],
               bounds[1]);
    arena_release(&a);
    return ok;
}

int main(int argc, char **argv)
{
    const char *effort = getenv("HVGPU_EFFORT");
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t count = argc > 2                                  ? strtoull(argv[2], NULL, 10)
                     : argc > 1                                ? 1
                     : effort && strcmp(effort, "soak") == 0   ? 20000
                     : effort && strcmp(effort, "full") == 0   ? 3000
                     : effort && strcmp(effort, "mutant") == 0 ? 300
                                                               : 600;
    size_t bad = 0;

    for (uint64_t i = 0; i < count && bad < 5; i++)
        bad += !one_seed(seed + i);
    printf("# figure: seeds %llu..%llu: %zu worlds, %zu plans, %zu of %zu steps left by two "
           "Policies, %zu runs\n",
           (unsigned long long)seed, (unsigned long long)(seed + count - 1), sum.worlds, sum.plans,
           sum.left, sum.steps, sum.runs);
    printf("%s 1 - a Policy only makes stricter\n1..1\n", bad ? "not ok" : "ok");
    return bad != 0;
}
