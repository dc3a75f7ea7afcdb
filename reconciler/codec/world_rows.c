/* Rows made whole: what was left out becomes what the platform would have there. */
#include "codec/world_inner.h"

#include "base/when.h"

#include <string.h>

bool world_holds(enum vm_power power)
{
    return power == POWER_RUNNING || power == POWER_PAUSED || power == POWER_SAVED ||
           power == POWER_STOPPING || power == POWER_CRITICAL;
}

static char *lower(struct arena *a, const char *s)
{
    char *copy = arena_strdup(a, s);

    for (char *c = copy; *c; c++)
        *c = str_lower(*c);
    return copy;
}

/* ---- cards ---- */

static bool is_gpu_class(const char *class)
{
    return !class || str_same(class, "gpu") || str_same(class, "display");
}

static const struct card *known_card(const struct reading *r, const char *name)
{
    for (size_t i = 0; i < r->facts->card_count; i++)
        if (str_same(r->facts->cards[i].name, name))
            return &r->facts->cards[i];
    return NULL;
}

static const struct card_count *row_of(const struct card *card, uint16_t count)
{
    for (size_t i = 0; card && i < card->count_count; i++)
        if (card->counts[i].count == count)
            return &card->counts[i];
    return NULL;
}

/* Counts fall; a size that was not said is the known card's, else unknown until it is needed. */
static void take_counts(struct reading *r, struct card_row *row, const struct card *known)
{
    struct card *card = &row->card;

    card->count_count = 0;
    for (size_t i = 0; i < row->count_count; i++) {
        struct card_count one = row->counts[i];
        const struct card_count *same = row_of(known, one.count);
        size_t at = card->count_count;

        for (int k = 0; k < QUOTA_KINDS; k++)
            if (!SAID(one.quota[k])) {
                one.quota[k] = same ? same->quota[k] : NUM_UNKNOWN;
                one.synthetic |= same && same->synthetic;
            }
        if (row_of(card, one.count)) {
            doc_error(r->doc, &row->at, "duplicate", "card %s has the count %u twice", card->name,
                      one.count);
            continue;
        }
        if (at == LIMIT_COUNTS) {
            doc_error(r->doc, &row->at, "too-many", "a card has at most %d counts", LIMIT_COUNTS);
            break;
        }
        for (; at && card->counts[at - 1].count < one.count; at--)
            card->counts[at] = card->counts[at - 1];
        card->counts[at] = one;
        card->count_count++;
    }
}

static bool all_unknown(const struct num *n)
{
    for (int k = 0; k < QUOTA_KINDS; k++)
        if (n[k].known)
            return false;
    return true;
}

bool card_done(struct reading *r, void *row)
{
    struct card_row *c = row;
    struct card *card = &c->card;
    const struct card *known = card->name ? known_card(r, card->name) : NULL;

    if (!card->name)
        return false;
    card->is_gpu = is_gpu_class(c->class);
    if (known) {
        if (!card->pci)
            card->pci = known->pci;
        if (!card->subsystem)
            card->subsystem = known->subsystem;
        if (all_unknown(card->total)) {
            memcpy(card->total, known->total, sizeof card->total);
            card->total_synthetic = known->total_synthetic;
        }
        if (!card->mmio_low_mib.known)
            card->mmio_low_mib = known->mmio_low_mib;
        if (!card->mmio_high_mib.known)
            card->mmio_high_mib = known->mmio_high_mib;
        card->paravirtual |= known->paravirtual;
    } else if (!card->pci) {
        doc_error(r->doc, &c->at, "missing-key", "%s is no known card: it needs `pci`", card->name)
            ->next = "write its vendor and device: pci: \"10de:25b6\"";
    }
    if (c->counts) {
        take_counts(r, c, known);
    } else if (known) {
        memcpy(card->counts, known->counts, sizeof card->counts);
        card->count_count = known->count_count;
    }
    return false;
}

/* ---- GPUs and other devices ---- */

static const struct card *card_named(const struct reading *r, const char *name)
{
    for (size_t i = 0; i < r->spec.card_count; i++)
        if (str_same(r->spec.cards[i].card.name, name))
            return &r->spec.cards[i].card;
    return known_card(r, name);
}

bool gpu_done(struct reading *r, void *row)
{
    (void)r;
    ((struct gpu_row *)row)->gpu.is_gpu &= is_gpu_class(((struct gpu_row *)row)->class);
    return false;
}

