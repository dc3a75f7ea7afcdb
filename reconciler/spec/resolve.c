/*
 * The declaration against what is there.  This file: the order of the stages,
 * the nodes, and the tables that the stages look things up in.  Every state
 * has an answer; the work is linear in VMs.
 */
#include "spec/resolve.h"

#include <string.h>

bool resolve_seen(const struct resolve *r, uint32_t node)
{
    return node < r->have->node_count && r->have->nodes[node].answered;
}

/* Without case and without the DNS suffix (I2). */
uint32_t resolve_node(const struct resolve *r, const char *name)
{
    uint32_t node = map_get(&r->node_names, name);
    const char *dot = strchr(name, '.');

    if (node == MAP_NONE && dot && dot != name)
        node = map_get(&r->node_names, arena_strndup(r->a, name, (size_t)(dot - name)));
    return node == MAP_NONE ? NO_INDEX : node;
}

uint32_t resolve_device(const struct resolve *r, uint32_t node, const char *path)
{
    enum { FEW = 16 };
    uint32_t i;

    if (!path || node >= r->have->node_count)
        return NO_INDEX;
    /* The usual case first: a normalised path on a node with a handful of devices. */
    if (r->node_gpus[node] <= FEW)
        for (i = r->node_gpu[node]; i != NO_INDEX; i = r->next_gpu[i])
            if (r->have->gpus[i].path && strcmp(r->have->gpus[i].path, path) == 0)
                return i;
    for (i = map_get(&r->paths, path); i != MAP_NONE; i = r->links[i].next)
        if (r->have->gpus[r->links[i].gpu].node == node)
            return r->links[i].gpu;
    return NO_INDEX;
}

struct problem *resolve_gpu_problem(struct resolve *r, enum reason reason, uint32_t t, bool refuse,
                                    const char *text)
{
    struct target_gpu *g = &r->out->gpus[t];
    const char *subject = arena_printf(r->a, "gpu/%s", gpu_label(r->a, r->have, g->gpu));
    struct problem *p =
        problem_add(&r->out->problems, reason, SUBJECT_GPU, subject, &g->at, "%s", text);

    p->gpu = g->gpu;
    p->row = t;
    p->manage = g->manage;
    if (refuse)
        g->refused = true;
    return p;
}

struct problem *resolve_vm_problem(struct resolve *r, enum reason reason, uint32_t t, bool refuse,
                                   const struct span *at, const char *text)
{
    struct target_vm *v = &r->out->vms[t];
    const char *subject = arena_printf(r->a, "vm/%s", r->have->vms[v->vm].name);
    struct problem *p = problem_add(&r->out->problems, reason, SUBJECT_VM, subject,
                                    at && at->file ? at : &v->at, "%s", text);

    p->vm = v->vm;
    p->row = t;
    p->manage = v->wish->manage.of[PART_VMS];
    if (refuse)
        v->refused = true;
    return p;
}

struct problem *resolve_cluster_problem(struct resolve *r, enum reason reason,
                                        const struct span *at, const char *text)
{
    const char *subject = arena_printf(r->a, "cluster/%s", r->out->name);

    return problem_add(&r->out->problems, reason, SUBJECT_CLUSTER, subject,
                       at && at->file ? at : &r->spec->at, "%s", text);
}

const char *resolve_iov_text(struct resolve *r, uint32_t node)
{
    return node_iov_text(r->a, &r->have->nodes[node]);
}

/* 20349 (HCI 22H2), 25398, 26100 and later; 20348 and the rest are not documented (E1). */
bool resolve_build_ok(struct num build)
{
    return !build.known || build.value == 20349 || build.value == 25398 || build.value >= 26100;
}

/*
 * Partitions: nothing before 20348, which itself is not documented and may
 * have them.  Devices: from 14393.  Pools on a cluster: the documented builds.
 */
const char *resolve_build_text(struct resolve *r, enum build_need need)
{
    static const char *const texts[] = {
        [BUILD_PARTITION] = "partitions need 20349, 25398 or 26100",
        [BUILD_PARTITIONS] = "more than one partition in a VM needs 26100 (V1)",
        [BUILD_DEVICE] = "devices can be assigned from 14393 on",
        [BUILD_POOL] = "pools on a cluster need 20349, 25398 or 26100"};
    uint64_t build = r->oldest.value;

    if (!r->oldest.known && need == BUILD_PARTITIONS) /* what is not known is not 26100 */
        return arena_printf(r->a, "no build is known: %s", texts[need]);
    if (!r->oldest.known || (need == BUILD_PARTITION && build >= 20348) ||
        (need == BUILD_PARTITIONS && build >= 26100) || (need == BUILD_DEVICE && build >= 14393) ||
        (need == BUILD_POOL && (r->clustered ? resolve_build_ok(r->oldest) : build >= 14393)))
        return NULL;
    if (need == BUILD_POOL && !r->clustered)
        need = BUILD_DEVICE;
    return arena_printf(r->a, "%s is build %llu: %s", r->oldest_node, (unsigned long long)build,
                        texts[need]);
}

