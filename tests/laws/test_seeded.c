/*
 * The laws above the small worlds: random estates, from a seed that is
 * printed.  Each is run undisturbed (it converges, rests, stays inside its
 * budgets, touches nothing undeclared), with its rows in another order (the
 * same plan), and with mishaps at random calls (power as found).
 *
 *   test_seeded [SEED [COUNT]]
 */
#include "tests/fault/rig.h"

#include "base/str.h"
#include "codec/world.h"
#include "diff/diff.h"
#include "plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dice {
    uint64_t s;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
    d->s ^= d->s << 13;
    d->s ^= d->s >> 7;
    d->s ^= d->s << 17;
    return (uint32_t)((d->s * 0x2545f4914f6cdd1du) >> 33) % sides;
}

static bool chance(struct dice *d, uint32_t percent)
{
    return roll(d, 100) < percent;
}

/* ---- an estate as rows of text, so that they can be put in another order ---- */

enum { MOST_ROWS = 96 };

struct estate {
    struct arena *arena;
    const char *nodes[MOST_ROWS], *vms[MOST_ROWS], *rows[MOST_ROWS];
    size_t node_count, vm_count, row_count;
    const char *policy;
    bool standalone;
    uint32_t want_count;
};

static const uint32_t counts[] = {16, 8, 4, 2, 1};

static uint32_t add_node(struct estate *e, struct dice *d, uint32_t n)
{
    uint32_t gpus = 1 + roll(d, 2), room = 0;
    struct text t;

    text_init(&t, e->arena);
    text_printf(&t,
                "    - name: hv-%02u\n      build: 25398\n      boot: 2026-10-01T00:00:00Z\n"
                "      state: up\n      gpus:\n",
                n);
    for (uint32_t g = 0; g < gpus; g++) {
        uint32_t count = chance(d, 60) ? e->want_count : counts[roll(d, 5)];

        text_printf(&t,
                    "        - {card: NVIDIA A2, instance: '4&%u&0&%04u', locationPath: "
                    "PCIROOT(%u)#PCI(0200)#PCI(0000), state: partitioned, partitions: %u}\n",
                    g + 1, g * 10, g + 1, count);
        room += count;
    }
    e->nodes[e->node_count++] = text_done(&t);
    return room;
}

static void add_row(struct estate *e, struct dice *d, const char *name)
{
    static const char *const wishes[] = {"partition", "partition", "partition", "asFound", "none"};
    const char *power = chance(d, 25) ? ", power: running" : chance(d, 8) ? ", power: stopped" : "";

    if (chance(d, 85))
        e->rows[e->row_count++] = arena_printf(e->arena, "    - {name: %s, gpu: %s%s}\n", name,
                                               wishes[roll(d, 5)], power);
}

static void add_vm(struct estate *e, struct dice *d, uint32_t node, uint32_t n, uint32_t *room)
{
    const char *name = arena_printf(e->arena, "vm-%u-%02u", node, n);
    bool holds = *room && chance(d, 60), runs = chance(d, 70);
    const char *adapters = "";

    if (holds) {
        --*room;
        adapters =
            arena_printf(e->arena, ", adapters: [{id: 20000000-0000-4000-8000-%04u%08u}]", node, n);
    }
    e->vms[e->vm_count++] = arena_printf(
        e->arena,
        "    - {name: %s, id: 10000000-0000-4000-8000-%04u%08u, node: hv-%02u, power: %s%s, "
        "%stiming: {shutdown: %us, start: %us}}\n",
        name, node, n, node, runs ? "running" : "stopped", adapters,
        e->standalone   ? ""
        : chance(d, 50) ? "role: {offlineAction: 3}, "
                        : "role: {offlineAction: 1}, ",
        5 + roll(d, 60), 5 + roll(d, 30));
    add_row(e, d, name);
}

