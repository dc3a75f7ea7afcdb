/*
 * Two doors to one world: an effect through provider/sim and the same effect
 * through provider/hyperv on the simulated WMI leave the same world behind,
 * with what only the platform knows (the cluster's stale copy, one-shot
 * actions, jobs), and are refused for the same reason.
 */
#include "base/limits.h"
#include "cim/cim_sim.h"
#include "host/host.h"
#include "provider/hyperv/hyperv.h"
#include "provider/sim.h"

#include "tests/unit/sim_world.h"

#include <stdlib.h>

/* ---- both doors, opened and claimed ---- */

struct pair {
    struct arena a;
    const char *path;
    struct findings found;
    struct err e;
    struct eye *sim, *wmi;
    struct hand *sim_hand, *wmi_hand;
    struct cim_net *net;
};

static bool open_pair(struct pair *p, const char *path, const char *text, size_t size)
{
    static const struct hyperv_target here = {.node_ms = 60000};
    static const struct owner owner = {"doors", "me", WHEN_NONE, 1};

    *p = (struct pair){.path = path};
    arena_init(&p->a, 0);
    findings_init(&p->found, &p->a);
    if (!sim_open(known_facts(), path, text, size, false, &p->sim, &p->found, &p->e))
        return false; /* one that is wrong on purpose */
    if (world_hangs(sim_world(p->sim), NO_INDEX))
        return false;
    if (!cim_sim_open(known_facts(), path, text, size, false, &p->net, &p->found, &p->e))
        fail_msg("%s opens through one door only", path);
    hyperv_open(p->net, &here, &p->wmi);
    /* What goes wrong is tried by the sweep; and what holds is not even asked for through WMI. */
    sim_world(p->sim)->fault_count = cim_sim_world(p->net)->fault_count = 0;
    if (!p->sim->ops->claim(p->sim, &owner, true, &p->sim_hand, &p->e) ||
        !p->wmi->ops->claim(p->wmi, &owner, true, &p->wmi_hand, &p->e))
        fail_msg("%s: %s", path, p->e.text);
    return true;
}

static void close_pair(struct pair *p)
{
    if (!p->found.arena)
        return; /* never opened */
    if (p->sim)
        p->sim->ops->close(p->sim);
    if (p->wmi)
        p->wmi->ops->close(p->wmi);
    arena_release(&p->a);
}

/* ---- what may differ ---- */

static const char *document(struct arena *a, const struct world *w)
{
    struct world copy;

    world_copy(a, w, &copy);
    memset(&copy.owner, 0, sizeof copy.owner); /* the record that each door gave back */
    for (size_t i = 0; i < copy.job_count; i++)
        copy.jobs[i].plain = false; /* whose the refresh is: ours through WMI */
    return world_write(a, &copy);
}

/* Refused by both, with other reasons first, or known through one door only. */
static const struct {
    enum verb verb;
    int64_t sim, wmi; /* 0: done */
    const char *why;
} excused[] = {
    {VERB_VM_MOVE, 5070, 32775, "the VM's power is looked at before the other node is asked"},
    {VERB_VM_MOVE, 5050, 32775, "the same"},
    {VERB_VM_MOVE, 5070, 5023, "the same"},
    {VERB_VM_MOVE, 5050, 5023, "the same"},
    {VERB_REQUEST_ADD, 0, 32773, "a request of a device that went back to the host names no place"},
};

struct outcome {
    bool ok;
    struct receipt receipt;
    struct err e;
};

/* The same kind of error: of a host that cannot be reached, and of one that is at work, the seam
   says more (cim.h). */
static bool same_kind(enum err_kind sim, const struct err *wmi)
{
    return sim == wmi->kind || wmi->kind == ERR_UNSEEN ||
           (wmi->kind == ERR_BUSY && (wmi->native == 32775 || wmi->native == 5960));
}

/* Through WMI nothing is changed of a VM whose role cannot be told (I2), or read of a hidden one.
 */
