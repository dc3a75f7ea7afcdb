/*
 * gpus rows against devices: who is meant (I1, E5), and what the node and the
 * device are capable of (E1 to E3, C7, D1, D2).
 */
#include "spec/resolve.h"

#include <string.h>

/* ---- who is meant ---- */

static bool match_instance(const char *wanted, const char *path)
{
    const char *bare;

    if (!path)
        return false;
    if (strchr(wanted, '\\'))
        return str_same(wanted, path);
    bare = strrchr(path, '\\');
    return str_same(wanted, bare ? bare + 1 : path);
}

static bool match_location(const char *wanted, const struct gpu *g)
{
    for (size_t i = 0; i < g->location_count; i++)
        if (str_same(g->locations[i], wanted))
            return true;
    return false;
}

static bool match_device(const struct spec_match *m, const struct gpu *g)
{
    return (!m->model || str_same(m->model, g->model)) && (!m->pci || str_same(m->pci, g->pci)) &&
           (!m->subsystem || str_same(m->subsystem, g->subsystem)) &&
           (!m->location || match_location(m->location, g)) &&
           (!m->instance || match_instance(m->instance, g->path));
}

static bool is_named(const struct spec_match *m)
{
    return m->location || m->instance;
}

/* What a row found so far. */
struct found {
    size_t count, not_gpus, looked, unseen;
    uint32_t on_one;     /* most on one node */
    uint32_t *per_node;  /* for perNode */
    const char **labels; /* the first few */
    size_t label_count;
};
enum { LABELS = 4 };

/* Of a row and the one that is instead of it, the latter has it, whichever comes first (I1). */
static void claim_device(struct resolve *r, uint32_t row, uint32_t gpu)
{
    const struct spec_gpu *rows = r->spec->gpus;
    uint32_t now = r->gpu_row[gpu];

    if (now == ROW_NONE || rows[row].instead_of == &rows[now])
        r->gpu_row[gpu] = row;
    else if (rows[now].instead_of != &rows[row] && r->gpu_other[gpu] == ROW_NONE)
        r->gpu_other[gpu] = row;
}

static void take_device(struct resolve *r, uint32_t row, uint32_t gpu, struct found *f)
{
    const struct spec_match *m = &r->spec->gpus[row].match;
    const struct gpu *g = &r->have->gpus[gpu];

    if (!match_device(m, g))
        return;
    if (!g->is_gpu) {
        f->not_gpus++;
        return;
    }
    if (g->state == GPU_NOT_ASSIGNABLE && !is_named(m)) { /* E3 */
        if (r->not_assignable++ < LABELS)
            text_printf(&r->not_assignable_names, "%s%s", r->not_assignable > 1 ? " " : "",
                        gpu_label(r->a, r->have, gpu));
        return;
    }
    f->count++;
    if (++f->per_node[g->node] > f->on_one)
        f->on_one = f->per_node[g->node];
    if (f->label_count < LABELS)
        f->labels[f->label_count++] = gpu_label(r->a, r->have, gpu);
    claim_device(r, row, gpu);
}

static void take_node(struct resolve *r, uint32_t row, uint32_t node, struct found *f)
{
    f->per_node[node] = 0;
    if (!r->in_scope[node])
        return;
    if (!resolve_seen(r, node)) {
        f->unseen++;
        return;
    }
    f->looked++;
    for (uint32_t i = r->node_gpu[node]; i != NO_INDEX; i = r->next_gpu[i])
        take_device(r, row, i, f);
}

static struct problem *row_problem(struct resolve *r, enum reason reason, uint32_t row,
                                   const struct span *at, const char *text)
{
    const struct spec_gpu *g = &r->spec->gpus[row];

    struct problem *p = problem_add(&r->out->problems, reason, SUBJECT_GPU,
                                    arena_printf(r->a, "gpu/%s", g->name ? g->name : ""),
                                    at && at->file ? at : &g->at, "%s", text);

    p->manage = g->manage;
    return p;
}

/* The selector as the row says it, for people. */
static const char *selector_text(struct resolve *r, uint32_t row)
{
    const struct spec_match *m = &r->spec->gpus[row].match;
    const struct {
        const char *key, *value;
    } parts[] = {{"model", m->model},
                 {"pci", m->pci},
                 {"subsystem", m->subsystem},
                 {"locationPath", m->location},
                 {"instancePath", m->instance}};
    struct text t;
    bool any = false;

    text_init(&t, r->a);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].value) {
            text_printf(&t, "%s%s %s", any ? ", " : "", parts[i].key, parts[i].value);
            any = true;
        }
    return any ? text_done(&t) : "any GPU";
}

