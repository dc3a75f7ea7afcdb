/* What must hold among the rows of a document, whatever the world is. */
#include "spec/read.h"

#include <stdlib.h>
#include <string.h>

/* ---- GPU rows that certainly select the same GPU ---- */

enum { MATCH_KEYS = 5 };

static void match_values(const struct spec_match *m, const char *out[MATCH_KEYS])
{
    const char *const all[MATCH_KEYS] = {m->model, m->pci, m->subsystem, m->location, m->instance};

    memcpy(out, all, sizeof all);
}

/* One text for a selector without its nodes, of the keys in `mask`. */
static const char *match_text(struct arena *a, const char *const values[MATCH_KEYS], unsigned mask,
                              const char *node)
{
    struct text t;

    text_init(&t, a);
    for (int i = 0; i < MATCH_KEYS; i++)
        text_printf(&t, "%s\n", mask >> i & 1 ? values[i] : "");
    text_printf(&t, "%s", node);
    return text_done(&t);
}

static unsigned match_mask(const char *const values[MATCH_KEYS])
{
    unsigned mask = 0;

    for (int i = 0; i < MATCH_KEYS; i++)
        mask |= (unsigned)(values[i] != NULL) << i;
    return mask;
}

/* "*" stands for all nodes. */
static const char *match_node(const struct spec_match *m, size_t i)
{
    return m->nodes ? m->nodes[i] : "*";
}

static size_t match_nodes(const struct spec_match *m)
{
    return m->nodes ? m->node_count : 1;
}

/* The first row that selects a part, at least, of what `m` selects; NO_INDEX: none but itself. */
static uint32_t wider_row(struct builder *b, const struct map *rows, uint32_t self,
                          const char *const values[MATCH_KEYS], const struct spec_match *m)
{
    unsigned mask = match_mask(values);

    for (unsigned part = mask;; part = (part - 1) & mask) {
        for (size_t i = 0; i < match_nodes(m) + 1; i++) {
            const char *node = i < match_nodes(m) ? match_node(m, i) : "*";
            uint32_t other = map_get(rows, match_text(b->arena, values, part, node));

            if (other != MAP_NONE && other != self)
                return other;
        }
        if (!part)
            return NO_INDEX;
    }
}

static void refuse_overlap(struct builder *b, const struct spec_gpu *row,
                           const struct spec_gpu *other)
{
    spec_find(b->found, CODE_GPU_OVERLAP, &row->at,
              "row %s selects GPUs that row %s (line %u) selects as well", row->name, other->name,
              other->at.line)
        ->next = "narrow one of the two with `nodes`, `subsystem` or `locationPath`; a row "
                 "`insteadOf` another is not supported yet";
}

static void check_overlaps(struct builder *b)
{
    const char *values[MATCH_KEYS];
    struct map rows;

    map_init(&rows, b->arena, b->out->gpu_count, true);
    for (uint32_t i = 0; i < b->out->gpu_count; i++) {
        const struct spec_match *m = &b->out->gpus[i].match;
        uint32_t other = i;

        match_values(m, values);
        for (size_t k = 0; k < match_nodes(m) && (match_mask(values) || m->nodes); k++) {
            uint32_t first = map_put(
                &rows, match_text(b->arena, values, match_mask(values), match_node(m, k)), i);

            if (first != i && other == i)
                other = first;
        }
        if (other != i)
            refuse_overlap(b, &b->out->gpus[i], &b->out->gpus[other]);
    }
    for (uint32_t i = 0; i < b->out->gpu_count; i++) {
        const struct spec_gpu *row = &b->out->gpus[i];
        uint32_t other;

        match_values(&row->match, values);
        other = wider_row(b, &rows, i, values, &row->match);
        if (other != NO_INDEX && map_get(&rows, match_text(b->arena, values, match_mask(values),
                                                           match_node(&row->match, 0))) == i)
            refuse_overlap(b, row, &b->out->gpus[other]);
    }
}

/* ---- one product, one count (C2) ---- */

static const char ways_out[] =
    "A cluster with different counts is not supported by the platform: one cluster, one size.\n"
    "Ways out: a second cluster for %s; whole GPUs (a pool) for %s; or `homogeneous: warn`, and "
    "then placement is yours.";

static const char products_out[] =
    "A cluster with two products cut into partitions is not supported by the platform.\n"
    "Ways out: a second cluster for %s; whole GPUs (a pool) for %s.";

static const char *required_by(struct builder *b)
{
    const struct policy *p = &b->out->policy;

    if (p->homogeneous != HOMOGENEOUS_REQUIRE)
        return "";
    return arena_printf(b->arena, ", line %u says require", p->homogeneous_at.line);
}

