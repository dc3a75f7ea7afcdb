#include "model/state.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

const char *const node_state_words[] = {"unknown",  "up",     "down", "paused",
                                        "draining", "silent", NULL};
const char *const gpu_state_words[] = {"unknown",        "partitioned", "paravirtual",
                                       "host",           "disabled",    "dismounted",
                                       "not-assignable", "no-driver",   NULL};
const char *const vm_power_words[] = {"unknown",  "stopped",  "running",  "saved", "paused",
                                      "starting", "stopping", "critical", NULL};
const char *const vm_owner_words[] = {"hyperv", "arc", "aks", "unknown", NULL};
const char *const stop_action_words[] = {"unknown", "TurnOff", "Save", "ShutDown", NULL};
const char *const checkpoints_words[] = {"unknown",         "disabled", "production",
                                         "production-only", "standard", NULL};
const char *const resource_state_words[] = {"unknown", "online",  "offline",
                                            "failed",  "pending", NULL};
const char *const tri_words[] = {"unknown", "false", "true", NULL};
const char *const quota_words[] = {"vram", "encode", "decode", "compute", NULL};

/* ---- order ---- */

/* qsort() has no context; the order of nodes is needed in one place only, by rank. */
static int by_node_name(const void *x, const void *y)
{
    return str_cmp_fold(((const struct node *)x)->name, ((const struct node *)y)->name);
}

static int by_gpu(const void *x, const void *y)
{
    const struct gpu *a = x, *b = y;
    int c = (a->node > b->node) - (a->node < b->node);

    if (!c)
        c = str_cmp_natural(a->location_count ? a->locations[0] : NULL,
                            b->location_count ? b->locations[0] : NULL);
    return c ? c : str_cmp(a->path, b->path);
}

static int by_pool(const void *x, const void *y)
{
    const struct pool *a = x, *b = y;
    int c = (a->node > b->node) - (a->node < b->node);

    return c ? c : str_cmp(a->name, b->name);
}

static int by_vm(const void *x, const void *y)
{
    const struct vm *a = x, *b = y;
    int c = str_cmp_natural(a->name, b->name);

    return c ? c : str_cmp(a->id, b->id);
}

static int by_adapter(const void *x, const void *y)
{
    return str_cmp(((const struct adapter *)x)->id, ((const struct adapter *)y)->id);
}

static int by_request(const void *x, const void *y)
{
    return str_cmp(((const struct request *)x)->id, ((const struct request *)y)->id);
}

/* Worlds come sorted nearly always: look before sorting. */
static void sort_rows(void *rows, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
    const char *p = rows;

    for (size_t i = 1; i < n; i++)
        if (cmp(p + (i - 1) * size, p + i * size) > 0) {
            qsort(rows, n, size, cmp);
            return;
        }
}

/* Nodes by name; indexes elsewhere follow. */
static void sort_nodes(struct state *s, struct arena *a)
{
    const char **old = arena_array(a, const char *, s->node_count + 1);
    uint32_t *now = arena_array(a, uint32_t, s->node_count + 1);
    bool sorted = true;

    for (size_t i = 0; i < s->node_count; i++) {
        old[i] = s->nodes[i].name;
        sorted &= i == 0 || by_node_name(&s->nodes[i - 1], &s->nodes[i]) <= 0;
    }
    if (sorted)
        return;
    qsort(s->nodes, s->node_count, sizeof *s->nodes, by_node_name);
    for (size_t i = 0; i < s->node_count; i++)
        for (uint32_t k = 0; k < s->node_count; k++)
            if (s->nodes[k].name == old[i])
                now[i] = k;
    for (size_t i = 0; i < s->gpu_count; i++)
        s->gpus[i].node = now[s->gpus[i].node];
    for (size_t i = 0; i < s->pool_count; i++)
        s->pools[i].node = now[s->pools[i].node];
    for (size_t i = 0; i < s->vm_count; i++)
        if (s->vms[i].node != NO_INDEX)
            s->vms[i].node = now[s->vms[i].node];
}

