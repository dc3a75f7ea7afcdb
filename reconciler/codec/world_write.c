/* The writer: the table walked over rows.  The same state gives the same bytes. */
#include "codec/world_inner.h"

#include "base/when.h"
#include "codec/json.h"

#include <string.h>

struct writing {
    struct arena *arena; /* for what is gone when the text is done */
    struct json json;
    const struct world *world;
};

static const void *place(const void *row, size_t at)
{
    return (const char *)row + at;
}

static bool is_blank(const struct field *f, const void *row, const void *blank);

static bool all_blank(const struct table *t, const void *row, const void *blank)
{
    for (size_t i = 0; i < t->count; i++)
        if (!(t->fields[i].flags & INPUT_ONLY) && !is_blank(&t->fields[i], row, blank))
            return false;
    return true;
}

static bool is_blank(const struct field *f, const void *row, const void *blank)
{
    static const size_t sizes[] = {
        [FIELD_NUM] = sizeof(struct num),
        [FIELD_BIG] = sizeof(struct num),
        [FIELD_SIZE] = sizeof(struct num),
        [FIELD_MIB] = sizeof(struct num),
        [FIELD_U16] = 2,
        [FIELD_U32] = 4,
        [FIELD_U64] = 8,
        [FIELD_BOOL] = sizeof(bool),
        [FIELD_TRI] = sizeof(enum tri),
        [FIELD_WORD] = sizeof(int),
        [FIELD_TIME] = 8,
        [FIELD_DURATION] = 8,
        [FIELD_VALUES] = 24,
        [FIELD_VERB] = sizeof(int),
    };
    const struct num *n = place(row, f->at), *m = place(blank, f->at);

    switch (f->kind) {
    case FIELD_TEXT:
    case FIELD_NAME:
    case FIELD_PCI:
    case FIELD_DAY:
        return str_eq(*(const char *const *)place(row, f->at),
                      *(const char *const *)place(blank, f->at));
    case FIELD_NUM:
    case FIELD_BIG:
    case FIELD_SIZE:
    case FIELD_MIB:
        return n->known == m->known && n->value == m->value;
    case FIELD_MAP:
        return !(f->count_at && *(const bool *)place(row, f->count_at)) &&
               all_blank(f->sub, place(row, f->at), place(blank, f->at));
    case FIELD_TEXTS:
    case FIELD_COUNTS:
    case FIELD_ROWS:
        return *(const size_t *)place(row, f->count_at) == 0;
    case FIELD_LATER:
        return true;
    default:
        return memcmp(place(row, f->at), place(blank, f->at), sizes[f->kind]) == 0;
    }
}

static void write_rows(struct writing *w, const struct table *t, const void *row,
                       const void *blank);

static void write_num(struct writing *w, const struct num *n, bool big)
{
    if (!n->known)
        json_text(&w->json, "unknown");
    else if (big || n->value >= (uint64_t)1 << 53)
        json_u64(&w->json, n->value);
    else
        json_int(&w->json, (int64_t)n->value);
}

static void write_duration(struct writing *w, int64_t ms)
{
    json_text(&w->json, ms % 1000 ? arena_printf(w->arena, "%lldms", (long long)ms)
                                  : arena_printf(w->arena, "%llds", (long long)ms / 1000));
}

static void write_texts(struct writing *w, const char *const *list, size_t count)
{
    json_list(&w->json);
    for (size_t i = 0; i < count; i++)
        json_text(&w->json, list[i]);
    json_list_end(&w->json);
}

static void write_list(struct writing *w, const struct field *f, const void *row)
{
    const void *at = place(row, f->at);
    size_t count = f->kind == FIELD_VALUES ? 3 : *(const size_t *)place(row, f->count_at);

    json_list(&w->json);
    for (size_t i = 0; i < count; i++)
        if (f->kind == FIELD_COUNTS)
            json_int(&w->json, (*(const uint16_t *const *)at)[i]);
        else if (f->kind == FIELD_VALUES)
            json_u64(&w->json, ((const uint64_t *)at)[i]);
        else
            write_rows(w, f->sub, *(const char *const *)at + i * f->sub->size, f->sub->blank);
    json_list_end(&w->json);
}

/* What is kept as an int: a word, a verb, and three-valued truth. */
static void write_choice(struct writing *w, const struct field *f, const void *at)
{
    int word;

    memcpy(&word, at, sizeof word);
    if (f->kind == FIELD_VERB)
        json_text(&w->json, world_verb_word(w->arena, word));
    else if (f->kind == FIELD_WORD)
        json_text(&w->json, f->words[word]);
    else if (word == TRI_UNKNOWN)
        json_text(&w->json, "unknown");
    else
        json_bool(&w->json, word == TRI_YES);
}

