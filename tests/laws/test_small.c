/*
 * Every small world, with the planner in it: 2 GPUs, up to 3 VMs, one node or
 * two, every start state x every wish, and the whole way for each of them:
 * resolve, compare, plan, gate, run.  VMs are interchangeable, and so are the
 * GPUs: of the worlds that differ by names only, one is walked.
 *
 * Three walks, each over a part of the worlds (by effort; all in `make soak`):
 *
 *   undisturbed  to rest, with every law that the rig minds
 *   deaths       each state that a death can leave on disk is visited once and
 *                restarted from: that covers any number of deaths, at any
 *                instant, also with a call on the wire (protocol.md 6); in
 *                every fourth world also behind each transient fault and each
 *                death of the store.  Where the spec says a power, every 16th
 *                world: ten times the work, and the power is its own axis
 *   one fault    each effect that a plan has fails for good: only what needs it
 *                stays behind (law 8)
 *
 *   test_small world NUMBER [tell]     all three walks of one world; call by call
 *   test_small WALK [PART/PARTS [moves]]   one walk over all worlds, or over a part of them;
 *                                      over those only whose spec lets VMs be moved
 */
#include "estate.h"

#include "base/str.h"
#include "diff/diff.h"
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- worlds by number ---- */

enum { VMS = 3, GPUS = 2 };

static const uint32_t digits[] = {
    3,       /* place: standalone, a cluster of one node, one GPU on each of two nodes */
    2, 2,    /* count of each GPU: 1 or 2 */
    6, 6, 6, /* each VM: off or running x no adapter, on the first, on the second GPU */
    7,       /* counts wished: none, 1, 2, 1 and 2, 2 and 1; the first, the second GPU leaves */
    4, 4, 4, /* each VM's wish: partition, none, asFound, not declared */
    3,       /* power of the first VM: as found, running, stopped */
    6,       /* policy: allowed; budget 1; budget 2 on 1 node; 2 on 2; default never; protect */
    6        /* moves: none; where room is, off or live; the first node emptied, off or live; the
                first VM wants the other node.  A GPU that leaves: its VMs are moved */
};
enum { DIGITS = sizeof digits / sizeof *digits };

static uint64_t world_count(void)
{
    uint64_t n = 1;

    for (size_t i = 0; i < DIGITS; i++)
        n *= digits[i];
    return n;
}

struct shape {
    uint32_t place, count[GPUS], vm[VMS], counts, wish[VMS], power, policy;
    enum moves { STAY, ROOM, ROOM_LIVE, EMPTY, EMPTY_LIVE, OTHER_NODE } moves;
};

static void shape_of(uint64_t number, struct shape *out)
{
    uint32_t d[DIGITS];

    for (size_t i = 0; i < DIGITS; i++) {
        d[i] = (uint32_t)(number % digits[i]);
        number /= digits[i];
    }
    *out = (struct shape){.place = d[0],
                          .count = {d[1] + 1, d[2] + 1},
                          .vm = {d[3], d[4], d[5]},
                          .counts = d[6],
                          .wish = {d[7], d[8], d[9]},
                          .power = d[10],
                          .policy = d[11],
                          .moves = (enum moves)d[12]};
}

static uint32_t gpu_held(const struct shape *s, int vm)
{
    return s->vm[vm] / 2; /* 0: none; 1, 2: that GPU */
}

static bool is_on(const struct shape *s, int vm)
{
    return s->vm[vm] % 2;
}

/* More running VMs on a GPU than it has partitions: no such world. */
static bool is_world(const struct shape *s)
{
    for (uint32_t g = 0; g < GPUS; g++) {
        uint32_t held = 0;

        for (int v = 0; v < VMS; v++)
            held += is_on(s, v) && gpu_held(s, v) == g + 1;
        if (held > s->count[g])
            return false;
    }
    return true;
}

static uint32_t node_of(const struct shape *s, int vm)
{
    if (s->place != 2)
        return 1;
    return gpu_held(s, vm) ? gpu_held(s, vm) : 1 + (uint32_t)vm % 2;
}

/* ---- of the worlds that differ by names only, the one with the lowest number ---- */

