/*
 * Rollouts over random estates (P10), night after night, with and without
 * mishaps: no count changes but in the order that is declared, no more nodes
 * begin in one night than may, none sooner than the soak says, and a quiet
 * rollout that may begin arrives.  Judged on the truth, at every call.
 *
 *   test_rollouts [SEED [COUNT]]
 */
#include "estate.h"

#include "base/str.h"
#include "base/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR ((int64_t)60 * 60 * 1000)
#define DAY  (24 * HOUR)

enum { MOST = 3, NIGHTS = 12, A_DAY = 10 /* passes */ };

/* What a rollout of this seed says, and what was seen of it so far. */
struct night {
    const struct estate *estate;
    uint32_t order[MOST]; /* numbers of nodes, from 1 */
    uint32_t per_window;
    int64_t soak;
    bool windows;
    int64_t begun[MOST]; /* by place in the order: when its first count changed; 0: not yet */
    const char *wrong;
    bool forgets; /* the store was lost once: what it knew of this night is gone */
};

static struct {
    size_t worlds, sweeps, nodes, passes, blocked;
} sum;

static bool fails(uint64_t seed, const char *what)
{
    printf("# seed %llu: %s\n", (unsigned long long)seed, what);
    return false;
}

/* ---- a rollout by chance ---- */

static const char *rollout_text(struct arena *a, struct night *x, struct dice *d)
{
    struct text t;

    for (uint32_t i = 0; i < x->estate->most_nodes; i++)
        x->order[i] = i + 1;
    for (uint32_t i = x->estate->most_nodes; i-- > 1;) {
        uint32_t k = dice_roll(d, i + 1), n = x->order[i];

        x->order[i] = x->order[k];
        x->order[k] = n;
    }
    x->windows = dice_chance(d, 70);
    x->per_window = 1 + dice_roll(d, 3);
    x->soak = dice_roll(d, 3) * 11 * HOUR;
    text_init(&t, a);
    text_add(&t, "  rollout: {reason: law, mixedUntil: 2027-01-01, order: [");
    for (uint32_t i = 0; i < x->estate->most_nodes; i++)
        text_printf(&t, "%shv-%02u", i ? ", " : "", x->order[i]);
    text_add(&t, "]");
    if (x->windows)
        text_printf(&t, ", perWindow: %u", x->per_window);
    if (x->soak)
        text_printf(&t, ", soak: %lldh", (long long)(x->soak / HOUR));
    text_add(&t, "}\n");
    return text_done(&t);
}

/* In place of the estate's own policy: windows of every night, or none. */
static const char *policy_text(struct arena *a, const struct night *x, struct dice *d)
{
    return arena_printf(
        a, "  policy: {disruption: %s%s%s%s%s}\n", x->windows ? "window" : "allowed",
        x->windows ? ", maintenanceWindows: {allow: [{days: [sun, mon, tue, wed, thu, fri, sat], "
                     "start: \"20:00\", duration: 4h}]}"
                   : "",
        dice_chance(d, 50) ? ", maxUnavailable: {vms: 20, nodes: 3}" : "",
        dice_chance(d, 10) && x->estate->row_count ? ", protect: [vm-1-00]" : "",
        x->estate->moves ? ", move: allowed" : "");
}

/* ---- what must be so at every instant ---- */

static bool is_on(const struct state *s, uint32_t gpu, uint32_t node)
{
    char name[16];

    snprintf(name, sizeof name, "hv-%02u", node);
    return str_same(s->nodes[s->gpus[gpu].node].name, name);
}

static bool is_done(const struct night *x, const struct state *now, size_t place)
{
    for (uint32_t g = 0; g < now->gpu_count; g++)
        if (is_on(now, g, x->order[place]) && !num_is(now->gpus[g].count, x->estate->want_count))
            return false;
    return true;
}

static bool is_begun(const struct night *x, const struct rig *r, size_t place)
{
    const struct state *now = &r->world.now;

    for (uint32_t g = 0; g < now->gpu_count; g++)
        if (is_on(now, g, x->order[place]) && !num_eq(now->gpus[g].count, r->first.gpus[g].count))
            return true;
    return false;
}

static int64_t night_of(int64_t ms)
{
    return (ms - 19 * HOUR) / DAY;
}