static void write_time(struct writing *w, int64_t ms)
{
    json_text(&w->json, ms == WHEN_NONE ? "unknown" : when_iso(w->arena, ms));
}

static void write_mib(struct writing *w, const struct num *n)
{
    json_text(&w->json, n->known ? arena_printf(w->arena, "%llu MiB", (unsigned long long)n->value)
                                 : "unknown");
}

static void write_value(struct writing *w, const struct field *f, const void *row,
                        const void *blank)
{
    const void *at = place(row, f->at);

    switch (f->kind) {
    case FIELD_TEXT:
    case FIELD_NAME:
    case FIELD_PCI:
    case FIELD_DAY:
        json_text(&w->json, *(const char *const *)at);
        break;
    case FIELD_NUM:
    case FIELD_BIG:
    case FIELD_SIZE:
        write_num(w, at, f->kind != FIELD_NUM);
        break;
    case FIELD_MIB:
        write_mib(w, at);
        break;
    case FIELD_U16:
        json_int(&w->json, *(const uint16_t *)at);
        break;
    case FIELD_U32:
        json_int(&w->json, *(const uint32_t *)at);
        break;
    case FIELD_U64:
        json_u64(&w->json, *(const uint64_t *)at);
        break;
    case FIELD_BOOL:
        json_bool(&w->json, *(const bool *)at);
        break;
    case FIELD_TRI:
    case FIELD_WORD:
    case FIELD_VERB:
        write_choice(w, f, at);
        break;
    case FIELD_TIME:
        write_time(w, *(const int64_t *)at);
        break;
    case FIELD_DURATION:
        write_duration(w, *(const int64_t *)at);
        break;
    case FIELD_TEXTS:
        write_texts(w, *(const char *const *const *)at, *(const size_t *)place(row, f->count_at));
        break;
    case FIELD_COUNTS:
    case FIELD_VALUES:
    case FIELD_ROWS:
        write_list(w, f, row);
        break;
    case FIELD_MAP:
        write_rows(w, f->sub, at, place(blank, f->at));
        break;
    case FIELD_LATER:
        break;
    }
}

static void write_vms(struct writing *w);

/* One map: the fields of a row, without those that are as in a blank one and quiet. */
static void write_rows(struct writing *w, const struct table *t, const void *row, const void *blank)
{
    json_map(&w->json);
    for (size_t i = 0; i < t->count; i++) {
        const struct field *f = &t->fields[i];

        if ((f->flags & INPUT_ONLY) || ((f->flags & QUIET) && is_blank(f, row, blank)))
            continue;
        json_key(&w->json, f->name);
        if (f->sub == &vm_table)
            write_vms(w);
        else
            write_value(w, f, row, blank);
    }
    json_map_end(&w->json);
}

/* ---- rows out of a world ---- */

static bool none_known(const struct num *n)
{
    for (int k = 0; k < QUOTA_KINDS; k++)
        if (n[k].known)
            return false;
    return true;
}

static void hush(struct num *n)
{
    for (int k = 0; k < QUOTA_KINDS; k++)
        n[k] = NOT_SAID;
}

static void gpu_to_row(const struct gpu *gpu, struct gpu_row *row)
{
    bool cut = gpu->state == GPU_PARTITIONED || gpu->state == GPU_PARAVIRTUAL;

    *row = gpu->is_gpu ? blank_gpu : blank_device;
    row->gpu = *gpu;
    row->instance = gpu->path;
    row->state = (int)gpu->state;
    row->complete = gpu->valid_complete ? NOT_SAID_WORD : TRI_NO;
    if (!cut && !gpu->count.known)
        row->gpu.count = NOT_SAID;
    if (!cut && none_known(gpu->total))
        hush(row->gpu.total);
    if (!cut && none_known(gpu->min) && none_known(gpu->max) && none_known(gpu->optimal)) {
        hush(row->gpu.min);
        hush(row->gpu.max);
        hush(row->gpu.optimal);
    }
    if (none_known(gpu->total) && none_known(gpu->available))
        hush(row->gpu.available);
}