static uint64_t number_of(const struct shape *s)
{
    const uint32_t d[DIGITS] = {s->place, s->count[0] - 1, s->count[1] - 1, s->vm[0],   s->vm[1],
                                s->vm[2], s->counts,       s->wish[0],      s->wish[1], s->wish[2],
                                s->power, s->policy,       s->moves};
    uint64_t number = 0;

    for (size_t i = DIGITS; i-- > 0;)
        number = number * digits[i] + d[i];
    return number;
}

/* The other GPU first; the nodes change places with their GPUs. */
static struct shape mirrored(const struct shape *s)
{
    static const uint32_t other[] = {0, 2, 1};
    struct shape m = *s;

    m.count[0] = s->count[1];
    m.count[1] = s->count[0];
    m.counts = s->counts > 4 ? 11 - s->counts : s->counts > 2 ? 7 - s->counts : s->counts;
    for (int v = 0; v < VMS; v++)
        m.vm[v] = other[gpu_held(s, v)] * 2 + is_on(s, v);
    return m;
}

/* VM v of the one is VM order[v] of the other.  False: names mean something here. */
static bool renamed(const struct shape *s, const uint32_t order[VMS], bool mirror,
                    struct shape *out)
{
    const struct shape from = mirror ? mirrored(s) : *s;

    *out = from;
    if (((s->power || s->moves == OTHER_NODE) && order[0] != 0) ||
        (s->policy == 5 && order[1] != 1))
        return false;
    if (mirror && (s->moves == EMPTY || s->moves == EMPTY_LIVE))
        return false;
    for (int v = 0; v < VMS; v++) {
        uint32_t node = node_of(s, (int)order[v]);

        out->vm[v] = from.vm[order[v]];
        out->wish[v] = from.wish[order[v]];
        if (node_of(out, v) != (mirror && s->place == 2 ? 3 - node : node))
            return false;
    }
    return true;
}

