/* Random estates; see estate.h. */
#include "estate.h"

#include "base/str.h"
#include "codec/world.h"
#include "tests/known.h"

#include <stdio.h>
#include <string.h>

uint32_t dice_roll(struct dice *d, uint32_t sides)
{
    d->s ^= d->s << 13;
    d->s ^= d->s >> 7;
    d->s ^= d->s << 17;
    return (uint32_t)((d->s * 0x2545f4914f6cdd1du) >> 33) % sides;
}

bool dice_chance(struct dice *d, uint32_t percent)
{
    return dice_roll(d, 100) < percent;
}

static const uint32_t counts[] = {16, 8, 4, 2, 1};

static uint32_t add_node(struct estate *e, struct dice *d, uint32_t n)
{
    uint32_t gpus = 1 + dice_roll(d, 2), room = 0;
    bool live = e->live && dice_chance(d, 80);
    struct text t;

    text_init(&t, e->arena);
    text_printf(&t,
                "    - name: hv-%02u\n      build: %s\n      boot: 2026-10-01T00:00:00Z\n"
                "      state: up\n      gpus:\n",
                n, live ? "26100" : "25398");
    for (uint32_t g = 0; g < gpus; g++) {
        uint32_t count = dice_chance(d, 60) ? e->want_count : counts[dice_roll(d, 5)];

        text_printf(&t,
                    "        - {card: NVIDIA A2, instance: '4&%u&0&%04u', locationPath: "
                    "PCIROOT(%u)#PCI(0200)#PCI(0000), state: partitioned, partitions: %u%s}\n",
                    g + 1, g * 10, g + 1, count, live ? ", incomingLiveMigration: true" : "");
        room += count;
    }
    e->nodes[e->node_count++] = text_done(&t);
    return room;
}

/* Of a row: another node, or its own; or that this VM stays. */
static const char *place_of(const struct estate *e, struct dice *d)
{
    uint32_t node = 1 + dice_roll(d, e->most_nodes);

    if (!e->moves)
        return "";
    if (dice_chance(d, 8))
        return ", move: never";
    return dice_chance(d, 15) && node != e->drained
               ? arena_printf(e->arena, ", node: hv-%02u", node)
               : "";
}

static void add_row(struct estate *e, struct dice *d, const char *name)
{
    static const char *const wishes[] = {"partition", "partition", "partition", "asFound", "none"};
    const char *power = dice_chance(d, 25)  ? ", power: running"
                        : dice_chance(d, 8) ? ", power: stopped"
                                            : "";

    if (dice_chance(d, 85))
        e->rows[e->row_count++] = arena_printf(e->arena, "    - {name: %s, gpu: %s%s%s}\n", name,
                                               wishes[dice_roll(d, 5)], power, place_of(e, d));
}

static void add_vm(struct estate *e, struct dice *d, uint32_t node, uint32_t n, uint32_t *room)
{
    const char *name = arena_printf(e->arena, "vm-%u-%02u", node, n);
    bool holds = *room && dice_chance(d, 60), runs = dice_chance(d, 70);
    const char *adapters = "";

    if (holds) {
        --*room;
        adapters =
            arena_printf(e->arena, ", adapters: [{id: 20000000-0000-4000-8000-%04u%08u}]", node, n);
    }
    e->vms[e->vm_count++] = arena_printf(
        e->arena,
        "    - {name: %s, id: 10000000-0000-4000-8000-%04u%08u, node: hv-%02u, power: %s%s, "
        "%stiming: {shutdown: %us, start: %us}%s}\n",
        name, node, n, node, runs ? "running" : "stopped", adapters,
        e->standalone        ? ""
        : dice_chance(d, 50) ? "role: {offlineAction: 3}, "
                             : "role: {offlineAction: 1}, ",
        5 + dice_roll(d, 60), 5 + dice_roll(d, 30),
        e->moves && dice_chance(d, 5) ? ", breaksOnMove: true" : "");
    add_row(e, d, name);
}

