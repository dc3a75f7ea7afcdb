/* A raw document to a spec: the envelope, nodes, GPUs, pools and the policy. */
#include "spec/read.h"

#include <string.h>

/* ---- nodes ---- */

bool build_node(struct builder *b, const char *what, const struct spec_text *name)
{
    const struct spec *s = b->out;

    if (!s->nodes || map_get(&b->nodes, node_short(b->arena, name->value)) != MAP_NONE)
        return true;
    if (!b->node_list) /* of a copy: str_ranges() sorts it */
        b->node_list = arena_printf(b->arena, "the nodes are %s",
                                    str_ranges(b->arena,
                                               arena_grow(b->arena, s->nodes, s->node_count,
                                                          s->node_count, sizeof *s->nodes),
                                               s->node_count));
    spec_find(b->found, CODE_UNKNOWN_NODE, &name->at, "`%s`: %s is not one of `nodes`", what,
              name->value)
        ->next = b->node_list;
    return false;
}

static void add_node(struct builder *b, const char *name, const struct span *at,
                     const struct said_word *state, size_t *room)
{
    struct spec *s = b->out;
    const char *node = node_short(b->arena, name);
    uint32_t first = map_put(&b->nodes, node, (uint32_t)s->node_count);

    if (first != s->node_count) {
        spec_find(b->found, CODE_DUPLICATE_NAME, at, "node %s is there twice: also at %s", node,
                  build_place(b, &s->node_at[first], at))
            ->next = "take one out";
        return;
    }
    if (s->node_count == *room) {
        *room = *room ? *room * 2 : 16;
        s->nodes = arena_grow(b->arena, s->nodes, s->node_count, *room, sizeof *s->nodes);
        s->node_at = arena_grow(b->arena, s->node_at, s->node_count, *room, sizeof *s->node_at);
        s->drained_at =
            arena_grow(b->arena, s->drained_at, s->node_count, *room, sizeof *s->drained_at);
    }
    s->drained_at[s->node_count] = state->at; /* `drained` is the one state that there is */
    s->nodes[s->node_count] = node;
    s->node_at[s->node_count++] = *at;
}

/* The nodes of rows with `name` and `state`: they go before those with `names`. */
static void own_rows(struct builder *b, struct map *own)
{
    map_init(own, b->scratch, 8, true);
    for (size_t i = 0; i < b->raw->nodes.count; i++) {
        const struct raw_node *row = ROW_AT(node, b->raw->nodes, i);

        if (SAID(row->name) && shape_seen(&b->shapes[SHAPE_node], &row->head, "state"))
            map_put(own, node_short(b->arena, row->name.value), 0);
    }
}

static void build_nodes(struct builder *b)
{
    size_t room = 0;
    struct map own;

    own_rows(b, &own);
    map_init(&b->nodes, b->arena, 16, true);
    for (size_t i = 0; i < b->raw->nodes.count; i++) {
        const struct raw_node *row = ROW_AT(node, b->raw->nodes, i);
        const struct said_names *names = &row->names;

        if (SAID(row->name))
            add_node(b, row->name.value, &row->name.at, &row->state, &room);
        for (size_t k = 0; k < names->count && b->out->node_count <= LIMIT_NODES; k++)
            if (map_get(&own, node_short(b->arena, names->names[k])) == MAP_NONE)
                add_node(b, names->names[k], &names->places[k], &row->state, &room);
    }
    if (b->out->node_count > LIMIT_NODES)
        spec_find(b->found, CODE_TOO_MANY, &b->raw->nodes.at, "more than %d nodes", LIMIT_NODES)
            ->next = "a failover cluster has at most 64";
}

/* ---- pools ---- */