static bool is_first_of_its_kind(uint64_t number, const struct shape *s)
{
    static const uint32_t orders[][VMS] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                           {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    for (size_t i = 0; i < 12; i++) {
        struct shape other;

        if (renamed(s, orders[i / 2], i % 2, &other) && number_of(&other) < number)
            return false;
    }
    return true;
}

/* A power that no row says; a bound on nodes where there are none, or one: the same world twice. */
static bool says_nothing_new(const struct shape *s)
{
    return (s->power && s->wish[0] == 3) || (s->place == 0 && s->policy == 2) ||
           (s->place < 2 && (s->policy == 3 || s->moves)) ||
           (s->moves == OTHER_NODE && s->wish[0] == 3);
}

static bool is_a_world(uint64_t number)
{
    struct shape s;

    shape_of(number, &s);
    return is_world(&s) && !says_nothing_new(&s) && is_first_of_its_kind(number, &s);
}

static bool goes_live(const struct shape *s)
{
    return s->moves == ROOM_LIVE || s->moves == EMPTY_LIVE;
}

static const char *world_of(struct arena *a, const struct shape *s)
{
    struct text t;

    text_init(&t, a);
    text_printf(&t,
                "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: small}\nspec:\n"
                "  now: 2026-11-19T13:00:00Z\n%s  timing: {change: 0s, count: 0s, device: 0s}\n"
                "  nodes:\n",
                s->place ? "  cluster: {name: small}\n" : "");
    for (uint32_t g = 0; g < GPUS; g++) {
        if (!g || s->place == 2)
            text_printf(&t,
                        "    - name: hv-0%u\n      build: %s\n      boot: "
                        "2026-10-01T00:00:00Z\n      state: up\n      gpus:\n",
                        g + 1, goes_live(s) ? "26100" : "25398");
        text_printf(&t,
                    "        - {card: NVIDIA A2, instance: '4&%u&0&0000', locationPath: "
                    "PCIROOT(%u)#PCI(0200)#PCI(0000), state: partitioned, partitions: %u%s}\n",
                    g + 1, g + 1, s->count[g], goes_live(s) ? ", incomingLiveMigration: true" : "");
    }
    text_printf(&t, "  defaults:\n    vm:\n      settings: {automaticStopAction: TurnOff, "
                    "dynamicMemory: false, checkpoints: disabled, guestControlledCacheTypes: true, "
                    "mmio: {low: 1 GiB, high: 32 GiB}}\n      timing: {shutdown: 0s, start: 0s}\n");
    text_printf(&t, "%s  vms:\n", s->place ? "      role: {offlineAction: 3}\n" : "");
    for (int v = 0; v < VMS; v++) {
        text_printf(&t,
                    "    - {name: vm-%d, id: 10000000-0000-4000-8000-00000000000%d, node: hv-0%u, "
                    "power: %s",
                    v, v, node_of(s, v), is_on(s, v) ? "running" : "stopped");
        if (gpu_held(s, v) && is_on(s, v))
            text_printf(&t,
                        ", adapters: [{id: 20000000-0000-4000-8000-00000000000%d, seen: "
                        "'4&%u&0&0000'}]",
                        v, gpu_held(s, v));
        else if (gpu_held(s, v))
            text_printf(&t, ", adapters: [{id: 20000000-0000-4000-8000-00000000000%d}]", v);
        text_printf(&t, "}\n");
    }
    return text_done(&t);
}

static const char *spec_of(struct arena *a, const struct shape *s)
{
    static const char *const wishes[] = {"partition", "none", "asFound"};
    static const char *const powers[] = {"", ", power: running", ", power: stopped"};
    static const char *const policies[] = {
        "disruption: allowed",
        "disruption: allowed, maxUnavailable: {vms: 1}",
        "disruption: allowed, maxUnavailable: {vms: 2, nodes: 1}",
        "disruption: allowed, maxUnavailable: {vms: 2, nodes: 2}",
        "",
        "disruption: allowed, protect: [vm-1]"};
    const char *comma = *policies[s->policy] ? ", " : "";
    bool any = false;
    struct text t;

    text_init(&t, a);
    text_printf(&t,
                "apiVersion: hvgpu/v1\nkind: %s\nmetadata: {name: small}\nspec:\n"
                "  connect: {sim: world.yaml}\n",
                s->place ? "Cluster" : "Host");
    if (s->moves == EMPTY || s->moves == EMPTY_LIVE)
        text_add(&t, "  nodes: [{name: hv-01, state: drained}, {name: hv-02}]\n");
    if (s->counts == 1 || s->counts == 2)
        text_printf(&t, "  gpus: [{name: a2, match: {model: NVIDIA A2}, partitions: %u}]\n",
                    s->counts);
    if (s->counts > 4) {
        uint32_t g = s->counts - 5, node = s->place == 2 ? g + 1 : 1;

        text_printf(&t,
                    "  gpus:\n    - {name: swap, match: {nodes: [hv-0%u], locationPath: "
                    "PCIROOT(%u)#PCI(0200)#PCI(0000)}, leaving: {by: 2026-11-24T22:00:00Z, "
                    "reason: swap%s}}\n",
                    node, g + 1, s->moves ? ", vms: move" : "");
    }
    for (uint32_t g = 0; g < GPUS && (s->counts == 3 || s->counts == 4); g++)
        text_printf(&t,
                    "%s    - {name: g%u, match: {locationPath: PCIROOT(%u)#PCI(0200)#PCI(0000)}, "
                    "partitions: %u}\n",
                    g ? "" : "  gpus:\n", g, g + 1, s->counts == 3 ? g + 1 : 2 - g);
    for (int v = 0; v < VMS; v++)
        if (s->wish[v] < 3) {
            text_printf(&t, "%s    - {name: vm-%d, gpu: %s%s%s}\n", any ? "" : "  vms:\n", v,
                        wishes[s->wish[v]], v ? "" : powers[s->power],
                        v || s->moves != OTHER_NODE ? ""
                        : node_of(s, v) == 1        ? ", node: hv-02"
                                                    : ", node: hv-01");
            any = true;
        }
    text_printf(&t, "  policy: {%s%sstop: {deadline: 30s}%s%s%s}\n", policies[s->policy], comma,
                s->place && s->counts > 2 ? ", homogeneous: warn" : "",
                s->place && s->counts > 2 ? ", partial: allow" : "",
                s->moves ? ", move: allowed" : "");
    return text_done(&t);
}

static void read_world(struct arena *a, uint64_t number, struct case_files *out)
{
    struct shape s;

    shape_of(number, &s);
    if (!texts_read(a, spec_of(a, &s), world_of(a, &s), out)) {
        printf("# world %llu is not read\n", (unsigned long long)number);
        abort();
    }
}

/* Side by side without a bound, one at a time, and a bound in between. */
static uint32_t width_of(uint64_t number)
{
    static const uint32_t widths[] = {0, 1, 16};

    return widths[number / 7 % 3];
}

/* ---- what is said ---- */

static struct {
    size_t states, passes, effects, put_back, faults, moves;
} sum;
static bool telling, only_moves;

static bool broke(uint64_t number, const char *walk, const char *what)
{
    struct arena a;
    struct shape s;

    printf("# world %llu, %s: %s\n", (unsigned long long)number, walk, what);
    arena_init(&a, 0);
    shape_of(number, &s);
    if (host_env("SHOW"))
        printf("%s%s", spec_of(&a, &s), world_of(&a, &s));
    arena_release(&a);
    return false;
}

/* ---- undisturbed: laws 1, 2, 5, 7, 9, 11, 12, 13, 14 ---- */

static bool undisturbed(uint64_t number)
{
    struct case_files files;
    struct arena a;
    struct rig r;

    arena_init(&a, 0);
    read_world(&a, number, &files);
    rig_open(&a, &files, NULL, 0, &r);
    r.width = width_of(number);
    r.tell = telling;
    rig_run(&r);
    sum.passes += r.passes;
    sum.effects += r.performed;
    if (!r.broken && (r.put_back || r.degraded || r.stuck))
        r.broken = "is put back or left though nothing is broken (law 15)";
    if (r.broken)
        broke(number, "undisturbed", r.broken);
    arena_release(&a);
    return !r.broken;
}

/* ---- deaths: each durable state once ---- */

struct durable {
    struct arena arena;
    struct world world;
    struct ledger disk;
    struct landing *landings;
    size_t landing_count;
    bool faulted; /* the one transient fault is spent */
    struct durable *next;
};

struct walk {
    struct durable *first, *last;
    uint64_t *seen; /* open addressing; 0: free */
    size_t seen_count, seen_room;
    bool faulted;
    enum call_kind *calls; /* of the first pass */
    size_t call_count;
};

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v;
    h *= 0x9fb21c651e98df25u;
    return h ^ h >> 29;
}

