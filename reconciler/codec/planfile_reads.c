#include "codec/planfile_reads.h"

#include "base/str.h"
#include "codec/digest.h"

#include <stdlib.h>
#include <string.h>

struct reads_look {
    struct arena *arena;
    const struct state *have;
    struct map vms;        /* id to index */
    struct text *adapters; /* by node: "vm/adapter " of all that count */
    size_t *adapter_count; /* by node */
};

struct reads_look *reads_look(struct arena *a, const struct state *have)
{
    struct reads_look *l = arena_new(a, struct reads_look);

    l->arena = a;
    l->have = have;
    map_init(&l->vms, a, have->vm_count, true);
    l->adapters = arena_array(a, struct text, have->node_count + 1);
    l->adapter_count = arena_array(a, size_t, have->node_count + 1);
    for (size_t n = 0; n < have->node_count; n++)
        text_init(&l->adapters[n], a);
    for (size_t i = 0; i < have->vm_count; i++) {
        const struct vm *vm = &have->vms[i];

        map_put(&l->vms, vm->id, (uint32_t)i);
        for (size_t k = 0; k < vm->adapter_count && vm->node < have->node_count; k++) {
            if (vm->adapters[k].of_checkpoint)
                continue;
            text_add(&l->adapters[vm->node], vm->id);
            text_add(&l->adapters[vm->node], "/");
            text_add(&l->adapters[vm->node], vm->adapters[k].id);
            text_add(&l->adapters[vm->node], " ");
            l->adapter_count[vm->node]++;
        }
    }
    return l;
}

static void field(struct arena *a, struct read_object *o, const char *name, const char *value)
{
    o->fields = arena_grow(a, o->fields, o->field_count, o->field_count + 1, sizeof *o->fields);
    o->fields[o->field_count++] = (struct read_field){name, value ? value : "none"};
}

static const char *number(struct arena *a, struct num n)
{
    return n.known ? arena_printf(a, "%llu", (unsigned long long)n.value) : "unknown";
}

static void vm_fields(struct arena *a, const struct state *have, const struct vm *vm,
                      struct read_object *o)
{
    const struct vm_settings *s = &vm->settings;
    struct text adapters, requests;

    text_init(&adapters, a);
    text_init(&requests, a);
    for (size_t i = 0; i < vm->adapter_count; i++)
        if (!vm->adapters[i].of_checkpoint)
            text_printf(&adapters, "%s%s%s%s", adapters.size ? " " : "", vm->adapters[i].id,
                        vm->adapters[i].pin ? "@" : "",
                        vm->adapters[i].pin ? vm->adapters[i].pin : "");
    for (size_t i = 0; i < vm->request_count; i++)
        if (!vm->requests[i].of_checkpoint)
            text_printf(&requests, "%s%s:%s", requests.size ? " " : "", vm->requests[i].id,
                        vm->requests[i].pool       ? vm->requests[i].pool
                        : vm->requests[i].location ? vm->requests[i].location
                                                   : "?");
    o->label = arena_printf(a, "vm/%s", vm->name);
    field(a, o, "name", vm->name);
    field(a, o, "node", vm->node < have->node_count ? have->nodes[vm->node].name : NULL);
    field(a, o, "power", vm_power_words[vm->power]);
    field(a, o, "owner", vm_owner_words[vm->owner]);
    field(a, o, "hidden", vm->hidden ? "true" : "false");
    field(a, o, "adapters", adapters.size ? text_done(&adapters) : NULL);
    field(a, o, "requests", requests.size ? text_done(&requests) : NULL);
    field(a, o, "clustered", vm->role.clustered ? "true" : "false");
    field(a, o, "offlineAction", number(a, vm->role.offline_action));
    field(a, o, "automaticStopAction", stop_action_words[s->stop_action]);
    field(a, o, "memory",
          arena_printf(a, "dynamic %s, startup %s, minimum %s", tri_words[s->dynamic_memory],
                       number(a, s->memory_startup_mib), number(a, s->memory_min_mib)));
    field(a, o, "mmio",
          arena_printf(a, "low %s, high %s", number(a, s->mmio_low_mib),
                       number(a, s->mmio_high_mib)));
    field(a, o, "guestControlledCacheTypes", tri_words[s->cache_types]);
    field(a, o, "checkpoints", checkpoints_words[s->checkpoints]);
}

static void gpu_fields(struct arena *a, const struct state *have, uint32_t gpu,
                       struct read_object *o)
{
    const struct gpu *g = &have->gpus[gpu];

