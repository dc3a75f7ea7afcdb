/*
 * Groups made by hand: combinations that no plan of one spec makes (a blocked
 * wish, units that stay apart), and that the table of order.c keeps in order
 * all the same.  For test_steps.c.
 */
#ifndef TESTS_LAWS_HAND_H
#define TESTS_LAWS_HAND_H

#include "estate.h"

#include "base/str.h"
#include "diff/diff.h"
#include "plan/plan.h"

#include <stdlib.h>

/* What the executor would have in its ledger, as far as the planner of steps asks. */
static void owe(struct arena *a, const struct plan_group *g, const struct state *first,
                struct ledger *owed)
{
    *owed = (struct ledger){0};
    owed->debts = arena_array(a, struct debt, g->member_count + 1);
    owed->claims = arena_array(a, struct claim, 256);
    for (size_t i = 0; i < g->member_count; i++) {
        uint32_t at =
            g->members[i].kind == SUBJECT_VM ? state_vm(first, g->members[i].id) : NO_INDEX;
        bool on = at != NO_INDEX && first->vms[at].power == POWER_RUNNING;

        if (at != NO_INDEX)
            owed->debts[owed->debt_count++] =
                (struct debt){.vm = g->members[i].id,
                              .found_running = on,
                              .phase = on ? DEBT_FOUND : DEBT_STOPPED};
    }
}

#define DEVICE(slot, more)                                                                         \
    "        - {card: NVIDIA L40S, instance: 4&" #slot "&0&0000, locationPath: PCIROOT(" #slot     \
    ")#PCI(0200)#PCI(0000), mitigationDriver: true, " more "}\n"
#define LOCATION(slot) "PCIROOT(" #slot ")#PCI(0200)#PCI(0000)"
#define VM_ID          "c0000000-0000-4000-8000-000000000001"
#define REQUEST_ID     "c0000000-0000-4000-8000-000000000b01"

static const char hand_spec[] = "apiVersion: hvgpu/v1\nkind: Cluster\nmetadata: {name: hand}\n"
                                "spec:\n  connect: {sim: world.yaml}\n";

/* What the members of one group shall be; the device of slot 16, that of 17, pools, the VM. */
static const struct hand {
    const char *name, *pools, *one, *two, *vm;
    struct {
        enum gpu_state place;
        const char *pool;
    } want[2]; /* GPU_UNKNOWN: no member */
    const char *pool;
    bool present;                    /* of that pool */
    const char *asks_pool, *asks_at; /* the VM's request afterwards; both NULL: none */
    bool partition;                  /* the VM's adapter afterwards */
    uint64_t offline_action;         /* 0: not in the image */
    bool moves, live;                /* the VM goes to the other node (M8), running if it may */
    bool keeps;                      /* the adapter that it has is the one afterwards */
    uint64_t count;                  /* of the GPU over there; 0: no member */
} hands[] = {
    {"partition to pool",
     "",
     DEVICE(16, "state: host"),
     "",
     "power: running, adapters: [{id: " REQUEST_ID "}]",
     {{GPU_DISMOUNTED, "ml"}},
     "ml",
     true,
     "ml",
     NULL,
     false,
     0},
    {"pool to partition",
     "      pools: [ml]\n",
     DEVICE(16, "state: dismounted, pool: ml"),
     "",
     "power: running, requests: [{id: " REQUEST_ID ", pool: ml}]",
     {{GPU_HOST, NULL}},
     "ml",
     false,
     NULL,
     NULL,
     true,
     0},
    {"pool to pool",
     "      pools: [ml, old]\n",
     DEVICE(16, "state: dismounted, pool: old"),
     "",
     "power: running, requests: [{id: " REQUEST_ID ", pool: old}]",
     {{GPU_DISMOUNTED, "ml"}},
     NULL,
     false,
     "ml",
     NULL,
     false,
     0},
    {"a new device, the old one goes home",
     "",
     DEVICE(16, "state: host"),
     DEVICE(17, "state: dismounted"),
     "power: running, requests: [{id: " REQUEST_ID ", location: " LOCATION(17) "}]",
     {{GPU_DISMOUNTED, NULL}, {GPU_HOST, NULL}},
     NULL,
     false,
     NULL,
     LOCATION(16),
     false,
     0},
    {"an empty pool goes",
     "      pools: [ml]\n",
     "",
     "",
     "power: stopped, requests: [{id: " REQUEST_ID ", pool: ml}]",
     {{0}},
     "ml",
     false,
     NULL,
     NULL,
     false,
     0},
    {"OfflineAction is put back",
     "",
     "",
     "",
     "power: running, adapters: [{id: " REQUEST_ID "}]",
     {{0}},
     NULL,
     false,
     NULL,
     NULL,
     false,
     OFFLINE_SHUT_DOWN},
    {.name = "it goes live, and gets a partition there",
     .vm = "power: running",
     .partition = true,
     .moves = true,
     .live = true},
    {.name = "it gets a partition on the node that it goes to",
     .vm = "power: stopped",
     .partition = true,
     .moves = true},
    {.name = "it loses its partition, and goes",
     .vm = "power: running, adapters: [{id: " REQUEST_ID "}]",
     .moves = true},
    {.name = "it goes with its partition to a node that is cut anew",
     .vm = "power: running, adapters: [{id: " REQUEST_ID "}]",
     .partition = true,
     .moves = true,
     .keeps = true,
     .count = 4},
};