static uint64_t mix_text(uint64_t h, const char *s)
{
    for (; s && *s; s++)
        h = mix(h, (unsigned char)*s);
    return mix(h, s ? 256 : 257);
}

/* Times count only as far as a decision depends on them: is it over, is it the one we know? */
static uint64_t hash_world(uint64_t h, const struct world *w, const struct ledger *l)
{
    for (size_t i = 0; i < w->now.gpu_count; i++)
        h = mix(h, w->now.gpus[i].count.value);
    for (size_t i = 0; i < w->now.vm_count; i++) {
        const struct vm *vm = &w->now.vms[i];
        const struct debt *d = ledger_debt(l, vm->id);

        h = mix(h, (uint64_t)vm->power << 8 | vm->node << 4 | vm->role.vm);
        h = mix(h, d ? (uint64_t)(d->stamp_ms == vm->stamp_ms) : 2);
        h = mix(h, vm->adapter_count);
        for (size_t k = 0; k < vm->adapter_count; k++) {
            h = mix_text(h, vm->adapters[k].id);
            h = mix_text(h, vm->adapters[k].seen);
            h = mix(h, ledger_claim(l, vm->id, vm->adapters[k].id) != NULL);
        }
    }
    return mix(h, w->job_count);
}

static uint64_t hash_ledger(uint64_t h, const struct ledger *l, int64_t now)
{
    for (size_t i = 0; i < l->group_count; i++) {
        const struct group *g = &l->groups[i];

        h = mix_text(h, g->input);
        h = mix(h, (uint64_t)g->direction << 1 | g->committed);
        for (size_t k = 0; k < g->member_count; k++)
            h = mix(mix_text(h, g->members[k].id), g->members[k].marks);
    }
    for (size_t i = 0; i < l->debt_count; i++)
        h = mix(mix_text(h, l->debts[i].vm),
                (uint64_t)(l->debts[i].waits != NULL) << 8 | (uint64_t)l->debts[i].phase << 2 |
                    (uint64_t)l->debts[i].found_running << 1 | (l->debts[i].group != 0));
    for (size_t i = 0; i < l->intent_count; i++) {
        h = mix_text(h, l->intents[i].action.subject);
        h = mix(h, (uint64_t)l->intents[i].action.verb << 1 | (l->intents[i].due_ms <= now));
    }
    for (size_t i = 0; i < l->parked_count; i++)
        h = mix_text(h, l->parked[i].input);
    return h;
}