/* ---- nodes ---- */

static void node_problem(struct resolve *r, enum reason reason, const char *node,
                         const struct span *at, const char *text)
{
    problem_add(&r->out->problems, reason, SUBJECT_NODE, arena_printf(r->a, "node/%s", node),
                at && at->file ? at : &r->spec->at, "%s", text);
}

static void missing_node(struct resolve *r, size_t row)
{
    const struct state *have = r->have;
    const char **names = arena_array(r->a, const char *, have->node_count + 1);
    const char *near;

    for (size_t i = 0; i < have->node_count; i++)
        names[i] = have->nodes[i].name;
    near = r->missing++ < 16 ? str_nearest(r->spec->nodes[row], names, have->node_count) : NULL;
    node_problem(r, REASON_NODE_MISSING, r->spec->nodes[row],
                 r->spec->node_at ? &r->spec->node_at[row] : NULL,
                 near ? arena_printf(r->a, "no node of %s; closest name: %s", have->name, near)
                      : arena_printf(r->a, "no node of %s", have->name));
}

/* Declared, extra and missing (E5); silent (M4). */
static void judge_nodes(struct resolve *r)
{
    const struct state *have = r->have;
    const char **silent = arena_array(r->a, const char *, have->node_count + 1);

    for (size_t i = 0; i < r->spec->node_count; i++) {
        uint32_t node = resolve_node(r, r->spec->nodes[i]);

        if (node == NO_INDEX)
            missing_node(r, i);
        else {
            r->in_scope[node] = true;
            if (r->spec->drained_at && r->spec->drained_at[i].file)
                r->out->drained[node] = &r->spec->drained_at[i];
        }
    }
    for (uint32_t i = 0; i < have->node_count; i++) {
        const struct node *n = &have->nodes[i];

        if (!r->spec->nodes)
            r->in_scope[i] = true;
        else if (!r->in_scope[i])
            node_problem(
                r, REASON_NODE_EXTRA, n->name, NULL,
                arena_printf(r->a, "%s has %s, and `nodes` does not list it", have->name, n->name));
        if (n->answered && n->build.known &&
            (!r->oldest.known || n->build.value < r->oldest.value)) {
            r->oldest = n->build;
            r->oldest_node = n->name;
        }
        if (n->answered || !r->in_scope[i])
            continue;
        silent[r->unseen++] = n->name;
        node_problem(r, REASON_NODE_UNSEEN, n->name, NULL,
                     arena_printf(r->a, "%s is %s: its GPUs and VMs are unknown", n->name,
                                  n->state == NODE_DOWN ? "down" : "silent"));
    }
    r->unseen_names = r->unseen ? str_ranges(r->a, silent, r->unseen) : "";
}

/* ---- tables ---- */

static void link_path(struct resolve *r, const char *path, uint32_t gpu)
{
    uint32_t at = (uint32_t)r->link_count++, head;

    r->links[at] = (struct link){gpu, NO_INDEX};
    head = map_put(&r->paths, path, at);
    if (head != at) {
        r->links[at].next = r->links[head].next;
        r->links[head].next = at;
    }
}

static void index_devices(struct resolve *r)
{
    const struct state *have = r->have;
    size_t links = 0;

    for (size_t i = 0; i < have->gpu_count; i++)
        links += 1 + have->gpus[i].location_count;
    r->links = arena_array(r->a, struct link, links + 1);
    map_init(&r->paths, r->a, links, true);
    r->next_gpu = arena_array(r->a, uint32_t, have->gpu_count + 1);
    for (uint32_t i = (uint32_t)have->gpu_count; i-- > 0;) {
        const struct gpu *g = &have->gpus[i];

        r->next_gpu[i] = NO_INDEX;
        if (g->node >= have->node_count)
            continue;
        r->next_gpu[i] = r->node_gpu[g->node];
        r->node_gpu[g->node] = i;
        r->node_gpus[g->node]++;
        if (g->path)
            link_path(r, g->path, i);
        for (size_t k = 0; k < g->location_count; k++)
            link_path(r, g->locations[k], i);
    }
}

static void fill_none(uint32_t *rows, size_t count)
{
    memset(rows, 0xff, count * sizeof *rows); /* NO_INDEX is all ones */
}

static uint32_t *none_array(struct arena *a, size_t count)
{
    uint32_t *rows = arena_array(a, uint32_t, count + 1);

    fill_none(rows, count + 1);
    return rows;
}

