/* Worlds shown as WMI, for tests. */
#ifndef TESTS_CIM_WORLD_H
#define TESTS_CIM_WORLD_H

#include "cim/cim_sim.h"
#include "sim_world.h"

/* One of everything: each class has a row, and each property a value. */
#define EVERYTHING                                                                                 \
    "  owner: {store: s1, host: admin, since: 2026-11-19T12:00:00Z, epoch: 7}\n"                   \
    "  nodes:\n"                                                                                   \
    "    - name: n1\n"                                                                             \
    "      build: 26100\n"                                                                         \
    "      iovReasons: [none]\n"                                                                   \
    "      gpus:\n"                                                                                \
    "        - {card: NVIDIA A2, instance: 4&18416dc3&0&0000, partitions: 4, driver: '580.95',"    \
    " incomingLiveMigration: true, locationPaths: ['PCIROOT(16)#PCI(0200)', 'ACPI(X)']}\n"         \
    "        - {card: NVIDIA GeForce RTX 3060, instance: 4&2&0&0}\n"                               \
    "        - {card: NVIDIA L40S, instance: 4&3&0&0, state: dismounted, pool: P,"                 \
    " locationPath: 'PCIROOT(3)#PCI(0)'}\n"                                                        \
    "        - {card: NVIDIA L40S, instance: 4&4&0&0, state: dismounted,"                          \
    " locationPath: 'PCIROOT(4)#PCI(0)'}\n"                                                        \
    "        - {card: NVIDIA L40S, instance: 4&5&0&0, state: disabled}\n"                          \
    "        - {card: NVIDIA L40S, instance: 4&6&0&0, state: no-driver}\n"                         \
    "        - {card: NVIDIA L40S, instance: 4&7&0&0, state: not-assignable}\n"                    \
    "    - {name: n2, build: 20348, state: draining, gpus: [{card: NVIDIA A2}]}\n"                 \
    "    - {name: n3, state: down}\n"                                                              \
    "  vms:\n"                                                                                     \
    "    - name: run\n"                                                                            \
    "      id: aaaaaaaa-0000-4000-8000-000000000001\n"                                             \
    "      node: n1\n"                                                                             \
    "      power: running\n"                                                                       \
    "      owner: arc\n"                                                                           \
    "      guestSystem: Windows 11\n"                                                              \
    "      checkpoints: 2\n"                                                                       \
    "      adapters:\n"                                                                            \
    "        - {id: aaaaaaaa-0000-4000-8000-0000000000a1, pin: 4&18416dc3&0&0000,"                 \
    " limits: {vram: {min: 1, max: 3, optimal: 2}, encode: {min: 1, max: 3, optimal: 2},"          \
    " decode: {min: 1, max: 3, optimal: 2}, compute: {min: 1, max: 3, optimal: 2}},"               \
    " seen: 4&18416dc3&0&0000}\n"                                                                  \
    "        - {id: aaaaaaaa-0000-4000-8000-0000000000c1, checkpoint: true}\n"                     \
    "    - name: dev\n"                                                                            \
    "      id: bbbbbbbb-0000-4000-8000-000000000002\n"                                             \
    "      node: n1\n"                                                                             \
    "      power: running\n"                                                                       \
    "      requests:\n"                                                                            \
    "        - {id: bbbbbbbb-0000-4000-8000-0000000000d1, pool: P}\n"                              \
    "        - {id: bbbbbbbb-0000-4000-8000-0000000000d2, location: 'PCIROOT(4)#PCI(0)'}\n"        \
    "    - {name: old, id: cccccccc-0000-4000-8000-000000000003, node: n2}\n"

struct cim_case {
    struct arena arena;
    struct findings found;
    struct err e;
    struct cim_net *net;
    struct cim_eye *virt, *cluster, *host; /* of the node that was asked for */
};

static inline struct cim_eye *cim_eye_of(struct cim_case *c, const char *node, enum cim_space space)
{
    struct cim_eye *eye;

    if (!c->net->ops->connect(c->net, node, space, &eye, &c->e))
        fail_msg("%s: %s", node, c->e.text);
    return eye;
}

/* A copy in memory, and the eyes of one node. */
static inline void cim_case_open(struct cim_case *c, const char *world, const char *node)
{
    *c = (struct cim_case){.e = {.kind = ERR_NONE}};
    arena_init(&c->arena, 0);
    findings_init(&c->found, &c->arena);
    if (!cim_sim_open(known_facts(), "w", world, strlen(world), false, &c->net, &c->found, &c->e))
        fail_msg("the test's own world: %s", c->found.count ? c->found.rows[0].text : c->e.text);
    c->virt = cim_eye_of(c, node, CIM_SPACE_VIRT);
    c->host = cim_eye_of(c, node, CIM_SPACE_CIMV2);
    if (!cim_sim_world(c->net)->now.standalone)
        c->cluster = cim_eye_of(c, node, CIM_SPACE_CLUSTER);
}

static inline void cim_case_reconnect(struct cim_case *c, const char *node)
{
    c->virt->ops->close(c->virt);
    c->host->ops->close(c->host);
    c->cluster->ops->close(c->cluster);
    c->virt = cim_eye_of(c, node, CIM_SPACE_VIRT);
    c->host = cim_eye_of(c, node, CIM_SPACE_CIMV2);
    c->cluster = cim_eye_of(c, node, CIM_SPACE_CLUSTER);
}

static inline void cim_case_close(struct cim_case *c)
{
    c->virt->ops->close(c->virt);
    c->host->ops->close(c->host);
    if (c->cluster)
        c->cluster->ops->close(c->cluster);
    c->net->ops->close(c->net);
    arena_release(&c->arena);
}

static inline struct cim_eye *cim_eye_for(struct cim_case *c, enum cim_class class)
{
    switch (cim_class_row(class)->space) {
    case CIM_SPACE_VIRT:
        return c->virt;
    case CIM_SPACE_CLUSTER:
        return c->cluster;
    default:
        return c->host;
    }
}

static inline struct cim_rows cim_all(struct cim_case *c, enum cim_class class)
{
    struct cim_query query = {.class = class};
    struct cim_rows rows;

    if (!cim_query(cim_eye_for(c, class), &c->arena, &query, &rows, &c->e))
        fail_msg("%s", c->e.text);
    return rows;
}

/* The row whose property is this text; it must be there. */
static inline struct cim_object *cim_row(struct cim_case *c, enum cim_class class,
                                         const char *property, const char *text)
{
    struct cim_query query = {
        .class = class, .test = CIM_EQUALS, .property = property, .text = text};
    struct cim_rows rows;

    if (!cim_query(cim_eye_for(c, class), &c->arena, &query, &rows, &c->e))
        fail_msg("%s", c->e.text);
    if (rows.count != 1)
        fail_msg("%s: %u rows of %s", cim_class_row(class)->name, (unsigned)rows.count, text);
    return &rows.rows[0];
}

#endif