static bool is_new(struct walk *w, uint64_t h)
{
    size_t at;

    h |= 1;
    if (w->seen_count * 2 >= w->seen_room) {
        size_t room = w->seen_room ? w->seen_room * 2 : 256;
        uint64_t *rows = calloc(room, sizeof *rows);

        if (!rows)
            abort();
        for (size_t i = 0; i < w->seen_room; i++)
            if (w->seen[i]) {
                for (at = w->seen[i] % room; rows[at]; at = (at + 1) % room)
                    ;
                rows[at] = w->seen[i];
            }
        free(w->seen);
        w->seen = rows;
        w->seen_room = room;
    }
    for (at = h % w->seen_room; w->seen[at]; at = (at + 1) % w->seen_room)
        if (w->seen[at] == h)
            return false;
    w->seen[at] = h;
    w->seen_count++;
    return true;
}

/* A death now would leave this. */
static void left_behind(struct walk *w, const struct world *world, const struct ledger *disk,
                        const struct landing *landings, size_t landing_count)
{
    uint64_t h = hash_ledger(hash_world(w->faulted + 1, world, disk), disk, world->now.observed_ms);
    struct durable *d;

    for (size_t i = 0; i < landing_count; i++)
        h = mix(mix_text(h, landings[i].action.subject), landings[i].action.verb);
    sum.moves++;
    if (!is_new(w, h))
        return;
    d = calloc(1, sizeof *d);
    if (!d)
        abort();
    arena_init(&d->arena, 0);
    world_copy(&d->arena, world, &d->world);
    d->world.arena = &d->arena;
    ledger_copy(&d->arena, disk, &d->disk);
    d->landings = arena_array(&d->arena, struct landing, landing_count + 1);
    for (size_t i = 0; i < landing_count; i++) {
        struct action *act = &d->landings[i].action;

        d->landings[i] = landings[i];
        act->node = arena_strdup(&d->arena, act->node);
        act->subject = arena_strdup(&d->arena, act->subject);
        act->object = act->object ? arena_strdup(&d->arena, act->object) : NULL;
        act->pin = act->pin ? arena_strdup(&d->arena, act->pin) : NULL;
    }
    d->landing_count = landing_count;
    d->faulted = w->faulted;
    if (w->last)
        w->last->next = d;
    else
        w->first = d;
    w->last = d;
}

/* Before each call: what if we die here, before it, after it, or with it on the wire? */
static void what_if(struct rig *r, const struct order *o)
{
    struct walk *w = r->context;
    struct arena a;

    left_behind(w, &r->world, &r->disk, r->landings, r->landing_count);
    arena_init(&a, 0);
    if (o->kind == ORDER_RECORD && o->commit.sync) {
        struct ledger after;

        ledger_copy(&a, &r->memory, &after);
        ledger_apply(&a, &after, &o->commit);
        left_behind(w, &r->world, &after, r->landings, r->landing_count);
    }
    if (o->kind == ORDER_PERFORM) {
        struct landing more[8];
        struct world after;
        size_t n = r->landing_count < 7 ? r->landing_count : 7;
        struct err e;

        world_copy(&a, &r->world, &after);
        after.arena = &a;
        world_perform(&after, &o->action, &e);
        left_behind(w, &after, &r->disk, r->landings, r->landing_count);
        if (n)
            memcpy(more, r->landings, n * sizeof *more);
        more[n] = (struct landing){o->action, r->world.now.observed_ms + 20000};
        left_behind(w, &r->world, &r->disk, more, n + 1);
    }
    arena_release(&a);
}

