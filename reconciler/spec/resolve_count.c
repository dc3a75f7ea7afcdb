/*
 * Partition counts of a cluster: products (I3), homogeneity (C2), sizes (C5),
 * all or nothing (C3).
 */
#include "spec/resolve.h"

#include "base/limits.h"

#include <string.h>

/* ---- products ---- */

static void add_size(struct resolve *r, struct product *p, uint32_t gpu)
{
    const struct gpu *g = &r->have->gpus[gpu];

    if (!g->count.known || !g->min[QUOTA_VRAM].known)
        return;
    for (size_t i = 0; i < p->at_count; i++)
        if (p->at[i].count == g->count.value)
            return;
    if (p->at_count < LIMIT_COUNTS)
        *arena_push(r->a, p->at, p->at_count, p->at_room) =
            (struct product_at){g->count.value, gpu};
}

static uint32_t product_for(struct resolve *r, uint32_t gpu)
{
    const struct gpu *g = &r->have->gpus[gpu];
    uint32_t head = map_put(&r->product_ids, g->pci ? g->pci : "", (uint32_t)r->product_count);
    uint32_t last = NO_INDEX;

    for (uint32_t p = head; p < r->product_count; p = r->products[p].next) {
        if (gpu_same_product(&r->have->gpus[r->products[p].gpu], g))
            return p;
        last = p;
    }
    *arena_push(r->a, r->products, r->product_count, r->product_room) =
        (struct product){.gpu = gpu, .next = NO_INDEX};
    if (last != NO_INDEX)
        r->products[last].next = (uint32_t)r->product_count - 1;
    return (uint32_t)r->product_count - 1;
}

void resolve_products(struct resolve *r)
{
    uint32_t last = NO_INDEX;

    map_init(&r->product_ids, r->a, 8, true);
    for (uint32_t i = 0; i < r->have->gpu_count; i++) {
        const struct gpu *g = &r->have->gpus[i];

        if (!g->is_gpu || g->state != GPU_PARTITIONED || !resolve_seen(r, g->node))
            continue;
        if (last != NO_INDEX && gpu_same_product(&r->have->gpus[r->products[last].gpu], g))
            r->product_of[i] = last; /* the one before was alike, as nearly always */
        else
            r->product_of[i] = last = product_for(r, i);
        add_size(r, &r->products[last], i);
    }
}

/* The GPU that tells what one of `gpu` will be at `count`: itself, or one of its product (C5). */
static uint32_t model_at(const struct resolve *r, uint32_t gpu, uint64_t count)
{
    const struct product *p;

    if (num_is(r->have->gpus[gpu].count, count))
        return gpu;
    if (r->product_of[gpu] == NO_INDEX)
        return NO_INDEX;
    p = &r->products[r->product_of[gpu]];
    for (size_t i = 0; i < p->at_count; i++)
        if (p->at[i].count == count)
            return p->at[i].gpu;
    return NO_INDEX;
}

/* ---- homogeneity ---- */

/* What makes a cluster not homogeneous, as one text. */
struct defects {
    struct text text;
    size_t count;
    bool products, counts; /* two of them are declared */
};

static void defect(struct defects *d, const char *text)
{
    text_printf(&d->text, "%s%s", d->count++ ? "; " : "", text);
}

/* Names, the first few written out. */
struct list {
    struct text text;
    size_t count;
};

static void list_add(struct list *l, const char *name)
{
    enum { FEW = 6 };

    if (l->count++ < FEW)
        text_printf(&l->text, "%s%s", l->count > 1 ? " " : "", name);
}

static const char *list_text(struct resolve *r, struct list *l)
{
    return l->count > 6 ? arena_printf(r->a, "%s and %zu more", text_done(&l->text), l->count - 6)
                        : text_done(&l->text);
}

static bool has_count(const struct resolve *r, const struct target_gpu *t)
{
    return t->use == USE_PARTITIONS && r->have->gpus[t->gpu].state == GPU_PARTITIONED;
}

static const char *product_name(const struct gpu *g)
{
    return g->model ? g->model : g->pci ? g->pci : "an unknown product";
}

/*
 * Products, counts, VRAM and series of the GPUs that are declared with a
 * count; false when there is none.
 */