bool node_done(struct reading *r, void *row)
{
    struct node_row *n = row;

    for (size_t i = 0; n->node.name && i < r->spec.node_count; i++)
        if (str_same(r->spec.nodes[i].node.name, n->node.name))
            doc_error(r->doc, &n->at, "duplicate",
                      "the node %s is there twice (names compare "
                      "without case)",
                      n->node.name);
    if (r->spec.node_count == LIMIT_NODES)
        doc_error(r->doc, &n->at, "too-many", "a cluster has at most %d nodes", LIMIT_NODES);
    return false;
}

/* Four hex digits behind a mark of a device path: VEN_10DE. */
static const char *hex_after(struct arena *a, const char *path, const char *mark, size_t digits)
{
    const char *at = strstr(path, mark);

    if (!at || strlen(at += strlen(mark)) < digits)
        return NULL;
    return lower(a, arena_strndup(a, at, digits));
}

/* "10de:25b6" out of PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\... */
static void ids_from_path(struct arena *a, struct gpu *gpu)
{
    const char *vendor = hex_after(a, gpu->path, "VEN_", 4);
    const char *device = hex_after(a, gpu->path, "DEV_", 4);
    const char *board = hex_after(a, gpu->path, "SUBSYS_", 8);

    if (gpu->pci && !*gpu->pci)
        gpu->pci = vendor && device ? arena_printf(a, "%s:%s", vendor, device) : NULL;
    if (gpu->subsystem && !*gpu->subsystem)
        gpu->subsystem = board ? arena_printf(a, "%s:%.4s", board + 4, board) : NULL;
}

/* PCI\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\INSTANCE, in upper case. */
static const char *full_path(struct arena *a, const struct gpu *gpu, const char *instance)
{
    const char *pci = gpu->pci, *board = gpu->subsystem;
    char *path;

    if (board && strlen(board) >= 9)
        path = arena_printf(a, "PCI\\VEN_%.4s&DEV_%s&SUBSYS_%s%.4s&REV_A1\\%s", pci, pci + 5,
                            board + 5, board, instance);
    else
        path = arena_printf(a, "PCI\\VEN_%.4s&DEV_%s&REV_A1\\%s", pci, pci + 5, instance);
    return path_normal(a, path);
}

/* A device that says nothing about its instance gets one from its location. */
static const char *instance_from(struct arena *a, const char *location)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, "6&");
    for (const char *c = strchr(location, '('); c; c = strchr(c, '(')) {
        size_t n = strcspn(++c, ")");

        text_add_n(&t, c, n);
        text_add(&t, "&");
    }
    text_add(&t, "0");
    return text_done(&t);
}

/* As the host spells it in this state (hyperv-wmi 1 and 3.1). */
static const char *spelled(struct arena *a, const struct gpu *gpu, const char *instance)
{
    const char *from = strchr(gpu->path, '\\'), *last = strrchr(gpu->path, '\\');
    const char *bare = instance && !strchr(instance, '\\') ? instance : last ? last + 1 : "";

    if (!from || gpu->state == GPU_HOST || gpu->state == GPU_DISABLED ||
        gpu->state == GPU_NO_DRIVER || gpu->state == GPU_NOT_ASSIGNABLE)
        return gpu->path;
    if (gpu->state == GPU_DISMOUNTED)
        return arena_printf(a, "PCIP%s", from);
    return arena_printf(a, "\\\\?\\PCI#%.*s#%s#{064092b3-625e-43bf-9eb5-dc845897dd59}%s",
                        (int)(last - from - 1), from + 1, bare,
                        gpu->state == GPU_PARAVIRTUAL ? "\\GPUPARAV" : "");
}