static bool one_state(uint64_t number, const struct case_files *files, const struct state *first,
                      const struct durable *d, struct walk *w, const struct mishap *m)
{
    struct arena a;
    struct rig r;
    bool ok = true;

    arena_init(&a, 0);
    rig_resume(&a, files, first, &d->world, &d->disk, d->landings, d->landing_count, &r);
    r.width = width_of(number);
    r.tell = telling;
    r.mishaps = m;
    r.mishap_count = m != NULL;
    r.at_call = what_if;
    r.context = w;
    w->faulted = d->faulted || m;
    rig_pass(&r);
    sum.passes++;
    sum.put_back += r.put_back;
    if (!w->calls) { /* the first pass: its calls, for the faults */
        w->call_count = r.call_count;
        w->calls = calloc(r.call_count + 1, sizeof *w->calls);
        if (!w->calls)
            abort();
        for (size_t i = 0; i < r.call_count; i++)
            w->calls[i] = r.calls[i];
    }
    if (!r.broken && rig_rests(&r))
        rig_check_end(&r);
    else if (!r.broken && !r.dead)
        left_behind(w, &r.world, &r.disk, r.landings, r.landing_count);
    if (r.broken)
        ok = broke(number, "with deaths", r.broken);
    arena_release(&a);
    return ok;
}

/* What can go wrong for once: not the deaths, which need no mishap here. */
static bool is_transient(enum mishap_kind kind)
{
    return (kind >= MISHAP_REFUSED && kind <= MISHAP_DENIED) || kind == MISHAP_BLIND ||
           kind == MISHAP_STORE_LOST;
}

/* From the start: each transient fault at each call; what it leaves is walked like all else. */
static bool one_transient(uint64_t number, const struct case_files *files,
                          const struct state *first, const struct durable *d, struct walk *w)
{
    const size_t calls = w->call_count;
    bool ok = true;

    for (size_t at = 0; ok && at < calls; at++)
        for (int k = MISHAP_NONE + 1; ok && k < MISHAP_KINDS; k++) {
            struct mishap m = {(enum mishap_kind)k, at};

            if (!is_transient(m.kind) || mishap_call(m.kind) != w->calls[at])
                continue;
            ok = one_state(number, files, first, d, w, &m);
            sum.faults++;
        }
    return ok;
}

static bool deaths(uint64_t number)
{
    struct walk w = {0};
    struct case_files files;
    struct durable *d;
    struct arena a;
    struct rig r;
    size_t visited = 0;
    bool ok = true;

    arena_init(&a, 0);
    read_world(&a, number, &files);
    rig_open(&a, &files, NULL, 0, &r);
    left_behind(&w, &r.world, &r.disk, NULL, 0);
    while ((d = w.first)) {
        if (ok) {
            ok = one_state(number, &files, &r.first, d, &w, NULL);
            if (ok && !visited && number % 4 == 0)
                ok = one_transient(number, &files, &r.first, d, &w);
            visited++;
            sum.states++;
        }
        w.first = d->next;
        if (!w.first)
            w.last = NULL;
        arena_release(&d->arena);
        free(d);
    }
    free(w.calls);
    free(w.seen);
    arena_release(&a);
    return ok;
}

/* ---- law 8: what fails stops only what needs it ---- */