static bool cannot_be_told(const struct world *w, const struct action *a, int64_t code)
{
    uint32_t i = state_vm(&w->now, a->subject);
    const struct vm *vm = i == NO_INDEX ? NULL : &w->now.vms[i];

    return vm && ((code == 5007 && (vm->role.matches > 1 || vm->role.vmid_unread)) ||
                  (code == 0x80041002 && vm->hidden));
}

static bool same_outcome(const struct world *w, const struct action *a, const struct outcome *sim,
                         const struct outcome *wmi)
{
    int64_t left = sim->ok ? 0 : sim->e.native, right = wmi->ok ? 0 : wmi->e.native;

    for (size_t i = 0; i < sizeof excused / sizeof *excused; i++)
        if (excused[i].verb == a->verb && excused[i].sim == left && excused[i].wmi == right)
            return true;
    if (cannot_be_told(w, a, right))
        return true;
    if (sim->ok != wmi->ok)
        return false;
    return sim->ok ? (int32_t)sim->e.native == (int32_t)wmi->e.native || wmi->e.native <= 0
                   : (uint32_t)left == (uint32_t)right && same_kind(sim->e.kind, &wmi->e);
}

/* ---- what is asked ---- */

struct list {
    struct arena *a;
    struct action *rows;
    size_t count, room;
};

static struct action *one(struct list *l, enum verb verb, const char *node, const char *subject)
{
    struct action *a = arena_push(l->a, l->rows, l->count, l->room);

    *a = (struct action){.verb = verb, .node = node, .subject = subject};
    return a;
}

static void settings_of(struct list *l, const char *node, const struct vm *vm)
{
    for (uint64_t v = 0; v <= 4; v += 1)
        one(l, VERB_VM_OFFLINE_ACTION, node, vm->id)->value[0] = v;
    for (uint64_t v = CHECKPOINTS_DISABLED; v <= CHECKPOINTS_STANDARD; v++)
        one(l, VERB_VM_CHECKPOINTS, node, vm->id)->value[0] = v;
    for (uint64_t v = STOP_ACTION_TURN_OFF; v <= STOP_ACTION_SHUT_DOWN; v++)
        one(l, VERB_VM_STOP_ACTION, node, vm->id)->value[0] = v;
    for (uint64_t v = 0; v <= 1; v++) {
        struct action *a = one(l, VERB_VM_MEMORY, node, vm->id);

        one(l, VERB_VM_CACHE_TYPES, node, vm->id)->value[0] = v;
        a->value[0] = v;
        a->value[1] = v * 4096;
        a->value[2] = v * 1024;
        a = one(l, VERB_VM_MMIO, node, vm->id);
        a->value[0] = v ? 8192 : 1024;
        a->value[1] = 33280;
    }
}

static void power_of(struct list *l, const struct state *s, const char *node, const struct vm *vm)
{
    for (uint64_t how = STOP_GUEST; how <= STOP_TURN_OFF; how++)
        one(l, VERB_VM_STOP, node, vm->id)->value[0] = how;
    one(l, VERB_VM_START, node, vm->id);
    one(l, VERB_VM_CANCEL_START, node, vm->id);
    for (size_t i = 0; i < s->node_count && i < 3; i++)
        for (uint64_t how = MOVE_LIVE; how <= MOVE_OFF; how++) {
            struct action *a = one(l, VERB_VM_MOVE, node, vm->id);

            a->object = s->nodes[i].name;
            a->value[0] = how;
        }
}