void estate_make(struct arena *a, uint64_t seed, struct estate *e)
{
    struct dice d = {seed * 0x9e3779b97f4a7c15u + 1};
    uint32_t nodes = 1 + dice_roll(&d, 3), budget;
    const char *window;

    *e = (struct estate){.arena = a, .want_count = counts[dice_roll(&d, 4)]};
    e->standalone = nodes == 1 && dice_chance(&d, 50);
    e->most_nodes = nodes;
    e->moves = nodes > 1 && dice_chance(&d, 50);
    e->live = e->moves && dice_chance(&d, 60);
    e->drained = e->moves && dice_chance(&d, 50) ? 1 + dice_roll(&d, nodes) : 0;
    for (uint32_t n = 1; n <= nodes; n++) {
        uint32_t room = add_node(e, &d, n), vms = dice_roll(&d, 7);

        for (uint32_t v = 0; v < vms; v++)
            add_vm(e, &d, n, v, &room);
    }
    budget = dice_roll(&d, 8);
    window = "";
    if (dice_chance(&d, 15)) /* one that is shut now, or one that ends while the apply goes on */
        window = arena_printf(a,
                              ", maintenanceWindows: {allow: [{days: [%s], start: \"12:30\", "
                              "duration: 31m}]}",
                              dice_chance(&d, 30) ? "fri" : "thu");
    e->policy = arena_printf(
        a, "  policy: {disruption: %s%s%s%s%s%s}\n", *window ? "window" : "allowed", window,
        !budget         ? ""
        : e->standalone ? arena_printf(a, ", maxUnavailable: {vms: %u}", budget)
                        : arena_printf(a, ", maxUnavailable: {vms: %u, nodes: %u}", budget,
                                       1 + dice_roll(&d, 2)),
        dice_chance(&d, 15) && e->row_count ? ", protect: [vm-1-00]" : "",
        dice_chance(&d, 20) && !e->standalone ? ", reserve: {nodes: 1}" : "",
        e->moves ? ", move: allowed" : "");
}

const char *estate_world(const struct estate *e, bool other_way)
{
    struct text t;

    text_init(&t, e->arena);
    text_printf(&t,
                "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: seeded}\nspec:\n"
                "  now: 2026-11-19T13:00:00Z\n%s  nodes:\n",
                e->standalone ? "" : "  cluster: {name: seeded}\n");
    for (size_t i = 0; i < e->node_count; i++)
        text_add(&t, e->nodes[other_way ? e->node_count - 1 - i : i]);
    text_add(&t, e->vm_count ? "  vms:\n" : "");
    for (size_t i = 0; i < e->vm_count; i++)
        text_add(&t, e->vms[other_way ? e->vm_count - 1 - i : i]);
    return text_done(&t);
}

const char *estate_spec(const struct estate *e, bool other_way)
{
    struct text t;

    text_init(&t, e->arena);
    text_printf(&t,
                "apiVersion: hvgpu/v1\nkind: %s\nmetadata: {name: seeded}\nspec:\n"
                "  connect: {sim: world.yaml}\n",
                e->standalone ? "Host" : "Cluster");
    if (other_way)
        text_add(&t, e->policy);
    text_printf(&t, "  gpus: [{name: a2, match: {model: NVIDIA A2}, partitions: %u}]\n",
                e->want_count);
    for (uint32_t n = 1; e->drained && n <= e->node_count; n++)
        text_printf(&t, "%s    - {name: hv-%02u%s}\n", n == 1 ? "  nodes:\n" : "", n,
                    n == e->drained ? ", state: drained" : "");
    text_add(&t, e->row_count ? "  vms:\n" : "");
    for (size_t i = 0; i < e->row_count; i++)
        text_add(&t, e->rows[other_way ? e->row_count - 1 - i : i]);
    if (!other_way)
        text_add(&t, e->policy);
    return text_done(&t);
}

bool texts_read(struct arena *a, const char *spec, const char *world, struct case_files *out)
{
    struct spec_source source = {"spec.yaml", spec, strlen(spec)};
    struct findings found;
    struct specs specs;

    findings_init(&found, a);
    *out = (struct case_files){.name = "seeded"};
    if (!spec_read(a, &source, 1, &specs, &found) ||
        !world_read(a, known_facts(), "world.yaml", world, strlen(world), &out->world, &found)) {
        for (size_t i = 0; i < found.count; i++)
            printf("# %s:%u: %s\n", found.rows[i].at.file, (unsigned)found.rows[i].at.line,
                   found.rows[i].text);
        printf("# %s# %s", spec, world);
        return false;
    }
    out->spec = specs.rows[0];
    return true;
}

bool estate_read(struct arena *a, const struct estate *e, bool other_way, struct case_files *out)
{
    return texts_read(a, estate_spec(e, other_way), estate_world(e, other_way), out);
}
