/* What must hold among the rows of a document, whatever the world is. */
#include "spec/read.h"

#include <stdlib.h>
#include <string.h>

/* ---- one product, one count (C2) ---- */

static const char ways_out[] =
    "A cluster with different counts is not supported by the platform: one cluster, one size.\n"
    "Ways out: a second cluster for %s; whole GPUs (a pool) for %s; or `homogeneous: warn`, and "
    "then placement is yours.";

static const char products_out[] =
    "A cluster with two products cut into partitions is not supported by the platform.\n"
    "Ways out: a second cluster for %s; whole GPUs (a pool) for %s.";

static const char *required_by(struct builder *b, const struct span *from)
{
    const struct policy *p = &b->out->policy;

    if (p->homogeneous != HOMOGENEOUS_REQUIRE)
        return "";
    return arena_printf(b->arena, ", %s says require", build_place(b, &p->homogeneous_at, from));
}

static void check_count(struct builder *b, const struct spec_gpu *row, const struct spec_gpu *first)
{
    bool require = b->out->policy.homogeneous == HOMOGENEOUS_REQUIRE;

    if (row->count == first->count || b->out->policy.homogeneous == HOMOGENEOUS_WARN)
        return;
    spec_find(b->found, require ? CODE_HOMOGENEOUS : CODE_HETEROGENEOUS, &row->use_at,
              "row %s says %llu, row %s (%s) says %llu%s", row->name,
              (unsigned long long)row->count, first->name,
              build_place(b, &first->use_at, &row->use_at), (unsigned long long)first->count,
              required_by(b, &row->use_at))
        ->next = arena_printf(b->arena, ways_out, row->name, row->name);
}

static void check_product(struct builder *b, const struct spec_gpu *row,
                          const struct spec_gpu *first)
{
    bool require = b->out->policy.homogeneous == HOMOGENEOUS_REQUIRE;

    if (!match_differs(&row->match, &first->match))
        return;
    spec_find(b->found, require ? CODE_HOMOGENEOUS : CODE_HETEROGENEOUS, &row->at,
              "row %s and row %s (%s) cut two products into partitions%s", row->name, first->name,
              build_place(b, &first->at, &row->at), required_by(b, &row->at))
        ->next = arena_printf(b->arena, products_out, row->name, row->name);
}

void check_gpus(struct builder *b)
{
    const struct spec_gpu *first = NULL;

    check_stand_ins(b);
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

void refuse_on_host(struct builder *b, const struct span *at, const char *what)
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
    refuse_on_host(b, &b->raw->rollout.at, "rollout");
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

    if (!build_own_policy(b, "protect"))
        return;
    for (size_t i = 0; !p->prune && i < p->protect_count; i++) /* pruned VMs have no row */
        if (!protects(b, p->protect[i], &work))
            spec_find(b->found, CODE_PROTECT_NOBODY, &p->protect_at[i], "no VM row names a VM %s",
                      p->protect[i])
                ->next = "a VM with no row is never touched; look for a typing error";
}
