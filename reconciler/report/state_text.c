#include "report/inventory.h"

static const char *number(struct arena *a, struct num n)
{
    return n.known ? arena_printf(a, "%llu", (unsigned long long)n.value) : "unknown";
}

/* Name and, for a running VM, its partition: the holders of one GPU. */
static const char *names_on(struct arena *a, const struct holders *h, size_t gpu)
{
    size_t n = h->first[gpu + 1] - h->first[gpu];
    const char **names = arena_array(a, const char *, n + 1);

    for (size_t i = 0; i < n; i++)
        names[i] = h->have->vms[h->rows[h->first[gpu] + i].vm].name;
    if (!n && h->given_to[gpu] != NO_INDEX)
        return h->have->vms[h->given_to[gpu]].name;
    return n ? str_ranges(a, names, n) : "-";
}

void page_inventory(struct page *p, const struct holders *h)
{
    static const char *const head[] = {"GPU",    "MODEL", "STATUS", "PARTS",
                                       "CAN BE", "EACH",  "USED",   "VMS"};
    enum { COLUMNS = sizeof head / sizeof *head };
    const struct state *s = h->have;
    struct arena *a = p->arena;
    const char **cells = arena_array(a, const char *, s->gpu_count *COLUMNS + 1);
    size_t rows = 0;

    for (size_t i = 0; i < s->gpu_count; i++) {
        const struct gpu *g = &s->gpus[i];
        const char **row = cells + rows * COLUMNS;
        bool parts = g->state == GPU_PARTITIONED;

        if (!g->is_gpu && !g->pool)
            continue;
        rows++;
        row[0] = gpu_label(a, s, (uint32_t)i);
        row[1] = g->model ? g->model : g->pci ? g->pci : "?";
        row[2] = gpu_status(a, h, (uint32_t)i);
        row[3] = parts ? number(a, g->count) : "-";
        row[4] = parts ? gpu_counts(a, g) : "-";
        row[5] = parts ? page_bytes(a, g->optimal[QUOTA_VRAM]) : "-";
        row[6] = parts
                     ? arena_printf(a, "%u/%s", h->first[i + 1] - h->first[i], number(a, g->count))
                     : "-";
        row[7] = names_on(a, h, i);
    }
    page_gap(p);
    if (rows)
        page_table(p, head, COLUMNS, cells, rows);
    else
        page_wrap(p, "",
                  "No partitionable GPUs have been found, nor GPUs that can be assigned. "
                  "Check that each host has a GPU with the driver that its use needs: the "
                  "vendor's GPU-P host driver, or its mitigation driver for DDA.  (E5)");
}

static void quotas(struct page *p, const struct gpu *g)
{
    static const char *const titles[] = {"VRAM", "encode", "decode", "compute"};
    struct arena *a = p->arena;

    for (int k = 0; k < QUOTA_KINDS; k++) {
        const char *(*text)(struct arena *, struct num) = k == QUOTA_VRAM ? page_bytes : number;

        page_printf(p, arena_printf(a, "  %-12s ", titles[k]),
                    "total %s, available %s; a partition: min %s, max %s, optimal %s",
                    text(a, g->total[k]), text(a, g->available[k]), text(a, g->min[k]),
                    text(a, g->max[k]), text(a, g->optimal[k]));
    }
}

static void partition(struct page *p, const struct state *s, const struct holding *h)
{
    const struct vm *vm = &s->vms[h->vm];
    const struct adapter *ad = &vm->adapters[h->adapter];
    struct arena *a = p->arena;

    page_printf(
        p,
        arena_printf(a, "  partition %-2s ", ad->partition.known ? number(a, ad->partition) : "?"),
        "VM %s (%s, %s): VRAM %s, encode %s, decode %s, compute %s; adapter %s%s%s", vm->name,
        vm->id, vm_power_words[vm->power], page_bytes(a, ad->current[QUOTA_VRAM]),
        number(a, ad->current[QUOTA_ENCODE]), number(a, ad->current[QUOTA_DECODE]),
        number(a, ad->current[QUOTA_COMPUTE]), ad->id, ad->pin ? ", pinned to " : "",
        ad->pin ? ad->pin : "");
}

static void details(struct page *p, const struct holders *h)
{
    const struct state *s = h->have;
    struct arena *a = p->arena;

    for (size_t i = 0; i < s->gpu_count; i++) {
        const struct gpu *g = &s->gpus[i];

        if (!g->is_gpu)
            continue;
        page_gap(p);
        page_ends(p,
                  arena_printf(a, PAINT_BOLD "%s" PAINT_END "  %s", gpu_label(a, s, (uint32_t)i),
                               g->model ? g->model : "no model name (no driver)"),
                  gpu_status(a, h, (uint32_t)i));
        page_wrap(p, "  GPU ID       ", g->reported ? g->reported : g->path);
        for (size_t l = 0; l < g->location_count; l++)
            page_wrap(p, l ? "               " : "  location     ", g->locations[l]);
        page_printf(p, "  PCI          ", "%s%s%s", g->pci ? g->pci : "unknown",
                    g->subsystem ? ", subsystem " : "", g->subsystem ? g->subsystem : "");
        if (g->state != GPU_PARTITIONED)
            continue;
        page_printf(p, "  partitions   ", "%s now; can be %s", number(a, g->count),
                    gpu_counts(a, g));
        quotas(p, g);
        for (uint32_t k = h->first[i]; k < h->first[i + 1]; k++)
            partition(p, s, &h->rows[k]);
    }
}