    o->label = arena_printf(a, "gpu/%s", gpu_label(a, have, gpu));
    field(a, o, "state", gpu_state_words[g->state]);
    field(a, o, "partitions", number(a, g->count));
    field(a, o, "size", number(a, g->optimal[QUOTA_VRAM]));
    field(a, o, "pool", g->pool);
}

static void node_fields(struct reads_look *l, uint32_t node, struct read_object *o)
{
    const struct node *n = &l->have->nodes[node];
    struct arena *a = l->arena;

    o->label = arena_printf(a, "node/%s", n->name);
    field(a, o, "state", node_state_words[n->state]);
    field(a, o, "build", number(a, n->build));
    field(a, o, "boot", n->boot_ms == WHEN_NONE ? "unknown" : when_iso(a, n->boot_ms));
    field(a, o, "adapters",
          arena_printf(a, "%zu, %.8s", l->adapter_count[node],
                       digest_text(a, text_done(&l->adapters[node]))));
}

/* "kind/rest" to kind and rest. */
static const char *rest_of(const char *subject, const char *kind)
{
    size_t n = strlen(kind);

    return str_starts(subject, kind) && subject[n] == '/' ? subject + n + 1 : NULL;
}

static uint32_t node_and(struct arena *a, const struct state *have, const char *rest,
                         const char **tail)
{
    const char *slash = strchr(rest, '/');

    *tail = slash ? slash + 1 : "";
    return slash ? state_node(have, arena_strndup(a, rest, (size_t)(slash - rest))) : NO_INDEX;
}

bool reads_object(struct reads_look *l, const char *subject, struct read_object *out)
{
    struct arena *a = l->arena;
    const char *rest, *tail;
    uint32_t i, node;

    *out = (struct read_object){.subject = subject, .label = subject};
    if ((rest = rest_of(subject, "vm"))) {
        i = map_get(&l->vms, rest);
        if (i == MAP_NONE)
            return false;
        vm_fields(a, l->have, &l->have->vms[i], out);
    } else if ((rest = rest_of(subject, "gpu"))) {
        node = node_and(a, l->have, rest, &tail);
        i = node == NO_INDEX ? NO_INDEX : state_gpu(l->have, node, tail);
        if (i == NO_INDEX)
            return false;
        gpu_fields(a, l->have, i, out);
    } else if ((rest = rest_of(subject, "node"))) {
        i = state_node(l->have, rest);
        if (i == NO_INDEX)
            return false;
        node_fields(l, i, out);
    } else if ((rest = rest_of(subject, "pool"))) {
        node = node_and(a, l->have, rest, &tail);
        field(a, out, "present",
              node != NO_INDEX && state_pool(l->have, node, tail) ? "true" : "false");
    } else {
        return false;
    }
    out->digest = reads_digest(a, out);
    return true;
}

const char *reads_digest(struct arena *a, const struct read_object *o)
{
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < o->field_count; i++)
        text_printf(&t, "%s=%s\n", o->fields[i].name, o->fields[i].value);
    return digest_text(a, text_done(&t));
}

static int by_subject(const void *one, const void *two)
{
    const struct read_object *a = one, *b = two;

    return str_cmp(a->subject, b->subject);
}

static void take(struct reads_look *l, struct map *seen, struct reads *out, const char *subject)
{
    struct read_object o;

    if (map_put(seen, subject, (uint32_t)out->count) != out->count || !reads_object(l, subject, &o))
        return;
    *arena_push(l->arena, out->rows, out->count, out->room) = o;
}

void reads_of_plan(struct arena *a, const struct plan *plan, const struct state *have,
                   struct reads *out)
{
    struct reads_look *look = reads_look(a, have);
    struct map seen;

    *out = (struct reads){0};
    map_init(&seen, a, 64, false);
    for (size_t g = 0; g < plan->group_count; g++) {
        const struct plan_group *group = &plan->groups[g];
        bool runs = group->gate == GATE_RUNS || group->approvable;

        for (size_t i = 0; runs && i < group->member_count; i++) {
            const struct member *m = &group->members[i];

            if (m->node)
                take(look, &seen, out, arena_printf(a, "node/%s", m->node));
            if (m->kind == SUBJECT_VM)
                take(look, &seen, out, arena_printf(a, "vm/%s", m->id));
            else
                take(look, &seen, out,
                     arena_printf(a, "%s/%s/%s", m->kind == SUBJECT_GPU ? "gpu" : "pool",
                                  m->node ? m->node : "", m->id));
        }
    }
    if (out->count)
        qsort(out->rows, out->count, sizeof *out->rows, by_subject);
}