static void node_to_row(struct writing *w, uint32_t node, struct node_row *row)
{
    const struct state *s = &w->world->now;
    const struct node *n = &s->nodes[node];
    bool answers = n->state == NODE_UP || n->state == NODE_PAUSED || n->state == NODE_DRAINING;

    *row = blank_node;
    row->node = *n;
    row->state = w->world->hangs && w->world->hangs[node] ? NODE_HANGS : (int)n->state;
    row->rights = world_rights(w->world, node);
    if (n->answered != answers)
        row->answered = n->answered ? TRI_YES : TRI_NO;
    row->gpus = arena_array(w->arena, struct gpu_row, s->gpu_count + 1);
    row->devices = arena_array(w->arena, struct gpu_row, s->gpu_count + 1);
    row->pools = arena_array(w->arena, const char *, s->pool_count + 1);
    for (size_t i = 0; i < s->gpu_count; i++)
        if (s->gpus[i].node == node)
            gpu_to_row(&s->gpus[i], s->gpus[i].is_gpu ? &row->gpus[row->gpu_count++]
                                                      : &row->devices[row->device_count++]);
    for (size_t i = 0; i < s->pool_count; i++)
        if (s->pools[i].node == node)
            row->pools[row->pool_count++] = s->pools[i].name;
}

/* What a reader would fill in by itself is left out. */
static bool same_sizes(const struct num *a, const struct num *b)
{
    for (int k = 0; k < QUOTA_KINDS; k++)
        if (!num_eq(a[k], b[k]))
            return false;
    return true;
}

static void hush_adapters(const struct state *s, const struct vm *vm, struct adapter *to)
{
    const struct adapter *from = vm->adapters;
    size_t n = vm->adapter_count;
    bool held = world_holds(vm->power);

    for (size_t i = 0; i < n; i++) {
        uint32_t gpu;

        to[i] = from[i];
        if (!held && !from[i].seen)
            to[i].seen = NOT_SAID_TEXT;
        if (!(held && from[i].seen) && !from[i].partition.known)
            to[i].partition = NOT_SAID;
        gpu = held && !from[i].of_checkpoint ? state_gpu(s, vm->node, from[i].seen) : NO_INDEX;
        if (gpu == NO_INDEX ? none_known(from[i].current)
                            : same_sizes(from[i].current, s->gpus[gpu].optimal))
            hush(to[i].current);
        if (from[i].outgoing_migration == world_outgoing(s, vm, &from[i]))
            to[i].outgoing_migration = (enum tri)NOT_SAID_WORD;
    }
}

static void hush_requests(const struct vm *vm, const struct request *from, size_t n,
                          struct request *to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = from[i];
        if (!world_holds(vm->power) && !from[i].given)
            to[i].given = NOT_SAID_TEXT;
    }
}

static const char *node_name(const struct world *w, uint32_t node)
{
    return node < w->now.node_count ? w->now.nodes[node].name : NULL;
}

static void role_to_row(const struct state *s, const struct vm *vm, struct vm_row *row)
{
    struct vm_row said = blank_vm;

    said.vm.power = vm->power;
    said.clustered = vm->role.clustered == !s->standalone ? NOT_SAID_WORD
                     : vm->role.clustered                 ? TRI_YES
                                                          : TRI_NO;
    row->clustered = said.clustered;
    world_role_defaults(&said, !s->standalone);
    row->vm.role = vm->role;
    if (!vm->role.clustered && !vm->role.offline_action.known)
        row->vm.role.offline_action = NOT_SAID;
    if (vm->role.matches == said.vm.role.matches)
        row->vm.role.matches = UINT32_MAX;
    if (vm->role.vm != said.vm.role.vm || vm->role.clustered)
        row->vm_resource = (int)vm->role.vm;
    if (vm->role.config != said.vm.role.config)
        row->config_resource = (int)vm->role.config;
    if (vm->hidden != (vm->role.clustered && vm->role.config == RES_OFFLINE))
        row->hidden = vm->hidden ? TRI_YES : TRI_NO;
}

static void vm_to_row(struct writing *w, uint32_t i, struct vm_row *row, struct arena *a)
{
    const struct state *s = &w->world->now;
    const struct vm *vm = &s->vms[i], *copy;

    *row = blank_vm;
    row->vm = *vm;
    role_to_row(s, vm, row);
    row->node = node_name(w->world, vm->node);
    row->vm.adapters = arena_array(a, struct adapter, vm->adapter_count + 1);
    hush_adapters(s, vm, row->vm.adapters);
    row->vm.requests = arena_array(a, struct request, vm->request_count + 1);
    hush_requests(vm, vm->requests, vm->request_count, row->vm.requests);
    if (!w->world->sim)
        return;
    row->sim = w->world->sim[i];
    row->home = row->sim.home != vm->node ? node_name(w->world, row->sim.home) : NULL;
    copy = row->sim.stale ? row->sim.copy : NULL;
    if (!copy)
        return;
    row->copy.said = true;
    row->copy.settings = copy->settings;
    row->copy.adapters = copy->adapters;
    row->copy.adapter_count = copy->adapter_count;
    row->copy.requests = copy->requests;
    row->copy.request_count = copy->request_count;
}

