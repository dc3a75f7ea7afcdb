#include "report/page.h"

#include <string.h>

enum { ALIKE = 5 }; /* VMs that share a class */

/* What a GPU's product is called; NULL: not known, or no spec can say it. */
struct product {
    const char *model, *pci, *subsystem;
};

struct export
{
    struct arena *arena;
    const struct state *have;
    struct text out;
    struct export_doc doc;
    struct product *products; /* of each GPU */
    size_t counted;           /* so far into `out`, for the number of a line */
    uint32_t line;
    struct map skips; /* subject to index */
    const struct export_skip *why;
};

/* ---- scalars ---- */

static bool is_word(const char *s)
{
    static const char *const words[] = {"true", "false", "yes", "no",  "on", "off",
                                        "null", "y",     "n",   "nan", "inf"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_same(s, words[i]))
            return true;
    return false;
}

/* A text that every YAML reader takes for this text. */
static const char *scalar(struct arena *a, const char *s)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./\\() ";
    struct text t;
    bool plain = *s && strspn(s, safe) == strlen(s) && !is_word(s) &&
                 strspn(s, "0123456789.-_xobaefABCDEF") != strlen(s) && !strchr("-. ", *s) &&
                 s[strlen(s) - 1] != ' ';

    if (plain)
        return s;
    if (!strpbrk(s, "\n\r\t") && *s) {
        text_init(&t, a);
        text_add(&t, "'");
        for (; *s; s++)
            text_add_n(&t, *s == '\'' ? "''" : s, *s == '\'' ? 2 : 1);
        text_add(&t, "'");
        return text_done(&t);
    }
    return "''";
}

/* Within a comment: one line, whatever the text is. */
static const char *remark(struct arena *a, const char *s)
{
    char *one = arena_strdup(a, s);

    for (char *c = one; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = ' ';
    return one;
}

/* A location path is read plain everywhere: its # follows no space. */
static const char *location(struct arena *a, const char *s)
{
    return strpbrk(s, " :,[]{}'\"") ? scalar(a, s) : s;
}

static const char *skipped(struct export *x, const char *subject)
{
    uint32_t at = map_get(&x->skips, subject);

    return at == MAP_NONE ? NULL : x->why[at].why;
}

/* The next line to be written speaks of this subject. */
static void mark(struct export *x, const char *subject)
{
    for (; x->counted < x->out.size; x->counted++)
        x->line += x->out.data[x->counted] == '\n';
    *arena_push(x->arena, x->doc.lines, x->doc.line_count, x->doc.line_room) =
        (struct export_line){x->line, subject};
}

static const char *gpu_subject(struct export *x, size_t gpu)
{
    return arena_printf(x->arena, "gpu/%s", gpu_label(x->arena, x->have, (uint32_t)gpu));
}

/* ---- GPUs ---- */

enum use { USED_NOT, USED_PARTITIONS, USED_POOL, USED_DEVICE, USED_HOST };

static enum use use_of(const struct gpu *g)
{
    bool listed = !g->valid_complete;

    if (!g->is_gpu || g->location_count == 0)
        return USED_NOT;
    for (size_t i = 0; i < g->valid_count; i++)
        listed = listed || num_is(g->count, g->valid[i]);
    switch (g->state) {
    case GPU_PARTITIONED:
        return g->count.known && g->count.value && listed ? USED_PARTITIONS : USED_NOT;
    case GPU_DISMOUNTED:
        return g->pool ? USED_POOL : USED_DEVICE;
    case GPU_HOST:
        return USED_HOST;
    default:
        return USED_NOT;
    }
}

static bool same_product(const struct gpu *a, const struct gpu *b)
{
    return str_same(a->pci, b->pci) && str_same(a->subsystem, b->subsystem) &&
           str_same(a->model, b->model);
}

static bool same_wish(const struct gpu *a, const struct gpu *b)
{
    enum use use = use_of(a);

    return use == use_of(b) && (use != USED_PARTITIONS || num_eq(a->count, b->count)) &&
           (use != USED_POOL || str_eq(a->pool, b->pool));
}

static const char *wish(struct export *x, const struct gpu *g)
{
    switch (use_of(g)) {
    case USED_PARTITIONS:
        return arena_printf(x->arena, "partitions: %llu", (unsigned long long)g->count.value);
    case USED_POOL:
        return arena_printf(x->arena, "pool: %s", scalar(x->arena, g->pool));
    case USED_DEVICE:
        return "device: true";
    case USED_HOST:
        return "host: true";
    case USED_NOT:
        break;
    }
    return "";
}

static bool is_pci_id(const char *s)
{
    static const char hex[] = "0123456789abcdefABCDEF";

    return s && strlen(s) == 9 && strspn(s, hex) == 4 && s[4] == ':' && strspn(s + 5, hex) == 4;
}

static bool can_be_model(const char *s)
{
    enum { MOST = 256 };

    if (!s || !*s || strlen(s) > MOST)
        return false;
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 127)
            return false;
    return true;
}