static const char *join_labels(struct resolve *r, const struct found *f)
{
    struct text t;

    text_init(&t, r->a);
    for (size_t i = 0; i < f->label_count; i++)
        text_printf(&t, "%s%s", i ? " " : "", f->labels[i]);
    if (f->count > f->label_count)
        text_printf(&t, " and %zu more", f->count - f->label_count);
    return text_done(&t);
}

static bool node_in_match(const struct resolve *r, const struct spec_match *m, uint32_t node)
{
    for (size_t i = 0; i < m->node_count; i++)
        if (resolve_node(r, m->nodes[i]) == node)
            return true;
    return !m->nodes;
}

/* V9: a GPU of this row leaves from that node, and may be out already. */
static bool may_lack_one(const struct resolve *r, uint32_t row, uint32_t node)
{
    for (size_t i = 0; i < r->out->leaving_count; i++) {
        const struct spec_gpu *narrow = &r->spec->gpus[r->out->leaving[i].row];

        if (narrow->instead_of == &r->spec->gpus[row] && node_in_match(r, &narrow->match, node))
            return true;
    }
    return false;
}

/* E5: exactly so many on each node that was seen. */
static void judge_per_node(struct resolve *r, uint32_t row, const struct found *f)
{
    const struct spec_gpu *g = &r->spec->gpus[row];
    struct text t;
    size_t wrong = 0;

    if (!g->per_node.at.file)
        return;
    text_init(&t, r->a);
    for (uint32_t n = 0; n < r->have->node_count; n++) {
        if (!r->in_scope[n] || !resolve_seen(r, n) || f->per_node[n] == g->per_node.value ||
            !node_in_match(r, &g->match, n) ||
            (f->per_node[n] < g->per_node.value && may_lack_one(r, row, n)))
            continue;
        if (wrong++ < LABELS)
            text_printf(&t, "%s%s has %u", wrong > 1 ? ", " : "", r->have->nodes[n].name,
                        (unsigned)f->per_node[n]);
    }
    if (!wrong)
        return;
    if (wrong > LABELS)
        text_printf(&t, ", and %zu more nodes differ", wrong - LABELS);
    r->row_short[row] = true;
    row_problem(r, REASON_PER_NODE, row, &g->per_node.at,
                arena_printf(r->a, "perNode is %llu for %s: %s",
                             (unsigned long long)g->per_node.value, selector_text(r, row),
                             text_done(&t)));
}

static void judge_row(struct resolve *r, uint32_t row, const struct found *f)
{
    const struct spec_match *m = &r->spec->gpus[row].match;

    /* I1: a path means one device; without a node it must be the only one. */
    if (is_named(m) && f->count > 1 && (!m->nodes || f->on_one > 1)) {
        r->row_ambiguous[row] = true;
        row_problem(r, REASON_AMBIGUOUS_GPU, row, NULL,
                    arena_printf(r->a, "%s matches %zu devices: %s", selector_text(r, row),
                                 f->count, join_labels(r, f)));
    }
    if (!f->count) {
        r->row_short[row] = true;
        /* V9: out already; and that it is not seen proves nothing */
        if (r->spec->gpus[row].use == USE_LEAVING)
            return;
        if (f->looked || (!f->unseen && !m->nodes))
            row_problem(r, REASON_NO_MATCH, row, NULL,
                        arena_printf(r->a, "%s matches no GPU of any node that was seen%s%s%s",
                                     selector_text(r, row),
                                     f->not_gpus ? "; what it matches is not a GPU" : "",
                                     f->unseen ? "; not seen: " : "",
                                     f->unseen ? r->unseen_names : ""));
    }
    judge_per_node(r, row, f);
}