/* gpuN counts GPUs, devN other devices, each from 0 on its node. */
static void number_devices(struct state *s)
{
    uint32_t next[2] = {0, 0};

    for (size_t i = 0; i < s->gpu_count; i++) {
        if (i && s->gpus[i].node != s->gpus[i - 1].node)
            next[0] = next[1] = 0;
        s->gpus[i].ordinal = next[s->gpus[i].is_gpu]++;
    }
}

void state_sort(struct state *s, struct arena *a)
{
    sort_nodes(s, a);
    sort_rows(s->gpus, s->gpu_count, sizeof *s->gpus, by_gpu);
    sort_rows(s->pools, s->pool_count, sizeof *s->pools, by_pool);
    sort_rows(s->vms, s->vm_count, sizeof *s->vms, by_vm);
    for (size_t i = 0; i < s->vm_count; i++) {
        struct vm *v = &s->vms[i];

        sort_rows(v->adapters, v->adapter_count, sizeof *v->adapters, by_adapter);
        sort_rows(v->requests, v->request_count, sizeof *v->requests, by_request);
    }
    number_devices(s);
}

/* ---- look-up ---- */

const char *state_identity(struct arena *a, bool standalone, const char *name)
{
    char *s = arena_printf(a, "%s/%s", standalone ? "host" : "cluster", name);

    for (char *c = s; *c; c++)
        *c = str_lower(*c);
    return s;
}

uint32_t state_node(const struct state *s, const char *name)
{
    for (uint32_t i = 0; i < s->node_count; i++)
        if (str_same(s->nodes[i].name, name))
            return i;
    return NO_INDEX;
}

/* The first gpu of a node: gpus are sorted by node. */
static uint32_t first_gpu(const struct state *s, uint32_t node)
{
    size_t lo = 0, hi = s->gpu_count;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (s->gpus[mid].node < node)
            lo = mid + 1;
        else
            hi = mid;
    }
    return (uint32_t)lo;
}

int64_t state_now_ms(const struct state *s)
{
    return s->as_if_ms ? s->as_if_ms : s->observed_ms;
}

uint32_t state_gpu(const struct state *s, uint32_t node, const char *path)
{
    uint32_t first = path ? first_gpu(s, node) : (uint32_t)s->gpu_count;

    /* what is read of a VM mostly shares the text of the GPU */
    for (uint32_t i = first; i < s->gpu_count && s->gpus[i].node == node; i++)
        if (s->gpus[i].path == path)
            return i;
    for (uint32_t i = first; i < s->gpu_count && s->gpus[i].node == node; i++)
        if (str_same(s->gpus[i].path, path))
            return i;
    return NO_INDEX;
}

uint32_t state_gpu_at(const struct state *s, uint32_t node, const char *location)
{
    for (uint32_t i = first_gpu(s, node); i < s->gpu_count && s->gpus[i].node == node; i++)
        for (size_t k = 0; k < s->gpus[i].location_count; k++)
            if (str_same(s->gpus[i].locations[k], location))
                return i;
    return NO_INDEX;
}

static bool share_a_slot(const struct gpu *a, const struct gpu *b)
{
    for (size_t i = 0; i < a->location_count; i++)
        for (size_t k = 0; k < b->location_count; k++)
            if (str_same(a->locations[i], b->locations[k]))
                return true;
    return false;
}

static bool same_board(const struct gpu *a, const struct gpu *b)
{
    return a->is_gpu && b->is_gpu && str_same(a->pci, b->pci) &&
           str_same(a->subsystem, b->subsystem);
}