static bool compare_declared(struct resolve *r, struct defects *d, bool *series)
{
    const struct target_gpu *first = NULL;
    bool product = false, count = false, vram = false;

    for (size_t i = 0; i < r->out->gpu_count; i++) {
        const struct target_gpu *t = &r->out->gpus[i];
        const struct gpu *g = &r->have->gpus[t->gpu], *f;

        if (!has_count(r, t))
            continue;
        if (!first)
            first = t;
        f = &r->have->gpus[first->gpu];
        if (!product && r->product_of[t->gpu] != r->product_of[first->gpu]) {
            product = d->products = true;
            defect(d, arena_printf(r->a,
                                   "two products are declared with a count: %s (row %s) and "
                                   "%s (row %s)",
                                   product_name(f), first->row_name ? first->row_name : "",
                                   product_name(g), t->row_name ? t->row_name : ""));
        }
        if (!count && t->count != first->count) {
            count = d->counts = true;
            defect(d, arena_printf(r->a, "row %s says %llu partitions, row %s says %llu",
                                   first->row_name ? first->row_name : "",
                                   (unsigned long long)first->count, t->row_name ? t->row_name : "",
                                   (unsigned long long)t->count));
        }
        if (!vram && r->product_of[t->gpu] == r->product_of[first->gpu] &&
            g->total[QUOTA_VRAM].known && f->total[QUOTA_VRAM].known &&
            g->total[QUOTA_VRAM].value != f->total[QUOTA_VRAM].value) {
            vram = true;
            defect(d, arena_printf(r->a, "%s and %s are one product with different VRAM",
                                   gpu_label(r->a, r->have, first->gpu),
                                   gpu_label(r->a, r->have, t->gpu)));
        }
        *series |= g->series.known && f->series.known && g->series.value != f->series.value;
    }
    return first != NULL;
}

/* What is there and stays beside the declared count: left out, without any, or different. */
static void compare_rest(struct resolve *r, struct defects *d)
{
    bool *counted = arena_array(r->a, bool, r->have->node_count + 1);
    struct list undeclared = {0}, without = {0}, differ = {0};

    text_init(&undeclared.text, r->a);
    text_init(&without.text, r->a);
    text_init(&differ.text, r->a);
    for (uint32_t i = 0; i < r->have->gpu_count; i++) {
        const struct gpu *g = &r->have->gpus[i];
        uint32_t t = r->out->of_gpu[i];

        if (t != NO_INDEX &&
            (r->out->gpus[t].use == USE_PARTITIONS || r->out->gpus[t].use == USE_LEAVING))
            counted[g->node] = true; /* if it cannot have one, that is said elsewhere */
        if (r->product_of[i] == NO_INDEX)
            continue;
        if (t == NO_INDEX)
            list_add(&undeclared, gpu_label(r->a, r->have, i));
        else if (r->out->gpus[t].use == USE_ANY && r->out->cluster_count &&
                 !num_is(g->count, r->out->cluster_count))
            list_add(&differ, gpu_label(r->a, r->have, i));
    }
    for (uint32_t n = 0; n < r->have->node_count; n++)
        if (resolve_seen(r, n) && r->in_scope[n] && !counted[n])
            list_add(&without, r->have->nodes[n].name);
    if (undeclared.count)
        defect(d, arena_printf(r->a, "partitionable and in no row: %s", list_text(r, &undeclared)));
    if (without.count)
        defect(d, arena_printf(r->a, "no GPU with a count on: %s", list_text(r, &without)));
    if (differ.count)
        defect(d, arena_printf(r->a, "another count than declared stays on: %s",
                               list_text(r, &differ)));
}

/* Would any count change; are the counts alike now; will they be? */
struct count_outlook {
    bool pending, alike_now, alike_after;
};

static struct count_outlook look_ahead(const struct resolve *r)
{
    struct count_outlook o = {.alike_now = true, .alike_after = !r->unseen && !r->missing};
    struct num now = NUM_UNKNOWN, after = NUM_UNKNOWN;

    for (size_t i = 0; i < r->out->gpu_count; i++) {
        const struct target_gpu *t = &r->out->gpus[i];
        struct num have = r->have->gpus[t->gpu].count, then = t->refused ? have : NUM(t->count);

        if (!has_count(r, t))
            continue;
        o.pending |= !t->refused && resolve_count_pending(r, t);
        o.alike_now &= !now.known || num_eq(now, have);
        o.alike_after &= !after.known || num_eq(after, then);
        now = have;
        after = then;
    }
    return o;
}

static void refuse_counts(struct resolve *r)
{
    r->counts_refused = true;
    for (size_t i = 0; i < r->out->gpu_count; i++)
        if (r->out->gpus[i].use == USE_PARTITIONS)
            r->out->gpus[i].refused = true;
}