static void declare_pool(struct builder *b, const struct spec_text *name)
{
    uint32_t here = (uint32_t)b->pool_count;
    uint32_t alike;

    if (map_get(&b->pools, name->value) != MAP_NONE)
        return;
    alike = map_put(&b->pools_folded, name->value, here);
    *arena_push(b->arena, b->pool_places, b->pool_count, b->pool_room) = *name;
    map_put(&b->pools, name->value, here);
    if (alike != here)
        spec_find(b->found, CODE_POOL_CASE, &name->at, "pool %s differs from %s (%s) by case only",
                  name->value, b->pool_places[alike].value,
                  build_place(b, &b->pool_places[alike].at, &name->at))
            ->next = "write both the same: pool names are compared letter for letter";
}

/* A pool that is said to be absent is not used. */
static bool refuse_absent(struct builder *b, const char *name, const struct span *at)
{
    uint32_t row = map_get(&b->absent, name);

    if (row == MAP_NONE)
        return false;
    spec_find(b->found, CODE_POOL_ABSENT, at, "pool %s is used here, and %s says that it goes",
              name, build_place(b, &ROW_AT(pool, b->raw->pools, row)->absent.at, at))
        ->next = "take one of the two out";
    return true;
}

void build_pool_use(struct builder *b, const char *name, const struct span *at)
{
    uint32_t alike;
    struct finding *f;

    if (refuse_absent(b, name, at) || map_get(&b->pools, name) != MAP_NONE)
        return;
    alike = map_get(&b->pools_folded, name);
    if (alike != MAP_NONE) {
        spec_find(b->found, CODE_POOL_CASE, at, "pool %s differs from %s (%s) by case only", name,
                  b->pool_places[alike].value, build_place(b, &b->pool_places[alike].at, at))
            ->next = "write both the same: pool names are compared letter for letter";
        return;
    }
    f = spec_find(b->found, CODE_UNKNOWN_POOL, at, "no GPU row puts devices into a pool %s", name);
    f->next = arena_printf(b->arena, "write a row under gpus: {match: {..}, pool: %s}", name);
}

/* P7: of the row, or of the cluster's GPUs. */
static enum manage row_manage(const struct builder *b, const struct said_word *word)
{
    return SAID(*word) ? (enum manage)word->value : b->out->manage.of[PART_GPUS];
}

static void build_pool(struct builder *b, const struct raw_pool *row, const struct map *filled)
{
    bool alike = map_get(&b->pools_folded, row->name.value) != MAP_NONE;

    declare_pool(b, &row->name);
    if (row->absent.value && row->exact.value)
        spec_find(b->found, CODE_NO_EFFECT, &row->exact.at,
                  "`exact` says nothing about a pool that shall be absent")
            ->next = "take it out";
    if (!row->absent.value && !alike && map_get(filled, row->name.value) == MAP_NONE)
        spec_find(b->found, CODE_EMPTY_POOL, &row->name.at, "no GPU row puts devices into pool %s",
                  row->name.value)
            ->next = arena_printf(b->arena, "write a row under gpus: {match: {..}, pool: %s}",
                                  row->name.value);
    b->out->pools[b->out->pool_count++] = (struct spec_pool){
        .name = row->name.value,
        .at = row->head.at,
        .exact = row->exact.value,
        .absent = row->absent.value,
        .manage = row_manage(b, &row->manage),
    };
}

void build_pools(struct builder *b)
{
    size_t count = b->raw->pools.count;
    struct map filled, rows;

    map_init(&b->pools, b->arena, count + 8, false);
    map_init(&b->pools_folded, b->arena, count + 8, true);
    map_init(&b->absent, b->arena, 8, false);
    map_init(&filled, b->arena, 8, false);
    map_init(&rows, b->arena, count, false);
    for (size_t i = 0; i < b->raw->gpus.count; i++) {
        const struct spec_text *name = &ROW_AT(gpu, b->raw->gpus, i)->pool;

        if (!SAID(*name))
            continue;
        declare_pool(b, name);
        map_put(&filled, name->value, 0);
    }
    b->out->pools = arena_array(b->arena, struct spec_pool, count);
    for (size_t i = 0; i < count; i++) {
        const struct raw_pool *row = ROW_AT(pool, b->raw->pools, i);
        uint32_t first;

        if (!SAID(row->name))
            continue;
        first = map_put(&rows, row->name.value, (uint32_t)i);
        if (first != i) {
            spec_find(b->found, CODE_DUPLICATE_NAME, &row->name.at,
                      "pool %s is there twice: also at %s", row->name.value,
                      build_place(b, &ROW_AT(pool, b->raw->pools, first)->name.at, &row->name.at))
                ->next = "put both rows into one";
            continue;
        }
        if (row->absent.value)
            map_put(&b->absent, row->name.value, (uint32_t)i);
        build_pool(b, row, &filled);
    }
    for (size_t i = 0; i < b->raw->gpus.count; i++) {
        const struct spec_text *name = &ROW_AT(gpu, b->raw->gpus, i)->pool;

        if (SAID(*name))
            refuse_absent(b, name->value, &name->at);
    }
}