static void check_count(struct builder *b, const struct spec_gpu *row, const struct spec_gpu *first)
{
    bool require = b->out->policy.homogeneous == HOMOGENEOUS_REQUIRE;

    if (row->count == first->count || b->out->policy.homogeneous == HOMOGENEOUS_WARN)
        return;
    spec_find(b->found, require ? CODE_HOMOGENEOUS : CODE_HETEROGENEOUS, &row->use_at,
              "row %s says %llu, row %s (line %u) says %llu%s", row->name,
              (unsigned long long)row->count, first->name, first->use_at.line,
              (unsigned long long)first->count, required_by(b))
        ->next = arena_printf(b->arena, ways_out, row->name, row->name);
}

/* Two names, or two PCI ids, are two products; a name and an id may be one. */
static bool other_product(const struct spec_match *a, const struct spec_match *b)
{
    return (a->model && b->model && !str_same(a->model, b->model)) ||
           (a->pci && b->pci && !str_eq(a->pci, b->pci)) ||
           (a->subsystem && b->subsystem && !str_eq(a->subsystem, b->subsystem));
}

static void check_product(struct builder *b, const struct spec_gpu *row,
                          const struct spec_gpu *first)
{
    bool require = b->out->policy.homogeneous == HOMOGENEOUS_REQUIRE;

    if (!other_product(&row->match, &first->match))
        return;
    spec_find(b->found, require ? CODE_HOMOGENEOUS : CODE_HETEROGENEOUS, &row->at,
              "row %s and row %s (line %u) cut two products into partitions%s", row->name,
              first->name, first->at.line, required_by(b))
        ->next = arena_printf(b->arena, products_out, row->name, row->name);
}

void check_gpus(struct builder *b)
{
    const struct spec_gpu *first = NULL;

    check_overlaps(b);
    for (size_t i = 0; b->out->kind == SPEC_CLUSTER && i < b->out->gpu_count; i++) {
        const struct spec_gpu *row = &b->out->gpus[i];

        if (row->use != USE_PARTITIONS)
            continue;
        if (first) {
            check_count(b, row, first);
            check_product(b, row, first);
        } else {
            first = row;
        }
    }
}

/* ---- what only a cluster has ---- */

static void refuse_on_host(struct builder *b, const struct span *at, const char *what)
{
    if (said(at))
        spec_find(b->found, CODE_CLUSTER_ONLY, at, "`%s` is of a cluster, and this is a Host", what)
            ->next = "take it out, or write kind: Cluster";
}

void check_host(struct builder *b)
{
    const struct raw_unavailable *max = ROW(unavailable, b->policy->maxUnavailable);
    const struct raw_stop *stop = ROW(stop, b->policy->stop);

    if (b->out->node_count > 1)
        spec_find(b->found, CODE_CLUSTER_ONLY, &b->out->node_at[1],
                  "a Host is one server, and `nodes` lists %zu", b->out->node_count)
            ->next = "write kind: Cluster, or one document for each server";
    if (max)
        refuse_on_host(b, &max->nodes.at, "maxUnavailable.nodes");
    if (stop && SAID(stop->then) && stop->then.value == STOP_FORCED)
        refuse_on_host(b, &stop->then.at, "then: forced");
    refuse_on_host(b, &b->policy->reserve.at, "reserve");
    refuse_on_host(b, &b->policy->homogeneous.at, "homogeneous");
}

/* ---- protect ---- */

enum { PATTERN_WORK = 20000000 }; /* comparisons that are worth a warning */

static bool is_matched(struct builder *b, const char *name)
{
    for (size_t i = 0; i < b->out->pattern_count; i++)
        if (str_fits(b->out->patterns[i].vm.match, name))
            return true;
    return false;
}

static bool protects(struct builder *b, const char *pattern, size_t *work)
{
    if (!str_is_pattern(pattern) && map_get(&b->vms, pattern) != MAP_NONE)
        return true;
    if (!str_is_pattern(pattern))
        return is_matched(b, pattern);
    for (size_t i = 0; i < b->out->vm_count; i++) {
        if (++*work > PATTERN_WORK || str_fits(pattern, b->out->vms[i].name))
            return true;
    }
    return b->out->pattern_count > 0; /* who these take is not known here */
}

void check_protect(struct builder *b)
{
    const struct policy *p = &b->out->policy;
    size_t work = 0;

    for (size_t i = 0; i < p->protect_count; i++)
        if (!protects(b, p->protect[i], &work))
            spec_find(b->found, CODE_PROTECT_NOBODY, &p->protect_at[i], "no VM row names a VM %s",
                      p->protect[i])
                ->next = "a VM with no row is never touched; look for a typing error";
}