static void judge_homogeneous(struct resolve *r)
{
    const struct policy *p = &r->spec->policy;
    bool require = r->clustered && p->homogeneous == HOMOGENEOUS_REQUIRE;
    struct count_outlook o = look_ahead(r);
    struct defects d = {0};
    bool series = false, refuse;

    text_init(&d.text, r->a);
    if (compare_declared(r, &d, &series))
        compare_rest(r, &d);
    if (series) {
        resolve_cluster_problem(r, REASON_WARN_SERIES, NULL,
                                "GridGpupProfileType differs between GPUs of one count; it is "
                                "never written");
        if (require) /* E7: not homogeneous either */
            defect(&d, "the vGPU series differs");
    }
    if (!d.count)
        return;
    /* Two products refuse the counts; two counts, where this plan would make them differ. */
    refuse = r->clustered && p->homogeneous != HOMOGENEOUS_WARN && o.pending &&
             (d.products || (d.counts && o.alike_now));
    if (require || refuse) {
        resolve_cluster_problem(r, REASON_NOT_HOMOGENEOUS, &p->homogeneous_at, text_done(&d.text));
        refuse_counts(r);
        r->gains_refused = require;
        return;
    }
    resolve_cluster_problem(r, REASON_WARN_HOMOGENEOUS, &p->homogeneous_at, text_done(&d.text));
}

/* The one count of the cluster, by its rows; 0: none, or several. */
static bool find_count(struct resolve *r)
{
    uint64_t count = 0;
    bool any = false, several = false;

    for (size_t i = 0; i < r->spec->gpu_count; i++) {
        const struct spec_gpu *g = &r->spec->gpus[i];

        if (g->use != USE_PARTITIONS)
            continue;
        several |= any && g->count != count;
        count = g->count;
        any = true;
    }
    r->out->cluster_count = several ? 0 : count;
    return any;
}

/* ---- sizes ---- */

static const char *mib_text(struct resolve *r, uint64_t bytes)
{
    return bytes % MIB ? arena_printf(r->a, "%llu bytes", (unsigned long long)bytes)
                       : arena_printf(r->a, "%llu MiB", (unsigned long long)(bytes / MIB));
}

static void judge_size(struct resolve *r, uint32_t t)
{
    struct target_gpu *want = &r->out->gpus[t];
    const struct spec_gpu *row = &r->spec->gpus[want->row];
    uint32_t model = model_at(r, want->gpu, want->count);
    struct problem *p;

    if (!want->size_bytes || want->refused)
        return;
    if (model == NO_INDEX || !r->have->gpus[model].min[QUOTA_VRAM].known) {
        if (!r->row_noted[want->row]) {
            p = resolve_gpu_problem(r, REASON_NOTE_SIZE_EXPECTED, t, false,
                                    arena_printf(r->a,
                                                 "%s at count %llu: no GPU of the product "
                                                 "reports it yet",
                                                 mib_text(r, want->size_bytes),
                                                 (unsigned long long)want->count));
            p->at = row->size.at;
        }
        r->row_noted[want->row] = true;
        return;
    }
    if (r->have->gpus[model].min[QUOTA_VRAM].value == want->size_bytes)
        return;
    p = resolve_gpu_problem(
        r, REASON_SIZE, t, true,
        arena_printf(r->a, "row %s says %s; at count %llu %s reports %s",
                     want->row_name ? want->row_name : "", mib_text(r, want->size_bytes),
                     (unsigned long long)want->count, gpu_label(r->a, r->have, model),
                     mib_text(r, r->have->gpus[model].min[QUOTA_VRAM].value)));
    p->at = row->size.at;
}

/* A limit must lie within every GPU of the node: the host chooses at start (C10). */
static void narrow(struct node_size *s, const struct gpu *g)
{
    for (int q = 0; q < QUOTA_KINDS; q++) {
        if (g->min[q].known && (!s->low[q].known || g->min[q].value > s->low[q].value))
            s->low[q] = g->min[q];
        if (g->max[q].known && (!s->high[q].known || g->max[q].value < s->high[q].value))
            s->high[q] = g->max[q];
    }
}

/* What a partition of this node will be once every count is as declared. */
const struct node_size *resolve_node_size(struct resolve *r, uint32_t node)
{
    struct node_size *s = &r->node_sizes[node];

    if (s->filled)
        return s;
    s->filled = true;
    s->bad_count = NO_INDEX;
    for (uint32_t i = r->node_gpu[node]; i != NO_INDEX; i = r->next_gpu[i]) {
        uint32_t t = r->out->of_gpu[i], model = i;
        const struct gpu *g = &r->have->gpus[i];
        bool counted;
        size_t k = 0;

        s->partitioned |= g->state == GPU_PARTITIONED;
        s->paravirtual |= g->state == GPU_PARAVIRTUAL;
        s->driverless |=
            g->state == GPU_NO_DRIVER || (g->state == GPU_HOST && g->mitigation_driver != TRI_YES);
        if (g->state != GPU_PARTITIONED || !g->is_gpu ||
            (t != NO_INDEX && r->out->gpus[t].use == USE_LEAVING))
            continue;
        counted = t != NO_INDEX && r->out->gpus[t].use == USE_PARTITIONS;
        if (!counted && gpu_count_illegal(g))
            s->bad_count = i;
        if (counted && !r->out->gpus[t].refused)
            model = model_at(r, i, r->out->gpus[t].count);
        if (model == NO_INDEX || !r->have->gpus[model].min[QUOTA_VRAM].known) {
            s->unknown = true;
            continue;
        }
        g = &r->have->gpus[model];
        narrow(s, g);
        while (k < s->size_count && s->sizes[k] != g->min[QUOTA_VRAM].value)
            k++;
        if (k == s->size_count && k < sizeof s->sizes / sizeof *s->sizes)
            s->sizes[s->size_count++] = g->min[QUOTA_VRAM].value;
    }
    return s;
}