static void select_row(struct resolve *r, uint32_t row, struct found *f)
{
    const struct spec_gpu *g = &r->spec->gpus[row];

    f->count = f->not_gpus = f->looked = f->unseen = f->label_count = 0;
    f->on_one = 0;
    if (!g->match.nodes) {
        for (uint32_t n = 0; n < r->have->node_count; n++)
            take_node(r, row, n, f);
    } else {
        memset(f->per_node, 0, r->have->node_count * sizeof *f->per_node);
        for (size_t i = 0; i < g->match.node_count; i++) {
            uint32_t n = resolve_node(r, g->match.nodes[i]);

            if (n != NO_INDEX) {
                take_node(r, row, n, f);
                continue;
            }
            r->row_short[row] = true;
            row_problem(r, REASON_NODE_MISSING, row, NULL,
                        arena_printf(r->a, "match names node %s, which %s does not have",
                                     g->match.nodes[i], r->have->name));
        }
    }
    judge_row(r, row, f);
}

/* What else is in a pool that says `exact: true` leaves it (D4). */
static void select_exact(struct resolve *r)
{
    struct map exact;

    map_init(&exact, r->a, r->spec->pool_count, false);
    for (uint32_t i = 0; i < r->spec->pool_count; i++)
        if (r->spec->pools[i].exact)
            map_put(&exact, r->spec->pools[i].name, i);
    if (!exact.count)
        return;
    for (size_t i = 0; i < r->have->gpu_count; i++) {
        const struct gpu *g = &r->have->gpus[i];

        if (g->pool && r->gpu_row[i] == ROW_NONE && resolve_seen(r, g->node))
            r->gpu_exact[i] = map_get(&exact, g->pool);
    }
}

static void add_target(struct resolve *r, uint32_t gpu, struct target_gpu row)
{
    struct target *out = r->out;

    row.gpu = gpu;
    row.left = r->leave->gpus && r->leave->gpus[gpu];
    row.refused = row.left;
    r->out->of_gpu[gpu] = (uint32_t)out->gpu_count;
    out->gpus[out->gpu_count++] = row;
}

static void add_targets(struct resolve *r)
{
    size_t count = 0;

    for (size_t i = 0; i < r->have->gpu_count; i++)
        count += r->gpu_row[i] != ROW_NONE || r->gpu_exact[i] != ROW_NONE;
    r->out->gpus = arena_array(r->a, struct target_gpu, count + 1);
    for (uint32_t i = 0; i < r->have->gpu_count; i++) {
        if (r->gpu_row[i] != ROW_NONE) {
            const struct spec_gpu *g = &r->spec->gpus[r->gpu_row[i]];
            bool parts = g->use == USE_PARTITIONS;

            add_target(r, i,
                       (struct target_gpu){.row = r->gpu_row[i],
                                           .row_name = g->name,
                                           .use = g->use,
                                           .count = parts ? g->count : 0,
                                           .size_bytes = parts ? g->size.value : 0,
                                           .pool = g->use == USE_POOL ? g->pool : NULL,
                                           .prepare = g->prepare,
                                           .force = g->force,
                                           .manage = g->manage,
                                           .at = g->use_at.file ? g->use_at : g->at});
        } else if (r->gpu_exact[i] != ROW_NONE) {
            const struct spec_pool *p = &r->spec->pools[r->gpu_exact[i]];

            add_target(r, i,
                       (struct target_gpu){.row = NO_INDEX,
                                           .row_name = p->name,
                                           .use = USE_DEVICE,
                                           .manage = p->manage,
                                           .at = p->at});
        }
    }
}

void resolve_select(struct resolve *r)
{
    struct found f = {.per_node = arena_array(r->a, uint32_t, r->have->node_count + 1),
                      .labels = arena_array(r->a, const char *, LABELS)};

    for (uint32_t i = 0; i < r->spec->gpu_count; i++)
        if (!r->row_over[i]) /* V9: as good as deleted */
            select_row(r, i, &f);
    select_exact(r);
    add_targets(r);
}

/* ---- what it is capable of ---- */

bool resolve_count_pending(const struct resolve *r, const struct target_gpu *t)
{
    return !num_is(r->have->gpus[t->gpu].count, t->count);
}

static const char *row_name_of(const struct resolve *r, uint32_t row)
{
    const char *name = row < r->spec->gpu_count ? r->spec->gpus[row].name : NULL;

    return name ? name : "";
}

/* A step that a person must do stands beside the refusal (E6). */
static void by_hand(struct resolve *r, enum reason reason, uint32_t t, const char *text)
{
    resolve_gpu_problem(r, reason, t, true, text);
}