static bool gpu_identity(struct reading *r, struct gpu_row *row, size_t place,
                         const struct card *card)
{
    struct gpu *gpu = &row->gpu;
    struct arena *a = r->arena;

    if (gpu->pci && !*gpu->pci && card && card->pci)
        gpu->pci = card->pci;
    if (gpu->subsystem && !*gpu->subsystem && card)
        gpu->subsystem = card->subsystem;
    if (row->location) {
        gpu->locations = arena_array(a, const char *, 1);
        gpu->locations[0] = row->location;
        gpu->location_count = 1;
    }
    if (!gpu->location_count && !gpu->locations) {
        gpu->locations = arena_array(a, const char *, 1);
        gpu->locations[0] =
            arena_printf(a, "PCIROOT(0)#PCI(%02X00)#PCI(0000)", (unsigned)place + 1);
        gpu->location_count = 1;
    }
    if (row->instance && strchr(row->instance, '\\')) {
        gpu->path = path_normal(a, row->instance);
        ids_from_path(a, gpu);
    } else if (!gpu->pci || strlen(gpu->pci) != 9) {
        doc_error(r->doc, &row->at, "missing-key", "what device is it? it needs `card` or `pci`");
        return false;
    } else {
        gpu->path = full_path(a, gpu,
                              row->instance
                                  ? row->instance
                                  : instance_from(a, gpu->location_count ? gpu->locations[0] : ""));
    }
    if (gpu->pci)
        gpu->pci = *gpu->pci ? lower(a, gpu->pci) : NULL;
    if (gpu->subsystem)
        gpu->subsystem = *gpu->subsystem ? lower(a, gpu->subsystem) : NULL;
    return true;
}

static enum gpu_state default_state(const struct gpu_row *row, const struct card *card)
{
    if (!row->gpu.is_gpu || !card)
        return SAID(row->gpu.count) ? GPU_PARTITIONED : GPU_HOST;
    if (card->paravirtual)
        return GPU_PARAVIRTUAL;
    return card->count_count || row->gpu.valid_count ? GPU_PARTITIONED : GPU_HOST;
}

static void settle_nums(struct num *to, const struct num *said, const struct num *otherwise)
{
    for (int k = 0; k < QUOTA_KINDS; k++)
        if (SAID(said[k]))
            to[k] = said[k];
        else
            to[k] = otherwise ? otherwise[k] : NUM_UNKNOWN;
}

static uint16_t largest(const struct gpu *gpu, const struct card *card)
{
    uint16_t n = 0;

    for (size_t i = 0; i < gpu->valid_count; i++)
        n = gpu->valid[i] > n ? gpu->valid[i] : n;
    return n ? n : card && card->count_count ? card->counts[0].count : 1;
}

/* Count and sizes: what was said stands, the card fills in the rest. */
static void gpu_sizes(struct reading *r, struct gpu *gpu, const struct card *card)
{
    struct gpu said = *gpu, card_says = *gpu;
    bool cut = gpu->state == GPU_PARTITIONED || gpu->state == GPU_PARAVIRTUAL, all = true;
    bool synthetic = r->world->now.synthetic;

    for (int k = 0; k < QUOTA_KINDS; k++)
        all &=
            SAID(said.total[k]) && SAID(said.min[k]) && SAID(said.max[k]) && SAID(said.optimal[k]);
    settle_nums(card_says.total, said.total, card && cut ? card->total : NULL);
    memset(card_says.available, 0, sizeof card_says.available);
    memset(card_says.min, 0, sizeof card_says.min);
    memset(card_says.max, 0, sizeof card_says.max);
    memset(card_says.optimal, 0, sizeof card_says.optimal);
    card_says.count = NUM_UNKNOWN;
    if (!SAID(said.count))
        said.count = cut ? NUM(largest(gpu, card)) : NUM_UNKNOWN;
    if (cut && said.count.known && said.count.value <= LIMIT_PARTITION_COUNT)
        world_set_count(r->world, &card_says, (uint16_t)said.count.value);
    r->world->now.synthetic = synthetic || (!all && r->world->now.synthetic) ||
                              (!all && cut && card && card->total_synthetic);
    gpu->count = said.count;
    gpu->valid = card_says.valid;
    gpu->valid_count = card_says.valid_count;
    memcpy(gpu->total, card_says.total, sizeof gpu->total);
    settle_nums(gpu->min, said.min, card_says.min);
    settle_nums(gpu->max, said.max, card_says.max);
    settle_nums(gpu->optimal, said.optimal, card_says.optimal);
}