/* Cards that are gone and cards that are new, matched in the same slot or in any. */
static void match_moved(const struct state *then, const struct state *now, bool *taken,
                        uint32_t *to, bool same_slot)
{
    for (uint32_t i = 0; i < then->gpu_count; i++) {
        const struct gpu *g = &then->gpus[i];
        uint32_t node = state_node(now, then->nodes[g->node].name);

        if (to[i] != NO_INDEX || node == NO_INDEX || !now->nodes[node].answered ||
            state_gpu(now, node, g->path) != NO_INDEX)
            continue;
        for (uint32_t k = first_gpu(now, node);
             to[i] == NO_INDEX && k < now->gpu_count && now->gpus[k].node == node; k++)
            if (!taken[k] && same_board(g, &now->gpus[k]) &&
                (!same_slot || share_a_slot(g, &now->gpus[k])) &&
                state_gpu(then, g->node, now->gpus[k].path) == NO_INDEX) {
                taken[k] = true;
                to[i] = k; /* I4 */
            }
    }
}

const uint32_t *state_moved(struct arena *a, const struct state *then, const struct state *now)
{
    uint32_t *to = arena_array(a, uint32_t, then->gpu_count + 1);
    bool *taken = arena_array(a, bool, now->gpu_count + 1);

    for (size_t i = 0; i < then->gpu_count; i++)
        to[i] = NO_INDEX;
    match_moved(then, now, taken, to, true);
    match_moved(then, now, taken, to, false);
    return to;
}

uint32_t state_vm(const struct state *s, const char *id)
{
    for (uint32_t i = 0; i < s->vm_count; i++)
        if (str_same(s->vms[i].id, id))
            return i;
    return NO_INDEX;
}

bool state_pool(const struct state *s, uint32_t node, const char *name)
{
    for (size_t i = 0; i < s->pool_count; i++)
        if (s->pools[i].node == node && str_eq(s->pools[i].name, name))
            return true;
    return false;
}

size_t vm_adapters(const struct vm *vm)
{
    size_t n = 0;

    for (size_t i = 0; i < vm->adapter_count; i++)
        n += !vm->adapters[i].of_checkpoint;
    return n;
}

size_t vm_requests(const struct vm *vm)
{
    size_t n = 0;

    for (size_t i = 0; i < vm->request_count; i++)
        n += !vm->requests[i].of_checkpoint;
    return n;
}

bool vm_is_off(const struct vm *vm)
{
    return vm->power == POWER_OFF && !vm->hidden;
}

const char *adapter_on(const struct vm *vm, const struct adapter *ad)
{
    enum vm_power power = vm_power_shown(vm);

    return power == POWER_OFF || power == POWER_SAVED || power == POWER_UNKNOWN ? NULL : ad->seen;
}

enum vm_power vm_power_shown(const struct vm *vm)
{
    return vm->hidden ? POWER_UNKNOWN : vm->power;
}

enum node_state node_state_shown(const struct node *node)
{
    return node->state == NODE_UP && !node->answered ? NODE_SILENT : node->state;
}

bool vm_pinned_to_gone(const struct state *s, const struct vm *vm)
{
    for (size_t i = 0; i < vm->adapter_count; i++) {
        const struct adapter *ad = &vm->adapters[i];

        if (!ad->of_checkpoint && ad->pin && state_gpu(s, vm->node, ad->pin) == NO_INDEX)
            return true;
    }
    return false;
}

/* ---- a scoped look ---- */