static void refuse_driver(struct resolve *r, uint32_t t, const char *kind)
{
    const char *label = gpu_label(r->a, r->have, r->out->gpus[t].gpu);

    resolve_gpu_problem(r, REASON_DRIVER, t, true,
                        arena_printf(r->a, "%s is there, but without %s", label, kind));
    by_hand(r, REASON_BY_HAND_DRIVER, t, arena_printf(r->a, "install %s for %s", kind, label));
}

static void refuse_mode(struct resolve *r, uint32_t t, const char *is, const char *steps)
{
    const char *label = gpu_label(r->a, r->have, r->out->gpus[t].gpu);

    resolve_gpu_problem(r, REASON_MODE, t, true, arena_printf(r->a, "%s is %s", label, is));
    by_hand(r, REASON_BY_HAND_DRIVER, t, arena_printf(r->a, "%s: %s", label, steps));
}

static const char HOST_DRIVER[] = "the vendor's GPU-P host driver";
static const char TO_PARTITIONS[] =
    "take it out of its pool, mount and enable it, then install the vendor's GPU-P host driver";
static const char TO_DEVICE[] =
    "remove the GPU-P host driver, install the vendor's DDA mitigation driver, then restart the "
    "host if it asks for it";

/* Only a partitioned GPU takes counts (E3, C7, D1). */
static bool judge_partitioned(struct resolve *r, uint32_t t)
{
    const struct gpu *g = &r->have->gpus[r->out->gpus[t].gpu];
    const char *label = gpu_label(r->a, r->have, r->out->gpus[t].gpu);

    switch (g->state) {
    case GPU_PARTITIONED:
        return true;
    case GPU_PARAVIRTUAL:
        resolve_gpu_problem(
            r, REASON_PARAVIRTUAL, t, true,
            arena_printf(r->a, "%s is paravirtual: its counts are placeholders", label));
        return false;
    case GPU_NOT_ASSIGNABLE:
        resolve_gpu_problem(r, REASON_NOT_ASSIGNABLE, t, true,
                            arena_printf(r->a, "%s is named, and is not assignable", label));
        return false;
    case GPU_DISABLED:
    case GPU_DISMOUNTED:
        refuse_mode(r, t, "set aside as a device, not partitioned", TO_PARTITIONS);
        return false;
    case GPU_HOST:
        if (g->mitigation_driver == TRI_YES)
            refuse_mode(r, t, "ready for DDA: it has the driver for devices", TO_PARTITIONS);
        else
            refuse_driver(r, t, HOST_DRIVER);
        return false;
    case GPU_NO_DRIVER:
        refuse_driver(r, t, HOST_DRIVER);
        return false;
    case GPU_UNKNOWN:
    default:
        resolve_gpu_problem(r, REASON_NODE_UNSEEN, t, true,
                            arena_printf(r->a, "the state of %s could not be read", label));
        return false;
    }
}

static const char *valid_text(struct resolve *r, const struct gpu *g)
{
    struct text t;

    text_init(&t, r->a);
    for (size_t i = 0; i < g->valid_count; i++)
        text_printf(&t, "%s%u", i ? " " : "", (unsigned)g->valid[i]);
    if (!g->valid_complete)
        text_add(&t, g->valid_count ? " ..." : "...");
    return text_done(&t);
}

static bool is_valid(const struct gpu *g, uint64_t count)
{
    for (size_t i = 0; i < g->valid_count; i++)
        if (g->valid[i] == count)
            return true;
    return false;
}

/* C1, and C6 for the count that is there. */
static void judge_count(struct resolve *r, uint32_t t)
{
    struct target_gpu *want = &r->out->gpus[t];
    const struct gpu *g = &r->have->gpus[want->gpu];
    const char *label = gpu_label(r->a, r->have, want->gpu);
    bool complete = g->valid_complete && g->valid_count;

    if (!g->count.known)
        resolve_gpu_problem(r, REASON_NODE_UNSEEN, t, true,
                            arena_printf(r->a, "the current count of %s could not be read", label));
    else if (complete && !is_valid(g, g->count.value))
        resolve_gpu_problem(r, REASON_WARN_COUNT, t, false,
                            arena_printf(r->a, "%s has %llu, which is not one of %s", label,
                                         (unsigned long long)g->count.value, valid_text(r, g)));
    if (is_valid(g, want->count))
        return;
    if (complete)
        resolve_gpu_problem(r, REASON_INVALID_COUNT, t, true,
                            arena_printf(r->a, "%s can be %s, not %llu", label, valid_text(r, g),
                                         (unsigned long long)want->count))
            ->release = arena_printf(r->a, "one of %s", valid_text(r, g));
    else if (resolve_count_pending(r, want))
        resolve_gpu_problem(r, REASON_COUNTS_UNKNOWN, t, true,
                            arena_printf(r->a,
                                         "%s can be %s: the list is cut off, and %llu is not "
                                         "in the part that is known",
                                         label, valid_text(r, g), (unsigned long long)want->count));
}