static const char *ids_text(struct export *x, const struct product *p)
{
    return arena_printf(x->arena, "%s/%s", p->pci ? p->pci : "", p->subsystem ? p->subsystem : "");
}

/*
 * A card whose driver says no name is the same product as its neighbours that
 * have one: where one is nameless, the PCI ids alone select them all.
 */
static void name_products(struct export *x)
{
    const struct state *s = x->have;
    struct map nameless;

    x->products = arena_array(x->arena, struct product, s->gpu_count + 1);
    map_init(&nameless, x->arena, s->gpu_count, true);
    for (size_t i = 0; i < s->gpu_count; i++) {
        const struct gpu *g = &s->gpus[i];
        struct product *p = &x->products[i];

        *p = (struct product){.model = can_be_model(g->model) ? g->model : NULL,
                              .pci = is_pci_id(g->pci) ? g->pci : NULL,
                              .subsystem = is_pci_id(g->subsystem) ? g->subsystem : NULL};
        if (!p->model && p->pci)
            map_put(&nameless, ids_text(x, p), (uint32_t)i);
    }
    for (size_t i = 0; i < s->gpu_count; i++)
        if (map_get(&nameless, ids_text(x, &x->products[i])) != MAP_NONE)
            x->products[i].model = NULL;
}

/* A row with this `match` selects that GPU too. */
static bool selects(const struct product *p, const struct gpu *g)
{
    return (!p->model || str_same(p->model, g->model)) && (!p->pci || str_same(p->pci, g->pci)) &&
           (!p->subsystem || str_same(p->subsystem, g->subsystem));
}

static bool same_match(const struct product *a, const struct product *b)
{
    return str_same(a->model, b->model) && str_same(a->pci, b->pci) &&
           str_same(a->subsystem, b->subsystem);
}

static const char *product(struct export *x, const struct product *p)
{
    struct text t;

    text_init(&t, x->arena);
    if (p->model)
        text_printf(&t, "model: %s", scalar(x->arena, p->model));
    if (p->pci)
        text_printf(&t, "%spci: \"%s\"", t.size ? ", " : "", p->pci);
    if (p->subsystem)
        text_printf(&t, "%ssubsystem: \"%s\"", t.size ? ", " : "", p->subsystem);
    return text_done(&t);
}

/* One row serves every GPU it selects: all are wanted the same, none is left out or another's. */
static bool uniform(struct export *x, size_t first, size_t *per_node)
{
    const struct state *s = x->have;
    const struct product *p = &x->products[first];
    size_t *on = arena_array(x->arena, size_t, s->node_count + 1);
    bool even = true;

    if (!p->model && !p->pci)
        return false;
    for (size_t i = 0; i < s->gpu_count; i++) {
        const struct gpu *g = &s->gpus[i];

        if (!selects(p, g))
            continue;
        if (!same_match(p, &x->products[i]) || !same_wish(g, &s->gpus[first]) ||
            skipped(x, gpu_subject(x, i)))
            return false;
        on[g->node]++;
    }
    for (size_t n = 1; n < s->node_count; n++)
        even = even && on[n] == on[0];
    *per_node = even && s->node_count ? on[0] : 0; /* 0: differs, and is not said */
    return true;
}

static bool is_at(const struct gpu *g, const char *location_path)
{
    for (size_t i = 0; i < g->location_count; i++)
        if (str_same(g->locations[i], location_path))
            return true;
    return false;
}