static void open_tables(struct resolve *r)
{
    const struct state *have = r->have;
    size_t rows = r->spec->gpu_count + 1;

    r->in_scope = arena_array(r->a, bool, have->node_count + 1);
    r->node_gpu = none_array(r->a, have->node_count);
    r->node_gpus = arena_array(r->a, uint32_t, have->node_count + 1);
    r->node_sizes = arena_array(r->a, struct node_size, have->node_count + 1);
    map_init(&r->node_names, r->a, have->node_count, true);
    for (uint32_t i = 0; i < have->node_count; i++)
        if (have->nodes[i].name)
            map_put(&r->node_names, have->nodes[i].name, i);
    r->vm_row = arena_array(r->a, const struct spec_vm *, have->vm_count + 1);
    r->vm_refused = arena_array(r->a, bool, have->vm_count + 1);
    r->pattern_blocked = arena_array(r->a, bool, r->spec->pattern_count + 1);
    r->gpu_row = none_array(r->a, have->gpu_count);
    r->gpu_other = none_array(r->a, have->gpu_count);
    r->gpu_exact = none_array(r->a, have->gpu_count);
    r->device_vm = none_array(r->a, have->gpu_count);
    r->product_of = none_array(r->a, have->gpu_count);
    r->row_ambiguous = arena_array(r->a, bool, rows);
    r->row_short = arena_array(r->a, bool, rows);
    r->row_noted = arena_array(r->a, bool, rows);
    r->row_over = arena_array(r->a, bool, rows);
    text_init(&r->not_assignable_names, r->a);
    r->out->of_gpu = none_array(r->a, have->gpu_count);
    r->out->of_vm = none_array(r->a, have->vm_count);
    r->out->drained = arena_array(r->a, const struct span *, have->node_count + 1);
    r->out->leaving_of = none_array(r->a, have->node_count);
    r->out->problems.arena = r->a;
    index_devices(r);
}

/* The pools that gpus rows put devices into. */
static void index_pool_rows(struct resolve *r)
{
    const struct spec *s = r->spec;

    map_init(&r->pool_rows, r->a, 8, false);
    r->pool_names = arena_array(r->a, const char *, s->gpu_count + 1);
    for (uint32_t i = 0; i < s->gpu_count; i++) {
        enum gpu_use use = s->gpus[i].use;

        r->device_uses |= use == USE_POOL || use == USE_DEVICE || use == USE_HOST;
        if (use == USE_POOL && s->gpus[i].pool && map_put(&r->pool_rows, s->gpus[i].pool, i) == i)
            r->pool_names[r->pool_name_count++] = s->gpus[i].pool;
    }
}

static bool vm_watched(const struct vm_wish *w)
{
    bool watched = false;

    for (int part = PART_VMS; w && part < PARTS; part++)
        watched |= w->manage.of[part] != MANAGE_ENFORCE;
    return watched;
}

/* P7: is anything declared that is not enforced? */
static bool is_watched(const struct spec *s)
{
    bool watched = vm_watched(s->pruned);

    for (size_t i = 0; i < s->gpu_count; i++)
        watched |= s->gpus[i].manage != MANAGE_ENFORCE;
    for (size_t i = 0; i < s->pool_count; i++)
        watched |= s->pools[i].manage != MANAGE_ENFORCE;
    for (size_t i = 0; i < s->vm_count; i++)
        watched |= vm_watched(s->vms[i].wish);
    for (size_t i = 0; i < s->pattern_count; i++)
        watched |= vm_watched(s->patterns[i].vm.wish);
    return watched;
}

void spec_resolve(struct arena *a, const struct spec *spec, const struct state *have,
                  struct target *out)
{
    spec_resolve_owed(a, spec, have, NULL, out);
}

void spec_resolve_owed(struct arena *a, const struct spec *spec, const struct state *have,
                       const struct ledger *owed, struct target *out)
{
    static const struct leave nothing;

    spec_resolve_rest(a, spec, have, owed, &nothing, out);
}

void spec_resolve_rest(struct arena *a, const struct spec *spec, const struct state *have,
                       const struct ledger *owed, const struct leave *leave, struct target *out)
{
    struct resolve r = {.a = a,
                        .spec = spec,
                        .have = have,
                        .owed = owed,
                        .leave = leave,
                        .out = out,
                        .clustered = !have->standalone};

    *out = (struct target){.name = spec->name ? spec->name : "",
                           .declared_vms = spec->vm_count,
                           .watched = is_watched(spec)};
    open_tables(&r);
    index_pool_rows(&r);
    judge_nodes(&r);
    resolve_vm_rows(&r);
    resolve_leaving(&r);
    resolve_select(&r);
    resolve_leaving_nodes(&r);
    resolve_products(&r);
    resolve_gpus(&r);
    resolve_counts(&r);
    resolve_vms(&r);
    resolve_pools(&r);
    resolve_devices(&r);
    resolve_leaving_vms(&r);
    resolve_notes(&r);
}
