/* A cluster as it is: the drawing, and what was read of it in tables. */
#include "report/html.h"
#include "report/inventory.h"

static const char *number(struct arena *a, struct num n)
{
    return n.known ? arena_printf(a, "%llu", (unsigned long long)n.value) : "unknown";
}

static void head(struct text *out, const char *title, const char *caption, const char *const *names,
                 size_t count)
{
    html_put(out, "<h3>", title, "</h3>\n<table role=table class=list>\n<caption>");
    html_put(out, "", caption, "</caption>\n<thead><tr role=row>");
    for (size_t i = 0; i < count; i++)
        html_put(out, "<th role=columnheader scope=col>", names[i], "</th>");
    text_add(out, "</tr></thead>\n<tbody>\n");
}

/* The first cell names the row; each other one says what it is where columns become lines. */
static void row(struct text *out, const char *const *names, const char *const *cells, size_t count)
{
    text_add(out, "<tr role=row><th role=rowheader scope=row>");
    html_name(out, cells[0]);
    text_add(out, "</th>");
    for (size_t i = 1; i < count; i++) {
        html_put(out, "<td role=cell data-h=\"", names[i], ": \">");
        html_put(out, "", cells[i], "</td>");
    }
    text_add(out, "</tr>\n");
}

static void nodes(struct arena *a, struct text *out, const struct state *s)
{
    static const char *const names[] = {"Node", "State", "Build", "Boot", "SR-IOV"};
    enum { COUNT = sizeof names / sizeof *names };

    head(out, "Nodes", "Nodes of the cluster", names, COUNT);
    for (size_t i = 0; i < s->node_count; i++) {
        const struct node *n = &s->nodes[i];
        const char *cells[COUNT] = {
            n->name,
            n->answered ? node_state_words[n->state]
                        : arena_printf(a, "%s, no answer", node_state_words[n->state]),
            number(a, n->build), n->boot_ms == WHEN_NONE ? "unknown" : when_human(a, n->boot_ms),
            tri_words[n->iov]};

        row(out, names, cells, COUNT);
    }
    text_add(out, "</tbody></table>\n");
}

static void gpus(struct arena *a, struct text *out, const struct holders *h)
{
    static const char *const names[] = {"GPU",    "Model", "Status", "Partitions",
                                        "Can be", "Each",  "Used",   "Location"};
    enum { COUNT = sizeof names / sizeof *names };
    const struct state *s = h->have;

    head(out, "GPUs", "Physical GPUs, and devices of pools", names, COUNT);
    for (uint32_t i = 0; i < s->gpu_count; i++) {
        const struct gpu *g = &s->gpus[i];
        bool parts = g->state == GPU_PARTITIONED;
        const char *cells[COUNT] = {
            gpu_label(a, s, i),
            g->model ? g->model
            : g->pci ? g->pci
                     : "unknown",
            gpu_status(a, h, i),
            parts ? number(a, g->count) : "-",
            parts ? gpu_counts(a, g) : "-",
            parts ? page_bytes(a, g->optimal[QUOTA_VRAM]) : "-",
            parts ? arena_printf(a, "%u", (unsigned)(h->first[i + 1] - h->first[i])) : "-",
            g->location_count ? g->locations[0] : "unknown"};

        if (g->is_gpu || g->pool)
            row(out, names, cells, COUNT);
    }
    text_add(out, "</tbody></table>\n");
}

static void vms(struct arena *a, struct text *out, const struct state *s)
{
    static const char *const names[] = {"VM", "Node", "Power", "Holds"};
    enum { COUNT = sizeof names / sizeof *names };
    size_t without = 0;

    head(out, "VMs", "VMs that hold a GPU", names, COUNT);
    for (size_t i = 0; i < s->vm_count; i++) {
        const struct vm *vm = &s->vms[i];
        const char *cells[COUNT] = {
            vm->name, vm->node < s->node_count ? s->nodes[vm->node].name : "unknown",
            vm->hidden ? "hidden" : vm_power_words[vm->power], vm_holds(a, vm)};

        if (vm_adapters(vm) || vm_requests(vm))
            row(out, names, cells, COUNT);
        else
            without++;
    }
    html_put(out, "</tbody></table>\n<p class=soft>", page_count(a, without, "VM"),
             " without a GPU.</p>\n");
}

static void worth_knowing(struct arena *a, struct text *out, const struct state *s)
{
    static const char *const names[] = {"Who", "What"};
    struct known *rows;
    size_t count;

    knowing_find(a, s, &rows, &count);
    if (!count)
        return;
    head(out, "Worth knowing", "Whatever is declared", names, 2);
    for (size_t i = 0; i < count; i++) {
        const struct reason_row *r = &reason_rows[rows[i].reason];
        const char *cells[] = {rows[i].subject,
                               arena_printf(a, "%s (%s): %s", r->code, r->rule,
                                            rows[i].text ? rows[i].text : r->text)};

        row(out, names, cells, 2);
    }
    text_add(out, "</tbody></table>\n");
}

void html_estate(struct arena *a, const struct state *have, struct cluster_part *part)
{
    struct holders h;
    struct text out;

    *part = (struct cluster_part){.cluster = have->name,
                                  .estate = true,
                                  .observed_ms = have->observed_ms,
                                  .as_if_ms = WHEN_NONE,
                                  .opens_ms = WHEN_NONE,
                                  .since_ms = WHEN_NONE,
                                  .nodes = have->node_count,
                                  .gpus = have->gpu_count,
                                  .vms = have->vm_count};
    for (size_t i = 0; i < have->node_count; i++)
        part->nodes_seen += have->nodes[i].answered;
    text_init(&out, a);
    holders_of(a, have, &h);
    text_add(&out, html_drawing(a, NULL, NULL, have));
    worth_knowing(a, &out, have);
    nodes(a, &out, have);
    gpus(a, &out, &h);
    vms(a, &out, have);
    part->body = text_done(&out);
}