/* The key that selects this one GPU of its node: its slot, or else its path; NULL: none does. */
static const char *own_key(struct export *x, const struct gpu *g)
{
    const struct state *s = x->have;
    const char *at = g->location_count ? g->locations[0] : "";
    bool fits = path_is_location(at);

    for (size_t i = 0; fits && i < s->gpu_count; i++)
        fits = &s->gpus[i] == g || s->gpus[i].node != g->node || !is_at(&s->gpus[i], at);
    if (fits)
        return arena_printf(x->arena, "locationPath: %s", location(x->arena, at));
    if (g->path && path_is_instance(g->path))
        return arena_printf(x->arena, "instancePath: %s", scalar(x->arena, g->path));
    return NULL;
}

/* The row of one GPU, or of all of its product. */
static void gpu_row(struct export *x, size_t gpu, const char *key, size_t per_node, bool *done)
{
    const struct state *s = x->have;
    const struct gpu *g = &s->gpus[gpu];

    if (key) {
        mark(x, gpu_subject(x, gpu));
        text_printf(&x->out, "    - match: {nodes: [%s], %s}\n",
                    scalar(x->arena, s->nodes[g->node].name), key);
    } else {
        for (size_t k = gpu; k < s->gpu_count; k++)
            if (selects(&x->products[gpu], &s->gpus[k])) {
                mark(x, gpu_subject(x, k));
                done[k] = true;
            }
        text_printf(&x->out, "    - match: {%s}\n", product(x, &x->products[gpu]));
        if (per_node)
            text_printf(&x->out, "      perNode: %zu\n", per_node);
    }
    text_printf(&x->out, "      %s\n", wish(x, g));
}

static void gpu_rows(struct export *x)
{
    const struct state *s = x->have;
    bool *done = arena_array(x->arena, bool, s->gpu_count + 1), any = false;
    struct text left;

    text_init(&left, x->arena);
    name_products(x);
    for (size_t i = 0; i < s->gpu_count; i++) {
        const struct gpu *g = &s->gpus[i];
        const char *why = skipped(x, gpu_subject(x, i)), *key = NULL;
        size_t per_node = 0;

        if (done[i])
            continue;
        if (!why && use_of(g) == USED_NOT)
            why = gpu_state_words[g->state];
        if (!why && !uniform(x, i, &per_node)) {
            key = own_key(x, g);
            why = key ? NULL : "no path of it can stand in a spec";
        }
        if (why) {
            text_printf(&left, "    # %s %s: %s\n", gpu_label(x->arena, s, (uint32_t)i),
                        g->model ? remark(x->arena, g->model) : "", remark(x->arena, why));
            continue;
        }
        if (!any)
            text_add(&x->out, "  gpus:\n");
        any = true;
        gpu_row(x, i, key, per_node, done);
    }
    if (left.size)
        text_printf(&x->out, "    # GPUs that are left out:\n%s", text_done(&left));
}

/* ---- VMs ---- */

static void range_text(struct text *t, const struct limits *l, int kind)
{
    static const char *const words[] = {"min", "max", "optimal"};
    const struct num n[] = {l->min[kind], l->max[kind], l->optimal[kind]};
    bool any = false;

    for (int i = 0; i < 3; i++) {
        if (!n[i].known)
            continue;
        if (any)
            text_add(t, ", ");
        else
            text_printf(t, "%s%s: {", t->size ? ", " : "", quota_words[kind]);
        text_printf(t, "%s: %llu", words[i], (unsigned long long)n[i].value);
        any = true;
    }
    if (any)
        text_add(t, "}");
}

static const char *partition_wish(struct export *x, const struct vm *vm)
{
    struct text t;

    text_init(&t, x->arena);
    for (size_t i = 0; i < vm->adapter_count; i++)
        for (int k = 0; !vm->adapters[i].of_checkpoint && k < QUOTA_KINDS; k++)
            range_text(&t, &vm->adapters[i].limits, k);
    return t.size ? arena_printf(x->arena, "{partition: {%s}}", text_done(&t)) : "partition";
}

/* A pool that a row of this export fills: only then a VM may ask for it. */
static bool is_filled(struct export *x, const char *pool)
{
    const struct state *s = x->have;

    for (uint32_t i = 0; i < s->gpu_count; i++)
        if (use_of(&s->gpus[i]) == USED_POOL && str_eq(s->gpus[i].pool, pool) &&
            !skipped(x, gpu_subject(x, i)))
            return true;
    return false;
}