#define OTHER_NODE                                                                                 \
    "    - name: hv-02\n      build: 26100\n      boot: 2026-11-01T01:00:00Z\n      gpus:\n"       \
    "        - {card: NVIDIA A2, instance: '4&8&0&0000', locationPath: " LOCATION(                 \
        8) ", partitions: 16}\n"

static const char *or_none(const char *text)
{
    return text ? text : "";
}

static const char *hand_world(struct arena *a, const struct hand *h)
{
    return arena_printf(
        a,
        "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: hand}\nspec:\n"
        "  now: 2026-11-19T13:00:00Z\n  cluster: {name: hand}\n  nodes:\n    - name: hv-01\n"
        "      build: 26100\n      boot: 2026-11-01T01:00:00Z\n      state: up\n%s      gpus:\n"
        "        - {card: NVIDIA A2, instance: '4&9&0&0000', locationPath: " LOCATION(
            9) ", state: partitioned, partitions: 1}\n%s%s%s  vms:\n    - {name: vm-1, id: " VM_ID
               ", node: hv-01, settings: {automaticStopAction: TurnOff, "
               "dynamicMemory: "
               "false, checkpoints: disabled, guestControlledCacheTypes: true, mmio: {low: 3 GiB, "
               "high: "
               "132 GiB}}, role: {offlineAction: 3}, %s}\n",
        or_none(h->pools), or_none(h->one), or_none(h->two), h->moves ? OTHER_NODE : "", h->vm);
}

static struct member *hand_member(struct plan_group *g, enum subject_kind kind, const char *node,
                                  const char *id, const char *name)
{
    struct member *m = &g->members[g->member_count++];

    *m = (struct member){.kind = kind, .node = node, .id = id, .name = name};
    return m;
}

static void hand_gpu(struct arena *a, struct plan_group *g, const struct state *s, uint32_t gpu,
                     enum gpu_state place, const char *pool)
{
    struct member *m =
        hand_member(g, SUBJECT_GPU, "hv-01", s->gpus[gpu].path, gpu_label(a, s, gpu));

    m->target = (struct image){
        .fields = IMAGE_PLACE | IMAGE_POOL, .place = place, .pool = pool, .present = true};
    image_of_gpu(a, &s->gpus[gpu], m->target.fields, &m->before);
}

static void hand_vm(struct arena *a, struct plan_group *g, const struct state *s,
                    const struct hand *h)
{
    struct member *m = hand_member(g, SUBJECT_VM, "hv-01", VM_ID, "vm-1");

    m->stop_deadline_ms = 60000;
    m->target.fields = IMAGE_ADAPTERS | IMAGE_REQUESTS;
    m->target.adapters = arena_new(a, struct image_adapter);
    m->target.adapter_count = h->partition;
    m->target.adapters->id = h->keeps ? REQUEST_ID : NULL;
    m->target.requests = arena_new(a, struct image_request);
    if (h->asks_pool || h->asks_at)
        m->target.requests[m->target.request_count++] =
            (struct image_request){.pool = h->asks_pool, .location = h->asks_at};
    if (h->offline_action) {
        m->target.fields |= IMAGE_OFFLINE_ACTION;
        m->target.offline_action = h->offline_action;
    }
    if (h->moves) {
        m->target.fields |= IMAGE_NODE;
        m->target.node = "hv-02";
        m->target.live = h->live;
    }
    image_of_vm(a, &s->vms[0], m->target.fields, &m->before);
    m->before.node = h->moves ? m->node : NULL;
}

/* The GPU of the other node gets another count. */
static void hand_count(struct arena *a, struct plan_group *g, const struct state *s, uint64_t count)
{
    uint32_t gpu = state_gpu_at(s, 1, LOCATION(8));
    struct member *m =
        hand_member(g, SUBJECT_GPU, "hv-02", s->gpus[gpu].path, gpu_label(a, s, gpu));

    m->target = (struct image){.fields = IMAGE_COUNT, .count = count};
    image_of_gpu(a, &s->gpus[gpu], m->target.fields, &m->before);
}

/* The group of a row, with its steps as the table now orders them. */
static void hand_group(struct arena *a, const struct hand *h, const struct world *w,
                       struct state *have, struct ledger *owed, struct plan_group *g)
{
    struct group open;
    struct steps steps;
    struct err e;

    *g = (struct plan_group){.members = arena_array(a, struct member, 8)};
    if (!world_observe(w, a, NO_INDEX, have, &e))
        abort();
    state_sort(have, a);
    for (size_t i = 0; i < 2; i++)
        if (h->want[i].place)
            hand_gpu(a, g, have, state_gpu_at(have, 0, i ? LOCATION(17) : LOCATION(16)),
                     h->want[i].place, h->want[i].pool);
    if (h->pool) {
        struct member *m = hand_member(g, SUBJECT_POOL, "hv-01", h->pool, h->pool);

        m->target = (struct image){.fields = IMAGE_POOL, .present = h->present};
        m->before = (struct image){.fields = IMAGE_POOL, .present = !h->present};
    }
    if (h->count)
        hand_count(a, g, have, h->count);
    hand_vm(a, g, have, h);
    owe(a, g, have, owed);
    open = (struct group){.id = 1, .members = g->members, .member_count = g->member_count};
    steps_build(a, &open, have, owed, &steps);
    g->steps = steps.rows;
    g->step_count = steps.count;
    steps_describe(a, have, g->steps, g->step_count);
}

#endif