static void plan_for(struct arena *a, const struct case_files *files, const struct world *w,
                     const struct ledger *owed, struct plan *out, struct state *have)
{
    static const struct permission word = {UINT32_MAX, UINT32_MAX};
    struct target *want = arena_new(a, struct target);
    struct diff *diff = arena_new(a, struct diff);
    struct inputs in = {.cluster = "small",
                        .source = "s",
                        .spec_digest = "d",
                        .policy = &files->spec.policy,
                        .want = want,
                        .have = have,
                        .owed = owed,
                        .diff = diff};
    struct err e;

    if (!world_observe(w, a, NO_INDEX, have, &e))
        abort();
    state_sort(have, a);
    spec_resolve_owed(a, &files->spec, have, owed, want);
    diff_compute(a, want, have, owed, diff);
    plan_build(a, &in, out);
    plan_gate(a, &in, &word, out);
}

static bool needs_group(const struct plan *p, size_t group, size_t failed)
{
    if (group == failed)
        return true;
    for (size_t i = 0; i < p->groups[group].need_count; i++)
        if (needs_group(p, p->groups[group].needs[i], failed))
            return true;
    return false;
}

/* M8: where somebody fails, room may be left for a VM that had nowhere to go before. */
static bool is_new_move(const struct change *c, const struct member *m)
{
    return c->field == FIELD_VM_NODE && !(m->target.fields & IMAGE_NODE);
}

/* Do the members of this group still differ? */
static bool differs(const struct plan_group *g, const struct plan *after, const struct state *have)
{
    for (size_t i = 0; i < after->change_count; i++) {
        const struct change *c = &after->changes[i].change;

        for (size_t m = 0; m < g->member_count; m++)
            if (!after->changes[i].at_next_stop && !is_new_move(c, &g->members[m]) &&
                ((c->kind == SUBJECT_VM && g->members[m].kind == SUBJECT_VM &&
                  str_same(have->vms[c->vm].id, g->members[m].id)) ||
                 (c->kind == SUBJECT_GPU && g->members[m].kind == SUBJECT_GPU &&
                  str_same(have->gpus[c->gpu].path, g->members[m].id) &&
                  str_same(have->nodes[have->gpus[c->gpu].node].name, g->members[m].node))))
                return true;
    }
    return false;
}

static const char *spreads(struct arena *a, const struct case_files *files, const struct plan *plan,
                           size_t group, const struct step *s, uint32_t width)
{
    struct ledger none = {0};
    struct state have;
    struct plan after;
    struct rig r;

    rig_open(a, files, NULL, 0, &r);
    r.width = width;
    r.tell = telling;
    r.never.verb = s->action.verb;
    r.never.subject = s->action.subject;
    r.hopeless = true;
    rig_pass(&r);
    sum.faults++;
    sum.put_back += r.put_back;
    plan_for(a, files, &r.world, &none, &after, &have);
    /*
     * P4: a VM that could not be brought back keeps using the budget.  V9: what let go of its
     * GPU is done, and wants it back.
     */
    for (size_t i = 0; i < plan->group_count; i++)
        if (!r.broken && plan->groups[i].gate == GATE_RUNS && !needs_group(plan, i, group) &&
            !group_lets_go(&plan->groups[i]) &&
            !(s->action.verb == VERB_VM_START && files->spec.policy.max_vms) &&
            differs(&plan->groups[i], &after, &have))
            return arena_printf(a,
                                "%s %s fails, and a group that does not need it is not done "
                                "(law 8)",
                                verb_rows[s->action.verb].word, s->name);
    for (int i = 0; i < 6 && !r.broken && !rig_rests(&r); i++)
        rig_pass(&r);
    /* What is owed is tried by every run; what waits for its budget waits. */
    if (!r.broken && !rig_rests(&r) && s->action.verb != VERB_VM_START)
        return "does not rest (law 14)";
    return r.broken;
}

/* One group at a time and all or nothing are promises as well: then others may stay behind. */
static bool groups_are_free(const struct case_files *files)
{
    return files->spec.policy.partial || files->spec.kind == SPEC_HOST || !files->spec.gpu_count;
}