/* ---- gpus ---- */

static void build_match(struct builder *b, const struct raw_match *m, struct spec_match *out)
{
    *out = (struct spec_match){
        .model = m->model.value,
        .pci = m->pci.value,
        .subsystem = m->subsystem.value,
        .location = m->locationPath.value,
        .instance = m->instancePath.value,
    };
    if (!m->nodes.count)
        return;
    out->nodes = arena_array(b->arena, const char *, m->nodes.count);
    for (size_t i = 0; i < m->nodes.count; i++) {
        struct spec_text name = {m->nodes.names[i], m->nodes.places[i]};

        build_node(b, "nodes", &name);
        out->nodes[out->node_count++] = node_short(b->arena, name.value);
    }
}

static void build_use(const struct raw_gpu *row, struct spec_gpu *out)
{
    out->use_at = row->head.at;
    if (SAID(row->partitions)) {
        out->use = USE_PARTITIONS;
        out->use_at = row->partitions.at;
        out->count = row->partitions.value;
    } else if (SAID(row->pool)) {
        out->use = USE_POOL;
        out->use_at = row->pool.at;
        out->pool = row->pool.value;
    } else if (SAID(row->device)) {
        out->use = USE_DEVICE;
        out->use_at = row->device.at;
    } else if (SAID(row->host)) {
        out->use = USE_HOST;
        out->use_at = row->host.at;
    } else if (row->leaving.row) {
        const struct raw_leaving *leaving = ROW(leaving, row->leaving);

        out->use = USE_LEAVING;
        out->use_at = row->leaving.at;
        out->leaving_by_ms = leaving->by.ms;
        out->leaving_reason = leaving->reason.value;
        out->leaving_moves = leaving->vms.value;
    }
}

static void check_gpu_row(struct builder *b, const struct raw_gpu *row, const struct spec_gpu *gpu)
{
    bool leaves = gpu->use == USE_POOL || gpu->use == USE_DEVICE;

    if (SAID(row->size) && gpu->use != USE_PARTITIONS && gpu->use != USE_ANY)
        spec_find(b->found, CODE_NO_EFFECT, &row->size.at,
                  "`size` is of a partition, and this row has none")
            ->next = "take it out";
    if (SAID(row->perNode) && gpu->use == USE_LEAVING)
        spec_find(b->found, CODE_NO_EFFECT, &row->perNode.at,
                  "`perNode` says nothing about a GPU that leaves: it may be out already")
            ->next = "take it out";
    if (row->prepare.value && !leaves)
        spec_find(b->found, CODE_NO_EFFECT, &row->prepare.at,
                  "`prepare` says nothing beside `pool` or `device`: this GPU stays with its host")
            ->next = "take it out";
    if (row->force.value && !(leaves && row->prepare.value))
        spec_find(b->found, CODE_NO_EFFECT, &row->force.at,
                  "`force` is about dismounting, which needs `prepare: true`")
            ->next = "write prepare: true, or take it out";
}