void world_make_gpu(struct reading *r, struct gpu_row *row, uint32_t node, size_t place)
{
    struct gpu *gpu = &row->gpu, *to;
    const struct card *card = row->card                   ? card_named(r, row->card)
                              : gpu->model && *gpu->model ? card_named(r, gpu->model)
                                                          : NULL;
    struct node_row *at = &r->spec.nodes[node];
    struct state *s = &r->world->now;

    if (row->card && !card && (!gpu->pci || !*gpu->pci)) {
        doc_error(r->doc, &row->at, "unknown-card", "%s is no known card and not in `cards`",
                  row->card)
            ->next = "add it to `cards`, with `pci`";
        return;
    }
    gpu->is_gpu &= !card || card->is_gpu;
    if (!gpu_identity(r, row, place, card))
        return;
    if (!card)
        card = world_card_of(r->world, gpu);
    gpu->node = node;
    gpu->state =
        row->state == NOT_SAID_WORD ? default_state(row, card) : (enum gpu_state)row->state;
    if (gpu->model && !*gpu->model)
        gpu->model = gpu->state == GPU_NO_DRIVER ? NULL
                     : row->card                 ? row->card
                     : card                      ? card->name
                                                 : NULL;
    gpu->valid_complete = row->complete != TRI_NO;
    gpu_sizes(r, gpu, card);
    if ((int)gpu->incoming_migration == NOT_SAID_WORD)
        gpu->incoming_migration =
            gpu->state == GPU_PARTITIONED && at->node.build.known && at->node.build.value >= 26100
                ? TRI_NO
                : TRI_UNKNOWN;
    if ((int)gpu->mitigation_driver == NOT_SAID_WORD)
        gpu->mitigation_driver = card ? card->mitigation_driver : TRI_NO;
    if (!SAID(gpu->series))
        gpu->series = gpu->state == GPU_PARTITIONED && gpu->pci && str_starts(gpu->pci, "10de")
                          ? NUM(1)
                          : NUM_UNKNOWN;
    if (!SAID(gpu->mmio_low_mib))
        gpu->mmio_low_mib = card ? card->mmio_low_mib : NUM_UNKNOWN;
    if (!SAID(gpu->mmio_high_mib))
        gpu->mmio_high_mib = card ? card->mmio_high_mib : NUM_UNKNOWN;
    if (gpu->reported && !*gpu->reported)
        gpu->reported = spelled(r->arena, gpu, row->instance);
    for (size_t i = s->gpu_count; i-- && s->gpus[i].node == node;)
        if (str_same(s->gpus[i].path, gpu->path))
            doc_error(r->doc, &row->at, "duplicate", "%s has two devices with the path %s",
                      at->node.name, gpu->path)
                ->next = "give each its own `instance` or `locationPath`";
    to = &s->gpus[s->gpu_count++];
    *to = *gpu;
}

/* ---- adapters, requests, VMs ---- */

bool adapter_done(struct reading *r, void *row)
{
    struct adapter *ad = row;

    (void)r;
    if (ad->pin_unknown)
        ad->pin = NULL;
    return false;
}

bool request_done(struct reading *r, void *row)
{
    const struct request *rq = row;
    struct span at;

    if (!rq->pool == !rq->location) {
        doc_peek(r->doc, &at);
        doc_error(r->doc, &at, "missing-key", "a request needs one of `pool` and `location`")
            ->next = "write {pool: NAME} or {location: PCIROOT(..)#..}";
    }
    return false;
}

static uint64_t mixed(const char *s, uint64_t h)
{
    for (; *s; s++)
        h = (h ^ (unsigned char)str_lower(*s)) * 1099511628211u;
    return h;
}

static uint32_t node_index(struct reading *r, const char *name)
{
    if (r->last_node < r->spec.node_count && str_same(r->spec.nodes[r->last_node].node.name, name))
        return r->last_node;
    for (uint32_t i = 0; i < r->spec.node_count; i++)
        if (str_same(r->spec.nodes[i].node.name, name))
            return r->last_node = i;
    return NO_INDEX;
}

static void vm_place(struct reading *r, struct vm_row *row)
{
    struct vm *vm = &row->vm;

    bool said = row->node && *row->node;

    if (said)
        vm->node = node_index(r, row->node);
    else if (row->node && r->spec.node_count == 1)
        vm->node = 0;
    if (vm->node == NO_INDEX && (said || !vm->hidden)) /* hidden: registered on no node (S8) */
        doc_error(r->doc, &row->at, said ? "unknown-node" : "missing-key",
                  said ? "%s: there is no node %s" : "%s needs `node`%s", vm->name,
                  said ? row->node : "");
    row->sim.home = row->home ? node_index(r, row->home) : vm->node;
    if (row->sim.home == NO_INDEX)
        row->sim.home = vm->node;
}

static const char *made_id(struct reading *r, const struct vm *vm, const char *kind, size_t i)
{
    uint64_t h = mixed(vm->id, 14695981039346656037u);

    return arena_printf(r->arena, "%08llx-%04llx-4000-%s-%012llx",
                        (unsigned long long)(h & 0xffffffff),
                        (unsigned long long)(h >> 32 & 0xffff), kind, (unsigned long long)i + 1);
}