/* E1, by the oldest node. */
static void judge_build(struct resolve *r, uint32_t t, enum build_need need)
{
    const char *why = resolve_build_text(r, need);

    if (why)
        resolve_gpu_problem(r, REASON_BUILD, t, true, why);
}

static void judge_partitions(struct resolve *r, uint32_t t)
{
    struct target_gpu *want = &r->out->gpus[t];
    uint32_t node = r->have->gpus[want->gpu].node;

    if (!judge_partitioned(r, t))
        return;
    if (resolve_count_pending(r, want)) {
        if (r->have->nodes[node].iov == TRI_NO) /* E2 */
            resolve_gpu_problem(r, REASON_NODE_NOT_CAPABLE, t, true, resolve_iov_text(r, node));
        judge_build(r, t, BUILD_PARTITION);
    }
    judge_count(r, t);
}

static bool device_pending(const struct gpu *g, const struct target_gpu *want)
{
    return g->state != GPU_DISMOUNTED || !str_eq(g->pool, want->pool);
}

/* D2, P5 */
static void refuse_prepare(struct resolve *r, uint32_t t, const char *label)
{
    uint32_t row = r->out->gpus[t].row;
    const struct span *never = &r->spec->gpus[row].never_prepared;
    struct problem *p;

    if (!never->file) {
        resolve_gpu_problem(r, REASON_PREPARE, t, true,
                            arena_printf(r->a,
                                         "%s is with its host, and row %s does not say "
                                         "prepare: true",
                                         label, row_name_of(r, row)));
        return;
    }
    p = resolve_gpu_problem(r, REASON_PREPARE, t, true,
                            arena_printf(r->a,
                                         "%s is with its host, and a Policy says prepare: "
                                         "never",
                                         label));
    p->release = arena_printf(r->a, "doing it by hand, or an exception at %s",
                              policy_place(r->a, &r->spec->policy, never));
}

/* D2: what it takes to get the device out of its host's hands. */
static void judge_prepare(struct resolve *r, uint32_t t)
{
    struct target_gpu *want = &r->out->gpus[t];
    const struct gpu *g = &r->have->gpus[want->gpu];
    const char *label = gpu_label(r->a, r->have, want->gpu);

    if (!want->prepare) {
        refuse_prepare(r, t, label);
        by_hand(r, REASON_BY_HAND_PREPARE, t,
                arena_printf(r->a,
                             "disable %s, then Dismount-VMHostAssignableDevice -LocationPath '%s'",
                             label, g->location_count ? g->locations[0] : g->path));
    }
    if (want->force || g->mitigation_driver == TRI_YES)
        return;
    if (g->state == GPU_NO_DRIVER)
        refuse_driver(r, t, "the vendor's DDA mitigation driver");
    else if (g->mitigation_driver == TRI_NO)
        resolve_gpu_problem(r, REASON_MITIGATION_DRIVER, t, true,
                            arena_printf(r->a,
                                         "%s has no mitigation driver, and row %s does not "
                                         "say force: true",
                                         label, row_name_of(r, want->row)));
}