/* One row at a time: a large cluster is not in memory twice. */
static void write_vms(struct writing *w)
{
    struct arena *outer = w->arena, one;

    arena_init(&one, 0);
    w->arena = &one;
    json_list(&w->json);
    for (uint32_t i = 0; i < w->world->now.vm_count; i++) {
        struct vm_row row;

        vm_to_row(w, i, &row, &one);
        write_rows(w, &vm_table, &row, &blank_vm);
        arena_reset(&one);
    }
    json_list_end(&w->json);
    w->arena = outer;
    arena_release(&one);
}

static void cards_to_rows(struct writing *w, struct spec_row *spec)
{
    spec->card_count = w->world->card_count;
    spec->cards = arena_array(w->arena, struct card_row, spec->card_count + 1);
    for (size_t i = 0; i < spec->card_count; i++) {
        struct card_row *row = &spec->cards[i];

        row->card = w->world->cards[i];
        row->class = row->card.is_gpu ? NULL : "other";
        row->counts = row->card.counts;
        row->count_count = row->card.count_count;
    }
}

static void faults_to_rows(struct writing *w, struct spec_row *spec)
{
    spec->fault_count = w->world->fault_count;
    spec->faults = arena_array(w->arena, struct fault_row, spec->fault_count + 1);
    for (size_t i = 0; i < spec->fault_count; i++) {
        struct fault_row *row = &spec->faults[i];
        const struct fault *f = &w->world->faults[i];

        *row = blank_fault;
        row->fault = *f;
        if (f->kind == FAULT_REFUSE)
            row->answer = NUM((uint64_t)f->answer);
        if (f->kind == FAULT_DENY)
            row->deny = NUM((uint64_t)f->answer);
        row->hang = f->kind == FAULT_HANG;
        row->lie = f->kind == FAULT_LIE;
        row->die = f->kind == FAULT_DIE;
        if (f->kind == FAULT_LATE)
            row->late = f->delay_ms;
    }
}

static void jobs_to_rows(struct writing *w, struct spec_row *spec)
{
    spec->job_count = w->world->job_count;
    spec->jobs = arena_array(w->arena, struct job_row, spec->job_count + 1);
    for (size_t i = 0; i < spec->job_count; i++) {
        spec->jobs[i].job = w->world->jobs[i];
        if (w->world->jobs[i].action.limits)
            spec->jobs[i].limits = *w->world->jobs[i].action.limits;
    }
}

static void spec_to_row(struct writing *w, struct spec_row *spec)
{
    const struct world *from = w->world;
    const struct state *s = &from->now;

    *spec = blank_spec;
    spec->now = s->observed_ms;
    spec->speed = from->speed;
    spec->synthetic = s->synthetic;
    spec->identity = s->identity;
    spec->arbiter = s->arbiter;
    spec->has_cluster = !s->standalone;
    *(s->standalone ? &spec->host : &spec->cluster) = s->name;
    spec->owner_store = from->owner.store;
    spec->owner_host = from->owner.host;
    spec->owner_since = from->owner.store ? from->owner.since_ms : blank_spec.owner_since;
    spec->owner_epoch = from->owner.epoch;
    spec->timing = from->timing;
    spec->checkpoints_need_off = from->checkpoints_need_off;
    spec->node_count = s->node_count;
    spec->nodes = arena_array(w->arena, struct node_row, s->node_count + 1);
    for (uint32_t i = 0; i < s->node_count; i++)
        node_to_row(w, i, &spec->nodes[i]);
    spec->vm_count = s->vm_count;
    cards_to_rows(w, spec);
    jobs_to_rows(w, spec);
    faults_to_rows(w, spec);
}

const char *world_write(struct arena *a, const struct world *world)
{
    struct writing w = {.world = world};
    struct spec_row spec;
    struct arena scratch;
    struct text out;

    arena_init(&scratch, 0);
    w.arena = &scratch;
    text_init(&out, a);
    json_init(&w.json, &out, false);
    spec_to_row(&w, &spec);
    json_map(&w.json);
    json_put_text(&w.json, "apiVersion", "hvgpu/v1");
    json_put_text(&w.json, "kind", "World");
    json_key(&w.json, "metadata");
    json_map(&w.json);
    json_put_text(&w.json, "name", world->now.name);
    json_map_end(&w.json);
    json_key(&w.json, "spec");
    write_rows(&w, &spec_table, &spec, &blank_spec);
    json_map_end(&w.json);
    text_add(&out, "\n");
    arena_release(&scratch);
    return text_done(&out);
}

/* A snapshot knows nothing of what only the platform knows: its rows there stay blank. */
const char *snapshot_write(struct arena *a, const struct state *s)
{
    struct world w = {.now = *s, .timing = blank_spec.timing};

    return world_write(a, &w);
}