static void gpus_of(struct list *l, const struct state *s, const char *node, const struct vm *vm)
{
    static const struct limits limits = {.max = {[QUOTA_VRAM] = {1 << 20, true}}};

    for (uint64_t v = 0; v <= 2; v++)
        one(l, VERB_ADAPTER_ADD, node, vm->id)->value[0] = v;
    for (size_t i = 0; i < s->gpu_count; i++)
        if (s->gpus[i].node == vm->node && i < 64) {
            if (s->gpus[i].state == GPU_PARTITIONED || s->gpus[i].state == GPU_PARAVIRTUAL)
                one(l, VERB_ADAPTER_ADD, node, vm->id)->pin = s->gpus[i].path;
            if (s->gpus[i].location_count)
                one(l, VERB_REQUEST_ADD, node, vm->id)->location = s->gpus[i].locations[0];
        }
    one(l, VERB_ADAPTER_REMOVE, node, vm->id)->object = "00000000-0000-4000-8000-000000000000";
    for (size_t i = 0; i < vm->adapter_count; i++) {
        struct action *a = one(l, VERB_ADAPTER_LIMITS, node, vm->id);

        a->object = vm->adapters[i].id;
        a->limits = &limits;
        one(l, VERB_ADAPTER_REMOVE, node, vm->id)->object = vm->adapters[i].id;
    }
    for (size_t i = 0; i < s->pool_count && i < 3; i++) {
        struct action *a = one(l, VERB_REQUEST_ADD, node, vm->id);

        a->object = s->pools[i].name;
        a->value[0] = i;
    }
    one(l, VERB_REQUEST_ADD, node, vm->id)->object = "no such pool";
    for (size_t i = 0; i < vm->request_count; i++)
        one(l, VERB_REQUEST_REMOVE, node, vm->id)->object = vm->requests[i].id;
}

static void of_gpu(struct list *l, const struct state *s, const struct gpu *g)
{
    static const enum verb verbs[] = {VERB_GPU_DISABLE, VERB_GPU_DISMOUNT, VERB_GPU_MOUNT,
                                      VERB_GPU_ENABLE};
    const char *node = s->nodes[g->node].name;
    const char *at = g->location_count ? g->locations[0] : NULL;

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        one(l, verbs[i], node, g->path)->location = at;
    one(l, VERB_GPU_DISMOUNT, node, g->path)->location = at;
    l->rows[l->count - 1].value[0] = 1;
    for (uint64_t n = 1; n <= 4; n++)
        one(l, VERB_GPU_COUNT, node, g->path)->value[0] = n;
    for (size_t i = 0; i < s->pool_count && i < 3; i++) {
        one(l, VERB_POOL_JOIN, node, g->path)->object = s->pools[i].name;
        one(l, VERB_POOL_LEAVE, node, g->path)->object = s->pools[i].name;
    }
    one(l, VERB_POOL_JOIN, node, g->path)->object = "no such pool";
}

static void of_pools(struct list *l, const struct state *s)
{
    for (size_t i = 0; i < s->node_count && i < 2; i++) {
        one(l, VERB_POOL_CREATE, s->nodes[i].name, "new");
        for (size_t k = 0; k < s->pool_count && k < 3; k++) {
            one(l, VERB_POOL_CREATE, s->nodes[i].name, s->pools[k].name);
            one(l, VERB_POOL_DELETE, s->nodes[i].name, s->pools[k].name);
        }
    }
}

static void all_of(struct list *l, const struct state *s, size_t most)
{
    for (size_t i = 0; i < s->vm_count && i < most; i++) {
        const struct vm *vm = &s->vms[i];
        const char *node = s->nodes[vm->node < s->node_count ? vm->node : 0].name;

        settings_of(l, node, vm);
        power_of(l, s, node, vm);
        gpus_of(l, s, node, vm);
    }
    for (size_t i = 0; i < s->gpu_count && i < most; i++)
        of_gpu(l, s, &s->gpus[i]);
    of_pools(l, s);
}

/* ---- through both ---- */

static struct outcome perform(struct hand *hand, const struct action *a)
{
    struct outcome o = {.ok = false};

    o.ok = hand_perform(hand, a, &o.receipt, &o.e);
    return o;
}

static void tell(const struct pair *p, const struct action *a, const struct outcome *sim,
                 const struct outcome *wmi)
{
    print_message("# %s: %s %s %s %s %s %llu %llu: sim %s %llx, wmi %s %d %llx %s\n", p->path,
                  verb_rows[a->verb].word, a->node, a->subject, a->object ? a->object : "",
                  a->pin        ? a->pin
                  : a->location ? a->location
                                : "",
                  (unsigned long long)a->value[0], (unsigned long long)a->value[1],
                  sim->ok ? "ok" : sim->e.text, (unsigned long long)sim->e.native,
                  wmi->ok ? "ok" : "no", (int)wmi->e.kind, (unsigned long long)wmi->e.native,
                  wmi->e.text);
}