/* Ids that were left out; those that are there must differ. */
static void vm_ids(struct reading *r, struct vm_row *row)
{
    struct vm *vm = &row->vm;

    for (size_t i = 0; i < vm->adapter_count; i++) {
        if (!vm->adapters[i].id)
            vm->adapters[i].id = made_id(r, vm, "ad00", i);
        for (size_t k = 0; k < i; k++)
            if (str_same(vm->adapters[k].id, vm->adapters[i].id))
                doc_error(r->doc, &row->at, "duplicate", "%s has two adapters with the id %s",
                          vm->name, vm->adapters[i].id);
    }
    for (size_t i = 0; i < vm->request_count; i++) {
        if (!vm->requests[i].id)
            vm->requests[i].id = made_id(r, vm, "de00", i);
        for (size_t k = 0; k < i; k++)
            if (str_same(vm->requests[k].id, vm->requests[i].id))
                doc_error(r->doc, &row->at, "duplicate", "%s has two requests with the id %s",
                          vm->name, vm->requests[i].id);
    }
    if (vm->adapter_count > LIMIT_PER_VM || vm->request_count > LIMIT_PER_VM)
        doc_error(r->doc, &row->at, "too-many", "%s has more than %d adapters or requests",
                  vm->name, LIMIT_PER_VM);
}

static void vm_lists(struct reading *r, struct vm_row *row)
{
    struct vm *vm = &row->vm;
    const struct vm *defaults = &r->spec.vm_defaults.vm;

    if (vm->adapter_count && vm->adapters == defaults->adapters)
        vm->adapters = arena_grow(r->arena, vm->adapters, vm->adapter_count, vm->adapter_count,
                                  sizeof *vm->adapters);
    if (row->device_count || (vm->request_count && vm->requests == defaults->requests))
        vm->requests = arena_grow(r->arena, vm->requests, vm->request_count,
                                  vm->request_count + row->device_count, sizeof *vm->requests);
    for (size_t i = 0; i < row->device_count; i++) {
        vm->requests[vm->request_count] = blank_request;
        vm->requests[vm->request_count++].location = row->devices[i];
    }
}

void world_role_defaults(struct vm_row *v, bool cluster)
{
    static const enum resource_state resource[] = {
        [POWER_UNKNOWN] = RES_UNKNOWN,  [POWER_OFF] = RES_OFFLINE,
        [POWER_RUNNING] = RES_ONLINE,   [POWER_SAVED] = RES_OFFLINE,
        [POWER_PAUSED] = RES_ONLINE,    [POWER_STARTING] = RES_PENDING,
        [POWER_STOPPING] = RES_PENDING, [POWER_CRITICAL] = RES_FAILED,
    };
    struct role *role = &v->vm.role;

    role->clustered = v->clustered == NOT_SAID_WORD ? cluster : v->clustered == TRI_YES;
    if (!SAID(role->offline_action))
        role->offline_action = role->clustered ? NUM(OFFLINE_SAVE) : NUM_UNKNOWN;
    if (role->matches == UINT32_MAX)
        role->matches = role->clustered;
    role->config = v->config_resource != NOT_SAID_WORD ? (enum resource_state)v->config_resource
                   : role->clustered                   ? RES_ONLINE
                                                       : RES_UNKNOWN;
    v->vm.hidden = v->hidden == NOT_SAID_WORD ? role->clustered && role->config == RES_OFFLINE
                                              : v->hidden == TRI_YES;
    role->vm = v->vm_resource != NOT_SAID_WORD ? (enum resource_state)v->vm_resource
               : !role->clustered              ? RES_UNKNOWN
                                               : resource[v->vm.power];
}

void world_drop_chunks(struct reading *r)
{
    for (struct vm_chunk *c = r->chunks; c; c = c->next)
        arena_release(&c->rows);
    r->chunks = r->last_chunk = NULL;
}