/* In a profile, or in a row that changes one of a profile, it need not be said. */
static void check_matches(struct builder *b, const struct raw_gpu *row)
{
    if (!shape_seen(&b->shapes[SHAPE_gpu], &row->head, "match"))
        spec_find(b->found, CODE_ROW_INCOMPLETE, &row->head.at, "`match` is missing")->next =
            b->profiles || !SAID(row->name)
                ? "write match: {model: NVIDIA A2}"
                : "write match: {model: NVIDIA A2}; where a profile says it, give its file as well";
}

void build_gpus(struct builder *b)
{
    struct spec *s = b->out;
    struct map names;

    if (b->raw->gpus.count > LIMIT_GPUS) {
        spec_find(b->found, CODE_TOO_MANY, &b->raw->gpus.at, "more than %d GPU rows", LIMIT_GPUS)
            ->next = "a row takes all GPUs that fit its `match`";
        return;
    }
    map_init(&names, b->arena, b->raw->gpus.count, true);
    s->gpus = arena_array(b->arena, struct spec_gpu, b->raw->gpus.count);
    for (size_t i = 0; i < b->raw->gpus.count; i++) {
        const struct raw_gpu *row = ROW_AT(gpu, b->raw->gpus, i);
        struct spec_gpu *gpu = &s->gpus[s->gpu_count++];

        check_matches(b, row);
        gpu->name = SAID(row->name) ? row->name.value : arena_printf(b->arena, "gpus[%zu]", i);
        gpu->at = row->head.at;
        gpu->per_node = row->perNode;
        gpu->size = row->size;
        gpu->prepare = row->prepare.value;
        gpu->force = row->force.value;
        gpu->manage = row_manage(b, &row->manage);
        build_use(row, gpu);
        if (b->trace)
            gpu->said = trace_gpu(b, row);
        if (row->match.row)
            build_match(b, row->match.row, &gpu->match);
        check_gpu_row(b, row, gpu);
        if (SAID(row->name) && map_put(&names, row->name.value, (uint32_t)i) != i)
            spec_find(b->found, CODE_DUPLICATE_NAME, &row->name.at,
                      "GPU row %s is there twice: also at %s", row->name.value,
                      build_place(b, &s->gpus[map_get(&names, row->name.value)].at, &row->name.at))
                ->next = "give each row its own name";
    }
}

/* ---- policy ---- */

/* What a VM whose row is gone shall be: it holds none, and the policy says how it is stopped. */
static struct vm_wish *prune_wish(struct builder *b)
{
    struct layers from = {.policy = b->policy, .manage = &b->out->manage};
    struct vm_wish *wish = arena_new(b->arena, struct vm_wish);

    layers_lay(b, &from);
    wish_compose(&from, wish);
    wish->use = VM_NONE;
    wish->use_at = b->policy->prune.at;
    return wish;
}

bool build_own_policy(const struct builder *b, const char *key)
{
    const struct raw_policy *own = ROW(policy, b->own->policy);

    return own && shape_seen(&b->shapes[SHAPE_policy], &own->head, key);
}

void build_policy(struct builder *b)
{
    const struct raw_policy *p = b->policy;
    const struct raw_unavailable *max = ROW(unavailable, p->maxUnavailable);
    const struct raw_reserve *reserve = ROW(reserve, p->reserve);
    struct policy *out = &b->out->policy;

    out->disruption = (enum disruption)p->disruption.value;
    out->disruption_at = p->disruption.at;
    if (max) {
        out->max_vms = (uint32_t)max->vms.value;
        out->max_nodes = (uint32_t)max->nodes.value;
    }
    out->protect = p->protect.names;
    out->protect_at = p->protect.places;
    out->protect_count = p->protect.count;
    if (reserve) {
        out->reserve_nodes = (uint32_t)reserve->nodes.value;
        out->reserve_at = reserve->nodes.at;
    }
    if (SAID(p->homogeneous))
        out->homogeneous = (enum homogeneous)(HOMOGENEOUS_WARN + p->homogeneous.value);
    out->homogeneous_at = p->homogeneous.at;
    out->partial = p->partial.value;
    out->prune = p->prune.value;
    out->move = p->move.value;
    out->move_at = p->move.at;
    if (out->prune)
        b->out->pruned = prune_wish(b);
}