static void tell_documents(const char *sim, const char *wmi)
{
    size_t at = 0, line = 0;

    while (sim[at] && sim[at] == wmi[at]) {
        if (sim[at] == '\n')
            line = at + 1;
        at++;
    }
    print_message("#  sim: %.300s\n#  wmi: %.300s\n", sim + line, wmi + line);
}

/* After it, and after it has landed and was asked for again: then nothing is owed. */
static bool same_effect(struct pair *p, const struct action *a)
{
    enum { HOUR = 3600000 };
    struct outcome sim = perform(p->sim_hand, a), wmi = perform(p->wmi_hand, a);
    const char *left, *right;

    if (!same_outcome(cim_sim_world(p->net), a, &sim, &wmi)) {
        tell(p, a, &sim, &wmi);
        return false;
    }
    if (sim.ok) {
        p->sim->ops->wait_ms(p->sim, sim_world(p->sim)->now.observed_ms + HOUR);
        p->wmi->ops->wait_ms(p->wmi, cim_sim_world(p->net)->now.observed_ms + HOUR);
        p->wmi_hand->ops->release(p->wmi_hand);
        p->sim_hand->ops->release(p->sim_hand);
    }
    left = document(&p->a, sim_world(p->sim));
    right = document(&p->a, cim_sim_world(p->net));
    if (str_eq(left, right) || sim.ok != wmi.ok) /* excused: one of the two did it */
        return true;
    tell(p, a, &sim, &wmi);
    tell_documents(left, right);
    return false;
}

struct sums {
    unsigned worlds, effects, bad;
};

/* A GPU that is no PCI device is not seen through WMI (test_doors_look). */
static bool is_tried(const char *path, const char *text)
{
    return strstr(text, "kind: World") && !strstr(path, "export-paths") && !strstr(text, "hangs: ");
}

/* Effects of the VMs and GPUs that stand first, every stride-th of them, each on a world of its
   own. */
static void try_world(const char *path, size_t most, size_t stride, struct sums *sums)
{
    struct arena a;
    struct list l = {.a = &a};
    struct pair p = {.path = path};
    struct state first;
    char *text;
    size_t size;
    bool opened;
    struct err e;

    arena_init(&a, 0);
    if (!host_read_file(&a, path, LIMIT_DOC_BYTES, &text, &size, &e))
        fail_msg("%s", e.text);
    opened = is_tried(path, text) && open_pair(&p, path, text, size);
    if (opened) {
        if (!world_observe(sim_world(p.sim), &a, NO_INDEX, &first, &e))
            fail_msg("%s", e.text);
        world_own_texts(&a, &first);
        all_of(&l, &first, most);
        sums->worlds++;
        stride *= 1 + first.vm_count / 50;
    }
    close_pair(&p);
    for (size_t i = opened ? sums->effects % stride : 0; i < l.count; i += stride) {
        opened = open_pair(&p, path, text, size);
        sums->effects++;
        sums->bad += !opened || !same_effect(&p, &l.rows[i]);
        close_pair(&p);
    }
    arena_release(&a);
}

static void same_effects(void **state)
{
    static const char *const folders[] = {"examples", "tests/golden", "tests/worlds"};
    const char *effort = getenv("HVGPU_EFFORT");
    bool all = effort && str_eq(effort, "soak");
    struct sums sums = {0};

    (void)state;
    if (getenv("DOORS"))
        try_world(getenv("DOORS"), 64, 1, &sums);
    for (size_t f = 0; f < sizeof folders / sizeof *folders && !getenv("DOORS"); f++) {
        struct arena a;
        const char **paths;
        size_t count;
        struct err e;

        arena_init(&a, 0);
        if (!host_list_specs(&a, folders[f], &paths, &count, &e))
            fail_msg("%s", e.text);
        for (size_t i = 0; i < count; i++)
            if (strstr(paths[i], "world"))
                try_world(paths[i], all ? 24 : 6, all ? 1 : 7, &sums);
        arena_release(&a);
    }
    print_message("# figure: %u effects on %u worlds through two doors\n", sums.effects,
                  sums.worlds);
    assert_int_equal(sums.bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_effects)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