/* ---- all or nothing ---- */

/* Why the counts of this cluster are not all as declared in the end; NULL: nothing hinders. */
static const char *hindrance(struct resolve *r)
{
    if (r->unseen)
        return arena_printf(r->a, "%s not seen", r->unseen_names);
    if (r->missing)
        return "a declared node is missing";
    for (size_t i = 0; i < r->spec->gpu_count; i++)
        if (r->spec->gpus[i].use == USE_PARTITIONS && (r->row_short[i] || r->row_ambiguous[i]))
            return arena_printf(r->a, "row %s does not match as declared",
                                r->spec->gpus[i].name ? r->spec->gpus[i].name : "");
    for (size_t i = 0; i < r->out->gpu_count; i++) {
        const struct target_gpu *t = &r->out->gpus[i];

        if (t->use == USE_PARTITIONS && t->refused &&
            (r->have->gpus[t->gpu].state != GPU_PARTITIONED || resolve_count_pending(r, t)))
            return arena_printf(r->a,
                                t->left ? "%s is left as it is (manage, expected)"
                                        : "%s cannot get its count",
                                gpu_label(r->a, r->have, t->gpu));
    }
    return NULL;
}

static bool is_held_back(const struct resolve *r, const struct target_gpu *t)
{
    return t->use == USE_PARTITIONS && !t->refused && resolve_count_pending(r, t);
}

static void judge_partial(struct resolve *r)
{
    enum homogeneous homogeneous = r->spec->policy.homogeneous;
    const char *why = r->clustered ? hindrance(r) : NULL;
    struct count_outlook o;
    bool moves = false;

    if (!why)
        return;
    for (uint32_t t = 0; t < r->out->gpu_count; t++) {
        struct target_gpu *want = &r->out->gpus[t];
        struct num now = r->have->gpus[want->gpu].count;

        if (!is_held_back(r, want))
            continue;
        moves = true;
        if (!r->spec->policy.partial)
            resolve_gpu_problem(r, REASON_PARTIAL, t, true,
                                arena_printf(r->a, "%llu -> %llu waits: %s",
                                             (unsigned long long)now.value,
                                             (unsigned long long)want->count, why));
    }
    o = look_ahead(r);
    if (!moves || !r->spec->policy.partial || o.alike_after)
        return;
    /* What `partial: allow` lets go on must not itself make counts differ, unless that is said. */
    if (homogeneous == HOMOGENEOUS_WARN || (homogeneous == HOMOGENEOUS_DEFAULT && !o.alike_now)) {
        resolve_cluster_problem(r, REASON_WARN_HOMOGENEOUS, &r->spec->policy.homogeneous_at,
                                arena_printf(r->a, "counts will differ: %s", why));
        return;
    }
    resolve_cluster_problem(r, REASON_NOT_HOMOGENEOUS, &r->spec->policy.homogeneous_at,
                            arena_printf(r->a, "counts would differ: %s", why));
    refuse_counts(r);
}

/* With no count declared, `require` still asks that what is there is alike (C2). */
static void judge_observed(struct resolve *r)
{
    uint32_t first = NO_INDEX;

    if (!r->clustered || r->spec->policy.homogeneous != HOMOGENEOUS_REQUIRE)
        return;
    for (uint32_t i = 0; i < r->have->gpu_count; i++) {
        if (r->product_of[i] == NO_INDEX)
            continue;
        if (first == NO_INDEX)
            first = i;
        if (r->product_of[i] == r->product_of[first] &&
            num_eq(r->have->gpus[i].count, r->have->gpus[first].count))
            continue;
        r->gains_refused = true;
        resolve_cluster_problem(r, REASON_NOT_HOMOGENEOUS, &r->spec->policy.homogeneous_at,
                                arena_printf(r->a, "%s and %s differ in product or count",
                                             gpu_label(r->a, r->have, first),
                                             gpu_label(r->a, r->have, i)));
        return;
    }
}

void resolve_counts(struct resolve *r)
{
    if (!find_count(r)) {
        judge_observed(r);
        return;
    }
    judge_homogeneous(r);
    for (uint32_t t = 0; t < r->out->gpu_count; t++)
        if (r->out->gpus[t].use == USE_PARTITIONS)
            judge_size(r, t);
    judge_partial(r);
}