/* A count has just changed here for the first time. */
static void judge(struct night *x, const struct rig *r, size_t place, int64_t now)
{
    size_t beside = 0;

    x->begun[place] = now;
    sum.nodes++;
    for (size_t i = 0; i < place; i++)
        if (!is_done(x, &r->world.now, i))
            x->wrong = "a node went before one that its order names first";
    for (size_t i = 0; i < x->estate->most_nodes; i++) {
        bool same_night = x->windows && night_of(x->begun[i]) == night_of(now);

        if (i == place || !x->begun[i])
            continue;
        beside += same_night;
        if (!same_night && !x->forgets && now < x->begun[i] + x->soak)
            x->wrong = "a node went within the soak of another one";
    }
    if (x->windows && !x->forgets && beside >= x->per_window)
        x->wrong = "more nodes in one window than may";
}

static void at_call(struct rig *r, const struct order *o)
{
    struct night *x = r->context;

    (void)o;
    x->forgets = x->forgets || r->store_failed;
    for (size_t i = 0; i < x->estate->most_nodes; i++)
        if (!x->begun[i] && is_begun(x, r, i))
            judge(x, r, i, state_now_ms(&r->world.now));
}

/* ---- night after night ---- */

static bool sweep(struct arena *a, uint64_t seed, const struct case_files *files, struct night *x,
                  const struct mishap *mishaps, size_t count)
{
    bool may_begin = false, arrived = true;
    struct rig r;

    memset(x->begun, 0, sizeof x->begun);
    x->forgets = false;
    rig_open(a, files, mishaps, count, &r);
    r.at_call = at_call;
    r.context = x;
    sum.sweeps++;
    for (size_t i = 0; i < NIGHTS * A_DAY && !r.broken && !x->wrong; i++) {
        rig_pass(&r);
        sum.passes++;
        at_call(&r, NULL);
        world_advance(&r.world, r.world.now.observed_ms + DAY / A_DAY);
    }
    for (size_t i = 0; i < x->estate->most_nodes; i++) {
        may_begin = may_begin || x->begun[i];
        arrived = arrived && is_done(x, &r.world.now, i);
    }
    if (r.broken || x->wrong)
        return fails(seed, r.broken ? r.broken : x->wrong);
    sum.blocked += !may_begin;
    if (!count && may_begin && !arrived)
        return fails(seed, "a quiet rollout that has begun does not arrive");
    return true;
}

static bool one_seed(uint64_t seed)
{
    struct dice d = {seed ^ 0x0110a7u};
    struct night x = {0};
    struct case_files files;
    struct mishap m[2];
    struct estate e;
    struct arena a;
    const char *rollout;
    bool ok = true;

    arena_init(&a, 0);
    estate_make(&a, seed, &e);
    if (e.most_nodes > 1) {
        sum.worlds++;
        x.estate = &e;
        rollout = rollout_text(&a, &x, &d);
        e.policy = arena_printf(&a, "%s%s", policy_text(&a, &x, &d), rollout);
        ok = estate_read(&a, &e, false, &files) && sweep(&a, seed, &files, &x, NULL, 0);
        for (int i = 0; i < 2; i++)
            m[i] = (struct mishap){(enum mishap_kind)(1 + dice_roll(&d, MISHAP_KINDS - 1)),
                                   dice_roll(&d, 60) + (size_t)i * 60};
        ok = ok && sweep(&a, seed, &files, &x, m, 2);
    }
    if (!ok && getenv("SHOW"))
        printf("%s\n%s\n", estate_spec(&e, false), estate_world(&e, false));
    arena_release(&a);
    return ok;
}

int main(int argc, char **argv)
{
    const char *effort = getenv("HVGPU_EFFORT");
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t count = argc > 2                                  ? strtoull(argv[2], NULL, 10)
                     : argc > 1                                ? 1
                     : effort && strcmp(effort, "soak") == 0   ? 5000
                     : effort && strcmp(effort, "full") == 0   ? 600
                     : effort && strcmp(effort, "mutant") == 0 ? 60
                                                               : 100;
    size_t bad = 0;

    for (uint64_t i = 0; i < count && bad < 5; i++)
        bad += !one_seed(seed + i);
    printf("# figure: %zu rollouts, %zu sweeps (%zu of them blocked), %zu nodes, %zu passes\n",
           sum.worlds, sum.sweeps, sum.blocked, sum.nodes, sum.passes);
    printf("%s 1 - rollouts keep their order, their pace and their soak\n1..1\n",
           bad ? "not ok" : "ok");
    return bad != 0;
}