static const char *mmio(struct arena *a, const struct vm_settings *s)
{
    if (!s->mmio_low_mib.known || !s->mmio_high_mib.known)
        return "unknown";
    return arena_printf(a, "%llu+%llu", (unsigned long long)s->mmio_low_mib.value,
                        (unsigned long long)s->mmio_high_mib.value);
}

static void vms(struct page *p, const struct state *s)
{
    static const char *const head[] = {"VM",   "NODE", "POWER",   "OFFLINE",
                                       "STOP", "MMIO", "DYN.MEM", "HOLDS"};
    enum { COLUMNS = sizeof head / sizeof *head };
    struct arena *a = p->arena;
    const char **cells = arena_array(a, const char *, s->vm_count *COLUMNS + 1);
    size_t rows = 0, without = 0;

    for (size_t i = 0; i < s->vm_count; i++) {
        const struct vm *vm = &s->vms[i];
        const char **row = cells + rows * COLUMNS;

        if (!vm_adapters(vm) && !vm_requests(vm)) {
            without++;
            continue;
        }
        rows++;
        row[0] = vm->name;
        row[1] = vm->node < s->node_count ? s->nodes[vm->node].name : "?";
        row[2] = vm->hidden ? "hidden" : vm_power_words[vm->power];
        row[3] = vm->role.clustered ? number(a, vm->role.offline_action) : "-";
        row[4] = stop_action_words[vm->settings.stop_action];
        row[5] = mmio(a, &vm->settings);
        row[6] = tri_words[vm->settings.dynamic_memory];
        row[7] = vm_holds(a, vm);
    }
    page_gap(p);
    if (rows)
        page_table(p, head, COLUMNS, cells, rows);
    page_printf(p, "", "%s hold%s a GPU, %s without.", page_count(a, rows, "VM"),
                rows == 1 ? "s" : "", page_count(a, without, "VM"));
}

static void totals(struct page *p, const struct holders *h)
{
    const struct state *s = h->have;
    uint64_t partitions = 0, used = 0;

    for (size_t i = 0; i < s->gpu_count; i++)
        if (s->gpus[i].state == GPU_PARTITIONED && s->gpus[i].count.known)
            partitions += s->gpus[i].count.value;
    for (size_t i = 0; i < s->vm_count; i++)
        used += vm_adapters(&s->vms[i]);
    if (partitions || used)
        page_printf(p, "CAPACITY  ", "%s, %llu asked for by adapters",
                    page_count(p->arena, partitions, "partition"), (unsigned long long)used);
    for (size_t i = 0; i < s->pool_count; i++) {
        size_t members = 0, asked = 0;

        for (size_t g = 0; g < s->gpu_count; g++)
            members +=
                s->gpus[g].node == s->pools[i].node && str_eq(s->gpus[g].pool, s->pools[i].name);
        for (size_t v = 0; v < s->vm_count; v++)
            for (size_t r = 0; s->vms[v].node == s->pools[i].node && r < s->vms[v].request_count;
                 r++)
                asked += !s->vms[v].requests[r].of_checkpoint &&
                         str_eq(s->vms[v].requests[r].pool, s->pools[i].name);
        page_printf(p, "POOL      ", "%s on %s: %s, %zu asked for", s->pools[i].name,
                    s->nodes[s->pools[i].node].name, page_count(p->arena, members, "device"),
                    asked);
    }
}

static void nodes(struct page *p, const struct state *s)
{
    static const char *const head[] = {"NODE", "STATE", "BUILD", "BOOT", "SR-IOV"};
    enum { COLUMNS = sizeof head / sizeof *head };
    struct arena *a = p->arena;
    const char **cells = arena_array(a, const char *, s->node_count *COLUMNS + 1);

    for (size_t i = 0; i < s->node_count; i++) {
        const struct node *n = &s->nodes[i];
        const char **row = cells + i * COLUMNS;
        struct text why;

        text_init(&why, a);
        text_add(&why, n->iov == TRI_YES ? "supported" : n->iov == TRI_NO ? "no" : "unknown");
        for (size_t r = 0; r < n->iov_reason_count; r++)
            text_printf(&why, "%s%s", r ? "; " : ": ", n->iov_reasons[r]);
        row[0] = n->name;
        row[1] = n->answered ? node_state_words[n->state]
                             : arena_printf(a, "%s, no answer", node_state_words[n->state]);
        row[2] = number(a, n->build);
        row[3] = n->boot_ms == WHEN_NONE ? "unknown" : when_human(a, n->boot_ms);
        row[4] = text_done(&why);
    }
    page_gap(p);
    page_table(p, head, COLUMNS, cells, s->node_count);
}

static void worth_knowing(struct page *p, const struct state *s, bool all)
{
    struct known *rows;
    size_t count;

    knowing_find(p->arena, s, &rows, &count);
    if (!count)
        return;
    page_gap(p);
    page_heading(p, "WORTH KNOWING");
    page_knowing(p, rows, count, all, NULL);
}

const char *report_state_text(struct arena *a, const struct state *have, const struct style *style)
{
    struct holders holders;
    struct page page;

    page_init(&page, a, style);
    holders_of(a, have, &holders);
    page_heading(&page, "%s: %s, observed %s", have->name,
                 have->standalone
                     ? "one host, standalone"
                     : arena_printf(a, "a cluster of %s", page_count(a, have->node_count, "node")),
                 when_human(a, have->observed_ms));
    if (have->synthetic)
        page_wrap(&page, "",
                  "Some sizes in this simulated world are synthetic: they are not public.");
    nodes(&page, have);
    page_inventory(&page, &holders);
    details(&page, &holders);
    vms(&page, have);
    page_gap(&page);
    totals(&page, &holders);
    worth_knowing(&page, have, style->all);
    return page_done(&page);
}