static void make(struct arena *a, uint64_t seed, struct estate *e)
{
    struct dice d = {seed * 0x9e3779b97f4a7c15u + 1};
    uint32_t nodes = 1 + roll(&d, 3), budget;

    *e = (struct estate){.arena = a, .want_count = counts[roll(&d, 4)]};
    e->standalone = nodes == 1 && chance(&d, 50);
    for (uint32_t n = 1; n <= nodes; n++) {
        uint32_t room = add_node(e, &d, n), vms = roll(&d, 7);

        for (uint32_t v = 0; v < vms; v++)
            add_vm(e, &d, n, v, &room);
    }
    budget = roll(&d, 8);
    e->policy =
        arena_printf(a, "  policy: {disruption: allowed%s%s%s}\n",
                     !budget         ? ""
                     : e->standalone ? arena_printf(a, ", maxUnavailable: {vms: %u}", budget)
                                     : arena_printf(a, ", maxUnavailable: {vms: %u, nodes: %u}",
                                                    budget, 1 + roll(&d, 2)),
                     chance(&d, 15) && e->row_count ? ", protect: [vm-1-00]" : "",
                     chance(&d, 20) && !e->standalone ? ", reserve: {nodes: 1}" : "");
}

static const char *world_text(const struct estate *e, bool other_way)
{
    struct text t;

    text_init(&t, e->arena);
    text_printf(&t,
                "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: seeded}\nspec:\n"
                "  now: 2026-11-19T13:00:00Z\n%s  nodes:\n",
                e->standalone ? "" : "  cluster: {name: seeded}\n");
    for (size_t i = 0; i < e->node_count; i++)
        text_add(&t, e->nodes[other_way ? e->node_count - 1 - i : i]);
    text_add(&t, e->vm_count ? "  vms:\n" : "");
    for (size_t i = 0; i < e->vm_count; i++)
        text_add(&t, e->vms[other_way ? e->vm_count - 1 - i : i]);
    return text_done(&t);
}

static const char *spec_text(const struct estate *e, bool other_way)
{
    struct text t;

    text_init(&t, e->arena);
    text_printf(&t,
                "apiVersion: hvgpu/v1\nkind: %s\nmetadata: {name: seeded}\nspec:\n"
                "  connect: {sim: world.yaml}\n",
                e->standalone ? "Host" : "Cluster");
    if (other_way)
        text_add(&t, e->policy);
    text_printf(&t, "  gpus: [{name: a2, match: {model: NVIDIA A2}, partitions: %u}]\n",
                e->want_count);
    text_add(&t, e->row_count ? "  vms:\n" : "");
    for (size_t i = 0; i < e->row_count; i++)
        text_add(&t, e->rows[other_way ? e->row_count - 1 - i : i]);
    if (!other_way)
        text_add(&t, e->policy);
    return text_done(&t);
}

static bool read_case(struct arena *a, const struct estate *e, bool other_way,
                      struct case_files *out)
{
    const char *spec = spec_text(e, other_way), *world = world_text(e, other_way);
    struct spec_source source = {"spec.yaml", spec, strlen(spec)};
    struct findings found;
    struct specs specs;

    findings_init(&found, a);
    *out = (struct case_files){.name = "seeded"};
    if (!spec_read(a, &source, 1, &specs, &found) ||
        !world_read(a, "world.yaml", world, strlen(world), &out->world, &found)) {
        for (size_t i = 0; i < found.count; i++)
            printf("# %s:%u: %s\n", found.rows[i].at.file, (unsigned)found.rows[i].at.line,
                   found.rows[i].text);
        printf("# %s# %s", spec, world);
        return false;
    }
    out->spec = specs.rows[0];
    return true;
}

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
    spec_resolve(a, &files->spec, &have, &want);
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

static bool disturbed(struct arena *a, const struct case_files *files, const struct rig *clean,
                      struct dice *d, uint64_t seed)
{
    struct mishap m[2];
    struct rig r;

    for (int i = 0; i < 2; i++)
        m[i] = (struct mishap){(enum mishap_kind)(1 + roll(d, MISHAP_KINDS - 1)),
                               clean->call_count ? roll(d, (uint32_t)clean->call_count * 2) : 0};
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
    make(&a, seed, &e);
    sum.worlds++;
    sum.vms += e.vm_count;
    ok = read_case(&a, &e, false, &files) && read_case(&a, &e, true, &other);
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
        ok = disturbed(&a, &files, &clean, &d, seed);
    if (!ok && getenv("SHOW"))
        printf("%s\n%s\n", spec_text(&e, false), world_text(&e, false));
    arena_release(&a);
    return ok;
}

int main(int argc, char **argv)
{
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
