/* spec.rollout: which nodes change their counts in which order, how many at a time (P10). */
#include "spec/read.h"

static void take_order(struct builder *b, const struct said_names *said, struct rollout *out)
{
    struct map seen;

    map_init(&seen, b->scratch, said->count, true);
    out->order = arena_array(b->arena, const char *, said->count + 1);
    for (size_t i = 0; i < said->count; i++) {
        struct spec_text name = {said->names[i], said->places[i]};
        const char *node = node_short(b->arena, name.value);
        uint32_t self = (uint32_t)out->order_count;

        if (map_put(&seen, node, self) != self) {
            spec_find(b->found, CODE_DUPLICATE_NAME, &name.at, "`order` names %s twice", node)
                ->next = "take one out: a node has one turn";
            continue;
        }
        build_node(b, "order", &name);
        out->order[out->order_count++] = node;
    }
}

void build_rollout(struct builder *b)
{
    const struct raw_rollout *row = ROW(rollout, b->raw->rollout);
    struct rollout *out = &b->out->policy.rollout;

    if (!row || !SAID(row->reason) || !SAID(row->order) || !SAID(row->mixedUntil))
        return; /* nothing, or said by the reader */
    if (row->order.count > LIMIT_NODES) {
        spec_find(b->found, CODE_TOO_MANY, &row->order.at, "`order` names more than %d nodes",
                  LIMIT_NODES)
            ->next = "a failover cluster has at most 64";
        return;
    }
    *out = (struct rollout){.reason = row->reason.value,
                            .per_window = SAID(row->perWindow) ? (uint32_t)row->perWindow.value : 1,
                            .soak_ms = row->soak.ms,
                            .mixed_until_ms = build_instant(b, &row->mixedUntil),
                            .mixed_until = row->mixedUntil.text,
                            .at = b->raw->rollout.at};
    take_order(b, &row->order, out);
    b->out->policy.partial = false; /* a rollout is judged as a whole (C3) */
}

static bool names(const char *const *list, size_t count, const char *node)
{
    for (size_t i = 0; i < count; i++)
        if (str_same(list[i], node))
            return true;
    return false;
}

/* The first row that cuts GPUs of this node into partitions, as far as the spec tells; or NULL. */
static const struct spec_gpu *cuts_on(const struct spec *s, const char *node)
{
    for (size_t i = 0; i < s->gpu_count; i++) {
        const struct spec_match *m = &s->gpus[i].match;

        if (s->gpus[i].use == USE_PARTITIONS &&
            (!m->node_count || names(m->nodes, m->node_count, node)))
            return &s->gpus[i];
    }
    return NULL;
}

/* Every node that is known to change has its turn. */
static void check_order(struct builder *b, const struct raw_rollout *row)
{
    const struct rollout *r = &b->out->policy.rollout;

    for (size_t i = 0; i < b->out->node_count; i++) {
        const struct spec_gpu *gpu = cuts_on(b->out, b->out->nodes[i]);

        if (gpu && !names(r->order, r->order_count, b->out->nodes[i]))
            spec_find(b->found, CODE_ROLLOUT_ORDER, &row->order.at,
                      "`order` does not name %s, where row %s (line %u) says partitions",
                      b->out->nodes[i], gpu->name, (unsigned)gpu->use_at.line)
                ->next = "name every node on which a count changes";
    }
}

void check_rollout(struct builder *b)
{
    const struct raw_rollout *row = ROW(rollout, b->raw->rollout);
    const struct spec *s = b->out;
    bool cuts = false;

    if (!row || !s->policy.rollout.reason || s->kind != SPEC_CLUSTER)
        return;
    for (size_t i = 0; i < s->gpu_count; i++)
        cuts |= s->gpus[i].use == USE_PARTITIONS;
    if (!cuts)
        spec_find(b->found, CODE_NO_EFFECT, &b->raw->rollout.at,
                  "`rollout` is about partition counts, and no GPU row says one")
            ->next = "take it out, or write partitions: N in a row of gpus";
    if (SAID(row->perWindow) && !s->policy.calendar.allow_count)
        spec_find(b->found, CODE_NO_WINDOW, &row->perWindow.at,
                  "`perWindow`, and `maintenanceWindows` allows none")
            ->next = "add policy.maintenanceWindows.allow, or leave perWindow out";
    if (b->policy->partial.value)
        spec_find(b->found, CODE_NO_EFFECT, &b->policy->partial.at,
                  "`partial: allow` says nothing beside a rollout, which is judged as a whole")
            ->next = "take one of the two out";
    check_order(b, row);
}
