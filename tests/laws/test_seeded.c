/*
 * The laws above the small worlds: random estates, from a seed that is
 * printed.  Each is run undisturbed (laws 1, 2, 5, 11: it converges, rests,
 * touches nothing undeclared, stays inside its budgets), with its rows in
 * another order (law 3: the same plan), and with mishaps at random calls
 * (laws 6 and 7: the same end, power as found).
 *
 *   test_seeded [SEED [COUNT]]
 *   test_seeded -w FOLDER SEED COUNT    writes them, in both orders, as FOLDER/SEED/a and b
 */
#include "estate.h"

#include "base/str.h"
#include "diff/diff.h"
#include "host/host.h"
#include "plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- law 3: same in, same out, whatever the order of the rows ---- */

static const char *plan_in_words(struct arena *a, const struct case_files *files)
{
    struct state have;
    struct target want;
    struct ledger *owed = arena_new(a, struct ledger);
    struct diff diff;
    struct plan plan;
    struct err err;
    struct text t;
    struct inputs in = {.cluster = "seeded",
                        .source = "s",
                        .spec_digest = "d",
                        .policy = &files->spec.policy,
                        .want = &want,
                        .have = &have,
                        .owed = owed,
                        .diff = &diff};

    if (!world_observe(&files->world, a, NO_INDEX, &have, &err))
        return arena_strdup(a, err.text);
    state_sort(&have, a);
    spec_resolve_owed(a, &files->spec, &have, owed, &want);
    diff_compute(a, &want, &have, owed, &diff);
    plan_build(a, &in, &plan);
    plan_gate(a, &in, NULL, &plan);
    text_init(&t, a);
    for (size_t i = 0; i < plan.group_count; i++) {
        const struct plan_group *g = &plan.groups[i];

        text_printf(&t, "group %zu %s gate %d %s %s\n", i, g->input, g->gate,
                    reason_rows[g->reason].code, g->why ? g->why : "");
        for (size_t k = 0; k < g->step_count; k++)
            text_printf(&t, "  %s\n", g->steps[k].text);
    }
    for (size_t i = 0; i < plan.problem_count; i++)
        text_printf(&t, "%s %s %s\n", reason_rows[plan.problems[i].reason].code,
                    plan.problems[i].subject, plan.problems[i].text);
    return text_done(&t);
}

/* ---- one seed ---- */

static struct {
    size_t worlds, vms, calls, deaths, disturbed;
} sum;

static bool fails(uint64_t seed, const char *what)
{
    printf("# seed %llu: %s\n", (unsigned long long)seed, what);
    return false;
}

/* `live`: some go live, in the one run or in the other. */
static bool disturbed(struct arena *a, const struct case_files *files, const struct rig *clean,
                      bool live, struct dice *d, uint64_t seed)
{
    struct mishap m[2];
    const char *where;
    struct rig r;

    for (int i = 0; i < 2; i++)
        m[i] =
            (struct mishap){(enum mishap_kind)(1 + dice_roll(d, MISHAP_KINDS - 1)),
                            clean->call_count ? dice_roll(d, (uint32_t)clean->call_count * 2) : 0};
    if (m[0].at > m[1].at) {
        struct mishap x = m[0];

        m[0] = m[1];
        m[1] = x;
    }
    rig_open(a, files, m, 2, &r);
    rig_run(&r);
    sum.disturbed++;
    sum.deaths += r.deaths;
    sum.calls += r.call_count;
    /*
     * Law 6: whoever does not put back arrives where the undisturbed run did.
     * Not with a reserve: M3 forbids what makes it worse than today, and after
     * half of a plan today is another day (seed 6323).  Nor with a window: it
     * ends for whoever comes later (P3).  Nor with live moves: behind a count
     * change that was done before the death one can go live that was stopped
     * for it undisturbed, and what waits for a stop then waits on (S0; seed 780).
     */
    if (!r.broken && !live && !files->spec.policy.reserve_nodes &&
        !files->spec.policy.calendar.allow_count && !r.parked && !clean->parked &&
        !rig_same_end(&r, clean, &where))
        r.broken = arena_printf(a, "%s ends otherwise than undisturbed (law 6)", where);
    return !r.broken || fails(seed, arena_printf(a, "%s (%s at %zu, %s at %zu)", r.broken,
                                                 mishap_words[m[0].kind], m[0].at,
                                                 mishap_words[m[1].kind], m[1].at));
}