/* What the VM's row says of its GPU; asFound for what no row can say. */
static const char *vm_wish_text(struct export *x, const struct vm *vm)
{
    size_t adapters = vm_adapters(vm), requests = vm_requests(vm);
    const char *pool = NULL;
    struct text t;

    if (adapters == 1 && !requests)
        return partition_wish(x, vm);
    if (adapters || !requests)
        return "asFound";
    text_init(&t, x->arena);
    for (size_t i = 0, n = 0; i < vm->request_count; i++) {
        const struct request *r = &vm->requests[i];

        if (r->of_checkpoint)
            continue;
        if (n++ && (!r->pool != !pool || (pool && !str_eq(pool, r->pool))))
            return "asFound";
        pool = r->pool;
        if (!r->pool && (!r->location || !path_is_location(r->location)))
            return "asFound";
        if (!r->pool)
            text_printf(&t, "%s%s", t.size ? ", " : "", location(x->arena, r->location));
    }
    if (pool && !is_filled(x, pool))
        return "asFound";
    if (pool)
        return arena_printf(x->arena, "{pool: %s, count: %zu}", scalar(x->arena, pool), requests);
    return arena_printf(x->arena, "{devices: [%s]}", text_done(&t));
}

/* A set of VMs that are alike, in the order of the first. */
struct alike {
    const char *gpu;
    uint32_t *vms;
    size_t count, room;
};

static bool can_be_named(const char *name)
{
    return !strpbrk(name, "<>{}*?\n\r\t") && !strstr(name, "..") && *name && strlen(name) < 250;
}

static bool repeats(const struct state *s, uint32_t vm)
{
    const char *name = s->vms[vm].name;

    return (vm > 0 && str_same(name, s->vms[vm - 1].name)) ||
           (vm + 1 < s->vm_count && str_same(name, s->vms[vm + 1].name));
}

/* Names that str_ranges() can write so that they are read back as the same names. */
static bool ranges_well(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
           strlen(name);
}

static const char *vm_subject(struct export *x, const struct vm *vm)
{
    return arena_printf(x->arena, "vm/%s", vm->name);
}

static void mark_set(struct export *x, const struct alike *set)
{
    for (size_t i = 0; i < set->count; i++)
        mark(x, vm_subject(x, &x->have->vms[set->vms[i]]));
}

static void one_row(struct export *x, const struct vm *vm, bool with_id, const char *tail)
{
    mark(x, vm_subject(x, vm));
    text_printf(&x->out, "    - {name: %s%s%s%s}\n", scalar(x->arena, vm->name),
                with_id ? ", id: " : "", with_id ? vm->id : "", tail);
}

static void alike_rows(struct export *x, const struct alike *set, const char *tail)
{
    const struct state *s = x->have;
    const char **names = arena_array(x->arena, const char *, set->count + 1);
    size_t n = 0;

    for (size_t i = 0; i < set->count; i++) {
        const struct vm *vm = &s->vms[set->vms[i]];

        if (ranges_well(vm->name) && !repeats(s, set->vms[i]))
            names[n++] = vm->name;
        else
            one_row(x, vm, repeats(s, set->vms[i]), tail);
    }
    if (!n)
        return;
    mark_set(x, set);
    for (const char *at = str_ranges(x->arena, names, n); *at; at += strspn(at, " ")) {
        const char *word = arena_strndup(x->arena, at, strcspn(at, " "));

        text_printf(&x->out, "    - {%s: %s%s}\n", strstr(word, "..") ? "names" : "name",
                    scalar(x->arena, word), tail);
        at += strlen(word);
    }
}

/* The row to take in, once somebody wants what it would do. */
static void left_out(struct export *x, struct text *left, const struct vm *vm, const char *why)
{
    text_printf(left, "    # - {name: %s, gpu: %s}   %s\n", scalar(x->arena, vm->name),
                vm_wish_text(x, vm), remark(x->arena, why));
}