/* ---- all of it ---- */

/* What goes into the path of a remote namespace: nothing of it may be more than a name. */
static void check_host_name(struct builder *b, const char *name, const struct span *at)
{
    for (const char *c = name; *c; c++)
        if (*c <= ' ' || strchr("\\/\"':;,", *c)) {
            spec_find(b->found, CODE_BAD_HOST, at, "\"%s\" is no name of a host", name)->next =
                "write the host's own name, with its DNS suffix where it needs one";
            return;
        }
}

/* Where a user and a password are; what is said there is never read here. */
static const char *sign_in(struct builder *b, const struct raw_credentials *c)
{
    if (SAID(c->env))
        return arena_printf(b->arena, "env %s", c->env.value);
    if (SAID(c->file))
        return arena_printf(b->arena, "file %s", c->file.value);
    return SAID(c->stored) ? arena_printf(b->arena, "stored %s", c->stored.value) : NULL;
}

static void build_hyperv(struct builder *b, const struct raw_hyperv *h)
{
    struct text t;

    b->out->connect_at = h->head.at;
    if (h->credentials.row)
        b->out->connect_as = sign_in(b, ROW(credentials, h->credentials));
    if (SAID(h->cluster)) {
        check_host_name(b, h->cluster.value, &h->cluster.at);
        b->out->connect = CONNECT_CLUSTER;
        b->out->connect_to = h->cluster.value;
        return;
    }
    text_init(&t, b->arena);
    for (size_t i = 0; i < h->hosts.count; i++) {
        check_host_name(b, h->hosts.names[i], &h->hosts.places[i]);
        text_printf(&t, "%s%s", i ? " " : "", h->hosts.names[i]);
    }
    b->out->connect = CONNECT_HOSTS;
    b->out->connect_to = text_done(&t);
}

static void build_connect(struct builder *b)
{
    const struct raw_connect *c = ROW(connect, b->raw->connect);

    if (!c)
        return;
    b->out->connect_at = c->head.at;
    if (c->hyperv.row)
        build_hyperv(b, ROW(hyperv, c->hyperv));
    if (!SAID(c->sim))
        return;
    b->out->connect = CONNECT_SIM;
    b->out->connect_path = c->sim.value;
    b->out->connect_at = c->sim.at;
}

/* Where profiles are meant, and none was given, all of a site would be released. */
static void check_silence(struct builder *b)
{
    const struct spec *s = b->out;

    if (!s->label_count || s->gpu_count || s->vm_count || s->pattern_count || s->pool_count ||
        s->node_count || b->profiles)
        return;
    spec_find(b->found, CODE_NOTHING_SAID, &s->at, "%s declares nothing, and no profile applies",
              s->name)
        ->next = "give the files of its profiles as well, or the folder that holds all of them";
}

void spec_build(struct builder *b, const struct raw_document *doc)
{
    static const struct raw_policy defaults;
    const struct raw_metadata *meta = ROW(metadata, doc->metadata);

    b->policy = b->raw->policy.row ? ROW(policy, b->raw->policy) : &defaults;
    b->out->kind = (enum spec_kind)doc->kind.value;
    b->out->at = doc->head.at;
    b->out->name = meta->name.value;
    lay_manage(&b->raw->manage, &b->out->manage);
    b->out->labels = meta->labels.rows;
    b->out->label_count = meta->labels.count;
    build_connect(b);
    build_nodes(b);
    build_policy(b);
    build_calendar(b);
    build_expected(b);
    build_rollout(b);
    build_pools(b);
    build_gpus(b);
    build_vms(b);
    check_gpus(b);
    check_protect(b);
    check_calendar(b);
    check_moves(b);
    check_rollout(b);
    if (b->trace)
        b->out->said = trace_policy(b);
    if (b->out->kind == SPEC_HOST)
        check_host(b);
    check_silence(b);
}
