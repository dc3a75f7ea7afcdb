/* What is said about moves (M8), before any world is known. */
#include "spec/read.h"

/* ---- a Host has nowhere to move a VM to ---- */

static void refuse_moves(struct builder *b)
{
    const struct raw_spec *raw = b->raw;

    refuse_on_host(b, &b->policy->move.at, "move");
    for (size_t i = 0; i < raw->nodes.count; i++)
        refuse_on_host(b, &ROW_AT(node, raw->nodes, i)->state.at, "state");
    for (size_t i = 0; i < raw->gpus.count; i++) {
        const struct raw_leaving *l = ROW(leaving, ROW_AT(gpu, raw->gpus, i)->leaving);

        if (l && l->vms.value)
            refuse_on_host(b, &l->vms.at, "vms: move");
    }
    for (size_t i = 0; i < raw->classes.rows.count; i++)
        refuse_on_host(b, &ROW_AT(class, raw->classes.rows, i)->move.at, "move");
    for (size_t i = 0; i < raw->vms.count; i++)
        refuse_on_host(b, &ROW_AT(vm, raw->vms, i)->move.at, "move");
}

/* ---- what a cluster says ---- */

/* A `move` that could not be read was said, and told, already. */
static bool is_told(struct builder *b)
{
    const struct raw_spec *raw = b->raw;
    bool told =
        shape_seen(&b->shapes[SHAPE_policy], &b->policy->head, "move") && !SAID(b->policy->move);

    for (size_t i = 0; i < raw->classes.rows.count && !told; i++) {
        const struct raw_class *row = ROW_AT(class, raw->classes.rows, i);

        told = shape_seen(&b->shapes[SHAPE_class], &row->head, "move") && !SAID(row->move);
    }
    for (size_t i = 0; i < raw->vms.count && !told; i++) {
        const struct raw_vm *row = ROW_AT(vm, raw->vms, i);

        told = shape_seen(&b->shapes[SHAPE_vm], &row->head, "move") && !SAID(row->move);
    }
    return told;
}

static bool may_move(const struct spec *s)
{
    if (s->policy.move)
        return true;
    for (size_t i = 0; i < s->vm_count; i++)
        if (s->vms[i].wish->move)
            return true;
    for (size_t i = 0; i < s->pattern_count; i++)
        if (s->patterns[i].vm.wish->move)
            return true;
    return false;
}

static size_t drained_nodes(const struct spec *s, const struct span **first)
{
    size_t count = 0;

    for (size_t i = 0; i < s->node_count; i++)
        if (said(&s->drained_at[i]) && !count++)
            *first = &s->drained_at[i];
    return count;
}

/* Where it is first said that VMs of a leaving GPU are moved; NULL: nowhere. */
static const struct span *leaving_moves_at(struct builder *b)
{
    for (size_t i = 0; i < b->out->gpu_count; i++)
        if (b->out->gpus[i].leaving_moves)
            return &ROW(leaving, ROW_AT(gpu, b->raw->gpus, i)->leaving)->vms.at;
    return NULL;
}

void check_moves(struct builder *b)
{
    const struct span *drained = NULL, *leaving = leaving_moves_at(b);
    size_t count = drained_nodes(b->out, &drained);

    if (b->out->kind == SPEC_HOST) {
        refuse_moves(b);
        return;
    }
    if ((drained || leaving) && !may_move(b->out) && !is_told(b))
        spec_find(b->found, CODE_MOVES_NOBODY, drained ? drained : leaving,
                  "`%s`, and no VM may be moved: nothing says `move: allowed`",
                  drained ? "state: drained" : "vms: move")
            ->next = "write policy: {move: allowed}, or say it in a class or a VM row";
    if (count && count == b->out->node_count)
        spec_find(b->found, CODE_NO_NODE_LEFT, drained,
                  count == 1 ? "the one node of `nodes` is drained: its VMs have nowhere to go"
                             : "all nodes of `nodes` are drained: their VMs have nowhere to go")
            ->next = "`nodes` lists all nodes of the cluster: write those that stay as well";
}

void check_node_stays(struct builder *b, const struct spec_text *node)
{
    const struct spec *s = b->out;
    uint32_t i = map_get(&b->nodes, node_short(b->arena, node->value));

    if (i == MAP_NONE || !said(&s->drained_at[i]))
        return;
    spec_find(b->found, CODE_NODE_DRAINED, &node->at, "`node` is %s, which is drained (%s)",
              s->nodes[i], build_place(b, &s->drained_at[i], &node->at))
        ->next = "name another node, or take `node` out until it is no longer drained";
}
