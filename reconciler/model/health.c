#include "model/health.h"

#include "base/str.h"

#include <stdlib.h>

enum { BUILD_OLDEST = 20348 }; /* E1: of the supported systems */

void health_add(struct arena *a, struct health *h, struct health_row row)
{
    *arena_push(a, h->rows, h->count, h->room) = row;
}

static void find_nodes(struct arena *a, const struct state *have, struct health *h)
{
    for (size_t i = 0; i < have->node_count; i++) {
        const struct node *n = &have->nodes[i];

        h->checks += 3; /* it answers, its build, its boot time */
        if (!n->answered)
            continue; /* said by what is worth knowing */
        if (!n->build.known)
            health_add(a, h,
                       (struct health_row){HEALTH_WARNING, n->name, "build",
                                           "the host does not tell its build",
                                           "rules that depend on the build", NULL, "E1"});
        else if (n->build.value < BUILD_OLDEST)
            health_add(a, h,
                       (struct health_row){
                           HEALTH_BROKEN, n->name, "build",
                           arena_printf(a, "build %llu is older than Windows Server 2022 (%d)",
                                        (unsigned long long)n->build.value, BUILD_OLDEST),
                           "partitions and device pools", "updating the host", "E1"});
        if (n->boot_ms == WHEN_NONE)
            health_add(a, h,
                       (struct health_row){HEALTH_WARNING, n->name, "boot time",
                                           "the host does not tell when it booted",
                                           "telling our start of a VM from somebody else's after "
                                           "a boot",
                                           NULL, "V10"});
    }
}

/* About hosts and their drivers: what it prevents.  NULL: it is about something else. */
static const char *prevented(enum reason reason)
{
    switch (reason) {
    case REASON_NODE_UNSEEN:
        return "every change there; counts of the whole cluster";
    case REASON_NODE_NOT_CAPABLE:
        return "assigning, counts, and starts with a GPU there";
    case REASON_WARN_POLICY:
        return "starts with a device or partition that the policy takes for unsafe";
    case REASON_PARAVIRTUAL:
    case REASON_DRIVER:
        return "counts and partitions of this GPU";
    case REASON_WARN_HOST_DRIVERS:
        return "live moves between these hosts, as far as the driver refuses them";
    default:
        return NULL;
    }
}

/* The node that a subject of what is worth knowing is on; NULL: the cluster. */
static const char *node_of(struct arena *a, const struct known *k)
{
    const char *at = strchr(k->subject, '/');
    const char *name = at ? at + 1 : k->subject;

    if (k->kind == SUBJECT_NODE)
        return name;
    if (k->kind != SUBJECT_GPU)
        return NULL;
    return arena_strndup(a, name, strcspn(name, "/"));
}

/* About hosts and their drivers only; counts, pools and VMs are for plan and why. */
static void find_known(struct arena *a, const struct state *have, struct health *h)
{
    struct known *known;
    size_t count;

    knowing_find(a, have, &known, &count);
    h->checks += have->gpu_count;
    for (size_t i = 0; i < count; i++) {
        const struct known *k = &known[i];
        const struct reason_row *row = &reason_rows[k->reason];
        bool blocks = row->class == CLASS_BLOCKED;

        if (!prevented(k->reason))
            continue;
        health_add(a, h,
                   (struct health_row){blocks ? HEALTH_BROKEN : HEALTH_WARNING, node_of(a, k),
                                       row->code, k->text, prevented(k->reason),
                                       blocks ? row->release : NULL, row->rule});
    }
}

void health_find(struct arena *a, const struct state *have, struct health *h)
{
    find_nodes(a, have, h);
    find_known(a, have, h);
    if (have->arbiter)
        health_add(a, h,
                   (struct health_row){HEALTH_NOTE, NULL, "owner record",
                                       arena_printf(a, "this world belongs to %s", have->arbiter),
                                       "apply from another store", "apply --take-over --reason",
                                       "specs/protocol.md"});
}

static int by_node(const void *x, const void *y)
{
    const struct health_row *const *a = x, *const *b = y;
    int order = !(*a)->node != !(*b)->node ? ((*a)->node ? 1 : -1)
                : (*a)->node               ? str_cmp_natural((*a)->node, (*b)->node)
                                           : 0;

    if (!order)
        order = (int)(*b)->class - (int)(*a)->class;
    return order ? order : (*a > *b) - (*a < *b);
}

void health_sort(struct arena *a, struct health *h)
{
    struct health_row *rows = arena_array(a, struct health_row, h->count + 1);
    struct health_row **order = arena_array(a, struct health_row *, h->count + 1);

    for (size_t i = 0; i < h->count; i++)
        order[i] = &h->rows[i];
    if (h->count)
        qsort(order, h->count, sizeof *order, by_node);
    for (size_t i = 0; i < h->count; i++)
        rows[i] = *order[i];
    h->rows = rows;
    h->room = h->count + 1;
}

size_t health_count(const struct health *h, enum health_class class)
{
    size_t n = 0;

    for (size_t i = 0; i < h->count; i++)
        n += h->rows[i].class == class;
    return n;
}