void state_splice(struct arena *a, const struct state *base, const struct state *part,
                  uint32_t node, struct state *out)
{
    struct map in_part;
    size_t n;

    *out = *base;
    out->observed_ms = part->observed_ms;
    out->arbiter = part->arbiter;
    out->nodes = part->nodes;
    out->node_count = part->node_count;

    out->gpus = arena_array(a, struct gpu, base->gpu_count + part->gpu_count + 1);
    n = 0;
    for (size_t i = 0; i < base->gpu_count; i++)
        if (base->gpus[i].node != node)
            out->gpus[n++] = base->gpus[i];
    for (size_t i = 0; i < part->gpu_count; i++)
        if (part->gpus[i].node == node)
            out->gpus[n++] = part->gpus[i];
    out->gpu_count = n;

    out->pools = arena_array(a, struct pool, base->pool_count + part->pool_count + 1);
    n = 0;
    for (size_t i = 0; i < base->pool_count; i++)
        if (base->pools[i].node != node)
            out->pools[n++] = base->pools[i];
    for (size_t i = 0; i < part->pool_count; i++)
        if (part->pools[i].node == node)
            out->pools[n++] = part->pools[i];
    out->pool_count = n;

    out->complaints =
        arena_array(a, struct complaint, base->complaint_count + part->complaint_count + 1);
    n = 0;
    for (size_t i = 0; i < base->complaint_count; i++)
        if (base->complaints[i].node != node)
            out->complaints[n++] = base->complaints[i];
    for (size_t i = 0; i < part->complaint_count; i++)
        if (part->complaints[i].node == node)
            out->complaints[n++] = part->complaints[i];
    out->complaint_count = n;

    map_init(&in_part, a, part->vm_count, true);
    out->vms = arena_array(a, struct vm, base->vm_count + part->vm_count + 1);
    for (size_t i = 0; i < part->vm_count; i++)
        map_put(&in_part, part->vms[i].id, (uint32_t)i);
    n = 0;
    for (size_t i = 0; i < base->vm_count; i++)
        if (base->vms[i].node != node && map_get(&in_part, base->vms[i].id) == MAP_NONE)
            out->vms[n++] = base->vms[i];
    for (size_t i = 0; i < part->vm_count; i++)
        out->vms[n++] = part->vms[i];
    out->vm_count = n;
    state_sort(out, a);
}

/* ---- names of devices ---- */

static const char PARAVIRTUAL[] = "\\GPUPARAV";

bool path_is_paravirtual(const char *path)
{
    size_t n = strlen(path), m = sizeof PARAVIRTUAL - 1;

    return n >= m && str_same(path + n - m, PARAVIRTUAL);
}

bool path_is_location(const char *s)
{
    if (!str_starts_fold(s, "PCIROOT(") && !str_starts_fold(s, "ACPI("))
        return false;
    for (;;) {
        size_t name = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        size_t inside;

        if (!name || s[name] != '(')
            return false;
        s += name + 1;
        inside = strcspn(s, "()# ");
        if (!inside || s[inside] != ')')
            return false;
        s += inside + 1;
        if (!*s)
            return true;
        if (*s++ != '#')
            return false;
    }
}

bool path_is_instance(const char *s)
{
    const char *last = strrchr(s, '\\');

    if (str_starts(s, "\\\\?\\"))
        return str_starts_fold(s + 4, "PCI") && strchr(s, '#');
    if (last)
        return str_starts_fold(s, "PCI") && last[1] && strchr(s, '\\') != last;
    return strchr(s, '&') && !strpbrk(s, " #/()");
}

/*
 * \\?\PCI#VEN_..#INST#{guid}[\GPUPARAV], PCIP\VEN_..\INST and PCI\VEN_..\INST
 * become PCI\VEN_..\INST in upper case; anything else is only made upper case.
 */
const char *path_normal(struct arena *a, const char *path)
{
    char *p = arena_strdup(a, path), *out = p, *end;

    if (str_starts(p, "\\\\?\\")) {
        out = p + 4;
        end = strstr(out, "#{");
        if (end)
            *end = 0;
        for (char *c = out; *c; c++)
            if (*c == '#')
                *c = '\\';
    }
    if (str_starts_fold(out, "PCIP\\")) {
        out++;
        memcpy(out, "PCI", 3);
    }
    for (char *c = out; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return out;
}

const char *gpu_label(struct arena *a, const struct state *s, uint32_t gpu)
{
    const struct gpu *g = &s->gpus[gpu];

    return arena_printf(a, "%s/%s%u", s->nodes[g->node].name, g->is_gpu ? "gpu" : "dev",
                        (unsigned)g->ordinal);
}

bool limits_blank(const struct limits *l)
{
    for (int i = 0; i < QUOTA_KINDS; i++)
        if (l->min[i].known || l->max[i].known || l->optimal[i].known)
            return false;
    return true;
}