static bool one_seed(uint64_t seed, int mishaps)
{
    struct case_files files, other;
    struct dice d = {seed ^ 0xabcdef1234567u};
    struct estate e;
    struct arena a;
    struct rig clean;
    bool ok;

    arena_init(&a, 0);
    estate_make(&a, seed, &e);
    sum.worlds++;
    sum.vms += e.vm_count;
    ok = estate_read(&a, &e, false, &files) && estate_read(&a, &e, true, &other);
    if (ok && strcmp(plan_in_words(&a, &files), plan_in_words(&a, &other)) != 0) {
        printf("%s\n--\n%s\n", plan_in_words(&a, &files), plan_in_words(&a, &other));
        ok = fails(seed, "another order of rows gives another plan (law 3)");
    }
    if (ok) {
        rig_open(&a, &files, NULL, 0, &clean);
        rig_run(&clean);
        sum.calls += clean.call_count;
        if (clean.broken)
            ok = fails(seed, clean.broken);
    }
    for (int i = 0; ok && i < mishaps; i++)
        ok = disturbed(&a, &files, &clean, e.live, &d, seed);
    if (!ok && getenv("SHOW"))
        printf("%s\n%s\n", estate_spec(&e, false), estate_world(&e, false));
    arena_release(&a);
    return ok;
}

/* ---- the estates as files, for program.sh ---- */

static bool write_text(const char *folder, const char *side, const char *name, const char *text)
{
    struct arena a;
    struct err e = {0};
    const char *file;
    bool ok;

    arena_init(&a, 0);
    file = arena_printf(&a, "%s/%s", folder, side);
    ok = host_make_folder(file, &e);
    file = arena_printf(&a, "%s/%s", file, name);
    ok = ok && host_write_file(file, text, strlen(text), &e);
    if (!ok)
        fprintf(stderr, "%s: %s\n", file, e.text);
    arena_release(&a);
    return ok;
}

static int write_estates(const char *top, uint64_t seed, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct estate e;
        struct arena a;
        const char *to;
        bool ok;

        arena_init(&a, 0);
        estate_make(&a, seed + i, &e);
        to = arena_printf(&a, "%s/%llu", top, (unsigned long long)(seed + i));
        ok = write_text(to, "a", "spec.yaml", estate_spec(&e, false)) &&
             write_text(to, "a", "world.yaml", estate_world(&e, false)) &&
             write_text(to, "b", "spec.yaml", estate_spec(&e, true)) &&
             write_text(to, "b", "world.yaml", estate_world(&e, true));
        arena_release(&a);
        if (!ok)
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "-w") == 0)
        return write_estates(argv[2], strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));

    const char *effort = getenv("HVGPU_EFFORT");
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t count = argc > 2                                ? strtoull(argv[2], NULL, 10)
                     : argc > 1                              ? 1
                     : effort && strcmp(effort, "soak") == 0 ? 20000
                     : effort && strcmp(effort, "full") == 0 ? 600
                                                             : 150;
    size_t bad = 0;

    for (uint64_t i = 0; i < count && bad < 5; i++)
        bad += !one_seed(seed + i, 12);
    printf("# figure: seeds %llu..%llu: %zu worlds, %zu VMs, %zu disturbed runs, %zu deaths, "
           "%zu calls\n",
           (unsigned long long)seed, (unsigned long long)(seed + count - 1), sum.worlds, sum.vms,
           sum.disturbed, sum.deaths, sum.calls);
    printf("%s 1 - the laws hold in random estates\n1..1\n", bad ? "not ok" : "ok");
    return bad != 0;
}