static void judge_device(struct resolve *r, uint32_t t)
{
    struct target_gpu *want = &r->out->gpus[t];
    const struct gpu *g = &r->have->gpus[want->gpu];
    const char *label = gpu_label(r->a, r->have, want->gpu);

    if (!device_pending(g, want))
        return;
    if (r->have->nodes[g->node].iov == TRI_NO)
        resolve_gpu_problem(r, REASON_NODE_NOT_CAPABLE, t, true, resolve_iov_text(r, g->node));
    judge_build(r, t, want->use == USE_POOL ? BUILD_POOL : BUILD_DEVICE);
    switch (g->state) {
    case GPU_PARTITIONED:
        r->mode_switch = true;
        refuse_mode(r, t, "partitioned, and declared as a device", TO_DEVICE);
        break;
    case GPU_NOT_ASSIGNABLE:
        resolve_gpu_problem(r, REASON_NOT_ASSIGNABLE, t, true,
                            arena_printf(r->a, "%s is named, and is not assignable", label));
        break;
    case GPU_HOST:
    case GPU_DISABLED:
    case GPU_NO_DRIVER:
    case GPU_PARAVIRTUAL:
        r->mode_switch |= g->state == GPU_PARAVIRTUAL;
        judge_prepare(r, t);
        break;
    case GPU_DISMOUNTED:
        break;
    case GPU_UNKNOWN:
    default:
        resolve_gpu_problem(r, REASON_NODE_UNSEEN, t, true,
                            arena_printf(r->a, "the state of %s could not be read", label));
    }
}

/* I1: a row that is instead of another selects nothing that the other does not select. */
static void judge_stand_in(struct resolve *r, uint32_t t)
{
    const struct target_gpu *want = &r->out->gpus[t];
    const struct spec_gpu *row = &r->spec->gpus[want->row], *wide = row->instead_of;
    const struct gpu *g = &r->have->gpus[want->gpu];

    if (!wide || (match_device(&wide->match, g) && node_in_match(r, &wide->match, g->node)))
        return;
    resolve_gpu_problem(r, REASON_NOT_NARROWER, t, true,
                        arena_printf(r->a, "row %s is instead of %s, which does not select %s",
                                     row->name, wide->name, gpu_label(r->a, r->have, want->gpu)));
}

static void judge_identity(struct resolve *r, uint32_t t)
{
    struct target_gpu *want = &r->out->gpus[t];
    uint32_t other = r->gpu_other[want->gpu];

    if (other != ROW_NONE) {
        resolve_gpu_problem(r, REASON_AMBIGUOUS_GPU, t, true,
                            arena_printf(r->a,
                                         "rows %s and %s both take %s: every GPU belongs to "
                                         "exactly one row",
                                         row_name_of(r, want->row), row_name_of(r, other),
                                         gpu_label(r->a, r->have, want->gpu)))
            ->release = "selectors that do not overlap";
        if (r->row_short[other] || r->row_ambiguous[other])
            want->refused = true;
    }
    if (want->row != NO_INDEX && (r->row_ambiguous[want->row] || r->row_short[want->row]))
        want->refused = true;
    if (want->row != NO_INDEX)
        judge_stand_in(r, t);
}

/* C6: nothing is assigned on a node whose GPU has an illegal count that nobody declares. */
static void judge_undeclared(struct resolve *r)
{
    for (uint32_t i = 0; i < r->have->gpu_count; i++) {
        const struct gpu *g = &r->have->gpus[i];
        uint32_t t = r->out->of_gpu[i];
        const char *label;

        if (!gpu_count_illegal(g) || !resolve_seen(r, g->node) ||
            (t != NO_INDEX &&
             (r->out->gpus[t].use == USE_PARTITIONS || r->out->gpus[t].use == USE_LEAVING)))
            continue;
        label = gpu_label(r->a, r->have, i);
        problem_add(&r->out->problems, REASON_CURRENT_COUNT, SUBJECT_GPU,
                    arena_printf(r->a, "gpu/%s", label),
                    t == NO_INDEX ? &r->spec->at : &r->out->gpus[t].at,
                    "%s has %llu, which is not one of %s, and no row declares a count", label,
                    (unsigned long long)g->count.value, valid_text(r, g))
            ->gpu = i;
    }
}

void resolve_gpus(struct resolve *r)
{
    for (uint32_t t = 0; t < r->out->gpu_count; t++) {
        struct target_gpu *want = &r->out->gpus[t];

        judge_identity(r, t);
        if (want->row == NO_INDEX)
            continue; /* leaves a pool (exact): resolve_pool.c judges it */
        if (want->use == USE_PARTITIONS)
            judge_partitions(r, t);
        else if (want->use == USE_POOL || want->use == USE_DEVICE)
            judge_device(r, t);
    }
    judge_undeclared(r);
}