static void keep_vm(struct reading *r, const struct vm_row *v)
{
    enum { LEAST = 16, MOST = 1024, SMALL_VM = 640 }; /* bytes of a VM in a snapshot, at least */
    struct vm_chunk *c = r->last_chunk;
    size_t n = r->world->now.vm_count;

    if (!c || c->count == c->room) {
        struct arena *rows;

        c = arena_new(&r->scratch, struct vm_chunk);
        arena_init(&c->rows, 0);
        rows = r->chunks ? &c->rows : r->arena;
        c->room = !r->chunks ? LEAST + r->size / SMALL_VM : n < MOST ? n : MOST;
        c->vms = arena_raw(rows, c->room, sizeof *c->vms);
        c->sims = arena_raw(rows, c->room, sizeof *c->sims);
        *(r->last_chunk ? &r->last_chunk->next : &r->chunks) = c;
        r->last_chunk = c;
    }
    c->vms[c->count] = v->vm;
    c->sims[c->count++] = v->sim;
    r->world->now.vm_count++;
}

bool vm_done(struct reading *r, void *row)
{
    struct vm_row *v = row;
    struct state *s = &r->world->now;
    uint32_t index = (uint32_t)s->vm_count;

    if (!v->vm.name)
        return true;
    if (!v->vm.id)
        v->vm.id = arena_printf(
            r->arena, "%08llx-0000-4000-8000-%012llx",
            (unsigned long long)(mixed(v->vm.name, 14695981039346656037u) & 0xffffffff),
            (unsigned long long)(mixed(v->vm.name, 88172645463325252u) & 0xffffffffffff));
    if (map_put(&r->vm_ids, v->vm.id, index) != index)
        doc_error(r->doc, &v->at, "duplicate", "%s: another VM has the id %s", v->vm.name,
                  v->vm.id);
    if (index == LIMIT_VMS) {
        doc_error(r->doc, &v->at, "too-many", "a cluster has at most %d VMs", LIMIT_VMS);
        return true;
    }
    if (v->clustered == TRI_YES && !r->spec.has_cluster)
        doc_error(r->doc, &v->at, "role", "%s: a standalone host has no clustered roles",
                  v->vm.name)
            ->next = "name the cluster (cluster: {name: ...}), or take `role` out";
    world_role_defaults(v, r->spec.has_cluster);
    vm_place(r, v);
    vm_lists(r, v);
    vm_ids(r, v);
    if (v->sim.stale && v->copy.said) {
        struct vm *copy = arena_new(r->arena, struct vm);

        *copy = v->vm;
        copy->adapters = v->copy.adapters;
        copy->adapter_count = v->copy.adapter_count;
        copy->requests = v->copy.requests;
        copy->request_count = v->copy.request_count;
        copy->settings = v->copy.settings;
        v->sim.copy = copy;
    }
    keep_vm(r, v);
    return true;
}

/* ---- jobs and faults ---- */

bool job_done(struct reading *r, void *row)
{
    struct job_row *j = row;
    bool effect = j->job.phase == JOB_EFFECT || j->job.phase == JOB_LATE;

    if (effect && ((unsigned)j->job.action.verb >= VERB_NONE || !j->job.action.node))
        doc_error(r->doc, &j->at, "missing-key", "this job needs `verb` and `node`");
    if (j->job.phase == JOB_MOVE && !j->job.action.object)
        doc_error(r->doc, &j->at, "missing-key", "a move needs `object`, the node it goes to");
    if (!j->job.action.subject)
        doc_error(r->doc, &j->at, "missing-key", "a job needs `subject`");
    return false;
}

bool fault_done(struct reading *r, void *row)
{
    struct fault_row *f = row;
    int kinds = f->answer.known + f->deny.known + f->hang + f->lie + f->die + (f->late >= 0);

    if (kinds != 1) {
        doc_error(r->doc, &f->at, "fault-kind",
                  "a fault says one of `answer`, `deny`, `hang`, `lie`, `late` and `die`")
            ->next = "write {on: gpu-set-count, answer: 32768}";
        return false;
    }
    if (f->fault.verb == FAULT_ON_OBSERVE && (f->lie || f->deny.known || f->late >= 0))
        doc_error(r->doc, &f->at, "fault-kind", "a look can fail, hang or die, nothing else");
    f->fault.kind = f->answer.known ? FAULT_REFUSE
                    : f->deny.known ? FAULT_DENY
                    : f->hang       ? FAULT_HANG
                    : f->lie        ? FAULT_LIE
                    : f->die        ? FAULT_DIE
                                    : FAULT_LATE;
    f->fault.answer = (int64_t)(f->answer.known ? f->answer.value : f->deny.value);
    f->fault.delay_ms = f->late >= 0 ? f->late : 0;
    return false;
}