static void vm_rows(struct export *x)
{
    const struct state *s = x->have;
    struct alike *sets = NULL;
    size_t count = 0, room = 0, classes = 0;
    struct map index;
    struct text left;

    map_init(&index, x->arena, 64, false);
    text_init(&left, x->arena);
    for (uint32_t i = 0; i < s->vm_count; i++) {
        const struct vm *vm = &s->vms[i];
        const char *why = skipped(x, vm_subject(x, vm)), *gpu;
        uint32_t at;

        if (!vm_adapters(vm) && !vm_requests(vm))
            continue;
        if (!why && !can_be_named(vm->name))
            why = "its name cannot stand in a spec";
        if (!why && vm->owner != OWNER_HYPERV)
            why = "owned by Azure";
        if (why) {
            left_out(x, &left, vm, why);
            continue;
        }
        gpu = vm_wish_text(x, vm);
        at = map_put(&index, gpu, (uint32_t)count);
        if (at == count)
            arena_push(x->arena, sets, count, room)->gpu = gpu;
        *arena_push(x->arena, sets[at].vms, sets[at].count, sets[at].room) = i;
    }
    for (size_t i = 0; i < count; i++) {
        if (sets[i].count < ALIKE)
            continue;
        text_add(&x->out, classes++ ? "" : "  classes:\n");
        mark_set(x, &sets[i]);
        text_printf(&x->out, "    class-%zu: {gpu: %s, settings: {advised: asFound}}\n", i + 1,
                    sets[i].gpu);
    }
    if (count)
        text_add(&x->out, "  vms:\n");
    for (size_t i = 0; i < count; i++)
        alike_rows(
            x, &sets[i],
            sets[i].count >= ALIKE
                ? arena_printf(x->arena, ", class: class-%zu", i + 1)
                : arena_printf(x->arena, ", gpu: %s, settings: {advised: asFound}", sets[i].gpu));
    if (left.size)
        text_printf(&x->out,
                    "    # VMs that are left out, so that this spec asks for nothing new:\n%s",
                    text_done(&left));
}

static bool counts_differ(const struct state *s)
{
    const struct gpu *first = NULL;

    for (size_t i = 0; i < s->gpu_count; i++) {
        const struct gpu *g = &s->gpus[i];

        if (g->state != GPU_PARTITIONED)
            continue;
        if (first && (!num_eq(first->count, g->count) || !same_product(first, g)))
            return true;
        first = first ? first : g;
    }
    return false;
}

/* More than comments? */
static bool says_something(struct text *t)
{
    for (const char *s = text_done(t), *end; *s; s = end + 1) {
        end = strchr(s, '\n');
        if (s[strspn(s, " ")] != '#')
            return true;
    }
    return false;
}

struct export_doc report_export(struct arena *a, const struct state *have, const char *name,
                                const char *connect, const struct export_skip *skips,
                                size_t skip_count)
{
    struct export x = {.arena = a, .have = have, .why = skips};
    const char *head;
    uint32_t above = 2; /* `spec:`, and lines count from 1 */

    text_init(&x.out, a);
    map_init(&x.skips, a, skip_count, true);
    for (size_t i = 0; i < skip_count; i++)
        map_put(&x.skips, skips[i].subject, (uint32_t)i);
    text_printf(&x.out, "# What was found at %s. hvgpu plan of this has no step.\n",
                when_human(a, have->observed_ms));
    text_printf(&x.out, "apiVersion: hvgpu/v1\nkind: %s\nmetadata: {name: %s}\n",
                have->standalone ? "Host" : "Cluster", scalar(a, name));
    head = text_done(&x.out);
    text_init(&x.out, a);
    if (connect)
        text_printf(&x.out, "  connect: {sim: %s}\n", scalar(a, connect));
    gpu_rows(&x);
    vm_rows(&x);
    if (counts_differ(have) && !have->standalone)
        text_add(&x.out, "  policy: {homogeneous: warn}   # counts or products differ (C2)\n");
    for (const char *c = head; *c; c++)
        above += *c == '\n';
    for (size_t i = 0; i < x.doc.line_count; i++)
        x.doc.lines[i].line += above;
    x.doc.text = arena_printf(a, "%sspec:%s%s", head, says_something(&x.out) ? "\n" : " {}\n",
                              text_done(&x.out));
    return x.doc;
}