static bool one_fault(uint64_t number)
{
    struct case_files files;
    struct ledger none = {0};
    struct state have;
    struct plan plan;
    struct arena a;
    bool ok = true;

    arena_init(&a, 0);
    read_world(&a, number, &files);
    if (groups_are_free(&files)) {
        plan_for(&a, &files, &files.world, &none, &plan, &have);
        for (size_t g = 0; g < plan.group_count; g++)
            for (size_t s = 0;
                 ok && plan.groups[g].gate == GATE_RUNS && s < plan.groups[g].step_count; s++) {
                struct arena one;
                const char *why;

                arena_init(&one, 0);
                why = spreads(&one, &files, &plan, g, &plan.groups[g].steps[s], width_of(number));
                ok = !why || broke(number, "one fault", why);
                arena_release(&one);
            }
    }
    arena_release(&a);
    return ok;
}

/* ---- walks ---- */

static const struct walk_row {
    const char *name, *laws;
    bool (*one)(uint64_t number);
    uint64_t worlds;     /* as many as check has time for with sanitizers */
    uint64_t with_power; /* of the worlds whose spec says a power every n-th */
} walks[] = {
    {"undisturbed", "laws 1, 2, 5, 7, 9, 11, 12, 13, 14 in small worlds", undisturbed, 3000, 1},
    {"deaths", "laws 6, 7, 11, 13, 14: every state that a death leaves", deaths, 150, 16},
    {"fault", "law 8: what fails for good stops only what needs it", one_fault, 1000, 1},
};
enum { WALKS = sizeof walks / sizeof *walks };

/* Is this world left out of this walk? */
static bool is_left_out(const struct walk_row *w, uint64_t number)
{
    struct shape s;

    shape_of(number, &s);
    return (s.power && number / 5 % w->with_power) || (only_moves && !s.moves);
}

/* Of `parts` parts this one, and at most so many worlds of it. */
static bool over(const struct walk_row *w, uint64_t most, uint64_t part, uint64_t parts)
{
    /* A stride that shares no factor with the number of worlds meets each of them once. */
    const uint64_t all = world_count(), step = 1000003;
    uint64_t i, at = 17 * (uint64_t)(w - walks);
    size_t bad = 0, worlds = 0, met = 0;

    memset(&sum, 0, sizeof sum);
    for (i = 0; i < all && met < most && bad < 5; i++, at = (at + step) % all) {
        if (i % parts != part || !is_a_world(at))
            continue;
        worlds++;
        if (is_left_out(w, at))
            continue;
        met++;
        bad += !w->one(at);
    }
    printf("# figure: %s: %zu worlds of %zu%s, %zu durable states, %zu moments of death, %zu "
           "passes, %zu effects, %zu faults, %zu put back\n",
           w->name, met, worlds, i < all ? ", a sample" : "", sum.states, sum.moves, sum.passes,
           sum.effects, sum.faults, sum.put_back);
    printf("%sok %d - %s\n", bad ? "not " : "", (int)(w - walks) + 1, w->laws);
    fflush(stdout);
    return !bad;
}

static uint64_t share_of(const char *effort)
{
    if (effort && strcmp(effort, "soak") == 0)
        return UINT64_MAX / 3000; /* all */
    if (effort && strcmp(effort, "full") == 0)
        return 60;
    return effort && strcmp(effort, "mutant") == 0 ? 1 : 10;
}

int main(int argc, char **argv)
{
    unsigned long long part = 0, parts = 1;
    bool ok = true;

    if (argc > 2 && strcmp(argv[1], "world") == 0) {
        uint64_t number = strtoull(argv[2], NULL, 10);

        telling = argc > 3;
        for (size_t i = 0; i < WALKS; i++)
            ok &= walks[i].one(number);
        return !ok;
    }
    if (argc > 2 && (sscanf(argv[2], "%llu/%llu", &part, &parts) != 2 || part >= parts))
        return 64;
    only_moves = argc > 3 && strcmp(argv[3], "moves") == 0;
    for (const struct walk_row *w = walks; w < walks + WALKS; w++)
        if (argc < 2)
            ok &= over(w, w->worlds * share_of(host_env("HVGPU_EFFORT")) / 10, 0, 1);
        else if (strcmp(argv[1], w->name) == 0)
            ok &= over(w, UINT64_MAX, part, parts);
    printf("1..%d\n", argc < 2 ? (int)WALKS : 1);
    return !ok;
}
